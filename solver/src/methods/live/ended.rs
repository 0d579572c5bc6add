//! Where each group of an order ended, to begin there when it is asked again.
//!
//! The basis of the last group is far from an optimum of the first, whose costs are others; its own stays dual feasible while only bounds
//! change, the rows that keep goals among them. Pays where each goal may give way, so that each is a group: the plain cascade 10x365 in a
//! tenth to two fifths of the time (docs/performance.md).

use super::Live;
use crate::engine::{Basis, EngineError};

/// The first stage of a group, and its basis.
pub(super) type Ended = (usize, Basis);

impl Live {
    /// Remembers that the group that begins with a stage ended where the last run did.
    pub(in crate::methods) fn remember(&mut self, first: usize) -> Result<(), EngineError> {
        let basis = self.without_faces(self.session.basis()?);
        self.ended.push((first, basis));
        Ok(())
    }

    /// Where groups ended, which is forgotten.
    pub(in crate::methods) fn take_ended(&mut self) -> Vec<Ended> {
        std::mem::take(&mut self.ended)
    }

    /// Starts the next run from where the group ended that begins with a stage; whether that is known.
    pub(in crate::methods) fn resume(&mut self, first: usize, ended: &[Ended]) -> Result<bool, EngineError> {
        let fits = |basis: &Basis| basis.columns.len() == self.columns.len() && basis.rows.len() <= self.rows.len();
        let Some((_, basis)) = ended.iter().find(|(stage, basis)| *stage == first && fits(basis)) else { return Ok(false) };
        self.settle()?;
        self.complete()?;
        self.session.set_basis(basis)?;
        Ok(true)
    }
}
