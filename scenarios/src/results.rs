//! Results of blocks, kept line by line in a file as they are finished, so that what was cut off is taken up there.
//!
//! The first line names the question; every other is a digest and what it is of: a block's number with the rows of its members. A line is
//! written in one piece behind the others and flushed to disk. One that was cut off or damaged does not have its digest, and its block is asked
//! again.
//! Fails: a file of another question, which is never written over.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use weir_model::table::digest;

/// What came of a member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Its goals by their ids, in order; nothing where it has none.
    pub goals: Vec<(String, f64)>,
    /// What had to give, hm³ in all.
    pub breach_hm3: f64,
    /// What cannot hold together, where not all rules can, a sentence each.
    pub conflict: Vec<String>,
    /// Why it has no goals.
    pub why: Option<String>,
}

/// A line of the file.
#[derive(Serialize, Deserialize)]
struct Block {
    block: usize,
    rows: Vec<Row>,
}

/// Why results cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum ResultsError {
    /// The file cannot be read or written.
    #[error("cannot keep results in {}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The file is of another question.
    #[error(
        "{} has the results of another question: basin, members, first day, engine or version of weir were others\n  hint: name another folder, or remove the file",
        .0.display()
    )]
    Another(PathBuf),
    /// Another process adds to the file.
    #[error("another process adds to {}\n  hint: wait for it, or name another folder", .0.display())]
    Busy(PathBuf),
}

/// Results as they come.
pub struct Results {
    path: PathBuf,
    known: BTreeMap<usize, Vec<Row>>,
    file: Mutex<File>,
}

impl Results {
    /// Opens the results of a question, with what is there of them.
    ///
    /// # Errors
    /// If the file cannot be kept, or is of another question.
    pub fn open(path: &Path, question: &str) -> Result<Self, ResultsError> {
        let failed = |error| ResultsError::File { path: path.to_owned(), error };
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path).map_err(failed)?;
        // Held until the file is closed, or its process is gone.
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => return Err(ResultsError::Busy(path.to_owned())),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
            Ok(()) => {}
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed)?;
        let text = String::from_utf8_lossy(&bytes);
        let head = head(question);
        if !text.starts_with(&head) {
            // Only the head itself can have been cut off before anything stood there.
            if !head.starts_with(&*text) {
                return Err(ResultsError::Another(path.to_owned()));
            }
            file.set_len(0).map_err(failed)?;
            file.write_all(head.as_bytes()).map_err(failed)?;
        } else if !text.ends_with('\n') {
            file.write_all(b"\n").map_err(failed)?;
        }
        Ok(Self { path: path.to_owned(), known: blocks(&text), file: Mutex::new(file) })
    }

    /// Blocks that were there when it was opened, with their rows.
    pub const fn known(&self) -> &BTreeMap<usize, Vec<Row>> {
        &self.known
    }

    /// Adds a block.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn add(&self, block: usize, rows: &[Row]) -> Result<(), ResultsError> {
        let failed = |error| ResultsError::File { path: self.path.clone(), error };
        let line = line(block, rows).map_err(|error| failed(error.into()))?;
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(line.as_bytes()).and_then(|()| file.sync_data()).map_err(failed)
    }
}

/// The blocks in a file of results of a question; none where there is no file.
///
/// # Errors
/// If it cannot be read, or is of another question.
pub fn read(path: &Path, question: &str) -> Result<BTreeMap<usize, Vec<Row>>, ResultsError> {
    let bytes = match std::fs::read(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        bytes => bytes.map_err(|error| ResultsError::File { path: path.to_owned(), error })?,
    };
    let (text, head) = (String::from_utf8_lossy(&bytes), head(question));
    if text.starts_with(&head) || head.starts_with(&*text) {
        return Ok(blocks(&text));
    }
    Err(ResultsError::Another(path.to_owned()))
}

/// The bytes of a whole file of results, whatever the order in which blocks were done.
///
/// # Errors
/// If a row cannot be written.
pub fn whole(question: &str, blocks: &BTreeMap<usize, Vec<Row>>) -> Result<Vec<u8>, serde_json::Error> {
    let lines = blocks.iter().map(|(block, rows)| line(*block, rows)).collect::<Result<String, _>>()?;
    Ok((head(question) + &lines).into_bytes())
}

fn head(question: &str) -> String {
    format!("weir results of {question}\n")
}

fn blocks(text: &str) -> BTreeMap<usize, Vec<Row>> {
    text.lines().skip(1).filter_map(block).map(|block| (block.block, block.rows)).collect()
}

/// A block as it stands in a file of results.
fn line(block: usize, rows: &[Row]) -> Result<String, serde_json::Error> {
    let json = serde_json::to_string(&Block { block, rows: rows.to_vec() })?;
    Ok(format!("{} {json}\n", digest(json.as_bytes())))
}

fn block(line: &str) -> Option<Block> {
    let (known, json) = line.split_once(' ')?;
    if digest(json.as_bytes()) == known { serde_json::from_str(json).ok() } else { None }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{Results, ResultsError, Row};

    fn rows(value: f64) -> Vec<Row> {
        vec![Row { goals: vec![("a".to_owned(), value)], breach_hm3: 0.1, conflict: Vec::new(), why: None }]
    }

    /// Cut off after any byte, what is there is read, what is not is missing, and what is added then stands.
    #[test]
    fn a_file_cut_off_anywhere_keeps_its_whole_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results");
        let results = Results::open(&path, "q").unwrap();
        results.add(3, &rows(0.1 + 0.2)).unwrap();
        results.add(1, &rows(1e-300)).unwrap();
        assert!(matches!(Results::open(&path, "q"), Err(ResultsError::Busy(_))));
        drop(results);
        let whole = std::fs::read(&path).unwrap();
        let ends: Vec<usize> = (0..whole.len()).filter(|&at| whole[at] == b'\n').collect();
        for cut in 0..=whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            let results = Results::open(&path, "q").unwrap();
            // A line without its end is whole all the same.
            let there = ends[1..].iter().filter(|&&end| end <= cut).count();
            assert_eq!(results.known().len(), there, "{cut}");
            results.add(7, &rows(7.0)).unwrap();
            drop(results);
            let again = Results::open(&path, "q").unwrap();
            assert_eq!((again.known().len(), &again.known()[&7]), (there + 1, &rows(7.0)));
            assert!(again.known().get(&3).is_none_or(|known| *known == rows(0.1 + 0.2)));
        }
        assert!(matches!(Results::open(&path, "other"), Err(ResultsError::Another(_))));
    }

    #[test]
    fn a_damaged_line_is_as_if_it_were_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results");
        let results = Results::open(&path, "q").unwrap();
        results.add(0, &rows(0.25)).unwrap();
        results.add(1, &rows(0.5)).unwrap();
        drop(results);
        let text = std::fs::read_to_string(&path).unwrap().replace("0.25", "0.75");
        std::fs::write(&path, text).unwrap();
        assert_eq!(Results::open(&path, "q").unwrap().known().keys().collect::<Vec<_>>(), [&1]);
    }
}
