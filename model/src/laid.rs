//! Values laid over a basin: what was gathered for a run takes the place of what the basin's file holds, as far as it reaches.
//!
//! One way: gathered → [`Laid`] → [`Basin`](crate::basin::Basin) → lowering. An address is an element and a key of its entry in
//! the basin's file, `shanxi.initial_level_m`; values stand in that key's unit. A number in time takes [`Piece`]s: where they leave
//! a stretch of the horizon open, the file's own form stands.
//!
//! Fails: an address that no element's entry has is refused where it was written.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{Timestamp, Zoned};
use serde::{Deserialize, Serialize};

use crate::basin::entry::Field;
use crate::basin::nearest::nearest;
use crate::horizon::Horizon;
use crate::place::Refusals;

/// Keys that hold a state at the start.
pub const STATES: [&str; 4] = ["initial_level_m", "initial_storage_hm3", "initial_storage_wan_m3", "initial_storage_yi_m3"];
/// The key that holds the mean flows of the steps before the start.
pub const PAST: &str = "past_flow_m3s";

/// All that is laid over a basin for one run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Laid {
    /// Values by address.
    pub values: Vec<LaidValue>,
    /// What was gathered, for the plan's `inputs`.
    pub gathered: Vec<Gathered>,
    /// Time of the newest observation among it.
    pub basis_time: Option<String>,
    /// Reasons for which a plan that stands on it is degraded.
    pub degraded: Vec<String>,
    /// Statements for the reader.
    pub notes: Vec<String>,
}

/// A value laid at an address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LaidValue {
    /// `ELEMENT.KEY`, and where it was written.
    #[serde(with = "written")]
    pub address: Field<String>,
    /// The input that it came from.
    pub input: String,
    /// The value.
    pub form: LaidForm,
}

/// What is laid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LaidForm {
    /// A state at the start.
    State(f64),
    /// Means of the steps before the start, the most recent last.
    Past(Vec<f64>),
    /// A number in time.
    #[serde(with = "shared")]
    Series(Arc<LaidSeries>),
}

/// A number in time, as far as it is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LaidSeries {
    /// The input that it came from.
    pub input: String,
    /// SHA-256 of what was read.
    pub digest: String,
    /// What stands for it where it was not to be had.
    pub substituted_by: Option<String>,
    /// Rising in time, none reaching into another.
    pub pieces: Vec<Piece>,
}

/// A stretch of time on which a value is a straight line.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Piece {
    /// Its start.
    pub from: Timestamp,
    /// Its end.
    pub to: Timestamp,
    /// Value at the start.
    pub first: f64,
    /// Value at the end.
    pub last: f64,
}

/// What was gathered for an input: a row of the plan's `inputs`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gathered {
    /// The input's id.
    pub input: String,
    /// `ELEMENT.KEY` that it gives; empty for one that only others are computed from.
    pub address: String,
    /// What it was read from.
    pub source: String,
    /// SHA-256 of what was read; empty where nothing could be.
    pub digest: String,
    /// Time of the last value that was used.
    pub last: Option<String>,
    /// What stands for it where it was late, missing or bad: `last` `yesterday` `climatology` `basin`.
    pub substituted_by: Option<String>,
    /// What was read, replaced and refused.
    pub notes: Vec<String>,
}

impl Piece {
    /// Its value at an instant within it.
    fn at(&self, instant: Timestamp) -> f64 {
        let length = self.to.duration_since(self.from).as_secs_f64();
        self.first + (self.last - self.first) * (instant.duration_since(self.from).as_secs_f64() / length)
    }

    /// Its integral over its part within an interval, and the seconds of that part.
    pub fn over(&self, from: Timestamp, to: Timestamp) -> (f64, f64) {
        let (from, to) = (self.from.max(from), self.to.min(to));
        let seconds = to.duration_since(from).as_secs_f64();
        if seconds <= 0.0 {
            return (0.0, 0.0);
        }
        (f64::midpoint(self.at(from), self.at(to)) * seconds, seconds)
    }
}

