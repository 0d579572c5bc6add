//! Shards: a study cut into parts that are run anywhere, by anyone, any number of times, and merged to what one run would have given.
//!
//! A folder that all can reach holds `manifest.json` (the question, and which blocks are whose), `base.basis` (where every block begins, so that
//! no digit hangs on the machine that a shard runs on), of every shard `shard-K.part` while it runs and `shard-K.results` once it is whole.
//! A shard that is done is not done again; one that was cut off goes on where it was; one that another process runs is left to it.
//! Fails: a folder without a manifest; a basin, members or version of weir that are no longer those of the manifest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use weir_model::place::Refusals;
use weir_report::members::Members as Table;
use weir_solver::hot::HotStart;

use crate::member::{Asked, BLOCK, Member};
use crate::results::{self, Results, ResultsError, Row};
use crate::study::{self, Members, Study};
use crate::sweep::Sweep;

/// The file that says what is whose.
pub const MANIFEST: &str = "manifest.json";
/// Where every block begins.
const BASE: &str = "base.basis";

/// What is asked, and which blocks are whose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Digest of everything that the answers hang on.
    pub question: String,
    /// Version of weir.
    pub weir: String,
    /// The basin's folder.
    pub basin: PathBuf,
    /// First day of the horizon, if it was given.
    pub from: Option<Date>,
    /// The sweep's file, if it is one.
    pub sweep: Option<PathBuf>,
    /// Files of overlays, if it is none.
    pub overlays: Vec<PathBuf>,
    /// How many members there are.
    pub members: usize,
    /// Blocks of every shard: from the first to before the second.
    pub shards: Vec<[usize; 2]>,
}

impl Manifest {
    /// Whether the shards follow each other, from the first block of the members to the last.
    fn has_each_block_once(&self) -> bool {
        let mut next = 0;
        let mut follows = |&[first, end]: &[usize; 2]| std::mem::replace(&mut next, end) == first && first <= end;
        self.shards.iter().all(&mut follows) && next == self.members.div_ceil(BLOCK)
    }
}

