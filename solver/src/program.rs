//! Arrays only: a linear program with optional integer columns, and objective expressions over it. Not one word about water.

use std::collections::HashMap;
use std::hash::Hash;

/// What a coefficient's parts leave of it where they cancel.
const CANCELS: f64 = 1e-12;

/// minimise cost·x + offset subject to row_lower ≤ A x ≤ row_upper, column_lower ≤ x ≤ column_upper.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program {
    /// A, compressed by columns: `indices[starts[j]..starts[j + 1]]` are the rows of column j.
    pub starts: Vec<i32>,
    /// Row indices, rising within a column.
    pub indices: Vec<i32>,
    /// Values.
    pub values: Vec<f64>,
    /// Lower bounds of columns.
    pub column_lower: Vec<f64>,
    /// Upper bounds of columns.
    pub column_upper: Vec<f64>,
    /// Lower bounds of rows (−∞ allowed).
    pub row_lower: Vec<f64>,
    /// Upper bounds of rows (+∞ allowed).
    pub row_upper: Vec<f64>,
    /// Columns that must be whole numbers, rising; empty for an LP.
    pub integers: Vec<usize>,
    /// Rows that few optima are held by, rising: a solve from nothing may leave them out until a point breaks one.
    pub late: Vec<usize>,
    /// What means the same of neighbouring steps; empty where that is not told.
    pub blocks: Blocks,
}

/// Columns and rows that mean the same of neighbouring steps, by the number of their block, from 0 on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blocks {
    /// The steps that they are of.
    pub steps: usize,
    /// The block of each column.
    pub columns: Vec<u32>,
    /// The block of each row.
    pub rows: Vec<u32>,
}

impl Blocks {
    /// So many steps are one, where they are as long.
    pub const STEPS: usize = 7;

    /// Blocks of the columns and rows of so many steps whose keys are equal.
    pub fn of<C: Eq + Hash, R: Eq + Hash>(
        steps: usize,
        columns: impl Iterator<Item = C>,
        rows: impl Iterator<Item = R>,
    ) -> Self {
        Self { steps, columns: numbered(columns), rows: numbered(rows) }
    }
}

/// Equal keys by equal numbers, from 0 on.
fn numbered<K: Eq + Hash>(keys: impl Iterator<Item = K>) -> Vec<u32> {
    let mut numbers: HashMap<K, u32> = HashMap::new();
    keys.map(|key| {
        let next = numbers.len() as u32;
        *numbers.entry(key).or_insert(next)
    })
    .collect()
}

/// A linear expression over a program's columns, to be minimised.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expression {
    /// Columns with their coefficients, rising in column, none twice.
    pub terms: Vec<(usize, f64)>,
    /// Constant.
    pub constant: f64,
}

/// A stage of a method: an expression with the scale and slack that it is judged by.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// What is minimised.
    pub expression: Expression,
    /// Its typical size, > 0: tolerances on duals are relative to it, and `weighted` divides by it.
    pub nominal: f64,
    /// By how much later stages may worsen it; 0 for not at all.
    pub tolerance: f64,
    /// Its weight in the method `weighted`.
    pub share: f64,
    /// Where the stage maximises the least of several entries, then the next, and so on: these entries. The expression is
    /// then minus the least of them.
    pub leximin: Option<Leximin>,
}

/// Entries whose values, sorted from the least, are maximised one after another.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Leximin {
    /// Column t, which every entry's row holds under its value.
    pub worst: usize,
    /// Entries.
    pub entries: Vec<LeximinEntry>,
}

/// An entry of a [`Leximin`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeximinEntry {
    /// Column v that rows of the program hold at or under the entry's value.
    pub column: usize,
    /// Row v − t ≥ 0.
    pub row: usize,
}

/// What makes one program another of as many columns and rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// Columns with their new bounds.
    pub columns: Vec<(usize, f64, f64)>,
    /// Rows with their new bounds.
    pub rows: Vec<(usize, f64, f64)>,
    /// Coefficients, as (row, column, value); 0 where there is none any more.
    pub coefficients: Vec<(usize, usize, f64)>,
}

impl Program {
    /// The least changes that make this program another; none where that has other columns or rows, or other whole numbers.
    pub fn changes_to(&self, other: &Self) -> Option<Changes> {
        let alike = (self.columns(), self.rows(), &self.integers) == (other.columns(), other.rows(), &other.integers);
        let bounds = |own: [&Vec<f64>; 2], others: [&Vec<f64>; 2]| {
            let changed = |&j: &usize| own[0][j] != others[0][j] || own[1][j] != others[1][j];
            (0..own[0].len()).filter(changed).map(|j| (j, others[0][j], others[1][j])).collect()
        };
        alike.then(|| Changes {
            columns: bounds([&self.column_lower, &self.column_upper], [&other.column_lower, &other.column_upper]),
            rows: bounds([&self.row_lower, &self.row_upper], [&other.row_lower, &other.row_upper]),
            coefficients: (0..self.columns()).flat_map(|j| column_changes(j, self.column(j), other.column(j))).collect(),
        })
    }

