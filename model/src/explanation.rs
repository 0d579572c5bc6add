//! What explains a plan at a place and time: what one hm³ more and one less there would change, where it would go, what binds.
//!
//! All is the difference of two plans: the one that is explained, and the plan of the same question with one fact moved by a little
//! ([`Case::moved`](crate::case::Case::moved)), which keeps as near to the first as its goals allow. Changes are told by hm³, in each
//! stage's own unit and sense; the two sides differ where the optimum has a kink.
//! Units: hm³; shares of the water that was added (or taken).

mod beside;
mod binding;
mod chosen;
mod shortage;
#[cfg(test)]
mod tests;
mod trace;
mod whole;

use serde::Serialize;

pub use beside::held_beside;
pub use binding::{Binding, LOOKED_AT, NOT_HELD};
pub use shortage::{Shortage, most};
pub use trace::{End, Leg, Trace, trace};

/// What explains a place in a step.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// The address that was asked for.
    pub address: String,
    /// The node whose water is told of.
    pub node: String,
    /// Start of the step.
    pub from: String,
    /// Its end.
    pub to: String,
    /// One hm³ more there and then.
    pub more: Side,
    /// One hm³ less.
    pub less: Side,
    /// What binds around the address, with what moving it would change.
    pub binding: Vec<Priced>,
    /// Programs that were solved for it.
    pub solves: usize,
}

/// One side: what the next hm³ would change, or the last one changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Side {
    /// By how much the fact was moved for it, hm³; 0 where nothing is told of this side.
    pub by_hm3: f64,
    /// What a hm³ changes in each stage; of rules that give way, in hm³ by class.
    pub changes: Vec<Change>,
    /// How far the fact can be moved before a hm³ changes something else, hm³.
    pub range_hm3: f64,
    /// Whether the range ends there, rather than going on beyond what was tried.
    pub ends_there: bool,
    /// How much of it goes where `ends` say, hm³, at most the range: what comes after it goes elsewhere, though it is worth the same.
    /// None where no water was followed.
    pub way_hm3: Option<f64>,
    /// Why nothing is told of this side: `no_plan`; `unsettled`, where something changes within the smallest step that was tried;
    /// `no_derivative` of a plan that no linear program made.
    pub none: Option<String>,
    /// Where the water goes (or comes from).
    #[serde(flatten)]
    pub trace: Trace,
}

/// What a hm³ changes in a stage.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The stage's objective; `stage0.CLASS` of rules of a class that give way.
    pub stage: String,
    /// Unit of the stage.
    pub unit: String,
    /// Change by hm³, in the stage's own sense: what is minimised falls where it is negative.
    pub per_hm3: f64,
}

/// A limit that binds, and what moving it by a hm³ would change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Priced {
    /// The limit.
    #[serde(flatten)]
    pub binding: Binding,
    /// The limit raised.
    pub raised: Option<Side>,
    /// The limit lowered.
    pub lowered: Option<Side>,
}

impl Side {
    /// The first change that is any, in the order of the stages: what the water is worth.
    pub fn first(&self) -> Option<&Change> {
        self.changes.iter().find(|change| change.per_hm3 != 0.0)
    }

    /// What it changes in a stage.
    pub fn in_stage(&self, stage: &str) -> Option<f64> {
        self.changes.iter().find(|change| change.stage == stage).map(|change| change.per_hm3)
    }
}

/// Relative difference of two changes by hm³ that are one.
pub const SAME: f64 = 1e-4;

/// Whether two changes by hm³ are one.
pub fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= SAME * a.abs().max(b.abs())
}
