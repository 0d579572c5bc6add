//! `weir sweep`: a basin over ranges of numbers, each member by its goals, and how much of them each range is answerable for.
//!
//! Writes into `--out`: `sweep.results` as members are done, then `sweep.csv` and `sweep.json`. Interrupted (exit 75) and started again, it goes
//! on where it was. A member without goals is named with its cause, the others go on, and the exit code says so.

use std::path::{Path, PathBuf};

use weir_report::count as members_of;
use weir_report::members::Members as Table;
use weir_scenarios::results::{Results, ResultsError};
use weir_scenarios::study::{Members, open};
use weir_scenarios::sweep::Sweep;

use super::solve::Format;
use super::{Language, Told};
use crate::failure::Failure;
use crate::files;
use crate::output::say;
use crate::progress::{Progress, interrupted, stop};

/// Arguments of `weir sweep`.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    of: super::OfBasin,
    /// The sweep: docs/sweeps.md.
    file: PathBuf,
    /// Folder for results and tables; `out` in the basin's folder unless given.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    shown: Told,
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let sweep = Sweep::read(&arguments.file).map_err(Failure::Refused)?;
    aside!("weir: solving the base …");
    let study = open(&arguments.of.dir, arguments.of.from, Members::Sweep(Box::new(sweep))).map_err(Failure::Refused)?;
    let out = arguments.out.clone().unwrap_or_else(|| arguments.of.dir.join("out"));
    std::fs::create_dir_all(&out).map_err(|error| Failure::file("make", &out, &error))?;
    let path = out.join("sweep.results");
    let results = Results::open(&path, &study.question).map_err(|error| kept(&error))?;
    let there: usize = results.known().values().map(Vec::len).sum();
    let count = study.members.count();
    aside!("weir: solving {}, {there} of them there already …", members_of(count, "member", "members"));
    let (progress, stop) = (Progress::new(count - there), stop()?);
    let rows =
        study.ask(&study.all(), Some(&results), (&|is_ok| progress.heard(is_ok), &stop)).map_err(|error| kept(&error))?;
    let rows = rows.ok_or_else(|| interrupted(&stop, &format!("run it again, and it goes on from {}", path.display())))?;
    told(&study.table(&rows), (&out, "sweep"), &arguments.shown)
}

/// Results that cannot be kept.
pub fn kept(error: &ResultsError) -> Failure {
    let said = format!("error: {error}");
    match error {
        ResultsError::File { .. } => Failure::Broken(said),
        ResultsError::Another(_) | ResultsError::Busy(_) => Failure::Impossible(said),
    }
}

/// Writes and shows a table of members, and names those that have nothing.
pub fn told(table: &Table, (out, name): (&Path, &str), shown: &Told) -> Result<(), Failure> {
    std::fs::create_dir_all(out).map_err(|error| Failure::file("make", out, &error))?;
    let csv = out.join(format!("{name}.csv"));
    files::write(&csv, table.csv().as_bytes())?;
    let json = table.json();
    files::write(&out.join(format!("{name}.json")), format!("{json:#}\n").as_bytes())?;
    match shown.format {
        Format::Text => say(&format!("{}\n{}\n", table.text(shown.language.into()), csv.display()))?,
        Format::Json => say(&format!("{json}\n"))?,
    }
    failed(table, shown.language)
}

/// Names the members that have nothing.
pub fn failed(table: &Table, language: Language) -> Result<(), Failure> {
    let failed = table.failed().map(|(id, why)| format!("`{id}`: {}", why.say(language.into())));
    let failed: Vec<String> = failed.collect();
    if failed.is_empty() {
        return Ok(());
    }
    let said = format!("error: {} of {} without a result\n{}", failed.len(), table.lines.len(), failed.join("\n"));
    Err(Failure::Impossible(said))
}
