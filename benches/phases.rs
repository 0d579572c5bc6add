//! The phases of the main job, each alone, by size: read, lower, formulate (with the matrix, whose instructions `scripts/instructions`
//! counts apart), assemble (the program given to the engine), solve, refresh (the engine's program made that of all inflow × 0.9 or back),
//! what-if (the same, answered on a live session), next morning hot, audit, certificate, document, write.
//!
//! Where the time goes at 10x365 (docs/performance.md, The main job): goals 0.26 of the reference, closing chain 0.5, document and files
//! 0.13, all else 0.03. Tried and lost: a coarser program or interior point for the chain, devex pricing and windows in time for the goals.
//!
//! `cargo bench --bench phases`; one pass of each with `-- --test`, on the smallest cascade, plain and rich, and the Feiyun example.

use std::path::{Path, PathBuf};

use criterion::{Criterion, criterion_group, criterion_main};
use weir_benches::job;
use weir_model::case::Case;
use weir_solver::engine::{Options, highs::Highs};
use weir_solver::formulation::formulated;
use weir_solver::layout::Open;
use weir_solver::methods::Live;
use weir_solver::session::Session;
use weir_solver::solve::SolveOptions;

fn phases(criterion: &mut Criterion) {
    let passing = std::env::args().any(|argument| argument == "--test");
    let sizes: &[(bool, usize, usize)] = if passing {
        &[(false, 3, 30), (true, 3, 30)]
    } else {
        &[(false, 10, 90), (false, 10, 365), (false, 50, 365), (true, 10, 365)]
    };
    let cascades: Vec<(String, PathBuf)> = sizes
        .iter()
        .map(|&(is_rich, reservoirs, days)| {
            let (family, folder) =
                if is_rich { ("rich", job::rich(reservoirs, days)) } else { ("cascade", job::cascade(reservoirs, days)) };
            (format!("{family}-{reservoirs}x{days}"), folder.expect("a cascade on disk"))
        })
        .collect();
    let feiyun = ("feiyun".to_owned(), Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/feiyun"));
    for (name, folder) in cascades.iter().chain([&feiyun]) {
        let basin = job::read(folder);
        let (case, goals) = job::lowered(&basin);
        let solved = job::solved(&case, &goals);
        let audit = job::audited(&case, &goals, &solved);
        let mut group = criterion.benchmark_group(name);
        group.sample_size(10);
        group.bench_function("read", |bencher| bencher.iter(|| job::read(folder)));
        group.bench_function("lower", |bencher| bencher.iter(|| job::lowered(&basin)));
        group.bench_function("formulate", |bencher| {
            bencher.iter(|| formulated(&case, &goals, Open::Nothing).expect("a program").program.columns());
        });
        let program = |case: &Case| formulated(case, &goals, Open::Nothing).expect("a program").program;
        let drier = job::with_inflow(&case, 0.9, true);
        let [mut now, mut other] = [program(&case), program(&drier)];
        let open = || Live::open(&Highs, now.clone(), &Options::default()).expect("an engine");
        group.bench_function("assemble", |bencher| bencher.iter(open));
        let mut live = open();
        group.bench_function("refresh", |bencher| {
            bencher.iter(|| {
                std::mem::swap(&mut now, &mut other);
                live.refresh(&now).expect("the engine's leave").expect("a program of the same form")
            });
        });
        group.bench_function("solve", |bencher| bencher.iter(|| job::solved(&case, &goals)));
        let mut session = Session::open(&goals, &SolveOptions::default()).expect("an engine");
        session.solve(&case).expect("an answer");
        let [mut now, mut other] = [&case, &drier];
        group.bench_function("what-if", |bencher| {
            bencher.iter(|| {
                std::mem::swap(&mut now, &mut other);
                session.solve(now).expect("an answer")
            });
        });
        let start = solved.end.as_ref().expect("a basis").bytes().to_vec();
        let tomorrow = job::tomorrow(&case, &solved);
        group.bench_function("next morning, hot", |bencher| {
            bencher.iter(|| job::solved_from(&tomorrow, &goals, &start));
        });
        group.bench_function("audit", |bencher| bencher.iter(|| job::audited(&case, &goals, &solved)));
        let answered = job::answered(&case, &goals);
        group.bench_function("certificate", |bencher| bencher.iter(|| job::certified(&case, &goals, &answered, &solved)));
        let document = job::document(&case, &goals, &solved.plan, &audit);
        group.bench_function("document", |bencher| bencher.iter(|| job::document(&case, &goals, &solved.plan, &audit)));
        group.bench_function("write", |bencher| bencher.iter(|| job::written(&document)));
        group.finish();
    }
    for (_, folder) in cascades {
        // A folder that cannot be removed is the temporary files' own business.
        let _ = std::fs::remove_dir_all(folder);
    }
}

criterion_group!(benches, phases);
criterion_main!(benches);
