//! What is let go before a storm 预泄: how much, from when, what flows at the sections, and what is lost if the storm misses.
//!
//! Against the plan that knows that it misses: what the tree lets go beyond that until the branch is the pre-release, and what the reservoir
//! then holds less at the end, and users are supplied with less, is lost. So water that would be let go anyway is no pre-release,
//! nor is water for which there is room in every member without letting it go.

use std::collections::{BTreeMap, BTreeSet};

use weir_model::case::Case;
use weir_model::document::ensemble::{PreRelease, PreReleaseRow, RoomRow, SectionPeak, SupplyLostRow};
use weir_model::document::{Content, Outline, SatisfactionRow, SeriesRow};
use weir_model::network::ArcId;
use weir_solver::tree::decided;

/// m³/s by which outflow must differ to count.
const COUNTS_M3S: f64 = 0.5;
/// hm³ by which a storage may lack what it held, to count as refilled; a use that loses less than this loses nothing.
const COUNTS_HM3: f64 = 1e-3;
/// m³/s by which an outlet may lack its capacity, to count as open.
const OPEN_M3S: f64 = 1e-3;

/// The pre-release of a tree: the members with their weights and their parts of it, the member that the storm misses by its place, and what
/// that one comes to by a plan that knows it; the first member's case, the steps that all share, and whether they share spill.
pub(super) fn pre_release(
    members: &[(f64, &Content)],
    (place, id, own): (usize, &str, &Outline),
    (case, common, spill): (&Case, usize, bool),
) -> PreRelease {
    let horizon = &case.horizon;
    let start = |step: usize| weir_model::horizon::rfc3339(&horizon.edges[step]);
    let missed = members[place].1;
    let volume = |(step, flow): (usize, f64)| flow * horizon.lengths_s[step] * 1e-6;
    let room = |address: &str| {
        let (limit, room_hm3) =
            members.iter().filter_map(|(_, seen)| room(seen, address, common)).min_by(|a, b| a.1.total_cmp(&b.1))?;
        let flow = series(&missed.series, address, "outflow")?;
        let apart = members.iter().filter_map(|(_, seen)| series(&seen.series, address, "outflow")).map(|other| {
            let more = other.iter().zip(&flow).map(|(other, flow)| other - flow).enumerate().take(common);
            more.filter(|(_, more)| *more > COUNTS_M3S).map(volume).sum::<f64>()
        });
        let mut arcs =
            case.network.arcs.iter().enumerate().filter(|(number, arc)| {
                case.network.nodes[arc.tail.0].id == address && decided(case, ArcId(*number), spill)
            });
        let is_open = |(_, arc): (usize, &weir_model::network::Arc)| {
            let (flow, most) = (series(&missed.series, &arc.id, "flow"), series(&missed.series, &arc.id, "capacity"));
            flow.zip(most).is_some_and(|(flow, most)| (0..common).all(|step| flow[step] >= most[step] - OPEN_M3S))
        };
        Some(RoomRow {
            address: address.to_owned(),
            limit: limit.to_owned(),
            room_hm3,
            open: arcs.all(is_open),
            apart_hm3: apart.fold(0.0, f64::max),
        })
    };
    let rooms: Vec<RoomRow> = addresses(&missed.series, "outflow").into_iter().filter_map(room).collect();
    let reservoir = |row: &RoomRow| {
        let address = row.address.as_str();
        let (flow, known) = (series(&missed.series, address, "outflow")?, series(&own.series, address, "outflow")?);
        let (stored, would) = (series(&missed.series, address, "storage")?, series(&own.series, address, "storage")?);
        let more = flow.iter().zip(&known).map(|(flow, known)| flow - known).enumerate().take(common);
        let steps: Vec<(usize, f64)> = more.filter(|(_, more)| *more > COUNTS_M3S).collect();
        let (first, _) = *steps.first()?;
        let volume_hm3: f64 = steps.into_iter().map(volume).sum();
        // What fits in without it is let go for something else, such as supply.
        if row.room_hm3 >= volume_hm3 {
            return None;
        }
        let refilled = |(_, seen): &&(f64, &Content)| {
            series(&seen.series, address, "storage")
                .is_some_and(|stored| stored[common..].iter().skip(1).any(|later| *later >= stored[0] - COUNTS_HM3))
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
        let flows = members.iter().filter_map(|(_, seen)| series(&seen.series, address, "flow"));
        let all = flows.flat_map(|flow| flow.into_iter().enumerate().take(common));
        let (step, greatest_m3s) = all.max_by(|a, b| a.1.total_cmp(&b.1))?;
        Some(SectionPeak { address: address.to_owned(), greatest_m3s, from: start(step) })
    };
    let (gets, would) = (supplied(&missed.satisfaction), supplied(&own.satisfaction));
    let lost = would.into_iter().map(|(use_, would)| SupplyLostRow {
        use_: use_.to_owned(),
        lost_hm3: would - gets.get(use_).copied().unwrap_or(0.0),
    });
    PreRelease {
        misses: id.to_owned(),
        reservoirs: rooms.iter().filter_map(reservoir).collect(),
        sections: addresses(&own.series, "flow").into_iter().filter_map(section).collect(),
        supply_lost: lost.filter(|row| row.lost_hm3 > COUNTS_HM3).collect(),
        rooms,
    }
}

/// The least room of a reservoir from a step on, hm³, below the limit that stands then: the flood limit, else the normal level, else the top.
fn room(of: &Content, address: &str, from: usize) -> Option<(&'static str, f64)> {
    let limits = ["flood_limit", "normal", "top"];
    let limits = limits.map(|limit| (limit, series(&of.series, address, &format!("storage.{limit}")).unwrap_or_default()));
    let stored = series(&of.series, address, "storage")?;
    let left = |(at, stored): (usize, f64)| {
        let known = limits.iter().find_map(|(limit, of)| Some((*limit, of.get(at).copied().filter(|of| of.is_finite())?)));
        known.map(|(limit, of)| (limit, of - stored))
    };
    stored.into_iter().enumerate().skip(from.max(1)).filter_map(left).min_by(|a, b| a.1.total_cmp(&b.1))
}

/// What uses off the stream are supplied with in the whole horizon, hm³.
fn supplied(rows: &[SatisfactionRow]) -> BTreeMap<&str, f64> {
    let mut all = BTreeMap::new();
    for row in rows.iter().filter(|row| row.class.is_none() && row.period == "horizon" && !row.in_stream) {
        *all.entry(row.use_.as_str()).or_default() += row.supply_hm3;
    }
    all
}

/// A series of a plan; not a number where it has no value.
fn series(of: &[SeriesRow], address: &str, quantity: &str) -> Option<Vec<f64>> {
    let found = of.iter().find(|row| row.address == address && row.quantity == quantity)?;
    Some(found.values.iter().map(|value| value.unwrap_or(f64::NAN)).collect())
}

/// Addresses of what has a quantity, in their order.
fn addresses<'a>(of: &'a [SeriesRow], quantity: &str) -> BTreeSet<&'a str> {
    let of_quantity = |row: &&SeriesRow| row.quantity == quantity;
    of.iter().filter(of_quantity).map(|row| row.address.as_str()).collect()
}
