//! What publishers were told: the outbox by its state, and what a publisher of kind `pull` holds for those who fetch it.
//!
//! Messages are written once, in the transaction that made them true, and stay. One who fetches goes by their numbers: in a page
//! after the last one that was taken, or in a stream of server-sent events whose id is the number. After a cut it goes on
//! behind `Last-Event-ID`, so that nothing is left out and nothing comes in another order, whatever instance answers.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::stream::{self, Stream};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tracing::error;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use weir_model::document::Audience;

use super::Api;
use super::extract::Query;
use super::guard::Caller;
use super::page::{Page, most, number};
use super::problem::Problem;
use crate::outbox::{Kind, Message};
use crate::publishers::{Delivery, PublisherSettings};
use crate::store::StoreError;

/// Messages that a stream reads at once.
const BATCH: i64 = 100;
/// States of messages.
const STATES: [&str; 4] = ["pending", "delivered", "dead", "resent"];

pub(super) fn routes() -> OpenApiRouter<Arc<Api>> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(messages)).routes(routes!(events))
}

/// A message to a publisher and how it fared.
#[derive(Serialize, ToSchema)]
struct OutboxView {
    /// Its number: rises over all publishers.
    sequence: i64,
    /// The publisher.
    publisher: String,
    /// `plan`, `withdrawn`, `expired`, `failed` or `order`.
    kind: &'static str,
    /// The plan, the run that failed, or the order.
    subject: String,
    /// In words.
    message: String,
    /// When it happened.
    at: Timestamp,
    /// `pending`, `delivered`, `dead` (given up) or `resent` (dead, and sent again by hand).
    state: String,
    /// Tries made.
    attempts: i64,
    /// How the last try failed.
    error: String,
}

/// Which messages.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct OutboxQuery {
    /// In this state: `dead` for what never arrived.
    state: Option<String>,
    /// To this publisher.
    publisher: Option<String>,
    /// Items in the page, 50 unless given.
    #[param(minimum = 1, maximum = 500)]
    most: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// What publishers were told or are to be told, in order.
#[utoipa::path(get, path = "/api/v1/outbox", tag = "publication", params(OutboxQuery), security(("token" = [])),
    responses((status = 200, body = Page<OutboxView>)))]
async fn list(
    State(api): State<Arc<Api>>,
    Query(asked): Query<OutboxQuery>,
) -> Result<axum::Json<Page<OutboxView>>, Problem> {
    let most = most(asked.most)?;
    let state = asked.state.unwrap_or_default();
    if !state.is_empty() && !STATES.contains(&state.as_str()) {
        return Err(Problem::refused_value(format!("`state`: `{state}` is none of {}", STATES.join(", "))));
    }
    let after = number(asked.cursor.as_deref())?.unwrap_or(0);
    let publisher = asked.publisher.unwrap_or_default();
    let found = api.service.store().messages_after(&publisher, &state, after, most + 1).await?;
    let view = |message: Message| OutboxView {
        sequence: message.sequence,
        publisher: message.publisher,
        kind: message.kind.word(),
        subject: message.subject,
        message: message.message,
        at: message.at,
        state: message.state,
        attempts: message.attempts,
        error: message.error,
    };
    Ok(axum::Json(Page::of(found, most, |message| message.sequence.to_string(), view)))
}

/// What one who fetches is told.
#[derive(Serialize, ToSchema)]
struct Told {
    /// Its number, rising: the same number is the same message.
    sequence: i64,
    /// `plan` (it came into force), `withdrawn`, `expired`, `failed` (a run could not solve), or `order`.
    kind: &'static str,
    /// 有效方案 or 无有效方案 of the product and term; none for a run that failed and for an order.
    statement: Option<&'static str>,
    /// When it happened.
    at: Timestamp,
    /// In words.
    reason: String,
    /// The run that failed.
    run: Option<String>,
    /// The order, which was signed or taken back.
    order: Option<String>,
    /// The plan, that of the order, or the one that the run fell back to.
    plan: Option<String>,
    /// Its product.
    product: Option<String>,
    /// Its term.
    term: Option<String>,
    /// Its revision.
    revision: Option<i64>,
    /// SHA-256 of its whole content; a document for another audience than 内部 has it as `record.whole`.
    digest: Option<String>,
    /// Start of its first step.
    valid_from: Option<Timestamp>,
    /// End of its last step.
    valid_to: Option<Timestamp>,
    /// Where its document is.
    document: Option<String>,
}

/// What a message tells the audience of its publisher; none for an order where that is not the office itself.
async fn told(api: &Api, message: &Message, audience: Audience) -> Result<Option<Told>, StoreError> {
    let (is_run, is_order) = (message.kind == Kind::Failed, message.kind == Kind::Order);
    if is_order && audience != Audience::Internal {
        return Ok(None);
    }
    let store = api.service.store();
    let order = if is_order { Some(store.order(&message.subject).await?) } else { None };
    let plan = match &order {
        Some(order) => store.plan(&order.plan).await?,
        None if is_run => store.fall_back(&message.subject).await?.filter(|_| audience == Audience::Internal),
        None => store.plan(&message.subject).await?,
    };
    let message = Delivery::new(message, None, None, audience).message;
    let given = if audience == Audience::Internal { String::new() } else { format!("?audience={}", audience.word()) };
    let statement = if message.kind == Kind::Plan { "有效方案" } else { "无有效方案" };
    Ok(Some(Told {
        sequence: message.sequence,
        kind: message.kind.word(),
        statement: (!is_run && !is_order).then_some(statement),
        at: message.at,
        reason: message.message.clone(),
        run: is_run.then(|| message.subject.clone()),
        document: plan.as_ref().map(|plan| format!("/api/v1/plans/{}{given}", plan.id)),
        valid_from: plan.as_ref().map(|plan| plan.valid_from),
        valid_to: plan.as_ref().map(|plan| plan.valid_to),
        revision: plan.as_ref().map(|plan| plan.revision),
        digest: plan.as_ref().map(|plan| plan.digest.clone()),
        product: plan.as_ref().map(|plan| plan.product.clone()),
        term: plan.as_ref().map(|plan| plan.term.clone()),
        plan: plan.map(|plan| plan.id),
        order: order.map(|order| order.id),
    }))
}

