//! A tree to its members' plans, the value of each goal over all of them, and what proves it.
//!
//! 1. All rules closed; where that is infeasible, the least breach of the members together, the most protected class first, and the goals
//!    after it: the plan of least breach is the answer of a tree, since among many futures one that no rule foresaw is no fault of the question.
//! 2. The goals as they are asked of all together, by their method, soft rules, the closing chain: its links are the mean by weight of the members'.
//! 3. Each member's decisions are measured again; a goal's value is the risk of theirs.
//! 4. Where a member's plan passes a flood limit, once more with its flood event, as for any plan.

use weir_model::case::Case;
use weir_model::flood::{self as events, Event};
use weir_model::goals::Objective;
use weir_model::measures::measure;
use weir_model::plan::{BY_THE_TREE, Certificate, Decisions, EngineFacts, Plan, StageResult};

use super::blocks::Whole;
use super::{Tree, TreeError};
use crate::certificate::{self, certify};
use crate::closing::{self, Link};
use crate::engine::Outcome;
use crate::layout::Open;
use crate::methods::{self, Live, MethodError, Order, StageAnswer, faces};
use crate::program::{Expression, Stage};
use crate::solve::{Extent, SolveOptions, Solver, Unsolved, is_infeasible, link_result, method, sign};
use crate::{flood, integers, read, stage0};

/// What a tree came to.
#[derive(Clone, Debug)]
pub struct Solved {
    /// The members' plans, in order.
    pub members: Vec<Planned>,
    /// The goals, in order: the risk of the members' values.
    pub stages: Vec<StageResult>,
    /// The closing chain: the mean by weight of the members'.
    pub closing: Vec<StageResult>,
    /// What proves the goals, on the program of all members.
    pub certificate: Certificate,
    /// How the engine worked.
    pub engine: EngineFacts,
    /// Sentences for the reader.
    pub notes: Vec<String>,
}

/// A member's plan.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The plan; its stages hold what they come to in this member.
    pub plan: Plan,
    /// The case that it is of, where that is not the one given: with its flood events.
    pub case: Option<Box<Case>>,
}

/// Solves a tree.
///
/// # Errors
/// Why there is no plan.
pub fn solve(tree: &Tree<'_>, options: &SolveOptions) -> Result<Solved, TreeError> {
    tree.checked()?;
    let mut first = once(tree, options)?;
    let cases: Vec<&Case> = tree.members.iter().map(|member| member.case).collect();
    let mut passed: Vec<Vec<Event>> = Vec::new();
    for (case, member) in cases.iter().zip(&first.members) {
        passed.push(events::events(case, &member.plan.decisions, &[]));
    }
    let kept = |solved: &Solved, passed: &[Vec<Event>]| {
        let members = cases.iter().zip(&solved.members).zip(passed);
        members
            .flat_map(|((case, member), passed)| passed.iter().map(move |event| (case, member, event)))
            .all(|(case, member, event)| event.is_kept(case, &member.plan.decisions))
    };
    if kept(&first, &passed) {
        return Ok(first);
    }
    for _ in 0..flood::ROUNDS {
        let bounded: Vec<Case> = cases.iter().zip(&passed).map(|(case, passed)| events::with_events(case, passed)).collect();
        let held = Tree {
            members: tree.members.iter().zip(&bounded).map(|(member, case)| super::Member { case, ..*member }).collect(),
            ..tree.clone()
        };
        let mut next = match once(&held, options) {
            Ok(next) => next,
            Err(TreeError::Apart) => break,
            Err(TreeError::Unsolved(Unsolved::NoOptimum { outcome, .. })) if !matches!(outcome, Outcome::Stopped { .. }) => {
                break;
            }
            Err(other) => return Err(other),
        };
        let both = || cases.iter().zip(&passed).zip(first.members.iter().zip(&next.members));
        if !both().all(|((case, passed), (was, is))| flood::is_as_safe(case, passed, &was.plan, &is.plan)) {
            break;
        }
        let wider = both().map(|((case, passed), (_, is))| events::events(case, &is.plan.decisions, passed));
        let wider: Vec<Vec<Event>> = wider.collect();
        if wider == passed {
            for (((member, case), of), passed) in next.members.iter_mut().zip(bounded).zip(&cases).zip(&passed) {
                member.plan.notes.extend(passed.iter().map(|event| flood::told(of, event, flood::KEPT)));
                member.case = (!passed.is_empty()).then(|| Box::new(case));
            }
            return Ok(next);
        }
        passed = wider;
    }
    for ((member, case), passed) in first.members.iter_mut().zip(&cases).zip(&passed) {
        member.plan.notes.extend(passed.iter().map(|event| flood::told(case, event, flood::LEFT)));
    }
    Ok(first)
}

