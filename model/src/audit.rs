//! Audit: whether a plan is true to its case, recomputed from the two alone, knowing water and not the formulation.
//!
//! Every balance, bound, capacity, floor, requirement, account and hard end in every step, and each stage's value by its
//! measure. What is beyond tolerance is named: address, step, size. A rule may be broken by exactly what the plan's
//! relaxations name, no more and no less. A forward replay tells how far true evaporation would part from the plan.
//!
//! | family | rule | may give way |
//! |---|---|---|
//! | `shape`, `number` | one finite number an arc, storage or portion and step | – |
//! | `start` | storage at the start | – |
//! | `balance` | water of a storage, junction or demand | – |
//! | `source` | given water is taken, available water not exceeded | – |
//! | `storage` | dead level, top, curve | `dead_level` under a start below it, or by evaporation alone |
//! | `flood_limit` | flood limit, and the top under a start above it | `flood_limit` |
//! | `capacity` | 0 and floor ≤ flow ≤ capacity, and the envelope of the rating (`discharge`) | `floor` |
//! | `supply` | 0 ≤ supply ≤ size | – |
//! | `class_floor` | floor portions are supplied | `floor` |
//! | `requirement` | floor, ceiling, rise, fall; orders too | each |
//! | `account` | hard accounts | `limit` |
//! | `end_storage` | hard end storage | `end_storage` |
//! | `commitment` | least flow of what runs, forbidden zones, times open and shut; with integers | – |
//! | `group`, `changes` | ways open at once, changes within days; with integers | – |
//! | `assurance` | days met, longest run of days failed; with integers | – |
//! | `relaxation` | what the plan says gave way did | – |
//! | `objective` | value of each stage | its tolerance |
//!
//! Each rule is a [`Rule`]: what is checked is a word of it, so that none can be checked that is not listed, and a test breaks each alone.
//!
//! Units: hm³ (of a flow: in the step); objectives in their own. Tolerance: [`FEASIBILITY_HM3`], [`OBJECTIVE`].
//! Limits: member 0.

#[cfg(test)]
mod alone;
mod ledger;
mod objectives;
mod on_off;
mod replay;
mod rule;
mod rules;
#[cfg(test)]
mod tests;
mod water;

use std::fmt;

pub use replay::{Consequence, Replay};
pub use rule::Rule;

use crate::case::Case;
use crate::goals::Goals;
use crate::plan::Plan;
#[cfg(doc)]
use crate::tolerance::{FEASIBILITY_HM3, OBJECTIVE};
use crate::water::Motion;

/// What the audit found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Audit {
    /// What is beyond tolerance, by family, then in the order of the case.
    pub findings: Vec<Finding>,
    /// Largest residual by family.
    pub residuals: Vec<Residual>,
    /// Value of every objective of the goals on the plan; none where its kind is not known.
    pub measured: Vec<Option<f64>>,
    /// Forward replay of every storage.
    pub replay: Vec<Replay>,
    /// What it makes of levels, flows and energies, where it makes anything of them.
    pub consequences: Vec<Consequence>,
}

/// Something that is not as the case or the plan says.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Family of rules.
    pub family: &'static str,
    /// Address of the rule.
    pub address: String,
    /// Step, if it belongs to one.
    pub step: Option<usize>,
    /// The step's name in the basin's zone; empty without a step.
    pub when: String,
    /// By how much.
    pub size: f64,
    /// Unit of the size.
    pub unit: String,
}

/// Largest residual of a family.
#[derive(Clone, Debug, PartialEq)]
pub struct Residual {
    /// Family of rules.
    pub family: &'static str,
    /// Rules checked, in all steps.
    pub checked: usize,
    /// Largest, in hm³ (objectives: relative, absolute below 1), less what relaxations cover.
    pub largest: f64,
    /// Where it stands.
    pub address: Option<String>,
    /// In which step.
    pub step: Option<usize>,
}

impl Audit {
    /// Whether nothing was found.
    pub fn passed(&self) -> bool {
        self.findings.is_empty()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.family, self.address)?;
        if self.step.is_some() {
            write!(f, ", {}", self.when)?;
        }
        write!(f, ": {} {}", self.size, self.unit)
    }
}

/// Audits a plan.
pub fn audit(case: &Case, goals: &Goals, plan: &Plan) -> Audit {
    let mut ledger = ledger::Ledger::new(case, plan);
    let Some((measured, motion)) = check(&mut ledger, goals) else {
        return ledger.close(vec![None; goals.objectives.len()], (Vec::new(), Vec::new()));
    };
    let replay = replay::replay(case, &plan.decisions, &motion);
    ledger.close(measured, replay)
}

/// What an audit of a plan finds: by the same checks, without the replay, which tells much and finds nothing.
pub fn findings(case: &Case, goals: &Goals, plan: &Plan) -> Vec<Finding> {
    let mut ledger = ledger::Ledger::new(case, plan);
    check(&mut ledger, goals);
    ledger.close(Vec::new(), (Vec::new(), Vec::new())).findings
}

/// All checks; the objectives as measured and the water's motion, unless numbers are missing, from which nothing can be computed.
fn check(ledger: &mut ledger::Ledger<'_>, goals: &Goals) -> Option<(Vec<Option<f64>>, Motion)> {
    if !water::shapes_and_numbers(ledger) {
        return None;
    }
    let (case, decisions) = (ledger.case, &ledger.plan.decisions);
    let motion = Motion::of(case, decisions);
    water::start(ledger);
    water::balances(ledger, &motion);
    water::sources(ledger, &motion);
    rules::storages(ledger);
    rules::arcs(ledger);
    rules::supplies(ledger);
    rules::requirements(ledger);
    rules::accounts(ledger);
    on_off::on_off(ledger, goals);
    let measured = objectives::measure_all(case, goals, decisions);
    objectives::stages(ledger, goals, &measured);
    Some((measured, motion))
}
