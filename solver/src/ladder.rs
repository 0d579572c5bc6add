//! Whether a program that an engine called infeasible is: asked again in other ways, until a ray proves it or a point denies it.
//!
//! Without presolve first, where HiGHS was met to err (Ribasim, issues 2400 and 2484), then without scaling too, then by interior
//! point. A ray counts only as far as exact arithmetic bears it out ([`proves_infeasible`]); where none does, all ways must agree.
//! A program with whole numbers is asked as a linear one first; that there are no whole numbers is the engine's word, asked twice.
//!
//! Limits: what a limit or an interrupt ends is left to whoever asked: nothing was found out.

use crate::certificate::proves_infeasible;
use crate::engine::{Algorithm, Engine, EngineError, Options, Outcome};
use crate::methods::Live;
use crate::program::{Expression, Program};

/// Seconds that a program with whole numbers is asked for the second time: without presolve it may take for ever.
const AGAIN_S: f64 = 20.0;

/// A further row: its bounds and terms.
pub type Row = (f64, f64, Expression);

/// A way to ask.
type Way = (&'static str, fn(&Options) -> Options);

const WAYS: [Way; 3] = [
    ("without presolve", |options| Options { presolve: false, ..options.clone() }),
    ("without presolve and scaling", |options| Options { presolve: false, scaling: false, ..options.clone() }),
    ("by interior point", |options| Options { presolve: false, algorithm: Algorithm::InteriorPoint, ..options.clone() }),
];

/// What came of asking again.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// There is a point after all, or nothing was found out.
    Open {
        /// How it was asked: who asks so again is answered.
        options: Options,
        /// The same in words.
        way: &'static str,
    },
    /// There is none.
    Infeasible(Grounds),
}

/// What a verdict of infeasibility rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grounds {
    /// A ray, checked in exact arithmetic.
    Ray,
    /// The engine's word, asked in every way.
    Word,
    /// The engine's word that no whole numbers do, asked twice.
    Whole,
    /// The data contradict each other; no engine was asked.
    Data,
}

impl Grounds {
    /// A sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Ray => "that no plan keeps every rule is proved by a ray that holds in exact arithmetic",
            Self::Word => {
                "that no plan keeps every rule is the engine's word, asked again without presolve, without scaling and by another algorithm"
            }
            Self::Whole => {
                "that no plan keeps every rule is the engine's word on what is open or shut and on days met, asked twice"
            }
            Self::Data => "the data alone contradict each other",
        }
    }
}

/// Asks an engine again about a program that it called infeasible under these options.
///
/// # Errors
/// If the engine cannot be asked.
pub fn ask(engine: &dyn Engine, program: &Program, options: &Options) -> Result<Verdict, EngineError> {
    if program.integers.is_empty() {
        return ask_linear(engine, program, options);
    }
    let linear = Program { integers: Vec::new(), ..program.clone() };
    if let infeasible @ Verdict::Infeasible(_) = ask_linear(engine, &linear, options)? {
        return Ok(infeasible);
    }
    let (way, asked) = WAYS[0];
    let options = asked(options);
    let limit = options.time_limit_s.map_or(AGAIN_S, |limit| limit.min(AGAIN_S));
    let outcome =
        Live::open(engine, program.clone(), &Options { time_limit_s: Some(limit), ..options.clone() })?.feasible()?;
    Ok(if outcome.has_point() { Verdict::Open { options, way } } else { Verdict::Infeasible(Grounds::Whole) })
}

fn ask_linear(engine: &dyn Engine, program: &Program, options: &Options) -> Result<Verdict, EngineError> {
    for (way, asked) in WAYS {
        let options = asked(options);
        let mut live = Live::open(engine, program.clone(), &options)?;
        let outcome = live.feasible()?;
        match outcome {
            Outcome::Infeasible | Outcome::InfeasibleOrUnbounded => {
                if live.ray()?.is_some_and(|ray| proves_infeasible(program, &ray)) {
                    return Ok(Verdict::Infeasible(Grounds::Ray));
                }
            }
            Outcome::Failed { .. } => {}
            _ => return Ok(Verdict::Open { options, way }),
        }
    }
    Ok(Verdict::Infeasible(Grounds::Word))
}

/// A program with further rows after its own.
pub fn with_rows(program: &Program, rows: &[Row]) -> Program {
    if rows.is_empty() {
        return program.clone();
    }
    let own = program.rows();
    let mut more: Vec<Vec<(i32, f64)>> = vec![Vec::new(); program.columns()];
    for (number, (_, _, row)) in rows.iter().enumerate() {
        for &(column, value) in &row.terms {
            more[column].push(((own + number) as i32, value));
        }
    }
    let mut whole = Program { starts: vec![0], indices: Vec::new(), values: Vec::new(), ..program.clone() };
    for (j, more) in more.iter().enumerate() {
        let entries = program.starts[j] as usize..program.starts[j + 1] as usize;
        whole.indices.extend_from_slice(&program.indices[entries.clone()]);
        whole.values.extend_from_slice(&program.values[entries]);
        whole.indices.extend(more.iter().map(|entry| entry.0));
        whole.values.extend(more.iter().map(|entry| entry.1));
        whole.starts.push(whole.indices.len() as i32);
    }
    for (lower, upper, row) in rows {
        whole.row_lower.push(lower - row.constant);
        whole.row_upper.push(upper - row.constant);
    }
    whole
}
