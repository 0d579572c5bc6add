//! What the methods promise on small programs, with the arithmetic beside them; and what they do when an engine errs.

#![allow(clippy::unwrap_used, reason = "a test ends where it must")]

mod common;
#[path = "common/liar.rs"]
mod liar;

use std::path::Path;

use approx::assert_abs_diff_eq;
use common::{FREE, program, stage};
use liar::{Liar, Lies};
use weir_solver::engine::{
    Algorithm, Basis, Engine, Options, Outcome, Progress, Standing, Told, highs::Highs, portable::Portable,
};
use weir_solver::methods::{
    self, Answer, Group, Live, METHODS, Method, MethodError, Order, certified::Certified, faces, leximin,
};
use weir_solver::program::{self, Expression, LeximinEntry, Program, Stage};

fn live(engine: &dyn Engine, program: &Program) -> Live {
    Live::open(engine, program.clone(), &Options::default()).unwrap()
}

fn solve(engine: &dyn Engine, program: &Program, method: &dyn Method, goals: &[Stage]) -> Answer {
    methods::solve(&mut live(engine, program), method, &Order { goals, duals: true, ..Order::default() }).unwrap()
}

fn close(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert_abs_diff_eq!(found, expected, epsilon = 1e-6);
    }
}

/// Lexicographic methods on each engine.
fn lexicographic() -> Vec<(&'static dyn Engine, &'static dyn Method)> {
    vec![(&Highs, &faces::Faces), (&Highs, &Certified), (&Portable, &faces::Faces), (&Portable, &Certified)]
}

/// x, y in 0…10 with x + y ≥ 4 and 3x + y ≥ 6.
fn corner() -> Program {
    program(&[(0.0, 10.0), (0.0, 10.0)], &[(4.0, FREE, &[1.0, 1.0]), (6.0, FREE, &[3.0, 1.0])], &[])
}

#[test]
fn every_method_stands_in_the_folder_under_its_word() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/methods");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .filter(|name| name != "mod" && !["live", "payoff", "hull", "rates"].contains(&name.as_str()))
        .collect();
    let mut words: Vec<String> = METHODS.iter().map(|method| method.word().to_owned()).collect();
    files.sort();
    words.sort();
    assert_eq!(words, files);
    assert!(words.iter().all(|word| methods::method(word).is_some_and(|method| method.word() == word)));
    assert!(methods::method("rules").is_none());
}

#[test]
fn the_first_goal_is_exact_and_the_second_the_best_that_it_leaves() {
    // x + y at least 4, on the whole edge from (1, 3) to (10, …); of its optima x is least at (1, 3).
    for (engine, method) in lexicographic() {
        let answer = solve(engine, &corner(), method, &[stage(&[1.0, 1.0]), stage(&[1.0, 0.0])]);
        close(&answer.solution.primal, &[1.0, 3.0]);
        close(&answer.goals.iter().map(|goal| goal.value).collect::<Vec<_>>(), &[4.0, 1.0]);
        assert!(answer.goals.iter().all(|goal| goal.outcome == Outcome::Optimal));
    }
}

