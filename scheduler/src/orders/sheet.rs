//! Order sheets and what becomes of each: drafted → signed → sent → received → executed → reported, or withdrawn.
//!
//! Signed by someone who neither drafted nor reviewed its plan, once that plan is signed; numbered then, and told to the
//! plan's publishers in the same transaction. The last one signed of an object is the standing order until another is.
//!
//! Fails: a step that the order's state, its plan or the actor does not allow is refused with its reason.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use sqlx::Row;
use sqlx::any::AnyRow;
use weir_model::document::{Order, PlanDocument};
use weir_model::horizon::rfc3339;
use weir_report::papers::OrderSheet;

use crate::orders::draft::Standing;
use crate::outbox::{self, Kind};
use crate::plans::{PlanRow, Status, different};
use crate::store::{Store, StoreError, Work, record, time};

/// What has become of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SheetState {
    /// Made with its plan.
    Drafted,
    /// Signed and numbered.
    Signed,
    /// On its way to the works.
    Sent,
    /// The works has it.
    Received,
    /// The works has set it.
    Executed,
    /// What really flowed is reported.
    Reported,
    /// Taken back, or its plan was.
    Withdrawn,
}

impl SheetState {
    /// All, in their order.
    pub const ALL: [Self; 7] =
        [Self::Drafted, Self::Signed, Self::Sent, Self::Received, Self::Executed, Self::Reported, Self::Withdrawn];

    /// The word in store and messages.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Drafted => "drafted",
            Self::Signed => "signed",
            Self::Sent => "sent",
            Self::Received => "received",
            Self::Executed => "executed",
            Self::Reported => "reported",
            Self::Withdrawn => "withdrawn",
        }
    }

    fn of(word: &str) -> Self {
        Self::ALL.into_iter().find(|state| state.word() == word).unwrap_or(Self::Withdrawn)
    }
}

/// An order sheet.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// Id: the plan's and the object's.
    pub id: String,
    /// Number, once it is signed.
    pub number: String,
    /// The plan that it is of.
    pub plan: String,
    /// The plan's product.
    pub product: String,
    /// State.
    pub state: SheetState,
    /// When it is to be carried out.
    pub execute_at: Timestamp,
    /// Who drafted it: the job.
    pub drafted_by: String,
    /// Who signed it; empty for nobody.
    pub signed_by: String,
    /// When it was signed.
    pub signed_at: Option<Timestamp>,
    /// What really flowed, m³/s, once it is reported.
    pub actual_m3s: Option<f64>,
    /// What is set.
    pub order: Order,
}

const COLUMNS: &str = "id, number, plan, product, state, execute_at, drafted_by, signed_by, actual, body, signed";

impl Sheet {
    fn of(row: &AnyRow) -> Result<Self, StoreError> {
        let id: String = row.try_get(0)?;
        let body: &str = row.try_get(9)?;
        let order = serde_json::from_str(body).map_err(|error| StoreError::Refused(format!("order `{id}`: {error}")))?;
        Ok(Self {
            number: row.try_get(1)?,
            plan: row.try_get(2)?,
            product: row.try_get(3)?,
            state: SheetState::of(row.try_get(4)?),
            execute_at: time(row.try_get(5)?),
            drafted_by: row.try_get(6)?,
            signed_by: row.try_get(7)?,
            signed_at: Some(row.try_get(10)?).filter(|at| *at > 0).map(time),
            actual_m3s: row.try_get::<&str, _>(8)?.parse().ok(),
            order,
            id,
        })
    }

    /// The sheet as a document, in a template of the office or the built-in one.
    ///
    /// # Errors
    /// All faults of the template.
    pub fn paper(&self, plan: &PlanDocument, template: Option<&[u8]>) -> Result<Vec<u8>, Vec<String>> {
        let zone = TimeZone::get(&plan.content.horizon.time_zone).unwrap_or(TimeZone::UTC);
        let paper = OrderSheet {
            id: &self.id,
            number: &self.number,
            state: self.state.word(),
            drafted_by: &self.drafted_by,
            signed_by: &self.signed_by,
            signed_at: self.signed_at.map(|at| rfc3339(&at.to_zoned(zone))),
            order: &self.order,
            plan,
        };
        paper.document(template)
    }

    /// By how much more flowed than was ordered, m³/s, once it is reported.
    pub fn deviation_m3s(&self) -> Option<f64> {
        self.actual_m3s.map(|actual| actual - self.order.flow_m3s)
    }
}

