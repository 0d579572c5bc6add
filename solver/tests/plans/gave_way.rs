//! Why a rule gave way, in an elastic plan: what is named is so, since without it the rule holds.

use weir_model::audit::audit;
use weir_model::document::document;
use weir_model::forcing::Param;
use weir_model::network::{ArcId, Bound, Of, Portion, Requirement, RequirementKind, Role, RuleClass, Use};
use weir_solver::solve::{SolveOptions, solve};

use crate::as_today::duty;
use crate::beside::permit;
use crate::build::{Build, FAR, portion};
use crate::reasons::day;

/// What gave way in the plan, which the audit passes: addresses, reasons and advice, each once.
fn told(build: &Build) -> Vec<(String, String, Option<String>)> {
    let elastic = SolveOptions { elastic: true, ..SolveOptions::default() };
    let solved = solve(&build.case, &build.goals, &elastic).unwrap();
    let case = solved.case.as_deref().unwrap_or(&build.case);
    let audited = audit(case, &build.goals, &solved.plan);
    assert!(audited.findings.is_empty(), "{:?}", audited.findings);
    let rows = document(case, &build.goals, &solved.plan, &audited).content.relaxations;
    let mut told: Vec<_> = rows.into_iter().map(|row| (row.address, row.reason.unwrap(), row.advice)).collect();
    told.dedup();
    told
}

/// The one rule that gave way, why, and what is advised.
fn one(build: &Build) -> (String, String, Option<String>) {
    let told = told(build);
    let [one] = &told[..] else { panic!("one gave way: {told:?}") };
    one.clone()
}

fn rule<'b>(build: &'b mut Build, id: &str, class: RuleClass, ways: &[ArcId]) -> &'b mut Requirement {
    let kind = if class == RuleClass::Command { RequirementKind::Command } else { RequirementKind::Operation };
    build.requirement(id, kind, class, Of::Flow(ways.iter().map(|way| (*way, 1.0)).collect()))
}

fn flow(m3s: f64) -> Bound {
    Bound::Flow(Param::constant(m3s))
}

/// A town behind a canal, all of whose demand is a floor.
fn floored(build: &mut Build, id: &str, m3s: f64) -> weir_model::network::NodeId {
    build.demand_node(id, m3s, vec![Portion { floor: true, ..portion(id, Use::Domestic, 1.0) }])
}

/// A brook that can flow on to the sea does not force a canal over its ceiling: the floors behind the canal do.
#[test]
fn floors_behind_a_canal_are_named_and_not_the_inflow_that_can_go_elsewhere() {
    let mut build = Build::new("2 x 1 d");
    let (river, sea) = (build.junction("river"), build.sink("sea"));
    build.inflow("brook", river, 4.0);
    build.arc("mouth", river, sea, Role::Reach, FAR);
    let town = floored(&mut build, "town", 1.0);
    let canal = build.arc("canal", river, town, Role::Diversion, FAR);
    rule(&mut build, "limit", RuleClass::Operational, &[canal]).ceiling = Some(flow(0.5));
    build.stage("spill", "spill");
    let (address, reason, _) = one(&build);
    assert_eq!((&address[..], &reason[..]), ("limit.ceiling", "the floors of supply ask for what leaves `river`"));
    build.demand_mut(town).portions[0].floor = false;
    assert_eq!(told(&build), []);
}

/// Two orders at different times use more than a permit gives, and either alone would not.
#[test]
fn two_orders_that_add_up_are_both_named() {
    let mut build = Build::new("4 x 1 d");
    let (lake, sea) = (build.storage("lake", 20.0, 50.0), build.sink("sea"));
    let gate = build.arc("gate", lake, sea, Role::Gate, FAR);
    permit(&mut build, &[gate], day(5.0));
    for (id, flows) in [("first", [4.0, 0.0, 0.0, 0.0]), ("second", [0.0, 0.0, 4.0, 0.0])] {
        let flows = build.param(&flows[..]);
        rule(&mut build, id, RuleClass::Command, &[gate]).floor = Some(Bound::Flow(flows));
    }
    build.stage("spill", "spill");
    let (address, reason, advice) = one(&build);
    assert_eq!(address, "permit.limit");
    assert_eq!(reason, "the floor of `second` asks for the flow; the floor of `first` asks for the flow");
    let both = "only who gave the order `second` can change it; only who gave the order `first` can change it";
    assert!(advice.unwrap().ends_with(both));
    build.case.network.requirements.pop();
    assert_eq!(told(&build), []);
}

