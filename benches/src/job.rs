//! The main job, from a basin on disk to a plan's bytes, cut into its phases.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::ToSpan as _;
use weir_model::audit::{Audit, audit};
use weir_model::basin::Basin;
use weir_model::case::Case;
use weir_model::document::PlanDocument;
pub use weir_model::document::document;
use weir_model::goals::{Goals, Lexicographic, Method};
use weir_model::lower::lower;
use weir_model::network::{Node, NodeKind};
use weir_model::plan::Certificate;
use weir_solver::certificate::{Found, certify};
use weir_solver::engine::{Limit, Options, Outcome, highs::Highs};
use weir_solver::formulation::{Formulation, formulated};
use weir_solver::hot::HotStart;
use weir_solver::layout::Open;
use weir_solver::methods::{self, Answer, Live, Order, certified::Certified, faces::Faces};
use weir_solver::solve::{SolveOptions, Solved, Unsolved, solve};

use crate::clock;

#[path = "../../examples/cascade/generate.rs"]
mod generate;
#[path = "../../examples/cascade/rich.rs"]
mod rich;

/// Writes a cascade as a basin folder among the temporary files, and says where.
///
/// # Errors
/// If it cannot be written.
pub fn cascade(reservoirs: usize, days: usize) -> std::io::Result<PathBuf> {
    written_by(generate::write, "cascade", reservoirs, days)
}

/// The same of the rich cascade.
///
/// # Errors
/// If it cannot be written.
pub fn rich(reservoirs: usize, days: usize) -> std::io::Result<PathBuf> {
    written_by(rich::write, "rich", reservoirs, days)
}

/// The same of the rich cascade whose turbines are on or off.
///
/// # Errors
/// If it cannot be written.
pub fn on_off(reservoirs: usize, days: usize) -> std::io::Result<PathBuf> {
    written_by(rich::write_on_off, "on-off", reservoirs, days)
}

fn written_by(
    write: fn(usize, usize, &Path) -> std::io::Result<()>,
    name: &str,
    reservoirs: usize,
    days: usize,
) -> std::io::Result<PathBuf> {
    /// How many this process has written: each has a folder of its own.
    static WRITTEN: AtomicUsize = AtomicUsize::new(0);
    let own = format!("{}-{}", std::process::id(), WRITTEN.fetch_add(1, Ordering::Relaxed));
    let folder = std::env::temp_dir().join(format!("weir-{name}-{reservoirs}x{days}-{own}"));
    write(reservoirs, days, &folder)?;
    Ok(folder)
}

/// Reads a basin.
///
/// # Panics
/// If it is refused: the benches' basins are right.
pub fn read(folder: &Path) -> Basin {
    Basin::read(folder).expect("a basin without faults")
}

/// Lowers a basin.
///
/// # Panics
/// If it is refused.
pub fn lowered(basin: &Basin) -> (Case, Goals) {
    lower(basin, None).expect("a basin that lowers")
}

/// Solves a case.
///
/// # Panics
/// If it has no plan.
pub fn solved(case: &Case, goals: &Goals) -> Solved {
    solve(case, goals, &SolveOptions::default()).expect("a case with a plan")
}

/// Solves a case if that takes no more than so many processor seconds.
///
/// # Panics
/// If it has no plan.
pub fn solved_within(case: &Case, goals: &Goals, seconds: f64) -> Option<Solved> {
    let options = SolveOptions { engine_options: clock::within(seconds), ..SolveOptions::default() };
    match solve(case, goals, &options) {
        Err(Unsolved::NoOptimum { outcome: Outcome::Stopped { limit: Limit::Interrupt }, .. }) => None,
        solved => Some(solved.expect("a case with a plan")),
    }
}

/// Solves a case from where another solve ended, as its file has it.
///
/// # Panics
/// If it has no plan.
pub fn solved_from(case: &Case, goals: &Goals, start: &[u8]) -> Solved {
    let start = Some(Arc::new(HotStart::of(start.to_vec())));
    solve(case, goals, &SolveOptions { start, ..SolveOptions::default() }).expect("a case with a plan")
}

