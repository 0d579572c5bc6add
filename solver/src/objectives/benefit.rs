//! Benefit of supply: Σ w × benefit × supply, million yuan, maximised. Decreasing over a class's tiers, so that the tiers fill in
//! their order without integers.

use weir_model::goals::Objective;

use super::{ObjectiveKind, select};
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
        for (node, demand) in case.network.demands() {
            for (index, facts) in builder.layout.portions_of[node.0].clone().zip(&demand.portions) {
                let Some(benefit) = &facts.benefit else { continue };
                if !select::portion(objective, &case.network, &case.network.nodes[node.0], facts) {
                    continue;
                }
                for (step, member) in builder.layout.each_step() {
                    let weight = case.at(&objective.weight, step, member) * case.at(benefit, step, member);
                    builder.layout.supply(index, step, member, |column, c| sum.add(column, -weight * c));
                }
            }
        }
        sum.expression()
    }
}
