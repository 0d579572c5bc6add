//! Cost of water 供水成本 from priced ways and sources.
//!
//! Σ weight × price × volume over the chosen arcs that have a price; yuan/m³ × hm³ = million yuan.
//! Sense: minimise. Units: million yuan. Good: 0, with no standby source in use.
//! Limits: put after the shortages, or it is cheapest to supply nobody.

use super::{Measure, Selection};
use crate::case::Case;
use crate::goals::{Objective, Sense};
use crate::plan::Decisions;

/// See the module.
pub struct SourceCost;

impl Measure for SourceCost {
    fn kind(&self) -> &'static str {
        "source_cost"
    }

    fn sense(&self) -> Sense {
        Sense::Minimise
    }

    fn unit(&self, _: &Objective) -> &'static str {
        "million yuan"
    }

    fn value(&self, case: &Case, objective: &Objective, decisions: &Decisions) -> f64 {
        let mut total = 0.0;
        for (id, arc) in Selection::new(case, objective).arcs() {
            let Some(price) = &arc.price else { continue };
            for step in 0..case.horizon.steps() {
                let volume_hm3 = decisions.flow_m3s[[id.0, step]] * case.hm3_per_m3s(step);
                total += case.at(&objective.weight, step, 0) * case.at(price, step, 0) * volume_hm3;
            }
        }
        total
    }
}
