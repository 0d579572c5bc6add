//! Satisfaction 满足度 of the uses by region, use and period: which portions and sections make up each entry.
//!
//! An entry off the stream sums the portions of one region and use over one period; an entry in the stream (always
//! `ecological`) sums the ecological requirements of one region. The two are never added. Balance works on
//! S = (Σ supply − Σ floor) ÷ (Σ demand − Σ floor), where in the stream min(flow, target) is supplied and the target is
//! demanded. What no source of water can reach is left out and named.
//! Shape: member 0. Units: hm³.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::Dfs;

use crate::case::Case;
use crate::goals::{Objective, Period};
use crate::measures::{Selection, target_of};
use crate::network::{ArcId, NodeKind, Of, Requirement, Use};
use crate::period::PeriodSteps;
use crate::plan::Decisions;
use crate::portion::PortionRow;

/// The three uses 三生 as words: production is industry and agriculture together.
pub const THREE_USES: [&str; 3] = ["domestic", "production", "ecological"];

/// The entries of a choice of portions and sections, in the order of regions, uses (in the stream last) and periods.
#[derive(Clone, Debug, PartialEq)]
pub struct Satisfactions {
    /// Entries.
    pub entries: Vec<Entry>,
    /// What no source of water can reach.
    pub left_out: Vec<Unreached>,
}

/// A region's use in a period.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Region's index; none for what belongs to no region.
    pub region: Option<usize>,
    /// Use, as a word: `domestic`, `production`, `industrial`, `agricultural` or `ecological`.
    pub use_: String,
    /// Judged at sections in the stream.
    pub in_stream: bool,
    /// The period with its steps.
    pub period: PeriodSteps,
    /// Satisfaction that the office's table promises, 1 where it says nothing.
    pub entitlement: f64,
    /// Rows of [`Decisions::supply_m3s`] that belong to it, in every step of the period.
    pub portions: Vec<usize>,
    /// Indices of requirements that belong to it, in every step of the period in which they have a target.
    pub sections: Vec<usize>,
    /// Σ demand, or Σ target.
    pub demand_hm3: f64,
    /// Σ sizes of floor portions, or Σ min(floor, target).
    pub floor_hm3: f64,
}

/// A demand's use or a section that no source of water can reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreached {
    /// Demand with class, or section.
    pub address: String,
    /// Region's index.
    pub region: Option<usize>,
    /// Use.
    pub use_: Use,
}

/// What belongs to a region's use.
#[derive(Default)]
struct Members {
    portions: Vec<usize>,
    sections: Vec<usize>,
}

impl Satisfactions {
    /// The entries of a selection, by use (what no word covers is left out unnamed) and period.
    pub fn new(case: &Case, selection: Selection, uses: &[&str], period: Period) -> Self {
        Self::gathered(case, selection, uses, |_, _| (period, 1.0))
    }

    /// The entries of a balance, with periods and entitlements by the office's table.
    pub fn of(case: &Case, objective: &Objective) -> Self {
        let selection = Selection::new(case, objective);
        Self::gathered(case, selection, &selection.uses(), |region, use_| {
            let row = objective.fairness.allowance(&case.network, region, use_);
            let period = row.and_then(|row| row.period).unwrap_or(objective.period);
            (period, row.map_or(1.0, |row| row.entitlement))
        })
    }

