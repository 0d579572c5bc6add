//! The work of a run: basin and series from disk, the base and its alternatives solved in parallel, each plan audited.
//!
//! Runs on rayon's threads, never on those of the service. An interrupt ends it within an iteration of the solver.
//! Fails: refusals of the basin, rules that cannot hold, an engine that failed, a plan that does not pass the audit.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use weir_model::basin::{Basin, Changes, Further, Over};
use weir_model::case::Case;
use weir_model::document::PlanDocument;
use weir_model::goals::Goals;
use weir_model::laid::Laid;
use weir_model::lower::lower;
use weir_model::place::Refusals;
use weir_model::plan::Plan;
use weir_scenarios::overlay::Overlay;
use weir_solver::audited::{Unaudited, audited as solved, judged};
use weir_solver::engine::{Interrupt, Options, Outcome};
use weir_solver::hot::HotStart;
use weir_solver::solve::{SolveOptions, Unsolved};
use weir_solver::ways::Way;

use crate::fall_back::ELASTIC;
use crate::hot_start::HotStarts;
use crate::scenario::Scenario;

/// Word of the basin's own question and method among a run's alternatives.
pub const BASE: &str = "base";

/// How a run's questions are solved.
#[derive(Clone, Debug, Default)]
pub struct Solving {
    /// Ends the solves.
    pub interrupt: Interrupt,
    /// What they start from.
    pub starts: HotStarts,
}

/// A case to be solved.
#[derive(Clone, Debug)]
pub struct Question {
    /// The case.
    pub case: Case,
    /// Its goals.
    pub goals: Goals,
}

impl Question {
    /// The same by a method's word; by its own goals for any other.
    ///
    /// # Errors
    /// If the basin cannot be asked so.
    pub(crate) fn by(&self, word: &str) -> Result<Self, NoPlan> {
        let asked = Way::of(word).map(|way| way.ask(&self.goals).map_err(|why| NoPlan::lasting(&why)));
        Ok(Self { case: self.case.clone(), goals: asked.transpose()?.unwrap_or_else(|| self.goals.clone()) })
    }
}

/// An answer: which alternative it is (`base` for the basin's own question), and its plan.
#[derive(Clone, Debug)]
pub struct Alternative {
    /// Which.
    pub word: String,
    /// The plan.
    pub document: PlanDocument,
    /// What it answers: the very case and goals that were solved.
    pub question: Question,
    /// Where its solve ended; none of a plan by the rules.
    pub end: Option<HotStart>,
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct NoPlan {
    /// In words.
    pub why: String,
    /// Whether another try may end otherwise.
    pub passing: bool,
    /// Rules that cannot hold together, a sentence each; empty where that is not why.
    pub conflict: Vec<String>,
}

impl NoPlan {
    pub(crate) fn lasting(why: &impl ToString) -> Self {
        Self { why: why.to_string(), passing: false, conflict: Vec::new() }
    }

    pub(crate) fn passing(why: &impl ToString) -> Self {
        Self { passing: true, ..Self::lasting(why) }
    }
}

/// Reads the basin of a folder, with what was gathered laid over it.
///
/// # Errors
/// All refusals; a file that cannot be read may be there at the next try.
pub fn basin_of(folder: &Path, further: &[Further], laid: &Laid) -> Result<Basin, NoPlan> {
    Basin::read_with(folder, further, laid).map_err(|refusals| refused(&refusals))
}

fn refused(refusals: &Refusals) -> NoPlan {
    let passing = refusals.0.iter().all(|refusal| refusal.message.contains("cannot be read"));
    NoPlan { passing, ..NoPlan::lasting(refusals) }
}

/// What a run's questions are made of.
#[derive(Clone, Debug)]
pub struct Basis {
    /// Folder of the basin.
    pub folder: PathBuf,
    /// First day of the horizon.
    pub start: Date,
    /// Elements laid over the basin: the commands in force.
    pub further: Vec<Further>,
    /// What was gathered.
    pub laid: Laid,
    /// What is asked otherwise than by the basin's file.
    pub scenario: Scenario,
    /// Its changes.
    pub overlay: Option<Overlay>,
    /// The plan that was in force when it was asked; empty for none.
    pub in_force: String,
    /// Its document, against which `plan_change` is counted.
    pub planned: Option<Arc<PlanDocument>>,
}

/// A basis in the store, the basin's folder apart.
#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    start: Date,
    /// Names and texts.
    further: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    laid: Cow<'a, Laid>,
    #[serde(default, skip_serializing_if = "str::is_empty")]
    in_force: Cow<'a, str>,
}

impl Basis {
    /// The basis as the store keeps it.
    pub fn to_json(&self) -> String {
        let further = self.further.iter();
        let further = further.map(|file| (Cow::from(file.name.as_str()), String::from_utf8_lossy(&file.bytes))).collect();
        let (laid, in_force) = (Cow::Borrowed(&self.laid), Cow::from(self.in_force.as_str()));
        let stored = Stored { start: self.start, further, laid, in_force };
        serde_json::to_string(&stored).unwrap_or_default()
    }

