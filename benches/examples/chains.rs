//! What chains of links without storage cost: the cascade with so many plain junctions in each reach, no demand, bound or lag at any,
//! against the same without: `cargo run --release -p weir-benches --example chains -- RESERVOIRS DAYS MOST_JUNCTIONS [RUNS]`.
//!
//! Processor seconds, medians of the runs (5 unless given): the goals from nothing by certified weights and by faces, the same with
//! the closing chain, the next morning hot, and two what-ifs on a live session (the mean of asking and going back).

use std::path::Path;

use weir_benches::{clock, job};
use weir_model::goals::{Goals, Lexicographic, Method};
use weir_solver::formulation::formulated;
use weir_solver::layout::Open;
use weir_solver::session::Session;
use weir_solver::solve::SolveOptions;

/// Puts junctions into the reach below each reservoir of a cascade's file.
fn with_junctions(folder: &Path, junctions: usize) -> std::io::Result<()> {
    let file = folder.join("basin.toml");
    let text = std::fs::read_to_string(&file)?;
    let (mut out, mut reaches, mut reservoir) = (String::new(), String::new(), String::new());
    for line in text.lines() {
        if let Some(id) = line.strip_prefix("id = \"r").and_then(|rest| rest.strip_suffix('"')) {
            reservoir = format!("r{id}");
        }
        match line.strip_prefix("  to = \"").and_then(|rest| rest.strip_suffix('"')) {
            Some(to) if junctions > 0 => {
                out += &format!("  to = \"{reservoir}-1\"\n");
                if !reaches.contains(&format!("id = \"{reservoir}-1\"")) {
                    for number in 1..=junctions {
                        let next = if number < junctions { format!("{reservoir}-{}", number + 1) } else { to.to_owned() };
                        reaches += &format!(
                            "\n[[junction]]\nid = \"{reservoir}-{number}\"\n\n[[reach]]\nid = \"reach-{reservoir}-{number}\"\nfrom = \"{reservoir}-{number}\"\nto = \"{next}\"\n"
                        );
                    }
                }
            }
            _ => {
                out += line;
                out.push('\n');
            }
        }
    }
    std::fs::write(file, out + &reaches)
}

fn main() {
    let args: Vec<usize> = std::env::args().skip(1).map(|a| a.parse().expect("a number")).collect();
    let [reservoirs, days, most] = args[..3] else { panic!("RESERVOIRS DAYS MOST_JUNCTIONS [RUNS]") };
    let runs = args.get(3).copied().unwrap_or(5);
    for junctions in 0..=most {
        let folder = job::cascade(reservoirs, days).expect("a cascade on disk");
        with_junctions(&folder, junctions).expect("a basin on disk");
        let (case, goals) = job::lowered(&job::read(&folder));
        let program = formulated(&case, &goals, Open::Nothing).expect("a program").program;
        println!("{junctions} junctions a reach: {} rows, {} columns", program.rows(), program.columns());
        let faces = Goals { closing: false, method: Method::Lexicographic(Lexicographic::Faces), ..goals.clone() };
        let open = Goals { method: Method::Lexicographic(Lexicographic::Weights), ..faces.clone() };
        let closed = Goals { closing: true, ..open.clone() };
        let today = job::solved(&case, &open);
        let start = today.end.as_ref().expect("a basis").bytes().to_vec();
        let tomorrow = job::tomorrow(&case, &today);
        let median = |name: &str, work: &mut dyn FnMut(), times: usize| {
            let mut seconds: Vec<f64> = (0..runs)
                .map(|_| {
                    let before = clock::cpu_seconds().unwrap_or(f64::NAN);
                    work();
                    (clock::cpu_seconds().unwrap_or(f64::NAN) - before) / times as f64
                })
                .collect();
            seconds.sort_by(f64::total_cmp);
            println!("  {name:<36} {:>8.3} s", seconds[runs / 2]);
        };
        median("goals by weights, from nothing", &mut || drop(job::solved(&case, &open)), 1);
        median("goals by faces, from nothing", &mut || drop(job::solved(&case, &faces)), 1);
        median("goals by weights, closing chain", &mut || drop(job::solved(&case, &closed)), 1);
        median("next morning, hot", &mut || drop(job::solved_from(&tomorrow, &open, &start)), 1);
        for (name, share, whole) in
            [("what-if, one inflow x 0.8, 10 d", 0.8, false), ("what-if, all inflow x 0.9", 0.9, true)]
        {
            let mut session = Session::open(&open, &SolveOptions::default()).expect("an engine");
            let other = job::with_inflow(&case, share, whole);
            session.solve(&case).expect("an answer");
            let ask = &mut || {
                for asked in std::iter::repeat_n([&other, &case], 3).flatten() {
                    drop(session.solve(asked).expect("an answer"));
                }
            };
            median(name, ask, 6);
        }
        // A folder that cannot be removed is the temporary files' own business.
        let _ = std::fs::remove_dir_all(folder);
    }
}
