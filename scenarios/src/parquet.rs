//! Parquet files as text cells, as a CSV file would have them: what is gathered and the members of ensembles are read from.
//!
//! A number is its shortest text, a missing value and NaN an empty cell. Times are timestamps (with or without a zone), dates, texts, or
//! whole numbers since 1970; those without a zone stay local. Columns are those of the top of the schema.
//! Fails: no Parquet file, or one that is cut short.

use bytes::Bytes;
use jiff::Timestamp;
use jiff::civil::Date;
use parquet::basic::{LogicalType, TimeUnit, Type as Physical};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::{Field, Row};
use parquet::schema::types::TypePtr;
use weir_model::stamp::since_1970;

/// A Parquet file.
pub struct Parquet {
    reader: SerializedFileReader<Bytes>,
    /// The headings of its columns.
    pub header: Vec<String>,
    kinds: Vec<Kind>,
}

/// What a column holds, as far as times go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Instants; of a local clock or not; with how many of its numbers a second has, where only the schema tells.
    Times {
        is_local: bool,
        a_second: Option<i64>,
    },
    Dates,
    Other,
}

impl Parquet {
    /// Opens the bytes of a file.
    ///
    /// # Errors
    /// Why it is none.
    pub fn open(bytes: Vec<u8>) -> Result<Self, String> {
        let reader = SerializedFileReader::new(Bytes::from(bytes)).map_err(|why| no_parquet(&why))?;
        let fields = reader.metadata().file_metadata().schema_descr().root_schema().get_fields();
        let header = fields.iter().map(|field| field.name().to_owned()).collect();
        let kind = |field: &TypePtr| {
            let is_number = field.is_primitive() && field.get_physical_type() == Physical::INT64;
            match field.get_basic_info().logical_type_ref() {
                Some(LogicalType::Timestamp(of)) => Kind::Times {
                    is_local: !of.is_adjusted_to_u_t_c,
                    a_second: is_number.then_some(match of.unit {
                        TimeUnit::MILLIS => 1_000,
                        TimeUnit::MICROS => 1_000_000,
                        TimeUnit::NANOS => 1_000_000_000,
                    }),
                },
                Some(LogicalType::Date) => Kind::Dates,
                _ if field.is_primitive() && field.get_physical_type() == Physical::INT96 => {
                    Kind::Times { is_local: false, a_second: None }
                }
                _ => Kind::Other,
            }
        };
        let kinds = fields.iter().map(kind).collect();
        Ok(Self { reader, header, kinds })
    }

    /// The place of a column by its heading.
    ///
    /// # Errors
    /// There is none; those that there are.
    pub fn column(&self, name: &str) -> Result<usize, String> {
        self.header.iter().position(|known| known == name).ok_or_else(|| {
            format!("no column `{name}`, there are {}", self.header.iter().take(50).cloned().collect::<Vec<_>>().join(", "))
        })
    }

    /// The first column of timestamps or dates.
    pub fn time(&self) -> Option<usize> {
        self.kinds.iter().position(|kind| *kind != Kind::Other)
    }

    /// The rows; whole numbers in the column of times are since 1970.
    ///
    /// # Errors
    /// The file is cut short.
    pub fn rows(&self, time: usize) -> Result<impl Iterator<Item = Result<Vec<String>, String>>, String> {
        let rows = self.reader.get_row_iter(None).map_err(|why| no_parquet(&why))?;
        let cells = move |row: Row| {
            let cell = |(place, (_, field)): (usize, (&String, &Field))| cell(field, self.kinds[place], place == time);
            row.get_column_iter().enumerate().map(cell).collect()
        };
        Ok(rows.map(move |row| row.map(cells).map_err(|why| no_parquet(&why))))
    }
}

fn no_parquet(why: &ParquetError) -> String {
    let why = why.to_string();
    match why.split_once("Disabled feature at compile time: ") {
        Some((_, way)) => format!(
            "it is compressed by {way}, which is not read here: write it with snappy, gzip or zstd, or without compression"
        ),
        None => format!("no Parquet file: {why}"),
    }
}

/// The text of a cell.
fn cell(field: &Field, kind: Kind, is_time: bool) -> String {
    let at = |time: Option<Timestamp>| match (time, kind) {
        (None, _) => field.to_string(),
        (Some(time), Kind::Times { is_local: true, .. }) => jiff::tz::TimeZone::UTC.to_datetime(time).to_string(),
        (Some(time), _) => time.to_string(),
    };
    match field {
        Field::Null => String::new(),
        Field::Double(value) if value.is_nan() => String::new(),
        Field::Float(value) if value.is_nan() => String::new(),
        Field::Double(value) => value.to_string(),
        Field::Float(value) => f64::from(*value).to_string(),
        Field::Str(text) => text.trim().to_owned(),
        Field::Date(days) => {
            let date = Date::new(1970, 1, 1).ok().zip(jiff::Span::new().try_days(*days).ok());
            let date = date.and_then(|(first, days)| first.checked_add(days).ok());
            date.map_or_else(|| field.to_string(), |date| date.to_string())
        }
        Field::TimestampMillis(number) => at(Timestamp::from_millisecond(*number).ok()),
        Field::TimestampMicros(number) => at(Timestamp::from_microsecond(*number).ok()),
        Field::Long(number) => match kind {
            Kind::Times { a_second: Some(a_second), .. } => {
                at(Timestamp::from_nanosecond(i128::from(*number) * i128::from(1_000_000_000 / a_second)).ok())
            }
            _ if is_time => at(since_1970(*number)),
            _ => number.to_string(),
        },
        Field::Int(number) if is_time => at(since_1970(i64::from(*number))),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_is_compressed_by_is_told_where_that_is_not_read() {
        let why = no_parquet(&ParquetError::General("Disabled feature at compile time: brotli".to_owned()));
        assert_eq!(
            why,
            "it is compressed by brotli, which is not read here: write it with snappy, gzip or zstd, or without compression"
        );
    }
}
