//! Flood events that the file does not give, taken from a first solve: where its plan passes a flood limit, the case is solved
//! again with outflow at most at the event's peak inflow, so that no flood is made by people.
//!
//! A plan held to that stands above its limit longer. If it then goes on beyond the event, the event is drawn out and the case
//! solved once more. What is safer comes first: where the bound would make any other rule give way more, or keep a storage
//! above its limit to the end of the horizon that would be back without, the first plan stands, and a note says so.
//! Fails: as a solve does.

use weir_model::case::Case;
use weir_model::flood::{self, Event};
use weir_model::network::RuleClass;
use weir_model::plan::{Decisions, Plan};
use weir_model::tolerance::FEASIBILITY_HM3;

use crate::engine::Outcome;
use crate::solve::{Solved, Unsolved};

/// Solves at most after the first.
pub(crate) const ROUNDS: usize = 4;

/// Whether a plan passes no flood limit, or keeps to the events in which it does.
pub(crate) fn is_held(case: &Case, plan: &Decisions) -> bool {
    flood::events(case, plan, &[]).iter().all(|event| event.is_kept(case, plan))
}

/// The first plan, or one that holds the events found in it.
///
/// # Errors
/// If a solve fails otherwise than for want of a plan.
pub fn held(case: &Case, mut first: Solved, again: impl Fn(&Case) -> Result<Solved, Unsolved>) -> Result<Solved, Unsolved> {
    let mut events = flood::events(case, &first.plan.decisions, &[]);
    if events.iter().all(|event| event.is_kept(case, &first.plan.decisions)) {
        return Ok(first);
    }
    for _ in 0..ROUNDS {
        let bounded = flood::with_events(case, &events);
        let mut next = match again(&bounded) {
            Ok(next) => next,
            Err(stopped @ Unsolved::NoOptimum { outcome: Outcome::Stopped { .. }, .. }) => return Err(stopped),
            Err(Unsolved::Infeasible(_) | Unsolved::NoOptimum { .. }) => break,
            Err(other) => return Err(other),
        };
        if !is_as_safe(case, &events, &first.plan, &next.plan) {
            break;
        }
        let wider = flood::events(case, &next.plan.decisions, &events);
        if wider == events {
            next.plan.notes.extend(events.iter().map(|event| told(case, event, KEPT)));
            next.case = Some(Box::new(bounded));
            return Ok(next);
        }
        events = wider;
    }
    first.plan.notes.extend(events.iter().map(|event| told(case, event, LEFT)));
    Ok(first)
}

pub(crate) const KEPT: &str = "is taken from a first solve, and its outflow kept at or under";
pub(crate) const LEFT: &str = "is not bounded, since what is safer would give way: its outflow is not kept under";

pub(crate) fn told(case: &Case, event: &Event, what: &str) -> String {
    format!(
        "Flood event of `{}` from {} to {} {what} the greatest natural inflow in it, {:.1} m3/s.",
        case.network.nodes[event.node.0].id,
        case.horizon.name_of(event.steps.start),
        case.horizon.name_of(event.steps.end - 1),
        event.peak_m3s,
    )
}

/// Whether no other rule than flood limits gives way more than in a first plan, and no storage stays above its limit for good.
pub(crate) fn is_as_safe(case: &Case, events: &[Event], first: &Plan, next: &Plan) -> bool {
    let limits = Some(RuleClass::FloodLimit);
    let mut classes = RuleClass::DEFAULT_ORDER.into_iter().map(Some).chain([None]).filter(|class| *class != limits);
    let given = |plan: &Plan, class| -> f64 {
        plan.relaxations.iter().filter(|relaxation| relaxation.class == class).map(|relaxation| relaxation.hm3).sum()
    };
    classes.all(|class| given(next, class) <= given(first, class) + FEASIBILITY_HM3)
        && events
            .iter()
            .all(|event| flood::lasts(case, &first.decisions, event) || !flood::lasts(case, &next.decisions, event))
}
