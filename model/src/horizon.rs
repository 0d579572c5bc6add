//! The time grid: steps of any length, named by their start in the basin's zone.
//!
//! Steps are written `30 x 1 d`, `24 x 1 h`, `96 x 15 min`, `11 x 旬`, `12 x month`. Days begin at 00:00 local time
//! (where a clock change swallows midnight, at the first instant of the day); hours and minutes are elapsed time, so a
//! day of a clock change has 23 or 25 hours and its length says so. A 旬 (1–10, 11–20, 21–end of month) or a month runs
//! to its calendar end, so the first may be short. No step straddles a month's end: one that would is refused.
//!
//! Shape: T steps, T + 1 edges. Units: lengths in s.
//! Fails: unknown zone, no steps, a day that would begin within a day, a step across a month's end.

use std::fmt;
use std::ops::Range;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan, Zoned};

/// Most steps that a horizon may have.
pub const MOST_STEPS: usize = 200_000;

/// The time grid of a case.
#[derive(Clone, Debug, PartialEq)]
pub struct Horizon {
    /// IANA name of the basin's zone.
    pub time_zone: String,
    /// T + 1 instants: the start of each step, and the end of the last.
    pub edges: Vec<Zoned>,
    /// T lengths, s.
    pub lengths_s: Vec<f64>,
}

/// A run of like steps, as the basin file writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepSpec {
    /// How many.
    pub count: usize,
    /// How long each.
    pub length: StepLength,
}

/// How long a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepLength {
    /// Elapsed minutes.
    Minutes(u32),
    /// Elapsed hours.
    Hours(u32),
    /// Calendar days, from midnight to midnight.
    Days(u32),
    /// To the end of the 旬.
    TenDays,
    /// To the end of the month.
    Month,
}

impl fmt::Display for StepLength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Minutes(n) => write!(f, "{n} min"),
            Self::Hours(n) => write!(f, "{n} h"),
            Self::Days(n) => write!(f, "{n} d"),
            Self::TenDays => f.write_str("旬"),
            Self::Month => f.write_str("month"),
        }
    }
}

impl fmt::Display for StepSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} x {}", self.count, self.length)
    }
}

impl StepSpec {
    /// Reads `30 x 1 d`, `24 x 1 h`, `96 x 15 min`, `11 x 旬` or `12 x month`.
    ///
    /// # Errors
    /// What is wrong with the text, and the forms that are accepted.
    pub fn parse(text: &str) -> Result<Self, String> {
        let fault = |what: &str| {
            format!(
                "steps `{text}`: {what}, expected such as `30 x 1 d`, `24 x 1 h`, `96 x 15 min`, `11 x 旬` or `12 x month`"
            )
        };
        let (count, length) = text.split_once(['x', '×', 'X']).ok_or_else(|| fault("no `x` between number and length"))?;
        let count = count.trim();
        let count: usize = count.parse().map_err(|_| fault(&format!("`{count}` is no number of steps")))?;
        if count == 0 {
            return Err(fault("no steps"));
        }
        let length = length.trim();
        let unit_at = length.find(|c: char| !c.is_ascii_digit()).ok_or_else(|| fault("the length has no unit"))?;
        let (number, unit) = length.split_at(unit_at);
        let number: u32 =
            if number.is_empty() { 1 } else { number.parse().map_err(|_| fault("the length is too great"))? };
        if number == 0 {
            return Err(fault("a step of no length"));
        }
        let length = match unit.trim() {
            "min" => StepLength::Minutes(number),
            "h" => StepLength::Hours(number),
            "d" => StepLength::Days(number),
            "旬" if number == 1 => StepLength::TenDays,
            "month" if number == 1 => StepLength::Month,
            "旬" | "month" => return Err(fault("a step is one 旬 or one month at most")),
            other => return Err(fault(&format!("unknown unit `{other}`"))),
        };
        Ok(Self { count, length })
    }
}

impl Horizon {
    /// Reads the runs of steps of a basin file.
    ///
    /// # Errors
    /// The first run that cannot be read, or that there are none.
    pub fn parse(steps: &[String]) -> Result<Vec<StepSpec>, String> {
        if steps.is_empty() {
            return Err("a horizon of no steps, expected such as `steps = [\"30 x 1 d\"]`".to_owned());
        }
        steps.iter().map(|text| StepSpec::parse(text)).collect()
    }

