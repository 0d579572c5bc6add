//! The document of an ensemble, `weir.ensemble`: what many futures of a basin come to, and the one plan for all of them where one was asked.
//!
//! As a plan document, its content is reproducible bytes whose digest is its id. The members' plans of a tree are plan documents beside it.
//! Version 0: it may still change.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{CertificateRow, ClosingRow, EngineRow, HorizonRow, SeriesKind, StageRow, canonical};

/// The schema that this version writes and reads.
pub const ENSEMBLE_SCHEMA: &str = "weir.ensemble/0";

/// The document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnsembleDocument {
    /// `weir.ensemble/0`.
    pub schema: String,
    /// SHA-256 of the content.
    pub id: String,
    /// Reproducible bytes.
    pub content: Ensemble,
}

/// What an ensemble comes to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ensemble {
    /// Basin's id.
    pub basin: String,
    /// Basin's name.
    pub basin_name: String,
    /// SHA-256 of the basin file.
    pub basin_digest: String,
    /// Name of the ensemble, in Chinese and English.
    pub name: [String; 2],
    /// SHA-256 of its file and of those that it names.
    pub digests: Vec<String>,
    /// The time grid.
    pub horizon: HorizonRow,
    /// Names of what bands, satisfactions and warnings are of, by id.
    pub names: BTreeMap<String, String>,
    /// The goals, in order.
    pub goals: Vec<GoalRow>,
    /// The members.
    pub members: Vec<MemberRow>,
    /// Each member by a plan of its own, which knows its future.
    pub hindsight: Spread,
    /// One plan now for all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tree: Option<TreeRow>,
    /// Why there is none, where one was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without_tree: Option<String>,
}

/// A goal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoalRow {
    /// Objective's id.
    pub objective: String,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// `minimise` or `maximise`.
    pub sense: String,
    /// Unit.
    pub unit: String,
}

/// A member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberRow {
    /// Id.
    pub id: String,
    /// Name, in Chinese and English.
    pub name: [String; 2],
    /// Its share of all weight.
    pub weight: f64,
    /// Why it has no plan, where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
    /// What cannot hold together in it, where its plan is that of least breach.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflict: Vec<String>,
    /// What its case is noted for and the basin's own is not, such as inflow below nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The goals by a plan of its own; empty where it has none.
    pub values: Vec<f64>,
    /// Its part of the tree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_tree: Option<BranchRow>,
}

/// A member's part of a tree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BranchRow {
    /// The member that it leaves; none of the first.
    pub from: Option<String>,
    /// Steps in which it is decided as that one.
    pub steps: usize,
    /// End of those.
    pub at: Option<String>,
    /// Id of its plan document.
    pub plan: String,
    /// The goals in it.
    pub values: Vec<f64>,
    /// By how much they are worse than by a plan of its own, which knows its future: negative where an earlier goal made room.
    pub regret: Vec<f64>,
}

/// Values over the members, by weight.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spread {
    /// Members that it is of.
    pub members: usize,
    /// Shares of weight up to which the quantiles reach.
    pub levels: Vec<f64>,
    /// The goals.
    pub goals: Vec<Quantiles>,
    /// Series.
    pub bands: Vec<Band>,
    /// Satisfactions over the horizon.
    pub satisfaction: Vec<SatisfactionSpread>,
    /// Warnings.
    pub warnings: Vec<WarningSpread>,
}

/// A number over the members.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quantiles {
    /// Mean by weight.
    pub mean: f64,
    /// One a level.
    pub quantiles: Vec<f64>,
}

/// A series over the members.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// Address.
    pub address: String,
    /// Quantity.
    pub quantity: String,
    /// Unit.
    pub unit: String,
    /// A state (T + 1 values) or a flow (T values).
    pub kind: SeriesKind,
    /// For each level the quantile at each time.
    pub quantiles: Vec<Vec<f64>>,
}

/// A use's satisfaction over the members.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SatisfactionSpread {
    /// Region's id.
    pub region: Option<String>,
    /// Use.
    #[serde(rename = "use")]
    pub use_: String,
    /// Ecological flow in the stream.
    pub in_stream: bool,
    /// Supply ÷ demand.
    pub ratio: Quantiles,
    /// Probability that it is less than what it is entitled to.
    pub short: f64,
    /// What it lacks in the mean, hm³.
    pub short_hm3: f64,
}

/// A warning over the members.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WarningSpread {
    /// Address.
    pub address: String,
    /// Kind, as in plans.
    pub kind: String,
    /// Grade.
    pub grade: String,
    /// Probability that it comes at all.
    pub probability: f64,
    /// When it begins at the earliest.
    pub from: String,
    /// When it ends at the latest.
    pub to: String,
}

