//! Reference instances as bare programs, and the reference solve that weir is measured against.
//!
//! `Source`: two deterministic generators of this project, restated from their formulas; no file is read.

pub mod cascade;
pub mod clock;
mod columns;
pub mod job;
pub mod reference;
pub mod rich;
pub mod traced;

use weir_solver::program::{Blocks, Program, Stage};

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

/// What a column or row of a bare matrix means.
#[derive(Clone, Copy, Debug)]
pub struct Meaning {
    /// Its family's place among them.
    pub family: usize,
    /// Its reservoir, or account.
    pub place: usize,
    /// Its day, where it has one.
    pub day: Option<usize>,
}

/// Columns and rows that mean the same of neighbouring days of so many.
fn blocks(days: usize, [columns, rows]: &[Vec<Meaning>; 2]) -> Blocks {
    let key = |meaning: &Meaning| (meaning.family, meaning.place, meaning.day.map(|day| day / Blocks::STEPS));
    Blocks::of(days, columns.iter().map(key), rows.iter().map(key))
}
