//! Each cause on the plan by hand of [`crate::fixture`]: industry has 2, 1.5 and 1 m³/s of 2, by an intake that carries 3 of 5
//! from the lake, and by a well that gives 1, 0.5 and 0 of 1.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc as Shared;

use ndarray::Array2;
use petgraph::graph::NodeIndex;

use super::{Broken, Cause, Much, Reasons};
use crate::case::Case;
use crate::fixture::{self, DAY};
use crate::forcing::{Param, SeriesSource};
use crate::goals::{Goals, Integers, Lexicographic, Method, Period};
use crate::kernel::{Kernel, KernelTable};
use crate::measures::Selection;
use crate::network::{
    ArcId, Bound, Curtailment, EndStorage, NodeId, NodeKind, Of, RequirementKind, Role, RuleClass, Take, Zone,
};
use crate::on_off::{Assurance, Changes, Commitment, Group};
use crate::place::Place;
use crate::plan::{Given, Plan, Proof};
use crate::rating::Rating;
use crate::satisfaction::Satisfactions;
use crate::units::Unit;

const END: f64 = 5.0 + 2.75 * DAY;

/// The reason of a use in the first of its entries, or in the one of a day.
fn of(case: &Case, goals: &Goals, use_: &str, day: Option<usize>) -> Option<String> {
    let period = if day.is_some() { Period::Day } else { Period::Horizon };
    let found = Satisfactions::new(case, Selection::everything(case), &[use_], period);
    Reasons::new(case, goals, &fixture::plan().decisions).of(&found.entries[day.unwrap_or(0)])
}

fn told(case: &Case, goals: &Goals) -> String {
    of(case, goals, "industrial", None).unwrap()
}

/// The case without its well, which stands by.
fn without_well() -> Case {
    let mut case = fixture::case();
    case.network.arcs[fixture::WELL].capacity = Param::constant(0.0);
    case.network.arcs[fixture::WELL].standby = true;
    case
}

/// The goals with one more, before (0) or after (1) the shortage of industry.
fn with(kind: &str, place: usize) -> Goals {
    let mut goals = fixture::goals();
    goals.objectives.push(fixture::objective("other", kind));
    goals.stages.insert(place, goals.objectives.len() - 1);
    goals
}

/// A rule on the intake.
fn on_intake(case: &mut Case, kind: RequirementKind, change: impl FnOnce(&mut crate::network::Requirement)) {
    let intake = Of::Flow(vec![(ArcId(fixture::INTAKE), 1.0)]);
    let mut rule = fixture::requirement("rule", kind, RuleClass::Operational, intake);
    change(&mut rule);
    case.network.requirements.push(rule);
}

fn by_day<U: Unit>(case: &mut Case, values: [f64; 3]) -> Param<U> {
    let values = Array2::from_shape_vec((3, 1), values.to_vec()).unwrap();
    case.forcing.add("test", values, SeriesSource::default())
}

#[test]
fn nothing_is_told_of_what_lacks_nothing_and_water_that_nothing_holds_is_not_explained() {
    let (case, goals) = (fixture::case(), fixture::goals());
    assert_eq!(of(&case, &goals, "domestic", None), None);
    assert_eq!(of(&case, &goals, "industrial", Some(0)), None);
    let kept = told(&case, &goals);
    assert!(kept.contains("`lake` had water") && kept.contains("not told"), "{kept}");
    // A goal that asks for nothing of it.
    let mut goals = fixture::goals();
    goals.stages = vec![1];
    assert_eq!(told(&without_well(), &goals), "no goal asks for more");
}

#[test]
fn water_is_held_for_the_end_by_a_rule_or_by_a_goal_that_comes_first() {
    let mut case = without_well();
    fixture::lake(&mut case).end = Some(EndStorage { storage_hm3: END, hard: true });
    let expected = "`lake` had water, kept for its storage at the end, which is no more than wanted";
    assert_eq!(told(&case, &fixture::goals()), expected);
    fixture::lake(&mut case).end = Some(EndStorage { storage_hm3: END + 0.1, hard: true });
    let expected = "`lake` had water, kept for its storage at the end, which gave way and is less than it must be";
    assert_eq!(told(&case, &fixture::goals()), expected);
    fixture::lake(&mut case).end = Some(EndStorage { storage_hm3: END, hard: false });
    let expected = "`lake` had water, kept at the end for `other`, goal 1 in order, which comes first";
    assert_eq!(told(&case, &with("end_storage", 0)), expected);
    // A goal that comes after, or that has more than it wants, holds nothing.
    assert!(told(&case, &with("end_storage", 1)).contains("not told"));
    fixture::lake(&mut case).end = Some(EndStorage { storage_hm3: END - 0.1, hard: false });
    assert!(told(&case, &with("end_storage", 0)).contains("not told"));
}

