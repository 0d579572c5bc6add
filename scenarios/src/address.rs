//! Addresses of what a basin's file holds: `ELEMENT[.PART].KEY`, the keys of the file itself, so that whatever can be written can be
//! changed.
//!
//! `*` stands for any run of letters within a part: `*_works.demand_m3s`. A kind before a colon narrows it, `inflow:*.flow_m3s`, and is
//! needed for what has no place among the elements: `objective:energy.tolerance`. The sections that stand once are called by their
//! word: `method.stages`.
//! Fails: an address that nothing in the file has, with the nearest that it has.

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use weir_model::basin::SECTIONS;
use weir_model::basin::entry::{Entry, Field, Value};
use weir_model::basin::nearest::{hint, nearest};
use weir_model::elements::KINDS;

use crate::tree::{Step, key, table_at};

/// An address as a change writes it.
#[derive(Clone, Debug)]
pub struct Address {
    written: Field<String>,
    kind: Option<String>,
    parts: Vec<String>,
}

/// An entry of the file: its kind, its id, and where it stands.
struct Found {
    kind: String,
    id: String,
    path: Vec<Step>,
}

impl Address {
    /// Reads the address of a field.
    pub fn of(written: Field<String>) -> Self {
        let (kind, rest) = match written.value.split_once(':') {
            Some((kind, rest)) => (Some(kind.to_owned()), rest),
            None => (None, written.value.as_str()),
        };
        let parts = rest.split('.').map(str::to_owned).collect();
        Self { written, kind, parts }
    }

    /// Without what addresses of flows end in.
    #[must_use]
    pub fn without_flow(mut self) -> Self {
        if self.parts.len() > 1 && self.parts.last().is_some_and(|last| ["flow", "intake"].contains(&last.as_str())) {
            self.parts.pop();
        }
        self
    }

    /// Whether it may mean several.
    pub fn is_pattern(&self) -> bool {
        self.written.value.contains('*')
    }

    /// The last part.
    pub fn last(&self) -> &str {
        self.parts.last().map_or("", String::as_str)
    }

    /// Paths of what it means; what it means nothing of is refused. `may_be_new`: its last part may be a key that does not stand yet.
    pub fn paths(&self, document: &mut DeTable, entry: &Entry, may_be_new: bool) -> Vec<Vec<Step>> {
        let all = entries(document);
        let of_kind = |found: &&Found| match &self.kind {
            Some(kind) => found.kind == *kind,
            None => is_element(&found.kind) || found.id == found.kind,
        };
        let known: Vec<&Found> = all.iter().filter(of_kind).collect();
        if known.is_empty() {
            let kinds: Vec<&str> = all.iter().map(|found| found.kind.as_str()).collect();
            let kind = self.kind.as_deref().unwrap_or_default();
            self.refuse_lacking(entry, &format!("the basin has no `{kind}`"), hint(kind, &unique(kinds), "its kinds"));
            return Vec::new();
        }
        let first = self.parts.first().map_or("", String::as_str);
        let meant: Vec<&&Found> = known.iter().filter(|found| fits(first, &found.id)).collect();
        if meant.is_empty() {
            let ids: Vec<&str> = known.iter().map(|found| found.id.as_str()).collect();
            let elsewhere = all.iter().find(|found| fits(first, &found.id));
            let near = elsewhere.map(|found| format!("did you mean `{}:{}`?", found.kind, self.written.value));
            let near = near.or_else(|| self.in_order(&known));
            self.refuse_lacking(
                entry,
                &format!("the basin has no `{first}`"),
                near.or_else(|| near_pattern(first, &ids)).or_else(|| hint(first, &unique(ids), "its ids")),
            );
            return Vec::new();
        }
        let (mut paths, mut words) = (Vec::new(), Vec::new());
        for found in meant {
            let Some(table) = table_at(document, &found.path) else { continue };
            descend(table, &self.parts[1..], &found.path, &mut paths, &mut words);
        }
        if paths.is_empty() && may_be_new && !self.is_pattern() {
            let (last, before) = self.parts.split_last().map_or(("", &[][..]), |(last, before)| (last.as_str(), before));
            let mut within = Vec::new();
            for found in known.iter().filter(|found| fits(first, &found.id)) {
                let Some(table) = table_at(document, &found.path) else { continue };
                descend(table, &before[1.min(before.len())..], &found.path, &mut within, &mut Vec::new());
            }
            within.retain(|path| table_at(document, path).is_some());
            for path in &mut within {
                path.push(Step::Key(last.to_owned()));
            }
            paths = within;
        }
        if paths.is_empty() {
            let rest = &self.parts[1..];
            let message = if rest.is_empty() {
                "nothing stands there".to_owned()
            } else {
                format!("no `{}` stands there", rest.join("."))
            };
            // The part that nothing there is called by is the first that no word behind it was looked for.
            let behind = words.iter().map(|(behind, _)| *behind).min().unwrap_or(0);
            let at = rest.len().saturating_sub(1 + behind);
            let there = unique(words.iter().filter(|word| word.0 == behind).map(|(_, word)| word.as_str()).collect());
            let part = rest.get(at).map_or("", String::as_str);
            let near = nearest(part, there.iter().copied()).filter(|near| *near != part);
            let near = near.map(|near| {
                let meant = rest[..at].iter().map(String::as_str).chain([near]);
                let meant: Vec<&str> = meant.chain(rest[at + 1..].iter().map(String::as_str)).collect();
                format!("did you mean `{}`?", meant.join("."))
            });
            self.refuse_lacking(entry, &message, near.or_else(|| hint(&rest.join("."), &there, "there stand")));
        }
        paths
    }

