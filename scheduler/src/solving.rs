//! The work of a run: basin and series from disk, the base and its alternatives solved in parallel, each plan audited.
//!
//! Runs on rayon's threads, never on those of the service. An interrupt ends it within an iteration of the solver.
//! Fails: refusals of the basin, rules that cannot hold, an engine that failed, a plan that does not pass the audit.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use rayon::prelude::*;
use weir_model::audit::audit;
use weir_model::basin::{Basin, Further};
use weir_model::case::Case;
use weir_model::document::{PlanDocument, document};
use weir_model::goals::Goals;
use weir_model::laid::Laid;
use weir_model::lower::lower;
use weir_model::plan::Plan;
use weir_solver::engine::{Interrupt, Options, Outcome};
use weir_solver::solve::{SolveOptions, Unsolved, solve};
use weir_solver::ways::Way;

use crate::fall_back::ELASTIC;

/// A case to be solved.
#[derive(Clone, Debug)]
pub struct Question {
    /// The case.
    pub case: Case,
    /// Its goals.
    pub goals: Goals,
}

/// An answer: the method's word (`base` for the basin's own), and its plan.
#[derive(Clone, Debug)]
pub struct Alternative {
    /// Which.
    pub word: String,
    /// The plan.
    pub document: PlanDocument,
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
    Basin::read_with(folder, further, laid).map_err(|refusals| {
        let unread = refusals.0.iter().all(|refusal| refusal.message.contains("cannot be read"));
        NoPlan { passing: unread, ..NoPlan::lasting(&refusals) }
    })
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
}

impl Basis {
    /// Reads and lowers the basin, with still further elements laid over it; and its mode.
    ///
    /// # Errors
    /// All refusals; a file that cannot be read may be there at the next try.
    pub fn question(&self, more: &[Further]) -> Result<(Question, String), NoPlan> {
        let further: Vec<Further> = self.further.iter().chain(more).cloned().collect();
        let basin = basin_of(&self.folder, &further, &self.laid)?;
        let (case, goals) = lower(&basin, Some(self.start)).map_err(|refusals| NoPlan::lasting(&refusals))?;
        Ok((Question { case, goals }, basin.mode))
    }
}

/// Solves a question by its own method and by others, in parallel: the base first. An alternative that fails is left out and
/// named; without the base there is no plan.
///
/// # Errors
/// Why the base has none.
pub fn answer(
    question: &Question,
    alternatives: &[String],
    interrupt: &Interrupt,
) -> Result<(Vec<Alternative>, Vec<String>), NoPlan> {
    let words: Vec<&str> = std::iter::once("base").chain(alternatives.iter().map(String::as_str)).collect();
    let solved: Vec<Result<Alternative, NoPlan>> = words.par_iter().map(|word| one(question, word, interrupt)).collect();
    let mut answers = Vec::with_capacity(solved.len());
    let mut failed = Vec::new();
    for (place, (word, solved)) in words.into_iter().zip(solved).enumerate() {
        match solved {
            Ok(answer) => answers.push(answer),
            Err(why) if place == 0 => return Err(why),
            Err(why) => failed.push(format!("alternative `{word}`: {why}")),
        }
    }
    Ok((answers, failed))
}

/// Solves a question by its own method (`base`, or [`ELASTIC`] with all rules free to give way) or by another, and audits the plan.
///
/// # Errors
/// Why there is none.
pub fn one(question: &Question, word: &str, interrupt: &Interrupt) -> Result<Alternative, NoPlan> {
    let Question { case, goals } = question;
    let goals = &match Way::of(word) {
        Some(way) => way.ask(goals).map_err(|why| NoPlan::lasting(&why))?,
        None => goals.clone(),
    };
    let options = SolveOptions {
        engine_options: Options { interrupt: Some(interrupt.clone()), ..Options::default() },
        elastic: word == ELASTIC,
        ..SolveOptions::default()
    };
    let solved = solve(case, goals, &options).map_err(|unsolved| no_plan(&unsolved))?;
    audited(solved.case.as_deref().unwrap_or(case), goals, &solved.plan, word)
}

/// A plan as an answer, if it passes the audit.
///
/// # Errors
/// What the audit found.
pub(crate) fn audited(case: &Case, goals: &Goals, plan: &Plan, word: &str) -> Result<Alternative, NoPlan> {
    let audited = audit(case, goals, plan);
    if !audited.findings.is_empty() {
        let findings: Vec<String> = audited.findings.iter().map(ToString::to_string).collect();
        return Err(NoPlan::lasting(&format!("the plan does not pass the audit: {}", findings.join("; "))));
    }
    Ok(Alternative { word: word.to_owned(), document: document(case, goals, plan, &audited) })
}

fn no_plan(unsolved: &Unsolved) -> NoPlan {
    let passing = match unsolved {
        Unsolved::NoOptimum { outcome, .. } => matches!(outcome, Outcome::Failed { .. } | Outcome::Stopped { .. }),
        _ => false,
    };
    let conflict = match unsolved {
        Unsolved::Infeasible { explained, .. } => explained.clone(),
        _ => Vec::new(),
    };
    NoPlan { why: unsolved.to_string(), passing, conflict }
}
