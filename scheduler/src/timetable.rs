//! When a job is due: a cron expression in a time zone.
//!
//! Five fields (minute hour day month weekday), six with seconds before them, or a nickname such as `@daily`. Daylight saving
//! is the zone's: a time that a change skips is due at the change, one that it repeats is due once.
//! Fails: an expression that cannot be read, naming its field; an unknown zone; an expression that is never due.

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// Names of the fields, with those of six.
const FIELDS: [&str; 6] = ["second", "minute", "hour", "day of month", "month", "day of week"];
/// Nicknames.
const NICKNAMES: [&str; 7] = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];

/// A cron expression in a time zone.
#[derive(Clone, Debug)]
pub struct Timetable {
    cron: Cron,
    zone: TimeZone,
}

impl Timetable {
    /// Reads an expression.
    ///
    /// # Errors
    /// What is wrong, naming the field.
    pub fn parse(expression: &str, time_zone: &str) -> Result<Self, String> {
        let zone = TimeZone::get(time_zone)
            .map_err(|_| format!("unknown time zone `{time_zone}`, expected an IANA name such as `Asia/Shanghai`"))?;
        let fields: Vec<&str> = expression.split_whitespace().collect();
        let nickname = expression.trim().starts_with('@');
        if nickname && !NICKNAMES.contains(&expression.trim().to_lowercase().as_str()) {
            return Err(format!("unknown nickname `{}`, there are {}", expression.trim(), NICKNAMES.join(", ")));
        }
        if !nickname && !(5..=6).contains(&fields.len()) {
            return Err(format!(
                "{} fields, expected 5 (minute hour day month weekday) or 6 (with seconds before them)",
                fields.len()
            ));
        }
        let parser = CronParser::builder().seconds(Seconds::Optional).year(Year::Disallowed).build();
        let cron = parser.parse(expression).map_err(|error| match offending(parser, &fields) {
            Some((number, field)) => {
                format!("field {} ({}): `{}` cannot be read: {error}", number + 1, field, fields[number])
            }
            None => error.to_string(),
        })?;
        let timetable = Self { cron, zone };
        // A day that no month has, such as 30 February, is found out here and not by a job that never runs.
        if timetable.next(Timestamp::UNIX_EPOCH).is_none() {
            return Err(format!("`{expression}` is never due"));
        }
        Ok(timetable)
    }

    /// The first time after one.
    pub fn next(&self, after: Timestamp) -> Option<Timestamp> {
        let from: Zoned = after.to_zoned(self.zone.clone());
        let found = self.cron.find_next_occurrence(&from, false).ok()?;
        Some(found.timestamp()).filter(|found| *found > after)
    }

    /// The times in (after, until], at most so many of the first.
    pub fn between(&self, after: Timestamp, until: Timestamp, most: usize) -> Vec<Timestamp> {
        std::iter::successors(self.next(after), |&time| self.next(time))
            .take_while(|time| *time <= until)
            .take(most)
            .collect()
    }

    /// The zone.
    pub const fn zone(&self) -> &TimeZone {
        &self.zone
    }
}

/// The field that spoils an expression: the first that cannot be read while all others are stars.
fn offending(parser: CronParser, fields: &[&str]) -> Option<(usize, &'static str)> {
    (0..fields.len())
        .find(|&number| {
            let mut alone = vec!["*"; fields.len()];
            alone[number] = fields[number];
            parser.parse(&alone.join(" ")).is_err()
        })
        .map(|number| (number, FIELDS[number + FIELDS.len() - fields.len()]))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_morning_in_shanghai_is_ten_at_night_in_greenwich() {
        let timetable = Timetable::parse("0 6 * * *", "Asia/Shanghai").unwrap();
        assert_eq!(timetable.next(time("2026-06-01T00:00:00Z")), Some(time("2026-06-01T22:00:00Z")));
        let days = timetable.between(time("2026-06-01T22:00:00Z"), time("2026-06-04T22:00:00Z"), 100);
        assert_eq!(days.len(), 3, "after is outside, until is inside: {days:?}");
    }

    #[test]
    fn a_zone_with_daylight_saving_keeps_its_hour() {
        let timetable = Timetable::parse("0 6 * * *", "Europe/Berlin").unwrap();
        assert_eq!(timetable.next(time("2026-03-28T12:00:00Z")), Some(time("2026-03-29T04:00:00Z")));
        assert_eq!(timetable.next(time("2026-10-24T12:00:00Z")), Some(time("2026-10-25T05:00:00Z")));
    }

    #[test]
    fn an_hour_that_comes_twice_is_due_once() {
        let timetable = Timetable::parse("30 2 * * *", "Europe/Berlin").unwrap();
        let due = timetable.between(time("2026-10-24T12:00:00Z"), time("2026-10-26T12:00:00Z"), 10);
        assert_eq!(due.len(), 2, "{due:?}");
    }

    #[test]
    fn refusals_name_the_field() {
        let refused = |expression| Timetable::parse(expression, "Asia/Shanghai").unwrap_err();
        assert!(refused("0 25 * * *").contains("field 2 (hour): `25`"), "{}", refused("0 25 * * *"));
        assert!(refused("0 0 6 * 13 *").contains("field 5 (month): `13`"), "{}", refused("0 0 6 * 13 *"));
        assert!(refused("0 6 * *").contains("4 fields"));
        assert!(refused("@dayly").contains("@daily"));
        assert!(refused("0 6 30 2 *").contains("never due"));
        assert!(Timetable::parse("0 6 * * *", "Asia/Wenzhou").unwrap_err().contains("Asia/Wenzhou"));
    }
}
