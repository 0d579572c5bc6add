//! What a live program tells of its stages to whoever listens to the solve.

use super::Live;
use crate::engine::{Progress, Told};

/// Who listens, and what is told.
pub(super) struct Telling {
    progress: Option<Progress>,
    /// Number of the stage that comes next in the part of the solve; none while a method solves programs that are none of its stages.
    next: Option<usize>,
}

impl Telling {
    /// To this listener, from the first stage on.
    pub fn to(progress: Option<Progress>) -> Self {
        Self { progress, next: Some(0) }
    }
}

impl Live {
    /// The stage that is told next; with none, stages are not told until it is set again.
    pub(crate) fn next_stage(&mut self, number: Option<usize>) {
        self.telling.next = number;
    }

    /// Tells that so many stages are solved together now, `passed` behind the next one.
    pub(crate) fn tell_stages(&self, passed: usize, count: usize) {
        if let (Some(progress), Some(next)) = (&self.telling.progress, self.telling.next) {
            progress.tell(&Told::Stages { first: next + passed, end: next + passed + count });
        }
    }

    /// Tells that a coarser program of these stages comes first.
    pub(super) fn tell_coarse(&self) {
        if let (Some(progress), Some(_)) = (&self.telling.progress, self.telling.next) {
            progress.tell(&Told::Coarse);
        }
    }

    /// Tells that the engine now minimises factor × (value − constant).
    pub(crate) fn minimises(&self, factor: f64, constant: f64) {
        if let Some(progress) = &self.telling.progress {
            progress.minimises(factor, constant);
        }
    }
}
