//! `mode`: the basin is operated for something else, 常规, 抗旱应急 …: what opens in that mode is open.

use toml::de::DeTable;
use weir_model::basin::MODES;
use weir_model::basin::entry::Entry;

use crate::changes::Change;
use crate::tree::{Step, key, table_at};

pub const CHANGE: Change = Change {
    word: "mode",
    fields: &[],
    apply: |entry, document| {
        if entry.word("mode", MODES).is_some() {
            head(entry, document, "mode", "mode");
        }
    },
};

/// Writes a change's value into `[basin]`.
pub(super) fn head<'a>(entry: &Entry<'_, 'a>, document: &mut DeTable<'a>, word: &str, field: &'static str) {
    let basin = table_at(document, &[Step::Key("basin".to_owned())]);
    if let Some((basin, value)) = basin.zip(entry.raw(word)) {
        basin.remove(field);
        basin.insert(key(field, value), value.clone());
    }
}
