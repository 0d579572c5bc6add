//! Lexicographic by certified weights: one program for a group of stages, proved by the signs of its reduced costs.
//!
//! For a linear program there are weights w₁ ≫ w₂ ≫ … ≫ 1 whose weighted optimum *is* the lexicographic one. They are guessed
//! (or known from last time), the program is solved once, and its final basis B tells whether they were right:
//!
//! y_k = B⁻ᵀ c_k,B, d_k = c_k − Aᵀ y_k; the basis is lexicographically optimal if for every non-basic, not fixed column and
//! row the first of (d_1, …, d_K) that is not zero has the right sign for the bound it sits at.
//!
//! Where stage k's is first and wrong, the lower stages outweighed it: w_k is raised beyond
//! Σ_{l>k} w_l d_l ÷ −d_k, from the lowest stage up, always with the already raised lower weights; then primal simplex goes on
//! from the same basis, which stays feasible. What is proved needs no trust in the weights.
//!
//! Groups: stages whose weights would pass [`LIMIT`] are cut into groups; of a group's proved stages, exactly the columns and
//! rows with a non-zero d_k stay at their bounds, so that face is fixed and the next group follows in the same session.
//!
//! Fails: stages whose first is left unproved are solved by [`faces`](super::faces) one at a time, and a note says so; so are
//! programs with integers and engines without a basis. A stage that may be worsened ends its group and is kept by a row; a
//! leximin stage is solved by its own rounds, between groups.
//!
//! Source: weights that make preemptive goals a single program, Sherali & Soyster 1983; lexicographic simplex, Isermann 1982.

use weir_model::tolerance;

use super::live::Face;
use super::{Group, Live, Method, MethodError, Order, StageAnswer, faces, scale};
use crate::engine::{Algorithm, Standing};
use crate::program::Stage;

/// Lexicographic by certified weights.
#[derive(Clone, Copy, Debug)]
pub struct Certified;

/// Stages solved together where nothing is known.
const STAGES: usize = 4;
/// Greatest weight within a group, of costs scaled to sizes around 1.
const LIMIT: f64 = 1e9;
/// Greatest weighted cost that the simplex is given: beyond it, all are scaled down together.
const LARGEST: f64 = 1e8;
/// Weights are raised to so many times the least that is needed.
const MARGIN: f64 = 2.0;
/// A first group that took fewer iterations than one for so many rows, where weights are known, began near its optimum.
const NEAR: u64 = 30;
/// Rounds after which a group is left as far as it is proved.
const ROUNDS: usize = 12;

impl Method for Certified {
    fn word(&self) -> &'static str {
        "certified"
    }

    fn ranks(&self) -> bool {
        true
    }

    fn goals(&self, live: &mut Live, order: &Order<'_>) -> Result<Vec<StageAnswer>, MethodError> {
        if !live.tells_faces() {
            live.notes.push(
                "certified weights need a linear program and an engine that tells its basis: stage by stage instead".into(),
            );
            return faces::run(live, order.goals, order.duals);
        }
        let asked = live.algorithm();
        let answers = groups(live, order);
        live.set_algorithm(asked);
        answers
    }
}

