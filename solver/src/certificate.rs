//! Certificates: what proves, without a solver, how good the stages of a plan can be at best.
//!
//! A goal k is proved by duals y and rates λ ≥ 0: for every plan of the program,
//!
//! f_k + Σ_{j<k} λ_j (f_j − at_j) ≥ bound_k,
//!
//! all f as they are minimised and at_j the plan's own value of stage j (with its tolerance). So no plan that is as good in what
//! comes before has an f_k under the bound. What comes before are the classes of stage 0, the goals, and of a leximin stage its
//! entries; of weighted goals the sum is proved. The bound itself is [`safe_bound`]: it holds whatever y and λ are.
//!
//! y_k and d_k = c_k − Aᵀ y_k are those of the stage's own solve, λ the least that gives d_k + Σ λ_j d_j the right signs
//! ([`multipliers`]); the dual of a row that keeps an earlier stage is a rate too, and what a later face fixed at that row is
//! righted like any other. A stage with a tolerance is kept by such a row alone: no plan behind it need stand where its own
//! duals would have it, and no rate is taken of them. What gaps that leaves are closed in [`again`].
//!
//! Fails: programs with integers, stages from the first whose value depends on heads, methods that neither rank nor weigh, and
//! engines without duals have no proof; [`Certificate::without`] says which.
//!
//! Limits: proves the solve, not the formulation, which is the audit's part. Member 0.
//! Source: docs/certificate.md.

mod again;
mod bound;
mod ray;
mod sum;

pub(crate) use again::close_gaps;
pub use bound::{Kept, safe_bound};
pub use ray::proves_infeasible;

use std::collections::BTreeSet;

use weir_model::case::Case;
use weir_model::goals::{Goals, Method, Objective, Sense};
use weir_model::network::RuleClass;
use weir_model::plan::{Certificate, Decisions, Given, Plan, Proof, Relaxation, StageResult};
use weir_model::satisfaction::{Entry, Satisfactions};

use self::sum::Sum;
use crate::formulation::Formulation;
use crate::integers;
use crate::methods::{Round, StageAnswer, multipliers, scale};
use crate::program::{Expression, Program};
use crate::stage0;
use weir_model::tolerance::{DUAL, ROUNDED, SOLVER_DUAL};

/// A point this near a bound stands at it.
const NEAR: f64 = 1e-7;
/// A gap this small, relative, absolute below 1, is not sought to be smaller.
const TIGHT: f64 = 1e-9;
/// Times that what is given is made less, until the plan is no better than the bound.
const ROUNDS: usize = 8;
/// Name of the sum of weighted goals.
pub const WEIGHTED: &str = "weighted";

/// Something that is minimised, or kept while later stages are.
#[derive(Clone, Debug)]
pub struct Link {
    /// `stage0.CLASS`, a goal's id, `GOAL[ENTRY]` of a leximin goal, or `weighted`.
    pub what: String,
    /// What is minimised.
    pub expression: Expression,
    /// The goal's place, of a goal.
    pub goal: Option<usize>,
    /// The one column that a leximin goal or its entry keeps.
    pub column: Option<usize>,
}

/// How many goals can be proved, from the first, and why no more; of weighted goals it is their sum.
pub fn provable(program: &Program, case: &Case, goals: &Goals) -> (usize, Option<&'static str>) {
    if goals.integers.is_some() && !program.integers.is_empty() {
        return (0, Some("integers"));
    }
    let mut staged = goals.stages.iter().filter_map(|&k| goals.objectives.get(k));
    let by_head = staged.position(|objective| case.depends_on_head(objective));
    match goals.method {
        Method::Weighted if by_head.is_some() => (0, Some("heads")),
        Method::Weighted | Method::Lexicographic(_) => (by_head.unwrap_or(goals.stages.len()), by_head.map(|_| "heads")),
        Method::Rules | Method::Pareto(_) | Method::ReferencePoint => (0, Some("method")),
    }
}

