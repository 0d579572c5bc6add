//! The price of fairness: what lifting the worst entry of a balance by a hundredth takes from everything else.
//!
//! One solve more a plan: t (or z) of the first balance in the order that is `max_min` or `leximin` is held a hundredth above
//! what it came to, above all higher stages, and the other stages are solved again in their order. What each of them loses is
//! told in its own unit; where no plan has it, that is told.
//! Limits: only for plans by whole stages, without integers and without rules that gave way; the price is that of one step.

use weir_model::case::Case;
use weir_model::fairness::PRICE_OF_FAIRNESS;
use weir_model::goals::{Goals, Method as Asked, Sense};
use weir_model::measures::{Measure, measure};
use weir_model::tolerance;

use crate::engine::{Engine, Options, Outcome, Part};
use crate::formulation::Formulation;
use crate::methods::{self, Live, Method, MethodError, Order, StageAnswer};
use crate::program::Stage;

/// By how much the worst entry is lifted, relative to what it has.
const STEP: f64 = 0.01;

/// Sentences on the price; none where nothing could be lifted, or the question has no meaning.
///
/// # Errors
/// If the engine cannot be asked.
pub fn of_fairness(
    (formulation, case): (&Formulation, &Case),
    goals: &Goals,
    answers: &[StageAnswer],
    (engine, options): (&dyn Engine, &Options),
    method: &dyn Method,
) -> Result<Vec<String>, MethodError> {
    let held = formulation.breaches.iter().all(|breach| breach.staged);
    if !matches!(goals.method, Asked::Lexicographic(_)) || !held || !formulation.program.integers.is_empty() {
        return Ok(Vec::new());
    }
    let objectives: Vec<_> = goals.stages.iter().filter_map(|&stage| goals.objectives.get(stage)).collect();
    let least = |form: Option<&str>| matches!(form, None | Some("max_min" | "leximin"));
    let found = objectives
        .iter()
        .position(|objective| objective.kind == "balance" && objective.enough.is_none() && least(objective.form.as_deref()));
    let Some((number, balance)) = found.and_then(|number| Some((number, objectives.get(number)?))) else {
        return Ok(Vec::new());
    };
    let (Some(stage), Some(answer)) = (formulation.stages.get(number), answers.get(number)) else { return Ok(Vec::new()) };
    // max_min and leximin are minus one column.
    let [(worst, _)] = stage.expression.terms[..] else { return Ok(Vec::new()) };
    let value = -answer.value;
    let lifted = value + (STEP * value).max(STEP * STEP);
    if value > 1.0 - STEP || objectives.len() == 1 {
        return Ok(Vec::new());
    }
    let mut program = formulation.begun(&case.horizon, options.large);
    program.column_lower[worst] = lifted;
    program.column_upper[worst] = program.column_upper[worst].max(lifted);
    let others: Vec<Stage> =
        formulation.stages.iter().enumerate().filter(|(k, _)| *k != number).map(|(_, s)| s.clone()).collect();
    options.turn_to(Part::Prices);
    let mut live = Live::open(engine, program, options)?;
    let id = &balance.id;
    let answer = match methods::solve(&mut live, method, &Order { goals: &others, ..Order::default() }) {
        Err(MethodError::Unsolved { outcome: Outcome::Infeasible | Outcome::InfeasibleOrUnbounded, .. }) => {
            return Ok(vec![format!(
                "{PRICE_OF_FAIRNESS}the worst entry of `{id}`, {:.2} %, cannot be lifted, whatever other goals give up.",
                value * 100.0
            )]);
        }
        answer => answer?,
    };
    let mut sentences = Vec::new();
    let mut lifted_answers = answer.goals.iter();
    for (k, objective) in objectives.iter().enumerate().filter(|(k, _)| *k != number) {
        let (Some(after), Some(before)) = (lifted_answers.next(), answers.get(k)) else { break };
        let loss = after.value - before.value;
        if loss <= tolerance::OBJECTIVE * before.value.abs().max(1.0) {
            continue;
        }
        let measure = measure(&objective.kind);
        let sign = if measure.map_or(Sense::Minimise, Measure::sense) == Sense::Maximise { -1.0 } else { 1.0 };
        let unit = measure.map_or("", |measure| measure.unit(objective));
        sentences.push(format!(
            "{PRICE_OF_FAIRNESS}lifting the worst entry of `{id}` from {:.2} % to {:.2} % would move `{}` from {} to {}.",
            value * 100.0,
            lifted * 100.0,
            objective.id,
            told(sign * before.value, unit),
            told(sign * after.value, unit)
        ));
    }
    Ok(sentences)
}

/// Six digits, enough to see a step of a hundredth, and the unit.
pub(crate) fn told(value: f64, unit: &str) -> String {
    let value = format!("{:.6}", value + 0.0);
    if matches!(unit, "" | "1") { value } else { format!("{value} {unit}") }
}
