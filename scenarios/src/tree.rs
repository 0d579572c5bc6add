//! The tables of a basin file as a tree that changes are made on: values keep the span of the text that they come from, so that every
//! reader behind names the right file and line.

use std::borrow::Cow;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};
use weir_model::basin::changed::WORDS;
use weir_model::basin::entry::{Entry, FACTS, Value};

/// Keys of a number in time that is written as a table.
const FORMS: [&str; 5] = ["of", "value", "profile", "file", "seasons"];

/// Keys of a period.
const PERIOD: [&str; 4] = ["from", "to", "after_days", "days"];

/// A step down the tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// A key of a table.
    Key(String),
    /// A place in a list.
    Place(usize),
}

/// A table with all its spans moved.
pub fn moved(table: DeTable<'_>, by: usize) -> DeTable<'_> {
    let entries = table.into_iter().map(|(key, value)| {
        let span = key.span();
        (Spanned::new(span.start + by..span.end + by, key.into_inner()), moved_value(value, by))
    });
    entries.collect()
}

fn moved_value(value: Value<'_>, by: usize) -> Value<'_> {
    let span = value.span();
    let inner = match value.into_inner() {
        DeValue::Table(table) => DeValue::Table(moved(table, by)),
        DeValue::Array(items) => DeValue::Array(items.into_iter().map(|item| moved_value(item, by)).collect()),
        other => other,
    };
    Spanned::new(span.start + by..span.end + by, inner)
}

/// A key as a change writes it, at the place of that change.
pub fn key<'a>(word: impl Into<Cow<'a, str>>, at: &Value<'a>) -> Spanned<Cow<'a, str>> {
    Spanned::new(at.span(), word.into())
}

/// A text as a change writes it, at the place of that change.
pub fn text<'a>(text: impl Into<Cow<'a, str>>, at: &Value<'a>) -> Value<'a> {
    Spanned::new(at.span(), DeValue::String(text.into()))
}

/// A table as a change writes it, at the place of that change.
pub fn table<'a>(entries: impl IntoIterator<Item = (Cow<'a, str>, Value<'a>)>, at: &Value<'a>) -> Value<'a> {
    let entries = entries.into_iter().map(|(word, value)| (key(word, at), value));
    Spanned::new(at.span(), DeValue::Table(entries.collect()))
}

/// The table at a path.
pub fn table_at<'t, 'a>(document: &'t mut DeTable<'a>, path: &[Step]) -> Option<&'t mut DeTable<'a>> {
    let Some((last, before)) = path.split_last() else { return Some(document) };
    match (last, before) {
        (Step::Key(word), before) => as_table(table_at(document, before)?.get_mut(word.as_str())?),
        (Step::Place(place), [before @ .., Step::Key(word)]) => {
            let DeValue::Array(items) = table_at(document, before)?.get_mut(word.as_str())?.get_mut() else { return None };
            as_table(items.get_mut(*place)?)
        }
        _ => None,
    }
}

/// The value at a path that ends in a key.
pub fn value_at<'t, 'a>(document: &'t mut DeTable<'a>, path: &[Step]) -> Option<&'t mut Value<'a>> {
    let (Step::Key(word), before) = path.split_last()? else { return None };
    table_at(document, before)?.get_mut(word.as_str())
}

/// The address of what stands at a path: ids of what has one, words of keys.
pub fn address_of(document: &mut DeTable, path: &[Step]) -> String {
    let mut parts: Vec<String> = Vec::new();
    for (at, step) in path.iter().enumerate() {
        match step {
            Step::Key(word) => parts.push(word.clone()),
            // It stands for the list that it is in.
            Step::Place(_) => {
                let table = table_at(document, &path[..=at]);
                if let Some(id) = table.and_then(|table| Some(table.get("id")?.get_ref().as_str()?.to_owned())) {
                    let _ = parts.pop();
                    parts.push(id);
                }
            }
        }
    }
    parts.join(".")
}

/// The list of the stages.
pub fn stages<'t, 'a>(document: &'t mut DeTable<'a>) -> Option<&'t mut DeArray<'a>> {
    match value_at(document, &["method", "stages"].map(|word| Step::Key(word.to_owned())))?.get_mut() {
        DeValue::Array(stages) => Some(stages),
        _ => None,
    }
}

