//! A live program: a session, the bounds as the caller gave them, and what the stages solved so far keep.
//!
//! A stage that was solved is *kept* before the next one is: by its optimal face (columns and rows fixed at the bounds where
//! its reduced costs hold them), or by a row on its value. Faces are bounds that can be released again; rows are added to the
//! live session, so no model is built twice.

mod coarse;
mod ended;
mod late;
mod minimise;
mod telling;

use std::path::Path;

use weir_model::plan::Front;
use weir_model::tolerance;

use super::{Group, MethodError};
use crate::engine::{self, Algorithm, Basis, Bounds, Engine, EngineError, Options, Outcome, Session, Solution};
use crate::program::{Expression, Program, Stage};
use ended::Ended;
use telling::Telling;

/// A program in a session, with what the stages solved so far keep.
pub struct Live {
    session: Box<dyn Session>,
    /// As the caller gave it; faces are not in its bounds.
    program: Program,
    /// Rows added to keep stages, after the program's own: the bounds and terms of each.
    added: Vec<(f64, f64, Expression)>,
    /// Bounds as they stand in the session.
    columns: Vec<(f64, f64)>,
    rows: Vec<(f64, f64)>,
    /// Rows whose bounds the session was not given yet, with them.
    late: Vec<Bounds>,
    /// From how many on rows come late.
    late_from: usize,
    kept: Vec<Kept>,
    /// Number of stages kept and of rows added that no release takes away.
    anchored: (usize, usize),
    pending: Option<Face>,
    solved: Option<Solution>,
    algorithm: Algorithm,
    /// Reduced costs up to this count as zero where an optimal face is read from them.
    zero: f64,
    pub(super) groups: Vec<Group>,
    /// Where the groups of the last order ended.
    ended: Vec<Ended>,
    /// Where else a run from a near basis may start, if the engine breaks down.
    other_start: Option<Basis>,
    pub(super) notes: Vec<String>,
    pub(super) front: Option<Front>,
    telling: Telling,
    /// Whether presolve and the engine's own choice begin a solve.
    from_nothing: bool,
    /// How many bounds and coefficients the caller changed since the last order; of a basis that was given, more than any.
    changed: u64,
}

/// How many bounds and coefficients of a live program were changed to make it another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refreshed {
    /// Columns with other bounds.
    pub column_bounds: usize,
    /// Rows with other bounds.
    pub row_bounds: usize,
    /// Other coefficients.
    pub coefficients: usize,
}

/// Bounds as they stood in a live program, to be read when it is gone.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// Lower and upper bound of each column.
    pub columns: Vec<(f64, f64)>,
    /// Lower and upper bound of each of the program's own rows.
    pub rows: Vec<(f64, f64)>,
    /// Rows that keep stages, bounds as they stand: where a later stage holds one at its side, there.
    pub kept: Vec<(f64, f64, Expression)>,
}

/// A stage that later ones must not worsen.
#[derive(Clone, Debug)]
struct Kept {
    expression: Expression,
    value: f64,
    tolerance: f64,
    by_row: bool,
}

/// What a solved stage keeps, to be set before the next is solved.
#[derive(Clone, Debug, Default)]
pub(crate) struct Face {
    /// Columns to fix.
    pub columns: Vec<Bounds>,
    /// Rows to fix.
    pub rows: Vec<Bounds>,
    /// Stages that the fixed columns and rows keep, with their values.
    pub fixed: Vec<(Expression, f64)>,
    /// Stages to be kept by a row: value and tolerance.
    pub by_row: Vec<(Expression, f64, f64)>,
}

impl Live {
    /// Opens a session on a program.
    ///
    /// # Errors
    /// If the engine refuses the program.
    pub fn open(engine: &dyn Engine, program: Program, options: &Options) -> Result<Self, EngineError> {
        let mut live = Self::around(engine.open(&program, options)?, program, options);
        live.hold_back()?;
        Ok(live)
    }

