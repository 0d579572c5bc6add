//! The numbers of many members: in memory up to a size, beyond it in a temporary file, so that memory does not grow with them.
//!
//! Exact quantiles need every number of every member. Each member's are written once, as it is answered, and read once a series, when all are
//! there.
//! Fails: a temporary folder that is full, or not to be written to.

use std::io::{Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use tempfile::SpooledTempFile;

/// Bytes that are kept in memory.
const IN_MEMORY: usize = 8 << 20;
/// Bytes of a number.
const SIZE: u64 = 8;

/// Numbers by their place.
#[derive(Debug)]
pub struct Numbers(Mutex<SpooledTempFile>);

impl Default for Numbers {
    fn default() -> Self {
        Self(Mutex::new(SpooledTempFile::new(IN_MEMORY)))
    }
}

impl Numbers {
    /// Keeps some more, and gives the place of the first.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn keep(&self, numbers: &[f64]) -> Result<u64, String> {
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let first = file.seek(SeekFrom::End(0)).and_then(|end| file.write_all(&bytes).map(|()| end / SIZE));
        first.map_err(|error| told("written to", &error))
    }

    /// The numbers of some places.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn read(&self, places: Range<u64>) -> Result<Vec<f64>, String> {
        let mut bytes = vec![0; (places.end.saturating_sub(places.start) * SIZE) as usize];
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let read = file.seek(SeekFrom::Start(places.start * SIZE)).and_then(|_| file.read_exact(&mut bytes));
        read.map_err(|error| told("read from", &error))?;
        let number = |bytes: &[u8]| bytes.try_into().map_or(f64::NAN, f64::from_le_bytes);
        Ok(bytes.chunks_exact(SIZE as usize).map(number).collect())
    }
}

fn told(what: &str, error: &std::io::Error) -> String {
    let folder = std::env::temp_dir();
    format!(
        "the numbers of members cannot be {what} a temporary file in {}: {error}\n  hint: the variable TMPDIR names another folder",
        folder.display()
    )
}

#[cfg(test)]
mod tests {
    use super::{IN_MEMORY, Numbers};

    #[test]
    fn what_was_kept_is_read_back_in_memory_and_beyond() {
        let numbers = Numbers::default();
        let member = |member: usize| -> Vec<f64> { (0..1000).map(|at| (member * 1000 + at) as f64 / 3.0).collect() };
        let count = 2 * IN_MEMORY / 8000;
        for number in 0..count {
            assert_eq!(numbers.keep(&member(number)), Ok(1000 * number as u64));
        }
        for number in [0, count / 2, count - 1, 1] {
            let first = 1000 * number as u64;
            assert_eq!(numbers.read(first..first + 1000), Ok(member(number)));
            assert_eq!(numbers.read(first + 5..first + 7), Ok(member(number)[5..7].to_vec()));
            assert_eq!(numbers.read(first..first), Ok(Vec::new()));
        }
        assert!(numbers.read(0..1000 * count as u64 + 1).is_err());
    }
}
