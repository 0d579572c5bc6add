//! Tables in a PostgreSQL database, in a schema of their own that is made at the first delivery.
//!
//! `weir_plan` has a row a plan, `weir_series` a row a value, `weir_message` a row a message by its key; the views
//! `weir_in_force` and `weir_in_force_series` hold what counts now, and cannot be written. Reservoirs whose station is named also
//! go into `st_reglat_f` of SL 323. A message is one transaction; what comes twice leaves the same rows, and nothing goes back.
//! Fails: no connection, no right to write.

use std::path::Path;
use std::str::FromStr as _;
use std::sync::Arc;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, Postgres, Transaction};
use weir_model::basin::entry::Entry;
use weir_model::document::{PlanDocument, SeriesKind};

use super::event::key;
use super::secret::{Secret, address};
use super::{Delivered, Delivery, Publisher};
use crate::outbox::Kind;

/// Tables and views; `{schema}` stands for the schema's name.
const TABLES: &str = include_str!("postgres.sql");

#[derive(Clone, Debug)]
struct Tables {
    url: String,
    password: Option<Secret>,
    schema: String,
    /// Reservoirs with their stations' codes.
    stations: Vec<(String, String)>,
    /// UNITNAME of `st_reglat_f`.
    unit_name: String,
}

pub(super) fn read(entry: &Entry<'_, '_>) -> Option<Arc<dyn Publisher>> {
    let url = address(entry, &["postgres", "postgresql"], "postgres://weir@database.example/dispatch");
    let password = Secret::read(entry);
    let schema = entry.text("schema");
    if let Some(schema) = &schema
        && !is_plain(&schema.value)
    {
        let hint = "small letters a–z, digits and `_`, a letter first".to_owned();
        entry.refuse(&schema.place, format!("`schema`: `{}` is no name of a schema", schema.value), Some(hint));
    }
    let stations = entry.table("stations").map_or_else(Vec::new, |table| {
        let codes = table.words();
        let keys = codes.iter().map(|(key, _)| key.get_ref().to_string());
        let stations = keys.filter_map(|key| table.text(&key).map(|code| (key, code.value))).collect();
        table.finish();
        stations
    });
    Some(Arc::new(Tables {
        url: url?.to_string(),
        password,
        schema: schema.map_or_else(|| "weir".to_owned(), |schema| schema.value),
        stations,
        unit_name: entry.text("unit_name").map_or_else(|| "weir".to_owned(), |name| name.value),
    }))
}

fn is_plain(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.len() < 60
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

impl Publisher for Tables {
    fn deliver<'a>(&'a self, folder: &'a Path, delivery: &'a Delivery) -> Delivered<'a> {
        Box::pin(async move {
            let mut options = PgConnectOptions::from_str(&self.url).map_err(|error| error.to_string())?;
            if let Some(password) = &self.password {
                options = options.password(&password.value(folder)?);
            }
            Ok(self.write(options, delivery).await.map_err(|error| error.to_string())?)
        })
    }
}

/// One transaction, its statements' tables in the schema.
struct Writing<'a> {
    work: Transaction<'a, Postgres>,
}

impl Tables {
    async fn write(&self, options: PgConnectOptions, delivery: &Delivery) -> Result<(), sqlx::Error> {
        let mut connection = PgConnection::connect_with(&options).await?;
        self.write_all(connection.begin().await?, delivery).await?;
        connection.close().await
    }

    async fn write_all(&self, work: Transaction<'_, Postgres>, delivery: &Delivery) -> Result<(), sqlx::Error> {
        let mut writing = Writing { work };
        writing.work.execute(AssertSqlSafe(TABLES.replace("{schema}", &self.schema))).await?;
        writing.work.execute(AssertSqlSafe(format!("SET LOCAL search_path TO {}", self.schema))).await?;
        writing.message(delivery).await?;
        if let Some(document) = &delivery.document
            && delivery.order.is_none()
            && writing.plan(delivery, document).await?
            && delivery.message.kind == Kind::Plan
        {
            writing.series(&delivery.message.subject, document).await?;
            writing.regulation(self, document).await?;
        }
        writing.work.commit().await
    }
}

