//! Inflow spliced by lead time: an inflow's own series as far as it is a forecast, and beyond it a year of the record or no rain.
//!
//! The frequency year is that of all records together in the days from the end of the forecast to the end of the horizon, so that
//! P = 75 % says: three of four years bring as much in these days. Without rain an inflow falls by its `recession`, flow × (1 − share)^days
//! from the start on, and is nothing where none is given.
//! Fails: an inflow without a record, or records that are no ground for a frequency, where one is asked for.

use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::basin::forecast::Then;
use crate::basin::varying::{Form, Varying};
use crate::document::InflowRow;
use crate::elements::{Element, Head};
use crate::frequency::{FrequencyYear, USUAL_YEARS, Weights};
use crate::horizon::rfc3339;
use crate::lower::Lowering;
use crate::record::{GivenRecord, Record, Span};

/// What takes the place of a series from a day on.
#[derive(Clone, Debug, PartialEq)]
pub struct Splice {
    /// The first day.
    pub from: Date,
    /// m³/s of each day from it on.
    pub days: Vec<f64>,
    /// What it is, for the plan's inputs.
    pub origin: String,
    /// What it was read from, if from a file.
    pub digest: String,
    /// It is assumed or synthetic.
    pub assumed: bool,
}

impl Splice {
    /// The flow of a day.
    pub fn on(&self, date: Date) -> f64 {
        let at = usize::try_from(date.duration_since(self.from).as_hours() / 24).unwrap_or(0);
        self.days.get(at).or(self.days.last()).copied().unwrap_or(0.0)
    }
}

/// How a flow falls without rain 退水.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recession {
    /// Dry-weather flow at the start, m³/s.
    pub flow_m3s: f64,
    /// The share of it that each day takes.
    pub per_day: f64,
}

/// What comes beyond the forecast.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beyond {
    span: Span,
    year: Option<FrequencyYear>,
}

const WITHOUT_RECORD: &str = "has no `record`, and `[forecast] then` asks for a year of a frequency";
const RECORD: &str = "`record = { file = \"…\", column = \"…\" }`: docs/frequency.md";

/// Whether it is an inflow of which no earlier years are known.
fn is_without_record(element: &dyn Element) -> bool {
    element.head().kind == "inflow" && element.record().is_none()
}

