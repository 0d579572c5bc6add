//! A plan: decisions in the basin's words and units, with how they were reached and what had to give.

use ndarray::Array2;

use crate::goals::Sense;
use crate::network::RuleClass;

/// What is decided; everything else of a plan follows from it and the case.
///
/// Shape: flow is arc × step, storage is storage (in the order of [`Network::storages`](crate::network::Network::storages))
/// × T + 1 (the first column is the start), supply is portion (in the order of demands, then portions) × step.
/// Units: m³/s (mean over the step) and hm³.
#[derive(Clone, Debug, PartialEq)]
pub struct Decisions {
    /// Flow leaving on each arc, given inflow included.
    pub flow_m3s: Array2<f64>,
    /// Storage at each edge of the horizon.
    pub storage_hm3: Array2<f64>,
    /// Supply of each portion.
    pub supply_m3s: Array2<f64>,
}

/// A plan: what to do, and what was asked of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What is decided.
    pub decisions: Decisions,
    /// The goals in order, as the solve left them.
    pub stages: Vec<StageResult>,
    /// The closing chain in order.
    pub closing: Vec<StageResult>,
    /// What had to give: the audit accepts exactly these breaches.
    pub relaxations: Vec<Relaxation>,
    /// Water values, by place and by the stages in which water has any there.
    pub water_values: Vec<WaterValues>,
    /// What proves how good the stages can be at best.
    pub certificate: Certificate,
    /// The front that the plan is the compromise of, where the method found one.
    pub front: Option<Front>,
    /// How the engine worked.
    pub engine: EngineFacts,
    /// Sentences for the reader: fall-backs that were taken, ties that remain.
    pub notes: Vec<String>,
}

/// What the stages' objectives can be together: points of which none dominates another, in the stages' order and own senses.
#[derive(Clone, Debug, PartialEq)]
pub struct Front {
    /// The best of each objective.
    pub ideal: Vec<f64>,
    /// The worst of each objective where another comes first.
    pub nadir: Vec<f64>,
    /// Value of each objective at each point.
    pub points: Vec<Vec<f64>>,
    /// Number in `points` of the compromise: nearest to the ideal by its largest distance, in ranges from ideal to nadir.
    pub compromise: usize,
    /// Share of the ranges by which the true front may lie beyond the points' hull, where it is proved.
    pub gap: Option<f64>,
    /// Programs solved for points.
    pub solves: usize,
    /// Of them infeasible.
    pub infeasible: usize,
}

/// What one hm³ more at a place would change in a stage, step by step, in the stage's own unit.
#[derive(Clone, Debug, PartialEq)]
pub struct WaterValues {
    /// The place: a storage, or a requirement on the flow out of one junction.
    pub address: String,
    /// Index of the stage.
    pub stage: usize,
    /// By the basis that the goals ended with: between the two sides, and one of them as a rule.
    pub values: Vec<f64>,
    /// Both sides, where they were solved for.
    pub sides: Option<Sides>,
}

/// Both one-sided derivatives, step by step; not a number where nothing can be told of that side.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sides {
    /// What the next hm³ would change.
    pub more: Vec<f64>,
    /// What the last hm³ changed: what is lost with it, with the other sign.
    pub less: Vec<f64>,
}

/// Why a member's part of a plan for many futures has no proof of its own: all parts are proved together.
pub const BY_THE_TREE: &str = "tree";

/// What stands behind the id of a goal that a plan for many futures is asked by its mean over them, right after the goal itself.
pub const BY_EXPECTATION: &str = ".expectation";

/// What proves, without a solver, how good the stages of a plan can be at best.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Certificate {
    /// Why stages have no proof, where some have none: `rules`, `integers`, `heads` (from the first stage that depends on them),
    /// `method` (one that neither ranks nor weighs), `engine` (one that tells no duals).
    pub without: Option<String>,
    /// What stage 0 let give way and the goals had use for where the plan, which used a tolerance up, has none: address and step.
    pub open: Vec<(String, usize)>,
    /// Proofs, in the order of the stages.
    pub proofs: Vec<Proof>,
}

/// A proof: for every plan of the program, objective + Σ rate × (what is given − its value) ≥ bound, all as they are minimised.
#[derive(Clone, Debug, PartialEq)]
pub struct Proof {
    /// The stage's objective, or `weighted`: the weighted sum.
    pub of: String,
    /// Its value on the plan.
    pub value: f64,
    /// The bound, which holds in exact arithmetic.
    pub bound: f64,
    /// What comes before, with its rates.
    pub given: Vec<Given>,
    /// A dual a row of the program.
    pub duals: Vec<f64>,
}

/// Something that comes before a stage: for as much of it as the plan has, the stage is bounded.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    /// `stage0.CLASS`: what rules of a class gave way; an earlier stage's objective; an entry of it, counted from 0: `balance[3]`.
    pub what: String,
    /// Its value on the plan, with the stage's tolerance, as it is minimised.
    pub at: f64,
    /// Exchange rate λ ≥ 0: what a unit more of it takes off the bound.
    pub rate: f64,
}

/// A stage as the solve left it.
#[derive(Clone, Debug, PartialEq)]
pub struct StageResult {
    /// Objective's id (a goal) or the chain's word (`equal_sharing`, `spill`, `variation`, `change`, `generic`).
    pub objective: String,
    /// Whether more or less is better.
    pub sense: Sense,
    /// Unit of the value.
    pub unit: String,
    /// Value that the stage reached, as it is measured on the plan; of a proved stage whose tolerance later ones used up, that of its own solve.
    pub value: f64,
    /// What its own solve reached in the program, at the heads that it takes.
    pub solved: f64,
    /// Best value possible, as far as it is proved.
    pub bound: Option<f64>,
    /// By how much later stages were allowed to worsen it.
    pub tolerance: f64,
    /// `optimal`, `feasible`, …
    pub outcome: String,
    /// What giving way here would buy in the next stage, where stages are ranked.
    pub rate: Option<Rate>,
    /// Simplex iterations it took.
    pub iterations: u64,
}

/// What a stage's giving way buys in the next one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// By how much one unit of this stage betters the next at most, at zero slack; in their own units.
    pub at_most: Option<f64>,
    /// A slack in this stage, and what it buys in the next by its own solve.
    pub bought: Option<(f64, f64)>,
}

/// A rule that had to give in a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Relaxation {
    /// Address of the rule, such as `shanxi.flood_limit`, `ruian_works.residents.floor` or `works_release_zhaoshandu.floor`.
    pub address: String,
    /// Class of the rule; none for dead level under a start below it.
    pub class: Option<RuleClass>,
    /// The step.
    pub step: usize,
    /// By how much, in hm³ (of a storage: at the step's end; of a flow: in the step).
    pub hm3: f64,
}

/// How the engine worked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EngineFacts {
    /// Name and version.
    pub solver: String,
    /// Options that matter for the result, in words.
    pub options: Vec<(String, String)>,
    /// Rows, columns and non-zeros of the program.
    pub size: (usize, usize, usize),
    /// SHA-256 of the program, as it was first built.
    pub program_digest: String,
    /// SHA-256 of the basis and weights that the solve started from, used or not; none where it began from nothing.
    pub starting_basis: Option<String>,
    /// SHA-256 of those that it ended with.
    pub final_basis: Option<String>,
}
