//! Reach 河段: carries water from a junction or reservoir down the river, with lag, Muskingum routing and loss.
//!
//! Lowers to an arc ID with one receiver. Units: m³/s, hours.
//! Fails: a lagged reach without the flow before the start.

use crate::basin::entry::{Entry, Field};
use crate::elements::common::way::{Gate, Travel, Way};
use crate::elements::{Element, Head, Kind};
use crate::lower::Lowering;
use crate::network::Role;

pub const KIND: Kind = Kind { word: "reach", regional: false, node: false, read };

#[derive(Debug)]
struct Reach {
    head: Head,
    from: Option<Field<String>>,
    to: Option<Field<String>>,
    gate: Gate,
    travel: Travel,
}

fn read(entry: &Entry, head: Head) -> Box<dyn Element> {
    let (from, to) = (entry.required_text("from"), entry.required_text("to"));
    Box::new(Reach { head, from, to, gate: Gate::read(entry), travel: Travel::read(entry) })
}

impl Element for Reach {
    fn head(&self) -> &Head {
        &self.head
    }

    fn nodes(&self, lowering: &mut Lowering) {
        if let Some(to) = &self.to {
            lowering.note_reach_end(&self.head.id, to);
        }
    }

    fn arcs(&self, lowering: &mut Lowering) {
        let head = &self.head;
        let from = self.from.as_ref().and_then(|from| lowering.tail(from, head));
        let to = self.to.as_ref().and_then(|to| lowering.receiver(to, head));
        let way = Way {
            id: head.id.clone(),
            name: head.name.clone(),
            place: &head.place,
            from,
            to,
            role: Role::Reach,
            gate: &self.gate,
            travel: &self.travel,
            power: None,
            rating: None,
            free_overflow: false,
            default_capacity: None,
        };
        way.lower(lowering, head);
    }
}