impl Writing<'_> {
    async fn message(&mut self, delivery: &Delivery) -> Result<(), sqlx::Error> {
        let message = &delivery.message;
        sqlx::query(
            "INSERT INTO weir_message (key, kind, subject, at, reason, sequence) \
             VALUES ($1, $2, $3, $4::text::timestamptz, $5, $6) ON CONFLICT (key) DO UPDATE SET sequence = $6",
        )
        .bind(key(delivery))
        .bind(message.kind.word())
        .bind(&message.subject)
        .bind(message.at.to_string())
        .bind(&message.message)
        .bind(message.sequence)
        .execute(&mut *self.work)
        .await?;
        Ok(())
    }

    /// The plan's row; false where the table tells a later message already.
    async fn plan(&mut self, delivery: &Delivery, document: &PlanDocument) -> Result<bool, sqlx::Error> {
        let (message, record, case) = (&delivery.message, &document.record, &document.content.case);
        let is_plan = message.kind == Kind::Plan;
        let written = sqlx::query(
            "INSERT INTO weir_plan (plan, product, term, revision, status, digest, audience, basin, mode, headings, basis_time, \
             issue_time, valid_from, valid_to, supersedes, reason, sequence, document) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, \
             $9, $10, $11::text::timestamptz, $12::text::timestamptz, $13::text::timestamptz, $14::text::timestamptz, $15, $16, \
             $17, $18::text::json) ON CONFLICT (plan) DO UPDATE SET status = $5, reason = $16, sequence = $17 \
             WHERE weir_plan.sequence <= $17",
        )
        .bind(&message.subject)
        .bind(&record.product)
        .bind(&record.term)
        .bind(i64::from(record.revision))
        .bind(if is_plan { "in_force" } else { message.kind.word() })
        .bind(&record.id)
        .bind(&record.audience)
        .bind(&case.basin)
        .bind(&case.mode)
        .bind(&case.headings)
        .bind(&case.basis_time)
        .bind(&record.issue_time)
        .bind(&case.valid_from)
        .bind(&case.valid_to)
        .bind(&record.supersedes)
        .bind(&message.message)
        .bind(message.sequence)
        .bind(document.to_json())
        .execute(&mut *self.work)
        .await?
        .rows_affected();
        if written == 1 && is_plan {
            sqlx::query(
                "UPDATE weir_plan SET status = 'superseded' WHERE product = $1 AND term = $2 AND status = 'in_force' AND plan <> $3",
            )
            .bind(&record.product)
            .bind(&record.term)
            .bind(&message.subject)
            .execute(&mut *self.work)
            .await?;
        }
        Ok(written == 1)
    }

    async fn series(&mut self, plan: &str, document: &PlanDocument) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM weir_series WHERE plan = $1").bind(plan).execute(&mut *self.work).await?;
        let times = document.times();
        for row in &document.content.series {
            let (mut at, mut values) = (Vec::with_capacity(times.len()), Vec::with_capacity(times.len()));
            for (time, value) in times.iter().zip(&row.values) {
                if let Some(value) = value {
                    at.push(*time);
                    values.push(*value);
                }
            }
            sqlx::query(
                "INSERT INTO weir_series (plan, address, quantity, unit, kind, time, value) \
                 SELECT $1, $2, $3, $4, $5, time::timestamptz, value FROM UNNEST($6::text[], $7::float8[]) AS row (time, value)",
            )
            .bind(plan)
            .bind(&row.address)
            .bind(&row.quantity)
            .bind(&row.unit)
            .bind(if row.kind == SeriesKind::State { "state" } else { "flow" })
            .bind(at)
            .bind(values)
            .execute(&mut *self.work)
            .await?;
        }
        Ok(())
    }

    /// Rows of SL 323's regulation forecasts: level and storage at each step's end, the step's mean outflow.
    async fn regulation(&mut self, tables: &Tables, document: &PlanDocument) -> Result<(), sqlx::Error> {
        let (record, content) = (&document.record, &document.content);
        let product = record.product.as_deref().unwrap_or_default();
        let code = format!("{product}-{}", record.term.as_deref().unwrap_or_default());
        let issued = record.issue_time.as_deref().unwrap_or(&content.case.valid_from);
        let based = content.case.basis_time.as_deref().unwrap_or(&content.case.valid_from);
        let zone = &content.horizon.time_zone;
        for (reservoir, station) in &tables.stations {
            sqlx::query(
                "DELETE FROM st_reglat_f WHERE stcd = $1 AND plcd = $2 AND iymdh = $3::text::timestamptz AT TIME ZONE $4",
            )
            .bind(station)
            .bind(&code)
            .bind(issued)
            .bind(zone)
            .execute(&mut *self.work)
            .await?;
            let (Some(level), Some(storage), Some(outflow)) = (
                content.series(reservoir, "level"),
                content.series(reservoir, "storage"),
                content.series(reservoir, "outflow"),
            ) else {
                continue;
            };
            let ends: Vec<&str> = document.times().into_iter().skip(1).collect();
            sqlx::query(
                "INSERT INTO st_reglat_f (stcd, unitname, plcd, fymdh, iymdh, ymdh, z, w, otq) \
                 SELECT $1, $2, $3, $4::text::timestamptz AT TIME ZONE $6, $5::text::timestamptz AT TIME ZONE $6, \
                 time::timestamptz AT TIME ZONE $6, z, w, otq \
                 FROM UNNEST($7::text[], $8::float8[], $9::float8[], $10::float8[]) AS row (time, z, w, otq)",
            )
            .bind(station)
            .bind(&tables.unit_name)
            .bind(&code)
            .bind(based)
            .bind(issued)
            .bind(zone)
            .bind(ends)
            .bind(level.values.iter().skip(1).copied().collect::<Vec<_>>())
            .bind(storage.values.iter().skip(1).copied().collect::<Vec<_>>())
            .bind(outflow.values.clone())
            .execute(&mut *self.work)
            .await?;
        }
        Ok(())
    }
}
