//! Values of complete years, in falling order, each with its empirical frequency m ÷ (n + 1), and the curves that they lead to.
//!
//! Moments 矩法 and L-moments give first estimates. The fitting line 适线法 keeps the mean and takes of all Cv and Cs the pair whose
//! curve lies nearest to the points: for each Cs the best Cv is Σ w·(x ÷ mean − 1)·Φ ÷ Σ w·Φ², and Cs is searched by golden section from
//! the best of a grid. Cs is at least 2 Cv, without which the curve of a flow would end below nothing.
//! Fails: fewer than three values, values without spread, or a mean that is not above 0.

use statrs::function::gamma::ln_gamma;

use super::pearson::{Pearson, deviate};

/// How much each point counts in fitting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weights {
    /// All alike.
    Even,
    /// By its frequency: the dry end counts most, where droughts are read.
    #[default]
    Dry,
    /// By what lacks of its frequency to one: the wet end counts most.
    Wet,
}

impl Weights {
    /// All, by their words.
    pub const WORDS: [(&'static str, Self); 3] = [("even", Self::Even), ("dry", Self::Dry), ("wet", Self::Wet)];

    fn of(self, exceeded: f64) -> f64 {
        match self {
            Self::Even => 1.0,
            Self::Dry => exceeded,
            Self::Wet => 1.0 - exceeded,
        }
    }
}

/// No curve can be made of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooLittle {
    /// Three values are the least.
    #[error("a curve needs three years at least")]
    Few,
    /// They are all the same.
    #[error("all years are alike: there is nothing to fit")]
    Same,
    /// Their mean is 0 or less.
    #[error("the mean of the years is not above 0")]
    Mean,
}

/// Values of complete years.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    falling: Vec<f64>,
}

/// Skews that are searched, and how finely before the golden section.
const SKEWS: (f64, f64) = (0.02, 8.0);
const GRID: usize = 24;
const SECTIONS: usize = 24;

impl Sample {
    /// The sample of values, in any order.
    ///
    /// # Errors
    /// Where no curve can be made of them.
    pub fn new(values: impl IntoIterator<Item = f64>) -> Result<Self, TooLittle> {
        let mut falling: Vec<f64> = values.into_iter().collect();
        falling.sort_by(|a, b| b.total_cmp(a));
        match falling[..] {
            [] | [_] | [_, _] => Err(TooLittle::Few),
            [most, .., least] if most == least => Err(TooLittle::Same),
            _ if falling.iter().sum::<f64>() <= 0.0 => Err(TooLittle::Mean),
            _ => Ok(Self { falling }),
        }
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.falling.len()
    }

    /// Each value with its empirical frequency, the greatest first.
    pub fn points(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        let n = self.falling.len() as f64;
        self.falling.iter().enumerate().map(move |(at, value)| (*value, (at + 1) as f64 / (n + 1.0)))
    }

    /// The value that a share of years reaches or passes by the points themselves, on the line between two of them; none outside them.
    pub fn empirical(&self, exceeded: f64) -> Option<f64> {
        let rank = exceeded * (self.falling.len() + 1) as f64;
        // A rank that is whole but for the last digit is that point's.
        let rank = if (rank - rank.round()).abs() < 1e-9 { rank.round() } else { rank };
        let (low, high) = (rank.floor(), rank.ceil());
        if low < 1.0 || high > self.falling.len() as f64 {
            return None;
        }
        let (low_value, high_value) = (self.falling[low as usize - 1], self.falling[high as usize - 1]);
        Some(low_value + (rank - low) * (high_value - low_value))
    }

    /// Mean.
    pub fn mean(&self) -> f64 {
        self.falling.iter().sum::<f64>() / self.falling.len() as f64
    }

    /// The curve by moments: Cv with n − 1, Cs with n − 3 as practice has it (its own n of fewer than four).
    pub fn moments(&self) -> Pearson {
        let (n, mean) = (self.falling.len() as f64, self.mean());
        let power = |k: i32| self.falling.iter().map(|value| (value / mean - 1.0).powi(k)).sum::<f64>();
        let cv = (power(2) / (n - 1.0)).sqrt();
        let free = if n > 3.0 { n - 3.0 } else { n };
        Pearson { mean, cv, cs: power(3) / (free * cv.powi(3)) }
    }

