//! Names and values of a chart for its read-out, as JSON in the form in which the page's script takes them.
//!
//! Values are rounded to four significant digits at least, and none that nobody reads; what is not finite is null. Keys stand in
//! their alphabetical order.

use serde::{Serialize, Serializer};

use super::{Chart, Shape, hex};
use crate::calendar::Axis;
use crate::page::steps;

#[derive(Serialize)]
struct Readout<'a> {
    en: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<serde_json::Value>,
    traces: Vec<Line<'a>>,
    zh: &'a str,
}

#[derive(Serialize)]
struct Line<'a> {
    colour: String,
    en: &'a str,
    points: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'a str>,
    #[serde(serialize_with = "each")]
    values: (&'a [f64], fn(f64) -> f64),
    zh: &'a str,
}

fn each<S: Serializer>((values, rounded): &(&[f64], fn(f64) -> f64), serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(values.iter().map(|value| rounded(*value)))
}

impl Chart {
    /// The read-out as text that may stand inside a script element.
    pub(super) fn readout(&self, axis: &Axis) -> String {
        let traces = self.traces.iter().filter(|trace| trace.shape != Shape::Gap).map(|trace| Line {
            colour: hex(trace.colour),
            en: &trace.name.english,
            points: trace.shape == Shape::Points,
            unit: None,
            values: (&trace.values, significant),
            zh: &trace.name.chinese,
        });
        let told = self.told.iter().map(|told| Line {
            colour: "transparent".to_owned(),
            en: &told.name.english,
            points: true,
            unit: Some(told.unit),
            values: (&told.values, |value| (value * 100.0).round() / 100.0),
            zh: &told.name.chinese,
        });
        script_safe(&Readout {
            en: &self.unit.english,
            steps: axis.shares.then(|| steps(axis)),
            traces: traces.chain(told).collect(),
            zh: &self.unit.chinese,
        })
    }
}

/// Four significant digits at least, and none that nobody reads.
fn significant(value: f64) -> f64 {
    let factor = match value.abs() {
        size if size >= 100.0 => 10.0,
        size if size >= 1.0 => 100.0,
        _ => 10_000.0,
    };
    (value * factor).round() / factor
}

/// JSON that may stand inside a script element: no markup can begin in it.
pub fn script_safe(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string(value).unwrap_or_default();
    for (letter, escaped) in [('<', "\\u003c"), ('>', "\\u003e"), ('&', "\\u0026")] {
        if text.contains(letter) {
            text = text.replace(letter, escaped);
        }
    }
    text
}
