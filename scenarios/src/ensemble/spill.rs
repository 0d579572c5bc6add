//! What is told of many members: in memory up to a size, beyond it in a temporary file, so that memory does not grow with them.
//!
//! Exact quantiles need every number of every member. What is told of each is written once, as it is answered, and read when all are there: its
//! series one at a time, and so its goals, satisfactions, warnings and texts.
//! Fails: a temporary folder that is full, or not to be written to.

use std::io::{Read, Seek, SeekFrom, Write};
use std::sync::{Mutex, PoisonError};

use tempfile::SpooledTempFile;

/// Bytes that are kept in memory.
const IN_MEMORY: usize = 8 << 20;
/// Bytes of a number.
const SIZE: usize = 8;

/// Bytes by their place.
#[derive(Debug)]
pub struct Spill(Mutex<SpooledTempFile>);

impl Default for Spill {
    fn default() -> Self {
        Self(Mutex::new(SpooledTempFile::new(IN_MEMORY)))
    }
}

impl Spill {
    /// Keeps some more, and gives the place of the first.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn keep(&self, bytes: &[u8]) -> Result<u64, String> {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let first = file.seek(SeekFrom::End(0)).and_then(|end| file.write_all(bytes).map(|()| end));
        first.map_err(|error| told("written to", &error))
    }

    /// So many bytes from a place on.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn bytes(&self, place: u64, count: usize) -> Result<Vec<u8>, String> {
        let mut bytes = vec![0; count];
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let read = file.seek(SeekFrom::Start(place)).and_then(|_| file.read_exact(&mut bytes));
        read.map(|()| bytes).map_err(|error| told("read from", &error))
    }

    /// So many numbers from a place on.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn numbers(&self, place: u64, count: usize) -> Result<Vec<f64>, String> {
        let number = |bytes: &[u8]| bytes.try_into().map_or(f64::NAN, f64::from_le_bytes);
        Ok(self.bytes(place, count * SIZE)?.chunks_exact(SIZE).map(number).collect())
    }
}

/// Numbers as bytes.
pub fn bytes(numbers: impl IntoIterator<Item = f64>) -> Vec<u8> {
    numbers.into_iter().flat_map(f64::to_le_bytes).collect()
}

fn told(what: &str, error: &std::io::Error) -> String {
    let folder = std::env::temp_dir();
    format!(
        "what is told of members cannot be {what} a temporary file in {}: {error}\n  hint: the variable TMPDIR names another folder",
        folder.display()
    )
}

#[cfg(test)]
mod tests {
    use super::{IN_MEMORY, Spill, bytes};

    #[test]
    fn what_was_kept_is_read_back_in_memory_and_beyond() {
        let spill = Spill::default();
        let member = |member: usize| -> Vec<f64> { (0..1000).map(|at| (member * 1000 + at) as f64 / 3.0).collect() };
        let count = 2 * IN_MEMORY / 8000;
        for number in 0..count {
            assert_eq!(spill.keep(&bytes(member(number))), Ok(8000 * number as u64));
        }
        for number in [0, count / 2, count - 1, 1] {
            let first = 8000 * number as u64;
            assert_eq!(spill.numbers(first, 1000), Ok(member(number)));
            assert_eq!(spill.numbers(first + 40, 2), Ok(member(number)[5..7].to_vec()));
            assert_eq!(spill.numbers(first, 0), Ok(Vec::new()));
        }
        assert!(spill.numbers(0, 1000 * count + 1).is_err());
    }
}
