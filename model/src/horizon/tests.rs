//! What a horizon is, and what it refuses.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use jiff::civil::date;
use proptest::prelude::*;

use super::*;

/// The horizon of a test, which must be a good one.
pub(crate) fn horizon(start: Date, zone: &str, steps: &[&str]) -> Horizon {
    try_horizon(start, zone, steps).unwrap()
}

fn try_horizon(start: Date, zone: &str, steps: &[&str]) -> Result<Horizon, String> {
    let steps: Vec<String> = steps.iter().map(|&text| text.to_owned()).collect();
    Horizon::build(start, zone, &Horizon::parse(&steps)?)
}

fn days(horizon: &Horizon) -> Vec<f64> {
    (0..horizon.steps()).map(|step| horizon.days(step)).collect()
}

#[test]
fn steps_are_read_in_all_forms_and_printed_back() {
    for text in ["30 x 1 d", "24 x 1 h", "96 x 15 min", "11 x 旬", "12 x month"] {
        assert_eq!(StepSpec::parse(text).unwrap().to_string(), text);
    }
    assert_eq!(StepSpec::parse(" 7×2d ").unwrap(), StepSpec { count: 7, length: StepLength::Days(2) });
}

#[test]
fn a_share_of_a_step_ends_within_one_of_its_days() {
    let horizon = horizon(date(2026, 12, 10), "Asia/Shanghai", &["1 x 1 d", "1 x 旬", "1 x 1 h"]);
    for (step, share, day) in [
        (0, 0.3, "2026-12-10"),
        (1, 0.0, "2026-12-11"),
        (1, 0.15, "2026-12-12"),
        // Ten days: a tenth is the first of them, and nothing more.
        (1, 0.1, "2026-12-11"),
        (1, 1.0, "2026-12-20"),
        (1, 1.5, "2026-12-20"),
        (2, 0.5, "2026-12-21T01:00"),
    ] {
        assert_eq!(horizon.day_within(step, share), day, "{step} {share}");
    }
}

#[test]
fn steps_that_say_nothing_are_refused() {
    for (text, told) in [
        ("30 d", "no `x`"),
        ("0 x 1 d", "no steps"),
        ("x 1 d", "`` is no number"),
        ("3 x 0 h", "no length"),
        ("3 x 2 month", "one month at most"),
        ("3 x 1 week", "unknown unit `week`"),
        ("3 x 7", "no unit"),
    ] {
        let message = StepSpec::parse(text).unwrap_err();
        assert!(message.contains(told) && message.contains(text), "{message}");
    }
    assert!(Horizon::parse(&[]).unwrap_err().contains("no steps"));
    assert!(try_horizon(date(2026, 6, 1), "Asia/Wenzhou", &["1 x 1 d"]).unwrap_err().contains("`Asia/Wenzhou`"));
    assert!(try_horizon(date(2026, 6, 1), "Asia/Shanghai", &["9000000 x 1 min"]).unwrap_err().contains("at most"));
}

#[test]
fn a_ten_day_period_runs_to_its_calendar_end() {
    // From 5 February of a common year: 5–10 (6 days), 11–20 (10), 21–28 (8), 1–10 March (10).
    assert_eq!(days(&horizon(date(2026, 2, 5), "Asia/Shanghai", &["4 x 旬"])), [6.0, 10.0, 8.0, 10.0]);
    // The last of February in a leap year has 9 days.
    assert_eq!(days(&horizon(date(2028, 2, 21), "Asia/Shanghai", &["1 x 旬"])), [9.0]);
    // From 20 December: one day is left of the middle 旬, the last of the year has 11.
    assert_eq!(days(&horizon(date(2026, 12, 20), "Asia/Shanghai", &["3 x 旬"])), [1.0, 11.0, 10.0]);
}

#[test]
fn a_month_runs_to_its_calendar_end() {
    // 17–31 January, then the 29 days of February 2028, then March.
    assert_eq!(days(&horizon(date(2028, 1, 17), "Asia/Shanghai", &["3 x month"])), [15.0, 29.0, 31.0]);
}

#[test]
fn steps_of_many_lengths_follow_each_other() {
    let horizon = horizon(date(2026, 6, 28), "Asia/Shanghai", &["24 x 1 h", "2 x 1 d", "2 x 旬", "1 x month"]);
    assert_eq!(horizon.steps(), 29);
    assert_eq!(horizon.date_of(26), date(2026, 7, 1));
    assert_eq!(horizon.end().date(), date(2026, 8, 1));
    assert_eq!(horizon.days(28), 11.0);
    assert_eq!(horizon.last_date_of(28), date(2026, 7, 31));
    assert_eq!(horizon.month_of(28), (2026, 7));
    assert_eq!(horizon.ten_day_period_of(27).chinese(), "2026年7月中旬");
    assert_eq!(horizon.ten_day_period_of(28).to_string(), "2026-07下旬");
}

