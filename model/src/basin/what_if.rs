//! What is asked of a basin otherwise than its file says: a scenario's changes of numbers, made when it is lowered.

use crate::basin::entry::Field;

/// A scenario's changes of numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WhatIf {
    /// Factor of inflow, and the days of the horizon, from its start, that keep theirs.
    pub inflow: Option<(f64, f64)>,
    /// Factors of user classes' demands, with where each was written.
    pub demand: Vec<(Field<String>, f64)>,
}

impl WhatIf {
    /// The factor of a class's demand.
    pub fn of_class(&self, class: &str) -> f64 {
        self.demand.iter().find(|(word, _)| word.value == class).map_or(1.0, |(_, factor)| *factor)
    }
}
