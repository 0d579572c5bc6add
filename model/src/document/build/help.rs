//! What stands by for a place that lacks water: storages above it, standby sources, curtailments that may be ordered.
//!
//! All that the basin has and the plan does not use; whether it is worth what it takes from others is the dispatcher's to say.
//! Limits: what a standby way could bring counts its own capacity and what there is where it begins, not what lies between it and the place.

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

use petgraph::Direction;
use petgraph::graph::NodeIndex;

use crate::case::Case;
use crate::network::{Arc, ArcId, Bound, Curtailment, NodeId, NodeKind, Of};
use crate::plan::Decisions;
use crate::told::told;
use crate::tolerance::FEASIBILITY_HM3;

/// What is said where nothing stands by.
const NOTHING: &str = "nothing that is not in use would help: no standby source reaches it, and no curtailment that may be ordered bears on it";

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
    /// The rule whose ceiling lets no more through.
    pub(super) ceiling: Option<String>,
}

/// What of the room under rules' ceilings has been counted, m³/s, by rule and step.
type Counted = BTreeMap<(usize, usize), f64>;

/// What stands by in a plan.
pub(super) struct Help<'a> {
    case: &'a Case,
    decisions: &'a Decisions,
    /// Nodes from which water reaches a node, it included.
    above: RefCell<BTreeMap<NodeId, BTreeSet<NodeId>>>,
    /// What storages hold above their lowest at the end of each step, hm³.
    held: RefCell<BTreeMap<NodeId, Rc<Vec<f64>>>>,
}

impl<'a> Help<'a> {
    pub(super) const fn new(case: &'a Case, decisions: &'a Decisions) -> Self {
        Self { case, decisions, above: RefCell::new(BTreeMap::new()), held: RefCell::new(BTreeMap::new()) }
    }

