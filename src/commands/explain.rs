//! `weir explain`: what water is worth in a plan, where a little more would go, what binds, and why something is short.
//!
//! By the document alone; with `--basin` the plan's question is solved again with a little more and a little less.

use std::path::{Path, PathBuf};

use serde_json::json;
use weir_model::document::{Content, PlanDocument, reason};
use weir_model::explanation::{Binding, Explanation, NOT_HELD, Shortage};
use weir_report::{Asked, both};
use weir_solver::explain::{Margins, Unexplained, without_sides};
use weir_solver::solve::SolveOptions;
use weir_solver::verify::{grounds_of, with_flood_events};

use super::solve::Format;
use crate::failure::Failure;
use crate::files;
use crate::made_from::{MadeFrom, Others, made_from, refuse_parts};
use crate::output::{aside_in, say};

/// Arguments of `weir explain`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Plan document, or the folder that holds `plan.json`.
    plan: PathBuf,
    /// Reservoir, junction, demand, class of one, way or section, by its id or name, or a part of the name that no other has (珊溪水库); the
    /// whole plan unless given.
    address: Option<String>,
    /// Day, or moment, within the step that is asked about: `2026-08-03`, `2026-08-03T08:00`. Without an address: all that binds then.
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
    /// Why the address is short on that day, or what is shortest and why.
    #[arg(long)]
    why_short: bool,
    /// Folder of the basin that it was made from: solves again for both sides, where the water goes, and how far that holds.
    #[arg(long, value_name = "DIR")]
    basin: Option<PathBuf>,
    #[command(flatten)]
    others: Others,
    #[command(flatten)]
    told: super::Told,
}

/// Shortages that are told where no address is named.
const MOST_SHORTAGES: usize = 8;

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let document = files::plan(&arguments.plan)?;
    let content = &document.content;
    let address = arguments.address.as_ref().map(|said| meant(&document, said)).transpose()?;
    let address = address.as_deref();
    let step = arguments.on.as_deref().map(|on| step_on(content, on)).transpose()?;
    let language = arguments.told.language;
    let read = |folder: &PathBuf| Again::read(&arguments.plan, folder, &arguments.others, &document, language);
    let again = arguments.basin.as_ref().map(read).transpose()?;
    let mut shortages = arguments.why_short.then(|| shortages(content, address, step));
    if let (Some(again), Some(shortages)) = (&again, &mut shortages) {
        again.reasons(content, shortages);
    }
    let explanation = match (&again, address, step) {
        (Some(again), Some(address), Some(step)) if !arguments.why_short => {
            Some(again.explain_or_bound(&document, address, step)?)
        }
        (Some(_), ..) if !arguments.why_short => {
            let hint = "`--basin` needs an address and `--on DATE`; what a plan holds of other times is told without it";
            return Err(Failure::Impossible(format!(
                "error: solving again is for one address and one step\n  hint: {hint}"
            )));
        }
        _ => None,
    };
    let asked = Asked { address, step, explanation: explanation.as_ref(), shortages: shortages.as_deref() };
    say(&match arguments.told.format {
        Format::Text => weir_report::explain(&document, &asked, arguments.told.language.into()),
        Format::Json => format!("{}\n", told(content, &asked)),
    })
}

/// What an address is asked about as one JSON object.
fn told(content: &Content, asked: &Asked<'_>) -> serde_json::Value {
    let steps = asked.step.map_or(0..content.horizon.starts.len(), |step| step..step + 1);
    let binding = match (asked.address, asked.step) {
        (Some(address), _) => {
            let own = |step: usize| content.binds(address, step).into_iter().map(move |binding| (step, binding));
            steps.flat_map(own).collect()
        }
        (None, Some(_)) => content.all_that_binds(steps),
        (None, None) => Vec::new(),
    };
    let in_its_step = |(step, binding): (usize, Binding)| json!({ "step": step, "from": content.horizon.starts[step], "binding": binding });
    let values = content.water_values.iter().filter(|row| asked.address.is_none_or(|address| row.address == address));
    json!({
        "plan": content.case.basin,
        "rates": content.stages.iter().map(|stage| json!({ "stage": stage.objective, "buys": stage.rates })).collect::<Vec<_>>(),
        "water_values": values.collect::<Vec<_>>(),
        "binding": binding.into_iter().map(in_its_step).collect::<Vec<_>>(),
        "gave_way": content.gave_way(asked.address, asked.step),
        "not_looked_at": if asked.explanation.is_some() { &[][..] } else { &NOT_HELD[..] },
        "explanation": asked.explanation,
        "shortages": asked.shortages,
    })
}

