//! Programs with integers: the stages one after another, each kept by a row; then the integers are fixed at what was found,
//! and what is left is a linear program, which the goals' own method, the water values and the closing chain go on with.
//!
//! A program of many whole numbers starts each stage from a point that linear programs found ([`start`]); where they prove it
//! within the gap that the goals allow, the stage is solved with it, and where it is as good as without whole numbers, the stage is
//! kept by the optimal face that they tell, not by a row.
//!
//! Limits: a stage ends at the gap or the time that the goals allow; what was found by then is taken, with its gap. Where a
//! stage ends without a point, the point of the stage before stands, and before the first any point at all is sought, for as long
//! as that takes: a plan that is not optimal serves, none does not. Its gap is then that to the program without whole numbers.
//! A limit in time is shared among the stages alike, and what one leaves is for those after it.
//! A program without a point is infeasible, whatever a limit; a later stage has the point of the one before, so an engine that
//! calls it infeasible is told of.

mod start;

use std::time::Instant;

use weir_model::case::Case;
use weir_model::goals::{Goals, Method};
use weir_model::plan::StageResult;
use weir_model::tolerance;

use crate::engine::{Bounds, Engine, EngineError, Options, Outcome, Part};
use crate::methods::{Live, MethodError, StageAnswer, faces, kept_by_row};
use crate::price::told;
use crate::program::{Expression, Program, Stage};

use start::Starts;

/// Slack of the row that keeps a stage, relative, absolute below 1: with 1e-6 the engine called the cascade's second stage
/// infeasible in presolve, which it is not.
const SLACK: f64 = 1e-5;

/// Gap at which the first point found ends a solve.
const ANY_GAP: f64 = 1e9;

/// Integers as they were found, and the program without them.
pub struct Whole {
    /// The stages as the program with integers left them; of weighted goals, one.
    pub answers: Vec<StageAnswer>,
    /// Each integer column at its value.
    pub fixed: Vec<Bounds>,
    /// The program with its integers fixed, what earlier stages keep in its rows.
    pub live: Live,
    /// Sentences about stages that ended oddly.
    pub notes: Vec<String>,
}

