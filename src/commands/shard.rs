//! `weir shard`: many members in parts that run anywhere: plan, run, status, merge, submit.
//!
//! Exit codes of `run`: 0 its members are there; 1 some of them have nothing, which is a result too and is not run again, or it is refused; 75
//! interrupted, run it again. Of `status` and `merge` likewise, 75 while shards are missing.

mod submit;

use std::path::PathBuf;

use weir_report::count;
use weir_scenarios::results::Row;
use weir_scenarios::shard::{Ran, ShardError, Shards, State};

use super::Told;
use super::sweep::{kept, told};
use crate::failure::Failure;
use crate::output::say;
use crate::progress::{Progress, interrupted, stop};

/// Where Slurm says which task of a job array this is.
const TASK: &str = "SLURM_ARRAY_TASK_ID";

/// Arguments of `weir shard`.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Cut members into shards, and write the folder that holds them.
    Plan {
        /// Folder with `basin.toml`.
        dir: PathBuf,
        /// The sweep whose points are the members: docs/sweeps.md.
        #[arg(required_unless_present = "overlays", conflicts_with = "overlays")]
        file: Option<PathBuf>,
        /// A file of changes that is a member (several): docs/scenarios.md.
        #[arg(long = "overlay", value_name = "FILE.toml")]
        overlays: Vec<PathBuf>,
        /// How many shards.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
        shards: u32,
        /// First day of the horizon (otherwise the basin's first start).
        #[arg(long, value_name = "DATE")]
        from: Option<jiff::civil::Date>,
        /// Folder of the shards, which all that run them must reach.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Run a shard, or what is left of it.
    Run {
        /// Folder of the shards.
        folder: PathBuf,
        /// Which one (otherwise what Slurm says in `SLURM_ARRAY_TASK_ID`).
        #[arg(long, value_name = "K")]
        index: Option<usize>,
    },
    /// Say where every shard stands.
    Status {
        /// Folder of the shards.
        folder: PathBuf,
    },
    /// Put the results of all shards together: what one run of the whole would have given.
    Merge {
        /// Folder of the shards.
        folder: PathBuf,
        #[command(flatten)]
        shown: Told,
    },
    /// Have all missing shards run, follow what comes of them, and merge.
    Submit(submit::Arguments),
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.what {
        What::Plan { dir, file, overlays, shards, from, out } => {
            let members = (file.as_deref(), overlays.as_slice());
            let shards = Shards::plan(out, (dir, *from), members, *shards as usize).map_err(failure)?;
            let of = count(shards.manifest.shards.len(), "shard", "shards");
            say(&format!("{} members in {of}\n{}\n", shards.manifest.members, out.display()))
        }
        What::Run { folder, index } => {
            let index = index.or_else(|| std::env::var(TASK).ok()?.parse().ok()).ok_or_else(|| {
                let hint = "  hint: `--index K`; Slurm sets it in its job arrays";
                Failure::Impossible(format!("error: which shard is not said, nor does {TASK} say it\n{hint}"))
            })?;
            run_shard(&Shards::open(folder).map_err(failure)?, index)
        }
        What::Status { folder } => status(&Shards::open(folder).map_err(failure)?),
        What::Merge { folder, shown } => merge(&Shards::open(folder).map_err(failure)?, folder, shown),
        What::Submit(arguments) => submit::run(arguments),
    }
}

fn run_shard(shards: &Shards, index: usize) -> Result<(), Failure> {
    let (progress, stop) = (Progress::new(shards.members_of(index)), stop()?);
    match shards.run(index, (&|is_ok| progress.heard(is_ok), &stop)).map_err(failure)? {
        Ran::Whole(rows) => named(rows.values().flatten(), &format!("shard {index}")),
        Ran::Stopped => Err(interrupted(&stop, &format!("run shard {index} again, and it goes on where it was"))),
        Ran::Elsewhere => Err(interrupted(&stop, &format!("another process runs shard {index}"))),
    }
}

fn status(shards: &Shards) -> Result<(), Failure> {
    shards.unchanged().map_err(failure)?;
    let (mut text, mut rows, mut missing) = (String::new(), Vec::new(), 0);
    for (shard, [first, end]) in shards.manifest.shards.iter().enumerate() {
        let said = match shards.state(shard).map_err(failure)? {
            State::Whole(whole) => {
                let failed = whole.values().flatten().filter(|row| row.why.is_some()).count();
                rows.extend(whole.into_values().flatten());
                if failed == 0 { "whole".to_owned() } else { format!("whole, {failed} without a result") }
            }
            State::Part(done) => {
                missing += 1;
                if done == 0 { "not begun".to_owned() } else { format!("{done} of {} blocks", end - first) }
            }
        };
        text.push_str(&format!("{shard}: {said}\n"));
    }
    say(&text)?;
    if missing > 0 {
        let of = count(missing, "shard is", "shards are");
        return Err(Failure::Interrupted(format!("weir: {of} missing; `weir shard submit` has them run")));
    }
    named(rows.iter(), "the shards")
}

fn merge(shards: &Shards, folder: &std::path::Path, shown: &Told) -> Result<(), Failure> {
    match shards.merge().map_err(failure)? {
        Some(table) => told(&table, (folder, "sweep"), shown),
        None => Err(Failure::Interrupted(
            "weir: not all shards are there yet; `weir shard status` names those that are not".to_owned(),
        )),
    }
}

/// Says of how many members there is nothing.
fn named<'r>(rows: impl Iterator<Item = &'r Row>, of: &str) -> Result<(), Failure> {
    let causes = rows.filter_map(|row| Some(weir_report::cause(None, row.why.as_ref()?).english));
    let causes: Vec<String> = causes.collect();
    if causes.is_empty() {
        return Ok(());
    }
    Err(Failure::Impossible(format!(
        "error: of {of}, {} without a result\n{}",
        count(causes.len(), "member", "members"),
        causes.join("\n")
    )))
}

fn failure(error: ShardError) -> Failure {
    match error {
        ShardError::Refused(refusals) => Failure::Refused(refusals),
        ShardError::Results(error) => kept(&error),
        ShardError::File { .. } => Failure::Broken(format!("error: {error}")),
        ShardError::Impossible(why) => Failure::Impossible(format!("error: {why}")),
    }
}
