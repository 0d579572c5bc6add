//! Why a flow is as great, or a storage stands as high, as it does where nothing forces it: floors that the water goes to, goals that
//! stand before the one that keeps the rule, or what that goal leaves open.
//!
//! Which goal holds another up is told by the rates of its proof: a goal with a rate would have to give for it. Without a proof (true
//! heads, whole numbers) it is one that has the water below, or that makes something of the flow or of the room above it; of several
//! the last in order, which would give way first.

use std::collections::BTreeSet;
use std::ops::Range;

use super::takers::{Reached, Takers};
use super::{Cause, Much, Reasons};
use crate::goals::{HeadModel, Method, Objective};
use crate::kernel::Kernel;
use crate::measures::{Rate, RuleCurveDeviation, Selection, measure};
use crate::network::{Account, ArcId, Bound, NodeId, NodeKind, Of, Requirement, Role, RuleClass, Storage};
use crate::plan::StageResult;
use crate::tolerance::{AT_BOUND_HM3, FEASIBILITY_HM3, OBJECTIVE};

impl Reasons<'_> {
    /// What wants the flow of these ways in a step, which a rule bears no more of; the rank of what keeps the rule.
    pub(super) fn wanted(&self, keeper: usize, arcs: &[ArcId], step: usize) -> Option<Much> {
        let first = self.case.network.arcs.get(arcs.first()?.0)?;
        let reached = self.reached_from(arcs, &(step..step + 1));
        let takers = self.any(step).takers(first.tail, &reached);
        let served = || self.served(arcs, step, &reached);
        let whom = self.by_whom((first.tail, keeper), &takers, served, Much::First);
        whom.or_else(|| self.fills(&takers)).or_else(|| self.leaves_open(keeper, |_| true))
    }

    /// A storage that is at its lowest with the water that reaches it, by a rule or not. The simulator does not look ahead to that.
    fn fills(&self, takers: &Takers) -> Option<Much> {
        let lowest = |(&node, there): (&NodeId, &Range<usize>)| self.dries(node, there.start);
        if self.goals.method == Method::Rules { None } else { takers.reached.iter().find_map(lowest) }
    }

    /// That a storage is at its lowest, by a rule or not, when the steps end whose water can be moved to or from a step.
    fn dries(&self, node: NodeId, step: usize) -> Option<Much> {
        let ways = self.any(step);
        let (window, dries) = ways.window(node, step);
        let last = window.end - 1;
        Some(match ways.later(node, &window).filter(|_| dries)? {
            Cause::Later(_, _, Some(rule)) => Much::Least(node, rule, Some(last)),
            _ => Much::Lowest(node, last),
        })
    }

    /// Whether a storage holds more than its limit at the end of a step.
    pub(super) fn is_over(&self, node: NodeId, step: usize) -> bool {
        let (NodeKind::Storage(storage), Some(row)) = (&self.case.network.nodes[node.0].kind, self.case.storage_row(node))
        else {
            return false;
        };
        self.decisions.storage_hm3[[row, step + 1]] - self.case.storage_limit(storage, step, 0).0 > FEASIBILITY_HM3
    }

    /// Whether what a storage is above its limit by when a step ends is the least: no goal keeps the limit, but the rules themselves, or the first does,
    /// and came to its best.
    pub(in super::super) fn is_least(&self, node: NodeId, step: usize) -> bool {
        let Some(row) = self.case.storage_row(node).filter(|_| self.is_over(node, step)) else { return false };
        let is_best = |stage: &StageResult| stage.outcome == "optimal" && stage.tolerance <= 0.0;
        match (&self.goals.method, self.ranks().limits[row]) {
            (Method::Rules, _) => false,
            (_, 0) => true,
            (Method::Lexicographic(_), 1) => self.stages.first().is_some_and(is_best),
            _ => false,
        }
    }

    /// What keeps more water in a storage than its limit in a step in which these outlets have room.
    pub(super) fn kept(&self, node: NodeId, open: &[ArcId], step: usize) -> Option<Much> {
        let row = self.case.storage_row(node)?;
        if let Some(rule) = self.least(node, step) {
            return Some(Much::Least(node, rule, None));
        }
        if let Some(rule) = self.slow(node, step) {
            return Some(Much::Slow(node, rule));
        }
        let ways = self.any(step);
        // Whoever has the water later has it of what is kept now.
        let later = (step + 1).min(self.case.horizon.steps() - 1);
        let takers = ways.takers_in(node, &(later..ways.window(node, later).0.end));
        let kept = |goal: String, place| Much::Kept(node, goal, place);
        let keeper = self.ranks().limits[row];
        let (hard, soft) = self.accounts_below(node, step);
        let served = || self.served_above(node).into_iter().chain(soft.iter().copied()).collect();
        let whom = self.by_whom((node, keeper), &takers, served, kept);
        let last = ways.window(node, step).0.end - 1;
        let needed = || (last > step).then(|| self.least(node, last)).flatten();
        let dries = || self.dries(node, step).filter(|much| last > step && matches!(much, Much::Lowest(..)));
        whom.or_else(|| hard.map(|(account, below)| Much::Held(node, account, below)))
            .or_else(|| Some(Much::Least(node, needed()?, Some(last))))
            .or_else(|| self.stopped(node, open, step, true))
            .or_else(|| self.heads(node, keeper, step))
            .or_else(|| self.leaves_open(keeper, |_| true))
            .or_else(|| self.unproved(keeper))
            .or_else(dries)
            .or_else(|| self.within(node, open, step))
    }

    /// A storage that is no more above its limit, which no goal keeps, than what all such storages are above theirs is held to, or whose
    /// outlets have no more room than that.
    fn within(&self, node: NodeId, open: &[ArcId], step: usize) -> Option<Much> {
        let (case, stored) = (self.case, &self.decisions.storage_hm3);
        let over = |row: usize, storage: &Storage, step: usize| {
            (stored[[row, step + 1]] - case.storage_limit(storage, step, 0).0).max(0.0)
        };
        let own = case.network.storages().enumerate().filter(|(row, _)| self.ranks().limits[*row] == 0);
        let (mut here, mut all) = (None, 0.0);
        for (row, (of, storage)) in own {
            all += (0..case.horizon.steps()).map(|step| over(row, storage, step)).sum::<f64>();
            here = here.or_else(|| (of == node).then(|| over(row, storage, step)));
        }
        // Both ends of what a solve holds to a sum may miss it.
        let held_to = 2.0 * OBJECTIVE * all.max(1.0);
        let room = || open.iter().map(|&arc| self.room_of(arc, step)).sum::<f64>() * case.hm3_per_m3s(step);
        match here? {
            here if here <= held_to => Some(Much::Within(node)),
            _ => (room() <= held_to).then_some(Much::Margin(node)),
        }
    }

    /// The goal of a rank, where an engine did not come to its end and nothing else proves it.
    fn unproved(&self, keeper: usize) -> Option<Much> {
        let (id, ..) = self.ranks().stage(keeper)?;
        let stage = self.stages.iter().find(|stage| stage.objective == id)?;
        let is_open = stage.outcome != "optimal" || !matches!(self.goals.head, HeadModel::Fixed);
        let is_open = is_open && self.proofs.iter().all(|proof| proof.of != id);
        is_open.then(|| Much::Unproved(id.to_owned()))
    }

    /// The way out of a storage that passes what its rating gives, in a step or the next, and who needs that; of the next also the room that
    /// it makes for what comes until the storage is full again.
    fn heads(&self, node: NodeId, keeper: usize, step: usize) -> Option<Much> {
        let (case, network) = (self.case, &self.case.network);
        (step..case.horizon.steps().min(step + 2)).find_map(|at| {
            let ways = self.any(at);
            ways.leaving(node).filter(|(_, facts)| facts.discharge.is_some()).find_map(|(arc, facts)| {
                let is_rated = matches!(ways.block(arc, at), Some(Cause::Capacity(..)))
                    && (ways.rated(facts, at, 0.0)? - case.at(&facts.capacity, at, 0)) * case.hm3_per_m3s(at)
                        <= FEASIBILITY_HM3;
                let needs = || self.wanted(keeper, &[arc], at).or_else(|| self.owed(node, arc, at));
                let room = || (at > step).then(|| self.ahead(node, at)).flatten();
                let needs = is_rated.then(|| needs().or_else(room)).flatten()?;
                Some(Much::Head(node, network.arcs[arc.0].id.clone(), Box::new(needs)))
            })
        })
    }

    /// The rule whose floor a way out of a storage has no more than in a step, of those that come before the storage's limit.
    fn owed(&self, node: NodeId, arc: ArcId, step: usize) -> Option<Much> {
        let case = self.case;
        let owes = |rule: &&Requirement| {
            let over = rule.of.adds(arc);
            let least = rule.floor.as_ref().map_or(f64::NEG_INFINITY, |floor| case.bound(floor, step, 0));
            let room = (case.value_of(&rule.of, self.decisions, step) - least) * case.hm3_per_unit(&rule.of, step);
            over && room <= AT_BOUND_HM3 && self.comes_before(node, rule)
        };
        case.network.requirements.iter().find(owes).map(|rule| Much::Floor(rule.id.clone()))
    }

    /// The rule whose floor a storage has no more than at the end of a step, of those that come before its limit.
    fn least(&self, node: NodeId, step: usize) -> Option<String> {
        let stored = self.decisions.storage_hm3[[self.case.storage_row(node)?, step + 1]];
        let at = |floor: &Bound| {
            let least = self.case.bound(floor, step, 0);
            least.is_finite() && stored <= least + AT_BOUND_HM3
        };
        self.rule_before(node, |rule| rule.floor.as_ref().is_some_and(at))
    }

    /// The rule that lets a storage fall no faster in a step than it does, of those that come before its limit.
    fn slow(&self, node: NodeId, step: usize) -> Option<String> {
        self.rule_before(node, |rule| self.falls_no_faster(rule, node, step))
    }

    /// A rule that lets a storage fall no faster in a step than it does, as what holds its water.
    pub(super) fn slowed(&self, node: NodeId, step: usize) -> Option<Cause> {
        let rule = self.case.network.requirements.iter().find(|rule| self.falls_no_faster(rule, node, step))?;
        Some(Cause::Change(rule.id.clone()))
    }

    fn falls_no_faster(&self, rule: &Requirement, node: NodeId, step: usize) -> bool {
        if rule.of != Of::Storage(node) {
            return false;
        }
        let Some((fall, row)) = rule.fall_per_day.as_ref().zip(self.case.storage_row(node)) else { return false };
        let stored = self.decisions.storage_hm3.row(row);
        let most = self.case.bound(fall, step, 0) * self.case.horizon.days(step);
        most.is_finite() && stored[step] - stored[step + 1] >= most - AT_BOUND_HM3
    }

    /// The first rule on a storage that holds where its limit gives way, and of which something is so.
    fn rule_before(&self, node: NodeId, is_so: impl Fn(&Requirement) -> bool) -> Option<String> {
        let mut rules = self.case.network.requirements.iter().filter(|rule| rule.of == Of::Storage(node));
        rules.find(|rule| self.comes_before(node, rule) && is_so(rule)).map(|rule| rule.id.clone())
    }

    /// Whether a rule holds where a storage's limit gives way: it is more protected, or a goal works on the limit.
    pub(super) fn comes_before(&self, node: NodeId, rule: &Requirement) -> bool {
        let place = |class: RuleClass| self.goals.rule_order.iter().position(|other| *other == class);
        let limit = self.case.storage_row(node).map_or(0, |row| self.ranks().limits[row]);
        limit > 0 || place(rule.class) < place(RuleClass::FloodLimit)
    }

    /// Accounts that are used up and count what a storage lets out in a step: a hard one, with whether it counts
    /// below the outlets alone, and ranks of goals that keep others.
    fn accounts_below(&self, node: NodeId, step: usize) -> (Option<(String, bool)>, BTreeSet<usize>) {
        let network = &self.case.network;
        let outlets = network.arcs.iter().enumerate().filter(|(_, arc)| arc.tail == node && arc.role.is_outflow());
        let outlets: Vec<ArcId> = outlets.map(|(number, _)| ArcId(number)).collect();
        // Where nothing is let out now, it goes where what is let out later goes.
        let end = self.any(step).window(node, step).0.end;
        let reached = self.reached_from(&outlets, &(step..end));
        let counts = |arc: &ArcId| outlets.contains(arc) || reached.contains_key(&network.arcs[arc.0].tail);
        let used_up = network.accounts.iter().zip(&self.ranks().accounts).filter(|(account, _)| {
            account.at_most
                && account.terms.iter().any(|(arc, share)| *share > 0.0 && counts(arc))
                && self.used_up(account, step).is_some()
        });
        let (hard, soft): (Vec<_>, Vec<_>) = used_up.partition(|(account, _)| account.hard);
        let below = |account: &Account| !account.terms.iter().any(|(arc, _)| outlets.contains(arc));
        let hard = hard.first().map(|(account, _)| (account.id.clone(), below(account)));
        (hard, soft.into_iter().map(|(_, rank)| *rank).collect())
    }

    /// Who is served by what a rule bears no more of, of those that have the water of a node or make something of it: the goal of the
    /// rule's own rank that leaves as much open, one before it, or floors.
    fn by_whom(
        &self,
        (node, keeper): (NodeId, usize),
        takers: &Takers,
        served: impl Fn() -> BTreeSet<usize>,
        first: impl Fn(String, usize) -> Much,
    ) -> Option<Much> {
        match self.goals.method {
            Method::Lexicographic(_) => {}
            Method::Rules => return None,
            _ if keeper > 0 => return Some(Much::Outweighed),
            _ => {}
        }
        let before = || {
            let goals = self.held_up_by(keeper).unwrap_or_else(|| {
                let served = takers.counts.keys().map(|(rank, _)| *rank).chain(served());
                served.filter(|&rank| 0 < rank && rank < keeper).collect()
            });
            let (goal, place, _) = self.ranks().stage(*goals.last()?)?;
            Some(first(goal.to_owned(), place))
        };
        let owed = || {
            takers.counts.keys().filter(|(rank, _)| *rank == 0).find_map(|(_, cause)| match cause.there() {
                Cause::Flow(_, rule) => Some(Much::Floor(rule.clone())),
                Cause::Floors(_) => Some(Much::Supplies(node)),
                Cause::End(storage) | Cause::Short(storage) => Some(Much::End(storage.clone())),
                _ => None,
            })
        };
        self.leaves_open(keeper, |best| best <= OBJECTIVE).or_else(before).or_else(owed)
    }

    /// What keeps the water of a node in a step from a goal of a rank: of the goals before it that would have to give for it, the last that
    /// makes something of the water there, or of that which flows on.
    pub(super) fn kept_before(&self, rank: usize, node: NodeId, step: usize) -> Cause {
        let id = &self.case.network.nodes[node.0].id;
        let last = || {
            // Without a proof, of those alone that always have use for it.
            let always = |rank: &usize| {
                let kinds = ["energy", "revenue", "rule_curve_deviation", "source_cost"];
                self.goal(*rank).is_some_and(|goal| kinds.contains(&goal.kind.as_str()))
            };
            let before = self.held_up_by(rank).unwrap_or_else(|| (1..rank).filter(always).collect());
            let mut serves = self.served_above(node);
            if before.is_disjoint(&serves) {
                let ways: Vec<ArcId> = self.any(step).leaving(node).map(|(way, _)| way).collect();
                let reached = self.reached_from(&ways, &(step..step + 1));
                serves.extend(self.served(&ways, step, &reached));
                serves.extend(reached.keys().flat_map(|node| self.served_above(*node)));
            }
            let (goal, place, _) = self.ranks().stage(*before.intersection(&serves).last()?)?;
            Some(Cause::Before(id.clone(), goal.to_owned(), place))
        };
        let ordered = matches!(self.goals.method, Method::Lexicographic(_)) && self.ranks().stage(rank).is_some();
        ordered.then(last).flatten().unwrap_or_else(|| Cause::Kept(id.clone()))
    }

    /// The goal of a rank before another that turns water of a node in some steps, away from these places, and would have to give for
    /// that: without a proof any.
    pub(super) fn turns_before(
        &self,
        (rank, node): (usize, NodeId),
        window: &Range<usize>,
        places: &BTreeSet<NodeId>,
    ) -> Option<Cause> {
        let turns = |rank: &usize| {
            let goal = self.goal(*rank);
            goal.is_some_and(|goal| ["energy", "revenue"].contains(&goal.kind.as_str()))
        };
        let ordered = matches!(self.goals.method, Method::Lexicographic(_)) && self.ranks().stage(rank).is_some();
        if !ordered || !(1..rank).any(|rank| turns(&rank)) {
            return None;
        }
        let network = &self.case.network;
        let ways: Vec<ArcId> = self.any(window.start).leaving(node).map(|(way, _)| way).collect();
        let reached = self.reached_from(&ways, window);
        let away = |arc: ArcId| {
            let facts = &network.arcs[arc.0];
            let there = if facts.tail == node { Some(window) } else { reached.get(&facts.tail) };
            let flows = there.is_some_and(|steps| self.whereabouts().flows[arc.0].over(steps).is_some());
            flows && facts.energy.is_some() && facts.receivers.iter().all(|receiver| !places.contains(&receiver.node))
        };
        let has = |rank: &usize| {
            turns(rank)
                && self.goal(*rank).is_some_and(|goal| Selection::new(self.case, goal).arcs().any(|(arc, _)| away(arc)))
        };
        let before = self.held_up_by(rank).unwrap_or_else(|| (1..rank).collect());
        let (goal, place, _) = self.ranks().stage(before.into_iter().rfind(has)?)?;
        Some(Cause::First(network.nodes[node.0].id.clone(), goal.to_owned(), place))
    }

    /// The goal of a rank.
    fn goal(&self, rank: usize) -> Option<&Objective> {
        self.goals.stages.get(rank.checked_sub(1)?).and_then(|&stage| self.goals.objectives.get(stage))
    }

    /// The goal that keeps the flood limit of a storage and would have to give for the one that keeps a rule on a flow.
    pub(super) fn keeps_limit(&self, row: usize, rule: &str) -> Option<(String, usize)> {
        let keeper = self.ranks().ceilings[*self.rules.get(rule)?];
        let limit = self.ranks().limits[row];
        let gives = self.held_up_by(keeper).map_or(limit < keeper, |before| before.contains(&limit));
        let (goal, place, _) = self.ranks().stage(limit).filter(|_| self.ranked() && gives)?;
        Some((goal.to_owned(), place))
    }

    /// The goal that keeps a rule, where what follows took what it leaves open, and its best by itself is such.
    fn leaves_open(&self, keeper: usize, is_such: impl Fn(f64) -> bool) -> Option<Much> {
        let (id, ..) = self.ranks().stage(keeper)?;
        let stage = self.stages.iter().find(|stage| stage.objective == id)?;
        let objective = self.goals.objectives.iter().find(|objective| objective.id == id)?;
        let now = measure(&objective.kind)?.value(self.case, objective, self.decisions);
        // A value that is proved is that of its own solve; of another the bound is, by the engine's word.
        let is_proved = self.proofs.iter().any(|proof| proof.of == id);
        let engines = stage.bound.filter(|bound| bound.is_finite() && !is_proved && stage.outcome == "optimal");
        let best = engines.unwrap_or(stage.value);
        let taken = now - best > OBJECTIVE && is_such(best);
        let enough = objective.enough.is_some_and(|enough| now <= enough + OBJECTIVE);
        (taken || enough).then(|| Much::Open(id.to_owned()))
    }

    /// Ranks of the goals that would have to give for the one of a rank, by its proof.
    fn held_up_by(&self, keeper: usize) -> Option<BTreeSet<usize>> {
        let (id, ..) = self.ranks().stage(keeper)?;
        let proof = self.proofs.iter().find(|proof| proof.of == id)?;
        let given = |goal: &str| {
            let of = |what: &str| what == goal || what.strip_prefix(goal).is_some_and(|rest| rest.starts_with('['));
            proof.given.iter().any(|given| given.rate > 0.0 && of(&given.what))
        };
        Some((1..keeper).filter(|&rank| self.ranks().stage(rank).is_some_and(|(goal, ..)| given(goal))).collect())
    }

    /// Ranks of goals that make something of the flow of these ways in a step, beside those who have its water.
    fn served(&self, arcs: &[ArcId], step: usize, reached: &Reached) -> BTreeSet<usize> {
        let (case, network) = (self.case, &self.case.network);
        let flows = |arc: ArcId, mut steps: Range<usize>| {
            steps.any(|step| self.decisions.flow_m3s[[arc.0, step]] * case.hm3_per_m3s(step) > FEASIBILITY_HM3)
        };
        let passes = |arc: ArcId| {
            let here = arcs.contains(&arc) && flows(arc, step..step + 1);
            here || reached.get(&network.arcs[arc.0].tail).is_some_and(|steps| flows(arc, steps.clone()))
        };
        let tails: BTreeSet<NodeId> = arcs.iter().map(|arc| network.arcs[arc.0].tail).collect();
        let stages = self.goals.stages.iter().filter_map(|&stage| self.goals.objectives.get(stage)).enumerate();
        let serves = stages.filter(|(_, objective)| {
            let selection = Selection::new(case, objective);
            match objective.kind.as_str() {
                "energy" | "revenue" => selection.arcs().any(|(id, arc)| arc.energy.is_some() && passes(id)),
                "flood_limit_excess" => selection.storages().any(|(_, node, _)| tails.contains(&node)),
                "rule_curve_deviation" => RuleCurveDeviation::lines(case, objective)
                    .any(|(_, node, _)| tails.contains(&node) || reached.contains_key(&node)),
                "total_variation" => Rate::all(case, objective)
                    .iter()
                    .any(|rate| matches!(rate, Rate::Outflow(node, _) if tails.contains(node))),
                _ => false,
            }
        });
        serves.map(|(place, _)| place + 1).collect()
    }

    /// Ranks of goals that make something of water that stays in a storage, beside those who have it later.
    fn served_above(&self, node: NodeId) -> BTreeSet<usize> {
        let case = self.case;
        let stages = self.goals.stages.iter().filter_map(|&stage| self.goals.objectives.get(stage)).enumerate();
        let serves = stages.filter(|(_, objective)| {
            let selection = Selection::new(case, objective);
            let outlet = |role: Role| selection.arcs().any(|(_, arc)| arc.tail == node && arc.role == role);
            match objective.kind.as_str() {
                "energy" | "revenue" => outlet(Role::Turbine),
                "source_cost" => selection.arcs().any(|(_, arc)| arc.tail == node && arc.price.is_some()),
                "spill" => outlet(Role::Spillway),
                "peak_release" | "total_variation" => selection.storages().any(|(_, of, _)| of == node),
                "rule_curve_deviation" => RuleCurveDeviation::lines(case, objective).any(|(_, of, _)| of == node),
                _ => false,
            }
        });
        serves.map(|(place, _)| place + 1).collect()
    }
}

/// The steps in which water arrives that leaves in some steps; none where it does not within the horizon.
pub(in super::super) fn arrival(kernel: &Kernel, steps: Range<usize>) -> Option<Range<usize>> {
    let Kernel::Table(table) = kernel else { return Some(steps) };
    let arrivals = || table.arrivals.get(steps.clone()).into_iter().flatten().flatten().filter(|(_, share)| *share > 0.0);
    let (first, last) = arrivals().map(|(at, _)| *at).min().zip(arrivals().map(|(at, _)| *at).max())?;
    Some(first..last + 1)
}
