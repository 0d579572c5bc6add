//! Folsom Reservoir as a basin, made of a record that lies outside this repository: nothing of it is kept here.
//!
//! What is recorded stands: storage at the start, inflow less evaporation, demand, and what was released. Demand takes what is released;
//! the rest goes on to the sea. A basin with nothing more has the bounds of the record's hindsight program. One of [`Flood`] has the
//! flood pool, a release that the level limits, and the top of the pool as the line that the lake is kept at, behind the users.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// A day of the record.
pub struct Day {
    pub date: String,
    pub inflow_m3s: f64,
    pub outflow_m3s: f64,
    pub storage_hm3: f64,
    pub evaporation_m3s: f64,
    pub demand_m3s: f64,
}

/// The days of the record in a folder.
pub fn record(data: &Path) -> Result<Vec<Day>, Box<dyn Error>> {
    let text = fs::read_to_string(data.join("folsom_daily_1955_2016.csv"))?;
    let mut lines = text.lines().filter(|line| !line.starts_with('#'));
    let header: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let at = |name: &str| header.iter().position(|heading| *heading == name).ok_or_else(|| format!("no column {name}"));
    let columns = [at("inflow_m3s")?, at("outflow_m3s")?, at("storage_hm3")?, at("evap_m3s")?, at("demand_m3s")?];
    let date = at("date")?;
    let day = |line: &str| -> Result<Day, Box<dyn Error>> {
        let cells: Vec<&str> = line.split(',').collect();
        let mut numbers = [0.0; 5];
        for (number, column) in numbers.iter_mut().zip(columns) {
            *number = cells[column].parse()?;
        }
        let [inflow_m3s, outflow_m3s, storage_hm3, evaporation_m3s, demand_m3s] = numbers;
        Ok(Day { date: cells[date].to_owned(), inflow_m3s, outflow_m3s, storage_hm3, evaporation_m3s, demand_m3s })
    };
    lines.map(day).collect()
}

/// The steps of a horizon: a month by days, and a year by months.
pub const STEPS: &str = r#""30 x 1 d", "12 x month""#;
/// What makes the shortage dearer the deeper it is, in fifths of the demand: nearly its square.
pub const HEDGED: &str = "tiers = { irrigation = [0.2, 0.4, 0.6, 0.8, 1.0] }\nweights = { irrigation = [9, 7, 5, 3, 1] }";

/// The facts of a record that a flood asks for.
pub struct Flood {
    /// Top of conservation by the date, month and day, hm³.
    pool: Vec<(String, f64)>,
    /// Storage, hm³, and the most that can be released at it, m³/s.
    rating: Vec<(f64, f64)>,
    /// Storage of the full lake, hm³.
    full_hm3: f64,
}

impl Flood {
    /// The facts in a record's folder.
    pub fn read(data: &Path) -> Result<Self, Box<dyn Error>> {
        let text = fs::read_to_string(data.join("folsom_climatology.csv"))?;
        let mut pool = Vec::new();
        for row in text.lines().filter(|line| !line.starts_with('#')).skip(1) {
            let cells: Vec<&str> = row.split(',').collect();
            pool.push((cells[0].to_owned(), cells[2].parse()?));
        }
        let facts: serde_json::Value = serde_json::from_slice(&fs::read(data.join("facts.json"))?)?;
        let numbers = |value: &serde_json::Value| -> Vec<f64> {
            value.as_array().into_iter().flatten().filter_map(serde_json::Value::as_f64).collect()
        };
        let most = &facts["max_release_vs_storage"];
        let rating = numbers(&most["storage_hm3"]).into_iter().zip(numbers(&most["release_m3s"])).collect();
        Ok(Self { pool, rating, full_hm3: facts["capacity_hm3"].as_f64().ok_or("no capacity_hm3")? })
    }

    /// The basin's flood limits by date.
    fn limits(&self) -> String {
        let row =
            |(date, hm3): &(String, f64)| format!("    {{ from = \"{date}\", to = \"{date}\", storage_hm3 = {hm3} }},\n");
        format!("flood_limit = [\n{}]", self.pool.iter().map(row).collect::<Vec<_>>().concat())
    }

