//! Lexicographic by certified weights: one program for a group of stages, proved by the signs of its reduced costs.
//!
//! For a linear program there are weights w₁ ≫ w₂ ≫ … ≫ 1 whose weighted optimum *is* the lexicographic one. They are guessed
//! (or known from last time), the program is solved once, and its final basis B tells whether they were right:
//!
//! y_k = B⁻ᵀ c_k,B, d_k = c_k − Aᵀ y_k; the basis is lexicographically optimal if for every non-basic, not fixed column and
//! row the first of (d_1, …, d_K) that is not zero has the right sign for the bound it sits at.
//!
//! Ties: an engine ends with wrong signs up to its tolerance. So d_k up to that are ties where all of them together, each over the whole way
//! of its column or row, make less of stage k than counts; where a later stage has it otherwise, the group ends with k, and what ties hold is
//! free for those behind, as by [`faces`](super::faces). What a river of days ago still brings is an example: a share of 1e-9 for a lake that
//! comes first, against all that towns lack.
//!
//! Where stage k's is first and wrong, the lower stages outweighed it: w_k is raised beyond
//! Σ_{l>k} w_l d_l ÷ −d_k, from the lowest stage up, always with the already raised lower weights; then primal simplex goes on
//! from the same basis, which stays feasible. What is proved needs no trust in the weights.
//!
//! Groups: stages whose weights would pass [`LIMIT`] are cut into groups; of a group's proved stages, exactly the columns and
//! rows with a non-zero d_k stay at their bounds, so that face is fixed and the next group follows in the same session.
//!
//! What is known: a final basis that proves *all* stages at once, without the faces of groups, tells the least weights by which one program
//! would have given it. A session that starts from a basis and knows them solves that one program, whose ties know of every stage, and is
//! done where its signs prove the order; else the groups go on from its point by primal simplex, by the weights that its signs ask for. A large
//! program that starts from nothing does the same from the basis of a coarser one, by the weights that proved the order there.
//!
//! Groups that stay apart, of goals that may give way or with a leximin one between, are asked again each from where it ended itself: dual
//! simplex goes on from there, as only bounds are others.
//!
//! Fails: stages whose first is left unproved are solved by [`faces`](super::faces) one at a time, and a note says so; so are
//! programs with integers and engines without a basis. A stage that may be worsened ends its group and is kept by a row; a
//! leximin stage is solved by its own rounds, between groups.
//!
//! Source: weights that make preemptive goals a single program, Sherali & Soyster 1983; lexicographic simplex, Isermann 1982.

use weir_model::tolerance;

