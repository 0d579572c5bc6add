//! Runs that a new forecast or a level off plan starts, between the times of the clock.

use weir_scheduler::job::Office;
use weir_scheduler::ledger::State;

use crate::gathering::{FORECAST, LEVEL, drop_file, office, plan, series};
use crate::made::DAILY;

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
