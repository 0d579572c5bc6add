//! HiGHS: one session type, the only file with unsafe code.
//!
//! The `highs` crate makes and drops the instance and sets its options; whatever it does not reach goes through its pointer
//! with `highs-sys`.
//!
//! Must stay true: one thread a session (HiGHS keeps one scheduler an OS thread, made with the `threads` of its first run
//! there; another value later ends a run with nothing set); every return code is checked, warnings too; no number is read
//! without its status; array lengths are checked here, since the C side cannot.
//!
//! Source: HiGHS 1.16, `highs_c_api.h`.

#![expect(unsafe_code, reason = "HiGHS is C++ behind a C interface; all calls into it stand in this file")]

mod watch;

use std::ffi::{CStr, CString};
use std::os::raw::{c_char, c_int, c_void};
use std::path::Path;
use std::sync::Arc;

use highs::{ColProblem, HighsOptionValue, Model, Sense};
use highs_sys as sys;

use super::{
    Algorithm, Basis, Bounds, Engine, EngineError, Interrupt, Limit, Options, Outcome, Reports, Run, Session, Solution,
    Standing, fits, within,
};
use crate::program::Program;
use watch::Watch;
use weir_model::tolerance;

const NAME: &str = "highs";

/// Coefficients up to this are dropped: routing kernels are cut at 1e-9, but multiply others.
const SMALLEST: f64 = 1e-12;

/// Iterations that a run from a near basis may take in any case.
const LEAST_NEAR: usize = 1000;

/// The engine HiGHS.
#[derive(Clone, Copy, Debug)]
pub struct Highs;

/// What HiGHS tells: everything.
const REPORTS: Reports = Reports { duals: true, basis: true, writes_models: true, largest: None };

impl Engine for Highs {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> String {
        // SAFETY: returns a pointer to a static, NUL-ended string.
        let version = unsafe { CStr::from_ptr(sys::Highs_version()) };
        format!("HiGHS {}", version.to_string_lossy())
    }

    fn reports(&self) -> Reports {
        REPORTS
    }

    fn open(&self, program: &Program, options: &Options) -> Result<Box<dyn Session>, EngineError> {
        Ok(Box::new(HighsSession::new(program, options)?))
    }
}

/// A program in HiGHS.
pub struct HighsSession {
    model: Model,
    options: Options,
    /// What HiGHS calls between iterations, where somebody waits or listens.
    watch: Option<Arc<Watch>>,
    columns: usize,
    rows: usize,
    integers: bool,
    /// Bounds of rows, of a program without columns only: HiGHS does not look at them then.
    bare: Vec<(f64, f64)>,
    /// Where the next run of a program with integers starts: HiGHS forgets it when costs change.
    point: Option<Vec<f64>>,
    last: Option<Run>,
    /// Iterations that a run may take.
    most: i32,
    /// Whether the last run was by interior point.
    is_interior: bool,
}

/// Called by HiGHS between iterations: ends the run where the flag was raised, and tells where it is.
unsafe extern "C" fn look(
    kind: c_int,
    _message: *const c_char,
    out: *const sys::HighsCallbackDataOut,
    into: *mut sys::HighsCallbackDataIn,
    watch: *mut c_void,
) {
    // SAFETY: `watch` is the session's own; HiGHS gives `out` and, for the kinds that were started, `into`, or none.
    unsafe {
        let watch = &*watch.cast::<Watch>();
        if watch.is_ended() && !into.is_null() {
            (*into).user_interrupt = 1;
        }
        if !out.is_null() {
            watch.tell(kind, &*out);
        }
    }
}

// SAFETY: the instance is owned by this session alone and holds no thread-local state; its scheduler belongs to the thread
// that runs it and is never shared, since every session sets `threads` = 1.
unsafe impl Send for HighsSession {}

