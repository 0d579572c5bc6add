//! Leximin: the least entry as great as can be, then the next least, and so on, until no entry can rise without one that is
//! not above it falling.
//!
//! Rounds on t, which every free entry's row holds under its value v: t is maximised to t\*. A row whose dual is positive holds
//! its entry at t\* in every optimum: the entry is fixed there (an LP has at least one such row a round). Entries whose value
//! stands above t\* at any point found are free. Of the rest, max Σ v within t\* ≤ v ≤ t\* + [`RISE`] proves those free that
//! rise; the others are asked again without those in the sum, and fixed only when none rises. Only bounds change between the
//! programs, so each starts from the basis of the last.
//!
//! As a stage, the entries' columns are kept at their levels; as a method of its own, the goals are the entries, each as minus
//! its expression ÷ its nominal.
//!
//! Fails: without duals the second question alone decides. With integers there may be no entry that is held in every optimum;
//! then those at t\* in the point found are fixed, and a note says so.
//!
//! Source: Ogryczak, Pióro & Tomaszewski 2005 (max-min fairness by blocked entries); Luss 1999.

use weir_model::tolerance;

use super::live::Face;
use super::{Live, Method, MethodError, Order, Round, StageAnswer, faces};
use crate::engine::{Algorithm, Bounds, Outcome, Run, Solution};
use crate::program::{Expression, Leximin as Entries, LeximinEntry, Stage};

/// Leximin over the goals.
#[derive(Clone, Copy, Debug)]
pub struct Leximin;

/// So far an entry may rise where it is asked whether it can rise at all.
const RISE: f64 = 0.02;
/// What an entry must stand above the least to count as free.
const ABOVE: f64 = 1e-6;
/// By how much fixed entries are loosened where rounding left no point at all.
const LOOSE: f64 = 1e-8;

/// What the rounds came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The stage's answer: minus the least level, with the iterations of all programs.
    pub answer: StageAnswer,
    /// Level of each entry.
    pub levels: Vec<f64>,
    /// Programs that were solved.
    pub programs: usize,
}

impl Method for Leximin {
    fn word(&self) -> &'static str {
        "leximin"
    }

    fn goals(&self, live: &mut Live, order: &Order<'_>) -> Result<Vec<StageAnswer>, MethodError> {
        let first = live.add_columns(&vec![(f64::NEG_INFINITY, f64::INFINITY); order.goals.len() + 1])?;
        let mut entries = Entries { worst: first, entries: Vec::new() };
        for (number, stage) in order.goals.iter().enumerate() {
            let column = first + 1 + number;
            let mut terms: Vec<(usize, f64)> =
                stage.expression.terms.iter().map(|&(j, cost)| (j, -cost / stage.nominal)).collect();
            terms.push((column, -1.0));
            live.add_row(stage.expression.constant / stage.nominal, f64::INFINITY, terms)?;
            let row = live.add_row(0.0, f64::INFINITY, vec![(entries.worst, -1.0), (column, 1.0)])?;
            entries.entries.push(LeximinEntry { column, row });
        }
        let worst = Expression { terms: vec![(entries.worst, -1.0)], constant: 0.0 };
        let stage = Stage { expression: worst, nominal: 1.0, tolerance: 0.0, share: 1.0, leximin: None };
        let found = run(live, &stage, &entries, false)?;
        let primal = live.solution().map(|solution| solution.primal.clone()).unwrap_or_default();
        let answer = |(number, stage): (usize, &Stage)| StageAnswer {
            value: stage.expression.value(&primal),
            iterations: if number == 0 { found.answer.iterations } else { 0 },
            ..found.answer.clone()
        };
        Ok(order.goals.iter().enumerate().map(answer).collect())
    }
}

/// Solves a leximin stage on a live program and remembers what it keeps.
///
/// # Errors
/// If its first round has no optimum, or the engine cannot be asked.
pub fn run(live: &mut Live, stage: &Stage, entries: &Entries, with_duals: bool) -> Result<Found, MethodError> {
    live.settle()?;
    let mut rounds = Rounds::new(live, entries, with_duals);
    let mut found = rounds.run(live, stage)?;
    let primal = live.solution().map(|solution| solution.primal.clone()).unwrap_or_default();
    if live.has_faces()
        && let Some((kept, now)) = live.worsened(&primal).first()
    {
        live.notes.push(format!(
            "a stage kept by its optimal face at {kept} came out at {now}: objective rows took the faces' place"
        ));
        live.rows_instead_of_faces()?;
        rounds = Rounds::new(live, entries, with_duals);
        found = rounds.run(live, stage)?;
    }
    live.keep(rounds.face(stage.tolerance));
    Ok(found)
}

/// The rounds as they stand.
struct Rounds<'a> {
    entries: &'a Entries,
    /// Bounds of t, of the entries' columns and of their rows before the first round.
    worst: (f64, f64),
    columns: Vec<(f64, f64)>,
    rows: Vec<(f64, f64)>,
    /// Level of each entry that is fixed.
    levels: Vec<Option<f64>>,
    /// What was found to hold entries, where duals are asked for.
    found: Vec<Round>,
    with_duals: bool,
    programs: usize,
    iterations: u64,
}