/// Made for this purpose: 10 u₀ + 20 u₁ ≤ 12; 10 u₀ + 20 u₁ + 15 u₂ + 5 u₃ ≤ 30; 15 u₂ ≤ 9; 0 ≤ u ≤ 1.
fn leximin4(more_columns: &[(f64, f64)], more_rows: &[common::Row<'_>]) -> Program {
    let mut columns = vec![(0.0, 1.0); 4];
    columns.extend_from_slice(more_columns);
    let dense = |costs: [f64; 4]| {
        let mut row = costs.to_vec();
        row.resize(columns.len(), 0.0);
        row
    };
    let first = [dense([10.0, 20.0, 0.0, 0.0]), dense([10.0, 20.0, 15.0, 5.0]), dense([0.0, 0.0, 15.0, 0.0])];
    let mut rows: Vec<common::Row<'_>> = vec![(-FREE, 12.0, &first[0]), (-FREE, 30.0, &first[1]), (-FREE, 9.0, &first[2])];
    rows.extend_from_slice(more_rows);
    program(&columns, &rows, &[])
}

#[test]
fn leximin_raises_one_entry_after_another() {
    // The first row alone gives 30 t ≤ 12, so u₀ and u₁ stop at 0.4; u₂ stops at 0.6 by the third row, and u₃ is free to be 1.
    let goals: Vec<Stage> =
        (0..4).map(|j| stage(&(0..4).map(|i| -f64::from(u8::from(i == j))).collect::<Vec<_>>())).collect();
    for engine in [&Highs as &dyn Engine, &Portable] {
        let answer = solve(engine, &leximin4(&[], &[]), &leximin::Leximin, &goals);
        close(&answer.solution.primal[..4], &[0.4, 0.4, 0.6, 1.0]);
        let values: Vec<f64> = answer.goals.iter().map(|goal| -goal.value).collect();
        close(&values, &[0.4, 0.4, 0.6, 1.0]);
        assert!(answer.notes.is_empty(), "{:?}", answer.notes);
    }
}

#[test]
fn a_leximin_stage_stands_among_others_and_keeps_every_entry() {
    // Columns 4 to 7 are the entries, 8 is t. Before it u₃ ≤ 0.5 is asked for, after it least u₂: both leave or find the rest.
    let entry = |k: usize, sign: f64| {
        let mut row = vec![0.0; 9];
        row[if sign > 0.0 { k } else { 4 + k }] = 1.0;
        row[if sign > 0.0 { 4 + k } else { 8 }] = -1.0;
        row
    };
    let dense: Vec<Vec<f64>> = (0..4).map(|k| entry(k, 1.0)).chain((0..4).map(|k| entry(k, -1.0))).collect();
    let rows: Vec<common::Row<'_>> = dense.iter().map(|row| (0.0, FREE, row.as_slice())).collect();
    let program = leximin4(&[(0.0, 1.0), (0.0, 1.0), (0.0, 1.0), (0.0, 1.0), (0.0, 2.0)], &rows);
    let entries = (0..4).map(|k| LeximinEntry { column: 4 + k, row: 7 + k }).collect();
    let leximin = Some(program::Leximin { worst: 8, entries });
    let unit = |j: usize, sign: f64| stage(&(0..9).map(|i| if i == j { sign } else { 0.0 }).collect::<Vec<_>>());
    let fair = Stage { leximin: leximin.clone(), ..unit(8, -1.0) };
    for (engine, method) in lexicographic() {
        let half = Stage { expression: Expression { terms: vec![(3, 1.0)], constant: 0.0 }, ..stage(&[]) };
        // Least u₃ first: 0. The others reach 0.4, 0.4 and 0.6 all the same.
        let answer = solve(engine, &program, method, &[half, fair.clone(), unit(2, 1.0), unit(0, 1.0)]);
        close(&answer.solution.primal[..4], &[0.4, 0.4, 0.6, 0.0]);
        assert_abs_diff_eq!(answer.goals[1].value, 0.0, epsilon = 1e-9);
        // A tenth less for each entry is allowed: least u₃ takes it from u₃ alone.
        let slack = Stage { tolerance: 0.1, ..fair.clone() };
        let answer = solve(engine, &program, method, &[slack, unit(3, 1.0), unit(2, -1.0), unit(0, -1.0), unit(1, -1.0)]);
        close(&answer.solution.primal[..4], &[0.6, 0.3, 0.6, 0.9]);
    }
}

#[test]
fn weighted_adds_shares_over_nominals() {
    // Costs 2/4 and 1/1: 0.5 x + y is least at (4, 0), where lexicographic order of the same goals would choose (0, 6).
    let mut goals = [stage(&[1.0, 0.0]), stage(&[0.0, 1.0])];
    (goals[0].share, goals[0].nominal) = (2.0, 4.0);
    for engine in [&Highs as &dyn Engine, &Portable] {
        let answer = solve(engine, &corner(), &methods::weighted::Weighted, &goals);
        close(&answer.solution.primal, &[4.0, 0.0]);
        let answer = solve(engine, &corner(), &faces::Faces, &goals);
        close(&answer.solution.primal, &[0.0, 6.0]);
    }
}

#[test]
fn a_tolerance_lets_later_stages_worsen_a_goal_by_so_much() {
    // x + y may be 4.5 instead of 4: x falls to 0.75 (3x + y ≥ 6 with y = 4.5 − x).
    let mut goals = [stage(&[1.0, 1.0]), stage(&[1.0, 0.0])];
    goals[0].tolerance = 0.5;
    for (engine, method) in lexicographic() {
        let answer = solve(engine, &corner(), method, &goals);
        close(&answer.solution.primal, &[0.75, 3.75]);
        assert_abs_diff_eq!(answer.goals[0].value, 4.0, epsilon = 1e-6);
    }
}

#[test]
fn rows_that_keep_goals_are_added_once_and_their_bounds_moved_from_then_on() {
    // The first goal may give way by 0.5, the second by 0.25; y may be 10, then 3 at most: x + y ≥ 4 lets x fall as far as y lets it.
    let mut goals = [stage(&[1.0, 1.0]), stage(&[1.0, 0.0]), stage(&[0.0, 1.0])];
    (goals[0].tolerance, goals[1].tolerance) = (0.5, 0.25);
    for method in [&faces::Faces as &dyn Method, &Certified] {
        let mut live = live(&Highs, &corner());
        let order = Order { goals: &goals, ..Order::default() };
        let mut rows = Vec::new();
        for most in [10.0, 3.0, 10.0, 3.0] {
            live.release().unwrap();
            live.set_column_bounds(&[(1, 0.0, most)]).unwrap();
            let answer = methods::solve(&mut live, method, &order).unwrap();
            // x + y ≤ 4.5 and 3x + y ≥ 6 where y may be 10: x ≥ 0.75; else x ≥ 1. Then a quarter more of x, and as little y as there may be.
            let x = if most > 3.0 { 1.0 } else { 1.25 };
            close(&answer.solution.primal, &[x, f64::max(4.0 - x, 6.0 - 3.0 * x)]);
            rows.push(live.added_rows());
        }
        assert_eq!(rows, [2; 4], "{}", method.word());
    }
}

#[test]
fn a_rate_tells_what_a_unit_given_up_buys_in_the_next_goal() {
    // With δ more in x + y, y = 4 + δ − x, and 3x + y ≥ 6 lets x fall by δ ÷ 2; the same whichever way the goals are ranked.
    let goals = [stage(&[1.0, 1.0]), stage(&[1.0, 0.0])];
    for method in [&faces::Faces as &dyn Method, &Certified] {
        let answer = solve(&Highs, &corner(), method, &goals);
        assert_eq!(answer.rates.len(), 1);
        assert_abs_diff_eq!(answer.rates[0].unwrap(), 0.5, epsilon = 1e-9);
        // 1 % of 4 is 0.04.
        let mut live = live(&Highs, &corner());
        let bought = methods::bought(&mut live, &goals, &[4.0, 1.0]).unwrap();
        let (slack, gain) = bought[0].unwrap();
        close(&[slack, gain], &[0.04, 0.02]);
    }
    // Costs in other units: hundredths of the first, thousands of the second.
    let goals = [stage(&[100.0, 100.0]), stage(&[0.001, 0.0])];
    assert_abs_diff_eq!(solve(&Highs, &corner(), &Certified, &goals).rates[0].unwrap(), 0.5e-5, epsilon = 1e-12);
}

#[test]
fn a_goal_that_costs_the_next_nothing_has_the_rate_0() {
    // x least is 0 and leaves y at 6; y can only fall where x rises: 3 of y for one of x. More of y does not help 2y.
    let goals = [stage(&[1.0, 0.0]), stage(&[0.0, 1.0]), stage(&[0.0, 2.0])];
    let rates = solve(&Highs, &corner(), &Certified, &goals).rates;
    close(&rates.into_iter().map(Option::unwrap).collect::<Vec<_>>(), &[3.0, 0.0]);
}

#[test]
fn whole_numbers_are_kept_by_rows() {
    // 3x + y ≥ 6, x + y ≥ 4 in whole numbers, sum least: (1, 3) … (4, 0); then y least: (4, 0).
    let mut program = corner();
    program.integers = vec![0, 1];
    for (engine, method) in lexicographic() {
        let answer = solve(engine, &program, method, &[stage(&[1.0, 1.0]), stage(&[0.0, 1.0])]);
        close(&answer.solution.primal, &[4.0, 0.0]);
    }
}

/// Made for this purpose: two sums of 15 whole numbers of 0 or 1 are to be half of what they are of, Σ a u + up − down = ½ Σ a.
#[test]
fn whole_numbers_tell_bound_and_gap_in_the_goals_own_units() {
    let mut seed = 7_u64;
    let mut draw = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((seed >> 33) % 100) as f64
    };
    let mut columns = vec![(0.0, 1.0); 15];
    columns.extend([(0.0, 1e3); 4]);
    let sums: Vec<Vec<f64>> = (0..2)
        .map(|sum| {
            let mut row: Vec<f64> = (0..15).map(|_| draw()).collect();
            row.extend((0..4).map(|slack| if slack / 2 == sum { 1.0 - 2.0 * f64::from(slack % 2) } else { 0.0 }));
            row
        })
        .collect();
    let half = |row: &[f64]| (row[..15].iter().sum::<f64>() / 2.0).floor();
    let rows: Vec<common::Row<'_>> = sums.iter().map(|row| (half(row), half(row), row.as_slice())).collect();
    let program = program(&columns, &rows, &(0..15).collect::<Vec<_>>());
    // Costs that are scaled before an engine sees them, and a constant that it never sees.
    let mut goal = stage(&[vec![0.0; 15], vec![1000.0; 4]].concat());
    goal.expression.constant = 5.0;
    let heard = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let hears = std::sync::Arc::clone(&heard);
    let progress = Progress::new(move |told: &Told| hears.lock().unwrap().push(told.clone()));
    let mut told = Live::open(&Highs, program.clone(), &Options { progress: Some(progress), ..Options::default() }).unwrap();
    let order = Order { goals: std::slice::from_ref(&goal), ..Order::default() };
    let answer = methods::solve(&mut told, &faces::Faces, &order).unwrap();
    assert_eq!(answer, methods::solve(&mut live(&Highs, &program), &faces::Faces, &order).unwrap());
    let value = answer.goals[0].value;
    let heard = heard.lock().unwrap();
    let gaps: Vec<(f64, f64, f64)> = heard
        .iter()
        .filter_map(|told| if let Told::Gap { value, bound, gap } = *told { Some((value, bound, gap)) } else { None })
        .collect();
    assert!(gaps.len() > 1, "{heard:?}");
    assert!(gaps.is_sorted_by(|a, b| a.0 >= b.0 && a.1 <= b.1), "{gaps:?}");
    assert!(gaps.iter().all(|gap| gap.0 > value - 1e-3 && gap.1 < value + 1e-3), "{value}: {gaps:?}");
    // The best point is known before it is proved.
    assert!(gaps.iter().any(|gap| (gap.0 - value).abs() < 1e-3), "{value}: {gaps:?}");
}