impl HighsSession {
    /// Passes a program.
    ///
    /// # Errors
    /// If HiGHS refuses the program.
    pub fn new(program: &Program, options: &Options) -> Result<Self, EngineError> {
        let (columns, rows) = (program.columns(), program.rows());
        fits("column upper bounds", program.column_upper.len(), columns)?;
        fits("row upper bounds", program.row_upper.len(), rows)?;
        fits("column starts", program.starts.len(), columns + 1)?;
        fits("values", program.values.len(), program.indices.len())?;
        let entries = program.starts.last().map_or(0, |&end| end as usize);
        fits("row indices", program.indices.len(), entries)?;
        within("row indices", program.indices.iter().map(|&row| row as usize).max(), rows)?;
        within("integer columns", program.integers.last().copied(), columns)?;
        let model = ColProblem::default().try_optimise(Sense::Minimise).map_err(|_| EngineError::Call {
            engine: NAME,
            call: "Highs_create",
            code: -1,
        })?;
        let integers = !program.integers.is_empty();
        let bounds = program.row_lower.iter().copied().zip(program.row_upper.iter().copied());
        let bare = if columns == 0 { bounds.collect() } else { Vec::new() };
        let mut session = Self {
            model,
            options: options.clone(),
            watch: Watch::of(options),
            columns,
            rows,
            integers,
            bare,
            point: None,
            last: None,
            most: i32::MAX,
            is_interior: false,
        };
        session.set_option("output_flag", false)?;
        session.set_option("threads", 1)?;
        session.set_option("parallel", "off")?;
        session.set_option("random_seed", options.seed)?;
        if !options.scaling {
            session.set_option("simplex_scale_strategy", 0)?;
        }
        session.set_option("run_crossover", "on")?;
        session.set_option("mip_rel_gap", options.gap)?;
        session.set_option("small_matrix_value", SMALLEST)?;
        if let Some(seconds) = options.time_limit_s {
            session.set_option("time_limit", seconds)?;
        }
        session.listen()?;
        session.pass(program)?;
        Ok(session)
    }

    /// Lets whoever waits end runs, and whoever listens hear of them. Before a program is passed: between iterations HiGHS 1.16 copies an
    /// array of as many columns as it held when it was told whom to call, which took a third of a solve.
    fn listen(&mut self) -> Result<(), EngineError> {
        let Some(watch) = &self.watch else { return Ok(()) };
        let watch = Arc::as_ptr(watch).cast_mut().cast::<c_void>();
        let highs = self.highs();
        // SAFETY: the watch lives as long as this session, which outlives the instance's runs.
        checked("Highs_setCallback", unsafe { sys::Highs_setCallback(highs, Some(look), watch) }, false)?;
        for kind in [sys::kHighsCallbackSimplexInterrupt, sys::kHighsCallbackIpmInterrupt, sys::kHighsCallbackMipInterrupt] {
            // SAFETY: the instance has a callback.
            checked("Highs_startCallback", unsafe { sys::Highs_startCallback(highs, kind) }, false)?;
        }
        Ok(())
    }

