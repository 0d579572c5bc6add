//! Flow above safe discharges: Σ w × excess, hm³.
//!
//! A safe discharge that a stage of this kind is about has its ceiling open from the start; otherwise the ceiling is hard, and
//! the excess is what stage 0 left.

use weir_model::goals::Objective;
use weir_model::measures::Selection;

use super::ObjectiveKind;
use crate::builder::{Builder, Sum};
use crate::program::Expression;

pub(super) struct DischargeExcess;

impl ObjectiveKind for DischargeExcess {
    fn word(&self) -> &'static str {
        "discharge_excess"
    }

    fn expression(&self, builder: &mut Builder, objective: &Objective) -> Expression {
        let case = builder.case;
        let mut sum = Sum::default();
        for (index, _) in Selection::new(case, objective).safe_discharges() {
            let excess = &builder.layout.requirements[index].excess;
            for (step, member) in builder.layout.each_step() {
                if let Some(column) = excess.get(builder.layout.place(step, member)) {
                    sum.add(column, case.at(&objective.weight, step, member));
                }
            }
        }
        sum.expression()
    }
}
