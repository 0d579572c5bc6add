//! Rules on flows and storages: floor, target and ceiling.
//!
//! floor or target ≤ value + Σ shortfall − excess ≤ ceiling, one ranged row a step with any of them (two where the ceiling lies
//! under the target). The target's parts are slices of shortfall: what of a slice lies above the floor is an open column, what
//! lies below it is a breach of the floor.
//! Where the requirement is held on means over periods, a row sums over the period's steps, and its columns stand at the last.
//! Rows: T a requirement, or one a period, less the steps without bounds. Columns: one a part and step above the floor, more only where rules
//! are open.
//! Units: hm³ (of a flow: in the step).
//! Dual: of the lower side, what one hm³ less owed would change in the objective.
//! Limits: which slice lacks first is left to the objectives: one that works on the part nearest the target only, with no
//! later one on the parts below, may shift shortfall between them; the plan's values are re-measured from the flow.

use std::ops::Range;

use weir_model::network::{Bound, Of, Requirement};

use super::RowFamily;
use crate::builder::{Breach, Builder, Soft};
use crate::layout::{Open, Quantity, RequirementColumns, Sparse, Subject};
use crate::staged::ceiling_is_staged;

pub(super) struct Requirements;

/// A requirement's bounds in a step, hm³; infinite where there is none.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    floor: f64,
    target: f64,
    ceiling: f64,
}

impl RowFamily for Requirements {
    fn word(&self) -> &'static str {
        "requirement"
    }

    fn add(&self, builder: &mut Builder) {
        let case = builder.case;
        for (index, requirement) in case.network.requirements.iter().enumerate() {
            let parts = vec![(Sparse::default(), Sparse::default()); requirement.target_parts.len().max(1)];
            let of_period = shares_of_periods(builder, requirement);
            builder.layout.requirements.push(RequirementColumns { parts, of_period, excess: Sparse::default() });
            let periods = case.held_over(requirement);
            for member in 0..builder.layout.members {
                for steps in &periods {
                    self.add_period(builder, index, steps, member);
                }
            }
        }
    }
}

/// For each place the place of its period's columns and its share of the period's target.
fn shares_of_periods(builder: &Builder, requirement: &Requirement) -> Vec<(usize, f64)> {
    if requirement.periods.is_empty() {
        return Vec::new();
    }
    let share = |(step, member): (usize, usize)| {
        let steps = requirement.held_with(step);
        let target = |steps: Range<usize>| bounds(builder, requirement, &steps, member).target;
        let (own, whole) = (target(step..step + 1), target(steps.clone()));
        (builder.layout.place(steps.end - 1, member), if whole > 0.0 { own / whole } else { 0.0 })
    };
    builder.layout.each_step().map(share).collect()
}

/// Bounds of a requirement over steps that are held together; anything not finite means none.
fn bounds(builder: &Builder, requirement: &Requirement, steps: &Range<usize>, member: usize) -> Bounds {
    let case = builder.case;
    let sum = |bound: Bound| -> f64 {
        steps.clone().map(|step| case.bound(&bound, step, member) * case.hm3_per_unit(&requirement.of, step)).sum()
    };
    let read = |bound: &Option<Bound>, none: f64| bound.map(sum).filter(|sum| sum.is_finite()).unwrap_or(none);
    Bounds {
        floor: read(&requirement.floor, f64::NEG_INFINITY),
        target: read(&requirement.target, f64::NEG_INFINITY),
        ceiling: read(&requirement.ceiling, f64::INFINITY),
    }
}

/// Least and greatest value that the columns' bounds allow, hm³.
fn range(builder: &Builder, requirement: &Requirement, at: (usize, usize)) -> (f64, f64) {
    match &requirement.of {
        Of::Flow(terms) => terms.iter().fold((0.0, 0.0), |(lower, upper), &(arc, coefficient)| {
            let (l, u) = builder.flow_bounds(arc, at);
            let (a, b) = (coefficient * l, coefficient * u);
            (lower + a.min(b), upper + a.max(b))
        }),
        Of::Storage(node) => {
            let (mut lower, mut upper) = (0.0, 0.0);
            if let Some(storage) = builder.storage_of(*node) {
                builder.layout.storage(storage, at.0 + 1, at.1, |column, c| {
                    let (l, u) = builder.matrix.bounds(column);
                    lower += if c > 0.0 { l } else { -u };
                    upper += if c > 0.0 { u } else { -l };
                });
            }
            (lower, upper)
        }
    }
}

