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
    made.store.send_again("lake-日-1", "broken", "li", time).await.unwrap();
    made.service("first").drain_all().await;
    assert_eq!(made.json("wall/lake/日/latest.json")["revision"], 1);
    let last = made.store.changes("lake-日-1").await.unwrap().pop().unwrap();
    assert_eq!((last.state.as_str(), last.actor.as_str(), last.reason.as_str()), ("sent_again", "li", "broken"));
    assert!(made.store.messages("dead", 10).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_ends_and_failures_are_sent_again_while_they_are_so() {
    let made = office().await;
    made.beat_at("2026-06-01 06:00").await;
    let basin = made.path().join("lake/basin.toml");
    let sound = std::fs::read_to_string(&basin).unwrap();
    std::fs::write(&basin, "nothing").unwrap();
    made.beat_at("2026-06-04 06:00").await;
    let mut time = at("2026-06-04 06:00");
    for _ in 0..4 * MOST_ATTEMPTS {
        time = time.checked_add(jiff::SignedDuration::from_hours(3)).unwrap();
        made.clock.set(time);
        made.service("first").drain_all().await;
    }
    let dead = made.store.messages("dead", 10).await.unwrap();
    let kinds: Vec<(Kind, &str)> = dead.iter().map(|message| (message.kind, message.subject.as_str())).collect();
    let run = "daily@2026-06-03T22:00:00Z";
    assert_eq!(kinds, [(Kind::Plan, "lake-日-1"), (Kind::Expired, "lake-日-1"), (Kind::Failed, run)]);
    std::fs::remove_file(made.path().join("wall")).unwrap();
    // The plan has ended: its end is what is sent; of the run, that it failed.
    made.store.send_again("lake-日-1", "broken", "li", time).await.unwrap();
    made.store.send_again(run, "broken", "li", time).await.unwrap();
    made.service("first").drain_all().await;
    assert_eq!(made.json("wall/lake/日/latest.json")["status"], "expired");
    assert_eq!(made.json("wall/failed.json")["run"], run);
    assert!(made.store.messages("dead", 10).await.unwrap().is_empty());
    for (subject, why) in [("lake-日-1", "no end of it is dead"), (run, "nothing dead"), ("none", "there is no plan `none`")]
    {
        let said = made.store.send_again(subject, "broken", "li", time).await.unwrap_err().to_string();
        assert!(said.contains(why), "{said}");
    }
    // Once another is in force, an end that never arrived is not told any more.
    std::fs::remove_dir_all(made.path().join("wall")).unwrap();
    std::fs::write(made.path().join("wall"), "").unwrap();
    std::fs::write(&basin, sound).unwrap();
    let expired = made.store.messages("delivered", 100).await.unwrap();
    let expired = expired.iter().find(|message| message.publisher == "broken" && message.kind == Kind::Expired).unwrap();
    made.store.undeliverable(expired, "lost on its way").await.unwrap();
    made.clock.set(time);
    made.beat_at("2026-06-20 06:00").await;
    let said = made.store.send_again("lake-日-1", "broken", "li", at("2026-06-20 06:00")).await.unwrap_err().to_string();
    assert!(said.contains("the plan `lake-日-2` is in force after `lake-日-1`"), "{said}");
    assert_eq!(made.store.messages("dead", 10).await.unwrap().len(), 1, "it stays in the list");
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
