//! Which parts of the basin an objective is about.

use crate::case::Case;
use crate::goals::Objective;
use crate::network::{Account, Arc, ArcId, Network, NodeId, Requirement, RequirementKind, Storage};
use crate::portion::PortionRow;
use crate::satisfaction::THREE_USES;

/// The choice that an objective makes by its lists; each narrows only what it concerns, an empty one means all.
#[derive(Clone, Copy, Debug)]
pub struct Selection<'a> {
    network: &'a Network,
    elements: &'a [String],
    classes: &'a [String],
    uses: &'a [String],
    regions: &'a [String],
    sections: &'a [String],
    tiers: &'a [usize],
}

impl<'a> Selection<'a> {
    /// Everything.
    pub fn everything(case: &'a Case) -> Self {
        let network = &case.network;
        Self { network, elements: &[], classes: &[], uses: &[], regions: &[], sections: &[], tiers: &[] }
    }

    /// The choice of an objective.
    pub fn new(case: &'a Case, objective: &'a Objective) -> Self {
        Self {
            network: &case.network,
            elements: &objective.elements,
            classes: &objective.classes,
            uses: &objective.uses,
            regions: &objective.regions,
            sections: &objective.sections,
            tiers: &objective.tiers,
        }
    }

    /// The words of the uses that it sets side by side: its own, or the three.
    pub fn uses(self) -> Vec<&'a str> {
        if self.uses.is_empty() { THREE_USES.to_vec() } else { self.uses.iter().map(String::as_str).collect() }
    }

    /// The same choice by classes and uses alone.
    pub fn by_class(self) -> Self {
        Self { elements: &[], regions: &[], sections: &[], tiers: &[], ..self }
    }

    /// Portions: by demand (`elements`), class, use, region and tier.
    pub fn portions(self) -> impl Iterator<Item = PortionRow<'a>> {
        self.network.portions().filter(move |row| {
            let node = &self.network.nodes[row.node.0];
            holds(self.elements, &node.id)
                && holds(self.classes, &row.portion.class)
                && (self.uses.is_empty() || self.uses.iter().any(|word| row.portion.use_.covered_by(word)))
                && (self.tiers.is_empty() || self.tiers.contains(&row.portion.tier))
                && self.network.within(node.region, self.regions)
        })
    }

    /// Ecological requirements with a target: by section (`sections`, and `elements` where it names any) and region.
    pub fn sections(self) -> impl Iterator<Item = (usize, &'a Requirement)> {
        self.network.requirements.iter().enumerate().filter(move |(_, requirement)| {
            requirement.kind.is_ecological()
                && requirement.target.is_some()
                && holds(self.sections, &requirement.id)
                && holds(self.elements, &requirement.id)
                && self.network.within(requirement.region, self.regions)
        })
    }

    /// Rules of safe discharge, with their numbers: by id and region.
    pub fn safe_discharges(self) -> impl Iterator<Item = (usize, &'a Requirement)> {
        self.network.requirements.iter().enumerate().filter(move |(_, requirement)| {
            requirement.kind == RequirementKind::SafeDischarge
                && holds(self.elements, &requirement.id)
                && self.network.within(requirement.region, self.regions)
        })
    }

    /// Whether a part of targets (counted from 0) is chosen by the tiers.
    pub fn part(self, part: usize) -> bool {
        self.tiers.is_empty() || self.tiers.contains(&(part + 1))
    }

    /// Arcs: by their own id, or that of the element that they are a part of.
    pub fn arcs(self) -> impl Iterator<Item = (ArcId, &'a Arc)> {
        self.network.arcs.iter().enumerate().filter_map(move |(i, arc)| {
            let element = arc.id.split('.').next().unwrap_or_default();
            let elements = self.elements;
            (holds(elements, &arc.id) || holds(elements, element)).then_some((ArcId(i), arc))
        })
    }

    /// Storages with their rows: by id.
    pub fn storages(self) -> impl Iterator<Item = (usize, NodeId, &'a Storage)> {
        let storages = self.network.storages().enumerate().map(|(row, (id, storage))| (row, id, storage));
        storages.filter(move |(_, id, _)| holds(self.elements, &self.network.nodes[id.0].id))
    }

    /// Soft accounts: by id.
    pub fn soft_accounts(self) -> impl Iterator<Item = (usize, &'a Account)> {
        let accounts = self.network.accounts.iter().enumerate();
        accounts.filter(move |(_, account)| !account.hard && holds(self.elements, &account.id))
    }
}

fn holds(list: &[String], id: &str) -> bool {
    list.is_empty() || list.iter().any(|entry| entry == id)
}
