//! `weir shard`: many members in parts that run anywhere: plan, run, status, merge, submit.
//!
//! Exit codes of `run`: 0 its members are there; 1 some of them have nothing, which is a result too and is not run again, or it is refused; 75
//! interrupted, run it again. Of `status` and `merge` likewise, 75 while shards are missing.

mod submit;

use std::path::PathBuf;

use weir_report::{Language, Phrase, both, count};
use weir_scenarios::shard::{Ran, ShardError, Shards, State};
use weir_scenarios::study::Study;

use super::sweep::{kept, nothing_of, told, unread};
use super::{Language as Spoken, Told};
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
        /// Language of the text.
        #[arg(long, value_enum, default_value_t)]
        language: Spoken,
    },
    /// Run a shard, or what is left of it.
    Run {
        /// Folder of the shards.
        folder: PathBuf,
        /// Which one (otherwise what Slurm says in `SLURM_ARRAY_TASK_ID`).
        #[arg(long, value_name = "K")]
        index: Option<usize>,
        /// Language of the text.
        #[arg(long, value_enum, default_value_t)]
        language: Spoken,
    },
    /// Say where every shard stands.
    Status {
        /// Folder of the shards.
        folder: PathBuf,
        /// Language of the text.
        #[arg(long, value_enum, default_value_t)]
        language: Spoken,
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
        What::Plan { dir, file, overlays, shards, from, out, language } => {
            let members = (file.as_deref(), overlays.as_slice());
            let shards = Shards::plan(out, (dir, *from), members, *shards as usize).map_err(failure)?;
            let (members, parts) = (shards.manifest.members, shards.manifest.shards.len());
            let said = both(
                format!("{members}个成员，分为{parts}片"),
                format!("{} in {}", count(members, "member", "members"), count(parts, "shard", "shards")),
            );
            say(&format!("{}\n{}\n", said.say((*language).into()), out.display()))
        }
        What::Run { folder, index, language } => {
            let index = index.or_else(|| std::env::var(TASK).ok()?.parse().ok()).ok_or_else(|| {
                let hint = "  hint: `--index K`; Slurm sets it in its job arrays";
                Failure::Impossible(format!("error: which shard is not said, nor does {TASK} say it\n{hint}"))
            })?;
            run_shard(&Shards::open(folder).map_err(failure)?, index, (*language).into())
        }
        What::Status { folder, language } => status(&Shards::open(folder).map_err(failure)?, (*language).into()),
        What::Merge { folder, shown } => merge(&Shards::open(folder).map_err(failure)?, folder, shown),
        What::Submit(arguments) => submit::run(arguments),
    }
}

fn run_shard(shards: &Shards, index: usize, language: Language) -> Result<(), Failure> {
    let (progress, stop) = (Progress::new(shards.members_of(index), language), stop()?);
    let how = match shards.run(index, (&|is_ok| progress.heard(is_ok), &stop)).map_err(failure)? {
        Ran::Whole => {
            let of = both(format!("第{index}片"), format!("of shard {index}"));
            return named(&failed(shards, &shards.study().map_err(failure)?, index)?, &of, language);
        }
        Ran::Stopped => both(
            format!("再次运行第{index}片即从停下处接着做"),
            format!("run shard {index} again, and it goes on where it was"),
        ),
        Ran::Elsewhere => both(format!("另一进程正在运行第{index}片"), format!("another process runs shard {index}")),
    };
    Err(interrupted(&stop, &how, language))
}

fn status(shards: &Shards, language: Language) -> Result<(), Failure> {
    let study = shards.study().map_err(failure)?;
    let (mut text, mut causes, mut missing) = (String::new(), Vec::new(), 0);
    for (shard, [first, end]) in shards.manifest.shards.iter().enumerate() {
        let said = match shards.state(shard).map_err(failure)? {
            State::Whole => {
                let failed = failed(shards, &study, shard)?;
                let said = match failed.len() {
                    0 => both("完成", "whole"),
                    failed => both(format!("完成，{failed}个无结果"), format!("whole, {failed} without a result")),
                };
                causes.extend(failed);
                said
            }
            State::Part(done) => {
                missing += 1;
                let blocks = end - first;
                match done {
                    0 => both("尚未开始", "not begun"),
                    done => both(format!("{blocks}块中{done}块"), format!("{done} of {blocks} blocks")),
                }
            }
        };
        text.push_str(&format!("{shard}: {}\n", said.say(language)));
    }
    say(&text)?;
    if missing > 0 {
        let of = count(missing, "shard is", "shards are");
        let said = both(
            format!("weir：尚缺{missing}片；`weir shard submit` 运行所缺各片"),
            format!("weir: {of} missing; `weir shard submit` has them run"),
        );
        return Err(Failure::Interrupted(said.say(language).to_owned()));
    }
    named(&causes, &both("各片", "of the shards"), language)
}

fn merge(shards: &Shards, folder: &std::path::Path, shown: &Told) -> Result<(), Failure> {
    let Some((study, results)) = shards.merge().map_err(failure)? else {
        let said = both(
            "weir：各片尚未全部完成；`weir shard status` 列出所缺",
            "weir: not all shards are there yet; `weir shard status` names those that are not",
        );
        return Err(Failure::Interrupted(said.say(shown.language.into()).to_owned()));
    };
    let table = study.table(results).map_err(|error| unread(&error))?;
    told(&table, (folder, "sweep"), shown)
}

/// Members of a shard that have nothing, with their causes, as far as it is there.
fn failed(shards: &Shards, study: &Study, shard: usize) -> Result<Vec<(String, Phrase)>, Failure> {
    let results = shards.results(shard).map_err(failure)?;
    results.map_or_else(|| Ok(Vec::new()), |results| study.failed(results).map_err(|error| unread(&error)))
}

/// Names the members of which there is nothing.
fn named(failed: &[(String, Phrase)], of: &Phrase, language: Language) -> Result<(), Failure> {
    let number = failed.len();
    let head = both(
        format!("{}中{number}个成员无结果", of.chinese),
        format!("{}, {} without a result", of.english, count(number, "member", "members")),
    );
    nothing_of(failed, &head, language)
}

fn failure(error: ShardError) -> Failure {
    match error {
        ShardError::Refused(refusals) => Failure::Refused(refusals),
        ShardError::Results(error) => kept(&error),
        ShardError::File { .. } => Failure::Broken(format!("error: {error}")),
        ShardError::Impossible(why) => Failure::Impossible(format!("error: {why}")),
    }
}
