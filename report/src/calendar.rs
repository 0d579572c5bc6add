//! The time axis of charts: steps drawn to scale, ticks where the calendar turns.

use jiff::civil::DateTime;
use jiff::{SignedDuration, ToSpan};

use crate::quantity::local;

/// The steps of a document on one axis of days from the first step's start.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Axis {
    /// T + 1 edges, in days from the start.
    pub edges: Vec<f64>,
    /// Local time of each edge; empty if the document's times cannot be read.
    pub times: Vec<DateTime>,
    /// The axis is of shares, its edges in per cent.
    pub shares: bool,
}

impl Axis {
    /// From the starts (RFC 3339) and lengths of steps.
    pub fn new(starts: &[String], lengths_s: &[f64]) -> Self {
        let mut edges = vec![0.0];
        for length in lengths_s {
            edges.push(edges.last().copied().unwrap_or(0.0) + length.max(0.0) / 86_400.0);
        }
        let mut times: Vec<DateTime> = starts.iter().filter_map(|s| local(s)).collect();
        if times.len() == lengths_s.len() && !times.is_empty() {
            let last = times[times.len() - 1];
            let seconds = lengths_s.last().copied().unwrap_or(0.0).max(0.0).round() as i64;
            times.push(last.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(last));
        } else {
            times.clear();
        }
        Self { edges, times, shares: false }
    }

    /// Shares from 0 to 100 % in equal steps, for duration curves.
    pub fn of_shares(steps: usize) -> Self {
        let edges = (0..=steps).map(|edge| 100.0 * edge as f64 / steps.max(1) as f64).collect();
        Self { edges, times: Vec::new(), shares: true }
    }

    /// What each edge is called.
    pub fn labels(&self) -> Vec<String> {
        if self.shares {
            return self.edges.iter().map(|share| format!("{share:.1}%")).collect();
        }
        let hours = self.times.iter().any(|t| t.hour() != 0 || t.minute() != 0);
        let label = |t: &DateTime| if hours { t.strftime("%Y-%m-%d %H:%M").to_string() } else { t.date().to_string() };
        self.times.iter().map(label).collect()
    }

    /// Number of steps.
    pub fn steps(&self) -> usize {
        self.edges.len() - 1
    }

    /// Length of the whole axis in days.
    pub fn length(&self) -> f64 {
        self.edges.last().copied().unwrap_or(0.0)
    }

    /// Ticks as (days from the start, label): months, days of a month or hours, at most `most` of them.
    pub fn ticks(&self, most: usize) -> Vec<(f64, String)> {
        if self.shares {
            let by = if most > 10 { 10 } else { 20 };
            return (0..=100).step_by(by).map(|share| (f64::from(share), format!("{share}%"))).collect();
        }
        let (Some(&first), Some(&last)) = (self.times.first(), self.times.last()) else { return Vec::new() };
        let days = first.duration_until(last).as_secs_f64() / 86_400.0;
        for unit in Turn::ALL {
            // Far too fine: that need not be walked.
            if days > unit.most_days() * (most + 2) as f64 {
                continue;
            }
            let found = unit.between(first, last, most);
            if found.len() <= most && !found.is_empty() {
                return found
                    .into_iter()
                    .map(|at| (first.duration_until(at).as_secs_f64() / 86_400.0, unit.label(at)))
                    .collect();
            }
        }
        Vec::new()
    }
}

/// What turns at a tick, from fine to coarse.
#[derive(Clone, Copy)]
enum Turn {
    Hours(i8),
    Days(&'static [i8]),
    EveryDay,
    Months(i8),
    Years(i16),
}

impl Turn {
    const ALL: [Self; 16] = [
        Self::Hours(1),
        Self::Hours(3),
        Self::Hours(6),
        Self::Hours(12),
        Self::EveryDay,
        Self::Days(&[1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29]),
        Self::Days(&[1, 6, 11, 16, 21, 26]),
        Self::Days(&[1, 11, 21]),
        Self::Days(&[1, 16]),
        Self::Months(1),
        Self::Months(2),
        Self::Months(3),
        Self::Months(6),
        Self::Years(1),
        Self::Years(2),
        Self::Years(10),
    ];

