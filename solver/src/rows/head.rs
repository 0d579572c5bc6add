//! Energy of turbines whose head follows the level, by zones of the step's mean storage. Only where the head is asked for so.
//!
//! In a zone [a, b] with flow v, mean storage m and head h(m): energy ≤ c h(b) v, and by each line of the concave envelope of
//! h: energy ≤ c (h(a) v + vmax (line(m) − h(a))). Exactly one zone holds: Σ z = 1, Σ v = flow, Σ m = mean storage, each v and
//! m within its zone × z. Every cut lies over the true energy, so the program's optimum is a bound on it.
//! Rows: a zone and line, 3 more a zone and 3 more a step; a single zone has cuts alone. Columns: 1 a zone for energy, and 3
//! where there are several, 1 of them binary. Units: GWh, hm³.
//! Limits: tailwater is that of no flow; the tighter, the more zones.

use weir_model::goals::HeadModel;
use weir_model::network::{ArcId, Storage};

use super::RowFamily;
use crate::builder::Builder;
use crate::layout::{Quantity, Subject};

pub(super) struct Head;

impl RowFamily for Head {
    fn word(&self) -> &'static str {
        "head"
    }

    fn add(&self, builder: &mut Builder) {
        let HeadModel::Zones(zones) = builder.goals.head else { return };
        let zones = if builder.goals.integers.is_some() { zones } else { 1 };
        let case = builder.case;
        for (index, arc) in case.network.arcs.iter().enumerate() {
            let Some((storage, head)) = case.head_of(arc) else { continue };
            let by_storage = head.by_storage(&storage.curve);
            for at in builder.layout.each_step() {
                let mut cuts =
                    Cuts { arc: ArcId(index), at, most_hm3: builder.flow_limits(ArcId(index), at).1, zones: Vec::new() };
                for (low, high) in edges(storage, case.mean_range(storage, at.0, at.1), zones) {
                    let envelope = by_storage.envelope((low, high), 1.0);
                    let lines = envelope
                        .lines
                        .iter()
                        .map(|line| (head.gwh_per_hm3(line.at_zero_m3s), head.gwh_per_hm3(line.per_hm3)));
                    cuts.zones.push(Zone {
                        range_hm3: (low, high),
                        least: head.gwh_per_hm3(by_storage.at(low)),
                        greatest: head.gwh_per_hm3(envelope.greatest_m3s),
                        lines: lines.collect(),
                    });
                }
                let made = self.add_cuts(builder, &cuts);
                builder.made.insert((index, builder.layout.place(at.0, at.1)), made);
            }
        }
    }
}

/// What an arc may make in a step.
struct Cuts {
    arc: ArcId,
    at: (usize, usize),
    most_hm3: f64,
    zones: Vec<Zone>,
}

/// A zone of the mean storage.
struct Zone {
    range_hm3: (f64, f64),
    /// GWh a hm³ at its low end, and the greatest in it.
    least: f64,
    greatest: f64,
    /// GWh a hm³ as lines in the storage: at 0, and a hm³.
    lines: Vec<(f64, f64)>,
}

/// Zones of equal height over a range of storages.
fn edges(storage: &Storage, (low, high): (f64, f64), zones: usize) -> Vec<(f64, f64)> {
    let levels = [low, high].map(|storage_hm3| storage.curve.level_at_clamped(storage_hm3));
    let edge = |number: usize| match number {
        0 => low,
        number if number == zones => high,
        number => {
            let share = number as f64 / zones as f64;
            storage.curve.storage_at_clamped(levels[0] + share * (levels[1] - levels[0])).clamp(low, high)
        }
    };
    let all = (0..zones).map(|zone| (edge(zone), edge(zone + 1)));
    // A start that only one storage fits needs no choice.
    if high - low < 1e-6 { vec![(low, high)] } else { all.filter(|(from, to)| to > from).collect() }
}

