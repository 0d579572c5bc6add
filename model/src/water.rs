//! Water in motion on a plan: what arrives at a node, what leaves it, and what is still on its way at the end.
//!
//! arriving[n, t] = Σ over receivers at n of fraction × (Σ kernel share (d → t) × volume departing in d + what left before the
//! start); a receiver belongs to an arc (its flow) or to a demand (its supply, coming back).
//! Units: hm³ in the step. Member 0.

use ndarray::Array2;

use crate::case::Case;
use crate::kernel::Kernel;
use crate::network::{Arc, NodeId, NodeKind, Of, Receiver, Role, Storage};
use crate::plan::Decisions;

/// Volumes that arrive at each node and leave it.
#[derive(Clone, Debug)]
pub struct Motion {
    /// node × step, hm³.
    pub arriving: Array2<f64>,
    /// node × step, hm³.
    pub leaving: Array2<f64>,
    /// Supply of each demand, node × step, hm³ (0 at other nodes).
    pub supply: Array2<f64>,
    /// Still on its way at the end, by receiving node, hm³.
    pub on_its_way: Vec<f64>,
}

impl Motion {
    /// The motion of a plan's water.
    pub fn of(case: &Case, decisions: &Decisions) -> Self {
        let network = &case.network;
        let steps = case.horizon.steps();
        let shape = (network.nodes.len(), steps);
        let mut motion = Self {
            arriving: Array2::zeros(shape),
            leaving: Array2::zeros(shape),
            supply: Array2::zeros(shape),
            on_its_way: vec![0.0; network.nodes.len()],
        };
        for row in network.portions() {
            for step in 0..steps {
                motion.supply[[row.node.0, step]] += decisions.supply_m3s[[row.row, step]] * case.hm3_per_m3s(step);
            }
        }
        for (index, arc) in network.arcs.iter().enumerate() {
            let departing: Vec<f64> =
                (0..steps).map(|step| decisions.flow_m3s[[index, step]] * case.hm3_per_m3s(step)).collect();
            for (step, volume) in departing.iter().enumerate() {
                motion.leaving[[arc.tail.0, step]] += volume;
            }
            for receiver in &arc.receivers {
                motion.arrive(receiver, &departing);
            }
        }
        for (node, demand) in network.demands() {
            let supplied: Vec<f64> = motion.supply.row(node.0).to_vec();
            for receiver in &demand.returns {
                motion.arrive(receiver, &supplied);
            }
        }
        motion
    }

    fn arrive(&mut self, receiver: &Receiver, departing: &[f64]) {
        let node = receiver.node.0;
        match &receiver.kernel {
            Kernel::Instant => {
                for (step, volume) in departing.iter().enumerate() {
                    self.arriving[[node, step]] += receiver.fraction * volume;
                }
            }
            Kernel::Table(table) => {
                for (volume, arrivals) in departing.iter().zip(&table.arrivals) {
                    for &(step, share) in arrivals {
                        self.arriving[[node, step]] += receiver.fraction * share * volume;
                    }
                }
                for (step, volume) in table.from_before_hm3.iter().enumerate() {
                    self.arriving[[node, step]] += receiver.fraction * volume;
                }
                let late: f64 = departing.iter().zip(&table.after_end).map(|(volume, share)| volume * share).sum();
                self.on_its_way[node] += receiver.fraction * (late + table.from_before_after_end_hm3);
            }
        }
    }
}

impl Case {
    /// Value of what a requirement is on in a step: m³/s of a flow, hm³ of a storage at the step's end.
    pub fn value_of(&self, of: &Of, decisions: &Decisions, step: usize) -> f64 {
        match of {
            Of::Flow(terms) => terms.iter().map(|&(arc, c)| c * decisions.flow_m3s[[arc.0, step]]).sum(),
            Of::Storage(node) => self.storage_row(*node).map_or(f64::NAN, |row| decisions.storage_hm3[[row, step + 1]]),
        }
    }

