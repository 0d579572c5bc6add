//! Events that start a run between its times: an input whose content changed, or a reading that departs from the plan in force.
//!
//! `forecast:INPUT` fires when what the input is read from is another than before, and has stayed so for the job's `debounce_s`; the
//! event is named by the digest, so that one content is one run. `off_plan:INPUT` fires when the newest level or inflow is further
//! from the plan in force than the input's `off_plan`, once a plan. One instance asks at a time, every `poll_s` of the told clock.
//! What is found at the first look is where a job begins.
//!
//! Fails: a store that cannot be asked. An input that cannot be read is no event: the job's next run tells of it.

use jiff::Timestamp;
use sqlx::Row;
use weir_model::basin::entry::Entry;
use weir_model::basin::nearest::hint;
use weir_model::document::{Content, SeriesRow};

use super::input::Input;
use super::run::{Gathering, newest};
use crate::job::Job;
use crate::store::{Store, StoreError, time};

/// Words of events.
pub const WORDS: [&str; 2] = ["forecast", "off_plan"];

/// An event that starts a run of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Word, of [`WORDS`].
    pub word: &'static str,
    /// Id of the input that it watches.
    pub input: String,
}

impl std::fmt::Display for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.word, self.input)
    }
}

/// The events of a job's `on`; words and inputs that are not known are refused.
pub(crate) fn read(entry: &Entry<'_, '_>, inputs: &[Input]) -> Vec<Event> {
    let mut events = Vec::new();
    for text in entry.texts("on") {
        let (word, id) = text.value.split_once(':').unwrap_or((&text.value, ""));
        let Some(word) = WORDS.into_iter().find(|known| *known == word) else {
            let known = hint(word, &WORDS, "events");
            let hint = known.map(|known| format!("{known}; `on = [\"forecast:INPUT\", \"off_plan:INPUT\"]`"));
            entry.refuse(&text.place, format!("`on`: unknown event `{word}`"), hint);
            continue;
        };
        let known: Vec<&str> = inputs.iter().map(|input| input.id.as_str()).collect();
        let Some(input) = inputs.iter().find(|input| input.id == id) else {
            entry.refuse(&text.place, format!("`on`: unknown input `{id}`"), hint(id, &known, "inputs"));
            continue;
        };
        let fits = matches!(input.key(), "initial_level_m" | "flow_m3s");
        if word == "off_plan" && (input.off_plan.is_none() || !fits) {
            let message = format!("`on`: `{id}` has no `off_plan`, or is neither a level nor an inflow");
            let hint = "`off_plan = 0.5` at the input: how far its newest reading may be from the plan, in its key's unit"
                .to_owned();
            entry.refuse(&text.place, message, Some(hint));
        }
        events.push(Event { word, input: id.to_owned() });
    }
    events
}

/// What was last seen of an event.
struct Seen {
    digest: String,
    since: Timestamp,
    fired: String,
}

/// Looks at the events of a job, and fires those that came.
///
/// # Errors
/// If the store cannot be asked.
pub async fn watch(asked: &Gathering, job: &Job, store: &Store, actor: &str) -> Result<(), StoreError> {
    for event in &job.on {
        let Some(input) = asked.inputs.iter().find(|input| input.id == event.input) else { continue };
        if !turn(store, job, event, asked.now).await? {
            continue;
        }
        let Ok((digest, reading)) = newest(asked, input).await else { continue };
        let key = if event.word == "forecast" {
            digest
        } else {
            let plan = store.in_force(&job.product, job.term, asked.now).await?;
            let (Some(plan), Some(reading)) = (plan, reading) else { continue };
            let content = store.document(&plan.id).await?.content;
            let planned = planned(&content, input, reading.time);
            let band = input.off_plan.unwrap_or(f64::INFINITY);
            if planned.is_none_or(|planned| (reading.value - planned).abs() <= band) {
                continue;
            }
            plan.id
        };
        if settled(store, job, event, &key, asked.now).await? {
            let short: String = key.chars().take(40).collect();
            store.fire(job, asked.now, &format!("{event}:{short}"), actor).await?;
        }
    }
    Ok(())
}

/// Whether it is this instance's turn to look at an event now.
async fn turn(store: &Store, job: &Job, event: &Event, now: Timestamp) -> Result<bool, StoreError> {
    let taken = sqlx::query(
        "INSERT INTO watched (job, event, asked, digest, since, fired) VALUES ($1, $2, $3, '', 0, '') ON CONFLICT (job, event) \
         DO UPDATE SET asked = $3 WHERE watched.asked <= $4",
    )
    .bind(job.id.clone())
    .bind(event.to_string())
    .bind(now.as_millisecond())
    .bind(now.as_millisecond() - job.poll_s * 1000)
    .execute(&store.pool)
    .await?
    .rows_affected();
    Ok(taken == 1)
}

/// Notes what was seen of an event; whether it is new, and has stayed so long enough.
async fn settled(store: &Store, job: &Job, event: &Event, key: &str, now: Timestamp) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT digest, since, fired FROM watched WHERE job = $1 AND event = $2")
        .bind(job.id.clone())
        .bind(event.to_string())
        .fetch_one(&store.pool)
        .await?;
    let seen = Seen { digest: row.try_get(0)?, since: time(row.try_get(1)?), fired: row.try_get(2)? };
    let first = seen.fired.is_empty() && event.word == "forecast";
    let since = if seen.digest == key { seen.since } else { now };
    let stayed = now.as_millisecond() - since.as_millisecond() >= job.debounce_s * 1000;
    let fires = !first && seen.fired != key && stayed;
    sqlx::query("UPDATE watched SET digest = $1, since = $2, fired = $3 WHERE job = $4 AND event = $5")
        .bind(key.to_owned())
        .bind(since.as_millisecond())
        .bind(if first || fires { key.to_owned() } else { seen.fired })
        .bind(job.id.clone())
        .bind(event.to_string())
        .execute(&store.pool)
        .await?;
    Ok(fires)
}

/// What a plan says of an input's level or inflow at an instant.
fn planned(content: &Content, input: &Input, at: Timestamp) -> Option<f64> {
    let is_level = input.key() == "initial_level_m";
    let fits = |row: &&SeriesRow| {
        if is_level {
            row.element == input.element() && row.quantity == "level"
        } else {
            row.address == format!("{}.inflow", input.element())
        }
    };
    let row = content.series.iter().find(fits)?;
    let starts: Vec<Timestamp> = content.horizon.starts.iter().filter_map(|start| start.parse().ok()).collect();
    let step = starts.partition_point(|start| *start <= at).checked_sub(1)?;
    let into_s = at.duration_since(*starts.get(step)?).as_secs_f64();
    let length_s = *content.horizon.lengths_s.get(step)?;
    if into_s > length_s {
        return None;
    }
    let value = |step: usize| row.values.get(step).copied().flatten();
    if is_level {
        let (before, after) = (value(step)?, value(step + 1)?);
        return Some(before + (after - before) * into_s / length_s);
    }
    value(step)
}
