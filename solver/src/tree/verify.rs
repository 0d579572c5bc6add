//! Whether what is told of a tree is what its members' plans and its certificate say, found out without a solver.
//!
//! Each member's plan is held against its own case as any is: audited, its document made again. Decided flows are the parent's until the branch.
//! The goals are the risk of the members' values, measured anew; the program is formulated anew and has the digest that is told; every
//! bound is computed anew.

use weir_model::audit::audit;
use weir_model::case::Case;
use weir_model::document::{Content, PlanDocument, document};
use weir_model::goals::{Goals, Objective};
use weir_model::network::ArcId;
use weir_model::plan::{Certificate, Decisions, EngineFacts, Plan, StageResult};
use weir_model::tolerance::OBJECTIVE;

use super::blocks::{Whole, decided};
use super::{Member, Tree};
use crate::certificate::Telling;
use crate::layout::Open;
use crate::verify::{MOST, NOT_THE_PROGRAM, inputs, not_at_their_peaks, plan_of, unproved, with_flood_events};

/// What is told of a tree.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// The members' plans, in order.
    pub members: &'a [&'a PlanDocument],
    /// The goals, in order.
    pub stages: &'a [StageResult],
    /// What proves them.
    pub certificate: &'a Certificate,
    /// The program.
    pub engine: &'a EngineFacts,
}

/// What is wrong with what is told of a tree; none if it verifies.
pub fn verify(told: &Told<'_>, tree: &Tree<'_>) -> Vec<String> {
    if let Err(why) = tree.checked() {
        return vec![why.to_string()];
    }
    if told.members.len() != tree.members.len() {
        return vec![format!("members: {} are told, {} asked", told.members.len(), tree.members.len())];
    }
    let foreign: Vec<String> =
        of_each(told, |number, content| inputs(content, tree.members[number].case)).into_iter().flatten().collect();
    if !foreign.is_empty() {
        return foreign;
    }
    let cases: Vec<Case> =
        told.members.iter().zip(&tree.members).map(|(own, member)| with_flood_events(&own.content, member.case)).collect();
    let mut plans: Vec<Plan> = Vec::with_capacity(cases.len());
    for (number, (own, case)) in told.members.iter().zip(&cases).enumerate() {
        match plan_of(&own.content, case) {
            Ok(plan) => plans.push(plan),
            Err(why) => return vec![format!("member {}: {why}", number + 1)],
        }
    }
    let mut faults: Vec<String> =
        of_each(told, |number, content| member(content, (&cases[number], tree.goals), &plans[number])).concat();
    faults.extend(of_each(told, |number, content| not_at_their_peaks(content, tree.members[number].case)).concat());
    let held = Tree {
        members: tree.members.iter().zip(&cases).map(|(member, case)| Member { case, ..*member }).collect(),
        ..tree.clone()
    };
    faults.extend(apart(&held, &plans));
    faults.extend(values(told, &held, &plans));
    faults.extend(proofs(told, &held, &plans));
    faults
}

/// What is wrong with each member, by its number.
fn of_each(told: &Told<'_>, faults: impl Fn(usize, &Content) -> Vec<String>) -> Vec<Vec<String>> {
    let named = |(number, own): (usize, &&PlanDocument)| {
        let faults = faults(number, &own.content);
        faults.into_iter().map(|fault| format!("member {}: {fault}", number + 1)).collect()
    };
    told.members.iter().enumerate().map(named).collect()
}

/// What is wrong with a member's plan as a plan of its own.
fn member(content: &Content, (case, goals): (&Case, &Goals), plan: &Plan) -> Vec<String> {
    let audited = audit(case, goals, plan);
    let mut faults: Vec<String> = audited.findings.iter().map(|finding| format!("audit: {finding}")).collect();
    let mut again = document(case, goals, plan, &audited).content;
    again.engine.weir.clone_from(&content.engine.weir);
    again.case.notes.clone_from(&content.case.notes);
    // What all of them come to is held against all of them, by whoever has them.
    if let Some(futures) = &content.futures {
        again.tell_futures(futures.clone());
    }
    faults.extend(content.differences(&again, MOST));
    faults
}

