//! Numbers in time as basin files write them: a number, a profile, a column of a series file, or seasons of dates.

use std::sync::Arc;

use jiff::civil::Time;
use toml::de::DeValue;

use crate::basin::changed::{Change, changed};
use crate::basin::dates::{Day, Interval, Period};
use crate::basin::entry::{Entry, Field, Value, innermost};
use crate::basin::files::LoadedSeries;
use crate::basin::nearest::hint;
use crate::laid::{LaidForm, LaidSeries};
use crate::lower::splice::Splice;
use crate::place::Place;
use crate::profile::Profile;
use crate::series::{Meaning, day_starts};

/// A number in time.
#[derive(Clone, Debug)]
pub struct Varying {
    /// How it is given.
    pub form: Form,
    /// What each number is multiplied by to reach the base unit.
    pub scale: f64,
    /// Bounds that every number must keep, in the unit as written.
    pub range: (f64, f64),
    /// Where it was written.
    pub place: Place,
    /// The key as written, with what it lies within.
    pub key: String,
    /// The text as written, shortened.
    pub written: String,
    /// The file says that it is assumed.
    pub assumed: bool,
}

/// How a number in time is given.
#[derive(Clone, Debug)]
pub enum Form {
    /// One number.
    Number(f64),
    /// Values that return every year, by the word of their profile.
    Profile(String, Profile),
    /// A column of a series file.
    Series(SeriesColumn),
    /// By dates; the first interval that holds counts.
    Seasons(Vec<(Interval, f64)>, Option<f64>),
    /// What was gathered, and what the file holds where that does not reach.
    Laid(Arc<LaidSeries>, Box<Form>),
    /// What comes beyond a forecast, and the form that is the forecast.
    Spliced(Arc<Splice>, Box<Form>),
    /// Another, changed.
    Changed(Box<Form>, Box<Change>),
}

impl Form {
    /// The form with what was gathered beneath its changes.
    fn over(self, laid: &Arc<LaidSeries>) -> Self {
        match self {
            Self::Changed(of, change) => Self::Changed(Box::new(of.over(laid)), change),
            own => Self::Laid(Arc::clone(laid), Box::new(own)),
        }
    }
}

/// A column of a series file.
#[derive(Clone, Debug)]
pub struct SeriesColumn {
    /// The file.
    pub series: LoadedSeries,
    /// The column's heading.
    pub name: String,
    /// Its index in the file.
    pub column: usize,
    /// Whether values are means or instants.
    pub meaning: Meaning,
    /// When its days begin.
    pub day_starts: Time,
}

/// Any number.
pub const ANY: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);
/// Zero or more.
pub const POSITIVE: (f64, f64) = (0.0, f64::INFINITY);
/// A share.
pub const SHARE: (f64, f64) = (0.0, 1.0);

impl Varying {
    /// A constant, for defaults.
    pub fn constant(value: f64, place: &Place, key: &str) -> Self {
        Self {
            form: Form::Number(value),
            scale: 1.0,
            range: ANY,
            place: place.clone(),
            key: key.to_owned(),
            written: String::new(),
            assumed: false,
        }
    }

    /// The column of a series file that it is given by, beneath what is laid over it and its changes.
    pub fn column(&self) -> Option<&SeriesColumn> {
        let mut form = &self.form;
        loop {
            match form {
                Form::Series(column) => return Some(column),
                Form::Laid(_, of) | Form::Spliced(_, of) | Form::Changed(of, _) => form = of,
                Form::Number(_) | Form::Profile(..) | Form::Seasons(..) => return None,
            }
        }
    }

    /// The number, if it is one, in the base unit.
    pub fn as_number(&self) -> Option<f64> {
        match self.form {
            Form::Number(number) => Some(number * self.scale),
            _ => None,
        }
    }
}

impl<'c, 'a> Entry<'c, 'a> {
    /// A number in time.
    pub fn varying(&self, key: &str, range: (f64, f64)) -> Option<Varying> {
        let value = self.raw(key)?;
        let varying = self.varying_in(key, value, range)?;
        Some(match self.laid(key).map(|laid| &laid.form) {
            Some(LaidForm::Series(laid)) => Varying { form: varying.form.over(laid), ..varying },
            _ => varying,
        })
    }

    /// A number in time that must be there.
    pub fn required_varying(&self, key: &str, range: (f64, f64)) -> Option<Varying> {
        let varying = self.varying(key, range);
        if !self.has(key) {
            self.missing(&[key]);
        }
        varying
    }

