//! Reads an outlet's rating 泄流曲线: a file, or points.

use crate::basin::entry::Entry;
use crate::rating::RatingTable;

const HINT: &str = "points `{ level_m = …, capacity_m3s = … }`, lowest first: levels rise, capacities do not fall";

/// The rating in a field of an entry.
pub fn read(entry: &Entry, key: &str) -> Option<RatingTable> {
    let value = entry.raw(key)?;
    if value.get_ref().is_str() {
        let path = entry.text(key)?;
        let (table, assumed) = entry.context.rating(&path.value, &path.place, entry.element.as_deref())?;
        if assumed {
            entry.context.assumed.borrow_mut().push((format!("{}.{key}", entry.address), path.value));
        }
        return Some(table);
    }
    let (mut points, mut places) = (Vec::new(), Vec::new());
    let parts = entry.tables(key);
    let count = parts.len();
    for part in parts {
        let (level, capacity) = (part.number("level_m"), part.number_within("capacity_m3s", 0.0, f64::INFINITY));
        for required in ["level_m", "capacity_m3s"] {
            if !part.has(required) {
                part.missing(&[required]);
            }
        }
        part.finish();
        points.extend(level.zip(capacity).map(|(level, capacity)| (level.value, capacity.value)));
        places.push(part.place.clone());
    }
    // What is faulty in itself, or no list, has been refused.
    if points.len() < count || !(value.get_ref().is_array() || value.get_ref().is_table()) {
        return None;
    }
    RatingTable::new(points)
        .map_err(|(point, message)| {
            let place = places.get(point).cloned().unwrap_or_else(|| entry.place_of(value));
            entry.refuse(&place, format!("`{}`: {message}", entry.key(key)), Some(HINT.to_owned()));
        })
        .ok()
}