    fn pass(&mut self, program: &Program) -> Result<(), EngineError> {
        let costs = vec![0.0; self.columns];
        let (columns, rows, entries) = (self.columns as i32, self.rows as i32, program.values.len() as i32);
        let highs = self.highs();
        let warns = crosses(&program.column_lower, &program.column_upper)
            || crosses(&program.row_lower, &program.row_upper)
            || program.values.iter().any(|value| value.abs() <= SMALLEST);
        let (code, call) = if program.integers.is_empty() {
            // SAFETY: the lengths of all arrays were checked against the counts in `new`; HiGHS copies them.
            let code = unsafe {
                sys::Highs_passLp(
                    highs,
                    columns,
                    rows,
                    entries,
                    sys::MATRIX_FORMAT_COLUMN_WISE,
                    sys::OBJECTIVE_SENSE_MINIMIZE,
                    0.0,
                    costs.as_ptr(),
                    program.column_lower.as_ptr(),
                    program.column_upper.as_ptr(),
                    program.row_lower.as_ptr(),
                    program.row_upper.as_ptr(),
                    program.starts.as_ptr(),
                    program.indices.as_ptr(),
                    program.values.as_ptr(),
                )
            };
            (code, "Highs_passLp")
        } else {
            let mut kinds = vec![sys::VAR_TYPE_CONTINUOUS; self.columns];
            for &column in &program.integers {
                kinds[column] = sys::VAR_TYPE_INTEGER;
            }
            // SAFETY: as above; `kinds` has one entry a column.
            let code = unsafe {
                sys::Highs_passMip(
                    highs,
                    columns,
                    rows,
                    entries,
                    sys::MATRIX_FORMAT_COLUMN_WISE,
                    sys::OBJECTIVE_SENSE_MINIMIZE,
                    0.0,
                    costs.as_ptr(),
                    program.column_lower.as_ptr(),
                    program.column_upper.as_ptr(),
                    program.row_lower.as_ptr(),
                    program.row_upper.as_ptr(),
                    program.starts.as_ptr(),
                    program.indices.as_ptr(),
                    program.values.as_ptr(),
                    kinds.as_ptr(),
                )
            };
            (code, "Highs_passMip")
        };
        checked(call, code, warns)
    }

    fn highs(&mut self) -> *mut c_void {
        self.model.as_mut_ptr()
    }

    fn set_option<V: HighsOptionValue>(&mut self, option: &'static str, value: V) -> Result<(), EngineError> {
        self.model.try_set_option(option, value).map_err(|_| EngineError::Call { engine: NAME, call: option, code: -1 })
    }

    /// A whole number that HiGHS tells of its last run, if it is valid.
    fn count(&self, name: &CStr) -> u64 {
        let mut value = 0;
        // SAFETY: `name` is NUL-ended and `value` lives through the call.
        let code = unsafe { sys::Highs_getIntInfoValue(self.model.as_ptr(), name.as_ptr(), &raw mut value) };
        if code == sys::STATUS_OK { u64::try_from(value).unwrap_or(0) } else { 0 }
    }

    /// A number that HiGHS tells of its last run.
    fn number(&self, name: &CStr) -> Option<f64> {
        let mut value = 0.0;
        // SAFETY: `name` is NUL-ended and `value` lives through the call.
        let code = unsafe { sys::Highs_getDoubleInfoValue(self.model.as_ptr(), name.as_ptr(), &raw mut value) };
        (code == sys::STATUS_OK).then_some(value)
    }

    fn outcome(&self, code: i32) -> Outcome {
        // SAFETY: reads a field of the live instance.
        let status = unsafe { sys::Highs_getModelStatus(self.model.as_ptr()) };
        let failed = |why: &str| Outcome::Failed { why: format!("HiGHS ended with status `{why}`, code {code}") };
        let stopped = |limit| match self.incumbent_gap() {
            Some(gap) => Outcome::Feasible { gap },
            None => Outcome::Stopped { limit },
        };
        match status {
            sys::MODEL_STATUS_OPTIMAL => match self.incumbent_gap() {
                Some(gap) if gap > tolerance::OBJECTIVE => Outcome::Feasible { gap },
                _ => Outcome::Optimal,
            },
            sys::MODEL_STATUS_MODEL_EMPTY => {
                let holds = self.bare.iter().all(|&(lower, upper)| lower <= 0.0 && 0.0 <= upper);
                if holds { Outcome::Optimal } else { Outcome::Infeasible }
            }
            sys::MODEL_STATUS_INFEASIBLE => Outcome::Infeasible,
            sys::MODEL_STATUS_UNBOUNDED => Outcome::Unbounded,
            sys::MODEL_STATUS_UNBOUNDED_OR_INFEASIBLE => Outcome::InfeasibleOrUnbounded,
            sys::MODEL_STATUS_REACHED_TIME_LIMIT => stopped(Limit::Time),
            sys::MODEL_STATUS_REACHED_ITERATION_LIMIT => stopped(Limit::Iterations),
            sys::MODEL_STATUS_REACHED_SOLUTION_LIMIT => stopped(Limit::Solutions),
            sys::MODEL_STATUS_REACHED_MEMORY_LIMIT => stopped(Limit::Memory),
            sys::MODEL_STATUS_OBJECTIVE_BOUND | sys::MODEL_STATUS_OBJECTIVE_TARGET => stopped(Limit::Objective),
            sys::MODEL_STATUS_REACHED_INTERRUPT | sys::MODEL_STATUS_HIGHS_INTERRUPT => stopped(Limit::Interrupt),
            sys::MODEL_STATUS_NOTSET => failed("not set"),
            sys::MODEL_STATUS_LOAD_ERROR => failed("load error"),
            sys::MODEL_STATUS_MODEL_ERROR => failed("model error"),
            sys::MODEL_STATUS_PRESOLVE_ERROR => failed("presolve error"),
            sys::MODEL_STATUS_SOLVE_ERROR => failed("solve error"),
            sys::MODEL_STATUS_POSTSOLVE_ERROR => failed("postsolve error"),
            sys::MODEL_STATUS_UNKNOWN => failed("unknown"),
            other => failed(&format!("number {other}")),
        }
    }

