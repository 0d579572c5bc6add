//! The API: what an office's plans and runs are to other programs, over HTTP under `/api/v1`.
//!
//! One concept a file: [`problem`], [`guard`] (tokens, roles, limits, log), and a file for each thing that can be asked for.
//! Its OpenAPI 3.1 document is made from the handlers and says what each route demands, which the guard reads there.
//!
//! Limits: no TLS: beyond this machine a proxy belongs before it (docs/operate.md).

mod approval;
mod commands;
mod extract;
mod guard;
mod health;
mod job_changes;
mod jobs;
mod metrics;
mod outbox;
mod page;
mod plans;
mod problem;
mod rate;
mod runs;
mod tokens;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse as _;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tower_http::catch_panic::CatchPanicLayer;
use tracing::{error, info};
use utoipa::OpenApi;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ContentBuilder, RefOr, Response, ResponseBuilder};
use utoipa_axum::router::OpenApiRouter;

use self::guard::Demands;
use self::problem::Problem;
use self::rate::Rate;
use crate::service::Service;

/// What the API bears.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Largest body, bytes.
    pub body_bytes: usize,
    /// Longest time that an answer may take to begin.
    pub request: Duration,
    /// Requests answered at once; others wait in their turn.
    pub at_once: usize,
    /// Streams open at once.
    pub streams: usize,
    /// Requests a second that a token may make, with as many again saved up.
    pub per_token_per_s: u32,
    /// How often a stream looks for what is new.
    pub look: Duration,
    /// Silence of the service after which it is not ready.
    pub silence: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 64 * 1024,
            request: Duration::from_secs(30),
            at_once: 64,
            streams: 256,
            per_token_per_s: 50,
            look: Duration::from_secs(1),
            silence: Duration::from_secs(60),
        }
    }
}

/// What every handler asks.
pub(crate) struct Api {
    service: Arc<Service>,
    limits: Limits,
    rate: Rate,
    at_once: Semaphore,
    streams: Arc<Semaphore>,
    demands: Demands,
    /// The OpenAPI document.
    document: String,
    /// True once the process stops.
    stop: watch::Receiver<bool>,
}

/// What the document says of the whole.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "weir",
        description = "Plans of multi-objective reservoir dispatch: runs, plans, approval, publication.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    components(schemas(Problem)),
    tags(
        (name = "plans", description = "Plans, and what people do with them"),
        (name = "commands", description = "Orders from above, which runs hold"),
        (name = "jobs", description = "What the office runs, and when"),
        (name = "runs", description = "What became of the times at which jobs were due"),
        (name = "publication", description = "What publishers are told, and fetching it"),
        (name = "administration", description = "Tokens and the log of calls"),
        (name = "operation", description = "How the service is"),
    )
)]
struct Description;

/// All routes, and what the document says of them.
fn routes() -> OpenApiRouter<Arc<Api>> {
    OpenApiRouter::with_openapi(Description::openapi())
        .merge(plans::routes())
        .merge(approval::routes())
        .merge(commands::routes())
        .merge(jobs::routes())
        .merge(job_changes::routes())
        .merge(runs::routes())
        .merge(outbox::routes())
        .merge(tokens::routes())
        .merge(metrics::routes())
        .merge(health::routes())
}

/// The document of all routes: with the scheme of tokens, and problems as every answer that is no success.
fn document(mut document: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    let components = document.components.get_or_insert_default();
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    components.security_schemes.insert(guard::SCHEME.to_owned(), RefOr::T(bearer));
    let schema = utoipa::openapi::Ref::from_schema_name("Problem");
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let problem: Response =
        ResponseBuilder::new().description("A problem").content("application/problem+json", content).build();
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.delete, &mut item.put];
        for operation in operations.into_iter().flatten() {
            operation.responses.responses.insert("default".to_owned(), RefOr::T(problem.clone()));
        }
    }
    document
}

/// Handlers behind all that is common to them.
fn hardened(router: Router<Arc<Api>>, api: &Arc<Api>) -> Router {
    let router = router
        .fallback(|| async { Problem::not_found("there is nothing here") })
        .layer(CatchPanicLayer::custom(|_| {
            error!("a handler broke down");
            Problem::broken().into_response()
        }))
        .layer(DefaultBodyLimit::max(api.limits.body_bytes))
        .layer(from_fn_with_state(Arc::clone(api), guard::guard));
    router.with_state(Arc::clone(api))
}

