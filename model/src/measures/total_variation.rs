//! Total variation 流量变幅: how much outflows and deliveries change from step to step, as rates.
//!
//! Σ weight × |x[t] − x[t−1]| over the outflow of each node that has outflow arcs and the supply of each demand; x before the
//! first step is known of an outflow whose arcs all have a previous flow.
//! Sense: minimise. Units: m³/s. Good: 0, or what inflow and demand ask for.
//! Limits: single releases taken apart would push everything into spill, so outflow is taken as a whole.

use super::Measure;
use crate::case::Case;
use crate::goals::{Objective, Sense};
use crate::plan::Decisions;

use crate::network::{ArcId, NodeId, NodeKind};

/// See the module.
pub struct TotalVariation;

/// A rate whose changes count.
#[derive(Clone, Debug, PartialEq)]
pub enum Rate {
    /// The sum of flows on these arcs: a node's outflow.
    Outflow(NodeId, Vec<ArcId>),
    /// The sum of these rows of supplies: a demand's supply.
    Supply(NodeId, std::ops::Range<usize>),
}

impl Rate {
    /// The rates that an objective is about, by node.
    pub fn all(case: &Case, objective: &Objective) -> Vec<Self> {
        Self::chosen(case, |id| objective.elements.is_empty() || objective.elements.iter().any(|element| element == id))
    }

    /// The rates of all nodes.
    pub fn every(case: &Case) -> Vec<Self> {
        Self::chosen(case, |_| true)
    }

    fn chosen(case: &Case, is_chosen: impl Fn(&str) -> bool) -> Vec<Self> {
        let network = &case.network;
        let mut rates = Vec::new();
        let mut first_row = 0;
        for (index, node) in network.nodes.iter().enumerate() {
            let chosen = is_chosen(&node.id);
            let outflow: Vec<_> =
                network.arcs.iter().enumerate().filter(|(_, a)| a.tail.0 == index && a.role.is_outflow()).collect();
            if chosen && !outflow.is_empty() {
                rates.push(Self::Outflow(NodeId(index), outflow.into_iter().map(|(i, _)| ArcId(i)).collect()));
            }
            if let NodeKind::Demand(demand) = &node.kind {
                let rows = first_row..first_row + demand.portions.len();
                first_row = rows.end;
                if chosen {
                    rates.push(Self::Supply(NodeId(index), rows));
                }
            }
        }
        rates
    }

    /// The rate in a step, m³/s.
    pub fn in_step(&self, decisions: &Decisions, step: usize) -> f64 {
        match self {
            Self::Outflow(_, arcs) => arcs.iter().map(|arc| decisions.flow_m3s[[arc.0, step]]).sum(),
            Self::Supply(_, rows) => rows.clone().map(|row| decisions.supply_m3s[[row, step]]).sum(),
        }
    }

    /// The rate in the step before the first, m³/s, where it is known.
    pub fn before(&self, case: &Case) -> Option<f64> {
        match self {
            Self::Outflow(_, arcs) => arcs.iter().map(|arc| case.network.arcs[arc.0].previous_flow).sum(),
            Self::Supply(..) => None,
        }
    }
}

impl Measure for TotalVariation {
    fn kind(&self) -> &'static str {
        "total_variation"
    }

    fn sense(&self) -> Sense {
        Sense::Minimise
    }

    fn unit(&self, _: &Objective) -> &'static str {
        "m3/s"
    }

    fn value(&self, case: &Case, objective: &Objective, decisions: &Decisions) -> f64 {
        let mut total = 0.0;
        for rate in Rate::all(case, objective) {
            let mut before = rate.before(case);
            for step in 0..case.horizon.steps() {
                let now = rate.in_step(decisions, step);
                total += before.map_or(0.0, |before| case.at(&objective.weight, step, 0) * (now - before).abs());
                before = Some(now);
            }
        }
        total
    }
}
