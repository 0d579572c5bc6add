//! Events that start a run between its times: another forecast, a reading off the plan, a section below its grade, an outage, a
//! response, a command.
//!
//! Each is a key that another has taken the place of, and that has stood so for the job's `debounce_s`; the event is named by the
//! key, so that one happening is one run. The key of `forecast:INPUT` is the digest of what is read, of `off_plan:INPUT` the plan
//! that the newest level or inflow is too far from, and of the others a state ([`super::states`]) with the time since which it is.
//! One instance asks at a time, every `poll_s` of the told clock. What is found at the first look is where a job begins.
//!
//! Fails: a store that cannot be asked. What cannot be read is no event: the job's next run tells of it.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use sqlx::Row;
use weir_model::basin::entry::Entry;
use weir_model::basin::nearest::hint;
use weir_model::basin::{self, Basin};
use weir_model::case::Case;
use weir_model::document::{Content, SeriesRow};
use weir_model::elements::Element;
use weir_model::laid::{Laid, STATES};
use weir_model::lower::lower;
use weir_model::place::{Place, Refusals};
use weir_model::table;

use super::input::Input;
use super::readings::Reading;
use super::run::{Gathering, newest};
use super::states;
use crate::job::Job;
use crate::solving::basin_of;
use crate::store::{Store, StoreError, time};

/// Words of events.
pub const WORDS: [&str; 6] = ["below", "command", "forecast", "off_plan", "outage", "response"];

/// An event that starts a run of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Word, of [`WORDS`].
    pub word: &'static str,
    /// What it watches: an input, a section and its grade, an element; empty for all.
    pub of: String,
    /// Where it was written.
    pub place: Place,
}

impl std::fmt::Display for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let between = if self.of.is_empty() { "" } else { ":" };
        write!(f, "{}{between}{}", self.word, self.of)
    }
}

impl Event {
    /// The element of the basin that it watches; empty for none.
    fn element(&self) -> &str {
        match self.word {
            "command" | "forecast" | "off_plan" => "",
            _ => self.of.split_once('.').map_or(self.of.as_str(), |(element, _)| element),
        }
    }

    /// The input that it watches.
    pub fn input<'a>(&self, inputs: &'a [Input]) -> Option<&'a Input> {
        let element = self.element();
        inputs.iter().find(|input| match self.word {
            "forecast" | "off_plan" => input.id == self.of,
            "below" => input.observes.as_ref().is_some_and(|observed| observed.value == element),
            "response" => !element.is_empty() && input.element() == element && STATES.contains(&input.key()),
            _ => false,
        })
    }
}

/// The events of a job's `on`; words and inputs that are not known are refused.
pub(crate) fn read(entry: &Entry<'_, '_>, inputs: &[Input]) -> Vec<Event> {
    let mut events = Vec::new();
    for text in entry.texts("on") {
        let (word, of) = text.value.split_once(':').unwrap_or((&text.value, ""));
        let Some(word) = WORDS.into_iter().find(|known| *known == word) else {
            let known = hint(word, &WORDS, "events");
            let hint = known.map(|known| format!("{known}; `on = [\"forecast:INPUT\", \"below:SECTION.GRADE\"]`"));
            entry.refuse(&text.place, format!("`on`: unknown event `{word}`"), hint);
            continue;
        };
        let event = Event { word, of: of.to_owned(), place: text.place.clone() };
        let input = event.input(inputs);
        match (word, input) {
            ("forecast" | "off_plan", None) => {
                let known: Vec<&str> = inputs.iter().map(|input| input.id.as_str()).collect();
                entry.refuse(&text.place, format!("`on`: unknown input `{of}`"), hint(of, &known, "inputs"));
            }
            ("off_plan", Some(input))
                if input.off_plan.is_none() || !matches!(input.key(), "initial_level_m" | "flow_m3s") =>
            {
                let message = format!("`on`: `{of}` has no `off_plan`, or is neither a level nor an inflow");
                let hint =
                    "`off_plan = 0.5` at the input: how far its newest reading may be from the plan, in its key's unit";
                entry.refuse(&text.place, message, Some(hint.to_owned()));
            }
            ("command", _) if !of.is_empty() => {
                let message = format!("`on`: `command` is of no element, so not of `{of}`");
                entry.refuse(&text.place, message, Some("`on = \"command\"`: any that is put in or ended".to_owned()));
            }
            ("below", None) => {
                let message = format!("`on`: no input observes the section `{}`", event.element());
                let hint = format!("`observes = \"{}\"` at the input of its flow", event.element());
                entry.refuse(&text.place, message, Some(hint));
            }
            ("response", None) if !of.is_empty() => {
                let message = format!("`on`: no input gives the level of `{of}`");
                let hint = format!(
                    "`to = \"{of}.initial_level_m\"` at the input of its level; `response` alone is what the basin declares"
                );
                entry.refuse(&text.place, message, Some(hint));
            }
            _ => {}
        }
        events.push(event);
    }
    events
}

