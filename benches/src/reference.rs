//! The reference that weir is measured against: a small program over HiGHS, from nothing, fixing optimal faces one
//! stage after another with the basis kept between them, crossover on.

use weir_solver::engine::{Algorithm, Bounds, Engine, EngineError, Limit, Options, Outcome, highs::Highs};

use crate::{Instance, clock};

/// Values of the stages in order.
///
/// # Errors
/// If HiGHS cannot be asked, or a stage has no optimum.
pub fn faces(instance: &Instance, algorithm: Algorithm) -> Result<Vec<f64>, EngineError> {
    faces_on(&Highs, instance, algorithm)
}

/// The same on an engine, such as HiGHS [traced](crate::traced).
///
/// # Errors
/// As [`faces`].
pub fn faces_on(engine: &dyn Engine, instance: &Instance, algorithm: Algorithm) -> Result<Vec<f64>, EngineError> {
    Ok(found(engine, instance, algorithm, &Options::default())?.unwrap_or_default())
}

/// The same where it takes no more than so many processor seconds; none where it would take more.
///
/// # Errors
/// As [`faces`].
pub fn faces_within(instance: &Instance, algorithm: Algorithm, seconds: f64) -> Result<Option<Vec<f64>>, EngineError> {
    found(&Highs, instance, algorithm, &clock::within(seconds))
}

/// Values of the stages in order; none where an interrupt ended it.
fn found(
    engine: &dyn Engine,
    instance: &Instance,
    algorithm: Algorithm,
    options: &Options,
) -> Result<Option<Vec<f64>>, EngineError> {
    let program = &instance.program;
    let mut session = engine.open(program, options)?;
    let mut columns: Vec<(f64, f64)> =
        program.column_lower.iter().copied().zip(program.column_upper.iter().copied()).collect();
    let mut rows: Vec<(f64, f64)> = program.row_lower.iter().copied().zip(program.row_upper.iter().copied()).collect();
    let mut found = Vec::new();
    for stage in &instance.stages {
        session.set_costs(&stage.expression.dense(program.columns()))?;
        if session.solve(algorithm)?.outcome == (Outcome::Stopped { limit: Limit::Interrupt }) {
            return Ok(None);
        }
        let solution = session.solution()?;
        found.push(stage.expression.value(&solution.primal));
        session.set_column_bounds(&fixed(&solution.reduced_costs, &mut columns))?;
        session.set_row_bounds(&fixed(&solution.row_duals, &mut rows))?;
    }
    Ok(Some(found))
}

fn fixed(duals: &[f64], bounds: &mut [(f64, f64)]) -> Vec<Bounds> {
    let mut changes = Vec::new();
    for (number, (&dual, bounds)) in duals.iter().zip(bounds).enumerate() {
        if dual.abs() > 1e-7 && bounds.0 != bounds.1 {
            let bound = if dual > 0.0 { bounds.0 } else { bounds.1 };
            *bounds = (bound, bound);
            changes.push((number, bound, bound));
        }
    }
    changes
}
