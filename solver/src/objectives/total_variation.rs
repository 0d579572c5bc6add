//! Total variation: Σ w × |x[t] − x[t−1]|, m³/s, over the outflow of each node that has any and the supply of each demand.
//!
//! x[t] − x[t−1] − up + down = 0, as volumes of step t so that equal steps give coefficients of ±1. Step 0 counts where the flow
//! before it is known. Rows: one a rate and step. Columns: two a rate and step. A rate that can move neither in a step nor in the one before it
//! has none of these there.

use weir_model::goals::Objective;
use weir_model::measures::Rate;

use super::ObjectiveKind;
use crate::builder::{Builder, Sum};
use crate::layout::{Quantity, Subject};
use crate::program::Expression;

pub(super) struct TotalVariation;

impl ObjectiveKind for TotalVariation {
    fn word(&self) -> &'static str {
        "total_variation"
    }

    fn expression(&self, builder: &mut Builder, objective: &Objective) -> Expression {
        let case = builder.case;
        variation(builder, &Rate::all(case, objective), |step, member| case.at(&objective.weight, step, member))
    }
}

/// Adds the columns and rows of the rates' variation and returns its expression.
pub(crate) fn variation(builder: &mut Builder, rates: &[Rate], weight: impl Fn(usize, usize) -> f64) -> Expression {
    let case = builder.case;
    let mut sum = Sum::default();
    for rate in rates {
        let subject = match rate {
            Rate::Outflow(node, _) => Subject::Node(node.0 as u32),
            Rate::Supply(_, portions) => Subject::Portion(portions.start as u32),
        };
        let known = rate.before(case);
        for at @ (step, member) in builder.layout.each_step() {
            if step == 0 && known.is_none() {
                continue;
            }
            let volume = case.hm3_per_m3s(step);
            let scale = if step == 0 { 1.0 } else { volume / case.hm3_per_m3s(step - 1) };
            let last = if step == 0 {
                known.map(|flow| flow * volume)
            } else {
                held(builder, rate, (step - 1, member)).map(|before| before * scale)
            };
            if let (Some(now), Some(before)) = (held(builder, rate, at), last) {
                sum.add_constant(weight(step, member) / volume * (now - before).abs());
                continue;
            }
            let row = builder.row("total_variation", subject, at, 0.0, 0.0);
            let most = add_rate(builder, row, rate, at, 1.0);
            let before = if step == 0 {
                let before = last.unwrap_or_default();
                builder.matrix.add_constant(row, -before);
                before
            } else {
                add_rate(builder, row, rate, (step - 1, member), -scale)
            };
            for (quantity, sign, upper) in [(Quantity::Up, -1.0, most), (Quantity::Down, 1.0, before)] {
                let column = builder.column(subject, quantity, at, 0.0, upper);
                builder.matrix.add(row, column, sign);
                sum.add(column, weight(step, member) / volume);
            }
        }
    }
    sum.expression()
}

/// A rate's volume in a step in which it cannot move, hm³.
fn held(builder: &Builder, rate: &Rate, at: (usize, usize)) -> Option<f64> {
    match rate {
        Rate::Outflow(_, arcs) => arcs.iter().map(|&arc| builder.held_flow(arc, at)).sum(),
        Rate::Supply(_, portions) => portions.clone().map(|portion| builder.held_supply(portion, at)).sum(),
    }
}

/// Adds a rate's volume in a step to a row and returns the most that it can add in size.
pub(super) fn add_rate(builder: &mut Builder, row: usize, rate: &Rate, at: (usize, usize), coefficient: f64) -> f64 {
    let mut most = 0.0;
    match rate {
        Rate::Outflow(_, arcs) => {
            for &arc in arcs {
                builder.add_flow(row, arc, at, coefficient);
                most += builder.flow_bounds(arc, at).1.max(0.0);
            }
        }
        Rate::Supply(_, portions) => {
            for portion in portions.clone() {
                builder.add_supply(row, portion, at, coefficient);
                most += builder.layout.supplies[portion].size_hm3[builder.layout.place(at.0, at.1)];
            }
        }
    }
    most * coefficient.abs()
}
