//! What an ensemble comes to: each member by a plan of its own, and one plan now for all of them.
//!
//! *Each by itself*: members are answered on live sessions in parallel ([`member`](crate::member)); of each answer only what is told of it is kept,
//! and that in a file (`spread`).
//! The sessions have no closing chain: goals are what they are, and where several plans are equally good the bands are of any of them; where
//! plans are taken each member's is solved in full, which takes longer. *One plan*: [`weir_solver::tree`].
//! A member that fails ends no other. A plan for all leaves out no future: where a member has no plan, or the tree has none, the document says why
//! there is no plan for all, and holds the rest.
//! Regret of a member: by how much a goal is worse in the tree than by its own plan, which knows its future.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use weir_model::audit::audit;
use weir_model::case::Case;
use weir_model::document::ensemble::{
    Band, BranchRow, DecidedRow, Ensemble as Told, EnsembleDocument, MemberRow, Spread, TreeRow,
};
use weir_model::document::{Content, FutureRow, Futures, HorizonRow, Outline, PlanDocument, StageRow, document, outline};
use weir_model::goals::{Goals, Sense};
use weir_model::horizon::rfc3339;
use weir_model::network::ArcId;
use weir_model::plan::{Plan, StageResult};
use weir_report::{Phrase, both, cause, cause_of_case};
use weir_solver::audited::judged;
use weir_solver::solve::SolveOptions;
use weir_solver::tree::{self, Member as Part, Planned, Risk, Solved, Told as ToldTree, Tree, decided};
use weir_solver::verify::read_back;

use super::Ensemble;
use super::pre_release::pre_release;
use super::spread::{Kept, Seen, Texts, spread};
use crate::member::{Asked, BLOCK, Member, run};

/// An ensemble's document with the plans beside it.
#[derive(Clone, Debug)]
pub struct Made {
    /// The document.
    pub document: EnsembleDocument,
    /// Parts of the tree, by the member's id.
    pub parts: Vec<(String, PlanDocument)>,
}

/// Who takes each member's own plan, with its id, as it is made: none of them is kept. What that one cannot do is not the member's fault, and is
/// for whoever gave it to say.
pub type Takes<'a> = &'a (dyn Fn(&str, PlanDocument) + Sync);

