//! `weir solve`: a basin to an audited plan on disk.
//!
//! Writes into `--out`: `plan.json` (the document), `series.csv` (long), `series-wide.csv`, `report.html`, `front.csv` of
//! a front, and what other solves start from: `plan.basis`, where this one ended, and `start.basis`, where it began, if it did not from
//! nothing. Nothing is written unless a plan was found and passed the audit.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};
use weir_model::case::Case;
use weir_model::document::PlanDocument;
use weir_model::goals::{Goals, Method};
use weir_model::lower::lower;
use weir_model::place::Refusals;
use weir_report::{Phrase, both, count};
use weir_solver::audited::{Audited, Unaudited, audited};
use weir_solver::conflict::{Choice, menu};
use weir_solver::engine::Options;
use weir_solver::hot::{self, HotStart};
use weir_solver::solve::{Infeasible, SolveOptions, Unsolved};
use weir_solver::ways::Way;

use super::no_plan::NoPlan;
use crate::failure::Failure;
use crate::files;
use crate::output::{aside_in, say};
use crate::solving::SolveProgress;

/// Arguments of `weir solve`.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    of: super::OfBasin,
    #[command(flatten)]
    overlays: super::overlays::Overlays,
    /// Folder for plan, series and report; `out` in the basin's folder unless given.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    told: super::Told,
    /// Solve by this method instead of the basin's own.
    #[arg(long, value_name = "METHOD", value_parser = clap::builder::PossibleValuesParser::new(Way::words()))]
    method: Option<String>,
    /// Plan in force: among equally good plans, take the one that changes least against it.
    #[arg(long, value_name = "PLAN")]
    in_force: Option<PathBuf>,
    /// Start from where an earlier solve ended: its `plan.basis`. The plan is the same, and found sooner; a basis that does not fit is
    /// not used, which the plan says.
    #[arg(long, value_name = "FILE")]
    basis: Option<PathBuf>,
    /// Where not all rules can hold together, the plan with the least breach, the least protected rule first.
    #[arg(long)]
    elastic: bool,
    /// Also solve for what 1 % of slack in each stage buys in the next.
    #[arg(long)]
    rates: bool,
    /// Also solve for both sides of every water value.
    #[arg(long)]
    both_sides: bool,
    /// Also write the program, with the first goal as its objective, as an MPS file.
    #[arg(long, value_name = "FILE.mps")]
    dump: Option<PathBuf>,
}

/// What to print.
#[derive(Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// A summary for a dispatcher.
    #[default]
    Text,
    /// One JSON object for programs.
    Json,
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    match solve_and_write(arguments) {
        Ok((document, plan)) => say(&match arguments.told.format {
            Format::Text => {
                format!("{}\n{}\n", weir_report::text(&document, arguments.told.language.into()), plan.display())
            }
            Format::Json => format!("{}\n", solved(&document, &plan)),
        }),
        Err(ended) => {
            let older = Some(out(arguments).join("plan.json")).filter(|plan| plan.exists());
            if arguments.told.format == Format::Json {
                let mut said = ended.json();
                said["older_plan"] = json!(older);
                say(&format!("{said}\n"))?;
            }
            if let Some(older) = older {
                let older = older.display();
                let said = both(
                    format!("警告：{older} 是以前的方案；本次没有方案"),
                    format!("warning: {older} is of an earlier run; this one made no plan"),
                );
                aside_in(arguments.told.language.into(), &said);
            }
            Err(ended.failure(arguments.told.language.into()))
        }
    }
}

/// Why there is no plan.
enum Ended {
    Refused(Refusals),
    Infeasible(Box<NoRoom>),
    Unsolved(Unsolved),
    Failed(Failure),
}

/// A case that has no plan, why, and what can give way.
struct NoRoom {
    case: Case,
    goals: Goals,
    found: Box<Infeasible>,
    menu: Vec<Choice>,
}

impl NoRoom {
    fn told(&self) -> NoPlan<'_> {
        NoPlan { case: &self.case, goals: &self.goals, found: &self.found, menu: &self.menu }
    }
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Ended {
    fn json(&self) -> Value {
        match self {
            Self::Refused(refusals) => json!({
                "status": "refused",
                "refusals": refusals.0.iter().map(|r| json!({
                    "file": &*r.place.file, "line": r.place.line, "element": r.element, "message": r.message, "hint": r.hint,
                })).collect::<Vec<_>>(),
            }),
            Self::Infeasible(found) => found.told().json(),
            Self::Unsolved(unsolved) => json!({ "status": status(unsolved), "message": unsolved.to_string() }),
            Self::Failed(failure) => json!({ "status": "failed", "message": failure.to_string() }),
        }
    }

    fn failure(self, language: weir_report::Language) -> Failure {
        match self {
            Self::Refused(refusals) => Failure::Refused(refusals),
            Self::Infeasible(found) => Failure::Impossible(found.told().text(language)),
            Self::Unsolved(unsolved @ Unsolved::Stuck(_)) => Failure::Impossible(unsolved.to_string()),
            Self::Unsolved(unsolved) => Failure::Broken(unsolved.to_string()),
            Self::Failed(failure) => failure,
        }
    }
}

fn status(unsolved: &Unsolved) -> &'static str {
    match unsolved {
        Unsolved::Infeasible(_) | Unsolved::Stuck(_) => "infeasible",
        Unsolved::NoOptimum { outcome, .. } => outcome.word(),
        Unsolved::Kind(_) | Unsolved::Engine(_) | Unsolved::Dump { .. } => "failed",
    }
}

