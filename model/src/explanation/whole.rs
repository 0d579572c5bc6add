//! Limits that whole numbers hold and that bind in a step: days to be met, times open and shut, zones in which nothing runs, ways open
//! at once, changes of flow.
//!
//! A day binds where it is met and without it too few would be, or too many would fail in a row. A time binds where a way has been open
//! (or shut) for less than it; a zone where the flow lies at its edge; a number of ways or of changes where no more may be.
//! Units: d, h, m³/s; numbers of ways and changes have none.

use super::Binding;
use crate::case::Case;
use crate::network::{ArcId, Requirement};
use crate::on_off::Commitment;
use crate::plan::Decisions;
use crate::tolerance::FEASIBILITY_HM3;

/// Days that are owed or met differ by less than this only by rounding.
const DAYS: f64 = 1e-6;

/// Limits of these ways and rules that bind in a step.
pub(super) fn held_by_whole_numbers(
    case: &Case,
    decisions: &Decisions,
    named: &dyn Fn(&str) -> bool,
    step: usize,
) -> Vec<Binding> {
    let network = &case.network;
    let mut found = Vec::new();
    for (number, arc) in network.arcs.iter().enumerate().filter(|(_, arc)| named(&arc.id)) {
        let Some(commitment) = arc.commitment.as_deref() else { continue };
        let mut tell = |limit: &str, at: f64, unit: &str| found.push(binding(&arc.id, limit, at, unit));
        runs(case, decisions, (ArcId(number), commitment), step, &mut tell);
    }
    for group in network.groups.iter().filter(|group| group.arcs.iter().any(|arc| named(&network.arcs[arc.0].id))) {
        let open = group.arcs.iter().filter(|arc| case.is_open(**arc, decisions, step)).count();
        if open >= group.most_open && open < group.arcs.len() {
            found.push(binding(&group.id, "most_open", group.most_open as f64, ""));
        }
    }
    for rule in network.requirements.iter().filter(|rule| named(&rule.id)) {
        found.extend(days(case, decisions, rule, step));
    }
    found
}

fn binding(address: &str, limit: &str, at: f64, unit: &str) -> Binding {
    let (address, limit, unit) = (address.to_owned(), limit.to_owned(), unit.to_owned());
    Binding { address, limit, window: None, at, short: 0.0, unit }
}

/// What holds a way as it runs.
fn runs(
    case: &Case,
    decisions: &Decisions,
    (arc, commitment): (ArcId, &Commitment),
    step: usize,
    tell: &mut dyn FnMut(&str, f64, &str),
) {
    let switches = case.switches(arc, decisions);
    let is_open = switches[step].0;
    let (word, hours) = if is_open { ("min_up", commitment.min_up_h) } else { ("min_down", commitment.min_down_h) };
    if hours > 0.0 && case.is_kept(arc, &switches, step, (is_open, hours)) {
        tell(word, hours, "h");
    }
    let flow = decisions.flow_m3s[[arc.0, step]];
    let at = |edge: f64| (flow - edge).abs() * case.hm3_per_m3s(step) <= FEASIBILITY_HM3;
    let edges = commitment.forbidden_m3s.iter().flat_map(|&(from, to)| [from, to]);
    if let Some(edge) = edges.into_iter().find(|&edge| is_open && at(edge)) {
        tell("forbidden", edge, "m3/s");
    }
    if let Some(changes) = commitment.changes {
        let changed = case.changed(arc, decisions);
        let first = case.first_within_h(step, changes.days * 24.0);
        let count = changed[first..=step].iter().filter(|changed| **changed).count();
        if !changed[step] && count >= case.most_changes(changes, &commitment.before, step) {
            tell("changes", changes.most as f64, "");
        }
    }
}

/// The days that a target owes, and those for which it may fail in a row, where a step that meets it must.
fn days(case: &Case, decisions: &Decisions, rule: &Requirement, step: usize) -> Vec<Binding> {
    let (Some(assurance), met) = (rule.assurance, case.met(rule, decisions)) else { return Vec::new() };
    if met[step] != Some(true) {
        return Vec::new();
    }
    let days = |counts: &dyn Fn(bool) -> bool| -> f64 {
        let steps = met.iter().enumerate().filter(|(_, met)| met.is_some_and(counts));
        steps.map(|(step, _)| case.horizon.days(step)).sum()
    };
    let owed = assurance.owed_days(days(&|_| true));
    let mut found = Vec::new();
    if days(&|met| met) - case.horizon.days(step) < owed - DAYS {
        found.push(binding(&rule.id, "assurance", owed, "d"));
    }
    let too_long = |run: &std::ops::Range<usize>| {
        run.contains(&step) && run.clone().all(|other| other == step || met[other] == Some(false))
    };
    if let Some(longest) = assurance.longest_days.filter(|_| case.runs_too_long(&assurance).iter().any(too_long)) {
        found.push(binding(&rule.id, "longest_days", longest, "d"));
    }
    found
}
