//! Stage 0, only when the program with all rules closed is infeasible: the least breach, most protected class first.
//!
//! All breach columns are opened at once; the total breach of each class is minimised in the order of the goals, each minimum
//! kept by its face; rules that give nothing close again. A start under the dead level comes first: no rule can lift the water.
//! Units: hm³.
//! Fails: where the engine breaks down, it is asked in other ways; where even that is infeasible, mass balance is opened too and what is physically missing or too much is named; where
//! water does not help either, that whole numbers are what fails.

use std::collections::BTreeSet;

use weir_model::case::Case;
use weir_model::goals::Goals;
use weir_model::network::{NodeKind, RuleClass};
use weir_model::plan::Relaxation;
use weir_model::tolerance::FEASIBILITY_HM3;

use crate::builder::{Builder, Sum};
use crate::engine::{Bounds, Engine, Options, Outcome, Part};
use crate::formulation::{Formulation, formulate, formulated};
use crate::hot::{HotStart, Named};
use crate::integers;
use crate::ladder::{self, Grounds, Verdict};
use crate::layout::{Open, Quantity};
use crate::methods::{Live, MethodError, StageAnswer, faces};
use crate::program::{Expression, Program, Stage};
use crate::read;
use crate::solve::Unsolved;

/// A breach below this is none, and its rule closes: far below a solver's own tolerance, so that closing it breaks nothing.
const NEGLIGIBLE_HM3: f64 = 1e-9;

/// With whole numbers, which an engine lets miss rows by 1e-6, a breach up to this is no ground to refuse a plan.
const LEFT_BY_WHOLE_HM3: f64 = 2.0 * FEASIBILITY_HM3;

/// A program with its rules relaxed as little as possible, ready for the goals.
pub struct Relaxed<'a> {
    /// The formulation with rules open.
    pub formulation: Formulation,
    /// Its builder.
    pub builder: Builder<'a>,
    /// The session, with the least breaches kept and all other breach columns closed.
    pub live: Live,
    /// What had to give.
    pub relaxations: Vec<Relaxation>,
    /// The classes that have breach columns, most protected first, each with how it was solved.
    pub classes: Vec<(Stage, StageAnswer)>,
}

/// Whether a breach is a state that happens (storage above its flood limit or top, or under its dead level), not a broken rule.
pub fn is_state(class: Option<RuleClass>) -> bool {
    matches!(class, None | Some(RuleClass::FloodLimit))
}

/// Whether states are all that the least breach has.
pub fn leaves_states(relaxed: &Result<Relaxed<'_>, Unsolved>) -> bool {
    relaxed.as_ref().is_ok_and(|relaxed| relaxed.relaxations.iter().all(|relaxation| is_state(relaxation.class)))
}

/// A stage that minimises a sum of columns.
pub fn total(columns: impl IntoIterator<Item = usize>) -> Stage {
    let mut sum = Sum::default();
    for column in columns {
        sum.add(column, 1.0);
    }
    stage(sum.expression())
}

/// A stage of nominal 1 without tolerance.
pub const fn stage(expression: Expression) -> Stage {
    Stage { expression, nominal: 1.0, tolerance: 0.0, share: 1.0, leximin: None }
}

