//! Any one number of a plan changed by more than its tolerance is found out against its basin, and where it belongs to a series it is
//! named with address and step.
//!
//! Left out is what only a solver could find again (docs/certificate.md, Limits): the document's id is the seal of it.

#![allow(dead_code, reason = "each test takes what it needs")]

use serde_json::Value;
use weir_model::case::Case;
use weir_model::document::{Content, PlanDocument};
use weir_model::goals::Goals;
use weir_solver::verify::verify;

/// What only a solver could find again, and rates: any that prove a bound do.
const SEALED: [&str; 9] = [
    "/closing/",
    "/water_values/",
    "/rates/",
    "/rate",
    "/front/",
    "/orders/",
    "/command_cost/",
    "/engine/options",
    "/duals",
];

/// Places of all numbers that can be found again.
pub fn numbers(content: &Content) -> Vec<String> {
    let mut found = Vec::new();
    collect(String::new(), &serde_json::to_value(content).unwrap_or_default(), &mut found);
    found.retain(|place| !SEALED.iter().any(|sealed| place.contains(sealed)));
    found
}

fn collect(place: String, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| collect(format!("{place}/{key}"), value, found)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(k, value)| collect(format!("{place}/{k}"), value, found));
        }
        Value::Number(_) => found.push(place),
        _ => {}
    }
}

/// What is wrong with how a change of the number at a place, up or down, is found out; none if it is as it should.
pub fn unnoticed(document: &PlanDocument, (case, goals): (&Case, &Goals), place: &str, up: bool) -> Option<String> {
    let mut value = serde_json::to_value(&document.content).ok()?;
    let number = value.pointer_mut(place)?;
    let sign = if up { 1.0 } else { -1.0 };
    *number = match number.as_u64() {
        Some(whole) if up || whole == 0 => Value::from(whole + 1),
        Some(whole) => Value::from(whole - 1),
        None => {
            let was = number.as_f64()?;
            Value::from(was + sign * 1e-3 * was.abs().max(1.0))
        }
    };
    // What is no longer of its form is refused where it is read.
    let content = serde_json::from_value::<Content>(value).ok()?;
    let changed = PlanDocument::new(content);
    let mut faults = changed.content.contradictions();
    faults.extend(verify(&changed, case, goals));
    if faults.is_empty() {
        return Some(format!("{place} is changed and nothing tells"));
    }
    let mut parts = place.split('/').skip(1);
    let (Some("series"), Some(row), Some("values"), Some(step)) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let (row, step) = (changed.content.series.get(row.parse::<usize>().ok()?)?, step.parse::<usize>().ok()?);
    let itself = format!("series.{}.{}", row.address, row.quantity);
    let steps = [step.checked_sub(1), Some(step)].into_iter().flatten().filter(|&step| step < case.horizon.steps());
    let when: Vec<String> = steps.map(|step| case.horizon.name_of(step)).collect();
    let named = |fault: &String| {
        fault.contains(&itself)
            // Water that may as well have flowed: what follows of it elsewhere in that step.
            || (fault.starts_with("series.") && fault.contains(&format!("values[{step}]")))
            || fault.contains(&format!("`{}", row.address))
            || (fault.starts_with("audit: ") && when.iter().any(|when| fault.contains(when.as_str())))
            // A rule held on means, or over a window, tells its last step.
            || (fault.starts_with("audit: ") && fault.contains(&row.element))
    };
    (!faults.iter().any(named)).then(|| format!("{itself}[{step}] is changed, and told is only: {}", faults.join(" | ")))
}
