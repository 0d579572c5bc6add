//! What every engine answers on one list of tiny programs, and that each keeps what it declares.

#![allow(clippy::unwrap_used, reason = "a test ends where it must")]

mod common;

use common::{FREE, Row, program};
use weir_solver::engine::{
    Algorithm, ENGINES, Engine, EngineError, Interrupt, Limit, Options, Outcome, Run, Session, highs::Highs,
};
use weir_solver::program::Program;

/// A program, its costs, and what must come out.
struct Sample {
    name: &'static str,
    program: Program,
    costs: Vec<f64>,
    outcome: Outcome,
    value: f64,
}

fn sample(
    name: &'static str,
    columns: &[(f64, f64)],
    rows: &[Row<'_>],
    integers: &[usize],
    costs: &[f64],
    expected: Result<f64, Outcome>,
) -> Sample {
    let (outcome, value) = match expected {
        Ok(value) => (Outcome::Optimal, value),
        Err(outcome) => (outcome, f64::NAN),
    };
    Sample { name, program: program(columns, rows, integers), costs: costs.to_vec(), outcome, value }
}

fn samples() -> Vec<Sample> {
    let unit = (0.0, 1.0);
    let up = (0.0, FREE);
    vec![
        // x + y = 4 with y at its bound: −2 − 2·2.
        sample("optimal", &[(0.0, 3.0), (0.0, 2.0)], &[(-FREE, 4.0, &[1.0, 1.0])], &[], &[-1.0, -2.0], Ok(-6.0)),
        sample("infeasible", &[unit, unit], &[(3.0, FREE, &[1.0, 1.0])], &[], &[1.0, 1.0], Err(Outcome::Infeasible)),
        sample(
            "crossed column",
            &[(2.0, 1.0), unit],
            &[(0.0, 5.0, &[1.0, 1.0])],
            &[],
            &[1.0, 1.0],
            Err(Outcome::Infeasible),
        ),
        sample("crossed row", &[unit, unit], &[(1.0, 0.5, &[1.0, 1.0])], &[], &[1.0, 1.0], Err(Outcome::Infeasible)),
        sample("unbounded", &[up, up], &[(-FREE, 1.0, &[1.0, -1.0])], &[], &[-1.0, 0.0], Err(Outcome::Unbounded)),
        // Three rows meet in (1, 1).
        sample(
            "degenerate",
            &[up, up],
            &[(-FREE, 2.0, &[1.0, 1.0]), (-FREE, 3.0, &[2.0, 1.0]), (-FREE, 3.0, &[1.0, 2.0])],
            &[],
            &[-1.0, -1.0],
            Ok(-2.0),
        ),
        sample("free row", &[(-1.0, 1.0)], &[(-FREE, FREE, &[1.0])], &[], &[2.0], Ok(-2.0)),
        sample("free column", &[(-FREE, FREE)], &[(-7.0, FREE, &[1.0])], &[], &[1.0], Ok(-7.0)),
        sample("ranged row, lower side", &[up, up], &[(1.0, 3.0, &[1.0, 1.0])], &[], &[1.0, 1.0], Ok(1.0)),
        sample("ranged row, upper side", &[up, up], &[(1.0, 3.0, &[1.0, 1.0])], &[], &[-1.0, -1.0], Ok(-3.0)),
        sample("equality", &[up, up], &[(4.0, 4.0, &[1.0, 2.0])], &[], &[1.0, 1.0], Ok(2.0)),
        sample("fixed column", &[(2.0, 2.0), up], &[(5.0, FREE, &[1.0, 1.0])], &[], &[10.0, 1.0], Ok(23.0)),
        sample("no cost", &[unit], &[(0.5, FREE, &[1.0])], &[], &[0.0], Ok(0.0)),
        sample("no rows", &[(-2.0, 3.0), (1.0, 4.0)], &[], &[], &[1.0, -1.0], Ok(-6.0)),
        sample("empty", &[], &[], &[], &[], Ok(0.0)),
        sample("no columns, row holds", &[], &[(-1.0, 1.0, &[])], &[], &[], Ok(0.0)),
        sample("no columns, row cannot hold", &[], &[(1.0, 2.0, &[])], &[], &[], Err(Outcome::Infeasible)),
        sample("zero row that cannot hold", &[unit], &[(1.0, 2.0, &[0.0])], &[], &[1.0], Err(Outcome::Infeasible)),
        // The relaxation gives 21 at (3, 1.5); of whole numbers (4, 0) is best.
        sample(
            "integer",
            &[(0.0, 10.0), (0.0, 10.0)],
            &[(-FREE, 24.0, &[6.0, 4.0]), (-FREE, 6.0, &[1.0, 2.0])],
            &[0, 1],
            &[-5.0, -4.0],
            Ok(-20.0),
        ),
        sample("integer, infeasible", &[(0.2, 0.8)], &[(-FREE, 1.0, &[1.0])], &[0], &[1.0], Err(Outcome::Infeasible)),
    ]
}

fn open(engine: &dyn Engine, sample: &Sample) -> Box<dyn Session> {
    let mut session = engine.open(&sample.program, &Options::default()).unwrap();
    session.set_costs(&sample.costs).unwrap();
    session
}

#[test]
fn both_engines_are_tested() {
    let names: Vec<&str> = ENGINES.iter().map(|engine| engine.name()).collect();
    assert_eq!(names, ["highs", "portable"]);
}

#[test]
fn every_engine_gives_every_sample_its_outcome_and_value() {
    for engine in ENGINES {
        for sample in samples() {
            for algorithm in [Algorithm::Automatic, Algorithm::Primal, Algorithm::Plain, Algorithm::InteriorPoint] {
                let mut session = open(*engine, &sample);
                let run = session.solve(algorithm).unwrap();
                let context = format!("{} on `{}` by {algorithm:?}", engine.name(), sample.name);
                assert_eq!(run.outcome, sample.outcome, "{context}");
                if run.outcome == Outcome::Optimal {
                    let solution = session.solution().unwrap();
                    approx::assert_abs_diff_eq!(solution.objective, sample.value, epsilon = 1e-7);
                    let value: f64 = sample.costs.iter().zip(&solution.primal).map(|(cost, x)| cost * x).sum();
                    approx::assert_abs_diff_eq!(value, sample.value, epsilon = 1e-7);
                } else {
                    assert!(session.solution().is_err(), "{context}: a point without an outcome that has one");
                }
            }
        }
    }
}

#[test]
fn duals_prove_the_optimum_where_an_engine_tells_them() {
    for engine in ENGINES.iter().filter(|engine| engine.reports().duals) {
        let linear = samples().into_iter().filter(|sample| sample.program.integers.is_empty());
        for sample in linear.filter(|sample| sample.outcome == Outcome::Optimal) {
            let mut session = open(*engine, &sample);
            session.solve(Algorithm::Automatic).unwrap();
            let solution = session.solution().unwrap();
            // Weak duality: each reduced cost and dual times the bound that its sign holds adds up to the optimum.
            let p = &sample.program;
            let held = |d: f64, lower: f64, upper: f64| match d {
                d if d.abs() < 1e-9 => 0.0,
                d if d > 0.0 => d * lower,
                d => d * upper,
            };
            let columns: f64 =
                (0..p.columns()).map(|j| held(solution.reduced_costs[j], p.column_lower[j], p.column_upper[j])).sum();
            let rows: f64 = (0..p.rows()).map(|i| held(solution.row_duals[i], p.row_lower[i], p.row_upper[i])).sum();
            approx::assert_abs_diff_eq!(columns + rows, sample.value, epsilon = 1e-7);
        }
    }
}

#[test]
fn what_an_engine_does_not_tell_is_refused_by_name() {
    for engine in ENGINES.iter().filter(|engine| !engine.reports().basis) {
        let sample = &samples()[0];
        let mut session = open(*engine, sample);
        session.solve(Algorithm::Automatic).unwrap();
        assert!(session.solution().unwrap().row_duals.is_empty());
        assert!(matches!(session.basis(), Err(EngineError::Unsupported { .. })));
        assert!(matches!(session.duals_of(&[&sample.costs]), Err(EngineError::Unsupported { .. })));
        assert!(matches!(session.write_model("x.mps".as_ref()), Err(EngineError::Unsupported { .. })));
        let largest = engine.reports().largest.unwrap();
        let wide = program(&vec![(0.0, 1.0); largest + 1], &[], &[]);
        assert!(matches!(engine.open(&wide, &Options::default()), Err(EngineError::Unsupported { .. })));
    }
}

#[test]
fn changes_in_place_equal_a_program_built_anew() {
    for engine in ENGINES {
        let sample = &samples()[0];
        let mut session = open(*engine, sample);
        session.solve(Algorithm::Automatic).unwrap();
        session.set_costs(&[-3.0, -1.0]).unwrap();
        session.set_column_bounds(&[(1, 0.5, 9.0), (0, 0.0, 8.0)]).unwrap();
        session.set_row_bounds(&[(0, -FREE, 10.0)]).unwrap();
        session.set_coefficients(&[(0, 1, 4.0)]).unwrap();
        // x + 4y ≤ 10, x + y ≤ 7: with y at 0.5 x is 6.5; at the rows' meeting (6, 1) the value is −19, less good than −20.
        assert_eq!(session.add_row(-FREE, 7.0, &[(0, 1.0), (1, 1.0)]).unwrap(), 1);
        assert_eq!(session.solve(Algorithm::Automatic).unwrap().outcome, Outcome::Optimal);
        approx::assert_abs_diff_eq!(session.solution().unwrap().objective, -20.0, epsilon = 1e-9);
    }
}

#[test]
fn columns_are_added_to_a_live_program() {
    for engine in ENGINES {
        let mut session = open(*engine, &samples()[0]);
        session.solve(Algorithm::Automatic).unwrap();
        // t ≤ x and t ≤ y under x + y ≤ 4, y ≤ 2: the greatest t is 2.
        assert_eq!(session.add_columns(&[(-5.0, 9.0)]).unwrap(), 2);
        session.add_row(0.0, FREE, &[(0, 1.0), (2, -1.0)]).unwrap();
        session.add_row(0.0, FREE, &[(1, 1.0), (2, -1.0)]).unwrap();
        session.set_costs(&[0.0, 0.0, -1.0]).unwrap();
        assert_eq!(session.solve(Algorithm::Automatic).unwrap().outcome, Outcome::Optimal);
        let solution = session.solution().unwrap();
        approx::assert_abs_diff_eq!(solution.objective, -2.0, epsilon = 1e-9);
        assert_eq!(solution.primal.len(), 3);
    }
}

#[test]
fn a_point_is_not_told_after_a_change() {
    for engine in ENGINES {
        let mut session = open(*engine, &samples()[0]);
        session.solve(Algorithm::Automatic).unwrap();
        assert!(session.solution().is_ok());
        session.set_costs(&[1.0, 1.0]).unwrap();
        assert!(session.solution().is_err());
    }
}

#[test]
fn arrays_that_do_not_fit_are_refused() {
    for engine in ENGINES {
        let mut session = open(*engine, &samples()[0]);
        assert!(matches!(session.set_costs(&[1.0]), Err(EngineError::Size { .. })));
        assert!(matches!(session.set_column_bounds(&[(2, 0.0, 1.0)]), Err(EngineError::Size { .. })));
        assert!(matches!(session.set_row_bounds(&[(1, 0.0, 1.0)]), Err(EngineError::Size { .. })));
        assert!(matches!(session.set_coefficients(&[(0, 5, 1.0)]), Err(EngineError::Size { .. })));
        assert!(matches!(session.add_row(0.0, 1.0, &[(2, 1.0)]), Err(EngineError::Size { .. })));
        let mut broken = samples().swap_remove(0).program;
        broken.indices[0] = 7;
        assert!(matches!(engine.open(&broken, &Options::default()), Err(EngineError::Size { .. })));
    }
}

#[test]
fn a_basis_given_back_needs_no_iteration() {
    let instance = weir_benches::cascade::instance(3, 30);
    let costs = instance.stages[0].expression.dense(instance.program.columns());
    let mut first = Highs.open(&instance.program, &Options::default()).unwrap();
    first.set_costs(&costs).unwrap();
    first.solve(Algorithm::Automatic).unwrap();
    let basis = first.basis().unwrap();
    let mut second = Highs.open(&instance.program, &Options::default()).unwrap();
    second.set_costs(&costs).unwrap();
    second.set_basis(&basis).unwrap();
    let run = second.solve(Algorithm::Automatic).unwrap();
    assert_eq!((run.outcome, run.iterations), (Outcome::Optimal, 0));
    assert_eq!(second.basis().unwrap(), basis);
}

/// x + y ≥ 3 by x ≤ 2, the cheaper, and y: once x may only be 1, nothing basic is beyond its bounds, and once y may only be 1, y is.
#[test]
fn what_a_change_of_bounds_puts_beyond_them_is_told() {
    let program = Program {
        starts: vec![0, 1, 2],
        indices: vec![0, 0],
        values: vec![1.0, 1.0],
        column_lower: vec![0.0, 0.0],
        column_upper: vec![2.0, 5.0],
        row_lower: vec![3.0],
        row_upper: vec![f64::INFINITY],
        ..Program::default()
    };
    let mut session = Highs.open(&program, &Options::default()).unwrap();
    session.set_costs(&[1.0, 2.0]).unwrap();
    session.solve(Algorithm::Automatic).unwrap();
    for (change, beyond) in [((0, 0.0, 1.0), 0), ((1, 0.0, 1.0), 1), ((1, 0.0, 2.0), 0)] {
        session.set_column_bounds(&[change]).unwrap();
        let before = session.basis().unwrap();
        assert_eq!(session.beyond().unwrap(), Some(beyond), "{change:?}");
        assert_eq!(session.basis().unwrap(), before);
    }
    let run = session.solve(Algorithm::Automatic).unwrap();
    assert_eq!((run.outcome, session.solution().unwrap().primal), (Outcome::Optimal, vec![1.0, 2.0]));
}

#[test]
fn duals_of_the_costs_that_were_solved_are_the_duals_told() {
    let instance = weir_benches::cascade::instance(3, 30);
    let mut costs = instance.stages[0].expression.dense(instance.program.columns());
    for stage in &instance.stages[1..] {
        for &(j, cost) in &stage.expression.terms {
            costs[j] += cost;
        }
    }
    let mut session = Highs.open(&instance.program, &Options::default()).unwrap();
    session.set_costs(&costs).unwrap();
    session.solve(Algorithm::Automatic).unwrap();
    let told = session.solution().unwrap().row_duals;
    let found = session.duals_of(&[&costs]).unwrap().remove(0);
    assert!(told.iter().any(|dual| dual.abs() > 1e-3));
    for (found, told) in found.iter().zip(&told) {
        approx::assert_abs_diff_eq!(found, told, epsilon = 1e-9);
    }
}

#[test]
fn sessions_on_several_threads_give_the_same_bits() {
    let instance = weir_benches::cascade::instance(3, 30);
    let costs = instance.stages[2].expression.dense(instance.program.columns());
    let solve = |mut session: Box<dyn Session>| {
        session.set_costs(&costs).unwrap();
        session.solve(Algorithm::Automatic).unwrap();
        session.solution().unwrap()
    };
    let here = solve(Highs.open(&instance.program, &Options::default()).unwrap());
    std::thread::scope(|scope| {
        let sessions: Vec<_> = (0..4).map(|_| Highs.open(&instance.program, &Options::default()).unwrap()).collect();
        let threads: Vec<_> = sessions.into_iter().map(|session| scope.spawn(|| solve(session))).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), here);
        }
    });
}

