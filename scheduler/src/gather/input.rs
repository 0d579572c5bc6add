//! An input as `jobs.toml` has it.

use std::sync::Arc;

use jiff::civil::Time;
use weir_model::basin::entry::{Entry, Field};
use weir_model::basin::nearest::hint;
use weir_model::laid::{PAST, STATES};
use weir_model::profile::Profile;
use weir_model::series::Meaning;
use weir_model::unit_words::Unit;

use super::back_computed::BackComputed;
use super::checks::Checks;
use super::{BACK_COMPUTED, SOURCES, Source};
use crate::job::id_of;

/// An input.
#[derive(Clone, Debug)]
pub struct Input {
    /// Id.
    pub id: String,
    /// Word of its kind.
    pub kind: String,
    /// Where its readings come from.
    pub origin: Origin,
    /// Element and key of the basin that it gives; none for one that others are computed from.
    pub to: Option<Field<String>>,
    /// The control section whose flow it measures, for events.
    pub observes: Option<Field<String>>,
    /// The series of plans, `ELEMENT.QUANTITY`, that it measures; only of one without `to`, which plans are followed by.
    pub measures: Option<Field<String>>,
    /// Unit in which it is laid and checked.
    pub unit: Unit,
    /// Unit of its readings, where the file names one.
    pub given: Option<Unit>,
    /// What its levels are above.
    pub datum: Option<Field<String>>,
    /// What is added to a level to stand above the basin's datum, m.
    pub datum_shift_m: Option<f64>,
    /// Whether values are means from their time on or instants.
    pub meaning: Meaning,
    /// When its days begin.
    pub day_starts: Time,
    /// IANA name of the zone of its times; the basin's unless given.
    pub time_zone: Option<String>,
    /// How old its newest reading may be, hours.
    pub fresh_h: Option<f64>,
    /// How far into the horizon it must reach, hours.
    pub covers_h: Option<f64>,
    /// How far its newest reading may be from the plan in force.
    pub off_plan: Option<f64>,
    /// How long a series' last value holds on, hours.
    pub hold_h: f64,
    /// What readings must keep.
    pub checks: Checks,
    /// What stands for it where it is late, missing or bad, in order.
    pub fall_back: Vec<FallBack>,
    /// Values that return every year.
    pub climatology: Option<Profile>,
    /// Longest time that reading it may take, seconds.
    pub time_limit_s: f64,
}

/// Where readings come from.
#[derive(Clone, Debug)]
pub enum Origin {
    /// A source.
    Source(Arc<dyn Source>),
    /// Storage change and outflow, other inputs.
    BackComputed(BackComputed),
}

/// What stands for an input that is late, missing or bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FallBack {
    /// Its last value holds.
    Last,
    /// Its series as it was gathered last.
    Yesterday,
    /// Values that return every year.
    Climatology,
    /// What the basin's file holds.
    Basin,
    /// Nothing: the run fails.
    None,
}

impl FallBack {
    /// All.
    const ALL: [Self; 5] = [Self::Last, Self::Yesterday, Self::Climatology, Self::Basin, Self::None];

    /// The word in `jobs.toml` and in plans.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Last => "last",
            Self::Yesterday => "yesterday",
            Self::Climatology => "climatology",
            Self::Basin => "basin",
            Self::None => "none",
        }
    }
}

/// What the value at a key of the basin is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A state at the start.
    State,
    /// Means of the steps before the start.
    Past,
    /// A number in time.
    Series,
}

impl Input {
    /// Its key in the basin's file.
    pub fn key(&self) -> &str {
        self.to.as_ref().and_then(|to| to.value.rsplit_once('.')).map_or("", |(_, key)| key)
    }

    /// The element that it is about.
    pub fn element(&self) -> &str {
        self.to.as_ref().and_then(|to| to.value.rsplit_once('.')).map_or("", |(element, _)| element)
    }

    /// The inputs that it is computed from or checked against.
    pub fn parts(&self) -> Vec<&Field<String>> {
        let balance = self.checks.balance.iter().map(|balance| &balance.with);
        match &self.origin {
            Origin::Source(_) => balance.collect(),
            Origin::BackComputed(back) => back.parts().chain(balance).collect(),
        }
    }

    /// What the value at its key is.
    pub fn shape(&self) -> Shape {
        match self.key() {
            key if STATES.contains(&key) => Shape::State,
            PAST => Shape::Past,
            _ => Shape::Series,
        }
    }
}

