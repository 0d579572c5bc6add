//! Jobs changed through the API: the office in effect is `jobs.toml` with these laid over it.
//!
//! The file stays as its people wrote it. A change is a row of the store, since instances that share a store share no folder, and
//! is what came of it at once: who, when, and the whole entry. The last row of a job counts, on every instance from its next beat
//! on: put, it takes the place of the file's; taken out, there is no such job; given back, the file's counts again.
//!
//! Fails: a change made over another that its maker has not seen. A job that an instance cannot read, because its folder has no
//! such basin or its file no such publisher, is none there, and is told with what is wrong.

use std::path::{Component, Path};

use jiff::Timestamp;
use sqlx::Row;
use sqlx::any::AnyRow;
use toml::de::DeTable;
use weir_model::basin::context::Context;
use weir_model::basin::entry::Entry;
use weir_model::basin::no_toml;
use weir_model::place::Refusals;

use crate::gather::events;
use crate::job::{Job, Office};
use crate::ledger::{Run, State};
use crate::store::{Store, StoreError, count, time};

/// What was done to a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It is as the entry has it.
    Put,
    /// There is no such job.
    TakenOut,
    /// It is as `jobs.toml` has it.
    GivenBack,
}

impl Action {
    /// All.
    const ALL: [Self; 3] = [Self::Put, Self::TakenOut, Self::GivenBack];

    /// The word in the store.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Put => "put",
            Self::TakenOut => "taken_out",
            Self::GivenBack => "given_back",
        }
    }
}

/// A change of a job.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Revision {
    /// Its number, rising over all jobs.
    pub number: i64,
    /// The job.
    pub job: String,
    /// What was done.
    pub action: Action,
    /// The entry that was put, as `jobs.toml` would have it under `[[job]]`.
    pub entry: String,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
}

/// A change to be made, by somebody who has seen the job's last one.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// The job.
    pub job: &'a str,
    /// What is done.
    pub action: Action,
    /// The entry, where it is put.
    pub entry: &'a str,
    /// Number of the job's last change as its maker saw it; 0 for none.
    pub seen: i64,
}

/// A job that cannot be read here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Id.
    pub job: String,
    /// What is wrong.
    pub refusals: Refusals,
}

impl Office {
    /// The office with changes laid over it, of each job its last; and the jobs that cannot be read in its folder.
    pub fn with(&self, last: &[Revision], folder: &Path) -> (Self, Vec<Unread>) {
        let (mut office, mut unread) = (self.clone(), Vec::new());
        for revision in last.iter().filter(|revision| revision.action != Action::GivenBack) {
            office.jobs.retain(|job| job.id != revision.job);
            if revision.action == Action::Put {
                match self.job_of(&revision.job, &revision.entry, folder) {
                    Ok(job) => office.jobs.push(Job { revision: Some(revision.clone()), ..job }),
                    Err(refusals) => unread.push(Unread { job: revision.job.clone(), refusals }),
                }
            }
        }
        office.jobs.sort_by(|a, b| a.id.cmp(&b.id));
        (office, unread)
    }

    /// Reads an entry as `jobs.toml` would have it under `[[job]]`, by the same reader.
    ///
    /// # Errors
    /// All its faults.
    pub fn job_of(&self, id: &str, text: &str, folder: &Path) -> Result<Job, Refusals> {
        let (table, errors) = DeTable::parse_recoverable(text);
        let load = |path: &str| Err(format!("`{path}` is not read here"));
        let context = Context::new("the entry", text, &load);
        if !errors.is_empty() {
            return Err(no_toml(&context, text, &errors));
        }
        let mut entry = Entry::new(&context, table.get_ref(), 0, "job");
        entry.belongs_to(id);
        // From afar, no folder but the office's own.
        let within = |path: &str| Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
        let is_basin = |basin: &str| within(basin) && crate::job::is_basin(folder, basin);
        let job = Job::read(&entry, (&self.publishers, &self.inputs, &self.orders), &is_basin);
        entry.finish();
        let job = context.refusals.take().or(job)?;
        let written = text.parse().unwrap_or_default();
        // An entry without faults is a job.
        let job = job.map(|job| Job { id: id.to_owned(), written, ..job }).ok_or_else(Refusals::default)?;
        events::unknown(&job, folder).or(job)
    }
}

