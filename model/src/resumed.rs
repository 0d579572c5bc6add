//! A case that goes on where a longer one of the same basin stands after some of its steps: what a rolling horizon carries from day
//! to day.
//!
//! Taken from what was done: the flow of every way in the step before the start, how long it was open or shut and when it changed, water
//! on its way (of ways and of return flow), what accounts have used of their windows, days met and failed of assurances, and of a mean
//! over a period (month, 旬) that is under way what it lacks so far or is ahead, of a flood that is still on its peak so far. Both cases are matched by their arrays: they come from one
//! basin. What of an account's window may be used moves with what is left of it, at the share that the horizon has.
//!
//! Storages are no part of it: they are laid before the basin is read ([`Laid`](crate::laid::Laid)), since heads follow them.
//! Limits: a floor that follows natural inflow is held on the mean over the rest of its period alone, since what comes in the whole of it
//! is not known before its end.

use std::sync::Arc;

use ndarray::Array2;

use crate::case::Case;
use crate::flood;
use crate::forcing::SeriesSource;
use crate::horizon::Horizon;
use crate::kernel::{Kernel, KernelTable};
use crate::measures::target_of;
use crate::network::{ArcId, Bound, NodeKind, Of, Requirement};
use crate::on_off::{Assurance, Before};
use crate::plan::Decisions;
use crate::tolerance::FEASIBILITY_HM3;

/// Steps of a case that are done.
#[derive(Clone, Copy, Debug)]
pub struct Done<'a> {
    /// The longer case.
    pub case: &'a Case,
    /// What was done, of the steps that are done.
    pub decisions: &'a Decisions,
    /// How many are done.
    pub steps: usize,
}

impl Case {
    /// Goes on from what is done; nothing changes where nothing is.
    pub fn resume(&mut self, done: &Done<'_>) {
        let Some(last) = done.steps.checked_sub(1) else { return };
        let horizon = self.horizon.clone();
        let whole = &done.case.network;
        for (index, (arc, was)) in self.network.arcs.iter_mut().zip(&whole.arcs).enumerate() {
            arc.previous_flow = Some(done.decisions.flow_m3s[[index, last]]);
            if let Some(commitment) = &mut arc.commitment {
                commitment.before = run_before(ArcId(index), done);
            }
            let departed = |step: usize| done.decisions.flow_m3s[[index, step]] * done.case.hm3_per_m3s(step);
            for (receiver, was) in arc.receivers.iter_mut().zip(&was.receivers) {
                on_its_way(&mut receiver.kernel, &was.kernel, done, &horizon, departed);
            }
        }
        let mut row = 0;
        for (node, was) in self.network.nodes.iter_mut().zip(&whole.nodes) {
            let (NodeKind::Demand(demand), NodeKind::Demand(was)) = (&mut node.kind, &was.kind) else { continue };
            let rows = row..row + demand.portions.len();
            row = rows.end;
            let departed = |step: usize| {
                let supply: f64 = rows.clone().map(|row| done.decisions.supply_m3s[[row, step]]).sum();
                supply * done.case.hm3_per_m3s(step)
            };
            for (receiver, was) in demand.returns.iter_mut().zip(&was.returns) {
                on_its_way(&mut receiver.kernel, &was.kernel, done, &horizon, departed);
            }
        }
        self.resume_accounts(done);
        self.resume_means(done);
        for (row, (node, _)) in whole.storages().enumerate() {
            if let NodeKind::Storage(storage) = &mut self.network.nodes[node.0].kind {
                storage.observed_peak_m3s = flood::observed_peak_m3s(done.case, done.decisions, row, done.steps);
            }
        }
        for (requirement, was) in self.network.requirements.iter_mut().zip(&whole.requirements) {
            if let Some(assurance) = &mut requirement.assurance {
                days_met(assurance, was, done);
            }
        }
    }

    fn resume_accounts(&mut self, done: &Done<'_>) {
        for (account, was) in self.network.accounts.iter_mut().zip(&done.case.network.accounts) {
            for window in &mut account.windows {
                let Some(whole) = was.windows.iter().find(|whole| whole.label == window.label) else { continue };
                let steps = whole.steps.start..whole.steps.end.min(done.steps);
                let used = whole.used_before_hm3 + was.used_hm3(done.case, done.decisions, steps);
                let left = window.limit_hm3 - window.used_before_hm3;
                let share = if left.abs() > FEASIBILITY_HM3 { window.available_hm3 / left } else { 1.0 };
                window.used_before_hm3 = used;
                let available = (window.limit_hm3 - used) * share;
                window.available_hm3 = if was.only_bounds_use() { available.max(0.0) } else { available };
            }
        }
    }
}

/// How a way was run in the steps that are done.
fn run_before(arc: ArcId, done: &Done<'_>) -> Before {
    let (case, facts) = (done.case, &done.case.network.arcs[arc.0]);
    let earlier = facts.commitment.as_ref().map(|commitment| commitment.before.clone()).unwrap_or_default();
    let hours = |from: usize| -> f64 { (from..done.steps).map(|step| case.horizon.days(step) * 24.0).sum() };
    let is_open = |step: usize| case.is_open(arc, done.decisions, step);
    let now = is_open(done.steps - 1);
    let since = (0..done.steps).rev().take_while(|step| is_open(*step) == now).last().unwrap_or(done.steps);
    let state_h = match (since, case.was_open(arc)) {
        (0, Some(was)) if was == now => earlier.state_h.map(|before| before + hours(0)),
        (0, None) => None,
        (since, _) => Some(hours(since)),
    };
    let flow = |step: usize| done.decisions.flow_m3s[[arc.0, step]];
    let window =
        facts.commitment.as_ref().and_then(|commitment| commitment.changes).map_or(0.0, |changes| changes.days * 24.0);
    let changed = (0..done.steps).filter(|&step| {
        let before = if step == 0 { facts.previous_flow } else { Some(flow(step - 1)) };
        before.is_some_and(|before| (flow(step) - before).abs() * case.hm3_per_m3s(step) > FEASIBILITY_HM3)
    });
    let carried = earlier.changed_h.iter().map(|ago| ago + hours(0));
    Before { state_h, changed_h: carried.chain(changed.map(hours)).filter(|ago| *ago < window).collect() }
}

