//! The monotone curve of a reservoir: level ↔ storage ↔ area, linear between its points.
//!
//! Nothing is extrapolated: outside the curve the answer is none, and the `…_clamped` forms give its end. Within
//! [`FEASIBILITY_HM3`] beyond an end counts as the end, since a solver's storage may stand that far out.
//!
//! Units: level m, storage hm³, area km². A file has the headings `level_m`, `storage_hm3` (or `storage_wan_m3`,
//! `storage_yi_m3`) and `area_km2`; without areas they follow from dS/dh (hm³ a m is km²): at a point the mean of the
//! slopes on both sides, never less than at the point below.
//! Fails: fewer than two points, levels or storages that do not rise, areas that fall, numbers that are not finite.

use std::path::Path;

use crate::table::{Table, TableFault};
use crate::tolerance::FEASIBILITY_HM3;
use crate::units::{WAN_M3_PER_HM3, YI_M3_PER_HM3};

/// A monotone curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Points, rising in level and storage.
    pub points: Vec<CurvePoint>,
}

/// A point of a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurvePoint {
    /// m
    pub level_m: f64,
    /// hm³
    pub storage_hm3: f64,
    /// km²
    pub area_km2: f64,
}

/// A curve as it was read from a file.
#[derive(Clone, Debug, PartialEq)]
pub struct CurveFile {
    /// The curve.
    pub curve: Curve,
    /// SHA-256 of the file's bytes, in hexadecimal.
    pub digest: String,
    /// A comment line says that the curve is synthetic or assumed.
    pub assumed: bool,
}

impl CurveFile {
    /// Reads a file.
    ///
    /// # Errors
    /// The first fault of the file, with its line.
    pub fn read(path: &Path) -> Result<Self, TableFault> {
        Self::from_table(&Table::read(path)?)
    }

    /// Reads a table.
    ///
    /// # Errors
    /// The first fault of the table, with its line.
    pub fn from_table(table: &Table) -> Result<Self, TableFault> {
        let level = table.column("level_m")?;
        let (storage, per_hm3) =
            [("storage_hm3", 1.0), ("storage_wan_m3", WAN_M3_PER_HM3), ("storage_yi_m3", YI_M3_PER_HM3)]
                .into_iter()
                .find_map(|(name, per_hm3)| table.column(name).ok().map(|column| (column, per_hm3)))
                .map_or_else(|| table.column("storage_hm3").map(|column| (column, 1.0)), Ok)?;
        let area = table.column("area_km2").ok();
        let mut points = Vec::with_capacity(table.rows.len());
        for row in &table.rows {
            let number = |column: usize| {
                table
                    .number(row, column)?
                    .ok_or_else(|| TableFault::new(row.line, format!("column `{}` is empty", table.header[column])))
            };
            points.push(CurvePoint {
                level_m: number(level)?,
                storage_hm3: number(storage)? / per_hm3,
                area_km2: area.map_or(Ok(0.0), number)?,
            });
        }
        // A fault between two rows stands at the later.
        check(&points)
            .map_err(|(point, message)| TableFault::new(table.rows.get(point).map_or(0, |row| row.line), message))?;
        let mut curve = Curve { points };
        if area.is_none() {
            curve.derive_areas();
        }
        Ok(Self { curve, digest: table.digest.clone(), assumed: table.assumed })
    }
}

impl Curve {
    /// A curve of points, lowest first.
    ///
    /// # Errors
    /// The first point, counted from 1, that breaks the order, with its numbers.
    pub fn new(points: Vec<CurvePoint>) -> Result<Self, String> {
        match check(&points) {
            Ok(()) => Ok(Self { points }),
            Err((point, message)) if point < points.len() => Err(format!("point {}: {message}", point + 1)),
            Err((_, message)) => Err(message),
        }
    }

