//! The office's engine killed at random instants: nothing is lost, nothing doubled.
//!
//! A short campaign; `WEIR_KILLS=500 cargo test --release --test crashes` makes it long.
#![cfg(all(feature = "scheduler", unix))]
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A job a second, none passed over, over a basin that takes some milliseconds.
const JOBS: &str = r#"
[[publisher]]
id = "folder"
kind = "directory"
path = "published"

[[job]]
id = "often"
basin = "towns"
cron = "* * * * * *"
lateness = "all"
approval = "automatic"
publish = ["folder"]
"#;

fn weir(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_weir"));
    command.args(arguments).stderr(Stdio::null());
    command
}

fn said(arguments: &[&str]) -> String {
    let output = weir(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

/// Instants that look random and are the same every time.
fn instants() -> impl Iterator<Item = Duration> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        Duration::from_millis(20 + state % 1500)
    })
}

fn started(office: &Path) -> Child {
    let office = office.display().to_string();
    weir(&["serve", &office, "--every", "1", "--lease", "2", "--listen", "none"]).spawn().unwrap()
}

#[test]
fn killed_at_any_instant_every_due_run_comes_to_one_end() {
    let kills: usize = std::env::var("WEIR_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(10);
    let folder = tempfile::tempdir().unwrap();
    let office = folder.path();
    std::fs::create_dir(office.join("towns")).unwrap();
    let basin = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/two_towns_one_drought/basin.toml");
    std::fs::copy(basin, office.join("towns/basin.toml")).unwrap();
    std::fs::write(office.join("jobs.toml"), JOBS).unwrap();
    let at = office.display().to_string();
    for instant in instants().take(kills) {
        let mut child = started(office);
        std::thread::sleep(instant);
        // `kill` sends SIGKILL: no handler runs.
        child.kill().unwrap();
        child.wait().unwrap();
    }
    // What the last one left is taken over once its lease has ended.
    std::thread::sleep(Duration::from_millis(2100));
    for _ in 0..3 {
        said(&["serve", &at, "--once", "--lease", "2"]);
    }
    let runs = said(&["runs", "--office", &at, "list", "--most", "100000"]);
    let runs: Vec<Vec<&str>> = runs.lines().map(|line| line.split('\t').collect()).collect();
    // The runs that the last look at the clock made may still be due; all before are published.
    let published: Vec<&Vec<&str>> = runs.iter().filter(|run| run[1] == "published").collect();
    let others: Vec<&str> = runs.iter().map(|run| run[1]).filter(|state| *state != "published").collect();
    assert_eq!(others, Vec::<&str>::new(), "{runs:?}");
    assert!(published.len() >= kills / 4, "{} runs of {kills} kills", published.len());
    let times: BTreeSet<&str> = runs.iter().map(|run| run[0]).collect();
    assert_eq!(times.len(), runs.len(), "a time is one run");
    let plans: BTreeSet<&str> = published.iter().map(|run| run[2]).collect();
    assert_eq!(plans.len(), published.len(), "a run is one plan");
    let all = said(&["plans", "--office", &at, "list", "--most", "100000"]);
    assert_eq!(all.lines().count(), published.len(), "no plan without its run");
    let in_force = said(&["plans", "--office", &at, "list", "--status", "in_force"]);
    assert_eq!(in_force.lines().count(), 1, "{in_force}");
    let seconds: Vec<i64> =
        times.iter().map(|id| id.split_once('@').unwrap().1.parse::<jiff::Timestamp>().unwrap().as_second()).collect();
    assert!(seconds.windows(2).all(|pair| pair[1] == pair[0] + 1), "no second is missing: {seconds:?}");
    // The receiver has every revision, and ends with the one in force.
    let latest = std::fs::read_to_string(office.join("published/towns/日/latest.json")).unwrap();
    let latest: serde_json::Value = serde_json::from_str(&latest).unwrap();
    assert!(in_force.starts_with(latest["plan"].as_str().unwrap()), "{latest} {in_force}");
    for revision in 1..=published.len() {
        assert!(office.join(format!("published/towns/日/{revision}/plan.json")).exists(), "revision {revision}");
    }
    assert_eq!(said(&["plans", "--office", &at, "dead"]), "");
}
