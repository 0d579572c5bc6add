//! Waterworks 水厂: a town's delivery, shared among residents, public users and industry.
//!
//! Lowers to a demand with a portion for each class and tier and, where it names `from`, an arc `ID.intake`.
//! Units: m³/s. See `common::delivery`.

use crate::elements::Kind;
use crate::elements::common::delivery::Delivery;

pub const KIND: Kind =
    Kind { word: "waterworks", regional: true, node: true, read: |entry, head| Box::new(Delivery::read(entry, head, None)) };
