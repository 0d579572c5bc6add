//! Another engine gives the same outcomes and optimal values as HiGHS, on small random programs.

#![allow(clippy::unwrap_used, reason = "a test ends where it must")]

mod common;

use common::{FREE, stage};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use weir_solver::engine::{Algorithm, Engine, Limit, Options, Outcome, highs::Highs, portable::Portable};
use weir_solver::methods::{self, Live, MethodError, Order, certified::Certified, faces::Faces};
use weir_solver::program::{Program, Stage};

/// Bounds from a few whole numbers: finite, half open, fixed; `free` allows none at all.
fn bounds(free: bool) -> impl Strategy<Value = (f64, f64)> {
    (-3..=3_i32, 0..=4_i32, 0..10_u8).prop_map(move |(lower, width, kind)| {
        let (lower, width) = (f64::from(lower), f64::from(width));
        match kind {
            0 => (lower, FREE),
            1 => (-FREE, lower),
            2 if free => (-FREE, FREE),
            _ => (lower, lower + width),
        }
    })
}

fn programs(finite: bool) -> impl Strategy<Value = Program> {
    (1..6_usize, 0..5_usize).prop_flat_map(move |(columns, rows)| {
        let column = if finite {
            (-3..=3_i32, 0..=4_i32).prop_map(|(lower, width)| (f64::from(lower), f64::from(lower + width))).boxed()
        } else {
            bounds(true).boxed()
        };
        let row = (bounds(true), prop::collection::vec(-3..=3_i32, columns));
        (prop::collection::vec(column, columns), prop::collection::vec(row, rows)).prop_map(|(columns, rows)| {
            let rows: Vec<_> = rows
                .into_iter()
                .map(|(bounds, values)| (bounds, values.into_iter().map(f64::from).collect::<Vec<_>>()))
                .collect();
            let rows: Vec<_> = rows.iter().map(|(bounds, values)| (bounds.0, bounds.1, values.as_slice())).collect();
            common::program(&columns, &rows, &[])
        })
    })
}

fn costs(columns: usize) -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec((-3..=3_i32).prop_map(f64::from), columns)
}

fn with_costs(finite: bool, stages: usize) -> impl Strategy<Value = (Program, Vec<Vec<f64>>)> {
    programs(finite).prop_flat_map(move |program| {
        let columns = program.columns();
        (Just(program), prop::collection::vec(costs(columns), stages))
    })
}

/// microlp now and then cycles, or breaks down: it is not waited for, and has no opinion then.
fn options() -> Options {
    Options { time_limit_s: Some(1.0), ..Options::default() }
}

/// Whether an outcome is no opinion.
fn silent(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Stopped { limit: Limit::Time } | Outcome::Failed { .. })
}

fn solve(engine: &dyn Engine, program: &Program, costs: &[f64]) -> (Outcome, Option<f64>) {
    let mut session = engine.open(program, &options()).unwrap();
    session.set_costs(costs).unwrap();
    let run = session.solve(Algorithm::Automatic).unwrap();
    let value = session.solution().ok().map(|solution| solution.objective);
    (run.outcome, value)
}

fn values(
    engine: &dyn Engine,
    program: &Program,
    stages: &[Stage],
    method: &dyn methods::Method,
) -> Result<Vec<f64>, MethodError> {
    let mut live = Live::open(engine, program.clone(), &options()).unwrap();
    let answer = methods::solve(&mut live, method, &Order { goals: stages, ..Order::default() })?;
    Ok(stages.iter().map(|stage| stage.expression.value(&answer.solution.primal)).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, rng_seed: RngSeed::Fixed(3), ..ProptestConfig::default() })]

    #[test]
    fn outcomes_and_optimal_values_agree((program, costs) in with_costs(false, 1)) {
        let (outcome, value) = solve(&Highs, &program, &costs[0]);
        let (other, second) = solve(&Portable, &program, &costs[0]);
        prop_assume!(!silent(&other));
        prop_assert_eq!(outcome, other);
        if let (Some(value), Some(second)) = (value, second) {
            prop_assert!((value - second).abs() <= 1e-6 * value.abs().max(1.0), "{value} against {second}");
        }
    }

    #[test]
    fn whole_numbers_agree((mut program, costs) in with_costs(true, 1)) {
        program.integers = (0..program.columns()).collect();
        let (outcome, value) = solve(&Highs, &program, &costs[0]);
        let (other, second) = solve(&Portable, &program, &costs[0]);
        prop_assume!(!silent(&other));
        prop_assert_eq!(outcome, other);
        if let (Some(value), Some(second)) = (value, second) {
            prop_assert!((value - second).abs() <= 1e-6, "{value} against {second}");
        }
    }

    #[test]
    fn faces_weights_and_rows_reach_the_same_vector((program, costs) in with_costs(true, 3)) {
        let stages: Vec<Stage> = costs.iter().map(|costs| stage(costs)).collect();
        let faces = values(&Highs, &program, &stages, &Faces);
        let weights = values(&Highs, &program, &stages, &Certified);
        let rows = values(&Portable, &program, &stages, &Faces);
        match (&faces, &weights, &rows) {
            (Ok(faces), Ok(weights), Ok(rows)) => {
                for ((face, weight), row) in faces.iter().zip(weights).zip(rows) {
                    prop_assert!((face - weight).abs() <= 1e-6, "faces {face}, weights {weight}");
                    prop_assert!((face - row).abs() <= 1e-5, "faces {face}, rows {row}");
                }
            }
            (_, _, Err(MethodError::Unsolved { outcome, .. })) if silent(outcome) => {
                return Err(TestCaseError::reject("no second opinion"));
            }
(Err(faces), Err(weights), Err(rows)) => {
                prop_assert_eq!(faces, weights);
                prop_assert_eq!(faces, rows);
            }
            other => prop_assert!(false, "{:?}", other),
        }
    }
}
