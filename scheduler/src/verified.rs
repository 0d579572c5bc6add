//! A plan of the store held against its question, made again of what its run stood on: the auditor's way, years later.
//!
//! The question is the basin's folder with what the run gathered, the commands then in force, the plan's alternative, settings by
//! hand and orders. Basin, tables and files of elements must be as they were: the plan tells their digests.
//!
//! Fails: a plan of an earlier version, of which the store does not hold what it was solved of; files that are not there.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use weir_model::document::{Content, PlanDocument};
use weir_solver::amend::{laid, question as amended, settings};
use weir_solver::marks::Marks;
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
        let again = Again { row, basis, scenario, office: folder.to_owned(), before };
        let verify = move || again.faults(&document).map(|faults| (document, faults));
        let verified = tokio::task::spawn_blocking(verify).await.map_err(|error| refused(error.to_string()))?;
        verified.map_err(|why| refused(why.to_string()))
    }
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
        let Question { case, goals } = self.question(content)?;
        let fell_back = is_fall_back(&self.row.alternative);
        let marks = Marks { before: self.before.as_ref(), fell_back };
        Ok(verify_as(document, &case, &goals, marks))
    }

    fn question(&self, content: &Content) -> Result<Question, NoPlan> {
        let mut basis = self.basis.asked(&self.scenario, &self.office)?;
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
