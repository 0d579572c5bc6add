//! Backup of a store, its restoring, and whether it is sound.
//!
//! A backup is an SQLite file whatever the store is, taken of one moment while the service goes on: of SQLite by `VACUUM INTO`, of
//! PostgreSQL by reading every table within one snapshot. It is restored beside an office or into an empty database, so that an
//! office moves from one to the other by the same two commands. What was given out after the backup is not known any more:
//! numbers of revisions, orders and messages go on well ahead of it, so that none says two things to a receiver.
//!
//! Fails: a file that is there already or is no backup; a store that holds something; one of a later version.

use std::fs::File;
use std::path::{Path, PathBuf};

use futures_util::TryStreamExt as _;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Row};
use weir_model::document::PlanDocument;

use crate::store::{FILE, Store, StoreError, file, later};

/// How far numbers go on ahead of a backup unless told otherwise.
pub const USUAL_AHEAD: i64 = 100;

/// Where a backup is restored to.
#[derive(Clone, Debug)]
pub enum Place {
    /// Beside an office, as an SQLite file.
    Folder(PathBuf),
    /// Into a database that holds nothing of weir's, by its address.
    Database(String),
}

/// What a look at a store found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The last migration that it has had.
    pub migration: i64,
    /// Migrations that the next start applies.
    pub missing: Vec<i64>,
    /// What it holds, in words, and how many.
    pub counts: Vec<(String, i64)>,
    /// What is wrong with it.
    pub faults: Vec<String>,
}

impl Store {
    /// Writes a backup of this moment into a new file; the service may go on meanwhile.
    ///
    /// # Errors
    /// If there is such a file, it cannot be written, or the store cannot be asked.
    pub async fn backup(&self, path: &Path) -> Result<(), StoreError> {
        if path.exists() {
            let hint = "name a new one: a backup replaces no other";
            return Err(StoreError::Refused(format!("{} is there already\n  hint: {hint}", path.display())));
        }
        let beside = beside(path, "part");
        let written = async {
            if self.is_file() {
                sqlx::query("VACUUM INTO $1").bind(beside.display().to_string()).execute(&self.pool).await?;
            } else {
                self.copy_out(&beside).await?;
            }
            settle(&beside, path)
        };
        let written = written.await;
        if written.is_err() {
            // The half-written file is of no use; that it could not be removed adds nothing to the failure reported.
            let _ = std::fs::remove_file(&beside);
        }
        written
    }

    /// Whether it is an SQLite file.
    fn is_file(&self) -> bool {
        self.pool.connect_options().database_url.scheme() == "sqlite"
    }

    /// Copies all tables, as they are in one moment, into a new SQLite file.
    async fn copy_out(&self, path: &Path) -> Result<(), StoreError> {
        if self.migrations().await? != Self::known_migrations() {
            let hint = "`weir store check`; take the backup with the weir that serves it";
            return Err(StoreError::Refused(format!("the store is of another version than this weir\n  hint: {hint}")));
        }
        let made = Self::open(&file(path, "rwc")).await?;
        let (mut from, mut to) = (self.pool.acquire().await?, made.pool.acquire().await?);
        let tables = tables(&mut to).await?;
        sqlx::query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").execute(&mut *from).await?;
        let copied = copy(&tables, &mut from, &mut to, 0).await;
        sqlx::query("COMMIT").execute(&mut *from).await?;
        copied?;
        drop(to);
        made.close().await;
        rest(path).await
    }

