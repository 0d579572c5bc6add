//! Energy by head, successively: the program is linear around the best plan so far, with storages near its own; its plan is
//! measured at true heads, and taken only where that is better in the order of the stages. Else the nearness shrinks.
//!
//! Begins with the plan at the head of the start, or by zones. Stops where storages may move by less than a ten-thousandth
//! of their range, or after 60 programs. No stage before the first that depends on heads is ever worse than in the first plan.
//! A single zone without whole numbers, or the zones themselves, bound what that first stage can be at all.
//!
//! With whole numbers and a limit in time, the first plan takes at most half of it, and no turn begins once it is over.
//!
//! Limits: a local optimum; later stages that depend on heads have no bound, nor has a weighted sum. Pareto fronts and reference
//! points stay at the head of the start.
//! Source: successive linear programming with a trust region, e.g. Palacios-Gomez, Lasdon & Engquist 1982.

use std::sync::Arc;
use std::time::Instant;

use weir_model::case::Case;
use weir_model::goals::{Around, Goals, HeadModel, Method, Objective, Sense};
use weir_model::measures::measure;
use weir_model::plan::{Plan, StageResult};
use weir_model::tolerance;

use crate::certificate;
use crate::formulation::{Formulation, formulated};
use crate::layout::Open;
use crate::solve::{SolveOptions, Solved, Unsolved, solve_once};

/// Share of their range by which storages may move: at first, at most, at last.
const FIRST: f64 = 0.25;
const MOST: f64 = 0.5;
const LAST: f64 = 1e-4;
/// Most programs.
const PROGRAMS: usize = 60;
/// Least limit in time of a program, seconds.
const LEAST_S: f64 = 1e-3;
/// A gain below this, relative, shrinks the nearness too.
const SMALL_GAIN: f64 = 1e-4;

/// Solves a case whose goals ask for true heads.
///
/// # Errors
/// Why there is no plan to begin with.
pub fn solve(case: &Case, goals: &Goals, options: &SolveOptions) -> Result<Solved, Unsolved> {
    let plain = Goals { head: HeadModel::Fixed, ..goals.clone() };
    let staged: Vec<&Objective> = goals.stages.iter().filter_map(|&stage| goals.objectives.get(stage)).collect();
    let ranked = matches!(goals.method, Method::Lexicographic(_));
    let first_by_head = staged.iter().position(|objective| case.depends_on_head(objective));
    let Some(first_by_head) = first_by_head.filter(|_| ranked || goals.method == Method::Weighted) else {
        return solve_once(case, &plain, options);
    };
    let zoned = matches!(goals.head, HeadModel::Zones(_));
    let clock = Clock { started: Instant::now(), limit_s: goals.integers.and_then(|integers| integers.time_limit_s) };
    let first = solve_once(case, &clock.within(if zoned { goals } else { &plain }, 0.5), options)?;
    let bound = if !ranked {
        None
    } else if zoned {
        first.plan.stages.get(first_by_head).and_then(|stage| stage.bound)
    } else {
        bound(case, &clock.within(goals, 1.0), options, first_by_head)?
    };
    let mut judge = Judge { case, staged, ranked, first_by_head, first: first.plan.clone(), reached: Vec::new() };
    judge.reach(&first.plan);
    let mut best = first;
    // With zones the first plan's program has whole numbers: what can be proved, the plan at the head of the start proves.
    let mut proved = judge.first.clone();
    if zoned && !clock.is_over() {
        // Cuts that lie over the truth may have led the zones astray: the plan at the head of the start may still be better.
        let fixed = solve_once(case, &clock.within(&plain, 1.0), &SolveOptions { dump: None, ..options.clone() })?;
        proved = fixed.plan.clone();
        judge.reach(&fixed.plan);
        if judge.gain(&best.plan, &fixed.plan).is_some() {
            best = fixed;
        }
    }
    let (mut radius, mut programs, mut taken) = (FIRST, 0, 0);
    let quick = SolveOptions { dump: None, rates: false, start: None, ..options.clone() };
    while radius >= LAST && programs < PROGRAMS && !clock.is_over() {
        programs += 1;
        let around = Around { decisions: best.plan.decisions.clone(), radius };
        let near = Goals { head: HeadModel::Around(Arc::new(around)), ..clock.within(goals, 1.0) };
        // A program that ends without a plan is no reason to lose the one there is.
        let candidate = match solve_once(case, &near, &quick) {
            Err(error @ Unsolved::Engine(_)) => return Err(error),
            candidate => candidate.ok(),
        };
        let gain = candidate.as_ref().and_then(|candidate| judge.gain(&best.plan, &candidate.plan));
        match (candidate, gain) {
            (Some(candidate), Some(gain)) => {
                best = candidate;
                taken += 1;
                radius = if gain < SMALL_GAIN { radius / 2.0 } else { (radius * 2.0).min(MOST) };
            }
            _ => radius /= 4.0,
        }
    }
    if taken > 0 || zoned {
        let before = if ranked { first_by_head } else { 0 };
        proved_at_the_start(case, &plain, (&proved, before), &mut best.plan);
    }
    judge.tell(&mut best.plan, bound, &format!("{programs} programs, {taken} plans taken"));
    Ok(best)
}

