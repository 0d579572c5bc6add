//! Command 调度命令: an order in force from above; it overrides every goal and every soft rule.
//!
//! Lowers to a requirement of class `command`, with bounds in the steps within its dates and none (±∞) outside.
//! A step that the order covers in part owes the covered part of the least flow; the greatest flow binds steps covered
//! wholly. Units: m³/s, m.
//! Fails: an order that ends before it begins, bounds that cross, a level outside the curve.

use jiff::civil::DateTime;
use jiff::{Span, Zoned};

use crate::basin::entry::{Entry, Field};
use crate::elements::common::moment::{covered, moment};
use crate::elements::{Element, Head, Kind};
use crate::forcing::SeriesSource;
use crate::lower::Lowering;
use crate::lower::address::Target;
use crate::lower::values::Values;
use crate::network::{Bound, NodeKind, Of, Requirement, RequirementKind, RuleClass};

pub const KIND: Kind = Kind { word: "command", regional: false, node: false, read };

#[derive(Debug)]
struct Command {
    head: Head,
    name: String,
    on: Option<Field<String>>,
    from: Option<DateTime>,
    /// The first moment after it.
    until: Option<DateTime>,
    flow: [Option<Field<f64>>; 3],
    level: [Option<Field<f64>>; 3],
}

fn read(entry: &Entry, head: Head) -> Box<dyn Element> {
    let (issuer, number) = (entry.required_text("issuer"), entry.required_text("number"));
    let from = moment(entry, "from", false);
    let until = moment(entry, "to", true);
    if let (Some(from), Some(until)) = (&from, &until)
        && until.value <= from.value
    {
        entry.refuse(&until.place, "`to`: the order ends before it begins", Some("mend `from` or `to`".to_owned()));
    }
    let flow = ["flow_m3s", "minimum_m3s", "maximum_m3s"].map(|key| entry.number_within(key, 0.0, f64::INFINITY));
    let level = ["level_m", "minimum_level_m", "maximum_level_m"].map(|key| entry.number(key));
    let on = entry.required_text("on");
    for [exact, least, most] in [&flow, &level] {
        if let (Some(exact), Some(bound)) = (exact, least.as_ref().or(most.as_ref())) {
            entry.refuse(
                &bound.place,
                format!("`{}` beside `{}`", bound.key, exact.key),
                Some("an exact value, or bounds".to_owned()),
            );
        }
        if let (Some(least), Some(most)) = (least, most)
            && least.value > most.value
        {
            entry.refuse(
                &most.place,
                format!("`{}` {} is over `{}` {}", least.key, least.value, most.key, most.value),
                Some("mend one of them".to_owned()),
            );
        }
    }
    if flow.iter().chain(&level).all(Option::is_none) && !entry.is_faulty() {
        entry.missing(&["flow_m3s", "minimum_m3s", "maximum_m3s", "level_m", "minimum_level_m", "maximum_level_m"]);
    }
    let paper = issuer.zip(number).map(|(issuer, number)| format!("{} {}", issuer.value, number.value));
    let name = if head.name == head.id { paper.unwrap_or_default() } else { head.name.clone() };
    Box::new(Command {
        head,
        name,
        on,
        from: from.map(|field| field.value),
        until: until.map(|field| field.value),
        flow,
        level,
    })
}

impl Element for Command {
    fn head(&self) -> &Head {
        &self.head
    }

