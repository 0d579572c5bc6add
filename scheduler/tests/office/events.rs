//! Runs that a new forecast or a level off plan starts, between the times of the clock.

use weir_model::setting::Setting;
use weir_scheduler::job::Office;
use weir_scheduler::ledger::State;

use crate::gathering::{FORECAST, LEVEL, drop_file, office, plan, series};
use crate::made::{DAILY, LAKE, Made, at};

/// Flow at a section, as a gauge writes it.
const GAUGE: &str = r#"
[[input]]
id = "gauge"
kind = "csv"
file = "inbox/gauge.csv"
column = "流量"
unit = "m3/s"
observes = "mouth"
"#;

/// The lake with a gate, a section below it, and a rule curve whose lower zone declares a drought response.
fn river() -> String {
    let outlet =
        "  [[reservoir.outlet]]\n  id = \"gate\"\n  kind = \"gate\"\n  to = \"sea\"\n  capacity_m3s = 40\n\n[[demand]]";
    let zones = "zones = [{ name = \"枯\", top_level_m = 5, response = \"Ⅲ\" }, { name = \"常\", top_level_m = 20 }]\ninitial_level_m";
    let section = "\n[[control_section]]\nid = \"mouth\"\nkind = \"section\"\non = \"lake.outflow\"\ntarget_m3s = 10\n\
                   grades = { blue = 1.2, orange = 1.0, red = 0.8 }\n[[sink]]\nid = \"sea\"\n";
    LAKE.replacen("[[demand]]", outlet, 1).replacen("initial_level_m", zones, 1) + section
}

/// An office over that lake whose daily job is started by events, looked for every minute.
async fn river_office(on: &str, debounce_s: u32, inputs: &str) -> Made {
    Made::with(&format!("{DAILY}on = [{on}]\ndebounce_s = {debounce_s}\n{inputs}"), |folder| {
        std::fs::write(folder.join("lake/basin.toml"), river()).unwrap();
        std::fs::create_dir(folder.join("inbox")).unwrap();
    })
    .await
}

