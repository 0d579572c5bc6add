//! Processor seconds of the main job by phase, against the reference in the same run:
//! `cargo run --release -p weir-benches --example job -- [rich] RESERVOIRS DAYS [RUNS]`. Medians of the runs (5 unless given), as ratios
//! to the reference on the bare matrix and to the reference on weir's own program: a program that is fatter must not hide behind it.
//!
//! Goals are timed with the closing chain off; the chain is what a solve with it takes beyond that. What is solved hot is the next
//! morning (a day later, where the plan left the storages; and with a forecast that is 5 % more or less from day to day) from the bytes
//! of `plan.basis`, and what-ifs on a live session: the first
//! asking, and the mean of asking them and of going back to the case, the first included; each beside the reference on its own program.

use weir_benches::{Instance, cascade, clock, job, reference, rich};
use weir_model::case::Case;
use weir_model::goals::{Goals, Lexicographic, Method};
use weir_solver::engine::Algorithm;
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

/// The reference on the bare matrix, and on weir's own program: by simplex, by interior point with crossover.
const BARE: [&str; 2] = ["reference, simplex", "reference, interior point"];
const OWN: [&str; 2] = ["reference on own program, simplex", "the same, interior point"];

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
    let mut table: Vec<(&str, Vec<f64>)> = Vec::new();
    let size = |program: &Program| {
        format!("{} rows, {} columns, {} non-zeros", program.rows(), program.columns(), program.values.len())
    };
    let mut own_size = String::new();
    for _ in 0..runs {
        let mut phase = |name: &'static str, seconds: f64| match table.iter_mut().find(|(n, _)| *n == name) {
            Some((_, all)) => all.push(seconds),
            None => table.push((name, vec![seconds])),
        };
        let mut timed = |name: &'static str, work: &mut dyn FnMut()| {
            let before = clock::cpu_seconds().unwrap_or(f64::NAN);
            work();
            phase(name, clock::cpu_seconds().unwrap_or(f64::NAN) - before);
        };
        let mut basin = None;
        timed("read", &mut || basin = Some(job::read(&folder)));
        let basin = basin.expect("read");
        let mut lowered = None;
        timed("lower", &mut || lowered = Some(job::lowered(&basin)));
        let (case, goals) = lowered.expect("lowered");
        let mut own = None;
        timed("formulate", &mut || own = Some(instance_of(&instance.name, &case, &goals)));
        let own = own.expect("formulated");
        own_size = size(&own.program);
        for (names, instance) in [(BARE, &instance), (OWN, &own)] {
            for (name, algorithm) in names.into_iter().zip([Algorithm::Automatic, Algorithm::InteriorPoint]) {
                timed(name, &mut || drop(reference::faces(instance, algorithm).expect("solved")));
            }
        }
        let faces = Goals { method: Method::Lexicographic(Lexicographic::Faces), ..goals };
        let mut open = Goals { closing: false, ..faces.clone() };
        timed("goals by faces", &mut || drop(job::solved(&case, &open)));
        open.method = Method::Lexicographic(Lexicographic::Weights);
        timed("goals by weights", &mut || drop(job::solved(&case, &open)));
        let closed = Goals { closing: true, ..open.clone() };
        let mut today = None;
        timed("goals by weights, closing chain", &mut || today = Some(job::solved(&case, &closed)));
        let today = today.expect("solved");
        let start = today.end.as_ref().expect("a basis").bytes().to_vec();
        let tomorrow = job::tomorrow(&case, &today);
        timed("next morning, from nothing", &mut || drop(job::solved(&tomorrow, &open)));
        timed("next morning, hot", &mut || drop(job::solved_from(&tomorrow, &open, &start)));
        let revised = job::forecast_anew(&tomorrow);
        timed("next morning, hot, forecast anew", &mut || drop(job::solved_from(&revised, &open, &start)));
        timed("next morning, hot, closing chain", &mut || drop(job::solved_from(&tomorrow, &closed, &start)));
        let mut solved = None;
        timed("goals by faces, closing chain", &mut || solved = Some(job::solved(&case, &faces)));
        let solved = solved.expect("solved");
        let answered = job::answered(&case, &faces);
        // Too short for the clock of the others.
        let certificate = clock::spent(|| drop(job::certified(&case, &faces, &answered, &solved)));
        let mut audit = None;
        let auditing = clock::spent(|| audit = Some(job::audited(&case, &faces, &solved)));
        let audit = audit.expect("audited");
        let mut document = None;
        timed("document", &mut || document = Some(job::document(&case, &faces, &solved.plan, &audit)));
        let document = document.expect("made");
        timed("verify", &mut || assert_eq!(weir_solver::verify::verify(&document, &case, &faces), Vec::<String>::new()));
        timed("document as JSON", &mut || drop(document.to_json()));
        timed("series as CSV", &mut || drop((document.csv_long(), document.csv_wide())));
        timed("page", &mut || drop(weir_report::html(&document)));
        phase("certificate", certificate);
        phase("audit", auditing);
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
            phase(name, (once + again) / (2 * THERE_AND_BACK) as f64);
            phase(first, once);
            let own = instance_of(&instance.name, &other, &open);
            phase(its_reference, clock::spent(|| drop(reference::faces(&own, Algorithm::Automatic).expect("solved"))));
        }
    }
    println!("{}: {own_size}", instance.name);
    println!("reference matrix: {}", size(&instance.program));
    tell(&mut table);
    println!("most memory at once {:.0} MB", clock::peak_memory_mb().unwrap_or(f64::NAN));
    // A folder that cannot be removed is the temporary files' own business.
    let _ = std::fs::remove_dir_all(folder);
}

/// Weir's own program of a case.
fn instance_of(name: &str, case: &Case, goals: &Goals) -> Instance {
    let Formulation { program, stages, .. } = formulated(case, goals, Open::Nothing).expect("a program");
    Instance { name: name.to_owned(), program, stages }
}

/// Prints the median of each phase, as ratios to both references too.
fn tell(table: &mut [(&str, Vec<f64>)]) {
    for (_, seconds) in table.iter_mut() {
        seconds.sort_by(f64::total_cmp);
    }
    let median =
        |name: &str| table.iter().find(|(n, _)| *n == name).map_or(f64::NAN, |(_, sorted)| sorted[sorted.len() / 2]);
    let [bare, own] = [BARE, OWN].map(|names| names.map(median).into_iter().fold(f64::INFINITY, f64::min));
    for (name, _) in table.iter() {
        let median = median(name);
        println!("{name:<36} {median:>8.3} s  {:>6.3} x reference  {:>6.3} x on own program", median / bare, median / own);
    }
    for ([name, first, its_reference], ..) in WHAT_IFS {
        let of_own = [name, first].map(|name| median(name) / median(its_reference));
        println!("{name}: {:.3} x its own reference, the first asking {:.3} x", of_own[0], of_own[1]);
    }
    let proof = median("audit") + median("certificate");
    for solve in ["goals by faces", "goals by faces, closing chain"] {
        println!("audit and certificate: {:.2} % of {solve}", 100.0 * proof / median(solve));
    }
}