#[test]
fn water_is_held_by_a_goal_that_makes_something_of_it_and_comes_first() {
    // Energy, which its turbines make; a proof tells whether it would have to give for the town.
    let (case, mut goals, mut plan) = (without_well(), fixture::goals(), fixture::plan());
    goals.stages = vec![1, 0];
    let industry = |plan: &Plan| {
        let found = Satisfactions::new(&case, Selection::everything(&case), &["industrial"], Period::Horizon);
        Reasons::of_plan(&case, &goals, plan).of(&found.entries[0]).unwrap()
    };
    let expected = "`lake` had water, kept for `energy`, goal 1 in order, which comes first";
    assert_eq!(industry(&plan), expected);
    let given = |rate| vec![Given { what: "energy".to_owned(), at: 0.0, rate }];
    let proof = |rate| Proof { of: "industry".to_owned(), value: 1.0, bound: 1.0, given: given(rate), duals: Vec::new() };
    plan.certificate.proofs = vec![proof(0.5)];
    assert_eq!(industry(&plan), expected);
    plan.certificate.proofs = vec![proof(0.0)];
    assert!(industry(&plan).contains("not told"));
    // Of what flows on: the town takes what the reach below the turbines, which make it now, would pass.
    let mut case = without_well();
    let energy = case.network.arcs[fixture::TURBINES].energy.take();
    case.network.arcs[fixture::TURBINES].role = Role::Gate;
    (case.network.arcs[fixture::REACH].energy, case.network.arcs[fixture::REACH].role) = (energy, Role::Turbine);
    assert_eq!(of(&case, &goals, "industrial", None).unwrap(), expected);
}

#[test]
fn water_is_held_for_a_flow_that_is_owed() {
    // The turbines owe the 6 m³/s that they pass.
    let mut case = without_well();
    let through = Of::Flow(vec![(ArcId(fixture::TURBINES), 1.0)]);
    let mut release = fixture::requirement("release", RequirementKind::WorksRelease, RuleClass::BaseFlow, through);
    release.floor = Some(Bound::Flow(Param::constant(6.0)));
    case.network.requirements.push(release);
    let expected = "`lake` had water, let out for `release`, which has no more than it is owed";
    assert_eq!(told(&case, &fixture::goals()), expected);
    // A target of the river is owed by the goal that comes first, and by none that comes after.
    case.network.requirements.pop();
    let expected = "`lake` had water, let out for `gauge`, which has no more than it is owed";
    assert_eq!(told(&case, &with("ecological_shortfall", 0)), expected);
    assert!(told(&case, &with("ecological_shortfall", 1)).contains("not told"));
}

/// Water that runs into a store below is there over the store's window: what it must hold later, and what it gives later.
#[test]
fn water_is_held_for_what_a_store_below_must_hold_or_gives_on_other_days() {
    let (mut case, mut plan) = (without_well(), fixture::plan());
    let sea = sea(&mut case, &mut plan, [1.0, 2.0, 3.0, 4.0], (0.0, 9.0));
    let second = |case: &Case, goals: &Goals| {
        let found = Satisfactions::new(case, Selection::everything(case), &["industrial"], Period::Day);
        Reasons::new(case, goals, &plan.decisions).of(&found.entries[1]).unwrap()
    };
    assert!(second(&case, &fixture::goals()).contains("not told"));
    // The brook gives all that it has to the lake; by the turbines half of a day's water is in the sea a day later.
    let level = by_day(&mut case, [f64::NEG_INFINITY, f64::NEG_INFINITY, 4.0]);
    let mut order = fixture::requirement("order", RequirementKind::Command, RuleClass::Command, Of::Storage(sea));
    order.floor = Some(Bound::Volume(level));
    case.network.requirements.push(order);
    let expected = "the water of `lake` flows on into `sea` and is kept for `order`, which asks for as much by 2026-07-01";
    assert_eq!(second(&case, &fixture::goals()), expected);
}

/// Owes all that flows to the river.
fn owe_the_river(case: &mut Case) {
    case.network.arcs[fixture::TURBINES].floor = Param::constant(6.0);
    let spilt = by_day(case, [0.0, 0.0, 0.25]);
    case.network.arcs[fixture::SPILLWAY].floor = spilt;
}

#[test]
fn a_lake_at_its_lowest_or_below_names_the_level_or_the_rule() {
    let mut case = without_well();
    fixture::lake(&mut case).lower = Param::constant(9.0);
    let goals = fixture::goals();
    assert_eq!(told(&case, &goals), "`lake` is below its lowest storage");
    // 9 hm³ lie 4 of 15 above the curve's point at 110 m.
    let dead = 110.0 + 10.0 * 4.0 / 15.0;
    fixture::lake(&mut case).levels.push(("dead".to_owned(), Param::constant(dead)));
    assert_eq!(told(&case, &goals), "`lake` is below its lowest storage, `dead`");
    let mut rule = fixture::requirement(
        "reserve_line",
        RequirementKind::Operation,
        RuleClass::Operational,
        Of::Storage(NodeId(fixture::LAKE_NODE)),
    );
    rule.floor = Some(Bound::Volume(Param::constant(9.0)));
    case.network.requirements.push(rule);
    assert_eq!(told(&case, &goals), "`lake` is below its lowest storage, `reserve_line`");
    let stored = fixture::plan().decisions.storage_hm3;
    let held = by_day(&mut case, [stored[[0, 1]], stored[[0, 2]], stored[[0, 3]]]);
    case.network.requirements.last_mut().unwrap().floor = Some(Bound::Volume(held));
    assert_eq!(told(&case, &goals), "`lake` is at its lowest storage, `reserve_line`");
    // What others have had of it is no reason behind a full intake.
    case.network.arcs[fixture::INTAKE].capacity = Param::constant(3.0);
    let narrow = "held by the capacity of `town.intake`: more water upstream would not help";
    assert_eq!(told(&case, &goals), narrow, "the river takes water that nobody is owed");
}