    /// The basis that the store keeps, of a basin's folder; the plan then in force by its id alone.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(folder: PathBuf, text: &str) -> Result<Self, NoPlan> {
        let stored: Stored<'_> = serde_json::from_str(text).map_err(|error| NoPlan::lasting(&format!("basis: {error}")))?;
        let file = |(name, text): (Cow<'_, str>, Cow<'_, str>)| Further {
            name: name.into_owned(),
            bytes: text.into_owned().into_bytes(),
        };
        let further = stored.further.into_iter().map(file).collect();
        let (laid, in_force) = (stored.laid.into_owned(), stored.in_force.into_owned());
        let (scenario, overlay) = (Scenario::default(), None);
        Ok(Self { folder, start: stored.start, further, laid, scenario, overlay, in_force, planned: None })
    }

    /// The same, asked as an alternative asks; `office` is the folder in which its files of changes lie.
    ///
    /// # Errors
    /// If such a file cannot be read, or is no overlay.
    pub fn asked(&self, scenario: &Scenario, office: &Path) -> Result<Self, NoPlan> {
        let overlay = scenario.overlay(office).map_err(|why| NoPlan::lasting(&why))?;
        Ok(Self { scenario: scenario.clone(), overlay, ..self.clone() })
    }

    /// Reads and lowers the basin, with still further elements laid over it; and its mode.
    ///
    /// # Errors
    /// All refusals.
    pub fn read(&self, more: &[Further]) -> Result<(Question, String), Refusals> {
        let further: Vec<Further> = self.further.iter().chain(more).cloned().collect();
        let changes = self.overlay.as_ref().map(|overlay| overlay as &dyn Changes);
        let over = Over { changes, further: &further, laid: Some(&self.laid) };
        let mut basin = Basin::read_over(&self.folder, &over)?;
        self.scenario.note(&mut basin);
        let (mut case, goals) = lower(&basin, Some(self.start))?;
        if goals.objectives.iter().any(|objective| objective.kind == "plan_change") {
            case.in_force = self.planned.as_ref().map(|planned| planned.content.decisions_on(&case));
        }
        Ok((Question { case, goals }, basin.mode))
    }

    /// The same, for a run.
    ///
    /// # Errors
    /// All refusals; a file that cannot be read may be there at the next try.
    pub fn question(&self, more: &[Further]) -> Result<(Question, String), NoPlan> {
        self.read(more).map_err(|refusals| refused(&refusals))
    }
}

/// Solves a question, and the run's alternatives of it, in parallel: the base first. An alternative that fails is left out and
/// named; without the base there is no plan.
///
/// # Errors
/// Why the base has none.
pub fn answer(
    (basis, question, office): (&Basis, &Question, &Path),
    alternatives: &[Scenario],
    solving: &Solving,
) -> Result<(Vec<Alternative>, Vec<String>), NoPlan> {
    let of = |scenario: &Scenario| {
        let mut own = if scenario.is_plain() { question.clone() } else { basis.asked(scenario, office)?.question(&[])?.0 };
        own.case.basin.scenario = scenario.row();
        one(&own, (&scenario.id, scenario.method_word()), solving)
    };
    let others = || alternatives.par_iter().map(of).collect::<Vec<Result<Alternative, NoPlan>>>();
    let (base, others) = rayon::join(|| one(question, (BASE, BASE), solving), others);
    let mut answers = vec![base?];
    let mut failed = Vec::new();
    for (scenario, solved) in alternatives.iter().zip(others) {
        match solved {
            Ok(answer) => answers.push(answer),
            Err(why) => failed.push(format!("alternative `{}`: {why}", scenario.id)),
        }
    }
    Ok((answers, failed))
}

/// Solves a question for an alternative by its own method (`base`, or [`ELASTIC`] with all rules free to give way) or by another, from
/// where the alternative's last solve ended, and audits the plan.
///
/// # Errors
/// Why there is none.
pub fn one(question: &Question, (alternative, word): (&str, &str), solving: &Solving) -> Result<Alternative, NoPlan> {
    let question = question.by(word)?;
    let options = SolveOptions {
        engine_options: Options { interrupt: Some(solving.interrupt.clone()), ..Options::default() },
        elastic: word == ELASTIC,
        start: solving.starts.of(alternative),
        way: Way::of(word).map(|way| way.word),
        ..SolveOptions::default()
    };
    let solved = solved(&question.case, &question.goals, &options).map_err(|why| no_plan(&why))?;
    Ok(Alternative { word: alternative.to_owned(), document: solved.document, question, end: solved.end })
}

/// A plan as an answer, if it passes the audit.
///
/// # Errors
/// What the audit found.
pub(crate) fn audited(question: Question, plan: &Plan, word: &str) -> Result<Alternative, NoPlan> {
    let document = judged(&question.case, &question.goals, plan).map_err(|why| no_plan(&why))?;
    Ok(Alternative { word: word.to_owned(), document, question, end: None })
}

fn no_plan(why: &Unaudited) -> NoPlan {
    let passing = match why {
        Unaudited::Unsolved(Unsolved::NoOptimum { outcome, .. }) => {
            matches!(outcome, Outcome::Failed { .. } | Outcome::Stopped { .. })
        }
        _ => false,
    };
    let conflict = match why {
        Unaudited::Unsolved(Unsolved::Infeasible(found)) => found.explained.clone(),
        _ => Vec::new(),
    };
    NoPlan { why: why.to_string(), passing, conflict }
}
