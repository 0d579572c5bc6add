//! Why an entry is short: what stands against more water on every way to it, read from the plan without duals.
//!
//! In each short step the ways to a demand (or of a section) are followed upstream, through junctions, to storages and sources.
//! A way is *blocked* by its capacity, a command or another ceiling, a limit of change, an account that is used up, where beyond the
//! block there is water that the goals would give: lifting the block then lessens the shortage. A way that ends in a storage at
//! its lowest or in a source all of whose water is taken has none. Where it ends in water, that is *held*: by a
//! goal or hard rule that comes before the one that asks for the entry's water (of several the last in order, which
//! would give way first), or it is shared out among those that the same goal treats alike. Which goal asks for what is
//! [`ranks`]'s matter. The cause of most missing water is told; water that is free as far as is known here
//! (least flows and hours of what runs) is said to be kept for what is not told.

mod below;
mod block;
mod broken;
mod cause;
mod held;
mod much;
mod ranks;
mod runs;
mod takers;
#[cfg(test)]
mod tests;
mod told;
mod wanted;
mod windows;

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

use petgraph::Direction;
use petgraph::graph::NodeIndex;

use self::below::Stops;
pub(super) use self::broken::Broken;
pub(super) use self::cause::Cause;
pub(super) use self::much::Much;
use self::ranks::{Ranks, is_max_min, served};
use self::runs::Whereabouts;
use self::takers::{Apart, Asking, Places, Takers};
pub(super) use self::wanted::arrival;
use self::windows::{LetOut, Window};
use crate::case::Case;
use crate::explanation::most;
use crate::goals::{Goals, Method, Objective};
use crate::kernel::Kernel;
use crate::measures::target_of;
use crate::network::{Account, AccountWindow, Arc, ArcId, NodeId, NodeKind, Of};
use crate::period::PeriodSteps;
use crate::plan::{Decisions, Plan, Proof, StageResult};
use crate::portion::PortionRow;
use crate::satisfaction::Entry;
use crate::tolerance::FEASIBILITY_HM3;

/// A way's cause, and whether there is water that a block before it keeps away.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    cause: Cause,
    yields: bool,
}

impl Found {
    const fn dry(cause: Cause) -> Self {
        Self { cause, yields: false }
    }

    /// What is found behind a way that is held, where no water that is there would come through a wider way alone: of a storage at its lowest
    /// or a source all taken behind a full way either might lack by itself, of all else both would have to give.
    fn behind(self, held: &Cause) -> Self {
        let cause = match (held, self.cause.lacking()) {
            (Cause::Capacity(..), Some(store)) => Cause::Passing(Box::new(held.clone()), Box::new(store.clone())),
            _ if matches!(self.cause, Cause::Late(_) | Cause::Closed(_)) => return self,
            _ => Cause::Both(Box::new(held.clone()), Box::new(self.cause)),
        };
        Self { cause, ..self }
    }
}

/// The reasons of a plan.
pub(super) struct Reasons<'a> {
    case: &'a Case,
    goals: &'a Goals,
    decisions: &'a Decisions,
    /// What its stages reached, and what they are proved by, where that is known.
    stages: &'a [StageResult],
    proofs: &'a [Proof],
    /// Portions by their rows.
    rows: Vec<PortionRow<'a>>,
    ranks: OnceCell<Ranks>,
    whereabouts: OnceCell<Whereabouts>,
    /// What was found of a portion or section that lacks in a step: several periods hold it.
    causes: RefCell<Causes>,
    /// All causes found, each once.
    all: RefCell<BTreeSet<Rc<Cause>>>,
    /// What was found for windows of nodes: many steps have the same.
    takers: RefCell<BTreeMap<Asking, Rc<Takers>>>,
    /// Rules on flows and portions, by the nodes that the water leaves or is supplied at.
    places: OnceCell<Places>,
    /// Numbers of the rules by their ids.
    rules: BTreeMap<&'a str, usize>,
    /// Nodes from which water reaches a node, it included.
    above: RefCell<BTreeMap<NodeId, Rc<BTreeSet<NodeId>>>>,
    /// What was found for windows of flows and who asks.
    apart: RefCell<Apart>,
    /// What was found below storages, looked at closely or not.
    stops: RefCell<BTreeMap<(NodeId, bool), Stops>>,
    /// Windows of storages by step.
    windows: RefCell<BTreeMap<NodeId, Rc<Vec<Window>>>>,
    /// What is let out of nodes.
    let_out: RefCell<BTreeMap<NodeId, Rc<LetOut>>>,
}

