//! Gathering: before a run solves, its inputs (levels, flows, uses, forecasts) are read, checked and laid over the basin.
//!
//! One way: [`Source`] → [`Raw`](readings::Raw) → units, datum and [checks] → [`form`] (the value at the basin's address, or its
//! fall-back) → [`Laid`](weir_model::laid::Laid) → the basin. What was used, replaced and refused stands in the plan; the told clock
//! decides what is late. Docs: docs/gathering.md.
//! To add a kind: a file here, its `mod` line, a line in [`SOURCES`].
//!
//! Fails: an input that is late, missing or bad and has no fall-back left ends the run, which is tried again.

mod back_computed;
pub mod checks;
mod csv;
pub mod events;
pub mod form;
mod http;
mod input;
mod json;
mod mqtt;
mod parquet;
mod pi_xml;
pub mod readings;
mod remembered;
mod run;
mod sql;
mod states;
pub mod xlsx;

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use jiff::Timestamp;
use weir_model::basin::entry::Entry;

pub use input::{FallBack, Input, Origin};
pub(crate) use input::{named, read};
pub use run::{Gathering, gather};

use self::readings::{Raw, Times};

/// Reads the settings of a kind of source.
type ReadSettings = fn(&Entry<'_, '_>) -> Option<Arc<dyn Source>>;

/// Every kind of source, by its word.
pub const SOURCES: &[(&str, ReadSettings)] = &[
    ("csv", csv::read),
    ("http", http::read),
    ("mqtt", mqtt::read),
    ("parquet", parquet::read),
    ("pi_xml", pi_xml::read),
    ("sql", sql::read),
    ("xlsx", xlsx::read),
];
/// The kind that is computed from other inputs.
pub const BACK_COMPUTED: &str = "back_computed";

/// What a source is asked.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The office's folder.
    pub folder: PathBuf,
    /// What time it is.
    pub now: Timestamp,
    /// Start of the horizon.
    pub start: Timestamp,
    /// End of the horizon.
    pub end: Timestamp,
    /// How times are meant.
    pub times: Times,
}

/// What becomes of reading a source: its readings, or why there are none.
pub type Read<'a> = Pin<Box<dyn Future<Output = Result<Raw, String>> + Send + 'a>>;

/// Where readings come from.
pub trait Source: Send + Sync + std::fmt::Debug {
    /// Reads it.
    fn read<'a>(&'a self, ask: &'a Ask) -> Read<'a>;
}
