//! The document of an audited plan.

mod accounts;
mod because;
mod facts;
mod help;
mod reasons;
mod satisfaction;
mod series;
mod short;
mod warnings;

use std::collections::BTreeMap;

use self::because::{Because, Said};
use self::reasons::Reasons;
use super::contradictions::gap;
use super::outline::{Outline, QUANTITIES};
use super::{
    AuditRow, CertificateRow, ClosingRow, Content, FamilyResidual, FrontRow, GivenRow, ObjectiveRow, OpenRow, Packed,
    PlanDocument, ProofRow, RateRow, RelaxationRow, ReplayConsequence, ReplayDeviation, StageRow,
};
use super::{SCHEMA, WaterValueRow};
use crate::audit::{Audit, Consequence};
use crate::case::Case;
use crate::goals::{Goals, Sense};
use crate::horizon::rfc3339;
use crate::measures::measure;
use crate::network::Storage;
use crate::plan::{Decisions, Front, Plan, Proof, StageResult};
use crate::tolerance::{FEASIBILITY_HM3, OBJECTIVE};
use crate::water::Motion;

/// The document of a plan with what its audit found. A plan whose arrays are not of the case's shape has no series.
pub fn document(case: &Case, goals: &Goals, plan: &Plan, audit: &Audit) -> PlanDocument {
    let shaped = !audit.residuals.iter().any(|r| r.family == "shape" && r.largest > 0.0);
    let mut content = Content {
        schema: SCHEMA.to_owned(),
        case: facts::case_row(case, goals, plan),
        inputs: facts::inputs(case),
        engine: facts::engine(plan),
        horizon: facts::horizon(case),
        regions: facts::regions(case),
        elements: facts::elements(case),
        stages: stages(goals, plan),
        front: plan.front.as_ref().map(|front| front_row(plan, front)),
        closing: plan.closing.iter().map(closing_row).collect(),
        objectives: objectives(goals, audit),
        series: Vec::new(),
        water_values: Vec::new(),
        satisfaction: Vec::new(),
        short: Vec::new(),
        left_out: Vec::new(),
        accounts: Vec::new(),
        warnings: Vec::new(),
        futures: None,
        relaxations: relaxations(case, plan, &BTreeMap::new()),
        orders: Vec::new(),
        audit: audit_row(case, audit),
        certificate: Some(certificate_row(plan, audit)),
    };
    if shaped {
        let motion = Motion::of(case, &plan.decisions);
        content.series = series::series((case, &plan.decisions), &motion, &[]);
        content.water_values = water_values(case, plan);
        let reasons = Reasons::of_plan(case, goals, plan);
        let because = Because::new(case, &plan.decisions, &motion, &reasons);
        satisfaction::fill(&mut content, case, goals, &plan.decisions, &reasons);
        content.short = short::rows(&content, case, &reasons);
        content.accounts = accounts::rows(case, &plan.decisions);
        content.warnings = warnings::rows(case, &plan.decisions, Some(&because));
        let given: Vec<_> = plan.relaxations.iter().map(|given| (given.address.as_str(), given.step, given.hm3)).collect();
        content.relaxations = relaxations(case, plan, &because.gave_way(&given));
    }
    PlanDocument::new(content)
}

/// The outline of a plan, whose arrays are of the case's shape: what an audit without findings has seen.
pub fn outline(case: &Case, goals: &Goals, plan: &Plan) -> Outline {
    let decisions = &plan.decisions;
    let series = series::series((case, decisions), &Motion::of(case, decisions), &QUANTITIES);
    Outline::of(
        &facts::known(case),
        (stages(goals, plan), series),
        satisfaction::over_horizon(case, decisions),
        warnings::rows(case, decisions, None),
    )
}

/// Why a demand, a class of it or a section is short in a step of a plan, of which these are the decisions, what its stages reached and
/// what proves them; none where it lacks nothing.
pub fn reason(
    case: &Case,
    goals: &Goals,
    (decisions, stages, proofs): (&Decisions, &[StageResult], &[Proof]),
    address: &str,
    step: usize,
) -> Option<String> {
    Reasons::told_by(case, goals, (decisions, stages, proofs)).at(address, step)
}

/// A number as documents hold it: finite, and 0 without a sign.
fn number(value: f64) -> Option<f64> {
    value.is_finite().then_some(value + 0.0)
}

/// A number that a row cannot do without: what is not finite is told by the audit, here it is 0.
fn plain(value: f64) -> f64 {
    number(value).unwrap_or(0.0)
}

