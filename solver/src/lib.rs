//! Mathematics, little water: formulation, rows, objectives, methods, program, engines.

pub mod engine;
pub mod methods;
pub mod program;
