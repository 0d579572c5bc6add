//! What the tests of receivers share: an office with a publisher, days that go by while the receiver is up, down and up again, and
//! what each receiver must have in the end.

use weir_scheduler::outbox::Kind;

use crate::made::{DAILY, Made, at};

/// A job whose plans go to a publisher `receiver`, as given without its id, beside the folder.
pub fn jobs(publisher: &str) -> String {
    format!("[[publisher]]\nid = \"receiver\"\n{publisher}\n{}", DAILY.replace("[\"folder\"]", "[\"folder\", \"receiver\"]"))
}

/// Three mornings: the receiver is up on the first, and down on the two after it.
pub async fn mornings(made: &Made, down: impl AsyncFnOnce()) {
    made.beat_at("2026-06-01 06:00").await;
    assert!(waiting(made).await.is_empty(), "{:?}", waiting(made).await);
    down().await;
    made.beat_at("2026-06-02 06:00").await;
    made.beat_at("2026-06-03 06:00").await;
    assert_eq!(made.json("published/lake/日/latest.json")["revision"], 3, "the other publisher goes on");
    let waiting = waiting(made).await;
    assert_eq!(waiting, ["lake-日-2", "lake-日-3"]);
}

/// The receiver is back: the two plans arrive in their order; then, as after a kill between a delivery and its note in the
/// ledger, the last one arrives again.
pub async fn back(made: &Made) {
    made.beat_at("2026-06-03 12:00").await;
    assert!(waiting(made).await.is_empty(), "{:?}", made.store.messages("pending", 9).await);
    let delivered = made.store.messages("delivered", 100).await.unwrap();
    let last = delivered.iter().rfind(|message| message.publisher == "receiver").unwrap();
    assert_eq!(last.subject, "lake-日-3");
    made.store.not_delivered(last, "not noted", at("2026-06-03 12:00")).await.unwrap();
    made.beat_at("2026-06-03 12:10").await;
    assert!(waiting(made).await.is_empty());
}

/// The plan is taken back, and the next morning has none, nor when it is tried again by hand.
pub async fn withdrawn_and_failed(made: &Made) {
    made.store.withdraw("lake-日-3", "zhao", "水位计故障", at("2026-06-03 13:00")).await.unwrap();
    made.beat_at("2026-06-03 13:00").await;
    std::fs::write(made.path().join("lake/basin.toml"), "nothing").unwrap();
    made.beat_at("2026-06-04 06:00").await;
    made.store.retry("daily@2026-06-03T22:00:00Z", at("2026-06-04 06:30"), "wang").await.unwrap();
    made.beat_at("2026-06-04 06:30").await;
    assert!(waiting(made).await.is_empty());
}

/// Plans that wait to be told to the receiver.
async fn waiting(made: &Made) -> Vec<String> {
    let pending = made.store.messages("pending", 100).await.unwrap();
    let of = pending.into_iter().filter(|message| message.publisher == "receiver" && message.kind == Kind::Plan);
    of.map(|message| message.subject).collect()
}

/// Keys in the order in which they first arrived.
pub fn first(keys: &[String]) -> Vec<&str> {
    let mut seen: Vec<&str> = Vec::new();
    for key in keys {
        if !seen.contains(&key.as_str()) {
            seen.push(key);
        }
    }
    seen
}

/// What every receiver of events has at the end, by key.
pub const ALL: [&str; 6] = [
    "lake/日/1/plan",
    "lake/日/2/plan",
    "lake/日/3/plan",
    "lake/日/3/withdrawn",
    "daily@2026-06-03T22:00:00Z/failed/1",
    "daily@2026-06-03T22:00:00Z/failed/3",
];
