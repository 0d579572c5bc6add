//! Method `rules`: crests that no gate shuts, the curtailment ladder, periods, duties, wanted ends, plans in force; each worked by hand.

use ndarray::Array2;
use weir_model::forcing::Param;
use weir_model::network::{
    Account, AccountWindow, ArcId, Curtailment, NodeId, Of, RequirementKind, Response, Role, RuleClass, Use, Zone,
};
use weir_model::plan::Decisions;
use weir_model::rating::Rating;
use weir_solver::rules::{extend, simulate};

use crate::build::{Build, FAR, place, portion};
use crate::check::close;
use crate::simulated::{ONE, are, audited, bound, flow, lake, run, supply};

/// A crest at 6 hm³ that passes half of what stands above it, a day.
fn crest(build: &mut Build, lake: NodeId, to: NodeId) -> ArcId {
    let spillway = build.arc("lake.crest", lake, to, Role::Spillway, FAR);
    let points = vec![(0.0, 0.0), (6.0, 0.0), (26.0, 10.0 * ONE)];
    build.arc_mut(spillway).discharge = Some(Rating { points, open: Param::constant(1.0) });
    build.arc_mut(spillway).free_overflow = true;
    spillway
}

#[test]
fn a_crest_passes_what_its_rating_gives_at_the_steps_mean() {
    // q = ½ (s − q ÷ 2 − 6): 2 above the crest give q = 1 − q ÷ 4 = 0.8, then 1.2 give 0.6 − q ÷ 4 = 0.48.
    let (mut build, lake, _, _) = lake(3, 8.0, 0.0);
    build.storage_mut(lake).upper = Param::constant(20.0);
    let sea = build.case.network.node("sea").unwrap();
    let crest = crest(&mut build, lake, sea);
    build.inflow("brook", lake, &vec![0.0, 0.0, 2.28 * ONE]);
    let plan = run(&build);
    // 8 → 7.2 → 6.72; then 9 less q: ½ ((6.72 + 9 − q) ÷ 2 − 6) = 0.93 − q ÷ 4.
    are(flow(&plan, crest), &[0.8, 0.48, 0.744]);
    are(plan.decisions.storage_hm3.row(0).to_vec(), &[8.0, 7.2, 6.72, 8.256]);
}

#[test]
fn a_gate_beside_a_crest_lets_go_only_what_the_crest_leaves() {
    // Limit 7: at a mean of 7.5 the crest passes 0.75, the gate the other 0.25.
    let (mut build, lake, _, gate) = lake(1, 8.0, 0.0);
    build.storage_mut(lake).flood_limit = Some(Param::constant(7.0));
    let sea = build.case.network.node("sea").unwrap();
    let crest = crest(&mut build, lake, sea);
    let plan = run(&build);
    are(flow(&plan, crest), &[0.75]);
    are(flow(&plan, gate), &[0.25]);
}

#[test]
fn what_flows_over_serves_those_below_before_a_gate_is_opened() {
    // A section that wants 0.5 has 0.8 anyway. One that wants 1 gets g + q = 1 with q = ½ (2 − (g + q) ÷ 2) = 0.75: the gate lowers the lake.
    for (wants, gates, crests) in [(0.5, 0.0, 0.8), (1.0, 0.25, 0.75)] {
        let mut build = Build::new("1 x 1 d");
        let lake = build.storage("lake", 8.0, 20.0);
        let below = build.junction("below");
        let sea = build.sink("sea");
        let gate = build.arc("lake.gate", lake, below, Role::Gate, FAR);
        let reach = build.arc("reach", below, sea, Role::Reach, FAR);
        let crest = crest(&mut build, lake, below);
        build
            .requirement("section", RequirementKind::ControlSection, RuleClass::BaseFlow, Of::Flow(vec![(reach, 1.0)]))
            .target = Some(bound(wants));
        build.stage("ecology", "ecological_shortfall");
        let plan = run(&build);
        // Found in rounds, each five times nearer.
        for (found, hand) in flow(&plan, gate).zip([gates]).chain(flow(&plan, crest).zip([crests])) {
            assert!((found - hand).abs() < 1e-6, "{found} {hand}");
        }
        close(plan.stages[0].value, 0.0);
    }
}

