//! Where a little more water goes: the difference of two plans, followed from where it was added.
//!
//! The difference of two plans of one basin is a flow on nodes × steps: an arc that carries more takes it on, one that carries
//! less spares it upstream, a storage that holds more keeps it for later, one that holds less had given it before. All of it comes
//! from the one place at which water was added, so its *ends* are where that water goes: supplies, storages at the end, sinks, sources
//! left unused, what is still on its way, and what is lost, each counted by itself: less what comes back they sum to 1. Ends are told by
//! their net share; a *route* is the way with the fewest arcs through the difference to where an end has most of what one leads to.
//! A share may be above 1, and others below 0: water that is spared on a way with losses spares the losses too, and what a rule or goal
//! holds together moves together.
//! Units: shares of the water added. Shape: member 0.
//! Limits: an end whose shares in time cancel out is told only where a share is left.

use std::collections::{BTreeMap, VecDeque};

use ndarray::Array2;
use serde::Serialize;

use crate::case::Case;
use crate::horizon::rfc3339;
use crate::kernel::Kernel;
use crate::network::{NodeId, NodeKind, Receiver, Take};
use crate::plan::Decisions;

/// Where the water goes.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Trace {
    /// Ends, the largest first.
    pub ends: Vec<End>,
}

impl Trace {
    /// Whether another goes to the same ends, each by a share that differs by no more than so much.
    pub fn is_as(&self, other: &Self, by: f64) -> bool {
        let share = |trace: &Self, of: &End| -> f64 {
            trace.ends.iter().filter(|end| (end.kind, &end.address) == (of.kind, &of.address)).map(|end| end.share).sum()
        };
        self.ends.iter().chain(&other.ends).all(|end| (share(self, end) - share(other, end)).abs() <= by)
    }
}

/// Where some of the water ends.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct End {
    /// Demand with class (`town.residents`; without, of a plan that no closing chain made), storage, sink, source or arc.
    pub address: String,
    /// `supply`, `storage` (kept at the end), `sink`, `source` (left there), `on_its_way` (at the end), `air_and_ground` (evaporates
    /// from a storage, or seeps), `loss` (lost on an arc).
    pub kind: &'static str,
    /// Share of the water; negative where there is less of it there.
    pub share: f64,
    /// Share of it that comes back to the network, of a supply with return flow.
    pub returned: f64,
    /// Start of the first step in which it ends there.
    pub from: String,
    /// End of the last.
    pub to: String,
    /// How it gets there; empty where it is there already, or no single way leads there.
    pub route: Vec<Leg>,
}

/// A part of a route.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Leg {
    /// Arc, storage, or demand that gives water back.
    pub address: String,
    /// `flow` (it carries more), `spared` (it carries less), `kept` (the storage holds more), `drawn` (it gave more before),
    /// `returned`.
    pub way: &'static str,
    /// Node that it leads to.
    pub node: String,
    /// Start of the first step.
    pub from: String,
    /// End of the last.
    pub to: String,
}

/// Share below which a difference is a solver's.
const NOTHING: f64 = 1e-4;

/// What differs, as shares of the water added.
struct Difference<'a> {
    case: &'a Case,
    steps: usize,
    /// arc × step.
    flow: Array2<f64>,
    /// storage × edge.
    stored: Array2<f64>,
    /// portion × step.
    supply: Array2<f64>,
    /// node × step: supply of a demand.
    used: Array2<f64>,
}

/// Follows `by_hm3` added to a node in a step from one plan to another; negative where it was taken. Where nothing settles which class of
/// a demand is served, supplies are told by demand.
pub fn trace(
    case: &Case,
    (before, after): (&Decisions, &Decisions),
    at: (NodeId, usize),
    by_hm3: f64,
    by_class: bool,
) -> Trace {
    let difference = Difference::new(case, before, after, by_hm3);
    let mut ends = difference.supplies(at, by_class);
    ends.extend(difference.storages(at));
    ends.extend(difference.outsides(at));
    ends.extend(difference.on_their_way());
    ends.extend(difference.losses());
    ends.retain(|end| end.share.abs() > NOTHING);
    ends.sort_by(|a, b| b.share.abs().total_cmp(&a.share.abs()));
    Trace { ends }
}

/// A node in a step.
type Place = (usize, usize);