/// Solves stages over a live program with integers, whose columns stand in these steps, within limits, and fixes them.
///
/// # Errors
/// If no point was found for the first stage, or the engine cannot be asked.
pub fn solve(
    mut live: Live,
    stages: &[Stage],
    steps: &[u32],
    engine: &dyn Engine,
    (plain, limit_s): (&Options, Option<f64>),
) -> Result<Whole, MethodError> {
    plain.turn_to(Part::WholeNumbers);
    live.anchor()?;
    let before = kept(&mut live)?;
    let began = Instant::now();
    let mut starts = Starts::of(live.program(), steps, &before, (engine, plain))?;
    let mut live = open(engine, live.program().clone(), &before, plain)?;
    let mut notes = Vec::new();
    let mut answers = Vec::with_capacity(stages.len());
    let mut best: Option<Vec<f64>> = None;
    for (number, stage) in stages.iter().enumerate() {
        live.tell_stages(number, 1);
        let enough = plain.gap.max(tolerance::OBJECTIVE);
        let start = match &mut starts {
            Some(starts) if stage.leximin.is_none() => starts.start(stage, best.as_deref(), enough)?,
            _ => None,
        };
        let known = start.as_ref().filter(|start| start.gap <= enough).map(|start| (start.value, proved(start.gap)));
        live.settle()?;
        // Where the program with whole numbers fell back to rows, faces no longer tell which of its rows they mean.
        let alike = starts.as_ref().is_some_and(|starts| starts.added_rows() == live.added_rows());
        let (point, face) = start.map_or((None, None), |start| (Some(start.point), start.face.filter(|_| alike)));
        best = point.or(best);
        let answer = if let Some((value, outcome)) = known {
            StageAnswer { value, outcome, iterations: 0, row_duals: None, rounds: Vec::new() }
        } else {
            if let Some(limit) = limit_s {
                live.set_time_limit((limit - began.elapsed().as_secs_f64()).max(0.0) / (stages.len() - number) as f64)?;
            }
            if let Some(point) = &best {
                live.start_from(point)?;
            }
            match faces::solve(&mut live, stage, false) {
                Ok(mut answer) => {
                    best = live.solution().map(|solution| solution.primal.clone());
                    // Time ended before the engine had a bound of its own.
                    if matches!(answer.outcome, Outcome::Feasible { gap } if !gap.is_finite()) {
                        answer.outcome = proved(gap(&mut live, stage, answer.value, (engine, plain))?);
                    }
                    answer
                }
                Err(MethodError::Unsolved { outcome, .. })
                    if best.is_some() || matches!(outcome, Outcome::Stopped { .. }) =>
                {
                    if best.is_none() {
                        let any = Options { gap: ANY_GAP, ..plain.clone() };
                        let mut any = open(engine, live.program().clone(), &before, &any)?;
                        if let Err(MethodError::Unsolved { outcome, .. }) = faces::solve(&mut any, stage, false) {
                            return Err(MethodError::Unsolved { stage: number, outcome });
                        }
                        best = any.solution().map(|solution| solution.primal.clone());
                    }
                    let Some(point) = &best else { return Err(MethodError::Unsolved { stage: number, outcome }) };
                    if !matches!(outcome, Outcome::Stopped { .. }) {
                        notes.push(format!(
                        "stage {} ended {} with whole numbers, though the plan of the stages before it meets every rule: that plan stands",
                        number + 1,
                        outcome.word()
                    ));
                    }
                    let value = stage.expression.value(point);
                    let gap = gap(&mut live, stage, value, (engine, plain))?;
                    StageAnswer { value, outcome: proved(gap), iterations: 0, row_duals: None, rounds: Vec::new() }
                }
                Err(MethodError::Unsolved { outcome, .. }) => return Err(MethodError::Unsolved { stage: number, outcome }),
                Err(other @ MethodError::Engine(_)) => return Err(other),
            }
        };
        let kept = face.unwrap_or_else(|| {
            let slack = SLACK * answer.value.abs().max(1.0);
            kept_by_row(&Stage { tolerance: stage.tolerance.max(slack), ..stage.clone() }, answer.value)
        });
        if let Some(starts) = &mut starts {
            starts.keep(kept.clone())?;
        }
        live.keep(kept);
        answers.push(answer);
    }
    notes.extend(live.take_notes());
    let point = best.unwrap_or_default();
    let program = linear_at(live.program(), &point);
    let fixed = |&column: &usize| (column, program.column_lower[column], program.column_upper[column]);
    let fixed: Vec<Bounds> = live.program().integers.iter().map(fixed).collect();
    let mut linear = open(engine, program, &before, plain)?;
    // A stage that may be worsened must not be worsened twice, here and by the linear program's own stages.
    for (stage, answer) in stages.iter().zip(&answers).filter(|(stage, _)| stage.tolerance > 0.0) {
        let slack = SLACK * answer.value.abs().max(1.0);
        let most = answer.value + stage.tolerance + slack - stage.expression.constant;
        linear.add_row(f64::NEG_INFINITY, most, stage.expression.terms.clone())?;
    }
    Ok(Whole { answers, fixed, live: linear, notes })
}

/// The linear program that is left where whole numbers are those of a point.
pub(crate) fn linear_at(program: &Program, point: &[f64]) -> Program {
    let mut linear = Program { integers: Vec::new(), ..program.clone() };
    for &column in &program.integers {
        let number = point[column].round();
        (linear.column_lower[column], linear.column_upper[column]) = (number, number);
    }
    linear
}

/// How a stage with a point ended whose gap is this.
const fn proved(gap: f64) -> Outcome {
    if gap > tolerance::OBJECTIVE { Outcome::Feasible { gap } } else { Outcome::Optimal }
}

/// Rows that keep stages, as they stand.
pub(crate) fn kept(live: &mut Live) -> Result<Vec<(f64, f64, Expression)>, EngineError> {
    Ok(live.standing()?.kept)
}

/// How far a value may be from the best, relative to what the engine minimises: no whole numbers do better than none.
fn gap(live: &mut Live, stage: &Stage, value: f64, (engine, plain): (&dyn Engine, &Options)) -> Result<f64, MethodError> {
    let standing = live.standing()?;
    let (column_lower, column_upper) = standing.columns.into_iter().unzip();
    let (row_lower, row_upper) = standing.rows.into_iter().unzip();
    let own = live.program().clone();
    let linear = Program { integers: Vec::new(), column_lower, column_upper, row_lower, row_upper, ..own };
    let mut linear = open(engine, linear, &standing.kept, plain)?;
    match faces::solve(&mut linear, stage, false) {
        Ok(answer) => Ok(gap_between(stage, value, answer.value)),
        Err(MethodError::Unsolved { .. }) => Ok(f64::INFINITY),
        Err(other @ MethodError::Engine(_)) => Err(other),
    }
}