/// How long all programs together may take.
struct Clock {
    started: Instant,
    limit_s: Option<f64>,
}

impl Clock {
    fn left_s(&self) -> Option<f64> {
        self.limit_s.map(|limit| limit - self.started.elapsed().as_secs_f64())
    }

    fn is_over(&self) -> bool {
        self.left_s().is_some_and(|left| left <= 0.0)
    }

    /// Goals with a share of the time that is left.
    fn within(&self, goals: &Goals, share: f64) -> Goals {
        let mut goals = goals.clone();
        if let (Some(integers), Some(left)) = (&mut goals.integers, self.left_s()) {
            // None at all is no limit to an engine.
            integers.time_limit_s = Some((left * share).max(LEAST_S));
        }
        goals
    }
}

/// The best that the first stage by head can be, those before it at their best.
fn bound(case: &Case, goals: &Goals, options: &SolveOptions, first_by_head: usize) -> Result<Option<f64>, Unsolved> {
    let stages = goals.stages.iter().copied().take(first_by_head + 1).collect();
    let goals = Goals { head: HeadModel::Zones(1), stages, closing: false, ..goals.clone() };
    let options = SolveOptions { dump: None, rates: false, start: None, ..options.clone() };
    match solve_once(case, &goals, &options) {
        Ok(solved) => Ok(solved.plan.stages.get(first_by_head).and_then(|stage| stage.bound)),
        Err(error @ Unsolved::Engine(_)) => Err(error),
        Err(_) => Ok(None),
    }
}

/// Tells of a plan the program at the head of the start, which anyone can formulate anew: its rules and water are the plan's, and
/// the first plan's proofs hold for the stages before the first that depends on heads.
fn proved_at_the_start(case: &Case, plain: &Goals, (first, before): (&Plan, usize), plan: &mut Plan) {
    let told = |open| formulated(case, plain, open).ok().map(|formulation| (formulation.digest(), formulation));
    let own = if plan.relaxations.is_empty() { Open::Nothing } else { Open::Rules };
    let mut programs: Vec<(String, Formulation)> = [Open::Nothing, Open::Rules].into_iter().filter_map(told).collect();
    let of_first = programs.iter().position(|(digest, _)| *digest == first.engine.program_digest);
    let place = of_first.unwrap_or(usize::from(own == Open::Rules));
    if place >= programs.len() {
        return;
    }
    let (digest, formulation) = programs.swap_remove(place);
    // Of a stage with a tolerance the first plan tells the best there is, where that is proved; near another plan it may be less.
    let own: Vec<(f64, Option<f64>)> = plan.stages.iter().map(|stage| (stage.value, stage.bound)).collect();
    for (stage, best) in plan.stages.iter_mut().zip(&first.stages).take(before).filter(|(stage, _)| stage.tolerance > 0.0) {
        (stage.value, stage.bound) = (best.value, best.bound);
    }
    plan.certificate = certificate::carried(&formulation, (case, plain), &first.certificate, plan);
    for (stage, own) in plan.stages.iter_mut().zip(own) {
        if plan.certificate.proofs.iter().all(|proof| proof.of != stage.objective) {
            (stage.value, stage.bound) = own;
        }
    }
    plan.engine.size = (formulation.program.rows(), formulation.program.columns(), formulation.program.values.len());
    plan.engine.program_digest = digest;
}

