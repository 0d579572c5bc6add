//! Safe discharge 安全泄量: the greatest flow that a section bears, local inflow included.
//!
//! Lowers to a requirement with a ceiling, class `safe_discharge`. Units: m³/s.

use crate::basin::entry::{Entry, Field};
use crate::basin::varying::{POSITIVE, Varying};
use crate::elements::{Element, Head, Kind};
use crate::lower::Lowering;
use crate::network::{Bound, Of, Requirement, RequirementKind, RuleClass};
use crate::units::Flow;

pub const KIND: Kind = Kind { word: "safe_discharge", regional: true, node: false, read };

#[derive(Debug)]
struct SafeDischarge {
    head: Head,
    on: Option<Field<String>>,
    ceiling: Option<Varying>,
}

fn read(entry: &Entry, head: Head) -> Box<dyn Element> {
    Box::new(SafeDischarge { head, on: entry.required_text("on"), ceiling: entry.required_varying("ceiling_m3s", POSITIVE) })
}

impl Element for SafeDischarge {
    fn head(&self) -> &Head {
        &self.head
    }

    fn rules(&self, lowering: &mut Lowering) {
        let head = &self.head;
        let arcs = self.on.as_ref().and_then(|on| lowering.flow(on, head));
        let (Some(arcs), Some(ceiling)) = (arcs, &self.ceiling) else { return };
        let ceiling = lowering.param::<Flow>(ceiling, head, &format!("{}.ceiling", head.id));
        let region = head.region.as_ref().and_then(|region| lowering.region(region, head));
        lowering.add_requirement(Requirement {
            id: head.id.clone(),
            name: head.name.clone(),
            place: head.place.clone(),
            region,
            kind: RequirementKind::SafeDischarge,
            of: Of::Flow(arcs.into_iter().map(|arc| (arc, 1.0)).collect()),
            periods: Vec::new(),
            floor: None,
            floor_follows_natural: false,
            target: None,
            target_parts: vec![1.0],
            ceiling: Some(Bound::Flow(ceiling)),
            rise_per_day: None,
            fall_per_day: None,
            class: RuleClass::SafeDischarge,
            assurance: None,
            grades: Vec::new(),
        });
    }
}