impl Case {
    /// Of means over periods that are under way: of floor and target the rest of the period owes what of the whole is still to be given.
    fn resume_means(&mut self, done: &Done<'_>) {
        for (index, was) in done.case.network.requirements.iter().enumerate() {
            let own = self.network.requirements[index].clone();
            let now = done.steps.min(done.case.horizon.steps() - 1);
            let before = was.held_with(now).start..done.steps;
            if before.is_empty() || !matches!(own.of, Of::Flow(_)) {
                continue;
            }
            let hm3 = |step: usize| done.case.hm3_per_unit(&was.of, step);
            let given: f64 = before.clone().map(|step| done.case.value_of(&was.of, done.decisions, step) * hm3(step)).sum();
            let owed = |bound: Option<&Bound>| -> f64 {
                bound.map_or(f64::NAN, |bound| before.clone().map(|step| done.case.bound(bound, step, 0) * hm3(step)).sum())
            };
            let behind = |bound| Some(owed(bound) - given).filter(|behind| behind.is_finite());
            let lags = |bound: &Option<Bound>, behind: Option<f64>| Some(((*bound)?, behind?));
            let floor = behind(was.floor.as_ref()).filter(|_| !own.floor_follows_natural);
            let floor = lags(&own.floor, floor).map(|(bound, behind)| self.owing(&own, "floor", bound, (behind, None)));
            let floor = floor.or(own.floor);
            let target = lags(&own.target, behind(was.target.as_ref()));
            let target = target.map(|(bound, behind)| self.owing(&own, "target", bound, (behind, floor)));
            let requirement = &mut self.network.requirements[index];
            (requirement.floor, requirement.target) = (floor, target.or(own.target));
        }
    }

    /// A bound that owes so much more (or less) in the period of the first step, hm³, but nothing negative, and no less than another;
    /// in the proportion of its steps, or evenly where it owes nothing in them.
    fn owing(&mut self, of: &Requirement, part: &str, bound: Bound, (behind, least): (f64, Option<Bound>)) -> Bound {
        let Bound::Flow(param) = bound else { return bound };
        let steps = of.held_with(0);
        let hm3 = |step: usize| self.hm3_per_unit(&of.of, step);
        let sum =
            |bound: &Bound, member| -> f64 { steps.clone().map(|step| self.bound(bound, step, member) * hm3(step)).sum() };
        let whole: f64 = steps.clone().map(hm3).sum();
        let mut values = Array2::zeros((self.horizon.steps(), self.forcing.members));
        for ((step, member), value) in values.indexed_iter_mut() {
            *value = self.bound(&bound, step, member);
            if steps.contains(&step) {
                let own = sum(&bound, member);
                let left = (own + behind).max(least.map_or(0.0, |least| sum(&least, member))).max(0.0);
                *value = if own > 0.0 { *value * left / own } else { left / whole };
            }
        }
        let source = param.as_series().map_or_else(SeriesSource::default, |index| self.forcing.series[index].source.clone());
        Bound::Flow(self.forcing.add(format!("{}.{part}", of.id), values, source))
    }
}

/// What left in steps that are done and arrives in those to come.
fn on_its_way(own: &mut Kernel, whole: &Kernel, done: &Done<'_>, horizon: &Horizon, departed: impl Fn(usize) -> f64) {
    let (Kernel::Table(own), Kernel::Table(whole)) = (own, whole) else { return };
    let own: &mut KernelTable = Arc::make_mut(own);
    own.from_before_hm3.fill(0.0);
    own.from_before_after_end_hm3 = 0.0;
    let mut arrive = |step: usize, volume: f64| match horizon.step_at(&done.case.horizon.edges[step]) {
        Some(step) => own.from_before_hm3[step] += volume,
        None => own.from_before_after_end_hm3 += volume,
    };
    for (step, volume) in whole.from_before_hm3.iter().enumerate().skip(done.steps) {
        arrive(step, *volume);
    }
    // What arrives after the longer case's end does so right there.
    let end = done.case.horizon.steps();
    let mut after_end = whole.from_before_after_end_hm3;
    for step in 0..done.steps {
        let arrivals = whole.arrivals[step].iter().filter(|(to, _)| *to >= done.steps);
        for &(to, share) in arrivals {
            arrive(to, share * departed(step));
        }
        after_end += whole.after_end[step] * departed(step);
    }
    if after_end > 0.0 {
        arrive(end, after_end);
    }
}

/// Counts days met and failed.
fn days_met(assurance: &mut Assurance, requirement: &Requirement, done: &Done<'_>) {
    let Some(was) = requirement.assurance else { return };
    (assurance.before, assurance.failing_days) = (was.before, was.failing_days);
    for step in 0..done.steps {
        let Some(target) = target_of(done.case, requirement, step, 0) else { continue };
        let days = done.case.horizon.days(step);
        if done.case.meets(&requirement.of, done.decisions, step, target) {
            assurance.before.0 += days;
            assurance.failing_days = 0.0;
        } else {
            assurance.before.1 += days;
            assurance.failing_days += days;
        }
    }
}

#[cfg(test)]
mod tests;