#[test]
fn an_infeasible_program_is_told_at_the_first_stage() {
    let mut program = corner();
    program.column_upper = vec![1.0, 1.0];
    for (engine, method) in lexicographic() {
        let mut live = live(engine, &program);
        assert_eq!(live.feasible().unwrap(), Outcome::Infeasible);
        let goals = [stage(&[1.0, 1.0]), stage(&[1.0, 0.0])];
        let error = methods::solve(&mut live, method, &Order { goals: &goals, ..Order::default() });
        assert_eq!(error, Err(MethodError::Unsolved { stage: 0, outcome: Outcome::Infeasible }));
    }
}

#[test]
fn breaches_are_opened_minimised_class_by_class_and_closed_before_the_goals() {
    // x ≤ 3, need x + a ≥ 5 (class one) and x + b ≥ 4 (class two): least a is 2, then least b is 1; the goal then acts on y.
    let program = program(
        &[(0.0, 3.0), (0.0, 0.0), (0.0, 0.0), (0.0, 1.0)],
        &[(5.0, FREE, &[1.0, 1.0, 0.0, 0.0]), (4.0, FREE, &[1.0, 0.0, 1.0, 0.0]), (1.0, FREE, &[1.0, 0.0, 0.0, 1.0])],
        &[],
    );
    for (engine, method) in lexicographic() {
        let mut live = live(engine, &program);
        let goals = [stage(&[1.0, 0.0, 0.0, 0.0]), stage(&[0.0, 0.0, 0.0, 1.0])];
        let order = Order { goals: &goals, ..Order::default() };
        assert_eq!(live.feasible().unwrap(), Outcome::Infeasible);
        live.set_column_bounds(&[(1, 0.0, 100.0), (2, 0.0, 100.0)]).unwrap();
        assert_eq!(live.feasible().unwrap(), Outcome::Optimal);
        let breaches = [stage(&[0.0, 1.0, 0.0, 0.0]), stage(&[0.0, 0.0, 1.0, 0.0])];
        let found = faces::run(&mut live, &breaches, false).unwrap();
        close(&[found[0].value, found[1].value], &[2.0, 1.0]);
        let answer = methods::solve(&mut live, method, &order).unwrap();
        close(&answer.solution.primal, &[3.0, 2.0, 1.0, 0.0]);
        // Released, the breaches are as large as the goal likes them.
        live.release().unwrap();
        let answer = methods::solve(&mut live, method, &order).unwrap();
        close(&answer.solution.primal, &[0.0, 5.0, 4.0, 1.0]);
    }
}