impl Lowering<'_> {
    /// Finds what comes beyond the forecast, before any inflow asks for it.
    pub(super) fn look_beyond(&mut self) {
        let basin = self.basin;
        let Some((forecast, then)) = basin.forecast.as_ref().and_then(|forecast| Some((forecast, forecast.then?))) else {
            return;
        };
        let from = self.start.saturating_add(forecast.days().days());
        let last = self.horizon.last_date_of(self.horizon.steps() - 1);
        let Ok(days @ 1..) = usize::try_from(last.duration_since(from).as_hours() / 24 + 1) else { return };
        let span = Span { from, days };
        let Then::Frequency(percent) = then else {
            self.beyond = Some(Beyond { span, year: None });
            return;
        };
        let records: Vec<&Record> = match basin.records() {
            Ok(records) => records.into_iter().map(|(_, record)| record).collect(),
            Err(refusals) => {
                self.refusals.0.extend(refusals.0);
                return;
            }
        };
        let pattern = forecast.pattern.unwrap_or(percent);
        match FrequencyYear::after(&span.volumes(&records), percent, pattern, Weights::default()) {
            Ok(year) => {
                if year.years < USUAL_YEARS {
                    self.note(format!(
                        "The record has {} years, fewer than {USUAL_YEARS}: read its frequency with care.",
                        year.years
                    ));
                }
                self.beyond = Some(Beyond { span, year: Some(year) });
            }
            // Who has no record is named; else what there is of it is too little.
            Err(_) if self.timed && basin.elements.iter().any(|element| is_without_record(element.as_ref())) => {
                for element in basin.elements.iter().filter(|element| is_without_record(element.as_ref())) {
                    let head = element.head();
                    self.refuse(&head.place, head, WITHOUT_RECORD, Some(RECORD.to_owned()));
                }
            }
            Err(why) if self.timed => {
                let hint =
                    "give every inflow a `record` of thirty years (docs/frequency.md), or `then = \"no_rain\"`".to_owned();
                self.refusals.push(&forecast.place, None, format!("`then`: {why}"), Some(hint));
            }
            Err(_) => {}
        }
    }

    /// An inflow's series with what comes beyond the forecast.
    pub fn spliced(
        &mut self,
        flow: &Varying,
        head: &Head,
        given: Option<&GivenRecord>,
        recession: Option<Recession>,
    ) -> Varying {
        let Some(Beyond { span, year }) = self.beyond else { return flow.clone() };
        let splice = match (year, given) {
            (None, _) => without_rain(self.start, &span, recession),
            (Some(year), Some(given)) => {
                // A record with faults was refused when all were read.
                let Ok(record) = given.days(&self.basin.time_zone, &head.id) else { return flow.clone() };
                let days = record.in_year(&span, year.year).unwrap_or_default();
                Splice {
                    from: span.from,
                    days: days.into_iter().map(|flow| flow * year.factor).collect(),
                    origin: format!("the year {} of {} × {:.3}", year.year, given.origin(), year.factor),
                    digest: given.column.series.file.digest().to_owned(),
                    assumed: given.assumed,
                }
            }
            (Some(_), None) => {
                self.refuse(&flow.place, head, WITHOUT_RECORD, Some(RECORD.to_owned()));
                return flow.clone();
            }
        };
        Varying { form: flow.form.clone().spliced(&Arc::new(splice)), ..flow.clone() }
    }

    /// What inflow is by lead time, for the document.
    pub(super) fn inflow_rows(&self) -> Vec<InflowRow> {
        let Some(forecast) = &self.basin.forecast else { return Vec::new() };
        let end = self.horizon.end();
        let edge = |days: i64| {
            let date = self.start.saturating_add(days.days());
            date.to_zoned(self.horizon.zone().clone()).ok().filter(|edge| edge < end).unwrap_or_else(|| end.clone())
        };
        let mut rows = Vec::new();
        let mut begins = edge(0);
        let year = self.beyond.and_then(|beyond| beyond.year);
        let last = match forecast.then {
            None => "given",
            Some(Then::Frequency(_)) => "frequency",
            Some(Then::NoRain) => "no_rain",
        };
        let forecasts = forecast.until.iter().map(|(kind, days)| (*kind, edge(*days)));
        for (kind, ends) in forecasts.chain([(last, end.clone())]) {
            if begins < ends {
                let year = year.filter(|_| kind == "frequency");
                rows.push(InflowRow {
                    kind: kind.to_owned(),
                    from: rfc3339(&begins),
                    to: rfc3339(&ends),
                    frequency_percent: year.map(|year| year.percent),
                    year: year.map(|year| i32::from(year.year)),
                    factor: year.map(|year| year.factor),
                    volume_hm3: year.map(|year| year.volume),
                    years: year.map(|year| year.years),
                });
            }
            begins = ends;
        }
        rows
    }
}

fn without_rain(start: Date, span: &Span, recession: Option<Recession>) -> Splice {
    let after = (span.from.duration_since(start).as_hours() / 24) as i32;
    let flow = |day: usize| {
        recession.map_or(0.0, |recession| recession.flow_m3s * (1.0 - recession.per_day).powi(after + day as i32))
    };
    let origin = recession.map_or_else(
        || "no rain: nothing flows".to_owned(),
        |recession| format!("no rain: {} m3/s that falls by {} a day from the start", recession.flow_m3s, recession.per_day),
    );
    Splice { from: span.from, days: (0..span.days).map(flow).collect(), origin, digest: String::new(), assumed: false }
}

impl Form {
    /// The form with what comes beyond a forecast beneath its changes.
    fn spliced(self, splice: &Arc<Splice>) -> Self {
        match self {
            Self::Changed(of, change) => Self::Changed(Box::new(of.spliced(splice)), change),
            own => Self::Spliced(Arc::clone(splice), Box::new(own)),
        }
    }
}
