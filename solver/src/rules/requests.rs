//! Who asks for water, in the order in which they are served.
//!
//! First what cannot wait (storages under their dead level, junctions that owe water), then what hard rules ask for, class by class in
//! the order of `[rules]`, then everything else: by the order of supply where the file gives one, by the stages otherwise, and
//! last by use. Equals share: they are served in rounds.

use petgraph::unionfind::UnionFind;
use weir_model::case::Case;
use weir_model::goals::{Goals, SupplyLevel};
use weir_model::measures::Selection;
use weir_model::network::{Network, NodeKind, Of, Portion, Requirement, Role, RuleClass, Use};

use super::compiled::{FREE, Kind, Receiver, rank};
use super::lists::Lists;
use super::paths::{Ground, Paths};

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asks {
    /// A storage under its dead level, by row.
    Storage(usize),
    /// A junction that owes water.
    Junction(usize),
    /// A portion of a demand, by row.
    Portion(usize),
    /// A floor of a value.
    Floor(usize),
    /// A part of a value's target.
    Target(usize),
    /// A way that the plan in force opens.
    Way(usize),
}

/// A request.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) asks: Asks,
    pub(super) rank: u8,
    /// Place among the free ones; equals share it.
    pub(super) level: usize,
    /// The part of the network whose water may reach it; equals of different parts have nothing to share.
    pub(super) island: usize,
    /// The first stage that works for it; after all where none does.
    pub(super) stage: usize,
    pub(super) paths: std::ops::Range<usize>,
    /// Something can give within the step.
    pub(super) near: bool,
    /// Level of a target's part in each step; empty for others.
    pub(super) amounts: Vec<f64>,
    /// By step, whether a period begins over whose mean it is held; empty where each step is held by itself.
    pub(super) begins: Vec<bool>,
}

/// Requests in the order of service.
#[derive(Clone, Debug, Default)]
pub(super) struct Requests {
    pub(super) all: Vec<Request>,
    /// Groups of equals.
    pub(super) groups: Vec<std::ops::Range<usize>>,
    /// Those that are held over periods.
    pub(super) paced: Vec<usize>,
    /// Share that a storage's zone gives of a request: by (storage's first zone + zone) × request.
    pub(super) hedging: Vec<f64>,
    /// By storage's row: its first zone.
    pub(super) first_zone: Vec<usize>,
}

impl Requests {
    /// By demand's node: its portions, first served first.
    pub(super) fn portions_of(&self, network: &Network) -> Lists<usize> {
        let mut of = vec![Vec::new(); network.nodes.len()];
        let nodes: Vec<usize> = network.portions().map(|row| row.node.0).collect();
        for request in &self.all {
            if let Asks::Portion(row) = request.asks {
                of[nodes[row]].push(row);
            }
        }
        Lists::new(of.into_iter())
    }
}

/// What requests are compiled from.
pub(super) struct Parts<'a> {
    pub(super) kinds: &'a [Kind],
    pub(super) receivers: &'a Lists<Receiver>,
    /// Arcs that are no decision.
    pub(super) fixed: &'a [bool],
    pub(super) hm3: &'a [f64],
    /// Whether a plan in force is followed.
    pub(super) planned: bool,
    /// Values of requirements, of arcs with a floor, of duties.
    pub(super) of_requirement: &'a [Option<usize>],
    pub(super) of_arc: &'a [Option<usize>],
    pub(super) of_account: &'a [Option<usize>],
}

