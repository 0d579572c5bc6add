//! What of the network an objective is about: an empty list means all that its kind concerns.

use weir_model::goals::Objective;
use weir_model::network::{ArcId, Network, Node, Portion, Requirement};

/// Whether a region, or one that holds it, is among those chosen.
pub(super) fn region(objective: &Objective, network: &Network, mut region: Option<usize>) -> bool {
    if objective.regions.is_empty() {
        return true;
    }
    // A region's parents are fewer than the regions, so a circle ends too.
    for _ in 0..=network.regions.len() {
        let Some(facts) = region.and_then(|index| network.regions.get(index)) else { return false };
        if objective.regions.contains(&facts.id) {
            return true;
        }
        region = facts.parent;
    }
    false
}

/// Whether an element's id is among those chosen.
pub(super) fn element(objective: &Objective, id: &str) -> bool {
    objective.elements.is_empty() || objective.elements.iter().any(|element| element == id)
}

/// Whether an arc is among those chosen: by its own id or by that of the element it is part of.
pub(super) fn arc(objective: &Objective, id: &str) -> bool {
    let part_of = |element: &String| id == element || id.strip_prefix(element.as_str()).is_some_and(|rest| rest.starts_with('.'));
    objective.elements.is_empty() || objective.elements.iter().any(part_of)
}

/// Whether a tier, or a part of a target, is among those chosen.
pub(super) fn tier(objective: &Objective, tier: usize) -> bool {
    objective.tiers.is_empty() || objective.tiers.contains(&tier)
}

/// Whether a portion of a demand is chosen.
pub(super) fn portion(objective: &Objective, network: &Network, node: &Node, portion: &Portion) -> bool {
    element(objective, &node.id)
        && (objective.classes.is_empty() || objective.classes.contains(&portion.class))
        && (objective.uses.is_empty() || objective.uses.iter().any(|word| portion.use_.covered_by(word)))
        && tier(objective, portion.tier)
        && region(objective, network, node.region)
}

/// Whether an ecological requirement is chosen.
pub(super) fn section(objective: &Objective, network: &Network, requirement: &Requirement) -> bool {
    requirement.kind.is_ecological()
        && (objective.sections.is_empty() || objective.sections.contains(&requirement.id))
        && element(objective, &requirement.id)
        && region(objective, network, requirement.region)
}

/// The arcs that are chosen.
pub(super) fn arcs(objective: &Objective, network: &Network) -> Vec<ArcId> {
    (0..network.arcs.len()).map(ArcId).filter(|id| arc(objective, &network.arcs[id.0].id)).collect()
}
