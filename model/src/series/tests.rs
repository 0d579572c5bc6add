//! What a series file gives to a horizon, and what is refused with which line.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use approx::assert_relative_eq;
use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::horizon::tests::horizon;

const SHANGHAI: &str = "Asia/Shanghai";

fn file(text: &str) -> SeriesFile {
    SeriesFile::from_table(Table::from_bytes(text.as_bytes()).unwrap()).unwrap()
}

fn refused_file(text: &str) -> TableFault {
    match Table::from_bytes(text.as_bytes()) {
        Err(fault) => fault,
        Ok(table) => SeriesFile::from_table(table).unwrap_err(),
    }
}

fn recut(text: &str, horizon: &Horizon, meaning: Meaning, starts: &str) -> Result<(Vec<f64>, String), TableFault> {
    let file = file(text);
    file.recut(1, horizon, meaning, day_starts(starts).unwrap())
}

fn means(text: &str, horizon: &Horizon, starts: &str) -> Vec<f64> {
    recut(text, horizon, Meaning::Mean, starts).unwrap().0
}

#[test]
fn daily_means_fall_on_daily_steps_as_they_stand() {
    let days = horizon(date(2026, 7, 1), SHANGHAI, &["3 x 1 d"]);
    let text = "time,珊溪\n2026-06-30,7\n2026-07-01,0.1\n2026-07-02,-2.5\n2026-07-03,3e2\n2026-07-04,9\n";
    let (values, last) = recut(text, &days, Meaning::Mean, "00:00").unwrap();
    assert_eq!(values, [0.1, -2.5, 300.0]);
    assert_eq!(last, "2026-07-04T00:00:00+08:00");
}

#[test]
fn days_that_begin_at_eight_are_cut_by_time() {
    // 1 July: 8 h of 30 June's value and 16 h of its own: (8·3 + 16·6) ÷ 24 = 5; 2 July: (8·6 + 16·12) ÷ 24 = 10.
    let days = horizon(date(2026, 7, 1), SHANGHAI, &["2 x 1 d"]);
    let text = "time,q\n2026-06-30,3\n2026-07-01,6\n2026-07-02,12\n";
    let (values, last) = recut(text, &days, Meaning::Mean, "08:00").unwrap();
    assert_eq!(values, [5.0, 10.0]);
    assert_eq!(last, "2026-07-02T08:00:00+08:00");
    // Without the day before, the first eight hours are missing.
    let fault = recut("time,q\n2026-07-01,6\n2026-07-02,12\n", &days, Meaning::Mean, "08:00").unwrap_err();
    assert_eq!(
        (fault.line, fault.message.as_str()),
        (2, "column `q`: begins at 2026-07-01 08:00, the horizon at 2026-07-01 00:00")
    );
    assert_eq!(fault.hint.unwrap(), "days that begin at 08:00 need one value more before the horizon");
}

#[test]
fn hours_gather_into_days_and_months_spread_over_them() {
    let days = horizon(date(2026, 7, 31), SHANGHAI, &["2 x 1 d"]);
    let hours: String = (0..48)
        .map(|hour| format!("2026-{} {}:00,{hour}\n", ["07-31", "08-01"][hour / 24], hour % 24))
        .collect::<Vec<_>>()
        .concat();
    // 0…23 and 24…47.
    assert_eq!(means(&format!("time,q\n{hours}"), &days, "00:00"), [11.5, 35.5]);
    assert_eq!(means("time,q\n2026-06,1\n2026-07,2\n2026-08,3\n", &days, "00:00"), [2.0, 3.0]);
    // The last of monthly values holds for its month, the last 旬 for its own.
    let august = horizon(date(2026, 8, 1), SHANGHAI, &["31 x 1 d"]);
    assert_eq!(means("time,q\n2026-07-01,2\n2026-08-01,3\n", &august, "00:00"), vec![3.0; 31]);
    let text = "time,q\n2026-08-01,1\n2026-08-11,2\n2026-08-21,3\n";
    assert_eq!(means(text, &horizon(date(2026, 8, 1), SHANGHAI, &["3 x 旬"]), "00:00"), [1.0, 2.0, 3.0]);
}

