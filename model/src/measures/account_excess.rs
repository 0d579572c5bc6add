//! What soft accounts 总量控制指标 use beyond what the horizon may use, or lack to what it must.
//!
//! Σ over windows of max(0, used − available) (a cap) or max(0, available − used) (a duty).
//! Sense: minimise. Units: hm³. Good: 0.
//! Limits: hard accounts are rules, no part of it.

use super::{Measure, Selection};
use crate::case::Case;
use crate::goals::{Objective, Sense};
use crate::plan::Decisions;

/// See the module.
pub struct AccountExcess;

impl Measure for AccountExcess {
    fn kind(&self) -> &'static str {
        "account_excess"
    }

    fn sense(&self) -> Sense {
        Sense::Minimise
    }

    fn unit(&self, _: &Objective) -> &'static str {
        "hm3"
    }

    fn value(&self, case: &Case, objective: &Objective, decisions: &Decisions) -> f64 {
        let mut total = 0.0;
        for (_, account) in Selection::new(case, objective).soft_accounts() {
            for window in &account.windows {
                total += account.excess_hm3(window, account.used_hm3(case, decisions, window.steps.clone()));
            }
        }
        total
    }
}
