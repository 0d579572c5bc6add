//! What can give way where there is no plan: ways out, each with how much gives, when, and where it leaves the goals.
//!
//! The first is stage 0 as the office's order of rules has it: the least protected rule gives way first, and no more than it must.
//! It is what `--elastic` takes. Each further one lets another rule of a conflict give way before all others, the least protected
//! first: stage 0 with that rule's breach minimised last. Each holds the flood events that it shows, as plans do. Ways out that come to
//! the same are told once.
//!
//! The goals are those of the program as it is solved after stage 0, without the closing chain, at the heads that it takes.
//! Fails: where no rule can give way, there is no way out and the menu is empty.

use weir_model::case::Case;
use weir_model::goals::Goals;
use weir_model::plan::{Relaxation, StageResult};
use weir_model::tolerance::FEASIBILITY_HM3;

use super::Conflict;
use crate::flood;
use crate::solve::{Extent, SolveOptions, Unsolved, relaxed_first};

/// A way out.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// What gives way.
    pub relaxations: Vec<Relaxation>,
    /// The goals in order, with their values.
    pub goals: Vec<StageResult>,
}

/// The ways out of conflicts, the first that of the office's own order.
///
/// # Errors
/// If the engine cannot be asked, or goals end without an optimum.
pub fn menu(case: &Case, goals: &Goals, conflicts: &[Conflict], options: &SolveOptions) -> Result<Vec<Choice>, Unsolved> {
    let options = SolveOptions { dump: None, elastic: true, extent: Extent::Goals, ..options.clone() };
    let mut rules: Vec<(usize, &str)> = Vec::new();
    for rule in conflicts.iter().flat_map(|conflict| conflict.rules.iter()) {
        let Some(class) = rule.class else { continue };
        let rank = goals.rule_order.iter().position(|other| *other == class).unwrap_or(usize::MAX);
        if rules.iter().all(|(_, address)| *address != rule.address) {
            rules.push((rank, &rule.address));
        }
    }
    rules.sort_by_key(|&(rank, _)| std::cmp::Reverse(rank));
    let ways = std::iter::once(None).chain(rules.into_iter().map(|(_, address)| Some(address)));
    let mut choices: Vec<Choice> = Vec::new();
    for first in ways {
        let solved = match relaxed_first(case, goals, &options, first) {
            // Where no rule helps, another first to give way does not either.
            Err(Unsolved::Infeasible(_)) => return Ok(choices),
            solved => flood::held(case, solved?, |case| relaxed_first(case, goals, &options, first))?,
        };
        let choice = Choice { relaxations: solved.plan.relaxations, goals: solved.plan.stages };
        if choices.iter().all(|other| !same(&other.relaxations, &choice.relaxations)) {
            choices.push(choice);
        }
    }
    Ok(choices)
}

/// Whether the same rules give way by the same volumes, in whichever steps.
fn same(a: &[Relaxation], b: &[Relaxation]) -> bool {
    let total = |of: &[Relaxation], address: &str| -> f64 {
        of.iter().filter(|relaxation| relaxation.address == address).map(|relaxation| relaxation.hm3).sum()
    };
    let near = |address: &str| (total(a, address) - total(b, address)).abs() <= 100.0 * FEASIBILITY_HM3;
    a.iter().chain(b).all(|relaxation| near(&relaxation.address))
}