impl<'a> Rounds<'a> {
    fn new(live: &Live, entries: &'a Entries, with_duals: bool) -> Self {
        Self {
            entries,
            found: Vec::new(),
            with_duals,
            worst: live.column(entries.worst),
            columns: entries.entries.iter().map(|entry| live.column(entry.column)).collect(),
            rows: entries.entries.iter().map(|entry| live.row(entry.row)).collect(),
            levels: vec![None; entries.entries.len()],
            programs: 0,
            iterations: 0,
        }
    }

    fn free(&self) -> Vec<usize> {
        (0..self.levels.len()).filter(|&k| self.levels[k].is_none()).collect()
    }

    fn run(&mut self, live: &mut Live, stage: &Stage) -> Result<Found, MethodError> {
        let columns = live.program().columns();
        let costs = stage.expression.dense(columns);
        let mut answer: Option<StageAnswer> = None;
        loop {
            let run = if answer.is_none() { faces::minimise(live, &costs)? } else { self.again(live, &costs)? };
            self.count(&run);
            if !run.outcome.has_point() {
                if answer.is_none() {
                    return Err(MethodError::Unsolved { stage: 0, outcome: run.outcome });
                }
                self.give_up(live, &run.outcome)?;
                break;
            }
            let solution = live.read()?.clone();
            let least = solution.primal.get(self.entries.worst).copied().unwrap_or_default();
            answer.get_or_insert_with(|| StageAnswer {
                value: stage.expression.value(&solution.primal),
                outcome: run.outcome.clone(),
                iterations: 0,
                row_duals: (self.with_duals && !solution.row_duals.is_empty()).then(|| solution.row_duals.clone()),
                rounds: Vec::new(),
            });
            let before = self.free();
            self.remember(&solution, &[]);
            self.fix_held(live, &solution, least)?;
            let low = self.fix_stuck(live, &solution, least)?;
            if self.free().len() == before.len() {
                // What only programs that are not convex do: each can rise, but not all.
                live.notes.push(format!(
                    "leximin: at {least} no entry is held in every optimum; those at it in the point found were taken"
                ));
                self.fix(live, if low.is_empty() { &before } else { &low }, least)?;
            }
            if self.free().is_empty() {
                break;
            }
            self.close_round(live, least)?;
        }
        let levels: Vec<f64> = self.levels.iter().map(|level| level.unwrap_or_default()).collect();
        // The last round's t is that of the last entries alone.
        live.set_value(self.entries.worst, self.least());
        let mut answer = answer.unwrap_or(StageAnswer {
            value: 0.0,
            outcome: Outcome::Optimal,
            iterations: 0,
            row_duals: None,
            rounds: Vec::new(),
        });
        answer.iterations = self.iterations;
        answer.rounds = std::mem::take(&mut self.found);
        Ok(Found { answer, levels, programs: self.programs })
    }

    /// Remembers what a program's duals say of entries that are free: those asked for weigh 1, and what a row holds as much as its dual.
    fn remember(&mut self, solution: &Solution, asked: &[usize]) {
        if !self.with_duals || solution.row_duals.is_empty() {
            return;
        }
        let mut row_duals = solution.row_duals.clone();
        let mut weights = Vec::new();
        for k in self.free() {
            let entry = self.entries.entries[k];
            let dual = row_duals.get_mut(entry.row).map(std::mem::take).unwrap_or_default();
            let weight = dual + f64::from(u8::from(asked.contains(&k)));
            if weight != 0.0 {
                weights.push((entry.column, weight));
            }
        }
        let fixed = (0..self.levels.len()).filter(|&k| self.levels[k].is_some());
        let before = fixed.map(|k| self.entries.entries[k].column).collect();
        self.found.push(Round { weights, before, row_duals });
    }

    /// Fixes entries that their row's dual, or their own upper bound, holds at the least in every optimum.
    fn fix_held(&mut self, live: &mut Live, solution: &Solution, least: f64) -> Result<(), MethodError> {
        let reads_duals = live.tells_faces();
        let held: Vec<usize> = self
            .free()
            .into_iter()
            .filter(|&k| {
                let dual = solution.row_duals.get(self.entries.entries[k].row).copied().unwrap_or_default();
                (reads_duals && dual > tolerance::SOLVER_DUAL) || self.columns[k].1 <= least + tolerance::DUAL
            })
            .collect();
        self.fix(live, &held, least)
    }

