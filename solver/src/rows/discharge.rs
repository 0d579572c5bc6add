//! Capacity that depends on storage: what an outlet passes at the step's mean storage.
//!
//! q[t] ≤ Δt × (a + b × (s[t−1] + s[t]) ÷ 2) for each line a + b × s of the concave envelope of the outlet's rating over the
//! range of that mean ([`Case::rating_envelope`]); its greatest value is the bound of the flow's column. A concave rating is
//! exact; of any other the plan tells what it passes above it.
//! Rows: one a line that can bind, at most as many as the rating has pieces, an outlet and step. Columns: none.
//! Dual: what one hm³ more of capacity changes in the objective. Physical: never gives way.
//!
//! [`Case::rating_envelope`]: weir_model::case::Case::rating_envelope

use weir_model::network::ArcId;

use super::RowFamily;
use crate::builder::Builder;
use crate::layout::Subject;

pub(super) struct Discharge;

impl RowFamily for Discharge {
    fn word(&self) -> &'static str {
        "discharge"
    }

    fn add(&self, builder: &mut Builder) {
        let case = builder.case;
        for (index, arc) in case.network.arcs.iter().enumerate() {
            let Some(storage) = builder.storage_of(arc.tail).filter(|_| arc.discharge.is_some()) else { continue };
            for at @ (step, member) in builder.layout.each_step() {
                let Some(envelope) = case.rating_envelope(arc, step, member) else { continue };
                let volume = case.hm3_per_m3s(step);
                let most = builder.flow_bounds(ArcId(index), at).1;
                for line in &envelope.lines {
                    if line.m3s(envelope.low_hm3) * volume >= most {
                        continue;
                    }
                    let allowed = line.at_zero_m3s * volume;
                    let row = builder.row(self.word(), Subject::Arc(index as u32), at, f64::NEG_INFINITY, allowed);
                    builder.add_flow(row, ArcId(index), at, 1.0);
                    let of_each_end = -line.per_hm3 * volume / 2.0;
                    builder.add_storage(row, storage, step, member, of_each_end);
                    builder.add_storage(row, storage, step + 1, member, of_each_end);
                }
            }
        }
    }
}
