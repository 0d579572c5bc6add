//! What is open or shut: units, least flow, forbidden zones, times, starts. Only where the method has integers.
//!
//! n units in [0, N]: n × least ≤ flow ≤ n × capacity of a unit, N the units that the step's capacity needs. A single unit with
//! forbidden zones has a binary a range between them: Σ low × b ≤ flow ≤ Σ high × b, Σ b ≤ 1. Open o is n, Σ b, or of several
//! units a binary with o ≤ n ≤ N × o.
//! Times and starts: o[t] − o[t−1] − start + stop = 0; Σ start over the last `min_up_h` ≤ o; Σ stop over the last `min_down_h` ≤ 1 − o.
//! Rows: at most 2 + zones a way and step, 3 more with times. Columns: 1 integer, or 1 a range; with times 2 more.
//! Units: hm³ in the step. Physical: never gives way. Big numbers: none but the step's own capacity.
//! Limits: what ran before the start counts as having run, or stood, long enough; without `previous_flow_m3s` the first step is
//! no start.

use weir_model::network::ArcId;
use weir_model::on_off::Commitment as Facts;

use super::RowFamily;
use crate::builder::Builder;
use crate::layout::{Quantity, Subject};

pub(super) struct Commitment;

const WORD: &str = "commitment";

impl RowFamily for Commitment {
    fn word(&self) -> &'static str {
        WORD
    }

    fn add(&self, builder: &mut Builder) {
        if builder.goals.integers.is_none() {
            return;
        }
        let case = builder.case;
        for (index, arc) in case.network.arcs.iter().enumerate() {
            let (Some(facts), Some(least)) = (arc.commitment.as_deref(), &arc.minimum_when_open) else { continue };
            for at in builder.layout.each_step() {
                let least_hm3 = case.at(least, at.0, at.1) * case.hm3_per_m3s(at.0);
                add_units(builder, ArcId(index), facts, least_hm3, at);
            }
            if facts.has_times() {
                for member in 0..builder.layout.members {
                    add_times(builder, ArcId(index), facts, member);
                }
            }
        }
    }
}

/// Least ≤ flow ≤ most for each unit that runs, in the ranges that are allowed.
fn add_units(builder: &mut Builder, arc: ArcId, facts: &Facts, least: f64, at: (usize, usize)) {
    let volume = builder.case.hm3_per_m3s(at.0);
    let capacity = builder.flow_bounds(arc, at).1;
    let units = facts.units.0;
    let place = builder.layout.place(at.0, at.1);
    if units > 1 {
        let own = builder.case.unit_capacity_m3s(arc) * volume;
        let unit = if own.is_finite() { own } else { capacity / units as f64 };
        let most = unit.min(capacity);
        let needed = if most <= 0.0 || least > most { 0.0 } else { (capacity / most - 1e-9).ceil().min(units as f64) };
        let column = builder.integer(Subject::Arc(arc.0 as u32), Quantity::Units, at, needed);
        bound(builder, arc, at, &[(column, least, most)]);
        builder.units_on.insert((arc.0, place), column);
        return;
    }
    let mut ranges = Vec::new();
    let mut from = least;
    for &(lower, upper) in &facts.forbidden_m3s {
        ranges.push((from, (lower * volume).min(capacity)));
        from = upper * volume;
    }
    ranges.push((from, capacity));
    ranges.retain(|&(from, to)| from <= to && to > 0.0);
    let only = ranges.len() <= 1;
    let terms: Vec<(usize, f64, f64)> = ranges
        .into_iter()
        .enumerate()
        .map(|(range, (from, to))| {
            let quantity = if only { Quantity::Open } else { Quantity::Range(range as u8) };
            (builder.integer(Subject::Arc(arc.0 as u32), quantity, at, 1.0), from, to)
        })
        .collect();
    bound(builder, arc, at, &terms);
    if !only {
        let row = builder.row(WORD, Subject::Arc(arc.0 as u32), at, f64::NEG_INFINITY, 1.0);
        for &(column, ..) in &terms {
            builder.matrix.add(row, column, 1.0);
        }
    }
    builder.is_open.insert((arc.0, place), terms.into_iter().map(|term| term.0).collect());
}