/// What plans are judged by.
struct Judge<'a> {
    case: &'a Case,
    staged: Vec<&'a Objective>,
    ranked: bool,
    first_by_head: usize,
    first: Plan,
    /// The least that the stages before the first by head were brought to, what a tolerance then gave away not counted.
    reached: Vec<f64>,
}

impl Judge<'_> {
    /// What a stage is worth on a plan, less being better.
    fn cost(&self, objective: &Objective, plan: &Plan) -> f64 {
        let Some(measure) = measure(&objective.kind) else { return 0.0 };
        let value = measure.value(self.case, objective, &plan.decisions);
        if measure.sense() == Sense::Maximise { -value } else { value }
    }

    /// Takes note of what a plan's program brought the stages before the first by head to.
    fn reach(&mut self, plan: &Plan) {
        let best = |stage: &StageResult| {
            let sign = if stage.sense == Sense::Maximise { -1.0 } else { 1.0 };
            (sign * stage.value).min(sign * stage.solved)
        };
        let found = plan.stages.iter().take(self.first_by_head).map(best);
        self.reached = if self.reached.is_empty() {
            found.collect()
        } else {
            self.reached.iter().zip(found).map(|(before, now)| before.min(now)).collect()
        };
    }

    /// By how much a plan is beyond what a tolerance gives of the stages before the first by head, relative; 0 where it is not.
    fn beyond(&self, plan: &Plan) -> f64 {
        let stages = self.staged.iter().zip(&self.reached);
        let over = stages.map(|(objective, reached)| {
            let most = reached + objective.tolerance.max(0.0);
            (self.cost(objective, plan) - most) / reached.abs().max(1.0)
        });
        over.filter(|over| *over > tolerance::OBJECTIVE).fold(0.0, f64::max)
    }

    /// By how much a plan is better than the best so far in the first stage where they differ, relative; none if it is not.
    fn gain(&self, best: &Plan, plan: &Plan) -> Option<f64> {
        if !self.ranked {
            let share =
                |objective: &&Objective| objective.share / if objective.nominal > 0.0 { objective.nominal } else { 1.0 };
            let sum = |plan| self.staged.iter().map(|objective| share(objective) * self.cost(objective, plan)).sum::<f64>();
            let (before, after): (f64, f64) = (sum(best), sum(plan));
            let gain = (before - after) / before.abs().max(tolerance::OBJECTIVE);
            return (gain > tolerance::OBJECTIVE).then_some(gain);
        }
        if self.beyond(plan) > 0.0 {
            return None;
        }
        let gained = self.beyond(best);
        if gained > 0.0 {
            return Some(gained);
        }
        for objective in self.staged.iter().skip(self.first_by_head) {
            let (before, after) = (self.cost(objective, best), self.cost(objective, plan));
            let gain = (before - after) / before.abs().max(1.0);
            if gain.abs() > tolerance::OBJECTIVE {
                return (gain > 0.0).then_some(gain);
            }
        }
        None
    }

    /// Says how the plan came about and how far from the optimum it may be.
    fn tell(&self, plan: &mut Plan, bound: Option<f64>, how: &str) {
        for (number, objective) in self.staged.iter().enumerate().skip(if self.ranked { self.first_by_head } else { 0 }) {
            let from = -self.cost(objective, &self.first);
            let Some(stage) = plan.stages.get_mut(number) else { continue };
            // Optimal for the linear program is not optimal for true heads.
            "feasible".clone_into(&mut stage.outcome);
            stage.bound = None;
            if number != self.first_by_head {
                continue;
            }
            let reach = match bound.map(|bound| bound.max(stage.value)) {
                Some(bound) => {
                    stage.bound = Some(bound);
                    if bound - stage.value <= tolerance::OBJECTIVE * stage.value.abs().max(1.0) {
                        "optimal".clone_into(&mut stage.outcome);
                    }
                    format!("no plan has more than {bound:.6}")
                }
                None => "how much more a plan can have was not found out".to_owned(),
            };
            plan.notes.push(format!(
                "`{}` at true heads: {from:.6} {unit} in the first plan, {:.6} {unit} in this ({how}); {reach}.",
                objective.id,
                stage.value,
                unit = stage.unit
            ));
        }
    }
}
