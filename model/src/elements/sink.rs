//! Sink 汇: ends the network, as the sea or the next basin does.

use crate::basin::entry::Entry;
use crate::elements::{Element, Head, Kind};
use crate::lower::Lowering;
use crate::network::NodeKind;

pub const KIND: Kind = Kind { word: "sink", regional: true, node: true, read };

#[derive(Debug)]
struct Sink {
    head: Head,
}

fn read(_: &Entry, head: Head) -> Box<dyn Element> {
    Box::new(Sink { head })
}

impl Element for Sink {
    fn head(&self) -> &Head {
        &self.head
    }

    fn nodes(&self, lowering: &mut Lowering) {
        lowering.add_node(&self.head, NodeKind::Sink);
    }
}
