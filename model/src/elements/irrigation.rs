//! Irrigation 灌区: a canal head's delivery to fields; its one class is `irrigation` unless shares say otherwise.
//!
//! Lowers to a demand with a portion for each class and tier and, where it names `from`, an arc `ID.intake`.
//! Units: m³/s. See `common::delivery`.

use crate::elements::Kind;
use crate::elements::common::delivery::Delivery;

pub const KIND: Kind = Kind {
    word: "irrigation",
    regional: true,
    node: true,
    read: |entry, head| Box::new(Delivery::read(entry, head, Some("irrigation"))),
};