use super::live::Face;
use super::{Group, Live, Method, MethodError, Order, StageAnswer, faces, scale};
use crate::engine::{Algorithm, Basis, Standing};
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
/// The same of more stages than begin as one group: from a basis of other costs duals are large, and with 1e8 HiGHS gave up.
const LARGEST_OF_ALL: f64 = 1e6;
/// Greatest weight of a program of all stages that a coarser one begins: what is dearer for few columns alone is left to be raised.
const WIDEST: f64 = 1e10;
/// Weights are raised to so many times the least that is needed.
const MARGIN: f64 = 2.0;
/// Share of what counts as a difference of two values that ties may make.
const TIE: f64 = 0.5;
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
    let (asked, ended) = (live.algorithm(), live.take_ended());
    let mut whole = None;
    // Iterations of the coarser program, which the first stage tells too.
    let mut before = 0;
    let mut coarsely = order.goals.first().is_some_and(|goal| goal.leximin.is_none()) && live.begins_coarsely()?;
    let from_basis = live.starts_from_a_basis();
    // Weights of the stages that one program of all left unproved, as far as its signs raised them.
    let mut raised = None;
    while answers.len() < order.goals.len() {
        let first = answers.len();
        if order.goals[first].leximin.is_some() {
            live.tell_stages(first, 1);
            live.groups.push(Group { weights: vec![1.0], proved: false });
            let alone = faces::solve(live, &order.goals[first], order.duals);
            answers.push(alone.map_err(|error| error.behind(first))?);
            continue;
        }
        let before_leximin = order.goals[first..].iter().take_while(|stage| stage.leximin.is_none()).count();
        // Weights of so many stages lie too far apart for a solve from nothing.
        let known = || known(order.groups, first).filter(|weights| from_basis || weights.len() <= STAGES);
        let raised_now: Option<Vec<f64>> = raised.take();
        let known = raised_now.as_deref().or_else(known);
        let size = if coarsely { order.goals.len() } else { known.map_or(STAGES, <[f64]>::len) };
        let last = first + size.min(before_leximin);
        let exact = order.goals[first..last].iter().take_while(|stage| stage.tolerance == 0.0).count();
        let stages = &order.goals[first..last.min(first + exact + 1)];
        live.tell_stages(first, stages.len());
        let mut trial = Trial::new(live, stages, known.filter(|weights| weights.len() == stages.len()));
        let starts_coarsely = std::mem::take(&mut coarsely);
        if starts_coarsely {
            let (iterations, weights) = learned(live, stages)?;
            before += iterations;
            let Some(weights) = weights else { continue };
            trial = Trial::new(live, stages, Some(&weights));
            live.tell_stages(first, stages.len());
        }
        let knows_all = starts_coarsely || from_basis && first == 0 && stages.len() > STAGES;
        let resumes = asked != Algorithm::Primal && live.resume(first, &ended)?;
        if knows_all || resumes {
            live.set_algorithm(Algorithm::Near);
        }
        let proved = trial.solve(live).map_err(|error| error.behind(first))?;
        // What is behind is not far where the first ended near where it began, or knew of all: primal simplex goes on from a point that holds.
        let is_near = first == 0 && !order.groups.is_empty() && trial.iterations * NEAR < live.program().rows() as u64;
        if knows_all || is_near {
            live.set_algorithm(Algorithm::Primal);
        } else if resumes {
            live.set_algorithm(asked);
        }
        trial.iterations += std::mem::take(&mut before);
        if proved == 0 {
            live.notes
                .push(format!("the order of stage {} was left unproved by weights: by its optimal face instead", first + 1));
            live.groups.push(Group { weights: vec![1.0], proved: false });
            live.tell_stages(first, 1);
            let mut alone = faces::solve(live, &order.goals[first], order.duals).map_err(|error| error.behind(first))?;
            alone.iterations += trial.iterations;
            answers.push(alone);
        } else {
            answers.extend(trial.keep(live, proved, order.duals)?);
            raised = (knows_all && proved < trial.stages.len()).then(|| trial.told(&trial.weights, proved));
            if stages.len() < order.goals.len() {
                live.remember(first)?;
            }
            whole = (proved == order.goals.len()).then_some(trial);
        }
    }
    if let Some(together) = together(live, order.goals, whole)? {
        live.groups = vec![together];
        live.take_ended();
    }
    Ok(answers)
}

/// Weights by which a coarser program of these stages proves their order, or comes near to it, with its iterations; none where it has no optimum. The
/// next run starts where its first one ended, and where that is singular once spread over the days, where its last one did.
fn learned(live: &mut Live, stages: &[Stage]) -> Result<(u64, Option<Vec<f64>>), MethodError> {
    let Some((mut coarse, stages)) = live.coarser(stages)? else { return Ok((0, None)) };
    let mut trial = Trial::new(&coarse, &stages, None);
    let mut run = coarse.minimise(&trial.combined(), Algorithm::Automatic)?;
    let mut iterations = run.iterations;
    if !run.outcome.has_point() {
        return Ok((iterations, None));
    }
    live.start_where(&coarse)?;
    let mut ratios = vec![1.0_f64; stages.len() - 1];
    for _ in 0..ROUNDS {
        trial.price(&mut coarse)?;
        let firsts = trial.firsts(&coarse.own_basis()?, |number| bounds(&coarse, number));
        let needed = trial.needed(&firsts);
        for (ratio, pair) in ratios.iter_mut().zip(needed.windows(2)) {
            *ratio = ratio.max(pair[0] / pair[1]);
        }
        // Without an iteration nothing is to be learned any more: the rest is below what the engine tells from zero.
        if run.iterations == 0 || !firsts.iter().any(|first| trial.is_wrong(first)) {
            break;
        }
        trial.weights = ladder(&ratios);
        run = coarse.minimise(&trial.combined(), Algorithm::Primal)?;
        iterations += run.iterations;
        if !run.outcome.has_point() {
            break;
        }
        live.start_else_where(&coarse)?;
    }
    Ok((iterations, Some(trial.told(&ladder(&capped(&ratios)), 0))))
}

/// Weights of which each is so many times the next, the last 1.
fn ladder(ratios: &[f64]) -> Vec<f64> {
    let mut weights = vec![1.0; ratios.len() + 1];
    for k in (0..ratios.len()).rev() {
        weights[k] = ratios[k] * weights[k + 1];
    }
    weights
}

/// Ratios of which the greatest are made less until all together are no more than [`WIDEST`].
fn capped(ratios: &[f64]) -> Vec<f64> {
    let mut rising = ratios.to_vec();
    rising.sort_by(f64::total_cmp);
    let (mut cap, mut left) = (f64::INFINITY, WIDEST);
    for (number, ratio) in rising.iter().enumerate() {
        let even = left.powf(1.0 / (rising.len() - number) as f64);
        if *ratio > even {
            cap = even;
            break;
        }
        left /= ratio;
    }
    ratios.iter().map(|ratio| ratio.min(cap)).collect()
}

