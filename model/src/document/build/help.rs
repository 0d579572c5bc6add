//! What stands by for a place that lacks water: storages above it, standby sources, curtailments that may be ordered.
//!
//! All that the basin has and the plan does not use; whether it is worth what it takes from others is the dispatcher's to say.
//! Limits: how much a standby way could bring to a place by what it spares others is not counted against what lies between.

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

use petgraph::Direction;
use petgraph::graph::NodeIndex;

use super::reasons::{arrival, departure, once};
use crate::case::Case;
use crate::kernel::Kernel;
use crate::network::{Arc, ArcId, Bound, Curtailment, EndStorage, NodeId, NodeKind, Of, Receiver, Requirement};
use crate::plan::Decisions;
use crate::rule;
use crate::told::told;
use crate::tolerance::FEASIBILITY_HM3;

/// What is said where nothing stands by.
const NOTHING: &str = "no standby source could bring it more, and no curtailment that may be ordered bears on it";

/// A storage that still has water when some places have lacked it, hm³.
#[derive(Debug, PartialEq)]
pub(super) struct Store {
    pub(super) id: String,
    /// What it holds above its lowest when they have.
    pub(super) holds_hm3: f64,
    /// What they lack in all.
    pub(super) lacks_hm3: f64,
    /// How much of that it could give.
    pub(super) gives_hm3: f64,
    /// Whether the ways from it pass no more than that.
    pub(super) passes_no_more: bool,
    /// Whether they pass all that lacks.
    pub(super) passes_all: bool,
    /// The rule or account that lets no more through.
    pub(super) held_by: Option<String>,
    /// The rule on what it holds, or on how fast that or a flow below may change, by which it may have to give less.
    pub(super) kept_by: Option<String>,
    /// Whether all that it lets out arrives, and in the same step.
    pub(super) at_once: bool,
}

/// Places that lack water.
#[derive(Clone, Copy)]
pub(super) struct Places<'a> {
    pub(super) nodes: &'a [NodeId],
    /// The ways whose flow it is that lacks, of a section.
    pub(super) by: &'a [ArcId],
}

impl<'a> Places<'a> {
    /// Nodes, whatever way the water would take from there.
    pub(super) const fn of(nodes: &'a [NodeId]) -> Self {
        Self { nodes, by: &[] }
    }
}

/// What more could come from a node.
#[derive(Clone, Default)]
struct From<'a> {
    /// In each step, m³/s.
    m3s: Vec<f64>,
    /// The rule or account that lets no more through.
    held_by: Option<&'a str>,
    /// When it has to be there to arrive in that step; none where that is before the start.
    at: Vec<Option<usize>>,
    /// Whether it arrives later, or not all of it.
    late: bool,
}

impl From<'_> {
    /// As much in each of these steps, in which it arrives.
    fn during(steps: &Range<usize>, m3s: f64) -> Self {
        Self { m3s: vec![m3s; steps.len()], at: steps.clone().map(Some).collect(), ..Self::default() }
    }
}

/// What of the room under rules' ceilings, by their steps, and in accounts, by their windows, has been counted, hm³.
type Counted<'a> = BTreeMap<(&'a str, usize), f64>;

/// What stands by in a plan.
pub(super) struct Help<'a> {
    case: &'a Case,
    decisions: &'a Decisions,
    /// Nodes from which water reaches a node, it included; by ways that stand by, too, or not.
    above: RefCell<BTreeMap<(NodeId, bool), BTreeSet<NodeId>>>,
    /// What storages hold above their lowest at the end of each step, hm³.
    held: RefCell<BTreeMap<NodeId, Rc<Vec<f64>>>>,
}

impl<'a> Help<'a> {
    pub(super) const fn new(case: &'a Case, decisions: &'a Decisions) -> Self {
        Self { case, decisions, above: RefCell::new(BTreeMap::new()), held: RefCell::new(BTreeMap::new()) }
    }

