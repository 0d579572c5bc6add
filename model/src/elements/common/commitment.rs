//! How a way may be opened, as written: units, least flow, forbidden zones, times, starts, changes.

use crate::basin::entry::{Entry, Field};
use crate::basin::varying::{POSITIVE, Varying};
use crate::elements::Head;
use crate::forcing::Param;
use crate::lower::Lowering;
use crate::on_off::{Before, Changes, Commitment, Units};
use crate::place::Place;
use crate::units::Flow;

/// Least flow when open, and the rest.
type Lowered = (Option<Param<Flow>>, Option<Box<Commitment>>);

/// What a gate, turbine or pump is written with.
#[derive(Clone, Debug, Default)]
pub struct Opening {
    /// Least flow of a unit when open.
    pub minimum: Option<Varying>,
    commitment: Commitment,
    /// First key that was given beyond the least flow.
    given: Option<Field<()>>,
    forbidden: Vec<Place>,
}

impl Opening {
    /// Reads `minimum_when_open_m3s`, `units`, `forbidden`, `min_up_h`, `min_down_h`, `state_h`, `start_cost` and `changes`.
    pub fn read(entry: &Entry) -> Self {
        let mut given = None;
        let mut note = |field: &Field<f64>| {
            given.get_or_insert_with(|| Field { value: (), place: field.place.clone(), key: field.key.clone() });
        };
        let mut number = |key: &str| {
            let field = entry.number_within(key, 0.0, f64::INFINITY);
            field.iter().for_each(&mut note);
            field.map_or(0.0, |field| field.value)
        };
        let (min_up_h, min_down_h, start_cost) = (number("min_up_h"), number("min_down_h"), number("start_cost"));
        let state_h = entry.number_within("state_h", 0.0, f64::INFINITY);
        if let Some(field) = state_h.as_ref().filter(|_| !entry.has("previous_flow_m3s") && !entry.has("past_flow_m3s")) {
            let message = format!("`{}`: whether it was open is not told", field.key);
            let hint = "`previous_flow_m3s`: the flow in the step before the first, 0 of what was shut".to_owned();
            entry.refuse(&field.place, message, Some(hint));
        }
        state_h.iter().for_each(&mut note);
        let state_h = state_h.map(|field| field.value);
        let units = whole(entry, "units");
        units.iter().for_each(&mut note);
        let mut forbidden = Vec::new();
        let mut places = Vec::new();
        for part in entry.tables("forbidden") {
            let (from, to) = (part.number_within("from_m3s", 0.0, f64::INFINITY), part.number("to_m3s"));
            for key in ["from_m3s", "to_m3s"] {
                if !part.has(key) {
                    part.missing(&[key]);
                }
            }
            if let (Some(from), Some(to)) = (from, to) {
                note(&from);
                if to.value <= from.value {
                    let message = format!("`{}`: {} is not above {}", to.key, to.value, from.value);
                    part.refuse(&to.place, message, Some("a zone runs from its lower end to its upper end".to_owned()));
                } else {
                    forbidden.push((from.value, to.value));
                    places.push(part.place.clone());
                }
            }
            part.finish();
        }
        forbidden.sort_by(|a, b| a.0.total_cmp(&b.0));
        if let Some(pair) = forbidden.windows(2).find(|pair| pair[1].0 < pair[0].1) {
            let message = format!("`forbidden`: the zones from {} and from {} overlap", pair[0].0, pair[1].0);
            entry.refuse(&entry.place, message, Some("make one zone of them".to_owned()));
            forbidden.clear();
        }
        let changes = entry.table("changes").and_then(|part| {
            let (most, days) = (whole_from(&part, "most", 0.0), part.number_within("days", 0.01, f64::INFINITY));
            if !part.has("most") {
                part.missing(&["most"]);
            }
            part.finish();
            Some(Changes { most: most?.value as usize, days: days.map_or(1.0, |days| days.value) })
        });
        let units = Units(units.map_or(1, |units| units.value as usize));
        if let Some(place) = places.first().filter(|_| units.0 > 1) {
            let message = "`forbidden`: zones of several units are not those of their sum".to_owned();
            entry.refuse(place, message, Some("write each unit with zones as an outlet of its own".to_owned()));
        }
        let before = Before { state_h, changed_h: Vec::new() };
        let commitment = Commitment { units, forbidden_m3s: forbidden, min_up_h, min_down_h, start_cost, changes, before };
        Self { minimum: entry.varying("minimum_when_open_m3s", POSITIVE), commitment, given, forbidden: places }
    }

    /// The least flow and the commitment of a way with this greatest capacity, if anything was written.
    pub fn lower(&self, lowering: &mut Lowering, head: &Head, id: &str, capacity: f64) -> Lowered {
        let minimum = self.minimum.as_ref().and_then(|minimum| lowering.values(minimum, head));
        let units = self.commitment.units.0 as f64;
        let most = capacity / units;
        if let (Some(field), Some(least)) = (&self.minimum, &minimum)
            && most > 0.0
            && least.most() > most
        {
            let message = format!("`{}`: {} is over the capacity {most} of a unit", field.key, least.most());
            let hint = "the least flow and the capacity ÷ `units` are those of one unit".to_owned();
            lowering.refuse_in_time(&field.place, head, message, Some(hint));
        }
        if let (Some(given), None) = (&self.given, &self.minimum) {
            let message = format!("`{}`: when `{id}` is open is not told", given.key);
            let hint = "`minimum_when_open_m3s`: the least flow of a unit while it runs".to_owned();
            lowering.refuse(&given.place, head, message, Some(hint));
        }
        for (place, &(from, to)) in self.forbidden.iter().zip(&self.commitment.forbidden_m3s) {
            let least = minimum.as_ref().map_or(0.0, |least| -least.map(|least| -least).most());
            if from < least || (most > 0.0 && to > most) {
                let message = format!("`forbidden`: {from} to {to} is outside what `{id}` can run at");
                let hint = "a zone lies between `minimum_when_open_m3s` and `capacity_m3s`; mend those instead".to_owned();
                lowering.refuse_in_time(place, head, message, Some(hint));
            }
        }
        let written = self.minimum.is_some() || self.given.is_some() || self.commitment.changes.is_some();
        let least = self.minimum.as_ref().zip(minimum).map(|(field, values)| {
            let source = lowering.source_of(field);
            lowering.param_of(&format!("{id}.minimum_when_open"), values, source)
        });
        (least, written.then(|| Box::new(self.commitment.clone())))
    }
}

/// A whole number of at least 1.
fn whole(entry: &Entry, key: &str) -> Option<Field<f64>> {
    whole_from(entry, key, 1.0)
}

/// A whole number of at least this.
pub fn whole_from(entry: &Entry, key: &str, least: f64) -> Option<Field<f64>> {
    let number = entry.number_within(key, least, 10_000.0)?;
    if number.value.fract() == 0.0 {
        return Some(number);
    }
    let message = format!("`{}`: {} is no whole number, expected one of at least {least}", number.key, number.value);
    entry.refuse(&number.place, message, None);
    None
}
