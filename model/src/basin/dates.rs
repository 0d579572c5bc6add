//! Dates as basin files write them: a day of every year (`04-15`) or one day (`2026-04-15`), intervals of them, and days counted from
//! the start of the horizon.
//!
//! Both ends of an interval belong to it.

use std::fmt;

use jiff::civil::Date;

/// A day of every year, or one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Day {
    /// Month and day, every year.
    Yearly(i8, i8),
    /// One day.
    Once(Date),
}

impl Day {
    /// Reads `MM-DD` or `YYYY-MM-DD`.
    ///
    /// # Errors
    /// What is expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let fault = || format!("`{text}` is no date: expected `MM-DD` (every year) or `YYYY-MM-DD`");
        let parts: Vec<&str> = text.split('-').collect();
        if parts.iter().any(|part| part.is_empty() || part.len() > 4 || !part.bytes().all(|b| b.is_ascii_digit())) {
            return Err(fault());
        }
        let number = |part: &str| part.parse::<i16>().map_err(|_| fault());
        match parts[..] {
            [month, day] => {
                let (month, day) = (number(month)?, number(day)?);
                // 2024 is a leap year: 29 February is a day of the year.
                Date::new(2024, month as i8, day as i8).map_err(|_| fault())?;
                Ok(Self::Yearly(month as i8, day as i8))
            }
            [year, month, day] if year.len() == 4 => {
                let (month, day) = (number(month)?, number(day)?);
                Date::new(number(year)?, month as i8, day as i8).map(Self::Once).map_err(|_| fault())
            }
            _ => Err(fault()),
        }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Yearly(month, day) => write!(f, "{month:02}-{day:02}"),
            Self::Once(date) => write!(f, "{date}"),
        }
    }
}

/// From a day to a day, both inclusive; a yearly one may pass the new year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// First day.
    pub from: Day,
    /// Last day.
    pub to: Day,
}

impl Interval {
    /// An interval of two days of one kind.
    ///
    /// # Errors
    /// Days of two kinds, or an interval that ends before it begins.
    pub fn new(from: Day, to: Day) -> Result<Self, String> {
        match (from, to) {
            (Day::Once(first), Day::Once(last)) if last < first => {
                Err(format!("it ends ({last}) before it begins ({first})"))
            }
            (Day::Once(_), Day::Once(_)) | (Day::Yearly(..), Day::Yearly(..)) => Ok(Self { from, to }),
            _ => Err("`from` and `to` must both be `MM-DD` or both `YYYY-MM-DD`".to_owned()),
        }
    }

    /// Whether a date lies in it.
    pub fn holds(&self, date: Date) -> bool {
        match (self.from, self.to) {
            (Day::Once(first), Day::Once(last)) => first <= date && date <= last,
            (Day::Yearly(m1, d1), Day::Yearly(m2, d2)) => {
                let (first, last, day) = ((m1, d1), (m2, d2), (date.month(), date.day()));
                if first <= last { first <= day && day <= last } else { first <= day || day <= last }
            }
            _ => false,
        }
    }

    /// The occurrence that holds a date, as its first day and the day after its last; `None` if the date lies outside.
    pub fn around(&self, date: Date) -> Option<(Date, Date)> {
        if !self.holds(date) {
            return None;
        }
        match (self.from, self.to) {
            (Day::Once(first), Day::Once(last)) => Some((first, last.tomorrow().ok()?)),
            (Day::Yearly(m1, d1), Day::Yearly(m2, d2)) => {
                let wraps = (m1, d1) > (m2, d2);
                let first_year = if wraps && (date.month(), date.day()) <= (m2, d2) { date.year() - 1 } else { date.year() };
                let last_year = if wraps { first_year + 1 } else { first_year };
                Some((day_of(first_year, m1, d1)?, day_of(last_year, m2, d2)?.tomorrow().ok()?))
            }
            _ => None,
        }
    }
}

/// When something holds: by the calendar, or by days of the horizon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// Always.
    Always,
    /// By dates.
    Dates(Interval),
    /// From the day after so many days of the horizon, for so many days or to its end.
    Days(i64, Option<i64>),
}

impl Period {
    /// Whether a date of a horizon that begins on `start` lies in it.
    pub fn holds(&self, date: Date, start: Date) -> bool {
        match self {
            Self::Always => true,
            Self::Dates(interval) => interval.holds(date),
            Self::Days(after, days) => {
                let since = i64::from(date.since(start).map_or(0, |span| span.get_days())) - after;
                since >= 0 && days.is_none_or(|days| since < days)
            }
        }
    }
}

impl fmt::Display for Period {
    /// As an addition to what holds: nothing where it always does.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Always => Ok(()),
            Self::Dates(interval) => write!(f, " from {} to {}", interval.from, interval.to),
            Self::Days(after, None) => write!(f, " from day {}", after + 1),
            Self::Days(after, Some(days)) => write!(f, " from day {} to day {}", after + 1, after + days),
        }
    }
}

/// A day of a year; 29 February is the 28th where there is none.
fn day_of(year: i16, month: i8, day: i8) -> Option<Date> {
    Date::new(year, month, day).or_else(|_| Date::new(year, month, day - 1)).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn interval(from: &str, to: &str) -> Interval {
        Interval::new(Day::parse(from).unwrap(), Day::parse(to).unwrap()).unwrap()
    }

    #[test]
    fn both_ends_belong_to_a_season() {
        let season = interval("04-15", "07-15");
        assert!(season.holds(date(2026, 4, 15)) && season.holds(date(2031, 7, 15)));
        assert!(!season.holds(date(2026, 4, 14)) && !season.holds(date(2026, 7, 16)));
    }

    #[test]
    fn a_season_may_pass_the_new_year() {
        let winter = interval("11-01", "02-29");
        assert_eq!(winter.around(date(2027, 1, 5)), Some((date(2026, 11, 1), date(2027, 3, 1))));
        assert_eq!(winter.around(date(2027, 12, 5)), Some((date(2027, 11, 1), date(2028, 3, 1))));
        assert_eq!(winter.around(date(2027, 7, 5)), None);
    }

    #[test]
    fn days_are_counted_from_the_start() {
        let period = Period::Days(1, Some(2));
        let held = [date(2026, 12, 30), date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 2)];
        assert_eq!(held.map(|day| period.holds(day, held[0])), [false, true, true, false]);
        assert_eq!(period.to_string(), " from day 2 to day 3");
    }

    #[test]
    fn odd_dates_are_refused() {
        for text in ["", "-", "13-01", "02-30", "26-04-15", "2026-02-29", "4月15日", "2026-04-15-01", "04-999"] {
            assert!(Day::parse(text).is_err(), "{text}");
        }
        assert!(Interval::new(Day::parse("04-15").unwrap(), Day::parse("2026-04-15").unwrap()).is_err());
    }
}
