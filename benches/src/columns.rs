//! A matrix gathered entry by entry, then compressed by columns.

use weir_solver::program::{Expression, Stage};

/// Entries as (column, row, value).
#[derive(Default)]
pub(crate) struct Entries(Vec<(u32, u32, f64)>);

impl Entries {
    pub(crate) fn add(&mut self, row: usize, column: usize, value: f64) {
        self.0.push((column as u32, row as u32, value));
    }

    /// Starts, indices and values by columns; entries of one place are added up.
    pub(crate) fn compressed(mut self, columns: usize) -> (Vec<i32>, Vec<i32>, Vec<f64>) {
        self.0.sort_by_key(|&(column, row, _)| (column, row));
        let mut starts = vec![0; columns + 1];
        let (mut indices, mut values) = (Vec::with_capacity(self.0.len()), Vec::with_capacity(self.0.len()));
        let mut last = None;
        for (column, row, value) in self.0 {
            if last == Some((column, row)) {
                *values.last_mut().expect("a place came before") += value;
                continue;
            }
            last = Some((column, row));
            starts[column as usize + 1] += 1;
            indices.push(row as i32);
            values.push(value);
        }
        for column in 0..columns {
            starts[column + 1] += starts[column];
        }
        (starts, indices, values)
    }
}

/// A stage that is minimised exactly.
pub(crate) fn stage(mut terms: Vec<(usize, f64)>, constant: f64, nominal: f64) -> Stage {
    terms.sort_by_key(|term| term.0);
    Stage { expression: Expression { terms, constant }, nominal, tolerance: 0.0, share: 1.0, leximin: None }
}
