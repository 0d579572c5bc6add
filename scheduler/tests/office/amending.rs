//! Plans changed by hand 人工修改: carried out, costed, drafted anew for other people to review and sign.

use serde_json::{Value, json};
use weir_scheduler::amend::{NotAmended, amend_plan};
use weir_scheduler::job::Office;
use weir_scheduler::plans::Status;

use crate::api::served::{PULLED, Served};
use crate::made::{DAILY, Made, at};
use crate::orders::{DRY, document, flows, gated, jobs, refused};

async fn office(jobs: &str, basin: &str) -> Made {
    let made = Made::new(jobs).await;
    std::fs::write(made.path().join("lake/basin.toml"), basin).unwrap();
    made
}

async fn set(made: &Made, plan: &str, sets: &[&str], who: &str, time: &str) -> Result<String, NotAmended> {
    let office = Office::read(made.path()).unwrap();
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    amend_plan((made.path(), &office), &made.store, plan, &sets, (who, "会商意见"), at(time)).await
}

fn of<'a>(rows: &'a Value, id: &str) -> &'a Value {
    rows.as_array().unwrap().iter().find(|row| row["of"] == id).unwrap_or_else(|| panic!("{id}: {rows}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_set_is_carried_out_and_the_rest_stays_as_planned() {
    let made = office(&DAILY.replace("automatic", "signed"), &gated(10.0, "")).await;
    made.beat_at("2026-06-01 06:00").await;
    let id = set(&made, "lake-日-1", &["lake.gate.flow@2026-06-02=30"], "zhao", "2026-06-01 08:30").await.unwrap();
    assert_eq!(id, "lake-日-2");
    let amended = document(&made, &id).await;
    let flows = flows(&amended);
    assert!(flows.iter().zip([10.0, 30.0, 10.0]).all(|(flow, wanted)| (flow - wanted).abs() < 1e-6), "{flows:?}");
    let (case, record) = (&amended["content"]["case"], &amended["record"]);
    assert!(amended["content"]["audit"]["passed"].as_bool().unwrap());
    made.verifies(&id).await;
    assert_eq!(case["headings"][0], "人工修改");
    assert_eq!(case["amended"]["sets"], json!(["lake.gate.flow@2026-06-02=30"]));
    assert_eq!(case["amended"]["plan"], document(&made, "lake-日-1").await["record"]["id"]);
    // A day of 20 m³/s: 1.728 hm³ more are missing in the end.
    let store = of(&case["amended"]["cost"], "store");
    let (before, after) = (store["before"].as_f64().unwrap(), store["after"].as_f64().unwrap());
    assert!((after - before - 1.728).abs() < 1e-6, "{store}");
    assert_eq!((record["amends"].as_str(), record["drafted_by"].as_str()), (Some("lake-日-1"), Some("zhao")));
    let said = &record["amendments"][0];
    assert_eq!(
        (said["by"].as_str(), said["note"].as_str(), said["plan"].as_str()),
        (Some("zhao"), Some("会商意见"), Some("lake-日-1"))
    );
    assert_eq!((&said["cost"], said["at"].as_str()), (&case["amended"]["cost"], Some("2026-06-01T00:30:00Z")));
    let plan = made.store.document(&id).await.unwrap();
    let text = weir_report::text(&plan, weir_report::Language::Chinese);
    assert!(text.contains("【人工修改：lake.gate.flow@2026-06-02=30。代价：store "), "{text}");
    let page = weir_report::html(&plan);
    assert!(page.contains("人工修改的代价") && page.contains("zhao于2026年6月1日"), "{page}");
    // Drafter, reviewer and signer are three people; the plan that was amended is a draft as before.
    let (store, now) = (&made.store, at("2026-06-01 09:00"));
    assert!(refused(store.review(&id, "zhao", "", now).await).contains("`zhao` drafted"));
    store.review(&id, "wang", "", now).await.unwrap();
    assert!(refused(store.sign(&id, "zhao", "", now).await).contains("`zhao` drafted"));
    assert_eq!(store.sign(&id, "li", "", now).await.unwrap(), Status::InForce);
    assert_eq!(store.plan("lake-日-1").await.unwrap().unwrap().status, Status::Draft);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_a_change_keeps_the_first() {
    let made = office(&DAILY.replace("automatic", "signed"), &gated(10.0, "")).await;
    made.beat_at("2026-06-01 06:00").await;
    let first = set(&made, "lake-日-1", &["lake.gate@2026-06-02=30"], "zhao", "2026-06-01 08:30").await.unwrap();
    let second = set(&made, &first, &["lake.outflow@2026-06-03=345.6万m³/日"], "qian", "2026-06-01 08:40").await;
    let document = document(&made, &second.unwrap()).await;
    let flows = flows(&document);
    assert!(flows.iter().zip([10.0, 30.0, 40.0]).all(|(flow, wanted)| (flow - wanted).abs() < 1e-6), "{flows:?}");
    let who: Vec<&str> =
        document["record"]["amendments"].as_array().unwrap().iter().map(|said| said["by"].as_str().unwrap()).collect();
    assert_eq!((who, document["record"]["amends"].as_str()), (vec!["zhao", "qian"], Some("lake-日-2")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_is_named() {
    // Below the duty, which gives way.
    let made = office(&DAILY.replace("automatic", "signed"), &gated(10.0, "")).await;
    made.beat_at("2026-06-01 06:00").await;
    let id = set(&made, "lake-日-1", &["lake.gate@2026-06-01=4"], "zhao", "2026-06-01 08:30").await.unwrap();
    let low = document(&made, &id).await;
    let gave = &low["content"]["relaxations"];
    assert_eq!((gave[0]["address"].as_str(), gave.as_array().unwrap().len()), (Some("duty.floor"), 1), "{gave}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_water_is_short_people_come_before_the_rest_of_the_plan() {
    let made = office(&DAILY.replace("automatic", "signed"), &gated(0.0, "")).await;
    made.beat_at("2026-06-01 06:00").await;
    let first = set(&made, "lake-日-1", &["lake.gate@2026-06-03=10"], "zhao", "2026-06-01 08:30").await.unwrap();
    // 155 m³/s for a day leave 0.608 of the 14 hm³ above dead: 0.2592 for the town, the rest of 0.864 for the third day.
    let second = set(&made, &first, &["lake.gate@2026-06-01=155"], "qian", "2026-06-01 08:40").await.unwrap();
    let plan = document(&made, &second).await;
    assert_eq!(of(&plan["content"]["case"]["amended"]["cost"], "shortage")["after"].as_f64(), Some(0.0));
    let flows = flows(&plan);
    let left = (14.0 - 155.0 * 0.0864 - 0.2592) / 0.0864;
    assert!(flows.iter().zip([155.0, 0.0, left]).all(|(flow, wanted)| (flow - wanted).abs() < 1e-6), "{flows:?} {left}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_set_is_refused_with_the_reason() {
    let made = office(&DAILY.replace("automatic", "signed"), &gated(10.0, "")).await;
    made.beat_at("2026-06-01 06:00").await;
    let said =
        async |sets: &[&str]| set(&made, "lake-日-1", sets, "zhao", "2026-06-01 08:30").await.unwrap_err().to_string();
    for (sets, parts) in [
        (&["lake.gat@2026-06-01=30"][..], &["`lake` has no `gat`", "did you mean `gate`?", "lake.gat@2026-06-01=30"][..]),
        (&["lake.gate 2026-06-01=30"], &["no `@` before its dates"]),
        (&["lake.gate@2026-06-01"], &["no `=` before its value"]),
        (&["lake.gate@2026-06-31=30"], &["`2026-06-31` is no date, nor dates"]),
        (&["lake.gate@2026-06-02..01=30"], &["it ends before it begins"]),
        (&["lake.gate@2026-06-01=viel"], &["`viel` is no number"]),
        (&["lake.gate@2026-06-01=30 m3/h"], &["unknown unit `m3/h`", "did you mean `m3/s`?"]),
        (&["lake.gate@2026-06-01=30 m"], &["`m` is no unit of what is set", "`m3/s`"]),
        (&["lake.gate@2026-06-03..04=30"], &["the plan runs from 2026-06-01T00:00:00+08:00 to 2026-06-04T00:00:00+08:00"]),
        (&["lake.gate@2026-06-01T08:00..20:00=30"], &["2026-06-01T08:00:00+08:00 lies within a step of the plan"]),
        (&["lake.level@2026-06-01=30"], &["30 m is outside the curve, 0 to 20 m"]),
        (&["lake.gate@2026-06-02=200"], &["on 2026-06-02 at most", "there is no more water"]),
        (&["lake.level@2026-06-02=16"], &["on 2026-06-02 the level is at most 15.00 m"]),
        (&["lake.gat@2026-06-01=1", "lake.gate@2026-06-01=x"], &["`x` is no number"]),
    ] {
        let said = said(sets).await;
        assert!(parts.iter().all(|part| said.contains(part)), "{sets:?}: {said}");
    }
    assert!(made.store.plan("lake-日-2").await.unwrap().is_none(), "nothing is written");
    made.store.withdraw("lake-日-1", "li", "重做", at("2026-06-01 09:00")).await.unwrap();
    assert!(said(&["lake.gate@2026-06-02=30"]).await.contains("cannot amend the plan `lake-日-1`: it is withdrawn"));
    std::fs::write(made.path().join("lake/basin.toml"), gated(10.0, "") + "\n").unwrap();
    made.beat_at("2026-06-02 06:00").await;
    std::fs::write(made.path().join("lake/basin.toml"), gated(11.0, "")).unwrap();
    let other = set(&made, "lake-日-2", &["lake.gate@2026-06-02=30"], "zhao", "2026-06-02 08:30").await.unwrap_err();
    assert!(other.to_string().contains("`basin.toml` has changed since the plan was made"), "{other}");
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_from_above_come_first_and_own_orders_are_drafted_anew() {
    let made = office(&jobs(), &gated(17.0, DRY)).await;
    made.beat_at("2026-06-01 06:00").await;
    let id = set(&made, "lake-日-1", &["lake.outflow@2026-06-01=36"], "zhao", "2026-06-01 07:00").await.unwrap();
    let amended = document(&made, &id).await;
    assert_eq!(amended["content"]["orders"][0]["flow_m3s"].as_f64(), Some(36.0), "{}", amended["content"]["case"]["notes"]);
    let sheets = made.store.orders(Some(&id), 10).await.unwrap();
    assert_eq!((sheets.len(), sheets[0].drafted_by.as_str()), (1, "zhao"));
    made.verifies(&id).await;
    let command = weir_model::setting::Setting {
        id: "fang12".to_owned(),
        issuer: "市防指".to_owned(),
        number: "12".to_owned(),
        on: "lake.outflow".to_owned(),
        from: "2026-06-02".to_owned(),
        to: "2026-06-03".to_owned(),
        bounds: [("maximum_m3s".to_owned(), 20.0)].into(),
        ..weir_model::setting::Setting::default()
    };
    made.store.add_command("lake", &command, "zhao", "", at("2026-06-01 08:00")).await.unwrap();
    made.beat_at("2026-06-02 06:00").await;
    let said =
        set(&made, "lake-日-3", &["lake.gate@2026-06-02=30"], "zhao", "2026-06-02 07:00").await.unwrap_err().to_string();
    assert!(said.contains("`fang12`") || said.contains("cannot be carried out"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_changed_through_the_api() {
    let served = Served::new(&PULLED.replace("automatic", "signed")).await;
    served.beat_at("2026-06-01 06:00").await;
    let change = json!({ "sets": ["town@2026-06-02=0.5"], "note": "检修" });
    let path = "/api/v1/plans/lake-日-1/amend";
    let (status, said) = served.post("engineer", path, &json!({ "sets": ["twn@2026-06-02=0.5"] })).await;
    assert!(status == 422, "{said}");
    let known = served.json("/api/v1/plans/lake-日-1").await;
    let way = known["content"]["elements"].as_array().unwrap().iter().find(|element| element["kind"] == "intake").unwrap();
    let set = format!("{}@2026-06-02=0.5", way["id"].as_str().unwrap());
    let change = json!({ "sets": [set], "note": change["note"] });
    let (status, made) = served.post("engineer", path, &change).await;
    assert_eq!(
        (status, made["drafted_by"].as_str(), made["status"].as_str()),
        (201, Some("engineer"), Some("draft")),
        "{made}"
    );
    let made = served.json("/api/v1/plans/lake-日-2").await;
    assert!((of(&made["content"]["case"]["amended"]["cost"], "shortage")["after"].as_f64().unwrap() - 0.0432).abs() < 1e-9);
    // What the town lacks stays in the lake: one goal better than good enough, one worse.
    served.made.verifies("lake-日-2").await;
    assert_eq!(served.post("engineer", "/api/v1/plans/lake-日-9/amend", &change).await.0, 404);
}
