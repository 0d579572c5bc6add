//! Which of the causes on several ways is told: the first in their order, with what holds the water above it.

use super::{Cause, Found, Reasons};
use crate::explanation::most;
use crate::network::{Arc, ArcId, NodeKind, Of, Role};

impl Reasons<'_> {
    /// The first cause on several ways; where that holds what only passes by, with the storage above whose outlets let no more out, or
    /// that has no more to give, or another way that is full; where it is an outlet that passes all that it can, with another of the
    /// storage's that is closed, or by what else keeps the water of a way with room; where it is a way that is full or closed, with what
    /// lacks water for another, which has room.
    pub(super) fn told(&self, mut found: Vec<Found>) -> Option<Cause> {
        found.sort();
        // A source that stands by is shut as a rule: what else there is comes first.
        let stands_by = |found: &Found| {
            let of = |id: &String| self.case.network.arcs.iter().any(|arc| arc.standby && arc.id == *id);
            matches!(&found.cause, Cause::Closed(id) if of(id))
        };
        if !found.iter().all(stands_by) {
            found.retain(|found| !stands_by(found));
        }
        let first = &found.first()?.cause;
        // Of water that lacks behind a full way and behind one with room, this would help by itself.
        let behind = matches!(first, Cause::Passing(..)) && first.lacking().is_none();
        let room = found.iter().map(|found| &found.cause).find(|cause| behind && cause.lacking().is_some());
        // Nor is a full way what holds it, where another has room and water that was kept for something else.
        let kept = found.iter().map(|found| &found.cause).find(|cause| matches!(cause, Cause::Kept(_)));
        let kept = kept.filter(|_| matches!(first, Cause::Capacity(..)));
        let first = room.or(kept).unwrap_or(first).clone();
        let network = &self.case.network;
        let passes =
            |id: &str| network.node(id).is_some_and(|node| matches!(network.nodes[node.0].kind, NodeKind::Junction));
        let held = first.holder().is_some_and(passes) && !matches!(first, Cause::Kept(_));
        let shut = self.shut(&found).filter(|(closed, _)| held || *closed && self.is_shut(&first, &found));
        if let Some((_, closed @ Cause::Closed(_))) = shut.filter(|_| matches!(first, Cause::Closed(_))) {
            return Some(closed.clone());
        }
        let mut causes = found.iter().map(|found| &found.cause);
        let dry = |cause: &&Cause| held && (cause.is_dry() || matches!(cause, Cause::Passing(..)));
        Some(match shut.map(|(_, cause)| cause).or_else(|| causes.find(dry)) {
            Some(store) => Cause::Passing(Box::new(store.clone()), Box::new(first)),
            None => self.beside(first, &found, held),
        })
    }

    /// The first cause, with that of another way where either would help: water for a way with room, and a way that is full or closed; a
    /// full way with a rule that holds another, or with one that a higher level would widen.
    fn beside(&self, first: Cause, found: &[Found], held: bool) -> Cause {
        let full = |cause: &&Cause| self.can_be_lifted(cause);
        let causes = || found.iter().map(|found| &found.cause);
        let both = |store: &Cause, held: &Cause| Cause::Passing(Box::new(store.clone()), Box::new(held.clone()));
        let told = match &first {
            Cause::Capacity(way, _) => {
                // An account that counts the full way as well holds both.
                if let Some(account) = causes().find(|cause| self.counts(cause, way)) {
                    return account.clone();
                }
                let store = causes().find_map(Cause::lacking).map(|store| both(store, &first));
                let other = |cause: &&Cause| cause.is_ruled() || matches!(cause, Cause::Capacity(_, Some(_)));
                store.or_else(|| causes().find(|cause| other(cause) && **cause != first).map(|other| both(&first, other)))
            }
            dry if dry.is_dry() || matches!(dry, Cause::Spent(_)) => causes().find(full).map(|full| both(dry, full)),
            _ if held => {
                let holds =
                    |found: &&Found| matches!(found.cause, Cause::Capacity(..)) || found.yields && found.cause.is_ruled();
                found.iter().find(holds).map(|full| both(&full.cause, &first))
            }
            _ => None,
        };
        told.unwrap_or(first)
    }

    /// Whether a cause is an account that counts a way.
    fn counts(&self, cause: &Cause, way: &str) -> bool {
        let (Cause::Account(id) | Cause::Share(id)) = cause else { return false };
        let network = &self.case.network;
        let way = network.arcs.iter().position(|arc| arc.id == way).map(ArcId);
        let account = network.accounts.iter().find(|account| account.id == *id);
        account.zip(way).is_some_and(|(account, way)| account.counts(way))
    }

    /// Whether a cause is a way that is full, or one that is closed and could be opened by its gate alone.
    pub(super) fn can_be_lifted(&self, cause: &Cause) -> bool {
        let gated = |arc: &Arc| arc.role != Role::Spillway && arc.discharge.is_none() && !arc.standby;
        match cause {
            Cause::Capacity(..) => true,
            Cause::Closed(id) => self.case.network.arcs.iter().any(|arc| arc.id == *id && gated(arc)),
            _ => false,
        }
    }

    /// Of what keeps the water of storages away at their outlets: the order or ceiling on them, else the widest that is closed, else the
    /// first that passes all it can; whether it is closed.
    fn shut<'f>(&self, found: &'f [Found]) -> Option<(bool, &'f Cause)> {
        let shut = || found.iter().map(|found| &found.cause).filter(|cause| self.is_shut(cause, found));
        let width = |cause: &Cause| {
            let Cause::Closed(id) = cause else { return None };
            let shuts = |arc: &&Arc| arc.id == *id && arc.role != Role::Spillway && arc.discharge.is_none();
            let facts = self.case.network.arcs.iter().find(shuts)?;
            let capacity = (0..self.case.horizon.steps()).map(|step| self.case.at(&facts.capacity, step, 0));
            Some(capacity.fold(0.0, f64::max)).filter(|width| *width > 0.0)
        };
        if let Some(rule) = shut().find(|cause| matches!(cause, Cause::Command(_) | Cause::Ceiling(_))) {
            return Some((false, rule));
        }
        let widest = most(shut(), |cause| width(cause).unwrap_or_default()).filter(|cause| width(cause).is_some());
        widest.map(|cause| (true, cause)).or_else(|| shut().next().map(|cause| (false, cause)))
    }

    /// Whether a cause is of outlets to the river that keep away the water of a storage by none of whose ways more comes.
    fn is_shut(&self, cause: &Cause, found: &[Found]) -> bool {
        let network = &self.case.network;
        let stores = |arc: &&Arc| arc.role.is_outflow() && matches!(network.nodes[arc.tail.0].kind, NodeKind::Storage(_));
        let outlet = match cause {
            Cause::Capacity(way, _) | Cause::Closed(way) => network.arcs.iter().filter(stores).find(|arc| arc.id == *way),
            Cause::Command(rule) | Cause::Ceiling(rule) => {
                let Some(Of::Flow(terms)) = network.requirements.iter().find(|of| of.id == *rule).map(|rule| &rule.of)
                else {
                    return false;
                };
                terms.iter().filter(|(_, share)| *share > 0.0).map(|(arc, _)| &network.arcs[arc.0]).find(stores)
            }
            _ => return false,
        };
        let store = outlet.map(|arc| &network.nodes[arc.tail.0]);
        store.is_some_and(|store| found.iter().all(|found| found.cause.holder() != Some(&store.id)))
            && found.iter().any(|found| found.yields && found.cause == *cause)
    }
}
