//! Reasons of shortages on solved plans: what is named is true, since lifting it lessens the shortage.

use weir_model::audit::audit;
use weir_model::document::{Content, SatisfactionRow, document, reason};
use weir_model::forcing::Param;
use weir_model::goals::{Method, Period};
use weir_model::network::{ArcId, Bound, Energy, NodeId, Of, Portion, RequirementKind, Role, RuleClass, Use};
use weir_model::rating::Rating;
use weir_solver::solve::{SolveOptions, solve};

use crate::build::{Build, FAR, portion};
use crate::check::close;

/// What is told of the plan, which the audit passes.
fn content(build: &Build) -> Content {
    let plan = solve(&build.case, &build.goals, &SolveOptions::default()).unwrap().plan;
    let audited = audit(&build.case, &build.goals, &plan);
    assert!(audited.findings.is_empty(), "{:?}", audited.findings);
    document(&build.case, &build.goals, &plan, &audited).content
}

/// Rows of the whole horizon that are short, by use: missing hm³ and reason.
pub fn short(build: &Build) -> Vec<(String, f64, String)> {
    let rows = content(build).satisfaction;
    let whole = |row: &&SatisfactionRow| row.period == "horizon" && row.class.is_none() && row.reason.is_some();
    let told = |row: &SatisfactionRow| (row.use_.clone(), row.demand_hm3 - row.supply_hm3, row.reason.clone().unwrap());
    rows.iter().filter(whole).map(told).collect()
}

/// A river of 10 m³/s past a city that wants 6 and a canal to fields that want 8, each its own stage in this order.
fn river(canal: f64) -> (Build, ArcId) {
    let mut build = Build::new("4 x 1 d");
    let river = build.junction("river");
    build.inflow("spring", river, 10.0);
    let hub = build.junction("hub");
    let canal = build.arc("canal", river, hub, Role::Diversion, canal);
    let sea = build.sink("sea");
    build.arc("mouth", river, sea, Role::Reach, 1e3);
    for (id, at, wants, use_) in [("city", river, 6.0, Use::Domestic), ("fields", hub, 8.0, Use::Agricultural)] {
        let node = build.demand_node(id, wants, vec![portion(id, use_, 1.0)]);
        build.arc(&format!("{id}.intake"), at, node, Role::Intake, 50.0);
        build.stage(id, "shortage").classes = vec![id.to_owned()];
    }
    (build, canal)
}

const DAYS: f64 = 4.0 * 0.0864;

#[test]
fn who_comes_first_is_named_and_without_that_goal_the_water_goes_on() {
    let (mut build, _) = river(100.0);
    let [(use_, lacks, reason)] = &short(&build)[..] else { panic!("one is short") };
    assert_eq!(
        (use_.as_str(), reason.as_str()),
        ("agricultural", "the water of `river` goes first to whom `city` serves, goal 1 in order")
    );
    close(*lacks, 4.0 * DAYS);
    build.goals.stages.remove(0);
    let fields = short(&build).into_iter().filter(|(use_, ..)| use_ == "agricultural").count();
    assert_eq!(fields, 0);
}

#[test]
fn a_narrow_canal_is_named_where_a_wider_one_would_bring_more() {
    let (mut build, canal) = river(3.0);
    let [(_, lacks, reason)] = &short(&build)[..] else { panic!("one is short") };
    assert_eq!(reason, "held by the capacity of `canal`: more water upstream would not help");
    close(*lacks, 5.0 * DAYS);
    build.arc_mut(canal).capacity = Param::constant(3.5);
    close(short(&build)[0].1, 4.5 * DAYS);
    // As wide as what the city leaves: a wider one would bring nothing.
    build.arc_mut(canal).capacity = Param::constant(4.0);
    let [(_, lacks, reason)] = &short(&build)[..] else { panic!("one is short") };
    assert!(reason.contains("goes first to whom `city` serves"), "{reason}");
    build.arc_mut(canal).capacity = Param::constant(5.0);
    close(short(&build)[0].1, *lacks);
}

#[test]
fn by_one_goal_the_water_is_shared() {
    let (mut build, _) = river(100.0);
    build.goals.stages.truncate(1);
    build.goals.objectives[0].classes.clear();
    for node in ["city", "fields"] {
        let node = build.case.network.node(node).unwrap();
        build.demand_mut(node).portions[0].class = "users".to_owned();
    }
    build.goals.closing = true;
    let found = short(&build);
    assert_eq!(found.len(), 2);
    for (_, _, reason) in found {
        assert_eq!(reason, "`river` has no more to give: no other share of its water serves `city` better");
    }
}

/// 10 m³/s for a town that wants 8 behind a pipe of 2, works that want 8, and a river that wants 8: the town holds the balance at a
/// quarter, so nobody is asked to raise the works above theirs, which the balance does keep from falling.
#[test]
fn a_balance_that_a_pipe_holds_down_asks_for_no_one_else() {
    let mut build = Build::new("4 x 1 d");
    let river = build.junction("river");
    build.inflow("spring", river, 10.0);
    let sea = build.sink("sea");
    let mouth = build.arc("mouth", river, sea, Role::Reach, 1e3);
    let gauge =
        build.requirement("gauge", RequirementKind::ControlSection, RuleClass::BaseFlow, Of::Flow(vec![(mouth, 1.0)]));
    gauge.target = Some(Bound::Flow(Param::constant(8.0)));
    for (id, use_, pipe) in [("town", Use::Domestic, 2.0), ("works", Use::Industrial, 50.0)] {
        let node = build.demand_node(id, 8.0, vec![portion(id, use_, 1.0)]);
        build.arc(&format!("{id}.intake"), river, node, Role::Intake, pipe);
    }
    let fair = build.stage("fair", "balance");
    fair.uses = vec!["domestic".to_owned(), "industrial".to_owned()];
    fair.period = Period::Step;
    build.stage("rivers", "ecological_shortfall");
    build.stage("shortage", "shortage");
    let told = short(&build);
    let reasons: Vec<_> = told.iter().map(|(use_, _, reason)| (use_.as_str(), reason.as_str())).collect();
    assert_eq!(
        reasons,
        [
            ("domestic", "held by the capacity of `town.intake`: more water upstream would not help"),
            ("industrial", "`river` had water, let out for `gauge`, which has no more than it is owed"),
            ("ecological", "the water of `river` goes first to whom `fair` serves, goal 1 in order"),
        ]
    );
    close(told[1].1, 6.0 * DAYS);
    // Without the goal that is named the works have the water.
    build.goals.stages.remove(1);
    assert!(short(&build).iter().all(|(use_, ..)| use_ != "industrial"));
}

