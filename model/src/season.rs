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