    /// What stands by for these nodes in some steps, as sentences; that there is nothing, where there is nothing.
    pub(super) fn more_water(&self, places: &[NodeId], steps: &Range<usize>) -> Vec<String> {
        let mut said = self.standby(places, steps);
        said.extend(self.curtailments(|node| self.shares(node, places), steps));
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
            !in_force && curtailment.cuts.iter().any(|(node, class)| bears(*node) && self.has(*node, class, steps))
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
    fn standby(&self, places: &[NodeId], steps: &Range<usize>) -> Vec<String> {
        let (case, network) = (self.case, &self.case.network);
        let mut said = Vec::new();
        if !network.arcs.iter().any(|arc| arc.standby) {
            return said;
        }
        let has = |node: NodeId| network.portions().any(|row| row.node == node && self.has(node, &row.portion.class, steps));
        let sharing: Vec<NodeId> =
            network.demands().map(|(node, _)| node).filter(|node| has(*node) && self.shares(*node, places)).collect();
        for (number, arc) in network.arcs.iter().enumerate().filter(|(_, arc)| arc.standby) {
            let helps = |head: NodeId| places.iter().chain(&sharing).any(|place| self.is_above(head, *place));
            if !arc.receivers.iter().any(|receiver| helps(receiver.node)) {
                continue;
            }
            let capacity = |step: usize| case.at(&arc.capacity, step, 0);
            if steps.clone().all(|step| capacity(step) * case.hm3_per_m3s(step) <= FEASIBILITY_HM3) {
                said.push(format!("the standby source `{}` is shut: a mode or an overlay opens it", arc.id));
                continue;
            }
            let hm3 = self.could_bring(ArcId(number), steps);
            if hm3.is_finite() && hm3 > FEASIBILITY_HM3 {
                said.push(format!("the standby source `{}` could bring {} hm3 more", arc.id, told(hm3)));
            }
        }
        said
    }

    /// What a way could bring more in some steps, hm³, of what there is where it begins: what a source has left, what else leaves a
    /// junction, what a storage holds above its lowest from then to the end.
    fn could_bring(&self, arc: ArcId, steps: &Range<usize>) -> f64 {
        let (case, facts) = (self.case, &self.case.network.arcs[arc.0]);
        let flow = |step: usize| self.decisions.flow_m3s[[arc.0, step]];
        let leaving = |step: usize| case.leaving_m3s(facts.tail, self.decisions, step, |_| true);
        let tail = &case.network.nodes[facts.tail.0].kind;
        let left = |step: usize| match tail {
            NodeKind::Source(source) => case.at(&source.flow, step, 0) - leaving(step),
            NodeKind::Storage(_) => f64::INFINITY,
            NodeKind::Junction | NodeKind::Demand(_) | NodeKind::Sink => leaving(step) - flow(step),
        };
        let room =
            |step: usize| (case.at(&facts.capacity, step, 0) - flow(step)).min(left(step)).max(0.0) * case.hm3_per_m3s(step);
        let spare = |step: usize| match (tail, case.storage_row(facts.tail)) {
            (NodeKind::Storage(storage), Some(row)) => {
                self.decisions.storage_hm3[[row, step + 1]] - case.at(&storage.lower, step, 0)
            }
            _ => f64::INFINITY,
        };
        steps.clone().fold(0.0, |taken, step| {
            let most = (step..case.horizon.steps()).map(spare).fold(f64::INFINITY, f64::min);
            taken + room(step).min((most - taken).max(0.0))
        })
    }

    /// The nearest storage above these nodes that holds water above its lowest at the end of some steps, and how much of what they
    /// lack in each, m³/s, it could give by the ways to them and still be nowhere under its lowest in them.
    pub(super) fn store(&self, places: &[NodeId], steps: &Range<usize>, lacks_m3s: &[f64]) -> Option<Store> {
        let (case, network) = (self.case, &self.case.network);
        let hm3 = |step: usize| lacks_m3s[step - steps.start].max(0.0) * case.hm3_per_m3s(step);
        let mut near: Vec<NodeId> = places.to_vec();
        let mut seen: BTreeSet<NodeId> = near.iter().copied().collect();
        // What more could come from a node in each step, m³/s.
        let mut passes: BTreeMap<NodeId, Vec<f64>> =
            near.iter().map(|&node| (node, vec![f64::INFINITY; steps.len()])).collect();
        let (mut counted, mut ceilings) = (Counted::new(), BTreeMap::<NodeId, usize>::new());
        while !near.is_empty() {
            let held = near.iter().filter_map(|&node| Some((node, self.above_lowest(node)?[steps.end - 1])));
            let most = held.filter(|(_, hm3)| *hm3 > FEASIBILITY_HM3).max_by(|a, b| a.1.total_cmp(&b.1));
            if let Some((node, holds_hm3)) = most {
                let passed = |step: usize| {
                    hm3(step)
                        .min(passes.get(&node).map_or(0.0, |passes| passes[step - steps.start] * case.hm3_per_m3s(step)))
                };
                // The least that it holds from each step on.
                let mut least = self.above_lowest(node)?[steps.clone()].to_vec();
                for step in (1..least.len()).rev() {
                    least[step - 1] = least[step - 1].min(least[step]);
                }
                let given = |given: f64, (step, least): (usize, f64)| given + passed(step).min((least - given).max(0.0));
                let gives_hm3 = steps.clone().zip(least).fold(0.0, given);
                let (lacks_hm3, passed_hm3) = (steps.clone().map(hm3).sum(), steps.clone().map(passed).sum::<f64>());
                let passes_no_more = passed_hm3 <= gives_hm3 + FEASIBILITY_HM3 && passed_hm3 < lacks_hm3 - FEASIBILITY_HM3;
                return Some(Store {
                    id: network.nodes[node.0].id.clone(),
                    holds_hm3,
                    lacks_hm3,
                    gives_hm3,
                    passes_no_more,
                    ceiling: ceilings.get(&node).map(|&rule| network.requirements[rule].id.clone()),
                });
            }
            let mut next = Vec::new();
            for node in near {
                let beyond = passes.get(&node).cloned().unwrap_or_default();
                let below = ceilings.get(&node).copied();
                for (arc, tail) in self.ways_into(node).filter(|(_, tail)| !seen.contains(tail)) {
                    let from = passes.entry(tail).or_insert_with(|| {
                        next.push(tail);
                        vec![0.0; steps.len()]
                    });
                    for ((from, beyond), step) in from.iter_mut().zip(&beyond).zip(steps.clone()) {
                        let (room, rule) = self.room(arc, step, &mut counted, *beyond);
                        *from += room;
                        if let Some(rule) = rule.or(below) {
                            ceilings.entry(tail).or_insert(rule);
                        }
                    }
                }
            }
            seen.extend(&next);
            near = next;
        }
        None
    }

    /// How much more, up to so much, a way may pass in a step, m³/s: by its capacity and by the ceilings on flows that it adds to, of
    /// which this is counted; with the rule that lets no more through.
    fn room(&self, arc: ArcId, step: usize, counted: &mut Counted, most: f64) -> (f64, Option<usize>) {
        let (case, network) = (self.case, &self.case.network);
        let flow = self.decisions.flow_m3s[[arc.0, step]];
        let mut room = (case.at(&network.arcs[arc.0].capacity, step, 0) - flow).max(0.0).min(most);
        let rules = network.requirements.iter().enumerate().filter_map(|(number, rule)| {
            let Of::Flow(terms) = &rule.of else { return None };
            let (_, share) = terms.iter().find(|(of, share)| *of == arc && *share > 0.0)?;
            Some((
                number,
                case.bound(rule.ceiling.as_ref()?, step, 0) - case.value_of(&rule.of, self.decisions, step),
                *share,
            ))
        });
        let rules: Vec<(usize, f64, f64)> = rules.collect();
        let mut held = None;
        for &(number, left, share) in &rules {
            let left = (left - counted.get(&(number, step)).copied().unwrap_or_default()).max(0.0) / share;
            if left < room {
                (room, held) = (left, Some(number));
            }
        }
        for (number, _, share) in rules {
            *counted.entry((number, step)).or_default() += share * room;
        }
        (room, held)
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

    /// Whether a demand draws on water that could go to one of these nodes, or on one of them: on a storage above both, whose water
    /// keeps, or where a way to it leaves those to the node. What it takes below the node is no loss to it.
    fn shares(&self, demand: NodeId, places: &[NodeId]) -> bool {
        let network = &self.case.network;
        let of = self.all_above(demand);
        let splits = |node: NodeId, above: &BTreeSet<NodeId>, place: NodeId| {
            let leaving = || network.arcs.iter().filter(|arc| arc.tail == node);
            let off = |arc: &Arc| arc.receivers.iter().any(|at| of.contains(&at.node) && !above.contains(&at.node));
            // The only way from a place is its own.
            leaving().any(off) && (node != place || leaving().count() > 1)
        };
        let shared = |place: NodeId| {
            let above = self.all_above(place);
            above.intersection(&of).any(|node| match network.nodes[node.0].kind {
                NodeKind::Demand(_) | NodeKind::Sink => false,
                NodeKind::Storage(_) => true,
                NodeKind::Source(_) | NodeKind::Junction => splits(*node, &above, place),
            })
        };
        !places.contains(&demand) && places.iter().any(|place| shared(*place))
    }

    fn is_above(&self, node: NodeId, place: NodeId) -> bool {
        self.all_above(place).contains(&node)
    }

    fn all_above(&self, place: NodeId) -> BTreeSet<NodeId> {
        if let Some(known) = self.above.borrow().get(&place) {
            return known.clone();
        }
        let (mut found, mut open) = (BTreeSet::from([place]), vec![place]);
        while let Some(node) = open.pop() {
            open.extend(self.before(node).into_iter().filter(|before| found.insert(*before)));
        }
        self.above.borrow_mut().insert(place, found.clone());
        found
    }

    /// Nodes from which a way leads to a node; a way that stands by counts where the plan uses it.
    fn before(&self, node: NodeId) -> Vec<NodeId> {
        self.ways_into(node).map(|(_, tail)| tail).collect()
    }

    /// The same ways, with where each begins.
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
    pub(super) fn tails(&self, arcs: &[(ArcId, f64)]) -> Vec<NodeId> {
        let of = |(arc, share): &(ArcId, f64)| (*share > 0.0).then(|| self.case.network.arcs[arc.0].tail);
        arcs.iter().filter_map(of).collect()
    }
}
