//! HiGHS, but for lies that a test tells in its name.

use std::path::Path;

use weir_solver::engine::highs::Highs;
use weir_solver::engine::{
    Algorithm, Basis, Bounds, Engine, EngineError, Options, Outcome, Reports, Run, Session, Solution,
};
use weir_solver::program::Program;

/// What is told otherwise than it is.
#[derive(Clone, Debug, Default)]
pub struct Lies {
    /// How every run ends, without having been run.
    pub outcome: Option<Outcome>,
    /// The algorithms whose runs end in nothing, if not all do.
    pub fails: &'static [Algorithm],
    /// Whether a ray is told that is none.
    pub ray: bool,
    /// A column whose reduced cost has the wrong sign.
    pub reduced_cost: Option<usize>,
    /// Whether the basis has other duals than it has.
    pub duals: bool,
}

/// An engine that lies by what it is asked.
pub struct Liar<L>(pub L);

struct LiarSession {
    honest: Box<dyn Session>,
    lies: Lies,
    rows: usize,
}

impl<L: Fn(&Program, &Options) -> Lies + Sync> Engine for Liar<L> {
    fn name(&self) -> &'static str {
        "liar"
    }
    fn version(&self) -> String {
        "liar".into()
    }
    fn reports(&self) -> Reports {
        Highs.reports()
    }
    fn open(&self, program: &Program, options: &Options) -> Result<Box<dyn Session>, EngineError> {
        let (honest, lies) = (Highs.open(program, options)?, self.0(program, options));
        Ok(Box::new(LiarSession { honest, lies, rows: program.rows() }))
    }
}

impl Session for LiarSession {
    fn reports(&self) -> Reports {
        self.honest.reports()
    }
    fn set_costs(&mut self, costs: &[f64]) -> Result<(), EngineError> {
        self.honest.set_costs(costs)
    }
    fn set_column_bounds(&mut self, changes: &[Bounds]) -> Result<(), EngineError> {
        self.honest.set_column_bounds(changes)
    }
    fn set_row_bounds(&mut self, changes: &[Bounds]) -> Result<(), EngineError> {
        self.honest.set_row_bounds(changes)
    }
    fn set_coefficients(&mut self, changes: &[(usize, usize, f64)]) -> Result<(), EngineError> {
        self.honest.set_coefficients(changes)
    }
    fn add_row(&mut self, lower: f64, upper: f64, terms: &[(usize, f64)]) -> Result<usize, EngineError> {
        self.honest.add_row(lower, upper, terms)
    }
    fn add_columns(&mut self, bounds: &[(f64, f64)]) -> Result<usize, EngineError> {
        self.honest.add_columns(bounds)
    }
    fn solve(&mut self, algorithm: Algorithm) -> Result<Run, EngineError> {
        match &self.lies.outcome {
            Some(outcome) => Ok(Run { outcome: outcome.clone(), iterations: 0 }),
            None if self.lies.fails.contains(&algorithm) => {
                Ok(Run { outcome: Outcome::Failed { why: format!("no {algorithm:?}") }, iterations: 1 })
            }
            None => self.honest.solve(algorithm),
        }
    }
    fn solution(&self) -> Result<Solution, EngineError> {
        let mut solution = self.honest.solution()?;
        if let Some(column) = self.lies.reduced_cost {
            solution.reduced_costs[column] = -1.0;
        }
        Ok(solution)
    }
    fn ray(&mut self) -> Result<Option<Vec<f64>>, EngineError> {
        if self.lies.ray { Ok(Some(vec![1.0; self.rows])) } else { self.honest.ray() }
    }
    fn forget(&mut self) -> Result<(), EngineError> {
        self.honest.forget()
    }
    fn set_time_limit(&mut self, seconds: f64) -> Result<(), EngineError> {
        self.honest.set_time_limit(seconds)
    }
    fn set_tolerances(&mut self, primal: f64, dual: f64) -> Result<(), EngineError> {
        self.honest.set_tolerances(primal, dual)
    }
    fn basis(&self) -> Result<Basis, EngineError> {
        self.honest.basis()
    }
    fn set_basis(&mut self, basis: &Basis) -> Result<(), EngineError> {
        self.honest.set_basis(basis)
    }
    fn duals_of(&mut self, costs: &[&[f64]]) -> Result<Vec<Vec<f64>>, EngineError> {
        let mut duals = self.honest.duals_of(costs)?;
        if self.lies.duals {
            duals.iter_mut().flatten().for_each(|dual| *dual = -1.0);
        }
        Ok(duals)
    }
    fn write_model(&mut self, path: &Path) -> Result<(), EngineError> {
        self.honest.write_model(path)
    }
}
