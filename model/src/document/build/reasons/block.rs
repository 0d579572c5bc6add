//! What holds a way itself: its capacity, rules on flows that it adds to, accounts that count it, groups of which it is one.
//!
//! What lies within [`AT_BOUND_HM3`] of its bound is held by it. Limits: of whole numbers groups and changes alone are known here.

use std::collections::BTreeSet;

use petgraph::Direction;
use petgraph::graph::NodeIndex;

use super::{Cause, Found, Seen, Ways, departure};
use crate::goals::Method;
use crate::network::{Account, AccountWindow, Arc, ArcId, Link, NodeId, NodeKind, RequirementKind};
use crate::tolerance::{AT_BOUND_HM3, FEASIBILITY_HM3};

/// Share by which a flow of the simulator may lie under its outlet's rating and pass all that it can.
const SIMULATED: f64 = 1e-4;
/// How much more in a storage shows whether its outlet passes more at a higher level, hm³.
const HIGHER_HM3: f64 = 1e-2;

impl Ways<'_, '_> {
    /// What holds a way itself.
    pub(super) fn block(&self, arc: ArcId, step: usize) -> Option<Cause> {
        let (case, decisions) = (self.of.case, self.of.decisions);
        let network = &case.network;
        let facts = &network.arcs[arc.0];
        let hm3 = case.hm3_per_m3s(step);
        let capacity_at = |higher_hm3: f64| {
            // What has no capacity is bounded by all the water that there is: it is not full of it.
            let own = case.at(&facts.capacity, step, 0);
            let own = if facts.unbounded && own > 0.0 { f64::INFINITY } else { own };
            own.min(self.rated(facts, step, higher_hm3).unwrap_or(f64::INFINITY))
        };
        let capacity = capacity_at(0.0);
        if capacity <= 0.0 {
            return Some(Cause::Closed(facts.id.clone()));
        }
        // Each question with whole numbers leaves some in its rows, and stage 0 asks several.
        let near = if self.of.goals.integers.is_some() { 10.0 * AT_BOUND_HM3 } else { AT_BOUND_HM3 };
        if (capacity - decisions.flow_m3s[[arc.0, step]]) * hm3 <= near {
            let tail = &network.nodes[facts.tail.0];
            let may_rise = || match (&tail.kind, case.storage_row(facts.tail)) {
                // By its mean over the step, it may be higher at its start too.
                (NodeKind::Storage(storage), Some(row)) => {
                    !self.is_full(storage, row, step) || step > 0 && !self.is_full(storage, row, step - 1)
                }
                _ => false,
            };
            let rises = capacity_at(HIGHER_HM3) > capacity && may_rise();
            return Some(Cause::Capacity(facts.id.clone(), rises.then(|| tail.id.clone())));
        }
        let bounded = network.requirements.iter().find_map(|requirement| {
            let over = requirement.of.adds(arc);
            let unit = case.hm3_per_unit(&requirement.of, step);
            let room = |limit: f64, value: f64| limit.is_finite() && (limit - value) * unit <= near;
            let value = || case.value_of(&requirement.of, decisions, step);
            if !over {
                return None;
            }
            if requirement.ceiling.as_ref().is_some_and(|ceiling| room(case.bound(ceiling, step, 0), value())) {
                let id = requirement.id.clone();
                return Some(if requirement.kind == RequirementKind::Command {
                    Cause::Command(id)
                } else {
                    Cause::Ceiling(id)
                });
            }
            let limit = self.of.rises_to(requirement, step);
            limit.is_some_and(|limit| room(limit, value())).then(|| Cause::Change(requirement.id.clone()))
        });
        bounded
            .or_else(|| self.account(arc, step))
            .or_else(|| self.shut_beside(arc, step))
            .or_else(|| self.left_as_it_is(arc, step))
            .or_else(|| self.shut_below_its_least(arc, step))
    }

    /// Whether beside a full way another runs from the same place to the same that is not held.
    pub(super) fn has_room_beside(&self, arc: ArcId, step: usize, block: &Cause) -> bool {
        let network = &self.of.case.network;
        let heads =
            |arc: &Arc| arc.receivers.iter().map(|receiver| (receiver.node, receiver.kernel.clone())).collect::<Vec<_>>();
        let own = heads(&network.arcs[arc.0]);
        let mut beside =
            self.leaving(network.arcs[arc.0].tail).filter(|(other, facts)| *other != arc && heads(facts) == own);
        matches!(block, Cause::Capacity(..)) && beside.any(|(other, _)| self.block(other, step).is_none())
    }