#[test]
fn readings_are_joined_by_lines() {
    // 10 at midnight, 34 a day later: on average 22; over the first 6 hours 10 + 24·(3/24) = 13.
    let text = "time,q\n2026-07-01,10\n2026-07-02,34\n2026-07-03,34\n";
    let days = horizon(date(2026, 7, 1), SHANGHAI, &["2 x 1 d"]);
    assert_eq!(recut(text, &days, Meaning::Instant, "00:00").unwrap().0, [22.0, 34.0]);
    let hours = horizon(date(2026, 7, 1), SHANGHAI, &["4 x 6 h"]);
    assert_eq!(recut(text, &hours, Meaning::Instant, "00:00").unwrap().0, [13.0, 19.0, 25.0, 31.0]);
    // A reading covers no time of its own: the third day has only its first instant.
    let three = horizon(date(2026, 7, 1), SHANGHAI, &["3 x 1 d"]);
    let fault = recut(text, &three, Meaning::Instant, "00:00").unwrap_err();
    assert_eq!(
        (fault.line, fault.message.as_str()),
        (4, "column `q`: ends at 2026-07-03 00:00, the horizon at 2026-07-04 00:00")
    );
}

#[test]
fn a_state_is_taken_at_the_ends_of_steps() {
    // 10 at midnight, 34 a day later: 22 at noon. A mean holds up to the end of its day, the next from there on.
    let text = "time,z\n2026-07-01,10\n2026-07-02,34\n2026-07-03,35\n2026-07-04,35\n";
    let at_ends = |steps: &[&str], meaning, starts: &str| {
        let horizon = horizon(date(2026, 7, 2), SHANGHAI, steps);
        file(text).at_ends(1, &horizon, meaning, day_starts(starts).unwrap()).unwrap().0
    };
    assert_eq!(at_ends(&["2 x 1 d"], Meaning::Mean, "00:00"), [34.0, 35.0]);
    assert_eq!(at_ends(&["2 x 1 d"], Meaning::Instant, "00:00"), [35.0, 35.0]);
    assert_eq!(at_ends(&["2 x 12 h", "1 x 1 d"], Meaning::Instant, "00:00"), [34.5, 35.0, 35.0]);
    // With days from 08:00 midnight lies in the day before.
    assert_eq!(at_ends(&["1 x 8 h", "1 x 16 h"], Meaning::Mean, "08:00"), [10.0, 34.0]);
    let three = horizon(date(2026, 7, 2), SHANGHAI, &["3 x 1 d"]);
    assert!(file(text).at_ends(1, &three, Meaning::Instant, Time::midnight()).unwrap_err().message.contains("ends at"));
}

#[test]
fn times_are_read_in_many_forms() {
    let days = horizon(date(2026, 7, 1), SHANGHAI, &["1 x 1 d"]);
    for (written, meant) in [
        ("2026-07-01", "2026-07-01T08:00:00+08:00"),
        ("2026/7/1", "2026-07-01T08:00:00+08:00"),
        ("2026年7月1日", "2026-07-01T08:00:00+08:00"),
        ("2026-07", "2026-07-01T08:00:00+08:00"),
        ("2026年7月", "2026-07-01T08:00:00+08:00"),
        ("2026-07-01 00:00", "2026-07-01T00:00:00+08:00"),
        ("2026-07-01 9:30:05", "2026-07-01T09:30:05+08:00"),
        ("2026/07/01T09:30", "2026-07-01T09:30:00+08:00"),
        ("2026年7月1日0时", "2026-07-01T00:00:00+08:00"),
        ("2026年7月1日 12时30分", "2026-07-01T12:30:00+08:00"),
        ("2026-07-01T00:00:00+08:00", "2026-07-01T00:00:00+08:00"),
        ("2026-06-30T16:00:00Z", "2026-07-01T00:00:00+08:00"),
        ("2026-07-01 00:00:00.000 -0330", "2026-07-01T11:30:00+08:00"),
    ] {
        let (_, last) = recut(&format!("time,q\n2026-06-01,4\n{written},5\n"), &days, Meaning::Mean, "08:00").unwrap();
        assert_eq!(last, meant, "{written}");
    }
    for wrong in [
        "07/01/2026",
        "2026-13-01",
        "2026-07-01 24:00",
        "2026-07-01 8",
        "1",
        "",
        "昨天",
        "2026-07-01T00:00+8:0:0",
        "26-07-01",
    ] {
        let fault = refused_file(&format!("time,q\n2026-07-01,5\n{wrong},5\n"));
        assert_eq!((fault.line, fault.message), (3, format!("column `time`: `{wrong}` is no date or time")));
    }
}

