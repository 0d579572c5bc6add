//! Water balance of storages, junctions and demands.
//!
//! Storage: (1 + k) s[t] − (1 − k) s[t−1] + constant loss + Σ leaving − Σ arriving = 0, with the loss of
//! [`Case::loss`](weir_model::case::Case::loss); junction: Σ leaving − Σ arriving = 0, left out where it
//! only passes on what arrives (what leaves *is* that sum); demand: Σ supply − Σ arriving = 0, left out where one lossless arc alone
//! delivers (its flow *is* the supply). Arriving: fraction × kernel weight × what left, the
//! water on its way at the start included, and the return flow of demands.
//! Rows: T a node that has any. Given inflow, and what left before the start, stand on the right-hand side.
//! Dual: what one hm³ more, there and then, changes in the objective: the water value at a storage.

use std::collections::BTreeSet;

use weir_model::kernel::Kernel;
use weir_model::network::{Arc, ArcId, NodeKind, Receiver};

use super::RowFamily;
use crate::builder::{Builder, taken};
use crate::layout::{FlowColumns, Open, Quantity, Subject};

pub(super) struct Balance;

impl RowFamily for Balance {
    fn word(&self) -> &'static str {
        "balance"
    }

    fn add(&self, builder: &mut Builder) {
        add_rows(builder, self.word());
        let network = &builder.case.network;
        for (index, arc) in network.arcs.iter().enumerate() {
            let id = ArcId(index);
            if let Some(first) = builder.balance_rows[arc.tail.0] {
                for at in builder.layout.each_step() {
                    builder.add_flow(first + builder.layout.place(at.0, at.1), id, at, 1.0);
                }
            }
            for receiver in &arc.receivers {
                arrive(builder, receiver, |builder, row, at, weight| builder.add_flow(row, id, at, -weight));
            }
        }
        for (node, demand) in network.demands() {
            let portions = builder.layout.portions_of[node.0].clone();
            if let Some(first) = builder.balance_rows[node.0] {
                for at in builder.layout.each_step() {
                    for portion in portions.clone() {
                        builder.add_supply(first + builder.layout.place(at.0, at.1), portion, at, 1.0);
                    }
                }
            }
            for receiver in &demand.returns {
                arrive(builder, receiver, |builder, row, at, weight| {
                    for portion in portions.clone() {
                        builder.add_supply(row, portion, at, -weight);
                    }
                });
            }
        }
    }
}

/// The rows, with what the node itself holds and loses.
fn add_rows(builder: &mut Builder, word: &'static str) {
    let case = builder.case;
    // Demands whose only way's flow is their supply, junctions whose only way's flow is what arrives.
    let told = |(arc, flow): (&Arc, &FlowColumns)| match flow {
        FlowColumns::Portions(_) => arc.receivers.first().map(|receiver| receiver.node.0),
        FlowColumns::Passed(_) => Some(arc.tail.0),
        _ => None,
    };
    let told: BTreeSet<usize> = case.network.arcs.iter().zip(&builder.layout.flows).filter_map(told).collect();
    // What inflow below 0 takes may lack beyond all water that there is.
    let all = if builder.open == Open::Physics { builder.all_water_hm3 + taken(case) } else { 0.0 };
    for (index, node) in case.network.nodes.iter().enumerate() {
        let subject = Subject::Node(index as u32);
        let storage = match &node.kind {
            NodeKind::Storage(storage) => builder.layout.storage_of[index].map(|at| (at, &**storage)),
            NodeKind::Junction | NodeKind::Demand(_) if !told.contains(&index) => None,
            _ => continue,
        };
        builder.balance_rows[index] = Some(builder.matrix.rows());
        for at @ (step, member) in builder.layout.each_step() {
            let row = builder.row(word, subject, at, 0.0, 0.0);
            if let Some((columns, storage)) = storage {
                let loss = case.loss(storage, step, member);
                builder.add_storage(row, columns, step + 1, member, 1.0 + loss.share);
                builder.add_storage(row, columns, step, member, loss.share - 1.0);
                builder.matrix.add_constant(row, loss.constant_hm3);
            }
            if builder.open == Open::Physics {
                for (quantity, sign) in [(Quantity::Missing, -1.0), (Quantity::Surplus, 1.0)] {
                    let column = builder.column(subject, quantity, at, 0.0, all);
                    builder.matrix.add(row, column, sign);
                }
            }
        }
    }
}

/// Adds what arrives at a receiver: for each departure and arrival step the row, the departure step and the weight.
fn arrive(builder: &mut Builder, receiver: &Receiver, mut add: impl FnMut(&mut Builder, usize, (usize, usize), f64)) {
    let Some(first) = builder.balance_rows[receiver.node.0] else { return };
    for at @ (step, member) in builder.layout.each_step() {
        match &receiver.kernel {
            Kernel::Instant => add(builder, first + builder.layout.place(step, member), at, receiver.fraction),
            Kernel::Table(table) => {
                for &(arrival, weight) in table.arrivals.get(step).into_iter().flatten() {
                    add(builder, first + builder.layout.place(arrival, member), at, receiver.fraction * weight);
                }
                if let Some(before) = table.from_before_hm3.get(step) {
                    let row = first + builder.layout.place(step, member);
                    builder.matrix.add_constant(row, -receiver.fraction * before);
                }
            }
        }
    }
}
