//! Forward replay: the plan's decisions carried out with the true area of each storage instead of the secant.
//!
//! s[t] = s[t−1] + arriving − leaving − depth × area((s[t−1] + s[t]) ÷ 2) − seepage, solved by repetition (the evaporation of a
//! step is a small part of the storage, so each round gains digits).
//! Units: hm³. Limits: routing and heads are the plan's, and what reaches the curve's ends is only told, not corrected.

use crate::case::Case;
use crate::network::Storage;
use crate::plan::Decisions;
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

/// Rounds of repetition; the last changes nothing that shows.
const ROUNDS: usize = 20;

pub(super) fn replay(case: &Case, decisions: &Decisions, motion: &Motion) -> Vec<Replay> {
    let storages = case.network.storages().enumerate();
    storages
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
                let difference = stored - decisions.storage_hm3[[row, step + 1]];
                if difference.abs() > replay.largest_hm3.abs() {
                    (replay.largest_hm3, replay.step) = (difference, step);
                }
                replay.at_end_hm3 = difference;
            }
            replay
        })
        .collect()
}

fn loss_hm3(case: &Case, storage: &Storage, step: usize, before: f64, after: f64) -> f64 {
    let mean = f64::midpoint(before, after);
    let days = case.horizon.days(step);
    let depth_mm = storage.evaporation.map_or(0.0, |depth| case.at(&depth, step, 0) * days);
    let seeping = storage.seepage_per_day.map_or(0.0, |share| case.at(&share, step, 0) * days);
    // 1 mm over 1 km² is 10⁻³ hm³.
    depth_mm * storage.curve.area_at_clamped(mean) * 1e-3 + seeping * mean
}
