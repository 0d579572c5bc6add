//! Shortage 缺水 of the chosen portions, as a volume or relative to demand.
//!
//! Volume: Σ weight × portion weight × (size − supply). Relative: each term ÷ what its class wants of its demand in that
//! step × days; without weights, all of a class unsupplied for a day is 1, a node-day of full shortage. A step in which the
//! class wants nothing adds nothing.
//! Sense: minimise. Units: hm³; relative d. Good: 0.
//! Limits: a volume lets small users go short first, a relative measure lets large ones; neither spreads it over time.

use super::{Measure, Selection};
use crate::case::Case;
use crate::goals::{Objective, Sense};
use crate::plan::Decisions;

/// See the module.
pub struct Shortage;

impl Measure for Shortage {
    fn kind(&self) -> &'static str {
        "shortage"
    }

    fn sense(&self) -> Sense {
        Sense::Minimise
    }

    fn unit(&self, objective: &Objective) -> &'static str {
        if objective.relative { "d" } else { "hm3" }
    }

    fn value(&self, case: &Case, objective: &Objective, decisions: &Decisions) -> f64 {
        let mut total = 0.0;
        for row in Selection::new(case, objective).portions() {
            for step in 0..case.horizon.steps() {
                let weight = case.at(&objective.weight, step, 0) * case.at(&row.portion.weight, step, 0);
                let short_m3s = case.size_m3s(row.demand, row.portion, step, 0) - decisions.supply_m3s[[row.row, step]];
                if objective.relative {
                    let wanted_m3s = case.class_size_m3s(row.demand, &row.portion.class, step, 0);
                    if wanted_m3s > 0.0 {
                        total += weight * short_m3s / wanted_m3s * case.horizon.days(step);
                    }
                } else {
                    total += weight * short_m3s * case.hm3_per_m3s(step);
                }
            }
        }
        total
    }
}
