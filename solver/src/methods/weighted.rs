//! Weighted: one program, Σ share × objective ÷ nominal, with scales as the file states them and none hidden.

use super::faces::{minimise_closely, optimal_face};
use super::live::kept_by_row;
use super::{Live, Method, MethodError, Order, StageAnswer, scale};
use crate::program::{Expression, Stage};

/// One program of weighted objectives.
#[derive(Clone, Copy, Debug)]
pub struct Weighted;

impl Method for Weighted {
    fn word(&self) -> &'static str {
        "weighted"
    }

    fn goals(&self, live: &mut Live, order: &Order<'_>) -> Result<Vec<StageAnswer>, MethodError> {
        let columns = live.program().columns();
        let mut costs = vec![0.0; columns];
        let mut constant = 0.0;
        for stage in order.goals {
            let weight = stage.share / stage.nominal;
            constant += weight * stage.expression.constant;
            for &(j, cost) in &stage.expression.terms {
                costs[j] += weight * cost;
            }
        }
        let terms = costs.iter().copied().enumerate().filter(|term| term.1 != 0.0).collect();
        let sum =
            Stage { expression: Expression { terms, constant }, nominal: 1.0, tolerance: 0.0, share: 1.0, leximin: None };
        let factor = scale(&sum.expression.terms);
        for cost in &mut costs {
            *cost *= factor;
        }
        live.minimises(factor, constant);
        let run = minimise_closely(live, &costs, (&sum.expression, factor))?;
        if !run.outcome.has_point() {
            return Err(MethodError::Unsolved { stage: 0, outcome: run.outcome });
        }
        let solution = live.read()?.clone();
        let value = sum.expression.value(&solution.primal);
        let told = order.duals && solution.has_duals();
        let duals: Option<Vec<f64>> = told.then(|| solution.row_duals.iter().map(|dual| dual / factor).collect());
        let face = if live.tells_faces() { optimal_face(live, &solution, &sum, value) } else { kept_by_row(&sum, value) };
        live.keep(face);
        let answer = |(number, stage): (usize, &Stage)| StageAnswer {
            value: stage.expression.value(&solution.primal),
            outcome: run.outcome.clone(),
            iterations: if number == 0 { run.iterations } else { 0 },
            row_duals: duals.clone().filter(|_| number == 0),
            rounds: Vec::new(),
        };
        Ok(order.goals.iter().enumerate().map(answer).collect())
    }
}
