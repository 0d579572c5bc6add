//! The outbox: what publishers are still to be told, written in the same transaction as what it tells of.
//!
//! Each publisher gets its messages in their order, at least once, with the message's number as key: one instance at a time
//! drains it, under a lease. A message that fails is tried again after a pause that doubles, and holds back those behind it;
//! after so many tries it is dead, is listed, and can be sent again by hand. No publisher holds back another.

use jiff::Timestamp;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::plans::Status;
use crate::store::{Store, StoreError, Work, count, record, time};

/// Tries after which a message is dead: about a day and a half of them.
pub const MOST_ATTEMPTS: i64 = 20;
/// Pause after the first failure; doubled for each after it.
const FIRST_PAUSE_MS: i64 = 2_000;
/// Longest pause.
const LONGEST_PAUSE_MS: i64 = 3 * 3_600_000;

/// What a message tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A plan came into force.
    Plan,
    /// The plan in force was taken back.
    Withdrawn,
    /// The plan in force ended, and none follows.
    Expired,
    /// A run could not solve, and has no plan or fell back to one.
    Failed,
    /// An order was signed, or a signed one was taken back.
    Order,
}

impl Kind {
    /// All.
    pub const ALL: [Self; 5] = [Self::Plan, Self::Withdrawn, Self::Expired, Self::Failed, Self::Order];

    /// The word in store and messages.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
            Self::Failed => "failed",
            Self::Order => "order",
        }
    }

    fn of(word: &str) -> Self {
        Self::ALL.into_iter().find(|kind| kind.word() == word).unwrap_or(Self::Failed)
    }
}

/// A message to a publisher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its number: rises over all publishers, and is its key.
    pub sequence: i64,
    /// The publisher.
    pub publisher: String,
    /// What it tells.
    pub kind: Kind,
    /// The plan, the run that failed, or the order.
    pub subject: String,
    /// Which failure of the run it tells; 0 of all else.
    pub failure: i64,
    /// In words.
    pub message: String,
    /// When it happened.
    pub at: Timestamp,
    /// `pending`, `delivered` or `dead`.
    pub state: String,
    /// Tries made.
    pub attempts: i64,
    /// Not to be tried before this.
    pub not_before: Timestamp,
    /// How the last try failed.
    pub error: String,
}

const COLUMNS: &str = "sequence, publisher, kind, plan, message, at, state, attempts, not_before, error, failure";

impl Message {
    fn of(row: &AnyRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            sequence: row.try_get(0)?,
            publisher: row.try_get(1)?,
            kind: Kind::of(row.try_get(2)?),
            subject: row.try_get(3)?,
            message: row.try_get(4)?,
            at: time(row.try_get(5)?),
            state: row.try_get(6)?,
            attempts: row.try_get(7)?,
            not_before: time(row.try_get(8)?),
            error: row.try_get(9)?,
            failure: row.try_get(10)?,
        })
    }
}

/// Puts a message to each publisher into the outbox.
pub(crate) async fn put(
    work: &mut Work,
    publishers: &[String],
    kind: Kind,
    subject: &str,
    message: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    tell(work, publishers, (kind, subject, 0), message, now).await
}

/// Tells each publisher that a run failed: by its number of claims it is told from other failures of the same run.
pub(crate) async fn put_failed(
    work: &mut Work,
    publishers: &[String],
    (run, claims): (&str, i64),
    message: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    tell(work, publishers, (Kind::Failed, run, claims), message, now).await
}

async fn tell(
    work: &mut Work,
    publishers: &[String],
    (kind, subject, failure): (Kind, &str, i64),
    message: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    for publisher in publishers {
        let sequence = count(work, "outbox").await?;
        sqlx::query(
            "INSERT INTO outbox (sequence, publisher, kind, plan, message, at, state, attempts, not_before, error, failure) \
             VALUES ($1, $2, $3, $4, $5, $6, 'pending', 0, $6, '', $7)",
        )
        .bind(sequence)
        .bind(publisher.clone())
        .bind(kind.word())
        .bind(subject.to_owned())
        .bind(message.to_owned())
        .bind(now.as_millisecond())
        .bind(failure)
        .execute(&mut **work)
        .await?;
    }
    Ok(())
}

