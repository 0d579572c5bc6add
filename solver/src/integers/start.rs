//! A point to start from, of a program with many whole numbers: linear programs that fix them as time goes on.
//!
//! What the linear program leaves between two whole numbers is rounded, a few steps' numbers at a time from the first step to the
//! last, and a hot solve tells after each lot what is best for the steps that follow. A number whose rows leave it room for a whole
//! one with all else as it is takes that; else it goes up where its room ends half way or later: what runs at half its least flow
//! runs. First all are rounded at once, so and then down: where that costs nothing, nothing does better, and the stage is kept by the
//! linear program's optimal face, which has no slack and leaves later stages a smaller program.
//!
//! Cost: two hot linear programs, and one for each of at most [`LOTS`] lots. Limits: no point where a lot, rounded down too, has none;
//! the engine seeks one by itself then. Smaller programs than [`FROM`] are the engine's own, which solves them at their root.
//! Source: relax-and-fix, Pochet & Wolsey 2006, *Production Planning by Mixed Integer Programming*, ch. 3.

use weir_model::tolerance;

use super::{gap_between, open};
use crate::engine::{Bounds, Engine, Options, Solution};
use crate::methods::{Face, Live, MethodError, faces, scaled_costs};
use crate::program::{Expression, Program, Stage};

/// Fewest whole numbers of a program that is worth it.
const FROM: usize = 1000;

/// Most lots that time is cut into.
const LOTS: usize = 40;

/// Linear programs beside a program with whole numbers.
pub(super) struct Starts {
    live: Live,
    /// Whole numbers by time, in lots.
    lots: Vec<Vec<usize>>,
    /// Each with its bounds as what earlier stages keep leaves them.
    own: Vec<Bounds>,
    /// Rows that say how much room a number has: no equations, and none of what an equation with whole numbers ties to them.
    says: Vec<bool>,
}

/// A point with its value.
pub(super) struct Start {
    /// All columns.
    pub point: Vec<f64>,
    /// Its value.
    pub value: f64,
    /// How far from the best it may be, relative as the engine has it: no whole numbers do better than none.
    pub gap: f64,
    /// The optimal face of the program without whole numbers, where the point is on it.
    pub face: Option<Face>,
}

impl Starts {
    /// Of a program whose whole numbers stand in these steps; none where the engine finds its own point soon.
    ///
    /// # Errors
    /// If the engine refuses.
    pub(super) fn of(
        program: &Program,
        steps: &[u32],
        kept: &[(f64, f64, Expression)],
        (engine, options): (&dyn Engine, &Options),
    ) -> Result<Option<Self>, MethodError> {
        if program.integers.len() < FROM {
            return Ok(None);
        }
        let mut by_time: Vec<(u32, usize)> = program.integers.iter().map(|&j| (steps[j], j)).collect();
        by_time.sort_unstable();
        let last = by_time.last().map_or(0, |&(step, _)| step as usize);
        let lot = (last + 1).div_ceil(LOTS) as u32;
        let lots =
            by_time.chunk_by(|a, b| a.0 / lot == b.0 / lot).map(|lot| lot.iter().map(|&(_, j)| j).collect()).collect();
        let own = program.integers.iter().map(|&j| (j, program.column_lower[j], program.column_upper[j])).collect();
        let says = says(program);
        let live = open(engine, Program { integers: Vec::new(), ..program.clone() }, kept, options)?;
        Ok(Some(Self { live, lots, own, says }))
    }