/// All links of a formulation in their order, up to the first goal that cannot be proved; and why it cannot.
pub fn links(formulation: &Formulation, case: &Case, goals: &Goals) -> (Vec<Link>, Option<&'static str>) {
    let plain =
        |what: String, expression: &Expression| Link { what, expression: expression.clone(), goal: None, column: None };
    let (until, unprovable) = provable(&formulation.program, case, goals);
    if unprovable.is_some_and(|why| why != "heads" || goals.method == Method::Weighted) {
        return (Vec::new(), unprovable);
    }
    let mut links: Vec<Link> = stage0::class_stages(formulation, goals)
        .into_iter()
        .map(|(class, stage)| plain(format!("stage0.{}", class.map_or("state", |class| class.word())), &stage.expression))
        .collect();
    if goals.method == Method::Weighted {
        links.push(plain(WEIGHTED.to_owned(), &integers::weighted(&formulation.stages).expression));
        return (links, None);
    }
    let staged = goals.stages.iter().filter_map(|&k| goals.objectives.get(k));
    for (number, (objective, stage)) in staged.zip(&formulation.stages).enumerate().take(until) {
        let column = stage.leximin.as_ref().map(|leximin| leximin.worst);
        links.push(Link { goal: Some(number), column, ..plain(objective.id.clone(), &stage.expression) });
        for (entry, facts) in stage.leximin.iter().flat_map(|leximin| leximin.entries.iter().enumerate()) {
            let expression = Expression { terms: vec![(facts.column, -1.0)], constant: 0.0 };
            links.push(Link {
                what: format!("{}[{entry}]", objective.id),
                expression,
                goal: None,
                column: Some(facts.column),
            });
        }
    }
    (links, unprovable)
}

/// The program that a plan is proved on: of rules that gave way only those open that the plan names, and those that it says were open beside
/// them.
pub fn program(formulation: &Formulation, case: &Case, relaxations: &[Relaxation], open: &[(String, usize)]) -> Program {
    let mut program = formulation.program.clone();
    for (column, place) in breaches(formulation, case) {
        if !is_named(relaxations, &place) && !open.contains(&place) {
            program.column_upper[column] = 0.0;
        }
    }
    program
}

/// What was open to the goals, by the upper bounds of columns, and has not given way in a plan that used a tolerance up: the best of a goal
/// before that may have had use for it.
pub fn left_open(
    formulation: &Formulation,
    case: &Case,
    (relaxations, stages): (&[Relaxation], &[StageResult]),
    upper: &[f64],
) -> Vec<(String, usize)> {
    if stages.iter().all(|stage| stage.tolerance == 0.0) {
        return Vec::new();
    }
    let open = breaches(formulation, case).filter(|(column, place)| upper[*column] > 0.0 && !is_named(relaxations, place));
    open.map(|(_, place)| place).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Columns in which rules may give way, with the address and the step of each.
fn breaches(formulation: &Formulation, case: &Case) -> impl Iterator<Item = (usize, (String, usize))> {
    let (program, layout) = (&formulation.program, &formulation.layout);
    let breaches = formulation.breaches.iter().filter(|breach| !breach.staged).map(|breach| breach.column);
    breaches
        .filter(|&column| program.column_lower[column] <= 0.0)
        .map(|column| (column, (layout.column_address(column, &case.network), layout.keys[column].step as usize)))
}

/// What is told to have been open and may not have been.
pub(crate) fn not_open(
    formulation: &Formulation,
    case: &Case,
    (relaxations, open): (&[Relaxation], &[(String, usize)]),
) -> Vec<String> {
    let may: BTreeSet<(String, usize)> = breaches(formulation, case).map(|(_, place)| place).collect();
    let wrong = open.iter().filter(|place| !may.contains(place) || is_named(relaxations, place));
    wrong
        .map(|(address, step)| format!("certificate: `{address}` was not open beside what gave way in step {step}"))
        .collect()
}

fn is_named(relaxations: &[Relaxation], (address, step): &(String, usize)) -> bool {
    relaxations.iter().any(|relaxation| relaxation.step == *step && relaxation.address == *address)
}

/// What a solve found, to be proved.
pub struct Found<'a> {
    /// The case.
    pub case: &'a Case,
    /// Its goals.
    pub goals: &'a Goals,
    /// The formulation.
    pub formulation: &'a Formulation,
    /// How the classes of stage 0 were solved, then the goals.
    pub answers: Vec<&'a StageAnswer>,
    /// Rows that were added to keep stages, in order.
    pub added: &'a [Expression],
    /// The goals as the plan tells them.
    pub stages: &'a [StageResult],
    /// What was open to the goals beside what gave way: [`left_open`].
    pub open: &'a [(String, usize)],
    /// The program that it is proved on: [`program`].
    pub program: &'a Program,
    /// The plan's point.
    pub point: &'a [f64],
}

