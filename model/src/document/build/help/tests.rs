//! What stands by on the plan by hand of [`crate::fixture`]: the lake holds 4.0864, 4.1728 and 4.2376 hm³ above its lowest.

#![allow(clippy::unwrap_used, reason = "tests")]

use super::{Help, Places};
use crate::case::Case;
use crate::fixture::{self, DAY};
use crate::forcing::Param;
use crate::network::{ArcId, Bound, EndStorage, NodeId, Of, RequirementKind, RuleClass};

const RIVER: NodeId = NodeId(2);

/// The case without its order on what the lake lets out.
fn without_order() -> Case {
    let mut case = fixture::case();
    case.network.requirements.retain(|rule| rule.id != "order_1");
    case
}

/// What the lake holds above its lowest, what the river lacks at so many m³/s a day, and what the lake could give of that.
fn store(case: &Case, lacks_m3s: f64) -> Option<(f64, f64, f64)> {
    let plan = fixture::plan();
    let store = Help::new(case, &plan.decisions).store(&Places::of(&[RIVER]), &(0..3), &[lacks_m3s; 3])?;
    assert_eq!(store.id, "lake");
    Some((store.holds_hm3, store.lacks_hm3, store.gives_hm3))
}

fn close(found: (f64, f64, f64), expected: (f64, f64, f64)) {
    let (a, b) = ([found.0, found.1, found.2], [expected.0, expected.1, expected.2]);
    assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-9), "{found:?} {expected:?}");
}

#[test]
fn a_store_gives_no_more_than_it_holds_above_what_is_kept_in_it() {
    let mut case = without_order();
    let holds = 4.0 + 2.75 * DAY;
    close(store(&case, 10.0).unwrap(), (holds, 30.0 * DAY, 30.0 * DAY));
    close(store(&case, 20.0).unwrap(), (holds, 60.0 * DAY, holds));
    // What it has at the end alone is not there on the first day.
    close(store(&case, 48.0).unwrap(), (holds, 144.0 * DAY, holds));
    let lake = Of::Storage(NodeId(fixture::LAKE_NODE));
    let mut rule = fixture::requirement("line", RequirementKind::Operation, RuleClass::Operational, lake);
    rule.floor = Some(Bound::Volume(Param::constant(5.0)));
    case.network.requirements.push(rule);
    close(store(&case, 20.0).unwrap(), (2.75 * DAY, 60.0 * DAY, 2.75 * DAY));
}

#[test]
fn a_store_gives_no_more_than_the_ways_from_it_pass() {
    let mut case = without_order();
    let plan = fixture::plan();
    let gate = (0..case.network.arcs.len())
        .filter(|&arc| case.network.arcs[arc].receivers.iter().any(|receiver| receiver.node == RIVER))
        .collect::<Vec<_>>();
    for &arc in &gate {
        let flows = plan.decisions.flow_m3s.row(arc);
        // 2 m³/s more on the first day, and at most that later.
        let most = flows.iter().copied().fold(0.0, f64::max);
        case.network.arcs[arc].capacity = Param::constant(most + 2.0 / gate.len() as f64);
    }
    let room: f64 = gate
        .iter()
        .map(|&arc| {
            let capacity = case.at(&case.network.arcs[arc].capacity, 0, 0);
            plan.decisions.flow_m3s.row(arc).iter().map(|flow| (capacity - flow) * DAY).sum::<f64>()
        })
        .sum();
    let (_, lacks, gives) = store(&case, 10.0).unwrap();
    assert!((lacks - 30.0 * DAY).abs() < 1e-9 && (gives - room).abs() < 1e-9, "{gives} {room}");
    assert!(Help::new(&case, &plan.decisions).store(&Places::of(&[RIVER]), &(0..3), &[10.0; 3]).unwrap().passes_no_more);
}

/// An order on the second day, over both outlets and no more than they pass: what it leaves is counted once.
#[test]
fn a_store_gives_no_more_than_the_ceilings_below_it_let_through() {
    let (mut case, plan) = (fixture::case(), fixture::plan());
    let order = case.network.requirements.iter().position(|rule| rule.id == "order_1").unwrap();
    let passes = |case: &Case| Help::new(case, &plan.decisions).store(&Places::of(&[RIVER]), &(1..2), &[10.0]).unwrap();
    let planned = case.value_of(&case.network.requirements[order].of, &plan.decisions, 1);
    let holds = |hm3: f64, expected: f64| assert!((hm3 - expected).abs() < 1e-9, "{hm3} {expected}");
    case.network.requirements[order].ceiling = Some(Bound::Flow(Param::constant(planned + 1.5)));
    let store = passes(&case);
    holds(store.gives_hm3, 1.5 * DAY);
    assert!(store.passes_no_more && store.held_by.as_deref() == Some("order_1"), "{store:?}");
    case.network.requirements[order].ceiling = None;
    holds(passes(&case).gives_hm3, 10.0 * DAY);
}

