//! The payoff table: each goal first, the others after it, and with it the ideal, the nadir and the ranges of the goals.

use super::{Live, MethodError, faces};
use crate::program::{Expression, Stage};

/// Differences below this share of the ranges are none.
pub(super) const SAME: f64 = 1e-6;

/// What the goals can reach and what they cost each other.
#[derive(Clone, Debug)]
pub(super) struct Payoff {
    /// The values of all goals, a row a goal that came first.
    pub table: Vec<Vec<f64>>,
    /// The best of each goal.
    pub ideal: Vec<f64>,
    /// The worst of each goal where another comes first.
    pub nadir: Vec<f64>,
    /// Iterations it took.
    pub iterations: u64,
}

impl Payoff {
    /// Solves the table; nothing of it stays kept.
    pub fn of(live: &mut Live, goals: &[Stage]) -> Result<Self, MethodError> {
        live.anchor()?;
        let count = goals.len();
        let mut payoff = Self {
            table: Vec::new(),
            ideal: vec![f64::INFINITY; count],
            nadir: vec![f64::NEG_INFINITY; count],
            iterations: 0,
        };
        for first in 0..count {
            let others = (0..count).filter(|&k| k != first);
            let order: Vec<Stage> = std::iter::once(first).chain(others).map(|k| exact(&goals[k].expression)).collect();
            let answers = faces::run(live, &order, false)?;
            payoff.iterations += answers.iter().map(|answer| answer.iterations).sum::<u64>();
            let point = values(live, goals)?;
            live.release()?;
            for (k, &value) in point.iter().enumerate() {
                payoff.ideal[k] = payoff.ideal[k].min(value);
                payoff.nadir[k] = payoff.nadir[k].max(value);
            }
            payoff.table.push(point);
        }
        Ok(payoff)
    }

    /// The range of a goal; none where it conflicts with no other.
    pub fn range(&self, k: usize) -> Option<f64> {
        let range = self.nadir[k] - self.ideal[k];
        (range > SAME * self.ideal[k].abs().max(self.nadir[k].abs()).max(1.0)).then_some(range)
    }

    /// Places of the goals between ideal (0) and nadir (1); 0 where one has no range.
    pub fn scaled(&self, point: &[f64]) -> Vec<f64> {
        let place = |(k, value): (usize, &f64)| self.range(k).map_or(0.0, |range| (value - self.ideal[k]) / range);
        point.iter().enumerate().map(place).collect()
    }

    /// A weight a goal that makes the goals alike: 1 ÷ range; 1 ÷ nominal where one has no range.
    pub fn weights(&self, goals: &[Stage]) -> Vec<f64> {
        goals.iter().enumerate().map(|(k, stage)| self.range(k).unwrap_or(stage.nominal).recip()).collect()
    }
}

/// The values of all goals at the point found last.
pub(super) fn values(live: &mut Live, goals: &[Stage]) -> Result<Vec<f64>, MethodError> {
    let primal = &live.read()?.primal;
    Ok(goals.iter().map(|stage| stage.expression.value(primal)).collect())
}

/// A stage that is minimised exactly.
pub(super) fn exact(expression: &Expression) -> Stage {
    Stage { expression: expression.clone(), nominal: 1.0, tolerance: 0.0, share: 1.0, leximin: None }
}

/// Σ weight × goal.
pub(super) fn sum(goals: &[Stage], weights: &[f64]) -> Expression {
    let mut terms = std::collections::BTreeMap::new();
    let mut constant = 0.0;
    for (stage, &weight) in goals.iter().zip(weights).filter(|(_, weight)| **weight != 0.0) {
        constant += weight * stage.expression.constant;
        for &(j, cost) in &stage.expression.terms {
            *terms.entry(j).or_insert(0.0) += weight * cost;
        }
    }
    Expression { terms: terms.into_iter().filter(|term| term.1 != 0.0).collect(), constant }
}
