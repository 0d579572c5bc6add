//! Readings: what a source gave, and what was not understood of it.
//!
//! Fails: nothing; what is no time or no number is left out and told, with its place in the source.

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use weir_model::stamp::{Stamp, parse_stamp};
use weir_model::table::is_of_a_basin;
use weir_model::unit_words::Unit;

/// Faults of one kind that are told by place; of more only their number.
const TOLD: usize = 5;
/// Readings of one source that are kept: the newest.
pub const MOST: usize = 200_000;

/// Words of a missing value.
const MISSING: [&str; 10] = ["", "-", "--", "—", "——", "–", "/", "null", "缺测", "缺"];

/// A value at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// When.
    pub time: Timestamp,
    /// In the source's unit until it was converted.
    pub value: f64,
}

/// What was told of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// What the reader should know.
    pub notes: Vec<String>,
    /// What makes the input a bad one.
    pub faults: Vec<String>,
}

impl Told {
    /// Adds what another told.
    pub fn extend(&mut self, other: Self) {
        self.notes.extend(other.notes);
        self.faults.extend(other.faults);
    }
}

/// What a source gave.
#[derive(Clone, Debug, Default)]
pub struct Raw {
    /// Rising in time, no time twice.
    pub readings: Vec<Reading>,
    /// SHA-256 of what was read.
    pub digest: String,
    /// What it was read from, in words.
    pub source: String,
    /// The unit that the source itself tells.
    pub unit: Option<Unit>,
    /// What was not understood.
    pub told: Told,
}

/// How the times of a source are meant.
#[derive(Clone, Debug)]
pub struct Times {
    /// Zone of times without an offset.
    pub zone: TimeZone,
    /// When the days of dates without a time begin.
    pub day_starts: Time,
}

impl Times {
    /// The instant of a text; none if it is no time.
    pub fn instant(&self, text: &str) -> Option<Timestamp> {
        let zoned = |local: jiff::civil::DateTime| {
            let ambiguous = self.zone.to_ambiguous_zoned(local);
            let is_gap = matches!(ambiguous.offset(), jiff::tz::AmbiguousOffset::Gap { .. });
            ambiguous.earlier().ok().filter(|_| !is_gap).map(|zoned| zoned.timestamp())
        };
        match parse_stamp(text.trim())? {
            Stamp::Fixed(time) => Some(time),
            Stamp::Day(date) => zoned(date.to_datetime(self.day_starts)),
            Stamp::Local(local) => zoned(local),
        }
    }
}

/// Faults of one kind: the first few by their place, of the rest the number.
#[derive(Debug, Default)]
struct Faults {
    told: Vec<String>,
    count: usize,
}

impl Faults {
    fn add(&mut self, fault: impl FnOnce() -> String) {
        self.count += 1;
        if self.count <= TOLD {
            self.told.push(fault());
        }
    }

    fn into_told(mut self) -> Vec<String> {
        if self.count > TOLD {
            self.told.push(format!("and {} more", self.count - TOLD));
        }
        self.told
    }
}

/// Takes the cells of a source one by one.
#[derive(Debug)]
pub struct Collector {
    times: Times,
    readings: Vec<Reading>,
    faults: Faults,
    missing: usize,
}

impl Collector {
    /// A collector of cells whose times are meant so.
    pub fn new(times: Times) -> Self {
        Self { times, readings: Vec::new(), faults: Faults::default(), missing: 0 }
    }

    /// Takes a time and a value as texts; `place` names the row or cell.
    pub fn take(&mut self, place: impl Fn() -> String, time: &str, value: &str) {
        let value = value.trim();
        if time.trim().is_empty() && MISSING.contains(&value) {
            return;
        }
        let Some(time) = self.times.instant(time) else {
            self.faults.add(|| format!("{}: `{}` is no time", place(), shortened(time)));
            return;
        };
        if MISSING.contains(&value.to_lowercase().as_str()) {
            self.missing += 1;
            return;
        }
        match value.parse::<f64>() {
            Ok(number) => self.number(place, time, number),
            Err(_) => self.faults.add(|| format!("{}: `{}` is no number", place(), shortened(value))),
        }
    }