#[test]
fn a_lake_that_falls_to_its_lowest_later_has_its_water_shared_out_until_then() {
    let mut case = without_well();
    let lower = by_day(&mut case, [1.0, 1.0, END]);
    fixture::lake(&mut case).lower = lower;
    let goals = fixture::goals();
    let expected = "`lake` is at its lowest storage by 2026-07-01: until then its water is shared out";
    assert_eq!(of(&case, &goals, "industrial", Some(1)).unwrap(), expected);
    assert_eq!(of(&case, &goals, "industrial", Some(2)).unwrap(), "`lake` is at its lowest storage");
    // Each stretch of one cause is told by itself.
    let found = Reasons::new(&case, &goals, &fixture::plan().decisions).causes("town.industry", 1..3);
    let lake = "lake".to_owned();
    let later = Cause::Later(lake.clone(), "2026-07-01".to_owned(), None);
    assert_eq!(found, [(1..2, later), (2..3, Cause::Lowest(lake, None))]);
    // Where a rule keeps as much in it, who set that can lift it.
    let lake = Of::Storage(NodeId(fixture::LAKE_NODE));
    let mut rule = fixture::requirement("line", RequirementKind::Operation, RuleClass::Operational, lake);
    rule.floor = Some(Bound::Volume(by_day(&mut case, [1.0, 1.0, END])));
    case.network.requirements.push(rule);
    let found = Reasons::new(&case, &goals, &fixture::plan().decisions).causes("town.industry", 1..3);
    let told: Vec<String> = found.iter().map(|(_, cause)| cause.sentence()).collect();
    let shared = "`lake` is at its lowest storage by 2026-07-01, `line`: until then its water is shared out";
    assert_eq!(told, [shared, "`lake` is at its lowest storage, `line`"]);
    let lifts = Some("only who set the limit of `line` can lift it".to_owned());
    assert!(found.iter().all(|(_, cause)| cause.way_out() == lifts), "{found:?}");
}

#[test]
fn a_lake_at_its_lowest_is_told_with_the_way_into_it_that_passes_all_that_it_can() {
    // The town takes from a lake by the sea, which the river fills; the upper lake has water.
    let (mut case, goals, mut plan) = (without_well(), fixture::goals(), fixture::plan());
    case.network.requirements.clear();
    fixture::lake(&mut case).end = None;
    let sea = sea(&mut case, &mut plan, [3.0, 3.0, 3.0, 1.0], (1.0, 9.0));
    case.network.arcs[fixture::INTAKE].tail = sea;
    let graph = &mut case.network.graph;
    let [lake, town, sea] = [fixture::LAKE_NODE, fixture::TOWN_NODE, sea.0].map(NodeIndex::new);
    let intake = graph.remove_edge(graph.find_edge(lake, town).unwrap()).unwrap();
    graph.add_edge(sea, town, intake);
    let industry = |case: &Case, day: usize| {
        let reasons = Reasons::new(case, &goals, &plan.decisions);
        reasons.cause_over("town.industry", day..day + 1).unwrap()
    };
    let lowest = "`sea` is at its lowest storage";
    assert_eq!(industry(&case, 2).sentence(), lowest);
    let capacity = by_day(&mut case, [7.5, 7.75, 7.75]);
    case.network.arcs[fixture::REACH].capacity = capacity;
    let narrow = "held by the capacity of `lower_river`";
    assert_eq!(industry(&case, 2).sentence(), format!("{lowest}; {narrow}"));
    let later = format!("{lowest} by 2026-07-01: until then its water is shared out; {narrow}");
    assert_eq!(industry(&case, 1).sentence(), later);
    assert_eq!(industry(&case, 1).way_out().unwrap(), "a wider `lower_river`, or water from below it, would help");
    // What could have come on the first day, and been kept.
    let capacity = by_day(&mut case, [8.0, 7.75, 7.75]);
    case.network.arcs[fixture::REACH].capacity = capacity;
    assert_eq!(industry(&case, 2).sentence(), lowest);
}

#[test]
fn a_flow_on_the_way_to_whom_it_reaches_takes_nothing_from_it() {
    // The intake owes more than it brings on both days on which industry lacks: what it brings is the town's.
    let (mut case, goals) = (without_well(), fixture::goals());
    let floor = by_day(&mut case, [0.0, 6.0, 6.0]);
    on_intake(&mut case, RequirementKind::Operation, |rule| rule.floor = Some(Bound::Flow(floor)));
    assert!(told(&case, &goals).contains("not told"), "{}", told(&case, &goals));
    // Owed on a day on which nothing lacks, it has water that could have been kept for the others.
    let floor = by_day(&mut case, [6.0, 6.0, 6.0]);
    case.network.requirements.last_mut().unwrap().floor = Some(Bound::Flow(floor));
    assert!(told(&case, &goals).contains("let out for `rule`"), "{}", told(&case, &goals));
}

#[test]
fn where_no_goal_comes_first_what_another_keeps_for_the_end_weighs_more() {
    let mut case = without_well();
    fixture::lake(&mut case).end = Some(EndStorage { storage_hm3: END, hard: false });
    let mut goals = with("end_storage", 1);
    goals.method = Method::Weighted;
    assert_eq!(told(&case, &goals), "`lake` had water, kept at the end for `other`, which weighs more");
}

