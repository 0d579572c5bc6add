//! What demands lack.
//!
//! Volume: Σ w × weight × (size − supply), hm³. Relative: Σ w × weight × (size − supply) ÷ (the class's demand at the node in
//! the step) × days: node-days of full shortage.

use weir_model::goals::Objective;
use weir_model::measures::Selection;

use super::ObjectiveKind;
use crate::builder::{Builder, Sum};
use crate::program::Expression;

pub(super) struct Shortage;

impl ObjectiveKind for Shortage {
    fn word(&self) -> &'static str {
        "shortage"
    }

    fn expression(&self, builder: &mut Builder, objective: &Objective) -> Expression {
        let (case, layout) = (builder.case, &builder.layout);
        let mut sum = Sum::default();
        for row in Selection::new(case, objective).portions() {
            let columns = &layout.supplies[row.row];
            let first = layout.portions_of[row.node.0].start;
            let of_class = |other: &usize| row.demand.portions[other - first].class == row.portion.class;
            let class: Vec<usize> = layout.portions_of[row.node.0].clone().filter(of_class).collect();
            for (step, member) in layout.each_step() {
                let place = layout.place(step, member);
                let mut weight = case.at(&objective.weight, step, member) * case.at(&row.portion.weight, step, member);
                if objective.relative {
                    let total: f64 = class.iter().map(|&other| layout.supplies[other].size_hm3[place]).sum();
                    weight *= if total > 0.0 { case.horizon.days(step) / total } else { 0.0 };
                }
                sum.add_constant(weight * columns.size_hm3[place]);
                layout.supply(row.row, step, member, |column, c| sum.add(column, -weight * c));
            }
        }
        sum.expression()
    }
}