    fn rules(&self, lowering: &mut Lowering) {
        let head = &self.head;
        let (Some(on), Some(from), Some(until)) = (&self.on, self.from, self.until) else { return };
        let Some(target) = lowering.target(on, head) else { return };
        let zone = lowering.horizon.zone().clone();
        let (Ok(from), Ok(until)) = (from.to_zoned(zone.clone()), until.to_zoned(zone)) else { return };
        if lowering.horizon.end() <= from || &until <= lowering.horizon.start() {
            lowering.note(format!("Command `{}` ({}) lies outside the horizon.", head.id, self.name));
            return;
        }
        let (of, floor, ceiling) = match target {
            Target::Flow(arcs) => {
                self.refuse_other(&self.level, "a flow", lowering);
                let (floor, ceiling) = self.flows(lowering, &from, &until);
                (Of::Flow(arcs.into_iter().map(|arc| (arc, 1.0)).collect()), floor, ceiling)
            }
            Target::Storage(node) => {
                self.refuse_other(&self.flow, "a storage", lowering);
                let (floor, ceiling) = self.levels(lowering, node, &from, &until);
                (Of::Storage(node), floor, ceiling)
            }
        };
        lowering.add_requirement(Requirement {
            id: head.id.clone(),
            name: self.name.clone(),
            place: head.place.clone(),
            region: None,
            kind: RequirementKind::Command,
            of,
            periods: Vec::new(),
            floor,
            floor_follows_natural: false,
            target: None,
            target_parts: vec![1.0],
            ceiling,
            rise_per_day: None,
            fall_per_day: None,
            class: RuleClass::Command,
            assurance: None,
            grades: Vec::new(),
        });
    }
}

impl Command {
    fn source(&self) -> SeriesSource {
        SeriesSource { origin: format!("command {}", self.name), ..SeriesSource::default() }
    }

    fn refuse_other(&self, fields: &[Option<Field<f64>>; 3], on: &str, lowering: &mut Lowering) {
        for field in fields.iter().flatten() {
            lowering.refuse(
                &field.place,
                &self.head,
                format!("`{}` does not bound {on}, which `on` names", field.key),
                Some("flows are bounded in `…_m3s`, storages in `…level_m`".to_owned()),
            );
        }
    }

    fn flows(&self, lowering: &mut Lowering, from: &Zoned, until: &Zoned) -> (Option<Bound>, Option<Bound>) {
        let [exact, least, most] = &self.flow;
        let covered = covered(&lowering.horizon, from, until);
        let floor = exact.as_ref().or(least.as_ref()).map(|least| {
            let values = covered.iter().map(|share| if *share > 0.0 { least.value * share } else { f64::NEG_INFINITY });
            let values = Values::Each(values.collect());
            Bound::Flow(lowering.param_of(&format!("{}.floor", self.head.id), values, self.source()))
        });
        let ceiling = exact.as_ref().or(most.as_ref()).map(|most| {
            let values = covered.iter().map(|share| if *share >= 1.0 { most.value } else { f64::INFINITY });
            let values = Values::Each(values.collect());
            Bound::Flow(lowering.param_of(&format!("{}.ceiling", self.head.id), values, self.source()))
        });
        (floor, ceiling)
    }

    fn levels(
        &self,
        lowering: &mut Lowering,
        node: crate::network::NodeId,
        from: &Zoned,
        until: &Zoned,
    ) -> (Option<Bound>, Option<Bound>) {
        let NodeKind::Storage(storage) = &lowering.network.nodes[node.0].kind else { return (None, None) };
        let curve = storage.curve.clone();
        let [exact, least, most] = &self.level;
        let second = Span::new().seconds(1);
        let inside: Vec<bool> = (0..lowering.horizon.steps())
            .map(|step| {
                let end = &lowering.horizon.edges[step + 1];
                from < end && end.checked_sub(second).is_ok_and(|moment| &moment < until)
            })
            .collect();
        let mut bound = |field: &Field<f64>, part: &str, none: f64| {
            let Some(hm3) = curve.storage_at(field.value) else {
                let (low, high) = (curve.lowest().level_m, curve.highest().level_m);
                let message = format!("`{}`: {} m is outside the curve, {low} to {high} m", field.key, field.value);
                lowering.refuse(&field.place, &self.head, message, Some("extend the curve or mend the number".to_owned()));
                return None;
            };
            let values = Values::Each(inside.iter().map(|inside| if *inside { hm3 } else { none }).collect());
            Some(Bound::Level(lowering.param_of(&format!("{}.{part}", self.head.id), values, self.source())))
        };
        let floor = exact.as_ref().or(least.as_ref()).and_then(|field| bound(field, "floor", f64::NEG_INFINITY));
        let ceiling = exact.as_ref().or(most.as_ref()).and_then(|field| bound(field, "ceiling", f64::INFINITY));
        (floor, ceiling)
    }
}
