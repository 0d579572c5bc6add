//! Reasons where several things hold one way, or water that one has flows on to another: what is named is true, since lifting it
//! lessens the shortage, and what is not named would not.

use weir_model::forcing::Param;
use weir_model::network::{Account, AccountWindow, ArcId, Bound, NodeId, Of, RequirementKind, Role, RuleClass, Use};

use crate::build::{Build, FAR, place, portion};
use crate::check::close;
use crate::reasons::{day, short};

/// A hard permit for what some ways take in all steps, hm³.
pub fn permit(build: &mut Build, ways: &[ArcId], limit_hm3: f64) {
    let steps = 0..build.case.horizon.steps();
    let window = AccountWindow {
        label: "2026".to_owned(),
        steps,
        limit_hm3,
        used_before_hm3: 0.0,
        available_hm3: limit_hm3,
        note: None,
    };
    build.case.network.accounts.push(Account {
        id: "permit".to_owned(),
        name: "permit".to_owned(),
        place: place(),
        terms: ways.iter().map(|way| (*way, 1.0)).collect(),
        at_most: true,
        windows: vec![window],
        hard: true,
        bands: Vec::new(),
    });
}

/// What a use lacks, hm³, and why.
fn of_use(build: &Build, use_: &str) -> (f64, String) {
    let told = short(build);
    let found = told.iter().find(|(of, ..)| of == use_).unwrap_or_else(|| panic!("{use_} is short: {told:?}"));
    (found.1, found.2.clone())
}

/// A day, a lake with more than can be used, and a town behind a canal, whose households come before its works.
fn town(canal: f64) -> (Build, NodeId, NodeId, ArcId) {
    let mut build = Build::new("1 x 1 d");
    let lake = build.storage("lake", 20.0, 50.0);
    let portions = vec![portion("residents", Use::Domestic, 0.5), portion("works", Use::Industrial, 0.5)];
    let town = build.demand_node("town", 4.0, portions);
    let canal = build.arc("canal", lake, town, Role::Diversion, canal);
    for (id, use_) in [("households", Use::Domestic), ("industry", Use::Industrial)] {
        build.stage(id, "shortage").uses = vec![use_.word().to_owned()];
    }
    (build, lake, town, canal)
}

/// A canal of 1 m³/s and a pipe with room, both under a permit of 1.5: a wider canal would bring nothing.
#[test]
fn a_permit_over_a_full_canal_and_a_pipe_with_room_is_told_alone() {
    let (mut build, lake, town, canal) = town(1.0);
    let pipe = build.arc("pipe", lake, town, Role::Diversion, FAR);
    permit(&mut build, &[canal, pipe], day(1.5));
    let (lacks, reason) = of_use(&build, "domestic");
    assert_eq!(reason, "held by the account `permit`, which is used up");
    close(lacks, day(0.5));
    build.arc_mut(canal).capacity = Param::constant(3.0);
    close(of_use(&build, "domestic").0, day(0.5));
    build.case.network.accounts.clear();
    permit(&mut build, &[canal, pipe], day(2.0));
    assert!(short(&build).iter().all(|(use_, ..)| use_ == "industrial"));
}

/// A ceiling on the canal, and a permit that the households use up: with the ceiling lifted they have more, the works nothing.
#[test]
fn a_permit_that_those_before_use_up_holds_beside_a_ceiling() {
    let (mut build, _, _, canal) = town(FAR);
    let fields = build.demand_node("fields", 2.0, vec![portion("field_households", Use::Domestic, 1.0)]);
    let lake = build.case.network.node("lake").unwrap();
    let ditch = build.arc("ditch", lake, fields, Role::Diversion, FAR);
    permit(&mut build, &[canal, ditch], day(1.5));
    let of = Of::Flow(vec![(canal, 1.0)]);
    build.requirement("limit", RequirementKind::Operation, RuleClass::Operational, of).ceiling =
        Some(Bound::Flow(Param::constant(0.5)));
    let (lacks, reason) = of_use(&build, "industrial");
    assert_eq!(reason, "held by the ceiling of `limit`; and beyond it held by the account `permit`, which is used up");
    close(lacks, day(2.0));
    build.case.network.requirements.clear();
    close(of_use(&build, "industrial").0, day(2.0));
    build.case.network.accounts.clear();
    assert_eq!(short(&build).len(), 0);
}

