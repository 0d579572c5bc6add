//! Methods: how several objectives over one [`Program`](crate::program::Program) are traded off, one file each.
//!
//! A method works on a [`Live`] program and an [`Order`], knows no water, and hands back an [`Answer`]. The closing chain of an
//! order is always solved by [`faces`] after the goals, in the same session.

pub mod certified;
pub mod faces;
mod hull;
pub mod leximin;
mod live;
pub mod pareto;
mod payoff;
mod rates;
pub mod reference_point;
pub mod weighted;

pub(crate) use live::{Face, kept_by_row};
pub use live::{Live, Refreshed, Standing};
pub use rates::bought;
pub(crate) use rates::multipliers;

use weir_model::goals::Points;

use weir_model::plan::Front;

use crate::engine::{EngineError, Outcome, Solution};
use crate::program::{Expression, Stage};

/// Every method.
pub const METHODS: &[&dyn Method] = &[
    &weighted::Weighted,
    &faces::Faces,
    &certified::Certified,
    &leximin::Leximin,
    &pareto::Pareto { points: Points::Grid { intervals: 10 } },
    &reference_point::ReferencePoint { aspirations: Vec::new() },
];

/// The method of that word.
pub fn method(word: &str) -> Option<&'static dyn Method> {
    METHODS.iter().copied().find(|method| method.word() == word)
}

/// Trades objectives off.
pub trait Method: Sync {
    /// Its word, the name of its file.
    fn word(&self) -> &'static str;

    /// Whether an earlier goal comes before a later one at whatever rate.
    fn ranks(&self) -> bool {
        false
    }

    /// Solves the goals of an order; the last stage is still to be kept when it returns.
    ///
    /// # Errors
    /// If a stage has no optimum, or the engine cannot be asked.
    fn goals(&self, live: &mut Live, order: &Order<'_>) -> Result<Vec<StageAnswer>, MethodError>;
}

/// What is to be solved, in order.
#[derive(Clone, Copy, Debug, Default)]
pub struct Order<'a> {
    /// The goals, most important first.
    pub goals: &'a [Stage],
    /// What is decided after the goals, by optimal faces.
    pub closing: &'a [Stage],
    /// Groups of stages with their weights, as an earlier [`Answer`] told them; empty where nothing is known.
    pub groups: &'a [Group],
    /// Whether the row duals of the goals, and the rates at which they give way to each other, are wanted.
    pub duals: bool,
}

/// Stages that one program decides, with the weights that make its optimum the lexicographic one.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// A weight a stage, for the stages' own units; the last is 1.
    pub weights: Vec<f64>,
    /// Whether the signs of all reduced costs prove the order.
    pub proved: bool,
}

/// A stage as it was left.
#[derive(Clone, Debug, PartialEq)]
pub struct StageAnswer {
    /// Value reached.
    pub value: f64,
    /// How its solve ended.
    pub outcome: Outcome,
    /// Iterations; of a group they stand at its first stage.
    pub iterations: u64,
    /// Row duals in the unit of what was minimised, where they were asked for and the engine tells them: of the program's own rows,
    /// then of those that were added to keep earlier stages. Of weighted goals, the first has those of the sum.
    pub row_duals: Option<Vec<f64>>,
    /// Of a leximin stage what holds its entries at their levels, in the order in which that was found, where duals were asked for.
    pub rounds: Vec<Round>,
}

/// What holds some entries of a leximin stage at their levels: Σ weight × entry can be no greater, those before kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Round {
    /// The entries' columns, with their weights.
    pub weights: Vec<(usize, f64)>,
    /// Columns of the entries that were at their levels before.
    pub before: Vec<usize>,
    /// Row duals of that maximum, as a minimum of minus the sum.
    pub row_duals: Vec<f64>,
}

/// What a method found.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The goals in order.
    pub goals: Vec<StageAnswer>,
    /// The closing chain in order.
    pub closing: Vec<StageAnswer>,
    /// The point, of the program's own rows and columns, with the basis to start from next time.
    pub solution: Solution,
    /// The groups that were solved together, with their weights.
    pub groups: Vec<Group>,
    /// For each goal but the last of a method that ranks them: by how much one unit of it betters the next at most.
    pub rates: Vec<Option<f64>>,
    /// The front, of a method that finds one, in the goals' units as they are minimised.
    pub front: Option<Front>,
    /// Sentences about fall-backs that were taken.
    pub notes: Vec<String>,
}

/// Why a method found nothing.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum MethodError {
    /// The engine cannot be asked.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A stage ended without an optimum.
    #[error("stage {} ended {}", stage + 1, outcome.word())]
    Unsolved {
        /// Index of the stage, the closing chain's after the goals'.
        stage: usize,
        /// How it ended.
        outcome: Outcome,
    },
}

impl MethodError {
    /// The same of a stage with so many before it.
    pub(crate) fn behind(self, before: usize) -> Self {
        match self {
            Self::Unsolved { stage, outcome } => Self::Unsolved { stage: stage + before, outcome },
            other @ Self::Engine(_) => other,
        }
    }
}

/// Solves an order: the goals by the method, then the closing chain by faces.
///
/// # Errors
/// If a stage has no optimum, or the engine cannot be asked. An infeasible program is `Unsolved` at the first stage.
pub fn solve(live: &mut Live, method: &dyn Method, order: &Order<'_>) -> Result<Answer, MethodError> {
    live.begin();
    let count = order.goals.len();
    if !method.ranks() && count > 0 {
        live.next_stage(Some(0));
        live.tell_stages(0, count);
    }
    live.next_stage(method.ranks().then_some(0));
    let goals = if order.goals.is_empty() { Vec::new() } else { method.goals(live, order)? };
    let rates = if order.duals && method.ranks() { rates::rates(live, order.goals)? } else { Vec::new() };
    live.next_stage(Some(count));
    let closing = faces::run(live, order.closing, false).map_err(|error| error.behind(count))?;
    if order.goals.is_empty() && order.closing.is_empty() {
        let outcome = live.feasible()?;
        if !outcome.has_point() {
            return Err(MethodError::Unsolved { stage: 0, outcome });
        }
    }
    let front = live.front.take();
    let (solution, groups, notes) = live.finish()?;
    Ok(Answer { goals, closing, solution, groups, rates, front, notes })
}

/// The costs of an expression over so many columns, scaled, and by what ([`scale`]).
pub(crate) fn scaled_costs(expression: &Expression, columns: usize) -> (Vec<f64>, f64) {
    let factor = scale(&expression.terms);
    let mut costs = expression.dense(columns);
    for cost in &mut costs {
        *cost *= factor;
    }
    (costs, factor)
}

/// A power of two that brings the sizes of the costs around 1: solvers judge reduced costs by absolute tolerances.
pub(crate) fn scale(terms: &[(usize, f64)]) -> f64 {
    let sizes = || terms.iter().map(|term| term.1.abs()).filter(|&size| size > 0.0);
    let count = sizes().count();
    if count == 0 {
        return 1.0;
    }
    let mean = sizes().map(f64::log2).sum::<f64>() / count as f64;
    (-mean.round()).exp2()
}
