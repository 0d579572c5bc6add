//! Pump 泵站: a diversion that needs energy for each m³. See `diversion`.

use crate::elements::{Kind, diversion};
use crate::network::Role;

pub const KIND: Kind =
    Kind { word: "pump", regional: false, node: false, read: |entry, head| diversion::read(entry, head, Role::Pump) };
