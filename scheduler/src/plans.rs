//! Plans and what becomes of them: draft → reviewed → signed → in force → superseded, expired or withdrawn.
//!
//! Drafting, reviewing and signing are done by three different actors. What comes into force, and leaves it: [`crate::in_force`].
//!
//! Fails: a step that the plan's status or the actor does not allow is refused with its reason.

use jiff::Timestamp;
use sqlx::Row;
use sqlx::any::AnyRow;
use weir_model::document::{PlanDocument, Signature};
use weir_solver::hot::HotStart;

use crate::checks::{Check, Verdict};
use crate::consultation::expect_chosen;
use crate::fall_back::is_fall_back;
use crate::hot_start;
use crate::in_force::{end_run, enter, waits};
use crate::ledger::{Run, State, advance};
use crate::orders::sheet;
use crate::outbox::{self, Kind};
use crate::store::{Store, StoreError, Work, record, time};

/// Status of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Made, seen by nobody.
    Draft,
    /// Seen by a reviewer.
    Reviewed,
    /// Signed, and not yet valid.
    Signed,
    /// The plan that counts.
    InForce,
    /// A later one took its place.
    Superseded,
    /// Its time is over.
    Expired,
    /// Taken back.
    Withdrawn,
}

impl Status {
    /// All.
    pub const ALL: [Self; 7] =
        [Self::Draft, Self::Reviewed, Self::Signed, Self::InForce, Self::Superseded, Self::Expired, Self::Withdrawn];

    /// The word in store and documents.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Reviewed => "reviewed",
            Self::Signed => "signed",
            Self::InForce => "in_force",
            Self::Superseded => "superseded",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
        }
    }

    fn of(word: &str) -> Self {
        Self::ALL.into_iter().find(|status| status.word() == word).unwrap_or(Self::Withdrawn)
    }
}

/// What a plan is, without its document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanRow {
    /// Id: product, term and revision.
    pub id: String,
    /// Line of plans.
    pub product: String,
    /// Term.
    pub term: String,
    /// Counted from 1 within product and term.
    pub revision: i64,
    /// Which alternative of its run it is: the method's word, `base` for the basin's own; `elastic` or `extended` for the one that
    /// the run fell back to.
    pub alternative: String,
    /// The run that made it.
    pub run: String,
    /// SHA-256 of the content.
    pub digest: String,
    /// Status.
    pub status: Status,
    /// Start of its first step.
    pub valid_from: Timestamp,
    /// End of its last step.
    pub valid_to: Timestamp,
    /// When it was made.
    pub created: Timestamp,
    /// The plan of the longer term that was in force when it was made; empty for none.
    pub parent: String,
    /// The plan whose place it took; empty for none.
    pub supersedes: String,
    /// Who drafted it.
    pub drafted_by: String,
    /// Who reviewed it; empty for nobody.
    pub reviewed_by: String,
    /// Who signed it; empty for nobody.
    pub signed_by: String,
    /// Whether it was made from less than it should be.
    pub degraded: bool,
    /// Publishers that it goes to.
    pub publish: Vec<String>,
    /// What was checked of it before it was drafted.
    pub checks: Vec<Check>,
}

pub(crate) const COLUMNS: &str = "id, product, term, revision, alternative, run, digest, status, valid_from, valid_to, created, parent, \
                       supersedes, drafted_by, reviewed_by, signed_by, degraded, publish, checks";

impl PlanRow {
    pub(crate) fn of(row: &AnyRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get(0)?,
            product: row.try_get(1)?,
            term: row.try_get(2)?,
            revision: row.try_get(3)?,
            alternative: row.try_get(4)?,
            run: row.try_get(5)?,
            digest: row.try_get(6)?,
            status: Status::of(row.try_get(7)?),
            valid_from: time(row.try_get(8)?),
            valid_to: time(row.try_get(9)?),
            created: time(row.try_get(10)?),
            parent: row.try_get(11)?,
            supersedes: row.try_get(12)?,
            drafted_by: row.try_get(13)?,
            reviewed_by: row.try_get(14)?,
            signed_by: row.try_get(15)?,
            degraded: row.try_get::<i64, _>(16)? != 0,
            publish: row.try_get::<String, _>(17)?.split_whitespace().map(str::to_owned).collect(),
            checks: serde_json::from_str(row.try_get(18)?).unwrap_or_default(),
        })
    }
}

