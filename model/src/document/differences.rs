//! Where two contents differ, by the names that lead to it: `stages[2].value`, `series.shanxi.storage.values[14]`,
//! `satisfaction.ruian.domestic.horizon.supply_hm3`.

use serde_json::Value;

use super::Content;

impl Content {
    /// The first places where another content differs from this one, a sentence each; series before what follows from them.
    pub fn differences(&self, other: &Self, most: usize) -> Vec<String> {
        let mut found = Vec::new();
        let read = |content| serde_json::to_value(content).unwrap_or_default();
        compare("", &read(self), &read(other), &mut found);
        found.sort_by_key(|difference| !difference.starts_with("series."));
        let more = found.len().saturating_sub(most);
        found.truncate(most);
        if more > 0 {
            found.push(format!("and {more} more differences"));
        }
        found
    }
}

fn compare(place: &str, told: &Value, other: &Value, found: &mut Vec<String>) {
    match (told, other) {
        (Value::Object(told), Value::Object(other)) => {
            let keys = told.keys().chain(other.keys().filter(|key| !told.contains_key(*key)));
            for key in keys {
                let place = if place.is_empty() { key.clone() } else { format!("{place}.{key}") };
                compare(&place, told.get(key).unwrap_or(&Value::Null), other.get(key).unwrap_or(&Value::Null), found);
            }
        }
        (Value::Array(told), Value::Array(other)) if told.len() == other.len() => {
            for (number, (told, other)) in told.iter().zip(other).enumerate() {
                compare(&name(place, number, told), told, other, found);
            }
        }
        (Value::Array(told), Value::Array(other)) => {
            found.push(format!("{place}: {} entries in the plan, {} found again", told.len(), other.len()));
        }
        _ if told == other => {}
        _ => found.push(format!("{place}: {} in the plan, {} found again", short(told), short(other))),
    }
}

/// A row by its address and quantity, or by the region, use, class and period that it is of, else by its number.
fn name(place: &str, number: usize, row: &Value) -> String {
    let text = |key: &str| row.get(key).and_then(Value::as_str);
    match (text("address"), text("quantity")) {
        (Some(address), Some(quantity)) => format!("{place}.{address}.{quantity}"),
        _ => match text("use").zip(text("label")) {
            Some((use_, label)) => {
                let in_stream = row.get("in_stream") == Some(&Value::Bool(true));
                let parts = [text("region"), Some(use_), text("class"), in_stream.then_some("in_stream"), Some(label)];
                parts.into_iter().flatten().fold(place.to_owned(), |place, part| format!("{place}.{part}"))
            }
            None => format!("{place}[{number}]"),
        },
    }
}

/// A value of at most so many characters; sentences whole.
fn short(value: &Value) -> String {
    const LONG: usize = 60;
    let text = value.to_string();
    let is_sentence = value.as_str().is_some_and(|text| text.contains(' '));
    if is_sentence || text.chars().count() <= LONG { text } else { text.chars().take(LONG).chain(['…']).collect() }
}
