//! Revenue 发电收益 of the energy made.
//!
//! Σ weight × price × GWh a hm³ × volume over the chosen arcs that make energy and have a price; yuan/kWh × GWh = million yuan.
//! Sense: maximise. Units: million yuan. Good: all water through turbines in the dearest hours.
//! Limits: heads as of `energy`; pumps' costs are no part of it (see `pumping`).

use super::{Measure, Selection};
use crate::case::Case;
use crate::goals::{Objective, Sense};
use crate::plan::Decisions;

/// See the module.
pub struct Revenue;

impl Measure for Revenue {
    fn kind(&self) -> &'static str {
        "revenue"
    }

    fn sense(&self) -> Sense {
        Sense::Maximise
    }

    fn unit(&self, _: &Objective) -> &'static str {
        "million yuan"
    }

    fn value(&self, case: &Case, objective: &Objective, decisions: &Decisions) -> f64 {
        let mut total = 0.0;
        for (id, arc) in Selection::new(case, objective).arcs() {
            let Some(energy) = arc.energy.filter(|e| e.gwh_per_hm3 > 0.0) else { continue };
            let Some(price) = &energy.price else { continue };
            for step in 0..case.horizon.steps() {
                let volume_hm3 = decisions.flow_m3s[[id.0, step]] * case.hm3_per_m3s(step);
                let value = case.at(price, step, 0) * case.gwh_per_hm3(id, decisions, step) * volume_hm3;
                total += case.at(&objective.weight, step, 0) * value;
            }
        }
        total
    }
}