    /// The program whose blocks are one column and one row each, by these bounds: a column takes the mean of its block's bounds, a row is
    /// the sum of its block's.
    pub fn coarse(&self, columns: &[(f64, f64)], rows: &[(f64, f64)]) -> Self {
        let mut members: Vec<Vec<usize>> = Vec::new();
        for (j, &block) in self.blocks.columns.iter().enumerate() {
            if members.len() <= block as usize {
                members.resize(block as usize + 1, Vec::new());
            }
            members[block as usize].push(j);
        }
        let height = self.blocks.rows.iter().max().map_or(0, |&block| block as usize + 1);
        let mut coarse =
            Self { starts: vec![0], row_lower: vec![0.0; height], row_upper: vec![0.0; height], ..Self::default() };
        for (&block, &(lower, upper)) in self.blocks.rows.iter().zip(rows) {
            coarse.row_lower[block as usize] += lower;
            coarse.row_upper[block as usize] += upper;
        }
        let mut sums = vec![0.0; height];
        let mut touched: Vec<usize> = Vec::new();
        for block in members {
            for &j in &block {
                for (i, value) in self.entries(j) {
                    let row = self.blocks.rows[i] as usize;
                    touched.push(row);
                    sums[row] += value;
                }
            }
            touched.sort_unstable();
            touched.dedup();
            for row in touched.drain(..) {
                // What cancels within a block leaves rounding.
                if sums[row].abs() > CANCELS {
                    coarse.indices.push(row as i32);
                    coarse.values.push(sums[row]);
                }
                sums[row] = 0.0;
            }
            coarse.starts.push(coarse.indices.len() as i32);
            let size = block.len() as f64;
            coarse.column_lower.push(block.iter().map(|&j| columns[j].0).sum::<f64>() / size);
            coarse.column_upper.push(block.iter().map(|&j| columns[j].1).sum::<f64>() / size);
        }
        coarse
    }

    /// The program of the columns that can move, and which these are: rows hold what the fixed ones leave of them, and those of fixed
    /// columns alone are gone.
    pub fn movable(&self) -> (Self, Vec<usize>) {
        let moves = |&j: &usize| self.column_lower[j] < self.column_upper[j];
        let columns: Vec<usize> = (0..self.columns()).filter(moves).collect();
        let mut taken = vec![0.0; self.rows()];
        for j in (0..self.columns()).filter(|j| !moves(j)) {
            self.entries(j).for_each(|(i, value)| taken[i] += value * self.column_lower[j]);
        }
        let mut has_any = vec![false; self.rows()];
        columns.iter().flat_map(|&j| self.column(j).0).for_each(|&i| has_any[i as usize] = true);
        let mut program = Self { starts: vec![0], ..Self::default() };
        let mut place = vec![0; self.rows()];
        for i in (0..self.rows()).filter(|&i| has_any[i]) {
            place[i] = program.rows() as i32;
            program.row_lower.push(self.row_lower[i] - taken[i]);
            program.row_upper.push(self.row_upper[i] - taken[i]);
        }
        for &j in &columns {
            let (rows, values) = self.column(j);
            program.indices.extend(rows.iter().map(|&i| place[i as usize]));
            program.values.extend(values);
            program.starts.push(program.indices.len() as i32);
            program.column_lower.push(self.column_lower[j]);
            program.column_upper.push(self.column_upper[j]);
        }
        let is_whole = |(_, j): &(usize, &usize)| self.integers.binary_search(j).is_ok();
        program.integers = columns.iter().enumerate().filter(is_whole).map(|(number, _)| number).collect();
        (program, columns)
    }

    /// Rows of a column with their coefficients, rising.
    fn column(&self, j: usize) -> (&[i32], &[f64]) {
        let entries = self.starts[j] as usize..self.starts[j + 1] as usize;
        (&self.indices[entries.clone()], &self.values[entries])
    }

    /// The same as (row, coefficient).
    pub fn entries(&self, j: usize) -> impl Iterator<Item = (usize, f64)> + use<'_> {
        let (rows, values) = self.column(j);
        rows.iter().map(|&row| row as usize).zip(values.iter().copied())
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.column_lower.len()
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.row_lower.len()
    }
}

