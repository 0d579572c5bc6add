//! Tokens and the log of calls, for admins.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::extract::{Json, Path, Query};
use super::guard::Caller;
use super::page::{Page, PageQuery, most, number};
use super::problem::Problem;
use crate::calls::Call;
use crate::tokens::{LONGEST_DAYS, Role, Token, USUAL_DAYS};

pub(super) fn routes() -> OpenApiRouter<Arc<Api>> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(revoke)).routes(routes!(calls))
}

/// A token, without what its bearer shows.
#[derive(Serialize, ToSchema)]
struct TokenView {
    /// Whose it is.
    name: String,
    /// What it allows.
    role: Role,
    /// When it was made.
    created: Timestamp,
    /// By whom.
    created_by: String,
    /// Until when it holds.
    expires: Timestamp,
    /// Since when it is revoked.
    revoked: Option<Timestamp>,
    /// By whom; empty for nobody.
    revoked_by: String,
}

impl From<Token> for TokenView {
    fn from(token: Token) -> Self {
        let Token { name, role, created, created_by, expires, revoked, revoked_by, .. } = token;
        Self { name, role, created, created_by, expires, revoked, revoked_by }
    }
}

/// All tokens, revoked ones among them, by name.
#[utoipa::path(get, path = "/api/v1/tokens", tag = "administration", security(("token" = ["admin"])),
    responses((status = 200, body = Vec<TokenView>)))]
async fn list(State(api): State<Arc<Api>>) -> Result<axum::Json<Vec<TokenView>>, Problem> {
    Ok(axum::Json(api.service.store().tokens().await?.into_iter().map(TokenView::from).collect()))
}

/// A token to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewToken {
    /// Whose it is: the actor of all that is done with it.
    #[schema(min_length = 1, max_length = 64)]
    name: String,
    /// What it allows.
    role: Role,
    /// Days that it holds, 365 unless given.
    #[schema(minimum = 1, maximum = 3650)]
    days: Option<i64>,
}

/// A token that was made.
#[derive(Serialize, ToSchema)]
struct MadeToken {
    /// What its bearer shows, told this once.
    token: String,
    /// Until when it holds.
    expires: Timestamp,
}

/// Makes a token. What its bearer shows is in the answer and nowhere else.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "administration", security(("token" = ["admin"])),
    request_body = NewToken, responses((status = 201, body = MadeToken)))]
async fn create(
    State(api): State<Arc<Api>>,
    Caller(token): Caller,
    Json(new): Json<NewToken>,
) -> Result<(StatusCode, axum::Json<MadeToken>), Problem> {
    let days = new.days.unwrap_or(USUAL_DAYS);
    if !(1..=LONGEST_DAYS).contains(&days) {
        return Err(Problem::refused_value(format!("`days`: {days} is not within 1 and {LONGEST_DAYS}")));
    }
    let now = api.service.now();
    let expires = now.saturating_add(SignedDuration::from_hours(24 * days)).map_err(|_| Problem::broken())?;
    let secret = api.service.store().new_token(&new.name, new.role, expires, &token.name, now).await?;
    Ok((StatusCode::CREATED, axum::Json(MadeToken { token: secret, expires })))
}

/// Revokes the token of a name, at once: requests, and streams that are open.
#[utoipa::path(delete, path = "/api/v1/tokens/{name}", tag = "administration", security(("token" = ["admin"])),
    params(("name" = String, Path, description = "Name of the token")),
    responses((status = 204, description = "It is revoked")))]
async fn revoke(
    State(api): State<Arc<Api>>,
    Caller(token): Caller,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    let store = api.service.store();
    if !store.tokens().await?.iter().any(|token| token.name == name && token.revoked.is_none()) {
        return Err(Problem::not_found(format!("`{name}` has no token")));
    }
    store.revoke_token(&name, &token.name, api.service.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The log of calls: every write that was asked of the API, the last first. What it changed stands with the run or plan.
#[utoipa::path(get, path = "/api/v1/calls", tag = "administration", security(("token" = ["admin"])), params(PageQuery),
    responses((status = 200, body = Page<Call>)))]
async fn calls(State(api): State<Arc<Api>>, Query(asked): Query<PageQuery>) -> Result<axum::Json<Page<Call>>, Problem> {
    let most = most(asked.most)?;
    let before = number(asked.cursor.as_deref())?;
    let found = api.service.store().calls(before, most + 1).await?;
    Ok(axum::Json(Page::of(found, most, |call| call.sequence.to_string(), |call| call)))
}
