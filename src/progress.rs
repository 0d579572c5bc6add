//! How far a long run is, and how it is told to stop.

use std::io::{IsTerminal as _, Write as _};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use weir_model::goals::{Goals, Sense};
use weir_model::measures::{Measure, measure};
use weir_solver::engine::{self, Part, Told};

use crate::failure::Failure;

/// Milliseconds between two lines of one run.
const BETWEEN_MS: u128 = 100;
/// Cells of the bar.
const WIDTH: usize = 30;

/// A line on the terminal that says how many members are done; nothing where stderr is no terminal.
pub struct Progress {
    all: usize,
    begun: Instant,
    heard: Mutex<Heard>,
}

struct Heard {
    done: usize,
    failed: usize,
    shown: Option<Instant>,
}

impl Progress {
    /// Of so many members, none of them done.
    pub fn new(all: usize) -> Self {
        let heard = Heard { done: 0, failed: 0, shown: None };
        Self { all, begun: Instant::now(), heard: Mutex::new(heard) }
    }

    /// One more is done.
    pub fn heard(&self, is_ok: bool) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.done += 1;
        heard.failed += usize::from(!is_ok);
        let is_last = heard.done == self.all;
        let is_due = heard.shown.is_none_or(|shown| shown.elapsed().as_millis() >= BETWEEN_MS);
        if (is_due || is_last) && std::io::stderr().is_terminal() {
            heard.shown = Some(Instant::now());
            let left = self.begun.elapsed().as_secs_f64() / heard.done as f64 * (self.all.saturating_sub(heard.done)) as f64;
            let line = line(heard.done, heard.failed, self.all, left);
            // Whether the terminal shows it changes nothing.
            let _ = write!(std::io::stderr(), "\r\x1b[K{line}{}", if is_last { "\n" } else { "" });
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        let heard = self.heard.get_mut().unwrap_or_else(PoisonError::into_inner);
        if heard.shown.is_some() && heard.done < self.all {
            // What is said next begins a line.
            aside!();
        }
    }
}

fn line(done: usize, failed: usize, all: usize, left_s: f64) -> String {
    let full = WIDTH * done / all.max(1);
    let failed = if failed == 0 { String::new() } else { format!(", {failed} without a result") };
    format!(
        "weir: [{}{}] {done} of {all}{failed}, {left_s:.0} s left",
        "#".repeat(full),
        "·".repeat(WIDTH - full.min(WIDTH))
    )
}

/// A line on the terminal that says how far a solve is, gone when this is; nothing where stderr is no terminal.
pub struct SolveProgress(Arc<Mutex<At>>);

/// Where a solve is.
struct At {
    /// The goals' ids, and whether each is maximised.
    goals: Vec<(String, bool)>,
    part: Part,
    stages: (usize, usize),
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
        Self { goals, part: Part::Goals, stages: (0, 0), iterations: 0, gap: None, shown: None }
    }

    fn hear(&mut self, told: &Told) {
        match *told {
            Told::Part(part) => (self.part, self.stages, self.iterations, self.gap) = (part, (0, 0), 0, None),
            Told::Stages { first, end } => (self.stages, self.iterations, self.gap) = ((first, end), 0, None),
            Told::Iterations(iterations) => self.iterations = iterations,
            Told::Gap { value, bound, gap } => self.gap = Some((value, bound, gap)),
        }
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
        format!("weir: {of}, {} iterations{gap}", self.iterations)
    }
}

/// What is set when the process is told to stop (SIGTERM, SIGINT); told twice, it ends at once.
pub fn stop() -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGTERM, signal_hook::consts::SIGINT] {
        signal_hook::flag::register_conditional_shutdown(signal, INTERRUPTED.into(), Arc::clone(&stop))
            .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&stop)))
            .map_err(|error| Failure::Broken(format!("error: cannot listen for signals: {error}")))?;
    }
    Ok(stop)
}

/// The exit code of what was interrupted and can be run again.
pub const INTERRUPTED: u8 = 75;

/// That a run was told to stop.
pub fn interrupted(stop: &AtomicBool, how: &str) -> Failure {
    let why = if stop.load(Ordering::Relaxed) { "told to stop" } else { "not all is there yet" };
    Failure::Interrupted(format!("weir: {why}; {how}"))
}

#[cfg(test)]
mod tests {
    use super::{At, line};
    use weir_solver::engine::{Part, Told};

    #[test]
    fn the_line_tells_done_failed_and_left() {
        let bar = format!("{}{}", "#".repeat(15), "·".repeat(15));
        assert_eq!(line(32, 2, 64, 12.4), format!("weir: [{bar}] 32 of 64, 2 without a result, 12 s left"));
    }

    #[test]
    fn the_line_of_a_solve_tells_part_goals_iterations_and_gap() {
        let goals = vec![("domestic".to_owned(), false), ("energy".to_owned(), true)];
        let mut at = At { goals, part: Part::Goals, stages: (0, 0), iterations: 0, gap: None, shown: None };
        let mut line = |told: &[Told]| {
            for told in told {
                at.hear(told);
            }
            at.line()
        };
        let together = [Told::Stages { first: 0, end: 2 }, Told::Iterations(512)];
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
