//! Several instances over one store, and owners that die.

use jiff::Timestamp;
use weir_scheduler::job::Office;
use weir_scheduler::ledger::State;
use weir_scheduler::plans::Choice;
use weir_scheduler::store::StoreError;

use crate::made::{DAILY, Made, at};

#[tokio::test(flavor = "multi_thread")]
async fn of_four_instances_one_runs_each_morning() {
    let made = Made::new(DAILY).await;
    let (_keep, stop) = tokio::sync::watch::channel(false);
    for day in 1..=5 {
        made.clock.set(at(&format!("2026-06-0{day} 06:00")));
        let services: Vec<_> = (0..4).map(|number| made.service(&format!("instance {number}"))).collect();
        let beats: Vec<_> = services
            .into_iter()
            .map(|service| {
                let stop = stop.clone();
                tokio::spawn(async move { service.beat(&stop).await })
            })
            .collect();
        for beat in beats {
            beat.await.unwrap();
        }
    }
    // What one instance made while another was at the publisher goes out with the next beat.
    made.beat().await;
    assert_eq!(made.states().await, [State::Published; 5]);
    assert_eq!(made.store.plans(&Choice::default(), 100).await.unwrap().len(), 5);
    let messages = made.store.messages("delivered", 100).await.unwrap();
    assert_eq!(messages.iter().map(|message| message.attempts).collect::<Vec<_>>(), [1; 5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_taken_over_once_its_owner_is_not_heard_of() {
    let made = Made::new(DAILY).await;
    let office = Office::read(made.path()).unwrap();
    let job = office.job("daily").unwrap();
    let due = at("2026-06-01 06:00");
    made.store.reconcile(job, due, "lost").await.unwrap();
    let run = made.store.claim(job, "lost", due, 60_000).await.unwrap().unwrap();
    made.beat_at("2026-06-01 06:00:59").await;
    assert_eq!(made.states().await, [State::Gathering], "its lease still holds");
    made.beat_at("2026-06-01 06:01:01").await;
    assert_eq!(made.states().await, [State::Published]);
    let stale = made.store.advance(&run, State::Solving, due, "").await;
    assert!(matches!(stale, Err(StoreError::Lost(_))), "{stale:?}");
    assert!(matches!(made.store.beat(&run, due, 60_000).await, Err(StoreError::Lost(_))));
    assert!(matches!(made.store.draft(&run, &[], due).await, Err(StoreError::Lost(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_waits_while_another_is_at_work_and_the_last_stays() {
    let wanted = [
        ("queue", [State::Gathering, State::Superseded, State::Due]),
        ("skip", [State::Gathering, State::Skipped, State::Skipped]),
    ];
    for (policy, states) in wanted {
        let hourly = DAILY.replace("0 6 * * *", "0 * * * *");
        let made = Made::new(&format!("{hourly}overlap = \"{policy}\"\n")).await;
        let office = Office::read(made.path()).unwrap();
        let job = office.job("daily").unwrap();
        let long = 10 * 3_600_000;
        let hour = |hour: &str| -> Timestamp { at(&format!("2026-05-31 {hour}:00")) };
        made.store.reconcile(job, hour("13"), "busy").await.unwrap();
        made.store.claim(job, "busy", hour("13"), long).await.unwrap().unwrap();
        for next in ["14", "15"] {
            made.store.reconcile(job, hour(next), "busy").await.unwrap();
            assert!(made.store.claim(job, "other", hour(next), long).await.unwrap().is_none());
        }
        assert_eq!(made.states().await, states, "{policy}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_to_be_cancelled_hears_of_it() {
    let made = Made::new(&format!("{DAILY}overlap = \"cancel_previous\"\n")).await;
    let office = Office::read(made.path()).unwrap();
    let job = office.job("daily").unwrap();
    let due = at("2026-06-01 06:00");
    made.store.reconcile(job, due, "busy").await.unwrap();
    let run = made.store.claim(job, "busy", due, 60_000).await.unwrap().unwrap();
    assert!(!made.store.beat(&run, due, 60_000).await.unwrap());
    made.store.cancel(&run.id, due, "li", "数据有误").await.unwrap();
    assert!(made.store.beat(&run, due, 60_000).await.unwrap());
    made.store.advance(&run, State::Cancelled, due, "").await.unwrap();
    assert!(made.store.cancel(&run.id, due, "li", "").await.unwrap_err().to_string().contains("has ended"));
    made.store.retry(&run.id, due, "li").await.unwrap();
    made.beat_at("2026-06-01 06:00:10").await;
    assert_eq!(made.states().await, [State::Published]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_one_run_however_often_it_is_told() {
    let made = Made::new(DAILY).await;
    let office = Office::read(made.path()).unwrap();
    let job = office.job("daily").unwrap();
    let first = made.store.fire(job, at("2026-05-31 13:00"), "forecast 12", "li").await.unwrap();
    let again = made.store.fire(job, at("2026-05-31 14:00"), "forecast 12", "li").await.unwrap();
    assert_eq!(first, again);
    made.beat_at("2026-05-31 14:00:01").await;
    assert_eq!(made.states().await, [State::Published]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_stops_puts_its_runs_back() {
    let made = Made::new(DAILY).await;
    made.clock.set(at("2026-06-01 06:00"));
    let (tell, stop) = tokio::sync::watch::channel(false);
    tell.send(true).unwrap();
    made.service("stopping").beat(&stop).await;
    assert_eq!(made.states().await, [State::Due]);
    made.beat().await;
    assert_eq!(made.states().await, [State::Published]);
}
