//! What several kinds of elements share.

pub mod delivery;
pub mod rating;
pub mod store;
pub mod way;
