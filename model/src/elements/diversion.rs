//! Diversion 引水: water taken from a river or a source on purpose; canals and pumps are read and lowered by the same hand.
//!
//! Lowers to an arc ID with one receiver; its water is no outflow of the node that it leaves. Units: m³/s, yuan/m³, kWh/m³.

use crate::basin::entry::{Entry, Field};
use crate::elements::common::way::{Gate, Power, Travel, Way};
use crate::elements::{Element, Head, Kind};
use crate::lower::Lowering;
use crate::network::Role;

pub const KIND: Kind =
    Kind { word: "diversion", regional: false, node: false, read: |entry, head| read(entry, head, Role::Diversion) };

#[derive(Debug)]
struct Diversion {
    head: Head,
    role: Role,
    from: Option<Field<String>>,
    to: Option<Field<String>>,
    gate: Gate,
    travel: Travel,
    power: Option<Power>,
}

/// Reads a diversion, canal or pump; only a pump needs energy.
pub(super) fn read(entry: &Entry, head: Head, role: Role) -> Box<dyn Element> {
    let (from, to) = (entry.required_text("from"), entry.required_text("to"));
    let gate = Gate::read(entry).with_minimum(entry).with_price(entry);
    if !entry.has("capacity_m3s") {
        entry.missing(&["capacity_m3s"]);
    }
    let power = (role == Role::Pump).then(|| Power::read(entry, "lift_m", false));
    Box::new(Diversion { head, role, from, to, gate, travel: Travel::read(entry), power })
}

impl Element for Diversion {
    fn head(&self) -> &Head {
        &self.head
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
            role: self.role,
            gate: &self.gate,
            travel: &self.travel,
            power: self.power.as_ref(),
            rating: None,
            free_overflow: false,
            default_capacity: None,
        };
        way.lower(lowering, head);
    }
}
