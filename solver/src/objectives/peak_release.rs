//! Peak of outflow: Σ over storages of a column p, m³/s, with w × outflow ≤ p × hm³ per m³/s in every step.
//!
//! Rows: one a storage and step. Columns: one a storage.
//! Dual of a row: what a flow more in that step would add to the peak.

use weir_model::goals::Objective;
use weir_model::measures::PeakRelease as Measure;

use super::ObjectiveKind;
use super::total_variation::add_rate;
use crate::builder::{Builder, Sum};
use crate::layout::{Quantity, Subject};
use crate::program::Expression;

pub(super) struct PeakRelease;

impl ObjectiveKind for PeakRelease {
    fn word(&self) -> &'static str {
        "peak_release"
    }

    fn expression(&self, builder: &mut Builder, objective: &Objective) -> Expression {
        let case = builder.case;
        let mut sum = Sum::default();
        for (node, rate) in Measure::outflows(case, objective) {
            let subject = Subject::Node(node.0 as u32);
            for member in 0..builder.layout.members {
                let rows: Vec<(usize, usize)> = (0..builder.layout.steps)
                    .map(|step| (step, builder.row("peak_release", subject, (step, member), 0.0, f64::INFINITY)))
                    .collect();
                let mut most: f64 = 0.0;
                for &(step, row) in &rows {
                    let weight = case.at(&objective.weight, step, member);
                    most = most.max(add_rate(builder, row, &rate, (step, member), -weight) / case.hm3_per_m3s(step));
                }
                let Some(&(last, _)) = rows.last() else { continue };
                let peak = builder.column(subject, Quantity::Peak, (last, member), 0.0, most);
                for (step, row) in rows {
                    builder.matrix.add(row, peak, case.hm3_per_m3s(step));
                }
                sum.add(peak, 1.0);
            }
        }
        sum.expression()
    }
}
