//! PI-XML time series of Delft-FEWS: the series of a plan in the form in which forecasting systems exchange them.
//!
//! A series' `locationId` is its address, `parameterId` its quantity: `shanxi` `level`. States are `instantaneous`, flows `mean`,
//! energy, a sum of each step, `accumulative`; the last two are stamped at the ends of their steps, as FEWS stamps them. Where steps
//! are of several lengths, `timeStep` is `nonequidistant`, and such a series opens with a missing event at the start of its first
//! step, from which each value's beginning can be read.
//!
//! Units: those of the document (m3/s, hm3, m, GWh), named in each header. Times stand in the plan's own offset from GMT at its start.
//! Numbers are the shortest that read back the same.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use weir_model::document::{PlanDocument, SeriesKind, SeriesRow};

/// What stands for no value.
const MISSING: &str = "NaN";

/// The series of a plan; without any where its times cannot be read.
pub fn pi_xml(document: &PlanDocument) -> String {
    let grid = Grid::of(document);
    let hours = grid.as_ref().map_or(0.0, |grid| f64::from(grid.offset.seconds()) / 3600.0);
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<TimeSeries xmlns=\"http://www.wldelft.nl/fews/PI\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"http://www.wldelft.nl/fews/PI \
         http://fews.wldelft.nl/schemas/version1.0/pi-schemas/pi_timeseries.xsd\" version=\"1.2\">\n  \
         <timeZone>{hours:?}</timeZone>\n"
    );
    if let Some(grid) = grid {
        for row in &document.content.series {
            grid.write(&mut out, row, document);
        }
    }
    out.push_str("</TimeSeries>\n");
    out
}

/// The steps' edges in the plan's own offset.
struct Grid {
    edges: Vec<Timestamp>,
    offset: Offset,
    /// Length of every step, s, where it is one.
    step_s: Option<i64>,
}

impl Grid {
    fn of(document: &PlanDocument) -> Option<Self> {
        let horizon = &document.content.horizon;
        let times = horizon.starts.iter().chain(std::iter::once(&horizon.end));
        let edges: Vec<Timestamp> = times.map(|time| time.parse().ok()).collect::<Option<_>>()?;
        let zone = TimeZone::get(&horizon.time_zone).unwrap_or(TimeZone::UTC);
        let offset = zone.to_offset(*edges.first()?);
        let mut lengths = edges.windows(2).map(|ends| ends[1].as_second() - ends[0].as_second());
        let first = lengths.next()?;
        Some(Self { step_s: lengths.all(|length| length == first).then_some(first), edges, offset })
    }

    fn write(&self, out: &mut String, row: &SeriesRow, document: &PlanDocument) {
        let (kind, from) = match row.kind {
            SeriesKind::State => ("instantaneous", 0),
            SeriesKind::Flow if row.quantity == "energy" => ("accumulative", 1),
            SeriesKind::Flow => ("mean", 1),
        };
        let mut events: Vec<(Timestamp, Option<f64>)> =
            self.edges.iter().skip(from).copied().zip(row.values.iter().copied()).collect();
        let step = if let Some(step_s) = self.step_s {
            format!("<timeStep unit=\"second\" multiplier=\"{step_s}\"/>")
        } else {
            if from == 1 {
                events.insert(0, (self.edges[0], None));
            }
            "<timeStep unit=\"nonequidistant\"/>".to_owned()
        };
        let (Some((first, _)), Some((last, _))) = (events.first(), events.last()) else { return };
        let name = document.content.element(&row.element).map_or("", |element| element.name.as_str());
        let station =
            if name.is_empty() { String::new() } else { format!("      <stationName>{}</stationName>\n", escaped(name)) };
        // Writing to a String does not fail.
        let _ = write!(
            out,
            "  <series>\n    <header>\n      <type>{kind}</type>\n      <locationId>{}</locationId>\n      \
             <parameterId>{}</parameterId>\n      {step}\n      <startDate {}/>\n      <endDate {}/>\n      \
             <forecastDate {}/>\n      <missVal>{MISSING}</missVal>\n{station}      <units>{}</units>\n    </header>\n",
            escaped(&row.address),
            escaped(&row.quantity),
            self.stamp(*first),
            self.stamp(*last),
            self.stamp(self.edges[0]),
            escaped(&row.unit),
        );
        for (at, value) in &events {
            let _ = match value {
                Some(value) => writeln!(out, "    <event {} value=\"{value:?}\" flag=\"0\"/>", self.stamp(*at)),
                None => writeln!(out, "    <event {} value=\"{MISSING}\" flag=\"9\"/>", self.stamp(*at)),
            };
        }
        out.push_str("  </series>\n");
    }

    fn stamp(&self, at: Timestamp) -> String {
        let local = self.offset.to_datetime(at);
        format!("date=\"{}\" time=\"{}\"", local.date(), local.time().strftime("%H:%M:%S"))
    }
}

/// A text within XML; signs that XML cannot hold are left out.
pub(crate) fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(' '),
            c if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') => {}
            c => out.push(c),
        }
        out
    })
}
