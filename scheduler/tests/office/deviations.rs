//! 计划–实际–偏差–原因: what came of a month's plan by the time that a day's plan takes it up.

use weir_model::document::{Cause, Deviation};
use weir_scheduler::deviations::Followed;
use weir_scheduler::job::Office;

use crate::api::served::Served;
use crate::gathering::{BROOK, drop_file};
use crate::made::{DAILY, Made, at};
use crate::orders::gated;

const INPUTS: &str = r#"
[[input]]
id = "level"
kind = "csv"
file = "inbox/level.csv"
column = "level"
to = "lake.initial_level_m"
fresh_h = 12
fall_back = ["last"]

[[input]]
id = "brook"
kind = "csv"
file = "inbox/brook.csv"
column = "flow"
to = "brook.flow_m3s"
fall_back = ["basin"]

[[input]]
id = "gate"
kind = "csv"
file = "inbox/gate.csv"
column = "flow"
unit = "m3/s"
measures = "lake.outflow"

[[input]]
id = "meter"
kind = "csv"
file = "inbox/meter.csv"
column = "flow"
unit = "m3/s"
measures = "town.residents.supply"
"#;

/// A plan of the month at five on 1 June, plans of the day at six.
fn jobs() -> String {
    let daily = DAILY.replace("approval", "inputs = [\"level\", \"brook\", \"gate\", \"meter\"]\napproval");
    let monthly =
        "\n[[job]]\nid = \"monthly\"\nbasin = \"lake\"\nterm = \"月\"\ncron = \"0 5 1 * *\"\napproval = \"automatic\"\n";
    format!("{daily}{monthly}{INPUTS}")
}

fn basin() -> String {
    format!("{}{BROOK}", gated(17.0, ""))
}

/// What was: 3 m³/s in the brook for 5, 20 through the gate for 17, 1.2 to the town for 1; so the lake, planned to fall from 15 by
/// 13 · 0.0864 hm³ in a day, fell by 18.2 · 0.0864.
const STORED: f64 = 15.0 - 18.2 * 0.0864;

fn drop_readings(made: &Made) {
    std::fs::create_dir_all(made.path().join("inbox")).unwrap();
    let two = |value: f64| format!("time,flow\n2026-06-01,{value}\n2026-06-02,{value}\n");
    drop_file(made, "brook.csv", &two(3.0));
    drop_file(made, "gate.csv", &two(20.0));
    drop_file(made, "meter.csv", &two(1.2));
    drop_file(made, "level.csv", &format!("time,level\n2026-06-01,15\n2026-06-02,{STORED}\n"));
}

