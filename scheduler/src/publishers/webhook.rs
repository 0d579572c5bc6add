//! A webhook: each event a POST with a signature by Standard Webhooks.
//!
//! The body is the CloudEvents envelope; `webhook-id` is the event's key. Delivered is what is answered by a status of 2xx. No
//! redirect is followed; 410 Gone means that the receiver wants no more, and the message is dead at once.
//! Fails: no connection, another status, a certificate that does not hold, a secret that is no `whsec_` base64.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use reqwest::{Certificate, Client, StatusCode, Url, redirect};
use standardwebhooks::Webhook as Signer;
use weir_model::basin::entry::Entry;

use super::event::{Events, ascii, key};
use super::secret::{Secret, address};
use super::{Delivered, Delivery, Fault, Publisher};

/// Longest part of a receiver's answer that is kept.
const MOST_SAID: usize = 200;

#[derive(Clone, Debug)]
struct Webhook {
    url: Url,
    secret: Secret,
    events: Events,
    /// Certificates of authorities that are trusted in place of the system's.
    ca_file: Option<PathBuf>,
}

pub(super) fn read(entry: &Entry<'_, '_>) -> Option<Arc<dyn Publisher>> {
    let url = address(entry, &["https", "http"], "https://receiver.example/weir");
    let secret = Secret::required(entry, "what bodies are signed with, such as `whsec_…`");
    let events = Events::read(entry);
    let ca_file = entry.text("ca_file").map(|path| PathBuf::from(path.value));
    Some(Arc::new(Webhook { url: url?, secret: secret?, events, ca_file }))
}

impl Publisher for Webhook {
    fn deliver<'a>(&'a self, folder: &'a Path, delivery: &'a Delivery) -> Delivered<'a> {
        Box::pin(self.post(folder, delivery))
    }
}

impl Webhook {
    async fn post(&self, folder: &Path, delivery: &Delivery) -> Result<(), Fault> {
        let signer = Signer::new(&self.secret.value(folder)?)
            .map_err(|error| format!("the secret is no base64 after `whsec_`: {error}"))?;
        let body = self.events.event(delivery).to_string();
        let id = ascii(&key(delivery));
        // The time of this try, which receivers hold against their own clock.
        let now = Timestamp::now().as_second();
        let signature = signer.sign(&id, now, body.as_bytes()).map_err(|error| error.to_string())?;
        let request = self
            .client(folder)?
            .post(self.url.clone())
            .header("content-type", "application/cloudevents+json; charset=utf-8")
            .header(standardwebhooks::HEADER_WEBHOOK_ID, id)
            .header(standardwebhooks::HEADER_WEBHOOK_TIMESTAMP, now)
            .header(standardwebhooks::HEADER_WEBHOOK_SIGNATURE, signature)
            .body(body);
        let answer = request.send().await.map_err(|error| chain(&error))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        if status == StatusCode::GONE {
            return Err(Fault::Lasting("410 Gone: the receiver wants no more".to_owned()));
        }
        let said: String = answer.text().await.unwrap_or_default().chars().take(MOST_SAID).collect();
        Err(Fault::Passing(format!("answered {status}: {said}")))
    }

    fn client(&self, folder: &Path) -> Result<Client, String> {
        crate::tls::ready();
        let agent = concat!("weir/", env!("CARGO_PKG_VERSION"));
        let mut client = Client::builder().redirect(redirect::Policy::none()).user_agent(agent);
        if let Some(path) = &self.ca_file {
            let path = folder.join(path);
            let said = |error: &dyn std::fmt::Display| format!("`ca_file` {}: {error}", path.display());
            let bytes = std::fs::read(&path).map_err(|error| said(&error))?;
            client = client.tls_certs_only(Certificate::from_pem_bundle(&bytes).map_err(|error| said(&error))?);
        }
        client.build().map_err(|error| chain(&error))
    }
}

/// An error with what caused it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
