//! A table of a basin file, read key by key: each reading checks its type and names its place, and what nobody asked for
//! is refused at the end.

use std::cell::{Cell, RefCell};

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::basin::context::Context;
use crate::basin::nearest::{hint, list, nearest};
use crate::laid::{LaidForm, LaidValue};
use crate::place::{Lacks, Place};

/// A value with where it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Field<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub place: Place,
    /// The key as written, with what it lies within.
    pub key: String,
}

/// A value that an overlay gives to an entry of the basin's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenOver {
    /// Where the entry stands.
    pub entry: Place,
    /// The value's key in it.
    pub key: String,
    /// Where the value, or what is new of it, was written.
    pub place: Place,
}

/// A value of the file as the parser has it.
pub type Value<'a> = Spanned<DeValue<'a>>;

/// Keys that any table may carry about the facts that it states.
pub const FACTS: [&str; 4] = ["source", "confidence", "note", "assumed"];

/// Suffixes of volumes, with hm³ in one of them.
pub(crate) const VOLUMES: [(&str, f64); 3] =
    [("_hm3", 1.0), ("_wan_m3", 1.0 / crate::units::WAN_M3_PER_HM3), ("_yi_m3", 1.0 / crate::units::YI_M3_PER_HM3)];

/// A table of a basin file.
pub struct Entry<'c, 'a> {
    /// What all readers share.
    pub context: &'c Context<'a>,
    table: &'c DeTable<'a>,
    /// Where it begins.
    pub place: Place,
    /// The byte at which it begins, in the order of the texts.
    pub start: usize,
    /// Id of the element that it belongs to.
    pub element: Option<String>,
    /// Address of what it describes, for assumed facts.
    pub address: String,
    /// What it lies within, before the names of its fields: `` or `outlet.`.
    within: String,
    /// What it is, in messages.
    what: String,
    asked: RefCell<Vec<String>>,
    /// Required fields that are missing, as alternatives, each with a hint.
    lacking: RefCell<Vec<(Vec<String>, String)>>,
    /// It was refused, or a part of it.
    faulty: Cell<bool>,
}

impl<'c, 'a> Entry<'c, 'a> {
    /// The table of a file's section or element.
    pub fn new(context: &'c Context<'a>, table: &'c DeTable<'a>, start: usize, what: &str) -> Self {
        Self {
            context,
            table,
            place: context.place(start),
            start,
            element: None,
            address: what.to_owned(),
            within: String::new(),
            what: what.to_owned(),
            asked: RefCell::default(),
            lacking: RefCell::default(),
            faulty: Cell::new(false),
        }
    }

    fn part(&self, key: &str, table: &'c DeTable<'a>, start: usize) -> Self {
        Self {
            context: self.context,
            table,
            place: self.context.place(start),
            start,
            element: self.element.clone(),
            // What a changed number was before is the number's own fact.
            address: if key == "of" { self.address.clone() } else { format!("{}.{key}", self.address) },
            within: format!("{}{key}.", self.within),
            what: format!("{}{key}", self.within),
            asked: RefCell::default(),
            lacking: RefCell::default(),
            faulty: Cell::new(false),
        }
    }

    /// Names the element that this entry and its parts belong to.
    pub fn belongs_to(&mut self, id: &str) {
        self.element = Some(id.to_owned());
        id.clone_into(&mut self.address);
    }

    /// Refuses at a place.
    pub fn refuse(&self, place: &Place, message: impl Into<String>, hint: Option<String>) {
        self.faulty.set(true);
        self.context.refusals.borrow_mut().push(place, self.element.as_deref(), message, hint);
    }

    /// Refuses what names something at an address that nothing stands at.
    pub fn refuse_lacking(&self, place: &Place, message: String, hint: Option<String>, address: String) {
        self.faulty.set(true);
        let at = (place, self.element.as_deref());
        self.context.refusals.borrow_mut().push_lacking(at, message, hint, Lacks::Address(address));
    }

    /// Whether a fault was found in this entry itself.
    pub fn is_faulty(&self) -> bool {
        self.faulty.get()
    }

