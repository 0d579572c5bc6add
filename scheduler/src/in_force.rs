//! The plan that counts: how signed plans come into force, hand over to the next, and end with their time.
//!
//! Exactly one plan of a product and term is in force, which an index of the store keeps true. What comes into force, or leaves it,
//! stands in the outbox within the same transaction. At the instant at which one ends and the next begins, the next takes its place:
//! nobody is told that there is none between them.

use std::sync::Arc;

use jiff::Timestamp;
use sqlx::Row;
use tracing::warn;
use weir_model::document::PlanDocument;

use crate::ledger::State;
use crate::orders::sheet;
use crate::outbox::{self, Kind};
use crate::plans::{COLUMNS, PlanRow, Status, locked, step};
use crate::store::{Store, StoreError, Work, record};

impl Store {
    /// What the clock alone does to plans: signed ones come into force when their time begins, those in force end with theirs, and
    /// what nobody signed until its end will never be.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn turn(&self, now: Timestamp, actor: &str) -> Result<(), StoreError> {
        // First what begins: it takes the place of what ends at the same instant.
        let rows = sqlx::query(
            "SELECT id FROM plan WHERE (status IN ('draft', 'reviewed', 'signed', 'in_force') AND valid_to <= $1) \
             OR (status = 'signed' AND valid_from <= $1) \
             ORDER BY CASE WHEN status = 'signed' AND valid_to > $1 THEN 0 ELSE 1 END, valid_from, id",
        )
        .bind(now.as_millisecond())
        .fetch_all(&self.pool)
        .await?;
        for row in rows {
            let id: String = row.try_get(0)?;
            let mut work = self.begin().await?;
            let plan = locked(&mut work, &id).await?;
            match plan.status {
                Status::InForce if plan.valid_to <= now => {
                    let reason = "无有效方案: its time is over and no other has taken its place";
                    step(&mut work, &id, Status::Expired, now, (actor, reason)).await?;
                    outbox::put(&mut work, &plan.publish, Kind::Expired, &id, reason, now).await?;
                }
                Status::Draft | Status::Reviewed | Status::Signed if plan.valid_to <= now => {
                    never(&mut work, &plan, now, actor).await?;
                }
                Status::Signed => {
                    enter(&mut work, &id, now, actor).await?;
                }
                _ => {}
            }
            work.commit().await?;
        }
        Ok(())
    }

    /// The plan in force of a product and term; none before its time and once that is over, whether the ledger says so already or not.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn in_force(&self, product: &str, term: &str, now: Timestamp) -> Result<Option<PlanRow>, StoreError> {
        let row = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM plan WHERE product = $1 AND term = $2 AND status = 'in_force' AND valid_from <= $3 AND valid_to > $3"
        )))
        .bind(product.to_owned())
        .bind(term.to_owned())
        .bind(now.as_millisecond())
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.as_ref().map(PlanRow::of).transpose()?)
    }
}

impl Store {
    /// The document of the plan in force of a product and term; one that this version cannot read is as one that is not there.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub(crate) async fn planned(&self, product: &str, term: &str, now: Timestamp) -> Result<Option<Planned>, StoreError> {
        let Some(row) = self.in_force(product, term, now).await? else { return Ok(None) };
        match self.document(&row.id).await {
            Ok(document) => Ok(Some(Planned { row, document: Arc::new(document) })),
            Err(StoreError::Refused(why)) => {
                warn!(plan = row.id, "in force, and not to be read: {why}");
                Ok(None)
            }
            Err(fault) => Err(fault),
        }
    }
}

/// The plan in force.
pub(crate) struct Planned {
    /// What it is.
    pub row: PlanRow,
    /// Its document.
    pub document: Arc<PlanDocument>,
}

/// A plan whose time was over before it came into force: its run ends without one, where no other of its plans can be signed.
async fn never(work: &mut Work, plan: &PlanRow, now: Timestamp, actor: &str) -> Result<(), StoreError> {
    let lacked = match plan.status {
        Status::Signed => "it was signed, and never began",
        Status::Reviewed => "nobody signed it",
        _ => "nobody reviewed and signed it",
    };
    let reason = format!("its time is over: {lacked}");
    step(work, &plan.id, Status::Expired, now, (actor, &reason)).await?;
    sheet::withdraw_all(work, plan, now, (actor, &reason)).await?;
    if waits(work, &plan.run).await? {
        return Ok(());
    }
    let reason = format!("its plan `{}` never came into force: {lacked} until {}", plan.id, plan.valid_to);
    if let Some(claims) = end_run(work, plan, State::Failed, now, (actor, &reason)).await? {
        outbox::put_failed(work, &plan.publish, (&plan.run, claims), &reason, now).await?;
    }
    Ok(())
}

