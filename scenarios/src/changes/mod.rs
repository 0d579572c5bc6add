//! What an overlay can change: a file a change, each with its word in [`CHANGES`].
//!
//! A change is a `[[change]]` with its word as a key, the address that it is made at as the value, and the fields that it takes.
//! It changes the tables of the basin's file, whose readers then judge what has become of them.

mod close;
mod demand;
mod derate;
mod mode;
mod open;
mod rank;
mod remove;
mod response;
mod scale;
mod set;
mod shift;
mod transfer;
mod ways;

use toml::de::DeTable;
use weir_model::basin::dates::Period;
use weir_model::basin::entry::{Entry, Value};

use crate::address::Address;
use crate::tree::{Changed, value_at};

/// A kind of change.
pub struct Change {
    /// Its word.
    pub word: &'static str,
    /// The fields that it takes beside its word, and a period.
    pub fields: &'static [&'static str],
    /// Makes it.
    apply: for<'c, 'a> fn(&Entry<'c, 'a>, &mut DeTable<'a>),
}

/// All changes, by their words.
pub const CHANGES: &[Change] = &[
    close::CHANGE,
    demand::CHANGE,
    derate::CHANGE,
    mode::CHANGE,
    open::CHANGE,
    rank::CHANGE,
    remove::CHANGE,
    response::CHANGE,
    scale::CHANGE,
    set::CHANGE,
    shift::CHANGE,
    transfer::CHANGE,
];

/// Makes the change of an entry.
pub fn apply<'a>(entry: &Entry<'_, 'a>, document: &mut DeTable<'a>) {
    let given: Vec<&Change> = CHANGES.iter().filter(|change| entry.has(change.word)).collect();
    match given[..] {
        [change] => {
            for word in std::iter::once(&change.word).chain(change.fields) {
                let _ = entry.raw(word);
            }
            (change.apply)(entry, document);
        }
        [] => {
            let words: Vec<&str> = CHANGES.iter().map(|change| change.word).collect();
            for word in CHANGES.iter().flat_map(|change| std::iter::once(change.word).chain(change.fields.iter().copied())) {
                let _ = entry.raw(word);
            }
            let _ = entry.period();
            entry.missing_because(&words, "what is changed, such as `scale = \"inflow:*.flow_m3s\"`: docs/scenarios.md");
        }
        [first, second, ..] => {
            for word in [first.word, second.word].into_iter().chain(first.fields.iter().chain(second.fields).copied()) {
                let _ = entry.raw(word);
            }
            let _ = entry.period();
            let message = format!("`{}` and `{}` are two changes", first.word, second.word);
            entry.refuse(
                &entry.place,
                message,
                Some("one `[[change]]` each, in the order in which they are made".to_owned()),
            );
        }
    }
    entry.finish();
}

/// The period of a change, which must touch the horizon.
fn period(entry: &Entry) -> Option<Period> {
    let period = entry.period()?;
    if period != Period::Always {
        entry.context.periods.borrow_mut().push((period, entry.place.clone()));
    }
    Some(period)
}

/// A field that a change must have.
fn required<'c, 'a>(entry: &Entry<'c, 'a>, key: &str) -> Option<&'c Value<'a>> {
    let value = entry.raw(key);
    if value.is_none() {
        entry.missing_because(&[key], "fields of each change: docs/scenarios.md");
    }
    value
}

/// Changes each number at an address.
fn numbers<'a>(entry: &Entry<'_, 'a>, document: &mut DeTable<'a>, word: &str, by: &'static str) {
    let (address, number) = (entry.text(word), entry.number("by"));
    let value = required(entry, "by");
    let (Some(address), Some(_), Some(value), Some(_)) = (address, number, value, period(entry)) else { return };
    change_each(entry, document, &Address::of(address), &Changed::new(by, value, entry));
}

/// Changes each number at an address in one way.
fn change_each<'a>(entry: &Entry<'_, 'a>, document: &mut DeTable<'a>, address: &Address, changed: &Changed<'a>) {
    let paths = address.paths(document, entry, false);
    // A whole element is too much to change number by number: of it there is no value.
    let count: usize = paths.iter().map(|path| value_at(document, path).map_or(0, |value| changed.each(value))).sum();
    if count == 0 && !paths.is_empty() {
        let hint = "numbers, profiles, series and seasons can be changed so; `set` writes anything".to_owned();
        address.refuse(entry, "no number stands there", Some(hint));
    }
}
