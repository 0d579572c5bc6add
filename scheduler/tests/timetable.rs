//! Timetables against two programs that know nothing of weir: cron.csv is what they say, made by `scripts/cron-oracle`, which also
//! says which of the two is taken where they differ.

#![allow(clippy::unwrap_used, reason = "a test ends where it must")]

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use weir_scheduler::timetable::Timetable;

/// Expression, zone, the time after which it is asked, and what is due.
type Told = (&'static str, &'static str, &'static str, &'static str);

/// Where weir differs from what is taken of them, and why.
#[rustfmt::skip]
const OTHERWISE: [(&str, &[Told]); 4] = [
    ("cronsim steps by whole hours of sixty minutes, and passes over what the clock shows after a change by half an hour", &[
        ("*/15 2 * * *", "Australia/Lord_Howe", "2026-04-04T09:00:00Z", "2026-04-04T15:30:00Z 2026-04-04T15:45:00Z 2026-04-04T16:00:00Z 2026-04-04T16:15:00Z 2026-04-05T15:30:00Z 2026-04-05T15:45:00Z"),
        ("0 */2 * * *", "Australia/Lord_Howe", "2026-04-04T09:00:00Z", "2026-04-04T11:00:00Z 2026-04-04T13:00:00Z 2026-04-04T15:30:00Z 2026-04-04T17:30:00Z 2026-04-04T19:30:00Z 2026-04-04T21:30:00Z"),
        ("0 0 */4 * * *", "Australia/Lord_Howe", "2026-04-04T09:00:00Z", "2026-04-04T13:00:00Z 2026-04-04T17:30:00Z 2026-04-04T21:30:00Z 2026-04-05T01:30:00Z 2026-04-05T05:30:00Z 2026-04-05T09:30:00Z"),
        ("0 0 */4 * * *", "Australia/Lord_Howe", "2026-10-03T09:30:00Z", "2026-10-03T13:30:00Z 2026-10-03T17:00:00Z 2026-10-03T21:00:00Z 2026-10-04T01:00:00Z 2026-10-04T05:00:00Z 2026-10-04T09:00:00Z"),
        ("5 */6 * * *", "Australia/Lord_Howe", "2026-04-04T09:00:00Z", "2026-04-04T13:05:00Z 2026-04-04T19:35:00Z 2026-04-05T01:35:00Z 2026-04-05T07:35:00Z 2026-04-05T13:35:00Z 2026-04-05T19:35:00Z"),
        ("5 */6 * * *", "Australia/Lord_Howe", "2026-10-03T09:30:00Z", "2026-10-03T13:35:00Z 2026-10-03T19:05:00Z 2026-10-04T01:05:00Z 2026-10-04T07:05:00Z 2026-10-04T13:05:00Z 2026-10-04T19:05:00Z"),
    ]),
    ("both pass over the second 02:45 where the clock goes back from 03:45 to it: they step from the hour before", &[
        ("*/15 2 * * *", "Pacific/Chatham", "2026-04-04T06:15:00Z", "2026-04-04T12:15:00Z 2026-04-04T12:30:00Z 2026-04-04T12:45:00Z 2026-04-04T13:00:00Z 2026-04-04T14:00:00Z 2026-04-05T13:15:00Z"),
    ]),
    ("a time that a change skips is due at the change, whatever its seconds", &[
        ("30 0 6 * * *", "Pacific/Apia", "2011-12-29T06:00:00Z", "2011-12-29T16:00:30Z 2011-12-30T10:00:00Z 2011-12-30T16:00:30Z 2011-12-31T16:00:30Z 2012-01-01T16:00:30Z 2012-01-02T16:00:30Z"),
    ]),
    ("a month without a 31st is passed over for 31W as it is for 31; croniter takes its last weekday, for which there is LW", &[
        ("0 0 6 31W * *", "UTC", "2026-12-29T23:59:00Z", "2026-12-31T06:00:00Z 2027-01-29T06:00:00Z 2027-03-31T06:00:00Z 2027-05-31T06:00:00Z 2027-07-30T06:00:00Z 2027-08-31T06:00:00Z"),
        ("0 8-20/4 31W * *", "Australia/Sydney", "2027-02-25T13:00:00Z", "2027-03-30T21:00:00Z 2027-03-31T01:00:00Z 2027-03-31T05:00:00Z 2027-03-31T09:00:00Z 2027-05-30T22:00:00Z 2027-05-31T02:00:00Z"),
        ("30 15 8 31W * *", "Europe/Dublin", "2026-04-28T05:00:00Z", "2026-05-29T07:15:30Z 2026-07-31T07:15:30Z 2026-08-31T07:15:30Z 2026-10-30T08:15:30Z 2026-12-31T08:15:30Z 2027-01-29T08:15:30Z"),
    ]),
];

/// Expression, zone and the time after which it is asked.
type Question = (String, String, Timestamp);

fn times(text: &str) -> Vec<Timestamp> {
    text.split(' ').map(|time| time.parse().unwrap()).collect()
}

fn read() -> BTreeMap<Question, Vec<Timestamp>> {
    let text = include_str!("cron.csv");
    let rows = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    rows.map(|row| {
        // Of the fields only the expression may hold commas, and is quoted then.
        let (rest, due) = row.rsplit_once(',').unwrap();
        let (rest, _oracle) = rest.rsplit_once(',').unwrap();
        let (rest, after) = rest.rsplit_once(',').unwrap();
        let (expression, zone) = rest.rsplit_once(',').unwrap();
        ((expression.trim_matches('"').to_owned(), zone.to_owned(), after.parse().unwrap()), times(due))
    })
    .collect()
}

