//! Why an entry is short: what stands against more water on every way to it, read from the plan without duals.
//!
//! In each short step the ways to a demand (or of a section) are followed upstream. A way is blocked by its capacity, by an
//! account that is used up (soft ones too), by a storage at its lowest or a source all of whose water is taken; a junction by all
//! its ways. Where some way is open, the water was kept: for what a flow out of the same node owes, where it stands at its
//! floor or target, or for the storage's end, where it is not more than wanted; else for other times, uses or higher goals:
//! which of them, only duals would tell, and the sentence says so. The cause of most missing water is told.

use std::collections::BTreeMap;

use petgraph::Direction;

use crate::case::Case;
use crate::measures::target_of;
use crate::network::{ArcId, NodeId, NodeKind, Of};
use crate::plan::Decisions;
use crate::satisfaction::Entry;
use crate::tolerance::FEASIBILITY_HM3;

/// What stands against more water on a way; the first in this order is told where several do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cause {
    /// Water is there, or flows past, and was kept for something else.
    Kept(String),
    /// The storage has at the end no more than wanted.
    End(String),
    /// A flow out of the same node has no more than it is owed.
    Flow(String, String),
    Capacity(String),
    Account(String),
    Lowest(String),
    Spent(String),
    Closed(String),
}

impl Cause {
    fn sentence(&self) -> String {
        match self {
            Self::Kept(id) => format!(
                "not the ways: `{id}` had water, kept for other times, other uses or goals that come first; which of them is not told"
            ),
            Self::End(id) => format!("`{id}` had water, kept for its storage at the end, which is no more than wanted"),
            Self::Flow(id, flow) => format!("`{id}` had water, let out for `{flow}`, which has no more than it is owed"),
            Self::Capacity(id) => format!("held by the capacity of `{id}`: more water upstream would not help"),
            Self::Closed(id) => format!("`{id}` is closed"),
            Self::Account(id) => format!("held by the account `{id}`, which is used up"),
            Self::Lowest(id) => format!("`{id}` is at its lowest storage"),
            Self::Spent(id) => format!("all water of `{id}` is taken"),
        }
    }
}

/// The sentence for an entry; none where it lacks nothing.
pub(super) fn reason(case: &Case, decisions: &Decisions, entry: &Entry) -> Option<String> {
    let ways = Ways { case, decisions };
    let mut missing: BTreeMap<Cause, f64> = BTreeMap::new();
    for step in entry.period.steps.clone() {
        let hm3 = case.hm3_per_m3s(step);
        for row in case.network.portions().filter(|row| entry.portions.contains(&row.row)) {
            let lack = case.size_m3s(row.demand, row.portion, step, 0) * hm3 - decisions.supply_m3s[[row.row, step]] * hm3;
            if lack > FEASIBILITY_HM3
                && let Some(cause) = ways.before(row.node, step, 0).into_iter().min()
            {
                *missing.entry(cause).or_default() += lack;
            }
        }
        for &section in &entry.sections {
            let requirement = &case.network.requirements[section];
            let (Some(target), Of::Flow(terms)) = (target_of(case, requirement, step, 0), &requirement.of) else { continue };
            let lack = (target - case.value_of(&requirement.of, decisions, step)) * case.hm3_per_unit(&requirement.of, step);
            if lack > FEASIBILITY_HM3 {
                let causes = terms.iter().filter(|(_, c)| *c > 0.0).flat_map(|&(arc, _)| ways.along(arc, step, 0));
                if let Some(cause) = causes.min() {
                    *missing.entry(cause).or_default() += lack;
                }
            }
        }
    }
    missing.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)).map(|(cause, _)| cause.sentence())
}

/// The ways of a plan.
struct Ways<'a> {
    case: &'a Case,
    decisions: &'a Decisions,
}