    fn gathered(
        case: &Case,
        selection: Selection,
        uses: &[&str],
        promised: impl Fn(Option<usize>, &str) -> (Period, f64),
    ) -> Self {
        let reached = reached(case);
        let mut groups: BTreeMap<(usize, bool, usize), Members> = BTreeMap::new();
        let mut left_out: Vec<Unreached> = Vec::new();
        let order = |region: Option<usize>| region.unwrap_or(usize::MAX);
        for row in selection.portions() {
            let Some(use_) = uses.iter().position(|word| row.portion.use_.covered_by(word)) else { continue };
            let node = &case.network.nodes[row.node.0];
            if reached[row.node.0] {
                groups.entry((order(node.region), false, use_)).or_default().portions.push(row.row);
            } else {
                let address = format!("{}.{}", node.id, row.portion.class);
                if left_out.last().is_none_or(|last| last.address != address) {
                    left_out.push(Unreached { address, region: node.region, use_: row.portion.use_ });
                }
            }
        }
        let in_stream = uses.iter().position(|word| Use::Ecological.covered_by(word));
        for (index, requirement) in selection.sections() {
            let (Some(use_), Of::Flow(terms)) = (in_stream, &requirement.of) else { continue };
            if flow_reached(case, terms, &reached) {
                groups.entry((order(requirement.region), true, use_)).or_default().sections.push(index);
            } else {
                let address = requirement.id.clone();
                left_out.push(Unreached { address, region: requirement.region, use_: Use::Ecological });
            }
        }
        let mut entries = Vec::new();
        for ((region, in_stream, use_), members) in groups {
            let region = (region != usize::MAX).then_some(region);
            let (period, entitlement) = promised(region, uses[use_]);
            for period in case.horizon.periods(period) {
                let mut entry = Entry {
                    region,
                    use_: uses[use_].to_owned(),
                    in_stream,
                    period,
                    entitlement,
                    portions: members.portions.clone(),
                    sections: members.sections.clone(),
                    demand_hm3: 0.0,
                    floor_hm3: 0.0,
                };
                entry.add_volumes(case);
                entries.push(entry);
            }
        }
        Self { entries, left_out }
    }
}

impl Entry {
    fn add_volumes(&mut self, case: &Case) {
        for row in case.network.portions().filter(|row| self.portions.contains(&row.row)) {
            for step in self.period.steps.clone() {
                let size_hm3 = case.size_m3s(row.demand, row.portion, step, 0) * case.hm3_per_m3s(step);
                self.demand_hm3 += size_hm3;
                self.floor_hm3 += if row.portion.floor { size_hm3 } else { 0.0 };
            }
        }
        for &section in &self.sections {
            let requirement = &case.network.requirements[section];
            for step in self.period.steps.clone() {
                let Some(target) = target_of(case, requirement, step, 0) else { continue };
                let hm3 = case.hm3_per_unit(&requirement.of, step);
                self.demand_hm3 += target * hm3;
                self.floor_hm3 += floor_of(case, requirement, step, target) * hm3;
            }
        }
    }

    /// The part of it that one user class makes up.
    #[must_use]
    pub fn of_class(&self, case: &Case, class: &str) -> Self {
        let rows = case.network.portions().filter(|row| row.portion.class == class && self.portions.contains(&row.row));
        let portions = rows.map(|row| row.row).collect();
        let mut part = Self { portions, sections: Vec::new(), demand_hm3: 0.0, floor_hm3: 0.0, ..self.clone() };
        part.add_volumes(case);
        part
    }

    /// Whether it counts to balance: its demand exceeds its floor.
    pub fn counts(&self) -> bool {
        self.demand_hm3 - self.floor_hm3 > crate::tolerance::FEASIBILITY_HM3
    }

    /// What curtailments in force cut off its demand, hm³.
    pub fn curtailed_hm3(&self, case: &Case) -> f64 {
        let rows = case.network.portions().filter(|row| row.portion.curtailed.is_some() && self.portions.contains(&row.row));
        let of = |row: PortionRow| {
            let steps = self.period.steps.clone();
            steps.map(|step| case.curtailed_m3s(row.demand, row.portion, step, 0) * case.hm3_per_m3s(step)).sum::<f64>()
        };
        rows.map(of).sum()
    }

