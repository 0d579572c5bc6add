//! Stories whose answer is derived by hand.

use weir_model::curve::CurvePoint;
use weir_model::forcing::Param;
use weir_model::goals::{Lexicographic, Method, Period};
use weir_model::kernel::{Kernel, KernelTable};
use weir_model::network::{Bound, Energy, Of, Receiver, RequirementKind, Role, RuleClass, Use};
use weir_solver::solve::SolveOptions;

use crate::build::{Build, FAR, portion};
use crate::check::{close, solved, values};

/// m³/s that make one hm³ a day.
const ONE: f64 = 1.0 / 0.0864;

fn supply(build: &Build, row: usize) -> Vec<f64> {
    let options = SolveOptions::default();
    solved(build, &options).plan.decisions.supply_m3s.row(row).iter().map(|flow| flow / ONE).collect()
}

#[test]
fn two_towns_share_one_drought_equally() {
    // 10 hm³ for two towns that want 10 each over ten days: each gets half, the same every day.
    let mut build = Build::new("10 x 1 d");
    let lake = build.storage("lake", 10.0, 100.0);
    build.demand("north", lake, ONE);
    build.demand("south", lake, ONE);
    build.stage("shortage", "shortage");
    build.goals.closing = true;
    for row in 0..2 {
        for volume in supply(&build, row) {
            close(volume, 0.5);
        }
    }
    let plan = solved(&build, &SolveOptions::default()).plan;
    let words: Vec<_> = plan.closing.iter().map(|stage| stage.objective.as_str()).collect();
    assert_eq!(words, ["equal_sharing", "room_left", "variation", "generic"]);
    close(plan.closing[0].value, 0.5);
    close(plan.closing[2].value, 0.0);
}

#[test]
fn the_first_goal_comes_first_and_one_more_drop_goes_to_the_last_that_is_short() {
    // 6 hm³: domestic takes its 5, industry gets 1 of 5. One hm³ more is one hm³ of industry.
    let mut build = Build::new("5 x 1 d");
    let lake = build.storage("lake", 6.0, 100.0);
    let portions = vec![portion("residents", Use::Domestic, 0.5), portion("industry", Use::Industrial, 0.5)];
    let town = build.demand_node("town", 2.0 * ONE, portions);
    build.arc("town.intake", lake, town, Role::Intake, FAR);
    build.stage("domestic", "shortage").uses = vec!["domestic".to_owned()];
    build.stage("industry", "shortage").uses = vec!["production".to_owned()];
    for method in [Lexicographic::Faces, Lexicographic::Weights] {
        build.goals.method = Method::Lexicographic(method);
        let plan = solved(&build, &SolveOptions::default()).plan;
        close(plan.stages[0].value, 0.0);
        close(plan.stages[1].value, 4.0);
        let [lake] = &plan.water_values[..] else { panic!("{:?}", plan.water_values) };
        assert_eq!((lake.address.as_str(), lake.stage), ("lake", 1));
        lake.values.iter().for_each(|&value| close(value, -1.0));
    }
}

/// A lake, 5 hm³ for residents, of which later stages may take 0.5, then 5 for industry.
fn town_before_plant(lake_hm3: f64) -> Build {
    let mut build = Build::new("5 x 1 d");
    let lake = build.storage("lake", lake_hm3, 100.0);
    build.demand("town", lake, ONE);
    let plant = build.demand_node("plant", ONE, vec![portion("industry", Use::Industrial, 1.0)]);
    build.arc("plant.intake", lake, plant, Role::Intake, FAR);
    let domestic = build.stage("domestic", "shortage");
    (domestic.uses, domestic.tolerance) = (vec!["domestic".to_owned()], 0.5);
    build.stage("industry", "shortage").uses = vec!["industrial".to_owned()];
    build
}

#[test]
fn a_tolerance_buys_the_next_goal_as_much_as_it_allows() {
    // 6 hm³ for 5 of residents, then 5 of industry: 0.5 of tolerance moves 0.5.
    let build = town_before_plant(6.0);
    let plan = solved(&build, &SolveOptions::default()).plan;
    close(plan.stages[0].value, 0.0);
    close(plan.stages[1].value, 3.5);
}

