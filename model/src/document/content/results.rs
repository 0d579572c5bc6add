//! What a plan comes to: series, satisfaction, accounts, warnings, what gave way, orders.

use serde::{Deserialize, Serialize};

/// A series. Its address in full is `{address}.{quantity}`.
///
/// | quantity | of | unit, kind |
/// |---|---|---|
/// | `storage`, `level` | reservoir | hm3, m; state |
/// | `level.NAME`, `storage.NAME` | named level of a reservoir at each step's end (`dead`, `top`, `flood_limit`, `zone.ZONE`, and the file's words); none at the start and where it does not hold | m, hm3; state |
/// | `inflow` `outflow` `release` `spill` `withdrawal` | reservoir, junction: what arrives; what leaves to the river, of it not over, and over a spillway; what is taken for use | m3/s; flow |
/// | `evaporation` `seepage` | reservoir | m3/s; flow |
/// | `flow` `capacity` `floor` `minimum_when_open` | arc; the last of turbines that cannot run below it | m3/s; flow |
/// | `energy` | turbine, pump (needed) | GWh; flow (sum of the step) |
/// | `demand` `supply` `shortage` `floor` `target` `curtailed` | demand; class of it (`works.residents`); tier, where there are several (`works.residents.tier2`) | m3/s; flow |
/// | `return_flow` | demand | m3/s; flow |
/// | `flow` or `storage`, `floor` `target` `ceiling` `shortfall` | requirement | m3/s, flow; hm3, state |
/// | `used` | account: used of the window until each step's end, before the horizon included | hm3; state |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesRow {
    /// Element, with part: `shanxi`, `shanxi.turbines`, `ruian_works.residents`.
    pub address: String,
    /// What it tells.
    pub quantity: String,
    /// Unit.
    pub unit: String,
    /// Values at instants, or means over steps.
    pub kind: SeriesKind,
    /// Id of the element that it belongs to.
    pub element: String,
    /// User class, of a demand's series by class or tier.
    pub class: Option<String>,
    /// `domestic`, `industrial`, `agricultural` or `ecological`, of a demand's series by class or tier.
    #[serde(rename = "use")]
    pub use_: Option<String>,
    /// Tier, of a demand's series by tier.
    pub tier: Option<usize>,
    /// T + 1 values of a state, T of a flow; none where there is no value.
    pub values: Vec<Option<f64>>,
}

/// Values at instants, or means over steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeriesKind {
    /// T + 1 values: at the start, and at the end of each step.
    State,
    /// T values: over each step.
    Flow,
}

/// A satisfaction. In-stream and off-stream ecological volumes are never in one row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SatisfactionRow {
    /// Region's id; none for what belongs to no region.
    pub region: Option<String>,
    /// `domestic`, `industrial`, `agricultural`, `ecological`.
    #[serde(rename = "use")]
    pub use_: String,
    /// User class; none for the whole use.
    pub class: Option<String>,
    /// Ecological flow in the stream, judged at sections.
    pub in_stream: bool,
    /// `step`, `旬`, `month`, `horizon`.
    pub period: String,
    /// Label of the period: `2026-11`, `2026-11上旬`, `2026-11-03`, `horizon`.
    pub label: String,
    /// Start of its first step.
    pub from: String,
    /// End of its last step.
    pub to: String,
    /// hm³, what curtailments left of it; in the stream the target.
    pub demand_hm3: f64,
    /// hm³ that curtailments in force cut off what was wanted: no shortage.
    pub curtailed_hm3: f64,
    /// hm³; in the stream Σ min(flow, target).
    pub supply_hm3: f64,
    /// hm³
    pub floor_hm3: f64,
    /// supply ÷ demand, 1 where demand is 0.
    pub ratio: f64,
    /// (supply − floor) ÷ (demand − floor): what balance works on; none where demand is floor only.
    pub above_floor: Option<f64>,
    /// The ratio that the targets promise.
    pub entitled: f64,
    /// Whether every floor was met in every step.
    pub floor_met: bool,
    /// Days on which everything owed was met.
    pub days_met: f64,
    /// Days that count.
    pub days: f64,
    /// Share of days to be met that the office's table sets 保证率: of whole uses over the whole horizon.
    pub assurance: Option<f64>,
    /// Citation of that row of the table.
    pub clause: Option<String>,
    /// Why it is short, where known.
    pub reason: Option<String>,
}