#[test]
fn what_blocks_a_way_to_free_water_is_told() {
    let goals = fixture::goals();
    let mut case = without_well();
    case.network.arcs[fixture::INTAKE].capacity = Param::constant(3.0);
    assert_eq!(told(&case, &goals), "held by the capacity of `town.intake`: more water upstream would not help");
    // Not where a goal that comes first holds what lies beyond.
    fixture::lake(&mut case).end = Some(EndStorage { storage_hm3: END, hard: false });
    let mut reserve = with("end_storage", 0);
    reserve.objectives[0].classes.clear();
    assert!(told(&case, &reserve).starts_with("held by the capacity"), "the river takes water that nobody is owed");
    owe_the_river(&mut case);
    reserve.objectives[0].kind = "balance".to_owned();
    reserve.objectives[0].form = Some("leximin".to_owned());
    reserve.objectives[0].uses = vec!["production".to_owned(), "domestic".to_owned()];
    let kept = "`lake` had water, kept at the end for `other`, goal 1 in order, which comes first";
    assert_eq!(told(&case, &reserve), format!("held by the capacity of `town.intake`; and beyond it {kept}"));

    let mut case = without_well();
    let capacity = by_day(&mut case, [5.0, 0.0, 0.0]);
    case.network.arcs[fixture::INTAKE].capacity = capacity;
    assert_eq!(told(&case, &goals), "`town.intake` is closed");

    for (kind, expected) in [
        (RequirementKind::Command, "held by the command `rule`"),
        (RequirementKind::SafeDischarge, "held by the ceiling of `rule`"),
    ] {
        let mut case = without_well();
        on_intake(&mut case, kind, |rule| rule.ceiling = Some(Bound::Flow(Param::constant(3.0))));
        assert_eq!(told(&case, &goals), expected);
    }
    let mut case = without_well();
    on_intake(&mut case, RequirementKind::Operation, |rule| rule.rise_per_day = Some(Bound::Flow(Param::constant(0.0))));
    assert_eq!(told(&case, &goals), "held by how fast `rule` may change");
}

#[test]
fn with_whole_numbers_groups_and_changes_hold_a_way_and_assured_targets_are_owed() {
    // On the third day the well stands still beside the intake.
    let mut case = fixture::case();
    let arcs = vec![ArcId(fixture::INTAKE), ArcId(fixture::WELL)];
    let (id, place) = ("gates".to_owned(), Place::new("basin.toml", 1));
    case.network.groups.push(Group { name: id.clone(), id, place, arcs, most_open: 1 });
    let mut goals = fixture::goals();
    assert!(of(&case, &goals, "industrial", Some(2)).unwrap().contains("not told"));
    goals.integers = Some(Integers::default());
    let expected = "`well_pump` may not be opened while `town.intake` is open";
    assert_eq!(of(&case, &goals, "industrial", Some(2)).unwrap(), expected);
    // The intake is left as it is.
    let mut case = without_well();
    let changes = Some(Changes { most: 0, days: 3.0 });
    case.network.arcs[fixture::INTAKE].commitment = Some(Box::new(Commitment { changes, ..Commitment::default() }));
    assert_eq!(told(&case, &goals), "held by how often `town.intake` may change");
    // The turbines pass the 6 m³/s of a target, owed on half of the days.
    let mut case = without_well();
    let through = Of::Flow(vec![(ArcId(fixture::TURBINES), 1.0)]);
    let mut bridge = fixture::requirement("bridge", RequirementKind::ControlSection, RuleClass::BaseFlow, through);
    bridge.target = Some(Bound::Flow(Param::constant(6.0)));
    case.network.requirements.push(bridge);
    assert!(told(&case, &goals).contains("not told"));
    let assurance = Assurance { share: 0.5, before: (0.0, 0.0), longest_days: None, failing_days: 0.0 };
    case.network.requirements.last_mut().unwrap().assurance = Some(assurance);
    let expected = "`lake` had water, let out for `bridge`, which has no more than it is owed";
    assert_eq!(told(&case, &goals), expected);
}

#[test]
fn an_account_that_is_used_up_holds_if_it_is_hard_or_its_goal_comes_first() {
    // Three days of 3 m³/s are 0.7776 hm³: all that the permit leaves.
    let mut case = without_well();
    case.network.accounts[0].windows[0].available_hm3 = 9.0 * DAY;
    // The year's limit leaves 2 hm3, most of it for the days after the end.
    let share = "held by the account `permit`: the part of it that these days may use is used up";
    assert_eq!(told(&case, &fixture::goals()), share);
    case.network.accounts[0].windows[0].limit_hm3 = 8.0 + 9.0 * DAY;
    let expected = "held by the account `permit`, which is used up";
    assert_eq!(told(&case, &fixture::goals()), expected);
    case.network.accounts[0].hard = false;
    assert_eq!(told(&case, &with("account_excess", 0)), expected);
    assert!(told(&case, &with("account_excess", 1)).contains("not told"));
}

#[test]
fn water_that_is_long_on_its_way_came_too_late_to_be_sent() {
    let mut case = without_well();
    case.network.arcs[fixture::INTAKE].receivers[0].kernel = Kernel::Table(Shared::new(KernelTable {
        arrivals: vec![Vec::new(), Vec::new(), Vec::new()],
        after_end: vec![1.0; 3],
        from_before_hm3: vec![3.0 * DAY; 3],
        from_before_after_end_hm3: 0.0,
    }));
    assert_eq!(told(&case, &fixture::goals()), "what `town.intake` would bring had to leave before the start");
}

#[test]
fn rules_hedge_by_the_zone_that_the_lake_lies_in() {
    let mut case = without_well();
    let mut goals = fixture::goals();
    goals.method = Method::Rules;
    assert!(told(&case, &goals).contains("not told"));
    let zone = Zone {
        name: "保证供水区".to_owned(),
        top: Param::constant(6.0),
        supply: vec![("residents".to_owned(), 0.9), ("industry".to_owned(), 0.5)],
        release: None,
        response: None,
    };
    fixture::lake(&mut case).zones = vec![zone];
    assert_eq!(told(&case, &goals), "`lake` lies in zone `保证供水区` of its rule curve, which hedges");
}