/// The cells of a sheet, a line a row, of what is not empty.
fn rows(book: &umya_spreadsheet::structs::Workbook, sheet: &str) -> Vec<String> {
    let sheet = book.sheet_by_name(sheet).unwrap();
    let mut rows: std::collections::BTreeMap<u32, Vec<(u32, String)>> = std::collections::BTreeMap::new();
    for cell in sheet.cells().iter().filter(|cell| !cell.value().is_empty()) {
        let at = cell.coordinate();
        rows.entry(at.row_num()).or_default().push((at.col_num(), cell.value().into_owned()));
    }
    let line = |mut row: Vec<(u32, String)>| {
        row.sort();
        row.into_iter().map(|(_, value)| value).collect::<Vec<_>>().join("|")
    };
    rows.into_values().map(line).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tables_of_a_day_set_yesterdays_flows_against_what_was_read() {
    let served = Served::new(&jobs()).await;
    std::fs::write(served.made.path().join("lake/basin.toml"), basin()).unwrap();
    drop_readings(&served.made);
    for time in ["2026-06-01 06:00", "2026-06-02 06:00"] {
        served.beat_at(time).await;
    }
    let answer = served.get("/api/v1/plans/lake-日-2/day.xlsx").await;
    let bytes = answer.bytes().await.unwrap();
    let book = umya_spreadsheet::reader::xlsx::read_reader(std::io::Cursor::new(bytes), true).unwrap();
    let told = rows(&book, "计划执行对照");
    for wanted in ["lake|出库流量|2026年6月1日24时|m³/s|17|20|3|", "lake|蓄水量|2026年6月1日24时|万m³|"] {
        assert!(told.iter().any(|row| row.starts_with(wanted)), "{wanted}: {told:?}");
    }
    // What is read in the office stays there.
    let shared = served.get("/api/v1/plans/lake-日-2/day.xlsx?audience=共享").await.bytes().await.unwrap();
    let book = umya_spreadsheet::reader::xlsx::read_reader(std::io::Cursor::new(shared), true).unwrap();
    assert!(rows(&book, "计划执行对照").iter().all(|row| !row.contains("出库流量")));
}

async fn first_two_days() -> Served {
    let served = Served::new(&jobs()).await;
    std::fs::write(served.made.path().join("lake/basin.toml"), basin()).unwrap();
    drop_readings(&served.made);
    for time in ["2026-06-01 05:00", "2026-06-02 06:00"] {
        served.beat_at(time).await;
    }
    served
}

async fn followed(made: &Made, plan: &str, time: &str) -> Followed {
    made.store.followed(&Office::read(made.path()).unwrap(), plan, at(time)).await.unwrap()
}

fn row<'a>(followed: &'a Followed, address: &str, quantity: &str) -> Vec<&'a Deviation> {
    let rows = followed.deviations.rows.iter();
    rows.filter(|row| row.address == address && row.quantity == quantity).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_days_plan_tells_what_came_of_the_months() {
    let served = first_two_days().await;
    assert_eq!(served.made.store.plan("lake-日-1").await.unwrap().unwrap().parent, "lake-月-1");
    let followed = followed(&served.made, "lake-日-1", "2026-06-02 07:00").await;
    assert_eq!(followed.plan, "lake-月-1");
    assert_eq!(followed.deviations.from.as_deref(), Some("2026-06-01T00:00:00+08:00"));
    assert_eq!(followed.deviations.to.as_deref(), Some("2026-06-02T00:00:00+08:00"));
    for (address, quantity, planned, actual, cause) in [
        ("brook.inflow", "flow", 5.0, 3.0, Some(Cause::Dry)),
        ("lake", "outflow", 17.0, 20.0, Some(Cause::ReleasedMore)),
        ("town.residents", "supply", 1.0, 1.2, Some(Cause::OverUse)),
        // Of 0.449 hm³ that are missing the gate accounts for 0.259.
        ("lake", "storage", 15.0 - 13.0 * 0.0864, STORED, Some(Cause::ReleasedMore)),
    ] {
        let found = row(&followed, address, quantity);
        assert_eq!(found.len(), 1, "{address}.{quantity}: {:?}", followed.deviations);
        let found = found[0];
        assert!((found.planned - planned).abs() < 1e-6 && (found.actual - actual).abs() < 1e-6, "{found:?}");
        assert!((found.deviation - (actual - planned)).abs() < 1e-6, "{found:?}");
        assert_eq!(found.cause, cause, "{found:?}");
    }
    assert!(followed.deviations.unknown.is_empty(), "{:?}", followed.deviations.unknown);
    let told = served.json("/api/v1/plans/lake-日-1/deviations").await;
    assert_eq!(told["plan"], "lake-月-1");
    assert!(told["deviations"]["rows"].to_string().contains("来水偏枯"), "{told}");
    let text =
        weir_report::follow::text(&followed.document, &followed.plan, &followed.deviations, weir_report::Language::Chinese);
    for part in ["lake-月-1 计划–实际–偏差–原因", "2026年6月1日24时", "工程下泄偏多", "取用水过多"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("实际未知") && !text.contains("hm3"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_known_is_named_and_what_was_not_measured_has_that_cause() {
    let served = Served::new(&jobs()).await;
    std::fs::write(served.made.path().join("lake/basin.toml"), basin()).unwrap();
    drop_readings(&served.made);
    for file in ["gate.csv", "meter.csv", "brook.csv"] {
        std::fs::remove_file(served.made.path().join("inbox").join(file)).unwrap();
    }
    drop_file(&served.made, "level.csv", "time,level\n2026-06-01,13\n");
    for time in ["2026-06-01 05:00", "2026-06-02 06:00"] {
        served.beat_at(time).await;
    }
    let followed = followed(&served.made, "lake-日-1", "2026-06-02 07:00").await;
    assert_eq!(followed.deviations.unknown, ["lake.outflow", "town.residents.supply", "brook.inflow.flow"]);
    let storage = row(&followed, "lake", "storage");
    assert_eq!((storage[0].actual, storage[0].cause), (13.0, Some(Cause::Measurement)), "{storage:?}");
    // Inputs that plans are merely followed by make no plan worse.
    let content = served.made.store.document("lake-日-1").await.unwrap().content;
    assert!(content.case.degraded.iter().all(|reason| !reason.contains("`gate`")), "{:?}", content.case.degraded);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_the_plan_did_not_know_is_a_cause() {
    let served = first_two_days().await;
    let command = "\n[[command]]\nid = \"order\"\nissuer = \"防指\"\nnumber = \"〔2026〕1号\"\nfrom = \"2026-06-02\"\nto = \"2026-06-03\"\n\
                   on = \"lake.outflow\"\nminimum_m3s = 25\n";
    std::fs::write(served.made.path().join("lake/basin.toml"), basin() + command).unwrap();
    // The day is planned again under the command.
    let office = Office::read(served.made.path()).unwrap();
    served.made.store.fire(office.job("daily").unwrap(), at("2026-06-02 08:00"), "command", "li").await.unwrap();
    served.beat_at("2026-06-02 08:00").await;
    drop_file(&served.made, "gate.csv", "time,flow\n2026-06-01,20\n2026-06-02,25\n2026-06-03,25\n");
    served.beat_at("2026-06-03 06:00").await;
    let followed = followed(&served.made, "lake-日-3", "2026-06-03 07:00").await;
    let outflow = row(&followed, "lake", "outflow");
    let causes: Vec<Option<Cause>> = outflow.iter().map(|row| row.cause).collect();
    assert_eq!(causes, [Some(Cause::ReleasedMore), Some(Cause::Command)], "{outflow:?}");
}
