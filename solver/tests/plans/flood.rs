//! Flood events that the file does not give, by hand. 1 m³/s is 0.0864 hm³ a day.

use weir_model::audit::audit;
use weir_model::forcing::Param;
use weir_model::goals::Integers;
use weir_model::network::{ArcId, Bound, NodeId, Of, RequirementKind, Role, RuleClass};
use weir_model::on_off::Assurance;
use weir_solver::solve::{SolveOptions, Unsolved, solve};

use crate::build::{Build, FAR};
use crate::check::{close, solved};

/// A lake of which at most 40 hm³ may be full, with a gate that passes all, under a brook.
fn lake(start: f64, brook: &[f64]) -> (Build, NodeId) {
    let mut build = Build::new(&format!("{} x 1 d", brook.len()));
    let lake = build.storage("lake", start, 100.0);
    let river = build.sink("river");
    build.arc("lake.gate", lake, river, Role::Gate, FAR);
    build.storage_mut(lake).flood_limit = Some(Param::constant(40.0));
    build.inflow("brook", lake, &brook.to_vec());
    build.stage("steady", "total_variation");
    (build, lake)
}

fn of(notes: &[String]) -> Vec<&String> {
    notes.iter().filter(|note| note.starts_with("Flood event of `lake`")).collect()
}

#[test]
fn the_event_is_held_and_audited() {
    // At the peak of 300 m³/s the lake stays at 60 hm³ on the first day and falls by 200 m³/s · d = 17.28 hm³ on each that
    // follows: back under 40 after three days.
    let (build, _) = lake(60.0, &[300.0, 100.0, 100.0, 100.0]);
    let solved = solve(&build.case, &build.goals, &SolveOptions::default()).unwrap();
    let case = solved.case.unwrap();
    let rule = case.network.requirements.last().unwrap();
    assert_eq!(
        (rule.id.as_str(), rule.kind, rule.class),
        ("lake.flood_event", RequirementKind::SafeDischarge, RuleClass::SafeDischarge)
    );
    assert!(audit(&case, &build.goals, &solved.plan).findings.is_empty());
    let flow = solved.plan.decisions.flow_m3s.row(0).to_vec();
    [300.0, 300.0].iter().zip(&flow).for_each(|(expected, flow)| close(*flow, *expected));
    let expected = "Flood event of `lake` from 2026-01-01 to 2026-01-03 is taken from a first solve, and its outflow kept at or under the greatest natural inflow in it, 300.0 m3/s.";
    assert_eq!(of(&solved.plan.notes), [expected]);
    let mut broken = solved.plan;
    broken.decisions.flow_m3s[[0, 0]] += 1.0;
    assert!(
        audit(&case, &build.goals, &broken)
            .findings
            .iter()
            .any(|finding| finding.to_string().contains("lake.flood_event.ceiling"))
    );
}

#[test]
fn a_bound_that_keeps_the_lake_above_its_limit_for_good_is_left_out() {
    // The brook brings as much each day: with no more than that let go, nothing is ever drawn down.
    let (build, _) = lake(60.0, &[10.0, 10.0, 10.0]);
    let plan = solved(&build, &SolveOptions::default()).plan;
    assert_eq!(plan.relaxations, []);
    close(plan.decisions.storage_hm3[[0, 1]].max(40.0), 40.0);
    let notes = of(&plan.notes);
    assert_eq!(notes.len(), 1);
    assert!(notes[0].contains("is not bounded"), "{notes:?}");
}

#[test]
fn an_order_to_release_more_comes_first() {
    let (mut build, _) = lake(60.0, &[300.0, 100.0, 100.0, 100.0]);
    let ordered = Bound::Flow(build.param(&vec![350.0, 350.0, 0.0, 0.0]));
    let gate = Of::Flow(vec![(ArcId(0), 1.0)]);
    build.requirement("order", RequirementKind::Command, RuleClass::Command, gate).floor = Some(ordered);
    let plan = solved(&build, &SolveOptions::default()).plan;
    assert!(plan.decisions.flow_m3s[[0, 0]] >= 350.0 - 1e-6);
    assert!(of(&plan.notes)[0].contains("is not bounded"));
}

#[test]
fn a_plan_within_its_limit_has_no_event() {
    let (build, _) = lake(30.0, &[300.0, 100.0, 100.0]);
    let solved = solve(&build.case, &build.goals, &SolveOptions::default()).unwrap();
    assert!(solved.case.is_none() && of(&solved.plan.notes).is_empty());
}

#[test]
fn days_that_cannot_be_met_beside_a_flood_are_told_in_full() {
    // The lake stands above its limit for days, which is a state; that the stream runs dry is the conflict.
    let mut build = Build::new("4 x 1 d");
    let (lake, sea) = (build.storage("lake", 41.0, 100.0), build.sink("sea"));
    build.arc("lake.gate", lake, sea, Role::Gate, 5.0);
    build.storage_mut(lake).flood_limit = Some(Param::constant(40.0));
    let stream = build.junction("stream");
    build.inflow("spring", stream, &vec![6.0, 1.0, 1.0, 6.0]);
    let mouth = build.arc("mouth", stream, sea, Role::Reach, FAR);
    let section = RequirementKind::ControlSection;
    let bridge = build.requirement("bridge", section, RuleClass::BaseFlow, Of::Flow(vec![(mouth, 1.0)]));
    bridge.target = Some(Bound::Flow(Param::constant(5.0)));
    bridge.assurance = Some(Assurance { share: 0.75, before: (0.0, 0.0), longest_days: None, failing_days: 0.0 });
    build.stage("section", "ecological_shortfall");
    build.goals.integers = Some(Integers::default());
    let Err(Unsolved::Infeasible(found)) = solve(&build.case, &build.goals, &SolveOptions::default()) else {
        panic!("three days of four cannot be met");
    };
    let [conflict] = &found.conflicts[..] else { panic!("{found}") };
    assert_eq!(conflict.rules.iter().map(|rule| rule.address.as_str()).collect::<Vec<_>>(), ["bridge.assurance"]);
}
