//! Storage held above flood limits: Σ w × excess × days, hm³·d; relative: ÷ the storage's upper bound.
//!
//! A storage that a stage of this kind is about has its limit open from the start; otherwise the limit is hard, and the excess is
//! what stage 0 left.

use weir_model::goals::Objective;
use weir_model::measures::Selection;

use super::ObjectiveKind;
use crate::builder::{Builder, Sum};
use crate::program::Expression;

pub(super) struct FloodLimitExcess;

impl ObjectiveKind for FloodLimitExcess {
    fn word(&self) -> &'static str {
        "flood_limit_excess"
    }

    fn expression(&self, builder: &mut Builder, objective: &Objective) -> Expression {
        let case = builder.case;
        let mut sum = Sum::default();
        for (row, _, storage) in Selection::new(case, objective).storages() {
            for (step, member) in builder.layout.each_step() {
                let Some(column) = builder.layout.storages[row].excess.get(builder.layout.place(step, member)) else {
                    continue;
                };
                if !case.storage_limit(storage, step, member).1 {
                    continue;
                }
                let mut weight = case.at(&objective.weight, step, member) * case.horizon.days(step);
                if objective.relative {
                    let upper = case.at(&storage.upper, step, member);
                    weight *= if upper > 0.0 { upper.recip() } else { 0.0 };
                }
                sum.add(column, weight);
            }
        }
        sum.expression()
    }
}
