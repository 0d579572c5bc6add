//! What a plan is of: basin, mode, orders, curtailments, changes by hand, notes.

use serde::{Deserialize, Serialize};

/// What the plan is of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseRow {
    /// Basin's id.
    pub basin: String,
    /// Basin's name.
    pub name: String,
    /// Mode 常规 | 预泄 | 防洪 | 抗旱应急 | 应急.
    pub mode: String,
    /// Who publishes forecasts of inflow, level and flow, where the basin names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publishing_authority: Option<String>,
    /// Headings that every display of the plan carries.
    pub headings: Vec<String>,
    /// Orders in force.
    pub commands: Vec<CommandRow>,
    /// What the orders in force cost together: goals and uses without them and with them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command_cost: Vec<CostRow>,
    /// The alternative of its run that it is, where it is not the basin as its file has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<ScenarioRow>,
    /// What was changed by hand 人工修改, of a plan that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amended: Option<AmendedRow>,
    /// Curtailments: in force, and allowed.
    pub curtailments: Vec<CurtailmentRow>,
    /// Kind of foresight: `deterministic`; `frequency`, a forecast and then a dry year of a stated frequency; `no_rain`, a forecast and
    /// then no rain; `tree`, a member's part of a plan for many futures; or `none` of a plan by the method `rules`.
    pub foresight: String,
    /// The dry year that inflow is taken from beyond the forecast, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dry_year: Option<DryYearRow>,
    /// What inflow is by lead time, where the basin says so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inflow: Vec<InflowRow>,
    /// 依据时间: time of the newest observation used, where known.
    pub basis_time: Option<String>,
    /// Start of the first step.
    pub valid_from: String,
    /// End of the last step.
    pub valid_to: String,
    /// Reasons for which the plan is degraded.
    pub degraded: Vec<String>,
    /// Facts marked assumed 待核.
    pub assumed: Vec<Assumed>,
    /// Statements for the reader.
    pub notes: Vec<String>,
}

/// What inflow is over some days of the horizon.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InflowRow {
    /// `hydrology`, `weather` or `extended` of a forecast; beyond it `frequency`, `no_rain`, or `given` of a series that goes on.
    pub kind: String,
    /// From when.
    pub from: String,
    /// Until when.
    pub to: String,
    /// Of a frequency year: percent of years that bring as much in these days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frequency_percent: Option<f64>,
    /// The year of the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<i32>,
    /// What each of its days is multiplied by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub factor: Option<f64>,
    /// Inflow of all records in these days, hm³.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume_hm3: Option<f64>,
    /// Years of the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub years: Option<usize>,
}

/// The dry year that inflow is taken from beyond the forecast.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DryYearRow {
    /// Share of years whose inflow is at least this year's, percent.
    pub frequency_percent: f64,
    /// Days of the horizon that are forecast.
    pub forecast_days: f64,
}

/// An order in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandRow {
    /// Address.
    pub address: String,
    /// Name as people read it: issuer, number, what it orders.
    pub name: String,
    /// Start of the first step that it bears on.
    pub from: String,
    /// End of the last step that it bears on.
    pub to: String,
    /// Where it was written: the basin's file, or the office's book of orders with who put it there.
    #[serde(default)]
    pub source: String,
}

/// An alternative of a run: what it does otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioRow {
    /// Id.
    pub id: String,
    /// Name as people read it; may be empty.
    pub name: String,
    /// What it does otherwise, as its file writes it: `inflow = 0.8`.
    pub changes: Vec<String>,
}

/// What was changed by hand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AmendedRow {
    /// Digest of the plan that was amended.
    pub plan: String,
    /// What was set, as it was written: `shanxi.turbines.flow@2026-07-01..03=120`.
    pub sets: Vec<String>,
    /// What it costs: goals and uses as they were planned and as they are now.
    pub cost: Vec<CostRow>,
}

/// A value without something and with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CostRow {
    /// The objective's id, or the use.
    pub of: String,
    /// The objective's name as people read it.
    pub name: String,
    /// The objective's kind, or `use_short` for what a use lacks.
    pub kind: String,
    /// `minimise` or `maximise`.
    pub sense: String,
    /// Unit of the values.
    pub unit: String,
    /// Value without it.
    pub before: f64,
    /// Value with it.
    pub after: f64,
}

/// A curtailment 限水措施.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CurtailmentRow {
    /// Id.
    pub id: String,
    /// Name as people read it.
    pub name: String,
    /// Demands with the class that it cuts: `ruian_works.industry`.
    pub cuts: Vec<String>,
    /// Share of what such a class wants that it cuts.
    pub depth: f64,
    /// The drought response from which on it is allowed: `Ⅳ` `Ⅲ` `Ⅱ` `Ⅰ`.
    pub response: Option<String>,
    /// Hours from its order until it takes effect.
    pub lead_h: f64,
    /// The paper and clause that allow it.
    pub clause: String,
    /// From when it has effect in the plan; none if it is merely allowed.
    pub from: Option<String>,
    /// Until when.
    pub to: Option<String>,
}

/// A fact that the basin file marks assumed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assumed {
    /// Address.
    pub address: String,
    /// What it says.
    pub statement: String,
}
