//! Portions of all demands in the order of a plan's rows, and how much each asks for.
//!
//! size = share × demand. Units: m³/s.

use crate::case::Case;
use crate::network::{Demand, Network, NodeId, Portion};

/// A portion with its row in [`Decisions::supply_m3s`](crate::plan::Decisions::supply_m3s).
#[derive(Clone, Copy, Debug)]
pub struct PortionRow<'a> {
    /// Row of the supplies.
    pub row: usize,
    /// The demand's node.
    pub node: NodeId,
    /// The demand.
    pub demand: &'a Demand,
    /// Index among the demand's portions.
    pub index: usize,
    /// The portion.
    pub portion: &'a Portion,
}

impl Network {
    /// All portions, in the order of demands, then portions.
    pub fn portions(&self) -> impl Iterator<Item = PortionRow<'_>> {
        self.demands()
            .flat_map(|(node, demand)| {
                demand.portions.iter().enumerate().map(move |(index, portion)| (node, demand, index, portion))
            })
            .enumerate()
            .map(|(row, (node, demand, index, portion))| PortionRow { row, node, demand, index, portion })
    }

    /// Whether a region is one of these or held by one of them; an empty list holds everything.
    pub fn within(&self, region: Option<usize>, ids: &[String]) -> bool {
        if ids.is_empty() {
            return true;
        }
        let mut here = region;
        // A circle of parents is refused with the file; the count keeps even that from running on.
        for _ in 0..=self.regions.len() {
            let Some(region) = here.and_then(|i| self.regions.get(i)) else { return false };
            if ids.contains(&region.id) {
                return true;
            }
            here = region.parent;
        }
        false
    }
}

impl Case {
    /// What a portion asks for in a step of a member, m³/s.
    pub fn size_m3s(&self, demand: &Demand, portion: &Portion, step: usize, member: usize) -> f64 {
        (self.at(&portion.share, step, member) * self.at(&demand.demand, step, member)).max(0.0)
    }

    /// What curtailments in force took from what a portion asks for in a step of a member, m³/s.
    pub fn curtailed_m3s(&self, demand: &Demand, portion: &Portion, step: usize, member: usize) -> f64 {
        let share = portion.curtailed.map_or(0.0, |curtailed| self.at(&curtailed, step, member));
        (share * self.at(&demand.demand, step, member)).max(0.0)
    }

    /// What a portion is owed in a step of a member, m³/s: its target, or all that curtailments left of it.
    pub fn owed_m3s(&self, demand: &Demand, portion: &Portion, step: usize, member: usize) -> f64 {
        let left = self.size_m3s(demand, portion, step, member);
        (portion.target * (left + self.curtailed_m3s(demand, portion, step, member))).min(left)
    }

    /// What a class of a demand asks for in a step of a member, m³/s.
    pub fn class_size_m3s(&self, demand: &Demand, class: &str, step: usize, member: usize) -> f64 {
        demand.portions.iter().filter(|p| p.class == class).map(|p| self.size_m3s(demand, p, step, member)).sum()
    }
}
