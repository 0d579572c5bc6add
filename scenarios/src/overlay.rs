//! Overlays: small TOML files of changes on a basin, laid one over another.
//!
//! An overlay adds elements as a basin's file writes them, and makes changes in their order, each a `[[change]]`
//! ([`changes`](crate::changes)). `base` names overlays that are laid before it, so that overlays form a tree; a file is laid once.
//! Fails: a file that is no overlay; overlays that are their own base; whatever a change cannot do, when it is laid.

use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};
use weir_model::basin::context::Context;
use weir_model::basin::entry::{Entry, Field};
use weir_model::basin::{Basin, Changes, Further, Over, no_toml, refuse_unknown_kinds, text};
use weir_model::document::ScenarioRow;
use weir_model::elements::KINDS;
use weir_model::place::{Place, Refusals};
use weir_model::table::digest;

use crate::changes;
use crate::tree::{key, moved};

/// Changes on a basin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overlay {
    /// Its id: the names of its files.
    pub id: String,
    /// Name as people read it; empty where its files give none.
    pub name: String,
    /// The same in English, where it has another.
    pub english: String,
    layers: Vec<Layer>,
}

/// A file of changes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Layer {
    /// What refusals call it.
    file: String,
    /// What tells it from others: its path without detours.
    path: Option<PathBuf>,
    text: String,
    /// What it does, a line each.
    says: Vec<String>,
}

impl Overlay {
    /// Reads an overlay with its bases.
    ///
    /// # Errors
    /// A file that cannot be read, or is no overlay.
    pub fn read(path: &Path) -> Result<Self, Refusals> {
        let mut overlay = Self::default();
        overlay.add(path, None, &mut Vec::new())?;
        overlay.id = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        Ok(overlay)
    }

    /// An overlay of a text that is no file of its own, such as a question of every week.
    ///
    /// # Errors
    /// If it is no overlay.
    pub fn of_text(id: &str, file: &str, text: &str) -> Result<Self, Refusals> {
        let mut overlay = Self { id: id.to_owned(), ..Self::default() };
        overlay.lay(file, None, text.as_bytes(), &mut Vec::new())?;
        Ok(overlay)
    }

    /// Several, laid in their order; what is a base of more than one is laid once.
    pub fn of_all(overlays: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self::default();
        let join = |before: &mut String, more: &str, by: &str| {
            if !before.is_empty() && !more.is_empty() {
                before.push_str(by);
            }
            before.push_str(more);
        };
        for overlay in overlays {
            join(&mut all.id, &overlay.id, "+");
            join(&mut all.name, &overlay.name, "；");
            join(&mut all.english, &overlay.english, "; ");
            let new = |layer: &Layer| layer.path.is_none() || all.layers.iter().all(|known| known.path != layer.path);
            let more: Vec<Layer> = overlay.layers.into_iter().filter(new).collect();
            all.layers.extend(more);
        }
        all
    }

    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.layers.iter().all(|layer| layer.says.is_empty())
    }

    /// What it does, a line each.
    pub fn says(&self) -> impl Iterator<Item = &String> {
        self.layers.iter().flat_map(|layer| &layer.says)
    }

    /// The texts of its files.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.layers.iter().map(|layer| layer.text.as_str())
    }

    fn add(&mut self, path: &Path, named: Option<&Field<String>>, within: &mut Vec<PathBuf>) -> Result<(), Refusals> {
        let file = path.display().to_string();
        let refused = |why: String, hint: &str| {
            let mut refusals = Refusals::default();
            let (place, message) = match named {
                Some(base) => (base.place.clone(), format!("`base`: `{}` {why}", base.value)),
                None => (Place::new(&*file, 0), why),
            };
            refusals.push(&place, None, message, Some(hint.to_owned()));
            refusals
        };
        let bytes = std::fs::read(path).map_err(|error| {
            refused(
                format!("cannot be read: {error}"),
                "an overlay is a TOML file; `base` is a path from the overlay that names it",
            )
        })?;
        let own = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if within.contains(&own) {
            return Err(refused("is laid over itself".to_owned(), "bases form a tree: take the name out of one of them"));
        }
        if self.layers.iter().any(|layer| layer.path.as_ref() == Some(&own)) {
            return Ok(());
        }
        within.push(own);
        self.lay(&file, path.parent(), &bytes, within)?;
        within.pop();
        Ok(())
    }

    /// Lays a file's bases, then the file.
    fn lay(&mut self, file: &str, folder: Option<&Path>, bytes: &[u8], within: &mut Vec<PathBuf>) -> Result<(), Refusals> {
        let text = text(file, bytes)?;
        let (table, errors) = DeTable::parse_recoverable(text);
        let nowhere = |_: &str| Err("an overlay names no file".to_owned());
        let context = Context::new(file, text, &nowhere);
        if !errors.is_empty() {
            return Err(no_toml(&context, text, &errors));
        }
        let known: Vec<&str> = kinds().chain(["name", "english", "base", "note", "change"]).collect();
        refuse_unknown_kinds(&context, table.get_ref(), &known);
        let entry = Entry::new(&context, table.get_ref(), 0, "overlay");
        let (name, english, bases) = (entry.text("name"), entry.text("english"), entry.texts("base"));
        context.refusals.take().or(())?;
        for base in &bases {
            let path = folder.unwrap_or_else(|| Path::new("")).join(&base.value);
            self.add(&path, Some(base), within)?;
        }
        // The last laid, the overlay itself, gives the name.
        self.name = name.map_or_else(String::new, |name| name.value);
        self.english = english.map_or_else(|| self.name.clone(), |english| english.value);
        let says = said(table.get_ref(), text);
        self.layers.push(Layer { file: file.to_owned(), path: within.last().cloned(), text: text.to_owned(), says });
        Ok(())
    }
}

