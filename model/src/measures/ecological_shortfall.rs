//! Ecological shortfall 生态缺水: what the chosen sections and works releases lack to their targets.
//!
//! Shortfall = max(0, target − value), cut into the target's parts: part i is the slice between fraction i − 1 and i of the
//! target, and the slice nearest the target lacks first. Volume: Σ weight × shortfall. Relative: Σ weight × shortfall ÷
//! target × days; a day without any flow is 1. A step without a target adds nothing. Where the requirement is held on the mean
//! over periods, value and target are those means.
//! Sense: minimise. Units: hm³; relative d. Good: 0.
//! Limits: flow above the target does not make up for shortfall on other days, unlike a mean over days.

use super::{Measure, Selection};
use crate::case::Case;
use crate::goals::{Objective, Sense};
use crate::plan::Decisions;

use crate::network::Requirement;

/// See the module.
pub struct EcologicalShortfall;

/// The target of a requirement in a step, where there is one above 0.
pub fn target_of(case: &Case, requirement: &Requirement, step: usize, member: usize) -> Option<f64> {
    let target = case.bound(requirement.target.as_ref()?, step, member);
    (target.is_finite() && target > 0.0).then_some(target)
}

/// What a value lacks in a part (counted from 0) of a target, in the value's unit.
pub fn part_shortfall(parts: &[f64], part: usize, target: f64, value: f64) -> f64 {
    let top = parts.get(part).copied().unwrap_or(1.0) * target;
    let bottom = part.checked_sub(1).map_or(0.0, |before| parts[before] * target);
    (top - value.max(bottom)).max(0.0)
}

impl Measure for EcologicalShortfall {
    fn kind(&self) -> &'static str {
        "ecological_shortfall"
    }

    fn sense(&self) -> Sense {
        Sense::Minimise
    }

    fn unit(&self, objective: &Objective) -> &'static str {
        if objective.relative { "d" } else { "hm3" }
    }

    fn value(&self, case: &Case, objective: &Objective, decisions: &Decisions) -> f64 {
        let mut total = 0.0;
        let selection = Selection::new(case, objective);
        for (_, requirement) in selection.sections() {
            for step in 0..case.horizon.steps() {
                let Some(target) = target_of(case, requirement, step, 0) else { continue };
                let Some(bound) = &requirement.target else { continue };
                let value = case.judged(requirement, bound, decisions, step);
                let parts = (0..requirement.target_parts.len().max(1)).filter(|&part| selection.part(part));
                let lacking: f64 = parts.map(|part| part_shortfall(&requirement.target_parts, part, target, value)).sum();
                let unit = if objective.relative {
                    case.horizon.days(step) / target
                } else {
                    case.hm3_per_unit(&requirement.of, step)
                };
                total += case.at(&objective.weight, step, 0) * lacking * unit;
            }
        }
        total
    }
}
