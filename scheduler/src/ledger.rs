//! The ledger of runs: each due time of a job is one run, whichever instance sees it, and each run comes to one end.
//!
//! due → gathering → solving → checking → awaiting | published; or failed, cancelled, skipped, superseded.
//! Several instances may share a store: a run is inserted once (its id is job and time), claimed by one owner under a lease,
//! and every further change is fenced by the number of that claim, so that an owner that was given up for lost changes nothing.
//!
//! Fails: what a stale owner writes is refused as lost; a change that the run's state does not allow is refused.

use jiff::Timestamp;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::job::{Job, Lateness, Overlap};
use crate::outbox;
use crate::plans::take_back;
use crate::store::{Store, StoreError, Work, record, time};

/// How late a time may be seen and still be on time: beyond it the job's policy of lateness decides.
const ON_TIME_MS: i64 = 60_000;
/// Missed times that one look at the clock takes on; the rest are seen by the next.
const MOST_TICKS: usize = 1000;
/// Taken over so often without an end, a run has failed.
const MOST_ATTEMPTS: i64 = 20;

/// State of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// To be taken up.
    Due,
    /// Its inputs are gathered.
    Gathering,
    /// It is solved.
    Solving,
    /// Its plan is audited and compared.
    Checking,
    /// Its plan waits for people.
    Awaiting,
    /// Its plan is in force and in the outbox.
    Published,
    /// It ended without a plan.
    Failed,
    /// Somebody ended it.
    Cancelled,
    /// The job's policy passed it over.
    Skipped,
    /// A later run of the job took its place.
    Superseded,
}

impl State {
    /// All states.
    pub const ALL: [Self; 10] = [
        Self::Due,
        Self::Gathering,
        Self::Solving,
        Self::Checking,
        Self::Awaiting,
        Self::Published,
        Self::Failed,
        Self::Cancelled,
        Self::Skipped,
        Self::Superseded,
    ];

    /// The word in the store.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Gathering => "gathering",
            Self::Solving => "solving",
            Self::Checking => "checking",
            Self::Awaiting => "awaiting",
            Self::Published => "published",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
            Self::Superseded => "superseded",
        }
    }

    /// Whether an instance is at work on it.
    pub const fn is_at_work(self) -> bool {
        matches!(self, Self::Gathering | Self::Solving | Self::Checking)
    }

    /// Whether nothing more becomes of it by itself.
    pub const fn is_end(self) -> bool {
        !matches!(self, Self::Due) && !self.is_at_work()
    }

    fn of(word: &str) -> Self {
        Self::ALL.into_iter().find(|state| state.word() == word).unwrap_or(Self::Failed)
    }
}

/// A run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Id: job and time, with the event that started it.
    pub id: String,
    /// The job.
    pub job: String,
    /// When it was due.
    pub due: Timestamp,
    /// The event that started it; empty for the clock.
    pub event: String,
    /// State.
    pub state: State,
    /// Tries begun.
    pub attempt: i64,
    /// Not to be taken up before this.
    pub not_before: Timestamp,
    /// Whose it is.
    pub owner: String,
    /// Number of the claim.
    pub fence: i64,
    /// Until when the owner is believed to be alive.
    pub lease_until: Timestamp,
    /// Somebody wants it ended.
    pub cancelled: bool,
    /// Its plan; empty for none.
    pub plan: String,
    /// Why it is in its state.
    pub reason: String,
}

const COLUMNS: &str = "id, job, due, event, state, attempt, not_before, owner, fence, lease_until, cancelled, plan, reason";

impl Run {
    fn of(row: &AnyRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get(0)?,
            job: row.try_get(1)?,
            due: time(row.try_get(2)?),
            event: row.try_get(3)?,
            state: State::of(row.try_get(4)?),
            attempt: row.try_get(5)?,
            not_before: time(row.try_get(6)?),
            owner: row.try_get(7)?,
            fence: row.try_get(8)?,
            lease_until: time(row.try_get(9)?),
            cancelled: row.try_get::<i64, _>(10)? != 0,
            plan: row.try_get(11)?,
            reason: row.try_get(12)?,
        })
    }
}

