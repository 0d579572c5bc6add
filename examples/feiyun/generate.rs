//! The synthetic inflow of the Feiyun example: a year of days, `series/inflow.csv`, and a record of forty years of 旬,
//! `series/record.csv`: the same bytes each time.
//!
//! `main.rs` beside it is the command: `cargo run --release --example feiyun-series`.
//!
//! No record of the river is published in full, so this is an invented one (合成), matched to what is published: a
//! normal year carries 43.93 亿m³ from 3717 km² (37.5 L/s/km²), with a plum rain in May and June and typhoons from
//! July to September. The year written is not a normal one: a good plum rain, then no typhoon comes, then a drought.
//!
//! 1. *Effective rain* of a day: wet or dry by an integer hash of the day, deeper by the square of another; seven parts
//!    in ten are common to the basin, three are the area's own. A month's rain is scaled to its share of the year
//!    (`RAIN_SHARE`), times how wet that month of the year written was (`WETNESS`).
//! 2. *Runoff*: six tenths of the rain pass a fast store that gives 40 % of its content a day, four tenths a slow one
//!    that gives 2.5 %: floods of some days over a base flow of some weeks.
//! 3. *Scale*: the normal year (every wetness 1) is run twice in a row, and its second pass gives 37.5 L/s/km².
//!
//! The record is run through the same stores, each year wetter or drier as a whole by a sum of four hashes, each month by the square of
//! one, and Zeya's basin beside the four areas.
//!
//! Only integer arithmetic and + − × ÷ on doubles, rounded to 0.001 m³/s (the record to 0.01). Units: km², m³/s.

use std::fmt::Write as _;

use jiff::civil::{Date, date};

/// Published annual runoff of the basin, m³ (温州词典), and its area, km².
const ANNUAL_RUNOFF_M3: f64 = 43.93e8;
const BASIN_KM2: f64 = 3717.0;

/// What each column drains, km². 1529 and 2302 at the two dams are recalled (M), the parts are assumed.
const AREAS: [(&str, f64); 4] = [("taishun", 480.0), ("shanxi", 1049.0), ("xuekou", 401.0), ("zhaoshandu", 372.0)];

/// Zeya's basin, of the record alone, km² (assumed: what its monthly inflow comes to).
const ZEYA: (&str, f64) = ("zeya", 51.0);

/// Years of the record.
const YEARS: std::ops::RangeInclusive<i16> = 1986..=2025;

/// Effective rain of each month as a share of the year's, relative (assumed).
const RAIN_SHARE: [f64; 12] = [3.0, 5.0, 9.0, 10.0, 13.0, 19.0, 10.0, 15.0, 11.0, 2.5, 1.5, 1.0];

/// Chance of a wet day in each month, per cent (assumed).
const WET_DAYS: [u64; 12] = [35, 45, 55, 55, 60, 65, 30, 35, 35, 20, 20, 20];

/// How wet each month of the year written is, as a multiple of the normal (assumed): 2026, then 2027.
const WETNESS: [[f64; 12]; 2] = [
    [1.0, 1.0, 1.0, 1.0, 1.1, 1.15, 0.7, 0.4, 0.3, 0.3, 0.35, 0.5],
    [0.5, 0.45, 0.6, 0.9, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0],
];

/// First and last day written.
const FIRST: Date = date(2026, 6, 1);
const LAST: Date = date(2027, 5, 31);

const FAST_PART: f64 = 0.6;
const FAST_GIVES: f64 = 0.4;
const SLOW_GIVES: f64 = 0.025;