fn as_table<'t, 'a>(value: &'t mut Value<'a>) -> Option<&'t mut DeTable<'a>> {
    match value.get_mut() {
        DeValue::Table(table) => Some(table),
        _ => None,
    }
}

/// Keeps the items of a list that something holds of.
pub fn retain<'a>(items: &mut DeArray<'a>, mut holds: impl FnMut(&Value<'a>) -> bool) {
    let all = std::mem::replace(items, std::iter::empty().collect());
    *items = all.into_iter().filter(|item| holds(item)).collect();
}

/// Takes away what stands at a path.
pub fn remove(document: &mut DeTable, path: &[Step]) {
    match path {
        [before @ .., Step::Key(word)] => {
            table_at(document, before).and_then(|table| table.remove(word.as_str()));
        }
        [list @ .., Step::Place(place)] => {
            if let Some(DeValue::Array(items)) = value_at(document, list).map(Spanned::get_mut) {
                let mut at = 0..;
                retain(items, |_| at.next() != Some(*place));
            }
        }
        _ => {}
    }
}

/// Adds an item to the list of a key; a single table stands for a list of one.
pub fn push<'a>(table: &mut DeTable<'a>, word: &'a str, item: Value<'a>, at: &Value<'a>) {
    let before = table.remove(word).map(|value| (value.span(), value.into_inner()));
    let mut items: DeArray<'a> = match before {
        Some((_, DeValue::Array(items))) => items,
        Some((span, other)) => std::iter::once(Spanned::new(span, other)).collect(),
        None => std::iter::empty().collect(),
    };
    items.push(item);
    table.insert(key(word, at), Spanned::new(at.span(), DeValue::Array(items)));
}

/// A number's change: its word, the number that it is by, and the keys of its period.
pub struct Changed<'a> {
    word: &'static str,
    by: Value<'a>,
    period: Vec<(Cow<'a, str>, Value<'a>)>,
}

impl<'a> Changed<'a> {
    /// A change by a word of [`WORDS`], in the period that an entry has.
    pub fn new(word: &'static str, by: &Value<'a>, entry: &Entry<'_, 'a>) -> Self {
        debug_assert!(WORDS.contains(&word), "{word}");
        Self { word, by: by.clone(), period: period_of(entry) }
    }

    /// A number that is the sum of two.
    pub fn sum(first: Value<'a>, second: &Value<'a>) -> Value<'a> {
        Self { word: "shift", by: second.clone(), period: Vec::new() }.of(first)
    }

    /// The changed number that takes the place of another.
    pub fn of(&self, number: Value<'a>) -> Value<'a> {
        let entries = [(Cow::from("of"), number), (Cow::from(self.word), self.by.clone())];
        table(entries.into_iter().chain(self.period.iter().cloned()), &self.by)
    }

    /// Changes a value number by number; how many it has.
    pub fn each(&self, value: &mut Value<'a>) -> usize {
        let is_number = match value.get_ref() {
            DeValue::Integer(_) | DeValue::Float(_) => true,
            DeValue::Table(table) => FORMS.iter().any(|form| table.contains_key(*form)),
            _ => false,
        };
        if is_number {
            let at = value.span();
            let number = std::mem::replace(value, Spanned::new(at, DeValue::Boolean(false)));
            *value = self.of(number);
            return 1;
        }
        match value.get_mut() {
            DeValue::Array(items) => items.iter_mut().map(|item| self.each(item)).sum(),
            DeValue::Table(table) => {
                let own = table.iter_mut().filter(|(key, _)| !FACTS.contains(&key.get_ref().as_ref()));
                own.map(|(_, value)| self.each(value)).sum()
            }
            _ => 0,
        }
    }
}

/// The keys of an entry's period, as they are written.
pub fn period_of<'a>(entry: &Entry<'_, 'a>) -> Vec<(Cow<'a, str>, Value<'a>)> {
    PERIOD.into_iter().filter_map(|word| Some((Cow::from(word), entry.raw(word)?.clone()))).collect()
}
