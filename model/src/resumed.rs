//! A case that goes on where a longer one of the same basin stands after some of its steps: what a rolling horizon carries from day
//! to day.
//!
//! Taken from what was done: the flow of every way in the step before the start, water on its way (of ways and of return flow), what
//! accounts have used of their windows, and days met and failed of assurances. Both cases are matched by their arrays: they come
//! from one basin. What of an account's window may be used moves with what is left of it, at the share that the horizon has.
//!
//! Storages are no part of it: they are laid before the basin is read ([`Laid`](crate::laid::Laid)), since heads follow them.
//! Limits: a mean over a period (month, 旬) that began before the start is held over the rest of it; how long a unit was open is not
//! carried, only whether it was.

use std::sync::Arc;

use crate::case::Case;
use crate::horizon::Horizon;
use crate::kernel::{Kernel, KernelTable};
use crate::measures::target_of;
use crate::network::{NodeKind, Requirement};
use crate::on_off::Assurance;
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
                window.available_hm3 = (window.limit_hm3 - used) * share;
            }
        }
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
