//! Most changes of a way's flow within any so many days. Only where the method has integers.
//!
//! −most fall × changed ≤ flow[t] − flow[t−1] ≤ most rise × changed, as mean flows; Σ changed over the last days ≤ most.
//! Rows: 3 a way and step. Columns: 1 binary. Units: hm³ in step t. Physical: never gives way.
//! Limits: without `previous_flow_m3s` the first step is no change.

use weir_model::network::ArcId;

use super::RowFamily;
use crate::builder::Builder;
use crate::layout::{Quantity, Subject};

pub(super) struct LimitedChanges;

impl RowFamily for LimitedChanges {
    fn word(&self) -> &'static str {
        "limited_changes"
    }

    fn add(&self, builder: &mut Builder) {
        if builder.goals.integers.is_none() {
            return;
        }
        let case = builder.case;
        for (index, arc) in case.network.arcs.iter().enumerate() {
            let Some(commitment) = arc.commitment.as_deref() else { continue };
            let Some(changes) = commitment.changes else { continue };
            for member in 0..builder.layout.members {
                let mut changed: Vec<Option<usize>> = Vec::with_capacity(builder.layout.steps);
                for step in 0..builder.layout.steps {
                    let column = self.add_change(builder, ArcId(index), (step, member), arc.previous_flow);
                    changed.push(column);
                    let within = &changed[case.first_within_h(step, changes.days * 24.0)..=step];
                    let most = case.most_changes(changes, &commitment.before, step);
                    if within.iter().flatten().count() > most {
                        let at = (step, member);
                        let row = builder.row(self.word(), Subject::Arc(index as u32), at, f64::NEG_INFINITY, most as f64);
                        for &column in within.iter().flatten() {
                            builder.matrix.add(row, column, 1.0);
                        }
                    }
                }
            }
        }
    }
}

impl LimitedChanges {
    /// The binary of a step whose flow may differ from the one before.
    fn add_change(
        &self,
        builder: &mut Builder,
        arc: ArcId,
        at @ (step, member): (usize, usize),
        previous: Option<f64>,
    ) -> Option<usize> {
        let case = builder.case;
        let now = builder.flow_bounds(arc, at);
        let scale = if step == 0 { 1.0 } else { case.hm3_per_m3s(step) / case.hm3_per_m3s(step - 1) };
        let before = if step == 0 {
            let known = previous? * case.hm3_per_m3s(0);
            (known, known)
        } else {
            let (least, most) = builder.flow_bounds(arc, (step - 1, member));
            (least * scale, most * scale)
        };
        let subject = Subject::Arc(arc.0 as u32);
        let column = builder.integer(subject, Quantity::Changed, at, 1.0);
        for (sign, most) in [(1.0, now.1 - before.0), (-1.0, before.1 - now.0)] {
            let row = builder.row(self.word(), subject, at, f64::NEG_INFINITY, 0.0);
            builder.add_flow(row, arc, at, sign);
            if step == 0 {
                builder.matrix.add_constant(row, -sign * before.0);
            } else {
                builder.add_flow(row, arc, (step - 1, member), -sign * scale);
            }
            builder.matrix.add(row, column, -most.max(0.0));
        }
        Some(column)
    }
}
