//! How good a plan is: stages, front, closing chain, objectives, water values.

use serde::{Deserialize, Serialize};

/// A goal as the solve left it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageRow {
    /// Objective's id.
    pub objective: String,
    /// Objective's name.
    pub name: String,
    /// Objective's kind.
    pub kind: String,
    /// `minimise` or `maximise`.
    pub sense: String,
    /// Unit.
    pub unit: String,
    /// Value reached.
    pub value: f64,
    /// Best value possible, as far as it is proved: by the certificate or, where that has no proof of it, by the engine's word.
    pub bound: Option<f64>,
    /// |value − bound|, relative to the value (absolute where that is 0).
    pub gap: Option<f64>,
    /// By how much later stages may worsen it.
    pub tolerance: f64,
    /// `optimal`, `feasible` …
    pub outcome: String,
    /// What giving way here would buy in later stages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rates: Vec<RateRow>,
}

/// What a stage's giving way would buy in a later one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateRow {
    /// Objective's id of the later stage.
    pub stage: String,
    /// Unit of `at_most`: the later stage's for one of this one's.
    pub unit: String,
    /// By how much one unit given here betters the later stage at most, at zero slack; exact where the optimum is not degenerate.
    pub at_most: Option<f64>,
    /// A slack here that was tried, in this stage's unit.
    pub slack: Option<f64>,
    /// What it buys in the later stage, in that one's unit.
    pub gain: Option<f64>,
}

/// What the stages' objectives can be together: points of which none dominates another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrontRow {
    /// Objectives' ids; all lists below are in this order.
    pub objectives: Vec<String>,
    /// The best of each objective.
    pub ideal: Vec<f64>,
    /// The worst of each objective where another comes first.
    pub nadir: Vec<f64>,
    /// Value of each objective at each point.
    pub points: Vec<Vec<f64>>,
    /// Number in `points`, from 0, of the plan's own: nearest to the ideal by its largest distance, in ranges from ideal to nadir.
    pub compromise: usize,
    /// Share of the ranges by which the true front may lie beyond the points' hull, where it is proved.
    pub gap: Option<f64>,
}

/// A step of the closing chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosingRow {
    /// `equal_sharing`, `spill`, `change`, `variation`, `generic`.
    pub step: String,
    /// Unit.
    pub unit: String,
    /// Value reached.
    pub value: f64,
    /// `optimal` …
    pub outcome: String,
}

/// An objective, measured on the plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectiveRow {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Word of the measure.
    pub kind: String,
    /// `minimise` or `maximise`.
    pub sense: String,
    /// Unit.
    pub unit: String,
    /// Value on the plan; none where the measure has nothing to measure.
    pub value: Option<f64>,
    /// Place among the stages, counted from 1, if a stage optimised it.
    pub stage: Option<usize>,
}

/// What one hm³ more at a place in a step would change in a stage's objective.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaterValueRow {
    /// Storage, or requirement on the flow out of one junction.
    pub address: String,
    /// Objective's id.
    pub stage: String,
    /// Unit of the values.
    pub unit: String,
    /// T values, by the basis that the goals ended with: each lies between the two sides, and is one of them as a rule.
    pub values: Vec<Option<f64>>,
    /// What the next hm³ would change, T values; empty where both sides were not asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<Option<f64>>,
    /// What the last hm³ changed, T values; empty where both sides were not asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub less: Vec<Option<f64>>,
}
