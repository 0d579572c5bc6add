//! Plans of an office changed by hand: the new draft, solved of what the plan itself was solved of, with its orders drafted anew.
//!
//! Runs beside the service, on a thread of its own. Fails: a plan that is over, settings that cannot be carried out.

use std::path::Path;

use jiff::Timestamp;
use sqlx::Row;
use weir_model::document::{AMENDED_HEADING, Content, PlanDocument};
use weir_solver::amend::{self, Unamended, laid, settings};
use weir_solver::marks::Marks;
use weir_solver::solve::SolveOptions;
use weir_solver::verify::verify_as;

use crate::checks::{Check, Verdict};
use crate::fall_back::{EXTENDED, is_fall_back};
use crate::job::{Job, Office};
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
    let row = store.plan(plan).await?.ok_or_else(|| StoreError::no("plan", plan))?;
    expect(&row, &AMENDABLE, "amend")?;
    if row.alternative == EXTENDED {
        return Err(refused(format!("the plan `{plan}` is carried on by the rules: there is nothing solved to be changed")));
    }
    let run = store.run(&row.run).await?.ok_or_else(|| StoreError::no("run", &row.run))?;
    let job = office.job(&run.job).ok_or_else(|| refused(format!("there is no job `{}` any more", run.job)))?;
    let before = store.document(plan).await?;
    let body = store.basis(plan).await?;
    let (standing, orders) = (store.standing(&row.product).await?, office.orders_of(job));
    let scenario = scenario_of(job, &before.content).map_err(refused)?;
    let fell_back = is_fall_back(&row.alternative);
    let (basin, texts, planned, stored) = (folder.join(&job.basin), sets.to_vec(), before.clone(), body.clone());
    let office = folder.to_owned();
    let solve = move || {
        let basis = Basis::parse(basin, &stored)?;
        let changed = changed(&basis.asked(&scenario, &office)?, &planned, &texts, (&orders, &standing), now)?;
        let document = marked(changed.document, &planned, fell_back);
        let marks = Marks { before: Some(&planned), fell_back };
        let faults = verify_as(&document, &changed.question.case, &changed.question.goals, marks);
        Ok::<_, NoPlan>((document, faults))
    };
    let solved = tokio::task::spawn_blocking(solve).await.map_err(|error| NotAmended::Sets(error.to_string()))?;
    let (document, faults) = solved.map_err(|why| NotAmended::Sets(why.why))?;
    let document = document.amended_by((plan, &before), (who, now.to_string()), note);
    let checks =
        store.checks(job, &[(&document, &faults)], fell_back.then_some(Verdict::Held), now).await?.pop().unwrap_or_default();
    Ok(store.amended(&row, (&document, &body, &checks), (who, note), now).await?)
}

/// The plan with what stands on the one that it was changed from: why its run fell back.
fn marked(document: PlanDocument, before: &PlanDocument, fell_back: bool) -> PlanDocument {
    let told = before.content.case.degraded.get(document.content.case.degraded.len()..).unwrap_or_default();
    if fell_back { document.fallen_back(told.to_vec()) } else { document }
}

fn changed(
    basis: &Basis,
    before: &PlanDocument,
    sets: &[String],
    (orders, standing): (&[OrderSettings], &Standing),
    now: Timestamp,
) -> Result<Alternative, NoPlan> {
    let refused = |why: Unamended| NoPlan::lasting(&why);
    let settings = settings(sets).map_err(refused)?;
    let mut basis = basis.clone();
    basis.further.push(laid(&settings));
    let solve = |question: &Question| {
        let Question { case, goals } = question;
        let solved = amend::amend(case, goals, before, &settings, &SolveOptions::default()).map_err(refused)?;
        let (case, goals) = amend::question(case, goals, before, &settings);
        Ok(Alternative {
            word: "base".to_owned(),
            document: solved.document,
            question: Question { case, goals },
            end: solved.end,
        })
    };
    let (question, _) = basis.read(&[]).map_err(|why| refused(amend::refused(&why, &settings)))?;
    let solved = solve(&question)?;
    if orders.is_empty() { Ok(solved) } else { draft(&basis, solved, orders, standing, now, &solve) }
}

/// The alternative of a job that a plan is.
///
/// # Errors
/// If the job's file has no such alternative any more.
pub(crate) fn scenario_of(job: &Job, content: &Content) -> Result<Scenario, String> {
    let Some(row) = &content.case.scenario else { return Ok(Scenario::default()) };
    let found = job.alternatives.iter().find(|scenario| scenario.row().as_ref() == Some(row)).cloned();
    found
        .ok_or_else(|| format!("the alternative `{}` of `{}` is no longer as it was when the plan was made", row.id, job.id))
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
            end: None,
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
        let none =
            || StoreError::Refused(format!("what the plan `{plan}` was solved of is not known: an earlier version made it"));
        Ok(row.ok_or_else(none)?.try_get(0)?)
    }
}
