//! Writes a cascade of N reservoirs over T days as a basin folder: a case that any size can be asked of.
//!
//! `main.rs` beside it is the command: `cargo run --release --example cascade -- N T FOLDER`.
//!
//! No random numbers: integers, + − × ÷ on doubles, rounded to three decimals. Groups of ten reservoirs form rivers; the
//! tail of each group flows into the tail of the next. Each reservoir has turbines, a spillway, a town (60 % of its supply
//! returns below the dam) and an industry (30 % returns), and a control section below the dam.
//! Three goals, lexicographic, in node-days of full shortage: domestic > ecological > production.
//! Units: storage hm³, flow m³/s, step 1 day. Index i = 1…N, k = (i − 1) mod 10 + 1, day t = 1…T from 1 January 2026.

use std::fmt::Write as _;
use std::path::Path;

use jiff::civil::Date;

/// The first day.
pub(super) const FIRST: Date = jiff::civil::date(2026, 1, 1);

/// A reservoir of the cascade.
pub(super) struct Reservoir {
    pub(super) id: usize,
    /// The next one down the river, if there is one.
    pub(super) down: Option<usize>,
    pub(super) full_hm3: f64,
    pub(super) turbines_m3s: f64,
    mean_inflow_m3s: f64,
    mean_domestic_m3s: f64,
    mean_production_m3s: f64,
    ecological_m3s: f64,
}

/// Triangle wave 0…1 of period `period`, 0 at 0 and 1 at half of it.
fn triangle(x: usize, period: usize) -> f64 {
    let within = x % period;
    1.0 - (2.0 * within as f64 / period as f64 - 1.0).abs()
}

/// Rounded to three decimals, as its text says it.
pub(super) fn rounded(x: f64) -> f64 {
    format!("{x:.3}").parse().unwrap_or(x)
}

pub(super) fn reservoirs(n: usize) -> Vec<Reservoir> {
    let mut all: Vec<Reservoir> = (1..=n)
        .map(|i| {
            let k = (i - 1) % 10 + 1;
            let down = if i % 10 == 0 { i + 10 } else { i + 1 };
            Reservoir {
                id: i,
                down: (down <= n).then_some(down),
                full_hm3: 24.0 + (i * 13 % 7) as f64 * 12.0,
                turbines_m3s: 50.0 + 8.0 * k as f64,
                mean_inflow_m3s: if k == 1 { 24.0 } else { 3.0 + (7 * i % 11) as f64 },
                mean_domestic_m3s: 4.0 + (i * 5 % 7) as f64,
                mean_production_m3s: 6.0 + (i * 3 % 8) as f64 * 2.0,
                ecological_m3s: 0.0,
            }
        })
        .collect();
    // Mean natural inflow gathered down to each dam: the ids rise down the river, and from group to group.
    let mut gathered: Vec<f64> = all.iter().map(|reservoir| reservoir.mean_inflow_m3s).collect();
    for i in 0..n {
        if let Some(down) = all[i].down {
            gathered[down - 1] += gathered[i];
        }
        all[i].ecological_m3s = rounded(0.2 * gathered[i].min(120.0));
    }
    all
}

/// Inflow, domestic demand, production demand and ecological target of a reservoir on day `t`, m³/s.
pub(super) fn day(reservoir: &Reservoir, t: usize) -> [f64; 4] {
    let season = triangle(t + 265, 365);
    let pulse = ((t * 37 + reservoir.id * 53) % 29) as f64 / 28.0;
    let low_season = if (90..270).contains(&((t - 1) % 365)) { 1.0 } else { 0.6 };
    [
        reservoir.mean_inflow_m3s * (0.13 + 1.6 * (season * season)) * (0.3 + 1.2 * pulse),
        reservoir.mean_domestic_m3s * (0.9 + 0.2 * triangle(t, 365)),
        reservoir.mean_production_m3s * (0.3 + 1.4 * triangle(t + 30, 365)),
        reservoir.ecological_m3s * low_season,
    ]
}

/// The basin file and the series file of a cascade.
pub fn cascade(n: usize, days: usize) -> (String, String) {
    let all = reservoirs(n);
    (basin(&all, days), series(&all, days))
}

