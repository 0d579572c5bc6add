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
    /// The periods of the horizon as it cuts them, in time's order, each with its whole length in seconds; together they
    /// hold every step once.
    pub fn cut_periods(&self, period: Period) -> Vec<(PeriodSteps, f64)> {
        let mut gathered: Vec<(PeriodSteps, f64)> = Vec::new();
        for step in 0..self.steps() {
            let (label, chinese, whole_s) = self.period_of(step, period);
            match gathered.last_mut() {
                Some((last, _)) if last.label == label => last.steps.end = step + 1,
                _ => gathered.push((PeriodSteps { label, chinese, steps: step..step + 1, joined: Vec::new() }, whole_s)),
            }
        }
        gathered
    }

    /// The periods of the horizon, what is cut to less than half with its neighbour; together they hold every step once.
    pub fn periods(&self, period: Period) -> Vec<PeriodSteps> {
        let mut gathered = self.cut_periods(period);
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
            Period::Day => {
                (middle.to_string(), chinese_date(middle), whole(middle, middle.tomorrow().map_err(|e| e.to_string())))
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

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::horizon::tests::horizon;

    fn labels(horizon: &Horizon, period: Period) -> Vec<(String, Range<usize>, Vec<String>)> {
        horizon.periods(period).into_iter().map(|period| (period.label, period.steps, period.joined)).collect()
    }

    #[test]
    fn a_month_cut_to_less_than_half_joins_its_neighbour() {
        // 20 June – 10 August: 11 of 30 days of June, all of July, 10 of 31 days of August.
        let horizon = horizon(date(2026, 6, 20), "Asia/Shanghai", &["52 x 1 d"]);
        assert_eq!(labels(&horizon, Period::Month), [("2026-07".into(), 0..52, vec!["2026-06".into(), "2026-08".into()])]);
        assert_eq!(horizon.periods(Period::Month)[0].chinese, "2026年7月");
    }

    #[test]
    fn a_month_cut_to_half_stands_for_itself() {
        // 16–30 June is half of it.
        let horizon = horizon(date(2026, 6, 16), "Asia/Shanghai", &["46 x 1 d"]);
        assert_eq!(labels(&horizon, Period::Month), [("2026-06".into(), 0..15, vec![]), ("2026-07".into(), 15..46, vec![])]);
    }

    #[test]
    fn two_short_ends_join_each_other() {
        // 28 June – 4 July: 3 days join 4.
        let horizon = horizon(date(2026, 6, 28), "Asia/Shanghai", &["7 x 1 d"]);
        assert_eq!(labels(&horizon, Period::Month), [("2026-07".into(), 0..7, vec!["2026-06".into()])]);
    }

    #[test]
    fn steps_gather_by_ten_day_periods() {
        // 7–10 June (4 of 10 days) join the middle 旬; 21–23 June (3 of 10) too.
        let horizon = horizon(date(2026, 6, 7), "Asia/Shanghai", &["17 x 1 d"]);
        assert_eq!(
            labels(&horizon, Period::TenDays),
            [("2026-06中旬".into(), 0..17, vec!["2026-06上旬".into(), "2026-06下旬".into()])]
        );
    }

    #[test]
    fn each_step_and_the_whole_are_periods_too() {
        let horizon = horizon(date(2026, 6, 1), "Asia/Shanghai", &["1 x 1 d", "2 x 旬"]);
        assert_eq!(
            labels(&horizon, Period::Step),
            [("2026-06-01".into(), 0..1, vec![]), ("2026-06-02".into(), 1..2, vec![]), ("2026-06-11".into(), 2..3, vec![])]
        );
        assert_eq!(labels(&horizon, Period::Horizon), [("horizon".into(), 0..3, vec![])]);
    }
}
