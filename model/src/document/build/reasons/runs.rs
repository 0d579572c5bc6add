//! Neighbouring steps in which something is the same: what is in a window of steps is counted without going through them.

use std::ops::Range;

use super::Ranks;
use crate::case::Case;
use crate::network::Of;
use crate::plan::Decisions;
use crate::tolerance::FEASIBILITY_HM3;

/// Runs of steps, in their order.
pub(super) struct Runs<T>(Vec<(Range<usize>, T)>);

impl<T: Copy + PartialEq> Runs<T> {
    /// The runs of steps in which there is something.
    fn of(steps: usize, at: impl Fn(usize) -> Option<T>) -> Self {
        let mut runs: Vec<(Range<usize>, T)> = Vec::new();
        for (step, found) in (0..steps).filter_map(|step| Some((step, at(step)?))) {
            match runs.last_mut() {
                Some((run, same)) if run.end == step && *same == found => run.end += 1,
                _ => runs.push((step..step + 1, found)),
            }
        }
        Self(runs)
    }

    /// What there is within a window, and in how many steps of it.
    pub(super) fn within(&self, window: &Range<usize>) -> impl Iterator<Item = (usize, T)> {
        let first = self.0.partition_point(|(run, _)| run.end <= window.start);
        let runs = self.0[first..].iter().take_while(|(run, _)| run.start < window.end);
        runs.map(|(run, found)| (run.end.min(window.end) - run.start.max(window.start), *found))
    }

    /// From the first to the last step of a window in which there is something.
    pub(super) fn over(&self, window: &Range<usize>) -> Option<Range<usize>> {
        let within = |(run, _): &&(Range<usize>, T)| run.start < window.end && run.end > window.start;
        let first = self.0.get(self.0.partition_point(|(run, _)| run.end <= window.start)).filter(within)?;
        let last = self.0.get(self.0.partition_point(|(run, _)| run.start < window.end).checked_sub(1)?)?;
        Some(first.0.start.max(window.start)..last.0.end.min(window.end))
    }
}

/// Where the water of a plan is, in runs of steps.
pub(super) struct Whereabouts {
    /// Of each way: more than its floor flows.
    pub(super) flows: Vec<Runs<()>>,
    /// Of each portion: it is supplied, by the ranks of what keeps it from falling and of what counts it.
    pub(super) supplies: Vec<Runs<(usize, usize)>>,
    /// Of each requirement: it has some and no more than it is owed, by the rank that it is owed by.
    pub(super) owed: Vec<Runs<usize>>,
}

impl Whereabouts {
    pub(super) fn new(case: &Case, decisions: &Decisions, ranks: &Ranks) -> Self {
        let (network, steps) = (&case.network, case.horizon.steps());
        let some = |m3s: f64, step: usize| m3s * case.hm3_per_m3s(step) > FEASIBILITY_HM3;
        let flows = network.arcs.iter().enumerate().map(|(arc, facts)| {
            let over = |step| decisions.flow_m3s[[arc, step]] - case.at(&facts.floor, step, 0);
            Runs::of(steps, |step| some(over(step), step).then_some(()))
        });
        let supplies = (0..decisions.supply_m3s.nrows()).map(|row| {
            let by = |step| (ranks.keeping[[row, step]], ranks.counting[[row, step]]);
            Runs::of(steps, |step| some(decisions.supply_m3s[[row, step]], step).then(|| by(step)))
        });
        // A flow that gave way to nothing has no water that another lacks.
        let owed = network.requirements.iter().enumerate().map(|(rule, requirement)| {
            let flows = |step: usize| match requirement.of {
                Of::Flow(_) => some(case.value_of(&requirement.of, decisions, step), step),
                Of::Storage(_) => true,
            };
            Runs::of(steps, |step| Some(ranks.holding[[rule, step]]).filter(|rank| *rank < ranks.none && flows(step)))
        });
        Self { flows: flows.collect(), supplies: supplies.collect(), owed: owed.collect() }
    }
}