/// The events of all runs that one started.
async fn events(made: &Made) -> Vec<String> {
    made.runs().await.into_iter().map(|run| run.event).filter(|event| !event.is_empty()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_forecast_starts_a_run_once_it_has_settled() {
    let made = office(FORECAST, "\"forecast\"]\non = [\"forecast:forecast\"").await;
    drop_file(&made, "forecast-1.csv", "time,brook\n2026-06-01,7\n2026-06-02,8\n");
    made.beat_at("2026-06-01 06:00").await;
    assert_eq!(made.states().await, [State::Published], "what is found at first starts nothing");
    made.beat_at("2026-06-01 06:10").await;
    drop_file(&made, "forecast-2.csv", "time,brook\n2026-06-01,9\n2026-06-02,9\n");
    made.beat_at("2026-06-01 06:10:30").await;
    made.beat_at("2026-06-01 06:12").await;
    drop_file(&made, "forecast-2.csv", "time,brook\n2026-06-01,11\n2026-06-02,9\n");
    for minute in 13..=17 {
        made.beat_at(&format!("2026-06-01 06:{minute}")).await;
    }
    assert_eq!(made.states().await, [State::Published], "it has not stood for five minutes yet");
    made.beat_at("2026-06-01 06:18").await;
    made.beat_at("2026-06-01 06:30").await;
    let runs = made.runs().await;
    assert_eq!(made.states().await, [State::Published; 2], "one content is one run: {runs:?}");
    assert!(runs[1].event.starts_with("forecast:forecast:"), "{}", runs[1].event);
    assert_eq!(series(&plan(&made, 2), "brook.inflow"), [11.0, 9.0, 5.0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_level_off_plan_starts_one_run_a_plan() {
    let level = LEVEL.replace("fresh_h = 12", "off_plan = 0.5");
    let made = office(&level, "\"level\"]\ndebounce_s = 0\non = [\"off_plan:level\"").await;
    drop_file(&made, "level.csv", "时间,水位\n2026-06-01 00:00,1000\n");
    made.beat_at("2026-06-01 06:00").await;
    let first = plan(&made, 1);
    let rows = first["series"].as_array().unwrap();
    let planned = &rows.iter().find(|row| row["element"] == "lake" && row["quantity"] == "level").unwrap()["values"];
    // The plan's line at noon of the first day, and a reading 0.4 m from it, then 0.6.
    let noon = f64::midpoint(planned[0].as_f64().unwrap(), planned[1].as_f64().unwrap());
    let reading = |off: f64| format!("时间,水位\n2026-06-01 00:00,1000\n2026-06-01 12:00,{}\n", (noon + off) * 100.0);
    drop_file(&made, "level.csv", &reading(0.4));
    made.beat_at("2026-06-01 12:10").await;
    assert_eq!(made.states().await, [State::Published]);
    drop_file(&made, "level.csv", &reading(-0.6));
    made.beat_at("2026-06-01 12:20").await;
    assert_eq!(made.states().await, [State::Published; 2]);
    assert_eq!(made.runs().await[1].event, "off_plan:level:lake-日-1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_section_below_its_grade_starts_one_run_and_does_not_flap() {
    let made = river_office("\"below:mouth.orange\"", 300, GAUGE).await;
    let gauge = |time: &str, flow: f64| drop_file(&made, "gauge.csv", &format!("time,流量\n2026-06-01 {time},{flow}\n"));
    gauge("05:00", 15.0);
    made.beat_at("2026-06-01 06:00").await;
    // Above the grade's 10 m³/s; below it; a little above, which is not yet over; below again; and all of it once more.
    let story = [
        ("06:10", 10.1, 0),
        ("06:20", 9.9, 0),
        ("06:30", 9.9, 1),
        ("06:40", 10.1, 1),
        ("06:50", 9.5, 1),
        ("07:00", 9.0, 1),
        ("07:10", 10.3, 1),
        ("07:20", 9.9, 1),
        ("07:30", 9.9, 1),
        ("08:00", 12.0, 1),
        ("08:10", 12.0, 1),
        ("09:00", 7.0, 1),
        ("09:10", 7.0, 2),
        ("09:20", 6.0, 2),
    ];
    for (time, flow, runs) in story {
        gauge(time, flow);
        made.beat_at(&format!("2026-06-01 {time}")).await;
        assert_eq!(events(&made).await.len(), runs, "{time}");
    }
    let wanted = ["2026-05-31T22:20:00Z", "2026-06-01T01:00:00Z"].map(|since| format!("below:mouth.orange:below@{since}"));
    assert_eq!(events(&made).await, wanted);
    assert!(made.states().await.iter().all(|state| *state == State::Published), "{:?}", made.runs().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_response_starts_a_run_by_the_level_and_by_the_basin() {
    let level = LEVEL.replace("fresh_h = 12", "");
    let made = river_office("\"response:lake\", \"response\"", 0, &level).await;
    let observed = |time: &str, metres: f64| {
        drop_file(&made, "level.csv", &format!("时间,水位\n2026-06-01 {time},{}\n", metres * 100.0));
    };
    observed("05:00", 8.0);
    made.beat_at("2026-06-01 06:00").await;
    // The zone ends at 5 m: into it, a little out of it, well out of it.
    for (time, metres, runs) in [("07:00", 4.9, 1), ("08:00", 5.05, 1), ("09:00", 4.8, 1), ("10:00", 6.0, 2)] {
        observed(time, metres);
        made.beat_at(&format!("2026-06-01 {time}")).await;
        assert_eq!(events(&made).await.len(), runs, "{time}");
    }
    let declared = river().replacen("id = \"lake\"", "id = \"lake\"\nresponse_level = \"Ⅳ\"", 1);
    std::fs::write(made.path().join("lake/basin.toml"), declared).unwrap();
    made.beat_at("2026-06-01 11:00").await;
    made.beat_at("2026-06-01 12:00").await;
    let wanted = [
        "response:lake:Ⅲ@2026-05-31T23:00:00Z",
        "response:lake:none@2026-06-01T02:00:00Z",
        "response:Ⅳ@2026-06-01T03:00:00Z",
    ];
    assert_eq!(events(&made).await, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_closed_and_opened_starts_a_run_each_time() {
    let made = river_office("\"outage:lake\"", 0, "").await;
    made.beat_at("2026-06-01 06:00").await;
    let open = river();
    let closed =
        open.replacen("capacity_m3s = 40", "capacity_m3s = 40\n  closed = [{ from = 2026-06-02, to = 2026-06-03 }]", 1);
    let commented = closed.replacen("[basin]", "# 检修 of the gate\n[basin]", 1);
    for (place, basin) in [&closed, &commented, &open, &closed].into_iter().enumerate() {
        std::fs::write(made.path().join("lake/basin.toml"), basin).unwrap();
        made.beat_at(&format!("2026-06-01 {:02}:00", 7 + place)).await;
    }
    let events = events(&made).await;
    let since: Vec<&str> = events.iter().map(|event| event.rsplit_once('@').unwrap().1).collect();
    // A comment closes nothing; the same closing again is another outage.
    assert_eq!(since, ["2026-05-31T23:00:00Z", "2026-06-01T01:00:00Z", "2026-06-01T02:00:00Z"], "{events:?}");
    assert!(made.states().await.iter().all(|state| *state == State::Published), "{:?}", made.runs().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_arrives_or_is_ended_starts_a_run() {
    let made = river_office("\"command\"", 0, "").await;
    made.beat_at("2026-06-01 06:00").await;
    let held = |id: &str, basin: &str| {
        let command = Setting {
            id: id.to_owned(),
            issuer: "防指".to_owned(),
            number: format!("〔2026〕{id}号"),
            on: "lake.outflow".to_owned(),
            from: "2026-06-02".to_owned(),
            to: "2026-06-02".to_owned(),
            bounds: [("flow_m3s".to_owned(), 5.0)].into(),
            ..Setting::default()
        };
        let (store, basin) = (made.store.clone(), basin.to_owned());
        async move { store.add_command(&basin, &command, "li", "", at("2026-06-01 06:30")).await.unwrap() }
    };
    held("first", "lake").await;
    made.beat_at("2026-06-01 07:00").await;
    made.beat_at("2026-06-01 08:00").await;
    held("elsewhere", "pond").await;
    made.beat_at("2026-06-01 09:00").await;
    made.store.end_command("first", "li", "雨停", at("2026-06-01 09:30")).await.unwrap();
    made.beat_at("2026-06-01 10:00").await;
    let events = events(&made).await;
    let since: Vec<&str> = events.iter().map(|event| event.rsplit_once('@').unwrap().1).collect();
    assert_eq!(since, ["2026-05-31T23:00:00Z", "2026-06-01T02:00:00Z"], "{events:?}");
    assert!(made.states().await.iter().all(|state| *state == State::Published), "{:?}", made.runs().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_basin_does_not_have_is_refused() {
    let refused = |on: &str, inputs: &str| {
        let folder = tempfile::TempDir::new().unwrap();
        std::fs::create_dir(folder.path().join("lake")).unwrap();
        std::fs::write(folder.path().join("lake/basin.toml"), river()).unwrap();
        std::fs::write(folder.path().join("jobs.toml"), format!("{DAILY}on = [{on}]\n{inputs}")).unwrap();
        Office::read(folder.path()).map_or_else(|refusals| refusals.to_string(), |_| String::new())
    };
    assert_eq!(refused("\"below:mouth.orange\", \"below:mouth\", \"outage\", \"outage:lake\", \"response\"", GAUGE), "");
    let month = GAUGE.replace("\"mouth\"", "\"mouht\"");
    for (on, inputs, parts) in [
        ("\"below:mouth.ornage\"", GAUGE, ["`mouth` has no grade `ornage`", "did you mean `orange`?"]),
        ("\"below:mouht\"", &month, ["has no `mouht` among its control sections", "did you mean `mouth`?"]),
        ("\"below:mouth\"", "", ["no input observes the section `mouth`", "`observes = \"mouth\"`"]),
        ("\"below:mouth\"", &GAUGE.replace("\"m3/s\"", "\"m\""), ["the input is no flow", "`unit = \"m3/s\"`"]),
        ("\"command:lake\"", "", ["`command` is of no element", "`on = \"command\"`"]),
        ("\"outage:lakes\"", "", ["has no `lakes` among its elements", "did you mean `lake`?"]),
        ("\"response:lake\"", "", ["no input gives the level of `lake`", "lake.initial_level_m"]),
    ] {
        let said = refused(on, inputs);
        assert!(parts.iter().all(|part| said.contains(part)) && said.contains("jobs.toml:"), "{on}: {said}");
    }
}

#[test]
fn unknown_events_are_refused() {
    let text = format!("{DAILY}on = [\"forcast:level\", \"forecast:levl\", \"off_plan:level\", \"typhoon\"]\n{LEVEL}");
    let said = Office::parse(&text, &|_| true).unwrap_err().to_string();
    for part in [
        "unknown event `forcast`",
        "did you mean `forecast`?",
        "unknown input `levl`",
        "`level` has no `off_plan`",
        "unknown event `typhoon`",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let only = DAILY.replace("cron = \"0 6 * * *\"\n", "on = \"forecast:level\"\n");
    assert!(Office::parse(&format!("{only}{LEVEL}"), &|_| true).unwrap().jobs[0].timetable.is_none());
}
