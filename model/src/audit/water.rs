//! Shapes, starts, balances and sources.

use super::Rule;
use super::ledger::Ledger;
use crate::network::{NodeKind, Take};
use crate::water::Motion;

/// One finite number an arc, storage or portion and step; false where that is not so.
pub(super) fn shapes_and_numbers(ledger: &mut Ledger) -> bool {
    let (case, decisions) = (ledger.case, &ledger.plan.decisions);
    let steps = case.horizon.steps();
    let arrays = [
        ("flow", &decisions.flow_m3s, (case.network.arcs.len(), steps)),
        ("storage", &decisions.storage_hm3, (case.network.storages().count(), steps + 1)),
        ("supply", &decisions.supply_m3s, (case.network.portions().count(), steps)),
    ];
    let mut whole = true;
    for (word, array, shape) in arrays {
        let right = array.dim() == shape;
        whole &= right;
        let address = || format!("{word}: {:?} values, expected {shape:?}", array.dim());
        ledger.record(Rule::Shape, None, if right { 0.0 } else { f64::INFINITY }, right, "1", address);
        for ((row, step), value) in array.indexed_iter() {
            let finite = value.is_finite();
            whole &= finite;
            if !finite {
                ledger.record(Rule::Number, Some(step), *value, false, "1", || format!("{word} {row}"));
            }
        }
    }
    whole
}

/// Storage at the start.
pub(super) fn start(ledger: &mut Ledger) {
    let case = ledger.case;
    for (row, (node, storage)) in case.network.storages().enumerate() {
        let size = (ledger.plan.decisions.storage_hm3[[row, 0]] - storage.initial_hm3).abs();
        ledger.check(Rule::Start, 0, size, || case.network.nodes[node.0].id.clone());
    }
}

/// What arrives, what leaves, what is lost and what stays.
pub(super) fn balances(ledger: &mut Ledger, motion: &Motion) {
    let case = ledger.case;
    let mut storage_row = 0;
    for (index, node) in case.network.nodes.iter().enumerate() {
        let row = storage_row;
        storage_row += usize::from(matches!(node.kind, NodeKind::Storage(_)));
        for step in 0..case.horizon.steps() {
            let (arriving, leaving) = (motion.arriving[[index, step]], motion.leaving[[index, step]]);
            let residual = match &node.kind {
                NodeKind::Storage(storage) => {
                    let stored = &ledger.plan.decisions.storage_hm3;
                    let (before, after) = (stored[[row, step]], stored[[row, step + 1]]);
                    before + arriving - leaving - case.loss(storage, step, 0).hm3(before, after) - after
                }
                NodeKind::Junction => arriving - leaving,
                NodeKind::Demand(_) => arriving - leaving - motion.supply[[index, step]],
                NodeKind::Source(_) | NodeKind::Sink => continue,
            };
            ledger.check(Rule::Balance, step, residual.abs(), || node.id.clone());
        }
    }
}

/// Given water is taken, available water is not exceeded.
pub(super) fn sources(ledger: &mut Ledger, motion: &Motion) {
    let case = ledger.case;
    for (index, node) in case.network.nodes.iter().enumerate() {
        let NodeKind::Source(source) = &node.kind else { continue };
        for step in 0..case.horizon.steps() {
            let gives_hm3 = case.at(&source.flow, step, 0) * case.hm3_per_m3s(step);
            let leaving_hm3 = motion.leaving[[index, step]];
            let size = match source.take {
                Take::Given => (leaving_hm3 - gives_hm3).abs(),
                Take::Available => leaving_hm3 - gives_hm3.max(0.0),
            };
            ledger.check(Rule::Source, step, size, || node.id.clone());
        }
    }
}