/// More stages than begin as one group, as the one group that the last basis proves; none where it does not.
fn together(live: &mut Live, goals: &[Stage], whole: Option<Trial<'_>>) -> Result<Option<Group>, MethodError> {
    let exact = goals.iter().all(|stage| stage.leximin.is_none() && stage.tolerance == 0.0);
    if goals.len() <= STAGES || !exact || live.added_rows() > 0 || live.groups.iter().any(|group| !group.proved) {
        return Ok(None);
    }
    let trial = if let Some(trial) = whole {
        trial
    } else {
        let mut trial = Trial::new(live, goals, None);
        trial.price(live)?;
        trial
    };
    let weights = trial.least(live)?;
    Ok(weights.map(|weights| Group { weights: trial.told(&weights, 0), proved: true }))
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

/// A column or row (after the columns) that is neither basic nor fixed, with the stage whose reduced cost is its first that is not zero.
struct First {
    number: usize,
    stage: usize,
    /// What makes a right reduced cost positive.
    sign: f64,
}

/// Signs that a basis leaves wrong.
struct Signs {
    /// By stage.
    wrong: Vec<Vec<First>>,
    /// Number of stages, from the first, up to one of whose ties a later stage would decide.
    ends: usize,
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
            None => (0..stages.len()).map(|k| guess(stages.len() - 1 - k, stages.len())).collect(),
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
            if signs.ends < self.stages.len() {
                proved = 0;
                self.end(signs.ends);
                continue;
            }
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
            } else if tight || proved > 0 {
                // What the weights of the first stages hide from the engine is tried without them.
                break;
            } else {
                // The engine's own tolerance left a wrong sign.
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
        let most = if self.stages.len() > STAGES { LARGEST_OF_ALL } else { LARGEST };
        let factor = (most / largest).min(1.0);
        let mut combined = vec![0.0; self.costs[0].len()];
        for (costs, weight) in self.costs.iter().zip(&self.weights) {
            for (sum, cost) in combined.iter_mut().zip(costs) {
                *sum += factor * weight * cost;
            }
        }
        combined
    }

    /// Duals and reduced costs of each stage at the basis just found.
    fn price(&mut self, live: &mut Live) -> Result<(), MethodError> {
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
        Ok(())
    }

    /// Up to what the reduced costs of each stage are ties at a point.
    fn ties(&self, live: &Live, primal: &[f64]) -> Vec<f64> {
        let most = live.zero();
        let is_small = |d: f64| d.abs() > tolerance::DUAL && d.abs() <= most;
        let mut ties = vec![tolerance::DUAL; self.stages.len()];
        if !self.reduced.iter().flatten().any(|&d| is_small(d)) {
            return ties;
        }
        let ways = live.ways();
        for (k, tie) in ties.iter_mut().enumerate() {
            let small = self.reduced[k].iter().zip(&ways).filter(|(d, way)| is_small(**d) && **way > 0.0);
            let made: f64 = small.map(|(d, way)| d.abs() * way).sum();
            let size = self.stages[k].expression.value(primal).abs().max(1.0);
            if made <= self.scales[k] * TIE * tolerance::OBJECTIVE * size {
                *tie = most;
            }
        }
        ties
    }

    /// What a basis holds at a bound, and by which stage.
    fn firsts(&self, basis: &Basis, bounds: impl Fn(usize) -> (f64, f64)) -> Vec<First> {
        let mut firsts = Vec::new();
        for (number, standing) in basis.columns.iter().chain(&basis.rows).enumerate() {
            let (lower, upper) = bounds(number);
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
            firsts.push(First { number, stage, sign });
        }
        firsts
    }

    fn is_wrong(&self, first: &First) -> bool {
        first.sign * self.reduced[first.stage][first.number] < 0.0
    }

    /// Whether what stands first is a tie that a later stage would have otherwise.
    fn is_contested(&self, first: &First, ties: &[f64]) -> bool {
        let counts = |&k: &usize| self.reduced[k][first.number].abs() > ties[k];
        if counts(&first.stage) {
            return false;
        }
        let next = (first.stage + 1..self.stages.len()).find(counts).map(|stage| First { stage, ..*first });
        next.is_some_and(|next| self.is_wrong(first) || self.is_wrong(&next))
    }

    /// The weight of its stage from which what stands first outweighs the stages below.
    fn need(&self, &First { number, stage, sign }: &First, weights: &[f64]) -> f64 {
        let below: f64 = (stage + 1..self.stages.len()).map(|l| weights[l] * sign * self.reduced[l][number]).sum();
        -below / (sign * self.reduced[stage][number])
    }

    /// What is wrong with the signs of the basis just found.
    fn signs(&mut self, live: &mut Live) -> Result<Signs, MethodError> {
        self.price(live)?;
        let basis = live.session().basis()?;
        let mut wrong: Vec<Vec<First>> = self.stages.iter().map(|_| Vec::new()).collect();
        let mut ends = self.stages.len();
        let firsts = self.firsts(&basis, |number| bounds(live, number));
        let mut ties = vec![live.zero(); self.stages.len()];
        if firsts.iter().any(|first| self.is_contested(first, &ties)) {
            let primal = live.read()?.primal.clone();
            ties = self.ties(live, &primal);
        }
        for first in firsts {
            if self.is_contested(&first, &ties) {
                ends = ends.min(first.stage + 1);
            } else if self.is_wrong(&first) {
                wrong[first.stage].push(first);
            }
        }
        Ok(Signs { wrong, ends })
    }

    /// Raises the weights that were outweighed, from the lowest stage up; whether any rose.
    fn raise(&mut self, signs: &Signs) -> bool {
        let mut rose = false;
        let mut ratio = 1.0;
        for k in (0..self.stages.len() - 1).rev() {
            let need = signs.wrong[k].iter().map(|first| self.need(first, &self.weights)).fold(0.0, f64::max);
            // Higher stages must outweigh the raised ones as they did before.
            let risen = (MARGIN * need).max(self.weights[k] * ratio);
            ratio = risen / self.weights[k];
            rose |= ratio > 1.0;
            self.weights[k] = risen;
        }
        rose
    }

    /// The least weights, and some more, of which the basis is an optimum without the faces of groups; none where it is none.
    fn least(&self, live: &Live) -> Result<Option<Vec<f64>>, MethodError> {
        let program = live.program();
        let own = |number: usize| match number.checked_sub(program.columns()) {
            None => (program.column_lower[number], program.column_upper[number]),
            Some(row) => (program.row_lower[row], program.row_upper[row]),
        };
        let firsts = self.firsts(&live.own_basis()?, own);
        if firsts.iter().any(|first| self.is_wrong(first)) {
            return Ok(None);
        }
        Ok(Some(self.needed(&firsts)))
    }

    /// The least weights, and some more, by which what stands first outweighs the stages below.
    fn needed(&self, firsts: &[First]) -> Vec<f64> {
        let mut weights = vec![1.0; self.stages.len()];
        for k in (0..weights.len() - 1).rev() {
            let of_stage = firsts.iter().filter(|first| first.stage == k);
            let need = of_stage.map(|first| self.need(first, &weights)).fold(weights[k + 1], f64::max);
            weights[k] = MARGIN * need;
        }
        weights
    }

    /// Weights of the stages as they are, from one on, of weights of their scaled costs; the last is 1.
    fn told(&self, weights: &[f64], first: usize) -> Vec<f64> {
        let last = weights.len() - 1;
        let last = weights[last] * self.scales[last];
        weights.iter().zip(&self.scales).skip(first).map(|(weight, factor)| weight * factor / last).collect()
    }

    /// Leaves the last stages to a later group, as many as the weights ask for.
    fn cut(&mut self) {
        let stays = self.weights.iter().take_while(|&&weight| self.weights[0] <= LIMIT * weight).count().max(1);
        self.end(stays.min(self.stages.len() - 1));
    }

    /// Leaves all but so many stages to a later group.
    fn end(&mut self, stays: usize) {
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
    fn keep(&self, live: &mut Live, proved: usize, duals: bool) -> Result<Vec<StageAnswer>, MethodError> {
        let solution = live.read()?.clone();
        let basis = live.session().basis()?;
        let ties = self.ties(live, &solution.primal);
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
            let holds = (0..exact).any(|k| self.reduced[k][number].abs() > ties[k]);
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
        live.groups.push(Group { weights: self.told(&self.weights[..proved], 0), proved: true });
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

/// A first weight for a stage with so many below it in a group of so many, of costs scaled to sizes around 1.
///
/// Guesses too large cost little, guesses too small a round of primal simplex: on the rich cascade 50x365, ladders from 30 by
/// tens took 11.6 CPU s, from 1000 by hundreds 10.4, and weights raised one by one, not keeping their ratios, 50. Where a coarse basis is
/// the start of all eight, by 30 left 646 signs wrong, by 10 three times as many, and by 100 took three times the iterations.
fn guess(below: usize, stages: usize) -> f64 {
    match below {
        0 => 1.0,
        _ if stages > STAGES => 30.0_f64.powi(below as i32),
        _ => 1e3 * 1e2_f64.powi(below as i32 - 1),
    }
}
