//! What if: overlays of changes on a basin, and the plans that they lead to.
//!
//! One way: overlay files → [`Overlay`](overlay::Overlay) → the basin's tables as they are read → everything that any basin goes
//! through: refusals with places, lowering, digests, plan, audit, verification. Nothing behind the reader knows of overlays.
//! Grammar: docs/scenarios.md.

pub mod address;
pub mod backtest;
pub mod changes;
pub mod days;
pub mod ensemble;
pub mod member;
pub mod overlay;
pub mod pareto;
pub mod parquet;
pub mod questions;
pub mod results;
pub mod shard;
mod sharing;
pub mod study;
pub mod sweep;
pub mod tree;
pub mod what_if;