/// A river of 4 m³/s below a dry lake, past a town whose floor is 3 and works that want 5: both that the lake is at its lowest and that
/// the floor comes first leave the works with 1.
#[test]
fn a_dry_lake_above_and_who_has_what_passes_below_it_are_both_told() {
    let mut build = Build::new("4 x 1 d");
    let lake = build.storage("lake", 2.0, 20.0);
    build.storage_mut(lake).lower = Param::constant(2.0);
    let river = build.junction("river");
    build.arc("lake.gate", lake, river, Role::Gate, FAR);
    build.inflow("spring", river, 4.0);
    for (id, use_, wants) in [("town", Use::Domestic, 3.0), ("works", Use::Industrial, 5.0)] {
        let floor = use_ == Use::Domestic;
        let node = build.demand_node(id, wants, vec![Portion { floor, ..portion(id, use_, 1.0) }]);
        build.arc(&format!("{id}.intake"), river, node, Role::Intake, 50.0);
    }
    build.stage("shortage", "shortage");
    let told = short(&build);
    let [(_, lacks, reason)] = &told[..] else { panic!("the works are short: {told:?}") };
    assert_eq!(reason, "`lake` is at its lowest storage; the water of `river` goes first to the floors of supply");
    close(*lacks, 4.0 * DAYS);
    // Either would give them more: a day's 1 m³/s in the lake, or a town that wants less.
    build.storage_mut(lake).initial_hm3 += 0.0864;
    close(short(&build)[0].1, 4.0 * DAYS - 0.0864);
    build.storage_mut(lake).initial_hm3 = 2.0;
    let town = build.case.network.node("town").unwrap();
    build.demand_mut(town).demand = Param::constant(2.0);
    close(short(&build)[0].1, 3.0 * DAYS);
}

/// A lake of 4 m³/s × 4 days without inflow, for a town that wants 2 each day: it is dry by the end, and the shortage of any day
/// is that of the lake.
#[test]
fn a_lake_that_runs_dry_shares_its_water_out_over_time() {
    let mut build = Build::new("4 x 1 d");
    let lake = build.storage("lake", 4.0 * 0.0864, 20.0);
    build.demand("town", lake, 2.0);
    build.stage("shortage", "shortage");
    build.goals.closing = true;
    let [(_, lacks, reason)] = &short(&build)[..] else { panic!("one is short") };
    close(*lacks, 4.0 * 0.0864);
    assert_eq!(reason, "`lake` is at its lowest storage by 2026-01-04: until then its water is shared out");
    let more = build.storage_mut(lake);
    more.initial_hm3 += 0.0864;
    close(short(&build)[0].1, 3.0 * 0.0864);
}

/// An order keeps the lower lake where it is, so the upper one holds back what comes, above its flood limit.
#[test]
fn a_lake_below_that_may_not_rise_keeps_water_above_a_limit() {
    let mut build = Build::new("3 x 1 d");
    let (upper, lower) = (build.storage("upper", 40.0, 100.0), build.storage("lower", 20.0, 100.0));
    build.arc("upper.gate", upper, lower, Role::Gate, FAR);
    build.storage_mut(upper).flood_limit = Some(Param::constant(40.0));
    build.inflow("brook", upper, 10.0);
    let order = build.requirement("order", RequirementKind::Command, RuleClass::Command, Of::Storage(lower));
    order.ceiling = Some(Bound::Volume(Param::constant(20.0)));
    build.stage("steady", "total_variation");
    let plan = solve(&build.case, &build.goals, &SolveOptions::default()).unwrap().plan;
    let audited = audit(&build.case, &build.goals, &plan);
    assert!(audited.findings.is_empty(), "{:?}", audited.findings);
    let gave_way = document(&build.case, &build.goals, &plan, &audited).content.relaxations;
    assert_eq!(gave_way.len(), 3);
    for (day, row) in gave_way.iter().enumerate() {
        close(row.hm3, (day + 1) as f64 * 10.0 * DAYS / 4.0);
        assert_eq!(row.address, "upper.flood_limit");
        assert_eq!(row.reason.as_deref(), Some("what `upper` lets out is held by `order` downstream"));
    }
}

