//! From a case and its goals to a program: reads as a table of contents.
//!
//! Columns and rows are named in `docs/formulation.md`. Units: hm³, flows hm³ in the step.

use std::collections::HashMap;

use sha2::{Digest, Sha256};
use weir_model::case::Case;
use weir_model::goals::{Goals, Objective, Sense};
use weir_model::horizon::Horizon;
use weir_model::measures::{Measure, measure};

use crate::builder::{Breach, Builder, RowKey, Soft};
use crate::engine::Large;
use crate::layout::{Key, Layout, Open, Quantity, Subject};
use crate::matrix::Matrix;
use crate::objectives;
use crate::power;
use crate::program::{Blocks, Expression, Program, Stage};
use crate::rows::ROWS;

/// A program with the dictionary to read it by.
#[derive(Clone, Debug)]
pub struct Formulation {
    /// The program.
    pub program: Program,
    /// The dictionary.
    pub layout: Layout,
    /// The goals' stages, in order.
    pub stages: Vec<Stage>,
    /// What each row is.
    pub row_keys: Vec<RowKey>,
    /// Columns by which rules give way.
    pub breaches: Vec<Breach>,
    /// Columns by which soft rules are missed.
    pub soft: Vec<Soft>,
    /// First balance row of each node that has any, T a member.
    pub balance_rows: Vec<Option<usize>>,
    /// The data alone break a rule: only with rules open can the program be feasible.
    pub impossible: bool,
}

/// The formulation of a case with some rules open, and the builder for those who add to it.
///
/// # Errors
/// The word of an objective whose kind is not known.
pub fn formulate<'a>(case: &'a Case, goals: &'a Goals, open: Open) -> Result<(Formulation, Builder<'a>), UnknownKind> {
    let (mut builder, stages) = built(case, goals, open)?;
    let matrix = std::mem::take(&mut builder.matrix);
    let formulation = of(&matrix, builder.clone(), stages);
    builder.matrix = matrix;
    Ok((formulation, builder))
}

/// The formulation alone.
///
/// # Errors
/// As [`formulate`].
pub fn formulated(case: &Case, goals: &Goals, open: Open) -> Result<Formulation, UnknownKind> {
    let (mut builder, stages) = built(case, goals, open)?;
    let matrix = std::mem::take(&mut builder.matrix);
    Ok(of(&matrix, builder, stages))
}

fn of(matrix: &Matrix, builder: Builder<'_>, stages: Vec<Stage>) -> Formulation {
    Formulation {
        program: matrix.program(),
        layout: builder.layout,
        stages,
        row_keys: builder.row_keys,
        breaches: builder.breaches,
        soft: builder.soft,
        balance_rows: builder.balance_rows,
        impossible: builder.impossible,
    }
}

fn built<'a>(case: &'a Case, goals: &'a Goals, open: Open) -> Result<(Builder<'a>, Vec<Stage>), UnknownKind> {
    let mut builder = Builder::new(case, goals, open);
    builder.add_columns();
    power::hold_near(&mut builder);
    for family in ROWS {
        family.add(&mut builder);
    }
    let mut stages = Vec::with_capacity(goals.stages.len());
    for objective in goals.stages.iter().filter_map(|&index| goals.objectives.get(index)) {
        let whole = expression(&mut builder, objective)?;
        let leximin = builder.leximin.take();
        let clipped = objective.enough.map(|enough| beyond(&mut builder, objective, &whole, enough));
        stages.push(Stage {
            expression: clipped.clone().unwrap_or(whole),
            nominal: if objective.nominal > 0.0 { objective.nominal } else { 1.0 },
            tolerance: goals.tolerance(objective).max(0.0),
            share: objective.share,
            leximin: leximin.filter(|_| clipped.is_none()),
        });
    }
    Ok((builder, stages))
}