#[test]
fn a_step_across_a_months_end_is_refused_with_what_fits() {
    let message = try_horizon(date(2026, 6, 25), "Asia/Shanghai", &["2 x 10 d"]).unwrap_err();
    assert_eq!(
        message,
        "a step of `2 x 10 d` from 2026-06-25 00:00 would straddle the end of 2026-06: end the month with `6 x 1 d`, or use \
         `旬`, whose steps end with the month"
    );
    // 5 hours do not divide a day: 30 June 20:00 + 5 h is 1 July 01:00.
    let message = try_horizon(date(2026, 6, 30), "Asia/Shanghai", &["5 x 5 h"]).unwrap_err();
    assert!(message.contains("from 2026-06-30 20:00") && message.contains("`4 x 1 h`"), "{message}");
    // A step that ends with the month is none.
    assert_eq!(days(&horizon(date(2026, 6, 21), "Asia/Shanghai", &["2 x 5 d"])), [5.0, 5.0]);
}

#[test]
fn a_day_that_would_begin_within_a_day_is_refused_with_what_is_missing() {
    let message = try_horizon(date(2026, 7, 1), "Asia/Shanghai", &["13 x 1 h", "5 x 1 d"]).unwrap_err();
    assert!(message.contains("2026-07-01 13:00") && message.contains("`11 x 1 h`"), "{message}");
    let message = try_horizon(date(2026, 7, 1), "Asia/Shanghai", &["94 x 15 min", "1 x 旬"]).unwrap_err();
    assert!(message.contains("`30 x 1 min`"), "{message}");
}

#[test]
fn days_of_clock_changes_have_their_true_length() {
    // Berlin 2026: 29 March has 23 hours, 25 October has 25.
    assert_eq!(horizon(date(2026, 3, 28), "Europe/Berlin", &["3 x 1 d"]).lengths_s, [86_400.0, 82_800.0, 86_400.0]);
    assert_eq!(horizon(date(2026, 10, 25), "Europe/Berlin", &["1 x 1 d"]).lengths_s, [90_000.0]);
    // March has 31 days less an hour.
    assert_eq!(horizon(date(2026, 3, 1), "Europe/Berlin", &["1 x month"]).lengths_s, [31.0 * 86_400.0 - 3600.0]);
    // 24 hours from 29 March end at 01:00 on the 30th; 23 end the day.
    let message = try_horizon(date(2026, 3, 29), "Europe/Berlin", &["24 x 1 h", "1 x 1 d"]).unwrap_err();
    assert!(message.contains("2026-03-30 01:00"), "{message}");
    assert_eq!(horizon(date(2026, 3, 29), "Europe/Berlin", &["23 x 1 h", "1 x 1 d"]).end().date(), date(2026, 3, 31));
    // In Beirut the clock change swallows midnight: the day begins at 01:00 and has 23 hours.
    let beirut = horizon(date(2024, 3, 30), "Asia/Beirut", &["3 x 1 d"]);
    assert_eq!(beirut.lengths_s, [86_400.0, 82_800.0, 86_400.0]);
    // A clock change on a month's last day (31 March 2024): 3-hour steps no longer end with it.
    let message = try_horizon(date(2024, 3, 31), "Europe/Berlin", &["8 x 3 h"]).unwrap_err();
    assert!(message.contains("`2 x 1 h`"), "{message}");
}

#[test]
fn the_hour_that_a_clock_change_repeats_keeps_two_names() {
    let horizon = horizon(date(2026, 10, 25), "Europe/Berlin", &["25 x 1 h"]);
    assert_eq!(horizon.name_of(0), "2026-10-25");
    assert_eq!(horizon.name_of(1), "2026-10-25T01:00");
    assert_eq!(horizon.name_of(2), "2026-10-25T02:00+02:00");
    assert_eq!(horizon.name_of(3), "2026-10-25T02:00+01:00");
    assert_eq!(horizon.name_of(4), "2026-10-25T03:00");
}

