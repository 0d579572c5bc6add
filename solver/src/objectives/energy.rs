//! Energy made by turbines: Σ w × energy per volume × volume, GWh, maximised.

use weir_model::goals::Objective;
use weir_model::measures::Selection;

use super::ObjectiveKind;
use crate::builder::{Builder, Sum};
use crate::power::add_made;
use crate::program::Expression;

pub(super) struct Energy;

impl ObjectiveKind for Energy {
    fn word(&self) -> &'static str {
        "energy"
    }

    fn expression(&self, builder: &mut Builder, objective: &Objective) -> Expression {
        let case = builder.case;
        let mut sum = Sum::default();
        for (arc, facts) in Selection::new(case, objective).arcs() {
            if facts.energy.is_none_or(|energy| energy.gwh_per_hm3 <= 0.0) {
                continue;
            }
            for (step, member) in builder.layout.each_step() {
                let weight = -case.at(&objective.weight, step, member);
                add_made(builder, arc, (step, member), weight, &mut sum);
            }
        }
        sum.expression()
    }
}