    /// Fixes what else can no longer rise above the least, and nothing that can. What stood at the least is returned.
    fn fix_stuck(&mut self, live: &mut Live, solution: &Solution, least: f64) -> Result<Vec<usize>, MethodError> {
        let at_least = |live: &Live, solution: &Solution, k: usize| {
            let column = self.entries.entries[k].column;
            solution.primal[column] + live.room_above(column, solution) <= least + ABOVE
        };
        let mut asked: Vec<usize> = self.free().into_iter().filter(|&k| at_least(live, solution, k)).collect();
        if asked.is_empty() {
            return Ok(asked);
        }
        let low = asked.clone();
        let mut bounds: Vec<Bounds> = asked
            .iter()
            .map(|&k| (self.entries.entries[k].column, self.columns[k].0, self.columns[k].1.min(least + RISE)))
            .collect();
        bounds.push((self.entries.worst, least, least));
        live.stand(&bounds, &[])?;
        let mut none_rises = false;
        while !asked.is_empty() {
            let mut costs = vec![0.0; live.program().columns()];
            for &k in &asked {
                costs[self.entries.entries[k].column] = -1.0;
            }
            let run = self.again(live, &costs)?;
            self.count(&run);
            if !run.outcome.has_point() {
                // The next round asks all of them again.
                break;
            }
            let solution = live.read()?.clone();
            let (stays, rises): (Vec<usize>, Vec<usize>) =
                asked.iter().copied().partition(|&k| at_least(live, &solution, k));
            asked = stays;
            if rises.is_empty() {
                self.remember(&solution, &asked);
                none_rises = true;
                break;
            }
        }
        let restored: Vec<Bounds> =
            low.iter().map(|&k| (self.entries.entries[k].column, self.columns[k].0, self.columns[k].1)).collect();
        live.stand(&restored, &[])?;
        if none_rises {
            self.fix(live, &asked, least)?;
        }
        Ok(low)
    }

    fn fix(&mut self, live: &mut Live, which: &[usize], level: f64) -> Result<(), MethodError> {
        let entry = |&k: &usize| self.entries.entries[k];
        let columns: Vec<Bounds> = which.iter().map(|k| (entry(k).column, level, level)).collect();
        let rows: Vec<Bounds> = which.iter().map(|k| (entry(k).row, f64::NEG_INFINITY, f64::INFINITY)).collect();
        live.stand(&columns, &rows)?;
        for &k in which {
            self.levels[k] = Some(level);
        }
        Ok(())
    }

    /// The next round's t is not below this one's.
    fn close_round(&self, live: &mut Live, least: f64) -> Result<(), MethodError> {
        Ok(live.stand(&[(self.entries.worst, least, self.worst.1)], &[])?)
    }

    /// Solves from the basis at hand, which only its costs make less than optimal; where rounding left no point, with the
    /// fixed entries loosened.
    fn again(&mut self, live: &mut Live, costs: &[f64]) -> Result<Run, MethodError> {
        let run = live.minimise(costs, Algorithm::Primal)?;
        if !matches!(run.outcome, Outcome::Infeasible | Outcome::InfeasibleOrUnbounded) {
            return Ok(run);
        }
        self.count(&run);
        let mut bounds: Vec<Bounds> = Vec::new();
        for (entry, level) in self.entries.entries.iter().zip(&self.levels) {
            if let Some(level) = level {
                bounds.push((entry.column, level - LOOSE, *level));
            }
        }
        let (lower, upper) = live.column(self.entries.worst);
        bounds.push((self.entries.worst, lower - LOOSE, upper));
        live.stand(&bounds, &[])?;
        Ok(live.minimise(costs, Algorithm::Automatic)?)
    }

    /// What is still free stays at the level reached, at some point that there is then.
    fn give_up(&mut self, live: &mut Live, outcome: &Outcome) -> Result<(), MethodError> {
        let level = live.column(self.entries.worst).0;
        live.notes.push(format!("leximin: a round ended {}; what was still free is kept at {level}", outcome.word()));
        let free = self.free();
        self.fix(live, &free, level)?;
        let outcome = live.feasible()?;
        if outcome.has_point() { Ok(()) } else { Err(MethodError::Unsolved { stage: 0, outcome }) }
    }

    fn least(&self) -> f64 {
        self.levels.iter().flatten().copied().fold(f64::INFINITY, f64::min)
    }

    fn count(&mut self, run: &Run) {
        self.programs += 1;
        self.iterations += run.iterations;
    }

    /// The entries at their levels, everything else as it was before the rounds.
    fn face(&self, tolerance: f64) -> Face {
        let worst = (self.entries.worst, self.least() - tolerance, self.worst.1.max(self.least()));
        let mut face = Face { columns: vec![worst], ..Face::default() };
        for (k, entry) in self.entries.entries.iter().enumerate() {
            let level = self.levels[k].unwrap_or(self.columns[k].0);
            let kept = Expression { terms: vec![(entry.column, -1.0)], constant: 0.0 };
            face.rows.push((entry.row, self.rows[k].0, self.rows[k].1));
            if tolerance > 0.0 {
                face.columns.push((entry.column, self.columns[k].0, self.columns[k].1));
                face.by_row.push((kept, -level, tolerance));
            } else {
                face.columns.push((entry.column, level, level));
                face.fixed.push((kept, -level));
            }
        }
        face
    }
}
