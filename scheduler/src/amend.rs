//! Plans of an office changed by hand: the new draft, solved of what the plan itself was solved of, with its orders drafted anew.
//!
//! Runs beside the service, on a thread of its own. Fails: a plan that is over, settings that cannot be carried out.

use std::path::Path;

use jiff::Timestamp;
use sqlx::Row;
use weir_model::document::{AMENDED_HEADING, PlanDocument};
use weir_solver::amend::{self, Unamended, laid, settings};
use weir_solver::solve::SolveOptions;

use crate::checks::Check;
use crate::job::Office;
use crate::orders::draft::{Standing, draft};
use crate::orders::settings::OrderSettings;
use crate::orders::sheet;
use crate::plans::{Draft, PlanRow, Status, different, expect, insert, locked};
use crate::scenario::Scenario;
use crate::solving::{Alternative, Basis, NoPlan, Question};
use crate::store::{Store, StoreError, record};

/// Statuses of plans that may be changed by hand: into a new draft.
const AMENDABLE: [Status; 4] = [Status::Draft, Status::Reviewed, Status::Signed, Status::InForce];

/// Why a plan was not changed.
#[derive(Debug, thiserror::Error)]
pub enum NotAmended {
    /// The plan or the store does not allow it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was set cannot be carried out.
    #[error("{0}")]
    Sets(String),
}

/// Changes a plan of an office by hand, and returns the id of the new draft.
///
/// # Errors
/// Why it was not changed; nothing is written then.
pub async fn amend_plan(
    (folder, office): (&Path, &Office),
    store: &Store,
    plan: &str,
    sets: &[String],
    (who, note): (&str, &str),
    now: Timestamp,
) -> Result<String, NotAmended> {
    let refused = |why: String| NotAmended::Store(StoreError::Refused(why));
    let row = store.plan(plan).await?.ok_or_else(|| refused(format!("there is no plan `{plan}`")))?;
    expect(&row, &AMENDABLE, "amend")?;
    let run = store.run(&row.run).await?.ok_or_else(|| refused(format!("there is no run `{}`", row.run)))?;
    let job = office.job(&run.job).ok_or_else(|| refused(format!("there is no job `{}` any more", run.job)))?;
    let before = store.document(plan).await?;
    let body = store.basis(plan).await?;
    let (standing, orders) = (store.standing(&row.product).await?, office.orders_of(job));
    let scenario = match &before.content.case.scenario {
        None => Scenario::default(),
        Some(row) => job.alternatives.iter().find(|scenario| scenario.row() == *row).cloned().ok_or_else(|| {
            refused(format!("the alternative `{}` of `{}` is no longer as it was when the plan was made", row.id, job.id))
        })?,
    };
    let (basin, texts, planned, stored) = (folder.join(&job.basin), sets.to_vec(), before.clone(), body.clone());
    let office = folder.to_owned();
    let solve = move || {
        let basis = Basis::parse(basin, &stored)?.asked(&scenario, &office)?;
        changed(&basis, &planned, &texts, (&orders, &standing), now)
    };
    let solved = tokio::task::spawn_blocking(solve).await.map_err(|error| NotAmended::Sets(error.to_string()))?;
    let mut content = solved.map_err(|why| NotAmended::Sets(why.why))?.content;
    content.case.scenario.clone_from(&before.content.case.scenario);
    let document = PlanDocument::new(content);
    let document = document.amended_by((plan, &before), (who, now.to_string()), note);
    let checks = store.checks(job, &[&document], None, now).await?.pop().unwrap_or_default();
    Ok(store.amended(&row, (&document, &body, &checks), (who, note), now).await?)
}

fn changed(
    basis: &Basis,
    before: &PlanDocument,
    sets: &[String],
    (orders, standing): (&[OrderSettings], &Standing),
    now: Timestamp,
) -> Result<PlanDocument, NoPlan> {
    let refused = |why: Unamended| NoPlan::lasting(&why);
    let settings = settings(sets).map_err(refused)?;
    let mut basis = basis.clone();
    basis.further.push(laid(&settings));
    let solve = |question: &Question| {
        let Question { case, goals } = question;
        let document = amend::amend(case, goals, before, &settings, &SolveOptions::default()).map_err(refused)?;
        Ok(Alternative { word: "base".to_owned(), document })
    };
    let (question, _) = basis.read(&[]).map_err(|why| refused(amend::refused(&why, &settings)))?;
    let solved = solve(&question)?;
    let solved = if orders.is_empty() { solved } else { draft(&basis, solved, orders, standing, now, &solve)? };
    Ok(solved.document)
}

impl Store {
    /// Puts down a plan that somebody made of another by hand: a draft of its own, with its orders, of the same run.
    ///
    /// # Errors
    /// If the other is over, nobody is named, or the store cannot be asked.
    async fn amended(
        &self,
        before: &PlanRow,
        (document, basis, checks): (&PlanDocument, &str, &[Check]),
        (who, note): (&str, &str),
        now: Timestamp,
    ) -> Result<String, StoreError> {
        different(who, &[])?;
        let mut work = self.begin().await?;
        let before = locked(&mut work, &before.id).await?;
        expect(&before, &AMENDABLE, "amend")?;
        let draft = Draft {
            product: &before.product,
            term: &before.term,
            alternative: &before.alternative,
            document,
            publish: &before.publish,
            automatic: false,
            checks,
            fell_back: None,
            basis,
        };
        let id = insert(&mut work, (&before.run, who), &draft, now).await?;
        let said = format!("{AMENDED_HEADING}: {} {note}", before.id);
        record(&mut work, &id, Status::Draft.word(), now, (who, said.trim_end())).await?;
        sheet::draft(&mut work, (&id, &before.product), &document.content.orders, who, now).await?;
        work.commit().await?;
        Ok(id)
    }

    /// What a plan was solved of, as its run put it down.
    ///
    /// # Errors
    /// If that is not known, or the store cannot be asked.
    pub async fn basis(&self, plan: &str) -> Result<String, StoreError> {
        let row =
            sqlx::query("SELECT body FROM basis WHERE plan = $1").bind(plan.to_owned()).fetch_optional(&self.pool).await?;
        let none = || {
            StoreError::Refused(format!(
                "what the plan `{plan}` was solved of is not known: it is carried on by the rules, or an earlier version made it"
            ))
        };
        Ok(row.ok_or_else(none)?.try_get(0)?)
    }
}
