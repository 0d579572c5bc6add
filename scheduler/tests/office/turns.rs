//! So many runs are solved at once; what waits for its turn holds up nothing else, and beats that overlap do nothing twice.

use std::sync::Arc;

use futures_util::future::join_all;
use tokio::sync::{Semaphore, watch};
use weir_scheduler::ledger::State;

use crate::made::{DAILY, Made, at};

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_its_turn_holds_up_nothing_else() {
    let made = Made::new(DAILY).await;
    made.beat_at("2026-06-01 06:00").await;
    let turns = Arc::new(Semaphore::new(1));
    let service = Arc::new(made.service("first").with_solves(Arc::clone(&turns)));
    let (_keep, stop) = watch::channel(false);
    // Another solve has the only turn when the next run is due.
    let busy = turns.acquire().await.unwrap();
    made.clock.set(at("2026-06-04 06:00"));
    let waiting = tokio::spawn({
        let (service, stop) = (Arc::clone(&service), stop.clone());
        async move { service.beat(&stop).await }
    });
    let run = loop {
        if let Some(run) = made.runs().await.into_iter().find(|run| run.state == State::Gathering) {
            break run;
        }
        tokio::task::yield_now().await;
    };
    // Meanwhile the plan in force ends, and a further beat tells so.
    service.beat(&stop).await;
    assert_eq!(made.json("published/lake/日/latest.json")["status"], "expired");
    // It can be ended while it waits, and was never solved.
    made.store.cancel(&run.id, at("2026-06-04 06:00"), "li", "不算了").await.unwrap();
    waiting.await.unwrap();
    let states: Vec<String> = made.store.changes(&run.id).await.unwrap().into_iter().map(|change| change.state).collect();
    assert_eq!(states, ["due", "gathering", "cancel_asked", "cancelled"]);
    drop(busy);
    made.clock.set(at("2026-06-05 06:00"));
    service.beat(&stop).await;
    assert_eq!(made.states().await.last(), Some(&State::Published));
}

#[tokio::test(flavor = "multi_thread")]
async fn beats_that_overlap_run_and_tell_once() {
    let made = Made::new(DAILY).await;
    let service = made.service("first");
    let (_keep, stop) = watch::channel(false);
    for day in 1..=5 {
        made.clock.set(at(&format!("2026-06-0{day} 06:00")));
        join_all((0..4).map(|_| service.beat(&stop))).await;
    }
    service.beat(&stop).await;
    assert_eq!(made.states().await, [State::Published; 5]);
    let mut told = made.store.messages("delivered", 100).await.unwrap();
    told.sort_by_key(|message| message.sequence);
    let told: Vec<(&str, i64)> = told.iter().map(|message| (message.subject.as_str(), message.attempts)).collect();
    assert_eq!(told, [("lake-日-1", 1), ("lake-日-2", 1), ("lake-日-3", 1), ("lake-日-4", 1), ("lake-日-5", 1)]);
}
