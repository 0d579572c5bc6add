//! Balance of the three uses, form `max_min`: the least satisfaction over regions, uses and periods, maximised.
//!
//! Σ supply − z × (Σ demand − Σ floor) ≥ Σ floor for each entry with a positive denominator; in the stream min(flow, target) =
//! target − shortfall takes the place of supply. The entries are those of [`Satisfactions`], by which the plan is measured.
//! Rows: one an entry. Columns: one, z. Dual: of an entry's row, its part in the price of one more unit of satisfaction.

use weir_model::goals::Objective;
use weir_model::measures::{Selection, target_of};
use weir_model::satisfaction::{Entry, Satisfactions};

use super::ObjectiveKind;
use crate::builder::{Builder, Sum};
use crate::layout::{Quantity, Subject};
use crate::program::Expression;

pub(super) struct Balance;

impl ObjectiveKind for Balance {
    fn word(&self) -> &'static str {
        "balance"
    }

    fn expression(&self, builder: &mut Builder, objective: &Objective) -> Expression {
        let selection = Selection::new(builder.case, objective);
        let satisfactions = Satisfactions::new(builder.case, selection, &selection.uses(), objective.period);
        let entries: Vec<Entry> = satisfactions.entries.into_iter().filter(Entry::counts).collect();
        let number = builder.goals.objectives.iter().position(|other| other.id == objective.id);
        let subject = Subject::Objective(number.unwrap_or_default() as u32);
        let above_floor = |entry: &Entry| entry.demand_hm3 - entry.floor_hm3;
        // Under broken floors a satisfaction may be negative: no supply at all is −Σ floor ÷ (Σ demand − Σ floor).
        let least = entries.iter().map(|entry| -entry.floor_hm3 / above_floor(entry)).fold(0.0, f64::min);
        let last = builder.layout.steps.saturating_sub(1);
        let worst = builder.column(subject, Quantity::Worst, (last, 0), least, 1.0);
        for entry in &entries {
            let supply = supply(builder, entry).expression();
            let last = entry.period.steps.end.saturating_sub(1);
            let lower = entry.floor_hm3 - supply.constant;
            let row = builder.row("satisfaction", subject, (last, 0), lower, f64::INFINITY);
            for (column, coefficient) in supply.terms {
                builder.matrix.add(row, column, coefficient);
            }
            builder.matrix.add(row, worst, -above_floor(entry));
        }
        Expression { terms: vec![(worst, -1.0)], constant: 0.0 }
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