#[test]
fn each_expression_is_due_when_others_say_it_is() {
    let table = read();
    let expressions: BTreeSet<&str> = table.keys().map(|(expression, _, _)| expression.as_str()).collect();
    assert!(expressions.len() >= 200 && table.len() >= 900, "{} expressions, {} rows", expressions.len(), table.len());
    let mut wrong = Vec::new();
    let mut otherwise: BTreeMap<(&str, &str, Timestamp), Vec<Timestamp>> = BTreeMap::new();
    for (expression, zone, after, due) in OTHERWISE.iter().flat_map(|(_, rows)| *rows) {
        otherwise.insert((expression, zone, after.parse().unwrap()), times(due));
    }
    for ((expression, zone, after), told) in &table {
        let timetable = Timetable::parse(expression, zone).unwrap();
        let mut due = *after;
        let found: Vec<Timestamp> = (0..told.len()).map_while(|_| timetable.next(due).inspect(|next| due = *next)).collect();
        let wanted = otherwise.remove(&(expression.as_str(), zone.as_str(), *after)).unwrap_or_else(|| told.clone());
        if found != wanted {
            wrong.push(format!("{expression} {zone} after {after}\n  {found:?}\n  {wanted:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), table.len(), wrong.join("\n"));
    assert!(otherwise.is_empty(), "no longer asked: {otherwise:?}");
}

#[test]
fn times_are_the_same_however_they_are_asked_for() {
    // As a list, and from every half minute between.
    for ((expression, zone, after), _) in read().into_iter().step_by(7) {
        let timetable = Timetable::parse(&expression, &zone).unwrap();
        let until = Timestamp::from_second(after.as_second() + 2 * 86_400).unwrap();
        let due = timetable.between(after, until, 10_000);
        assert!(due.is_sorted_by(|a, b| a < b), "{expression} {zone}: {due:?}");
        for half_minutes in (0..2 * 86_400).step_by(30 * 61) {
            let from = Timestamp::from_second(after.as_second() + half_minutes).unwrap();
            let next = due.iter().find(|time| **time > from).copied();
            assert_eq!(timetable.next(from).filter(|next| *next <= until), next, "{expression} {zone} after {from}");
        }
    }
}

#[test]
fn what_cannot_be_read_is_refused_with_its_field() {
    let mut wrong = Vec::new();
    for (expression, said) in [
        ("60 6 * * *", "field 1 (minute): `60`"),
        ("0 24 * * *", "field 2 (hour): `24`"),
        ("0 25 * * *", "field 2 (hour): `25`"),
        ("0 6 0 * *", "field 3 (day of month): `0`"),
        ("0 6 32 * *", "field 3 (day of month): `32`"),
        ("0 6 * 0 *", "field 4 (month): `0`"),
        ("0 6 * 13 *", "field 4 (month): `13`"),
        ("0 6 * JANUARY *", "field 4 (month): `JANUARY`"),
        ("0 6 * * 8", "field 5 (day of week): `8`"),
        ("0 6 * * FUN", "field 5 (day of week): `FUN`"),
        ("0 6 * * 1#6", "field 5 (day of week): `1#6`"),
        ("0 6 * * 1#0", "field 5 (day of week): `1#0`"),
        ("60 0 6 * * *", "field 1 (second): `60`"),
        ("0 60 6 * * *", "field 2 (minute): `60`"),
        ("0 0 24 * * *", "field 3 (hour): `24`"),
        ("0 0 6 32 * *", "field 4 (day of month): `32`"),
        ("0 0 6 * 13 *", "field 5 (month): `13`"),
        ("0 0 6 * * 8", "field 6 (day of week): `8`"),
        ("5/15 6 * * *", "field 1 (minute): `5/15`"),
        ("/15 6 * * *", "field 1 (minute): `/15`"),
        ("*/0 6 * * *", "field 1 (minute): `*/0`"),
        ("30-10 6 * * *", "field 1 (minute): `30-10`"),
        ("0 22-2 * * *", "field 2 (hour): `22-2`"),
        ("0 6, * * *", "field 2 (hour): `6,`"),
        ("0 -6 * * *", "field 2 (hour): `-6`"),
        ("0 6.5 * * *", "field 2 (hour): `6.5`"),
        ("0 六 * * *", "field 2 (hour): `六`"),
        ("0 L * * *", "field 2 (hour): `L`"),
        ("0 6 W * *", "field 3 (day of month): `W`"),
        ("0 6 1#1 * *", "field 3 (day of month): `1#1`"),
        ("? 6 * * *", "field 1 (minute): `?`"),
        ("0 6 30 2 *", "field 3 (day of month): `0 6 30 2 *` is never due: no month of field 4"),
        ("0 0 6 31 4,6,9,11 *", "field 4 (day of month): `0 0 6 31 4,6,9,11 *` is never due"),
        ("0 6 30,31 2 */2", "is never due"),
        ("", "0 fields, expected 5"),
        ("0 6 * *", "4 fields, expected 5"),
        ("0 0 6 * * * 2026", "7 fields, expected 5"),
        ("@dayly", "unknown nickname `@dayly`, there are @yearly"),
        ("@reboot", "unknown nickname `@reboot`"),
        ("@daily 6", "unknown nickname `@daily 6`"),
    ] {
        match Timetable::parse(expression, "Asia/Shanghai") {
            Ok(_) => wrong.push(format!("{expression}: read")),
            Err(refused) if !refused.contains(said) => wrong.push(format!("{expression}: {refused}")),
            Err(_) => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
