//! Arrays only: a linear program with optional integer columns, and objective expressions over it. Not one word about water.

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

    /// Its costs as a dense array over `columns` columns.
    pub fn dense(&self, columns: usize) -> Vec<f64> {
        let mut cost = vec![0.0; columns];
        for &(j, c) in &self.terms {
            cost[j] += c;
        }
        cost
    }
}
