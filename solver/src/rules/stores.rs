//! Storages as arrays: what each keeps, its zones, its outlets and their ratings.
//!
//! Shape: series are by step, those of zones step × zone. Units: hm³, flows hm³ in the step.

use weir_model::case::Case;
use weir_model::goals::Goals;
use weir_model::network::{Bound, EndStorage, NodeId, Of, Response, RuleClass};
use weir_model::rating::Rating;

use super::compiled::{Kind, Receiver, rank};
use super::lists::Lists;
use super::paths;

/// A storage.
#[derive(Clone, Debug)]
pub(super) struct Store {
    pub(super) node: usize,
    pub(super) initial: f64,
    /// Bounds that are given on it: rule's rank, floor, ceiling, rise, fall (as series of the requirement).
    pub(super) rules: Vec<StoreRule>,
    /// Outlets to the river in the order in which they are opened, each with the way that its water goes.
    pub(super) outlets: Vec<Vec<usize>>,
    /// Tops of its zones, step × zone.
    pub(super) zones: Vec<f64>,
    pub(super) zone_count: usize,
    /// By zone: the drought response that it declares.
    pub(super) responses: Vec<Option<Response>>,
    /// The first stage that may not draw below a line, and the line: storage at the end of each step.
    pub(super) line: Option<(usize, Vec<f64>)>,
    /// Outflow of each zone, step × zone, hm³.
    pub(super) releases: Vec<f64>,
}

/// A rule on a storage, by step; infinite where there is none.
#[derive(Clone, Debug)]
pub(super) struct StoreRule {
    pub(super) rank: u8,
    pub(super) floor: Vec<f64>,
    pub(super) ceiling: Vec<f64>,
    pub(super) rise: Vec<f64>,
    pub(super) fall: Vec<f64>,
}

/// An outlet that no gate shuts.
#[derive(Clone, Debug)]
pub(super) struct Free {
    pub(super) arc: usize,
    pub(super) row: usize,
    pub(super) rating: Rating,
    /// hm³ that 1 m³/s of its rating carries, by step, and what it carries at most.
    pub(super) open: Vec<f64>,
    pub(super) most: Vec<f64>,
}

/// An outlet whose capacity follows the storage.
#[derive(Clone, Debug)]
pub(super) struct Rated {
    pub(super) arc: usize,
    pub(super) row: usize,
    pub(super) rating: Rating,
    pub(super) open: Vec<f64>,
}

/// All storages of a case.
pub(super) fn stores(
    case: &Case,
    goals: &Goals,
    receivers: &Lists<Receiver>,
    ways_out: &Lists<usize>,
    kinds: &[Kind],
) -> Vec<Store> {
    let steps = case.horizon.steps();
    let store = |(node, storage): (weir_model::network::NodeId, &weir_model::network::Storage)| {
        let series = |bound: Option<Bound>, days: bool, none: f64| -> Vec<f64> {
            let scale = |step| if days { case.horizon.days(step) } else { 1.0 };
            let at = |step| bound.map_or(none, |bound| case.bound(&bound, step, 0) * scale(step));
            (0..steps).map(at).map(|value| if value.is_finite() { value } else { none }).collect()
        };
        let on_it = case.network.requirements.iter().filter(|requirement| requirement.of == Of::Storage(node));
        let mut rules: Vec<StoreRule> = on_it
            .map(|requirement| StoreRule {
                rank: rank(goals, requirement.class),
                floor: series(requirement.floor, false, f64::NEG_INFINITY),
                ceiling: series(requirement.ceiling, false, f64::INFINITY),
                rise: series(requirement.rise_per_day, true, f64::INFINITY),
                fall: series(requirement.fall_per_day, true, f64::INFINITY),
            })
            .collect();
        if let Some(end) = storage.end.filter(|end| end.hard) {
            let none = vec![f64::INFINITY; steps];
            let last = |step: usize| if step + 1 == steps { end.storage_hm3 } else { f64::NEG_INFINITY };
            rules.push(StoreRule {
                rank: rank(goals, RuleClass::Operational),
                floor: (0..steps).map(last).collect(),
                ceiling: none.clone(),
                rise: none.clone(),
                fall: none,
            });
        }
        let outflow = ways_out.of(node.0).iter().filter(|arc| case.network.arcs[**arc].role.is_outflow());
        let zones = storage.zones.iter();
        let by_zone = |read: &dyn Fn(usize, &weir_model::network::Zone) -> f64| -> Vec<f64> {
            (0..steps).flat_map(|step| storage.zones.iter().map(move |zone| (step, zone))).map(|(s, z)| read(s, z)).collect()
        };
        Store {
            node: node.0,
            initial: storage.initial_hm3,
            rules,
            outlets: outflow.map(|arc| paths::downstream(*arc, receivers, ways_out, kinds)).collect(),
            zone_count: zones.len(),
            zones: by_zone(&|step, zone| case.at(&zone.top, step, 0)),
            responses: storage.zones.iter().map(|zone| zone.response).collect(),
            line: storage.end.and_then(|end| line(case, goals, node, storage.initial_hm3, &end)),
            releases: by_zone(&|step, zone| {
                zone.release.map_or(0.0, |flow| case.at(&flow, step, 0) * case.hm3_per_m3s(step))
            }),
        }
    };
    case.network.storages().map(store).collect()
}

/// The straight line from the storage at the start to the end that is wanted, and the first stage that may not draw below it:
/// of a soft end the one after the stage that works for it, of a hard one the second, so that the most important goes on.
fn line(case: &Case, goals: &Goals, node: NodeId, initial: f64, end: &EndStorage) -> Option<(usize, Vec<f64>)> {
    let works_for = |stage: &usize| {
        goals.objectives.get(*stage).is_some_and(|objective| {
            let id = &case.network.nodes[node.0].id;
            objective.kind == "end_storage" && (objective.elements.is_empty() || objective.elements.contains(id))
        })
    };
    let from = if end.hard { Some(1) } else { goals.stages.iter().position(works_for).map(|stage| stage + 1) };
    let lengths = &case.horizon.lengths_s;
    let whole: f64 = lengths.iter().sum();
    let elapsed = lengths.iter().scan(0.0, |elapsed, length| {
        *elapsed += length;
        Some(*elapsed / whole)
    });
    from.map(|from| (from, elapsed.map(|part| initial + part * (end.storage_hm3 - initial)).collect()))
}

/// Outlets with a rating: those that are opened, and those that no gate shuts.
pub(super) fn ratings(case: &Case, kinds: &[Kind]) -> (Vec<Rated>, Vec<Free>) {
    let (mut rated, mut free) = (Vec::new(), Vec::new());
    for (arc, facts) in case.network.arcs.iter().enumerate() {
        let (Kind::Storage(row), Some(rating)) = (kinds[facts.tail.0], facts.discharge.clone()) else { continue };
        let by_step = |value: &dyn Fn(usize) -> f64| -> Vec<f64> {
            (0..case.horizon.steps()).map(|step| value(step) * case.hm3_per_m3s(step)).collect()
        };
        let open = by_step(&|step| case.at(&rating.open, step, 0));
        if facts.free_overflow {
            let most = by_step(&|step| case.at(&facts.capacity, step, 0).max(0.0));
            free.push(Free { arc, row, rating, open, most });
        } else {
            rated.push(Rated { arc, row, rating, open });
        }
    }
    (rated, free)
}
