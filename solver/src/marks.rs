//! What stands on a plan besides what was solved, because of how it was asked: and whether its document says just that.
//!
//! The heading and cost of a change by hand, the heading and reasons of a fall-back plan, what orders from
//! above cost, orders. What of it can be made again is; what only a solver could find (the goals without the orders from above, the
//! rules in conflict) is taken as it stands, where it may stand at all.

use weir_model::document::{AMENDED_HEADING, AmendedRow, Content, FALL_BACK_HEADING, PlanDocument, cost, is_cost_of};

/// How a plan was asked, besides its case and goals.
#[derive(Clone, Copy, Debug, Default)]
pub struct Marks<'a> {
    /// The plan that it was changed from by hand; what was set is in its case.
    pub before: Option<&'a PlanDocument>,
    /// Whether its run fell back to it.
    pub fell_back: bool,
}

impl Marks<'_> {
    /// Puts on a plan made again what may stand on the one told, and says what stands there that may not.
    pub(crate) fn put(&self, told: &Content, again: &mut Content) -> Vec<String> {
        let mut faults = Vec::new();
        again.orders.clone_from(&told.orders);
        if let Some(before) = self.before {
            let sets = told.case.amended.as_ref().map(|amended| amended.sets.clone()).unwrap_or_default();
            let cost = cost(&before.content, again);
            again.case.headings.insert(0, AMENDED_HEADING.to_owned());
            again.case.amended = Some(AmendedRow { plan: before.record.id.clone(), sets, cost });
            again.case.command_cost.clone_from(&before.content.case.command_cost);
        } else if !again.case.commands.is_empty() {
            let others = told.case.command_cost.iter().filter(|row| !is_cost_of(row, again));
            faults.extend(others.map(|row| format!("command_cost: `{}` is not {} in the plan", row.of, row.after)));
            again.case.command_cost.clone_from(&told.case.command_cost);
        }
        if self.fell_back {
            let reasons = told.case.degraded.get(again.case.degraded.len()..).unwrap_or_default();
            if reasons.is_empty() {
                faults.push("degraded: the plan does not say why its run fell back to it".to_owned());
            }
            again.case.headings.insert(0, FALL_BACK_HEADING.to_owned());
            again.case.degraded.extend_from_slice(reasons);
        }
        faults
    }
}
