//! What stops more water that a storage would let out: followed downstream to where it leaves the basin, is taken, or finds room to stay.
//!
//! A way is stopped by what holds it, or where all that it runs to is stopped: a junction all of whose ways are, a storage that is at
//! its limit before it can let the water out again. The method `rules` lets out along the first way of each junction alone.
//! Looked at closely, a way is also stopped by a hard account that is used up, by a rule that lets its flow fall no faster in the next step,
//! and with whole numbers by how it may be opened and changed: these hold it only together with what else the plan does. What a demand lacks
//! is no way then where what comes back of it is stopped.

use std::collections::BTreeMap;

use super::wanted::arrival;
use super::{Cause, Much, Reasons};
use crate::goals::Method;
use crate::network::{Account, ArcId, NodeId, NodeKind, Of, Receiver, Requirement, RequirementKind, Role, Storage};
use crate::on_off::Commitment;
use crate::rule;
use crate::tolerance::AT_BOUND_HM3;

/// What stops more water; the first in this order is told where ways are stopped by several.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stop {
    /// A rule on flows or storages, or the limit of a storage.
    Rule(String),
    /// A way passes all that it can.
    Narrow(String),
    /// A rule lets the flow fall no faster afterwards.
    Falls(String),
    /// How a way may be opened and changed.
    Switched(String),
    /// The way leads back to itself, or to a demand that has all that it asks for.
    Nowhere,
}

/// What stops ways in steps; nothing where they go on.
pub(super) type Stops = BTreeMap<(ArcId, usize), Option<Stop>>;

/// Where more water would go that a storage lets out.
struct Below<'a, 'b> {
    of: &'b Reasons<'a>,
    /// The storage.
    from: NodeId,
    closely: bool,
    known: Stops,
}

impl Reasons<'_> {
    /// What below a way lets no more of it through in a step: a full way, a rule, a storage at its limit.
    pub(super) fn held_below(&self, arc: ArcId, step: usize) -> Option<Cause> {
        let from = self.case.network.arcs[arc.0].tail;
        let known = self.stops.borrow_mut().remove(&(from, false)).unwrap_or_default();
        let mut below = Below { of: self, from, closely: false, known };
        let stop = below.beyond(arc, step);
        self.stops.borrow_mut().insert((from, false), below.known);
        match stop? {
            Stop::Narrow(way) => Some(Cause::Onto(way)),
            Stop::Rule(id) => Some(match self.case.network.requirements.iter().find(|rule| rule.id == id) {
                Some(rule) if rule.kind == RequirementKind::Command => Cause::Command(id),
                Some(_) => Cause::Ceiling(id),
                // The limit of a storage.
                None => Cause::Filled(id.rsplit_once('.')?.0.to_owned()),
            }),
            Stop::Falls(_) | Stop::Switched(_) | Stop::Nowhere => None,
        }
    }

    /// Whether more water by a way would go on in a step.
    pub(super) fn goes_on(&self, arc: ArcId, step: usize) -> bool {
        let from = self.case.network.arcs[arc.0].tail;
        let known = self.stops.borrow_mut().remove(&(from, false)).unwrap_or_default();
        let mut below = Below { of: self, from, closely: false, known };
        let stop = below.along(arc, step);
        self.stops.borrow_mut().insert((from, false), below.known);
        stop.is_none()
    }

    /// What stops more water by these outlets of a storage in a step; nothing where by one of them it goes on.
    pub(super) fn stopped(&self, from: NodeId, outlets: &[ArcId], step: usize, closely: bool) -> Option<Much> {
        let known = self.stops.borrow_mut().remove(&(from, closely)).unwrap_or_default();
        let mut below = Below { of: self, from, closely, known };
        let stop = below.all(outlets, step);
        self.stops.borrow_mut().insert((from, closely), below.known);
        Some(match stop? {
            Stop::Rule(rule) => Much::Held(from, rule, true),
            Stop::Narrow(way) => Much::Narrow(from, way),
            Stop::Falls(rule) => Much::Falls(rule),
            Stop::Switched(way) => Much::Switched(from, way),
            Stop::Nowhere => return None,
        })
    }
}

impl Below<'_, '_> {
    /// What stops more water on all of some ways.
    fn all(&mut self, ways: &[ArcId], step: usize) -> Option<Stop> {
        let mut first = Stop::Nowhere;
        for way in ways {
            first = first.min(self.along(*way, step)?);
        }
        Some(first)
    }

    fn along(&mut self, arc: ArcId, step: usize) -> Option<Stop> {
        if let Some(known) = self.known.get(&(arc, step)) {
            return known.clone();
        }
        self.known.insert((arc, step), Some(Stop::Nowhere));
        let stop = self.itself(arc, step).or_else(|| self.beyond(arc, step));
        self.known.insert((arc, step), stop.clone());
        stop
    }

