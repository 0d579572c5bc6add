//! A backtest: what came of each policy over the days of a record, as data, text and a page.
//!
//! The data are the JSON that is written: whoever computes further reads them there. A policy that could not be run to the end has
//! failures and no indices.
//! Units: hm³, m³/s, GWh in the data; 万m³, m³/s, 万kW·h for people.

mod charts;
mod page;
mod table;

pub use page::page;
pub use table::text;

use serde::Serialize;

use crate::language::{Phrase, both};

/// A backtest.
#[derive(Clone, Debug, Serialize)]
pub struct Backtest {
    /// Id of the basin.
    pub basin: String,
    /// Its name.
    pub name: String,
    /// IANA name of its zone.
    pub time_zone: String,
    /// The basin's file marks facts assumed 待核, or series synthetic.
    pub assumed: bool,
    /// First day.
    pub from: String,
    /// Last day.
    pub to: String,
    /// Days from a solve to the next.
    pub every: usize,
    /// Steps of the horizon of each solve.
    pub steps: Vec<String>,
    /// Starts of the days, RFC 3339.
    pub starts: Vec<String>,
    /// Policies, in the order in which they were asked for.
    pub policies: Vec<Policy>,
}

/// A policy, and what came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Policy {
    /// Its word: `perfect`, `climatology`, `persistence`, `given`, `tree`, `rules`, `observed`, `hindsight`; of other releases that were
    /// carried out, the name that they were given.
    pub id: String,
    /// Solves that ended with a plan.
    pub solves: usize,
    /// Days on which a rule gave way in the plan that was carried out.
    pub breach_days: usize,
    /// The rules that did, on the days that were carried out.
    pub gave_way: Vec<GaveWay>,
    /// Of releases that were carried out, the ways that passed less than was asked of them.
    pub cut: Vec<Cut>,
    /// Of given forecasts, the mornings that they say nothing on.
    pub unforecast: Vec<Unforecast>,
    /// What went otherwise than it should, in time's order.
    pub failures: Vec<Failure>,
    /// Indices; none where it did not come to the end.
    pub indices: Option<Indices>,
    /// Series: a value a day, storages one more at the start; none where it did not come to the end.
    pub series: Vec<Line>,
}

/// A rule that gave way in plans.
#[derive(Clone, Debug, Serialize)]
pub struct GaveWay {
    /// Address of the rule.
    pub address: String,
    /// What that names.
    #[serde(skip)]
    pub name: Phrase,
    /// Its class; none of a physical bound under a start beyond it.
    pub class: Option<String>,
    /// Days on which it did.
    pub days: usize,
    /// The most by which it did on any, hm³.
    pub most_hm3: f64,
}

/// A way that passed less than the releases that were carried out say: its capacity or the water there binds.
#[derive(Clone, Debug, Serialize)]
pub struct Cut {
    /// Address of the way.
    pub address: String,
    /// What that names.
    #[serde(skip)]
    pub name: Phrase,
    /// Days on which it did.
    pub days: usize,
    /// The most that lacked on any, m³/s.
    pub most_m3s: f64,
}

/// Mornings on which no given forecast tells of a day to come, of some inflows.
#[derive(Clone, Debug, Serialize)]
pub struct Unforecast {
    /// The inflows.
    pub inflows: Vec<String>,
    /// What those are called.
    #[serde(skip)]
    pub names: Vec<Phrase>,
    /// The mornings.
    pub mornings: Vec<String>,
    /// Of how many.
    pub of: usize,
    /// The foresight that stands in: `climatology` or `persistence`.
    pub instead: &'static str,
}

/// Days that went otherwise than by a plan, and why.
#[derive(Clone, Debug, Serialize)]
pub struct Failure {
    /// The first of them.
    pub day: String,
    /// How many.
    pub days: usize,
    /// Why.
    pub cause: String,
    /// The same as people read it.
    #[serde(skip)]
    pub said: Phrase,
    /// What was done instead.
    pub instead: Instead,
}

/// What was done on days that went otherwise than by a plan of their morning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Instead {
    /// The last plan that there was, carried on by the rules.
    LastPlan,
    /// The rules of today.
    Rules,
    /// Nothing: the run ended.
    Ended,
    /// They were done, and more water came or went than can be.
    Impossible,
}

impl Instead {
    /// As people read it, behind the days.
    pub fn phrase(self) -> Phrase {
        match self {
            Self::LastPlan => both(
                "未按当日方案：沿用上一方案，按规则延续",
                "without a plan of their own, the last plan carried on by the rules",
            ),
            Self::Rules => both("未按当日方案：按现行规则执行", "without a plan, by the rules of today"),
            Self::Ended => both("回测在此中止", "the run ended here"),
            Self::Impossible => both("水量无法平衡", "impossible as carried out"),
        }
    }
}

