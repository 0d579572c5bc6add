//! Forward replay: the plan's decisions carried out with the true area of each storage instead of the secant.
//!
//! s[t] = s[t−1] + arriving − leaving − depth × area((s[t−1] + s[t]) ÷ 2) − seepage, solved by repetition (the evaporation of a
//! step is a small part of the storage, so each round gains digits).
//! What follows of it is told too: the level by the curve, the energy of turbines at the head of the replayed storage, and what an
//! outlet's rating lets pass at it, against the flow that the plan has there.
//!
//! Units: hm³, m, m³/s, GWh. Limits: flows are carried out and routed as planned, also where the rating lets pass less; what reaches
//! the curve's ends is only told, not corrected.

use crate::case::Case;
use crate::network::{ArcId, Storage};
use crate::plan::Decisions;
use crate::tolerance::FEASIBILITY_HM3;
use crate::water::Motion;

/// Where the plan and the replay of a storage part.
#[derive(Clone, Debug, PartialEq)]
pub struct Replay {
    /// Row of the storage.
    pub row: usize,
    /// Largest difference (replay − plan), hm³.
    pub largest_hm3: f64,
    /// Step at whose end it stands.
    pub step: usize,
    /// Difference at the end of the horizon, hm³.
    pub at_end_hm3: f64,
    /// First step in which the replay leaves the curve.
    pub leaves_curve: Option<usize>,
}

/// What a storage's parting makes of a level, a flow or an energy: replay − plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Consequence {
    /// Storage or way.
    pub address: String,
    /// `level`, `flow` or `energy`.
    pub quantity: &'static str,
    /// Unit of the differences.
    pub unit: &'static str,
    /// Largest difference.
    pub largest: f64,
    /// Its step; of a level, at whose end it stands.
    pub step: usize,
    /// Of an energy the sum of all steps, of a flow their mean, of a level the difference at the end.
    pub in_all: f64,
}

/// A difference of level or energy that nobody sees, m and GWh.
const NOTHING: f64 = 1e-9;
/// Rounds of repetition; the last changes nothing that shows.
const ROUNDS: usize = 20;

pub(super) fn replay(case: &Case, decisions: &Decisions, motion: &Motion) -> (Vec<Replay>, Vec<Consequence>) {
    let mut replayed = decisions.clone();
    let storages = case.network.storages().enumerate();
    let parted = storages
        .map(|(row, (node, storage))| {
            let mut replay = Replay { row, largest_hm3: 0.0, step: 0, at_end_hm3: 0.0, leaves_curve: None };
            let mut stored = storage.initial_hm3;
            for step in 0..case.horizon.steps() {
                let kept = motion.arriving[[node.0, step]] - motion.leaving[[node.0, step]];
                let before = stored;
                stored += kept;
                for _ in 0..ROUNDS {
                    stored = before + kept - loss_hm3(case, storage, step, before, stored);
                }
                let outside = stored < storage.curve.lowest().storage_hm3 || stored > storage.curve.highest().storage_hm3;
                if outside && replay.leaves_curve.is_none() {
                    replay.leaves_curve = Some(step);
                }
                replayed.storage_hm3[[row, step + 1]] = stored;
                let difference = stored - decisions.storage_hm3[[row, step + 1]];
                if difference.abs() > replay.largest_hm3.abs() {
                    (replay.largest_hm3, replay.step) = (difference, step);
                }
                replay.at_end_hm3 = difference;
            }
            replay
        })
        .collect();
    (parted, consequences(case, decisions, &replayed))
}

fn consequences(case: &Case, planned: &Decisions, replayed: &Decisions) -> Vec<Consequence> {
    let (network, steps) = (&case.network, case.horizon.steps());
    let mut found = Vec::new();
    let mut tell = |address: &str, (quantity, unit): (&'static str, &'static str), least: f64, all: &[f64], in_all: f64| {
        let largest = all.iter().copied().enumerate().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
        if let Some((step, largest)) = largest.filter(|(_, largest)| largest.abs() > least) {
            found.push(Consequence { address: address.to_owned(), quantity, unit, largest, step, in_all });
        }
    };
    for (row, (node, storage)) in network.storages().enumerate() {
        let level = |of: &Decisions, step: usize| storage.curve.level_at_clamped(of.storage_hm3[[row, step + 1]]);
        let all: Vec<f64> = (0..steps).map(|step| level(replayed, step) - level(planned, step)).collect();
        tell(&network.nodes[node.0].id, ("level", "m"), NOTHING, &all, all.last().copied().unwrap_or_default());
    }
    let days: f64 = (0..steps).map(|step| case.horizon.days(step)).sum();
    for (index, arc) in network.arcs.iter().enumerate() {
        let volume = |step: usize| planned.flow_m3s[[index, step]] * case.hm3_per_m3s(step);
        if arc.discharge.is_some() {
            let passes = |step: usize| {
                let rated = case.rated_m3s(arc, replayed, step).unwrap_or_default().min(case.at(&arc.capacity, step, 0));
                let apart = rated - planned.flow_m3s[[index, step]];
                let seen = apart.abs() * case.hm3_per_m3s(step) > FEASIBILITY_HM3 && (arc.free_overflow || apart < 0.0);
                if seen { apart } else { 0.0 }
            };
            let all: Vec<f64> = (0..steps).map(passes).collect();
            let mean = all.iter().enumerate().map(|(step, apart)| apart * case.horizon.days(step)).sum::<f64>() / days;
            tell(&arc.id, ("flow", "m3/s"), 0.0, &all, mean);
        }
        if arc.head.is_some() {
            let gwh = |of: &Decisions, step: usize| case.gwh_per_hm3(ArcId(index), of, step) * volume(step);
            let all: Vec<f64> = (0..steps).map(|step| gwh(replayed, step) - gwh(planned, step)).collect();
            tell(&arc.id, ("energy", "GWh"), NOTHING, &all, all.iter().sum());
        }
    }
    found
}

fn loss_hm3(case: &Case, storage: &Storage, step: usize, before: f64, after: f64) -> f64 {
    let mean = f64::midpoint(before, after);
    let days = case.horizon.days(step);
    let depth_mm = storage.evaporation.map_or(0.0, |depth| case.at(&depth, step, 0) * days);
    let seeping = storage.seepage_per_day.map_or(0.0, |share| case.at(&share, step, 0) * days);
    // 1 mm over 1 km² is 10⁻³ hm³.
    depth_mm * storage.curve.area_at_clamped(mean) * 1e-3 + seeping * mean
}
