//! What a turbine makes in a step, as the program has it: at its fixed head, by the zones of `rows::head`, or linear around a
//! plan with the storages held near that plan's.
//!
//! Around a plan with volume v₀, flow q₀, mean storage m₀ and head h₀, the energy h(m, q) v is
//! h₀ v + v₀ ∂h/∂m (m − m₀) + v₀ ∂h/∂q (q − q₀), times the GWh a hm³ and m. It is the true one at that plan.

use weir_model::goals::{Around, HeadModel};
use weir_model::network::ArcId;

use crate::builder::{Builder, Sum};

/// Adds what an arc makes at a step and member, GWh, times a weight.
pub fn add_made(builder: &Builder, arc: ArcId, at @ (step, member): (usize, usize), weight: f64, sum: &mut Sum) {
    let Some(energy) = builder.case.network.arcs[arc.0].energy else { return };
    if let Some(columns) = builder.made.get(&(arc.0, builder.layout.place(step, member))) {
        for &column in columns {
            sum.add(column, weight);
        }
        return;
    }
    let linear = match &builder.goals.head {
        HeadModel::Around(around) => add_around(builder, arc, at, weight, around, sum),
        HeadModel::Fixed | HeadModel::Successive | HeadModel::Zones(_) => None,
    };
    let per_hm3 = linear.unwrap_or(energy.gwh_per_hm3) * weight;
    let constant = builder.layout.flow(arc, step, member, |column, c| sum.add(column, per_hm3 * c));
    sum.add_constant(per_hm3 * constant);
}

/// Adds the terms in the storage, and tells the GWh a hm³ of flow; none where no head is known.
fn add_around(
    builder: &Builder,
    arc: ArcId,
    (step, member): (usize, usize),
    weight: f64,
    around: &Around,
    sum: &mut Sum,
) -> Option<f64> {
    let case = builder.case;
    let facts = &case.network.arcs[arc.0];
    let (_, head) = case.head_of(facts)?;
    let at = case.head_at(arc, &around.decisions, step)?;
    let storage = builder.storage_of(facts.tail)?;
    let flow_m3s = around.decisions.flow_m3s[[arc.0, step]];
    let volume_hm3 = flow_m3s * case.hm3_per_m3s(step);
    let per_hm3 = weight * head.gwh_per_hm3(volume_hm3 * at.per_hm3);
    for edge in [step, step + 1] {
        let constant = builder.layout.storage(storage, edge, member, |column, c| sum.add(column, per_hm3 / 2.0 * c));
        sum.add_constant(per_hm3 / 2.0 * constant);
    }
    let mean = case.mean_storage(facts.tail, &around.decisions, step);
    sum.add_constant(-per_hm3 * mean - weight * head.gwh_per_hm3(volume_hm3 * at.per_m3s * flow_m3s));
    Some(head.gwh_per_hm3(at.head_m + at.per_m3s * flow_m3s))
}

/// Holds the storages of reservoirs whose turbines have a head near those of the plan that energy is linear around.
pub fn hold_near(builder: &mut Builder) {
    let HeadModel::Around(around) = &builder.goals.head else { return };
    let case = builder.case;
    for (number, (node, storage)) in case.network.storages().enumerate() {
        let turbines = case.network.arcs.iter().any(|arc| arc.tail == node && arc.head.is_some());
        let Some(first) = builder.layout.storages.get(number).map(|columns| columns.first).filter(|_| turbines) else {
            continue;
        };
        for (step, member) in builder.layout.each_step() {
            let column = first + builder.layout.place(step, member);
            let (lower, upper) = builder.matrix.bounds(column);
            let range = case.at(&storage.upper, step, member) - case.at(&storage.lower, step, member);
            let (at, radius) = (around.decisions.storage_hm3[[number, step + 1]], around.radius * range.max(0.0));
            let (least, most) = ((at.min(upper) - radius).max(lower), (at.max(lower) + radius).min(upper));
            builder.matrix.set_bounds(column, least, most);
            // Where the base cannot reach its bound, nothing lies beyond it.
            let place = builder.layout.place(step, member);
            let columns = &builder.layout.storages[number];
            let beyond = [
                (columns.excess.get(place), most < upper),
                (columns.deficit.get(place), least > lower),
                (columns.end_lack.get(place), least > lower),
            ];
            for column in beyond.into_iter().filter_map(|(column, shut)| column.filter(|_| shut)) {
                let (none, _) = builder.matrix.bounds(column);
                builder.matrix.set_bounds(column, none, none);
            }
        }
    }
}