#[test]
fn a_caller_may_close_a_column_that_a_face_fixed() {
    let mut live = live(&Highs, &corner());
    faces::run(&mut live, &[stage(&[0.0, 1.0])], false).unwrap();
    live.set_column_bounds(&[(1, 0.0, 0.0)]).unwrap();
    let order = Order { goals: &[stage(&[1.0, 0.0])], ..Order::default() };
    close(&methods::solve(&mut live, &Certified, &order).unwrap().solution.primal, &[4.0, 0.0]);
    assert_eq!(live.program().column_upper, [10.0, 0.0]);
}

#[test]
fn the_closing_chain_decides_what_the_goals_leave() {
    let goals = [stage(&[1.0, 1.0])];
    let closing = [stage(&[0.0, 1.0])];
    for (engine, method) in lexicographic().into_iter().chain([(&Highs as _, &methods::weighted::Weighted as _)]) {
        let order = Order { goals: &goals, closing: &closing, ..Order::default() };
        let answer = methods::solve(&mut live(engine, &corner()), method, &order).unwrap();
        close(&answer.solution.primal, &[4.0, 0.0]);
        close(&[answer.goals[0].value, answer.closing[0].value], &[4.0, 0.0]);
    }
}

#[test]
fn the_closing_chain_within_the_goals_ends_as_it_does_behind_them() {
    // x + y least leaves (1, 3) … (4, 0); then y least; nothing is left for the third.
    let all = [stage(&[1.0, 1.0]), stage(&[0.0, 1.0]), stage(&[1.0, 0.0])];
    for behind in 0..all.len() {
        let (goals, closing) = all.split_at(all.len() - behind);
        let order = Order { goals, closing, ..Order::default() };
        let answer = methods::solve(&mut live(&Highs, &corner()), &Certified, &order).unwrap();
        close(&answer.solution.primal, &[4.0, 0.0]);
        // What is behind is no part of what the weights prove.
        assert_eq!(answer.groups.iter().map(|group| group.weights.len()).sum::<usize>(), goals.len());
        assert!(answer.groups.iter().all(|group| group.proved), "{:?}", answer.groups);
    }
}

