//! The questions that an office asks every week: a file a question, with the overlays that it asks and the sentence that answers it,
//! in Chinese and English.
//!
//! What a question is about, a canal, a works, two accounts, is named by `--of`, or is what the base's plan shows to be meant. The
//! overlays are texts like any other ([`overlay`](crate::overlay)), made for the basin.
//! Fails: a subject that the basin has not.

mod accounts_to_year_end;
mod canal_closed;
mod curtailed_without_rain;
mod days_without_rain;
mod ecological_targets_up;
mod energy_first;
mod flood_season_end;
mod intake_stopped;
mod last_year;
mod levels_by_dry_year;
mod pre_release;
mod rights_traded;
mod section_on_target;
mod standby_sources;

use std::path::Path;

use jiff::civil::{Date, date};
use weir_model::basin::nearest::hint;
use weir_model::document::{Element, PlanDocument};
use weir_model::horizon::after_ten_days;
use weir_report::view::View;
use weir_report::{Phrase, both, floors, quantity};

/// Less than this is nothing, m³/s or hm³.
pub(crate) const NOTHING: f64 = 1e-6;
/// Less than this reads as 0.0万m³, hm³.
const SEEN: f64 = 0.000_5;

/// Texts of overlays by their ids; or what a question cannot be about.
type Texts = Result<Vec<(String, String)>, String>;

/// Answers of the basin in a folder, its plan, and what is named; or why it cannot be told.
type Beside = fn(&Path, &PlanDocument, &[String]) -> Result<Phrase, Phrase>;

/// A question.
pub struct Question {
    /// Its word.
    pub word: &'static str,
    /// As an office asks it, in Chinese and in English.
    pub asked: [&'static str; 2],
    /// What `--of` names, in words; nothing where there is nothing to be named.
    pub of: &'static str,
    /// The overlays that it asks, by their ids.
    overlays: fn(&View<'_>, &[String]) -> Texts,
    /// The sentence that answers it.
    answer: fn(&View<'_>, &[(&str, View<'_>)]) -> Phrase,
    /// Of a question that no plan of an overlay answers, the sentence that does.
    beside: Option<Beside>,
}

/// All questions, by their words.
pub const QUESTIONS: &[Question] = &[
    accounts_to_year_end::QUESTION,
    canal_closed::QUESTION,
    curtailed_without_rain::QUESTION,
    days_without_rain::QUESTION,
    ecological_targets_up::QUESTION,
    energy_first::QUESTION,
    flood_season_end::QUESTION,
    intake_stopped::QUESTION,
    last_year::QUESTION,
    levels_by_dry_year::QUESTION,
    pre_release::QUESTION,
    rights_traded::QUESTION,
    section_on_target::QUESTION,
    standby_sources::QUESTION,
];

