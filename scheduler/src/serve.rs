//! The process: a timer that beats, and a stop that lets what is at work come to rest.
//!
//! The timer is tokio-cron-scheduler's, and no more: which run is due is the ledger's to say, so that a beat that is missed, or
//! that comes twice, changes nothing. A beat lasts as long as its solves; the next ones go on beside it, so that a long solve holds up
//! no other job, and no end of a plan. On SIGTERM and SIGINT no further run begins, those at work are put back, and the process
//! ends.

use std::sync::Arc;
use std::time::Duration;

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
    stop: (watch::Sender<bool>, watch::Receiver<bool>),
) -> Result<(), JobSchedulerError> {
    let (stopping, mut stopped) = stop;
    let stopping = Arc::new(stopping);
    let ticks = Arc::new(tokio::sync::Notify::new());
    let ring = Arc::clone(&ticks);
    let mut timer = JobScheduler::new().await?;
    let beat = Timer::new_repeated_async(every, move |_, _| {
        let ring = Arc::clone(&ring);
        Box::pin(async move { ring.notify_one() })
    })?;
    timer.add(beat).await?;
    timer.start().await?;
    let signals = Arc::clone(&stopping);
    tokio::spawn(async move {
        signal().await;
        // Nobody listens any more only where the service has ended.
        let _ = signals.send(true);
    });
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

/// Waits for SIGTERM or SIGINT.
async fn signal() {
    let interrupt = tokio::signal::ctrl_c();
    let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) else {
        // Without it, the interrupt alone ends the service.
        let _ = interrupt.await;
        return;
    };
    tokio::select! {
        _ = interrupt => {}
        _ = terminate.recv() => {}
    }
}
