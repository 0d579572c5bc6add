//! Series files: columns of values over time, re-cut onto the steps of a horizon.
//!
//! The first column is the time: dates, local date-times or date-times with an offset. A *mean* holds from its stamp to
//! the next, the last for as long as the one before it (calendar months, 旬 and days are told from the stamps); a step
//! gets the time-weighted mean, so that volumes keep. An *instant* is a reading; between readings the value is linear,
//! and a step gets the mean of that line.
//!
//! A gap is an empty cell, or two stamps nearly twice as far apart as those before and after them: a gap within
//! the horizon is refused, as is a series that begins after its start or ends before its end.
//!
//! Units: those of the column. Shape: a value a step.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::path::Path;
use std::sync::OnceLock;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan, Zoned};

use crate::horizon::{Horizon, StepLength, StepSpec, after_ten_days, rfc3339};
use crate::stamp::{Stamp, parse_stamp};
use crate::table::{Table, TableFault, parted};

/// By how much a distance between stamps exceeds its neighbours' where a row is missing. Without one months differ by
/// 31 ÷ 28, 旬 by 10 ÷ 8, and every second hour by 3 ÷ 2 where the clock is put back; a missing row makes the least
/// difference in February's 旬, 18 ÷ 10.
pub const GAP: f64 = 1.75;

/// What the values of a column say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meaning {
    /// The mean from a stamp to the next.
    #[default]
    Mean,
    /// A reading at the stamp.
    Instant,
}

/// A file of series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesFile {
    table: Table,
    stamps: Vec<Stamp>,
    instants: Instants,
}

/// The instants of the rows in the zone, and with the start of days, that they were first asked for: all columns share them.
#[derive(Clone, Debug, Default)]
struct Instants(OnceLock<((TimeZone, Time), Vec<Timestamp>)>);

/// What was asked for says nothing of the file.
impl PartialEq for Instants {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Instants {}

/// The newest reading of a column at or before an instant.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The value.
    pub value: f64,
    /// When it was read.
    pub time: Zoned,
    /// How old it was at the instant, hours.
    pub age_h: f64,
}

/// A stretch of time between two stamps.
struct Stretch {
    /// Seconds from the horizon's start.
    from_s: f64,
    to_s: f64,
    /// Values at its ends; none where they are missing.
    values: Option<(f64, f64)>,
    /// Line of the row that it begins with, or that lacks its value.
    line: usize,
}

/// Reads the time at which the days of a record begin, such as `08:00`.
///
/// # Errors
/// The text is no time of the day.
pub fn day_starts(text: &str) -> Result<Time, String> {
    crate::stamp::parse_time(text.trim()).ok_or_else(|| format!("`{text}` is no time of the day, expected such as `08:00`"))
}

impl SeriesFile {
    /// Reads a file.
    ///
    /// # Errors
    /// The faults of the file, with their lines: see [`Table`], and a first column that holds other than times.
    pub fn read(path: &Path) -> Result<Self, TableFault> {
        Self::from_table(Table::read(path)?)
    }

    /// Reads a table.
    ///
    /// # Errors
    /// Rows of another number of cells than the header, cells of the first column that are no times, or no values at all.
    pub fn from_table(table: Table) -> Result<Self, TableFault> {
        if table.header.len() < 2 {
            return Err(TableFault::new(table.header_line, "has a column of times, but none of values"));
        }
        if table.rows.is_empty() {
            table.faults(Vec::new())?;
            return Err(TableFault::new(table.header_line, "has a header, but no rows"));
        }
        let stamps = table.rows.iter().map(|row| {
            parse_stamp(&row.cells[0]).ok_or_else(|| {
                TableFault::new(row.line, format!("column `{}`: `{}` is no date or time", table.header[0], row.cells[0]))
                    .hint("the first column is the time, such as `2026-07-01`, `2026-07-01 08:00` or `2026-07-01T08:00:00+08:00`")
            })
        });
        let (stamps, faults) = parted(stamps);
        table.faults(faults)?;
        Ok(Self { table, stamps, instants: Instants::default() })
    }

    /// SHA-256 of the file's bytes, in hexadecimal.
    pub fn digest(&self) -> &str {
        &self.table.digest
    }

