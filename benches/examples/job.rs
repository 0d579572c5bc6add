//! Processor seconds of the main job by phase, against the reference in the same run:
//! `cargo run --release -p weir-benches --example job -- [rich] RESERVOIRS DAYS [RUNS]`. Medians of the runs (5 unless given), as ratios
//! to the reference on the bare matrix and to the reference on weir's own program: a program that is fatter must not hide behind it.
//! The reference is the better of interior point with crossover, which comes first, and simplex, which is given up when it takes longer.
//! So are optimal faces after the time of interior point on the bare matrix: on rich 50x365 simplex takes ten minutes a solve.
//! Standard error has each figure as it comes.
//!
//! Goals are timed with the closing chain off; the chain is what a solve with it takes beyond that. What is solved hot is the next
//! morning (a day later, where the plan left the storages; and with a forecast that is 5 % more or less from day to day) from the bytes
//! of `plan.basis`, and what-ifs on a live session: the first
//! asking, and the mean of asking them and of going back to the case, the first included; each beside the reference on its own program.

use weir_benches::{Instance, cascade, clock, job, reference, rich};
use weir_model::case::Case;
use weir_model::goals::{Goals, Lexicographic, Method};
use weir_solver::engine::{Algorithm, EngineError};
use weir_solver::formulation::{Formulation, formulated};
use weir_solver::layout::Open;
use weir_solver::program::Program;
use weir_solver::session::Session;
use weir_solver::solve::SolveOptions;

/// What-ifs: a share of one reservoir's inflow for ten days, or of all inflow; names of all askings, of the first, and of its reference.
const WHAT_IFS: [([&str; 3], f64, bool); 4] = [
    (["what-if, one inflow x 0.8, 10 d", "the first asking of it", "reference of that program"], 0.8, false),
    (["what-if, all inflow x 0.9", "the first asking of x 0.9", "reference of x 0.9"], 0.9, true),
    (["what-if, all inflow x 1.1", "the first asking of x 1.1", "reference of x 1.1"], 1.1, true),
    (["what-if, all inflow x 1.3", "the first asking of x 1.3", "reference of x 1.3"], 1.3, true),
];

/// The reference on the bare matrix, and on weir's own program: by interior point with crossover, by simplex.
const BARE: [&str; 2] = ["reference, interior point", "reference, simplex"];
const OWN: [&str; 2] = ["on own program, interior point", "on own program, simplex"];

/// How often a what-if is asked and taken back.
const THERE_AND_BACK: usize = 5;

fn main() {
    let mut args = std::env::args().skip(1).peekable();
    let is_rich = args.next_if(|word| word == "rich").is_some();
    let args: Vec<usize> = args.map(|a| a.parse().expect("a number")).collect();
    let [reservoirs, days] = args[..2] else { panic!("[rich] RESERVOIRS DAYS [RUNS]") };
    let runs = args.get(2).copied().unwrap_or(5);
    let (folder, instance) = if is_rich {
        (job::rich(reservoirs, days), rich::instance(reservoirs, days, 1.0))
    } else {
        (job::cascade(reservoirs, days), cascade::instance(reservoirs, days))
    };
    let folder = folder.expect("a cascade on disk");
    let mut table = Table::default();
    let size = |program: &Program| {
        format!("{} rows, {} columns, {} non-zeros", program.rows(), program.columns(), program.values.len())
    };
    let (mut own_size, mut unverified) = (String::new(), Vec::new());
    for run in 1..=runs {
        let basin = table.timed("read", || job::read(&folder));
        let (case, goals) = table.timed("lower", || job::lowered(&basin));
        let own = table.timed("formulate", || instance_of(&instance.name, &case, &goals));
        own_size = size(&own.program);
        let [(limit_s, _), (_, better)] = [(BARE, &instance), (OWN, &own)].map(|([interior, simplex], instance)| {
            let by_interior_s = table.tried(interior, || reference::faces(instance, Algorithm::InteriorPoint).map(Some));
            let within = || reference::faces_within(instance, Algorithm::Automatic, by_interior_s);
            let by_simplex_s = table.tried(simplex, within);
            let better = if by_simplex_s < by_interior_s { Algorithm::Automatic } else { Algorithm::InteriorPoint };
            (by_interior_s, better)
        });
        let by = |method, closing| Goals { closing, method: Method::Lexicographic(method), ..goals.clone() };
        let by_faces = |closing| Ok(job::solved_within(&case, &by(Lexicographic::Faces, closing), limit_s));
        let [open, closed] = [false, true].map(|closing| by(Lexicographic::Weights, closing));
        table.tried("goals by faces", || by_faces(false));
        table.timed("goals by weights", || job::solved(&case, &open));
        let today = table.timed("goals by weights, closing chain", || job::solved(&case, &closed));
        let start = today.end.as_ref().expect("a basis").bytes().to_vec();
        let tomorrow = job::tomorrow(&case, &today);
        table.timed("next morning, from nothing", || job::solved(&tomorrow, &open));
        table.timed("next morning, hot", || job::solved_from(&tomorrow, &open, &start));
        let revised = job::forecast_anew(&tomorrow);
        table.timed("next morning, hot, forecast anew", || job::solved_from(&revised, &open, &start));
        table.timed("next morning, hot, closing chain", || job::solved_from(&tomorrow, &closed, &start));
        table.tried("goals by faces, closing chain", || by_faces(true));
        let answered = job::answered(&case, &closed);
        table.timed("certificate", || job::certified(&case, &closed, &answered, &today));
        let audit = table.timed("audit", || job::audited(&case, &closed, &today));
        let document = table.timed("document", || job::document(&case, &closed, &today.plan, &audit));
        let faults = table.timed("verify", || weir_solver::verify::verify(&document, &case, &closed));
        unverified.extend(faults);
        table.timed("document as JSON", || document.to_json());
        table.timed("series as CSV", || (document.csv_long(), document.csv_wide()));
        table.timed("page", || weir_report::html(&document));
        for ([name, first, its_reference], share, whole) in WHAT_IFS {
            let mut session = Session::open(&open, &SolveOptions::default()).expect("an engine");
            let other = job::with_inflow(&case, share, whole);
            session.solve(&case).expect("an answer");
            let once = clock::spent(|| drop(session.solve(&other).expect("an answer")));
            let again = clock::spent(|| {
                for asked in std::iter::repeat_n([&case, &other], THERE_AND_BACK).flatten().take(2 * THERE_AND_BACK - 1) {
                    drop(session.solve(asked).expect("an answer"));
                }
            });
            table.add(name, (once + again) / (2 * THERE_AND_BACK) as f64);
            table.add(first, once);
            let own = instance_of(&instance.name, &other, &open);
            table.add(its_reference, clock::spent(|| drop(reference::faces(&own, better).expect("solved"))));
        }
        eprintln!("run {run} of {runs}");
    }
    println!("{}: {own_size}", instance.name);
    println!("reference matrix: {}", size(&instance.program));
    table.tell();
    println!("most memory at once {:.0} MB", clock::peak_memory_mb().unwrap_or(f64::NAN));
    // A folder that cannot be removed is the temporary files' own business.
    let _ = std::fs::remove_dir_all(folder);
    // Told behind the figures, which are the same whatever a plan proves.
    assert_eq!(unverified, Vec::<String>::new());
}

