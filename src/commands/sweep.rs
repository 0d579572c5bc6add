//! `weir sweep`: a basin over ranges of numbers, each member by its goals, and how much of them each range is answerable for.
//!
//! Writes into `--out`: `sweep.results` as members are done, then `sweep.csv` and `sweep.json`. Interrupted (exit 75) and started again, it goes
//! on where it was. A member without goals is named with its cause, the others go on, and the exit code says so.

use std::path::{Path, PathBuf};

use weir_report::members::{Lines, Members as Table};
use weir_report::{Phrase, both, count as members_of};
use weir_scenarios::results::{Results, ResultsError};
use weir_scenarios::study::{Judged, Members};
use weir_scenarios::sweep::Sweep;

use super::solve::Format;
use super::{Language, Told};
use crate::failure::Failure;
use crate::files;
use crate::output::{aside_in, say, say_by};
use crate::progress::{Progress, from_file, interrupted, stop};

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
    let language = arguments.shown.language.into();
    let judged = Judged::of(&arguments.of.dir, arguments.of.from, Members::Sweep(Box::new(sweep)));
    let judged = judged.map_err(Failure::Refused)?;
    aside_in(language, &both("weir：求解基准 …", "weir: solving the base …"));
    let study = judged.open();
    let out = arguments.out.clone().unwrap_or_else(|| arguments.of.dir.join("out"));
    std::fs::create_dir_all(&out).map_err(|error| Failure::file("make", &out, &error))?;
    let path = out.join("sweep.results");
    let results = Results::open(&path, &study.question).map_err(|error| kept(&error))?;
    let there = results.members();
    let count = study.members.count();
    let of = members_of(count, "member", "members");
    aside_in(
        language,
        &both(
            format!("weir：求解{count}个成员，其中{there}个已有结果 …"),
            format!("weir: solving {of}, {there} of them there already …"),
        ),
    );
    let (progress, stop) = (Progress::new(count - there, language), stop()?);
    let heard = |is_ok: bool| progress.heard(is_ok);
    if !study.ask(&study.all(), &results, (&heard, &stop)).map_err(|error| kept(&error))? {
        return Err(interrupted(&stop, &from_file(&path), language));
    }
    told(&study.table(vec![results]).map_err(|error| unread(&error))?, (&out, "sweep"), &arguments.shown)
}

/// Results that cannot be kept.
pub fn kept(error: &ResultsError) -> Failure {
    let said = format!("error: {error}");
    match error {
        ResultsError::File { .. } => Failure::Broken(said),
        ResultsError::Another(_) | ResultsError::Busy(_) => Failure::Impossible(said),
    }
}

/// Results that cannot be read back.
pub fn unread(error: &std::io::Error) -> Failure {
    Failure::Broken(format!("error: {error}"))
}

/// Writes and shows a table of members, and names those that have nothing.
pub fn told(table: &Table<impl Lines>, (out, name): (&Path, &str), shown: &Told) -> Result<(), Failure> {
    std::fs::create_dir_all(out).map_err(|error| Failure::file("make", out, &error))?;
    let csv = out.join(format!("{name}.csv"));
    files::write_by(&csv, |out| table.csv(out))?;
    files::write_by(&out.join(format!("{name}.json")), |out| table.json(out, true).and_then(|()| out.write_all(b"\n")))?;
    match shown.format {
        Format::Text => {
            let text = table.text(shown.language.into()).map_err(|error| unread(&error))?;
            say(&format!("{text}\n{}\n", csv.display()))?;
        }
        Format::Json => say_by(|out| table.json(out, false).and_then(|()| out.write_all(b"\n")))?,
    }
    failed(table, shown.language)
}

/// Names the members that have nothing.
pub fn failed(table: &Table<impl Lines>, language: Language) -> Result<(), Failure> {
    let failed = table.failed().map_err(|error| unread(&error))?;
    let (number, count) = (failed.len(), table.lines.count());
    let head = both(format!("{count}个成员中{number}个无结果"), format!("{number} of {count} without a result"));
    nothing_of(&failed, &head, language.into())
}

/// Ends a run of which some members have nothing, each named with its cause.
pub fn nothing_of(failed: &[(String, Phrase)], head: &Phrase, language: weir_report::Language) -> Result<(), Failure> {
    if failed.is_empty() { Ok(()) } else { Err(Failure::Impossible(causes(failed, head, language))) }
}

/// A head, and below it each member that has nothing with its cause.
pub fn causes(failed: &[(String, Phrase)], head: &Phrase, language: weir_report::Language) -> String {
    let causes: Vec<String> = failed.iter().map(|(id, why)| format!("`{id}`: {}", why.say(language))).collect();
    format!("error: {}\n{}", head.say(language), causes.join("\n"))
}