/// Why a class of a demand or a section is short, by itself, in neighbouring steps of one cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShortRow {
    /// Demand with class, or section.
    pub address: String,
    /// Start of the first of these steps.
    pub from: String,
    /// End of the last.
    pub to: String,
    /// Cause of most of what it lacks in each of them.
    pub reason: String,
}

/// A use or section that the satisfactions leave out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// Demand with class, or section.
    pub address: String,
    /// Region's id.
    pub region: Option<String>,
    /// Use.
    #[serde(rename = "use")]
    pub use_: String,
    /// Why: `no_source`, no source of water can reach it within the horizon.
    pub reason: String,
}

/// An account in a window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountRow {
    /// Address.
    pub account: String,
    /// Name.
    pub name: String,
    /// Window's label.
    pub window: String,
    /// Start of its first step within the horizon.
    pub from: String,
    /// End of its last step within the horizon.
    pub to: String,
    /// A cap (≤) rather than a duty (≥).
    pub at_most: bool,
    /// It names a document.
    pub hard: bool,
    /// hm³, whole window.
    pub limit_hm3: f64,
    /// hm³, before the horizon.
    pub used_before_hm3: f64,
    /// hm³, what may (or must) be used within the horizon.
    pub available_hm3: f64,
    /// hm³, used within the horizon.
    pub planned_hm3: f64,
    /// hm³: limit − used before − planned.
    pub left_hm3: f64,
    /// hm³ beyond what is available (of a duty: lacking).
    pub excess_hm3: f64,
    /// hm³: used before + planned + what is set aside for the window's rest.
    pub forecast_to_window_end_hm3: f64,
    /// Consequence band reached at the horizon's end.
    pub band: Option<String>,
    /// How the available volume came about.
    pub note: Option<String>,
}

/// What the reader must notice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WarningRow {
    /// Address.
    pub address: String,
    /// `section`, `level_below`, `level_at`, `level_above`, `start_below`, `start_above`, `account`, `above_rating`,
    /// `turbine_minimum`, `way_after_end`.
    pub kind: String,
    /// Grade, level's name or band.
    pub grade: String,
    /// Start.
    pub from: String,
    /// End.
    pub to: String,
    /// Worst value within it.
    pub value: f64,
    /// What it is judged by.
    pub target: f64,
    /// Unit of both.
    pub unit: String,
    /// Hours a day that the day's water lasts at a turbine's least flow, less what must be let out beside it for the rest of the day.
    pub hours_per_day: Option<f64>,
    /// Of a plan for many futures: how probable it is that it comes at all, in any of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// Why it stands: what binds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What could be done about it, or that there is nothing.
    pub advice: Option<String>,
}

/// A rule that had to give in a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelaxationRow {
    /// Address of the rule.
    pub address: String,
    /// Class of the rule; none for a physical bound under a start beyond it.
    pub class: Option<String>,
    /// Step, counted from 0: of an account the last of its window.
    pub step: usize,
    /// Start of what it lacks over: the step, the days of a mean, an account's window within the horizon.
    pub from: String,
    /// Its end.
    pub to: String,
    /// By how much, hm³.
    pub hm3: f64,
    /// Why it could not be held: what binds. Neighbouring steps have that of their worst.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What could be done about it, or that there is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

/// A row of an order sheet 调度令.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Id of the office's order object.
    pub id: String,
    /// Who carries it out.
    pub unit: String,
    /// What is set: its name.
    pub object: String,
    /// Address of the flow that is set.
    pub on: String,
    /// When.
    pub execute_at: String,
    /// Until when the plan counts on it.
    pub until: String,
    /// Mean flow that the plan needed before it was rounded, m³/s.
    pub needed_m3s: f64,
    /// Flow that is set, m³/s, and that the plan holds.
    pub flow_m3s: f64,
    /// The standing order is kept 维持现状: nothing is to be sent.
    pub kept: bool,
    /// What is set, in words with unit.
    pub setting: String,
    /// Who gets a copy.
    pub copies: Vec<String>,
}