/// The address that is meant.
pub fn meant(document: &PlanDocument, said: &str) -> Result<String, Failure> {
    weir_report::meant(document, said).map_err(|why| Failure::Impossible(format!("error: {why}")))
}

/// The step that holds a day or moment.
pub fn step_on(content: &Content, on: &str) -> Result<usize, Failure> {
    let starts = &content.horizon.starts;
    let begins = |start: &String, len: usize| start.get(..len).map(str::to_owned).unwrap_or_default();
    let is_time = on.parse::<jiff::civil::Date>().is_ok() || on.parse::<jiff::civil::DateTime>().is_ok();
    let len = on.len();
    let same = starts.iter().position(|start| begins(start, len) == on);
    let before = starts.iter().rposition(|start| begins(start, len).as_str() < on);
    let over = begins(&content.horizon.end, len).as_str() <= on;
    same.or(before).filter(|_| is_time && !over).ok_or_else(|| {
        let (from, to) = (&content.case.valid_from, &content.case.valid_to);
        Failure::Impossible(format!("error: `{on}` is no day or moment of the plan\n  hint: it runs from {from} to {to}"))
    })
}

/// Why an address is short in a step, or where no step is named in that in which it lacks most; of no address, those that lack most.
fn shortages(content: &Content, address: Option<&str>, step: Option<usize>) -> Vec<Shortage> {
    let Some(address) = address else { return content.worst_shortages(step, MOST_SHORTAGES) };
    let found = step.map_or_else(|| content.worst_shortage(address), |step| content.shortage(address, step));
    found.into_iter().collect()
}

/// A plan's question, to be solved again.
pub struct Again {
    /// What answers for a little more or less; why nothing does, of a plan that no linear program made.
    margins: Result<Margins, &'static str>,
    case: weir_model::case::Case,
    goals: weir_model::goals::Goals,
    language: super::Language,
}

impl Again {
    /// Reads the basin that a plan was made from.
    pub fn read(
        plan: &Path,
        folder: &Path,
        others: &Others,
        document: &PlanDocument,
        language: super::Language,
    ) -> Result<Self, Failure> {
        refuse_parts(plan, document, others)?;
        let MadeFrom { case, goals, .. } = made_from(document, folder, others)?;
        let margins = match Margins::new(document, &case, &goals, &SolveOptions::default()) {
            Err(Unexplained::NoDerivatives(why)) => Err(why),
            margins => Ok(margins.map_err(|why| failure(document, language, why))?),
        };
        let case = with_flood_events(&document.content, &case);
        Ok(Self { margins, case, goals, language })
    }

    /// What explains an address in a step.
    pub fn explain(&self, document: &PlanDocument, address: &str, step: usize) -> Result<Explanation, Failure> {
        let said = |why| failure(document, self.language, why);
        let margins = self.margins.as_ref().map_err(|why| said(Unexplained::NoDerivatives(why)))?;
        let solving = both("weir：略增略减，再求解一次 …", "weir: solving again with a little more and a little less …");
        aside_in(self.language.into(), &solving);
        margins.explain(document, address, step).map_err(said)
    }

    /// The same; of a plan without derivatives what binds alone.
    fn explain_or_bound(&self, document: &PlanDocument, address: &str, step: usize) -> Result<Explanation, Failure> {
        if self.margins.is_ok() {
            return self.explain(document, address, step);
        }
        Ok(without_sides(document, &self.case, &self.goals, address, step))
    }

    /// Gives each shortage the reason of its own step.
    fn reasons(&self, content: &Content, shortages: &mut [Shortage]) {
        let (decisions, stages, proofs) = grounds_of(content, &self.case);
        let plan = (&decisions, stages.as_slice(), proofs.as_slice());
        for shortage in shortages {
            if let Some(own) = reason(&self.case, &self.goals, plan, &shortage.address, shortage.step) {
                shortage.period = None;
                content.because(shortage, own);
            }
        }
    }
}

/// Why a plan is not explained, in the reader's language.
fn failure(document: &PlanDocument, language: super::Language, why: Unexplained) -> Failure {
    let said = |line: &str| weir_report::cause(Some(document), line.trim_start()).say(language.into()).to_owned();
    match why {
        Unexplained::Unsolved(why) => Failure::Broken(format!("error: {why}")),
        why => {
            let lines: Vec<String> = why.to_string().lines().map(said).collect();
            Failure::Impossible(format!("error: {}", lines.join("\n  ")))
        }
    }
}