    /// The first three L-moments: λ1, λ2, and λ3 ÷ λ2.
    pub fn l_moments(&self) -> (f64, f64, f64) {
        let n = self.falling.len() as f64;
        let mut weighted = [0.0; 3];
        for (rank, value) in self.falling.iter().rev().enumerate() {
            let rank = rank as f64;
            weighted[0] += value;
            weighted[1] += value * rank / (n - 1.0);
            weighted[2] += value * rank * (rank - 1.0) / ((n - 1.0) * (n - 2.0));
        }
        let [b0, b1, b2] = weighted.map(|sum| sum / n);
        let second = 2.0 * b1 - b0;
        (b0, second, (6.0 * b2 - 6.0 * b1 + b0) / second)
    }

    /// The curve by L-moments.
    pub fn by_l_moments(&self) -> Pearson {
        use std::f64::consts::PI;
        let (mean, second, ratio) = self.l_moments();
        // The shape by rational approximation, Hosking and Wallis (1997), appendix A.9.
        let t = ratio.abs();
        let shape = if t < 1.0 / 3.0 {
            let z = 3.0 * PI * t * t;
            (1.0 + 0.2906 * z) / (z + 0.1882 * z * z + 0.0442 * z.powi(3))
        } else {
            let z = 1.0 - t;
            (0.360_67 * z - 0.595_67 * z * z + 0.253_61 * z.powi(3))
                / (1.0 - 2.788_61 * z + 2.560_96 * z * z - 0.770_45 * z.powi(3))
        };
        if !shape.is_finite() || shape > 1e6 {
            return Pearson { mean, cv: second * PI.sqrt() / mean, cs: 0.0 };
        }
        let deviation = PI.sqrt() * second * shape.sqrt() * (ln_gamma(shape) - ln_gamma(shape + 0.5)).exp();
        Pearson { mean, cv: deviation / mean, cs: 2.0 / shape.sqrt() * ratio.signum() }
    }

    /// The curve of the fitting line.
    pub fn fitted(&self, weights: Weights) -> Pearson {
        let mean = self.mean();
        let points: Vec<(f64, f64)> = self.points().map(|(value, exceeded)| (value / mean - 1.0, exceeded)).collect();
        let best_cv = |cs: f64| {
            let deviates: Vec<f64> = points.iter().map(|(_, exceeded)| deviate(cs, *exceeded)).collect();
            let sum = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
                let terms = points.iter().zip(&deviates);
                terms.map(|((away, exceeded), deviate)| weights.of(*exceeded) * of(*away, *deviate)).sum()
            };
            let cv = (sum(&|away, deviate| away * deviate) / sum(&|_, deviate| deviate * deviate)).clamp(0.0, cs / 2.0);
            (cv, sum(&|away, deviate| (away - cv * deviate).powi(2)))
        };
        let distance = |cs: f64| best_cv(cs).1;
        let ratio = (SKEWS.1 / SKEWS.0).powf(1.0 / (GRID - 1) as f64);
        let grid: Vec<f64> = (0..GRID).map(|at| SKEWS.0 * ratio.powi(at as i32)).collect();
        let near = (0..GRID).min_by(|a, b| distance(grid[*a]).total_cmp(&distance(grid[*b]))).unwrap_or(0);
        let cs = golden(&distance, grid[near.saturating_sub(1)], grid[(near + 1).min(GRID - 1)]);
        Pearson { mean, cv: best_cv(cs).0, cs }
    }
}