/// Σ low × column ≤ flow ≤ Σ high × column.
fn bound(builder: &mut Builder, arc: ArcId, at: (usize, usize), terms: &[(usize, f64, f64)]) {
    let subject = Subject::Arc(arc.0 as u32);
    let most = builder.row(WORD, subject, at, f64::NEG_INFINITY, 0.0);
    builder.add_flow(most, arc, at, 1.0);
    for &(column, _, high) in terms {
        builder.matrix.add(most, column, -high);
    }
    if terms.iter().any(|&(_, low, _)| low > 0.0) {
        let least = builder.row(WORD, subject, at, 0.0, f64::INFINITY);
        builder.add_flow(least, arc, at, 1.0);
        for &(column, low, _) in terms {
            builder.matrix.add(least, column, -low);
        }
    }
}

/// The columns whose sum is 1 where a way is open and 0 where it is shut; added where there are none yet.
pub(super) fn open(builder: &mut Builder, arc: ArcId, at: (usize, usize)) -> Vec<usize> {
    let key = (arc.0, builder.layout.place(at.0, at.1));
    if let Some(columns) = builder.is_open.get(&key) {
        return columns.clone();
    }
    let subject = Subject::Arc(arc.0 as u32);
    let column = builder.integer(subject, Quantity::Open, at, 1.0);
    if let Some(&units) = builder.units_on.get(&key) {
        let most = builder.matrix.bounds(units).1;
        for (lower, upper, factor) in [(f64::NEG_INFINITY, 0.0, most), (0.0, f64::INFINITY, 1.0)] {
            let row = builder.row(WORD, subject, at, lower, upper);
            builder.matrix.add(row, units, 1.0);
            builder.matrix.add(row, column, -factor);
        }
    } else {
        let capacity = builder.flow_bounds(arc, at).1;
        bound(builder, arc, at, &[(column, 0.0, capacity)]);
    }
    builder.is_open.insert(key, vec![column]);
    vec![column]
}

fn add_times(builder: &mut Builder, arc: ArcId, facts: &Facts, member: usize) {
    let case = builder.case;
    let subject = Subject::Arc(arc.0 as u32);
    let steps = builder.layout.steps;
    let (mut starts, mut stops) = (Vec::with_capacity(steps), Vec::with_capacity(steps));
    let mut before: Vec<usize> = Vec::new();
    for step in 0..steps {
        let at = (step, member);
        let now = open(builder, arc, at);
        let was_open = case.was_open(arc);
        let most = if step == 0 && was_open.is_none() { 0.0 } else { 1.0 };
        let start = builder.column(subject, Quantity::Start, at, 0.0, most);
        let stop = builder.column(subject, Quantity::Stop, at, 0.0, most);
        if most > 0.0 {
            let constant = if step == 0 { f64::from(u8::from(was_open == Some(true))) } else { 0.0 };
            let row = builder.row(WORD, subject, at, constant, constant);
            for &column in &now {
                builder.matrix.add(row, column, 1.0);
            }
            for &column in &before {
                builder.matrix.add(row, column, -1.0);
            }
            builder.matrix.add(row, start, -1.0);
            builder.matrix.add(row, stop, 1.0);
        }
        starts.push(start);
        stops.push(stop);
        for (hours, switches, sign, upper) in [(facts.min_up_h, &starts, -1.0, 0.0), (facts.min_down_h, &stops, 1.0, 1.0)] {
            if hours > 0.0 {
                let row = builder.row(WORD, subject, at, f64::NEG_INFINITY, upper);
                for &column in &switches[case.first_within_h(step, hours)..=step] {
                    builder.matrix.add(row, column, 1.0);
                }
                for &column in &now {
                    builder.matrix.add(row, column, sign);
                }
            }
        }
        if let Some(open) = case.kept_from_before(arc, step) {
            let state = f64::from(u8::from(open));
            let row = builder.row(WORD, subject, at, state, state);
            for &column in &now {
                builder.matrix.add(row, column, 1.0);
            }
        }
        before = now;
    }
    builder.starts.insert((arc.0, member), starts);
}
