//! What binds, of the plan by hand of `fixture`: each kind that is told, and what gave way.

#![allow(clippy::unwrap_used, reason = "tests")]

use super::{Binding, LOOKED_AT, NOT_HELD, held_beside, trace};
use crate::audit::audit;
use crate::case::Case;
use crate::document::{Content, WaterValueRow, document};
use crate::fixture::{self, DAY};
use crate::forcing::Param;
use crate::goals::{Goals, Integers};
use crate::network::{ArcId, Bound, EndStorage, NodeId, Of, RequirementKind, RuleClass};
use crate::on_off::{Assurance, Changes, Commitment, Group};
use crate::plan::{Plan, Relaxation};

fn of(case: &Case, plan: &Plan) -> Content {
    let goals = fixture::goals();
    document(case, &goals, plan, &audit(case, &goals, plan)).content
}

/// The well gives 1 m³/s, of which the town takes 1, 0.5 and 0.
#[test]
fn a_source_whose_water_is_taken_binds_where_it_is_drawn_on() {
    let content = of(&fixture::case(), &fixture::plan());
    let at = |step| words(&content.binds("town", step)).contains(&("well", "available"));
    assert_eq!([0, 1, 2].map(at), [true, false, false]);
    assert!(!words(&content.binds("lake", 0)).contains(&("well", "available")));
}

/// Industry lacks 0.5 m³/s on the second day and on the third, but for what a solve leaves; residents lack as much on the third. In all
/// three days it lacks 1, as the gauge does.
#[test]
fn of_what_lacks_as_much_the_first_is_told() {
    let mut plan = fixture::plan();
    plan.decisions.supply_m3s[[2, 2]] = 1.5 - 1e-9;
    plan.decisions.supply_m3s[[1, 2]] = 0.3 - 2e-9;
    let content = of(&fixture::case(), &plan);
    assert_eq!(content.worst_shortage("town.industry").unwrap().step, 1);
    assert_eq!(content.worst_shortage("town").unwrap().step, 2);
    let told = |step| content.worst_shortages(step, 2).into_iter().map(|row| row.address).collect::<Vec<_>>();
    assert_eq!(told(Some(2)), ["town.residents", "town.industry"]);
    assert_eq!(told(None), ["town.industry", "gauge"]);
}

/// Residents have 1.2 m³/s for certain, and 0.8 more.
#[test]
fn a_class_binds_at_its_floor_of_supply() {
    let mut plan = fixture::plan();
    plan.decisions.supply_m3s[[1, 0]] = 0.0;
    let content = of(&fixture::case(), &plan);
    let found = content.binds("town", 0);
    let floor = found.iter().find(|binding| binding.limit == "floor").unwrap();
    assert_eq!((floor.address.as_str(), floor.unit.as_str()), ("town.residents", "m3/s"));
    assert!((floor.at - 1.2).abs() < 1e-12);
    assert!(content.binds("town", 1).iter().all(|binding| binding.limit != "floor"));
}

/// The spillway passes 0, 0 and 0.25: a mean of a twelfth.
#[test]
fn a_mean_binds_over_all_its_steps() {
    let mut case = fixture::case();
    let spill = Of::Flow(vec![(ArcId(fixture::SPILLWAY), 1.0)]);
    let mut rule = fixture::requirement("brook_mean", RequirementKind::WorksRelease, RuleClass::BaseFlow, spill);
    rule.floor = Some(Bound::Flow(Param::constant(0.25 / 3.0)));
    rule.periods = std::iter::once(0..3).collect();
    case.network.requirements.push(rule);
    for step in 0..3 {
        let found = beside(&case, "lake", step);
        assert_eq!(words(&found), [("brook_mean", "mean")]);
        assert!((found[0].at - 0.25 / 3.0).abs() < 1e-12);
    }
}