/// Where a function of one valley between two ends is least.
fn golden(of: &dyn Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    let part = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut a, mut b) = (high - part * (high - low), low + part * (high - low));
    let (mut at_a, mut at_b) = (of(a), of(b));
    for _ in 0..SECTIONS {
        if at_a < at_b {
            (high, b, at_b) = (b, a, at_a);
            a = high - part * (high - low);
            at_a = of(a);
        } else {
            (low, a, at_a) = (a, b, at_b);
            b = low + part * (high - low);
            at_b = of(b);
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use approx::{assert_abs_diff_eq, assert_relative_eq};

    use super::*;

    /// Annual runoff of eighteen years, m³/s: an exercise that textbooks of engineering hydrology share.
    const EIGHTEEN: [f64; 18] = [
        1500.0, 959.8, 1112.3, 1005.6, 780.0, 901.4, 1019.4, 847.9, 897.2, 1158.9, 1165.3, 835.8, 641.9, 1112.3, 527.5,
        1133.5, 898.3, 957.6,
    ];

    #[test]
    fn a_textbook_exercise_comes_out() {
        // Published: mean 969.7; by eye Cv 0.25, Cs = 2 Cv, and 1290 m³/s for one year in ten.
        let sample = Sample::new(EIGHTEEN).unwrap();
        assert_abs_diff_eq!(sample.mean(), 969.7, epsilon = 0.05);
        assert_abs_diff_eq!(sample.moments().cv, 0.23, epsilon = 0.005);
        let fitted = sample.fitted(Weights::Even);
        assert_abs_diff_eq!(fitted.cv, 0.25, epsilon = 0.01);
        assert_relative_eq!(fitted.at(0.1), 1290.0, max_relative = 0.01);
        assert!(fitted.cs >= 2.0 * fitted.cv - 1e-9);
        // The drought end counted most lies nearer to the driest points.
        let away = |curve: Pearson| (curve.at(18.0 / 19.0) - 527.5).abs();
        assert!(away(sample.fitted(Weights::Dry)) < away(sample.fitted(Weights::Wet)));
    }

    #[test]
    fn l_moments_are_those_of_another_program() {
        // The package lmoments3 (after Hosking's Fortran), its own test: λ1, λ2, τ3 of eleven numbers.
        let sample = Sample::new([2.0, 3.0, 4.0, 2.4, 5.5, 1.2, 5.4, 2.2, 7.1, 1.3, 1.5]).unwrap();
        let (mean, second, ratio) = sample.l_moments();
        assert_abs_diff_eq!(mean, 3.236_363_64, epsilon = 5e-9);
        assert_abs_diff_eq!(second, 1.141_818_18, epsilon = 5e-9);
        assert_abs_diff_eq!(ratio, 0.273_885_35, epsilon = 5e-9);
    }

    #[test]
    fn points_on_a_curve_give_the_curve_back() {
        let curve = Pearson { mean: 50.0, cv: 0.3, cs: 0.9 };
        // A hundred and one values at the frequencies of their ranks: the sample's own mean lies a little beside the curve's.
        let sample = Sample::new((1..=101).map(|m| curve.at(f64::from(m) / 102.0))).unwrap();
        for weights in [Weights::Even, Weights::Dry, Weights::Wet] {
            let fitted = sample.fitted(weights);
            assert_relative_eq!(fitted.at(0.9), curve.at(0.9), max_relative = 0.02);
            assert_relative_eq!(fitted.cv, curve.cv, max_relative = 0.03);
        }
        assert_relative_eq!(sample.by_l_moments().cv, curve.cv, max_relative = 0.06);
        assert_relative_eq!(sample.by_l_moments().cs, curve.cs, max_relative = 0.15);
    }

    #[test]
    fn empirical_values_lie_between_their_points() {
        let sample = Sample::new([4.0, 1.0, 3.0]).unwrap();
        assert_eq!(sample.points().map(|(value, _)| value).collect::<Vec<_>>(), [4.0, 3.0, 1.0]);
        assert_eq!(sample.empirical(0.25), Some(4.0));
        assert_eq!(sample.empirical(0.75), Some(1.0));
        assert_eq!(sample.empirical(0.625), Some(2.0));
        assert_eq!(sample.empirical(0.9), None);
    }

    #[test]
    fn what_is_no_sample_is_refused() {
        assert_eq!(Sample::new([1.0, 2.0]), Err(TooLittle::Few));
        assert_eq!(Sample::new([2.0, 2.0, 2.0]), Err(TooLittle::Same));
        assert_eq!(Sample::new([-1.0, 0.0, 0.5]), Err(TooLittle::Mean));
    }
}
