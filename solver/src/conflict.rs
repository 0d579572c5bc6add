//! Why there is no plan, in water's words: the smallest sets of rules that cannot hold together, each folded into one water budget.
//!
//! A program with every rule and every balance open is asked for the least water, in hm³, by which the rules miss each other:
//! Σ of what flows, supplies and accounts lack or have too much, and of water put into or taken out of a balance. Rules on what a
//! storage holds stay closed there: what they lack is told once, as water, not again in every step that it lasts. States that
//! stage 0 leaves (a start above the flood limit) stand as it left them.
//!
//! 1. Conflicts are sought among rules alone, then with what ways pass in force, then with all that is [physical](Physics), so that none hides
//!    behind a dead level. The duals of that least name the rules that bear on it. A deletion filter drops them one after another, the
//!    least protected first: what still leaves water missing was not needed. What is physical stays in force until the others are found,
//!    and is dropped in its turn. What is left is a conflict by itself, in which each rule is necessary.
//! 2. The least water that its rules lack in the steps in which they bear on it, with all that is physical in force, is what is missing, and
//!    its duals' products with the data are the [budget](Entry), term by term: a physical limit that only adds to how much is missing
//!    stands there alone. Where with all of that one of the rules would bear on nothing any more, it is what they lack without it.
//! 3. The least protected rule of it that may give way is dropped in these steps, and the next conflict is sought, up to [`MOST`]; for good,
//!    where the same rules are found again, which are not told twice. At last states are no greater than they must be without what was dropped.
//! 4. Beside a conflict of rules alone others are sought that conflict where another of them gives way: those that name a rule which none told
//!    before has.
//!
//! Where whole numbers alone make the rules conflict, beside such conflicts or without any, there are no duals: the filter runs over
//! all rules, and no budget is told.
//!
//! Fails: nothing; where the engine ends without an answer, the conflicts found so far are told.
//! Limits: a smallest set, not the only one. Member 0 names the days.

mod budget;
mod catalog;
mod menu;
mod plain;
mod sentence;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use weir_model::case::Case;
use weir_model::goals::{Goals, HeadModel};
use weir_model::network::RuleClass;
use weir_model::place::Place;
use weir_model::plan::Relaxation;
use weir_model::tolerance::FEASIBILITY_HM3;

pub use budget::{By, Entry, What};
pub use menu::{Choice, menu};
pub use sentence::given_way;

use budget::Budget;
use catalog::{Catalog, Dropped, Physics, Side, Standing};

use crate::engine::{Algorithm, Bounds, Engine, EngineError, Options, Outcome, Session, Solution};
use crate::formulation::{Formulation, UnknownKind, formulated};
use crate::layout::Open;
use crate::program::Program;

/// Conflicts that are told at most.
const MOST: usize = 6;
/// A dual below this bears on nothing.
const BEARS: f64 = 1e-7;
/// Seconds that a program with whole numbers may take for one question.
const WHOLE_S: f64 = 10.0;

/// Rules that cannot hold together.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// The rules, the most protected first, what is physical last: they alone conflict, and without any one of them they do not.
    pub rules: Vec<Rule>,
    /// Steps in which they cannot.
    pub periods: Vec<Range<usize>>,
    /// The least water that is missing or too much; none where even that does not help.
    pub missing_hm3: Option<f64>,
    /// Whether it is too much rather than too little.
    pub too_much: bool,
    /// Whether some of it is too much, and some is missing elsewhere.
    pub both: bool,
    /// What is asked for and what there is; their difference is what is missing. Empty where only whole numbers conflict.
    pub budget: Vec<Entry>,
    /// Ways that pass nothing, none of the rules, without which less would be missing: no term of the budget has them.
    pub closed: Vec<Rule>,
}

/// A rule of a conflict.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its address, such as `works_release_zhaoshandu.floor` or `shanxi.dead_level`.
    pub address: String,
    /// Its class; none of what is physical and never gives way.
    pub class: Option<RuleClass>,
    /// Where its element was written.
    pub place: Place,
    /// Whether the file marks it assumed.
    pub assumed: bool,
    /// Its least and greatest value in the steps in which it bears on the conflict, and their unit.
    pub value: Option<(f64, f64, &'static str)>,
    /// hm³: of an account whose value is the horizon's share, the limit of the whole window and what of it was used before.
    pub share_of: Option<(f64, f64)>,
}

