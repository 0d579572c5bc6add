//! The frequency analysis of a record in a span of the calendar, as it is told: estimates, values by frequency, the year for each.
//!
//! Units: hm³ in the span, and m³/s on its mean. Fails: fewer years than a frequency rests on.

use serde::Serialize;

use super::{FrequencyYear, Pearson, Sample, Weights};
use crate::record::{Record, Span};
use crate::units::{HM3_PER_M3, SECONDS_PER_DAY};

/// Frequencies that are told, percent.
pub const PERCENTS: [f64; 4] = [50.0, 75.0, 90.0, 95.0];

/// A frequency analysis.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Analysis {
    /// Whose record: an inflow, or all of them.
    pub of: String,
    /// Its name.
    pub name: String,
    /// First day of the span in a year, `MM-DD`.
    pub from: String,
    /// Days of the span.
    pub days: usize,
    /// Years that the record has whole.
    pub years: usize,
    /// The first and the last of them.
    pub first_year: i16,
    /// The last.
    pub last_year: i16,
    /// The record is assumed or synthetic.
    pub assumed: bool,
    /// Curves: by moments, by L-moments, by the fitting line.
    pub curves: Vec<Curve>,
    /// Values by frequency.
    pub values: Vec<Value>,
    /// Each year with its empirical frequency, the wettest first.
    pub points: Vec<Point>,
}

/// A curve.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Curve {
    /// `moments`, `l_moments` or `fitted`.
    pub by: &'static str,
    /// Mean, hm³.
    pub mean_hm3: f64,
    /// Coefficient of variation.
    pub cv: f64,
    /// Skew.
    pub cs: f64,
}

/// A value of a frequency.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Value {
    /// Percent of years that reach it.
    pub frequency_percent: f64,
    /// By the fitted curve, hm³.
    pub volume_hm3: f64,
    /// On the span's mean, m³/s.
    pub flow_m3s: f64,
    /// By the points themselves, hm³; none beyond them.
    pub empirical_hm3: Option<f64>,
    /// The year of the record that stands for it.
    pub year: i16,
    /// What it is multiplied by.
    pub factor: f64,
}

/// A year of the record.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Point {
    /// The year in which the span begins.
    pub year: i16,
    /// Volume in the span, hm³.
    pub volume_hm3: f64,
    /// Its empirical frequency, percent.
    pub frequency_percent: f64,
}

impl Analysis {
    /// The analysis of records together in a span.
    ///
    /// # Errors
    /// Where they are no ground for a frequency.
    pub fn new((of, name): (&str, &str), records: &[&Record], span: &Span, weights: Weights) -> Result<Self, String> {
        let years = span.volumes(records);
        let choose = |percent| FrequencyYear::choose(&years, percent, weights);
        let chosen: Vec<FrequencyYear> = PERCENTS.into_iter().map(choose).collect::<Result<_, _>>()?;
        let sample = Sample::new(years.iter().map(|(_, volume, _)| *volume)).map_err(|why| why.to_string())?;
        let seconds = span.days as f64 * SECONDS_PER_DAY;
        let values = chosen.iter().map(|year| Value {
            frequency_percent: year.percent,
            volume_hm3: year.volume,
            flow_m3s: year.volume / (seconds * HM3_PER_M3),
            empirical_hm3: sample.empirical(year.percent / 100.0),
            year: year.year,
            factor: year.factor,
        });
        let curve = |by, Pearson { mean, cv, cs }| Curve { by, mean_hm3: mean, cv, cs };
        let mut points: Vec<Point> = Vec::new();
        let mut falling = years.clone();
        falling.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        for ((year, ..), (volume_hm3, exceeded)) in falling.iter().zip(sample.points()) {
            points.push(Point { year: *year, volume_hm3, frequency_percent: exceeded * 100.0 });
        }
        Ok(Self {
            of: of.to_owned(),
            name: name.to_owned(),
            from: span.from.strftime("%m-%d").to_string(),
            days: span.days,
            years: years.len(),
            first_year: years.first().map_or(0, |(year, ..)| *year),
            last_year: years.last().map_or(0, |(year, ..)| *year),
            assumed: false,
            curves: vec![
                curve("moments", sample.moments()),
                curve("l_moments", sample.by_l_moments()),
                curve("fitted", sample.fitted(weights)),
            ],
            values: values.collect(),
            points,
        })
    }
}
