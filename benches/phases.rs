//! The phases of the main job, each alone, by size: read, lower, formulate (with assembly, whose instructions `scripts/instructions`
//! counts apart), solve, next morning hot, audit, certificate, document, write.
//!
//! `cargo bench --bench phases`; one pass of each with `-- --test`, on the smallest cascade and the Feiyun example.

use std::path::{Path, PathBuf};

use criterion::{Criterion, criterion_group, criterion_main};
use weir_benches::job;
use weir_solver::formulation::formulated;
use weir_solver::layout::Open;

fn phases(criterion: &mut Criterion) {
    let passing = std::env::args().any(|argument| argument == "--test");
    let sizes: &[(usize, usize)] = if passing { &[(3, 30)] } else { &[(10, 90), (10, 365), (50, 365)] };
    let cascades: Vec<(String, PathBuf)> = sizes
        .iter()
        .map(|&(reservoirs, days)| {
            (format!("cascade-{reservoirs}x{days}"), job::cascade(reservoirs, days).expect("a cascade on disk"))
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
        group.bench_function("solve", |bencher| bencher.iter(|| job::solved(&case, &goals)));
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