    /// Lays the steps out from the first instant of a day.
    ///
    /// # Errors
    /// An unknown zone, no steps or too many, a run of days that would not begin at midnight, or a step that would
    /// straddle a month's end.
    pub fn build(start: Date, time_zone: &str, steps: &[StepSpec]) -> Result<Self, String> {
        let zone = TimeZone::get(time_zone)
            .map_err(|_| format!("unknown time zone `{time_zone}`, expected an IANA name such as `Asia/Shanghai`"))?;
        let total = steps.iter().fold(0usize, |sum, spec| sum.saturating_add(spec.count));
        if total == 0 {
            return Err("a horizon of no steps, expected such as `steps = [\"30 x 1 d\"]`".to_owned());
        }
        if total > MOST_STEPS {
            return Err(format!("a horizon of {total} steps: at most {MOST_STEPS}"));
        }
        let mut edges = vec![first_instant(start, &zone)?];
        for spec in steps {
            for _ in 0..spec.count {
                let next = advance(&edges[edges.len() - 1], spec)?;
                edges.push(next);
            }
        }
        let lengths_s = edges.windows(2).map(|pair| seconds_between(&pair[0], &pair[1])).collect();
        Ok(Self { time_zone: time_zone.to_owned(), edges, lengths_s })
    }

    /// Number of steps T.
    pub fn steps(&self) -> usize {
        self.lengths_s.len()
    }

    /// Time-weighted mean of a value over some steps.
    pub fn mean(&self, steps: Range<usize>, value: impl Fn(usize) -> f64) -> f64 {
        let lengths = &self.lengths_s[steps.clone()];
        steps.zip(lengths).map(|(step, length)| value(step) * length).sum::<f64>() / lengths.iter().sum::<f64>()
    }

    /// Length of a step in days of 24 hours.
    pub fn days(&self, step: usize) -> f64 {
        self.lengths_s[step] / crate::units::SECONDS_PER_DAY
    }

    /// Start of the first step.
    pub fn start(&self) -> &Zoned {
        &self.edges[0]
    }

    /// End of the last step.
    pub fn end(&self) -> &Zoned {
        &self.edges[self.edges.len() - 1]
    }

    /// The basin's zone.
    pub fn zone(&self) -> &TimeZone {
        self.edges[0].time_zone()
    }

    /// Local date on which a step begins.
    pub fn date_of(&self, step: usize) -> Date {
        self.edges[step].date()
    }

    /// Local date of a step's last moment: a step that ends at midnight ends on the day before.
    pub fn last_date_of(&self, step: usize) -> Date {
        last_moment(&self.edges[step + 1]).date()
    }

    /// Year and month that hold a step: no step straddles a month's end.
    pub fn month_of(&self, step: usize) -> (i16, i8) {
        let date = self.date_of(step);
        (date.year(), date.month())
    }

    /// The 旬 in which a step begins.
    pub fn ten_day_period_of(&self, step: usize) -> TenDayPeriod {
        TenDayPeriod::of(self.date_of(step))
    }

    /// The step that holds an instant: its start belongs to a step, its end to the next.
    pub fn step_at(&self, instant: &Zoned) -> Option<usize> {
        let after = self.edges.partition_point(|edge| edge <= instant);
        (after > 0 && after < self.edges.len()).then(|| after - 1)
    }

    /// The step that holds the first instant of a local date.
    pub fn step_on(&self, date: Date) -> Option<usize> {
        first_instant(date, self.zone()).ok().and_then(|instant| self.step_at(&instant))
    }

    /// The steps within the dates `from` to before `to`, of those that the horizon holds.
    ///
    /// # Errors
    /// The first step that straddles one of the two dates.
    pub fn steps_within(&self, from: Date, to: Date) -> Result<Range<usize>, usize> {
        let inside = |date: Date| -> Result<usize, usize> {
            let Ok(instant) = first_instant(date, self.zone()) else {
                return Ok(self.steps());
            };
            let edge = self.edges.partition_point(|edge| *edge < instant);
            if edge == 0 || edge == self.edges.len() || self.edges[edge] == instant {
                Ok(edge.min(self.steps()))
            } else {
                Err(edge - 1)
            }
        };
        let (first, last) = (inside(from)?, inside(to)?);
        Ok(first..last.max(first))
    }

    /// Share of a step's time within the dates `from` to before `to`.
    pub fn share_within(&self, step: usize, from: Date, to: Date) -> f64 {
        let inside = self.dates_of(step).into_iter().filter(|(date, _)| from <= *date && *date < to);
        inside.map(|(_, seconds)| seconds).sum::<f64>() / self.lengths_s[step]
    }

