//! Series by address: everything that a chart of the plan is drawn from.

use super::super::{SeriesKind, SeriesRow};
use super::{flood_limit, number};
use crate::case::Case;
use crate::forcing::Param;
use crate::measures::target_of;
use crate::network::{Arc, ArcId, Demand, Node, NodeId, NodeKind, Of, Portion, Requirement, Role, Storage, Take};
use crate::plan::Decisions;
use crate::units::{Level, Volume};
use crate::water::Motion;

/// Series as they are collected.
struct Collector<'a> {
    case: &'a Case,
    decisions: &'a Decisions,
    motion: &'a Motion,
    /// The quantities that are asked for; all of them where none is named.
    only: &'a [&'a str],
    rows: Vec<SeriesRow>,
}

/// The series of some quantities, of all where none is named.
pub(super) fn series((case, decisions): (&Case, &Decisions), motion: &Motion, only: &[&str]) -> Vec<SeriesRow> {
    let mut collector = Collector { case, decisions, motion, only, rows: Vec::new() };
    let (mut storage_row, mut first_portion) = (0, 0);
    for (index, node) in case.network.nodes.iter().enumerate() {
        match &node.kind {
            NodeKind::Storage(storage) => {
                collector.storage(node, storage, storage_row);
                collector.through(node, index);
                storage_row += 1;
            }
            NodeKind::Junction => collector.through(node, index),
            NodeKind::Demand(demand) => {
                collector.demand(node, demand, index, first_portion);
                first_portion += demand.portions.len();
            }
            NodeKind::Source(source) if source.take == Take::Available => {
                let available = |step| case.at(&source.flow, step, 0);
                collector.flow(&node.id, "available", &node.id, available);
                collector
                    .flow(&node.id, "withdrawal", &node.id, |step| motion.leaving[[index, step]] / case.hm3_per_m3s(step));
            }
            NodeKind::Sink => {
                collector.flow(&node.id, "inflow", &node.id, |step| motion.arriving[[index, step]] / case.hm3_per_m3s(step));
            }
            NodeKind::Source(_) => {}
        }
    }
    for (index, arc) in case.network.arcs.iter().enumerate() {
        collector.arc(arc, index);
    }
    for requirement in &case.network.requirements {
        collector.requirement(requirement);
    }
    collector.accounts();
    collector.rows
}

