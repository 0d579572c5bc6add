//! Reservoir 水库: a storage with its curve, levels by date, losses, start and end, the outlets that water leaves by,
//! and the flood events in which its outflow stays below the peak inflow.
//!
//! Lowers to a storage ID and an arc `ID.OUTLET` for each outlet; flood events to a requirement `ID.flood_event`. Units: m, hm³, km², m³/s.
//! Fails: a start, a bound or a wanted end outside the curve; a turbine without a capacity.

use crate::basin::entry::{Entry, Field};
use crate::curve::Curve;
use crate::elements::common::flood_event::FloodEvent;
use crate::elements::common::rating;
use crate::elements::common::store::{Store, Surface};
use crate::elements::common::way::{Gate, Power, Travel, Way};
use crate::elements::{Element, Head, Kind};
use crate::lower::Lowering;
use crate::network::Role;
use crate::place::Place;
use crate::rating::RatingTable;

pub const KIND: Kind = Kind { word: "reservoir", regional: true, node: true, read };

#[derive(Debug)]
struct Reservoir {
    head: Head,
    store: Store,
    surface: Surface,
    flood_events: Vec<FloodEvent>,
    outlets: Vec<Outlet>,
}

#[derive(Debug)]
struct Outlet {
    id: String,
    name: String,
    place: Place,
    to: Option<Field<String>>,
    role: Role,
    gate: Gate,
    travel: Travel,
    power: Power,
    rating: Option<RatingTable>,
    free_overflow: bool,
}

fn read(entry: &Entry, head: Head) -> Box<dyn Element> {
    let (store, surface) = (Store::read(entry), Surface::read(entry));
    let flood_events = FloodEvent::read(entry);
    let mut outlets: Vec<Outlet> = Vec::new();
    for part in entry.tables("outlet") {
        let outlet = outlet(&part, &outlets, &head);
        part.finish();
        outlets.extend(outlet);
    }
    outlets.sort_by(|a, b| a.id.cmp(&b.id));
    Box::new(Reservoir { head, store, surface, flood_events, outlets })
}

fn outlet(part: &Entry, others: &[Outlet], head: &Head) -> Option<Outlet> {
    let id = part.required_text("id");
    let id = id.filter(|id| crate::basin::valid_id(part, id) && free(part, id, others));
    let name = part.text("name");
    let to = part.required_text("to");
    let kinds = [Role::Gate, Role::Turbine, Role::Spillway, Role::EcologicalOutlet];
    let word = part.word("kind", &kinds.map(Role::word));
    let role = word.and_then(|word| kinds.into_iter().find(|role| role.word() == word.value)).unwrap_or(Role::Gate);
    let gate = Gate::read(part).with_minimum(part);
    let rating = rating::read(part, "discharge");
    if role == Role::Turbine && !part.has("capacity_m3s") && !part.has("discharge") {
        part.missing_because(&["capacity_m3s"], "a turbine needs it: without it the objectives on its energy have no bound");
    }
    let free_overflow = part.flag("free_overflow", false);
    for (field, wrong) in [("discharge", !part.has("discharge")), ("kind", role != Role::Spillway)] {
        if free_overflow && wrong {
            let hint =
                "an outlet that no gate shuts is a `kind = \"spillway\"` whose `discharge` is 0 up to its crest".to_owned();
            let message = format!("`free_overflow`: it needs `{field}`{}", if field == "kind" { " `spillway`" } else { "" });
            part.refuse(&part.place, message, Some(hint));
        }
    }
    let power = Power::read(part, "head_m", true);
    let travel = Travel::read(part);
    let id = id?.value;
    let name = name.map_or_else(|| format!("{} {id}", head.name), |name| name.value);
    Some(Outlet { id, name, place: part.place.clone(), to, role, gate, travel, power, rating, free_overflow })
}

fn free(part: &Entry, id: &Field<String>, others: &[Outlet]) -> bool {
    if crate::basin::RESERVED.contains(&id.value.as_str()) {
        let hint = "addresses use that word: give the outlet another, such as `turbines` or `gate`".to_owned();
        part.refuse(&id.place, format!("`{}`: `{}` is a reserved word", id.key, id.value), Some(hint));
        return false;
    }
    if others.iter().any(|other| other.id == id.value) {
        part.refuse(
            &id.place,
            format!("`{}`: `{}` is used twice in this reservoir", id.key, id.value),
            Some("give one of the outlets another id".to_owned()),
        );
        return false;
    }
    true
}

impl Element for Reservoir {
    fn head(&self) -> &Head {
        &self.head
    }

    fn curve(&self) -> Option<&Curve> {
        self.store.curve()
    }

    fn nodes(&self, lowering: &mut Lowering) {
        self.store.lower(lowering, &self.head, &self.surface, false);
    }

    fn arcs(&self, lowering: &mut Lowering) {
        let head = &self.head;
        for outlet in &self.outlets {
            let to = outlet.to.as_ref().and_then(|to| lowering.receiver(to, head));
            let rating = outlet.rating.as_ref().zip(self.store.curve());
            if outlet.free_overflow {
                lowering.note(format!(
                    "Nothing shuts `{}.{}`: the method `rules` lets all pass that its rating gives; a program, to which that is no line, plans its flow up to it.",
                    head.id, outlet.id
                ));
            }
            let way = Way {
                id: format!("{}.{}", head.id, outlet.id),
                name: outlet.name.clone(),
                place: &outlet.place,
                from: lowering.own_node(head),
                to,
                role: outlet.role,
                gate: &outlet.gate,
                travel: &outlet.travel,
                power: Some(&outlet.power),
                rating,
                free_overflow: outlet.free_overflow && rating.is_some(),
                default_capacity: rating.map(|(table, _)| table.greatest()),
            };
            way.lower(lowering, head);
        }
    }

    fn rules(&self, lowering: &mut Lowering) {
        FloodEvent::lower(&self.flood_events, lowering, &self.head);
    }
}
