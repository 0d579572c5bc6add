//! Columns, rows and coefficients as they are collected, and the compressed [`Program`] made of them.

use crate::program::{Blocks, Program};

/// A program that grows: coefficients may come in any order and twice (they add up).
#[derive(Clone, Debug, Default)]
pub struct Matrix {
    entries: Vec<(u32, u32, f64)>,
    column_lower: Vec<f64>,
    column_upper: Vec<f64>,
    row_lower: Vec<f64>,
    row_upper: Vec<f64>,
    /// Columns that must be whole numbers, rising.
    integers: Vec<usize>,
    /// Rows that few optima are held by, rising.
    late: Vec<usize>,
}

impl Matrix {
    /// A new column with its bounds.
    pub fn column(&mut self, lower: f64, upper: f64) -> usize {
        self.column_lower.push(lower);
        self.column_upper.push(upper);
        self.column_lower.len() - 1
    }

    /// Makes the column added last a whole number.
    pub fn whole(&mut self) {
        self.integers.extend(self.column_lower.len().checked_sub(1));
    }

    /// Fixes columns; none need be a whole number after that.
    pub fn fix(&mut self, columns: &[(usize, f64, f64)]) {
        for &(column, lower, upper) in columns {
            self.set_bounds(column, lower, upper);
        }
        self.integers.clear();
    }

    /// A new row with its bounds.
    pub fn row(&mut self, lower: f64, upper: f64) -> usize {
        self.row_lower.push(lower);
        self.row_upper.push(upper);
        self.row_lower.len() - 1
    }

    /// Says of the row added last that few optima are held by it.
    pub fn late(&mut self) {
        self.late.extend(self.row_lower.len().checked_sub(1));
    }

    /// Adds a coefficient.
    pub fn add(&mut self, row: usize, column: usize, coefficient: f64) {
        self.entries.push((row as u32, column as u32, coefficient));
    }

    /// Adds a constant to a row's activity, by moving its bounds.
    pub fn add_constant(&mut self, row: usize, constant: f64) {
        self.row_lower[row] -= constant;
        self.row_upper[row] -= constant;
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.column_lower.len()
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.row_lower.len()
    }

    /// Coefficients as they were added, as (row, column, value).
    pub fn entries(&self) -> &[(u32, u32, f64)] {
        &self.entries
    }

    /// Bounds of a row.
    pub fn row_bounds(&self, row: usize) -> (f64, f64) {
        (self.row_lower[row], self.row_upper[row])
    }

    /// Bounds of a column.
    pub fn bounds(&self, column: usize) -> (f64, f64) {
        (self.column_lower[column], self.column_upper[column])
    }

    /// Sets the bounds of a column.
    pub fn set_bounds(&mut self, column: usize, lower: f64, upper: f64) {
        self.column_lower[column] = lower;
        self.column_upper[column] = upper;
    }

    /// The program. Coefficients of the same place are added up; those that cancel to 0 vanish.
    pub fn program(&self) -> Program {
        let mut starts = vec![0_usize; self.columns() + 1];
        for &(_, column, _) in &self.entries {
            starts[column as usize + 1] += 1;
        }
        for j in 0..self.columns() {
            starts[j + 1] += starts[j];
        }
        let mut next = starts.clone();
        let mut placed = vec![(0_u32, 0.0); self.entries.len()];
        for &(row, column, value) in &self.entries {
            placed[next[column as usize]] = (row, value);
            next[column as usize] += 1;
        }
        let mut program = Program {
            starts: vec![0],
            indices: Vec::with_capacity(placed.len()),
            values: Vec::with_capacity(placed.len()),
            column_lower: self.column_lower.clone(),
            column_upper: self.column_upper.clone(),
            row_lower: self.row_lower.clone(),
            row_upper: self.row_upper.clone(),
            integers: self.integers.clone(),
            late: self.late.clone(),
            blocks: Blocks::default(),
        };
        for j in 0..self.columns() {
            let column = &mut placed[starts[j]..starts[j + 1]];
            column.sort_by_key(|&(row, _)| row);
            let mut i = 0;
            while i < column.len() {
                let row = column[i].0;
                let mut value = 0.0;
                while i < column.len() && column[i].0 == row {
                    value += column[i].1;
                    i += 1;
                }
                if value != 0.0 {
                    program.indices.push(row as i32);
                    program.values.push(value);
                }
            }
            program.starts.push(program.indices.len() as i32);
        }
        program
    }
}

#[cfg(test)]
mod tests {
    use super::Matrix;

    #[test]
    fn coefficients_add_up_in_rising_rows() {
        let mut matrix = Matrix::default();
        let (a, b) = (matrix.column(0.0, 1.0), matrix.column(0.0, 2.0));
        let (r, s) = (matrix.row(0.0, 0.0), matrix.row(1.0, 5.0));
        matrix.add(s, a, 2.0);
        matrix.add(r, a, 1.0);
        matrix.add(s, a, 0.5);
        matrix.add(r, b, 1.0);
        matrix.add(r, b, -1.0);
        matrix.add_constant(s, 1.0);
        let program = matrix.program();
        assert_eq!((program.starts, program.indices, program.values), (vec![0, 2, 2], vec![0, 1], vec![1.0, 2.5]));
        assert_eq!((program.row_lower[1], program.row_upper[1]), (0.0, 4.0));
    }
}
