//! CSV files, as people and systems drop them: a heading line, a column of times, a column of values.
//!
//! `file` may have `*` in its last part: of several the last by name is read, so that names with dates need no other key.
//! Fails: a file that is not there, is larger than [`MOST_BYTES`], is no table, or lacks the column.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use weir_model::basin::entry::Entry;
use weir_model::table::Table;

use super::readings::{Collector, Raw};
use super::{Ask, Read, Source};

/// Largest file that is read.
pub const MOST_BYTES: u64 = 64 << 20;

/// A file within the office's folder or from the root.
#[derive(Clone, Debug)]
pub struct File {
    /// The path as written.
    pub path: String,
}

impl File {
    /// Reads the key `file`.
    pub fn read(entry: &Entry<'_, '_>) -> Option<Self> {
        let path = entry.text("file");
        if path.is_none() && !entry.has("file") {
            entry.missing_because(&["file"], "the file, beside jobs.toml or from the root: `file = \"inbox/level.csv\"`");
        }
        let path = path?;
        let folder = path.value.rsplit_once('/').map_or("", |(folder, _)| folder);
        if folder.contains('*') || path.value.matches('*').count() > 1 {
            let message = format!("`file`: `{}` has `*` other than once in its last part", path.value);
            entry.refuse(&path.place, message, Some("such as `inbox/forecast-*.csv`".to_owned()));
            return None;
        }
        Some(Self { path: path.value })
    }

    /// The bytes, and the path that they were read from.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub async fn bytes(&self, folder: &Path) -> Result<(Vec<u8>, String), String> {
        let (folder, path) = (folder.to_owned(), self.path.clone());
        let read = tokio::task::spawn_blocking(move || {
            let found = find(&folder, &path)?;
            let shown = found.strip_prefix(&folder).unwrap_or(&found).display().to_string();
            let cannot = |error: std::io::Error| format!("`{shown}` cannot be read: {error}");
            let size = std::fs::metadata(&found).map_err(cannot)?.len();
            if size > MOST_BYTES {
                return Err(format!("`{shown}` has {size} bytes, more than {MOST_BYTES} are not read"));
            }
            std::fs::read(&found).map(|bytes| (bytes, shown.clone())).map_err(cannot)
        });
        read.await.map_err(|error| error.to_string())?
    }
}

/// The file of a path: with `*`, the last by name.
fn find(folder: &Path, path: &str) -> Result<PathBuf, String> {
    let Some((before, after)) = path.split_once('*') else { return Ok(folder.join(path)) };
    let (within, before) = before.rsplit_once('/').unwrap_or(("", before));
    let within = if path.starts_with('/') && within.is_empty() { PathBuf::from("/") } else { folder.join(within) };
    let entries = std::fs::read_dir(&within).map_err(|error| format!("`{path}` cannot be read: {error}"))?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let fits = |name: &String| name.len() >= before.len() + after.len() && name.starts_with(before) && name.ends_with(after);
    let newest = names.filter(fits).max();
    newest.map(|name| within.join(name)).ok_or_else(|| format!("there is no file `{path}`"))
}

/// A column of a CSV file.
#[derive(Clone, Debug)]
struct Csv {
    file: File,
    time: Option<String>,
    column: String,
}

pub(super) fn read(entry: &Entry<'_, '_>) -> Option<Arc<dyn Source>> {
    let (file, time) = (File::read(entry), entry.text("time"));
    let column = entry.text("column");
    if column.is_none() && !entry.has("column") {
        entry.missing_because(&["column"], "the heading of the column of values");
    }
    Some(Arc::new(Csv { file: file?, time: time.map(|time| time.value), column: column?.value }))
}

impl Source for Csv {
    fn read<'a>(&'a self, ask: &'a Ask) -> Read<'a> {
        Box::pin(async move {
            let (bytes, shown) = self.file.bytes(&ask.folder).await?;
            let (this, times) = (self.clone(), Collector::new(ask.times.clone()));
            let parsed = tokio::task::spawn_blocking(move || this.parse(&bytes, &shown, times));
            parsed.await.map_err(|error| error.to_string())?
        })
    }
}

impl Csv {
    fn parse(&self, bytes: &[u8], shown: &str, mut collector: Collector) -> Result<Raw, String> {
        let fault = |fault: weir_model::table::TableFault| format!("{shown}:{}: {}", fault.line, fault.message);
        let table = Table::from_bytes(bytes).map_err(fault)?;
        let value = table.column(&self.column).map_err(fault)?;
        let time = self.time.as_ref().map_or(Ok(0), |time| table.column(time)).map_err(fault)?;
        if let Err(odd) = table.faults(Vec::new()) {
            for odd in odd.each() {
                collector.fault(|| format!("{shown}:{}: {}, left out", odd.line, odd.message));
            }
        }
        for row in &table.rows {
            collector.take(|| format!("{shown}:{}", row.line), &row.cells[time], &row.cells[value]);
        }
        Ok(collector.finish(table.digest, format!("{shown}:{}", self.column)))
    }
}
