//! Mathematics, little water: formulation, rows, objectives, methods, program, engines.

pub mod program;