/// Why shards cannot be planned, run or merged.
#[derive(Debug, thiserror::Error)]
pub enum ShardError {
    /// The basin or its members are refused.
    #[error(transparent)]
    Refused(#[from] Refusals),
    /// A file of the folder cannot be read or written.
    #[error("cannot {doing} {}: {error}", path.display())]
    File {
        /// What was tried.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// What cannot be as it is.
    #[error("{0}")]
    Impossible(String),
    /// Results cannot be kept.
    #[error(transparent)]
    Results(#[from] ResultsError),
}

/// Where a shard stands.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// All its members are there.
    Whole(BTreeMap<usize, Vec<Row>>),
    /// So many of its blocks are.
    Part(usize),
}

/// What came of a run of a shard.
#[derive(Clone, Debug, PartialEq)]
pub enum Ran {
    /// All its members are there.
    Whole(BTreeMap<usize, Vec<Row>>),
    /// It was told to stop before they were.
    Stopped,
    /// Another process runs it.
    Elsewhere,
}

/// A folder of shards.
pub struct Shards {
    folder: PathBuf,
    /// What is asked, and which blocks are whose.
    pub manifest: Manifest,
}

impl Shards {
    /// Cuts a study into so many shards, and writes the folder; one that has this question's shards already is left as it is.
    ///
    /// # Errors
    /// What is refused, or a folder that has another question.
    pub fn plan(
        folder: &Path,
        (basin, from): (&Path, Option<Date>),
        (sweep, overlays): (Option<&Path>, &[PathBuf]),
        count: usize,
    ) -> Result<Self, ShardError> {
        let whole = |path: &Path| path.canonicalize().map_err(|error| failed("find", path, error));
        let study = study::open(basin, from, members(sweep, overlays)?)?;
        let blocks = study.blocks();
        let manifest = Manifest {
            question: study.question.clone(),
            weir: env!("CARGO_PKG_VERSION").to_owned(),
            basin: whole(basin)?,
            from,
            sweep: sweep.map(whole).transpose()?,
            overlays: overlays.iter().map(|path| whole(path)).collect::<Result<_, _>>()?,
            members: study.members.count(),
            shards: (0..count).map(|shard| [shard * blocks / count, (shard + 1) * blocks / count]).collect(),
        };
        std::fs::create_dir_all(folder).map_err(|error| failed("make", folder, error))?;
        if folder.join(MANIFEST).exists() {
            let known = Self::open(folder)?;
            if known.manifest == manifest {
                return Ok(known);
            }
            return Err(ShardError::Impossible(format!(
                "{} has the shards of another question, or another number of them\n  hint: name another folder, or remove it",
                folder.display()
            )));
        }
        if let Some(hot) = &study.basin.hot {
            write(&folder.join(BASE), hot.bytes())?;
        }
        let json = serde_json::to_string_pretty(&manifest).map_err(|error| failed("write", folder, error.into()))?;
        write(&folder.join(MANIFEST), (json + "\n").as_bytes())?;
        Ok(Self { folder: folder.to_owned(), manifest })
    }

    /// Opens a folder of shards.
    ///
    /// # Errors
    /// If it has no manifest.
    pub fn open(folder: &Path) -> Result<Self, ShardError> {
        let path = folder.join(MANIFEST);
        let text = std::fs::read_to_string(&path).map_err(|error| {
            let hint = "\n  hint: `weir shard plan` makes the folder";
            ShardError::Impossible(format!("cannot read {}: {error}{hint}", path.display()))
        })?;
        let no_manifest = |why: String| {
            let hint = "\n  hint: plan anew, in another folder";
            ShardError::Impossible(format!("{} is no manifest: {why}{hint}", path.display()))
        };
        let manifest: Manifest = serde_json::from_str(&text).map_err(|error| no_manifest(error.to_string()))?;
        if !manifest.has_each_block_once() {
            return Err(no_manifest("its shards are not all blocks of its members, each once and in order".to_owned()));
        }
        Ok(Self { folder: folder.to_owned(), manifest })
    }

    /// How many members a shard has.
    pub fn members_of(&self, shard: usize) -> usize {
        let [first, end] = self.manifest.shards.get(shard).copied().unwrap_or_default();
        self.manifest.members.min(end * BLOCK).saturating_sub(first * BLOCK)
    }

    fn path(&self, shard: usize, ending: &str) -> PathBuf {
        self.folder.join(format!("shard-{shard}.{ending}"))
    }

    /// The study that is cut, as it is now.
    fn study(&self) -> Result<Study, ShardError> {
        let Manifest { basin, from, sweep, overlays, .. } = &self.manifest;
        let hot = match std::fs::read(self.folder.join(BASE)) {
            Ok(bytes) => Some(Arc::new(HotStart::of(bytes))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed("read", &self.folder.join(BASE), error)),
        };
        let study = Study::new(Asked::new(basin, *from).beginning(hot), members(sweep.as_deref(), overlays)?)?;
        if study.question == self.manifest.question && study.members.count() == self.manifest.members {
            return Ok(study);
        }
        let (then, now) = (&self.manifest.weir, env!("CARGO_PKG_VERSION"));
        let what = if then == now {
            format!("the basin, its members or {BASE} have changed since")
        } else {
            format!("weir was {then} then and is {now}, and basin or members may have changed too")
        };
        Err(ShardError::Impossible(format!(
            "{} was planned for another question: {what}\n  hint: plan anew, in another folder",
            self.folder.join(MANIFEST).display(),
        )))
    }

    /// Whether its question is still that of the basin and its members.
    ///
    /// # Errors
    /// If it is not, or they are refused.
    pub fn unchanged(&self) -> Result<(), ShardError> {
        self.study().map(|_| ())
    }

    /// Runs a shard, or what is left of it.
    ///
    /// # Errors
    /// A number that no shard has, a question that is no longer the manifest's, or results that cannot be kept.
    pub fn run(&self, shard: usize, (heard, stop): (&(dyn Fn(bool) + Sync), &AtomicBool)) -> Result<Ran, ShardError> {
        let Some([first, end]) = self.manifest.shards.get(shard).copied() else {
            return Err(ShardError::Impossible(format!(
                "there is no shard {shard}\n  hint: {} has the shards 0 to {}",
                self.folder.join(MANIFEST).display(),
                self.manifest.shards.len().saturating_sub(1)
            )));
        };
        let study = self.study()?;
        if let State::Whole(rows) = self.state(shard)? {
            return Ok(Ran::Whole(rows));
        }
        let part = self.path(shard, "part");
        let results = match Results::open(&part, &study.question) {
            Err(ResultsError::Busy(_)) => return Ok(Ran::Elsewhere),
            results => results?,
        };
        let Some(rows) = study.ask(&(first..end).collect::<Vec<_>>(), Some(&results), (heard, stop))? else {
            return Ok(Ran::Stopped);
        };
        let whole = self.path(shard, "results");
        let bytes = results::whole(&study.question, &rows).map_err(|error| failed("write", &whole, error.into()))?;
        write(&whole, &bytes)?;
        std::fs::remove_file(&part).map_err(|error| failed("remove", &part, error))?;
        Ok(Ran::Whole(rows))
    }

    /// Where a shard stands.
    ///
    /// # Errors
    /// If its files cannot be read.
    pub fn state(&self, shard: usize) -> Result<State, ShardError> {
        let [first, end] = self.manifest.shards.get(shard).copied().unwrap_or_default();
        let mine = |rows: BTreeMap<usize, Vec<Row>>| -> BTreeMap<_, _> {
            rows.into_iter().filter(|(block, _)| (first..end).contains(block)).collect()
        };
        let read = |ending| results::read(&self.path(shard, ending), &self.manifest.question).map(mine);
        let whole = read("results")?;
        if whole.len() == end - first && self.path(shard, "results").exists() {
            return Ok(State::Whole(whole));
        }
        Ok(State::Part(read("part")?.len()))
    }

    /// Shards that are not whole yet.
    ///
    /// # Errors
    /// If their files cannot be read.
    pub fn missing(&self) -> Result<Vec<usize>, ShardError> {
        let mut missing = Vec::new();
        for shard in 0..self.manifest.shards.len() {
            if matches!(self.state(shard)?, State::Part(_)) {
                missing.push(shard);
            }
        }
        Ok(missing)
    }

    /// The table of all members; nothing while a shard is missing.
    ///
    /// # Errors
    /// A question that is no longer the manifest's, or files that cannot be read.
    pub fn merge(&self) -> Result<Option<Table>, ShardError> {
        let study = self.study()?;
        let mut all = BTreeMap::new();
        for shard in 0..self.manifest.shards.len() {
            let State::Whole(rows) = self.state(shard)? else { return Ok(None) };
            all.extend(rows);
        }
        // Every member has arrived, and once.
        let whole =
            (0..study.blocks()).all(|block| all.get(&block).is_some_and(|rows| rows.len() == study.numbers(block).len()));
        if !whole || all.len() != study.blocks() {
            return Err(ShardError::Impossible(
                "the shards of the manifest are not all of the members\n  hint: plan anew".to_owned(),
            ));
        }
        Ok(Some(study.table(&all)))
    }
}

/// The members of a sweep's file, or of files of overlays.
///
/// # Errors
/// A sweep that is refused.
pub fn members(sweep: Option<&Path>, overlays: &[PathBuf]) -> Result<Members, Refusals> {
    Ok(match sweep {
        Some(sweep) => Members::Sweep(Box::new(Sweep::read(sweep)?)),
        None => Members::Overlays(overlays.iter().map(|path| Member::file(path)).collect()),
    })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), ShardError> {
    weir_model::files::write(path, bytes).map_err(|error| failed("write", path, error))
}

fn failed(doing: &'static str, path: &Path, error: std::io::Error) -> ShardError {
    ShardError::File { doing, path: path.to_owned(), error }
}
