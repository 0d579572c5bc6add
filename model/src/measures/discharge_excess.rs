//! Flow above the safe discharge 超安全泄量 of the chosen sections and flood events.
//!
//! Σ weight × max(0, flow − ceiling) as a volume, over the rules of safe discharge.
//! Sense: minimise. Units: hm³. Good: 0.
//! Limits: as a stage it opens these ceilings; without one they are rules that hold.

use super::{Measure, Selection};
use crate::case::Case;
use crate::goals::{Objective, Sense};
use crate::plan::Decisions;

/// See the module.
pub struct DischargeExcess;

impl Measure for DischargeExcess {
    fn kind(&self) -> &'static str {
        "discharge_excess"
    }

    fn sense(&self) -> Sense {
        Sense::Minimise
    }

    fn unit(&self, _: &Objective) -> &'static str {
        "hm3"
    }

    fn value(&self, case: &Case, objective: &Objective, decisions: &Decisions) -> f64 {
        let mut total = 0.0;
        for (_, requirement) in Selection::new(case, objective).safe_discharges() {
            let Some(ceiling) = &requirement.ceiling else { continue };
            for step in 0..case.horizon.steps() {
                let over = case.value_of(&requirement.of, decisions, step) - case.bound(ceiling, step, 0);
                let volume_hm3 = over.max(0.0) * case.hm3_per_unit(&requirement.of, step);
                total += case.at(&objective.weight, step, 0) * volume_hm3;
            }
        }
        total
    }
}
