//! Fronts explored point by point, by hand and on Feiyun; each point is a plan that can be had.

#![cfg(feature = "scenarios")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use approx::assert_relative_eq;
use serde_json::Value;
use weir_model::document::PlanDocument;
use weir_model::goals::Objective;
use weir_model::lower::lower;
use weir_model::measures::measure;
use weir_scenarios::overlay::{self, Overlay};
use weir_solver::audited::audited;
use weir_solver::solve::SolveOptions;
use weir_solver::verify::verify;

fn weir(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_weir")).args(arguments).output().unwrap()
}

fn text_of(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The basin of `tests/overlays`, its goals to serve and to keep water whose worth bends at 21 hm³: 0.3 yuan each m³ below, 0.05 above.
fn bent(folder: &Path) -> PathBuf {
    let basin = fs::read_to_string("tests/overlays/basin.toml").unwrap();
    let cuts =
        "cuts = [{ constant_million = 0, per_m3 = { lake = 0.3 } }, { constant_million = 5.25, per_m3 = { lake = 0.05 } }]";
    let basin = basin
        .replace("cuts = [{ constant_million = 0, per_m3 = { lake = 0.1 } }]", cuts)
        .replace("stages = [\"domestic\", \"supply\"]", "stages = [\"supply\", \"keep\"]");
    assert!(basin.contains("5.25") && basin.contains("\"keep\"]"));
    let dir = folder.join("basin");
    fs::create_dir(&dir).unwrap();
    fs::write(dir.join("basin.toml"), basin).unwrap();
    dir
}

fn explored(dir: &Path, out: &Path, more: &[&str]) -> Value {
    let arguments = [&["pareto", text_of(dir), "--out", text_of(out), "--format", "json"], more].concat();
    let said = weir(&arguments);
    assert_eq!(said.status.code(), Some(0), "{said:?}");
    serde_json::from_slice(&said.stdout).unwrap()
}

/// The audited and verified plan of a point, and what its decisions make of some goals.
fn plan(dir: &Path, overlay: &Path, goals: &[&str]) -> (PlanDocument, Vec<f64>) {
    let basin =
        overlay::read(dir, Some(&Overlay::read(overlay).unwrap()), &[]).unwrap_or_else(|refusals| panic!("{refusals}"));
    let (case, of) = lower(&basin, None).unwrap();
    let document = audited(&case, &of, &SolveOptions::default()).unwrap_or_else(|why| panic!("{why}")).document;
    assert_eq!(verify(&document, &case, &of), Vec::<String>::new());
    let decisions = document.content.decisions_on(&case);
    let value = |id: &&str| {
        let objective: &Objective = of.objectives.iter().find(|objective| objective.id == **id).unwrap();
        measure(&objective.kind).unwrap().value(&case, objective, &decisions)
    };
    let values = goals.iter().map(value).collect();
    (document, values)
}

/// Of 6 m³/s for ten days, 5.184 hm³, all can be kept; 19.136 hm³ are left where all are served.
#[test]
fn a_front_by_hand_bends_where_water_is_worth_less() {
    let folder = tempfile::tempdir().unwrap();
    let (dir, out) = (bent(folder.path()), folder.path().join("front"));
    let front = explored(&dir, &out, &["--goals", "supply,keep"]);
    let points = front["points"].as_array().unwrap();
    assert_eq!(points.len(), 11);
    for (number, point) in points.iter().enumerate() {
        let given = 0.5184 * number as f64;
        let stored = 19.136 + given;
        let worth = (0.3 * stored).min(5.25 + 0.05 * stored);
        assert_relative_eq!(point["values"][0].as_f64().unwrap(), given, epsilon = 1e-6);
        assert_relative_eq!(point["values"][1].as_f64().unwrap(), worth, epsilon = 1e-6);
    }
    // Shares (0.4, 0.21): nearest to (0, 0), and farthest below the line between the ends.
    assert_eq!((&front["knee"], &front["compromise"]), (&Value::from("04"), &Value::from("04")));
    // A point becomes a plan by its overlay.
    let (document, values) = plan(&dir, &out.join("points/04.toml"), &["supply", "keep"]);
    assert_relative_eq!(values[0], 2.0736, epsilon = 1e-6);
    assert_relative_eq!(values[1], 5.25 + 0.05 * 21.2096, epsilon = 1e-6);
    assert_eq!(document.content.case.scenario.unwrap().id, "04");
    // Asked again, nothing is solved, and the bytes are the same.
    let csv = fs::read(out.join("pareto.csv")).unwrap();
    let again = weir(&["pareto", text_of(&dir), "--out", text_of(&out), "--goals", "supply,keep"]);
    assert!(String::from_utf8_lossy(&again.stderr).contains("其中11个已有结果"), "{again:?}");
    assert_eq!(fs::read(out.join("pareto.csv")).unwrap(), csv);
}

#[test]
fn what_no_front_can_be_between_is_refused() {
    for (goals, said) in [
        ("supply,domesti", "`domesti` is no stage of the basin\n  hint: did you mean `domestic`?"),
        ("supply", "a front is between two goals or more"),
        ("supply,supply", "`supply` stands twice"),
    ] {
        let to = ["--out", "target/pareto-refused", "--language", "en"];
        let refused = weir(&[&["pareto", "tests/overlays", "--goals", goals][..], &to].concat());
        let why = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(refused.status.code() == Some(1) && why.contains(said), "{why}");
    }
    let front = weir(&["pareto", "tests/cases/front_between_town_and_field", "--goals", "town,field"]);
    assert!(String::from_utf8_lossy(&front.stderr).contains("没有把目标排出先后"), "{front:?}");
}

/// Water kept for spring against the balance of uses: along the front one gets worse as the other gets better. Permits and production do not
/// conflict, which is said.
#[test]
fn the_front_of_feiyun() {
    let (folder, dir) = (tempfile::tempdir().unwrap(), Path::new("examples/feiyun"));
    let front = explored(dir, folder.path(), &["--goals", "reserve,balance", "--intervals", "6"]);
    let values: Vec<[f64; 2]> = front["points"]
        .as_array()
        .unwrap()
        .iter()
        .map(|point| [0, 1].map(|goal| point["values"][goal].as_f64().unwrap()))
        .collect();
    assert!(values.len() >= 5, "{values:?}");
    assert!(values.windows(2).all(|pair| pair[0][0] < pair[1][0] && pair[0][1] < pair[1][1]), "{values:?}");
    let compromise = front["compromise"].as_str().unwrap();
    let place = front["points"].as_array().unwrap().iter().position(|point| point["id"] == compromise).unwrap();
    let (_, found) = plan(dir, &folder.path().join(format!("points/{compromise}.toml")), &["reserve", "balance"]);
    for (found, told) in found.iter().zip(values[place]) {
        assert_relative_eq!(*found, told, epsilon = 1e-4, max_relative = 1e-5);
    }
    let page = fs::read_to_string(folder.path().join("pareto.html")).unwrap();
    assert!(page.contains("compromise") && page.contains("折中") && page.contains("<polyline"));
    let other = folder.path().join("other");
    let goals = ["--goals", "permits,production", "--intervals", "2", "--language", "en"];
    let at_peace = weir(&[&["pareto", text_of(dir), "--out", text_of(&other)], &goals[..]].concat());
    assert!(String::from_utf8_lossy(&at_peace.stdout).contains("do not conflict"), "{at_peace:?}");
}
