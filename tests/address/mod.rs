//! Series of a plan by address, for tests: `ARC.flow`, `DEMAND.supply`, `DEMAND.CLASS.supply`, `STORAGE.storage`.

use weir_model::case::Case;
use weir_model::network::{ArcId, NodeKind};
use weir_model::plan::Decisions;

/// The values of an address, step after step: m³/s, or hm³ with the start first.
///
/// # Errors
/// There is no such address.
pub fn series(case: &Case, decisions: &Decisions, address: &str) -> Result<Vec<f64>, String> {
    let none = || format!("no series `{address}`");
    let (id, quantity) = address.rsplit_once('.').ok_or_else(none)?;
    match quantity {
        "flow" => {
            let ArcId(arc) = case.network.arc(id).ok_or_else(none)?;
            Ok(decisions.flow_m3s.row(arc).to_vec())
        }
        "storage" => {
            let node = case.network.node(id).ok_or_else(none)?;
            let row = case.network.storages().position(|(storage, _)| storage == node).ok_or_else(none)?;
            Ok(decisions.storage_hm3.row(row).to_vec())
        }
        "supply" => supply(case, decisions, id).ok_or_else(none),
        _ => Err(none()),
    }
}

/// Supply of a demand, or of one class of it.
fn supply(case: &Case, decisions: &Decisions, id: &str) -> Option<Vec<f64>> {
    let mut row = 0;
    let mut sum: Option<Vec<f64>> = None;
    for node in &case.network.nodes {
        let NodeKind::Demand(demand) = &node.kind else { continue };
        for portion in &demand.portions {
            if node.id == id || format!("{}.{}", node.id, portion.class) == id {
                let values = decisions.supply_m3s.row(row);
                let sum = sum.get_or_insert_with(|| vec![0.0; values.len()]);
                sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
            }
            row += 1;
        }
    }
    sum
}
