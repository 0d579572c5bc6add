//! Peak of outflow 最大出库流量 of the chosen storages.
//!
//! Σ over storages of the largest weight × outflow (release + spill) of any step.
//! Sense: minimise. Units: m³/s. Good: what the channel below bears.
//! Limits: a mean over the step; the peak within a long step is higher.

use super::total_variation::Rate;
use super::{Measure, Selection};
use crate::case::Case;
use crate::goals::{Objective, Sense};
use crate::network::NodeId;
use crate::plan::Decisions;

/// See the module.
pub struct PeakRelease;

impl PeakRelease {
    /// The outflows of the chosen storages, by node.
    pub fn outflows(case: &Case, objective: &Objective) -> Vec<(NodeId, Rate)> {
        let chosen: Vec<NodeId> = Selection::new(case, objective).storages().map(|(_, node, _)| node).collect();
        let of_chosen = |rate: Rate| match rate {
            Rate::Outflow(node, _) if chosen.contains(&node) => Some((node, rate)),
            _ => None,
        };
        Rate::every(case).into_iter().filter_map(of_chosen).collect()
    }
}

impl Measure for PeakRelease {
    fn kind(&self) -> &'static str {
        "peak_release"
    }

    fn sense(&self) -> Sense {
        Sense::Minimise
    }

    fn unit(&self, _: &Objective) -> &'static str {
        "m3/s"
    }

    fn value(&self, case: &Case, objective: &Objective, decisions: &Decisions) -> f64 {
        let mut total = 0.0;
        for (_, rate) in Self::outflows(case, objective) {
            let weighed = |step| case.at(&objective.weight, step, 0) * rate.in_step(decisions, step);
            total += (0..case.horizon.steps()).map(weighed).fold(0.0, f64::max);
        }
        total
    }
}
