//! Plans as others read them.

use reqwest::header::{ETAG, IF_NONE_MATCH};
use serde_json::{Value, json};
use weir_model::document::Audience;

use super::served::{PULLED, Served};

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_sent_again_only_when_it_changed() {
    let served = Served::new(PULLED).await;
    served.beat_at("2026-06-01 06:00").await;
    for path in ["/api/v1/plans/lake-日-1", "/api/v1/in-force/lake/日", "/api/v1/plans/lake-日-1/series.csv"] {
        let first = served.get(path).await;
        assert_eq!(first.status(), 200);
        let tag = first.headers()[ETAG].clone();
        assert!(tag.to_str().unwrap().starts_with('"'), "a strong one");
        let known = |tag: String| served.request("viewer", "GET", path).header(IF_NONE_MATCH, tag).send();
        let again = known(format!("\"other\", W/{}", tag.to_str().unwrap())).await.unwrap();
        assert_eq!(again.status(), 304, "{path}");
        assert_eq!(again.headers()[ETAG], tag);
        assert!(again.text().await.unwrap().is_empty());
        assert_eq!(known("\"other\"".to_owned()).await.unwrap().status(), 200);
    }
    let before = served.get("/api/v1/plans/lake-日-1").await;
    let tag = before.headers()[ETAG].clone();
    assert_eq!(before.json::<Value>().await.unwrap()["record"]["status"], "in_force");
    served.beat_at("2026-06-02 06:00").await;
    let after = served.request("viewer", "GET", "/api/v1/plans/lake-日-1").header(IF_NONE_MATCH, tag).send().await.unwrap();
    assert_eq!(after.json::<Value>().await.unwrap()["record"]["status"], "superseded");
    assert_eq!(served.json("/api/v1/in-force/lake/日").await["record"]["revision"], 2);
    // Its time over, none is in force, whether the ledger says so already or not.
    served.made.clock.set(crate::made::at("2026-06-09 06:00"));
    assert_eq!(served.get("/api/v1/in-force/lake/日").await.status(), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_the_bytes_that_the_ledger_has() {
    let served = Served::new(PULLED).await;
    served.beat_at("2026-06-01 06:00").await;
    let document = served.made.store.document("lake-日-1").await.unwrap().for_audience(Audience::Internal);
    assert_eq!(served.get("/api/v1/plans/lake-日-1").await.text().await.unwrap(), document.to_json());
    assert_eq!(served.get("/api/v1/plans/lake-日-1/series.csv").await.text().await.unwrap(), document.csv_long());
    let public = served.get("/api/v1/plans/lake-日-1?audience=公开").await.text().await.unwrap();
    assert_eq!(public, document.for_audience(Audience::Public).to_json());
    let page = served.get("/api/v1/plans/lake-日-1/report.html").await;
    assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    let whole = served.made.store.document("lake-日-1").await.unwrap();
    assert_eq!(page.text().await.unwrap(), weir_report::html_beside(&whole, &weir_report::Beside::default()));
    let states: Vec<Value> = served.json("/api/v1/plans/lake-日-1/changes").await.as_array().unwrap().clone();
    let states: Vec<&str> = states.iter().map(|change| change["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["draft", "signed", "in_force"]);
}

/// Ids of all pages of a list.
async fn all(served: &Served, path: &str, key: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = served.json(&format!("{path}{cursor}")).await;
        ids.extend(page["items"].as_array().unwrap().iter().map(|item| item[key].to_string()));
        let Some(next) = page["next"].as_str() else { return ids };
        cursor = format!("&cursor={}", next.replace(':', "%3A"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_hold_everything_once() {
    let served = Served::new(PULLED).await;
    for day in 1..=5 {
        served.beat_at(&format!("2026-06-0{day} 06:00")).await;
    }
    let plans: Vec<String> = (1..=5).rev().map(|revision| format!("\"lake-日-{revision}\"")).collect();
    assert_eq!(all(&served, "/api/v1/plans?most=2", "id").await, plans);
    assert_eq!(all(&served, "/api/v1/plans?most=5", "id").await, plans);
    assert_eq!(all(&served, "/api/v1/plans?status=superseded", "id").await, plans[1..]);
    assert_eq!(all(&served, "/api/v1/plans?product=other", "id").await, Vec::<String>::new());
    let runs: Vec<String> =
        served.made.store.runs(None, 100).await.unwrap().iter().map(|run| format!("\"{}\"", run.id)).collect();
    assert_eq!(runs.len(), 5);
    assert_eq!(all(&served, "/api/v1/runs?most=2", "id").await, runs);
    assert_eq!(all(&served, "/api/v1/runs?state=failed", "id").await, Vec::<String>::new());
    let messages = ["1", "2", "3", "4", "5"];
    assert_eq!(all(&served, "/api/v1/outbox?most=2", "sequence").await, messages);
    assert_eq!(all(&served, "/api/v1/messages?publisher=open&most=2", "sequence").await, messages);
}

#[tokio::test(flavor = "multi_thread")]
async fn from_an_event_to_a_plan_in_force_by_three_people() {
    let served = Served::new(&PULLED.replace("automatic", "signed")).await;
    let (status, fired) = served.post("engineer", "/api/v1/jobs/daily/fire", &json!({"event": "来水预报 12"})).await;
    assert_eq!(status, 202);
    let again = served.post("engineer", "/api/v1/jobs/daily/fire", &json!({"event": "来水预报 12"})).await;
    assert_eq!(again.1, fired, "the same event is one run");
    served.beat_at("2026-05-31 12:00:01").await;
    let run = fired["run"].as_str().unwrap();
    let shown = served.json(&format!("/api/v1/runs/{}", run.replace('#', "%23").replace(' ', "%20"))).await;
    assert_eq!((shown["run"]["state"].as_str(), shown["run"]["plan"].as_str()), (Some("awaiting"), Some("lake-日-1")));
    assert_eq!(shown["changes"][0]["actor"], "engineer");
    let plan = "/api/v1/plans/lake-日-1";
    assert_eq!(served.post("signer", &format!("{plan}/sign"), &json!({})).await.0, 409, "not reviewed");
    let (status, reviewed) = served.post("reviewer", &format!("{plan}/review"), &json!({"note": "看过"})).await;
    assert_eq!((status, reviewed["reviewed_by"].as_str()), (200, Some("reviewer")));
    let (status, signed) = served.post("signer", &format!("{plan}/sign"), &json!({})).await;
    assert_eq!((status, signed["status"].as_str(), signed["signed_by"].as_str()), (200, Some("in_force"), Some("signer")));
    let (status, _) = served.post("engineer", &format!("{plan}/publish"), &json!({"to": "open"})).await;
    assert_eq!(status, 200);
    let (status, taken) = served.post("reviewer", &format!("{plan}/withdraw"), &json!({"reason": "数据有误"})).await;
    assert_eq!((status, taken["status"].as_str()), (200, Some("withdrawn")));
    assert_eq!(served.get("/api/v1/in-force/lake/日").await.status(), 404);
    let told = served.json("/api/v1/messages?publisher=open").await;
    let told: Vec<&str> = told["items"].as_array().unwrap().iter().map(|told| told["statement"].as_str().unwrap()).collect();
    assert_eq!(told, ["有效方案", "有效方案", "无有效方案"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_measured() {
    let served = Served::new(PULLED).await;
    served.beat_at("2026-06-01 06:00:30").await;
    let text = served.get("/metrics").await.text().await.unwrap();
    for line in [
        "weir_runs{state=\"published\"} 1",
        "weir_runs{state=\"failed\"} 0",
        "weir_outbox_messages{publisher=\"open\",state=\"pending\"} 0",
        "weir_plans_in_force{product=\"lake\",term=\"日\"} 1",
        "weir_run_lateness_seconds_sum{job=\"daily\"} 30.0",
        "weir_run_duration_seconds_count{job=\"daily\"} 1",
        "weir_heartbeat_age_seconds 0.0",
        "# EOF",
    ] {
        assert!(text.lines().any(|other| other == line), "{line}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_and_when_they_are_due() {
    let served = Served::new(PULLED).await;
    let jobs = served.json("/api/v1/jobs").await;
    assert_eq!((jobs[0]["id"].as_str(), jobs[0]["next"].as_str()), (Some("daily"), Some("2026-05-31T22:00:00Z")));
    let next = served.json("/api/v1/jobs/daily/next?most=2").await;
    assert_eq!(next, json!(["2026-05-31T22:00:00Z", "2026-06-01T22:00:00Z"]));
}
