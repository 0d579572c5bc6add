//! Pareto fronts: what the goals can be together, none of them before another.
//!
//! The ideal (each goal at its best) and the nadir (each at its worst) come from a lexicographic payoff table: goal k first, the
//! others after it in their order. Ranges R_k = nadir − ideal scale everything; the nadir of a table is the true one for two
//! goals, an estimate for more.
//!
//! *Grid* (AUGMECON2): goals 2 … K become rows f_k ≤ e_k with e_k on equal intervals from nadir to ideal, and
//! f_1 − ε R_1 Σ 10^(2−k) (e_k − f_k) ÷ R_k is minimised, so that no point is dominated. The slack e_k − f_k needs no column,
//! and the costs are the same everywhere: from point to point only a bound moves, and the simplex goes on from its basis.
//! The last goal's axis is the innermost: an infeasible e_K ends it (tighter ones are infeasible too), and a slack of b
//! intervals jumps over b points that would be the same.
//!
//! *Vertices*: points found span an inner hull conv{f} + ℝ₊ᴷ. Its facets w·f ≥ β are the extreme rays of the cone
//! {(w, β): w ≥ 0, w·f ≥ β for every point f}, kept by double description. Minimising w·f proves a facet or finds a vertex
//! beyond it, until no facet lacks more than the gap: then each point of the front is matched within gap × R by the hull.
//! Of a program with integers only supported points are found so.
//!
//! The plan is that of the *compromise*: the point nearest to the ideal by its largest range-scaled distance, kept by rows.
//!
//! Fails: a goal without a range (it never conflicts) has one level. A front of more than [`MOST`] vertices is cut there, and
//! the gap told is the one left.
//!
//! Source: Mavrotas & Florios 2013 (AUGMECON2); vertices as in Aneja & Nair 1979 for two goals, Benson 1998 for more.

use weir_model::goals::Points;
use weir_model::plan::Front;
use weir_model::tolerance;

use super::hull::Hull;
use super::payoff::{Payoff, SAME, exact, sum, values};
use super::{Live, Method, MethodError, Order, StageAnswer, faces, scaled_costs};
use crate::engine::{Algorithm, Outcome};
use crate::program::{Expression, Stage};

/// A front by a grid or by its vertices.
#[derive(Clone, Copy, Debug)]
pub struct Pareto {
    /// Where its points lie.
    pub points: Points,
}

/// Weight of the slacks against the first goal, in ranges.
const SLACK: f64 = 1e-3;
/// Most points of a front by vertices.
const MOST: usize = 400;

impl Method for Pareto {
    fn word(&self) -> &'static str {
        "pareto"
    }

    fn goals(&self, live: &mut Live, order: &Order<'_>) -> Result<Vec<StageAnswer>, MethodError> {
        let mut search = Search::open(live, order.goals)?;
        let gap = match self.points {
            Points::Grid { intervals } => {
                search.grid(intervals.max(1))?;
                None
            }
            Points::Vertices { gap } => Some(search.vertices(gap)?),
        };
        search.settle(gap)
    }
}

/// A front being found.
struct Search<'a> {
    live: &'a mut Live,
    goals: &'a [Stage],
    payoff: Payoff,
    /// The row of each goal in the live program, without a bound until it is needed.
    rows: Vec<usize>,
    /// Points found, apart by more than [`SAME`], with their places between ideal and nadir.
    points: Vec<(Vec<f64>, Vec<f64>)>,
    solves: usize,
    infeasible: usize,
    iterations: u64,
}

impl<'a> Search<'a> {
    /// The points of the payoff table.
    fn open(live: &'a mut Live, goals: &'a [Stage]) -> Result<Self, MethodError> {
        let payoff = Payoff::of(live, goals)?;
        let row = |stage: &Stage| live.add_row(f64::NEG_INFINITY, f64::INFINITY, stage.expression.terms.clone());
        let rows = goals.iter().map(row).collect::<Result<_, _>>()?;
        let iterations = payoff.iterations;
        let mut search = Self { live, goals, payoff, rows, points: Vec::new(), solves: 0, infeasible: 0, iterations };
        for point in search.payoff.table.clone() {
            search.add(point);
        }
        Ok(search)
    }