    /// Takes a number at an instant.
    pub fn number(&mut self, place: impl Fn() -> String, time: Timestamp, value: f64) {
        if is_of_a_basin(value) {
            self.readings.push(Reading { time, value });
        } else {
            self.faults.add(|| format!("{}: {value} is no number of a basin's size", place()));
        }
    }

    /// A value that the source says is missing.
    pub const fn missing(&mut self) {
        self.missing += 1;
    }

    /// Says that a part of the source was not understood.
    pub fn fault(&mut self, fault: impl FnOnce() -> String) {
        self.faults.add(fault);
    }

    /// The readings in the order of their times; of two at one time the later one in the source counts.
    pub fn finish(self, digest: String, source: String) -> Raw {
        let mut told = Told { notes: Vec::new(), faults: self.faults.into_told() };
        if self.missing > 0 {
            told.notes.push(format!("{} values are missing in the source", self.missing));
        }
        let mut readings = self.readings;
        if readings.windows(2).any(|pair| pair[1].time < pair[0].time) {
            told.notes.push("its rows are not in the order of time: sorted".to_owned());
            readings.sort_by_key(|reading| reading.time);
        }
        let mut kept: Vec<Reading> = Vec::with_capacity(readings.len());
        let (mut same, mut twice) = (0, Faults::default());
        for reading in readings {
            match kept.last_mut().filter(|last| last.time == reading.time) {
                Some(last) if last.value == reading.value => same += 1,
                Some(last) => {
                    let before = last.value;
                    twice.add(|| format!("{}: {before} and {}, of which the later counts", reading.time, reading.value));
                    *last = reading;
                }
                None => kept.push(reading),
            }
        }
        if same > 0 {
            told.notes.push(format!("{same} rows stand twice"));
        }
        told.faults.extend(twice.into_told());
        if kept.len() > MOST {
            told.notes.push(format!("of {} readings the newest {MOST} are kept", kept.len()));
            kept.drain(..kept.len() - MOST);
        }
        Raw { readings: kept, digest, source, unit: None, told }
    }
}

/// A text for a message.
fn shortened(text: &str) -> String {
    let text = text.trim();
    if text.chars().count() <= 40 { text.to_owned() } else { text.chars().take(37).chain("…".chars()).collect() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test ends where it must")]

    use super::*;

    fn collected(rows: &[(&str, &str)]) -> Raw {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let mut collector = Collector::new(Times { zone, day_starts: Time::midnight() });
        for (number, (time, value)) in rows.iter().enumerate() {
            collector.take(|| format!("row {number}"), time, value);
        }
        collector.finish(String::new(), String::new())
    }

    #[test]
    fn rows_are_sorted_and_of_two_the_later_counts() {
        let raw = collected(&[
            ("2026-06-02", "2"),
            ("2026年6月1日", "1"),
            ("2026-06-02 00:00", "3"),
            ("2026-05-31T16:00:00Z", "1.0"),
        ]);
        let values: Vec<f64> = raw.readings.iter().map(|reading| reading.value).collect();
        assert_eq!(values, [1.0, 3.0]);
        assert_eq!(raw.told.notes, ["its rows are not in the order of time: sorted", "1 rows stand twice"]);
        assert_eq!(raw.told.faults, ["2026-06-01T16:00:00Z: 2 and 3, of which the later counts"]);
    }

    #[test]
    fn what_is_no_number_is_told_by_its_place() {
        let raw = collected(&[
            ("2026-06-01", "NaN"),
            ("2026-06-02", "—"),
            ("昨天", "4"),
            ("2026-06-03", "12,5"),
            ("2026-06-04", "1e300"),
            ("2026-06-05", "5"),
            ("", ""),
        ]);
        assert_eq!(raw.readings.len(), 1);
        assert_eq!(raw.told.notes, ["1 values are missing in the source"]);
        let faults = raw.told.faults.join("\n");
        for part in ["row 0: NaN is no number", "row 2: `昨天` is no time", "row 3: `12,5` is no number", "row 4: 1000"] {
            assert!(faults.contains(part), "{part}: {faults}");
        }
    }
}
