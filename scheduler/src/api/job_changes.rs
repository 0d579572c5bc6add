//! Jobs, changed: put, taken out and given back to `jobs.toml`, each over the state that its maker has seen (`If-Match`).

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use weir_model::basin::is_id;

use super::Api;
use super::extract::{Json, Path};
use super::guard::Caller;
use super::jobs::JobView;
use super::problem::Problem;
use crate::in_effect::Current;
use crate::job::Job;
use crate::revisions::{Action, Change, Revision};
use crate::tokens::Token;

pub(super) fn routes() -> OpenApiRouter<Arc<Api>> {
    OpenApiRouter::new().routes(routes!(show, put, take_out)).routes(routes!(give_back)).routes(routes!(changes))
}

/// A job in effect, with all that it was given.
#[derive(Serialize, ToSchema)]
struct WholeJob {
    #[serde(flatten)]
    job: JobView,
    /// Its fields as they were given, which is what a `PUT` brings: docs/jobs-file.md.
    settings: Map<String, Value>,
    /// The change that put it here; none where it is as `jobs.toml` has it.
    change: Option<Revision>,
}

/// A job, with its fields as they were given. Its ETag is what a change of it must name in `If-Match`.
#[utoipa::path(get, path = "/api/v1/jobs/{job}", tag = "jobs", security(("token" = [])),
    params(("job" = String, Path, description = "Id of the job", example = "daily")),
    responses((status = 200, body = WholeJob)))]
async fn show(State(api): State<Arc<Api>>, Path(id): Path<String>) -> Result<Response, Problem> {
    let current = current(&api).await?;
    if let Some(unread) = current.unread.iter().find(|unread| unread.job == id) {
        let problem = Problem::conflict(format!("the job `{id}` does not run in this instance"));
        return Err(problem.with_faults(&unread.refusals));
    }
    told(&api, job(&current, &id)?, StatusCode::OK)
}

/// Puts a job: makes it, or gives it all its fields anew. What the body leaves out is as `jobs.toml` has it where a field is not
/// given. It counts from the next beat on, in every instance over this store.
#[utoipa::path(put, path = "/api/v1/jobs/{job}", tag = "jobs", security(("token" = ["admin"])),
    params(("job" = String, Path, description = "Id of the job", example = "daily"),
        ("If-Match" = Option<String>, Header, description = "ETag of the job that it takes the place of"),
        ("If-None-Match" = Option<String>, Header, description = "`*` for a job that is not there yet")),
    request_body(content = Map<String, Value>, description = "The fields of a `[[job]]` without its id: docs/jobs-file.md",
        example = json!({"basin": "feiyun", "cron": "0 6 * * *", "publish": ["folder"]})),
    responses((status = 200, body = WholeJob, description = "It takes the place of another"),
        (status = 201, body = WholeJob, description = "It is new")))]
async fn put(
    State(api): State<Arc<Api>>,
    Caller(token): Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(fields): Json<Map<String, Value>>,
) -> Result<Response, Problem> {
    if !is_id(&id) {
        return Err(Problem::refused_value(format!("`{id}` is no id: letters, digits, `_` and `-`")));
    }
    let current = current(&api).await?;
    let there = current.office.job(&id);
    meant(there, &headers)?;
    let entry = toml::Table::try_from(&fields).ok().and_then(|table| toml::to_string(&table).ok());
    let entry = entry.ok_or_else(|| {
        Problem::refused_value("a field is null or a number beyond 64 bits: for what is not given, leave the field out")
    })?;
    let read = api.service.in_effect().file().job_of(&id, &entry, api.service.folder());
    read.map_err(|refusals| Problem::refused_value(format!("job `{id}`")).with_faults(&refusals))?;
    let status = if there.is_some() { StatusCode::OK } else { StatusCode::CREATED };
    let current = change(&api, &token, &current, (&id, Action::Put, &entry)).await?;
    told(&api, job(&current, &id)?, status)
}

/// Takes a job out, also one of `jobs.toml`: its runs that are due or at work are ended, its plans stay as they are.
#[utoipa::path(delete, path = "/api/v1/jobs/{job}", tag = "jobs", security(("token" = ["admin"])),
    params(("job" = String, Path, description = "Id of the job", example = "daily"),
        ("If-Match" = Option<String>, Header, description = "ETag of the job")),
    responses((status = 204, description = "It is taken out")))]
