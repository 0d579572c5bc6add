//! The guard before every route: who asks, whether they may, how often, and the log of writes.
//!
//! What a route demands stands in its entry of the OpenAPI document and is enforced from there: a route that is not in it is
//! none. A write is written down before it is done, and goes on to its end when its asker goes away.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tracing::{error, info};

use super::Api;
use super::problem::Problem;
use crate::store::{SOON, StoreError};
use crate::tokens::{Role, Token};

/// Name of the security scheme in the document.
pub(super) const SCHEME: &str = "token";

/// What a route demands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Demand {
    /// Nothing.
    Open,
    /// A token of one of these roles.
    Roles(Vec<Role>),
}

/// What every route demands, by path and method.
#[derive(Clone, Debug)]
pub(super) struct Demands(BTreeMap<String, BTreeMap<String, Demand>>);

impl Demands {
    /// The demands of a document. A requirement without roles is any role's; several requirements are alternatives.
    pub fn of(document: &Value) -> Self {
        let empty = serde_json::Map::new();
        let paths = document["paths"].as_object().unwrap_or(&empty);
        let methods = |path: &Value| {
            let operations = path.as_object().unwrap_or(&empty);
            operations.iter().map(|(method, operation)| (method.to_uppercase(), demand(operation))).collect()
        };
        Self(paths.iter().map(|(path, item)| (path.clone(), methods(item))).collect())
    }

    /// What a route demands; the methods that are there where it has no such method.
    fn demand(&self, path: &str, method: &Method) -> Result<&Demand, String> {
        let methods = self.0.get(path);
        let method = if method == Method::HEAD { "GET" } else { method.as_str() };
        methods.and_then(|methods| methods.get(method)).ok_or_else(|| {
            let known = methods.into_iter().flat_map(BTreeMap::keys).map(String::as_str);
            known.collect::<Vec<_>>().join(", ")
        })
    }
}

fn demand(operation: &Value) -> Demand {
    let Some(alternatives) = operation["security"].as_array() else { return Demand::Open };
    let mut roles = Vec::new();
    for alternative in alternatives {
        let words: Vec<&str> = alternative[SCHEME].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        roles.extend(Role::ALL.into_iter().filter(|role| words.is_empty() || words.contains(&role.word())));
    }
    Demand::Roles(roles)
}

/// Who asks, to a handler behind the guard.
#[derive(Clone, Debug)]
pub(super) struct Caller(pub Token);

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Problem::broken)
    }
}

/// Lets a request through, or says why not.
pub(super) async fn guard(
    State(api): State<Arc<Api>>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    let begun = std::time::Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let mut response = admit(&api, address, request, next).await.unwrap_or_else(IntoResponse::into_response);
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    let (status, ms) = (response.status().as_u16(), begun.elapsed().as_millis());
    info!(%address, %method, path, status, ms, "answered");
    response
}

async fn admit(api: &Arc<Api>, address: SocketAddr, mut request: Request, next: Next) -> Result<Response, Problem> {
    let path = request.uri().path().to_owned();
    let matched = request.extensions().get::<MatchedPath>().map(|matched| matched.as_str().to_owned());
    let Some(route) = matched else {
        return Err(Problem::not_found(format!("there is no `{path}`: /api/v1/openapi.json tells what there is")));
    };
    let method = request.method().clone();
    let demand = match api.demands.demand(&route, &method) {
        Ok(demand) => demand,
        Err(allowed) => {
            let mut response = Problem::wrong_method(&allowed).into_response();
            let allowed = HeaderValue::try_from(allowed).unwrap_or(HeaderValue::from_static(""));
            response.headers_mut().insert(header::ALLOW, allowed);
            return Ok(response);
        }
    };
    // No store holds U+0000, so nothing of that name is there.
    let target = request.uri().path_and_query().map_or("", |target| target.as_str());
    if target.contains("%00") {
        return Err(Problem::refused_value("U+0000 stands in the address"));
    }
    let Demand::Roles(roles) = demand else { return within(api, request, next).await };
    let shown = request.headers().get(header::AUTHORIZATION).cloned();
    let token = bearer(api, shown).await?;
    if !api.rate.take(&token.digest, api.service.now()) {
        return Err(Problem::too_many(format!("the token of `{}` asks too often", token.name), 1));
    }
    let may = roles.contains(&token.role);
    let refusal = || {
        let words: Vec<&str> = roles.iter().map(|role| role.word()).collect();
        let role = token.role.word();
        Problem::forbidden(format!("`{}` is {role}: this is for {}", token.name, words.join(", ")))
    };
    request.extensions_mut().insert(Caller(token.clone()));
    if matches!(method, Method::GET | Method::HEAD) {
        return if may { within(api, request, next).await } else { Err(refusal()) };
    }
    let store = api.service.store().clone();
    let call = store.call(&token, address, (method.as_str(), &path), api.service.now()).await?;
    let refusal = (!may).then(refusal);
    let api = Arc::clone(api);
    let done = tokio::spawn(async move {
        let response = match refusal {
            Some(refusal) => refusal.into_response(),
            None => within(&api, request, next).await.unwrap_or_else(IntoResponse::into_response),
        };
        let detail = response.extensions().get::<Problem>().map_or("", |problem| problem.detail.as_str());
        if let Err(fault) = store.answered(call, response.status().as_u16(), detail).await {
            error!(call, "{fault}");
        }
        response
    });
    done.await.map_err(|_| Problem::broken())
}

/// The answer of a route, in its turn and within the time that a request has.
async fn within(api: &Api, request: Request, next: Next) -> Result<Response, Problem> {
    let work = async {
        // The semaphore is never closed.
        let _turn = api.at_once.acquire().await.map_err(|_| Problem::broken())?;
        Ok(next.run(request).await)
    };
    let late = |_| Problem::unavailable(format!("not answered within {} s", api.limits.request.as_secs()));
    tokio::time::timeout(api.limits.request, work).await.map_err(late)?
}

/// What the store says, or, for one that does not answer, a problem soon: whoever asks waits no longer for it than that.
pub(super) async fn soon<T>(asked: impl Future<Output = Result<T, StoreError>>) -> Result<T, Problem> {
    let said = tokio::time::timeout(SOON, asked).await.map_err(|_| Problem::store_away())?;
    said.map_err(Problem::from)
}

/// The token that a request shows in `Authorization`, which holds.
async fn bearer(api: &Api, shown: Option<HeaderValue>) -> Result<Token, Problem> {
    let Some(shown) = shown else {
        let detail = "no token: `Authorization: Bearer weir_…`, made by `weir token new NAME --role ROLE`";
        return Err(Problem::unauthorised(detail));
    };
    let secret = shown.to_str().ok().and_then(|text| text.split_once(' '));
    let secret = secret.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, secret)| secret.trim());
    let Some(secret) = secret else {
        return Err(Problem::unauthorised("`Authorization` is no `Bearer weir_…`"));
    };
    let token = soon(api.service.store().token(secret)).await?;
    let token = token.ok_or_else(|| Problem::unauthorised("no such token"))?;
    match token.refused(api.service.now()) {
        Some(why) => Err(Problem::unauthorised(why)),
        None => Ok(token),
    }
}