/// Puts down the draft orders of a plan, in the place of drafts that an older plan of its product left.
pub(crate) async fn draft(
    work: &mut Work,
    plan: (&str, &str),
    orders: &[Order],
    by: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (plan, product) = plan;
    for order in orders {
        let older = sqlx::query(
            "UPDATE sheet SET state = 'withdrawn' WHERE product = $1 AND object = $2 AND state = 'drafted' RETURNING id",
        )
        .bind(product.to_owned())
        .bind(order.id.clone())
        .fetch_all(&mut **work)
        .await?;
        for row in older {
            record(work, row.try_get(0)?, SheetState::Withdrawn.word(), now, (by, plan)).await?;
        }
        if order.kept {
            continue;
        }
        let id = format!("{plan}-{}", order.id);
        let execute_at: Timestamp = order
            .execute_at
            .parse()
            .map_err(|error| StoreError::Refused(format!("order `{id}`: `{}`: {error}", order.execute_at)))?;
        let body = serde_json::to_string(order).map_err(|error| StoreError::Refused(format!("order `{id}`: {error}")))?;
        sqlx::query(
            "INSERT INTO sheet (id, number, plan, product, object, state, execute_at, signed, drafted_by, signed_by, actual, body) \
             VALUES ($1, '', $2, $3, $4, 'drafted', $5, 0, $6, '', '', $7) \
             ON CONFLICT (id) DO UPDATE SET state = 'drafted'",
        )
        .bind(id.clone())
        .bind(plan.to_owned())
        .bind(product.to_owned())
        .bind(order.id.clone())
        .bind(execute_at.as_millisecond())
        .bind(by.to_owned())
        .bind(body)
        .execute(&mut **work)
        .await?;
        record(work, &id, SheetState::Drafted.word(), now, (by, &order.setting)).await?;
    }
    Ok(())
}

/// Takes back what a plan ordered and nobody has carried out.
pub(crate) async fn withdraw_all(
    work: &mut Work,
    plan: &PlanRow,
    now: Timestamp,
    by: (&str, &str),
) -> Result<(), StoreError> {
    let rows = sqlx::query(
        "SELECT id FROM sheet WHERE plan = $1 AND state IN ('drafted', 'signed', 'sent', 'received') ORDER BY id",
    )
    .bind(plan.id.clone())
    .fetch_all(&mut **work)
    .await?;
    for row in rows {
        let id: String = row.try_get(0)?;
        let sheet = locked(work, &id).await?;
        withdrawn(work, &sheet, &plan.publish, now, by).await?;
    }
    Ok(())
}

async fn withdrawn(
    work: &mut Work,
    sheet: &Sheet,
    publish: &[String],
    now: Timestamp,
    (who, why): (&str, &str),
) -> Result<(), StoreError> {
    step(work, &sheet.id, SheetState::Withdrawn, now, (who, why)).await?;
    if sheet.state != SheetState::Drafted {
        outbox::put(work, publish, Kind::Order, &sheet.id, why, now).await?;
    }
    Ok(())
}

async fn locked(work: &mut Work, id: &str) -> Result<Sheet, StoreError> {
    let row = sqlx::query(sqlx::AssertSqlSafe(format!("UPDATE sheet SET state = state WHERE id = $1 RETURNING {COLUMNS}")))
        .bind(id.to_owned())
        .fetch_optional(&mut **work)
        .await?
        .ok_or_else(|| StoreError::no("order", id))?;
    Sheet::of(&row)
}

async fn step(work: &mut Work, id: &str, state: SheetState, now: Timestamp, by: (&str, &str)) -> Result<(), StoreError> {
    sqlx::query("UPDATE sheet SET state = $1 WHERE id = $2")
        .bind(state.word())
        .bind(id.to_owned())
        .execute(&mut **work)
        .await?;
    record(work, id, state.word(), now, by).await
}