    /// Days between two turns, at most.
    fn most_days(self) -> f64 {
        match self {
            Self::Hours(n) => f64::from(n) / 24.0,
            Self::EveryDay => 1.0,
            // Past the last of a month to the first of the next.
            Self::Days(days) => {
                let within = days.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or_default();
                f64::from(within.max(32 - days.last().copied().unwrap_or(1)))
            }
            Self::Months(n) => 31.0 * f64::from(n),
            Self::Years(n) => 366.0 * f64::from(n),
        }
    }

    /// Times at which it turns, one more than `most` at most.
    fn between(self, first: DateTime, last: DateTime, most: usize) -> Vec<DateTime> {
        let mut found = Vec::new();
        let step = match self {
            Self::Hours(_) => 1.hour(),
            Self::EveryDay | Self::Days(_) => 1.day(),
            Self::Months(_) => 1.month(),
            Self::Years(_) => 1.year(),
        };
        let start = match self {
            Self::Hours(_) => first.date().at(first.hour(), 0, 0, 0),
            Self::EveryDay | Self::Days(_) => first.date().at(0, 0, 0, 0),
            Self::Months(_) => first.date().first_of_month().at(0, 0, 0, 0),
            Self::Years(_) => first.date().first_of_year().at(0, 0, 0, 0),
        };
        let fits = |at: DateTime| match self {
            Self::Hours(n) => at.hour() % n == 0,
            Self::EveryDay => true,
            Self::Days(days) => days.contains(&at.day()),
            Self::Months(n) => (at.month() - 1) % n == 0,
            Self::Years(n) => at.year() % n == 0,
        };
        let mut at = start;
        // A tick for every step that is passed over is at most 31: the bound ends the walk on any horizon.
        for _ in 0..(most + 2) * 40 {
            if at > last || found.len() > most {
                break;
            }
            if at >= first && fits(at) {
                found.push(at);
            }
            let Ok(next) = at.checked_add(step) else { break };
            at = next;
        }
        found
    }

    fn label(self, at: DateTime) -> String {
        match self {
            Self::Hours(_) if at.hour() == 0 => format!("{}-{:02}", at.month(), at.day()),
            Self::Hours(_) => format!("{:02}:00", at.hour()),
            Self::EveryDay | Self::Days(_) => format!("{}-{:02}", at.month(), at.day()),
            Self::Months(_) => format!("{}-{:02}", at.year(), at.month()),
            Self::Years(_) => at.year().to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn daily(start: &str, count: usize) -> Axis {
        let first = local(start).unwrap_or_default();
        let starts: Vec<String> =
            (0..count).filter_map(|i| first.checked_add((i as i64).days()).ok()).map(|t| format!("{t}+08:00")).collect();
        Axis::new(&starts, &vec![86_400.0; count])
    }

    #[test]
    fn ticks_follow_the_calendar() {
        let year = daily("2026-10-01T00:00:00+08:00", 365);
        let labels: Vec<String> = year.ticks(13).into_iter().map(|t| t.1).collect();
        assert_eq!(labels.first().map(String::as_str), Some("2026-10"));
        assert_eq!(labels.len(), 13);
        let labels: Vec<String> = year.ticks(6).into_iter().map(|t| t.1).collect();
        assert_eq!(labels, ["2026-11", "2027-01", "2027-03", "2027-05", "2027-07", "2027-09"]);
        let month = daily("2026-07-01T00:00:00+08:00", 31);
        assert_eq!(
            month.ticks(8).into_iter().map(|t| t.1).collect::<Vec<_>>(),
            ["7-01", "7-06", "7-11", "7-16", "7-21", "7-26", "8-01"]
        );
    }

    #[test]
    fn a_document_without_readable_times_has_no_ticks() {
        assert!(Axis::new(&["soon".into()], &[3600.0]).ticks(8).is_empty());
        assert!(Axis::new(&[], &[]).ticks(8).is_empty());
    }

    #[test]
    fn unequal_steps_are_to_scale() {
        let axis =
            Axis::new(&["2026-07-01T00:00:00+08:00".into(), "2026-07-02T00:00:00+08:00".into()], &[86_400.0, 864_000.0]);
        assert_eq!(axis.edges, [0.0, 1.0, 11.0]);
    }
}
