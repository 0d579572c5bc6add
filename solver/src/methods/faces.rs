//! Lexicographic by optimal faces: a solve a stage, each on the optimal face of those before.
//!
//! After a stage with a basis, a column whose reduced cost is not zero stays at its bound in *every* optimum, and a row with
//! a non-zero dual at its active side; with those fixed, exactly the optimal points remain. No slack is spent, unlike with a row
//! on the objective (a row with 1e-6 of slack gave 985.866303 instead of 985.866415 on `cascade` 10x365).
//!
//! Fails: a stage that may be worsened (tolerance > 0), a program with integers, and an engine without duals are kept by a
//! row. Every earlier stage is re-measured after each solve: where a later one is infeasible or an earlier one worse than its
//! tolerance, all faces are released, rows take their place, the stage is solved again, and a note says so. Where rows too leave no
//! point (levels of a leximin stage were met that miss each other by 1e-7), they have room for half of what counts as a difference.
//!
//! Source: optimal faces of linear programs, e.g. Greenberg 1986; sequential preemptive programming, Ignizio 1976.

use weir_model::tolerance;

use super::live::{Face, kept_by_row};
use super::{Live, Method, MethodError, Order, StageAnswer, leximin, scaled_costs};
use crate::engine::{Algorithm, Bounds, Outcome, Run, Solution};
use crate::program::{Expression, Stage};

/// Share of what counts as a difference of two values that a solve may leave.
const LEAVES: f64 = 0.1;

/// Lexicographic by optimal faces.
#[derive(Clone, Copy, Debug)]
pub struct Faces;

impl Method for Faces {
    fn word(&self) -> &'static str {
        "faces"
    }

    fn ranks(&self) -> bool {
        true
    }

    fn goals(&self, live: &mut Live, order: &Order<'_>) -> Result<Vec<StageAnswer>, MethodError> {
        run(live, order.goals, order.duals)
    }
}

/// Solves stages one after another on a live program; what earlier runs on it keep stays kept, and so does each stage.
///
/// # Errors
/// If a stage has no optimum (`Unsolved` counts from the first of these stages), or the engine cannot be asked.
pub fn run(live: &mut Live, stages: &[Stage], duals: bool) -> Result<Vec<StageAnswer>, MethodError> {
    stages
        .iter()
        .enumerate()
        .map(|(number, stage)| {
            live.tell_stages(number, 1);
            solve(live, stage, duals).map_err(|error| error.behind(number))
        })
        .collect()
}

/// Solves one stage and remembers its face.
pub(crate) fn solve(live: &mut Live, stage: &Stage, with_duals: bool) -> Result<StageAnswer, MethodError> {
    if let Some(entries) = &stage.leximin {
        return Ok(leximin::run(live, stage, entries, with_duals)?.answer);
    }
    let (costs, factor) = scaled_costs(&stage.expression, live.program().columns());
    live.minimises(factor, stage.expression.constant);
    let run = minimise_closely(live, &costs, (&stage.expression, factor))?;
    if !run.outcome.has_point() {
        return Err(MethodError::Unsolved { stage: 0, outcome: run.outcome });
    }
    let solution = live.read()?.clone();
    let value = stage.expression.value(&solution.primal);
    let face = if stage.tolerance > 0.0 || !live.tells_faces() {
        kept_by_row(stage, value)
    } else {
        optimal_face(live, &solution, stage, value)
    };
    live.keep(face);
    let row_duals =
        (with_duals && solution.has_duals()).then(|| solution.row_duals.iter().map(|dual| dual / factor).collect());
    Ok(StageAnswer { value, outcome: run.outcome, iterations: run.iterations, row_duals, rounds: Vec::new() })
}

/// A stage of which every column can stand at its best bound at once: only bounds change, so dual simplex goes on from the last basis, where
/// the stage's costs would take primal simplex. None where they cannot, or where no basis is known; the program is then as it was.
///
/// # Errors
/// If the engine cannot be asked.
pub(crate) fn at_best(live: &mut Live, stage: &Stage) -> Result<Option<StageAnswer>, MethodError> {
    live.settle()?;
    if !live.may_keep_by_face(stage) || !live.starts_from_a_basis() {
        return Ok(None);
    }
    let columns = || stage.expression.terms.iter().map(|&(j, cost)| (j, cost, live.column(j)));
    let before: Vec<Bounds> = columns().map(|(j, _, (lower, upper))| (j, lower, upper)).collect();
    let best = |(j, cost, (lower, upper))| if cost > 0.0 { (j, lower, lower) } else { (j, upper, upper) };
    let best: Vec<Bounds> = columns().map(best).collect();
    if best.iter().any(|(_, bound, _)| !bound.is_finite()) {
        return Ok(None);
    }
    let basis = live.session().basis()?;
    live.stand(&best, &[])?;
    let run = live.minimise(&vec![0.0; live.program().columns()], Algorithm::Near)?;
    if run.outcome != Outcome::Optimal {
        live.stand(&before, &[])?;
        live.session().set_basis(&basis)?;
        return Ok(None);
    }
    let value = stage.expression.value(&live.read()?.primal);
    let fixed = vec![(stage.expression.clone(), value)];
    live.keep(Face { columns: best, rows: Vec::new(), fixed, by_row: Vec::new() });
    let (outcome, iterations) = (run.outcome, run.iterations);
    Ok(Some(StageAnswer { value, outcome, iterations, row_duals: None, rounds: Vec::new() }))
}