/// What links are told by: a plan, or the plans of a tree's members together.
pub(crate) struct Telling<'a> {
    /// The goals.
    pub goals: &'a Goals,
    /// Their stages, as told.
    pub stages: &'a [StageResult],
    /// What gave way.
    pub relaxations: Vec<&'a Relaxation>,
    /// Minus the entries of a balance.
    pub entries: &'a dyn Fn(&Objective) -> Vec<f64>,
}

impl Telling<'_> {
    /// The value that a link has, as it is minimised, with what later stages may worsen it; none if it cannot be told.
    pub(crate) fn at(&self, link: &Link) -> Option<f64> {
        if let Some(stage) = link.goal.and_then(|goal| self.stages.get(goal)) {
            return Some(kept_at(self.goals, stage));
        }
        if let Some(word) = link.what.strip_prefix("stage0.") {
            let of_class = |relaxation: &&&Relaxation| relaxation.class.map_or("state", RuleClass::word) == word;
            let of_class: Vec<f64> = self.relaxations.iter().filter(of_class).map(|relaxation| relaxation.hm3).collect();
            return Some(of_class.iter().sum());
        }
        if let Some(at) = entry_kept_at(self.goals, self.stages, link) {
            return Some(at);
        }
        let (goal, entry) = link.what.strip_suffix(']')?.rsplit_once('[')?;
        let objective = self.goals.objectives.iter().find(|objective| objective.id == goal)?;
        (self.entries)(objective).get(entry.parse::<usize>().ok()?).copied()
    }
}

/// The value that a link has by what a plan tells.
pub(crate) fn told_at(link: &Link, (case, goals): (&Case, &Goals), plan: &Plan) -> Option<f64> {
    let entries = |objective: &Objective| entries_of(case, objective, &plan.decisions);
    let relaxations = plan.relaxations.iter().collect();
    Telling { goals, stages: &plan.stages, relaxations, entries: &entries }.at(link)
}

/// Minus the entries of a balance that count.
pub(crate) fn entries_of(case: &Case, objective: &Objective, decisions: &Decisions) -> Vec<f64> {
    let entries = Satisfactions::of(case, objective).entries;
    let minus = |entry: &Entry| Some(-entry.of_entitlement(case, decisions)?);
    entries.iter().filter(|entry| entry.counts()).filter_map(minus).collect()
}