    /// The local dates that a step touches, each with the seconds of the step that fall on it.
    pub fn dates_of(&self, step: usize) -> Vec<(Date, f64)> {
        let (mut from, end) = (self.edges[step].clone(), &self.edges[step + 1]);
        let mut dates = Vec::new();
        while &from < end {
            let next = from.date().tomorrow().ok().and_then(|date| first_instant(date, self.zone()).ok());
            let to = next.filter(|next| next < end).unwrap_or_else(|| end.clone());
            dates.push((from.date(), seconds_between(&from, &to)));
            from = to;
        }
        dates
    }

    /// The horizon with its steps cut where something begins or ceases to hold of dates, and of each piece its step and whether it
    /// holds.
    pub fn cut_where(&self, holds: impl Fn(Date) -> bool) -> (Self, Vec<(usize, bool)>) {
        let (mut edges, mut lengths_s, mut pieces) = (vec![self.start().clone()], Vec::new(), Vec::new());
        for step in 0..self.steps() {
            let mut runs: Vec<(bool, f64)> = Vec::new();
            for (date, seconds) in self.dates_of(step) {
                let held = holds(date);
                match runs.last_mut().filter(|(last, _)| *last == held) {
                    Some((_, sum)) => *sum += seconds,
                    None => runs.push((held, seconds)),
                }
            }
            let count = runs.len();
            for (at, (held, seconds)) in runs.into_iter().enumerate() {
                let end = &self.edges[step + 1];
                let cut = || edges.last()?.checked_add(SignedDuration::from_secs_f64(seconds)).ok();
                let edge = if at + 1 == count { end.clone() } else { cut().unwrap_or_else(|| end.clone()) };
                edges.push(edge);
                lengths_s.push(if count == 1 { self.lengths_s[step] } else { seconds });
                pieces.push((step, held));
            }
        }
        (Self { time_zone: self.time_zone.clone(), edges, lengths_s }, pieces)
    }

    /// A step's name in addresses and rows: its start, as `2026-06-03`, or `2026-06-03T08:00` within a day; an hour that
    /// a clock change repeats carries its offset.
    pub fn name_of(&self, step: usize) -> String {
        let start = &self.edges[step];
        if start.time() == jiff::civil::Time::midnight() {
            return start.date().to_string();
        }
        let twice = self.zone().to_ambiguous_timestamp(start.datetime()).is_ambiguous();
        start.strftime(if twice { "%Y-%m-%dT%H:%M%:z" } else { "%Y-%m-%dT%H:%M" }).to_string()
    }

    /// The last day of a step; of one that ends within a day, the time at which it ends.
    pub fn last_of(&self, step: usize) -> String {
        let end = &self.edges[step + 1];
        let at_midnight = end.time() == jiff::civil::Time::midnight();
        match end.date().yesterday() {
            Ok(last) if at_midnight => last.to_string(),
            _ => end.strftime("%Y-%m-%dT%H:%M").to_string(),
        }
    }

    /// The day within a step on which a share of it has passed; of a step no longer than a day what [`Self::last_of`] tells.
    pub fn day_within(&self, step: usize, share: f64) -> String {
        let passed = SignedDuration::from_secs_f64(self.lengths_s[step] * share.clamp(0.0, 1.0));
        match self.edges[step].checked_add(passed) {
            Ok(moment) if self.days(step) > 1.0 => last_moment(&moment).max(self.edges[step].clone()).date().to_string(),
            _ => self.last_of(step),
        }
    }

    /// The starts of the steps as RFC 3339 with offset.
    pub fn starts_rfc3339(&self) -> Vec<String> {
        self.edges[..self.steps()].iter().map(rfc3339).collect()
    }
}

/// An instant as RFC 3339 with the offset of its zone, such as `2026-07-01T08:00:00+08:00`.
pub fn rfc3339(instant: &Zoned) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// An instant as Chinese papers write it: `2026年7月1日8时`, with minutes only where there are some.
pub fn chinese(instant: &Zoned) -> String {
    let day = chinese_date(instant.date());
    if instant.minute() == 0 {
        format!("{day}{}时", instant.hour())
    } else {
        format!("{day}{}时{}分", instant.hour(), instant.minute())
    }
}

/// A date as Chinese papers write it: `2026年7月1日`.
pub fn chinese_date(date: Date) -> String {
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
}

/// A ten-day period 旬 of a month: 1–10, 11–20, 21–end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TenDayPeriod {
    /// Year.
    pub year: i16,
    /// Month, 1 to 12.
    pub month: i8,
    /// 0 上旬, 1 中旬, 2 下旬.
    pub part: i8,
}