/// Every request of a case with its ways.
pub(super) fn compile<'a>(case: &'a Case, goals: &Goals, parts: &Parts, paths: &mut Paths) -> Requests {
    let network = &case.network;
    let ground = Ground::new(case, parts.kinds, parts.receivers, parts.fixed);
    let mut all: Vec<(Request, Vec<&str>)> = Vec::new();
    let mut push = |asks, rank, (level, stage), ways: std::ops::Range<usize>, amounts, words: Vec<&'a str>| {
        let request = Request { asks, rank, level, island: 0, stage, paths: ways, near: false, amounts, begins: Vec::new() };
        all.push((request, words));
    };
    for (row, (node, _)) in network.storages().enumerate() {
        let ways = ground.add(paths, node.0, None);
        push(Asks::Storage(row), 0, (0, 0), ways, Vec::new(), Vec::new());
    }
    for (node, facts) in network.nodes.iter().enumerate() {
        if matches!(facts.kind, NodeKind::Junction) && may_owe(case, node) {
            let ways = ground.add(paths, node, None);
            push(Asks::Junction(node), 0, (0, 0), ways, Vec::new(), Vec::new());
        }
    }
    let mut ways_to = vec![None; network.nodes.len()];
    for row in network.portions() {
        let ways = ways_to[row.node.0].get_or_insert_with(|| ground.add(paths, row.node.0, None)).clone();
        let domestic = row.portion.use_ == Use::Domestic;
        let (rank, level) = if row.portion.floor {
            (rank(goals, if domestic { RuleClass::DomesticFloor } else { RuleClass::Legal }), (0, 0))
        } else {
            (FREE, portion_level(case, goals, row.row, row.portion))
        };
        push(Asks::Portion(row.row), rank, level, ways, Vec::new(), words_of(row.portion));
    }
    for (index, requirement) in network.requirements.iter().enumerate() {
        let (Some(value), Of::Flow(terms)) = (parts.of_requirement[index], &requirement.of) else { continue };
        let start = paths.all.len();
        for &(arc, coefficient) in terms {
            if coefficient > 0.0 && !parts.fixed[arc.0] && !ends_in_demand(parts, arc.0) {
                ground.add(paths, arc.0, Some(arc.0));
            }
        }
        let ways = start..paths.all.len();
        if requirement.floor.is_some() || requirement.fall_per_day.is_some() {
            push(Asks::Floor(value), rank(goals, requirement.class), (0, 0), ways.clone(), Vec::new(), Vec::new());
        }
        let Some(target) = requirement.target else { continue };
        for (part, share) in requirement.target_parts.iter().enumerate() {
            let amounts = parts.hm3.iter().enumerate().map(|(step, hm3)| case.bound(&target, step, 0) * share * hm3);
            let amounts = amounts.map(|amount| if amount.is_finite() { amount } else { f64::NEG_INFINITY }).collect();
            let level = section_level(case, goals, index, requirement, part);
            push(Asks::Target(value), FREE, level, ways.clone(), amounts, vec![&requirement.id, "ecological"]);
        }
    }
    for (arc, value) in parts.of_arc.iter().enumerate() {
        if let Some(value) = value.filter(|_| !ends_in_demand(parts, arc)) {
            let ways = ground.add(paths, arc, Some(arc));
            push(Asks::Floor(value), rank(goals, RuleClass::Operational), (0, 0), ways, Vec::new(), Vec::new());
        }
    }
    duties(case, goals, parts, (&ground, paths), &mut push);
    ways_in_force(case, goals, parts, (&ground, paths), &mut push);
    pace(network, parts, &mut all);
    for (request, _) in &mut all {
        request.near = paths.all[request.paths.clone()]
            .iter()
            .any(|path| path.ahead.is_none() && matches!(parts.kinds[path.from], Kind::Storage(_) | Kind::Source));
    }
    let islands = islands(network, parts, paths);
    for (request, _) in &mut all {
        let node = paths.all[request.paths.clone()].first().map(|path| path.from);
        request.island = node.map_or(usize::MAX, |node| islands.find(node));
    }
    all.sort_by_key(|(request, _)| (request.rank, request.level, request.island));
    let (hedging, first_zone) = hedging(network, &all);
    let requests: Vec<Request> = all.into_iter().map(|(request, _)| request).collect();
    let groups = equals(&requests);
    let paced = (0..requests.len()).filter(|request| !requests[*request].begins.is_empty()).collect();
    Requests { all: requests, groups, paced, hedging, first_zone }
}

/// Runs of requests that stand alike.
fn equals(requests: &[Request]) -> Vec<std::ops::Range<usize>> {
    let mut groups: Vec<std::ops::Range<usize>> = Vec::new();
    for (at, request) in requests.iter().enumerate() {
        match groups.last_mut() {
            Some(group)
                if requests[group.start].rank == request.rank
                    && requests[group.start].level == request.level
                    && requests[group.start].island == request.island
                    && request.rank > 0 =>
            {
                group.end = at + 1;
            }
            _ => groups.push(at..at + 1),
        }
    }
    groups
}

