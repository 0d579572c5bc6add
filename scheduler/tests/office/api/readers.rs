//! Readers are answered while runs go through.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures_util::future::{join, join_all};

use super::served::{PULLED, Served};

#[tokio::test(flavor = "multi_thread")]
async fn readers_are_answered_while_runs_go_through() {
    let served = Served::new(PULLED).await;
    served.beat_at("2026-06-01 06:00").await;
    let (done, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    let paths = ["/api/v1/plans", "/api/v1/in-force/lake/日", "/api/v1/runs", "/api/v1/messages?publisher=open", "/metrics"];
    let readers = (0..20_usize).map(|reader| {
        let (served, done, answered) = (&served, &done, &answered);
        async move {
            let mut turn = reader;
            while !done.load(Ordering::Relaxed) {
                let path = paths[turn % paths.len()];
                let status = served.get(path).await.status();
                assert_eq!(status, 200, "{path}");
                answered.fetch_add(1, Ordering::Relaxed);
                turn += 1;
            }
        }
    });
    let runs = async {
        for day in 2..=11 {
            served.beat_at(&format!("2026-06-{day:02} 06:00")).await;
        }
        done.store(true, Ordering::Relaxed);
    };
    join(join_all(readers), runs).await;
    assert_eq!(served.made.states().await.len(), 11);
    assert!(answered.load(Ordering::Relaxed) >= 20);
}