#[test]
fn what_a_curtailment_cuts_is_said_to_be_no_shortage() {
    let mut case = fixture::case();
    fixture::town(&mut case).portions[1].curtailed = Some(Param::constant(0.05));
    let (from, to) = (case.horizon.edges[1].clone(), case.horizon.edges[3].clone());
    case.network.curtailments.push(Curtailment {
        id: "saving".to_owned(),
        name: "节水".to_owned(),
        place: Place::new("basin.toml", 1),
        cuts: vec![(NodeId(fixture::TOWN_NODE), "residents".to_owned())],
        depth: 0.2,
        response: None,
        lead_h: 0.0,
        clause: "令".to_owned(),
        ordered: true,
        effect: Some((from, to)),
    });
    let goals = fixture::goals();
    let expected = "cut by the curtailment `saving`, which is no shortage";
    assert_eq!(of(&case, &goals, "domestic", None).unwrap(), expected);
    assert_eq!(of(&case, &goals, "domestic", Some(0)), None);
}

/// A rule of safe discharge that bears so much, m³/s, on a way, broken on the first day: what forces the flow.
fn forced(case: &mut Case, goals: &Goals, plan: &Plan, (arc, ceiling): (usize, f64)) -> Much {
    let on = Of::Flow(vec![(ArcId(arc), 1.0)]);
    let mut rule = fixture::requirement("safe", RequirementKind::SafeDischarge, RuleClass::SafeDischarge, on);
    rule.ceiling = Some(Bound::Flow(Param::constant(ceiling)));
    case.network.requirements.push(rule);
    let found = Reasons::of_plan(case, goals, plan).broken("safe.ceiling", 0);
    case.network.requirements.pop();
    let Some(Broken::TooMuch(much)) = found else { panic!("{found:?}") };
    much
}

/// Without goals, and without what rules of the hand's case ask of its river.
fn bare() -> (Case, Goals, Plan) {
    let (mut case, mut goals) = (fixture::case(), fixture::goals());
    goals.stages.clear();
    case.network.requirements.clear();
    (case, goals, fixture::plan())
}

#[test]
fn what_left_before_the_start_breaks_a_rule_that_would_be_kept_without_it() {
    // Of the 7.5 m³/s below the lake 2.5 left its turbines the day before.
    let (mut case, goals, plan) = bare();
    let past = Much::Past("lake.turbines".to_owned());
    assert_eq!(forced(&mut case, &goals, &plan, (fixture::REACH, 5.5)), past);
    // At 4 there were too much without them: the way that brings more is told.
    fixture::lake(&mut case).end = None;
    let mut gauge = fixture::requirement(
        "gauge",
        RequirementKind::ControlSection,
        RuleClass::BaseFlow,
        Of::Flow(vec![(ArcId(fixture::TURBINES), 1.0)]),
    );
    gauge.floor = Some(Bound::Flow(Param::constant(6.0)));
    case.network.requirements.push(gauge);
    let floor = Much::Floor("gauge".to_owned());
    assert_eq!(forced(&mut case, &goals, &plan, (fixture::REACH, 4.0)), floor);
}

#[test]
fn a_flow_that_may_fall_no_faster_breaks_a_rule() {
    let (mut case, goals, plan) = bare();
    case.network.arcs[fixture::TURBINES].previous_flow = Some(8.0);
    let on = Of::Flow(vec![(ArcId(fixture::TURBINES), 1.0)]);
    let mut ramp = fixture::requirement("ramp", RequirementKind::Operation, RuleClass::Operational, on);
    ramp.fall_per_day = Some(Bound::Flow(Param::constant(2.0)));
    case.network.requirements.push(ramp);
    assert_eq!(forced(&mut case, &goals, &plan, (fixture::TURBINES, 5.0)), Much::Falls("ramp".to_owned()));
}

#[test]
fn floors_below_break_a_rule_above() {
    // The residents' floor by the intake; what the lake must hold at the end by the brook, where it may be taken or left.
    let (mut case, goals, plan) = bare();
    let supplies = Much::Supplies(NodeId(fixture::LAKE_NODE));
    assert_eq!(forced(&mut case, &goals, &plan, (fixture::INTAKE, 2.0)), supplies);
    fixture::lake(&mut case).end = Some(EndStorage { storage_hm3: END, hard: true });
    fixture::town(&mut case).portions[0].floor = false;
    let NodeKind::Source(brook) = &mut case.network.nodes[0].kind else { panic!("the brook is a source") };
    brook.take = Take::Available;
    assert_eq!(forced(&mut case, &goals, &plan, (fixture::BROOK, 9.0)), Much::End("lake".to_owned()));
}