    /// On a session that holds the program.
    fn around(session: Box<dyn Session>, program: Program, options: &Options) -> Self {
        let columns = program.column_lower.iter().copied().zip(program.column_upper.iter().copied()).collect();
        let rows = program.row_lower.iter().copied().zip(program.row_upper.iter().copied()).collect();
        Self {
            session,
            program,
            added: Vec::new(),
            columns,
            rows,
            late: Vec::new(),
            late_from: options.large.late,
            kept: Vec::new(),
            anchored: (0, 0),
            pending: None,
            solved: None,
            algorithm: options.algorithm,
            zero: tolerance::SOLVER_DUAL,
            groups: Vec::new(),
            ended: Vec::new(),
            other_start: None,
            notes: Vec::new(),
            front: None,
            telling: Telling::to(options.progress.clone()),
            from_nothing: options.algorithm == Algorithm::Automatic && options.presolve,
            changed: 0,
        }
    }

    /// The program as the caller gave it, with the changes made since.
    pub const fn program(&self) -> &Program {
        &self.program
    }

    /// Changes bounds of columns, each named once, above whatever a kept face says of them.
    ///
    /// # Errors
    /// If the engine refuses.
    pub fn set_column_bounds(&mut self, changes: &[Bounds]) -> Result<(), EngineError> {
        self.settle()?;
        self.session.set_column_bounds(changes)?;
        self.changed = self.changed.saturating_add(changes.len() as u64);
        for &(j, lower, upper) in changes {
            self.columns[j] = (lower, upper);
            self.program.column_lower[j] = lower;
            self.program.column_upper[j] = upper;
        }
        Ok(())
    }

    /// Changes bounds of rows, each named once, above whatever a kept face says of them.
    ///
    /// # Errors
    /// If the engine refuses.
    pub fn set_row_bounds(&mut self, changes: &[Bounds]) -> Result<(), EngineError> {
        self.settle()?;
        self.complete()?;
        self.session.set_row_bounds(changes)?;
        self.changed = self.changed.saturating_add(changes.len() as u64);
        for &(i, lower, upper) in changes {
            self.rows[i] = (lower, upper);
            self.program.row_lower[i] = lower;
            self.program.row_upper[i] = upper;
        }
        Ok(())
    }

    /// Makes the program another of the same columns and rows, above whatever a kept face says, by the least changes; none where it
    /// has others, and nothing is changed then.
    ///
    /// # Errors
    /// If the engine refuses.
    pub fn refresh(&mut self, program: &Program) -> Result<Option<Refreshed>, EngineError> {
        self.settle()?;
        let Some(changes) = self.program.changes_to(program) else { return Ok(None) };
        self.session.set_coefficients(&changes.coefficients)?;
        self.changed = self.changed.saturating_add(changes.coefficients.len() as u64);
        self.program.starts.clone_from(&program.starts);
        self.program.indices.clone_from(&program.indices);
        self.program.values.clone_from(&program.values);
        self.set_column_bounds(&changes.columns)?;
        self.set_row_bounds(&changes.rows)?;
        Ok(Some(Refreshed {
            column_bounds: changes.columns.len(),
            row_bounds: changes.rows.len(),
            coefficients: changes.coefficients.len(),
        }))
    }

    /// How many rows stages have added to the program's own.
    pub fn added_rows(&self) -> usize {
        self.added.len()
    }

    /// The basis of the last run, of the program's own columns and rows.
    ///
    /// # Errors
    /// If there is none.
    pub fn own_basis(&self) -> Result<Basis, EngineError> {
        let mut basis = self.without_faces(self.session.basis()?);
        basis.rows.truncate(self.program.rows());
        Ok(basis)
    }

    /// A basis of the last run as it is without the faces that stand: of what they fix the engine tells either bound, and once it is
    /// free again it is at the one where it was fixed.
    fn without_faces(&self, mut basis: Basis) -> Basis {
        let program = &self.program;
        let own = program.column_lower.iter().zip(&program.column_upper);
        let columns = basis.columns.iter_mut().zip(&self.columns).zip(own);
        let own = program.row_lower.iter().zip(&program.row_upper);
        let rows = basis.rows.iter_mut().zip(&self.rows).zip(own);
        for ((standing, &(lower, upper)), (own_lower, own_upper)) in columns.chain(rows) {
            if *standing == engine::Standing::Basic || lower < upper || own_lower == own_upper {
                continue;
            }
            if upper == *own_upper {
                *standing = engine::Standing::Upper;
            } else if lower == *own_lower {
                *standing = engine::Standing::Lower;
            }
        }
        basis
    }

