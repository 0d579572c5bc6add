//! Values that return every year: by month, by 旬 or by day, as time-weighted means over the steps.
//!
//! Shape: 12, 36, or 365 or 366 values. With 366 the 60th is 29 February's and is passed over in other years; with 365
//! a 29 February takes the value of the 28th.
//! Fails: an unknown word, a wrong count, a value that is no finite number.

use jiff::civil::Date;

use crate::horizon::{Horizon, TenDayPeriod};

/// Values that return every year.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    by: By,
    values: Vec<f64>,
}

/// What a profile's values belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Month,
    TenDays,
    DayOfYear,
}

impl Profile {
    /// A profile by its word in the file, `month`, `旬` or `day`.
    ///
    /// # Errors
    /// An unknown word, a wrong count of values, or a value that is no finite number, in a sentence.
    pub fn new(word: &str, values: Vec<f64>) -> Result<Self, String> {
        let (by, plural, wanted, fits) = match word {
            "month" => (By::Month, "months", "12 values", values.len() == 12),
            "旬" => (By::TenDays, "旬", "36 values", values.len() == 36),
            "day" => (By::DayOfYear, "days", "365 or 366 values", matches!(values.len(), 365 | 366)),
            _ => {
                return Err(format!("unknown profile `{word}`, expected `month`, `旬` or `day`"));
            }
        };
        if !fits {
            return Err(format!("profile of {} {plural}: `{word}` wants {wanted}", values.len()));
        }
        if let Some(at) = values.iter().position(|value| !value.is_finite()) {
            return Err(format!("profile by `{word}`: value {} is {}, expected a finite number", at + 1, values[at]));
        }
        Ok(Self { by, values })
    }

    /// The value on a date.
    pub fn on(&self, date: Date) -> f64 {
        let index = match self.by {
            By::Month => date.month() as usize - 1,
            By::TenDays => TenDayPeriod::of(date).index(),
            By::DayOfYear => {
                let day = date.day_of_year() as usize - 1;
                let february_29 = 59;
                match (self.values.len() == 366, date.in_leap_year()) {
                    (true, false) if day >= february_29 => day + 1,
                    (false, true) if day >= february_29 => day - 1,
                    _ => day,
                }
            }
        };
        self.values[index]
    }

    /// The time-weighted mean over each step.
    pub fn over(&self, horizon: &Horizon) -> Vec<f64> {
        (0..horizon.steps())
            .map(|step| {
                let dates = horizon.dates_of(step);
                match dates.as_slice() {
                    [(date, _)] => self.on(*date),
                    _ => dates.iter().map(|(date, seconds)| self.on(*date) * seconds).sum::<f64>() / horizon.lengths_s[step],
                }
            })
            .collect()
    }
}
