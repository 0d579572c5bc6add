//! Inputs gathered from files, end to end: what the plan shows of what was dropped this morning, and of what was not.

use serde_json::Value;
use weir_scheduler::ledger::State;

use crate::made::{DAILY, LAKE, Made};

/// The lake with a brook of 5 m³/s.
pub const BROOK: &str = r#"
[[inflow]]
id = "brook"
into = "lake"
flow_m3s = 5
"#;

/// An office whose daily job gathers the inputs of a text.
pub async fn office(inputs: &str, names: &str) -> Made {
    let made = Made::new(&format!("{DAILY}inputs = [{names}]\nretries = 0\n{inputs}")).await;
    std::fs::write(made.path().join("lake/basin.toml"), format!("{LAKE}{BROOK}")).unwrap();
    std::fs::create_dir(made.path().join("inbox")).unwrap();
    made
}

/// Drops a file.
pub fn drop_file(made: &Made, name: &str, text: &str) {
    std::fs::write(made.path().join("inbox").join(name), text).unwrap();
}

/// The content of the plan of a revision.
pub fn plan(made: &Made, revision: usize) -> Value {
    made.json(&format!("published/lake/日/{revision}/plan.json"))["content"].clone()
}

/// The values of a series of a plan.
pub fn series(plan: &Value, address: &str) -> Vec<f64> {
    let rows = plan["series"].as_array().unwrap();
    let row = rows.iter().find(|row| row["address"] == address).unwrap_or_else(|| {
        let known: Vec<&str> = rows.iter().filter_map(|row| row["address"].as_str()).collect();
        panic!("{address}: {known:?}")
    });
    let digits = |value: f64| (value * 1e9).round() / 1e9;
    row["values"].as_array().unwrap().iter().map(|value| digits(value.as_f64().unwrap())).collect()
}

/// Why a plan is degraded.
pub fn degraded(plan: &Value) -> Vec<String> {
    plan["case"]["degraded"].as_array().unwrap().iter().map(|reason| reason.as_str().unwrap().to_owned()).collect()
}

pub const LEVEL: &str = r#"
[[input]]
id = "level"
kind = "csv"
file = "inbox/level.csv"
column = "水位"
unit = "cm"
to = "lake.initial_level_m"
fresh_h = 12
fall_back = ["last", "basin"]
"#;

