//! `close`: nothing passes a way, in a period or always.

use toml::de::DeTable;
use weir_model::basin::dates::Period;
use weir_model::basin::entry::Entry;

use crate::changes::{Change, period, ways};
use crate::tree::{period_of, push, table, table_at, text};

pub const CHANGE: Change = Change { word: "close", fields: &[], apply };

fn apply<'a>(entry: &Entry<'_, 'a>, document: &mut DeTable<'a>) {
    let (Some(at), Some(period)) = (entry.raw("close"), period(entry)) else { return };
    let always = || vec![("from".into(), text("01-01", at)), ("to".into(), text("12-31", at))];
    let closed = if period == Period::Always { always() } else { period_of(entry) };
    for path in ways::paths(entry, document, "close") {
        if let Some(way) = table_at(document, &path) {
            push(way, "closed", table(closed.iter().cloned(), at), at);
        }
    }
}
