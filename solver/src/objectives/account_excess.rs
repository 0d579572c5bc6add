//! What soft accounts have beyond their limits (or lack to them): Σ excess, hm³.

use weir_model::goals::Objective;
use weir_model::measures::Selection;

use super::ObjectiveKind;
use crate::builder::{Builder, Sum};
use crate::program::Expression;

pub(super) struct AccountExcess;

impl ObjectiveKind for AccountExcess {
    fn word(&self) -> &'static str {
        "account_excess"
    }

    fn expression(&self, builder: &mut Builder, objective: &Objective) -> Expression {
        let mut sum = Sum::default();
        for (index, _) in Selection::new(builder.case, objective).soft_accounts() {
            for &column in builder.layout.accounts[index].iter().flatten() {
                sum.add(column, 1.0);
            }
        }
        sum.expression()
    }
}