#[test]
fn interior_point_ends_at_a_basis_that_proves_the_order() {
    let goals = [stage(&[1.0, 1.0]), stage(&[0.0, 1.0])];
    let mut live = live(&Highs, &corner());
    live.set_algorithm(Algorithm::InteriorPoint);
    let answer = methods::solve(&mut live, &Certified, &Order { goals: &goals, ..Order::default() }).unwrap();
    close(&answer.solution.primal, &[4.0, 0.0]);
    assert!(answer.solution.basis.as_ref().is_some_and(Basis::is_known), "crossover comes before the signs are read");
    assert!(answer.groups.iter().all(|group| group.proved), "{:?}", answer.groups);
}

#[test]
fn whole_numbers_have_weights_once_they_are_fixed() {
    // x whole, 2x + y ≥ 5, y least, then x: y = 0 needs x = 3, half a unit more than without whole numbers.
    let mut program = program(&[(0.0, 10.0), (0.0, 10.0)], &[(5.0, FREE, &[2.0, 1.0])], &[0]);
    let goals = [stage(&[0.0, 1.0]), stage(&[1.0, 0.0])];
    let answer = solve(&Highs, &program, &Certified, &goals);
    close(&answer.solution.primal, &[3.0, 0.0]);
    assert!(answer.groups.is_empty() && answer.notes.iter().any(|note| note.contains("linear program")), "{answer:?}");
    program.integers.clear();
    (program.column_lower[0], program.column_upper[0]) = (3.0, 3.0);
    let fixed = solve(&Highs, &program, &Certified, &goals);
    close(&fixed.solution.primal, &answer.solution.primal);
    assert!(fixed.groups.len() == 1 && fixed.groups[0].proved, "{:?}", fixed.groups);
}

#[test]
fn without_goals_any_feasible_point_is_an_answer() {
    for (engine, method) in lexicographic() {
        let answer = solve(engine, &corner(), method, &[]);
        let [x, y] = answer.solution.primal[..] else { panic!("two columns") };
        assert!(x + y >= 4.0 - 1e-7 && 3.0 * x + y >= 6.0 - 1e-7);
    }
}

