//! Folsom Reservoir as a basin, made of a record that lies outside this repository: nothing of it is kept here.
//!
//! What is recorded stands: storage at the start, inflow less evaporation, demand, and what was released. Demand takes what is released;
//! the rest goes on to the sea. Without a flood pool the bounds are those of the record's hindsight program.

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

/// The flood pool of a record's folder, as the basin's flood limits by date.
pub fn flood_pool(data: &Path) -> Result<String, Box<dyn Error>> {
    let text = fs::read_to_string(data.join("folsom_climatology.csv"))?;
    let rows = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    let mut limits = "flood_limit = [\n".to_owned();
    for row in rows {
        let cells: Vec<&str> = row.split(',').collect();
        writeln!(limits, "    {{ from = \"{0}\", to = \"{0}\", storage_hm3 = {1} }},", cells[0], cells[2])?;
    }
    Ok(limits + "]")
}

/// Writes the basin of a record into a folder, from a day on, with further keys of the reservoir and of the demand.
pub fn write(days: &[Day], from: &str, (reservoir, demand_keys): (&str, &str), out: &Path) -> Result<(), Box<dyn Error>> {
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
    fs::write(out.join("demand.csv"), demand)?;
    fs::write(out.join("observed.csv"), observed)?;
    let start = days[eve].storage_hm3;
    let keys =
        [("STEPS", STEPS), ("FROM", from), ("START", &start.to_string()), ("RESERVOIR", reservoir), ("DEMAND", demand_keys)];
    let basin = keys.into_iter().fold(BASIN.to_owned(), |basin, (word, value)| basin.replace(word, value));
    fs::write(out.join("basin.toml"), basin)?;
    Ok(())
}

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
    { level_m = 64.008, storage_hm3 = 0 },
    { level_m = 101.1936, storage_hm3 = 114.71381089191937 },
    { level_m = 117.348, storage_hm3 = 355.2427692136858 },
    { level_m = 133.1976, storage_hm3 = 836.3006858572186 },
    { level_m = 142.0368, storage_hm3 = 1205.111755283927 },
]
minimum_storage_hm3 = 111.0134
maximum_storage_hm3 = 1202.6448
initial_storage_hm3 = START
end = { storage_hm3 = 377.41, hard = true }
RESERVOIR

  [[reservoir.outlet]]
  id = "gate"
  to = "river"
  capacity_m3s = 3256.4

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

[method]
kind = "lexicographic"
stages = ["shortage"]
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