impl Rule {
    /// Whether it is a way that passes nothing when it bears on a conflict.
    fn passes_nothing(&self) -> bool {
        self.class.is_none() && self.address.ends_with(".capacity") && self.value.is_some_and(|(_, most, _)| most <= 0.0)
    }
}

/// The conflicts of a case that has no plan, and the least water by which all rules miss each other; with the states of the least
/// breach as stage 0 found them, if it found one.
///
/// # Errors
/// If the engine cannot be asked.
pub fn conflicts(
    case: &Case,
    goals: &Goals,
    states: Option<&[Relaxation]>,
    (engine, options): (&dyn Engine, &Options),
) -> Result<(Vec<Conflict>, Option<f64>), ConflictError> {
    let goals = &without_wishes(goals);
    let formulation = formulated(case, goals, Open::Physics)?;
    let catalog = Catalog::new(case, goals, &formulation, states);
    let linear = Program { integers: Vec::new(), ..formulation.program.clone() };
    let given_up = Dropped { whole: vec![false; catalog.rules.len()], ..Dropped::default() };
    let mut found = Found { conflicts: Vec::new(), missing_hm3: None, given_up, alone: Vec::new() };
    let states = catalog.states.clone();
    let mut search = Search::open((case, &formulation, &catalog), states, engine.open(&linear, options)?, true);
    search.all(&mut found)?;
    let is_physical = |conflict: &Conflict| conflict.rules.iter().all(|rule| rule.class.is_none());
    if !formulation.program.integers.is_empty() && !found.conflicts.iter().any(is_physical) {
        let limited =
            Options { time_limit_s: Some(options.time_limit_s.map_or(WHOLE_S, |s| s.min(WHOLE_S))), ..options.clone() };
        let session = engine.open(&formulation.program, &limited)?;
        Search::open((case, &formulation, &catalog), search.states, session, false).all(&mut found)?;
    }
    Ok((found.conflicts, found.missing_hm3))
}

/// What a search has found so far.
struct Found {
    conflicts: Vec<Conflict>,
    /// What is missing in all.
    missing_hm3: Option<f64>,
    /// Rules dropped for good, one of each conflict, whole or in the steps in which it was told.
    given_up: Dropped,
    /// What was dropped when a conflict of rules alone was found, with the others of its rules.
    alone: Vec<(Dropped, Vec<usize>)>,
}

impl Found {
    /// Whether a conflict tells more than those told before: other rules in other steps, or beside them a rule that none has.
    fn is_new(&self, conflict: &Conflict, beside: bool) -> bool {
        let addresses = |of: &Conflict| -> BTreeSet<String> { of.rules.iter().map(|rule| rule.address.clone()).collect() };
        let own = addresses(conflict);
        if beside {
            let told: BTreeSet<String> = self.conflicts.iter().flat_map(addresses).collect();
            !own.is_subset(&told)
        } else {
            self.conflicts.iter().all(|told| addresses(told) != own)
        }
    }
}

/// Goals without what is only wished for, which no rule is; a goal on what a rule exceeds holds it open, and stays.
fn without_wishes(goals: &Goals) -> Goals {
    let opens = |&stage: &usize| {
        goals.objectives.get(stage).is_some_and(|o| matches!(o.kind.as_str(), "flood_limit_excess" | "discharge_excess"))
    };
    Goals { stages: goals.stages.iter().copied().filter(opens).collect(), head: HeadModel::Fixed, ..goals.clone() }
}

