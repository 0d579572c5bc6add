//! Limits that no single column's bounds can say.
//!
//! Floor ≤ Σ portions (+ lack) ≤ capacity, where an arc's flow is the sum of what it alone delivers, in the steps where either
//! can bind; 0 ≤ what a junction passes on, in the steps where inflow below 0 can take more than comes; Σ leaving ≤ what a source has,
//! where several arcs leave it.
//! Rows: at most T an arc or source; none where bounds say it all. Columns: the lack to the floor, where rules are open.
//! Dual: what one hm³ more of capacity, or of water at the source, changes in the objective.

use weir_model::network::{ArcId, NodeKind, RuleClass, Take};

use super::RowFamily;
use crate::builder::Builder;
use crate::layout::{FlowColumns, Open, Quantity, Subject};

pub(super) struct Capacity;

impl RowFamily for Capacity {
    fn word(&self) -> &'static str {
        "capacity"
    }

    fn add(&self, builder: &mut Builder) {
        for arc in (0..builder.case.network.arcs.len()).map(ArcId) {
            self.add_delivery(builder, arc);
            self.add_passed(builder, arc);
        }
        for node in 0..builder.case.network.nodes.len() {
            self.add_source(builder, node);
        }
    }
}

impl Capacity {
    fn add_delivery(&self, builder: &mut Builder, arc: ArcId) {
        let FlowColumns::Portions(portions) = builder.layout.flows[arc.0].clone() else { return };
        let subject = Subject::Arc(arc.0 as u32);
        for at in builder.layout.each_step() {
            let place = builder.layout.place(at.0, at.1);
            let (floor, capacity) = builder.flow_range(arc, at);
            let wanted: f64 = portions.clone().map(|p| builder.layout.supplies[p].size_hm3[place]).sum();
            let least: f64 =
                portions.clone().map(|p| builder.matrix.bounds(builder.layout.supplies[p].first + place).0).sum();
            let most: f64 =
                portions.clone().map(|p| builder.matrix.bounds(builder.layout.supplies[p].first + place).1).sum();
            if floor <= least && most <= capacity {
                continue;
            }
            let row = builder.row(self.word(), subject, at, if floor > 0.0 { floor } else { f64::NEG_INFINITY }, capacity);
            builder.add_flow(row, arc, at, 1.0);
            if floor > least {
                builder.impossible |= floor > capacity.min(wanted);
                if builder.open > Open::Nothing {
                    let column = builder.breach(subject, Quantity::FlowLack, at, Some(RuleClass::Operational), (0.0, floor));
                    builder.matrix.add(row, column, 1.0);
                }
            }
        }
    }

    fn add_passed(&self, builder: &mut Builder, arc: ArcId) {
        if !builder.passes_on(arc) {
            return;
        }
        for at in builder.layout.each_step() {
            if builder.flow_bounds(arc, at).0 < 0.0 {
                let row = builder.row(self.word(), Subject::Arc(arc.0 as u32), at, 0.0, f64::INFINITY);
                builder.add_flow(row, arc, at, 1.0);
            }
        }
    }

    fn add_source(&self, builder: &mut Builder, node: usize) {
        let case = builder.case;
        let NodeKind::Source(source) = &case.network.nodes[node].kind else { return };
        if source.take == Take::Given || builder.arcs_leaving[node] < 2 {
            return;
        }
        let leaving: Vec<ArcId> =
            (0..case.network.arcs.len()).map(ArcId).filter(|arc| case.network.arcs[arc.0].tail.0 == node).collect();
        for at in builder.layout.each_step() {
            let available = (case.at(&source.flow, at.0, at.1) * case.hm3_per_m3s(at.0)).max(0.0);
            let row = builder.row(self.word(), Subject::Node(node as u32), at, f64::NEG_INFINITY, available);
            for &arc in &leaving {
                builder.add_flow(row, arc, at, 1.0);
            }
        }
    }
}