#[test]
fn goals_that_come_first_break_the_rule_of_one_that_comes_later_and_what_it_leaves_open_is_taken() {
    let (mut case, mut goals, mut plan) = bare();
    goals.objectives.push(fixture::objective("excess", "discharge_excess"));
    // Energy is before it, and is made of the flow.
    goals.stages = vec![1, 3];
    let first = |goal: &str, place| Much::First(goal.to_owned(), place);
    let safe = (fixture::TURBINES, 5.0);
    assert_eq!(forced(&mut case, &goals, &plan, safe), first("energy", 1));
    // Of two before it, its proof tells which would have to give.
    goals.stages = vec![1, 0, 3];
    let given = Given { what: "energy".to_owned(), at: 0.0, rate: 2.0 };
    let proof = Proof { of: "excess".to_owned(), value: 1.0, bound: 1.0, given: vec![given], duals: Vec::new() };
    plan.certificate.proofs = vec![proof];
    assert_eq!(forced(&mut case, &goals, &plan, safe), first("energy", 1));
    plan.certificate.proofs[0].given[0].what = "industry[1]".to_owned();
    assert_eq!(forced(&mut case, &goals, &plan, safe), first("industry", 2));
    // Before energy it came to nothing by itself: the three days' 1 m³/s above it were taken afterwards.
    goals.stages = vec![3, 1];
    plan.stages[0].objective = "excess".to_owned();
    plan.stages[0].value = 0.0;
    assert_eq!(forced(&mut case, &goals, &plan, safe), Much::Open("excess".to_owned()));
}

/// Why the lake stands above a flood limit of 5 hm³ at the end of the first day; it holds 5.0864.
fn high(case: &mut Case, goals: &Goals, plan: &Plan) -> Much {
    fixture::lake(case).flood_limit = Some(Param::constant(5.0));
    let Some(Broken::TooMuch(much)) = Reasons::of_plan(case, goals, plan).broken("lake.flood_limit", 0) else {
        panic!("the lake stands too high")
    };
    much
}

#[test]
fn goals_that_come_first_keep_water_above_a_limit_that_the_outlets_could_let_out() {
    let (mut case, mut goals, mut plan) = bare();
    let lake = NodeId(fixture::LAKE_NODE);
    fixture::town(&mut case).portions.iter_mut().for_each(|portion| portion.floor = false);
    fixture::lake(&mut case).end = None;
    assert_eq!(high(&mut case, &goals, &plan), Much::Unknown(lake));
    // Above its limit by what the sum of what gave way is held to.
    plan.decisions.storage_hm3[[0, 1]] = 5.0 + 1.5e-6;
    assert_eq!(high(&mut case, &goals, &plan), Much::Within(lake));
    plan = fixture::plan();
    // A reserve for the end, before and after what keeps the limit.
    goals.objectives.push(fixture::objective("excess", "flood_limit_excess"));
    goals.objectives.push(fixture::objective("reserve", "end_storage"));
    goals.stages = vec![4, 3];
    fixture::lake(&mut case).end = Some(EndStorage { storage_hm3: END, hard: false });
    assert_eq!(high(&mut case, &goals, &plan), Much::Kept(lake, "reserve".to_owned(), 1));
    goals.stages = vec![3, 4];
    // It came to nothing by itself, by its proof or by the engine's word; or to less than what is there.
    plan.stages[0].objective = "excess".to_owned();
    let proof = Proof { of: "excess".to_owned(), value: 0.0, bound: 0.0, given: Vec::new(), duals: Vec::new() };
    for (value, bound, proofs) in
        [(0.0, Some(0.05), vec![proof]), (1.0, Some(0.0), Vec::new()), (1.0, Some(0.05), Vec::new())]
    {
        (plan.stages[0].value, plan.stages[0].bound, plan.certificate.proofs) = (value, bound, proofs);
        assert_eq!(high(&mut case, &goals, &plan), Much::Open("excess".to_owned()));
    }
    // What the engine did not come to the end of, it may not have needed.
    plan.stages[0].outcome = "feasible".to_owned();
    assert_eq!(high(&mut case, &goals, &plan), Much::Unproved("excess".to_owned()));
    // Weighed against each other none comes first.
    goals.method = Method::Weighted;
    assert_eq!(high(&mut case, &goals, &plan), Much::Outweighed);
    goals.method = Method::Lexicographic(Lexicographic::Faces);
    // Less spill asks to keep it, too; and what must be held at the end.
    goals.stages = vec![2, 3];
    plan.stages.clear();
    assert_eq!(high(&mut case, &goals, &plan), Much::Kept(lake, "spill".to_owned(), 1));
    goals.stages.clear();
    fixture::lake(&mut case).end = Some(EndStorage { storage_hm3: END, hard: true });
    assert_eq!(high(&mut case, &goals, &plan), Much::End("lake".to_owned()));
    // An account that is used up by what runs below; kept by no document, by the goal that comes first.
    fixture::lake(&mut case).end = None;
    case.network.accounts[0].terms[0].0 = ArcId(fixture::REACH);
    assert_eq!(high(&mut case, &goals, &plan), Much::Held(lake, "permit".to_owned(), true));
    case.network.accounts[0].hard = false;
    goals.objectives.push(fixture::objective("permits", "account_excess"));
    goals.stages = vec![5, 3];
    assert_eq!(high(&mut case, &goals, &plan), Much::Kept(lake, "permits".to_owned(), 1));
}

