//! What goes over spillways: Σ w × volume, hm³.

use weir_model::goals::Objective;
use weir_model::measures::Selection;
use weir_model::network::{ArcId, Role};

use super::ObjectiveKind;
use crate::builder::{Builder, Sum};
use crate::program::Expression;

pub(super) struct Spill;

impl ObjectiveKind for Spill {
    fn word(&self) -> &'static str {
        "spill"
    }

    fn expression(&self, builder: &mut Builder, objective: &Objective) -> Expression {
        let arcs: Vec<ArcId> = Selection::new(builder.case, objective).arcs().map(|(arc, _)| arc).collect();
        spill(builder, arcs, |step, member| builder.case.at(&objective.weight, step, member))
    }
}

/// Weighted spill over those of the arcs that are spillways.
pub(crate) fn spill(
    builder: &Builder,
    arcs: impl IntoIterator<Item = ArcId>,
    weight: impl Fn(usize, usize) -> f64,
) -> Expression {
    let mut sum = Sum::default();
    for arc in arcs.into_iter().filter(|arc| builder.case.network.arcs[arc.0].role == Role::Spillway) {
        for (step, member) in builder.layout.each_step() {
            let weight = weight(step, member);
            let constant = builder.layout.flow(arc, step, member, |column, c| sum.add(column, weight * c));
            sum.add_constant(weight * constant);
        }
    }
    sum.expression()
}