/// Share of a day's water that must arrive in a step for a way that has room that day not to be full for it.
const MUCH: f64 = 0.05;

/// What lacks water.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lacking {
    Portion(usize),
    Section(usize),
}

/// Causes of what lacks in a step.
type Causes = BTreeMap<(Lacking, usize), Option<Rc<Cause>>>;

/// Causes at the nodes and steps that were seen on the way, and whether something holds the way so far: where nothing does, whether a storage is
/// at its lowest for want of water or since others had it is all the same.
#[derive(Default)]
struct Seen {
    found: BTreeMap<(NodeId, usize, bool), Vec<Found>>,
    held: bool,
}

impl Seen {
    fn known(&self, (node, step): (NodeId, usize)) -> Option<Vec<Found>> {
        self.found.get(&(node, step, self.held)).cloned()
    }

    fn keep(&mut self, (node, step): (NodeId, usize), found: Vec<Found>) {
        self.found.insert((node, step, self.held), found);
    }

    /// What is found beyond something that may hold the way.
    fn beyond<T>(&mut self, holds: bool, find: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.held;
        self.held |= holds;
        let found = find(self);
        self.held = before;
        found
    }
}

/// What a short entry asks for: the rank of the goal that asks, and where its water would go.
#[derive(Clone, Copy)]
struct Asked<'a> {
    rank: usize,
    node: Option<NodeId>,
    step: usize,
    /// The section or rule that asks: its own water at other times is no reason.
    own: Option<&'a str>,
    /// Whether it is a rule that is broken: rank 0 among others of rank 0.
    broken: bool,
}

/// What is known of a key, or is found now; nothing is borrowed while it is looked for.
pub(super) fn once<K: Ord, V: Clone>(known: &RefCell<BTreeMap<K, V>>, key: K, find: impl FnOnce() -> V) -> V {
    let found = known.borrow().get(&key).cloned();
    found.unwrap_or_else(|| {
        let found = find();
        known.borrow_mut().insert(key, found.clone());
        found
    })
}

impl<'a> Reasons<'a> {
    pub(super) fn new(case: &'a Case, goals: &'a Goals, decisions: &'a Decisions) -> Self {
        Self {
            case,
            goals,
            decisions,
            stages: &[],
            proofs: &[],
            rows: case.network.portions().collect(),
            ranks: OnceCell::new(),
            whereabouts: OnceCell::new(),
            causes: RefCell::new(BTreeMap::new()),
            all: RefCell::new(BTreeSet::new()),
            takers: RefCell::new(BTreeMap::new()),
            places: OnceCell::new(),
            rules: case.network.requirements.iter().enumerate().map(|(number, rule)| (rule.id.as_str(), number)).collect(),
            above: RefCell::new(BTreeMap::new()),
            apart: RefCell::new(BTreeMap::new()),
            stops: RefCell::new(BTreeMap::new()),
            windows: RefCell::new(BTreeMap::new()),
            let_out: RefCell::new(BTreeMap::new()),
        }
    }

    /// Of a plan, with what its stages reached and are proved by.
    pub(super) fn of_plan(case: &'a Case, goals: &'a Goals, plan: &'a Plan) -> Self {
        Self::told_by(case, goals, (&plan.decisions, &plan.stages, &plan.certificate.proofs))
    }

