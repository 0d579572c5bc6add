//! What a step of the method `rules` takes: `cargo run --release -p weir-benches --example rules`.
//!
//! Chains of ten reservoirs, each with a town and a farm (two requests a reservoir) and a section below it; a step is a day. Median of five
//! runs, processor time.

use weir_benches::clock;
use weir_model::basin::Basin;
use weir_model::lower::lower;
use weir_solver::rules::Simulator;

const DAYS: usize = 365;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::temp_dir().join(format!("weir-rules-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    for count in [1, 10, 50] {
        std::fs::write(folder.join("basin.toml"), basin(count))?;
        let read = Basin::read(&folder)?;
        let (case, goals) = lower(&read, None)?;
        let simulator = Simulator::new(&case, &goals);
        let mut times: Vec<f64> = (0..5)
            .map(|_| {
                let run = || assert!(simulator.run().storage_hm3.iter().all(|stored| stored.is_finite()));
                clock::spent(run) * 1e6 / DAYS as f64
            })
            .collect();
        times.sort_by(f64::total_cmp);
        println!("{count} reservoirs, {} demands: {:.1} µs a step", 2 * count, times[2]);
    }
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

/// A basin whose dry half-year is not covered.
fn basin(count: usize) -> String {
    let mut file = format!(
        "[basin]\nid = \"chain\"\n[horizon]\nsteps = [\"{DAYS} x 1 d\"]\nstart = \"2026-01-01\"\n[[sink]]\nid = \"sea\"\n"
    );
    for i in 1..=count {
        let below = if i % 10 == 0 || i == count { "sea".to_owned() } else { format!("r{}", i + 1) };
        let full = 24 + (i * 13 % 7) * 12;
        let inflow = if i % 10 == 1 { 24.0 } else { 3.0 + (7 * i % 11) as f64 };
        let season = [0.3, 0.3, 0.4, 0.8, 1.2, 2.0, 1.6, 1.2, 0.8, 0.5, 0.3, 0.3].map(|part| part * inflow);
        file += &format!(
            "[[reservoir]]\nid = \"r{i}\"\ncurve = [{{ level_m = 100, storage_hm3 = 0 }}, {{ level_m = 150, storage_hm3 = {full} }}]\n\
             initial_storage_hm3 = {half}\n\
             [[reservoir.outlet]]\nid = \"gate\"\nto = \"{below}\"\ncapacity_m3s = 120\n\
             [[reservoir.outlet]]\nid = \"spillway\"\nto = \"{below}\"\nkind = \"spillway\"\ncapacity_m3s = 9000\n\
             [[inflow]]\nid = \"q{i}\"\ninto = \"r{i}\"\nflow_m3s = {{ profile = \"month\", values = {season:?} }}\n\
             [[waterworks]]\nid = \"town{i}\"\nfrom = \"r{i}\"\ndemand_m3s = {town}\nshares = {{ residents = 1.0 }}\n\
             [[irrigation]]\nid = \"farm{i}\"\nfrom = \"r{i}\"\ndemand_m3s = {farm}\n\
             [[control_section]]\nid = \"s{i}\"\nkind = \"section\"\non = \"r{i}.outflow\"\ntarget_m3s = {target}\n",
            half = full / 2,
            town = 4 + i * 5 % 7,
            farm = 6 + (i * 3 % 8) * 2,
            target = 0.2 * inflow,
        );
    }
    file + "[[objective]]\nid = \"domestic\"\nkind = \"shortage\"\nuses = [\"domestic\"]\n\
            [[objective]]\nid = \"ecology\"\nkind = \"ecological_shortfall\"\n\
            [[objective]]\nid = \"production\"\nkind = \"shortage\"\nuses = [\"production\"]\n\
            [method]\nkind = \"rules\"\nstages = [\"domestic\", \"ecology\", \"production\"]\n"
}
