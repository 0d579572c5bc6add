//! Orders 调度令: what an office sets at its works, and what becomes of each order.
//!
//! One way: [`settings`] of `jobs.toml` → [`draft`] of a plan (dead band, rounding, the plan solved again with what is set) →
//! [`sheet`], each order's states from drafted to reported.

pub mod draft;
pub mod settings;
pub mod sheet;
