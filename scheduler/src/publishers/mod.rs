//! Publishers: where plans go, one kind a file, all behind [`Publisher`].
//!
//! A publisher is told of a plan that comes into force, of one taken back or ended, and of a run that made none. It may be told
//! the same twice: the message's number is the key by which a receiver knows it.
//! To add one: a file here, its `mod` line, a line in [`PUBLISHERS`].

mod directory;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use weir_model::basin::entry::Entry;
use weir_model::document::PlanDocument;

use crate::job::id_of;
use crate::outbox::Message;

/// Reads the settings of a kind of publisher.
type Read = fn(&Entry<'_, '_>) -> Option<Arc<dyn Publisher>>;

/// Every kind, by its word.
pub const PUBLISHERS: &[(&str, Read)] = &[("directory", directory::read)];

/// What a publisher is told.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The message.
    pub message: Message,
    /// The plan that it is about, as the ledger has it now; none for a run that made none.
    pub document: Option<PlanDocument>,
}

/// What becomes of a try to deliver.
pub type Delivered<'a> = Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>>;

/// Delivers.
pub trait Publisher: Send + Sync + std::fmt::Debug {
    /// Delivers; what was delivered before is delivered again without harm. Relative paths are within the office's folder.
    fn deliver<'a>(&'a self, folder: &'a std::path::Path, delivery: &'a Delivery) -> Delivered<'a>;
}

/// A publisher as `jobs.toml` has it.
#[derive(Clone, Debug)]
pub struct PublisherSettings {
    /// Id.
    pub id: String,
    /// Word of its kind.
    pub kind: String,
    /// The publisher.
    pub publisher: Arc<dyn Publisher>,
}

/// The publishers of a file.
pub(crate) fn read(root: &Entry<'_, '_>) -> Vec<PublisherSettings> {
    let words: Vec<&str> = PUBLISHERS.iter().map(|(word, _)| *word).collect();
    let mut publishers: Vec<PublisherSettings> = Vec::new();
    for mut entry in root.tables("publisher") {
        let id = id_of(&mut entry, "a publisher's id: letters, digits, `_` and `-`");
        let kind = entry.word("kind", &words);
        if !entry.has("kind") {
            entry.missing_because(&["kind"], &format!("one of {}", words.join(", ")));
        }
        let read = kind.as_ref().and_then(|kind| PUBLISHERS.iter().find(|(word, _)| *word == kind.value));
        let publisher = read.and_then(|(_, read)| read(&entry));
        entry.finish();
        let (Some(id), Some(kind), Some(publisher)) = (id, kind, publisher) else { continue };
        if publishers.iter().any(|other| other.id == id.value) {
            entry.refuse(&id.place, format!("`id`: `{}` stands twice", id.value), Some("give each its own".to_owned()));
        }
        publishers.push(PublisherSettings { id: id.value, kind: kind.value, publisher });
    }
    publishers.sort_by(|a, b| a.id.cmp(&b.id));
    publishers
}