    /// Restores a backup; numbers go on so far ahead of it.
    ///
    /// # Errors
    /// If the file is no backup or is of a later version, there is a store already, or it cannot be written.
    pub async fn restore(path: &Path, place: &Place, ahead: i64) -> Result<(), StoreError> {
        match place {
            Place::Folder(folder) => {
                let target = folder.join(FILE);
                for name in ["", "-wal", "-shm"].map(|end| format!("{FILE}{end}")) {
                    if folder.join(&name).exists() {
                        let hint = "a backup goes where no store is: stop `weir serve`, and move the store's files away";
                        let message = format!("there is a store already: {}", folder.join(&name).display());
                        return Err(StoreError::Refused(format!("{message}\n  hint: {hint}")));
                    }
                }
                let part = beside(&target, "restored");
                let restored = async {
                    let store = opened(path, &part).await?;
                    let mut work = store.begin().await?;
                    go_ahead(&mut work, ahead).await?;
                    work.commit().await?;
                    store.close().await;
                    rest(&part).await?;
                    settle(&part, &target)
                };
                let restored = restored.await;
                remove(&part);
                restored
            }
            Place::Database(address) => {
                let target = Self::open(address).await?;
                let part = std::env::temp_dir().join(format!("weir-restored-{}.sqlite", std::process::id()));
                let restored = async {
                    let store = opened(path, &part).await?;
                    let mut from = store.pool.acquire().await?;
                    let mut to = target.pool.acquire().await?;
                    let tables = tables(&mut from).await?;
                    for table in tables.iter().filter(|table| table.name != "counter") {
                        if number(&mut to, &format!("SELECT COUNT(*) FROM {}", table.name)).await? > 0 {
                            let message = format!("there is a store already: its table `{}` holds rows", table.name);
                            let hint = "a backup goes into a database that holds nothing of weir's: make a new one";
                            return Err(StoreError::Refused(format!("{message}\n  hint: {hint}")));
                        }
                    }
                    copy(&tables, &mut from, &mut to, ahead).await?;
                    drop(from);
                    store.close().await;
                    Ok(())
                };
                let restored = restored.await;
                remove(&part);
                target.close().await;
                restored
            }
        }
    }

    /// The numbers of the migrations that it has had; a store that is none has had none.
    async fn migrations(&self) -> Result<Vec<i64>, StoreError> {
        let rows = sqlx::query("SELECT version FROM _sqlx_migrations ORDER BY version").fetch_all(&self.pool).await;
        match rows {
            Ok(rows) => Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?),
            Err(sqlx::Error::Database(_)) => Ok(Vec::new()),
            Err(other) => Err(other.into()),
        }
    }

    /// Looks whether it is sound: the file's own integrity, what its rows say of each other, and each plan's digest.
    ///
    /// # Errors
    /// If it is no store, is of a later version, or cannot be asked.
    pub async fn look(&self) -> Result<Found, StoreError> {
        let (applied, known) = (self.migrations().await?, Self::known_migrations());
        let Some(&migration) = applied.last() else {
            return Err(StoreError::Refused("this is no store of weir's: it holds no table of migrations".to_owned()));
        };
        if let Some(&number) = applied.iter().find(|number| !known.contains(number)) {
            return Err(later(number));
        }
        let missing = known.into_iter().filter(|number| !applied.contains(number)).collect();
        let mut found = Found { migration, missing, counts: Vec::new(), faults: Vec::new() };
        if self.is_file() {
            let rows = sqlx::query("PRAGMA integrity_check").fetch_all(&self.pool).await?;
            let said = rows.iter().map(|row| row.try_get::<String, _>(0)).collect::<Result<Vec<_>, _>>()?;
            found.faults.extend(said.into_iter().filter(|said| said != "ok").map(|said| format!("the file: {said}")));
        }
        let mut connection = self.pool.acquire().await?;
        let rules = [
            (
                "entries of the ledger beyond its counter",
                "SELECT COUNT(*) FROM entry WHERE sequence > \
              (SELECT value FROM counter WHERE name = 'entry')",
            ),
            (
                "messages beyond their counter",
                "SELECT COUNT(*) FROM outbox WHERE sequence > \
              (SELECT value FROM counter WHERE name = 'outbox')",
            ),
            (
                "runs whose plan is not there",
                "SELECT COUNT(*) FROM run WHERE plan <> '' AND plan NOT IN (SELECT id FROM plan)",
            ),
            ("plans whose run is not there", "SELECT COUNT(*) FROM plan WHERE run NOT IN (SELECT id FROM run)"),
        ];
        for (what, rule) in rules {
            let count = number(&mut connection, rule).await?;
            if count > 0 {
                found.faults.push(format!("{what}: {count}"));
            }
        }
        let mut rows = sqlx::query("SELECT id, digest, document FROM plan ORDER BY id").fetch(&mut *connection);
        while let Some(row) = rows.try_next().await? {
            let (id, digest): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            match PlanDocument::parse(row.try_get(2)?) {
                Ok(document) if document.record.id == digest => {}
                Ok(_) => found.faults.push(format!("plan `{id}`: its document is another than its row says")),
                Err(why) => found.faults.push(format!("plan `{id}`: {why}")),
            }
        }
        drop(rows);
        let groups = [("runs", "run", "state"), ("plans", "plan", "status"), ("messages", "outbox", "state")];
        for (what, table, by) in groups {
            let counted = format!("SELECT {by}, COUNT(*) FROM {table} GROUP BY {by} ORDER BY {by}");
            for row in sqlx::query(AssertSqlSafe(counted)).fetch_all(&mut *connection).await? {
                found.counts.push((format!("{what} {}", row.try_get::<String, _>(0)?), row.try_get(1)?));
            }
        }
        // Tables of later versions are not there before their migrations.
        let others = [("changes in the ledger", "entry"), ("tokens", "token"), ("calls of the API", "api_call")];
        for (what, table) in others.into_iter().take(if found.missing.is_empty() { 3 } else { 1 }) {
            found.counts.push((what.to_owned(), number(&mut connection, &format!("SELECT COUNT(*) FROM {table}")).await?));
        }
        Ok(found)
    }
}