    /// The cause at a storage that is at its lowest, with a way into it that is closed or passes all that it can in each step whose water
    /// could be kept for this one: where there is water beyond it, and by no other way.
    pub(super) fn fed(&self, node: NodeId, step: usize, found: Found, seen: &mut Seen) -> Found {
        let is_low = found.cause.is_dry() && !matches!(found.cause, Cause::Below(..));
        if !(is_low || seen.held && !found.yields && self.window(node, step).1) {
            return found;
        }
        // Ways may lead back to it.
        if let Some(known) = seen.known((node, step)).and_then(|known| known.into_iter().next()) {
            return known;
        }
        let ways = self.into(node, step);
        if !seen.held && ways.iter().all(|&(.., is_full)| !is_full) {
            return found;
        }
        seen.keep((node, step), vec![found.clone()]);
        let mut narrow: Option<Cause> = None;
        for (arc, departs, is_full) in ways {
            if self.along(arc, departs, seen).iter().any(|found| found.yields) {
                // Water that could come and does not is no reason why a way below lets no more through.
                if !is_full {
                    let found = Found { yields: true, ..found };
                    seen.keep((node, step), vec![found.clone()]);
                    return found;
                }
                let held = self.block(arc, departs).filter(|held| self.of.can_be_lifted(held));
                narrow = narrow.into_iter().chain(held).min();
            }
        }
        let Some(narrow) = narrow.filter(|_| is_low) else { return found };
        let found = Found { cause: Cause::Passing(Box::new(found.cause), Box::new(narrow)), ..found };
        seen.keep((node, step), vec![found.clone()]);
        found
    }

    /// Ways into a storage, when what arrives by them in a step leaves, and whether each is closed or passes all that it can in each step
    /// whose water could be kept for this one.
    fn into(&self, node: NodeId, step: usize) -> Vec<(ArcId, usize, bool)> {
        let network = &self.of.case.network;
        let window = self.window(node, step).0;
        let edges = network.graph.edges_directed(NodeIndex::new(node.0), Direction::Incoming);
        let way = |Link { arc, receiver }: Link| {
            let kernel = &network.arcs[arc.0].receivers[receiver].kernel;
            let narrow = |at| self.block(arc, at).is_some_and(|held| held.is_narrow());
            let full = |at| departure(kernel, at).is_none_or(narrow);
            // What leaves too late for this step may be there for those after it whose water it shares.
            let departs = (step..window.end).find_map(|at| departure(kernel, at))?;
            Some((arc, departs, window.clone().rev().all(full)))
        };
        edges.filter_map(|edge| way(*edge.weight())).collect()
    }

    /// A storage above another that is not at its lowest from when its water leaves to the end, the way into the other, and what holds the
    /// ways between: one with room on all of them first, of several the nearest.
    pub(in super::super) fn fed_from(&self, node: NodeId, step: usize) -> Option<(NodeId, ArcId, Option<Cause>)> {
        let could_bring = |held: &Cause| !held.is_narrow() || self.of.can_be_lifted(held);
        let mut from = self.feeds(node, step, &mut BTreeSet::new());
        from.retain(|(.., held)| held.as_ref().is_none_or(could_bring));
        from.into_iter().min_by(|a, b| a.2.cmp(&b.2))
    }

    /// All storages above a node that are not at their lowest, at once or beyond junctions and storages that are.
    fn feeds(&self, node: NodeId, step: usize, seen: &mut BTreeSet<NodeId>) -> Vec<(NodeId, ArcId, Option<Cause>)> {
        let network = &self.of.case.network;
        let (mut near, mut far) = (Vec::new(), Vec::new());
        if !seen.insert(node) {
            return near;
        }
        for (arc, departs, is_full) in self.into(node, step) {
            let Arc { tail, standby: false, .. } = network.arcs[arc.0] else { continue };
            // What is narrow in this step alone had room in another.
            let held = self.block(arc, departs).filter(|held| is_full || !held.is_narrow());
            let held = held.or_else(|| self.of.slowed(tail, departs));
            match &network.nodes[tail.0].kind {
                NodeKind::Storage(_) if !self.window(tail, departs).1 => near.push((tail, arc, held)),
                NodeKind::Storage(_) | NodeKind::Junction => {
                    let beyond = self.feeds(tail, departs, seen).into_iter();
                    far.extend(beyond.map(|(store, _, beyond)| (store, arc, held.clone().or(beyond))));
                }
                NodeKind::Source(_) | NodeKind::Demand(_) | NodeKind::Sink => {}
            }
        }
        near.append(&mut far);
        near
    }

    /// The cause at a storage that is at its lowest, with the goal before the one that asks that turns its water away from who asks.
    pub(super) fn turned(&self, node: NodeId, step: usize, found: Found) -> Found {
        let Some(place) = self.asked.node.filter(|_| found.cause.is_dry()) else { return found };
        let window = self.window(node, step).0;
        let turns = self.of.turns_before((self.asked.rank, node), &window, &self.above(place));
        let Some(first) = turns else { return found };
        Found { cause: Cause::Passing(Box::new(found.cause), Box::new(first)), ..found }
    }

