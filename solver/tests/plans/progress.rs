//! What a solve tells of its way: in order, and without changing what is found.

use std::sync::{Arc, Mutex};

use weir_model::goals::{Integers, Lexicographic, Method};
use weir_solver::engine::{Algorithm, EVERY, Engine as _, Large, Options, Part, Progress, Told, highs::Highs};
use weir_solver::formulation::formulate;
use weir_solver::layout::Open;
use weir_solver::solve::{SolveOptions, Solved, solve};

use crate::build::Build;
use crate::cascade::cascade;
use crate::on_off::on_off;

/// Options that tell, and where it is heard.
pub fn listened(options: Options) -> (Options, Arc<Mutex<Vec<Told>>>) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hears = Arc::clone(&heard);
    let progress = Progress::new(move |told| hears.lock().unwrap().push(told.clone()));
    (Options { progress: Some(progress), ..options }, heard)
}

/// A solve with a listener, which has to find what one without finds, to the byte.
fn told(build: &Build) -> Vec<Told> {
    let (engine_options, heard) = listened(Options::default());
    let solved = |options: &SolveOptions| solve(&build.case, &build.goals, options).unwrap();
    let bytes = |solved: Solved| (format!("{:?}", solved.plan), solved.end.map(|end| end.bytes().to_vec()));
    let silent = bytes(solved(&SolveOptions::default()));
    assert_eq!(bytes(solved(&SolveOptions { engine_options, ..SolveOptions::default() })), silent);
    Arc::try_unwrap(heard).unwrap().into_inner().unwrap()
}

/// The parts, each with the stages told in it.
fn parts(all: &[Told]) -> Vec<(Part, Vec<(usize, usize)>)> {
    let mut parts: Vec<(Part, Vec<(usize, usize)>)> = Vec::new();
    for told in all {
        match *told {
            Told::Part(part) => parts.push((part, Vec::new())),
            Told::Stages { first, end } => parts.last_mut().unwrap().1.push((first, end)),
            Told::Coarse | Told::Iterations(_) | Told::Gap { .. } => {}
        }
    }
    parts
}

#[test]
fn parts_and_goals_are_told_in_order_and_the_plan_is_the_same() {
    for (by, goals) in [(Lexicographic::Faces, vec![(0, 1), (1, 2), (2, 3)]), (Lexicographic::Weights, vec![(0, 3)])] {
        let mut build = cascade(10, 120);
        build.goals.closing = true;
        build.goals.method = Method::Lexicographic(by);
        let all = told(&build);
        let parts = parts(&all);
        assert_eq!(parts[0], (Part::Goals, goals));
        assert_eq!(parts[1].0, Part::Closing);
        assert!(parts[1].1.is_sorted_by(|a, b| a.1 <= b.0), "{parts:?}");
        assert_eq!(parts.len(), 2, "{parts:?}");
        assert!(all.iter().any(|told| matches!(told, Told::Iterations(_))));
        assert!(!all.iter().any(|told| matches!(told, Told::Gap { .. })));
    }
    let mut build = cascade(2, 10);
    build.goals.method = Method::Weighted;
    assert_eq!(parts(&told(&build))[0], (Part::Goals, vec![(0, 3)]));
}

#[test]
fn iterations_of_a_run_are_told_as_they_pass() {
    let build = cascade(10, 120);
    let (formulation, _) = formulate(&build.case, &build.goals, Open::Nothing).unwrap();
    let (options, heard) = listened(Options { presolve: false, ..Options::default() });
    let mut session = Highs.open(&formulation.program, &options).unwrap();
    session.set_costs(&formulation.stages[0].expression.dense(formulation.program.columns())).unwrap();
    let run = session.solve(Algorithm::Automatic).unwrap();
    let passed: Vec<Told> = (1..=run.iterations / EVERY).map(|nth| Told::Iterations(nth * EVERY)).collect();
    assert!(passed.len() > 2, "{run:?}");
    assert_eq!(*heard.lock().unwrap(), passed);
}

/// What counts iterations of a coarser program is not what counts those of the goals.
#[test]
fn a_coarser_program_is_told_as_a_step_of_its_own() {
    let mut build = cascade(3, 30);
    build.goals.method = Method::Lexicographic(Lexicographic::Weights);
    let (engine_options, heard) = listened(Options { large: Large::ANY, ..Options::default() });
    solve(&build.case, &build.goals, &SolveOptions { engine_options, ..SolveOptions::default() }).unwrap();
    let goals = Told::Stages { first: 0, end: 3 };
    assert!(heard.lock().unwrap().starts_with(&[Told::Part(Part::Goals), goals.clone(), Told::Coarse, goals]));
}

#[test]
fn whole_numbers_are_told_goal_by_goal_before_the_goals() {
    let parts = parts(&told(&on_off(10, 30, Some(Integers { gap: 1e-4, time_limit_s: None }))));
    assert_eq!(parts[0], (Part::WholeNumbers, vec![(0, 1), (1, 2), (2, 3)]));
    assert_eq!(parts[1].0, Part::Goals);
}
