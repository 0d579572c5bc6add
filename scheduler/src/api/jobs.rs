//! Jobs: what the office runs, when next, and starting one. Changing them is [`super::job_changes`].

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::extract::{Json, Path, Query, text};
use super::guard::Caller;
use super::page::most;
use super::problem::Problem;
use crate::job::{Approval, Job, Office};

pub(super) fn routes() -> OpenApiRouter<Arc<Api>> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(next)).routes(routes!(fire))
}

/// A job in effect.
#[derive(Serialize, ToSchema)]
pub(super) struct JobView {
    /// Id.
    id: String,
    /// Name as people read it.
    name: String,
    /// Folder of the basin.
    basin: String,
    /// When it is due; none for a job that only events start.
    cron: Option<String>,
    /// IANA name of the zone of `cron`.
    time_zone: String,
    /// The line of plans that it makes.
    product: String,
    /// 年, 月, 旬, 日 or 应急.
    term: &'static str,
    /// `automatic` or `signed`.
    approval: &'static str,
    /// Publishers of its plans.
    publish: Vec<String>,
    /// When it is due next.
    next: Option<Timestamp>,
    /// Where it comes from: `jobs.toml` or `api`.
    from: &'static str,
}

impl JobView {
    /// A job, as it is now.
    pub fn of(job: &Job, now: Timestamp) -> Self {
        Self {
            id: job.id.clone(),
            name: job.name.clone(),
            basin: job.basin.clone(),
            cron: job.cron.clone(),
            time_zone: job.time_zone.clone(),
            product: job.product.clone(),
            term: job.term,
            approval: if job.approval == Approval::Automatic { "automatic" } else { "signed" },
            publish: job.publish.clone(),
            next: job.timetable.as_ref().and_then(|timetable| timetable.next(now)),
            from: if job.revision.is_some() { "api" } else { crate::job::FILE },
        }
    }
}

/// All jobs.
#[utoipa::path(get, path = "/api/v1/jobs", tag = "jobs", security(("token" = [])),
    responses((status = 200, body = Vec<JobView>)))]
async fn list(State(api): State<Arc<Api>>) -> Result<axum::Json<Vec<JobView>>, Problem> {
    let (office, now) = (office(&api).await?, api.service.now());
    Ok(axum::Json(office.jobs.iter().map(|job| JobView::of(job, now)).collect()))
}

/// How many times.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct NextQuery {
    /// How many, 50 unless given.
    #[param(minimum = 1, maximum = 500)]
    most: Option<i64>,
}

/// The next times at which a job is due.
#[utoipa::path(get, path = "/api/v1/jobs/{job}/next", tag = "jobs", security(("token" = [])),
    params(("job" = String, Path, description = "Id of the job", example = "daily"), NextQuery),
    responses((status = 200, body = Vec<Timestamp>)))]
async fn next(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    Query(asked): Query<NextQuery>,
) -> Result<axum::Json<Vec<Timestamp>>, Problem> {
    let most = usize::try_from(most(asked.most)?).unwrap_or_default();
    let office = office(&api).await?;
    let times =
        job(&office, &id)?.timetable.as_ref().map(|timetable| timetable.between(api.service.now(), Timestamp::MAX, most));
    Ok(axum::Json(times.unwrap_or_default()))
}

/// What starts a run.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Fire {
    /// Name of the event: the same event is one run, however often it is told.
    #[schema(min_length = 1, max_length = 2000)]
    event: String,
}

/// A run that was started.
#[derive(Serialize, ToSchema)]
struct Fired {
    /// Id of the run.
    run: String,
}

/// Starts a job now, whatever its timetable says. The run begins with the service's next beat.
#[utoipa::path(post, path = "/api/v1/jobs/{job}/fire", tag = "jobs", security(("token" = ["engineer"])),
    params(("job" = String, Path, description = "Id of the job", example = "daily")), request_body = Fire,
    responses((status = 202, body = Fired)))]
async fn fire(
    State(api): State<Arc<Api>>,
    Caller(token): Caller,
    Path(id): Path<String>,
    Json(fire): Json<Fire>,
) -> Result<(StatusCode, axum::Json<Fired>), Problem> {
    let office = office(&api).await?;
    let event = text("event", &fire.event, true)?;
    let run = api.service.store().fire(job(&office, &id)?, api.service.now(), &event, &token.name).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(Fired { run })))
}

/// The office in effect.
async fn office(api: &Api) -> Result<Arc<Office>, Problem> {
    Ok(Arc::clone(&api.service.in_effect().refreshed(api.service.store()).await?.office))
}

fn job<'a>(office: &'a Office, id: &str) -> Result<&'a Job, Problem> {
    office.job(id).ok_or_else(|| Problem::not_found(format!("there is no job `{id}`")))
}
