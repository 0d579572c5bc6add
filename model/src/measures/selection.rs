//! Which parts of the basin an objective is about.

use crate::case::Case;
use crate::goals::Objective;
use crate::network::{Account, Arc, ArcId, Network, NodeId, Requirement, Storage};
use crate::portion::PortionRow;

/// The choice that an objective makes by its lists; each narrows only what it concerns, an empty one means all.
#[derive(Clone, Copy, Debug)]
pub struct Selection<'a> {
    network: &'a Network,
    objective: &'a Objective,
}

impl<'a> Selection<'a> {
    /// The words of the uses that it sets side by side: its own, or the three.
    pub fn uses(self) -> Vec<&'a str> {
        if self.objective.uses.is_empty() {
            return crate::satisfaction::THREE_USES.to_vec();
        }
        self.objective.uses.iter().map(String::as_str).collect()
    }

    /// The choice of an objective.
    pub fn new(case: &'a Case, objective: &'a Objective) -> Self {
        Self { network: &case.network, objective }
    }

    /// Portions: by demand (`elements`), class, use, region and tier.
    pub fn portions(self) -> impl Iterator<Item = PortionRow<'a>> {
        self.network.portions().filter(move |row| {
            let node = &self.network.nodes[row.node.0];
            let objective = self.objective;
            holds(&objective.elements, &node.id)
                && holds(&objective.classes, &row.portion.class)
                && (objective.uses.is_empty() || objective.uses.iter().any(|word| row.portion.use_.covered_by(word)))
                && (objective.tiers.is_empty() || objective.tiers.contains(&row.portion.tier))
                && self.network.within(node.region, &objective.regions)
        })
    }

    /// Ecological requirements with a target: by section (`sections`, and `elements` where it names any) and region.
    pub fn sections(self) -> impl Iterator<Item = (usize, &'a Requirement)> {
        self.network.requirements.iter().enumerate().filter(move |(_, requirement)| {
            let objective = self.objective;
            requirement.kind.is_ecological()
                && requirement.target.is_some()
                && holds(&objective.sections, &requirement.id)
                && holds(&objective.elements, &requirement.id)
                && self.network.within(requirement.region, &objective.regions)
        })
    }

    /// Whether a part of targets (counted from 0) is chosen by the tiers.
    pub fn part(self, part: usize) -> bool {
        self.objective.tiers.is_empty() || self.objective.tiers.contains(&(part + 1))
    }

    /// Arcs: by their own id, or that of the element that they are a part of.
    pub fn arcs(self) -> impl Iterator<Item = (ArcId, &'a Arc)> {
        self.network.arcs.iter().enumerate().filter_map(move |(i, arc)| {
            let element = arc.id.split('.').next().unwrap_or_default();
            let elements = &self.objective.elements;
            (holds(elements, &arc.id) || holds(elements, element)).then_some((ArcId(i), arc))
        })
    }

    /// Storages with their rows: by id and region.
    pub fn storages(self) -> impl Iterator<Item = (usize, NodeId, &'a Storage)> {
        self.network.storages().enumerate().filter_map(move |(row, (id, storage))| {
            let node = &self.network.nodes[id.0];
            let chosen =
                holds(&self.objective.elements, &node.id) && self.network.within(node.region, &self.objective.regions);
            chosen.then_some((row, id, storage))
        })
    }

    /// Soft accounts: by id.
    pub fn soft_accounts(self) -> impl Iterator<Item = (usize, &'a Account)> {
        let accounts = self.network.accounts.iter().enumerate();
        accounts.filter(move |(_, account)| !account.hard && holds(&self.objective.elements, &account.id))
    }
}

fn holds(list: &[String], id: &str) -> bool {
    list.is_empty() || list.iter().any(|entry| entry == id)
}