/// How a policy fared.
#[derive(Clone, Debug, Serialize)]
pub struct Indices {
    /// Users, all and by use.
    pub uses: Vec<UseRow>,
    /// Control sections and works releases.
    pub sections: Vec<SectionRow>,
    /// Reservoirs.
    pub stores: Vec<StoreRow>,
    /// Energy made; none without turbines.
    pub energy_gwh: Option<f64>,
    /// The goals in their order, measured on the days.
    pub objectives: Vec<ObjectiveRow>,
    /// Rules that did not hold.
    pub breaches: Vec<BreachRow>,
}

/// Users of a use.
#[derive(Clone, Debug, Serialize)]
pub struct UseRow {
    /// The use, or `all`.
    #[serde(rename = "use")]
    pub use_: String,
    /// Wanted.
    pub demand_hm3: f64,
    /// Delivered.
    pub supply_hm3: f64,
    /// Days.
    pub days: usize,
    /// Days on which something lacked.
    pub days_short: usize,
    /// 历时保证率.
    pub time_reliability: f64,
    /// 供水量保证率.
    pub volume_reliability: f64,
    /// 可恢复性; none where no day was short.
    pub resilience: Option<f64>,
    /// 脆弱性; none where no day was short.
    pub vulnerability_m3s: Option<f64>,
    /// Most days short in a row.
    pub longest_days: usize,
    /// 缺水指数.
    pub shortage_index: f64,
    /// Mean shortage over all days.
    pub mean_shortage_m3s: f64,
    /// Mean of its square, (m³/s)².
    pub mean_squared_shortage: f64,
}

/// A control section or works release.
#[derive(Clone, Debug, Serialize)]
pub struct SectionRow {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Days with a target.
    pub valid_days: usize,
    /// Days on which it was met.
    pub days_met: usize,
    /// Days met ÷ valid days.
    pub assurance: Option<f64>,
    /// Flow ÷ target of the worst seven days.
    pub worst_week: Option<f64>,
    /// Most days below the target in a row.
    pub longest_days: usize,
}

/// A reservoir.
#[derive(Clone, Debug, Serialize)]
pub struct StoreRow {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Least storage.
    pub least_hm3: f64,
    /// Storage at the end.
    pub end_hm3: f64,
    /// Spilled.
    pub spill_hm3: f64,
    /// Days that ended above the flood limit.
    pub days_above_limit: usize,
    /// Most above it.
    pub most_above_limit_hm3: f64,
    /// Mean change of the outflow from day to day.
    pub jitter_m3s: f64,
}

/// A goal, measured on the days.
#[derive(Clone, Debug, Serialize)]
pub struct ObjectiveRow {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: String,
    /// `minimise` or `maximise`.
    pub sense: String,
    /// Unit.
    pub unit: String,
    /// Value.
    pub value: f64,
}

/// A rule that did not hold.
#[derive(Clone, Debug, Serialize)]
pub struct BreachRow {
    /// Family of rules, as the audit calls it.
    pub family: String,
    /// Address of the rule.
    pub address: String,
    /// Days on which it did not hold.
    pub days: usize,
    /// By how much in all.
    pub size: f64,
    /// Unit of that.
    pub unit: String,
}

/// A series.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// Element; empty for that of the whole basin.
    pub address: String,
    /// Its name.
    pub name: String,
    /// What is told.
    pub quantity: String,
    /// Its unit.
    pub unit: String,
    /// Values.
    pub values: Vec<f64>,
}

impl Policy {
    /// What it is called.
    pub fn name(&self) -> Phrase {
        policy(&self.id)
    }

    /// A series.
    pub fn line(&self, address: &str, quantity: &str) -> Option<&Line> {
        self.series.iter().find(|line| line.address == address && line.quantity == quantity)
    }
}

/// What a policy is called.
pub fn policy(word: &str) -> Phrase {
    POLICIES.iter().find(|(known, ..)| *known == word).map_or_else(|| Phrase::same(word), |(_, zh, en)| both(*zh, *en))
}

/// Policies by word, in Chinese and in English.
pub const POLICIES: &[(&str, &str, &str)] = &[
    ("perfect", "滚动·完全预知", "rolling, perfect"),
    ("climatology", "滚动·多年平均", "rolling, climatology"),
    ("persistence", "滚动·来水持平", "rolling, persistence"),
    ("given", "滚动·给定预报", "rolling, given forecasts"),
    ("tree", "滚动·给定预报情景树", "rolling, tree of given forecasts"),
    ("rules", "现行规则", "rules of today"),
    ("observed", "实际调度", "as it was"),
    ("hindsight", "事后最优", "hindsight"),
];
