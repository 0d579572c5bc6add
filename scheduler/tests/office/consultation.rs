//! Consultation 会商: a run's alternatives and scenarios side by side, and the choice among them with its minutes.

use serde_json::{Value, json};
use weir_report::{Language, side_by_side};
use weir_scheduler::amend::amend_plan;
use weir_scheduler::job::Office;
use weir_scheduler::ledger::State;
use weir_scheduler::plans::Status;

use crate::api::served::{PULLED, Served};
use crate::made::{DAILY, Made, at};
use crate::orders::{document, gated, refused};

const ALTERNATIVES: &str = r#"
alternatives = ["weighted"]

[[job.alternative]]
id = "dry"
name = "来水偏枯两成"
inflow = 0.8
inflow_after_days = 1
demand = { residents = 1.5 }

[[job.alternative]]
id = "store_first"
stages = ["store", "shortage"]
elements = "closed.toml"
dry_year = { frequency_percent = 90, forecast_days = 1 }
"#;

/// A brook of 20 m³/s into the lake.
fn basin() -> String {
    gated(10.0, "") + "\n[[inflow]]\nid = \"brook\"\ninto = \"lake\"\nflow_m3s = 20\n"
}

async fn office(alternatives: &str) -> Made {
    let made = Made::new(&(DAILY.replace("automatic", "signed") + alternatives)).await;
    std::fs::write(made.path().join("lake/basin.toml"), basin()).unwrap();
    let closed = "[[operation]]\nid = \"closed\"\non = \"lake.outflow\"\nceiling_m3s = 12\nclass = \"operational\"\n";
    std::fs::write(made.path().join("closed.toml"), closed).unwrap();
    made
}

fn series<'a>(document: &'a Value, address: &str, quantity: &str) -> &'a Value {
    let series = document["content"]["series"].as_array().unwrap();
    &series.iter().find(|series| series["address"] == address && series["quantity"] == quantity).unwrap()["values"]
}

