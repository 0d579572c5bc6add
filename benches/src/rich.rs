//! The rich cascade: the cascade's water with tiers, three classes, lags, return flow, ramps, a flood limit and annual
//! accounts; eight goals. The instance that speed is judged on.
//!
//! Per reservoir and day: S storage, R turbine, W spill, X excess over the flood limit (0.8 of full, days 90…269 of a
//! year), for each of three classes a delivery in two tiers, and the ecological shortfall in two halves E1 (upper), E2 (lower).
//!
//! `Rows`: balance with lag 1 at even places and returns a day later; R + W + E1 + E2 ≥ eco; S − X ≤ flood limit in season;
//! |R[t] − R[t−1]| ≤ 0.25 rmax; per group of ten and 365 days: agricultural ≤ 0.6, all ≤ 0.9 of their demand.
//!
//! `Source`: a deterministic generator of this project, restated from its formulas.

use weir_solver::program::{Blocks, Program};

use crate::cascade::{Cascade, HM3_A_DAY, SPILL_UPPER, generate, meaning, three_decimals};
use crate::columns::{Entries, stage};
use crate::{Instance, Meaning, blocks};

/// Class: share of the demand series, tiers, part that returns.
const CLASSES: [(f64, [f64; 2], f64); 3] = [(1.0, [0.7, 0.3], 0.6), (0.45, [0.8, 0.2], 0.3), (0.55, [0.5, 0.5], 0.2)];

/// Families of rows beside the balance, in the order of the matrix.
pub const SIDES: [&str; 4] = ["requirements", "flood_limit", "ramps", "accounts"];

/// Families of columns, in the order of the matrix.
pub const COLUMNS: [&str; 12] = [
    "storage",
    "release",
    "spill",
    "excess",
    "domestic_1",
    "domestic_2",
    "industry_1",
    "industry_2",
    "farms_1",
    "farms_2",
    "upper_shortfall",
    "lower_shortfall",
];

/// Families of rows, in the order of the matrix, as weir's own program calls them.
pub const ROWS: [&str; 5] = ["balance", "requirement", "flood_limit", "change", "account"];

/// Which rows the matrix has beside the balance.
#[derive(Clone, Copy, Debug)]
pub struct Shape<'a> {
    /// Words of [`SIDES`] that it has, `ramps=0.1` for ramps of a tenth of what turbines can pass instead of a quarter; `at_once` where ramps
    /// may not come late, `daily` where it does not tell which steps are alike.
    pub sides: &'a [&'a str],
    /// The flood limit as a bound of a storage's lower part, which its excess adds to, instead of a row.
    pub split: bool,
}

impl Shape<'_> {
    /// The instance as it is published.
    pub const WHOLE: Self = Self { sides: &SIDES, split: false };

    fn has(&self, side: &str) -> bool {
        self.sides.iter().any(|word| word.split('=').next() == Some(side))
    }

    /// The part of what turbines can pass by which they may change in a day.
    fn ramp(&self) -> f64 {
        let part = self.sides.iter().find_map(|word| word.strip_prefix("ramps=")?.parse().ok());
        part.unwrap_or(0.25)
    }
}

/// The instance of that size, all inflow multiplied by a factor.
pub fn instance(count: usize, days: usize, inflow: f64) -> Instance {
    shaped(count, days, inflow, Shape::WHOLE)
}

/// The same with other rows.
pub fn shaped(count: usize, days: usize, inflow: f64, shape: Shape<'_>) -> Instance {
    let mut cascade = generate(count, days);
    for flow in &mut cascade.inflow {
        *flow *= inflow;
    }
    with_rows(&cascade, &format!("rich-{count}x{days}"), shape)
}

/// The same whose turbines pass nothing or at least such a part of what they can, and the step of each column: a whole number u for
/// each turbine and day, R ≤ rmax u and R ≥ least rmax u.
pub fn on_off(count: usize, days: usize, least: f64) -> (Instance, Vec<u32>) {
    let mut instance = instance(count, days, 1.0);
    let (program, size) = (&mut instance.program, count * days);
    let (columns, rows) = (program.columns(), program.rows());
    let most: Vec<f64> = program.column_upper[size..2 * size].to_vec();
    let mut entries = Entries::default();
    for j in 0..columns {
        program.entries(j).for_each(|(i, value)| entries.add(i, j, value));
    }
    for (at, most) in most.into_iter().enumerate() {
        for (row, part) in [(rows + 2 * at, 1.0), (rows + 2 * at + 1, least)] {
            entries.add(row, size + at, 1.0);
            entries.add(row, columns + at, -part * most);
        }
        program.row_lower.extend([f64::NEG_INFINITY, 0.0]);
        program.row_upper.extend([0.0, f64::INFINITY]);
    }
    (program.starts, program.indices, program.values) = entries.compressed(columns + size);
    program.column_lower.extend(vec![0.0; size]);
    program.column_upper.extend(vec![1.0; size]);
    program.integers = (columns..columns + size).collect();
    let steps = (0..columns + size).map(|j| (j % size / count) as u32).collect();
    (instance, steps)
}

