//! Every answer that is no success is a problem that says what is wrong.

use reqwest::Response;
use serde_json::{Value, json};
use weir_scheduler::api::Limits;

use super::served::{PULLED, Served, wide};
use crate::made::at;

pub async fn problem(response: Response, status: u16, kind: &str) -> Value {
    let said = format!("{}: {status} {kind}", response.url());
    assert_eq!(response.status().as_u16(), status, "{said}");
    assert_eq!(response.headers()["content-type"], "application/problem+json", "{said}");
    assert_eq!(response.headers().contains_key("www-authenticate"), status == 401, "{said}");
    let problem: Value = response.json().await.unwrap();
    assert_eq!(problem["type"], format!("urn:weir:problem:{kind}"), "{problem}");
    assert_eq!(problem["status"], status);
    assert!(!problem["detail"].as_str().unwrap().is_empty() && !problem["title"].as_str().unwrap().is_empty(), "{problem}");
    problem
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_wrongly() {
    let served = Served::new(PULLED).await;
    let gets = [
        ("/api/v1/nothing", 404, "not-found"),
        ("/", 404, "not-found"),
        ("/api/v1/plans/lake-日-9", 404, "not-found"),
        ("/api/v1/plans/lake-日-9/series.csv", 404, "not-found"),
        ("/api/v1/plans/lake-日-9/changes", 404, "not-found"),
        ("/api/v1/plans/lake-日-9/diff", 404, "not-found"),
        ("/api/v1/plans/lake-日-9/deviations", 404, "not-found"),
        ("/api/v1/in-force/lake/日", 404, "no-plan-in-force"),
        ("/api/v1/in-force/lake/week", 404, "not-found"),
        ("/api/v1/runs/none", 404, "not-found"),
        ("/api/v1/runs/%FF", 400, "unreadable"),
        ("/api/v1/runs/a%00b", 422, "unreadable"),
        ("/api/v1/jobs/none/next", 404, "not-found"),
        ("/api/v1/plans?state=draft", 400, "unreadable"),
        ("/api/v1/plans?status=drafty", 422, "unreadable"),
        ("/api/v1/plans?most=0", 422, "unreadable"),
        ("/api/v1/plans?most=many", 400, "unreadable"),
        ("/api/v1/plans/lake-日-9?audience=all", 422, "unreadable"),
        ("/api/v1/plans?cursor=lake-日-9", 422, "unreadable"),
        ("/api/v1/runs?cursor=none", 422, "unreadable"),
        ("/api/v1/runs?state=gone", 422, "unreadable"),
        ("/api/v1/outbox?state=gone", 422, "unreadable"),
        ("/api/v1/outbox?cursor=x", 422, "unreadable"),
        ("/api/v1/messages", 400, "unreadable"),
        ("/api/v1/messages?publisher=none", 404, "not-found"),
        ("/api/v1/events?publisher=none", 404, "not-found"),
    ];
    for (path, status, kind) in gets {
        problem(served.get(path).await, status, kind).await;
    }
    let nothing = served.get("/api/v1/in-force/lake/日").await.json::<Value>().await.unwrap();
    assert_eq!(nothing["title"], "无有效方案");
    let last = served.request("viewer", "GET", "/api/v1/events?publisher=open").header("Last-Event-ID", "x");
    problem(last.send().await.unwrap(), 422, "unreadable").await;
    let other = served.request("viewer", "PATCH", "/api/v1/plans").send().await.unwrap();
    assert_eq!(other.headers()["allow"], "GET");
    problem(other, 405, "method-not-allowed").await;
    problem(served.bare("GET", "/api/v1/plans").send().await.unwrap(), 401, "unauthorised").await;
    problem(served.bare("GET", "/api/v1/plans").basic_auth("li", Some("x")).send().await.unwrap(), 401, "unauthorised")
        .await;
    problem(served.request("viewer", "GET", "/api/v1/tokens").send().await.unwrap(), 403, "forbidden").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_brought_wrongly() {
    let served = Served::new(PULLED).await;
    let fire = |body: String, kind: &str| {
        served.request("engineer", "POST", "/api/v1/jobs/daily/fire").header("content-type", kind).body(body).send()
    };
    let json = "application/json";
    problem(fire("{".to_owned(), json).await.unwrap(), 400, "unreadable").await;
    problem(fire("{}".to_owned(), json).await.unwrap(), 422, "unreadable").await;
    problem(fire(r#"{"event": "a", "at": 1}"#.to_owned(), json).await.unwrap(), 422, "unreadable").await;
    problem(fire(r#"{"event": " "}"#.to_owned(), json).await.unwrap(), 422, "unreadable").await;
    problem(fire(r#"{"event": "a\u0000"}"#.to_owned(), json).await.unwrap(), 422, "unreadable").await;
    problem(fire(r#"{"event": "a"}"#.to_owned(), "text/plain").await.unwrap(), 415, "unsupported-media-type").await;
    let large = format!(r#"{{"event": "{}"}}"#, "a".repeat(100_000));
    problem(fire(large, json).await.unwrap(), 413, "too-large").await;
    let elsewhere = served.request("engineer", "POST", "/api/v1/jobs/none/fire").json(&json!({"event": "a"}));
    problem(elsewhere.send().await.unwrap(), 404, "not-found").await;
    for body in [json!({"name": "", "role": "viewer"}), json!({"name": "automatic", "role": "viewer"})] {
        problem(served.request("admin", "POST", "/api/v1/tokens").json(&body).send().await.unwrap(), 409, "conflict").await;
    }
    let long = json!({"name": "li", "role": "viewer", "days": 100_000});
    problem(served.request("admin", "POST", "/api/v1/tokens").json(&long).send().await.unwrap(), 422, "unreadable").await;
    assert!(served.made.runs().await.is_empty(), "nothing was started");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_as_things_stand() {
    let served = Served::new(PULLED).await;
    served.beat_at("2026-06-01 06:00").await;
    let run = served.made.runs().await.remove(0);
    let run = run.id.replace(':', "%3A").replace('@', "%40");
    let tries = [
        ("engineer", format!("/api/v1/runs/{run}/cancel"), json!({"reason": "too late"})),
        ("engineer", format!("/api/v1/runs/{run}/retry"), json!({})),
        ("reviewer", "/api/v1/plans/lake-日-1/review".to_owned(), json!({})),
        ("signer", "/api/v1/plans/lake-日-1/sign".to_owned(), json!({})),
    ];
    for (role, path, body) in tries {
        problem(served.request(role, "POST", &path).json(&body).send().await.unwrap(), 409, "conflict").await;
    }
    let nowhere = served.request("engineer", "POST", "/api/v1/plans/lake-日-1/publish").json(&json!({"to": "none"}));
    problem(nowhere.send().await.unwrap(), 422, "unreadable").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_too_often_is_told_when_to_come_again() {
    let served = Served::within(PULLED, Limits { per_token_per_s: 2, ..wide() }).await;
    for _ in 0..4 {
        assert_eq!(served.get("/api/v1/plans").await.status(), 200);
    }
    let late = served.get("/api/v1/plans").await;
    assert_eq!(late.headers()["retry-after"], "1");
    problem(late, 429, "too-many-requests").await;
    assert_eq!(served.request("signer", "GET", "/api/v1/plans").send().await.unwrap().status(), 200, "each has its own");
    served.made.clock.set(at("2026-05-31 12:00:01"));
    assert_eq!(served.get("/api/v1/plans").await.status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_silent_is_not_ready() {
    let served = Served::new(PULLED).await;
    let ready = || async { served.bare("GET", "/health/ready").send().await.unwrap() };
    assert_eq!(ready().await.status(), 200);
    served.made.clock.set(at("2026-05-31 12:02"));
    problem(ready().await, 503, "unavailable").await;
    assert_eq!(served.bare("GET", "/health/live").send().await.unwrap().status(), 200);
    served.beat_at("2026-05-31 12:02").await;
    assert_eq!(ready().await.status(), 200);
}