/// A plan to be drafted.
#[derive(Clone, Debug)]
pub struct Draft<'a> {
    /// Line of plans.
    pub product: &'a str,
    /// Term.
    pub term: &'a str,
    /// Which alternative of its run it is.
    pub alternative: &'a str,
    /// The document as computed.
    pub document: &'a PlanDocument,
    /// Where its solve ended.
    pub end: Option<&'a HotStart>,
    /// Publishers that it goes to.
    pub publish: &'a [String],
    /// Whether it comes into force by itself.
    pub automatic: bool,
    /// What was checked of it.
    pub checks: &'a [Check],
    /// Why its run fell back to it, where it did: publishers are told.
    pub fell_back: Option<&'a str>,
    /// What it was solved of, for the store: what a change by hand is solved of again; empty where nothing was solved.
    pub basis: &'a str,
}

/// Which plans.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// Of this product.
    pub product: Option<String>,
    /// Of this term.
    pub term: Option<String>,
    /// Of this status.
    pub status: Option<Status>,
    /// Of this run.
    pub run: Option<String>,
    /// Made before the plan of this id.
    pub before: Option<String>,
}

impl Store {
    /// Ends a run with its plans: the first is the one that the run proposes, the others stand beside it for comparison.
    ///
    /// # Errors
    /// If the run was taken over, or the store cannot be asked; nothing is written then.
    pub async fn draft(&self, run: &Run, drafts: &[Draft<'_>], now: Timestamp) -> Result<Vec<String>, StoreError> {
        let mut work = self.begin().await?;
        let mut ids = Vec::with_capacity(drafts.len());
        let mut state = State::Awaiting;
        for draft in drafts {
            let id = insert(&mut work, (&run.id, &run.job), draft, now).await?;
            record(&mut work, &id, Status::Draft.word(), now, (&run.owner, &run.id)).await?;
            if let Some(why) = draft.fell_back {
                let becomes = if draft.automatic { "comes into force" } else { "waits for review and signature" };
                let message = format!("{why}; the fall-back plan `{id}` ({}) {becomes}", draft.alternative);
                outbox::put_failed(&mut work, draft.publish, (&run.id, run.fence), &message, now).await?;
            }
            if draft.automatic {
                sqlx::query("UPDATE plan SET signed_by = 'automatic' WHERE id = $1")
                    .bind(id.clone())
                    .execute(&mut *work)
                    .await?;
                step(&mut work, &id, Status::Signed, now, ("automatic", "the job's approval is automatic")).await?;
                if enter(&mut work, &id, now, "automatic").await? == Status::InForce {
                    state = State::Published;
                }
            }
            if ids.is_empty() {
                sheet::draft(&mut work, (&id, draft.product), &draft.document.content.orders, &run.job, now).await?;
            }
            ids.push(id);
        }
        let ends = drafts.iter().filter_map(|draft| Some((draft.alternative, draft.end?)));
        hot_start::keep(&mut work, run, ends).await?;
        let done = Run { plan: ids.first().cloned().unwrap_or_default(), ..run.clone() };
        let held = drafts.first().into_iter().flat_map(|draft| draft.checks).filter(|check| check.verdict == Verdict::Held);
        let held: Vec<&str> = held.map(|check| check.check.as_str()).collect();
        let waits = match state {
            State::Published => "in force".to_owned(),
            _ if drafts.first().is_some_and(|draft| draft.automatic) => "waits for its time to begin".to_owned(),
            _ if held.is_empty() => "waits for review and signature".to_owned(),
            _ => format!("held back by {}, waits for review and signature", held.join(", ")),
        };
        let fell_back = drafts.iter().find_map(|draft| Some((draft.alternative, draft.fell_back?)));
        let reason = fell_back.map_or_else(|| waits.clone(), |(word, why)| format!("fell back ({word}), {waits}: {why}"));
        advance(&mut work, &done, state, now, &reason).await?;
        work.commit().await?;
        Ok(ids)
    }

    /// A reviewer has seen a draft.
    ///
    /// # Errors
    /// If it is no draft, or its drafter reviews it.
    pub async fn review(&self, id: &str, who: &str, note: &str, now: Timestamp) -> Result<(), StoreError> {
        let mut work = self.begin().await?;
        let plan = locked(&mut work, id).await?;
        expect(&plan, &[Status::Draft], "review")?;
        expect_chosen(&mut work, &plan, "review").await?;
        different(who, &[("drafted", &plan.drafted_by)])?;
        sqlx::query("UPDATE plan SET reviewed_by = $1 WHERE id = $2")
            .bind(who.to_owned())
            .bind(id.to_owned())
            .execute(&mut *work)
            .await?;
        step(&mut work, id, Status::Reviewed, now, (who, note)).await?;
        work.commit().await?;
        Ok(())
    }

    /// A signer signs a reviewed plan: it comes into force, or will when its time begins.
    ///
    /// # Errors
    /// If it was not reviewed, its time is over, or its drafter or reviewer signs it.
    pub async fn sign(&self, id: &str, who: &str, note: &str, now: Timestamp) -> Result<Status, StoreError> {
        self.sign_by_key(id, (who, note), None, now).await
    }

    /// The same, with the signer's signature of the document, made with a key, where there is one: it stands in its record from then on.
    ///
    /// # Errors
    /// As of [`Store::sign`].
    pub async fn sign_by_key(
        &self,
        id: &str,
        (who, note): (&str, &str),
        signature: Option<Signature>,
        now: Timestamp,
    ) -> Result<Status, StoreError> {
        let mut work = self.begin().await?;
        let plan = locked(&mut work, id).await?;
        expect(&plan, &[Status::Reviewed], "sign")?;
        expect_chosen(&mut work, &plan, "sign").await?;
        different(who, &[("drafted", &plan.drafted_by), ("reviewed", &plan.reviewed_by)])?;
        if plan.valid_to <= now {
            return Err(StoreError::Refused(format!(
                "the plan `{id}` ended at {}: there is nothing left to sign",
                plan.valid_to
            )));
        }
        sqlx::query("UPDATE plan SET signed_by = $1 WHERE id = $2")
            .bind(who.to_owned())
            .bind(id.to_owned())
            .execute(&mut *work)
            .await?;
        if let Some(signature) = signature {
            put_signature(&mut work, id, signature).await?;
        }
        step(&mut work, id, Status::Signed, now, (who, note)).await?;
        let status = enter(&mut work, id, now, who).await?;
        work.commit().await?;
        Ok(status)
    }

    /// Takes a plan back.
    ///
    /// # Errors
    /// If it is superseded, expired or withdrawn already.
    pub async fn withdraw(&self, id: &str, who: &str, reason: &str, now: Timestamp) -> Result<(), StoreError> {
        let mut work = self.begin().await?;
        let plan = locked(&mut work, id).await?;
        expect(&plan, &[Status::Draft, Status::Reviewed, Status::Signed, Status::InForce], "withdraw")?;
        step(&mut work, id, Status::Withdrawn, now, (who, reason)).await?;
        if plan.status == Status::InForce {
            outbox::put(&mut work, &plan.publish, Kind::Withdrawn, id, reason, now).await?;
        }
        sheet::withdraw_all(&mut work, &plan, now, (who, reason)).await?;
        if !waits(&mut work, &plan.run).await? {
            end_run(&mut work, &plan, State::Cancelled, now, (who, reason)).await?;
        }
        work.commit().await?;
        Ok(())
    }

    /// A plan without its document.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn plan(&self, id: &str) -> Result<Option<PlanRow>, StoreError> {
        let row = sqlx::query(sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM plan WHERE id = $1")))
            .bind(id.to_owned())
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.as_ref().map(PlanRow::of).transpose()?)
    }

