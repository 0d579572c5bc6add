//! The closing chain makes one plan of the many optimal ones.

use weir_model::goals::{Lexicographic, Method};
use weir_model::plan::Decisions;
use weir_solver::engine::{Algorithm, Options};
use weir_solver::solve::SolveOptions;

use crate::build::Build;
use crate::cascade::cascade;
use crate::check::{close, solved};

fn options(algorithm: Algorithm, seed: i32) -> SolveOptions {
    SolveOptions { engine_options: Options { algorithm, seed, ..Options::default() }, ..SolveOptions::default() }
}

/// Largest difference of volumes between two plans, hm³.
pub fn difference(build: &Build, a: &Decisions, b: &Decisions) -> f64 {
    let volume = build.case.hm3_per_m3s(0);
    let flows = a.flow_m3s.iter().zip(&b.flow_m3s).chain(a.supply_m3s.iter().zip(&b.supply_m3s));
    let flows = flows.map(|(a, b)| (a - b).abs() * volume).fold(0.0, f64::max);
    a.storage_hm3.iter().zip(&b.storage_hm3).map(|(a, b)| (a - b).abs()).fold(flows, f64::max)
}

fn plan(build: &Build, options: &SolveOptions) -> Decisions {
    solved(build, options).plan.decisions
}

fn one_plan(reservoirs: usize, days: usize) {
    let mut build = cascade(reservoirs, days);
    build.goals.closing = true;
    let simplex = options(Algorithm::Automatic, 0);
    assert_eq!(solved(&build, &simplex).plan, solved(&build, &simplex).plan, "the same run twice");
    for other in [options(Algorithm::Automatic, 7919), options(Algorithm::InteriorPoint, 0)] {
        let difference = difference(&build, &plan(&build, &simplex), &plan(&build, &other));
        assert!(difference < 1e-6, "{:?}: {difference}", other.engine_options);
    }
}

#[test]
fn ten_reservoirs_thirty_days() {
    one_plan(10, 30);
}

#[test]
fn ten_reservoirs_a_year() {
    one_plan(10, 365);
}

/// The example basin as it lies on disk, from both of its dated starts.
#[test]
fn feiyun_has_one_plan_too() {
    for start in [None, Some(jiff::civil::date(2026, 6, 11))] {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/feiyun");
        let basin = weir_model::basin::Basin::read(&folder).unwrap();
        let Ok((case, goals)) = weir_model::lower::lower(&basin, start) else { panic!("{start:?}") };
        let build = Build { case, goals };
        let simplex = options(Algorithm::Automatic, 0);
        assert_eq!(solved(&build, &simplex).plan, solved(&build, &simplex).plan, "the same run twice");
        for other in [options(Algorithm::Automatic, 7919), options(Algorithm::InteriorPoint, 0)] {
            let difference = difference(&build, &plan(&build, &simplex), &plan(&build, &other));
            assert!(difference < 1e-6, "{:?}: {difference}", other.engine_options);
        }
        let by_faces = solved(&build, &simplex).plan.stages;
        let mut build = build;
        build.goals.method = Method::Lexicographic(Lexicographic::Weights);
        for (faces, weights) in by_faces.iter().zip(&solved(&build, &simplex).plan.stages) {
            close(weights.value, faces.value);
        }
    }
}
