//! What weir answers, from a case to a plan: reads as the specification of the formulation.

#![allow(clippy::unwrap_used, reason = "tests")]
#![cfg(feature = "highs")]

mod as_today;
mod beside;
mod build;
mod cascade;
mod causes;
mod check;
mod closing;
mod discharge;
mod explained;
mod flood;
mod gave_way;
mod generated;
mod head;
mod hot;
mod leximin;
#[path = "../common/liar.rs"]
mod liar;
mod literature;
mod on_off;
mod one_step;
mod passed;
mod progress;
mod properties;
mod reasons;
mod rules;
mod session;
mod simulated;
mod stories;
