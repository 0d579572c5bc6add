//! Orders from above 调度命令: put in, laid over the basin by every run while they stand, their cost told, ended.

use serde_json::{Value, json};
use weir_model::setting::Setting;
use weir_scheduler::commands::{check, subject};
use weir_scheduler::job::Office;

use crate::api::served::{PULLED, Served};
use crate::made::{DAILY, Made, at};
use crate::orders::{document, flows, gated, refused};

/// 60 m³/s out of the lake on 2 and 3 June.
fn flood_order() -> Setting {
    Setting {
        id: "fang12".to_owned(),
        issuer: "市防指".to_owned(),
        number: "〔2026〕12号".to_owned(),
        on: "lake.outflow".to_owned(),
        from: "2026-06-02".to_owned(),
        to: "2026-06-03".to_owned(),
        bounds: [("minimum_m3s".to_owned(), 60.0)].into(),
        ..Setting::default()
    }
}

/// An office over the lake with a gate, of which 10 m³/s must be let out and no more is wanted.
async fn office() -> Made {
    let made = Made::new(&DAILY.replace("automatic", "signed")).await;
    std::fs::write(made.path().join("lake/basin.toml"), gated(10.0, "")).unwrap();
    made
}

fn of<'a>(rows: &'a Value, id: &str) -> &'a Value {
    rows.as_array().unwrap().iter().find(|row| row["of"] == id).unwrap_or_else(|| panic!("{id}: {rows}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_stands_is_carried_out_and_its_cost_told() {
    let made = office().await;
    let put_in = at("2026-06-01 05:00");
    check(made.path(), &Office::read(made.path()).unwrap(), "lake", &flood_order()).unwrap();
    made.store.add_command("lake", &flood_order(), "zhao", "电话通知", put_in).await.unwrap();
    made.beat_at("2026-06-01 06:00").await;
    let plan = document(&made, "lake-日-1").await;
    let flows = flows(&plan);
    assert!((flows[0] - 10.0).abs() < 1e-6 && flows[1] > 60.0 - 1e-6 && flows[2] > 60.0 - 1e-6, "{flows:?}");
    let case = &plan["content"]["case"];
    let command = &case["commands"][0];
    assert_eq!((command["address"].as_str(), command["name"].as_str()), (Some("fang12"), Some("市防指 〔2026〕12号")));
    assert_eq!(command["source"], format!("command put in by zhao at {put_in}"));
    // The duty and the town leave 3 × 0.9504 hm³ missing in the end, two days of 50 m³/s more 8.64.
    let store = of(&case["command_cost"], "store");
    let (before, after) = (store["before"].as_f64().unwrap(), store["after"].as_f64().unwrap());
    assert!((before - 3.0 * 0.9504).abs() < 1e-6 && (after - before - 8.64).abs() < 1e-6, "{store}");
    assert_eq!(of(&case["command_cost"], "shortage")["after"].as_f64(), Some(0.0));
    let text = weir_report::text(&made.store.document("lake-日-1").await.unwrap(), weir_report::Language::Chinese);
    assert!(text.contains("执行命令的代价（与不执行相比）：store 285.12 → 1149.12 万m³"), "{text}");
    let page = weir_report::html(&made.store.document("lake-日-1").await.unwrap());
    assert!(page.contains("执行命令的代价") && page.contains("不执行命令"), "{page}");
    made.verifies("lake-日-1").await;
    // Ended, the next run knows nothing of it; its history stands.
    made.store.end_command("fang12", "qian", "解除", at("2026-06-01 12:00")).await.unwrap();
    made.beat_at("2026-06-02 06:00").await;
    let case = document(&made, "lake-日-2").await["content"]["case"].clone();
    assert!(case["commands"].as_array().unwrap().is_empty() && case.get("command_cost").is_none(), "{case}");
    let changes = made.store.changes(&subject("fang12")).await.unwrap();
    let changes: Vec<(&str, &str)> = changes.iter().map(|change| (change.state.as_str(), change.actor.as_str())).collect();
    assert_eq!(changes, [("in_force", "zhao"), ("ended", "qian")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_whose_time_is_over_says_nothing_more() {
    let made = office().await;
    made.store.add_command("lake", &flood_order(), "zhao", "", at("2026-06-01 05:00")).await.unwrap();
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    let stands = async |time: &str| made.store.standing_commands("lake", at(time), &zone).await.unwrap().len();
    assert_eq!((stands("2026-06-03 23:59").await, stands("2026-06-04 00:00").await), (1, 0));
    assert!(made.store.standing_commands("other", at("2026-06-02 06:00"), &zone).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_laid_is_never_put_in() {
    let made = office().await;
    let office = Office::read(made.path()).unwrap();
    let said = |basin: &str, holds: Setting| refused(check(made.path(), &office, basin, &holds));
    assert!(said("lak", flood_order()).contains("did you mean `lake`?"));
    let wrong = |change: &dyn Fn(&mut Setting)| {
        let mut order = flood_order();
        change(&mut order);
        said("lake", order)
    };
    let near = wrong(&|order| order.on = "lake.gat".to_owned());
    assert!(near.contains("`on`: `lake` has no `gat`") && near.contains("did you mean `gate`?"), "{near}");
    assert!(wrong(&|order| order.to = "2026-06-01".to_owned()).contains("the order ends before it begins"));
    assert!(wrong(&|order| order.from = "2 June".to_owned()).contains("is no date or moment"));
    assert!(wrong(&|order| order.bounds.clear()).contains("flow_m3s"));
    assert!(wrong(&|order| order.id = "town".to_owned()).contains("`town`"));
    assert!(wrong(&|order| order.bounds = [("level_m".to_owned(), 3.0)].into()).contains("does not bound a flow"));
    let now = at("2026-06-01 05:00");
    assert!(refused(made.store.add_command("lake", &flood_order(), " ", "", now).await).contains("not named"));
    made.store.add_command("lake", &flood_order(), "zhao", "", now).await.unwrap();
    assert!(refused(made.store.add_command("lake", &flood_order(), "zhao", "", now).await).contains("`fang12` already"));
    assert!(refused(made.store.end_command("fang13", "zhao", "", now).await).contains("no command `fang13`"));
    made.store.end_command("fang12", "zhao", "", now).await.unwrap();
    assert!(refused(made.store.end_command("fang12", "li", "", now).await).contains("ended already, by zhao"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_comes_in_through_the_api() {
    let served = Served::new(PULLED).await;
    let order = json!({
        "id": "fang12", "basin": "lake", "issuer": "市防指", "number": "12", "on": "lake.level",
        "from": "2026-06-02", "to": "2026-06-03", "bounds": { "maximum_level_m": 5 }, "note": "腾库",
    });
    let (status, made) = served.post("engineer", "/api/v1/commands", &order).await;
    assert_eq!((status, made["created_by"].as_str()), (201, Some("engineer")), "{made}");
    assert_eq!(served.post("engineer", "/api/v1/commands", &order).await.0, 409);
    let mut wrong = order.clone();
    wrong["bounds"] = json!({ "flow_m3": 5 });
    let (status, said) = served.post("signer", "/api/v1/commands", &wrong).await;
    assert!(status == 422 && said["detail"].as_str().unwrap().contains("`flow_m3` is none of flow_m3s"), "{said}");
    assert_eq!(served.json("/api/v1/commands").await[0]["id"], "fang12");
    let (status, ended) = served.post("reviewer", "/api/v1/commands/fang12/end", &json!({})).await;
    assert_eq!((status, ended["ended_by"].as_str()), (200, Some("reviewer")));
    assert_eq!(served.json("/api/v1/commands").await, json!([]));
    assert_eq!(served.json("/api/v1/commands?all=true").await[0]["id"], "fang12");
}