/// 4 hm³ for 5 of residents and 5 of industry: residents lack 1, of which later stages may make 1.5, so industry lacks 4.5.
#[test]
fn what_a_tolerance_gave_stays_given_and_water_keeps_its_value() {
    for way in [Lexicographic::Faces, Lexicographic::Weights] {
        let mut build = town_before_plant(4.0);
        build.goals.method = Method::Lexicographic(way);
        build.goals.closing = true;
        let plan = solved(&build, &SolveOptions::default()).plan;
        close(plan.stages[0].value, 1.0);
        close(plan.stages[1].value, 4.5);
        // The chain would share what the town lacks, and give it what industry has of it.
        assert!(!plan.closing.is_empty(), "{:?}", plan.notes);
        // One hm³ more goes to the town whole, and what may be given of it moves along: industry has nothing of it.
        let [lake] = &plan.water_values[..] else { panic!("{:?}", plan.water_values) };
        assert_eq!(lake.stage, 0);
        lake.values.iter().for_each(|&value| close(value, -1.0));
    }
}

#[test]
fn the_weighted_method_weighs_by_share_over_nominal() {
    // Energy 1 GWh a hm³ below the dam, or supply: 10 hm³, 5 wanted. Supply counts 2 ÷ 1, energy 1 ÷ 1: supply first; then 1 ÷ 4.
    for (nominal, short, energy) in [(1.0, 0.0, 5.0), (4.0, 5.0, 10.0)] {
        let mut build = Build::new("5 x 1 d");
        let lake = build.storage("lake", 10.0, 100.0);
        let sea = build.sink("sea");
        let turbine = build.arc("lake.turbine", lake, sea, Role::Turbine, FAR);
        build.arc_mut(turbine).energy = Some(Energy { gwh_per_hm3: 1.0, price: None });
        build.demand("town", lake, ONE);
        build.goals.method = Method::Weighted;
        let shortage = build.stage("shortage", "shortage");
        (shortage.share, shortage.nominal) = (2.0, nominal);
        build.stage("energy", "energy");
        let values = values(&build);
        close(values[0], short);
        close(values[1], energy);
    }
}

#[test]
fn a_lake_evaporates_its_area_and_no_more() {
    // Area = storage ÷ 10 km² (secant through the origin); 10 mm a day: (1 + k) s' = (1 − k) s with k = 10 × 1e-3 ÷ 10 ÷ 2.
    let mut build = Build::new("3 x 1 d");
    let lake = build.storage("lake", 50.0, 100.0);
    build.storage_mut(lake).evaporation = Some(Param::constant(10.0));
    build.storage_mut(lake).curve.points[1] = CurvePoint { level_m: 100.0, storage_hm3: 100.0, area_km2: 10.0 };
    let sea = build.sink("sea");
    build.arc("lake.spill", lake, sea, Role::Spillway, 0.0);
    build.stage("spill", "spill");
    let storage = solved(&build, &SolveOptions::default()).plan.decisions.storage_hm3;
    let k: f64 = 10.0 * 1e-3 * 0.1 / 2.0;
    for (t, &stored) in storage.row(0).iter().enumerate() {
        close(stored, 50.0 * ((1.0 - k) / (1.0 + k)).powi(t as i32));
    }
}

#[test]
fn a_lake_seeps_a_share_of_its_mean() {
    let mut build = Build::new("2 x 1 d");
    let lake = build.storage("lake", 50.0, 100.0);
    build.storage_mut(lake).seepage_per_day = Some(Param::constant(0.02));
    let sea = build.sink("sea");
    build.arc("lake.spill", lake, sea, Role::Spillway, 0.0);
    build.stage("spill", "spill");
    let storage = solved(&build, &SolveOptions::default()).plan.decisions.storage_hm3;
    close(storage[[0, 1]], 50.0 * 0.99 / 1.01);
}

#[test]
fn return_flow_comes_back_late_and_water_on_its_way_arrives() {
    // Upstream town takes 1 a day, half of it comes back two days later; 0.25 were on their way for the first day. The town below
    // wants 1 a day and has nothing else: 0.25, 0, 0.5, 0.5, 0.5.
    let mut build = Build::new("5 x 1 d");
    let lake = build.storage("lake", 5.0, 100.0);
    let below = build.junction("below");
    let town = build.demand("town", lake, ONE);
    build.demand("village", below, ONE);
    let table = KernelTable {
        arrivals: (0..5).map(|t| if t + 2 < 5 { vec![(t + 2, 1.0)] } else { Vec::new() }).collect(),
        after_end: (0..5).map(|t| if t + 2 < 5 { 0.0 } else { 1.0 }).collect(),
        from_before_hm3: vec![0.5, 0.0, 0.0, 0.0, 0.0],
        from_before_after_end_hm3: 0.0,
    };
    let back = Receiver { node: below, fraction: 0.5, kernel: Kernel::Table(table.into()) };
    build.demand_mut(town).returns.push(back);
    build.stage("shortage", "shortage");
    let village = supply(&build, 1);
    for (got, expected) in village.into_iter().zip([0.25, 0.0, 0.5, 0.5, 0.5]) {
        close(got, expected);
    }
}

