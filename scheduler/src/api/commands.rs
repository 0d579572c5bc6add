//! Orders from above 调度命令: putting one in, ending it, and which there are.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use weir_model::setting::{BOUNDS, Setting};

use super::Api;
use super::extract::{Json, Path, Query, text};
use super::guard::Caller;
use super::problem::Problem;
use crate::commands::{Command, check};

pub(super) fn routes() -> OpenApiRouter<Arc<Api>> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(end))
}

/// An order from above.
#[derive(Serialize, ToSchema)]
struct CommandView {
    /// Id.
    id: String,
    /// Folder of the basin that it is for.
    basin: String,
    /// What it orders, as people read it; may be empty.
    name: String,
    /// Who gave it.
    issuer: String,
    /// Number of the paper.
    number: String,
    /// Address of a flow or level.
    on: String,
    /// First day or moment, local.
    from: String,
    /// Last day, or the moment that ends it, local.
    to: String,
    /// What is held, by `flow_m3s`, `minimum_m3s`, `maximum_m3s`, `level_m`, `minimum_level_m` and `maximum_level_m`.
    bounds: std::collections::BTreeMap<String, f64>,
    /// When it was put in.
    created: Timestamp,
    /// Who put it in.
    created_by: String,
    /// Since when it stands no more; none while it stands.
    ended: Option<Timestamp>,
    /// Who ended it; empty for nobody.
    ended_by: String,
}

impl From<Command> for CommandView {
    fn from(command: Command) -> Self {
        let Command { basin, holds, created, created_by, ended, ended_by } = command;
        let Setting { id, name, issuer, number, on, from, to, bounds } = holds;
        Self { id, basin, name, issuer, number, on, from, to, bounds, created, created_by, ended, ended_by }
    }
}

/// Which orders.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct CommandsQuery {
    /// Those that were ended, too.
    all: Option<bool>,
}

/// Orders from above, the last put in first.
#[utoipa::path(get, path = "/api/v1/commands", tag = "commands", params(CommandsQuery), security(("token" = [])),
    responses((status = 200, body = Vec<CommandView>)))]
async fn list(
    State(api): State<Arc<Api>>,
    Query(asked): Query<CommandsQuery>,
) -> Result<axum::Json<Vec<CommandView>>, Problem> {
    let found = api.service.store().commands(asked.all.unwrap_or(false)).await?;
    Ok(axum::Json(found.into_iter().map(CommandView::from).collect()))
}

/// An order to be put in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewCommand {
    /// Its id, which no element of the basin has.
    #[schema(min_length = 1, max_length = 100)]
    id: String,
    /// Folder of the basin, as `jobs.toml` has it.
    basin: String,
    /// Who gave it.
    #[schema(min_length = 1, max_length = 2000)]
    issuer: String,
    /// Number of the paper.
    #[schema(min_length = 1, max_length = 2000)]
    number: String,
    /// What it orders, as people read it.
    #[serde(default)]
    #[schema(max_length = 2000)]
    name: String,
    /// Address of a flow or level: `shanxi.outflow`, `shanxi.gate`, `shanxi.level`.
    on: String,
    /// First day or moment, local.
    from: String,
    /// Last day, or the moment that ends it, local.
    to: String,
    /// What is held, by `flow_m3s`, `minimum_m3s`, `maximum_m3s`, `level_m`, `minimum_level_m` and `maximum_level_m`.
    bounds: std::collections::BTreeMap<String, f64>,
    /// In words; may be empty.
    #[serde(default)]
    #[schema(max_length = 2000)]
    note: String,
}

/// Puts an order in: every run that is solved from now on holds it, until it is ended or over.
#[utoipa::path(post, path = "/api/v1/commands", tag = "commands",
    security(("token" = ["engineer"]), ("token" = ["reviewer"]), ("token" = ["signer"])), request_body = NewCommand,
    responses((status = 201, body = CommandView)))]
async fn add(
    State(api): State<Arc<Api>>,
    Caller(token): Caller,
    Json(new): Json<NewCommand>,
) -> Result<(StatusCode, axum::Json<CommandView>), Problem> {
    for (field, value, required) in [
        ("issuer", &new.issuer, true),
        ("number", &new.number, true),
        ("name", &new.name, false),
        ("on", &new.on, true),
        ("from", &new.from, true),
        ("to", &new.to, true),
        ("note", &new.note, false),
    ] {
        text(field, value, required)?;
    }
    if let Some(key) = new.bounds.keys().find(|key| !BOUNDS.contains(&key.as_str())) {
        return Err(Problem::refused_value(format!("`bounds`: `{key}` is none of {}", BOUNDS.join(", "))));
    }
    let NewCommand { id, basin, issuer, number, name, on, from, to, bounds, note } = new;
    let holds = Setting { id, name, issuer, number, on, from, to, bounds };
    let (service, checked) = (Arc::clone(&api.service), holds.clone());
    let found = basin.clone();
    let check = move || check(service.folder(), &service.office(), &found, &checked);
    let checked = tokio::task::spawn_blocking(check).await.map_err(|_| Problem::broken())?;
    checked.map_err(|why| Problem::refused_value(why.to_string()))?;
    let store = api.service.store();
    store.add_command(&basin, &holds, &token.name, &note, api.service.now()).await?;
    Ok((StatusCode::CREATED, axum::Json(shown(&api, &holds.id).await?)))
}

/// What is said of an order's end.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct End {
    /// In words; may be empty.
    #[serde(default)]
    #[schema(max_length = 2000)]
    note: String,
}

/// An order stands no more.
#[utoipa::path(post, path = "/api/v1/commands/{command}/end", tag = "commands",
    security(("token" = ["engineer"]), ("token" = ["reviewer"]), ("token" = ["signer"])),
    params(("command" = String, Path, description = "Id of the order")), request_body = End,
    responses((status = 200, body = CommandView)))]
async fn end(
    State(api): State<Arc<Api>>,
    Caller(token): Caller,
    Path(id): Path<String>,
    Json(said): Json<End>,
) -> Result<axum::Json<CommandView>, Problem> {
    shown(&api, &id).await?;
    let note = text("note", &said.note, false)?;
    api.service.store().end_command(&id, &token.name, &note, api.service.now()).await?;
    Ok(axum::Json(shown(&api, &id).await?))
}

async fn shown(api: &Api, id: &str) -> Result<CommandView, Problem> {
    let found = api.service.store().command(id).await?;
    found.map(CommandView::from).ok_or_else(|| Problem::not_found(format!("there is no command `{id}`")))
}
