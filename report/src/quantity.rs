//! Numbers as people read them: Chinese hydraulic units, dates, percentages.
//!
//! Units: documents hold hm³, m³/s and m; readers get 万m³ and 亿m³ (10⁴ and 10⁸ m³), m³/s, levels to 0.01 m. One hm³ is
//! 100 万m³; the word hm³ never stands in Chinese text.

use jiff::civil::{Date, DateTime};
use jiff::fmt::temporal::Pieces;

use crate::language::{Phrase, both};

/// 万m³ in a hm³.
pub const WAN_M3_PER_HM3: f64 = 100.0;
/// hm³ in a 亿m³.
pub const HM3_PER_YI_M3: f64 = 100.0;

/// A number with as many decimals as its size deserves: 1642, 129.1, 57.3, 8.60.
pub fn number(value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 1000.0 => 0,
        size if size >= 100.0 => 1,
        _ => 2,
    };
    fixed(value, decimals)
}

/// A number with these many decimals, never a minus before zero; a dash where there is none.
pub fn fixed(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return "—".to_owned();
    }
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(rest) if rest.chars().all(|c| c == '0' || c == '.') => rest.to_owned(),
        _ => text,
    }
}

/// A number of a table of stages or objectives: six significant digits, no trailing zeros.
pub fn general(value: f64) -> String {
    if !value.is_finite() {
        return "—".to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let digits = 5 - value.abs().log10().floor() as i32;
    if digits > 12 {
        return format!("{value:.2e}");
    }
    let text = fixed(value, digits.clamp(0, 12) as usize);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// 万m³ of a volume for a table's cell.
pub fn wan_m3(hm3: f64) -> String {
    let value = hm3 * WAN_M3_PER_HM3;
    fixed(value, usize::from(value.abs() < 1000.0))
}

/// A volume in a sentence: `12.91亿m³`, `32.0万m³`; `1291 million m³`, `0.32 million m³`.
pub fn volume(hm3: f64) -> Phrase {
    let chinese = if hm3.abs() >= HM3_PER_YI_M3 {
        format!("{}亿m³", fixed(hm3 / HM3_PER_YI_M3, 2))
    } else {
        format!("{}万m³", wan_m3(hm3))
    };
    both(chinese, format!("{} million m³", number(hm3)))
}

/// A flow in a sentence.
pub fn flow(m3s: f64) -> String {
    format!("{} m³/s", number(m3s))
}

/// A level in a sentence.
pub fn level(metres: f64) -> String {
    format!("{} m", fixed(metres, 2))
}

/// A share as per cent, to 0.1; 100 only where nothing lacks, and 0 only where there is nothing.
pub fn percent(share: f64) -> String {
    if !share.is_finite() {
        return "—".to_owned();
    }
    let mut tenths = (share * 1000.0).round();
    if tenths >= 1000.0 && share < 1.0 - 1e-9 {
        tenths = 999.0;
    }
    if tenths <= 0.0 && share > 1e-9 {
        tenths = 1.0;
    }
    if tenths % 10.0 == 0.0 { format!("{:.0}%", tenths / 10.0) } else { format!("{:.1}%", tenths / 10.0) }
}

/// Days, to 0.1 where they are not whole.
pub fn days(days: f64) -> String {
    if (days - days.round()).abs() < 0.05 { fixed(days, 0) } else { fixed(days, 1) }
}

/// The local date and time that an RFC 3339 time (or a date) names.
pub fn local(time: &str) -> Option<DateTime> {
    let pieces = Pieces::parse(time).ok()?;
    Some(pieces.date().to_datetime(pieces.time().unwrap_or(jiff::civil::Time::midnight())))
}

/// A time in words: `2026年7月1日8时`, `1 July 2026, 08:00`; without the hour at midnight.
pub fn time(at: DateTime) -> Phrase {
    let day = date(at.date());
    match (at.hour(), at.minute()) {
        (0, 0) => day,
        (hour, 0) => both(format!("{}{hour}时", day.chinese), format!("{}, {hour:02}:00", day.english)),
        (hour, minute) => {
            both(format!("{}{hour}时{minute}分", day.chinese), format!("{}, {hour:02}:{minute:02}", day.english))
        }
    }
}

/// The end of an interval in words: midnight is 24时 of the day before, so that the last day cannot be misread.
pub fn end_text(text: &str) -> Phrase {
    let Some(at) = local(text) else { return Phrase::same(text) };
    match at.date().yesterday() {
        Ok(before) if at.hour() == 0 && at.minute() == 0 => {
            let day = date(before);
            both(format!("{}24时", day.chinese), format!("{}, 24:00", day.english))
        }
        _ => time(at),
    }
}

/// A date in words.
pub fn date(at: Date) -> Phrase {
    both(
        format!("{}年{}月{}日", at.year(), at.month(), at.day()),
        format!("{} {} {}", at.day(), month_name(at.month()), at.year()),
    )
}

/// A time that stands in a document, in words; as it stands if it is no time.
pub fn time_text(text: &str) -> Phrase {
    local(text).map_or_else(|| Phrase::same(text), time)
}

fn month_name(month: i8) -> &'static str {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    NAMES.get((month - 1).max(0) as usize).copied().unwrap_or("")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn chinese_volumes_are_wan_or_yi() {
        assert_eq!(volume(1291.0).chinese, "12.91亿m³");
        assert_eq!(volume(0.32).chinese, "32.0万m³");
        assert_eq!(volume(99.0).chinese, "9900万m³");
        assert_eq!(volume(0.32).english, "0.32 million m³");
    }

    #[test]
    fn times_are_said_as_a_dispatcher_says_them() {
        let at = local("2026-07-01T08:00:00+08:00").unwrap();
        assert_eq!(time(at), both("2026年7月1日8时", "1 July 2026, 08:00"));
        assert_eq!(time_text("2026-07-01T00:00:00+08:00").chinese, "2026年7月1日");
        assert_eq!(end_text("2027-03-01T00:00:00+08:00"), both("2027年2月28日24时", "28 February 2027, 24:00"));
        assert_eq!(end_text("2027-03-01T08:00:00+08:00").chinese, "2027年3月1日8时");
        assert_eq!(time_text("昨天").chinese, "昨天");
        assert_eq!(time_text("2026-07-01T08:30:00+08:00").chinese, "2026年7月1日8时30分");
    }

    #[test]
    fn per_cent_says_all_only_where_nothing_lacks() {
        assert_eq!(percent(1.0), "100%");
        assert_eq!(percent(0.999_99), "99.9%");
        assert_eq!(percent(0.813), "81.3%");
        assert_eq!(percent(0.000_01), "0.1%");
        assert_eq!(percent(0.0), "0%");
    }

    #[test]
    fn numbers_keep_their_significant_digits() {
        assert_eq!(general(401.3), "401.3");
        assert_eq!(general(0.0), "0");
        assert_eq!(general(123_456_789.0), "123456789");
        assert_eq!(general(2.5e-9), "2.50e-9");
        assert_eq!(fixed(-0.000_01, 2), "0.00");
        assert_eq!(number(8.6), "8.60");
        assert_eq!(fixed(f64::NAN, 1), "—");
    }
}
