//! What people do with plans: change by hand, review, sign, withdraw, send again. The actor is the name of the token.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::extract::{Json, text};
use super::guard::Caller;
use super::plans::{Named, PlanView, plan};
use super::problem::Problem;
use crate::amend::{NotAmended, amend_plan};
use crate::plans::PlanRow;

/// Most values that one change sets.
const MOST_SETS: usize = 100;

pub(super) fn routes() -> OpenApiRouter<Arc<Api>> {
    OpenApiRouter::new()
        .routes(routes!(amend))
        .routes(routes!(review))
        .routes(routes!(sign))
        .routes(routes!(withdraw))
        .routes(routes!(publish))
}

/// What is said about a step.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Note {
    /// In words; may be empty.
    #[serde(default)]
    #[schema(max_length = 2000)]
    note: String,
}

/// What is changed by hand.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Change {
    /// What is set, such as `shanxi.turbines.flow@2026-07-01..03=120`.
    #[schema(min_items = 1, max_items = 100)]
    sets: Vec<String>,
    /// In words; may be empty.
    #[serde(default)]
    #[schema(max_length = 2000)]
    note: String,
}

/// Changes a plan by hand: what is set is carried out, the rest stays as planned as far as there is water. The answer is the new
/// draft, its drafter who changed it; 422 says why what was set cannot be carried out.
#[utoipa::path(post, path = "/api/v1/plans/{plan}/amend", tag = "plans", security(("token" = ["engineer"])),
    params(("plan" = String, Path, description = "Id of the plan", example = "feiyun-日-1")), request_body = Change,
    responses((status = 201, body = PlanView)))]
async fn amend(
    State(api): State<Arc<Api>>,
    Caller(token): Caller,
    Named(PlanRow { id, .. }): Named,
    Json(change): Json<Change>,
) -> Result<(StatusCode, axum::Json<PlanView>), Problem> {
    let note = text("note", &change.note, false)?;
    if change.sets.len() > MOST_SETS {
        return Err(Problem::refused_value(format!("`sets`: {} of them, at most {MOST_SETS}", change.sets.len())));
    }
    for set in &change.sets {
        text("sets", set, true)?;
    }
    let service = &api.service;
    let office = service.office();
    let (office, by) = ((service.folder(), office.as_ref()), (token.name.as_str(), note.as_str()));
    let made = amend_plan(office, service.store(), &id, &change.sets, by, service.now()).await;
    let made = made.map_err(|why| match why {
        NotAmended::Store(why) => why.into(),
        NotAmended::Sets(why) => Problem::refused_value(why),
    })?;
    Ok((StatusCode::CREATED, axum::Json(plan(&api, &made).await?.into())))
}

/// A reviewer, who did not draft it, has seen a draft.
#[utoipa::path(post, path = "/api/v1/plans/{plan}/review", tag = "plans", security(("token" = ["reviewer"])),
    params(("plan" = String, Path, description = "Id of the plan", example = "feiyun-日-1")), request_body = Note,
    responses((status = 200, body = PlanView)))]
async fn review(
    State(api): State<Arc<Api>>,
    Caller(token): Caller,
    Named(PlanRow { id, .. }): Named,
    Json(said): Json<Note>,
) -> Result<axum::Json<PlanView>, Problem> {
    let note = text("note", &said.note, false)?;
    api.service.store().review(&id, &token.name, &note, api.service.now()).await?;
    Ok(axum::Json(plan(&api, &id).await?.into()))
}

/// A signer, who neither drafted nor reviewed it, signs a reviewed plan: it comes into force, or will when its time begins.
#[utoipa::path(post, path = "/api/v1/plans/{plan}/sign", tag = "plans", security(("token" = ["signer"])),
    params(("plan" = String, Path, description = "Id of the plan", example = "feiyun-日-1")), request_body = Note,
    responses((status = 200, body = PlanView)))]
async fn sign(
    State(api): State<Arc<Api>>,
    Caller(token): Caller,
    Named(PlanRow { id, .. }): Named,
    Json(said): Json<Note>,
) -> Result<axum::Json<PlanView>, Problem> {
    let note = text("note", &said.note, false)?;
    api.service.store().sign(&id, &token.name, &note, api.service.now()).await?;
    Ok(axum::Json(plan(&api, &id).await?.into()))
}

/// Why a plan is taken back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Withdrawal {
    /// In words.
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
}

/// Takes a plan back.
#[utoipa::path(post, path = "/api/v1/plans/{plan}/withdraw", tag = "plans",
    security(("token" = ["reviewer"]), ("token" = ["signer"])),
    params(("plan" = String, Path, description = "Id of the plan", example = "feiyun-日-1")), request_body = Withdrawal,
    responses((status = 200, body = PlanView)))]
async fn withdraw(
    State(api): State<Arc<Api>>,
    Caller(token): Caller,
    Named(PlanRow { id, .. }): Named,
    Json(why): Json<Withdrawal>,
) -> Result<axum::Json<PlanView>, Problem> {
    let reason = text("reason", &why.reason, true)?;
    api.service.store().withdraw(&id, &token.name, &reason, api.service.now()).await?;
    Ok(axum::Json(plan(&api, &id).await?.into()))
}

/// Where a plan is sent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Destination {
    /// Id of the publisher.
    to: String,
}

/// Sends the plan in force to a publisher again, with the service's next beat.
#[utoipa::path(post, path = "/api/v1/plans/{plan}/publish", tag = "plans", security(("token" = ["engineer"])),
    params(("plan" = String, Path, description = "Id of the plan", example = "feiyun-日-1")), request_body = Destination,
    responses((status = 200, body = PlanView)))]
async fn publish(
    State(api): State<Arc<Api>>,
    Caller(token): Caller,
    Named(found): Named,
    Json(destination): Json<Destination>,
) -> Result<axum::Json<PlanView>, Problem> {
    let publishers = api.service.publishers();
    if !publishers.iter().any(|publisher| publisher.id == destination.to) {
        let ids: Vec<&str> = publishers.iter().map(|publisher| publisher.id.as_str()).collect();
        let detail = format!("`to`: there is no publisher `{}`: {}", destination.to, ids.join(", "));
        return Err(Problem::refused_value(detail));
    }
    api.service.store().send_again(&found.id, &destination.to, &token.name, api.service.now()).await?;
    Ok(axum::Json(found.into()))
}
