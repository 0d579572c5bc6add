//! Pages of the guide, as written: every block of commands of docs/operate.md, in order, in one shell; and what docs/infeasible.md says
//! that its commands print.
#![cfg(all(feature = "scheduler", unix))]
#![allow(clippy::unwrap_used, reason = "a test ends where it must")]

use std::path::Path;
use std::process::Command;

mod skipped;

/// The commands of a page's `console` blocks: what follows `$ `, with the lines that belong to it.
fn commands(page: &str) -> String {
    let mut script = String::new();
    for block in page.split("```console\n").skip(1) {
        for line in block.split("```").next().unwrap().lines() {
            script.push_str(line.strip_prefix("$ ").unwrap_or(line));
            script.push('\n');
        }
    }
    script
}

#[test]
fn the_guide_works_as_written() {
    if Command::new("curl").arg("--version").output().is_err() {
        assert!(std::env::var("CI").is_err(), "curl is not installed");
        skipped::skipped("curl is not installed (Debian: curl)");
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/operate.md")).unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    // Only the port is another: 8080 may be taken where tests run.
    let script = commands(&page)
        .replace("weir serve office &", &format!("weir serve office --listen {free} &"))
        .replace("localhost:8080", &free.to_string());
    assert!(script.lines().filter(|line| line.starts_with("weir ")).count() >= 15, "{script}");
    let folder = tempfile::tempdir().unwrap();
    let bin = Path::new(env!("CARGO_BIN_EXE_weir")).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let ran = Command::new("bash")
        .args(["-c", &format!("set -euxmo pipefail\n{script}\nwait")])
        .current_dir(folder.path())
        .env("PATH", path)
        .env_remove("WEIR_TOKEN")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{said}\n{}", String::from_utf8_lossy(&ran.stderr));
    for part in ["feiyun-日-1\tdraft", "\"statement\":\"有效方案\"", "1\tplans in_force", "feiyun-日-1\tin_force"] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

/// What stands in the first block of a page in a language.
fn block<'a>(page: &'a str, language: &str) -> &'a str {
    page.split(&format!("```{language}\n")).nth(1).unwrap().split("```").next().unwrap()
}

#[test]
fn a_morning_without_a_plan_is_told_as_written() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/infeasible.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("low.toml"), block(&page, "toml")).unwrap();
    let mut printed = String::new();
    for command in block(&page, "console").lines().filter_map(|line| line.strip_prefix("$ weir ")) {
        let weir =
            Command::new(env!("CARGO_BIN_EXE_weir")).args(command.split(' ')).current_dir(folder.path()).output().unwrap();
        printed += &format!("$ weir {command}\n");
        for said in [weir.stdout, weir.stderr] {
            printed += &String::from_utf8(said).unwrap();
        }
    }
    assert_eq!(printed, block(&page, "console"));
}
