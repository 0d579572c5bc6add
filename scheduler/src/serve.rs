//! The process: a timer that beats, and a stop that lets what is at work come to rest.
//!
//! The timer is tokio-cron-scheduler's, and no more: which run is due is the ledger's to say, so that a beat that is missed, or
//! that comes twice, changes nothing. A beat lasts as long as its solves; the next ones go on beside it, so that a long solve holds up
//! no other job, and no end of a plan. On SIGTERM and SIGINT no further run begins, those at work are put back, and the process
//! ends.

use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use tokio_cron_scheduler::{Job as Timer, JobScheduler, JobSchedulerError};
use tracing::{error, info};

use crate::service::Service;

/// Beats under way at once: one a solve that lasts, and some that wait for the store.
const MOST_BEATS: usize = 64;

/// Runs a service, with a beat every so often, until it is told to stop.
///
/// # Errors
/// If the timer cannot be set.
pub async fn serve(
    service: Arc<Service>,
    every: Duration,
    mut stopped: watch::Receiver<bool>,
) -> Result<(), JobSchedulerError> {
    let ticks = Arc::new(tokio::sync::Notify::new());
    let ring = Arc::clone(&ticks);
    let mut timer = JobScheduler::new().await?;
    let beat = Timer::new_repeated_async(every, move |_, _| {
        let ring = Arc::clone(&ring);
        Box::pin(async move { ring.notify_one() })
    })?;
    timer.add(beat).await?;
    timer.start().await?;
    let mut beats = JoinSet::new();
    while !*stopped.borrow() {
        if beats.len() < MOST_BEATS {
            let (service, stopped) = (Arc::clone(&service), stopped.clone());
            beats.spawn(async move { service.beat(&stopped).await });
        }
        tokio::select! {
            () = ticks.notified() => {}
            _ = stopped.changed() => {}
        }
        while let Some(ended) = beats.try_join_next() {
            said(ended);
        }
    }
    while let Some(ended) = beats.join_next().await {
        said(ended);
    }
    info!("stopped");
    timer.shutdown().await
}

/// A beat that broke down is our fault, and the next one goes on from the store.
fn said(ended: Result<(), JoinError>) {
    if let Err(fault) = ended {
        error!("a beat broke down: {fault}");
    }
}

/// Tells to stop at SIGTERM or SIGINT, from now on: a service that is not heard yet would be ended by them on the spot.
///
/// # Errors
/// If the system does not let them be heard.
pub fn heed_signals(stopping: watch::Sender<bool>) -> std::io::Result<()> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        // Nobody listens any more only where the service has ended.
        let _ = stopping.send(true);
    });
    Ok(())
}
