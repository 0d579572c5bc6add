//! Curtailment 限水措施: classes' shares that may be cut by order, from a drought response 响应等级 on.
//!
//! Lowers to a [`Curtailment`]; where it is in force, by its own dates or because the basin's response allows it,
//! `lower/curtail.rs` takes its depth from the portions that it names, from the moment at which its lead time is over.
//! Units: shares, hours.
//! Fails: what it names is no delivery or class, a depth into a floor, a response that is not declared, two orders on one
//! class at one time.

use jiff::SignedDuration;
use jiff::civil::DateTime;

use crate::basin::entry::{Entry, Field};
use crate::basin::nearest::hint;
use crate::elements::common::moment::moment;
use crate::elements::{Element, Head, Kind};
use crate::lower::Lowering;
use crate::network::{Curtailment, NodeId, Response};

pub const KIND: Kind = Kind { word: "curtailment", regional: false, node: false, read };

#[derive(Debug)]
struct Cut {
    head: Head,
    elements: Vec<Field<String>>,
    regions: Vec<Field<String>>,
    classes: Vec<Field<String>>,
    depth: Option<Field<f64>>,
    response: Option<Field<Response>>,
    lead_h: f64,
    clause: String,
    /// First moment of the order, and the first one after it.
    dates: Option<(Field<DateTime>, Field<DateTime>)>,
}

/// The drought response that a field names.
pub fn response(entry: &Entry, key: &str) -> Option<Field<Response>> {
    let latin = ["IV", "III", "II", "I"];
    let known: Vec<&str> = Response::ALL.into_iter().map(Response::word).chain(latin).collect();
    let word = entry.word(key, &known)?;
    let place = known.iter().position(|known| *known == word.value)?;
    Some(Field { value: Response::ALL[place % Response::ALL.len()], place: word.place, key: word.key })
}

fn read(entry: &Entry, head: Head) -> Box<dyn Element> {
    let depth = entry.number_within("depth", 0.0, 1.0);
    if !entry.has("depth") {
        entry.missing(&["depth"]);
    }
    let lead_h = entry.number_within("lead_h", 0.0, 10_000.0).map_or(0.0, |lead| lead.value);
    let dates = if entry.has("from") || entry.has("to") {
        moment(entry, "from", false).zip(moment(entry, "to", true))
    } else {
        None
    };
    let hours = |from: &DateTime, until: &DateTime| from.duration_until(*until).as_secs_f64() / 3600.0;
    if let Some((from, until)) = dates.as_ref().filter(|(from, until)| hours(&from.value, &until.value) <= lead_h) {
        let (message, mend) = if until.value <= from.value {
            ("`to`: it ends before it begins".to_owned(), "mend `from` or `to`")
        } else {
            (format!("`to`: it ends before its lead time of {lead_h} h is over"), "mend `from`, `to` or `lead_h`")
        };
        entry.refuse(&until.place, message, Some(mend.to_owned()));
    }
    Box::new(Cut {
        head,
        elements: entry.texts("elements"),
        regions: entry.texts("regions"),
        classes: entry.texts("classes"),
        depth,
        response: response(entry, "response"),
        lead_h,
        clause: entry.required_text("clause").map_or_else(String::new, |clause| clause.value),
        dates,
    })
}

impl Element for Cut {
    fn head(&self) -> &Head {
        &self.head
    }

    fn rules(&self, lowering: &mut Lowering) {
        let head = &self.head;
        let Some(depth) = &self.depth else { return };
        let cuts = self.cuts(lowering);
        if cuts.is_empty() && !lowering.has_refused(head) {
            let hint = "mend `elements`, `regions` or `classes`";
            lowering.refuse_if_sound(&head.place, head, "it cuts nothing: no delivery that it names has such a class", hint);
        }
        for (node, class) in &cuts {
            let floor = lowering.floor_of_class(*node, class);
            if 1.0 - depth.value < floor - crate::tolerance::SHARE {
                let address = format!("{}.{class}", lowering.network.nodes[node.0].id);
                let message = format!("`depth`: {} would cut into the floor {floor} of `{address}`", depth.value);
                let hint = "a curtailment never cuts a floor: cut less, or leave that class out".to_owned();
                lowering.refuse(&depth.place, head, message, Some(hint));
            }
        }
        let effect = self.effect(lowering);
        lowering.network.curtailments.push(Curtailment {
            id: head.id.clone(),
            name: head.name.clone(),
            place: head.place.clone(),
            cuts,
            depth: depth.value,
            response: self.response.as_ref().map(|response| response.value),
            lead_h: self.lead_h,
            clause: self.clause.clone(),
            ordered: self.dates.is_some(),
            effect,
        });
    }
}

