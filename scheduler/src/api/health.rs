//! Whether the service is alive and ready, and the document of the API.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::guard::soon;
use super::problem::Problem;

/// How the service is.
#[derive(Serialize, ToSchema)]
struct Health {
    /// `alive` or `ready`.
    status: &'static str,
    /// Version of weir.
    version: &'static str,
    /// Milliseconds since the service was last heard of.
    heard_ms: i64,
}

pub(super) fn routes() -> OpenApiRouter<Arc<Api>> {
    OpenApiRouter::new().routes(routes!(live)).routes(routes!(ready)).routes(routes!(openapi))
}

fn health(api: &Api, status: &'static str) -> Health {
    let heard_ms = api.service.now().as_millisecond() - api.service.heard().as_millisecond();
    Health { status, version: env!("CARGO_PKG_VERSION"), heard_ms }
}

/// The process answers.
#[utoipa::path(get, path = "/health/live", tag = "operation", responses((status = 200, body = Health)))]
async fn live(State(api): State<Arc<Api>>) -> axum::Json<Health> {
    axum::Json(health(&api, "alive"))
}

/// The store answers and the heartbeat is recent; else 503.
#[utoipa::path(get, path = "/health/ready", tag = "operation", responses((status = 200, body = Health)))]
async fn ready(State(api): State<Arc<Api>>) -> Result<axum::Json<Health>, Problem> {
    soon(api.service.store().ping()).await.map_err(|_| Problem::store_away())?;
    let health = health(&api, "ready");
    if u128::from(health.heard_ms.unsigned_abs()) > api.limits.silence.as_millis() {
        return Err(Problem::unavailable(format!("no heartbeat for {} s", health.heard_ms / 1000)));
    }
    Ok(axum::Json(health))
}

/// This document.
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "operation", responses((status = 200, body = serde_json::Value)))]
async fn openapi(State(api): State<Arc<Api>>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], api.document.clone()).into_response()
}