/// Which messages to fetch.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct MessagesQuery {
    /// Publisher of kind `pull`.
    #[param(example = "open")]
    publisher: String,
    /// Items in the page, 50 unless given.
    #[param(minimum = 1, maximum = 500)]
    most: Option<i64>,
    /// `next` of the page before, or the number of the last message that you have.
    cursor: Option<String>,
}

/// What a publisher of kind `pull` tells, in order.
#[utoipa::path(get, path = "/api/v1/messages", tag = "publication", params(MessagesQuery), security(("token" = [])),
    responses((status = 200, body = Page<Told>)))]
async fn messages(
    State(api): State<Arc<Api>>,
    Query(asked): Query<MessagesQuery>,
) -> Result<axum::Json<Page<Told>>, Problem> {
    let most = most(asked.most)?;
    let after = number(asked.cursor.as_deref())?.unwrap_or(0);
    let publisher = pulled(&api, &asked.publisher)?;
    let found = api.service.store().messages_after(&publisher.id, "", after, most + 1).await?;
    let page = Page::of(found, most, |message| message.sequence.to_string(), |message| message);
    let mut items = Vec::with_capacity(page.items.len());
    for message in &page.items {
        items.extend(told(&api, message, publisher.audience).await?);
    }
    Ok(axum::Json(Page { items, next: page.next }))
}

/// The publisher of that id, whose messages are there to be fetched.
fn pulled<'a>(api: &'a Api, id: &str) -> Result<&'a PublisherSettings, Problem> {
    let publishers = api.service.publishers().iter().filter(|publisher| publisher.kind == "pull");
    publishers.clone().find(|publisher| publisher.id == id).ok_or_else(|| {
        let ids: Vec<&str> = publishers.map(|publisher| publisher.id.as_str()).collect();
        let known = if ids.is_empty() { "the office has none".to_owned() } else { ids.join(", ") };
        Problem::not_found(format!("there is no publisher `{id}` of kind `pull`: {known}"))
    })
}

/// Which stream.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct EventsQuery {
    /// Publisher of kind `pull`.
    #[param(example = "open")]
    publisher: String,
    /// Number of the last message that you have, where no `Last-Event-ID` tells; from the first unless given.
    after: Option<i64>,
}

/// What a publisher of kind `pull` tells, as server-sent events: first what came after `Last-Event-ID`, then what comes.
#[utoipa::path(get, path = "/api/v1/events", tag = "publication", security(("token" = [])),
    params(EventsQuery, ("Last-Event-ID" = Option<i64>, Header, description = "Number of the last message that you have")),
    responses((status = 200, body = String, content_type = "text/event-stream")))]
async fn events(
    State(api): State<Arc<Api>>,
    Caller(token): Caller,
    Query(asked): Query<EventsQuery>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let settings = pulled(&api, &asked.publisher)?;
    let (publisher, audience) = (settings.id.clone(), settings.audience);
    let after = match headers.get("last-event-id") {
        None => asked.after.unwrap_or(0),
        Some(last) => last
            .to_str()
            .ok()
            .and_then(|last| last.parse().ok())
            .ok_or_else(|| Problem::refused_value("`Last-Event-ID` is no number of a message"))?,
    };
    let place = Arc::clone(&api.streams).try_acquire_owned();
    let place = place.map_err(|_| Problem::too_many("as many streams are open as may be", 30))?;
    let stop = api.stop.clone();
    let line = Line { api, publisher, audience, digest: token.digest, after, held: VecDeque::new(), stop, _place: place };
    let events = stream::unfold(line, |mut line| async move {
        let event = line.next().await?;
        Some((Ok(event), line))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}

/// An open stream.
struct Line {
    api: Arc<Api>,
    publisher: String,
    audience: Audience,
    /// Of the token that opened it: the stream ends with it.
    digest: String,
    after: i64,
    held: VecDeque<Message>,
    stop: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
}

impl Line {
    /// The next event; none where the stream ends: the service stops, the token holds no more, or the store does not answer,
    /// after which the receiver comes again.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if *self.stop.borrow() {
                return None;
            }
            if let Some(message) = self.held.pop_front() {
                let told = told(&self.api, &message, self.audience).await.map_err(|fault| error!("{fault}")).ok()?;
                self.after = message.sequence;
                let Some(told) = told else { continue };
                let event = Event::default().id(message.sequence.to_string()).event(message.kind.word());
                return event.json_data(told).map_err(|fault| error!("{fault}")).ok();
            }
            let found = self.look().await.map_err(|fault| error!("{fault}")).ok()??;
            self.held = found.into();
            if self.held.is_empty() {
                tokio::select! {
                    () = tokio::time::sleep(self.api.limits.look) => {}
                    // Whoever could stop the service is gone only with it.
                    changed = self.stop.changed() => changed.ok()?,
                }
            }
        }
    }

    /// What is new; none where the token holds no more.
    async fn look(&self) -> Result<Option<Vec<Message>>, StoreError> {
        let store = self.api.service.store();
        let token = store.token_of(&self.digest).await?;
        if token.is_none_or(|token| token.refused(self.api.service.now()).is_some()) {
            return Ok(None);
        }
        Ok(Some(store.messages_after(&self.publisher, "", self.after, BATCH).await?))
    }
}
