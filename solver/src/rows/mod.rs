//! Equation families: one a file, each asking the network for what concerns it.
//!
//! To add one: a file here with a `RowFamily`, its `mod` line, and a line in [`ROWS`].

mod account;
mod assurance;
mod balance;
mod capacity;
mod change;
mod commitment;
mod discharge;
mod end_storage;
mod group;
mod head;
mod limited_changes;
mod requirement;

pub(crate) use end_storage::add_on_its_way;

use crate::builder::Builder;

/// A family of equations.
pub trait RowFamily: Sync {
    /// Its word in row names, such as `balance` in `balance[shanxi,2026-06-03]`.
    fn word(&self) -> &'static str;

    /// Adds its rows, and the columns that only it needs.
    fn add(&self, builder: &mut Builder);
}

/// All families, in the order of their rows.
pub const ROWS: [&dyn RowFamily; 12] = [
    &balance::Balance,
    &capacity::Capacity,
    &discharge::Discharge,
    &requirement::Requirements,
    &change::Changes,
    &account::Accounts,
    &end_storage::EndStorages,
    &commitment::Commitment,
    &group::Group,
    &limited_changes::LimitedChanges,
    &assurance::Assurance,
    &head::Head,
];
