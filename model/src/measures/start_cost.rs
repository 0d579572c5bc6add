//! Cost of opening 开机费用 turbines, pumps and gates.
//!
//! Σ weight × cost of each step in which a way is open that was shut in the step before; the first step counts where
//! `previous_flow_m3s` tells what was before it.
//! Sense: minimise. Units: million yuan. Good: what one opening a way costs.
//! Limits: only a program with integers can work for it.

use super::{Measure, Selection};
use crate::case::Case;
use crate::goals::{Objective, Sense};
use crate::network::Arc;
use crate::plan::Decisions;

/// See the module.
pub struct StartCost;

/// What opening a way costs, million yuan.
pub fn start_cost_million(arc: &Arc) -> f64 {
    arc.commitment.as_ref().map_or(0.0, |commitment| commitment.start_cost) / 1e6
}

impl Measure for StartCost {
    fn kind(&self) -> &'static str {
        "start_cost"
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
            let mut was_open = case.was_open(id);
            for step in 0..case.horizon.steps() {
                let open = case.is_open(id, decisions, step);
                if open && was_open == Some(false) {
                    total += case.at(&objective.weight, step, 0) * start_cost_million(arc);
                }
                was_open = Some(open);
            }
        }
        total
    }
}
