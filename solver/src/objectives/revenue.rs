//! What energy sells for: Σ w × price × energy per volume × volume, million yuan, maximised.

use weir_model::goals::Objective;
use weir_model::measures::Selection;

use super::ObjectiveKind;
use crate::builder::{Builder, Sum};
use crate::power::add_made;
use crate::program::Expression;

pub(super) struct Revenue;

impl ObjectiveKind for Revenue {
    fn word(&self) -> &'static str {
        "revenue"
    }

    fn expression(&self, builder: &mut Builder, objective: &Objective) -> Expression {
        let case = builder.case;
        let mut sum = Sum::default();
        for (arc, facts) in Selection::new(case, objective).arcs() {
            let Some(energy) = facts.energy.filter(|energy| energy.gwh_per_hm3 > 0.0) else { continue };
            let Some(price) = energy.price else { continue };
            for (step, member) in builder.layout.each_step() {
                let weight = -case.at(&price, step, member) * case.at(&objective.weight, step, member);
                add_made(builder, arc, (step, member), weight, &mut sum);
            }
        }
        sum.expression()
    }
}
