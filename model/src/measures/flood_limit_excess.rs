//! Water held above the flood limit 超汛限 of the chosen storages.
//!
//! Σ weight × max(0, storage at the step's end − limit) × days; relative: ÷ the storage's upper bound there.
//! Sense: minimise. Units: hm³·d; relative d. Good: 0.
//! Limits: more inflow can cost more here, rightly.

use super::{Measure, Selection};
use crate::case::Case;
use crate::goals::{Objective, Sense};
use crate::plan::Decisions;

/// See the module.
pub struct FloodLimitExcess;

impl Measure for FloodLimitExcess {
    fn kind(&self) -> &'static str {
        "flood_limit_excess"
    }

    fn sense(&self) -> Sense {
        Sense::Minimise
    }

    fn unit(&self, objective: &Objective) -> &'static str {
        if objective.relative { "d" } else { "hm3 d" }
    }

    fn value(&self, case: &Case, objective: &Objective, decisions: &Decisions) -> f64 {
        let mut total = 0.0;
        for (row, _, storage) in Selection::new(case, objective).storages() {
            let Some(limit) = &storage.flood_limit else { continue };
            for step in 0..case.horizon.steps() {
                let over_hm3 = (decisions.storage_hm3[[row, step + 1]] - case.at(limit, step, 0)).max(0.0);
                let whole = if objective.relative { case.at(&storage.upper, step, 0) } else { 1.0 };
                if whole > 0.0 {
                    total += case.at(&objective.weight, step, 0) * over_hm3 / whole * case.horizon.days(step);
                }
            }
        }
        total
    }
}