/// A permit over two towns' canals names the floors of both.
#[test]
fn floors_of_all_who_take_from_a_permit_are_named() {
    let mut build = Build::new("2 x 1 d");
    let lake = build.storage("lake", 20.0, 50.0);
    let ways: Vec<ArcId> = [("upper", 2.0), ("lower", 1.0)]
        .map(|(id, m3s)| {
            let town = floored(&mut build, id, m3s);
            build.arc(&format!("{id}.canal"), lake, town, Role::Diversion, FAR)
        })
        .to_vec();
    permit(&mut build, &ways, day(5.0));
    build.stage("spill", "spill");
    let (_, reason, _) = one(&build);
    assert_eq!(
        reason,
        "the floors of `upper` ask for 0.346 hm3 of `permit`; the floors of `lower` ask for 0.173 hm3 of `permit`"
    );
}

/// A gate that may rise and fall by 1 m³/s a day: what is asked for two days later makes it rise faster, what may pass at most then makes it
/// fall faster.
#[test]
fn what_is_asked_for_later_is_named_where_a_flow_changes_too_fast_before() {
    let mut build = Build::new("3 x 1 d");
    let (lake, sea) = (build.storage("lake", 20.0, 50.0), build.sink("sea"));
    let gate = build.arc("gate", lake, sea, Role::Gate, FAR);
    build.arc_mut(gate).previous_flow = Some(0.0);
    rule(&mut build, "ramp", RuleClass::Operational, &[gate]).rise_per_day = Some(flow(1.0));
    let order = build.param(&[0.0, 0.0, 8.0][..]);
    rule(&mut build, "order", RuleClass::Command, &[gate]).floor = Some(Bound::Flow(order));
    build.stage("spill", "spill");
    for (address, reason, advice) in told(&build) {
        assert_eq!((&address[..], &reason[..]), ("ramp.rise", "the floor of `order` asks for the flow"));
        assert_eq!(advice.as_deref(), Some("only who gave the order `order` can change it"));
    }
    build.arc_mut(gate).previous_flow = Some(8.0);
    let order = build.param(&[FAR, FAR, 1.0][..]);
    let [ramp, command] = &mut build.case.network.requirements[..] else { panic!() };
    (ramp.rise_per_day, ramp.fall_per_day) = (None, Some(flow(1.0)));
    (command.floor, command.ceiling) = (None, Some(Bound::Flow(order)));
    let told = told(&build);
    assert!(!told.is_empty());
    for (address, reason, advice) in told {
        assert_eq!((&address[..], &reason[..]), ("ramp.fall", "held by the command `order`"));
        assert_eq!(advice.as_deref(), Some("only who gave the order `order` can change it"));
    }
}

/// A duty that asks for 1 m³/s a day through a gate whose ceiling is less.
#[test]
fn a_duty_that_asks_for_a_flow_is_named() {
    let mut build = Build::new("3 x 1 d");
    let (lake, sea) = (build.storage("lake", 20.0, 50.0), build.sink("sea"));
    let gate = build.arc("gate", lake, sea, Role::Gate, FAR);
    duty(&mut build, gate, true);
    rule(&mut build, "limit", RuleClass::Operational, &[gate]).ceiling = Some(flow(2.0));
    build.stage("spill", "spill");
    for (address, reason, _) in told(&build) {
        assert_eq!(address, "limit.ceiling");
        assert_eq!(reason, "the account `duty` asks for the flow, and has no more than it is due");
    }
    assert!(!told(&build).is_empty());
    build.case.network.accounts.clear();
    assert_eq!(told(&build), []);
}

/// An order that empties the lake is named on the days after it, too, on which a floor lacks.
#[test]
fn an_order_that_emptied_a_lake_is_named_after_it() {
    let mut build = Build::new("4 x 1 d");
    let (lake, sea) = (build.storage("lake", day(10.0), 50.0), build.sink("sea"));
    let (gate, tunnel) = (build.arc("gate", lake, sea, Role::Gate, FAR), build.arc("tunnel", lake, sea, Role::Gate, FAR));
    rule(&mut build, "eco", RuleClass::Operational, &[gate]).floor = Some(flow(1.0));
    let order = build.param(&[0.0, 9.0, 0.0, 0.0][..]);
    rule(&mut build, "order", RuleClass::Command, &[tunnel]).floor = Some(Bound::Flow(order));
    build.stage("spill", "spill");
    let told = told(&build);
    assert!(!told.is_empty());
    for (address, reason, advice) in told {
        assert_eq!(address, "eco.floor");
        assert!(reason.contains("until then most of its water is let out for `order`"), "{reason}");
        assert_eq!(advice.as_deref(), Some("only who gave the order `order` can change it"));
    }
}