/// What a job's events name that its basin does not have. A basin that cannot be read says so at the run.
pub(crate) fn unknown(job: &Job, folder: &Path) -> Refusals {
    let mut refusals = Refusals::default();
    let named: Vec<&Event> = job.on.iter().filter(|event| !event.element().is_empty()).collect();
    if named.is_empty() {
        return refusals;
    }
    let Ok(basin) = Basin::read(&folder.join(&job.basin)) else { return refusals };
    for event in named {
        let (kind, what) = match event.word {
            "below" => ("control_section", "control sections"),
            "response" => ("reservoir", "reservoirs"),
            _ => ("", "elements"),
        };
        let fits = |element: &&Arc<dyn Element>| kind.is_empty() || element.head().kind == kind;
        let known: Vec<&Arc<dyn Element>> = basin.elements.iter().filter(fits).collect();
        let (message, hint) = match known.iter().find(|element| element.head().id == event.element()) {
            None => {
                let (id, ids) =
                    (event.element(), known.iter().map(|element| element.head().id.as_str()).collect::<Vec<_>>());
                (format!("`on`: the basin `{}` has no `{id}` among its {what}", job.basin), hint(id, &ids, what))
            }
            Some(element) => {
                let grades: Vec<&str> = element.grades().iter().map(|(grade, _)| grade.as_str()).collect();
                let grade = event.of.split_once('.').map(|(_, grade)| grade);
                let Some(grade) = grade.filter(|grade| !grades.contains(grade)) else { continue };
                (format!("`on`: `{}` has no grade `{grade}`", event.element()), hint(grade, &grades, "grades"))
            }
        };
        refusals.push(&event.place, Some(&job.id), message, hint);
    }
    refusals
}

/// What was last seen of an event.
struct Seen {
    digest: String,
    since: Timestamp,
    fired: String,
}

impl Seen {
    /// The state that it was last in.
    fn state(&self) -> &str {
        self.digest.split_once('@').map_or("", |(state, _)| state)
    }

    /// The key of a state: with the time since which it is, as far as that is known.
    fn key(&self, state: &str, at: Timestamp) -> String {
        let known =
            [&self.fired, &self.digest].into_iter().find(|key| key.split_once('@').is_some_and(|(of, _)| of == state));
        known.cloned().unwrap_or_else(|| format!("{state}@{at}"))
    }
}

/// Looks at the events of a job, and fires those that came.
///
/// # Errors
/// If the store cannot be asked.
pub async fn watch(asked: &Gathering, job: &Job, store: &Store, actor: &str) -> Result<(), StoreError> {
    for event in &job.on {
        if !turn(store, job, event, asked.now).await? {
            continue;
        }
        let seen = last_seen(store, job, event).await?;
        let Some(key) = key(asked, job, event, store, &seen).await? else { continue };
        // That a section holds its grade again asks for no plan.
        let asks = event.word != "below" || !key.starts_with(states::HELD);
        if settled(store, job, event, seen, &key, asked.now).await? && asks {
            let short: String = key.chars().take(40).collect();
            store.fire(job, asked.now, &format!("{event}:{short}"), actor).await?;
        }
    }
    Ok(())
}

