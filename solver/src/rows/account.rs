//! Accounts: a sum over arcs and a calendar window, against what is available of its limit.
//!
//! Σ coefficient × volume − excess ≤ available, or Σ coefficient × volume + lack ≥ available.
//! Rows: one a window and member. Columns: one a window and member where the account is soft, else only where rules are open.
//! Units: hm³. Dual: what one hm³ more of the limit would change in the objective.

use weir_model::network::RuleClass;

use super::RowFamily;
use crate::builder::{Builder, Soft};
use crate::layout::{Open, Quantity, Subject};

pub(super) struct Accounts;

impl RowFamily for Accounts {
    fn word(&self) -> &'static str {
        "account"
    }

    fn add(&self, builder: &mut Builder) {
        let case = builder.case;
        for (index, account) in case.network.accounts.iter().enumerate() {
            let mut columns = Vec::new();
            for (window, facts) in account.windows.iter().enumerate() {
                let subject = Subject::Account(index as u32, window as u32);
                let Some(last) = facts.steps.clone().last() else {
                    columns.extend(vec![None; builder.layout.members]);
                    continue;
                };
                for member in 0..builder.layout.members {
                    let available = facts.available_hm3;
                    let (lower, upper) =
                        if account.at_most { (f64::NEG_INFINITY, available) } else { (available, f64::INFINITY) };
                    let row = builder.row(self.word(), subject, (last, member), lower, upper);
                    let (mut least, mut most) = (0.0, 0.0);
                    for step in facts.steps.clone() {
                        for &(arc, coefficient) in &account.terms {
                            builder.add_flow(row, arc, (step, member), coefficient);
                            let (l, u) = builder.flow_bounds(arc, (step, member));
                            least += (coefficient * l).min(coefficient * u);
                            most += (coefficient * l).max(coefficient * u);
                        }
                    }
                    let (width, sign) = if account.at_most { (most - available, -1.0) } else { (available - least, 1.0) };
                    columns.push(add_column(builder, subject, (last, member), row, (width, sign), account.hard));
                }
            }
            builder.layout.accounts.push(columns);
        }
    }
}

fn add_column(
    builder: &mut Builder,
    subject: Subject,
    at: (usize, usize),
    row: usize,
    (width, sign): (f64, f64),
    hard: bool,
) -> Option<usize> {
    if width <= 0.0 || (hard && builder.open == Open::Nothing) {
        return None;
    }
    let column = if hard {
        builder.breach(subject, Quantity::AccountExcess, at, Some(RuleClass::Legal), (0.0, width))
    } else {
        let column = builder.column(subject, Quantity::AccountExcess, at, 0.0, width);
        builder.soft.push(Soft { column, class: RuleClass::Legal });
        column
    };
    builder.matrix.add(row, column, sign);
    Some(column)
}