/// A lake that 10 m³/s come to, a city at it that wants 6, a section below that wants more than is left, and below that a lake with fields,
/// the last in order: what they have went by the section, so it is no water that the section lacks, even if that lacks nothing on
/// some days.
#[test]
fn what_flows_by_a_section_that_lacks_is_not_kept_from_it() {
    let all_days: [&[f64]; 2] = [&[8.0], &[0.0]];
    let some_days: [&[f64]; 2] = [&[2.0, 2.0, 8.0, 8.0], &[2.0, 2.0, 0.0, 0.0]];
    for (steps, [target, floor], lacks) in [("1 x 4 d", all_days, 16.0), ("4 x 1 d", some_days, 4.0)] {
        let mut build = Build::new(steps);
        let [upper, lower] = ["upper", "lower"].map(|id| build.storage(id, 20.0, 50.0));
        build.inflow("spring", upper, 10.0);
        let release = build.arc("release", upper, lower, Role::Gate, 1e3);
        let sea = build.sink("sea");
        build.arc("mouth", lower, sea, Role::Gate, 1e3);
        for lake in [upper, lower] {
            build.end(lake, 20.0, true);
        }
        let of = Of::Flow(vec![(release, 1.0)]);
        let [target, floor] = [target, floor].map(|series| Some(Bound::Flow(build.param(series))));
        let gauge = build.requirement("gauge", RequirementKind::ControlSection, RuleClass::BaseFlow, of);
        (gauge.target, gauge.floor) = (target, floor);
        let goals = [("city", upper, 6.0, Use::Domestic), ("fields", lower, 8.0, Use::Agricultural)];
        for (id, lake, wants, use_) in goals {
            let node = build.demand_node(id, wants, vec![portion(id, use_, 1.0)]);
            build.arc(&format!("{id}.intake"), lake, node, Role::Intake, 50.0);
        }
        build.stage("city", "shortage").classes = vec!["city".to_owned()];
        build.stage("rivers", "ecological_shortfall");
        build.stage("fields", "shortage").classes = vec!["fields".to_owned()];
        let told = short(&build);
        let section = told.iter().find(|(use_, ..)| use_ == "ecological").unwrap();
        assert_eq!(section.2, "the water of `upper` goes first to whom `city` serves, goal 1 in order");
        close(section.1, lacks * 0.0864);
        // Without the goal that is named it has the water.
        build.goals.stages.remove(0);
        assert!(short(&build).iter().all(|(use_, ..)| use_ != "ecological"));
    }
}

/// The only row that is short.
fn one(build: &Build) -> (f64, String) {
    let told = short(build);
    let [(_, lacks, reason)] = &told[..] else { panic!("one is short: {told:?}") };
    (*lacks, reason.clone())
}

/// A day's water of so many m³/s, hm³.
pub const fn day(m3s: f64) -> f64 {
    m3s * 0.0864
}

/// A day, and two lakes: `a` has half a m³/s of it, `b` more than can be used.
fn two_lakes() -> (Build, NodeId, NodeId) {
    let mut build = Build::new("1 x 1 d");
    let (a, b) = (build.storage("a", day(0.5), 50.0), build.storage("b", 20.0, 50.0));
    (build, a, b)
}

/// A town that wants 3 m³/s, by a canal that passes them from the lake that runs dry and one of 1 m³/s: both would help.
#[test]
fn a_full_way_and_a_dry_lake_behind_one_with_room_are_both_told() {
    let (mut build, a, b) = two_lakes();
    let town = build.demand_node("town", 3.0, vec![portion("residents", Use::Domestic, 1.0)]);
    build.arc("ca", a, town, Role::Diversion, 3.0);
    let cb = build.arc("cb", b, town, Role::Diversion, 1.0);
    build.stage("shortage", "shortage");
    let (lacks, reason) = one(&build);
    assert_eq!(reason, "`a` is at its lowest storage; held by the capacity of `cb`");
    close(lacks, day(1.5));
    build.storage_mut(a).initial_hm3 += day(1.0);
    close(one(&build).0, day(0.5));
    build.storage_mut(a).initial_hm3 -= day(1.0);
    build.arc_mut(cb).capacity = Param::constant(2.0);
    close(one(&build).0, day(0.5));
    // With both ways full more water is no help.
    build.storage_mut(a).initial_hm3 = 20.0;
    build.arc_mut(cb).capacity = Param::constant(1.0);
    build.arc_mut(ArcId(0)).capacity = Param::constant(0.5);
    let (lacks, reason) = one(&build);
    assert_eq!(reason, "held by the capacity of `ca`: more water upstream would not help");
    close(lacks, day(1.5));
}

/// The same of a section below both lakes.
#[test]
fn a_full_outlet_and_a_dry_lake_above_a_section_are_both_told() {
    let (mut build, a, b) = two_lakes();
    let (river, sea) = (build.junction("river"), build.sink("sea"));
    build.arc("a.gate", a, river, Role::Gate, FAR);
    let gate = build.arc("b.gate", b, river, Role::Gate, 1.0);
    let mouth = build.arc("mouth", river, sea, Role::Reach, FAR);
    let gauge =
        build.requirement("gauge", RequirementKind::ControlSection, RuleClass::BaseFlow, Of::Flow(vec![(mouth, 1.0)]));
    gauge.target = Some(Bound::Flow(Param::constant(3.0)));
    build.stage("rivers", "ecological_shortfall");
    let (lacks, reason) = one(&build);
    assert_eq!(reason, "`a` is at its lowest storage; held by the capacity of `b.gate`");
    close(lacks, day(1.5));
    build.arc_mut(gate).capacity = Param::constant(2.5);
    assert_eq!(short(&build).len(), 0);
}