impl<'a> Difference<'a> {
    fn new(case: &'a Case, before: &Decisions, after: &Decisions, by_hm3: f64) -> Self {
        let steps = case.horizon.steps();
        let network = &case.network;
        let flow = Array2::from_shape_fn((network.arcs.len(), steps), |(arc, step)| {
            (after.flow_m3s[[arc, step]] - before.flow_m3s[[arc, step]]) * case.hm3_per_m3s(step) / by_hm3
        });
        let stored = (&after.storage_hm3 - &before.storage_hm3) / by_hm3;
        let supply = Array2::from_shape_fn(before.supply_m3s.dim(), |(row, step)| {
            (after.supply_m3s[[row, step]] - before.supply_m3s[[row, step]]) * case.hm3_per_m3s(step) / by_hm3
        });
        let mut used = Array2::zeros((network.nodes.len(), steps));
        for row in network.portions() {
            for step in 0..steps {
                used[[row.node.0, step]] += supply[[row.row, step]];
            }
        }
        Self { case, steps, flow, stored, supply, used }
    }

    fn moment(&self, edge: usize) -> String {
        self.case.horizon.edges.get(edge).map_or_else(String::new, rfc3339)
    }

    /// An end from its shares by step, with the route to where it has most of what a way leads to.
    fn end(&self, address: String, kind: &'static str, shares: &[f64], start: (NodeId, usize), node: usize) -> End {
        let share: f64 = shares.iter().sum();
        let with: Vec<usize> = (0..shares.len()).filter(|&step| shares[step] * share.signum() > NOTHING).collect();
        let mut most: Vec<usize> = if share > NOTHING { with.clone() } else { Vec::new() };
        most.sort_by(|&a, &b| shares[b].total_cmp(&shares[a]).then(b.cmp(&a)));
        // No way leads to what is more in one step and less in another: that came some other way.
        let mut routes = most.into_iter().filter_map(|step| self.route((start.0.0, start.1), (node, step), shares[step]));
        let route = routes.next().unwrap_or_default();
        let (from, to) = (with.first().copied().unwrap_or(0), with.last().map_or(self.steps, |last| last + 1));
        End { address, kind, share, returned: 0.0, from: self.moment(from), to: self.moment(to), route }
    }

    fn supplies(&self, start: (NodeId, usize), by_class: bool) -> Vec<End> {
        let mut users: BTreeMap<(usize, Option<&str>), Vec<f64>> = BTreeMap::new();
        for row in self.case.network.portions() {
            let class = by_class.then_some(row.portion.class.as_str());
            let shares = users.entry((row.node.0, class)).or_insert_with(|| vec![0.0; self.steps]);
            for (step, share) in shares.iter_mut().enumerate() {
                *share += self.supply[[row.row, step]];
            }
        }
        let end = |((node, class), shares): ((usize, Option<&str>), Vec<f64>)| {
            let facts = &self.case.network.nodes[node];
            let address = class.map_or_else(|| facts.id.clone(), |class| format!("{}.{class}", facts.id));
            let mut end = self.end(address, "supply", &shares, start, node);
            if let NodeKind::Demand(demand) = &facts.kind {
                end.returned = end.share * demand.returns.iter().map(|receiver| receiver.fraction).sum::<f64>();
            }
            end
        };
        users.into_iter().map(end).collect()
    }

    /// What storages hold more at the end.
    fn storages(&self, start: (NodeId, usize)) -> Vec<End> {
        let network = &self.case.network;
        let end = |(row, (node, _)): (usize, (NodeId, _))| {
            let mut shares = vec![0.0; self.steps];
            if let Some(last) = shares.last_mut() {
                *last = self.stored[[row, self.steps]];
            }
            self.end(network.nodes[node.0].id.clone(), "storage", &shares, start, node.0)
        };
        network.storages().enumerate().map(end).collect()
    }