pub(super) fn series(all: &[Reservoir], days: usize) -> String {
    let mut text = String::from("# synthetic 合成, by examples/cascade/generate.rs; m3/s\ndate");
    for reservoir in all {
        let i = reservoir.id;
        let _ = write!(text, ",q{i},dom{i},prod{i},eco{i}");
    }
    text.push('\n');
    let dates = FIRST.series(jiff::ToSpan::days(1));
    for (t, date) in (1..=days).zip(dates) {
        let _ = write!(text, "{date}");
        for value in all.iter().flat_map(|reservoir| day(reservoir, t)) {
            let _ = write!(text, ",{value:.3}");
        }
        text.push('\n');
    }
    text
}

/// How a basin file begins, of an id, a name and the file that writes it.
pub(super) fn heading([id, name, file]: [&str; 3], n: usize, days: usize) -> String {
    format!(
        r#"# A {} of {n} reservoirs over {days} days, by examples/cascade/{file}: synthetic 合成.

[basin]
id = "{id}-{n}x{days}"
name = "{name} {n} × {days}"

[horizon]
steps = ["{days} x 1 d"]
start = "{FIRST}"

[[sink]]
id = "sea"
"#,
        name.to_lowercase()
    )
}

/// The inflow of a reservoir.
pub(super) fn inflow(i: usize) -> String {
    format!(
        r#"
[[inflow]]
id = "inflow{i}"
into = "r{i}"
flow_m3s = {{ file = "series.csv", column = "q{i}" }}
"#
    )
}

/// The control section below a dam.
pub(super) fn section(i: usize) -> String {
    format!(
        r#"
[[control_section]]
id = "section{i}"
kind = "section"
on = "r{i}.outflow"
target_m3s = {{ file = "series.csv", column = "eco{i}" }}
"#
    )
}

fn basin(all: &[Reservoir], days: usize) -> String {
    let n = all.len();
    let mut text = heading(["cascade", "Cascade", "generate.rs"], n, days);
    for reservoir in all {
        let i = reservoir.id;
        let to = reservoir.down.map_or_else(|| "sea".to_owned(), |down| format!("r{down}"));
        let returns = |fraction: f64| {
            reservoir
                .down
                .map_or_else(String::new, |down| format!("return_flow = {{ to = \"r{down}\", fraction = {fraction} }}\n"))
        };
        let (full, turbines) = (reservoir.full_hm3, reservoir.turbines_m3s);
        let (least, start, end) = (rounded(0.1 * full), rounded(0.5 * full), rounded(0.4 * full));
        let _ = write!(
            text,
            r#"
[[reservoir]]
id = "r{i}"
curve = [{{ level_m = 0, storage_hm3 = 0 }}, {{ level_m = 100, storage_hm3 = {full} }}]
minimum_storage_hm3 = {least}
initial_storage_hm3 = {start}
end = {{ storage_hm3 = {end}, hard = true }}
  [[reservoir.outlet]]
  id = "turbines"
  to = "{to}"
  kind = "turbine"
  capacity_m3s = {turbines}
  [[reservoir.outlet]]
  id = "spillway"
  to = "{to}"
  kind = "spillway"
  capacity_m3s = 5000
{}
[[waterworks]]
id = "town{i}"
from = "r{i}"
demand_m3s = {{ file = "series.csv", column = "dom{i}" }}
shares = {{ residents = 1 }}
{}
[[waterworks]]
id = "works{i}"
from = "r{i}"
demand_m3s = {{ file = "series.csv", column = "prod{i}" }}
shares = {{ industry = 1 }}
{}{}"#,
            inflow(i),
            returns(0.6),
            returns(0.3),
            section(i),
        );
    }
    text.push_str(
        r#"
[[objective]]
id = "domestic"
kind = "shortage"
uses = ["domestic"]
relative = true

[[objective]]
id = "ecological"
kind = "ecological_shortfall"
relative = true

[[objective]]
id = "production"
kind = "shortage"
uses = ["production"]
relative = true

[method]
kind = "lexicographic"
stages = ["domestic", "ecological", "production"]
"#,
    );
    text
}

/// Writes a cascade into a folder.
///
/// # Errors
/// What the file system says.
pub fn write(n: usize, days: usize, folder: &Path) -> std::io::Result<()> {
    write_files(&cascade(n, days), folder)
}

/// Writes a basin file and its series file into a folder.
///
/// # Errors
/// What the file system says.
pub(super) fn write_files((basin, series): &(String, String), folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("basin.toml"), basin)?;
    std::fs::write(folder.join("series.csv"), series)
}