/// Which runs.
#[derive(Clone, Debug, Default)]
pub struct RunChoice {
    /// Of this job.
    pub job: Option<String>,
    /// In this state.
    pub state: Option<State>,
    /// Due before this run.
    pub before: Option<Run>,
}

/// A run's id.
fn id_of(job: &str, due: Timestamp, event: &str) -> String {
    if event.is_empty() { format!("{job}@{due}") } else { format!("{job}@{due}#{event}") }
}

impl Store {
    /// Sees to it that every time of a job up to now has its run, by the job's policies. Seen twice, a time is one run.
    /// A job seen for the first time begins now.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn reconcile(&self, job: &Job, now: Timestamp, actor: &str) -> Result<(), StoreError> {
        let Some(timetable) = &job.timetable else { return Ok(()) };
        let mut work = self.begin().await?;
        lock(&mut work, &job.id, now).await?;
        let row = sqlx::query("SELECT watermark FROM job WHERE id = $1").bind(job.id.clone()).fetch_one(&mut *work).await?;
        let watermark = time(row.try_get(0)?);
        let ticks = timetable.between(watermark, now, MOST_TICKS);
        let Some(&last) = ticks.last() else {
            work.commit().await?;
            return Ok(());
        };
        let late = |tick: Timestamp| now.as_millisecond() - tick.as_millisecond() > ON_TIME_MS;
        for &tick in &ticks {
            let passed_over = match job.lateness {
                Lateness::All => None,
                Lateness::Skip => late(tick).then_some("missed, and the job skips what it missed"),
                Lateness::Latest => (tick != last).then_some("missed, and a later time of the job is run"),
            };
            let (state, reason) = passed_over.map_or((State::Due, ""), |reason| (State::Skipped, reason));
            insert(&mut work, job, (tick, ""), now, (state, actor, reason)).await?;
        }
        sqlx::query("UPDATE job SET watermark = $1 WHERE id = $2")
            .bind(last.as_millisecond())
            .bind(job.id.clone())
            .execute(&mut *work)
            .await?;
        work.commit().await?;
        Ok(())
    }

    /// Starts a run of a job for an event; the same event again is the same run.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn fire(&self, job: &Job, now: Timestamp, event: &str, actor: &str) -> Result<String, StoreError> {
        let mut work = self.begin().await?;
        lock(&mut work, &job.id, now).await?;
        let known = sqlx::query("SELECT id FROM run WHERE job = $1 AND event = $2")
            .bind(job.id.clone())
            .bind(event.to_owned())
            .fetch_optional(&mut *work)
            .await?;
        if let Some(row) = known {
            return Ok(row.try_get(0)?);
        }
        insert(&mut work, job, (now, event), now, (State::Due, actor, event)).await?;
        work.commit().await?;
        Ok(id_of(&job.id, now, event))
    }

    /// Claims a run of a job that is due, or whose owner's lease has ended; none where there is nothing to do.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn claim(&self, job: &Job, owner: &str, now: Timestamp, lease_ms: i64) -> Result<Option<Run>, StoreError> {
        let mut work = self.begin().await?;
        lock(&mut work, &job.id, now).await?;
        let rows = sqlx::query(unfinished()).bind(job.id.clone()).fetch_all(&mut *work).await?;
        let runs: Vec<Run> = rows.iter().map(Run::of).collect::<Result<_, _>>()?;
        let alive = runs.iter().find(|run| run.state.is_at_work() && run.lease_until > now);
        let abandoned = runs.iter().find(|run| run.state.is_at_work() && run.lease_until <= now);
        let due: Vec<&Run> = runs.iter().filter(|run| run.state == State::Due && run.not_before <= now).collect();
        let mut chosen = abandoned;
        if let Some(alive) = alive {
            chosen = None;
            match job.overlap {
                Overlap::Skip => {
                    for run in &due {
                        let reason = format!("`{}` is at work, and the job skips what overlaps", alive.id);
                        change(&mut work, run, State::Skipped, now, (owner, &reason)).await?;
                    }
                }
                Overlap::CancelPrevious if !due.is_empty() => {
                    sqlx::query("UPDATE run SET cancelled = 1 WHERE id = $1")
                        .bind(alive.id.clone())
                        .execute(&mut *work)
                        .await?;
                }
                Overlap::Queue | Overlap::CancelPrevious => {}
            }
        } else if chosen.is_none() {
            chosen = due.first().copied();
        }
        if job.overlap != Overlap::Skip && job.lateness != Lateness::All {
            // One may wait: of several that wait for a run at work, the last stays.
            let waiting: Vec<&&Run> = due.iter().filter(|run| run.attempt == 0 && run.event.is_empty()).collect();
            let stays =
                if chosen.is_some_and(|run| run.state.is_at_work()) || alive.is_some() { waiting.last() } else { None };
            for run in &waiting {
                if let Some(stays) = stays.filter(|stays| stays.id != run.id) {
                    let reason = format!("`{}` of the same job waits too", stays.id);
                    change(&mut work, run, State::Superseded, now, (owner, &reason)).await?;
                }
            }
        }
        let Some(run) = chosen else {
            work.commit().await?;
            return Ok(None);
        };
        if run.attempt >= MOST_ATTEMPTS {
            let reason = format!("begun {} times without an end", run.attempt);
            change(&mut work, run, State::Failed, now, (owner, &reason)).await?;
            outbox::put_failed(&mut work, &job.publish, (&run.id, run.fence + 1), &reason, now).await?;
            work.commit().await?;
            return Ok(None);
        }
        let reason = if run.state == State::Due {
            format!("try {}", run.attempt + 1)
        } else {
            format!("taken over from `{}`, which was not heard of since its lease ended", run.owner)
        };
        let claimed = Run {
            state: State::Gathering,
            attempt: run.attempt + 1,
            owner: owner.to_owned(),
            fence: run.fence + 1,
            lease_until: time(now.as_millisecond() + lease_ms),
            reason: reason.clone(),
            ..run.clone()
        };
        sqlx::query(
            "UPDATE run SET state = 'gathering', attempt = $1, owner = $2, fence = $3, lease_until = $4, reason = $5 WHERE id = $6",
        )
        .bind(claimed.attempt)
        .bind(claimed.owner.clone())
        .bind(claimed.fence)
        .bind(claimed.lease_until.as_millisecond())
        .bind(reason.clone())
        .bind(run.id.clone())
        .execute(&mut *work)
        .await?;
        record(&mut work, &run.id, State::Gathering.word(), now, (owner, &reason)).await?;
        work.commit().await?;
        Ok(Some(claimed))
    }

    /// Says that a run's owner is alive; true where somebody wants the run ended.
    ///
    /// # Errors
    /// If the run was taken over, or the store cannot be asked.
    pub async fn beat(&self, run: &Run, now: Timestamp, lease_ms: i64) -> Result<bool, StoreError> {
        let row = sqlx::query("UPDATE run SET lease_until = $1 WHERE id = $2 AND fence = $3 RETURNING cancelled")
            .bind(now.as_millisecond() + lease_ms)
            .bind(run.id.clone())
            .bind(run.fence)
            .fetch_optional(&self.pool)
            .await?;
        let row = row.ok_or_else(|| StoreError::Lost(run.id.clone()))?;
        Ok(row.try_get::<i64, _>(0)? != 0)
    }

    /// Moves a run on, as its owner.
    ///
    /// # Errors
    /// If the run was taken over, or the store cannot be asked.
    pub async fn advance(&self, run: &Run, state: State, now: Timestamp, reason: &str) -> Result<(), StoreError> {
        let mut work = self.begin().await?;
        advance(&mut work, run, state, now, reason).await?;
        work.commit().await?;
        Ok(())
    }

    /// Puts a run back, to be tried again later.
    ///
    /// # Errors
    /// If the run was taken over, or the store cannot be asked.
    pub async fn put_back(&self, run: &Run, not_before: Timestamp, now: Timestamp, reason: &str) -> Result<(), StoreError> {
        let mut work = self.begin().await?;
        advance(&mut work, run, State::Due, now, reason).await?;
        sqlx::query("UPDATE run SET not_before = $1 WHERE id = $2")
            .bind(not_before.as_millisecond())
            .bind(run.id.clone())
            .execute(&mut *work)
            .await?;
        work.commit().await?;
        Ok(())
    }

    /// Ends a run that made no plan, and tells every publisher so.
    ///
    /// # Errors
    /// If the run was taken over, or the store cannot be asked.
    pub async fn fail(&self, run: &Run, now: Timestamp, why: &str, publishers: &[String]) -> Result<(), StoreError> {
        let mut work = self.begin().await?;
        advance(&mut work, run, State::Failed, now, why).await?;
        outbox::put_failed(&mut work, publishers, (&run.id, run.fence), why, now).await?;
        work.commit().await?;
        Ok(())
    }

    /// Ends a run: at once where nobody is at work on it, else as soon as its owner hears of it.
    ///
    /// # Errors
    /// If there is no such run, it has ended, or the store cannot be asked.
    pub async fn cancel(&self, id: &str, now: Timestamp, actor: &str, reason: &str) -> Result<(), StoreError> {
        let run = self.run(id).await?.ok_or_else(|| StoreError::no("run", id))?;
        if run.state.is_end() && run.state != State::Awaiting {
            return Err(StoreError::Refused(format!("the run `{id}` has ended: {}", run.state.word())));
        }
        let mut work = self.begin().await?;
        if run.state.is_at_work() {
            sqlx::query("UPDATE run SET cancelled = 1 WHERE id = $1").bind(id.to_owned()).execute(&mut *work).await?;
            record(&mut work, id, "cancel_asked", now, (actor, reason)).await?;
        } else {
            change(&mut work, &run, State::Cancelled, now, (actor, reason)).await?;
            take_back(&mut work, id, now, (actor, reason)).await?;
        }
        work.commit().await?;
        Ok(())
    }

    /// Runs again what failed, was cancelled or passed over.
    ///
    /// # Errors
    /// If there is no such run, it has not ended, or the store cannot be asked.
    pub async fn retry(&self, id: &str, now: Timestamp, actor: &str) -> Result<(), StoreError> {
        let run = self.run(id).await?.ok_or_else(|| StoreError::no("run", id))?;
        if !matches!(run.state, State::Failed | State::Cancelled | State::Skipped | State::Superseded) {
            return Err(StoreError::Refused(format!(
                "the run `{id}` is {}: only what ended without a plan is run again",
                run.state.word()
            )));
        }
        let mut work = self.begin().await?;
        change(&mut work, &run, State::Due, now, (actor, "to be run again")).await?;
        sqlx::query("UPDATE run SET attempt = 0, cancelled = 0, not_before = $1 WHERE id = $2")
            .bind(now.as_millisecond())
            .bind(id.to_owned())
            .execute(&mut *work)
            .await?;
        work.commit().await?;
        Ok(())
    }

    /// A run.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn run(&self, id: &str) -> Result<Option<Run>, StoreError> {
        let row = sqlx::query(sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM run WHERE id = $1")))
            .bind(id.to_owned())
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.as_ref().map(Run::of).transpose()?)
    }

    /// Runs of a job that have no end yet, the first due first.
    pub(crate) async fn unfinished(&self, job: &str) -> Result<Vec<Run>, StoreError> {
        let rows = sqlx::query(unfinished()).bind(job.to_owned()).fetch_all(&self.pool).await?;
        Ok(rows.iter().map(Run::of).collect::<Result<_, _>>()?)
    }

    /// Ends a run that nobody is at work on.
    pub(crate) async fn end(&self, run: &Run, state: State, now: Timestamp, by: (&str, &str)) -> Result<(), StoreError> {
        let mut work = self.begin().await?;
        change(&mut work, run, state, now, by).await?;
        work.commit().await?;
        Ok(())
    }

    /// Runs, the last due first, at most so many; of one job where one is named.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn runs(&self, job: Option<&str>, most: i64) -> Result<Vec<Run>, StoreError> {
        self.runs_of(&RunChoice { job: job.map(str::to_owned), ..RunChoice::default() }, most).await
    }

    /// Runs of a choice, the last due first, at most so many.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn runs_of(&self, choice: &RunChoice, most: i64) -> Result<Vec<Run>, StoreError> {
        let before = choice.before.as_ref().map(|run| (run.due.as_millisecond(), run.id.clone()));
        let (due, id) = before.unwrap_or((i64::MAX, String::new()));
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM run WHERE ($1 = '' OR job = $1) AND ($2 = '' OR state = $2) \
             AND (due < $3 OR (due = $3 AND id < $4)) ORDER BY due DESC, id DESC LIMIT $5"
        )))
        .bind(choice.job.clone().unwrap_or_default())
        .bind(choice.state.map_or("", State::word).to_owned())
        .bind(due)
        .bind(id)
        .bind(most)
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.iter().map(Run::of).collect::<Result<_, _>>()?)
    }

    /// How many runs there are, by the word of their state.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn counts(&self) -> Result<Vec<(String, i64)>, StoreError> {
        let rows = sqlx::query("SELECT state, COUNT(*) FROM run GROUP BY state").fetch_all(&self.pool).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }
}

