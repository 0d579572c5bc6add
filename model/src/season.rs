//! A season: days of every year by month and day, which may wrap the year's end, or days of one year by whole dates.
//!
//! The first and the last day belong to it: the plum-rain season `04-15` to `07-15` ends when 16 July begins.

use jiff::civil::Date;

/// A season.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Season(Days);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Days {
    EveryYear { from: (i8, i8), to: (i8, i8) },
    Once { from: Date, to: Date },
}

impl Season {
    /// Reads the first and the last day, both as `MM-DD` (every year) or both as `YYYY-MM-DD` (once).
    ///
    /// # Errors
    /// A day that no year has, one of each form, or dates of which the last comes before the first, in a sentence.
    pub fn parse(from: &str, to: &str) -> Result<Self, String> {
        match (day(from)?, day(to)?) {
            (Day::OfYear(from), Day::OfYear(to)) => Ok(Self(Days::EveryYear { from, to })),
            (Day::Dated(from), Day::Dated(to)) if from <= to => Ok(Self(Days::Once { from, to })),
            (Day::Dated(_), Day::Dated(_)) => Err(format!("a season from `{from}` ends before it begins, on `{to}`")),
            _ => Err(format!(
                "a season from `{from}` to `{to}`: expected both as `04-15`, for every year, or both as `2026-04-15`"
            )),
        }
    }

    /// Whether a date lies in it.
    pub fn contains(self, date: Date) -> bool {
        match self.0 {
            Days::Once { from, to } => from <= date && date <= to,
            Days::EveryYear { from, to } => {
                let day = (date.month(), date.day());
                if from <= to { from <= day && day <= to } else { from <= day || day <= to }
            }
        }
    }
}

/// A day as it was written.
enum Day {
    OfYear((i8, i8)),
    Dated(Date),
}

fn day(text: &str) -> Result<Day, String> {
    let fault = || format!("`{text}` is no day, expected such as `04-15` or `2026-04-15`");
    let parts: Vec<&str> = text.trim().split('-').collect();
    let number = |part: &str| part.parse::<i8>().map_err(|_| fault());
    match parts.as_slice() {
        [month, day] => {
            let (month, day) = (number(month)?, number(day)?);
            // 2024 is a leap year: 29 February is a day of the year.
            Date::new(2024, month, day).map_err(|_| fault())?;
            Ok(Day::OfYear((month, day)))
        }
        [year, month, day] if year.len() == 4 => {
            let year = year.parse().map_err(|_| fault())?;
            Date::new(year, number(month)?, number(day)?).map(Day::Dated).map_err(|_| fault())
        }
        _ => Err(fault()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::horizon::tests::horizon;

    #[test]
    fn both_its_days_belong_to_a_season() {
        let plum_rain = Season::parse("04-15", "07-15").unwrap();
        let inside = [date(2026, 4, 15), date(2026, 7, 15)];
        let outside = [date(2026, 4, 14), date(2026, 7, 16)];
        assert!(inside.iter().all(|day| plum_rain.contains(*day)) && !outside.iter().any(|day| plum_rain.contains(*day)));
    }

    #[test]
    fn a_season_may_wrap_the_years_end() {
        let winter = Season::parse("11-01", "02-29").unwrap();
        assert!(
            winter.contains(date(2026, 12, 31)) && winter.contains(date(2027, 1, 1)) && winter.contains(date(2027, 2, 28))
        );
        assert!(
            winter.contains(date(2028, 2, 29)) && !winter.contains(date(2028, 3, 1)) && !winter.contains(date(2027, 10, 31))
        );
    }

    #[test]
    fn a_step_lies_in_a_season_by_its_share_of_days() {
        // 11–20 July: 5 days up to the 15th.
        let horizon = horizon(date(2026, 7, 11), "Asia/Shanghai", &["1 x 旬"]);
        assert_eq!(horizon.share_in_season(0, Season::parse("04-15", "07-15").unwrap()), 0.5);
    }

    #[test]
    fn a_season_of_whole_dates_comes_once() {
        let repair = Season::parse("2026-12-28", "2027-01-03").unwrap();
        assert!(repair.contains(date(2026, 12, 28)) && repair.contains(date(2027, 1, 3)));
        assert!(!repair.contains(date(2027, 12, 28)) && !repair.contains(date(2027, 1, 4)));
        assert!(Season::parse("2026-07-02", "2026-07-01").unwrap_err().contains("ends before it begins"));
        assert!(Season::parse("2026-07-02", "07-04").unwrap_err().contains("both as"));
        assert!(Season::parse("2026-02-29", "2026-03-01").unwrap_err().contains("`2026-02-29`"));
    }

    #[test]
    fn a_day_that_no_year_has_is_refused() {
        for text in ["02-30", "13-01", "0415", "4月15日", "-1-1", ""] {
            assert!(Season::parse("04-15", text).unwrap_err().contains(&format!("`{text}`")));
        }
    }
}
