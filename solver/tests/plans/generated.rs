//! Small generated basins: cascades of reservoirs with spillways wide enough for anything, towns that give water back, and sections.

use proptest::prelude::*;
use weir_model::forcing::Param;
use weir_model::kernel::{Kernel, KernelTable};
use weir_model::network::{ArcId, Bound, Of, Receiver, RequirementKind, Role, RuleClass, Use};

use crate::build::{Build, FAR, portion};

pub const STEPS: usize = 6;

/// A cascade of reservoirs.
#[derive(Clone, Debug)]
pub struct Basin {
    steps: usize,
    reservoirs: Vec<Reservoir>,
    lag: usize,
    evaporation: f64,
}

#[derive(Clone, Debug)]
struct Reservoir {
    start: f64,
    full: f64,
    limit: Option<f64>,
    gate: f64,
    inflow: Vec<f64>,
    town: f64,
    basic: f64,
    plant: f64,
    target: f64,
    back: f64,
}

pub fn basins() -> impl Strategy<Value = Basin> {
    basins_of(STEPS)
}

/// Basins over so many days.
pub fn basins_of(steps: usize) -> impl Strategy<Value = Basin> {
    let reservoir = (
        (0.0..1.0_f64, 5.0..50.0_f64, proptest::option::of(0.5..1.0_f64), 1.0..60.0_f64),
        proptest::collection::vec(0.0..40.0_f64, steps),
        (0.0..20.0_f64, 0.0..0.3_f64, 0.0..20.0_f64, 0.0..15.0_f64, 0.0..0.6_f64),
    )
        .prop_map(|((start, full, limit, gate), inflow, (town, basic, plant, target, back))| Reservoir {
            start: start * full,
            full,
            limit: limit.map(|share| share * full),
            gate,
            inflow,
            town,
            basic,
            plant,
            target,
            back,
        });
    (proptest::collection::vec(reservoir, 1..4), 0..3_usize, 0.0..8.0_f64)
        .prop_map(move |(reservoirs, lag, evaporation)| Basin { steps, reservoirs, lag, evaporation })
}

/// Arrives `lag` of so many steps later; 1 hm³ a step was on its way.
fn lagged(lag: usize, steps: usize) -> Kernel {
    if lag == 0 {
        return Kernel::Instant;
    }
    let arrives = |t: usize| t + lag < steps;
    Kernel::Table(
        KernelTable {
            arrivals: (0..steps).map(|t| if arrives(t) { vec![(t + lag, 1.0)] } else { Vec::new() }).collect(),
            after_end: (0..steps).map(|t| if arrives(t) { 0.0 } else { 1.0 }).collect(),
            from_before_hm3: (0..steps).map(|t| if t < lag { 1.0 } else { 0.0 }).collect(),
            from_before_after_end_hm3: 0.0,
        }
        .into(),
    )
}

impl Basin {
    /// Number of its steps.
    pub const fn steps(&self) -> usize {
        self.steps
    }

    /// Without flood limits: where spilling is free.
    #[must_use]
    pub fn without_limits(mut self) -> Self {
        self.reservoirs.iter_mut().for_each(|reservoir| reservoir.limit = None);
        self
    }

    /// Another inflow on the last day.
    pub fn last_inflow(&mut self, more: f64) {
        for reservoir in &mut self.reservoirs {
            reservoir.inflow[self.steps - 1] += more;
        }
    }

    /// A share of all that is wanted.
    pub fn demands(&mut self, share: f64) {
        for reservoir in &mut self.reservoirs {
            reservoir.town *= share;
            reservoir.plant *= share;
        }
    }

    /// A flood limit at a share of what is full.
    pub fn limits(&mut self, share: f64) {
        for reservoir in &mut self.reservoirs {
            reservoir.limit = Some(share * reservoir.full);
        }
    }

    /// All water arrives in the step in which it leaves.
    pub const fn at_once(&mut self) {
        self.lag = 0;
    }

    /// Starts at a share of what is full.
    pub fn starts(&mut self, share: f64) {
        for reservoir in &mut self.reservoirs {
            reservoir.start = share * reservoir.full;
        }
    }

