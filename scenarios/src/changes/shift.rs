//! `shift`: something is added to each number at an address, `by` so much of the key's own unit; in a period, if it is a number in
//! time.

use crate::changes::{Change, numbers};

pub const CHANGE: Change =
    Change { word: "shift", fields: &["by"], apply: |entry, document| numbers(entry, document, "shift", "shift") };