/// Why conflicts could not be sought.
#[derive(Debug, thiserror::Error)]
pub enum ConflictError {
    /// An objective's kind is not known.
    #[error(transparent)]
    Kind(#[from] UnknownKind),
    /// The engine cannot be asked.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// A session with some rules dropped.
struct Search<'a> {
    case: &'a Case,
    formulation: &'a Formulation,
    catalog: &'a Catalog<'a>,
    session: Box<dyn Session>,
    /// As it is in the session.
    stands: Standing,
    /// How great states may be, by column.
    states: BTreeMap<usize, f64>,
    duals: bool,
}

/// What came of asking with some rules dropped.
enum Asked {
    /// Nothing is missing.
    Holds,
    /// So much is, at this point.
    Missing(f64, Box<Solution>),
    /// No water helps.
    Never,
    /// The engine did not say.
    Unknown,
}

impl<'a> Search<'a> {
    fn open(
        (case, formulation, catalog): (&'a Case, &'a Formulation, &'a Catalog<'a>),
        states: BTreeMap<usize, f64>,
        session: Box<dyn Session>,
        linear: bool,
    ) -> Self {
        let program = &formulation.program;
        let both = |lower: &[f64], upper: &[f64]| lower.iter().copied().zip(upper.iter().copied()).collect();
        let stands = Standing {
            columns: both(&program.column_lower, &program.column_upper),
            rows: both(&program.row_lower, &program.row_upper),
            costs: Vec::new(),
        };
        let duals = linear && session.reports().duals;
        Self { case, formulation, catalog, session, stands, states, duals }
    }

    /// All conflicts but those found before: of rules alone, with what ways pass, with all that is physical; then those beside the first.
    fn all(&mut self, found: &mut Found) -> Result<(), EngineError> {
        let before = found.conflicts.len();
        let nothing = Dropped { whole: vec![false; found.given_up.whole.len()], ..Dropped::default() };
        if before == 0 {
            match self.ask(&nothing)? {
                Asked::Missing(missing, _) => found.missing_hm3 = Some(missing),
                Asked::Never => {}
                Asked::Holds | Asked::Unknown => return Ok(()),
            }
        }
        let states = self.states.clone();
        // Without duals no steps are known, and each question may take long.
        let layers: &[Physics] = if self.duals { &[Physics::None, Physics::Ways, Physics::All] } else { &[Physics::All] };
        for &physics in layers {
            self.one_after_another(found, physics, false)?;
        }
        let shrunk = std::mem::replace(&mut self.states, states);
        let all = found.given_up.clone();
        for (dropped, others) in std::mem::take(&mut found.alone) {
            for rule in others {
                found.given_up = dropped.clone();
                found.given_up.whole[rule] = true;
                for &physics in layers {
                    self.one_after_another(found, physics, true)?;
                }
            }
        }
        (self.states, found.given_up) = (shrunk, all);
        // More conflict than was known when it was asked what is missing in all.
        if (1..found.conflicts.len()).contains(&before)
            && let Asked::Missing(missing, _) = self.ask(&nothing)?
        {
            found.missing_hm3 = Some(missing);
        }
        Ok(())
    }

    /// Conflicts with so much of what is physical in force, one after another, until what is left holds.
    fn one_after_another(&mut self, found: &mut Found, physics: Physics, beside: bool) -> Result<(), EngineError> {
        let beyond = self.catalog.beyond(physics);
        let is_last = physics == Physics::All;
        while found.conflicts.len() < MOST {
            let given_up = &found.given_up;
            let in_force = |(rule, &is): (usize, &bool)| is || beyond[rule];
            let left = Dropped { whole: given_up.whole.iter().enumerate().map(in_force).collect(), ..given_up.clone() };
            let suspects = match self.ask(&left)? {
                Asked::Holds if is_last && !found.conflicts.is_empty() && self.states_shrink(given_up)? => continue,
                Asked::Holds | Asked::Unknown => break,
                Asked::Missing(_, solution) if self.duals => self.bearing(&solution),
                Asked::Missing(..) | Asked::Never => (0..beyond.len()).collect(),
            };
            // What is physical is in force whatever else is dropped.
            let gives_way = |rule: usize| self.catalog.rules[rule].class.is_some();
            let may: Vec<usize> = suspects.into_iter().filter(|&rule| gives_way(rule) && !given_up.whole[rule]).collect();
            let is_out = |rule: usize| beyond[rule] || given_up.whole[rule] || gives_way(rule) && !may.contains(&rule);
            let whole = (0..beyond.len()).map(is_out).collect();
            let mut dropped = Dropped { whole, told: given_up.told.clone() };
            self.filter(&may, &mut dropped)?;
            let rules: Vec<usize> = may.into_iter().filter(|&rule| !dropped.whole[rule]).collect();
            // What no rule has part in is told with all that is physical.
            if rules.is_empty() && !is_last {
                break;
            }
            let Some((conflict, mut bears, limit)) = self.conflict(&rules, &mut dropped, physics)? else { break };
            let is_new = found.is_new(&conflict, beside);
            let steps = rules.first().and_then(|first| bears.remove(first)).unwrap_or_default();
            if is_new {
                if physics == Physics::None && !beside {
                    found.alone.push((found.given_up.clone(), rules.iter().skip(1).copied().collect()));
                }
                found.conflicts.push(conflict);
            }
            match rules.first() {
                Some(&rule) if is_new && !steps.is_empty() => {
                    found.given_up.told.extend(steps.into_iter().map(|step| (rule, step)));
                }
                Some(&rule) => found.given_up.whole[rule] = true,
                // Of what is physical a storage's limit gives no water to others.
                None => match limit.filter(|_| is_new) {
                    Some(limit) => found.given_up.whole[limit] = true,
                    None => break,
                },
            }
        }
        Ok(())
    }