/// All groups, one after another.
fn groups(live: &mut Live, order: &Order<'_>) -> Result<Vec<StageAnswer>, MethodError> {
    let mut answers: Vec<StageAnswer> = Vec::with_capacity(order.goals.len());
    while answers.len() < order.goals.len() {
        let first = answers.len();
        if order.goals[first].leximin.is_some() {
            live.tell_stages(first, 1);
            live.groups.push(Group { weights: vec![1.0], proved: false });
            let alone = faces::solve(live, &order.goals[first], order.duals);
            answers.push(alone.map_err(|error| at(error, first))?);
            continue;
        }
        let before_leximin = order.goals[first..].iter().take_while(|stage| stage.leximin.is_none()).count();
        let known = known(order.groups, first);
        let size = known.map_or(STAGES, <[f64]>::len);
        let last = first + size.min(before_leximin);
        let exact = order.goals[first..last].iter().take_while(|stage| stage.tolerance == 0.0).count();
        let stages = &order.goals[first..last.min(first + exact + 1)];
        live.tell_stages(first, stages.len());
        let mut trial = Trial::new(live, stages, known.filter(|weights| weights.len() == stages.len()));
        let proved = trial.solve(live).map_err(|error| at(error, first))?;
        // So near to where the last answer ended that those after it are not far: primal simplex goes on from a point that holds.
        let again = first == 0 && !order.groups.is_empty();
        if again && trial.iterations * NEAR < live.program().rows() as u64 {
            live.set_algorithm(Algorithm::Primal);
        }
        if proved == 0 {
            live.notes
                .push(format!("the order of stage {} was left unproved by weights: by its optimal face instead", first + 1));
            live.groups.push(Group { weights: vec![1.0], proved: false });
            live.tell_stages(first, 1);
            let alone = faces::solve(live, &order.goals[first], order.duals);
            answers.push(alone.map_err(|error| at(error, first))?);
        } else {
            answers.extend(trial.keep(live, proved, order.duals)?);
        }
    }
    Ok(answers)
}

/// The weights of the group that starts at that stage, if they are known.
fn known(groups: &[Group], first: usize) -> Option<&[f64]> {
    let mut start = 0;
    for group in groups {
        if start == first && group.proved {
            return Some(&group.weights);
        }
        start += group.weights.len();
    }
    None
}

fn at(error: MethodError, first: usize) -> MethodError {
    match error {
        MethodError::Unsolved { stage, outcome } => MethodError::Unsolved { stage: stage + first, outcome },
        other @ MethodError::Engine(_) => other,
    }
}

/// A group of stages being tried with some weights.
struct Trial<'a> {
    stages: &'a [Stage],
    /// Scales of the stages' costs, powers of two.
    scales: Vec<f64>,
    /// Scaled costs by stage.
    costs: Vec<Vec<f64>>,
    /// Weights of the scaled costs; the last is 1.
    weights: Vec<f64>,
    /// Row duals by stage, of the basis found last.
    duals: Vec<Vec<f64>>,
    /// Reduced costs of columns, then of rows, by stage.
    reduced: Vec<Vec<f64>>,
    iterations: u64,
}

/// Signs that a basis leaves wrong.
struct Signs {
    /// By stage, the columns and rows (after the columns) whose first non-zero reduced cost is that stage's and wrong, with
    /// the sign that makes a right one positive.
    wrong: Vec<Vec<(usize, f64)>>,
}

impl Signs {
    /// Number of stages, from the first, whose order is proved.
    fn proved(&self) -> usize {
        self.wrong.iter().take_while(|wrong| wrong.is_empty()).count()
    }
}

impl<'a> Trial<'a> {
    fn new(live: &Live, stages: &'a [Stage], known: Option<&[f64]>) -> Self {
        let columns = live.program().columns();
        let scales: Vec<f64> = stages.iter().map(|stage| scale(&stage.expression.terms)).collect();
        let costs = stages
            .iter()
            .zip(&scales)
            .map(|(stage, factor)| stage.expression.dense(columns).into_iter().map(|cost| cost * factor).collect())
            .collect();
        let last = scales.last().copied().unwrap_or(1.0);
        let weights = match known {
            Some(weights) => weights.iter().zip(&scales).map(|(weight, factor)| weight * last / factor).collect(),
            None => (0..stages.len()).map(|k| guess(stages.len() - 1 - k)).collect(),
        };
        Self { stages, scales, costs, weights, duals: Vec::new(), reduced: Vec::new(), iterations: 0 }
    }

