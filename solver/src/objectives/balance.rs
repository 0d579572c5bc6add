//! Balance of the three uses: satisfactions ÷ entitlement over regions, uses and periods, maximised in the objective's form.
//!
//! The entries are those of [`Satisfactions`], by which the plan is measured; in the stream min(flow, target) =
//! target − shortfall takes the place of supply. With n entries, each of worth S ≤ 1 ÷ entitlement:
//!
//! - `max_min`: Σ supply − z × (Σ demand − Σ floor) × entitlement ≥ Σ floor; z. Rows: n. Columns: 1.
//! - `leximin`: the same with a column v an entry in z's place, and v − t ≥ 0. Rows: 2 n. Columns: n + 1.
//! - the others: the same as an equation, so that v is S. `mean_deviation`: n · mean = Σ v, d ≥ mean − v; the mean less
//!   2 λ ÷ n · Σ d (as much lies above the mean as below it). Rows: 2 n + 1. Columns: 2 n + 1.
//! - `owa` and `gini` by cumulated ordered sums: Σ (wₖ − wₖ₊₁) × (k rₖ − Σ dₖ), dₖ ≥ rₖ − v, with rows only where consecutive
//!   weights differ. Rows and columns: n a difference, so n² for `gini`.
//!
//! Dual: of an entry's row, its part in the price of one more unit of satisfaction.
//! Source: Ogryczak & Śliwiński 2003.

use weir_model::goals::Objective;
use weir_model::measures::target_of;
use weir_model::satisfaction::{Entry, Satisfactions};

use super::ObjectiveKind;
use crate::builder::{Builder, Sum};
use crate::layout::{Quantity, Subject};
use crate::program::{Expression, Leximin, LeximinEntry};

pub(super) struct Balance;

impl ObjectiveKind for Balance {
    fn word(&self) -> &'static str {
        "balance"
    }

    fn expression(&self, builder: &mut Builder, objective: &Objective) -> Expression {
        let satisfactions = Satisfactions::of(builder.case, objective);
        let entries: Vec<Entry> = satisfactions.entries.into_iter().filter(Entry::counts).collect();
        if entries.is_empty() {
            return Expression { terms: Vec::new(), constant: -1.0 };
        }
        let number = builder.goals.objectives.iter().position(|other| other.id == objective.id);
        let subject = Subject::Objective(number.unwrap_or_default() as u32);
        let fairness = &objective.fairness;
        let balance = Form { subject, entries: &entries };
        match objective.form.as_deref() {
            Some("leximin") => balance.leximin(builder),
            Some("mean_deviation") => balance.mean_deviation(builder, fairness.lambda),
            Some("gini") => balance.ordered(builder, &fairness.gini_weights(entries.len())),
            Some("owa") => balance.ordered(builder, &fairness.owa_weights(entries.len())),
            _ => balance.max_min(builder),
        }
    }
}

/// The entries that a form is made of.
struct Form<'a> {
    subject: Subject,
    entries: &'a [Entry],
}

