//! Mathematics, little water: formulation, rows, objectives, methods, program, engines.

pub mod amend;
pub mod audited;
pub mod builder;
pub mod certificate;
pub mod closing;
mod columns;
pub mod engine;
pub mod flood;
pub mod formulation;
mod integers;
pub mod layout;
pub mod marks;
pub mod matrix;
pub mod methods;
pub mod mps;
pub mod objectives;
mod power;
pub mod price;
pub mod program;
pub mod read;
pub mod rows;
pub mod rules;
pub mod solve;
pub mod stage0;
mod successive;
pub mod verify;
pub mod ways;
