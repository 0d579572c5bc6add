//! Any one number of a plan changed by more than its tolerance is found out against its basin. Where it belongs to a series, its
//! address and step are named, or of a flow, storage or supply a rule that it is in, in that step; where to a satisfaction, what
//! that is of.
//!
//! Left out is what only a solver could find again (docs/certificate.md, Limits): the document's id is the seal of it.

#![allow(dead_code, reason = "each test takes what it needs")]

use serde_json::Value;
use weir_model::case::Case;
use weir_model::document::{Content, PlanDocument, SatisfactionRow, SeriesRow};
use weir_model::goals::Goals;
use weir_model::tolerance::{FEASIBILITY_HM3, OBJECTIVE};
use weir_solver::verify::verify;

/// What only a solver could find again.
const SEALED: [&str; 9] =
    ["/closing/", "/water_values/", "/slack", "/gain", "/front/", "/orders/", "/command_cost/", "/engine/options", "/duals"];

/// Places of all numbers that can be found again.
pub fn numbers(content: &Content) -> Vec<String> {
    let mut found = Vec::new();
    collect(String::new(), &serde_json::to_value(content).unwrap_or_default(), &mut found);
    // Rates of a proof: any that prove a bound do, and a digit more may leave it what it was.
    let is_sealed = |place: &String| SEALED.iter().any(|sealed| place.contains(sealed)) || place.ends_with("/rate");
    found.retain(|place| !is_sealed(place) && !is_a_rate_without_proof(content, place));
    found
}

/// An exchange rate behind which no proof stands.
fn is_a_rate_without_proof(content: &Content, place: &str) -> bool {
    let number = |text: &str| text.strip_prefix("/stages/")?.split('/').next()?.parse::<usize>().ok();
    let Some(stage) = number(place).filter(|_| place.ends_with("/at_most")) else { return false };
    let proofs = content.certificate.iter().flat_map(|certificate| &certificate.proofs);
    let next = content.stages.get(stage + 1).map_or("", |next| next.objective.as_str());
    proofs.into_iter().all(|proof| proof.of != next || proof.gap > OBJECTIVE)
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

/// By how much a number is changed.
#[derive(Clone, Copy)]
pub enum By {
    /// A thousandth, up or down.
    Plainly(bool),
    /// Just more than the tolerances allow, up or down.
    Barely(bool),
}

impl By {
    /// The change of a number; of a flow by the volume that it makes of its step.
    fn of(self, was: f64, hm3_per_m3s: Option<f64>) -> f64 {
        let (share, up) = match self {
            Self::Plainly(up) => (1e-3, up),
            Self::Barely(up) => (1.3e-5, up),
        };
        let least = hm3_per_m3s.map_or(0.0, |hm3| 1.1 * FEASIBILITY_HM3 / hm3);
        let size = (share * was.abs().max(1.0)).max(least);
        if up { size } else { -size }
    }

    fn is_up(self) -> bool {
        matches!(self, Self::Plainly(true) | Self::Barely(true))
    }
}

/// The series whose value stands at a place, and the value's number.
fn series_at<'a>(content: &'a Content, place: &str) -> Option<(&'a SeriesRow, usize)> {
    let (row, step) = place.strip_prefix("/series/")?.split_once("/values/")?;
    Some((content.series.get(row.parse::<usize>().ok()?)?, step.parse().ok()?))
}

/// The satisfaction that a place is of.
fn satisfaction_at<'a>(content: &'a Content, place: &str) -> Option<&'a SatisfactionRow> {
    let (row, _) = place.strip_prefix("/satisfaction/")?.split_once('/')?;
    content.satisfaction.get(row.parse::<usize>().ok()?)
}

/// What is wrong with how a change of the number at a place is found out; none if it is as it should.
pub fn unnoticed(document: &PlanDocument, (case, goals): (&Case, &Goals), place: &str, by: By) -> Option<String> {
    let mut value = serde_json::to_value(&document.content).ok()?;
    let flow = series_at(&document.content, place).filter(|(row, _)| row.unit == "m3/s");
    let hm3_per_m3s = flow.filter(|(_, step)| *step < case.horizon.steps()).map(|(_, step)| case.hm3_per_m3s(step));
    let number = value.pointer_mut(place)?;
    *number = match number.as_u64() {
        Some(whole) if by.is_up() || whole == 0 => Value::from(whole + 1),
        Some(whole) => Value::from(whole - 1),
        None => {
            let was = number.as_f64()?;
            Value::from(was + by.of(was, hm3_per_m3s))
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
    let told = |what: &str| Some(format!("{what} is changed, and told is only: {}", faults.join(" | ")));
    if let Some(row) = satisfaction_at(&changed.content, place) {
        let named =
            |fault: &String| row.region.iter().chain([&row.use_, &row.label]).all(|part| fault.contains(part.as_str()));
        return if faults.iter().any(named) { None } else { told(place) };
    }
    let (row, step) = series_at(&changed.content, place)?;
    let itself = format!("series.{}.{}.values[{step}]", row.address, row.quantity);
    let steps = [step.checked_sub(1), Some(step)].into_iter().flatten().filter(|&step| step < case.horizon.steps());
    let when: Vec<String> = steps.map(|step| case.horizon.name_of(step)).collect();
    let elements = around(case, row);
    let named = |fault: &String| {
        let in_step = fault.contains(&format!("values[{step}]")) || when.iter().any(|when| fault.contains(when.as_str()));
        fault.contains(&itself) || (in_step && elements.iter().any(|element| fault.contains(element.as_str())))
    };
    if faults.iter().any(named) { None } else { told(&itself) }
}

/// The element of a series, and of what flows the nodes that it flows between: a balance tells the node.
fn around(case: &Case, row: &SeriesRow) -> Vec<String> {
    let network = &case.network;
    let arc = network.arcs.iter().find(|arc| arc.id == row.element);
    let ends = arc.into_iter().flat_map(|arc| arc.receivers.iter().map(|end| end.node).chain([arc.tail]));
    ends.map(|node| network.nodes[node.0].id.clone()).chain([row.element.clone()]).collect()
}
