//! What is asked of the water, laid over the graph: requirements, accounts, curtailments and responses, with the classes of
//! hard rules by which stage 0 opens them.

use std::ops::Range;

use jiff::Zoned;

use crate::forcing::Param;
use crate::on_off::Assurance;
use crate::place::Place;
use crate::units::{Flow, Volume};

use super::{ArcId, NodeId};

/// A rule on a flow or a storage.
#[derive(Clone, Debug)]
pub struct Requirement {
    /// Address, such as `works_release_zhaoshandu`.
    pub id: String,
    /// Name as people read it.
    pub name: String,
    /// Where it was written.
    pub place: Place,
    /// Region that it is judged in.
    pub region: Option<usize>,
    /// What it is to people.
    pub kind: RequirementKind,
    /// What it is on.
    pub of: Of,
    /// Steps over whose mean floor and target are held, one after another; none where each step is held by itself.
    pub periods: Vec<Range<usize>>,
    /// Least value; m³/s, or hm³ on a storage. Hard, breach class `class`.
    pub floor: Option<Bound>,
    /// Whether the floor is lowered to natural inflow where that is less.
    pub floor_follows_natural: bool,
    /// Value owed: what lacks is the shortfall that `ecological_shortfall` objectives work on. At least the floor.
    pub target: Option<Bound>,
    /// The target's parts, as rising fractions of it, the last 1; part `i` is tier `i + 1` of an objective's `tiers`.
    pub target_parts: Vec<f64>,
    /// Greatest value. Hard, breach class `class`.
    pub ceiling: Option<Bound>,
    /// Greatest rise and fall of the value between steps, per day (m³/s per day; hm³ per day). Breach class `class`.
    pub rise_per_day: Option<Bound>,
    /// See `rise_per_day`.
    pub fall_per_day: Option<Bound>,
    /// Share of days on which the target must be met: held where the method has integers.
    pub assurance: Option<Assurance>,
    /// Class of the rule, for stage 0.
    pub class: RuleClass,
    /// Warning grades: word and the value ÷ target below which it holds, from mild to grave.
    pub grades: Vec<(String, f64)>,
}

/// A bound that follows the unit of what it bounds: m³/s of a flow, hm³ of a storage. ±∞ in a step means none there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// Of a flow.
    Flow(Param<Flow>),
    /// Of a storage.
    Volume(Param<Volume>),
    /// Of a storage, written as a level (a change: as one of the level, at the curve's smallest slope), as the volume that it means.
    Level(Param<Volume>),
}

/// What a requirement is on.
#[derive(Clone, Debug, PartialEq)]
pub enum Of {
    /// Σ coefficient × flow leaving on the arcs.
    Flow(Vec<(ArcId, f64)>),
    /// Storage at the end of the step.
    Storage(NodeId),
}

impl Of {
    /// Whether what flows by a way adds to it.
    pub fn adds(&self, way: ArcId) -> bool {
        matches!(self, Self::Flow(terms) if adds(terms, way))
    }
}

/// Whether what flows by a way adds to a sum over ways.
fn adds(terms: &[(ArcId, f64)], way: ArcId) -> bool {
    terms.iter().any(|&(arc, share)| arc == way && share > 0.0)
}

/// What a requirement is to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RequirementKind {
    /// Ecological flow at a control section 控制断面.
    ControlSection,
    /// Ecological release that a works' owner owes 工程下泄.
    WorksRelease,
    /// Greatest flow that a section bears 安全泄量.
    SafeDischarge,
    /// An order in force from above 调度命令.
    Command,
    /// Any other rule of operation: ramp, draw-down, level.
    Operation,
}

impl RequirementKind {
    /// Whether its target is an in-stream ecological one.
    pub const fn is_ecological(self) -> bool {
        matches!(self, Self::ControlSection | Self::WorksRelease)
    }
}

/// Classes of hard rules, by which stage 0 opens them; physical limits have none, they never open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RuleClass {
    /// An order in force from above.
    Command,
    /// Safe discharge of a section downstream.
    SafeDischarge,
    /// Flood limit of a reservoir.
    FloodLimit,
    /// Floor of domestic supply.
    DomesticFloor,
    /// Base ecological flow.
    BaseFlow,
    /// Other legal rules: hard accounts, floors of other uses.
    Legal,
    /// Rules of operation: ramps, hard end storage.
    Operational,
}