    /// Drops whatever of these rules is not needed for something to be missing: all at once, else by halves.
    fn filter(&mut self, rules: &[usize], dropped: &mut Dropped) -> Result<(), EngineError> {
        if rules.is_empty() {
            return Ok(());
        }
        let before: Vec<bool> = rules.iter().map(|&rule| std::mem::replace(&mut dropped.whole[rule], true)).collect();
        if matches!(self.ask(dropped)?, Asked::Missing(..) | Asked::Never) {
            return Ok(());
        }
        rules.iter().zip(before).for_each(|(&rule, before)| dropped.whole[rule] = before);
        if let [_] = rules {
            return Ok(());
        }
        let (first, second) = rules.split_at(rules.len() / 2);
        self.filter(first, dropped)?;
        self.filter(second, dropped)
    }

    /// Whether states need not be as great with some rules given up, which they are no more then.
    fn states_shrink(&mut self, given_up: &Dropped) -> Result<bool, EngineError> {
        let are: f64 = self.states.values().filter(|most| most.is_finite()).sum();
        if !self.duals || are <= FEASIBILITY_HM3 || !self.solve(self.catalog.least_states(given_up))?.has_point() {
            return Ok(false);
        }
        let solution = self.session.solution()?;
        let shrinks = are - solution.objective > FEASIBILITY_HM3;
        for (&column, most) in self.states.iter_mut().filter(|(_, most)| shrinks && most.is_finite()) {
            *most = solution.primal[column].max(0.0);
        }
        Ok(shrinks)
    }

    fn solve(&mut self, now: Standing) -> Result<Outcome, EngineError> {
        self.session.set_column_bounds(&changes(&self.stands.columns, &now.columns))?;
        self.session.set_row_bounds(&changes(&self.stands.rows, &now.rows))?;
        self.session.set_costs(&now.costs)?;
        self.stands = now;
        let mut run = self.session.solve(Algorithm::Automatic)?;
        if matches!(run.outcome, Outcome::Failed { .. }) {
            self.session.forget()?;
            run = self.session.solve(Algorithm::Primal)?;
        }
        Ok(run.outcome)
    }

    /// Asks for the least water that is missing with some rules dropped.
    fn ask(&mut self, dropped: &Dropped) -> Result<Asked, EngineError> {
        Ok(match self.solve(self.catalog.standing(dropped, &self.states))? {
            Outcome::Infeasible | Outcome::InfeasibleOrUnbounded => Asked::Never,
            outcome if outcome.has_point() => {
                let solution = self.session.solution()?;
                // The least that may be missing: a point that time ended with proves nothing.
                let least = match outcome {
                    Outcome::Feasible { gap } => solution.objective * (1.0 - gap),
                    _ => solution.objective,
                };
                if solution.objective <= FEASIBILITY_HM3 {
                    Asked::Holds
                } else if least > FEASIBILITY_HM3 {
                    Asked::Missing(solution.objective, Box::new(solution))
                } else {
                    Asked::Unknown
                }
            }
            _ => Asked::Unknown,
        })
    }

