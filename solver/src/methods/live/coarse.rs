//! A first basis from a coarser program: neighbouring steps as one.
//!
//! A program may tell which of its columns and rows mean the same of neighbouring steps ([`Blocks`](crate::program::Blocks)). The coarse
//! program has one column for all of a block, which take one value, and one row that is their sum: what a storage is within a block
//! cancels in its balance, which so holds over the block. Its optimum takes a seventh of the rows and few iterations; each column and row
//! then begins where its block ended. That is a basis of the whole program in all but the seams, which dual simplex rights.
//!
//! A session begins so anew where a change is wide: from the basis of the last answer dual simplex takes about as many iterations as basic
//! columns and rows lie beyond their bounds, which the engine tells at once, over a long horizon fewer, since what puts right one day puts
//! right those behind it; and each is the dearer the more rows a step has.
//!
//! Only a start: what is solved from it is proved as any other, and after as many iterations as the whole program has rows it is given up.
//! Pays where a solve from nothing takes long: the rich cascade 10x365 in half the time, 50x365 in two fifths (docs/performance.md).

use super::Live;
use crate::engine::{Basis, EngineError, Options, Standing};
use crate::program::{Expression, Stage};

/// A basis with more basic columns and rows beyond their bounds in each step than so many times the square root of the rows a step is too far
/// from an optimum: even with a solve from nothing at rich 10x365, × 1.6, and rich 50x365, × 1.2.
const FAR: f64 = 1.05;

impl Live {
    /// Whether the next run begins from nothing and could from a coarser program. A basis that is too far from an optimum is forgotten.
    pub(in crate::methods) fn begins_coarsely(&mut self) -> Result<bool, EngineError> {
        let blocks = &self.program.blocks;
        let are_told = !blocks.columns.is_empty()
            && (blocks.columns.len(), blocks.rows.len()) == (self.program.columns(), self.program.rows());
        if !are_told || !self.from_nothing || !self.tells_faces() {
            return Ok(false);
        }
        self.settle()?;
        if self.starts_from_a_basis() {
            let even = (self.program.blocks.steps * self.program.rows()) as f64;
            let is_far = |count: u64| count as f64 > FAR * even.sqrt();
            // So few changes put few beyond, and the engine takes a while to count them.
            if !is_far(std::mem::take(&mut self.changed)) || !self.session.beyond()?.is_some_and(is_far) {
                return Ok(false);
            }
            self.session.forget()?;
        }
        // What was released or changed since the program was opened brought back the rows that come late.
        self.complete()?;
        self.hold_back()?;
        Ok(true)
    }

    /// The coarser program, live, with these stages over it; none where the engine tells no basis.
    pub(in crate::methods) fn coarser(&self, stages: &[Stage]) -> Result<Option<(Self, Vec<Stage>)>, EngineError> {
        let coarse = self.program.coarse(&self.columns, &self.rows);
        let Some(session) = self.session.beside(&coarse, self.program.rows() as u64)? else { return Ok(None) };
        let over = |stage: &Stage| {
            let mut summed = vec![0.0; coarse.columns()];
            for &(column, cost) in &stage.expression.terms {
                summed[self.program.blocks.columns[column] as usize] += cost;
            }
            let terms = summed.into_iter().enumerate().filter(|(_, cost)| *cost != 0.0).collect();
            Stage { expression: Expression { terms, constant: stage.expression.constant }, ..stage.clone() }
        };
        let stages = stages.iter().map(over).collect();
        self.tell_coarse();
        Ok(Some((Self::around(session, coarse, &Options::default()), stages)))
    }

    /// Starts the next run where the coarser program ended.
    pub(in crate::methods) fn start_where(&mut self, coarse: &Self) -> Result<(), EngineError> {
        let basis = self.spread(coarse)?;
        self.session.set_basis(&basis)
    }

    /// Starts the next run there if the engine breaks down where it starts.
    pub(in crate::methods) fn start_else_where(&mut self, coarse: &Self) -> Result<(), EngineError> {
        self.other_start = Some(self.spread(coarse)?);
        Ok(())
    }

    /// The basis in which each column and row stands as its block does.
    fn spread(&self, coarse: &Self) -> Result<Basis, EngineError> {
        let ended = coarse.session.basis()?;
        let spread = |blocks: &[u32], ended: &[Standing]| blocks.iter().map(|&block| ended[block as usize]).collect();
        let blocks = &self.program.blocks;
        Ok(Basis { columns: spread(&blocks.columns, &ended.columns), rows: spread(&blocks.rows, &ended.rows) })
    }
}
