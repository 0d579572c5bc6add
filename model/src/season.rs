//! A season of the year, by the month and day of its first and last day; it may wrap the year's end.
//!
//! Both days belong to it: the plum-rain season `04-15` to `07-15` ends when 16 July begins.

use jiff::civil::Date;

/// A season of the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Season {
    from: (i8, i8),
    to: (i8, i8),
}

impl Season {
    /// Reads the first and the last day, each as `MM-DD`.
    ///
    /// # Errors
    /// A day that no year has, naming it.
    pub fn parse(from: &str, to: &str) -> Result<Self, String> {
        Ok(Self { from: month_day(from)?, to: month_day(to)? })
    }

    /// Whether a date lies in it.
    pub fn contains(self, date: Date) -> bool {
        let day = (date.month(), date.day());
        if self.from <= self.to { self.from <= day && day <= self.to } else { self.from <= day || day <= self.to }
    }
}

fn month_day(text: &str) -> Result<(i8, i8), String> {
    let fault = || format!("`{text}` is no day of the year, expected month and day as `04-15`");
    let (month, day) = text.trim().split_once('-').ok_or_else(fault)?;
    let (month, day): (i8, i8) = (month.parse().map_err(|_| fault())?, day.parse().map_err(|_| fault())?);
    // 2024 is a leap year: 29 February is a day of the year.
    Date::new(2024, month, day).map_err(|_| fault())?;
    Ok((month, day))
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
    fn a_day_that_no_year_has_is_refused() {
        for text in ["02-30", "13-01", "0415", "4月15日", "-1-1", ""] {
            assert!(Season::parse("04-15", text).unwrap_err().contains(&format!("`{text}`")));
        }
    }
}