    /// A point for a stage, above what stages before it keep, where one is `known` already no worse than that; none where none was
    /// found. A gap that is wide enough ends the search.
    ///
    /// # Errors
    /// If the engine cannot be asked.
    pub(super) fn start(&mut self, stage: &Stage, known: Option<&[f64]>, enough: f64) -> Result<Option<Start>, MethodError> {
        let (costs, factor) = scaled_costs(&stage.expression, self.live.program().columns());
        if !faces::minimise_closely(&mut self.live, &costs, (&stage.expression, factor))?.outcome.has_point() {
            return Ok(None);
        }
        let free = self.live.read()?.clone();
        self.live.complete()?;
        let least = stage.expression.value(&free.primal);
        for (j, lower, upper) in &mut self.own {
            (*lower, *upper) = self.live.column(*j);
        }
        let face = self.live.may_keep_by_face(stage).then(|| faces::optimal_face(&self.live, &free, stage, least));
        let start = |live: &Live, point: Vec<f64>| {
            let value = stage.expression.value(&point);
            let gap = gap_between(stage, value, least);
            let face = face.as_ref().filter(|face| gap <= tolerance::OBJECTIVE && live.is_on(face, &point)).cloned();
            Start { point, value, gap, face }
        };
        let mut best = known.map(|point| start(&self.live, point.to_vec()));
        let all: Vec<usize> = self.lots.concat();
        for way in [Way::AtOnce(Rounded::near), Way::AtOnce(Rounded::down), Way::ThroughTime] {
            let wanted = |start: &Start| match way {
                Way::AtOnce(_) => start.face.is_some(),
                Way::ThroughTime => start.gap <= enough,
            };
            if best.as_ref().is_some_and(wanted) {
                break;
            }
            let found = match way {
                Way::AtOnce(rounded) => self.ask_with(&all, &free, &costs, rounded)?,
                Way::ThroughTime => self.through_time(free.clone(), &costs)?,
            };
            self.live.stand(&self.own, &[])?;
            let found = found.map(|found| start(&self.live, self.whole(found.primal)));
            best = found.filter(|new| best.as_ref().is_none_or(|old| new.value < old.value)).or(best);
        }
        Ok(best)
    }

    /// How many rows stages before have added to the program's own.
    pub(super) fn added_rows(&self) -> usize {
        self.live.added_rows()
    }

    /// What keeps a stage, beside what keeps those before it.
    ///
    /// # Errors
    /// If the engine refuses.
    pub(super) fn keep(&mut self, face: Face) -> Result<(), MethodError> {
        self.live.settle()?;
        self.live.keep(face);
        Ok(())
    }

    /// A point whose whole numbers are so to the last digit.
    fn whole(&self, mut point: Vec<f64>) -> Vec<f64> {
        self.own.iter().for_each(|&(j, ..)| point[j] = point[j].round());
        point
    }

    fn through_time(&mut self, mut now: Solution, costs: &[f64]) -> Result<Option<Solution>, MethodError> {
        for lot in self.lots.clone() {
            let near = self.ask_with(&lot, &now, costs, Rounded::near)?;
            let found = match near {
                Some(found) => Some(found),
                None => self.ask_with(&lot, &now, costs, Rounded::down)?,
            };
            let Some(found) = found else { return Ok(None) };
            now = found;
        }
        Ok(Some(now))
    }

    /// The optimum with these numbers fixed at what a point is rounded to.
    fn ask_with(
        &mut self,
        numbers: &[usize],
        point: &Solution,
        costs: &[f64],
        way: fn(&Rounded) -> f64,
    ) -> Result<Option<Solution>, MethodError> {
        let fixed = self.rounded(numbers, point, way);
        self.live.stand(&fixed, &[])?;
        let run = self.live.minimise(costs, self.live.algorithm())?;
        if !run.outcome.has_point() {
            return Ok(None);
        }
        let found = self.live.read()?.clone();
        Ok(self.live.worsened(&found.primal).is_empty().then_some(found))
    }

    /// Numbers rounded one after another, each beside those before it.
    fn rounded(&self, numbers: &[usize], point: &Solution, way: fn(&Rounded) -> f64) -> Vec<Bounds> {
        let program = self.live.program();
        let mut activity = point.row_activity.clone();
        numbers
            .iter()
            .map(|&j| {
                let value = point.primal[j];
                let at = self.own.binary_search_by_key(&j, |own| own.0).unwrap_or_default();
                let (mut lower, mut upper) = (self.own[at].1, self.own[at].2);
                for (i, a) in program.entries(j).filter(|&(i, a)| self.says[i] && a != 0.0) {
                    let others = activity[i] - a * value;
                    let row = self.live.row(i);
                    let ends = ((row.0 - others) / a, (row.1 - others) / a);
                    let (from, to) = if a > 0.0 { ends } else { (ends.1, ends.0) };
                    (lower, upper) = (lower.max(from), upper.min(to));
                }
                let whole = way(&Rounded { value, lower, upper }).clamp(self.own[at].1, self.own[at].2);
                for (i, a) in program.entries(j) {
                    activity[i] += a * (whole - value);
                }
                (j, whole, whole)
            })
            .collect()
    }
}

