//! The reproducible part of a plan document.
//!
//! Times are RFC 3339 with offset; an interval is stamped at its start. Units stand in each series and in each field's name:
//! m³/s (mean over the step), hm³, m, GWh. Everything that a report draws is here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use super::packed::Packed;
pub use crate::laid::Gathered;

/// The reproducible part of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// `weir.plan/0`.
    pub schema: String,
    /// What the plan is of.
    pub case: CaseRow,
    /// What it was computed from.
    pub inputs: Inputs,
    /// What computed it.
    pub engine: EngineRow,
    /// The time grid.
    pub horizon: HorizonRow,
    /// Regions, with the region that holds each.
    pub regions: Vec<RegionRow>,
    /// Nodes, arcs, requirements and accounts, with their names and kinds.
    pub elements: Vec<Element>,
    /// The goals in order, as the solve left them.
    pub stages: Vec<StageRow>,
    /// The front that the plan is the compromise of, where the method found one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub front: Option<FrontRow>,
    /// The closing chain.
    pub closing: Vec<ClosingRow>,
    /// Every objective of the basin, measured on the plan.
    pub objectives: Vec<ObjectiveRow>,
    /// Series by address.
    pub series: Vec<SeriesRow>,
    /// What one hm³ more would change.
    pub water_values: Vec<WaterValueRow>,
    /// Satisfaction by region, use, class and period.
    pub satisfaction: Vec<SatisfactionRow>,
    /// Uses and sections without a physical source, which the satisfactions leave out.
    pub left_out: Vec<LeftOut>,
    /// Accounts by window.
    pub accounts: Vec<AccountRow>,
    /// What the reader must notice.
    pub warnings: Vec<WarningRow>,
    /// What had to give.
    pub relaxations: Vec<RelaxationRow>,
    /// Rows of order sheets 调度令: none in the mode 防洪, none from a deterministic scenario.
    pub orders: Vec<Order>,
    /// Whether the plan is true to its case.
    pub audit: AuditRow,
    /// What proves how good its stages can be at best; none of what leaves the office.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateRow>,
}

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
    /// Kind of foresight: `deterministic`; `frequency`, a forecast and then a dry year of a stated frequency; `tree`, a member's part of
    /// a plan for many futures; or `none` of a plan by the method `rules`.
    pub foresight: String,
    /// The dry year that inflow is taken from beyond the forecast, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dry_year: Option<DryYearRow>,
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

/// What the plan was computed from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    /// SHA-256 of the basin file.
    pub basin: String,
    /// SHA-256 of each overlay, in the order in which they were laid.
    pub overlays: Vec<String>,
    /// What was gathered for the run and laid over the basin.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gathered: Vec<Gathered>,
    /// Id of the plan in force that it keeps near to, where one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_force: Option<String>,
    /// Series that were read.
    pub series: Vec<SeriesInput>,
    /// Storage of each reservoir at the start.
    pub start: Vec<StartRow>,
}

/// A series that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesInput {
    /// Address of what it gives.
    pub address: String,
    /// Unit.
    pub unit: String,
    /// File and column, or `profile`.
    pub origin: String,
    /// SHA-256 of what it was read from.
    pub digest: String,
    /// Time of its last value.
    pub last: Option<String>,
    /// What stands for missing values.
    pub substituted_by: Option<String>,
    /// Synthetic or assumed.
    pub assumed: bool,
}

/// Storage at the start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartRow {
    /// Reservoir.
    pub address: String,
    /// hm³
    pub storage_hm3: f64,
    /// m
    pub level_m: f64,
}

/// What computed the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EngineRow {
    /// Version of weir.
    pub weir: String,
    /// Solver and its version.
    pub solver: String,
    /// Options that matter for the result.
    pub options: BTreeMap<String, String>,
    /// Rows of the program.
    pub rows: usize,
    /// Columns of the program.
    pub columns: usize,
    /// Non-zeros of the program.
    pub non_zeros: usize,
    /// SHA-256 of the program; of a plan at true heads, of the program at the head of the start.
    pub program: String,
    /// SHA-256 of the basis, with its weights, that the solve started from; none where it began from nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starting_basis: Option<String>,
    /// SHA-256 of the one that it ended with, which lies beside the plan as `plan.basis`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub final_basis: Option<String>,
}

/// The time grid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HorizonRow {
    /// IANA name.
    pub time_zone: String,
    /// T starts of steps.
    pub starts: Vec<String>,
    /// End of the last step.
    pub end: String,
    /// T lengths, s.
    pub lengths_s: Vec<f64>,
}

/// A region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionRow {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Administrative code.
    pub code: Option<String>,
    /// Id of the region that holds it.
    pub parent: Option<String>,
}

