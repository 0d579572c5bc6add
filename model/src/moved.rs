//! A case in which one fact is moved by a little in one step: what water values and prices of limits are differences of.
//!
//! Units: hm³, of a flow over the step. What is moved keeps its place in every array, so that plans of both cases compare entry by
//! entry: inflow that is added is a source of its own behind all others.
//! Limits: a fact that is no number in that step (no limit there) stays what it is.

use ndarray::Array2;
use petgraph::graph::NodeIndex;

use crate::case::Case;
use crate::forcing::{Param, SeriesSource};
use crate::network::{Arc, ArcId, Bound, Link, Node, NodeId, NodeKind, Role, Source, Storage, Take};
use crate::place::Place;
use crate::units::{Flow, Unit};

/// Id of the source that brings water to a node; no element of a file has a dot at its front.
const SOURCE: &str = ".more";

/// What of a case is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Water that comes to a node; of a source, that it has.
    Inflow(NodeId),
    /// What a demand wants.
    Demand(NodeId),
    /// What an arc passes at most.
    Capacity(ArcId),
    /// What an arc passes at least.
    LeastFlow(ArcId),
    /// What a storage holds at least at the end of the step.
    LeastStorage(NodeId),
    /// What it holds at most.
    MostStorage(NodeId),
    /// Its flood limit.
    FloodLimit(NodeId),
    /// Floor of a requirement.
    Floor(usize),
    /// Its target.
    Target(usize),
    /// Its ceiling.
    Ceiling(usize),
    /// What an account has for one of its windows, in all its steps.
    Account(usize, usize),
}

impl Case {
    /// The case with a fact moved by so many hm³ in a step.
    #[must_use]
    pub fn moved(&self, fact: Fact, step: usize, by_hm3: f64) -> Self {
        let mut case = self.clone();
        let by_m3s = by_hm3 / self.hm3_per_m3s(step);
        match fact {
            Fact::Inflow(node) => case.bring(node, step, by_m3s),
            Fact::Demand(node) => {
                if let NodeKind::Demand(demand) = &self.network.nodes[node.0].kind {
                    let moved = case.shifted(&demand.demand, step, by_m3s);
                    if let NodeKind::Demand(demand) = &mut case.network.nodes[node.0].kind {
                        demand.demand = moved;
                    }
                    let arcs = (0..self.network.arcs.len()).map(ArcId);
                    for arc in arcs.filter(|arc| by_hm3 > 0.0 && self.is_sized_by_demand(*arc, node)) {
                        let own = &self.network.arcs[arc.0];
                        let more = by_m3s / own.receivers.iter().map(|to| to.fraction).sum::<f64>();
                        case.network.arcs[arc.0].capacity = case.shifted(&own.capacity, step, more);
                    }
                }
            }
            Fact::Capacity(arc) => {
                case.network.arcs[arc.0].unbounded = false;
                case.network.arcs[arc.0].capacity = case.shifted(&self.network.arcs[arc.0].capacity, step, by_m3s);
            }
            Fact::LeastFlow(arc) => {
                case.network.arcs[arc.0].floor = case.shifted(&self.network.arcs[arc.0].floor, step, by_m3s);
            }
            Fact::LeastStorage(node) => case.move_storage(node, |case, storage| {
                storage.lower = case.shifted(&storage.lower, step, by_hm3);
            }),
            Fact::MostStorage(node) => case.move_storage(node, |case, storage| {
                storage.upper = case.shifted(&storage.upper, step, by_hm3);
            }),
            Fact::FloodLimit(node) => case.move_storage(node, |case, storage| {
                storage.flood_limit = storage.flood_limit.map(|limit| case.shifted(&limit, step, by_hm3));
            }),
            Fact::Floor(rule) => {
                let floor = self.network.requirements[rule].floor;
                case.network.requirements[rule].floor = floor.map(|bound| case.shifted_bound(bound, step, by_hm3));
            }
            Fact::Target(rule) => {
                let target = self.network.requirements[rule].target;
                case.network.requirements[rule].target = target.map(|bound| case.shifted_bound(bound, step, by_hm3));
            }
            Fact::Ceiling(rule) => {
                let ceiling = self.network.requirements[rule].ceiling;
                case.network.requirements[rule].ceiling = ceiling.map(|bound| case.shifted_bound(bound, step, by_hm3));
            }
            Fact::Account(account, window) => case.network.accounts[account].windows[window].available_hm3 += by_hm3,
        }
        case
    }

