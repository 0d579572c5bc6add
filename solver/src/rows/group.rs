//! Ways of which only some may be open at once. Only where the method has integers.
//!
//! Σ open ≤ most open, a row a group and step; a way that has no columns of being open gets one, with flow ≤ capacity × open.
//! Physical: never gives way.

use super::{RowFamily, commitment};
use crate::builder::Builder;
use crate::layout::Subject;

pub(super) struct Group;

impl RowFamily for Group {
    fn word(&self) -> &'static str {
        "group"
    }

    fn add(&self, builder: &mut Builder) {
        if builder.goals.integers.is_none() {
            return;
        }
        let case = builder.case;
        for (index, group) in case.network.groups.iter().enumerate() {
            for at in builder.layout.each_step() {
                let columns: Vec<usize> = group.arcs.iter().flat_map(|&arc| commitment::open(builder, arc, at)).collect();
                let most = group.most_open as f64;
                let row = builder.row(self.word(), Subject::Group(index as u32), at, f64::NEG_INFINITY, most);
                for column in columns {
                    builder.matrix.add(row, column, 1.0);
                }
            }
        }
    }
}
