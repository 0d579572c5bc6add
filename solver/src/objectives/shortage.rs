//! What demands lack.
//!
//! Volume: Σ w × weight × (size − supply), hm³. Relative: Σ w × weight × (size − supply) ÷ (the class's demand at the node in
//! the step) × days: node-days of full shortage.

use weir_model::goals::Objective;

use super::{ObjectiveKind, select};
use crate::builder::{Builder, Sum};
use crate::program::Expression;

pub(super) struct Shortage;

impl ObjectiveKind for Shortage {
    fn word(&self) -> &'static str {
        "shortage"
    }

    fn expression(&self, builder: &mut Builder, objective: &Objective) -> Expression {
        let case = builder.case;
        let layout = &builder.layout;
        let mut sum = Sum::default();
        for (node, demand) in case.network.demands() {
            let portions = layout.portions_of[node.0].clone();
            for (index, facts) in portions.clone().zip(&demand.portions) {
                if !select::portion(objective, &case.network, &case.network.nodes[node.0], facts) {
                    continue;
                }
                let of_class: Vec<usize> = portions
                    .clone()
                    .zip(&demand.portions)
                    .filter(|(_, other)| other.class == facts.class)
                    .map(|(other, _)| other)
                    .collect();
                for (step, member) in layout.each_step() {
                    let place = layout.place(step, member);
                    let size = layout.supplies[index].size_hm3[place];
                    let mut weight = case.at(&objective.weight, step, member) * case.at(&facts.weight, step, member);
                    if objective.relative {
                        let total: f64 = of_class.iter().map(|&other| layout.supplies[other].size_hm3[place]).sum();
                        weight *= if total > 0.0 { case.horizon.days(step) / total } else { 0.0 };
                    }
                    sum.add_constant(weight * size);
                    layout.supply(index, step, member, |column, c| sum.add(column, -weight * c));
                }
            }
        }
        sum.expression()
    }
}