impl Ways<'_> {
    /// How many junctions are followed upstream: beyond them the way counts as spent where it was left.
    const DEPTH: usize = 40;

    /// Causes on all ways into a node.
    fn before(&self, node: NodeId, step: usize, depth: usize) -> Vec<Cause> {
        let network = &self.case.network;
        let edges = network.graph.edges_directed(petgraph::graph::NodeIndex::new(node.0), Direction::Incoming);
        let arcs: Vec<ArcId> = edges.map(|edge| edge.weight().arc).collect();
        if arcs.is_empty() || depth > Self::DEPTH {
            return vec![Cause::Spent(network.nodes[node.0].id.clone())];
        }
        arcs.into_iter().flat_map(|arc| self.along(arc, step, depth)).collect()
    }

    /// Causes on a way: its own, or those of where it begins.
    fn along(&self, arc: ArcId, step: usize, depth: usize) -> Vec<Cause> {
        let (case, network) = (self.case, &self.case.network);
        let facts = &network.arcs[arc.0];
        let hm3 = case.hm3_per_m3s(step);
        let flow = self.decisions.flow_m3s[[arc.0, step]];
        let rated = case.rating_envelope(facts, step, 0);
        let rated = rated.map(|envelope| envelope.m3s(case.mean_storage(facts.tail, self.decisions, step)));
        let capacity = case.at(&facts.capacity, step, 0).min(rated.unwrap_or(f64::INFINITY));
        if capacity <= 0.0 {
            return vec![Cause::Closed(facts.id.clone())];
        }
        if (capacity - flow) * hm3 <= FEASIBILITY_HM3 {
            return vec![Cause::Capacity(facts.id.clone())];
        }
        let used_up = network.accounts.iter().find(|account| {
            account.at_most
                && account.terms.iter().any(|term| term.0 == arc && term.1 > 0.0)
                && account.windows.iter().filter(|window| window.steps.contains(&step)).any(|window| {
                    account.used_hm3(case, self.decisions, window.steps.clone()) >= window.available_hm3 - FEASIBILITY_HM3
                })
        });
        if let Some(account) = used_up {
            return vec![Cause::Account(account.id.clone())];
        }
        let tail = &network.nodes[facts.tail.0];
        let leaving = || {
            network
                .arcs
                .iter()
                .enumerate()
                .filter(|(_, other)| other.tail == facts.tail)
                .map(|(number, other)| (ArcId(number), other))
        };
        match &tail.kind {
            NodeKind::Storage(storage) => {
                let row = network.storages().position(|(node, _)| node == facts.tail);
                let least = case.at(&storage.lower, step, 0);
                let lowest = row.is_some_and(|row| self.decisions.storage_hm3[[row, step + 1]] <= least + FEASIBILITY_HM3);
                vec![if lowest { Cause::Lowest(tail.id.clone()) } else { self.kept(facts.tail, step) }]
            }
            NodeKind::Source(source) => {
                let taken: f64 = leaving().map(|(other, _)| self.decisions.flow_m3s[[other.0, step]]).sum();
                let spent = (case.at(&source.flow, step, 0) - taken) * hm3 <= FEASIBILITY_HM3;
                // A source that others draw on too had water for them.
                let alone = leaving().count() == 1;
                vec![if spent && alone { Cause::Spent(tail.id.clone()) } else { self.kept(facts.tail, step) }]
            }
            NodeKind::Junction => {
                let passes = leaving()
                    .any(|(other, _)| other != arc && self.decisions.flow_m3s[[other.0, step]] * hm3 > FEASIBILITY_HM3);
                if passes { vec![self.kept(facts.tail, step)] } else { self.before(facts.tail, step, depth + 1) }
            }
            NodeKind::Demand(_) | NodeKind::Sink => vec![Cause::Spent(tail.id.clone())],
        }
    }

    /// What the water of a node was kept for.
    fn kept(&self, node: NodeId, step: usize) -> Cause {
        let (case, network) = (self.case, &self.case.network);
        let id = network.nodes[node.0].id.clone();
        let owed = network.requirements.iter().find(|requirement| {
            let Of::Flow(terms) = &requirement.of else { return false };
            let here = terms.iter().any(|&(arc, c)| c > 0.0 && network.arcs[arc.0].tail == node);
            let least =
                [&requirement.floor, &requirement.target].into_iter().flatten().map(|bound| case.bound(bound, step, 0));
            let least = least.filter(|bound| bound.is_finite()).fold(0.0, f64::max);
            let over = case.value_of(&requirement.of, self.decisions, step) - least;
            here && least > 0.0 && over * case.hm3_per_unit(&requirement.of, step) <= FEASIBILITY_HM3
        });
        if let Some(requirement) = owed {
            return Cause::Flow(id, requirement.id.clone());
        }
        let mut storages = network.storages().enumerate();
        let last = case.horizon.steps();
        let at_end = storages.find(|(_, (of, _))| *of == node).and_then(|(row, (_, storage))| {
            let wanted = storage.end?.storage_hm3;
            (self.decisions.storage_hm3[[row, last]] <= wanted + FEASIBILITY_HM3).then_some(())
        });
        if at_end.is_some() { Cause::End(id) } else { Cause::Kept(id) }
    }
}

