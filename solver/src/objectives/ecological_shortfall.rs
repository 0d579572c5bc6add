//! What control sections and works releases lack to their targets.
//!
//! Volume: Σ w × shortfall, hm³. Relative: Σ w × shortfall ÷ target × days. `tiers` choose parts of the target.

use weir_model::goals::Objective;
use weir_model::measures::{Selection, target_of};

use super::ObjectiveKind;
use crate::builder::{Builder, Sum};
use crate::program::Expression;

pub(super) struct EcologicalShortfall;

impl ObjectiveKind for EcologicalShortfall {
    fn word(&self) -> &'static str {
        "ecological_shortfall"
    }

    fn expression(&self, builder: &mut Builder, objective: &Objective) -> Expression {
        let case = builder.case;
        let selection = Selection::new(case, objective);
        let mut sum = Sum::default();
        for (index, requirement) in selection.sections() {
            for (step, member) in builder.layout.each_step() {
                let Some(target) = target_of(case, requirement, step, member) else { continue };
                let mut weight = case.at(&objective.weight, step, member);
                if objective.relative {
                    weight *= case.horizon.days(step) / (target * case.hm3_per_unit(&requirement.of, step));
                }
                for part in (0..requirement.target_parts.len().max(1)).filter(|&part| selection.part(part)) {
                    builder.layout.shortfall(index, part, step, member, |column, c| sum.add(column, weight * c));
                }
            }
        }
        sum.expression()
    }
}