    /// Relative gap of a program with integers that has a feasible point.
    fn incumbent_gap(&self) -> Option<f64> {
        let found = self.count(c"primal_solution_status") == sys::SOLUTION_STATUS_FEASIBLE as u64;
        (self.integers && found).then(|| self.number(c"mip_gap").unwrap_or(f64::INFINITY).max(0.0))
    }

    /// The first of the arrays that HiGHS wants for changes by set, and its two bounds.
    fn split(changes: &[Bounds]) -> (Vec<i32>, Vec<f64>, Vec<f64>) {
        let set = changes.iter().map(|change| change.0 as i32).collect();
        let lower = changes.iter().map(|change| change.1).collect();
        let upper = changes.iter().map(|change| change.2).collect();
        (set, lower, upper)
    }

    fn no_point() -> EngineError {
        EngineError::Unsupported { engine: NAME, what: "tell a solution where the last run left none".into() }
    }
}

impl Session for HighsSession {
    fn reports(&self) -> Reports {
        REPORTS
    }

    fn beside(&self, program: &Program, most: u64) -> Result<Option<Box<dyn Session>>, EngineError> {
        let most = i32::try_from(most).unwrap_or(i32::MAX);
        Ok(Some(Box::new(Self { most, ..Self::new(program, &self.options)? })))
    }

    fn set_costs(&mut self, costs: &[f64]) -> Result<(), EngineError> {
        fits("costs", costs.len(), self.columns)?;
        self.last = None;
        if costs.is_empty() {
            return Ok(());
        }
        let last = self.columns as i32 - 1;
        // SAFETY: `costs` has an entry for each column of 0..=last.
        let code = unsafe { sys::Highs_changeColsCostByRange(self.highs(), 0, last, costs.as_ptr()) };
        checked("Highs_changeColsCostByRange", code, false)
    }

    fn set_column_bounds(&mut self, changes: &[Bounds]) -> Result<(), EngineError> {
        within("column bounds", changes.iter().map(|change| change.0).max(), self.columns)?;
        if changes.is_empty() {
            return Ok(());
        }
        self.last = None;
        let (set, lower, upper) = Self::split(changes);
        // SAFETY: the three arrays have `set.len()` entries, and every column exists.
        let code = unsafe {
            sys::Highs_changeColsBoundsBySet(self.highs(), set.len() as i32, set.as_ptr(), lower.as_ptr(), upper.as_ptr())
        };
        checked("Highs_changeColsBoundsBySet", code, crosses(&lower, &upper))
    }

