//! Water, no mathematics: what a basin is, what is known of its future, what a plan says, and whether a plan is true.
//!
//! The pipeline runs one way (ARCHITECTURE.md): [`Basin`](basin::Basin) → [`Network`](network::Network) +
//! [`Forcing`](forcing::Forcing) + [`Horizon`](horizon::Horizon) = [`Case`](case::Case) → … → [`Plan`](plan::Plan).

pub mod account;
pub mod audit;
pub mod basin;
pub mod case;
pub mod curve;
pub mod days;
pub mod document;
pub mod elements;
pub mod explanation;
pub mod fairness;
pub mod files;
#[cfg(test)]
mod fixture;
pub mod flood;
pub mod forcing;
pub mod frequency;
pub mod goals;
pub mod head;
pub mod held;
pub mod horizon;
pub mod kernel;
pub mod laid;
pub mod loss;
pub mod lower;
pub mod measures;
pub mod moved;
pub mod network;
pub mod on_off;
pub mod period;
pub mod place;
pub mod plan;
pub mod portion;
pub mod profile;
pub mod rating;
pub mod record;
pub mod resumed;
pub mod rule;
pub mod satisfaction;
pub mod series;
pub mod setting;
pub mod stamp;
pub mod table;
pub mod taken;
pub mod told;
pub mod tolerance;
pub mod unit_words;
pub mod units;
pub mod water;