/// The column of a delivery: blocks of classes' tiers start after S, R, W, X.
const fn delivery(class: usize, tier: usize) -> usize {
    4 + 2 * class + tier
}

/// The lean program of a cascade, whose inflow may have been changed.
pub fn program(cascade: &Cascade, name: &str) -> Instance {
    with_rows(cascade, name, Shape::WHOLE)
}

/// A day of a year in which the flood limit holds.
fn season(t: usize) -> bool {
    (90..270).contains(&(t % 365))
}

fn flood_limit(storage_upper: f64) -> f64 {
    three_decimals(0.8 * storage_upper)
}

fn with_rows(cascade: &Cascade, name: &str, shape: Shape<'_>) -> Instance {
    let (count, days) = (cascade.reservoirs.len(), cascade.days);
    let size = count * days;
    let column = |block: usize, at: usize| block * size + at;
    let demand = |class: usize, at: usize| match class {
        0 => cascade.domestic[at],
        _ => CLASSES[class].0 * cascade.production[at],
    };
    let (mut lower, mut upper) = (vec![0.0; 12 * size], vec![0.0; 12 * size]);
    for t in 0..days {
        for (i, reservoir) in cascade.reservoirs.iter().enumerate() {
            let at = t * count + i;
            let end = if t + 1 == days { reservoir.storage_end } else { 0.0 };
            lower[column(0, at)] = reservoir.storage_lower.max(end);
            upper[column(0, at)] = reservoir.storage_upper;
            upper[column(1, at)] = reservoir.release_upper;
            upper[column(2, at)] = SPILL_UPPER;
            upper[column(3, at)] = if season(t) { reservoir.storage_upper } else { 0.0 };
            if shape.split && season(t) {
                upper[column(0, at)] = flood_limit(reservoir.storage_upper);
                upper[column(3, at)] = reservoir.storage_upper - upper[column(0, at)];
            }
            for (class, (_, tiers, _)) in CLASSES.iter().enumerate() {
                for (tier, part) in tiers.iter().enumerate() {
                    upper[column(delivery(class, tier), at)] = part * demand(class, at);
                }
            }
            upper[column(10, at)] = 0.5 * cascade.ecological[at];
            upper[column(11, at)] = 0.5 * cascade.ecological[at];
        }
    }
    let (entries, row_lower, row_upper, late) = rows(cascade, &demand, shape);
    let blocks =
        if shape.has("daily") { Blocks::default() } else { blocks(days, &meanings(count, days, shape, row_lower.len())) };
    let (starts, indices, values) = entries.compressed(12 * size);
    let program = Program {
        starts,
        indices,
        values,
        column_lower: lower,
        column_upper: upper,
        row_lower,
        row_upper,
        integers: Vec::new(),
        late,
        blocks,
    };
    Instance { name: name.to_owned(), program, stages: stages(cascade, &demand) }
}

/// What the columns of a matrix of so many rows mean, and its rows.
pub fn meanings(count: usize, days: usize, shape: Shape<'_>, rows: usize) -> [Vec<Meaning>; 2] {
    let size = count * days;
    let days_of = [
        ("", (0..days).collect::<Vec<_>>()),
        ("requirements", (0..days).collect()),
        ("flood_limit", (0..days).filter(|&t| season(t) && !shape.split).collect()),
        ("ramps", (1..days).collect()),
    ];
    let families = days_of.into_iter().enumerate().filter(move |(family, (side, _))| *family == 0 || shape.has(side));
    let daily = families.flat_map(move |(family, (_, days))| {
        days.into_iter().flat_map(move |t| (0..count).map(move |i| Meaning { family, place: i, day: Some(t) }))
    });
    let accounts = (0..).map(|account| Meaning { family: SIDES.len(), place: account, day: None });
    let columns = (0..COLUMNS.len() * size).map(|number| meaning(number, count, size));
    [columns.collect(), daily.chain(accounts).take(rows).collect()]
}

/// The rows, family after family, and which of them come late.
type Rows = (Entries, Vec<f64>, Vec<f64>, Vec<usize>);

