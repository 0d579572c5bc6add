//! The decisions of a published plan, read on another case's time grid: what "least change against the plan in force" needs.
//!
//! A flow in a step of the case is the mean of the plan's over the same time, if the plan covers all of it; a storage is the
//! plan's at the same instant. What the plan does not know is NaN.

use std::collections::HashMap;

use ndarray::Array2;

use super::timeline::seconds;
use super::{Content, SeriesRow};
use crate::case::Case;
use crate::plan::Decisions;

impl Content {
    /// The decisions of this plan on another case's arrays.
    pub fn decisions_on(&self, case: &Case) -> Decisions {
        let steps = case.horizon.steps();
        let network = &case.network;
        let mut decisions = Decisions {
            flow_m3s: Array2::from_elem((network.arcs.len(), steps), f64::NAN),
            storage_hm3: Array2::from_elem((network.storages().count(), steps + 1), f64::NAN),
            supply_m3s: Array2::from_elem((network.portions().count(), steps), f64::NAN),
        };
        let Some(old) = self.timeline() else { return decisions };
        let new: Vec<f64> = case.horizon.edges.iter().map(|edge| seconds(edge.timestamp())).collect();
        let series: HashMap<(&str, &str), &SeriesRow> =
            self.series.iter().map(|row| ((row.address.as_str(), row.quantity.as_str()), row)).collect();
        let mean = |row: Option<&&SeriesRow>, step: usize| {
            row.and_then(|row| old.mean(row, new[step], new[step + 1])).unwrap_or(f64::NAN)
        };
        for (index, arc) in network.arcs.iter().enumerate() {
            let row = series.get(&(arc.id.as_str(), "flow"));
            for step in 0..steps {
                decisions.flow_m3s[[index, step]] = mean(row, step);
            }
        }
        for (index, (node, _)) in network.storages().enumerate() {
            let row = series.get(&(network.nodes[node.0].id.as_str(), "storage"));
            for (edge, &time) in new.iter().enumerate() {
                let known = row.filter(|_| old.edges().contains(&time));
                decisions.storage_hm3[[index, edge]] = known.and_then(|row| old.at(row, time)).unwrap_or(f64::NAN);
            }
        }
        for portion in network.portions() {
            let class = format!("{}.{}", network.nodes[portion.node.0].id, portion.portion.class);
            let tiers = portion.demand.portions.iter().filter(|p| p.class == portion.portion.class).count();
            let address = if tiers > 1 { format!("{class}.tier{}", portion.portion.tier) } else { class };
            let row = series.get(&(address.as_str(), "supply"));
            for step in 0..steps {
                decisions.supply_m3s[[portion.row, step]] = mean(row, step);
            }
        }
        decisions
    }
}
