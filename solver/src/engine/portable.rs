//! A second engine, all Rust: good_lp with microlp, for tiny programs and for machines without a C++ compiler.
//!
//! Told: outcomes, optimal values and a point. Not told: duals, basis, model files. Every solve is from nothing.
//!
//! Limits: at most 2,000 columns; ten seconds where no limit is given, since microlp has no rule against cycling.

use std::path::Path;
use std::time::Instant;

use good_lp::solvers::WithTimeLimit;
use good_lp::{Expression, ProblemVariables, ResolutionError, Solution as _, SolutionStatus, SolverModel, variable};

use super::{
    Algorithm, Basis, Bounds, Engine, EngineError, Limit, Options, Outcome, Reports, Run, Session, Solution, fits, within,
};
use crate::program::Program;

const NAME: &str = "portable";

/// The engine good_lp with microlp.
#[derive(Clone, Copy, Debug)]
pub struct Portable;

const REPORTS: Reports = Reports { duals: false, basis: false, writes_models: false, largest: Some(2000) };

impl Engine for Portable {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> String {
        "good_lp 1.15 with microlp".to_owned()
    }

    fn reports(&self) -> Reports {
        REPORTS
    }

    fn open(&self, program: &Program, options: &Options) -> Result<Box<dyn Session>, EngineError> {
        let columns = program.columns();
        if REPORTS.largest.is_some_and(|largest| columns > largest) {
            return Err(cannot(format!("take on {columns} columns, only 2000")));
        }
        let mut rows: Vec<Row> = program
            .row_lower
            .iter()
            .zip(&program.row_upper)
            .map(|(&lower, &upper)| Row { lower, upper, terms: Vec::new() })
            .collect();
        fits("column starts", program.starts.len(), columns + 1)?;
        within("row indices", program.indices.iter().map(|&row| row as usize).max(), rows.len())?;
        within("integer columns", program.integers.last().copied(), columns)?;
        for j in 0..columns {
            for entry in program.starts[j] as usize..program.starts[j + 1] as usize {
                rows[program.indices[entry] as usize].terms.push((j, program.values[entry]));
            }
        }
        let mut integer = vec![false; columns];
        for &j in &program.integers {
            integer[j] = true;
        }
        Ok(Box::new(PortableSession {
            columns: program.column_lower.iter().copied().zip(program.column_upper.iter().copied()).collect(),
            rows,
            integer,
            costs: vec![0.0; columns],
            time_limit_s: options.time_limit_s.unwrap_or(PATIENCE_S),
            last: None,
        }))
    }
}

/// Seconds that a run may take where the options say nothing.
const PATIENCE_S: f64 = 10.0;

struct Row {
    lower: f64,
    upper: f64,
    terms: Vec<(usize, f64)>,
}

struct PortableSession {
    columns: Vec<(f64, f64)>,
    rows: Vec<Row>,
    integer: Vec<bool>,
    costs: Vec<f64>,
    time_limit_s: f64,
    last: Option<(Outcome, Vec<f64>)>,
}

impl PortableSession {
    /// Bounds that cross, or rows without terms that cannot hold: microlp is not asked about those.
    fn plainly_infeasible(&self) -> bool {
        self.columns.iter().any(|(lower, upper)| lower > upper)
            || self.rows.iter().any(|row| {
                row.lower > row.upper || (row.terms.iter().all(|term| term.1 == 0.0) && (row.lower > 0.0 || row.upper < 0.0))
            })
    }