/// Weir's own program of a case.
fn instance_of(name: &str, case: &Case, goals: &Goals) -> Instance {
    let Formulation { program, stages, .. } = formulated(case, goals, Open::Nothing).expect("a program");
    Instance { name: name.to_owned(), program, stages }
}

/// Seconds of each phase, a figure a run; what was given up is endless.
#[derive(Default)]
struct Table(Vec<(&'static str, Vec<f64>)>);

impl Table {
    fn add(&mut self, name: &'static str, seconds: f64) {
        eprintln!("{name}: {seconds:.3} s");
        match self.0.iter_mut().find(|(n, _)| *n == name) {
            Some((_, all)) => all.push(seconds),
            None => self.0.push((name, vec![seconds])),
        }
    }

    /// Processor seconds of what may be given up: endless where it is.
    fn tried<T>(&mut self, name: &'static str, work: impl FnOnce() -> Result<Option<T>, EngineError>) -> f64 {
        let mut is_done = false;
        let seconds = clock::spent(|| is_done = work().expect("solved").is_some());
        let seconds = if is_done { seconds } else { f64::INFINITY };
        self.add(name, seconds);
        seconds
    }

    fn timed<T>(&mut self, name: &'static str, work: impl FnOnce() -> T) -> T {
        let mut found = None;
        self.add(name, clock::spent(|| found = Some(work())));
        found.expect("it ran")
    }

    /// Prints the median of each phase, as ratios to both references too.
    fn tell(&mut self) {
        self.0.iter_mut().for_each(|(_, seconds)| seconds.sort_by(f64::total_cmp));
        let median =
            |name: &str| self.0.iter().find(|(n, _)| *n == name).map_or(f64::NAN, |(_, sorted)| sorted[sorted.len() / 2]);
        let [bare, own] = [BARE, OWN].map(|names| names.map(median).into_iter().fold(f64::INFINITY, f64::min));
        for (name, _) in &self.0 {
            let median = median(name);
            if median.is_infinite() {
                println!("{name:<36} not done in the time of the reference by interior point");
                continue;
            }
            println!(
                "{name:<36} {median:>8.3} s  {:>6.3} x reference  {:>6.3} x on own program",
                median / bare,
                median / own
            );
        }
        for ([name, first, its_reference], ..) in WHAT_IFS {
            let of_own = [name, first].map(|name| median(name) / median(its_reference));
            println!("{name}: {:.3} x its own reference, the first asking {:.3} x", of_own[0], of_own[1]);
        }
        let proof = median("audit") + median("certificate");
        for solve in ["goals by weights", "goals by weights, closing chain"] {
            println!("audit and certificate: {:.2} % of {solve}", 100.0 * proof / median(solve));
        }
    }
}