    /// What a rating lets pass with so much more in the storage: by its envelope at the step's mean storage, as a program has it; in the
    /// simulator, which finds it by steps and may stay under it, by the least that it gives in the step.
    pub(super) fn rated(&self, facts: &Arc, step: usize, higher_hm3: f64) -> Option<f64> {
        let (case, decisions) = (self.of.case, self.of.decisions);
        let mean = case.mean_storage(facts.tail, decisions, step) + higher_hm3;
        if self.of.goals.method != Method::Rules {
            return Some(case.rating_envelope(facts, step, 0)?.m3s(mean));
        }
        let (rating, row) = facts.discharge.as_ref().zip(case.storage_row(facts.tail))?;
        let stored = |edge: usize| decisions.storage_hm3[[row, edge]] + higher_hm3;
        let least = mean.min(stored(step)).min(stored(step + 1));
        Some(rating.at(least) * case.at(&rating.open, step, 0) * (1.0 - SIMULATED))
    }

    /// The account that is used up, if it is hard or its goal comes before the one that asks.
    fn account(&self, arc: ArcId, step: usize) -> Option<Cause> {
        self.used_up(arc, step).map(|(account, window)| {
            let left = window.limit_hm3 - window.used_before_hm3;
            let id = account.id.clone();
            // What is left of the window may go on beyond the horizon.
            if left > window.available_hm3 + FEASIBILITY_HM3 { Cause::Share(id) } else { Cause::Account(id) }
        })
    }

    /// The same, where nobody uses it whose goal comes after the one that asks, or is the same.
    pub(super) fn owed(&self, arc: ArcId, step: usize) -> Option<Cause> {
        let (account, window) = self.used_up(arc, step)?;
        let ranks = self.of.ranks();
        let ways: Vec<ArcId> = account.terms.iter().filter(|term| term.1 > 0.0).map(|term| term.0).collect();
        let reached = self.of.reached_from(&ways, &window.steps);
        let node = self.of.case.network.arcs[arc.0].tail;
        let takers = self.takers(node, &reached);
        let mine = ranks.key(self.asked.rank);
        let cedes = self.beside(&takers, node).iter().any(|(rank, _)| ranks.key(*rank) >= mine);
        if cedes { None } else { self.account(arc, step) }
    }

    /// The account that counts a way and is used up, with the window of a step.
    fn used_up(&self, arc: ArcId, step: usize) -> Option<(&Account, &AccountWindow)> {
        let ranks = self.of.ranks();
        let accounts = self.of.case.network.accounts.iter().zip(&ranks.accounts);
        let mut asked = accounts.filter(|(account, rank)| {
            let unasked = self.asked.rank == ranks.none;
            account.at_most && (ranks.key(**rank) < ranks.key(self.asked.rank) || unasked) && account.counts(arc)
        });
        asked.find_map(|(account, _)| Some((account, self.of.used_up(account, step)?)))
    }

    /// What is open of the group of a shut way, of which as many are open as may be.
    fn shut_beside(&self, arc: ArcId, step: usize) -> Option<Cause> {
        let (case, goals) = (self.of.case, self.of.goals);
        let is_open = |arc: &ArcId| case.is_open(*arc, self.of.decisions, step);
        let id = |arc: ArcId| case.network.arcs[arc.0].id.clone();
        goals.integers?;
        case.network.groups.iter().filter(|group| group.arcs.contains(&arc) && !is_open(&arc)).find_map(|group| {
            let open: Vec<ArcId> = group.arcs.iter().copied().filter(is_open).collect();
            let other = open.first().filter(|_| open.len() >= group.most_open)?;
            Some(Cause::Beside(id(arc), id(*other)))
        })
    }

    /// A way that is shut, and open would have to pass at least so much.
    fn shut_below_its_least(&self, arc: ArcId, step: usize) -> Option<Cause> {
        let facts = &self.of.case.network.arcs[arc.0];
        let shut = self.of.goals.integers.is_some()
            && facts.minimum_when_open.is_some()
            && !self.of.case.is_open(arc, self.of.decisions, step);
        shut.then(|| Cause::Shut(facts.id.clone()))
    }

    /// A way that does not change in a step, and within so many days of it has changed as often as it may.
    fn left_as_it_is(&self, arc: ArcId, step: usize) -> Option<Cause> {
        let (case, facts) = (self.of.case, &self.of.case.network.arcs[arc.0]);
        self.of.goals.integers?;
        let commitment = facts.commitment.as_deref()?;
        let changes = commitment.changes?;
        let changed = case.changed(arc, self.of.decisions);
        let within = |last: usize| case.first_within_h(last, changes.days * 24.0)..last + 1;
        let used_up = |last: usize| {
            let count = within(last).filter(|step| changed[*step]).count();
            count >= case.most_changes(changes, &commitment.before, last)
        };
        let mut lasts = (step..changed.len()).take_while(|last| within(*last).contains(&step));
        (!changed[step] && lasts.any(used_up)).then(|| Cause::Often(facts.id.clone()))
    }
}