impl Collector<'_> {
    fn asks(&self, quantity: &str) -> bool {
        self.only.is_empty() || self.only.contains(&quantity)
    }

    fn push(
        &mut self,
        address: &str,
        quantity: &str,
        unit: &str,
        kind: SeriesKind,
        element: &str,
        values: impl Iterator<Item = Option<f64>>,
    ) {
        if !self.asks(quantity) {
            return;
        }
        self.rows.push(SeriesRow {
            address: address.to_owned(),
            quantity: quantity.to_owned(),
            unit: unit.to_owned(),
            kind,
            element: element.to_owned(),
            class: None,
            use_: None,
            tier: None,
            values: values.collect(),
        });
    }

    fn flow(&mut self, address: &str, quantity: &str, element: &str, value: impl Fn(usize) -> f64) {
        let values = (0..self.case.horizon.steps()).map(|step| number(value(step)));
        self.push(address, quantity, "m3/s", SeriesKind::Flow, element, values);
    }

    /// A state that is told at the end of each step, and not at the start.
    fn ends(&mut self, address: &str, quantity: &str, unit: &str, element: &str, value: impl Fn(usize) -> f64) {
        if !self.asks(quantity) {
            return;
        }
        let ends = (0..self.case.horizon.steps()).map(|step| number(value(step)));
        let values: Vec<_> = std::iter::once(None).chain(ends).collect();
        if values.iter().any(Option::is_some) {
            self.push(address, quantity, unit, SeriesKind::State, element, values.into_iter());
        }
    }

    fn storage(&mut self, node: &Node, storage: &Storage, row: usize) {
        let (case, id) = (self.case, &node.id);
        let stored = self.decisions.storage_hm3.row(row);
        let levels = stored.iter().map(|&hm3| number(storage.curve.level_at_clamped(hm3)));
        self.push(id, "storage", "hm3", SeriesKind::State, id, stored.iter().map(|&hm3| number(hm3)));
        self.push(id, "level", "m", SeriesKind::State, id, levels);
        let named = |name: &str| storage.levels.iter().any(|(other, _)| other == name);
        for (name, level) in &storage.levels {
            self.named_level(node, storage, name, Named::Level(level));
        }
        for (name, bound) in [("dead", &storage.lower), ("top", &storage.upper)] {
            if !named(name) {
                self.named_level(node, storage, name, Named::Storage(bound));
            }
        }
        let limit = |step| flood_limit(case, storage, step);
        self.ends(id, "level.flood_limit", "m", id, |step| {
            limit(step).map_or(f64::NAN, |hm3| storage.curve.level_at_clamped(hm3))
        });
        self.ends(id, "storage.flood_limit", "hm3", id, |step| limit(step).unwrap_or(f64::NAN));
        for zone in &storage.zones {
            self.named_level(node, storage, &format!("zone.{}", zone.name), Named::Storage(&zone.top));
        }
        let lost = |step: usize| {
            let mean = f64::midpoint(stored[step], stored[step + 1]);
            let seeping = storage.seepage_per_day.map_or(0.0, |s| case.at(&s, step, 0) * case.horizon.days(step) * mean);
            let all = case.loss(storage, step, 0).hm3(stored[step], stored[step + 1]);
            (all - seeping, seeping)
        };
        if storage.evaporation.is_some() {
            self.flow(id, "evaporation", id, |step| lost(step).0 / case.hm3_per_m3s(step));
        }
        if storage.seepage_per_day.is_some() {
            self.flow(id, "seepage", id, |step| lost(step).1 / case.hm3_per_m3s(step));
        }
    }

    fn named_level(&mut self, node: &Node, storage: &Storage, name: &str, named: Named) {
        let case = self.case;
        let both = |step: usize| match named {
            Named::Level(level) => {
                let level = case.at(level, step, 0);
                (level, storage.curve.storage_at_clamped(level))
            }
            Named::Storage(hm3) => {
                let hm3 = case.at(hm3, step, 0);
                (level_of(storage, hm3), hm3)
            }
        };
        self.ends(&node.id, &format!("level.{name}"), "m", &node.id, |step| both(step).0);
        self.ends(&node.id, &format!("storage.{name}"), "hm3", &node.id, |step| both(step).1);
    }

    /// What arrives at a reservoir or junction, and how it leaves.
    fn through(&mut self, node: &Node, index: usize) {
        let (case, decisions, motion, id) = (self.case, self.decisions, self.motion, &node.id);
        self.flow(id, "inflow", id, |step| motion.arriving[[index, step]] / case.hm3_per_m3s(step));
        let leaves = |chosen: fn(Role) -> bool| move |step| case.leaving_m3s(NodeId(index), decisions, step, chosen);
        self.flow(id, "outflow", id, leaves(Role::is_outflow));
        if matches!(node.kind, NodeKind::Storage(_)) {
            self.flow(id, "release", id, leaves(|role| role.is_outflow() && role != Role::Spillway));
            self.flow(id, "spill", id, leaves(|role| role == Role::Spillway));
        }
        self.flow(id, "withdrawal", id, leaves(|role| !role.is_outflow()));
    }

    fn demand(&mut self, node: &Node, demand: &Demand, index: usize, first: usize) {
        let (case, motion, id) = (self.case, self.motion, &node.id);
        let all: Vec<(usize, &Portion)> = demand.portions.iter().enumerate().map(|(i, p)| (first + i, p)).collect();
        self.portions(id, node, demand, &all);
        let mut classes: Vec<&str> = Vec::new();
        for portion in &demand.portions {
            if !classes.contains(&portion.class.as_str()) {
                classes.push(&portion.class);
            }
        }
        for class in classes {
            let of_class: Vec<_> = all.iter().copied().filter(|(_, portion)| portion.class == class).collect();
            let from = self.rows.len();
            self.portions(&format!("{id}.{class}"), node, demand, &of_class);
            self.mark(from, of_class[0].1, None);
            if of_class.len() > 1 {
                for one in &of_class {
                    let from = self.rows.len();
                    self.portions(&format!("{id}.{class}.tier{}", one.1.tier), node, demand, std::slice::from_ref(one));
                    self.mark(from, one.1, Some(one.1.tier));
                }
            }
        }
        if !demand.returns.is_empty() {
            let fraction: f64 = demand.returns.iter().map(|receiver| receiver.fraction).sum();
            self.flow(id, "return_flow", id, |step| fraction * motion.supply[[index, step]] / case.hm3_per_m3s(step));
        }
    }

    fn mark(&mut self, from: usize, portion: &Portion, tier: Option<usize>) {
        for row in &mut self.rows[from..] {
            row.class = Some(portion.class.clone());
            row.use_ = Some(portion.use_.word().to_owned());
            row.tier = tier;
        }
    }

    fn portions(&mut self, address: &str, node: &Node, demand: &Demand, portions: &[(usize, &Portion)]) {
        let (case, decisions) = (self.case, self.decisions);
        let sum = |value: &dyn Fn(usize, &Portion, f64) -> f64, step: usize| -> f64 {
            portions.iter().map(|&(row, portion)| value(row, portion, case.size_m3s(demand, portion, step, 0))).sum()
        };
        let id = &node.id;
        self.flow(address, "demand", id, |step| sum(&|_, _, size| size, step));
        self.flow(address, "supply", id, |step| sum(&|row, _, _| decisions.supply_m3s[[row, step]], step));
        self.flow(address, "shortage", id, |step| sum(&|row, _, size| size - decisions.supply_m3s[[row, step]], step));
        if portions.iter().any(|(_, portion)| portion.floor) {
            self.flow(address, "floor", id, |step| sum(&|_, portion, size| if portion.floor { size } else { 0.0 }, step));
        }
        self.flow(address, "target", id, |step| sum(&|_, portion, _| case.owed_m3s(demand, portion, step, 0), step));
        if portions.iter().any(|(_, portion)| portion.curtailed.is_some()) {
            self.flow(address, "curtailed", id, |step| {
                sum(&|_, portion, _| case.curtailed_m3s(demand, portion, step, 0), step)
            });
        }
    }

    fn arc(&mut self, arc: &Arc, index: usize) {
        let (case, decisions, id) = (self.case, self.decisions, &arc.id);
        self.flow(id, "flow", id, |step| decisions.flow_m3s[[index, step]]);
        let capacity = |step: usize| {
            let rated = case.rated_m3s(arc, decisions, step).unwrap_or(f64::INFINITY);
            case.at(&arc.capacity, step, 0).min(rated)
        };
        if (0..case.horizon.steps()).any(|step| capacity(step).is_finite()) {
            self.flow(id, "capacity", id, capacity);
        }
        if (0..case.horizon.steps()).any(|step| case.at(&arc.floor, step, 0) > 0.0) {
            self.flow(id, "floor", id, |step| case.at(&arc.floor, step, 0));
        }
        if let Some(least) = &arc.minimum_when_open {
            self.flow(id, "minimum_when_open", id, |step| case.at(least, step, 0));
        }
        if arc.energy.is_some() {
            let made = |step| {
                case.gwh_per_hm3(ArcId(index), decisions, step).abs()
                    * decisions.flow_m3s[[index, step]]
                    * case.hm3_per_m3s(step)
            };
            let values = (0..case.horizon.steps()).map(|step| number(made(step)));
            self.push(id, "energy", "GWh", SeriesKind::Flow, id, values);
        }
    }

    fn requirement(&mut self, requirement: &Requirement) {
        let (case, decisions, id) = (self.case, self.decisions, &requirement.id);
        let (kind, quantity) = match &requirement.of {
            Of::Flow(_) => (SeriesKind::Flow, "flow"),
            Of::Storage(_) => (SeriesKind::State, "storage"),
        };
        let value = |step| case.value_of(&requirement.of, decisions, step);
        let mut tell = |quantity: &str, value: &dyn Fn(usize) -> f64| match kind {
            SeriesKind::Flow => self.flow(id, quantity, id, value),
            SeriesKind::State => self.ends(id, quantity, "hm3", id, value),
        };
        tell(quantity, &value);
        for (word, bound) in [("floor", requirement.floor), ("target", requirement.target), ("ceiling", requirement.ceiling)]
        {
            if let Some(bound) = bound {
                tell(word, &|step| case.bound(&bound, step, 0));
            }
        }
        if requirement.target.is_some() {
            tell("shortfall", &|step| {
                let target = target_of(case, requirement, step, 0).zip(requirement.target.as_ref());
                target.map_or(0.0, |(target, bound)| (target - case.judged(requirement, bound, decisions, step)).max(0.0))
            });
        }
        if let Of::Storage(node) = requirement.of
            && let NodeKind::Storage(storage) = &case.network.nodes[node.0].kind
        {
            for (word, bound) in [("level.floor", requirement.floor), ("level.ceiling", requirement.ceiling)] {
                let Some(bound) = bound else { continue };
                self.ends(id, word, "m", id, |step| level_of(storage, case.bound(&bound, step, 0)));
            }
        }
    }

    /// Used of an account's window until each step's end; where windows nest in time, the last one that holds the step.
    fn accounts(&mut self) {
        let (case, decisions) = (self.case, self.decisions);
        for account in &case.network.accounts {
            let used = |step: usize| {
                let window = account.windows.iter().rfind(|window| window.steps.contains(&step));
                window.map_or(f64::NAN, |window| {
                    window.used_before_hm3 + account.used_hm3(case, decisions, window.steps.start..step + 1)
                })
            };
            self.ends(&account.id, "used", "hm3", &account.id, used);
        }
    }
}

/// The level that a limit of storage means; none of a limit that holds nothing back.
fn level_of(storage: &Storage, hm3: f64) -> f64 {
    if hm3.is_finite() { storage.curve.level_at_clamped(hm3) } else { f64::NAN }
}

/// A named level as the basin has it.
#[derive(Clone, Copy)]
enum Named<'a> {
    Level(&'a Param<Level>),
    Storage(&'a Param<Volume>),
}