impl RuleClass {
    /// All classes, most protected first: the default of `[rules] order`.
    pub const DEFAULT_ORDER: [Self; 7] = [
        Self::Command,
        Self::SafeDischarge,
        Self::FloodLimit,
        Self::DomesticFloor,
        Self::BaseFlow,
        Self::Legal,
        Self::Operational,
    ];

    /// The word in files and documents.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::SafeDischarge => "safe_discharge",
            Self::FloodLimit => "flood_limit",
            Self::DomesticFloor => "domestic_floor",
            Self::BaseFlow => "base_flow",
            Self::Legal => "legal",
            Self::Operational => "operational",
        }
    }
}

/// A sum over arcs and a calendar window with a limit: permits, caps, allocations, section volumes.
#[derive(Clone, Debug)]
pub struct Account {
    /// Address.
    pub id: String,
    /// Name as people read it.
    pub name: String,
    /// Where it was written.
    pub place: Place,
    /// Σ coefficient × volume of the arc; the coefficient carries the basis (gross 取水, use 用水, consumption 耗水).
    pub terms: Vec<(ArcId, f64)>,
    /// Whether the limit is a cap (≤) or a duty (≥).
    pub at_most: bool,
    /// The windows that the horizon touches, in time's order.
    pub windows: Vec<AccountWindow>,
    /// Hard (it names a document), breach class `legal`; else its excess is an objective or minimised after the goals.
    pub hard: bool,
    /// Consequence bands: word and the share of the limit from which it holds, rising.
    pub bands: Vec<(String, f64)>,
}

impl Account {
    /// Whether what flows by a way counts in it.
    pub fn counts(&self, way: ArcId) -> bool {
        adds(&self.terms, way)
    }
}

/// One calendar window of an account, as the horizon sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountWindow {
    /// Label, such as `2026` or `2026-11`.
    pub label: String,
    /// First step in the window, and the step after its last.
    pub steps: Range<usize>,
    /// Limit of the whole window, hm³.
    pub limit_hm3: f64,
    /// Used in the window before the horizon, hm³ (0 for windows that begin within it).
    pub used_before_hm3: f64,
    /// What may be used within the horizon: (limit − used before) × the share of what is left of the window that the
    /// horizon covers, hm³; nothing where a cap was overused before.
    pub available_hm3: f64,
    /// How `available_hm3` came about, where the window reaches past the horizon or a gap was filled.
    pub note: Option<String>,
}

/// A curtailment 限水措施: classes' shares that may be cut by order.
#[derive(Clone, Debug, PartialEq)]
pub struct Curtailment {
    /// Id.
    pub id: String,
    /// Name as people read it.
    pub name: String,
    /// Where it was written.
    pub place: Place,
    /// Demands and their classes that it cuts.
    pub cuts: Vec<(NodeId, String)>,
    /// Share of what such a class wants that it cuts, from the last tier downwards, never into a floor.
    pub depth: f64,
    /// The drought response 响应等级 from which on it is allowed.
    pub response: Option<Response>,
    /// Hours from its order until it takes effect.
    pub lead_h: f64,
    /// The paper and clause that allow it.
    pub clause: String,
    /// In force by dates of its own, rather than by the response that is declared.
    pub ordered: bool,
    /// Between which moments it has effect; none if it is merely allowed.
    pub effect: Option<(Zoned, Zoned)>,
}

/// Levels of a drought response 响应等级, from the mildest to the gravest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Response {
    /// Ⅳ
    Fourth,
    /// Ⅲ
    Third,
    /// Ⅱ
    Second,
    /// Ⅰ
    First,
}

impl Response {
    /// All levels, the mildest first.
    pub const ALL: [Self; 4] = [Self::Fourth, Self::Third, Self::Second, Self::First];

    /// The word in files and documents.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fourth => "Ⅳ",
            Self::Third => "Ⅲ",
            Self::Second => "Ⅱ",
            Self::First => "Ⅰ",
        }
    }
}
