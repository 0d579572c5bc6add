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

/// A number with two decimals where it is small, whole from 1000 on; what is too small to be seen is said to be so: 0 is only
/// nothing at all.
pub fn seen(value: f64) -> String {
    at_least_seen(value, number(value))
}

/// 万m³ of a volume in hm³, 0 only where it is nothing at all.
pub fn seen_wan_m3(hm3: f64) -> String {
    at_least_seen(hm3, wan_m3(hm3))
}

fn at_least_seen(value: f64, text: String) -> String {
    match text.strip_prefix("0.") {
        _ if value == 0.0 => "0".to_owned(),
        Some(zeros) if zeros.bytes().all(|digit| digit == b'0') => {
            format!("<0.{}1", &zeros[1..])
        }
        _ => text,
    }
}

/// A number of no known size, such as a price: six significant digits, no trailing zeros.
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
    if value == 0.0 { "0".to_owned() } else { fixed(value, usize::from(value.abs() < 1000.0)) }
}

/// A volume in a sentence: `12.91亿m³`, `32.0万m³`; in English always of the tables' unit, `129100 ×10⁴ m³`.
pub fn volume(hm3: f64) -> Phrase {
    let small = wan_m3(hm3);
    let chinese = if hm3.abs() >= HM3_PER_YI_M3 {
        format!("{}亿m³", fixed(hm3 / HM3_PER_YI_M3, 2))
    } else {
        format!("{small}万m³")
    };
    both(chinese, format!("{small} ×10⁴ m³"))
}

/// Two volumes and what lies between them, so that the three agree as they are read.
pub fn change(from_hm3: f64, to_hm3: f64) -> [Phrase; 3] {
    let wan = WAN_M3_PER_HM3;
    let decimals = usize::from(from_hm3.abs().max(to_hm3.abs()) * wan < 1000.0);
    let told = |factor: f64, decimals: usize| {
        let (from, to) = (rounded(from_hm3 * factor, decimals), rounded(to_hm3 * factor, decimals));
        [from, to, (to - from).abs()].map(|value| fixed(value, decimals))
    };
    let english = told(wan, decimals);
    let large = from_hm3.max(to_hm3) >= HM3_PER_YI_M3 && (to_hm3 - from_hm3).abs() >= HM3_PER_YI_M3 / 10.0;
    let chinese = if large { told(1.0 / HM3_PER_YI_M3, 2) } else { english.clone() };
    let unit = if large { "亿m³" } else { "万m³" };
    std::array::from_fn(|i| both(format!("{}{unit}", chinese[i]), format!("{} ×10⁴ m³", english[i])))
}

/// Volumes in 万m³ and their sum, told alike, so that what is read adds up: whole where all are large.
pub fn parts(hm3: &[f64]) -> (Vec<String>, String) {
    let wan = |hm3: &f64| hm3 * WAN_M3_PER_HM3;
    let decimals = usize::from(hm3.iter().map(wan).any(|value| value > 0.0 && value < 100.0));
    let values: Vec<f64> = hm3.iter().map(|hm3| rounded(wan(hm3), decimals)).collect();
    let sum = values.iter().sum();
    (values.iter().map(|value| fixed(*value, decimals)).collect(), fixed(sum, decimals))
}

/// Values that add up to nothing, rounded so that they still do: the last digit of those that rounding moved most gives way.
/// Values that do not add up are rounded each by itself.
pub fn balanced(values: &[f64], decimals: usize) -> Vec<f64> {
    let unit = 10f64.powi(-(decimals as i32));
    let mut found: Vec<f64> = values.iter().map(|value| rounded(*value, decimals)).collect();
    let sum: f64 = values.iter().sum();
    if !sum.is_finite() || sum.abs() > unit / 10.0 {
        return found;
    }
    let mut left = (found.iter().sum::<f64>() / unit).round();
    let mut order: Vec<usize> = (0..values.len()).collect();
    let direction = left.signum();
    order.sort_by(|&a, &b| {
        let over = |i: usize| direction * (found[i] - values[i]);
        over(b).total_cmp(&over(a))
    });
    // What is nothing stays nothing.
    for index in order.into_iter().filter(|&i| values[i] != 0.0) {
        if left == 0.0 {
            break;
        }
        found[index] -= direction * unit;
        left -= direction;
    }
    found
}

fn rounded(value: f64, decimals: usize) -> f64 {
    let factor = 10f64.powi(decimals as i32);
    (value * factor).round() / factor
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
    local(text).map_or_else(|| Phrase::same(text), end)
}

/// As [`end_text`], of a time.
pub fn end(at: DateTime) -> Phrase {
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
        assert_eq!([wan_m3(0.0), wan_m3(0.05), wan_m3(57.5), wan_m3(575.0)], ["0", "5.0", "5750", "57500"]);
        assert_eq!(volume(0.32).english, "32.0 ×10⁴ m³");
        assert_eq!(volume(1291.0).english, "129100 ×10⁴ m³");
    }

    #[test]
    fn a_change_is_what_lies_between_the_numbers_that_are_read() {
        let said = |from, to| change(from, to).map(|phrase| phrase.chinese);
        // 7.974 and 6.757: 7.97 less 6.76 is 1.21, though the change is 1.217.
        assert_eq!(said(797.4, 675.7), ["7.97亿m³", "6.76亿m³", "1.21亿m³"]);
        assert_eq!(said(797.4, 796.9), ["79740万m³", "79690万m³", "50万m³"]);
        assert_eq!(said(0.32, 0.36), ["32.0万m³", "36.0万m³", "4.0万m³"]);
        assert_eq!(change(797.4, 675.7)[2].english, "12170 ×10⁴ m³");
    }

    #[test]
    fn parts_add_up_to_the_sum_that_is_read() {
        let (each, sum) = parts(&[0.169_3, 36.789, 11.844]);
        assert_eq!((each.join(" + "), sum.as_str()), ("16.9 + 3678.9 + 1184.4".to_owned(), "4880.2"));
        let (each, sum) = parts(&[12.345_6, 12.345_6]);
        assert_eq!((each.join(" + "), sum.as_str()), ("1235 + 1235".to_owned(), "2470"));
    }

    #[test]
    fn a_balance_still_closes_when_rounded() {
        assert_eq!(balanced(&[10.3, 10.45, -20.75], 0), [10.0, 11.0, -21.0]);
        assert_eq!(balanced(&[1.46, 0.0, -1.46], 1), [1.5, 0.0, -1.5]);
        // What does not close is left as it is.
        assert_eq!(balanced(&[10.4, 10.4, -15.0], 0), [10.0, 10.0, -15.0]);
        assert!(balanced(&[f64::NAN, 1.0], 0)[0].is_nan());
    }

    #[test]
    fn nothing_is_zero_and_little_is_little() {
        assert_eq!([0.0, 3e-13, 0.0151, 16.93, 6563.7].map(seen), ["0", "<0.01", "0.02", "16.93", "6564"]);
        assert_eq!(seen_wan_m3(3e-13), "<0.1");
        assert_eq!(seen_wan_m3(0.169), "16.9");
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
