//! Whether a goal works on what lies beyond a limit: then the limit is open from the start, and what lies beyond comes with that goal, not
//! before all as what a rule lacks does.

use weir_model::case::Case;
use weir_model::goals::{Goals, Objective};
use weir_model::measures::Selection;
use weir_model::network::NodeId;
use weir_model::plan::Relaxation;

/// Whether a goal works on what gave way.
pub fn is_staged(case: &Case, goals: &Goals, relaxation: &Relaxation) -> bool {
    let network = &case.network;
    match relaxation.address.rsplit_once('.') {
        Some((id, "flood_limit")) => network.node(id).is_some_and(|node| limit_is_staged(case, goals, node)),
        Some((id, "ceiling")) => {
            let rule = network.requirements.iter().position(|rule| rule.id == id);
            rule.is_some_and(|rule| ceiling_is_staged(case, goals, rule))
        }
        _ => false,
    }
}

/// Whether a stage works on what this storage holds above its flood limit.
pub(crate) fn limit_is_staged(case: &Case, goals: &Goals, node: NodeId) -> bool {
    let id = &case.network.nodes[node.0].id;
    of_kind(goals, "flood_limit_excess").any(|objective| objective.elements.is_empty() || objective.elements.contains(id))
}

/// Whether a stage works on what is beyond this ceiling.
pub(crate) fn ceiling_is_staged(case: &Case, goals: &Goals, rule: usize) -> bool {
    let mut excesses = of_kind(goals, "discharge_excess");
    excesses.any(|objective| Selection::new(case, objective).safe_discharges().any(|(chosen, _)| chosen == rule))
}

fn of_kind<'a>(goals: &'a Goals, kind: &'a str) -> impl Iterator<Item = &'a Objective> {
    let stages = goals.stages.iter().filter_map(|&stage| goals.objectives.get(stage));
    stages.filter(move |objective| objective.kind == kind)
}