    /// What reaches sinks, and what sources that give on demand are spared.
    fn outsides(&self, start: (NodeId, usize)) -> Vec<End> {
        let network = &self.case.network;
        let mut ends = Vec::new();
        for (node, facts) in network.nodes.iter().enumerate() {
            let mut shares = vec![0.0; self.steps];
            let kind = match &facts.kind {
                NodeKind::Sink => {
                    for (arc, arriving) in network.arcs.iter().enumerate() {
                        for receiver in arriving.receivers.iter().filter(|receiver| receiver.node.0 == node) {
                            for departure in 0..self.steps {
                                let flow = self.flow[[arc, departure]] * receiver.fraction;
                                for (arrival, weight) in arrivals(receiver, departure) {
                                    shares[arrival] += flow * weight;
                                }
                            }
                        }
                    }
                    for (demand, of) in network.demands() {
                        for receiver in of.returns.iter().filter(|receiver| receiver.node.0 == node) {
                            for departure in 0..self.steps {
                                let back = self.used[[demand.0, departure]] * receiver.fraction;
                                for (arrival, weight) in arrivals(receiver, departure) {
                                    shares[arrival] += back * weight;
                                }
                            }
                        }
                    }
                    "sink"
                }
                NodeKind::Source(source) if source.take == Take::Available => {
                    if start.0.0 == node {
                        shares[start.1] += 1.0;
                    }
                    for arc in (0..network.arcs.len()).filter(|&arc| network.arcs[arc].tail.0 == node) {
                        for (step, share) in shares.iter_mut().enumerate() {
                            *share -= self.flow[[arc, step]];
                        }
                    }
                    "source"
                }
                _ => continue,
            };
            ends.push(self.end(facts.id.clone(), kind, &shares, start, node));
        }
        ends
    }

    /// What is still on its way at the end, by the arc or demand that it left by.
    fn on_their_way(&self) -> Vec<End> {
        let network = &self.case.network;
        let late = |receivers: &[Receiver], leaving: &dyn Fn(usize) -> f64| {
            let mut shares = vec![0.0; self.steps];
            for receiver in receivers {
                if let Kernel::Table(table) = &receiver.kernel {
                    for ((step, share), late) in shares.iter_mut().enumerate().zip(&table.after_end) {
                        *share += leaving(step) * receiver.fraction * late;
                    }
                }
            }
            shares
        };
        let arcs = network.arcs.iter().enumerate().map(|(number, arc)| {
            let shares = late(&arc.receivers, &|step| self.flow[[number, step]]);
            self.end(arc.id.clone(), "on_its_way", &shares, (arc.tail, 0), arc.tail.0)
        });
        let demands = network.demands().map(|(node, demand)| {
            let shares = late(&demand.returns, &|step| self.used[[node.0, step]]);
            self.end(network.nodes[node.0].id.clone(), "on_its_way", &shares, (node, 0), node.0)
        });
        let without_route = |end: End| End { route: Vec::new(), ..end };
        arcs.chain(demands).map(without_route).collect()
    }

    /// What evaporates and seeps, by storage, and what is lost on arcs.
    fn losses(&self) -> Vec<End> {
        let network = &self.case.network;
        let from_storages = network.storages().enumerate().map(|(row, (node, storage))| {
            let both_edges = |step: usize| self.stored[[row, step]] + self.stored[[row, step + 1]];
            let shares = (0..self.steps).map(|step| self.case.loss(storage, step, 0).share * both_edges(step)).collect();
            (network.nodes[node.0].id.clone(), "air_and_ground", shares, node)
        });
        let on_arcs = network.arcs.iter().enumerate().map(|(number, arc)| {
            let lost = 1.0 - arc.receivers.iter().map(|receiver| receiver.fraction).sum::<f64>();
            (arc.id.clone(), "loss", self.flow.row(number).iter().map(|flow| flow * lost).collect(), arc.tail)
        });
        let end = |(address, kind, shares, node): (String, &'static str, Vec<f64>, NodeId)| End {
            route: Vec::new(),
            ..self.end(address, kind, &shares, (node, 0), node.0)
        };
        from_storages.chain(on_arcs).map(end).collect()
    }

    /// The way with the fewest arcs from one place to another, through differences as large as can be.
    fn route(&self, from: Place, to: Place, share: f64) -> Option<Vec<Leg>> {
        let thresholds = [0.5 * share, 0.05 * share, NOTHING];
        thresholds.iter().find_map(|least| self.way(from, to, least.max(NOTHING)))
    }

