//! Source 可用水源: water that may be taken, up to what is available, by diversions, canals, pumps and works.
//!
//! Lowers to an available source: Σ leaving ≤ available in each step. Units: m³/s.

use crate::basin::entry::Entry;
use crate::basin::varying::{POSITIVE, Varying};
use crate::elements::{Element, Head, Kind};
use crate::lower::Lowering;
use crate::network::{self, NodeKind, Take};

pub const KIND: Kind = Kind { word: "source", regional: true, node: true, read };

#[derive(Debug)]
struct Source {
    head: Head,
    available: Option<Varying>,
}

fn read(entry: &Entry, head: Head) -> Box<dyn Element> {
    Box::new(Source { head, available: entry.required_varying("available_m3s", POSITIVE) })
}

impl Element for Source {
    fn head(&self) -> &Head {
        &self.head
    }

    fn nodes(&self, lowering: &mut Lowering) {
        if let Some(available) = &self.available {
            let flow = lowering.param(available, &self.head, &format!("{}.available", self.head.id));
            lowering.add_node(&self.head, NodeKind::Source(network::Source { flow, take: Take::Available }));
        }
    }
}
