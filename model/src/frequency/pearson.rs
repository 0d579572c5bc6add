//! The curve of Pearson's type III: x(P) = mean × (1 + Cv × Φ(P, Cs)).
//!
//! Φ is the deviate 离均系数 of exceedance P: with shape 4 ÷ Cs², a gamma variate less its mean, in its standard deviations; mirrored
//! where Cs < 0, and the normal deviate with the first terms of Cornish and Fisher where Cs is next to nothing.
//! Units: those of the mean; Cv and Cs are plain numbers. Limits: P strictly between 0 and 1.

use statrs::distribution::{ContinuousCDF, Gamma, Normal};

/// Below this skew the expansion about the normal deviate is nearer than gamma functions of a huge shape.
const NEXT_TO_NORMAL: f64 = 0.01;

/// A curve of Pearson's type III.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pearson {
    /// Mean 均值.
    pub mean: f64,
    /// Coefficient of variation 变差系数: standard deviation ÷ mean.
    pub cv: f64,
    /// Skew 偏态系数.
    pub cs: f64,
}

impl Pearson {
    /// The value that a share of years reaches or passes.
    pub fn at(&self, exceeded: f64) -> f64 {
        self.mean * (1.0 + self.cv * deviate(self.cs, exceeded))
    }
}

/// The deviate Φ of an exceedance.
pub fn deviate(cs: f64, exceeded: f64) -> f64 {
    if cs < 0.0 {
        return -deviate(-cs, 1.0 - exceeded);
    }
    let below = 1.0 - exceeded;
    if cs < NEXT_TO_NORMAL {
        let z = Normal::standard().inverse_cdf(below);
        return z + cs / 6.0 * (z * z - 1.0) + (cs / 6.0).powi(2) * (z.powi(3) - 7.0 * z) / 4.0;
    }
    let shape = 4.0 / (cs * cs);
    Gamma::new(shape, 1.0).map_or(f64::NAN, |gamma| (gamma.inverse_cdf(below) - shape) / shape.sqrt())
}

#[cfg(test)]
mod tests {
    use approx::assert_abs_diff_eq;

    use super::*;

    #[test]
    fn deviates_are_those_of_the_published_tables() {
        // Bulletin 17B of the U.S. Water Resources Council (1982), appendix 3: K by skew and exceedance.
        let exceeded = [0.99, 0.95, 0.90, 0.80, 0.50, 0.20, 0.10, 0.04, 0.02, 0.01];
        for (cs, table) in [
            (0.0, [-2.32635, -1.64485, -1.28155, -0.84162, 0.0, 0.84162, 1.28155, 1.75069, 2.05375, 2.32635]),
            (1.0, [-1.58838, -1.31684, -1.12762, -0.85161, -0.16397, 0.75752, 1.34039, 2.04269, 2.54206, 3.02256]),
            (2.0, [-0.98995, -0.94871, -0.89464, -0.77686, -0.30685, 0.60944, 1.30259, 2.21888, 2.91202, 3.60517]),
        ] {
            for (p, published) in exceeded.into_iter().zip(table) {
                assert_abs_diff_eq!(deviate(cs, p), published, epsilon = 6e-6);
                // The mirror image.
                assert_abs_diff_eq!(deviate(-cs, 1.0 - p), -published, epsilon = 6e-6);
            }
        }
    }

    #[test]
    fn moduli_are_those_of_the_tables_in_use() {
        // 皮尔逊Ⅲ型曲线模比系数 Kp, as tables of textbooks have them to two digits: Cv 0.25, Cs = 2 Cv and 3 Cv.
        let exceeded = [0.001, 0.01, 0.02, 0.05, 0.10, 0.20, 0.50, 0.75, 0.90, 0.95, 0.99];
        for (cs, table) in [
            (0.50, [1.96, 1.67, 1.58, 1.45, 1.33, 1.20, 0.98, 0.82, 0.70, 0.63, 0.52]),
            (0.75, [2.05, 1.72, 1.61, 1.46, 1.34, 1.20, 0.97, 0.82, 0.71, 0.65, 0.56]),
        ] {
            for (p, published) in exceeded.into_iter().zip(table) {
                assert_abs_diff_eq!(Pearson { mean: 1.0, cv: 0.25, cs }.at(p), published, epsilon = 0.0101);
            }
        }
        // Two exercises that go with them: 40.6 m³/s, the drought of twenty years 25.6; 616.4 mm, a tenth of years 826.0.
        assert_abs_diff_eq!(Pearson { mean: 40.6, cv: 0.25, cs: 0.50 }.at(0.95), 25.6, epsilon = 0.4);
        assert_abs_diff_eq!(Pearson { mean: 616.4, cv: 0.25, cs: 0.75 }.at(0.10), 826.0, epsilon = 6.0);
    }

    #[test]
    fn the_expansion_meets_the_gamma_function() {
        for p in [0.01, 0.25, 0.5, 0.9, 0.99] {
            let (below, above) = (deviate(NEXT_TO_NORMAL - 1e-9, p), deviate(NEXT_TO_NORMAL + 1e-9, p));
            assert_abs_diff_eq!(below, above, epsilon = 1e-6);
        }
    }
}
