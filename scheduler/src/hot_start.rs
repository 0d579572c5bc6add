//! Where a job's solves ended, kept in the store for its next run to start from, after a restart and in a backup too.
//!
//! Each alternative starts from its own last end, one that is new from the base's. Of a job the ends of one run are kept, the last that
//! had any; a plan with the least breach of rules is an end of the base.
//! Fails: never; an end that is damaged is told by the plan that would have started from it.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sqlx::Row as _;
use weir_solver::hot::HotStart;

use crate::fall_back::ELASTIC;
use crate::ledger::Run;
use crate::solving::BASE;
use crate::store::{Store, StoreError, Work};

/// What a run's solves start from.
#[derive(Clone, Debug, Default)]
pub struct HotStarts {
    /// The run whose solves ended there; empty for none.
    run: String,
    by_alternative: BTreeMap<String, Arc<HotStart>>,
}

impl HotStarts {
    /// What an alternative starts from.
    pub fn of(&self, alternative: &str) -> Option<Arc<HotStart>> {
        self.by_alternative.get(key(alternative)).or_else(|| self.by_alternative.get(BASE)).cloned()
    }

    /// What the ledger says of it.
    pub fn told(&self) -> String {
        if self.by_alternative.is_empty() { String::new() } else { format!("starts from where `{}` ended", self.run) }
    }
}

fn key(alternative: &str) -> &str {
    if alternative == ELASTIC { BASE } else { alternative }
}

impl Store {
    /// What the next run of a job starts from.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub(crate) async fn hot_starts(&self, job: &str) -> Result<HotStarts, StoreError> {
        let rows = sqlx::query("SELECT alternative, run, body FROM hot_start WHERE job = $1")
            .bind(job.to_owned())
            .fetch_all(&self.pool)
            .await?;
        let mut starts = HotStarts::default();
        for row in rows {
            starts.run = row.try_get(1)?;
            let body: String = row.try_get(2)?;
            // What is no base 64 is no basis either, and is told as such.
            let start = HotStart::of(STANDARD.decode(&body).unwrap_or_else(|_| body.into_bytes()));
            starts.by_alternative.insert(row.try_get(0)?, Arc::new(start));
        }
        Ok(starts)
    }
}

/// Keeps where a run's solves ended in place of what its job had; a run that solved nothing leaves that alone.
pub(crate) async fn keep<'a>(
    work: &mut Work,
    run: &Run,
    ends: impl Iterator<Item = (&'a str, &'a HotStart)>,
) -> Result<(), StoreError> {
    let ends: BTreeMap<&str, &HotStart> = ends.map(|(alternative, end)| (key(alternative), end)).collect();
    if ends.is_empty() {
        return Ok(());
    }
    sqlx::query("DELETE FROM hot_start WHERE job = $1").bind(run.job.clone()).execute(&mut **work).await?;
    for (alternative, end) in ends {
        sqlx::query("INSERT INTO hot_start (job, alternative, run, body) VALUES ($1, $2, $3, $4)")
            .bind(run.job.clone())
            .bind(alternative.to_owned())
            .bind(run.id.clone())
            .bind(STANDARD.encode(end.bytes()))
            .execute(&mut **work)
            .await?;
    }
    Ok(())
}