/// Nodes between which water, a rule or an account may connect those who ask.
fn islands(network: &Network, parts: &Parts, paths: &Paths) -> UnionFind<usize> {
    let mut islands = UnionFind::new(network.nodes.len());
    let tail = |arc: usize| network.arcs[arc].tail.0;
    for path in &paths.all {
        for &(arc, _) in &paths.links[path.first..path.end] {
            islands.union(path.from, tail(arc));
            for receiver in parts.receivers.of(arc).iter().filter(|receiver| parts.kinds[receiver.node] != Kind::Other) {
                islands.union(path.from, receiver.node);
            }
        }
    }
    let sums = network.accounts.iter().map(|account| &account.terms);
    let sums = sums.chain(network.requirements.iter().filter_map(|requirement| match &requirement.of {
        Of::Flow(terms) => Some(terms),
        Of::Storage(_) => None,
    }));
    for terms in sums {
        for pair in terms.windows(2) {
            islands.union(tail(pair[0].0.0), tail(pair[1].0.0));
        }
    }
    islands
}

/// What is pushed of a request: what it asks, its rank, its level and stage, its ways, its amounts, its words.
type Push<'p, 'a> = dyn FnMut(Asks, u8, (usize, usize), std::ops::Range<usize>, Vec<f64>, Vec<&'a str>) + 'p;

/// Accounts that are duties: a hard one as the other legal rules, a soft one where its stage stands.
fn duties(case: &Case, goals: &Goals, parts: &Parts, (ground, paths): (&Ground<'_>, &mut Paths), push: &mut Push<'_, '_>) {
    let network = &case.network;
    for (index, account) in network.accounts.iter().enumerate() {
        let Some(value) = parts.of_account[index] else { continue };
        let start = paths.all.len();
        for &(arc, coefficient) in &account.terms {
            if coefficient > 0.0 && !parts.fixed[arc.0] && !ends_in_demand(parts, arc.0) {
                ground.add(paths, arc.0, Some(arc.0));
            }
        }
        let stage = goals.stages.iter().position(|&stage| about_account(case, goals, stage, index));
        let (rank, level) =
            if account.hard { (rank(goals, RuleClass::Legal), (0, 0)) } else { (FREE, level(goals, None, stage, 5)) };
        push(Asks::Floor(value), rank, level, start..paths.all.len(), Vec::new(), Vec::new());
    }
}

/// Ways out of storages, and those that are opened to take water elsewhere, where a plan in force is followed: after all others.
fn ways_in_force(
    case: &Case,
    goals: &Goals,
    parts: &Parts,
    (ground, paths): (&Ground<'_>, &mut Paths),
    push: &mut Push<'_, '_>,
) {
    let network = &case.network;
    if parts.planned {
        let last = (goals.supply_order.len() + goals.stages.len() + 6, goals.stages.len());
        for (arc, facts) in network.arcs.iter().enumerate() {
            let held = matches!(parts.kinds[facts.tail.0], Kind::Storage(_));
            let decides = held || matches!(facts.role, Role::Diversion | Role::Pump);
            if decides && !parts.fixed[arc] && !ends_in_demand(parts, arc) {
                let ways = ground.add(paths, arc, Some(arc));
                push(Asks::Way(arc), FREE, last, ways, Vec::new(), Vec::new());
            }
        }
    }
}

/// Marks the requests that are held over periods: a section's by its standard, a duty over its windows.
fn pace(network: &Network, parts: &Parts, all: &mut [(Request, Vec<&str>)]) {
    let steps = parts.hm3.len();
    let sections =
        network.requirements.iter().zip(parts.of_requirement).map(|(requirement, value)| {
            (*value, requirement.periods.iter().map(|period| period.start).collect::<Vec<usize>>())
        });
    let duties =
        network.accounts.iter().zip(parts.of_account).map(|(account, value)| {
            (*value, account.windows.iter().map(|window| window.steps.start).collect::<Vec<usize>>())
        });
    for (value, starts) in sections.chain(duties).filter(|(value, starts)| value.is_some() && !starts.is_empty()) {
        for (request, _) in all.iter_mut() {
            if matches!(request.asks, Asks::Floor(of) | Asks::Target(of) if Some(of) == value) {
                request.begins = (0..steps).map(|step| starts.contains(&step)).collect();
            }
        }
    }
}

/// An intake's flow is what its demand's portions are given.
fn ends_in_demand(parts: &Parts, arc: usize) -> bool {
    parts.receivers.of(arc).iter().any(|receiver| parts.kinds[receiver.node] == Kind::Demand)
}

fn may_owe(case: &Case, node: usize) -> bool {
    let arcs = case.network.arcs.iter().enumerate();
    let mut into = arcs.filter(|(_, arc)| arc.receivers.iter().any(|receiver| receiver.node.0 == node));
    into.any(|(arc, _)| {
        let source = case.network.given(weir_model::network::ArcId(arc));
        source.is_some_and(|source| (0..case.horizon.steps()).any(|step| case.at(&source.flow, step, 0) < 0.0))
    })
}

fn words_of(portion: &Portion) -> Vec<&str> {
    let production = matches!(portion.use_, Use::Industrial | Use::Agricultural);
    let mut words = vec![portion.class.as_str(), portion.use_.word()];
    words.extend(production.then_some("production"));
    words
}

/// By (storage's first zone + zone) × request: the share that is given; and the first zone of each storage.
fn hedging(network: &Network, requests: &[(Request, Vec<&str>)]) -> (Vec<f64>, Vec<usize>) {
    let (mut shares, mut first, mut zones) = (Vec::new(), Vec::new(), 0);
    for (_, storage) in network.storages() {
        first.push(zones);
        zones += storage.zones.len();
        for zone in &storage.zones {
            for (request, words) in requests {
                let named = words.iter().find_map(|word| zone.supply.iter().find(|(other, _)| other == word));
                shares.push(if request.rank == FREE { named.map_or(1.0, |(_, share)| *share) } else { 1.0 });
            }
        }
    }
    (shares, first)
}

/// Whether a level of the order of supply names a portion.
pub fn names_portion(level: &SupplyLevel, portion: &Portion) -> bool {
    level.classes.contains(&portion.class) || level.uses.iter().any(|word| portion.use_.covered_by(word))
}

/// Whether a level of the order of supply names a control section or works release.
pub fn names_section(level: &SupplyLevel, requirement: &Requirement) -> bool {
    level.sections.contains(&requirement.id) || level.uses.iter().any(|word| word == Use::Ecological.word())
}

/// The first stage that works for a portion.
pub fn stage_of_portion(case: &Case, goals: &Goals, row: usize) -> Option<usize> {
    goals.stages.iter().position(|&stage| {
        goals.objectives.get(stage).is_some_and(|objective| {
            matches!(objective.kind.as_str(), "shortage" | "benefit" | "balance")
                && Selection::new(case, objective).portions().any(|other| other.row == row)
        })
    })
}

/// The first stage that works for a part of a section's target.
pub fn stage_of_section(case: &Case, goals: &Goals, requirement: usize, part: usize) -> Option<usize> {
    goals.stages.iter().position(|&stage| {
        goals.objectives.get(stage).is_some_and(|objective| {
            let selection = Selection::new(case, objective);
            let counts = match objective.kind.as_str() {
                "ecological_shortfall" => selection.part(part),
                "balance" => selection.uses().contains(&Use::Ecological.word()),
                _ => false,
            };
            counts && selection.sections().any(|(other, _)| other == requirement)
        })
    })
}

/// Level of service and stage of a portion.
fn portion_level(case: &Case, goals: &Goals, row: usize, portion: &Portion) -> (usize, usize) {
    let named = goals.supply_order.iter().position(|level| names_portion(level, portion));
    let by_use = match portion.use_ {
        Use::Domestic => 0,
        Use::Industrial => 2,
        Use::Agricultural => 3,
        Use::Ecological => 4,
    };
    level(goals, named, stage_of_portion(case, goals, row), by_use)
}

/// Level of service and stage of a part of a section's target.
fn section_level(case: &Case, goals: &Goals, index: usize, requirement: &Requirement, part: usize) -> (usize, usize) {
    let named = goals.supply_order.iter().position(|level| names_section(level, requirement));
    level(goals, named, stage_of_section(case, goals, index, part), 1)
}

fn level(goals: &Goals, named: Option<usize>, stage: Option<usize>, by_use: usize) -> (usize, usize) {
    let (levels, stages) = (goals.supply_order.len(), goals.stages.len());
    let level = named.or_else(|| stage.map(|stage| levels + stage)).unwrap_or(levels + stages + by_use);
    (level, stage.unwrap_or(stages))
}

/// The stage before which a cap does not stop anybody: that of a soft one's objective; 0 of a hard one, and where no stage works for it.
pub(super) fn stage_of_account(case: &Case, goals: &Goals, account: usize) -> usize {
    goals.stages.iter().position(|&stage| about_account(case, goals, stage, account)).unwrap_or(0)
}

/// Whether an objective works for a soft account.
fn about_account(case: &Case, goals: &Goals, objective: usize, account: usize) -> bool {
    goals.objectives.get(objective).is_some_and(|objective| {
        objective.kind == "account_excess"
            && Selection::new(case, objective).soft_accounts().any(|(other, _)| other == account)
    })
}
