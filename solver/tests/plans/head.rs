//! Turbines whose head follows the level: against dynamic programming, against each other, never worse than at a fixed head.

use proptest::prelude::*;
use weir_model::audit::audit;
use weir_model::forcing::Param;
use weir_model::goals::{HeadModel, Integers, Method};
use weir_model::head::Head;
use weir_model::measures::measure;
use weir_model::network::{Energy, Role};
use weir_model::plan::Plan;
use weir_solver::solve::{SolveOptions, solve};

use crate::build::Build;
use crate::check::close;

/// hm³ a day of 1 m³/s.
const DAY: f64 = 0.0864;
/// GWh a hm³ and m of head at an efficiency of 0.9.
const PER_M: f64 = 9.80665 * 0.9 / 3600.0;

/// A lake of 10 hm³ and 100 m over a tailwater 20 m below its bed, that ends as it starts; 20 m³/s through the turbine.
fn lake(start: f64, inflow: &[f64], head: HeadModel) -> Build {
    let mut build = Build::new(&format!("{} x 1 d", inflow.len()));
    let lake = build.storage("lake", start, 10.0);
    build.end(lake, start, true);
    build.inflow("river", lake, inflow);
    let sea = build.sink("sea");
    let turbine = build.arc("turbine", lake, sea, Role::Turbine, 20.0);
    build.arc("spillway", lake, sea, Role::Spillway, 1e3);
    let facts = build.arc_mut(turbine);
    facts.head = Some(Box::new(Head { efficiency: 0.9, tailwater: vec![(0.0, -20.0)] }));
    facts.energy = Some(Energy { gwh_per_hm3: PER_M * (20.0 + 10.0 * start), price: Some(Param::constant(0.4)) });
    build.stage("energy", "energy");
    build.goals.head = head;
    if matches!(build.goals.head, HeadModel::Zones(_)) {
        build.goals.integers = Some(Integers::default());
    }
    build
}

fn planned(build: &Build) -> Plan {
    let plan = solve(&build.case, &build.goals, &SolveOptions::default()).unwrap().plan;
    let findings: Vec<String> = audit(&build.case, &build.goals, &plan).findings.iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "{findings:?}");
    for (stage, &objective) in plan.stages.iter().zip(&build.goals.stages) {
        let objective = &build.goals.objectives[objective];
        let value = measure(&objective.kind).unwrap().value(&build.case, objective, &plan.decisions);
        assert_eq!(stage.value, value, "{} is told as it is measured", stage.objective);
    }
    plan
}

/// The most energy of the lake by dynamic programming over storages a hundredth of a hm³ apart; less than the true most.
fn dynamic(start: f64, inflow: &[f64]) -> f64 {
    const GRID: f64 = 0.01;
    let states = (10.0 / GRID) as usize + 1;
    let first = (start / GRID).round() as usize;
    let mut best = vec![f64::NEG_INFINITY; states];
    best[first] = 0.0;
    for inflow in inflow {
        let mut next = vec![f64::NEG_INFINITY; states];
        for (from, &energy) in best.iter().enumerate().filter(|(_, energy)| energy.is_finite()) {
            for (to, next) in next.iter_mut().enumerate() {
                let released = from as f64 * GRID + inflow * DAY - to as f64 * GRID;
                if released >= 0.0 {
                    let head = 20.0 + 10.0 * (from + to) as f64 * GRID / 2.0;
                    *next = next.max(energy + PER_M * head * released.min(20.0 * DAY));
                }
            }
        }
        best = next;
    }
    best[first]
}

const INFLOWS: [&[f64]; 3] =
    [&[10.0, 20.0, 0.0, 5.0, 30.0, 10.0], &[0.0, 0.0, 60.0, 60.0, 0.0, 0.0], &[30.0, 2.0, 2.0, 2.0, 2.0, 40.0]];

/// The grid's plan is one of the lake's, so its energy is at most the optimum, and within the grid's width of it.
#[test]
fn successive_plans_meet_dynamic_programming() {
    for start in [3.0, 5.0, 9.0] {
        for inflow in INFLOWS {
            let most = dynamic(start, inflow);
            let plan = planned(&lake(start, inflow, HeadModel::Successive));
            let stage = &plan.stages[0];
            assert!(stage.value >= most * (1.0 - 1e-3), "{} of {most} from {start} by {inflow:?}", stage.value);
            assert!(stage.bound.is_some_and(|bound| bound >= most), "{:?} bounds {most}", stage.bound);
        }
    }
}

