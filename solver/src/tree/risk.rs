//! What a tree makes of its members' values: their mean, the worst, or the mean of the worst share (CVaR).
//!
//! All as they are minimised. CVaR_α is the mean over the worst 1 − α of all probability: min over η of η + Σ p u ÷ (1 − α), u ≥ f − η.
//! Columns: worst 1; CVaR 1 + members. Rows `risk`: one a member.

use crate::builder::{Builder, Sum};
use crate::layout::{Quantity, Subject};
use crate::program::Expression;

/// How the members' values become one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Risk {
    /// Their mean by weight.
    #[default]
    Expectation,
    /// The worst of them.
    Worst,
    /// The mean of the worst 1 − α of all weight.
    ConditionalValueAtRisk(f64),
}

impl Risk {
    /// Of values, each with its share, as they are minimised.
    pub fn of(self, values: &[(f64, f64)]) -> f64 {
        let mean = |values: &[(f64, f64)]| values.iter().map(|(share, value)| share * value).sum::<f64>();
        match self {
            Self::Expectation => mean(values),
            Self::Worst => values.iter().map(|(_, value)| *value).fold(f64::NEG_INFINITY, f64::max),
            Self::ConditionalValueAtRisk(alpha) => {
                let mut sorted = values.to_vec();
                sorted.sort_by(|a, b| b.1.total_cmp(&a.1));
                let (tail, mut left, mut sum) = (1.0 - alpha, 1.0 - alpha, 0.0);
                for (share, value) in sorted {
                    let taken = share.min(left);
                    sum += taken * value;
                    left -= taken;
                }
                sum / tail
            }
        }
    }

    /// The expression of it, with the columns and rows that it needs; `part` tells several of one subject from each other.
    pub(super) fn expression(
        self,
        builder: &mut Builder,
        (subject, part): (Subject, u32),
        values: &[(f64, Expression)],
    ) -> Expression {
        if let [(_, only)] = values {
            return only.clone();
        }
        let members = values.len();
        let at = (builder.layout.steps.saturating_sub(1), members);
        let (lower, upper) = values
            .iter()
            .map(|(_, value)| range(builder, value))
            .fold((f64::INFINITY, f64::NEG_INFINITY), |all, one| (all.0.min(one.0), all.1.max(one.1)));
        // column + own ≥ the member's value.
        let hold = |builder: &mut Builder, member: usize, value: &Expression, columns: &[usize]| {
            let row = builder.row("risk", subject, (at.0, member), value.constant, f64::INFINITY);
            for &column in columns {
                builder.matrix.add(row, column, 1.0);
            }
            for &(column, coefficient) in &value.terms {
                builder.matrix.add(row, column, -coefficient);
            }
        };
        match self {
            Self::Expectation => mean(values),
            Self::Worst => {
                let worst = builder.column(subject, Quantity::Threshold(part), at, lower, upper);
                for (member, (_, value)) in values.iter().enumerate() {
                    hold(builder, member, value, &[worst]);
                }
                Expression { terms: vec![(worst, 1.0)], constant: 0.0 }
            }
            Self::ConditionalValueAtRisk(alpha) => {
                let threshold = builder.column(subject, Quantity::Threshold(part), at, lower, upper);
                let mut sum = Sum::default();
                sum.add(threshold, 1.0);
                for (member, (share, value)) in values.iter().enumerate() {
                    let beyond = Quantity::Under(part, member as u32);
                    let beyond = builder.column(subject, beyond, at, 0.0, upper - lower);
                    sum.add(beyond, share / (1.0 - alpha));
                    hold(builder, member, value, &[threshold, beyond]);
                }
                sum.expression()
            }
        }
    }
}

/// The mean of expressions, each with its share.
pub(super) fn mean(values: &[(f64, Expression)]) -> Expression {
    let mut sum = Sum::default();
    for (share, value) in values {
        sum.add_constant(share * value.constant);
        for &(column, coefficient) in &value.terms {
            sum.add(column, share * coefficient);
        }
    }
    sum.expression()
}

/// Between what an expression lies by the bounds of its columns.
pub(super) fn range(builder: &Builder, expression: &Expression) -> (f64, f64) {
    let (mut lower, mut upper) = (expression.constant, expression.constant);
    for &(column, c) in &expression.terms {
        let (least, most) = builder.matrix.bounds(column);
        lower += (c * least).min(c * most);
        upper += (c * least).max(c * most);
    }
    (lower, upper)
}

#[cfg(test)]
mod tests {
    use super::Risk;

    #[test]
    fn the_worst_share_counts_its_members_in_part() {
        // The worst 0.5 of four values of 0.25: 8 and 4. The worst 0.3: all of 8 and 0.05 of 4.
        let values = [(0.25, 1.0), (0.25, 8.0), (0.25, 2.0), (0.25, 4.0)];
        assert!((Risk::ConditionalValueAtRisk(0.5).of(&values) - 6.0).abs() < 1e-12);
        assert!((Risk::ConditionalValueAtRisk(0.7).of(&values) - (0.25 * 8.0 + 0.05 * 4.0) / 0.3).abs() < 1e-12);
        assert!((Risk::ConditionalValueAtRisk(0.0).of(&values) - 3.75).abs() < 1e-12);
        assert!((Risk::Expectation.of(&values) - 3.75).abs() < 1e-12);
        assert!((Risk::Worst.of(&values) - 8.0).abs() < 1e-12);
    }
}
