//! Days of supply of the cascade under five inflows, from the basin on disk: fifty reservoirs, a hundred deliveries, a year of days; as today
//! alone, and with it at each of four saving levels, which are 25 runs.
//!
//! `cargo bench -p weir-benches --bench days`; one pass with `-- --test`, on three reservoirs. Its inflows have records of forty years by month, made
//! by the formula below.

use std::fmt::Write as _;
use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use weir_benches::job;
use weir_scenarios::days::{Asked, days};

fn with_records(folder: &Path, reservoirs: usize) {
    let season = [0.3, 0.4, 0.7, 1.0, 1.5, 2.2, 1.6, 1.4, 1.1, 0.6, 0.4, 0.3];
    let mut text = String::from("# synthetic 合成, by benches/days.rs; m3/s\ndate");
    for i in 1..=reservoirs {
        let _ = write!(text, ",q{i}");
    }
    for at in 0..480 {
        let (year, month) = (at / 12, at % 12);
        let _ = write!(text, "\n{}-{:02}-01", 1986 + year, month + 1);
        for i in 1..=reservoirs {
            let wet = 0.5 + (year * 37 % 29) as f64 / 28.0 + (at * 11 + i * 53) as f64 % 13.0 / 26.0;
            let _ = write!(text, ",{:.2}", (3.0 + (7 * i % 11) as f64) * season[month] * wet);
        }
    }
    std::fs::write(folder.join("record.csv"), text + "\n").expect("a record on disk");
    let file = folder.join("basin.toml");
    let mut basin = std::fs::read_to_string(&file).expect("a basin on disk");
    for i in 1..=reservoirs {
        let flow = format!("column = \"q{i}\" }}\n");
        basin = basin.replace(&flow, &format!("{flow}record = {{ file = \"record.csv\", column = \"q{i}\" }}\n"));
    }
    std::fs::write(file, basin).expect("a basin on disk");
}

/// A curtailment of industry for each drought response, deeper from one to the next.
fn with_savings(folder: &Path) {
    let file = folder.join("basin.toml");
    let mut basin = std::fs::read_to_string(&file).expect("a basin on disk");
    for (response, depth) in [("Ⅳ", 0.05), ("Ⅲ", 0.1), ("Ⅱ", 0.2), ("Ⅰ", 0.4)] {
        let _ = write!(
            basin,
            "\n[[curtailment]]\nid = \"industry_{response}\"\nclasses = [\"industry\"]\ndepth = {depth}\nresponse = \"{response}\"\nlead_h = 24\n\
             clause = \"made up\"\n"
        );
    }
    std::fs::write(file, basin).expect("a basin on disk");
}

fn of_supply(criterion: &mut Criterion) {
    let passing = std::env::args().any(|argument| argument == "--test");
    let reservoirs = if passing { 3 } else { 50 };
    let folder = job::cascade(reservoirs, 365).expect("a cascade on disk");
    with_records(&folder, reservoirs);
    let asked = Asked { start: None, days: 365 };
    let told = |levels: usize| {
        let told = days(&folder, &asked).expect("a basin without faults");
        assert!(told.inflows.iter().all(|inflow| inflow.refused.is_empty()), "{:?}", told.inflows);
        assert_eq!(told.rows.iter().filter(|row| row.id == "r1").count(), levels);
    };
    let mut group = criterion.benchmark_group(format!("days-{reservoirs}x365"));
    group.sample_size(10);
    told(1);
    group.bench_function("five inflows", |bencher| bencher.iter(|| days(&folder, &asked)));
    with_savings(&folder);
    told(5);
    group.bench_function("five inflows, five levels of saving", |bencher| bencher.iter(|| days(&folder, &asked)));
    group.finish();
    // A folder that cannot be removed is the temporary files' own business.
    let _ = std::fs::remove_dir_all(folder);
}

criterion_group!(benches, of_supply);
criterion_main!(benches);
