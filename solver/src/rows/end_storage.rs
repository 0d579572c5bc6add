//! Storage wanted at the end of the horizon, where no bound of the storage's column can say it.
//!
//! Soft: s[T] + on its way + lack ≥ wanted, where on its way is what arrives at the storage itself after the end: Σ fraction × share
//! after the end × what left (arcs and return flows), and what left before the start.
//! Hard: s[T] + lack ≥ wanted, only where it lies above the flood limit or the top of the last step, or under a start below the dead
//! level (elsewhere it is a bound).
//! Rows: at most one a storage. Columns: one where soft, else only where rules are open. Units: hm³.
//! Dual: what one hm³ less wanted at the end would change in the objective.

use weir_model::kernel::Kernel;
use weir_model::network::{ArcId, NodeId, Receiver, RuleClass};

use super::RowFamily;
use crate::builder::{Builder, Soft};
use crate::layout::{Open, Quantity, Sparse, Subject};

pub(super) struct EndStorages;

impl RowFamily for EndStorages {
    fn word(&self) -> &'static str {
        "end_storage"
    }

    fn add(&self, builder: &mut Builder) {
        let case = builder.case;
        let (steps, members) = (builder.layout.steps, builder.layout.members);
        for (index, (node, storage)) in case.network.storages().enumerate() {
            let mut soft = Sparse::default();
            if let Some(end) = storage.end.filter(|_| steps > 0) {
                let subject = Subject::Node(node.0 as u32);
                for member in 0..members {
                    let at = (steps - 1, member);
                    if builder.end_bound(storage, at.0, member).is_some() {
                        continue;
                    }
                    let lower = builder.storage_range(storage, at.0, member).0;
                    let row = builder.row(self.word(), subject, at, end.storage_hm3, f64::INFINITY);
                    builder.add_storage(row, index, steps, member, 1.0);
                    let width = end.storage_hm3 - lower.min(end.storage_hm3).min(storage.initial_hm3).min(0.0);
                    if !end.hard {
                        add_on_its_way(builder, row, node, member, 1.0);
                        let column = builder.column(subject, Quantity::EndLack, at, 0.0, width);
                        builder.matrix.add(row, column, 1.0);
                        builder.soft.push(Soft { column, class: RuleClass::Operational });
                        soft.set(member, members, column);
                    } else if builder.open > Open::Nothing {
                        let column =
                            builder.breach(subject, Quantity::EndLack, at, Some(RuleClass::Operational), (0.0, width));
                        builder.matrix.add(row, column, 1.0);
                    }
                }
            }
            builder.layout.soft_ends.push(soft);
        }
    }
}

/// Adds the water that is still on its way to a node at the end.
pub(crate) fn add_on_its_way(builder: &mut Builder, row: usize, node: NodeId, member: usize, coefficient: f64) {
    let network = &builder.case.network;
    for (index, arc) in network.arcs.iter().enumerate() {
        for receiver in arc.receivers.iter().filter(|receiver| receiver.node == node) {
            late(builder, row, receiver, coefficient, |builder, step, weight| {
                builder.add_flow(row, ArcId(index), (step, member), weight);
            });
        }
    }
    for (at, demand) in network.demands() {
        let portions = builder.layout.portions_of[at.0].clone();
        for receiver in demand.returns.iter().filter(|receiver| receiver.node == node) {
            late(builder, row, receiver, coefficient, |builder, step, weight| {
                for portion in portions.clone() {
                    builder.add_supply(row, portion, (step, member), weight);
                }
            });
        }
    }
}

/// Adds what reaches a receiver after the end: for each departure step its weight, and what left before the start.
fn late(
    builder: &mut Builder,
    row: usize,
    receiver: &Receiver,
    coefficient: f64,
    mut add: impl FnMut(&mut Builder, usize, f64),
) {
    let Kernel::Table(table) = &receiver.kernel else { return };
    for (step, &share) in table.after_end.iter().enumerate().filter(|(_, share)| **share > 0.0) {
        add(builder, step, coefficient * receiver.fraction * share);
    }
    builder.matrix.add_constant(row, coefficient * receiver.fraction * table.from_before_after_end_hm3);
}