    /// The address with what is an id in it put first, where its parts stand in another order.
    fn in_order(&self, known: &[&Found]) -> Option<String> {
        let is_id = |part: &&String| !part.contains('*') && known.iter().any(|found| found.id == **part);
        let id = self.parts.iter().skip(1).find(is_id)?;
        let others = self.parts.iter().filter(|part| *part != id);
        let kind = self.kind.as_ref().map_or_else(String::new, |kind| format!("{kind}:"));
        let meant: Vec<&str> = std::iter::once(id).chain(others).map(String::as_str).collect();
        Some(format!("did you mean `{kind}{}`?", meant.join(".")))
    }

    /// Writes `[forecast]` without a key, where the address is of one that the file has not.
    pub fn begin_section<'a>(&self, document: &mut DeTable<'a>, at: &Value<'a>) {
        const SECTION: &str = "forecast";
        if self.parts.len() == 2 && self.parts[0] == SECTION && !document.contains_key(SECTION) {
            document.insert(key(SECTION.to_owned(), at), Spanned::new(at.span(), DeValue::Table(DeTable::new())));
        }
    }

    /// Refuses it, of which nothing is there; of a pattern, what was taken away of it is lacking.
    fn refuse_lacking(&self, entry: &Entry, message: &str, hint: Option<String>) {
        let Field { value, place, key } = &self.written;
        let address = self.parts.join(".");
        let removed = entry.context.removed.borrow();
        let gone = removed.iter().find(|(gone, _)| fits(&address, gone)).map(|(gone, _)| gone.clone());
        entry.refuse_lacking(place, format!("`{key}` = `{value}`: {message}"), hint, gone.unwrap_or(address));
    }

    /// Refuses it.
    pub fn refuse(&self, entry: &Entry, message: &str, hint: Option<String>) {
        let Field { value, place, key } = &self.written;
        entry.refuse(place, format!("`{key}` = `{value}`: {message}"), hint);
    }
}

/// Whether a kind is one of elements.
pub fn is_element(kind: &str) -> bool {
    KINDS.iter().any(|known| known.word == kind)
}

