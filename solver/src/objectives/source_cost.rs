//! What water costs by source and link: Σ w × price × volume, million yuan.

use weir_model::goals::Objective;
use weir_model::measures::priced;

use super::ObjectiveKind;
use crate::builder::{Builder, Sum};
use crate::program::Expression;

pub(super) struct SourceCost;

impl ObjectiveKind for SourceCost {
    fn word(&self) -> &'static str {
        "source_cost"
    }

    fn expression(&self, builder: &mut Builder, objective: &Objective) -> Expression {
        let case = builder.case;
        let mut sum = Sum::default();
        for (arc, facts) in priced(case, objective) {
            let Some(price) = facts.price else { continue };
            for (step, member) in builder.layout.each_step() {
                let weight = case.at(&price, step, member) * case.at(&objective.weight, step, member);
                let constant = builder.layout.flow(arc, step, member, |column, c| sum.add(column, weight * c));
                sum.add_constant(weight * constant);
            }
        }
        sum.expression()
    }
}
