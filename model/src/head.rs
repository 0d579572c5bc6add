//! Head 水头 of a turbine, and the energy of a volume that follows from it.
//!
//! Head = level of the reservoir at the step's mean storage (s[t−1] + s[t]) ÷ 2 − tailwater at the turbine's own flow, at
//! least 0. Energy = 9.80665 × efficiency × head ÷ 3600 kWh a m³. Measures, documents and the audit read it on the plan's own
//! storages and flows, whatever the program took the head to be.
//!
//! Units: m, m³/s, GWh a hm³ (kWh a m³). Limits: tailwater follows the flow of this one turbine; efficiency is one number.

use crate::case::Case;
use crate::curve::Curve;
use crate::forcing::Param;
use crate::measures::Selection;
use crate::network::{Arc, ArcId, NodeKind, Storage};
use crate::plan::Decisions;
use crate::rating::{Rating, interpolate};

/// kWh that 1 m³ holds a m of head: 9.80665 kJ.
pub const KWH_PER_M3_M: f64 = 9.80665 / 3600.0;

/// Share of a curve's range over which a slope is taken on both sides.
const BESIDE: f64 = 1e-4;

/// What the head of a turbine follows from, beside its reservoir's curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// Share of the water's energy that is made.
    pub efficiency: f64,
    /// Flow (m³/s) and tailwater level (m): flows rise, levels do not fall.
    pub tailwater: Vec<(f64, f64)>,
}

/// A head, with by how much it changes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeadAt {
    /// m
    pub head_m: f64,
    /// m a hm³ of mean storage.
    pub per_hm3: f64,
    /// m a m³/s of flow, at most 0.
    pub per_m3s: f64,
}

impl Head {
    /// Tailwater at a flow, m.
    pub fn tailwater_m(&self, flow_m3s: f64) -> f64 {
        interpolate(&self.tailwater, flow_m3s)
    }

    /// GWh that a hm³ makes at a head.
    pub fn gwh_per_hm3(&self, head_m: f64) -> f64 {
        KWH_PER_M3_M * self.efficiency * head_m
    }

    /// The head at a mean storage and a flow, with its slopes.
    pub fn at(&self, curve: &Curve, mean_hm3: f64, flow_m3s: f64) -> HeadAt {
        let head_m = curve.level_at_clamped(mean_hm3) - self.tailwater_m(flow_m3s);
        if head_m <= 0.0 {
            return HeadAt { head_m: 0.0, per_hm3: 0.0, per_m3s: 0.0 };
        }
        let beside = BESIDE * (curve.highest().storage_hm3 - curve.lowest().storage_hm3);
        let levels = [mean_hm3 - beside, mean_hm3 + beside].map(|storage| curve.level_at_clamped(storage));
        let wide = BESIDE * self.tailwater.last().map_or(0.0, |point| point.0);
        let tails = [flow_m3s - wide, flow_m3s + wide].map(|flow| self.tailwater_m(flow));
        let per_m3s = if wide > 0.0 { (tails[0] - tails[1]) / (2.0 * wide) } else { 0.0 };
        HeadAt { head_m, per_hm3: (levels[1] - levels[0]) / (2.0 * beside), per_m3s }
    }

    /// The greatest head by storage: the level above the least tailwater, never under 0.
    pub fn by_storage(&self, curve: &Curve) -> Rating {
        let tail_m = self.tailwater_m(0.0);
        let mut storages: Vec<f64> = curve.points.iter().map(|point| point.storage_hm3).collect();
        storages.extend(curve.storage_at(tail_m));
        storages.sort_by(f64::total_cmp);
        storages.dedup();
        let point = |storage: f64| (storage, (curve.level_at_clamped(storage) - tail_m).max(0.0));
        Rating { points: storages.into_iter().map(point).collect(), open: Param::constant(1.0) }
    }
}

impl Case {
    /// The reservoir that an arc leaves and what its head follows from; none where its energy knows no head.
    pub fn head_of<'a>(&'a self, arc: &'a Arc) -> Option<(&'a Storage, &'a Head)> {
        let head = arc.head.as_deref()?;
        match &self.network.nodes[arc.tail.0].kind {
            NodeKind::Storage(storage) => Some((storage, head)),
            _ => None,
        }
    }

    /// The head of an arc in a step of a plan; none where its energy knows none.
    pub fn head_at(&self, arc: ArcId, decisions: &Decisions, step: usize) -> Option<HeadAt> {
        let facts = &self.network.arcs[arc.0];
        let (storage, head) = self.head_of(facts)?;
        let mean = self.mean_storage(facts.tail, decisions, step);
        Some(head.at(&storage.curve, mean, decisions.flow_m3s[[arc.0, step]]))
    }

    /// GWh that a hm³ makes (> 0) or needs (< 0) on an arc in a step of a plan; 0 without energy.
    pub fn gwh_per_hm3(&self, arc: ArcId, decisions: &Decisions, step: usize) -> f64 {
        let facts = &self.network.arcs[arc.0];
        match (self.head_at(arc, decisions, step), &facts.head) {
            (Some(at), Some(head)) => head.gwh_per_hm3(at.head_m),
            _ => facts.energy.map_or(0.0, |energy| energy.gwh_per_hm3),
        }
    }

    /// Whether what an objective is worth depends on heads.
    pub fn depends_on_head(&self, objective: &crate::goals::Objective) -> bool {
        matches!(objective.kind.as_str(), "energy" | "revenue")
            && Selection::new(self, objective).arcs().any(|(_, arc)| self.head_of(arc).is_some())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    /// 100 m at 0 hm³, 2 hm³ a m up to 110 m, 4 above; tailwater 50 m, 1 m more at 100 m³/s.
    #[test]
    fn a_head_is_level_less_tailwater_with_the_slopes_of_both() {
        let curve = Curve::without_areas(&[(100.0, 0.0), (110.0, 20.0), (120.0, 60.0)]).unwrap();
        let head = Head { efficiency: 0.9, tailwater: vec![(0.0, 50.0), (100.0, 51.0)] };
        let at = head.at(&curve, 40.0, 50.0);
        assert!((at.head_m - 64.5).abs() < 1e-12);
        assert!((at.per_hm3 - 0.25).abs() < 1e-9 && (at.per_m3s + 0.01).abs() < 1e-9, "{at:?}");
        // 9.80665 × 0.9 × 64.5 ÷ 3600
        assert!((head.gwh_per_hm3(at.head_m) - 0.158_132_231_25).abs() < 1e-12);
        // Above its last point the tailwater stays; where it stands above the lake there is no head.
        assert!((head.at(&curve, 40.0, 200.0).head_m - 64.0).abs() < 1e-12);
        let drowned = Head { tailwater: vec![(0.0, 105.0)], ..head };
        assert_eq!(drowned.at(&curve, 4.0, 10.0).head_m, 0.0);
        assert_eq!(drowned.by_storage(&curve).points, [(0.0, 0.0), (10.0, 0.0), (20.0, 5.0), (60.0, 15.0)]);
    }
}