/// Whether a plan of a run may still come into force: as long as one may, the run waits for it.
pub(crate) async fn waits(work: &mut Work, run: &str) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT id FROM plan WHERE run = $1 AND status IN ('draft', 'reviewed', 'signed')")
        .bind(run.to_owned())
        .fetch_optional(&mut **work)
        .await?;
    Ok(row.is_some())
}

/// Brings a signed plan into force if its time has begun and is not over, in the place of the one before.
pub(crate) async fn enter(work: &mut Work, id: &str, now: Timestamp, who: &str) -> Result<Status, StoreError> {
    let plan = locked(work, id).await?;
    if plan.valid_from > now || plan.valid_to <= now {
        return Ok(Status::Signed);
    }
    let before = sqlx::query(sqlx::AssertSqlSafe(format!(
        "UPDATE plan SET status = 'superseded' WHERE product = $1 AND term = $2 AND status = 'in_force' RETURNING {COLUMNS}"
    )))
    .bind(plan.product.clone())
    .bind(plan.term.clone())
    .fetch_optional(&mut **work)
    .await?;
    if let Some(before) = before {
        let before = PlanRow::of(&before)?;
        record(work, &before.id, Status::Superseded.word(), now, (who, id)).await?;
        sqlx::query("UPDATE plan SET supersedes = $1 WHERE id = $2")
            .bind(before.id)
            .bind(id.to_owned())
            .execute(&mut **work)
            .await?;
    }
    step(work, id, Status::InForce, now, (who, "")).await?;
    outbox::put(work, &plan.publish, Kind::Plan, id, "", now).await?;
    end_run(work, &plan, State::Published, now, (who, "its plan is in force")).await?;
    pass_over(work, &plan, now, who).await?;
    Ok(Status::InForce)
}

/// Drafts of earlier runs that nobody signed: a plan that came into force takes their place, so that none of them can take its.
async fn pass_over(work: &mut Work, plan: &PlanRow, now: Timestamp, who: &str) -> Result<(), StoreError> {
    let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM plan WHERE product = $1 AND term = $2 AND status IN ('draft', 'reviewed') AND run <> $3 \
         AND revision < $4 AND valid_from <= $5 ORDER BY revision"
    )))
    .bind(plan.product.clone())
    .bind(plan.term.clone())
    .bind(plan.run.clone())
    .bind(plan.revision)
    .bind(plan.valid_from.as_millisecond())
    .fetch_all(&mut **work)
    .await?;
    for row in &rows {
        let earlier = PlanRow::of(row)?;
        step(work, &earlier.id, Status::Superseded, now, (who, &plan.id)).await?;
        sheet::withdraw_all(work, &earlier, now, (who, &plan.id)).await?;
        end_run(work, &earlier, State::Superseded, now, (who, &format!("not signed before `{}` came into force", plan.id)))
            .await?;
    }
    Ok(())
}

/// The run whose plan waited has come to its end: the number of its claims, which counts this end too; none where it did not wait.
pub(crate) async fn end_run(
    work: &mut Work,
    plan: &PlanRow,
    state: State,
    now: Timestamp,
    (who, why): (&str, &str),
) -> Result<Option<i64>, StoreError> {
    let query = "UPDATE run SET state = $1, reason = $2, plan = $3, fence = fence + 1 WHERE id = $4 AND state = 'awaiting' RETURNING fence";
    let ended = sqlx::query(query)
        .bind(state.word())
        .bind(why.to_owned())
        .bind(plan.id.clone())
        .bind(plan.run.clone())
        .fetch_optional(&mut **work)
        .await?;
    let Some(ended) = ended else { return Ok(None) };
    record(work, &plan.run, state.word(), now, (who, why)).await?;
    Ok(Some(ended.try_get(0)?))
}