    /// What stands by for these nodes in some steps, as sentences; that there is nothing, where there is nothing.
    pub(super) fn more_water(&self, places: &Places<'_>, steps: &Range<usize>) -> Vec<String> {
        let mut said = self.standby(places, steps);
        said.extend(self.curtailments(|node| self.shares(node, places.nodes), steps));
        if said.is_empty() {
            said.push(NOTHING.to_owned());
        }
        said
    }

    /// Curtailments that may be ordered, are not, and cut one of these demands of what it has: the mildest first, in a sentence.
    pub(super) fn curtailments(&self, bears: impl Fn(NodeId) -> bool, steps: &Range<usize>) -> Option<String> {
        let edges = &self.case.horizon.edges;
        let (from, to) = (&edges[steps.start], &edges[steps.end]);
        let idle = |curtailment: &&Curtailment| {
            let in_force = curtailment.effect.as_ref().is_some_and(|(begin, end)| begin < to && end > from);
            let lead = jiff::SignedDuration::from_secs_f64(curtailment.lead_h * 3600.0);
            let in_time = edges[0].checked_add(lead).is_ok_and(|begin| begin < *to);
            let takes =
                |(node, class): &(NodeId, String)| bears(*node) && self.has_uncut(*node, class, curtailment.depth, steps);
            !in_force && in_time && curtailment.cuts.iter().any(takes)
        };
        let said = |curtailment: &Curtailment| {
            let (id, percent) = (&curtailment.id, told(100.0 * curtailment.depth));
            match curtailment.response {
                Some(response) => format!("`{id}` by {percent} % from response {} on", response.word()),
                None => format!("`{id}` by {percent} %"),
            }
        };
        let mut found: Vec<&Curtailment> = self.case.network.curtailments.iter().filter(idle).collect();
        found.sort_by(|a, b| a.response.cmp(&b.response).then(a.depth.total_cmp(&b.depth)));
        let found: Vec<String> = found.into_iter().map(said).collect();
        (!found.is_empty()).then(|| format!("curtailments that may be ordered: {}", found.join(", ")))
    }