impl Store {
    /// Signs an order: it is numbered, and its plan's publishers are told.
    ///
    /// # Errors
    /// If it is no draft, its plan is not signed, or its drafter or the plan's reviewer signs it.
    pub async fn sign_order(&self, id: &str, who: &str, note: &str, now: Timestamp) -> Result<String, StoreError> {
        let mut work = self.begin().await?;
        let sheet = locked(&mut work, id).await?;
        if sheet.state != SheetState::Drafted {
            return Err(StoreError::Refused(format!("cannot sign the order `{id}`: it is {}", sheet.state.word())));
        }
        let plan = crate::plans::locked(&mut work, &sheet.plan).await?;
        if !matches!(plan.status, Status::Signed | Status::InForce) {
            let message = format!("cannot sign the order `{id}`: its plan `{}` is {}", plan.id, plan.status.word());
            return Err(StoreError::Refused(message));
        }
        different(who, &[("drafted", &sheet.drafted_by), ("reviewed", &plan.reviewed_by)])?;
        let year = now.to_zoned(TimeZone::get("Asia/Shanghai").unwrap_or(TimeZone::UTC)).year();
        let row = sqlx::query(
            "INSERT INTO counter (name, value) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET value = counter.value + 1 RETURNING value",
        )
        .bind(format!("order {} {year}", sheet.product))
        .fetch_one(&mut *work)
        .await?;
        let number = format!("{}调〔{year}〕{}号", sheet.product, row.try_get::<i64, _>(0)?);
        sqlx::query("UPDATE sheet SET number = $1, signed_by = $2, signed = $3 WHERE id = $4")
            .bind(number.clone())
            .bind(who.to_owned())
            .bind(now.as_millisecond())
            .bind(id.to_owned())
            .execute(&mut *work)
            .await?;
        step(&mut work, id, SheetState::Signed, now, (who, note)).await?;
        outbox::put(&mut work, &plan.publish, Kind::Order, id, &number, now).await?;
        work.commit().await?;
        Ok(number)
    }

    /// Notes that an order was sent, received or executed, or reports what really flowed.
    ///
    /// # Errors
    /// If it is not signed, is beyond that state already, or a report names no flow.
    pub async fn mark_order(
        &self,
        id: &str,
        to: SheetState,
        actual_m3s: Option<f64>,
        (who, note): (&str, &str),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut work = self.begin().await?;
        let sheet = locked(&mut work, id).await?;
        let forward = matches!(to, SheetState::Sent | SheetState::Received | SheetState::Executed | SheetState::Reported);
        if !forward || sheet.state < SheetState::Signed || sheet.state >= to {
            let message = format!("cannot note the order `{id}` as {}: it is {}", to.word(), sheet.state.word());
            return Err(StoreError::Refused(message));
        }
        let actual = actual_m3s.filter(|flow| flow.is_finite() && *flow >= 0.0);
        if (to == SheetState::Reported) != actual.is_some() {
            return Err(StoreError::Refused("a report, and only a report, names the flow in m³/s, from 0 on".to_owned()));
        }
        different(who, &[])?;
        if let Some(actual) = actual {
            sqlx::query("UPDATE sheet SET actual = $1 WHERE id = $2")
                .bind(actual.to_string())
                .bind(id.to_owned())
                .execute(&mut *work)
                .await?;
        }
        step(&mut work, id, to, now, (who, note)).await?;
        work.commit().await?;
        Ok(())
    }

    /// Takes an order back.
    ///
    /// # Errors
    /// If it is reported or withdrawn already.
    pub async fn withdraw_order(&self, id: &str, who: &str, reason: &str, now: Timestamp) -> Result<(), StoreError> {
        let mut work = self.begin().await?;
        let sheet = locked(&mut work, id).await?;
        if sheet.state >= SheetState::Reported {
            return Err(StoreError::Refused(format!("cannot withdraw the order `{id}`: it is {}", sheet.state.word())));
        }
        different(who, &[])?;
        let plan = crate::plans::locked(&mut work, &sheet.plan).await?;
        withdrawn(&mut work, &sheet, &plan.publish, now, (who, reason)).await?;
        work.commit().await?;
        Ok(())
    }

    /// An order.
    ///
    /// # Errors
    /// If there is none of that id, or the store cannot be asked.
    pub async fn order(&self, id: &str) -> Result<Sheet, StoreError> {
        let row = sqlx::query(sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM sheet WHERE id = $1")))
            .bind(id.to_owned())
            .fetch_optional(&self.pool)
            .await?
            .ok_or_else(|| StoreError::no("order", id))?;
        Sheet::of(&row)
    }

    /// Orders, the last to be carried out first, at most so many; of one plan where one is named.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn orders(&self, plan: Option<&str>, most: i64) -> Result<Vec<Sheet>, StoreError> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM sheet WHERE $1 = '' OR plan = $1 ORDER BY execute_at DESC, id DESC LIMIT $2"
        )))
        .bind(plan.unwrap_or_default().to_owned())
        .bind(most)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(Sheet::of).collect()
    }

    /// The flow that stands by order at each object of a product.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn standing(&self, product: &str) -> Result<Standing, StoreError> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM sheet WHERE product = $1 AND signed > 0 AND state <> 'withdrawn' ORDER BY signed, id"
        )))
        .bind(product.to_owned())
        .fetch_all(&self.pool)
        .await?;
        // The last signed stands.
        rows.iter().map(Sheet::of).map(|sheet| sheet.map(|sheet| (sheet.order.id.clone(), sheet.order.flow_m3s))).collect()
    }
}