impl TenDayPeriod {
    /// The 旬 that holds a date.
    pub fn of(date: Date) -> Self {
        Self { year: date.year(), month: date.month(), part: ((date.day() - 1) / 10).min(2) }
    }

    /// Its place in the year, 0 to 35.
    pub fn index(self) -> usize {
        (self.month as usize - 1) * 3 + self.part as usize
    }

    /// 上旬, 中旬 or 下旬.
    pub const fn word(self) -> &'static str {
        match self.part {
            0 => "上旬",
            1 => "中旬",
            _ => "下旬",
        }
    }

    /// As Chinese papers write it: `2026年7月上旬`.
    pub fn chinese(self) -> String {
        format!("{}年{}月{}", self.year, self.month, self.word())
    }
}

/// As documents label it: `2026-07上旬`.
impl fmt::Display for TenDayPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}{}", self.year, self.month, self.word())
    }
}

/// The first instant of a local date.
pub(crate) fn first_instant(date: Date, zone: &TimeZone) -> Result<Zoned, String> {
    date.to_zoned(zone.clone()).map_err(|_| format!("{date} lies outside the calendar"))
}

/// Elapsed seconds from one instant to another.
pub(crate) fn seconds_between(from: &Zoned, to: &Zoned) -> f64 {
    to.timestamp().duration_since(from.timestamp()).as_secs_f64()
}

/// The first date after the 旬 that holds a date.
///
/// # Errors
/// A date at the end of the calendar.
pub fn after_ten_days(date: Date) -> Result<Date, String> {
    match date.day() {
        1..=10 => Ok(date.first_of_month().saturating_add(10.days())),
        11..=20 => Ok(date.first_of_month().saturating_add(20.days())),
        _ => after_month(date),
    }
}

/// The first date after the month that holds a date.
pub(crate) fn after_month(date: Date) -> Result<Date, String> {
    date.last_of_month().tomorrow().map_err(|_| format!("{date} lies at the end of the calendar"))
}

fn last_moment(end: &Zoned) -> Zoned {
    end.saturating_sub(SignedDuration::from_nanos(1))
}

/// The end of the step that begins at `start`.
fn advance(start: &Zoned, spec: &StepSpec) -> Result<Zoned, String> {
    let zone = start.time_zone();
    let date = start.date();
    let month_end = first_instant(after_month(date)?, zone)?;
    let calendar = |to: Date| -> Result<Zoned, String> {
        if *start == first_instant(date, zone)? {
            return first_instant(to, zone);
        }
        let tomorrow = date.tomorrow().map_err(|e| e.to_string())?;
        let minutes = seconds_between(start, &first_instant(tomorrow, zone)?) / 60.0;
        let missing = if minutes % 60.0 == 0.0 { format!("{} x 1 h", minutes / 60.0) } else { format!("{minutes} x 1 min") };
        Err(format!(
            "steps `{spec}` would begin at {}, but days begin at 00:00: complete the day with `{missing}` before them",
            start.strftime("%Y-%m-%d %H:%M")
        ))
    };
    let elapsed = |seconds: i64| {
        start
            .checked_add(SignedDuration::from_secs(seconds))
            .map_err(|_| format!("steps `{spec}` run past the end of the calendar"))
    };
    let end = match spec.length {
        StepLength::Minutes(minutes) => elapsed(i64::from(minutes) * 60)?,
        StepLength::Hours(hours) => elapsed(i64::from(hours) * 3600)?,
        StepLength::Days(days) => calendar(
            date.checked_add(i64::from(days).days())
                .map_err(|_| format!("steps `{spec}` run past the end of the calendar"))?,
        )?,
        StepLength::TenDays => calendar(after_ten_days(date)?)?,
        StepLength::Month => calendar(after_month(date)?)?,
    };
    if end > month_end {
        let hours = seconds_between(start, &month_end) / 3600.0;
        let rest = match spec.length {
            StepLength::Days(_) => format!(
                "end the month with `{} x 1 d`, or use `旬`, whose steps end with the month",
                date.days_in_month() - date.day() + 1
            ),
            _ if hours.fract() == 0.0 => format!("end the month with `{hours} x 1 h`"),
            _ => format!("end the month with `{} x 1 min`", hours * 60.0),
        };
        return Err(format!(
            "a step of `{spec}` from {} would straddle the end of {:04}-{:02}: {rest}",
            start.strftime("%Y-%m-%d %H:%M"),
            date.year(),
            date.month()
        ));
    }
    Ok(end)
}

#[cfg(test)]
pub(crate) mod tests;