    /// Standby sources whose water reaches one of these nodes, or a demand that has water which could go to one, and is not all taken.
    pub(super) fn standby(&self, places: &Places<'_>, steps: &Range<usize>) -> Vec<String> {
        let (case, network) = (self.case, &self.case.network);
        let mut said = Vec::new();
        if !network.arcs.iter().any(|arc| arc.standby) {
            return said;
        }
        let has = |node: NodeId| network.portions().any(|row| row.node == node && self.has(node, &row.portion.class, steps));
        let (_, more) = self.upstream(places, steps);
        let shares =
            |node: &NodeId| has(*node) && self.shares(*node, places.nodes) && self.spares(*node, (places, steps), &more);
        let sharing: Vec<NodeId> = network.demands().map(|(node, _)| node).filter(shares).collect();
        let (mut counted, mut brought) = (Counted::new(), BTreeMap::<NodeId, Vec<f64>>::new());
        for (number, arc) in network.arcs.iter().enumerate().filter(|(_, arc)| arc.standby) {
            let heads = || arc.receivers.iter().map(|receiver| receiver.node);
            let spared: Vec<NodeId> =
                sharing.iter().copied().filter(|demand| heads().any(|head| self.is_above(head, *demand))).collect();
            // Of what those lack that it feeds, some comes back.
            let returning: Vec<NodeId> = network
                .demands()
                .filter(|(node, demand)| {
                    let back = |receiver: &Receiver| receiver.fraction > 0.0 && more.contains_key(&receiver.node);
                    demand.returns.iter().any(back) && heads().any(|head| self.is_above(head, *node))
                })
                .map(|(node, _)| node)
                .collect();
            if spared.is_empty() && returning.is_empty() && !heads().any(|head| more.contains_key(&head)) {
                continue;
            }
            // What could go on to the places, come back to them, or spare others what they draw on.
            let lets = |step: usize| {
                let passes = heads().filter_map(|head| more.get(&head)).map(|from| from.m3s[step - steps.start]);
                let supplied = |row: usize| self.decisions.supply_m3s[[row, step]];
                let of = network.portions().filter(|row| spared.contains(&row.node)).map(|row| supplied(row.row));
                let back = network.portions().filter(|row| returning.contains(&row.node));
                let lack = back.map(|row| case.size_m3s(row.demand, row.portion, step, 0) - supplied(row.row));
                passes.chain(of).chain(lack.map(|lack| lack.max(0.0))).sum::<f64>()
            };
            let given = brought.entry(arc.tail).or_insert_with(|| vec![0.0; steps.len()]);
            let capacity = |step: usize| case.at(&arc.capacity, step, 0);
            // When what leaves in a step is there; what is there too late, or never, is no help.
            let there = |step: usize| {
                let arrivals = arc.receivers.iter().filter_map(|receiver| arrival(&receiver.kernel, step..step + 1));
                arrivals.map(|at| at.start).min().filter(|at| steps.contains(at))
            };
            if steps.clone().all(|step| capacity(step) * case.hm3_per_m3s(step) <= FEASIBILITY_HM3) {
                let is_wet = steps.clone().any(|step| self.spare_hm3(arc.tail, step) > FEASIBILITY_HM3);
                if is_wet && steps.clone().any(|step| lets(step) > 0.0) {
                    said.push(format!(
                        "the standby source `{}` is shut: a mode in which it is used, its calendar or an overlay would have to open it",
                        arc.id
                    ));
                }
                continue;
            }
            let (mut own_hm3, mut hm3, mut late) = (0.0, 0.0, !returning.is_empty());
            for step in 0..steps.end {
                let Some(there) = there(step) else { continue };
                late |= there > step;
                let given = &mut given[there - steps.start];
                let own = self.could_bring(ArcId(number), step, own_hm3);
                let passes = lets(there).min(self.elsewhere_m3s(arc.tail, step, places.nodes, &spared));
                let most = (passes * case.hm3_per_m3s(step)).min(own - *given).max(0.0);
                let room = self.room(ArcId(number), step, &mut counted, most / case.hm3_per_m3s(step)).0;
                let left = (self.least_spare_hm3(arc.tail, step) - hm3).max(0.0);
                let brings = (room * case.hm3_per_m3s(step)).min(left);
                *given += brings;
                (own_hm3, hm3) = (own_hm3 + own, hm3 + brings);
            }
            if hm3 <= FEASIBILITY_HM3 {
                continue;
            }
            said.push(if late || hm3 < own_hm3 - FEASIBILITY_HM3 {
                let id = &arc.id;
                format!("the standby source `{id}` could bring more, as far as rules, permits and the ways from it let it through")
            } else {
                format!("the standby source `{}` could bring {} hm3 more", arc.id, told(hm3))
            });
        }
        said
    }

    /// What a way could bring more in a step, hm³, by its own capacity and what there is where it begins, when it has brought so much more: what
    /// a source has left, what else leaves a junction, what a storage holds above its lowest level from then to the end.
    fn could_bring(&self, arc: ArcId, step: usize, brought_hm3: f64) -> f64 {
        let (case, facts) = (self.case, &self.case.network.arcs[arc.0]);
        let flow = self.decisions.flow_m3s[[arc.0, step]];
        let left = match (&case.network.nodes[facts.tail.0].kind, case.storage_row(facts.tail)) {
            (NodeKind::Storage(storage), Some(row)) => {
                let spare = |step: usize| self.decisions.storage_hm3[[row, step + 1]] - case.at(&storage.lower, step, 0);
                (step..case.horizon.steps()).map(spare).fold(f64::INFINITY, f64::min) - brought_hm3
            }
            (NodeKind::Source(_), _) => self.spare_hm3(facts.tail, step),
            _ => self.spare_hm3(facts.tail, step) - flow * case.hm3_per_m3s(step),
        };
        ((case.at(&facts.capacity, step, 0) - flow) * case.hm3_per_m3s(step)).min(left).max(0.0)
    }