/// Turbines pass 5 the day before and 6 on each day; the spillway 0.25 on the third alone; the well 1, 0.5 and 0.
#[test]
fn what_whole_numbers_hold_binds() {
    let mut case = fixture::case();
    let network = &mut case.network;
    let commitment = |arc: usize, network: &mut crate::network::Network, facts: Commitment| {
        network.arcs[arc].minimum_when_open = Some(Param::constant(0.1));
        network.arcs[arc].commitment = Some(Box::new(facts));
    };
    let changes = Some(Changes { most: 1, days: 10.0 });
    let turbines = Commitment { forbidden_m3s: vec![(6.0, 8.0)], changes, ..Commitment::default() };
    commitment(fixture::TURBINES, network, turbines);
    commitment(fixture::SPILLWAY, network, Commitment { min_down_h: 48.0, ..Commitment::default() });
    network.arcs[fixture::TURBINES].previous_flow = Some(5.0);
    network.arcs[fixture::SPILLWAY].previous_flow = Some(1.0);
    let arcs = vec![ArcId(fixture::TURBINES), ArcId(fixture::SPILLWAY)];
    let place = crate::place::Place::new("basin.toml", 1);
    network.groups.push(Group { id: "either".into(), name: "either".into(), place, arcs, most_open: 1 });
    let pump = Of::Flow(vec![(ArcId(fixture::WELL), 1.0)]);
    let mut rule = fixture::requirement("well_days", RequirementKind::ControlSection, RuleClass::BaseFlow, pump);
    rule.target = Some(Bound::Flow(Param::constant(0.5)));
    let (before, longest_days) = ((0.0, 0.0), Some(1.0));
    rule.assurance = Some(Assurance { share: 2.0 / 3.0, before, longest_days, failing_days: 0.0 });
    network.requirements.push(rule);
    let mut goals = fixture::goals();
    let plan = fixture::plan();
    let content = of(&case, &plan);
    let told = |goals: &Goals, address: &str, step: usize| -> Vec<(String, String, f64)> {
        let found = held_beside((&case, goals), &plan.decisions, &content.around(address), step);
        found.into_iter().map(|binding| (binding.address, binding.limit, binding.at)).collect()
    };
    assert!(told(&goals, "lake.turbines", 1).is_empty(), "the linear program leaves them out");
    goals.integers = Some(Integers::default());
    let row = |address: &str, limit: &str, at: f64| (address.to_owned(), limit.to_owned(), at);
    let always = [row("lake.turbines", "forbidden", 6.0), row("either", "most_open", 1.0)];
    assert_eq!(told(&goals, "lake.turbines", 0), always);
    let since =
        [row("lake.turbines", "forbidden", 6.0), row("lake.turbines", "changes", 1.0), row("either", "most_open", 1.0)];
    assert_eq!(told(&goals, "lake.turbines", 1), since);
    // Shut on the first day, it may not be opened on the second.
    let shut = |step| told(&goals, "lake.spillway", step).contains(&row("lake.spillway", "min_down", 48.0));
    assert_eq!([0, 1, 2].map(shut), [false, true, false]);
    // Two of three days are owed, and met on the first two; had the second failed, it would be two in a row with the third.
    assert_eq!(told(&goals, "well_days", 0), [row("well_days", "assurance", 2.0)]);
    assert_eq!(told(&goals, "well_days", 1), [row("well_days", "assurance", 2.0), row("well_days", "longest_days", 1.0)]);
    assert!(told(&goals, "well_days", 2).is_empty());
}

/// Limits at an address that the document does not hold.
fn beside(case: &Case, address: &str, step: usize) -> Vec<Binding> {
    let plan = fixture::plan();
    let content = of(case, &plan);
    held_beside((case, &fixture::goals()), &plan.decisions, &content.around(address), step)
}

fn words(found: &[Binding]) -> Vec<(&str, &str)> {
    found.iter().map(|binding| (binding.address.as_str(), binding.limit.as_str())).collect()
}

/// The turbines run at 6 m³/s on all days.
#[test]
fn the_least_flow_of_what_runs_binds() {
    let mut case = fixture::case();
    let found = |case: &Case| of(case, &fixture::plan()).binds("lake", 0);
    assert!(!words(&found(&case)).contains(&("lake.turbines", "minimum_when_open")));
    case.network.arcs[fixture::TURBINES].minimum_when_open = Some(Param::constant(6.0));
    let found = found(&case);
    let least = found.iter().find(|binding| binding.limit == "minimum_when_open").unwrap();
    assert_eq!((least.address.as_str(), least.at, least.short), ("lake.turbines", 6.0, 0.0));
}

