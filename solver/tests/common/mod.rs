//! Small programs written row by row.

use weir_solver::program::{Expression, Program, Stage};

/// A row: bounds and a coefficient a column.
pub type Row<'a> = (f64, f64, &'a [f64]);

/// A program of these columns and dense rows.
pub fn program(columns: &[(f64, f64)], rows: &[Row<'_>], integers: &[usize]) -> Program {
    let mut program = Program {
        starts: vec![0],
        column_lower: columns.iter().map(|column| column.0).collect(),
        column_upper: columns.iter().map(|column| column.1).collect(),
        row_lower: rows.iter().map(|row| row.0).collect(),
        row_upper: rows.iter().map(|row| row.1).collect(),
        integers: integers.to_vec(),
        ..Program::default()
    };
    for j in 0..columns.len() {
        for (i, row) in rows.iter().enumerate() {
            if row.2[j] != 0.0 {
                program.indices.push(i as i32);
                program.values.push(row.2[j]);
            }
        }
        program.starts.push(program.indices.len() as i32);
    }
    program
}

/// A stage that minimises these costs exactly.
#[allow(dead_code, reason = "not every test file has stages")]
pub fn stage(costs: &[f64]) -> Stage {
    let terms = costs.iter().copied().enumerate().filter(|term| term.1 != 0.0).collect();
    Stage { expression: Expression { terms, constant: 0.0 }, nominal: 1.0, tolerance: 0.0, share: 1.0, leximin: None }
}

/// Without a bound.
pub const FREE: f64 = f64::INFINITY;
