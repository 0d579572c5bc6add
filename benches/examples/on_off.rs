//! The cascade with gates and spillways (of 200 m³/s) that pass nothing or at least 25 m³/s, within a limit in time:
//! `cargo run --release -p weir-benches --example on_off -- RESERVOIRS DAYS SECONDS`. Tells each stage with its bound and gap.

use weir_benches::{clock, job};
use weir_model::audit::audit;
use weir_model::forcing::Param;
use weir_model::goals::Integers;
use weir_model::network::Role;
use weir_solver::solve::{SolveOptions, solve};

fn main() {
    let args: Vec<usize> = std::env::args().skip(1).map(|a| a.parse().expect("a number")).collect();
    let [reservoirs, days, seconds] = args[..] else { panic!("RESERVOIRS DAYS SECONDS") };
    let folder = job::cascade(reservoirs, days).expect("a cascade on disk");
    let (mut case, mut goals) = job::lowered(&job::read(&folder));
    for arc in case.network.arcs.iter_mut().filter(|arc| matches!(arc.role, Role::Gate | Role::Spillway)) {
        if arc.role == Role::Spillway {
            arc.capacity = Param::constant(200.0);
        }
        arc.minimum_when_open = Some(Param::constant(25.0));
        arc.commitment = Some(Box::default());
    }
    goals.integers = Some(Integers { gap: 1e-4, time_limit_s: Some(seconds as f64) });
    let before = clock::cpu_seconds().unwrap_or(f64::NAN);
    let plan = solve(&case, &goals, &SolveOptions::default()).expect("a plan").plan;
    let spent = clock::cpu_seconds().unwrap_or(f64::NAN) - before;
    println!(
        "{reservoirs}x{days}, {seconds} s allowed: {spent:.1} CPU s, audit passed: {}",
        audit(&case, &goals, &plan).passed()
    );
    for stage in &plan.stages {
        let gap = stage.bound.map_or(f64::NAN, |bound| (stage.value - bound).abs() / stage.value.abs().max(1.0));
        println!(
            "{:<12} {:>14.6} bound {:>14.6?} gap {gap:.2e} {}",
            stage.objective, stage.value, stage.bound, stage.outcome
        );
    }
}