    fn set_row_bounds(&mut self, changes: &[Bounds]) -> Result<(), EngineError> {
        within("row bounds", changes.iter().map(|change| change.0).max(), self.rows)?;
        if changes.is_empty() {
            return Ok(());
        }
        self.last = None;
        let (set, lower, upper) = Self::split(changes);
        // SAFETY: the three arrays have `set.len()` entries, and every row exists.
        let code = unsafe {
            sys::Highs_changeRowsBoundsBySet(self.highs(), set.len() as i32, set.as_ptr(), lower.as_ptr(), upper.as_ptr())
        };
        checked("Highs_changeRowsBoundsBySet", code, crosses(&lower, &upper))?;
        if self.columns == 0 {
            for &(row, lower, upper) in changes {
                self.bare[row] = (lower, upper);
            }
        }
        Ok(())
    }

    fn set_coefficients(&mut self, changes: &[(usize, usize, f64)]) -> Result<(), EngineError> {
        within("coefficient rows", changes.iter().map(|change| change.0).max(), self.rows)?;
        within("coefficient columns", changes.iter().map(|change| change.1).max(), self.columns)?;
        self.last = None;
        for &(row, column, value) in changes {
            // SAFETY: plain numbers; row and column exist.
            let code = unsafe { sys::Highs_changeCoeff(self.highs(), row as i32, column as i32, value) };
            checked("Highs_changeCoeff", code, false)?;
        }
        Ok(())
    }

    fn add_row(&mut self, lower: f64, upper: f64, terms: &[(usize, f64)]) -> Result<usize, EngineError> {
        within("terms", terms.iter().map(|term| term.0).max(), self.columns)?;
        self.last = None;
        let index: Vec<i32> = terms.iter().map(|term| term.0 as i32).collect();
        let value: Vec<f64> = terms.iter().map(|term| term.1).collect();
        // SAFETY: both arrays have `index.len()` entries, and every column exists.
        let code =
            unsafe { sys::Highs_addRow(self.highs(), lower, upper, index.len() as i32, index.as_ptr(), value.as_ptr()) };
        let tiny = value.iter().any(|value| value.abs() <= SMALLEST);
        checked("Highs_addRow", code, lower > upper || tiny)?;
        if self.columns == 0 {
            self.bare.push((lower, upper));
        }
        self.rows += 1;
        Ok(self.rows - 1)
    }

    fn add_columns(&mut self, bounds: &[(f64, f64)]) -> Result<usize, EngineError> {
        let first = self.columns;
        if bounds.is_empty() {
            return Ok(first);
        }
        self.last = None;
        let (lower, upper): (Vec<f64>, Vec<f64>) = bounds.iter().copied().unzip();
        let costs = vec![0.0; bounds.len()];
        // SAFETY: the three arrays have `bounds.len()` entries; no coefficients are given, so the null pointers are not read.
        let code = unsafe {
            sys::Highs_addCols(
                self.highs(),
                bounds.len() as i32,
                costs.as_ptr(),
                lower.as_ptr(),
                upper.as_ptr(),
                0,
                std::ptr::null(),
                std::ptr::null(),
                std::ptr::null(),
            )
        };
        checked("Highs_addCols", code, crosses(&lower, &upper))?;
        self.columns += bounds.len();
        self.bare.clear();
        Ok(first)
    }

