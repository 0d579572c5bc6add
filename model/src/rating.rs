//! The rating of an outlet 泄流曲线: the greatest flow that it passes at a storage, and what a linear program may read of it.
//!
//! A table gives capacities at rising levels, linear between; below its lowest level the first counts, above its highest the
//! last. Through the reservoir's curve it becomes linear between storages, with the curve's own points among its breakpoints.
//! A step reads it at its mean storage (s[t−1] + s[t]) ÷ 2. Plans are held to its concave envelope over the range that this mean
//! can have: the rating itself where that is concave (an orifice), more where it is not (a spillway's h^1.5).
//! The range is that of the physical bounds, so it is the same whatever rule gives way.
//!
//! Units: m, hm³, m³/s. Fails: fewer than two points, levels that do not rise, capacities that fall, are negative or not finite.

use crate::case::Case;
use crate::curve::Curve;
use crate::forcing::Param;
use crate::network::{Arc, NodeKind, Storage};
use crate::table::{Row, Table, TableFault, parted};
use crate::units::Ratio;

/// A range of storages narrower than this is a point, hm³.
const POINT_HM3: f64 = 1e-9;
/// Slopes that differ relatively by less are one.
const SAME_SLOPE: f64 = 1e-9;

/// Capacities at levels, as measured.
#[derive(Clone, Debug, PartialEq)]
pub struct RatingTable {
    /// Level (m) and capacity (m³/s), lowest first.
    points: Vec<(f64, f64)>,
}

impl RatingTable {
    /// A table of levels and capacities, lowest first.
    ///
    /// # Errors
    /// The index of the first point that breaks the order (the number of points where they are too few), and how.
    pub fn new(points: Vec<(f64, f64)>) -> Result<Self, (usize, String)> {
        if points.len() < 2 {
            return Err((points.len(), format!("a rating needs at least 2 points, this has {}", points.len())));
        }
        for (index, &(level, capacity)) in points.iter().enumerate() {
            if !level.is_finite() || !capacity.is_finite() || capacity < 0.0 {
                return Err((index, format!("{capacity} m³/s at {level} m is no capacity of at least 0 at a level")));
            }
        }
        for (index, pair) in points.windows(2).enumerate() {
            let ((level_before, before), (level, capacity)) = (pair[0], pair[1]);
            if level <= level_before {
                return Err((
                    index + 1,
                    format!("level {level} m does not rise above {level_before} m of the point before"),
                ));
            }
            if capacity < before {
                return Err((index + 1, format!("capacity {capacity} m³/s falls below {before} m³/s of the point before")));
            }
        }
        Ok(Self { points })
    }

    /// Reads a file's columns `level_m` and `capacity_m3s`.
    ///
    /// # Errors
    /// The faults of its rows, with their lines; where there are none, the first point that does not rise.
    pub fn from_table(table: &Table) -> Result<Self, TableFault> {
        let columns = (table.column("level_m")?, table.column("capacity_m3s")?);
        let point = |row: &Row| {
            let number = |column: usize| {
                let empty = || TableFault::new(row.line, format!("column `{}` is empty", table.header[column]));
                table.number(row, column)?.ok_or_else(empty)
            };
            Ok((number(columns.0)?, number(columns.1)?))
        };
        let (points, faults) = parted(table.rows.iter().map(point));
        table.faults(faults)?;
        Self::new(points)
            .map_err(|(point, message)| TableFault::new(table.rows.get(point).map_or(0, |row| row.line), message))
    }

    /// The capacity at the highest level, m³/s.
    pub fn greatest(&self) -> f64 {
        self.points.last().map_or(0.0, |point| point.1)
    }

    /// The capacity at a level, m³/s.
    fn at(&self, level_m: f64) -> f64 {
        interpolate(&self.points, level_m)
    }

    /// The rating over a reservoir's curve; `open` is the share of each step that the outlet is open.
    pub fn over(&self, curve: &Curve, open: Param<Ratio>) -> Rating {
        let mut levels: Vec<f64> = curve.points.iter().map(|point| point.level_m).collect();
        levels.extend(self.points.iter().map(|point| point.0).filter(|&level| curve.storage_at(level).is_some()));
        levels.sort_by(f64::total_cmp);
        levels.dedup();
        let mut points: Vec<(f64, f64)> = Vec::with_capacity(levels.len());
        for level in levels {
            let point = (curve.storage_at_clamped(level), self.at(level));
            // Levels a breath apart may round to one storage.
            if points.last().is_none_or(|last| last.0 < point.0) {
                points.push(point);
            }
        }
        Rating { points, open }
    }
}

/// The greatest flow of an outlet by storage.
#[derive(Clone, Debug, PartialEq)]
pub struct Rating {
    /// Storage (hm³) and capacity (m³/s): the first rises, the second does not fall.
    pub points: Vec<(f64, f64)>,
    /// Share of each step that the outlet is open.
    pub open: Param<Ratio>,
}

