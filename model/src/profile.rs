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

    /// Its values, those of January or of the first of it first.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Each value, changed.
    #[must_use]
    pub fn map(&self, change: impl Fn(f64) -> f64) -> Self {
        Self { by: self.by, values: self.values.iter().map(|value| change(*value)).collect() }
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::horizon::tests::horizon;

    fn counted(count: usize) -> Vec<f64> {
        (0..count).map(|value| value as f64).collect()
    }

    #[test]
    fn a_wrong_count_is_refused_with_the_right_one() {
        assert_eq!(Profile::new("month", counted(11)).unwrap_err(), "profile of 11 months: `month` wants 12 values");
        assert_eq!(Profile::new("旬", counted(37)).unwrap_err(), "profile of 37 旬: `旬` wants 36 values");
        assert_eq!(Profile::new("day", counted(364)).unwrap_err(), "profile of 364 days: `day` wants 365 or 366 values");
        assert_eq!(
            Profile::new("week", counted(52)).unwrap_err(),
            "unknown profile `week`, expected `month`, `旬` or `day`"
        );
        let mut values = counted(12);
        values[3] = f64::NAN;
        assert!(Profile::new("month", values).unwrap_err().contains("value 4 is NaN"));
    }

    #[test]
    fn months_and_ten_day_periods_find_their_value() {
        // 31 January – 1 February: values 0 and 1; the third 旬 of January is 2, the first of February 3.
        let horizon = horizon(date(2026, 1, 31), "Asia/Shanghai", &["2 x 1 d"]);
        assert_eq!(Profile::new("month", counted(12)).unwrap().over(&horizon), [0.0, 1.0]);
        assert_eq!(Profile::new("旬", counted(36)).unwrap().over(&horizon), [2.0, 3.0]);
        assert_eq!(Profile::new("day", counted(365)).unwrap().over(&horizon), [30.0, 31.0]);
    }

    #[test]
    fn a_step_over_several_takes_the_mean_weighted_by_time() {
        // The 旬 of July are 18, 19, 20 with 10, 10 and 11 days: (180 + 190 + 220) ÷ 31.
        let month = horizon(date(2026, 7, 1), "Asia/Shanghai", &["1 x month"]);
        let mean = Profile::new("旬", counted(36)).unwrap().over(&month)[0];
        approx::assert_relative_eq!(mean, 590.0 / 31.0, max_relative = 1e-15);
        // Berlin, 28–29 March 2026: 24 h of day 86 and 23 h of day 87 (counted from 0).
        let change = horizon(date(2026, 3, 28), "Europe/Berlin", &["1 x 2 d"]);
        let mean = Profile::new("day", counted(365)).unwrap().over(&change)[0];
        approx::assert_relative_eq!(mean, (86.0 * 24.0 + 87.0 * 23.0) / 47.0, max_relative = 1e-15);
    }

    #[test]
    fn the_29th_of_february_has_its_own_value_or_the_28ths() {
        let leap = horizon(date(2028, 2, 28), "Asia/Shanghai", &["3 x 1 d"]);
        let common = horizon(date(2026, 2, 28), "Asia/Shanghai", &["2 x 1 d"]);
        // 28 February is day 58 counted from 0, 1 March day 59 of 365 and day 60 of 366.
        assert_eq!(Profile::new("day", counted(365)).unwrap().over(&leap), [58.0, 58.0, 59.0]);
        assert_eq!(Profile::new("day", counted(365)).unwrap().over(&common), [58.0, 59.0]);
        assert_eq!(Profile::new("day", counted(366)).unwrap().over(&leap), [58.0, 59.0, 60.0]);
        assert_eq!(Profile::new("day", counted(366)).unwrap().over(&common), [58.0, 60.0]);
        // The year's last day is the profile's last value, in every year.
        for year in [2026, 2028] {
            for count in [365, 366] {
                assert_eq!(Profile::new("day", counted(count)).unwrap().on(date(year, 12, 31)), (count - 1) as f64);
            }
        }
    }

    proptest! {
        #[test]
        fn a_profile_keeps_its_volume_whatever_the_steps(offset in 0i32..1500, values in prop::collection::vec(0.0f64..100.0, 36)) {
            let start = date(2024, 1, 1).checked_add(jiff::ToSpan::months(offset / 31)).unwrap();
            let profile = Profile::new("旬", values).unwrap();
            let volume = |steps: &[&str]| -> f64 {
                let horizon = horizon(start, "Europe/Berlin", steps);
                profile.over(&horizon).iter().zip(&horizon.lengths_s).map(|(value, length)| value * length).sum()
            };
            let months = volume(&["2 x month"]);
            approx::assert_relative_eq!(months, volume(&["6 x 旬"]), max_relative = 1e-12);
        }
    }
}
