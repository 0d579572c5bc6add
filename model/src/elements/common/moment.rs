//! Intervals between moments, written as dates (whole days, both inclusive) or as dates with times.

use jiff::Zoned;
use jiff::civil::{Date, DateTime};

use crate::basin::entry::{Entry, Field};
use crate::horizon::Horizon;

/// A date or a moment; a date that ends something stands for the end of its day.
pub fn moment(entry: &Entry, key: &str, ends: bool) -> Option<Field<DateTime>> {
    let text = entry.date_text(key);
    if !entry.has(key) {
        entry.missing(&[key]);
    }
    let text = text?;
    let at = civil(&text.value, ends);
    if at.is_none() {
        let message = format!("`{key}`: `{}` is no date or moment, expected `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM`", text.value);
        entry.refuse(&text.place, message, None);
    }
    at.map(|value| Field { value, place: text.place, key: text.key })
}

/// The moment that a text is; a date that ends something stands for the end of its day.
pub fn civil(text: &str, ends: bool) -> Option<DateTime> {
    if text.len() == "2026-11-03".len() {
        let date = text.parse::<Date>().ok();
        return date.and_then(|date| if ends { date.tomorrow().ok() } else { Some(date) }).map(|date| date.at(0, 0, 0, 0));
    }
    text.parse::<DateTime>().ok().filter(|_| matches!(text.len(), 16 | 19))
}

/// Share of each step that an interval covers.
pub fn covered(horizon: &Horizon, from: &Zoned, until: &Zoned) -> Vec<f64> {
    (0..horizon.steps())
        .map(|step| {
            let (start, end) = (&horizon.edges[step], &horizon.edges[step + 1]);
            let seconds = (end.min(until).timestamp().as_second() - start.max(from).timestamp().as_second()).max(0);
            seconds as f64 / horizon.lengths_s[step]
        })
        .collect()
}