impl Rating {
    /// The capacity at a storage of an outlet that is open, m³/s.
    pub fn at(&self, storage_hm3: f64) -> f64 {
        interpolate(&self.points, storage_hm3)
    }

    /// The capacity at the top of the curve, m³/s.
    pub fn greatest(&self) -> f64 {
        self.points.last().map_or(0.0, |point| point.1)
    }

    /// The least concave function over a range of storages that lies nowhere under the rating, times `open`.
    pub fn envelope(&self, (low, high): (f64, f64), open: f64) -> Envelope {
        let mut envelope = Envelope { low_hm3: low, greatest_m3s: self.at(high) * open, lines: Vec::new() };
        if high - low < POINT_HM3 {
            return envelope;
        }
        let inner = self.points.iter().copied().filter(|&(storage, _)| low < storage && storage < high);
        let ends = |storage| std::iter::once((storage, self.at(storage)));
        let mut hull: Vec<(f64, f64)> = Vec::new();
        for point in ends(low).chain(inner).chain(ends(high)) {
            while let [.., before, last] = hull[..]
                && slope(before, last) <= slope(last, point) * (1.0 + SAME_SLOPE)
            {
                hull.pop();
            }
            hull.push(point);
        }
        let line = |pair: &[(f64, f64)]| {
            let per_hm3 = slope(pair[0], pair[1]);
            Line { at_zero_m3s: (pair[0].1 - per_hm3 * pair[0].0) * open, per_hm3: per_hm3 * open }
        };
        envelope.lines = hull.windows(2).map(line).filter(|line| line.per_hm3 > 0.0).collect();
        envelope
    }
}

/// A capacity as a line in the storage: `at_zero_m3s + per_hm3 × storage`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// m³/s at storage 0.
    pub at_zero_m3s: f64,
    /// m³/s a hm³, more than 0.
    pub per_hm3: f64,
}

impl Line {
    /// m³/s at a storage.
    pub fn m3s(&self, storage_hm3: f64) -> f64 {
        self.at_zero_m3s + self.per_hm3 * storage_hm3
    }
}

/// What a plan may pass by its mean storage: the least of some lines and of the greatest flow.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    /// Least mean storage of the step, hm³.
    pub low_hm3: f64,
    /// The greatest flow in its range, m³/s.
    pub greatest_m3s: f64,
    /// Lines, steepest first.
    pub lines: Vec<Line>,
}

impl Envelope {
    /// The greatest flow at a mean storage, m³/s.
    pub fn m3s(&self, mean_hm3: f64) -> f64 {
        let mean = mean_hm3.max(self.low_hm3);
        self.lines.iter().map(|line| line.m3s(mean)).fold(self.greatest_m3s, f64::min)
    }
}

impl Case {
    /// The envelope of an arc's rating in a step; none without a rating.
    pub fn rating_envelope(&self, arc: &Arc, step: usize, member: usize) -> Option<Envelope> {
        let rating = arc.discharge.as_ref()?;
        let NodeKind::Storage(storage) = &self.network.nodes[arc.tail.0].kind else { return None };
        Some(rating.envelope(self.mean_range(storage, step, member), self.at(&rating.open, step, member)))
    }

    /// Least and greatest mean storage of a step that physical bounds allow, hm³.
    pub fn mean_range(&self, storage: &Storage, step: usize, member: usize) -> (f64, f64) {
        let (before, after) = (self.range_at(storage, step, member), self.range_at(storage, step + 1, member));
        (f64::midpoint(before.0, after.0), f64::midpoint(before.1, after.1))
    }

    /// Least and greatest storage at an edge of the horizon that physical bounds allow, hm³.
    fn range_at(&self, storage: &Storage, edge: usize, member: usize) -> (f64, f64) {
        let initial = storage.initial_hm3;
        let Some(step) = edge.checked_sub(1) else { return (initial, initial) };
        let starts_below = initial < self.at(&storage.lower, 0, member);
        let lower = if starts_below { 0.0 } else { self.at(&storage.lower, step, member) };
        (lower, self.at(&storage.upper, step, member).max(initial).max(lower))
    }
}

fn slope(a: (f64, f64), b: (f64, f64)) -> f64 {
    (b.1 - a.1) / (b.0 - a.0)
}