/// Looks whether a backup is sound, and leaves the file as it is.
///
/// # Errors
/// As [`Store::look`].
pub async fn look_at(path: &Path) -> Result<Found, StoreError> {
    let store = Store::connect(&file(path, "ro")).await?;
    let found = store.look().await;
    store.close().await;
    found
}

/// A table and its columns with their declared types.
struct Table {
    name: String,
    columns: Vec<(String, String)>,
}

/// The tables of an SQLite file, without those that are not weir's.
async fn tables(connection: &mut AnyConnection) -> Result<Vec<Table>, StoreError> {
    let named = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name <> '_sqlx_migrations' \
                 ORDER BY name";
    let mut tables = Vec::new();
    for row in sqlx::query(named).fetch_all(&mut *connection).await? {
        let name: String = row.try_get(0)?;
        let columns = sqlx::query("SELECT name, type FROM pragma_table_info($1) ORDER BY cid")
            .bind(name.clone())
            .fetch_all(&mut *connection)
            .await?;
        let columns =
            columns.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect::<Result<_, sqlx::Error>>()?;
        tables.push(Table { name, columns });
    }
    Ok(tables)
}

/// Copies all rows of tables in one transaction, in place of those that migrations left.
async fn copy(tables: &[Table], from: &mut AnyConnection, to: &mut AnyConnection, ahead: i64) -> Result<(), StoreError> {
    let mut work = to.begin().await?;
    for Table { name, columns } in tables {
        sqlx::query(AssertSqlSafe(format!("DELETE FROM {name}"))).execute(&mut *work).await?;
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.join(", ");
        let places: Vec<String> = (1..=columns.len()).map(|place| format!("${place}")).collect();
        let insert = format!("INSERT INTO {name} ({names}) VALUES ({})", places.join(", "));
        let mut rows = sqlx::query(AssertSqlSafe(format!("SELECT {names} FROM {name}"))).fetch(&mut *from);
        while let Some(row) = rows.try_next().await? {
            let mut query = sqlx::query(AssertSqlSafe(insert.clone()));
            for (place, (_, kind)) in columns.iter().enumerate() {
                query = bind(query, &row, place, kind)?;
            }
            query.execute(&mut *work).await?;
        }
    }
    if ahead > 0 {
        go_ahead(&mut work, ahead).await?;
    }
    work.commit().await?;
    Ok(())
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Any, sqlx::any::AnyArguments>;

/// Binds a value of a row, by the type that its column declares.
fn bind<'q>(query: Query<'q>, row: &AnyRow, place: usize, kind: &str) -> Result<Query<'q>, sqlx::Error> {
    let kind = kind.to_uppercase();
    Ok(if kind.contains("INT") {
        query.bind(row.try_get::<Option<i64>, _>(place)?)
    } else if kind.contains("DOUBLE") || kind.contains("REAL") {
        query.bind(row.try_get::<Option<f64>, _>(place)?)
    } else if kind.contains("BLOB") || kind.contains("BYTEA") {
        query.bind(row.try_get::<Option<Vec<u8>>, _>(place)?)
    } else {
        query.bind(row.try_get::<Option<String>, _>(place)?)
    })
}

