//! Time and memory by horizon and by number of reservoirs, of the cascade or of the rich one: each way and size is asked of a process of its
//! own, since a process tells only the most memory that it ever held. `scripts/scaling` asks for all of them and draws them.
//!
//! - `cargo run --release -p weir-benches --example scaling -- [rich] WAY RESERVOIRS DAYS` prints a row `way,reservoirs,days,seconds,megabytes`.
//!   WAY: `reference` (the bare matrix, by optimal faces, the better of interior point with crossover and simplex, which is given up when it
//!   takes longer), `goals` (from the basin's file, the goals alone), `plan` (with the closing chain, audit, document and all files),
//!   `session` (a live session asked for the goals, then for all inflow × 0.9, and back).
//! - `-- draw ROWS.csv PICTURE.svg` draws such rows, those of equal size as their median, and prints exponents of growth and memory
//!   beside the reference's.

mod draw;

use std::path::PathBuf;
use std::process::Command;

use weir_benches::{Instance, cascade, clock, job, reference, rich};
use weir_model::goals::{Goals, Lexicographic, Method};
use weir_solver::engine::Algorithm;
use weir_solver::session::Session;
use weir_solver::solve::SolveOptions;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (is_rich, args) = match args.split_first() {
        Some((word, rest)) if word == "rich" => (true, rest),
        _ => (false, &args[..]),
    };
    if let [word, rows, picture] = args
        && word == "draw"
    {
        let rows = draw::medians(&std::fs::read_to_string(rows).expect("rows"));
        std::fs::write(picture, draw::picture(&rows)).expect("a picture on disk");
        print!("{}", draw::told(&rows));
        return;
    }
    let [way, reservoirs, days, limit @ ..] = args else {
        panic!("[rich] WAY RESERVOIRS DAYS, or draw ROWS.csv PICTURE.svg")
    };
    let family = Family { is_rich, reservoirs: reservoirs.parse().expect("reservoirs"), days: days.parse().expect("days") };
    let row = match way.as_str() {
        "reference" => family.reference(),
        _ => family.asked(way, limit.first().map_or(f64::INFINITY, |limit| limit.parse().expect("seconds"))),
    };
    let Some((seconds, megabytes)) = row else { return };
    println!("{way},{reservoirs},{days},{seconds:.2},{megabytes:.1}");
}

/// One size of one of the two cascades.
struct Family {
    is_rich: bool,
    reservoirs: usize,
    days: usize,
}

impl Family {
    fn instance(&self) -> Instance {
        if self.is_rich {
            return rich::instance(self.reservoirs, self.days, 1.0);
        }
        cascade::instance(self.reservoirs, self.days)
    }

    fn folder(&self) -> PathBuf {
        let write = if self.is_rich { job::rich } else { job::cascade };
        write(self.reservoirs, self.days).expect("a cascade on disk")
    }

    /// Seconds and megabytes of the better of interior point and simplex, each in a process of its own.
    fn reference(&self) -> Option<(f64, f64)> {
        let interior = self.row("interior", f64::INFINITY)?;
        let simplex = self.row("simplex", interior.0);
        Some(simplex.filter(|simplex| simplex.0 < interior.0).unwrap_or(interior))
    }

    /// A row that another process of this program tells of this size; none where it was not done within so many seconds.
    fn row(&self, way: &str, limit_s: f64) -> Option<(f64, f64)> {
        let mut asked = Command::new(std::env::current_exe().expect("this program"));
        asked.args(self.is_rich.then_some("rich")).args([way, &self.reservoirs.to_string(), &self.days.to_string()]);
        let output = asked.arg(limit_s.to_string()).output().expect("a process of its own");
        let told = String::from_utf8(output.stdout).expect("a row");
        assert!(output.status.success(), "{way}: {}", String::from_utf8_lossy(&output.stderr));
        let mut numbers = told.trim().split(',').skip(3).map(|cell| cell.parse().expect("a number"));
        Some((numbers.next()?, numbers.next()?))
    }

    /// Seconds and megabytes of one way in this process.
    fn asked(&self, way: &str, limit_s: f64) -> Option<(f64, f64)> {
        let algorithm = match way {
            "interior" => Some(Algorithm::InteriorPoint),
            "simplex" => Some(Algorithm::Automatic),
            _ => None,
        };
        let seconds = if let Some(algorithm) = algorithm {
            let instance = self.instance();
            let mut is_done = false;
            let within = || is_done = reference::faces_within(&instance, algorithm, limit_s).expect("solved").is_some();
            Some(spent(within)).filter(|_| is_done)?
        } else {
            self.weir(way)
        };
        Some((seconds, clock::peak_memory_mb().unwrap_or(f64::NAN)))
    }

    /// Processor seconds of a way of weir.
    fn weir(&self, way: &str) -> f64 {
        let folder = self.folder();
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
}

fn spent(work: impl FnOnce()) -> f64 {
    let before = clock::cpu_seconds().unwrap_or(f64::NAN);
    work();
    clock::cpu_seconds().unwrap_or(f64::NAN) - before
}
