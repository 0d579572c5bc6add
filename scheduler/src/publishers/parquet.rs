//! The series of a plan as a Parquet file: a long table, a row a value, as `series.csv` has them.
//!
//! Columns: `time` (UTC, milliseconds; states at their instant, flows at the start of their step), `address`, `quantity`, `unit`,
//! `kind` (`state`, `flow`), `value` (none where there is no value). Fails: nothing but what cannot be written.

use std::sync::Arc;

use jiff::Timestamp;
use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use weir_model::document::{PlanDocument, SeriesKind};

const SCHEMA: &str = "message series { REQUIRED INT64 time (TIMESTAMP(MILLIS,true)); REQUIRED BYTE_ARRAY address (STRING); \
                      REQUIRED BYTE_ARRAY quantity (STRING); REQUIRED BYTE_ARRAY unit (STRING); \
                      REQUIRED BYTE_ARRAY kind (STRING); OPTIONAL DOUBLE value; }";

/// The file's bytes.
///
/// # Errors
/// If it cannot be written, or a time of the document is none.
pub(super) fn series(document: &PlanDocument) -> Result<Vec<u8>, String> {
    let horizon = &document.content.horizon;
    let stamps = horizon.starts.iter().chain(std::iter::once(&horizon.end));
    let stamps = stamps.map(|time| time.parse::<Timestamp>().map(Timestamp::as_millisecond));
    let stamps: Vec<i64> = stamps.collect::<Result<_, _>>().map_err(|error| format!("a time of the plan: {error}"))?;
    let (mut times, mut values, mut there) = (Vec::new(), Vec::new(), Vec::new());
    let mut words: [Vec<ByteArray>; 4] = Default::default();
    for row in &document.content.series {
        let kind = match row.kind {
            SeriesKind::State => "state",
            SeriesKind::Flow => "flow",
        };
        let own = [row.address.as_str(), &row.quantity, &row.unit, kind].map(ByteArray::from);
        for (time, value) in stamps.iter().zip(&row.values) {
            times.push(*time);
            there.push(i16::from(value.is_some()));
            values.extend(*value);
            for (column, word) in words.iter_mut().zip(&own) {
                column.push(word.clone());
            }
        }
    }
    let written = || -> Result<Vec<u8>, ParquetError> {
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let mut bytes = Vec::new();
        let mut writer = SerializedFileWriter::new(&mut bytes, Arc::new(parse_message_type(SCHEMA)?), Arc::new(properties))?;
        let mut group = writer.next_row_group()?;
        column::<Int64Type>(&mut group, &times, None)?;
        for column_of_words in &words {
            column::<ByteArrayType>(&mut group, column_of_words, None)?;
        }
        column::<DoubleType>(&mut group, &values, Some(&there))?;
        group.close()?;
        writer.close()?;
        Ok(bytes)
    };
    written().map_err(|error| error.to_string())
}

fn column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, &mut Vec<u8>>,
    values: &[T::T],
    there: Option<&[i16]>,
) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else { return Ok(()) };
    column.typed::<T>().write_batch(values, there, None)?;
    column.close()
}
