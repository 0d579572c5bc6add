//! What the commands over an office share: its folder, its store, and the thread that asks it.

use std::future::Future;
use std::path::{Path, PathBuf};

use weir_scheduler::job::Office;
use weir_scheduler::store::{Store, StoreError};

use crate::failure::Failure;
use crate::output::lines;

/// Where an office lies and who asks.
#[derive(clap::Args)]
pub struct OfficeArguments {
    /// The office's folder, with `jobs.toml`.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub office: PathBuf,
    /// The store, where it is not the SQLite file in the folder: `postgres://…`.
    #[arg(long, value_name = "URL")]
    pub store: Option<String>,
}

/// What somebody does to a plan or an order.
#[derive(clap::Args)]
pub struct Step {
    /// The plan or order.
    pub subject: String,
    /// Who does it.
    #[arg(long)]
    pub by: String,
    /// What is to be said about it.
    #[arg(long, default_value = "")]
    pub note: String,
}

impl OfficeArguments {
    /// The office as its file has it.
    pub fn read(&self) -> Result<Office, Failure> {
        Office::read(&self.office).map_err(Failure::Refused)
    }

    /// Opens the store.
    pub async fn open(&self) -> Result<Store, Failure> {
        open(&self.office, self.store.as_deref()).await
    }
}

/// Opens the store of an office.
pub async fn open(folder: &Path, address: Option<&str>) -> Result<Store, Failure> {
    match address {
        Some(address) => Store::open(address).await,
        None => Store::beside(folder).await,
    }
    .map_err(failure)
}

/// Runs what waits for the store.
pub fn wait<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Broken(format!("error: cannot start threads: {error}")))?;
    runtime.block_on(work)
}

/// What the store said, with the exit code that fits.
pub fn failure(error: StoreError) -> Failure {
    match error {
        StoreError::Refused(why) => Failure::Impossible(format!("error: {why}")),
        other => Failure::Broken(format!("error: {other}")),
    }
}

/// Every change of a run or plan, a line each: when, state, who, why.
pub async fn history(store: &Store, subject: &str) -> Result<String, Failure> {
    let changes = store.changes(subject).await.map_err(failure)?;
    Ok(lines(&changes, |change| format!("{}\t{}\t{}\t{}", change.at, change.state, change.actor, change.reason)))
}
