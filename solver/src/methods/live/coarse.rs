//! A first basis from a coarser program: neighbouring steps as one.
//!
//! A program may tell which of its columns and rows mean the same of neighbouring steps ([`Blocks`](crate::program::Blocks)). The coarse
//! program has one column for all of a block, which take one value, and one row that is their sum: what a storage is within a block
//! cancels in its balance, which so holds over the block. Its optimum takes a seventh of the rows and few iterations; each column and row
//! then begins where its block ended. That is a basis of the whole program in all but the seams, which dual simplex rights.
//!
//! Only a start: what is solved from it is proved as any other. Pays where a solve from nothing takes long: the rich cascade 10x365 in
//! half the time, 50x365 in two fifths (docs/performance.md).

use super::Live;
use crate::engine::{Algorithm, Basis, EngineError, Standing};

impl Live {
    /// Whether the next run begins from nothing and could from a coarser program.
    pub(in crate::methods) fn can_start_coarsely(&self) -> bool {
        let blocks = &self.program.blocks;
        let are_told = !blocks.columns.is_empty()
            && (blocks.columns.len(), blocks.rows.len()) == (self.program.columns(), self.program.rows());
        are_told && self.from_nothing && self.tells_faces() && !self.starts_from_a_basis()
    }

    /// Starts the next run from the basis of the coarser program by these costs, where that has an optimum; whether it has.
    pub(in crate::methods) fn start_coarsely(&mut self, costs: &[f64]) -> Result<bool, EngineError> {
        self.settle()?;
        let coarse = self.program.coarse(&self.columns, &self.rows);
        let Some(mut session) = self.session.beside(&coarse)? else { return Ok(false) };
        let blocks = &self.program.blocks;
        let mut summed = vec![0.0; coarse.columns()];
        for (&block, cost) in blocks.columns.iter().zip(costs) {
            summed[block as usize] += cost;
        }
        session.set_costs(&summed)?;
        if !session.solve(Algorithm::Automatic)?.outcome.has_point() {
            return Ok(false);
        }
        let ended = session.basis()?;
        let spread = |blocks: &[u32], ended: &[Standing]| blocks.iter().map(|&block| ended[block as usize]).collect();
        let basis = Basis { columns: spread(&blocks.columns, &ended.columns), rows: spread(&blocks.rows, &ended.rows) };
        self.session.set_basis(&basis)?;
        Ok(true)
    }
}
