//! A PostgreSQL database: the real-time tables of SL 323 as they are, or a query of the office's own.
//!
//! With `table` and `station` the names of schema, table and columns are found whatever their letters' case, and station codes are
//! compared as text without the blanks that fill them up. A `query` returns `time` and `value`; `{now}`, `{start}` and `{end}` in it
//! stand for those times. The connection only reads.
//! Fails: no connection, no such table or column, a query that the database refuses.

use std::fmt::Write as _;
use std::str::FromStr as _;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection as _, Row as _};
use weir_model::basin::entry::Entry;
use weir_model::basin::nearest::hint;
use weir_model::table::digest;
use weir_model::unit_words::Unit;

use super::readings::{Collector, MOST, Raw};
use super::{Ask, Read, Source};
use crate::publishers::secret::{Secret, address};

/// Tables of SL 323 that are read as they are: their columns of values, each with its unit.
const TABLES: [(&str, &[(&str, &str)]); 3] = [
    ("ST_RSVR_R", &[("RZ", "m"), ("INQ", "m3/s"), ("W", "hm3"), ("OTQ", "m3/s")]),
    ("ST_RIVER_R", &[("Z", "m"), ("Q", "m3/s")]),
    ("ST_PPTN_R", &[("DRP", "mm")]),
];
/// Days before the start from which on readings are asked for, unless told otherwise.
const DAYS_BACK: f64 = 10.0;

#[derive(Clone, Debug)]
struct Database {
    url: String,
    password: Option<Secret>,
    what: What,
    days_back: f64,
}

#[derive(Clone, Debug)]
enum What {
    Table { table: &'static str, station: String, column: &'static str, unit: Unit },
    Query(String),
}

pub(super) fn read(entry: &Entry<'_, '_>) -> Option<Arc<dyn Source>> {
    let url = address(entry, &["postgres", "postgresql"], "postgres://reader@database.example/sl323");
    let password = Secret::read(entry);
    let days_back = entry.number_within("days_back", 0.0, 3660.0).map_or(DAYS_BACK, |days| days.value);
    let what = if entry.has("query") {
        if let Some(table) = entry.text("table") {
            entry.refuse(&table.place, "`query` and `table` exclude each other", Some("keep one of them".to_owned()));
        }
        entry.text("query").map(|query| What::Query(query.value.trim().trim_end_matches(';').to_owned()))
    } else {
        table(entry)
    };
    Some(Arc::new(Database { url: url?.to_string(), password, what: what?, days_back }))
}

fn table(entry: &Entry<'_, '_>) -> Option<What> {
    let upper = |key: &str| {
        entry.text(key).map(|mut field| {
            field.value = field.value.to_uppercase();
            field
        })
    };
    let (table, column, station) = (upper("table"), upper("column"), entry.text("station"));
    for (key, what) in [
        ("table", "`ST_RSVR_R`, `ST_RIVER_R` or `ST_PPTN_R`; or `query` instead"),
        ("station", "the station's code STCD, as text"),
        ("column", "the column of values, such as `RZ` or `INQ`"),
    ] {
        if !entry.has(key) {
            entry.missing_because(&[key], what);
        }
    }
    let table = table?;
    let Some((name, columns)) = TABLES.iter().find(|(name, _)| *name == table.value) else {
        let known = TABLES.map(|(name, _)| name);
        let message = format!("`table`: `{}` is not read as it is", table.value);
        entry.refuse(
            &table.place,
            message,
            hint(&table.value, &known, "tables").map(|hint| format!("{hint}; of any other by `query`")),
        );
        return None;
    };
    let column = column?;
    let Some((column, unit)) = columns.iter().find(|(known, _)| *known == column.value) else {
        let known: Vec<&str> = columns.iter().map(|(column, _)| *column).collect();
        let message = format!("`column`: {name} has no values in `{}`", column.value);
        entry.refuse(&column.place, message, hint(&column.value, &known, "columns"));
        return None;
    };
    Some(What::Table { table: name, station: station?.value, column, unit: Unit::of(unit)? })
}

impl Source for Database {
    fn read<'a>(&'a self, ask: &'a Ask) -> Read<'a> {
        Box::pin(async move {
            let mut options = PgConnectOptions::from_str(&self.url).map_err(|error| error.to_string())?;
            if let Some(password) = &self.password {
                options = options.password(&password.value(&ask.folder)?);
            }
            let said = |error: sqlx::Error| format!("database: {error}");
            let mut connection = PgConnection::connect_with(&options).await.map_err(said)?;
            let read = self.rows(&mut connection, ask).await;
            // What was read is read, whether the farewell is heard or not.
            let _ = connection.close().await;
            read
        })
    }
}

