//! The futures that a plan by a tree is for, and what they come to: bands of series, and the probability of each warning.

use serde::{Deserialize, Serialize};

use super::Content;
use crate::document::ensemble::{Band, WarningSpread};

/// The futures that a plan is one for: the document of each member's part tells the same of them, but for whose it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Futures {
    /// Name of the ensemble, in Chinese and English.
    pub name: [String; 2],
    /// SHA-256 of its file and of those that it names.
    pub digests: Vec<String>,
    /// The members.
    pub members: Vec<FutureRow>,
    /// Id of the one whose part of the tree the plan is.
    pub member: String,
    /// `expectation`, `worst` or `cvar`.
    pub objective: String,
    /// Of `cvar`: it is the mean of the worst 1 − alpha.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alpha: Option<f64>,
    /// Until when all are decided alike; none where they part from the first step on.
    pub common_until: Option<String>,
    /// Shares of weight up to which the quantiles reach.
    pub levels: Vec<f64>,
    /// Series over the members' parts; one whose quantiles are all the same has no band.
    pub bands: Vec<Band>,
    /// Warnings over the members' parts.
    pub warnings: Vec<WarningSpread>,
}

/// A future.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FutureRow {
    /// Id.
    pub id: String,
    /// Name, in Chinese and English.
    pub name: [String; 2],
    /// How probable it is.
    pub weight: f64,
}

impl Futures {
    /// How probable a warning is; none where no member has it.
    pub fn probability(&self, address: &str, kind: &str, grade: &str) -> Option<f64> {
        let mut rows = self.warnings.iter();
        rows.find(|row| row.address == address && row.kind == kind && row.grade == grade).map(|row| row.probability)
    }
}

impl Content {
    /// Tells of the futures that the plan is one for, and how probable each of its warnings is.
    pub fn tell_futures(&mut self, futures: Futures) {
        for row in &mut self.warnings {
            row.probability = futures.probability(&row.address, &row.kind, &row.grade);
        }
        self.futures = Some(futures);
    }
}