fn api(
    service: Arc<Service>,
    limits: Limits,
    document: &utoipa::openapi::OpenApi,
    stop: watch::Receiver<bool>,
) -> Result<Arc<Api>, serde_json::Error> {
    let value = serde_json::to_value(document)?;
    Ok(Arc::new(Api {
        service,
        rate: Rate::new(limits.per_token_per_s),
        at_once: Semaphore::new(limits.at_once),
        streams: Arc::new(Semaphore::new(limits.streams)),
        demands: Demands::of(&value),
        document: value.to_string(),
        limits,
        stop,
    }))
}

/// Answers on a socket until told to stop; open streams end then.
///
/// # Errors
/// If the socket fails.
pub async fn serve(
    listener: TcpListener,
    service: Arc<Service>,
    limits: Limits,
    stop: watch::Receiver<bool>,
) -> std::io::Result<()> {
    let (router, described) = routes().split_for_parts();
    let longest = limits.request;
    let api = api(service, limits, &document(described), stop.clone())?;
    let router = hardened(router, &api).into_make_service_with_connect_info::<SocketAddr>();
    info!("listening on http://{}", listener.local_addr()?);
    let stopped = |mut stop: watch::Receiver<bool>| async move {
        // Whoever could tell it to stop is gone only with the service.
        let _ = stop.wait_for(|stop| *stop).await;
    };
    let serving = axum::serve(listener, router).with_graceful_shutdown(stopped(stop.clone()));
    let given_up = async {
        stopped(stop).await;
        tokio::time::sleep(longest).await;
    };
    tokio::select! {
        served = serving => served,
        () = given_up => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test ends where it must")]

    use axum::body::{Body, to_bytes};
    use axum::extract::ConnectInfo;
    use axum::http::{Request, StatusCode};
    use axum::routing::get;
    use serde_json::json;
    use tower::ServiceExt as _;

    use super::*;
    use crate::clock::System;
    use crate::job::Office;
    use crate::store::Store;

    /// Asks a route without a token, of an API that answers at once or not at all.
    async fn asked(path: &str) -> (StatusCode, String) {
        let folder = tempfile::TempDir::new().unwrap();
        let store = Store::beside(folder.path()).await.unwrap();
        let office = Office { jobs: Vec::new(), publishers: Vec::new(), inputs: Vec::new(), orders: Vec::new() };
        let service = Arc::new(Service::new(folder.path(), office, store, Arc::new(System), "one"));
        let (_keep, stop) = watch::channel(false);
        let (_, mut described) = routes().split_for_parts();
        let open = described.paths.paths["/health/live"].clone();
        described.paths.paths.insert("/broken".to_owned(), open.clone());
        described.paths.paths.insert("/endless".to_owned(), open);
        let limits = Limits { request: Duration::ZERO, ..Limits::default() };
        let api = api(service, limits, &described, stop).unwrap();
        let broken = || async { assert!(!json!(null).is_null(), "on purpose") };
        let router = Router::new()
            .route("/broken", get(broken))
            .route("/endless", get(|| async { std::future::pending::<()>().await }))
            .route("/unlisted", get(|| async { "secret" }));
        let address: SocketAddr = "127.0.0.1:1".parse().unwrap();
        let request = Request::get(path).extension(ConnectInfo(address)).body(Body::empty()).unwrap();
        let response = hardened(router, &api).oneshot(request).await.unwrap();
        let status = response.status();
        (status, String::from_utf8(to_bytes(response.into_body(), 10_000).await.unwrap().to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_handler_that_breaks_down_is_a_problem() {
        let (status, said) = asked("/broken").await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(said.contains("urn:weir:problem:broken") && !said.contains("on purpose"), "{said}");
    }

    #[tokio::test]
    async fn what_takes_too_long_is_a_problem() {
        let (status, said) = asked("/endless").await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(said.contains("urn:weir:problem:unavailable"), "{said}");
    }

    #[tokio::test]
    async fn what_is_not_in_the_document_is_not_there() {
        let (status, said) = asked("/unlisted").await;
        assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
        assert!(!said.contains("secret"), "{said}");
    }
}
