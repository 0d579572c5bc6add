//! Results of blocks, kept line by line in a file as they are finished, so that what was cut off is taken up there.
//!
//! The first line names the question; every other is a digest and what it is of: a block's number with the rows of its members. A line is
//! written in one piece behind the others and flushed to disk. One that was cut off or damaged does not have its digest, and its block is asked
//! again. In memory is where each block lies, some tens of bytes; rows are read block by block.
//! Fails: a file of another question, which is never written over.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tempfile::{NamedTempFile, TempPath};
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

/// Results as they come: where each block's rows lie in the file, which has the rows.
#[derive(Debug)]
pub struct Results {
    path: PathBuf,
    lies: Mutex<BTreeMap<usize, Lies>>,
    /// Where blocks are added; of results that are read only none.
    file: Option<Mutex<File>>,
    /// Of results that go with the run.
    temporary: Option<TempPath>,
}

/// Where a block's line lies in the file, without its end.
#[derive(Clone, Copy, Debug)]
struct Lies {
    at: u64,
    bytes: u32,
    rows: u32,
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
        let head = head(question);
        let lies = match found(&file, &head).map_err(failed)? {
            Found::Another => return Err(ResultsError::Another(path.to_owned())),
            Found::Begun => {
                file.set_len(0).and_then(|()| file.write_all(head.as_bytes())).map_err(failed)?;
                BTreeMap::new()
            }
            Found::Blocks { lies, is_cut } => {
                if is_cut {
                    file.write_all(b"\n").map_err(failed)?;
                }
                lies
            }
        };
        Ok(Self { path: path.to_owned(), lies: Mutex::new(lies), file: Some(Mutex::new(file)), temporary: None })
    }

    /// Results that go with the run, in a temporary file.
    ///
    /// # Errors
    /// If there can be none.
    pub fn temporary() -> Result<Self, ResultsError> {
        let file = NamedTempFile::new().map_err(|error| ResultsError::File { path: std::env::temp_dir(), error })?;
        let (file, path) = file.into_parts();
        Ok(Self { path: path.to_path_buf(), lies: Mutex::default(), file: Some(Mutex::new(file)), temporary: Some(path) })
    }

    /// The results of a question in a file that others may add to, of some blocks; nothing where there is none.
    ///
    /// # Errors
    /// If it cannot be read, or is of another question.
    pub fn read(path: &Path, question: &str, blocks: Range<usize>) -> Result<Option<Self>, ResultsError> {
        let failed = |error| ResultsError::File { path: path.to_owned(), error };
        let file = match File::open(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            file => file.map_err(failed)?,
        };
        let mut lies = match found(&file, &head(question)).map_err(failed)? {
            Found::Another => return Err(ResultsError::Another(path.to_owned())),
            Found::Begun => BTreeMap::new(),
            Found::Blocks { lies, .. } => lies,
        };
        lies.retain(|block, _| blocks.contains(block));
        Ok(Some(Self { path: path.to_owned(), lies: Mutex::new(lies), file: None, temporary: None }))
    }

    /// Blocks that are there.
    pub fn blocks(&self) -> Vec<usize> {
        self.lies().keys().copied().collect()
    }

    /// Whether a block is there.
    pub fn has(&self, block: usize) -> bool {
        self.lies().contains_key(&block)
    }

    /// How many members are there.
    pub fn members(&self) -> usize {
        self.lies().values().map(|lies| lies.rows as usize).sum()
    }

    /// The rows of a block; none where it is not there.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn rows(&self, block: usize) -> Result<Vec<Row>, ResultsError> {
        let known = self.lies().get(&block).copied();
        let Some(lies) = known else { return Ok(Vec::new()) };
        let line = self.line(lies)?;
        let read = self::block(&line).ok_or_else(|| std::io::Error::other("it was changed meanwhile"));
        read.map(|block| block.rows).map_err(|error| self.failed(error))
    }

    /// Adds a block.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn add(&self, block: usize, rows: &[Row]) -> Result<(), ResultsError> {
        let line = line(block, rows).map_err(|error| self.failed(error.into()))?;
        let Some(file) = &self.file else { return Err(self.failed(std::io::ErrorKind::PermissionDenied.into())) };
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        let at = file.seek(SeekFrom::End(0)).and_then(|at| file.write_all(line.as_bytes()).map(|()| at));
        let at = at.map_err(|error| self.failed(error))?;
        if self.temporary.is_none() {
            file.sync_data().map_err(|error| self.failed(error))?;
        }
        self.lies().insert(block, Lies { at, bytes: (line.len() - 1) as u32, rows: rows.len() as u32 });
        Ok(())
    }

    /// Writes a whole file of results of a question, with some blocks in order, whatever the order in which they were done.
    ///
    /// # Errors
    /// If it cannot be written, or a block cannot be read.
    pub fn write(&self, question: &str, blocks: Range<usize>, path: &Path) -> Result<(), ResultsError> {
        let all = |out: &mut dyn Write| {
            out.write_all(head(question).as_bytes())?;
            for block in blocks {
                let lies = self.lies().get(&block).copied().ok_or(std::io::ErrorKind::NotFound)?;
                let line = self.line(lies).map_err(std::io::Error::other)?;
                out.write_all(&line).and_then(|()| out.write_all(b"\n"))?;
            }
            Ok(())
        };
        weir_model::files::write_by(path, all).map_err(|error| ResultsError::File { path: path.to_owned(), error })
    }

    fn lies(&self) -> MutexGuard<'_, BTreeMap<usize, Lies>> {
        self.lies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A block's line.
    fn line(&self, Lies { at, bytes, .. }: Lies) -> Result<Vec<u8>, ResultsError> {
        let mut line = vec![0; bytes as usize];
        let mut read = |file: &mut File| file.seek(SeekFrom::Start(at)).and_then(|_| file.read_exact(&mut line));
        let read = match &self.file {
            Some(file) => read(&mut file.lock().unwrap_or_else(PoisonError::into_inner)),
            // Not held open: there may be as many as shards.
            None => File::open(&self.path).and_then(|mut file| read(&mut file)),
        };
        read.map(|()| line).map_err(|error| self.failed(error))
    }

    fn failed(&self, error: std::io::Error) -> ResultsError {
        ResultsError::File { path: self.path.clone(), error }
    }
}

