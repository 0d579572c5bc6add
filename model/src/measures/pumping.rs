//! Energy needed by pumps 提水用电.
//!
//! Σ weight × GWh a hm³ × volume over the chosen arcs that need energy.
//! Sense: minimise. Units: GWh. Good: 0, or the least that the demands need.
//! Limits: fixed lift.

use super::{Measure, Selection};
use crate::case::Case;
use crate::goals::{Objective, Sense};
use crate::plan::Decisions;

/// See the module.
pub struct Pumping;

impl Measure for Pumping {
    fn kind(&self) -> &'static str {
        "pumping"
    }

    fn sense(&self) -> Sense {
        Sense::Minimise
    }

    fn unit(&self, _: &Objective) -> &'static str {
        "GWh"
    }

    fn value(&self, case: &Case, objective: &Objective, decisions: &Decisions) -> f64 {
        let mut total = 0.0;
        for (id, arc) in Selection::new(case, objective).arcs() {
            let Some(energy) = arc.energy.filter(|e| e.gwh_per_hm3 < 0.0) else { continue };
            for step in 0..case.horizon.steps() {
                let volume_hm3 = decisions.flow_m3s[[id.0, step]] * case.hm3_per_m3s(step);
                total -= case.at(&objective.weight, step, 0) * energy.gwh_per_hm3 * volume_hm3;
            }
        }
        total
    }
}
