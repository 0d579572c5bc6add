//! The unit and the container file say of the command what is so.
#![cfg(all(feature = "scheduler", target_os = "linux"))]
#![allow(clippy::unwrap_used, reason = "a test ends where it must")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

mod skipped;

const WEIR: &str = env!("CARGO_BIN_EXE_weir");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// The value of a key of the unit.
fn of_unit(key: &str) -> String {
    let unit = read("deploy/weir.service");
    unit.lines().find_map(|line| line.strip_prefix(&format!("{key}="))).unwrap_or_else(|| panic!("{key}")).to_owned()
}

/// An office with one job.
fn office() -> tempfile::TempDir {
    let office = tempfile::tempdir().unwrap();
    std::fs::create_dir(office.path().join("towns")).unwrap();
    std::fs::copy(root().join("tests/cases/two_towns_one_drought/basin.toml"), office.path().join("towns/basin.toml"))
        .unwrap();
    std::fs::write(office.path().join("jobs.toml"), "[[job]]\nid = \"daily\"\nbasin = \"towns\"\ncron = \"0 6 * * *\"\n")
        .unwrap();
    office
}

#[test]
fn the_units_command_starts_and_stops_as_the_unit_expects() {
    let office = office();
    let line = of_unit("ExecStart")
        .replace("/usr/local/bin/weir", WEIR)
        .replace("/var/lib/weir/office", office.path().to_str().unwrap())
        .replace("$WEIR_OPTIONS", "--listen 127.0.0.1:0");
    let words: Vec<&str> = line.split_whitespace().collect();
    let log = std::fs::File::create(office.path().join("log")).unwrap();
    let mut service = Command::new(words[0]).args(&words[1..]).stderr(Stdio::from(log)).spawn().unwrap();
    let begun = Instant::now();
    let listens = || std::fs::read_to_string(office.path().join("log")).unwrap().contains("listening on");
    while !listens() {
        assert!(begun.elapsed() < Duration::from_secs(60) && service.try_wait().unwrap().is_none(), "it does not start");
        std::thread::yield_now();
    }
    let signal = of_unit("KillSignal");
    assert!(
        Command::new("kill")
            .args(["-s", signal.trim_start_matches("SIG"), &service.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(service.wait().unwrap().code(), Some(0));
    // Longer than an answer of the API, and than a delivery and the one after it, may take.
    assert!(of_unit("TimeoutStopSec").parse::<u64>().unwrap() > 100);
}

#[test]
fn systemd_finds_no_fault_with_the_unit() {
    let folder = tempfile::tempdir().unwrap();
    let unit = folder.path().join("weir.service");
    std::fs::write(&unit, read("deploy/weir.service").replace("/usr/local/bin/weir", WEIR)).unwrap();
    let Ok(verified) = Command::new("systemd-analyze").arg("verify").arg("--man=no").arg(&unit).output() else {
        assert!(std::env::var("CI").is_err(), "systemd-analyze is not installed");
        skipped::skipped("systemd-analyze is not installed (Debian: systemd)");
        return;
    };
    let said = String::from_utf8_lossy(&verified.stderr);
    assert!(verified.status.success() && !said.contains("weir.service"), "{said}");
    let looked =
        Command::new("systemd-analyze").args(["security", "--offline=true", "--threshold=20"]).arg(&unit).output().unwrap();
    assert!(looked.status.success(), "{}", String::from_utf8_lossy(&looked.stdout));
}

#[test]
fn the_container_is_built_by_the_commands_that_build_weir() {
    let file = read("deploy/Containerfile");
    let demo = read("scripts/demo");
    let stage = file.split("\nFROM ").nth(1).unwrap();
    let commands: Vec<&str> =
        stage.lines().filter_map(|line| line.strip_prefix("RUN ")).flat_map(|line| line.split(" && ")).collect();
    assert_eq!(commands.len(), 4, "{commands:?}");
    for command in commands.iter().filter(|command| !command.starts_with("strip ")) {
        assert!(demo.contains(&command.replace(" --locked", "")), "scripts/demo does not run `{command}`");
    }
    // The libraries that the second stage has: those of libc6 and libgcc-s1, which are there, and libstdc++6.
    let there = [
        "linux-vdso",
        "ld-linux",
        "libc.so",
        "libm.so",
        "libgcc_s.so",
        "libstdc++.so",
        "libpthread.so",
        "libdl.so",
        "librt.so",
    ];
    let linked = Command::new("ldd").arg(WEIR).output().unwrap();
    for library in String::from_utf8_lossy(&linked.stdout).lines() {
        assert!(there.iter().any(|known| library.contains(known)), "the container has no {library}");
    }
    let arguments: Vec<String> = file
        .lines()
        .find_map(|line| line.strip_prefix("CMD "))
        .map(|list| list.trim_matches(['[', ']']).split(", ").map(|word| word.trim_matches('"').to_owned()).collect())
        .unwrap();
    // It listens to all, so it refuses an office without a token: that much of the command is run here.
    let office = office();
    let arguments: Vec<String> =
        arguments.iter().map(|word| word.replace("/office", office.path().to_str().unwrap())).collect();
    let refused = Command::new(WEIR).args(&arguments).output().unwrap();
    assert!(String::from_utf8_lossy(&refused.stderr).contains("the office has no token that holds"), "{refused:?}");
}