    /// Of decisions, with what stages reached and are proved by.
    pub(super) fn told_by(
        case: &'a Case,
        goals: &'a Goals,
        (decisions, stages, proofs): (&'a Decisions, &'a [StageResult], &'a [Proof]),
    ) -> Self {
        Self { stages, proofs, ..Self::new(case, goals, decisions) }
    }

    fn ranks(&self) -> &Ranks {
        self.ranks.get_or_init(|| {
            let of = |stuck: &[Entry]| Ranks::new(self.case, self.goals, self.decisions, stuck);
            let first = Self { ranks: OnceCell::from(of(&[])), ..Self::new(self.case, self.goals, self.decisions) };
            let balances = self.goals.stages.iter().filter_map(|&stage| self.goals.objectives.get(stage));
            let least = balances.filter(|o| is_max_min(o)).flat_map(|o| served(self.case, self.decisions, o));
            of(&least.filter(|entry| first.is_stuck(entry)).collect::<Vec<_>>())
        })
    }

    fn whereabouts(&self) -> &Whereabouts {
        self.whereabouts.get_or_init(|| Whereabouts::new(self.case, self.decisions, self.ranks()))
    }

    /// Whether nothing that goals could give up brings an entry more.
    fn is_stuck(&self, entry: &Entry) -> bool {
        let lacking = entry.period.steps.clone().flat_map(|step| self.in_step(entry, step));
        let causes: Vec<Rc<Cause>> = lacking.map(|(cause, _)| cause).collect();
        !causes.is_empty() && causes.iter().all(|cause| cause.is_fixed())
    }

    /// The sentence for an entry; none where it lacks nothing and nothing of it was cut.
    pub(super) fn of(&self, entry: &Entry) -> Option<String> {
        self.cause_of(entry).map(|cause| cause.sentence())
    }

    /// The cause of most that an entry lacks, or of what was cut of it.
    fn cause_of(&self, entry: &Entry) -> Option<Cause> {
        let mut missing: Vec<(Rc<Cause>, f64)> = Vec::new();
        for step in entry.period.steps.clone() {
            for (cause, lack) in self.in_step(entry, step) {
                // Equal causes are one and the same.
                match missing.iter_mut().find(|(known, _)| Rc::ptr_eq(known, &cause)) {
                    Some((_, hm3)) => *hm3 += lack,
                    None => missing.push((cause, lack)),
                }
            }
        }
        missing.sort_by(|a, b| a.0.cmp(&b.0));
        let most = most(missing, |(_, hm3)| *hm3).map(|(cause, _)| cause);
        most.map(Rc::unwrap_or_clone).or_else(|| self.curtailed(entry))
    }

    /// Causes of what lacks in a step, with how much each keeps away.
    fn in_step(&self, entry: &Entry, step: usize) -> Vec<(Rc<Cause>, f64)> {
        let (case, decisions) = (self.case, self.decisions);
        let mut causes = Vec::new();
        for row in entry.portions.iter().map(|&row| &self.rows[row]) {
            let size = case.size_m3s(row.demand, row.portion, step, 0);
            let lack = (size - decisions.supply_m3s[[row.row, step]]) * case.hm3_per_m3s(step);
            if lack > FEASIBILITY_HM3 {
                let cause = self.cause_once(Lacking::Portion(row.row), step, || self.of_portion(row, step));
                causes.extend(cause.map(|cause| (cause, lack)));
            }
        }
        for &section in &entry.sections {
            let requirement = &case.network.requirements[section];
            let (Some(target), Of::Flow(terms)) = (target_of(case, requirement, step, 0), &requirement.of) else { continue };
            let Some(bound) = &requirement.target else { continue };
            let lack =
                (target - case.judged(requirement, bound, decisions, step)) * case.hm3_per_unit(&requirement.of, step);
            if lack > FEASIBILITY_HM3 {
                let cause = self.cause_once(Lacking::Section(section), step, || {
                    // Held on means, what a step has enough of lacked at another: there its reason is sought.
                    let flow = |step: usize| case.value_of(&requirement.of, decisions, step);
                    let held = requirement.held_with(step);
                    let lowest = held.min_by(|&a, &b| flow(a).total_cmp(&flow(b))).filter(|_| flow(step) >= target);
                    self.of_section((section, terms), lowest.unwrap_or(step))
                });
                causes.extend(cause.map(|cause| (cause, lack)));
            }
        }
        causes
    }

    /// What was found of something that lacks in a step, or is found now.
    fn cause_once(&self, lacking: Lacking, step: usize, find: impl FnOnce() -> Option<Cause>) -> Option<Rc<Cause>> {
        once(&self.causes, (lacking, step), || find().map(|cause| self.one_and_the_same(cause)))
    }

    /// A cause as it was found first.
    fn one_and_the_same(&self, cause: Cause) -> Rc<Cause> {
        let mut all = self.all.borrow_mut();
        all.get(&cause).cloned().unwrap_or_else(|| {
            let first = Rc::new(cause);
            all.insert(Rc::clone(&first));
            first
        })
    }

    /// What stands against more for a portion in a step.
    fn of_portion(&self, row: &PortionRow<'_>, step: usize) -> Option<Cause> {
        let rank = self.ranks().asking[[row.row, step]];
        let words = [row.portion.class.as_str(), row.portion.use_.word(), &self.case.network.nodes[row.node.0].id];
        let asked = Asked { rank, node: Some(row.node), step, own: None, broken: rank == 0 };
        let found = Ways { of: self, asked, words: &words }.before(row.node, step, &mut Seen::default());
        self.first(found, rank)
    }

    /// What stands against more flow of a section in a step.
    fn of_section(&self, (section, terms): (usize, &[(ArcId, f64)]), step: usize) -> Option<Cause> {
        let id = &self.case.network.requirements[section].id;
        let rank = self.ranks().wanting[[section, step]];
        let asked = Asked { rank, node: None, step, own: Some(id), broken: false };
        let ways = Ways { of: self, asked, words: &[id, "ecological"] };
        let mut seen = Seen::default();
        let arcs = terms.iter().filter(|(_, coefficient)| *coefficient > 0.0);
        let found = arcs.flat_map(|&(arc, _)| ways.through(arc, step, &mut seen)).collect();
        self.first(found, rank)
    }

    /// The cause that is told of those on several ways.
    fn first(&self, found: Vec<Found>, rank: usize) -> Option<Cause> {
        let first = self.told(found)?;
        let unasked = rank == self.ranks().none && self.goals.method != Method::Rules;
        // Nor does any goal ask for more through a wider way.
        Some(if unasked && (first.holder().is_some() || first.is_of_a_way()) { Cause::Unasked } else { first })
    }

    /// The sentence for a demand, a class of it or a section in one step; none where it lacks nothing.
    pub(super) fn at(&self, address: &str, step: usize) -> Option<String> {
        self.cause_over(address, step..step + 1).map(|cause| cause.sentence())
    }

    /// The cause of most that a demand, a class of it or a section lacks in some steps.
    pub(super) fn cause_over(&self, address: &str, steps: Range<usize>) -> Option<Cause> {
        self.cause_of(&self.entry(address, steps))
    }

    /// Neighbouring steps of these with one cause of most that a demand, a class of it or a section lacks in each.
    pub(super) fn causes(&self, address: &str, steps: Range<usize>) -> Vec<(Range<usize>, Cause)> {
        let mut entry = self.entry(address, steps.clone());
        let mut all: Vec<(Range<usize>, Cause)> = Vec::new();
        for step in steps {
            entry.period.steps = step..step + 1;
            let Some(cause) = self.cause_of(&entry) else { continue };
            match all.last_mut() {
                Some((run, same)) if run.end == step && *same == cause => run.end += 1,
                _ => all.push((step..step + 1, cause)),
            }
        }
        all
    }

    /// A demand, a class of it or a section by itself in some steps.
    fn entry(&self, address: &str, steps: Range<usize>) -> Entry {
        let network = &self.case.network;
        let is_of = |node: &str, class: &str| {
            address == node || address.strip_prefix(node).and_then(|rest| rest.strip_prefix('.')) == Some(class)
        };
        let portions = network.portions().filter(|row| is_of(&network.nodes[row.node.0].id, &row.portion.class));
        let sections = network.requirements.iter().enumerate().filter(|(_, rule)| rule.id == address);
        let label = self.case.horizon.name_of(steps.start);
        Entry {
            region: None,
            use_: String::new(),
            in_stream: false,
            period: PeriodSteps { chinese: label.clone(), label, steps, joined: Vec::new() },
            entitlement: 1.0,
            portions: portions.map(|row| row.row).collect(),
            sections: sections.map(|(number, _)| number).collect(),
            demand_hm3: 0.0,
            floor_hm3: 0.0,
        }
    }

    /// Whether of two goals one comes first, or the plan is that of the rules.
    pub(super) const fn ranked(&self) -> bool {
        matches!(self.goals.method, Method::Lexicographic(_) | Method::Rules)
    }

    /// The goal that keeps an account, and its place among the stages.
    pub(super) fn asks_for(&self, account: &Account) -> Option<(String, usize)> {
        let at = self.case.network.accounts.iter().position(|other| other.id == account.id)?;
        self.ranks().stage(self.ranks().accounts[at]).map(|(goal, place, _)| (goal.to_owned(), place))
    }

    /// How a goal, or the goals where none comes first, share out the water of a node.
    fn shared(&self, id: String, goal: &str) -> Cause {
        let alike = |objective: &Objective| {
            let form = objective.form.as_deref();
            objective.id == goal && (is_max_min(objective) || objective.kind == "balance" && form == Some("leximin"))
        };
        match self.goals.method {
            Method::Lexicographic(_) if self.goals.objectives.iter().any(alike) => Cause::Shared(id, goal.to_owned()),
            Method::Lexicographic(_) => Cause::Best(id, goal.to_owned()),
            _ => Cause::Weighed(id),
        }
    }

    /// Whether a goal has a tolerance.
    fn is_lax(&self, goal: &str) -> bool {
        self.goals.objectives.iter().any(|objective| objective.id == goal && objective.tolerance > 0.0)
    }

    /// The window of a step in which what an account has within the horizon is used.
    fn used_up<'w>(&self, account: &'w Account, step: usize) -> Option<&'w AccountWindow> {
        account.windows.iter().filter(|window| window.steps.contains(&step)).find(|window| {
            // The rules use it as time goes on.
            let end = if self.goals.method == Method::Rules { step + 1 } else { window.steps.end };
            let used = account.used_hm3(self.case, self.decisions, window.steps.start..end);
            used >= window.available_hm3 - FEASIBILITY_HM3
        })
    }

    /// The deepest curtailment in force that cuts what an entry wants, where one does.
    fn curtailed(&self, entry: &Entry) -> Option<Cause> {
        if entry.curtailed_hm3(self.case) <= FEASIBILITY_HM3 {
            return None;
        }
        let network = &self.case.network;
        let cut = |node: NodeId, class: &str| {
            network.portions().any(|row| {
                entry.portions.contains(&row.row)
                    && row.node == node
                    && row.portion.class == class
                    && row.portion.curtailed.is_some()
            })
        };
        let edges = &self.case.horizon.edges;
        let (from, to) = (edges.get(entry.period.steps.start)?, edges.get(entry.period.steps.end)?);
        let in_force = network.curtailments.iter().filter(|curtailment| {
            curtailment.effect.as_ref().is_some_and(|(begin, end)| begin < to && end > from)
                && curtailment.cuts.iter().any(|(node, class)| cut(*node, class))
        });
        in_force.max_by(|a, b| a.depth.total_cmp(&b.depth)).map(|curtailment| Cause::Curtailed(curtailment.id.clone()))
    }
}