    /// Whether a way is an intake that the file gives no capacity: it passes what its demand wants at most, wherever it is open.
    pub(crate) fn is_sized_by_demand(&self, arc: ArcId, node: NodeId) -> bool {
        let facts = &self.network.arcs[arc.0];
        let NodeKind::Demand(demand) = &self.network.nodes[node.0].kind else { return false };
        let fraction: f64 = facts.receivers.iter().filter(|to| to.node == node).map(|to| to.fraction).sum();
        let steps = || 0..self.horizon.steps();
        let most = steps().map(|step| self.at(&demand.demand, step, 0)).fold(0.0, f64::max) / fraction;
        let sized = |step: usize| {
            let capacity = self.at(&facts.capacity, step, 0);
            capacity == 0.0 || (capacity - most).abs() <= 1e-9 * most
        };
        facts.role == Role::Intake && fraction > 0.0 && steps().all(sized)
    }

    /// A parameter with another value in one step.
    fn shifted<U: Unit>(&mut self, param: &Param<U>, step: usize, by: f64) -> Param<U> {
        let shape = (self.horizon.steps(), self.forcing.members.max(1));
        let values = Array2::from_shape_fn(shape, |(at, member)| {
            let value = self.at(param, at, member);
            if at == step { value + by } else { value }
        });
        self.forcing.add(SOURCE, values, SeriesSource::default())
    }

    fn shifted_bound(&mut self, bound: Bound, step: usize, by_hm3: f64) -> Bound {
        match bound {
            Bound::Flow(param) => Bound::Flow(self.shifted(&param, step, by_hm3 / self.hm3_per_m3s(step))),
            Bound::Volume(param) => Bound::Volume(self.shifted(&param, step, by_hm3)),
            Bound::Level(param) => Bound::Level(self.shifted(&param, step, by_hm3)),
        }
    }

    fn move_storage(&mut self, node: NodeId, change: impl FnOnce(&mut Self, &mut Storage)) {
        if let NodeKind::Storage(storage) = &self.network.nodes[node.0].kind {
            let mut storage = storage.clone();
            change(self, &mut storage);
            self.network.nodes[node.0].kind = NodeKind::Storage(storage);
        }
    }

    /// Adds a source that gives a node so much in a step.
    fn bring(&mut self, node: NodeId, step: usize, by_m3s: f64) {
        if let NodeKind::Source(source) = &self.network.nodes[node.0].kind {
            let flow = source.flow;
            let flow = self.shifted(&flow, step, by_m3s);
            if let NodeKind::Source(source) = &mut self.network.nodes[node.0].kind {
                source.flow = flow;
            }
            return;
        }
        let flow: Param<Flow> = self.shifted(&Param::constant(0.0), step, by_m3s);
        let place = Place::new(SOURCE, 0);
        let tail = NodeId(self.network.nodes.len());
        self.network.nodes.push(Node {
            id: SOURCE.to_owned(),
            name: String::new(),
            place: place.clone(),
            region: None,
            kind: NodeKind::Source(Source { flow, take: Take::Given }),
        });
        self.network.graph.add_node(tail);
        let arc = ArcId(self.network.arcs.len());
        self.network.arcs.push(Arc::of_source(format!("{SOURCE}.flow"), String::new(), place, tail, node));
        let (from, to) = (NodeIndex::new(tail.0), NodeIndex::new(node.0));
        self.network.graph.add_edge(from, to, Link { arc, receiver: 0 });
    }
}
