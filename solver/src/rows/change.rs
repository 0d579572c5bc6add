//! Greatest rise and fall of a requirement's value between steps.
//!
//! −fall × days ≤ value[t] − value[t−1] + fall breach − rise breach ≤ rise × days, the days being those of step t; a flow is
//! compared as a mean flow, so in unequal steps the volume before is scaled to the length of the step after.
//! Rows: T a requirement with such limits, less the first step where no value before it is known.
//! Columns: none while rules are closed, two a step where they are open. Units: hm³ (of a flow: in step t).
//! Dual: what one hm³ more of freedom to change would change in the objective.

use weir_model::network::{Of, Requirement};

use super::RowFamily;
use crate::builder::Builder;
use crate::layout::{Open, Quantity, Subject};

pub(super) struct Changes;

impl RowFamily for Changes {
    fn word(&self) -> &'static str {
        "change"
    }

    fn add(&self, builder: &mut Builder) {
        let case = builder.case;
        for (index, requirement) in case.network.requirements.iter().enumerate() {
            for at in builder.layout.each_step() {
                let (fall, rise) = limits(builder, requirement, at);
                if rise.is_finite() || fall.is_finite() {
                    self.add_row(builder, index, at, -fall, rise);
                }
            }
        }
    }
}

/// Greatest fall and rise in a step, hm³; infinite where there is none.
fn limits(builder: &Builder, requirement: &Requirement, (step, member): (usize, usize)) -> (f64, f64) {
    let factor = match requirement.of {
        Of::Flow(_) => builder.case.hm3_per_m3s(step),
        Of::Storage(_) => 1.0,
    } * builder.case.horizon.days(step);
    let read = |bound: Option<weir_model::network::Bound>| {
        bound.map(|b| builder.case.bound(&b, step, member) * factor).filter(|v| v.is_finite()).unwrap_or(f64::INFINITY)
    };
    (read(requirement.fall_per_day), read(requirement.rise_per_day))
}

impl Changes {
    fn add_row(&self, builder: &mut Builder, index: usize, at @ (step, member): (usize, usize), lower: f64, upper: f64) {
        let case = builder.case;
        let requirement = &case.network.requirements[index];
        let subject = Subject::Requirement(index as u32);
        match &requirement.of {
            Of::Flow(terms) => {
                let before: Option<f64> =
                    terms.iter().map(|&(arc, c)| Some(c * case.network.arcs[arc.0].previous_flow?)).sum();
                if step == 0 && before.is_none() {
                    return;
                }
                let row = builder.row(self.word(), subject, at, lower, upper);
                builder.matrix.late();
                for &(arc, coefficient) in terms {
                    builder.add_flow(row, arc, at, coefficient);
                    if step > 0 {
                        let scale = case.hm3_per_m3s(step) / case.hm3_per_m3s(step - 1);
                        builder.add_flow(row, arc, (step - 1, member), -coefficient * scale);
                    }
                }
                if step == 0 {
                    builder.matrix.add_constant(row, -before.unwrap_or_default() * case.hm3_per_m3s(0));
                }
                Self::open(builder, index, row, at);
            }
            Of::Storage(node) => {
                let Some(storage) = builder.storage_of(*node) else { return };
                let row = builder.row(self.word(), subject, at, lower, upper);
                builder.matrix.late();
                builder.add_storage(row, storage, step + 1, member, 1.0);
                builder.add_storage(row, storage, step, member, -1.0);
                Self::open(builder, index, row, at);
            }
        }
    }

    /// The breach columns of a change's row, where rules are open.
    fn open(builder: &mut Builder, index: usize, row: usize, at: (usize, usize)) {
        if builder.open == Open::Nothing {
            return;
        }
        let requirement = &builder.case.network.requirements[index];
        let (fall, rise) = limits(builder, requirement, at);
        let width = (0.0, builder.all_water_hm3);
        let subject = Subject::Requirement(index as u32);
        for (limit, quantity, sign) in [(rise, Quantity::RiseExcess, -1.0), (fall, Quantity::FallExcess, 1.0)] {
            if limit.is_finite() {
                let column = builder.breach(subject, quantity, at, Some(requirement.class), width);
                builder.matrix.add(row, column, sign);
            }
        }
    }
}