impl LaidSeries {
    /// Sum over each step of value × seconds, and the seconds that the pieces cover.
    pub fn over(&self, horizon: &Horizon) -> Vec<(f64, f64)> {
        let steps = horizon.edges.windows(2).map(|edges| {
            let (from, to) = (edges[0].timestamp(), edges[1].timestamp());
            let first = self.pieces.partition_point(|piece| piece.to <= from);
            self.pieces[first..].iter().take_while(|piece| piece.from < to).fold((0.0, 0.0), |(sum, covered), piece| {
                let (part, seconds) = piece.over(from, to);
                (sum + part, covered + seconds)
            })
        });
        steps.collect()
    }

    /// The value at an instant, where a piece leads up to it.
    pub fn at(&self, instant: Timestamp) -> Option<f64> {
        self.pieces.iter().find(|piece| piece.from < instant && instant <= piece.to).map(|piece| piece.at(instant))
    }

    /// The stretches of a horizon that no piece covers, each cut at the horizon's edges.
    pub fn open(&self, horizon: &Horizon) -> Vec<Horizon> {
        let (start, end) = (horizon.start().timestamp(), horizon.end().timestamp());
        let mut open: Vec<(Timestamp, Timestamp)> = Vec::new();
        let mut at = start;
        for piece in &self.pieces {
            if piece.from > at && at < end {
                open.push((at, piece.from.min(end)));
            }
            at = at.max(piece.to);
        }
        if at < end {
            open.push((at, end));
        }
        open.into_iter().map(|(from, to)| part(horizon, from, to)).collect()
    }
}

/// The part of a horizon between two instants, with the horizon's own edges within.
fn part(horizon: &Horizon, from: Timestamp, to: Timestamp) -> Horizon {
    let zoned = |instant: Timestamp| instant.to_zoned(horizon.zone().clone());
    let within = horizon.edges.iter().filter(|edge| (from..to).contains(&edge.timestamp()) && edge.timestamp() > from);
    let edges: Vec<Zoned> = std::iter::once(zoned(from)).chain(within.cloned()).chain(std::iter::once(zoned(to))).collect();
    let seconds = |pair: &[Zoned]| pair[1].timestamp().duration_since(pair[0].timestamp()).as_secs_f64();
    let lengths_s = edges.windows(2).map(seconds).collect();
    Horizon { time_zone: horizon.time_zone.clone(), edges, lengths_s }
}

impl Laid {
    /// Refuses what is laid where no entry asked for it.
    fn refusals(&self, asked: &BTreeSet<String>) -> Refusals {
        let known: Vec<&str> = asked.iter().map(String::as_str).collect();
        let mut refusals = Refusals::default();
        for LaidValue { address, input, .. } in &self.values {
            if asked.contains(&address.value) {
                continue;
            }
            let message = format!("`{}`: the basin has no `{}`", address.key, address.value);
            let near = nearest(&address.value, known.iter().copied()).map(|near| format!("did you mean `{near}`?"));
            let hint = "an element of the basin's file and a key of its entry that holds a number in time, such as \
                        `brook.flow_m3s`, or a start, `lake.initial_level_m`";
            refusals.push(&address.place, Some(input), message, near.or_else(|| Some(hint.to_owned())));
        }
        refusals
    }
}

/// What is laid over a basin while its files are read.
pub struct Laying<'a> {
    laid: &'a Laid,
    /// Addresses that the elements' entries have asked for.
    asked: RefCell<BTreeSet<String>>,
}

impl<'a> Laying<'a> {
    /// The laying of these values.
    pub fn new(laid: &'a Laid) -> Self {
        Self { laid, asked: RefCell::default() }
    }

    /// What is laid at a key of an element, which is noted as one that the basin has.
    pub fn at(&self, element: &str, key: &str) -> Option<&'a LaidValue> {
        let address = format!("{element}.{key}");
        let found = self.laid.values.iter().find(|value| value.address.value == address);
        self.asked.borrow_mut().insert(address);
        found
    }

    /// Refusals of what is laid where no entry asked for it, once all files are read.
    pub fn finish(self) -> Refusals {
        self.laid.refusals(&self.asked.into_inner())
    }
}

