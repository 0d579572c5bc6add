//! Ways of water through the network: from what can give to who asks, and from an outlet down to where it rests.
//!
//! A way that delivers within the step is used for what is wanted now. Where a reach or canal passes most of its water on in
//! later steps, the way up to it is used to order ahead.

use std::collections::VecDeque;

use weir_model::case::Case;
use weir_model::network::{Network, NodeKind, Role};

use super::compiled::{Kind, Receiver};
use super::lists::Lists;

/// Most ways that are known for one who asks: the nearest.
const MOST: usize = 96;

/// Ways, the arcs of each from its giver down.
#[derive(Clone, Debug, Default)]
pub(super) struct Paths {
    pub(super) all: Vec<Path>,
    /// Arc, and which receiver (by its place among all) the water goes on to.
    pub(super) links: Vec<(usize, usize)>,
}

/// A way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Path {
    pub(super) first: usize,
    pub(super) end: usize,
    /// Who gives.
    pub(super) from: usize,
    /// Whose rules it gives by: itself, or for a junction above a lake that lake, through which its water passes.
    pub(super) by: usize,
    /// Where it ends in an arc by which water is ordered ahead.
    pub(super) ahead: Option<Ahead>,
    /// By what it is chosen: dearer last, nearer first, by turbines before gates and gates before spillways.
    pub(super) cost: (u8, usize, usize),
}

/// An order ahead.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ahead {
    /// The slow arc.
    pub(super) arc: usize,
    /// Steps until most of the water has arrived.
    pub(super) delay: usize,
    /// Share of what leaves by it that reaches who asks.
    pub(super) gain: f64,
    /// The node that it arrives at.
    pub(super) node: usize,
}

/// What paths are found in.
pub(super) struct Ground<'a> {
    pub(super) case: &'a Case,
    pub(super) kinds: &'a [Kind],
    pub(super) receivers: &'a Lists<Receiver>,
    /// Arcs that are no decision.
    pub(super) fixed: &'a [bool],
    /// By node: arcs that arrive, with the receiver's place among all.
    pub(super) arriving: Vec<Vec<(usize, usize)>>,
}

impl<'a> Ground<'a> {
    pub(super) fn new(case: &'a Case, kinds: &'a [Kind], receivers: &'a Lists<Receiver>, fixed: &'a [bool]) -> Self {
        let mut arriving = vec![Vec::new(); kinds.len()];
        for arc in 0..case.network.arcs.len() {
            for at in receivers.range(arc) {
                arriving[receivers.item(at).node].push((arc, at));
            }
        }
        Self { case, kinds, receivers, fixed, arriving }
    }

    /// Adds the ways to a node (`last` none), or to what leaves by an arc, and returns where they stand.
    pub(super) fn add(&self, paths: &mut Paths, node: usize, last: Option<usize>) -> std::ops::Range<usize> {
        let start = paths.all.len();
        let tail = last.map_or(node, |arc| self.case.network.arcs[arc].tail.0);
        let links: Vec<(usize, usize)> = last.map(|arc| (arc, usize::MAX)).into_iter().collect();
        let mut found: Vec<(Path, Vec<(usize, usize)>)> = Vec::new();
        let mut waiting = VecDeque::from([Walk {
            node: tail,
            links,
            ahead: None,
            lakes: 0,
            lake: None,
            dear: 0,
            places: last.map_or(0, |arc| place(self.case.network.arcs[arc].role)),
            asks: last.is_none(),
        }]);
        while let Some(walk) = waiting.pop_front() {
            if found.len() >= MOST {
                break;
            }
            Self::note(self.kinds, &walk, &mut found);
            if found.len() + waiting.len() < 4 * MOST {
                self.extend(&walk, &mut waiting);
            }
        }
        found.sort_by_key(|(path, _)| path.cost);
        for (mut path, links) in found {
            path.first = paths.links.len();
            paths.links.extend(links.iter().rev());
            path.end = paths.links.len();
            paths.all.push(path);
        }
        start..paths.all.len()
    }

    /// A way that begins here, if anything here can give.
    fn note(kinds: &[Kind], walk: &Walk, found: &mut Vec<(Path, Vec<(usize, usize)>)>) {
        let gives = match kinds[walk.node] {
            Kind::Storage(_) | Kind::Source => !walk.asks,
            // What comes to a lake from above is the lake's, also before it has arrived there; no further.
            Kind::Junction => !walk.asks && walk.lakes <= 1 && walk.ahead.is_none(),
            Kind::Demand | Kind::Other => false,
        };
        if gives && !walk.links.is_empty() {
            let path = Path {
                first: 0,
                end: 0,
                from: walk.node,
                by: walk.lake.filter(|_| kinds[walk.node] == Kind::Junction).unwrap_or(walk.node),
                ahead: walk.ahead,
                cost: (walk.dear, walk.links.len(), walk.places),
            };
            found.push((path, walk.links.clone()));
        }
    }