/// The case on the next morning: a day later, where the plan left the storages, its last day's forcing once more.
pub fn tomorrow(case: &Case, solved: &Solved) -> Case {
    let mut next = case.clone();
    for edge in &mut next.horizon.edges {
        *edge = edge.saturating_add(1.day());
    }
    for series in &mut next.forcing.series {
        let (days, members) = series.values.dim();
        for (day, member) in (1..days).flat_map(|day| (0..members).map(move |member| (day, member))) {
            series.values[[day - 1, member]] = series.values[[day, member]];
        }
    }
    let mut row = 0;
    for node in &mut next.network.nodes {
        if let NodeKind::Storage(storage) = &mut node.kind {
            storage.initial_hm3 = solved.plan.decisions.storage_hm3[[row, 1]];
            row += 1;
        }
    }
    next
}

/// The case as a later forecast has it: each inflow of each day is up to 5 % more or less.
pub fn forecast_anew(case: &Case) -> Case {
    let mut other = case.clone();
    for number in inflow(case) {
        for (day, mut flows) in other.forcing.series[number].values.rows_mut().into_iter().enumerate() {
            // Made for this purpose: a share that looks like none before it.
            let share = 0.95 + 0.1 * ((day * 37 + number * 101) % 64) as f64 / 63.0;
            flows.mapv_inplace(|flow| flow * share);
        }
    }
    other
}

/// Numbers of the series that are inflow.
fn inflow(case: &Case) -> Vec<usize> {
    let series = |node: &Node| if let NodeKind::Source(source) = &node.kind { source.flow.as_series() } else { None };
    case.network.nodes.iter().filter_map(series).collect()
}

/// The case with other inflow: a share of all of it, or of one reservoir's for ten days.
pub fn with_inflow(case: &Case, share: f64, whole: bool) -> Case {
    let mut other = case.clone();
    let inflow = inflow(case);
    let (series, days) = if whole { (inflow.len(), 0..case.horizon.steps()) } else { (1, 10..20) };
    for &number in inflow.iter().take(series) {
        other.forcing.series[number].values.slice_mut(ndarray::s![days.clone(), ..]).mapv_inplace(|flow| flow * share);
    }
    other
}

/// The goals of a case by certified weights where its method says so, else by optimal faces, with the duals that prove them.
///
/// # Panics
/// If they have no optimum.
pub fn answered(case: &Case, goals: &Goals) -> (Formulation, Answer) {
    let formulation = formulated(case, goals, Open::Nothing).expect("a program");
    let mut live = Live::open(&Highs, formulation.program.clone(), &Options::default()).expect("a session");
    let order = Order { goals: &formulation.stages, duals: true, ..Order::default() };
    let by_weights = goals.method == Method::Lexicographic(Lexicographic::Weights);
    let method: &dyn methods::Method = if by_weights { &Certified } else { &Faces };
    let answer = methods::solve(&mut live, method, &order).expect("goals with an optimum");
    (formulation, answer)
}

/// The certificate of a plan in which no rule gave way.
pub fn certified(case: &Case, goals: &Goals, (formulation, answer): &(Formulation, Answer), solved: &Solved) -> Certificate {
    certify(&Found {
        open: &[],
        case,
        goals,
        formulation,
        answers: answer.goals.iter().collect(),
        added: &[],
        stages: &solved.plan.stages,
        program: &formulation.program,
        point: &answer.solution.primal,
    })
}

/// Audits a plan.
///
/// # Panics
/// If the audit finds anything.
pub fn audited(case: &Case, goals: &Goals, solved: &Solved) -> Audit {
    let audit = audit(case, goals, &solved.plan);
    assert!(audit.findings.is_empty(), "{:?}", audit.findings);
    audit
}

/// All bytes that a plan leaves on disk: document, series, page.
pub fn written(document: &PlanDocument) -> [usize; 3] {
    let series = document.csv_long().len() + document.csv_wide().len();
    [document.to_json().len(), series, weir_report::html(document).len()]
}