/// The flood limit in a step, hm³; none out of its season, where only the normal level holds.
fn flood_limit(case: &Case, storage: &Storage, step: usize) -> Option<f64> {
    let limit = case.at(storage.flood_limit.as_ref()?, step, 0);
    let normal = storage.levels.iter().find(|(name, _)| name == "normal");
    let normal = normal.map(|(_, level)| storage.curve.storage_at_clamped(case.at(level, step, 0)));
    (limit.is_finite() && normal.is_none_or(|normal| (limit - normal).abs() > FEASIBILITY_HM3)).then_some(limit)
}

/// Start of a step.
fn start_of(case: &Case, step: usize) -> String {
    case.horizon.edges.get(step).map_or_else(String::new, rfc3339)
}

/// End of a step.
fn end_of(case: &Case, step: usize) -> String {
    start_of(case, step + 1)
}

fn stage_row(goals: &Goals, stage: &StageResult, bound: Option<f64>) -> StageRow {
    let objective = goals.objectives.iter().find(|objective| objective.id == stage.objective);
    let value = plain(stage.value);
    let bound = bound.or(stage.bound).and_then(number);
    StageRow {
        objective: stage.objective.clone(),
        name: objective.map_or_else(|| stage.objective.clone(), |o| o.name.clone()),
        kind: objective.map_or_else(String::new, |o| o.kind.clone()),
        sense: stage.sense.word().to_owned(),
        unit: stage.unit.clone(),
        value,
        bound,
        gap: bound.map(|bound| gap(value, bound)),
        tolerance: plain(stage.tolerance),
        outcome: stage.outcome.clone(),
        rates: Vec::new(),
    }
}

fn stages(goals: &Goals, plan: &Plan) -> Vec<StageRow> {
    let bound = |stage: &StageResult| {
        let proof = plan.certificate.proofs.iter().find(|proof| proof.of == stage.objective)?;
        Some(if stage.sense == Sense::Maximise { -proof.bound } else { proof.bound })
    };
    let mut rows: Vec<StageRow> = plan.stages.iter().map(|stage| stage_row(goals, stage, bound(stage))).collect();
    for ((row, stage), next) in rows.iter_mut().zip(&plan.stages).zip(plan.stages.iter().skip(1)) {
        let proved = || proved_rate(plan, &stage.objective, &next.objective);
        let rate = stage.rate.map(|rate| RateRow {
            stage: next.objective.clone(),
            unit: format!("{}/{}", next.unit, stage.unit),
            at_most: rate.at_most.map(|found| proved().unwrap_or(found)).and_then(number),
            slack: rate.bought.and_then(|(slack, _)| number(slack)),
            gain: rate.bought.and_then(|(_, gain)| number(gain)),
        });
        row.rates.extend(rate);
    }
    rows
}

/// The exchange rate between a stage and the next that the next one's proof stands on, which can be found again without a solver;
/// none where that proof leaves a gap.
fn proved_rate(plan: &Plan, stage: &str, next: &str) -> Option<f64> {
    let proof = plan.certificate.proofs.iter().find(|proof| proof.of == next)?;
    let given = proof.given.iter().find(|given| given.what == stage);
    (gap(proof.value, proof.bound) <= OBJECTIVE).then(|| given.map_or(0.0, |given| given.rate))
}

fn front_row(plan: &Plan, front: &Front) -> FrontRow {
    let plain_all = |values: &Vec<f64>| values.iter().map(|&value| plain(value)).collect();
    FrontRow {
        objectives: plan.stages.iter().map(|stage| stage.objective.clone()).collect(),
        ideal: plain_all(&front.ideal),
        nadir: plain_all(&front.nadir),
        points: front.points.iter().map(plain_all).collect(),
        compromise: front.compromise,
        gap: front.gap.and_then(number),
    }
}

fn closing_row(stage: &StageResult) -> ClosingRow {
    ClosingRow {
        step: stage.objective.clone(),
        unit: stage.unit.clone(),
        value: plain(stage.value),
        outcome: stage.outcome.clone(),
    }
}

fn objectives(goals: &Goals, audit: &Audit) -> Vec<ObjectiveRow> {
    let objectives = goals.objectives.iter().enumerate();
    objectives
        .map(|(index, objective)| {
            let measure = measure(&objective.kind);
            ObjectiveRow {
                id: objective.id.clone(),
                name: objective.name.clone(),
                kind: objective.kind.clone(),
                sense: measure.map_or("", |m| m.sense().word()).to_owned(),
                unit: measure.map_or("", |m| m.unit(objective)).to_owned(),
                value: audit.measured.get(index).copied().flatten().and_then(number),
                stage: goals.stages.iter().position(|&stage| stage == index).map(|place| place + 1),
            }
        })
        .collect()
}