    fn extend(&self, walk: &Walk, waiting: &mut VecDeque<Walk>) {
        for &(arc, at) in &self.arriving[walk.node] {
            let facts = &self.case.network.arcs[arc];
            let tail = facts.tail.0;
            let seen =
                walk.links.iter().any(|&(other, _)| self.case.network.arcs[other].tail.0 == tail) || walk.node == tail;
            if self.fixed[arc] || seen || spills_beside(&self.case.network, arc) {
                continue;
            }
            let receiver = self.receivers.item(at);
            let dear = walk.dear.max(if facts.standby { 2 } else { u8::from(facts.price.is_some()) });
            let places = walk.places + place(facts.role);
            let passes = matches!(self.kinds[walk.node], Kind::Storage(_)) && !walk.asks;
            let (lakes, lake) = (walk.lakes + usize::from(passes), walk.lake.or(passes.then_some(walk.node)));
            let to_demand = self.kinds[walk.node] == Kind::Demand && receiver.table.is_some();
            if receiver.is_slow() || to_demand {
                // One order ahead at a time, and never for a storage, which waits for what comes.
                if walk.ahead.is_some() || lakes > 0 || matches!(self.kinds[walk.node], Kind::Storage(_)) {
                    continue;
                }
                let below: f64 = walk
                    .links
                    .iter()
                    .filter(|(_, at)| *at != usize::MAX)
                    .map(|(_, at)| self.receivers.item(*at).fraction)
                    .product();
                let ahead = Ahead { arc, delay: receiver.delay(), gain: below * receiver.fraction, node: walk.node };
                waiting.push_back(Walk {
                    node: tail,
                    links: vec![(arc, usize::MAX)],
                    ahead: Some(ahead),
                    lakes,
                    lake,
                    dear,
                    places,
                    asks: false,
                });
            } else {
                let mut links = walk.links.clone();
                links.push((arc, at));
                waiting.push_back(Walk { node: tail, links, ahead: walk.ahead, lakes, lake, dear, places, asks: false });
            }
        }
    }
}

/// A spillway beside another outlet to the same place: it is opened for what must go, not for who asks.
pub(super) fn spills_beside(network: &Network, arc: usize) -> bool {
    let arcs = &network.arcs;
    let same = |other: &weir_model::network::Arc| {
        let heads = |arc: &weir_model::network::Arc| arc.receivers.first().map(|receiver| receiver.node);
        other.tail == arcs[arc].tail && heads(other) == heads(&arcs[arc])
    };
    arcs[arc].role == Role::Spillway
        && arcs.iter().any(|other| other.role.is_outflow() && other.role != Role::Spillway && same(other))
}

/// A walk upstream.
struct Walk {
    node: usize,
    /// From who asks up.
    links: Vec<(usize, usize)>,
    ahead: Option<Ahead>,
    /// How many storages it has passed, and the first of them.
    lakes: usize,
    lake: Option<usize>,
    dear: u8,
    /// Sum of its arcs' places in the order of opening.
    places: usize,
    /// It stands at the one who asks.
    asks: bool,
}

/// Place of an arc in the order in which ways are opened.
const fn place(role: Role) -> usize {
    match role {
        Role::Turbine => 0,
        Role::EcologicalOutlet => 1,
        Role::Gate => 2,
        Role::Reach => 3,
        Role::Spillway => 4,
        Role::Diversion => 5,
        Role::Pump => 6,
        Role::Intake => 7,
        Role::Inflow => 8,
    }
}

/// By node, the arcs that take what is left over: outlets and reaches first, spillways after them, then other ways.
pub(super) fn ways_out(case: &Case) -> Lists<usize> {
    let network = &case.network;
    let of = |node: usize| {
        let mut arcs: Vec<usize> = (0..network.arcs.len()).filter(|arc| network.arcs[*arc].tail.0 == node).collect();
        arcs.sort_by_key(|arc| (place(network.arcs[*arc].role), *arc));
        arcs
    };
    let takes = |node: usize| matches!(network.nodes[node].kind, NodeKind::Storage(_) | NodeKind::Junction);
    Lists::new((0..network.nodes.len()).map(|node| if takes(node) { of(node) } else { Vec::new() }))
}

/// Arcs that water takes from an outlet until it rests or is delayed.
pub(super) fn downstream(arc: usize, receivers: &Lists<Receiver>, ways_out: &Lists<usize>, kinds: &[Kind]) -> Vec<usize> {
    let mut arcs = vec![arc];
    let mut at = arc;
    while let [receiver] = receivers.of(at) {
        let next = ways_out.of(receiver.node).first().copied().filter(|_| kinds[receiver.node] == Kind::Junction);
        match next {
            Some(next) if receiver.table.is_none() && !arcs.contains(&next) => arcs.push(next),
            _ => break,
        }
        at = arcs[arcs.len() - 1];
    }
    arcs
}

/// Junctions and storages, upstream first along what is left over and along return flows; in a circle, as they come.
pub(super) fn upstream_first(case: &Case, receivers: &Lists<Receiver>, ways_out: &Lists<usize>) -> Vec<usize> {
    let network = &case.network;
    let count = network.nodes.len();
    let mut graph = petgraph::graph::DiGraph::<usize, ()>::new();
    let nodes: Vec<_> = (0..count).map(|node| graph.add_node(node)).collect();
    for node in 0..count {
        for &arc in ways_out.of(node).iter().filter(|arc| network.arcs[**arc].role.is_outflow()) {
            for receiver in receivers.of(arc) {
                graph.add_edge(nodes[node], nodes[receiver.node], ());
            }
        }
    }
    let sorted = petgraph::algo::toposort(&graph, None);
    let all =
        sorted.map_or_else(|_| (0..count).collect(), |order| order.into_iter().map(|at| graph[at]).collect::<Vec<_>>());
    let holds = |node: &usize| matches!(network.nodes[*node].kind, NodeKind::Storage(_) | NodeKind::Junction);
    all.into_iter().filter(holds).collect()
}
