//! Benefit of supply: Σ w × benefit × supply, million yuan, maximised. Decreasing over a class's tiers, so that the tiers fill in
//! their order without integers.

use weir_model::goals::Objective;
use weir_model::measures::Selection;

use super::ObjectiveKind;
use crate::builder::{Builder, Sum};
use crate::program::Expression;

pub(super) struct Benefit;

impl ObjectiveKind for Benefit {
    fn word(&self) -> &'static str {
        "benefit"
    }

    fn expression(&self, builder: &mut Builder, objective: &Objective) -> Expression {
        let case = builder.case;
        let mut sum = Sum::default();
        for row in Selection::new(case, objective).portions() {
            let Some(benefit) = &row.portion.benefit else { continue };
            for (step, member) in builder.layout.each_step() {
                let weight = case.at(&objective.weight, step, member) * case.at(benefit, step, member);
                builder.layout.supply(row.row, step, member, |column, c| sum.add(column, -weight * c));
            }
        }
        sum.expression()
    }
}