    /// Whether a comment line says that the file is synthetic or assumed.
    pub fn assumed(&self) -> bool {
        self.table.assumed
    }

    /// The headings of the columns of values.
    pub fn columns(&self) -> &[String] {
        &self.table.header[1..]
    }

    /// The index of a column of values by its heading.
    ///
    /// # Errors
    /// There is none of this name; those that there are.
    pub fn column(&self, name: &str) -> Result<usize, TableFault> {
        match self.table.column(name)? {
            0 => {
                Err(TableFault::new(self.table.header_line, format!("column `{name}` is the time, not a column of values")))
            }
            column => Ok(column),
        }
    }

    /// A column, re-cut onto the steps of a horizon, with the time of its last value. `day_starts` is the time at which
    /// a stamp without one begins.
    ///
    /// # Errors
    /// Rows that are out of order or hold no number, or the first stretch of the horizon without a value.
    pub fn recut(
        &self,
        column: usize,
        horizon: &Horizon,
        meaning: Meaning,
        day_starts: Time,
    ) -> Result<(Vec<f64>, String), TableFault> {
        self.over_steps(column, horizon, meaning, day_starts, mean_over)
    }

    /// The whole days that a column covers: the first of them, and the mean of each.
    ///
    /// # Errors
    /// As [`recut`](Self::recut), or a column that covers no whole day.
    pub fn daily(
        &self,
        column: usize,
        meaning: Meaning,
        day_starts: Time,
        time_zone: &str,
    ) -> Result<(Date, Vec<f64>), TableFault> {
        let line = self.table.rows[0].line;
        let fault = |message: String| TableFault::new(line, message);
        let zone = TimeZone::get(time_zone).map_err(|_| fault(format!("unknown zone `{time_zone}`")))?;
        let times = self.times(&zone, day_starts)?;
        let (first, last) = (times[0].to_zoned(zone.clone()), times[times.len() - 1]);
        let end = match times[..] {
            [.., before, last] if meaning == Meaning::Mean => Rhythm::between(before, last, &zone).after(last, &zone),
            _ => last,
        };
        let from = if first.time() == Time::midnight() { first.date() } else { first.date().saturating_add(1.day()) };
        let days = days_between(from, end.to_zoned(zone).date());
        let short = || fault("covers no whole day".to_owned()).hint("a record holds years of days, 旬 or months");
        let count = usize::try_from(days).ok().filter(|days| *days > 0).ok_or_else(short)?;
        let steps = [StepSpec { count, length: StepLength::Days(1) }];
        let horizon = Horizon::build(from, time_zone, &steps).map_err(fault)?;
        self.recut(column, &horizon, meaning, day_starts).map(|(values, _)| (from, values))
    }

    /// A column at the end of each step of a horizon, for what is a state there: a reading's line at that instant, or the
    /// mean that holds up to it; with the time of its last value.
    ///
    /// # Errors
    /// As [`recut`](Self::recut).
    pub fn at_ends(
        &self,
        column: usize,
        horizon: &Horizon,
        meaning: Meaning,
        day_starts: Time,
    ) -> Result<(Vec<f64>, String), TableFault> {
        self.over_steps(column, horizon, meaning, day_starts, |stretches, _, to_s| value_at(stretches, to_s))
    }

    /// `value` of each step: given the stretches from the one on that the step begins in, its start and its end.
    fn over_steps(
        &self,
        column: usize,
        horizon: &Horizon,
        meaning: Meaning,
        day_starts: Time,
        value: impl Fn(&[Stretch], f64, f64) -> f64,
    ) -> Result<(Vec<f64>, String), TableFault> {
        let times = self.times(horizon.zone(), day_starts)?;
        let values = self.values(column)?;
        let last = values.iter().rposition(Option::is_some).ok_or_else(|| {
            TableFault::new(self.table.header_line, format!("column `{}` holds no value", self.table.header[column]))
        })?;
        let stretches = self.stretches(&times, &values, horizon, meaning);
        self.check_covered(column, &stretches, horizon, day_starts)?;
        let mut found = Vec::with_capacity(horizon.steps());
        let (mut first, mut from_s) = (0, 0.0);
        for length_s in &horizon.lengths_s {
            let to_s = from_s + length_s;
            while first + 1 < stretches.len() && stretches[first].to_s <= from_s {
                first += 1;
            }
            found.push(value(&stretches[first..], from_s, to_s));
            from_s = to_s;
        }
        Ok((found, rfc3339(&times[last].to_zoned(horizon.zone().clone()))))
    }