/// A lake that is dry by what it gives a town's canal, which is full, and owes the river: neither water nor a wider canal helps alone.
#[test]
fn a_full_way_from_a_dry_lake_is_told_with_it() {
    let (mut build, a, _) = two_lakes();
    let town = build.demand_node("town", 3.0, vec![portion("residents", Use::Domestic, 1.0)]);
    let canal = build.arc("canal", a, town, Role::Diversion, 0.3);
    let sea = build.sink("sea");
    let gate = build.arc("a.gate", a, sea, Role::Gate, FAR);
    let gauge =
        build.requirement("gauge", RequirementKind::ControlSection, RuleClass::BaseFlow, Of::Flow(vec![(gate, 1.0)]));
    gauge.floor = Some(Bound::Flow(Param::constant(0.2)));
    build.stage("shortage", "shortage");
    let (lacks, reason) = one(&build);
    assert_eq!(reason, "held by the capacity of `canal`; `a` is at its lowest storage");
    close(lacks, day(2.7));
    build.storage_mut(a).initial_hm3 += day(1.0);
    close(one(&build).0, day(2.7));
    build.arc_mut(canal).capacity = Param::constant(1.3);
    close(one(&build).0, day(1.7));
    build.storage_mut(a).initial_hm3 -= day(1.0);
    close(one(&build).0, day(2.7));
}

/// A town that wants 3 m³/s by a pipe that passes a tenth of the hm³ that its lake holds: with a higher level it passes more.
#[test]
fn a_way_that_is_full_by_the_level_of_its_lake_is_not_told_to_need_no_water() {
    let (mut build, _, b) = two_lakes();
    let town = build.demand_node("town", 3.0, vec![portion("residents", Use::Domestic, 1.0)]);
    let pipe = build.arc("pipe", b, town, Role::Diversion, FAR);
    let points = vec![(0.0, 0.0), (50.0, 5.0)];
    build.arc_mut(pipe).discharge = Some(Rating { points, open: Param::constant(1.0) });
    build.stage("shortage", "shortage");
    let (lacks, reason) = one(&build);
    assert_eq!(reason, "held by the capacity of `pipe` at that level of `b`: only a higher level lets more through");
    // A flow f takes its half from the day's mean storage: f = 0.1 (stored - day(f) / 2).
    let passed = |stored: f64| 0.1 * stored / (1.0 + 0.05 * day(1.0));
    close(lacks, day(3.0 - passed(20.0)));
    build.storage_mut(b).initial_hm3 += 1.0;
    close(one(&build).0, day(3.0 - passed(21.0)));
    // Its own width is another matter.
    build.arc_mut(pipe).capacity = Param::constant(1.0);
    let (lacks, reason) = one(&build);
    assert_eq!(reason, "held by the capacity of `pipe`: more water upstream would not help");
    close(lacks, day(2.0));
}

/// A town at a lake that runs dry, below another with water whose only gate is closed.
#[test]
fn a_closed_gate_into_a_dry_lake_is_told_with_it() {
    let (mut build, a, b) = two_lakes();
    let gate = build.arc("b.gate", b, a, Role::Gate, 0.0);
    build.demand("town", a, 2.0);
    build.stage("shortage", "shortage");
    let (lacks, reason) = one(&build);
    assert_eq!(reason, "`a` is at its lowest storage; `b.gate` is closed");
    close(lacks, day(1.5));
    let advice = |build: &Build| {
        let warnings = content(build).warnings.into_iter().filter(|row| row.address == "a" && row.kind == "level_at");
        warnings.filter_map(|row| row.advice).collect::<Vec<_>>()
    };
    assert_eq!(advice(&build), ["opening `b.gate` would help"]);
    build.arc_mut(gate).capacity = Param::constant(20.0);
    assert_eq!(short(&build).len(), 0);
    let room = "`b` holds water, and `b.gate` has room for more of it, at the cost of what it is kept for";
    assert_eq!(advice(&build), [room]);
}

/// A lake at its flood limit that 150 m³/s come to, over a river that bears 60: the goal that keeps the limit comes first.
#[test]
fn a_flood_limit_that_a_goal_keeps_first_is_told_and_not_that_the_lake_is_full() {
    let forced = |inflow: &[f64], gate: &[f64], order: [&str; 2]| {
        let mut build = Build::new(&format!("{} x 1 d", inflow.len()));
        let lake = build.storage("lake", 60.0, 100.0);
        build.storage_mut(lake).flood_limit = Some(Param::constant(60.0));
        build.inflow("brook", lake, &inflow.to_vec());
        let (river, sea) = (build.junction("river"), build.sink("sea"));
        build.arc("gate", lake, river, Role::Gate, &gate.to_vec());
        let mouth = build.arc("mouth", river, sea, Role::Reach, FAR);
        let of = Of::Flow(vec![(mouth, 1.0)]);
        let safe = build.requirement("safe", RequirementKind::SafeDischarge, RuleClass::SafeDischarge, of);
        safe.ceiling = Some(Bound::Flow(Param::constant(60.0)));
        for kind in order {
            build.stage(kind, kind);
        }
        let plan = solve(&build.case, &build.goals, &SolveOptions::default()).unwrap().plan;
        let audited = audit(&build.case, &build.goals, &plan);
        let gave_way = document(&build.case, &build.goals, &plan, &audited).content.relaxations;
        let safe = gave_way.into_iter().filter(|row| row.address == "safe.ceiling");
        safe.map(|row| (row.hm3, row.reason.unwrap())).collect::<Vec<_>>()
    };
    let (limit, safe) = ("flood_limit_excess", "discharge_excess");
    let first = "`flood_limit_excess`, goal 1 in order, comes first, and would fare worse with less";
    let told = forced(&[150.0], &[FAR], [limit, safe]);
    let [(hm3, reason)] = &told[..] else { panic!("{told:?}") };
    close(*hm3, day(90.0));
    assert_eq!(*reason, format!("`lake` has reached its flood limit, and what arrives there goes on; {first}"));
    // The other goal first, the lake rises: it is not full.
    assert_eq!(forced(&[150.0], &[FAR], [safe, limit]), []);
    // On the second day the gate passes 60: room for the rest is made on the first.
    let told = forced(&[0.0, 150.0], &[FAR, 60.0], [limit, safe]);
    let [(hm3, reason)] = &told[..] else { panic!("{told:?}") };
    close(*hm3, day(30.0));
    let room = "`lake` makes room for what comes until 2026-01-02, when it has reached its flood limit";
    assert_eq!(*reason, format!("{room}; {first}"));
}

