//! Distance of storages from a line of their rule curves 偏离调度线.
//!
//! Σ weight × |storage at the step's end − top of the zone that `zone` names| × days, over the chosen storages with such a
//! zone; relative: ÷ the storage's upper bound there.
//! Sense: minimise. Units: hm³·d; relative d. Good: 0.
//! Limits: water above the line counts like water that lacks to it.

use super::{Measure, Selection};
use crate::case::Case;
use crate::forcing::Param;
use crate::goals::{Objective, Sense};
use crate::network::NodeId;
use crate::plan::Decisions;
use crate::units::Volume;

/// See the module.
pub struct RuleCurveDeviation;

impl RuleCurveDeviation {
    /// The chosen storages that have the line: row, node and line.
    pub fn lines<'a>(case: &'a Case, objective: &'a Objective) -> impl Iterator<Item = (usize, NodeId, &'a Param<Volume>)> {
        Selection::new(case, objective).storages().filter_map(|(row, node, storage)| {
            let zone = storage.zones.iter().find(|zone| Some(&zone.name) == objective.zone.as_ref());
            zone.map(|zone| (row, node, &zone.top))
        })
    }

    /// What an hm³ of distance in a step counts, its weight included.
    pub fn weight(case: &Case, objective: &Objective, node: NodeId, step: usize, member: usize) -> f64 {
        let whole = match &case.network.nodes[node.0].kind {
            crate::network::NodeKind::Storage(storage) if objective.relative => case.at(&storage.upper, step, member),
            _ => 1.0,
        };
        let share = if whole > 0.0 { whole.recip() } else { 0.0 };
        case.at(&objective.weight, step, member) * case.horizon.days(step) * share
    }
}

impl Measure for RuleCurveDeviation {
    fn kind(&self) -> &'static str {
        "rule_curve_deviation"
    }

    fn sense(&self) -> Sense {
        Sense::Minimise
    }

    fn unit(&self, objective: &Objective) -> &'static str {
        if objective.relative { "d" } else { "hm3 d" }
    }

    fn value(&self, case: &Case, objective: &Objective, decisions: &Decisions) -> f64 {
        let mut total = 0.0;
        for (row, node, line) in Self::lines(case, objective) {
            for step in 0..case.horizon.steps() {
                let apart_hm3 = (decisions.storage_hm3[[row, step + 1]] - case.at(line, step, 0)).abs();
                total += Self::weight(case, objective, node, step, 0) * apart_hm3;
            }
        }
        total
    }
}