fn once(tree: &Tree<'_>, options: &SolveOptions) -> Result<Solved, TreeError> {
    let (own, goals) = (tree.own_goals(), tree.asked());
    let engine = options.engine().map_err(Unsolved::from)?;
    let solver = Solver { case: tree.members[0].case, goals: &goals, options, engine };
    let mut whole = Whole::formulate(tree, (&own, &goals), Open::Nothing)?;
    if !whole.formulation.impossible {
        let live =
            Live::open(engine, whole.formulation.program.clone(), &solver.engine_options()).map_err(Unsolved::from)?;
        if let Some(solved) = asked(tree, &solver, (&mut whole, live), &[])? {
            return Ok(solved);
        }
    }
    let mut whole = Whole::formulate(tree, (&own, &goals), Open::Rules)?;
    let formulation = &whole.formulation;
    let stages: Vec<Stage> = stage0::class_stages(formulation, &goals).into_iter().map(|(_, stage)| stage).collect();
    let ready = || -> Result<(Live, Vec<StageAnswer>), MethodError> {
        let mut live = Live::open(engine, formulation.program.clone(), &solver.engine_options())?;
        let answers = faces::run(&mut live, &stages, true)?;
        let point = live.solution().map(|solution| whole.clamped(&solution.primal)).unwrap_or_default();
        live.set_column_bounds(&stage0::closed((formulation, solver.case), &point))?;
        Ok((live, answers))
    };
    let is_none = |outcome: &Outcome| matches!(outcome, Outcome::Infeasible | Outcome::InfeasibleOrUnbounded);
    let (live, answers) = ready().map_err(|error| match error {
        MethodError::Unsolved { outcome, .. } if is_none(&outcome) => TreeError::Apart,
        MethodError::Unsolved { outcome, .. } => Unsolved::NoOptimum { stage: "stage 0".to_owned(), outcome }.into(),
        other @ MethodError::Engine(_) => Unsolved::from(other).into(),
    })?;
    match asked(tree, &solver, (&mut whole, live), &answers) {
        Ok(Some(solved)) => Ok(solved),
        Ok(None) => Err(TreeError::Apart),
        Err(Unsolved::NoOptimum { outcome, .. }) if answers.is_empty() && is_none(&outcome) => Err(TreeError::Apart),
        Err(other) => Err(other.into()),
    }
}

