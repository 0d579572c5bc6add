//! Exchange rates between goals in order: what an earlier one would have to give for a unit of the next.
//!
//! At the basis that the last goal ended with, d_k = c_k − Aᵀ y_k are each goal's reduced costs. For goal k choose λ_{k−1}, then
//! λ_{k−2}, … λ_1, each the least ≥ 0 that gives d_k + Σ λ_j d_j the right sign on the columns and rows whose first non-zero
//! among d_1 … d_{k−1} is that goal's. Then f_k(x) + Σ λ_j (f_j(x) − f_j*) ≥ f_k* for every feasible x, so a unit more of
//! goal k − 1 takes at most λ_{k−1} off goal k; where the optimum is not degenerate, exactly that, for a small enough step.
//!
//! Fails: no rate where a sign that the order needs is wrong at that basis, or where rows or the rounds of a leximin stage keep
//! earlier goals.

use weir_model::tolerance::SOLVER_DUAL;

use super::{Live, scale, scaled_costs};
use crate::engine::{EngineError, Standing};
use crate::program::Stage;

/// For each goal but the last, by how much one unit of it betters the next goal at most, in their own units.
pub(super) fn rates(live: &mut Live, goals: &[Stage]) -> Result<Vec<Option<f64>>, EngineError> {
    let Some(pairs) = goals.len().checked_sub(1) else { return Ok(Vec::new()) };
    let none = Ok(vec![None; pairs]);
    if pairs == 0 || !live.tells_faces() || goals.iter().any(|goal| goal.tolerance > 0.0 || goal.leximin.is_some()) {
        return none;
    }
    let columns = live.program().columns();
    let factors: Vec<f64> = goals.iter().map(|goal| scale(&goal.expression.terms)).collect();
    let costs: Vec<Vec<f64>> = goals
        .iter()
        .zip(&factors)
        .map(|(goal, factor)| goal.expression.dense(columns).into_iter().map(|cost| cost * factor).collect())
        .collect();
    let views: Vec<&[f64]> = costs.iter().map(Vec::as_slice).collect();
    let duals = live.session().duals_of(&views)?;
    let Some(signs) = signs(live)? else { return none };
    let mut reduced: Vec<Vec<f64>> = Vec::with_capacity(goals.len());
    for (costs, duals) in costs.iter().zip(&duals) {
        let own = live.reduced_costs(costs, duals).into_iter().chain(duals.iter().copied());
        reduced.push(own.zip(&signs).map(|(d, sign)| d * sign).collect());
    }
    let mut found = Vec::with_capacity(pairs);
    for next in 1..goals.len() {
        let rate = multiplier(&reduced[..=next]);
        found.push(rate.map(|rate| rate * factors[next - 1] / factors[next]));
    }
    Ok(found)
}

/// λ_{k−1} of the last of these goals; none where the basis does not prove the order.
fn multiplier(reduced: &[Vec<f64>]) -> Option<f64> {
    let (multipliers, settled) = multipliers(&reduced.iter().map(Vec::as_slice).collect::<Vec<_>>(), SOLVER_DUAL);
    multipliers.last().copied().filter(|_| settled)
}

/// λ of each of these goals but the last, and whether with them no sign of the last is wrong. Of each goal, the reduced costs of
/// columns and rows are ≥ 0 where their sign is right, and 0 where they have none; up to `nothing` they count as 0.
pub(crate) fn multipliers(reduced: &[&[f64]], nothing: f64) -> (Vec<f64>, bool) {
    let Some((last, earlier)) = reduced.split_last() else { return (Vec::new(), true) };
    let count = last.len();
    let mut sum = last.to_vec();
    let mut found = vec![0.0; earlier.len()];
    let mut settled = true;
    let first: Vec<Option<usize>> =
        (0..count).map(|number| earlier.iter().position(|d| d[number].abs() > nothing)).collect();
    for (goal, own) in earlier.iter().enumerate().rev() {
        let of_goal = || (0..count).filter(|&number| first[number] == Some(goal));
        settled &= of_goal().all(|number| own[number] >= 0.0);
        let short = |&number: &usize| sum[number] < -nothing && own[number] > 0.0;
        let rate = of_goal().filter(short).map(|number| -sum[number] / own[number]).fold(0.0, f64::max);
        for (sum, d) in sum.iter_mut().zip(*own) {
            *sum += rate * d;
        }
        found[goal] = rate;
    }
    settled &= (0..count).filter(|&number| first[number].is_none()).all(|number| sum[number] >= -nothing);
    (found, settled)
}

