//! From decisions to a plan: stages measured, breaches named.

use std::collections::BTreeMap;

use weir_model::audit::{Finding, audit};
use weir_model::case::Case;
use weir_model::goals::{Goals, Objective, Sense};
use weir_model::measures::{Measure, measure};
use weir_model::network::{RuleClass, Use};
use weir_model::plan::{Certificate, Decisions, EngineFacts, Plan, Relaxation, StageResult};
use weir_model::rule;

/// The rules cannot go on: water is physically missing, or more arrives than can be held and passed on.
#[derive(Debug, thiserror::Error)]
#[error("run by the rules, the water does not add up:{}", .found.iter().fold(String::new(), |all, line| all + "\n  " + line))]
pub struct Stuck {
    /// What does not hold, a sentence each.
    pub found: Vec<String>,
}

/// Most sentences that are told.
const MOST: usize = 12;

/// The plan of decisions, or what about them is physically impossible.
pub(super) fn plan(case: &Case, goals: &Goals, decisions: Decisions, note: &str) -> Result<Plan, Stuck> {
    let mut plan = Plan {
        stages: goals
            .stages
            .iter()
            .filter_map(|&k| goals.objectives.get(k))
            .map(|o| stage((case, goals), o, &decisions))
            .collect(),
        closing: Vec::new(),
        relaxations: Vec::new(),
        water_values: Vec::new(),
        certificate: Certificate { without: Some("rules".to_owned()), open: Vec::new(), proofs: Vec::new() },
        front: None,
        engine: EngineFacts {
            solver: format!("weir rules {}", env!("CARGO_PKG_VERSION")),
            options: vec![("method".to_owned(), "rules".to_owned())],
            ..EngineFacts::default()
        },
        notes: vec![note.to_owned()],
        decisions,
    };
    let classes = classes(case);
    let (relaxations, found) = named(&classes, audit(case, goals, &plan).findings);
    if !found.is_empty() {
        return Err(stuck(found));
    }
    plan.relaxations = relaxations;
    // What lies under a dead level is so by evaporation, or water was drawn that is not there.
    if plan.relaxations.iter().any(|relaxation| relaxation.class.is_none()) {
        let found: Vec<String> = audit(case, goals, &plan).findings.iter().map(ToString::to_string).collect();
        if !found.is_empty() {
            return Err(stuck(found));
        }
    }
    Ok(plan)
}

/// Findings as breaches of rules that may give way, and what is left.
fn named(classes: &BTreeMap<String, Option<RuleClass>>, findings: Vec<Finding>) -> (Vec<Relaxation>, Vec<String>) {
    let (mut relaxations, mut found) = (Vec::new(), Vec::new());
    for finding in findings {
        match (classes.get(&finding.address), finding.step) {
            (Some(class), Some(step)) if finding.family != "balance" => {
                relaxations.push(Relaxation { address: finding.address, class: *class, step, hm3: finding.size });
            }
            _ => found.push(finding.to_string()),
        }
    }
    relaxations.sort_by(|a, b| (&a.address, a.step).cmp(&(&b.address, b.step)));
    (relaxations, found)
}

fn stuck(mut found: Vec<String>) -> Stuck {
    let more = found.len().saturating_sub(MOST);
    found.truncate(MOST);
    found.extend((more > 0).then(|| format!("and {more} more")));
    Stuck { found }
}

fn stage((case, goals): (&Case, &Goals), objective: &Objective, decisions: &Decisions) -> StageResult {
    let measure = measure(&objective.kind);
    let value = measure.map_or(f64::NAN, |measure| measure.value(case, objective, decisions));
    StageResult {
        objective: objective.id.clone(),
        sense: measure.map_or(Sense::Minimise, Measure::sense),
        unit: measure.map_or("", |measure| measure.unit(objective)).to_owned(),
        value,
        solved: value,
        bound: None,
        tolerance: goals.tolerance(objective),
        outcome: "feasible".to_owned(),
        rate: None,
        iterations: 0,
    }
}

/// Every rule that may give way, by its address.
fn classes(case: &Case) -> BTreeMap<String, Option<RuleClass>> {
    let network = &case.network;
    let mut classes = BTreeMap::new();
    for (node, storage) in network.storages() {
        let facts = &network.nodes[node.0];
        classes.insert(rule::flood_limit(facts), Some(RuleClass::FloodLimit));
        if storage.initial_hm3 > case.at(&storage.upper, 0, 0) {
            classes.insert(rule::top(facts), Some(RuleClass::FloodLimit));
        }
        classes.insert(rule::end_storage(facts), Some(RuleClass::Operational));
        classes.insert(rule::dead_level(facts), None);
    }
    for row in network.portions().filter(|row| row.portion.floor) {
        let class = if row.portion.use_ == Use::Domestic { RuleClass::DomesticFloor } else { RuleClass::Legal };
        classes.insert(rule::class_floor(&network.nodes[row.node.0], &row.portion.class), Some(class));
    }
    for arc in &network.arcs {
        classes.insert(rule::arc_floor(arc), Some(RuleClass::Operational));
    }
    for requirement in &network.requirements {
        for part in ["floor", "ceiling", "rise", "fall"] {
            classes.insert(rule::requirement(requirement, part), Some(requirement.class));
        }
    }
    for account in &network.accounts {
        for window in &account.windows {
            classes.insert(rule::account_limit(account, window), Some(RuleClass::Legal));
        }
    }
    classes
}
