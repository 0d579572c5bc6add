//! A scenario's numbers: inflow and demands, scaled where they enter.
//!
//! Inflow is scaled at its source, so that whatever follows from natural inflow (floors, accounts) follows the scaled one; a
//! class's demand is scaled in every demand that has it, the other classes keeping theirs. Recharge of aquifers stays.
//! Fails: a class that no demand has.

use std::collections::BTreeSet;

use crate::basin::nearest::hint;
use crate::lower::Lowering;
use crate::lower::values::Values;
use crate::network::NodeKind;

impl Lowering<'_> {
    /// Inflow as the scenario has it.
    pub(crate) fn scaled_inflow(&mut self, values: Values) -> Values {
        let Some((factor, kept_days)) = self.basin.what_if.inflow else { return values };
        let start = self.horizon.start().timestamp();
        let scaled = (0..self.horizon.steps()).map(|step| {
            let since = self.horizon.edges[step].timestamp().duration_since(start).as_secs_f64() / 86_400.0;
            if since + 1e-9 < kept_days { values.at(step) } else { values.at(step) * factor }
        });
        let scaled = Values::Each(scaled.collect());
        self.note(format!("Scenario: inflow is {factor} of what was forecast, from day {} on.", kept_days + 1.0));
        scaled
    }

    /// Notes the scenario's demands, and refuses classes that no demand has.
    pub(crate) fn note_scaled_demands(&mut self) {
        let demands = self.nodes.values().filter_map(|node| match &node.kind {
            NodeKind::Demand(demand) => Some(demand),
            _ => None,
        });
        let portions = demands.flat_map(|demand| &demand.portions);
        let known: BTreeSet<String> = portions.map(|portion| portion.class.clone()).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        for (class, factor) in self.basin.what_if.demand.clone() {
            if known.contains(&class.value.as_str()) {
                self.note(format!("Scenario: demand of `{}` is {factor} of what it was.", class.value));
            } else {
                let message = format!("`{}`: no demand has a class `{}`", class.key, class.value);
                self.refusals.push(&class.place, None, message, hint(&class.value, &known, "classes of its demands"));
            }
        }
    }
}
