//! Rules that give way, and rules that cannot hold: what is a state, what is infeasible, and by how much.
//!
//! 50 m³/s is 4.32 hm³ a day.

use weir_model::forcing::Param;
use weir_model::network::{Account, AccountWindow, ArcId, Bound, NodeId, Of, RequirementKind, Role, RuleClass, Use};
use weir_model::plan::{Plan, Relaxation};
use weir_solver::solve::SolveOptions;

use crate::build::{Build, FAR, place, portion};
use crate::check::{close, conflicts, solved};

/// m³/s that make one hm³ a day.
const ONE: f64 = 1.0 / 0.0864;

/// A lake of 100 hm³ that releases at most 50 m³/s to the sea.
fn lake(days: usize, start: f64) -> (Build, NodeId, ArcId) {
    let mut build = Build::new(&format!("{days} x 1 d"));
    let lake = build.storage("lake", start, 100.0);
    let sea = build.sink("sea");
    let gate = build.arc("lake.gate", lake, sea, Role::Gate, 50.0);
    (build, lake, gate)
}

fn plan(build: &Build) -> Plan {
    solved(build, &SolveOptions::default()).plan
}

fn are(found: &[Relaxation], expected: &[(&str, Option<RuleClass>, usize, f64)]) {
    let names: Vec<_> = found.iter().map(|r| (r.address.as_str(), r.class, r.step)).collect();
    let wanted: Vec<_> = expected.iter().map(|&(address, class, step, _)| (address, class, step)).collect();
    assert_eq!(names, wanted, "{found:?}");
    for (relaxation, &(.., hm3)) in found.iter().zip(expected) {
        close(relaxation.hm3, hm3);
    }
}

const fn bound(m3s: f64) -> Bound {
    Bound::Flow(Param::constant(m3s))
}

const LIMIT: Option<RuleClass> = Some(RuleClass::FloodLimit);

#[test]
fn a_start_above_the_flood_limit_is_drawn_down_as_fast_as_the_gate_allows() {
    // 80 − 4.32 k over 60: 15.68, 11.36, 7.04, 2.72, then below.
    let (mut build, lake, _) = lake(10, 80.0);
    build.storage_mut(lake).flood_limit = Some(Param::constant(60.0));
    build.stage("spill", "spill");
    let steps = [15.68, 11.36, 7.04, 2.72];
    let expected: Vec<_> = steps.iter().enumerate().map(|(t, &hm3)| ("lake.flood_limit", LIMIT, t, hm3)).collect();
    are(&plan(&build).relaxations, &expected);
}

#[test]
fn a_start_under_dead_level_fills_before_anyone_is_served() {
    // 15 + 2 k: 17, 19, 21 against 20. The town asks for 0.0864 hm³ a day and gets none for two days.
    let (mut build, lake, _) = lake(5, 15.0);
    build.storage_mut(lake).lower = Param::constant(20.0);
    build.inflow("river", lake, 2.0 * ONE);
    build.demand("town", lake, 1.0);
    build.stage("shortage", "shortage");
    let plan = plan(&build);
    are(&plan.relaxations, &[("lake.dead_level", None, 0, 3.0), ("lake.dead_level", None, 1, 1.0)]);
    close(plan.stages[0].value, 2.0 * 0.0864);
}

#[test]
fn a_start_above_the_top_is_told_as_that() {
    // 80 − 4.32 k over 75: 0.68 after the first day, then below.
    let (mut build, lake, _) = lake(3, 80.0);
    build.storage_mut(lake).upper = Param::constant(75.0);
    build.stage("spill", "spill");
    are(&plan(&build).relaxations, &[("lake.top", LIMIT, 0, 0.68)]);
}

/// A lake that starts 5 hm³ under its dead level, with an inflow and a base flow of 1 hm³ a day owed below it.
fn under_dead_level_with_base_flow(inflow_hm3: f64) -> Build {
    let (mut build, lake, gate) = lake(5, 15.0);
    build.storage_mut(lake).lower = Param::constant(20.0);
    build.inflow("river", lake, inflow_hm3 * ONE);
    let of = Of::Flow(vec![(gate, 1.0)]);
    build.requirement("release", RequirementKind::WorksRelease, RuleClass::BaseFlow, of).floor = Some(bound(ONE));
    build.stage("spill", "spill");
    build
}

#[test]
fn a_floor_that_only_a_start_under_dead_level_breaks_gives_way() {
    // 15 + 2 k: 17, 19 and nothing can be released; 21 of the third day leave the 1 that is owed.
    let plan = plan(&under_dead_level_with_base_flow(2.0));
    let floor = |step| ("release.floor", Some(RuleClass::BaseFlow), step, 1.0);
    are(&plan.relaxations, &[("lake.dead_level", None, 0, 3.0), ("lake.dead_level", None, 1, 1.0), floor(0), floor(1)]);
}

