//! Why a rule is broken: what stands against the water that it lacks, or what leaves no way to less.
//!
//! Floors, targets of storage and duties lack water: the ways to it are followed upstream as those of a short use are, where other
//! rules hold the water. Ceilings, limits of storage and caps have too much: [`Much`].

use std::collections::BTreeMap;

use super::{Asked, Cause, Found, Much, Reasons, Seen, Ways};
use crate::network::{Account, ArcId, Bound, NodeId, NodeKind, Of, Requirement};
use crate::rule;
use crate::tolerance::FEASIBILITY_HM3;

/// Why a rule cannot be held in a step.
#[derive(Clone, Debug)]
pub(in super::super) enum Broken {
    /// It lacks water; what of the basin it is on.
    Lacks(Cause, Vec<NodeId>),
    /// It has too much.
    TooMuch(Much),
    /// A storage rises too fast: what was let out before is no help.
    Rises(Much),
    /// A cap is not enough for the floors of those who take from it: account, demands with what their floors ask for in the window, hm³, and what
    /// else forces what it counts.
    Owed(String, Vec<(String, f64)>, Option<Much>),
    /// A storage lacks to its dead level or to what it must hold at the end.
    Store(NodeId),
}

impl Reasons<'_> {
    /// Why a rule is broken in a step, by the address that it gives way under.
    pub(in super::super) fn broken(&self, address: &str, step: usize) -> Option<Broken> {
        let network = &self.case.network;
        for (number, node) in network.nodes.iter().enumerate() {
            let id = NodeId(number);
            match &node.kind {
                NodeKind::Storage(_) if [rule::flood_limit(node), rule::top(node)].contains(&address.to_owned()) => {
                    return Some(Broken::TooMuch(self.outlets(id, step)));
                }
                NodeKind::Storage(_) if [rule::dead_level(node), rule::end_storage(node)].contains(&address.to_owned()) => {
                    return Some(Broken::Store(id));
                }
                NodeKind::Demand(demand) => {
                    let class = demand.portions.iter().find(|portion| rule::class_floor(node, &portion.class) == address);
                    if let Some(portion) = class {
                        let words = [portion.class.as_str(), portion.use_.word(), node.id.as_str()];
                        let cause = self.lack(address, Some(id), step, &words, |ways, seen| ways.before(id, step, seen))?;
                        return Some(Broken::Lacks(cause, vec![id]));
                    }
                }
                _ => {}
            }
        }
        if let Some((number, arc)) = network.arcs.iter().enumerate().find(|(_, arc)| rule::arc_floor(arc) == address) {
            let cause = self.lack_along(&arc.id, &[ArcId(number)], step)?;
            return Some(Broken::Lacks(cause, vec![arc.tail]));
        }
        let of_rule =
            |requirement: &Requirement| address.strip_prefix(&requirement.id).is_some_and(|rest| rest.starts_with('.'));
        for (number, requirement) in network.requirements.iter().enumerate().filter(|(_, rule)| of_rule(rule)) {
            let part = &address[requirement.id.len() + 1..];
            if let Some(found) = self.requirement((number, requirement), part, step) {
                return Some(found);
            }
        }
        let window = network.accounts.iter().flat_map(|account| account.windows.iter().map(move |window| (account, window)));
        let (account, window) =
            window.into_iter().find(|(account, window)| rule::account_limit(account, window) == address)?;
        self.account_broken(account, window.steps.clone())
    }

    fn requirement(&self, (number, requirement): (usize, &Requirement), part: &str, step: usize) -> Option<Broken> {
        let Of::Flow(terms) = &requirement.of else {
            let Of::Storage(node) = requirement.of else { return None };
            return Some(match part {
                "ceiling" => Broken::TooMuch(self.outlets(node, step)),
                "rise" => Broken::Rises(self.outlets(node, step)),
                "fall" => match self.leaving(&requirement.id, node, step) {
                    Some(much) => Broken::TooMuch(much),
                    None => Broken::Store(node),
                },
                _ => Broken::Store(node),
            });
        };
        let arcs: Vec<ArcId> = terms.iter().filter(|(_, coefficient)| *coefficient > 0.0).map(|(arc, _)| *arc).collect();
        let tails: Vec<NodeId> = arcs.iter().map(|arc| self.case.network.arcs[arc.0].tail).collect();
        // Held on means, it lacks where there is least.
        let flow = |step: usize| self.case.value_of(&requirement.of, self.decisions, step);
        let least = requirement.held_with(step).min_by(|&a, &b| flow(a).total_cmp(&flow(b))).unwrap_or(step);
        let lacks =
            |step: usize| self.lack_along(&requirement.id, &arcs, step).map(|cause| Broken::Lacks(cause, tails.clone()));
        let bound = |bound: &Option<Bound>, step: usize| bound.as_ref().map_or(0.0, |bound| self.case.bound(bound, step, 0));
        let over = match part {
            "ceiling" => flow(step) - bound(&requirement.ceiling, step),
            _ => 0.0,
        };
        let keeper = self.ranks().ceilings[number];
        let much = |step: usize| {
            let forced = self.forced((&requirement.id, over), &arcs, step);
            let brought = || self.brought(&arcs, step).and_then(|(arc, departs)| self.wanted(keeper, &[arc], departs));
            forced.or_else(|| self.wanted(keeper, &arcs, step)).or_else(brought).map(Broken::TooMuch)
        };
        match part {
            "floor" => lacks(least),
            "ceiling" => much(step),
            "rise" => {
                let later = || self.rises_until(requirement, step).find_map(much);
                much(step).or_else(later).or_else(|| step.checked_sub(1).and_then(lacks))
            }
            "fall" => {
                let before = step.checked_sub(1).and_then(much);
                let untold = |broken: &Broken| matches!(broken, Broken::Lacks(Cause::Kept(_), _));
                let lacks = || (step..self.falls_until(requirement, step)).filter_map(lacks);
                before.or_else(|| lacks().find(|found| !untold(found))).or_else(|| lacks().next())
            }
            _ => None,
        }
    }

    /// The end of the steps through which a flow falls from one on as fast as a rule lets it.
    fn falls_until(&self, rule: &Requirement, step: usize) -> usize {
        let mut steps = step + 1..self.case.horizon.steps();
        steps.find(|&step| !self.falls_as_fast(rule, step)).unwrap_or(self.case.horizon.steps())
    }

    /// The steps after one through which a flow rises as fast as a rule lets it.
    fn rises_until(&self, rule: &Requirement, step: usize) -> impl Iterator<Item = usize> {
        let as_fast = move |&step: &usize| {
            let room = |most: f64| (most - self.case.value_of(&rule.of, self.decisions, step)) * self.case.hm3_per_m3s(step);
            self.rises_to(rule, step).is_some_and(|most| room(most) <= FEASIBILITY_HM3)
        };
        (step + 1..self.case.horizon.steps()).take_while(as_fast)
    }

    /// What forces, or wants, the most of what leaves a storage in a step.
    fn leaving(&self, rule: &str, node: NodeId, step: usize) -> Option<Much> {
        let arcs = self.case.network.arcs.iter().enumerate().filter(|(_, arc)| arc.tail == node);
        let arcs: Vec<ArcId> = arcs.map(|(number, _)| ArcId(number)).collect();
        self.forced((rule, 0.0), &arcs, step).or_else(|| self.wanted(0, &arcs, step))
    }

    fn account_broken(&self, account: &Account, steps: std::ops::Range<usize>) -> Option<Broken> {
        let (case, network) = (self.case, &self.case.network);
        let arcs: Vec<ArcId> = account.terms.iter().filter(|(_, share)| *share > 0.0).map(|(arc, _)| *arc).collect();
        if !account.at_most {
            let tails = arcs.iter().map(|arc| network.arcs[arc.0].tail).collect();
            let causes = steps.filter_map(|step| self.lack_along(&account.id, &arcs, step));
            let mut counts = BTreeMap::<Cause, usize>::new();
            causes.for_each(|cause| *counts.entry(cause).or_default() += 1);
            let most = counts.into_iter().max_by_key(|(_, count)| *count);
            return most.map(|(cause, _)| Broken::Lacks(cause, tails));
        }
        let reached = self.reached_from(&arcs, &steps);
        let floors = network.demands().filter(|(node, _)| reached.contains_key(node)).map(|(node, demand)| {
            let floor = |step: usize| {
                let portions = demand.portions.iter().filter(|portion| portion.floor);
                portions.map(|portion| case.size_m3s(demand, portion, step, 0)).sum::<f64>() * case.hm3_per_m3s(step)
            };
            (network.nodes[node.0].id.clone(), steps.clone().map(floor).sum::<f64>())
        });
        let mut floors: Vec<(String, f64)> = floors.filter(|(_, hm3)| *hm3 > FEASIBILITY_HM3).collect();
        floors.sort_by(|a, b| b.1.total_cmp(&a.1));
        let forced = steps.clone().rev().filter_map(|step| self.forced((&account.id, 0.0), &arcs, step));
        let forced = Much::of_all(forced.collect());
        if floors.is_empty() {
            let wanted = || steps.rev().find_map(|step| self.wanted(0, &arcs, step));
            return forced.or_else(wanted).map(Broken::TooMuch);
        }
        Some(Broken::Owed(account.id.clone(), floors, forced))
    }

    fn lack_along(&self, rule: &str, arcs: &[ArcId], step: usize) -> Option<Cause> {
        self.lack(rule, None, step, &[rule, "ecological"], |ways, seen| {
            arcs.iter().flat_map(|&arc| ways.through(arc, step, seen)).collect()
        })
    }

    fn lack(
        &self,
        rule: &str,
        node: Option<NodeId>,
        step: usize,
        words: &[&str],
        ways: impl Fn(&Ways<'_, '_>, &mut Seen) -> Vec<Found>,
    ) -> Option<Cause> {
        let asked = Asked { rank: 0, node, step, own: Some(rule), broken: true };
        self.told(ways(&Ways { of: self, asked, words }, &mut Seen::default()))
    }
}