    /// Σ supply, or Σ min(flow, target), hm³.
    pub fn supply_hm3(&self, case: &Case, decisions: &Decisions) -> f64 {
        let mut supply_hm3 = 0.0;
        for step in self.period.steps.clone() {
            let hm3_per_m3s = case.hm3_per_m3s(step);
            for &row in &self.portions {
                supply_hm3 += decisions.supply_m3s[[row, step]] * hm3_per_m3s;
            }
            for &section in &self.sections {
                let requirement = &case.network.requirements[section];
                let Some(target) = target_of(case, requirement, step, 0) else { continue };
                let Some(bound) = &requirement.target else { continue };
                let value = case.judged(requirement, bound, decisions, step);
                supply_hm3 += value.min(target) * case.hm3_per_unit(&requirement.of, step);
            }
        }
        supply_hm3
    }

    /// (Σ supply − Σ floor) ÷ (Σ demand − Σ floor); none where the demand is floor only.
    pub fn above_floor(&self, case: &Case, decisions: &Decisions) -> Option<f64> {
        let supply_hm3 = self.supply_hm3(case, decisions);
        self.counts().then(|| (supply_hm3 - self.floor_hm3) / (self.demand_hm3 - self.floor_hm3))
    }

    /// The satisfaction above the floor ÷ the one promised; none where the demand is floor only.
    pub fn of_entitlement(&self, case: &Case, decisions: &Decisions) -> Option<f64> {
        self.above_floor(case, decisions).map(|satisfaction| satisfaction / self.entitlement)
    }
}

/// The floor of a requirement in a step, at most its target; 0 where there is none.
pub fn floor_of(case: &Case, requirement: &Requirement, step: usize, target: f64) -> f64 {
    let floor = requirement.floor.map_or(0.0, |bound| case.bound(&bound, step, 0));
    if floor.is_finite() { floor.clamp(0.0, target) } else { 0.0 }
}

/// For each node, whether water can reach it within the horizon: from a source that gives any or a storage that holds any,
/// over arcs that are open in some step, and as return flow of demands that are reached.
fn reached(case: &Case) -> Vec<bool> {
    let network = &case.network;
    let steps = case.horizon.steps();
    let mut graph: DiGraph<(), ()> = DiGraph::new();
    let nodes: Vec<NodeIndex> = network.nodes.iter().map(|_| graph.add_node(())).collect();
    let origin = graph.add_node(());
    for (index, node) in network.nodes.iter().enumerate() {
        let gives = match &node.kind {
            NodeKind::Source(source) => (0..steps).any(|step| case.at(&source.flow, step, 0) > 0.0),
            NodeKind::Storage(storage) => storage.initial_hm3 > 0.0,
            NodeKind::Junction | NodeKind::Demand(_) | NodeKind::Sink => false,
        };
        if gives {
            graph.add_edge(origin, nodes[index], ());
        }
        if let NodeKind::Demand(demand) = &node.kind {
            for receiver in &demand.returns {
                graph.add_edge(nodes[index], nodes[receiver.node.0], ());
            }
        }
    }
    for edge in network.graph.edge_weights() {
        let arc = &network.arcs[edge.arc.0];
        let receiver = &arc.receivers[edge.receiver];
        if receiver.fraction > 0.0 && (0..steps).any(|step| case.at(&arc.capacity, step, 0) > 0.0) {
            graph.add_edge(nodes[arc.tail.0], nodes[receiver.node.0], ());
        }
    }
    let mut reached = vec![false; network.nodes.len()];
    let mut search = Dfs::new(&graph, origin);
    while let Some(node) = search.next(&graph) {
        if let Some(flag) = reached.get_mut(node.index()) {
            *flag = true;
        }
    }
    reached
}

fn flow_reached(case: &Case, terms: &[(ArcId, f64)], reached: &[bool]) -> bool {
    terms.iter().any(|&(arc, _)| {
        let arc = &case.network.arcs[arc.0];
        reached[arc.tail.0] && (0..case.horizon.steps()).any(|step| case.at(&arc.capacity, step, 0) > 0.0)
    })
}
