//! What storages lack to their soft end targets: Σ lack, hm³.

use weir_model::goals::Objective;

use super::{ObjectiveKind, select};
use crate::builder::{Builder, Sum};
use crate::program::Expression;

pub(super) struct EndStorage;

impl ObjectiveKind for EndStorage {
    fn word(&self) -> &'static str {
        "end_storage"
    }

    fn expression(&self, builder: &mut Builder, objective: &Objective) -> Expression {
        let case = builder.case;
        let mut sum = Sum::default();
        for ((node, _), columns) in case.network.storages().zip(&builder.layout.soft_ends) {
            if select::element(objective, &case.network.nodes[node.0].id) {
                for column in (0..builder.layout.members).filter_map(|member| columns.get(member)) {
                    sum.add(column, 1.0);
                }
            }
        }
        sum.expression()
    }
}