/// Makes what is asked of an ensemble of a basin; where someone takes them, each member's own plan is solved in full.
///
/// # Errors
/// Why there is nothing: no member has a plan.
pub fn make(ensemble: &Ensemble, basin: &Asked, takes: Option<Takes<'_>>) -> Result<Made, Phrase> {
    let members = &ensemble.members;
    let said = |why: String| cause(None, &why);
    let first = members.first().ok_or_else(|| said(NO_MEMBERS.to_owned()))?;
    // What a storm costs that misses is told against the one plan of the member that it misses, not any of those equally good.
    let misses = ensemble.tree.as_ref().and_then(|tree| tree.misses);
    let kept = Kept::default();
    let usual = Member::base().question(basin).map(|(case, _)| case.basin.notes).unwrap_or_default();
    let noted = |mut notes: Vec<String>| {
        notes.retain(|note| !usual.contains(note));
        notes
    };
    // Of the member that a storm misses.
    let known: OnceLock<Outline> = OnceLock::new();
    let own = run(basin, (members.len(), BLOCK), |seat, number| {
        if takes.is_none() && misses != Some(number) {
            let answered = seat.answer(&members[number])?;
            let outline = outline(&answered.case, &answered.goals, &answered.plan);
            return kept.keep(outline, &Texts { conflict: answered.conflict, notes: noted(answered.case.basin.notes) });
        }
        let planned = seat.plan(&members[number])?;
        let plan = planned.audited.document;
        let outline = plan.content.outline();
        if misses == Some(number) {
            known.get_or_init(|| outline.clone());
        }
        let texts = Texts { conflict: planned.conflict, notes: noted(plan.content.case.notes.clone()) };
        let seen = kept.keep(outline, &texts)?;
        if let Some(takes) = takes {
            takes(&members[number].id, plan);
        }
        Ok(seen)
    });
    let told = |(member, own): (&Member, &Result<Seen, String>)| {
        let seen = own.as_ref().ok();
        let Texts { conflict, notes } = seen.map_or_else(|| Ok(Texts::default()), |seen| kept.texts(*seen))?;
        Ok(MemberRow {
            id: member.id.clone(),
            name: [member.name.0.clone(), member.name.1.clone()],
            weight: member.weight,
            failed: own.as_ref().err().cloned(),
            conflict,
            notes,
            values: seen.map_or_else(|| Ok(Vec::new()), |seen| kept.values(*seen))?,
            in_tree: None,
        })
    };
    let seen: Vec<(f64, Seen)> =
        members.iter().zip(&own).filter_map(|(member, own)| Some((member.weight, *own.as_ref().ok()?))).collect();
    let Some((_, one)) = seen.first() else {
        return Err(none_has_a_plan(members, basin, &own));
    };
    let mut rows: Vec<MemberRow> = members.iter().zip(&own).map(told).collect::<Result<_, String>>().map_err(said)?;
    let with_plan = members.iter().zip(&own).find(|(_, own)| own.is_ok()).map_or(first, |(member, _)| member);
    let (case, _) = with_plan.question(basin).map_err(|refusals| said(refusals.to_string()))?;
    let mut names: BTreeMap<String, String> = kept.names(&seen);
    let hindsight = spread(&seen, &kept).map_err(said)?;
    let mut parts = Vec::new();
    let (mut tree, mut without_tree) = (None, None);
    let planned = ensemble.tree.as_ref().map(|_| {
        none_failed(&rows)?;
        one_plan(ensemble, basin, (&mut rows, known.get()))
    });
    match planned {
        None => {}
        Some(Err(why)) => without_tree = Some(why),
        Some(Ok((row, documents))) => {
            for arc in &case.network.arcs {
                let tail = &case.network.nodes[arc.tail.0];
                let is_outlet = arc.id.starts_with(&format!("{}.", tail.id)) && !tail.name.is_empty();
                let name = if is_outlet { format!("{} · {}", tail.name, arc.name) } else { arc.name.clone() };
                names.insert(arc.id.clone(), name);
            }
            parts = members.iter().map(|member| member.id.clone()).zip(documents).collect();
            tree = Some(row);
        }
    }
    let content = Told {
        basin: case.basin.id.clone(),
        basin_name: case.basin.name.clone(),
        basin_digest: case.basin.digest.clone(),
        name: [ensemble.name.clone(), ensemble.english.clone()],
        digests: ensemble.digests.clone(),
        horizon: HorizonRow {
            time_zone: case.horizon.time_zone.clone(),
            starts: case.horizon.starts_rfc3339(),
            end: rfc3339(case.horizon.end()),
            lengths_s: case.horizon.lengths_s.clone(),
        },
        names,
        goals: kept.subjects(*one).goals.clone(),
        members: rows,
        hindsight,
        tree,
        without_tree,
    };
    Ok(Made { document: EnsembleDocument::new(content), parts })
}

/// Says why no member has a plan.
fn none_has_a_plan(members: &[Member], basin: &Asked, own: &[Result<Seen, String>]) -> Phrase {
    // What a cause names, by name, where the member can be asked at all.
    let said = |(member, own): (&Member, &Result<Seen, String>)| {
        let why = own.as_ref().err().map(String::as_str).unwrap_or_default();
        let why = match member.question(basin) {
            Ok((case, goals)) => cause_of_case(&case, &goals, why),
            Err(_) => cause(None, why),
        };
        both(format!("“{}”：{}", member.id, why.chinese), format!("`{}`: {}", member.id, why.english))
    };
    let mut told: Vec<Phrase> = members.iter().zip(own).take(MOST_TOLD).map(said).collect();
    let more = members.len().saturating_sub(MOST_TOLD);
    if more > 0 {
        told.push(both(format!("另有{more}个成员也没有"), format!("and {more} more")));
    }
    let told = Phrase::joined(&told, "\n", "\n");
    both(format!("没有一个成员有方案；{}", told.chinese), format!("no member has a plan; {}", told.english))
}

