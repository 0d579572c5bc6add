//! A program as a free-format MPS file, its rows and columns named by address: for other solvers and for reading.
//!
//! Each stage is an `N` row; the first is the objective. Whole numbers stand between markers. Names hold no blanks.

use std::fmt::Write as _;
use std::path::Path;

use weir_model::case::Case;

use crate::formulation::Formulation;
use crate::program::{Program, Stage};

/// Writes a formulation.
///
/// # Errors
/// If the file cannot be written.
pub fn write(formulation: &Formulation, case: &Case, goals: &[&str], path: &Path) -> std::io::Result<()> {
    std::fs::write(path, text(formulation, case, goals))
}

/// A formulation as MPS text.
pub fn text(formulation: &Formulation, case: &Case, goals: &[&str]) -> String {
    let blankless = |name: String| name.replace(char::is_whitespace, "_");
    let names = Names {
        stages: (0..formulation.stages.len())
            .map(|k| format!("stage{}.{}", k + 1, blankless(goals.get(k).map_or("", |g| g).to_owned())))
            .collect(),
        rows: formulation.row_names(case).into_iter().map(blankless).collect(),
        columns: formulation.layout.names(case).into_iter().map(blankless).collect(),
    };
    named(&formulation.program, &formulation.stages, &names)
}

/// Names, each its own and without blanks.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Of stages.
    pub stages: Vec<String>,
    /// Of rows.
    pub rows: Vec<String>,
    /// Of columns.
    pub columns: Vec<String>,
}

/// A program with its stages as MPS text, of as many names as it has stages, rows and columns.
pub fn named(program: &Program, goals: &[Stage], names: &Names) -> String {
    let Names { stages, rows, columns } = names;
    let mut out = String::from("NAME weir\nROWS\n");
    // Writing into a String cannot fail.
    for stage in stages {
        let _ = writeln!(out, " N {stage}");
    }
    if stages.is_empty() {
        out.push_str(" N none\n");
    }
    let kinds: Vec<char> = program.row_lower.iter().zip(&program.row_upper).map(|(&l, &u)| kind(l, u)).collect();
    for (name, kind) in rows.iter().zip(&kinds) {
        let _ = writeln!(out, " {kind} {name}");
    }
    out.push_str("COLUMNS\n");
    let costs: Vec<Vec<f64>> = goals.iter().map(|stage| stage.expression.dense(program.columns())).collect();
    let mut whole = false;
    for (j, column) in columns.iter().enumerate() {
        if program.integers.binary_search(&j).is_ok() != whole {
            mark(&mut out, &mut whole);
        }
        for (stage, cost) in stages.iter().zip(&costs).filter(|(_, cost)| cost[j] != 0.0) {
            let _ = writeln!(out, " {column} {stage} {}", cost[j]);
        }
        for at in program.starts[j] as usize..program.starts[j + 1] as usize {
            let _ = writeln!(out, " {column} {} {}", rows[program.indices[at] as usize], program.values[at]);
        }
    }
    if whole {
        mark(&mut out, &mut whole);
    }
    out.push_str("RHS\n");
    for (stage, facts) in stages.iter().zip(goals).filter(|(_, facts)| facts.expression.constant != 0.0) {
        let _ = writeln!(out, " rhs {stage} {}", -facts.expression.constant);
    }
    for (i, name) in rows.iter().enumerate() {
        let side = if program.row_lower[i].is_finite() { program.row_lower[i] } else { program.row_upper[i] };
        if side.is_finite() && side != 0.0 {
            let _ = writeln!(out, " rhs {name} {side}");
        }
    }
    out.push_str("RANGES\n");
    for (i, name) in rows.iter().enumerate() {
        let (lower, upper) = (program.row_lower[i], program.row_upper[i]);
        if lower.is_finite() && upper.is_finite() && lower != upper {
            let _ = writeln!(out, " range {name} {}", upper - lower);
        }
    }
    out.push_str("BOUNDS\n");
    for (j, name) in columns.iter().enumerate() {
        let (lower, upper) = (program.column_lower[j], program.column_upper[j]);
        if lower == upper {
            let _ = writeln!(out, " FX bound {name} {lower}");
        } else {
            let _ = writeln!(out, " LO bound {name} {lower}\n UP bound {name} {upper}");
        }
    }
    out.push_str("ENDATA\n");
    out
}

/// Whole numbers begin, or end.
fn mark(out: &mut String, whole: &mut bool) {
    *whole = !*whole;
    out.push_str(if *whole { " marker 'MARKER' 'INTORG'\n" } else { " marker 'MARKER' 'INTEND'\n" });
}

fn kind(lower: f64, upper: f64) -> char {
    match (lower.is_finite(), upper.is_finite()) {
        (true, true) if lower == upper => 'E',
        (true, _) => 'G',
        (false, true) => 'L',
        (false, false) => 'N',
    }
}
