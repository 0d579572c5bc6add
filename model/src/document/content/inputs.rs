//! What a plan was computed from and by, on which steps, of which elements.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Gathered;

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
