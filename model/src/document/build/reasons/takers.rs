//! Who has the water of a node: storages at the end, flows that are owed, supplies, and what runs out of the basin.
//!
//! Many steps of a storage have one window, and many entries ask for its water, so what is found for a window is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

use petgraph::Direction;
use petgraph::graph::NodeIndex;

use super::wanted::arrival;
use super::{Cause, Reasons, Ways, departure, once};
use crate::measures::target_of;
use crate::network::{ArcId, Bound, Link, NodeId, NodeKind, Of};
use crate::portion::PortionRow;
use crate::tolerance::FEASIBILITY_HM3;

/// By the node or section that asks, a flow's rule and a window's ends: where both lie on one way, the first two steps in which the flow
/// is owed and the one who asks lacks nothing.
pub(super) type Apart = BTreeMap<(Option<NodeId>, Option<usize>, usize, usize, usize), Option<Vec<usize>>>;

/// Who has the water of a node in a window: how often each rank and cause, and which nodes the water reaches.
pub(super) struct Takers {
    pub(super) counts: BTreeMap<(usize, Cause), usize>,
    /// By the rank that keeps supplies from falling: ranks of the goals that count them.
    counted: BTreeMap<usize, BTreeSet<usize>>,
    pub(super) reached: Reached,
}

/// Nodes that water reaches, and the steps in which it is there.
pub(super) type Reached = BTreeMap<NodeId, Range<usize>>;

/// A node and a window's ends, with the section that asks where its own ways are left out.
pub(super) type Asking = (NodeId, usize, usize, Option<usize>);

/// What lies at nodes, by their indices.
pub(super) struct Places {
    /// Rules on flows that leave a node and count in them.
    rules: Vec<Vec<usize>>,
    /// Portions of a demand, by their rows.
    rows: Vec<Vec<usize>>,
    /// Storages, by their rows.
    storages: Vec<Option<usize>>,
}

/// A rule on flows that are reached, by its index: its terms, and the steps in which water is there.
struct Owing<'a> {
    index: usize,
    terms: &'a [(ArcId, f64)],
    there: Vec<Range<usize>>,
}

impl Owing<'_> {
    fn holds(&self, arc: usize, step: usize) -> bool {
        self.terms.iter().any(|(of, _)| of.0 == arc) && self.there.iter().any(|steps| steps.contains(&step))
    }
}

impl Takers {
    /// Whether all supplies that a rank keeps are counted by another's goal.
    pub(super) fn all_counted(&self, keeping: usize, by: usize) -> bool {
        self.counted.get(&keeping).is_some_and(|ranks| ranks.iter().all(|rank| *rank == by))
    }

    fn add(&mut self, rank: usize, cause: Cause, count: usize) {
        *self.counts.entry((rank, cause)).or_default() += count;
    }
}

impl Ways<'_, '_> {
    /// Who has the water of a node in some steps and what it reaches in them: found once for each window.
    pub(super) fn takers_in(&self, node: NodeId, window: &Range<usize>) -> Rc<Takers> {
        self.takers_but(node, window, None)
    }

    /// Who has the water of a node by other ways than those of the section that asks, which lacks and has more than it wants in none of
    /// the steps in which the water is there; none where the water does not come by it, or is more than it wants in one of them.
    pub(super) fn but_by_itself(&self, node: NodeId, window: &Range<usize>, reached: &Reached) -> Option<Rc<Takers>> {
        let (section, terms) = self.asking_section()?;
        let there = positive(terms).filter_map(|way| reached.get(&self.of.case.network.arcs[way.0].tail));
        let mut there = there.cloned().reduce(|a, b| hull(&a, &b))?;
        let serves = self.section_lacks(section, self.asked.step)
            && there.all(|step| self.section_over_hm3(section, step) <= FEASIBILITY_HM3);
        serves.then(|| self.takers_but(node, window, Some(section)))
    }

