//! Reference instances as bare programs, and the reference solve that weir is measured against.
//!
//! `Source`: two deterministic generators of this project, restated from their formulas; no file is read.

pub mod cascade;
pub mod clock;
mod columns;
pub mod job;
pub mod reference;
pub mod rich;

use weir_solver::program::{Program, Stage};

/// A program with its stages, all minimised in order.
#[derive(Clone, Debug)]
pub struct Instance {
    /// Name, such as `cascade-10x365`.
    pub name: String,
    /// The lean matrix: one row an equation, no column that a bound could replace.
    pub program: Program,
    /// The goals in order.
    pub stages: Vec<Stage>,
}
