//! Days of supply and inflow by lead time, on a lake small enough to derive by hand: 20 hm³ over 20 m, so a metre is a hm³.

#![cfg(feature = "scenarios")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;

use weir_model::basin::Basin;
use weir_model::days::{Days, Row};
use weir_model::frequency::{FrequencyYear, Weights};
use weir_model::lower::lower;
use weir_scenarios::days::{Asked, of_basin};
use weir_solver::audited::audited;
use weir_solver::solve::SolveOptions;

/// Towns and industry want 1 hm³ a day, half each, of 15 hm³ that stand in the lake.
const LAKE: &str = r#"
[basin]
id = "lake_and_town"
[horizon]
steps = ["10 x 1 d"]
start = "2026-11-01"
[[reservoir]]
id = "lake"
curve = [{ level_m = 100, storage_hm3 = 0, area_km2 = 1 }, { level_m = 120, storage_hm3 = 20, area_km2 = 1 }]
levels_m = { dead = 102, supply_lower = 105, drought_warning = 110 }
initial_level_m = 115
[[inflow]]
id = "brook"
into = "lake"
flow_m3s = FLOW
record = { file = "record.csv", column = "brook" }
recession = { flow_m3s = 0, per_day = 0.5 }
[[waterworks]]
id = "town"
from = "lake"
demand_m3s = 11.574074074074074
shares = { residents = 0.5, industry = 0.5 }
[[curtailment]]
id = "saving"
classes = ["industry"]
depth = 1.0
response = "Ⅲ"
lead_h = 0
clause = "made up"
[[objective]]
id = "shortage"
kind = "shortage"
[method]
stages = ["shortage"]
"#;

/// Forty years, each with the same flow on every day: 2 to 5.9 m³/s.
fn record() -> String {
    let mut text = String::from("# synthetic\ndate,brook\n");
    for at in 0..480 {
        let _ = writeln!(text, "{}-{:02}-01,{:.1}", 1980 + at / 12, at % 12 + 1, 2.0 + 0.1 * f64::from(at / 12));
    }
    text
}

fn basin(flow: &str, more: &str) -> Basin {
    let text = LAKE.replace("FLOW", flow) + more;
    let load = |path: &str| match path {
        "record.csv" => Ok(record().into_bytes()),
        "forecast.csv" => Ok(b"date,brook\n2026-11-01,3\n2026-11-02,5\n".to_vec()),
        other => Err(format!("no {other}")),
    };
    Basin::parse(text.as_bytes(), &load).unwrap_or_else(|refusals| panic!("{refusals}"))
}

fn days(basin: &Basin) -> Days {
    let days = of_basin(basin, &Asked { start: None, days: 60 }).unwrap_or_else(|refusals| panic!("{refusals}"));
    for inflow in &days.inflows {
        assert!(inflow.refused.is_empty(), "{:?}", inflow.refused);
    }
    days
}

fn row<'d>(days: &'d Days, who: &str, saving: Option<&str>) -> &'d Row {
    days.rows.iter().find(|row| row.who == who && row.saving == saving).unwrap()
}

#[test]
fn without_rain_a_lake_lasts_what_it_holds() {
    let days = days(&basin("0", ""));
    let last = |row: &Row| row.cells.last().unwrap().clone().unwrap();
    // 15 − n stands below 110 m after day 6, below 105 m after day 11, and at 102 m after day 13.
    let lake = last(row(&days, "reservoir", None));
    assert_eq!(lake.days, Some(10));
    let dates: Vec<String> = lake.dates.iter().map(|(word, day)| format!("{word} {}", day.unwrap())).collect();
    assert_eq!(dates, ["drought_warning 2026-11-06", "supply_lower 2026-11-11", "dead 2026-11-13"]);
    assert_eq!(last(row(&days, "homes", None)).days, Some(13));
    assert_eq!(last(row(&days, "users", None)).days, Some(13));
    // Industry cut off is no shortage, and half a hm³ a day lasts twice as long.
    assert_eq!(last(row(&days, "reservoir", Some("Ⅲ"))).days, Some(20));
    assert_eq!(last(row(&days, "homes", Some("Ⅲ"))).days, Some(26));
    assert_eq!(last(row(&days, "users", Some("Ⅲ"))).days, Some(26));
}

