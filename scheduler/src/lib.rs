//! When, and to whom: jobs on a cron schedule, a ledger of runs that survives anything, plans with their approval, and an outbox
//! of what publishers are still to be told.
//!
//! One way: `jobs.toml` → [`job::Office`] with [`revisions`] → [`ledger`] (what is due, whose it is) → [`gather`] (today's inputs) →
//! [`solving`] (basin to audited plans, from [`hot_start`]; [`fall_back`] where there is none) → [`checks`] → [`plans`] (draft to in force) →
//! [`outbox`] → [`publishers`]. [`service`] drives it, [`serve`] keeps
//! it beating, [`api`] tells other programs, by their [`tokens`].

pub mod amend;
mod answered;
pub mod api;
pub mod backup;
pub mod calls;
pub mod checks;
pub mod clock;
pub mod commands;
pub mod consultation;
pub mod deviations;
mod earlier;
pub mod fall_back;
pub mod gather;
pub mod hot_start;
mod in_effect;
pub mod in_force;
pub mod job;
pub mod ledger;
mod measured;
pub mod orders;
pub mod outbox;
pub mod plans;
pub mod publishers;
pub mod revisions;
pub mod scenario;
pub mod serve;
pub mod service;
pub mod solving;
pub mod store;
pub mod timetable;
mod tls;
pub mod tokens;
mod verified;