/// Says of which futures there is no plan: a plan for all leaves out none.
fn none_failed(rows: &[MemberRow]) -> Result<(), String> {
    let failed: Vec<String> = rows.iter().filter(|row| row.failed.is_some()).map(|row| format!("`{}`", row.id)).collect();
    if failed.is_empty() {
        return Ok(());
    }
    Err(format!(
        "no plan of its own has {}, and a plan for all leaves out no future: mend what fails there, or take it out of the file",
        failed.join(", ")
    ))
}

/// Of so many members the cause is told where none has a plan.
const MOST_TOLD: usize = 10;

const NO_MEMBERS: &str = "an ensemble without members";

/// A tree's goals with their proof, told as those of any plan: the document of its first member's plan with them.
fn shell(case: &Case, goals: &Goals, solved: &Solved) -> PlanDocument {
    let plan = Plan {
        stages: solved.stages.clone(),
        closing: solved.closing.clone(),
        certificate: solved.certificate.clone(),
        engine: solved.engine.clone(),
        ..solved.members[0].plan.clone()
    };
    document(case, goals, &plan, &audit(case, goals, &plan))
}

/// The members' cases, and the goals of the first.
fn questions(ensemble: &Ensemble, basin: &Asked) -> Result<(Vec<Case>, Goals), String> {
    let mut cases = Vec::with_capacity(ensemble.members.len());
    let mut goals = None;
    for member in &ensemble.members {
        let (case, own) = member.question(basin).map_err(|refusals| format!("member `{}`: {refusals}", member.id))?;
        cases.push(case);
        goals.get_or_insert(own);
    }
    Ok((cases, goals.ok_or(NO_MEMBERS)?))
}

/// The tree of an ensemble.
fn tree_of<'a>(ensemble: &Ensemble, cases: &'a [Case], goals: &'a Goals) -> Option<Tree<'a>> {
    let branching = ensemble.tree.as_ref()?;
    let members = ensemble.members.iter().zip(cases).zip(&branching.branches);
    let members = members.map(|((member, case), branch)| Part { case, weight: member.weight, branch: *branch }).collect();
    Some(Tree { members, goals, risk: branching.risk, spill_shared: branching.spill_shared })
}

/// Solves the tree and tells it; each member's part with its regret goes to its row.
fn one_plan(
    ensemble: &Ensemble,
    basin: &Asked,
    (rows, known): (&mut [MemberRow], Option<&Outline>),
) -> Result<(TreeRow, Vec<PlanDocument>), String> {
    let (cases, goals) = questions(ensemble, basin)?;
    let tree = tree_of(ensemble, &cases, &goals).ok_or("no tree is asked")?;
    let solved = tree::solve(&tree, &SolveOptions::default()).map_err(|why| why.to_string())?;
    let part = |(number, (case, planned)): (usize, (&Case, &Planned))| {
        judged(planned.case.as_deref().unwrap_or(case), &goals, &planned.plan)
            .map_err(|why| format!("member `{}`: {why}", ensemble.members[number].id))
    };
    let alone: Vec<PlanDocument> = cases.iter().zip(&solved.members).enumerate().map(part).collect::<Result<_, String>>()?;
    let spread = spread_of(ensemble, &alone)?;
    let of = |(number, document): (usize, PlanDocument)| {
        let mut content = document.content;
        content.tell_futures(futures(ensemble, (&cases[0], number), &spread));
        PlanDocument::new(content)
    };
    let documents: Vec<PlanDocument> = alone.into_iter().enumerate().map(of).collect();
    tell_parts(ensemble, &cases[0], &documents, rows);
    let shell = shell(&cases[0], &goals, &solved).content;
    let branching = ensemble.tree.as_ref().ok_or("no tree is asked")?;
    let (objective, alpha) = risk(branching.risk);
    let common_steps = common_steps(ensemble);
    let row = TreeRow {
        objective: objective.to_owned(),
        alpha,
        inflow_seen: if branching.seen_before { "before" } else { "after" }.to_owned(),
        spill: if branching.spill_shared { "shared" } else { "own" }.to_owned(),
        common_steps,
        common_until: common_until(ensemble, &cases[0]),
        decided: decided_rows(&cases[0], (common_steps, branching.spill_shared), &documents[0]),
        stages: shell.stages,
        closing: shell.closing,
        certificate: shell.certificate.ok_or("a plan tells its certificate")?,
        engine: shell.engine,
        pre_release: branching.misses.and_then(|place| {
            let weights = ensemble.members.iter().map(|member| member.weight);
            let weighed: Vec<(f64, &Content)> = weights.zip(documents.iter().map(|document| &document.content)).collect();
            let known = (place, ensemble.members[place].id.as_str(), known?);
            Some(pre_release(&weighed, known, (&cases[0], common_steps, branching.spill_shared)))
        }),
        spread,
        notes: solved.notes.clone(),
    };
    Ok((row, documents))
}

