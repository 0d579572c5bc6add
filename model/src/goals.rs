//! What is wanted: objectives as data, stages that order them, the method, the closing chain and the order of rules.

use crate::fairness::Fairness;
use crate::forcing::Param;
use crate::network::RuleClass;
use crate::place::Place;
use crate::plan::Decisions;
use crate::units::Ratio;

/// What is wanted of a plan.
#[derive(Clone, Debug)]
pub struct Goals {
    /// Every objective of the basin, whether a stage names it or not; all are re-measured on the plan.
    pub objectives: Vec<Objective>,
    /// How the staged objectives are traded off.
    pub method: Method,
    /// Indices in `objectives`, most important first.
    pub stages: Vec<usize>,
    /// Classes of rules, most protected first, for stage 0.
    pub rule_order: Vec<RuleClass>,
    /// Order of supply as the law and the office set it, first served first; empty where the stages give it.
    pub supply_order: Vec<SupplyLevel>,
    /// Whole numbers: rules of what is open or shut are held; without, the program is linear and leaves them out.
    pub integers: Option<Integers>,
    /// How energy by head enters the program.
    pub head: HeadModel,
    /// Whether the closing chain makes one plan of the many optimal ones.
    pub closing: bool,
}

impl Goals {
    /// By how much later stages may worsen an objective, in its own unit: not at all where no stage comes before another.
    pub fn tolerance(&self, objective: &Objective) -> f64 {
        if matches!(self.method, Method::Lexicographic(_)) { objective.tolerance } else { 0.0 }
    }
}

/// A level of the order of supply 供水次序. Who it names in any of its lists stands on it; who stands on two, on the first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SupplyLevel {
    /// Name as people read it.
    pub name: String,
    /// User classes.
    pub classes: Vec<String>,
    /// Uses: `domestic`, `production`, `industrial`, `agricultural`, `ecological`.
    pub uses: Vec<String>,
    /// Control sections and works releases.
    pub sections: Vec<String>,
    /// What sets it: text and article.
    pub clause: Option<String>,
}

/// How a program with whole numbers is solved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Integers {
    /// Relative gap at which a stage counts as solved.
    pub gap: f64,
    /// Seconds for all stages together; the best plan found by then is told with its gap.
    pub time_limit_s: Option<f64>,
}

impl Default for Integers {
    fn default() -> Self {
        Self { gap: 1e-4, time_limit_s: None }
    }
}

/// How energy that depends on the head of a turbine enters the program, which is linear. Plans are measured at true heads.
#[derive(Clone, Debug, Default)]
pub enum HeadModel {
    /// At the head of the start.
    #[default]
    Fixed,
    /// Linear around a plan, again and again, as long as the true objectives become better.
    Successive,
    /// First with so many zones of storage a step, each with its own cuts, whole numbers choosing among them; then successive.
    /// One zone has no whole numbers: its cuts lie nowhere under the true energy.
    Zones(usize),
    /// Linear around a plan, with storages near its own: one turn of the successive way.
    Around(std::sync::Arc<Around>),
}

/// A plan that energy is made linear around.
#[derive(Clone, Debug)]
pub struct Around {
    /// The plan.
    pub decisions: Decisions,
    /// By how much storages may differ from it, as a share of the range between their least and greatest.
    pub radius: f64,
}

/// How objectives are traded off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Method {
    /// One program: Σ weight × objective ÷ nominal.
    Weighted,
    /// Stage after stage, none worsened beyond its tolerance.
    Lexicographic(Lexicographic),
    /// A front of plans, the compromise among them the plan.
    Pareto(Points),
    /// As near to the objectives' aspirations as can be, by the worst of them.
    ReferencePoint,
    /// No program: the basin as run today, step by step, without foresight.
    Rules,
}

/// Where the points of a front lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Points {
    /// On a grid over the ranges of all stages but the first.
    Grid {
        /// Intervals of each range, at least 1.
        intervals: usize,
    },
    /// At its vertices.
    Vertices {
        /// Share of the ranges by which the front may lie beyond them; 0 for all vertices.
        gap: f64,
    },
}

