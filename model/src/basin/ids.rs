//! Ids of what a basin's file names: whether they may stand, and each once.

use std::collections::BTreeMap;

use super::entry::{Entry, Field};
use crate::elements::Head;
use crate::place::Place;

/// Whether a text may be an id: letters of any script, digits, `_` and `-`.
pub fn is_id(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= 100 && text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

/// Stands for the head of an entry without an id, which is read all the same, for its further faults.
pub(super) fn nameless(entry: &Entry, kind: &'static str) -> Head {
    Head { id: String::new(), name: String::new(), kind, place: entry.place.clone(), region: None }
}

/// Ids of one name space.
#[derive(Default)]
pub(super) struct Ids(BTreeMap<String, Place>);

impl Ids {
    pub(super) fn head(&mut self, entry: &Entry, kind: &'static str, regional: bool) -> Option<Head> {
        let id = entry.required_text("id");
        let name = entry.text("name");
        let region = if regional { entry.text("region") } else { None };
        let id = id.filter(|id| valid_id(entry, id))?;
        if let Some(first) = self.0.get(&id.value) {
            let hint = format!("the first is at {first}; give one of them another id");
            entry.refuse(&id.place, format!("`id`: `{}` is used twice", id.value), Some(hint));
            return None;
        }
        self.0.insert(id.value.clone(), id.place.clone());
        let name = name.map_or_else(|| id.value.clone(), |name| name.value);
        Some(Head { id: id.value, name, kind, place: entry.place.clone(), region })
    }
}

/// Whether an id may stand; refused if not.
pub(crate) fn valid_id(entry: &Entry, id: &Field<String>) -> bool {
    let valid = is_id(&id.value);
    if !valid {
        let hint = "letters of any script, digits, `_` and `-`; no dots and no spaces".to_owned();
        entry.refuse(&id.place, format!("`{}`: `{}` is no id", id.key, id.value), Some(hint));
    }
    valid
}
