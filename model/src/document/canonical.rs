//! Canonical JSON: keys sorted by their bytes, no blanks, numbers in their shortest form that reads back the same, UTF-8.
//!
//! Numbers that are not finite do not exist in JSON; they are written as `null`, which a field that needs a number refuses
//! when it is read, so that they cannot pass unseen.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// The canonical text of a value.
pub(super) fn text<T: Serialize>(value: &T) -> String {
    let mut out = String::new();
    // Only a map whose keys are no strings could fail, and the document has none.
    write(&mut out, &serde_json::to_value(value).unwrap_or_default());
    out
}

/// SHA-256 of the canonical text, as hexadecimal digits.
pub(super) fn digest<T: Serialize>(value: &T) -> String {
    let mut out = String::with_capacity(64);
    for byte in Sha256::digest(text(value).as_bytes()) {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// The order of an object's keys depends on how serde_json was built, so they are sorted here.
fn write(out: &mut String, value: &Value) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write(out, item);
            }
            out.push(']');
        }
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|&(key, _)| key);
            out.push('{');
            for (i, (key, item)) in entries.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                let _ = write!(out, "{}:", Value::String(key.clone()));
                write(out, item);
            }
            out.push('}');
        }
        other => {
            let _ = write!(out, "{other}");
        }
    }
}
