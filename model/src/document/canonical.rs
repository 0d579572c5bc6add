//! Canonical JSON: keys sorted by their bytes, no blanks, numbers in their shortest form that reads back the same, UTF-8.
//!
//! Numbers that are not finite do not exist in JSON; they are written as `null`, which a field that needs a number refuses
//! when it is read, so that they cannot pass unseen.
//!
//! One pass: an object's entries are written as they come, and put in order where it ends.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::io;
use std::ops::Range;

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};
use sha2::{Digest as _, Sha256};

/// The canonical text of a value.
pub(super) fn text<T: Serialize>(value: &T) -> String {
    let out = RefCell::new(Vec::new());
    let sorting = Sorting { out: &out, entries: Vec::new(), open: Vec::new(), ordered: Vec::new(), number: None };
    // Only a map whose keys are no strings could fail, and the document has none.
    let _ = value.serialize(&mut Serializer::with_formatter(Out(&out), sorting));
    String::from_utf8(out.into_inner()).unwrap_or_default()
}

/// SHA-256 of the canonical text, as hexadecimal digits.
pub(super) fn digest<T: Serialize>(value: &T) -> String {
    let mut out = String::with_capacity(64);
    for byte in Sha256::digest(text(value).as_bytes()) {
        // Writing to a String does not fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// Where the text goes, which the formatter looks back at.
struct Out<'a>(&'a RefCell<Vec<u8>>);

impl io::Write for Out<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Puts the entries of each object in order.
struct Sorting<'a> {
    out: &'a RefCell<Vec<u8>>,
    /// Entries of all open objects.
    entries: Vec<Entry>,
    /// The first entry of each open object.
    open: Vec<usize>,
    /// Room for an object's text in order.
    ordered: Vec<u8>,
    /// The number before: many a value of a series is the same.
    number: Option<(u64, Vec<u8>)>,
}

/// Where an entry of an object stands in the text.
#[derive(Clone, Debug)]
struct Entry {
    key: Range<usize>,
    end: usize,
}

impl Entry {
    /// Its key's bytes; those that JSON escapes as they are meant.
    fn key<'a>(&self, text: &'a [u8]) -> std::borrow::Cow<'a, [u8]> {
        let quoted = &text[self.key.clone()];
        if quoted.contains(&b'\\') {
            return serde_json::from_slice::<String>(quoted).unwrap_or_default().into_bytes().into();
        }
        quoted[1..quoted.len() - 1].into()
    }
}

impl Formatter for Sorting<'_> {
    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        let bits = value.to_bits();
        match &self.number {
            Some((same, text)) if *same == bits => writer.write_all(text),
            _ => {
                let (_, mut text) = self.number.take().unwrap_or_default();
                text.clear();
                CompactFormatter.write_f64(&mut text, value)?;
                writer.write_all(&text)?;
                self.number = Some((bits, text));
                Ok(())
            }
        }
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open.push(self.entries.len());
        writer.write_all(b"{")
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if !first {
            writer.write_all(b",")?;
        }
        let start = self.out.borrow().len();
        self.entries.push(Entry { key: start..start, end: start });
        Ok(())
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if let Some(entry) = self.entries.last_mut() {
            entry.key.end = self.out.borrow().len();
        }
        writer.write_all(b":")
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        if let Some(entry) = self.entries.last_mut() {
            entry.end = self.out.borrow().len();
        }
        Ok(())
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        let first = self.open.pop().unwrap_or_default();
        let mut text = self.out.borrow_mut();
        let own = &mut self.entries[first..];
        if let (Some(start), false) = (own.first().map(|entry| entry.key.start), own.is_sorted_by_key(|e| e.key(&text))) {
            own.sort_by(|a, b| a.key(&text).cmp(&b.key(&text)));
            self.ordered.clear();
            for entry in own {
                if !self.ordered.is_empty() {
                    self.ordered.push(b',');
                }
                self.ordered.extend_from_slice(&text[entry.key.start..entry.end]);
            }
            text[start..].copy_from_slice(&self.ordered);
        }
        drop(text);
        self.entries.truncate(first);
        writer.write_all(b"}")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Serialize;

    use super::text;

    #[derive(Serialize)]
    struct Row {
        zones: Vec<Option<f64>>,
        by_name: BTreeMap<&'static str, [u8; 2]>,
        end: Option<Box<Row>>,
        none: f64,
    }

    #[test]
    fn keys_stand_in_the_order_of_their_bytes() {
        let row = |end| Row {
            zones: vec![Some(0.1), Some(0.1), None, Some(1e20), Some(-0.0), Some(0.0)],
            by_name: BTreeMap::from([("a\"b", [1, 2]), ("aB", [3, 4]), ("库", [5, 6])]),
            end,
            none: f64::NAN,
        };
        let own = r#"null,"none":null,"zones":[0.1,0.1,null,1e+20,-0.0,0.0]}"#;
        let one = format!(r#"{{"by_name":{{"a\"b":[1,2],"aB":[3,4],"库":[5,6]}},"end":{own}"#);
        assert_eq!(text(&row(None)), one);
        let (before, after) = one.split_once("null").unwrap_or_default();
        assert_eq!(text(&row(Some(Box::new(row(None))))), format!("{before}{one}{after}"));
    }
}