    /// Who has the water of a node in some steps by other ways than a section's.
    fn takers_but(&self, node: NodeId, window: &Range<usize>, section: Option<usize>) -> Rc<Takers> {
        let key = (node, window.start, window.end, section);
        once(&self.of.takers, key, || {
            let own = self.asking_section().filter(|(number, _)| Some(*number) == section);
            let closed: Vec<ArcId> = own.into_iter().flat_map(|(_, terms)| positive(terms)).collect();
            let ways: Vec<ArcId> = self.leaving(node).map(|(way, _)| way).collect();
            let mut reached = self.of.reached_but(&ways, window, &closed);
            let itself = reached.remove(&node).map_or_else(|| window.clone(), |again| hull(&again, window));
            reached.insert(node, itself);
            Rc::new(self.takers_along(node, &reached, &closed))
        })
    }

    /// Those who have the water of a node in some steps, beside the one who asks; with their ranks.
    pub(super) fn beside<'t>(&self, takers: &'t Takers, node: NodeId) -> Vec<(usize, &'t Cause)> {
        let there = |asking: &NodeId| takers.reached.get(asking).is_some_and(|steps| steps.contains(&self.asked.step));
        let asking = self.asked.node.filter(there);
        let mut itself: BTreeMap<(usize, Cause), usize> = BTreeMap::new();
        let own = self.of.rows.iter().filter(|row| Some(row.node) == asking);
        let step = self.asked.step..self.asked.step + 1;
        for (count, (rank, _)) in own.flat_map(|row| self.of.whereabouts().supplies[row.row].within(&step)) {
            *itself.entry((rank, self.supplied(node, rank))).or_default() += count;
        }
        let others = takers.counts.iter().filter(|(taker, count)| itself.get(taker).is_none_or(|own| own < count));
        others
            .map(|((rank, cause), _)| (*rank, cause))
            .filter(|(_, cause)| !self.passes_on(cause, &takers.reached))
            .collect()
    }

    /// Whether the one who asks has the water of a flow, too: one flows on to the other, and whenever that is owed of the water the one
    /// who asks lacks, as it does in the step that is asked about.
    fn passes_on(&self, cause: &Cause, reached: &Reached) -> bool {
        let Cause::Flow(_, id) = cause else { return false };
        let Some(&rule) = self.of.rules.get(id.as_str()) else { return false };
        let Of::Flow(terms) = &self.of.case.network.requirements[rule].of else { return false };
        let there = positive(terms).filter_map(|way| reached.get(&self.of.case.network.arcs[way.0].tail));
        let Some(window) = there.cloned().reduce(|a, b| hull(&a, &b)) else { return false };
        let section = self.asking_section().map(|(number, _)| number);
        let key = (self.asked.node, section, rule, window.start, window.end);
        let asked = |apart: &Option<Vec<usize>>| {
            apart.as_ref().is_some_and(|steps| steps.iter().all(|step| *step == self.asked.step))
        };
        if let Some(known) = self.of.apart.borrow().get(&key) {
            return asked(known);
        }
        let found = self.apart((rule, terms), &window);
        let passes = asked(&found);
        self.of.apart.borrow_mut().insert(key, found);
        passes
    }

    /// Where a flow and the one who asks lie on one way: the first two steps of a window in which that is owed and this lacks nothing.
    fn apart(&self, (rule, terms): (usize, &[(ArcId, f64)]), window: &Range<usize>) -> Option<Vec<usize>> {
        let network = &self.of.case.network;
        let section = self.asking_section();
        let places = match (self.asked.node, section) {
            (Some(node), _) => vec![node],
            (None, Some((_, own))) => positive(own).map(|arc| network.arcs[arc.0].tail).collect(),
            _ => return None,
        };
        let leads = |arc: ArcId, places: &[NodeId]| {
            let heads = || network.arcs[arc.0].receivers.iter().map(|receiver| receiver.node);
            places.iter().any(|place| heads().any(|head| self.above(*place).contains(&head)))
        };
        let tails: Vec<NodeId> = positive(terms).map(|arc| network.arcs[arc.0].tail).collect();
        let after = || section.is_some_and(|(_, own)| positive(own).all(|arc| leads(arc, &tails)));
        if !(positive(terms).all(|arc| leads(arc, &places)) || self.asked.node.is_none() && after()) {
            return None;
        }
        let rows: Vec<&PortionRow<'_>> = self.of.rows.iter().filter(|row| Some(row.node) == self.asked.node).collect();
        let lacks = |step: usize| match section {
            Some((number, _)) if rows.is_empty() => self.section_lacks(number, step),
            _ => rows.iter().any(|row| self.portion_lacks(row, step)),
        };
        let owed = |step: usize| self.of.ranks().holding[[rule, step]] < self.of.ranks().none;
        Some(window.clone().filter(|&step| owed(step) && !lacks(step)).take(2).collect())
    }

    /// The section that asks.
    fn asking_section(&self) -> Option<(usize, &[(ArcId, f64)])> {
        let number = *self.of.rules.get(self.asked.own?)?;
        let Of::Flow(terms) = &self.of.case.network.requirements[number].of else { return None };
        Some((number, terms))
    }

    /// Whether a portion lacks in a step.
    pub(super) fn portion_lacks(&self, row: &PortionRow<'_>, step: usize) -> bool {
        let (case, decisions) = (self.of.case, self.of.decisions);
        let size = case.size_m3s(row.demand, row.portion, step, 0);
        (size - decisions.supply_m3s[[row.row, step]]) * case.hm3_per_m3s(step) > FEASIBILITY_HM3
    }

    /// Whether a section lacks in a step.
    fn section_lacks(&self, number: usize, step: usize) -> bool {
        self.section_over_hm3(number, step) < -FEASIBILITY_HM3
    }

    /// By how much a section has more in a step than its target and floor, hm³; negative where it lacks.
    fn section_over_hm3(&self, number: usize, step: usize) -> f64 {
        let (case, decisions, rule) = (self.of.case, self.of.decisions, &self.of.case.network.requirements[number]);
        let over = |bound: &Bound, wanted: f64| case.judged(rule, bound, decisions, step) - wanted;
        let target = rule.target.as_ref().zip(target_of(case, rule, step, 0)).map(|(bound, wanted)| over(bound, wanted));
        let floor = rule.floor.as_ref().map(|floor| over(floor, case.bound(floor, step, 0)));
        let least = target.into_iter().chain(floor).fold(case.value_of(&rule.of, decisions, step), f64::min);
        least * case.hm3_per_unit(&rule.of, step)
    }

    /// Nodes from which water reaches a node, it included.
    pub(super) fn above(&self, place: NodeId) -> Rc<BTreeSet<NodeId>> {
        once(&self.of.above, place, || {
            let graph = &self.of.case.network.graph;
            let (mut found, mut open) = (BTreeSet::from([place]), vec![place]);
            while let Some(node) = open.pop() {
                let before = graph.neighbors_directed(NodeIndex::new(node.0), Direction::Incoming);
                open.extend(before.map(|node| NodeId(node.index())).filter(|node| found.insert(*node)));
            }
            Rc::new(found)
        })
    }

    /// The cause for which a portion of a rank has water of a node.
    fn supplied(&self, node: NodeId, rank: usize) -> Cause {
        let id = self.of.case.network.nodes[node.0].id.clone();
        match self.of.ranks().stage(rank) {
            Some((goal, place, _)) => Cause::First(id, goal.to_owned(), place),
            None if rank == 0 => Cause::Floors(id),
            None => Cause::Kept(id),
        }
    }

    /// Who has the water of a node in the steps in which it is where it goes: storages at the end, flows that are owed, supplies.
    pub(super) fn takers(&self, node: NodeId, reached: &Reached) -> Takers {
        self.takers_along(node, reached, &[])
    }

    /// The same, but of what flows by some ways.
    fn takers_along(&self, node: NodeId, reached: &Reached, closed: &[ArcId]) -> Takers {
        let (case, decisions, ranks) = (self.of.case, self.of.decisions, self.of.ranks());
        let network = &case.network;
        let places = self.of.places();
        let mut takers = Takers { counts: BTreeMap::new(), counted: BTreeMap::new(), reached: reached.clone() };
        let during = |node: &NodeId| reached.get(node).cloned().unwrap_or_default();
        let id = || network.nodes[node.0].id.clone();
        let steps = case.horizon.steps();
        for &of in reached.keys() {
            let (NodeKind::Storage(storage), Some(row)) = (&network.nodes[of.0].kind, places.storages[of.0]) else {
                continue;
            };
            let kept = |cause: Cause| if of == node { cause } else { Cause::Onward(id(), Box::new(cause)) };
            let (window, dries) = self.window(of, during(&of).end.saturating_sub(1));
            let later = dries.then(|| self.later(of, &window)).flatten();
            if let Some(by_rule @ Cause::Later(_, _, Some(_))) = later {
                takers.add(0, kept(by_rule), 1);
                continue;
            }
            let stored = decisions.storage_hm3[[row, steps]] - case.at(&storage.lower, steps - 1, 0);
            if window.end == steps && stored > FEASIBILITY_HM3 {
                let of = network.nodes[of.0].id.clone();
                let reserve = ranks.stage(ranks.ends[row]);
                let short = storage.end.is_some_and(|end| end.gave_way(decisions.storage_hm3[[row, steps]]));
                let cause = match reserve {
                    Some((goal, place, _)) => Cause::Reserve(of, goal.to_owned(), place),
                    None if short => Cause::Short(of),
                    None => Cause::End(of),
                };
                takers.add(ranks.ends[row], kept(cause), 1);
            }
        }
        let whereabouts = self.of.whereabouts();
        let mut owing: Vec<Owing> = Vec::new();
        let rules: BTreeSet<usize> = reached.keys().flat_map(|node| &places.rules[node.0]).copied().collect();
        for index in rules {
            let Of::Flow(terms) = &network.requirements[index].of else { continue };
            let ways = positive(terms).filter(|way| !closed.contains(way));
            let there = together(ways.map(|way| during(&network.arcs[way.0].tail)));
            for (count, rank) in there.iter().flat_map(|steps| whereabouts.owed[index].within(steps)) {
                takers.add(rank, Cause::Flow(id(), network.requirements[index].id.clone()), count);
            }
            owing.push(Owing { index, terms, there });
        }
        for &there in reached.keys() {
            for &row in &places.rows[there.0] {
                for (count, (rank, counting)) in whereabouts.supplies[row].within(&during(&there)) {
                    takers.add(rank, self.supplied(node, rank), count);
                    takers.counted.entry(rank).or_default().insert(counting);
                }
            }
        }
        // What runs out of the basin without being owed.
        let owes = |way: ArcId, step: usize| {
            owing.iter().any(|owing| ranks.holding[[owing.index, step]] < ranks.none && owing.holds(way.0, step))
        };
        let leaving = reached.keys().flat_map(|node| self.leaving(*node)).filter(|(way, _)| !closed.contains(way));
        for (way, arc) in leaving {
            let free = |step: usize| {
                let over = decisions.flow_m3s[[way.0, step]] - case.at(&arc.floor, step, 0);
                over * case.hm3_per_m3s(step) > FEASIBILITY_HM3 && !self.is_owed(way, step, reached, &owes)
            };
            let out = arc.receivers.iter().all(|r| matches!(network.nodes[r.node.0].kind, NodeKind::Sink));
            if out && during(&arc.tail).any(free) {
                takers.add(ranks.none, Cause::Kept(id()), 1);
            }
        }
        takers
    }

    /// Whether what flows on a way in a step is owed, on the way itself or on each by which what is reached of it came.
    fn is_owed(&self, way: ArcId, step: usize, reached: &Reached, owes: &impl Fn(ArcId, usize) -> bool) -> bool {
        if owes(way, step) {
            return true;
        }
        let network = &self.of.case.network;
        let tail = network.arcs[way.0].tail;
        if !matches!(network.nodes[tail.0].kind, NodeKind::Junction) {
            return false;
        }
        let edges = network.graph.edges_directed(NodeIndex::new(tail.0), Direction::Incoming);
        let ways = edges.filter_map(|edge| {
            let Link { arc, receiver } = *edge.weight();
            let departs = departure(&network.arcs[arc.0].receivers[receiver].kernel, step)?;
            let is_reached = reached.get(&network.arcs[arc.0].tail).is_some_and(|steps| steps.contains(&departs));
            let hm3 = self.of.decisions.flow_m3s[[arc.0, departs]] * self.of.case.hm3_per_m3s(departs);
            (is_reached && hm3 > FEASIBILITY_HM3).then_some((arc, departs))
        });
        let mut ways = ways.peekable();
        ways.peek().is_some() && ways.all(|(way, step)| self.is_owed(way, step, reached, owes))
    }
}

