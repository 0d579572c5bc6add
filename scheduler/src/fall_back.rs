//! What a run that cannot solve its question still gives the dispatcher: a fall-back plan, audited as any other and marked degraded.
//!
//! Rules that cannot hold together: solved again with all of them free to give way, the least breach in their order ([`ELASTIC`]).
//! Where that gives no plan either, or the engine failed for good: the plan in force is carried on by the rules of today over the
//! run's horizon ([`EXTENDED`]). In the mode 防洪 neither: [`FLOOD_STATEMENT`] stands in its place.
//!
//! Fails: where neither can be made, with why.

use weir_model::document::{FLOOD_MODE, FLOOD_STATEMENT, PlanDocument};
use weir_solver::rules::{Simulated, extend};

use crate::solving::{Alternative, NoPlan, Question, Solving, audited, one};

/// Word of the plan with the least breach of rules that cannot hold together.
pub const ELASTIC: &str = "elastic";
/// Word of the plan in force carried on by the rules.
pub const EXTENDED: &str = "extended";

/// Whether the word of a run's plan says that the run fell back to it.
pub fn is_fall_back(word: &str) -> bool {
    [ELASTIC, EXTENDED].contains(&word)
}

/// Whether a run of this question may fall back at all.
pub(crate) fn may(question: &Question) -> bool {
    question.case.basin.mode != FLOOD_MODE
}

/// Why a run has no plan and no fall-back: in the mode 防洪 headed by what is to be done instead.
pub(crate) fn without(question: &Question, why: NoPlan) -> NoPlan {
    if may(question) { why } else { NoPlan { why: format!("{FLOOD_STATEMENT}: {why}"), ..why } }
}

/// The plan with the least breach of rules that cannot hold together.
///
/// # Errors
/// Why there is none either.
pub(crate) fn elastic(question: &Question, why: &NoPlan, solving: &Solving) -> Result<Alternative, NoPlan> {
    one(question, (ELASTIC, ELASTIC), solving)
        .map_err(|other| NoPlan { why: format!("{why}; with all rules free to give way: {other}"), ..other })
}

/// Marks the plan with the least breach, its rules named.
pub(crate) fn marked(answer: Alternative, conflict: &[String]) -> Alternative {
    let head = "Not all rules can hold together: the least breach, in the order of the rules, stands for the plan.";
    let reasons = std::iter::once(head.to_owned()).chain(conflict.iter().map(|sentence| format!("Conflict: {sentence}")));
    Alternative { document: answer.document.fallen_back(reasons), ..answer }
}

/// The question of a plan in force that is carried on: by the rules, from its decisions.
///
/// # Errors
/// If the basin cannot be asked so.
pub(crate) fn carrying_on(question: &Question, in_force: &PlanDocument) -> Result<Question, NoPlan> {
    let mut question = question.by("rules")?;
    question.case.in_force = Some(in_force.content.decisions_on(&question.case));
    question.case.basin.in_force = Some(in_force.record.id.clone());
    Ok(question)
}

/// The plan in force, carried on by the rules over the question's horizon. It carries no orders, which a job may want: they would
/// have to be solved with.
///
/// # Errors
/// Where the water does not add up, or the plan does not pass the audit.
pub(crate) fn extended(
    question: &Question,
    (id, in_force): (&str, &PlanDocument),
    why: &NoPlan,
    wants_orders: bool,
) -> Result<Alternative, NoPlan> {
    let question = carrying_on(question, in_force)?;
    let Simulated { plan, case: cut } = extend(&question.case, &question.goals).map_err(|stuck| NoPlan::lasting(&stuck))?;
    let as_run = Question { case: cut.map_or_else(|| question.case.clone(), |cut| *cut), goals: question.goals.clone() };
    let mut answer = Alternative { question, ..audited(as_run, &plan, EXTENDED)? };
    if wants_orders {
        let no_orders = "No orders are drafted: a plan carried on by the rules was not solved with them.";
        answer.document.content.case.notes.push(no_orders.to_owned());
    }
    let head =
        format!("The run found no plan: `{id}`, in force, is carried on by the rules of today, and nothing is optimised.");
    let reasons = match why.conflict.as_slice() {
        [] => vec![head, why.to_string()],
        conflict => std::iter::once(head).chain(conflict.iter().map(|sentence| format!("Conflict: {sentence}"))).collect(),
    };
    answer.document = answer.document.fallen_back(reasons);
    Ok(answer)
}
