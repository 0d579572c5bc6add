//! A store of an earlier version is brought up to date at its start; one of a later version is left alone.

use std::path::Path;

use sqlx::migrate::Migrator;
use tempfile::TempDir;
use weir_scheduler::ledger::State;
use weir_scheduler::store::Store;

use crate::made::{DAILY, Made, address};

#[tokio::test(flavor = "multi_thread")]
async fn an_older_store_is_brought_up_to_date_and_a_later_one_refused() {
    sqlx::any::install_default_drivers();
    let folder = TempDir::new().unwrap();
    let address = address(folder.path()).await;
    // As the third version left it, with a run in its ledger.
    let first_three = TempDir::new().unwrap();
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    for name in ["0001_ledger.sql", "0002_gathered.sql", "0003_orders.sql"] {
        std::fs::copy(migrations.join(name), first_three.path().join(name)).unwrap();
    }
    let pool = sqlx::AnyPool::connect(&address).await.unwrap();
    Migrator::new(first_three.path()).await.unwrap().run(&pool).await.unwrap();
    let run = "INSERT INTO run (id, job, due, event, state, attempt, not_before, owner, fence, lease_until, cancelled, plan, reason) \
               VALUES ('daily@2026-05-30T22:00:00Z', 'daily', 1780178400000, '', 'failed', 1, 0, 'old', 1, 0, 0, '', 'no data')";
    sqlx::query(run).execute(&pool).await.unwrap();
    let old = Store::connect(&address).await.unwrap();
    let found = old.look().await.unwrap();
    assert_eq!((found.migration, found.missing.as_slice()), (3, &Store::known_migrations()[3..]));
    assert!(found.counts.contains(&("runs failed".to_owned(), 1)), "{found:?}");
    old.close().await;

    let made = Made::over(DAILY, &address).await;
    made.beat_at("2026-06-01 06:00").await;
    assert_eq!(made.states().await, [State::Failed, State::Published]);
    let found = made.store.look().await.unwrap();
    assert_eq!((found.missing, found.faults), (Vec::new(), Vec::new()));
    assert_eq!(found.migration, *Store::known_migrations().last().unwrap());

    sqlx::query("UPDATE _sqlx_migrations SET version = 9999 WHERE version = $1")
        .bind(found.migration)
        .execute(&pool)
        .await
        .unwrap();
    for said in [Store::open(&address).await.unwrap_err().to_string(), made.store.look().await.unwrap_err().to_string()] {
        assert!(
            said.contains("of a later weir: its migration 9999") && said.contains("run the weir that last opened it"),
            "{said}"
        );
    }
}
