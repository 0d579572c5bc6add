//! That a program has no point: rays that prove it and rays that do not, and engines that say so falsely.

#![allow(clippy::unwrap_used, reason = "a test ends where it must")]

mod common;
#[path = "common/liar.rs"]
mod liar;

use common::{FREE, program};
use liar::{Liar, Lies};
use proptest::prelude::*;
use weir_model::audit::audit;
use weir_model::basin::Basin;
use weir_model::goals::Goals;
use weir_model::lower::lower;
use weir_solver::certificate::proves_infeasible;
use weir_solver::engine::{Algorithm, Engine, Options, Outcome, highs::Highs, portable::Portable};
use weir_solver::ladder::{Grounds, Verdict, ask, with_rows};
use weir_solver::program::{Expression, Program};
use weir_solver::solve::{SolveOptions, solve};

/// x + y ≥ 3 of two that are 1 at most; a chain of balances that owes 5 of 2; two rows that contradict each other.
fn hopeless() -> Vec<(&'static str, Program, Vec<f64>)> {
    let unit = (0.0, 1.0);
    vec![
        ("a sum beyond its parts", program(&[unit, unit], &[(3.0, FREE, &[1.0, 1.0])], &[]), vec![1.0]),
        (
            // s1 + q1 = 2, s2 + q2 − s1 = 0, q1 ≥ 1.5, q2 ≥ 3.5: in sum 5 of 2, and neither row lacks it alone.
            "a store that owes more than it has",
            program(
                &[(0.0, 9.0), (1.5, 9.0), (0.0, 9.0), (3.5, 9.0)],
                &[(2.0, 2.0, &[1.0, 1.0, 0.0, 0.0]), (0.0, 0.0, &[-1.0, 0.0, 1.0, 1.0])],
                &[],
            ),
            vec![1.0, 1.0],
        ),
        (
            "rows that contradict each other",
            program(&[(-9.0, 9.0), (-9.0, 9.0)], &[(4.0, FREE, &[2.0, 1.0]), (-FREE, 3.9, &[2.0, 1.0])], &[]),
            vec![1.0, -1.0],
        ),
        (
            // A part in 10¹²: far below the tolerance of any solver.
            "less than any solver sees",
            program(&[(0.3 + 1e-12, 1.0)], &[(-FREE, 0.3, &[1.0])], &[]),
            vec![-1.0],
        ),
    ]
}

#[test]
fn rays_known_by_hand_prove_what_they_should() {
    for (name, program, ray) in hopeless() {
        assert!(proves_infeasible(&program, &ray), "{name}");
        // Whichever way they point, and however long they are.
        let other: Vec<f64> = ray.iter().map(|y| -7.0 * y).collect();
        assert!(proves_infeasible(&program, &other), "{name}");
    }
}

#[test]
fn a_hostile_ray_is_no_proof() {
    let (_, owing, _) = hopeless().swap_remove(1);
    for ray in [
        vec![],
        vec![1.0],
        vec![0.0, 0.0],
        vec![1.0, -1.0],
        vec![f64::NAN, 1.0],
        vec![f64::INFINITY, 1.0],
        vec![1.0, 0.0],
        vec![1.0, 1.0, 1.0],
    ] {
        assert!(!proves_infeasible(&owing, &ray), "{ray:?}");
    }
    // The true ray of a program that is held to be one hm³ better off proves nothing of that.
    let eased = Program { row_lower: vec![5.0, 0.0], row_upper: vec![5.0, 0.0], ..owing };
    assert!(!proves_infeasible(&eased, &[1.0, 1.0]));
    // x ≥ 1 and x ≤ 0.5: a ray that is off by a hair says nothing of an x that may be very great, and nothing where it has no end.
    let great = |most| program(&[(0.0, most)], &[(1.0, FREE, &[1.0]), (-FREE, 0.5, &[1.0])], &[]);
    assert!(proves_infeasible(&great(1e6), &[1.0, -1.0]));
    assert!(!proves_infeasible(&great(1e6), &[1.0, -1.0 + 1e-6]));
    assert!(!proves_infeasible(&great(FREE), &[1.0, -1.0 + 1e-15]));
}

proptest! {
    /// A program with a point, whatever the ray.
    #[test]
    fn no_ray_proves_against_a_point(
        point in prop::collection::vec(-5.0_f64..5.0, 3),
        rows in prop::collection::vec((prop::collection::vec(-2.0_f64..2.0, 3), 0.0_f64..1.0), 1..5),
        ray in prop::collection::vec(-3.0_f64..3.0, 5),
    ) {
        let columns: Vec<(f64, f64)> = point.iter().map(|x| (x - 1.0, x + 1.0)).collect();
        let activity = |row: &[f64]| row.iter().zip(&point).map(|(a, x)| a * x).sum::<f64>();
        let given: Vec<common::Row<'_>> =
            rows.iter().map(|(row, slack)| (activity(row) - slack - 1e-9, activity(row) + 1e-9, &row[..])).collect();
        prop_assert!(!proves_infeasible(&program(&columns, &given, &[]), &ray[..given.len()]));
    }
}

