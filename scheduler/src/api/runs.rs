//! Runs: what became of the times at which jobs were due, and ending or repeating one.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Html;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use weir_report::side_by_side;

use super::Api;
use super::extract::{Json, Path, Query, text};
use super::guard::Caller;
use super::page::{Page, most, unknown_cursor};
use super::plans::{ChangeView, history};
use super::problem::Problem;
use crate::ledger::{Run, RunChoice, State as RunState};

pub(super) fn routes() -> OpenApiRouter<Arc<Api>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(cancel))
        .routes(routes!(retry))
        .routes(routes!(comparison))
        .routes(routes!(comparison_page))
        .routes(routes!(choose))
}

/// A run.
#[derive(Serialize, ToSchema)]
struct RunView {
    /// Id: job and time, with the event that started it.
    id: String,
    /// The job.
    job: String,
    /// When it was due.
    due: Timestamp,
    /// The event that started it; empty for the clock.
    event: String,
    /// `due`, `gathering`, `solving`, `checking`, `awaiting`, `published`, `failed`, `cancelled`, `skipped` or `superseded`.
    state: &'static str,
    /// Tries begun.
    attempt: i64,
    /// The instance that was last at work on it; empty for none.
    owner: String,
    /// Somebody wants it ended.
    cancelled: bool,
    /// Its plan; empty for none.
    plan: String,
    /// Why it is in its state.
    reason: String,
}

impl From<Run> for RunView {
    fn from(run: Run) -> Self {
        Self {
            id: run.id,
            job: run.job,
            due: run.due,
            event: run.event,
            state: run.state.word(),
            attempt: run.attempt,
            owner: run.owner,
            cancelled: run.cancelled,
            plan: run.plan,
            reason: run.reason,
        }
    }
}

/// A run with its history.
#[derive(Serialize, ToSchema)]
struct RunWithChanges {
    /// The run.
    run: RunView,
    /// Every change of it, in order.
    changes: Vec<ChangeView>,
}

/// Which runs.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct RunsQuery {
    /// Of this job.
    job: Option<String>,
    /// In this state.
    state: Option<String>,
    /// Items in the page, 50 unless given.
    #[param(minimum = 1, maximum = 500)]
    most: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Runs, the last due first.
#[utoipa::path(get, path = "/api/v1/runs", tag = "runs", params(RunsQuery), security(("token" = [])),
    responses((status = 200, body = Page<RunView>)))]
async fn list(State(api): State<Arc<Api>>, Query(asked): Query<RunsQuery>) -> Result<axum::Json<Page<RunView>>, Problem> {
    let most = most(asked.most)?;
    let state = asked.state.map(|word| {
        let known = RunState::ALL.into_iter().find(|state| state.word() == word);
        known.ok_or_else(|| {
            let words: Vec<&str> = RunState::ALL.iter().map(|state| state.word()).collect();
            Problem::refused_value(format!("`state`: `{word}` is none of {}", words.join(", ")))
        })
    });
    let store = api.service.store();
    let before = match &asked.cursor {
        None => None,
        Some(cursor) => Some(store.run(cursor).await?.ok_or_else(|| unknown_cursor(cursor))?),
    };
    let choice = RunChoice { job: asked.job, state: state.transpose()?, before };
    let found = store.runs_of(&choice, most + 1).await?;
    Ok(axum::Json(Page::of(found, most, |run| run.id.clone(), RunView::from)))
}

/// A run, with every change of it.
#[utoipa::path(get, path = "/api/v1/runs/{run}", tag = "runs", security(("token" = [])),
    params(("run" = String, Path, description = "Id of the run, percent-encoded")),
    responses((status = 200, body = RunWithChanges)))]
async fn show(State(api): State<Arc<Api>>, Path(id): Path<String>) -> Result<axum::Json<RunWithChanges>, Problem> {
    told(&api, &id).await
}

async fn told(api: &Api, id: &str) -> Result<axum::Json<RunWithChanges>, Problem> {
    let run = run(api, id).await?;
    Ok(axum::Json(RunWithChanges { run: run.into(), changes: history(api, id).await? }))
}

/// The plans of a run side by side, and which was chosen: stage values, satisfaction, shortages, storages, spill.
#[utoipa::path(get, path = "/api/v1/runs/{run}/comparison", tag = "runs", security(("token" = [])),
    params(("run" = String, Path, description = "Id of the run, percent-encoded")),
    responses((status = 200, body = serde_json::Value)))]
