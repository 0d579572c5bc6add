//! Objectives: one a file, each an expression to be minimised, with the columns and rows that only it needs.
//!
//! The value of an objective on a plan is told by the measure of the same word in `weir_model::measures`; a test holds the two
//! equal. What is maximised is negated here.
//! To add one: a file here with an `ObjectiveKind`, its `mod` line, a line in [`OBJECTIVES`], and its measure.

mod account_excess;
mod balance;
mod benefit;
mod ecological_shortfall;
mod end_storage;
mod energy;
mod flood_limit_excess;
mod pumping;
mod revenue;
mod shortage;
mod source_cost;
mod spill;
mod start_cost;
mod total_variation;

pub(crate) use spill::spill;
pub(crate) use total_variation::variation;

use weir_model::goals::Objective;

use crate::builder::Builder;
use crate::program::Expression;

/// A kind of objective.
pub trait ObjectiveKind: Sync {
    /// Its word in basin files.
    fn word(&self) -> &'static str;

    /// Its expression, to be minimised.
    fn expression(&self, builder: &mut Builder, objective: &Objective) -> Expression;
}

/// All kinds, in the order of their words.
pub const OBJECTIVES: [&dyn ObjectiveKind; 14] = [
    &account_excess::AccountExcess,
    &balance::Balance,
    &benefit::Benefit,
    &ecological_shortfall::EcologicalShortfall,
    &end_storage::EndStorage,
    &energy::Energy,
    &flood_limit_excess::FloodLimitExcess,
    &pumping::Pumping,
    &revenue::Revenue,
    &shortage::Shortage,
    &source_cost::SourceCost,
    &spill::Spill,
    &start_cost::StartCost,
    &total_variation::TotalVariation,
];

/// The kind of that word.
pub fn kind(word: &str) -> Option<&'static dyn ObjectiveKind> {
    OBJECTIVES.iter().copied().find(|kind| kind.word() == word)
}