    /// Solves and raises weights until the order is proved; the number of stages proved is returned.
    fn solve(&mut self, live: &mut Live) -> Result<usize, MethodError> {
        let mut tight = false;
        let mut proved = 0;
        for round in 0..ROUNDS {
            let run = if round == 0 {
                faces::minimise(live, &self.combined())?
            } else {
                live.minimise(&self.combined(), Algorithm::Primal)?
            };
            self.iterations += run.iterations;
            if !run.outcome.has_point() {
                if round == 0 {
                    return Err(MethodError::Unsolved { stage: 0, outcome: run.outcome });
                }
                proved = 0;
                break;
            }
            let signs = self.signs(live)?;
            proved = signs.proved();
            if proved == self.stages.len() {
                break;
            }
            if self.raise(&signs) {
                if self.weights[0] > LIMIT * self.weights[self.stages.len() - 1] {
                    if proved > 0 {
                        break;
                    }
                    self.cut();
                }
            } else if tight {
                break;
            } else {
                // The solver's own tolerance left a wrong sign.
                live.session().set_tolerances(tolerance::SOLVER_PRIMAL, tolerance::TIGHT_DUAL)?;
                tight = true;
            }
        }
        if tight {
            live.session().set_tolerances(tolerance::SOLVER_PRIMAL, tolerance::SOLVER_DUAL)?;
        }
        if proved > 0 && live.has_faces() {
            let primal = live.read()?.primal.clone();
            if !live.worsened(&primal).is_empty() {
                return Ok(0);
            }
        }
        Ok(proved)
    }

    /// The weighted costs, scaled down together where they are too large for the simplex.
    fn combined(&self) -> Vec<f64> {
        let largest = self.weights.iter().copied().fold(0.0, f64::max);
        let factor = (LARGEST / largest).min(1.0);
        let mut combined = vec![0.0; self.costs[0].len()];
        for (costs, weight) in self.costs.iter().zip(&self.weights) {
            for (sum, cost) in combined.iter_mut().zip(costs) {
                *sum += factor * weight * cost;
            }
        }
        combined
    }

    /// Reduced costs of each stage at the basis just found, and what is wrong with them.
    fn signs(&mut self, live: &mut Live) -> Result<Signs, MethodError> {
        let costs: Vec<&[f64]> = self.costs.iter().map(Vec::as_slice).collect();
        self.duals = live.session().duals_of(&costs)?;
        self.reduced = costs
            .iter()
            .zip(&self.duals)
            .map(|(costs, duals)| {
                let mut reduced = Vec::with_capacity(costs.len() + duals.len());
                reduced.extend(live.reduced_costs(costs, duals));
                reduced.extend_from_slice(duals);
                reduced
            })
            .collect();
        let basis = live.session().basis()?;
        let mut wrong = vec![Vec::new(); self.stages.len()];
        let standings = basis.columns.iter().chain(&basis.rows);
        for (number, standing) in standings.enumerate() {
            let (lower, upper) = bounds(live, number);
            if *standing == Standing::Basic || lower == upper {
                continue;
            }
            let first =
                self.reduced.iter().map(|reduced| reduced[number]).enumerate().find(|(_, d)| d.abs() > tolerance::DUAL);
            let Some((stage, d)) = first else { continue };
            let sign = match standing {
                Standing::Upper => -1.0,
                Standing::Zero => -d.signum(),
                _ => 1.0,
            };
            if sign * d < 0.0 {
                wrong[stage].push((number, sign));
            }
        }
        Ok(Signs { wrong })
    }

    /// Raises the weights that were outweighed, from the lowest stage up; whether any rose.
    fn raise(&mut self, signs: &Signs) -> bool {
        let mut rose = false;
        let mut ratio = 1.0;
        for k in (0..self.stages.len() - 1).rev() {
            let need = |&(number, sign): &(usize, f64)| {
                let outweighed: f64 =
                    (k + 1..self.stages.len()).map(|l| self.weights[l] * sign * self.reduced[l][number]).sum();
                outweighed / -(sign * self.reduced[k][number])
            };
            let need = MARGIN * signs.wrong[k].iter().map(need).fold(0.0, f64::max);
            // Higher stages must outweigh the raised ones as they did before.
            let risen = need.max(self.weights[k] * ratio);
            ratio = risen / self.weights[k];
            rose |= ratio > 1.0;
            self.weights[k] = risen;
        }
        rose
    }