    /// How the next stages are solved.
    pub const fn set_algorithm(&mut self, algorithm: Algorithm) {
        self.algorithm = algorithm;
    }

    /// Adds columns with these bounds to the program, in no row; the first one's number is returned.
    ///
    /// # Errors
    /// If the engine refuses.
    pub fn add_columns(&mut self, bounds: &[(f64, f64)]) -> Result<usize, EngineError> {
        self.settle()?;
        let first = self.session.add_columns(bounds)?;
        let end = self.program.starts.last().copied().unwrap_or(0);
        for &(lower, upper) in bounds {
            self.program.starts.push(end);
            self.program.column_lower.push(lower);
            self.program.column_upper.push(upper);
            self.columns.push((lower, upper));
        }
        Ok(first)
    }

    /// Adds a row after the program's own, as a method needs it; terms as (column, value), none twice. Its number is returned.
    ///
    /// # Errors
    /// If the engine refuses.
    pub fn add_row(&mut self, lower: f64, upper: f64, terms: Vec<(usize, f64)>) -> Result<usize, EngineError> {
        self.settle()?;
        let number = self.session.add_row(lower, upper, &terms)?;
        self.added.push((lower, upper, Expression { terms, constant: 0.0 }));
        self.rows.push((lower, upper));
        Ok(number)
    }

    /// Changes the bounds of a row that was added after the program's own.
    ///
    /// # Errors
    /// If the engine refuses.
    pub fn set_added_bounds(&mut self, number: usize, lower: f64, upper: f64) -> Result<(), EngineError> {
        self.settle()?;
        self.session.set_row_bounds(&[(number, lower, upper)])?;
        self.rows[number] = (lower, upper);
        if let Some(row) = number.checked_sub(self.program.rows()).and_then(|added| self.added.get_mut(added)) {
            (row.0, row.1) = (lower, upper);
        }
        Ok(())
    }

    /// Starts the next solve from a basis of the program.
    ///
    /// # Errors
    /// If its size does not fit.
    pub fn set_basis(&mut self, basis: &Basis) -> Result<(), EngineError> {
        self.complete()?;
        self.changed = u64::MAX;
        self.session.set_basis(basis)
    }

    /// Solves and reads faces so closely that exchange rates of second order are told from ties: what is left over evaporates by
    /// 3e-5 a day, and stages that weigh water in two such places differ by the product.
    ///
    /// # Errors
    /// If the engine refuses.
    pub fn look_closely(&mut self) -> Result<(), EngineError> {
        if self.tells_faces() {
            self.session.set_tolerances(tolerance::SOLVER_PRIMAL, tolerance::TIGHT_DUAL)?;
            self.zero = tolerance::DUAL;
        }
        Ok(())
    }

    /// Starts the next solve of a program with whole numbers from a point.
    ///
    /// # Errors
    /// If its size does not fit.
    pub fn start_from(&mut self, point: &[f64]) -> Result<(), EngineError> {
        self.session.start_from(point)
    }

    /// Gives each of the next runs so many seconds.
    ///
    /// # Errors
    /// If the engine refuses.
    pub fn set_time_limit(&mut self, seconds: f64) -> Result<(), EngineError> {
        self.session.set_time_limit(seconds)
    }

    /// Makes what earlier stages keep a part of the program, which no release takes away.
    ///
    /// # Errors
    /// If the engine refuses.
    pub fn anchor(&mut self) -> Result<(), EngineError> {
        self.settle()?;
        for (j, &(lower, upper)) in self.columns.iter().enumerate() {
            (self.program.column_lower[j], self.program.column_upper[j]) = (lower, upper);
        }
        for (i, &(lower, upper)) in self.rows.iter().take(self.program.rows()).enumerate() {
            (self.program.row_lower[i], self.program.row_upper[i]) = (lower, upper);
        }
        for &(i, lower, upper) in &self.late {
            (self.program.row_lower[i], self.program.row_upper[i]) = (lower, upper);
        }
        self.anchored = (self.kept.len(), self.added.len());
        Ok(())
    }