    /// Rules that bear on what is missing, the least protected first.
    fn bearing(&self, solution: &Solution) -> Vec<usize> {
        let mut bears = vec![false; self.catalog.rules.len()];
        for (column, &reduced) in solution.reduced_costs.iter().enumerate().filter(|(_, d)| d.abs() > BEARS) {
            let side = if reduced > 0.0 { Side::Lower } else { Side::Upper };
            self.catalog.of_column(column, side).for_each(|rule| bears[rule] = true);
        }
        for (row, &dual) in solution.row_duals.iter().enumerate().filter(|(_, dual)| dual.abs() > BEARS) {
            let side = if dual > 0.0 { Side::Lower } else { Side::Upper };
            self.catalog.of_row(row, side).for_each(|rule| bears[rule] = true);
        }
        self.catalog.forced().for_each(|rule| bears[rule] = true);
        (0..bears.len()).filter(|&rule| bears[rule]).collect()
    }

    /// The conflict of these rules, all others dropped that may give way, with the steps in which each bears on it, and the limit of a storage
    /// that is part of it; none where there is none after all.
    fn conflict(
        &mut self,
        rules: &[usize],
        dropped: &mut Dropped,
        physics: Physics,
    ) -> Result<Option<(Conflict, Bears, Option<usize>)>, EngineError> {
        let Some(own) = self.lack(rules, dropped.clone())? else { return Ok(None) };
        let physical = self.physical(own.missing.as_ref().map(|(_, solution)| &**solution), dropped)?;
        let Lack { missing, budget, in_force } = match physics {
            // What is physical alone conflicts by itself, with what else the same storages must hold: others like them lack what they lack.
            Physics::All if rules.is_empty() => {
                let mut in_force = dropped.clone();
                for (rule, dropped) in in_force.whole.iter_mut().enumerate() {
                    *dropped = *dropped && !physical.iter().any(|&of| self.catalog.is_of_one(of, rule));
                }
                self.lack(rules, in_force)?.unwrap_or(own)
            }
            Physics::All => own,
            Physics::None | Physics::Ways => self.with_all_that_is_physical(rules, own)?,
        };
        let Budget { entries, steps, too_much, both, bears } = budget;
        let mut closed = Vec::new();
        for (&rule, steps) in bears.iter().filter(|(rule, _)| !physical.contains(rule)) {
            let told = self.catalog.told(rule, &steps.iter().copied().collect::<Vec<_>>());
            if told.passes_nothing() && self.lessens(rule, &in_force, missing.as_ref().map(|(missing, _)| *missing))? {
                closed.push(told);
            }
        }
        // The most protected first, and what is physical, which they run against, last.
        let told = |&rule: &usize| {
            let own = bears.get(&rule).map(|steps| steps.iter().copied().collect::<Vec<_>>());
            self.catalog.told(rule, own.as_deref().unwrap_or(&steps))
        };
        let named = rules.iter().rev().chain(physical.iter().rev()).map(told).collect();
        let conflict = Conflict {
            rules: named,
            periods: runs(&steps),
            missing_hm3: missing.map(|(missing, _)| missing),
            too_much,
            both,
            budget: budget::merged(entries),
            closed,
        };
        let limit = physical.into_iter().find(|&rule| self.catalog.holds_storage(rule));
        Ok(Some((conflict, bears, limit)))
    }

    /// What these rules lack with some others dropped; none where nothing is missing.
    fn lack(&mut self, rules: &[usize], in_force: Dropped) -> Result<Option<Lack>, EngineError> {
        let missing = match self.ask(&in_force)? {
            Asked::Missing(missing, solution) => Some((missing, solution)),
            Asked::Never => None,
            Asked::Holds | Asked::Unknown => return Ok(None),
        };
        let budget = missing.as_ref().filter(|_| self.duals).map(|(missing, solution)| {
            budget::budget(self.case, self.formulation, (self.catalog, rules), solution, &self.stands, *missing)
        });
        let budget = budget.unwrap_or_else(|| {
            let steps = missing.as_ref().map(|(_, solution)| self.catalog.breached(solution)).unwrap_or_default();
            Budget { steps, ..Budget::default() }
        });
        Ok(Some(Lack { missing, budget, in_force }))
    }