/// A town that a goal comes before: one that spares what a pump costs, one that has a lake's water run through turbines.
#[test]
fn goals_of_cost_and_energy_that_come_first_are_told() {
    let (mut build, a, _) = two_lakes();
    let well = build.available("well", 5.0);
    let town = build.demand_node("town", 3.0, vec![portion("residents", Use::Domestic, 1.0)]);
    build.arc("canal", a, town, Role::Diversion, 2.0);
    let pump = build.arc("pump", well, town, Role::Pump, 5.0);
    build.arc_mut(pump).price = Some(Param::constant(1.0));
    build.stage("cost", "source_cost");
    build.stage("shortage", "shortage");
    let (lacks, reason) = one(&build);
    assert_eq!(reason, "`well` had water, kept for `cost`, goal 1 in order, which comes first");
    close(lacks, day(2.5));
    build.goals.stages.remove(0);
    assert_eq!(short(&build).len(), 0);

    let (mut build, a, _) = two_lakes();
    let sea = build.sink("sea");
    let turbines = build.arc("turbines", a, sea, Role::Turbine, 0.4);
    build.arc_mut(turbines).energy = Some(Energy { gwh_per_hm3: 0.2, price: None });
    build.demand("town", a, 0.5);
    build.stage("energy", "energy");
    build.stage("shortage", "shortage");
    let (lacks, reason) = one(&build);
    assert_eq!(reason, "`a` is at its lowest storage; the water of `a` goes first to whom `energy` serves, goal 1 in order");
    close(lacks, day(0.4));
    build.goals.stages.remove(0);
    assert_eq!(short(&build).len(), 0);
}

/// A town that wants 3 m³/s by a pipe of 1 and a canal that is ordered to pass no more than 0.5: either would help.
#[test]
fn a_full_way_and_one_that_a_rule_holds_are_both_told() {
    let (mut build, _, b) = two_lakes();
    let town = build.demand_node("town", 3.0, vec![portion("residents", Use::Domestic, 1.0)]);
    let pipe = build.arc("pipe", b, town, Role::Diversion, 1.0);
    let canal = build.arc("canal", b, town, Role::Diversion, 5.0);
    let order = build.requirement("order", RequirementKind::Command, RuleClass::Command, Of::Flow(vec![(canal, 1.0)]));
    order.ceiling = Some(Bound::Flow(Param::constant(0.5)));
    build.stage("shortage", "shortage");
    let (lacks, reason) = one(&build);
    assert_eq!(reason, "held by the capacity of `pipe`; held by the command `order`");
    close(lacks, day(1.5));
    build.arc_mut(pipe).capacity = Param::constant(2.0);
    close(one(&build).0, day(0.5));
    build.case.network.requirements.pop();
    assert_eq!(short(&build).len(), 0);
}

/// A river whose reach has no capacity, all of whose water reaches the gauge.
#[test]
fn what_has_no_capacity_is_not_full() {
    let mut build = Build::new("1 x 1 d");
    let (river, sea) = (build.junction("river"), build.sink("sea"));
    build.inflow("brook", river, 2.0);
    let mouth = build.arc("mouth", river, sea, Role::Reach, 2.0);
    build.arc_mut(mouth).unbounded = true;
    let gauge =
        build.requirement("gauge", RequirementKind::ControlSection, RuleClass::BaseFlow, Of::Flow(vec![(mouth, 1.0)]));
    gauge.target = Some(Bound::Flow(Param::constant(4.0)));
    build.stage("rivers", "ecological_shortfall");
    let (lacks, reason) = one(&build);
    assert_eq!(reason, "all water of `brook` is taken");
    close(lacks, day(2.0));
}

/// A town that wants 5 m³/s by a canal of 1 and a pipe that passes a tenth of the hm³ that its lake holds: more water would bring more.
#[test]
fn a_full_way_and_one_that_is_full_by_its_lakes_level_are_both_told() {
    let (mut build, _, b) = two_lakes();
    let town = build.demand_node("town", 5.0, vec![portion("residents", Use::Domestic, 1.0)]);
    build.arc("canal", b, town, Role::Diversion, 1.0);
    let pipe = build.arc("pipe", b, town, Role::Diversion, FAR);
    let points = vec![(0.0, 0.0), (50.0, 5.0)];
    build.arc_mut(pipe).discharge = Some(Rating { points, open: Param::constant(1.0) });
    build.stage("shortage", "shortage");
    let (lacks, reason) = one(&build);
    assert_eq!(reason, "held by the capacity of `canal`; held by the capacity of `pipe`");
    build.storage_mut(b).initial_hm3 += 5.0;
    assert!(one(&build).0 < lacks - day(0.4));
}

