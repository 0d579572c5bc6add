//! Earlier plans beside a plan, and the numbers of its first day set against theirs; and what came of yesterday's.
//!
//! Yesterday is the same hour one calendar day before, last year the same hour of the same date one year before, in the plan's
//! own time zone (of 29 February, the 28th). A state is taken at the start of the day, a flow as the mean over the day; of a plan
//! whose first step is longer than a day, over that step. What an earlier plan does not hold is not known: nothing is made up.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use weir_model::document::{Actual, Audience, PlanDocument, SeriesKind, seconds};

use crate::language::{Phrase, both};
use crate::quantity::{WAN_M3_PER_HM3, fixed, flow, level, number, volume};

/// A step that is no longer is a day, s.
const LONGEST_DAY_S: i64 = 90_000;

/// Earlier plans of the same product and term; none where none was in force.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Beside {
    /// The plan in force at the end of the day before.
    pub yesterday: Option<PlanDocument>,
    /// The plan in force at the end of the same date one year before.
    pub last_year: Option<PlanDocument>,
    /// What is known of the time until the plan begins: readings that were gathered, orders that were reported.
    pub actuals: Vec<Actual>,
}

impl Beside {
    /// What an audience is given of it.
    #[must_use]
    pub fn for_audience(&self, audience: Audience) -> Self {
        let given = |plan: &Option<PlanDocument>| plan.as_ref().map(|plan| plan.for_audience(audience));
        // Readings are the office's own.
        let actuals = if audience == Audience::Internal { self.actuals.clone() } else { Vec::new() };
        Self { yesterday: given(&self.yesterday), last_year: given(&self.last_year), actuals }
    }
}

/// A number of the plan's first day with those that it is set against.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figure {
    /// Of the plan.
    pub now: f64,
    /// A day before.
    pub yesterday: Option<f64>,
    /// A year before.
    pub last_year: Option<f64>,
}

impl Figure {
    /// The sum of figures; against what is not known of each, it is not known of the sum. None of no figure.
    pub fn sum(figures: impl IntoIterator<Item = Self>) -> Option<Self> {
        let add = |a: Option<f64>, b: Option<f64>| Some(a? + b?);
        figures.into_iter().reduce(|sum, figure| Self {
            now: sum.now + figure.now,
            yesterday: add(sum.yesterday, figure.yesterday),
            last_year: add(sum.last_year, figure.last_year),
        })
    }

    /// The figure times a factor.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        let times = |value: Option<f64>| value.map(|value| value * factor);
        Self { now: self.now * factor, yesterday: times(self.yesterday), last_year: times(self.last_year) }
    }

    /// A level and what it is set against: `142.35 m（较昨日+0.12 m，较去年同期−1.03 m）`.
    pub fn level(self) -> Phrase {
        self.against(&Phrase::same(level(self.now)), 2, &Phrase::same(" m"))
    }

    /// A flow and what it is set against.
    pub fn flow(self) -> Phrase {
        self.against(&Phrase::same(flow(self.now)), number_decimals(self.now), &Phrase::same(" m³/s"))
    }

    /// A volume in hm³ and what it is set against, in 万m³.
    pub fn volume(self) -> Phrase {
        let wan = self.times(WAN_M3_PER_HM3);
        wan.against(&volume(self.now), usize::from(wan.now.abs() < 1000.0), &both("万m³", " ×10⁴ m³"))
    }

    /// A number as it is told, with what it is set against, rounded as it is.
    fn against(self, told: &Phrase, decimals: usize, unit: &Phrase) -> Phrase {
        let moved =
            |then: Option<f64>| then.map(|then| signed(rounded(self.now, decimals) - rounded(then, decimals), decimals));
        let (since_yesterday, in_a_year) = (moved(self.yesterday), moved(self.last_year));
        if (&since_yesterday, &in_a_year) == (&Some(None), &Some(None)) {
            return both(
                format!("{}（较昨日、去年同期均持平）", told.chinese),
                format!("{} (unchanged on yesterday and last year)", told.english),
            );
        }
        let part = |moved: Option<Option<String>>, when: Phrase| {
            Some(match moved? {
                None => both(format!("{}持平", when.chinese), format!("unchanged {}", when.english)),
                Some(moved) => both(
                    format!("{}{moved}{}", when.chinese, unit.chinese),
                    format!("{moved}{} {}", unit.english, when.english),
                ),
            })
        };
        let yesterday = part(since_yesterday, both("较昨日", "on yesterday"));
        let parts: Vec<Phrase> = yesterday.into_iter().chain(part(in_a_year, both("较去年同期", "on last year"))).collect();
        if parts.is_empty() {
            return told.clone();
        }
        let list = |say: fn(&Phrase) -> &str, comma: &str| parts.iter().map(say).collect::<Vec<_>>().join(comma);
        both(
            format!("{}（{}）", told.chinese, list(|p| &p.chinese, "，")),
            format!("{} ({})", told.english, list(|p| &p.english, ", ")),
        )
    }
}

/// A change with its sign, `+0.12` or `−1.03`; none where nothing is seen of it.
fn signed(change: f64, decimals: usize) -> Option<String> {
    let size = fixed(change.abs(), decimals);
    if size.bytes().all(|byte| matches!(byte, b'0' | b'.')) {
        return None;
    }
    Some(format!("{}{size}", if change < 0.0 { '−' } else { '+' }))
}

/// Decimals with which [`number`] tells a value.
fn number_decimals(value: f64) -> usize {
    number(value).split_once('.').map_or(0, |(_, decimals)| decimals.len())
}

