//! Operation 运行规则: bounds and changes per day of a flow, or of a storage.
//!
//! Lowers to a requirement of class `operational` or `legal`. Units: m³/s; hm³, or m turned to hm³ by the curve: a bound
//! at its level, a change at the curve's smallest slope, which is on the safe side.
//! Fails: keys of a flow on a storage and the other way round, a level outside the curve.

use crate::basin::entry::{Entry, Field};
use crate::basin::varying::{ANY, POSITIVE, Varying};
use crate::curve::Curve;
use crate::elements::{Element, Head, Kind};
use crate::lower::Lowering;
use crate::lower::address::Target;
use crate::lower::values::Values;
use crate::network::{Bound, NodeKind, Of, Requirement, RequirementKind, RuleClass};

pub const KIND: Kind = Kind { word: "operation", regional: false, node: false, read };

/// The four parts of a rule.
const PARTS: [&str; 4] = ["floor", "ceiling", "rise", "fall"];

#[derive(Debug)]
struct Operation {
    head: Head,
    on: Option<Field<String>>,
    class: RuleClass,
    parts: Vec<Part>,
}

#[derive(Debug)]
struct Part {
    word: &'static str,
    unit: Unit,
    value: Varying,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Unit {
    Flow,
    Storage,
    Level,
}

fn read(entry: &Entry, head: Head) -> Box<dyn Element> {
    let mut parts: Vec<Part> = Vec::new();
    for word in PARTS {
        let day = if matches!(word, "rise" | "fall") { "_per_day" } else { "" };
        let flow = entry.varying(&format!("{word}_m3s{day}"), POSITIVE).map(|value| Part { word, unit: Unit::Flow, value });
        let storage =
            entry.varying_volume(&format!("{word}{day}"), POSITIVE).map(|value| Part { word, unit: Unit::Storage, value });
        let level_range = if day.is_empty() { ANY } else { POSITIVE };
        let level =
            entry.varying(&format!("{word}_level_m{day}"), level_range).map(|value| Part { word, unit: Unit::Level, value });
        let mut given = [flow, storage, level].into_iter().flatten();
        let first = given.next();
        if let (Some(first), Some(second)) = (&first, given.next()) {
            let message = format!("`{}` and `{}` say the same", first.value.key, second.value.key);
            entry.refuse(&second.value.place, message, Some("keep one of them".to_owned()));
        }
        parts.extend(first);
    }
    if parts.is_empty() && !entry.is_faulty() {
        let hint = "a floor, a ceiling, a rise or a fall, such as `fall_level_m_per_day = 1.0`".to_owned();
        entry.refuse(&entry.place, "it bounds nothing", Some(hint));
    }
    let class = entry.word("class", &[RuleClass::Operational.word(), RuleClass::Legal.word()]);
    let legal = class.is_some_and(|word| word.value == RuleClass::Legal.word());
    let class = if legal { RuleClass::Legal } else { RuleClass::Operational };
    Box::new(Operation { head, on: entry.required_text("on"), class, parts })
}

impl Element for Operation {
    fn head(&self) -> &Head {
        &self.head
    }

    fn rules(&self, lowering: &mut Lowering) {
        let head = &self.head;
        let Some(on) = &self.on else { return };
        let Some(target) = lowering.target(on, head) else { return };
        let curve = match &target {
            Target::Storage(node) => match &lowering.network.nodes[node.0].kind {
                NodeKind::Storage(storage) => Some(storage.curve.clone()),
                _ => None,
            },
            Target::Flow(_) => None,
        };
        let mut bounds = PARTS.map(|_| None);
        for part in &self.parts {
            let place = PARTS.iter().position(|word| *word == part.word).unwrap_or(0);
            bounds[place] = self.bound(part, curve.as_ref(), lowering);
        }
        let [floor, ceiling, rise_per_day, fall_per_day] = bounds;
        let of = match target {
            Target::Flow(arcs) => Of::Flow(arcs.into_iter().map(|arc| (arc, 1.0)).collect()),
            Target::Storage(node) => Of::Storage(node),
        };
        lowering.add_requirement(Requirement {
            id: head.id.clone(),
            name: head.name.clone(),
            place: head.place.clone(),
            region: None,
            kind: RequirementKind::Operation,
            of,
            periods: Vec::new(),
            floor,
            floor_follows_natural: false,
            target: None,
            target_parts: vec![1.0],
            ceiling,
            rise_per_day,
            fall_per_day,
            class: self.class,
            assurance: None,
            grades: Vec::new(),
        });
    }
}

impl Operation {
    fn bound(&self, part: &Part, curve: Option<&Curve>, lowering: &mut Lowering) -> Option<Bound> {
        let head = &self.head;
        let address = format!("{}.{}", head.id, part.word);
        let changes = matches!(part.word, "rise" | "fall");
        let values = if changes || part.unit == Unit::Flow {
            lowering.values(&part.value, head)
        } else {
            lowering.states(&part.value, head)
        };
        let source = lowering.source_of(&part.value);
        match (part.unit, curve) {
            (Unit::Flow, None) => Some(Bound::Flow(lowering.param_of(&address, values?, source))),
            (Unit::Storage, Some(_)) => Some(Bound::Volume(lowering.param_of(&address, values?, source))),
            (Unit::Level, Some(curve)) => {
                let values =
                    if changes { by_slope(&values?, curve) } else { within(&values?, curve, part, lowering, head)? };
                Some(Bound::Level(lowering.param_of(&address, values, source)))
            }
            (unit, _) => {
                let (is, wants) = if unit == Unit::Flow { ("a flow", "a storage") } else { ("a storage", "a flow") };
                let hint = format!("`on` names {wants}: see docs/basin-file.md, operation");
                lowering.refuse(&part.value.place, head, format!("`{}` is for {is}", part.value.key), Some(hint));
                None
            }
        }
    }
}

/// hm³ at levels.
fn within(levels: &Values, curve: &Curve, part: &Part, lowering: &mut Lowering, head: &Head) -> Option<Values> {
    let (low, high) = (curve.lowest().level_m, curve.highest().level_m);
    let outside = (0..lowering.horizon.steps()).map(|step| levels.at(step)).find(|level| !(low..=high).contains(level));
    if let Some(level) = outside {
        let message = format!("`{}`: {level} m is outside the curve, {low} to {high} m", part.value.key);
        lowering.refuse(&part.value.place, head, message, Some("extend the curve or mend the number".to_owned()));
        return None;
    }
    Some(levels.map(|level| curve.storage_at_clamped(level)))
}

/// hm³ of a change of level, at the curve's smallest slope.
fn by_slope(changes: &Values, curve: &Curve) -> Values {
    let least = curve.least_slope_hm3_per_m();
    changes.map(|change| change * least)
}
