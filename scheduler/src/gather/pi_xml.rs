//! PI-XML of Delft-FEWS, from a file or an address: the events of one location and parameter.
//!
//! `timeZone` of the text counts, hours from GMT; `missVal` and flag 9 are missing values, flags 6 to 8 (unreliable) are left out and
//! told; `units` tells the unit. FEWS stamps means and sums at the end of their step: they are moved to its start where the
//! header gives the step; of a nonequidistant series, to the time of the event before, so that its first event, which may be a missing
//! one, only tells where the next begins.
//! Fails: no XML, no such series, more than one.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;
use weir_model::basin::entry::Entry;
use weir_model::table::digest;
use weir_model::unit_words::Unit;

use super::csv::File;
use super::http::Address;
use super::readings::{Collector, Raw};
use super::{Ask, Read, Source};

#[derive(Clone, Debug)]
struct PiXml {
    origin: From,
    location: String,
    parameter: String,
}

#[derive(Clone, Debug)]
enum From {
    File(File),
    Address(Address),
}

pub(super) fn read(entry: &Entry<'_, '_>) -> Option<Arc<dyn Source>> {
    let origin = if entry.has("url") { Address::read(entry).map(From::Address) } else { File::read(entry).map(From::File) };
    let (location, parameter) = (entry.text("location"), entry.text("parameter"));
    for (key, what) in [("location", "the series' `locationId`"), ("parameter", "the series' `parameterId`")] {
        if !entry.has(key) {
            entry.missing_because(&[key], what);
        }
    }
    Some(Arc::new(PiXml { origin: origin?, location: location?.value, parameter: parameter?.value }))
}

impl Source for PiXml {
    fn read<'a>(&'a self, ask: &'a Ask) -> Read<'a> {
        Box::pin(async move {
            let (bytes, shown) = match &self.origin {
                From::File(file) => file.bytes(&ask.folder).await?,
                From::Address(address) => address.body(ask).await?,
            };
            let (this, ask) = (self.clone(), ask.clone());
            let parsed = tokio::task::spawn_blocking(move || this.parse(&bytes, &shown, &ask));
            parsed.await.map_err(|error| error.to_string())?
        })
    }
}

/// What a header says.
#[derive(Clone, Debug, Default)]
struct Header {
    location: String,
    parameter: String,
    kind: String,
    units: String,
    missing: Option<f64>,
    step_s: Option<i64>,
    /// Its steps are of several lengths.
    uneven: bool,
    /// Time of the event before.
    before: Option<Timestamp>,
}

impl PiXml {
    fn parse(&self, bytes: &[u8], shown: &str, ask: &Ask) -> Result<Raw, String> {
        let text = std::str::from_utf8(bytes).map_err(|_| format!("{shown}: is not UTF-8 text"))?;
        let source = format!("{shown}: {} {}", self.location, self.parameter);
        let mut reader = Reader::from_str(text);
        reader.config_mut().trim_text(true);
        let mut collector = Collector::new(ask.times.clone());
        let (mut zone, mut header, mut path) = (Offset::UTC, Header::default(), Vec::<String>::new());
        let (mut found, mut unit, mut moved) = (0, String::new(), false);
        let wanted = |header: &Header| header.location == self.location && header.parameter == self.parameter;
        loop {
            let position = reader.buffer_position();
            let event = reader.read_event().map_err(|error| format!("{shown}: no XML at byte {position}: {error}"))?;
            match event {
                Event::Start(tag) => {
                    let name = tag.local_name().as_ref().to_owned();
                    if name == "header" {
                        header = Header::default();
                    }
                    path.push(name);
                }
                Event::Empty(tag) => match tag.local_name().as_ref() {
                    "timeStep" => {
                        header.step_s = step_s(&tag);
                        header.uneven = attribute(&tag, "unit").is_some_and(|unit| unit == "nonequidistant");
                    }
                    "event" if wanted(&header) => {
                        moved |= take(&mut collector, &tag, &mut header, (zone, shown, position));
                    }
                    _ => {}
                },
                Event::Text(text) => {
                    let text = text.xml_content(XmlVersion::Implicit1_0).trim().to_owned();
                    match path.last().map_or("", String::as_str) {
                        "timeZone" => zone = offset(&text).ok_or_else(|| format!("{shown}: `timeZone` {text} is none"))?,
                        "locationId" => header.location = text,
                        "parameterId" => header.parameter = text,
                        "type" => header.kind = text,
                        "units" => header.units = text,
                        "missVal" => header.missing = text.parse().ok(),
                        _ => {}
                    }
                }
                Event::End(_) => {
                    let is_header = path.pop().is_some_and(|name| name == "header");
                    if is_header && wanted(&header) {
                        found += 1;
                        unit.clone_from(&header.units);
                    }
                }
                Event::Eof => break,
                _ => {}
            }
        }
        if !path.is_empty() {
            return Err(format!("{shown}: ends within `{}`", path.join("/")));
        }
        match found {
            0 => {
                return Err(format!(
                    "{shown}: has no series of location `{}` and parameter `{}`",
                    self.location, self.parameter
                ));
            }
            1 => {}
            more => return Err(format!("{source}: {more} series, expected one")),
        }
        if !unit.is_empty() && Unit::of(&unit).is_none() {
            collector.fault(|| format!("{source}: unknown unit `{unit}`"));
        }
        let mut raw = collector.finish(digest(bytes), source);
        raw.unit = Unit::of(&unit);
        if moved {
            raw.told.notes.push("stamped at the ends of its steps: moved to their starts".to_owned());
        }
        Ok(raw)
    }
}

