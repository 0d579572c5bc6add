//! MQTT 5: the retained or next message of a topic, in JSON or one number alone.
//!
//! A message that comes within `wait_s` is read as [`json`](super::json) is; one number alone is a reading of now.
//! Fails: no broker, no message in time.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rumqttc::mqttbytes::QoS;
use rumqttc::{AsyncClient, Event, Incoming, MqttOptions, Transport};
use weir_model::basin::entry::Entry;
use weir_model::table::digest;

use super::json::Pointers;
use super::readings::{Collector, Raw};
use super::{Ask, Read, Source};
use crate::publishers::secret::{Secret, address};

/// Largest message that is taken.
const MOST_BYTES: u32 = 16 << 20;

#[derive(Clone, Debug)]
struct Subscription {
    host: String,
    port: u16,
    tls: bool,
    user: Option<String>,
    secret: Option<Secret>,
    ca_file: Option<PathBuf>,
    topic: String,
    pointers: Option<Pointers>,
    wait: Duration,
}

pub(super) fn read(entry: &Entry<'_, '_>) -> Option<Arc<dyn Source>> {
    let url = address(entry, &["mqtt", "mqtts"], "mqtt://broker.example:1883");
    let (user, secret) = (entry.text("user").map(|user| user.value), Secret::read(entry));
    let ca_file = entry.text("ca_file").map(|path| PathBuf::from(path.value));
    let topic = entry.text("topic");
    if !entry.has("topic") {
        entry.missing_because(&["topic"], "the topic of the messages: `topic = \"shanxi/level\"`");
    }
    if let Some(topic) = topic.as_ref().filter(|topic| topic.value.contains(['#', '+'])) {
        let hint = "one topic, whose last message counts".to_owned();
        entry.refuse(&topic.place, format!("`topic`: `{}` stands for several", topic.value), Some(hint));
    }
    let alone = ["rows", "time", "value", "times", "values"].iter().all(|key| !entry.has(key));
    let pointers = if alone { None } else { Some(Pointers::read(entry)?) };
    let wait = entry.number_within("wait_s", 0.1, 600.0).map_or(5.0, |wait| wait.value);
    let url = url?;
    let tls = url.scheme() == "mqtts";
    Some(Arc::new(Subscription {
        host: url.host_str()?.to_owned(),
        port: url.port().unwrap_or(if tls { 8883 } else { 1883 }),
        tls,
        user,
        secret,
        ca_file,
        topic: topic?.value,
        pointers,
        wait: Duration::from_secs_f64(wait),
    }))
}

impl Source for Subscription {
    fn read<'a>(&'a self, ask: &'a Ask) -> Read<'a> {
        Box::pin(async move {
            let received = tokio::time::timeout(self.wait, self.message(ask)).await;
            let wait = self.wait.as_secs_f64();
            let payload = received.map_err(|_| format!("{}: no message within {wait} s", self.topic))??;
            let Some(pointers) = &self.pointers else { return Ok(self.number(&payload, ask)) };
            pointers.readings(&payload, self.topic.clone(), ask)
        })
    }
}

impl Subscription {
    async fn message(&self, ask: &Ask) -> Result<Vec<u8>, String> {
        let mut options = MqttOptions::new("", (self.host.clone(), self.port));
        options.set_max_packet_size(Some(MOST_BYTES));
        match (&self.user, &self.secret) {
            (Some(user), Some(secret)) => drop(options.set_credentials(user.clone(), secret.value(&ask.folder)?)),
            (Some(user), None) => drop(options.set_username(user.clone())),
            (None, Some(secret)) => drop(options.set_password(secret.value(&ask.folder)?)),
            (None, None) => {}
        }
        if self.tls {
            crate::tls::ready();
            options.set_transport(match &self.ca_file {
                None => Transport::try_tls_with_default_config().map_err(|error| error.to_string())?,
                Some(path) => {
                    let path = ask.folder.join(path);
                    let said = |error| format!("`ca_file` {}: {error}", path.display());
                    Transport::tls(std::fs::read(&path).map_err(said)?, None, None)
                }
            });
        }
        let (client, mut connection) = AsyncClient::builder(options).capacity(10).build();
        client.subscribe(self.topic.clone(), QoS::AtLeastOnce).await.map_err(|error| error.to_string())?;
        loop {
            match connection.poll().await.map_err(|error| format!("{}: {error}", self.topic))? {
                Event::Incoming(Incoming::Publish(message)) if message.retain && self.pointers.is_none() => {
                    return Err(format!("{}: a kept number without its time: nobody knows how old it is", self.topic));
                }
                Event::Incoming(Incoming::Publish(message)) => return Ok(message.payload.to_vec()),
                _ => {}
            }
        }
    }

    /// One number alone, which is of now.
    fn number(&self, payload: &[u8], ask: &Ask) -> Raw {
        let mut collector = Collector::new(ask.times.clone());
        let text = String::from_utf8_lossy(payload);
        collector.take(|| self.topic.clone(), &ask.now.to_string(), &text);
        collector.finish(digest(payload), self.topic.clone())
    }
}
