//! Plans, read: lists, documents with an ETag, what is in force, and each plan's history.

use std::sync::Arc;

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use weir_model::document::{Audience, PlanDocument};
use weir_report::Beside;

use super::Api;
use super::extract::{Path, Query};
use super::page::{Page, most, unknown_cursor};
use super::problem::Problem;
use crate::checks::Check;
use crate::deviations::Followed;
use crate::job::TERMS;
use crate::plans::{Choice, PlanRow, Status};
use crate::store::Change;

pub(super) fn routes() -> OpenApiRouter<Arc<Api>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(in_force))
        .routes(routes!(series))
        .routes(routes!(pi_xml))
        .routes(routes!(report))
        .routes(routes!(brief))
        .routes(routes!(tables))
        .routes(routes!(changes))
        .routes(routes!(diff))
        .routes(routes!(deviations))
}

/// What a plan is, without its document.
#[derive(Serialize, ToSchema)]
pub(super) struct PlanView {
    /// Id: product, term and revision.
    id: String,
    /// Line of plans.
    product: String,
    /// 年, 月, 旬, 日 or 应急.
    term: String,
    /// Counted from 1 within product and term.
    revision: i64,
    /// The method that made it, `base` for the basin's own; `elastic` or `extended` of the one that its run fell back to.
    alternative: String,
    /// The run that made it.
    run: String,
    /// SHA-256 of its content.
    digest: String,
    /// `draft`, `reviewed`, `signed`, `in_force`, `superseded`, `expired` or `withdrawn`.
    status: &'static str,
    /// Start of its first step.
    valid_from: Timestamp,
    /// End of its last step.
    valid_to: Timestamp,
    /// When it was made.
    created: Timestamp,
    /// The plan of the longer term that was in force when it was made; empty for none.
    parent: String,
    /// The plan whose place it took; empty for none.
    supersedes: String,
    /// Who drafted it.
    drafted_by: String,
    /// Who reviewed it; empty for nobody.
    reviewed_by: String,
    /// Who signed it; empty for nobody.
    signed_by: String,
    /// Whether it was made from less than it should be.
    degraded: bool,
    /// Publishers that it goes to.
    publish: Vec<String>,
    /// What was checked of it before it was drafted; `held` kept it from coming into force by itself.
    checks: Vec<Check>,
}

impl From<PlanRow> for PlanView {
    fn from(plan: PlanRow) -> Self {
        Self {
            id: plan.id,
            product: plan.product,
            term: plan.term,
            revision: plan.revision,
            alternative: plan.alternative,
            run: plan.run,
            digest: plan.digest,
            status: plan.status.word(),
            valid_from: plan.valid_from,
            valid_to: plan.valid_to,
            created: plan.created,
            parent: plan.parent,
            supersedes: plan.supersedes,
            drafted_by: plan.drafted_by,
            reviewed_by: plan.reviewed_by,
            signed_by: plan.signed_by,
            degraded: plan.degraded,
            publish: plan.publish,
            checks: plan.checks,
        }
    }
}

/// Which plans.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct PlansQuery {
    /// Of this product.
    product: Option<String>,
    /// Of this term.
    term: Option<String>,
    /// Of this status.
    status: Option<String>,
    /// Of this run.
    run: Option<String>,
    /// Items in the page, 50 unless given.
    #[param(minimum = 1, maximum = 500)]
    most: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Plans, the last made first.
#[utoipa::path(get, path = "/api/v1/plans", tag = "plans", params(PlansQuery), security(("token" = [])),
    responses((status = 200, body = Page<PlanView>)))]
async fn list(State(api): State<Arc<Api>>, Query(asked): Query<PlansQuery>) -> Result<axum::Json<Page<PlanView>>, Problem> {
    let most = most(asked.most)?;
    let status = asked.status.map(|word| status(&word)).transpose()?;
    let store = api.service.store();
    if let Some(cursor) = &asked.cursor {
        store.plan(cursor).await?.ok_or_else(|| unknown_cursor(cursor))?;
    }
    let choice = Choice { product: asked.product, term: asked.term, status, run: asked.run, before: asked.cursor };
    let found = store.plans(&choice, most + 1).await?;
    Ok(axum::Json(Page::of(found, most, |plan| plan.id.clone(), PlanView::from)))
}