/// Everything in the file that has an id, and the sections that stand once.
fn entries(document: &DeTable) -> Vec<Found> {
    let mut found = Vec::new();
    for (key, value) in document {
        let kind = key.get_ref().to_string();
        if !is_element(&kind) && !SECTIONS.contains(&kind.as_str()) {
            continue;
        }
        match value.get_ref() {
            DeValue::Table(_) => {
                found.push(Found { id: kind.clone(), path: vec![Step::Key(kind.clone())], kind });
            }
            DeValue::Array(items) => {
                // Rows of the office's table have no id: their use stands for it.
                let name = if kind == "balance" { "use" } else { "id" };
                found.extend(items.iter().enumerate().filter_map(|(place, item)| {
                    let id = item.get_ref().get(name)?.get_ref().as_str()?.to_owned();
                    Some(Found { kind: kind.clone(), id, path: vec![Step::Key(kind.clone()), Step::Place(place)] })
                }));
            }
            _ => {}
        }
    }
    found
}

/// Paths in a table of what the rest of an address means, and what each part could have said, with how many parts stand behind it.
fn descend(table: &DeTable, rest: &[String], path: &[Step], paths: &mut Vec<Vec<Step>>, known: &mut Vec<(usize, String)>) {
    let Some((part, rest)) = rest.split_first() else {
        paths.push(path.to_vec());
        return;
    };
    let behind = rest.len();
    for (key, value) in table {
        let word = key.get_ref().as_ref();
        let at = |place: Option<usize>| {
            let mut at = path.to_vec();
            at.push(Step::Key(word.to_owned()));
            at.extend(place.map(Step::Place));
            at
        };
        // Parts with ids, such as outlets, are called by them.
        let tables = value.get_ref().as_array().into_iter().flat_map(|items| items.iter().enumerate());
        let tables: Vec<_> = tables.filter_map(|(place, item)| Some((place, item.get_ref().as_table()?))).collect();
        let mut called = false;
        for (place, item) in &tables {
            if let Some(id) = item.get("id").and_then(|id| id.get_ref().as_str()) {
                called = true;
                known.push((behind, id.to_owned()));
                if fits(part, id) {
                    descend(item, rest, &at(Some(*place)), paths, known);
                }
            }
        }
        if called {
            continue;
        }
        known.push((behind, word.to_owned()));
        if !fits(part, word) {
            continue;
        }
        if rest.is_empty() {
            paths.push(at(None));
        } else if let DeValue::Table(inner) = value.get_ref() {
            descend(inner, rest, &at(None), paths, known);
        } else {
            for (place, item) in tables {
                descend(item, rest, &at(Some(place)), paths, known);
            }
        }
    }
}

/// Whether a word fits a part of an address, in which `*` stands for any run of letters.
pub fn fits(pattern: &str, word: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else { return pattern == word };
    let Some(rest) = word.strip_prefix(before) else { return false };
    let mut ends = rest.char_indices().map(|(at, _)| at).chain(std::iter::once(rest.len()));
    ends.any(|at| fits(after, &rest[at..]))
}

/// The pattern of known ids nearest to one that fits none: `*_works` for `*_wrks`, `upper_*` for `uper_*`.
fn near_pattern(pattern: &str, ids: &[&str]) -> Option<String> {
    let of = |id: &&str| {
        if pattern.starts_with('*') {
            id.rfind('_').map(|at| format!("*{}", &id[at..]))
        } else if pattern.ends_with('*') {
            id.find('_').map(|at| format!("{}*", &id[..=at]))
        } else {
            None
        }
    };
    let patterns: Vec<String> = ids.iter().filter_map(of).collect();
    nearest(pattern, patterns.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`?"))
}

fn unique(mut words: Vec<&str>) -> Vec<&str> {
    words.sort_unstable();
    words.dedup();
    words
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_star_stands_for_any_run_of_letters() {
        assert!(fits("*_works", "ruian_works") && fits("*", "") && fits("a*c*e", "abcde") && fits("瑞*", "瑞安水厂"));
        assert!(!fits("*_works", "ruian_irrigation") && !fits("ruian", "ruian_works") && !fits("a*c", "abcd"));
    }
}
