//! Engines: what solves a [`Program`], one file each, all behind [`Engine`] and [`Session`].
//!
//! An engine opens a session on a program; a session keeps its state (basis, factor) while bounds, costs and coefficients
//! change in place. What came out is a closed [`Outcome`], never folded into a weaker one, and no number is told without it.
//!
//! Limits: each engine declares by [`Reports`] what it can tell; what it cannot is [`EngineError::Unsupported`].

#[cfg(feature = "highs")]
pub mod highs;
mod interrupt;
#[cfg(feature = "portable")]
pub mod portable;
mod progress;

use std::path::{Path, PathBuf};

pub use interrupt::Interrupt;
pub use progress::{EVERY, Part, Progress, Told};

use crate::program::Program;

/// Every engine compiled in, the most able first.
pub const ENGINES: &[&dyn Engine] = &[
    #[cfg(feature = "highs")]
    &highs::Highs,
    #[cfg(feature = "portable")]
    &portable::Portable,
];

/// The most able engine compiled in.
///
/// # Errors
/// If none is.
pub fn default_engine() -> Result<&'static dyn Engine, EngineError> {
    ENGINES.first().copied().ok_or(EngineError::NoEngine)
}

/// How a solve ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The optimum, proved.
    Optimal,
    /// A feasible point, whose objective is within this relative gap of the best possible.
    Feasible {
        /// Relative gap, ≥ 0; infinite where no bound is known.
        gap: f64,
    },
    /// No point satisfies all rows and bounds.
    Infeasible,
    /// The objective falls without end.
    Unbounded,
    /// One of the two; which, was not found out.
    InfeasibleOrUnbounded,
    /// A limit ended the solve before anything was proved.
    Stopped {
        /// Which limit.
        limit: Limit,
    },
    /// The engine broke down.
    Failed {
        /// In the engine's words.
        why: String,
    },
}

/// What ended a solve early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Time.
    Time,
    /// Iterations.
    Iterations,
    /// Solutions found.
    Solutions,
    /// Memory.
    Memory,
    /// A bound or target on the objective.
    Objective,
    /// An interrupt from outside.
    Interrupt,
}

impl Outcome {
    /// The word in documents.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Optimal => "optimal",
            Self::Feasible { .. } => "feasible",
            Self::Infeasible => "infeasible",
            Self::Unbounded => "unbounded",
            Self::InfeasibleOrUnbounded => "infeasible_or_unbounded",
            Self::Stopped { .. } => "stopped",
            Self::Failed { .. } => "failed",
        }
    }

    /// The word, with why it failed where it did.
    pub fn told(&self) -> String {
        match self {
            Self::Failed { why } => format!("failed: {why}"),
            other => other.word().to_owned(),
        }
    }

    /// Whether there is a point to read.
    pub const fn has_point(&self) -> bool {
        matches!(self, Self::Optimal | Self::Feasible { .. })
    }
}

/// Where a column or row stands in a basis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// At its lower bound.
    Lower,
    /// Basic.
    Basic,
    /// At its upper bound.
    Upper,
    /// Free and at zero.
    Zero,
    /// Not basic, the bound not told.
    Nonbasic,
}

/// A basis, by column and by row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Basis {
    /// By column.
    pub columns: Vec<Standing>,
    /// By row; rows beyond its end count as basic when it is set.
    pub rows: Vec<Standing>,
}

impl Basis {
    /// Whether anything is basic: an engine that has no basis, or has forgotten it, tells nothing as basic.
    pub fn is_known(&self) -> bool {
        self.columns.iter().chain(&self.rows).any(|&standing| standing == Standing::Basic)
    }
}

/// How a run went, without its numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// How it ended.
    pub outcome: Outcome,
    /// Iterations of all kinds that it took.
    pub iterations: u64,
}

impl Run {
    /// The same after another, whose iterations count too.
    #[must_use]
    pub fn after(self, before: &Self) -> Self {
        Self { iterations: before.iterations + self.iterations, ..self }
    }
}

/// A point with all that the engine can tell of it; vectors that it cannot tell are empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution {
    /// How the run ended.
    pub outcome: Outcome,
    /// Value of each column.
    pub primal: Vec<f64>,
    /// Value of each row.
    pub row_activity: Vec<f64>,
    /// Reduced cost of each column: costs − Aᵀ duals.
    pub reduced_costs: Vec<f64>,
    /// Dual of each row: what one unit more of its active side changes in the objective; ≥ 0 at a lower side.
    pub row_duals: Vec<f64>,
    /// Value of the objective that was set.
    pub objective: f64,
    /// Iterations of all kinds that the run took.
    pub iterations: u64,
    /// The basis it ended with.
    pub basis: Option<Basis>,
}

impl Solution {
    /// Whether duals are told; a program without rows has none that could be.
    pub const fn has_duals(&self) -> bool {
        !self.row_duals.is_empty() || self.row_activity.is_empty()
    }
}