fn status(word: &str) -> Result<Status, Problem> {
    Status::ALL.into_iter().find(|status| status.word() == word).ok_or_else(|| {
        let words: Vec<&str> = Status::ALL.iter().map(|status| status.word()).collect();
        Problem::refused_value(format!("`status`: `{word}` is none of {}", words.join(", ")))
    })
}

/// What of a document.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct DocumentQuery {
    /// 内部 (all), 共享 or 公开: what that audience is given of it.
    audience: Option<String>,
}

/// For whom a document is asked.
struct For(Audience);

impl FromRequestParts<Arc<Api>> for For {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Problem> {
        let Query(asked) = Query::<DocumentQuery>::from_request_parts(parts, api).await?;
        let Some(word) = &asked.audience else { return Ok(Self(Audience::Internal)) };
        Audience::of(word).map(Self).ok_or_else(|| {
            let words = Audience::ALL.map(Audience::word).join(", ");
            Problem::refused_value(format!("`audience`: `{word}` is none of {words}"))
        })
    }
}

/// The plan that a route names.
pub(super) struct Named(pub PlanRow);

impl FromRequestParts<Arc<Api>> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Problem> {
        let Path(id) = Path::<String>::from_request_parts(parts, api).await?;
        plan(api, &id).await.map(Self)
    }
}

/// A plan's document, `weir.plan`; `If-None-Match` with the ETag of the one you have saves fetching it again.
#[utoipa::path(get, path = "/api/v1/plans/{plan}", tag = "plans", security(("token" = [])),
    params(("plan" = String, Path, description = "Id of the plan", example = "feiyun-日-1"), DocumentQuery),
    responses((status = 200, body = serde_json::Value), (status = 304, description = "It is as you have it")))]
async fn show(
    State(api): State<Arc<Api>>,
    For(audience): For,
    Named(plan): Named,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    file(&api, plan, &headers, Format::Json(audience)).await
}

/// The document of the plan in force of a product and term; 404 无有效方案 where none is.
#[utoipa::path(get, path = "/api/v1/in-force/{product}/{term}", tag = "plans", security(("token" = [])),
    params(("product" = String, Path, description = "Line of plans", example = "feiyun"),
        ("term" = String, Path, description = "年, 月, 旬, 日 or 应急", example = "日"), DocumentQuery),
    responses((status = 200, body = serde_json::Value), (status = 304, description = "It is as you have it")))]
async fn in_force(
    State(api): State<Arc<Api>>,
    For(audience): For,
    Path((product, term)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if !TERMS.contains(&term.as_str()) {
        return Err(Problem::not_found(format!("there is no term `{term}`: {}", TERMS.join(", "))));
    }
    let store = api.service.store();
    let mut found = store.in_force(&product, &term, api.service.now()).await?;
    if found.is_none() {
        // One may begin at the instant at which another ended, and no beat have come since; or have begun since the clock was read.
        let now = api.service.now();
        store.turn(now, api.service.name()).await?;
        found = store.in_force(&product, &term, now).await?;
    }
    let plan = found.ok_or_else(|| Problem::no_plan_in_force(&product, &term))?;
    file(&api, plan, &headers, Format::Json(audience)).await
}

/// A plan's series: `time,address,quantity,unit,value`.
#[utoipa::path(get, path = "/api/v1/plans/{plan}/series.csv", tag = "plans", security(("token" = [])),
    params(("plan" = String, Path, description = "Id of the plan", example = "feiyun-日-1")),
    responses((status = 200, body = String, content_type = "text/csv"), (status = 304, description = "It is as you have it")))]
async fn series(State(api): State<Arc<Api>>, Named(plan): Named, headers: HeaderMap) -> Result<Response, Problem> {
    file(&api, plan, &headers, Format::Csv).await
}