#[test]
fn a_floor_that_no_start_would_mend_is_infeasible() {
    // From the dead level itself 0.5 of the 1 that is owed arrives.
    let found = conflicts(&under_dead_level_with_base_flow(0.5));
    assert!(found.iter().all(|conflict| conflict.address == "release.floor"), "{found:?}");
    assert_eq!(found.len(), 5);
}

#[test]
fn a_flood_passes_through_the_limit_rather_than_over_the_safe_discharge() {
    // 10 hm³ a day arrive, 4.32 may leave though the gate could pass more: 5.68 a day stay above the limit.
    let (mut build, lake, gate) = lake(3, 60.0);
    build.arc_mut(gate).capacity = Param::constant(500.0);
    build.storage_mut(lake).flood_limit = Some(Param::constant(60.0));
    build.inflow("river", lake, 10.0 * ONE);
    let of = Of::Flow(vec![(gate, 1.0)]);
    build.requirement("bridge", RequirementKind::SafeDischarge, RuleClass::SafeDischarge, of).ceiling = Some(bound(50.0));
    build.stage("spill", "spill");
    let expected = [5.68, 11.36, 17.04].map(|hm3| ("lake.flood_limit", LIMIT, hm3));
    let expected: Vec<_> = expected.iter().enumerate().map(|(t, &(a, c, hm3))| (a, c, t, hm3)).collect();
    are(&plan(&build).relaxations, &expected);
}

#[test]
fn an_order_to_hold_water_lifts_the_lake_above_its_limit() {
    let (mut build, lake, gate) = lake(3, 60.0);
    build.storage_mut(lake).flood_limit = Some(Param::constant(60.0));
    build.inflow("river", lake, ONE);
    let of = Of::Flow(vec![(gate, 1.0)]);
    build.requirement("hold", RequirementKind::Command, RuleClass::Command, of).ceiling = Some(bound(0.0));
    build.stage("spill", "spill");
    let expected: Vec<_> = (0..3).map(|t| ("lake.flood_limit", LIMIT, t, t as f64 + 1.0)).collect();
    are(&plan(&build).relaxations, &expected);
}

#[test]
fn an_order_above_the_safe_discharge_is_carried_out_and_named() {
    // 80 m³/s ordered where 50 is safe: 30 m³/s, 2.592 hm³ a day too much, because of the order alone.
    let (mut build, _, gate) = lake(2, 60.0);
    build.arc_mut(gate).capacity = Param::constant(500.0);
    let of = Of::Flow(vec![(gate, 1.0)]);
    build.requirement("bridge", RequirementKind::SafeDischarge, RuleClass::SafeDischarge, of.clone()).ceiling =
        Some(bound(50.0));
    build.requirement("order", RequirementKind::Command, RuleClass::Command, of).floor = Some(bound(80.0));
    build.stage("spill", "spill");
    let safe = Some(RuleClass::SafeDischarge);
    are(&plan(&build).relaxations, &[("bridge.ceiling", safe, 0, 2.592), ("bridge.ceiling", safe, 1, 2.592)]);
}

#[test]
fn an_order_without_the_water_for_it_is_infeasible() {
    // 100 m³/s are 8.64 hm³; the lake has 5.
    let (mut build, _, gate) = lake(1, 5.0);
    build.arc_mut(gate).capacity = Param::constant(500.0);
    build.requirement("order", RequirementKind::Command, RuleClass::Command, Of::Flow(vec![(gate, 1.0)])).floor =
        Some(bound(100.0));
    build.stage("spill", "spill");
    are(&conflicts(&build), &[("order.floor", Some(RuleClass::Command), 0, 3.64)]);
}

#[test]
fn a_release_floor_without_the_water_for_it_is_infeasible() {
    // 4.3 m³/s for five days are 1.8576 hm³; the lake has 1.
    let (mut build, _, gate) = lake(5, 1.0);
    let of = Of::Flow(vec![(gate, 1.0)]);
    build.requirement("release", RequirementKind::WorksRelease, RuleClass::BaseFlow, of).floor = Some(bound(4.3));
    build.stage("spill", "spill");
    let found = conflicts(&build);
    assert!(found.iter().all(|r| r.address == "release.floor" && r.class == Some(RuleClass::BaseFlow)), "{found:?}");
    close(found.iter().map(|r| r.hm3).sum(), 0.8576);
}