    fn solve(&mut self, algorithm: Algorithm) -> Result<Run, EngineError> {
        self.last = None;
        if self.options.interrupt.as_ref().is_some_and(Interrupt::is_raised) {
            return Ok(Run { outcome: Outcome::Stopped { limit: Limit::Interrupt }, iterations: 0 });
        }
        if let Some(watch) = &self.watch {
            watch.begin();
        }
        let (solver, strategy) = match algorithm {
            Algorithm::Automatic | Algorithm::Near => ("choose", 1),
            Algorithm::Plain => ("simplex", 1),
            Algorithm::Primal => ("simplex", 4),
            Algorithm::InteriorPoint => ("ipx", 1),
        };
        // A program with integers accepts no solver but the choice of HiGHS.
        self.set_option("solver", if self.integers { "choose" } else { solver })?;
        self.set_option("simplex_strategy", strategy)?;
        let is_near = algorithm == Algorithm::Near;
        let limit = if is_near { usize::midpoint(self.rows, self.columns).max(LEAST_NEAR) as i32 } else { self.most };
        self.set_option("simplex_iteration_limit", limit)?;
        self.set_option("dual_simplex_cost_perturbation_multiplier", if is_near { 0.0 } else { 1.0 })?;
        let presolve = self.options.presolve && algorithm != Algorithm::Plain;
        self.set_option("presolve", if presolve { "choose" } else { "off" })?;
        if matches!(algorithm, Algorithm::Plain | Algorithm::InteriorPoint) {
            self.forget()?;
        }
        if self.options.time_limit_s.is_some() {
            // SAFETY: resets the clocks of the live instance; without it the limit counts all runs together.
            let code = unsafe { sys::Highs_zeroAllClocks(self.highs()) };
            checked("Highs_zeroAllClocks", code, false)?;
        }
        if let Some(point) = self.point.take().filter(|_| self.integers) {
            let none = std::ptr::null();
            // SAFETY: the array has an entry a column, and HiGHS copies it; of the others it takes none.
            let code = unsafe { sys::Highs_setSolution(self.highs(), point.as_ptr(), none, none, none) };
            checked("Highs_setSolution", code, true)?;
        }
        self.is_interior = algorithm == Algorithm::InteriorPoint;
        // SAFETY: the instance holds a program.
        let code = unsafe { sys::Highs_run(self.highs()) };
        // A warning of a run says that a limit was reached or that the status is unknown: the status tells which.
        let outcome = if code == sys::STATUS_OK || code == sys::STATUS_WARNING {
            self.outcome(code)
        } else {
            Outcome::Failed { why: format!("Highs_run returned {code}") }
        };
        let iterations = self.count(c"simplex_iteration_count")
            + self.count(c"ipm_iteration_count")
            + self.count(c"crossover_iteration_count");
        let run = Run { outcome, iterations };
        self.last = Some(run.clone());
        Ok(run)
    }

    fn solution(&self) -> Result<Solution, EngineError> {
        let Some(run) = self.last.as_ref().filter(|run| run.outcome.has_point()) else {
            return Err(Self::no_point());
        };
        let mut primal = vec![0.0; self.columns];
        let mut reduced_costs = vec![0.0; self.columns];
        let mut row_activity = vec![0.0; self.rows];
        let mut row_duals = vec![0.0; self.rows];
        if self.columns == 0 {
            // HiGHS holds no arrays for a program without columns.
            let Run { outcome, iterations } = run.clone();
            let basis = Some(Basis { columns: Vec::new(), rows: vec![Standing::Basic; self.rows] });
            return Ok(Solution {
                outcome,
                primal,
                row_activity,
                reduced_costs,
                row_duals,
                objective: 0.0,
                iterations,
                basis,
            });
        }
        // SAFETY: two arrays have an entry a column and two an entry a row, as HiGHS fills them.
        let code = unsafe {
            sys::Highs_getSolution(
                self.model.as_ptr(),
                primal.as_mut_ptr(),
                reduced_costs.as_mut_ptr(),
                row_activity.as_mut_ptr(),
                row_duals.as_mut_ptr(),
            )
        };
        checked("Highs_getSolution", code, false)?;
        let basis = if self.integers { None } else { self.basis().ok() };
        if self.integers {
            reduced_costs.clear();
            row_duals.clear();
        }
        // SAFETY: reads a field of the live instance; the outcome says that it holds.
        let objective = unsafe { sys::Highs_getObjectiveValue(self.model.as_ptr()) };
        let Run { outcome, iterations } = run.clone();
        Ok(Solution { outcome, primal, row_activity, reduced_costs, row_duals, objective, iterations, basis })
    }