    /// Takes a point that is not yet among them; whether it was new.
    fn add(&mut self, point: Vec<f64>) -> bool {
        let scaled = self.payoff.scaled(&point);
        let new = !self.points.iter().any(|(_, known)| apart(known, &scaled) <= SAME);
        if new {
            self.points.push((point, scaled));
        }
        new
    }

    /// Goals that have a range, with it.
    fn axes(&self) -> Vec<(usize, f64)> {
        (0..self.goals.len()).filter_map(|k| self.payoff.range(k).map(|range| (k, range))).collect()
    }

    /// Goals that conflict with none stay at their best.
    fn hold_the_others(&mut self) -> Result<(), MethodError> {
        for k in (0..self.goals.len()).filter(|&k| self.payoff.range(k).is_none()).collect::<Vec<_>>() {
            self.bound(k, self.payoff.nadir[k])?;
        }
        Ok(())
    }

    /// AUGMECON2: the first goal that has a range is minimised over a grid of the others that have one.
    fn grid(&mut self, intervals: usize) -> Result<(), MethodError> {
        let axes = self.axes();
        let Some((&(first, range), axes)) = axes.split_first() else { return Ok(()) };
        let Some((&(inner, inner_range), slow)) = axes.split_last() else { return Ok(()) };
        self.hold_the_others()?;
        let mut weights = vec![0.0; self.goals.len()];
        weights[first] = 1.0;
        for (place, &(k, of)) in axes.iter().enumerate() {
            weights[k] = SLACK * range / of * 0.1_f64.powi(place as i32);
        }
        let costs = self.costs(&sum(self.goals, &weights));
        let step = inner_range / intervals as f64;
        // A counter a goal before the innermost, the last of them the slowest.
        let mut counters = vec![0_usize; slow.len()];
        loop {
            for (&(k, of), &i) in slow.iter().zip(&counters) {
                self.bound(k, self.payoff.nadir[k] - of * i as f64 / intervals as f64)?;
            }
            let mut i = 0;
            while i <= intervals {
                let most = self.payoff.nadir[inner] - step * i as f64;
                self.bound(inner, most)?;
                let Some(point) = self.solve(&costs)? else { break };
                let slack = most - point[inner];
                self.add(point);
                i += 1 + (slack / step + SAME).max(0.0) as usize;
            }
            let Some(turned) = counters.iter().position(|&i| i < intervals) else { return Ok(()) };
            counters[turned] += 1;
            counters[..turned].fill(0);
        }
    }

    /// The goals at the least of some costs; none where the bounds are infeasible.
    fn solve(&mut self, costs: &[f64]) -> Result<Option<Vec<f64>>, MethodError> {
        let run = self.live.minimise(costs, Algorithm::Automatic)?;
        self.solves += 1;
        self.iterations += run.iterations;
        match run.outcome {
            Outcome::Infeasible | Outcome::InfeasibleOrUnbounded => {
                self.infeasible += 1;
                Ok(None)
            }
            outcome if !outcome.has_point() => Err(MethodError::Unsolved { stage: 0, outcome }),
            _ => Ok(Some(values(self.live, self.goals)?)),
        }
    }

    fn costs(&self, expression: &Expression) -> Vec<f64> {
        scaled_costs(expression, self.live.program().columns()).0
    }

    /// f_k ≤ most, with the slack that an engine needs to find its own points again.
    fn bound(&mut self, k: usize, most: f64) -> Result<(), MethodError> {
        let most = most - self.goals[k].expression.constant + tolerance::DUAL * most.abs().max(1.0);
        Ok(self.live.set_added_bounds(self.rows[k], f64::NEG_INFINITY, most)?)
    }