/// The inputs of a file.
pub(crate) fn read(root: &Entry<'_, '_>) -> Vec<Input> {
    let (mut inputs, mut entries) = (Vec::<Input>::new(), Vec::new());
    for mut entry in root.tables("input") {
        let id = id_of(&mut entry, "an input's id: letters, digits, `_` and `-`");
        let input = one(&entry);
        entry.finish();
        let (Some(id), Some(input)) = (id, input) else { continue };
        if inputs.iter().any(|other| other.id == id.value) {
            entry.refuse(&id.place, format!("`id`: `{}` stands twice", id.value), Some("give each its own".to_owned()));
        }
        inputs.push(Input { id: id.value, ..input });
        entries.push(entry);
    }
    let known: Vec<&str> = inputs.iter().map(|input| input.id.as_str()).collect();
    for (input, entry) in inputs.iter().zip(&entries) {
        for part in input.parts() {
            let found = inputs.iter().find(|other| other.id == part.value);
            let of_balance = input.checks.balance.as_ref().is_some_and(|balance| balance.with == *part);
            if found.is_some_and(|found| matches!(found.origin, Origin::Source(_)) || of_balance) {
                continue;
            }
            let message = match found {
                Some(_) => format!("`{}`: `{}` is computed itself", part.key, part.value),
                None => format!("`{}`: unknown input `{}`", part.key, part.value),
            };
            entry.refuse(&part.place, message, hint(&part.value, &known, "inputs"));
        }
    }
    inputs
}

/// The inputs that a job names, in its order; unknown ones are refused.
pub(crate) fn named(entry: &Entry<'_, '_>, inputs: &[Input]) -> Vec<String> {
    let names = entry.texts("inputs");
    let known: Vec<&str> = inputs.iter().map(|input| input.id.as_str()).collect();
    for name in names.iter().filter(|name| !known.contains(&name.value.as_str())) {
        let message = format!("`inputs`: unknown input `{}`", name.value);
        entry.refuse(&name.place, message, hint(&name.value, &known, "inputs"));
    }
    names.into_iter().map(|name| name.value).collect()
}

fn one(entry: &Entry<'_, '_>) -> Option<Input> {
    let words: Vec<&str> = SOURCES.iter().map(|(word, _)| *word).chain([BACK_COMPUTED]).collect();
    let kind = entry.word("kind", &words);
    if !entry.has("kind") {
        entry.missing_because(&["kind"], &format!("one of {}", words.join(", ")));
    }
    let origin = kind.as_ref().and_then(|kind| match SOURCES.iter().find(|(word, _)| *word == kind.value) {
        Some((_, read)) => read(entry).map(Origin::Source),
        None => BackComputed::read(entry).map(Origin::BackComputed),
    });
    let to = entry.text("to").filter(|to| {
        let fits = to.value.split_once('.').is_some_and(|(id, key)| !id.is_empty() && !key.is_empty() && !key.contains('.'));
        if !fits {
            let message = format!("`to`: `{}` is no element and key of the basin's file", to.value);
            entry.refuse(&to.place, message, Some("such as `lake.initial_level_m` or `brook.flow_m3s`".to_owned()));
        }
        fits
    });
    let measures = measures(entry, to.is_some());
    let key_unit = to.as_ref().map(|to| Unit::of_key(&to.value));
    let given = entry.text("unit").and_then(|word| {
        let unit = Unit::of(&word.value);
        if unit.is_none() {
            let message = format!("`unit`: unknown unit `{}`", word.value);
            entry.refuse(&word.place, message, hint(&word.value, &Unit::words(), "units"));
        }
        unit.map(|unit| (unit, word))
    });
    let unit = key_unit.or(given.as_ref().map(|(unit, _)| *unit)).unwrap_or(Unit::of_key(""));
    if let Some((from, word)) = given.as_ref().filter(|(from, _)| from.to(unit).is_none()) {
        let message = format!("`unit`: {} is not of the kind of `to`, {}", from.word, unit.word);
        entry.refuse(&word.place, message, Some("an input has the quantity of the key that it goes to".to_owned()));
    }
    let observes = entry.text("observes");
    if let Some(section) = observes.as_ref().filter(|_| Unit::of("m3/s").is_none_or(|flow| unit.to(flow).is_none())) {
        let hint = "a section is judged by its flow: `unit = \"m3/s\"`".to_owned();
        entry.refuse(&section.place, "`observes`: the input is no flow", Some(hint));
    }
    let day_starts = entry.text("day_starts").map_or(Some(Time::midnight()), |text| {
        let time = weir_model::series::day_starts(&text.value);
        time.map_err(|why| entry.refuse(&text.place, format!("`day_starts`: {why}"), None)).ok()
    });
    let time_zone = entry.text("time_zone").filter(|zone| {
        let known = jiff::tz::TimeZone::get(&zone.value).is_ok();
        if !known {
            let hint = Some("an IANA name such as `Asia/Shanghai`".to_owned());
            entry.refuse(&zone.place, format!("`time_zone`: unknown zone `{}`", zone.value), hint);
        }
        known
    });
    let meaning = entry.word("meaning", &["mean", "instant"]);
    let climatology = climatology(entry);
    let fall_back = fall_back(entry, climatology.is_some(), to.is_some());
    let hours = |key: &str| entry.number_within(key, 0.0, 1e6).map(|hours| hours.value);
    let (fresh_h, covers_h, time_limit_s) = (hours("fresh_h"), hours("covers_h"), hours("time_limit_s"));
    let hold_h = hours("hold_h");
    let off_plan = entry.number_within("off_plan", 0.0, f64::INFINITY);
    let (checks, datum) = (Checks::read(entry), entry.text("datum"));
    let datum_shift_m = entry.number("datum_shift_m").map(|shift| shift.value);
    Some(Input {
        id: String::new(),
        kind: kind?.value,
        origin: origin?,
        observes,
        unit,
        given: given.map(|(unit, _)| unit),
        datum,
        datum_shift_m,
        meaning: if meaning.is_some_and(|word| word.value == "instant") { Meaning::Instant } else { Meaning::Mean },
        day_starts: day_starts?,
        time_zone: time_zone.map(|zone| zone.value),
        fresh_h,
        covers_h,
        off_plan: off_plan.map(|band| band.value),
        hold_h: hold_h.unwrap_or(0.0),
        checks,
        fall_back,
        climatology,
        time_limit_s: time_limit_s.unwrap_or(30.0).max(1.0),
        to,
        measures,
    })
}

