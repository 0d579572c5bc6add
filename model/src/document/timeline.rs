//! A plan's series read at other times than its own steps: means over an interval, states at an instant.
//!
//! A flow stands through its step; a storage or level runs straight from one end of a step to the other. What the plan does not
//! know of the whole interval is not told. Units: seconds since 1970, and the series' own.

use jiff::Timestamp;

use super::{Content, SeriesRow};

/// The T + 1 instants of a plan, in seconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    edges: Vec<f64>,
}

impl Content {
    /// Its times; none where one cannot be read.
    pub fn timeline(&self) -> Option<Timeline> {
        let times = self.horizon.starts.iter().chain(std::iter::once(&self.horizon.end));
        let edges: Option<Vec<f64>> = times.map(|time| time.parse().ok().map(seconds)).collect();
        edges.map(|edges| Timeline { edges })
    }
}

impl Timeline {
    /// All instants: starts of steps and the end of the last.
    pub fn edges(&self) -> &[f64] {
        &self.edges
    }

    /// Mean over a time of a series' values over steps; none where they do not cover it.
    pub fn mean(&self, series: &SeriesRow, from: f64, to: f64) -> Option<f64> {
        let (mut sum, mut covered) = (0.0, 0.0);
        for (value, ends) in series.values.iter().zip(self.edges.windows(2)) {
            let shared = ends[1].min(to) - ends[0].max(from);
            if let (Some(value), true) = (value, shared > 0.0) {
                if shared == to - from {
                    return Some(*value);
                }
                sum += value * shared;
                covered += shared;
            }
        }
        (covered == to - from && covered > 0.0).then(|| sum / covered)
    }

    /// Sum over a time of what a series gives in each step, such as energy, spread evenly over its steps; none where they do not
    /// cover it.
    pub fn sum(&self, series: &SeriesRow, from: f64, to: f64) -> Option<f64> {
        let (mut sum, mut covered) = (0.0, 0.0);
        for (value, ends) in series.values.iter().zip(self.edges.windows(2)) {
            let shared = ends[1].min(to) - ends[0].max(from);
            if let (Some(value), true) = (value, shared > 0.0) {
                sum += value * shared / (ends[1] - ends[0]);
                covered += shared;
            }
        }
        (covered == to - from && covered > 0.0).then_some(sum)
    }

    /// A state at an instant.
    pub fn at(&self, series: &SeriesRow, instant: f64) -> Option<f64> {
        let after = self.edges.partition_point(|edge| *edge < instant);
        let value = |place: usize| series.values.get(place).copied().flatten();
        let end = *self.edges.get(after)?;
        if end == instant {
            return value(after);
        }
        let start = after.checked_sub(1)?;
        let (first, last) = (value(start)?, value(after)?);
        Some(first + (last - first) * (instant - self.edges[start]) / (end - self.edges[start]))
    }
}

/// An instant in seconds.
pub fn seconds(instant: Timestamp) -> f64 {
    instant.as_second() as f64
}
