//! Change against the plan in force 与现行方案的差别.
//!
//! Σ weight × |flow − flow of the plan in force| as a volume, over the chosen ways that are decided and the steps that the
//! plan in force knows.
//! Sense: minimise. Units: hm³. Good: 0, where nothing new is known.
//! Limits: nothing without a plan in force; a flow moved by one step counts twice.

use super::{Measure, Selection};
use crate::case::Case;
use crate::goals::{Objective, Sense};
use crate::network::ArcId;
use crate::plan::Decisions;

/// See the module.
pub struct PlanChange;

impl PlanChange {
    /// The chosen ways that are decided.
    pub fn ways(case: &Case, objective: &Objective) -> Vec<ArcId> {
        let arcs = Selection::new(case, objective).arcs().map(|(id, _)| id);
        arcs.filter(|id| case.network.given(*id).is_none()).collect()
    }
}

impl Measure for PlanChange {
    fn kind(&self) -> &'static str {
        "plan_change"
    }

    fn sense(&self) -> Sense {
        Sense::Minimise
    }

    fn unit(&self, _: &Objective) -> &'static str {
        "hm3"
    }

    fn value(&self, case: &Case, objective: &Objective, decisions: &Decisions) -> f64 {
        let mut total = 0.0;
        for way in Self::ways(case, objective) {
            for step in 0..case.horizon.steps() {
                let Some(in_force) = case.flow_in_force(way, step) else { continue };
                let change_hm3 = (decisions.flow_m3s[[way.0, step]] - in_force).abs() * case.hm3_per_m3s(step);
                total += case.at(&objective.weight, step, 0) * change_hm3;
            }
        }
        total
    }
}