#[test]
fn a_dry_year_lasts_what_its_flow_adds() {
    let days = days(&basin("0", ""));
    // Years of one flow each: the volumes of sixty days are 60 × 0.0864 × flow, and the chosen year times its factor is the curve's value.
    let years: Vec<(i16, f64, f64)> = (0..40_i16)
        .map(|at| {
            let flow = 2.0 + 0.1 * f64::from(at);
            (1980 + at, flow * 60.0 * 0.0864, flow * 20.0 * 0.0864)
        })
        .collect();
    let cells = &row(&days, "homes", None).cells;
    for (at, percent) in [50.0, 75.0, 90.0, 95.0].into_iter().enumerate() {
        let wanted = FrequencyYear::after(&years, percent, 95.0, Weights::Dry).unwrap();
        let (year, factor) = days.inflows[at].year.unwrap();
        assert_eq!(year, i32::from(wanted.year), "P = {percent}");
        assert!((factor - wanted.factor).abs() < 1e-5, "{factor} {}", wanted.factor);
        // 13 hm³ above dead level, less 1 − v a day: as long as the next day can still be served in full.
        let adds = wanted.volume / 60.0;
        let lasts = (13.0 / (1.0 - adds) + 1e-9).floor() as usize;
        assert_eq!(cells[at].as_ref().unwrap().days, Some(lasts), "P = {percent}");
    }
    let last: Vec<usize> = cells.iter().map(|cell| cell.as_ref().unwrap().days.unwrap()).collect();
    assert!(last.windows(2).all(|pair| pair[0] >= pair[1]), "drier is no longer: {last:?}");
}

#[test]
fn inflow_is_spliced_by_lead_time() {
    let series = "{ file = \"forecast.csv\", column = \"brook\" }";
    let forecast = |then: &str| format!("[forecast]\nhydrology_days = 1\nweather_days = 2\nthen = {then}\n");
    let basin = |more: &str, recession: &str| {
        let text = LAKE.replace("FLOW", series).replace("recession = { flow_m3s = 0, per_day = 0.5 }", recession) + more;
        let load = |path: &str| {
            Ok(if path == "record.csv" {
                record().into_bytes()
            } else {
                b"date,brook\n2026-11-01,3\n2026-11-02,5\n".to_vec()
            })
        };
        Basin::parse(text.as_bytes(), &load).unwrap_or_else(|refusals| panic!("{refusals}"))
    };
    let flows = |basin: &Basin| {
        let (case, _) = lower(basin, None).unwrap_or_else(|refusals| panic!("{refusals}"));
        let series = case.forcing.series.iter().find(|series| series.address == "brook.flow").unwrap();
        (series.values.column(0).to_vec(), series.source.origin.clone(), case.basin.clone())
    };
    // The file has two days, and the horizon ten: 8 m³/s halves each day from the start on.
    let (found, origin, facts) = flows(&basin(&forecast("\"no_rain\""), "recession = { flow_m3s = 8, per_day = 0.5 }"));
    assert_eq!(found[..5], [3.0, 5.0, 2.0, 1.0, 0.5]);
    assert_eq!(origin, "forecast.csv:brook before 2026-11-03, then no rain: 8 m3/s that falls by 0.5 a day from the start");
    let kinds: Vec<&str> = facts.inflow.iter().map(|row| row.kind.as_str()).collect();
    assert_eq!(kinds, ["hydrology", "weather", "no_rain"]);
    assert!(facts.no_rain && facts.dry_year.is_none());
    assert_eq!(facts.inflow[1].to, "2026-11-03T00:00:00+08:00");
    // A frequency year: of the eight days beyond the forecast.
    let (found, origin, facts) = flows(&basin(&forecast("90"), ""));
    let row = facts.inflow.last().unwrap();
    let flow = row.volume_hm3.unwrap() / (8.0 * 0.0864);
    assert_eq!(found[..2], [3.0, 5.0]);
    assert!(found[2..].iter().all(|found| (found - flow).abs() < 1e-9), "{found:?}");
    assert!(origin.starts_with("forecast.csv:brook before 2026-11-03, then the year "), "{origin}");
    assert_eq!(facts.dry_year.unwrap().frequency_percent, 90.0);
    assert_eq!(row.years, Some(40));
}

