//! The cascade with rules of what is open or shut, within a limit in time:
//! `cargo run --release -p weir-benches --example on_off -- RESERVOIRS DAYS SECONDS [units|basin|rich [LEAST]]`. Tells each stage with its bound
//! and gap, and each run of the engine on standard error.
//!
//! Gates and spillways (of 200 m³/s) pass nothing or at least 25 m³/s, which the engine solves at its root. With `units`, turbines are
//! three equal units that run at half their capacity at least, for four days once started and stand for three once stopped, and so are
//! spillways, in one unit: that is what branching is needed for. `rich` is the rich cascade, whose turbines pass nothing or LEAST of
//! what they can (0.05 unless said), gap 1e-3; `basin` is the same of 0.05 from its basin file, with closing chain and all.

use weir_benches::traced::Traced;
use weir_benches::{clock, job, rich};
use weir_model::audit::audit;
use weir_model::forcing::Param;
use weir_model::goals::Integers;
use weir_model::network::Role;
use weir_model::on_off::{Commitment, Units};
use weir_solver::engine::Options;
use weir_solver::integers;
use weir_solver::methods::Live;
use weir_solver::solve::{SolveOptions, solve};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let numbers: Vec<usize> = args.iter().take(3).map(|a| a.parse().expect("a number")).collect();
    let [reservoirs, days, seconds] = numbers[..] else { panic!("RESERVOIRS DAYS SECONDS [units|basin|rich [LEAST]]") };
    let word = args.get(3).map_or("", String::as_str);
    if word == "rich" {
        let least = args.get(4).map_or(0.05, |least| least.parse().expect("a part"));
        return rich_on_off(reservoirs, days, seconds as f64, least);
    }
    let (units, basin) = (word == "units", word == "basin");
    let folder =
        if basin { job::on_off(reservoirs, days) } else { job::cascade(reservoirs, days) }.expect("a basin on disk");
    let (mut case, mut goals) = job::lowered(&job::read(&folder));
    let capacities: Vec<f64> = case.network.arcs.iter().map(|arc| case.at(&arc.capacity, 0, 0)).collect();
    for (arc, capacity) in case.network.arcs.iter_mut().zip(capacities) {
        let times = Commitment { min_up_h: 96.0, min_down_h: 72.0, ..Commitment::default() };
        match arc.role {
            Role::Turbine if units => {
                arc.minimum_when_open = Some(Param::constant(capacity / 6.0));
                arc.commitment = Some(Box::new(Commitment { units: Units(3), ..times }));
            }
            Role::Gate | Role::Spillway if !basin => {
                if arc.role == Role::Spillway {
                    arc.capacity = Param::constant(200.0);
                }
                arc.minimum_when_open = Some(Param::constant(25.0));
                arc.commitment = Some(Box::new(if units { times } else { Commitment::default() }));
            }
            _ => {}
        }
    }
    goals.integers = Some(Integers { gap: if units || basin { 1e-3 } else { 1e-4 }, time_limit_s: Some(seconds as f64) });
    let before = clock::cpu_seconds().unwrap_or(f64::NAN);
    let plan =
        solve(&case, &goals, &SolveOptions { engine: Some(&Traced), ..SolveOptions::default() }).expect("a plan").plan;
    let spent = clock::cpu_seconds().unwrap_or(f64::NAN) - before;
    println!(
        "{reservoirs}x{days}, {seconds} s allowed: {spent:.1} CPU s, audit passed: {}",
        audit(&case, &goals, &plan).passed()
    );
    for note in &plan.notes {
        println!("note: {note}");
    }
    for stage in &plan.stages {
        let gap = stage.bound.map_or(f64::NAN, |bound| (stage.value - bound).abs() / stage.value.abs().max(1.0));
        println!(
            "{:<12} {:>14.6} bound {:>14.6?} gap {gap:.2e} {}",
            stage.objective, stage.value, stage.bound, stage.outcome
        );
    }
    // A folder that cannot be removed is the temporary files' own business.
    let _ = std::fs::remove_dir_all(folder);
}

/// The rich cascade, by its program.
fn rich_on_off(reservoirs: usize, days: usize, seconds: f64, least: f64) {
    let (instance, steps) = rich::on_off(reservoirs, days, least);
    let before = clock::cpu_seconds().unwrap_or(f64::NAN);
    let options = Options { gap: 1e-3, ..Options::default() };
    let live = Live::open(&Traced, instance.program.clone(), &options).expect("opened");
    let whole = integers::solve(live, &instance.stages, &steps, &Traced, (&options, Some(seconds))).expect("a plan");
    println!(
        "rich {reservoirs}x{days}, {seconds} s allowed: {:.1} CPU s",
        clock::cpu_seconds().unwrap_or(f64::NAN) - before
    );
    for (number, answer) in whole.answers.iter().enumerate() {
        println!("{} {:>14.6} {:?}, {} iterations", number + 1, answer.value, answer.outcome, answer.iterations);
    }
    for note in &whole.notes {
        println!("note: {note}");
    }
}