#[test]
fn the_domestic_floor_stands_before_the_release_floor() {
    // Floor of 2 m³/s: 0.864 hm³ in five days of the lake's 1; the release gets what is left of its 1.8576.
    let (mut build, lake, gate) = lake(5, 1.0);
    let of = Of::Flow(vec![(gate, 1.0)]);
    build.requirement("release", RequirementKind::WorksRelease, RuleClass::BaseFlow, of).floor = Some(bound(4.3));
    let mut floor = portion("residents", Use::Domestic, 1.0);
    floor.floor = true;
    let town = build.demand_node("town", 2.0, vec![floor]);
    build.arc("town.intake", lake, town, Role::Intake, FAR);
    build.stage("spill", "spill");
    let found = conflicts(&build);
    assert!(found.iter().all(|r| r.address == "release.floor"), "{found:?}");
    close(found.iter().map(|r| r.hm3).sum(), 1.8576 - (1.0 - 0.864));

    // The other way round by the file's order.
    build.goals.rule_order = vec![RuleClass::BaseFlow, RuleClass::DomesticFloor];
    let found = conflicts(&build);
    close(found.iter().filter(|r| r.address == "town.residents.floor").map(|r| r.hm3).sum(), 0.864);
    close(found.iter().filter(|r| r.address == "release.floor").map(|r| r.hm3).sum(), 0.8576);
}

#[test]
fn a_hard_account_gives_way_before_a_domestic_floor_and_says_so() {
    let (mut build, lake, _) = lake(5, 50.0);
    let mut floor = portion("residents", Use::Domestic, 1.0);
    floor.floor = true;
    let town = build.demand_node("town", ONE, vec![floor]);
    let intake = build.arc("town.intake", lake, town, Role::Intake, FAR);
    build.case.network.accounts.push(account(intake, 3.0, true));
    build.stage("spill", "spill");
    are(&conflicts(&build), &[("permit.limit", Some(RuleClass::Legal), 4, 2.0)]);
}

fn account(arc: ArcId, available_hm3: f64, hard: bool) -> Account {
    Account {
        id: "permit".to_owned(),
        name: "permit".to_owned(),
        place: place(),
        terms: vec![(arc, 1.0)],
        at_most: true,
        windows: vec![AccountWindow {
            label: "2026".to_owned(),
            steps: 0..5,
            limit_hm3: available_hm3,
            used_before_hm3: 0.0,
            available_hm3,
            note: None,
        }],
        hard,
        bands: Vec::new(),
    }
}

#[test]
fn a_soft_account_that_no_goal_names_is_kept_where_it_costs_nothing() {
    // The town may draw from the lake, against its permit of 3 hm³, or from wells of 1 hm³ a day: 5 hm³ in all.
    let (mut build, lake, _) = lake(5, 50.0);
    let town = build.demand_node("town", ONE, vec![portion("residents", Use::Domestic, 1.0)]);
    let intake = build.arc("town.intake", lake, town, Role::Intake, FAR);
    let wells = build.available("wells", ONE);
    build.arc("wells.pipe", wells, town, Role::Diversion, FAR);
    build.case.network.accounts.push(account(intake, 0.5, false));
    build.stage("shortage", "shortage");
    let plan = plan(&build);
    close(plan.stages[0].value, 0.0);
    assert_eq!(plan.closing[0].objective, "soft.legal");
    close(plan.closing[0].value, 0.0);
    assert!(plan.relaxations.is_empty());
}

#[test]
fn a_hard_end_that_cannot_be_reached_is_infeasible() {
    let (mut build, lake, _) = lake(5, 10.0);
    build.end(lake, 12.0, true);
    build.stage("spill", "spill");
    are(&conflicts(&build), &[("lake.end_storage", Some(RuleClass::Operational), 4, 2.0)]);
}

#[test]
fn a_hard_end_above_the_flood_limit_is_infeasible_too() {
    let (mut build, lake, _) = lake(5, 50.0);
    build.storage_mut(lake).flood_limit = Some(Param::constant(60.0));
    build.end(lake, 65.0, true);
    build.inflow("river", lake, 3.0 * ONE);
    build.stage("spill", "spill");
    are(&conflicts(&build), &[("lake.end_storage", Some(RuleClass::Operational), 4, 5.0)]);
}

#[test]
fn an_arc_floor_that_runs_dry_names_the_days() {
    // 1 hm³ a day from 2 hm³: the last three of five days lack in sum 3 hm³.
    let (mut build, _, gate) = lake(5, 2.0);
    build.arc_mut(gate).floor = Param::constant(ONE);
    build.stage("spill", "spill");
    let found = conflicts(&build);
    assert!(found.iter().all(|r| r.address == "lake.gate.floor"), "{found:?}");
    close(found.iter().map(|r| r.hm3).sum(), 3.0);
}