const COLUMNS: &str = "sequence, job, action, entry, at, actor";

impl Revision {
    fn of(row: &AnyRow) -> Result<Self, sqlx::Error> {
        let action: &str = row.try_get(2)?;
        Ok(Self {
            number: row.try_get(0)?,
            job: row.try_get(1)?,
            // A word of a later version does nothing here.
            action: Action::ALL.into_iter().find(|known| known.word() == action).unwrap_or(Action::GivenBack),
            entry: row.try_get(3)?,
            at: time(row.try_get(4)?),
            actor: row.try_get(5)?,
        })
    }
}

impl Store {
    /// Number of the last change of all jobs.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn last_revision(&self) -> Result<i64, StoreError> {
        let row = sqlx::query("SELECT value FROM counter WHERE name = 'job_revision'").fetch_one(&self.pool).await?;
        Ok(row.try_get(0)?)
    }

    /// The last change of each job.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn last_revisions(&self) -> Result<Vec<Revision>, StoreError> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM job_revision WHERE sequence IN (SELECT MAX(sequence) FROM job_revision GROUP BY job) \
             ORDER BY sequence"
        )))
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.iter().map(Revision::of).collect::<Result<_, _>>()?)
    }

    /// The changes of a job, in order.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn revisions(&self, job: &str) -> Result<Vec<Revision>, StoreError> {
        let query = format!("SELECT {COLUMNS} FROM job_revision WHERE job = $1 ORDER BY sequence");
        let rows = sqlx::query(sqlx::AssertSqlSafe(query)).bind(job.to_owned()).fetch_all(&self.pool).await?;
        Ok(rows.iter().map(Revision::of).collect::<Result<_, _>>()?)
    }

    /// Changes a job, which is due from now on as its new entry says; false where another change came first.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn change_job(&self, change: Change<'_>, now: Timestamp, actor: &str) -> Result<bool, StoreError> {
        let mut work = self.begin().await?;
        let sequence = count(&mut work, "job_revision").await?;
        let row = sqlx::query("SELECT COALESCE(MAX(sequence), 0) FROM job_revision WHERE job = $1")
            .bind(change.job.to_owned())
            .fetch_one(&mut *work)
            .await?;
        if row.try_get::<i64, _>(0)? != change.seen {
            return Ok(false);
        }
        let insert = format!("INSERT INTO job_revision ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6)");
        sqlx::query(sqlx::AssertSqlSafe(insert))
            .bind(sequence)
            .bind(change.job.to_owned())
            .bind(change.action.word())
            .bind(change.entry.to_owned())
            .bind(now.as_millisecond())
            .bind(actor.to_owned())
            .execute(&mut *work)
            .await?;
        sqlx::query("INSERT INTO job (id, watermark) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET watermark = $2")
            .bind(change.job.to_owned())
            .bind(now.as_millisecond())
            .execute(&mut *work)
            .await?;
        work.commit().await?;
        Ok(true)
    }

    /// Ends what is left of a job that was taken out: what is due or was given up at once, what is at work as soon as its owner
    /// hears of it.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn end_runs(&self, taken_out: &Revision, now: Timestamp, actor: &str) -> Result<(), StoreError> {
        let reason = format!("{} took the job out", taken_out.actor);
        for run in self.unfinished(&taken_out.job).await? {
            let Run { id, state, lease_until, cancelled, .. } = &run;
            // One that somebody claimed or ended meanwhile is seen to by the next beat.
            let done = if state.is_at_work() && *lease_until > now {
                if *cancelled { Ok(()) } else { self.cancel(id, now, actor, &reason).await }
            } else {
                self.end(&run, State::Cancelled, now, (actor, &reason)).await
            };
            match done {
                Ok(()) | Err(StoreError::Lost(_) | StoreError::Refused(_)) => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(())
    }
}