/// The certificate of a plan by the duals and rates of another plan of the same question: its proofs up to the first that bounds
/// nothing here, each with this plan's values.
pub fn carried(formulation: &Formulation, (case, goals): (&Case, &Goals), of: &Certificate, plan: &Plan) -> Certificate {
    let (links, unprovable) = links(formulation, case, goals);
    let without = of.without.clone().filter(|word| word == "engine").or(unprovable.map(str::to_owned));
    let program = program(formulation, case, &plan.relaxations, &of.open);
    let again = |proof: &Proof| {
        let place = links.iter().position(|link| link.goal.is_some() && link.what == proof.of)?;
        let stage = plan.stages.get(links[place].goal?).filter(|stage| !is_more_than_enough(goals, stage))?;
        let of = |what: &str| proof.given.iter().find(|given| given.what == what).cloned();
        let given = links[..place].iter().filter_map(|link| Some((link, of(&link.what)?)));
        let given = given.map(|(link, given)| Some(Given { at: told_at(link, (case, goals), plan)?, ..given }));
        let given = given.collect::<Option<Vec<_>>>()?;
        let mut proof = Proof { value: minimised(stage), given, ..proof.clone() };
        proof.bound = bound_of(&program, &links[..=place], &proof)?;
        Some(within_reach(&program, &links, proof))
    };
    Certificate { without, open: of.open.clone(), proofs: of.proofs.iter().map_while(again).collect() }
}

/// The bound that a proof comes to.
pub(crate) fn bound_of(program: &Program, links: &[Link], proof: &Proof) -> Option<f64> {
    let (own, before) = links.split_last()?;
    let mut kept = Vec::with_capacity(proof.given.len());
    // In the order of the links, as the certificate was made: sums are enclosed, not exact.
    for link in before {
        if let Some(given) = proof.given.iter().find(|given| given.what == link.what) {
            kept.push(Kept { expression: &link.expression, at: given.at, rate: given.rate });
        }
    }
    (kept.len() == proof.given.len()).then(|| safe_bound(program, &own.expression, &kept, &proof.duals)).flatten()
}

/// A proof of which the plan is no better than its bound. By what an engine leaves in its rows a plan may be better in a goal than any can be,
/// by 5e-8 of 700, and a later goal whose rate of that is 1e10 would be told what no plan reaches: so much less is then given.
fn within_reach(program: &Program, links: &[Link], mut proof: Proof) -> Proof {
    let room = TIGHT * proof.value.abs().max(1.0);
    let place = links.iter().position(|link| link.what == proof.of);
    let largest = (0..proof.given.len()).max_by(|&a, &b| proof.given[a].rate.total_cmp(&proof.given[b].rate));
    let (Some(place), Some(largest)) = (place, largest) else { return proof };
    // What is added is rounded: a few times may be needed.
    for _ in 0..ROUNDS {
        let excess = proof.bound - proof.value;
        if excess <= room {
            break;
        }
        let given = &mut proof.given[largest];
        given.at = (given.at + excess / given.rate).next_up();
        let Some(bound) = bound_of(program, &links[..=place], &proof) else { break };
        proof.bound = bound;
    }
    proof
}

/// What a link is at, and the duals by which it may be proved.
struct Stood<'a> {
    link: &'a Link,
    at: f64,
    /// It may be worsened, and is kept by a row.
    by_row: bool,
    duals: Option<&'a [f64]>,
    /// What holds its entries, of a leximin stage.
    rounds: &'a [Round],
}

/// The certificate of a solve.
pub fn certify(found: &Found<'_>) -> Certificate {
    let (links, mut without) = links(found.formulation, found.case, found.goals);
    let mut answers = found.answers.iter();
    let stood: Vec<Stood> = links
        .iter()
        .map(|link| {
            let is_entry = link.goal.is_none() && link.column.is_some();
            let answer = if is_entry { None } else { answers.next() };
            let stage = link.goal.and_then(|goal| found.stages.get(goal));
            Stood {
                link,
                at: at(found, link),
                by_row: stage.is_some_and(|stage| stage.tolerance > 0.0),
                duals: answer.and_then(|answer| answer.row_duals.as_deref()),
                rounds: answer.map_or(&[], |answer| &answer.rounds),
            }
        })
        .collect();
    let lacks = |stood: &Stood| (stood.link.goal.is_some() || stood.link.what == WEIGHTED) && stood.duals.is_none();
    if stood.iter().any(lacks) {
        without = Some("engine");
    }
    let proofs = proofs(found.program, &stood, found);
    let proofs = proofs.into_iter().map(|proof| within_reach(found.program, &links, proof)).collect();
    Certificate { without: without.map(str::to_owned), open: found.open.to_vec(), proofs }
}