#[test]
fn marks_of_other_programs_and_people_are_no_matter() {
    let days = horizon(date(2026, 7, 1), SHANGHAI, &["2 x 1 d"]);
    let text = "\u{feff}# 合成来水，待核\r\n\r\n\"时间\", 珊溪 ,\"备注, 说明\"\r\n2026-07-01, 5 ,\"一\r\n二\"\r\n# note\r\n2026-07-02,6,\r\n,,\r\n";
    let file = file(text);
    assert!(file.assumed());
    assert_eq!(file.columns(), ["珊溪", "备注, 说明"]);
    assert_eq!(file.recut(file.column("珊溪").unwrap(), &days, Meaning::Mean, Time::midnight()).unwrap().0, [5.0, 6.0]);
    // Lines are those of an editor: the text of the first row runs over two.
    let fault = file.recut(2, &days, Meaning::Mean, Time::midnight()).unwrap_err();
    assert_eq!((fault.line, fault.message.as_str()), (4, "column `备注, 说明`: `一\n二` is no number"));
    assert!(!self::file("# measured\ntime,q\n2026-07-01,5\n").assumed());
    // SHA-256 of the bytes as they stand in the file, mark and all.
    assert_eq!(self::file("time,q\n2026-07-01,5\n").digest(), crate::table::digest(b"time,q\n2026-07-01,5\n"));
    assert_ne!(file.digest(), self::file(&text.replace('\u{feff}', "")).digest());
}

#[test]
fn lines_are_counted_past_comments_and_quoted_line_breaks() {
    let text = "# one\n\ntime,q,note\n# two\n2026-07-01,1,\"a\nb\nc\"\n\n# three\n2026-07-02,x,\n";
    let fault = recut(text, &horizon(date(2026, 7, 1), SHANGHAI, &["1 x 1 d"]), Meaning::Mean, "00:00").unwrap_err();
    assert_eq!((fault.line, fault.message.as_str()), (10, "column `q`: `x` is no number"));
    for ending in ["\r\n", "\r"] {
        let fault =
            recut(&text.replace('\n', ending), &horizon(date(2026, 7, 1), SHANGHAI, &["1 x 1 d"]), Meaning::Mean, "00:00");
        assert_eq!(fault.unwrap_err().line, 10);
    }
}

#[test]
fn tables_out_of_shape_are_refused() {
    for (text, line, told) in [
        ("", 0, "has no header row"),
        ("# only\n", 0, "has no header row"),
        ("time,q\n", 1, "no rows"),
        ("time\n2026-07-01\n", 1, "none of values"),
        ("time;q\n2026-07-01;5\n", 1, "is one column"),
        ("time,q,q\n2026-07-01,5,6\n", 1, "column `q` stands twice"),
        ("time,,q\n2026-07-01,5,6\n", 1, "column 2 has no heading"),
        ("time,q\n2026-07-01,5\n2026-07-02\n", 3, "a row of 1 cells, the header has 2"),
    ] {
        let fault = refused_file(text);
        assert!(fault.line == line && fault.message.contains(told), "{text}: {fault}");
    }
    // GBK of 时间.
    let fault = Table::from_bytes(b"# a\n\xca\xb1\xbc\xe4,q\n").unwrap_err();
    assert_eq!((fault.line, fault.hint.as_deref()), (2, Some("save the table as `CSV UTF-8`")));
    assert!(Table::read(Path::new("/nowhere/at/all.csv")).unwrap_err().message.starts_with("cannot be read"));
}

#[test]
fn a_column_that_is_not_there_is_refused_with_those_that_are() {
    let file = file("time,a,b\n2026-07-01,5,6\n");
    assert_eq!(file.column("b"), Ok(2));
    assert_eq!(file.column("c").unwrap_err().message, "no column `c`, there are `time`, `a`, `b`");
    assert!(file.column("time").unwrap_err().message.contains("is the time"));
}

#[test]
fn rows_out_of_order_and_twice_are_refused() {
    let days = horizon(date(2026, 7, 1), SHANGHAI, &["1 x 1 d"]);
    let fault = recut("time,q\n2026-07-02,5\n2026-07-01,6\n", &days, Meaning::Mean, "00:00").unwrap_err();
    assert_eq!((fault.line, fault.message.as_str()), (3, "`2026-07-01` stands after `2026-07-02`: rows must rise in time"));
    let fault = recut("time,q\n2026-07-01,5\n2026-07-01 00:00,6\n", &days, Meaning::Mean, "00:00").unwrap_err();
    assert_eq!((fault.line, fault.message.as_str()), (3, "the time `2026-07-01 00:00` stands twice"));
}

