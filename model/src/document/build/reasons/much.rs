//! What leaves no way to less: why a storage stands as high as it does, or a flow is as great.
//!
//! A storage stands high because its outlets pass all that they can, because a rule holds them or the river below, or because
//! nothing asks for it to be lower. A flow is followed upstream, on the way that brings most, to what forces it: a floor, a storage that is
//! full or will be, or inflow that no storage holds.

use std::collections::BTreeSet;

use petgraph::Direction;
use petgraph::graph::NodeIndex;

use super::wanted::arrival;
use super::{Asked, Cause, Reasons, Ways};
use crate::goals::Method;
use crate::kernel::Kernel;
use crate::measures::target_of;
use crate::network::{Account, AccountWindow, ArcId, Bound, Link, NodeId, NodeKind, Of, Requirement, Role, Storage, Take};
use crate::tolerance::{AT_BOUND_HM3, FEASIBILITY_HM3};

/// Of what is forced to a junction, what is less than this of the most is no reason for what flows on.
const PART: f64 = 0.2;

/// What leaves no way to less.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) enum Much {
    /// All outlets of the storage pass what they can, m³/s in all.
    Outlets(NodeId, f64),
    /// A rule holds what leaves the storage; whether it is on the river below.
    Held(NodeId, String, bool),
    /// A way below passes all that it can, and the storage lets out no more.
    Narrow(NodeId, String),
    /// How a way may be opened and changed holds what leaves the storage.
    Switched(NodeId, String),
    /// The outlets had room, and nothing asked them for more.
    Room(NodeId),
    /// The outlets had room, and what keeps the storage above its limit is not known.
    Unknown(NodeId),
    /// The floor of a rule keeps as much in the storage, and until which later step where not at once.
    Least(NodeId, String, Option<usize>),
    /// A rule lets the storage fall no faster.
    Slow(NodeId, String),
    /// The floor of a way or rule asks for the flow.
    Floor(String),
    /// The target of a rule asks for the flow.
    Target(String),
    /// A hard account asks for it, and has no more than it is due.
    Due(String),
    /// What runs passes no less, m³/s.
    Runs(String, f64),
    /// No gate shuts the way.
    Overflows(String),
    /// The storage can hold no more.
    Full(NodeId),
    /// The storage makes room for what comes until that step, when it is full.
    Ahead(NodeId, usize),
    /// The storage has reached its flood limit, at once or by the end of which later step, and makes room for what comes until then; the
    /// goal that keeps the limit, with its place, where that stands before the one that keeps the rule.
    Limit(NodeId, Option<usize>, Option<(String, usize)>),
    /// A rule lets no more stay in the storage, or not as fast; by the end of which later step where not at once.
    Emptied(NodeId, String, Option<usize>),
    /// Inflow, m³/s, that no storage holds.
    Inflow(String, f64),
    /// What left by a way before the start arrives.
    Past(String),
    /// A rule lets the flow fall no faster.
    Falls(String),
    /// The floors of supply that the water of a node goes to.
    Supplies(NodeId),
    /// What a storage must hold at the end.
    End(String),
    /// A storage that is at its lowest at the end of a step, and would be lower.
    Lowest(NodeId, usize),
    /// A way out of the storage passes more the more it holds, and that is needed.
    Head(NodeId, String, Box<Self>),
    /// A goal, with its place, that stands before the one that keeps the rule and would fare worse with less.
    First(String, usize),
    /// The same of less water in a storage.
    Kept(NodeId, String, usize),
    /// The goals are weighed against each other, and the one that keeps the rule weighs less.
    Outweighed,
    /// The goal that keeps the rule leaves as much open, and what comes after takes it.
    Open(String),
    /// The goal that keeps the rule is not proved to be at its best.
    Unproved(String),
    /// As little above its limit as the least breach is held to within.
    Within(NodeId),
    /// Its outlets have no more room than that.
    Margin(NodeId),
    /// Several force parts of it.
    Several(Vec<Self>),
}

impl Much {
    /// One of several, or all of them, each once.
    pub(super) fn of_all(found: Vec<Self>) -> Option<Self> {
        let mut all: Vec<Self> = Vec::new();
        for one in found.into_iter().flat_map(Self::each) {
            if !all.contains(&one) {
                all.push(one);
            }
        }
        if all.len() > 1 { Some(Self::Several(all)) } else { all.pop() }
    }

