//! HiGHS, telling each of its runs on standard error as it ends: algorithm, rows and columns, iterations, processor seconds, how it ended.

use std::path::Path;

use weir_solver::engine::highs::Highs;
use weir_solver::engine::{Algorithm, Basis, Bounds, Engine, EngineError, Options, Reports, Run, Session, Solution};
use weir_solver::program::Program;

use crate::clock;

/// The engine.
pub struct Traced;

struct TracedSession {
    inner: Box<dyn Session>,
    /// Rows and columns.
    size: (usize, usize),
}

impl TracedSession {
    fn boxed(inner: Box<dyn Session>, program: &Program) -> Box<dyn Session> {
        Box::new(Self { inner, size: (program.rows(), program.columns()) })
    }
}

impl Engine for Traced {
    fn name(&self) -> &'static str {
        Highs.name()
    }

    fn version(&self) -> String {
        Highs.version()
    }

    fn reports(&self) -> Reports {
        Highs.reports()
    }

    fn open(&self, program: &Program, options: &Options) -> Result<Box<dyn Session>, EngineError> {
        Ok(TracedSession::boxed(Highs.open(program, options)?, program))
    }
}

impl Session for TracedSession {
    fn reports(&self) -> Reports {
        self.inner.reports()
    }

    fn beside(&self, program: &Program, most: u64) -> Result<Option<Box<dyn Session>>, EngineError> {
        Ok(self.inner.beside(program, most)?.map(|inner| Self::boxed(inner, program)))
    }

    fn set_costs(&mut self, costs: &[f64]) -> Result<(), EngineError> {
        self.inner.set_costs(costs)
    }

    fn set_column_bounds(&mut self, changes: &[Bounds]) -> Result<(), EngineError> {
        self.inner.set_column_bounds(changes)
    }

    fn set_row_bounds(&mut self, changes: &[Bounds]) -> Result<(), EngineError> {
        self.inner.set_row_bounds(changes)
    }

    fn set_coefficients(&mut self, changes: &[(usize, usize, f64)]) -> Result<(), EngineError> {
        self.inner.set_coefficients(changes)
    }

    fn add_row(&mut self, lower: f64, upper: f64, terms: &[(usize, f64)]) -> Result<usize, EngineError> {
        self.size.0 += 1;
        self.inner.add_row(lower, upper, terms)
    }

    fn add_columns(&mut self, bounds: &[(f64, f64)]) -> Result<usize, EngineError> {
        self.size.1 += bounds.len();
        self.inner.add_columns(bounds)
    }

    fn solve(&mut self, algorithm: Algorithm) -> Result<Run, EngineError> {
        let mut run = None;
        let seconds = clock::spent(|| run = Some(self.inner.solve(algorithm)));
        let run = run.expect("it ran")?;
        let ((rows, columns), Run { outcome, iterations }) = (self.size, &run);
        eprintln!("run: {algorithm:?} {rows}x{columns}, {iterations} iterations, {seconds:.3} s, {}", outcome.told());
        Ok(run)
    }

    fn solution(&self) -> Result<Solution, EngineError> {
        self.inner.solution()
    }

    fn ray(&mut self) -> Result<Option<Vec<f64>>, EngineError> {
        self.inner.ray()
    }

    fn forget(&mut self) -> Result<(), EngineError> {
        self.inner.forget()
    }

    fn set_tolerances(&mut self, primal: f64, dual: f64) -> Result<(), EngineError> {
        self.inner.set_tolerances(primal, dual)
    }

    fn set_time_limit(&mut self, seconds: f64) -> Result<(), EngineError> {
        self.inner.set_time_limit(seconds)
    }

    fn start_from(&mut self, point: &[f64]) -> Result<(), EngineError> {
        self.inner.start_from(point)
    }

    fn basis(&self) -> Result<Basis, EngineError> {
        self.inner.basis()
    }

    fn beyond(&mut self) -> Result<Option<u64>, EngineError> {
        let beyond = self.inner.beyond()?;
        if let Some(beyond) = beyond {
            eprintln!("beyond their bounds: {beyond}");
        }
        Ok(beyond)
    }

    fn set_basis(&mut self, basis: &Basis) -> Result<(), EngineError> {
        self.inner.set_basis(basis)
    }

    fn duals_of(&mut self, costs: &[&[f64]]) -> Result<Vec<Vec<f64>>, EngineError> {
        self.inner.duals_of(costs)
    }

    fn write_model(&mut self, path: &Path) -> Result<(), EngineError> {
        self.inner.write_model(path)
    }
}
