//! What a case takes over from the plan by hand of `fixture`, of which one, two or three days are done.

#![allow(clippy::unwrap_used, reason = "tests")]

use approx::assert_relative_eq;

use super::Done;
use crate::case::Case;
use crate::fixture::{self, SPILLWAY, TURBINES};
use crate::network::{Bound, NodeKind, Requirement};
use crate::on_off::{Before, Changes, Commitment};

/// The case, changed, as it goes on after so many steps.
fn resumed(steps: usize, change: impl Fn(&mut Case)) -> Case {
    let mut whole = fixture::case();
    change(&mut whole);
    let mut own = whole.clone();
    own.resume(&Done { case: &whole, decisions: &fixture::plan().decisions, steps });
    own
}

/// The gauge's bounds on the first two days, held over the mean of both.
fn gauge(steps: usize, change: impl Fn(&mut Requirement)) -> [[f64; 2]; 2] {
    let case = resumed(steps, |case| {
        case.network.requirements[0].periods = vec![0..2, 2..3];
        change(&mut case.network.requirements[0]);
    });
    let gauge = &case.network.requirements[0];
    [gauge.floor, gauge.target].map(|bound: Option<Bound>| [0, 1].map(|step| case.bound(&bound.unwrap(), step, 0)))
}

#[test]
fn a_mean_under_way_owes_the_rest_of_its_period_what_lacks_so_far() {
    // 7.5 passed on the first day of 8 owed and 3 floor: the rest, here two days like the first, owes 16 + 0.5 and 6 − 4.5.
    let [floor, target] = gauge(1, |_| ());
    assert_relative_eq!(target[0] + target[1], 16.5, max_relative = 1e-12);
    assert_relative_eq!(floor[0] + floor[1], 1.5, max_relative = 1e-12);
    // Both days done: a new period, which owes what the file says.
    assert_eq!(gauge(2, |_| ()), [[3.0, 3.0], [8.0, 8.0]]);
    // A day far ahead of a small target leaves nothing to be owed, and nothing negative; the target stays at least the floor.
    let small = |floor: f64, natural: bool| {
        gauge(1, move |gauge| {
            let flow = |value| Some(Bound::Flow(crate::forcing::Param::constant(value)));
            (gauge.floor, gauge.target, gauge.floor_follows_natural) = (flow(floor), flow(2.0), natural);
        })
    };
    assert_eq!(small(1.0, false), [[0.0, 0.0], [0.0, 0.0]]);
    // A floor that follows natural inflow is held on the rest alone.
    assert_eq!(small(1.0, true), [[1.0, 1.0], [1.0, 1.0]]);
}

#[test]
fn how_long_a_way_was_open_or_shut_and_when_it_changed_is_taken_over() {
    let before = |arc: usize, steps: usize, state_h: Option<f64>| -> Before {
        let case = resumed(steps, |case| {
            let changes = Some(Changes { most: 1, days: 2.0 });
            let before = Before { state_h, changed_h: vec![20.0] };
            let commitment = Commitment { changes, before, ..Commitment::default() };
            case.network.arcs[arc].commitment = Some(Box::new(commitment));
        });
        case.network.arcs[arc].commitment.as_ref().unwrap().before.clone()
    };
    // Shut for ten hours before, and on two days; then open, which is a change.
    assert_eq!(before(SPILLWAY, 1, Some(10.0)), Before { state_h: Some(34.0), changed_h: vec![44.0] });
    assert_eq!(before(SPILLWAY, 2, Some(10.0)), Before { state_h: Some(58.0), changed_h: vec![] });
    assert_eq!(before(SPILLWAY, 3, Some(10.0)), Before { state_h: Some(24.0), changed_h: vec![24.0] });
    // Open since who knows when: not known. From 5 to 6 on the first day.
    assert_eq!(before(TURBINES, 1, None), Before { state_h: None, changed_h: vec![44.0, 24.0] });
    assert_eq!(before(TURBINES, 3, None), Before { state_h: None, changed_h: vec![] });
}

#[test]
fn the_peak_of_a_flood_that_is_still_on_is_taken_over() {
    // 12 come on the first day, 10 on the others; the lake stands at 5, 5.0864 and 5.1728 hm³.
    let rounded = |m3s: f64| (m3s * 1e9).round() / 1e9;
    let flooded = |steps: usize, limit_hm3: f64| {
        let case = resumed(steps, |case| {
            case.forcing.series[0].values[[0, 0]] = 12.0;
            fixture::lake(case).flood_limit = Some(crate::forcing::Param::constant(limit_hm3));
        });
        let NodeKind::Storage(lake) = &case.network.nodes[fixture::LAKE_NODE].kind else { unreachable!() };
        (lake.observed_peak_m3s.map(rounded), case.clone())
    };
    // Above the limit since the first day; since the second; not at all.
    assert_eq!(flooded(2, 5.05).0, Some(12.0));
    assert_eq!(flooded(2, 5.1).0, Some(10.0));
    assert_eq!(flooded(2, 5.2).0, None);
    assert_eq!(flooded(0, 4.0).0, None);
    // The flood that goes on at the start is bounded by it, though no more than 10 are still to come.
    let (_, mut case) = flooded(2, 5.05);
    case.forcing.series[0].values.fill(10.0);
    let events = crate::flood::events(&case, &fixture::plan().decisions, &[]);
    assert_eq!(events.iter().map(|event| (event.steps.start, rounded(event.peak_m3s))).collect::<Vec<_>>(), [(0, 12.0)]);
}