/// A pipe of 1 m³/s to a town from a hub, full canal into it, of which fields that lose a fifth on their way have the rest: a wider pipe
/// alone brings the town more.
#[test]
fn a_full_canal_beyond_a_hub_is_no_reason_where_others_there_would_give() {
    let mut build = Build::new("1 x 1 d");
    let (lake, hub) = (build.storage("lake", 20.0, 50.0), build.junction("hub"));
    build.arc("canal", lake, hub, Role::Diversion, 4.0);
    let town = build.demand_node("town", 3.0, vec![portion("residents", Use::Domestic, 1.0)]);
    let pipe = build.arc("pipe", hub, town, Role::Intake, 1.0);
    let fields = build.demand_node("fields", 3.0, vec![portion("crops", Use::Agricultural, 1.0)]);
    let ditch = build.arc("ditch", hub, fields, Role::Intake, FAR);
    build.arc_mut(ditch).receivers[0].fraction = 0.8;
    build.stage("shortage", "shortage");
    let (lacks, reason) = of_use(&build, "domestic");
    assert_eq!(reason, "held by the capacity of `pipe`: more water upstream would not help");
    close(lacks, day(2.0));
    build.arc_mut(pipe).capacity = Param::constant(2.0);
    close(of_use(&build, "domestic").0, day(1.0));
}

/// Water that is owed at a gauge and runs on to the sea by another reach is no water that nobody asks for: works above lack it for the
/// gauge, not for what is not told.
#[test]
fn water_that_was_owed_further_up_is_not_free_at_the_mouth() {
    let mut build = Build::new("1 x 1 d");
    let (river, below, sea) = (build.junction("river"), build.junction("below"), build.sink("sea"));
    build.inflow("spring", river, 3.0);
    let reach = build.arc("reach", river, below, Role::Reach, FAR);
    build.arc("mouth", below, sea, Role::Reach, FAR);
    let of = Of::Flow(vec![(reach, 1.0)]);
    let gauge = build.requirement("gauge", RequirementKind::ControlSection, RuleClass::BaseFlow, of);
    gauge.target = Some(Bound::Flow(Param::constant(2.0)));
    build.demand("works", river, 2.0);
    build.stage("rivers", "ecological_shortfall");
    build.stage("shortage", "shortage");
    let told = short(&build);
    let [(_, lacks, reason)] = &told[..] else { panic!("the works are short: {told:?}") };
    assert_eq!(reason, "`river` had water, let out for `gauge`, which has no more than it is owed");
    close(*lacks, day(1.0));
    build.case.network.requirements[0].target = Some(Bound::Flow(Param::constant(1.0)));
    assert_eq!(short(&build).len(), 0);
}

/// A release that a rule asks for empties the lake: it is named beside that the rest is shared out, and a small one is not.
#[test]
fn a_release_that_takes_most_of_a_lake_that_runs_dry_is_named() {
    let mut build = Build::new("4 x 1 d");
    let lake = build.storage("lake", day(12.0), 50.0);
    let sea = build.sink("sea");
    let gate = build.arc("gate", lake, sea, Role::Gate, FAR);
    let of = Of::Flow(vec![(gate, 1.0)]);
    build.requirement("release", RequirementKind::Operation, RuleClass::Operational, of).floor =
        Some(Bound::Flow(Param::constant(2.0)));
    build.demand("town", lake, 2.0);
    build.stage("shortage", "shortage");
    build.goals.closing = true;
    let told = short(&build);
    let [(_, lacks, reason)] = &told[..] else { panic!("the town is short: {told:?}") };
    assert_eq!(
        reason,
        "`lake` is at its lowest storage by 2026-01-04: until then most of its water is let out for `release`, and what is left is shared out"
    );
    close(*lacks, day(4.0));
    build.case.network.requirements[0].floor = Some(Bound::Flow(Param::constant(1.25)));
    close(short(&build)[0].1, day(1.0));
    let reason = &short(&build)[0].2;
    assert_eq!(reason, "`lake` is at its lowest storage by 2026-01-04: until then its water is shared out");
}

/// A pump that would spare a town what it draws on a lake, all of whose outlet below a permit lets through: it is no help to a gauge there.
#[test]
fn what_a_standby_source_spares_behind_a_permit_is_not_promised() {
    let (mut build, lake, town, _) = town(FAR);
    let (river, sea) = (build.junction("river"), build.sink("sea"));
    let gate = build.arc("gate", lake, river, Role::Gate, FAR);
    let mouth = build.arc("mouth", river, sea, Role::Reach, FAR);
    let of = Of::Flow(vec![(mouth, 1.0)]);
    let gauge = build.requirement("gauge", RequirementKind::ControlSection, RuleClass::BaseFlow, of);
    gauge.target = Some(Bound::Flow(Param::constant(2.0)));
    build.stage("rivers", "ecological_shortfall");
    permit(&mut build, &[gate], day(0.5));
    let well = build.available("well", 1.0);
    let pump = build.arc("pump", well, town, Role::Diversion, 1.0);
    build.arc_mut(pump).standby = true;
    let advice = crate::reasons::advised(&build, "gauge");
    assert_eq!(advice, "more may be taken only beyond the account `permit`");
}