    /// What of a way itself stops more water.
    fn itself(&self, arc: ArcId, step: usize) -> Option<Stop> {
        let facts = &self.of.case.network.arcs[arc.0];
        let held = self.of.any(step).block(arc, step).map(|cause| match cause {
            Cause::Command(rule) | Cause::Ceiling(rule) | Cause::Change(rule) | Cause::Beside(_, rule) => Stop::Rule(rule),
            Cause::Often(way) | Cause::Shut(way) => Stop::Switched(way),
            _ => Stop::Narrow(facts.id.clone()),
        });
        let falls = || {
            let next = (step + 1 < self.of.case.horizon.steps()).then(|| self.of.falls("", arc, step + 1));
            match next.flatten() {
                Some(Much::Falls(rule)) => Some(Stop::Falls(rule)),
                _ => None,
            }
        };
        let switched = || {
            let shut = !self.of.case.is_open(arc, self.of.decisions, step) && facts.minimum_when_open.is_some();
            let written = facts.commitment.as_deref().is_some_and(|written| *written != Commitment::default());
            let whole = self.of.goals.integers.is_some() && (shut || written);
            whole.then(|| Stop::Switched(facts.id.clone()))
        };
        let counted = || self.used_up(arc, step).map(Stop::Rule);
        held.or_else(|| counted().or_else(falls).or_else(switched).filter(|_| self.closely))
    }

    /// What stops more water where a way leads to: all of it must go on, of what arrives later that which arrives first.
    fn beyond(&mut self, arc: ArcId, step: usize) -> Option<Stop> {
        self.received(&self.of.case.network.arcs[arc.0].receivers, step)
    }

    /// The hard account that is used up and counts a way, where a goal keeps the storage's limit.
    fn used_up(&self, arc: ArcId, step: usize) -> Option<String> {
        let row = self.of.case.storage_row(self.from)?;
        let counts = |account: &&Account| {
            account.hard && account.at_most && account.counts(arc) && self.of.used_up(account, step).is_some()
        };
        let account = self.of.case.network.accounts.iter().find(counts).filter(|_| self.of.ranks().limits[row] > 0);
        account.map(|account| account.id.clone())
    }

    /// What stops more water where it is received.
    fn received(&mut self, receivers: &[Receiver], step: usize) -> Option<Stop> {
        let case = self.of.case;
        receivers.iter().find_map(|receiver| {
            let there = arrival(&receiver.kernel, step..step + 1)?.start;
            let by_rules = self.of.goals.method == Method::Rules;
            match &case.network.nodes[receiver.node.0].kind {
                // The simulator does not look where the water rests or is on its way.
                NodeKind::Junction if by_rules && there > step => None,
                NodeKind::Storage(_) if by_rules => None,
                NodeKind::Junction => {
                    let mut ways = self.leaving(receiver.node, |_| true);
                    if by_rules {
                        ways.truncate(1);
                    }
                    self.all(&ways, there)
                }
                NodeKind::Storage(storage) => self.full(receiver.node, storage, there),
                NodeKind::Demand(demand) => {
                    let ways = self.of.any(there);
                    let mut own = self.of.rows.iter().filter(|row| row.node == receiver.node);
                    let full = own.all(|row| !ways.portion_lacks(row, there)).then_some(Stop::Nowhere);
                    full.or_else(|| self.closely.then(|| self.received(&demand.returns, there)).flatten())
                }
                NodeKind::Source(_) | NodeKind::Sink => None,
            }
        })
    }

    /// The limit that a storage is at before it lets out what arrives in a step, or is at its lowest.
    fn full(&mut self, node: NodeId, storage: &Storage, arrives: usize) -> Option<Stop> {
        let case = self.of.case;
        let row = case.storage_row(node)?;
        let outlets = self.leaving(node, Role::is_outflow);
        for step in arrives..self.of.any(arrives).window(node, arrives).0.end {
            if outlets.iter().any(|arc| self.along(*arc, step).is_none()) {
                return None;
            }
            let stored = self.of.decisions.storage_hm3[[row, step + 1]];
            let at = |limit: f64| limit.is_finite() && stored >= limit - AT_BOUND_HM3;
            let ceiling = |rule: &&Requirement| {
                let ceiling = rule.ceiling.as_ref().filter(|_| rule.of == Of::Storage(node));
                ceiling.is_some_and(|limit| at(case.bound(limit, step, 0))) && self.of.comes_before(self.from, rule)
            };
            if let Some(rule) = case.network.requirements.iter().find(ceiling) {
                return Some(Stop::Rule(rule.id.clone()));
            }
            let (limit, is_flood_limit) = case.storage_limit(storage, step, 0);
            if at(limit) {
                let facts = &case.network.nodes[node.0];
                return Some(Stop::Rule(if is_flood_limit { rule::flood_limit(facts) } else { rule::top(facts) }));
            }
        }
        None
    }

    /// Ways out of a node by their roles, the river's first.
    fn leaving(&self, node: NodeId, takes: impl Fn(Role) -> bool) -> Vec<ArcId> {
        let ways = self.of.any(0);
        let mut leaving: Vec<(bool, ArcId)> =
            ways.leaving(node).filter(|(_, arc)| takes(arc.role)).map(|(id, arc)| (!arc.role.is_outflow(), id)).collect();
        leaving.sort_unstable();
        leaving.into_iter().map(|(_, arc)| arc).collect()
    }
}
