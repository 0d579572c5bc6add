//! Methods by their words, as `weir solve --method` and `weir methods` ask for them: each changes a basin's goals.

use weir_model::goals::{Goals, Lexicographic, Method, Points};

/// A method by its word.
pub struct Way {
    /// The word.
    pub word: &'static str,
    /// It is tried wherever methods are set side by side; others, which solve once a point, only where they are asked for.
    pub always: bool,
    /// The goals so changed, or why this basin cannot be asked so.
    change: fn(Goals) -> Result<Goals, String>,
}

/// Every way, in the order in which they are set side by side.
pub const WAYS: &[Way] = &[
    Way { word: "rules", always: true, change: |goals| Ok(Goals { method: Method::Rules, ..goals }) },
    Way { word: "lexicographic", always: true, change: |goals| Ok(lexicographic(goals)) },
    Way { word: "leximin", always: true, change: |goals| with_form(goals, "leximin") },
    Way { word: "weighted", always: true, change: |goals| Ok(Goals { method: Method::Weighted, ..goals }) },
    Way { word: "reference_point", always: true, change: |goals| Ok(Goals { method: Method::ReferencePoint, ..goals }) },
    Way { word: "pareto", always: false, change: |goals| Ok(pareto(goals)) },
];

fn lexicographic(goals: Goals) -> Goals {
    let method = match goals.method {
        Method::Lexicographic(by) => Method::Lexicographic(by),
        _ => Method::Lexicographic(Lexicographic::Faces),
    };
    Goals { method, ..goals }
}

/// Stage after stage, the stages of balance in this form.
fn with_form(goals: Goals, form: &str) -> Result<Goals, String> {
    let mut goals = lexicographic(goals);
    let mut any = false;
    for &stage in &goals.stages {
        if let Some(objective) = goals.objectives.get_mut(stage).filter(|objective| objective.kind == "balance") {
            objective.form = Some(form.to_owned());
            any = true;
        }
    }
    if any { Ok(goals) } else { Err("no stage is a balance".to_owned()) }
}

fn pareto(goals: Goals) -> Goals {
    let method = match goals.method {
        Method::Pareto(points) => Method::Pareto(points),
        _ => Method::Pareto(Points::Grid { intervals: 4 }),
    };
    Goals { method, ..goals }
}

impl Way {
    /// The way of a word.
    pub fn of(word: &str) -> Option<&'static Self> {
        WAYS.iter().find(|way| way.word == word)
    }

    /// Words of all ways.
    pub fn words() -> Vec<&'static str> {
        WAYS.iter().map(|way| way.word).collect()
    }

    /// The goals asked in this way.
    ///
    /// # Errors
    /// Why this basin cannot be asked so.
    pub fn ask(&self, goals: &Goals) -> Result<Goals, String> {
        (self.change)(goals.clone())
    }
}
