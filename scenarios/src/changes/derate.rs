//! `derate`: a way loses a share of its capacity, `by` 0 … 1; in a period or always.

use toml::de::DeTable;
use weir_model::basin::entry::{Entry, Field};

use crate::changes::{Change, period, required, ways};
use crate::tree::{Changed, table_at};

pub const CHANGE: Change = Change { word: "derate", fields: &["by"], apply };

fn apply<'a>(entry: &Entry<'_, 'a>, document: &mut DeTable<'a>) {
    let (share, value) = (entry.number_within("by", 0.0, 1.0), required(entry, "by"));
    let (Some(_), Some(value), Some(_)) = (share, value, period(entry)) else { return };
    let changed = Changed::new("derate", value, entry);
    let mut lacks = false;
    for path in ways::paths(entry, document, "derate") {
        let capacity = table_at(document, &path).and_then(|way| way.get_mut("capacity_m3s"));
        lacks |= capacity.is_none();
        if let Some(capacity) = capacity {
            changed.each(capacity);
        }
    }
    if let Some(Field { value, place, key }) = entry.text("derate").filter(|_| lacks) {
        let hint = "`set` its `capacity_m3s` first: what has none is bounded by its water or its rating".to_owned();
        entry.refuse(&place, format!("`{key}` = `{value}`: it has no `capacity_m3s`"), Some(hint));
    }
}
