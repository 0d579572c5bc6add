//! How a live program is minimised, and asked again where the engine breaks down.

use weir_model::tolerance;

use super::Live;
use crate::engine::{Algorithm, EngineError, Limit, Outcome, Run};

impl Live {
    /// Minimises costs over what earlier stages keep, by all rows. Where the engine breaks down, it is asked again by primal simplex, then
    /// from nothing without presolve, at last by interior point.
    pub(crate) fn minimise(&mut self, costs: &[f64], algorithm: Algorithm) -> Result<Run, EngineError> {
        let run = self.minimise_on(costs, algorithm)?;
        let is_of_all = match run.outcome {
            Outcome::Optimal | Outcome::Feasible { .. } => !self.breaks_late(),
            Outcome::Infeasible | Outcome::Stopped { .. } => true,
            Outcome::Unbounded | Outcome::InfeasibleOrUnbounded | Outcome::Failed { .. } => self.late.is_empty(),
        };
        if is_of_all {
            return Ok(run);
        }
        self.complete()?;
        let onwards = if algorithm == Algorithm::Near { Algorithm::Near } else { Algorithm::Automatic };
        let again = self.minimise_on(costs, onwards)?;
        Ok(again.after(&run))
    }

    /// The same by the rows that the engine was given.
    fn minimise_on(&mut self, costs: &[f64], algorithm: Algorithm) -> Result<Run, EngineError> {
        self.settle()?;
        self.session.set_costs(costs)?;
        let run = self.run(algorithm)?;
        let was_not_near = matches!(run.outcome, Outcome::Failed { .. } | Outcome::Stopped { limit: Limit::Iterations });
        let other_start = self.other_start.take().filter(|_| matches!(run.outcome, Outcome::Failed { .. }));
        if algorithm == Algorithm::Near && was_not_near {
            let onwards = if let Some(basis) = other_start {
                self.session.set_basis(&basis)?;
                Algorithm::Near
            } else {
                self.session.forget()?;
                Algorithm::Automatic
            };
            let again = self.minimise_on(costs, onwards)?;
            return Ok(again.after(&run));
        }
        if matches!(run.outcome, Outcome::Failed { .. }) {
            let mut last = run;
            for algorithm in [Algorithm::Primal, Algorithm::Plain, Algorithm::InteriorPoint] {
                let again = self.run(algorithm)?;
                last = again.after(&last);
                if !matches!(last.outcome, Outcome::Failed { .. }) {
                    break;
                }
            }
            return Ok(last);
        }
        // Crossover was seen to end at a basis whose point misses balances by 3.5e-6.
        if run.outcome.has_point() && self.program.integers.is_empty() && self.residual()? > tolerance::SOLVER_RESIDUAL {
            self.session.forget()?;
            let again = self.run(Algorithm::Automatic)?;
            return Ok(again.after(&run));
        }
        Ok(run)
    }

    /// By how much the point of the last run misses the bounds of any row, as they stand.
    fn residual(&mut self) -> Result<f64, EngineError> {
        self.read()?;
        let Some(solution) = &self.solved else { return Ok(0.0) };
        let activity = self.activity(&solution.primal);
        let missed =
            activity.iter().zip(&self.rows).map(|(&activity, &(lower, upper))| (lower - activity).max(activity - upper));
        Ok(missed.fold(0.0, f64::max))
    }

    pub(super) fn run(&mut self, algorithm: Algorithm) -> Result<Run, EngineError> {
        self.solved = None;
        self.session.solve(algorithm)
    }
}
