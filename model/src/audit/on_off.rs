//! What is open or shut, and days met: held where the goals have integers.

use super::Rule;
use super::ledger::Ledger;
use crate::goals::Goals;
use crate::network::ArcId;
use crate::on_off::Commitment;

/// Every rule of [`on_off`](crate::on_off).
pub(super) fn on_off(ledger: &mut Ledger, goals: &Goals) {
    if goals.integers.is_none() {
        return;
    }
    let case = ledger.case;
    for (index, arc) in case.network.arcs.iter().enumerate() {
        let Some(commitment) = arc.commitment.as_deref() else { continue };
        if arc.minimum_when_open.is_some() {
            running(ledger, ArcId(index), commitment);
            times(ledger, ArcId(index), commitment);
        }
        changes(ledger, ArcId(index), commitment);
    }
    let decisions = &ledger.plan.decisions;
    for group in &case.network.groups {
        for step in 0..case.horizon.steps() {
            // What all but the greatest that may be open pass.
            let volume = case.hm3_per_m3s(step);
            let mut flows: Vec<f64> = group.arcs.iter().map(|arc| decisions.flow_m3s[[arc.0, step]] * volume).collect();
            flows.sort_by(|a, b| b.total_cmp(a));
            let beyond: f64 = flows.iter().skip(group.most_open).copied().fold(0.0, f64::max);
            ledger.check(Rule::MostOpen, step, beyond, || format!("{}.most_open", group.id));
        }
    }
    assurances(ledger);
}

/// How far a flow is from one that some number of units, or the only one outside its zones, may pass, hm³.
fn running(ledger: &mut Ledger, arc: ArcId, commitment: &Commitment) {
    let case = ledger.case;
    let facts = &case.network.arcs[arc.0];
    let Some(minimum) = &facts.minimum_when_open else { return };
    let unit = case.unit_capacity_m3s(arc);
    for step in 0..case.horizon.steps() {
        let volume = case.hm3_per_m3s(step);
        let (flow, least) = (ledger.plan.decisions.flow_m3s[[arc.0, step]], case.at(minimum, step, 0));
        let missed = (1..=commitment.units.0)
            .map(|units| {
                let most = if unit.is_finite() { units as f64 * unit } else { f64::INFINITY };
                (units as f64 * least - flow).max(flow - most).max(0.0)
            })
            .fold(flow.max(0.0), f64::min);
        ledger.check(Rule::Running, step, missed * volume, || format!("{}.minimum_when_open", facts.id));
        for &(from, to) in &commitment.forbidden_m3s {
            let within = (flow - from).min(to - flow);
            ledger.check(Rule::Forbidden, step, within * volume, || format!("{}.forbidden", facts.id));
        }
    }
}

/// Times open and shut.
fn times(ledger: &mut Ledger, arc: ArcId, commitment: &Commitment) {
    let case = ledger.case;
    let id = &case.network.arcs[arc.0].id;
    let decisions = &ledger.plan.decisions;
    let switches = case.switches(arc, decisions);
    for (step, &(open, _)) in switches.iter().enumerate() {
        let times =
            [(Rule::MinUp, commitment.min_up_h, true, "min_up"), (Rule::MinDown, commitment.min_down_h, false, "min_down")];
        for (rule, hours, opened, word) in times {
            let broken = hours > 0.0 && open != opened && case.is_kept(arc, &switches, step, (opened, hours));
            ledger.record(rule, Some(step), f64::from(u8::from(broken)), !broken, "switch", || format!("{id}.{word}"));
        }
    }
}

/// Changes of flow within any days.
fn changes(ledger: &mut Ledger, arc: ArcId, commitment: &Commitment) {
    let Some(changes) = commitment.changes else { return };
    let case = ledger.case;
    let facts = &case.network.arcs[arc.0];
    let changed = case.changed(arc, &ledger.plan.decisions);
    for step in 0..case.horizon.steps() {
        let first = case.first_within_h(step, changes.days * 24.0);
        let count = changed[first..=step].iter().filter(|changed| **changed).count();
        let beyond = count.saturating_sub(case.most_changes(changes, &commitment.before, step)) as f64;
        ledger.record(Rule::Changes, Some(step), beyond, beyond == 0.0, "changes", || format!("{}.changes", facts.id));
    }
}

/// Days met, and runs of days failed.
fn assurances(ledger: &mut Ledger) {
    let case = ledger.case;
    for requirement in &case.network.requirements {
        let Some(assurance) = requirement.assurance else { continue };
        let states = case.met(requirement, &ledger.plan.decisions);
        let days = |wanted: &dyn Fn(bool) -> bool| -> f64 {
            let steps = states.iter().enumerate().filter(|(_, state)| state.is_some_and(wanted));
            steps.map(|(step, _)| case.horizon.days(step)).sum()
        };
        let lacks = assurance.owed_days(days(&|_| true)) - days(&|met| met);
        ledger.record(Rule::DaysMet, None, lacks, lacks <= 1e-6, "days", || format!("{}.assurance", requirement.id));
        for run in case.runs_too_long(&assurance) {
            let failed = states[run.clone()].iter().all(|state| *state == Some(false));
            let last = run.end - 1;
            let size = f64::from(u8::from(failed));
            ledger.record(Rule::LongestFailed, Some(last), size, !failed, "run", || {
                format!("{}.longest_days", requirement.id)
            });
        }
    }
}
