//! What is open or shut, with whole numbers: against the linear program, against the bare engine, within limits.

use weir_model::audit::audit;
use weir_model::forcing::Param;
use weir_model::goals::Integers;
use weir_model::network::{Bound, NodeKind, Of, RequirementKind, Role, RuleClass};
use weir_model::on_off::{Assurance, Before, Changes, Commitment, Group, Units};
use weir_solver::engine::{Algorithm, Options, default_engine};
use weir_solver::formulation::formulate;
use weir_solver::layout::Open;
use weir_solver::solve::{SolveOptions, Unsolved, solve};

use crate::build::{Build, place};
use crate::cascade::cascade;
use crate::check::close;

/// The cascade, whose release gates pass nothing or at least 25 m³/s.
pub fn on_off(reservoirs: usize, days: usize, integers: Option<Integers>) -> Build {
    let mut build = cascade(reservoirs, days);
    for arc in build.case.network.arcs.iter_mut().filter(|arc| arc.role == Role::Gate) {
        arc.minimum_when_open = Some(Param::constant(25.0));
        arc.commitment = Some(Box::default());
    }
    build.goals.integers = integers;
    build
}

fn audited(build: &Build) -> weir_model::plan::Plan {
    let plan = solve(&build.case, &build.goals, &SolveOptions::default()).unwrap().plan;
    let findings: Vec<String> = audit(&build.case, &build.goals, &plan).findings.iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "{findings:?}");
    plan
}

/// The stages of a formulation by the bare engine, each kept by a row.
fn bare(build: &Build) -> Vec<f64> {
    let (formulation, _) = formulate(&build.case, &build.goals, Open::Nothing).unwrap();
    let program = formulation.program;
    assert!(!program.integers.is_empty());
    let options = Options { gap: 1e-5, ..Options::default() };
    let mut session = default_engine().unwrap().open(&program, &options).unwrap();
    let mut values = Vec::new();
    for stage in &formulation.stages {
        session.set_costs(&stage.expression.dense(program.columns())).unwrap();
        assert!(session.solve(Algorithm::Automatic).unwrap().outcome.has_point());
        let value = stage.expression.value(&session.solution().unwrap().primal);
        let most = value - stage.expression.constant + 1e-5 * value.abs().max(1.0);
        session.add_row(f64::NEG_INFINITY, most, &stage.expression.terms).unwrap();
        values.push(value);
    }
    values
}

#[test]
fn the_cascade_with_gates_on_or_off_is_that_of_the_bare_engine_and_never_better_than_linear() {
    let build = on_off(10, 30, Some(Integers { gap: 1e-4, time_limit_s: None }));
    let whole = audited(&build);
    for (stage, value) in whole.stages.iter().zip(bare(&build)) {
        let error = (stage.value - value).abs() / value.abs().max(1.0);
        assert!(error <= 2e-4, "{}: {} instead of {value}", stage.objective, stage.value);
        assert!(stage.bound.is_some_and(|bound| bound <= stage.value + 1e-9));
    }
    let linear = audited(&on_off(10, 30, None));
    for (with, without) in whole.stages.iter().zip(&linear.stages) {
        assert!(with.value >= without.value - 1e-4 * without.value.abs().max(1.0), "{}: {}", with.objective, with.value);
    }
}

#[test]
fn every_stage_tells_how_far_it_is_proved() {
    let plan = audited(&on_off(10, 30, Some(Integers { gap: 0.9, time_limit_s: Some(60.0) })));
    for stage in &plan.stages {
        assert!(stage.bound.is_some_and(|bound| bound <= stage.value + 1e-9), "{} has no bound", stage.objective);
        let unproved = stage.outcome == "feasible";
        assert_eq!(unproved, plan.notes.iter().any(|note| note.starts_with(&format!("`{}`", stage.objective))));
    }
}

