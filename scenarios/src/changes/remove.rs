//! `remove`: what stands at an address is taken away: an element, an outlet, a key. An objective leaves the stages too.
//!
//! What still names an element that is gone is refused where it does.

use toml::de::DeTable;
use weir_model::basin::entry::Entry;

use crate::address::Address;
use crate::changes::Change;
use crate::tree::{Step, remove, retain, stages, table_at};

pub const CHANGE: Change = Change { word: "remove", fields: &[], apply };

fn apply<'a>(entry: &Entry<'_, 'a>, document: &mut DeTable<'a>) {
    let Some(written) = entry.text("remove") else { return };
    let place = written.place.clone();
    let mut paths = Address::of(written).paths(document, entry, false);
    // The last of a list goes first, so that the places of the others hold.
    paths.sort();
    for path in paths.iter().rev() {
        if let [Step::Key(kind), Step::Place(_)] = &path[..] {
            let id = table_at(document, path).and_then(|table| Some(table.get("id")?.get_ref().as_str()?.to_owned()));
            if kind == "objective" {
                unstage(document, id.as_deref());
            }
            entry.context.removed.borrow_mut().extend(id.map(|id| (id, place.clone())));
        }
        remove(document, path);
    }
}

fn unstage(document: &mut DeTable, id: Option<&str>) {
    if let Some(stages) = stages(document) {
        retain(stages, |stage| stage.get_ref().as_str() != id);
    }
}
