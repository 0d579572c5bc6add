//! The reproducible part of a plan document.
//!
//! Times are RFC 3339 with offset; an interval is stamped at its start. Units stand in each series and in each field's name:
//! m³/s (mean over the step), hm³, m, GWh. Everything that a report draws is here.

mod audit;
mod case;
mod futures;
mod goals;
mod inputs;
mod results;

use serde::{Deserialize, Serialize};

pub use super::packed::Packed;
pub use crate::laid::Gathered;
pub use audit::{AuditRow, CertificateRow, FamilyResidual, GivenRow, OpenRow, ProofRow, ReplayConsequence, ReplayDeviation};
pub use case::{AmendedRow, Assumed, CaseRow, CommandRow, CostRow, CurtailmentRow, DryYearRow, InflowRow, ScenarioRow};
pub use futures::{FutureRow, Futures};
pub use goals::{ClosingRow, FrontRow, ObjectiveRow, RateRow, StageRow, WaterValueRow};
pub use inputs::{Element, EngineRow, HorizonRow, Inputs, Part, RegionRow, SeriesInput, StartRow};
pub use results::{AccountRow, LeftOut, Order, RelaxationRow, SatisfactionRow, SeriesKind, SeriesRow, ShortRow, WarningRow};

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
    /// Why each class of a demand and each section is short that is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub short: Vec<ShortRow>,
    /// Uses and sections without a physical source, which the satisfactions leave out.
    pub left_out: Vec<LeftOut>,
    /// Accounts by window.
    pub accounts: Vec<AccountRow>,
    /// What the reader must notice.
    pub warnings: Vec<WarningRow>,
    /// Of a member's part of a plan for many futures: who they are, and what they come to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub futures: Option<Futures>,
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
