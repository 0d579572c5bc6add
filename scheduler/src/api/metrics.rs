//! Metrics in Prometheus' text format: what the store holds now, and how the runs of this instance went.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::problem::Problem;
use crate::ledger::State as RunState;
use crate::plans::{Choice, Status};

/// Labels of a metric.
type Labels = Vec<(&'static str, String)>;
/// A metric that is what it is now.
type Now = Family<Labels, Gauge>;

pub(super) fn routes() -> OpenApiRouter<Arc<Api>> {
    OpenApiRouter::new().routes(routes!(metrics))
}

/// Metrics for Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "operation", security(("token" = [])),
    responses((status = 200, body = String, content_type = "application/openmetrics-text")))]
async fn metrics(State(api): State<Arc<Api>>) -> Result<Response, Problem> {
    let (store, now) = (api.service.store(), api.service.now());
    let mut registry = Registry::default();
    let runs = Now::default();
    for state in RunState::ALL {
        runs.get_or_create(&vec![("state", state.word().to_owned())]).set(0);
    }
    for (state, count) in store.counts().await? {
        runs.get_or_create(&vec![("state", state)]).set(count);
    }
    registry.register("weir_runs", "Runs in the ledger by state", runs);
    let messages = Now::default();
    for publisher in api.service.publishers() {
        for state in ["pending", "dead"] {
            let labels = vec![("publisher", publisher.id.clone()), ("state", state.to_owned())];
            messages.get_or_create(&labels).set(0);
        }
    }
    for (publisher, state, count) in store.undelivered().await? {
        messages.get_or_create(&vec![("publisher", publisher), ("state", state)]).set(count);
    }
    registry.register("weir_outbox_messages", "Messages that publishers have not got, by publisher and state", messages);
    let choice = Choice { status: Some(Status::InForce), ..Choice::default() };
    let (plans, left) = (Now::default(), Now::default());
    for plan in store.plans(&choice, 1000).await?.into_iter().filter(|plan| plan.valid_to > now) {
        let labels: Labels = vec![("product", plan.product), ("term", plan.term)];
        left.get_or_create(&labels).set((plan.valid_to.as_millisecond() - now.as_millisecond()) / 1000);
        plans.get_or_create(&labels).set(1);
    }
    registry.register("weir_plans_in_force", "Plans in force by product and term", plans);
    registry.register("weir_plan_left_seconds", "Time that a plan in force still holds", left);
    let heard: Gauge<f64, AtomicU64> = Gauge::default();
    heard.set((now.as_millisecond() - api.service.heard().as_millisecond()) as f64 / 1000.0);
    registry.register("weir_heartbeat_age_seconds", "Time since this instance was last at work", heard);
    api.service.measured.register(&mut registry);
    let mut text = String::new();
    encode(&mut text, &registry).map_err(|_| Problem::broken())?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}