fn risk(risk: Risk) -> (&'static str, Option<f64>) {
    match risk {
        Risk::Expectation => ("expectation", None),
        Risk::Worst => ("worst", None),
        Risk::ConditionalValueAtRisk(alpha) => ("cvar", Some(alpha)),
    }
}

/// What the plan of a member's part tells of all of them.
fn futures(ensemble: &Ensemble, (case, number): (&Case, usize), spread: &Spread) -> Futures {
    let (objective, alpha) = ensemble.tree.as_ref().map_or(("", None), |tree| risk(tree.risk));
    let varies = |band: &&Band| band.quantiles.windows(2).any(|pair| pair[0] != pair[1]);
    let member = |member: &Member| FutureRow {
        id: member.id.clone(),
        name: [member.name.0.clone(), member.name.1.clone()],
        weight: member.weight,
    };
    Futures {
        name: [ensemble.name.clone(), ensemble.english.clone()],
        digests: ensemble.digests.clone(),
        members: ensemble.members.iter().map(member).collect(),
        member: ensemble.members[number].id.clone(),
        objective: objective.to_owned(),
        alpha,
        common_until: common_until(ensemble, case),
        levels: spread.levels.clone(),
        bands: spread.bands.iter().filter(varies).cloned().collect(),
        warnings: spread.warnings.clone(),
    }
}

/// Until when all are decided alike.
fn common_until(ensemble: &Ensemble, case: &Case) -> Option<String> {
    Some(common_steps(ensemble)).filter(|steps| *steps > 0).and_then(|steps| case.horizon.edges.get(steps)).map(rfc3339)
}

fn spread_of(ensemble: &Ensemble, documents: &[PlanDocument]) -> Result<Spread, String> {
    let kept = Kept::default();
    let seen = documents.iter().map(|document| kept.keep(document.content.outline(), &Texts::default()));
    let seen = seen.collect::<Result<Vec<Seen>, String>>()?;
    let weighed: Vec<(f64, Seen)> = ensemble.members.iter().map(|member| member.weight).zip(seen).collect();
    spread(&weighed, &kept)
}

/// Steps in which all members are decided alike.
fn common_steps(ensemble: &Ensemble) -> usize {
    let branches = ensemble.tree.iter().flat_map(|tree| tree.branches.iter().skip(1));
    branches.map(|branch| branch.map_or(0, |branch| branch.steps)).min().unwrap_or(0)
}

/// What is decided for all members, of a plan of one of them.
fn decided_rows(case: &Case, (steps, spill): (usize, bool), document: &PlanDocument) -> Vec<DecidedRow> {
    let arcs = case.network.arcs.iter().enumerate().filter(|(number, _)| decided(case, ArcId(*number), spill));
    let row = |(_, arc): (usize, &weir_model::network::Arc)| {
        let series = document.content.series(&arc.id, "flow")?;
        let values = series.values.iter().take(steps).map(|value| value.unwrap_or(0.0)).collect();
        Some(DecidedRow { address: arc.id.clone(), values })
    };
    if steps == 0 { Vec::new() } else { arcs.filter_map(row).collect() }
}