impl Form<'_> {
    /// Under broken floors a satisfaction may be negative: no supply at all is −Σ floor ÷ (Σ demand − Σ floor).
    fn bounds(entry: &Entry) -> (f64, f64) {
        let least = -entry.floor_hm3 / (entry.demand_hm3 - entry.floor_hm3);
        (least.min(0.0) / entry.entitlement, 1.0 / entry.entitlement)
    }

    fn range(&self) -> (f64, f64) {
        let all = || self.entries.iter().map(Self::bounds);
        (all().map(|bounds| bounds.0).fold(0.0, f64::min), all().map(|bounds| bounds.1).fold(0.0, f64::max))
    }

    fn column(&self, builder: &mut Builder, quantity: Quantity, (lower, upper): (f64, f64)) -> usize {
        let last = builder.layout.steps.saturating_sub(1);
        builder.column(self.subject, quantity, (last, 0), lower, upper)
    }

    /// A row that holds a column at or under the entry's satisfaction ÷ entitlement, or at it.
    fn satisfaction(&self, builder: &mut Builder, entry: &Entry, column: usize, exactly: bool) {
        let supply = supply(builder, entry).expression();
        let last = entry.period.steps.end.saturating_sub(1);
        let lower = entry.floor_hm3 - supply.constant;
        let upper = if exactly { lower } else { f64::INFINITY };
        let row = builder.row("satisfaction", self.subject, (last, 0), lower, upper);
        for (column, coefficient) in supply.terms {
            builder.matrix.add(row, column, coefficient);
        }
        builder.matrix.add(row, column, -(entry.demand_hm3 - entry.floor_hm3) * entry.entitlement);
    }

    /// A column an entry, held at its satisfaction ÷ entitlement or under it.
    fn satisfactions(&self, builder: &mut Builder, exactly: bool) -> Vec<usize> {
        let column = |(number, entry): (usize, &Entry)| {
            let column = self.column(builder, Quantity::Satisfaction(number as u32), Self::bounds(entry));
            self.satisfaction(builder, entry, column, exactly);
            column
        };
        self.entries.iter().enumerate().map(column).collect()
    }

    /// A row lower ≤ Σ coefficient × column ≤ upper.
    fn row(&self, builder: &mut Builder, (lower, upper): (f64, f64), terms: &[(usize, f64)]) -> usize {
        let last = builder.layout.steps.saturating_sub(1);
        let row = builder.row("balance_form", self.subject, (last, 0), lower, upper);
        for &(column, coefficient) in terms {
            builder.matrix.add(row, column, coefficient);
        }
        row
    }

    fn max_min(&self, builder: &mut Builder) -> Expression {
        let (lower, _) = self.range();
        let upper = self.entries.iter().map(|entry| Self::bounds(entry).1).fold(f64::INFINITY, f64::min);
        let worst = self.column(builder, Quantity::Worst, (lower, upper));
        for entry in self.entries {
            self.satisfaction(builder, entry, worst, false);
        }
        Expression { terms: vec![(worst, -1.0)], constant: 0.0 }
    }

    fn leximin(&self, builder: &mut Builder) -> Expression {
        let columns = self.satisfactions(builder, false);
        let (lower, upper) = self.range();
        // Beyond what any entry reaches, so that rows alone hold t and their duals tell which.
        let worst = self.column(builder, Quantity::Worst, (lower, 1.0 + upper));
        let entry = |&column: &usize| {
            let row = self.row(builder, (0.0, f64::INFINITY), &[(column, 1.0), (worst, -1.0)]);
            LeximinEntry { column, row }
        };
        let entries = columns.iter().map(entry).collect();
        builder.leximin = Some(Leximin { worst, entries });
        Expression { terms: vec![(worst, -1.0)], constant: 0.0 }
    }

    fn mean_deviation(&self, builder: &mut Builder, lambda: f64) -> Expression {
        let columns = self.satisfactions(builder, true);
        let n = columns.len() as f64;
        let (lower, upper) = self.range();
        let mean = self.column(builder, Quantity::Mean, (lower, upper));
        let mut terms: Vec<(usize, f64)> = columns.iter().map(|&column| (column, 1.0)).collect();
        terms.push((mean, -n));
        self.row(builder, (0.0, 0.0), &terms);
        let mut value = Sum::default();
        value.add(mean, -1.0);
        for (number, &column) in columns.iter().enumerate() {
            let under = self.column(builder, Quantity::Deviation(number as u32), (0.0, upper - lower));
            self.row(builder, (0.0, f64::INFINITY), &[(under, 1.0), (column, 1.0), (mean, -1.0)]);
            value.add(under, 2.0 * lambda / n);
        }
        value.expression()
    }

    fn ordered(&self, builder: &mut Builder, weights: &[f64]) -> Expression {
        let columns = self.satisfactions(builder, true);
        let (lower, upper) = self.range();
        let mut value = Sum::default();
        for (k, &weight) in weights.iter().enumerate() {
            let step = weight - weights.get(k + 1).copied().unwrap_or(0.0);
            // Weights are told to a few digits: what differs by rounding alone is equal.
            if step <= 1e-12 {
                continue;
            }
            if k + 1 == weights.len() {
                for &column in &columns {
                    value.add(column, -step);
                }
                continue;
            }
            let threshold = self.column(builder, Quantity::Threshold(k as u32), (lower, upper));
            value.add(threshold, -step * (k + 1) as f64);
            for (number, &column) in columns.iter().enumerate() {
                let under = Quantity::Under(k as u32, number as u32);
                let under = self.column(builder, under, (0.0, upper - lower));
                self.row(builder, (0.0, f64::INFINITY), &[(under, 1.0), (column, 1.0), (threshold, -1.0)]);
                value.add(under, step);
            }
        }
        value.expression()
    }
}

/// Σ supply of an entry, or Σ (target − shortfall), hm³.
fn supply(builder: &Builder, entry: &Entry) -> Sum {
    let (case, layout) = (builder.case, &builder.layout);
    let mut sum = Sum::default();
    for step in entry.period.steps.clone() {
        for &portion in &entry.portions {
            layout.supply(portion, step, 0, |column, c| sum.add(column, c));
        }
        for &section in &entry.sections {
            let requirement = &case.network.requirements[section];
            let Some(target) = target_of(case, requirement, step, 0) else { continue };
            sum.add_constant(target * case.hm3_per_unit(&requirement.of, step));
            for part in 0..requirement.target_parts.len().max(1) {
                layout.shortfall(section, part, step, 0, |column, c| sum.add(column, -c));
            }
        }
    }
    sum
}