/// The least breach of all rules of a case; a start that fits is started from. One rule, by its address, may be the first to give way,
/// before all classes.
///
/// # Errors
/// If even with all rules open no water balance holds, or the engine cannot be asked.
pub fn relax<'a>(
    case: &'a Case,
    goals: &'a Goals,
    engine: &dyn Engine,
    (options, start): (&Options, Option<&HotStart>),
    first: Option<&str>,
) -> Result<Relaxed<'a>, Unsolved> {
    options.turn_to(Part::Rules);
    let (formulation, builder) = formulate(case, goals, Open::Rules)?;
    let start = start.filter(|_| engine.reports().basis).map(|start| start.onto(Named::of(&formulation, case, goals)));
    let mut stages: Vec<Stage> = class_stages(&formulation, goals).into_iter().map(|(_, stage)| stage).collect();
    if let Some(first) = first {
        let is_first = |column: usize| formulation.layout.column_address(column, &case.network) == first;
        let mut last = Vec::new();
        for stage in &mut stages {
            last.extend(stage.expression.terms.extract_if(.., |term| is_first(term.0)).map(|term| term.0));
        }
        stages.retain(|stage| !stage.expression.terms.is_empty());
        stages.push(total(last));
    }
    let least = |options: &Options| -> Result<(Live, Vec<StageAnswer>), MethodError> {
        let mut live = Live::open(engine, formulation.program.clone(), options)?;
        if let Some(Ok(start)) = &start {
            live.set_basis(start)?;
        }
        let answers = faces::run(&mut live, &stages, true)?;
        if stages.is_empty() {
            let outcome = live.feasible()?;
            if !outcome.has_point() {
                return Err(MethodError::Unsolved { stage: 0, outcome });
            }
        }
        Ok((live, answers))
    };
    let (mut live, mut answers) = match least(options) {
        Err(MethodError::Unsolved {
            outcome: Outcome::Infeasible | Outcome::InfeasibleOrUnbounded | Outcome::Failed { .. },
            ..
        }) => match ladder::ask(engine, &formulation.program, options)? {
            Verdict::Open { options, .. } => least(&options)?,
            Verdict::Infeasible(grounds) => return Err(physics(case, goals, engine, options, grounds)?),
        },
        found => found?,
    };
    let point = live.solution().map(|solution| read::clamped(&formulation, &solution.primal)).unwrap_or_default();
    let mut given = point.clone();
    if let Some((kept, exact)) = at_whole_numbers(&formulation.program, (&stages, &mut answers), &point, (engine, options))?
    {
        live = kept;
        given = given.iter().zip(read::clamped(&formulation, &exact)).map(|(least, exact)| least.max(exact)).collect();
    }
    let closed = closed((&formulation, case), &given);
    // What a goal works on is its business, and no goal has been asked yet.
    let mut relaxations = read::relaxations_of(&formulation, case, &point, |breach| !breach.staged);
    if !formulation.program.integers.is_empty() {
        relaxations.retain(|relaxation| relaxation.hm3 > LEFT_BY_WHOLE_HM3);
    }
    live.set_column_bounds(&closed)?;
    Ok(Relaxed { formulation, builder, live, relaxations, classes: stages.into_iter().zip(answers).collect() })
}

/// The least breaches at the whole numbers of a point, solved as what is linear: an engine lets whole numbers miss rows by more than the
/// rows that keep the stages leave, and then calls what comes after infeasible, or any point that it begins from the best. A session
/// that keeps those that are greater, and the linear program's point; none where there are no whole numbers, or nothing holds at these.
fn at_whole_numbers(
    program: &Program,
    (stages, answers): (&[Stage], &mut [StageAnswer]),
    point: &[f64],
    (engine, options): (&dyn Engine, &Options),
) -> Result<Option<(Live, Vec<f64>)>, MethodError> {
    if program.integers.is_empty() || stages.is_empty() {
        return Ok(None);
    }
    let mut linear = Live::open(engine, integers::linear_at(program, point), options)?;
    let exact = match faces::run(&mut linear, stages, false) {
        Err(MethodError::Unsolved { .. }) => return Ok(None),
        found => found?,
    };
    let point = linear.read()?.primal.clone();
    drop(linear);
    let mut live = Live::open(engine, program.clone(), options)?;
    for (stage, (answer, exact)) in stages.iter().zip(answers.iter_mut().zip(exact)) {
        answer.value = answer.value.max(exact.value);
        live.keep_by_row(stage, answer.value);
        live.settle()?;
    }
    Ok(Some((live, point)))
}