impl Question {
    /// The question of a word.
    pub fn of_word(word: &str) -> Option<&'static Self> {
        QUESTIONS.iter().find(|question| question.word == word)
    }

    /// Texts of the overlays that it asks of a basin, by their ids, each headed by the question.
    ///
    /// # Errors
    /// What it cannot be about, and what it could be.
    pub fn overlays(&self, base: &PlanDocument, of: &[String]) -> Texts {
        if let Some(named) = of.first().filter(|_| self.of.is_empty()) {
            return Err(format!("takes no `--of`: `{named}` names nothing of it\n  hint: ask it without `--of`, by itself"));
        }
        let head = |(id, text): (String, String)| {
            let note = id.strip_prefix(self.word).unwrap_or_default().trim_start_matches('-');
            let note = match note {
                "as-today" => both("按现状", "as today"),
                "as-planned" => both("按原方案", "as planned"),
                days if days.parse::<u32>().is_ok() => both(format!("{days}天"), format!("{days} d")),
                other => Phrase::same(other.replace('-', " ")),
            };
            let name = |asked: &str, (open, note, close): (&str, &str, &str)| {
                let note = if note.is_empty() { String::new() } else { format!("{open}{note}{close}") };
                toml::Value::from(format!("{asked}{note}")).to_string()
            };
            let chinese = name(self.asked[0], ("（", &note.chinese, "）"));
            let english = name(self.asked[1], (" (", &note.english, ")"));
            (id, format!("name = {chinese}\nenglish = {english}\n{text}"))
        };
        Ok((self.overlays)(&View::new(base), of)?.into_iter().map(head).collect())
    }

    /// That it cannot be asked of a basin, and why.
    pub fn unasked(&self, why: &Phrase) -> Phrase {
        both(
            format!("{}无法回答：{}。", self.asked[0], why.chinese),
            format!("{} it cannot be told: {}.", self.asked[1], why.english),
        )
    }

    /// The sentence that answers it, of the basin in a folder and what is named: of the plans by the ids of its overlays.
    ///
    /// # Errors
    /// Why it cannot be told; plans that are missing.
    pub fn answer(
        &self,
        (dir, of): (&Path, &[String]),
        base: &PlanDocument,
        plans: &[(&str, Option<&PlanDocument>)],
    ) -> Result<Phrase, Phrase> {
        let missing: Vec<&str> = plans.iter().filter(|(_, plan)| plan.is_none()).map(|(id, _)| *id).collect();
        let said = if let Some(beside) = self.beside {
            beside(dir, base, of)?
        } else if missing.is_empty() {
            let views: Vec<(&str, View<'_>)> =
                plans.iter().filter_map(|(id, plan)| Some((*id, View::new((*plan)?)))).collect();
            let base = View::new(base);
            let said = (self.answer)(&base, &views);
            // Where several lack floors, the one that lacks most says what that means.
            let told = views.iter().filter_map(|(_, view)| Some((floors::unmet(view), floors::told(&base, view)?)));
            match told.max_by(|a, b| a.0.total_cmp(&b.0)) {
                Some((_, told)) => both(said.chinese + &told.chinese, format!("{} {}", said.english, told.english)),
                None => said,
            }
        } else {
            let missing = missing.join(", ");
            return Err(both(format!("求不出方案：{missing}"), format!("there is no plan of {missing}")));
        };
        Ok(both(format!("{}{}", self.asked[0], said.chinese), format!("{} {}", self.asked[1], said.english)))
    }
}

/// The first sentence of why something cannot be told.
pub fn first_cause(why: &str) -> Phrase {
    weir_report::cause(None, why.lines().next().unwrap_or_default())
}

/// One overlay of a question.
fn one(id: &str, text: impl Into<String>) -> Vec<(String, String)> {
    vec![(id.to_owned(), text.into())]
}

/// The named subject, which must be one of those known; the first of them where none is named.
fn subject<'e>(of: Option<&String>, known: &[&'e Element], what: &str) -> Result<&'e Element, String> {
    let Some(id) = of else { return known.first().copied().ok_or_else(|| format!("the basin has no {what}")) };
    known.iter().find(|element| element.id == *id).copied().ok_or_else(|| {
        let ids: Vec<&str> = known.iter().map(|element| element.id.as_str()).collect();
        let hint = hint(id, &ids, what).map_or_else(String::new, |hint| format!("\n  hint: {hint}"));
        format!("`{id}` is none of the basin's {what}{hint}")
    })
}

/// Elements of kinds, that with most of a quantity first.
fn by_most<'a>(view: &View<'a>, kinds: &[&str], quantity: &str) -> Vec<&'a Element> {
    let mut found = view.of_kind(kinds);
    let volume = |element: &Element| view.volume(&element.id, quantity).unwrap_or(0.0);
    found.sort_by(|a, b| volume(b).total_cmp(&volume(a)).then_with(|| a.id.cmp(&b.id)));
    found
}