#[test]
fn a_gap_within_the_horizon_is_refused_with_its_time() {
    let days = horizon(date(2026, 7, 2), SHANGHAI, &["4 x 1 d"]);
    let told = |text: &str, meaning| {
        let fault = recut(text, &days, meaning, "00:00").unwrap_err();
        (fault.line, fault.message)
    };
    let no_value = |from: &str, to: &str| format!("column `q`: no value for 2026-07-{from} 00:00 to 2026-07-{to} 00:00");
    let row_missing = "time,q\n2026-07-01,1\n2026-07-02,1\n2026-07-04,1\n2026-07-05,1\n2026-07-06,1\n";
    assert_eq!(told(row_missing, Meaning::Mean), (3, no_value("03", "04")));
    assert_eq!(told(row_missing, Meaning::Instant), (3, no_value("02", "04")));
    let cell_empty = "time,q\n2026-07-01,1\n2026-07-02,1\n2026-07-03,\n2026-07-04,1\n2026-07-05,1\n2026-07-06,1\n";
    assert_eq!(told(cell_empty, Meaning::Mean), (4, no_value("03", "04")));
    assert_eq!(told(cell_empty, Meaning::Instant), (4, no_value("02", "03")));
    // At the first and the last distance there is one neighbour to compare with.
    let first = "time,q\n2026-07-02,1\n2026-07-05,1\n2026-07-06,1\n";
    assert_eq!(told(first, Meaning::Mean), (2, no_value("03", "05")));
    let last = "time,q\n2026-07-01,1\n2026-07-02,1\n2026-07-05,1\n";
    assert_eq!(told(last, Meaning::Mean), (3, no_value("03", "05")));
}

#[test]
fn what_lies_outside_the_horizon_may_be_missing() {
    let days = horizon(date(2026, 7, 4), SHANGHAI, &["2 x 1 d"]);
    let text = "time,q\n2026-06-01,1\n2026-07-02,\n2026-07-03,1\n2026-07-04,2\n2026-07-05,3\n2026-07-06,\n2026-07-09,\n";
    let (values, last) = recut(text, &days, Meaning::Mean, "00:00").unwrap();
    assert_eq!(values, [2.0, 3.0]);
    assert_eq!(last, "2026-07-05T00:00:00+08:00");
}

