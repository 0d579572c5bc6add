//! Shards: a study cut into parts that are run anywhere, by anyone, any number of times, and merged to what one run would have given.
//!
//! A folder that all can reach holds `manifest.json` (the question, and which blocks are whose), `base.basis` (where every block begins, so that
//! no digit hangs on the machine that a shard runs on), of every shard `shard-K.part` while it runs and `shard-K.results` once it is whole.
//! A shard that is done is not done again; one that was cut off goes on where it was; one that another process runs is left to it.
//! Fails: a folder without a manifest; a basin, members or version of weir that are no longer those of the manifest.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use weir_model::place::Refusals;
use weir_solver::hot::HotStart;

use crate::member::{Asked, BLOCK, Member};
use crate::results::{Results, ResultsError};
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// All its members are there.
    Whole,
    /// So many of its blocks are.
    Part(usize),
}

/// What came of a run of a shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ran {
    /// All its members are there.
    Whole,
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
    ///
    /// # Errors
    /// A question that is no longer the manifest's, or a basin or members that are refused.
    pub fn study(&self) -> Result<Study, ShardError> {
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
        if self.state(shard)? == State::Whole {
            return Ok(Ran::Whole);
        }
        let part = self.path(shard, "part");
        let results = match Results::open(&part, &study.question) {
            Err(ResultsError::Busy(_)) => return Ok(Ran::Elsewhere),
            results => results?,
        };
        if !study.ask(&(first..end).collect::<Vec<_>>(), &results, (heard, stop))? {
            return Ok(Ran::Stopped);
        }
        results.write(&study.question, first..end, &self.path(shard, "results"))?;
        std::fs::remove_file(&part).map_err(|error| failed("remove", &part, error))?;
        Ok(Ran::Whole)
    }

    /// Where a shard stands.
    ///
    /// # Errors
    /// If its files cannot be read.
    pub fn state(&self, shard: usize) -> Result<State, ShardError> {
        if self.results(shard)?.is_some() {
            return Ok(State::Whole);
        }
        Ok(State::Part(self.read(shard, "part")?.map_or(0, |part| part.blocks().len())))
    }

    /// The results of a shard, once it is whole.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn results(&self, shard: usize) -> Result<Option<Results>, ShardError> {
        let [first, end] = self.manifest.shards.get(shard).copied().unwrap_or_default();
        Ok(self.read(shard, "results")?.filter(|results| results.blocks().len() == end - first))
    }

    fn read(&self, shard: usize, ending: &str) -> Result<Option<Results>, ShardError> {
        let [first, end] = self.manifest.shards.get(shard).copied().unwrap_or_default();
        Ok(Results::read(&self.path(shard, ending), &self.manifest.question, first..end)?)
    }

    /// Shards that are not whole yet.
    ///
    /// # Errors
    /// If their files cannot be read.
    pub fn missing(&self) -> Result<Vec<usize>, ShardError> {
        let mut missing = Vec::new();
        for shard in 0..self.manifest.shards.len() {
            if self.state(shard)? != State::Whole {
                missing.push(shard);
            }
        }
        Ok(missing)
    }

    /// The study that is cut, as it is now, with the results of all shards; nothing while one is missing.
    ///
    /// # Errors
    /// A question that is no longer the manifest's, or files that cannot be read.
    pub fn merge(&self) -> Result<Option<(Study, Vec<Results>)>, ShardError> {
        let study = self.study()?;
        let mut all = Vec::with_capacity(self.manifest.shards.len());
        for shard in 0..self.manifest.shards.len() {
            let Some(results) = self.results(shard)? else { return Ok(None) };
            all.push(results);
        }
        // Every member has arrived, and once: the manifest has each block once.
        if all.iter().map(Results::members).sum::<usize>() != study.members.count() {
            return Err(ShardError::Impossible(
                "the shards of the manifest are not all of the members\n  hint: plan anew".to_owned(),
            ));
        }
        Ok(Some((study, all)))
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