    fn each(self) -> Vec<Self> {
        match self {
            Self::Several(all) => all,
            one => vec![one],
        }
    }
}

impl Reasons<'_> {
    /// Why a storage lets out no more in a step.
    pub(in super::super) fn outlets(&self, node: NodeId, step: usize) -> Much {
        let ways = self.any(step);
        let (mut held, mut often, mut open, mut passed) = (None, None, Vec::new(), 0.0);
        for (arc, _) in ways.leaving(node).filter(|(_, arc)| arc.role.is_outflow()) {
            passed += self.decisions.flow_m3s[[arc.0, step]];
            match ways.block(arc, step) {
                Some(Cause::Command(id) | Cause::Ceiling(id) | Cause::Change(id) | Cause::Beside(_, id)) => held = Some(id),
                Some(Cause::Often(way)) => often = Some(way),
                Some(_) => {}
                None => open.push(arc),
            }
        }
        match (held, often, open.is_empty()) {
            (Some(rule), _, true) => Much::Held(node, rule, false),
            (None, Some(way), true) => Much::Switched(node, way),
            (None, None, true) => Much::Outlets(node, passed),
            (.., false) => match self.stopped(node, &open, step, false) {
                Some(stopped) => stopped,
                None if self.is_over(node, step) => self.kept(node, &open, step).unwrap_or(Much::Unknown(node)),
                None => Much::Room(node),
            },
        }
    }

    /// m³/s more that a storage's outlets could pass in a step, as far as nothing stops it there or below; of the room in storages below
    /// the part of one in so many steps.
    pub(in super::super) fn room_m3s(&self, node: NodeId, step: usize, steps: usize) -> f64 {
        let ways = self.any(step);
        let free = |arc: &ArcId| ways.block(*arc, step).is_none() && self.stopped(node, &[*arc], step, false).is_none();
        let outlets = ways.leaving(node).filter(|(_, arc)| arc.role.is_outflow() && arc.role != Role::Spillway);
        let room = |arc| self.room_along(arc, step, steps, &mut BTreeSet::from([node]));
        outlets.map(|(arc, _)| arc).filter(free).map(room).sum()
    }

    /// The same of one way.
    pub(in super::super) fn room_onward(&self, arc: ArcId, step: usize, steps: usize) -> f64 {
        self.room_along(arc, step, steps, &mut BTreeSet::new())
    }

    /// What more a way could pass, and those that it runs into could pass on, m³/s; none by a way back.
    fn room_along(&self, arc: ArcId, step: usize, steps: usize, seen: &mut BTreeSet<NodeId>) -> f64 {
        let case = self.case;
        let receivers = case.network.arcs[arc.0].receivers.iter().filter(|receiver| receiver.fraction > 0.0);
        let below = receivers.map(|receiver| {
            let Some(there) = arrival(&receiver.kernel, step..step + 1).map(|steps| steps.start) else {
                return f64::INFINITY;
            };
            let node = receiver.node;
            if !seen.insert(node) {
                return 0.0;
            }
            let kind = &case.network.nodes[node.0].kind;
            let mut onward = |river: bool| -> f64 {
                let ways: Vec<ArcId> = self
                    .any(there)
                    .leaving(node)
                    .filter(|(_, way)| way.role.is_outflow() == river)
                    .map(|(way, _)| way)
                    .collect();
                ways.into_iter().map(|way| self.room_along(way, there, steps, seen)).sum()
            };
            let room = match kind {
                NodeKind::Sink => f64::INFINITY,
                NodeKind::Junction => onward(true) + onward(false),
                NodeKind::Storage(storage) => {
                    let row = case.storage_row(node).unwrap_or_default();
                    let left =
                        |step: usize| case.storage_limit(storage, step, 0).0 - self.decisions.storage_hm3[[row, step + 1]];
                    let least = (there..case.horizon.steps()).map(left).fold(f64::INFINITY, f64::min).max(0.0);
                    least / case.hm3_per_m3s(there) / steps.max(1) as f64 + onward(true)
                }
                NodeKind::Source(_) | NodeKind::Demand(_) => 0.0,
            };
            seen.remove(&node);
            room / receiver.fraction
        });
        below.fold(self.room_of(arc, step), f64::min)
    }

    /// What more a way itself could pass, m³/s: by its capacity, its rating, and the rules on flows that it adds to.
    pub(super) fn room_of(&self, arc: ArcId, step: usize) -> f64 {
        let case = self.case;
        let facts = &case.network.arcs[arc.0];
        let rated = case.rated_m3s(facts, self.decisions, step).unwrap_or(f64::INFINITY);
        let room = case.at(&facts.capacity, step, 0).min(rated) - self.decisions.flow_m3s[[arc.0, step]];
        let rules = case.network.requirements.iter().filter_map(|rule| {
            let Of::Flow(terms) = &rule.of else { return None };
            let (_, share) = terms.iter().find(|(way, share)| *way == arc && *share > 0.0)?;
            let most = rule
                .ceiling
                .as_ref()
                .map(|ceiling| case.bound(ceiling, step, 0))
                .into_iter()
                .chain(self.rises_to(rule, step))
                .reduce(f64::min)?;
            Some((most - case.value_of(&rule.of, self.decisions, step)) / share)
        });
        rules.fold(room, f64::min).max(0.0)
    }

    pub(in super::super) fn any(&self, step: usize) -> Ways<'_, '_> {
        Ways { of: self, asked: Asked { rank: 0, node: None, step, own: None, broken: false }, words: &[] }
    }

    /// The ways as whoever no goal asks for sees them: every account holds those that it counts.
    pub(in super::super) fn unasked(&self, step: usize) -> Ways<'_, '_> {
        let any = self.any(step);
        Ways { asked: Asked { rank: self.ranks().none, ..any.asked }, ..any }
    }

    /// What forces the flow of these ways in a step, m³/s more than the rule bears that is broken by it.
    pub(super) fn forced(&self, rule: (&str, f64), arcs: &[ArcId], step: usize) -> Option<Much> {
        let mut seen = BTreeSet::new();
        let flow = |arc: &ArcId| self.decisions.flow_m3s[[arc.0, step]];
        let arc = arcs.iter().copied().max_by(|a, b| flow(a).total_cmp(&flow(b)))?;
        self.forces(rule, arc, step, &mut seen)
    }

    fn forces(&self, (rule, over): (&str, f64), arc: ArcId, step: usize, seen: &mut BTreeSet<ArcId>) -> Option<Much> {
        let (case, network) = (self.case, &self.case.network);
        let facts = &network.arcs[arc.0];
        let flow = self.decisions.flow_m3s[[arc.0, step]];
        let hm3 = case.hm3_per_m3s(step);
        if !seen.insert(arc) || flow * hm3 <= FEASIBILITY_HM3 {
            return None;
        }
        let floor = case.at(&facts.floor, step, 0);
        if floor > 0.0 && (flow - floor) * hm3 <= FEASIBILITY_HM3 {
            return Some(Much::Floor(facts.id.clone()));
        }
        let least = facts.minimum_when_open.as_ref().map(|least| case.at(least, step, 0));
        if let Some(least) = least.filter(|least| (flow - least).abs() * hm3 <= FEASIBILITY_HM3) {
            return Some(Much::Runs(facts.id.clone(), least));
        }
        if facts.free_overflow && self.goals.method == Method::Rules {
            return Some(Much::Overflows(facts.id.clone()));
        }
        let owed = network.requirements.iter().find(|requirement| {
            let over = requirement.of.adds(arc);
            let least = requirement.floor.as_ref().map(|floor| case.bound(floor, step, 0));
            over && requirement.id != rule
                && least.is_some_and(|least| {
                    let value = case.value_of(&requirement.of, self.decisions, step);
                    least.is_finite() && least > 0.0 && (value - least) * hm3 <= FEASIBILITY_HM3
                })
        });
        if let Some(requirement) = owed {
            return Some(Much::Floor(requirement.id.clone()));
        }
        if let Some(due) = self.due(rule, arc, step) {
            return Some(Much::Due(due));
        }
        if let Some(asks) = self.asks(rule, arc, step) {
            return Some(asks);
        }
        if let Some(slow) = self.falls(rule, arc, step) {
            return Some(slow);
        }
        match &network.nodes[facts.tail.0].kind {
            NodeKind::Storage(storage) => {
                let row = case.storage_row(facts.tail)?;
                let stored = &self.decisions.storage_hm3;
                let keeps = || self.keeps_limit(row, rule);
                match self.limit(storage, row, step) {
                    Some(true) => return Some(Much::Limit(facts.tail, None, keeps())),
                    Some(false) => return Some(Much::Full(facts.tail)),
                    None => {}
                }
                let bound = |bound: &Option<Bound>, at: usize| bound.as_ref().map(|bound| case.bound(bound, at, 0));
                let is_at = |limit: f64, value: f64| limit.is_finite() && value >= limit - FEASIBILITY_HM3;
                let topped = |of: &&Requirement, at: usize| {
                    bound(&of.ceiling, at).is_some_and(|limit| is_at(limit, stored[[row, at + 1]]))
                };
                let rises = |of: &&Requirement| {
                    let rise = stored[[row, step + 1]] - stored[[row, step]];
                    bound(&of.rise_per_day, step).is_some_and(|limit| is_at(limit * case.horizon.days(step), rise))
                };
                let rules = || {
                    let on = network.requirements.iter().filter(|of| of.of == Of::Storage(facts.tail));
                    on.filter(|of| of.id != rule)
                };
                let emptied = |of: &Requirement, by| Much::Emptied(facts.tail, of.id.clone(), by);
                if let Some(held) = rules().find(|of| topped(of, step) || rises(of)) {
                    return Some(emptied(held, None));
                }
                // What comes first of a later end of the room.
                let mut later = step + 1..case.horizon.steps();
                later.find_map(|at| match rules().find(|of| topped(of, at)) {
                    Some(held) => Some(emptied(held, Some(at))),
                    None => self.reaches_limit(storage, (facts.tail, row), at).map(|is_flood_limit| {
                        if is_flood_limit { Much::Limit(facts.tail, Some(at), keeps()) } else { Much::Ahead(facts.tail, at) }
                    }),
                })
            }
            NodeKind::Source(source) if source.take == Take::Given => {
                Some(Much::Inflow(network.nodes[facts.tail.0].id.clone(), flow))
            }
            // What comes may go by another way, for which the simulator does not look.
            NodeKind::Junction if self.goals.method != Method::Rules && self.passes_beside((rule, over), arc, step) => None,
            NodeKind::Junction => self.comes((rule, over), facts.tail, step, seen),
            NodeKind::Source(_) | NodeKind::Demand(_) | NodeKind::Sink => None,
        }
    }

    /// What forces what comes to a junction in a step: of several ways, of those that bring a part of it.
    fn comes(&self, (rule, over): (&str, f64), node: NodeId, step: usize, seen: &mut BTreeSet<ArcId>) -> Option<Much> {
        let (case, network) = (self.case, &self.case.network);
        let mut brings: Vec<(ArcId, Option<usize>, f64)> = Vec::new();
        for (number, other) in network.arcs.iter().enumerate() {
            for receiver in other.receivers.iter().filter(|receiver| receiver.node == node) {
                let most = self.brings(ArcId(number), &receiver.kernel, step);
                brings.extend(most.map(|(departs, flow)| (ArcId(number), Some(departs), flow)));
                if let Kernel::Table(table) = &receiver.kernel {
                    let before = table.from_before_hm3.get(step).map_or(0.0, |left| left * receiver.fraction);
                    brings.push((ArcId(number), None, before / case.hm3_per_m3s(step)));
                }
            }
        }
        // What left before the start is a reason if the rule would be kept without it.
        let past: f64 = brings.iter().filter(|(_, departs, _)| departs.is_none()).map(|(.., flow)| flow).sum();
        brings.retain(|(_, departs, _)| departs.is_some() || past > 0.0 && past >= over);
        brings.sort_by(|a, b| b.2.total_cmp(&a.2));
        let forced = brings.into_iter().filter_map(|(arc, departs, flow)| {
            let by = match departs {
                Some(departs) => self.forces((rule, over), arc, departs, seen)?,
                None => Much::Past(network.arcs[arc.0].id.clone()),
            };
            Some((flow, by))
        });
        let forced: Vec<(f64, Much)> = forced.collect();
        let most = forced.first().map_or(0.0, |(flow, _)| *flow);
        let parts = forced.into_iter().filter(|(flow, _)| *flow >= PART * most);
        Much::of_all(parts.map(|(_, by)| by).collect())
    }

    /// The hard account that asks for what a way passes in a step, and has no more than it is due, of another than the rule.
    fn due(&self, rule: &str, arc: ArcId, step: usize) -> Option<String> {
        let asks = |account: &&Account| {
            let windows = account.windows.iter().filter(|window| window.steps.contains(&step));
            let met = |window: &AccountWindow| {
                let used = account.used_hm3(self.case, self.decisions, window.steps.clone());
                window.available_hm3 > FEASIBILITY_HM3 && used <= window.available_hm3 + AT_BOUND_HM3
            };
            !account.at_most && account.hard && account.id != rule && account.counts(arc) && windows.into_iter().any(met)
        };
        self.case.network.accounts.iter().find(asks).map(|account| account.id.clone())
    }

    /// Whether what a way has more than a rule bears could go by others from the same place, which the rule does not count.
    fn passes_beside(&self, (rule, over): (&str, f64), arc: ArcId, step: usize) -> bool {
        let network = &self.case.network;
        let counts = |way: ArcId| {
            network.requirements.iter().any(|requirement| requirement.id == rule && requirement.of.adds(way))
                || network.accounts.iter().any(|account| account.id == rule && account.counts(way))
        };
        let tail = network.arcs[arc.0].tail;
        let ways = self.any(step);
        let others = ways.leaving(tail).map(|(way, _)| way).filter(|&way| way != arc && !counts(way));
        let free: Vec<ArcId> = others.filter(|&way| self.goes_on(way, step)).collect();
        let room: f64 = free.iter().map(|way| self.room_onward(*way, step, 1)).sum();
        !free.is_empty() && room >= over
    }

    /// The target that the rules let a flow out for, of another rule than this.
    fn asks(&self, rule: &str, arc: ArcId, step: usize) -> Option<Much> {
        let case = self.case;
        let asks = |requirement: &&Requirement| {
            let over = requirement.of.adds(arc);
            let beyond = |target: f64| case.value_of(&requirement.of, self.decisions, step) - target;
            let target = target_of(case, requirement, step, 0).filter(|target| *target > 0.0);
            let is_at = |target: f64| beyond(target).abs() * case.hm3_per_m3s(step) <= FEASIBILITY_HM3;
            over && requirement.id != rule && target.is_some_and(is_at)
        };
        let by_rules = self.goals.method == Method::Rules;
        by_rules.then(|| case.network.requirements.iter().find(asks)).flatten().map(|found| Much::Target(found.id.clone()))
    }

    /// The way into the junctions above these ways that brings most of what flows by them in a step, and when that leaves; none where they begin at none.
    pub(super) fn brought(&self, arcs: &[ArcId], step: usize) -> Option<(ArcId, usize)> {
        let network = &self.case.network;
        let most = |ways: Vec<(ArcId, (usize, f64))>| {
            let most = ways.into_iter().max_by(|(_, a), (_, b)| a.1.total_cmp(&b.1));
            most.map(|(arc, (departs, _))| (arc, departs))
        };
        let into = |node: NodeId, step: usize| {
            let edges = network.graph.edges_directed(NodeIndex::new(node.0), Direction::Incoming).map(|edge| *edge.weight());
            let ways = edges.filter_map(|Link { arc, receiver }| {
                Some((arc, self.brings(arc, &network.arcs[arc.0].receivers[receiver].kernel, step)?))
            });
            most(ways.collect())
        };
        let (mut seen, mut found) = (BTreeSet::new(), None);
        let here = |&arc: &ArcId| Some((arc, self.brings(arc, &Kernel::Instant, step)?));
        let mut way = most(arcs.iter().filter_map(here).collect())?;
        while matches!(network.nodes[network.arcs[way.0.0].tail.0].kind, NodeKind::Junction) && seen.insert(way.0) {
            let Some(next) = into(network.arcs[way.0.0].tail, way.1) else { break };
            (way, found) = (next, Some(next));
        }
        found
    }

    /// Of what a way brings in a step, when the most of it left, and how much that is, m³/s; none where all of it left before the start.
    fn brings(&self, arc: ArcId, kernel: &Kernel, step: usize) -> Option<(usize, f64)> {
        let flow = |departs: usize| self.decisions.flow_m3s[[arc.0, departs]];
        let Kernel::Table(table) = kernel else { return Some((step, flow(step))) };
        let parts = (0..=step).filter_map(|departs| {
            let (_, share) = table.arrivals.get(departs)?.iter().find(|(at, share)| *at == step && *share > 0.0)?;
            Some((departs, share * flow(departs)))
        });
        parts.max_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// Whether a storage is at its limit at the end of a step, and that is its flood limit.
    fn limit(&self, storage: &Storage, row: usize, step: usize) -> Option<bool> {
        let stored = self.decisions.storage_hm3[[row, step + 1]];
        let (limit, is_flood_limit) = self.case.storage_limit(storage, step, 0);
        let at = |limit: f64| stored >= limit - FEASIBILITY_HM3;
        // A limit that gave way holds nothing: what is above it is held by the top.
        if stored > limit + FEASIBILITY_HM3 {
            return at(self.case.at(&storage.upper, step, 0)).then_some(false);
        }
        at(limit).then_some(is_flood_limit)
    }

    /// Whether a storage is at its limit or above it at the end of a step, and that is its flood limit.
    fn reaches_limit(&self, storage: &Storage, (node, row): (NodeId, usize), step: usize) -> Option<bool> {
        self.limit(storage, row, step).or_else(|| self.is_over(node, step).then_some(true))
    }

    /// A storage that is full or at its flood limit after a step, until which it makes room.
    pub(super) fn ahead(&self, node: NodeId, step: usize) -> Option<Much> {
        let NodeKind::Storage(storage) = &self.case.network.nodes[node.0].kind else { return None };
        let row = self.case.storage_row(node)?;
        let mut later = step + 1..self.case.horizon.steps();
        later.find_map(|at| {
            let is_flood_limit = self.reaches_limit(storage, (node, row), at)?;
            Some(if is_flood_limit { Much::Limit(node, Some(at), None) } else { Much::Ahead(node, at) })
        })
    }

    /// The rule that lets the flow of a way fall no faster in a step than it does.
    pub(super) fn falls(&self, rule: &str, arc: ArcId, step: usize) -> Option<Much> {
        let slow = self.case.network.requirements.iter().find(|requirement| {
            let over = requirement.of.adds(arc);
            let least = |(before, fall): (f64, f64)| before > fall;
            over && requirement.id != rule
                && self.fall_into(requirement, step).is_some_and(least)
                && self.falls_as_fast(requirement, step)
        });
        slow.map(|requirement| Much::Falls(requirement.id.clone()))
    }

    /// To what a rule lets a flow, or what a storage holds, rise in a step.
    pub(super) fn rises_to(&self, rule: &Requirement, step: usize) -> Option<f64> {
        let before = self.case.value_ahead_of(&rule.of, self.decisions, step)?;
        Some(before + self.case.bound(rule.rise_per_day.as_ref()?, step, 0) * self.case.horizon.days(step))
    }

    /// What a flow has before a step, and by how much a rule lets it fall into it, m³/s.
    fn fall_into(&self, rule: &Requirement, step: usize) -> Option<(f64, f64)> {
        let before = self.case.value_ahead_of(&rule.of, self.decisions, step)?;
        Some((before, self.case.bound(rule.fall_per_day.as_ref()?, step, 0) * self.case.horizon.days(step)))
    }

    /// Whether a flow falls into a step by as much as a rule lets it.
    pub(super) fn falls_as_fast(&self, rule: &Requirement, step: usize) -> bool {
        let value = self.case.value_of(&rule.of, self.decisions, step);
        let room = |(before, fall): (f64, f64)| (value - (before - fall)) * self.case.hm3_per_m3s(step);
        self.fall_into(rule, step).is_some_and(|fall| room(fall) <= FEASIBILITY_HM3)
    }
}
