//! What can be closed, opened and derated: outlets of reservoirs, reaches, diversions, canals, pumps, and intakes of deliveries.

use toml::de::DeTable;
use weir_model::basin::entry::Entry;

use crate::address::Address;
use crate::tree::{Step, table_at};

/// Kinds that are ways themselves.
const WAYS: [&str; 4] = ["canal", "diversion", "pump", "reach"];
/// Kinds with an intake, where they are fed from a node.
const DELIVERIES: [&str; 3] = ["demand", "irrigation", "waterworks"];

/// Paths of the ways that a change's word names; what is no way is refused.
pub(super) fn paths(entry: &Entry, document: &mut DeTable, word: &str) -> Vec<Vec<Step>> {
    let Some(written) = entry.text(word) else { return Vec::new() };
    let address = Address::of(written).without_flow();
    let mut paths = address.paths(document, entry, false);
    let count = paths.len();
    paths.retain(|path| is_way(document, path));
    if paths.is_empty() && count > 0 {
        let hint = "an outlet `RESERVOIR.OUTLET`, a reach, diversion, canal or pump, or a works that is fed `from` a node";
        address.refuse(entry, "that is no way of water", Some(hint.to_owned()));
    }
    paths
}

fn is_way(document: &mut DeTable, path: &[Step]) -> bool {
    match path {
        [Step::Key(kind), Step::Place(_)] if DELIVERIES.contains(&kind.as_str()) => {
            table_at(document, path).is_some_and(|table| table.contains_key("from"))
        }
        [Step::Key(kind), Step::Place(_)] => WAYS.contains(&kind.as_str()),
        [.., Step::Key(part), Step::Place(_)] => part == "outlet",
        _ => false,
    }
}
