//! Orders 调度令: drafted with a plan by dead band and rounding, held by that plan, and followed from draft to report.

use serde_json::Value;
use weir_scheduler::orders::sheet::SheetState;
use weir_scheduler::store::StoreError;

use crate::made::{DAILY, LAKE, Made, at};

/// The lake with a gate to the sea, of which `floor` m³/s must always be let out and no more is wanted.
pub fn gated(floor: f64, head: &str) -> String {
    let gate = "initial_level_m = 15\nend = { level_m = 15 }\n  [[reservoir.outlet]]\n  id = \"gate\"\n  to = \"sea\"\n";
    let rest = format!(
        "\n[[sink]]\nid = \"sea\"\n\n[[operation]]\nid = \"duty\"\non = \"lake.outflow\"\nfloor_m3s = {floor}\nclass = \"legal\"\n\n\
         [[objective]]\nid = \"store\"\nkind = \"end_storage\"\n"
    );
    LAKE.replace("initial_level_m = 10\n", gate)
        .replace("id = \"lake\"\n\n[horizon]", &format!("id = \"lake\"\n{head}\n\n[horizon]"))
        .replace("stages = [\"shortage\"]", "stages = [\"shortage\", \"store\"]")
        .replace("\n[method]", &format!("{rest}\n[method]"))
}

pub const DRY: &str = "dry_year = { frequency_percent = 75, forecast_days = 1 }";

pub fn jobs() -> String {
    DAILY.replace("automatic\"", "signed\"\norders = [\"gate\"]")
        + "\n[[order]]\nid = \"gate\"\nname = \"水库出库\"\non = \"lake.outflow\"\nunit = \"水库管理站\"\nlead_h = 2\ncopies = [\"水利局\"]\n"
}

async fn office(basin: &str) -> Made {
    let made = Made::new(&jobs()).await;
    std::fs::write(made.path().join("lake/basin.toml"), basin).unwrap();
    made
}

/// Reviews and signs a plan.
pub async fn into_force(made: &Made, plan: &str, time: &str) {
    made.store.review(plan, "wang", "", at(time)).await.unwrap();
    made.store.sign(plan, "li", "", at(time)).await.unwrap();
}

pub fn flows(document: &Value) -> Vec<f64> {
    let series = document["content"]["series"].as_array().unwrap();
    let outflow = series.iter().find(|series| series["address"] == "lake" && series["quantity"] == "outflow").unwrap();
    outflow["values"].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
}

pub async fn document(made: &Made, plan: &str) -> Value {
    serde_json::from_str(&made.store.document(plan).await.unwrap().to_json()).unwrap()
}