/// An address in a store: the value, the key that it was written at, file and line.
mod written {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::basin::entry::Field;
    use crate::place::Place;

    pub(super) fn serialize<S: Serializer>(field: &Field<String>, to: S) -> Result<S::Ok, S::Error> {
        (&field.value, &field.key, &*field.place.file, field.place.line).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Field<String>, D::Error> {
        let (value, key, file, line) = <(String, String, String, usize)>::deserialize(from)?;
        Ok(Field { value, key, place: Place::new(file, line) })
    }
}

/// What is shared in memory stands by itself in a store.
mod shared {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<T: Serialize, S: Serializer>(value: &Arc<T>, to: S) -> Result<S::Ok, S::Error> {
        value.as_ref().serialize(to)
    }

    pub(super) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Arc<T>, D::Error> {
        T::deserialize(from).map(Arc::new)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test ends where it must")]

    use super::*;
    use crate::horizon::StepSpec;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn days(count: usize) -> Horizon {
        let start = jiff::civil::date(2026, 6, 1);
        Horizon::build(start, "UTC", &[StepSpec::parse(&format!("{count} x 1 d")).unwrap()]).unwrap()
    }

    fn series(pieces: &[(&str, &str, f64, f64)]) -> LaidSeries {
        let pieces = pieces.iter().map(|&(from, to, first, last)| Piece { from: time(from), to: time(to), first, last });
        LaidSeries { input: "a".into(), digest: String::new(), substituted_by: None, pieces: pieces.collect() }
    }

    #[test]
    fn a_line_is_cut_at_the_steps() {
        // From 0 to 48 over two days: means 12 and 36, at the end of the first day 24.
        let line = series(&[("2026-06-01T00:00:00Z", "2026-06-03T00:00:00Z", 0.0, 48.0)]);
        let means: Vec<f64> = line.over(&days(2)).iter().map(|(sum, seconds)| sum / seconds).collect();
        assert_eq!(means, [12.0, 36.0]);
        assert_eq!(line.at(time("2026-06-02T00:00:00Z")), Some(24.0));
        assert_eq!(line.at(time("2026-06-03T00:00:01Z")), None);
    }

    #[test]
    fn what_was_laid_is_read_back_from_a_store_as_it_was() {
        let address = Field {
            value: "brook.flow_m3s".to_owned(),
            place: crate::place::Place::new("jobs.toml", 7),
            key: "to".to_owned(),
        };
        let third = series(&[("2026-06-01T00:00:00Z", "2026-06-03T00:00:00Z", 1.0 / 3.0, 0.1)]);
        let forms = [LaidForm::State(0.1), LaidForm::Past(vec![1.0 / 3.0]), LaidForm::Series(Arc::new(third))];
        let value = |form| LaidValue { address: address.clone(), input: "a".to_owned(), form };
        let laid = Laid { values: forms.into_iter().map(value).collect(), notes: vec!["—".to_owned()], ..Laid::default() };
        let text = serde_json::to_string(&laid).unwrap();
        assert_eq!(serde_json::from_str::<Laid>(&text).unwrap(), laid);
    }

    #[test]
    fn what_is_open_is_cut_at_the_edges() {
        let middle = series(&[
            ("2026-05-01T00:00:00Z", "2026-05-02T00:00:00Z", 1.0, 1.0),
            ("2026-06-01T12:00:00Z", "2026-06-02T06:00:00Z", 1.0, 1.0),
        ]);
        let open: Vec<Vec<f64>> = middle.open(&days(3)).into_iter().map(|part| part.lengths_s).collect();
        assert_eq!(open, [vec![43200.0], vec![64800.0, 86400.0]]);
        assert!(series(&[("2026-05-01T00:00:00Z", "2026-07-01T00:00:00Z", 1.0, 1.0)]).open(&days(3)).is_empty());
    }
}