    /// The basin's flood limits and its line, which follows them, by the file `pool.csv`.
    fn reservoir(&self) -> String {
        let line = "{ name = \"conservation\", top_storage_hm3 = { file = \"pool.csv\", column = \"pool\" } }";
        format!("{}\nzones = [{line}]", self.limits())
    }

    /// The top of conservation on a date, hm³.
    fn pool(&self, date: &str) -> f64 {
        self.pool.iter().find(|(day, _)| date.ends_with(day.as_str())).map_or(self.full_hm3, |row| row.1)
    }

    /// What the gate can pass, by level.
    fn discharge(&self) -> String {
        let level = |hm3: f64| interpolated(&CURVE.map(|(level, storage)| (storage, level)), hm3);
        let point = |(hm3, m3s): &(f64, f64)| format!("{{ level_m = {:.6}, capacity_m3s = {m3s} }}", level(*hm3));
        format!("discharge = [{}]", self.rating.iter().map(point).collect::<Vec<_>>().join(", "))
    }

    /// The releases of the published rule from a start: the demand, and above the pool a fifth a day of what would lie above it; no more
    /// than the level can pass, no water that is not there, and what a full lake cannot hold.
    pub fn rule(&self, days: &[Day], (start_hm3, least_hm3): (f64, f64)) -> Vec<f64> {
        let mut stored = start_hm3;
        let released = |day: &Day| {
            let pool = self.pool(&day.date);
            let there = stored + (day.inflow_m3s - day.evaporation_m3s) * HM3;
            let above = if stored > pool { 0.2 * (there - pool) } else { 0.0 };
            let wanted = (day.demand_m3s * HM3).max(above).min(interpolated(&self.rating, stored) * HM3);
            let release = wanted.min(there - least_hm3).max(there - self.full_hm3).max(0.0);
            stored = there - release;
            release / HM3
        };
        days.iter().map(released).collect()
    }
}

/// hm³ of a m³/s in a day.
const HM3: f64 = 0.0864;

/// What a line through points says at a place; beyond its ends their value.
fn interpolated(points: &[(f64, f64)], at: f64) -> f64 {
    let after = points.partition_point(|(x, _)| *x < at).clamp(1, points.len() - 1);
    let ((x0, y0), (x1, y1)) = (points[after - 1], points[after]);
    y0 + (y1 - y0) * ((at - x0) / (x1 - x0)).clamp(0.0, 1.0)
}

/// Writes the basin of a record into a folder, from a day on, with what a flood asks for, if it is to, and further keys of the demand;
/// with what was released, and with a flood what the published rule would have.
pub fn write(
    days: &[Day],
    from: &str,
    (flood, demand_keys): (Option<&Flood>, &str),
    out: &Path,
) -> Result<(), Box<dyn Error>> {
    let eve =
        days.iter().position(|day| day.date == from).and_then(|first| first.checked_sub(1)).ok_or("no day before it")?;
    let (mut inflow, mut demand) = ("date,net\n".to_owned(), "date,demand\n".to_owned());
    let mut observed = "date,folsom.gate,users.supply\n".to_owned();
    for day in days {
        let Day { date, outflow_m3s, demand_m3s, .. } = day;
        writeln!(inflow, "{date},{}", day.inflow_m3s - day.evaporation_m3s)?;
        writeln!(demand, "{date},{demand_m3s}")?;
        writeln!(observed, "{date},{outflow_m3s},{}", outflow_m3s.min(*demand_m3s))?;
    }
    // A plan of the record's last days looks beyond them: the demand of the same date.
    let last: jiff::civil::Date = days[days.len() - 1].date.parse()?;
    for (number, date) in last.tomorrow()?.series(jiff::Span::new().days(1)).take(500).enumerate() {
        let same = days.len() - 365 + number % 365;
        writeln!(demand, "{date},{}", days[same].demand_m3s)?;
    }
    fs::create_dir_all(out)?;
    fs::write(out.join("inflow.csv"), inflow)?;
    fs::write(out.join("demand.csv"), &demand)?;
    fs::write(out.join("observed.csv"), observed)?;
    let start = days[eve].storage_hm3;
    let (reservoir, gate) =
        flood.map_or((String::new(), "capacity_m3s = 3256.4".to_owned()), |f| (f.reservoir(), f.discharge()));
    if let Some(flood) = flood {
        let dates = demand.lines().skip(1).filter_map(|row| row.split_once(','));
        let pool: Vec<String> = dates.map(|(date, _)| format!("{date},{}\n", flood.pool(date))).collect();
        fs::write(out.join("pool.csv"), format!("date,pool\n{}", pool.concat()))?;
        let days = &days[eve + 1..];
        let mut rule = "date,folsom.gate,users.supply\n".to_owned();
        for (day, released) in days.iter().zip(flood.rule(days, (start, LEAST_HM3))) {
            writeln!(rule, "{},{released},{}", day.date, released.min(day.demand_m3s))?;
        }
        fs::write(out.join("rule.csv"), rule)?;
    }
    let point = |(level, hm3)| format!("    {{ level_m = {level}, storage_hm3 = {hm3} }},\n");
    let curve = CURVE.map(point).concat();
    let keys = [
        ("STEPS", STEPS),
        ("FROM", from),
        ("CURVE", &curve),
        ("LEAST", &LEAST_HM3.to_string()),
        ("START", &start.to_string()),
        ("RESERVOIR", &reservoir),
        ("LINE", if flood.is_some() { LINE } else { "" }),
        ("STAGES", if flood.is_some() { "\"shortage\", \"line\"" } else { "\"shortage\"" }),
        ("GATE", &gate),
        ("DEMAND", demand_keys),
    ];
    let basin = keys.into_iter().fold(BASIN.to_owned(), |basin, (word, value)| basin.replace(word, value));
    fs::write(out.join("basin.toml"), basin)?;
    Ok(())
}