    /// A field's name as messages have it.
    pub fn key(&self, key: &str) -> String {
        format!("{}{key}", self.within)
    }

    /// The place of a value.
    pub fn place_of(&self, value: &Value<'a>) -> Place {
        self.context.place(value.span().start)
    }

    fn field<T>(&self, key: &str, place: Place, value: T) -> Field<T> {
        Field { value, place, key: self.key(key) }
    }

    /// Whether the table has a key, without asking for it.
    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// The raw value of a key.
    pub fn raw(&self, key: &str) -> Option<&'c Value<'a>> {
        self.asked.borrow_mut().push(key.to_owned());
        self.table.get(key)
    }

    /// Says that a value has another type than expected.
    pub fn wrong(&self, key: &str, value: &Value<'a>, expected: &str) {
        let found = match value.get_ref() {
            DeValue::String(text) => format!("the text \"{}\"", text.chars().take(40).collect::<String>()),
            DeValue::Integer(_) | DeValue::Float(_) => format!("the number {}", self.context.written(value.span())),
            DeValue::Boolean(flag) => format!("{flag}"),
            DeValue::Datetime(date) => format!("the date {date}"),
            DeValue::Array(_) => "a list".to_owned(),
            DeValue::Table(_) => "a table".to_owned(),
        };
        self.refuse(&self.place_of(value), format!("`{}`: expected {expected}, found {found}", self.key(key)), None);
    }

    /// Refuses the absence of a required field; its alternatives are named together.
    pub fn missing(&self, keys: &[&str]) {
        self.missing_because(keys, &format!("fields of `{}`: docs/basin-file.md", self.what));
    }

    /// Refuses the absence of a required field, with its own hint. Said when the entry is finished: a misspelt field that
    /// is near says it better.
    pub fn missing_because(&self, keys: &[&str], hint: &str) {
        self.faulty.set(true);
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        self.lacking.borrow_mut().push((keys, hint.to_owned()));
    }

    /// A text.
    pub fn text(&self, key: &str) -> Option<Field<String>> {
        let value = self.raw(key)?;
        match value.get_ref() {
            DeValue::String(text) if !text.trim().is_empty() => {
                Some(self.field(key, self.place_of(value), text.to_string()))
            }
            DeValue::String(_) => {
                self.refuse(
                    &self.place_of(value),
                    format!("`{}` is empty", self.key(key)),
                    Some("give a text, or leave the field out".to_owned()),
                );
                None
            }
            _ => {
                self.wrong(key, value, "a text");
                None
            }
        }
    }

    /// A text that must be there.
    pub fn required_text(&self, key: &str) -> Option<Field<String>> {
        let text = self.text(key);
        if !self.has(key) {
            self.missing(&[key]);
        }
        text
    }

    /// One of a few words.
    pub fn word(&self, key: &str, known: &[&str]) -> Option<Field<String>> {
        let text = self.text(key)?;
        if known.contains(&text.value.as_str()) {
            return Some(text);
        }
        self.refuse(
            &text.place,
            format!("`{}`: unknown word `{}`", text.key, text.value),
            hint(&text.value, known, "accepted"),
        );
        None
    }

    /// A list of texts; a single text stands for a list of one.
    pub fn texts(&self, key: &str) -> Vec<Field<String>> {
        let Some(value) = self.raw(key) else { return Vec::new() };
        match value.get_ref() {
            DeValue::String(text) => vec![self.field(key, self.place_of(value), text.to_string())],
            DeValue::Array(items) => items
                .iter()
                .filter_map(|item| {
                    if let DeValue::String(text) = item.get_ref() {
                        return Some(self.field(key, self.place_of(item), text.to_string()));
                    }
                    self.wrong(key, item, "texts");
                    None
                })
                .collect(),
            _ => {
                self.wrong(key, value, "a list of texts");
                Vec::new()
            }
        }
    }

    /// true or false.
    pub fn flag(&self, key: &str, default: bool) -> bool {
        match self.raw(key).map(|value| (value, value.get_ref())) {
            None => default,
            Some((_, DeValue::Boolean(flag))) => *flag,
            Some((value, _)) => {
                self.wrong(key, value, "true or false");
                default
            }
        }
    }

