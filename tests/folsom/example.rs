//! Folsom Reservoir from its record in a folder DATA, for `weir backtest` (docs/backtest.md):
//! `cargo run --release --example folsom -- make DATA FOLDER` makes the basin, with its flood pool and what its gates pass by the level, a
//! shortage that is the dearer the deeper it is, what was released (`observed.csv`), and what the published rule would have (`rule.csv`);
//! `… -- score DATA FOLDER/backtest.json` prints what each policy lacks, as the record's figures are given.

use std::error::Error;
use std::path::Path;

mod basin;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [word, data, file] = &arguments[..] else { return Err("arguments: make DATA FOLDER, or score DATA FILE".into()) };
    let days = basin::record(Path::new(data))?;
    match word.as_str() {
        "make" => {
            let flood = basin::Flood::read(Path::new(data))?;
            basin::write(&days, "1995-10-01", (Some(&flood), basin::HEDGED), Path::new(file))
        }
        "score" => score(&days, Path::new(file)),
        other => Err(format!("`{other}`: neither make nor score").into()),
    }
}

/// Prints of each policy: mean shortage and its mean square, days served, the longest spell, the least and the last storage, days above the
/// pool and the most above it, and days without a plan of their own: by the last plan, and by the rules.
fn score(days: &[basin::Day], file: &Path) -> Result<(), Box<dyn Error>> {
    let found: serde_json::Value = serde_json::from_slice(&std::fs::read(file)?)?;
    let (from, to) = (found["from"].as_str().unwrap_or_default(), found["to"].as_str().unwrap_or_default());
    let days: Vec<&basin::Day> = days.iter().filter(|day| (from..=to).contains(&&*day.date)).collect();
    println!(
        "{:<12} {:>9} {:>9} {:>8} {:>8} {:>9} {:>8} {:>9} {:>6} {:>6} {:>6}",
        "policy", "m3/s", "(TAF/d)2", "served", "longest", "least", "end", "above d", "most", "last", "rules"
    );
    for policy in found["policies"].as_array().into_iter().flatten() {
        let lines = policy["series"].as_array();
        let outflow = lines.into_iter().flatten().find(|line| line["quantity"] == "outflow" && line["address"] == "folsom");
        let values = outflow.and_then(|line| line["values"].as_array()).into_iter().flatten();
        let values: Vec<f64> = values.filter_map(serde_json::Value::as_f64).collect();
        let (all, store) = (&policy["indices"]["uses"][0], &policy["indices"]["stores"][0]);
        let number = |value: &serde_json::Value| value.as_f64().unwrap_or(f64::NAN);
        let instead = |word: &str| -> u64 {
            let failures = policy["failures"].as_array().into_iter().flatten().filter(|failure| failure["instead"] == word);
            failures.filter_map(|failure| failure["days"].as_u64()).sum()
        };
        println!(
            "{:<12} {:>9.4} {:>9.5} {:>7.1}% {:>8} {:>9.1} {:>8.1} {:>9} {:>6.0} {:>6} {:>6}",
            policy["id"].as_str().unwrap_or_default(),
            number(&all["mean_shortage_m3s"]),
            basin::squared_shortage(&days, &values),
            100.0 * number(&all["time_reliability"]),
            all["longest_days"],
            number(&store["least_hm3"]),
            number(&store["end_hm3"]),
            store["days_above_limit"],
            number(&store["most_above_limit_hm3"]),
            instead("last_plan"),
            instead("rules")
        );
    }
    Ok(())
}
