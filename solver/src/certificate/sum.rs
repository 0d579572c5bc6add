//! Sums of products whose true value is enclosed: what rounding took is carried along, and what that cannot carry is bounded.
//!
//! With u = 2⁻⁵³ and n products, |found − true| ≤ u |found| + γ² Σ |terms|, γ = n u ÷ (1 − n u); taken here with room to spare,
//! and both ends rounded outward.
//!
//! Fails: numbers that are not finite, or so great (10²⁹²) that they cannot be split, make an enclosure that is not finite.
//!
//! Source: Ogita, Rump & Oishi 2005, accurate sum and dot product; Dekker 1971.

/// A sum as it grows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sum {
    high: f64,
    low: f64,
    size: f64,
    terms: f64,
    /// What products too small to be split may have lost.
    lost: f64,
}

/// Half the distance from 1 to the next number.
const UNIT: f64 = f64::EPSILON / 2.0;
/// Products below this may lose digits of their own when they are split, up to [`LOST`].
const SMALL: f64 = 1e-250;
const LOST: f64 = 1e-300;

impl Sum {
    /// Adds a number.
    pub fn add(&mut self, value: f64) {
        let sum = self.high + value;
        let part = sum - self.high;
        self.low += (self.high - (sum - part)) + (value - part);
        self.high = sum;
        self.size += value.abs();
        self.terms += 1.0;
    }

    /// Adds a product.
    pub fn add_product(&mut self, a: f64, b: f64) {
        let product = a * b;
        if a == 0.0 && b.is_finite() || b == 0.0 && a.is_finite() {
            return;
        }
        let ((a_high, a_low), (b_high, b_low)) = (split(a), split(b));
        let lost = a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low);
        self.add(product);
        self.low += lost;
        if product.abs() < SMALL {
            self.lost += LOST;
        }
    }

    /// Two numbers between which the true sum lies.
    pub fn enclosed(&self) -> (f64, f64) {
        let found = self.high + self.low;
        if self.size == 0.0 && self.lost == 0.0 {
            return (0.0, 0.0);
        }
        let gamma = 4.0 * (self.terms + 2.0) * UNIT;
        let off = 2.0 * UNIT * found.abs() + gamma * gamma * self.size + self.lost;
        ((found - off).next_down(), (found + off).next_up())
    }
}

/// A number as the sum of two with half its digits each.
fn split(value: f64) -> (f64, f64) {
    let shifted = 134_217_729.0 * value;
    let high = shifted - (shifted - value);
    (high, value - high)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Sum;

    #[test]
    fn what_cancels_leaves_what_was_small() {
        // 1e16 + 1 − 1e16 is 0 in plain floating point.
        let mut sum = Sum::default();
        sum.add_product(1e8, 1e8);
        sum.add(1.0);
        sum.add_product(-1e8, 1e8);
        let (low, high) = sum.enclosed();
        assert!(low <= 1.0 && 1.0 <= high && high - low < 1e-12, "{low} {high}");
        assert_eq!(Sum::default().enclosed(), (0.0, 0.0));
    }

    proptest! {
        /// Numbers with few digits have an exact sum in whole numbers: i128 counts units of 2⁻⁴⁰.
        #[test]
        fn the_true_sum_lies_between(terms in prop::collection::vec((-1_000_000_i64..1_000_000, -1_000_000_i64..1_000_000), 1..200)) {
            let unit = (-20_f64).exp2();
            let mut sum = Sum::default();
            let mut whole = 0_i128;
            for &(a, b) in &terms {
                sum.add_product(a as f64 * unit, b as f64 * unit);
                whole += i128::from(a) * i128::from(b);
            }
            let exact = whole as f64 * unit * unit;
            let (low, high) = sum.enclosed();
            prop_assert!(low <= exact && exact <= high);
            prop_assert!(high - low <= 1e-9_f64.max(exact.abs() * 1e-14));
        }
    }
}
