//! NATS JetStream: each event a message that the server has stored before it counts as delivered.
//!
//! `PREFIX.plan.PRODUCT.TERM` and `PREFIX.run.failed`; `Nats-Msg-Id` is the event's key, by which the server itself drops what comes
//! twice within its window. Fails: no server, no stream that takes the subject; an event larger than the server lets pass is
//! dead at once, with the limit in its reason.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_nats::ConnectOptions;
use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::{self, stream};
use weir_model::basin::entry::Entry;

use super::event::{Events, ascii, key, path};
use super::secret::{Secret, address};
use super::{Delivered, Delivery, Fault, Publisher};

#[derive(Clone, Debug)]
struct JetStream {
    url: String,
    user: Option<String>,
    secret: Option<Secret>,
    ca_file: Option<PathBuf>,
    prefix: String,
    /// Stream that is made where it is not there.
    stream: Option<String>,
    events: Events,
}

pub(super) fn read(entry: &Entry<'_, '_>) -> Option<Arc<dyn Publisher>> {
    let url = address(entry, &["nats", "tls"], "nats://broker.example:4222");
    Some(Arc::new(JetStream {
        user: entry.text("user").map(|user| user.value),
        secret: Secret::read(entry),
        ca_file: entry.text("ca_file").map(|path| PathBuf::from(path.value)),
        prefix: entry.text("subject").map_or_else(|| "weir".to_owned(), |prefix| prefix.value),
        stream: entry.text("stream").map(|stream| stream.value),
        events: Events::read(entry),
        url: url?.to_string(),
    }))
}

impl Publisher for JetStream {
    fn deliver<'a>(&'a self, folder: &'a Path, delivery: &'a Delivery) -> Delivered<'a> {
        Box::pin(self.publish(folder, delivery))
    }
}

impl JetStream {
    async fn publish(&self, folder: &Path, delivery: &Delivery) -> Result<(), Fault> {
        crate::tls::ready();
        let mut options = ConnectOptions::new().name("weir").connection_timeout(super::LONGEST_CONNECT);
        if let Some(secret) = &self.secret {
            let secret = secret.value(folder)?;
            options = match &self.user {
                Some(user) => options.user_and_password(user.clone(), secret),
                None => options.token(secret),
            };
        }
        if let Some(path) = &self.ca_file {
            options = options.add_root_certificates(folder.join(path));
        }
        let client = options.connect(&self.url).await.map_err(|error| error.to_string())?;
        let context = jetstream::new(client);
        if let Some(name) = &self.stream {
            let stream = stream::Config {
                name: name.clone(),
                subjects: vec![format!("{}.>", self.prefix)],
                ..stream::Config::default()
            };
            context.get_or_create_stream(stream).await.map_err(|error| format!("stream `{name}`: {error}"))?;
        }
        let message = PublishMessage::build()
            .payload(self.events.event(delivery).to_string().into())
            .header("content-type", "application/cloudevents+json")
            .message_id(ascii(&key(delivery)));
        let subject = path(&self.prefix, '.', delivery);
        let stored = context.send_publish(subject.clone(), message).await.map_err(|error| fault(&subject, &error))?;
        stored.await.map_err(|error| fault(&subject, &error))?;
        Ok(())
    }
}

fn fault(subject: &str, error: &PublishError) -> Fault {
    if error.kind() == PublishErrorKind::MaxPayloadExceeded {
        return Fault::Lasting(format!("{error}; `carry = \"notice\"` leaves the document out"));
    }
    Fault::Passing(format!("`{subject}`: {error}"))
}
