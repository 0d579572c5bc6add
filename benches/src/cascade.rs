//! The cascade: reservoirs in groups of ten, each a chain, tails flowing into the next group's tail; daily steps; three goals.
//!
//! Per reservoir i and day t: storage S, release R, spill W, domestic supply D, production supply P, ecological shortfall E.
//!
//! S[t] = S[t−1] + C·(q + Σ over upstream of (R + W + 0.6 D + 0.3 P) − R − W − D − P); R + W + E ≥ eco;
//! goals in order: Σ (dom − D)/dom, Σ E/eco, Σ (prod − P)/prod, in node-days of full shortage.
//!
//! `Source`: a deterministic generator of this project (integers, + − × ÷, rounding to three decimals), whose values
//! three independent tools agree on.

use weir_solver::program::Program;

use crate::columns::{Entries, stage};
use crate::{Instance, Meaning, blocks};

/// hm³ of 1 m³/s for a day.
pub const HM3_A_DAY: f64 = 0.0864;

/// A reservoir.
#[derive(Clone, Debug)]
pub struct Reservoir {
    /// Place in its group of ten, from 1.
    pub place: usize,
    /// The one its water flows to.
    pub downstream: Option<usize>,
    /// Greatest storage, hm³.
    pub storage_upper: f64,
    /// Least storage, hm³.
    pub storage_lower: f64,
    /// Storage at the start, hm³.
    pub storage_start: f64,
    /// Least storage at the end, hm³.
    pub storage_end: f64,
    /// Greatest release, m³/s.
    pub release_upper: f64,
    inflow_mean: f64,
    domestic_mean: f64,
    production_mean: f64,
    ecological_base: f64,
}

/// What the instance is made of; series are day × reservoir, m³/s.
#[derive(Clone, Debug)]
pub struct Cascade {
    /// Days.
    pub days: usize,
    /// Reservoirs.
    pub reservoirs: Vec<Reservoir>,
    /// Inflow.
    pub inflow: Vec<f64>,
    /// Domestic demand.
    pub domestic: Vec<f64>,
    /// Production demand.
    pub production: Vec<f64>,
    /// Ecological target.
    pub ecological: Vec<f64>,
}

/// Families of columns, in the order of the matrix.
pub const COLUMNS: [&str; 6] = ["storage", "release", "spill", "domestic", "production", "shortfall"];

/// Families of rows, in the order of the matrix.
pub const ROWS: [&str; 2] = ["balance", "requirement"];

/// Greatest spill, m³/s.
pub const SPILL_UPPER: f64 = 5000.0;

/// Triangle wave 0…1 of a period, 0 at x = 0.
fn triangle(x: usize, period: usize) -> f64 {
    1.0 - (2.0 * (x % period) as f64 / period as f64 - 1.0).abs()
}

/// The nearest number of three decimals, as its shortest decimal form reads.
pub(crate) fn three_decimals(x: f64) -> f64 {
    format!("{x:.3}").parse().unwrap_or(x)
}

/// The cascade of that size.
pub fn generate(count: usize, days: usize) -> Cascade {
    let mut reservoirs: Vec<Reservoir> = (1..=count)
        .map(|i| {
            let place = (i - 1) % 10 + 1;
            let next = if i % 10 == 0 { i + 10 } else { i + 1 };
            let full = 24.0 + (i * 13 % 7) as f64 * 12.0;
            Reservoir {
                place,
                downstream: (next <= count).then_some(next - 1),
                storage_upper: three_decimals(full),
                storage_lower: three_decimals(0.1 * full),
                storage_start: three_decimals(0.5 * full),
                storage_end: three_decimals(0.4 * full),
                release_upper: three_decimals(50.0 + 8.0 * place as f64),
                inflow_mean: if place == 1 { 24.0 } else { 3.0 + (7 * i % 11) as f64 },
                domestic_mean: 4.0 + (i * 5 % 7) as f64,
                production_mean: 6.0 + (i * 3 % 8) as f64 * 2.0,
                ecological_base: 0.0,
            }
        })
        .collect();
    let mut natural: Vec<f64> = reservoirs.iter().map(|reservoir| reservoir.inflow_mean).collect();
    for i in 0..count {
        if let Some(next) = reservoirs[i].downstream {
            natural[next] += natural[i];
        }
    }
    for (reservoir, natural) in reservoirs.iter_mut().zip(&natural) {
        reservoir.ecological_base = three_decimals(0.2 * natural.min(120.0));
    }
    let mut cascade = Cascade {
        days,
        reservoirs,
        inflow: Vec::new(),
        domestic: Vec::new(),
        production: Vec::new(),
        ecological: Vec::new(),
    };
    for t in 1..=days {
        let season = triangle(t + 265, 365);
        let season = season * season;
        for (i, reservoir) in (1..).zip(&cascade.reservoirs) {
            let pulse = ((t * 37 + i * 53) % 29) as f64 / 28.0;
            cascade.inflow.push(three_decimals(reservoir.inflow_mean * (0.13 + 1.6 * season) * (0.3 + 1.2 * pulse)));
            cascade.domestic.push(three_decimals(reservoir.domestic_mean * (0.9 + 0.2 * triangle(t, 365))));
            cascade.production.push(three_decimals(reservoir.production_mean * (0.3 + 1.4 * triangle(t + 30, 365))));
            let high = (90..270).contains(&((t - 1) % 365));
            cascade.ecological.push(three_decimals(reservoir.ecological_base * if high { 1.0 } else { 0.6 }));
        }
    }
    cascade
}