    /// The newest reading of a column at or before an instant.
    ///
    /// # Errors
    /// Rows that are out of order or hold no number, or that there is no reading by then.
    pub fn newest(&self, column: usize, instant: &Zoned, day_starts: Time) -> Result<Reading, TableFault> {
        let times = self.times(instant.time_zone(), day_starts)?;
        let values = self.values(column)?;
        let until = times.partition_point(|time| *time <= instant.timestamp());
        let found = (0..until).rev().find_map(|row| values[row].map(|value| (times[row], value)));
        let (time, value) = found.ok_or_else(|| {
            let message = format!("column `{}` has no value at or before {}", self.table.header[column], rfc3339(instant));
            TableFault::new(self.table.rows[0].line, message)
        })?;
        let age_h = instant.timestamp().duration_since(time).as_secs_f64() / 3600.0;
        Ok(Reading { value, time: time.to_zoned(instant.time_zone().clone()), age_h })
    }

    /// The instants of the rows, rising.
    fn times(&self, zone: &TimeZone, day_starts: Time) -> Result<Cow<'_, [Timestamp]>, TableFault> {
        let asked = (zone.clone(), day_starts);
        if let Some((_, times)) = self.instants.0.get().filter(|(known, _)| *known == asked) {
            return Ok(times.into());
        }
        let mut last: Option<(Timestamp, usize)> = None;
        let (times, faults) = parted((0..self.stamps.len()).map(|row| {
            let time = self.time(row, last, zone, day_starts)?;
            last = Some((time, row));
            Ok(time)
        }));
        TableFault::all(faults)?;
        // Where others are known, these are found anew each time.
        let _ = self.instants.0.set((asked, times.clone()));
        Ok(times.into())
    }

    /// The instant of a row, after that of the last row that had one.
    fn time(
        &self,
        row: usize,
        last: Option<(Timestamp, usize)>,
        zone: &TimeZone,
        day_starts: Time,
    ) -> Result<Timestamp, TableFault> {
        let (stamp, line, text) = (&self.stamps[row], self.table.rows[row].line, &self.table.rows[row].cells[0]);
        let outside = || TableFault::new(line, format!("`{text}` lies outside the calendar"));
        let mut time = match stamp {
            Stamp::Fixed(time) => *time,
            Stamp::Day(date) => date.to_datetime(day_starts).to_zoned(zone.clone()).map_err(|_| outside())?.timestamp(),
            Stamp::Local(local) => self.local(line, text, *local, zone)?,
        };
        let Some((before, row_before)) = last else { return Ok(time) };
        // The second reading of an hour that a clock change repeats.
        if time <= before
            && let Stamp::Local(local) = stamp
        {
            time = zone.to_ambiguous_zoned(*local).later().map_err(|_| outside())?.timestamp();
        }
        let text_before = &self.table.rows[row_before].cells[0];
        match time.cmp(&before) {
            Ordering::Greater => Ok(time),
            Ordering::Equal => {
                Err(TableFault::new(line, format!("the time `{text}` stands twice")).hint("keep one of the two rows"))
            }
            Ordering::Less => {
                Err(TableFault::new(line, format!("`{text}` stands after `{text_before}`: rows must rise in time"))
                    .hint("sort the rows by time"))
            }
        }
    }

    fn local(&self, line: usize, text: &str, local: DateTime, zone: &TimeZone) -> Result<Timestamp, TableFault> {
        let ambiguous = zone.to_ambiguous_zoned(local);
        if matches!(ambiguous.offset(), jiff::tz::AmbiguousOffset::Gap { .. }) {
            return Err(TableFault::new(
                line,
                format!("column `{}`: the clock change leaves out `{text}`", self.table.header[0]),
            )
            .hint("write times with their offset, such as `2026-03-29T02:30:00+01:00`"));
        }
        let zoned = ambiguous.earlier().map_err(|_| TableFault::new(line, format!("`{text}` lies outside the calendar")))?;
        Ok(zoned.timestamp())
    }

    fn values(&self, column: usize) -> Result<Vec<Option<f64>>, TableFault> {
        let (values, faults) = parted(self.table.rows.iter().map(|row| self.table.number(row, column)));
        TableFault::all(faults).map(|()| values)
    }

    /// The stretches between the stamps, without a break from the first stamp to where the last value ends.
    fn stretches(&self, times: &[Timestamp], values: &[Option<f64>], horizon: &Horizon, meaning: Meaning) -> Vec<Stretch> {
        let zone = horizon.zone();
        let start = horizon.start().timestamp();
        let since = |time: Timestamp| time.duration_since(start).as_secs_f64();
        let distance = |from: usize| times[from + 1].duration_since(times[from]).as_secs_f64();
        let mut stretches = Vec::with_capacity(times.len());
        for row in 0..times.len() {
            let line = self.table.rows[row].line;
            let from_s = since(times[row]);
            let Some(next) = times.get(row + 1) else {
                if meaning == Meaning::Mean && row > 0 {
                    let to_s = since(Rhythm::between(times[row - 1], times[row], zone).after(times[row], zone));
                    stretches.push(Stretch { from_s, to_s, values: values[row].map(|value| (value, value)), line });
                } else if meaning == Meaning::Mean && matches!(self.stamps[row], Stamp::Day(_)) {
                    let to_s = since(Rhythm::Days(1).after(times[row], zone));
                    stretches.push(Stretch { from_s, to_s, values: values[row].map(|value| (value, value)), line });
                }
                break;
            };
            let to_s = since(*next);
            let neighbour = |other: Option<usize>| other.filter(|from| from + 1 < times.len());
            let (before, after) = (neighbour(row.checked_sub(1)), neighbour(Some(row + 1)));
            let usual = [before, after].into_iter().flatten().map(distance).reduce(f64::max);
            let gap = usual.is_some_and(|usual| distance(row) >= GAP * usual);
            match meaning {
                Meaning::Mean => {
                    let held = values[row].map(|value| (value, value));
                    let pattern =
                        before.or(after).filter(|_| gap).map(|from| Rhythm::between(times[from], times[from + 1], zone));
                    let held_to_s = pattern.map_or(to_s, |pattern| since(pattern.after(times[row], zone)).min(to_s));
                    stretches.push(Stretch { from_s, to_s: held_to_s, values: held, line });
                    if held_to_s < to_s {
                        stretches.push(Stretch { from_s: held_to_s, to_s, values: None, line });
                    }
                }
                Meaning::Instant => {
                    let ends = values[row].zip(values[row + 1]).filter(|_| !gap);
                    let line = if values[row].is_some() && values[row + 1].is_none() {
                        self.table.rows[row + 1].line
                    } else {
                        line
                    };
                    stretches.push(Stretch { from_s, to_s, values: ends, line });
                }
            }
        }
        stretches
    }

    /// # Errors
    /// The first stretch of the horizon without a value.
    fn check_covered(
        &self,
        column: usize,
        stretches: &[Stretch],
        horizon: &Horizon,
        day_starts: Time,
    ) -> Result<(), TableFault> {
        let name = &self.table.header[column];
        let shown = |seconds: f64| {
            let instant = horizon.start().saturating_add(SignedDuration::from_secs_f64(seconds));
            instant.strftime("%Y-%m-%d %H:%M").to_string()
        };
        let (first_line, last_line) = (self.table.rows[0].line, self.table.rows[self.table.rows.len() - 1].line);
        let (start, end_s) = (shown(0.0), horizon.lengths_s.iter().sum::<f64>());
        let hint = if day_starts == Time::midnight() {
            "the series must cover the whole horizon".to_owned()
        } else {
            format!("days that begin at {} need one value more before the horizon", day_starts.strftime("%H:%M"))
        };
        let (Some(first), Some(last)) = (stretches.first(), stretches.last()) else {
            return Err(TableFault::new(last_line, format!("column `{name}`: one row alone covers no time")).hint(hint));
        };
        if first.from_s > 0.0 {
            let message = format!("column `{name}`: begins at {}, the horizon at {start}", shown(first.from_s));
            return Err(TableFault::new(first_line, message).hint(hint));
        }
        let missing = |stretch: &&Stretch| stretch.values.is_none() && stretch.to_s > 0.0 && stretch.from_s < end_s;
        if let Some(stretch) = stretches.iter().find(missing) {
            let message = format!("column `{name}`: no value for {} to {}", shown(stretch.from_s), shown(stretch.to_s));
            return Err(
                TableFault::new(stretch.line, message).hint("fill the gap in the file, and say there how it was filled")
            );
        }
        if last.to_s < end_s {
            let message = format!("column `{name}`: ends at {}, the horizon at {}", shown(last.to_s), shown(end_s));
            return Err(TableFault::new(last_line, message).short());
        }
        Ok(())
    }
}

