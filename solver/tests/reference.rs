//! The reference instances: values that three independent tools agree on, by faces and by certified weights.
//!
//! `Source`: of the cascade, raw HiGHS with optimal-face fixing, Pyomo and linopy agree on the values (RTC-Tools to six
//! decimals on 10x365); of the rich cascade, optimal-face fixing and certified weights by another program. Only values are
//! unique, not schedules. A row on the objective with 1e-6 of slack gives 985.866303 on 10x365 instead.

#![allow(clippy::unwrap_used, reason = "a test ends where it must")]
#![allow(clippy::unreadable_literal, reason = "values stand as their source prints them")]

use weir_benches::rich::Shape;
use weir_benches::{Instance, cascade, reference, rich};
use weir_solver::engine::{Algorithm, Options, highs::Highs};
use weir_solver::integers;
use weir_solver::methods::{self, Answer, Group, Live, Order, certified::Certified, faces::Faces};
use weir_solver::program::{Blocks, Program};

/// |f − f*| ≤ 1e-5 · max(1, f*).
fn check(instance: &Instance, found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        let allowed = 1e-5 * expected.abs().max(1.0);
        assert!((found - expected).abs() <= allowed, "{}: {found} instead of {expected}", instance.name);
    }
}

fn values(instance: &Instance, answer: &Answer) -> Vec<f64> {
    instance.stages.iter().map(|stage| stage.expression.value(&answer.solution.primal)).collect()
}

fn solve(instance: &Instance, method: &dyn methods::Method, options: &Options) -> Answer {
    let mut live = Live::open(&Highs, instance.program.clone(), options).unwrap();
    methods::solve(&mut live, method, &Order { goals: &instance.stages, ..Order::default() }).unwrap()
}