/// A limit that leaves no time at all: there is a plan, it says that nothing is proved of it, and every rule holds.
#[test]
fn a_limit_in_time_gives_a_plan_and_says_what_is_not_proved() {
    let build = on_off(10, 30, Some(Integers { gap: 0.0, time_limit_s: Some(1e-9) }));
    let plan = audited(&build);
    assert!(plan.stages.iter().any(|stage| stage.outcome == "feasible"), "{:?}", plan.stages);
    for stage in &plan.stages {
        // The bound is that without whole numbers; a stage that meets it is as good as can be, whatever time was left.
        let bound = stage.bound.unwrap();
        assert!(bound <= stage.value + 1e-9, "{}: {} under {bound}", stage.objective, stage.value);
        let told =
            |note: &String| note.starts_with(&format!("`{}`", stage.objective)) && note.contains("no plan does better");
        assert_eq!(stage.outcome == "feasible", plan.notes.iter().any(told), "{:?}", plan.notes);
    }
}

/// A gap that the first plan found is within: it is told with its gap and what none does better than.
#[test]
fn a_gap_ends_a_stage_and_is_told() {
    let plan = audited(&split(1.0));
    let stage = &plan.stages[0];
    assert_eq!(stage.outcome, "feasible");
    assert!(stage.bound.is_some_and(|bound| bound < stage.value - 1e-6), "{:?} {}", stage.bound, stage.value);
    assert!(plan.notes.iter().any(|note| note.starts_with("`shortage`") && note.contains("no plan does better")));
}

/// Four towns, each with 26 pumps that pass nothing or exactly their whole m³/s: no sum makes the half m³/s that each wants too,
/// which the linear bound does not see.
fn split(gap: f64) -> Build {
    let mut build = Build::new("1 x 1 d");
    let spring = build.available("spring", 1e4);
    for day in 0..4_usize {
        let flow = |pump: usize| ((pump * 37 + day * 61 + pump * pump * (day + 3)) % 97 + 3) as f64;
        let flows: Vec<f64> = (0..26).map(flow).collect();
        let wanted = (flows.iter().sum::<f64>() / 2.0).floor() + 0.5;
        let town = build.demand_node(
            &format!("town{day}"),
            wanted,
            vec![crate::build::portion("residents", weir_model::network::Use::Domestic, 1.0)],
        );
        for (pump, flow) in flows.into_iter().enumerate() {
            let arc = build.arc(&format!("pump{day}.{pump}"), spring, town, Role::Pump, flow);
            let facts = build.arc_mut(arc);
            facts.minimum_when_open = Some(Param::constant(flow));
            facts.commitment = Some(Box::default());
        }
    }
    build.stage("shortage", "shortage");
    build.goals.integers = Some(Integers { gap, time_limit_s: None });
    build
}

/// What cannot be is called so, whatever the limit.
#[test]
fn no_limit_hides_what_is_infeasible() {
    let mut build = river(1.0, 15.0);
    build.goals.integers = Some(Integers { gap: 0.0, time_limit_s: Some(1e-9) });
    assert!(matches!(solve(&build.case, &build.goals, &SolveOptions::default()), Err(Unsolved::Infeasible { .. })));
}

/// A lake of 100 m³/s × days that empties through a turbine within the horizon, at 1 kWh a m³.
fn lake(days: usize, commitment: Commitment) -> Build {
    let mut build = Build::new(&format!("{days} x 1 d"));
    let lake = build.storage("lake", 8.64, 20.0);
    let sea = build.sink("sea");
    let turbine = build.arc("turbine", lake, sea, Role::Turbine, 40.0);
    let facts = build.arc_mut(turbine);
    facts.energy = Some(weir_model::network::Energy { gwh_per_hm3: 1.0, price: None });
    facts.minimum_when_open = Some(Param::constant(10.0));
    facts.previous_flow = Some(0.0);
    facts.commitment = Some(Box::new(commitment));
    build.stage("energy", "energy");
    build.goals.integers = Some(Integers { gap: 0.0, time_limit_s: None });
    build
}

/// Starts cost what they cost: 100 at 40 a day need three days, in one run.
#[test]
fn starts_are_as_few_as_they_can_be() {
    let mut build = lake(6, Commitment { start_cost: 1e6, ..Commitment::default() });
    build.stage("start_cost", "start_cost");
    let plan = audited(&build);
    close(plan.stages[0].value, 8.64);
    close(plan.stages[1].value, 1.0);
}

