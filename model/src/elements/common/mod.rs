//! What several kinds of elements share.

pub mod delivery;
pub mod store;
pub mod way;
