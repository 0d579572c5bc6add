//! A plan changed by hand: what is set is carried out, the rest stays as planned as far as there is water, and the cost is told.
//!
//! What is set stands above every rule; only physics and orders from above do not give way to it. Then, in this order:
//!
//! 1. the goals of people, rivers and safety ([`PROTECTED`]), in the basin's order: each may be as bad as it was planned, and
//!    worse only as far as what is set leaves no other way;
//! 2. the least change of flows against the plan;
//! 3. the other goals, in the basin's order, among what is equally near.
//!
//! Rules that break are named as in any plan.
//! Fails: settings that the basin, the plan's steps, physics or an order from above do not allow.

use weir_model::basin::Further;
use weir_model::case::Case;
use weir_model::document::{AMENDED_HEADING, AmendedRow, PlanDocument, RelaxationRow, cost};
use weir_model::goals::{Goals, Lexicographic, Method, Objective};
use weir_model::horizon::rfc3339;
use weir_model::network::{NodeKind, Of, RuleClass};
use weir_model::place::{Place, Refusals};
use weir_model::setting::{Setting, as_rules, further};

use crate::audited::{Audited, Unaudited, once};
use crate::solve::{SolveOptions, Unsolved};

/// Kinds of goals that a change by hand may not worsen further than it must.
pub const PROTECTED: [&str; 5] = ["shortage", "ecological_shortfall", "balance", "flood_limit_excess", "discharge_excess"];
/// Id of the objective that keeps to the plan; no objective of a file has a dot.
pub const AS_PLANNED: &str = "amended.change";
/// What ids of settings begin with.
const PREFIX: &str = "set-";
/// What refusals call the settings.
const FILE: &str = "--set";