    /// A volume in time, base unit hm³.
    pub fn varying_volume(&self, stem: &str, range: (f64, f64)) -> Option<Varying> {
        let (key, hm3) = self.volume_key(stem)?;
        self.varying(&key, range).map(|varying| Varying { scale: hm3, ..varying })
    }

    /// A number in time from a raw value.
    pub fn varying_in(&self, key: &str, value: &'c Value<'a>, range: (f64, f64)) -> Option<Varying> {
        let place = self.place_of(value);
        let key_within = self.key(key);
        let keeps_range = |numbers: &[f64]| {
            let Some(&number) = numbers.iter().find(|number| !(range.0..=range.1).contains(*number)) else { return true };
            self.refuse(&place, format!("`{key_within}`: {}", out_of_range(number, range)), None);
            false
        };
        let (form, assumed) = if matches!(value.get_ref(), DeValue::Table(_)) {
            let part = self.table_in(key, value)?;
            let form = if part.has("of") { changed(&part, range) } else { form(&part) };
            let assumed = innermost(value).get_ref().get("assumed").is_some();
            part.finish();
            let (form, numbers) = form?;
            if !keeps_range(&numbers) {
                return None;
            }
            (form, assumed)
        } else {
            let (DeValue::Integer(_) | DeValue::Float(_)) = value.get_ref() else {
                self.wrong(key, value, "a number, or a table with `value`, `profile`, `file`, `seasons` or `of`");
                return None;
            };
            let number = self.number_in(key, value)?;
            if !keeps_range(&[number]) {
                return None;
            }
            (Form::Number(number), false)
        };
        Some(Varying {
            form,
            scale: 1.0,
            range,
            place: self.place_of(value),
            key: self.key(key),
            written: self.context.written(value.span()),
            assumed,
        })
    }
}

/// A sentence on a number that breaks its bounds.
pub fn out_of_range(value: f64, (least, most): (f64, f64)) -> String {
    match (least.is_finite(), most.is_finite()) {
        (true, true) => format!("{value} is out of range, expected between {least} and {most}"),
        (true, false) if least == 0.0 => format!("{value} is negative, expected 0 or more"),
        (true, false) => format!("{value} is out of range, expected at least {least}"),
        _ => format!("{value} is out of range, expected at most {most}"),
    }
}

/// How it is given, and the numbers that stand in the file itself.
fn form(part: &Entry) -> Option<(Form, Vec<f64>)> {
    let forms = ["value", "profile", "file", "seasons"];
    let given: Vec<&str> = forms.into_iter().filter(|key| part.has(key)).collect();
    match given[..] {
        ["file"] => series(part),
        ["seasons"] => seasons(part),
        ["profile"] => profile(part),
        [_] => part
            .raw("value")
            .and_then(|value| part.number_in("value", value))
            .map(|number| (Form::Number(number), vec![number])),
        [] => {
            for key in forms {
                let _ = part.raw(key);
            }
            part.missing(&forms);
            None
        }
        [first, second, ..] => {
            let hint = "a number in time has one of `value`, `profile`, `file`, `seasons`".to_owned();
            for key in forms {
                let _ = part.raw(key);
            }
            part.refuse(
                &part.place,
                format!("`{}` and `{}` exclude each other", part.key(first), part.key(second)),
                Some(hint),
            );
            None
        }
    }
}

fn profile(part: &Entry) -> Option<(Form, Vec<f64>)> {
    let word = part.word("profile", &["month", "旬", "day"]);
    let values = part.numbers("values");
    if !part.has("values") {
        part.missing(&["values"]);
    }
    let (word, values) = (word?, values?);
    match Profile::new(&word.value, values.value.clone()) {
        Ok(profile) => Some((Form::Profile(word.value, profile), values.value)),
        Err(message) => {
            let hint = "12 values by `month`, 36 by `旬`, 365 or 366 by `day`, January first".to_owned();
            part.refuse(&values.place, format!("`{}`: {message}", values.key), Some(hint));
            None
        }
    }
}