#[test]
fn a_closed_gate_with_a_floor_names_the_closed_days() {
    let (mut build, _, gate) = lake(3, 50.0);
    let capacity = build.param(&[50.0, 0.0, 50.0][..]);
    build.arc_mut(gate).capacity = capacity;
    build.arc_mut(gate).floor = Param::constant(ONE);
    build.stage("spill", "spill");
    are(&conflicts(&build), &[("lake.gate.floor", Some(RuleClass::Operational), 1, 1.0)]);
}

#[test]
fn a_rise_faster_than_allowed_is_infeasible_and_says_by_how_much() {
    // From 10 m³/s before, at most 5 m³/s a day more; 30 are asked for on the first day: 15 m³/s, 1.296 hm³ too much.
    let (mut build, _, gate) = lake(1, 50.0);
    build.arc_mut(gate).previous_flow = Some(10.0);
    let of = Of::Flow(vec![(gate, 1.0)]);
    build.requirement("release", RequirementKind::WorksRelease, RuleClass::BaseFlow, of.clone()).floor = Some(bound(30.0));
    build.requirement("ramp", RequirementKind::Operation, RuleClass::Operational, of).rise_per_day = Some(bound(5.0));
    build.stage("spill", "spill");
    are(&conflicts(&build), &[("ramp.rise", Some(RuleClass::Operational), 0, 15.0 * 0.0864)]);
}

#[test]
fn what_cannot_be_passed_on_is_told_as_a_budget() {
    // Full, 5 hm³ a day arrive, 4.32 can leave.
    let (mut build, lake, _) = lake(2, 100.0);
    build.inflow("river", lake, 5.0 * ONE);
    build.stage("spill", "spill");
    let found = conflicts(&build);
    assert!(found.iter().all(|r| r.address == "lake.surplus" && r.class.is_none()), "{found:?}");
    close(found.iter().map(|r| r.hm3).sum(), 2.0 * 0.68);
}

#[test]
fn water_that_is_owed_to_nature_but_not_there_is_told_as_a_budget() {
    // Back-computed inflow of −1 hm³ a day out of 1.5 hm³: 0.5 are missing on the second day.
    let (mut build, lake, _) = lake(2, 1.5);
    build.inflow("river", lake, -ONE);
    build.stage("spill", "spill");
    let found = conflicts(&build);
    assert!(found.iter().all(|r| r.address == "lake.missing"), "{found:?}");
    close(found.iter().map(|r| r.hm3).sum(), 0.5);
}

#[test]
fn the_least_breach_makes_a_plan_where_it_is_asked_for() {
    let (mut build, _, gate) = lake(5, 1.0);
    let of = Of::Flow(vec![(gate, 1.0)]);
    let release = build.requirement("release", RequirementKind::WorksRelease, RuleClass::BaseFlow, of);
    (release.floor, release.target) = (Some(bound(4.3)), Some(bound(8.6)));
    let relative = build.stage("base_flow", "ecological_shortfall");
    relative.relative = true;
    let options = SolveOptions { elastic: true, ..SolveOptions::default() };
    let plan = solved(&build, &options).plan;
    close(plan.relaxations.iter().map(|r| r.hm3).sum(), 0.8576);
    // 8.6 m³/s for five days are 3.7152 hm³, of which 1 flows.
    close(plan.stages[0].value, 5.0 * (1.0 - 1.0 / 3.7152));
}

#[test]
fn a_flood_limit_that_a_goal_works_on_gives_way_to_goals_before_it() {
    // The town lives through the dry second half on what was stored above the limit: 5 hm³ in five days.
    let (mut build, lake, _) = lake(10, 60.0);
    build.storage_mut(lake).lower = Param::constant(60.0);
    build.storage_mut(lake).flood_limit = Some(Param::constant(60.0));
    let inflow: Vec<f64> = (0..10).map(|t| if t < 5 { 2.0 * ONE } else { 0.0 }).collect();
    build.inflow("river", lake, &inflow);
    build.demand("town", lake, ONE);
    build.stage("shortage", "shortage");
    close(plan(&build).stages[0].value, 5.0);
    build.stage("excess", "flood_limit_excess");
    let plan = plan(&build);
    close(plan.stages[0].value, 0.0);
    // 1, 2, 3, 4, 5, 4, 3, 2, 1, 0 hm³ above it at the days' ends.
    close(plan.stages[1].value, 25.0);
    close(plan.relaxations.iter().map(|r| r.hm3).sum(), 25.0);
}