/// What an engine can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reports {
    /// Reduced costs and row duals.
    pub duals: bool,
    /// The basis, and transposed solves with it.
    pub basis: bool,
    /// Models written to a file.
    pub writes_models: bool,
    /// Most columns that it takes on; none if it has no limit of its own.
    pub largest: Option<usize>,
}

/// How to solve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Algorithm {
    /// The engine's own choice; dual simplex with presolve from nothing, dual simplex from a basis.
    #[default]
    Automatic,
    /// Dual simplex from a basis that is near an optimum: costs are not perturbed, which would lead away from it, and the run ends at
    /// [`Limit::Iterations`] after half as many as the program has rows and columns (1,000 at least), for then it was not near.
    Near,
    /// Primal simplex: keeps a basis feasible where only costs changed.
    Primal,
    /// Dual simplex from nothing, without presolve: what postsolve brings back has been seen to be no optimum of the program.
    Plain,
    /// Interior point with crossover to a basis, from nothing.
    InteriorPoint,
}

/// Choices for a session.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// How to solve from nothing.
    pub algorithm: Algorithm,
    /// Seed of whatever the engine draws by lot.
    pub seed: i32,
    /// Seconds that one run may take.
    pub time_limit_s: Option<f64>,
    /// Whether a program is simplified before it is solved from nothing.
    pub presolve: bool,
    /// Whether rows and columns are scaled as the engine sees fit.
    pub scaling: bool,
    /// Relative gap at which a program with integers counts as solved.
    pub gap: f64,
    /// Ends a solve from outside: it is then [`Outcome::Stopped`].
    pub interrupt: Option<Interrupt>,
    /// Who is told how far a solve has come.
    pub progress: Option<Progress>,
    /// From which size on it is begun as a large program is.
    pub large: Large,
}

/// From which size on a solve from nothing is begun as pays where a program is large. What is found is the same either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Large {
    /// Columns from which on a coarser program is solved first.
    pub columns: usize,
    /// Rows that may come late from which on they do.
    pub late: usize,
}

impl Large {
    /// Every program counts as large.
    pub const ANY: Self = Self { columns: 0, late: 0 };
}

impl Default for Large {
    /// Fewer are solved at once.
    fn default() -> Self {
        Self { columns: 10_000, late: 1_000 }
    }
}

impl Options {
    /// Tells whoever listens that a solve turns to a part.
    pub(crate) fn turn_to(&self, part: Part) {
        if let Some(progress) = &self.progress {
            progress.tell(&Told::Part(part));
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            algorithm: Algorithm::Automatic,
            seed: 0,
            time_limit_s: None,
            presolve: true,
            scaling: true,
            gap: 0.0,
            interrupt: None,
            progress: None,
            large: Large::default(),
        }
    }
}

/// A row or column with its new bounds.
pub type Bounds = (usize, f64, f64);

/// Engines that tell no duals, by the first word of their versions: known whichever are compiled in.
const WITHOUT_DUALS: [&str; 1] = ["good_lp"];

/// Whether an engine tells duals, by its version as a plan tells it.
pub(crate) fn tells_duals(version: &str) -> bool {
    !version.split_whitespace().next().is_some_and(|name| WITHOUT_DUALS.contains(&name))
}

/// Solves programs.
pub trait Engine: Sync {
    /// Its word.
    fn name(&self) -> &'static str;

    /// Its name and version, as a plan tells them.
    fn version(&self) -> String;

    /// What it can tell.
    fn reports(&self) -> Reports;

    /// Opens a session on a program; costs are 0 until set.
    ///
    /// # Errors
    /// If the program is refused.
    fn open(&self, program: &Program, options: &Options) -> Result<Box<dyn Session>, EngineError>;
}

/// A live program in an engine.
pub trait Session: Send {
    /// What it can tell.
    fn reports(&self) -> Reports;

    /// A session on another program with the same choices, whose basis may serve this one, and each of whose runs ends at
    /// [`Limit::Iterations`] after so many; none where bases are not told.
    ///
    /// # Errors
    /// If the engine refuses the program.
    fn beside(&self, _program: &Program, _most: u64) -> Result<Option<Box<dyn Session>>, EngineError> {
        Ok(None)
    }

    /// Sets the costs of all columns.
    ///
    /// # Errors
    /// If the engine refuses.
    fn set_costs(&mut self, costs: &[f64]) -> Result<(), EngineError>;

    /// Sets bounds of some columns, each named once.
    ///
    /// # Errors
    /// If the engine refuses.
    fn set_column_bounds(&mut self, changes: &[Bounds]) -> Result<(), EngineError>;

    /// Sets bounds of some rows, each named once.
    ///
    /// # Errors
    /// If the engine refuses.
    fn set_row_bounds(&mut self, changes: &[Bounds]) -> Result<(), EngineError>;

    /// Sets coefficients, as (row, column, value).
    ///
    /// # Errors
    /// If the engine refuses.
    fn set_coefficients(&mut self, changes: &[(usize, usize, f64)]) -> Result<(), EngineError>;

