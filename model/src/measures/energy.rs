//! Energy 发电量 made by turbines.
//!
//! Σ weight × GWh a hm³ × volume over the chosen arcs that make energy.
//! Sense: maximise. Units: GWh. Good: what all the water could make through the turbines.
//! Limits: where the file gives a tailwater, the head is the true one of each step's storage and flow; else that of the file.

use super::{Measure, Selection};
use crate::case::Case;
use crate::goals::{Objective, Sense};
use crate::plan::Decisions;

/// See the module.
pub struct Energy;

impl Measure for Energy {
    fn kind(&self) -> &'static str {
        "energy"
    }

    fn sense(&self) -> Sense {
        Sense::Maximise
    }

    fn unit(&self, _: &Objective) -> &'static str {
        "GWh"
    }

    fn value(&self, case: &Case, objective: &Objective, decisions: &Decisions) -> f64 {
        let mut total = 0.0;
        for (id, arc) in Selection::new(case, objective).arcs() {
            if arc.energy.is_none_or(|energy| energy.gwh_per_hm3 <= 0.0) {
                continue;
            }
            for step in 0..case.horizon.steps() {
                let volume_hm3 = decisions.flow_m3s[[id.0, step]] * case.hm3_per_m3s(step);
                total += case.at(&objective.weight, step, 0) * case.gwh_per_hm3(id, decisions, step) * volume_hm3;
            }
        }
        total
    }
}
