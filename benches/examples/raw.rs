//! HiGHS alone on a program that `weir solve DIR --dump FILE.mps` wrote: `cargo run --release -p weir-benches --example raw -- FILE.mps [RUNS]`.
//! Tells, by simplex and by interior point with crossover, each from nothing on one thread, the median of the
//! runs (5 unless given) in CPU seconds and the value of the first goal, which the file has as its objective.
#![allow(unsafe_code, reason = "HiGHS reads the file itself, by its own interface")]

use std::ffi::{CStr, CString};

use highs_sys as sys;
use weir_benches::clock;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let file = CString::new(args.first().expect("FILE.mps [RUNS]").as_str()).expect("a path");
    let runs = args.get(1).map_or(5, |runs| runs.parse().expect("a number of runs"));
    for (way, solver) in [("simplex", c"simplex"), ("interior point with crossover", c"ipm")] {
        let mut found: Vec<(f64, f64)> = (0..runs).map(|_| solved(&file, solver)).collect();
        found.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (seconds, value) = found[found.len() / 2];
        println!("{way:<30} {seconds:>8.3} CPU s, value {value:.6}");
    }
}

/// Processor seconds and value of a solve from nothing.
///
/// # Panics
/// If HiGHS cannot read the file or finds no optimum.
fn solved(file: &CStr, solver: &CStr) -> (f64, f64) {
    // SAFETY: the instance is made here, asked by its own interface with texts that end in 0, and destroyed here.
    unsafe {
        let highs = sys::Highs_create();
        let option = |code: i32| assert_eq!(code, sys::STATUS_OK, "an option");
        option(sys::Highs_setBoolOptionValue(highs, c"output_flag".as_ptr(), 0));
        option(sys::Highs_setIntOptionValue(highs, c"threads".as_ptr(), 1));
        option(sys::Highs_setStringOptionValue(highs, c"solver".as_ptr(), solver.as_ptr()));
        assert_eq!(
            sys::Highs_readModel(highs, file.as_ptr()),
            sys::STATUS_OK,
            "HiGHS cannot read {}",
            file.to_string_lossy()
        );
        let seconds = clock::spent(|| assert_eq!(sys::Highs_run(highs), sys::STATUS_OK, "a run"));
        assert_eq!(sys::Highs_getModelStatus(highs), sys::MODEL_STATUS_OPTIMAL, "no optimum");
        let value = sys::Highs_getObjectiveValue(highs);
        sys::Highs_destroy(highs);
        (seconds, value)
    }
}