impl Reasons<'_> {
    /// What lies at nodes.
    fn places(&self) -> &Places {
        self.places.get_or_init(|| {
            let network = &self.case.network;
            let none = || vec![Vec::new(); network.nodes.len()];
            let mut places = Places { rules: none(), rows: none(), storages: vec![None; network.nodes.len()] };
            for (number, rule) in network.requirements.iter().enumerate() {
                let Of::Flow(terms) = &rule.of else { continue };
                for way in positive(terms) {
                    places.rules[network.arcs[way.0].tail.0].push(number);
                }
            }
            for row in &self.rows {
                places.rows[row.node.0].push(row.row);
            }
            for (row, (node, _)) in network.storages().enumerate() {
                places.storages[node.0] = Some(row);
            }
            places
        })
    }

    /// Where water goes that leaves by some ways in some steps, and when it is there: what runs into a storage is there in all the steps
    /// whose water can be moved to or from those in which it does.
    pub(super) fn reached_from(&self, ways: &[ArcId], steps: &Range<usize>) -> Reached {
        self.reached_but(ways, steps, &[])
    }

    /// The same where some ways are closed.
    fn reached_but(&self, ways: &[ArcId], steps: &Range<usize>, closed: &[ArcId]) -> Reached {
        let (network, flows) = (&self.case.network, &self.whereabouts().flows);
        let mut reached = Reached::new();
        let mut open: Vec<(ArcId, Range<usize>)> = ways.iter().map(|way| (*way, steps.clone())).collect();
        while let Some((way, steps)) = open.pop() {
            if closed.contains(&way) {
                continue;
            }
            let Some(flowing) = flows[way.0].over(&steps) else { continue };
            for receiver in &network.arcs[way.0].receivers {
                let Some(mut there) = arrival(&receiver.kernel, flowing.clone()) else { continue };
                let node = receiver.node;
                if matches!(network.nodes[node.0].kind, NodeKind::Storage(_)) {
                    let window = |step: usize| self.any(step).window(node, step).0;
                    there = window(there.start).start..window(there.end - 1).end;
                }
                let all = reached.get(&node).map_or_else(|| there.clone(), |known| hull(known, &there));
                if reached.get(&node) != Some(&all) {
                    open.extend(self.any(0).leaving(node).map(|(way, _)| (way, all.clone())));
                    reached.insert(node, all);
                }
            }
        }
        reached
    }
}

/// The steps from the first of two runs to the last.
fn hull(a: &Range<usize>, b: &Range<usize>) -> Range<usize> {
    a.start.min(b.start)..a.end.max(b.end)
}

/// Ways that add to a flow.
pub(super) fn positive(terms: &[(ArcId, f64)]) -> impl Iterator<Item = ArcId> {
    terms.iter().filter(|(_, share)| *share > 0.0).map(|(arc, _)| *arc)
}

/// Steps as runs that do not touch.
fn together(runs: impl Iterator<Item = Range<usize>>) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = runs.filter(|run| !run.is_empty()).collect();
    runs.sort_by_key(|run| run.start);
    runs.into_iter().fold(Vec::new(), |mut all, run| {
        match all.last_mut() {
            Some(last) if run.start <= last.end => last.end = last.end.max(run.end),
            _ => all.push(run),
        }
        all
    })
}
