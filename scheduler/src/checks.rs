//! What is checked of a run's plans between solving and drafting, as data that the ledger keeps and the reviewer sees.
//!
//! A check is one function and a line in [`CHECKS`]. Its verdict is `passed`, `warned` (seen by whoever reviews) or `held`: a plan
//! with a check that holds does not come into force by itself, whatever the job's approval is. Limits stand in the job's `checks`;
//! without one, a check tells its sizes and passes.
//!
//! Units: m³/s and hm³.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_model::basin::entry::Entry;
use weir_model::document::{Comparison, Content, PlanDocument, SeriesDifference};
use weir_model::tolerance::OBJECTIVE;

use crate::job::Job;
use crate::store::{Store, StoreError};

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing to be seen.
    Passed,
    /// Whoever reviews should see it.
    Warned,
    /// The plan does not come into force by itself.
    Held,
}

impl Verdict {
    /// The word in store, API and lists.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Warned => "warned",
            Self::Held => "held",
        }
    }
}

/// A check of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Check {
    /// `audit`, `certificate`, `fall_back`, `begins`, `inputs`, `release_change`, `storage_change`, `supply_change`, `warnings`.
    pub check: String,
    /// How it came out.
    pub verdict: Verdict,
    /// What was seen.
    pub text: String,
}

/// Limits of a job's checks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Limits {
    /// Largest change of a reservoir's outflow against the plan in force, m³/s.
    pub release_m3s: Option<f64>,
    /// Largest change of a storage, hm³.
    pub storage_hm3: Option<f64>,
    /// Largest change of what a class of users is supplied with, m³/s.
    pub supply_m3s: Option<f64>,
    /// Grades of warnings that count; all, unless some are named.
    pub grades: Vec<String>,
    /// Whether what goes beyond a limit holds the plan back, rather than warning.
    pub holds: bool,
}

impl Limits {
    /// Reads `checks` of a job.
    pub(crate) fn read(job: &Entry<'_, '_>) -> Self {
        let Some(entry) = job.table("checks") else { return Self::default() };
        let limit = |key: &str| entry.number_within(key, 0.0, f64::INFINITY).map(|limit| limit.value);
        let limits = Self {
            release_m3s: limit("largest_change_m3s"),
            storage_hm3: limit("largest_storage_change_hm3"),
            supply_m3s: limit("largest_supply_change_m3s"),
            grades: entry.texts("grades").into_iter().map(|grade| grade.value).collect(),
            holds: entry.word("beyond", &["warn", "hold"]).is_some_and(|word| word.value == "hold"),
        };
        entry.finish();
        limits
    }

    fn beyond(&self) -> Verdict {
        if self.holds { Verdict::Held } else { Verdict::Warned }
    }
}

/// What a plan is checked by.
pub struct Checked<'a> {
    /// The plan.
    pub plan: &'a PlanDocument,
    /// The plan in force of its product and term, by its id, and what is otherwise than in it.
    pub change: Option<(&'a str, &'a Comparison)>,
    /// The job's limits.
    pub limits: &'a Limits,
    /// What a plan that the run fell back to is held to; none for any other.
    pub fell_back: Option<Verdict>,
    /// The plan in force, where it begins later.
    pub later: Option<&'a str>,
    /// What is wrong with the plan against the very question that it answers.
    pub faults: &'a [String],
}