    /// A finite number from a raw value.
    pub fn number_in(&self, key: &str, value: &'c Value<'a>) -> Option<f64> {
        let number = match value.get_ref() {
            DeValue::Integer(number) => {
                i64::from_str_radix(&number.as_str().replace('_', ""), number.radix()).ok().map(|n| n as f64)
            }
            DeValue::Float(number) => number.as_str().replace('_', "").parse().ok(),
            DeValue::Table(table) if table.contains_key("of") => return self.changed_number(key, value),
            _ => {
                self.wrong(key, value, "a number");
                return None;
            }
        };
        if let Some(number) = number.filter(|&number: &f64| crate::table::is_of_a_basin(number)) {
            return Some(number);
        }
        let written = self.context.written(value.span());
        self.refuse(
            &self.place_of(value),
            format!("`{}`: {written} is no finite number of a basin's size", self.key(key)),
            Some("for no bound, leave the field out".to_owned()),
        );
        None
    }

    /// A number, or a table with its `value` and facts.
    pub fn number(&self, key: &str) -> Option<Field<f64>> {
        let value = self.raw(key)?;
        let place = self.place_of(value);
        if let DeValue::Table(table) = value.get_ref()
            && !table.contains_key("of")
        {
            let part = self.part(key, table, value.span().start);
            let number = part.raw("value").and_then(|value| part.number_in("value", value));
            if !part.has("value") {
                part.missing(&["value"]);
            }
            part.finish();
            return number.map(|number| self.field(key, place, number));
        }
        self.number_in(key, value).map(|number| self.field(key, place, number))
    }

    /// A number within bounds, both inclusive.
    pub fn number_within(&self, key: &str, least: f64, most: f64) -> Option<Field<f64>> {
        let number = self.number(key)?;
        if (least..=most).contains(&number.value) {
            return Some(number);
        }
        let expected =
            if most == f64::INFINITY { format!("at least {least}") } else { format!("between {least} and {most}") };
        self.refuse(&number.place, format!("`{}`: {} is out of range, expected {expected}", number.key, number.value), None);
        None
    }

