//! `scale`: each number at an address is multiplied, `by` a factor; in a period, if it is a number in time.

use crate::changes::{Change, numbers};

pub const CHANGE: Change =
    Change { word: "scale", fields: &["by"], apply: |entry, document| numbers(entry, document, "scale", "scale") };