fn rows(cascade: &Cascade, demand: &dyn Fn(usize, usize) -> f64, shape: Shape<'_>) -> Rows {
    let (count, days) = (cascade.reservoirs.len(), cascade.days);
    let size = count * days;
    let column = |block: usize, at: usize| block * size + at;
    let mut entries = Entries::default();
    let mut water: Vec<f64> = cascade.inflow.iter().map(|flow| HM3_A_DAY * flow).collect();
    for (i, reservoir) in cascade.reservoirs.iter().enumerate() {
        let lag = usize::from(reservoir.place % 2 == 0);
        water[i] += reservoir.storage_start;
        if let Some(next) = reservoir.downstream.filter(|_| lag == 1) {
            water[next] += HM3_A_DAY * three_decimals(0.2 * reservoir.release_upper);
        }
        for t in 0..days {
            let at = t * count + i;
            for block in if shape.split { [0, 3].as_slice() } else { &[0] } {
                entries.add(at, column(*block, at), 1.0);
                if t > 0 {
                    entries.add(at, column(*block, at - count), -1.0);
                }
            }
            for block in (1..3).chain(4..10) {
                entries.add(at, column(block, at), HM3_A_DAY);
            }
            let Some(next) = reservoir.downstream else { continue };
            if t + lag < days {
                for block in [1, 2] {
                    entries.add((t + lag) * count + next, column(block, at), -HM3_A_DAY);
                }
            }
            if t + 1 < days {
                for (class, (_, _, returned)) in CLASSES.iter().enumerate() {
                    for tier in 0..2 {
                        entries.add((t + 1) * count + next, column(delivery(class, tier), at), -HM3_A_DAY * returned);
                    }
                }
            }
        }
    }
    let (mut row_lower, mut row_upper) = (water.clone(), water);
    for at in (0..size).filter(|_| shape.has("requirements")) {
        for block in [1, 2, 10, 11] {
            entries.add(row_lower.len(), column(block, at), 1.0);
        }
        row_lower.push(cascade.ecological[at]);
        row_upper.push(f64::INFINITY);
    }
    for t in (0..days).filter(|&t| season(t) && shape.has("flood_limit") && !shape.split) {
        for (i, reservoir) in cascade.reservoirs.iter().enumerate() {
            entries.add(row_lower.len(), column(0, t * count + i), 1.0);
            entries.add(row_lower.len(), column(3, t * count + i), -1.0);
            row_lower.push(f64::NEG_INFINITY);
            row_upper.push(flood_limit(reservoir.storage_upper));
        }
    }
    let before_ramps = row_lower.len();
    for t in (1..days).filter(|_| shape.has("ramps")) {
        for (i, reservoir) in cascade.reservoirs.iter().enumerate() {
            let at = t * count + i;
            entries.add(row_lower.len(), column(1, at), 1.0);
            entries.add(row_lower.len(), column(1, at - count), -1.0);
            row_lower.push(-shape.ramp() * reservoir.release_upper);
            row_upper.push(shape.ramp() * reservoir.release_upper);
        }
    }
    let late = if shape.has("at_once") { Vec::new() } else { (before_ramps..row_lower.len()).collect() };
    for group in (0..count).step_by(10).filter(|_| shape.has("accounts")) {
        for window in (0..days).step_by(365) {
            for (classes, part) in [(2..3, 0.6), (0..3, 0.9)] {
                let mut total = 0.0;
                for t in window..days.min(window + 365) {
                    for i in group..count.min(group + 10) {
                        let at = t * count + i;
                        for class in classes.clone() {
                            total += demand(class, at);
                            for tier in 0..2 {
                                entries.add(row_lower.len(), column(delivery(class, tier), at), HM3_A_DAY);
                            }
                        }
                    }
                }
                row_lower.push(f64::NEG_INFINITY);
                row_upper.push(part * HM3_A_DAY * total);
            }
        }
    }
    (entries, row_lower, row_upper, late)
}

/// The eight goals.
fn stages(cascade: &Cascade, demand: &dyn Fn(usize, usize) -> f64) -> Vec<weir_solver::program::Stage> {
    let count = cascade.reservoirs.len();
    let size = count * cascade.days;
    let all = size as f64;
    let terms = |block: usize, of: &dyn Fn(usize) -> f64| -> Vec<(usize, f64)> {
        (0..size).map(|at| (block * size + at, of(at))).collect()
    };
    let short = |class: usize, tier: usize, weight: f64| terms(delivery(class, tier), &|at| -weight / demand(class, at));
    let ecological = |block: usize| terms(block, &|at| 1.0 / cascade.ecological[at]);
    vec![
        stage(short(0, 0, 1.0), 0.7 * all, all),
        stage(ecological(11), 0.0, all),
        stage(short(0, 1, 1.0), 0.3 * all, all),
        stage(terms(3, &|at| 1.0 / cascade.reservoirs[at % count].storage_upper), 0.0, all),
        stage([short(1, 0, 1.0), short(1, 1, 1.0)].concat(), all, all),
        stage(ecological(10), 0.0, all),
        stage([short(2, 0, 1.5), short(2, 1, 1.0)].concat(), 1.25 * all, all),
        stage(terms(1, &|at| -(1.0 + 0.1 * cascade.reservoirs[at % count].place as f64) / 1000.0), 0.0, all),
    ]
}