/// Solves by faces and by weights: the values hold at the final point, as they were told, and with all signs proved.
fn both(instance: &Instance, size: [usize; 3], expected: &[f64]) {
    let program = &instance.program;
    assert_eq!([program.rows(), program.columns(), program.values.len()], size);
    let faces = solve(instance, &Faces, &Options::default());
    check(instance, &values(instance, &faces), expected);
    assert_eq!(faces.notes, [""; 0]);
    let weights = solve(instance, &Certified, &Options::default());
    check(instance, &values(instance, &weights), expected);
    assert_eq!(weights.notes, [""; 0]);
    assert!(weights.groups.iter().all(|group| group.proved));
    for answer in [faces, weights] {
        check(instance, &answer.goals.iter().map(|goal| goal.value).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn cascade_3x30() {
    both(&cascade::instance(3, 30), [180, 540, 1047], &[0.0, 0.0, 35.498305]);
}

#[test]
fn cascade_10x30() {
    both(&cascade::instance(10, 30), [600, 1800, 3770], &[0.0, 0.0, 132.941069]);
}

#[test]
fn cascade_10x365() {
    both(&cascade::instance(10, 365), [7300, 21900, 45980], &[16.167039, 985.866415, 2437.775578]);
}

#[test]
fn cascade_50x365() {
    both(&cascade::instance(50, 365), [36500, 109_500, 235_740], &[123.475784, 5063.467136, 11398.68703]);
}

#[test]
fn rich_3x30() {
    both(&rich::instance(3, 30, 1.0), [269, 1080, 2617], &[0.0, 0.0, 0.0, 0.0, 0.0, 21.181374, 75.0, -0.389024]);
}

#[test]
fn what_is_open_or_shut_costs_the_first_goals_of_the_rich_cascade_nothing() {
    let (instance, steps) = rich::on_off(5, 210, 0.05);
    let linear = solve(&rich::instance(5, 210, 1.0), &Faces, &Options::default());
    let options = Options { gap: 1e-4, ..Options::default() };
    let live = Live::open(&Highs, instance.program.clone(), &options).unwrap();
    let whole = integers::solve(live, &instance.stages[..4], &steps, &Highs, (&options, None)).unwrap();
    let found: Vec<f64> = whole.answers.iter().map(|answer| answer.value).collect();
    // Each goal before gives way by the slack of its row.
    for (found, linear) in found.iter().zip(&linear.goals) {
        assert!((found - linear.value).abs() <= 1e-4 * linear.value.abs().max(1.0), "{found} instead of {}", linear.value);
    }
    assert_eq!(whole.fixed.len(), 5 * 210);
    assert!(whole.fixed.iter().all(|&(_, lower, upper)| lower == upper && (lower == 0.0 || lower == 1.0)));
    let mut live = whole.live;
    let order = Order { goals: &instance.stages[..4], ..Order::default() };
    let plan = methods::solve(&mut live, &Faces, &order).unwrap();
    for (found, value) in found.iter().zip(&plan.goals) {
        assert!(
            value.value <= found + 1e-4 * found.abs().max(1.0),
            "{} above {found} with whole numbers fixed",
            value.value
        );
    }
}

#[test]
fn rich_10x365() {
    let expected = [0.0, 2.914116, 111.487802, 0.0, 1967.339446, 938.183637, 3453.469627, -49.082886];
    both(&rich::instance(10, 365, 1.0), [12742, 43800, 117_388], &expected);
}

/// By weights alone: by faces it takes minutes.
#[test]
fn rich_50x365() {
    let instance = rich::instance(50, 365, 1.0);
    let program = &instance.program;
    assert_eq!([program.rows(), program.columns(), program.values.len()], [63710, 219_000, 598_588]);
    let answer = solve(&instance, &Certified, &Options::default());
    let expected = [0.0, 92.972316, 738.279322, 0.0, 9456.712984, 4228.652411, 16182.918633, -316.662968];
    check(&instance, &values(&instance, &answer), &expected);
    assert_eq!(answer.notes, [""; 0]);
    assert!(answer.groups.iter().all(|group| group.proved));
}

#[test]
fn the_reference_solve_gives_the_same_values() {
    let instance = cascade::instance(10, 30);
    for algorithm in [Algorithm::Automatic, Algorithm::InteriorPoint] {
        check(&instance, &reference::faces(&instance, algorithm).unwrap(), &[0.0, 0.0, 132.941069]);
    }
}

#[test]
fn interior_point_and_another_seed_reach_the_same_values() {
    let instance = cascade::instance(10, 30);
    for options in [
        Options { algorithm: Algorithm::InteriorPoint, ..Options::default() },
        Options { seed: 7, ..Options::default() },
        Options { presolve: false, ..Options::default() },
    ] {
        for method in [&Faces as &dyn methods::Method, &Certified] {
            let answer = solve(&instance, method, &options);
            check(&instance, &values(&instance, &answer), &[0.0, 0.0, 132.941069]);
        }
    }
}

#[test]
fn the_same_solve_twice_gives_the_same_bits() {
    let mut instance = rich::instance(3, 30, 1.0);
    // A front's points grow with each objective: two are enough here.
    instance.stages.truncate(2);
    for method in methods::METHODS {
        let [first, second] = [(); 2].map(|()| solve(&instance, *method, &Options::default()));
        assert_eq!(first, second, "{}", method.word());
    }
}

#[test]
fn weights_and_basis_of_last_time_need_no_iteration() {
    let instance = cascade::instance(10, 365);
    let first = solve(&instance, &Certified, &Options::default());
    let mut live = Live::open(&Highs, instance.program.clone(), &Options::default()).unwrap();
    live.set_basis(first.solution.basis.as_ref().unwrap()).unwrap();
    let order = Order { goals: &instance.stages, groups: &first.groups, ..Order::default() };
    let second = methods::solve(&mut live, &Certified, &order).unwrap();
    check(&instance, &values(&instance, &second), &values(&instance, &first));
    assert_eq!(second.goals[0].iterations, 0);
    assert_eq!(second.groups, first.groups);
}

/// The faces of a group, set on the one live model, leave to the next what they leave to a model of its own; wherever the groups are cut.
#[test]
fn groups_on_one_live_model_reach_what_a_model_for_each_reaches() {
    for instance in [cascade::instance(10, 90), rich::instance(3, 30, 1.0), rich::instance(5, 120, 0.7)] {
        let expected = values(&instance, &solve(&instance, &Faces, &Options::default()));
        for sizes in [vec![1; 8], vec![2; 4], vec![4, 4], vec![3, 3, 2], vec![1, 5, 2], vec![8]] {
            // Each weight a hundred times the next: a guess that may be wrong.
            let ladder = |size: usize| (0..size).rev().map(|below| 1e2_f64.powi(below as i32)).collect();
            let groups: Vec<Group> =
                sizes.iter().map(|&size| Group { weights: ladder(size.min(instance.stages.len())), proved: true }).collect();
            let together = {
                let mut live = Live::open(&Highs, instance.program.clone(), &Options::default()).unwrap();
                let order = Order { goals: &instance.stages, groups: &groups, ..Order::default() };
                methods::solve(&mut live, &Certified, &order).unwrap()
            };
            check(&instance, &values(&instance, &together), &expected);
            let mut program = instance.program.clone();
            let mut alone: Vec<f64> = Vec::new();
            for group in &together.groups {
                let goals = &instance.stages[alone.len()..][..group.weights.len()];
                let mut live = Live::open(&Highs, program, &Options::default()).unwrap();
                let order = Order { goals, groups: std::slice::from_ref(group), ..Order::default() };
                let answer = methods::solve(&mut live, &Certified, &order).unwrap();
                assert_eq!(answer.notes, [""; 0]);
                alone.extend(answer.goals.iter().map(|goal| goal.value));
                // What the group keeps becomes part of the next one's program.
                live.anchor().unwrap();
                assert_eq!(live.added_rows(), 0);
                program = live.program().clone();
            }
            check(&instance, &alone, &expected);
        }
    }
}

/// What a group leaves open is fixed before the next, by faces of which an engine tells either bound: the basis of the last group is
/// that of each.
#[test]
fn the_basis_of_last_time_survives_the_faces_between_groups() {
    let instance = rich::instance(10, 365, 1.0);
    let first = solve(&instance, &Certified, &Options::default());
    let [all] = first.groups.as_slice() else { panic!("{:?}", first.groups) };
    let cut = |at: std::ops::Range<usize>| Group {
        weights: all.weights[at.clone()].iter().map(|weight| weight / all.weights[at.end - 1]).collect(),
        proved: true,
    };
    for groups in [vec![cut(0..8)], vec![cut(0..4), cut(4..7), cut(7..8)]] {
        let mut live = Live::open(&Highs, instance.program.clone(), &Options::default()).unwrap();
        live.set_basis(first.solution.basis.as_ref().unwrap()).unwrap();
        let order = Order { goals: &instance.stages, groups: &groups, ..Order::default() };
        let second = methods::solve(&mut live, &Certified, &order).unwrap();
        check(&instance, &values(&instance, &second), &values(&instance, &first));
        assert_eq!(second.goals.iter().map(|goal| goal.iterations).sum::<u64>(), 0);
        let [again] = second.groups.as_slice() else { panic!("{:?}", second.groups) };
        for (again, weight) in again.weights.iter().zip(&all.weights) {
            assert!((again - weight).abs() <= 1e-6 * weight, "{again} instead of {weight}");
        }
    }
}

/// What is known of all eight goals makes each what-if one program, whatever weights its own order needs; the answer is that of a solve
/// from nothing.
#[test]
fn what_ifs_of_eight_goals_answer_as_a_solve_from_nothing() {
    let mut live = Live::open(&Highs, rich::instance(10, 90, 1.0).program, &Options::default()).unwrap();
    let mut groups = Vec::new();
    for inflow in [1.0, 0.9, 1.1, 1.0, 1.3, 0.7, 0.5, 2.0, 1.0] {
        let instance = rich::instance(10, 90, inflow);
        live.release().unwrap();
        live.refresh(&instance.program).unwrap().unwrap();
        let order = Order { goals: &instance.stages, groups: &groups, ..Order::default() };
        let answer = methods::solve(&mut live, &Certified, &order).unwrap();
        check(
            &instance,
            &values(&instance, &answer),
            &values(&instance, &solve(&instance, &Certified, &Options::default())),
        );
        groups = answer.groups;
        assert_eq!(groups.len(), 1, "inflow x {inflow}: {groups:?}");
    }
}

/// What is asked first, whatever was released before it, and what is far from the last answer are asked as if nothing were known,
/// iteration for iteration; what is nearer takes fewer.
#[test]
fn a_first_and_a_wide_what_if_begin_anew() {
    let iterations = |answer: &Answer| answer.goals.iter().map(|goal| goal.iterations).sum::<u64>();
    let mut live = Live::open(&Highs, rich::instance(10, 365, 1.0).program, &Options::default()).unwrap();
    let mut groups = Vec::new();
    for (inflow, is_far) in [(1.0, true), (0.2, true), (1.0, true), (1.1, false)] {
        let instance = rich::instance(10, 365, inflow);
        live.release().unwrap();
        live.refresh(&instance.program).unwrap().unwrap();
        let order = Order { goals: &instance.stages, groups: &groups, ..Order::default() };
        let hot = methods::solve(&mut live, &Certified, &order).unwrap();
        let cold = solve(&instance, &Certified, &Options::default());
        check(&instance, &values(&instance, &hot), &values(&instance, &cold));
        assert_eq!(is_far, iterations(&hot) == iterations(&cold), "{inflow}: {} {}", iterations(&hot), iterations(&cold));
        assert!(iterations(&hot) <= iterations(&cold));
        groups = hot.groups;
    }
}

/// Where each goal may give way, each is a group, which goes on from its own end: what is asked again takes no iteration, and other inflow
/// fewer than from nothing, to the same values.
#[test]
fn groups_asked_again_go_on_from_their_own_ends() {
    let giving_way = |inflow: f64| {
        let mut instance = rich::instance(3, 90, inflow);
        instance.stages.iter_mut().for_each(|stage| stage.tolerance = 0.5);
        instance
    };
    // What the last goals leave of those before is theirs to choose.
    let reached = |answer: &Answer| answer.goals.iter().map(|goal| goal.value).collect::<Vec<_>>();
    let iterations = |answer: &Answer| answer.goals.iter().map(|goal| goal.iterations).sum::<u64>();
    let mut live = Live::open(&Highs, giving_way(1.0).program, &Options::default()).unwrap();
    let mut groups = Vec::new();
    for (number, inflow) in [1.0, 1.0, 0.9, 1.0, 1.2].into_iter().enumerate() {
        let instance = giving_way(inflow);
        live.release().unwrap();
        live.refresh(&instance.program).unwrap().unwrap();
        let order = Order { goals: &instance.stages, groups: &groups, ..Order::default() };
        let answer = methods::solve(&mut live, &Certified, &order).unwrap();
        let cold = solve(&instance, &Certified, &Options::default());
        check(&instance, &reached(&answer), &reached(&cold));
        match number {
            0 => assert_eq!(iterations(&answer), iterations(&cold)),
            1 => assert_eq!(iterations(&answer), 0),
            _ => assert!(iterations(&answer) < iterations(&cold), "{inflow}: {} {}", iterations(&answer), iterations(&cold)),
        }
        groups = answer.groups;
    }
}

/// With few rows beside the balances too, a coarser program takes fewer iterations, its own among them.
#[test]
fn a_coarser_program_is_ahead_with_few_rows_too() {
    for sides in [Vec::new(), vec!["accounts"], vec!["ramps"]] {
        let solved = |sides: &[&str]| {
            let instance = rich::shaped(10, 365, 1.0, Shape { sides, split: false });
            let answer = solve(&instance, &Certified, &Options::default());
            assert!(answer.groups.iter().all(|group| group.proved), "{sides:?}");
            let iterations: u64 = answer.goals.iter().map(|goal| goal.iterations).sum();
            (values(&instance, &answer), iterations, instance)
        };
        let (by_blocks, few, instance) = solved(&sides);
        let (by_days, many, _) = solved(&[sides.as_slice(), &["daily"]].concat());
        check(&instance, &by_blocks, &by_days);
        assert!(4 * few < 3 * many, "{sides:?}: {few} instead of {many}");
    }
}

/// A coarser program is only a start: blocks that mean nothing lead to the same values as the right ones and as none.
#[test]
fn whatever_a_program_calls_blocks_leads_to_the_same_values() {
    for instance in [rich::instance(10, 90, 1.0), cascade::instance(10, 365)] {
        let (columns, rows) = (instance.program.columns(), instance.program.rows());
        let with = |blocks: Blocks| {
            let program = Program { blocks, ..instance.program.clone() };
            solve(&Instance { program, ..instance.clone() }, &Certified, &Options::default())
        };
        let iterations = |answer: &Answer| answer.goals.iter().map(|goal| goal.iterations).sum::<u64>();
        let (right, none) = (with(instance.program.blocks.clone()), with(Blocks::default()));
        check(&instance, &values(&instance, &right), &values(&instance, &none));
        assert!(2 * iterations(&right) < iterations(&none), "{} {}", iterations(&right), iterations(&none));
        let scattered = |by: usize, of: usize| move |number: usize| number * by % of;
        let one = Blocks::of(1, (0..columns).map(|_| 0), (0..rows).map(|_| 0));
        let any = Blocks::of(90, (0..columns).map(scattered(7919, 400)), (0..rows).map(scattered(104_729, 300)));
        let short = Blocks { steps: 1, columns: vec![0; 3], rows: vec![0; 2] };
        for blocks in [one, any, short] {
            check(&instance, &values(&instance, &with(blocks)), &values(&instance, &none));
        }
    }
}