/// By the rules too a canal is what holds the water of a brook that flows on past it.
#[test]
fn a_full_canal_from_a_brook_is_told_by_the_rules_too() {
    let mut build = Build::new("1 x 1 d");
    let (river, sea) = (build.junction("river"), build.sink("sea"));
    build.inflow("brook", river, 5.0);
    build.arc("mouth", river, sea, Role::Reach, FAR);
    let town = build.demand_node("town", 2.0, vec![portion("residents", Use::Domestic, 1.0)]);
    let canal = build.arc("canal", river, town, Role::Diversion, 0.5);
    build.stage("shortage", "shortage");
    build.goals.method = Method::Rules;
    let (lacks, reason) = one(&build);
    assert_eq!(reason, "held by the capacity of `canal`: more water upstream would not help");
    close(lacks, day(1.5));
    build.arc_mut(canal).capacity = Param::constant(3.0);
    assert_eq!(short(&build).len(), 0);
}

/// A town at a fork below a full gate, past which the water goes on to turbines whose goal comes first.
#[test]
fn a_full_gate_above_who_has_what_passes_is_told_with_it() {
    let (mut build, _, b) = two_lakes();
    let (fork, sea) = (build.junction("fork"), build.sink("sea"));
    let gate = build.arc("gate", b, fork, Role::Gate, 2.0);
    let turbines = build.arc("turbines", fork, sea, Role::Turbine, FAR);
    build.arc_mut(turbines).energy = Some(Energy { gwh_per_hm3: 0.2, price: None });
    build.demand("town", fork, 1.5);
    build.stage("energy", "energy");
    build.stage("shortage", "shortage");
    let (lacks, reason) = one(&build);
    let first = "`fork` had water, kept for `energy`, goal 1 in order, which comes first";
    assert_eq!(reason, format!("held by the capacity of `gate`; {first}"));
    close(lacks, day(1.5));
    // A wider gate alone brings nothing.
    build.arc_mut(gate).capacity = Param::constant(4.0);
    close(one(&build).0, day(1.5));
    build.goals.stages.remove(0);
    assert_eq!(short(&build).len(), 0);
}

/// A town and works that want 2 m³/s each of a brook of 1 and a canal of 2: it is full, and what comes is shared out.
#[test]
fn a_full_canal_into_what_is_shared_out_is_told() {
    let (mut build, _, b) = two_lakes();
    let hub = build.junction("hub");
    let canal = build.arc("canal", b, hub, Role::Diversion, 2.0);
    build.inflow("brook", hub, 1.0);
    for (id, use_) in [("town", Use::Domestic), ("works", Use::Industrial)] {
        let node = build.demand_node(id, 2.0, vec![portion(id, use_, 1.0)]);
        build.arc(&format!("{id}.intake"), hub, node, Role::Intake, 50.0);
    }
    let fair = build.stage("fair", "balance");
    fair.uses = vec!["domestic".to_owned(), "industrial".to_owned()];
    fair.period = Period::Step;
    build.stage("shortage", "shortage");
    let expected =
        "held by the capacity of `canal`; `hub` has no more to give: `fair` shares its water among those that fare alike";
    let told = short(&build);
    assert_eq!(told.len(), 2);
    for (_, lacks, reason) in told {
        assert_eq!(reason, expected);
        close(lacks, day(0.5));
    }
    build.arc_mut(canal).capacity = Param::constant(3.0);
    assert_eq!(short(&build).len(), 0);
}

/// A town behind a canal of 2 m³/s that is fed by a tunnel of 2: neither would do alone.
#[test]
fn two_full_ways_in_a_row_are_told_together() {
    let (mut build, _, b) = two_lakes();
    let (fork, sea) = (build.junction("fork"), build.sink("sea"));
    let tunnel = build.arc("tunnel", b, fork, Role::Gate, 2.0);
    build.arc("mouth", fork, sea, Role::Reach, FAR);
    let town = build.demand_node("town", 3.0, vec![portion("residents", Use::Domestic, 1.0)]);
    let canal = build.arc("canal", fork, town, Role::Diversion, 2.0);
    build.stage("shortage", "shortage");
    let (lacks, reason) = one(&build);
    assert_eq!(reason, "held by the capacity of `canal`; and beyond it held by the capacity of `tunnel`");
    close(lacks, day(1.0));
    build.arc_mut(canal).capacity = Param::constant(3.0);
    let (lacks, reason) = one(&build);
    assert_eq!(reason, "held by the capacity of `tunnel`: more water upstream would not help");
    close(lacks, day(1.0));
    build.arc_mut(tunnel).capacity = Param::constant(3.0);
    assert_eq!(short(&build).len(), 0);
}

/// A section that wants 2 m³/s of a reach, below which a narrow one passes 1.
#[test]
fn a_narrow_way_below_a_section_holds_it() {
    let (mut build, _, b) = two_lakes();
    let (upper, lower, sea) = (build.junction("upper"), build.junction("lower"), build.sink("sea"));
    build.arc("gate", b, upper, Role::Gate, FAR);
    let reach = build.arc("reach", upper, lower, Role::Reach, FAR);
    let narrows = build.arc("narrows", lower, sea, Role::Reach, 1.0);
    let of = Of::Flow(vec![(reach, 1.0)]);
    let gauge = build.requirement("gauge", RequirementKind::ControlSection, RuleClass::BaseFlow, of);
    gauge.target = Some(Bound::Flow(Param::constant(2.0)));
    build.stage("rivers", "ecological_shortfall");
    let (lacks, reason) = one(&build);
    let expected = "what flows by runs into `narrows`, which passes all that it can: more water upstream would not help";
    assert_eq!(reason, expected);
    close(lacks, day(1.0));
    build.arc_mut(narrows).capacity = Param::constant(2.0);
    assert_eq!(short(&build).len(), 0);
}

