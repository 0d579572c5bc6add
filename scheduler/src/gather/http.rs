//! An HTTP service that answers in JSON.
//!
//! `{now}`, `{start}` and `{end}` in the address stand for those times (RFC 3339, UTC); a secret goes along as a bearer token.
//! Fails: no answer, a status that is none of success, an answer larger than [`MOST_BYTES`](super::csv::MOST_BYTES).

use std::sync::Arc;

use reqwest::{Client, redirect};
use weir_model::basin::entry::Entry;

use super::json::Pointers;
use super::{Ask, Read, Source, csv};
use crate::publishers::secret::{Secret, address};

/// An address that is read.
#[derive(Clone, Debug)]
pub(super) struct Address {
    url: String,
    secret: Option<Secret>,
}

impl Address {
    /// Reads `url`, `secret_env` and `secret_file`.
    pub(super) fn read(entry: &Entry<'_, '_>) -> Option<Self> {
        let url = address(entry, &["http", "https"], "https://forecast.example/api/flows?from={start}");
        let secret = Secret::read(entry);
        Some(Self { url: url?.to_string().replace("%7B", "{").replace("%7D", "}"), secret })
    }

    /// The body of the answer, and what documents call it: the address without its query.
    pub(super) async fn body(&self, ask: &Ask) -> Result<(Vec<u8>, String), String> {
        crate::tls::ready();
        let agent = concat!("weir/", env!("CARGO_PKG_VERSION"));
        let client = Client::builder().redirect(redirect::Policy::none()).user_agent(agent).build();
        let client = client.map_err(|error| chain(&error))?;
        let times = [("{now}", ask.now), ("{start}", ask.start), ("{end}", ask.end)];
        let url = times.iter().fold(self.url.clone(), |url, (word, time)| url.replace(word, &time.to_string()));
        let shown = self.url.split('?').next().unwrap_or_default().to_owned();
        let mut request = client.get(url);
        if let Some(secret) = &self.secret {
            request = request.bearer_auth(secret.value(&ask.folder)?);
        }
        let mut answer = request.send().await.map_err(|error| format!("{shown}: {}", chain(&error.without_url())))?;
        if !answer.status().is_success() {
            return Err(format!("{shown}: answered {}", answer.status()));
        }
        let mut body = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(|error| format!("{shown}: {}", chain(&error.without_url())))? {
            body.extend_from_slice(&part);
            if body.len() as u64 > csv::MOST_BYTES {
                return Err(format!("{shown}: answered more than {} bytes", csv::MOST_BYTES));
            }
        }
        Ok((body, shown))
    }
}

#[derive(Clone, Debug)]
struct Http {
    address: Address,
    pointers: Pointers,
}

pub(super) fn read(entry: &Entry<'_, '_>) -> Option<Arc<dyn Source>> {
    let (address, pointers) = (Address::read(entry), Pointers::read(entry));
    Some(Arc::new(Http { address: address?, pointers: pointers? }))
}

impl Source for Http {
    fn read<'a>(&'a self, ask: &'a Ask) -> Read<'a> {
        Box::pin(async move {
            let (body, shown) = self.address.body(ask).await?;
            let (pointers, ask) = (self.pointers.clone(), ask.clone());
            let parsed = tokio::task::spawn_blocking(move || pointers.readings(&body, shown, &ask));
            parsed.await.map_err(|error| error.to_string())?
        })
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
