//! The files of a basin's folder as they are when they are first asked for: each is read once, its series parsed and cut once, however often
//! the basin is read, as it is for each member of an ensemble or a sweep. So all members stand on the same bytes, whatever is
//! written meanwhile.
//!
//! Fails: a file that cannot be read is asked for again the next time.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::civil::Time;

use crate::horizon::Horizon;
use crate::series::{Meaning, SeriesFile};
use crate::table::TableFault;

/// The files of a basin's folder.
#[derive(Debug)]
pub struct Files {
    dir: PathBuf,
    bytes: Mutex<BTreeMap<String, Arc<[u8]>>>,
    series: Mutex<BTreeMap<String, LoadedSeries>>,
}

impl Files {
    /// The files of a folder.
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), bytes: Mutex::default(), series: Mutex::default() }
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The bytes of a file.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn bytes(&self, path: &str) -> Result<Arc<[u8]>, std::io::Error> {
        if let Some(known) = held(&self.bytes).get(path) {
            return Ok(Arc::clone(known));
        }
        let read: Arc<[u8]> = std::fs::read(self.dir.join(path))?.into();
        Ok(Arc::clone(held(&self.bytes).entry(path.to_owned()).or_insert(read)))
    }

    /// A series file that was parsed before.
    pub(super) fn series(&self, path: &str) -> Option<LoadedSeries> {
        held(&self.series).get(path).cloned()
    }

    /// Keeps a series file; what is kept of it already is given back.
    pub(super) fn keep(&self, loaded: LoadedSeries) -> LoadedSeries {
        held(&self.series).entry(loaded.path.to_string()).or_insert(loaded).clone()
    }
}

/// A series file as read.
#[derive(Clone, Debug)]
pub struct LoadedSeries {
    /// Path as the basin file has it.
    pub path: Arc<str>,
    /// The values.
    pub file: Arc<SeriesFile>,
    cuts: Arc<Mutex<VecDeque<Cuts>>>,
}

/// A column on the steps of a horizon, with the time of its last value.
pub type Cut = Arc<(Vec<f64>, String)>;

/// Columns on the steps of a horizon, by meaning and the time at which their days begin.
#[derive(Debug)]
struct Cuts {
    horizon: Horizon,
    columns: BTreeMap<(usize, Meaning, Time), Cut>,
}

/// Horizons whose columns are kept: the question's own, the ends of its steps, and those cut where a change begins and ends.
const HORIZONS: usize = 4;

impl LoadedSeries {
    /// A series file of a path.
    pub(super) fn new(path: &str, file: SeriesFile) -> Self {
        Self { path: path.into(), file: Arc::new(file), cuts: Arc::default() }
    }

    /// A column re-cut onto the steps of a horizon, as [`SeriesFile::recut`].
    ///
    /// # Errors
    /// As that.
    pub fn recut(&self, column: usize, horizon: &Horizon, meaning: Meaning, day_starts: Time) -> Result<Cut, TableFault> {
        let key = (column, meaning, day_starts);
        let known = |cuts: &&Cuts| cuts.horizon == *horizon;
        if let Some(cut) = held(&self.cuts).iter().find(known).and_then(|cuts| cuts.columns.get(&key)) {
            return Ok(Arc::clone(cut));
        }
        let cut = Arc::new(self.file.recut(column, horizon, meaning, day_starts)?);
        let mut all = held(&self.cuts);
        if let Some(cuts) = all.iter_mut().find(|cuts| cuts.horizon == *horizon) {
            cuts.columns.insert(key, Arc::clone(&cut));
        } else {
            all.truncate(HORIZONS - 1);
            all.push_front(Cuts { horizon: horizon.clone(), columns: BTreeMap::from([(key, Arc::clone(&cut))]) });
        }
        Ok(cut)
    }
}

/// What one thread at a time may look at: it is whole after any step of another.
fn held<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use jiff::civil::{Time, date};

    use super::{HORIZONS, LoadedSeries};
    use crate::horizon::{Horizon, StepSpec};
    use crate::series::{Meaning, SeriesFile};
    use crate::table::Table;

    /// Synthetic: three days of 1, 3 and 5.
    #[test]
    fn a_cut_that_is_kept_is_that_of_the_file() {
        let text = "time,flow\n2026-06-01,1\n2026-06-02,3\n2026-06-03,5\n";
        let file = SeriesFile::from_table(Table::from_bytes(text.as_bytes()).unwrap()).unwrap();
        let loaded = LoadedSeries::new("flow.csv", file.clone());
        let horizon = |hours: usize| {
            Horizon::build(date(2026, 6, 1), "UTC", &[StepSpec::parse(&format!("2 x {hours} h")).unwrap()]).unwrap()
        };
        // More horizons than are kept, and back again.
        for hours in (1..=HORIZONS + 2).chain(1..=HORIZONS + 2).map(|n| n * 4) {
            for meaning in [Meaning::Mean, Meaning::Instant] {
                let horizon = horizon(hours);
                let cut = loaded.recut(1, &horizon, meaning, Time::midnight()).unwrap();
                assert_eq!(*cut, file.recut(1, &horizon, meaning, Time::midnight()).unwrap());
            }
        }
        let beyond = horizon(48);
        assert_eq!(
            loaded.recut(1, &beyond, Meaning::Mean, Time::midnight()).unwrap_err(),
            file.recut(1, &beyond, Meaning::Mean, Time::midnight()).unwrap_err()
        );
    }
}
