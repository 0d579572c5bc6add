//! When a job is due: a cron expression in a time zone.
//!
//! Five fields (minute hour day month weekday), six with seconds before them, or a nickname such as `@daily`. Daylight saving
//! is the zone's, by the rule of Debian's cron: where minute and hour are named, a time that a change skips is due at the change,
//! and one that it repeats is due once; where one of them begins with `*`, the job follows the clock on the wall. A day field
//! that begins with `*` restricts the other; of two that are named, either will do.
//! Fails: an expression that cannot be read, naming its field; an unknown zone; an expression that is never due.

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, Zoned};

/// Names of the fields, with those of six.
const FIELDS: [&str; 6] = ["second", "minute", "hour", "day of month", "month", "day of week"];
/// Nicknames, and what they stand for.
const NICKNAMES: [(&str, &str); 7] = [
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];

/// A cron expression in a time zone.
#[derive(Clone, Debug)]
pub struct Timetable {
    cron: Cron,
    zone: TimeZone,
    /// Minute and hour are named: over a change to daylight saving it keeps its hour.
    keeps_its_hour: bool,
}

impl Timetable {
    /// Reads an expression.
    ///
    /// # Errors
    /// What is wrong, naming the field.
    pub fn parse(expression: &str, time_zone: &str) -> Result<Self, String> {
        let zone = TimeZone::get(time_zone)
            .map_err(|_| format!("unknown time zone `{time_zone}`, expected an IANA name such as `Asia/Shanghai`"))?;
        let word = expression.trim().to_lowercase();
        let nickname = NICKNAMES.iter().find(|(nickname, _)| *nickname == word).map(|(_, fields)| *fields);
        if nickname.is_none() && word.starts_with('@') {
            let known = NICKNAMES.map(|(nickname, _)| nickname).join(", ");
            return Err(format!("unknown nickname `{}`, there are {known}", expression.trim()));
        }
        let fields: Vec<&str> = nickname.unwrap_or(expression).split_whitespace().collect();
        let ([minute, hour, day, _, weekday] | [_, minute, hour, day, _, weekday]) = fields[..] else {
            return Err(format!(
                "{} fields, expected 5 (minute hour day month weekday) or 6 (with seconds before them)",
                fields.len()
            ));
        };
        let starred = |field: &str| field.starts_with(['*', '?']);
        let parser = CronParser::builder()
            .seconds(Seconds::Optional)
            .year(Year::Disallowed)
            .dom_and_dow(starred(day) || starred(weekday))
            .build();
        // The reader of expressions takes `6,` for `6`; whoever wrote it meant more.
        if let Some(number) = fields.iter().position(|field| field.split(',').any(str::is_empty)) {
            let field = FIELDS[number + FIELDS.len() - fields.len()];
            return Err(format!("field {} ({field}): `{}` has an empty entry", number + 1, fields[number]));
        }
        let cron = parser.parse(&fields.join(" ")).map_err(|error| match offending(parser, &fields) {
            Some((number, field)) => {
                format!("field {} ({}): `{}` cannot be read: {error}", number + 1, field, fields[number])
            }
            None => error.to_string(),
        })?;
        let timetable = Self { cron, zone, keeps_its_hour: !starred(minute) && !starred(hour) };
        // A day that no month has, such as 30 February, is found out here and not by a job that never runs.
        if timetable.next(Timestamp::UNIX_EPOCH).is_none() {
            let number = fields.len() - 2;
            return Err(format!(
                "field {number} ({}): `{expression}` is never due: no month of field {} ({}) has such a day",
                FIELDS[3],
                number + 1,
                FIELDS[4]
            ));
        }
        Ok(timetable)
    }

    /// The first time after one.
    pub fn next(&self, after: Timestamp) -> Option<Timestamp> {
        let from: Zoned = after.to_zoned(self.zone.clone());
        if !self.keeps_its_hour {
            let found = self.cron.find_next_occurrence(&from, false).ok()?;
            return Some(found.timestamp()).filter(|found| *found > after);
        }
        // In the second pass of a repeated hour, the clock shows times that were due in the first.
        let mut shown = from.datetime();
        loop {
            shown = self.cron.find_next_occurrence(&shown, false).ok()?;
            let due = self.at(shown)?;
            if due > after {
                return Some(due);
            }
        }
    }

    /// When the clock on the wall shows a time: the first time that it does, and where a change skips it, the change.
    fn at(&self, shown: DateTime) -> Option<Timestamp> {
        match self.zone.to_ambiguous_timestamp(shown).offset() {
            AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Fold { before: offset, .. } => {
                offset.to_timestamp(shown).ok()
            }
            AmbiguousOffset::Gap { after, .. } => {
                let before = after.to_timestamp(shown).ok()?;
                self.zone.following(before).next().map(|change| change.timestamp())
            }
        }
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
