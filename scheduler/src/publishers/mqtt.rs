//! MQTT 5: each event a retained message of quality of service 1, delivered once the broker's PUBACK is there.
//!
//! `PREFIX/plan/PRODUCT/TERM` and `PREFIX/run/failed`: who subscribes later finds what counts now. Fails: no broker, an
//! acknowledgement with a reason that is none of success.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rumqttc::mqttbytes::QoS;
use rumqttc::mqttbytes::v5::{PubAckReason, PublishProperties};
use rumqttc::{AsyncClient, MqttOptions, PublishOptions, PublishResult, Transport};
use weir_model::basin::entry::Entry;

use super::event::{Events, ascii, key, path};
use super::secret::{Secret, address};
use super::{Delivered, Delivery, Fault, Publisher};

#[derive(Clone, Debug)]
struct Broker {
    host: String,
    port: u16,
    tls: bool,
    user: Option<String>,
    secret: Option<Secret>,
    ca_file: Option<PathBuf>,
    client_id: String,
    prefix: String,
    events: Events,
}

pub(super) fn read(entry: &Entry<'_, '_>) -> Option<Arc<dyn Publisher>> {
    let url = address(entry, &["mqtt", "mqtts"], "mqtt://broker.example:1883");
    let id = entry.text("id").map_or_else(String::new, |id| id.value);
    let user = entry.text("user").map(|user| user.value);
    let secret = Secret::read(entry);
    let ca_file = entry.text("ca_file").map(|path| PathBuf::from(path.value));
    let client_id = entry.text("client_id").map_or_else(|| format!("weir-{id}"), |id| id.value);
    let prefix = entry.text("topic").map_or_else(|| "weir".to_owned(), |prefix| prefix.value);
    let events = Events::read(entry);
    let url = url?;
    let tls = url.scheme() == "mqtts";
    let port = url.port().unwrap_or(if tls { 8883 } else { 1883 });
    let host = url.host_str()?.to_owned();
    Some(Arc::new(Broker { host, port, tls, user, secret, ca_file, client_id, prefix, events }))
}

impl Publisher for Broker {
    fn deliver<'a>(&'a self, folder: &'a Path, delivery: &'a Delivery) -> Delivered<'a> {
        Box::pin(self.publish(folder, delivery))
    }
}

impl Broker {
    fn options(&self, folder: &Path) -> Result<MqttOptions, String> {
        let mut options = MqttOptions::new(self.client_id.clone(), (self.host.clone(), self.port));
        match (&self.user, &self.secret) {
            (Some(user), Some(secret)) => drop(options.set_credentials(user.clone(), secret.value(folder)?)),
            (Some(user), None) => drop(options.set_username(user.clone())),
            (None, Some(secret)) => drop(options.set_password(secret.value(folder)?)),
            (None, None) => {}
        }
        if self.tls {
            crate::tls::ready();
            options.set_transport(match &self.ca_file {
                None => Transport::try_tls_with_default_config().map_err(|error| error.to_string())?,
                Some(path) => {
                    let path = folder.join(path);
                    let said = |error| format!("`ca_file` {}: {error}", path.display());
                    Transport::tls(std::fs::read(&path).map_err(said)?, None, None)
                }
            });
        }
        Ok(options)
    }

    async fn publish(&self, folder: &Path, delivery: &Delivery) -> Result<(), Fault> {
        let (client, mut connection) = AsyncClient::builder(self.options(folder)?).capacity(1).build();
        let properties = PublishProperties {
            content_type: Some("application/cloudevents+json".to_owned()),
            user_properties: vec![("key".to_owned(), ascii(&key(delivery)))],
            ..PublishProperties::default()
        };
        let options = PublishOptions::new(QoS::AtLeastOnce).retained().properties(properties);
        let payload = self.events.event(delivery).to_string();
        let topic = path(&self.prefix, '/', delivery);
        let notice = client.publish_tracked(topic, payload, options).await.map_err(|error| error.to_string())?;
        let acknowledged = notice.wait_async();
        tokio::pin!(acknowledged);
        let result = loop {
            tokio::select! {
                result = &mut acknowledged => break result.map_err(|error| error.to_string())?,
                event = connection.poll() => drop(event.map_err(|error| error.to_string())?),
            }
        };
        // The message is the broker's already: a farewell that is not heard changes nothing.
        if client.disconnect_now().await.is_ok() {
            while connection.poll().await.is_ok() {}
        }
        match result {
            PublishResult::Qos1(ack) => match ack.reason {
                PubAckReason::Success | PubAckReason::NoMatchingSubscribers => Ok(()),
                reason => Err(Fault::Passing(format!("the broker refused the message: {reason:?}"))),
            },
            other => Err(Fault::Passing(format!("the broker answered {other:?}"))),
        }
    }
}
