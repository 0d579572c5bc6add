//! The store: an SQLite file beside the plans, or a PostgreSQL database that several instances share.
//!
//! One set of statements for both: numbered parameters, integers and text only. A transaction begins with a write, so that
//! SQLite takes its lock at once and no reader becomes a writer half-way.
//! Fails: a store that cannot be reached, or whose migrations are of a later version.

use std::path::Path;
use std::sync::Once;
use std::time::Duration;

use jiff::Timestamp;
use sqlx::any::AnyPoolOptions;
use sqlx::migrate::MigrateError;
use sqlx::{Any, AnyPool, Connection, Executor, Row, Transaction};

/// The migrations, in order.
static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");
static DRIVERS: Once = Once::new();

/// How often migrations that fail are tried again, and after how long.
const MOST_TRIES: usize = 50;
const AGAIN: Duration = Duration::from_millis(100);

/// Name of the SQLite file in an office's folder.
pub const FILE: &str = "weir.sqlite";

/// Why the store could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database said so.
    #[error("store: {0}")]
    Database(#[from] sqlx::Error),
    /// Its tables could not be brought to this version.
    #[error("store: migration: {0}")]
    Migration(#[from] MigrateError),
    /// Another instance has taken the work over.
    #[error("the run `{0}` was taken over by another instance")]
    Lost(String),
    /// What was asked for cannot be done as things stand.
    #[error("{0}")]
    Refused(String),
    /// There is nothing of that id.
    #[error("there is no {what} `{id}`\n  hint: `weir {what}s list`")]
    None {
        /// `plan`, `run`, `order` or `command`.
        what: &'static str,
        /// The id.
        id: String,
    },
    /// It does not answer.
    #[error("store: {address} does not answer within {} s\n  hint: is the database up, and can it be reached from here?", .waited.as_secs())]
    Away {
        /// Where it is, without who asks.
        address: String,
        /// How long it was waited for.
        waited: Duration,
    },
}

impl StoreError {
    /// There is no plan, run, order or command of that id.
    pub(crate) fn no(what: &'static str, id: &str) -> Self {
        Self::None { what, id: id.to_owned() }
    }
}

/// How long a run, or a service that starts, waits for a store that does not answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long people wait for it.
pub const SOON: Duration = Duration::from_secs(5);

/// A store.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) pool: AnyPool,
}

/// A transaction.
pub(crate) type Work = Transaction<'static, Any>;

impl Store {
    /// Opens the store at an address (`sqlite://…`, `postgres://…`) and brings its tables to this version.
    ///
    /// # Errors
    /// If it cannot be reached or is of a later version.
    pub async fn open(address: &str) -> Result<Self, StoreError> {
        Self::connect_within(address, PATIENCE).await?.migrated().await
    }

    /// The same for somebody who waits: a store that is away is told soon.
    ///
    /// # Errors
    /// If it cannot be reached or is of a later version.
    pub async fn open_soon(address: &str) -> Result<Self, StoreError> {
        Self::connect_within(address, SOON).await?.migrated().await
    }

    async fn migrated(self) -> Result<Self, StoreError> {
        let store = self;
        // Two instances that begin at one instant both want to make the tables. PostgreSQL lets one wait; on SQLite one of them fails
        // at a table that the other has just made, each in a transaction of its own, and goes on from there.
        let mut tries = 0;
        loop {
            match MIGRATIONS.run(&store.pool).await {
                Ok(()) => return Ok(store),
                Err(MigrateError::VersionMissing(number)) => return Err(later(number)),
                Err(MigrateError::Execute(_) | MigrateError::ExecuteMigration(..)) if tries < MOST_TRIES => tries += 1,
                Err(fault) => return Err(fault.into()),
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// Opens the store at an address as it is, of whatever version.
    ///
    /// # Errors
    /// If it cannot be reached.
    pub async fn connect(address: &str) -> Result<Self, StoreError> {
        Self::connect_within(address, SOON).await
    }

    async fn connect_within(address: &str, patience: Duration) -> Result<Self, StoreError> {
        DRIVERS.call_once(sqlx::any::install_default_drivers);
        if !["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| address.starts_with(scheme)) {
            let why =
                format!("`{}` is no address of a store\n  hint: `postgres://USER@HOST/DATABASE`", without_user(address));
            return Err(StoreError::Refused(why));
        }
        // A file that is only read is left as it is.
        let sqlite = address.starts_with("sqlite") && !address.ends_with("?mode=ro");
        let pool = AnyPoolOptions::new()
            .max_connections(8)
            .acquire_timeout(patience)
            // Where a disk is full SQLite rolls back by itself, and the connection goes on counting a transaction that is gone:
            // what came next on it would not be committed, and would hold up every other.
            .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if sqlite {
                        for pragma in [
                            "PRAGMA busy_timeout = 20000",
                            "PRAGMA journal_mode = WAL",
                            "PRAGMA synchronous = FULL",
                            "PRAGMA foreign_keys = ON",
                        ] {
                            connection.execute(pragma).await?;
                        }
                    }
                    Ok(())
                })
            })
            .connect(address)
            .await
            .map_err(|fault| match fault {
                sqlx::Error::PoolTimedOut => StoreError::Away { address: without_user(address), waited: patience },
                other => StoreError::Database(other),
            })?;
        Ok(Self { pool })
    }

    /// Opens the SQLite file of an office's folder.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub async fn beside(folder: &Path) -> Result<Self, StoreError> {
        Self::open(&file(&folder.join(FILE), "rwc")).await
    }

    /// The numbers of the migrations that this version knows.
    pub fn known_migrations() -> Vec<i64> {
        MIGRATIONS.iter().map(|migration| migration.version).collect()
    }

    /// Begins a transaction.
    pub(crate) async fn begin(&self) -> Result<Work, StoreError> {
        Ok(self.pool.begin().await?)
    }

    /// Whether it answers.
    ///
    /// # Errors
    /// If it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }

    /// Closes it.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// An address without user and password.
