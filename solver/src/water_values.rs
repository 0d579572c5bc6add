//! Water values: by how much each goal changes with a hm³ more at a place in a step, at the basis that the goals ended with.
//!
//! ∂f_k/∂b = y_k + Σ rate × ∂(what a kept row holds)/∂b + Σ reduced cost × ∂(level that a leximin entry is fixed at)/∂b: what an earlier
//! goal comes to with more water changes the later ones with it.
//! Of a goal that later ones may worsen that basis says nothing; nor of a leximin one, since there all entries are fixed, and little of
//! those after it, since fixed entries leave it degenerate: they have the duals of their own solve, and entries those of the round that
//! fixed them, shared alike among those that it fixed.
//!
//! Units: the goal's ÷ hm³. Shape: place × step.
//! Dual: of the balance rows.
//! Limits: in a corner one of the two sides, or something between (docs/explain.md).

use std::collections::BTreeMap;

use weir_model::case::Case;
use weir_model::goals::Goals;
use weir_model::plan::WaterValues;
use weir_model::tolerance;

use crate::engine::EngineError;
use crate::formulation::Formulation;
use crate::methods::{Live, StageAnswer};
use crate::program::{Expression, Stage};
use crate::solve::sign;

/// Water values of every place in every stage in which its water has one; none where the engine tells no basis. Of a method that does not
/// rank its goals no goal has a solve of its own.
pub(crate) fn of(
    (case, goals): (&Case, &Goals),
    formulation: &Formulation,
    (answers, ranks): (&[StageAnswer], bool),
    live: &mut Live,
) -> Result<Vec<WaterValues>, EngineError> {
    let mut found = Vec::new();
    if !live.tells_basis() {
        return Ok(found);
    }
    let places = case.water_places();
    let mut changes = Changes { kept: live.added().cloned().collect(), stages: Vec::new(), entries: BTreeMap::new() };
    for (number, stage) in formulation.stages.iter().enumerate() {
        let answer = answers.get(number).filter(|_| ranks);
        let alone = stage.tolerance > 0.0 || formulation.stages[..=number].iter().any(|stage| stage.leximin.is_some());
        let duals = match answer.and_then(|answer| answer.row_duals.as_ref()).filter(|_| alone) {
            Some(own) => own.clone(),
            None => live.duals_of(&stage.expression)?,
        };
        let own = changes.with(live, &stage.expression, duals);
        if let (Some(answer), Some(leximin)) = (answer, &stage.leximin) {
            // The least of all is a bound of its column, whatever may be lost of each.
            changes.entries.insert(leximin.worst, (true, own.iter().map(|change| -change).collect()));
            changes.of_entries(live, stage, answer);
        }
        let objective = goals.stages.get(number).and_then(|&k| goals.objectives.get(k));
        let sign = objective.map_or(1.0, sign);
        for (address, node) in &places {
            let Some(first) = formulation.balance_rows[node.0] else { continue };
            let own = &own[first..first + formulation.layout.steps];
            if own.iter().any(|dual| dual.abs() > tolerance::DUAL * stage.nominal.max(1.0)) {
                let values = own.iter().map(|dual| sign * dual + 0.0).collect();
                found.push(WaterValues { address: address.clone(), stage: number, values, sides: None });
            }
        }
        changes.stages.push((stage.expression.clone(), own));
    }
    Ok(found)
}

/// What is known of how goals change with what stands in each row of the program.
struct Changes {
    /// Rows that keep stages, or entries of a leximin one.
    kept: Vec<Expression>,
    /// Each stage so far, with its change by row.
    stages: Vec<(Expression, Vec<f64>)>,
    /// Change of the level of each leximin entry, and of the least of them, by its column; and whether a bound of the column is there.
    entries: BTreeMap<usize, (bool, Vec<f64>)>,
}

impl Changes {
    /// The change of an expression that has these duals: of the program's own rows, then of those that keep stages.
    fn with(&self, live: &Live, expression: &Expression, mut duals: Vec<f64>) -> Vec<f64> {
        let rows = live.program().rows();
        let fixed = self.entries.iter().filter(|(_, (is_fixed, _))| *is_fixed);
        let reduced = if self.entries.is_empty() {
            Vec::new()
        } else {
            live.reduced_costs(&expression.dense(live.program().columns()), &duals)
        };
        let held = duals.split_off(rows.min(duals.len()));
        let mut add =
            |rate: f64, change: &[f64]| duals.iter_mut().zip(change).for_each(|(dual, change)| *dual += rate * change);
        for (row, rate) in self.kept.iter().zip(held).filter(|(_, rate)| *rate != 0.0) {
            if let Some((_, change)) = self.stages.iter().rfind(|(stage, _)| stage.terms == row.terms) {
                add(rate, change);
            } else if let [(column, factor)] = row.terms[..]
                && let Some((_, change)) = self.entries.get(&column)
            {
                add(rate * factor, change);
            }
        }
        for (&column, (_, change)) in fixed {
            add(reduced[column], change);
        }
        duals
    }

    /// Learns from the rounds of a leximin stage how the levels of its entries change.
    fn of_entries(&mut self, live: &Live, stage: &Stage, answer: &StageAnswer) {
        for round in &answer.rounds {
            let whole: f64 = round.weights.iter().map(|weight| weight.1).sum();
            let least = Expression {
                terms: round.weights.iter().map(|&(column, weight)| (column, -weight / whole)).collect(),
                constant: 0.0,
            };
            let duals = round.row_duals.iter().map(|dual| dual / whole).collect();
            let change: Vec<f64> = self.with(live, &least, duals).iter().map(|change| -change).collect();
            // An entry that this round only met is in a later one again.
            for &(column, _) in &round.weights {
                self.entries.insert(column, (stage.tolerance == 0.0, change.clone()));
            }
        }
    }
}
