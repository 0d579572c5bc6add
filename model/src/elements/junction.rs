//! Junction 节点: passes water on within the step. A pondage too small for the step is one, with its stated level band.
//!
//! Lowers to a junction. Limits: the band is reported as stated, it bounds nothing.

use crate::basin::entry::{Entry, Field};
use crate::elements::{Element, Head, Kind};
use crate::lower::Lowering;
use crate::network::NodeKind;

pub const KIND: Kind = Kind { word: "junction", regional: true, node: true, read };

#[derive(Debug)]
struct Junction {
    head: Head,
    band: Option<Field<Vec<f64>>>,
}

fn read(entry: &Entry, head: Head) -> Box<dyn Element> {
    let band = entry.numbers("level_band_m").filter(|band| {
        let rises = matches!(band.value[..], [low, high] if low <= high);
        if !rises {
            let hint = "the band that the pondage is kept in, such as [21.5, 22.0]".to_owned();
            entry.refuse(&band.place, "`level_band_m`: expected two levels, the lower first", Some(hint));
        }
        rises
    });
    Box::new(Junction { head, band })
}

impl Element for Junction {
    fn head(&self) -> &Head {
        &self.head
    }

    fn nodes(&self, lowering: &mut Lowering) {
        lowering.add_node(&self.head, NodeKind::Junction);
        if let Some([low, high]) = self.band.as_ref().map(|band| band.value.as_slice()) {
            lowering.note(format!(
                "{} is a junction at these steps; its level is the stated band, {low:.2} to {high:.2} m.",
                self.head.name
            ));
        }
    }
}