    /// Plans, the last made first, at most so many.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn plans(&self, choice: &Choice, most: i64) -> Result<Vec<PlanRow>, StoreError> {
        let before = match &choice.before {
            Some(id) => self.plan(id).await?.map(|plan| (plan.created.as_millisecond(), plan.id)),
            None => None,
        };
        let (at, id) = before.unwrap_or((i64::MAX, String::new()));
        let status = choice.status.map_or("", Status::word);
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM plan WHERE ($1 = '' OR product = $1) AND ($2 = '' OR term = $2) AND ($3 = '' OR status = $3) \
             AND ($4 = '' OR run = $4) AND (created < $5 OR (created = $5 AND id < $6)) ORDER BY created DESC, id DESC LIMIT $7"
        )))
        .bind(choice.product.clone().unwrap_or_default())
        .bind(choice.term.clone().unwrap_or_default())
        .bind(status.to_owned())
        .bind(choice.run.clone().unwrap_or_default())
        .bind(at)
        .bind(id)
        .bind(most)
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.iter().map(PlanRow::of).collect::<Result<_, _>>()?)
    }

    /// The plan that a run fell back to, if it did.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn fall_back(&self, run: &str) -> Result<Option<PlanRow>, StoreError> {
        let plans = self.plans(&Choice { run: Some(run.to_owned()), ..Choice::default() }, 100).await?;
        Ok(plans.into_iter().find(|plan| is_fall_back(&plan.alternative)))
    }

    /// The document of a plan, its record as the ledger has it now.
    ///
    /// # Errors
    /// If there is no such plan, its document cannot be read, or the store cannot be asked.
    pub async fn document(&self, id: &str) -> Result<PlanDocument, StoreError> {
        let row = sqlx::query(sqlx::AssertSqlSafe(format!("SELECT {COLUMNS}, document FROM plan WHERE id = $1")))
            .bind(id.to_owned())
            .fetch_optional(&self.pool)
            .await?
            .ok_or_else(|| StoreError::no("plan", id))?;
        let plan = PlanRow::of(&row)?;
        let mut document = parsed(id, &row, 19)?;
        let filled = |text: String| Some(text).filter(|text| !text.is_empty());
        let record = &mut document.record;
        record.product = Some(plan.product);
        record.term = Some(plan.term);
        record.revision = u32::try_from(plan.revision).unwrap_or(u32::MAX);
        plan.status.word().clone_into(&mut record.status);
        record.parent = filled(plan.parent);
        record.supersedes = filled(plan.supersedes);
        record.drafted_by = filled(plan.drafted_by);
        record.reviewed_by = filled(plan.reviewed_by);
        record.signed_by = filled(plan.signed_by);
        record.created = Some(plan.created.to_string());
        record.choice = self.chosen(&plan.run).await?;
        let changes = self.changes(id).await?;
        let entered = changes.iter().find(|change| change.state == Status::InForce.word());
        record.issue_time = entered.map(|change| change.at.to_string());
        Ok(document)
    }
}