/// The statement for the runs of a job that have no end yet.
fn unfinished() -> sqlx::AssertSqlSafe<String> {
    sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM run WHERE job = $1 AND state IN ('due', 'gathering', 'solving', 'checking') ORDER BY due, id"
    ))
}

/// Takes the lock of a job for the rest of the transaction; one seen for the first time begins now.
async fn lock(work: &mut Work, job: &str, now: Timestamp) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO job (id, watermark) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET watermark = job.watermark")
        .bind(job.to_owned())
        .bind(now.as_millisecond())
        .execute(&mut **work)
        .await?;
    Ok(())
}

/// Inserts a run unless it is there.
async fn insert(
    work: &mut Work,
    job: &Job,
    (due, event): (Timestamp, &str),
    now: Timestamp,
    (state, actor, reason): (State, &str, &str),
) -> Result<(), StoreError> {
    let id = id_of(&job.id, due, event);
    let made = sqlx::query(
        "INSERT INTO run (id, job, due, event, state, attempt, not_before, owner, fence, lease_until, cancelled, plan, reason) \
         VALUES ($1, $2, $3, $4, $5, 0, $6, '', 0, 0, 0, '', $7) ON CONFLICT DO NOTHING",
    )
    .bind(id.clone())
    .bind(job.id.clone())
    .bind(due.as_millisecond())
    .bind(event.to_owned())
    .bind(state.word())
    .bind(now.as_millisecond())
    .bind(reason.to_owned())
    .execute(&mut **work)
    .await?
    .rows_affected();
    if made == 1 {
        record(work, &id, state.word(), now, (actor, reason)).await?;
    }
    Ok(())
}

