//! A live session answers as a solve from nothing does, whatever is asked of it after whatever, and proves it.

use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use weir_model::audit::audit;
use weir_model::document::document;
use weir_model::forcing::Param;
use weir_model::goals::{Lexicographic, Method};
use weir_model::plan::StageResult;
use weir_solver::certificate::weighted_value;
use weir_solver::engine::{Interrupt, Large, Options, Progress, Told};
use weir_solver::methods::Refreshed;
use weir_solver::program::Blocks;
use weir_solver::session::{Answer, Session, answered};
use weir_solver::solve::SolveOptions;
use weir_solver::verify::verify;

use crate::build::Build;
use crate::cascade::cascade;
use crate::check::{as_good, close, solved};
use crate::generated::{basins, basins_of, ramped, with_eight_goals};
use crate::hot::{Change, cases, changed, changes};
use crate::progress::listened;

/// An answer is true to its case, as good as a solve from nothing, and proved so: its bounds leave no goal room, but for the last digits of
/// what is given, which count by their rates (a day of supply for 2e-10 hm³ of a flood limit's breach was seen).
fn as_from_nothing(build: &Build, answer: &Answer) {
    let cold = from_nothing(build, answer);
    for proof in &answer.plan().certificate.proofs {
        let gap = proof.value - proof.bound;
        let rounded: f64 = proof.given.iter().map(|given| 1e-13 * given.at.abs() * given.rate).sum();
        assert!(gap <= 1e-6 * proof.value.abs().max(1.0) + rounded, "{}: {} for {}", proof.of, proof.bound, proof.value);
    }
    let is_weighted = build.goals.method == Method::Weighted;
    for (hot, cold) in answer.stages.iter().zip(&cold) {
        // What is best of weighted goals is their sum: several plans may have it, each with parts of its own.
        if is_weighted {
            continue;
        }
        close(hot.solved, cold.solved);
        // Of a goal that may give way no plan has to use up what it may.
        if hot.tolerance == 0.0 {
            close(hot.value, cold.value);
        }
    }
    if is_weighted {
        close(weighted_value(&answer.stages, &build.goals), weighted_value(&cold, &build.goals));
    }
}

/// What a solve from nothing reaches, ranked goals by their optimal faces, so by another way. The answer passes the audit, and its
/// certificate verifies, computed anew without a solver.
fn from_nothing(build: &Build, answer: &Answer) -> Vec<StageResult> {
    let (plan, goals) = (answer.plan(), answered(&build.goals));
    let case = answer.case.as_deref().unwrap_or(&build.case);
    let audit = audit(case, &goals, &plan);
    let findings: Vec<String> = audit.findings.iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "{findings:?}");
    let document = document(case, &goals, &plan, &audit);
    assert_eq!(verify(&document, &build.case, &goals), Vec::<String>::new());
    let proofs = &plan.certificate.proofs;
    assert_eq!(proofs.len(), if goals.method == Method::Weighted { 1 } else { plan.stages.len() });
    let mut alone = build.clone();
    alone.goals.closing = false;
    if alone.goals.method != Method::Weighted {
        alone.goals.method = Method::Lexicographic(Lexicographic::Faces);
    }
    let cold = solved(&alone, &SolveOptions::default()).plan.stages;
    assert_eq!(answer.stages.len(), cold.len());
    for (hot, cold) in answer.stages.iter().zip(&cold) {
        assert_eq!((hot.outcome.as_str(), &hot.objective), ("optimal", &cold.objective));
    }
    cold
}

fn session(build: &Build) -> Session {
    Session::open(&build.goals, &SolveOptions::default()).unwrap().proving()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn a_session_answers_as_a_solve_from_nothing(
        basin in basins(),
        all in proptest::collection::vec(changes(), 1..6),
        weighted in any::<bool>(),
        order in Just(vec![0, 1, 2, 3]).prop_shuffle(),
        weights in proptest::collection::vec(0.1..10.0_f64, 4),
    ) {
        let mut first = changed(&basin, &Change::Inflow(0.0), Lexicographic::Weights);
        let method = if weighted { Method::Weighted } else { first.goals.method };
        first.goals.method = method;
        let mut session = session(&first);
        as_from_nothing(&first, &session.solve(&first.case).unwrap());
        for change in &all {
            let mut build = changed(&basin, change, Lexicographic::Weights);
            build.goals.method = method;
            as_from_nothing(&build, &session.solve(&build.case).unwrap());
        }
        // The goals in another order and of other weights, and back.
        let mut other = first.clone();
        other.goals.stages.clone_from(&order);
        for (objective, weight) in other.goals.objectives.iter_mut().zip(weights) {
            objective.weight = Param::constant(weight);
        }
        session.ask(&other.goals);
        as_from_nothing(&other, &session.solve(&other.case).unwrap());
        session.ask(&first.goals);
        as_from_nothing(&first, &session.solve(&first.case).unwrap());
    }
}

/// With goals that may give way by so much.
fn eased(mut build: Build, tolerances: &[f64]) -> Build {
    for (&stage, &tolerance) in build.goals.stages.clone().iter().zip(tolerances) {
        build.goals.objectives[stage].tolerance = tolerance;
    }
    build
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    /// Rows that keep such goals are of one answer only, and limits of change tie the days.
    #[test]
    fn a_session_with_tolerances_and_ramps_answers_as_a_solve_from_nothing(
        basin in basins(),
        all in proptest::collection::vec(changes(), 1..6),
        tolerances in proptest::collection::vec(prop_oneof![Just(0.0), 0.0..0.5_f64], 4),
        ramp in 2.0..30.0_f64,
    ) {
        let asked = |change: &Change| eased(ramped(changed(&basin, change, Lexicographic::Weights), ramp), &tolerances);
        let first = asked(&Change::Inflow(0.0));
        let mut session = session(&first);
        as_from_nothing(&first, &session.solve(&first.case).unwrap());
        for change in &all {
            let build = asked(change);
            as_from_nothing(&build, &session.solve(&build.case).unwrap());
        }
        as_from_nothing(&first, &session.solve(&first.case).unwrap());
    }
}

