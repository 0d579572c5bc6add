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

use crate::table::{Row, Table, TableFault, parted};
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
    /// The faults of the file, with their lines.
    pub fn read(path: &Path) -> Result<Self, TableFault> {
        Self::from_table(&Table::read(path)?)
    }

    /// Reads a table.
    ///
    /// # Errors
    /// The faults of its rows, with their lines; where there are none, the first point that does not rise.
    pub fn from_table(table: &Table) -> Result<Self, TableFault> {
        let level = table.column("level_m")?;
        let (storage, per_hm3) =
            [("storage_hm3", 1.0), ("storage_wan_m3", WAN_M3_PER_HM3), ("storage_yi_m3", YI_M3_PER_HM3)]
                .into_iter()
                .find_map(|(name, per_hm3)| table.column(name).ok().map(|column| (column, per_hm3)))
                .map_or_else(|| table.column("storage_hm3").map(|column| (column, 1.0)), Ok)?;
        let area = table.column("area_km2").ok();
        let point = |row: &Row| {
            let number = |column: usize| {
                table
                    .number(row, column)?
                    .ok_or_else(|| TableFault::new(row.line, format!("column `{}` is empty", table.header[column])))
            };
            Ok(CurvePoint {
                level_m: number(level)?,
                storage_hm3: number(storage)? / per_hm3,
                area_km2: area.map_or(Ok(0.0), number)?,
            })
        };
        let (points, faults) = parted(table.rows.iter().map(point));
        table.faults(faults)?;
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

    /// The smallest rise of storage between two of its points, hm³ a metre of level.
    pub fn least_slope_hm3_per_m(&self) -> f64 {
        self.slopes().fold(f64::INFINITY, f64::min)
    }

    fn slopes(&self) -> impl Iterator<Item = f64> {
        self.points.windows(2).map(|pair| (pair[1].storage_hm3 - pair[0].storage_hm3) / (pair[1].level_m - pair[0].level_m))
    }

    fn interpolate(&self, x: f64, of: impl Fn(&CurvePoint) -> f64, to: impl Fn(&CurvePoint) -> f64) -> f64 {
        let above = self.points.partition_point(|point| of(point) <= x).clamp(1, self.points.len() - 1);
        let (low, high) = (&self.points[above - 1], &self.points[above]);
        let share = ((x - of(low)) / (of(high) - of(low))).clamp(0.0, 1.0);
        // This form meets both points exactly.
        to(low) * (1.0 - share) + to(high) * share
    }

    fn derive_areas(&mut self) {
        let slopes: Vec<f64> = self.slopes().collect();
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
        return Err((points.len(), format!("a curve needs at least 2 points, this has {}", points.len())));
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<CurveFile, TableFault> {
        CurveFile::from_table(&Table::from_bytes(text.as_bytes())?)
    }

    #[test]
    fn between_points_the_curve_is_linear() {
        let curve = read("level_m,storage_hm3,area_km2\n100,0,1\n110,20,3\n120,60,5\n").unwrap().curve;
        assert_eq!(curve.storage_at(105.0), Some(10.0));
        assert_eq!(curve.level_at(40.0), Some(115.0));
        assert_eq!(curve.area_at(40.0), Some(4.0));
        assert_eq!([100.0, 110.0, 120.0].map(|level| curve.storage_at(level)), [Some(0.0), Some(20.0), Some(60.0)]);
    }

    #[test]
    fn nothing_is_extrapolated() {
        let curve = Curve::without_areas(&[(100.0, 5.0), (110.0, 25.0)]).unwrap();
        assert_eq!((curve.storage_at(99.99), curve.storage_at(110.01)), (None, None));
        assert_eq!((curve.level_at(4.9), curve.level_at(25.1), curve.area_at(25.1)), (None, None, None));
        // A solver's last digits are no extrapolation.
        assert_eq!((curve.level_at(5.0 - 5e-7), curve.level_at(25.0 + 5e-7)), (Some(100.0), Some(110.0)));
        assert_eq!((curve.level_at_clamped(-3.0), curve.level_at_clamped(99.0)), (100.0, 110.0));
        assert_eq!((curve.storage_at_clamped(0.0), curve.storage_at_clamped(500.0)), (5.0, 25.0));
        assert_eq!(curve.level_at(f64::NAN), None);
    }

    #[test]
    fn areas_left_out_follow_from_the_slope() {
        // 2 hm³ a m below, 4 above: 2, their mean 3, 4 km².
        let file = read("# 合成\nstorage_hm3,level_m\n0,100\n20,110\n60,120\n").unwrap();
        assert_eq!(file.curve.points.iter().map(|point| point.area_km2).collect::<Vec<_>>(), [2.0, 3.0, 4.0]);
        assert!(file.assumed);
        // A slope that falls leaves the area as it was below: 4, 4 (not 3), 4 (not 2).
        let curve = Curve::without_areas(&[(100.0, 0.0), (110.0, 40.0), (120.0, 60.0)]).unwrap();
        assert_eq!(curve.points.iter().map(|point| point.area_km2).collect::<Vec<_>>(), [4.0, 4.0, 4.0]);
    }

    #[test]
    fn storages_may_stand_in_chinese_units() {
        // 12.91 亿m³ are 1,291 hm³ and 129,100 万m³.
        for text in ["level_m,storage_yi_m3\n117,5.95\n142,12.91\n", "level_m,storage_wan_m3\n117,59500\n142,129100\n"] {
            approx::assert_relative_eq!(read(text).unwrap().curve.highest().storage_hm3, 1291.0, max_relative = 1e-12);
        }
    }

    #[test]
    fn what_breaks_the_order_is_named_with_its_row() {
        for (text, line, told) in [
            ("level_m,storage_hm3\n100,0\n# note\n100,5\n", 4, "level 100 m does not rise above 100 m"),
            ("level_m,storage_hm3\n100,7\n110,7\n", 3, "storage 7 hm³ does not rise above 7 hm³"),
            ("level_m,storage_hm3,area_km2\n100,0,5\n110,7,4\n", 3, "area 4 km² falls below 5 km²"),
            ("level_m,storage_hm3\n100,-1\n110,7\n", 2, "storage -1 is negative"),
            ("level_m,storage_hm3\n100,\n110,7\n", 2, "column `storage_hm3` is empty"),
            ("level_m,storage_hm3\n100,inf\n110,7\n", 2, "`inf` is no number"),
            ("level_m,storage_hm3\n100,1\n", 0, "a curve needs at least 2 points, this has 1"),
            ("水位,storage_hm3\n100,1\n110,2\n", 1, "no column `level_m`, there are `水位`, `storage_hm3`"),
            ("level_m,库容\n100,1\n110,2\n", 1, "no column `storage_hm3`"),
        ] {
            let fault = read(text).unwrap_err();
            assert!(fault.line == line && fault.message.contains(told), "{text}: {fault}");
        }
        let message = Curve::without_areas(&[(1.0, 1.0), (2.0, 3.0), (3.0, 2.0)]).unwrap_err();
        assert_eq!(message, "point 3: storage 2 hm³ does not rise above 3 hm³ of the point before");
    }

    fn curves() -> impl Strategy<Value = Curve> {
        prop::collection::vec((0.01..50.0f64, 0.001..500.0f64), 2..30).prop_map(|steps| {
            let points: Vec<(f64, f64)> = steps
                .iter()
                .scan((80.0, 0.0), |(level, storage), (rise, gain)| {
                    *level += rise;
                    *storage += gain;
                    Some((*level, *storage))
                })
                .collect();
            Curve::without_areas(&points).unwrap()
        })
    }

    proptest! {
        #[test]
        fn level_and_storage_are_each_others_inverse(curve in curves(), share in 0.0..=1.0f64) {
            let (low, high) = (curve.lowest().storage_hm3, curve.highest().storage_hm3);
            let storage = low + (high - low) * share;
            let back = curve.storage_at_clamped(curve.level_at_clamped(storage));
            // A level of 10³ m is known to 10⁻¹³ m; on a slope of 5·10⁴ km² that is 5·10⁻⁹ hm³.
            prop_assert!((back - storage).abs() <= 1e-8 * (1.0 + storage), "{} instead of {}", back, storage);
        }

        #[test]
        fn higher_storage_never_means_a_lower_level_or_a_smaller_surface(curve in curves(), a in 0.0..=1.0f64, b in 0.0..=1.0f64) {
            let (low, high) = (curve.lowest().storage_hm3, curve.highest().storage_hm3);
            let (less, more) = (low + (high - low) * a.min(b), low + (high - low) * a.max(b));
            prop_assert!(curve.level_at(less).unwrap() <= curve.level_at(more).unwrap());
            prop_assert!(curve.area_at(less).unwrap() <= curve.area_at(more).unwrap() * (1.0 + 1e-12));
        }
    }
}
