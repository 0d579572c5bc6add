//! Bounds of storages, arcs and supplies; requirements, accounts and hard ends.

use super::Rule;
use super::ledger::Ledger;
use crate::network::{ArcId, Requirement};
use crate::rule;
use crate::tolerance::FEASIBILITY_HM3;

/// Dead level, top, curve, flood limit and hard end.
pub(super) fn storages(ledger: &mut Ledger) {
    let case = ledger.case;
    let steps = case.horizon.steps();
    for (row, (id, storage)) in case.network.storages().enumerate() {
        let node = &case.network.nodes[id.0];
        let starts_below = storage.initial_hm3 < case.at(&storage.lower, 0, 0);
        let (lowest, highest) = (storage.curve.lowest().storage_hm3, storage.curve.highest().storage_hm3);
        // Evaporation goes on under the dead level: what lacks there may grow by the step's own loss, as a rule that gives way.
        let mut lacked = case.at(&storage.lower, 0, 0) - storage.initial_hm3;
        for step in 0..steps {
            let (before, stored) =
                (ledger.plan.decisions.storage_hm3[[row, step]], ledger.plan.decisions.storage_hm3[[row, step + 1]]);
            let lacks = case.at(&storage.lower, step, 0) - stored;
            let lost = case.loss(storage, step, 0).hm3(before, stored).max(0.0);
            let dries = lacks > 0.0 && lacks <= lacked.max(0.0) + lost + FEASIBILITY_HM3;
            lacked = lacks;
            if starts_below || dries {
                ledger.rule(Rule::DeadLevel, step, lacks, || rule::dead_level(node));
            } else {
                ledger.check(Rule::DeadLevel, step, lacks, || rule::dead_level(node));
            }
            let top = case.at(&storage.upper, step, 0);
            let (limit, is_flood_limit) = case.storage_limit(storage, step, 0);
            if is_flood_limit {
                ledger.rule(Rule::FloodLimit, step, stored - limit, || rule::flood_limit(node));
            } else if storage.initial_hm3 > top {
                ledger.rule(Rule::Top, step, stored - top, || rule::top(node));
            }
            ledger.check(Rule::Top, step, stored - top.max(storage.initial_hm3), || rule::top(node));
            let under = if dries { 0.0 } else { lowest - stored };
            ledger.check(Rule::Curve, step, under.max(stored - highest), || format!("{}.curve", node.id));
            if let Some(end) = storage.end.filter(|end| end.hard && step + 1 == steps) {
                ledger.rule(Rule::EndStorage, step, end.storage_hm3 - stored, || rule::end_storage(node));
            }
        }
    }
}

/// 0 and floor ≤ flow ≤ capacity and what the storage lets pass, but for given inflow.
pub(super) fn arcs(ledger: &mut Ledger) {
    let case = ledger.case;
    for (index, arc) in case.network.arcs.iter().enumerate() {
        if case.network.given(ArcId(index)).is_some() {
            continue;
        }
        for step in 0..case.horizon.steps() {
            let hm3 = case.hm3_per_m3s(step);
            let flow = ledger.plan.decisions.flow_m3s[[index, step]];
            let capacity = case.at(&arc.capacity, step, 0).max(0.0);
            ledger.check(Rule::Capacity, step, (flow - capacity) * hm3, || format!("{}.capacity", arc.id));
            if let Some(envelope) = case.rating_envelope(arc, step, 0) {
                let allowed = envelope.m3s(case.mean_storage(arc.tail, &ledger.plan.decisions, step));
                ledger.check(Rule::Discharge, step, (flow - allowed) * hm3, || format!("{}.discharge", arc.id));
            }
            ledger.check(Rule::Forward, step, -flow * hm3, || format!("{}.flow", arc.id));
            let lacks = case.at(&arc.floor, step, 0).max(0.0) - flow;
            ledger.rule(Rule::ArcFloor, step, lacks * hm3, || rule::arc_floor(arc));
        }
    }
}