pub fn refused<T: std::fmt::Debug>(result: Result<T, StoreError>) -> String {
    result.unwrap_err().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_out_is_the_rounded_plan() {
    let made = office(&gated(17.0, DRY)).await;
    made.beat_at("2026-06-01 06:00").await;
    let content = document(&made, "lake-日-1").await["content"].clone();
    assert_eq!(content["orders"].as_array().unwrap().len(), 1, "{}", content["case"]["notes"]);
    let order = &content["orders"][0];
    assert_eq!((order["needed_m3s"].as_f64(), order["flow_m3s"].as_f64()), (Some(17.0), Some(20.0)));
    assert_eq!((order["execute_at"].as_str(), order["kept"].as_bool()), (Some("2026-06-01T08:00:00+08:00"), Some(false)));
    // The first day as ordered, then as little as the duty allows.
    let flows = flows(&document(&made, "lake-日-1").await);
    assert!(flows.iter().zip([20.0, 17.0, 17.0]).all(|(flow, wanted)| (flow - wanted).abs() < 1e-6), "{flows:?}");
    assert!(document(&made, "lake-日-1").await["content"]["audit"]["passed"].as_bool().unwrap());
    made.verifies("lake-日-1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_never_breaks_a_duty() {
    // 10 m³/s is nearer to 13, and under the duty.
    let made = office(&gated(13.0, DRY)).await;
    made.beat_at("2026-06-01 06:00").await;
    assert_eq!(document(&made, "lake-日-1").await["content"]["orders"][0]["flow_m3s"].as_f64(), Some(20.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_followed_from_draft_to_report() {
    let made = office(&gated(17.0, DRY)).await;
    made.beat_at("2026-06-01 06:00").await;
    let (store, now, id) = (&made.store, at("2026-06-01 07:00"), "lake-日-1-gate");
    assert!(refused(store.sign_order(id, "li", "", now).await).contains("its plan `lake-日-1` is draft"));
    into_force(&made, "lake-日-1", "2026-06-01 07:00").await;
    assert!(refused(store.sign_order(id, "daily", "", now).await).contains("`daily` drafted"));
    assert!(refused(store.sign_order(id, "wang", "", now).await).contains("`wang` reviewed"));
    let mark = |to, actual| store.mark_order(id, to, actual, ("zhao", ""), now);
    assert!(refused(mark(SheetState::Sent, None).await).contains("it is drafted"));
    assert_eq!(store.sign_order(id, "li", "", now).await.unwrap(), "lake调〔2026〕1号");
    made.beat_at("2026-06-01 07:00").await;
    let told = made.json("published/lake/日/orders/lake-日-1-gate.json");
    assert_eq!((told["status"].as_str(), told["order"]["flow_m3s"].as_f64()), (Some("signed"), Some(20.0)));
    mark(SheetState::Sent, None).await.unwrap();
    mark(SheetState::Executed, None).await.unwrap();
    assert!(refused(mark(SheetState::Received, None).await).contains("it is executed"));
    assert!(refused(mark(SheetState::Reported, None).await).contains("names the flow"));
    mark(SheetState::Reported, Some(18.5)).await.unwrap();
    assert_eq!(store.order(id).await.unwrap().deviation_m3s(), Some(-1.5));
    assert!(refused(store.withdraw_order(id, "li", "", now).await).contains("it is reported"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standing_order_within_its_dead_band_is_kept() {
    let made = office(&gated(17.0, DRY)).await;
    made.beat_at("2026-06-01 06:00").await;
    into_force(&made, "lake-日-1", "2026-06-01 07:00").await;
    made.store.sign_order("lake-日-1-gate", "li", "", at("2026-06-01 07:00")).await.unwrap();
    made.beat_at("2026-06-02 06:00").await;
    let order = document(&made, "lake-日-2").await["content"]["orders"][0].clone();
    assert_eq!((order["kept"].as_bool(), order["flow_m3s"].as_f64()), (Some(true), Some(20.0)));
    assert!(made.store.orders(Some("lake-日-2"), 10).await.unwrap().is_empty(), "nothing is to be sent");
    // Far off, a new one is drafted.
    std::fs::write(made.path().join("lake/basin.toml"), gated(35.0, DRY)).unwrap();
    made.beat_at("2026-06-03 06:00").await;
    let orders = made.store.orders(Some("lake-日-3"), 10).await.unwrap();
    assert_eq!((orders.len(), orders[0].order.flow_m3s), (1, 40.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_goes_with_its_plan() {
    let made = office(&gated(17.0, DRY)).await;
    made.beat_at("2026-06-01 06:00").await;
    into_force(&made, "lake-日-1", "2026-06-01 07:00").await;
    made.store.sign_order("lake-日-1-gate", "li", "", at("2026-06-01 07:00")).await.unwrap();
    made.store.withdraw("lake-日-1", "li", "来水有误", at("2026-06-01 07:30")).await.unwrap();
    made.beat_at("2026-06-01 07:30").await;
    assert_eq!(made.store.order("lake-日-1-gate").await.unwrap().state, SheetState::Withdrawn);
    assert_eq!(made.json("published/lake/日/orders/lake-日-1-gate.json")["status"], "withdrawn");
    assert!(made.store.standing("lake").await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_orders_come_of_a_single_year_an_extended_forecast_or_in_flood_mode() {
    for (head, note) in [
        ("", Some("one deterministic inflow scenario")),
        ("dry_year = { frequency_percent = 50 }", Some("no dry one")),
        ("\n[forecast]\nextended_days = 2\nthen = \"no_rain\"", Some("an extended forecast is one deterministic")),
        ("mode = \"防洪\"\ndry_year = { frequency_percent = 75 }", None),
    ] {
        let made = office(&gated(17.0, head)).await;
        made.beat_at("2026-06-01 06:00").await;
        let document = document(&made, "lake-日-1").await;
        assert_eq!(document["content"]["orders"].as_array().unwrap().len(), 0, "{head}");
        let notes = document["content"]["case"]["notes"].to_string();
        assert!(note.is_none_or(|note| notes.contains(note)), "{head}: {notes}");
        assert!(made.store.orders(None, 10).await.unwrap().is_empty());
    }
    // The same days as a weather forecast, and no rain after them: orders.
    let made = office(&gated(17.0, "\n[forecast]\nweather_days = 2\nthen = \"no_rain\"")).await;
    made.beat_at("2026-06-01 06:00").await;
    assert_eq!(document(&made, "lake-日-1").await["content"]["orders"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_on_a_flow_that_is_not_there_fails_its_run() {
    let made = office(&gated(17.0, DRY)).await;
    std::fs::write(made.path().join("jobs.toml"), jobs().replace("lake.outflow", "lake.outflw")).unwrap();
    made.beat_at("2026-06-01 06:00").await;
    let runs = made.runs().await;
    assert!(runs[0].reason.contains("order `gate`: the basin has no flow `lake.outflw`"), "{}", runs[0].reason);
}
