//! What the commands over an office share: its folder, its store, and the thread that asks it.

use std::future::Future;
use std::path::PathBuf;

use jiff::Timestamp;
use weir_scheduler::job::Office;
use weir_scheduler::revisions::Unread;
use weir_scheduler::store::{Store, StoreError};
use weir_scheduler::tokens::Role;

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

/// Who does something.
#[derive(clap::Args)]
pub struct Who {
    /// Who does it; once the office has tokens, WEIR_TOKEN says it.
    #[arg(long)]
    by: Option<String>,
}

/// Who does something, and what is to be said about it.
#[derive(clap::Args)]
pub struct Said {
    #[command(flatten)]
    pub who: Who,
    /// What is to be said about it.
    #[arg(long, default_value = "")]
    pub note: String,
}

/// What somebody does to a plan or an order.
#[derive(clap::Args)]
pub struct Step {
    /// The plan or order.
    pub subject: String,
    #[command(flatten)]
    pub said: Said,
}

impl OfficeArguments {
    /// The office as its file has it.
    pub fn read(&self) -> Result<Office, Failure> {
        Office::read(&self.office).map_err(Failure::Refused)
    }

    /// The office in effect: its file with what was changed through the API, where there is a store.
    pub async fn in_effect(&self) -> Result<Office, Failure> {
        let file = self.read()?;
        if self.store.is_none() && !self.office.join(weir_scheduler::store::FILE).is_file() {
            return Ok(file);
        }
        let last = self.open().await?.last_revisions().await.map_err(failure)?;
        let (office, unread) = file.with(&last, &self.office);
        for Unread { job, refusals } in unread {
            aside!("weir: the job `{job}` that was put through the API cannot be read here: {refusals}");
        }
        Ok(office)
    }

    /// Whether the folder is an office's; a store is never made elsewhere by mistake.
    fn is_there(&self) -> bool {
        [weir_scheduler::job::FILE, weir_scheduler::store::FILE].iter().any(|file| self.office.join(file).is_file())
    }

    /// Opens the store, for somebody who waits.
    pub async fn open(&self) -> Result<Store, Failure> {
        match &self.store {
            Some(address) => Store::open_soon(address).await.map_err(failure),
            None if !self.is_there() => {
                let why = format!("error: {} is no office: it has no jobs.toml", self.office.display());
                Err(Failure::Impossible(format!("{why}\n  hint: `--office DIR` names the office's folder")))
            }
            None => Store::beside(&self.office).await.map_err(failure),
        }
    }
}

/// The variable of the environment that holds the token of whoever acts. No argument: those stand in lists of processes.
const TOKEN: &str = "WEIR_TOKEN";

impl Who {
    /// Who acts: the name as given, or, once the office has tokens, the name of the token shown, which must allow it.
    pub async fn acts(&self, store: &Store, roles: &[Role], now: Timestamp) -> Result<String, Failure> {
        actor(store, self.by.as_deref(), roles, now).await
    }
}

async fn actor(store: &Store, by: Option<&str>, roles: &[Role], now: Timestamp) -> Result<String, Failure> {
    let refused = |why: &str, hint: &str| Err(Failure::Impossible(format!("error: {why}\n  hint: {hint}")));
    let Ok(secret) = std::env::var(TOKEN) else {
        return match by {
            _ if !store.tokens().await.map_err(failure)?.is_empty() => {
                refused("this office acts by tokens", "set WEIR_TOKEN to yours; `weir token new NAME --role ROLE` makes one")
            }
            Some(by) => Ok(by.to_owned()),
            None => refused("who does this is not named", "`--by NAME`, or WEIR_TOKEN where the office has tokens"),
        };
    };
    let token = store.token(&secret).await.map_err(failure)?;
    let Some(token) = token else { return refused("this office has no such token as WEIR_TOKEN", "`weir token list`") };
    if let Some(why) = token.refused(now) {
        return refused(&why, "`weir token new NAME --role ROLE`");
    }
    if by.is_some_and(|by| by != token.name) {
        return refused(&format!("WEIR_TOKEN is the token of `{}`", token.name), "leave `--by` out");
    }
    if !roles.contains(&token.role) {
        let words: Vec<&str> = roles.iter().map(|role| role.word()).collect();
        return refused(&format!("`{}` is {}", token.name, token.role.word()), &format!("this is for {}", words.join(", ")));
    }
    Ok(token.name)
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
        StoreError::Refused(_) | StoreError::None { .. } => Failure::Impossible(format!("error: {error}")),
        other => Failure::Broken(format!("error: {other}")),
    }
}

/// Every change of a run or plan, a line each: when, state, who, why.
pub async fn history(store: &Store, subject: &str) -> Result<String, Failure> {
    let changes = store.changes(subject).await.map_err(failure)?;
    Ok(lines(&changes, |change| format!("{}\t{}\t{}\t{}", change.at, change.state, change.actor, change.reason)))
}