/// A lake of 10 whose zone up to 4 declares response Ⅲ; residents and industry want 1 each; industry may be cut by a fifth.
fn laddered(start: f64, lead_h: f64) -> Build {
    let (mut build, lake, town, _) = lake(4, start, 2.0);
    build.demand_mut(town).portions =
        vec![portion("residents", Use::Domestic, 0.5), portion("industry", Use::Industrial, 0.5)];
    let zone = |name: &str, top: f64, response: Option<Response>| Zone {
        name: name.to_owned(),
        top: Param::constant(top),
        supply: Vec::new(),
        release: None,
        response,
    };
    build.storage_mut(lake).zones = vec![zone("旱警", 4.0, Some(Response::Third)), zone("正常", 10.0, None)];
    for (id, response, depth) in [("industry_third", Response::Third, 0.2), ("industry_second", Response::Second, 0.5)] {
        build.case.network.curtailments.push(Curtailment {
            id: id.to_owned(),
            name: id.to_owned(),
            place: place(),
            cuts: vec![(town, "industry".to_owned())],
            depth,
            response: Some(response),
            lead_h,
            clause: "预案 5.3".to_owned(),
            ordered: false,
            effect: None,
        });
    }
    build
}

#[test]
fn a_zone_declares_a_response_and_the_curtailment_that_needs_it_follows_after_its_lead() {
    // 6, 4 (declared), 2 (in force), 5.2 after an inflow of 5 (ended), 3.2.
    let mut build = laddered(6.0, 24.0);
    let lake = build.case.network.node("lake").unwrap();
    build.inflow("brook", lake, &vec![0.0, 0.0, 5.0 * ONE, 0.0]);
    let simulated = audited(&build, simulate(&build.case, &build.goals).unwrap());
    are(supply(&simulated.plan, 0), &[1.0; 4]);
    are(supply(&simulated.plan, 1), &[1.0, 1.0, 0.8, 1.0]);
    // What is cut is no shortage, and is told.
    close(simulated.plan.stages[0].value, 0.0);
    let case = simulated.case.unwrap();
    let row = case.network.portions().nth(1).unwrap();
    are((0..4).map(|step| case.curtailed_m3s(row.demand, row.portion, step, 0) / ONE), &[0.0, 0.0, 0.2, 0.0]);
    let told: Vec<_> = case.network.curtailments.iter().map(|c| (c.id.as_str(), c.effect.clone())).collect();
    let edges = &case.horizon.edges;
    assert_eq!(
        told,
        [("industry_third", Some((edges[2].clone(), edges[3].clone()))), ("industry_second", None)],
        "the graver one was never declared"
    );
}

#[test]
fn a_lead_that_ends_within_a_step_cuts_for_the_rest_of_it_and_each_spell_is_told() {
    // Starts in the zone: in force from noon of the first day on. The lake is filled at once, and empties again.
    let mut build = laddered(3.0, 12.0);
    let lake = build.case.network.node("lake").unwrap();
    build.inflow("brook", lake, &vec![5.0 * ONE, 0.0, 0.0, 0.0]);
    let simulated = audited(&build, simulate(&build.case, &build.goals).unwrap());
    // 3 + 5 − 1.9 = 6.1, 4.1, 2.1 (declared anew at the start of the fourth day).
    are(supply(&simulated.plan, 1), &[0.9, 1.0, 1.0, 0.9]);
    let case = simulated.case.unwrap();
    assert_eq!(case.network.curtailments.iter().filter(|c| c.id == "industry_third" && c.effect.is_some()).count(), 2);
}

#[test]
fn the_ladder_does_nothing_above_its_zone_and_counts_the_zones_top_in() {
    // 10, 8, 6, 4: the fourth day begins in the zone, or not in it where the zone ends at 3.9.
    let mut build = laddered(10.0, 0.0);
    let simulated = audited(&build, simulate(&build.case, &build.goals).unwrap());
    are(supply(&simulated.plan, 1), &[1.0, 1.0, 1.0, 0.8]);
    let lake = build.case.network.node("lake").unwrap();
    build.storage_mut(lake).zones[0].top = Param::constant(3.9);
    let simulated = audited(&build, simulate(&build.case, &build.goals).unwrap());
    are(supply(&simulated.plan, 1), &[1.0; 4]);
    assert!(simulated.case.is_none());
}