#[tokio::test(flavor = "multi_thread")]
async fn scenarios_are_solved_beside_the_base_and_say_what_they_change() {
    let made = office(ALTERNATIVES).await;
    made.beat_at("2026-06-01 06:00").await;
    let runs = made.runs().await;
    let plans = made.store.plans_of(&runs[0].id).await.unwrap();
    let words: Vec<&str> = plans.iter().map(|plan| plan.alternative.as_str()).collect();
    assert_eq!(words, ["base", "weighted", "dry", "store_first"], "{}", runs[0].reason);
    let dry = document(&made, "lake-日-3").await;
    assert_eq!(series(&dry, "brook.inflow", "flow"), &json!([20.0, 16.0, 16.0]));
    assert_eq!(series(&document(&made, "lake-日-1").await, "brook.inflow", "flow"), &json!([20.0, 20.0, 20.0]));
    let case = &dry["content"]["case"];
    assert_eq!(
        case["scenario"],
        json!({ "id": "dry", "name": "来水偏枯两成", "changes": ["inflow = 0.8", "inflow_after_days = 1", "demand.residents = 1.5"] })
    );
    assert_eq!(dry["content"]["inputs"]["overlays"].as_array().unwrap().len(), 1);
    let wanted: f64 = dry["content"]["satisfaction"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["period"] == "horizon" && row["class"].is_null())
        .unwrap()["demand_hm3"]
        .as_f64()
        .unwrap();
    assert!((wanted - 1.5 * 3.0 * 0.0864).abs() < 1e-9, "{wanted}");
    for plan in 1..=4 {
        assert!(document(&made, &format!("lake-日-{plan}")).await["content"]["audit"]["passed"].as_bool().unwrap());
        made.verifies(&format!("lake-日-{plan}")).await;
    }
    let other = document(&made, "lake-日-4").await;
    assert_eq!(other["content"]["case"]["dry_year"]["frequency_percent"], 90.0);
    assert_eq!(other["content"]["case"]["foresight"], "frequency");
    assert_eq!(other["content"]["stages"][0]["objective"], "store");
    assert!(other["content"]["elements"].as_array().unwrap().iter().any(|element| element["id"] == "closed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_alternative_asks_wrongly_leaves_it_out_and_stands_in_the_ledger() {
    let made = office("\n[[job.alternative]]\nid = \"less\"\ndemand = { resident = 0.9 }\n").await;
    made.beat_at("2026-06-01 06:00").await;
    assert_eq!(made.states().await, [State::Awaiting]);
    let run = &made.runs().await[0].id;
    let changes = made.store.changes(run).await.unwrap();
    let said = &changes.iter().find(|change| change.state == "checking").unwrap().reason;
    assert!(said.contains("alternative `less`") && said.contains("did you mean `residents`?"), "{said}");
    assert_eq!(made.store.plans_of(run).await.unwrap().len(), 1);
}

#[test]
fn alternatives_are_read_with_their_faults() {
    let said = |text: &str| {
        let text = DAILY.to_owned() + text;
        Office::parse(&text, &|_| true).unwrap_err().0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    assert!(said("alternatives = [\"wieghted\"]\n").contains("unknown method `wieghted`"));
    let text = "\n[[job.alternative]]\nid = \"dry\"\ninflw = 0.8\nmode = \"抗旱\"\n";
    let faults = said(text);
    assert!(faults.contains("did you mean `inflow`?") && faults.contains("抗旱应急"), "{faults}");
    assert!(said("\n[[job.alternative]]\nid = \"dry\"\n").contains("what it does otherwise"));
    assert!(said("\n[[job.alternative]]\nid = \"base\"\ninflow = 0.8\n").contains("or is a word of plans"));
    assert!(
        said("\n[[job.alternative]]\nid = \"dry\"\nmode = \"预泄\"\ninflow_after_days = 3\n")
            .contains("no inflow is scaled")
    );
    let five = [0, 1, 2, 3, 4].map(|n| format!("\n[[job.alternative]]\nid = \"a{n}\"\ninflow = 0.{n}\n")).concat();
    assert!(said(&five).contains("at most 4"));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_chosen_plan_goes_on_to_review() {
    let made = office(ALTERNATIVES).await;
    made.beat_at("2026-06-01 06:00").await;
    let (store, now, run) = (&made.store, at("2026-06-01 08:00"), made.runs().await[0].id.clone());
    let tried = store.side_by_side(&run).await.unwrap();
    let text = side_by_side::text(&tried, Language::Chinese);
    for part in ["来水偏枯两成 lake-日-3", "缺水 ↓ 万m³", "期末蓄水 万m³", "与第一案出库最大差", "预警"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(refused(store.choose(&run, "lake-日-3", " ", "zhao", now).await).contains("a choice has minutes"));
    assert!(refused(store.choose("other", "lake-日-3", "x", "zhao", now).await).contains("is of the run"));
    store.choose(&run, "lake-日-3", "会商：按偏枯来水", "zhao", now).await.unwrap();
    assert_eq!(made.runs().await[0].plan, "lake-日-3");
    let no = refused(store.review("lake-日-1", "wang", "", now).await);
    assert!(no.contains("`zhao` chose `lake-日-3`") && no.contains("weir plans choose"), "{no}");
    // Another choice, as long as none is signed.
    store.choose(&run, "lake-日-2", "复议", "qian", at("2026-06-01 08:30")).await.unwrap();
    store.review("lake-日-2", "wang", "", now).await.unwrap();
    let record = document(&made, "lake-日-2").await["record"].clone();
    assert_eq!((record["choice"]["by"].as_str(), record["choice"]["minutes"].as_str()), (Some("qian"), Some("复议")));
    assert!(weir_report::html(&store.document("lake-日-2").await.unwrap()).contains("会商选定 lake-日-2（qian"));
    // One alternative taken back, the run goes on waiting.
    store.withdraw("lake-日-1", "li", "", now).await.unwrap();
    assert_eq!(made.states().await, [State::Awaiting]);
    assert_eq!(store.sign("lake-日-2", "li", "", now).await.unwrap(), Status::InForce);
    assert!(refused(store.choose(&run, "lake-日-3", "再议", "zhao", now).await).contains("`lake-日-2` of the run"));
    // One made by hand of the plan in force stands for itself; the alternatives that were not chosen do not.
    let office = Office::read(made.path()).unwrap();
    let sets = ["lake.gate@2026-06-02=15".to_owned()];
    let by = ("zhao", "下午会商");
    let later = amend_plan((made.path(), &office), store, "lake-日-2", &sets, by, at("2026-06-01 15:00")).await.unwrap();
    store.review(&later, "wang", "", at("2026-06-01 15:10")).await.unwrap();
    assert!(
        refused(store.review("lake-日-3", "wang", "", at("2026-06-01 15:10")).await).contains("`qian` chose `lake-日-2`")
    );
    let states: Vec<String> = store.changes(&run).await.unwrap().into_iter().map(|change| change.state).collect();
    assert_eq!(states.iter().filter(|state| *state == "chosen").count(), 2);
    let states: Vec<String> = store.changes("lake-日-3").await.unwrap().into_iter().map(|change| change.state).collect();
    assert_eq!(states, ["draft", "chosen", "not_chosen"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consultation_through_the_api() {
    let served = Served::new(&(PULLED.replace("automatic", "signed") + "alternatives = [\"weighted\"]\n")).await;
    served.beat_at("2026-06-01 06:00").await;
    let run = served.made.runs().await[0].id.replace('#', "%23").replace(' ', "%20").replace(':', "%3A");
    let path = format!("/api/v1/runs/{run}");
    let told = served.json(&format!("{path}/comparison")).await;
    let ids: Vec<&str> = told["plans"].as_array().unwrap().iter().map(|plan| plan["plan"].as_str().unwrap()).collect();
    assert_eq!((ids, &told["choice"]), (vec!["lake-日-1", "lake-日-2"], &json!(null)));
    let choice = json!({ "plan": "lake-日-2", "minutes": "三人会商，取加权方案" });
    let (status, said) = served.post("engineer", &format!("{path}/choose"), &choice).await;
    assert_eq!((status, said["run"]["plan"].as_str()), (200, Some("lake-日-2")), "{said}");
    assert_eq!(served.post("reviewer", "/api/v1/plans/lake-日-1/review", &json!({})).await.0, 409);
    assert_eq!(served.json(&format!("{path}/comparison")).await["choice"]["by"], "engineer");
    let page = served.get(&format!("{path}/comparison.html")).await.text().await.unwrap();
    assert!(page.contains("会商比选") && page.contains("三人会商，取加权方案"), "{page}");
    assert_eq!(served.post("reviewer", "/api/v1/plans/lake-日-2/review", &json!({})).await.0, 200);
}