fn series(part: &Entry) -> Option<(Form, Vec<f64>)> {
    let path = part.text("file");
    let column = part.required_text("column");
    let meaning = part.word("meaning", &["mean", "instant"]);
    let starts = part.text("day_starts");
    let starts = match starts.map(|field| day_starts(&field.value).map_err(|message| (field, message))) {
        None => Time::midnight(),
        Some(Ok(time)) => time,
        Some(Err((field, message))) => {
            part.refuse(&field.place, format!("`{}`: {message}", field.key), None);
            return None;
        }
    };
    let path = path?;
    let series = part.context.series(&path.value, &path.place, part.element.as_deref())?;
    let name = column?;
    let Ok(column) = series.file.column(&name.value) else {
        let known: Vec<&str> = series.file.columns().iter().map(String::as_str).collect();
        part.refuse(
            &name.place,
            format!("`{}`: file `{}` has no column `{}`", name.key, path.value, name.value),
            hint(&name.value, &known, "its columns"),
        );
        return None;
    };
    let meaning = if meaning.is_some_and(|word| word.value == "instant") { Meaning::Instant } else { Meaning::Mean };
    Some((Form::Series(SeriesColumn { series, name: name.value, column, meaning, day_starts: starts }), Vec::new()))
}

fn seasons(part: &Entry) -> Option<(Form, Vec<f64>)> {
    let mut seasons = Vec::new();
    let mut faulty = false;
    for season in part.tables("seasons") {
        let interval = season.interval();
        let value = season.number("value");
        if !season.has("value") {
            season.missing(&["value"]);
        }
        season.finish();
        match (interval, value) {
            (Some(interval), Some(value)) => seasons.push((interval, value.value)),
            _ => faulty = true,
        }
    }
    let otherwise = part.number("otherwise").map(|number| number.value);
    if seasons.is_empty() && !faulty {
        part.refuse(
            &part.place,
            format!("`{}` is empty, expected a list of {{ from, to, value }}", part.key("seasons")),
            None,
        );
        return None;
    }
    let numbers = seasons.iter().map(|&(_, value)| value).chain(otherwise).collect();
    (!faulty).then_some((Form::Seasons(seasons, otherwise), numbers))
}

impl Entry<'_, '_> {
    /// The interval of the keys `from` and `to`.
    pub fn interval(&self) -> Option<Interval> {
        let (from, to) = (self.date_text("from"), self.date_text("to"));
        for key in ["from", "to"] {
            if !self.has(key) {
                self.missing(&[key]);
            }
        }
        let (from, to) = (from?, to?);
        let day = |field: &Field<String>| {
            Day::parse(&field.value)
                .map_err(|message| self.refuse(&field.place, format!("`{}`: {message}", field.key), None))
                .ok()
        };
        let (first, last) = (day(&from), day(&to));
        let hint = "mend `from` or `to`; a season that passes the new year is written `MM-DD`".to_owned();
        Interval::new(first?, last?)
            .map_err(|message| self.refuse(&to.place, format!("`{}`: {message}", to.key), Some(hint)))
            .ok()
    }

    /// The period of the keys `from` and `to`, or `after_days` and `days`; always where none of them is there.
    pub fn period(&self) -> Option<Period> {
        let whole = |key: &str, least: f64| {
            let days = self.number_within(key, least, 36_600.0)?;
            let is_whole = days.value.fract() == 0.0;
            if !is_whole {
                let hint = "whole days, counted from the start of the horizon".to_owned();
                self.refuse(&days.place, format!("`{}`: {} is no number of days", days.key, days.value), Some(hint));
            }
            is_whole.then_some((days.value as i64, days.place))
        };
        let (after, days) = (whole("after_days", 0.0), whole("days", 1.0));
        let by_days = ["after_days", "days"].into_iter().find(|key| self.has(key));
        let by_dates = ["from", "to"].into_iter().find(|key| self.has(key));
        match (by_dates, by_days) {
            (None, None) => Some(Period::Always),
            (Some(_), None) => self.interval().map(Period::Dates),
            (None, Some(_)) => {
                let faulty = self.has("after_days") != after.is_some() || self.has("days") != days.is_some();
                let period = Period::Days(after.map_or(0, |(days, _)| days), days.map(|(days, _)| days));
                (!faulty).then_some(period)
            }
            (Some(date), Some(days)) => {
                let _ = (self.raw("from"), self.raw("to"));
                let message = format!("`{}` and `{}` exclude each other", self.key(date), self.key(days));
                let hint = "dates `from` … `to`, or days of the horizon `after_days`, `days`".to_owned();
                self.refuse(&self.place, message, Some(hint));
                None
            }
        }
    }

    /// The periods of a list of `{ from, to }` or `{ after_days, days }`.
    pub fn periods(&self, key: &str) -> Vec<Period> {
        self.tables(key)
            .into_iter()
            .filter_map(|part| {
                let period = part.period();
                if period == Some(Period::Always) {
                    part.missing(&["from", "after_days"]);
                }
                part.finish();
                period
            })
            .collect()
    }
}