/// Minimises an expression by its costs, scaled by a factor. Where reduced costs of the wrong sign, each within a solver's tolerance,
/// leave together more than what counts, the simplex goes on and looks closely.
pub(crate) fn minimise_closely(
    live: &mut Live,
    costs: &[f64],
    (expression, factor): (&Expression, f64),
) -> Result<Run, MethodError> {
    let run = minimise(live, costs)?;
    if !run.outcome.has_point() || !live.tells_faces() {
        return Ok(run);
    }
    let solution = live.read()?.clone();
    let counts = factor * LEAVES * tolerance::OBJECTIVE * expression.value(&solution.primal).abs().max(1.0);
    if live.left(&solution) <= counts {
        return Ok(run);
    }
    live.session().set_tolerances(tolerance::SOLVER_PRIMAL, tolerance::TIGHT_DUAL)?;
    let again = live.minimise(costs, Algorithm::Primal)?;
    live.session().set_tolerances(tolerance::SOLVER_PRIMAL, tolerance::SOLVER_DUAL)?;
    let again = if again.outcome.has_point() { again } else { live.minimise(costs, Algorithm::Automatic)? };
    Ok(again.after(&run))
}

/// Minimises, and falls back to rows where the faces of earlier stages turn out wrong.
pub(crate) fn minimise(live: &mut Live, costs: &[f64]) -> Result<Run, MethodError> {
    let algorithm = live.algorithm();
    let first = live.minimise(costs, algorithm)?;
    if !live.has_faces() {
        return Ok(first);
    }
    let note = if first.outcome.has_point() {
        let solution = live.read()?.clone();
        let worsened = live.worsened(&solution.primal);
        let Some((kept, now)) = worsened.first() else { return Ok(first) };
        format!("a stage kept by its optimal face at {kept} came out at {now}: objective rows took the faces' place")
    } else if first.outcome == Outcome::Infeasible || first.outcome == Outcome::InfeasibleOrUnbounded {
        "a stage was infeasible on the optimal faces of those before: objective rows took the faces' place".to_owned()
    } else {
        return Ok(first);
    };
    live.notes.push(note);
    live.rows_instead_of_faces()?;
    let mut again = live.minimise(costs, Algorithm::Automatic)?;
    if matches!(again.outcome, Outcome::Infeasible | Outcome::InfeasibleOrUnbounded) {
        live.loosen()?;
        let last = live.minimise(costs, Algorithm::Automatic)?;
        again = last.after(&again);
    }
    if again.outcome.has_point() {
        let solution = live.read()?.clone();
        if let Some((kept, now)) = live.worsened(&solution.primal).first() {
            live.notes.push(format!("a stage kept by a row at {kept} still came out at {now}"));
        }
    }
    Ok(again.after(&first))
}

/// Columns and rows that every optimum of the stage just solved has at their bound.
pub(crate) fn optimal_face(live: &Live, solution: &Solution, stage: &Stage, value: f64) -> Face {
    let columns =
        solution.reduced_costs.iter().enumerate().filter_map(|(j, &d)| held(j, d, live.column(j), live.zero())).collect();
    let rows = solution.row_duals.iter().enumerate().filter_map(|(i, &y)| held(i, y, live.row(i), live.zero())).collect();
    Face { columns, rows, fixed: vec![(stage.expression.clone(), value)], by_row: Vec::new() }
}

/// The bound that a reduced cost or dual holds its column or row at, if it is not fixed anyway.
fn held(number: usize, dual: f64, (lower, upper): (f64, f64), zero: f64) -> Option<Bounds> {
    if dual.abs() <= zero || lower == upper {
        return None;
    }
    let bound = if dual > 0.0 { lower } else { upper };
    bound.is_finite().then_some((number, bound, bound))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::engine::{Options, highs::Highs};
    use crate::program::Program;
    use crate::stage0::total;

    /// x + y ≥ 3, of which x gives 2 at most, after a first stage by which they are 3 together: no y is not to be had, no x is.
    #[test]
    fn what_can_stand_at_its_best_at_once_takes_no_costs() {
        let program = Program {
            starts: vec![0, 1, 2],
            indices: vec![0, 0],
            values: vec![1.0, 1.0],
            column_lower: vec![0.0, 0.0],
            column_upper: vec![2.0, 10.0],
            row_lower: vec![3.0],
            row_upper: vec![f64::INFINITY],
            ..Program::default()
        };
        let mut live = Live::open(&Highs, program, &Options::default()).unwrap();
        assert!(at_best(&mut live, &total([1])).unwrap().is_none(), "no basis is known");
        assert_eq!(run(&mut live, &[total([0, 1])], false).unwrap()[0].value, 3.0);
        assert!(at_best(&mut live, &total([1])).unwrap().is_none(), "x is too little");
        assert_eq!((live.column(0), live.column(1)), ((0.0, 2.0), (0.0, 10.0)));
        assert_eq!(at_best(&mut live, &total([0])).unwrap().unwrap().value, 0.0);
        assert_eq!(run(&mut live, &[total([1])], false).unwrap()[0].value, 3.0);
        assert_eq!(live.column(0), (0.0, 0.0));
    }
}
