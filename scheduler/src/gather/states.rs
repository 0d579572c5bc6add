//! States whose change is an event: of a control section, a reservoir's zone, what is closed, and what is declared.
//!
//! A section is below a grade once its observed flow is under target × grade, and is not any more at 2 % over that; a reservoir's
//! response is that of the zone in which its observed storage lies, and a milder one counts once the storage is 2 % inside. So none
//! flaps about its bound. Units: m³/s, hm³.
//! Fails: none where the basin, the section, the grade or the zones cannot be read: that is no event.

use jiff::Timestamp;
use weir_model::basin::Basin;
use weir_model::case::Case;
use weir_model::network::{Requirement, Response};
use weir_model::table::digest;
use weir_model::unit_words::Unit;

use super::input::Input;
use super::readings::Reading;

/// How far beyond its bound a milder state lies before it counts.
const INSIDE: f64 = 1.02;
/// A section that holds its grade.
pub const HELD: &str = "held";
/// A section that does not.
pub const BELOW: &str = "below";
/// No response.
const NONE: &str = "none";

/// The state of a section by its observed flow; `before` is its last one.
pub fn section(case: &Case, address: &str, input: &Input, reading: Reading, before: &str) -> Option<&'static str> {
    let (id, grade) = address.split_once('.').map_or((address, None), |(id, grade)| (id, Some(grade)));
    let requirement = case.network.requirements.iter().find(|requirement| requirement.id == id)?;
    let target = case.bound(requirement.target.as_ref()?, step(case, reading.time), 0);
    let limit = target * ratio(requirement, grade)?;
    let flow = reading.value * input.unit.to(Unit::of("m3/s")?)?;
    Some(if flow < limit || (before == BELOW && flow < limit * INSIDE) { BELOW } else { HELD })
}

/// Value ÷ target below which a grade holds; without one, that of the mildest, or the target itself.
fn ratio(requirement: &Requirement, grade: Option<&str>) -> Option<f64> {
    let grades = &requirement.grades;
    match grade {
        Some(grade) => grades.iter().find(|(word, _)| word == grade).map(|(_, ratio)| *ratio),
        None => Some(grades.first().map_or(1.0, |(_, ratio)| *ratio)),
    }
}

/// The response of the zone in which a reservoir's observed storage lies; `before` is its last one.
pub fn zone(basin: &Basin, case: &Case, input: &Input, reading: Reading, before: &str) -> Option<&'static str> {
    let element = basin.elements.iter().find(|element| element.head().id == input.element())?;
    let storage_hm3 = match input.unit.to(Unit::of("m")?) {
        Some(metres) => element.curve()?.storage_at_clamped(reading.value * metres),
        None => reading.value * input.unit.to(Unit::of("hm3")?)?,
    };
    let node = case.network.node(input.element())?;
    let (_, storage) = case.network.storages().find(|(id, _)| *id == node)?;
    let step = step(case, reading.time);
    let of = |storage_hm3: f64| {
        let zone = storage.zones.iter().find(|zone| storage_hm3 <= case.at(&zone.top, step, 0));
        zone.and_then(|zone| zone.response)
    };
    let before = Response::ALL.into_iter().find(|response| response.word() == before);
    // Less storage is a graver response: what lies within its bound counts as still there.
    let now = of(storage_hm3).max(of(storage_hm3 / INSIDE).min(before));
    Some(now.map_or(NONE, Response::word))
}

/// The response that the basin's file declares.
pub fn declared(basin: &Basin) -> &'static str {
    basin.response.map_or(NONE, Response::word)
}

/// What is closed in the basin's file, of one element or of all, by its digest.
pub fn closed(text: &str, element: &str) -> Option<String> {
    let basin: toml::Table = text.parse().ok()?;
    let mut found = Vec::new();
    for value in basin.values() {
        for entry in value.as_array().into_iter().flatten().filter_map(toml::Value::as_table) {
            let id = entry.get("id").and_then(toml::Value::as_str).unwrap_or_default();
            if element.is_empty() || element == id {
                collect(id, entry, &mut found);
            }
        }
    }
    found.sort();
    Some(digest(found.join("\n").as_bytes())[..12].to_owned())
}

/// The `closed` of an entry and of its parts, each with its address.
fn collect(address: &str, entry: &toml::Table, found: &mut Vec<String>) {
    for (key, value) in entry {
        if key == "closed" {
            found.push(format!("{address} {value}"));
            continue;
        }
        let parts = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        for part in parts.iter().filter_map(toml::Value::as_table) {
            let id = part.get("id").and_then(toml::Value::as_str).unwrap_or(key);
            collect(&format!("{address}.{id}"), part, found);
        }
    }
}

/// The step of an instant; the first where it lies outside the horizon.
fn step(case: &Case, at: Timestamp) -> usize {
    case.horizon.step_at(&at.to_zoned(case.horizon.zone().clone())).unwrap_or(0)
}
