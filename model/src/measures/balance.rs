//! Balance of the three uses 三生均衡: satisfactions above the floors, in the objective's form.
//!
//! By region, use and period (Σ supply − Σ floor) ÷ (Σ demand − Σ floor) ÷ entitlement, over entries whose demand exceeds their
//! floor; in the stream min(flow, target) stands for supply and target for demand. See [`crate::satisfaction`] for the entries
//! and [`crate::fairness`] for the forms.
//! Sense: maximise. Units: 1. Good: 1 (also where there is nothing to satisfy); more where less than all is promised.
//! Limits: `max_min` and `leximin` tell the least entry only; the others follow in the table of satisfactions.

use super::Measure;
use crate::case::Case;
use crate::goals::{Objective, Sense};
use crate::plan::Decisions;

use crate::satisfaction::Satisfactions;

/// See the module.
pub struct Balance;

impl Measure for Balance {
    fn kind(&self) -> &'static str {
        "balance"
    }

    fn sense(&self) -> Sense {
        Sense::Maximise
    }

    fn unit(&self, _: &Objective) -> &'static str {
        "1"
    }

    fn value(&self, case: &Case, objective: &Objective, decisions: &Decisions) -> f64 {
        let satisfactions = Satisfactions::of(case, objective);
        let entries = satisfactions.entries.iter();
        let values: Vec<f64> = entries.filter_map(|entry| entry.of_entitlement(case, decisions)).collect();
        objective.fairness.worth(objective.form.as_deref().unwrap_or_default(), &values)
    }
}
