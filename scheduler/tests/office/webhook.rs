//! A webhook's receiver: a real HTTP server that verifies signatures, answers what it is told to, and dies.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::Value;
use standardwebhooks::Webhook;
use tokio::task::JoinHandle;
use weir_model::document::PlanDocument;

use crate::made::Made;
use crate::receiver::{ALL, back, first, jobs, mornings, withdrawn_and_failed};

const SECRET: &str = "whsec_5WbX5kEWLlfzsGNjH64I8lOOqUB6e8FH";

/// What a receiver saw: the key by its header, and the event.
type Seen = Arc<Mutex<Vec<(String, Value)>>>;

#[derive(Clone)]
struct Receiver {
    seen: Seen,
    answer: Arc<Mutex<StatusCode>>,
    port: u16,
}

impl Receiver {
    fn new() -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        Self { seen: Seen::default(), answer: Arc::new(Mutex::new(StatusCode::NO_CONTENT)), port }
    }

    async fn start(&self) -> JoinHandle<()> {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", self.port)).await.unwrap();
        let router = Router::new().route("/weir", post(receive)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() })
    }

    fn answers(&self, status: StatusCode) {
        *self.answer.lock().unwrap() = status;
    }

    fn keys(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(|(_, event)| event["id"].as_str().unwrap().to_owned()).collect()
    }

    async fn office(&self, more: &str) -> Made {
        let publisher =
            format!("kind = \"webhook\"\nurl = \"http://127.0.0.1:{}/weir\"\nsecret_file = \"secret\"\n{more}", self.port);
        let made = Made::new(&jobs(&publisher)).await;
        std::fs::write(made.path().join("secret"), format!("{SECRET}\n")).unwrap();
        made
    }
}

async fn receive(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> Response {
    if let Err(error) = Webhook::new(SECRET).unwrap().verify(&body, &headers) {
        return (StatusCode::UNAUTHORIZED, error.to_string()).into_response();
    }
    let event: Value = serde_json::from_slice(&body).unwrap();
    let key = headers["webhook-id"].to_str().unwrap().to_owned();
    receiver.seen.lock().unwrap().push((key, event));
    let status = *receiver.answer.lock().unwrap();
    (status, [(header::LOCATION, "/elsewhere")]).into_response()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_plan_arrives_signed_and_in_order_over_an_outage() {
    let receiver = Receiver::new();
    let made = receiver.office("").await;
    let server = receiver.start().await;
    mornings(&made, async || {
        server.abort();
        assert!(server.await.unwrap_err().is_cancelled());
    })
    .await;
    let _server = receiver.start().await;
    back(&made).await;
    withdrawn_and_failed(&made).await;
    let keys = receiver.keys();
    assert_eq!(first(&keys), ALL);
    assert_eq!(keys.len(), ALL.len() + 1, "once more after the kill: {keys:?}");
    let seen = receiver.seen.lock().unwrap();
    assert_eq!(seen[0].0, "lake/%E6%97%A5/1/plan", "the same key for headers");
    let types: Vec<&str> = seen.iter().map(|(_, event)| event["type"].as_str().unwrap()).collect();
    let plan = "weir.plan.in_force";
    assert_eq!(types, [plan, plan, plan, plan, "weir.plan.withdrawn", "weir.run.failed", "weir.run.failed"]);
    let event = &seen[0].1;
    assert_eq!((event["specversion"].as_str(), event["source"].as_str()), (Some("1.0"), Some("/weir")));
    let document = PlanDocument::parse(&event["data"]["document"].to_string()).unwrap();
    assert_eq!(Some(document.record.id.as_str()), event["data"]["digest"].as_str());
    assert_eq!(document.record.audience.as_deref(), Some("内部"));
    assert_eq!(seen[4].1["data"]["statement"], "无有效方案");
    assert_eq!(seen[4].1["data"]["reason"], "水位计故障");
    assert!(seen[5].1["data"]["reason"].as_str().unwrap().contains("basin"), "{}", seen[5].1);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_redirect_is_followed_and_a_receiver_that_is_gone_is_left_alone() {
    let receiver = Receiver::new();
    let made = receiver.office("carry = \"notice\"").await;
    let _server = receiver.start().await;
    receiver.answers(StatusCode::TEMPORARY_REDIRECT);
    made.beat_at("2026-06-01 06:00").await;
    let pending = made.store.messages("pending", 9).await.unwrap();
    assert!(pending[0].error.contains("307 Temporary Redirect"), "{}", pending[0].error);
    receiver.answers(StatusCode::GONE);
    made.beat_at("2026-06-02 06:00").await;
    let dead = made.store.messages("dead", 9).await.unwrap();
    let told: Vec<(&str, &str)> = dead.iter().map(|message| (message.subject.as_str(), message.error.as_str())).collect();
    let gone = "410 Gone: the receiver wants no more";
    assert_eq!(told, [("lake-日-1", gone), ("lake-日-2", gone)]);
    receiver.answers(StatusCode::OK);
    made.beat_at("2026-06-03 06:00").await;
    let seen = receiver.seen.lock().unwrap();
    let last = &seen.last().unwrap().1;
    assert_eq!((last["id"].as_str(), last["data"].get("document")), (Some("lake/日/3/plan"), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_not_there_is_told_and_nothing_is_sent() {
    let receiver = Receiver::new();
    let made = receiver.office("audience = \"共享\"").await;
    let _server = receiver.start().await;
    std::fs::remove_file(made.path().join("secret")).unwrap();
    made.beat_at("2026-06-01 06:00").await;
    let pending = made.store.messages("pending", 9).await.unwrap();
    assert!(pending[0].error.contains("secret file"), "{}", pending[0].error);
    assert!(receiver.keys().is_empty());
    std::fs::write(made.path().join("secret"), SECRET).unwrap();
    made.beat_at("2026-06-01 06:05").await;
    std::fs::write(made.path().join("lake/basin.toml"), "nothing").unwrap();
    made.beat_at("2026-06-02 06:00").await;
    let seen = receiver.seen.lock().unwrap();
    let document = &seen[0].1["data"]["document"];
    assert_eq!((document["record"]["audience"].as_str(), document["record"].get("drafted_by")), (Some("共享"), None));
    assert_eq!(seen[1].1["data"]["reason"], "原因见调度部门内部记录", "paths and numbers stay inside");
}