/// The ways upstream of what is asked for.
pub(super) struct Ways<'a, 'b> {
    of: &'b Reasons<'a>,
    asked: Asked<'b>,
    /// Words by which zones of rule curves name it.
    words: &'b [&'b str],
}

impl Ways<'_, '_> {
    /// Causes on all ways into a node; none on ways that lead back to it.
    fn before(&self, node: NodeId, step: usize, seen: &mut Seen) -> Vec<Found> {
        let network = &self.of.case.network;
        if let Some(found) = seen.known((node, step)) {
            return found;
        }
        seen.keep((node, step), Vec::new());
        let mut found = Vec::new();
        let mut any = false;
        for edge in network.graph.edges_directed(NodeIndex::new(node.0), Direction::Incoming) {
            any = true;
            let link = edge.weight();
            let facts = &network.arcs[link.arc.0];
            let kernel = &facts.receivers[link.receiver].kernel;
            // Of several days whose water arrives in it, one on which the way has room.
            let mut departures = departures(kernel, step).filter(|(_, share)| *share >= MUCH).map(|(departs, _)| departs);
            let free = departures.find(|&departs| self.block(link.arc, departs).is_none());
            match free.or_else(|| departure(kernel, step)) {
                Some(departure) => found.extend(self.along(link.arc, departure, seen)),
                None => found.push(Found::dry(Cause::Late(facts.id.clone()))),
            }
        }
        if !any {
            found.push(Found::dry(Cause::Spent(network.nodes[node.0].id.clone())));
        }
        seen.keep((node, step), found.clone());
        found
    }