    /// What leaves a junction in a step and does not go to these places or demands anyway, m³/s; of other nodes no limit.
    fn elsewhere_m3s(&self, node: NodeId, step: usize, places: &[NodeId], demands: &[NodeId]) -> f64 {
        let network = &self.case.network;
        if !matches!(network.nodes[node.0].kind, NodeKind::Junction) {
            return f64::INFINITY;
        }
        let goes = |arc: &Arc| {
            let heads = || arc.receivers.iter().map(|receiver| receiver.node);
            places.iter().chain(demands).any(|place| heads().any(|head| self.is_above(head, *place)))
        };
        let elsewhere = network.arcs.iter().enumerate().filter(|(_, arc)| arc.tail == node && !goes(arc));
        elsewhere.map(|(number, _)| self.decisions.flow_m3s[[number, step]]).sum()
    }

    /// What of the water at a node could be taken in a step, hm³: what a source has left, what leaves a junction, what a storage
    /// holds when it ends above what it or a rule keeps in it.
    fn spare_hm3(&self, node: NodeId, step: usize) -> f64 {
        let case = self.case;
        let leaves = case.leaving_m3s(node, self.decisions, step, |_| true);
        match &case.network.nodes[node.0].kind {
            NodeKind::Source(source) => (case.at(&source.flow, step, 0) - leaves) * case.hm3_per_m3s(step),
            NodeKind::Storage(_) => self.above_lowest(node).map_or(0.0, |held| held[step]),
            NodeKind::Junction | NodeKind::Demand(_) | NodeKind::Sink => leaves * case.hm3_per_m3s(step),
        }
    }

    /// What of a storage's water could be taken from a step on, hm³, with what it must hold at the end; of other nodes no limit beside
    /// each step's own.
    fn least_spare_hm3(&self, node: NodeId, step: usize) -> f64 {
        let (case, steps) = (self.case, self.case.horizon.steps());
        let NodeKind::Storage(storage) = &case.network.nodes[node.0].kind else { return f64::INFINITY };
        let least = (step..steps).map(|step| self.spare_hm3(node, step)).fold(f64::INFINITY, f64::min);
        let end = storage.end.filter(|end| end.hard).zip(case.storage_row(node));
        end.map_or(least, |(end, row)| least.min(self.decisions.storage_hm3[[row, steps]] - end.storage_hm3))
    }

    /// The nearest storage above these places that holds water above its lowest at the end of some steps, and how much of what they
    /// lack in each, m³/s, it could give by the ways to them and still be nowhere under its lowest in them.
    pub(super) fn store(&self, places: &Places<'_>, steps: &Range<usize>, lacks_m3s: &[f64]) -> Option<Store> {
        let (case, network) = (self.case, &self.case.network);
        let hm3 = |step: usize| lacks_m3s[step - steps.start].max(0.0) * case.hm3_per_m3s(step);
        let (layers, more) = self.upstream(places, steps);
        for near in layers {
            let held = near.iter().filter_map(|&node| Some((node, self.above_lowest(node)?[steps.end - 1])));
            let most = held.filter(|(_, hm3)| *hm3 > FEASIBILITY_HM3).max_by(|a, b| a.1.total_cmp(&b.1));
            let Some((node, holds_hm3)) = most else { continue };
            let from = more.get(&node)?;
            let passed = |step: usize| hm3(step).min(from.m3s[step - steps.start] * case.hm3_per_m3s(step));
            // The least that it holds from each step on.
            let mut least = self.above_lowest(node)?[steps.clone()].to_vec();
            for step in (1..least.len()).rev() {
                least[step - 1] = least[step - 1].min(least[step]);
            }
            let given = |given: f64, (step, least): (usize, f64)| given + passed(step).min((least - given).max(0.0));
            let gives_hm3 = steps.clone().zip(least).fold(0.0, given);
            let kept_by = self.kept_by(node, steps, gives_hm3);
            let (lacks_hm3, passed_hm3) = (steps.clone().map(hm3).sum(), steps.clone().map(passed).sum::<f64>());
            return Some(Store {
                id: network.nodes[node.0].id.clone(),
                holds_hm3,
                lacks_hm3,
                gives_hm3,
                passes_no_more: passed_hm3 <= gives_hm3 + FEASIBILITY_HM3 && passed_hm3 < lacks_hm3 - FEASIBILITY_HM3,
                passes_all: passed_hm3 >= lacks_hm3 - FEASIBILITY_HM3,
                held_by: from.held_by.map(str::to_owned),
                kept_by,
                at_once: !from.late,
            });
        }
        None
    }

