//! Inflow 来水, 区间来水: water that must be taken, at a reservoir, an aquifer, a junction or the lower end of a reach.
//!
//! Lowers to a given source ID and its arc `ID.inflow`, which is no decision. Units: m³/s, negative where back-computed.

use crate::basin::entry::{Entry, Field};
use crate::basin::varying::{ANY, Varying};
use crate::elements::{Element, Head, Kind};
use crate::lower::Lowering;
use crate::lower::values::Values;
use crate::network::{Arc, NodeId, NodeKind, Source, Take};

pub const KIND: Kind = Kind { word: "inflow", regional: true, node: true, read };

#[derive(Debug)]
struct Inflow {
    head: Head,
    into: Option<Field<String>>,
    flow: Option<Varying>,
}

fn read(entry: &Entry, head: Head) -> Box<dyn Element> {
    Box::new(Inflow { head, into: entry.required_text("into"), flow: entry.required_varying("flow_m3s", ANY) })
}

impl Element for Inflow {
    fn head(&self) -> &Head {
        &self.head
    }

    fn nodes(&self, lowering: &mut Lowering) {
        if let Some(flow) = &self.flow {
            let source = lowering.source_of(flow);
            let values = lowering.values(flow, &self.head).unwrap_or(Values::Same(0.0));
            let flow = lowering.param_of(&format!("{}.flow", self.head.id), values, source);
            lowering.add_node(&self.head, NodeKind::Source(Source { flow, take: Take::Given }));
        }
    }

    fn arcs(&self, lowering: &mut Lowering) {
        let node = self.into.as_ref().and_then(|into| lowering.inflow_receiver(into, &self.head));
        if let Some(node) = node {
            add_arc(lowering, &self.head, &self.head.id, node);
        }
    }
}

/// Adds the arc of a given source.
pub(super) fn add_arc(lowering: &mut Lowering, head: &Head, source: &str, to: NodeId) {
    let Some(tail) = lowering.node_of(source) else { return };
    let arc = Arc::of_source(format!("{source}.inflow"), head.name.clone(), head.place.clone(), tail, to);
    lowering.add_arc(arc, None);
}