#[test]
fn duals_of_a_goal_are_what_one_unit_of_a_row_changes_in_its_own_unit() {
    // Least 6x + 2y on 3x + y ≥ 6 is 12: a unit more of that row costs 2, wherever the second goal then goes.
    let goals = [stage(&[6.0, 2.0]), stage(&[1.0, 0.0])];
    // A front, a reference point and entries have no duals of one goal.
    for method in METHODS.iter().filter(|method| !["pareto", "reference_point", "leximin"].contains(&method.word())) {
        let order = Order { goals: &goals, duals: true, ..Order::default() };
        let mut goals = goals.clone();
        goals[1].share = 1e-3;
        let answer = methods::solve(&mut live(&Highs, &corner()), *method, &Order { goals: &goals, ..order }).unwrap();
        close(answer.goals[0].row_duals.as_ref().unwrap(), &[0.0, 2.0]);
        assert_eq!(answer.goals[1].row_duals.is_some(), method.ranks());
    }
    let order = Order { goals: &goals, duals: true, ..Order::default() };
    let answer = methods::solve(&mut live(&Portable, &corner()), &faces::Faces, &order).unwrap();
    assert!(answer.goals[0].row_duals.is_none(), "an engine without duals tells none");
}

#[test]
fn weights_too_small_are_raised_until_the_order_is_proved() {
    // Second goal 1000 times as steep: at equal weights y falls to 0 at the cost of x.
    let goals = [stage(&[1.0, 0.0]), stage(&[0.0, 1000.0])];
    let groups = [Group { weights: vec![1e-3, 1.0], proved: true }];
    let order = Order { goals: &goals, groups: &groups, ..Order::default() };
    let answer = methods::solve(&mut live(&Highs, &corner()), &Certified, &order).unwrap();
    close(&answer.solution.primal, &[0.0, 6.0]);
    assert_eq!(answer.groups.len(), 1);
    // The rate on 3x + y ≥ 6: one of x saves three of y.
    assert!(answer.groups[0].proved && answer.groups[0].weights[0] > 3000.0, "{:?}", answer.groups);
}

#[test]
fn stages_whose_weights_lie_too_far_apart_are_cut_into_groups() {
    // Each stage asks for 1e6 of the next one: three of them pass what one program bears.
    let steep = 1e6;
    let rows: &[common::Row<'_>] = &[
        (1.0, FREE, &[1.0, 1.0 / steep, 0.0, 0.0]),
        (1.0, FREE, &[0.0, 1.0, 1.0 / steep, 0.0]),
        (1.0, FREE, &[0.0, 0.0, 1.0, 1.0 / steep]),
    ];
    let program = program(&[(0.0, 2.0), (0.0, 1e7), (0.0, 1e7), (0.0, 1e7)], rows, &[]);
    let unit = |j: usize| stage(&(0..4).map(|i| f64::from(u8::from(i == j))).collect::<Vec<_>>());
    let goals: Vec<Stage> = (0..4).map(unit).collect();
    let answer = solve(&Highs, &program, &Certified, &goals);
    let faces = solve(&Highs, &program, &faces::Faces, &goals);
    close(&answer.solution.primal, &faces.solution.primal);
    assert!(answer.groups.len() > 1 && answer.groups.iter().all(|group| group.proved), "{:?}", answer.groups);
    assert_eq!(answer.groups.iter().map(|group| group.weights.len()).sum::<usize>(), 4);
}

/// x + y ≥ 1, each at most `most`, of which y costs so much less than x, from a basis with x in it: within its tolerance an engine calls that
/// optimal.
fn nearly_tied(by: f64, most: f64, goals: &[Stage]) -> Answer {
    let program = program(&[(0.0, most), (0.0, most)], &[(1.0, FREE, &[1.0, 1.0])], &[]);
    let first = stage(&[1.0, 1.0 - by]);
    let goals: Vec<Stage> = std::iter::once(first).chain(goals.iter().cloned()).collect();
    let mut live = live(&Highs, &program);
    live.set_basis(&Basis { columns: vec![Standing::Basic, Standing::Lower], rows: vec![Standing::Lower] }).unwrap();
    let answer = methods::solve(&mut live, &Certified, &Order { goals: &goals, ..Order::default() }).unwrap();
    assert_eq!(answer.notes, [""; 0]);
    assert!(answer.groups.iter().all(|group| group.proved), "{:?}", answer.groups);
    answer
}

