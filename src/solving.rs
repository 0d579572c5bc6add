//! How far a solve is, on the terminal.

use std::io::{IsTerminal as _, Write as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use weir_model::goals::{Goals, Sense};
use weir_model::measures::{Measure, measure};
use weir_solver::engine::{self, Part, Told};

/// Milliseconds between two lines of one run.
pub const BETWEEN_MS: u128 = 100;

/// A line on the terminal that says how far a solve is, gone when this is; nothing where stderr is no terminal.
pub struct SolveProgress(Arc<Mutex<At>>);

/// Where a solve is.
struct At {
    /// The goals' ids, and whether each is maximised.
    goals: Vec<(String, bool)>,
    part: Part,
    stages: (usize, usize),
    /// Whether a coarser program of them comes first.
    coarse: bool,
    iterations: u64,
    gap: Option<(f64, f64, f64)>,
    shown: Option<Instant>,
}

impl SolveProgress {
    /// Of a solve of these goals, and who is to be told of it; none where nobody would see it.
    pub fn of(goals: &Goals) -> Option<(Self, engine::Progress)> {
        if !std::io::stderr().is_terminal() {
            return None;
        }
        let at = Arc::new(Mutex::new(At::new(goals)));
        let heard = Arc::clone(&at);
        let tell = move |told: &Told| {
            let mut at = heard.lock().unwrap_or_else(PoisonError::into_inner);
            at.hear(told);
            if at.shown.is_none_or(|shown| shown.elapsed().as_millis() >= BETWEEN_MS) {
                at.shown = Some(Instant::now());
                // Whether the terminal shows it changes nothing.
                let _ = write!(std::io::stderr(), "\r\x1b[K{}", at.line());
            }
        };
        Some((Self(at), engine::Progress::new(tell)))
    }
}

impl Drop for SolveProgress {
    fn drop(&mut self) {
        if self.0.lock().unwrap_or_else(PoisonError::into_inner).shown.is_some() {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

impl At {
    fn new(goals: &Goals) -> Self {
        let staged = goals.stages.iter().filter_map(|&stage| goals.objectives.get(stage));
        let maximised = |kind: &str| measure(kind).map(Measure::sense) == Some(Sense::Maximise);
        let goals = staged.map(|goal| (goal.id.clone(), maximised(&goal.kind))).collect();
        Self { goals, part: Part::Goals, stages: (0, 0), coarse: false, iterations: 0, gap: None, shown: None }
    }

    fn hear(&mut self, told: &Told) {
        match *told {
            Told::Part(part) => {
                self.part = part;
                self.turn_to((0, 0), false);
            }
            Told::Stages { first, end } => self.turn_to((first, end), false),
            Told::Coarse => self.turn_to(self.stages, true),
            Told::Iterations(iterations) => self.iterations = iterations,
            Told::Gap { value, bound, gap } => self.gap = Some((value, bound, gap)),
        }
    }

    fn turn_to(&mut self, stages: (usize, usize), coarse: bool) {
        (self.stages, self.coarse, self.iterations, self.gap) = (stages, coarse, 0, None);
    }

    fn line(&self) -> String {
        let (first, end) = self.stages;
        let goal = self.goals.get(first);
        let stages = match (goal, end - first) {
            (_, 0) => String::new(),
            // What the file does not rank is decided behind the goals.
            (None, _) => format!(", step {} behind the goals", first + 1 - self.goals.len()),
            (Some((id, _)), 1) => format!(", {} of {} (`{id}`)", first + 1, self.goals.len()),
            (Some(_), _) => format!(", {} to {end} of {} together", first + 1, self.goals.len()),
        };
        let of = match self.part {
            Part::Rules => "what has to give way".to_owned(),
            Part::WholeNumbers => format!("whole numbers{stages}"),
            Part::Goals => format!("goals{stages}"),
            Part::Closing => "among equally good plans".to_owned(),
            Part::Prices => "what goals cost each other".to_owned(),
        };
        let gap = self.gap.map_or_else(String::new, |(value, bound, gap)| {
            let sign = if goal.is_some_and(|goal| goal.1) { -1.0 } else { 1.0 };
            if gap.is_finite() {
                format!(", found {:.6}, at best {:.6}, gap {:.2} %", sign * value, sign * bound, 100.0 * gap)
            } else {
                format!(", none found, at best {:.6}", sign * bound)
            }
        });
        let steps = if self.coarse { ", several steps as one" } else { "" };
        format!("weir: {of}{steps}, {} iterations{gap}", self.iterations)
    }
}

#[cfg(test)]
mod tests {
    use super::At;
    use weir_solver::engine::{Part, Told};

    #[test]
    fn the_line_of_a_solve_tells_part_goals_iterations_and_gap() {
        let goals = vec![("domestic".to_owned(), false), ("energy".to_owned(), true)];
        let mut at = At { goals, part: Part::Goals, stages: (0, 0), coarse: false, iterations: 0, gap: None, shown: None };
        let mut line = |told: &[Told]| {
            for told in told {
                at.hear(told);
            }
            at.line()
        };
        let together = [Told::Stages { first: 0, end: 2 }, Told::Iterations(512)];
        assert_eq!(line(&together), "weir: goals, 1 to 2 of 2 together, 512 iterations");
        assert_eq!(line(&[Told::Coarse]), "weir: goals, 1 to 2 of 2 together, several steps as one, 0 iterations");
        assert_eq!(line(&together), "weir: goals, 1 to 2 of 2 together, 512 iterations");
        assert_eq!(line(&[Told::Part(Part::Goals)]), "weir: goals, 0 iterations");
        let second = [Told::Part(Part::WholeNumbers), Told::Stages { first: 1, end: 2 }];
        assert_eq!(line(&second), "weir: whole numbers, 2 of 2 (`energy`), 0 iterations");
        let gap = [Told::Gap { value: -90.0, bound: -100.0, gap: 0.1 }];
        let found = "weir: whole numbers, 2 of 2 (`energy`), 0 iterations, found 90.000000, at best 100.000000, gap 10.00 %";
        assert_eq!(line(&gap), found);
        let soft = [Told::Part(Part::Goals), Told::Stages { first: 2, end: 3 }];
        assert_eq!(line(&soft), "weir: goals, step 1 behind the goals, 0 iterations");
    }
}
