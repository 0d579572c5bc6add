//! Objectives: one a file, each an expression to be minimised, with the columns and rows that only it needs.
//!
//! The value of an objective on a plan is told by the measure of the same word in `weir_model::measures`; a test holds the two
//! equal. What is maximised is negated here.
//! To add one: a file here with an `ObjectiveKind`, its `mod` line, a line in [`OBJECTIVES`], and its measure.

mod account_excess;
mod balance;
mod benefit;
mod discharge_excess;
mod ecological_shortfall;
mod end_storage;
mod end_value;
mod energy;
mod flood_limit_excess;
mod peak_release;
mod plan_change;
mod pumping;
mod revenue;
mod rule_curve_deviation;
mod shortage;
mod source_cost;
mod spill;
mod start_cost;
mod total_variation;

pub(crate) use plan_change::change;
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
pub const OBJECTIVES: [&dyn ObjectiveKind; 19] = [
    &account_excess::AccountExcess,
    &balance::Balance,
    &benefit::Benefit,
    &discharge_excess::DischargeExcess,
    &ecological_shortfall::EcologicalShortfall,
    &end_storage::EndStorage,
    &end_value::EndValue,
    &energy::Energy,
    &flood_limit_excess::FloodLimitExcess,
    &peak_release::PeakRelease,
    &plan_change::PlanChange,
    &pumping::Pumping,
    &revenue::Revenue,
    &rule_curve_deviation::RuleCurveDeviation,
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