/// A section of 2 m³/s on a reach of 1, at a fork whose 2 m³/s a town takes first: it lacks both.
#[test]
fn a_full_way_past_which_another_takes_the_water_is_told_with_it() {
    let (mut build, _, _) = two_lakes();
    let (fork, sea) = (build.junction("fork"), build.sink("sea"));
    build.inflow("brook", fork, 2.0);
    let reach = build.arc("reach", fork, sea, Role::Reach, 1.0);
    let of = Of::Flow(vec![(reach, 1.0)]);
    let gauge = build.requirement("gauge", RequirementKind::ControlSection, RuleClass::BaseFlow, of);
    gauge.target = Some(Bound::Flow(Param::constant(2.0)));
    build.demand("town", fork, 1.0);
    build.stage("shortage", "shortage");
    build.stage("rivers", "ecological_shortfall");
    let (lacks, reason) = one(&build);
    let first = "the water of `fork` goes first to whom `shortage` serves, goal 1 in order";
    assert_eq!(reason, format!("held by the capacity of `reach`; and beyond it {first}"));
    close(lacks, day(1.0));
    // Neither alone brings more.
    build.arc_mut(reach).capacity = Param::constant(2.0);
    close(one(&build).0, day(1.0));
    build.goals.stages.remove(0);
    assert!(short(&build).iter().all(|(use_, ..)| use_ != "ecological"));
}

/// Water that a goal after the town's keeps in the lake above, or has had of the town's own lake, is no reason behind a full intake.
#[test]
fn a_lake_that_a_later_goal_leaves_dry_is_no_reason_behind_a_full_way() {
    let (mut build, a, b) = two_lakes();
    build.storage_mut(a).initial_hm3 = 0.0;
    build.arc("gate", b, a, Role::Gate, 20.0);
    build.end(b, 20.0, false);
    let town = build.demand_node("town", 2.0, vec![portion("residents", Use::Domestic, 1.0)]);
    let intake = build.arc("intake", a, town, Role::Intake, 1.0);
    build.stage("shortage", "shortage");
    build.stage("end", "end_storage");
    let (lacks, reason) = one(&build);
    assert_eq!(reason, "held by the capacity of `intake`: more water upstream would not help");
    close(lacks, day(1.0));
    build.arc_mut(intake).capacity = Param::constant(2.0);
    assert_eq!(short(&build).len(), 0);
}

/// A lake that is kept full behind a full canal into a brook's water: the canal alone brings nothing, and neither does the lake.
#[test]
fn a_full_canal_before_a_lake_that_is_kept_full_is_told_with_it() {
    let (mut build, _, b) = two_lakes();
    build.end(b, 20.0, false);
    let (fork, hub, sea) = (build.junction("fork"), build.junction("hub"), build.sink("sea"));
    build.arc("gate", b, fork, Role::Gate, 9.0);
    build.inflow("brook", fork, 1.0);
    build.arc("canal", fork, hub, Role::Diversion, 1.0);
    build.arc("mouth", hub, sea, Role::Reach, FAR);
    build.demand("town", hub, 3.0);
    build.stage("end", "end_storage");
    build.stage("shortage", "shortage");
    let kept = "`b` had water, kept at the end for `end`, goal 1 in order, which comes first";
    assert_eq!(one(&build).1, format!("held by the capacity of `canal`; and beyond it {kept}"));
}

/// A source with a taker that has it all, and another way that brings nothing: it is spent.
#[test]
fn a_source_of_which_another_way_takes_nothing_is_spent() {
    let (mut build, _, _) = two_lakes();
    let source = build.available("wells", 1.0);
    for (id, wants) in [("town", 3.0), ("works", 3.0)] {
        let node = build.demand_node(id, wants, vec![portion(id, Use::Domestic, 1.0)]);
        build.arc(&format!("{id}.intake"), source, node, Role::Intake, 5.0);
        build.stage(id, "shortage").classes = vec![id.to_owned()];
    }
    let plan = solve(&build.case, &build.goals, &SolveOptions::default()).unwrap().plan;
    let by = (&plan.decisions, &plan.stages[..], &plan.certificate.proofs[..]);
    let why = |address: &str| reason(&build.case, &build.goals, by, address, 0).unwrap();
    assert_eq!(why("town"), "all water of `wells` is taken");
    assert_eq!(why("works"), "the water of `wells` goes first to whom `town` serves, goal 1 in order");
}

/// Fields of which no goal asks lack water that a goal's town has: nobody asks for more, whoever has it.
#[test]
fn who_no_goal_asks_for_lacks_because_of_that() {
    let (mut build, _) = river(100.0);
    build.goals.stages.pop();
    assert_eq!(short(&build).last().unwrap().2, "no goal asks for more");
}

/// A lake that may fall by 1 m³/s of a day below a town that wants 2: what holds the water is the rule, by whatever way it leaves.
#[test]
fn a_rule_on_how_fast_a_lake_may_fall_holds_its_water() {
    let (mut build, _, b) = two_lakes();
    let town = build.demand_node("town", 2.0, vec![portion("residents", Use::Domestic, 1.0)]);
    build.arc("intake", b, town, Role::Intake, 5.0);
    let slope = build.requirement("slope", RequirementKind::Operation, RuleClass::Operational, Of::Storage(b));
    slope.fall_per_day = Some(Bound::Volume(Param::constant(day(1.0))));
    build.stage("shortage", "shortage");
    let (lacks, reason) = one(&build);
    assert_eq!(reason, "held by how fast `slope` may change");
    close(lacks, day(1.0));
    let slope = build.case.network.requirements.last_mut().unwrap();
    slope.fall_per_day = Some(Bound::Volume(Param::constant(day(2.0))));
    assert_eq!(short(&build).len(), 0);
}