/// What plans are followed by, and an input is read for that gives nothing to the basin.
const MEASURED: [&str; 5] = ["flow", "outflow", "supply", "level", "storage"];

fn measures(entry: &Entry<'_, '_>, is_laid: bool) -> Option<Field<String>> {
    let measures = entry.text("measures")?;
    let quantity = measures.value.rsplit_once('.').map_or("", |(_, quantity)| quantity);
    if is_laid {
        let hint = Some("`to` says already what it tells of; leave `measures` out".to_owned());
        entry.refuse(&measures.place, "`measures` beside `to`", hint);
    } else if !MEASURED.contains(&quantity) {
        let message = format!("`measures`: `{}` is no series that plans are followed by", measures.value);
        let hint = format!("such as `lake.outflow` or `works.residents.supply`: {}", MEASURED.join(", "));
        entry.refuse(&measures.place, message, Some(hint));
    }
    Some(measures)
}

fn climatology(entry: &Entry<'_, '_>) -> Option<Profile> {
    let part = entry.table("climatology")?;
    let (word, values) = (part.word("profile", &["month", "旬", "day"]), part.numbers("values"));
    for key in ["profile", "values"] {
        if !part.has(key) {
            part.missing_because(&[key], "`climatology = { profile = \"month\", values = [12 numbers] }`");
        }
    }
    part.finish();
    let (word, values) = (word?, values?);
    Profile::new(&word.value, values.value)
        .map_err(|why| entry.refuse(&values.place, format!("`climatology`: {why}"), None))
        .ok()
}

fn fall_back(entry: &Entry<'_, '_>, has_climatology: bool, is_laid: bool) -> Vec<FallBack> {
    let known = FallBack::ALL.map(FallBack::word);
    let mut found = Vec::new();
    for word in entry.texts("fall_back") {
        let Some(fall_back) = FallBack::ALL.into_iter().find(|fall_back| fall_back.word() == word.value) else {
            let message = format!("`fall_back`: unknown word `{}`", word.value);
            entry.refuse(&word.place, message, hint(&word.value, &known, "accepted"));
            continue;
        };
        if fall_back == FallBack::Climatology && !has_climatology {
            let hint = "`climatology = { profile = \"month\", values = [12 numbers] }`".to_owned();
            entry.refuse(&word.place, "`fall_back`: `climatology` needs the values that return every year", Some(hint));
        }
        if !is_laid && fall_back != FallBack::None {
            let hint = "the input that is computed from it has a fall-back of its own".to_owned();
            entry.refuse(&word.place, "`fall_back`: an input without `to` has none", Some(hint));
        }
        found.push(fall_back);
    }
    found
}
