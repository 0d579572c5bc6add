//! Value of the water at the end: −Σ θ, million yuan, with θ ≤ constant + Σ price × (s[T] + on its way) for each cut of θ.
//!
//! Rows: one a cut. Columns: one a function.
//! Dual of a cut's row: its share in the value; the water value of a storage at the end is the share-weighted price.

use weir_model::goals::Objective;
use weir_model::measures::EndValue as Measure;

use super::ObjectiveKind;
use crate::builder::{Builder, Sum, late_hm3};
use crate::layout::{Quantity, Subject};
use crate::program::Expression;
use crate::rows::add_on_its_way;

pub(super) struct EndValue;

impl ObjectiveKind for EndValue {
    fn word(&self) -> &'static str {
        "end_value"
    }

    fn expression(&self, builder: &mut Builder, objective: &Objective) -> Expression {
        let case = builder.case;
        let steps = builder.layout.steps;
        let most_hm3 = builder.all_water_hm3 + late_hm3(case);
        let mut sum = Sum::default();
        for (number, cuts) in Measure::functions(objective).into_iter().enumerate().filter(|_| steps > 0) {
            let subject = Subject::Objective(number as u32);
            for member in 0..builder.layout.members {
                let at = (steps - 1, member);
                let (mut least, mut most) = (f64::INFINITY, f64::INFINITY);
                let mut rows = Vec::new();
                for cut in &cuts {
                    let row = builder.row("end_value", subject, at, -cut.constant_million, f64::INFINITY);
                    let (mut low, mut high) = (cut.constant_million, cut.constant_million);
                    for (storage, node, price) in Measure::prices(case, cut) {
                        builder.add_storage(row, storage, steps, member, price);
                        add_on_its_way(builder, row, node, member, price);
                        low += (price * most_hm3).min(0.0);
                        high += (price * most_hm3).max(0.0);
                    }
                    (least, most) = (least.min(low), most.min(high));
                    rows.push(row);
                }
                let value = builder.column(subject, Quantity::Value, at, least, most);
                for row in rows {
                    builder.matrix.add(row, value, -1.0);
                }
                sum.add(value, -1.0);
            }
        }
        sum.expression()
    }
}
