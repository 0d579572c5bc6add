//! Problems: every answer that is no success, as `application/problem+json` (RFC 9457).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tracing::error;
use weir_model::place::{Refusal, Refusals};

use crate::store::StoreError;

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// Which kind it is: `urn:weir:problem:` and a word.
    #[serde(rename = "type")]
    #[schema(example = "urn:weir:problem:not-found")]
    pub kind: String,
    /// The kind in words.
    #[schema(example = "not found")]
    pub title: String,
    /// Status of the answer.
    #[schema(example = 404)]
    pub status: u16,
    /// What is wrong here, and how to mend it.
    #[schema(example = "there is no plan `feiyun-日-9`")]
    pub detail: String,
    /// Every fault of what was brought, where it has several fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    faults: Vec<Fault>,
    /// Seconds after which to ask again.
    #[serde(skip)]
    retry_after_s: Option<u64>,
}

/// A fault of a field.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Fault {
    /// The field; empty where the whole is at fault.
    #[schema(example = "cron")]
    pub field: String,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub mend: Option<String>,
}

impl Problem {
    /// A problem of a status; the word of its kind is the title's.
    fn new(status: StatusCode, title: &str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:weir:problem:{}", title.replace(' ', "-")),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            faults: Vec::new(),
            retry_after_s: None,
        }
    }

    /// What was asked for cannot be read, with the status that says how.
    pub(super) fn unreadable(status: StatusCode, detail: impl Into<String>) -> Self {
        let title = match status {
            StatusCode::PAYLOAD_TOO_LARGE => "too large",
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "unsupported media type",
            _ => "unreadable",
        };
        Self::new(status, title, detail)
    }

    /// A value that cannot be taken.
    pub(super) fn refused_value(detail: impl Into<String>) -> Self {
        Self::unreadable(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }

    /// The same, with all faults of an entry told one by one.
    pub(super) fn with_faults(self, refusals: &Refusals) -> Self {
        let fault = |refusal: &Refusal| {
            // A message names its field between backticks before all else: `` `cron`: … ``, ``unknown field `aproval` ``.
            let field = refusal.message.split('`').nth(1).unwrap_or_default().to_owned();
            Fault { field, message: refusal.message.clone(), mend: refusal.hint.clone() }
        };
        let faults: Vec<Fault> = refusals.0.iter().map(fault).collect();
        let said: Vec<&str> = faults.iter().map(|fault| fault.message.as_str()).collect();
        Self { detail: format!("{}: {}", self.detail, said.join("; ")), faults, ..self }
    }

    /// What it was made for is not as it is now.
    pub(super) fn outdated(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PRECONDITION_FAILED, "outdated", detail)
    }

    /// It must say what it was made for.
    pub(super) fn unconditional(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PRECONDITION_REQUIRED, "unconditional", detail)
    }

    /// Who asks is not known.
    pub(super) fn unauthorised(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorised", detail)
    }

    /// Who asks may not.
    pub(super) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    /// There is no such thing.
    pub(super) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not found", detail)
    }

    /// No plan is in force.
    pub(super) fn no_plan_in_force(product: &str, term: &str) -> Self {
        let detail = format!("no plan of product `{product}` and term `{term}` is in force now");
        Self {
            kind: "urn:weir:problem:no-plan-in-force".to_owned(),
            ..Self::new(StatusCode::NOT_FOUND, "无有效方案", detail)
        }
    }

    /// The path is there, its method is not.
    pub(super) fn wrong_method(allowed: &str) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method not allowed", format!("allowed here: {allowed}"))
    }

    /// It cannot be done as things stand.
    pub(super) fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", detail)
    }

    /// It is asked too often.
    pub(super) fn too_many(detail: impl Into<String>, retry_after_s: u64) -> Self {
        let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "too many requests", detail);
        Self { retry_after_s: Some(retry_after_s), ..problem }
    }

    /// It cannot be answered now.
    pub(super) fn unavailable(detail: impl Into<String>) -> Self {
        let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail);
        Self { retry_after_s: Some(1), ..problem }
    }

    /// The store does not answer.
    pub(super) fn store_away() -> Self {
        Self { retry_after_s: Some(10), ..Self::unavailable("the store does not answer: runs that were begun wait for it") }
    }

    /// weir is at fault.
    pub(super) fn broken() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "broken", "weir is at fault: its log says more")
    }
}

impl From<StoreError> for Problem {
    fn from(fault: StoreError) -> Self {
        match fault {
            StoreError::Refused(why) => Self::conflict(why),
            StoreError::None { what, id } => Self::not_found(format!("there is no {what} `{id}`")),
            StoreError::Lost(_) => Self::conflict(fault.to_string()),
            StoreError::Away { .. } | StoreError::Database(sqlx::Error::PoolTimedOut | sqlx::Error::Io(_)) => {
                error!("{fault}");
                Self::store_away()
            }
            StoreError::Database(_) | StoreError::Migration(_) => {
                error!("{fault}");
                Self::broken()
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(&self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"weir\""));
        }
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        // The log of calls tells the reason too.
        response.extensions_mut().insert(self);
        response
    }
}
