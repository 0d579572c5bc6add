//! `weir serve`: the office's engine, until it is told to stop.

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use weir_scheduler::api::{self, Limits};
use weir_scheduler::clock::System;
use weir_scheduler::job::Office;
use weir_scheduler::serve::{heed_signals, serve};
use weir_scheduler::service::Service;
use weir_scheduler::store::Store;

use super::service::{failure, wait};
use crate::failure::Failure;

/// Arguments of `weir serve`.
#[derive(clap::Args)]
pub struct Arguments {
    /// The office's folder, with `jobs.toml`.
    dir: PathBuf,
    /// A store that several instances share, such as `postgres://…`; otherwise an SQLite file in the folder.
    #[arg(long, value_name = "URL")]
    store: Option<String>,
    /// Name of this instance in the ledger; host and process unless given.
    #[arg(long)]
    name: Option<String>,
    /// Seconds between two looks at the clock.
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3600))]
    every: u64,
    /// Seconds after which an instance that is silent is believed dead, and its runs are taken over.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(i64).range(2..=86_400))]
    lease: i64,
    /// Runs solved at once, others waiting for their turn; as many as there are cores unless given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    solves: Option<u16>,
    /// Address and port that the API answers at, or `none`. Beyond this machine only where the office has tokens.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: Listen,
    /// Format of the log on stderr.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    log: Log,
    /// One beat, then end: what is due is run and published.
    #[arg(long, conflicts_with = "listen")]
    once: bool,
}

/// Where the API answers.
#[derive(Clone, Copy)]
enum Listen {
    Nowhere,
    At(SocketAddr),
}

impl FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "none" {
            return Ok(Self::Nowhere);
        }
        text.parse()
            .map(Self::At)
            .map_err(|_| "an address with its port, such as 127.0.0.1:8080 or [::1]:8080, or `none`".into())
    }
}

/// Format of the log.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Log {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Log {
    fn begin(self) {
        let colours = std::io::stderr().is_terminal();
        match self {
            Self::Text => tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(colours).init(),
            Self::Json => tracing_subscriber::fmt().with_writer(std::io::stderr).json().flatten_event(true).init(),
        }
    }
}

/// The socket that the API answers at.
async fn listener(listen: Listen, store: &Store) -> Result<Option<TcpListener>, Failure> {
    let Listen::At(address) = listen else { return Ok(None) };
    let tokens = store.tokens().await.map_err(failure)?;
    if !address.ip().is_loopback() && tokens.iter().all(|token| token.refused(Timestamp::now()).is_some()) {
        return Err(Failure::Impossible(format!(
            "error: {address} can be asked from other machines, and the office has no token that holds\n  hint: `weir token new \
             NAME --role admin` first, or listen at 127.0.0.1:{}",
            address.port()
        )));
    }
    let bound = TcpListener::bind(address).await;
    let listener = bound.map_err(|error| {
        Failure::Broken(format!(
            "error: cannot listen at {address}: {error}\n  hint: `--listen 127.0.0.1:PORT` with a free one, or `--listen none`"
        ))
    })?;
    Ok(Some(listener))
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let office = Office::read(&arguments.dir).map_err(Failure::Refused)?;
    arguments.log.begin();
    let host = std::fs::read_to_string("/etc/hostname").unwrap_or_else(|_| "weir".to_owned());
    let name = arguments.name.clone().unwrap_or_else(|| format!("{}:{}", host.trim(), std::process::id()));
    wait(async {
        let store = match &arguments.store {
            Some(address) => Store::open(address).await,
            None => Store::beside(&arguments.dir).await,
        }
        .map_err(failure)?;
        let mut service =
            Service::new(&arguments.dir, office, store.clone(), Arc::new(System), &name).with_lease(arguments.lease * 1000);
        if let Some(solves) = arguments.solves {
            service = service.with_solves(Arc::new(Semaphore::new(solves.into())));
        }
        let service = Arc::new(service);
        let (stopping, stop) = tokio::sync::watch::channel(false);
        heed_signals(stopping).map_err(|error| Failure::Broken(format!("error: signals: {error}")))?;
        if arguments.once {
            service.beat(&stop).await;
        } else {
            let every = Duration::from_secs(arguments.every);
            let limits = Limits { silence: 3 * every + Duration::from_secs(60), ..Limits::default() };
            let answering = listener(arguments.listen, &store)
                .await?
                .map(|listener| tokio::spawn(api::serve(listener, Arc::clone(&service), limits, stop.clone())));
            let served = serve(service, every, stop).await;
            served.map_err(|error| Failure::Broken(format!("error: the timer: {error}")))?;
            if let Some(answering) = answering {
                let answered = answering.await.map_err(|error| error.to_string());
                let answered = answered.and_then(|answered| answered.map_err(|error| error.to_string()));
                answered.map_err(|error| Failure::Broken(format!("error: the API: {error}")))?;
            }
        }
        store.close().await;
        Ok(())
    })
}