/// Decided flows that part before the branch.
fn apart(tree: &Tree<'_>, plans: &[Plan]) -> Vec<String> {
    let mut faults = Vec::new();
    for (number, member) in tree.members.iter().enumerate() {
        let Some(branch) = member.branch else { continue };
        let network = &member.case.network;
        for arc in (0..network.arcs.len()).map(ArcId).filter(|&arc| decided(member.case, arc, tree.spill_shared)) {
            let flow = |plan: &Plan, step: usize| plan.decisions.flow_m3s[[arc.0, step]];
            let mut steps = 0..branch.steps.min(member.case.horizon.steps());
            let parts = |&step: &usize| {
                let (own, parents) = (flow(&plans[number], step), flow(&plans[branch.from], step));
                (own - parents).abs() * member.case.hm3_per_m3s(step) > weir_model::tolerance::FEASIBILITY_HM3
            };
            faults.extend(steps.find(parts).map(|step| {
                let (id, when) = (&network.arcs[arc.0].id, member.case.horizon.name_of(step));
                format!("member {}: `{id}` differs from its parent's at {when}, before their branch", number + 1)
            }));
        }
    }
    faults
}

/// Goals that are not what the members come to.
fn values(told: &Told<'_>, tree: &Tree<'_>, plans: &[Plan]) -> Vec<String> {
    let decisions: Vec<&Decisions> = plans.iter().map(|plan| &plan.decisions).collect();
    let goals = tree.asked();
    let staged: Vec<&Objective> = goals.stages.iter().filter_map(|&k| goals.objectives.get(k)).collect();
    let ids: Vec<&str> = staged.iter().map(|objective| objective.id.as_str()).collect();
    if told.stages.iter().map(|stage| stage.objective.as_str()).collect::<Vec<_>>() != ids {
        return vec![format!("stages: the basin asks for {}", ids.join(", "))];
    }
    let compared = told.stages.iter().zip(staged).filter_map(|(stage, objective)| {
        let is = tree.value(objective, &decisions)?;
        // A value that a later stage was let worsen is its own solve's.
        let tolerance = tree.goals.tolerance(objective);
        let equal = OBJECTIVE * stage.value.abs().max(1.0);
        let same = is == stage.value || (tolerance > 0.0 && (is - stage.value).abs() <= tolerance + equal);
        (!same).then(|| format!("stages: `{}` is {is} over the members, not {}", stage.objective, stage.value))
    });
    compared.collect()
}

fn proofs(told: &Told<'_>, tree: &Tree<'_>, plans: &[Plan]) -> Vec<String> {
    let (own, goals) = (tree.own_goals(), tree.asked());
    let formulated = |open| Whole::formulate(tree, (&own, &goals), open).ok();
    let is_told = |whole: &Whole<'_>| whole.formulation.digest() == told.engine.program_digest;
    let Some(whole) = [Open::Nothing, Open::Rules].into_iter().filter_map(formulated).find(is_told) else {
        return vec![NOT_THE_PROGRAM.to_owned()];
    };
    let relaxations: Vec<_> = plans.iter().map(|plan| plan.relaxations.clone()).collect();
    let program = whole.proved_on(&relaxations);
    let decisions: Vec<&Decisions> = plans.iter().map(|plan| &plan.decisions).collect();
    let entries = |objective: &Objective| tree.entries(objective, &decisions);
    let relaxations = relaxations.iter().flatten().collect();
    let telling = Telling { goals: &goals, stages: told.stages, relaxations, entries: &entries };
    let first = tree.members[0].case;
    unproved((&whole.formulation, &program), (first, &goals), (told.certificate, told.engine), &telling)
}
