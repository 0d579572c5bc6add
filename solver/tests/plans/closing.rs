//! The closing chain makes one plan of the many optimal ones.

use weir_model::goals::{Lexicographic, Method};
use weir_model::network::Role;
use weir_model::plan::Decisions;
use weir_solver::engine::{Algorithm, Engine, Options, Outcome};
use weir_solver::program::Program;
use weir_solver::solve::SolveOptions;

use crate::build::Build;
use crate::cascade::cascade;
use crate::check::{close, solved};
use crate::liar::{Liar, Lies};

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

/// Two towns that want 6 m³/s each of a river of 9, and an engine that gives up on whatever has more columns than the goals ask for.
#[test]
fn a_chain_that_the_engine_cannot_solve_is_left_out_with_a_note() {
    let mut build = Build::new("3 x 1 d");
    let river = build.junction("river");
    build.inflow("spring", river, 9.0);
    let sea = build.sink("sea");
    build.arc("mouth", river, sea, Role::Reach, 1e3);
    build.demand("east", river, 6.0);
    build.demand("west", river, 6.0);
    build.stage("short", "shortage");
    let goals_alone = solved(&build, &SolveOptions::default()).plan;
    build.goals.closing = true;
    let whole = solved(&build, &SolveOptions::default()).plan;
    assert!(!whole.closing.is_empty() && whole.notes.is_empty(), "{:?}", whole.notes);
    let columns = goals_alone.engine.size.1;
    let gives_up = move |program: &Program, _: &Options| Lies {
        outcome: (program.columns() > columns).then(|| Outcome::Failed { why: "gave up".to_owned() }),
        ..Lies::default()
    };
    let engine: &'static dyn Engine = Box::leak(Box::new(Liar(gives_up)));
    let left = solved(&build, &SolveOptions { engine: Some(engine), ..SolveOptions::default() }).plan;
    assert_eq!(left.notes, ["the closing chain found no plan and was left out"]);
    assert!(left.closing.is_empty());
    close(left.stages[0].value, 3.0 * 3.0 * 0.0864);
    assert_eq!(left.decisions, goals_alone.decisions);
}