/// How far a value is from one that none is below, relative to what the engine minimises, which knows no constant; what is less than
/// a goal's tolerance is none.
fn gap_between(stage: &Stage, value: f64, least: f64) -> f64 {
    let beyond = value - least;
    if beyond > tolerance::OBJECTIVE { beyond / (value - stage.expression.constant).abs() } else { 0.0 }
}

/// A session of its own on a program, with rows that keep what came before.
pub(crate) fn open(
    engine: &dyn Engine,
    program: Program,
    kept: &[(f64, f64, Expression)],
    options: &Options,
) -> Result<Live, MethodError> {
    let mut live = Live::open(engine, program, options)?;
    for (lower, upper, expression) in kept {
        live.add_row(*lower, *upper, expression.terms.clone())?;
    }
    Ok(live)
}

/// The stages that integers are sought by: the goals, as one where they are weighted, and the soft rules that none works on.
pub(crate) fn stages(goals: &Goals, formulated: &[Stage], soft: &[Stage]) -> Vec<Stage> {
    let mut stages = if goals.method == Method::Weighted { vec![weighted(formulated)] } else { formulated.to_vec() };
    stages.extend_from_slice(soft);
    stages
}

/// The case without its assurances, and where they stand, if it has any.
pub(crate) fn without_assurance(case: &Case) -> Option<(Case, Vec<String>)> {
    let ids: Vec<String> =
        case.network.requirements.iter().filter(|rule| rule.assurance.is_some()).map(|rule| rule.id.clone()).collect();
    (!ids.is_empty()).then(|| {
        let mut free = case.clone();
        free.network.requirements.iter_mut().for_each(|rule| rule.assurance = None);
        (free, ids)
    })
}

/// Σ share × objective ÷ nominal.
pub(crate) fn weighted(stages: &[Stage]) -> Stage {
    let mut sum = crate::builder::Sum::default();
    for stage in stages {
        let weight = stage.share / stage.nominal;
        sum.add_constant(weight * stage.expression.constant);
        for &(column, cost) in &stage.expression.terms {
            sum.add(column, weight * cost);
        }
    }
    crate::stage0::stage(sum.expression())
}

/// Said of what time ended before there was a bound.
const NOT_KNOWN: &str = "how much better a plan can be was not found out";

/// Tells of each goal how far it is proved, in its own sense; of weighted goals, whether their sum is.
pub(crate) fn tell(
    results: &mut [StageResult],
    found: &[StageAnswer],
    stages: &[Stage],
    weighted: bool,
    notes: &mut Vec<String>,
) {
    let maximises = |result: &StageResult| result.sense == weir_model::goals::Sense::Maximise;
    for (number, result) in results.iter_mut().enumerate() {
        let Some(answer) = found.get(if weighted { 0 } else { number }) else { continue };
        answer.outcome.word().clone_into(&mut result.outcome);
        result.iterations += if weighted && number > 0 { 0 } else { answer.iterations };
        if weighted {
            continue;
        }
        let gap = match answer.outcome {
            Outcome::Feasible { gap } => gap,
            _ => 0.0,
        };
        // A gap is relative to what the engine minimised, which knows no constant.
        let sized = stages.get(number).map_or(0.0, |stage| (answer.value - stage.expression.constant).abs());
        let bound = answer.value - gap * sized;
        let bound = if maximises(result) { -bound } else { bound };
        // The linear program may find a little more than the integers' own rows allowed, before later goals take it again.
        let found = [result.value, result.solved];
        let better = found.into_iter().fold(bound, if maximises(result) { f64::max } else { f64::min });
        result.bound = bound.is_finite().then_some(better + 0.0);
        if gap > 0.0 {
            let best = match result.bound {
                Some(bound) => format!("no plan does better than {}", told(bound, &result.unit)),
                None => NOT_KNOWN.to_owned(),
            };
            let value = told(result.value, &result.unit);
            notes.push(format!("`{}`: {value} is the best found within the limits; {best}", result.objective));
        }
    }
    if let (true, Some(Outcome::Feasible { gap })) = (weighted, found.first().map(|answer| &answer.outcome)) {
        let reach = if gap.is_finite() {
            format!(", within {:.4} % of the best possible", gap * 100.0)
        } else {
            format!("; {NOT_KNOWN}")
        };
        notes.push(format!("the weighted sum is the best found within the limits{reach}"));
    }
    notes.push("water values and the closing chain are those of the program with what is open or shut fixed".to_owned());
}
