//! A receiver that is cut off, and comes again, ends with exactly what was published, in order.

use reqwest::Response;
use serde_json::Value;
use weir_scheduler::api::Limits;

use super::problems::problem;
use super::served::{PULLED, Served, wide};
use crate::made::at;

/// An open stream, as a receiver reads it.
struct Stream {
    response: Response,
    text: String,
}

impl Stream {
    async fn open(served: &Served, last: Option<&str>) -> Self {
        let mut request = served.request("viewer", "GET", "/api/v1/events?publisher=open");
        if let Some(last) = last {
            request = request.header("Last-Event-ID", last);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, text: String::new() }
    }

    /// Id, name and data of the next event; none at the end of the stream.
    async fn next(&mut self) -> Option<(String, String, Value)> {
        loop {
            let Some(end) = self.text.find("\n\n") else {
                let chunk = self.response.chunk().await.unwrap()?;
                self.text.push_str(std::str::from_utf8(&chunk).unwrap());
                continue;
            };
            let rest = self.text.split_off(end + 2);
            let event = std::mem::replace(&mut self.text, rest);
            let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
            // What has no id is there to keep the line open.
            if let (Some(id), Some(name), Some(data)) = (field("id: "), field("event: "), field("data: ")) {
                return Some((id, name, serde_json::from_str(&data).unwrap()));
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_cut_off_misses_nothing() {
    let served = Served::new(PULLED).await;
    let mut got: Vec<(String, String, Value)> = Vec::new();
    for day in 1..=3 {
        served.beat_at(&format!("2026-06-0{day} 06:00")).await;
    }
    let mut stream = Stream::open(&served, None).await;
    got.push(stream.next().await.unwrap());
    got.push(stream.next().await.unwrap());
    // Cut off with the third on its way.
    drop(stream);
    served.beat_at("2026-06-04 06:00").await;
    let mut stream = Stream::open(&served, Some(&got[1].0)).await;
    got.push(stream.next().await.unwrap());
    got.push(stream.next().await.unwrap());
    // What comes while it is open, the end of the last plan among it.
    served.beat_at("2026-06-05 06:00").await;
    got.push(stream.next().await.unwrap());
    std::fs::remove_dir_all(served.made.path().join("lake")).unwrap();
    std::fs::create_dir(served.made.path().join("lake")).unwrap();
    served.beat_at("2026-06-09 00:00").await;
    got.push(stream.next().await.unwrap());
    let names: Vec<&str> = got.iter().map(|(_, name, _)| name.as_str()).collect();
    assert_eq!(names, ["plan", "plan", "plan", "plan", "plan", "expired"]);
    let revisions: Vec<i64> = got.iter().map(|(_, _, told)| told["revision"].as_i64().unwrap()).collect();
    assert_eq!(revisions, [1, 2, 3, 4, 5, 5]);
    assert!(got.iter().all(|(id, _, told)| id.parse().ok() == told["sequence"].as_i64()));
    assert_eq!(got[5].2["statement"], "无有效方案");
    // Each tells where its document is, and what its digest must be.
    for (_, _, told) in &got {
        let document = served.json(told["document"].as_str().unwrap()).await;
        assert_eq!(document["record"]["id"], told["digest"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_its_token_and_with_the_service() {
    let served = Served::new(PULLED).await;
    served.beat_at("2026-06-01 06:00").await;
    let mut revoked = Stream::open(&served, None).await;
    assert!(revoked.next().await.is_some());
    served.made.store.revoke_token("viewer", "test", at("2026-06-01 06:00")).await.unwrap();
    assert!(revoked.next().await.is_none());
    let request = served.request("signer", "GET", "/api/v1/events?publisher=open").header("Last-Event-ID", "1");
    let mut stream = Stream { response: request.send().await.unwrap(), text: String::new() };
    served.stop.send(true).unwrap();
    assert!(stream.next().await.is_none());
    drop(stream);
    served.serving.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_stream_too_many_is_told_to_come_again() {
    let served = Served::within(PULLED, Limits { streams: 1, ..wide() }).await;
    served.beat_at("2026-06-01 06:00").await;
    let mut first = Stream::open(&served, None).await;
    assert!(first.next().await.is_some());
    let second = served.get("/api/v1/events?publisher=open").await;
    assert!(second.headers().contains_key("retry-after"));
    problem(second, 429, "too-many-requests").await;
    // Pages are answered meanwhile, and the place is free once the first has gone.
    assert_eq!(served.json("/api/v1/messages?publisher=open").await["items"].as_array().unwrap().len(), 1);
    drop(first);
    while served.get("/api/v1/events?publisher=open").await.status() != 200 {}
}