#[test]
fn instants_are_shown_in_both_ways() {
    let horizon = horizon(date(2026, 7, 1), "Asia/Shanghai", &["96 x 15 min"]);
    assert_eq!(horizon.starts_rfc3339()[32], "2026-07-01T08:00:00+08:00");
    assert_eq!(chinese(&horizon.edges[32]), "2026年7月1日8时");
    assert_eq!(chinese(&horizon.edges[33]), "2026年7月1日8时15分");
    assert_eq!(chinese_date(horizon.date_of(0)), "2026年7月1日");
}

#[test]
fn a_steps_start_belongs_to_it_and_its_end_to_the_next() {
    let horizon = horizon(date(2026, 6, 29), "Asia/Shanghai", &["2 x 1 d", "1 x 旬"]);
    for (step, edge) in horizon.edges[..3].iter().enumerate() {
        assert_eq!(horizon.step_at(edge), Some(step));
    }
    assert_eq!(horizon.step_at(horizon.end()), None);
    assert_eq!(horizon.step_at(&horizon.start().saturating_sub(1.second())), None);
    assert_eq!(horizon.step_on(date(2026, 7, 9)), Some(2));
    assert_eq!(horizon.step_on(date(2026, 6, 28)), None);
}

#[test]
fn a_window_of_dates_holds_whole_steps_or_names_the_one_it_cuts() {
    let horizon = horizon(date(2026, 6, 29), "Asia/Shanghai", &["4 x 1 d", "1 x 旬"]);
    assert_eq!(horizon.steps_within(date(2026, 1, 1), date(2026, 7, 1)), Ok(0..2));
    assert_eq!(horizon.steps_within(date(2026, 7, 1), date(2027, 1, 1)), Ok(2..5));
    assert_eq!(horizon.steps_within(date(2026, 6, 30), date(2026, 7, 3)), Ok(1..4));
    assert_eq!(horizon.steps_within(date(2027, 1, 1), date(2028, 1, 1)), Ok(5..5));
    assert_eq!(horizon.steps_within(date(2025, 1, 1), date(2026, 1, 1)), Ok(0..0));
    assert_eq!(horizon.steps_within(date(2026, 7, 1), date(2026, 7, 6)), Err(4));
    // 3–10 July has 8 days, 5 of them from the 6th on.
    assert_eq!(horizon.share_within(4, date(2026, 7, 6), date(2026, 8, 1)), 5.0 / 8.0);
}

proptest! {
    #[test]
    fn steps_join_without_a_break_and_keep_to_their_month(
        offset in 0i32..3000, hours in 0usize..3, days in 0usize..40, ten_days in 0usize..20, months in 1usize..15,
        zone in prop::sample::select(vec!["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
    ) {
        let start = date(2023, 1, 1).checked_add(offset.days()).unwrap();
        let steps = [format!("{} x 1 d", days + 1), format!("{ten_days} x 旬"), format!("{months} x month")];
        let steps: Vec<&str> = steps.iter().map(String::as_str).filter(|text| !text.starts_with("0 ")).collect();
        let horizon = horizon(start, zone, &steps);
        let total: f64 = horizon.lengths_s.iter().sum();
        prop_assert_eq!(total, seconds_between(horizon.start(), horizon.end()));
        for step in 0..horizon.steps() {
            prop_assert!(horizon.lengths_s[step] > 0.0);
            prop_assert_eq!(horizon.month_of(step), (horizon.last_date_of(step).year(), horizon.last_date_of(step).month()));
            let dates: f64 = horizon.dates_of(step).iter().map(|(_, seconds)| seconds).sum();
            prop_assert_eq!(dates, horizon.lengths_s[step]);
            let middle = horizon.edges[step].saturating_add(SignedDuration::from_secs(hours as i64 * 3600));
            prop_assert_eq!(horizon.step_at(&middle), Some(step));
        }
    }

    #[test]
    fn no_text_makes_a_horizon_panic(
        text in "[0-9]{0,3} ?[xX×]? ?[0-9]{0,4} ?(d|h|min|旬|month|日|)", year in -9999i16..=9999, month in 1i8..=12, day in 1i8..=28,
        zone in prop::sample::select(vec!["Asia/Shanghai", "Pacific/Kiritimati", "America/Anchorage", "", "旬"]),
    ) {
        if let Ok(horizon) = try_horizon(date(year, month, day), zone, &[&text]) {
            prop_assert_eq!(horizon.edges.len(), horizon.steps() + 1);
            prop_assert_eq!(horizon.periods(crate::goals::Period::TenDays).last().map(|last| last.steps.end), Some(horizon.steps()));
        }
    }
}