pub const FORECAST: &str = r#"
[[input]]
id = "forecast"
kind = "csv"
file = "inbox/forecast-*.csv"
column = "brook"
to = "brook.flow_m3s"
covers_h = 24
range = [0, 500]
fall_back = ["yesterday", "basin"]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn todays_files_make_todays_plan() {
    let made = office(&format!("{LEVEL}{FORECAST}"), "\"level\", \"forecast\"").await;
    // At 00:00, between 12.0 m at 20:00 and 12.6 m at 02:00: 12.4 m.
    drop_file(&made, "level.csv", "时间,水位\n2026-05-31 20:00,1200\n2026-06-01 02:00,1260\n2026-06-02 02:00,1990\n");
    // Half of the second day is forecast: (12·8 + 12·5) ÷ 24 = 6.5, and the third is the basin's.
    drop_file(&made, "forecast-20260530.csv", "time,brook\n2026-06-01,1\n2026-06-02,1\n2026-06-03,1\n");
    drop_file(&made, "forecast-20260601.csv", "time,brook\n2026-06-01,7\n2026-06-01 12:00,9\n2026-06-02 00:00,8\n");
    made.beat_at("2026-06-01 06:00").await;
    assert_eq!(made.states().await, [State::Published], "{:?}", made.runs().await);
    let plan = plan(&made, 1);
    assert_eq!(series(&plan, "brook.inflow"), [8.0, 6.5, 5.0]);
    assert_eq!(plan["inputs"]["start"][0]["level_m"].as_f64(), Some(12.4));
    assert_eq!(degraded(&plan), [""; 0]);
    assert_eq!(plan["case"]["basis_time"].as_str(), Some("2026-06-01T02:00:00+08:00"));
    let gathered = plan["inputs"]["gathered"].as_array().unwrap();
    assert_eq!(gathered[1]["source"].as_str(), Some("inbox/forecast-20260601.csv:brook"));
    assert_eq!(
        (gathered[0]["address"].as_str(), gathered[0]["last"].as_str()),
        (Some("lake.initial_level_m"), Some("2026-06-01T02:00:00+08:00"))
    );
    assert_eq!(gathered[0]["digest"].as_str().map(str::len), Some(64));
    let notes = plan["case"]["notes"].to_string();
    assert!(notes.contains("leaves open 2026-06-02 12:00 to 2026-06-04 00:00"), "{notes}");
    let rows = plan["inputs"]["series"].as_array().unwrap();
    assert_eq!(rows[0]["origin"].as_str(), Some("input forecast"), "{rows:?}");
    let stored = made.store.plan("lake-日-1").await.unwrap().unwrap();
    assert!(!stored.degraded);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_or_missing_input_has_its_fall_back_and_degrades_the_plan() {
    let made = office(&format!("{LEVEL}{FORECAST}"), "\"level\", \"forecast\"").await;
    drop_file(&made, "level.csv", "时间,水位\n2026-06-01 05:00,1200\n");
    drop_file(&made, "forecast-1.csv", "time,brook\n2026-06-01,7\n2026-06-02,8\n2026-06-03,9\n");
    made.beat_at("2026-06-01 06:00").await;
    // The next day both files are gone: the level as last read, the forecast of yesterday, whose third day is the second now.
    std::fs::remove_dir_all(made.path().join("inbox")).unwrap();
    made.beat_at("2026-06-02 06:00").await;
    let second = plan(&made, 2);
    assert_eq!(series(&second, "brook.inflow"), [8.0, 9.0, 5.0]);
    assert_eq!(second["inputs"]["start"][0]["level_m"].as_f64(), Some(12.0));
    let told = degraded(&second);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[0].contains("Input `level`: missing: `inbox/level.csv` cannot be read")
            && told[0].contains("in its place: last"),
        "{told:?}"
    );
    assert!(told[1].contains("there is no file") || told[1].contains("cannot be read"), "{told:?}");
    assert!(told[1].contains("in its place: yesterday"), "{told:?}");
    assert_eq!(second["inputs"]["gathered"][1]["substituted_by"].as_str(), Some("yesterday"));
    assert_eq!(second["inputs"]["series"][0]["substituted_by"].as_str(), Some("yesterday"));
    assert!(made.store.plan("lake-日-2").await.unwrap().unwrap().degraded);
    // On the fourth day yesterday's forecast is used up, and the basin's own flow stands.
    std::fs::create_dir(made.path().join("inbox")).unwrap();
    drop_file(&made, "level.csv", "时间,水位\n2026-06-03 05:00,1100\n");
    made.beat_at("2026-06-04 06:00").await;
    let third = plan(&made, 3);
    assert_eq!(series(&third, "brook.inflow"), [5.0, 5.0, 5.0]);
    let told = degraded(&third);
    assert!(
        told[0].contains("late: its newest reading is of 2026-06-03T05:00:00+08:00, 25.0 h old, the limit is 12 h"),
        "{told:?}"
    );
    assert_eq!(third["inputs"]["start"][0]["level_m"].as_f64(), Some(11.0));
    assert!(told[1].contains("`yesterday` has nothing to give; in its place: basin"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_fall_back_the_run_fails_and_says_why() {
    let strict = LEVEL.replace("fall_back = [\"last\", \"basin\"]", "");
    let made = office(&strict, "\"level\"").await;
    drop_file(&made, "level.csv", "时间,水位\n2026-06-01 05:00,4000\nnever,1000\n");
    made.beat_at("2026-06-01 06:00").await;
    assert_eq!(made.states().await, [State::Failed]);
    let reason = made.runs().await[0].reason.clone();
    for part in [
        "input `level`: missing: no reading up to now",
        "outside the range 0 to 20, left out: 40 at",
        "`never` is no time",
        "no fall-back",
    ] {
        assert!(reason.contains(part), "{part}: {reason}");
    }
    assert!(made.path().join("published/failed.json").is_file());
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_files_are_told_and_never_break_the_run() {
    let made = office(&format!("{LEVEL}{FORECAST}"), "\"level\", \"forecast\"").await;
    let good = "time,brook\n2026-05-31,1\n2026-06-01,7\n2026-06-02,8\n2026-06-03,9\n";
    let huge = "x".repeat(100);
    for (day, (level, told)) in [
        ("", "has no header row"),
        ("时间,水位\n", "no reading up to now"),
        ("时间,水位\n2026-06-0", "a row of 1 cells"),
        ("时间,水位\n2026-06-01 01:00,NaN\n2026-06-01 02:00,inf\n", "no number of a basin's size"),
        ("时间,水位\n2026-06-01 01:00,-5\n", "outside the range"),
        ("时间,stage\n2026-06-01 01:00,5\n", "no column `水位`"),
        ("时间;水位\n2026-06-01 01:00;5\n", "is one column"),
        (huge.as_str(), "no column"),
    ]
    .into_iter()
    .enumerate()
    {
        drop_file(&made, "level.csv", level);
        drop_file(&made, "forecast-1.csv", good);
        made.beat_at(&format!("2026-06-{:02} 06:00", day + 1)).await;
        let plan = plan(&made, day + 1);
        assert!(degraded(&plan)[0].contains(told), "{told}: {:?}", degraded(&plan));
        assert_eq!(plan["inputs"]["start"][0]["level_m"].as_f64(), Some(10.0), "the basin's own");
    }
    std::fs::write(made.path().join("inbox/level.csv"), [0xff, 0xfe, 0x00]).unwrap();
    made.beat_at("2026-06-20 06:00").await;
    assert!(degraded(&plan(&made, 9))[0].contains("is not UTF-8 text"));
    // In no order, one time twice: sorted, the later counts, and the plan says so.
    drop_file(&made, "level.csv", "时间,水位\n2026-06-21 05:00,1300\n2026-06-20 23:00,1200\n2026-06-20 23:00,1000\n");
    made.beat_at("2026-06-21 06:00").await;
    let last = plan(&made, 10);
    // At 00:00 between 10 m at 23:00 and 13 m at 05:00.
    assert_eq!(last["inputs"]["start"][0]["level_m"].as_f64(), Some(10.5));
    assert!(
        degraded(&last)[0].contains("12 and 10, of which the later counts") || degraded(&last)[0].contains("1200 and 1000"),
        "{:?}",
        degraded(&last)
    );
    assert!(last["inputs"]["gathered"][0]["notes"].to_string().contains("not in the order of time"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_the_basin_has_not_is_refused_with_its_line() {
    let wrong = LEVEL.replace("lake.initial_level_m", "lake.inital_level_m").replace("unit = \"cm\"\n", "");
    let made = office(&wrong, "\"level\"").await;
    drop_file(&made, "level.csv", "时间,水位\n2026-06-01 00:00,5\n2026-06-02,5\n");
    made.beat_at("2026-06-01 06:00").await;
    let reason = made.runs().await[0].reason.clone();
    assert!(reason.contains("jobs.toml:") && reason.contains("did you mean `lake.initial_level_m`?"), "{reason}");
}

#[test]
fn all_faults_of_inputs_are_told_at_once() {
    let text = format!(
        "{DAILY}inputs = [\"levl\"]\n{}\n[[input]]\nid = \"odd\"\nkind = \"csvv\"\nto = \"lake\"\nrange = [3, 1]\nfall_back = \"climatology\"\n",
        LEVEL.replace("\"cm\"", "\"m3/s\"").replace("fresh_h", "fresh_hours")
    );
    let said = weir_scheduler::job::Office::parse(&text, &|_| true).unwrap_err().to_string();
    for part in [
        "unknown input `levl`",
        "m3/s is not of the kind of `to`, m",
        "unknown field `input.fresh_hours`",
        "unknown word `csvv`",
        "`lake` is no element and key",
        "two numbers that rise",
        "`climatology` needs the values",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}
