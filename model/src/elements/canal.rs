//! Canal 渠道: a diversion by gravity. See `diversion`.

use crate::elements::{Kind, diversion};
use crate::network::Role;

pub const KIND: Kind =
    Kind { word: "canal", regional: false, node: false, read: |entry, head| diversion::read(entry, head, Role::Diversion) };