async fn take_out(
    State(api): State<Arc<Api>>,
    Caller(token): Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let current = current(&api).await?;
    // One that cannot be read here can be taken out all the same.
    let unread = current.unread.iter().any(|unread| unread.job == id);
    if !unread {
        meant(Some(job(&current, &id)?), &headers)?;
    }
    change(&api, &token, &current, (&id, Action::TakenOut, "")).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets the job be as `jobs.toml` has it again, whatever was put or taken out here.
#[utoipa::path(post, path = "/api/v1/jobs/{job}/give-back", tag = "jobs", security(("token" = ["admin"])),
    params(("job" = String, Path, description = "Id of the job", example = "daily")),
    responses((status = 204, description = "`jobs.toml` counts again")))]
async fn give_back(
    State(api): State<Arc<Api>>,
    Caller(token): Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let current = current(&api).await?;
    let last = current.last.iter().find(|revision| revision.job == id);
    if last.is_none_or(|last| last.action == Action::GivenBack) {
        return Err(Problem::conflict(format!("nothing was changed of a job `{id}`")));
    }
    change(&api, &token, &current, (&id, Action::GivenBack, "")).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Every change of a job through the API, in order: who, when, and the entry that was put.
#[utoipa::path(get, path = "/api/v1/jobs/{job}/changes", tag = "jobs", security(("token" = [])),
    params(("job" = String, Path, description = "Id of the job", example = "daily")),
    responses((status = 200, body = Vec<Revision>)))]
async fn changes(State(api): State<Arc<Api>>, Path(id): Path<String>) -> Result<axum::Json<Vec<Revision>>, Problem> {
    let changes = api.service.store().revisions(&id).await?;
    if changes.is_empty() {
        job(current(&api).await?.as_ref(), &id)?;
    }
    Ok(axum::Json(changes))
}

async fn current(api: &Api) -> Result<Arc<Current>, Problem> {
    Ok(api.service.in_effect().refreshed(api.service.store()).await?)
}

fn job<'a>(current: &'a Current, id: &str) -> Result<&'a Job, Problem> {
    current.office.job(id).ok_or_else(|| Problem::not_found(format!("there is no job `{id}`")))
}

/// The ETag of a job: of its last change, or of its entry in the file.
fn etag(job: &Job) -> String {
    match &job.revision {
        Some(revision) => format!("\"{}\"", revision.number),
        None => format!("\"{:x}\"", Sha256::digest(job.written.to_string().as_bytes())),
    }
}

/// Whether a change was made for what is there.
fn meant(there: Option<&Job>, headers: &HeaderMap) -> Result<(), Problem> {
    let named = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let (wanted, unwanted) = (named(header::IF_MATCH), named(header::IF_NONE_MATCH));
    match (there, wanted, unwanted) {
        (None, None, _) => Ok(()),
        (None, Some(_), _) => Err(Problem::outdated("there is no such job: `If-Match` names one that was taken out")),
        (Some(job), Some(wanted), _) if wanted.split(',').any(|tag| tag.trim() == etag(job)) => Ok(()),
        (Some(job), None, None) => Err(Problem::unconditional(format!(
            "the job `{0}` is there: read it, and name its ETag in `If-Match`, so that no other change is lost",
            job.id
        ))),
        (Some(job), _, _) => Err(Problem::outdated(format!(
            "the job `{}` was changed meanwhile: read it again, and name its ETag {} in `If-Match`",
            job.id,
            etag(job)
        ))),
    }
}

/// Writes a change down, over what its maker has seen.
async fn change(
    api: &Api,
    token: &Token,
    current: &Current,
    (id, action, entry): (&str, Action, &str),
) -> Result<Arc<Current>, Problem> {
    let (store, now) = (api.service.store(), api.service.now());
    // What was due before the change is due.
    if let Some(job) = current.office.job(id) {
        store.reconcile(job, now, &token.name).await?;
    }
    let change = Change { job: id, action, entry, seen: current.seen_of(id) };
    if !store.change_job(change, now, &token.name).await? {
        return Err(Problem::outdated(format!("the job `{id}` was changed meanwhile: read it again")));
    }
    Ok(api.service.in_effect().refreshed(store).await?)
}

fn told(api: &Api, job: &Job, status: StatusCode) -> Result<Response, Problem> {
    let Ok(Value::Object(settings)) = serde_json::to_value(&job.written) else { return Err(Problem::broken()) };
    let whole = WholeJob { job: JobView::of(job, api.service.now()), settings, change: job.revision.clone() };
    let tag = HeaderValue::try_from(etag(job)).map_err(|_| Problem::broken())?;
    Ok((status, [(header::ETAG, tag)], axum::Json(whole)).into_response())
}