/// A check: what it tells of a plan, which may be nothing.
type Run = fn(&Checked<'_>) -> Vec<Check>;

/// All, in the order in which they are shown.
const CHECKS: &[Run] = &[audit, certificate, fall_back, begins, inputs, changes, warnings];

/// Runs all checks on a plan.
pub fn run(checked: &Checked<'_>) -> Vec<Check> {
    CHECKS.iter().flat_map(|check| check(checked)).collect()
}

/// Whether a check holds the plan back from coming into force by itself.
pub fn holds(checks: &[Check]) -> bool {
    checks.iter().any(|check| check.verdict == Verdict::Held)
}

/// The checks in a line of the ledger: how many, and in words those that did not pass.
pub fn line(checks: &[Check]) -> String {
    let told = checks.iter().filter(|check| check.verdict != Verdict::Passed);
    let told: Vec<String> = told.map(|check| format!("{} {}: {}", check.check, check.verdict.word(), check.text)).collect();
    let passed = checks.len() - told.len();
    std::iter::once(format!("{passed} of {} checks passed", checks.len())).chain(told).collect::<Vec<_>>().join("; ")
}

fn check(word: &str, verdict: Verdict, text: String) -> Check {
    Check { check: word.to_owned(), verdict, text }
}

fn audit(checked: &Checked<'_>) -> Vec<Check> {
    let audit = &checked.plan.content.audit;
    let count: usize = audit.residuals.iter().map(|residual| residual.checked).sum();
    if audit.passed {
        return vec![check("audit", Verdict::Passed, format!("{count} rules checked, all kept within tolerance"))];
    }
    vec![check("audit", Verdict::Held, audit.findings.join("; "))]
}

/// A plan that does not verify against what was asked, a document that says two things, or a proof with a gap holds the plan back;
/// one without a proof is told.
fn certificate(checked: &Checked<'_>) -> Vec<Check> {
    let content = &checked.plan.content;
    let mut faults = content.contradictions();
    faults.extend(checked.faults.iter().cloned());
    let certificate = content.certificate.as_ref();
    let proofs = certificate.map_or(&[][..], |certificate| &certificate.proofs);
    for proof in proofs.iter().filter(|proof| proof.gap > OBJECTIVE) {
        faults.push(format!("`{}` is bounded, not proved: gap {:.1e}", proof.of, proof.gap));
    }
    if !faults.is_empty() {
        return vec![check("certificate", Verdict::Held, faults.join("; "))];
    }
    let without = certificate.map_or(Some("none"), |certificate| certificate.without.as_deref());
    if let Some(why) = without.map(weir_report::words::unproved) {
        let text = format!("{} goals proved, the others not; {}", proofs.len(), why.english);
        return vec![check("certificate", Verdict::Warned, text)];
    }
    let gap = proofs.iter().map(|proof| proof.gap).fold(0.0, f64::max);
    let text = format!("{} goals proved to be optimal within the model, the largest gap {gap:.1e}", proofs.len());
    vec![check("certificate", Verdict::Passed, text)]
}

fn fall_back(checked: &Checked<'_>) -> Vec<Check> {
    let text = "the run could not solve its question and fell back to this plan";
    checked.fell_back.into_iter().map(|verdict| check("fall_back", verdict, text.to_owned())).collect()
}

/// A run of an earlier day that is run again must not bring yesterday's plan back.
fn begins(checked: &Checked<'_>) -> Vec<Check> {
    let text = |id| format!("`{id}`, in force, begins later: this plan does not take its place by itself");
    checked.later.into_iter().map(|id| check("begins", Verdict::Held, text(id))).collect()
}

fn inputs(checked: &Checked<'_>) -> Vec<Check> {
    let Content { inputs, .. } = &checked.plan.content;
    let gathered = &inputs.gathered;
    if gathered.is_empty() {
        return Vec::new();
    }
    let replaced: Vec<&str> =
        gathered.iter().filter(|row| row.substituted_by.is_some()).map(|row| row.input.as_str()).collect();
    if replaced.is_empty() {
        return vec![check("inputs", Verdict::Passed, format!("{} inputs gathered, none replaced", gathered.len()))];
    }
    let text = format!("of {} inputs gathered, replaced: {}", gathered.len(), replaced.join(", "));
    vec![check("inputs", Verdict::Warned, text)]
}

/// The largest changes against the plan in force, where both tell something of the same time.
fn changes(checked: &Checked<'_>) -> Vec<Check> {
    let Some((id, comparison)) = checked.change.filter(|(_, comparison)| comparison.from.is_some()) else {
        return Vec::new();
    };
    let content = &checked.plan.content;
    let of_store = |row: &SeriesDifference| {
        content.element(&row.element).is_some_and(|element| ["reservoir", "aquifer"].contains(&element.kind.as_str()))
    };
    let of_class = |row: &SeriesDifference| row.class.is_some();
    let limits = checked.limits;
    let largest: [(&str, Option<&SeriesDifference>, Option<f64>); 3] = [
        ("release_change", comparison.largest("outflow", of_store), limits.release_m3s),
        ("storage_change", comparison.largest("storage", of_store), limits.storage_hm3),
        ("supply_change", comparison.largest("supply", of_class), limits.supply_m3s),
    ];
    largest.into_iter().map(|(word, largest, limit)| change(word, id, largest, limit, limits.beyond())).collect()
}

fn change(word: &str, id: &str, largest: Option<&SeriesDifference>, limit: Option<f64>, beyond: Verdict) -> Check {
    let Some(largest) = largest else {
        return check(word, Verdict::Passed, format!("no change against `{id}`, in force"));
    };
    let limit = limit.filter(|limit| largest.largest.abs() > *limit);
    let verdict = if limit.is_some() { beyond } else { Verdict::Passed };
    check(word, verdict, told(id, largest, limit))
}

fn told(id: &str, largest: &SeriesDifference, limit: Option<f64>) -> String {
    let digits = |value: f64| (value * 1e3).round() / 1e3 + 0.0;
    let (before, after) = (digits(largest.before), digits(largest.after));
    let unit = if largest.unit == "m3/s" { "m³/s" } else { "hm³" };
    let text = format!(
        "`{}.{}` changes most against `{id}`, in force: at {} from {before} {unit} to {after} {unit}",
        largest.address, largest.quantity, largest.at
    );
    limit.map_or(text.clone(), |limit| format!("{text}; the limit is {limit} {unit}"))
}

fn warnings(checked: &Checked<'_>) -> Vec<Check> {
    let Limits { grades, .. } = checked.limits;
    let counts = |grade: &String| grades.is_empty() || grades.contains(grade);
    let mut found: Vec<(&str, usize)> = Vec::new();
    for row in checked.plan.content.warnings.iter().filter(|row| counts(&row.grade)) {
        match found.iter_mut().find(|(grade, _)| *grade == row.grade) {
            Some((_, count)) => *count += 1,
            None => found.push((&row.grade, 1)),
        }
    }
    if found.is_empty() {
        return vec![check("warnings", Verdict::Passed, "no warnings".to_owned())];
    }
    let said: Vec<String> = found.iter().map(|(grade, count)| format!("{grade} {count}")).collect();
    let verdict = if grades.is_empty() { Verdict::Warned } else { checked.limits.beyond() };
    vec![check("warnings", verdict, format!("warnings by grade: {}", said.join(", ")))]
}

impl Store {
    /// Checks plans that a job would draft, each for itself, with what is wrong with it against its question, and against the plan
    /// in force.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub(crate) async fn checks(
        &self,
        job: &Job,
        plans: &[(&PlanDocument, &[String])],
        fell_back: Option<Verdict>,
        now: Timestamp,
    ) -> Result<Vec<Vec<Check>>, StoreError> {
        let in_force = self.planned(&job.product, job.term, now).await?;
        let checked = plans.iter().map(|(plan, faults)| {
            let change = in_force.as_ref().map(|other| (plan.compared_with(&other.document), &other.row.id));
            let change = change.as_ref().map(|(comparison, id)| (id.as_str(), comparison));
            let begins = plan.content.case.valid_from.parse::<Timestamp>().ok();
            let later = in_force.as_ref().filter(|other| begins.is_some_and(|begins| other.row.valid_from > begins));
            let later = later.map(|other| other.row.id.as_str());
            run(&Checked { plan, change, limits: &job.checks, fell_back, later, faults })
        });
        Ok(checked.collect())
    }
}