    /// Vertices until every facet of their hull is proved to within the gap; the gap that is left.
    fn vertices(&mut self, gap: f64) -> Result<f64, MethodError> {
        let axes = self.axes();
        let Some((first, others)) = self.points.split_first().filter(|_| !axes.is_empty()) else { return Ok(0.0) };
        let on_axes = |scaled: &[f64]| axes.iter().map(|&(k, _)| scaled[k]).collect::<Vec<f64>>();
        let mut hull = Hull::of(&on_axes(&first.1));
        for (_, scaled) in others {
            hull.add(&on_axes(scaled));
        }
        let all = exact(&sum(self.goals, &self.payoff.weights(self.goals)));
        let mut proved: Vec<(Vec<f64>, f64)> = Vec::new();
        while let Some((weights, beta)) = hull.facet(|facet, beta| {
            // No goal is better than its ideal, which is 0.
            beta <= SAME || proved.iter().any(|(known, _)| apart(known, facet) <= SAME)
        }) {
            let mut own = vec![0.0; self.goals.len()];
            for (&(k, range), weight) in axes.iter().zip(&weights) {
                own[k] = weight / range;
            }
            self.hold_the_others()?;
            // The second stage leaves no point that another dominates where a weight is 0.
            let answers = faces::run(self.live, &[exact(&sum(self.goals, &own)), all.clone()], false)?;
            self.iterations += answers.iter().map(|answer| answer.iterations).sum::<u64>();
            self.solves += 1;
            let point = values(self.live, self.goals)?;
            self.live.release()?;
            let scaled = on_axes(&self.payoff.scaled(&point));
            let reached: f64 = weights.iter().zip(&scaled).map(|(weight, value)| weight * value).sum();
            let beyond = beta - reached;
            if beyond > gap.max(SAME) && self.points.len() < MOST && self.add(point) {
                hull.add(&scaled);
            } else {
                proved.push((weights, beyond.max(0.0)));
            }
        }
        Ok(proved.iter().map(|(_, beyond)| *beyond).fold(0.0, f64::max))
    }

    /// Drops what another point dominates, and leaves the compromise kept in the live program.
    fn settle(mut self, gap: Option<f64>) -> Result<Vec<StageAnswer>, MethodError> {
        let dominates = |other: &[f64], point: &[f64]| {
            let no_worse = other.iter().zip(point).all(|(other, own)| *other <= own + SAME);
            no_worse && other.iter().zip(point).any(|(other, own)| *other < own - SAME)
        };
        let all = std::mem::take(&mut self.points);
        let mut points: Vec<&(Vec<f64>, Vec<f64>)> =
            all.iter().filter(|(_, point)| !all.iter().any(|(_, other)| dominates(other, point))).collect();
        points.sort_by(|a, b| a.1.partial_cmp(&b.1).unwrap_or(std::cmp::Ordering::Equal));
        let places: Vec<&[f64]> = points.iter().map(|(_, scaled)| scaled.as_slice()).collect();
        let compromise = nearest(&places);
        if let Some((chosen, _)) = points.get(compromise) {
            for (k, &value) in chosen.iter().enumerate() {
                self.bound(k, value)?;
            }
        }
        let costs = self.costs(&sum(self.goals, &self.payoff.weights(self.goals)));
        let run = self.live.minimise(&costs, Algorithm::Automatic)?;
        if !run.outcome.has_point() {
            return Err(MethodError::Unsolved { stage: 0, outcome: run.outcome });
        }
        let reached = values(self.live, self.goals)?;
        let (solves, infeasible, iterations) = (self.solves, self.infeasible, self.iterations + run.iterations);
        self.live.front = Some(Front {
            ideal: self.payoff.ideal,
            nadir: self.payoff.nadir,
            points: points.into_iter().map(|(point, _)| point.clone()).collect(),
            compromise,
            gap,
            solves,
            infeasible,
        });
        let answer = |(k, value): (usize, f64)| StageAnswer {
            value,
            outcome: run.outcome.clone(),
            iterations: if k == 0 { iterations } else { 0 },
            row_duals: None,
            rounds: Vec::new(),
        };
        Ok(reached.into_iter().enumerate().map(answer).collect())
    }
}

/// The point nearest to the ideal by its largest distance, of those as near the one with the least sum, then the first.
fn nearest(scaled: &[&[f64]]) -> usize {
    let worst = |point: &[f64]| point.iter().copied().fold(0.0, f64::max);
    let sum = |point: &[f64]| point.iter().sum::<f64>();
    let least = |values: &mut dyn Iterator<Item = f64>| values.fold(f64::INFINITY, f64::min) + SAME;
    let radius = least(&mut scaled.iter().map(|point| worst(point)));
    let near: Vec<usize> = (0..scaled.len()).filter(|&i| worst(scaled[i]) <= radius).collect();
    let total = least(&mut near.iter().map(|&i| sum(scaled[i])));
    near.into_iter().find(|&i| sum(scaled[i]) <= total).unwrap_or(0)
}

/// The largest difference of two vectors.
fn apart(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}
