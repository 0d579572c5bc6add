//! The periods of a satisfaction: steps gathered by 旬, month or as a whole.
//!
//! A step belongs to the period that holds its middle. A period that the horizon cuts to less than half joins its
//! neighbour, and is named there.

use std::ops::Range;

use crate::goals::Period;
use crate::horizon::{
    Horizon, TenDayPeriod, after_month, after_ten_days, chinese, chinese_date, first_instant, seconds_between,
};

/// Steps that are judged together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodSteps {
    /// As documents label it: `2026-07`, `2026-07上旬`, a step's name, or `horizon`.
    pub label: String,
    /// As Chinese papers label it: `2026年7月`, `2026年7月上旬` …
    pub chinese: String,
    /// Its steps.
    pub steps: Range<usize>,
    /// Labels of the periods, cut to less than half by the horizon, that joined it.
    pub joined: Vec<String>,
}

impl Horizon {
    /// The periods of the horizon, in time's order; together they hold every step once.
    pub fn periods(&self, period: Period) -> Vec<PeriodSteps> {
        let mut gathered: Vec<(PeriodSteps, f64)> = Vec::new();
        for step in 0..self.steps() {
            let (label, chinese, whole_s) = self.period_of(step, period);
            match gathered.last_mut() {
                Some((last, _)) if last.label == label => last.steps.end = step + 1,
                _ => gathered.push((PeriodSteps { label, chinese, steps: step..step + 1, joined: Vec::new() }, whole_s)),
            }
        }
        let cut = |(period, whole_s): &(PeriodSteps, f64)| {
            self.lengths_s[period.steps.clone()].iter().sum::<f64>() < whole_s / 2.0
        };
        if gathered.len() > 1 && cut(&gathered[0]) {
            let (first, _) = gathered.remove(0);
            gathered[0].0.steps.start = 0;
            gathered[0].0.joined.push(first.label);
        }
        if gathered.len() > 1
            && gathered.last().is_some_and(cut)
            && let Some((last, _)) = gathered.pop()
            && let Some((before, _)) = gathered.last_mut()
        {
            before.steps.end = last.steps.end;
            before.joined.push(last.label);
        }
        gathered.into_iter().map(|(period, _)| period).collect()
    }

    /// Label, Chinese label and whole length in seconds of the period that holds a step's middle.
    fn period_of(&self, step: usize, period: Period) -> (String, String, f64) {
        let whole = |from, to: Result<_, String>| match (
            first_instant(from, self.zone()),
            to.and_then(|to| first_instant(to, self.zone())),
        ) {
            (Ok(from), Ok(to)) => seconds_between(&from, &to),
            _ => self.lengths_s[step],
        };
        let half = jiff::SignedDuration::from_secs_f64(self.lengths_s[step] / 2.0);
        let middle = self.edges[step].saturating_add(half).date();
        match period {
            Period::Step => {
                let start = &self.edges[step];
                let midnight = start.time() == jiff::civil::Time::midnight();
                (self.name_of(step), if midnight { chinese_date(start.date()) } else { chinese(start) }, 0.0)
            }
            Period::TenDays => {
                let ten_days = TenDayPeriod::of(middle);
                let first = middle.first_of_month().saturating_add(jiff::ToSpan::days(i64::from(ten_days.part) * 10));
                (ten_days.to_string(), ten_days.chinese(), whole(first, after_ten_days(middle)))
            }
            Period::Month => {
                let (year, month) = (middle.year(), middle.month());
                (
                    format!("{year:04}-{month:02}"),
                    format!("{year}年{month}月"),
                    whole(middle.first_of_month(), after_month(middle)),
                )
            }
            Period::Horizon => ("horizon".to_owned(), "全期".to_owned(), 0.0),
        }
    }
}
