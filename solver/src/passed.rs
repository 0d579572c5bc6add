//! Flows that are no decision: what a plain junction passes on.
//!
//! The flow of the only way out of a plain junction is the sum of what comes in within the step, as that of an intake is the sum of its
//! portions: it has no column, and the junction no balance. Which junctions are plain is decided here, by structure alone: all that comes
//! in arrives within the step, and the way out, which leads to no demand, carries nothing of its own: no floor or stated capacity, no
//! lag, no price, energy or opening, and no rule, account or group names it. A goal reads the sum as any flow.
//!
//! Sums of sums are told over flows and supplies with columns, from upstream downwards; in a circle of plain junctions, which a basin's
//! file cannot have, each keeps its column. That inflow below 0 takes no more than there is, is a row of `rows/capacity.rs`.
//! Limits: with the water balances open ([`Open::Physics`]) nothing is passed on, so that water that is missing has its place.

use weir_model::case::Case;
use weir_model::kernel::Kernel;
use weir_model::network::{Arc, ArcId, NodeKind, Of, Receiver};

use crate::layout::{Open, Part};

/// For each arc, the parts that its flow is the sum of and their shares, where it is one.
pub(crate) fn sums(case: &Case, open: Open) -> Vec<Option<Vec<(Part, f64)>>> {
    let network = &case.network;
    let mut sums = vec![None; network.arcs.len()];
    if open == Open::Physics {
        return sums;
    }
    let comes = comes(case);
    let mut out = vec![None; network.nodes.len()];
    for arc in plain(case, &comes) {
        out[network.arcs[arc.0].tail.0] = Some(arc);
    }
    // A junction comes after all those that it is fed by.
    let feeds = |arc: ArcId| network.arcs[arc.0].receivers.iter().filter_map(|to| out[to.node.0]);
    let mut waits = vec![0; network.arcs.len()];
    for fed in out.iter().flatten().flat_map(|&arc| feeds(arc)) {
        waits[fed.0] += 1;
    }
    let mut ready: Vec<ArcId> = out.iter().flatten().copied().filter(|arc| waits[arc.0] == 0).collect();
    while let Some(arc) = ready.pop() {
        let mut sum = Vec::new();
        for &(part, receiver) in &comes[network.arcs[arc.0].tail.0] {
            match part {
                Part::Flow(ArcId(from)) if sums[from].is_some() => {
                    let parts: &[(Part, f64)] = sums[from].as_deref().unwrap_or_default();
                    sum.extend(parts.iter().map(|&(part, share)| (part, receiver.fraction * share)));
                }
                _ => sum.push((part, receiver.fraction)),
            }
        }
        sums[arc.0] = Some(sum);
        for fed in feeds(arc) {
            waits[fed.0] -= 1;
            if waits[fed.0] == 0 {
                ready.push(fed);
            }
        }
    }
    sums
}

/// For each node, what comes in.
fn comes(case: &Case) -> Vec<Vec<(Part, &Receiver)>> {
    let network = &case.network;
    let mut comes = vec![Vec::new(); network.nodes.len()];
    for (index, arc) in network.arcs.iter().enumerate() {
        for receiver in &arc.receivers {
            comes[receiver.node.0].push((Part::Flow(ArcId(index)), receiver));
        }
    }
    for (node, demand) in network.demands() {
        for receiver in &demand.returns {
            comes[receiver.node.0].push((Part::Supply(node), receiver));
        }
    }
    comes
}

/// The only ways out of plain junctions.
fn plain(case: &Case, comes: &[Vec<(Part, &Receiver)>]) -> Vec<ArcId> {
    let network = &case.network;
    let mut named = vec![false; network.arcs.len()];
    let ruled = network.requirements.iter().flat_map(|rule| match &rule.of {
        Of::Flow(terms) => terms.as_slice(),
        Of::Storage(_) => &[],
    });
    let counted = network.accounts.iter().flat_map(|account| &account.terms);
    let grouped = network.groups.iter().flat_map(|group| &group.arcs);
    for arc in ruled.chain(counted).map(|(arc, _)| arc).chain(grouped) {
        named[arc.0] = true;
    }
    let mut leaving = vec![0; network.nodes.len()];
    for arc in &network.arcs {
        leaving[arc.tail.0] += 1;
    }
    let is_junction = |arc: &Arc| matches!(network.nodes[arc.tail.0].kind, NodeKind::Junction) && leaving[arc.tail.0] == 1;
    let at_once = |receiver: &Receiver| receiver.kernel == Kernel::Instant;
    let is_bare = |arc: &Arc| {
        let [to] = &arc.receivers[..] else { return false };
        let leads_on = at_once(to) && !matches!(network.nodes[to.node.0].kind, NodeKind::Demand(_));
        let is_free = arc.unbounded && arc.discharge.is_none() && arc.floor.as_constant() == Some(0.0);
        let is_opened = arc.minimum_when_open.is_some() || arc.commitment.is_some();
        leads_on && is_free && !is_opened && arc.price.is_none() && arc.energy.is_none()
    };
    let is_plain = |&(index, arc): &(usize, &Arc)| {
        is_junction(arc) && is_bare(arc) && !named[index] && comes[arc.tail.0].iter().all(|(_, receiver)| at_once(receiver))
    };
    network.arcs.iter().enumerate().filter(is_plain).map(|(index, _)| ArcId(index)).collect()
}