/// The lake ends with 5 + 2.75 × 0.0864 hm³, and is never at its lowest before.
#[test]
fn an_end_storage_binds_in_every_step_whose_water_goes_to_it() {
    let mut case = fixture::case();
    assert!(beside(&case, "lake", 0).is_empty(), "4 hm³ are asked for");
    let ends = 5.0 + 2.75 * DAY;
    fixture::lake(&mut case).end = Some(EndStorage { storage_hm3: ends, hard: true });
    for step in 0..3 {
        let found = beside(&case, "lake", step);
        assert_eq!(words(&found), [("lake", "end_storage")]);
        assert_eq!((found[0].at, found[0].short), (ends, 0.0));
    }
    assert!(beside(&case, "town", 0).is_empty());
    // At its lowest when the second day ends, what was there before is no longer there.
    fixture::lake(&mut case).lower = Param::constant(5.0 + 2.0 * DAY);
    assert_eq!([0, 1, 2].map(|step| beside(&case, "lake", step).len()), [0, 0, 1]);
    // A soft one that is missed lacks.
    fixture::lake(&mut case).end = Some(EndStorage { storage_hm3: 6.0, hard: false });
    let found = beside(&case, "lake", 2);
    assert!((found[0].short - (6.0 - ends)).abs() < 1e-12);
}

/// What leaves the lake rises from 5 to 6 on the first day, and from 6 to 6.25 on the third.
#[test]
fn a_rise_and_a_fall_bind() {
    let mut case = fixture::case();
    assert!(beside(&case, "lake", 0).is_empty(), "2 m³/s a day are allowed");
    let ramp = case.network.requirements.iter().position(|rule| rule.id == "ramp").unwrap();
    let flow = |m3s: f64| Some(Bound::Flow(Param::constant(m3s)));
    case.network.requirements[ramp].rise_per_day = flow(1.0);
    let found = beside(&case, "lake", 0);
    assert_eq!(words(&found), [("ramp", "rise")]);
    assert_eq!((found[0].at, found[0].unit.as_str()), (6.0, "m3/s"));
    assert!(beside(&case, "lake", 2).is_empty());
    case.network.requirements[ramp].fall_per_day = flow(0.0);
    assert_eq!(words(&beside(&case, "lake", 1)), [("ramp", "fall")]);
}

#[test]
fn what_gave_way_is_told_around_its_element() {
    let case = fixture::case();
    let mut plan = fixture::plan();
    let gave = |address: &str, step| Relaxation {
        address: address.to_owned(),
        class: Some(RuleClass::Operational),
        step,
        hm3: 0.5,
    };
    plan.relaxations = vec![
        gave("lake.flood_limit", 1),
        gave("ramp.rise", 1),
        gave("town.residents.floor", 1),
        gave("lake.turbines.floor", 0),
        gave("lake.end_storage", 2),
    ];
    let content = of(&case, &plan);
    let told = |address: &str, step: usize| -> Vec<String> {
        content.gave_way(Some(address), Some(step)).into_iter().map(|row| row.address.clone()).collect()
    };
    assert_eq!(told("lake", 0), ["lake.turbines.floor", "lake.end_storage"]);
    assert_eq!(told("lake", 1), ["lake.flood_limit", "ramp.rise", "lake.end_storage"]);
    assert_eq!(told("lake.spillway", 1), ["ramp.rise"]);
    assert_eq!(told("town.residents", 1), ["town.residents.floor"]);
    assert!(told("sea", 1).is_empty());
    assert_eq!(content.gave_way(Some("lake"), None).len(), 4);
}

/// Industry wants 2 m³/s and has 1 on the third day; the intake of its town stands beside.
#[test]
fn a_class_tells_what_it_wants() {
    let content = of(&fixture::case(), &fixture::plan());
    let found = content.binds("town.industry", 2);
    assert_eq!(words(&found)[0], ("town.industry", "demand"));
    assert!((found[0].at - 2.0).abs() < 1e-12 && (found[0].short - 1.0).abs() < 1e-12);
    assert!(words(&found).contains(&("town", "demand")));
    assert_eq!(content.around("town.industry"), content.around("town"));
}

