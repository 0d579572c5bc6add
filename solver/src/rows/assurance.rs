//! Share of days on which a target must be met. Only where the method has integers.
//!
//! Each slice of shortfall ≤ its width × (1 − met); Σ days × met ≥ share × (days before + days) − days met before; in any run of
//! more than the longest days failed, one step at least is met. Steps without a target are neither met nor failed.
//! Rows: 1 a slice and step, 1 a requirement, and 1 a run. Columns: 1 binary a step with a target.
//! Units: days. Fails: where the days cannot be met whatever else gives way, the whole case is infeasible and says so.

use weir_model::network::Requirement;

use super::RowFamily;
use crate::builder::Builder;
use crate::layout::{Quantity, Subject};

pub(super) struct Assurance;

impl RowFamily for Assurance {
    fn word(&self) -> &'static str {
        "assurance"
    }

    fn add(&self, builder: &mut Builder) {
        if builder.goals.integers.is_none() {
            return;
        }
        let case = builder.case;
        for (index, requirement) in case.network.requirements.iter().enumerate() {
            let Some(assurance) = requirement.assurance else { continue };
            for member in 0..builder.layout.members {
                let met: Vec<Option<usize>> = (0..builder.layout.steps)
                    .map(|step| self.add_met(builder, index, requirement, (step, member)))
                    .collect();
                let subject = Subject::Requirement(index as u32);
                let last = (builder.layout.steps.saturating_sub(1), member);
                let valid = (0..met.len()).filter(|&step| met[step].is_some());
                let owed = assurance.owed_days(valid.map(|step| case.horizon.days(step)).sum());
                let row = builder.row(self.word(), subject, last, owed, f64::INFINITY);
                for (step, column) in met.iter().enumerate() {
                    if let Some(column) = column {
                        builder.matrix.add(row, *column, case.horizon.days(step));
                    }
                }
                for run in case.runs_too_long(&assurance) {
                    let columns: Option<Vec<usize>> = met[run.clone()].iter().copied().collect();
                    let Some(columns) = columns else { continue };
                    let row = builder.row(self.word(), subject, (run.end - 1, member), 1.0, f64::INFINITY);
                    for column in columns {
                        builder.matrix.add(row, column, 1.0);
                    }
                }
            }
        }
    }
}

impl Assurance {
    /// The binary of a step that meets the target, if the step has one.
    fn add_met(&self, builder: &mut Builder, index: usize, requirement: &Requirement, at: (usize, usize)) -> Option<usize> {
        let target = builder.case.bound(requirement.target.as_ref()?, at.0, at.1);
        if !target.is_finite() {
            return None;
        }
        let subject = Subject::Requirement(index as u32);
        let met = builder.integer(subject, Quantity::Met, at, 1.0);
        let place = builder.layout.place(at.0, at.1);
        let parts = &builder.layout.requirements[index].parts;
        let slices: Vec<usize> =
            parts.iter().flat_map(|(above, below)| [above.get(place), below.get(place)]).flatten().collect();
        for column in slices {
            let width = builder.matrix.bounds(column).1;
            let row = builder.row(self.word(), subject, at, f64::NEG_INFINITY, width);
            builder.matrix.add(row, column, 1.0);
            builder.matrix.add(row, met, width);
        }
        Some(met)
    }
}