fn relaxations(case: &Case, plan: &Plan, said: &BTreeMap<(String, usize), Said>) -> Vec<RelaxationRow> {
    let rows = plan.relaxations.iter().map(|relaxation| {
        let said = said.get(&(relaxation.address.clone(), relaxation.step));
        let steps = case.lacks_over(&relaxation.address, relaxation.step);
        RelaxationRow {
            address: relaxation.address.clone(),
            class: relaxation.class.map(|class| class.word().to_owned()),
            step: relaxation.step,
            from: start_of(case, steps.start),
            to: end_of(case, steps.end.saturating_sub(1)),
            hm3: plain(relaxation.hm3),
            reason: said.map(|said| said.reason.clone()),
            advice: said.and_then(|said| said.advice.clone()),
        }
    });
    rows.collect()
}

fn water_values(case: &Case, plan: &Plan) -> Vec<WaterValueRow> {
    let steps = case.horizon.steps();
    let numbers = |values: &[f64]| values.iter().map(|&value| number(value)).collect();
    let rows = plan.water_values.iter().filter(|row| row.values.len() == steps);
    rows.filter_map(|row| {
        let stage = plan.stages.get(row.stage)?;
        let sides = row.sides.clone().unwrap_or_default();
        Some(WaterValueRow {
            address: row.address.clone(),
            stage: stage.objective.clone(),
            unit: format!("{}/hm3", stage.unit),
            values: numbers(&row.values),
            more: numbers(&sides.more),
            less: numbers(&sides.less),
        })
    })
    .collect()
}

fn certificate_row(plan: &Plan, audit: &Audit) -> CertificateRow {
    let proofs = plan.certificate.proofs.iter().map(|proof| ProofRow {
        of: proof.of.clone(),
        value: plain(proof.value),
        bound: plain(proof.bound),
        gap: plain(gap(proof.value, proof.bound)),
        given: proof
            .given
            .iter()
            .map(|given| GivenRow { what: given.what.clone(), at: plain(given.at), rate: plain(given.rate) })
            .collect(),
        duals: Packed::of(&proof.duals),
    });
    let in_volume = audit.residuals.iter().filter(|residual| residual.family != "objective");
    CertificateRow {
        without: plan.certificate.without.clone(),
        open: plan
            .certificate
            .open
            .iter()
            .map(|(address, step)| OpenRow { address: address.clone(), step: *step })
            .collect(),
        residual_hm3: plain(in_volume.map(|residual| residual.largest).fold(0.0, f64::max)),
        proofs: proofs.collect(),
    }
}

fn audit_row(case: &Case, audit: &Audit) -> AuditRow {
    let residuals = audit.residuals.iter().map(|residual| FamilyResidual {
        family: residual.family.to_owned(),
        checked: residual.checked,
        largest: plain(residual.largest),
        address: residual.address.clone(),
    });
    let storages: Vec<_> = case.network.storages().map(|(node, _)| &case.network.nodes[node.0].id).collect();
    let replay = audit.replay.iter().map(|replay| ReplayDeviation {
        address: storages.get(replay.row).map_or_else(String::new, |id| (*id).clone()),
        largest_hm3: plain(replay.largest_hm3),
        at: end_of(case, replay.step),
        at_end_hm3: plain(replay.at_end_hm3),
        note: replay.leaves_curve.map(|step| format!("leaves the curve by {}", end_of(case, step))),
    });
    AuditRow {
        passed: audit.passed(),
        findings: audit.findings.iter().map(ToString::to_string).collect(),
        residuals: residuals.collect(),
        replay: replay.collect(),
        replay_consequences: audit.consequences.iter().map(|consequence| consequence_row(case, consequence)).collect(),
    }
}

fn consequence_row(case: &Case, consequence: &Consequence) -> ReplayConsequence {
    let (quantity, step) = (consequence.quantity, consequence.step);
    ReplayConsequence {
        address: consequence.address.clone(),
        quantity: quantity.to_owned(),
        unit: consequence.unit.to_owned(),
        largest: plain(consequence.largest),
        at: if quantity == "level" { end_of(case, step) } else { start_of(case, step) },
        in_all: plain(consequence.in_all),
    }
}
