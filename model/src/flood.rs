//! Flood events 洪水过程 taken from a plan, where the file gives none: from a storage's first passing its flood limit to the return
//! below it. In its steps outflow is to stay at most at the peak of the natural inflow, as in an event that the file gives.
//!
//! Held to that peak a storage returns later than the plan says. So an event is drawn out to the step by whose end the storage
//! could be back with outflow at the peak throughout, other losses and uses left aside. Where a storage stands in a flood at the start, the
//! peak that was seen before it counts too ([`observed_peak_m3s`]).
//! Units: m³/s, hm³.

use std::ops::Range;

use ndarray::Array2;

use crate::case::Case;
use crate::elements::common::flood_event;
use crate::network::{ArcId, Node, NodeId, NodeKind, Storage};
use crate::plan::Decisions;
use crate::tolerance::FEASIBILITY_HM3;

/// A flood event of a storage.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The storage.
    pub node: NodeId,
    /// Its steps.
    pub steps: Range<usize>,
    /// Greatest natural inflow in them, as the mean of a step.
    pub peak_m3s: f64,
}

impl Event {
    /// Whether a plan's outflow stays at most at the peak.
    pub fn is_kept(&self, case: &Case, decisions: &Decisions) -> bool {
        self.steps.clone().all(|step| {
            let above = case.outflow_m3s(self.node, decisions, step) - self.peak_m3s;
            above * case.hm3_per_m3s(step) <= FEASIBILITY_HM3
        })
    }
}

/// Events in which a plan's storages stand above their flood limits, each with those of `known` that it touches; none of
/// storages whose events the file gives, or that no natural inflow reaches.
pub fn events(case: &Case, decisions: &Decisions, known: &[Event]) -> Vec<Event> {
    let mut found = Vec::new();
    for (row, (node, storage)) in case.network.storages().enumerate() {
        let facts = &case.network.nodes[node.0];
        if case.network.requirements.iter().any(|rule| rule.id == flood_event::id(&facts.id)) {
            continue;
        }
        let stored: Vec<f64> = decisions.storage_hm3.row(row).to_vec();
        let mut flooded: Vec<bool> = (0..case.horizon.steps()).map(|step| passes(case, storage, &stored, step)).collect();
        for event in known.iter().filter(|event| event.node == node) {
            flooded[event.steps.clone()].fill(true);
        }
        if !flooded.contains(&true) {
            continue;
        }
        let Some(inflow) = case.natural_inflow(&outflow(case, node)) else { continue };
        let mut step = 0;
        while step < flooded.len() {
            if !flooded[step] {
                step += 1;
                continue;
            }
            let end = drawn_out(case, storage, stored[step], &inflow, &flooded, step);
            let peak_m3s = greatest(storage, &inflow, step..end);
            found.push(Event { node, steps: step..end, peak_m3s });
            step = end;
        }
    }
    found
}

/// Greatest natural inflow of a storage in some steps, m³/s; none where none reaches it.
pub fn peak_m3s(case: &Case, node: NodeId, steps: Range<usize>) -> Option<f64> {
    let NodeKind::Storage(storage) = &case.network.nodes[node.0].kind else { return None };
    case.natural_inflow(&outflow(case, node)).map(|inflow| greatest(storage, &inflow, steps))
}

/// Greatest natural inflow in the flood that a storage stands in after the first steps of a plan, from where it began to there; none where it
/// stands in none.
pub fn observed_peak_m3s(case: &Case, decisions: &Decisions, row: usize, steps: usize) -> Option<f64> {
    let (node, storage) = case.network.storages().nth(row)?;
    let stored: Vec<f64> = decisions.storage_hm3.row(row).to_vec();
    let last = steps.checked_sub(1).filter(|last| is_above(case, storage, stored[steps], *last))?;
    let first = (0..=last).rev().take_while(|step| passes(case, storage, &stored, *step)).last()?;
    case.natural_inflow(&outflow(case, node)).map(|inflow| greatest(storage, &inflow, first..steps))
}

/// Greatest natural inflow of a storage in some steps, with what was seen of the flood that the first step goes on with.
fn greatest(storage: &Storage, inflow: &[f64], steps: Range<usize>) -> f64 {
    let seen = storage.observed_peak_m3s.filter(|_| steps.start == 0).unwrap_or(0.0);
    inflow[steps].iter().copied().fold(seen, f64::max)
}

/// Whether a storage stands above its flood limit at the beginning or end of a step.
fn passes(case: &Case, storage: &Storage, stored: &[f64], step: usize) -> bool {
    is_above(case, storage, stored[step + 1], step) || is_above(case, storage, stored[step], step.saturating_sub(1))
}

fn is_above(case: &Case, storage: &Storage, stored: f64, step: usize) -> bool {
    storage.flood_limit.is_some_and(|limit| stored > case.at(&limit, step, 0) + FEASIBILITY_HM3)
}

/// The end of an event that begins with a step: where a plan has returned, and could with outflow at the peak throughout.
fn drawn_out(case: &Case, storage: &Storage, start: f64, inflow: &[f64], flooded: &[bool], first: usize) -> usize {
    let steps = flooded.len();
    let mut end = first;
    while end < steps {
        while end < steps && flooded[end] {
            end += 1;
        }
        let peak = greatest(storage, inflow, first..end);
        let change: f64 = (first..end).map(|step| (inflow[step] - peak) * case.hm3_per_m3s(step)).sum();
        if !is_above(case, storage, start + change, end - 1) {
            break;
        }
        end = (end + 1).min(steps);
    }
    end
}

/// The case with events held.
pub fn with_events(case: &Case, events: &[Event]) -> Case {
    let mut bounded = case.clone();
    let mut nodes: Vec<NodeId> = events.iter().map(|event| event.node).collect();
    nodes.dedup();
    for node in nodes {
        let Node { id, name, place, .. } = &case.network.nodes[node.0];
        let mut ceiling = Array2::from_elem((case.horizon.steps(), 1), f64::INFINITY);
        for event in events.iter().filter(|event| event.node == node) {
            for step in event.steps.clone() {
                ceiling[[step, 0]] = event.peak_m3s;
            }
        }
        let address = format!("{}.ceiling", flood_event::id(id));
        let ceiling = bounded.forcing.add(address, ceiling, flood_event::source());
        let rule = flood_event::rule(id, name, place.clone(), outflow(case, node), ceiling);
        bounded.network.requirements.push(rule);
    }
    bounded
}

/// Whether some event's storage ends above its flood limit in a plan.
pub fn lasts(case: &Case, decisions: &Decisions, event: &Event) -> bool {
    let last = case.horizon.steps().saturating_sub(1);
    case.network.storages().enumerate().any(|(row, (node, storage))| {
        node == event.node && is_above(case, storage, decisions.storage_hm3[[row, last + 1]], last)
    })
}

/// The arcs by which a node's outflow leaves.
fn outflow(case: &Case, node: NodeId) -> Vec<(ArcId, f64)> {
    let arcs = case.network.arcs.iter().enumerate();
    arcs.filter(|(_, arc)| arc.tail == node && arc.role.is_outflow()).map(|(index, _)| (ArcId(index), 1.0)).collect()
}