#[test]
fn several_feeds_add_up_and_the_dear_one_comes_last() {
    // 1 a day wanted; the river gives 0.6, the standby pipe the rest at 0.35 yuan a m³: 5 × 0.4 × 0.35.
    let mut build = Build::new("5 x 1 d");
    let river = build.available("river", 0.6 * ONE);
    let pipe = build.available("ou", 3.0 * ONE);
    let town = build.demand_node("town", ONE, vec![portion("residents", Use::Domestic, 1.0)]);
    build.arc("town.intake", river, town, Role::Intake, FAR);
    let standby = build.arc("pipe", pipe, town, Role::Diversion, FAR);
    build.arc_mut(standby).price = Some(Param::constant(0.35));
    build.stage("shortage", "shortage");
    build.stage("cost", "source_cost");
    let values = values(&build);
    close(values[0], 0.0);
    close(values[1], 5.0 * 0.4 * 0.35);
}

#[test]
fn the_capacity_of_an_only_intake_binds_its_classes_together() {
    let mut build = Build::new("2 x 1 d");
    let lake = build.storage("lake", 50.0, 100.0);
    let portions = vec![portion("residents", Use::Domestic, 0.4), portion("industry", Use::Industrial, 0.6)];
    let town = build.demand_node("town", ONE, portions);
    let capacity = build.param(&[0.7 * ONE, 2.0 * ONE][..]);
    let intake = build.arc("town.intake", lake, town, Role::Intake, FAR);
    build.arc_mut(intake).capacity = capacity;
    build.stage("domestic", "shortage").uses = vec!["domestic".to_owned()];
    build.stage("industry", "shortage").uses = vec!["production".to_owned()];
    close(values(&build)[1], 0.3);
    assert_eq!(supply(&build, 0).len(), 2);
}

#[test]
fn a_target_in_parts_lacks_nearest_the_target_first() {
    // Target 10 m³/s in halves, floor 2; 7 m³/s flow by: the upper half lacks 3 m³/s, 0.3 of the target; five days.
    let mut build = Build::new("5 x 1 d");
    let (bend, sea) = (build.junction("bend"), build.sink("sea"));
    build.inflow("river", bend, 7.0);
    let reach = build.arc("reach", bend, sea, Role::Reach, FAR);
    let of = Of::Flow(vec![(reach, 1.0)]);
    let section = build.requirement("section", RequirementKind::ControlSection, RuleClass::BaseFlow, of);
    (section.target, section.floor) = (Some(Bound::Flow(Param::constant(10.0))), Some(Bound::Flow(Param::constant(2.0))));
    section.target_parts = vec![0.5, 1.0];
    for (id, tiers) in [("lower", vec![1]), ("upper", vec![2])] {
        let objective = build.stage(id, "ecological_shortfall");
        (objective.tiers, objective.relative) = (tiers, true);
    }
    let values = values(&build);
    close(values[0], 0.0);
    close(values[1], 5.0 * 0.3);
}

#[test]
fn balance_lifts_the_worst_use_above_its_floor() {
    // 10 hm³ for a town of 8 with a floor of 2, a plant of 8, and a section of 4: (10 − 2) ÷ (20 − 2) of each above its floor.
    let mut build = Build::new("4 x 1 d");
    let (lake, sea) = (build.storage("lake", 10.0, 100.0), build.sink("sea"));
    let gate = build.arc("lake.gate", lake, sea, Role::Gate, FAR);
    let mut portions = vec![portion("residents", Use::Domestic, 0.25), portion("residents", Use::Domestic, 0.75)];
    (portions[0].floor, portions[1].tier) = (true, 2);
    let town = build.demand_node("town", 2.0 * ONE, portions);
    build.arc("town.intake", lake, town, Role::Intake, FAR);
    let plant = build.demand_node("plant", 2.0 * ONE, vec![portion("industry", Use::Industrial, 1.0)]);
    build.arc("plant.intake", lake, plant, Role::Intake, FAR);
    let of = Of::Flow(vec![(gate, 1.0)]);
    let section = build.requirement("section", RequirementKind::ControlSection, RuleClass::BaseFlow, of);
    section.target = Some(Bound::Flow(Param::constant(ONE)));
    build.stage("balance", "balance").period = Period::Month;
    close(values(&build)[0], 8.0 / 18.0);
}

