//! What a storage loses in a step by evaporation and seepage, as a line in its storage at the step's two ends.
//!
//! loss = constant + share × (s[t−1] + s[t]). Evaporation is depth × area, the area read from the secant of the curve
//! through the lower and the upper bound of the date (the start, where it lies under the lower bound); where the storage can
//! empty the secant begins at 0, else an empty store would owe water. Seepage is a share of the mean storage per day.
//! Units: hm³; the share is a plain number.

use crate::case::Case;
use crate::curve::Curve;
use crate::network::Storage;

/// hm³ that 1 mm takes from 1 km².
const HM3_PER_MM_KM2: f64 = 1e-3;

/// Loss of a storage in a step: `constant_hm3 + share × (storage before + storage after)`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Loss {
    /// Part that does not depend on the storage, hm³.
    pub constant_hm3: f64,
    /// Loss per hm³ of storage at either end of the step.
    pub share: f64,
}

impl Loss {
    /// The loss, hm³.
    pub fn hm3(&self, before_hm3: f64, after_hm3: f64) -> f64 {
        self.constant_hm3 + self.share * (before_hm3 + after_hm3)
    }
}

impl Case {
    /// The loss of a storage in a step of a member.
    pub fn loss(&self, storage: &Storage, step: usize, member: usize) -> Loss {
        let days = self.horizon.days(step);
        let mut loss = Loss::default();
        if let Some(depth) = &storage.evaporation {
            let hm3_per_km2 = self.at(depth, step, member) * days * HM3_PER_MM_KM2;
            let lower = self.at(&storage.lower, step, member).min(storage.initial_hm3).max(0.0);
            let upper = self.at(&storage.upper, step, member);
            let (area, slope) = secant(&storage.curve, lower, upper);
            loss.constant_hm3 += hm3_per_km2 * area;
            loss.share += hm3_per_km2 * slope / 2.0;
        }
        if let Some(seepage) = &storage.seepage_per_day {
            loss.share += self.at(seepage, step, member) * days / 2.0;
        }
        loss
    }
}

/// Area at storage 0 (km²) and its rise (km² a hm³) along the secant of the curve between two storages.
fn secant(curve: &Curve, lower_hm3: f64, upper_hm3: f64) -> (f64, f64) {
    let upper_area = curve.area_at_clamped(upper_hm3);
    if upper_hm3 <= lower_hm3 {
        return if lower_hm3 > 0.0 { (upper_area, 0.0) } else { (0.0, 0.0) };
    }
    let lower_area = if lower_hm3 > 0.0 { curve.area_at_clamped(lower_hm3) } else { 0.0 };
    let slope = (upper_area - lower_area) / (upper_hm3 - lower_hm3);
    (lower_area - slope * lower_hm3, slope)
}

#[cfg(test)]
mod tests {
    use super::secant;
    use crate::curve::{Curve, CurvePoint};

    fn curve() -> Curve {
        let point = |level_m, storage_hm3, area_km2| CurvePoint { level_m, storage_hm3, area_km2 };
        Curve { points: vec![point(100.0, 0.0, 1.0), point(110.0, 20.0, 3.0), point(120.0, 60.0, 5.0)] }
    }

    #[test]
    fn a_store_that_can_empty_owes_nothing_when_empty() {
        let (area, slope) = secant(&curve(), 0.0, 60.0);
        assert_eq!(area, 0.0);
        assert!((slope - 5.0 / 60.0).abs() < 1e-15);
    }

    #[test]
    fn the_secant_meets_the_curve_at_both_bounds() {
        let (area, slope) = secant(&curve(), 20.0, 60.0);
        assert!((area + slope * 20.0 - 3.0).abs() < 1e-12);
        assert!((area + slope * 60.0 - 5.0).abs() < 1e-12);
    }
}
