//! Limits that bind in a step and that a plan's document does not hold: end storage, how fast a rule lets its value rise or fall, means
//! over periods, and what whole numbers hold ([`whole`](super::whole)).
//!
//! An end storage binds in every step whose water could still go to it: after the last one before the end that leaves its storage at its
//! lowest. A soft one that is missed binds with what it lacks.
//! Units: m³/s of flows, hm³ of storages.

use super::Binding;
use super::whole::held_by_whole_numbers;
use crate::case::Case;
use crate::document::Element;
use crate::goals::Goals;
use crate::network::{NodeId, Of, Requirement, Storage};
use crate::plan::Decisions;
use crate::tolerance::FEASIBILITY_HM3;

/// Limits of these elements that a plan lies at in a step, of those that its document does not hold.
pub fn held_beside(
    (case, goals): (&Case, &Goals),
    decisions: &Decisions,
    elements: &[&Element],
    step: usize,
) -> Vec<Binding> {
    let network = &case.network;
    let named = |id: &str| elements.iter().any(|element| element.id == id);
    let ends = network.storages().filter(|(node, _)| named(&network.nodes[node.0].id));
    let ends = ends.filter_map(|(node, storage)| end_storage(case, decisions, (node, storage), step));
    let rules = network.requirements.iter().filter(|rule| named(&rule.id));
    let of_rule = |rule| changes(case, decisions, rule, step).into_iter().chain(mean(case, decisions, rule, step));
    let mut found: Vec<Binding> = ends.chain(rules.flat_map(of_rule)).collect();
    if goals.integers.is_some() {
        found.extend(held_by_whole_numbers(case, decisions, &named, step));
    }
    found
}

/// The floor or target of a rule that is held on means, where the mean of the step's period has no more.
fn mean(case: &Case, decisions: &Decisions, rule: &Requirement, step: usize) -> Option<Binding> {
    let steps = rule.held_with(step);
    let of = |value: &dyn Fn(usize) -> f64| case.horizon.mean(steps.clone(), value);
    let value = of(&|step| case.value_of(&rule.of, decisions, step));
    let hm3: f64 = steps.clone().map(|step| case.hm3_per_unit(&rule.of, step)).sum();
    let bounds = [rule.floor, rule.target].into_iter().flatten().map(|bound| of(&|step| case.bound(&bound, step, 0)));
    let lies = |at: &f64| at.is_finite() && *at > 0.0 && (value - at).abs() * hm3 <= FEASIBILITY_HM3;
    let at = bounds.into_iter().filter(|_| steps.len() > 1).find(lies)?;
    let unit = if matches!(rule.of, Of::Storage(_)) { "hm3" } else { "m3/s" };
    let (limit, unit) = ("mean".to_owned(), unit.to_owned());
    Some(Binding { address: rule.id.clone(), limit, window: None, at, short: 0.0, unit })
}

/// The end storage that water of a step goes to.
fn end_storage(case: &Case, decisions: &Decisions, (node, storage): (NodeId, &Storage), step: usize) -> Option<Binding> {
    let at = storage.end?.storage_hm3;
    let stored = decisions.storage_hm3.row(case.storage_row(node)?);
    let last = case.horizon.steps().checked_sub(1)?;
    let least = |step: usize| {
        let floors = case.network.requirements.iter().filter(|rule| rule.of == Of::Storage(node));
        let floors = floors.filter_map(|rule| rule.floor.as_ref()).map(|floor| case.bound(floor, step, 0));
        floors.filter(|floor| floor.is_finite()).fold(case.at(&storage.lower, step, 0), f64::max)
    };
    let reaches = (step..last).all(|step| stored[step + 1] > least(step) + FEASIBILITY_HM3);
    let short = at - stored[last + 1];
    (reaches && short >= -FEASIBILITY_HM3).then(|| Binding {
        address: case.network.nodes[node.0].id.clone(),
        limit: "end_storage".to_owned(),
        window: None,
        at,
        short: if short > FEASIBILITY_HM3 { short } else { 0.0 },
        unit: "hm3".to_owned(),
    })
}

/// The rise and fall of a rule's value that lie at their limits.
fn changes(case: &Case, decisions: &Decisions, rule: &Requirement, step: usize) -> Vec<Binding> {
    let Some(before) = case.value_ahead_of(&rule.of, decisions, step) else { return Vec::new() };
    let value = case.value_of(&rule.of, decisions, step);
    let limits = [("rise", rule.rise_per_day, 1.0), ("fall", rule.fall_per_day, -1.0)];
    let found = limits.into_iter().filter_map(|(limit, per_day, sign)| {
        let at = before + sign * case.bound(&per_day?, step, 0) * case.horizon.days(step);
        let lies = (value - at).abs() * case.hm3_per_unit(&rule.of, step) <= FEASIBILITY_HM3;
        let unit = if matches!(rule.of, Of::Storage(_)) { "hm3" } else { "m3/s" };
        (at.is_finite() && lies).then(|| Binding {
            address: rule.id.clone(),
            limit: limit.to_owned(),
            window: None,
            at,
            short: 0.0,
            unit: unit.to_owned(),
        })
    });
    found.collect()
}
