//! Curtailments from the basin file to the plan document, by hand: `tests/cases/industry_is_curtailed`.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use approx::assert_relative_eq;
use weir_model::audit::audit;
use weir_model::basin::Basin;
use weir_model::document::document;
use weir_model::lower::lower;
use weir_solver::solve::{SolveOptions, solve};

#[test]
fn a_curtailment_lowers_what_is_wanted_and_is_told_beside_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/industry_is_curtailed");
    let (case, goals) = lower(&Basin::read(&folder).unwrap(), None).unwrap();
    // Industry, half of 10 m3/s, lies in tiers below its floor 0.2, to 0.7 and to 1: a depth of 0.4 takes all of the last
    // and 0.1 of the one before, whatever stands under the floor.
    let shares: Vec<[f64; 2]> = case
        .network
        .portions()
        .filter(|row| row.portion.class == "industry")
        .map(|row| [&Some(row.portion.share), &row.portion.curtailed].map(|share| share.map_or(0.0, |s| case.at(&s, 2, 0))))
        .collect();
    assert_eq!(shares.len(), 3);
    for (found, hand) in shares.iter().flatten().zip([0.1, 0.0, 0.2, 0.05, 0.0, 0.15]) {
        assert_relative_eq!(*found, hand, epsilon = 1e-12);
    }
    let plan = solve(&case, &goals, &SolveOptions::default()).unwrap().plan;
    let content = document(&case, &goals, &plan, &audit(&case, &goals, &plan)).content;
    assert!(content.audit.passed);
    let row = content.satisfaction.iter().find(|row| row.period == "horizon" && row.class.as_deref() == Some("industry"));
    let row = row.unwrap();
    // 20 m3/s d wanted, of which 1 + 1.5 + 2 + 1 are cut; 0.0864 hm3 a m3/s d.
    assert_relative_eq!(row.curtailed_hm3, 5.5 * 0.0864, epsilon = 1e-9);
    assert_relative_eq!(row.demand_hm3, 14.5 * 0.0864, epsilon = 1e-9);
    let series = content.series("town.industry", "curtailed").unwrap();
    for (found, hand) in series.values.iter().zip([1.0, 1.5, 2.0, 1.0]) {
        assert_relative_eq!(found.unwrap(), hand, epsilon = 1e-9);
    }
    let told: Vec<_> = content
        .case
        .curtailments
        .iter()
        .map(|row| (row.id.as_str(), row.cuts.len(), row.from.as_deref(), row.to.as_deref()))
        .collect();
    let (start, end) = ("2026-08-01T00:00:00+08:00", "2026-08-05T00:00:00+08:00");
    let (noon, after) = ("2026-08-02T12:00:00+08:00", "2026-08-04T00:00:00+08:00");
    assert_eq!(
        told,
        [("全部二级", 2, None, None), ("工业三级", 1, Some(start), Some(end)), ("工业令", 1, Some(noon), Some(after)),]
    );
}