    /// The rule whose floor alone keeps water in the nearest storage above these places that has any when some steps end.
    pub(super) fn kept_in(&self, places: &Places<'_>, steps: &Range<usize>) -> Option<&'a str> {
        let (case, network, last) = (self.case, &self.case.network, steps.end - 1);
        let rule = |node: &NodeId| {
            let NodeKind::Storage(storage) = &network.nodes[node.0].kind else { return None };
            let stored = self.decisions.storage_hm3[[case.storage_row(*node)?, steps.end]];
            let above = |level: f64| stored - level > FEASIBILITY_HM3;
            let keeps = |rule: &&Requirement| {
                rule.of == Of::Storage(*node) && rule.floor.as_ref().is_some_and(|floor| !above(case.bound(floor, last, 0)))
            };
            network.requirements.iter().find(keeps).filter(|_| above(case.at(&storage.lower, last, 0)))
        };
        let (layers, _) = self.upstream(places, steps);
        layers.iter().flatten().find_map(rule).map(|rule| rule.id.as_str())
    }

    /// What may keep a storage from giving so much in some steps: what it must hold at the end, a rule on how fast it may fall, or on how fast a
    /// flow may change that it feeds.
    fn kept_by(&self, node: NodeId, steps: &Range<usize>, gives_hm3: f64) -> Option<String> {
        let (case, network) = (self.case, &self.case.network);
        let NodeKind::Storage(storage) = &network.nodes[node.0].kind else { return None };
        let stored = self.decisions.storage_hm3[[case.storage_row(node)?, case.horizon.steps()]];
        let short = |end: &EndStorage| end.hard && stored - end.storage_hm3 < gives_hm3 - FEASIBILITY_HM3;
        let bears = |rule: &&Requirement| {
            let of = match &rule.of {
                Of::Storage(of) => *of == node,
                Of::Flow(terms) => {
                    let fed = |arc: ArcId| self.is_above(node, network.arcs[arc.0].tail);
                    terms.iter().any(|(arc, share)| *share > 0.0 && fed(*arc))
                }
            };
            let is_some = |bound: &Bound| steps.clone().any(|step| case.bound(bound, step, 0).is_finite());
            let rises = rule.rise_per_day.iter().filter(|_| matches!(rule.of, Of::Flow(_)));
            of && rises.chain(&rule.fall_per_day).any(is_some)
        };
        let end = storage.end.as_ref().filter(|end| short(end)).map(|_| rule::end_storage(&network.nodes[node.0]));
        end.or_else(|| network.requirements.iter().find(bears).map(|rule| rule.id.clone()))
    }

    /// What more could come to some places from each node above them, and those nodes by how many ways lie between.
    fn upstream<'c>(&'c self, places: &Places<'_>, steps: &Range<usize>) -> (Vec<Vec<NodeId>>, BTreeMap<NodeId, From<'c>>) {
        let mut counted = Counted::new();
        let mut more: BTreeMap<NodeId, From<'c>> = BTreeMap::new();
        for &node in places.nodes {
            more.insert(node, From::during(steps, f64::INFINITY));
        }
        // What flows by a section's own ways is no more than they let through.
        let tails: BTreeSet<NodeId> = places.by.iter().map(|arc| self.case.network.arcs[arc.0].tail).collect();
        for tail in tails {
            let own = places.by.iter().copied().filter(|arc| self.case.network.arcs[arc.0].tail == tail);
            let (mut all, mut from) = (From::during(steps, f64::INFINITY), From::during(steps, 0.0));
            own.for_each(|arc| self.add((arc, &Kernel::Instant), &mut all, &mut from, &mut counted));
            more.insert(tail, From { late: false, ..from });
        }
        let mut layers = vec![places.nodes.to_vec()];
        while let Some(near) = layers.last().filter(|near| !near.is_empty()) {
            let seen: BTreeSet<NodeId> = more.keys().copied().collect();
            let mut next = Vec::new();
            for node in near {
                // By ways from one place no more in all than could go on.
                let mut beyond: BTreeMap<NodeId, From<'c>> = BTreeMap::new();
                for (arc, tail) in self.ways_into(*node).filter(|(_, tail)| !seen.contains(tail)) {
                    let beyond = beyond.entry(tail).or_insert_with(|| more[node].clone());
                    let from = more.entry(tail).or_insert_with(|| {
                        next.push(tail);
                        From { m3s: vec![0.0; steps.len()], at: vec![None; steps.len()], ..From::default() }
                    });
                    let mut receivers = self.case.network.arcs[arc.0].receivers.iter();
                    let kernel = receivers.find(|receiver| receiver.node == *node).map(|receiver| &receiver.kernel);
                    self.add((arc, kernel.unwrap_or(&Kernel::Instant)), beyond, from, &mut counted);
                }
            }
            layers.push(next);
        }
        (layers, more)
    }