#[test]
fn a_floor_held_over_a_period_is_kept_on_its_mean_so_far() {
    // A mean of 1 over each three days. The gate is shut on the first: 2 on the second. Then a flood of 2.5 leaves 0 and 0.5 to owe.
    let mut build = Build::new("6 x 1 d");
    let lake = build.storage("lake", 9.0, 9.0);
    let sea = build.sink("sea");
    let capacity = [0.0, 9.0, 9.0, 9.0, 9.0, 9.0].map(|hm3| hm3 * ONE);
    let gate = build.arc("lake.gate", lake, sea, Role::Gate, &capacity.to_vec());
    build.inflow("brook", lake, &vec![0.0, 0.0, 0.0, 5.5 * ONE, 0.0, 0.0]);
    let section =
        build.requirement("section", RequirementKind::ControlSection, RuleClass::BaseFlow, Of::Flow(vec![(gate, 1.0)]));
    section.floor = Some(bound(1.0));
    section.periods = vec![0..3, 3..6];
    let plan = run(&build);
    are(flow(&plan, gate), &[0.0, 2.0, 1.0, 2.5, 0.0, 0.5]);
    assert!(plan.relaxations.is_empty());
    // Each step by itself, the first day's breach is not made good.
    build.case.network.requirements[0].periods = Vec::new();
    let plan = run(&build);
    are(flow(&plan, gate), &[0.0, 1.0, 1.0, 3.5, 1.0, 1.0]);
    assert_eq!(plan.relaxations.len(), 1);
}

#[test]
fn a_target_held_over_a_period_is_kept_on_its_mean_so_far() {
    let mut build = Build::new("4 x 1 d");
    let lake = build.storage("lake", 9.0, 9.0);
    let sea = build.sink("sea");
    let gate = build.arc("lake.gate", lake, sea, Role::Gate, &[0.5 * ONE, 9.0 * ONE, 9.0 * ONE, 9.0 * ONE].to_vec());
    let section =
        build.requirement("section", RequirementKind::ControlSection, RuleClass::BaseFlow, Of::Flow(vec![(gate, 1.0)]));
    (section.target, section.periods) = (Some(bound(1.0)), vec![0..3, 3..4]);
    build.stage("ecology", "ecological_shortfall");
    let plan = run(&build);
    are(flow(&plan, gate), &[0.5, 1.5, 1.0, 1.0]);
    close(plan.stages[0].value, 0.0);
}

/// A duty of 3 hm³ by a way in three days.
pub fn duty(build: &mut Build, arc: ArcId, hard: bool) {
    let window = AccountWindow {
        label: "2026".to_owned(),
        steps: 0..3,
        limit_hm3: 3.0,
        used_before_hm3: 0.0,
        available_hm3: 3.0,
        note: None,
    };
    build.case.network.accounts.push(Account {
        id: "duty".to_owned(),
        name: "duty".to_owned(),
        place: place(),
        terms: vec![(arc, 1.0)],
        at_most: false,
        windows: vec![window],
        hard,
        bands: Vec::new(),
    });
}

#[test]
fn a_duty_is_done_evenly_and_what_a_day_lacks_is_made_good() {
    // 1 a day; the canal bears 0.4 on the first: 1.6 on the second.
    let (mut build, lake, _, _) = lake(3, 10.0, 1.0);
    let lagoon = build.sink("lagoon");
    let canal = build.arc("canal", lake, lagoon, Role::Diversion, &[0.4 * ONE, 9.0 * ONE, 9.0 * ONE].to_vec());
    duty(&mut build, canal, true);
    are(flow(&run(&build), canal), &[0.4, 1.6, 1.0]);
    // A soft one comes after the town, which a hard one does not.
    build.storage_mut(lake).initial_hm3 = 3.0;
    let plan = run(&build);
    are(flow(&plan, canal), &[0.4, 1.6, 0.0]);
    are(supply(&plan, 0), &[1.0, 0.0, 0.0]);
    build.case.network.accounts[0].hard = false;
    let plan = run(&build);
    are(supply(&plan, 0), &[1.0, 1.0, 0.0]);
    are(flow(&plan, canal), &[0.4, 0.6, 0.0]);
}

