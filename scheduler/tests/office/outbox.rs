//! What is to be told is told in order, once it can be, and no dead publisher holds back another.

use weir_scheduler::outbox::{Kind, MOST_ATTEMPTS};

use crate::made::{DAILY, Made, at};

const TWO: &str = r#"
[[publisher]]
id = "broken"
kind = "directory"
path = "wall"
"#;

async fn office() -> Made {
    let jobs = DAILY.replace("[\"folder\"]", "[\"folder\", \"broken\"]");
    let made = Made::new(&format!("{TWO}{jobs}")).await;
    // A file stands where the folder should be.
    std::fs::write(made.path().join("wall"), "").unwrap();
    made
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_publisher_holds_back_its_own_messages_only() {
    let made = office().await;
    for day in 1..=3 {
        made.beat_at(&format!("2026-06-0{day} 06:00")).await;
    }
    assert_eq!(made.json("published/lake/日/latest.json")["revision"], 3);
    let pending = made.store.messages("pending", 10).await.unwrap();
    let told: Vec<(&str, &str, Kind)> =
        pending.iter().map(|message| (message.publisher.as_str(), message.subject.as_str(), message.kind)).collect();
    assert_eq!(
        told,
        [("broken", "lake-日-1", Kind::Plan), ("broken", "lake-日-2", Kind::Plan), ("broken", "lake-日-3", Kind::Plan)]
    );
    assert_eq!(pending.iter().map(|message| message.attempts > 0).collect::<Vec<_>>(), [true, false, false], "in order");
    std::fs::remove_file(made.path().join("wall")).unwrap();
    made.beat_at("2026-06-03 12:00").await;
    assert_eq!(made.json("wall/lake/日/latest.json")["revision"], 3);
    for revision in 1..=3 {
        assert!(made.path().join(format!("wall/lake/日/{revision}/plan.json")).exists());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_never_arrives_is_dead_and_can_be_sent_again() {
    let made = office().await;
    made.beat_at("2026-06-01 06:00").await;
    let mut time = at("2026-06-01 06:00");
    for _ in 0..MOST_ATTEMPTS {
        time = time.checked_add(jiff::SignedDuration::from_hours(3)).unwrap();
        made.clock.set(time);
        made.service("first").drain_all().await;
    }
    let dead = made.store.messages("dead", 10).await.unwrap();
    assert_eq!(dead.iter().map(|message| message.attempts).collect::<Vec<_>>(), [MOST_ATTEMPTS]);
    assert!(dead[0].error.contains("os error"), "{}", dead[0].error);
    std::fs::remove_file(made.path().join("wall")).unwrap();
    made.store.send_again("lake-日-1", "broken", time).await.unwrap();
    made.service("first").drain_all().await;
    assert_eq!(made.json("wall/lake/日/latest.json")["revision"], 1);
    assert!(made.store.messages("dead", 10).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_delivered_twice_leaves_the_same_files() {
    let made = Made::new(DAILY).await;
    made.beat_at("2026-06-01 06:00").await;
    let before = made.json("published/lake/日/latest.json");
    let message = made.store.messages("delivered", 1).await.unwrap().remove(0);
    // As after a kill between delivery and its note in the ledger.
    made.store.not_delivered(&message, "not noted", at("2026-06-01 06:00")).await.unwrap();
    made.beat_at("2026-06-01 06:10").await;
    assert_eq!(made.json("published/lake/日/latest.json"), before);
}
