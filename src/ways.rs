//! Methods by their words, as `weir solve --method` and `weir methods` ask for them: each changes a basin's goals.

use weir_model::goals::{Goals, Lexicographic, Method};

/// A method by its word.
pub struct Way {
    /// The word.
    pub word: &'static str,
    /// The goals so changed, or why this basin cannot be asked so.
    change: fn(Goals) -> Result<Goals, String>,
}

/// Every way, in the order in which they are set side by side.
pub const WAYS: &[Way] = &[
    Way { word: "rules", change: |goals| Ok(Goals { method: Method::Rules, ..goals }) },
    Way { word: "lexicographic", change: |goals| Ok(Goals { method: Method::Lexicographic(Lexicographic::Faces), ..goals }) },
    Way { word: "weighted", change: |goals| Ok(Goals { method: Method::Weighted, ..goals }) },
];

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
