//! From a point of the program back to water: decisions and what had to give.
//!
//! Columns are clamped to their own bounds first, so that what a solver leaves beyond them within its tolerance does not show.

use std::collections::BTreeMap;

use ndarray::Array2;
use weir_model::case::Case;
use weir_model::network::{ArcId, RuleClass};
use weir_model::plan::{Decisions, Relaxation};
use weir_model::tolerance::UNNAMED_HM3;

use crate::builder::Breach;
use crate::formulation::Formulation;
use crate::layout::Layout;

/// A member's decisions at a point, m³/s and hm³.
pub fn decisions(layout: &Layout, case: &Case, point: &[f64], member: usize) -> Decisions {
    let steps = layout.steps;
    let flow_m3s = Array2::from_shape_fn((layout.flows.len(), steps), |(arc, step)| {
        let mut volume = 0.0;
        let constant = layout.flow(ArcId(arc), step, member, |column, c| volume += c * point[column]);
        (volume + constant) / case.hm3_per_m3s(step)
    });
    let storage_hm3 = Array2::from_shape_fn((layout.storages.len(), steps + 1), |(storage, edge)| {
        let mut volume = 0.0;
        let constant = layout.storage(storage, edge, member, |column, c| volume += c * point[column]);
        volume + constant
    });
    let mut supply_m3s = Array2::zeros((layout.supplies.len(), steps));
    for row in case.network.portions() {
        for step in 0..steps {
            let mut volume = 0.0;
            layout.supply(row.row, step, member, |column, c| volume += c * point[column]);
            // What is met in full is told as what was asked for, free of the rounding of a product and a quotient.
            let whole = volume == layout.supplies[row.row].size_hm3[layout.place(step, member)];
            supply_m3s[[row.row, step]] =
                if whole { case.size_m3s(row.demand, row.portion, step, member) } else { volume / case.hm3_per_m3s(step) };
        }
    }
    Decisions { flow_m3s, storage_hm3, supply_m3s }
}

/// A point within the program's own bounds, in which no storage lies beyond a limit while its base has room before it: a stage
/// that was kept with slack leaves such a thing, and the plan, which has their sum, would break less than is told.
pub fn clamped(formulation: &Formulation, point: &[f64]) -> Vec<f64> {
    let program = &formulation.program;
    // `+ 0.0` turns −0 into 0.
    let clamp = |(j, &x): (usize, &f64)| x.max(program.column_lower[j]).min(program.column_upper[j]) + 0.0;
    let mut point: Vec<f64> = point.iter().take(program.columns()).enumerate().map(clamp).collect();
    let layout = &formulation.layout;
    let places = layout.each_step().map(|(step, member)| layout.place(step, member));
    for (place, columns) in places.flat_map(|place| layout.storages.iter().map(move |columns| (place, columns))) {
        let base = columns.first + place;
        let beyond =
            [(columns.excess.get(place), 1.0), (columns.deficit.get(place), -1.0), (columns.end_lack.get(place), -1.0)];
        for (column, sign) in beyond.into_iter().filter_map(|(column, sign)| Some((column?, sign))) {
            let room =
                if sign > 0.0 { program.column_upper[base] - point[base] } else { point[base] - program.column_lower[base] };
            let moved = room.min(point[column] - program.column_lower[column]).max(0.0);
            point[base] += sign * moved;
            point[column] -= moved;
        }
    }
    point
}

/// What had to give at a point: one entry a rule and step, in the order of address and step.
pub fn relaxations(formulation: &Formulation, case: &Case, point: &[f64]) -> Vec<Relaxation> {
    relaxations_of(formulation, case, point, |_| true)
}

/// The same, of some breaches only.
pub fn relaxations_of(
    formulation: &Formulation,
    case: &Case,
    point: &[f64],
    counts: impl Fn(&Breach) -> bool,
) -> Vec<Relaxation> {
    let mut found: BTreeMap<(String, usize), (Option<RuleClass>, f64)> = BTreeMap::new();
    for breach in formulation.breaches.iter().filter(|breach| point[breach.column] > 0.0 && counts(breach)) {
        let step = formulation.layout.keys[breach.column].step as usize;
        let address = formulation.layout.column_address(breach.column, &case.network);
        found.entry((address, step)).or_insert((breach.class, 0.0)).1 += point[breach.column];
    }
    let relaxation = |((address, step), (class, hm3))| Relaxation { address, class, step, hm3 };
    found.into_iter().map(relaxation).filter(|relaxation| relaxation.hm3 > UNNAMED_HM3).collect()
}
