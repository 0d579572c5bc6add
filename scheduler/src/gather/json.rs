//! Times and values in a JSON text, found by JSON pointers: rows of both, or two lists side by side.
//!
//! `rows` points at a list (or at one row), `time` and `value` within each row; or `times` and `values` point at two lists of one
//! length. Numbers for times are seconds or milliseconds since 1970.
//! Fails: no JSON, or nothing at a pointer.

use serde_json::Value;
use weir_model::basin::entry::Entry;
use weir_model::stamp::since_1970;
use weir_model::table::digest;

use super::Ask;
use super::readings::{Collector, Raw};

/// Where times and values are.
#[derive(Clone, Debug)]
pub(super) enum Pointers {
    /// A list of rows, and both within a row.
    Rows { rows: String, time: String, value: String },
    /// Two lists.
    Lists { times: String, values: String },
}

impl Pointers {
    /// Reads `rows`, `time` and `value`, or `times` and `values`.
    pub(super) fn read(entry: &Entry<'_, '_>) -> Option<Self> {
        let pointer = |key: &str| entry.text(key).map(|text| if text.value == "/" { String::new() } else { text.value });
        let (rows, time, value) = (pointer("rows"), pointer("time"), pointer("value"));
        let (times, values) = (pointer("times"), pointer("values"));
        for key in ["rows", "time", "value", "times", "values"] {
            let Some(text) = entry.text(key).filter(|text| !text.value.starts_with('/')) else { continue };
            let hint = "such as `/data/0/time`; `/` for the whole".to_owned();
            entry.refuse(&text.place, format!("`{key}`: `{}` is no JSON pointer", text.value), Some(hint));
        }
        if entry.has("times") || entry.has("values") {
            for key in ["times", "values"] {
                if !entry.has(key) {
                    entry.missing_because(&[key], "`times` and `values` point at two lists of one length");
                }
            }
            return Some(Self::Lists { times: times?, values: values? });
        }
        for key in ["time", "value"] {
            if !entry.has(key) {
                entry.missing_because(&[key], "pointers within a row of `rows`; or `times` and `values` at two lists");
            }
        }
        Some(Self::Rows { rows: rows.unwrap_or_default(), time: time?, value: value? })
    }

    /// The readings of a text.
    pub(super) fn readings(&self, bytes: &[u8], source: String, ask: &Ask) -> Result<Raw, String> {
        let whole: Value = serde_json::from_slice(bytes).map_err(|error| format!("{source}: no JSON: {error}"))?;
        let find =
            |pointer: &str| whole.pointer(pointer).ok_or_else(|| format!("{source}: there is nothing at `{pointer}`"));
        let mut collector = Collector::new(ask.times.clone());
        match self {
            Self::Rows { rows, time, value } => {
                let found = find(rows)?;
                let list = found.as_array().map_or(std::slice::from_ref(found), Vec::as_slice);
                for (number, row) in list.iter().enumerate() {
                    take(&mut collector, &format!("{rows}/{number}"), row.pointer(time), row.pointer(value), ask);
                }
            }
            Self::Lists { times, values } => {
                let list =
                    |pointer: &str| find(pointer)?.as_array().ok_or_else(|| format!("{source}: at `{pointer}` is no list"));
                let (of_times, of_values) = (list(times)?, list(values)?);
                if of_times.len() != of_values.len() {
                    let (times, values) = (of_times.len(), of_values.len());
                    return Err(format!("{source}: {times} times, but {values} values"));
                }
                for (number, (time, value)) in of_times.iter().zip(of_values).enumerate() {
                    take(&mut collector, &format!("{values}/{number}"), Some(time), Some(value), ask);
                }
            }
        }
        Ok(collector.finish(digest(bytes), source))
    }
}

fn take(collector: &mut Collector, place: &str, time: Option<&Value>, value: Option<&Value>, ask: &Ask) {
    let instant = match time {
        Some(Value::String(text)) => ask.times.instant(text),
        Some(Value::Number(number)) => number.as_i64().and_then(since_1970),
        _ => None,
    };
    let Some(instant) = instant else {
        let shown = time.map_or_else(|| "nothing".to_owned(), Value::to_string);
        collector.fault(|| format!("{place}: {} is no time", shown.chars().take(40).collect::<String>()));
        return;
    };
    match value {
        Some(Value::Number(number)) => collector.number(|| place.to_owned(), instant, number.as_f64().unwrap_or(f64::NAN)),
        Some(Value::String(text)) => collector.take(|| place.to_owned(), &instant.to_string(), text),
        Some(Value::Null) | None => collector.missing(),
        Some(other) => {
            let shown: String = other.to_string().chars().take(40).collect();
            collector.fault(|| format!("{place}: {shown} is no number"));
        }
    }
}