#[test]
fn rules_keep_water_above_a_limit_that_gives_way_to_them() {
    let (mut case, goals, mut plan) = bare();
    let lake = NodeId(fixture::LAKE_NODE);
    fixture::town(&mut case).portions.iter_mut().for_each(|portion| portion.floor = false);
    fixture::lake(&mut case).end = None;
    let mut rule = fixture::requirement("order", RequirementKind::Command, RuleClass::Command, Of::Storage(lake));
    rule.floor = Some(Bound::Volume(Param::constant(5.0 + DAY)));
    case.network.requirements.push(rule);
    let last = case.network.requirements.len() - 1;
    assert_eq!(high(&mut case, &goals, &plan), Much::Least(lake, "order".to_owned(), None));
    // Only what the third day must end with.
    let floor = by_day(&mut case, [f64::NEG_INFINITY, f64::NEG_INFINITY, END]);
    case.network.requirements[last].floor = Some(Bound::Volume(floor));
    assert_eq!(high(&mut case, &goals, &plan), Much::Least(lake, "order".to_owned(), Some(2)));
    // It falls by 0.1 hm³ on the first day, as fast as it may.
    plan.decisions.storage_hm3[[0, 0]] = 5.0 + DAY + 0.1;
    case.network.requirements[last].fall_per_day = Some(Bound::Volume(Param::constant(0.1)));
    assert_eq!(high(&mut case, &goals, &plan), Much::Slow(lake, "order".to_owned()));
    // A rule that gives way before the limit does is no reason.
    case.network.requirements[last].class = RuleClass::Operational;
    assert_eq!(high(&mut case, &goals, &plan), Much::Unknown(lake));
}

#[test]
fn an_outlet_of_the_simulator_passes_what_its_rating_gives_at_the_start() {
    // 6 m³/s at 5 hm³, with which the day begins; at the mean of 5.0432 hm³ it were more.
    let (mut case, mut goals, plan) = bare();
    goals.method = Method::Rules;
    case.network.arcs[fixture::SPILLWAY].capacity = Param::constant(0.0);
    let rating = Rating { points: vec![(0.0, 0.0), (5.0, 6.0), (6.0, 20.0)], open: Param::constant(1.0) };
    case.network.arcs[fixture::TURBINES].discharge = Some(rating);
    assert_eq!(high(&mut case, &goals, &plan), Much::Outlets(NodeId(fixture::LAKE_NODE), 6.0));
}

#[test]
fn a_lake_that_rises_too_fast_has_outlets_that_pass_no_more() {
    let (mut case, goals, plan) = bare();
    case.network.arcs[fixture::TURBINES].capacity = Param::constant(6.0);
    case.network.arcs[fixture::SPILLWAY].capacity = Param::constant(0.0);
    let lake = NodeId(fixture::LAKE_NODE);
    let mut rule = fixture::requirement("slow", RequirementKind::Operation, RuleClass::Operational, Of::Storage(lake));
    rule.rise_per_day = Some(Bound::Volume(Param::constant(0.01)));
    case.network.requirements.push(rule);
    let found = Reasons::of_plan(&case, &goals, &plan).broken("slow.rise", 0);
    assert!(
        matches!(&found, Some(Broken::Rises(Much::Outlets(node, passed))) if *node == lake && *passed == 6.0),
        "{found:?}"
    );
}

/// The sea as a storage that holds so much at the edges of the days, at its lowest or at its top by the end of the first.
fn sea(case: &mut Case, plan: &mut Plan, stored: [f64; 4], (lower, upper): (f64, f64)) -> NodeId {
    let mut storage = fixture::lake(case).clone();
    (storage.lower, storage.upper) = (Param::constant(lower), Param::constant(upper));
    (storage.initial_hm3, storage.flood_limit, storage.end) = (stored[0], None, None);
    case.network.nodes[4].kind = NodeKind::Storage(Box::new(storage));
    plan.decisions.storage_hm3.push_row(ndarray::ArrayView1::from(&stored)).unwrap();
    NodeId(4)
}

/// Without goals, floors and ends, and the lake's outlets open.
fn open() -> (Case, Goals, Plan) {
    let (mut case, goals, plan) = bare();
    fixture::town(&mut case).portions.iter_mut().for_each(|portion| portion.floor = false);
    fixture::lake(&mut case).end = None;
    (case, goals, plan)
}

#[test]
fn what_the_lake_would_let_out_is_stopped_where_it_leads_to() {
    let (mut case, goals, mut plan) = open();
    let lake = NodeId(fixture::LAKE_NODE);
    case.network.arcs[fixture::REACH].capacity = Param::constant(7.5);
    assert_eq!(high(&mut case, &goals, &plan), Much::Narrow(lake, "lower_river".to_owned()));
    let room = |case: &Case| Reasons::of_plan(case, &goals, &fixture::plan()).room_m3s(lake, 0, 1);
    assert_eq!(room(&case), 0.0);
    case.network.arcs[fixture::REACH].capacity = Param::constant(8.0);
    assert_eq!(room(&case), 0.5, "the turbines have more room, the river has not");
    assert_eq!(high(&mut case, &goals, &plan), Much::Unknown(lake));
    // A storage below is at its top before it is at its lowest; or there is room in it.
    sea(&mut case, &mut plan, [2.0, 3.0, 3.0, 3.0], (1.0, 3.0));
    assert_eq!(high(&mut case, &goals, &plan), Much::Held(lake, "sea.top".to_owned(), true));
    let NodeKind::Storage(storage) = &mut case.network.nodes[4].kind else { panic!("the sea is a storage") };
    storage.upper = Param::constant(4.0);
    assert_eq!(high(&mut case, &goals, &plan), Much::Unknown(lake));
}

