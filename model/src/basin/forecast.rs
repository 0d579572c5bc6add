//! `[forecast]`: by lead time, what inflow is: a forecast of hydrology, of weather, an extended one, and from then on something stated.
//!
//! Days are lead times from the start of the horizon. An inflow's own series is the forecast; `then` takes the place of what stands in it
//! beyond: a dry year of a stated frequency out of the inflows' records, or no rain. Without `then` the series goes on, one deterministic scenario.
//! Fails: lead times that fall, a forecast of hydrology or weather for weeks, no `then` to be read, `dry_year` beside `then`.

use crate::basin::entry::Entry;
use crate::place::Place;

/// What inflow is by lead time.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    /// The last day of each kind of forecast, counted from the start, by its word.
    pub until: Vec<(&'static str, i64)>,
    /// What comes after.
    pub then: Option<Then>,
    /// The percent whose year a frequency year is patterned after; its own unless given.
    pub pattern: Option<f64>,
    /// Where it was written.
    pub place: Place,
}

/// What takes the place of a forecast beyond its lead time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Then {
    /// The year that so many percent of years reach.
    Frequency(f64),
    /// No rain 无降雨.
    NoRain,
}

/// Kinds of forecast, by their keys and by their words in documents.
const KINDS: [(&str, &str); 3] = [("hydrology_days", "hydrology"), ("weather_days", "weather"), ("extended_days", EXTENDED)];

/// The word of a forecast beyond a reliable lead time 延伸期预报.
const EXTENDED: &str = "extended";
/// Days that no forecast of hydrology or weather reaches beyond.
const RELIABLE: f64 = 15.0;

/// The word for no rain.
pub const NO_RAIN: &str = "no_rain";

impl Forecast {
    /// No forecast at all: what comes after takes the place of inflow from the start on.
    pub fn from_the_start(place: &Place) -> Self {
        Self { until: Vec::new(), then: None, pattern: None, place: place.clone() }
    }

    /// Reads `[forecast]`.
    pub(crate) fn read(entry: &Entry) -> Self {
        let mut until: Vec<(&'static str, i64)> = Vec::new();
        for (key, word) in KINDS {
            let Some(days) = entry.number_within(key, 0.0, 366.0) else { continue };
            let last = until.last().map_or(0, |(_, days)| *days);
            if days.value.fract() != 0.0 || (days.value as i64) < last {
                let hint =
                    "whole days from the start of the horizon, each kind reaching further than the one before".to_owned();
                entry.refuse(&days.place, format!("`{key}`: {} is no lead time after {last} days", days.value), Some(hint));
                continue;
            }
            if days.value > RELIABLE && word != EXTENDED {
                let hint = format!("what reaches further is `{EXTENDED}_days`, of whose plans no orders come");
                let message = format!("`{key}`: {} days are more than a forecast of {word} reaches, {RELIABLE}", days.value);
                entry.refuse(&days.place, message, Some(hint));
                continue;
            }
            until.push((word, days.value as i64));
        }
        Self { until, then: Then::read(entry), pattern: None, place: entry.place.clone() }
    }

    /// Days of the horizon that are forecast.
    pub fn days(&self) -> i64 {
        self.until.last().map_or(0, |(_, days)| *days)
    }
}

impl Then {
    fn read(entry: &Entry) -> Option<Self> {
        const KEY: &str = "then";
        let value = entry.raw(KEY)?;
        if value.get_ref().as_str() == Some(NO_RAIN) {
            return Some(Self::NoRain);
        }
        if value.get_ref().as_str().is_some() {
            entry.wrong(KEY, value, "the percent of years that reach the year, such as 75, or `no_rain`");
            return None;
        }
        entry.number_within(KEY, 50.0, 99.9).map(|percent| Self::Frequency(percent.value))
    }

    /// As it is written in a file.
    pub fn written(&self) -> String {
        match self {
            Self::Frequency(percent) => percent.to_string(),
            Self::NoRain => format!("\"{NO_RAIN}\""),
        }
    }
}