/// How a lexicographic optimum is reached. All give the same values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lexicographic {
    /// The one of the others that suits the program's size.
    BySize,
    /// Optimal-face fixing, a solve a stage.
    Faces,
    /// Certified weights, one program a group of stages; falls back to faces.
    Weights,
}

/// An objective: a measure over a choice of the basin's parts.
///
/// Which parts: an empty list means all that the kind concerns; ids are those of the file.
#[derive(Clone, Debug)]
pub struct Objective {
    /// Id.
    pub id: String,
    /// Name as people read it.
    pub name: String,
    /// Where it was written.
    pub place: Place,
    /// Word of the measure: one of the registries' (`shortage`, `ecological_shortfall`, `balance`, `energy` …).
    pub kind: String,
    /// Elements (demands, reservoirs, accounts, arcs …).
    pub elements: Vec<String>,
    /// User classes.
    pub classes: Vec<String>,
    /// Uses: `domestic`, `production`, `industrial`, `agricultural`, `ecological`.
    pub uses: Vec<String>,
    /// Regions, each with all that it holds.
    pub regions: Vec<String>,
    /// Control sections and works releases.
    pub sections: Vec<String>,
    /// Tiers of demands, or parts of sections' targets, counted from 1.
    pub tiers: Vec<usize>,
    /// Measured relative to demand, target or capacity, in days, rather than as a volume.
    pub relative: bool,
    /// Weight in each step (1 unless given): multiplies what the step adds to the measure.
    pub weight: Param<Ratio>,
    /// Form, where the kind has several: one of [`crate::fairness::FORMS`] for a balance.
    pub form: Option<String>,
    /// What a balance weighs.
    pub fairness: Fairness,
    /// Zone of rule curves whose top is the line, for `rule_curve_deviation`.
    pub zone: Option<String>,
    /// What the water at the end is worth at most, for `end_value`.
    pub cuts: Vec<Cut>,
    /// Length of a satisfaction's period, for balance.
    pub period: Period,
    /// By how much a later stage may worsen it, in its own unit.
    pub tolerance: f64,
    /// Its typical size, in its own unit: the scale of the weighted method and of tolerances.
    pub nominal: f64,
    /// Its weight in the method `weighted`.
    pub share: f64,
    /// Value aimed at by the method `reference_point`, in its own unit.
    pub aspiration: Option<f64>,
    /// Value that is good enough, in its own unit: as a stage it is not pressed beyond it.
    pub enough: Option<f64>,
}

impl Objective {
    /// An objective of a kind over all that the kind concerns.
    pub fn plain(id: &str, kind: &str, place: Place) -> Self {
        Self {
            id: id.to_owned(),
            name: String::new(),
            place,
            kind: kind.to_owned(),
            elements: Vec::new(),
            classes: Vec::new(),
            uses: Vec::new(),
            regions: Vec::new(),
            sections: Vec::new(),
            tiers: Vec::new(),
            relative: false,
            weight: Param::constant(1.0),
            form: None,
            fairness: Fairness::default(),
            zone: None,
            cuts: Vec::new(),
            period: Period::Month,
            tolerance: 0.0,
            nominal: 1.0,
            share: 1.0,
            aspiration: None,
            enough: None,
        }
    }
}

/// A cut: the water at the end is worth at most so much.
#[derive(Clone, Debug, PartialEq)]
pub struct Cut {
    /// The function that it bounds; functions add up.
    pub of: String,
    /// Million yuan with empty storages.
    pub constant_million: f64,
    /// Storages with the price of their water, yuan/m³.
    pub per_m3: Vec<(String, f64)>,
}

/// Steps that are judged together: of satisfactions, and of requirements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Period {
    /// Each step.
    Step,
    /// Day.
    Day,
    /// 旬: 1–10, 11–20, 21–end of month.
    TenDays,
    /// Month.
    #[default]
    Month,
    /// The whole horizon.
    Horizon,
}

impl Period {
    /// The word in files and documents.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Day => "day",
            Self::TenDays => "旬",
            Self::Month => "month",
            Self::Horizon => "horizon",
        }
    }
}

/// Whether more or less is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sense {
    /// Less is better.
    Minimise,
    /// More is better.
    Maximise,
}

impl Sense {
    /// The word in documents.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Minimise => "minimise",
            Self::Maximise => "maximise",
        }
    }
}