/// The time-weighted mean of stretches that cover a step.
fn mean_over(stretches: &[Stretch], from_s: f64, to_s: f64) -> f64 {
    let mut sum = 0.0;
    for stretch in stretches.iter().take_while(|stretch| stretch.from_s < to_s) {
        let (Some((low, high)), from, to) = (stretch.values, stretch.from_s.max(from_s), stretch.to_s.min(to_s)) else {
            continue;
        };
        if low == high && from == from_s && to == to_s {
            return low;
        }
        // The mean of a line is its value in the middle.
        let share = (f64::midpoint(from, to) - stretch.from_s) / (stretch.to_s - stretch.from_s);
        sum += (low + (high - low) * share) * (to - from);
    }
    sum / (to_s - from_s)
}

/// The value at an instant of stretches that cover what leads up to it.
fn value_at(stretches: &[Stretch], at_s: f64) -> f64 {
    let leading = stretches.partition_point(|stretch| stretch.to_s < at_s).min(stretches.len() - 1);
    let Stretch { from_s, to_s, values, .. } = &stretches[leading];
    values.map_or(f64::NAN, |(low, high)| low + (high - low) * (at_s - from_s) / (to_s - from_s))
}

/// The distance of two stamps in the calendar's terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rhythm {
    /// From the first day of a month to that of another.
    Months(i32),
    /// From the start of a 旬 to the next.
    TenDays,
    /// From a time of the day to the same.
    Days(i32),
    /// Any other.
    Elapsed(SignedDuration),
}

