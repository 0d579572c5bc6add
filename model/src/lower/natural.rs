//! Natural inflow at a node: what the inflows upstream would bring if nothing were stored, diverted or used.
//!
//! It is routed along the river with the ways' own kernels and losses; where a reservoir has several outlets that count as
//! outflow, along the first by id. Units: m³/s, a step.

use std::collections::BTreeSet;

use crate::case::Case;
use crate::forcing::Forcing;
use crate::horizon::Horizon;
use crate::kernel::Kernel;
use crate::lower::Lowering;
use crate::network::{ArcId, Network, NodeId, NodeKind, Role, Take};
use crate::units::HM3_PER_M3;

impl Lowering<'_> {
    /// Natural inflow where some arcs leave, m³/s in each step; none if no inflow lies upstream.
    pub fn natural_inflow(&self, arcs: &[(ArcId, f64)]) -> Option<Vec<f64>> {
        River { network: &self.network, forcing: &self.forcing, horizon: &self.horizon }.natural_inflow(arcs)
    }
}

impl Case {
    /// Natural inflow where some arcs leave, m³/s in each step; none if no inflow lies upstream.
    pub fn natural_inflow(&self, arcs: &[(ArcId, f64)]) -> Option<Vec<f64>> {
        River { network: &self.network, forcing: &self.forcing, horizon: &self.horizon }.natural_inflow(arcs)
    }
}

/// What natural inflow follows from.
struct River<'a> {
    network: &'a Network,
    forcing: &'a Forcing,
    horizon: &'a Horizon,
}

impl River<'_> {
    fn natural_inflow(&self, arcs: &[(ArcId, f64)]) -> Option<Vec<f64>> {
        let steps = self.horizon.steps();
        let tails: Vec<NodeId> = arcs.iter().map(|(arc, _)| self.network.arcs[arc.0].tail).collect();
        let mut total = vec![0.0; steps];
        let mut found = false;
        // What left a reach before the start arrives once, however many inflows lie above it.
        let mut entered = BTreeSet::new();
        for index in 0..self.network.arcs.len() {
            let arc = &self.network.arcs[index];
            let NodeKind::Source(source) = &self.network.nodes[arc.tail.0].kind else { continue };
            if arc.role != Role::Inflow || source.take != Take::Given {
                continue;
            }
            let mut hm3: Vec<f64> = (0..steps)
                .map(|step| self.forcing.at(&source.flow, step, 0) * self.horizon.lengths_s[step] * HM3_PER_M3)
                .collect();
            let mut at = arc.receivers[0].node;
            let mut passed = Vec::new();
            while !tails.contains(&at) {
                passed.push(at);
                let Some((next, leaving)) = self.river_from(at) else { break };
                if passed.contains(&next) {
                    break;
                }
                hm3 = self.routed(leaving, &hm3, entered.insert(leaving));
                at = next;
            }
            if tails.contains(&at) {
                found = true;
                for (step, hm3) in hm3.into_iter().enumerate() {
                    total[step] += hm3 / (self.horizon.lengths_s[step] * HM3_PER_M3);
                }
            }
        }
        found.then_some(total)
    }

    /// The first way by id along which the river leaves a node, and where it leads.
    fn river_from(&self, node: NodeId) -> Option<(NodeId, ArcId)> {
        let river = (0..self.network.arcs.len()).map(ArcId).find(|arc| {
            let arc = &self.network.arcs[arc.0];
            arc.tail == node && arc.role.is_outflow()
        })?;
        self.network.arcs[river.0].receivers.first().map(|to| (to.node, river))
    }

    fn routed(&self, arc: ArcId, hm3: &[f64], with_past: bool) -> Vec<f64> {
        let to = &self.network.arcs[arc.0].receivers[0];
        let mut arriving = match &to.kernel {
            Kernel::Instant => hm3.to_vec(),
            Kernel::Table(table) => {
                let mut arriving = if with_past { table.from_before_hm3.clone() } else { vec![0.0; hm3.len()] };
                for (departure, arrivals) in table.arrivals.iter().enumerate() {
                    for &(step, share) in arrivals {
                        arriving[step] += share * hm3[departure];
                    }
                }
                arriving
            }
        };
        for hm3 in &mut arriving {
            *hm3 *= to.fraction;
        }
        arriving
    }
}