/// Takes an event; whether its time was moved.
fn take(
    collector: &mut Collector,
    tag: &BytesStart<'_>,
    header: &mut Header,
    (zone, shown, position): (Offset, &str, u64),
) -> bool {
    let value_of = |name: &str| attribute(tag, name).unwrap_or_default();
    let (date, time, value, flag) = (value_of("date"), value_of("time"), value_of("value"), value_of("flag"));
    let place = || format!("{shown} at byte {position}");
    let instant = date.parse::<Date>().ok().zip(time.parse::<Time>().ok());
    let instant = instant.and_then(|(date, time)| zone.to_timestamp(date.to_datetime(time)).ok());
    let Some(mut instant) = instant else {
        collector.fault(|| format!("{}: `{date} {time}` is no time", place()));
        return false;
    };
    let at_end = ["mean", "accumulative"].contains(&header.kind.as_str());
    let step_s = header.step_s.filter(|_| at_end);
    if let Some(step_s) = step_s {
        instant = Timestamp::from_second(instant.as_second() - step_s).unwrap_or(instant);
    }
    let number = value.parse::<f64>();
    let uneven = at_end && header.uneven;
    if uneven {
        match header.before.replace(instant) {
            Some(before) => instant = before,
            None if flag == "9" || number.as_ref().is_ok_and(|number| number.is_nan()) => return false,
            None => {
                collector
                    .fault(|| format!("{}: the first of a nonequidistant series tells no beginning, left out", place()));
                return false;
            }
        }
    }
    match (flag.as_str(), number) {
        ("9", _) => collector.missing(),
        (_, Ok(number)) if number.is_nan() || header.missing == Some(number) => collector.missing(),
        ("6" | "7" | "8", _) => collector.fault(|| format!("{}: flag {flag}, unreliable, left out", place())),
        (_, Ok(number)) => collector.number(place, instant, number),
        (_, Err(_)) => collector.fault(|| format!("{}: `{value}` is no number", place())),
    }
    uneven || step_s.is_some()
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = tag.try_get_attribute(name).ok()??;
    attribute.normalized_value(XmlVersion::Implicit1_0).ok().map(std::borrow::Cow::into_owned)
}

fn step_s(tag: &BytesStart<'_>) -> Option<i64> {
    let unit = match attribute(tag, "unit")?.as_str() {
        "second" => 1,
        "minute" => 60,
        "hour" => 3600,
        "day" => 86_400,
        "week" => 604_800,
        _ => return None,
    };
    let multiplier: i64 = attribute(tag, "multiplier").map_or(Some(1), |text| text.parse().ok())?;
    let divider: i64 = attribute(tag, "divider").map_or(Some(1), |text| text.parse().ok())?;
    (divider > 0).then(|| unit * multiplier.clamp(0, 1_000_000) / divider)
}

/// An offset in hours, such as `8.0` or `-3.5`.
fn offset(text: &str) -> Option<Offset> {
    let hours: f64 = text.parse().ok()?;
    Offset::from_seconds((hours * 3600.0).round() as i32).ok()
}