/// What stands in a file.
enum Found {
    /// The results of another question.
    Another,
    /// Less than the head, or nothing.
    Begun,
    /// Blocks, and whether the last line lacks its end.
    Blocks { lies: BTreeMap<usize, Lies>, is_cut: bool },
}

/// Reads a file of results line by line.
fn found(file: &File, head: &str) -> std::io::Result<Found> {
    let mut reader = BufReader::new(file);
    let mut line = Vec::new();
    reader.by_ref().take(head.len() as u64).read_to_end(&mut line)?;
    if line != head.as_bytes() {
        // Only the head itself can have been cut off before anything stood there.
        return Ok(if head.as_bytes().starts_with(&line) { Found::Begun } else { Found::Another });
    }
    let (mut lies, mut at, mut is_cut) = (BTreeMap::new(), head.len() as u64, false);
    loop {
        line.clear();
        let read = reader.read_until(b'\n', &mut line)? as u64;
        if read == 0 {
            return Ok(Found::Blocks { lies, is_cut });
        }
        is_cut = line.pop_if(|last| *last == b'\n').is_none();
        if let Some(Block { block, rows }) = block(&line) {
            lies.insert(block, Lies { at, bytes: line.len() as u32, rows: rows.len() as u32 });
        }
        at += read;
    }
}

fn head(question: &str) -> String {
    format!("weir results of {question}\n")
}

/// A block as it stands in a file of results.
fn line(block: usize, rows: &[Row]) -> Result<String, serde_json::Error> {
    let json = serde_json::to_string(&Block { block, rows: rows.to_vec() })?;
    Ok(format!("{} {json}\n", digest(json.as_bytes())))
}

fn block(line: &[u8]) -> Option<Block> {
    let (known, json) = std::str::from_utf8(line).ok()?.split_once(' ')?;
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
            assert_eq!((results.blocks().len(), results.members()), (there, there), "{cut}");
            results.add(7, &rows(7.0)).unwrap();
            drop(results);
            let again = Results::open(&path, "q").unwrap();
            assert_eq!((again.blocks().len(), again.rows(7).unwrap()), (there + 1, rows(7.0)));
            assert!(!again.has(3) || again.rows(3).unwrap() == rows(0.1 + 0.2));
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
        assert_eq!(Results::open(&path, "q").unwrap().blocks(), [1]);
    }
}