    fn ray(&mut self) -> Result<Option<Vec<f64>>, EngineError> {
        let infeasible = |run: &Run| matches!(run.outcome, Outcome::Infeasible | Outcome::InfeasibleOrUnbounded);
        if self.rows == 0 || self.columns == 0 || self.integers || !self.last.as_ref().is_some_and(infeasible) {
            return Ok(None);
        }
        // Only the dual simplex method leaves a ray.
        self.set_option("simplex_strategy", 1)?;
        let mut is_told = 0;
        let mut ray = vec![0.0; self.rows];
        // SAFETY: `is_told` lives through the call and the array has an entry a row; where no ray is held the call solves for one.
        let code = unsafe { sys::Highs_getDualRay(self.highs(), &raw mut is_told, ray.as_mut_ptr()) };
        Ok((code == sys::STATUS_OK && is_told == 1).then_some(ray))
    }

    fn forget(&mut self) -> Result<(), EngineError> {
        self.last = None;
        // SAFETY: drops solution, basis and factor of the live instance, and keeps program and options.
        let code = unsafe { sys::Highs_clearSolver(self.highs()) };
        checked("Highs_clearSolver", code, false)
    }

    fn set_tolerances(&mut self, primal: f64, dual: f64) -> Result<(), EngineError> {
        self.set_option("primal_feasibility_tolerance", primal)?;
        self.set_option("dual_feasibility_tolerance", dual)
    }

    fn set_time_limit(&mut self, seconds: f64) -> Result<(), EngineError> {
        self.options.time_limit_s = Some(seconds);
        self.set_option("time_limit", seconds)
    }

    fn start_from(&mut self, point: &[f64]) -> Result<(), EngineError> {
        fits("point to start from", point.len(), self.columns)?;
        self.point = Some(point.to_vec());
        // Searches near the root's reduced costs and near its point take long and find less than one between a start and that point.
        self.set_option("mip_heuristic_run_root_reduced_cost", false)?;
        self.set_option("mip_heuristic_run_rens", false)
    }

    fn basis(&self) -> Result<Basis, EngineError> {
        let mut columns = vec![0; self.columns];
        let mut rows = vec![0; self.rows];
        // SAFETY: the arrays have an entry a column and an entry a row.
        let code = unsafe { sys::Highs_getBasis(self.model.as_ptr(), columns.as_mut_ptr(), rows.as_mut_ptr()) };
        checked("Highs_getBasis", code, false)?;
        let standing = |&status: &i32| match status {
            sys::kHighsBasisStatusLower => Standing::Lower,
            sys::kHighsBasisStatusBasic => Standing::Basic,
            sys::kHighsBasisStatusUpper => Standing::Upper,
            sys::kHighsBasisStatusZero => Standing::Zero,
            _ => Standing::Nonbasic,
        };
        Ok(Basis { columns: columns.iter().map(standing).collect(), rows: rows.iter().map(standing).collect() })
    }

    fn beyond(&mut self) -> Result<Option<u64>, EngineError> {
        if self.integers || self.columns == 0 {
            return Ok(None);
        }
        self.last = None;
        self.set_option("solver", "choose")?;
        self.set_option("simplex_strategy", 1)?;
        self.set_option("simplex_iteration_limit", 0)?;
        // SAFETY: the instance holds a program.
        let code = unsafe { sys::Highs_run(self.highs()) };
        // HiGHS warns of the limit.
        let is_told = code == sys::STATUS_OK || code == sys::STATUS_WARNING;
        Ok(is_told.then(|| self.count(c"num_primal_infeasibilities")))
    }