/// 0 ≤ supply ≤ size, and the floors of classes.
pub(super) fn supplies(ledger: &mut Ledger) {
    let case = ledger.case;
    for row in case.network.portions() {
        let node = &case.network.nodes[row.node.0];
        let class = &row.portion.class;
        let floors = || row.demand.portions.iter().filter(|p| p.floor && p.class == *class);
        // A class's floor is one rule, however many tiers it is cut into: told at the first of them.
        let first_floor = floors().next().is_some_and(|first| std::ptr::eq(first, row.portion));
        for step in 0..case.horizon.steps() {
            let hm3 = case.hm3_per_m3s(step);
            let supplies = &ledger.plan.decisions.supply_m3s;
            let supply = supplies[[row.row, step]];
            let size = case.size_m3s(row.demand, row.portion, step, 0);
            let lacks: f64 = if first_floor {
                let portions = row.demand.portions.iter().enumerate().filter(|(_, p)| p.floor && p.class == *class);
                let first_row = row.row - row.index;
                portions.map(|(i, p)| case.size_m3s(row.demand, p, step, 0) - supplies[[first_row + i, step]]).sum()
            } else {
                0.0
            };
            let tier = row.portion.tier;
            ledger.check(Rule::Demand, step, (supply - size) * hm3, || format!("{}.{class}.tier{tier}.demand", node.id));
            ledger.check(Rule::Supply, step, -supply * hm3, || format!("{}.{class}.tier{tier}.supply", node.id));
            if first_floor {
                ledger.rule(Rule::ClassFloor, step, lacks * hm3, || rule::class_floor(node, class));
            }
        }
    }
}

/// Floor, ceiling, rise and fall.
pub(super) fn requirements(ledger: &mut Ledger) {
    let case = ledger.case;
    for requirement in &case.network.requirements {
        let mut before = case.value_before(&requirement.of);
        for step in 0..case.horizon.steps() {
            let value = case.value_of(&requirement.of, &ledger.plan.decisions, step);
            let read = |bound: Option<crate::network::Bound>| {
                bound.map(|bound| case.bound(&bound, step, 0)).filter(|bound| bound.is_finite())
            };
            let days = case.horizon.days(step);
            let change = before.map(|before| value - before);
            let breaches = [
                (Rule::RequirementCeiling, "ceiling", read(requirement.ceiling).map(|ceiling| value - ceiling)),
                (
                    Rule::RequirementRise,
                    "rise",
                    read(requirement.rise_per_day).zip(change).map(|(rise, change)| change - rise * days),
                ),
                (
                    Rule::RequirementFall,
                    "fall",
                    read(requirement.fall_per_day).zip(change).map(|(fall, change)| -change - fall * days),
                ),
            ];
            for (rule, part, breach) in breaches {
                requirement_part(ledger, requirement, step, (rule, part), breach);
            }
            before = Some(value);
        }
        floors(ledger, requirement);
    }
}

/// Floors, on the mean over each of the requirement's periods: told at its last step, as hm³ over the period.
fn floors(ledger: &mut Ledger, requirement: &Requirement) {
    let case = ledger.case;
    let Some(bound) = &requirement.floor else { return };
    for steps in case.held_over(requirement) {
        let lacking = |step: usize| {
            let lacks = case.bound(bound, step, 0) - case.value_of(&requirement.of, &ledger.plan.decisions, step);
            lacks * case.hm3_per_unit(&requirement.of, step)
        };
        let (last, lacking) = (steps.end.saturating_sub(1), steps.map(lacking).sum::<f64>());
        if lacking.is_finite() {
            ledger.rule(Rule::RequirementFloor, last, lacking, || rule::requirement(requirement, "floor"));
        }
    }
}

fn requirement_part(
    ledger: &mut Ledger,
    requirement: &Requirement,
    step: usize,
    (of, part): (Rule, &str),
    breach: Option<f64>,
) {
    if let Some(breach) = breach {
        let size = breach * ledger.case.hm3_per_unit(&requirement.of, step);
        ledger.rule(of, step, size, || rule::requirement(requirement, part));
    }
}

/// Hard accounts, by window.
pub(super) fn accounts(ledger: &mut Ledger) {
    let case = ledger.case;
    for account in case.network.accounts.iter().filter(|account| account.hard) {
        for window in &account.windows {
            let Some(last) = window.steps.clone().last() else { continue };
            let used = account.used_hm3(case, &ledger.plan.decisions, window.steps.clone());
            let size = account.excess_hm3(window, used);
            ledger.rule(Rule::AccountLimit, last, size, || rule::account_limit(account, window));
        }
    }
}
