//! Steps whose water a storage can move to or from a step, and what it is at its lowest by when they end.

use std::ops::Range;
use std::rc::Rc;

use super::takers::positive;
use super::{Cause, Ways, once};
use crate::explanation::most;
use crate::network::{NodeId, NodeKind, Of, Requirement, Storage};
use crate::tolerance::{AT_BOUND_HM3, FEASIBILITY_HM3};

/// Steps whose water can be moved to or from a step at a node, and whether the node is at its lowest when they end.
pub(super) type Window = (Range<usize>, bool);

/// What is let out of a node until each edge of the horizon, hm³.
pub(super) struct LetOut {
    /// In all.
    leaves: Vec<f64>,
    /// Of it what each rule with a floor on its ways asks for, by the rule's number.
    owed: Vec<(usize, Vec<f64>)>,
}

impl Ways<'_, '_> {
    /// What a storage is at its lowest by at the end of a step, if it is.
    pub(super) fn lowest(&self, storage: &Storage, row: usize, node: NodeId, step: usize) -> Option<Cause> {
        let (case, id) = (self.of.case, &self.of.case.network.nodes[node.0].id);
        let stored = self.of.decisions.storage_hm3[[row, step + 1]];
        let at = |least: f64| least.is_finite() && stored <= least + AT_BOUND_HM3;
        let cause = |least: f64, named: Option<&String>| {
            let (id, named) = (id.clone(), named.cloned());
            if stored < least - FEASIBILITY_HM3 { Cause::Below(id, named) } else { Cause::Lowest(id, named) }
        };
        let of_rule = |cause: Cause| match cause {
            Cause::Lowest(id, Some(rule)) => Cause::Least(id, rule),
            below => below,
        };
        let rule = case.network.requirements.iter().find_map(|requirement| {
            let floor = requirement.floor.as_ref().filter(|_| requirement.of == Of::Storage(node))?;
            let least = case.bound(floor, step, 0);
            at(least).then(|| of_rule(cause(least, Some(&requirement.id))))
        });
        if rule.is_some() {
            return rule;
        }
        let least = case.at(&storage.lower, step, 0);
        at(least).then(|| {
            let named = storage.levels.iter().find(|(_, level)| {
                let level = storage.curve.storage_at_clamped(case.at(level, step, 0));
                (level - least).abs() <= FEASIBILITY_HM3
            });
            cause(least, named.map(|(word, _)| word))
        })
    }

    /// Steps whose water can be moved to or from a step at a node: of a storage from the last step before at whose end it was
    /// full, to the first at whose end it is at its lowest; and whether it is so before the horizon's end or at it.
    pub(super) fn window(&self, node: NodeId, step: usize) -> Window {
        let NodeKind::Storage(storage) = &self.of.case.network.nodes[node.0].kind else { return (step..step + 1, false) };
        once(&self.of.windows, node, || Rc::new(self.windows(storage, node)))[step].clone()
    }

    /// Whether a storage, in its row, holds all that it may when a step ends.
    pub(super) fn is_full(&self, storage: &Storage, row: usize, step: usize) -> bool {
        let stored = self.of.decisions.storage_hm3[[row, step + 1]];
        stored >= self.of.case.storage_limit(storage, step, 0).0 - AT_BOUND_HM3
    }

    /// The window of each step of a storage.
    fn windows(&self, storage: &Storage, node: NodeId) -> Vec<Window> {
        let case = self.of.case;
        let row = case.storage_row(node).unwrap_or_default();
        let steps = case.horizon.steps();
        let mut from = 0;
        let mut windows: Vec<Window> = Vec::with_capacity(steps);
        for step in 0..steps {
            windows.push((from..steps, false));
            if self.is_full(storage, row, step) {
                from = step + 1;
            }
        }
        let mut to = (steps, false);
        for step in (0..steps).rev() {
            if self.lowest(storage, row, node, step).is_some() {
                to = (step + 1, true);
            }
            windows[step].0.end = to.0;
            windows[step].1 = to.1;
        }
        windows
    }

    /// The storage that is at its lowest when a window ends, with the rule that keeps as much in it where one does.
    pub(super) fn later(&self, node: NodeId, window: &Range<usize>) -> Option<Cause> {
        let (case, last) = (self.of.case, window.end.checked_sub(1)?);
        let facts = &case.network.nodes[node.0];
        let NodeKind::Storage(storage) = &facts.kind else { return None };
        let rule = match self.lowest(storage, case.storage_row(node)?, node, last)? {
            Cause::Least(_, rule) => Some(rule),
            _ => None,
        };
        let (id, date) = (facts.id.clone(), case.horizon.last_of(last));
        Some(match (rule, self.released(node, window)) {
            (None, Some(rule)) => Cause::Released(id, date, rule),
            (rule, _) => Cause::Later(id, date, rule),
        })
    }

    /// That a storage is at its lowest when a step ends, with the rule for which most of its water was let out until then, where one is.
    pub(super) fn after(&self, cause: Cause, node: NodeId, step: usize) -> Cause {
        let Cause::Lowest(id, _) = &cause else { return cause };
        let rule = self.released(node, &(self.window(node, step).0.start..step + 1));
        rule.map_or(cause.clone(), |rule| Cause::Released(id.clone(), self.of.case.horizon.last_of(step), rule))
    }

    /// The rule whose floor most of what leaves a node in some steps is let out for, where there is one.
    fn released(&self, node: NodeId, window: &Range<usize>) -> Option<String> {
        let let_out = once(&self.of.let_out, node, || Rc::new(self.let_out(node)));
        let volume = |until: &[f64]| until[window.end] - until[window.start];
        let rules = let_out.owed.iter().map(|(rule, until)| (&self.of.case.network.requirements[*rule].id, volume(until)));
        let others = rules.filter(|(rule, _)| Some(rule.as_str()) != self.asked.own);
        let most = most(others, |(_, hm3)| *hm3)?;
        (most.1 > 0.5 * volume(&let_out.leaves) + FEASIBILITY_HM3).then(|| most.0.clone())
    }

    /// What leaves a node, and what floors there ask for of it.
    fn let_out(&self, node: NodeId) -> LetOut {
        let (case, decisions) = (self.of.case, self.of.decisions);
        let until = |m3s: &dyn Fn(usize) -> f64| {
            let mut sums = vec![0.0];
            for step in 0..case.horizon.steps() {
                sums.push(sums[step] + m3s(step) * case.hm3_per_m3s(step));
            }
            sums
        };
        let owed = |rule: &Requirement| {
            let (Of::Flow(terms), Some(floor)) = (&rule.of, &rule.floor) else { return None };
            let here = positive(terms).all(|way| case.network.arcs[way.0].tail == node);
            here.then(|| until(&|step| case.bound(floor, step, 0).min(case.value_of(&rule.of, decisions, step)).max(0.0)))
        };
        let rules = case.network.requirements.iter().enumerate();
        LetOut {
            leaves: until(&|step| case.leaving_m3s(node, decisions, step, |_| true)),
            owed: rules.filter_map(|(number, rule)| Some((number, owed(rule)?))).collect(),
        }
    }
}