/// The breach columns of rules that give nothing at a point, closed. A rule gives way as a whole, in whatever columns it stands: which
/// of them lacks first is for the goals to say.
pub(crate) fn closed((formulation, case): (&Formulation, &Case), point: &[f64]) -> Vec<Bounds> {
    let rule = |column: usize| {
        let key = formulation.layout.keys[column];
        (formulation.layout.column_address(column, &case.network), key.step, key.member)
    };
    let breaches = formulation.breaches.iter().filter(|breach| !breach.staged);
    let given: BTreeSet<(String, u32, u32)> =
        breaches.clone().filter(|breach| point[breach.column] > NEGLIGIBLE_HM3).map(|breach| rule(breach.column)).collect();
    breaches
        .filter(|breach| formulation.program.column_lower[breach.column] <= 0.0 && !given.contains(&rule(breach.column)))
        .map(|breach| (breach.column, 0.0, 0.0))
        .collect()
}

/// One stage a class that has breach columns, most protected first.
pub fn class_stages(formulation: &Formulation, goals: &Goals) -> Vec<(Option<RuleClass>, Stage)> {
    let mut order: Vec<Option<RuleClass>> = vec![None];
    order.extend(goals.rule_order.iter().copied().map(Some));
    let forgotten = RuleClass::DEFAULT_ORDER.iter().filter(|class| !goals.rule_order.contains(class));
    order.extend(forgotten.copied().map(Some));
    let columns = |class| formulation.breaches.iter().filter(move |b| b.class == class && !b.staged).map(|b| b.column);
    let stages = order.into_iter().map(|class| (class, total(columns(class))));
    stages.filter(|(_, stage)| !stage.expression.terms.is_empty()).collect()
}

/// The case without what a morning may bring on: orders in force, starts under the dead level (raised to where they keep to it without
/// inflow) and above the flood limit or top (lowered to it); none where there is none of these.
pub fn on_a_usual_morning(case: &Case) -> Option<Case> {
    let free = case.without_commands();
    let mut differs = free.is_some();
    let mut usual = free.unwrap_or_else(|| case.clone());
    for node in &mut usual.network.nodes {
        let NodeKind::Storage(storage) = &mut node.kind else { continue };
        let (least, most) = (case.at(&storage.lower, 0, 0), case.storage_limit(storage, 0, 0).0);
        // What it loses until the end is no more the rules' fault than where it starts.
        let keeps = (0..case.horizon.steps()).rev().fold(least, |end, step| {
            let loss = case.loss(storage, step, 0);
            ((1.0 + loss.share) * end.max(case.at(&storage.lower, step, 0)) + loss.constant_hm3) / (1.0 - loss.share)
        });
        let start = if storage.initial_hm3 < least { keeps.max(least) } else { storage.initial_hm3 }.min(most.max(least));
        differs |= start != storage.initial_hm3;
        storage.initial_hm3 = start;
    }
    differs.then_some(usual)
}

/// What is physically missing or too much, with all rules and the water balance open.
fn physics(
    case: &Case,
    goals: &Goals,
    engine: &dyn Engine,
    options: &Options,
    grounds: Grounds,
) -> Result<Unsolved, Unsolved> {
    let formulation = formulated(case, goals, Open::Physics)?;
    let mut live = Live::open(engine, formulation.program.clone(), options)?;
    let keys = &formulation.layout.keys;
    let slack: Vec<usize> =
        (0..keys.len()).filter(|&column| matches!(keys[column].quantity, Quantity::Missing | Quantity::Surplus)).collect();
    match faces::run(&mut live, &[total(slack.iter().copied())], false) {
        Err(MethodError::Unsolved { outcome: Outcome::Infeasible | Outcome::InfeasibleOrUnbounded, .. })
            if !formulation.program.integers.is_empty() =>
        {
            return Ok(Unsolved::whole(grounds));
        }
        found => drop(found?),
    }
    let point = live.solution().map(|solution| read::clamped(&formulation, &solution.primal)).unwrap_or_default();
    let budget = slack
        .into_iter()
        .filter(|&column| point[column] > FEASIBILITY_HM3)
        .map(|column| Relaxation {
            address: formulation.layout.column_address(column, &case.network),
            class: None,
            step: keys[column].step as usize,
            hm3: point[column],
        })
        .collect();
    Ok(Unsolved::impossible(case, budget, grounds))
}
