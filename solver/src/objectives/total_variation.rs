//! Total variation: Σ |x[t] − x[t−1]|, m³/s, over the outflow of each node that has any and the supply of each demand.
//!
//! x[t] − x[t−1] − up + down = 0, as volumes of step t so that equal steps give coefficients of ±1. Step 0 counts where the flow
//! before it is known.
//! Rows: one a series and step. Columns: two a series and step.

use weir_model::goals::Objective;
use weir_model::network::{ArcId, NodeKind};

use super::{ObjectiveKind, select};
use crate::builder::{Builder, Sum};
use crate::layout::{Quantity, Subject};
use crate::program::Expression;

pub(super) struct TotalVariation;

impl ObjectiveKind for TotalVariation {
    fn word(&self) -> &'static str {
        "total_variation"
    }

    fn expression(&self, builder: &mut Builder, objective: &Objective) -> Expression {
        let network = &builder.case.network;
        let series: Vec<Series> = variation_series(builder)
            .into_iter()
            .filter(|series| select::element(objective, &network.nodes[series.node].id))
            .collect();
        let case = builder.case;
        variation(builder, &series, |step, member| case.at(&objective.weight, step, member))
    }
}

/// A series whose variation counts.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    node: usize,
    outflow: Vec<ArcId>,
}

/// The outflow of each node that has any, and the supply of each demand.
pub(crate) fn variation_series(builder: &Builder) -> Vec<Series> {
    let network = &builder.case.network;
    let mut outflow = vec![Vec::new(); network.nodes.len()];
    for (index, arc) in network.arcs.iter().enumerate().filter(|(_, arc)| arc.role.is_outflow()) {
        outflow[arc.tail.0].push(ArcId(index));
    }
    let is_demand = |node: usize| matches!(network.nodes[node].kind, NodeKind::Demand(_));
    let series = outflow.into_iter().enumerate().map(|(node, outflow)| Series { node, outflow });
    series.filter(|series| !series.outflow.is_empty() || is_demand(series.node)).collect()
}

/// Adds the columns and rows of the series' variation and returns its expression.
pub(crate) fn variation(builder: &mut Builder, series: &[Series], weight: impl Fn(usize, usize) -> f64) -> Expression {
    let case = builder.case;
    let mut sum = Sum::default();
    for Series { node, outflow } in series {
        let subject = Subject::Node(*node as u32);
        let portions = builder.layout.portions_of[*node].clone();
        let known: Option<f64> = outflow.iter().map(|arc| case.network.arcs[arc.0].previous_flow).sum();
        let known = known.filter(|_| !outflow.is_empty());
        for at @ (step, member) in builder.layout.each_step() {
            if step == 0 && known.is_none() {
                continue;
            }
            let volume = case.hm3_per_m3s(step);
            let row = builder.row("total_variation", subject, at, 0.0, 0.0);
            let (mut most, mut before) = (0.0_f64, known.unwrap_or_default() * volume);
            for (from, sign) in [(Some(step), 1.0), (step.checked_sub(1), -1.0)] {
                let Some(from) = from else {
                    builder.matrix.add_constant(row, -before);
                    continue;
                };
                let scale = volume / case.hm3_per_m3s(from);
                let mut upper = 0.0;
                for &arc in outflow {
                    builder.add_flow(row, arc, (from, member), sign * scale);
                    upper += builder.flow_bounds(arc, (from, member)).1.abs() * scale;
                }
                for portion in portions.clone() {
                    builder.add_supply(row, portion, (from, member), sign * scale);
                    upper += builder.layout.supplies[portion].size_hm3[builder.layout.place(from, member)] * scale;
                }
                if sign > 0.0 { most = upper } else { before = upper }
            }
            for (quantity, sign) in [(Quantity::Up, -1.0), (Quantity::Down, 1.0)] {
                let column = builder.column(subject, quantity, at, 0.0, if sign < 0.0 { most } else { before });
                builder.matrix.add(row, column, sign);
                sum.add(column, weight(step, member) / volume);
            }
        }
    }
    sum.expression()
}
