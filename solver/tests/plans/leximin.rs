//! Leximin over regions, uses and months of a dry cascade, judged by programs that know nothing of its rounds: with all that is
//! lower or equal kept, and all that is higher held at least as high, no entry can rise.

use weir_model::forcing::Param;
use weir_model::goals::Period;
use weir_model::network::{NodeKind, Region, Role, Use};
use weir_solver::engine::{Algorithm, Engine, Options, highs::Highs};
use weir_solver::formulation::formulate;
use weir_solver::layout::Open;
use weir_solver::methods::{Live, leximin};
use weir_solver::solve::SolveOptions;

use crate::build::{Build, portion};
use crate::cascade::with_inflow;
use crate::check::solved;

/// The cascade with a region a reservoir, a share of its inflow, no end to hold, and leximin by month as its only goal.
fn dry(reservoirs: usize, days: usize, inflow: f64) -> Build {
    let mut build = with_inflow(reservoirs, days, inflow);
    let network = &mut build.case.network;
    for i in 1..=reservoirs {
        let id = format!("county{i:03}");
        network.regions.push(Region { id: id.clone(), name: id, code: None, parent: None });
    }
    // Ids end in the reservoir's number.
    let region = |id: &str| id.get(1..).and_then(|number| number.parse::<usize>().ok()).map(|number| number - 1);
    for node in &mut network.nodes {
        node.region = region(&node.id);
        if let NodeKind::Storage(storage) = &mut node.kind {
            storage.end = None;
        }
    }
    for requirement in &mut network.requirements {
        requirement.region =
            requirement.id.get(requirement.id.len() - 3..).and_then(|n| n.parse::<usize>().ok()).map(|n| n - 1);
    }
    build.goals.stages.clear();
    build.goals.objectives.clear();
    let fair = build.stage("fair", "balance");
    fair.form = Some("leximin".to_owned());
    fair.period = Period::Month;
    build
}

/// Levels found, having been judged; entries, programs solved and seconds are printed.
fn judged(build: &Build) -> Vec<f64> {
    let (formulation, _) = formulate(&build.case, &build.goals, Open::Nothing).unwrap();
    let stage = &formulation.stages[0];
    let entries = stage.leximin.as_ref().unwrap();
    let mut live = Live::open(&Highs, formulation.program.clone(), &Options::default()).unwrap();
    let started = std::time::Instant::now();
    let found = leximin::run(&mut live, stage, entries, false).unwrap();
    let columns = formulation.program.columns();
    println!(
        "{} entries, {columns} columns: {} programs, {} iterations, {:.1} s",
        entries.entries.len(),
        found.programs,
        found.answer.iterations,
        started.elapsed().as_secs_f64()
    );
    assert_eq!(live.take_notes(), Vec::<String>::new());
    let mut judge = Highs.open(&formulation.program, &Options::default()).unwrap();
    let mut costs = vec![0.0; columns];
    for (k, entry) in entries.entries.iter().enumerate() {
        let level = found.levels[k];
        let bounds: Vec<_> = entries
            .entries
            .iter()
            .zip(&found.levels)
            .map(|(other, &of)| (other.column, of.min(level) - 1e-8, formulation.program.column_upper[other.column]))
            .collect();
        judge.set_column_bounds(&bounds).unwrap();
        costs[entry.column] = -1.0;
        judge.set_costs(&costs).unwrap();
        costs[entry.column] = 0.0;
        let run = judge.solve(Algorithm::Automatic).unwrap();
        assert!(run.outcome.has_point(), "entry {k}: {:?}", run.outcome);
        let most = judge.solution().unwrap().primal[entry.column];
        assert!((most - level).abs() < 2e-5, "entry {k} can rise from {level} to {most}");
    }
    found.levels
}

#[test]
fn no_entry_of_a_dry_cascade_can_rise_but_at_the_cost_of_one_no_better_off() {
    let build = dry(5, 90, 0.35);
    let levels = judged(&build);
    assert_eq!(levels.len(), 5 * 3 * 3);
    let mut sorted = levels.clone();
    sorted.sort_by(f64::total_cmp);
    sorted.dedup_by(|a, b| (*a - *b).abs() < 1e-4);
    assert!(sorted.len() > 3, "too few levels to tell leximin from its first round: {sorted:?}");
    // The plan as solved has the same least, and passes its audit.
    let plan = solved(&build, &SolveOptions::default()).plan;
    approx::assert_abs_diff_eq!(plan.stages[0].value, sorted[0], epsilon = 1e-6);
}

#[test]
fn the_price_of_fairness_is_what_higher_stages_would_lose() {
    // 10 m³/s for a town that wants 8 and comes first and works that want 8: they have 2, a quarter. A hundredth more of that is
    // 0.02 m³/s, 0.001728 hm³ in the day, which the town would lack.
    let mut build = Build::new("1 x 1 d");
    let spring = build.available("spring", 10.0);
    let town = build.demand("town", spring, 8.0);
    build.region(town);
    let works = build.demand_node("works", 8.0, vec![portion("industry", Use::Industrial, 1.0)]);
    build.arc("works.intake", spring, works, Role::Intake, 100.0);
    build.region(works);
    build.stage("drinking", "shortage").uses = vec!["domestic".to_owned()];
    build.stage("fair", "balance").form = Some("leximin".to_owned());
    let plan = solved(&build, &SolveOptions::default()).plan;
    approx::assert_abs_diff_eq!(plan.stages[1].value, 0.25, epsilon = 1e-9);
    let prices: Vec<_> = plan.notes.iter().filter(|note| note.starts_with("Price of fairness")).collect();
    assert_eq!(
        prices,
        ["Price of fairness: lifting the worst entry of `fair` from 25.00 % to 25.25 % would move `drinking` from \
          0.000000 hm3 to 0.001728 hm3."]
    );
    // Behind a pipe of 2 nothing that the town gives up helps.
    let mut build = build;
    build
        .case
        .network
        .arcs
        .iter_mut()
        .filter(|arc| arc.id == "works.intake")
        .for_each(|arc| arc.capacity = Param::constant(2.0));
    let plan = solved(&build, &SolveOptions::default()).plan;
    assert!(plan.notes.iter().any(|note| note.contains("`fair`, 25.00 %, cannot be lifted")), "{:?}", plan.notes);
}

/// Run by hand: `cargo test --release -p weir-solver --test plans ten_regions -- --ignored --nocapture`.
#[test]
#[ignore = "minutes, most of them judging; figures in docs/performance.md"]
fn ten_regions_three_uses_and_twelve_months() {
    let levels = judged(&dry(10, 365, 0.5));
    assert_eq!(levels.len(), 10 * 3 * 12);
}
