//! Processor milliseconds of what a plan takes beyond its solve: read, lower, formulate, audit, certificate, document and each of
//! the files: `cargo run --release -p weir-benches --example writing -- RESERVOIRS DAYS [RUNS]`. Medians of the runs (9 unless given).

use std::hint::black_box;

use weir_benches::{clock, job};
use weir_solver::formulation::formulated;
use weir_solver::layout::Open;

fn main() {
    let args: Vec<usize> = std::env::args().skip(1).map(|a| a.parse().expect("a number")).collect();
    let [reservoirs, days] = args[..2] else { panic!("RESERVOIRS DAYS [RUNS]") };
    let runs = args.get(2).copied().unwrap_or(9);
    let folder = job::cascade(reservoirs, days).expect("a cascade on disk");
    let basin = job::read(&folder);
    let (case, goals) = job::lowered(&basin);
    let solved = job::solved(&case, &goals);
    let answered = job::answered(&case, &goals);
    let audit = job::audited(&case, &goals, &solved);
    let document = job::document(&case, &goals, &solved.plan, &audit);
    let phases: [(&str, &dyn Fn()); 10] = [
        ("read", &|| drop(black_box(job::read(&folder)))),
        ("lower", &|| drop(black_box(job::lowered(&basin)))),
        ("formulate", &|| drop(black_box(formulated(&case, &goals, Open::Nothing).expect("a program")))),
        ("audit", &|| drop(black_box(job::audited(&case, &goals, &solved)))),
        ("certificate", &|| drop(black_box(job::certified(&case, &goals, &answered, &solved)))),
        ("document", &|| drop(black_box(job::document(&case, &goals, &solved.plan, &audit)))),
        ("document as JSON", &|| drop(black_box(document.to_json()))),
        ("series as CSV, long", &|| drop(black_box(document.csv_long()))),
        ("series as CSV, wide", &|| drop(black_box(document.csv_wide()))),
        ("page", &|| drop(black_box(weir_report::html(&document)))),
    ];
    let mut all = 0.0;
    for (name, work) in phases {
        let mut seconds: Vec<f64> = (0..runs).map(|_| clock::spent(work)).collect();
        seconds.sort_by(f64::total_cmp);
        let median = seconds[seconds.len() / 2];
        all += median;
        println!("{name:<20} {:>8.2} ms", 1e3 * median);
    }
    println!("{:<20} {:>8.2} ms", "all", 1e3 * all);
    // A folder that cannot be removed is the temporary files' own business.
    let _ = std::fs::remove_dir_all(folder);
}