/// Why a plan cannot be changed so.
#[derive(Debug, thiserror::Error)]
pub enum Unamended {
    /// What is set cannot be.
    #[error("{0}")]
    Refused(String),
    /// There is no plan for another reason.
    #[error(transparent)]
    Unaudited(#[from] Unaudited),
}

/// What somebody sets by hand, as texts such as `shanxi.turbines.flow@2026-07-01..03=120`.
///
/// # Errors
/// What is wrong with each.
pub fn settings(texts: &[String]) -> Result<Vec<Setting>, Unamended> {
    let read = texts.iter().enumerate().map(|(place, text)| Setting::parse(text, &format!("{PREFIX}{}", place + 1)));
    let (settings, faults): (Vec<_>, Vec<_>) = read.partition(Result::is_ok);
    let faults: Vec<String> = faults.into_iter().filter_map(Result::err).collect();
    if texts.is_empty() {
        return Err(Unamended::Refused(
            "nothing is set\n  hint: `--set shanxi.turbines.flow@2026-07-01..03=120`".to_owned(),
        ));
    }
    if faults.is_empty() { Ok(settings.into_iter().flatten().collect()) } else { Err(Unamended::Refused(faults.join("\n"))) }
}

/// The settings as further elements of the basin.
pub fn laid(settings: &[Setting]) -> Further {
    further(FILE, settings)
}

/// What the basin refuses of the settings, told by what was written; where it refuses more, all that it said.
pub fn refused(refusals: &Refusals, settings: &[Setting]) -> Unamended {
    let told = |refusal: &weir_model::place::Refusal| {
        let own = settings.iter().find(|setting| Some(&setting.id) == refusal.element.as_ref());
        own.filter(|_| &*refusal.place.file == FILE).map(|setting| {
            let hint = refusal.hint.as_ref().map_or_else(String::new, |hint| format!("\n  hint: {hint}"));
            format!("`{}`: {}{hint}", setting.name, refusal.message)
        })
    };
    let said = refusals.0.iter().map(|refusal| told(refusal).unwrap_or_else(|| refusal.to_string()));
    Unamended::Refused(said.collect::<Vec<_>>().join("\n"))
}

/// The plan with what is set: `case` and `goals` are its basin's, the settings [`laid`] over it.
///
/// # Errors
/// Settings that cannot be carried out, with the reason; no plan.
pub fn amend(
    case: &Case,
    goals: &Goals,
    before: &PlanDocument,
    settings: &[Setting],
    options: &SolveOptions,
) -> Result<Audited, Unamended> {
    if let Some(changed) = changed(case, before) {
        return Err(Unamended::Refused(changed));
    }
    let faults: Vec<String> = settings.iter().filter_map(|setting| off_the_steps(case, setting)).collect();
    if !faults.is_empty() {
        return Err(Unamended::Refused(faults.join("\n")));
    }
    let (case, goals) = question(case, goals, before, settings);
    let options = SolveOptions { elastic: true, ..options.clone() };
    let Audited { document, end } = match once(&case, &goals, &options) {
        Err(Unaudited::Unsolved(Unsolved::Infeasible(found))) => {
            return Err(Unamended::Refused(format!("what is set cannot be carried out: {}", found.explained.join("; "))));
        }
        other => other?,
    };
    let broken = broken(&case, settings, &document.content.relaxations);
    if !broken.is_empty() {
        return Err(Unamended::Refused(broken.join("\n")));
    }
    let mut content = document.content;
    let sets = settings.iter().map(|setting| setting.name.clone()).collect();
    let cost = cost(&before.content, &content);
    content.case.amended = Some(AmendedRow { plan: before.record.id.clone(), sets, cost });
    content.case.headings.insert(0, AMENDED_HEADING.to_owned());
    // Who changes a plan changes nothing of what the orders from above cost.
    content.case.command_cost.clone_from(&before.content.case.command_cost);
    Ok(Audited { document: PlanDocument::new(content), end })
}

/// What is asked of a solver: what is set above all rules, and the goals that keep to the plan.
pub fn question(case: &Case, goals: &Goals, before: &PlanDocument, settings: &[Setting]) -> (Case, Goals) {
    let mut case = case.clone();
    as_rules(&mut case, settings, RuleClass::Command);
    case.in_force = Some(before.content.decisions_on(&case));
    case.basin.in_force = Some(before.record.id.clone());
    (case, as_planned(goals, before))
}

/// What is no longer as it was when the plan was made.
fn changed(case: &Case, before: &PlanDocument) -> Option<String> {
    let inputs = &before.content.inputs;
    let other = |series: &&weir_model::forcing::Series| {
        let was = inputs.series.iter().find(|was| was.address == series.address);
        was.is_some_and(|was| was.digest != series.source.digest) && !series.address.starts_with(PREFIX)
    };
    let what = if before.content.case.basin != case.basin.id {
        format!("the plan is of basin `{}`, not of `{}`", before.content.case.basin, case.basin.id)
    } else if inputs.basin != case.basin.digest {
        format!("`{}` has changed since the plan was made", weir_model::basin::FILE)
    } else {
        let series = case.forcing.series.iter().find(other)?;
        format!("what `{}` is read from has changed since the plan was made", series.address)
    };
    Some(format!("{what}\n  hint: solve it again, and amend that plan"))
}

/// Why a setting does not stand on the plan's steps.
fn off_the_steps(case: &Case, setting: &Setting) -> Option<String> {
    let horizon = &case.horizon;
    let (from, until) = setting.window(horizon.zone())?;
    let (start, end) = (horizon.start(), horizon.end());
    if &from < start || &until > end {
        let (start, end) = (rfc3339(start), rfc3339(end));
        return Some(format!("`{}`: the plan runs from {start} to {end}", setting.name));
    }
    let off = [&from, &until].into_iter().find(|moment| !horizon.edges.contains(moment))?;
    let after = horizon.edges.partition_point(|edge| edge < off);
    let around = horizon.edges[after.saturating_sub(1)..=after].iter().map(rfc3339).collect::<Vec<_>>();
    let (text, off, around) = (&setting.name, rfc3339(off), around.join(" and "));
    Some(format!("`{text}`: {off} lies within a step of the plan\n  hint: whole steps are set; edges near it are {around}"))
}

/// The goals that keep to a plan.
fn as_planned(goals: &Goals, before: &PlanDocument) -> Goals {
    let (protected, others): (Vec<usize>, Vec<usize>) =
        goals.stages.iter().copied().partition(|&stage| PROTECTED.contains(&goals.objectives[stage].kind.as_str()));
    let method = Method::Lexicographic(Lexicographic::Faces);
    let mut kept = Goals { method, stages: protected, ..goals.clone() };
    for &stage in &kept.stages {
        let objective = &mut kept.objectives[stage];
        objective.enough = before.content.objectives.iter().find(|row| row.id == objective.id).and_then(|row| row.value);
        objective.tolerance = 0.0;
        // Its value is the least satisfaction; the others are kept near the plan by what follows.
        if objective.form.as_deref() == Some("leximin") {
            objective.form = Some("max_min".to_owned());
        }
    }
    kept.objectives.push(Objective::plain(AS_PLANNED, "plan_change", Place::new(FILE, 0)));
    kept.stages.push(kept.objectives.len() - 1);
    kept.stages.extend(others);
    kept
}

/// What of the settings, or of orders from above beside them, would have to give.
fn broken(case: &Case, settings: &[Setting], relaxations: &[RelaxationRow]) -> Vec<String> {
    let held = |setting: &Setting| {
        let of = |row: &&RelaxationRow| row.address.rsplit_once('.').is_some_and(|(id, _)| id == setting.id);
        let rows: Vec<&RelaxationRow> = relaxations.iter().filter(of).collect();
        let (first, rest) = rows.split_first()?;
        let more = if rest.is_empty() { String::new() } else { format!(", and {} further steps", rest.len()) };
        let when = case.horizon.name_of(first.step);
        Some(format!("`{}` cannot be carried out: on {when}{more} {}", setting.name, limit(case, setting, first)))
    };
    let own = |row: &&RelaxationRow| settings.iter().any(|set| row.address.starts_with(&format!("{}.", set.id)));
    let mut said: Vec<String> = settings.iter().filter_map(held).collect();
    let mut orders: Vec<&str> = relaxations
        .iter()
        .filter(|row| row.class.as_deref() == Some("command") && !own(row))
        .map(|row| row.address.as_str())
        .collect();
    orders.dedup();
    said.extend(orders.into_iter().map(|order| {
        let order = order.rsplit_once('.').map_or(order, |(id, _)| id);
        format!("what is set would break the order from above `{order}`, which comes first")
    }));
    said
}

/// How far a setting can be carried out in a step, and what bounds it.
fn limit(case: &Case, setting: &Setting, row: &RelaxationRow) -> String {
    let least = row.address.rsplit_once('.').is_some_and(|(_, part)| part == "ceiling");
    let asked = setting.bounds.values().next().copied().unwrap_or_default();
    let of = case.network.requirements.iter().find(|requirement| requirement.id == setting.id).map(|found| &found.of);
    let bound = if least { "at least" } else { "at most" };
    match of {
        Some(Of::Storage(node)) => {
            let NodeKind::Storage(storage) = &case.network.nodes[node.0].kind else { return String::new() };
            let hm3 = storage.curve.storage_at_clamped(asked) + if least { row.hm3 } else { -row.hm3 };
            let level = storage.curve.level_at_clamped(hm3);
            format!("the level is {bound} {level:.2} m by the water that there is and the ways that it has")
        }
        Some(Of::Flow(arcs)) => {
            let more = row.hm3 / case.hm3_per_m3s(row.step);
            let flow = asked + if least { more } else { -more };
            let pass = |(arc, _): &(weir_model::network::ArcId, f64)| {
                let facts = &case.network.arcs[arc.0];
                let rated = case.rating_envelope(facts, row.step, 0).map_or(f64::INFINITY, |envelope| envelope.greatest_m3s);
                case.at(&facts.capacity, row.step, 0).min(rated)
            };
            let capacity: f64 = arcs.iter().map(pass).sum();
            let why = match (least, capacity <= flow + 1e-6) {
                (true, _) => "the water has nowhere else to go",
                (false, true) => "its ways pass no more",
                (false, false) => "there is no more water",
            };
            format!("{bound} {} m³/s can flow: {why}", (flow * 1e3).round() / 1e3)
        }
        None => String::new(),
    }
}
