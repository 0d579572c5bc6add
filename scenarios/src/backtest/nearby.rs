//! The files of a basin, of series only the rows near a morning's horizon: a record of many years is read anew every morning, and
//! what lies far off says nothing of it.
//!
//! Limits: lines are counted in what is left, so a refusal is told from the whole files.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Span;
use jiff::civil::Date;
use weir_model::stamp::{Stamp, parse_stamp};

/// Days that are kept on either side of a horizon: months, 旬 and gaps are told from the rows around them.
const MARGIN: i64 = 70;

/// Files of a folder.
pub(super) struct Nearby {
    dir: PathBuf,
    files: RefCell<BTreeMap<String, File>>,
}

struct File {
    bytes: Vec<u8>,
    /// Where each row of a series begins, with its day; empty for what is no series.
    rows: Vec<(Date, usize)>,
}

impl Nearby {
    pub(super) const fn new(dir: PathBuf) -> Self {
        Self { dir, files: RefCell::new(BTreeMap::new()) }
    }

    /// The bytes of a file.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(super) fn whole(&self, path: &str) -> Result<Vec<u8>, String> {
        self.of(path, |file| file.bytes.clone())
    }

    /// The same, of a series the rows near some days.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(super) fn near(&self, path: &str, (from, to): (Date, Date)) -> Result<Vec<u8>, String> {
        let (from, to) = (from.saturating_sub(Span::new().days(MARGIN)), to.saturating_add(Span::new().days(MARGIN)));
        self.of(path, |file| {
            let begin = |at: usize| file.rows.get(at).map_or(file.bytes.len(), |(_, begin)| *begin);
            let first = file.rows.partition_point(|(day, _)| *day < from);
            let after = file.rows.partition_point(|(day, _)| *day <= to);
            if first == 0 && after == file.rows.len() || first >= after {
                return file.bytes.clone();
            }
            [&file.bytes[..begin(0)], &file.bytes[begin(first)..begin(after)]].concat()
        })
    }

    fn of<T>(&self, path: &str, take: impl Fn(&File) -> T) -> Result<T, String> {
        if let Some(file) = self.files.borrow().get(path) {
            return Ok(take(file));
        }
        let bytes = std::fs::read(self.dir.join(path)).map_err(|error| error.to_string())?;
        let file = File { rows: rows(&bytes), bytes };
        let taken = take(&file);
        self.files.borrow_mut().insert(path.to_owned(), file);
        Ok(taken)
    }
}

/// The rows of a series whose days rise; none of any other file.
fn rows(bytes: &[u8]) -> Vec<(Date, usize)> {
    let mut rows: Vec<(Date, usize)> = Vec::new();
    let (mut at, mut headed) = (0, false);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let begin = at;
        at += line.len();
        let text = String::from_utf8_lossy(line);
        let first = text.split(',').next().unwrap_or_default().trim();
        if first.is_empty() || first.starts_with('#') {
            continue;
        }
        if !std::mem::replace(&mut headed, true) {
            continue;
        }
        let day = match parse_stamp(first) {
            Some(Stamp::Day(day)) => day,
            Some(Stamp::Local(time)) => time.date(),
            _ => return Vec::new(),
        };
        if rows.last().is_some_and(|(before, _)| *before > day) {
            return Vec::new();
        }
        rows.push((day, begin));
    }
    rows
}