impl Database {
    async fn rows(&self, connection: &mut PgConnection, ask: &Ask) -> Result<Raw, String> {
        let said = |error: sqlx::Error| format!("database: {error}");
        let zone = ask.times.zone.iana_name().unwrap_or("UTC").to_owned();
        for (name, value) in
            [("TimeZone", zone.as_str()), ("default_transaction_read_only", "on"), ("statement_timeout", "60000")]
        {
            sqlx::query("SELECT set_config($1, $2, false)")
                .bind(name)
                .bind(value)
                .execute(&mut *connection)
                .await
                .map_err(said)?;
        }
        let local = |time: Timestamp| time.to_zoned(ask.times.zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string();
        let back = SignedDuration::from_secs_f64(self.days_back * 86_400.0);
        let from = ask.start.min(ask.now).saturating_sub(back).unwrap_or(ask.start);
        let (sql, source) = match &self.what {
            What::Table { table, station, column, .. } => {
                let names = Names::find(connection, table, &["STCD", "TM", column]).await?;
                let [code, time, value] = &names.columns[..] else { return Err(format!("{table} lacks a column")) };
                let within = format!("{time} >= '{}' AND {time} <= '{}'", local(from), local(ask.end));
                let sql = format!(
                    "SELECT {time} AS time, {value} AS value FROM {} WHERE trim({code}::text) = trim($1) AND {within}",
                    names.table
                );
                (sql, format!("{table}.{column} of {station}"))
            }
            What::Query(query) => {
                let times = [("{now}", ask.now), ("{start}", ask.start), ("{end}", ask.end)];
                let filled = times
                    .iter()
                    .fold(query.clone(), |text, (word, time)| text.replace(word, &format!("'{}'", local(*time))));
                (filled, "query".to_owned())
            }
        };
        let sql = format!("SELECT q.time::text, q.value::float8 FROM ({sql}) AS q ORDER BY q.time DESC LIMIT {MOST}");
        let mut query = sqlx::query(AssertSqlSafe(sql));
        if let What::Table { station, .. } = &self.what {
            query = query.bind(station.clone());
        }
        let rows = query.fetch_all(connection).await.map_err(said)?;
        let mut collector = Collector::new(ask.times.clone());
        let mut text = String::new();
        for (number, row) in rows.iter().rev().enumerate() {
            let time: Option<String> = row.try_get(0).map_err(said)?;
            let value: Option<f64> = row.try_get(1).map_err(said)?;
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{time:?} {value:?}");
            let time = time.unwrap_or_default();
            let time = without_fraction(&time);
            match (ask.times.instant(&time), value) {
                (Some(instant), Some(value)) => collector.number(|| format!("{source} at {time}"), instant, value),
                (Some(_), None) => collector.missing(),
                (None, _) => collector.fault(|| format!("{source}: row {}: `{time}` is no time", number + 1)),
            }
        }
        let mut raw = collector.finish(digest(text.as_bytes()), source);
        if let What::Table { unit, .. } = &self.what {
            raw.unit = Some(*unit);
        }
        Ok(raw)
    }
}

/// A time without its parts of a second.
fn without_fraction(time: &str) -> String {
    let Some((whole, rest)) = time.split_once('.') else { return time.to_owned() };
    format!("{whole}{}", rest.trim_start_matches(|c: char| c.is_ascii_digit()))
}

/// Names of a table and its columns as the database has them, quoted.
struct Names {
    table: String,
    columns: Vec<String>,
}

impl Names {
    async fn find(connection: &mut PgConnection, table: &str, wanted: &[&str]) -> Result<Self, String> {
        let said = |error: sqlx::Error| format!("database: {error}");
        let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        let found = sqlx::query(
            "SELECT table_schema::text, table_name::text FROM information_schema.tables WHERE lower(table_name) = lower($1) \
             ORDER BY table_schema <> current_schema(), table_schema LIMIT 1",
        )
        .bind(table.to_owned())
        .fetch_optional(&mut *connection)
        .await
        .map_err(said)?;
        let found = found.ok_or_else(|| format!("the database has no table {table} that may be read"))?;
        let (schema, name): (String, String) = (found.try_get(0).map_err(said)?, found.try_get(1).map_err(said)?);
        let there = sqlx::query(
            "SELECT column_name::text FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2",
        )
        .bind(schema.clone())
        .bind(name.clone())
        .fetch_all(connection)
        .await
        .map_err(said)?;
        let there: Vec<String> = there.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().map_err(said)?;
        let column = |wanted: &&str| {
            let found = there.iter().find(|name| name.eq_ignore_ascii_case(wanted));
            found.map(|name| quoted(name)).ok_or_else(|| format!("{table} has no column {wanted}"))
        };
        let columns = wanted.iter().map(column).collect::<Result<_, _>>()?;
        Ok(Self { table: format!("{}.{}", quoted(&schema), quoted(&name)), columns })
    }
}
