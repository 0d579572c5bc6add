//! A record of years of daily means, and a span of the calendar in each of its years.
//!
//! A record may be written by day, by 旬 or by month: within a stretch every day has the stretch's mean. A span is that of a plan: so many
//! days from a date, in year Y from the same day of the calendar; a 29 February that a year has not takes its 28th.
//! Units: m³/s, volumes hm³. Fails: gaps, as any series ([`SeriesFile`]); years that the record covers in part are left out of a span's.

use std::ops::RangeInclusive;
use std::sync::OnceLock;

use jiff::ToSpan;
use jiff::civil::{Date, Time};

use crate::basin::entry::Entry;
use crate::basin::varying::{ANY, Form, SeriesColumn};
use crate::horizon::Horizon;
use crate::place::{Place, Refusals};
use crate::series::{Meaning, SeriesFile};
use crate::table::TableFault;
use crate::units::{HM3_PER_M3, SECONDS_PER_DAY};

/// Daily means without a gap.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    first: Date,
    days: Vec<f64>,
}

/// So many days from a date, taken in each year of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first day.
    pub from: Date,
    /// How many.
    pub days: usize,
}

/// A record as a basin's file gives it: a column, whose days are read when they are first asked for.
#[derive(Debug)]
pub struct GivenRecord {
    /// The column.
    pub column: SeriesColumn,
    /// Where it was written.
    pub place: Place,
    /// The file says that it is assumed or synthetic.
    pub assumed: bool,
    days: OnceLock<Result<Record, TableFault>>,
}

impl GivenRecord {
    /// Reads `record` of an entry.
    pub(crate) fn read(entry: &Entry) -> Option<Self> {
        const KEY: &str = "record";
        let given = entry.varying(KEY, ANY)?;
        let Form::Series(column) = given.form else {
            let hint = "`record = { file = \"series/record.csv\", column = \"…\" }`, by day, 旬 or month".to_owned();
            entry.refuse(&given.place, format!("`{KEY}`: a record is a column of a series file"), Some(hint));
            return None;
        };
        let assumed = given.assumed || column.series.file.assumed();
        Some(Self { column, place: given.place, assumed, days: OnceLock::new() })
    }

    /// Its days.
    ///
    /// # Errors
    /// The faults of its column, as an element's.
    pub fn days(&self, time_zone: &str, element: &str) -> Result<&Record, Refusals> {
        let column = &self.column;
        let read = || Record::of(&column.series.file, column.column, (column.meaning, column.day_starts), time_zone);
        self.days.get_or_init(read).as_ref().map_err(|fault| {
            let mut refusals = Refusals::default();
            for fault in fault.each() {
                let place = Place::new(std::sync::Arc::clone(&column.series.path), fault.line);
                let named = format!("`record` at {}", self.place);
                let hint = fault.hint.as_ref().map_or_else(|| named.clone(), |hint| format!("{hint}; {named}"));
                refusals.push(&place, Some(element), &fault.message, Some(hint));
            }
            refusals
        })
    }

    /// File and column.
    pub fn origin(&self) -> String {
        format!("{}:{}", self.column.series.path, self.column.name)
    }
}

impl Record {
    /// A record of daily means from a first day on.
    pub fn new(first: Date, days: Vec<f64>) -> Self {
        Self { first, days }
    }

    /// The whole days of a column of a series file.
    ///
    /// # Errors
    /// The faults of the column.
    pub fn of(
        file: &SeriesFile,
        column: usize,
        (meaning, day_starts): (Meaning, Time),
        time_zone: &str,
    ) -> Result<Self, TableFault> {
        let (first, days) = file.daily(column, meaning, day_starts, time_zone)?;
        Ok(Self { first, days })
    }

    /// The first and the last day.
    pub fn ends(&self) -> (Date, Date) {
        let last = self.first.saturating_add((self.days.len() as i64 - 1).max(0).days());
        (self.first, last)
    }

    /// The mean of a day, if the record has it.
    pub fn on(&self, date: Date) -> Option<f64> {
        let at = date.duration_since(self.first).as_hours() / 24;
        usize::try_from(at).ok().and_then(|at| self.days.get(at).copied())
    }

    /// Daily means of a span in a year; none where the record has not all of it.
    pub fn in_year(&self, span: &Span, year: i16) -> Option<Vec<f64>> {
        span.in_year(year).map(|date| self.on(date?)).collect()
    }

    /// Means over the steps of a horizon as if it lay in a year of the record; none where the record has not all of it. What was
    /// then takes the place of what may come: an analogue 相似年.
    pub fn over(&self, horizon: &Horizon, year: i16) -> Option<Vec<f64>> {
        let years = year - horizon.date_of(0).year();
        let mean = |step: usize| {
            let dates = horizon.dates_of(step);
            let sum: Option<f64> = dates.iter().map(|(date, seconds)| Some(self.on(moved(*date, years)?)? * seconds)).sum();
            Some(sum? / horizon.lengths_s[step])
        };
        (0..horizon.steps()).map(mean).collect()
    }

    /// Years in which the record may have a span that begins in them.
    pub fn years(&self) -> RangeInclusive<i16> {
        let (first, last) = self.ends();
        first.year()..=last.year()
    }
}