/// Lets every number go on ahead: of orders by their counters, of revisions by one that stands for those that may have been given
/// out since, and of entries, messages and calls, which are many a day, ten thousand times as far.
async fn go_ahead(work: &mut AnyConnection, ahead: i64) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM counter WHERE name = 'revision'").execute(&mut *work).await?;
    let counters = "UPDATE counter SET value = value + CASE WHEN name LIKE 'order %' THEN $1 ELSE $2 END";
    sqlx::query(counters).bind(ahead).bind(ahead * 10_000).execute(&mut *work).await?;
    sqlx::query("INSERT INTO counter (name, value) SELECT 'revision', COALESCE(MAX(revision), 0) + $1 FROM plan")
        .bind(ahead)
        .execute(&mut *work)
        .await?;
    Ok(())
}

async fn number(connection: &mut AnyConnection, query: &str) -> Result<i64, StoreError> {
    Ok(sqlx::query(AssertSqlSafe(query.to_owned())).fetch_one(connection).await?.try_get(0)?)
}

/// Leaves an SQLite file that nobody has open whole in itself, with nothing beside it.
async fn rest(path: &Path) -> Result<(), StoreError> {
    let mut connection = AnyConnection::connect(&file(path, "rw")).await?;
    sqlx::query("PRAGMA journal_mode = DELETE").execute(&mut connection).await?;
    Ok(connection.close().await?)
}

/// A copy of a backup, opened and brought to this version.
async fn opened(path: &Path, part: &Path) -> Result<Store, StoreError> {
    let no_backup = |why: String| StoreError::Refused(format!("{} is no backup of a store: {why}", path.display()));
    std::fs::copy(path, part).map_err(|error| no_backup(error.to_string()))?;
    let found = look_at(part).await.map_err(|fault| match fault {
        StoreError::Refused(why) => StoreError::Refused(format!("{}: {why}", path.display())),
        fault => no_backup(fault.to_string()),
    })?;
    if let Some(fault) = found.faults.first() {
        return Err(StoreError::Refused(format!("{} is not sound: {fault}", path.display())));
    }
    Store::open(&file(part, "rw")).await
}

/// A file beside another, on the same disk.
fn beside(path: &Path, what: &str) -> PathBuf {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    path.with_file_name(format!(".{name}.{what}-{}", std::process::id()))
}

/// Flushes a file to disk and gives it its name.
fn settle(from: &Path, to: &Path) -> Result<(), StoreError> {
    let settled = (|| {
        File::open(from)?.sync_all()?;
        std::fs::rename(from, to)?;
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    })();
    settled.map_err(|error: std::io::Error| StoreError::Database(error.into()))
}

/// Removes what a restoring left beside, and what SQLite kept with it.
fn remove(part: &Path) {
    for end in ["", "-wal", "-shm", "-journal"] {
        // Most of them are not there.
        let _ = std::fs::remove_file(format!("{}{end}", part.display()));
    }
}
