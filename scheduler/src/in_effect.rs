//! The office in effect in an instance: its file with the changes of the store laid over it, read again where there are new ones.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use tracing::error;

use crate::job::Office;
use crate::revisions::{Action, Revision, Unread};
use crate::store::{Store, StoreError};

/// The office in effect.
#[derive(Debug)]
pub(crate) struct InEffect {
    folder: PathBuf,
    file: Office,
    current: RwLock<Arc<Current>>,
}

/// The office as of a change.
#[derive(Clone, Debug)]
pub(crate) struct Current {
    /// Jobs and all that the file holds beside them.
    pub office: Arc<Office>,
    /// Jobs that cannot be read here.
    pub unread: Vec<Unread>,
    /// The last change of each job that has any.
    pub last: Vec<Revision>,
    seen: i64,
}

impl Current {
    /// The last change of each job that was taken out.
    pub fn taken_out(&self) -> impl Iterator<Item = &Revision> {
        self.last.iter().filter(|revision| revision.action == Action::TakenOut)
    }

    /// Number of the last change of a job; 0 for none.
    pub fn seen_of(&self, job: &str) -> i64 {
        self.last.iter().find(|revision| revision.job == job).map_or(0, |revision| revision.number)
    }
}

impl InEffect {
    /// The office as its file has it.
    pub fn new(folder: &Path, file: Office) -> Self {
        let current = Current { office: Arc::new(file.clone()), unread: Vec::new(), last: Vec::new(), seen: 0 };
        Self { folder: folder.to_owned(), file, current: RwLock::new(Arc::new(current)) }
    }

    /// As the file has it.
    pub const fn file(&self) -> &Office {
        &self.file
    }

    /// As it is now.
    pub fn current(&self) -> Arc<Current> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// As it is now, after a look at the store.
    pub async fn refreshed(&self, store: &Store) -> Result<Arc<Current>, StoreError> {
        let seen = store.last_revision().await?;
        if seen == self.current().seen {
            return Ok(self.current());
        }
        let last = store.last_revisions().await?;
        let (office, unread) = self.file.with(&last, &self.folder);
        for Unread { job, refusals } in &unread {
            error!(job, "the job that was put through the API cannot be read here and does not run: {refusals}");
        }
        let current = Arc::new(Current { office: Arc::new(office), unread, last, seen });
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&current);
        Ok(current)
    }
}