    fn set_basis(&mut self, basis: &Basis) -> Result<(), EngineError> {
        fits("basis columns", basis.columns.len(), self.columns)?;
        within("basis rows", basis.rows.len().checked_sub(1), self.rows)?;
        self.last = None;
        let status = |&standing: &Standing| match standing {
            Standing::Lower => sys::kHighsBasisStatusLower,
            Standing::Basic => sys::kHighsBasisStatusBasic,
            Standing::Upper => sys::kHighsBasisStatusUpper,
            Standing::Zero => sys::kHighsBasisStatusZero,
            Standing::Nonbasic => sys::kHighsBasisStatusNonbasic,
        };
        let columns: Vec<i32> = basis.columns.iter().map(status).collect();
        let mut rows: Vec<i32> = basis.rows.iter().map(status).collect();
        rows.resize(self.rows, sys::kHighsBasisStatusBasic);
        // SAFETY: the arrays have an entry a column and an entry a row.
        let code = unsafe { sys::Highs_setBasis(self.highs(), columns.as_ptr(), rows.as_ptr()) };
        checked("Highs_setBasis", code, false)
    }

    fn duals_of(&mut self, costs: &[&[f64]]) -> Result<Vec<Vec<f64>>, EngineError> {
        for cost in costs {
            fits("costs", cost.len(), self.columns)?;
        }
        // SAFETY: reads a field of the live instance.
        if unsafe { sys::Highs_getNumNz(self.model.as_ptr()) } == 0 {
            // HiGHS 1.16 solves such programs without a factor, and would read one that is not there.
            return Ok(vec![vec![0.0; self.rows]; costs.len()]);
        }
        if std::mem::take(&mut self.is_interior) {
            // Where crossover left simplex nothing to do, HiGHS 1.16 holds no factor of its basis and reads one all the same.
            let last = self.last.take();
            self.set_basis(&self.basis()?)?;
            self.last = last;
        }
        let mut basic = vec![0; self.rows];
        // SAFETY: the array has an entry a row; the call factorises the basis where no factor is held.
        let code = unsafe { sys::Highs_getBasicVariables(self.model.as_ptr(), basic.as_mut_ptr()) };
        checked("Highs_getBasicVariables", code, false)?;
        let mut duals = Vec::with_capacity(costs.len());
        for cost in costs {
            // A negative number is a row's own column, which costs nothing.
            let side: Vec<f64> = basic.iter().map(|&j| usize::try_from(j).map_or(0.0, |j| cost[j])).collect();
            let mut dual = vec![0.0; self.rows];
            // SAFETY: right-hand side and result have an entry a row; the null pointers say that no list is wanted.
            let code = unsafe {
                sys::Highs_getBasisTransposeSolve(
                    self.model.as_ptr(),
                    side.as_ptr(),
                    dual.as_mut_ptr(),
                    std::ptr::null_mut(),
                    std::ptr::null_mut(),
                )
            };
            checked("Highs_getBasisTransposeSolve", code, false)?;
            duals.push(dual);
        }
        Ok(duals)
    }

    fn write_model(&mut self, path: &Path) -> Result<(), EngineError> {
        let refused = || EngineError::Write { path: path.to_owned() };
        let mut file = path.as_os_str().as_encoded_bytes().to_vec();
        if path.extension().is_none_or(|extension| !extension.eq_ignore_ascii_case("mps")) {
            file.extend_from_slice(b".mps");
        }
        let file = CString::new(file).map_err(|_| refused())?;
        // SAFETY: `file` is NUL-ended and lives through the call.
        let code = unsafe { sys::Highs_writeModel(self.highs(), file.as_ptr()) };
        // A warning says that names were missing and have been made.
        if code == sys::STATUS_OK || code == sys::STATUS_WARNING { Ok(()) } else { Err(refused()) }
    }
}

/// Whether some lower bound lies above its upper one: HiGHS warns of it, and its run then says infeasible.
fn crosses(lower: &[f64], upper: &[f64]) -> bool {
    lower.iter().zip(upper).any(|(lower, upper)| lower > upper)
}

/// Refuses any code but success, and a warning unless it was expected.
fn checked(call: &'static str, code: i32, warns: bool) -> Result<(), EngineError> {
    if code == sys::STATUS_OK || (warns && code == sys::STATUS_WARNING) {
        Ok(())
    } else {
        Err(EngineError::Call { engine: NAME, call, code })
    }
}