#[test]
fn steps_of_different_length_keep_their_volumes() {
    // From 1 January: three days, the rest of the first 旬 (7 days), the second (10 days).
    let mut build = Build::new("3 x 1 d");
    let specs = weir_model::horizon::Horizon::parse(&["3 x 1 d".to_owned(), "2 x 旬".to_owned()]).unwrap();
    let start = jiff::civil::date(2026, 1, 1);
    build.case.horizon = weir_model::horizon::Horizon::build(start, "Asia/Shanghai", &specs).unwrap();
    let days: Vec<f64> = (0..5).map(|step| build.case.horizon.days(step)).collect();
    assert_eq!(days, [1.0, 1.0, 1.0, 7.0, 10.0]);
    let lake = build.storage("lake", 15.0, 100.0);
    build.demand("town", lake, ONE);
    build.stage("shortage", "shortage").relative = true;
    build.goals.closing = true;
    // 15 of 20 hm³; variation is least where every step gets the same flow.
    close(values(&build)[0], 5.0);
    for flow in supply(&build, 0) {
        close(flow, 0.75);
    }
}

#[test]
fn a_soft_end_is_worked_for_by_its_goal() {
    let mut build = Build::new("5 x 1 d");
    let lake = build.storage("lake", 10.0, 100.0);
    build.end(lake, 8.0, false);
    build.demand("town", lake, ONE);
    build.stage("shortage", "shortage");
    build.stage("end", "end_storage");
    let values = values(&build);
    close(values[0], 0.0);
    close(values[1], 3.0);
}

#[test]
fn the_plan_in_force_is_changed_as_little_as_possible() {
    let mut build = Build::new("4 x 1 d");
    let (lake, sea) = (build.storage("lake", 10.0, 20.0), build.sink("sea"));
    let gate = build.arc("lake.gate", lake, sea, Role::Gate, FAR);
    build.end(lake, 6.0, true);
    build.stage("spill", "spill");
    build.goals.closing = true;
    let mut in_force = solved(&build, &SolveOptions::default()).plan.decisions;
    for (step, flow) in [3.0 * ONE, 0.0, ONE, 0.0].into_iter().enumerate() {
        in_force.flow_m3s[[gate.0, step]] = flow;
    }
    build.case.in_force = Some(in_force.clone());
    let plan = solved(&build, &SolveOptions::default()).plan;
    let change = plan.closing.iter().find(|stage| stage.objective == "change").unwrap();
    close(change.value, 0.0);
    for (got, wanted) in plan.decisions.flow_m3s.iter().zip(&in_force.flow_m3s) {
        close(*got, *wanted);
    }
}

#[test]
fn a_stage_may_work_on_the_change_against_the_plan_in_force() {
    // A gate at 3, 0, 1, 0 hm³ in force leaves 6 of 10; with 7 wanted at the end it must let out 1 hm³ less.
    let mut build = Build::new("4 x 1 d");
    let (lake, sea) = (build.storage("lake", 10.0, 20.0), build.sink("sea"));
    let gate = build.arc("lake.gate", lake, sea, Role::Gate, FAR);
    build.end(lake, 6.0, true);
    build.stage("change", "plan_change");
    let mut in_force = solved(&build, &SolveOptions::default()).plan.decisions;
    for (step, flow) in [3.0 * ONE, 0.0, ONE, 0.0].into_iter().enumerate() {
        in_force.flow_m3s[[gate.0, step]] = flow;
    }
    build.case.in_force = Some(in_force);
    close(values(&build)[0], 0.0);
    build.end(lake, 7.0, true);
    close(values(&build)[0], 1.0);
}

#[test]
fn the_written_program_names_what_it_is_about() {
    let mut build = Build::new("2 x 1 d");
    let lake = build.storage("珊溪", 10.0, 100.0);
    build.demand("瑞安 水厂", lake, ONE);
    build.stage("shortage", "shortage");
    let path = std::env::temp_dir().join(format!("weir-dump-{}.mps", std::process::id()));
    solved(&build, &SolveOptions { dump: Some(path.clone()), ..SolveOptions::default() });
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(text.contains(" E balance[珊溪,2026-01-01]\n"), "{text}");
    assert!(text.contains(" 瑞安_水厂.residents.supply[2026-01-02] balance[珊溪,2026-01-02] 1\n"), "{text}");
    assert!(text.contains(" N stage1.shortage\n"), "{text}");
    assert!(text.contains(" UP bound 珊溪.storage[2026-01-01] 100\n"), "{text}");
}
