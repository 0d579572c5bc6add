//! One small file a subcommand.

pub mod check;
pub mod new;
pub mod report;
pub mod show;
pub mod solve;
