//! Writes a bare matrix as `weir solve --dump` writes a program, its columns and rows named by family, reservoir and day:
//! `cargo run --release -p weir-benches --example bare -- cascade|rich RESERVOIRS DAYS FILE.mps [INFLOW [RIVER]]`, INFLOW
//! multiplying all of it, or that of a river (from 1) for ten days, as the what-ifs of `measure` do.

use jiff::ToSpan as _;
use weir_benches::rich::Shape;
use weir_benches::{Meaning, cascade, rich};
use weir_solver::mps::{Names, named};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [family, count, days, file, inflow @ ..] = &args[..] else {
        panic!("cascade|rich RESERVOIRS DAYS FILE.mps [INFLOW [RIVER]]")
    };
    let (count, days) = (count.parse().expect("reservoirs"), days.parse().expect("days"));
    let inflow: Vec<f64> = inflow.iter().map(|word| word.parse().expect("a factor, a river")).collect();
    let factor = inflow.first().copied().unwrap_or(1.0);
    let mut cascade = cascade::generate(count, days);
    if let Some(&river) = inflow.get(1) {
        let first = 99.min(days / 3);
        (first..first + 10).for_each(|day| cascade.inflow[day * count + river as usize - 1] *= factor);
    } else {
        cascade.inflow.iter_mut().for_each(|flow| *flow *= factor);
    }
    let is_rich = family == "rich";
    let instance = if is_rich { rich::program(&cascade, family) } else { cascade::program(&cascade, family) };
    let [columns, rows] = if is_rich {
        rich::meanings(count, days, Shape::WHOLE, instance.program.rows())
    } else {
        cascade::meanings(count, days)
    };
    let families: [&[&str]; 2] = if is_rich { [&rich::COLUMNS, &rich::ROWS] } else { [&cascade::COLUMNS, &cascade::ROWS] };
    let date = |day: usize| jiff::civil::date(2025, 1, 1).saturating_add((day as i64).days()).to_string();
    let column =
        |of: &Meaning| format!("r{}.{}[{}]", of.place + 1, families[0][of.family], of.day.map_or_else(String::new, date));
    let row = |of: &Meaning| match of.day {
        Some(day) => format!("{}[r{},{}]", families[1][of.family], of.place + 1, date(day)),
        None => format!("{}[{}]", families[1][of.family], of.place + 1),
    };
    let names = Names {
        stages: (1..=instance.stages.len()).map(|number| format!("stage{number}")).collect(),
        rows: rows.iter().map(row).collect(),
        columns: columns.iter().map(column).collect(),
    };
    std::fs::write(file, named(&instance.program, &instance.stages, &names)).expect("a file");
}