/// A plan's series as PI-XML of Delft-FEWS: `locationId` is the address, `parameterId` the quantity.
#[utoipa::path(get, path = "/api/v1/plans/{plan}/series.xml", tag = "plans", security(("token" = [])),
    params(("plan" = String, Path, description = "Id of the plan", example = "feiyun-日-1"), DocumentQuery),
    responses((status = 200, body = String, content_type = "application/xml"), (status = 304, description = "It is as you have it")))]
async fn pi_xml(
    State(api): State<Arc<Api>>,
    For(audience): For,
    Named(plan): Named,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    file(&api, plan, &headers, Format::PiXml(audience)).await
}

/// A plan's report, a page in one file.
#[utoipa::path(get, path = "/api/v1/plans/{plan}/report.html", tag = "plans", security(("token" = [])),
    params(("plan" = String, Path, description = "Id of the plan", example = "feiyun-日-1")),
    responses((status = 200, body = String, content_type = "text/html"), (status = 304, description = "It is as you have it")))]
async fn report(State(api): State<Arc<Api>>, Named(plan): Named, headers: HeaderMap) -> Result<Response, Problem> {
    file(&api, plan, &headers, Format::Html).await
}

/// A plan's day's tables as a workbook, in the built-in template.
#[utoipa::path(get, path = "/api/v1/plans/{plan}/day.xlsx", tag = "plans", security(("token" = [])),
    params(("plan" = String, Path, description = "Id of the plan", example = "feiyun-日-1"), DocumentQuery),
    responses((status = 200, body = Vec<u8>, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = 304, description = "It is as you have it")))]
async fn tables(
    State(api): State<Arc<Api>>,
    For(audience): For,
    Named(plan): Named,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    file(&api, plan, &headers, Format::Xlsx(audience)).await
}

/// The brief 简报 of a plan's first day.
#[derive(Serialize, ToSchema)]
struct BriefView {
    /// The plan.
    plan: String,
    /// SHA-256 of the plan that was in force the day before, which its numbers are set against; none where none was.
    yesterday: Option<String>,
    /// SHA-256 of the plan that was in force on the same date one year before, likewise.
    last_year: Option<String>,
    /// Five to eight sentences.
    chinese: Vec<String>,
    /// The same in English.
    english: Vec<String>,
}

/// A plan's brief: five to eight sentences on its first day, each number against yesterday and last year.
#[utoipa::path(get, path = "/api/v1/plans/{plan}/brief", tag = "plans", security(("token" = [])),
    params(("plan" = String, Path, description = "Id of the plan", example = "feiyun-日-1"), DocumentQuery),
    responses((status = 200, body = BriefView)))]
async fn brief(
    State(api): State<Arc<Api>>,
    For(audience): For,
    Named(PlanRow { id, .. }): Named,
) -> Result<axum::Json<BriefView>, Problem> {
    let document = api.service.store().document(&id).await?;
    let beside = api.service.store().earlier(&api.service.office(), &id, &document).await?.for_audience(audience);
    let written = move || {
        let sentences = weir_report::brief::day::sentences(&document.for_audience(audience), &beside);
        let (chinese, english) = sentences.into_iter().map(|said| (said.chinese, said.english)).unzip();
        let digest = |plan: Option<PlanDocument>| plan.map(|plan| plan.record.id);
        BriefView { plan: id, yesterday: digest(beside.yesterday), last_year: digest(beside.last_year), chinese, english }
    };
    Ok(axum::Json(tokio::task::spawn_blocking(written).await.map_err(|_| Problem::broken())?))
}

/// A change of a run or plan.
#[derive(Serialize, ToSchema)]
pub(super) struct ChangeView {
    /// Its number, rising.
    sequence: i64,
    /// State that it came to.
    state: String,
    /// When.
    at: Timestamp,
    /// Who: an instance, a job or the name of a token.
    actor: String,
    /// Why.
    reason: String,
}

impl From<Change> for ChangeView {
    fn from(change: Change) -> Self {
        let Change { sequence, state, at, actor, reason, .. } = change;
        Self { sequence, state, at, actor, reason }
    }
}