impl Cut {
    /// Deliveries and classes that the lists choose; an empty list chooses all.
    fn cuts(&self, lowering: &mut Lowering) -> Vec<(NodeId, String)> {
        let head = &self.head;
        let regions: Vec<String> = self.regions.iter().map(|region| region.value.clone()).collect();
        for region in &self.regions {
            let _ = lowering.region(region, head);
        }
        let (mut ids, mut classes, mut cuts) = (Vec::new(), Vec::new(), Vec::new());
        for (node, demand) in lowering.network.demands() {
            let id = &lowering.network.nodes[node.0].id;
            ids.push(id.clone());
            let named = self.elements.is_empty() || self.elements.iter().any(|element| element.value == *id);
            let chosen = named && lowering.network.within(lowering.network.nodes[node.0].region, &regions);
            for portion in &demand.portions {
                classes.push(portion.class.clone());
                let class = self.classes.is_empty() || self.classes.iter().any(|class| class.value == portion.class);
                let cut = (node, portion.class.clone());
                if chosen && class && !cuts.contains(&cut) {
                    cuts.push(cut);
                }
            }
        }
        for (fields, known, what) in
            [(&self.elements, &ids, "deliveries"), (&self.classes, &classes, "classes of deliveries")]
        {
            let mut known: Vec<&str> = known.iter().map(String::as_str).collect();
            known.sort_unstable();
            known.dedup();
            for field in fields {
                if !known.contains(&field.value.as_str()) && !lowering.is_faulty(&field.value) {
                    let message = format!("`{}`: unknown `{}`", field.key, field.value);
                    lowering.refuse_unknown(field, head, message, hint(&field.value, &known, what));
                }
            }
        }
        cuts
    }

    /// Between which moments of the horizon it has effect.
    fn effect(&self, lowering: &mut Lowering) -> Option<(jiff::Zoned, jiff::Zoned)> {
        let basin = lowering.basin;
        let allowed = self.response.as_ref().is_none_or(|needed| basin.response >= Some(needed.value));
        let zone = lowering.horizon.zone().clone();
        let (start, end) = (lowering.horizon.start().clone(), lowering.horizon.end().clone());
        let (from, until) = match (&self.dates, &self.response) {
            (Some(_), Some(needed)) if !allowed => {
                let declared = basin.response.map_or("none".to_owned(), |response| response.word().to_owned());
                let word = needed.value.word();
                let message = format!("`response`: in force, but allowed from {word} on only, and declared is {declared}");
                let hint = format!("`response_level = \"{word}\"` in [basin], or leave `from` and `to` out");
                lowering.refuse(&needed.place, &self.head, message, Some(hint));
                return None;
            }
            (Some((from, until)), _) => (from.value.to_zoned(zone.clone()).ok()?, until.value.to_zoned(zone).ok()?),
            (None, Some(_)) if allowed => {
                let declared = basin.response_from.and_then(|moment| moment.to_zoned(zone).ok());
                (declared.unwrap_or_else(|| start.clone()), end.clone())
            }
            _ => return None,
        };
        let from = from.checked_add(SignedDuration::from_secs_f64(self.lead_h * 3600.0)).ok()?;
        if from >= end || until <= start {
            lowering.note(format!("Curtailment `{}` takes no effect within the horizon.", self.head.id));
            return None;
        }
        Some((from, until))
    }
}