/// Each member's part of the tree.
fn tell_parts(ensemble: &Ensemble, case: &Case, documents: &[PlanDocument], rows: &mut [MemberRow]) {
    let branches = ensemble.tree.iter().flat_map(|tree| &tree.branches);
    let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    for ((row, document), branch) in rows.iter_mut().zip(documents).zip(branches) {
        let stages = &document.content.stages;
        let worse = |(stage, own): (&StageRow, &f64)| {
            let more = stage.value - own;
            (if stage.sense == Sense::Maximise.word() { -more } else { more }) + 0.0
        };
        row.in_tree = Some(BranchRow {
            from: branch.map(|branch| ids[branch.from].clone()),
            steps: branch.map_or(0, |branch| branch.steps),
            at: branch.and_then(|branch| case.horizon.edges.get(branch.steps)).map(rfc3339),
            plan: document.record.id.clone(),
            values: stages.iter().map(|stage| stage.value).collect(),
            regret: stages.iter().zip(&row.values).map(worse).collect(),
        });
    }
}

/// What is wrong with the document of an ensemble against its file, its basin and the plans beside it, found out without a solver. What each
/// member comes to by a plan of its own only a solver could find again: its seal is the document's id.
///
/// # Errors
/// The members cannot be read.
pub fn verify(
    document: &EnsembleDocument,
    parts: &[PlanDocument],
    (ensemble, basin): (&Ensemble, &Asked),
) -> Result<Vec<String>, String> {
    let told = &document.content;
    let mut faults = Vec::new();
    if told.digests != ensemble.digests {
        faults.push("inputs: the ensemble's file, or one that it names, is not the one that this was made from".to_owned());
    }
    let (base, _) = Member::base().question(basin).map_err(|refusals| refusals.to_string())?;
    if told.basin_digest != base.basin.digest {
        faults.push("inputs: the basin file is not the one that this was made from".to_owned());
    }
    let ids = |members: &mut dyn Iterator<Item = &str>| members.collect::<Vec<_>>().join(", ");
    let (said, asked) = (
        ids(&mut told.members.iter().map(|row| row.id.as_str())),
        ids(&mut ensemble.members.iter().map(|member| member.id.as_str())),
    );
    if said != asked {
        faults.push(format!("members: {said} are told; the file gives {asked}"));
    }
    if !faults.is_empty() {
        return Ok(faults);
    }
    let Some(row) = told.tree.as_ref().filter(|_| ensemble.tree.is_some()) else {
        let is_told = told.tree.is_some() || told.without_tree.is_some();
        let differs = is_told != ensemble.tree.is_some();
        return Ok(differs.then(|| "tree: the file asks for another question".to_owned()).into_iter().collect());
    };
    let (cases, goals) = questions(ensemble, basin)?;
    let tree = tree_of(ensemble, &cases, &goals).ok_or("no tree is asked")?;
    let (stages, certificate, engine): (Vec<StageResult>, _, _) = read_back(&row.stages, &row.certificate, &row.engine)?;
    let plans: Vec<&PlanDocument> = parts.iter().collect();
    let of_tree = ToldTree { members: &plans, stages: &stages, certificate: &certificate, engine: &engine };
    faults.extend(tree::verify(&of_tree, &tree));
    if parts.len() == ensemble.members.len() {
        let mut again = told.members.clone();
        tell_parts(ensemble, &cases[0], parts, &mut again);
        let other = again.iter().zip(&told.members).filter(|(again, told)| again.in_tree != told.in_tree);
        faults.extend(other.map(|(row, _)| format!("members: the part of `{}` in the tree is not its plan's", row.id)));
        let steps = common_steps(ensemble);
        if row.common_steps != steps || row.decided != decided_rows(&cases[0], (steps, tree.spill_shared), &parts[0]) {
            faults.push("tree: what is decided for all members is not what their plans say".to_owned());
        }
        let spread = spread_of(ensemble, parts)?;
        if row.spread != spread {
            faults.push("tree: bands and probabilities are not those of the members' plans".to_owned());
        }
        let told = |(number, part): (usize, &PlanDocument)| {
            let is_so = part.content.futures.as_ref() == Some(&futures(ensemble, (&cases[0], number), &spread));
            let fault = || format!("member {}: bands and probabilities are not those of the members' plans", number + 1);
            (!is_so).then(fault)
        };
        faults.extend(parts.iter().enumerate().filter_map(told));
    }
    Ok(faults)
}
