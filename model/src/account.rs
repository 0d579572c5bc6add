//! Accounts on a plan: what is used in a window, and what of it is beyond what may be used.

use std::ops::Range;

use crate::case::Case;
use crate::network::{Account, AccountWindow};
use crate::plan::Decisions;

impl Account {
    /// Σ coefficient × volume over some steps, hm³.
    pub fn used_hm3(&self, case: &Case, decisions: &Decisions, steps: Range<usize>) -> f64 {
        let mut used = 0.0;
        for &(arc, coefficient) in &self.terms {
            for step in steps.clone() {
                used += coefficient * decisions.flow_m3s[[arc.0, step]] * case.hm3_per_m3s(step);
            }
        }
        used
    }

    /// Whether all that it does is to bound what is taken: a cap on flows that none gives back to.
    pub fn only_bounds_use(&self) -> bool {
        self.at_most && self.terms.iter().all(|(_, coefficient)| *coefficient >= 0.0)
    }

    /// What is used beyond the available volume of a window (of a duty: lacks to it), hm³.
    pub fn excess_hm3(&self, window: &AccountWindow, used_hm3: f64) -> f64 {
        let over = used_hm3 - window.available_hm3;
        if self.at_most { over.max(0.0) } else { (-over).max(0.0) }
    }
}