    /// Adds a row after the others; terms as (column, value), none twice. Its number is returned.
    ///
    /// # Errors
    /// If the engine refuses.
    fn add_row(&mut self, lower: f64, upper: f64, terms: &[(usize, f64)]) -> Result<usize, EngineError>;

    /// Adds columns with these bounds after the others, without costs or coefficients; the first one's number is returned.
    /// [`Session::set_coefficients`] and [`Session::add_row`] put them into rows.
    ///
    /// # Errors
    /// If the engine refuses.
    fn add_columns(&mut self, bounds: &[(f64, f64)]) -> Result<usize, EngineError>;

    /// Solves, from the basis it holds if it holds one.
    ///
    /// # Errors
    /// If the engine could not be asked; whatever it answers is an [`Outcome`].
    fn solve(&mut self, algorithm: Algorithm) -> Result<Run, EngineError>;

    /// What the last run found; only after an outcome that has a point.
    ///
    /// # Errors
    /// If there is no point.
    fn solution(&self) -> Result<Solution, EngineError>;

    /// A multiplier a row by which the last run's program, without its whole numbers, contradicts itself, after an outcome of
    /// infeasibility; none where the engine tells none. It proves nothing until it is checked.
    ///
    /// # Errors
    /// If the engine refuses.
    fn ray(&mut self) -> Result<Option<Vec<f64>>, EngineError> {
        Ok(None)
    }

    /// Forgets basis and factor: the next solve is from nothing.
    ///
    /// # Errors
    /// If the engine refuses.
    fn forget(&mut self) -> Result<(), EngineError>;

    /// Accepts reduced costs and infeasibilities up to these sizes.
    ///
    /// # Errors
    /// If the engine refuses.
    fn set_tolerances(&mut self, primal: f64, dual: f64) -> Result<(), EngineError>;

    /// Gives each of the next runs so many seconds.
    ///
    /// # Errors
    /// If the engine refuses.
    fn set_time_limit(&mut self, seconds: f64) -> Result<(), EngineError>;

    /// Starts the next solve of a program with whole numbers from a point that holds all its rows; an engine that cannot, starts from
    /// nothing.
    ///
    /// # Errors
    /// If its size does not fit.
    fn start_from(&mut self, _point: &[f64]) -> Result<(), EngineError> {
        Ok(())
    }

    /// The basis of the last run.
    ///
    /// # Errors
    /// If there is none.
    fn basis(&self) -> Result<Basis, EngineError>;

    /// How many basic columns and rows lie beyond their bounds at the basis that it holds: dual simplex takes about as many iterations
    /// from there. None where that is not told.
    ///
    /// # Errors
    /// If the engine refuses.
    fn beyond(&mut self) -> Result<Option<u64>, EngineError> {
        Ok(None)
    }

    /// Starts the next solve from a basis.
    ///
    /// # Errors
    /// If its size does not fit.
    fn set_basis(&mut self, basis: &Basis) -> Result<(), EngineError>;

    /// For each cost vector c the row duals y = B⁻ᵀ c_B of the last run's basis B.
    ///
    /// # Errors
    /// If there is no basis.
    fn duals_of(&mut self, costs: &[&[f64]]) -> Result<Vec<Vec<f64>>, EngineError>;

    /// Writes the program as it now stands, with the costs set last, in MPS form.
    ///
    /// # Errors
    /// If the file cannot be written.
    fn write_model(&mut self, path: &Path) -> Result<(), EngineError>;
}

/// Why an engine could not be asked.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum EngineError {
    /// Neither engine was compiled in.
    #[error("no engine is compiled in; build with feature `highs` or `portable`")]
    NoEngine,
    /// Beyond what the engine can do.
    #[error("engine `{engine}` cannot {what}")]
    Unsupported {
        /// The engine.
        engine: &'static str,
        /// What was asked of it.
        what: String,
    },
    /// A call returned a code other than success.
    #[error("engine `{engine}`: {call} returned {code}")]
    Call {
        /// The engine.
        engine: &'static str,
        /// The call.
        call: &'static str,
        /// Its code.
        code: i32,
    },
    /// Arrays that do not fit the program.
    #[error("{what}: {found} given where the program has {expected}")]
    Size {
        /// Which array.
        what: &'static str,
        /// Its length.
        found: usize,
        /// The length that fits.
        expected: usize,
    },
    /// A file that cannot be written.
    #[error("cannot write the model to `{}`", path.display())]
    Write {
        /// The file.
        path: PathBuf,
    },
}

/// Refuses an array of the wrong length.
pub(crate) fn fits(what: &'static str, found: usize, expected: usize) -> Result<(), EngineError> {
    if found == expected { Ok(()) } else { Err(EngineError::Size { what, found, expected }) }
}

/// Refuses a number beyond the last of `count`.
pub(crate) fn within(what: &'static str, largest: Option<usize>, count: usize) -> Result<(), EngineError> {
    match largest {
        Some(number) if number >= count => Err(EngineError::Size { what, found: number + 1, expected: count }),
        _ => Ok(()),
    }
}