/// Goals, soft rules and closing chain on the program of all members; none where it is infeasible.
fn asked(
    tree: &Tree<'_>,
    solver: &Solver<'_>,
    (whole, mut live): (&mut Whole<'_>, Live),
    classes: &[StageAnswer],
) -> Result<Option<Solved>, Unsolved> {
    let goals = solver.goals;
    let method = method(goals, whole.formulation.program.columns());
    let mut soft = closing::soft_rules(&whole.formulation, goals);
    if tree.leaves_free() && !method.ranks() {
        let stage = integers::weighted(&whole.by_expectation());
        soft.insert(0, Link { word: "expectation".to_owned(), unit: "1", stage });
    }
    let soft_stages: Vec<Stage> = soft.iter().map(|link| link.stage.clone()).collect();
    live.anchor()?;
    let order = Order { goals: &whole.formulation.stages, closing: &soft_stages, groups: &[], duals: true };
    let answer = methods::solve(&mut live, method.as_ref(), &order);
    if is_infeasible(&answer) && classes.is_empty() {
        return Ok(None);
    }
    let answer = answer.map_err(|error| solver.named(error, &soft))?;
    let mut notes = answer.notes;
    let standing = live.standing()?;
    // The engine holds one program at a time.
    drop(live);
    let added: Vec<Expression> = standing.kept.iter().map(|(_, _, row)| row.clone()).collect();
    let mut links: Vec<(Link, StageAnswer)> = soft.into_iter().zip(answer.closing).collect();
    let mut point = whole.clamped(&answer.solution.primal);
    if goals.closing && solver.options.extent == Extent::Whole {
        let found = solver.close(whole, (&standing, &answer.solution))?.and_then(|closed| {
            notes.extend(closed.notes);
            let candidate = whole.clamped(&closed.point);
            solver.worsened(&whole.formulation, &point, &candidate).map_or(Ok((candidate, closed.links)), Err)
        });
        match found {
            Ok((candidate, closed)) => (point, links) = (candidate, links.into_iter().chain(closed).collect()),
            Err(why) => notes.push(why),
        }
    }
    let mut engine = solver.facts(&whole.formulation);
    engine.options.push(("members".to_owned(), tree.members.len().to_string()));
    // How a goal of the members came out, by the first of its stages.
    let times = goals.stages.len() / whole.own_goals.stages.len().max(1);
    let own: Vec<StageAnswer> = answer.goals.iter().step_by(times.max(1)).cloned().collect();
    let members: Vec<Planned> =
        (0..tree.members.len()).map(|member| planned(solver, whole, (member, &point), (&own, &engine))).collect();
    let decisions: Vec<&Decisions> = members.iter().map(|member| &member.plan.decisions).collect();
    let stages = solver.measured_results(
        (&whole.formulation, &answer.goals),
        |objective| tree.value(objective, &decisions),
        &mut notes,
    );
    let relaxations: Vec<_> = members.iter().map(|member| member.plan.relaxations.clone()).collect();
    let certificate = certify(&certificate::Found {
        open: &[],
        case: solver.case,
        goals,
        formulation: &whole.formulation,
        answers: classes.iter().chain(&answer.goals).collect(),
        added: &added,
        stages: &stages,
        program: &whole.proved_on(&relaxations),
        point: &point,
    });
    Ok(Some(Solved { members, stages, closing: links.iter().map(link_result).collect(), certificate, engine, notes }))
}

/// A member's plan at a point of the whole.
fn planned(
    solver: &Solver<'_>,
    whole: &Whole<'_>,
    (member, point): (usize, &[f64]),
    (answers, engine): (&[StageAnswer], &EngineFacts),
) -> Planned {
    let block = &whole.blocks[member];
    let own = whole.own_point(member, point);
    let decisions = read::decisions(&block.formulation.layout, block.case, &own, 0);
    let of_member = Solver { case: block.case, goals: whole.own_goals, ..*solver };
    let mut stages = of_member.stage_results((&block.formulation, answers), &decisions, &mut Vec::new());
    for stage in &mut stages {
        let objective = solver.goals.objectives.iter().find(|objective| objective.id == stage.objective);
        let measured = objective.and_then(|objective| Some((measure(&objective.kind)?, objective)));
        stage.value = measured.map_or(stage.value, |(measure, of)| measure.value(block.case, of, &decisions));
        BY_THE_TREE.clone_into(&mut stage.outcome);
        stage.iterations = 0;
        stage.bound = None;
    }
    let mut plan = Plan {
        stages,
        closing: Vec::new(),
        relaxations: read::relaxations(&block.formulation, block.case, &own),
        certificate: Certificate { without: Some(BY_THE_TREE.to_owned()), open: Vec::new(), proofs: Vec::new() },
        water_values: Vec::new(),
        front: None,
        engine: engine.clone(),
        notes: Vec::new(),
        decisions,
    };
    of_member.trim(&mut plan);
    Planned { plan, case: None }
}

impl Tree<'_> {
    /// A goal over the members' decisions, in its own sense: the risk of what each comes to; where something is good enough, no member
    /// counts for better. Of leximin, the least of its entries.
    pub fn value(&self, objective: &Objective, decisions: &[&Decisions]) -> Option<f64> {
        let measure = measure(&objective.kind)?;
        let sign = sign(objective);
        let enough = objective.enough.map_or(f64::NEG_INFINITY, |enough| sign * enough);
        let minimised = if objective.form.as_deref() == Some("leximin") {
            self.entries(objective, decisions).into_iter().fold(f64::NEG_INFINITY, f64::max).max(enough)
        } else {
            let members = self.members.iter().zip(decisions);
            let values = members.map(|(member, own)| (sign * measure.value(member.case, objective, own)).max(enough));
            self.risk_of(objective).of(&self.weighed(values))
        };
        Some(sign * minimised + 0.0)
    }

    /// Minus the entries of a balance over the members' decisions: the risk of each.
    pub(super) fn entries(&self, objective: &Objective, decisions: &[&Decisions]) -> Vec<f64> {
        let members = self.members.iter().zip(decisions);
        let members: Vec<Vec<f64>> =
            members.map(|(member, own)| certificate::entries_of(member.case, objective, own)).collect();
        let count = members.iter().map(Vec::len).min().unwrap_or(0);
        (0..count).map(|entry| self.risk_of(objective).of(&self.weighed(members.iter().map(|own| own[entry])))).collect()
    }
}