#[cfg(test)]
mod tests {
    use super::reason;
    use crate::case::Case;
    use crate::fixture;
    use crate::forcing::Param;
    use crate::goals::Period;
    use crate::measures::Selection;
    use crate::network::{ArcId, Bound, EndStorage, Of, RequirementKind, RuleClass};
    use crate::satisfaction::Satisfactions;

    /// Industry has 2, 1.5 and 1 m³/s of 2, by an intake that carries 3.
    fn of(case: &Case, use_: &str) -> Option<String> {
        let found = Satisfactions::new(case, Selection::everything(case), &[use_], Period::Horizon);
        reason(case, &fixture::plan().decisions, &found.entries[0])
    }

    #[test]
    fn what_blocks_every_way_is_told_and_nothing_is_told_where_a_way_is_open() {
        let mut case = fixture::case();
        assert_eq!(of(&case, "domestic"), None);
        let kept = of(&case, "production").unwrap_or_default();
        assert!(kept.contains("`lake` had water") && kept.contains("not told"), "{kept}");
        // It ends as it is wanted to: that is what the water was kept for.
        let wanted = fixture::lake(&mut case).end.replace(EndStorage { storage_hm3: 5.2376, hard: true });
        let end = of(&case, "production").unwrap_or_default();
        assert_eq!(end, "`lake` had water, kept for its storage at the end, which is no more than wanted");
        fixture::lake(&mut case).end = wanted;
        // The turbines owe the 6 m³/s that they pass.
        let through = Of::Flow(vec![(ArcId(fixture::TURBINES), 1.0)]);
        let mut release = fixture::requirement("release", RequirementKind::WorksRelease, RuleClass::BaseFlow, through);
        release.floor = Some(Bound::Flow(Param::constant(6.0)));
        case.network.requirements.push(release);
        let flow = of(&case, "production").unwrap_or_default();
        assert_eq!(flow, "`lake` had water, let out for `release`, which has no more than it is owed");
        case.network.requirements.pop();
        // The lake at its lowest, and no well: no water.
        case.network.arcs[fixture::WELL].capacity = Param::constant(0.0);
        fixture::lake(&mut case).lower = Param::constant(9.0);
        let lowest = of(&case, "production").unwrap_or_default();
        assert_eq!(lowest, "`lake` is at its lowest storage");
        // A narrow intake comes first, whatever the lake holds.
        case.network.arcs[fixture::INTAKE].capacity = Param::constant(3.0);
        assert_eq!(
            of(&case, "production").as_deref(),
            Some("held by the capacity of `town.intake`: more water upstream would not help")
        );
        // Three days of 3 m³/s are 0.7776 hm³: all that the permit leaves.
        case.network.arcs[fixture::INTAKE].capacity = Param::constant(5.0);
        case.network.accounts[0].windows[0].available_hm3 = 0.7776;
        fixture::lake(&mut case).lower = Param::constant(1.0);
        case.network.arcs[fixture::WELL].capacity = Param::constant(1.0);
        let open_well = of(&case, "production").unwrap_or_default();
        // The well's own cap is soft, and used up too.
        assert_eq!(open_well, "held by the account `permit`, which is used up");
        case.network.accounts[1].windows[0].available_hm3 = 1.0;
        let open_well = of(&case, "production").unwrap_or_default();
        assert!(open_well.contains("`well` had water"), "{open_well}");
    }
}
