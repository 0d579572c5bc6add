//! Days of supply 可供水天数: how long a run serves whom, and when storages come to their levels.
//!
//! A storage lasts until it first ends a step below its supply lower level 供水下限, or at its dead level where it has none; a delivery until
//! it is first given less than it wants after curtailments: homes by themselves, and all its classes. What lasts longer than the run has no
//! number of days. Units: days from the start. Limits: as fine as the steps; what recovers later is not told.

use jiff::civil::Date;
use serde::Serialize;

use crate::case::Case;
use crate::network::{NodeKind, Storage, Use};
use crate::plan::Decisions;

/// Levels whose dates are told, the highest first.
pub const LEVELS: [&str; 4] = ["drought_warning", "drought_limit", "supply_lower", "dead"];

/// Less than this is served in full, m³/s; and so near a level stands at it, m.
const NOTHING: f64 = 1e-4;

/// Who lasts how long by one run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Lasting {
    /// Element.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `reservoir`; of a delivery `homes` 居民生活 or `users`, all its classes.
    pub who: &'static str,
    /// How long.
    pub cell: Cell,
}

/// How long something lasts under one inflow.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Cell {
    /// Whole days; none where it lasts the whole run.
    pub days: Option<usize>,
    /// Of a reservoir: levels that it has, with the day on which it first stands below; none if never.
    pub dates: Vec<(&'static str, Option<Date>)>,
    /// Of a reservoir: level at the end of the run, m.
    pub end_level_m: Option<f64>,
}

/// Days of supply of a basin.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Days {
    /// Basin's id.
    pub basin: String,
    /// Basin's name.
    pub name: String,
    /// First day.
    pub start: Date,
    /// Days of each run.
    pub days: usize,
    /// Days at the start that are forecast.
    pub forecast_days: i64,
    /// Facts or series that are assumed or synthetic.
    pub assumed: bool,
    /// Inflows: `50`, `75` … of frequencies, percent; `no_rain`.
    pub inflows: Vec<Inflow>,
    /// Rows, each with a cell an inflow.
    pub rows: Vec<Row>,
}

/// An inflow that was asked.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Inflow {
    /// Percent of years that bring as much; none without rain.
    pub frequency_percent: Option<f64>,
    /// The year of the record and what its days are multiplied by.
    pub year: Option<(i32, f64)>,
    /// Why there is no answer, if there is none: for `saving` or for all.
    pub refused: Vec<String>,
}

/// A reservoir or a delivery at one level of saving.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Element.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `reservoir`, `homes` or `users`.
    pub who: &'static str,
    /// The drought response that is declared from the start on; none as today.
    pub saving: Option<&'static str>,
    /// A cell an inflow; none where it has no answer.
    pub cells: Vec<Option<Cell>>,
}

/// Who lasts how long by a run.
pub fn lasting(case: &Case, decisions: &Decisions) -> Vec<Lasting> {
    let mut found = Vec::new();
    for (row, (node, storage)) in case.network.storages().enumerate().filter(|(_, (_, storage))| !storage.aquifer) {
        let node = &case.network.nodes[node.0];
        let stored: Vec<f64> = decisions.storage_hm3.row(row).to_vec();
        let cell = reservoir(case, storage, &stored);
        found.push(Lasting { id: node.id.clone(), name: node.name.clone(), who: "reservoir", cell });
    }
    for node in &case.network.nodes {
        let NodeKind::Demand(_) = node.kind else { continue };
        let rows: Vec<_> = case.network.portions().filter(|row| case.network.nodes[row.node.0].id == node.id).collect();
        let lacks = |homes: bool| {
            let mine: Vec<_> = rows.iter().filter(|row| !homes || row.portion.use_ == Use::Domestic).collect();
            let short = |step: &usize| {
                mine.iter().any(|row| {
                    let wanted = case.size_m3s(row.demand, row.portion, *step, 0);
                    wanted - decisions.supply_m3s[[row.row, *step]] > NOTHING
                })
            };
            (!mine.is_empty()).then(|| (0..case.horizon.steps()).find(short))
        };
        for (who, homes) in [("homes", true), ("users", false)] {
            let Some(first) = lacks(homes) else { continue };
            let cell = Cell { days: first.map(|step| days_before(case, step)), ..Cell::default() };
            found.push(Lasting { id: node.id.clone(), name: node.name.clone(), who, cell });
        }
    }
    found
}

fn days_before(case: &Case, step: usize) -> usize {
    (0..step).map(|step| case.horizon.days(step)).sum::<f64>().floor() as usize
}

fn reservoir(case: &Case, storage: &Storage, stored: &[f64]) -> Cell {
    let level = |at: usize| storage.curve.level_at_clamped(stored[at]);
    // Where it stands below: before the first step 0, then at the end of each.
    let first = |below: &dyn Fn(usize, usize) -> bool| (0..stored.len()).find(|at| below(*at, at.saturating_sub(1)));
    let named = |word: &str| storage.levels.iter().find(|(name, _)| name == word).map(|(_, level)| level);
    let below_named = |word: &str| {
        let wanted = named(word)?;
        Some(first(&|at, step| level(at) < case.at(wanted, step, 0) - NOTHING))
    };
    let dead = first(&|at, step| stored[at] <= case.at(&storage.lower, step, 0) + 1e-6);
    let on = |at: usize| case.horizon.date_of(at.saturating_sub(1));
    let mut dates: Vec<(&'static str, Option<Date>)> = Vec::new();
    for word in LEVELS {
        let at = if word == "dead" { Some(dead) } else { below_named(word) };
        dates.extend(at.map(|at| (word, at.map(on))));
    }
    let ends = below_named("supply_lower").unwrap_or(dead);
    Cell { days: ends.map(|at| days_before(case, at.saturating_sub(1))), dates, end_level_m: Some(level(stored.len() - 1)) }
}
