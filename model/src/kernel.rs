//! Routing of water in time: lag, fractional lag, Muskingum and unequal steps as one thing.
//!
//! A kernel says, for each departure step, in which steps the water arrives: non-negative weights whose sum, with what
//! arrives after the end, is 1. Mass closes by construction.

/// When water that leaves in a step arrives.
#[derive(Clone, Debug, PartialEq)]
pub enum Kernel {
    /// In the step in which it leaves.
    Instant,
    /// As a table over the horizon's steps.
    Table(std::sync::Arc<KernelTable>),
}

/// A kernel over the horizon.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KernelTable {
    /// For each departure step, the arrival steps with their weights, rising in step.
    pub arrivals: Vec<Vec<(usize, f64)>>,
    /// For each departure step, the share that arrives after the horizon's end.
    pub after_end: Vec<f64>,
    /// Volume that left before the start and arrives in each step, hm³, as a share-1 receiver would get it.
    pub from_before_hm3: Vec<f64>,
    /// Volume that left before the start and arrives after the end, hm³.
    pub from_before_after_end_hm3: f64,
}