/// Every change of a run or plan, in order.
pub(super) async fn history(api: &Api, subject: &str) -> Result<Vec<ChangeView>, Problem> {
    Ok(api.service.store().changes(subject).await?.into_iter().map(ChangeView::from).collect())
}

/// Every change of a plan, in order.
#[utoipa::path(get, path = "/api/v1/plans/{plan}/changes", tag = "plans", security(("token" = [])),
    params(("plan" = String, Path, description = "Id of the plan", example = "feiyun-日-1")), responses((status = 200, body = Vec<ChangeView>)))]
async fn changes(State(api): State<Arc<Api>>, Named(plan): Named) -> Result<axum::Json<Vec<ChangeView>>, Problem> {
    Ok(axum::Json(history(&api, &plan.id).await?))
}

/// Against what a plan is set.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct DiffQuery {
    /// The other plan; unless given, the one whose place the plan took, or else the one in force.
    against: Option<String>,
    /// Also split by cause, by solving the questions between: 409 says why that cannot be.
    #[serde(default)]
    causes: bool,
}

/// What a plan has otherwise than another: series on the plan's steps, uses, objectives, warnings; and why, where that is asked for.
#[utoipa::path(get, path = "/api/v1/plans/{plan}/diff", tag = "plans", security(("token" = [])),
    params(("plan" = String, Path, description = "Id of the plan", example = "feiyun-日-2"), DiffQuery),
    responses((status = 200, body = serde_json::Value)))]
async fn diff(
    State(api): State<Arc<Api>>,
    Named(after): Named,
    Query(asked): Query<DiffQuery>,
) -> Result<axum::Json<serde_json::Value>, Problem> {
    let store = api.service.store();
    let other = match asked.against {
        Some(other) => plan(&api, &other).await?,
        None if !after.supersedes.is_empty() => plan(&api, &after.supersedes).await?,
        None => {
            let found = store.in_force(&after.product, &after.term, api.service.now()).await?;
            found.ok_or_else(|| Problem::no_plan_in_force(&after.product, &after.term))?
        }
    };
    let id = after.id;
    let causes = if asked.causes {
        let office = api.service.office();
        Some(store.causes((api.service.folder(), office.as_ref()), &other.id, &id).await?)
    } else {
        None
    };
    let (before, after) = (store.document(&other.id).await?, store.document(&id).await?);
    let compared = tokio::task::spawn_blocking(move || serde_json::to_value(after.compared_with(&before)));
    let comparison = compared.await.ok().and_then(Result::ok).ok_or_else(Problem::broken)?;
    let mut answer = serde_json::json!({ "plan": id, "against": other.id, "difference": comparison });
    if let Some(causes) = causes {
        answer["causes"] = serde_json::to_value(causes).map_err(|_| Problem::broken())?;
    }
    Ok(axum::Json(answer))
}

/// What came of a plan's parent until the plan began, of one without a parent of itself until now: planned, actual, deviation and
/// cause 计划–实际–偏差–原因; series of which nothing is known are named.
#[utoipa::path(get, path = "/api/v1/plans/{plan}/deviations", tag = "plans", security(("token" = [])),
    params(("plan" = String, Path, description = "Id of the plan", example = "feiyun-日-2")),
    responses((status = 200, body = serde_json::Value)))]
async fn deviations(State(api): State<Arc<Api>>, Named(of): Named) -> Result<axum::Json<serde_json::Value>, Problem> {
    let Followed { plan, deviations, .. } =
        api.service.store().followed(&api.service.office(), &of.id, api.service.now()).await?;
    Ok(axum::Json(serde_json::json!({ "plan": plan, "deviations": deviations })))
}

/// The plan of that id.
pub(super) async fn plan(api: &Api, id: &str) -> Result<PlanRow, Problem> {
    let found = api.service.store().plan(id).await?;
    found.ok_or_else(|| Problem::not_found(format!("there is no plan `{id}`")))
}

/// How a plan is handed out.
#[derive(Clone, Copy, Debug)]
enum Format {
    Json(Audience),
    PiXml(Audience),
    Xlsx(Audience),
    Csv,
    Html,
}