#[test]
fn a_store_that_lacks_to_its_own_end_gives_nothing() {
    let mut case = fixture::case();
    fixture::lake(&mut case).end = Some(EndStorage { storage_hm3: 6.0, hard: true });
    assert_eq!(store(&case, 1.0), None);
}

#[test]
fn a_source_that_stands_by_for_whom_the_same_lake_serves_helps_the_river() {
    let mut case = fixture::case();
    let well = &mut case.network.arcs[fixture::WELL];
    (well.standby, well.capacity) = (true, Param::constant(0.0));
    let plan = fixture::plan();
    let said = Help::new(&case, &plan.decisions).more_water(&Places::of(&[RIVER]), &(0..3));
    assert_eq!(
        said,
        [
            "the standby source `well_pump` is shut: a mode in which it is used, its calendar or an overlay would have to open it"
        ]
    );
    // Not where they have no water that could be left to it; of what they lack some comes back.
    let mut decisions = plan.decisions;
    let returns = std::mem::take(&mut fixture::town(&mut case).returns);
    decisions.supply_m3s.fill(0.0);
    let said = Help::new(&case, &decisions).more_water(&Places::of(&[RIVER]), &(0..3));
    assert!(said[0].starts_with("no standby source could bring it more"), "{said:?}");
    fixture::town(&mut case).returns = returns;
    let said = Help::new(&case, &decisions).more_water(&Places::of(&[RIVER]), &(0..3));
    assert!(said[0].starts_with("the standby source `well_pump` is shut"), "{said:?}");
}

/// The river's own reach, a permit and a way that loses some: what the lake could give is no more than they let through, or not told.
#[test]
fn a_store_gives_no_more_than_a_section_a_permit_and_the_way_let_through() {
    let (mut case, plan) = (without_order(), fixture::plan());
    let by = [ArcId(fixture::REACH)];
    let places = Places { nodes: &[RIVER], by: &by };
    let given = |case: &Case| Help::new(case, &plan.decisions).store(&places, &(1..2), &[10.0]).unwrap();
    let holds = |hm3: f64, expected: f64| assert!((hm3 - expected).abs() < 1e-9, "{hm3} {expected}");
    holds(given(&case).gives_hm3, 10.0 * DAY);
    let reach = case.network.arcs[fixture::REACH].capacity;
    case.network.arcs[fixture::REACH].capacity = Param::constant(plan.decisions.flow_m3s[[fixture::REACH, 1]] + 0.5);
    holds(given(&case).gives_hm3, 0.5 * DAY);
    assert!(given(&case).passes_no_more);
    case.network.arcs[fixture::REACH].capacity = reach;
    // The turbines pass half of what they take in the same day, the spillway all.
    assert!(!given(&case).at_once);
    case.network.arcs[fixture::TURBINES].capacity = Param::constant(6.0);
    let spilt: f64 = (0..3).map(|day| plan.decisions.flow_m3s[[fixture::SPILLWAY, day]] * DAY).sum();
    let mut permit = case.network.accounts[0].clone();
    permit.id = "permit".to_owned();
    (permit.hard, permit.at_most, permit.terms) = (true, true, vec![(ArcId(fixture::SPILLWAY), 1.0)]);
    permit.windows[0].available_hm3 = spilt + 0.1;
    case.network.accounts.push(permit);
    let found = given(&case);
    holds(found.gives_hm3, 0.1);
    assert_eq!(found.held_by.as_deref(), Some("permit"));
}

/// A cut of a tenth of what industry wants: no help where it lacks more than that anyway, or where it would take effect too late.
#[test]
fn a_curtailment_that_frees_no_water_or_comes_too_late_is_not_told() {
    let (mut case, plan) = (fixture::case(), fixture::plan());
    let town = NodeId(fixture::TOWN_NODE);
    case.network.curtailments.push(crate::network::Curtailment {
        id: "cut".into(),
        name: String::new(),
        place: crate::place::Place::new("basin.toml", 1),
        cuts: vec![(town, "industry".into())],
        depth: 0.1,
        response: None,
        lead_h: 0.0,
        clause: "made up".into(),
        ordered: false,
        effect: None,
    });
    let told = |case: &Case, steps| Help::new(case, &plan.decisions).curtailments(|_| true, &steps).is_some();
    // On the first day it has all that it wants, on the third half of it.
    assert!(told(&case, 0..1));
    assert!(!told(&case, 2..3));
    case.network.curtailments[0].lead_h = 24.0;
    assert!(!told(&case, 0..1) && told(&case, 0..2));
}