/// The finaliser of SplitMix64: well-mixed bits of a day and a place.
fn hash(day: i64, place: u64) -> u64 {
    let mut x =
        day.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(place.wrapping_mul(0xd1b5_4a32_d192_ed03));
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// Rain of one place and day before months are scaled: 0 on dry days, up to 1.
fn shower(day: i64, place: u64, chance: u64) -> f64 {
    if hash(day, place) % 100 >= chance {
        return 0.0;
    }
    let depth = (hash(day, place + 1000) % 1000) as f64 / 1000.0;
    depth * depth
}

/// Effective rain of an area on each of the days, in days of the normal year's mean.
fn rain(days: &[Date], area: usize, wetness: impl Fn(Date) -> f64) -> Vec<f64> {
    let year: f64 = RAIN_SHARE.iter().sum();
    let day_number = |day: Date| i64::from(date(2000, 1, 1).until(day).map_or(0, |span| span.get_days()));
    let raw: Vec<f64> = days
        .iter()
        .map(|&day| {
            let chance = WET_DAYS[usize::from(day.month().unsigned_abs()) - 1];
            let n = day_number(day);
            0.01 + 0.7 * shower(n, 1, chance) + 0.3 * shower(n, 2 + area as u64, chance)
        })
        .collect();
    days.iter()
        .zip(&raw)
        .map(|(&day, &fallen)| {
            let same_month = |other: &Date| (other.year(), other.month()) == (day.year(), day.month());
            let month: f64 = days.iter().zip(&raw).filter(|(other, _)| same_month(other)).map(|(_, r)| r).sum();
            let share = RAIN_SHARE[usize::from(day.month().unsigned_abs()) - 1] / year;
            fallen / month * share * 365.0 * wetness(day)
        })
        .collect()
}

/// The two stores of an area.
#[derive(Clone, Copy, Default)]
struct Stores {
    fast: f64,
    slow: f64,
}

impl Stores {
    /// Takes a day's rain and gives the day's runoff.
    fn pass(&mut self, rain: f64) -> f64 {
        self.fast += FAST_PART * rain;
        self.slow += (1.0 - FAST_PART) * rain;
        let (fast, slow) = (FAST_GIVES * self.fast, SLOW_GIVES * self.slow);
        self.fast -= fast;
        self.slow -= slow;
        fast + slow
    }
}

/// All days from the first to the last.
fn days(first: Date, last: Date) -> Vec<Date> {
    first.series(jiff::ToSpan::days(1)).take_while(|day| *day <= last).collect()
}

/// The stores of an area of so many km² after a normal year, and m³/s of what they give.
fn warm(area: usize, km2: f64) -> (Stores, f64) {
    let mut stores = Stores::default();
    let normal = rain(&days(date(2025, 1, 1), date(2025, 12, 31)), area, |_| 1.0);
    for &fallen in &normal {
        stores.pass(fallen);
    }
    let mean = normal.iter().map(|&fallen| stores.pass(fallen)).sum::<f64>() / 365.0;
    let specific_m3s = ANNUAL_RUNOFF_M3 / (365.0 * 86_400.0) / BASIN_KM2;
    (stores, km2 * specific_m3s / mean)
}

/// Flow of an area on each of the days written, m³/s.
fn flows(area: usize, wetness: impl Fn(Date) -> f64) -> Vec<f64> {
    let (mut stores, scale) = warm(area, AREAS[area].1);
    let run = days(date(2026, 1, 1), LAST);
    let fallen = rain(&run, area, wetness);
    let flow: Vec<f64> = fallen.iter().map(|&r| scale * stores.pass(r)).collect();
    run.iter().zip(flow).filter(|(day, _)| **day >= FIRST).map(|(_, q)| (q * 1000.0).round() / 1000.0).collect()
}

/// A number from 0 to 1 by hash.
fn part(at: i64, place: u64) -> f64 {
    (hash(at, place) % 1000) as f64 / 1000.0
}

/// How wet a month of the record is, as a multiple of the normal: years vary by about a quarter, months by more.
fn wetness_of(day: Date) -> f64 {
    let year = i64::from(day.year());
    let sum: f64 = (0..4).map(|place| part(year, 3000 + place)).sum();
    let whole = (1.0 + 0.45 * (sum - 2.0)).max(0.35);
    let month = part(year * 12 + i64::from(day.month()), 4000);
    whole * (0.3 + 2.1 * month * month)
}

/// The text of `series/record.csv`.
pub fn record() -> String {
    let areas: Vec<(&str, f64)> = AREAS.into_iter().chain([ZEYA]).collect();
    let mut columns: Vec<(Stores, f64)> = areas.iter().enumerate().map(|(area, (_, km2))| warm(area, *km2)).collect();
    let mut text = String::from(
        "# 合成（synthetic）：由 examples/feiyun/generate.rs 生成，非实测；1986—2025年逐旬平均流量，m³/s\ndate",
    );
    for (name, _) in &areas {
        let _ = write!(text, ",{name}");
    }
    text.push('\n');
    for year in YEARS {
        let run = days(date(year, 1, 1), date(year, 12, 31));
        let flows: Vec<Vec<f64>> = (0..areas.len())
            .map(|area| {
                let (stores, scale) = &mut columns[area];
                rain(&run, area, wetness_of).into_iter().map(|fallen| *scale * stores.pass(fallen)).collect()
            })
            .collect();
        let begins = |day: &Date| matches!(day.day(), 1 | 11 | 21);
        let starts: Vec<usize> = (0..run.len()).filter(|at| begins(&run[*at])).collect();
        for (at, &from) in starts.iter().enumerate() {
            let to = starts.get(at + 1).copied().unwrap_or(run.len());
            let _ = write!(text, "{}", run[from]);
            for flow in &flows {
                let mean = flow[from..to].iter().sum::<f64>() / (to - from) as f64;
                let _ = write!(text, ",{:.2}", (mean * 100.0).round() / 100.0);
            }
            text.push('\n');
        }
    }
    text
}

/// What a column is on the days written, m³/s, and what it would be were every month as wet as normal.
fn scenario(area: usize) -> (Vec<f64>, Vec<f64>) {
    let wetness = |day: Date| WETNESS[usize::from(day.year() != 2026)][usize::from(day.month().unsigned_abs()) - 1];
    (flows(area, wetness), flows(area, |_| 1.0))
}

/// The text of `series/inflow.csv`.
pub fn inflow() -> String {
    let columns: Vec<Vec<f64>> = (0..AREAS.len()).map(|area| scenario(area).0).collect();
    let mut text =
        String::from("# 合成（synthetic）：由 examples/feiyun/generate.rs 生成，非实测；日平均流量，m³/s，日界 08:00\ndate");
    for (name, _) in AREAS {
        let _ = write!(text, ",{name}");
    }
    text.push('\n');
    for (i, day) in days(FIRST, LAST).iter().enumerate() {
        let _ = write!(text, "{day}");
        for column in &columns {
            let _ = write!(text, ",{:.3}", column[i]);
        }
        text.push('\n');
    }
    text
}

/// Volume of the year written, and of the same year with normal wetness, hm³.
pub fn volumes_hm3() -> (f64, f64) {
    let volume = |flow: &[f64]| flow.iter().sum::<f64>() * 0.0864;
    (0..AREAS.len()).map(scenario).fold((0.0, 0.0), |sum, (dry, normal)| (sum.0 + volume(&dry), sum.1 + volume(&normal)))
}

/// The volume that the drained area has of the published annual runoff, hm³.
pub fn published_hm3() -> f64 {
    let drained: f64 = AREAS.iter().map(|(_, area)| area).sum();
    ANNUAL_RUNOFF_M3 * 1e-6 * drained / BASIN_KM2
}