    /// Causes on a way: its own, where there is water beyond that it keeps away, or those of where it begins.
    fn along(&self, arc: ArcId, step: usize, seen: &mut Seen) -> Vec<Found> {
        let tail = self.of.case.network.arcs[arc.0].tail;
        let block = self.block(arc, step).filter(|block| !self.has_room_beside(arc, step, block));
        let block = block.or_else(|| self.of.slowed(tail, step));
        let beyond = seen.beyond(block.is_some(), |seen| self.at(tail, arc, step, seen));
        // An account that those before who asks have used up holds the way as well.
        let is_account = |block: &&Cause| matches!(block, Cause::Account(_) | Cause::Share(_));
        let owed = block.as_ref().filter(|block| !is_account(block)).and_then(|_| self.owed(arc, step));
        let beyond = match owed {
            Some(account) => behind(account, &beyond),
            None => beyond,
        };
        match block {
            Some(block) => behind(block, &beyond),
            None => beyond,
        }
    }

    /// Causes on a way whose flow is what is asked for: what it runs into may hold it, too.
    fn through(&self, arc: ArcId, step: usize, seen: &mut Seen) -> Vec<Found> {
        let below = if self.block(arc, step).is_none() { self.of.held_below(arc, step) } else { None };
        let found = seen.beyond(below.is_some(), |seen| self.along(arc, step, seen));
        match below {
            Some(below) => behind(below, &found),
            None => found,
        }
    }