/// The last stage that works on what users and rivers are owed, or on what that costs.
fn last_owed<'a>(view: &View<'a>, kinds: &[&str]) -> Option<&'a str> {
    let staged = view.content.objectives.iter().filter(|row| row.stage.is_some() && kinds.contains(&row.kind.as_str()));
    staged.max_by_key(|row| row.stage).map(|row| row.id.as_str())
}

/// Steps of a horizon from a day to the eve of another: the first month by days, then by 旬, and the last days.
fn steps(start: Date, end: Date) -> String {
    let count = |from: Date, to: Date| to.duration_since(from).as_hours() / 24;
    let daily = count(start, end).min(30);
    let mut at = start.saturating_add(jiff::ToSpan::days(daily));
    let mut parts = vec![format!("\"{daily} x 1 d\"")];
    let mut tens = 0;
    while let Some(next) = after_ten_days(at).ok().filter(|next| *next <= end && at < end) {
        (at, tens) = (next, tens + 1);
    }
    if tens > 0 {
        parts.push(format!("\"{tens} x 旬\""));
    }
    if at < end {
        parts.push(format!("\"{} x 1 d\"", count(at, end)));
    }
    format!("[{}]", parts.join(", "))
}

/// The next time that a day of the year comes, on a date or behind it.
fn next(start: Date, (month, day): (i8, i8)) -> Date {
    let this = date(start.year(), month, day);
    if start <= this { this } else { date(start.year() + 1, month, day) }
}

/// What uses lack in the whole horizon, hm³: those off the stream.
fn short(view: &View<'_>, uses: &[&str]) -> f64 {
    let rows = view.content.satisfaction.iter();
    let whole = rows.filter(|row| row.class.is_none() && row.period == "horizon" && !row.in_stream);
    let of_uses = whole.filter(|row| uses.is_empty() || uses.contains(&row.use_.as_str()));
    of_uses.map(|row| (row.demand_hm3 - row.supply_hm3).max(0.0)).sum()
}

/// What is stored at the end, hm³.
fn stored(view: &View<'_>) -> f64 {
    let stores = view.of_kind(&["reservoir"]).into_iter();
    stores.filter_map(|store| view.ends(&store.id, "storage")).map(|(_, last)| last).sum()
}

/// GWh made.
fn energy(view: &View<'_>) -> f64 {
    let rows = view.content.series.iter().filter(|row| row.quantity == "energy");
    rows.flat_map(|row| row.values.iter().flatten()).filter(|value| **value > 0.0).sum()
}

/// The first step in which residents and public go short at each delivery that does.
fn first_short<'a>(view: &View<'a>) -> Vec<(&'a Element, usize)> {
    let step = |element: &Element| {
        let mut rows = view.content.series.iter().filter(|row| {
            row.element == element.id && row.quantity == "shortage" && row.use_.as_deref() == Some("domestic")
        });
        let lacks = |row: &weir_model::document::SeriesRow| {
            row.values.iter().position(|value| value.is_some_and(|value| value > 1e-4))
        };
        rows.by_ref().filter_map(lacks).min()
    };
    let mut found: Vec<(&Element, usize)> = view
        .of_kind(&["waterworks", "irrigation", "demand"])
        .into_iter()
        .filter_map(|element| Some((element, step(element)?)))
        .collect();
    found.sort_by(|a, b| (a.1, &a.0.id).cmp(&(b.1, &b.0.id)));
    found
}

/// Whole days before a step.
fn days_before(view: &View<'_>, step: usize) -> String {
    quantity::fixed(view.axis.edges.get(step).copied().unwrap_or(0.0).floor(), 0)
}

/// The day on which a step begins.
fn day(view: &View<'_>, step: usize) -> Phrase {
    view.axis.times.get(step).map_or_else(Phrase::default, |time| quantity::date(time.date()))
}

/// Names of elements, in a row.
fn names(view: &View<'_>, elements: &[&Element]) -> Phrase {
    let all: Vec<Phrase> = elements.iter().map(|element| view.name(&element.id)).collect();
    Phrase::joined(&all, "、", ", ")
}