/// What an objective is worse than good enough, above what is: its expression − c ≤ enough; enough + c. Rows and columns: 1.
fn beyond(builder: &mut Builder, objective: &Objective, whole: &Expression, enough: f64) -> Expression {
    let maximised = measure(&objective.kind).map(Measure::sense) == Some(Sense::Maximise);
    let enough = if maximised { -enough } else { enough };
    let number = builder.goals.objectives.iter().position(|other| other.id == objective.id);
    let subject = Subject::Objective(number.unwrap_or_default() as u32);
    let row = builder.row("enough", subject, (0, 0), f64::NEG_INFINITY, enough - whole.constant);
    for &(column, coefficient) in &whole.terms {
        builder.matrix.add(row, column, coefficient);
    }
    // As far as the columns reach: a column without an upper bound leaves a proof none once rounding touches its reduced cost.
    let reach = |&(column, coefficient): &(usize, f64)| {
        let (lower, upper) = builder.matrix.bounds(column);
        (coefficient * lower).max(coefficient * upper)
    };
    let most = whole.constant + whole.terms.iter().map(reach).sum::<f64>() - enough;
    let column = builder.column(subject, Quantity::Beyond, (0, 0), 0.0, most.max(0.0));
    builder.matrix.add(row, column, -1.0);
    Expression { terms: vec![(column, 1.0)], constant: enough }
}

/// SHA-256 of bytes, as sha256 digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    digits(&Sha256::digest(bytes))
}

fn digits(digest: &[u8]) -> String {
    digest.iter().fold(String::new(), |all, byte| all + &format!("{byte:02x}"))
}

/// An objective's kind that no file of `objectives/` knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("objective `{objective}`: kind `{kind}` is not known")]
pub struct UnknownKind {
    /// The objective.
    pub objective: String,
    /// Its kind.
    pub kind: String,
}

/// The expression of an objective, to be minimised.
///
/// # Errors
/// If its kind is not known.
pub fn expression(builder: &mut Builder, objective: &Objective) -> Result<Expression, UnknownKind> {
    let kind = objectives::kind(&objective.kind)
        .ok_or_else(|| UnknownKind { objective: objective.id.clone(), kind: objective.kind.clone() })?;
    Ok(kind.expression(builder, objective))
}

impl Formulation {
    /// The program to begin a solve from nothing with: of a large one it is told what means the same of neighbouring steps of one length.
    pub fn begun(&self, horizon: &Horizon, large: Large) -> Program {
        let mut program = self.program.clone();
        if program.columns() < large.columns {
            return program;
        }
        let mut of_step: Vec<u32> = Vec::with_capacity(horizon.steps());
        let (mut first, mut block) = (0, 0);
        for step in 0..horizon.steps() {
            if step - first == Blocks::STEPS || horizon.days(step) != horizon.days(first) {
                (first, block) = (step, block + 1);
            }
            of_step.push(block);
        }
        let of_step = |step: u32| of_step[step as usize];
        program.blocks = Blocks::of(
            horizon.steps(),
            self.layout.keys.iter().map(|key| Key { step: of_step(key.step), ..*key }),
            self.row_keys.iter().map(|key| RowKey { step: of_step(key.step), ..*key }),
        );
        program
    }

    /// SHA-256 of the program and of what its stages minimise, as sha256 digits.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        // Which rows come late is how it is solved, not what it is.
        let Program {
            starts,
            indices,
            values,
            column_lower,
            column_upper,
            row_lower,
            row_upper,
            integers,
            late: _,
            blocks: _,
        } = &self.program;
        for number in starts.iter().chain(indices) {
            hash.update(number.to_le_bytes());
        }
        for number in [values, column_lower, column_upper, row_lower, row_upper].into_iter().flatten() {
            hash.update(number.to_le_bytes());
        }
        for column in integers {
            hash.update((*column as u64).to_le_bytes());
        }
        for Stage { expression, tolerance, share, nominal, .. } in &self.stages {
            for &(column, cost) in &expression.terms {
                hash.update((column as u64).to_le_bytes());
                hash.update(cost.to_le_bytes());
            }
            for number in [expression.constant, *tolerance, *share, *nominal] {
                hash.update(number.to_le_bytes());
            }
        }
        digits(&hash.finalize())
    }

    /// Names of all rows, such as `balance[shanxi,2026-06-03]`, or `…,#2]` for the second of the same.
    pub fn row_names(&self, case: &Case) -> Vec<String> {
        let mut seen: HashMap<RowKey, usize> = HashMap::new();
        let name = |key: &RowKey| {
            let address = self.layout.address(key.subject, &case.network);
            let member = if self.layout.members > 1 { format!(",{}", key.member) } else { String::new() };
            let again = seen.entry(*key).and_modify(|times| *times += 1).or_insert(1);
            let nth = if *again > 1 { format!(",#{again}") } else { String::new() };
            format!("{}[{address},{}{member}{nth}]", key.family, case.horizon.name_of(key.step as usize))
        };
        self.row_keys.iter().map(name).collect()
    }
}
