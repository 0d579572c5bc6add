//! Tables of a file by their words: sections that stand once, kinds that stand often, and words that are none.

use std::collections::BTreeSet;

use toml::de::{DeTable, DeValue};

use super::context::Context;
use super::entry::Entry;
use super::{FILE, list, nearest};
use crate::place::Place;

/// Refuses unknown kinds; gives the ids of their entries, so that what names them is not refused too.
pub fn refuse_unknown_kinds<'a>(context: &Context<'a>, table: &DeTable<'a>, known: &[&str]) -> BTreeSet<String> {
    let mut unknown: Vec<_> = table.iter().filter(|(key, _)| !known.contains(&key.get_ref().as_ref())).collect();
    unknown.sort_by_key(|(key, _)| key.span().start);
    let mut ids = BTreeSet::new();
    for (key, value) in unknown {
        let word = key.get_ref().as_ref();
        let mut sorted = known.to_vec();
        sorted.sort_unstable();
        let near = nearest::nearest(word, known.iter().copied());
        let hint = near.map_or_else(|| format!("kinds: {}", list(&sorted)), |near| format!("did you mean `{near}`?"));
        context.refusals.borrow_mut().push(
            &context.place(key.span().start),
            None,
            format!("unknown kind `{word}`"),
            Some(hint),
        );
        let entries = value.get_ref().as_array().into_iter().flat_map(|items| items.iter());
        ids.extend(entries.filter_map(|entry| entry.get_ref().get("id")?.get_ref().as_str()).map(str::to_owned));
    }
    ids
}

/// The one table of a section.
pub(super) fn section<'c, 'a>(
    context: &'c Context<'a>,
    table: &'c DeTable<'a>,
    word: &str,
    required: bool,
) -> Option<Entry<'c, 'a>> {
    let value = table.get(word);
    if let Some(value) = value {
        if let DeValue::Table(inner) = value.get_ref() {
            return Some(Entry::new(context, inner, value.span().start, word));
        }
        let place = context.place(value.span().start);
        let hint = format!("[{word}], once");
        context.refusals.borrow_mut().push(&place, None, format!("`{word}`: expected one table"), Some(hint));
    } else if required {
        let hint = format!("[{word}]: see docs/basin-file.md");
        context.refusals.borrow_mut().push(&Place::new(FILE, 0), None, format!("missing section `[{word}]`"), Some(hint));
    }
    None
}

/// The tables of a kind.
pub(super) fn entries<'c, 'a>(context: &'c Context<'a>, table: &'c DeTable<'a>, word: &str) -> Vec<Entry<'c, 'a>> {
    let Some(value) = table.get(word) else { return Vec::new() };
    let refuse = |start: usize| {
        let hint = format!("one table array entry each: [[{word}]]");
        context.refusals.borrow_mut().push(&context.place(start), None, format!("`{word}`: expected tables"), Some(hint));
    };
    let DeValue::Array(items) = value.get_ref() else {
        refuse(value.span().start);
        return Vec::new();
    };
    let mut entries = Vec::new();
    for item in items {
        match item.get_ref() {
            DeValue::Table(inner) => {
                let mut entry = Entry::new(context, inner, item.span().start, word);
                if let Some(DeValue::String(id)) = inner.get("id").map(toml::Spanned::get_ref) {
                    let id = id.to_string();
                    entry.belongs_to(&id);
                }
                entries.push(entry);
            }
            _ => refuse(item.span().start),
        }
    }
    entries
}
