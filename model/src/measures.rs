//! Measures: what an objective is worth on a plan, whatever was optimised. One file a kind, one line in [`MEASURES`].
//!
//! The audit, the plan document and every comparison use these; the solver's expressions of the same words must equal them.
//! Every measure that adds up steps multiplies what a step adds by the objective's weight there (1 unless given); `balance`,
//! `end_storage`, `end_value` and `account_excess` add up nothing by steps and ignore it. Each of an objective's lists narrows only what it
//! concerns (`classes` and `tiers` say nothing of a reservoir), and an empty list means all.
//!
//! Shape: member 0.

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
mod selection;
mod shortage;
mod source_cost;
mod spill;
mod start_cost;
#[cfg(test)]
mod tests;
mod total_variation;

pub use ecological_shortfall::{part_shortfall, target_of};
pub use end_value::EndValue;
pub use peak_release::PeakRelease;
pub use plan_change::PlanChange;
pub use rule_curve_deviation::RuleCurveDeviation;
pub use selection::Selection;
pub use source_cost::priced;
pub use start_cost::start_cost_million;
pub use total_variation::Rate;

use crate::case::Case;
use crate::goals::{Objective, Sense};
use crate::plan::Decisions;

/// A kind of objective, as a number on a plan.
pub trait Measure: Sync {
    /// Word in files and documents.
    fn kind(&self) -> &'static str;

    /// Whether more or less is better.
    fn sense(&self) -> Sense;

    /// Unit of the value.
    fn unit(&self, objective: &Objective) -> &'static str;

    /// The value on a plan's decisions.
    fn value(&self, case: &Case, objective: &Objective, decisions: &Decisions) -> f64;
}

/// All measures, by word.
pub static MEASURES: &[&dyn Measure] = &[
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

/// The measure of a word.
pub fn measure(kind: &str) -> Option<&'static dyn Measure> {
    MEASURES.iter().find(|m| m.kind() == kind).copied()
}

/// The words of all measures.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    MEASURES.iter().map(|m| m.kind())
}