impl Span {
    /// The days of the span in a year.
    fn in_year(&self, year: i16) -> impl Iterator<Item = Option<Date>> {
        let years = year - self.from.year();
        self.dates().map(move |date| moved(date, years))
    }

    /// The days themselves.
    pub fn dates(&self) -> impl Iterator<Item = Date> {
        self.from.series(1.day()).take(self.days)
    }

    /// Each year that several records have whole, with the volume of them all together in the span, hm³, and that of its driest third.
    pub fn volumes(&self, records: &[&Record]) -> Vec<(i16, f64, f64)> {
        let Some(years) = records.iter().map(|record| record.years()).reduce(|a, b| {
            let (first, last) = (*a.start().max(b.start()), *a.end().min(b.end()));
            first..=last
        }) else {
            return Vec::new();
        };
        let of_year = |year: i16| {
            let mut sums = vec![0.0; self.days];
            for record in records {
                for (sum, flow) in sums.iter_mut().zip(record.in_year(self, year)?) {
                    *sum += flow;
                }
            }
            let third = (self.days / 3).max(1);
            let hm3 = SECONDS_PER_DAY * HM3_PER_M3;
            let mut within: f64 = sums[..third].iter().sum();
            let mut least = within;
            for day in third..self.days {
                within += sums[day] - sums[day - third];
                least = least.min(within);
            }
            Some((year, sums.iter().sum::<f64>() * hm3, least * hm3))
        };
        years.filter_map(of_year).collect()
    }
}

/// A date so many years on.
fn moved(date: Date, years: i16) -> Option<Date> {
    let year = date.year().checked_add(years)?;
    Date::new(year, date.month(), date.day()).or_else(|_| Date::new(year, date.month(), date.day() - 1)).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::horizon::tests::horizon;
    use crate::table::Table;

    /// 2019-12-01 to 2022-02-28: each day its number, counted from 0.
    fn counted() -> Record {
        Record::new(date(2019, 12, 1), (0..821).map(f64::from).collect())
    }

    #[test]
    fn a_span_passes_the_new_year_and_skips_a_29th_of_february() {
        let record = counted();
        assert_eq!(record.ends(), (date(2019, 12, 1), date(2022, 2, 28)));
        let winter = Span { from: date(2027, 12, 30), days: 4 };
        assert_eq!(record.in_year(&winter, 2019).unwrap(), [29.0, 30.0, 31.0, 32.0]);
        // 2028 has a 29 February, 2021 takes its 28th twice.
        let leap = Span { from: date(2028, 2, 28), days: 2 };
        assert_eq!(record.in_year(&leap, 2021).unwrap(), [455.0, 455.0]);
        assert_eq!(record.in_year(&leap, 2020).unwrap(), [89.0, 90.0]);
        assert_eq!(record.in_year(&winter, 2022), None);
    }

    #[test]
    fn volumes_are_of_years_that_all_records_have() {
        let short = Record::new(date(2021, 1, 1), vec![1.0; 60]);
        let span = Span { from: date(2026, 1, 2), days: 3 };
        let years = span.volumes(&[&counted(), &short]);
        // 2 to 4 January 2021 are days 398, 399, 400; the driest third of three days is the first.
        let [(year, volume, dry)] = years[..] else { panic!("{years:?}") };
        assert_eq!(year, 2021);
        approx::assert_relative_eq!(volume, (398.0 + 399.0 + 400.0 + 3.0) * 0.0864, max_relative = 1e-12);
        approx::assert_relative_eq!(dry, 399.0 * 0.0864, max_relative = 1e-12);
        assert!(span.volumes(&[]).is_empty());
    }

    #[test]
    fn an_analogue_is_the_record_on_the_steps() {
        let steps = horizon(date(2026, 12, 30), "Asia/Shanghai", &["2 x 1 d", "1 x 旬"]);
        assert_eq!(counted().over(&steps, 2019).unwrap(), [29.0, 30.0, 35.5]);
        assert_eq!(counted().over(&steps, 2018), None);
    }

    #[test]
    fn months_and_days_of_another_start_become_days() {
        let text = "date,q\n2020-01-01,1\n2020-02-01,2\n2020-03-01,4\n";
        let file = SeriesFile::from_table(Table::from_bytes(text.as_bytes()).unwrap()).unwrap();
        let months = Record::of(&file, 1, (Meaning::Mean, Time::midnight()), "Asia/Shanghai").unwrap();
        assert_eq!(months.ends(), (date(2020, 1, 1), date(2020, 3, 31)));
        assert_eq!((months.on(date(2020, 2, 29)), months.on(date(2020, 3, 31))), (Some(2.0), Some(4.0)));
        // Days from 08:00: the first whole one is the second, a third of the first and two of the second.
        let text = "date,q\n2020-01-01,3\n2020-01-02,6\n2020-01-03,9\n";
        let file = SeriesFile::from_table(Table::from_bytes(text.as_bytes()).unwrap()).unwrap();
        let days = Record::of(&file, 1, (Meaning::Mean, jiff::civil::time(8, 0, 0, 0)), "Asia/Shanghai").unwrap();
        assert_eq!(days, Record::new(date(2020, 1, 2), vec![5.0, 8.0]));
    }
}
