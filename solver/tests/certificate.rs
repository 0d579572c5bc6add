//! Bounds and certificates on small programs: known answers, and duals that mean harm.

#![allow(clippy::unwrap_used, reason = "a test ends where it must")]

mod common;

use common::{FREE, program, stage};
use proptest::prelude::*;
use weir_solver::certificate::{Kept, safe_bound};
use weir_solver::engine::{Options, highs::Highs};
use weir_solver::methods::{self, Live, Method, Order, certified::Certified, faces::Faces};
use weir_solver::program::{Expression, Program, Stage};

/// x, y in 0…10 with x + y ≥ 4 and 3x + y ≥ 6.
fn corner() -> Program {
    program(&[(0.0, 10.0), (0.0, 10.0)], &[(4.0, FREE, &[1.0, 1.0]), (6.0, FREE, &[3.0, 1.0])], &[])
}

#[test]
fn the_dual_of_the_optimum_proves_it() {
    // Least 2x + y is 5, at (1, 3): ½ of each row's dual, y = (½, ½): ½ · 4 + ½ · 6 = 5.
    let objective = stage(&[2.0, 1.0]).expression;
    let bound = safe_bound(&corner(), &objective, &[], &[0.5, 0.5]).unwrap();
    assert!(bound <= 5.0 && 5.0 - bound < 1e-14, "{bound}");
    // Half of it proves half: what is left of the costs is least at 0.
    let half = safe_bound(&corner(), &objective, &[], &[0.25, 0.25]).unwrap();
    assert!(half <= 2.5 && 2.5 - half < 1e-14, "{half}");
}

#[test]
fn what_is_kept_bounds_what_comes_after() {
    // Of all with x + y ≤ 4, the least y is where 3x + y ≥ 6 allows the most x: y ≥ 4 − x, x ≤ 4: (4, 0). Alone y could be 0 too,
    // so take −x: at most 4 when x + y ≤ 4, at most 10 without.
    let (first, second) = (stage(&[1.0, 1.0]).expression, stage(&[-1.0, 0.0]).expression);
    let kept = [Kept { expression: &first, at: 4.0, rate: 1.0 }];
    assert_eq!(safe_bound(&corner(), &second, &kept, &[0.0, 0.0]).unwrap().round(), -4.0);
    assert_eq!(safe_bound(&corner(), &second, &[], &[0.0, 0.0]).unwrap().round(), -10.0);
}

#[test]
fn duals_that_cannot_be_are_refused() {
    let objective = stage(&[2.0, 1.0]).expression;
    let bound = |duals: &[f64]| safe_bound(&corner(), &objective, &[], duals);
    assert_eq!(bound(&[0.5]), None, "a dual a row");
    assert_eq!(bound(&[0.5, 0.5, 0.5]), None);
    assert_eq!(bound(&[f64::NAN, 0.5]), None);
    assert_eq!(bound(&[f64::INFINITY, 0.5]), None);
    assert_eq!(bound(&[-0.5, 0.5]), None, "that row has no upper side");
    assert_eq!(bound(&[1e300, 1e300]), None, "beyond what can be summed");
    let first = stage(&[1.0, 1.0]).expression;
    for (at, rate) in [(4.0, -1.0), (4.0, f64::NAN), (f64::NAN, 1.0)] {
        assert_eq!(safe_bound(&corner(), &objective, &[Kept { expression: &first, at, rate }], &[0.5, 0.5]), None);
    }
    let open = program(&[(0.0, FREE)], &[(0.0, 1.0, &[1.0])], &[]);
    let falling = Expression { terms: vec![(0, -1.0)], constant: 0.0 };
    assert_eq!(safe_bound(&open, &falling, &[], &[0.0]), None, "x alone has no upper bound");
    assert_eq!(safe_bound(&open, &falling, &[], &[-1.0]), None, "nor where rounding alone may have left it a cost");
}

#[test]
fn duals_of_each_stage_are_told_with_those_of_rows_that_keep_others() {
    // x + y first, kept by a row for its tolerance: then −x is held by that row alone.
    let goals = [Stage { tolerance: 1.0, ..stage(&[1.0, 1.0]) }, stage(&[-1.0, 0.0])];
    for method in [&Faces as &dyn Method, &Certified] {
        let mut live = Live::open(&Highs, corner(), &Options::default()).unwrap();
        let order = Order { goals: &goals, duals: true, ..Order::default() };
        let answer = methods::solve(&mut live, method, &order).unwrap();
        let duals = answer.goals[1].row_duals.as_ref().unwrap();
        assert_eq!(duals.len(), 3, "{}", method.word());
        approx::assert_abs_diff_eq!(duals[2], -1.0, epsilon = 1e-9);
        let kept = [Kept { expression: &goals[0].expression, at: 5.0, rate: 1.0 }];
        let bound = safe_bound(&corner(), &goals[1].expression, &kept, &duals[..2]).unwrap();
        approx::assert_abs_diff_eq!(bound, answer.goals[1].value, epsilon = 1e-6);
    }
}

const COLUMNS: usize = 4;
const ROWS: usize = 3;

prop_compose! {
    /// A program of whole numbers with a point that it holds, an objective and a stage that is kept at that point.
    fn with_a_point()(
        point in prop::collection::vec(-5_i32..=5, COLUMNS),
        room in prop::collection::vec((0_i32..4, 0_i32..4), COLUMNS),
        matrix in prop::collection::vec(prop::collection::vec(-4_i32..=4, COLUMNS), ROWS),
        slack in prop::collection::vec((0_i32..3, 0_i32..3, 0_u8..4), ROWS),
        costs in prop::collection::vec(-9_i32..=9, COLUMNS),
        first in prop::collection::vec(-9_i32..=9, COLUMNS),
    ) -> (Program, Vec<f64>, Expression, Expression) {
        let columns: Vec<(f64, f64)> =
            point.iter().zip(&room).map(|(x, (below, above))| (f64::from(x - below), f64::from(x + above))).collect();
        let dense: Vec<Vec<f64>> = matrix.iter().map(|row| row.iter().map(|v| f64::from(*v)).collect()).collect();
        let rows: Vec<common::Row> = matrix
            .iter()
            .zip(&dense)
            .zip(&slack)
            .map(|((row, dense), (below, above, sides))| {
                let activity: i32 = row.iter().zip(&point).map(|(a, x)| a * x).sum();
                let lower = if sides & 1 == 0 { f64::from(activity - below) } else { -FREE };
                let upper = if sides & 2 == 0 { f64::from(activity + above) } else { FREE };
                (lower, upper, dense.as_slice())
            })
            .collect();
        let expression = |costs: &[i32]| stage(&costs.iter().map(|c| f64::from(*c)).collect::<Vec<_>>()).expression;
        let point = point.iter().map(|x| f64::from(*x)).collect();
        (program(&columns, &rows, &[]), point, expression(&costs), expression(&first))
    }
}

fn dual() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => -20.0..20.0_f64,
        2 => (-4_i32..=4).prop_map(f64::from),
        1 => any::<f64>(),
        1 => Just(0.0),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    /// Whole numbers are exact in floating point, so that what a point of the program reaches is known exactly.
    #[test]
    fn no_duals_prove_more_than_is_true(
        (program, point, objective, first) in with_a_point(),
        duals in prop::collection::vec(dual(), ROWS - 1..=ROWS + 1),
        rate in dual(),
    ) {
        let kept = [Kept { expression: &first, at: first.value(&point), rate }];
        if let Some(bound) = safe_bound(&program, &objective, &kept, &duals) {
            prop_assert!(bound <= objective.value(&point), "{bound} of {}", objective.value(&point));
        }
    }
}
