//! Folsom Reservoir from its record in a folder DATA, for `weir backtest` (docs/backtest.md):
//! `cargo run --release --example folsom -- make DATA FOLDER` makes the basin, with its flood pool, and a shortage that is the dearer the deeper it is;
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
            let pool = basin::flood_pool(Path::new(data))?;
            basin::write(&days, "1995-10-01", (&pool, basin::HEDGED), Path::new(file))
        }
        "score" => score(&days, Path::new(file)),
        other => Err(format!("`{other}`: neither make nor score").into()),
    }
}

/// Prints mean shortage and mean squared shortage of each policy.
fn score(days: &[basin::Day], file: &Path) -> Result<(), Box<dyn Error>> {
    let found: serde_json::Value = serde_json::from_slice(&std::fs::read(file)?)?;
    let (from, to) = (found["from"].as_str().unwrap_or_default(), found["to"].as_str().unwrap_or_default());
    let days: Vec<&basin::Day> = days.iter().filter(|day| (from..=to).contains(&&*day.date)).collect();
    println!("{:<12} {:>12} {:>16} {:>12} {:>12}", "policy", "m3/s", "(TAF/d)2", "end hm3", "least hm3");
    for policy in found["policies"].as_array().into_iter().flatten() {
        let lines = policy["series"].as_array();
        let outflow = lines.into_iter().flatten().find(|line| line["quantity"] == "outflow" && line["address"] == "folsom");
        let values = outflow.and_then(|line| line["values"].as_array()).into_iter().flatten();
        let values: Vec<f64> = values.filter_map(serde_json::Value::as_f64).collect();
        let (all, store) = (&policy["indices"]["uses"][0], &policy["indices"]["stores"][0]);
        let number = |value: &serde_json::Value| value.as_f64().unwrap_or(f64::NAN);
        println!(
            "{:<12} {:>12.4} {:>16.5} {:>12.1} {:>12.1}",
            policy["id"].as_str().unwrap_or_default(),
            number(&all["mean_shortage_m3s"]),
            basin::squared_shortage(&days, &values),
            number(&store["end_hm3"]),
            number(&store["least_hm3"])
        );
    }
    Ok(())
}
