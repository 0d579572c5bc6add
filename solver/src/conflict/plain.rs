//! The weights by which a conflict's terms are the plain hm³ of the basin's file: those of the duals with all losses taken out.
//!
//! Each balance, and each rule's row, that bears on what is missing counts once (±1) rather than as far as its water reaches. What the sum
//! of these rows leaves of a flow or storage is then its loss on the way, what evaporates of it, or what of it arrives elsewhere or too
//! late: a line of its own each, made of the flows and storages at the optimum. So all terms add up to what is missing as those of the
//! duals do, and each can be taken from the file and multiplied by hand.
//!
//! Units: hm³.
//! Fails: none, where what is left of a column is no loss that its own entries tell (rules that bear on water on its way, at other weights):
//! the duals' terms are told then.

use std::ops::Range;

use weir_model::case::Case;
use weir_model::kernel::Kernel;

use super::BEARS;
use super::budget::What;
use crate::engine::Solution;
use crate::formulation::Formulation;
use crate::layout::{Key, Quantity, Subject};

/// Entries that differ by less are the same.
const SAME: f64 = 1e-7;

/// By how much each row and column that bears on what is missing is counted; 0 of others.
pub(super) struct Weights {
    pub rows: Vec<f64>,
    pub columns: Vec<f64>,
}

impl Weights {
    /// As far as water reaches: the duals.
    pub(super) fn of(solution: &Solution) -> Self {
        let bearing = |values: &[f64]| values.iter().map(|&value| if value.abs() > BEARS { value } else { 0.0 }).collect();
        Self { rows: bearing(&solution.row_duals), columns: bearing(&solution.reduced_costs) }
    }
}

/// What is left of a column, hm³ a hm³ of it.
#[derive(Default)]
struct Left {
    lost: f64,
    late: f64,
}

/// The plain weights and what is lost, as a term each; none where they do not tell the conflict.
pub(super) fn weights(
    case: &Case,
    formulation: &Formulation,
    solution: &Solution,
    costs: &[f64],
) -> Option<(Weights, Vec<(What, f64)>)> {
    let program = &formulation.program;
    let duals = Weights::of(solution);
    let is_balance = |row: usize| formulation.row_keys[row].family == "balance";
    let weight = |(row, &dual): (usize, &f64)| if is_balance(row) && dual != 0.0 { dual.signum() } else { dual.round() };
    let rows: Vec<f64> = duals.rows.iter().enumerate().map(weight).collect();
    // All of it lacks water, or all of it has too much.
    let mut signs =
        rows.iter().enumerate().filter(|(row, weight)| is_balance(*row) && **weight != 0.0).map(|(_, weight)| *weight);
    let sign = signs.next()?;
    if signs.any(|other| other != sign) {
        return None;
    }
    let mut columns = vec![0.0; duals.columns.len()];
    let (mut ways, mut evaporates, mut late) = (0.0, 0.0, 0.0);
    for (column, key) in formulation.layout.keys.iter().enumerate() {
        let entries: Range<usize> = program.starts[column] as usize..program.starts[column + 1] as usize;
        let entry = |at: usize| (program.indices[at] as usize, program.values[at]);
        let counted: f64 = entries.clone().map(entry).map(|(row, value)| rows[row] * value).sum();
        let rest = costs[column] - counted;
        let hm3 = solution.primal[column];
        if hm3.abs() <= SAME {
            continue;
        }
        let balances = || entries.clone().map(entry).filter(|(row, _)| is_balance(*row));
        // What comes back of a supply is told by itself; what a floor lacks is flow that is not there.
        let is_lack = matches!(key.quantity, Quantity::SupplyLack | Quantity::FlowLack);
        let back: f64 = match key.quantity {
            Quantity::Supply | Quantity::SupplyLack => {
                let back = balances().filter(|(_, value)| (*value > 0.0) == is_lack);
                back.map(|(row, value)| -rows[row] * value).sum()
            }
            _ => 0.0,
        };
        // What does not stand at a bound is no term but by what is lost of it.
        let (back, whole) = if duals.columns[column] == 0.0 { (0.0, 0.0) } else { (back, (rest - back).round()) };
        columns[column] = whole + back;
        let lacks = -sign * (rest - back - whole);
        if (lacks * hm3).abs() <= SAME {
            continue;
        }
        let left = left(case, *key, balances(), &rows)?;
        if (left.lost + left.late - lacks).abs() > SAME {
            return None;
        }
        match key.quantity {
            quantity if is_stored(quantity) => evaporates -= sign * left.lost * hm3,
            _ => ways -= sign * left.lost * hm3,
        }
        late -= sign * left.late * hm3;
    }
    let losses = vec![(What::Ways, ways), (What::Losses, evaporates), (What::Late, late)];
    Some((Weights { rows, columns }, losses))
}

/// Whether a column is of what a storage holds.
const fn is_stored(quantity: Quantity) -> bool {
    matches!(quantity, Quantity::Storage | Quantity::FloodExcess | Quantity::TopExcess)
}

/// What of a flow is lost or arrives where it is not needed, and of a storage evaporates; none of other columns.
fn left(case: &Case, key: Key, balances: impl Iterator<Item = (usize, f64)>, rows: &[f64]) -> Option<Left> {
    let needed = |row: usize| rows[row] != 0.0;
    let arc = match (key.quantity, key.subject) {
        (quantity, _) if is_stored(quantity) => {
            let evaporates = balances.filter(|(row, _)| needed(*row));
            let evaporates = evaporates.map(|(_, value)| if value > 0.0 { value - 1.0 } else { 1.0 + value });
            return Some(Left { lost: evaporates.sum(), late: 0.0 });
        }
        (Quantity::Flow, Subject::Arc(arc)) => &case.network.arcs[arc as usize],
        _ => return None,
    };
    let (mut arrives, mut elsewhere) = (0.0, 0.0);
    for (row, value) in balances.filter(|(_, value)| *value < 0.0) {
        *if needed(row) { &mut arrives } else { &mut elsewhere } -= value;
    }
    let after_end = arc.receivers.iter().map(|receiver| match &receiver.kernel {
        Kernel::Table(table) => receiver.fraction * table.after_end.get(key.step as usize).copied().unwrap_or(0.0),
        Kernel::Instant => 0.0,
    });
    let late = elsewhere + after_end.sum::<f64>();
    let lost = 1.0 - arrives - late;
    (lost >= -SAME).then_some(Left { lost, late })
}
