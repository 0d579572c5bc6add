//! `weir serve`: the office's engine, until it is told to stop.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use weir_scheduler::clock::System;
use weir_scheduler::job::Office;
use weir_scheduler::serve::serve;
use weir_scheduler::service::Service;

use super::service::{open, wait};
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
    /// One beat, then end: what is due is run and published.
    #[arg(long)]
    once: bool,
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let office = Office::read(&arguments.dir).map_err(Failure::Refused)?;
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(colours).init();
    let host = std::fs::read_to_string("/etc/hostname").unwrap_or_else(|_| "weir".to_owned());
    let name = arguments.name.clone().unwrap_or_else(|| format!("{}:{}", host.trim(), std::process::id()));
    wait(async {
        let store = open(&arguments.dir, arguments.store.as_deref()).await?;
        let service = Arc::new(
            Service::new(&arguments.dir, office, store.clone(), Arc::new(System), &name).with_lease(arguments.lease * 1000),
        );
        let (tell, stop) = tokio::sync::watch::channel(false);
        if arguments.once {
            service.beat(&stop).await;
        } else {
            let served = serve(service, Duration::from_secs(arguments.every), (tell, stop)).await;
            served.map_err(|error| Failure::Broken(format!("error: the timer: {error}")))?;
        }
        store.close().await;
        Ok(())
    })
}
