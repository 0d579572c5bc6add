//! Change against the plan in force: Σ w × |flow − flow in force|, hm³.
//!
//! flow − up + down = flow in force, as volumes. Rows: one a way and step that the plan in force knows and
//! in which the way can carry more or less. Columns: two.

use weir_model::goals::Objective;
use weir_model::measures::PlanChange as Measure;
use weir_model::network::ArcId;

use super::ObjectiveKind;
use crate::builder::{Builder, Sum};
use crate::layout::{Quantity, Subject};
use crate::program::Expression;

pub(super) struct PlanChange;

impl ObjectiveKind for PlanChange {
    fn word(&self) -> &'static str {
        "plan_change"
    }

    fn expression(&self, builder: &mut Builder, objective: &Objective) -> Expression {
        let case = builder.case;
        let ways = Measure::ways(case, objective);
        change(builder, ways, |step, member| case.at(&objective.weight, step, member))
    }
}

/// Adds the columns and rows of the ways' change and returns its expression.
pub(crate) fn change(builder: &mut Builder, ways: Vec<ArcId>, weight: impl Fn(usize, usize) -> f64) -> Expression {
    let case = builder.case;
    let mut sum = Sum::default();
    for way in ways {
        for at @ (step, member) in builder.layout.each_step() {
            let Some(in_force) = case.flow_in_force(way, step) else { continue };
            let volume = in_force * case.hm3_per_m3s(step);
            if let Some(held) = builder.held_flow(way, at) {
                sum.add_constant(weight(step, member) * (held - volume).abs());
                continue;
            }
            let subject = Subject::Arc(way.0 as u32);
            let row = builder.row("plan_change", subject, at, volume, volume);
            builder.add_flow(row, way, at, 1.0);
            let most = builder.flow_bounds(way, at).1.max(volume);
            for (quantity, sign) in [(Quantity::Up, -1.0), (Quantity::Down, 1.0)] {
                let column = builder.column(subject, quantity, at, 0.0, most);
                builder.matrix.add(row, column, sign);
                sum.add(column, weight(step, member));
            }
        }
    }
    sum.expression()
}