async fn comparison(State(api): State<Arc<Api>>, Path(id): Path<String>) -> Result<axum::Json<serde_json::Value>, Problem> {
    run(&api, &id).await?;
    let store = api.service.store();
    let (tried, chosen) = (store.side_by_side(&id).await?, store.chosen(&id).await?);
    let mut json = side_by_side::json(&tried, ["plan", "plans"]);
    json["choice"] = serde_json::json!(chosen);
    Ok(axum::Json(json))
}

/// The plans of a run side by side, a page in one file.
#[utoipa::path(get, path = "/api/v1/runs/{run}/comparison.html", tag = "runs", security(("token" = [])),
    params(("run" = String, Path, description = "Id of the run, percent-encoded")),
    responses((status = 200, body = String, content_type = "text/html")))]
async fn comparison_page(State(api): State<Arc<Api>>, Path(id): Path<String>) -> Result<Html<String>, Problem> {
    run(&api, &id).await?;
    let store = api.service.store();
    let (tried, chosen) = (store.side_by_side(&id).await?, store.chosen(&id).await?);
    let said = chosen.as_ref().map(side_by_side::chosen);
    let page = move || side_by_side::page(&tried, &side_by_side::of_plans(), said.as_slice());
    Ok(Html(tokio::task::spawn_blocking(page).await.map_err(|_| Problem::broken())?))
}

/// A choice among the plans of a run.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewChoice {
    /// Id of the plan.
    plan: String,
    /// Minutes: who was there, and why.
    #[schema(min_length = 1, max_length = 2000)]
    minutes: String,
}

/// Chooses the plan of a run that goes on to review, with the minutes of the consultation.
#[utoipa::path(post, path = "/api/v1/runs/{run}/choose", tag = "runs",
    security(("token" = ["engineer"]), ("token" = ["reviewer"])),
    params(("run" = String, Path, description = "Id of the run, percent-encoded")), request_body = NewChoice,
    responses((status = 200, body = RunWithChanges)))]
async fn choose(
    State(api): State<Arc<Api>>,
    Caller(token): Caller,
    Path(id): Path<String>,
    Json(choice): Json<NewChoice>,
) -> Result<axum::Json<RunWithChanges>, Problem> {
    run(&api, &id).await?;
    let minutes = text("minutes", &choice.minutes, true)?;
    text("plan", &choice.plan, true)?;
    api.service.store().choose(&id, &choice.plan, &minutes, &token.name, api.service.now()).await?;
    told(&api, &id).await
}

/// Why a run is ended.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Reason {
    /// In words.
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
}

/// Ends a run; one at work ends as soon as its owner hears of it.
#[utoipa::path(post, path = "/api/v1/runs/{run}/cancel", tag = "runs", security(("token" = ["engineer"])),
    params(("run" = String, Path, description = "Id of the run, percent-encoded")), request_body = Reason,
    responses((status = 200, body = RunWithChanges)))]
async fn cancel(
    State(api): State<Arc<Api>>,
    Caller(token): Caller,
    Path(id): Path<String>,
    Json(why): Json<Reason>,
) -> Result<axum::Json<RunWithChanges>, Problem> {
    run(&api, &id).await?;
    let reason = text("reason", &why.reason, true)?;
    api.service.store().cancel(&id, api.service.now(), &token.name, &reason).await?;
    told(&api, &id).await
}

/// Runs again what failed, was cancelled or passed over.
#[utoipa::path(post, path = "/api/v1/runs/{run}/retry", tag = "runs", security(("token" = ["engineer"])),
    params(("run" = String, Path, description = "Id of the run, percent-encoded")),
    responses((status = 200, body = RunWithChanges)))]
async fn retry(
    State(api): State<Arc<Api>>,
    Caller(token): Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<RunWithChanges>, Problem> {
    run(&api, &id).await?;
    api.service.store().retry(&id, api.service.now(), &token.name).await?;
    told(&api, &id).await
}

async fn run(api: &Api, id: &str) -> Result<Run, Problem> {
    let found = api.service.store().run(id).await?;
    found.ok_or_else(|| Problem::not_found(format!("there is no run `{id}`")))
}
