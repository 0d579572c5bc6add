//! Group 闸组: ways of which only some may be open at once.
//!
//! Lowers to a group of the network. Held where the method has integers.
//! Fails: fewer than two ways, more open than there are.

use crate::basin::entry::{Entry, Field};
use crate::elements::common::commitment::whole_from;
use crate::elements::{Element, Head, Kind};
use crate::lower::Lowering;
use crate::network::ArcId;
use crate::on_off::Group;

pub const KIND: Kind = Kind { word: "group", regional: false, node: false, read };

#[derive(Debug)]
struct Ways {
    head: Head,
    of: Vec<Field<String>>,
    most_open: Option<Field<f64>>,
}

fn read(entry: &Entry, head: Head) -> Box<dyn Element> {
    let of = entry.texts("of");
    if !entry.has("of") {
        entry.missing(&["of"]);
    } else if of.len() < 2 && !entry.is_faulty() {
        let hint = "at least two ways, such as `of = [\"works.gate_1\", \"works.gate_2\"]`".to_owned();
        entry.refuse(&entry.place, "`of`: a group of fewer than two ways", Some(hint));
    }
    Box::new(Ways { head, of, most_open: whole_from(entry, "most_open", 1.0) })
}

impl Element for Ways {
    fn head(&self) -> &Head {
        &self.head
    }

    fn rules(&self, lowering: &mut Lowering) {
        let head = &self.head;
        let mut arcs: Vec<ArcId> = Vec::new();
        for field in &self.of {
            for arc in lowering.flow(field, head).unwrap_or_default() {
                if arcs.contains(&arc) {
                    let message = format!("`{}`: `{}` stands twice", field.key, field.value);
                    lowering.refuse(&field.place, head, message, Some("name each way once".to_owned()));
                } else {
                    arcs.push(arc);
                }
            }
        }
        let most_open = self.most_open.as_ref().map_or(1, |most| most.value as usize);
        if let Some(most) = self.most_open.as_ref().filter(|_| most_open >= arcs.len() && arcs.len() > 1) {
            let message = format!("`{}`: {most_open} of {} ways bound nothing", most.key, arcs.len());
            lowering.refuse(&most.place, head, message, Some("fewer than the ways of the group".to_owned()));
        }
        let (id, name, place) = (head.id.clone(), head.name.clone(), head.place.clone());
        lowering.add_group(Group { id, name, place, arcs, most_open });
    }
}
