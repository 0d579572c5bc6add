//! Who has the water of a node: storages at the end, flows that are owed, supplies, and what runs out of the basin.
//!
//! Many steps of a storage have one window, and many entries ask for its water, so what is found for a window is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

use petgraph::Direction;
use petgraph::graph::NodeIndex;

use super::{Cause, Ways};
use crate::network::{ArcId, NodeId, NodeKind, Of};
use crate::tolerance::FEASIBILITY_HM3;

/// Who has the water of a node in a window: how often each rank and cause, and which nodes the water reaches.
pub(super) struct Takers {
    pub(super) counts: BTreeMap<(usize, Cause), usize>,
    reached: Reached,
}

/// Nodes that water reaches, and the steps in which it is there.
pub(super) type Reached = BTreeMap<NodeId, Range<usize>>;

impl Takers {
    fn add(&mut self, rank: usize, cause: Cause) {
        *self.counts.entry((rank, cause)).or_default() += 1;
    }
}

impl Ways<'_, '_> {
    /// Who has the water of a node in some steps, beside the one who asks; with their ranks.
    pub(super) fn takers_but_itself(&self, node: NodeId, window: &Range<usize>) -> Vec<(usize, Cause)> {
        let key = (node, window.start, window.end);
        let known = self.of.takers.borrow().get(&key).cloned();
        let takers = known.unwrap_or_else(|| {
            let reached = self.downstream(node, window).into_iter().map(|reached| (reached, window.clone())).collect();
            let takers = Rc::new(self.takers(node, &reached));
            self.of.takers.borrow_mut().insert(key, Rc::clone(&takers));
            takers
        });
        let asking =
            self.asked.node.filter(|asking| window.contains(&self.asked.step) && takers.reached.contains_key(asking));
        let mut itself: BTreeMap<(usize, Cause), usize> = BTreeMap::new();
        let own = self.of.case.network.portions().filter(|row| Some(row.node) == asking);
        for taker in own.filter_map(|row| self.supplied(node, row.row, self.asked.step)) {
            *itself.entry(taker).or_default() += 1;
        }
        let others = takers.counts.iter().filter(|(taker, count)| itself.get(taker).is_none_or(|own| own < count));
        others.map(|(taker, _)| taker.clone()).collect()
    }

    /// The rank and cause for which a portion has water of a node in a step, if it has any.
    fn supplied(&self, node: NodeId, row: usize, step: usize) -> Option<(usize, Cause)> {
        let (case, ranks) = (self.of.case, self.of.ranks());
        if self.of.decisions.supply_m3s[[row, step]] * case.hm3_per_m3s(step) <= FEASIBILITY_HM3 {
            return None;
        }
        let id = || case.network.nodes[node.0].id.clone();
        let rank = ranks.keeping[[row, step]];
        let cause = match ranks.stage(rank) {
            Some((goal, place, _)) => Cause::First(id(), goal.to_owned(), place),
            None if rank == 0 => Cause::Floors(id()),
            None => Cause::Kept(id()),
        };
        Some((rank, cause))
    }

    /// Who has the water of a node in the steps in which it is where it goes: storages at the end, flows that are owed, supplies.
    pub(super) fn takers(&self, node: NodeId, reached: &Reached) -> Takers {
        let (case, decisions, ranks) = (self.of.case, self.of.decisions, self.of.ranks());
        let network = &case.network;
        let mut takers = Takers { counts: BTreeMap::new(), reached: reached.clone() };
        let during = |node: &NodeId| reached.get(node).cloned().unwrap_or_default();
        let id = || network.nodes[node.0].id.clone();
        let steps = case.horizon.steps();
        for (row, (of, storage)) in network.storages().enumerate().filter(|(_, (of, _))| reached.contains_key(of)) {
            let stored = decisions.storage_hm3[[row, steps]] - case.at(&storage.lower, steps - 1, 0);
            let last = during(&of).end.saturating_sub(1);
            if self.window(of, last).0.end == steps && stored > FEASIBILITY_HM3 {
                let of = network.nodes[of.0].id.clone();
                let reserve = ranks.stage(ranks.ends[row]);
                let cause =
                    reserve.map_or(Cause::End(of.clone()), |(goal, place, _)| Cause::Reserve(of, goal.to_owned(), place));
                takers.add(ranks.ends[row], cause);
            }
        }
        let mut owed: BTreeSet<(ArcId, usize)> = BTreeSet::new();
        for (index, requirement) in network.requirements.iter().enumerate() {
            let Of::Flow(terms) = &requirement.of else { continue };
            let tails = terms.iter().filter(|(_, share)| *share > 0.0).map(|(arc, _)| network.arcs[arc.0].tail);
            let there: BTreeSet<usize> = tails.flat_map(|tail| during(&tail)).collect();
            for step in there.into_iter().filter(|&step| ranks.holding[[index, step]] < ranks.none) {
                takers.add(ranks.holding[[index, step]], Cause::Flow(id(), requirement.id.clone()));
                owed.extend(terms.iter().map(|&(arc, _)| (arc, step)));
            }
        }
        for row in network.portions().filter(|row| reached.contains_key(&row.node)) {
            for (rank, cause) in during(&row.node).filter_map(|step| self.supplied(node, row.row, step)) {
                takers.add(rank, cause);
            }
        }
        // What runs out of the basin without being owed.
        for (number, arc) in network.arcs.iter().enumerate().filter(|(_, arc)| reached.contains_key(&arc.tail)) {
            let out = arc.receivers.iter().all(|r| matches!(network.nodes[r.node.0].kind, NodeKind::Sink));
            let free = |step: usize| {
                let over = decisions.flow_m3s[[number, step]] - case.at(&arc.floor, step, 0);
                over * case.hm3_per_m3s(step) > FEASIBILITY_HM3 && !owed.contains(&(ArcId(number), step))
            };
            if out && during(&arc.tail).any(free) {
                takers.add(ranks.none, Cause::Kept(id()));
            }
        }
        takers
    }

    /// A node with those that its water flows on to in some steps.
    fn downstream(&self, node: NodeId, window: &Range<usize>) -> BTreeSet<NodeId> {
        let (case, network) = (self.of.case, &self.of.case.network);
        let mut reached = BTreeSet::from([node]);
        let mut open = vec![node];
        while let Some(node) = open.pop() {
            for edge in network.graph.edges_directed(NodeIndex::new(node.0), Direction::Outgoing) {
                let link = edge.weight();
                let arc = &network.arcs[link.arc.0];
                let flows = window.clone().any(|step| {
                    let over = self.of.decisions.flow_m3s[[link.arc.0, step]] - case.at(&arc.floor, step, 0);
                    over * case.hm3_per_m3s(step) > FEASIBILITY_HM3
                });
                let head = arc.receivers[link.receiver].node;
                if flows && reached.insert(head) {
                    open.push(head);
                }
            }
        }
        reached
    }
}