    /// A list of numbers.
    pub fn numbers_in(&self, key: &str, value: &'c Value<'a>) -> Option<Vec<f64>> {
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong(key, value, "a list of numbers");
            return None;
        };
        let numbers: Vec<Option<f64>> = items.iter().map(|item| self.number_in(key, item)).collect();
        numbers.into_iter().collect()
    }

    /// A list of numbers.
    pub fn numbers(&self, key: &str) -> Option<Field<Vec<f64>>> {
        let value = self.raw(key)?;
        self.numbers_in(key, value).map(|numbers| self.field(key, self.place_of(value), numbers))
    }

    /// What is laid over a key of an element's own entry; nothing where an overlay set the key.
    pub fn laid(&self, key: &str) -> Option<&'c LaidValue> {
        let element = self.element.as_deref().filter(|_| self.within.is_empty())?;
        let laid = self.context.laid?.at(element, key);
        let is_set = self.table.get(key).is_some_and(|value| self.context.is_laid_over(innermost(value).span().start));
        laid.filter(|_| !is_set)
    }

    /// The state that is laid over a key, with the changes of the key's own number.
    pub fn laid_state(&self, key: &str) -> Option<Field<f64>> {
        let laid = self.laid(key)?;
        let LaidForm::State(value) = laid.form else { return None };
        let value = self.table.get(key).map_or(value, |own| self.changed_as(key, own, value));
        Some(Field { value, place: laid.address.place.clone(), key: format!("input {}", laid.input) })
    }

    /// A text or a date of TOML's own, as text.
    pub fn date_text(&self, key: &str) -> Option<Field<String>> {
        let value = self.raw(key)?;
        match value.get_ref() {
            DeValue::Datetime(date) => Some(self.field(key, self.place_of(value), date.to_string().replace(' ', "T"))),
            DeValue::String(text) => Some(self.field(key, self.place_of(value), text.trim().to_owned())),
            _ => {
                self.wrong(key, value, "a date such as \"2026-11-01\"");
                None
            }
        }
    }

    /// A date `YYYY-MM-DD`.
    pub fn date(&self, key: &str) -> Option<Field<Date>> {
        let text = self.date_text(key)?;
        if let Ok(date) = text.value.parse::<Date>()
            && text.value.len() == 10
        {
            return Some(Field { value: date, place: text.place, key: text.key });
        }
        self.refuse(&text.place, format!("`{}`: `{}` is no date, expected `YYYY-MM-DD`", text.key, text.value), None);
        None
    }

    /// A table in a field.
    pub fn table(&self, key: &str) -> Option<Self> {
        let value = self.raw(key)?;
        self.table_in(key, value)
    }

    /// A table in a raw value.
    pub fn table_in(&self, key: &str, value: &'c Value<'a>) -> Option<Self> {
        if let DeValue::Table(table) = value.get_ref() {
            return Some(self.part(key, table, value.span().start));
        }
        self.wrong(key, value, "a table");
        None
    }

    /// A list of tables in a field; a single table stands for a list of one.
    pub fn tables(&self, key: &str) -> Vec<Self> {
        let Some(value) = self.raw(key) else { return Vec::new() };
        match value.get_ref() {
            DeValue::Table(table) => vec![self.part(key, table, value.span().start)],
            DeValue::Array(items) => items.iter().filter_map(|item| self.table_in(key, item)).collect(),
            _ => {
                self.wrong(key, value, "a list of tables");
                Vec::new()
            }
        }
    }

    /// All keys and values of a table whose keys are words of the file's own, in its order; facts' keys are left to `finish`.
    pub fn words(&self) -> Vec<(&'c Spanned<DeString<'a>>, &'c Value<'a>)> {
        let mut words: Vec<_> = self.table.iter().filter(|(key, _)| !FACTS.contains(&key.get_ref().as_ref())).collect();
        words.sort_by_key(|(key, _)| key.span().start);
        self.asked.borrow_mut().extend(words.iter().map(|(key, _)| key.get_ref().to_string()));
        words
    }

    /// The key of a volume as written, of the three units that it may stand in, with hm³ in one of its unit.
    pub fn volume_key(&self, stem: &str) -> Option<(String, f64)> {
        let mut found: Option<(String, f64)> = None;
        for (suffix, hm3) in VOLUMES {
            let key = stem_with(stem, suffix);
            self.asked.borrow_mut().push(key.clone());
            let Some(value) = self.table.get(key.as_str()) else { continue };
            if let Some((first, _)) = &found {
                self.refuse(
                    &self.place_of(value),
                    format!("`{}` and `{}` say the same", self.key(first), self.key(&key)),
                    Some("keep one of them".to_owned()),
                );
            } else {
                found = Some((key, hm3));
            }
        }
        found
    }

    /// A volume in hm³.
    pub fn volume(&self, stem: &str) -> Option<Field<f64>> {
        let (key, hm3) = self.volume_key(stem)?;
        self.number(&key).map(|field| Field { value: field.value * hm3, ..field })
    }

    /// Notes the entry's facts and refuses every key that nobody asked for.
    pub fn finish(&self) {
        self.facts();
        let over = self.table.iter().filter_map(|(key, value)| Some((key, self.context.written_over(value)?)));
        let over = over.filter(|(_, place)| place.file != self.place.file).map(|(key, place)| WrittenOver {
            entry: self.place.clone(),
            key: key.get_ref().to_string(),
            place,
        });
        self.context.written_over.borrow_mut().extend(over);
        let asked = self.asked.borrow();
        let mut unknown: Vec<_> =
            self.table.iter().filter(|(key, _)| !asked.iter().any(|known| known == key.get_ref().as_ref())).collect();
        unknown.sort_by_key(|(key, _)| key.span().start);
        for (alternatives, hint) in self.lacking.borrow().iter() {
            let near = |word: &str| nearest(word, alternatives.iter().map(String::as_str)).is_some();
            if unknown.iter().any(|(key, _)| near(key.get_ref())) {
                continue;
            }
            let keys: Vec<String> = alternatives.iter().map(|key| self.key(key)).collect();
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            let message = match keys[..] {
                [key] => format!("missing field `{key}`"),
                _ => format!("missing field: one of {}", list(&keys)),
            };
            self.faulty.set(true);
            let (at, of) =
                ((&self.place, self.element.as_deref()), self.element.clone().unwrap_or_else(|| self.what.clone()));
            let lacks = Lacks::Key { of, keys: alternatives.clone() };
            self.context.refusals.borrow_mut().push_lacking(at, message, Some(hint.clone()), lacks);
        }
        for (key, _) in unknown {
            let key_text = key.get_ref().as_ref();
            let mut known: Vec<&str> = asked.iter().map(String::as_str).filter(|known| !FACTS.contains(known)).collect();
            known.sort_unstable();
            known.dedup();
            let meant = nearest(key_text, asked.iter().map(String::as_str));
            let message = match meant {
                Some(near) => format!("unknown field `{}`, did you mean `{near}`?", self.key(key_text)),
                None => format!("unknown field `{}`", self.key(key_text)),
            };
            self.refuse(
                &self.context.place(key.span().start),
                message,
                Some(format!("fields of `{}`: {}", self.what, list(&known))),
            );
        }
    }

    /// What a table of a value states, without its facts; of an element, its kind.
    fn stated(&self) -> String {
        if self.within.is_empty() {
            return self.what.clone();
        }
        if let Some(value) = self.table.get("value") {
            return self.context.whole(value.span());
        }
        let mut keys: Vec<_> = self.table.iter().filter(|(key, _)| !FACTS.contains(&key.get_ref().as_ref())).collect();
        keys.sort_by_key(|(key, _)| key.span().start);
        let said = keys.iter().map(|(key, value)| format!("{} = {}", key.get_ref(), self.context.whole(value.span())));
        said.collect::<Vec<_>>().join(", ")
    }

    fn stated_keys(&self) -> Vec<&str> {
        self.table.keys().map(|key| key.get_ref().as_ref()).filter(|key| !FACTS.contains(key)).collect()
    }

    fn facts(&self) {
        let said: Vec<String> = ["note", "source", "confidence"]
            .into_iter()
            .filter_map(|key| {
                self.text(key).map(|text| if key == "note" { text.value } else { format!("{key}: {}", text.value) })
            })
            .collect();
        let said = said.join("; ");
        let Some(assumed) = self.raw("assumed") else { return };
        let note = |address: String, written: String| {
            let text = if said.is_empty() { written } else { format!("{written} ({said})") };
            self.context.assumed.borrow_mut().push((address, text));
        };
        match assumed.get_ref() {
            DeValue::Boolean(false) => {}
            DeValue::Boolean(true) => {
                note(self.address.clone(), self.stated());
            }
            DeValue::Array(_) => {
                for field in self.texts("assumed") {
                    match self.table.get(field.value.as_str()) {
                        Some(value) => note(format!("{}.{}", self.address, field.value), self.context.whole(value.span())),
                        None => self.refuse(
                            &field.place,
                            format!("`{}`: the entry has no field `{}`", field.key, field.value),
                            hint(&field.value, &self.stated_keys(), "fields here"),
                        ),
                    }
                }
            }
            _ => self.wrong("assumed", assumed, "true, false or a list of fields"),
        }
    }
}

/// What a number was before its changes.
pub(super) fn innermost<'v, 'a>(value: &'v Value<'a>) -> &'v Value<'a> {
    value.get_ref().as_table().and_then(|table| table.get("of")).map_or(value, innermost)
}

/// A volume's key: the unit stands before ` _per_day`, at the end else.
fn stem_with(stem: &str, suffix: &str) -> String {
    stem.strip_suffix("_per_day").map_or_else(|| format!("{stem}{suffix}"), |stem| format!("{stem}{suffix}_per_day"))
}
