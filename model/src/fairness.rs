//! What a balance weighs: its form, and what the office's table promises each use.
//!
//! All forms work on satisfaction ÷ entitlement, where the entitlement is what the table promises: 1 − allowed depth.
//! Ordered from the least, S₁ ≤ … ≤ Sₙ:
//!
//! | form | maximised |
//! |---|---|
//! | `max_min` | S₁ |
//! | `leximin` | S₁, then S₂, and so on; its value is S₁ |
//! | `mean_deviation` | mean − λ · mean \|S − mean\|, λ ≤ ½ |
//! | `gini` | mean − λ · ½ · mean difference, λ ≤ 1 |
//! | `owa` | Σ weight × Sₖ, weights not rising |
//!
//! Dispersion alone would call no water at all fair; under these bounds on λ nobody's gain lowers the value.
//! Source: ordered weighted averages, Yager 1988; Ogryczak & Śliwiński 2003; mean with deviation, Ogryczak & Ruszczyński 1999.

use crate::goals::Period;
use crate::network::Network;

/// Forms of a balance.
pub const FORMS: [&str; 5] = ["max_min", "leximin", "mean_deviation", "gini", "owa"];

/// How a plan's notes on what it would cost to lift the worst entry of a balance begin.
pub const PRICE_OF_FAIRNESS: &str = "Price of fairness: ";

/// How a balance weighs satisfactions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fairness {
    /// λ of `mean_deviation` and `gini`.
    pub lambda: f64,
    /// Weights of `owa`, the least satisfaction's first; the last one holds for all that follow.
    pub weights: Vec<f64>,
    /// The office's table.
    pub allowances: Vec<Allowance>,
}

/// A row of the office's table.
#[derive(Clone, Debug, PartialEq)]
pub struct Allowance {
    /// Use.
    pub use_: String,
    /// Region that it is for, with all that it holds; none: all.
    pub region: Option<String>,
    /// Satisfaction promised: 1 − allowed depth.
    pub entitlement: f64,
    /// Length of the periods that are judged, where the table says.
    pub period: Option<Period>,
    /// Share of periods in which the use is to be met in full.
    pub assurance: Option<f64>,
    /// Citation.
    pub clause: Option<String>,
}

impl Fairness {
    /// The row for a use in a region: the one that names the region itself, then one that holds it, then one for all; among
    /// them the one that names the use itself.
    pub fn allowance(&self, network: &Network, region: Option<usize>, use_: &str) -> Option<&Allowance> {
        let covers = |row: &&Allowance| {
            row.use_ == use_ || (row.use_ == "production" && ["industrial", "agricultural"].contains(&use_))
        };
        let rank = |row: &&Allowance| {
            let of_region = match &row.region {
                None => 0,
                Some(id) if region.is_some_and(|region| network.regions[region].id == *id) => 2,
                Some(_) => 1,
            };
            (of_region, row.use_ == use_)
        };
        let within = |row: &&Allowance| match &row.region {
            None => true,
            Some(id) => network.within(region, std::slice::from_ref(id)),
        };
        self.allowances.iter().filter(covers).filter(within).max_by_key(rank)
    }

    /// What a form makes of satisfactions; 1 of none.
    pub fn worth(&self, form: &str, satisfactions: &[f64]) -> f64 {
        let n = satisfactions.len() as f64;
        if satisfactions.is_empty() {
            return 1.0;
        }
        let mean = satisfactions.iter().sum::<f64>() / n;
        match form {
            "mean_deviation" => mean - self.lambda * satisfactions.iter().map(|s| (s - mean).abs()).sum::<f64>() / n,
            "gini" => {
                let differences: f64 =
                    satisfactions.iter().map(|a| satisfactions.iter().map(|b| (a - b).abs()).sum::<f64>()).sum();
                mean - self.lambda * 0.5 * differences / (n * n)
            }
            "owa" => {
                let mut sorted = satisfactions.to_vec();
                sorted.sort_by(f64::total_cmp);
                self.owa_weights(sorted.len()).iter().zip(&sorted).map(|(weight, s)| weight * s).sum()
            }
            _ => satisfactions.iter().copied().fold(f64::INFINITY, f64::min),
        }
    }

    /// Weights of `owa` for so many satisfactions, the least one's first; their sum is 1.
    pub fn owa_weights(&self, n: usize) -> Vec<f64> {
        let last = self.weights.last().copied().unwrap_or(1.0);
        let weights: Vec<f64> = (0..n).map(|k| self.weights.get(k).copied().unwrap_or(last)).collect();
        let sum: f64 = weights.iter().sum();
        weights.into_iter().map(|weight| weight / sum).collect()
    }

    /// Weights that make `gini` an ordered average: of mean difference, Sₖ has 2k − n − 1 pairs more below it than above.
    pub fn gini_weights(&self, n: usize) -> Vec<f64> {
        let count = n as f64;
        (0..n).map(|k| (1.0 - self.lambda * (2.0 * k as f64 + 1.0 - count) / count) / count).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Fairness;
    use approx::assert_relative_eq;

    #[test]
    fn at_their_limits_the_forms_are_the_mean_and_the_least() {
        let s = [0.4, 1.0, 0.4, 0.6];
        let of = |lambda, weights: &[f64]| Fairness { lambda, weights: weights.to_vec(), allowances: Vec::new() };
        assert_relative_eq!(of(0.0, &[]).worth("gini", &s), 0.6, max_relative = 1e-12);
        assert_relative_eq!(of(0.0, &[]).worth("mean_deviation", &s), 0.6, max_relative = 1e-12);
        assert_relative_eq!(of(0.0, &[1.0]).worth("owa", &s), 0.6, max_relative = 1e-12);
        assert_relative_eq!(of(0.0, &[1.0, 0.0]).worth("owa", &s), 0.4, max_relative = 1e-12);
        // 0.4 · 0.4 + 0.3 · 0.4 + 0.2 · 0.6 + 0.1 · 1, and λ = 0.8 is the same average by pairs.
        assert_relative_eq!(of(0.0, &[4.0, 3.0, 2.0, 1.0]).worth("owa", &s), 0.5, max_relative = 1e-12);
        assert_relative_eq!(of(0.8, &[]).worth("gini", &s), 0.5, max_relative = 1e-12);
        for (found, expected) in of(0.8, &[]).gini_weights(4).iter().zip([0.4, 0.3, 0.2, 0.1]) {
            assert_relative_eq!(*found, expected, max_relative = 1e-12);
        }
        // Deviations 0.2, 0.4, 0.2, 0.
        assert_relative_eq!(of(0.5, &[]).worth("mean_deviation", &s), 0.5, max_relative = 1e-12);
        assert_relative_eq!(of(0.5, &[]).worth("max_min", &[]), 1.0);
    }
}
