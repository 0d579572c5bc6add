//! A bound on what a plan can reach at best, which holds in exact arithmetic whatever the duals are.
//!
//! For f = c·x + c₀ and any y, over all x with row_lower ≤ A x ≤ row_upper and column_lower ≤ x ≤ column_upper:
//!
//! f(x) ≥ c₀ + Σ_i min(y_i row_lower_i, y_i row_upper_i) + Σ_j min over column_lower_j ≤ x_j ≤ column_upper_j of (c − Aᵀ y)_j x_j.
//!
//! Every sum is enclosed ([`Sum`](super::sum::Sum)), and what is summed is rounded downward: the duals may be wrong, the bound
//! is not.
//!
//! Fails: no bound where a dual is not a number, where its sign asks for a side that a row does not have, or where a column lacks
//! a bound that its reduced cost, as far as it is enclosed, may ask for.
//!
//! Source: Neumaier & Shcherbina 2004, safe bounds in linear and mixed-integer linear programming.

use super::sum::Sum;
use crate::program::{Expression, Program};

/// What is kept, with its price: the expression's value is at most `at`.
#[derive(Clone, Copy, Debug)]
pub struct Kept<'a> {
    /// Expression.
    pub expression: &'a Expression,
    /// Its greatest value.
    pub at: f64,
    /// Rate, ≥ 0: what a unit beyond it counts.
    pub rate: f64,
}

/// The greatest number known to be at most f(x) + Σ rate × (kept(x) − at) for every x of the program.
pub fn safe_bound(program: &Program, objective: &Expression, kept: &[Kept<'_>], duals: &[f64]) -> Option<f64> {
    let sound = duals.len() == program.rows()
        && duals.iter().all(|dual| dual.is_finite())
        && kept.iter().all(|kept| kept.rate >= 0.0 && kept.rate.is_finite() && kept.at.is_finite());
    if !sound {
        return None;
    }
    let mut reduced = vec![Sum::default(); program.columns()];
    let mut total = Sum::default();
    total.add(objective.constant);
    for &(j, cost) in &objective.terms {
        reduced[j].add(cost);
    }
    for kept in kept.iter().filter(|kept| kept.rate > 0.0) {
        for &(j, cost) in &kept.expression.terms {
            reduced[j].add_product(kept.rate, cost);
        }
        total.add_product(kept.rate, kept.expression.constant);
        total.add_product(kept.rate, -kept.at);
    }
    for (i, &dual) in duals.iter().enumerate().filter(|(_, dual)| **dual != 0.0) {
        let side = if dual > 0.0 { program.row_lower[i] } else { program.row_upper[i] };
        if !side.is_finite() {
            return None;
        }
        total.add_product(dual, side);
    }
    for (j, reduced) in reduced.iter_mut().enumerate() {
        for at in program.starts[j] as usize..program.starts[j + 1] as usize {
            let dual = duals[program.indices[at] as usize];
            if dual != 0.0 {
                reduced.add_product(-program.values[at], dual);
            }
        }
        least(reduced.enclosed(), (program.column_lower[j], program.column_upper[j]), &mut total)?;
    }
    Some(total.enclosed().0).filter(|bound| bound.is_finite())
}

/// Adds the least of d × x to a total, d and x anywhere between their bounds; none where there is no least.
fn least(d: (f64, f64), x: (f64, f64), total: &mut Sum) -> Option<()> {
    if d == (0.0, 0.0) {
        return Some(());
    }
    let lacks_lower = !x.0.is_finite() && d.1 > 0.0;
    let lacks_upper = !x.1.is_finite() && d.0 < 0.0;
    if lacks_lower || lacks_upper || !d.0.is_finite() || !d.1.is_finite() {
        return None;
    }
    let at_lower = (if x.0 >= 0.0 { d.0 } else { d.1 }, x.0);
    let at_upper = (if x.1 >= 0.0 { d.0 } else { d.1 }, x.1);
    if d.0 >= 0.0 {
        total.add_product(at_lower.0, at_lower.1);
    } else if d.1 <= 0.0 {
        total.add_product(at_upper.0, at_upper.1);
    } else {
        total.add((at_lower.0 * at_lower.1).min(at_upper.0 * at_upper.1).next_down());
    }
    Some(())
}
