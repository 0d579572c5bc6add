//! Inflow 来水, 区间来水: water that must be taken, at a reservoir, an aquifer, a junction or the lower end of a reach.
//!
//! Lowers to a given source ID and its arc `ID.inflow`, which is no decision. Its `record` of years is what frequencies are told by,
//! `recession` how it falls without rain ([`splice`](crate::lower::splice)).
//! Units: m³/s, negative where back-computed: that is kept, and a note says so.

use crate::basin::entry::{Entry, Field};
use crate::basin::varying::{ANY, Varying};
use crate::elements::{Element, Head, Kind};
use crate::lower::Lowering;
use crate::lower::splice::Recession;
use crate::lower::values::Values;
use crate::network::{Arc, NodeId, NodeKind, Source, Take};
use crate::record::GivenRecord;

pub const KIND: Kind = Kind { word: "inflow", regional: true, node: true, read };

#[derive(Debug)]
struct Inflow {
    head: Head,
    into: Option<Field<String>>,
    flow: Option<Varying>,
    record: Option<GivenRecord>,
    recession: Option<Recession>,
}

fn read(entry: &Entry, head: Head) -> Box<dyn Element> {
    let (into, flow) = (entry.required_text("into"), entry.required_varying("flow_m3s", ANY));
    Box::new(Inflow { head, into, flow, record: GivenRecord::read(entry), recession: recession(entry) })
}

/// Reads `recession`.
fn recession(entry: &Entry) -> Option<Recession> {
    let table = entry.table("recession")?;
    let (flow, share) = (table.number_within("flow_m3s", 0.0, f64::INFINITY), table.number_within("per_day", 0.0, 1.0));
    for key in ["flow_m3s", "per_day"] {
        if !table.has(key) {
            table.missing(&[key]);
        }
    }
    table.finish();
    Some(Recession { flow_m3s: flow?.value, per_day: share?.value })
}

impl Element for Inflow {
    fn head(&self) -> &Head {
        &self.head
    }

    fn inflow(&self) -> Option<&Varying> {
        self.flow.as_ref()
    }

    fn record(&self) -> Option<&GivenRecord> {
        self.record.as_ref()
    }

    fn nodes(&self, lowering: &mut Lowering) {
        if let Some(flow) = &self.flow {
            let flow = &lowering.spliced(flow, &self.head, self.record.as_ref(), self.recession);
            let source = lowering.source_of(flow);
            let values = lowering.values(flow, &self.head).unwrap_or(Values::Same(0.0));
            lowering.note_negative(&self.head, &values);
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

impl Lowering<'_> {
    /// Flags an inflow that is negative in some steps: kept as it is, since what is computed back from storages may be.
    fn note_negative(&mut self, head: &Head, values: &Values) {
        let steps: Vec<usize> = (0..self.horizon.steps()).filter(|&step| values.at(step) < 0.0).collect();
        let Some(&worst) = steps.iter().min_by(|&&a, &&b| values.at(a).total_cmp(&values.at(b))) else { return };
        let (least, time) = (values.at(worst), self.horizon.name_of(worst));
        self.note(format!(
            "Inflow `{}` is negative in {} steps and kept so, the least {least:.3} m3/s from {time}.",
            head.id,
            steps.len()
        ));
    }
}

/// Adds the arc of a given source.
pub(super) fn add_arc(lowering: &mut Lowering, head: &Head, source: &str, to: NodeId) {
    let Some(tail) = lowering.node_of(source) else { return };
    let arc = Arc::of_source(format!("{source}.inflow"), head.name.clone(), head.place.clone(), tail, to);
    lowering.add_arc(arc, None);
}
