//! What the checks write to: residuals by family, findings, and what the relaxations were needed for.

use std::collections::BTreeMap;

use super::{Audit, Consequence, Finding, Replay, Residual, Rule};
use crate::case::Case;
use crate::plan::Plan;
use crate::tolerance::FEASIBILITY_HM3;

/// The books of an audit.
pub(super) struct Ledger<'a> {
    pub(super) case: &'a Case,
    pub(super) plan: &'a Plan,
    residuals: Vec<Residual>,
    findings: Vec<Finding>,
    relaxed: BTreeMap<(String, usize), Relaxed>,
}

/// What gave way at an address in a step, hm³.
#[derive(Default)]
struct Relaxed {
    /// As the plan says.
    named: f64,
    /// As the rules show.
    given: f64,
}

impl<'a> Ledger<'a> {
    pub(super) fn new(case: &'a Case, plan: &'a Plan) -> Self {
        let mut relaxed = BTreeMap::<_, Relaxed>::new();
        for relaxation in &plan.relaxations {
            relaxed.entry((relaxation.address.clone(), relaxation.step)).or_default().named += relaxation.hm3;
        }
        Self { case, plan, residuals: Vec::new(), findings: Vec::new(), relaxed }
    }

    /// A rule that never gives way, kept to within `size` hm³.
    pub(super) fn check(&mut self, rule: Rule, step: usize, size: f64, address: impl FnOnce() -> String) {
        self.record(rule, Some(step), size, size <= FEASIBILITY_HM3, "hm3", address);
    }

    /// A rule that may give way by what the plan names, broken by `size` hm³.
    pub(super) fn rule(&mut self, rule: Rule, step: usize, size: f64, address: impl FnOnce() -> String) {
        if self.relaxed.is_empty() {
            return self.check(rule, step, size, address);
        }
        let key = (address(), step);
        let mut named = 0.0;
        if let Some(relaxed) = self.relaxed.get_mut(&key) {
            relaxed.given += size.max(0.0);
            named = relaxed.named;
        }
        self.check(rule, step, size - named, || key.0);
    }

    /// Anything with its own tolerance and unit.
    pub(super) fn record(
        &mut self,
        rule: Rule,
        step: Option<usize>,
        size: f64,
        kept: bool,
        unit: &str,
        address: impl FnOnce() -> String,
    ) {
        let family = rule.family();
        let at = self.residuals.iter().position(|r| r.family == family).unwrap_or_else(|| {
            self.residuals.push(Residual { family, checked: 0, largest: 0.0, address: None, step: None });
            self.residuals.len() - 1
        });
        let residual = &mut self.residuals[at];
        residual.checked += 1;
        let largest = size.is_nan() || size > residual.largest;
        if !largest && kept {
            return;
        }
        let address = address();
        if largest {
            (residual.largest, residual.address, residual.step) = (size, Some(address.clone()), step);
        }
        if !kept {
            let when = step.map_or_else(String::new, |step| self.name_of(step));
            self.findings.push(Finding { family, address, step, when, size, unit: unit.to_owned() });
        }
    }

    fn name_of(&self, step: usize) -> String {
        if step < self.case.horizon.steps() { self.case.horizon.name_of(step) } else { format!("step {step}") }
    }

    /// Closes the books: relaxations that nothing needed are findings too.
    pub(super) fn close(
        mut self,
        measured: Vec<Option<f64>>,
        (replay, consequences): (Vec<Replay>, Vec<Consequence>),
    ) -> Audit {
        for ((address, step), relaxed) in std::mem::take(&mut self.relaxed) {
            let unneeded = relaxed.named - relaxed.given;
            // A negative or missing amount is no breach at all.
            let kept = unneeded <= FEASIBILITY_HM3 && relaxed.named >= 0.0;
            self.record(Rule::Relaxation, Some(step), unneeded, kept, "hm3", || address);
        }
        Audit { findings: self.findings, residuals: self.residuals, measured, replay, consequences }
    }
}
