//! Curtailments in force: what they take from the shares of demands, step by step.
//!
//! A curtailment of depth d leaves a class (1 − d) of what it wants, cut from its last tier downwards. Where several are in
//! force the deepest counts; in a step that it covers in part, by the part of its time. What is taken stands beside the
//! share of each portion, and is no shortage.
//! Fails: two orders with dates on one class at one time.

use std::ops::Range;

use jiff::{SignedDuration, Zoned};

use crate::forcing::{Param, SeriesSource};
use crate::horizon::Horizon;
use crate::lower::Lowering;
use crate::lower::values::Values;
use crate::network::{Curtailment, NodeId, NodeKind};
use crate::units::Ratio;

impl Lowering<'_> {
    /// Share of what a class wants that lies below its floor.
    pub fn floor_of_class(&self, node: NodeId, class: &str) -> f64 {
        let NodeKind::Demand(demand) = &self.network.nodes[node.0].kind else { return 0.0 };
        let (mut floor, mut whole) = (0.0, 0.0);
        for portion in demand.portions.iter().filter(|portion| portion.class == class) {
            let share: f64 =
                (0..self.horizon.steps()).map(|step| self.forcing.at(&portion.share, step, 0)).fold(0.0, f64::max);
            whole += share;
            floor += if portion.floor { share } else { 0.0 };
        }
        if whole > 0.0 { floor / whole } else { 0.0 }
    }

    /// Takes what curtailments in force cut from the portions.
    pub(super) fn curtail(&mut self) {
        let curtailments = self.network.curtailments.clone();
        self.refuse_overlaps(&curtailments);
        let mut cuts: Vec<&(NodeId, String)> =
            curtailments.iter().filter(|curtailment| curtailment.effect.is_some()).flat_map(|c| &c.cuts).collect();
        cuts.sort();
        cuts.dedup();
        for (node, class) in cuts {
            let on_class = |curtailment: &&Curtailment| curtailment.cuts.contains(&(*node, class.clone()));
            let on_class: Vec<&Curtailment> = curtailments.iter().filter(on_class).collect();
            let depths: Vec<Vec<(f64, f64)>> =
                (0..self.horizon.steps()).map(|step| depths(&on_class, &self.horizon, step)).collect();
            let source = SeriesSource {
                origin: on_class.iter().map(|curtailment| curtailment.id.as_str()).collect::<Vec<_>>().join(", "),
                ..SeriesSource::default()
            };
            self.cut(*node, class, &depths, &source);
        }
    }

    fn refuse_overlaps(&mut self, curtailments: &[Curtailment]) {
        let ordered: Vec<(&Curtailment, &(Zoned, Zoned))> = curtailments
            .iter()
            .filter(|curtailment| curtailment.ordered)
            .filter_map(|curtailment| curtailment.effect.as_ref().map(|effect| (curtailment, effect)))
            .collect();
        for (index, (later, (from, until))) in ordered.iter().enumerate() {
            let earlier = ordered[..index].iter().find_map(|(earlier, (its_from, its_until))| {
                let shared = earlier.cuts.iter().find(|cut| later.cuts.contains(cut))?;
                (from < its_until && its_from < until).then_some((earlier, shared))
            });
            let Some((earlier, (node, class))) = earlier else { continue };
            let message =
                format!("it cuts `{}.{class}` at the same time as `{}`", self.network.nodes[node.0].id, earlier.id);
            let hint = "let one end before the other begins, or leave the class out of one of them".to_owned();
            self.refusals.push(&later.place, Some(&later.id), message, Some(hint));
        }
    }

    fn cut(&mut self, node: NodeId, class: &str, depths: &[Vec<(f64, f64)>], source: &SeriesSource) {
        let NodeKind::Demand(demand) = &self.network.nodes[node.0].kind else { return };
        let of_class: Vec<usize> =
            (0..demand.portions.len()).filter(|&index| demand.portions[index].class == class).collect();
        let shares: Vec<Vec<f64>> = of_class
            .iter()
            .map(|&index| {
                depths.iter().enumerate().map(|(step, _)| self.forcing.at(&demand.portions[index].share, step, 0)).collect()
            })
            .collect();
        let id = self.network.nodes[node.0].id.clone();
        let tiers: Vec<usize> = of_class.iter().map(|&index| demand.portions[index].tier).collect();
        let mut changed: Vec<(usize, Param<Ratio>, Param<Ratio>)> = Vec::new();
        for (place, index) in of_class.into_iter().enumerate() {
            let taken: Vec<f64> = depths
                .iter()
                .enumerate()
                .map(|(step, depths)| {
                    let tiers: Vec<f64> = shares.iter().map(|share| share[step]).collect();
                    taken(&tiers, place, depths)
                })
                .collect();
            if taken.iter().all(|&taken| taken == 0.0) {
                continue;
            }
            let left = shares[place].iter().zip(&taken).map(|(share, taken)| share - taken).collect();
            let address = format!("{id}.{class}.tier{}", tiers[place]);
            let share = self.param_of(&format!("{address}.share"), Values::Each(left), source.clone());
            let taken = self.param_of(&format!("{address}.curtailed"), Values::Each(taken), source.clone());
            changed.push((index, share, taken));
        }
        if let NodeKind::Demand(demand) = &mut self.network.nodes[node.0].kind {
            for (index, share, taken) in changed {
                (demand.portions[index].share, demand.portions[index].curtailed) = (share, Some(taken));
            }
        }
    }
}

impl Curtailment {
    /// It in force, where its response is declared from a step on until another begins; none where its lead is longer.
    #[must_use]
    pub fn in_force(&self, horizon: &Horizon, steps: Range<usize>) -> Option<Self> {
        let lead = SignedDuration::from_secs_f64(self.lead_h * 3600.0);
        let (from, until) = (horizon.edges[steps.start].checked_add(lead).ok()?, horizon.edges[steps.end].clone());
        (from < until).then(|| Self { effect: Some((from, until)), ..self.clone() })
    }
}

/// What curtailments take from one tier of a class; `shares` are its tiers' before them, first tier first.
pub fn taken(shares: &[f64], tier: usize, depths: &[(f64, f64)]) -> f64 {
    let whole: f64 = shares.iter().sum();
    let below: f64 = shares[..tier].iter().sum();
    let size = shares[tier];
    let left = |depth: f64| ((1.0 - depth) * whole - below).clamp(0.0, size);
    depths.iter().map(|&(part, depth)| part * (size - left(depth))).sum()
}

/// The deepest curtailment in force in each part of a step: (share of the step's time, depth).
pub fn depths(curtailments: &[&Curtailment], horizon: &Horizon, step: usize) -> Vec<(f64, f64)> {
    let (start, end) = (&horizon.edges[step], &horizon.edges[step + 1]);
    let in_force: Vec<(&Zoned, &Zoned, f64)> = curtailments
        .iter()
        .filter_map(|c| c.effect.as_ref().map(|(from, until)| (from.max(start), until.min(end), c.depth)))
        .filter(|(from, until, _)| from < until)
        .collect();
    let mut edges: Vec<&Zoned> = in_force.iter().flat_map(|&(from, until, _)| [from, until]).collect();
    edges.sort();
    edges.dedup();
    let seconds = |from: &Zoned, to: &Zoned| from.duration_until(to).as_secs_f64();
    let parts = edges.windows(2).map(|part| {
        let covering = in_force.iter().filter(|(from, until, _)| *from <= part[0] && part[1] <= *until);
        (seconds(part[0], part[1]) / seconds(start, end), covering.map(|&(_, _, depth)| depth).fold(0.0, f64::max))
    });
    parts.collect()
}