/// The value that a link has on the plan, as it is minimised, with what later stages may worsen it.
fn at(found: &Found<'_>, link: &Link) -> f64 {
    let stage = link.goal.and_then(|goal| found.stages.get(goal));
    match stage {
        Some(stage) if stage.tolerance > 0.0 => kept_at(found.goals, stage),
        Some(stage) => exactly(found, link, kept_at(found.goals, stage)),
        None if link.what == WEIGHTED => weighted_value(found.stages, found.goals),
        None => entry_kept_at(found.goals, found.stages, link).unwrap_or_else(|| link.expression.value(found.point)),
    }
}

/// The greatest that a goal's sum of products may be at the plan's point, where that is next to nothing less than what is told of it.
fn exactly(found: &Found<'_>, link: &Link, told: f64) -> f64 {
    let mut sum = Sum::default();
    sum.add(link.expression.constant);
    for &(column, cost) in &link.expression.terms {
        sum.add_product(cost, found.point[column]);
    }
    let most = sum.enclosed().1;
    if told - most <= ROUNDED * told.abs().max(1.0) { told.min(most) } else { told }
}

/// What later stages may leave of an entry of a leximin goal with a tolerance: as little as of the least. What it came to by itself, before they
/// used the tolerance up, no plan tells.
fn entry_kept_at(goals: &Goals, stages: &[StageResult], link: &Link) -> Option<f64> {
    let (goal, _) = link.what.strip_suffix(']')?.rsplit_once('[')?;
    let stage = stages.iter().find(|stage| stage.objective == goal)?;
    (stage.tolerance > 0.0).then(|| kept_at(goals, stage))
}

/// The weighted sum of stages, as it is minimised.
pub fn weighted_value(stages: &[StageResult], goals: &Goals) -> f64 {
    let objectives = goals.stages.iter().filter_map(|&k| goals.objectives.get(k));
    let weight = |objective: &Objective| objective.share / if objective.nominal > 0.0 { objective.nominal } else { 1.0 };
    objectives.zip(stages).map(|(objective, stage)| weight(objective) * minimised(stage)).sum()
}

/// A stage's value as it is minimised.
pub fn minimised(stage: &StageResult) -> f64 {
    if stage.sense == Sense::Maximise { -stage.value } else { stage.value }
}

/// What is good enough of a stage's objective, as it is minimised; −∞ where only the best is.
fn enough(goals: &Goals, stage: &StageResult) -> f64 {
    let objective = goals.objectives.iter().find(|objective| objective.id == stage.objective);
    let enough = objective.and_then(|objective| objective.enough);
    enough.map_or(f64::NEG_INFINITY, |enough| if stage.sense == Sense::Maximise { -enough } else { enough })
}

/// Whether a stage came out better than good enough: there is nothing to be proved of it.
pub fn is_more_than_enough(goals: &Goals, stage: &StageResult) -> bool {
    minimised(stage) < enough(goals, stage)
}

/// What later stages may leave of a stage: its value with its tolerance, or what is good enough.
pub fn kept_at(goals: &Goals, stage: &StageResult) -> f64 {
    (minimised(stage) + stage.tolerance).max(enough(goals, stage))
}

/// A link, or a round that holds entries, with its duals, as far as rates are already taken in.
struct Priced {
    /// The link's place; none of a round, which is a sum of links.
    link: Option<usize>,
    /// Rates of the links before it; below 0 where a face has the row that keeps one at its side.
    rates: Vec<f64>,
    duals: Vec<f64>,
    /// Reduced costs of columns, then of rows, then rates of all links, scaled, ≥ 0 where their sign is right.
    signed: Vec<f64>,
    factor: f64,
}