/// The coefficients in which a column differs from what it was.
fn column_changes(j: usize, was: (&[i32], &[f64]), is: (&[i32], &[f64])) -> Vec<(usize, usize, f64)> {
    if was == is {
        return Vec::new();
    }
    let value = |(rows, values): (&[i32], &[f64]), row| rows.binary_search(row).map_or(0.0, |at| values[at]);
    let kept = is.0.iter().filter(|row| value(was, row) != value(is, row));
    let gone = was.0.iter().filter(|row| is.0.binary_search(row).is_err());
    kept.chain(gone).map(|row| (*row as usize, j, value(is, row))).collect()
}

impl Expression {
    /// Its value at x.
    pub fn value(&self, x: &[f64]) -> f64 {
        self.constant + self.terms.iter().map(|&(j, c)| c * x[j]).sum::<f64>()
    }

    /// The same over some of the columns, rising, the others where they are.
    pub fn over(&self, columns: &[usize], x: &[f64]) -> Self {
        let mut over = Self { terms: Vec::new(), constant: self.constant };
        for &(j, c) in &self.terms {
            match columns.binary_search(&j) {
                Ok(number) => over.terms.push((number, c)),
                Err(_) => over.constant += c * x[j],
            }
        }
        over
    }

    /// Its costs as a dense array over `columns` columns.
    pub fn dense(&self, columns: usize) -> Vec<f64> {
        let mut cost = vec![0.0; columns];
        for &(j, c) in &self.terms {
            cost[j] += c;
        }
        cost
    }
}

#[cfg(test)]
mod tests {
    use super::{Blocks, Expression, Program};

    /// A store over two days that takes 3 and 5, gives one release a day, and leaves what it has: as one step it takes 8 and gives two
    /// releases of one size; what it holds in between cancels.
    #[test]
    fn a_block_is_the_sum_of_its_rows_and_one_value_for_its_columns() {
        let program = Program {
            // Storages of both days, releases of both days; a balance each.
            starts: vec![0, 2, 3, 4, 5],
            indices: vec![0, 1, 1, 0, 1],
            values: vec![1.0, -1.0, 1.0, 1.0, 1.0],
            column_lower: vec![0.0, 2.0, 0.0, 0.0],
            column_upper: vec![10.0, 10.0, 4.0, f64::INFINITY],
            row_lower: vec![3.0, 5.0],
            row_upper: vec![3.0, f64::INFINITY],
            blocks: Blocks::of(2, ["storage", "storage", "release", "release"].into_iter(), ["balance"; 2].into_iter()),
            ..Program::default()
        };
        let bounds = |lower: &[f64], upper: &[f64]| lower.iter().copied().zip(upper.iter().copied()).collect::<Vec<_>>();
        let coarse = program
            .coarse(&bounds(&program.column_lower, &program.column_upper), &bounds(&program.row_lower, &program.row_upper));
        assert_eq!((coarse.starts, coarse.indices, coarse.values), (vec![0, 1, 2], vec![0, 0], vec![1.0, 2.0]));
        assert_eq!((coarse.column_lower, coarse.column_upper), (vec![1.0, 0.0], vec![10.0, f64::INFINITY]));
        assert_eq!((coarse.row_lower, coarse.row_upper), (vec![8.0], vec![f64::INFINITY]));
    }

    /// Two rows over three columns, of which the second is fixed and alone in the second row.
    #[test]
    fn what_is_fixed_is_taken_off_the_rows() {
        let program = Program {
            starts: vec![0, 1, 3, 4],
            indices: vec![0, 0, 1, 0],
            values: vec![1.0, 2.0, 1.0, -1.0],
            column_lower: vec![0.0, 3.0, 0.0],
            column_upper: vec![10.0, 3.0, 5.0],
            row_lower: vec![7.0, 3.0],
            row_upper: vec![f64::INFINITY, 3.0],
            integers: vec![1, 2],
            ..Program::default()
        };
        let (movable, columns) = program.movable();
        assert_eq!(columns, [0, 2]);
        assert_eq!((movable.starts, movable.indices, movable.values), (vec![0, 1, 2], vec![0, 0], vec![1.0, -1.0]));
        assert_eq!((movable.column_lower, movable.column_upper), (vec![0.0, 0.0], vec![10.0, 5.0]));
        assert_eq!((movable.row_lower, movable.row_upper), (vec![1.0], vec![f64::INFINITY]));
        assert_eq!(movable.integers, [1]);
        let sum = Expression { terms: vec![(1, 2.0), (2, 4.0)], constant: 1.0 };
        assert_eq!(sum.over(&columns, &program.column_lower), Expression { terms: vec![(1, 4.0)], constant: 7.0 });
    }
}