fn solve_and_write(arguments: &Arguments) -> Result<(PlanDocument, PathBuf), Ended> {
    let language = arguments.told.language.into();
    let progress = |what: &Phrase| {
        aside_in(language, &both(format!("weir：{} …", what.chinese), format!("weir: {} …", what.english)));
    };
    progress(&both("读取", "reading"));
    let basin = arguments.overlays.basin(&arguments.of.dir, &[]).map_err(Ended::Refused)?;
    let (mut case, mut goals) = lower(&basin, arguments.of.from).map_err(Ended::Refused)?;
    let way = arguments.method.as_deref().and_then(Way::of);
    if let Some(way) = way {
        goals = way.ask(&goals).map_err(|why| Failure::Impossible(format!("error: {why}")))?;
    }
    if let Some(path) = &arguments.in_force {
        files::put_in_force(path, &mut case)?;
    }
    if let Some(dump) = &arguments.dump {
        make_room_for(dump, &goals)?;
    }
    let (steps, name) = (case.horizon.steps(), &case.basin.name);
    progress(&both(format!("求解{name}，共{steps}个时段"), format!("solving {} of {name}", count(steps, "step", "steps"))));
    let start = arguments.basis.as_deref().map(files::basis).transpose()?.map(Arc::new);
    let options = SolveOptions {
        rates: arguments.rates,
        both_sides: arguments.both_sides,
        dump: arguments.dump.clone(),
        elastic: arguments.elastic,
        way: way.map(|way| way.word),
        start: start.clone(),
        ..SolveOptions::default()
    };
    let (shown, listener) = SolveProgress::of(&goals, language).unzip();
    let engine_options = Options { progress: listener, ..Options::default() };
    let found = audited(&case, &goals, &SolveOptions { engine_options, ..options.clone() });
    drop(shown);
    let Audited { document, end } = match found {
        Ok(audited) => audited,
        Err(Unaudited::Unsolved(Unsolved::Infeasible(found))) => {
            progress(&both("查找什么可以让步", "seeking what can give way"));
            let menu = menu(&case, &goals, &found.conflicts, &options);
            let menu = menu.map_err(|why| Failure::Broken(format!("error: {found}\n{why}")))?;
            return Err(Ended::Infeasible(Box::new(NoRoom { case, goals, found, menu })));
        }
        Err(Unaudited::Unsolved(unsolved)) => return Err(Ended::Unsolved(unsolved)),
        Err(Unaudited::Findings(findings)) => {
            return Err(Failure::Broken(format!(
                "error: the plan does not pass the audit, so nothing is written; this is a fault of weir\n  {}",
                findings.join("\n  ")
            ))
            .into());
        }
    };
    if let Some(note) = document.content.case.notes.iter().find(|note| note.starts_with(hot::UNUSED)) {
        let note = weir_report::cause(Some(&document), note);
        aside_in(language, &both(format!("警告：{}", note.chinese), format!("warning: {}", note.english)));
    }
    let out = out(arguments);
    progress(&both(format!("写入 {}", out.display()), format!("writing {}", out.display())));
    let plan = write(&document, (start.as_deref(), end.as_ref()), &out)?;
    Ok((document, plan))
}

/// Where the plan goes.
fn out(arguments: &Arguments) -> PathBuf {
    arguments.out.clone().unwrap_or_else(|| arguments.of.dir.join("out"))
}

/// Names of the files that [`write`] writes.
#[cfg(feature = "scenarios")]
pub const WRITTEN: [&str; 7] =
    ["plan.json", "report.html", "series.csv", "series-wide.csv", "front.csv", hot::START_FILE, hot::END_FILE];

/// Writes a plan with its series and page into a folder, and where its solve began and ended, and says where the plan is.
pub fn write(
    document: &PlanDocument,
    (start, end): (Option<&HotStart>, Option<&HotStart>),
    out: &Path,
) -> Result<PathBuf, Failure> {
    std::fs::create_dir_all(out).map_err(|error| Failure::file("make", out, &error))?;
    for (name, basis) in [(hot::START_FILE, start), (hot::END_FILE, end)] {
        match basis {
            Some(basis) => files::write(&out.join(name), basis.bytes())?,
            // What is there is of the plan before.
            None => files::remove(&out.join(name))?,
        }
    }
    for (name, text) in weir_report::files(document, None) {
        files::write(&out.join(name), text.as_bytes())?;
    }
    Ok(out.join("plan.json"))
}

/// Makes the folder of a program's file; what cannot be written there is refused before anything is solved.
fn make_room_for(dump: &Path, goals: &Goals) -> Result<(), Failure> {
    let refused =
        |why: &str, hint: &str| Failure::Impossible(format!("error: --dump {}: {why}\n  hint: {hint}", dump.display()));
    if goals.method == Method::Rules {
        return Err(refused("the method `rules` solves no program", "leave --dump out, or name another --method"));
    }
    if dump.extension().is_none_or(|extension| extension != "mps") {
        return Err(refused("programs are written as MPS", "name a file that ends in .mps"));
    }
    let folder = dump.parent().unwrap_or(dump);
    std::fs::create_dir_all(folder).map_err(|error| Failure::file("make", folder, &error))
}

fn solved(document: &PlanDocument, plan: &Path) -> Value {
    let unproved = document.content.stages.iter().any(|stage| stage.outcome == "feasible");
    json!({
        "status": if unproved { "feasible" } else { "optimal" },
        "stages": document.content.stages,
        "relaxations": document.content.relaxations,
        "plan": plan,
    })
}
