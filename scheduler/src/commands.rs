//! Orders from above 调度命令 that arrived at an office: who put each in, until when it stands, and which a run lays over its basin.
//!
//! Every run lays over its basin what stands when it is solved: what was put in and has neither been ended nor is over. The plan
//! says who put it in. A new one is read with its basin first, so that what stands in the store can be laid.
//!
//! Fails: an order that the basin cannot bear is refused as in a basin file; an id that another order has.

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sqlx::Row;
use sqlx::any::AnyRow;
use weir_model::basin::nearest::hint;
use weir_model::basin::{Basin, Further, is_id};
use weir_model::laid::Laid;
use weir_model::lower::lower;
use weir_model::place::Refusals;
use weir_model::setting::{Setting, further};

use crate::job::Office;
use crate::store::{Store, StoreError, record, time};

/// An order from above, as the office keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// Folder of the basin that it is for.
    pub basin: String,
    /// What it holds.
    pub holds: Setting,
    /// When it was put in.
    pub created: Timestamp,
    /// Who put it in.
    pub created_by: String,
    /// Since when it stands no more; none while it stands.
    pub ended: Option<Timestamp>,
    /// Who ended it; empty for nobody.
    pub ended_by: String,
}

const COLUMNS: &str = "id, basin, body, created, created_by, ended, ended_by";

impl Command {
    fn of(row: &AnyRow) -> Result<Self, StoreError> {
        let id: String = row.try_get(0)?;
        let body: &str = row.try_get(2)?;
        let holds = serde_json::from_str(body).map_err(|error| StoreError::Refused(format!("command `{id}`: {error}")))?;
        let ended: i64 = row.try_get(5)?;
        Ok(Self {
            basin: row.try_get(1)?,
            holds,
            created: time(row.try_get(3)?),
            created_by: row.try_get(4)?,
            ended: (ended != 0).then(|| time(ended)),
            ended_by: row.try_get(6)?,
        })
    }

    /// The order as it is laid over a basin; the file's name is where it came from.
    pub fn further(&self) -> Further {
        further(&format!("command put in by {} at {}", self.created_by, self.created), std::slice::from_ref(&self.holds))
    }

    /// Whether it still has something to say at a time.
    fn stands(&self, now: Timestamp, zone: &TimeZone) -> bool {
        self.ended.is_none() && self.holds.window(zone).is_none_or(|(_, end)| end.timestamp() > now)
    }
}

/// What the ledger calls an order.
pub fn subject(id: &str) -> String {
    format!("command {id}")
}

/// Reads an order with the basin that it is for; only what is wrong with the order itself is told.
///
/// # Errors
/// All faults of the order, and a basin that the office has no job for.
pub fn check(folder: &Path, office: &Office, basin: &str, holds: &Setting) -> Result<(), StoreError> {
    let refused = |why: String| Err(StoreError::Refused(why));
    let mut basins: Vec<&str> = office.jobs.iter().map(|job| job.basin.as_str()).collect();
    basins.dedup();
    if !basins.contains(&basin) {
        let near = hint(basin, &basins, "basins of the office's jobs").unwrap_or_default();
        return refused(format!("the office has no job for a basin `{basin}`\n  hint: {near}"));
    }
    if !is_id(&holds.id) {
        return refused(format!("`{}` is no id: letters, digits, `_` and `-`", holds.id));
    }
    let name = "command";
    let own = |refusals: Refusals| {
        let own = refusals.0.into_iter().filter(|refusal| &*refusal.place.file == name);
        Refusals(own.collect())
    };
    let start = holds.from.get(..10).and_then(|day| day.parse::<Date>().ok());
    let read = Basin::read_with(&folder.join(basin), &[further(name, std::slice::from_ref(holds))], &Laid::default());
    let faults = match read.and_then(|basin| lower(&basin, start)) {
        Ok(_) => return Ok(()),
        Err(refusals) => own(refusals),
    };
    if faults.0.is_empty() { Ok(()) } else { refused(faults.to_string()) }
}

impl Store {
    /// Puts an order in. It must have been checked ([`check`]).
    ///
    /// # Errors
    /// If another has its id, nobody is named, or the store cannot be asked.
    pub async fn add_command(
        &self,
        basin: &str,
        holds: &Setting,
        who: &str,
        note: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        crate::plans::different(who, &[])?;
        let body = serde_json::to_string(holds).map_err(|error| StoreError::Refused(format!("`{}`: {error}", holds.id)))?;
        let mut work = self.begin().await?;
        let made = sqlx::query(
            "INSERT INTO command (id, basin, body, created, created_by, ended, ended_by) VALUES ($1, $2, $3, $4, $5, 0, '') \
             ON CONFLICT DO NOTHING",
        )
        .bind(holds.id.clone())
        .bind(basin.to_owned())
        .bind(body)
        .bind(now.as_millisecond())
        .bind(who.to_owned())
        .execute(&mut *work)
        .await?
        .rows_affected();
        if made == 0 {
            let why = format!("there is a command `{}` already: give this one an id of its own", holds.id);
            return Err(StoreError::Refused(why));
        }
        record(&mut work, &subject(&holds.id), "in_force", now, (who, note)).await?;
        work.commit().await?;
        Ok(())
    }

    /// Ends an order: no run that is solved from now on holds it.
    ///
    /// # Errors
    /// If there is none of that id, it has been ended already, nobody is named, or the store cannot be asked.
    pub async fn end_command(&self, id: &str, who: &str, note: &str, now: Timestamp) -> Result<(), StoreError> {
        crate::plans::different(who, &[])?;
        let mut work = self.begin().await?;
        let done = sqlx::query("UPDATE command SET ended = $1, ended_by = $2 WHERE id = $3 AND ended = 0")
            .bind(now.as_millisecond())
            .bind(who.to_owned())
            .bind(id.to_owned())
            .execute(&mut *work)
            .await?
            .rows_affected();
        if done == 0 {
            let why = match self.command(id).await? {
                Some(command) => format!("the command `{id}` was ended already, by {}", command.ended_by),
                None => format!("there is no command `{id}`"),
            };
            return Err(StoreError::Refused(why));
        }
        record(&mut work, &subject(id), "ended", now, (who, note)).await?;
        work.commit().await?;
        Ok(())
    }

    /// An order.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn command(&self, id: &str) -> Result<Option<Command>, StoreError> {
        let row = sqlx::query(sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM command WHERE id = $1")))
            .bind(id.to_owned())
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(Command::of).transpose()
    }

    /// Orders, the last put in first; with `ended`, those that were ended too.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn commands(&self, ended: bool) -> Result<Vec<Command>, StoreError> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM command WHERE ended <= $1 ORDER BY created DESC, id DESC"
        )))
        .bind(if ended { i64::MAX } else { 0 })
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(Command::of).collect()
    }

    /// The orders that stand for a basin at a time, the first put in first: what a run lays over it, and what an event watches.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn standing_commands(&self, basin: &str, now: Timestamp, zone: &TimeZone) -> Result<Vec<Command>, StoreError> {
        let mut commands = self.commands(false).await?;
        commands.retain(|command| command.basin == basin && command.stands(now, zone));
        commands.reverse();
        Ok(commands)
    }
}