    /// Leaves the last stages to a later group, as many as the weights ask for.
    fn cut(&mut self) {
        let stays = self.weights.iter().take_while(|&&weight| self.weights[0] <= LIMIT * weight).count().max(1);
        let stays = stays.min(self.stages.len() - 1);
        let last = self.weights[stays - 1];
        self.stages = &self.stages[..stays];
        self.scales.truncate(stays);
        self.costs.truncate(stays);
        self.weights.truncate(stays);
        for weight in &mut self.weights {
            *weight /= last;
        }
    }

    /// Keeps the proved stages by their common face, and tells them.
    fn keep(self, live: &mut Live, proved: usize, duals: bool) -> Result<Vec<StageAnswer>, MethodError> {
        let solution = live.read()?.clone();
        let basis = live.session().basis()?;
        let columns = live.program().columns();
        let values: Vec<f64> = self.stages[..proved].iter().map(|stage| stage.expression.value(&solution.primal)).collect();
        let mut face = Face::default();
        let exact = self.stages[..proved].iter().take_while(|stage| stage.tolerance == 0.0).count();
        for (number, standing) in basis.columns.iter().chain(&basis.rows).enumerate() {
            let (lower, upper) = bounds(live, number);
            let bound = match standing {
                Standing::Lower | Standing::Nonbasic => lower,
                Standing::Upper => upper,
                Standing::Basic | Standing::Zero => continue,
            };
            let holds = self.reduced[..exact].iter().any(|reduced| reduced[number].abs() > tolerance::DUAL);
            if lower == upper || !holds || !bound.is_finite() {
                continue;
            }
            match number.checked_sub(columns) {
                None => face.columns.push((number, bound, bound)),
                Some(row) => face.rows.push((row, bound, bound)),
            }
        }
        for (number, (stage, &value)) in self.stages[..proved].iter().zip(&values).enumerate() {
            if number < exact {
                face.fixed.push((stage.expression.clone(), value));
            } else {
                face.by_row.push((stage.expression.clone(), value, stage.tolerance));
            }
        }
        live.keep(face);
        let last = self.weights[proved - 1] * self.scales[proved - 1];
        let weights =
            self.weights[..proved].iter().zip(&self.scales).map(|(weight, factor)| weight * factor / last).collect();
        live.groups.push(Group { weights, proved: true });
        let answer = |(number, &value): (usize, &f64)| StageAnswer {
            value,
            outcome: solution.outcome.clone(),
            iterations: if number == 0 { self.iterations } else { 0 },
            row_duals: duals.then(|| self.duals[number].iter().map(|dual| dual / self.scales[number]).collect()),
            rounds: Vec::new(),
        };
        Ok(values.iter().enumerate().map(answer).collect())
    }
}

/// Bounds of a column, or of a row after the columns.
fn bounds(live: &Live, number: usize) -> (f64, f64) {
    match number.checked_sub(live.program().columns()) {
        None => live.column(number),
        Some(row) => live.row(row),
    }
}

/// A first weight for a stage with so many below it in its group, of costs scaled to sizes around 1.
///
/// Guesses too large cost little, guesses too small a round of primal simplex: on the rich cascade 50x365, ladders from 30 by
/// tens took 11.6 CPU s, from 1000 by hundreds 10.4, and weights raised one by one, not keeping their ratios, 50.
fn guess(below: usize) -> f64 {
    if below == 0 { 1.0 } else { 1e3 * 1e2_f64.powi(below as i32 - 1) }
}
