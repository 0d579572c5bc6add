//! What water at a node is held by: those before who asks, those whom the same goal serves, what a rule or goal keeps.

use std::ops::Range;

use super::{Cause, Found, Ways};
use crate::goals::Method;
use crate::network::{NodeId, NodeKind};
use crate::tolerance::FEASIBILITY_HM3;

impl Ways<'_, '_> {
    /// What water at a node is held by.
    pub(super) fn held(&self, node: NodeId, step: usize) -> Found {
        let (case, ranks) = (self.of.case, self.of.ranks());
        let id = case.network.nodes[node.0].id.clone();
        if self.of.goals.method == Method::Rules {
            let cause = self.hedged(node, step).unwrap_or(Cause::Kept(id));
            return Found { cause, yields: true };
        }
        let (window, dries) = self.window(node, step);
        let all = self.takers_in(node, &window);
        let mut takers = self.beside(&all, node);
        let later_on = || self.later(node, &window).unwrap_or_else(|| Cause::Kept(id.clone()));
        let itself = |cause: &Cause| matches!(cause, Cause::Flow(_, flow) if Some(flow.as_str()) == self.asked.own);
        let own = takers.iter().any(|(_, cause)| itself(cause));
        takers.retain(|(_, cause)| !itself(cause));
        // Among rules that cannot all hold it is another that has the water, unless all of it is gone later.
        let other = takers.iter().filter(|(rank, _)| self.asked.broken && *rank == 0).map(|&(_, cause)| cause).min();
        if dries && (own || other.is_some()) {
            return Found { cause: later_on(), yields: true };
        }
        if let Some(cause) = other {
            return Found { cause: cause.clone(), yields: true };
        }
        let mine = ranks.key(self.asked.rank);
        let held = takers.iter().filter(|(rank, _)| ranks.key(*rank) < mine);
        // What the goal that asks counts as well does not better it, given to another: held by a balance it is a reason where there is
        // no other.
        let counts = |rank: usize, cause: &Cause| {
            let is_balance = ranks.stage(rank).is_some_and(|(.., balance)| balance);
            is_balance && matches!(cause, Cause::First(..)) && all.all_counted(rank, self.asked.rank)
        };
        let most = held.clone().map(|(rank, cause)| (!counts(*rank, cause), *rank)).max();
        let first = held.filter(|(rank, cause)| Some((!counts(*rank, cause), *rank)) == most);
        let first = first.map(|&(_, cause)| cause).min();
        let shared = takers.iter().any(|(rank, _)| ranks.key(*rank) == mine && mine != ranks.none);
        let alike = takers.iter().any(|&(rank, cause)| ranks.key(rank) < mine && counts(rank, cause));
        // What flows by the section that asks serves it, whoever has it below, while it has no more than it wants.
        let others = || self.but_by_itself(node, &window, &all.reached).map(|own| self.is_later(&self.beside(&own, node)));
        let later = self.is_later(&takers) && others().unwrap_or(true);
        let stage = ranks.stage(self.asked.rank);
        // Where none of the goals comes first, one of them may keep water for the end.
        let kept = takers.iter().find_map(|(rank, cause)| match cause.there() {
            Cause::Reserve(of, goal, _) if *rank != self.asked.rank && ranks.key(*rank) == mine => {
                let kept = Cause::Outweighed(of.clone(), goal.clone());
                Some(if *of == id { kept } else { Cause::Onward(id.clone(), Box::new(kept)) })
            }
            _ => None,
        });
        let yields = later || (shared && stage.is_none_or(|(.., balance)| !balance));
        let cause = match (first, stage) {
            (_, Some(_)) if dries && (shared || alike) => later_on(),
            (_, Some(_)) if kept.is_some() => kept.unwrap_or(Cause::Kept(id)),
            // Where others after it have water too, those before it are no reason.
            (Some(Cause::First(..) | Cause::Floors(_)), _) if later => self.of.kept_before(self.asked.rank, node, step),
            (Some(cause), _) => cause.clone(),
            (None, Some((goal, ..))) if shared => match self.of.shared(id.clone(), goal) {
                // What is left in a storage, or what later goals have of a goal's tolerance, no share of the water explains.
                Cause::Best(..) if later && self.of.is_lax(goal) => Cause::Kept(id),
                Cause::Best(..) if self.is_left(node, &window, dries) => self.of.kept_before(self.asked.rank, node, step),
                told => told,
            },
            (None, _) => self.of.kept_before(self.asked.rank, node, step),
        };
        Found { cause, yields }
    }

    /// Whether a storage holds water at the end of a window, and no more than it must at the horizon's end keeps it.
    fn is_left(&self, node: NodeId, window: &Range<usize>, dries: bool) -> bool {
        let (case, stored) = (self.of.case, &self.of.decisions.storage_hm3);
        let (NodeKind::Storage(storage), Some(row)) = (&case.network.nodes[node.0].kind, case.storage_row(node)) else {
            return false;
        };
        let must = storage.end.map_or(0.0, |end| end.storage_hm3);
        let least = case.at(&storage.lower, window.end - 1, 0).max(must);
        !dries && window.end == case.horizon.steps() && stored[[row, window.end]] > least + FEASIBILITY_HM3
    }

    /// Whether a storage at its lowest when a step ends was emptied for what comes after the goal that asks.
    pub(super) fn emptied_after(&self, node: NodeId, step: usize) -> bool {
        let window = self.window(node, step).0;
        self.of.goals.method != Method::Rules && self.is_later(&self.beside(&self.takers_in(node, &window), node))
    }

    /// Whether some of those who have water come after the goal that asks, or no goal asks for theirs.
    fn is_later(&self, takers: &[(usize, &Cause)]) -> bool {
        let ranks = self.of.ranks();
        takers.iter().any(|(rank, _)| ranks.key(*rank) > ranks.key(self.asked.rank) || *rank == ranks.none)
    }

    /// The zone that a storage lies in, where it hedges what is asked for.
    fn hedged(&self, node: NodeId, step: usize) -> Option<Cause> {
        let case = self.of.case;
        let NodeKind::Storage(storage) = &case.network.nodes[node.0].kind else { return None };
        let stored = self.of.decisions.storage_hm3[[case.storage_row(node)?, step]];
        let zone = storage.zones.iter().find(|zone| stored <= case.at(&zone.top, step, 0))?;
        let share = zone.supply.iter().find(|(word, _)| self.words.contains(&word.as_str()))?.1;
        (share < 1.0).then(|| Cause::Hedged(case.network.nodes[node.0].id.clone(), zone.name.clone()))
    }
}
