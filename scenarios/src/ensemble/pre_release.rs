//! What is let go before a storm 预泄: how much, from when, what flows at the sections, and what is lost if the storm misses.
//!
//! Against the plan that knows that it misses: what the tree lets go beyond that until the branch is the pre-release, and what the reservoir
//! then holds less at the end is lost. So water that would be let go anyway is no pre-release,
//! nor is water for which there is room in every member without letting it go.

use std::collections::BTreeSet;

use weir_model::document::ensemble::{PreRelease, PreReleaseRow, SectionPeak};
use weir_model::document::{Outline, SeriesRow};
use weir_model::horizon::Horizon;

/// m³/s by which outflow must differ to count.
const COUNTS_M3S: f64 = 0.5;
/// hm³ by which a storage may lack what it held, to count as refilled.
const REFILLED_HM3: f64 = 1e-3;

/// The pre-release of a tree: the members with their weights and what they come to in it, the member that the storm misses by its place, and
/// what that one comes to by a plan that knows it; and the least room that a reservoir has left in any of them, hm³.
pub(super) fn pre_release(
    members: &[(f64, &Outline)],
    (place, id, own): (usize, &str, &Outline),
    (horizon, common): (&Horizon, usize),
    room: &dyn Fn(&str) -> f64,
) -> PreRelease {
    let start = |step: usize| weir_model::horizon::rfc3339(&horizon.edges[step]);
    let missed = members[place].1;
    let reservoir = |address: &str| {
        let (flow, known) = (series(missed, address, "outflow")?, series(own, address, "outflow")?);
        let (stored, would) = (series(missed, address, "storage")?, series(own, address, "storage")?);
        let more = |&step: &usize| flow[step] - known[step] > COUNTS_M3S;
        let steps: Vec<usize> = (0..common).filter(more).collect();
        let first = *steps.first()?;
        let volume = |step: &usize| (flow[*step] - known[*step]) * horizon.lengths_s[*step] * 1e-6;
        let volume_hm3: f64 = steps.iter().map(volume).sum();
        // What fits in without it is let go for something else, such as supply.
        if room(address) >= volume_hm3 {
            return None;
        }
        let refilled = |(_, seen): &&(f64, &Outline)| {
            series(seen, address, "storage")
                .is_some_and(|stored| stored[common..].iter().skip(1).any(|later| *later >= stored[0] - REFILLED_HM3))
        };
        Some(PreReleaseRow {
            address: address.to_owned(),
            volume_hm3,
            from: start(first),
            greatest_m3s: flow[..common].iter().copied().fold(0.0, f64::max),
            lost_hm3: (would.last()? - stored.last()?).max(0.0),
            refill: members.iter().filter(refilled).map(|(weight, _)| weight).sum(),
        })
    };
    let section = |address: &str| {
        let flows = members.iter().filter_map(|(_, seen)| series(seen, address, "flow"));
        let all = flows.flat_map(|flow| flow.into_iter().enumerate().take(common));
        let (step, greatest_m3s) = all.max_by(|a, b| a.1.total_cmp(&b.1))?;
        Some(SectionPeak { address: address.to_owned(), greatest_m3s, from: start(step) })
    };
    PreRelease {
        misses: id.to_owned(),
        reservoirs: addresses(missed, "outflow").into_iter().filter_map(reservoir).collect(),
        sections: addresses(missed, "flow").into_iter().filter_map(section).collect(),
    }
}

/// A series of a plan; not a number where it has no value.
fn series(of: &Outline, address: &str, quantity: &str) -> Option<Vec<f64>> {
    let found = of.series.iter().find(|row| row.address == address && row.quantity == quantity)?;
    Some(found.values.iter().map(|value| value.unwrap_or(f64::NAN)).collect())
}

/// Addresses of what has a quantity, in their order.
fn addresses<'a>(of: &'a Outline, quantity: &str) -> BTreeSet<&'a str> {
    let of_quantity = |row: &&SeriesRow| row.quantity == quantity;
    of.series.iter().filter(of_quantity).map(|row| row.address.as_str()).collect()
}