fn proofs(program: &Program, stood: &[Stood<'_>], found: &Found<'_>) -> Vec<Proof> {
    let signs = signs(program, found.point);
    let mut priced: Vec<Priced> = Vec::with_capacity(stood.len());
    let mut proofs = Vec::new();
    for (number, this) in stood.iter().enumerate() {
        let Some(told) = this.duals.filter(|duals| duals.len() >= program.rows()) else { continue };
        let before = |place: usize, _: usize| place < number;
        let own = price(program, stood, (&this.link.expression, told), (found.added, &signs), before);
        let stage = this.link.goal.and_then(|goal| found.stages.get(goal));
        if this.link.goal.is_some() || this.link.what == WEIGHTED {
            let is_better = stage.is_some_and(|stage| is_more_than_enough(found.goals, stage));
            let value = stage.map_or(this.at, minimised);
            let mut best: Option<Proof> = None;
            for nothing in [SOLVER_DUAL, DUAL] {
                let (rates, duals) = combined(program, &priced, &own, nothing);
                let kept: Vec<Kept> = stood
                    .iter()
                    .zip(&rates)
                    .map(|(stood, &rate)| Kept { expression: &stood.link.expression, at: stood.at, rate })
                    .collect();
                let Some(bound) = safe_bound(program, &this.link.expression, &kept, &duals) else { continue };
                if best.as_ref().is_none_or(|best| bound > best.bound) {
                    let given = stood.iter().zip(&rates).filter(|(_, rate)| **rate > 0.0);
                    let given = given.map(|(stood, &rate)| Given { what: stood.link.what.clone(), at: stood.at, rate });
                    best = Some(Proof { of: this.link.what.clone(), value, bound, given: given.collect(), duals });
                }
                if value - bound <= TIGHT * value.abs().max(1.0) {
                    break;
                }
            }
            proofs.extend(best.filter(|_| !is_better));
        }
        if this.by_row {
            continue;
        }
        priced.push(Priced { link: Some(number), ..own });
        for round in this.rounds.iter().filter(|round| round.row_duals.len() >= program.rows()) {
            let terms = round.weights.iter().map(|&(column, weight)| (column, -weight)).collect();
            let expression = Expression { terms, constant: 0.0 };
            let before = |place: usize, column: usize| place < number || round.before.contains(&column);
            let mut held = price(program, stood, (&expression, &round.row_duals), (found.added, &signs), before);
            for &(column, weight) in &round.weights {
                held.hold(stood, column, weight, program.columns() + program.rows());
            }
            priced.push(held);
        }
    }
    proofs
}

impl Priced {
    /// Counts an entry with a weight among what the round is of.
    fn hold(&mut self, stood: &[Stood<'_>], column: usize, weight: f64, first: usize) {
        let place = stood.iter().position(|stood| stood.link.goal.is_none() && stood.link.column == Some(column));
        if let Some(place) = place {
            self.rates[place] += weight;
            self.signed[first + place] += weight * self.factor;
        }
    }
}

/// Duals and rates of an expression by its own solve; `before` says of a link that keeps a column whether it did so then.
fn price(
    program: &Program,
    stood: &[Stood<'_>],
    (expression, told): (&Expression, &[f64]),
    (added, signs): (&[Expression], &[f64]),
    before: impl Fn(usize, usize) -> bool,
) -> Priced {
    let (columns, rows) = (program.columns(), program.rows());
    let duals = told[..rows].to_vec();
    let mut rates = vec![0.0; stood.len()];
    let mut reduced = expression.dense(columns);
    for (row, &dual) in added.iter().zip(&told[rows..]) {
        // Of links that are the same sum, the one that leaves least: no row but its own can hold.
        let same = |&(place, stood): &(usize, &Stood<'_>)| {
            stood.link.expression.terms == row.terms && before(place, stood.link.column.unwrap_or(usize::MAX))
        };
        let most = |stood: &Stood<'_>| stood.at - stood.link.expression.constant;
        let kept = stood.iter().enumerate().filter(same).min_by(|(_, a), (_, b)| most(a).total_cmp(&most(b)));
        if let Some((kept, _)) = kept {
            rates[kept] -= dual;
            for &(j, cost) in &row.terms {
                reduced[j] -= dual * cost;
            }
        }
    }
    for (j, reduced) in reduced.iter_mut().enumerate() {
        let entries = program.starts[j] as usize..program.starts[j + 1] as usize;
        *reduced -= entries.map(|at| program.values[at] * duals[program.indices[at] as usize]).sum::<f64>();
    }
    for (place, column) in stood.iter().enumerate().filter_map(|(place, stood)| Some((place, stood.link.column?))) {
        if before(place, column) {
            rates[place] += std::mem::take(&mut reduced[column]);
        }
    }
    let factor = scale(&expression.terms);
    let both = reduced.iter().chain(&duals);
    let signed = both.zip(signs).map(|(d, sign)| d * sign).chain(rates.iter().copied()).map(|d| d * factor).collect();
    Priced { link: None, rates, duals, signed, factor }
}

/// Rates and duals of a link with those of the links before it taken in, so that no sign is wrong; reduced costs up to `nothing`
/// count as none.
fn combined(program: &Program, before: &[Priced], own: &Priced, nothing: f64) -> (Vec<f64>, Vec<f64>) {
    let (mut rates, mut duals) = (own.rates.clone(), own.duals.clone());
    let reduced: Vec<&[f64]> = before.iter().chain([own]).map(|priced| priced.signed.as_slice()).collect();
    let (found, _) = multipliers(&reduced, nothing);
    for (priced, rate) in before.iter().zip(found).filter(|(_, rate)| *rate > 0.0) {
        let rate = rate * priced.factor / own.factor;
        if let Some(place) = priced.link {
            rates[place] += rate;
        }
        for (sum, own) in rates.iter_mut().zip(&priced.rates) {
            *sum += rate * own;
        }
        for (sum, own) in duals.iter_mut().zip(&priced.duals) {
            *sum += rate * own;
        }
    }
    one_sided(program, &mut duals);
    // Rates are ≥ 0: what is still wrong weakens the bound.
    for rate in &mut rates {
        *rate = rate.max(0.0);
    }
    (rates, duals)
}

/// Takes away duals whose sign asks for a side that their row does not have.
fn one_sided(program: &Program, duals: &mut [f64]) {
    for (i, dual) in duals.iter_mut().enumerate() {
        let side = if *dual > 0.0 { program.row_lower[i] } else { program.row_upper[i] };
        if !side.is_finite() {
            *dual = 0.0;
        }
        *dual += 0.0;
    }
}

/// Of each column, then row: +1 where a point has it at its lower bound, −1 at its upper, 0 between them or where it is fixed.
fn signs(program: &Program, point: &[f64]) -> Vec<f64> {
    let mut activity = vec![0.0; program.rows()];
    for (j, &x) in point.iter().enumerate() {
        for at in program.starts[j] as usize..program.starts[j + 1] as usize {
            activity[program.indices[at] as usize] += program.values[at] * x;
        }
    }
    let sign = |value: f64, lower: f64, upper: f64| {
        let is_at = |bound: f64| bound.is_finite() && (value - bound).abs() <= NEAR * bound.abs().max(1.0);
        match (is_at(lower), is_at(upper)) {
            (true, false) => 1.0,
            (false, true) => -1.0,
            _ => 0.0,
        }
    };
    let columns = point.iter().zip(program.column_lower.iter().zip(&program.column_upper));
    let rows = activity.iter().zip(program.row_lower.iter().zip(&program.row_upper));
    columns.chain(rows).map(|(&value, (&lower, &upper))| sign(value, lower, upper)).collect()
}
