//! Whether a plan is true to its case, and what proves it.

use serde::{Deserialize, Serialize};

use super::Packed;

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
    /// What might have given way beside `relaxations` and does not in the plan, which used a tolerance up: the goals were proved with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<OpenRow>,
    /// Largest residual of any rule in volume, hm³.
    pub residual_hm3: f64,
    /// Proofs, in the order of the stages.
    pub proofs: Vec<ProofRow>,
}

/// A rule that might have given way in a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenRow {
    /// Address of the rule, as relaxations have it.
    pub address: String,
    /// The step.
    pub step: usize,
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