/// Changes the state of a run that nobody is at work on; whoever claimed it meanwhile has lost it.
async fn change(work: &mut Work, run: &Run, state: State, now: Timestamp, by: (&str, &str)) -> Result<(), StoreError> {
    step(work, run, state, now, by, 1).await
}

/// Changes the state and the plan of a run as its owner.
pub(crate) async fn advance(
    work: &mut Work,
    run: &Run,
    state: State,
    now: Timestamp,
    reason: &str,
) -> Result<(), StoreError> {
    step(work, run, state, now, (&run.owner, reason), 0).await
}

/// Changes a run if it is still under the claim that `run` was read under; `claims` is added to the claim's number.
async fn step(
    work: &mut Work,
    run: &Run,
    state: State,
    now: Timestamp,
    (actor, reason): (&str, &str),
    claims: i64,
) -> Result<(), StoreError> {
    let query = "UPDATE run SET state = $1, reason = $2, plan = $3, fence = fence + $4 WHERE id = $5 AND fence = $6";
    let changed = sqlx::query(query)
        .bind(state.word())
        .bind(reason.to_owned())
        .bind(run.plan.clone())
        .bind(claims)
        .bind(run.id.clone())
        .bind(run.fence)
        .execute(&mut **work)
        .await?
        .rows_affected();
    if changed == 0 {
        return Err(StoreError::Lost(run.id.clone()));
    }
    record(work, &run.id, state.word(), now, (actor, reason)).await
}