/// A session beside another ends its runs after as many iterations as it was given.
#[test]
fn a_run_beside_ends_after_so_many_iterations() {
    let instance = weir_benches::cascade::instance(10, 30);
    let session = Highs.open(&instance.program, &Options { presolve: false, ..Options::default() }).unwrap();
    let mut beside = session.beside(&instance.program, 20).unwrap().unwrap();
    beside.set_costs(&instance.stages[2].expression.dense(instance.program.columns())).unwrap();
    let run = beside.solve(Algorithm::Automatic).unwrap();
    assert_eq!(run, Run { outcome: Outcome::Stopped { limit: Limit::Iterations }, iterations: 20 });
}

#[test]
fn a_time_limit_is_told_as_such() {
    let instance = weir_benches::cascade::instance(10, 365);
    let options = Options { time_limit_s: Some(0.0), presolve: false, ..Options::default() };
    let mut session = Highs.open(&instance.program, &options).unwrap();
    session.set_costs(&instance.stages[2].expression.dense(instance.program.columns())).unwrap();
    let run = session.solve(Algorithm::Automatic).unwrap();
    assert_eq!(run.outcome, Outcome::Stopped { limit: Limit::Time });
    assert!(session.solution().is_err());
}

/// The callback is asked at every iteration, so a flag that rises while 50 reservoirs over a year are solved ends that run; one
/// that was raised before ends it at once.
#[test]
fn an_interrupt_from_another_thread_ends_a_run() {
    let instance = weir_benches::cascade::instance(50, 365);
    let interrupt = Interrupt::default();
    let options = Options { presolve: false, interrupt: Some(interrupt.clone()), ..Options::default() };
    let mut session = Highs.open(&instance.program, &options).unwrap();
    session.set_costs(&instance.stages[2].expression.dense(instance.program.columns())).unwrap();
    std::thread::scope(|scope| {
        let (begun, begins) = std::sync::mpsc::channel();
        let solving = scope.spawn(move || {
            begun.send(()).unwrap();
            session.solve(Algorithm::Primal).unwrap()
        });
        begins.recv().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(20));
        interrupt.raise();
        assert_eq!(solving.join().unwrap().outcome, Outcome::Stopped { limit: Limit::Interrupt });
    });
    let mut session = Highs.open(&instance.program, &options).unwrap();
    assert_eq!(session.solve(Algorithm::Automatic).unwrap().outcome, Outcome::Stopped { limit: Limit::Interrupt });
}