    /// Releases all that stages keep since the anchor: faces at once, rows by widening them.
    ///
    /// # Errors
    /// If the engine refuses.
    pub fn release(&mut self) -> Result<(), EngineError> {
        self.pending = None;
        self.kept.truncate(self.anchored.0);
        self.release_faces()?;
        let first = self.program.rows() + self.anchored.1;
        let free: Vec<Bounds> = (first..self.rows.len()).map(|i| (i, f64::NEG_INFINITY, f64::INFINITY)).collect();
        for row in self.added.iter_mut().skip(self.anchored.1) {
            (row.0, row.1) = (f64::NEG_INFINITY, f64::INFINITY);
        }
        for &(i, lower, upper) in &free {
            self.rows[i] = (lower, upper);
        }
        self.session.set_row_bounds(&free)
    }

    /// Whether all rows and bounds can hold together. "Infeasible" is confirmed by a second solve from nothing.
    ///
    /// # Errors
    /// If the engine cannot be asked.
    pub fn feasible(&mut self) -> Result<Outcome, EngineError> {
        self.settle()?;
        self.complete()?;
        self.session.set_costs(&vec![0.0; self.program.columns()])?;
        let run = self.run(self.algorithm)?;
        if run.outcome.has_point() {
            self.solved = Some(self.session.solution()?);
            return Ok(run.outcome);
        }
        self.session.forget()?;
        let again = self.run(Algorithm::Primal)?;
        if again.outcome.has_point() {
            self.solved = Some(self.session.solution()?);
        }
        Ok(again.outcome)
    }

    /// Multipliers by which the program as it was last solved contradicts itself; see [`Session::ray`].
    ///
    /// # Errors
    /// If the engine refuses.
    pub fn ray(&mut self) -> Result<Option<Vec<f64>>, EngineError> {
        self.session.ray()
    }

