//! Solving the reference instances from nothing: the reference against each of weir's methods.
//!
//! `cargo bench -p weir-benches --bench solve`; one pass of each with `-- --test`, on the smallest sizes. Processor seconds
//! and peak memory of one solve: `cargo run --release -p weir-benches --example measure -- cascade 10 365 certified`.
//!
//! Medians of five, processor seconds, one thread of two quiet cores (docs/performance.md; one run where it says so):
//!
//! | | reference | faces | certified, nothing known |
//! |---|---|---|---|
//! | cascade 10x365 | 0.31 | 0.27 | 0.08 |
//! | rich 10x365 | 0.86 | 0.75 (one run) | 0.22 |
//! | cascade 50x365 | 2.46 | 2.02 | 0.68 |
//! | rich 50x365 | 39.3 (interior point, three runs) | | 1.49 |
//!
//! What was tried and lost stands there too.

use criterion::{Criterion, criterion_group, criterion_main};
use weir_benches::{Instance, cascade, reference, rich};
use weir_solver::engine::{Algorithm, Options, highs::Highs};
use weir_solver::methods::{self, Live, Order};

/// Only told to pass through once, the benches take small instances.
fn passing() -> bool {
    std::env::args().any(|argument| argument == "--test")
}

fn instances() -> Vec<Instance> {
    if passing() {
        return vec![cascade::instance(3, 30), rich::instance(3, 30, 1.0)];
    }
    vec![cascade::instance(10, 365), rich::instance(10, 365, 1.0), cascade::instance(50, 365)]
}

fn solve(criterion: &mut Criterion) {
    for instance in instances() {
        let mut group = criterion.benchmark_group(&instance.name);
        group.sample_size(10);
        group.bench_function("reference", |bencher| {
            bencher.iter(|| reference::faces(&instance, Algorithm::Automatic).expect("a reference that solves"));
        });
        for word in ["faces", "certified"] {
            let method = methods::method(word).expect("a method");
            group.bench_function(word, |bencher| {
                bencher.iter(|| {
                    let mut live = Live::open(&Highs, instance.program.clone(), &Options::default()).expect("a session");
                    let order = Order { goals: &instance.stages, ..Order::default() };
                    methods::solve(&mut live, method, &order).expect("an instance that solves")
                });
            });
        }
        group.finish();
    }
}

criterion_group!(benches, solve);
criterion_main!(benches);
