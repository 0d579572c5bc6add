//! Which of the causes on several ways is told: the first in their order, with what holds the water above it.

use super::{Cause, Found, Reasons};
use crate::explanation::most;
use crate::network::{Arc, NodeKind, Role};

impl Reasons<'_> {
    /// The first cause on several ways; where that holds what only passes by, with the storage above whose outlets let no more out, or
    /// that has no more to give; where it is an outlet that passes all that it can, with another of the storage's that is closed.
    pub(super) fn told(&self, mut found: Vec<Found>) -> Option<Cause> {
        found.sort();
        let first = found.first()?.cause.clone();
        let network = &self.case.network;
        let passes =
            |id: &str| network.node(id).is_some_and(|node| matches!(network.nodes[node.0].kind, NodeKind::Junction));
        let held = first.holder().is_some_and(passes) && !matches!(first, Cause::Kept(_));
        let shut = self.shut(&found).filter(|(closed, _)| held || *closed && self.is_shut(&first, &found));
        if let Some((_, closed @ Cause::Closed(_))) = shut.filter(|_| matches!(first, Cause::Closed(_))) {
            return Some(closed.clone());
        }
        let mut causes = found.iter().map(|found| &found.cause);
        let dry = |cause: &&Cause| {
            use Cause::{Below, Later, Least, Lowest, Passing};
            held && matches!(cause, Lowest(..) | Least(..) | Below(..) | Passing(..) | Later(..))
        };
        Some(match shut.map(|(_, cause)| cause).or_else(|| causes.find(dry)) {
            Some(store) => Cause::Passing(Box::new(store.clone()), Box::new(first)),
            None => first,
        })
    }

    /// Of the outlets that keep the water of storages away which have it, the widest that is closed, else the first that passes all it can;
    /// whether it is closed.
    fn shut<'f>(&self, found: &'f [Found]) -> Option<(bool, &'f Cause)> {
        let shut = || found.iter().map(|found| &found.cause).filter(|cause| self.is_shut(cause, found));
        let width = |cause: &Cause| {
            let Cause::Closed(id) = cause else { return None };
            let shuts = |arc: &&Arc| arc.id == *id && arc.role != Role::Spillway && arc.discharge.is_none();
            let facts = self.case.network.arcs.iter().find(shuts)?;
            let capacity = (0..self.case.horizon.steps()).map(|step| self.case.at(&facts.capacity, step, 0));
            Some(capacity.fold(0.0, f64::max)).filter(|width| *width > 0.0)
        };
        let widest = most(shut(), |cause| width(cause).unwrap_or_default()).filter(|cause| width(cause).is_some());
        widest.map(|cause| (true, cause)).or_else(|| shut().next().map(|cause| (false, cause)))
    }

    /// Whether a cause is of an outlet to the river that keeps away the water of a storage by none of whose ways more comes.
    fn is_shut(&self, cause: &Cause, found: &[Found]) -> bool {
        let network = &self.case.network;
        let (Cause::Capacity(way) | Cause::Closed(way)) = cause else { return false };
        let outlet = network.arcs.iter().find(|arc| arc.id == *way && arc.role.is_outflow());
        let store = outlet.map(|arc| &network.nodes[arc.tail.0]).filter(|node| matches!(node.kind, NodeKind::Storage(_)));
        store.is_some_and(|store| found.iter().all(|found| found.cause.holder() != Some(&store.id)))
            && found.iter().any(|found| found.yields && found.cause == *cause)
    }
}
