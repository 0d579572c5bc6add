//! An office with a told clock: a small lake, jobs on it, and what the ledger and the receivers read afterwards.

#![allow(clippy::unwrap_used, reason = "a test ends where it must")]

mod amending;
mod api;
mod approval;
mod audiences;
mod backup;
mod briefs;
mod brokers;
mod checks;
mod commands;
mod consultation;
mod days;
mod deviations;
mod events;
mod fall_back;
mod faults;
mod forms;
mod gathering;
mod gathering_kinds;
mod gathering_sql;
mod hot_starts;
mod instances;
mod made;
mod migrations;
mod orders;
mod outbox;
mod papers;
mod postgres;
mod receiver;
mod server;
mod sixty_days;
#[path = "../../../tests/skipped/mod.rs"]
mod skipped;
mod tables;
mod turns;
mod verified;
mod webhook;
