//! Reference point: as near to wished values as can be, by the worst of them.
//!
//! max t + ρ Σ (a_k − f_k) ÷ R_k with t ≤ (a_k − f_k) ÷ R_k: t is by how many ranges every goal beats its aspiration a_k at
//! least (or, below 0, misses it at most). The ranges R_k are those of the payoff table; ρ leaves no point that another
//! dominates. A wish that all goals can beat is beaten by all alike. Of points that are equally near, goals take the best in their order.
//!
//! Fails: a goal without a range (it never conflicts) takes its nominal for one.
//!
//! Source: Wierzbicki 1980, achievement scalarising functions.

use super::payoff::{Payoff, exact, sum, values};
use super::{Live, Method, MethodError, Order, StageAnswer, faces};
use crate::program::{Expression, Stage};

/// Achievement of aspirations.
#[derive(Clone, Debug, Default)]
pub struct ReferencePoint {
    /// Value aimed at by each goal, as it is minimised; the ideal where none is given.
    pub aspirations: Vec<f64>,
}

/// Weight of the sum against the worst.
const SUM: f64 = 1e-3;

impl Method for ReferencePoint {
    fn word(&self) -> &'static str {
        "reference_point"
    }

    fn goals(&self, live: &mut Live, order: &Order<'_>) -> Result<Vec<StageAnswer>, MethodError> {
        let goals = order.goals;
        let payoff = Payoff::of(live, goals)?;
        let weights = payoff.weights(goals);
        let aims: Vec<f64> =
            payoff.ideal.iter().enumerate().map(|(k, ideal)| *self.aspirations.get(k).unwrap_or(ideal)).collect();
        // Every point of the table misses no aim by more than its nadir does, and none beats one by more than its ideal.
        let beats = |values: &[f64]| -> Vec<f64> {
            values.iter().zip(&aims).zip(&weights).map(|((value, aim), weight)| (aim - value) * weight).collect()
        };
        let least = beats(&payoff.nadir).into_iter().fold(f64::INFINITY, f64::min) - 1.0;
        let most = beats(&payoff.ideal).into_iter().fold(f64::NEG_INFINITY, f64::max) + 1.0;
        let t = live.add_columns(&[(least, most)])?;
        for ((stage, aim), weight) in goals.iter().zip(&aims).zip(&weights) {
            let mut terms = stage.expression.terms.clone();
            terms.push((t, weight.recip()));
            live.add_row(f64::NEG_INFINITY, aim - stage.expression.constant, terms)?;
        }
        let scaled: Vec<f64> = weights.iter().map(|weight| SUM * weight).collect();
        let Expression { mut terms, constant } = sum(goals, &scaled);
        terms.push((t, -1.0));
        let nearest = faces::solve(live, &exact(&Expression { terms, constant }), false)?;
        let order: Vec<Stage> = goals.iter().map(|goal| exact(&goal.expression)).collect();
        let tied = faces::run(live, &order, false)?;
        let reached = values(live, goals)?;
        let answer = |(k, (&value, tied)): (usize, (&f64, &StageAnswer))| StageAnswer {
            value,
            outcome: nearest.outcome.clone(),
            iterations: tied.iterations + if k == 0 { payoff.iterations + nearest.iterations } else { 0 },
            row_duals: None,
            rounds: Vec::new(),
        };
        Ok(reached.iter().zip(&tied).enumerate().map(answer).collect())
    }
}