    /// Causes at the node that a way begins at.
    fn at(&self, node: NodeId, arc: ArcId, step: usize, seen: &mut Seen) -> Vec<Found> {
        let (case, decisions) = (self.of.case, self.of.decisions);
        let facts = &case.network.nodes[node.0];
        match &facts.kind {
            NodeKind::Storage(storage) => {
                let row = case.storage_row(node).unwrap_or_default();
                let lowest = self.lowest(storage, row, node, step).map(|cause| self.after(cause, node, step));
                let emptied = |cause| match cause {
                    // Of what others had, no goal asks for a part.
                    _ if self.asked.rank == self.of.ranks().none && self.emptied_after(node, step) => {
                        Found { cause: Cause::Kept(facts.id.clone()), yields: true }
                    }
                    cause => Found { cause, yields: seen.held && self.emptied_after(node, step) },
                };
                let found = lowest.map_or_else(|| self.held(node, step), emptied);
                let found = self.fed(node, step, found, seen);
                vec![self.turned(node, step, found)]
            }
            NodeKind::Source(source) => {
                let taken = case.leaving_m3s(node, decisions, step, |_| true);
                let spent = (case.at(&source.flow, step, 0) - taken) * case.hm3_per_m3s(step) <= FEASIBILITY_HM3;
                if !spent {
                    return vec![Found { cause: self.of.kept_before(self.asked.rank, node, step), yields: true }];
                }
                let takes = |other: ArcId| decisions.flow_m3s[[other.0, step]] * case.hm3_per_m3s(step) > FEASIBILITY_HM3;
                let others = self.leaving(node).any(|(other, _)| other != arc && takes(other))
                    && !self.beside(&self.takers_in(node, &(step..step + 1)), node).is_empty();
                // A source that others draw on too had water for them.
                vec![if others { self.held(node, step) } else { Found::dry(Cause::Spent(facts.id.clone())) }]
            }
            NodeKind::Junction => {
                let passes = |(other, facts): (ArcId, &Arc)| {
                    let over = decisions.flow_m3s[[other.0, step]] - case.at(&facts.floor, step, 0);
                    other != arc && over * case.hm3_per_m3s(step) > FEASIBILITY_HM3
                };
                let passes = self.leaving(node).any(passes);
                let mut found = self.before(node, step, seen);
                // All the water that comes is taken: what passes here is what there is to share.
                let shares = passes && self.of.goals.method != Method::Rules;
                for dry in found.iter_mut().filter(|found| passes && matches!(found.cause, Cause::Spent(_))) {
                    // The rules share out nothing that passes: what holds a way to it holds the water.
                    *dry = if shares { self.held(node, step) } else { Found { yields: true, ..dry.clone() } };
                }
                // Behind a way that is held, water that others have here could be given without a wider way to it.
                if shares && seen.held && found.iter().any(|found| found.yields && found.cause.is_of_a_way()) {
                    let held = self.held(node, step);
                    found.extend(Some(held).filter(|held| held.yields));
                }
                // Nor would a wider way bring more where a goal that comes first makes something of all that passes here.
                if shares && found.iter().any(|found| matches!(found.cause, Cause::Capacity(..))) {
                    let held = self.held(node, step);
                    found.extend(Some(held).filter(|held| matches!(held.cause, Cause::Before(..) | Cause::Onward(..))));
                }
                found
            }
            NodeKind::Demand(_) | NodeKind::Sink => vec![Found::dry(Cause::Spent(facts.id.clone()))],
        }
    }

