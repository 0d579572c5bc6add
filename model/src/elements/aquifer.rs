//! Aquifer 含水层: drainable groundwater, a storage that pumps draw from and recharge fills.
//!
//! Lowers to a storage and, with recharge, a source `ID.recharge` with its arc `ID.recharge.inflow`.
//! Limits: exchange with a river is an arc of its own; levels follow the curve of the whole aquifer.

use crate::basin::entry::Entry;
use crate::basin::varying::{POSITIVE, Varying};
use crate::curve::Curve;
use crate::elements::common::store::{Store, Surface};
use crate::elements::{Element, Head, Kind, inflow};
use crate::lower::Lowering;
use crate::network::{NodeKind, Source, Take};

pub const KIND: Kind = Kind { word: "aquifer", regional: true, node: true, read };

#[derive(Debug)]
struct Aquifer {
    head: Head,
    store: Store,
    recharge: Option<Varying>,
}

fn read(entry: &Entry, head: Head) -> Box<dyn Element> {
    Box::new(Aquifer { head, store: Store::read(entry), recharge: entry.varying("recharge_m3s", POSITIVE) })
}

impl Aquifer {
    fn recharge_id(&self) -> String {
        format!("{}.recharge", self.head.id)
    }
}

impl Element for Aquifer {
    fn head(&self) -> &Head {
        &self.head
    }

    fn curve(&self) -> Option<&Curve> {
        self.store.curve()
    }

    fn nodes(&self, lowering: &mut Lowering) {
        self.store.lower(lowering, &self.head, &Surface::default(), true);
        if let Some(recharge) = &self.recharge {
            let id = self.recharge_id();
            let flow = lowering.param(recharge, &self.head, &format!("{id}.flow"));
            lowering.add_node_as(&id, &self.head, NodeKind::Source(Source { flow, take: Take::Given }));
        }
    }

    fn arcs(&self, lowering: &mut Lowering) {
        if self.recharge.is_some()
            && let Some(node) = lowering.own_node(&self.head)
        {
            inflow::add_arc(lowering, &self.head, &self.recharge_id(), node);
        }
    }
}
