//! Rows that the engine is given late: those that a program says few optima are held by, such as limits of change from day to day.
//!
//! A solve from nothing leaves their bounds out, so that presolve takes them away. The first point that breaks one brings all of them
//! back, and dual simplex goes on from its basis. A point that breaks none is an optimum of the whole program too, at which their duals
//! are 0; so is a ray that contradicts the rest. They are back for good before anything but the next stage is asked.
//!
//! Pays where many rows seldom hold: rich cascade 50x365, 18,200 of 63,710 rows, four fifths of the time; where they hold often it
//! costs a little, in the closing chain so much that it is not done there (docs/performance.md).

use super::Live;
use crate::engine::{Bounds, EngineError};

impl Live {
    /// Leaves out the rows of the program that may come late, where a solve from nothing gains by it: where there are many.
    pub(super) fn hold_back(&mut self) -> Result<(), EngineError> {
        if self.program.late.len() < self.late_from || !self.from_nothing || !self.tells_faces() {
            return Ok(());
        }
        // A row that is held at one value is an equation of what was solved before.
        let ranged = |&i: &usize| self.rows[i].0 < self.rows[i].1;
        self.late = self.program.late.iter().copied().filter(ranged).map(|i| (i, self.rows[i].0, self.rows[i].1)).collect();
        let free: Vec<Bounds> = self.late.iter().map(|&(i, ..)| (i, f64::NEG_INFINITY, f64::INFINITY)).collect();
        self.stand(&[], &free)
    }

    /// Gives the engine the rows that it was not given yet.
    ///
    /// # Errors
    /// If the engine refuses.
    pub fn complete(&mut self) -> Result<(), EngineError> {
        let late = std::mem::take(&mut self.late);
        self.stand(&[], &late)
    }

    /// Whether the point found last breaks a row that the engine was not given.
    pub(super) fn breaks_late(&self) -> bool {
        let Some(solution) = &self.solved else { return !self.late.is_empty() };
        let beyond = |&(i, lower, upper): &Bounds| {
            let activity = solution.row_activity[i];
            (lower - activity).max(activity - upper) > weir_model::tolerance::SOLVER_PRIMAL
        };
        self.late.iter().any(beyond)
    }
}