    /// Value in the step before the first, where it is known: the start of a storage, the previous flow of every arc.
    pub fn value_before(&self, of: &Of) -> Option<f64> {
        match of {
            Of::Flow(terms) => {
                let flows = terms.iter().map(|&(arc, c)| self.network.arcs[arc.0].previous_flow.map(|flow| c * flow));
                flows.sum()
            }
            Of::Storage(node) => match &self.network.nodes[node.0].kind {
                NodeKind::Storage(storage) => Some(storage.initial_hm3),
                _ => None,
            },
        }
    }

    /// Value in the step before a step, of the first as [`Case::value_before`].
    pub fn value_ahead_of(&self, of: &Of, decisions: &Decisions, step: usize) -> Option<f64> {
        match step.checked_sub(1) {
            Some(before) => Some(self.value_of(of, decisions, before)),
            None => self.value_before(of),
        }
    }

    /// hm³ that one unit of a requirement's value stands for in a step: 1 of a storage, the step's length of a flow.
    pub fn hm3_per_unit(&self, of: &Of, step: usize) -> f64 {
        match of {
            Of::Storage(_) => 1.0,
            Of::Flow(_) => self.hm3_per_m3s(step),
        }
    }

    /// The most that a storage may hold in a step, hm³, and whether that is its flood limit rather than its top.
    pub fn storage_limit(&self, storage: &Storage, step: usize, member: usize) -> (f64, bool) {
        let top = self.at(&storage.upper, step, member);
        match storage.flood_limit.map(|limit| self.at(&limit, step, member)) {
            Some(limit) if limit < top => (limit, true),
            _ => (top, false),
        }
    }

    /// Places whose water has a value: storages, and requirements on the flow out of one junction (those on a storage's outflow
    /// have the storage's).
    pub fn water_places(&self) -> Vec<(String, NodeId)> {
        let network = &self.network;
        let storages = network.storages().map(|(node, _)| (network.nodes[node.0].id.clone(), node));
        let sections = network.requirements.iter().filter_map(|rule| {
            let Of::Flow(terms) = &rule.of else { return None };
            let mut tails = terms.iter().map(|&(arc, _)| network.arcs[arc.0].tail);
            let tail = tails.next().filter(|first| tails.all(|tail| tail == *first))?;
            let at_junction = matches!(network.nodes[tail.0].kind, NodeKind::Junction);
            (at_junction && rule.kind.is_ecological()).then(|| (rule.id.clone(), tail))
        });
        storages.chain(sections).collect()
    }

    /// Row of a storage in [`Decisions::storage_hm3`].
    pub fn storage_row(&self, node: NodeId) -> Option<usize> {
        self.network.storages().position(|(n, _)| n == node)
    }

    /// Mean storage of a node in a step, hm³.
    pub fn mean_storage(&self, node: NodeId, decisions: &Decisions, step: usize) -> f64 {
        let stored = &decisions.storage_hm3;
        self.storage_row(node).map_or(f64::NAN, |row| f64::midpoint(stored[[row, step]], stored[[row, step + 1]]))
    }

    /// What an arc's rating lets pass at the mean storage of a step, m³/s; none without a rating.
    pub fn rated_m3s(&self, arc: &Arc, decisions: &Decisions, step: usize) -> Option<f64> {
        let rating = arc.discharge.as_ref()?;
        Some(rating.at(self.mean_storage(arc.tail, decisions, step)) * self.at(&rating.open, step, 0))
    }

    /// Outflow 出库 of a node in a step, m³/s: what leaves through outlets and reaches, spill included.
    pub fn outflow_m3s(&self, node: NodeId, decisions: &Decisions, step: usize) -> f64 {
        self.leaving_m3s(node, decisions, step, Role::is_outflow)
    }

    /// What leaves a node through arcs of some roles in a step, m³/s.
    pub fn leaving_m3s(&self, node: NodeId, decisions: &Decisions, step: usize, chosen: impl Fn(Role) -> bool) -> f64 {
        let arcs = self.network.arcs.iter().enumerate();
        arcs.filter(|(_, arc)| arc.tail == node && chosen(arc.role)).map(|(i, _)| decisions.flow_m3s[[i, step]]).sum()
    }
}