    /// The case; with `junctions`, every release passes one more junction, and every name is another.
    pub fn build(&self, more_inflow: f64, junctions: bool) -> Build {
        let mut build = Build::new(&format!("{} x 1 d", self.steps));
        let name = |word: &str, i: usize| if junctions { format!("另{word}{i}") } else { format!("{word}{i}") };
        let sea = build.sink("sea");
        let nodes: Vec<_> =
            self.reservoirs.iter().enumerate().map(|(i, r)| build.storage(&name("r", i), r.start, r.full)).collect();
        for (i, reservoir) in self.reservoirs.iter().enumerate() {
            let node = nodes[i];
            let below = nodes.get(i + 1).copied().unwrap_or(sea);
            let storage = build.storage_mut(node);
            storage.evaporation = Some(Param::constant(self.evaporation));
            storage.flood_limit = reservoir.limit.map(Param::constant);
            let inflow: Vec<f64> = reservoir.inflow.iter().map(|flow| flow + more_inflow).collect();
            build.inflow(&name("q", i), node, &inflow);
            let mut out = Vec::new();
            for (word, role, capacity) in [("gate", Role::Gate, reservoir.gate), ("spill", Role::Spillway, FAR)] {
                let to = if junctions { build.junction(&name(&format!("{word}_end"), i)) } else { below };
                let arc = build.arc(&name(word, i), node, to, role, capacity);
                out.push((arc, 1.0));
                let last = if junctions { build.link(&name(&format!("{word}_on"), i), to, below) } else { arc };
                build.arc_mut(last).receivers[0].kernel = lagged(self.lag, self.steps);
            }
            let mut portions = vec![
                portion("residents", Use::Domestic, reservoir.basic),
                portion("residents", Use::Domestic, 1.0 - reservoir.basic),
            ];
            portions[1].tier = 2;
            let town = build.demand_node(&name("town", i), reservoir.town, portions);
            build.arc(&name("town_intake", i), node, town, Role::Intake, FAR);
            let back = Receiver { node: below, fraction: reservoir.back, kernel: lagged(self.lag, self.steps) };
            build.demand_mut(town).returns.push(back);
            let plant =
                build.demand_node(&name("plant", i), reservoir.plant, vec![portion("industry", Use::Industrial, 1.0)]);
            build.arc(&name("plant_intake", i), node, plant, Role::Intake, FAR);
            let section =
                build.requirement(&name("section", i), RequirementKind::ControlSection, RuleClass::BaseFlow, Of::Flow(out));
            section.target = Some(Bound::Flow(Param::constant(reservoir.target)));
            section.target_parts = vec![0.5, 1.0];
        }
        let domestic = build.stage("domestic", "shortage");
        (domestic.uses, domestic.relative) = (vec!["domestic".to_owned()], true);
        build.stage("ecological", "ecological_shortfall").relative = true;
        build.stage("balance", "balance").uses = vec!["production".to_owned()];
        build.stage("production", "shortage").uses = vec!["production".to_owned()];
        build
    }
}

/// With four goals more, of which two have rows of their own.
pub fn with_eight_goals(mut build: Build) -> Build {
    for kind in ["flood_limit_excess", "spill", "peak_release", "total_variation"] {
        build.stage(kind, kind);
    }
    build
}

/// With gates that may change by so many m³/s a day.
pub fn ramped(mut build: Build, ramp: f64) -> Build {
    let arcs = build.case.network.arcs.iter().enumerate();
    let gates: Vec<ArcId> = arcs.filter(|(_, arc)| arc.role == Role::Gate).map(|(arc, _)| ArcId(arc)).collect();
    for gate in gates {
        let of = Of::Flow(vec![(gate, 1.0)]);
        let (kind, class) = (RequirementKind::Operation, RuleClass::Operational);
        let rule = build.requirement(&format!("ramp{}", gate.0), kind, class, of);
        let limit = Some(Bound::Flow(Param::constant(ramp)));
        (rule.rise_per_day, rule.fall_per_day) = (limit, limit);
    }
    build
}
