//! Publishers: where plans go, one kind a file, all behind [`Publisher`].
//!
//! A publisher is told of a plan that comes into force, of one taken back or ended, of a run that made none, and, inside the
//! office, of orders. It may be told the same twice: product, term, revision and kind are the key by which a receiver knows it.
//! It is handed what its audience is given, and has a limit of time.
//! To add one: a file here, its `mod` line, a line in [`PUBLISHERS`].

mod directory;
mod event;
mod mqtt;
mod nats;
mod parquet;
mod postgres;
mod pull;
pub(crate) mod secret;
mod webhook;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use weir_model::basin::entry::Entry;
use weir_model::document::{Audience, FLOOD_STATEMENT, PlanDocument};
use weir_model::place::Place;
use weir_report::Beside;

use crate::job::{id_of, whole};
use crate::orders::sheet::Sheet;
use crate::outbox::Message;
use crate::plans::PlanRow;

/// Seconds that a delivery may take, unless told otherwise.
const TIME_LIMIT_S: i64 = 20;
/// Most seconds that a delivery may be given: less than the lease of who drains.
const MOST_TIME_LIMIT_S: f64 = 50.0;
/// How long a broker may take to answer at all.
const LONGEST_CONNECT: Duration = Duration::from_secs(10);
/// What others than the office are told of why a run made no plan, or why one was taken back.
const NO_REASON: &str = "原因见调度部门内部记录";

/// Reads the settings of a kind of publisher.
type Read = fn(&Entry<'_, '_>) -> Option<Arc<dyn Publisher>>;

/// Every kind, by its word.
pub const PUBLISHERS: &[(&str, Read)] = &[
    ("directory", directory::read),
    ("mqtt", mqtt::read),
    ("nats", nats::read),
    ("postgres", postgres::read),
    ("pull", pull::read),
    ("webhook", webhook::read),
];

/// What a publisher is told.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The message.
    pub message: Message,
    /// What the audience is given of the plan that it is about, as the ledger has it now; none for a run that made none.
    pub document: Option<PlanDocument>,
    /// The order that it is about, if it is.
    pub order: Option<Sheet>,
    /// The plan that a failed run fell back to, where the office itself is told.
    pub fall_back: Option<String>,
    /// What the audience is given of the plans before it, for a publisher that compares.
    pub beside: Beside,
    /// Whom it is told.
    audience: Audience,
}

impl Delivery {
    /// What an audience is told by a message.
    pub fn new(message: &Message, document: Option<&PlanDocument>, order: Option<Sheet>, audience: Audience) -> Self {
        let mut message = message.clone();
        if audience != Audience::Internal && !message.message.is_empty() {
            let given = if message.message.starts_with(FLOOD_STATEMENT) { FLOOD_STATEMENT } else { NO_REASON };
            given.clone_into(&mut message.message);
        }
        let document = document.map(|document| document.for_audience(audience));
        Self { message, document, order, beside: Beside::default(), fall_back: None, audience }
    }

    /// With the plan that a failed run fell back to.
    #[must_use]
    pub fn with_fall_back(self, plan: Option<PlanRow>) -> Self {
        let fall_back = plan.filter(|_| self.audience == Audience::Internal).map(|plan| plan.id);
        Self { fall_back, ..self }
    }
}

/// Why a delivery failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Another try may go through.
    #[error("{0}")]
    Passing(String),
    /// No further try will.
    #[error("{0}")]
    Lasting(String),
}

impl From<String> for Fault {
    fn from(why: String) -> Self {
        Self::Passing(why)
    }
}

impl From<std::io::Error> for Fault {
    fn from(why: std::io::Error) -> Self {
        Self::Passing(why.to_string())
    }
}

/// What becomes of a try to deliver.
pub type Delivered<'a> = Pin<Box<dyn Future<Output = Result<(), Fault>> + Send + 'a>>;

/// Delivers.
pub trait Publisher: Send + Sync + std::fmt::Debug {
    /// Whether it sets a plan against those before it.
    fn compares(&self) -> bool {
        false
    }

    /// What is wrong with the files that its settings name in the office's folder: where, what, and what mends it.
    fn refused(&self, _folder: &std::path::Path) -> Vec<(Place, String, String)> {
        Vec::new()
    }

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
    /// Whom it tells: it is handed no more than that.
    pub audience: Audience,
    /// How long a delivery may take.
    pub time_limit: Duration,
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
        let audience = entry.word("audience", &Audience::ALL.map(Audience::word));
        let audience = audience.and_then(|audience| Audience::of(&audience.value)).unwrap_or_default();
        let time_limit = whole(&entry, "time_limit_s", (1.0, MOST_TIME_LIMIT_S), TIME_LIMIT_S);
        let time_limit = Duration::from_secs(time_limit.unsigned_abs());
        entry.finish();
        let (Some(id), Some(kind), Some(publisher)) = (id, kind, publisher) else { continue };
        if publishers.iter().any(|other| other.id == id.value) {
            entry.refuse(&id.place, format!("`id`: `{}` stands twice", id.value), Some("give each its own".to_owned()));
        }
        publishers.push(PublisherSettings { id: id.value, kind: kind.value, audience, time_limit, publisher });
    }
    publishers.sort_by(|a, b| a.id.cmp(&b.id));
    publishers
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use crate::job::Office;

    fn refused(publishers: &str) -> String {
        let text = format!("{publishers}\n[[job]]\nid = \"daily\"\nbasin = \"b\"\ncron = \"@daily\"\n");
        Office::parse(&text, &|_| true).unwrap_err().to_string()
    }

    #[test]
    fn every_example_of_the_guide_is_read() {
        let guide = include_str!("../../../docs/publishers.md");
        let examples: Vec<&str> = guide.split("```toml\n").skip(1).filter_map(|part| part.split("```").next()).collect();
        assert!(examples.len() >= super::PUBLISHERS.len(), "{}", examples.len());
        let text = examples.concat() + "[[job]]\nid = \"daily\"\nbasin = \"b\"\ncron = \"@daily\"\n";
        let office = Office::parse(&text, &|_| true).unwrap();
        assert_eq!(office.publishers.len(), examples.len());
    }

    #[test]
    fn faults_of_publishers_are_told_with_what_mends_them() {
        let said = refused(
            "[[publisher]]\nid = \"a\"\nkind = \"webhook\"\nurl = \"ftp://x\"\naudience = \"公众\"\ntime_limit_s = 600\n\
             [[publisher]]\nid = \"b\"\nkind = \"nats\"\nurl = \"nats://weir:geheim@x\"\nsecret_env = \"A\"\nsecret_file = \"b\"\n\
             [[publisher]]\nid = \"c\"\nkind = \"postgres\"\nschema = \"Ä; DROP\"\n\
             [[publisher]]\nid = \"d\"\nkind = \"mqtt\"\nurl = \"nowhere\"\ncary = \"plan\"\n",
        );
        for part in [
            "expected https:// or http:// and a host",
            "`secret_env = \"NAME\"`",
            "unknown word `公众`",
            "between 1 and 50",
            "holds a password, which does not belong into this file",
            "`secret_env` and `secret_file` say the same",
            "is no name of a schema",
            "the receiver's address: `url = \"postgres://",
            "`nowhere` is no address",
            "did you mean `carry`?",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
}