/// Shut for two days once shut, three days open at least, and at most one change in two days.
#[test]
fn times_and_changes_hold_together() {
    let changes = Some(Changes { most: 1, days: 2.0 });
    let commitment = Commitment { min_up_h: 72.0, min_down_h: 48.0, changes, ..Commitment::default() };
    close(audited(&lake(8, commitment)).stages[0].value, 8.64);
}

/// What was before the first step binds the first ones: hours shut or open, and changes.
#[test]
fn what_was_before_the_first_step_counts() {
    let run = |commitment: Commitment, previous: f64, water: f64| {
        let mut build = lake(3, commitment);
        for node in &mut build.case.network.nodes {
            if let NodeKind::Storage(storage) = &mut node.kind {
                storage.initial_hm3 = water * 0.0864;
            }
        }
        let turbine = build.case.network.arcs.iter_mut().find(|arc| arc.id == "turbine").unwrap();
        turbine.previous_flow = Some(previous);
        build
    };
    let since = |state_h| Before { state_h, changed_h: Vec::new() };
    // Shut for one day of three that it must be: it opens on the third. Not known since when: on the first.
    let shut = |state_h| Commitment { min_down_h: 72.0, before: since(state_h), ..Commitment::default() };
    for (state_h, days) in [(Some(24.0), 1.0), (Some(48.0), 2.0), (Some(72.0), 2.5), (None, 2.5)] {
        close(audited(&run(shut(state_h), 0.0, 100.0)).stages[0].value, days * 40.0 * 0.0864);
    }
    // Open for one day of three, at 10 at least: two days more need 20, and with 15 there is no plan.
    let open = |state_h| Commitment { min_up_h: 72.0, before: since(state_h), ..Commitment::default() };
    close(audited(&run(open(Some(24.0)), 20.0, 20.0)).stages[0].value, 20.0 * 0.0864);
    let short = run(open(Some(24.0)), 20.0, 15.0);
    assert!(matches!(solve(&short.case, &short.goals, &SolveOptions::default()), Err(Unsolved::Infeasible { .. })));
    close(audited(&run(open(Some(48.0)), 20.0, 15.0)).stages[0].value, 15.0 * 0.0864);
    // It changed a day ago, and may once in two days: shut on the first, and then at one flow for both days that are left.
    let changes = Some(Changes { most: 1, days: 2.0 });
    let changed = |changed_h| Commitment { changes, before: Before { state_h: None, changed_h }, ..Commitment::default() };
    close(audited(&run(changed(vec![24.0]), 0.0, 100.0)).stages[0].value, 2.0 * 40.0 * 0.0864);
    close(audited(&run(changed(vec![48.0]), 0.0, 100.0)).stages[0].value, 100.0 * 0.0864);
}

/// Of two units of 10 to 20, one on every day: between 20 and 20 there is no gap, so all passes.
#[test]
fn several_units_are_one_whole_number() {
    let build = lake(5, Commitment { units: Units(2), ..Commitment::default() });
    let (formulation, _) = formulate(&build.case, &build.goals, Open::Nothing).unwrap();
    assert_eq!(formulation.program.integers.len(), 5);
    // In the file for other solvers they are whole too.
    let text = weir_solver::mps::text(&formulation, &build.case, &["energy"]);
    let columns = text.split("'INTORG'").skip(1).flat_map(|part| part.split("marker").next().unwrap_or_default().lines());
    let whole: std::collections::BTreeSet<&str> = columns.filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!((whole.len(), text.matches("'INTEND'").count()), (5, text.matches("'INTORG'").count()));
    close(audited(&build).stages[0].value, 8.64);
}

/// Rows of units and of their times are of one family and step, and still tell apart for other solvers.
#[test]
fn every_row_has_a_name_of_its_own() {
    let commitment = Commitment { units: Units(2), min_up_h: 72.0, min_down_h: 48.0, ..Commitment::default() };
    let build = lake(5, commitment);
    let (formulation, _) = formulate(&build.case, &build.goals, Open::Nothing).unwrap();
    let names = formulation.row_names(&build.case);
    let different: std::collections::BTreeSet<&String> = names.iter().collect();
    assert_eq!(different.len(), names.len());
}

