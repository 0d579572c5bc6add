//! Distance of storages from a line of their rule curves: Σ w × |s[t] − line| × days, hm³·d; relative: ÷ the upper bound.
//!
//! s[t] − up + down = line. Rows: one a storage and step. Columns: two a storage and step.

use weir_model::goals::Objective;
use weir_model::measures::RuleCurveDeviation as Measure;

use super::ObjectiveKind;
use crate::builder::{Builder, Sum};
use crate::layout::{Quantity, Subject};
use crate::program::Expression;

pub(super) struct RuleCurveDeviation;

impl ObjectiveKind for RuleCurveDeviation {
    fn word(&self) -> &'static str {
        "rule_curve_deviation"
    }

    fn expression(&self, builder: &mut Builder, objective: &Objective) -> Expression {
        let case = builder.case;
        let mut sum = Sum::default();
        for (storage, node, line) in Measure::lines(case, objective) {
            let subject = Subject::Node(node.0 as u32);
            for at @ (step, member) in builder.layout.each_step() {
                let line = case.at(line, step, member);
                let row = builder.row("rule_curve_deviation", subject, at, line, line);
                builder.add_storage(row, storage, step + 1, member, 1.0);
                let mut highest = builder.all_water_hm3;
                builder.layout.storage(storage, step + 1, member, |column, c| {
                    highest = highest.max(c * builder.matrix.bounds(column).1);
                });
                let weight = Measure::weight(case, objective, node, step, member);
                for (quantity, sign, most) in [(Quantity::Up, -1.0, highest), (Quantity::Down, 1.0, line.max(0.0))] {
                    let column = builder.column(subject, quantity, at, 0.0, most);
                    builder.matrix.add(row, column, sign);
                    sum.add(column, weight);
                }
            }
        }
        sum.expression()
    }
}
