//! Time and memory by horizon and by number of reservoirs, of the cascade: each way and size is asked of a process of its own, since
//! a process tells only the most memory that it ever held. `scripts/scaling` asks for all of them and draws them.
//!
//! - `cargo run --release -p weir-benches --example scaling -- WAY RESERVOIRS DAYS` prints a row `way,reservoirs,days,seconds,megabytes`.
//!   WAY: `reference` (the bare matrix, by optimal faces), `goals` (from the basin's file, the goals alone), `plan` (with the closing
//!   chain, audit, document and all files), `session` (a live session asked for the goals, then for all inflow × 0.9, and back).
//! - `-- draw ROWS.csv PICTURE.svg` draws such rows, those of equal size as their median, and prints exponents of growth and memory
//!   beside the reference's.

mod draw;

use weir_benches::{cascade, clock, job, reference};
use weir_model::goals::{Goals, Lexicographic, Method};
use weir_solver::engine::Algorithm;
use weir_solver::session::Session;
use weir_solver::solve::SolveOptions;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [way, second, third] = &args[..] else { panic!("WAY RESERVOIRS DAYS, or draw ROWS.csv PICTURE.svg") };
    if way == "draw" {
        let rows = std::fs::read_to_string(second).expect("rows");
        let rows = draw::medians(&rows);
        std::fs::write(third, draw::picture(&rows)).expect("a picture on disk");
        print!("{}", draw::told(&rows));
        return;
    }
    let (reservoirs, days) = (second.parse().expect("reservoirs"), third.parse().expect("days"));
    let seconds = asked(way, reservoirs, days);
    println!("{way},{reservoirs},{days},{seconds:.2},{:.1}", clock::peak_memory_mb().unwrap_or(f64::NAN));
}

/// Processor seconds of one way.
fn asked(way: &str, reservoirs: usize, days: usize) -> f64 {
    if way == "reference" {
        let instance = cascade::instance(reservoirs, days);
        return spent(|| drop(reference::faces(&instance, Algorithm::Automatic).expect("solved")));
    }
    let folder = job::cascade(reservoirs, days).expect("a cascade on disk");
    let seconds = spent(|| {
        let (case, goals) = job::lowered(&job::read(&folder));
        let alone = Goals { closing: false, method: Method::Lexicographic(Lexicographic::Weights), ..goals.clone() };
        match way {
            "goals" => drop(job::solved(&case, &alone)),
            "plan" => {
                let solved = job::solved(&case, &goals);
                let audit = job::audited(&case, &goals, &solved);
                let document = job::document(&case, &goals, &solved.plan, &audit);
                weir_report::files(&document, None).for_each(drop);
            }
            "session" => {
                let mut session = Session::open(&alone, &SolveOptions::default()).expect("an engine");
                for asked in [&case, &job::with_inflow(&case, 0.9, true), &case] {
                    drop(session.solve(asked).expect("an answer"));
                }
            }
            other => panic!("no way `{other}`"),
        }
    });
    // A folder that cannot be removed is the temporary files' own business.
    let _ = std::fs::remove_dir_all(folder);
    seconds
}

fn spent(work: impl FnOnce()) -> f64 {
    let before = clock::cpu_seconds().unwrap_or(f64::NAN);
    work();
    clock::cpu_seconds().unwrap_or(f64::NAN) - before
}
