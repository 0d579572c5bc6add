//! Benefit of supply: what the supplied water earns its users, by tiers of falling worth.
//!
//! Σ weight × benefit × supply over the chosen portions that have one; yuan/m³ × hm³ = million yuan.
//! Sense: maximise. Units: million yuan. Good: the sum with all demands met.
//! Limits: concave only if the worth falls from tier to tier, which the file's reader demands.

use super::{Measure, Selection};
use crate::case::Case;
use crate::goals::{Objective, Sense};
use crate::plan::Decisions;

/// See the module.
pub struct Benefit;

impl Measure for Benefit {
    fn kind(&self) -> &'static str {
        "benefit"
    }

    fn sense(&self) -> Sense {
        Sense::Maximise
    }

    fn unit(&self, _: &Objective) -> &'static str {
        "million yuan"
    }

    fn value(&self, case: &Case, objective: &Objective, decisions: &Decisions) -> f64 {
        let mut total = 0.0;
        for row in Selection::new(case, objective).portions() {
            let Some(benefit) = &row.portion.benefit else { continue };
            for step in 0..case.horizon.steps() {
                let volume_hm3 = decisions.supply_m3s[[row.row, step]] * case.hm3_per_m3s(step);
                total += case.at(&objective.weight, step, 0) * case.at(benefit, step, 0) * volume_hm3;
            }
        }
        total
    }
}