    /// Writes the program as it now stands, with the costs of an expression.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write_model(&mut self, expression: &Expression, path: &Path) -> Result<(), EngineError> {
        self.complete()?;
        self.session.set_costs(&expression.dense(self.program.columns()))?;
        self.session.write_model(path)
    }

    /// Bounds of columns and rows as they stand, with what solved stages keep: faces are in the bounds of columns and of the
    /// program's own rows; kept rows follow as bounds and terms.
    ///
    /// # Errors
    /// If the engine refuses to set what the last stage keeps.
    pub fn standing(&mut self) -> Result<Standing, EngineError> {
        self.settle()?;
        self.complete()?;
        let (rows, kept_rows) = self.rows.split_at(self.program.rows());
        let kept = self.added.iter().zip(kept_rows).map(|(row, &(lower, upper))| (lower, upper, row.2.clone()));
        Ok(Standing { columns: self.columns.clone(), rows: rows.to_vec(), kept: kept.collect() })
    }

    /// Rows that were added so far; what the last stage keeps is added before the next.
    pub fn added(&self) -> impl Iterator<Item = &Expression> {
        self.added.iter().map(|(_, _, expression)| expression)
    }

    /// Row duals that an expression has at the basis of the last run: of the program's own rows, then of those that keep stages.
    ///
    /// # Errors
    /// If there is no basis.
    pub fn duals_of(&mut self, expression: &Expression) -> Result<Vec<f64>, EngineError> {
        let costs = expression.dense(self.program.columns());
        let duals = self.session.duals_of(&[&costs])?.pop().unwrap_or_default();
        Ok(duals)
    }

    /// The point found last, with added rows cut off.
    pub fn solution(&self) -> Option<&Solution> {
        self.solved.as_ref()
    }

    /// Sentences about fall-backs that were taken since they were last asked for.
    pub fn take_notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    /// Starts an order: groups and notes are told anew.
    pub(super) fn begin(&mut self) {
        self.groups.clear();
        self.notes.clear();
        self.front = None;
    }

    /// The last point, its groups and notes.
    pub(super) fn finish(&mut self) -> Result<(Solution, Vec<Group>, Vec<String>), MethodError> {
        let mut solution = match self.solved.take() {
            Some(solution) => solution,
            None => self.session.solution()?,
        };
        let rows = self.program.rows();
        solution.row_activity.truncate(rows);
        solution.row_duals.truncate(rows);
        if let Some(mut basis) = solution.basis.take() {
            basis.rows.truncate(rows);
            solution.basis = Some(self.without_faces(basis));
        }
        Ok((solution, std::mem::take(&mut self.groups), std::mem::take(&mut self.notes)))
    }

    pub(super) fn session(&mut self) -> &mut dyn Session {
        self.session.as_mut()
    }

    /// The algorithm that the caller asked for.
    pub(crate) const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Reduced costs up to this count as zero where an optimal face is read from them.
    pub(super) const fn zero(&self) -> f64 {
        self.zero
    }

    /// Bounds of a column as they stand.
    pub(crate) fn column(&self, j: usize) -> (f64, f64) {
        self.columns[j]
    }

    /// Bounds of a row as they stand, added rows included.
    pub(crate) fn row(&self, i: usize) -> (f64, f64) {
        self.rows[i]
    }

    /// How far columns, then rows, can move between their bounds as they stand; a row no further than its columns move it.
    pub(super) fn ways(&self) -> Vec<f64> {
        let mut ways: Vec<f64> = self.columns.iter().map(|(lower, upper)| upper - lower).collect();
        let mut moved = vec![0.0; self.rows.len()];
        for (j, way) in ways.iter().enumerate().filter(|(_, way)| **way > 0.0) {
            self.program.entries(j).for_each(|(i, value)| moved[i] += value.abs() * way);
        }
        for ((_, _, expression), moved) in self.added.iter().zip(&mut moved[self.program.rows()..]) {
            *moved = expression.terms.iter().map(|&(j, value)| value.abs() * ways[j]).sum();
        }
        ways.extend(self.rows.iter().zip(moved).map(|(&(lower, upper), moved)| moved.min(upper - lower)));
        ways
    }

    /// Whether faces can be read from the engine's duals.
    pub(crate) fn tells_faces(&self) -> bool {
        let reports = self.session.reports();
        reports.duals && reports.basis && self.program.integers.is_empty()
    }

    /// Whether the optimal face of a stage may keep it, rather than a row.
    pub(crate) fn may_keep_by_face(&self, stage: &Stage) -> bool {
        stage.tolerance <= 0.0 && self.tells_faces()
    }

    /// Whether a point is on a face, as near as a solver takes points with whole numbers.
    pub(crate) fn is_on(&self, face: &Face, point: &[f64]) -> bool {
        let mut activity = self.activity(point);
        activity.extend(self.added.iter().map(|(_, _, row)| row.value(point)));
        let is_at = |at: f64, bound: f64| (at - bound).abs() <= tolerance::SOLVER_WHOLE;
        face.columns.iter().all(|&(j, bound, _)| is_at(point[j], bound))
            && face.rows.iter().all(|&(i, bound, _)| is_at(activity[i], bound))
    }

    /// What a point makes of each of the program's own rows.
    pub(super) fn activity(&self, point: &[f64]) -> Vec<f64> {
        let mut activity = vec![0.0; self.program.rows()];
        for (j, &x) in point.iter().enumerate() {
            self.program.entries(j).for_each(|(i, value)| activity[i] += value * x);
        }
        activity
    }

    /// Whether the next run starts from a basis.
    pub(super) fn starts_from_a_basis(&self) -> bool {
        self.session.basis().is_ok_and(|basis| basis.is_known())
    }

    /// Whether the engine tells a basis, and with it duals of whatever expression.
    pub(crate) fn tells_basis(&self) -> bool {
        self.session.reports().basis
    }

    /// costs − Aᵀ duals, added rows included.
    pub(crate) fn reduced_costs(&self, costs: &[f64], duals: &[f64]) -> Vec<f64> {
        let mut reduced = costs.to_vec();
        for (j, reduced) in reduced.iter_mut().enumerate() {
            let (from, to) = (self.program.starts[j] as usize, self.program.starts[j + 1] as usize);
            let entries = self.program.indices[from..to].iter().zip(&self.program.values[from..to]);
            *reduced -= entries.map(|(&i, &value)| value * duals[i as usize]).sum::<f64>();
        }
        for ((_, _, expression), &dual) in self.added.iter().zip(&duals[self.program.rows()..]) {
            for &(j, value) in &expression.terms {
                reduced[j] -= value * dual;
            }
        }
        reduced
    }

    /// Keeps a stage at a value, within its tolerance, by a row.
    pub fn keep_by_row(&mut self, stage: &Stage, value: f64) {
        self.pending = Some(kept_by_row(stage, value));
    }

    /// Remembers what the stage just solved keeps; it is set before the next solve, so that its point can be read till then.
    pub(crate) fn keep(&mut self, face: Face) {
        self.pending = Some(face);
    }

    /// Sets what the last solved stage keeps.
    ///
    /// # Errors
    /// If the engine refuses.
    pub fn settle(&mut self) -> Result<(), EngineError> {
        let Some(face) = self.pending.take() else { return Ok(()) };
        self.stand(&face.columns, &face.rows)?;
        for (expression, value) in face.fixed {
            self.kept.push(Kept { expression, value, tolerance: 0.0, by_row: false });
        }
        for (expression, value, tolerance) in face.by_row {
            self.add_kept_row(&expression, value, tolerance)?;
            self.kept.push(Kept { expression, value, tolerance, by_row: true });
        }
        Ok(())
    }

    /// Sets bounds as they stand, the program's own left as they are: [`Live::release`] brings those back.
    pub(crate) fn stand(&mut self, columns: &[Bounds], rows: &[Bounds]) -> Result<(), EngineError> {
        self.session.set_column_bounds(columns)?;
        for &(j, lower, upper) in columns {
            self.columns[j] = (lower, upper);
        }
        self.session.set_row_bounds(rows)?;
        for &(i, lower, upper) in rows {
            self.rows[i] = (lower, upper);
        }
        Ok(())
    }

    /// Sets a column's value in the point found last.
    pub(super) fn set_value(&mut self, j: usize, value: f64) {
        if let Some(place) = self.solved.as_mut().and_then(|solution| solution.primal.get_mut(j)) {
            *place = value;
        }
    }

    /// By how much a column could rise at a point, all others left alone, before one of its rows stops it.
    pub(super) fn room_above(&self, j: usize, solution: &Solution) -> f64 {
        let own = self.program.entries(j);
        let first = self.program.rows();
        let added = self.added.iter().enumerate().flat_map(|(number, (_, _, expression))| {
            expression.terms.iter().filter(|term| term.0 == j).map(move |term| (first + number, term.1))
        });
        let room = |(i, value): (usize, f64)| {
            let ((lower, upper), activity) = (self.rows[i], solution.row_activity[i]);
            if value > 0.0 { (upper - activity) / value } else { (activity - lower) / -value }
        };
        own.chain(added).map(room).fold(f64::INFINITY, f64::min).max(0.0)
    }

    /// By how much the costs of a point may lie above the least, by its reduced costs and duals: Σ each × the way to the bound that it
    /// asks for.
    pub(super) fn left(&self, solution: &Solution) -> f64 {
        let way = |&dual: &f64, value: f64, (lower, upper): (f64, f64)| {
            let way = if dual > 0.0 { value - lower } else { upper - value };
            if way.is_finite() { dual.abs() * way.max(0.0) } else { 0.0 }
        };
        let columns = solution.reduced_costs.iter().zip(&solution.primal).enumerate();
        let rows = solution.row_duals.iter().zip(&solution.row_activity).enumerate();
        columns.map(|(j, (d, &x))| way(d, x, self.column(j))).sum::<f64>()
            + rows.map(|(i, (y, &activity))| way(y, activity, self.row(i))).sum::<f64>()
    }

    /// Reads the point of the last run, and holds it as the one found last.
    pub(crate) fn read(&mut self) -> Result<&Solution, EngineError> {
        let solution = self.session.solution()?;
        Ok(self.solved.insert(solution))
    }

    /// Stages kept by faces that a point worsens beyond their tolerance, as (value kept, value at the point).
    pub(crate) fn worsened(&self, primal: &[f64]) -> Vec<(f64, f64)> {
        let worse = |kept: &&Kept| {
            let slack = kept.tolerance + tolerance::OBJECTIVE * kept.value.abs().max(1.0);
            kept.expression.value(primal) > kept.value + slack
        };
        self.kept.iter().filter(worse).map(|kept| (kept.value, kept.expression.value(primal))).collect()
    }

    /// Whether some stage is kept by a face.
    pub(super) fn has_faces(&self) -> bool {
        self.kept.iter().any(|kept| !kept.by_row)
    }

    /// Falls back from faces to rows for all stages kept so far.
    pub(super) fn rows_instead_of_faces(&mut self) -> Result<(), EngineError> {
        self.release_faces()?;
        let mut kept = std::mem::take(&mut self.kept);
        for stage in kept.iter_mut().filter(|stage| !stage.by_row) {
            self.add_kept_row(&stage.expression, stage.value, 0.0)?;
            stage.by_row = true;
        }
        self.kept = kept;
        Ok(())
    }

    /// Gives the rows that keep stages room for half of what counts as a difference.
    pub(super) fn loosen(&mut self) -> Result<(), EngineError> {
        self.settle()?;
        self.complete()?;
        let first = self.program.rows();
        let mut bounds: Vec<Bounds> = Vec::new();
        for (number, (lower, upper, _)) in self.added.iter_mut().enumerate().filter(|(_, row)| row.0 == f64::NEG_INFINITY) {
            *upper += 0.5 * tolerance::OBJECTIVE * upper.abs().max(1.0);
            bounds.push((first + number, *lower, *upper));
        }
        self.stand(&[], &bounds)
    }

    fn release_faces(&mut self) -> Result<(), EngineError> {
        self.complete()?;
        let program = &self.program;
        let column = |(j, now): (usize, &(f64, f64))| {
            let own = (program.column_lower[j], program.column_upper[j]);
            (*now != own).then_some((j, own.0, own.1))
        };
        let columns: Vec<Bounds> = self.columns.iter().enumerate().filter_map(column).collect();
        let row = |(i, now): (usize, &(f64, f64))| {
            let own = match i.checked_sub(program.rows()) {
                None => (program.row_lower[i], program.row_upper[i]),
                Some(added) => (self.added[added].0, self.added[added].1),
            };
            (*now != own).then_some((i, own.0, own.1))
        };
        let rows: Vec<Bounds> = self.rows.iter().enumerate().filter_map(row).collect();
        let any = !(columns.is_empty() && rows.is_empty());
        let basis = if any { self.session.basis().ok().filter(Basis::is_known) } else { None };
        let basis = basis.map(|basis| self.without_faces(basis));
        self.session.set_column_bounds(&columns)?;
        self.session.set_row_bounds(&rows)?;
        if let Some(basis) = basis {
            self.session.set_basis(&basis)?;
        }
        for (j, lower, upper) in columns {
            self.columns[j] = (lower, upper);
        }
        for (i, lower, upper) in rows {
            self.rows[i] = (lower, upper);
        }
        Ok(())
    }

    /// The slack is what an engine needs to find the point again that it just found.
    fn add_kept_row(&mut self, expression: &Expression, value: f64, tolerance: f64) -> Result<(), EngineError> {
        let integer = !self.program.integers.is_empty();
        let slack = if integer { tolerance::OBJECTIVE } else { tolerance::DUAL } * value.abs().max(1.0);
        let upper = value - expression.constant + tolerance.max(slack);
        // The row that kept the same before it was released, its bounds moved.
        let released = |row: &(f64, f64, Expression)| row.0 == f64::NEG_INFINITY && row.1 == f64::INFINITY;
        let same = |row: &(f64, f64, Expression)| released(row) && row.2.terms == expression.terms;
        if let Some(place) = self.added.iter().position(same) {
            return self.set_added_bounds(self.program.rows() + place, f64::NEG_INFINITY, upper);
        }
        self.session.add_row(f64::NEG_INFINITY, upper, &expression.terms)?;
        self.added.push((f64::NEG_INFINITY, upper, expression.clone()));
        self.rows.push((f64::NEG_INFINITY, upper));
        Ok(())
    }
}

/// The face that keeps a stage which leaves nothing to read faces from, or which may be worsened: a row.
pub(crate) fn kept_by_row(stage: &Stage, value: f64) -> Face {
    Face { by_row: vec![(stage.expression.clone(), value, stage.tolerance)], ..Face::default() }
}
