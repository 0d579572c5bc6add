//! `set`: something else stands at an address, a `value` as a basin's file may have it there; in a period, a number.
//!
//! A full address may also write a key that does not stand yet, and `forecast` as a section; a pattern changes what is there.

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use weir_model::basin::dates::Period;
use weir_model::basin::entry::Entry;

use crate::address::Address;
use crate::changes::{Change, change_each, period, required};
use crate::tree::{Changed, Step, key, table_at};

pub const CHANGE: Change = Change { word: "set", fields: &["value"], apply };

fn apply<'a>(entry: &Entry<'_, 'a>, document: &mut DeTable<'a>) {
    let (address, value) = (entry.text("set"), required(entry, "value"));
    let (Some(written), Some(value), Some(period)) = (address, value, period(entry)) else { return };
    let at = entry.raw("set").unwrap_or(value);
    let address = Address::of(written);
    if period != Period::Always {
        if matches!(value.get_ref(), DeValue::Integer(_) | DeValue::Float(_)) {
            change_each(entry, document, &address, &Changed::new("value", value, entry));
        } else {
            entry.wrong("value", value, "a number, since it is for a period");
        }
        return;
    }
    address.begin_section(document, at);
    for path in address.paths(document, entry, true) {
        let Some((Step::Key(word), before)) = path.split_last() else {
            address.refuse(
                entry,
                "a whole element",
                Some("`remove` it, and write another `[[…]]` in the overlay".to_owned()),
            );
            return;
        };
        let Some(table) = table_at(document, before) else { continue };
        if word == "id" {
            address.refuse(entry, "an id is what all else calls it by", Some("`remove` it, and add another".to_owned()));
            return;
        }
        table.remove(word.as_str());
        table.insert(key(word.clone(), at), Spanned::new(value.span(), value.get_ref().clone()));
    }
}