#[test]
fn a_program_is_written_to_a_file_of_any_name() {
    let directory = std::env::temp_dir().join(format!("weir-engines-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let mut session = open(&Highs, &samples()[0]);
    let file = directory.join("飞云 第一阶段.mps");
    session.write_model(&file).unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.starts_with("NAME") && text.contains("COLUMNS") && text.contains("BOUNDS"), "{text}");
    let nowhere = directory.join("missing").join("x.mps");
    assert_eq!(session.write_model(&nowhere), Err(EngineError::Write { path: nowhere.clone() }));
    std::fs::remove_dir_all(&directory).unwrap();
}

#[test]
fn no_engine_calls_a_bounded_program_unbounded() {
    // y ≥ 0 and −y ≥ 0 hold y at 0; microlp 0.6 lets it fall, because of the free column beside it.
    let up = (0.0, FREE);
    let columns = [up, up, (-FREE, FREE), up, up];
    let rows: &[Row<'_>] = &[(0.0, FREE, &[0.0, -1.0, 0.0, 0.0, 0.0])];
    let program = program(&columns, rows, &[]);
    for engine in ENGINES {
        let mut session = engine.open(&program, &Options::default()).unwrap();
        session.set_costs(&[0.0, -1.0, 0.0, 0.0, 0.0]).unwrap();
        let outcome = session.solve(Algorithm::Automatic).unwrap().outcome;
        let honest = outcome == Outcome::Optimal || matches!(outcome, Outcome::Failed { .. });
        assert!(honest, "{}: {outcome:?}", engine.name());
        assert!(engine.name() != "highs" || outcome == Outcome::Optimal);
    }
}
