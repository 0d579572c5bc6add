//! What storages, with the water on its way to them, lack to their soft end targets: Σ lack, hm³.

use weir_model::goals::Objective;
use weir_model::measures::Selection;

use super::ObjectiveKind;
use crate::builder::{Builder, Sum};
use crate::program::Expression;

pub(super) struct EndStorage;

impl ObjectiveKind for EndStorage {
    fn word(&self) -> &'static str {
        "end_storage"
    }

    fn expression(&self, builder: &mut Builder, objective: &Objective) -> Expression {
        let mut sum = Sum::default();
        for (row, _, _) in Selection::new(builder.case, objective).storages() {
            let columns = &builder.layout.soft_ends[row];
            for column in (0..builder.layout.members).filter_map(|member| columns.get(member)) {
                sum.add(column, 1.0);
            }
        }
        sum.expression()
    }
}
