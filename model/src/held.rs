//! Over which steps a requirement is held: each by itself, or the mean over the periods that its standard names.
//!
//! Floor and target of a period are the time-weighted means of their steps' bounds. A step of a period is *judged* by its
//! bound times (mean value ÷ mean bound), so that what lacks, summed over the period's steps, is what the mean lacks, and
//! whoever adds up steps need know nothing of periods. Units: those of the value.

use std::ops::Range;

use crate::case::Case;
use crate::network::{Bound, Of, Requirement};
use crate::plan::Decisions;
use crate::rule;
use crate::tolerance::FEASIBILITY_HM3;

impl Requirement {
    /// The steps that are held together with a step.
    pub fn held_with(&self, step: usize) -> Range<usize> {
        self.periods.iter().find(|steps| steps.contains(&step)).cloned().unwrap_or(step..step + 1)
    }
}

impl Case {
    /// All runs of steps over whose mean a requirement is held.
    pub fn held_over(&self, requirement: &Requirement) -> Vec<Range<usize>> {
        if requirement.periods.is_empty() {
            return (0..self.horizon.steps()).map(|step| step..step + 1).collect();
        }
        requirement.periods.clone()
    }

    /// The steps over which a rule lacks what stands at one, by the address under which it gives way: of a floor that is held on a mean all
    /// of the mean's, of an account's limit those of its window.
    pub fn lacks_over(&self, address: &str, step: usize) -> Range<usize> {
        let network = &self.network;
        let floored = address.strip_suffix(".floor");
        let requirement = floored.and_then(|id| network.requirements.iter().find(|requirement| requirement.id == id));
        let windows =
            || network.accounts.iter().flat_map(|account| account.windows.iter().map(move |window| (account, window)));
        let window = || windows().find(|(account, window)| rule::account_limit(account, window) == address);
        requirement
            .map(|requirement| requirement.held_with(step))
            .or_else(|| window().map(|(_, window)| window.steps.clone()))
            .unwrap_or(step..step + 1)
    }

    /// The value by which a requirement is judged against one of its bounds in a step.
    pub fn judged(&self, requirement: &Requirement, bound: &Bound, decisions: &Decisions, step: usize) -> f64 {
        let value = |step: usize| self.value_of(&requirement.of, decisions, step);
        let steps = requirement.held_with(step);
        if steps.len() == 1 {
            return value(step);
        }
        let mean = |of: &dyn Fn(usize) -> f64| self.horizon.mean(steps.clone(), of);
        let mean_bound = mean(&|step| self.bound(bound, step, 0));
        if mean_bound.is_finite() && mean_bound > 0.0 {
            self.bound(bound, step, 0) * mean(&value) / mean_bound
        } else {
            value(step)
        }
    }

    /// Whether what a requirement is on reaches a value in a step, but for what is no water.
    pub fn meets(&self, of: &Of, decisions: &Decisions, step: usize, value: f64) -> bool {
        (value - self.value_of(of, decisions, step)) * self.hm3_per_unit(of, step) <= FEASIBILITY_HM3
    }
}
