//! Entries of the plan by hand of `fixture`.

use approx::assert_relative_eq;

use super::{Satisfactions, THREE_USES};
use crate::fixture::{self, DAY};
use crate::forcing::Param;
use crate::goals::Period;
use crate::measures::Selection;

#[test]
fn entries_gather_portions_by_region_and_use_and_keep_the_stream_apart() {
    let case = fixture::case();
    let found = Satisfactions::new(&case, Selection::everything(&case), &THREE_USES, Period::Horizon);
    let told: Vec<_> = found.entries.iter().map(|e| (e.region, e.use_.as_str(), e.in_stream, e.portions.clone())).collect();
    let expected = [
        (Some(1), "domestic", false, vec![0, 1]),
        (Some(1), "production", false, vec![2]),
        (None, "ecological", true, vec![]),
    ];
    assert_eq!(told, expected);
    // Residents want 2 and 1.2 of it is floor; the stream 8 with a floor of 3.
    assert_relative_eq!(found.entries[0].demand_hm3, 6.0 * DAY, max_relative = 1e-12);
    assert_relative_eq!(found.entries[0].floor_hm3, 3.6 * DAY, max_relative = 1e-12);
    assert_relative_eq!(found.entries[2].demand_hm3, 24.0 * DAY, max_relative = 1e-12);
    assert_relative_eq!(found.entries[2].floor_hm3, 9.0 * DAY, max_relative = 1e-12);
    assert_eq!(found.left_out, []);
}

#[test]
fn a_period_cut_to_less_than_half_joins_its_neighbour() {
    let case = fixture::case();
    let found = Satisfactions::new(&case, Selection::everything(&case), &["domestic"], Period::Month);
    let told: Vec<_> = found.entries.iter().map(|e| (e.period.label.as_str(), e.period.steps.clone())).collect();
    assert_eq!(told, [("2026-07", 0..3)]);
    assert_eq!(found.entries[0].period.joined, ["2026-06"]);
}

#[test]
fn what_no_water_can_reach_is_left_out_by_name() {
    let mut case = fixture::case();
    for arc in [fixture::INTAKE, fixture::WELL] {
        case.network.arcs[arc].capacity = Param::constant(0.0);
    }
    let found = Satisfactions::new(&case, Selection::everything(&case), &THREE_USES, Period::Horizon);
    let named: Vec<_> = found.left_out.iter().map(|u| u.address.as_str()).collect();
    assert_eq!(named, ["town.residents", "town.industry"]);
    assert!(found.entries.iter().all(|entry| entry.in_stream));
}

#[test]
fn an_entry_that_is_floor_only_does_not_count() {
    let mut case = fixture::case();
    fixture::town(&mut case).portions[1].share = Param::constant(0.0);
    let found = Satisfactions::new(&case, Selection::everything(&case), &["domestic"], Period::Horizon);
    assert!(!found.entries[0].counts());
    assert_eq!(found.entries[0].above_floor(&case, &fixture::plan().decisions), None);
}
