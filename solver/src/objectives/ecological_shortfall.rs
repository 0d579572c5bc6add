//! What control sections and works releases lack to their targets.
//!
//! Volume: Σ w × shortfall, hm³. Relative: Σ w × shortfall ÷ target × days. `tiers` choose parts of the target.

use weir_model::goals::Objective;
use weir_model::network::Of;

use super::{ObjectiveKind, select};
use crate::builder::{Builder, Sum};
use crate::program::Expression;

pub(super) struct EcologicalShortfall;

impl ObjectiveKind for EcologicalShortfall {
    fn word(&self) -> &'static str {
        "ecological_shortfall"
    }

    fn expression(&self, builder: &mut Builder, objective: &Objective) -> Expression {
        let case = builder.case;
        let mut sum = Sum::default();
        for (index, requirement) in case.network.requirements.iter().enumerate() {
            let Some(target) = &requirement.target else { continue };
            if !select::section(objective, &case.network, requirement) {
                continue;
            }
            for (step, member) in builder.layout.each_step() {
                let mut weight = case.at(&objective.weight, step, member);
                if objective.relative {
                    let volume = match requirement.of {
                        Of::Flow(_) => case.hm3_per_m3s(step),
                        Of::Storage(_) => 1.0,
                    };
                    let target = case.bound(target, step, member) * volume;
                    weight *= if target > 0.0 { case.horizon.days(step) / target } else { 0.0 };
                }
                for part in (0..requirement.target_parts.len().max(1)).filter(|part| select::tier(objective, part + 1)) {
                    builder.layout.shortfall(index, part, step, member, |column, c| sum.add(column, weight * c));
                }
            }
        }
        sum.expression()
    }
}
