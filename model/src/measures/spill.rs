//! Spill 弃水 over the chosen spillways.
//!
//! Σ weight × volume over arcs of the role spillway.
//! Sense: minimise. Units: hm³. Good: 0.
//! Limits: in a flood spilling early may be right; with a flood limit in force less spill may mean more water above it.

use super::{Measure, Selection};
use crate::case::Case;
use crate::goals::{Objective, Sense};
use crate::plan::Decisions;

use crate::network::Role;

/// See the module.
pub struct Spill;

impl Measure for Spill {
    fn kind(&self) -> &'static str {
        "spill"
    }

    fn sense(&self) -> Sense {
        Sense::Minimise
    }

    fn unit(&self, _: &Objective) -> &'static str {
        "hm3"
    }

    fn value(&self, case: &Case, objective: &Objective, decisions: &Decisions) -> f64 {
        let mut total = 0.0;
        for (id, _) in Selection::new(case, objective).arcs().filter(|(_, arc)| arc.role == Role::Spillway) {
            for step in 0..case.horizon.steps() {
                let volume_hm3 = decisions.flow_m3s[[id.0, step]] * case.hm3_per_m3s(step);
                total += case.at(&objective.weight, step, 0) * volume_hm3;
            }
        }
        total
    }
}
