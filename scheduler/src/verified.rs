//! A plan of the store held against its question, made again of what its run stood on: the auditor's way, years later. Of two plans so made
//! again the difference is split by cause.
//!
//! The question is the basin's folder with what the run gathered, the commands then in force, the plan's alternative, settings by
//! hand and orders. Basin, tables and files of elements must be as they were: the plan tells their digests.
//!
//! Fails: a plan of an earlier version, of which the store does not hold what it was solved of; files that are not there.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;
use weir_model::document::{Causes, Content, PlanDocument};
use weir_solver::amend::{laid, question as amended, settings};
use weir_solver::causes::{Asked, causes};
use weir_solver::marks::Marks;
use weir_solver::solve::SolveOptions;
use weir_solver::verify::verify_as;

use crate::amend::scenario_of;
use crate::fall_back::{EXTENDED, carrying_on, is_fall_back};
use crate::job::Office;
use crate::orders::draft::question;
use crate::plans::PlanRow;
use crate::scenario::Scenario;
use crate::solving::{Basis, NoPlan, Question};
use crate::store::{Store, StoreError};

impl Store {
    /// What is wrong with a plan against its question, and its document. The basin is its job's, or the one in `basin`, where that has
    /// changed since.
    ///
    /// # Errors
    /// If the question cannot be made again, or the store cannot be asked.
    pub async fn verified(
        &self,
        (folder, office): (&Path, &Office),
        plan: &str,
        basin: Option<&Path>,
    ) -> Result<(PlanDocument, Vec<String>), StoreError> {
        let (document, again) = self.again((folder, office), plan, basin).await?;
        let verify = move || again.faults(&document).map(|faults| (document, faults));
        let verified = tokio::task::spawn_blocking(verify).await.map_err(|error| StoreError::Refused(error.to_string()))?;
        verified.map_err(|why| StoreError::Refused(why.to_string()))
    }

    /// Why a plan differs from an earlier one, by cause: the questions between theirs, solved. Both basins are their jobs' as they stand.
    ///
    /// # Errors
    /// If a question cannot be made again or has no plan, or the store cannot be asked.
    pub async fn causes(&self, office: (&Path, &Office), before: &str, after: &str) -> Result<Causes, StoreError> {
        let earlier = Box::pin(self.again(office, before, None)).await?;
        let later = Box::pin(self.again(office, after, None)).await?;
        let split = move || split(&earlier, &later);
        let split = tokio::task::spawn_blocking(split).await.map_err(|error| StoreError::Refused(error.to_string()))?;
        split.map_err(StoreError::Refused)
    }

    /// A plan's document, and what its question is made again of.
    async fn again(
        &self,
        (folder, office): (&Path, &Office),
        plan: &str,
        basin: Option<&Path>,
    ) -> Result<(PlanDocument, Again), StoreError> {
        let refused = |why: String| StoreError::Refused(why);
        let row = self.plan(plan).await?.ok_or_else(|| StoreError::no("plan", plan))?;
        let document = self.document(plan).await?;
        let stored = self.basis(plan).await?;
        let run = self.run(&row.run).await?.ok_or_else(|| StoreError::no("run", &row.run))?;
        let job = office.job(&run.job);
        let no_job = || refused(format!("there is no job `{}` any more: `--basin DIR` names its basin's folder", run.job));
        let scenario = match (&document.content.case.scenario, job) {
            (None, _) => Scenario::default(),
            (Some(_), Some(job)) => scenario_of(job, &document.content).map_err(refused)?,
            (Some(_), None) => return Err(no_job()),
        };
        let basin = match (basin, job) {
            (Some(basin), _) => basin.to_owned(),
            (None, Some(job)) => folder.join(&job.basin),
            (None, None) => return Err(no_job()),
        };
        let before = match &document.record.amends {
            Some(before) => Some(self.document(before).await?),
            None => None,
        };
        let mut basis = Basis::parse(basin, &stored).map_err(|why| refused(why.to_string()))?;
        if !basis.in_force.is_empty() {
            basis.planned = Some(Arc::new(self.document(&basis.in_force).await?));
        }
        Ok((document, Again { row, basis, scenario, office: folder.to_owned(), before }))
    }
}

/// The difference of two plans by cause.
fn split((before, earlier): &(PlanDocument, Again), (after, later): &(PlanDocument, Again)) -> Result<Causes, String> {
    let basins = (&before.content.case.basin, &after.content.case.basin);
    if basins.0 != basins.1 {
        return Err(format!("the plans are of two basins, `{}` and `{}`", basins.0, basins.1));
    }
    let of = |again: &Again, content: &Content, start: Date| again.question(content, start).map_err(|why| why.to_string());
    let (first, last) = (of(earlier, &before.content, earlier.basis.start)?, of(later, &after.content, later.basis.start)?);
    let moved = first.case.horizon.edges != last.case.horizon.edges;
    let on_later = if moved { Some(of(earlier, &before.content, later.basis.start)?.case) } else { None };
    let before = Asked { document: before, case: &first.case, goals: &first.goals };
    let after = Asked { document: after, case: &last.case, goals: &last.goals };
    causes(&before, &after, on_later.as_ref(), &SolveOptions::default()).map_err(|why| why.to_string())
}

/// What a plan's question is made again of.
struct Again {
    row: PlanRow,
    basis: Basis,
    scenario: Scenario,
    office: PathBuf,
    /// The plan that it was changed from by hand.
    before: Option<PlanDocument>,
}

impl Again {
    fn faults(&self, document: &PlanDocument) -> Result<Vec<String>, NoPlan> {
        let content = &document.content;
        let faults = content.contradictions();
        if !faults.is_empty() {
            return Ok(faults);
        }
        let Question { case, goals } = self.question(content, self.basis.start)?;
        let fell_back = is_fall_back(&self.row.alternative);
        let marks = Marks { before: self.before.as_ref(), fell_back };
        Ok(verify_as(document, &case, &goals, marks))
    }

    /// The question, from a day on: that of its run, or another's.
    fn question(&self, content: &Content, start: Date) -> Result<Question, NoPlan> {
        let mut basis = self.basis.asked(&self.scenario, &self.office)?;
        basis.start = start;
        let sets = content.case.amended.as_ref().map(|amended| amended.sets.clone()).unwrap_or_default();
        let set = if sets.is_empty() { Vec::new() } else { settings(&sets).map_err(|why| NoPlan::lasting(&why))? };
        if !set.is_empty() {
            basis.further.push(laid(&set));
        }
        let asked = question(&basis, &content.orders, &content.horizon)?;
        if let Some(before) = &self.before {
            let (case, goals) = amended(&asked.case, &asked.goals, before, &set);
            return Ok(Question { case, goals });
        }
        match &basis.planned {
            Some(planned) if self.row.alternative == EXTENDED => carrying_on(&asked, planned),
            _ => asked.by(self.scenario.method_word()),
        }
    }
}