/// Words of what an overlay may add: elements, and the entries with ids beside them.
fn kinds() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|kind| kind.word).chain(["balance", "class", "objective", "region"])
}

/// What a file of changes says, a line each.
fn said(table: &DeTable, text: &str) -> Vec<String> {
    let mut entries: Vec<(usize, String)> = Vec::new();
    for (word, value) in table {
        let word = word.get_ref().as_ref();
        let items = value.get_ref().as_array().into_iter().flat_map(|items| items.iter());
        for item in items.filter(|_| word == "change" || kinds().any(|kind| kind == word)) {
            let Some(fields) = item.get_ref().as_table() else { continue };
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(key, _)| key.span().start);
            let written = |value: &toml::Spanned<DeValue>| {
                text.get(value.span()).unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
            };
            let line = if word == "change" {
                let fields = fields.into_iter().map(|(key, value)| format!("{} = {}", key.get_ref(), written(value)));
                fields.collect::<Vec<_>>().join(", ")
            } else {
                let id = fields.into_iter().find(|(key, _)| key.get_ref() == "id").map(|(_, value)| written(value));
                format!("[[{word}]] {}", id.unwrap_or_default())
            };
            entries.push((item.span().start, line));
        }
    }
    entries.sort();
    entries.into_iter().map(|(_, line)| line).collect()
}

impl Changes for Overlay {
    fn apply<'a>(&'a self, document: &mut DeTable<'a>, context: &Context<'a>) {
        for layer in &self.layers {
            let offset = context.lay(&layer.file, &layer.text);
            let (table, _) = DeTable::parse_recoverable(&layer.text);
            let table = moved(table.into_inner(), offset);
            let entry = Entry::new(context, &table, offset, "overlay");
            for kind in kinds() {
                let Some(value) = entry.raw(kind) else { continue };
                let Some(items) = value.get_ref().as_array() else {
                    entry.wrong(kind, value, "tables, `[[…]]` each");
                    continue;
                };
                let slot = document
                    .entry(key(kind, value))
                    .or_insert_with(|| toml::Spanned::new(value.span(), DeValue::Array(std::iter::empty().collect())));
                if let DeValue::Array(own) = slot.get_mut() {
                    for item in items {
                        own.push(item.clone());
                    }
                }
            }
            for change in entry.tables("change") {
                changes::apply(&change, document);
            }
        }
    }

    fn digests(&self) -> Vec<String> {
        self.layers.iter().map(|layer| digest(layer.text.as_bytes())).collect()
    }

    fn row(&self) -> ScenarioRow {
        ScenarioRow { id: self.id.clone(), name: self.name.clone(), changes: self.says().cloned().collect() }
    }
}

/// Reads the basin of a folder with an overlay and further elements laid over it.
///
/// # Errors
/// All faults of the basin, and of what is laid over it.
pub fn read(dir: &Path, overlay: Option<&Overlay>, further: &[Further]) -> Result<Basin, Refusals> {
    let changes = overlay.map(|overlay| overlay as &dyn Changes);
    Basin::read_over(dir, &Over { changes, further, laid: None })
}