    /// Whether some direction that no row or bound ends makes the costs fall: microlp 0.6 calls some programs with free columns
    /// unbounded that are not.
    fn falls_without_end(&self) -> bool {
        let direction = |(lower, upper): (f64, f64), reach: f64| {
            (if lower.is_finite() { 0.0 } else { -reach }, if upper.is_finite() { 0.0 } else { reach })
        };
        let ray = Self {
            columns: self.columns.iter().map(|&bounds| direction(bounds, 1.0)).collect(),
            rows: self
                .rows
                .iter()
                .map(|row| {
                    let (lower, upper) = direction((row.lower, row.upper), f64::INFINITY);
                    Row { lower, upper, terms: row.terms.clone() }
                })
                .collect(),
            integer: vec![false; self.columns.len()],
            costs: self.costs.clone(),
            time_limit_s: self.time_limit_s,
            last: None,
        };
        let (outcome, point) = ray.ask();
        let falls = self.costs.iter().zip(&point).map(|(cost, x)| cost * x).sum::<f64>() < -1e-9;
        outcome == Outcome::Optimal && falls
    }

    fn ask(&self) -> (Outcome, Vec<f64>) {
        if self.plainly_infeasible() {
            return (Outcome::Infeasible, Vec::new());
        }
        let mut variables = ProblemVariables::new();
        let columns: Vec<_> = self
            .columns
            .iter()
            .zip(&self.integer)
            .map(|(&(lower, upper), &integer)| {
                let column = variable().min(lower).max(upper);
                variables.add(if integer { column.integer() } else { column })
            })
            .collect();
        let sum = |terms: &mut dyn Iterator<Item = (usize, f64)>| {
            let mut expression = Expression::default();
            for (j, value) in terms.filter(|term| term.1 != 0.0) {
                expression.add_mul(value, columns[j]);
            }
            expression
        };
        let objective = sum(&mut self.costs.iter().copied().enumerate());
        let mut model = variables.minimise(objective).using(good_lp::microlp);
        for row in self.rows.iter().filter(|row| row.terms.iter().any(|term| term.1 != 0.0)) {
            let expression = || sum(&mut row.terms.iter().copied());
            if row.lower == row.upper {
                model.add_constraint(expression().eq(row.lower));
                continue;
            }
            if row.lower.is_finite() {
                model.add_constraint(expression().geq(row.lower));
            }
            if row.upper.is_finite() {
                model.add_constraint(expression().leq(row.upper));
            }
        }
        let started = Instant::now();
        let solved = model.with_time_limit(self.time_limit_s).solve();
        match solved {
            Ok(solution) => {
                let primal = columns.iter().map(|&column| solution.value(column)).collect();
                let outcome = match solution.status() {
                    SolutionStatus::Optimal => Outcome::Optimal,
                    SolutionStatus::GapLimit | SolutionStatus::TimeLimit => Outcome::Feasible { gap: f64::INFINITY },
                };
                (outcome, primal)
            }
            Err(ResolutionError::Infeasible) => (Outcome::Infeasible, Vec::new()),
            Err(ResolutionError::Unbounded) if self.falls_without_end() => (Outcome::Unbounded, Vec::new()),
            Err(ResolutionError::Unbounded) => {
                (Outcome::Failed { why: "microlp called a bounded program unbounded".into() }, Vec::new())
            }
            Err(_) if started.elapsed().as_secs_f64() >= self.time_limit_s => {
                (Outcome::Stopped { limit: Limit::Time }, Vec::new())
            }
            Err(error) => (Outcome::Failed { why: error.to_string() }, Vec::new()),
        }
    }
}

fn cannot(what: impl Into<String>) -> EngineError {
    EngineError::Unsupported { engine: NAME, what: what.into() }
}

impl Session for PortableSession {
    fn reports(&self) -> Reports {
        REPORTS
    }

    fn set_costs(&mut self, costs: &[f64]) -> Result<(), EngineError> {
        fits("costs", costs.len(), self.columns.len())?;
        self.last = None;
        self.costs.copy_from_slice(costs);
        Ok(())
    }

    fn set_column_bounds(&mut self, changes: &[Bounds]) -> Result<(), EngineError> {
        within("column bounds", changes.iter().map(|change| change.0).max(), self.columns.len())?;
        self.last = None;
        for &(j, lower, upper) in changes {
            self.columns[j] = (lower, upper);
        }
        Ok(())
    }

