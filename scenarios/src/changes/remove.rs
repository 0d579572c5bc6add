//! `remove`: what stands at an address is taken away: an element, an outlet, a key. An objective leaves the stages too.
//!
//! What still names what is gone, or cannot do without a key that is, is refused where it does, and so is the line that took it away.

use toml::de::DeTable;
use weir_model::basin::entry::Entry;

use crate::address::Address;
use crate::changes::Change;
use crate::tree::{Step, address_of, remove, retain, stages};

pub const CHANGE: Change = Change { word: "remove", fields: &[], apply };

fn apply<'a>(entry: &Entry<'_, 'a>, document: &mut DeTable<'a>) {
    let Some(written) = entry.text("remove") else { return };
    let place = written.place.clone();
    let mut paths = Address::of(written).paths(document, entry, false);
    // The last of a list goes first, so that the places of the others hold.
    paths.sort();
    for path in paths.iter().rev() {
        let address = address_of(document, path);
        if let [Step::Key(kind), Step::Place(_)] = &path[..]
            && kind == "objective"
        {
            unstage(document, &address);
        }
        entry.context.removed.borrow_mut().push((address, place.clone()));
        remove(document, path);
    }
}

fn unstage(document: &mut DeTable, id: &str) {
    if let Some(stages) = stages(document) {
        retain(stages, |stage| stage.get_ref().as_str() != Some(id));
    }
}