/// What binds anywhere in a step is what binds around each element, but demands that lack nothing.
#[test]
fn all_that_binds_is_what_binds_at_each() {
    let mut case = fixture::case();
    case.network.arcs[fixture::TURBINES].minimum_when_open = Some(Param::constant(6.0));
    let content = of(&case, &fixture::plan());
    let all = content.all_that_binds(0..content.horizon.starts.len());
    assert!(all.iter().any(|(_, binding)| binding.limit == "minimum_when_open"));
    for step in 0..content.horizon.starts.len() {
        let own: Vec<&Binding> = all.iter().filter(|(at, _)| *at == step).map(|(_, binding)| binding).collect();
        let mut around: Vec<Binding> = content.elements.iter().flat_map(|own| content.binding(&[own], step)).collect();
        around.retain(|binding| binding.limit != "demand" || binding.short > 0.0);
        assert_eq!(own, around.iter().collect::<Vec<_>>(), "step {step}");
    }
}

#[test]
fn reservoirs_today_and_where_water_is_worth_most_are_explained() {
    let mut content = of(&fixture::case(), &fixture::plan());
    content.water_values.clear();
    assert_eq!(content.worth_explaining(), [("lake".to_owned(), 0)]);
    let stage = content.stages[0].objective.clone();
    let values = vec![Some(0.0), Some(-2.0), Some(1.0), None];
    let unit = content.stages[0].unit.clone();
    let row = WaterValueRow { stage, address: "ramp".to_owned(), unit, values, more: Vec::new(), less: Vec::new() };
    content.water_values = vec![row];
    assert_eq!(content.worth_explaining(), [("lake".to_owned(), 0), ("ramp".to_owned(), 1)]);
}

#[test]
fn days_to_be_met_are_among_what_no_document_holds() {
    assert!(NOT_HELD.contains(&"assurance"));
    assert!(LOOKED_AT.iter().all(|limit| !NOT_HELD.contains(limit)));
}

/// Half a m³/s more on the last day is the town's; of its classes the residents have 1 less and industry 1.5 more. Of the demand all of it
/// is told, with the way to where the demand has more; of the classes what each has.
#[test]
fn a_demand_whose_classes_trade_is_told_as_one() {
    let (case, before) = (fixture::case(), fixture::plan().decisions);
    let mut after = before.clone();
    after.flow_m3s[[fixture::INTAKE, 2]] += 0.5;
    for (row, more) in [(1, -1.0), (2, 1.5)] {
        after.supply_m3s[[row, 2]] += more;
    }
    let at = (NodeId(fixture::LAKE_NODE), 2);
    let supplies = |by_class: bool| {
        let told = trace(&case, (&before, &after), at, 0.5 * DAY, by_class);
        told.ends.into_iter().filter(|end| end.kind == "supply").collect::<Vec<_>>()
    };
    let [town] = &supplies(false)[..] else { panic!("one demand") };
    assert_eq!((town.address.as_str(), town.route.len()), ("town", 1));
    assert!((town.share - 1.0).abs() < 1e-9 && (town.returned - 0.5).abs() < 1e-9, "{town:?}");
    let classes: Vec<(String, i64)> =
        supplies(true).into_iter().map(|end| (end.address, (10.0 * end.share).round() as i64)).collect();
    assert_eq!(classes, [("town.industry".to_owned(), 30), ("town.residents".to_owned(), -20)]);
}

/// Half a m³/s more on the first day goes to the sea by the spillway, as much again on the second and as much less on the third: no way
/// leads from the first day to the second where no lake keeps water, so the route is to the first.
#[test]
fn a_route_leads_to_where_a_way_does() {
    let (case, before) = (fixture::case(), fixture::plan().decisions);
    let mut after = before.clone();
    for (step, more) in [(0, 0.5), (1, 0.6), (2, -0.6)] {
        after.flow_m3s[[fixture::SPILLWAY, step]] += more;
        after.flow_m3s[[fixture::REACH, step]] += more;
    }
    let told = trace(&case, (&before, &after), (NodeId(fixture::LAKE_NODE), 0), 0.5 * DAY, true);
    let [sea] = &told.ends[..] else { panic!("one end: {told:?}") };
    let ways: Vec<&str> = sea.route.iter().map(|leg| leg.address.as_str()).collect();
    assert_eq!((sea.kind, ways), ("sink", vec!["lake.spillway", "lower_river"]));
}
