//! Balance of the three uses 三生均衡: the least satisfaction above the floors.
//!
//! min over region, use and period of (Σ supply − Σ floor) ÷ (Σ demand − Σ floor), over entries whose demand exceeds their
//! floor; in the stream min(flow, target) stands for supply and target for demand. See [`crate::satisfaction`].
//! Sense: maximise. Units: 1. Good: 1 (also where there is nothing to satisfy).
//! Limits: it says nothing of any entry but the worst.

use super::{Measure, Selection};
use crate::case::Case;
use crate::goals::{Objective, Sense};
use crate::plan::Decisions;

use crate::satisfaction::Satisfactions;

/// See the module.
pub struct Balance;

impl Measure for Balance {
    fn kind(&self) -> &'static str {
        "balance"
    }

    fn sense(&self) -> Sense {
        Sense::Maximise
    }

    fn unit(&self, _: &Objective) -> &'static str {
        "1"
    }

    fn value(&self, case: &Case, objective: &Objective, decisions: &Decisions) -> f64 {
        let selection = Selection::new(case, objective);
        let satisfactions = Satisfactions::new(case, selection, &selection.uses(), objective.period);
        let above_floor = satisfactions.entries.iter().filter_map(|entry| entry.above_floor(case, decisions));
        above_floor.fold(1.0, f64::min)
    }
}