fn rounded(value: f64, decimals: usize) -> f64 {
    let factor = 10f64.powi(decimals as i32);
    (value * factor).round() / factor
}

/// The first day of a plan, start and end, with the same day a day and a year before; none of a plan without steps or with times
/// that cannot be read.
pub fn days(document: &PlanDocument) -> Option<[(Timestamp, Timestamp); 3]> {
    let horizon = &document.content.horizon;
    let first: Timestamp = horizon.starts.first()?.parse().ok()?;
    let from = first.to_zoned(TimeZone::get(&horizon.time_zone).unwrap_or(TimeZone::UTC));
    let day = |from: Zoned| Some((from.timestamp(), from.checked_add(1.day()).ok()?.timestamp()));
    let before = |span: jiff::Span| from.checked_sub(span).ok();
    Some([day(from.clone())?, day(before(1.day())?)?, day(before(1.year())?)?])
}

/// A plan's first day, and the same day of the plans beside it.
pub struct Day<'a> {
    document: &'a PlanDocument,
    beside: &'a Beside,
    /// Start and end, and the same a day and a year before.
    times: [(Timestamp, Timestamp); 3],
}

impl<'a> Day<'a> {
    /// The first day of a plan; none of one without steps or with times that cannot be read.
    pub fn new(document: &'a PlanDocument, beside: &'a Beside) -> Option<Self> {
        let step_s = document.content.horizon.lengths_s.first()?.round() as i64;
        // A step of a day with a change to daylight saving is an hour more or less.
        let whole = |(from, to): (Timestamp, Timestamp)| match from.checked_add(step_s.seconds()) {
            Ok(end) if step_s > LONGEST_DAY_S => (from, end),
            _ => (from, to),
        };
        Some(Self { document, beside, times: days(document)?.map(whole) })
    }

    /// Length of the day, s.
    pub fn length_s(&self) -> f64 {
        (self.times[0].1.as_second() - self.times[0].0.as_second()) as f64
    }

    /// A state at the start of the day.
    pub fn state(&self, address: &str, quantity: &str) -> Option<Figure> {
        self.figure(|plan, (from, _)| at(plan, address, quantity, from))
    }

    /// A state at the end of the day.
    pub fn state_at_end(&self, address: &str, quantity: &str) -> Option<Figure> {
        self.figure(|plan, (_, to)| at(plan, address, quantity, to))
    }

    /// The mean of a flow over the day.
    pub fn mean(&self, address: &str, quantity: &str) -> Option<Figure> {
        self.figure(|plan, day| mean(plan, address, quantity, day))
    }

    fn figure(&self, of: impl Fn(&PlanDocument, (Timestamp, Timestamp)) -> Option<f64>) -> Option<Figure> {
        let [now, yesterday, last_year] = self.times;
        let then = |plan: &Option<PlanDocument>, times| plan.as_ref().and_then(|plan| of(plan, times));
        Some(Figure {
            now: of(self.document, now)?,
            yesterday: then(&self.beside.yesterday, yesterday),
            last_year: then(&self.beside.last_year, last_year),
        })
    }
}

/// A plan's state at an instant.
fn at(plan: &PlanDocument, address: &str, quantity: &str, at: Timestamp) -> Option<f64> {
    let row = plan.content.series(address, quantity).filter(|row| row.kind == SeriesKind::State)?;
    plan.content.timeline()?.at(row, seconds(at))
}

/// The mean of a plan's flow over an interval.
fn mean(plan: &PlanDocument, address: &str, quantity: &str, (from, to): (Timestamp, Timestamp)) -> Option<f64> {
    let row = plan.content.series(address, quantity).filter(|row| row.kind == SeriesKind::Flow)?;
    plan.content.timeline()?.mean(row, seconds(from), seconds(to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_told_with_what_lies_between_as_it_is_read() {
        let figure = Figure { now: 142.349, yesterday: Some(142.226), last_year: Some(143.38) };
        assert_eq!(figure.level().chinese, "142.35 m（较昨日+0.12 m，较去年同期−1.03 m）");
        assert_eq!(figure.level().english, "142.35 m (+0.12 m on yesterday, −1.03 m on last year)");
        assert_eq!(Figure { yesterday: Some(142.352), last_year: None, ..figure }.level().chinese, "142.35 m（较昨日持平）");
        assert_eq!(Figure { yesterday: None, last_year: None, ..figure }.level().chinese, "142.35 m");
        let figure = Figure { now: 1291.0, yesterday: Some(1290.0), last_year: None };
        assert_eq!(figure.volume().chinese, "12.91亿m³（较昨日+100万m³）");
        assert_eq!(figure.volume().english, "129100 ×10⁴ m³ (+100 ×10⁴ m³ on yesterday)");
        let figure = Figure { now: 4.5, yesterday: Some(5.25), last_year: None };
        assert_eq!(figure.flow().chinese, "4.50 m³/s（较昨日−0.75 m³/s）");
    }

    #[test]
    fn a_sum_is_set_against_only_what_is_known_of_all() {
        let whole = Figure { now: 1.0, yesterday: Some(2.0), last_year: Some(3.0) };
        let new = Figure { now: 1.0, yesterday: None, last_year: Some(3.0) };
        assert_eq!(Figure::sum([whole, new]), Some(Figure { now: 2.0, yesterday: None, last_year: Some(6.0) }));
        assert_eq!(Figure::sum([]), None);
    }
}