/// 10 m³/s of which the town wants 8: a target of 5 on every day leaves 5.
fn river(share: f64, floor: f64) -> Build {
    let mut build = Build::new("4 x 1 d");
    let spring = build.available("spring", 10.0);
    let river = build.junction("river");
    build.arc("weir", spring, river, Role::Diversion, 20.0);
    let sea = build.sink("sea");
    let mouth = build.arc("mouth", river, sea, Role::Reach, 20.0);
    build.demand("town", river, 8.0);
    let of = Of::Flow(vec![(mouth, 1.0)]);
    let bridge = build.requirement("bridge", RequirementKind::ControlSection, RuleClass::BaseFlow, of);
    bridge.target = Some(Bound::Flow(Param::constant(floor)));
    bridge.assurance = Some(Assurance { share, before: (0.0, 0.0), longest_days: None, failing_days: 0.0 });
    build.stage("shortage", "shortage");
    build.goals.integers = Some(Integers::default());
    build
}

/// Days met cost the town 3 m³/s each; a half of four days are two.
#[test]
fn an_assurance_holds_on_its_share_of_days() {
    for (share, days) in [(0.0, 0.0), (0.5, 2.0), (0.51, 3.0), (1.0, 4.0)] {
        close(audited(&river(share, 5.0)).stages[0].value, days * 3.0 * 0.0864);
    }
}

#[test]
fn an_assurance_beyond_the_water_is_named() {
    let build = river(1.0, 15.0);
    match solve(&build.case, &build.goals, &SolveOptions::default()) {
        Err(Unsolved::Infeasible(found)) => {
            let explained = &found.explained;
            assert!(explained.iter().any(|line| line.contains("`bridge.assurance`")), "{explained:?}");
        }
        other => panic!("{:?}", other.map(|solved| solved.plan.stages)),
    }
}

/// Of two gates of 6 one may be open: 6 of 10 pass; the linear program leaves the group out and passes 10.
#[test]
fn a_group_opens_no_more_than_it_may() {
    let mut build = Build::new("2 x 1 d");
    let spring = build.available("spring", 10.0);
    let town =
        build.demand_node("town", 10.0, vec![crate::build::portion("residents", weir_model::network::Use::Domestic, 1.0)]);
    let gates = ["a", "b"].map(|id| build.arc(id, spring, town, Role::Diversion, 6.0)).to_vec();
    build.case.network.groups.push(Group {
        id: "pair".into(),
        name: "pair".into(),
        place: place(),
        arcs: gates,
        most_open: 1,
    });
    build.stage("shortage", "shortage");
    close(audited(&build).stages[0].value, 0.0);
    build.goals.integers = Some(Integers::default());
    close(audited(&build).stages[0].value, 2.0 * 4.0 * 0.0864);
}

/// A plan of the linear program breaks what only whole numbers hold, and the audit says so.
#[test]
fn the_audit_sees_what_the_linear_program_leaves_out() {
    let mut build = on_off(3, 30, None);
    let plan = solve(&build.case, &build.goals, &SolveOptions::default()).unwrap().plan;
    build.goals.integers = Some(Integers::default());
    assert!(audit(&build.case, &build.goals, &plan).findings.iter().any(|finding| finding.family == "commitment"));
}

/// A morning above the flood limit, with gates that pass nothing or 25 m³/s at least: what is told to give way is what the plan
/// holds above the limit, though stages before were kept with slack.
#[test]
fn what_is_told_above_the_flood_limit_is_what_the_plan_holds_there() {
    for case in 0..12_usize {
        let mut build = on_off(2 + case % 3, 20, Some(Integers::default()));
        let share = 0.45 + 0.013 * case as f64;
        let storages: Vec<_> = build.case.network.storages().map(|(node, storage)| (node, storage.upper)).collect();
        for (node, full) in storages {
            let full = build.case.at(&full, 0, 0);
            let storage = build.storage_mut(node);
            storage.flood_limit = Some(Param::constant(share * full));
            storage.initial_hm3 = (share + 0.17) * full;
        }
        for arc in build.case.network.arcs.iter_mut().filter(|arc| arc.role == Role::Spillway) {
            arc.capacity = Param::constant(0.0);
        }
        let plan = audited(&build);
        assert!(!plan.relaxations.is_empty(), "case {case} has nothing above its limit");
    }
}
