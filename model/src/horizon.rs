//! The time grid: steps of any length, named by their start in the basin's zone.

use jiff::Zoned;

/// The time grid of a case.
#[derive(Clone, Debug, PartialEq)]
pub struct Horizon {
    /// IANA name of the basin's zone.
    pub time_zone: String,
    /// T + 1 instants: the start of each step, and the end of the last.
    pub edges: Vec<Zoned>,
    /// T lengths, s.
    pub lengths_s: Vec<f64>,
}

impl Horizon {
    /// Number of steps T.
    pub fn steps(&self) -> usize {
        self.lengths_s.len()
    }

    /// Length of a step in days.
    pub fn days(&self, step: usize) -> f64 {
        self.lengths_s[step] / crate::units::SECONDS_PER_DAY
    }
}
