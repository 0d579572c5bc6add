//! What several kinds of elements share.

pub mod commitment;
pub mod delivery;
pub mod flood_event;
pub mod moment;
pub mod rating;
pub mod store;
pub mod trade;
pub mod way;