impl Head {
    /// The columns whose sum is the energy made.
    fn add_cuts(&self, builder: &mut Builder, cuts: &Cuts) -> Vec<usize> {
        let subject = Subject::Arc(cuts.arc.0 as u32);
        let several = cuts.zones.len() > 1;
        let mut shares = Vec::new();
        let mut made = Vec::new();
        for (number, zone) in cuts.zones.iter().enumerate() {
            let number = number as u8;
            let (low, high) = zone.range_hm3;
            let energy = builder.column(subject, Quantity::Made(number), cuts.at, 0.0, zone.greatest * cuts.most_hm3);
            let share = several.then(|| Share {
                holds: builder.integer(subject, Quantity::Zone(number), cuts.at, 1.0),
                flow: builder.column(subject, Quantity::ZoneFlow(number), cuts.at, 0.0, cuts.most_hm3),
                mean: builder.column(subject, Quantity::ZoneStorage(number), cuts.at, 0.0, high),
            });
            if let Some(share) = &share {
                let bounds = [(share.flow, 1.0, -cuts.most_hm3), (share.mean, 1.0, -high), (share.mean, -1.0, low)];
                for (column, sign, most) in bounds {
                    let row = self.at_most_zero(builder, cuts);
                    builder.matrix.add(row, column, sign);
                    builder.matrix.add(row, share.holds, most);
                }
            }
            let row = self.at_most_zero(builder, cuts);
            builder.matrix.add(row, energy, 1.0);
            Self::add_flow(builder, cuts, share.as_ref(), row, -zone.greatest);
            for (at_zero, per_hm3) in &zone.lines {
                let row = self.at_most_zero(builder, cuts);
                builder.matrix.add(row, energy, 1.0);
                Self::add_flow(builder, cuts, share.as_ref(), row, -zone.least);
                Self::add_mean(builder, cuts, share.as_ref(), row, -per_hm3 * cuts.most_hm3);
                let constant = -cuts.most_hm3 * (at_zero - zone.least);
                match &share {
                    Some(share) => builder.matrix.add(row, share.holds, constant),
                    None => builder.matrix.add_constant(row, constant),
                }
            }
            made.push(energy);
            shares.extend(share);
        }
        if several {
            let row = builder.row(self.word(), subject, cuts.at, 1.0, 1.0);
            for share in &shares {
                builder.matrix.add(row, share.holds, 1.0);
            }
            let row = builder.row(self.word(), subject, cuts.at, 0.0, 0.0);
            Self::add_flow(builder, cuts, None, row, -1.0);
            for share in &shares {
                builder.matrix.add(row, share.flow, 1.0);
            }
            let row = builder.row(self.word(), subject, cuts.at, 0.0, 0.0);
            Self::add_mean(builder, cuts, None, row, -1.0);
            for share in &shares {
                builder.matrix.add(row, share.mean, 1.0);
            }
        }
        made
    }

    fn at_most_zero(&self, builder: &mut Builder, cuts: &Cuts) -> usize {
        builder.row(self.word(), Subject::Arc(cuts.arc.0 as u32), cuts.at, f64::NEG_INFINITY, 0.0)
    }

    /// Adds the flow, or a zone's share of it, to a row.
    fn add_flow(builder: &mut Builder, cuts: &Cuts, share: Option<&Share>, row: usize, coefficient: f64) {
        match share {
            Some(share) => builder.matrix.add(row, share.flow, coefficient),
            None => builder.add_flow(row, cuts.arc, cuts.at, coefficient),
        }
    }

    /// Adds the mean storage, or a zone's share of it, to a row.
    fn add_mean(builder: &mut Builder, cuts: &Cuts, share: Option<&Share>, row: usize, coefficient: f64) {
        if let Some(share) = share {
            builder.matrix.add(row, share.mean, coefficient);
        } else if let Some(storage) = builder.storage_of(builder.case.network.arcs[cuts.arc.0].tail) {
            for edge in [cuts.at.0, cuts.at.0 + 1] {
                builder.add_storage(row, storage, edge, cuts.at.1, coefficient / 2.0);
            }
        }
    }
}

/// A zone's binary, its share of the flow and of the mean storage.
struct Share {
    holds: usize,
    flow: usize,
    mean: usize,
}
