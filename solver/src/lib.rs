//! Mathematics, little water: formulation, rows, objectives, methods, program, engines.

pub mod builder;
mod columns;
pub mod engine;
pub mod formulation;
pub mod layout;
pub mod matrix;
pub mod methods;
pub mod objectives;
pub mod program;
pub mod rows;