#[test]
fn a_reduced_cost_within_the_engines_tolerance_has_the_right_sign_in_the_end() {
    // 3e-8 is less than the engine sees and more than counts as zero where no other goal decides: it is asked again to look closely.
    close(&nearly_tied(3e-8, 10.0, &[]).solution.primal, &[0.0, 1.0]);
    // Of a thousand it is more than a goal may lose: the second wants no y, and gets none of it.
    let answer = nearly_tied(3e-8, 1e3, &[stage(&[0.0, 1.0])]);
    close(&answer.solution.primal, &[0.0, 1.0]);
    assert_eq!(answer.groups.len(), 1);
    // A weight that would tell 1.5e-9 apart is beyond what one program bears: a group each.
    let answer = nearly_tied(1.5e-9, 1e3, &[stage(&[0.0, 1.0])]);
    close(&answer.solution.primal, &[0.0, 1.0]);
    assert_eq!(answer.groups.len(), 2);
}

#[test]
fn reduced_costs_that_make_nothing_of_their_goal_are_ties() {
    // Of at most ten, y is better by at most 3e-7 for the first goal, which is no difference: the second decides, by faces as by weights.
    let goals = [stage(&[1.0, 1.0 - 3e-8]), stage(&[0.0, 1.0])];
    let answer = nearly_tied(3e-8, 10.0, &goals[1..]);
    close(&answer.solution.primal, &[1.0, 0.0]);
    let program = program(&[(0.0, 10.0), (0.0, 10.0)], &[(1.0, FREE, &[1.0, 1.0])], &[]);
    close(&solve(&Highs, &program, &faces::Faces, &goals).solution.primal, &[1.0, 0.0]);
}

#[test]
fn a_reduced_cost_next_to_nothing_is_a_tie() {
    // Exactly, y is better by 3e-10 for the first goal; the second decides, and the first loses no more than that.
    let answer = nearly_tied(3e-10, 1e4, &[stage(&[0.0, 1.0])]);
    close(&answer.solution.primal, &[1.0, 0.0]);
    assert!((answer.goals[0].value - 1.0).abs() < 1e-9, "{:?}", answer.goals);
    close(&nearly_tied(-3e-10, 1e4, &[stage(&[1.0, 0.0])]).solution.primal, &[0.0, 1.0]);
}

#[test]
fn a_wrong_face_is_noticed_and_rows_take_its_place() {
    // Told that least x holds x at its upper bound 10, the second solve finds the first goal worsened to 10 …
    let liar = Liar(|_: &Program, _: &Options| Lies { reduced_cost: Some(0), ..Lies::default() });
    let answer = solve(&liar, &corner(), &faces::Faces, &[stage(&[1.0, 0.0]), stage(&[0.0, 1.0])]);
    close(&answer.solution.primal, &[0.0, 6.0]);
    assert_eq!(answer.notes.len(), 1, "{:?}", answer.notes);
    assert!(answer.notes[0].contains("came out at 10"), "{:?}", answer.notes);
    // … and where x + y is held at 4 too, that it has no solution.
    let answer = solve(&liar, &corner(), &faces::Faces, &[stage(&[1.0, 1.0]), stage(&[1.0, 0.0])]);
    close(&answer.solution.primal, &[1.0, 3.0]);
    assert!(answer.notes[0].contains("infeasible"), "{:?}", answer.notes);
}

#[test]
fn an_engine_that_breaks_down_is_asked_again_without_presolve_and_by_interior_point() {
    use Algorithm::{Automatic, InteriorPoint, Plain, Primal};
    let goals = [stage(&[1.0, 1.0]), stage(&[1.0, 0.0])];
    for fails in [&[Automatic, Primal][..], &[Automatic, Primal, Plain]] {
        let liar = Liar(move |_: &Program, _: &Options| Lies { fails, ..Lies::default() });
        close(&solve(&liar, &corner(), &faces::Faces, &goals).solution.primal, &[1.0, 3.0]);
    }
    let liar =
        Liar(|_: &Program, _: &Options| Lies { fails: &[Automatic, Primal, Plain, InteriorPoint], ..Lies::default() });
    let answer = methods::solve(&mut live(&liar, &corner()), &faces::Faces, &Order { goals: &goals, ..Order::default() });
    let why = "no InteriorPoint".to_owned();
    assert_eq!(answer.unwrap_err(), MethodError::Unsolved { stage: 0, outcome: Outcome::Failed { why } });
}

#[test]
fn an_order_that_weights_leave_unproved_is_solved_by_faces() {
    let liar = Liar(|_: &Program, _: &Options| Lies { duals: true, ..Lies::default() });
    let goals = [stage(&[1.0, 1.0]), stage(&[1.0, 0.0])];
    let answer = solve(&liar, &corner(), &Certified, &goals);
    close(&answer.solution.primal, &[1.0, 3.0]);
    assert!(answer.groups.iter().any(|group| !group.proved));
    assert!(answer.notes.iter().any(|note| note.contains("unproved")), "{:?}", answer.notes);
}

