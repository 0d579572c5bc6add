//! A backup is of one moment while the office goes on, and what is restored from it goes on too.

use std::path::Path;

use tempfile::TempDir;
use weir_scheduler::backup::{Place, look_at};
use weir_scheduler::plans::Choice;
use weir_scheduler::store::{Change, Store};

use crate::made::{DAILY, Made, STORE, address, at};

/// Every change of the office's runs and plans, in order.
async fn ledger(store: &Store) -> Vec<Change> {
    let mut subjects: Vec<String> = store.runs(None, 1000).await.unwrap().into_iter().map(|run| run.id).collect();
    subjects.extend(store.plans(&Choice::default(), 1000).await.unwrap().into_iter().map(|plan| plan.id));
    let mut changes = Vec::new();
    for subject in subjects {
        changes.extend(store.changes(&subject).await.unwrap());
    }
    changes.sort_by_key(|change| change.sequence);
    changes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_an_office_at_work_is_restored_elsewhere() {
    let made = Made::new(DAILY).await;
    for day in 1..=3 {
        made.beat_at(&format!("2026-06-0{day} 06:00")).await;
    }
    let kept = TempDir::new().unwrap();
    let (first, second) = (kept.path().join("first.weir"), kept.path().join("second.weir"));
    // One while a run goes through, one while nothing happens.
    made.clock.set(at("2026-06-04 06:00"));
    let (taken, ()) = futures_util::future::join(made.store.backup(&first), made.beat()).await;
    taken.unwrap();
    made.store.backup(&second).await.unwrap();
    let refused = made.store.backup(&second).await.unwrap_err().to_string();
    assert!(refused.contains("is there already"), "{refused}");
    let plan = made.store.in_force("lake", "日", at("2026-06-04 06:00")).await.unwrap().unwrap();
    let whole = ledger(&made.store).await;
    for (backup, at_work) in [(&first, true), (&second, false)] {
        let found = look_at(backup).await.unwrap();
        assert_eq!((found.faults, found.missing), (Vec::new(), Vec::new()));
        let folder = TempDir::new().unwrap();
        let mut places =
            vec![(Place::Folder(folder.path().to_owned()), format!("sqlite://{}/weir.sqlite", folder.path().display()))];
        if std::env::var(STORE).is_ok() {
            let address = address(Path::new("")).await;
            places.push((Place::Database(address.clone()), address));
        }
        for (place, address) in places {
            Store::restore(backup, &place, 100).await.unwrap();
            let refused = Store::restore(backup, &place, 100).await.unwrap_err().to_string();
            assert!(refused.contains("there is a store already"), "{refused}");
            let restored = Store::open(&address).await.unwrap();
            assert_eq!(restored.look().await.unwrap().faults, Vec::<String>::new());
            let told = ledger(&restored).await;
            assert!(whole.starts_with(&told) && (at_work || told == whole), "{} of {}", told.len(), whole.len());
            if at_work {
                continue;
            }
            let again = restored.in_force("lake", "日", at("2026-06-04 06:00")).await.unwrap().unwrap();
            assert_eq!(again, plan);
            assert_eq!(restored.document(&again.id).await.unwrap(), made.store.document(&plan.id).await.unwrap());
            // It goes on: what was due is run, and nothing that was given out since is given out twice.
            let moved = Made { store: restored, clock: made.clock.clone(), folder: TempDir::new().unwrap() };
            std::fs::create_dir(moved.path().join("lake")).unwrap();
            for file in ["jobs.toml", "lake/basin.toml"] {
                std::fs::copy(made.path().join(file), moved.path().join(file)).unwrap();
            }
            moved.beat_at("2026-06-05 06:00").await;
            let next = moved.store.in_force("lake", "日", at("2026-06-05 06:00")).await.unwrap().unwrap();
            assert_eq!((next.revision, next.supersedes.as_str()), (plan.revision + 101, plan.id.as_str()));
            let last = moved.store.messages("delivered", 1000).await.unwrap().pop().unwrap().sequence;
            assert!(last > 1_000_000, "{last}");
            moved.store.close().await;
            made.clock.set(at("2026-06-04 06:00"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_backup_or_not_sound_is_refused() {
    let made = Made::new(DAILY).await;
    made.beat_at("2026-06-01 06:00").await;
    let kept = TempDir::new().unwrap();
    let backup = kept.path().join("backup.weir");
    made.store.backup(&backup).await.unwrap();
    let nowhere = Place::Folder(kept.path().to_owned());
    let text = kept.path().join("text");
    std::fs::write(&text, "nothing ".repeat(1000)).unwrap();
    for (file, why) in [(text.as_path(), "this is no store of weir's"), (Path::new("none"), "is no backup")] {
        let said = Store::restore(file, &nowhere, 100).await.unwrap_err().to_string();
        assert!(said.contains(why), "{said}");
    }
    // A plan that somebody changed.
    let pool = sqlx::AnyPool::connect(&format!("sqlite://{}", backup.display())).await.unwrap();
    sqlx::query("UPDATE plan SET document = replace(document, '\"lake\"', '\"pond\"')").execute(&pool).await.unwrap();
    pool.close().await;
    let found = look_at(&backup).await.unwrap();
    assert!(found.faults.len() == 1 && found.faults[0].contains("lake-日-1"), "{:?}", found.faults);
    let said = Store::restore(&backup, &nowhere, 100).await.unwrap_err().to_string();
    assert!(said.contains("is not sound") && said.contains("lake-日-1"), "{said}");
    let left: Vec<_> = std::fs::read_dir(kept.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "nothing is left beside: {left:?}");
}