    fn set_row_bounds(&mut self, changes: &[Bounds]) -> Result<(), EngineError> {
        within("row bounds", changes.iter().map(|change| change.0).max(), self.rows.len())?;
        self.last = None;
        for &(i, lower, upper) in changes {
            (self.rows[i].lower, self.rows[i].upper) = (lower, upper);
        }
        Ok(())
    }

    fn set_coefficients(&mut self, changes: &[(usize, usize, f64)]) -> Result<(), EngineError> {
        within("coefficient rows", changes.iter().map(|change| change.0).max(), self.rows.len())?;
        within("coefficient columns", changes.iter().map(|change| change.1).max(), self.columns.len())?;
        self.last = None;
        for &(i, j, value) in changes {
            let terms = &mut self.rows[i].terms;
            match terms.iter_mut().find(|term| term.0 == j) {
                Some(term) => term.1 = value,
                None => terms.push((j, value)),
            }
        }
        Ok(())
    }

    fn add_row(&mut self, lower: f64, upper: f64, terms: &[(usize, f64)]) -> Result<usize, EngineError> {
        within("terms", terms.iter().map(|term| term.0).max(), self.columns.len())?;
        self.last = None;
        self.rows.push(Row { lower, upper, terms: terms.to_vec() });
        Ok(self.rows.len() - 1)
    }

    fn add_columns(&mut self, bounds: &[(f64, f64)]) -> Result<usize, EngineError> {
        let first = self.columns.len();
        if let Some(largest) = REPORTS.largest.filter(|&largest| first + bounds.len() > largest) {
            return Err(cannot(format!("take on {} columns, only {largest}", first + bounds.len())));
        }
        self.last = None;
        self.columns.extend_from_slice(bounds);
        self.integer.resize(self.columns.len(), false);
        self.costs.resize(self.columns.len(), 0.0);
        Ok(first)
    }

    fn solve(&mut self, _algorithm: Algorithm) -> Result<Run, EngineError> {
        let (outcome, primal) = self.ask();
        self.last = Some((outcome.clone(), primal));
        Ok(Run { outcome, iterations: 0 })
    }

    fn solution(&self) -> Result<Solution, EngineError> {
        let Some((outcome, primal)) = self.last.as_ref().filter(|(outcome, _)| outcome.has_point()) else {
            return Err(cannot("tell a solution where the last run left none"));
        };
        let activity = |row: &Row| row.terms.iter().map(|&(j, value)| value * primal[j]).sum();
        Ok(Solution {
            outcome: outcome.clone(),
            primal: primal.clone(),
            row_activity: self.rows.iter().map(activity).collect(),
            reduced_costs: Vec::new(),
            row_duals: Vec::new(),
            objective: self.costs.iter().zip(primal).map(|(cost, value)| cost * value).sum(),
            iterations: 0,
            basis: None,
        })
    }

    fn forget(&mut self) -> Result<(), EngineError> {
        self.last = None;
        Ok(())
    }

    fn set_time_limit(&mut self, seconds: f64) -> Result<(), EngineError> {
        self.time_limit_s = seconds;
        Ok(())
    }

    fn set_tolerances(&mut self, _primal: f64, _dual: f64) -> Result<(), EngineError> {
        Err(cannot("change its tolerances"))
    }

    fn basis(&self) -> Result<Basis, EngineError> {
        Err(cannot("tell a basis"))
    }

    fn set_basis(&mut self, _basis: &Basis) -> Result<(), EngineError> {
        Err(cannot("start from a basis"))
    }

    fn duals_of(&mut self, _costs: &[&[f64]]) -> Result<Vec<Vec<f64>>, EngineError> {
        Err(cannot("tell duals"))
    }

    fn write_model(&mut self, _path: &Path) -> Result<(), EngineError> {
        Err(cannot("write a model to a file; build with feature `highs`"))
    }
}
