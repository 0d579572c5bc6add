//! The times that a series file may write.
//!
//! `2026-07-01`, `2026/7/1`, `2026年7月1日`, a month alone (its first day); `2026-07-01 08:00`, `2026-07-01T08:00:00`,
//! `2026年7月1日8时`; with an offset `2026-07-01T08:00:00+08:00` or `Z`. A year has four digits and comes first, so that
//! no day is taken for a month.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

/// A time as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamp {
    /// A date, which begins when the record's days begin.
    Day(Date),
    /// A local date and time.
    Local(DateTime),
    /// A date and time with its offset.
    Fixed(Timestamp),
}

/// Reads a time; none if it is none.
pub fn parse_stamp(text: &str) -> Option<Stamp> {
    let plain;
    let text = if text.contains('年') {
        plain = text.replace(['年', '月'], "-").replace('日', " ").replace(['时', '時'], ":").replace('分', "");
        plain.trim().trim_end_matches('-')
    } else {
        text.trim()
    };
    let (date, time) = match text.split_once(['T', 't', ' ']) {
        None => return parse_date(text).map(Stamp::Day),
        Some((date, time)) => (parse_date(date)?, time.trim()),
    };
    let (time, offset) = if let Some(time) = time.strip_suffix(['Z', 'z']) {
        (time, Some(Offset::UTC))
    } else if let Some(at) = time.find(['+', '-']) {
        (&time[..at], Some(parse_offset(&time[at..])?))
    } else {
        (time, None)
    };
    let local = date.to_datetime(parse_time(time.trim_end())?);
    match offset {
        None => Some(Stamp::Local(local)),
        Some(offset) => offset.to_timestamp(local).ok().map(Stamp::Fixed),
    }
}

/// The instant of a number of seconds, milli-, micro- or nanoseconds: which, its size tells.
pub fn since_1970(number: i64) -> Option<Timestamp> {
    match number.unsigned_abs() {
        0..100_000_000_000 => Timestamp::from_second(number).ok(),
        100_000_000_000..100_000_000_000_000 => Timestamp::from_millisecond(number).ok(),
        100_000_000_000_000..100_000_000_000_000_000 => Timestamp::from_microsecond(number).ok(),
        _ => Timestamp::from_nanosecond(i128::from(number)).ok(),
    }
}

/// Reads `8:00`, `08:00`, `08:00:00`, `08:00:00.250` or `8:`.
pub fn parse_time(text: &str) -> Option<Time> {
    let (hour, rest) = text.split_once(':')?;
    let (minute, second) = rest.split_once(':').unwrap_or((rest, "0"));
    let (second, part) = second.split_once('.').unwrap_or((second, "0"));
    let is_part = (1..=9).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let nanosecond = is_part.then(|| format!("{part:0<9}").parse().ok())??;
    let minute = if minute.is_empty() { 0 } else { number(minute, 2)? };
    Time::new(number(hour, 2)?, minute, number(second, 2)?, nanosecond).ok()
}

fn parse_date(text: &str) -> Option<Date> {
    let mut parts = text.split(['-', '/']);
    let year =
        parts.next().filter(|year| year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()?;
    let month = number(parts.next()?, 2)?;
    let day = parts.next().map_or(Some(1), |day| number(day, 2))?;
    if parts.next().is_some() { None } else { Date::new(year, month, day).ok() }
}

fn parse_offset(text: &str) -> Option<Offset> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits = text[1..].replace(':', "");
    if !digits.is_ascii() {
        return None;
    }
    let (hours, minutes) = match digits.len() {
        2 => (number(&digits, 2)?, 0),
        4 => (number(&digits[..2], 2)?, number(&digits[2..], 2)?),
        _ => return None,
    };
    let minutes = i32::from(hours) * 60 + i32::from(minutes);
    Offset::from_seconds(sign * minutes * 60).ok()
}

fn number(text: &str, most_digits: usize) -> Option<i8> {
    (!text.is_empty() && text.len() <= most_digits && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_part_of_a_second_is_read() {
        let read = |text| match parse_stamp(text) {
            Some(Stamp::Fixed(time)) => Some(time.to_string()),
            _ => None,
        };
        assert_eq!(read("2026-07-01T08:00:00.000Z").unwrap(), "2026-07-01T08:00:00Z");
        assert_eq!(read("2026-07-01T08:00:00.25+08:00").unwrap(), "2026-07-01T00:00:00.25Z");
        assert_eq!(read("2026-07-01T08:00:00.123456789Z").unwrap(), "2026-07-01T08:00:00.123456789Z");
        for none in ["2026-07-01T08:00:00.Z", "2026-07-01T08:00:00.1234567890Z", "2026-07-01T08:00:00.x5Z"] {
            assert_eq!(read(none), None, "{none}");
        }
    }
}
