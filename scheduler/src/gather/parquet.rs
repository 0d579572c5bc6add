//! Parquet files, long or wide: a column of times, a column of values, and for long ones the rows to keep.
//!
//! Read by [`weir_scenarios::parquet`], as members of ensembles are.
//! Fails: no Parquet file, no such column.

use std::sync::Arc;

use weir_model::basin::entry::Entry;
use weir_model::table::digest;
use weir_scenarios::parquet::Parquet;

use super::csv::File;
use super::readings::{Collector, Raw};
use super::{Ask, Read, Source};

#[derive(Clone, Debug)]
struct Wanted {
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
    Some(Arc::new(Wanted { file: file?, time: time?.value, column: column?.value, rows }))
}

impl Source for Wanted {
    fn read<'a>(&'a self, ask: &'a Ask) -> Read<'a> {
        Box::pin(async move {
            let (bytes, shown) = self.file.bytes(&ask.folder).await?;
            let (this, times) = (self.clone(), Collector::new(ask.times.clone()));
            let parsed = tokio::task::spawn_blocking(move || this.parse(bytes, &shown, times));
            parsed.await.map_err(|_| "the Parquet file cannot be read".to_owned())?
        })
    }
}

impl Wanted {
    fn parse(&self, bytes: Vec<u8>, shown: &str, mut collector: Collector) -> Result<Raw, String> {
        let digest = digest(&bytes);
        let said = |why: String| format!("{shown}: {why}");
        let file = Parquet::open(bytes).map_err(said)?;
        let place = |name: &str| file.column(name).map_err(said);
        let (time, value) = (place(&self.time)?, place(&self.column)?);
        let wanted = self.rows.iter().map(|(name, text)| Ok((place(name)?, text.trim())));
        let wanted = wanted.collect::<Result<Vec<_>, String>>()?;
        for (number, row) in file.rows(time).map_err(said)?.enumerate() {
            let cells = row.map_err(said)?;
            if wanted.iter().all(|(place, text)| cells[*place] == *text) {
                collector.take(|| format!("{shown}: row {}", number + 1), &cells[time], &cells[value]);
            }
        }
        Ok(collector.finish(digest, format!("{shown}:{}", self.column)))
    }
}