    /// What rules lack with all that is physical in force, in the steps in which they bear on what they lack with less of it; the latter,
    /// where one of them bears on nothing any more.
    fn with_all_that_is_physical(&mut self, rules: &[usize], own: Lack) -> Result<Lack, EngineError> {
        if own.missing.is_none() {
            return Ok(own);
        }
        let mut in_force = own.in_force.clone();
        for (rule, dropped) in in_force.whole.iter_mut().enumerate() {
            *dropped = *dropped && self.catalog.rules[rule].class.is_some();
        }
        for &rule in rules {
            let bears = |step: &usize| own.budget.bears.get(&rule).is_some_and(|steps| steps.contains(step));
            in_force.told.extend((0..self.formulation.layout.steps).filter(|step| !bears(step)).map(|step| (rule, step)));
        }
        let Some(all) = self.lack(rules, in_force)? else { return Ok(own) };
        let still = |rule| all.budget.bears.get(rule).is_some_and(|steps| !steps.is_empty());
        Ok(if rules.iter().all(still) { all } else { own })
    }

    /// Whether less is missing with a rule dropped as well.
    fn lessens(&mut self, rule: usize, dropped: &Dropped, missing: Option<f64>) -> Result<bool, EngineError> {
        let mut dropped = dropped.clone();
        dropped.whole[rule] = true;
        Ok(match (self.ask(&dropped)?, missing) {
            (Asked::Holds, _) => true,
            (Asked::Missing(less, _), Some(missing)) => missing - less > FEASIBILITY_HM3,
            _ => false,
        })
    }

    /// What of the physical that is in force is needed for the conflict; all else of it is dropped.
    fn physical(&mut self, solution: Option<&Solution>, dropped: &mut Dropped) -> Result<Vec<usize>, EngineError> {
        let of = |&rule: &usize| self.catalog.rules[rule].class.is_none() && !dropped.whole[rule];
        let all: Vec<usize> = (0..dropped.whole.len()).filter(of).collect();
        let bearing = solution.filter(|_| self.duals).map(|solution| self.bearing(solution));
        let suspects: Vec<usize> =
            all.iter().copied().filter(|rule| bearing.as_ref().is_none_or(|bearing| bearing.contains(rule))).collect();
        // What does not bear on what is missing can go.
        for &rule in &all {
            dropped.whole[rule] = !suspects.contains(&rule);
        }
        self.filter(&suspects, dropped)?;
        Ok(suspects.into_iter().filter(|&rule| !dropped.whole[rule]).collect())
    }
}

/// The steps in which each rule bears on a conflict.
type Bears = BTreeMap<usize, BTreeSet<usize>>;

/// What rules lack.
struct Lack {
    /// The least water that is missing, and where; none where no water helps.
    missing: Option<(f64, Box<Solution>)>,
    budget: Budget,
    /// What of the rules is not in force.
    in_force: Dropped,
}

/// Bounds that are no longer what they were.
fn changes(were: &[(f64, f64)], are: &[(f64, f64)]) -> Vec<Bounds> {
    let both = were.iter().zip(are).enumerate();
    both.filter(|(_, (was, is))| was != is).map(|(number, (_, &(lower, upper)))| (number, lower, upper)).collect()
}

/// Steps as runs of steps that follow each other.
pub(crate) fn runs(steps: &[usize]) -> Vec<Range<usize>> {
    let mut sorted = steps.to_vec();
    sorted.sort_unstable();
    let mut found: Vec<Range<usize>> = Vec::new();
    for step in sorted {
        match found.last_mut() {
            Some(run) if step <= run.end => run.end = run.end.max(step + 1),
            _ => found.push(step..step + 1),
        }
    }
    found
}