    fn way(&self, from: Place, to: Place, least: f64) -> Option<Vec<Leg>> {
        let index = |(node, step): Place| node * self.steps + step;
        let places = self.case.network.nodes.len() * self.steps;
        let mut length = vec![usize::MAX; places];
        let mut came: Vec<Option<(Place, Hop)>> = vec![None; places];
        length[index(from)] = 0;
        let mut open = VecDeque::from([from]);
        while let Some(place) = open.pop_front() {
            if place == to {
                break;
            }
            for (next, hop) in self.hops(place, least) {
                let longer = length[index(place)] + usize::from(!hop.waits());
                if longer < length[index(next)] {
                    length[index(next)] = longer;
                    came[index(next)] = Some((place, hop));
                    if hop.waits() { open.push_front(next) } else { open.push_back(next) }
                }
            }
        }
        let mut legs: Vec<Leg> = Vec::new();
        let mut place = to;
        while place != from {
            let (before, hop) = came[index(place)]?;
            legs.push(self.leg(before, place, hop));
            place = before;
        }
        legs.reverse();
        Some(merged(legs))
    }

    /// Where water at a place goes on to.
    fn hops(&self, (node, step): Place, least: f64) -> Vec<(Place, Hop)> {
        let network = &self.case.network;
        let mut hops = Vec::new();
        for (number, arc) in network.arcs.iter().enumerate() {
            if arc.tail.0 == node && self.flow[[number, step]] > least {
                for receiver in &arc.receivers {
                    let to = receiver.node.0;
                    hops.extend(arrivals(receiver, step).into_iter().map(|(at, _)| ((to, at), Hop::Flow(number))));
                }
            }
            for receiver in arc.receivers.iter().filter(|receiver| receiver.node.0 == node) {
                let before = (0..=step).filter(|&at| self.flow[[number, at]] < -least);
                let spared = before.filter(|&at| arrivals(receiver, at).iter().any(|&(arrival, _)| arrival == step));
                hops.extend(spared.map(|at| ((arc.tail.0, at), Hop::Spared(number))));
            }
        }
        if let Some(row) = self.case.storage_row(NodeId(node)) {
            if step + 1 < self.steps && self.stored[[row, step + 1]] > least {
                hops.push(((node, step + 1), Hop::Kept));
            }
            if step > 0 && self.stored[[row, step]] < -least {
                hops.push(((node, step - 1), Hop::Drawn));
            }
        }
        if let NodeKind::Demand(demand) = &network.nodes[node].kind
            && self.used[[node, step]] > least
        {
            for receiver in &demand.returns {
                let to = receiver.node.0;
                hops.extend(arrivals(receiver, step).into_iter().map(|(at, _)| ((to, at), Hop::Returned)));
            }
        }
        hops
    }

    fn leg(&self, before: Place, after: Place, hop: Hop) -> Leg {
        let network = &self.case.network;
        let (address, way, first, last) = match hop {
            Hop::Flow(arc) => (&network.arcs[arc].id, "flow", before.1, after.1),
            Hop::Spared(arc) => (&network.arcs[arc].id, "spared", after.1, before.1),
            Hop::Kept => (&network.nodes[before.0].id, "kept", before.1, after.1),
            Hop::Drawn => (&network.nodes[before.0].id, "drawn", after.1, after.1),
            Hop::Returned => (&network.nodes[before.0].id, "returned", before.1, after.1),
        };
        let node = network.nodes[after.0].id.clone();
        Leg { address: address.clone(), way, node, from: self.moment(first), to: self.moment(last + 1) }
    }
}

/// A way from a place to the next.
#[derive(Clone, Copy)]
enum Hop {
    Flow(usize),
    Spared(usize),
    Kept,
    Drawn,
    Returned,
}

impl Hop {
    const fn waits(self) -> bool {
        matches!(self, Self::Kept | Self::Drawn)
    }
}

/// Steps in which what leaves in a step arrives, with shares.
fn arrivals(receiver: &Receiver, step: usize) -> Vec<(usize, f64)> {
    match &receiver.kernel {
        Kernel::Instant => vec![(step, 1.0)],
        Kernel::Table(table) => table.arrivals.get(step).cloned().unwrap_or_default(),
    }
}

/// Steps in which a storage goes on keeping water are one leg.
fn merged(legs: Vec<Leg>) -> Vec<Leg> {
    let mut merged: Vec<Leg> = Vec::new();
    for leg in legs {
        match merged.last_mut() {
            Some(last) if last.way == leg.way && last.address == leg.address && matches!(leg.way, "kept" | "drawn") => {
                last.to = leg.to;
                if leg.way == "drawn" {
                    last.from = leg.from;
                }
            }
            _ => merged.push(leg),
        }
    }
    merged
}