pub(crate) async fn insert(
    work: &mut Work,
    (run, drafted_by): (&str, &str),
    draft: &Draft<'_>,
    now: Timestamp,
) -> Result<String, StoreError> {
    let content = &draft.document.content;
    let at = |text: &str| -> Result<i64, StoreError> {
        let time: Timestamp =
            text.parse().map_err(|error| StoreError::Refused(format!("plan of `{run}`: `{text}`: {error}")))?;
        Ok(time.as_millisecond())
    };
    // The counter's write takes the lock, so no other revision of the same number is made meanwhile.
    crate::store::count(work, "entry").await?;
    // A plan of a longer term that is in force is its parent.
    let longer = crate::job::TERMS.iter().take_while(|term| **term != draft.term).copied().collect::<Vec<_>>();
    let mut parent = String::new();
    for term in longer.into_iter().rev() {
        let row = sqlx::query("SELECT id FROM plan WHERE product = $1 AND term = $2 AND status = 'in_force'")
            .bind(draft.product.to_owned())
            .bind(term)
            .fetch_optional(&mut **work)
            .await?;
        if let Some(row) = row {
            parent = row.try_get(0)?;
            break;
        }
    }
    // Revisions up to the counter's may have been given out before the store was restored from a backup.
    let row = sqlx::query(
        "SELECT COALESCE(MAX(number), 0) + 1 FROM (SELECT revision AS number FROM plan WHERE product = $1 AND term = $2 \
         UNION ALL SELECT value FROM counter WHERE name = 'revision') AS given_out",
    )
    .bind(draft.product.to_owned())
    .bind(draft.term.to_owned())
    .fetch_one(&mut **work)
    .await?;
    let revision: i64 = row.try_get(0)?;
    let id = format!("{}-{}-{revision}", draft.product, draft.term);
    sqlx::query(
        "INSERT INTO plan (id, product, term, revision, alternative, run, digest, status, valid_from, valid_to, created, parent, \
         supersedes, drafted_by, reviewed_by, signed_by, degraded, publish, checks, document) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'draft', $8, $9, $10, $11, '', $12, '', '', $13, $14, $15, $16)",
    )
    .bind(id.clone())
    .bind(draft.product.to_owned())
    .bind(draft.term.to_owned())
    .bind(revision)
    .bind(draft.alternative.to_owned())
    .bind(run.to_owned())
    .bind(draft.document.record.id.clone())
    .bind(at(&content.case.valid_from)?)
    .bind(at(&content.case.valid_to)?)
    .bind(now.as_millisecond())
    .bind(parent)
    .bind(drafted_by.to_owned())
    .bind(i64::from(!content.case.degraded.is_empty()))
    .bind(draft.publish.join(" "))
    .bind(serde_json::to_string(draft.checks).unwrap_or_else(|_| "[]".to_owned()))
    .bind(draft.document.to_json())
    .execute(&mut **work)
    .await?;
    if !draft.basis.is_empty() {
        sqlx::query("INSERT INTO basis (plan, body) VALUES ($1, $2)")
            .bind(id.clone())
            .bind(draft.basis.to_owned())
            .execute(&mut **work)
            .await?;
    }
    Ok(id)
}