/// How whole numbers are sought.
#[derive(Clone, Copy)]
enum Way {
    /// All rounded at once.
    AtOnce(fn(&Rounded) -> f64),
    /// A lot after another.
    ThroughTime,
}

/// A number with the room that its rows leave it.
struct Rounded {
    value: f64,
    lower: f64,
    upper: f64,
}

impl Rounded {
    /// A whole number in its room; none where there is none.
    fn inside(&self) -> Option<f64> {
        let (first, last) = ((self.lower - tolerance::SOLVER_WHOLE).ceil(), (self.upper + tolerance::SOLVER_WHOLE).floor());
        (first <= last).then(|| self.value.round().clamp(first, last))
    }

    fn near(&self) -> f64 {
        self.inside().unwrap_or_else(|| self.upper.round())
    }

    fn down(&self) -> f64 {
        self.inside().unwrap_or_else(|| self.upper.floor())
    }
}

/// See [`Starts::says`].
fn says(program: &Program) -> Vec<bool> {
    let equation: Vec<bool> =
        program.row_lower.iter().zip(&program.row_upper).map(|(lower, upper)| lower == upper).collect();
    let mut ties = vec![false; program.rows()];
    for (i, _) in program.integers.iter().flat_map(|&j| program.entries(j)) {
        ties[i] = equation[i];
    }
    let mut says: Vec<bool> = equation.iter().map(|equation| !equation).collect();
    for j in (0..program.columns()).filter(|j| program.integers.binary_search(j).is_err()) {
        if program.entries(j).any(|(i, _)| ties[i]) {
            program.entries(j).for_each(|(i, _)| says[i] = false);
        }
    }
    says
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test ends where it must")]

    use super::{FROM, Rounded, Starts, says};
    use crate::engine::{Options, default_engine};
    use crate::integers;
    use crate::methods::Live;
    use crate::program::{Expression, Program, Stage};

    #[test]
    fn a_number_goes_where_its_rows_leave_room_else_up_from_half_its_least() {
        // q ≤ 10 u and q ≥ 4 u.
        let room = |q: f64, value: f64| Rounded { value, lower: q / 10.0, upper: (q / 4.0).min(1.0) };
        let both = |rounded: Rounded| (rounded.near(), rounded.down());
        assert_eq!(both(room(0.0, 0.0)), (0.0, 0.0));
        assert_eq!(both(room(1.0, 0.2)), (0.0, 0.0));
        assert_eq!(both(room(2.0, 0.2)), (1.0, 0.0));
        assert_eq!(both(room(5.0, 0.6)), (1.0, 1.0));
    }

    /// Steps in which q of 10 can be had at 4 or more, and 1 and 5 of it are asked for by turns: all short of it is the goal.
    fn steps(count: usize) -> (Program, Stage, Vec<u32>) {
        let asked = |t: usize| if t.is_multiple_of(2) { 1.0 } else { 5.0 };
        let mut program = Program { starts: vec![0], ..Program::default() };
        for t in 0..count {
            // q + lack ≥ asked; q − 10 u ≤ 0; q − 4 u ≥ 0.
            let rows = [3 * t, 3 * t + 1, 3 * t + 2].map(|row| row as i32);
            program.row_lower.extend([asked(t), f64::NEG_INFINITY, 0.0]);
            program.row_upper.extend([f64::INFINITY, 0.0, f64::INFINITY]);
            for (entries, upper) in
                [(vec![(0, 1.0), (1, 1.0), (2, 1.0)], 10.0), (vec![(0, 1.0)], 10.0), (vec![(1, -10.0), (2, -4.0)], 1.0)]
            {
                program.indices.extend(entries.iter().map(|&(row, _): &(usize, f64)| rows[row]));
                program.values.extend(entries.iter().map(|entry| entry.1));
                program.starts.push(program.indices.len() as i32);
                program.column_lower.push(0.0);
                program.column_upper.push(upper);
            }
            program.integers.push(3 * t + 2);
        }
        // Water costs so little that lack is dearer, and too much that none is dear enough to ask for more than is lacked.
        let terms = (0..count).flat_map(|t| [(3 * t, 0.1), (3 * t + 1, 1.0)]).collect();
        let stage = Stage {
            expression: Expression { terms, constant: 0.0 },
            nominal: 1.0,
            tolerance: 0.0,
            share: 1.0,
            leximin: None,
        };
        (program, stage, (0..count).flat_map(|t| [t as u32; 3]).collect())
    }

    #[test]
    fn a_start_holds_every_row_with_whole_numbers_alone() {
        let (program, stage, steps) = steps(FROM);
        let engine = default_engine().unwrap();
        let mut starts = Starts::of(&program, &steps, &[], (engine, &Options::default())).unwrap().unwrap();
        let start = starts.start(&stage, None, 0.0).unwrap().unwrap();
        assert!(program.integers.iter().all(|&j| start.point[j] == 0.0 || start.point[j] == 1.0));
        // Lack of 1, or 4 drawn at 0.1 each: the same 0.4 or more; the linear program draws 1 at 0.1.
        let odd = FROM as f64 / 2.0;
        assert!(start.value >= odd * (0.4 + 0.5) - 1e-6 && start.value <= odd * (1.0 + 0.5) + 1e-6, "{}", start.value);
        // The linear program comes to 0.1 + 0.5 a pair of steps.
        let gap = (start.value - odd * 0.6) / start.value;
        assert!((start.gap - gap).abs() < 1e-9, "{} {gap}", start.gap);
        let given = starts.start(&stage, Some(&start.point), 1.01 * gap).unwrap().unwrap();
        assert_eq!(given.point, start.point, "what is known and near enough is not sought again");
        let of_few = Starts::of(&super::tests::steps(FROM - 1).0, &steps, &[], (engine, &Options::default())).unwrap();
        assert!(of_few.is_none());
    }

    #[test]
    fn what_whole_numbers_cost_nothing_is_kept_by_the_face() {
        let (program, dearest, steps) = steps(FROM);
        let engine = default_engine().unwrap();
        let lack = (0..FROM).filter(|t| t % 2 == 1).map(|t| (3 * t + 1, 1.0)).collect();
        let first = Stage { expression: Expression { terms: lack, constant: 0.0 }, ..dearest.clone() };
        let mut starts = Starts::of(&program, &steps, &[], (engine, &Options::default())).unwrap().unwrap();
        let lax = starts.start(&Stage { tolerance: 1.0, ..first.clone() }, None, 0.0).unwrap().unwrap();
        assert!(lax.face.is_none(), "a face leaves no room for a tolerance");
        let start = starts.start(&first, None, 0.0).unwrap().unwrap();
        let Some(face) = start.face.filter(|_| starts.live.tells_faces()) else {
            assert!(!starts.live.tells_faces(), "nothing of the greater demand need lack");
            return;
        };
        assert!(start.gap == 0.0 && starts.live.is_on(&face, &start.point));
        assert!(!starts.live.is_on(&face, &vec![1.0; program.columns()]));
        starts.keep(face).unwrap();
        let then = starts.start(&dearest, None, 0.0).unwrap().unwrap();
        assert!(first.expression.value(&then.point).abs() <= 1e-9 && then.face.is_none());
        // The engine goes on from there on the face too: 5 at 0.1, and 4 at 0.1, which is less than a lack of 1.
        let live = Live::open(engine, program, &Options::default()).unwrap();
        let whole = integers::solve(live, &[first, dearest], &steps, engine, (&Options::default(), None)).unwrap();
        let values: Vec<f64> = whole.answers.iter().map(|answer| answer.value).collect();
        assert!(values[0].abs() <= 1e-9 && (values[1] - FROM as f64 / 2.0 * (0.5 + 0.4)).abs() <= 1e-6, "{values:?}");
        assert_eq!(whole.notes, Vec::<String>::new());
    }

    #[test]
    fn equations_of_whole_numbers_leave_what_they_tie_out() {
        // u − start = 0, start ≤ 1, q − u ≤ 0.
        let program = Program {
            starts: vec![0, 2, 4, 5],
            indices: vec![0, 2, 0, 1, 2],
            values: vec![1.0, -1.0, -1.0, 1.0, 1.0],
            column_lower: vec![0.0; 3],
            column_upper: vec![1.0; 3],
            row_lower: vec![0.0, f64::NEG_INFINITY, f64::NEG_INFINITY],
            row_upper: vec![0.0, 1.0, 0.0],
            integers: vec![0],
            ..Program::default()
        };
        assert_eq!(says(&program), [false, false, true]);
    }
}