fn without_user(address: &str) -> String {
    match address.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?.1))) {
        Some((scheme, host)) => format!("{scheme}://{host}"),
        None => address.to_owned(),
    }
}

/// Address of an SQLite file, to be opened in a mode.
pub(crate) fn file(path: &Path, mode: &str) -> String {
    format!("sqlite://{}?mode={mode}", path.display())
}

/// Why a store that a later version has changed is not opened.
pub(crate) fn later(number: i64) -> StoreError {
    let known = Store::known_migrations().last().copied().unwrap_or_default();
    StoreError::Refused(format!(
        "the store is of a later weir: its migration {number} is not known here, where {known} is the last\n  hint: run the weir that \
         last opened it or a later one; to go back, `weir store restore` a backup that was taken before"
    ))
}

/// The next number of a counter; being a write, it also takes the lock.
pub(crate) async fn count(work: &mut Work, counter: &str) -> Result<i64, StoreError> {
    let row = sqlx::query("UPDATE counter SET value = value + 1 WHERE name = $1 RETURNING value")
        .bind(counter.to_owned())
        .fetch_one(&mut **work)
        .await?;
    Ok(row.try_get(0)?)
}

/// A change of a run or plan, for the ledger.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Change {
    /// Its number, rising.
    pub sequence: i64,
    /// The run or plan.
    pub subject: String,
    /// State that it came to.
    pub state: String,
    /// When.
    pub at: Timestamp,
    /// Who: an instance or a person.
    pub actor: String,
    /// Why.
    pub reason: String,
}

/// Writes a change into the ledger.
pub(crate) async fn record(
    work: &mut Work,
    subject: &str,
    state: &str,
    at: Timestamp,
    (actor, reason): (&str, &str),
) -> Result<(), StoreError> {
    let sequence = count(work, "entry").await?;
    sqlx::query("INSERT INTO entry (sequence, subject, state, at, actor, reason) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(sequence)
        .bind(subject.to_owned())
        .bind(state.to_owned())
        .bind(at.as_millisecond())
        .bind(actor.to_owned())
        .bind(reason.to_owned())
        .execute(&mut **work)
        .await?;
    Ok(())
}

impl Store {
    /// The changes of a run or plan, in order.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn changes(&self, subject: &str) -> Result<Vec<Change>, StoreError> {
        let rows = sqlx::query(
            "SELECT sequence, subject, state, at, actor, reason FROM entry WHERE subject = $1 ORDER BY sequence",
        )
        .bind(subject.to_owned())
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Change {
                    sequence: row.try_get(0)?,
                    subject: row.try_get(1)?,
                    state: row.try_get(2)?,
                    at: time(row.try_get(3)?),
                    actor: row.try_get(4)?,
                    reason: row.try_get(5)?,
                })
            })
            .collect()
    }
}

impl Store {
    /// Number of the last change of a run or plan; 0 for one that has none.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn last_change(&self, subject: &str) -> Result<i64, StoreError> {
        let row = sqlx::query("SELECT COALESCE(MAX(sequence), 0) FROM entry WHERE subject = $1")
            .bind(subject.to_owned())
            .fetch_one(&self.pool)
            .await?;
        Ok(row.try_get(0)?)
    }
}

/// A time of the store.
pub(crate) fn time(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}
