//! A served office on a free port, with a token of each role.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use weir_scheduler::api::{Limits, serve};
use weir_scheduler::clock::Clock as _;
use weir_scheduler::service::Service;
use weir_scheduler::tokens::Role;

use crate::made::{Made, at};

/// A job whose plans are fetched.
pub const PULLED: &str = r#"
[[publisher]]
id = "open"
kind = "pull"

[[job]]
id = "daily"
basin = "lake"
cron = "0 6 * * *"
approval = "automatic"
publish = ["open"]
"#;

pub struct Served {
    pub made: Made,
    pub service: Arc<Service>,
    pub stop: watch::Sender<bool>,
    pub serving: JoinHandle<std::io::Result<()>>,
    client: Client,
    address: String,
    tokens: BTreeMap<&'static str, String>,
}

/// Limits that no test but its own runs into.
pub fn wide() -> Limits {
    Limits { per_token_per_s: 100_000, look: Duration::from_millis(20), ..Limits::default() }
}

impl Served {
    pub async fn new(jobs: &str) -> Self {
        Self::within(jobs, wide()).await
    }

    pub async fn within(jobs: &str, limits: Limits) -> Self {
        Self::of(Made::new(jobs).await, limits).await
    }

    /// An office that is there already.
    pub async fn of(made: Made, limits: Limits) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let service = Arc::new(made.service("served"));
        let (stop, stopped) = watch::channel(false);
        let serving = tokio::spawn(serve(listener, Arc::clone(&service), limits, stopped));
        let mut tokens = BTreeMap::new();
        let now = made.clock.now();
        let year = now.checked_add(SignedDuration::from_hours(24 * 365)).unwrap();
        for role in Role::ALL {
            let secret = made.store.new_token(role.word(), role, year, "test", now).await.unwrap();
            tokens.insert(role.word(), secret);
        }
        // Another test may have done so already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().no_proxy().build().unwrap();
        Self { made, service, stop, serving, client, address, tokens }
    }

    /// A beat of the served instance at a time.
    pub async fn beat_at(&self, time: &str) {
        self.made.clock.set(at(time));
        self.service.beat(&self.stop.subscribe()).await;
    }

    pub fn token(&self, role: &str) -> &str {
        &self.tokens[role]
    }

    /// A request without a token.
    pub fn bare(&self, method: &str, path: &str) -> RequestBuilder {
        self.client.request(Method::from_bytes(method.as_bytes()).unwrap(), format!("{}{path}", self.address))
    }

    /// A request with the token of a role.
    pub fn request(&self, role: &str, method: &str, path: &str) -> RequestBuilder {
        self.bare(method, path).bearer_auth(self.token(role))
    }

    pub async fn get(&self, path: &str) -> Response {
        self.request("viewer", "GET", path).send().await.unwrap()
    }

    pub async fn json(&self, path: &str) -> Value {
        let response = self.get(path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.unwrap()
    }

    pub async fn post(&self, role: &str, path: &str, body: &Value) -> (u16, Value) {
        let response = self.request(role, "POST", path).json(body).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }
}
