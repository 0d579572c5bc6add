//! Cost of water 供水成本 from priced ways and sources.
//!
//! Σ weight × price × volume over the chosen arcs that have a price; yuan/m³ × hm³ = million yuan. With `classes` or `uses` of
//! the arcs only those into demands that have no other classes: a source's price for a class.
//! Sense: minimise. Units: million yuan. Good: 0, with no standby source in use.
//! Limits: put after the shortages, or it is cheapest to supply nobody.

use super::{Measure, Selection};
use crate::case::Case;
use crate::goals::{Objective, Sense};
use crate::network::{Arc, ArcId, NodeId};
use crate::plan::Decisions;

/// See the module.
pub struct SourceCost;

/// The ways that an objective prices: chosen, with a price, and into demands of its classes only, where it names any.
pub fn priced<'a>(case: &'a Case, objective: &'a Objective) -> impl Iterator<Item = (ArcId, &'a Arc)> {
    let selection = Selection::new(case, objective);
    let narrowed = !objective.classes.is_empty() || !objective.uses.is_empty();
    selection.arcs().filter(move |(_, arc)| {
        let all_chosen = |node: NodeId| {
            let portions = |chosen: Selection<'a>| chosen.portions().filter(|row| row.node == node).count();
            let all = portions(Selection::everything(case));
            all > 0 && portions(selection.by_class()) == all
        };
        arc.price.is_some() && (!narrowed || arc.receivers.iter().any(|receiver| all_chosen(receiver.node)))
    })
}

impl Measure for SourceCost {
    fn kind(&self) -> &'static str {
        "source_cost"
    }

    fn sense(&self) -> Sense {
        Sense::Minimise
    }

    fn unit(&self, _: &Objective) -> &'static str {
        "million yuan"
    }

    fn value(&self, case: &Case, objective: &Objective, decisions: &Decisions) -> f64 {
        let mut total = 0.0;
        for (id, arc) in priced(case, objective) {
            let Some(price) = &arc.price else { continue };
            for step in 0..case.horizon.steps() {
                let volume_hm3 = decisions.flow_m3s[[id.0, step]] * case.hm3_per_m3s(step);
                total += case.at(&objective.weight, step, 0) * case.at(price, step, 0) * volume_hm3;
            }
        }
        total
    }
}
