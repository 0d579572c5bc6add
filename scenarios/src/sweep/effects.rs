//! Effects: how much of a goal's variance each range is answerable for, by Sobol' indices.
//!
//! The *first* effect S_i is what knowing range i alone would take off the variance; the *total* effect T_i is what would be left if all
//! others were known, so that what is near 0 does not matter, and T_i − S_i is what it does together with others:
//!
//! V S_i = V − ½ E (f(B) − f(A_i))²,  V T_i = ½ E (f(A) − f(A_i))²,  A_i being A with range i taken from B.
//!
//! The error beside a total effect is two standard errors of that mean, as if points were drawn by lot, which Sobol' points better.
//! Source: Jansen 1999; Saltelli et al. 2010.
//! Limits: ranges are taken as independent and evenly distributed. Nothing is told of a goal that does not vary.

/// The effect of a range on a goal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// First effect.
    pub first: f64,
    /// Total effect.
    pub total: f64,
    /// Two standard errors of the total effect.
    pub error: f64,
}

/// The values of a point: at A, at B, and at A with each range in turn taken from B.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// At A.
    pub a: f64,
    /// At B.
    pub b: f64,
    /// At A with a range of B.
    pub mixed: Vec<f64>,
}

/// Variance and effects of every range; none where fewer than two points are there or nothing varies.
pub fn effects(points: &[Point]) -> Option<(f64, Vec<Effect>)> {
    let count = points.len() as f64;
    let mean = |of: &dyn Fn(&Point) -> f64| points.iter().map(of).sum::<f64>() / count;
    let centre = mean(&|point| f64::midpoint(point.a, point.b));
    let variance = mean(&|point| f64::midpoint((point.a - centre).powi(2), (point.b - centre).powi(2)));
    let size = points.iter().flat_map(|point| [point.a.abs(), point.b.abs()]).fold(1.0, f64::max);
    if points.len() < 2 || variance.sqrt() <= 1e-6 * size {
        return None;
    }
    let of_range = |range: usize| {
        let left = |point: &Point| (point.a - point.mixed[range]).powi(2) / 2.0 / variance;
        let total = mean(&left);
        let spread = mean(&|point| (left(point) - total).powi(2)).sqrt();
        Effect {
            first: 1.0 - mean(&|point| (point.b - point.mixed[range]).powi(2) / 2.0) / variance,
            total,
            error: 2.0 * spread / count.sqrt(),
        }
    };
    Some((variance, (0..points[0].mixed.len()).map(of_range).collect()))
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::{Point, effects};
    use crate::sweep::design::Design;

    /// A function's effects by the design of them.
    fn of(f: impl Fn(&[f64]) -> f64, ranges: usize, points: usize) -> (f64, Vec<super::Effect>) {
        let design = Design::Effects { points, ranges, seed: 3 };
        let at = |number: usize| f(&design.at(number));
        let point = |point: usize| {
            let first = point * (ranges + 2);
            Point { a: at(first), b: at(first + 1), mixed: (0..ranges).map(|range| at(first + 2 + range)).collect() }
        };
        effects(&(0..points).map(point).collect::<Vec<_>>()).expect("it varies")
    }

    /// Ishigami & Homma 1990: sin x1 + 7 sin² x2 + 0.1 x3⁴ sin x1 on [−π, π]³, whose variance and effects have closed forms.
    #[test]
    fn the_effects_of_ishigamis_function() {
        let (a, b) = (7.0, 0.1);
        let ishigami = |u: &[f64]| {
            let x: Vec<f64> = u.iter().map(|u| PI * (2.0 * u - 1.0)).collect();
            x[0].sin() + a * x[1].sin().powi(2) + b * x[2].powi(4) * x[0].sin()
        };
        let (variance, found) = of(ishigami, 3, 1 << 14);
        let by_hand = a * a / 8.0 + b * PI.powi(4) / 5.0 + b * b * PI.powi(8) / 18.0 + 0.5;
        let first = [0.5 * (1.0 + b * PI.powi(4) / 5.0).powi(2), a * a / 8.0, 0.0];
        let with_third = 8.0 * b * b * PI.powi(8) / 225.0;
        let total = [first[0] + with_third, first[1], with_third];
        approx::assert_relative_eq!(variance, by_hand, max_relative = 0.01);
        for (effect, (first, total)) in found.iter().zip(first.iter().zip(total)) {
            approx::assert_abs_diff_eq!(effect.first, first / by_hand, epsilon = 0.02);
            approx::assert_abs_diff_eq!(effect.total, total / by_hand, epsilon = 0.01);
            assert!(effect.error < 0.05, "{effect:?}");
        }
    }

    /// 3 x + y: variance (9 + 1) ÷ 12, effects 0.9 and 0.1, nothing together; a third range does nothing.
    #[test]
    fn a_sum_has_no_effects_together() {
        let (variance, found) = of(|x| 3.0 * x[0] + x[1], 3, 1024);
        approx::assert_relative_eq!(variance, 10.0 / 12.0, max_relative = 0.01);
        for (effect, by_hand) in found.iter().zip([0.9, 0.1, 0.0]) {
            approx::assert_abs_diff_eq!(effect.first, by_hand, epsilon = 0.01);
            approx::assert_abs_diff_eq!(effect.total, by_hand, epsilon = 0.01);
        }
        assert_eq!(found[2].total, 0.0);
    }

    #[test]
    fn what_does_not_vary_has_no_effects() {
        let still = Point { a: 5.0, b: 5.0, mixed: vec![5.0] };
        assert_eq!(effects(&[still.clone(), still.clone(), still]), None);
        assert_eq!(effects(&[]), None);
    }
}