/// T steps of x and s: what each may be goes up and down, x may change by 1 from step to step, x + s covers a jagged need.
fn jagged(steps: usize, late: bool) -> (Program, Vec<Stage>) {
    let wave = |step: usize, by: usize| ((step * by) % 17) as f64;
    let mut program = Program { starts: vec![0], ..Program::default() };
    for step in 0..steps {
        let changes = [step.checked_sub(1), (step + 1 < steps).then_some(step)];
        program.indices.push(step as i32);
        program.values.push(1.0);
        for (change, sign) in changes.into_iter().zip([1.0, -1.0]).filter_map(|(row, sign)| Some((row?, sign))) {
            program.indices.push((steps + change) as i32);
            program.values.push(sign);
        }
        program.starts.push(program.indices.len() as i32);
        program.column_lower.push(0.0);
        program.column_upper.push(4.0 + wave(step, 7));
    }
    for step in 0..steps {
        program.indices.push(step as i32);
        program.values.push(1.0);
        program.starts.push(program.indices.len() as i32);
        program.column_lower.push(0.0);
        program.column_upper.push(17.0);
        program.row_lower.push(wave(step, 5));
        program.row_upper.push(FREE);
    }
    program.row_lower.extend(vec![-1.0; steps - 1]);
    program.row_upper.extend(vec![1.0; steps - 1]);
    if late {
        program.late = (steps..2 * steps - 1).collect();
    }
    let ones = |from: usize, of: &dyn Fn(usize) -> f64| {
        let mut costs = vec![0.0; 2 * steps];
        (0..steps).for_each(|step| costs[from + step] = of(step));
        stage(&costs)
    };
    (program, vec![ones(steps, &|_| 1.0), ones(0, &|step| -1.0 - wave(step, 3)), ones(0, &|step| wave(step, 11))])
}

#[test]
fn rows_that_come_late_hold_all_the_same() {
    for method in [&faces::Faces as &dyn Method, &Certified] {
        let (program, goals) = jagged(1200, true);
        let (at_once, _) = jagged(1200, false);
        let [late, known] = [&program, &at_once].map(|program| solve(&Highs, program, method, &goals));
        let values = |answer: &Answer| answer.goals.iter().map(|goal| goal.value).collect::<Vec<_>>();
        close(&values(&late), &values(&known));
        let x = &late.solution.primal;
        let most = (1..1200).map(|step| (x[step] - x[step - 1]).abs()).fold(0.0, f64::max);
        assert!(most <= 1.0 + 1e-6, "a change of {most}");
        // What is left out at first is no other program to whoever changes it or goes on from its end.
        let mut live = live(&Highs, &program);
        let end = late.solution.basis.clone().unwrap();
        live.set_basis(&end).unwrap();
        let again = methods::solve(&mut live, method, &Order { goals: &goals, ..Order::default() }).unwrap();
        close(&values(&again), &values(&known));
        live.release().unwrap();
        let first = program.late[0];
        live.set_row_bounds(&[(first, 0.0, 0.0)]).unwrap();
        methods::solve(&mut live, method, &Order { goals: &goals, ..Order::default() }).unwrap();
        assert_eq!((live.program().row_upper[first], live.program().row_upper[first + 1]), (0.0, 1.0));
    }
}

#[test]
fn rows_that_come_late_are_there_when_somebody_asks() {
    let (program, goals) = jagged(1200, true);
    let mut opened = live(&Highs, &program);
    opened.anchor().unwrap();
    assert_eq!(opened.program().row_upper[program.late[0]], 1.0);
    assert_eq!(opened.standing().unwrap().rows[program.late[0]], (-1.0, 1.0));
    // With the change of the first step held above its limit there is no point, whichever rows came first.
    let mut none = Program { row_lower: program.row_lower.clone(), ..program.clone() };
    (none.row_lower[0], none.row_lower[1], none.column_upper[1200], none.column_upper[1201]) = (0.0, 9.0, 0.0, 0.0);
    (none.column_upper[0], none.column_upper[1]) = (2.0, 20.0);
    let found = methods::solve(&mut live(&Highs, &none), &faces::Faces, &Order { goals: &goals, ..Order::default() });
    assert!(matches!(found, Err(MethodError::Unsolved { outcome: Outcome::Infeasible, .. })), "{found:?}");
}