    /// Ways that leave a node, in their order.
    fn leaving(&self, node: NodeId) -> impl Iterator<Item = (ArcId, &Arc)> {
        let network = &self.of.case.network;
        let edges = network.graph.edges_directed(NodeIndex::new(node.0), Direction::Outgoing);
        // A way with several receivers is as many edges.
        let ways: BTreeSet<ArcId> = edges.map(|edge| edge.weight().arc).collect();
        ways.into_iter().map(|way| (way, &network.arcs[way.0]))
    }
}

/// Causes on a way that something holds, by those where it begins.
fn behind(held: Cause, beyond: &[Found]) -> Vec<Found> {
    if beyond.iter().any(|found| found.yields && !found.cause.is_of_a_way()) {
        return vec![Found { cause: held, yields: true }];
    }
    // Where what holds one way is lifted, that of the next is still there.
    if let Some(next) = beyond.iter().filter(|found| found.yields).min() {
        return vec![next.clone().behind(&held)];
    }
    // Neither a wider way nor more water would do by itself; where some of it is held, what has none is no reason.
    let is_held = |found: &Found| found.cause.holder().is_some() && found.cause.lacking().is_none();
    let any = beyond.iter().any(is_held);
    beyond.iter().filter(|found| !any || is_held(found)).map(|found| found.clone().behind(&held)).collect()
}

/// The latest step in which water leaves that arrives in a step; none where it had to leave before the horizon.
pub(super) fn departure(kernel: &Kernel, step: usize) -> Option<usize> {
    departures(kernel, step).next().map(|(departs, _)| departs)
}

/// Steps in which water leaves that arrives in a step, the latest first, and what share of it does.
fn departures(kernel: &Kernel, step: usize) -> impl Iterator<Item = (usize, f64)> {
    (0..=step).rev().filter_map(move |from| match kernel {
        Kernel::Instant => (from == step).then_some((from, 1.0)),
        Kernel::Table(table) => {
            let to = table.arrivals.get(from)?.iter().filter(|(at, _)| *at == step);
            Some((from, to.map(|(_, weight)| weight).sum())).filter(|(_, share)| *share > 0.0)
        }
    })
}