#[test]
fn records_that_change_their_step_have_no_gap() {
    // Hours, then days, then months: each distance has a neighbour of its own length.
    let hours: String = (0..24).map(|hour| format!("2026-07-29 {hour:02}:00,1\n")).collect::<Vec<_>>().concat();
    let text = format!("time,q\n{hours}2026-07-30,2\n2026-07-31,2\n2026-08-01,3\n2026-09-01,3\n2026-10-01,3\n");
    let steps = horizon(date(2026, 7, 29), SHANGHAI, &["24 x 1 h", "2 x 1 d", "2 x month"]);
    let values = means(&text, &steps, "00:00");
    assert_eq!(values[23..], [1.0, 2.0, 2.0, 3.0, 3.0]);
    // Months and 旬 differ in length, a February most of all.
    let months = "time,q\n2026-01,1\n2026-02,2\n2026-03,3\n2026-04,4\n";
    assert_eq!(means(months, &horizon(date(2026, 1, 1), SHANGHAI, &["4 x month"]), "00:00"), [1.0, 2.0, 3.0, 4.0]);
    let ten_days = "time,q\n2026-02-01,1\n2026-02-11,2\n2026-02-21,3\n2026-03-01,4\n2026-03-11,5\n2026-03-21,6\n";
    assert_eq!(means(ten_days, &horizon(date(2026, 2, 1), SHANGHAI, &["6 x 旬"]), "00:00"), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
}

#[test]
fn one_row_alone_holds_a_day_if_it_is_a_date() {
    let day = horizon(date(2026, 7, 1), SHANGHAI, &["1 x 1 d"]);
    assert_eq!(means("time,q\n2026-07-01,5\n", &day, "00:00"), [5.0]);
    let fault = recut("time,q\n2026-07-01 00:00,5\n", &day, Meaning::Mean, "00:00").unwrap_err();
    assert!(fault.message.contains("one row alone"), "{fault}");
}

#[test]
fn clock_changes_neither_tear_nor_stretch_a_record() {
    // Berlin, 25 October 2026, has 25 hours; the local hour 02:00 is read twice.
    let day = horizon(date(2026, 10, 25), "Europe/Berlin", &["1 x 1 d"]);
    let hours: String = [0, 1, 2, 2]
        .into_iter()
        .chain(3..24)
        .enumerate()
        .map(|(value, hour)| format!("2026-10-25 {hour:02}:00,{value}\n"))
        .collect::<Vec<_>>()
        .concat();
    assert_eq!(means(&format!("time,q\n{hours}"), &day, "00:00"), [12.0]);
    // 29 March has 23; an hour that the clock leaves out is refused.
    let day = horizon(date(2026, 3, 29), "Europe/Berlin", &["1 x 1 d"]);
    let hours: String = [0, 1]
        .into_iter()
        .chain(3..24)
        .enumerate()
        .map(|(value, hour)| format!("2026-03-29 {hour:02}:00,{value}\n"))
        .collect::<Vec<_>>()
        .concat();
    assert_eq!(means(&format!("time,q\n{hours}"), &day, "00:00"), [11.0]);
    let fault = recut("time,q\n2026-03-29 01:00,1\n2026-03-29 02:00,1\n", &day, Meaning::Mean, "00:00").unwrap_err();
    assert_eq!((fault.line, fault.message.as_str()), (3, "column `time`: the clock change leaves out `2026-03-29 02:00`"));
    // Daily values stay daily values.
    let days = horizon(date(2026, 3, 28), "Europe/Berlin", &["3 x 1 d"]);
    assert_eq!(means("time,q\n2026-03-28,1\n2026-03-29,2\n2026-03-30,3\n", &days, "00:00"), [1.0, 2.0, 3.0]);
}

#[test]
fn every_second_hour_is_no_gap_where_the_clock_is_put_back() {
    // 00:00, 02:00 (the first), 04:00: 2 and 3 hours, then 2 again; mean (0·2 + 1·3 + (2 + … + 11)·2) ÷ 25 = 133 ÷ 25.
    let day = horizon(date(2026, 10, 25), "Europe/Berlin", &["1 x 1 d"]);
    let hours: Vec<String> = (0..12).map(|value| format!("2026-10-25 {:02}:00,{value}\n", value * 2)).collect();
    assert_relative_eq!(means(&format!("time,q\n{}", hours.concat()), &day, "00:00")[0], 133.0 / 25.0, max_relative = 1e-14);
    let fault = recut("time,q\n2026-10-25 02:00,1\n2026-10-25 02:00,1\n2026-10-25 02:00,1\n", &day, Meaning::Mean, "00:00");
    assert_eq!(fault.unwrap_err().message, "the time `2026-10-25 02:00` stands twice");
}

#[test]
fn a_missing_ten_day_period_of_february_is_found() {
    let months = horizon(date(2026, 1, 1), SHANGHAI, &["3 x month"]);
    let days = ["01-01", "01-11", "01-21", "02-01", "02-11", "02-21", "03-01", "03-11", "03-21"];
    for missing in 1..8 {
        let rows = days.iter().enumerate().filter(|(row, _)| *row != missing).map(|(_, day)| format!("2026-{day},1\n"));
        let text = format!("time,q\n{}", rows.collect::<Vec<_>>().concat());
        let fault = recut(&text, &months, Meaning::Mean, "00:00").unwrap_err();
        assert_eq!(fault.line, missing + 1, "{fault}");
        assert!(fault.message.contains(&format!("no value for 2026-{} 00:00", days[missing])), "{fault}");
    }
}

#[test]
fn the_newest_reading_is_found_with_its_age() {
    let file = file("time,z\n2026-07-01 08:00,120\n2026-07-02 08:00,121\n2026-07-03 08:00,\n2026-07-04 08:00,123\n");
    let start = horizon(date(2026, 7, 4), SHANGHAI, &["1 x 1 d"]).start().clone();
    // 2 July 08:00 to 4 July 00:00 are 40 hours.
    let reading = file.newest(1, &start, Time::midnight()).unwrap();
    assert_eq!((reading.value, reading.age_h, rfc3339(&reading.time).as_str()), (121.0, 40.0, "2026-07-02T08:00:00+08:00"));
    let early = horizon(date(2026, 7, 1), SHANGHAI, &["1 x 1 d"]).start().clone();
    let fault = file.newest(1, &early, Time::midnight()).unwrap_err();
    assert_eq!(fault.message, "column `z` has no value at or before 2026-07-01T00:00:00+08:00");
}

#[test]
fn a_day_may_begin_at_any_time_that_there_is() {
    assert_eq!(day_starts("8:00"), Ok(jiff::civil::time(8, 0, 0, 0)));
    assert!(day_starts("24:00").unwrap_err().contains("`24:00`"));
    assert!(day_starts("morning").unwrap_err().contains("`morning`"));
}

/// Daily values from 1 January 2026 on.
fn daily(values: &[f64]) -> String {
    let first = date(2026, 1, 1);
    let rows: Vec<String> = values
        .iter()
        .enumerate()
        .map(|(day, value)| format!("{},{value}", first.saturating_add((day as i64).days())))
        .collect();
    format!("time,q\n{}\n", rows.join("\n"))
}

proptest! {
    #[test]
    fn means_keep_their_volume(values in prop::collection::vec(-100.0..1000.0f64, 92), zone in prop::sample::select(vec![SHANGHAI, "Europe/Berlin"])) {
        // January to March (90 days), however it is cut; the day's value times its true length.
        let text = daily(&values);
        let volume = |steps: &[&str]| -> f64 {
            let horizon = horizon(date(2026, 1, 1), zone, steps);
            means(&text, &horizon, "00:00").iter().zip(&horizon.lengths_s).map(|(value, length)| value * length).sum()
        };
        let days = volume(&["90 x 1 d"]);
        assert_relative_eq!(volume(&["3 x month"]), days, epsilon = 1e-3, max_relative = 1e-12);
        assert_relative_eq!(volume(&["9 x 旬"]), days, epsilon = 1e-3, max_relative = 1e-12);
        assert_relative_eq!(volume(&["24 x 15 min", "18 x 1 h", "30 x 1 d", "2 x month"]), days, epsilon = 1e-3, max_relative = 1e-12);
    }

    #[test]
    fn a_mean_lies_between_the_values_that_it_is_cut_from(values in prop::collection::vec(0.0..1000.0f64, 62), starts in 0u32..24) {
        let horizon = horizon(date(2026, 1, 2), SHANGHAI, &["24 x 1 h", "27 x 1 d", "2 x 旬"]);
        let text = daily(&values);
        for meaning in [Meaning::Mean, Meaning::Instant] {
            let (cut, _) = recut(&text, &horizon, meaning, &format!("{starts}:00")).unwrap();
            let (least, most) = (values.iter().copied().fold(f64::MAX, f64::min), values.iter().copied().fold(0.0, f64::max));
            prop_assert!(cut.iter().all(|value| (least - 1e-9..=most + 1e-9).contains(value)));
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(table) = Table::from_bytes(&bytes) {
            let _ = SeriesFile::from_table(table);
        }
    }

    #[test]
    fn no_mutilated_file_makes_the_reader_panic(at in 0usize..200, with in "[0-9,:TZ+年月日時\n\r\"# .eE-]{0,4}", cut in 0usize..4, starts in 0u32..24) {
        let good = "# 合成\ntime,q\n2026-06-30 08:00,1\n2026-07-01,2\n2026-07-02T08:00:00+08:00,3\n2026年7月3日8时,4\n2026-07-05,5\n";
        let characters: Vec<char> = good.chars().collect();
        let at = at.min(characters.len());
        let text: String = characters[..at].iter().copied().chain(with.chars()).chain(characters[(at + cut).min(characters.len())..].iter().copied()).collect();
        let horizon = horizon(date(2026, 7, 1), SHANGHAI, &["36 x 1 h", "12 x 1 h", "2 x 1 d"]);
        if let Ok(file) = Table::from_bytes(text.as_bytes()).and_then(SeriesFile::from_table) {
            for meaning in [Meaning::Mean, Meaning::Instant] {
                // A file that is taken gives a finite value to every step.
                if let Ok((ends, _)) = file.at_ends(1, &horizon, meaning, Time::midnight()) {
                    prop_assert!(ends.iter().all(|value| value.is_finite()));
                }
                if let Ok((values, _)) = file.recut(1, &horizon, meaning, day_starts(&format!("{starts}:00")).unwrap()) {
                    prop_assert!(values.len() == horizon.steps() && values.iter().all(|value| value.is_finite()));
                }
            }
        }
    }
}