#[test]
fn what_highs_calls_infeasible_is_proved_by_its_ray() {
    for (name, program, _) in hopeless().into_iter().take(3) {
        for options in [Options::default(), Options { presolve: false, scaling: false, ..Options::default() }] {
            let mut session = Highs.open(&program, &options).unwrap();
            assert_eq!(session.ray().unwrap(), None);
            assert_eq!(session.solve(Algorithm::Automatic).unwrap().outcome, Outcome::Infeasible, "{name}");
            let ray = session.ray().unwrap().unwrap_or_else(|| panic!("{name}: no ray"));
            assert!(proves_infeasible(&program, &ray), "{name}: {ray:?}");
        }
        assert_eq!(ask(&Highs, &program, &Options::default()).unwrap(), Verdict::Infeasible(Grounds::Ray), "{name}");
        // An engine without rays is asked in every way.
        assert_eq!(ask(&Portable, &program, &Options::default()).unwrap(), Verdict::Infeasible(Grounds::Word), "{name}");
    }
}

/// Calls whatever it is asked infeasible where that is so of its options, and tells a ray that is none.
fn pessimist(is_so: impl Fn(&Options) -> bool + Sync) -> impl Engine {
    Liar(move |_: &Program, options: &Options| Lies {
        outcome: is_so(options).then_some(Outcome::Infeasible),
        ray: true,
        ..Lies::default()
    })
}

fn way(engine: &dyn Engine, program: &Program) -> &'static str {
    match ask(engine, program, &Options::default()).unwrap() {
        Verdict::Open { way, .. } => way,
        Verdict::Infeasible(grounds) => grounds.sentence(),
    }
}

#[test]
fn an_engine_that_cries_infeasible_falsely_is_found_out() {
    let fine = program(&[(0.0, 10.0), (0.0, 10.0)], &[(4.0, FREE, &[1.0, 1.0])], &[]);
    assert_eq!(way(&pessimist(|options| options.presolve), &fine), "without presolve");
    assert_eq!(way(&pessimist(|options| options.scaling), &fine), "without presolve and scaling");
    let simplex = |options: &Options| options.algorithm != Algorithm::InteriorPoint;
    assert_eq!(way(&pessimist(simplex), &fine), "by interior point");
    // One that never relents is believed, but not as a proof: its ray is none.
    assert_eq!(way(&pessimist(|_| true), &fine), Grounds::Word.sentence());
    // Of whole numbers only the second word is sought: its linear program has a point.
    let halves = program(&[(0.2, 0.8)], &[(-FREE, 1.0, &[1.0])], &[0]);
    assert_eq!(way(&Highs, &halves), Grounds::Whole.sentence());
    let whole = Program { integers: vec![0], ..fine };
    assert_eq!(way(&pessimist(|options| options.presolve), &whole), "without presolve");
}

#[test]
fn rows_that_were_kept_belong_to_the_program_that_is_asked() {
    let fine = program(&[(0.0, 10.0), (0.0, 10.0)], &[(4.0, FREE, &[1.0, 1.0])], &[]);
    let row = |terms: Vec<(usize, f64)>, upper| (f64::NEG_INFINITY, upper, Expression { terms, constant: 0.0 });
    let kept = [row(vec![(0, 1.0)], 1.0), row(vec![(0, 1.0), (1, 2.0)], 5.0)];
    let whole = with_rows(&fine, &kept);
    let by_hand = program(
        &[(0.0, 10.0), (0.0, 10.0)],
        &[(4.0, FREE, &[1.0, 1.0]), (-FREE, 1.0, &[1.0, 0.0]), (-FREE, 5.0, &[1.0, 2.0])],
        &[],
    );
    assert_eq!(whole, by_hand);
    // x ≤ 1 and x + 2y ≤ 5 leave x + y ≤ 3 < 4.
    assert_eq!(ask(&Highs, &whole, &Options::default()).unwrap(), Verdict::Infeasible(Grounds::Ray));
}

#[test]
fn a_basin_that_is_called_infeasible_falsely_gets_its_plan_and_says_so() {
    let engine: &'static dyn Engine = Box::leak(Box::new(pessimist(|options: &Options| options.presolve)));
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases/two_towns_one_drought");
    let basin = Basin::read(&folder).unwrap();
    let (case, goals) = lower(&basin, None).unwrap();
    let honest = solve(&case, &goals, &SolveOptions::default()).unwrap().plan;
    let options = SolveOptions { engine: Some(engine), ..SolveOptions::default() };
    // The closing chain would ask with presolve again.
    let goals = Goals { closing: false, ..goals };
    let plan = solve(&case, &goals, &options).unwrap().plan;
    assert!(plan.relaxations.is_empty());
    for (stage, other) in plan.stages.iter().zip(&honest.stages) {
        assert!((stage.value - other.value).abs() < 1e-6, "{}: {} and {}", stage.objective, stage.value, other.value);
    }
    let note = "called infeasible at first, but not when asked again without presolve";
    assert!(plan.notes.iter().any(|told| told == note), "{:?}", plan.notes);
    let audited = audit(&case, &goals, &plan);
    assert!(audited.findings.is_empty(), "{:?}", audited.findings);
}
