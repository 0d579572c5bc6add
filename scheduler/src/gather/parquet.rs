//! Parquet files, long or wide: a column of times, a column of values, and for long ones the rows to keep.
//!
//! Times are timestamps (with or without a zone), dates, texts, or whole numbers since 1970.
//! Fails: no Parquet file, no such column.

use std::sync::Arc;

use axum::body::Bytes;
use jiff::Timestamp;
use jiff::civil::Date;
use parquet::basic::LogicalType;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::{Field, Row};
use weir_model::basin::entry::Entry;
use weir_model::table::digest;

use super::csv::File;
use super::json::since_1970;
use super::readings::{Collector, Raw};
use super::{Ask, Read, Source};

#[derive(Clone, Debug)]
struct Parquet {
    file: File,
    time: String,
    column: String,
    /// Columns and the texts that their rows must have.
    rows: Vec<(String, String)>,
}

pub(super) fn read(entry: &Entry<'_, '_>) -> Option<Arc<dyn Source>> {
    let file = File::read(entry);
    let (time, column) = (entry.text("time"), entry.text("column"));
    for (key, what) in [("time", "the column of times"), ("column", "the column of values")] {
        if !entry.has(key) {
            entry.missing_because(&[key], what);
        }
    }
    let rows = entry.table("where").map_or_else(Vec::new, |part| {
        let words: Vec<String> = part.words().iter().map(|(key, _)| key.get_ref().to_string()).collect();
        let rows = words.into_iter().filter_map(|key| part.text(&key).map(|text| (key, text.value))).collect();
        part.finish();
        rows
    });
    Some(Arc::new(Parquet { file: file?, time: time?.value, column: column?.value, rows }))
}

impl Source for Parquet {
    fn read<'a>(&'a self, ask: &'a Ask) -> Read<'a> {
        Box::pin(async move {
            let (bytes, shown) = self.file.bytes(&ask.folder).await?;
            let (this, ask) = (self.clone(), ask.clone());
            let parsed = tokio::task::spawn_blocking(move || this.parse(bytes, &shown, &ask));
            parsed.await.map_err(|_| "the Parquet file cannot be read".to_owned())?
        })
    }
}

impl Parquet {
    fn parse(&self, bytes: Vec<u8>, shown: &str, ask: &Ask) -> Result<Raw, String> {
        let digest = digest(&bytes);
        let said = |error: parquet::errors::ParquetError| format!("{shown}: no Parquet file: {error}");
        let reader = SerializedFileReader::new(Bytes::from(bytes)).map_err(said)?;
        let schema = reader.metadata().file_metadata().schema_descr_ptr();
        let names: Vec<&str> = schema.columns().iter().map(|column| column.name()).collect();
        let place = |name: &str| {
            names.iter().position(|known| *known == name).ok_or_else(|| {
                format!(
                    "{shown}: no column `{name}`, there are {}",
                    names.iter().take(50).copied().collect::<Vec<_>>().join(", ")
                )
            })
        };
        let (time, _) = (place(&self.time)?, place(&self.column)?);
        for (name, _) in &self.rows {
            place(name)?;
        }
        let is_local =
            matches!(schema.column(time).logical_type_ref(), Some(LogicalType::Timestamp(of)) if !of.is_adjusted_to_u_t_c);
        let mut collector = Collector::new(ask.times.clone());
        for (number, row) in reader.get_row_iter(None).map_err(said)?.enumerate() {
            let row = row.map_err(said)?;
            let field = |name: &str| found(&row, name);
            if self.rows.iter().any(|(name, text)| field(name).is_none_or(|field| shown_text(field).trim() != text.trim())) {
                continue;
            }
            let instant = field(&self.time).and_then(|field| instant(field, is_local, ask));
            let Some(instant) = instant else {
                let text = field(&self.time).map(ToString::to_string).unwrap_or_default();
                collector.fault(|| format!("{shown}: row {}: `{text}` is no time", number + 1));
                continue;
            };
            let place = || format!("{shown}: row {}", number + 1);
            match field(&self.column) {
                Some(Field::Null) | None => collector.missing(),
                Some(Field::Double(value)) if value.is_nan() => collector.missing(),
                Some(Field::Double(value)) => collector.number(place, instant, *value),
                Some(Field::Float(value)) => collector.number(place, instant, f64::from(*value)),
                Some(other) => collector.take(place, &instant.to_string(), &shown_text(other)),
            }
        }
        Ok(collector.finish(digest, format!("{shown}:{}", self.column)))
    }
}

fn found<'a>(row: &'a Row, name: &str) -> Option<&'a Field> {
    row.get_column_iter().find(|(known, _)| *known == name).map(|(_, field)| field)
}

fn shown_text(field: &Field) -> String {
    match field {
        Field::Str(text) => text.clone(),
        other => other.to_string(),
    }
}

fn instant(field: &Field, is_local: bool, ask: &Ask) -> Option<Timestamp> {
    let time = match field {
        Field::Str(text) => return ask.times.instant(text),
        Field::Date(days) => {
            let date = Date::new(1970, 1, 1).ok()?.checked_add(jiff::Span::new().try_days(*days).ok()?).ok()?;
            return ask.times.instant(&date.to_string());
        }
        Field::TimestampMillis(number) => Timestamp::from_millisecond(*number).ok()?,
        Field::TimestampMicros(number) => Timestamp::from_microsecond(*number).ok()?,
        Field::Long(number) => since_1970(*number)?,
        Field::Int(number) => since_1970(i64::from(*number))?,
        _ => return None,
    };
    if is_local {
        let local = jiff::tz::TimeZone::UTC.to_datetime(time);
        return Some(local.to_zoned(ask.times.zone.clone()).ok()?.timestamp());
    }
    Some(time)
}
