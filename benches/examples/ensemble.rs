//! Members of an ensemble a second, with the memory that it takes, on a cascade with all inflow scaled:
//! `cargo run --release -p weir-benches --example ensemble -- RESERVOIRS DAYS MEMBERS THREADS [WITHIN_PERCENT]`.
//!
//! Reads the basin's files once, lays each member over them, answers it on a live session, audits it and takes what the bands need. A *cold* is
//! the goals of the basin as it is, solved from nothing without the closing chain, in the same run. Inflow is spread evenly within ±15 % unless said.

use std::fmt::Write as _;
use std::time::Instant;

use weir_benches::{clock, job};
use weir_scenarios::ensemble::{Ensemble, plans};
use weir_scenarios::member::{Asked, Member};
use weir_solver::session::answered;
use weir_solver::solve::{Extent, SolveOptions, solve};

/// Colds of which the median counts.
const COLDS: usize = 5;

fn main() {
    let args: Vec<f64> = std::env::args().skip(1).map(|a| a.parse().expect("a number")).collect();
    let [reservoirs, days, members, threads] = args[..4] else { panic!("RESERVOIRS DAYS MEMBERS THREADS [WITHIN_PERCENT]") };
    let within = args.get(4).copied().unwrap_or(15.0) / 100.0;
    let members = members as usize;
    rayon::ThreadPoolBuilder::new().num_threads(threads as usize).build_global().expect("threads");
    let folder = job::cascade(reservoirs as usize, days as usize).expect("a cascade on disk");
    let basin = Asked::new(&folder, None);
    let (case, goals) = Member::base().question(&basin).unwrap_or_else(|refusals| panic!("{refusals}"));
    let seconds = || clock::cpu_seconds().unwrap_or(f64::NAN);
    let mut colds: Vec<f64> = (0..COLDS)
        .map(|_| {
            let before = seconds();
            let options = SolveOptions { extent: Extent::Goals, ..SolveOptions::default() };
            solve(&case, &answered(&goals), &options).expect("a plan");
            seconds() - before
        })
        .collect();
    colds.sort_by(f64::total_cmp);
    let cold = colds[COLDS / 2];
    let mut factors = String::new();
    for number in 0..members {
        let share = if members > 1 { number as f64 / (members - 1) as f64 } else { 0.5 };
        let _ = write!(factors, "{:.6}, ", 1.0 - within + 2.0 * within * share);
    }
    let file = folder.join("ensemble.toml");
    std::fs::write(&file, format!("[scaled]\nby = [{factors}]\n")).expect("a file");
    let ensemble = Ensemble::read(&file, &basin).unwrap_or_else(|refusals| panic!("{refusals}"));
    let (wall, before, memory) = (Instant::now(), seconds(), clock::peak_memory_mb().unwrap_or(f64::NAN));
    let made = plans::make(&ensemble, &Asked::new(&folder, None).from_its_goals(), None).expect("an ensemble");
    let (wall, cpu) = (wall.elapsed().as_secs_f64(), seconds() - before);
    let failed = made.document.content.members.iter().filter(|member| member.failed.is_some()).count();
    println!(
        "cascade {reservoirs}x{days}, {members} members within {:.0} %, {threads} threads, {failed} failed",
        within * 100.0
    );
    println!("cold, goals only            {cold:.4} CPU s");
    println!("all members                 {cpu:.2} CPU s = {:.1} colds, {wall:.2} s", cpu / cold);
    println!("members a second            {:.1} (of CPU {:.1})", members as f64 / wall, members as f64 / cpu);
    println!("peak memory                 {:.0} MB, {memory:.0} MB before", clock::peak_memory_mb().unwrap_or(f64::NAN));
}
