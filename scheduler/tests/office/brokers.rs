//! Brokers from Debian's packages, killed and started again: NATS JetStream and MQTT.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use async_nats::jetstream;
use rumqttc::mqttbytes::QoS;
use rumqttc::{AsyncClient, Event, Incoming, MqttOptions};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::made::Made;
use crate::receiver::{ALL, back, first, jobs, mornings, withdrawn_and_failed};
use crate::skipped::skipped;

/// Longest that a test waits for something that must come.
const LONGEST: Duration = Duration::from_secs(30);

/// A broker that ends with the test.
pub struct Broker {
    program: &'static str,
    folder: TempDir,
    pub port: u16,
    running: Mutex<Option<Child>>,
}

impl Broker {
    /// A broker on a free port; none, and said aloud, where it is not installed.
    pub async fn new(program: &'static str) -> Option<Self> {
        if !["/usr/sbin", "/usr/bin"].iter().any(|folder| Path::new(folder).join(program).exists()) {
            assert!(std::env::var("CI").is_err(), "{program} is not installed");
            skipped(&format!("{program} is not installed (Debian: {program})"));
            return None;
        }
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let broker = Self { program, folder: TempDir::new().unwrap(), port, running: Mutex::new(None) };
        broker.start().await;
        Some(broker)
    }

    /// Starts it, or starts it again, and waits until it answers.
    pub async fn start(&self) {
        let path = std::env::var("PATH").unwrap() + ":/usr/sbin";
        let mut command = Command::new(self.program);
        command.env("PATH", path).stdout(Stdio::null()).stderr(Stdio::null());
        let port = self.port.to_string();
        if self.program == "mosquitto" {
            let config = self.folder.path().join("mosquitto.conf");
            std::fs::write(&config, format!("listener {port} 127.0.0.1\nallow_anonymous true\n")).unwrap();
            command.arg("-c").arg(config);
        } else {
            command.args(["-js", "-a", "127.0.0.1", "-p", &port, "--auth", "geheim", "-sd"]).arg(self.folder.path());
        }
        *self.running.lock().unwrap() = Some(command.spawn().unwrap());
        let up = async {
            while tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(LONGEST, up).await.unwrap();
    }

    pub fn kill(&self) {
        if let Some(mut running) = self.running.lock().unwrap().take() {
            running.kill().unwrap();
            running.wait().unwrap();
        }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.kill();
    }
}

fn key(payload: &[u8]) -> String {
    let event: Value = serde_json::from_slice(payload).unwrap();
    event["id"].as_str().unwrap().to_owned()
}

/// Subjects and keys that the stream holds, in order.
pub async fn stored(url: &str) -> Vec<(String, String)> {
    let client = async_nats::ConnectOptions::with_token("geheim".to_owned()).connect(url).await.unwrap();
    let mut stream = jetstream::new(client).get_stream("WEIR").await.unwrap();
    let count = stream.info().await.unwrap().state.messages;
    let mut told = Vec::new();
    for sequence in 1..=count {
        let message = stream.get_raw_message(sequence).await.unwrap();
        told.push((message.subject.to_string(), key(&message.payload)));
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_holds_every_plan_once_and_in_order_over_an_outage() {
    let Some(broker) = Broker::new("nats-server").await else { return };
    let url = format!("nats://127.0.0.1:{}", broker.port);
    let publisher = format!("kind = \"nats\"\nurl = \"{url}\"\nsecret_file = \"token\"\nstream = \"WEIR\"");
    let made = Made::with(&jobs(&publisher), |folder| std::fs::write(folder.join("token"), "geheim").unwrap()).await;
    mornings(&made, async || broker.kill()).await;
    broker.start().await;
    back(&made).await;
    withdrawn_and_failed(&made).await;
    let told = stored(&url).await;
    let keys: Vec<&str> = told.iter().map(|(_, key)| key.as_str()).collect();
    assert_eq!(keys, ALL, "what came twice within the server's window stands once");
    assert_eq!((told[0].0.as_str(), told[4].0.as_str()), ("weir.plan.lake.日", "weir.run.failed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_and_a_missing_stream_are_told() {
    let Some(broker) = Broker::new("nats-server").await else { return };
    let url = format!("nats://127.0.0.1:{}", broker.port);
    let publisher = format!("kind = \"nats\"\nurl = \"{url}\"\nsecret_file = \"token\"");
    let made = Made::with(&jobs(&publisher), |folder| std::fs::write(folder.join("token"), "falsch").unwrap()).await;
    made.beat_at("2026-06-01 06:00").await;
    let pending = made.store.messages("pending", 9).await.unwrap();
    assert!(pending[0].error.contains("uthorization"), "{}", pending[0].error);
    std::fs::write(made.path().join("token"), "geheim").unwrap();
    made.beat_at("2026-06-01 06:10").await;
    let pending = made.store.messages("pending", 9).await.unwrap();
    assert!(pending[0].error.contains("no stream found"), "{}", pending[0].error);
    assert_eq!(pending[0].attempts, 2);
}

/// A subscriber that stays: its keys as they come.
pub async fn subscriber(port: u16) -> UnboundedReceiver<String> {
    let mut options = MqttOptions::new("reader", ("127.0.0.1", port));
    options.set_unlimited_incoming_packet_size();
    let (client, mut connection) = AsyncClient::builder(options).capacity(10).build();
    client.subscribe("weir/#", QoS::AtLeastOnce).await.unwrap();
    let (sender, receiver) = unbounded_channel();
    let (ready, is_ready) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        let (mut ready, _client) = (Some(ready), client);
        while let Ok(event) = connection.poll().await {
            match event {
                Event::Incoming(Incoming::SubAck(_)) => ready.take().unwrap().send(()).unwrap(),
                // Nobody listens any more only once the test is over.
                Event::Incoming(Incoming::Publish(message)) => drop(sender.send(key(&message.payload))),
                _ => {}
            }
        }
    });
    tokio::time::timeout(LONGEST, is_ready).await.unwrap().unwrap();
    receiver
}

/// What comes until a key has come.
pub async fn until(keys: &mut UnboundedReceiver<String>, last: &str) -> Vec<String> {
    let mut seen = Vec::new();
    while seen.last().is_none_or(|key| key != last) {
        seen.push(tokio::time::timeout(LONGEST, keys.recv()).await.unwrap().unwrap());
    }
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn subscribers_hear_every_plan_in_order_and_late_ones_what_counts() {
    let Some(broker) = Broker::new("mosquitto").await else { return };
    let publisher = format!("kind = \"mqtt\"\nurl = \"mqtt://127.0.0.1:{}\"", broker.port);
    let made = Made::new(&jobs(&publisher)).await;
    let (mut before, mut keys) = (subscriber(broker.port).await, Vec::new());
    mornings(&made, async || {
        keys = until(&mut before, ALL[0]).await;
        broker.kill();
    })
    .await;
    broker.start().await;
    let mut after = subscriber(broker.port).await;
    back(&made).await;
    withdrawn_and_failed(&made).await;
    keys.extend(until(&mut after, ALL[5]).await);
    assert_eq!(first(&keys), ALL);
    assert_eq!(keys.len(), ALL.len() + 1, "once more after the kill: {keys:?}");
    let mut late = subscriber(broker.port).await;
    let mut found = vec![late.recv().await.unwrap(), late.recv().await.unwrap()];
    found.sort();
    assert_eq!(found, [ALL[5], ALL[3]], "the last word on each line of plans");
}