/// Level, m, and storage, hm³.
const CURVE: [(f64, f64); 5] = [
    (64.008, 0.0),
    (101.1936, 114.713_810_891_919_37),
    (117.348, 355.242_769_213_685_8),
    (133.1976, 836.300_685_857_218_6),
    (142.0368, 1_205.111_755_283_927),
];
/// The dead pool, hm³.
const LEAST_HM3: f64 = 111.0134;

const BASIN: &str = r#"[basin]
id = "folsom"
name = "Folsom"
time_zone = "UTC"

[horizon]
steps = [STEPS]
start = "FROM"

[[reservoir]]
id = "folsom"
name = "Folsom"
curve = [
CURVE]
minimum_storage_hm3 = LEAST
maximum_storage_hm3 = 1202.6448
initial_storage_hm3 = START
end = { storage_hm3 = 377.41, hard = true }
RESERVOIR

  [[reservoir.outlet]]
  id = "gate"
  to = "river"
  GATE

# Inflow less evaporation, both as recorded.
[[inflow]]
id = "american"
into = "folsom"
flow_m3s = { file = "inflow.csv", column = "net" }

[[junction]]
id = "river"

[[demand]]
id = "users"
name = "users"
from = "river"
demand_m3s = { file = "demand.csv", column = "demand" }
shares = { irrigation = 1.0 }
DEMAND

[[reach]]
id = "below"
from = "river"
to = "sea"

[[sink]]
id = "sea"

[[objective]]
id = "shortage"
kind = "shortage"

LINE
[method]
kind = "lexicographic"
stages = [STAGES]
"#;

const LINE: &str = r#"[[objective]]
id = "line"
kind = "rule_curve_deviation"
zone = "conservation"
"#;

/// m³/s of a TAF a day.
const TAF: f64 = 14.27641;

/// Mean of the squared shortage, (TAF a day)², as it is published: without 29 February, and with a demand by the number of the day in
/// the water year, 365 of them, so that in a leap year that of the next day counts from March on.
pub fn squared_shortage(days: &[&Day], outflow_m3s: &[f64]) -> f64 {
    let leap = |day: &&Day| day.date.ends_with("-02-29");
    let year: Vec<f64> = days.iter().filter(|day| !leap(day)).take(365).map(|day| day.demand_m3s).collect();
    let (mut number, mut sum, mut count) = (0, 0.0, 0.0);
    for (day, outflow) in days.iter().zip(outflow_m3s) {
        number = if day.date.ends_with("-10-01") { 0 } else { number + 1 };
        if !leap(day) {
            let demand = year[number.min(year.len() - 1)];
            sum += ((demand - outflow).max(0.0) / TAF).powi(2);
            count += 1.0;
        }
    }
    sum / count
}