/// For each column, then row: +1 at its lower bound as the program has it, −1 at its upper, 0 where it is basic or cannot move.
/// None where a row that keeps a goal holds the basis.
fn signs(live: &mut Live) -> Result<Option<Vec<f64>>, EngineError> {
    let basis = live.session().basis()?;
    let program = live.program();
    let (columns, rows) = (program.columns(), program.rows());
    let sign = |standing: Standing, now: (f64, f64), own: (f64, f64)| {
        let at = if standing == Standing::Upper { now.1 } else { now.0 };
        match standing {
            Standing::Basic | Standing::Zero => 0.0,
            _ if own.0 == own.1 => 0.0,
            _ if at == own.0 => 1.0,
            _ => -1.0,
        }
    };
    let mut signs = Vec::with_capacity(columns + basis.rows.len());
    for (j, &standing) in basis.columns.iter().enumerate() {
        signs.push(sign(standing, live.column(j), (program.column_lower[j], program.column_upper[j])));
    }
    for (i, &standing) in basis.rows.iter().enumerate() {
        if i >= rows {
            if standing != Standing::Basic {
                return Ok(None);
            }
            signs.push(0.0);
        } else {
            signs.push(sign(standing, live.row(i), (program.row_lower[i], program.row_upper[i])));
        }
    }
    Ok(Some(signs))
}

/// What slack in each goal but the last buys in the next, by a solve each with rows on all goals: (slack, gain).
///
/// # Errors
/// If the engine cannot be asked.
pub fn bought(live: &mut Live, goals: &[Stage], values: &[f64]) -> Result<Vec<Option<(f64, f64)>>, EngineError> {
    live.release()?;
    let most = |k: usize| {
        let goal = &goals[k];
        let exact = weir_model::tolerance::DUAL * values[k].abs().max(1.0);
        values[k] - goal.expression.constant + exact
    };
    let mut rows = Vec::with_capacity(goals.len());
    for (k, goal) in goals.iter().enumerate().take(goals.len().saturating_sub(1)) {
        rows.push((
            live.add_row(f64::NEG_INFINITY, f64::INFINITY, goal.expression.terms.clone())?,
            most(k) + goal.tolerance,
        ));
    }
    let mut found = Vec::with_capacity(rows.len());
    for (k, &(row, upper)) in rows.iter().enumerate() {
        let size = if values[k].abs() > goals[k].tolerance.max(SOLVER_DUAL) { values[k].abs() } else { goals[k].nominal };
        let slack = SHARE * size;
        live.set_added_bounds(row, f64::NEG_INFINITY, upper + slack)?;
        let next = &goals[k + 1].expression;
        let (costs, _) = scaled_costs(next, live.program().columns());
        let run = live.minimise(&costs, crate::engine::Algorithm::Primal)?;
        if run.outcome.has_point() {
            let reached = next.value(&live.read()?.primal);
            let gain = values[k + 1] - reached;
            let noise = weir_model::tolerance::OBJECTIVE * values[k + 1].abs().max(1.0);
            found.push(Some((slack, if gain > noise { gain } else { 0.0 })));
        } else {
            found.push(None);
        }
        live.set_added_bounds(row, f64::NEG_INFINITY, upper)?;
    }
    Ok(found)
}

/// Slack that is tried, of a goal's value; of its nominal where that is 0.
const SHARE: f64 = 0.01;