    /// A curve of levels and storages, lowest first, its areas derived from them.
    ///
    /// # Errors
    /// As [`Curve::new`].
    pub fn without_areas(levels_and_storages: &[(f64, f64)]) -> Result<Self, String> {
        let points = levels_and_storages
            .iter()
            .map(|&(level_m, storage_hm3)| CurvePoint { level_m, storage_hm3, area_km2: 0.0 })
            .collect();
        let mut curve = Self::new(points)?;
        curve.derive_areas();
        Ok(curve)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// The first fault of the file, with its line.
    pub fn read(path: &Path) -> Result<Self, TableFault> {
        CurveFile::read(path).map(|file| file.curve)
    }

    /// The lowest point.
    pub fn lowest(&self) -> CurvePoint {
        self.points[0]
    }

    /// The highest point.
    pub fn highest(&self) -> CurvePoint {
        self.points[self.points.len() - 1]
    }

    /// The storage at a level, hm³; none outside the curve.
    pub fn storage_at(&self, level_m: f64) -> Option<f64> {
        (self.lowest().level_m <= level_m && level_m <= self.highest().level_m).then(|| self.storage_at_clamped(level_m))
    }

    /// The level at a storage, m; none outside the curve.
    pub fn level_at(&self, storage_hm3: f64) -> Option<f64> {
        self.holds(storage_hm3).then(|| self.level_at_clamped(storage_hm3))
    }

    /// The surface at a storage, km²; none outside the curve.
    pub fn area_at(&self, storage_hm3: f64) -> Option<f64> {
        self.holds(storage_hm3).then(|| self.area_at_clamped(storage_hm3))
    }

    /// The storage at a level, hm³; that of the nearer end outside the curve.
    pub fn storage_at_clamped(&self, level_m: f64) -> f64 {
        self.interpolate(level_m, |point| point.level_m, |point| point.storage_hm3)
    }

    /// The level at a storage, m; that of the nearer end outside the curve.
    pub fn level_at_clamped(&self, storage_hm3: f64) -> f64 {
        self.interpolate(storage_hm3, |point| point.storage_hm3, |point| point.level_m)
    }

    /// The surface at a storage, km²; that of the nearer end outside the curve.
    pub fn area_at_clamped(&self, storage_hm3: f64) -> f64 {
        self.interpolate(storage_hm3, |point| point.storage_hm3, |point| point.area_km2)
    }

    fn holds(&self, storage_hm3: f64) -> bool {
        self.lowest().storage_hm3 - FEASIBILITY_HM3 <= storage_hm3
            && storage_hm3 <= self.highest().storage_hm3 + FEASIBILITY_HM3
    }

    fn interpolate(&self, x: f64, of: impl Fn(&CurvePoint) -> f64, to: impl Fn(&CurvePoint) -> f64) -> f64 {
        let above = self.points.partition_point(|point| of(point) <= x).clamp(1, self.points.len() - 1);
        let (low, high) = (&self.points[above - 1], &self.points[above]);
        let share = ((x - of(low)) / (of(high) - of(low))).clamp(0.0, 1.0);
        // This form meets both points exactly.
        to(low) * (1.0 - share) + to(high) * share
    }

    fn derive_areas(&mut self) {
        let slope = |pair: &[CurvePoint]| (pair[1].storage_hm3 - pair[0].storage_hm3) / (pair[1].level_m - pair[0].level_m);
        let slopes: Vec<f64> = self.points.windows(2).map(slope).collect();
        let mut below = 0.0;
        for (index, point) in self.points.iter_mut().enumerate() {
            let before = slopes[index.saturating_sub(1)];
            let after = slopes[index.min(slopes.len() - 1)];
            point.area_km2 = f64::max(below, f64::midpoint(before, after));
            below = point.area_km2;
        }
    }
}

/// The first point that breaks the order, and how.
fn check(points: &[CurvePoint]) -> Result<(), (usize, String)> {
    if points.len() < 2 {
        return Err((points.len(), format!("a curve of {} points, expected at least 2", points.len())));
    }
    for (index, point) in points.iter().enumerate() {
        for (word, value, least) in
            [("level", point.level_m, f64::MIN), ("storage", point.storage_hm3, 0.0), ("area", point.area_km2, 0.0)]
        {
            if !(value.is_finite() && value >= least) {
                return Err((
                    index,
                    format!("{word} {value} is {}", if value.is_finite() { "negative" } else { "no finite number" }),
                ));
            }
        }
    }
    for (index, pair) in points.windows(2).enumerate() {
        let rises = [
            ("level", " m", pair[0].level_m, pair[1].level_m, pair[0].level_m < pair[1].level_m),
            ("storage", " hm³", pair[0].storage_hm3, pair[1].storage_hm3, pair[0].storage_hm3 < pair[1].storage_hm3),
        ];
        for (word, unit, before, here, rises) in rises {
            if !rises {
                return Err((
                    index + 1,
                    format!("{word} {here}{unit} does not rise above {before}{unit} of the point before"),
                ));
            }
        }
        if pair[1].area_km2 < pair[0].area_km2 {
            return Err((
                index + 1,
                format!("area {} km² falls below {} km² of the point before", pair[1].area_km2, pair[0].area_km2),
            ));
        }
    }
    Ok(())
}
