//! Outlets whose capacity depends on the storage, by hand.
//!
//! The lake's storage is 1 hm³ a m; ratings are by storage. 1 m³/s is 0.0864 hm³ a day.

use weir_model::audit::audit;
use weir_model::document::{PlanDocument, document};
use weir_model::forcing::Param;
use weir_model::network::{ArcId, Bound, Of, RequirementKind, Role, RuleClass};
use weir_model::rating::Rating;
use weir_solver::solve::SolveOptions;

use crate::build::{Build, FAR};
use crate::check::{close, conflicts, solved};

const DAY: f64 = 0.0864;

/// A lake that a town far greater than its outlet drains: every day as much as the rating lets pass.
fn drained(days: usize, start: f64, rating: &[(f64, f64)]) -> Build {
    let mut build = Build::new(&format!("{days} x 1 d"));
    let lake = build.storage("lake", start, 100.0);
    let river = build.junction("river");
    let gate = build.arc("lake.gate", lake, river, Role::Gate, FAR);
    build.arc_mut(gate).discharge = Some(Rating { points: rating.to_vec(), open: Param::constant(1.0) });
    build.demand("town", river, 1000.0);
    build.stage("shortage", "shortage");
    build
}

fn told(build: &Build) -> PlanDocument {
    let plan = solved(build, &SolveOptions::default()).plan;
    document(&build.case, &build.goals, &plan, &audit(&build.case, &build.goals, &plan))
}

fn flow(build: &Build) -> Vec<f64> {
    solved(build, &SolveOptions::default()).plan.decisions.flow_m3s.row(0).to_vec()
}

fn above_rating(document: &PlanDocument) -> Vec<(f64, f64)> {
    let rows = document.content.warnings.iter().filter(|row| row.kind == "above_rating" && row.address == "lake.gate");
    rows.map(|row| (row.value, row.target)).collect()
}

const CONCAVE: [(f64, f64); 3] = [(0.0, 0.0), (50.0, 500.0), (100.0, 600.0)];

#[test]
fn a_concave_rating_binds_exactly() {
    // Day 1 on the upper piece, 400 + 2 m m³/s: 34.56 + 0.1728 × (100 + s) ÷ 2 = 100 − s, so 1.0864 s = 56.8, s = 52.28277.
    // Day 2 on the lower, 10 m: 0.864 × (52.28277 + s) ÷ 2 = 52.28277 − s, so s = 52.28277 × 0.568 ÷ 1.432 = 20.73786.
    let build = drained(2, 100.0, &CONCAVE);
    let (first, second) = (56.8 / 1.0864, 56.8 / 1.0864 * 0.568 / 1.432);
    let flow = flow(&build);
    close(flow[0], (100.0 - first) / DAY);
    close(flow[1], (first - second) / DAY);
    assert!(above_rating(&told(&build)).is_empty());
}

#[test]
fn what_passes_above_a_convex_rating_is_told() {
    // Nothing passes under 50 hm³, 10 m³/s more for each hm³ above it: 200 at 70. The mean of the day lies between
    // (40 + 0) ÷ 2 = 20 and (40 + 100) ÷ 2 = 70, so the envelope is the chord, 4 × (m − 20). With m = (40 + s) ÷ 2 that is
    // 2 s: s + 0.1728 s = 40, s = 34.10641, and 68.21282 m³/s leave where at a mean of 37.05 nothing can.
    let build = drained(1, 40.0, &[(0.0, 0.0), (50.0, 0.0), (100.0, 500.0)]);
    let rows = above_rating(&told(&build));
    assert_eq!(rows.len(), 1);
    close(rows[0].0, 2.0 * 40.0 / 1.1728);
    close(rows[0].1, 0.0);
}

#[test]
fn a_rating_and_a_capacity_hold_together_and_closing_half_a_step_halves_the_rating() {
    // The rating would let 552 m³/s pass; the capacity is 300.
    let mut build = drained(1, 100.0, &CONCAVE);
    build.case.network.arcs[0].capacity = Param::constant(300.0);
    close(flow(&build)[0], 300.0);
    // Half open: 200 + m: 17.28 + 0.0864 × (100 + s) ÷ 2 = 100 − s, so 1.0432 s = 78.4.
    let mut build = drained(1, 100.0, &CONCAVE);
    let half = Rating { points: CONCAVE.to_vec(), open: Param::constant(0.5) };
    build.case.network.arcs[0].discharge = Some(half);
    close(flow(&build)[0], (100.0 - 78.4 / 1.0432) / DAY);
}

#[test]
fn an_order_above_what_the_storage_lets_pass_is_infeasible_and_told_by_how_much() {
    // 552.28277 m³/s at most, as above; 600 are ordered.
    let mut build = drained(1, 100.0, &CONCAVE);
    let of = Of::Flow(vec![(ArcId(0), 1.0)]);
    build.requirement("order", RequirementKind::Command, RuleClass::Command, of).floor =
        Some(Bound::Flow(Param::constant(600.0)));
    let found = conflicts(&build);
    assert_eq!((found.len(), found[0].address.as_str()), (1, "order.floor"), "{found:?}");
    close(found[0].hm3, 600.0 * DAY - (100.0 - 56.8 / 1.0864));
}

#[test]
fn a_start_above_its_flood_limit_is_drawn_down_as_fast_as_the_rating_allows() {
    // The limit of 40 hm³ opens; the rating does not: 12.28277 above it after a day, and at 20.73786 after two.
    let mut build = drained(2, 100.0, &CONCAVE);
    let lake = build.case.network.storages().next().unwrap().0;
    build.storage_mut(lake).flood_limit = Some(Param::constant(40.0));
    let plan = solved(&build, &SolveOptions::default()).plan;
    let told: Vec<_> = plan.relaxations.iter().map(|r| (r.address.as_str(), r.step)).collect();
    assert_eq!(told, [("lake.flood_limit", 0)]);
    close(plan.relaxations[0].hm3, 56.8 / 1.0864 - 40.0);
}
