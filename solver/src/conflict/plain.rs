//! The weights by which a conflict's terms are the plain hm³ of the basin's file: those of the duals with all losses taken out.
//!
//! Each balance, and each rule's row, that bears on what is missing counts once (±1) rather than as far as its water reaches; the balance of
//! a junction from which water runs on over several steps counts by the part that comes when it is needed. What the sum
//! of these rows leaves of a flow or storage is then its loss on the way, what evaporates of it, or what of it arrives elsewhere or too
//! late: a line of its own each, made of the flows and storages at the optimum. So all terms add up to what is missing as those of the
//! duals do, and each can be taken from the file and multiplied by hand.
//!
//! Units: hm³.
//! Fails: none, where what is left of a column is no loss that its own entries tell (rules that bear on water on its way, at other weights):
//! the duals' terms are told then.

use std::collections::BTreeMap;
use std::ops::Range;

use weir_model::case::Case;
use weir_model::kernel::Kernel;
use weir_model::network::{Arc, NodeKind};

use super::BEARS;
use super::budget::{By, What};
use crate::builder::RowKey;
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
    let mut rows: Vec<f64> = duals.rows.iter().enumerate().map(weight).collect();
    // All of it lacks water, or all of it has too much.
    let mut signs =
        rows.iter().enumerate().filter(|(row, weight)| is_balance(*row) && **weight != 0.0).map(|(_, weight)| *weight);
    let sign = signs.next()?;
    if signs.any(|other| other != sign) {
        return None;
    }
    by_part(case, formulation, (solution, &duals), &mut rows);
    let mut columns = vec![0.0; duals.columns.len()];
    let (mut ways, mut late) = (0.0, 0.0);
    let mut evaporates: BTreeMap<By, f64> = BTreeMap::new();
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
        let lost = lost(case, *key, balances(), &rows);
        // What does not stand at a bound is no term but by what is lost of it.
        let (back, whole) = match lost {
            _ if duals.columns[column] == 0.0 => (0.0, 0.0),
            Some(lost) if !is_stored(key.quantity) => (back, rest - back + sign * lost),
            _ => (back, (rest - back).round()),
        };
        columns[column] = whole + back;
        let lacks = -sign * (rest - back - whole);
        if (lacks * hm3).abs() <= SAME {
            continue;
        }
        let lost = lost?;
        let is_late = lacks - lost;
        if lost < -SAME || is_late < -SAME || is_stored(key.quantity) && is_late > SAME {
            return None;
        }
        match by(case, *key) {
            Some(by) => *evaporates.entry(by).or_default() -= sign * lost * hm3,
            None => ways -= sign * lost * hm3,
        }
        late -= sign * is_late * hm3;
    }
    let stored = evaporates.into_iter().map(|(by, hm3)| (What::Losses(by), hm3));
    let losses = stored.chain([(What::Ways, ways), (What::Late, late)]).collect();
    Some((Weights { rows, columns }, losses))
}

/// How what a column stores is lost; none of what flows.
fn by(case: &Case, key: Key) -> Option<By> {
    let Subject::Node(node) = key.subject else { return None };
    match &case.network.nodes[node as usize].kind {
        NodeKind::Storage(storage) if is_stored(key.quantity) => Some(By::of(storage)),
        _ => None,
    }
}

/// Whether a column is of what a storage holds.
const fn is_stored(quantity: Quantity) -> bool {
    matches!(quantity, Quantity::Storage | Quantity::FloodExcess | Quantity::TopExcess)
}

/// What is lost of a hm³ of a flow that comes where and when it is needed, or evaporates of one that is stored; none of other columns.
fn lost(case: &Case, key: Key, balances: impl Iterator<Item = (usize, f64)>, rows: &[f64]) -> Option<f64> {
    if is_stored(key.quantity) {
        let needed = balances.filter(|(row, _)| rows[*row] != 0.0);
        return Some(needed.map(|(_, value)| if value > 0.0 { value - 1.0 } else { 1.0 + value }).sum());
    }
    let (Quantity::Flow, Subject::Arc(arc)) = (key.quantity, key.subject) else { return None };
    let (needed, all) = arrives(&case.network.arcs[arc as usize], key.step as usize, balances, rows);
    Some(if all > 0.0 { needed / all - needed } else { 0.0 })
}

/// What of a hm³ of a flow comes where and when it is needed, each balance by its weight, and what of it comes at all.
fn arrives(arc: &Arc, step: usize, balances: impl Iterator<Item = (usize, f64)>, rows: &[f64]) -> (f64, f64) {
    let after_end = arc.receivers.iter().map(|receiver| match &receiver.kernel {
        Kernel::Table(table) => receiver.fraction * table.after_end.get(step).copied().unwrap_or(0.0),
        Kernel::Instant => 0.0,
    });
    let start = (0.0, after_end.sum::<f64>());
    let enter = balances.filter(|(_, value)| *value < 0.0);
    enter.fold(start, |(needed, all), (row, value)| (needed - value * rows[row].abs(), all - value))
}

/// Lowers the weights of junctions' balances to the part of their water that comes where and when it is needed. What a storage holds can
/// wait, and counts whole; so does water that a rule bears on where it leaves.
fn by_part(case: &Case, formulation: &Formulation, (solution, duals): (&Solution, &Weights), rows: &mut [f64]) {
    let program = &formulation.program;
    let is_junction = |row: usize| match formulation.row_keys[row] {
        RowKey { family: "balance", subject: Subject::Node(node), .. } => {
            matches!(case.network.nodes[node as usize].kind, NodeKind::Junction)
        }
        _ => false,
    };
    let is_balance = |row: &usize| formulation.row_keys[*row].family == "balance";
    // Water runs through each junction at most once.
    for _ in &case.network.nodes {
        let mut parts: BTreeMap<usize, f64> = BTreeMap::new();
        for (column, key) in formulation.layout.keys.iter().enumerate().filter(|(column, _)| solution.primal[*column] > SAME)
        {
            let (Quantity::Flow, Subject::Arc(arc)) = (key.quantity, key.subject) else { continue };
            let entries = || {
                let entries = program.starts[column] as usize..program.starts[column + 1] as usize;
                entries.map(|at| (program.indices[at] as usize, program.values[at]))
            };
            let leaves = |&(row, value): &(usize, f64)| value > 0.0 && rows[row] != 0.0 && is_junction(row);
            let Some((row, _)) = entries().find(leaves) else { continue };
            let bears = entries().any(|(row, _)| !is_balance(&row) && duals.rows[row] != 0.0);
            let balances = entries().filter(|(row, _)| is_balance(row));
            let (needed, all) = arrives(&case.network.arcs[arc as usize], key.step as usize, balances, rows);
            let part = if bears || duals.columns[column] != 0.0 || all <= 0.0 { 1.0 } else { needed / all };
            let most = parts.entry(row).or_default();
            *most = most.max(part);
        }
        let mut changed = false;
        for (row, part) in parts {
            let weight = rows[row].signum() * part;
            changed |= (weight - rows[row]).abs() > SAME;
            rows[row] = weight;
        }
        if !changed {
            return;
        }
    }
}