/// What a column, or a row, of families that have one a reservoir and day, means.
pub(crate) const fn meaning(number: usize, count: usize, size: usize) -> Meaning {
    Meaning { family: number / size, place: number % count, day: Some(number % size / count) }
}

/// What the columns mean, and the rows.
pub fn meanings(count: usize, days: usize) -> [Vec<Meaning>; 2] {
    let size = count * days;
    [COLUMNS.len(), ROWS.len()].map(|families| (0..families * size).map(|number| meaning(number, count, size)).collect())
}

/// The instance of that size.
pub fn instance(count: usize, days: usize) -> Instance {
    program(&generate(count, days), &format!("cascade-{count}x{days}"))
}

/// The lean program of a cascade, whose inflow may have been changed.
pub fn program(cascade: &Cascade, name: &str) -> Instance {
    let (count, days) = (cascade.reservoirs.len(), cascade.days);
    let size = count * days;
    let [storage, release, spill, domestic, production, shortfall] = [0, 1, 2, 3, 4, 5].map(|block| block * size);
    let mut entries = Entries::default();
    let (mut lower, mut upper) = (vec![0.0; 6 * size], vec![0.0; 6 * size]);
    let (mut row_lower, mut row_upper) = (vec![0.0; 2 * size], vec![f64::INFINITY; 2 * size]);
    for t in 0..days {
        for (i, reservoir) in cascade.reservoirs.iter().enumerate() {
            let at = t * count + i;
            entries.add(at, storage + at, 1.0);
            if t > 0 {
                entries.add(at, storage + at - count, -1.0);
            }
            for (block, returned) in [(release, 1.0), (spill, 1.0), (domestic, 0.6), (production, 0.3)] {
                entries.add(at, block + at, HM3_A_DAY);
                if let Some(next) = reservoir.downstream {
                    entries.add(t * count + next, block + at, -HM3_A_DAY * returned);
                }
            }
            for block in [release, spill, shortfall] {
                entries.add(size + at, block + at, 1.0);
            }
            let water = HM3_A_DAY * cascade.inflow[at] + if t == 0 { reservoir.storage_start } else { 0.0 };
            (row_lower[at], row_upper[at]) = (water, water);
            row_lower[size + at] = cascade.ecological[at];
            let end = if t + 1 == days { reservoir.storage_end } else { 0.0 };
            lower[storage + at] = reservoir.storage_lower.max(end);
            upper[storage + at] = reservoir.storage_upper;
            upper[release + at] = reservoir.release_upper;
            upper[spill + at] = SPILL_UPPER;
            upper[domestic + at] = cascade.domestic[at];
            upper[production + at] = cascade.production[at];
            upper[shortfall + at] = cascade.ecological[at];
        }
    }
    let (starts, indices, values) = entries.compressed(6 * size);
    let all = size as f64;
    let share = |block: usize, of: &[f64], sign: f64| (0..size).map(|at| (block + at, sign / of[at])).collect();
    let stages = vec![
        stage(share(domestic, &cascade.domestic, -1.0), all, all),
        stage(share(shortfall, &cascade.ecological, 1.0), 0.0, all),
        stage(share(production, &cascade.production, -1.0), all, all),
    ];
    let program = Program {
        starts,
        indices,
        values,
        column_lower: lower,
        column_upper: upper,
        row_lower,
        row_upper,
        integers: Vec::new(),
        late: Vec::new(),
        blocks: blocks(days, &meanings(count, days)),
    };
    Instance { name: name.to_owned(), program, stages }
}
