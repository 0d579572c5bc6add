//! Consultation 会商: the plans of a run side by side, and which of them was chosen, with its minutes.
//!
//! A run's plans are the basin's own, its alternatives and whatever was changed by hand of these. Until one of them is signed, one
//! may be chosen, and another after it: only the chosen one is then reviewed and signed, its orders standing for the run's. The
//! others stay drafts. Every choice stands in the ledger of the run and of each of its plans.
//!
//! Fails: a plan of another run, one that is no draft any more, a run of which one is signed already.

use jiff::Timestamp;
use sqlx::Row;
use weir_model::document::Choice as ChoiceRow;
use weir_report::side_by_side::Tried;

use crate::orders::sheet;
use crate::plans::{Choice, PlanRow, Status, different, expect, locked};
use crate::store::{Store, StoreError, Work, record, time};

/// Most plans of a run that are set side by side.
const MOST: i64 = 100;

/// Statuses from which on a choice is no longer open.
const SETTLED: [Status; 4] = [Status::Signed, Status::InForce, Status::Superseded, Status::Expired];

/// Refuses a step of a plan where another of its run was chosen. One that was made by hand after the chosen one was signed stands for
/// itself, and so does every one once the chosen one was taken back.
pub(crate) async fn expect_chosen(work: &mut Work, plan: &PlanRow, doing: &str) -> Result<(), StoreError> {
    let row = sqlx::query("SELECT plan, chosen_by, at FROM choice WHERE run = $1")
        .bind(plan.run.clone())
        .fetch_optional(&mut **work)
        .await?;
    let Some(row) = row else { return Ok(()) };
    let (chosen, who, at): (String, String, i64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    let status = locked(work, &chosen).await?.status;
    let later = SETTLED.contains(&status) && plan.created > time(at);
    if chosen == plan.id || later || status == Status::Withdrawn {
        return Ok(());
    }
    Err(StoreError::Refused(format!(
        "cannot {doing} the plan `{}`: `{who}` chose `{chosen}` of its run in consultation\n  hint: `weir plans choose {}` chooses another",
        plan.id, plan.run
    )))
}

impl Store {
    /// Chooses a plan of a run: the one that goes on to review.
    ///
    /// # Errors
    /// If it is of another run or no draft any more, one of the run is signed, minutes or name lack, or the store cannot be asked.
    pub async fn choose(&self, run: &str, plan: &str, minutes: &str, who: &str, now: Timestamp) -> Result<(), StoreError> {
        let refused = |why: String| Err(StoreError::Refused(why));
        different(who, &[])?;
        if minutes.trim().is_empty() {
            return refused("a choice has minutes: who was there, and why it was chosen".to_owned());
        }
        let mut work = self.begin().await?;
        let chosen = locked(&mut work, plan).await?;
        if chosen.run != run {
            return refused(format!("the plan `{plan}` is of the run `{}`, not of `{run}`", chosen.run));
        }
        expect(&chosen, &[Status::Draft, Status::Reviewed], "choose")?;
        let plans = self.plans_of(run).await?;
        if let Some(signed) = plans.iter().find(|plan| SETTLED.contains(&plan.status)) {
            return refused(format!("the plan `{}` of the run `{run}` is {} already", signed.id, signed.status.word()));
        }
        sqlx::query(
            "INSERT INTO choice (run, plan, minutes, at, chosen_by) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (run) DO UPDATE \
             SET plan = excluded.plan, minutes = excluded.minutes, at = excluded.at, chosen_by = excluded.chosen_by",
        )
        .bind(run.to_owned())
        .bind(plan.to_owned())
        .bind(minutes.to_owned())
        .bind(now.as_millisecond())
        .bind(who.to_owned())
        .execute(&mut *work)
        .await?;
        sqlx::query("UPDATE run SET plan = $1 WHERE id = $2 AND state = 'awaiting'")
            .bind(plan.to_owned())
            .bind(run.to_owned())
            .execute(&mut *work)
            .await?;
        record(&mut work, run, "chosen", now, (who, &format!("{plan}: {minutes}"))).await?;
        for other in &plans {
            let state = if other.id == plan { "chosen" } else { "not_chosen" };
            record(&mut work, &other.id, state, now, (who, minutes)).await?;
        }
        let document = self.document(plan).await?;
        sheet::draft(&mut work, (plan, &chosen.product), &document.content.orders, &chosen.drafted_by, now).await?;
        work.commit().await?;
        Ok(())
    }

    /// The choice among the plans of a run, if it was made.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn chosen(&self, run: &str) -> Result<Option<ChoiceRow>, StoreError> {
        let row = sqlx::query("SELECT plan, minutes, at, chosen_by FROM choice WHERE run = $1")
            .bind(run.to_owned())
            .fetch_optional(&self.pool)
            .await?;
        let read = |row: sqlx::any::AnyRow| -> Result<ChoiceRow, StoreError> {
            let at = time(row.try_get(2)?).to_string();
            Ok(ChoiceRow { plan: row.try_get(0)?, minutes: row.try_get(1)?, at, by: row.try_get(3)? })
        };
        row.map(read).transpose()
    }

    /// The plans of a run that were not taken back, the run's own first, then as they were made.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn plans_of(&self, run: &str) -> Result<Vec<PlanRow>, StoreError> {
        let mut plans = self.plans(&Choice { run: Some(run.to_owned()), ..Choice::default() }, MOST).await?;
        plans.retain(|plan| plan.status != Status::Withdrawn);
        plans.sort_by_key(|plan| plan.revision);
        Ok(plans)
    }

    /// The plans of a run with their documents, to be set side by side.
    ///
    /// # Errors
    /// If the run has none, or the store cannot be asked.
    pub async fn side_by_side(&self, run: &str) -> Result<Vec<Tried>, StoreError> {
        let mut tried = Vec::new();
        for plan in self.plans_of(run).await? {
            tried.push(Tried::alternative(&plan.id, self.document(&plan.id).await?));
        }
        if tried.is_empty() { Err(StoreError::Refused(format!("the run `{run}` has no plan"))) } else { Ok(tried) }
    }
}
