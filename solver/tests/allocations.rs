//! A run by the rules allocates nothing from step to step. The only test of its process: whatever allocates is counted.

#![allow(clippy::unwrap_used, reason = "a test ends where it must")]

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use weir_benches::job;
use weir_solver::rules::Simulator;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

#[test]
fn more_steps_allocate_no_more_often() {
    let folder = job::cascade(10, 365).unwrap();
    let (case, goals) = job::lowered(&job::read(&folder));
    std::fs::remove_dir_all(folder).unwrap();
    let simulator = Simulator::new(&case, &goals);
    let allocated = |steps: usize| {
        let region = Region::new(ALLOCATOR);
        let decisions = simulator.run_first(steps);
        let change = region.change();
        assert!(decisions.storage_hm3.iter().all(|stored| stored.is_finite()));
        change.allocations + change.reallocations
    };
    let [few, many] = [10, 365].map(allocated);
    assert!(few > 0 && many == few, "{few} in ten steps, {many} in 365");
}
