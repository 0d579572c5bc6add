//! Which rules on whole numbers cannot hold together however much water there is: what is open or shut, few changes, groups
//! of ways, days met.
//!
//! A deletion filter on the program with every rule and balance open: a rule without which there still is no point is left out for
//! good; the others are named, each of them needed. A question that time cuts off counts as answered: the rule is named.

use weir_model::case::Case;
use weir_model::goals::Goals;

use crate::engine::{Engine, Options, Outcome};
use crate::formulation::formulate;
use crate::layout::Open;
use crate::methods::Live;
use crate::solve::Unsolved;

/// Seconds that a question without one of the rules may take.
const QUESTION_S: f64 = 10.0;

/// A rule that only whole numbers hold, by the place of its bearer in the network.
#[derive(Clone, Copy)]
enum Rule {
    Open(usize),
    Changes(usize),
    Group(usize),
    Days(usize),
}

impl Rule {
    /// The case without the rule.
    fn lifted(self, case: &Case) -> Case {
        let mut case = case.clone();
        let network = &mut case.network;
        match self {
            Self::Open(arc) => network.arcs[arc].minimum_when_open = None,
            Self::Changes(arc) => {
                if let Some(commitment) = &mut network.arcs[arc].commitment {
                    commitment.changes = None;
                }
            }
            Self::Group(group) => network.groups[group].most_open = network.groups[group].arcs.len(),
            Self::Days(requirement) => network.requirements[requirement].assurance = None,
        }
        case
    }
}

/// Addresses of rules on whole numbers that cannot hold together, none of which can be left out; empty where it is not they.
///
/// # Errors
/// If the engine cannot be asked.
pub fn needed(case: &Case, goals: &Goals, engine: &dyn Engine, options: &Options) -> Result<Vec<String>, Unsolved> {
    let options = Options { time_limit_s: Some(QUESTION_S), ..options.clone() };
    let mut left = case.clone();
    let mut needed = Vec::new();
    for (address, rule) in rules(case) {
        let without = rule.lifted(&left);
        let program = formulate(&without, goals, Open::Physics)?.0.program;
        match Live::open(engine, program, &options)?.feasible()? {
            Outcome::Infeasible | Outcome::InfeasibleOrUnbounded => left = without,
            _ => needed.push(address),
        }
    }
    Ok(needed)
}

/// Every rule on whole numbers, with its address.
fn rules(case: &Case) -> Vec<(String, Rule)> {
    let network = &case.network;
    let mut rules = Vec::new();
    for (index, arc) in network.arcs.iter().enumerate() {
        let Some(commitment) = &arc.commitment else { continue };
        if arc.minimum_when_open.is_some() {
            rules.push((format!("{}.minimum_when_open", arc.id), Rule::Open(index)));
        }
        if commitment.changes.is_some() {
            rules.push((format!("{}.changes", arc.id), Rule::Changes(index)));
        }
    }
    rules.extend(network.groups.iter().enumerate().map(|(index, group)| (group.id.clone(), Rule::Group(index))));
    let bound_to_days = network.requirements.iter().enumerate().filter(|(_, rule)| rule.assurance.is_some());
    rules.extend(bound_to_days.map(|(index, rule)| (format!("{}.assurance", rule.id), Rule::Days(index))));
    rules
}
