//! Storage wanted at the end of the horizon, where no bound of the storage's column can say it.
//!
//! s[T] + lack ≥ wanted: for a soft end always, for a hard one only where it lies above the flood limit or the top of the last
//! step (elsewhere it is a bound).
//! Rows: at most one a storage. Columns: one where soft, else only where rules are open. Units: hm³.
//! Dual: what one hm³ less wanted at the end would change in the objective.

use weir_model::network::RuleClass;

use super::RowFamily;
use crate::builder::{Builder, Soft};
use crate::layout::{Open, Quantity, Sparse, Subject};

pub(super) struct EndStorages;

impl RowFamily for EndStorages {
    fn word(&self) -> &'static str {
        "end_storage"
    }

    fn add(&self, builder: &mut Builder) {
        let case = builder.case;
        let (steps, members) = (builder.layout.steps, builder.layout.members);
        for (index, (node, storage)) in case.network.storages().enumerate() {
            let mut soft = Sparse::default();
            if let Some(end) = storage.end.filter(|_| steps > 0) {
                let subject = Subject::Node(node.0 as u32);
                for member in 0..members {
                    let at = (steps - 1, member);
                    let (lower, top) = builder.storage_range(storage, at.0, member);
                    if end.hard && end.storage_hm3 <= top {
                        continue;
                    }
                    let row = builder.row(self.word(), subject, at, end.storage_hm3, f64::INFINITY);
                    builder.add_storage(row, index, steps, member, 1.0);
                    let width = end.storage_hm3 - lower.min(end.storage_hm3).min(storage.initial_hm3).min(0.0);
                    if !end.hard {
                        let column = builder.column(subject, Quantity::EndLack, at, 0.0, width);
                        builder.matrix.add(row, column, 1.0);
                        builder.soft.push(Soft { column, class: RuleClass::Operational });
                        soft.set(member, members, column);
                    } else if builder.open > Open::Nothing {
                        let column =
                            builder.breach(subject, Quantity::EndLack, at, Some(RuleClass::Operational), (0.0, width));
                        builder.matrix.add(row, column, 1.0);
                    }
                }
            }
            builder.layout.soft_ends.push(soft);
        }
    }
}
