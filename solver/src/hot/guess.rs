//! Where what a start does not know would stand if the basin were run by its rules: at its upper bound where they fill it, use it as far
//! as it may be used, or serve all that is wanted, else at its lower one.
//!
//! None is made basic and all new rows are, so that there are as many basic ones as before. What was measured with those basic that the
//! rules run between their bounds, and with what lies beyond the old horizon guessed too: docs/performance.md.
//!
//! Limits: of a program of several members, and of columns that are no storage, flow or supply, nothing is guessed.

use weir_model::tolerance;

use super::Named;
use crate::engine::Standing;
use crate::layout::{Key, Quantity, Subject};
use crate::rules::Simulator;

/// Fills in the columns of which nothing is known.
pub(super) fn fill(named: Named<'_>, known: &mut [Option<Standing>]) {
    let Named { program, layout, case, goals, .. } = named;
    if layout.members > 1 {
        return;
    }
    let run = Simulator::new(case, goals).run();
    let hm3 = |key: &Key| {
        let step = key.step as usize;
        Some(match (key.subject, key.quantity) {
            (Subject::Node(node), Quantity::Storage) => run.storage_hm3[[layout.storage_of[node as usize]?, step + 1]],
            (Subject::Arc(arc), Quantity::Flow) => run.flow_m3s[[arc as usize, step]] * case.hm3_per_m3s(step),
            (Subject::Portion(row), Quantity::Supply) => run.supply_m3s[[row as usize, step]] * case.hm3_per_m3s(step),
            _ => return None,
        })
    };
    for (j, standing) in known.iter_mut().enumerate().filter(|(_, standing)| standing.is_none()) {
        let is_full =
            layout.keys.get(j).and_then(hm3).is_some_and(|hm3| hm3 >= program.column_upper[j] - tolerance::OBJECTIVE);
        *standing = is_full.then_some(Standing::Upper);
    }
}