impl Format {
    const fn media_type(self) -> &'static str {
        match self {
            Self::Json(_) => "application/json",
            Self::PiXml(_) => "application/xml; charset=utf-8",
            Self::Xlsx(_) => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
        }
    }

    /// In the tag, which holds ASCII only.
    const fn word(self) -> &'static str {
        match self {
            Self::Json(_) => "json",
            Self::PiXml(_) => "pi",
            Self::Xlsx(_) => "xlsx",
            Self::Csv => "csv",
            Self::Html => "html",
        }
    }

    /// For whom, and how the tag says it.
    const fn audience(self) -> (Audience, &'static str) {
        let (Self::Json(audience) | Self::PiXml(audience) | Self::Xlsx(audience)) = self else {
            return (Audience::Internal, "");
        };
        match audience {
            Audience::Internal => (audience, ""),
            Audience::Shared => (audience, "-shared"),
            Audience::Public => (audience, "-public"),
        }
    }

    /// Whether the plans before it are seen in it.
    const fn compares(self) -> bool {
        matches!(self, Self::Xlsx(_) | Self::Html)
    }

    /// The plan, and those beside it, as the audience is given them, in this format.
    fn write(self, document: &PlanDocument, beside: &Beside) -> Result<Vec<u8>, Vec<String>> {
        Ok(match self {
            Self::Json(_) => document.to_json().into_bytes(),
            Self::PiXml(_) => weir_report::pi_xml::pi_xml(document).into_bytes(),
            Self::Xlsx(_) => weir_report::papers::day_tables(document, beside, None)?,
            Self::Csv => document.csv_long().into_bytes(),
            Self::Html => weir_report::html_beside(document, beside).into_bytes(),
        })
    }
}

/// Answers with a plan in a format, or with 304 where the asker has it. What a plan's document holds besides its content changes
/// with an entry of the ledger only, so that digest and number of the last entry are its state; a page also shows the plans
/// before it.
async fn file(api: &Api, plan: PlanRow, headers: &HeaderMap, format: Format) -> Result<Response, Problem> {
    let store = api.service.store();
    let last = store.last_change(&plan.id).await?;
    let (mut document, mut beside) = (None, Beside::default());
    if format.compares() {
        let read = Box::new(store.document(&plan.id).await?);
        // Whole plans are kept off the future of whoever asks.
        beside = Box::pin(store.earlier(&api.service.office(), &plan.id, &read)).await?;
        document = Some(read);
    }
    let mut before: Vec<String> =
        [&beside.yesterday, &beside.last_year].into_iter().flatten().map(|plan| plan.record.id[..8].to_owned()).collect();
    if !beside.actuals.is_empty() {
        before.push(weir_model::table::digest(format!("{:?}", beside.actuals).as_bytes())[..8].to_owned());
    }
    let (audience, for_whom) = format.audience();
    let (digest, word, version) = (&plan.digest, format.word(), env!("CARGO_PKG_VERSION"));
    let tag = format!("\"{digest}-{last}-{word}{for_whom}{}-{version}\"", before.concat());
    let tag = HeaderValue::try_from(tag).map_err(|_| Problem::broken())?;
    let common = [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"))];
    if has(headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, common).into_response());
    }
    let document = match document {
        Some(document) => document,
        None => Box::new(store.document(&plan.id).await?),
    };
    let whole = matches!(format, Format::Csv | Format::Html);
    let written = move || {
        if whole {
            return format.write(&document, &beside);
        }
        format.write(&document.for_audience(audience), &beside.for_audience(audience))
    };
    let bytes = tokio::task::spawn_blocking(written).await.map_err(|_| Problem::broken())?;
    let bytes = bytes.map_err(|_| Problem::broken())?;
    Ok((common, [(header::CONTENT_TYPE, format.media_type())], bytes).into_response())
}

/// Whether the asker has what a tag stands for.
fn has(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let asked = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = asked.flat_map(|value| value.split(',')).map(str::trim);
    tags.any(|asked| asked == "*" || asked.strip_prefix("W/").unwrap_or(asked).as_bytes() == tag.as_bytes())
}