/// One plan now for all members.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TreeRow {
    /// `expectation`, `worst` or `cvar`.
    pub objective: String,
    /// Of `cvar`: it is the mean of the worst 1 − alpha.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alpha: Option<f64>,
    /// `before` or `after` the decision.
    pub inflow_seen: String,
    /// `own` of each member, or `shared` until the branch.
    pub spill: String,
    /// Steps in which all members are decided alike.
    pub common_steps: usize,
    /// End of those: until when the plan holds whatever comes.
    pub common_until: Option<String>,
    /// What is decided until then, m³/s: a value a common step.
    pub decided: Vec<DecidedRow>,
    /// The goals over the members, as they are proved; behind one that is no mean its mean, with the id `GOAL.expectation`.
    pub stages: Vec<StageRow>,
    /// The closing chain.
    pub closing: Vec<ClosingRow>,
    /// What proves the goals.
    pub certificate: CertificateRow,
    /// What computed it.
    pub engine: EngineRow,
    /// What is let go before a storm, where the file names the member that it misses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pre_release: Option<PreRelease>,
    /// Values over the members of the tree.
    pub spread: Spread,
    /// Sentences for the reader.
    pub notes: Vec<String>,
}

impl TreeRow {
    /// The stage of a goal.
    pub fn stage(&self, objective: &str) -> Option<&StageRow> {
        self.stages.iter().find(|stage| stage.objective == objective)
    }
}

/// What is let go before a storm 预泄, and what that costs if it does not come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreRelease {
    /// The member that the storm misses.
    pub misses: String,
    /// Reservoirs that let go more than if it was known that the storm misses, where not all of it would have room.
    pub reservoirs: Vec<PreReleaseRow>,
    /// The greatest flow at each section until the branch, in any member.
    pub sections: Vec<SectionPeak>,
    /// What room each reservoir is left from the branch on.
    pub rooms: Vec<RoomRow>,
    /// What users off the stream are supplied with less if the storm misses, than if that had been known, by use.
    pub supply_lost: Vec<SupplyLostRow>,
}

/// The least room below a reservoir's limit from the branch on, in any member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoomRow {
    /// Reservoir.
    pub address: String,
    /// `flood_limit`; `normal` where it has none then; `top` of its curve where it has neither.
    pub limit: String,
    /// hm³ below the limit; less than nothing above it.
    pub room_hm3: f64,
    /// Whether all its outlets stand open as far as they go until the branch.
    pub open: bool,
    /// hm³ that a member lets go until the branch beyond the one that the storm misses, the most: where spill is each member's own, because
    /// it knows its future.
    pub apart_hm3: f64,
}

/// What a use loses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupplyLostRow {
    /// Use.
    #[serde(rename = "use")]
    pub use_: String,
    /// hm³ in the whole horizon.
    pub lost_hm3: f64,
}

/// A reservoir's pre-release.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreReleaseRow {
    /// Reservoir.
    pub address: String,
    /// hm³ that it lets go until the branch, beyond what it would if it was known that the storm misses.
    pub volume_hm3: f64,
    /// Start of the first step in which it does.
    pub from: String,
    /// Greatest outflow until the branch, m³/s.
    pub greatest_m3s: f64,
    /// hm³ that it holds less at the end of the horizon if the storm misses, than if that had been known.
    pub lost_hm3: f64,
    /// Probability that it holds as much again as at the start, at some time after the branch.
    pub refill: f64,
}

/// The greatest flow at a section.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SectionPeak {
    /// Section.
    pub address: String,
    /// m³/s
    pub greatest_m3s: f64,
    /// Start of its step.
    pub from: String,
}

/// A flow that is decided for all members.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecidedRow {
    /// Address of its arc.
    pub address: String,
    /// m³/s in each common step.
    pub values: Vec<f64>,
}

/// Why a text is no document of an ensemble.
#[derive(Debug, thiserror::Error)]
pub enum NoEnsemble {
    /// It has another form.
    #[error("is no document of an ensemble: {0}")]
    Form(#[from] serde_json::Error),
    /// It is of another schema.
    #[error("is of schema `{0}`, not `{ENSEMBLE_SCHEMA}`")]
    Schema(String),
    /// Its id is not the digest of its content.
    #[error("its id is not the digest of its content: it was changed")]
    Changed,
}

impl EnsembleDocument {
    /// The document of a content.
    pub fn new(content: Ensemble) -> Self {
        let id = canonical::digest(&content);
        Self { schema: ENSEMBLE_SCHEMA.to_owned(), id, content }
    }

    /// The document in a text.
    ///
    /// # Errors
    /// It is none, or was changed.
    pub fn parse(text: &str) -> Result<Self, NoEnsemble> {
        let document: Self = serde_json::from_str(text)?;
        if document.schema != ENSEMBLE_SCHEMA {
            return Err(NoEnsemble::Schema(document.schema));
        }
        if Self::new(document.content.clone()).id != document.id {
            return Err(NoEnsemble::Changed);
        }
        Ok(document)
    }

    /// The document as a text.
    pub fn to_json(&self) -> String {
        canonical::text(self) + "\n"
    }
}
