//! A run starts from where its job's last one ended: the next day, after a restart, from a backup; what is damaged is a note.

use tempfile::TempDir;
use weir_model::document::PlanDocument;
use weir_scheduler::backup::Place;
use weir_scheduler::ledger::State;
use weir_scheduler::plans::Choice;
use weir_scheduler::store::Store;
use weir_solver::hot::UNUSED;

use crate::made::{DAILY, Made, address};
use crate::orders::gated;

/// Another alternative beside the basin's own method.
const WEIGHTED: &str = "alternatives = [\"weighted\"]\n";

/// The plans of a run, the base's first.
async fn plans(store: &Store, run: &str) -> Vec<(String, PlanDocument)> {
    let choice = Choice { run: Some(run.to_owned()), ..Choice::default() };
    let mut plans = Vec::new();
    for row in store.plans(&choice, 10).await.unwrap() {
        plans.push((row.alternative, store.document(&row.id).await.unwrap()));
    }
    plans.sort_by(|a, b| a.0.cmp(&b.0));
    plans
}

/// Of the last run's plan: what its solve started from, ended with, and noted of its start.
async fn last(made: &Made) -> (Option<String>, Option<String>, bool) {
    let run = made.runs().await.pop().unwrap();
    assert_eq!(run.state, State::Published, "{}", run.reason);
    let content = made.store.document(&run.plan).await.unwrap().content;
    let noted = content.case.notes.iter().any(|note| note.starts_with(UNUSED));
    (content.engine.starting_basis, content.engine.final_basis, noted)
}

/// An office, and a way of its own to the store.
async fn with_pool(jobs: &str) -> (Made, sqlx::AnyPool) {
    let folder = TempDir::new().unwrap();
    let address = address(folder.path()).await;
    let made = Made::made(jobs, folder, &address, |_| {}).await;
    (made, sqlx::AnyPool::connect(&address).await.unwrap())
}

/// What the ledger says where the last run began to solve.
async fn told(made: &Made) -> String {
    let run = made.runs().await.pop().unwrap();
    let changes = made.store.changes(&run.id).await.unwrap();
    changes.into_iter().find(|change| change.state == State::Solving.word()).unwrap().reason
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_day_starts_where_the_first_ended() {
    let made = Made::new(DAILY).await;
    made.beat_at("2026-06-01 06:00").await;
    let (none, first, _) = last(&made).await;
    assert_eq!((none, told(&made).await.as_str()), (None, ""));
    assert!(first.is_some());
    made.beat_at("2026-06-02 06:00").await;
    let (start, second, noted) = last(&made).await;
    assert_eq!((start, noted), (first, false));
    assert_eq!(told(&made).await, "starts from where `daily@2026-05-31T22:00:00Z` ended");

    // From a backup, as after a restart elsewhere.
    let backup = TempDir::new().unwrap();
    let (kept, folder) = (backup.path().join("kept.weir"), TempDir::new().unwrap());
    made.store.backup(&kept).await.unwrap();
    Store::restore(&kept, &Place::Folder(folder.path().to_owned()), 100).await.unwrap();
    let address = format!("sqlite://{}/weir.sqlite", folder.path().display());
    let made = Made::over(DAILY, &address).await;
    made.beat_at("2026-06-03 06:00").await;
    let (start, third, noted) = last(&made).await;
    assert_eq!((start, noted), (second, false));

    // The same store opened anew.
    made.store.close().await;
    let made = Made::over(DAILY, &address).await;
    made.beat_at("2026-06-04 06:00").await;
    assert_eq!(last(&made).await.0, third);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_end_is_a_note_and_the_next_day_is_hot_again() {
    let (made, pool) = with_pool(DAILY).await;
    made.beat_at("2026-06-01 06:00").await;
    for (day, damage) in [(2, "UPDATE hot_start SET body = SUBSTR(body, 1, 60)"), (3, "UPDATE hot_start SET body = '?'")] {
        sqlx::query(damage).execute(&pool).await.unwrap();
        made.beat_at(&format!("2026-06-0{day} 06:00")).await;
        let (start, end, noted) = last(&made).await;
        assert!(start.is_some() && end.is_some() && noted);
    }
    let (_, end, _) = last(&made).await;
    made.beat_at("2026-06-04 06:00").await;
    let (start, _, noted) = last(&made).await;
    assert_eq!((start, noted), (end, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_alternative_has_its_own_and_the_ends_of_one_run_are_kept() {
    let (made, pool) = with_pool(&format!("{DAILY}{WEIGHTED}")).await;
    let mut before: Vec<(String, PlanDocument)> = Vec::new();
    for day in 1..=3 {
        made.beat_at(&format!("2026-06-0{day} 06:00")).await;
        let run = made.runs().await.pop().unwrap();
        let after = plans(&made.store, &run.id).await;
        assert_eq!(after.iter().map(|(word, _)| word.as_str()).collect::<Vec<_>>(), ["base", "weighted"]);
        for ((_, before), (word, after)) in before.iter().zip(&after) {
            assert_eq!(after.content.engine.starting_basis, before.content.engine.final_basis, "{word}");
        }
        before = after;
    }
    let kept = sqlx::query("SELECT * FROM hot_start").fetch_all(&pool).await.unwrap();
    assert_eq!(kept.len(), 2);
}

/// A plan with the least breach is an end of the base, and starts from it.
#[tokio::test(flavor = "multi_thread")]
async fn a_fall_back_by_least_breach_is_an_end_of_the_base() {
    let made = Made::new(&DAILY.replace("cron =", "fall_back = \"automatic\"\ncron =")).await;
    let basin = made.path().join("lake/basin.toml");
    let mut before = None;
    // 60 m³/s for three days are more than the lake holds.
    for (day, floor) in [(1, 17.0), (2, 60.0), (3, 17.0)] {
        std::fs::write(&basin, gated(floor, "")).unwrap();
        made.beat_at(&format!("2026-06-0{day} 06:00")).await;
        let fell_back = made.runs().await.pop().unwrap().reason.starts_with("fell back (elastic)");
        assert_eq!(fell_back, day == 2);
        let (start, end, noted) = last(&made).await;
        assert_eq!((start, noted), (before, false));
        before = end;
    }
}