impl Requirements {
    /// The rows of steps that are held together; their ceilings stand step by step.
    fn add_period(&self, builder: &mut Builder, index: usize, steps: &Range<usize>, member: usize) {
        let requirement = &builder.case.network.requirements[index];
        let none = Bounds { floor: f64::NEG_INFINITY, target: f64::NEG_INFINITY, ceiling: f64::INFINITY };
        let bounds_of = |builder: &Builder, steps: &Range<usize>| bounds(builder, requirement, steps, member);
        let bounds = bounds_of(builder, steps);
        let owed = bounds.floor.max(bounds.target);
        if steps.len() > 1 {
            if owed.is_finite() {
                self.add_row(builder, index, (steps, member), Bounds { ceiling: f64::INFINITY, ..bounds });
            }
            for step in steps.clone().map(|step| step..step + 1) {
                let ceiling = bounds_of(builder, &step).ceiling;
                if ceiling.is_finite() {
                    self.add_row(builder, index, (&step, member), Bounds { ceiling, ..none });
                }
            }
        } else if owed > bounds.ceiling {
            builder.impossible |= bounds.floor > bounds.ceiling;
            self.add_row(builder, index, (steps, member), Bounds { ceiling: f64::INFINITY, ..bounds });
            self.add_row(builder, index, (steps, member), Bounds { ceiling: bounds.ceiling, ..none });
        } else if owed.is_finite() || bounds.ceiling.is_finite() {
            self.add_row(builder, index, (steps, member), bounds);
        }
    }

    fn add_row(&self, builder: &mut Builder, index: usize, (steps, member): (&Range<usize>, usize), bounds: Bounds) {
        let requirement = &builder.case.network.requirements[index];
        let subject = Subject::Requirement(index as u32);
        let at = (steps.end - 1, member);
        let row = builder.row(self.word(), subject, at, bounds.floor.max(bounds.target), bounds.ceiling);
        match &requirement.of {
            Of::Flow(terms) => {
                for step in steps.clone() {
                    for &(arc, coefficient) in terms {
                        builder.add_flow(row, arc, (step, member), coefficient);
                    }
                }
            }
            Of::Storage(node) => {
                if let Some(storage) = builder.storage_of(*node) {
                    builder.add_storage(row, storage, at.0 + 1, at.1, 1.0);
                }
            }
        }
        let ranges = steps.clone().map(|step| range(builder, requirement, (step, member)));
        let (least, most) = ranges.fold((0.0, 0.0), |(least, most), (l, m)| (least + l, most + m));
        if bounds.target > f64::NEG_INFINITY {
            add_shortfall(builder, index, row, at, bounds, least);
        } else if bounds.floor > least && builder.open > Open::Nothing {
            let width = (0.0, bounds.floor - least);
            let column = builder.breach(subject, Quantity::FloorLack(0), at, Some(requirement.class), width);
            builder.matrix.add(row, column, 1.0);
        }
        let staged = ceiling_is_staged(builder.case, builder.goals, index);
        if bounds.ceiling < most && (staged || builder.open > Open::Nothing) {
            let column = builder.column(subject, Quantity::CeilingExcess, at, 0.0, most - bounds.ceiling);
            builder.breaches.push(Breach { column, class: Some(requirement.class), staged });
            builder.matrix.add(row, column, -1.0);
            let (place, places) = (builder.layout.place(at.0, at.1), builder.layout.places());
            builder.layout.requirements[index].excess.set(place, places, column);
        }
    }
}

/// The slices of what lacks to the target: open above the floor, breaches below it.
fn add_shortfall(builder: &mut Builder, index: usize, row: usize, at: (usize, usize), bounds: Bounds, least: f64) {
    let requirement = &builder.case.network.requirements[index];
    let subject = Subject::Requirement(index as u32);
    let (place, places) = (builder.layout.place(at.0, at.1), builder.layout.places());
    let whole = [1.0];
    let fractions = if requirement.target_parts.is_empty() { &whole[..] } else { &requirement.target_parts };
    let floor = bounds.floor.min(bounds.target);
    let mut bottom = least.min(0.0);
    for (part, fraction) in fractions.iter().enumerate() {
        let top = (bounds.target * fraction).max(bottom);
        let (above, below) = (top - bottom.max(floor).min(top), floor.min(top) - bottom);
        if above > 0.0 {
            let column = builder.column(subject, Quantity::Shortfall(part as u8), at, 0.0, above);
            builder.matrix.add(row, column, 1.0);
            builder.layout.requirements[index].parts[part].0.set(place, places, column);
            builder.soft.push(Soft { column, class: requirement.class });
        }
        if below > 0.0 && builder.open > Open::Nothing {
            let column = builder.breach(subject, Quantity::FloorLack(part as u8), at, Some(requirement.class), (0.0, below));
            builder.matrix.add(row, column, 1.0);
            builder.layout.requirements[index].parts[part].1.set(place, places, column);
        }
        bottom = top;
    }
}