/// A lake that runs dry has a full outlet beside one with room into the same river: that it is full is no reason.
#[test]
fn a_full_outlet_beside_one_with_room_is_no_reason() {
    let (mut build, a, _) = two_lakes();
    let (river, sea) = (build.junction("river"), build.sink("sea"));
    build.arc("eco", a, river, Role::Gate, 0.1);
    build.arc("gate", a, river, Role::Gate, 20.0);
    build.arc("mouth", river, sea, Role::Reach, FAR);
    build.demand("town", river, 2.0);
    build.stage("shortage", "shortage");
    assert_eq!(one(&build).1, "`a` is at its lowest storage");
}

/// A canal closed on the first day and a river that the city takes first on the third: each day has its own reason.
#[test]
fn what_lacks_on_days_apart_has_the_reason_of_each() {
    let mut build = Build::new("3 x 1 d");
    let (river, hub, sea) = (build.junction("river"), build.junction("hub"), build.sink("sea"));
    build.inflow("spring", river, &[14.0, 14.0, 10.0][..]);
    build.arc("canal", river, hub, Role::Diversion, &[0.0, 100.0, 100.0][..]);
    build.arc("mouth", river, sea, Role::Reach, FAR);
    for (id, at, wants, use_) in [("city", river, 6.0, Use::Domestic), ("fields", hub, 8.0, Use::Agricultural)] {
        let node = build.demand_node(id, wants, vec![portion(id, use_, 1.0)]);
        build.arc(&format!("{id}.intake"), at, node, Role::Intake, 50.0);
        build.stage(id, "shortage").classes = vec![id.to_owned()];
    }
    let told = content(&build);
    let rows: Vec<(&str, &str)> = told.short.iter().map(|row| (&row.from[..10], row.reason.as_str())).collect();
    let first = "the water of `river` goes first to whom `city` serves, goal 1 in order";
    assert_eq!(rows, [("2026-01-01", "`canal` is closed"), ("2026-01-03", first)]);
    let on = |step: usize| told.shortage("fields.fields", step).and_then(|shortage| shortage.reason);
    assert_eq!([on(0).as_deref(), on(1).as_deref(), on(2).as_deref()], [Some("`canal` is closed"), None, Some(first)]);
}

/// What is advised of a lake or section, by its first warning.
pub fn advised(build: &Build, address: &str) -> String {
    let warnings = content(build).warnings;
    warnings.into_iter().find(|row| row.address == address).and_then(|row| row.advice).unwrap()
}

/// A lake that runs dry, below another with water: by a reach with room, and by one that a ceiling holds.
#[test]
fn water_above_a_dry_lake_is_told_of_through_a_reach() {
    let (mut build, a, b) = two_lakes();
    let river = build.junction("river");
    build.arc("b.gate", b, river, Role::Gate, 20.0);
    let reach = build.arc("reach", river, a, Role::Reach, FAR);
    build.demand("town", a, 2.0);
    build.stage("shortage", "shortage");
    let room = "`b` holds water, and `reach` has room for more of it, at the cost of what it is kept for";
    assert_eq!(advised(&build, "a"), room);
    let of = Of::Flow(vec![(reach, 1.0)]);
    build.requirement("limit", RequirementKind::Operation, RuleClass::Operational, of).ceiling =
        Some(Bound::Flow(Param::constant(0.0)));
    assert_eq!(advised(&build, "a"), "only who set the limit of `limit` can lift it");
}

/// A river below a lake whose floor a rule alone keeps, all of whose other water the town takes, which comes first.
#[test]
fn a_floor_that_a_rule_alone_keeps_is_advised_to_be_lifted() {
    let (mut build, a, _) = two_lakes();
    let (river, sea) = (build.junction("river"), build.sink("sea"));
    build.arc("gate", a, river, Role::Gate, FAR);
    let mouth = build.arc("mouth", river, sea, Role::Reach, FAR);
    build.demand("town", a, 1.0);
    let of = Of::Flow(vec![(mouth, 1.0)]);
    build.requirement("gauge", RequirementKind::ControlSection, RuleClass::BaseFlow, of).target =
        Some(Bound::Flow(Param::constant(1.0)));
    build.requirement("line", RequirementKind::Operation, RuleClass::Operational, Of::Storage(a)).floor =
        Some(Bound::Volume(Param::constant(day(0.25))));
    build.stage("shortage", "shortage");
    build.stage("river", "ecological_shortfall");
    let lifted = "only who set the limit of `line` can lift it";
    assert_eq!(advised(&build, "gauge"), lifted);
    build.case.network.requirements.pop();
    assert!(advised(&build, "gauge").starts_with("no standby source"), "{}", advised(&build, "gauge"));
}

/// A flood that an order held the lake's gate before, which passes all that it can when it is over.
#[test]
fn what_held_a_lake_before_its_outlets_were_full_is_told() {
    let mut build = Build::new("2 x 1 d");
    let (lake, sea) = (build.storage("lake", 55.0, 100.0), build.sink("sea"));
    build.storage_mut(lake).flood_limit = Some(Param::constant(60.0));
    build.inflow("brook", lake, &[50.0, 150.0][..]);
    let gate = build.arc("gate", lake, sea, Role::Gate, 60.0);
    build.stage("flood", "flood_limit_excess");
    let room = advised(&build, "lake");
    assert_eq!(room, "its outlets had no room for it before either");
    let of = Of::Flow(vec![(gate, 1.0)]);
    let order = build.param(&[10.0, FAR][..]);
    build.requirement("order", RequirementKind::Command, RuleClass::Operational, of).ceiling = Some(Bound::Flow(order));
    let held = "nothing more could be let out before either; what `lake` lets out is held by `order`";
    assert_eq!(advised(&build, "lake"), held);
}
