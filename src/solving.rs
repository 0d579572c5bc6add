//! How far a solve is, on the terminal.

use std::io::{IsTerminal as _, Write as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use weir_model::goals::{Goals, Sense};
use weir_model::measures::{Measure, measure};
use weir_report::{Language, Phrase, both};
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
    language: Language,
}

impl SolveProgress {
    /// Of a solve of these goals, and who is to be told of it; none where nobody would see it.
    pub fn of(goals: &Goals, language: Language) -> Option<(Self, engine::Progress)> {
        if !std::io::stderr().is_terminal() {
            return None;
        }
        let at = Arc::new(Mutex::new(At::new(goals, language)));
        let heard = Arc::clone(&at);
        let tell = move |told: &Told| {
            let mut at = heard.lock().unwrap_or_else(PoisonError::into_inner);
            at.hear(told);
            if at.shown.is_none_or(|shown| shown.elapsed().as_millis() >= BETWEEN_MS) {
                at.shown = Some(Instant::now());
                // Whether the terminal shows it changes nothing.
                let _ = write!(std::io::stderr(), "\r\x1b[K{}", at.line().say(at.language));
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
    fn new(goals: &Goals, language: Language) -> Self {
        let staged = goals.stages.iter().filter_map(|&stage| goals.objectives.get(stage));
        let maximised = |kind: &str| measure(kind).map(Measure::sense) == Some(Sense::Maximise);
        let goals = staged.map(|goal| (goal.id.clone(), maximised(&goal.kind))).collect();
        Self { goals, part: Part::Goals, stages: (0, 0), coarse: false, iterations: 0, gap: None, shown: None, language }
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

    fn line(&self) -> Phrase {
        let (first, end) = self.stages;
        let (goal, all) = (self.goals.get(first), self.goals.len());
        let stages = match (goal, end - first) {
            (_, 0) => Phrase::default(),
            // What the file does not rank is decided behind the goals.
            (None, _) => {
                let step = first + 1 - all;
                both(format!("，目标之后第{step}步"), format!(", step {step} behind the goals"))
            }
            (Some((id, _)), 1) => {
                let at = first + 1;
                both(format!("，{all}个中第{at}个（`{id}`）"), format!(", {at} of {all} (`{id}`)"))
            }
            (Some(_), _) => {
                let at = first + 1;
                both(format!("，{all}个中第{at}至{end}个一并"), format!(", {at} to {end} of {all} together"))
            }
        };
        let of = match self.part {
            Part::Rules => both("什么须让步", "what has to give way"),
            Part::WholeNumbers => after(&both("整数", "whole numbers"), &stages),
            Part::Goals => after(&both("目标", "goals"), &stages),
            Part::Closing => both("同样好的方案之间", "among equally good plans"),
            Part::Prices => both("目标互换的代价", "what goals cost each other"),
        };
        let gap = self.gap.map_or_else(Phrase::default, |(value, bound, gap)| {
            let sign = if goal.is_some_and(|goal| goal.1) { -1.0 } else { 1.0 };
            let (value, bound, gap) = (sign * value, sign * bound, 100.0 * gap);
            if gap.is_finite() {
                both(
                    format!("，已得{value:.6}，至好{bound:.6}，差距{gap:.2}%"),
                    format!(", found {value:.6}, at best {bound:.6}, gap {gap:.2} %"),
                )
            } else {
                both(format!("，尚无解，至好{bound:.6}"), format!(", none found, at best {bound:.6}"))
            }
        });
        let steps =
            if self.coarse { both("，几个时段并作一个", ", several steps as one") } else { Phrase::default() };
        let iterations = self.iterations;
        let line = after(&of, &steps);
        both(
            format!("weir：{}，迭代{iterations}次{}", line.chinese, gap.chinese),
            format!("weir: {}, {iterations} iterations{}", line.english, gap.english),
        )
    }
}

/// One phrase behind another.
fn after(first: &Phrase, then: &Phrase) -> Phrase {
    both(format!("{}{}", first.chinese, then.chinese), format!("{}{}", first.english, then.english))
}

#[cfg(test)]
mod tests {
    use super::At;
    use weir_report::Language;
    use weir_solver::engine::{Part, Told};

    #[test]
    fn the_line_of_a_solve_tells_part_goals_iterations_and_gap() {
        let goals = vec![("domestic".to_owned(), false), ("energy".to_owned(), true)];
        let (part, language) = (Part::Goals, Language::English);
        let mut at = At { goals, part, stages: (0, 0), coarse: false, iterations: 0, gap: None, shown: None, language };
        let mut line = |told: &[Told]| {
            for told in told {
                at.hear(told);
            }
            at.line().english
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
        for told in second.iter().chain(&gap) {
            at.hear(told);
        }
        let said = "weir：整数，2个中第2个（`energy`），迭代0次，已得90.000000，至好100.000000，差距10.00%";
        assert_eq!(at.line().chinese, said);
    }
}