#[test]
fn who_stands_after_a_wanted_end_does_not_draw_below_the_line_to_it() {
    // From 10 to 4 in three days: 8, 6, 4. The farm wants 5 a day and stands after the end, the town (1) before it.
    let (mut build, lake, _, _) = lake(3, 10.0, 1.0);
    build.end(lake, 4.0, false);
    let farm = build.demand_node("farm", 5.0 * ONE, vec![portion("irrigation", Use::Agricultural, 1.0)]);
    build.arc("farm.intake", lake, farm, Role::Intake, FAR);
    build.goals.objectives[0].uses = vec!["domestic".to_owned()];
    build.stage("reserve", "end_storage");
    build.stage("farming", "shortage").uses = vec!["production".to_owned()];
    let plan = run(&build);
    are(supply(&plan, 0), &[1.0; 3]);
    are(supply(&plan, 1), &[1.0; 3]);
    close(plan.stages[1].value, 0.0);
    // Where nobody works for the end, or it comes last, all is drawn.
    build.goals.stages = vec![0, 2, 1];
    are(supply(&run(&build), 1), &[5.0, 3.0, 0.0]);
    // A hard end holds back all but the first stage: the line falls by 4/3 a day.
    build.end(lake, 6.0, true);
    let plan = run(&build);
    are(supply(&plan, 0), &[1.0; 3]);
    are(supply(&plan, 1), &[1.0 / 3.0; 3]);
    assert!(plan.relaxations.is_empty());
}

/// What a plan in force says of supply and gate on the first two of four days, and nothing after.
fn in_force(build: &Build, gate: ArcId, supply: f64, release: f64) -> Decisions {
    let (arcs, stores) = (build.case.network.arcs.len(), build.case.network.storages().count());
    let mut decisions = Decisions {
        flow_m3s: Array2::from_elem((arcs, 4), f64::NAN),
        storage_hm3: Array2::from_elem((stores, 5), f64::NAN),
        supply_m3s: Array2::from_elem((build.case.network.portions().count(), 4), f64::NAN),
    };
    for step in 0..2 {
        decisions.flow_m3s[[gate.0, step]] = release * ONE;
        decisions.supply_m3s[[0, step]] = supply * ONE;
    }
    decisions
}

#[test]
fn a_plan_in_force_is_carried_out_and_then_the_rules_go_on() {
    let (mut build, _, _, gate) = lake(4, 10.0, 1.0);
    build.case.in_force = Some(in_force(&build, gate, 0.5, 2.0));
    let plan = audited(&build, extend(&build.case, &build.goals).unwrap()).plan;
    are(supply(&plan, 0), &[0.5, 0.5, 1.0, 1.0]);
    are(flow(&plan, gate), &[2.0, 2.0, 0.0, 0.0]);
    // `simulate` does not follow it.
    are(flow(&run(&build), gate), &[0.0; 4]);
}

#[test]
fn a_plan_in_force_gives_way_to_water_and_rules() {
    // 3.2 hm³: 0.5 + 2 on the first day, on the second 0.5 and the last 0.2; then nothing is left.
    let (mut build, lake, _, gate) = lake(4, 3.2, 1.0);
    build.case.in_force = Some(in_force(&build, gate, 0.5, 2.0));
    let plan = audited(&build, extend(&build.case, &build.goals).unwrap()).plan;
    are(supply(&plan, 0), &[0.5, 0.5, 0.0, 0.0]);
    are(flow(&plan, gate), &[2.0, 0.2, 0.0, 0.0]);
    // An order of at least 1.2 stands before the town, a section below bears 1.5, and what does not fit goes.
    build.storage_mut(lake).initial_hm3 = 10.0;
    build.inflow("flood", lake, &vec![0.0, 4.0 * ONE, 0.0, 0.0]);
    let safe =
        build.requirement("safe", RequirementKind::SafeDischarge, RuleClass::SafeDischarge, Of::Flow(vec![(gate, 1.0)]));
    safe.ceiling = Some(bound(1.5));
    let plan = audited(&build, extend(&build.case, &build.goals).unwrap()).plan;
    // 10 − 0.5 − 1.5 = 8; 8 + 4 − 0.5 − 1.5 = 10.
    are(flow(&plan, gate), &[1.5, 1.5, 0.0, 0.0]);
    are(plan.decisions.storage_hm3.row(0).to_vec(), &[10.0, 8.0, 10.0, 9.0, 8.0]);
    // Without a plan in force it is the rules alone.
    build.case.in_force = None;
    let alone = audited(&build, extend(&build.case, &build.goals).unwrap()).plan;
    are(supply(&alone, 0), &[1.0; 4]);
}
