//! The rich cascade through weir's own formulation, from a basin on disk, beside the bare matrix of the same instance: sizes, all eight
//! values, the audit.
//!
//! The basin says the instance exactly. Its program has for each reservoir
//! - no row for a flood limit, which is the upper bound of a storage's lower part; its excess adds to the storage, and has columns
//!   on the days of the limit alone, where the bare matrix has one every day;
//! - a row more with one entry where turbines have a lag: their flow on the day before the first is known, so that the first day
//!   has a change too, though one that nothing limits;
//! - on days of the greatest demand of a few users, a row of capacity with two entries, where their tiers add up to more than the whole
//!   by rounding.

#![allow(clippy::unwrap_used, reason = "a test ends where it must")]
#![allow(clippy::unreadable_literal, reason = "values stand as their source prints them")]

use weir_benches::job;
use weir_benches::rich::instance;
use weir_model::case::Case;
use weir_model::goals::{Goals, Lexicographic, Method};
use weir_solver::engine::{Options, highs::Highs};
use weir_solver::formulation::formulated;
use weir_solver::layout::Open;
use weir_solver::methods::{self, Live, Order, certified::Certified};
use weir_solver::program::Program;

const METHODS: [Lexicographic; 2] = [Lexicographic::Faces, Lexicographic::Weights];

/// The basin's case and goals.
fn lowered(reservoirs: usize, days: usize) -> (Case, Goals) {
    let folder = job::rich(reservoirs, days).unwrap();
    let lowered = job::lowered(&job::read(&folder));
    std::fs::remove_dir_all(folder).unwrap();
    lowered
}

/// Values of the eight goals, each minimised, of the plan by weir's own way, which the audit passes.
fn values(case: &Case, goals: &Goals, method: Lexicographic) -> Vec<f64> {
    let goals = Goals { method: Method::Lexicographic(method), ..goals.clone() };
    let solved = job::solved(case, &goals);
    job::audited(case, &goals, &solved);
    assert_eq!(solved.plan.relaxations, []);
    let mut values: Vec<f64> = solved.plan.stages.iter().map(|stage| stage.value).collect();
    // Energy is made as much of as can be.
    *values.last_mut().unwrap() *= -1.0;
    values
}

fn assert_alike(found: &[f64], expected: &[f64]) {
    let close = |(found, expected): (&f64, &f64)| (found - expected).abs() <= 1e-5 * expected.abs().max(1.0);
    assert!(found.len() == expected.len() && found.iter().zip(expected).all(close), "{found:?} instead of {expected:?}");
}

/// Rows, columns, non-zeros.
fn size(program: &Program) -> [usize; 3] {
    [program.rows(), program.columns(), program.values.len()]
}

#[test]
fn the_formulation_is_leaner_than_the_bare_matrix() {
    let season = |day: &usize| (90..270).contains(&(day % 365));
    for (reservoirs, days) in [(3, 30), (10, 90), (10, 100), (10, 365), (12, 400), (50, 365)] {
        let (case, goals) = lowered(reservoirs, days);
        let own = formulated(&case, &goals, Open::Nothing).unwrap();
        let [rows, columns, entries] = size(&instance(reservoirs, days, 1.0).program);
        let limited = reservoirs * (0..days).filter(season).count();
        // An excess on the last day is in no balance after it.
        let last = if season(&(days - 1)) { reservoirs } else { 0 };
        // Dams at an even place whose water comes to another one.
        let late = (1..=reservoirs).filter(|i| i % 2 == 0 && if i % 10 == 0 { i + 10 } else { i + 1 } <= reservoirs).count();
        let rounded = own.row_keys.iter().filter(|row| row.family == "capacity").count();
        let expected =
            [rows - limited + late + rounded, columns - reservoirs * days + limited, entries - last + late + 2 * rounded];
        assert_eq!(size(&own.program), expected, "{reservoirs}x{days}");
        assert!(rounded <= 3 * reservoirs, "{rounded} rows");
    }
}

/// A flood limit in two years, two accounts of each kind.
#[test]
fn two_years_have_the_values_of_the_bare_matrix() {
    let (reservoirs, days) = (3, 500);
    let (case, goals) = lowered(reservoirs, days);
    let bare = instance(reservoirs, days, 1.0);
    let mut live = Live::open(&Highs, bare.program, &Options::default()).unwrap();
    let order = Order { goals: &bare.stages, ..Order::default() };
    let answer = methods::solve(&mut live, &Certified, &order).unwrap();
    let expected: Vec<f64> = bare.stages.iter().map(|stage| stage.expression.value(&answer.solution.primal)).collect();
    for method in METHODS {
        assert_alike(&values(&case, &goals, method), &expected);
    }
}

/// Values by another program, which `solver/tests/reference.rs` has of the bare matrix too.
fn assert_values(reservoirs: usize, days: usize, published: [f64; 8]) {
    let (case, goals) = lowered(reservoirs, days);
    for method in METHODS {
        assert_alike(&values(&case, &goals, method), &published);
    }
}

#[test]
fn a_month_of_three_reservoirs_has_the_published_values() {
    assert_values(3, 30, [0.0, 0.0, 0.0, 0.0, 0.0, 21.181374, 75.0, -0.389024]);
}

#[test]
fn a_year_of_ten_reservoirs_has_the_published_values() {
    assert_values(10, 365, [0.0, 2.914116, 111.487802, 0.0, 1967.339446, 938.183637, 3453.469627, -49.082886]);
}
