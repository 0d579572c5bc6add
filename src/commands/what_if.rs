//! `weir what-if`: a basin and overlays on it, each solved, side by side.
//!
//! Writes into `--out`: `what-if.json`, `what-if.html`, and each plan in a folder of its own. A what-if without a plan is named with
//! its cause, the others go on, and the exit code says so.

use std::path::PathBuf;

use weir_report::side_by_side::{self, Tried};
use weir_report::{Phrase, both};
use weir_scenarios::what_if::{Asked, BASE, Member, solve};

use super::solve::Format;
use crate::failure::Failure;
use crate::files;
use crate::output::say;

/// Arguments of `weir what-if`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder with `basin.toml`.
    dir: PathBuf,
    /// A file of changes, asked by itself (several: one plan each): docs/scenarios.md.
    #[arg(long = "overlay", value_name = "FILE.toml", required = true)]
    overlays: Vec<PathBuf>,
    /// First day of the horizon (otherwise the basin's first start).
    #[arg(long, value_name = "DATE")]
    from: Option<jiff::civil::Date>,
    /// Folder for the comparison and the plans; `out` in the basin's folder unless given.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// What to print: tables, or one JSON object.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Language of the tables.
    #[arg(long, value_enum, default_value_t)]
    language: super::Language,
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let asked: Vec<Asked> = arguments.overlays.iter().map(|file| Asked::file(file)).collect();
    refuse_doubles(&asked)?;
    eprintln!("weir: solving the base and {} what-ifs …", asked.len());
    let members = solve(&arguments.dir, arguments.from, &asked);
    let out = arguments.out.clone().unwrap_or_else(|| arguments.dir.join("out"));
    std::fs::create_dir_all(&out).map_err(|error| Failure::file("make", &out, &error))?;
    let base_end = members.first().and_then(|base| base.outcome.as_ref().ok()?.end.as_ref());
    for member in &members {
        if let Ok(audited) = &member.outcome {
            let start = base_end.filter(|_| member.id != BASE);
            super::solve::write(&audited.document, (start, audited.end.as_ref()), &out.join(&member.id))?;
        }
    }
    let tried: Vec<Tried> = members.iter().map(tried).collect();
    let said: Vec<Phrase> = members.iter().filter_map(conflict).collect();
    let json = side_by_side::json(&tried, ["what_if", "what_ifs"]);
    files::write(&out.join("what-if.json"), format!("{json:#}\n").as_bytes())?;
    let page = out.join("what-if.html");
    files::write(&page, side_by_side::page(&tried, &side_by_side::of_what_ifs(), &said).as_bytes())?;
    match arguments.format {
        Format::Text => {
            let language = arguments.language.into();
            let said: String = said.iter().map(|said| said.say(language).to_owned() + "\n").collect();
            say(&format!("{}{said}{}\n", side_by_side::text(&tried, language), page.display()))?;
        }
        Format::Json => say(&format!("{json}\n"))?,
    }
    failed(&members)
}

/// Two of one id would lie in one folder.
fn refuse_doubles(asked: &[Asked]) -> Result<(), Failure> {
    let mut ids = vec![BASE];
    for one in asked {
        if ids.contains(&one.id.as_str()) {
            let why = format!(
                "error: `{}` stands twice, or is the base's own\n  hint: give each overlay a name of its own",
                one.id
            );
            return Err(Failure::Impossible(why));
        }
        ids.push(&one.id);
    }
    Ok(())
}

fn tried(member: &Member) -> Tried {
    let outcome = member.outcome.as_ref().map(|audited| audited.document.clone()).map_err(Clone::clone);
    Tried::what_if(&member.id, (&member.name.0, &member.name.1), outcome)
}

/// What cannot hold together in one of them.
fn conflict(member: &Member) -> Option<Phrase> {
    let why = member.conflict.as_ref()?;
    Some(both(
        format!("{}：硬性规则不能同时满足，所列为最小让步方案：{why}", member.name.0),
        format!(
            "{}: not all rules can hold together, and what stands here is the plan of least breach: {why}",
            member.name.1
        ),
    ))
}

/// Says that some have no plan, each with its cause.
fn failed(members: &[Member]) -> Result<(), Failure> {
    let causes = members.iter().filter_map(|member| Some((member, member.outcome.as_ref().err()?)));
    let causes: Vec<String> = causes.map(|(member, why)| format!("`{}`: {why}", member.id)).collect();
    if causes.is_empty() {
        return Ok(());
    }
    let counted = format!("error: {} of {} without a plan", causes.len(), members.len());
    Err(Failure::Impossible(format!("{counted}\n{}", causes.join("\n"))))
}