/// Of more goals and days some differ by rates of second order, which leave their proofs a gap.
fn as_good_as_from_nothing(build: &Build, answer: &Answer) {
    as_good(&answer.stages, &from_nothing(build, answer));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    /// What only large programs have otherwise: a coarser program first, rows that come late, more than four goals as one program.
    #[test]
    fn a_session_of_a_large_program_answers_as_a_solve_from_nothing(
        basin in basins_of(2 * Blocks::STEPS + 1),
        all in proptest::collection::vec(changes(), 1..6),
        goals in 5..9_usize,
        order in Just((0..8).collect::<Vec<_>>()).prop_shuffle(),
        ramp in 2.0..30.0_f64,
    ) {
        let asked = |change: &Change| {
            let mut build = with_eight_goals(ramped(changed(&basin, change, Lexicographic::Weights), ramp));
            build.goals.stages = order[..goals].to_vec();
            build
        };
        let first = asked(&Change::Inflow(0.0));
        let (engine_options, heard) = listened(Options { large: Large::ANY, ..Options::default() });
        let options = SolveOptions { engine_options, ..SolveOptions::default() };
        let mut session = Session::open(&first.goals, &options).unwrap().proving();
        as_good_as_from_nothing(&first, &session.solve(&first.case).unwrap());
        prop_assert!(heard.lock().unwrap().contains(&Told::Coarse));
        for change in &all {
            let build = asked(change);
            as_good_as_from_nothing(&build, &session.solve(&build.case).unwrap());
        }
        as_good_as_from_nothing(&first, &session.solve(&first.case).unwrap());
    }
}

/// Interrupted at whatever is told first, second, … of a large program's ways, a session answers the next question as ever.
#[test]
fn a_session_that_was_interrupted_is_asked_again() {
    let at_reservoir = |share: f64| {
        let mut build = with_eight_goals(cascade(3, 30));
        build.case.forcing.series[0].values.mapv_inplace(|flow| flow * share);
        build
    };
    let [first, second] = [at_reservoir(1.0), at_reservoir(0.7)];
    let mut stopped = 0;
    for most in 0..12 {
        let interrupt = Interrupt::default();
        let (raised, told) = (interrupt.clone(), AtomicUsize::new(0));
        let progress = Progress::new(move |_: &Told| {
            if told.fetch_add(1, Ordering::Relaxed) == most {
                raised.raise();
            }
        });
        let engine_options = Options {
            large: Large::ANY,
            interrupt: Some(interrupt.clone()),
            progress: Some(progress),
            ..Options::default()
        };
        let options = SolveOptions { engine_options, ..SolveOptions::default() };
        let mut session = Session::open(&first.goals, &options).unwrap().proving();
        for build in [&first, &second, &first] {
            let answer = session.solve(&build.case);
            interrupt.lower();
            match answer {
                Ok(answer) => as_good_as_from_nothing(build, &answer),
                Err(why) => {
                    assert!(why.to_string().contains("stopped"), "{why}");
                    stopped += 1;
                    as_good_as_from_nothing(build, &session.solve(&build.case).unwrap());
                }
            }
        }
    }
    assert!(stopped > 3, "{stopped}");
}

#[test]
fn only_what_differs_is_changed() {
    let mut build = cascade(3, 30);
    let mut session = session(&build);
    let first = session.solve(&build.case).unwrap();
    assert_eq!(first.refreshed, None);
    let again = session.solve(&build.case).unwrap();
    assert_eq!((again.refreshed, again.iterations), (Some(Refreshed::default()), 0));
    // A given inflow on ten days of one reservoir stands on the right-hand sides of its balance.
    build.case.forcing.series[0].values.iter_mut().take(10).for_each(|flow| *flow *= 0.8);
    let drier = session.solve(&build.case).unwrap();
    assert_eq!(drier.refreshed, Some(Refreshed { row_bounds: 10, ..Refreshed::default() }));
    as_from_nothing(&build, &drier);
    let node = build.case.network.storages().next().unwrap().0;
    build.storage_mut(node).upper = Param::constant(80.0);
    let lower = session.solve(&build.case).unwrap().refreshed.unwrap();
    assert_eq!((lower.row_bounds, lower.coefficients), (0, 0));
    assert!((1..=30).contains(&lower.column_bounds), "{lower:?}");
    // Evaporation is a coefficient of the storages beside it.
    build.storage_mut(node).evaporation = Some(Param::constant(3.0));
    let loses = session.solve(&build.case).unwrap();
    assert!(loses.refreshed.unwrap().coefficients >= 30, "{loses:?}");
    as_from_nothing(&build, &loses);
}

/// One reservoir of a year of ten has a fifth less for ten days.
#[test]
fn a_local_change_of_a_year_takes_few_iterations() {
    let mut build = cascade(10, 365);
    let mut session = session(&build);
    let cold = session.solve(&build.case).unwrap().iterations;
    build.case.forcing.series[0].values.iter_mut().skip(100).take(10).for_each(|flow| *flow *= 0.8);
    let hot = session.solve(&build.case).unwrap();
    assert!(hot.iterations * 20 < cold, "{} instead of {cold}", hot.iterations);
    as_from_nothing(&build, &hot);
}
