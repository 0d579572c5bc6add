//! Cost of opening ways: Σ w × cost × start, million yuan, minimised. Only where the method has integers.

use weir_model::goals::Objective;
use weir_model::measures::{Selection, start_cost_million};

use super::ObjectiveKind;
use crate::builder::{Builder, Sum};
use crate::program::Expression;

pub(super) struct StartCost;

impl ObjectiveKind for StartCost {
    fn word(&self) -> &'static str {
        "start_cost"
    }

    fn expression(&self, builder: &mut Builder, objective: &Objective) -> Expression {
        let case = builder.case;
        let mut sum = Sum::default();
        for (arc, facts) in Selection::new(case, objective).arcs() {
            for member in 0..builder.layout.members {
                let Some(starts) = builder.starts.get(&(arc.0, member)) else { continue };
                for (step, &column) in starts.iter().enumerate() {
                    sum.add(column, start_cost_million(facts) * case.at(&objective.weight, step, member));
                }
            }
        }
        sum.expression()
    }
}