impl Rhythm {
    /// The rhythm of two instants.
    pub fn between(from: Timestamp, to: Timestamp, zone: &TimeZone) -> Self {
        let (a, b) = (zone.to_datetime(from), zone.to_datetime(to));
        if a.time() != b.time() {
            return Self::Elapsed(to.duration_since(from));
        }
        if a.day() == 1 && b.day() == 1 {
            return Self::Months(
                (i32::from(b.year()) - i32::from(a.year())) * 12 + i32::from(b.month()) - i32::from(a.month()),
            );
        }
        if matches!(a.day(), 1 | 11 | 21) && after_ten_days(a.date()).is_ok_and(|next| next == b.date()) {
            return Self::TenDays;
        }
        Self::Days(days_between(a.date(), b.date()))
    }

    /// The instant that follows a stamp.
    pub fn after(self, time: Timestamp, zone: &TimeZone) -> Timestamp {
        let local = zone.to_datetime(time);
        let next = match self {
            Self::Elapsed(duration) => {
                return time.saturating_add(duration).unwrap_or(Timestamp::MAX);
            }
            Self::Months(months) => local.date().checked_add(months.months()).ok(),
            Self::TenDays => after_ten_days(local.date()).ok(),
            Self::Days(days) => local.date().checked_add(days.days()).ok(),
        };
        next.and_then(|date| date.to_datetime(local.time()).to_zoned(zone.clone()).ok())
            .map_or(Timestamp::MAX, |next| next.timestamp())
    }
}

fn days_between(from: Date, to: Date) -> i32 {
    (to.duration_since(from).as_hours() / 24) as i32
}

#[cfg(test)]
mod tests;
