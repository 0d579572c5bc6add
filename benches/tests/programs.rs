//! Every program that measures runs, on the smallest that it takes, and tells what it is for.

#![allow(clippy::unwrap_used, reason = "a test ends where it must")]

use std::path::PathBuf;
use std::process::Command;

use weir_benches::{cascade, reference, rich};
use weir_solver::engine::Algorithm;

/// What a program that cargo has built beside the tests tells.
fn told(name: &str, arguments: &[&str]) -> String {
    let folder: PathBuf = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join("examples");
    let output = Command::new(folder.join(name)).args(arguments).output();
    let output = output.unwrap_or_else(|why| panic!("{name}, which `cargo test` builds unless it is given `--test`: {why}"));
    assert!(output.status.success(), "{name} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn each_way_of_measure_tells_its_seconds_and_the_same_values() {
    for family in ["cascade", "rich"] {
        let values = |way: &str| {
            let told = told("measure", &[family, "3", "30", way]);
            assert!(told.contains("cpu "), "{told}");
            let (_, values) = told.split_once(": [").unwrap_or_else(|| panic!("{told}"));
            values.split_once(']').unwrap().0.replace("-0.000000", "0.000000")
        };
        let reference = values("reference");
        for way in ["reference-ipm", "faces", "certified", "known"] {
            assert_eq!(values(way), reference, "{family} {way}");
        }
        for way in ["hot", "hot-faces", "hot-rows", "hot-rows-first"] {
            let told = told("measure", &[family, "3", "30", way]);
            let asked =
                ["from nothing: ", "one inflow x 0.8", "all inflow x 0.9: ", "all inflow x 1.1: ", "all inflow x 1.3: "];
            assert!(asked.iter().all(|asked| told.contains(asked)), "{told}");
        }
        let told = told("measure", &[family, "3", "30", "hot", "1", "ramps=0.1,daily", "0.5,2"]);
        let asked = ["from nothing: ", "one inflow x 0.8", "all inflow x 0.5: ", "all inflow x 2: "];
        assert!(asked.iter().all(|asked| told.contains(asked)) && !told.contains("x 0.9"), "{told}");
    }
}

#[test]
fn job_tells_every_phase_as_a_ratio() {
    for arguments in [&["3", "30", "1"][..], &["rich", "3", "30", "1"]] {
        let told = told("job", arguments);
        let phases =
            ["reference, simplex", "goals by weights", "next morning, hot", "what-if, all inflow x 0.9", "document", "page"];
        for phase in phases {
            assert!(told.lines().any(|line| line.starts_with(phase) && line.contains(" x reference")), "{phase}: {told}");
        }
        assert_eq!(told.matches(" x its own reference, the first asking ").count(), 4, "{told}");
    }
}

#[test]
fn the_other_programs_end_well() {
    let runs: [(&str, &[&str], &str); 7] = [
        ("chains", &["3", "30", "1", "1"], "next morning, hot"),
        ("ensemble", &["3", "30", "4", "1"], "4 members within 15 %, 1 threads, 0 failed"),
        ("instructions", &["3", "30"], "row_bounds: 90"),
        ("on_off", &["3", "10", "5"], "audit passed: true"),
        ("on_off", &["3", "10", "5", "basin"], "audit passed: true"),
        ("rules", &[], "50 reservoirs, 100 demands"),
        ("writing", &["3", "30", "1"], "series as CSV, wide"),
    ];
    for (name, arguments, word) in runs {
        let told = told(name, arguments);
        assert!(told.contains(word), "{name}: {told}");
    }
}

#[test]
fn the_engine_alone_finds_the_first_goal_of_a_bare_matrix() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bare.mps");
    let of_rich = rich::instance(3, 30, 0.5);
    let mut drier = cascade::generate(3, 30);
    drier.inflow.iter_mut().for_each(|flow| *flow *= 0.5);
    for (family, instance) in [("rich", of_rich), ("cascade", cascade::program(&drier, "drier"))] {
        told("bare", &[family, "3", "30", file.to_str().unwrap(), "0.5"]);
        let value = reference::faces(&instance, Algorithm::Automatic).unwrap()[0];
        let told = told("raw", &[file.to_str().unwrap(), "1"]);
        assert_eq!(told.matches(&format!("{value:.6}")).count(), 2, "{value}: {told}");
    }
}

#[test]
fn growth_is_drawn_of_the_rows_that_are_told() {
    let folder = tempfile::tempdir().unwrap();
    for family in [&[][..], &["rich"]] {
        let [rows, picture] = ["rows.csv", "picture.svg"].map(|name| folder.path().join(name));
        let row = |way, days| told("scaling", &[family, &[way, "3", days]].concat());
        let all = ["reference", "goals", "plan", "session"].map(|way| ["15", "30"].map(|days| row(way, days)));
        std::fs::write(&rows, all.concat().concat()).unwrap();
        told("scaling", &["draw", rows.to_str().unwrap(), picture.to_str().unwrap()]);
        assert!(std::fs::read_to_string(&picture).unwrap().ends_with("</svg>\n"));
    }
}
