//! Numbers changed where they stand: `{ of = 24, scale = 0.5, from = "12-01", to = "12-10" }`.
//!
//! `of` is a number, or a number in time in any of its forms, a changed one too; `scale` multiplies it, `shift` adds in the key's own
//! unit, `derate` takes a share of it away, `value` replaces it. A period needs a number in time, and on a step counts by its days.
//! Fails: none of the four, or several; a period on a number that is the same always.

use std::fmt;

use crate::basin::dates::Period;
use crate::basin::entry::{Entry, Value};
use crate::basin::varying::{Form, SHARE};
use crate::place::Place;

/// What is done to a number, when.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What.
    pub by: By,
    /// When.
    pub period: Period,
    /// Where it was written.
    pub place: Place,
}

/// What is done to a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum By {
    /// It is multiplied.
    Scale(f64),
    /// Something is added, in the unit as written.
    Shift(f64),
    /// A share of it is taken away.
    Derate(f64),
    /// Another takes its place.
    Value(f64),
}

/// Words of what may be done.
pub const WORDS: [&str; 4] = ["scale", "shift", "derate", "value"];

impl Change {
    /// A number, changed.
    pub fn of(&self, number: f64) -> f64 {
        match self.by {
            By::Scale(factor) => number * factor,
            By::Shift(more) => number + more,
            By::Derate(share) => number * (1.0 - share),
            By::Value(value) => value,
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.by {
            By::Scale(factor) => write!(f, "× {factor}")?,
            By::Shift(more) => write!(f, "{more:+}")?,
            By::Derate(share) => write!(f, "less {share} of it")?,
            By::Value(value) => write!(f, "{value} instead")?,
        }
        self.period.fmt(f)
    }
}

/// Reads the change of a table `{ of, … }`.
fn change(part: &Entry) -> Option<Change> {
    let given: Vec<&str> = WORDS.into_iter().filter(|key| part.has(key)).collect();
    let numbers = WORDS.map(|key| {
        let (least, most) = if key == "derate" { SHARE } else { (f64::NEG_INFINITY, f64::INFINITY) };
        part.number_within(key, least, most).map(|number| number.value)
    });
    let period = part.period();
    match given[..] {
        [word] => {
            let at = WORDS.iter().position(|known| *known == word)?;
            let by = [By::Scale, By::Shift, By::Derate, By::Value][at](numbers[at]?);
            Some(Change { by, period: period?, place: part.place_of(part.raw(word)?) })
        }
        [] => {
            part.missing(&WORDS);
            None
        }
        [first, second, ..] => {
            let message = format!("`{}` and `{}` exclude each other", part.key(first), part.key(second));
            part.refuse(
                &part.place,
                message,
                Some("one change each: a changed number may be the `of` of another".to_owned()),
            );
            None
        }
    }
}

impl<'c, 'a> Entry<'c, 'a> {
    /// The number of a table `{ of, … }` that is the same always.
    pub(super) fn changed_number(&self, key: &str, value: &'c Value<'a>) -> Option<f64> {
        let part = self.table_in(key, value)?;
        let number = part.raw("of").and_then(|of| part.number_in("of", of));
        let change = change(&part);
        part.finish();
        let (number, change) = (number?, change?);
        if change.period != Period::Always {
            let hint = "leave `from`, `to`, `after_days` and `days` out, or change a number in time".to_owned();
            let message = format!("`{}` is the same always, and was changed for a period", self.key(key));
            self.refuse(&change.place, message, Some(hint));
            return None;
        }
        Some(change.of(number))
    }

    /// What the changes of a key's own number make of another.
    pub(super) fn changed_as(&self, key: &str, value: &'c Value<'a>, number: f64) -> f64 {
        let Some(table) = value.get_ref().as_table().filter(|table| table.contains_key("of")) else { return number };
        let Some(part) = self.table_in(key, value) else { return number };
        let number = table.get("of").map_or(number, |of| part.changed_as("of", of, number));
        change(&part).map_or(number, |change| change.of(number))
    }
}

/// The form of a table `{ of, … }`, and the numbers that stand in it.
pub(super) fn changed(part: &Entry, range: (f64, f64)) -> Option<(Form, Vec<f64>)> {
    let of = part.raw("of").and_then(|of| part.varying_in("of", of, range));
    let change = change(part);
    let (of, change) = (of?, change?);
    if change.period != Period::Always {
        return Some((Form::Changed(Box::new(of.form), Box::new(change)), Vec::new()));
    }
    // What stands in the file is changed there: a profile stays one.
    Some(match of.form {
        Form::Number(number) => (Form::Number(change.of(number)), vec![change.of(number)]),
        Form::Profile(word, profile) => {
            let profile = profile.map(|value| change.of(value));
            let numbers = profile.values().to_vec();
            (Form::Profile(word, profile), numbers)
        }
        Form::Seasons(seasons, otherwise) => {
            let seasons: Vec<_> = seasons.into_iter().map(|(dates, value)| (dates, change.of(value))).collect();
            let otherwise = otherwise.map(|value| change.of(value));
            let numbers = seasons.iter().map(|(_, value)| *value).chain(otherwise).collect();
            (Form::Seasons(seasons, otherwise), numbers)
        }
        form => (Form::Changed(Box::new(form), Box::new(change)), Vec::new()),
    })
}
