//! An office in a folder of its own.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::Timestamp;
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::watch;
use weir_scheduler::checks::Verdict;
use weir_scheduler::clock::Told;
use weir_scheduler::job::Office;
use weir_scheduler::ledger::{Run, State};
use weir_scheduler::service::Service;
use weir_scheduler::store::Store;

/// A lake of 20 hm³ above a town that wants 1 m³/s.
pub const LAKE: &str = r#"
[basin]
id = "lake"

[horizon]
steps = ["3 x 1 d"]

[[reservoir]]
id = "lake"
curve = [{ level_m = 0, storage_hm3 = 0 }, { level_m = 20, storage_hm3 = 20 }]
levels_m = { dead = 1 }
initial_level_m = 10

[[demand]]
id = "town"
from = "lake"
demand_m3s = 1
shares = { residents = 1 }

[[objective]]
id = "shortage"
kind = "shortage"

[method]
stages = ["shortage"]
"#;

/// A folder that plans are published into, and a job at six every morning.
pub const DAILY: &str = r#"
[[publisher]]
id = "folder"
kind = "directory"
path = "published"

[[job]]
id = "daily"
basin = "lake"
cron = "0 6 * * *"
approval = "automatic"
publish = ["folder"]
"#;

/// Where this is set, each office has a database of its own on that server, rather than an SQLite file.
pub const STORE: &str = "WEIR_TEST_SERVER";

/// A new database on a server.
async fn database(server: &str) -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    sqlx::any::install_default_drivers();
    let name = format!("office_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let pool = sqlx::AnyPool::connect(&format!("{server}/postgres")).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&pool).await.unwrap();
    pool.close().await;
    format!("{server}/{name}")
}

/// Address of a new store: the folder's file, or a database of its own.
pub async fn address(folder: &Path) -> String {
    match std::env::var(STORE) {
        Ok(server) => database(&server).await,
        Err(_) => format!("sqlite://{}?mode=rwc", folder.join("weir.sqlite").display()),
    }
}

/// An office with its clock and store.
pub struct Made {
    pub folder: TempDir,
    pub clock: Arc<Told>,
    pub store: Store,
}

/// A time in Shanghai, such as `2026-06-01 06:00`.
pub fn at(text: &str) -> Timestamp {
    let local: jiff::civil::DateTime = text.parse().unwrap();
    local.in_tz("Asia/Shanghai").unwrap().timestamp()
}

impl Made {
    /// An office with these jobs over the lake, its clock at noon of 31 May 2026.
    pub async fn new(jobs: &str) -> Self {
        Self::with(jobs, |_| {}).await
    }

    /// The same, with more in its folder.
    pub async fn with(jobs: &str, more: impl FnOnce(&Path)) -> Self {
        let folder = TempDir::new().unwrap();
        let address = address(folder.path()).await;
        Self::made(jobs, folder, &address, more).await
    }

    /// The same over a store that is there.
    pub async fn over(jobs: &str, address: &str) -> Self {
        Self::made(jobs, TempDir::new().unwrap(), address, |_| {}).await
    }

    /// The same in a given folder.
    pub async fn made(jobs: &str, folder: TempDir, address: &str, more: impl FnOnce(&Path)) -> Self {
        std::fs::create_dir(folder.path().join("lake")).unwrap();
        std::fs::write(folder.path().join("lake/basin.toml"), LAKE).unwrap();
        more(folder.path());
        std::fs::write(folder.path().join("jobs.toml"), jobs).unwrap();
        let store = Store::open(address).await.unwrap();
        let made = Self { folder, clock: Arc::new(Told::new(at("2026-05-31 12:00"))), store };
        // The first look at the clock is where a job begins.
        made.beat().await;
        made
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// An instance of the service.
    pub fn service(&self, name: &str) -> Service {
        let office = Office::read(self.path()).unwrap();
        Service::new(self.path(), office, self.store.clone(), self.clock.clone(), name)
    }

    pub async fn beat(&self) {
        let (_keep, stop) = watch::channel(false);
        self.service("first").beat(&stop).await;
    }

    /// A beat at a time.
    pub async fn beat_at(&self, time: &str) {
        self.clock.set(at(time));
        self.beat().await;
    }

    /// States of the runs, the first due first.
    pub async fn states(&self) -> Vec<State> {
        self.runs().await.iter().map(|run| run.state).collect()
    }

    pub async fn runs(&self) -> Vec<Run> {
        let mut runs = self.store.runs(None, 1000).await.unwrap();
        runs.reverse();
        runs
    }

    /// What is wrong with a plan against its question, made again of what the store holds.
    pub async fn faults(&self, plan: &str) -> Vec<String> {
        let office = Office::read(self.path()).unwrap();
        self.store.verified((self.path(), &office), plan, None).await.unwrap().1
    }

    /// A plan verifies, in its run and again.
    pub async fn verifies(&self, plan: &str) {
        assert_eq!(self.faults(plan).await, Vec::<String>::new(), "{plan}");
        let checks = self.store.plan(plan).await.unwrap().unwrap().checks;
        let certificate = checks.iter().find(|check| check.check == "certificate").unwrap();
        assert_ne!(certificate.verdict, Verdict::Held, "{plan}: {}", certificate.text);
    }

    pub fn json(&self, path: &str) -> Value {
        let text = std::fs::read_to_string(self.path().join(path)).unwrap();
        serde_json::from_str(&text).unwrap()
    }
}