#[test]
fn a_plan_by_a_stated_year_says_so() {
    let basin = basin("1", "[forecast]\nhydrology_days = 3\nthen = 75\n");
    let (case, goals) = lower(&basin, None).unwrap();
    let document = audited(&case, &goals, &SolveOptions::default()).unwrap_or_else(|why| panic!("{why}")).document;
    assert_eq!(document.content.case.foresight, "frequency");
    assert!(document.content.audit.passed);
    let page = weir_report::html(&document);
    assert!(page.contains("水文预报") && page.contains("P=75%的"), "the page tells what inflow is");
    let text = weir_report::text(&document, weir_report::Language::English);
    assert!(
        text.contains("Inflow: to 4 Nov 2026 00:00 a hydrological forecast") || text.contains("a hydrological forecast; to"),
        "{text}"
    );
}

#[test]
fn evaporation_from_an_empty_lake_ends_no_run() {
    // At its dead level from the start, 10 mm a day off 1 km² are 0.01 hm³ a day, with nobody served.
    let text = LAKE
        .replace("FLOW", "0")
        .replace("initial_level_m = 115", "initial_level_m = 102\nevaporation_mm_per_day = 10")
        .replace("[method]", "[method]\nkind = \"rules\"");
    let load = |_: &str| Ok(record().into_bytes());
    let basin = Basin::parse(text.as_bytes(), &load).unwrap_or_else(|refusals| panic!("{refusals}"));
    let (case, goals) = lower(&basin, None).unwrap();
    let document = audited(&case, &goals, &SolveOptions::default()).unwrap_or_else(|why| panic!("{why}")).document;
    let content = &document.content;
    assert!(content.audit.passed, "{:?}", content.audit.findings);
    let stored = content.series.iter().find(|row| row.address == "lake" && row.quantity == "storage").unwrap();
    assert!((stored.values[10].unwrap() - 1.9).abs() < 1e-9, "{:?}", stored.values);
    let lacks: f64 = content.relaxations.iter().filter(|row| row.address == "lake.dead_level").map(|row| row.hm3).sum();
    assert!((lacks - 0.55).abs() < 1e-9, "0.01 to 0.10: {lacks}");
}

#[test]
fn the_workbook_holds_what_the_text_says() {
    let days = days(&basin("0", ""));
    let text = weir_report::days(&days, weir_report::Language::Chinese);
    assert!(text.contains("可供水天数") && text.contains("无降雨") && text.contains("Ⅲ级响应"), "{text}");
    let bytes = weir_report::days_workbook(&days).unwrap();
    assert!(bytes.starts_with(b"PK"));
}

#[test]
fn a_series_that_ends_before_the_days_that_are_asked_says_how_to_ask_for_fewer() {
    let works = "[[waterworks]]\nid = \"works\"\nfrom = \"lake\"\ndemand_m3s = { file = \"forecast.csv\", column = \"brook\" }\nshares = { residents = 1.0 }\n";
    let said = of_basin(&basin("0", works), &Asked { start: None, days: 60 }).unwrap_err().to_string();
    assert!(said.contains("lengthen the series, or ask for fewer days than 60: `--days`"), "{said}");
    let told = weir_report::cause(None, &said).chinese;
    assert!(told.contains("延长序列，或少算几天（现为60天）：`--days`"), "{told}");
}