/// Zones bound the optimum, the tighter the more there are, and their plan lies under it.
#[test]
fn zones_bound_dynamic_programming() {
    let (start, inflow) = (5.0, INFLOWS[1]);
    let most = dynamic(start, inflow);
    let mut before = planned(&lake(start, inflow, HeadModel::Successive)).stages[0].bound.unwrap();
    for zones in [2, 8] {
        let plan = planned(&lake(start, inflow, HeadModel::Zones(zones)));
        let (value, bound) = (plan.stages[0].value, plan.stages[0].bound.unwrap());
        assert!(most <= bound && bound <= before * (1.0 + 1e-3), "{zones} zones: {most} ≤ {bound} ≤ {before}");
        assert!(most * (1.0 - 1e-3) <= value && value <= bound, "{zones} zones: {value} of {most}");
        before = bound;
    }
}

/// At the head of the start water may go on any day; by true heads the lake is kept full for as long as it can be.
#[test]
fn a_fixed_head_says_what_it_takes_and_what_it_gets() {
    let plan = planned(&lake(5.0, INFLOWS[0], HeadModel::Fixed));
    assert!(plan.notes.iter().any(|note| note.contains("by the heads that the program takes")), "{:?}", plan.notes);
}

/// The tailwater rises with the flow, 20 m at 20 m³/s: 10 on both days make more than 20 on one, whatever the linear program
/// at the head of the start thinks. By hand: 2 × 0.864 hm³ × (70 − 10) m.
#[test]
fn a_rising_tailwater_spreads_the_flow() {
    let mut build = lake(5.0, &[10.0, 10.0], HeadModel::Successive);
    build.storage_mut(weir_model::network::NodeId(0)).upper = Param::constant(5.0);
    build.storage_mut(weir_model::network::NodeId(0)).lower = Param::constant(4.0);
    for arc in build.case.network.arcs.iter_mut().filter(|arc| arc.role == Role::Turbine) {
        arc.head = Some(Box::new(Head { efficiency: 0.9, tailwater: vec![(0.0, -20.0), (20.0, 0.0)] }));
        arc.energy = Some(Energy { gwh_per_hm3: PER_M * 50.0, price: None });
    }
    close(planned(&build).stages[0].value, PER_M * 2.0 * 0.864 * 60.0);
}

#[test]
fn revenue_follows_true_heads_by_weights_too() {
    for method in [lake(5.0, INFLOWS[0], HeadModel::Fixed).goals.method, Method::Weighted] {
        let of = |head| {
            let mut build = lake(5.0, INFLOWS[0], head);
            build.goals.objectives[0].kind = "revenue".to_owned();
            build.goals.method = method;
            planned(&build).stages[0].value
        };
        let (fixed, successive) = (of(HeadModel::Fixed), of(HeadModel::Successive));
        assert!(successive >= fixed && successive >= 0.4 * dynamic(5.0, INFLOWS[0]) * (1.0 - 1e-3), "{fixed}, {successive}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// A town that drinks first is never worse off, and the true energy never falls.
    #[test]
    fn true_energy_never_falls(start in 1.0_f64..9.0, inflow in prop::collection::vec(0.0_f64..40.0, 5), town in 0.0_f64..20.0) {
        let of = |head| {
            let mut build = lake(start, &inflow, head);
            build.demand("town", weir_model::network::NodeId(0), town);
            build.stage("shortage", "shortage");
            build.goals.stages.reverse();
            planned(&build)
        };
        let (fixed, successive) = (of(HeadModel::Fixed), of(HeadModel::Successive));
        prop_assert!(successive.stages[0].value <= fixed.stages[0].value + 1e-6);
        prop_assert!(successive.stages[1].value >= fixed.stages[1].value - 1e-6);
        prop_assert!(successive.stages[1].bound.is_some_and(|bound| bound >= successive.stages[1].value));
    }
}
