//! What the chosen storages lack to their end target 期末蓄水缺口.
//!
//! Σ max(0, target − storage at the end of the horizon − water on its way to it) over storages with a soft end.
//! On its way is what has left for the storage itself and arrives after the end, by arcs and by return flows, also what left before
//! the start; what must pass another node first is not counted. Hard ends stay on the storage alone.
//! Sense: minimise. Units: hm³. Good: 0.
//! Limits: without it (or a hard end) a plan empties every reservoir on its last day.

use super::{Measure, Selection};
use crate::case::Case;
use crate::goals::{Objective, Sense};
use crate::plan::Decisions;
use crate::water::Motion;

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
        let on_its_way = Motion::of(case, decisions).on_its_way;
        let mut total = 0.0;
        for (row, node, storage) in Selection::new(case, objective).storages() {
            let Some(end) = storage.end.filter(|end| !end.hard) else { continue };
            total += (end.storage_hm3 - decisions.storage_hm3[[row, case.horizon.steps()]] - on_its_way[node.0]).max(0.0);
        }
        total
    }
}