/// Linear between points that rise in their first; the nearer end's beyond them.
pub(crate) fn interpolate(points: &[(f64, f64)], x: f64) -> f64 {
    let above = points.partition_point(|point| point.0 <= x);
    match (above.checked_sub(1).map(|below| points[below]), points.get(above)) {
        (Some(low), Some(&high)) => {
            let share = (x - low.0) / (high.0 - low.0);
            low.1 * (1.0 - share) + high.1 * share
        }
        (Some(end), None) | (None, Some(&end)) => end.1,
        (None, None) => 0.0,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rating(points: &[(f64, f64)]) -> Rating {
        Rating { points: points.to_vec(), open: Param::constant(1.0) }
    }

    #[test]
    fn the_curve_breaks_the_rating_at_its_own_points() {
        // 2 hm³ a m up to 110 m, 4 above. 30 m³/s at 105 m (10 hm³), 70 at 115 m (40): at 110 m (20 hm³) 50.
        let curve = Curve::without_areas(&[(100.0, 0.0), (110.0, 20.0), (120.0, 60.0)]).unwrap();
        let table = RatingTable::new(vec![(105.0, 30.0), (115.0, 70.0), (125.0, 90.0)]).unwrap();
        let rating = table.over(&curve, Param::constant(1.0));
        assert_eq!(rating.points, [(0.0, 30.0), (10.0, 30.0), (20.0, 50.0), (40.0, 70.0), (60.0, 80.0)]);
        assert_eq!((rating.at(-1.0), rating.at(30.0), rating.at(99.0), rating.greatest()), (30.0, 60.0, 80.0, 80.0));
    }

    #[test]
    fn a_concave_rating_is_its_own_envelope_and_flat_parts_need_no_line() {
        let rating = rating(&[(0.0, 0.0), (10.0, 40.0), (20.0, 50.0), (30.0, 50.0)]);
        let envelope = rating.envelope((0.0, 30.0), 1.0);
        assert_eq!(envelope.lines.len(), 2);
        for storage in [0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0] {
            assert!((envelope.m3s(storage) - rating.at(storage)).abs() < 1e-12, "at {storage}");
        }
        // Half of the step closed.
        assert_eq!(rating.envelope((0.0, 30.0), 0.5).m3s(15.0), 22.5);
    }

    #[test]
    fn a_convex_rating_becomes_the_chord_of_its_range() {
        let rating = rating(&[(0.0, 0.0), (10.0, 0.0), (20.0, 40.0)]);
        assert_eq!(rating.envelope((0.0, 20.0), 1.0).lines, [Line { at_zero_m3s: 0.0, per_hm3: 2.0 }]);
        // From 10 on it is a line, and below 10 nothing passes.
        assert_eq!(rating.envelope((10.0, 20.0), 1.0).m3s(12.0), 8.0);
        let below = rating.envelope((2.0, 8.0), 1.0);
        assert_eq!((below.lines.len(), below.m3s(5.0)), (0, 0.0));
        // A known storage is a point.
        assert_eq!(rating.envelope((15.0, 15.0), 1.0).m3s(15.0), 20.0);
    }

    #[test]
    fn what_breaks_the_order_is_named() {
        for (points, at, told) in [
            (vec![(1.0, 5.0)], 1, "a rating needs at least 2 points, this has 1"),
            (vec![(1.0, 5.0), (1.0, 6.0)], 1, "level 1 m does not rise above 1 m"),
            (vec![(1.0, 5.0), (2.0, 4.0)], 1, "capacity 4 m³/s falls below 5 m³/s"),
            (vec![(1.0, -5.0), (2.0, 4.0)], 0, "-5 m³/s at 1 m is no capacity"),
            (vec![(1.0, 5.0), (2.0, f64::INFINITY)], 1, "inf m³/s at 2 m is no capacity"),
        ] {
            let (index, message) = RatingTable::new(points).unwrap_err();
            assert!(index == at && message.contains(told), "{index}: {message}");
        }
    }

    proptest! {
        #[test]
        fn an_envelope_lies_on_or_above_its_rating_and_is_concave(
            steps in prop::collection::vec((0.01..20.0f64, 0.0..100.0f64), 2..12),
            ends in (0.0..1.0f64, 0.0..1.0f64),
            shares in prop::collection::vec(0.0..=1.0f64, 3),
        ) {
            let points: Vec<(f64, f64)> = steps
                .iter()
                .scan((0.0, 0.0), |at, step| {
                    *at = (at.0 + step.0, at.1 + step.1);
                    Some(*at)
                })
                .collect();
            let top = points[points.len() - 1].0;
            let (low, high) = (ends.0.min(ends.1) * top, ends.0.max(ends.1) * top);
            let rating = rating(&points);
            let envelope = rating.envelope((low, high), 1.0);
            let mut storages: Vec<f64> = shares.iter().map(|share| low + (high - low) * share).collect();
            storages.sort_by(f64::total_cmp);
            let close = 1e-6 * (1.0 + rating.greatest());
            for &storage in &storages {
                prop_assert!(envelope.m3s(storage) >= rating.at(storage) - close);
            }
            for end in [low, high] {
                prop_assert!((envelope.m3s(end) - rating.at(end)).abs() <= close);
            }
            let [a, b, c] = storages[..] else { unreachable!() };
            if c > a {
                let share = (b - a) / (c - a);
                let chord = envelope.m3s(a) * (1.0 - share) + envelope.m3s(c) * share;
                prop_assert!(envelope.m3s(b) >= chord - close);
            }
        }
    }
}
