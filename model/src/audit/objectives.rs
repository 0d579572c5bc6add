//! Every objective measured, and each stage's value against its measure.

use super::Rule;
use super::ledger::Ledger;
use crate::case::Case;
use crate::goals::{Goals, Sense};
use crate::measures::measure;
use crate::plan::Decisions;
use crate::tolerance::OBJECTIVE;

/// Value of every objective.
pub(super) fn measure_all(case: &Case, goals: &Goals, decisions: &Decisions) -> Vec<Option<f64>> {
    let objectives = goals.objectives.iter();
    objectives.map(|objective| measure(&objective.kind).map(|m| m.value(case, objective, decisions))).collect()
}

/// A stage's measure is no worse than its value beyond its tolerance, and an optimal one is no better.
pub(super) fn stages(ledger: &mut Ledger, goals: &Goals, measured: &[Option<f64>]) {
    let plan = ledger.plan;
    for stage in &plan.stages {
        let index = goals.objectives.iter().position(|objective| objective.id == stage.objective);
        let Some(value) = index.and_then(|index| measured[index]) else {
            ledger.record(Rule::Objective, None, f64::INFINITY, false, &stage.unit, || stage.objective.clone());
            continue;
        };
        let worse = match stage.sense {
            Sense::Minimise => value - stage.value,
            Sense::Maximise => stage.value - value,
        };
        let scale = stage.value.abs().max(1.0);
        let beyond = (worse - stage.tolerance).max(if stage.outcome == "optimal" { -worse } else { 0.0 });
        let kept = beyond <= OBJECTIVE * scale;
        ledger.record(Rule::Objective, None, beyond / scale, kept, "relative", || stage.objective.clone());
    }
}