/// Takes back what of a run's plans waits for people: nobody shall sign what was called off. What is signed only a reviewer or signer
/// takes back.
pub(crate) async fn take_back(work: &mut Work, run: &str, now: Timestamp, by: (&str, &str)) -> Result<(), StoreError> {
    let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM plan WHERE run = $1 AND status IN ('draft', 'reviewed', 'signed') ORDER BY revision"
    )))
    .bind(run.to_owned())
    .fetch_all(&mut **work)
    .await?;
    for row in &rows {
        let plan = PlanRow::of(row)?;
        if plan.status == Status::Signed {
            let why = format!(
                "the plan `{}` of the run is signed\n  hint: `weir plans withdraw {}`, by a reviewer or signer",
                plan.id, plan.id
            );
            return Err(StoreError::Refused(why));
        }
        step(work, &plan.id, Status::Withdrawn, now, by).await?;
        sheet::withdraw_all(work, &plan, now, by).await?;
    }
    Ok(())
}

/// The plan of that id, its row locked by a write.
pub(crate) async fn locked(work: &mut Work, id: &str) -> Result<PlanRow, StoreError> {
    let row = sqlx::query(sqlx::AssertSqlSafe(format!("UPDATE plan SET status = status WHERE id = $1 RETURNING {COLUMNS}")))
        .bind(id.to_owned())
        .fetch_optional(&mut **work)
        .await?
        .ok_or_else(|| StoreError::no("plan", id))?;
    Ok(PlanRow::of(&row)?)
}

/// Puts a signature into the record of a plan's document.
async fn put_signature(work: &mut Work, id: &str, signature: Signature) -> Result<(), StoreError> {
    let row = sqlx::query("SELECT document FROM plan WHERE id = $1").bind(id.to_owned()).fetch_one(&mut **work).await?;
    let mut document = parsed(id, &row, 0)?;
    document.put_signature(signature);
    sqlx::query("UPDATE plan SET document = $1 WHERE id = $2")
        .bind(document.to_json())
        .bind(id.to_owned())
        .execute(&mut **work)
        .await?;
    Ok(())
}

/// The document in a column of a plan's row.
fn parsed(id: &str, row: &AnyRow, column: usize) -> Result<PlanDocument, StoreError> {
    PlanDocument::parse(row.try_get(column)?).map_err(|why| StoreError::Refused(format!("plan `{id}`: {why}")))
}

pub(crate) fn expect(plan: &PlanRow, allowed: &[Status], doing: &str) -> Result<(), StoreError> {
    if allowed.contains(&plan.status) {
        return Ok(());
    }
    let words: Vec<&str> = allowed.iter().map(|status| status.word()).collect();
    Err(StoreError::Refused(format!(
        "cannot {doing} the plan `{}`: it is {}, not {}",
        plan.id,
        plan.status.word(),
        words.join(" or ")
    )))
}

pub(crate) fn different(who: &str, others: &[(&str, &String)]) -> Result<(), StoreError> {
    match others.iter().find(|(_, other)| other.as_str() == who) {
        Some((did, _)) => {
            Err(StoreError::Refused(format!("`{who}` {did} this plan: drafting, review and signature are three people's")))
        }
        None if who.trim().is_empty() => Err(StoreError::Refused("who does this is not named".to_owned())),
        None => Ok(()),
    }
}

pub(crate) async fn step(
    work: &mut Work,
    id: &str,
    status: Status,
    now: Timestamp,
    (who, why): (&str, &str),
) -> Result<(), StoreError> {
    sqlx::query("UPDATE plan SET status = $1 WHERE id = $2")
        .bind(status.word())
        .bind(id.to_owned())
        .execute(&mut **work)
        .await?;
    record(work, id, status.word(), now, (who, why)).await
}