impl Store {
    /// The next message of a publisher, for an owner who drains it under a lease; none where there is none to try now or
    /// another owner is at it.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn next_message(
        &self,
        publisher: &str,
        owner: &str,
        now: Timestamp,
        lease_ms: i64,
    ) -> Result<Option<Message>, StoreError> {
        let mut work = self.begin().await?;
        let taken = sqlx::query(
            "INSERT INTO drain (publisher, owner, lease_until) VALUES ($1, $2, $3) ON CONFLICT (publisher) DO UPDATE \
             SET owner = $2, lease_until = $3 WHERE drain.owner = $2 OR drain.lease_until <= $4",
        )
        .bind(publisher.to_owned())
        .bind(owner.to_owned())
        .bind(now.as_millisecond() + lease_ms)
        .bind(now.as_millisecond())
        .execute(&mut *work)
        .await?
        .rows_affected();
        if taken == 0 {
            return Ok(None);
        }
        let row = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM outbox WHERE publisher = $1 AND state = 'pending' ORDER BY sequence LIMIT 1"
        )))
        .bind(publisher.to_owned())
        .fetch_optional(&mut *work)
        .await?;
        work.commit().await?;
        let message = row.as_ref().map(Message::of).transpose()?;
        Ok(message.filter(|message| message.not_before <= now))
    }

    /// An owner has done with a publisher for now: another may go on at once.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn drained(&self, publisher: &str, owner: &str) -> Result<(), StoreError> {
        sqlx::query("UPDATE drain SET lease_until = 0 WHERE publisher = $1 AND owner = $2")
            .bind(publisher.to_owned())
            .bind(owner.to_owned())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// A message was delivered.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn delivered(&self, message: &Message) -> Result<(), StoreError> {
        sqlx::query("UPDATE outbox SET state = 'delivered', attempts = attempts + 1, error = '' WHERE sequence = $1")
            .bind(message.sequence)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// A message could not be delivered: it is tried again later, or is dead.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn not_delivered(&self, message: &Message, why: &str, now: Timestamp) -> Result<(), StoreError> {
        let attempts = message.attempts + 1;
        let pause = FIRST_PAUSE_MS.saturating_mul(1 << (attempts - 1).min(40)).min(LONGEST_PAUSE_MS);
        sqlx::query("UPDATE outbox SET state = $1, attempts = $2, not_before = $3, error = $4 WHERE sequence = $5")
            .bind(if attempts >= MOST_ATTEMPTS { "dead" } else { "pending" })
            .bind(attempts)
            .bind(now.as_millisecond() + pause)
            .bind(why.to_owned())
            .bind(message.sequence)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// A message can never be delivered: it is dead, and the next one's turn.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn undeliverable(&self, message: &Message, why: &str) -> Result<(), StoreError> {
        sqlx::query("UPDATE outbox SET state = 'dead', attempts = attempts + 1, error = $1 WHERE sequence = $2")
            .bind(why.to_owned())
            .bind(message.sequence)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Messages of a state, in their order, at most so many.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn messages(&self, state: &str, most: i64) -> Result<Vec<Message>, StoreError> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM outbox WHERE state = $1 OR $1 = '' ORDER BY sequence LIMIT $2"
        )))
        .bind(state.to_owned())
        .bind(most)
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.iter().map(Message::of).collect::<Result<_, _>>()?)
    }

    /// Messages after a number, in their order, at most so many; to one publisher and in one state where they are not empty.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn messages_after(
        &self,
        publisher: &str,
        state: &str,
        after: i64,
        most: i64,
    ) -> Result<Vec<Message>, StoreError> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM outbox WHERE sequence > $1 AND (publisher = $2 OR $2 = '') AND (state = $3 OR $3 = '') \
             ORDER BY sequence LIMIT $4"
        )))
        .bind(after)
        .bind(publisher.to_owned())
        .bind(state.to_owned())
        .bind(most)
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.iter().map(Message::of).collect::<Result<_, _>>()?)
    }

    /// How many messages publishers have not got, by publisher and state.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn undelivered(&self) -> Result<Vec<(String, String, i64)>, StoreError> {
        let rows = sqlx::query(
            "SELECT publisher, state, COUNT(*) FROM outbox WHERE state IN ('pending', 'dead') GROUP BY publisher, state",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))).collect()
    }

    /// Sends a publisher again what it is to know of a plan, a failed run or an order: of the plan in force, the plan; else what of
    /// it is dead and still so. Dead messages about it are taken out of the list.
    ///
    /// # Errors
    /// If there is nothing to send, another plan is in force where an end is to be told, or the store cannot be asked.
    pub async fn send_again(&self, subject: &str, publisher: &str, who: &str, now: Timestamp) -> Result<(), StoreError> {
        let plan = self.plan(subject).await?;
        let mut work = self.begin().await?;
        // The write takes the lock.
        let rows = sqlx::query(
            "UPDATE outbox SET state = 'resent' WHERE publisher = $1 AND plan = $2 AND state = 'dead' \
             RETURNING kind, message, failure, sequence",
        )
        .bind(publisher.to_owned())
        .bind(subject.to_owned())
        .fetch_all(&mut *work)
        .await?;
        let mut dead: Vec<(i64, Kind, String, i64)> = Vec::new();
        for row in rows {
            dead.push((row.try_get(3)?, Kind::of(row.try_get(0)?), row.try_get(1)?, row.try_get(2)?));
        }
        // Of several of a kind the last is how things stand.
        dead.sort_by_key(|(sequence, ..)| std::cmp::Reverse(*sequence));
        let mut told: Vec<(Kind, String, i64)> = Vec::new();
        for (_, kind, message, failure) in dead {
            if kind != Kind::Plan && !told.iter().any(|(known, ..)| *known == kind) {
                told.push((kind, message, failure));
            }
        }
        match plan {
            Some(plan) if plan.status == Status::InForce => {
                told = vec![(Kind::Plan, "sent again by hand".to_owned(), 0)];
            }
            Some(plan) if told.is_empty() => {
                let status = plan.status.word();
                let message =
                    format!("the plan `{subject}` is {status}, and no end of it is dead: only the one in force is sent");
                return Err(StoreError::Refused(message));
            }
            Some(plan) => {
                // An end is told only while it is so: a later plan in force says more.
                if let Some(other) = self.in_force(&plan.product, &plan.term, now).await? {
                    let message = format!("the plan `{}` is in force after `{subject}`: send that", other.id);
                    return Err(StoreError::Refused(message));
                }
            }
            None if told.is_empty() => {
                let message = format!("there is no plan `{subject}`, and nothing dead about a run or order of that name");
                return Err(StoreError::Refused(message));
            }
            None => {}
        }
        for (kind, message, failure) in told {
            tell(&mut work, &[publisher.to_owned()], (kind, subject, failure), &message, now).await?;
        }
        record(&mut work, subject, "sent_again", now, (who, publisher)).await?;
        work.commit().await?;
        Ok(())
    }
}