#[test]
fn the_simulator_lets_out_along_the_first_way_alone() {
    let (mut case, mut goals, mut plan) = open();
    let lake = NodeId(fixture::LAKE_NODE);
    case.network.arcs[fixture::TURBINES].receivers[0].kernel = Kernel::Instant;
    case.network.arcs[fixture::REACH].capacity = Param::constant(7.5);
    // The well's pump as a second way out of the river.
    let source = std::mem::replace(&mut case.network.arcs[fixture::WELL].tail, NodeId(2));
    let graph = &mut case.network.graph;
    let [source, town, river] = [source.0, fixture::TOWN_NODE, 2].map(NodeIndex::new);
    let pump = graph.remove_edge(graph.find_edge(source, town).unwrap()).unwrap();
    graph.add_edge(river, town, pump);
    case.network.arcs[fixture::WELL].capacity = Param::constant(5.0);
    // The town, which has all that it asks for, takes no more.
    assert_eq!(high(&mut case, &goals, &plan), Much::Narrow(lake, "lower_river".to_owned()));
    plan.decisions.supply_m3s[[2, 0]] = 1.5;
    // What comes back of what it lacks would not pass either.
    assert_eq!(high(&mut case, &goals, &plan), Much::Narrow(lake, "lower_river".to_owned()));
    fixture::town(&mut case).returns.clear();
    assert_eq!(high(&mut case, &goals, &plan), Much::Unknown(lake));
    goals.method = Method::Rules;
    assert_eq!(high(&mut case, &goals, &plan), Much::Narrow(lake, "lower_river".to_owned()));
}

#[test]
fn outlets_with_room_are_held_by_what_comes_after_and_by_how_they_may_be_opened() {
    let (mut case, mut goals, plan) = open();
    let lake = NodeId(fixture::LAKE_NODE);
    let on = Of::Flow(vec![(ArcId(fixture::TURBINES), 1.0), (ArcId(fixture::SPILLWAY), 1.0)]);
    let mut ramp = fixture::requirement("ramp", RequirementKind::Operation, RuleClass::Operational, on);
    ramp.fall_per_day = Some(Bound::Flow(Param::constant(0.0)));
    case.network.requirements.push(ramp);
    assert_eq!(high(&mut case, &goals, &plan), Much::Falls("ramp".to_owned()));
    case.network.requirements.clear();
    case.network.arcs[fixture::SPILLWAY].capacity = Param::constant(0.0);
    let changes = Some(Changes { most: 0, days: 3.0 });
    case.network.arcs[fixture::TURBINES].commitment = Some(Box::new(Commitment { changes, ..Commitment::default() }));
    assert_eq!(high(&mut case, &goals, &plan), Much::Unknown(lake));
    goals.integers = Some(Integers { gap: 0.0, time_limit_s: None });
    assert_eq!(high(&mut case, &goals, &plan), Much::Switched(lake, "lake.turbines".to_owned()));
}

#[test]
fn what_lies_within_what_a_solve_leaves_in_a_row_is_at_its_bound() {
    let (mut case, goals, plan) = open();
    let near = 5e-6 / DAY;
    case.network.arcs[fixture::TURBINES].capacity = Param::constant(6.0 + near);
    case.network.arcs[fixture::SPILLWAY].capacity = Param::constant(near);
    assert_eq!(high(&mut case, &goals, &plan), Much::Outlets(NodeId(fixture::LAKE_NODE), 6.0));
}

#[test]
fn a_storage_at_its_lowest_below_needs_a_flow_that_is_too_much_and_the_head_that_lets_it_pass() {
    let (mut case, goals, mut plan) = open();
    let sea = sea(&mut case, &mut plan, [1.0, 2.0, 3.0, 4.0], (2.0, 9.0));
    assert_eq!(forced(&mut case, &goals, &plan, (fixture::TURBINES, 5.0)), Much::Lowest(sea, 0));
    // 6 m³/s at the day's mean of 5.0432 hm³, in proportion to what the lake holds.
    let mean = 5.0 + DAY / 2.0;
    let rating = Rating { points: vec![(0.0, 0.0), (10.0, 60.0 / mean)], open: Param::constant(1.0) };
    case.network.arcs[fixture::TURBINES].discharge = Some(rating);
    let lowest = Box::new(Much::Lowest(sea, 0));
    let expected = Much::Head(NodeId(fixture::LAKE_NODE), "lake.turbines".to_owned(), lowest);
    assert_eq!(high(&mut case, &goals, &plan), expected);
}

#[test]
fn a_head_lets_pass_the_day_after_what_makes_room_until_the_lake_is_at_its_limit() {
    let (mut case, goals, plan) = open();
    let lake = NodeId(fixture::LAKE_NODE);
    assert_eq!(high(&mut case, &goals, &plan), Much::Unknown(lake));
    // 6 m³/s at the second day's mean of 5.1296 hm³, in proportion to what the lake holds; on the third it is over its limit, too.
    let mean = 5.0 + 1.5 * DAY;
    let rating = Rating { points: vec![(0.0, 0.0), (10.0, 60.0 / mean)], open: Param::constant(1.0) };
    case.network.arcs[fixture::TURBINES].discharge = Some(rating);
    let room = Box::new(Much::Limit(lake, Some(2), None));
    assert_eq!(high(&mut case, &goals, &plan), Much::Head(lake, "lake.turbines".to_owned(), room));
}

#[test]
fn what_no_gate_shuts_passes_in_the_simulator_what_the_level_gives() {
    let (mut case, mut goals, plan) = open();
    goals.method = Method::Rules;
    case.network.arcs[fixture::TURBINES].free_overflow = true;
    let overflows = Much::Overflows("lake.turbines".to_owned());
    assert_eq!(forced(&mut case, &goals, &plan, (fixture::TURBINES, 5.0)), overflows);
}