/// A node, arc, requirement or account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Element {
    /// Address.
    pub id: String,
    /// Name as people read it.
    pub name: String,
    /// Nodes: `reservoir` `aquifer` `junction` `inflow` `source` `sink` and the demands' `waterworks` `irrigation` `demand`;
    /// arcs: `turbine` `gate` `ecological` `spillway` `reach` `diversion` `pump` `intake` `inflow`;
    /// requirements: `section` `works_release` `safe_discharge` `command` `operation`; and `account`.
    pub kind: String,
    /// Which of the four lists it is of.
    pub part: Part,
    /// Region's id.
    pub region: Option<String>,
    /// An arc's tail.
    pub from: Option<String>,
    /// An arc's receivers; those of a demand's return flow.
    pub to: Vec<String>,
    /// What a requirement or account is on: arcs, or a reservoir.
    pub on: Vec<String>,
    /// A standby link that is opened only by a mode or an overlay.
    pub standby: bool,
}

/// Which list an element is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Where water is.
    Node,
    /// A way of water.
    Arc,
    /// A rule on a flow or storage.
    Requirement,
    /// A sum over ways with a limit.
    Account,
}

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
    /// Hours a day that are left to it, of a turbine's least flow.
    pub hours_per_day: Option<f64>,
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
    /// Step, counted from 0.
    pub step: usize,
    /// Its start.
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

/// Whether the plan is true to its case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditRow {
    /// Nothing was found beyond tolerance and beyond the relaxations.
    pub passed: bool,
    /// What was found, in words.
    pub findings: Vec<String>,
    /// Largest residual by family of rules.
    pub residuals: Vec<FamilyResidual>,
    /// Where the plan and a forward replay on the non-linear basin part.
    pub replay: Vec<ReplayDeviation>,
    /// What that makes of levels, of flows through rated outlets and of energy, where it makes anything of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replay_consequences: Vec<ReplayConsequence>,
}

/// What proves, without a solver, how good the stages can be at best: docs/certificate.md.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateRow {
    /// Why stages have no proof, where some have none: `rules`, `integers`, `heads` (from the first stage that depends on them),
    /// `method` (one that neither ranks nor weighs), `engine` (one that tells no duals). Their bounds are the engine's word. `tree`: a
    /// member's part, which is proved with all others in the document of its ensemble.
    pub without: Option<String>,
    /// Largest residual of any rule in volume, hm³.
    pub residual_hm3: f64,
    /// Proofs, in the order of the stages.
    pub proofs: Vec<ProofRow>,
}

/// A proof: for every plan of the program, objective + Σ rate × (what is given − its value) ≥ bound, all as they are minimised.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProofRow {
    /// The stage's objective, or `weighted`: the weighted sum.
    pub of: String,
    /// Its value on the plan.
    pub value: f64,
    /// The bound, which holds in exact arithmetic.
    pub bound: f64,
    /// |value − bound|, relative to the value (absolute where it is 0).
    pub gap: f64,
    /// What comes before, with its rates.
    pub given: Vec<GivenRow>,
    /// A dual a row of the program, packed.
    pub duals: Packed,
}

/// Something that comes before a stage: for as much of it as the plan has, the stage is bounded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenRow {
    /// `stage0.CLASS`: what rules of a class gave way; an earlier stage's objective; an entry of it, counted from 0: `balance[3]`.
    pub what: String,
    /// Its value on the plan, with the stage's tolerance, as it is minimised.
    pub at: f64,
    /// Exchange rate λ ≥ 0: what a unit more of it takes off the bound.
    pub rate: f64,
}

/// Largest residual of a family of rules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FamilyResidual {
    /// Family.
    pub family: String,
    /// Rules checked, in all steps.
    pub checked: usize,
    /// Largest breach that no relaxation covers, hm³ (own unit for objectives, relative).
    pub largest: f64,
    /// Where.
    pub address: Option<String>,
}

/// Where the plan and a forward replay part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplayDeviation {
    /// Storage.
    pub address: String,
    /// Largest difference of storage, hm³ (replay − plan).
    pub largest_hm3: f64,
    /// End of the step in which it stands.
    pub at: String,
    /// Difference at the end of the horizon, hm³.
    pub at_end_hm3: f64,
    /// What the replay had to give up, in words.
    pub note: Option<String>,
}

/// What the replay makes of a level, a flow or an energy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplayConsequence {
    /// Storage or way.
    pub address: String,
    /// `level`, `flow` (what the rating lets pass against what is planned) or `energy`.
    pub quantity: String,
    /// Unit of the differences.
    pub unit: String,
    /// Largest difference (replay − plan).
    pub largest: f64,
    /// Of a level, end of the step at which it stands; else the step's start.
    pub at: String,
    /// Of an energy the sum of all steps, of a flow their mean, of a level the difference at the end.
    pub in_all: f64,
}

impl Content {
    /// The series of this address and quantity.
    pub fn series(&self, address: &str, quantity: &str) -> Option<&SeriesRow> {
        self.series.iter().find(|s| s.address == address && s.quantity == quantity)
    }

    /// The element with this id. An element's id may be a node's and a requirement's at once only if the file says so; nodes come first.
    pub fn element(&self, id: &str) -> Option<&Element> {
        self.elements.iter().find(|e| e.id == id)
    }
}