/// What an event is now; none where it cannot be told.
async fn key(asked: &Gathering, job: &Job, event: &Event, store: &Store, seen: &Seen) -> Result<Option<String>, StoreError> {
    let input = event.input(&asked.inputs);
    let (digest, reading) = match input {
        Some(input) => match newest(asked, input).await {
            Ok(read) => read,
            Err(_) => return Ok(None),
        },
        None => (String::new(), None),
    };
    Ok(match (event.word, input, reading) {
        ("forecast", Some(_), _) => Some(digest),
        ("off_plan", Some(input), Some(reading)) => off_plan(asked, job, (input, reading), store).await?,
        ("below", Some(input), Some(reading)) => lowered(asked).await.and_then(|(_, case)| {
            let state = states::section(&case, &event.of, input, reading, seen.state())?;
            Some(seen.key(state, reading.time))
        }),
        ("response", Some(input), Some(reading)) => lowered(asked).await.and_then(|(basin, case)| {
            Some(seen.key(states::zone(&basin, &case, input, reading, seen.state())?, reading.time))
        }),
        ("response", None, _) => lowered(asked).await.map(|(basin, _)| seen.key(states::declared(&basin), asked.now)),
        ("command", ..) => {
            // Put in or ended by somebody; that one is over by its own dates, the plans knew before.
            let all = store.commands(false).await?;
            let ids: Vec<&str> =
                all.iter().filter(|command| command.basin == job.basin).map(|command| command.holds.id.as_str()).collect();
            Some(seen.key(&table::digest(ids.join(" ").as_bytes())[..12], asked.now))
        }
        ("outage", ..) => {
            let text = tokio::fs::read_to_string(asked.basin.join(basin::FILE)).await;
            let closed = text.ok().and_then(|text| states::closed(&text, &event.of));
            closed.map(|closed| seen.key(&closed, asked.now))
        }
        _ => None,
    })
}

/// The plan in force that the newest reading of an input is too far from.
async fn off_plan(
    asked: &Gathering,
    job: &Job,
    (input, reading): (&Input, Reading),
    store: &Store,
) -> Result<Option<String>, StoreError> {
    let Some(plan) = store.in_force(&job.product, job.term, asked.now).await? else { return Ok(None) };
    let content = store.document(&plan.id).await?.content;
    let band = input.off_plan.unwrap_or(f64::INFINITY);
    let off = planned(&content, input, reading.time).filter(|planned| (reading.value - planned).abs() > band);
    Ok(off.map(|_| plan.id))
}

/// The basin and its case as of now.
async fn lowered(asked: &Gathering) -> Option<(Basin, Case)> {
    let (folder, start) = (asked.basin.clone(), asked.start);
    let read = tokio::task::spawn_blocking(move || {
        let basin = basin_of(&folder, &[], &Laid::default()).ok()?;
        let (case, _) = lower(&basin, Some(start)).ok()?;
        Some((basin, case))
    });
    read.await.ok().flatten()
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

async fn last_seen(store: &Store, job: &Job, event: &Event) -> Result<Seen, StoreError> {
    let row = sqlx::query("SELECT digest, since, fired FROM watched WHERE job = $1 AND event = $2")
        .bind(job.id.clone())
        .bind(event.to_string())
        .fetch_one(&store.pool)
        .await?;
    Ok(Seen { digest: row.try_get(0)?, since: time(row.try_get(1)?), fired: row.try_get(2)? })
}

/// Notes what was seen of an event; whether it is new, and has stayed so long enough.
async fn settled(
    store: &Store,
    job: &Job,
    event: &Event,
    seen: Seen,
    key: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let first = seen.fired.is_empty() && event.word != "off_plan";
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