    /// Adds what more a way could bring to where as much more could go on, and takes it from that.
    fn add<'c>(
        &'c self,
        (arc, kernel): (ArcId, &Kernel),
        beyond: &mut From<'c>,
        from: &mut From<'c>,
        counted: &mut Counted<'c>,
    ) {
        for (number, there) in beyond.at.iter().enumerate() {
            let Some(leaves) = there.and_then(|there| departure(kernel, there)) else { continue };
            let (room, held_by) = self.room(arc, leaves, counted, beyond.m3s[number]);
            from.m3s[number] += room;
            from.at[number] = from.at[number].or(Some(leaves));
            beyond.m3s[number] -= room.min(f64::MAX);
            from.held_by = from.held_by.or(held_by).or(beyond.held_by);
        }
        let receivers = &self.case.network.arcs[arc.0].receivers;
        let whole = receivers.len() == 1 && receivers[0].kernel == Kernel::Instant && receivers[0].fraction == 1.0;
        from.late |= beyond.late || !whole;
    }

    /// How much more, up to so much, a way may pass in a step, m³/s: by its capacity, by the ceilings on flows that it adds to and by the
    /// accounts that bind and count it, of which this is counted; with what of these lets no more through.
    fn room<'c>(&'c self, arc: ArcId, step: usize, counted: &mut Counted<'c>, most: f64) -> (f64, Option<&'c str>) {
        let (case, network) = (self.case, &self.case.network);
        let flow = self.decisions.flow_m3s[[arc.0, step]];
        let facts = &network.arcs[arc.0];
        let rated = case.rated_m3s(facts, self.decisions, step).unwrap_or(f64::INFINITY);
        let mut room = (case.at(&facts.capacity, step, 0).min(rated) - flow).max(0.0).min(most);
        let share_of =
            |terms: &[(ArcId, f64)]| terms.iter().find(|(of, share)| *of == arc && *share > 0.0).map(|term| term.1);
        let rules = network.requirements.iter().filter_map(|rule| {
            let Of::Flow(terms) = &rule.of else { return None };
            let share = share_of(terms)?;
            let left = case.bound(rule.ceiling.as_ref()?, step, 0) - case.value_of(&rule.of, self.decisions, step);
            Some(((rule.id.as_str(), step), left, share))
        });
        let accounts = network.accounts.iter().filter(|account| account.hard && account.at_most).filter_map(|account| {
            let share = share_of(&account.terms)?;
            let window = account.windows.iter().find(|window| window.steps.contains(&step))?;
            let left = window.available_hm3 - account.used_hm3(case, self.decisions, window.steps.clone());
            // Whenever in its window it is taken.
            Some(((account.id.as_str(), window.steps.start), left / case.hm3_per_m3s(step), share))
        });
        let limits: Vec<_> = rules.chain(accounts).collect();
        let mut held_by = None;
        for &(limit, left, share) in &limits {
            let counted_m3s = counted.get(&limit).copied().unwrap_or_default() / case.hm3_per_m3s(step);
            let left = (left - counted_m3s).max(0.0) / share;
            if left < room {
                (room, held_by) = (left, Some(limit.0));
            }
        }
        for (limit, _, share) in limits {
            *counted.entry(limit).or_default() += share * room * case.hm3_per_m3s(step);
        }
        (room, held_by)
    }

    /// What a storage holds at the end of each step above its lowest, hm³: above what it or a rule keeps in it. Of one that lacks to
    /// what it must hold at the end nothing can be given.
    fn above_lowest(&self, node: NodeId) -> Option<Rc<Vec<f64>>> {
        if let Some(known) = self.held.borrow().get(&node) {
            return Some(Rc::clone(known));
        }
        let case = self.case;
        let NodeKind::Storage(storage) = &case.network.nodes[node.0].kind else { return None };
        let stored = self.decisions.storage_hm3.row(case.storage_row(node)?);
        if storage.end.is_some_and(|end| end.gave_way(stored[case.horizon.steps()])) {
            return None;
        }
        let rules = case.network.requirements.iter().filter(|rule| rule.of == Of::Storage(node));
        let floors: Vec<&Bound> = rules.filter_map(|rule| rule.floor.as_ref()).collect();
        let lowest = |step: usize| {
            floors.iter().fold(case.at(&storage.lower, step, 0), |lowest, floor| lowest.max(case.bound(floor, step, 0)))
        };
        let held = Rc::new((0..case.horizon.steps()).map(|step| stored[step + 1] - lowest(step)).collect::<Vec<f64>>());
        self.held.borrow_mut().insert(node, Rc::clone(&held));
        Some(held)
    }

    /// Whether a class of a demand is planned to have water in some steps.
    fn has(&self, node: NodeId, class: &str, steps: &Range<usize>) -> bool {
        let rows = self.case.network.portions().filter(|row| row.node == node && row.portion.class == class);
        let hm3 = |row: usize, step: usize| self.decisions.supply_m3s[[row, step]] * self.case.hm3_per_m3s(step);
        rows.map(|row| row.row).any(|row| steps.clone().any(|step| hm3(row, step) > FEASIBILITY_HM3))
    }

    /// Whether a class of a demand has in some step more than a cut by so much would leave it.
    fn has_uncut(&self, node: NodeId, class: &str, depth: f64, steps: &Range<usize>) -> bool {
        let case = self.case;
        let rows: Vec<_> = case.network.portions().filter(|row| row.node == node && row.portion.class == class).collect();
        let has = |step: usize| {
            let supplied: f64 = rows.iter().map(|row| self.decisions.supply_m3s[[row.row, step]]).sum();
            let wanted: f64 = rows.iter().map(|row| case.size_m3s(row.demand, row.portion, step, 0)).sum();
            (supplied - (1.0 - depth) * wanted) * case.hm3_per_m3s(step) > FEASIBILITY_HM3
        };
        steps.clone().any(has)
    }

    /// Whether a demand draws on water that could go to one of these nodes, or on one of them: on a storage above both, whose water
    /// keeps, or where a way to it leaves those to the node. What it takes below the node is no loss to it.
    fn shares(&self, demand: NodeId, places: &[NodeId]) -> bool {
        let network = &self.case.network;
        // What it has of a source that stands by is no water that others could have.
        let of = self.all_above(demand, false);
        let splits = |node: NodeId, above: &BTreeSet<NodeId>, place: NodeId| {
            let leaving = || network.arcs.iter().filter(|arc| arc.tail == node);
            let off = |arc: &Arc| arc.receivers.iter().any(|at| of.contains(&at.node) && !above.contains(&at.node));
            // The only way from a place is its own.
            leaving().any(off) && (node != place || leaving().count() > 1)
        };
        let shared = |place: NodeId| {
            let above = self.all_above(place, true);
            above.intersection(&of).any(|node| match network.nodes[node.0].kind {
                NodeKind::Demand(_) | NodeKind::Sink => false,
                NodeKind::Storage(_) => true,
                NodeKind::Source(_) | NodeKind::Junction => splits(*node, &above, place),
            })
        };
        !places.contains(&demand) && places.iter().any(|place| shared(*place))
    }

    /// Whether water that a demand is spared could go on to these places from where it draws it, other than by their own ways.
    fn spares(
        &self,
        demand: NodeId,
        (places, steps): (&Places<'_>, &Range<usize>),
        more: &BTreeMap<NodeId, From<'_>>,
    ) -> bool {
        let found = self.above_by(demand, |arc| !places.by.contains(&arc));
        let some = |(step, m3s): (usize, &f64)| *m3s * self.case.hm3_per_m3s(step) > FEASIBILITY_HM3;
        found.iter().any(|node| more.get(node).is_some_and(|from| steps.clone().zip(&from.m3s).any(some)))
    }

    fn is_above(&self, node: NodeId, place: NodeId) -> bool {
        self.all_above(place, true).contains(&node)
    }

    fn all_above(&self, place: NodeId, with_standby: bool) -> BTreeSet<NodeId> {
        let takes = |arc: ArcId| with_standby || !self.case.network.arcs[arc.0].standby;
        once(&self.above, (place, with_standby), || self.above_by(place, takes))
    }

    /// Nodes from which water reaches a place by such ways, it included.
    fn above_by(&self, place: NodeId, takes: impl Fn(ArcId) -> bool) -> BTreeSet<NodeId> {
        let (mut found, mut open) = (BTreeSet::from([place]), vec![place]);
        while let Some(node) = open.pop() {
            let ways = self.ways_into(node).filter(|(arc, _)| takes(*arc));
            open.extend(ways.map(|(_, tail)| tail).filter(|before| found.insert(*before)));
        }
        found
    }

    /// Ways that lead to a node, with where each begins; a way that stands by counts where the plan uses it.
    fn ways_into(&self, node: NodeId) -> impl Iterator<Item = (ArcId, NodeId)> {
        let network = &self.case.network;
        let used = move |arc: ArcId| {
            !network.arcs[arc.0].standby || self.decisions.flow_m3s.row(arc.0).iter().any(|flow| *flow > 0.0)
        };
        let edges = network.graph.edges_directed(NodeIndex::new(node.0), Direction::Incoming);
        let arcs = edges.map(|edge| edge.weight().arc);
        arcs.filter(move |arc| used(*arc)).map(|arc| (arc, network.arcs[arc.0].tail))
    }

    /// Nodes at which these ways begin.
    pub(super) fn tails(&self, arcs: &[ArcId]) -> Vec<NodeId> {
        arcs.iter().map(|arc| self.case.network.arcs[arc.0].tail).collect()
    }
}
