//! What the chosen storages lack to their end target 期末蓄水缺口.
//!
//! Σ max(0, target − storage at the end of the horizon) over storages with a soft end.
//! Sense: minimise. Units: hm³. Good: 0.
//! Limits: without it (or a hard end) a plan empties every reservoir on its last day.

use super::{Measure, Selection};
use crate::case::Case;
use crate::goals::{Objective, Sense};
use crate::plan::Decisions;

/// See the module.
pub struct EndStorage;

impl Measure for EndStorage {
    fn kind(&self) -> &'static str {
        "end_storage"
    }

    fn sense(&self) -> Sense {
        Sense::Minimise
    }

    fn unit(&self, _: &Objective) -> &'static str {
        "hm3"
    }

    fn value(&self, case: &Case, objective: &Objective, decisions: &Decisions) -> f64 {
        let mut total = 0.0;
        for (row, _, storage) in Selection::new(case, objective).storages() {
            let Some(end) = storage.end.filter(|end| !end.hard) else { continue };
            total += (end.storage_hm3 - decisions.storage_hm3[[row, case.horizon.steps()]]).max(0.0);
        }
        total
    }
}
