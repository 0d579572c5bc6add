//! What soft accounts have beyond their limits (or lack to them): Σ excess, hm³.

use weir_model::goals::Objective;

use super::{ObjectiveKind, select};
use crate::builder::{Builder, Sum};
use crate::program::Expression;

pub(super) struct AccountExcess;

impl ObjectiveKind for AccountExcess {
    fn word(&self) -> &'static str {
        "account_excess"
    }

    fn expression(&self, builder: &mut Builder, objective: &Objective) -> Expression {
        let mut sum = Sum::default();
        for (account, columns) in builder.case.network.accounts.iter().zip(&builder.layout.accounts) {
            if !account.hard && select::element(objective, &account.id) {
                for &column in columns.iter().flatten() {
                    sum.add(column, 1.0);
                }
            }
        }
        sum.expression()
    }
}
