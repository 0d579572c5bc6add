//! The columns that every formulation has: storages, flows, supplies, with their bounds.
//!
//! Columns: storage T a storage, within [dead level, flood limit or top]; flow T an arc that is a decision of its own, within
//! [floor, capacity]; supply T a portion, within [0, share × demand × Δt], fixed at its size where it lies below a floor.
//! Columns by which rules give way are added where `open` says so.
//! Units: hm³.

use weir_model::kernel::Kernel;
use weir_model::network::{ArcId, Demand, NodeId, NodeKind, RuleClass, Storage, Take, Use};

use crate::builder::{Breach, Builder};
use crate::layout::{FlowColumns, Open, Quantity, Sparse, StorageColumns, Subject, SupplyColumns};
use crate::passed::sums;
use crate::staged::limit_is_staged;

impl Builder<'_> {
    /// Columns of storages, supplies and flows.
    pub fn add_columns(&mut self) {
        self.layout.storage_of = vec![None; self.case.network.nodes.len()];
        self.layout.portions_of = vec![0..0; self.case.network.nodes.len()];
        let case = self.case;
        for (node, storage) in case.network.storages() {
            self.layout.storage_of[node.0] = Some(self.layout.storages.len());
            self.add_storage_columns(node, storage);
        }
        let feeds = feeds(self);
        for (arc, sum) in sums(case, self.open).into_iter().enumerate() {
            let flow = sum.map_or_else(|| self.flow_columns(ArcId(arc), &feeds), FlowColumns::Passed);
            self.layout.flows.push(flow);
        }
        for (node, demand) in case.network.demands() {
            let first = self.layout.supplies.len();
            self.add_supply_columns(node, demand, feeds[node.0].only);
            self.layout.portions_of[node.0] = first..self.layout.supplies.len();
        }
        for arc in (0..case.network.arcs.len()).map(ArcId) {
            if let Some(demand) = self.only_delivery(arc, &feeds) {
                self.layout.flows[arc.0] = FlowColumns::Portions(self.layout.portions_of[demand.0].clone());
            }
        }
    }

    fn add_storage_columns(&mut self, node: NodeId, storage: &Storage) {
        let subject = Subject::Node(node.0 as u32);
        let places = self.layout.places();
        let staged = limit_is_staged(self.case, self.goals, node);
        let mut columns = StorageColumns {
            node,
            initial_hm3: storage.initial_hm3,
            first: self.matrix.columns(),
            excess: Sparse::default(),
            deficit: Sparse::default(),
            end_lack: Sparse::default(),
        };
        for (step, member) in self.layout.each_step() {
            let (lower, top) = self.storage_range(storage, step, member);
            let end = self.end_bound(storage, step, member).unwrap_or(lower);
            let base_lower = end.max(lower).min(top);
            self.impossible |= lower > top && !staged;
            self.column(subject, Quantity::Storage, (step, member), base_lower, top);
        }
        for (step, member) in self.layout.each_step() {
            let (place, at) = (self.layout.place(step, member), (step, member));
            let (lower, top) = self.storage_range(storage, step, member);
            let upper = self.case.at(&storage.upper, step, member).max(storage.initial_hm3);
            let is_flood_limit = self.case.storage_limit(storage, step, member).1;
            let staged = staged && is_flood_limit;
            if upper > top && (staged || self.open > Open::Nothing) {
                let quantity = if is_flood_limit { Quantity::FloodExcess } else { Quantity::TopExcess };
                let column = self.column(subject, quantity, at, (lower - top).max(0.0), upper - top);
                self.breaches.push(Breach { column, class: Some(RuleClass::FloodLimit), staged });
                columns.excess.set(place, places, column);
            }
            if self.open > Open::Nothing && self.starts_below(storage, member) && lower > 0.0 {
                let column = self.breach(subject, Quantity::DeadDeficit, at, None, (0.0, lower));
                columns.deficit.set(place, places, column);
            }
            if let Some(end) = self.end_bound(storage, step, member).filter(|&end| end > lower && self.open > Open::Nothing)
            {
                let range = (0.0, end - lower);
                let column = self.breach(subject, Quantity::EndLack, at, Some(RuleClass::Operational), range);
                columns.end_lack.set(place, places, column);
            }
        }
        self.layout.storages.push(columns);
    }

    /// Whether a storage starts under its dead level.
    fn starts_below(&self, storage: &Storage, member: usize) -> bool {
        storage.initial_hm3 < self.case.at(&storage.lower, 0, member)
    }

    /// The hard end storage where it is a bound of the storage's column, hm³: in the last step, not above the flood limit or top,
    /// and under no start below the dead level: what lacks to that level lacks to the end storage too, each rule counting the whole.
    pub fn end_bound(&self, storage: &Storage, step: usize, member: usize) -> Option<f64> {
        let end = storage.end.filter(|end| end.hard && step + 1 == self.layout.steps)?.storage_hm3;
        (end <= self.storage_range(storage, step, member).1 && !self.starts_below(storage, member)).then_some(end)
    }

    /// Dead level and the lower of flood limit and top, hm³.
    pub fn storage_range(&self, storage: &Storage, step: usize, member: usize) -> (f64, f64) {
        (self.case.at(&storage.lower, step, member), self.case.storage_limit(storage, step, member).0)
    }

    /// The demand whose portions an arc's flow is the sum of: its only feed, lossless and without lag.
    fn only_delivery(&self, arc: ArcId, feeds: &[Feeds]) -> Option<NodeId> {
        let [receiver] = &self.case.network.arcs[arc.0].receivers[..] else { return None };
        let is_demand = matches!(self.case.network.nodes[receiver.node.0].kind, NodeKind::Demand(_));
        let whole = receiver.fraction == 1.0 && receiver.kernel == Kernel::Instant;
        (is_demand && whole && feeds[receiver.node.0].only == Some(arc) && self.case.network.given(arc).is_none())
            .then_some(receiver.node)
    }

    fn flow_columns(&mut self, arc: ArcId, feeds: &[Feeds]) -> FlowColumns {
        let case = self.case;
        let places = self.layout.places();
        if let Some(source) = case.network.given(arc) {
            let volume = |(step, member)| case.at(&source.flow, step, member) * case.hm3_per_m3s(step);
            return FlowColumns::Given(self.layout.each_step().map(volume).collect());
        }
        if self.only_delivery(arc, feeds).is_some() {
            return FlowColumns::Portions(0..0);
        }
        let subject = Subject::Arc(arc.0 as u32);
        let first = self.matrix.columns();
        let mut lack = Sparse::default();
        for at in self.layout.each_step() {
            let (floor, capacity) = self.flow_range(arc, at);
            self.impossible |= floor > capacity;
            self.column(subject, Quantity::Flow, at, floor, capacity);
        }
        for at in self.layout.each_step() {
            let (floor, capacity) = self.flow_range(arc, at);
            if floor > 0.0 && self.open > Open::Nothing {
                let range = ((floor - capacity).max(0.0), floor);
                let column = self.breach(subject, Quantity::FlowLack, at, Some(RuleClass::Operational), range);
                lack.set(self.layout.place(at.0, at.1), places, column);
            }
        }
        FlowColumns::Own { first, lack }
    }

    /// Floor and capacity of an arc, the latter within what its source has if it is the source's only arc, hm³.
    pub fn flow_range(&self, arc: ArcId, at: (usize, usize)) -> (f64, f64) {
        let (floor, capacity) = self.flow_limits(arc, at);
        let tail = self.case.network.arcs[arc.0].tail;
        match &self.case.network.nodes[tail.0].kind {
            NodeKind::Source(source) if source.take == Take::Available && self.arcs_leaving[tail.0] == 1 => {
                let available = self.case.at(&source.flow, at.0, at.1) * self.case.hm3_per_m3s(at.0);
                (floor, capacity.min(available.max(0.0)))
            }
            _ => (floor, capacity),
        }
    }

    fn add_supply_columns(&mut self, node: NodeId, demand: &Demand, only_feed: Option<ArcId>) {
        let places = self.layout.places();
        for (index, portion) in demand.portions.iter().enumerate() {
            let subject = Subject::Portion(self.layout.supplies.len() as u32);
            let first = self.matrix.columns();
            let size = |(step, member): (usize, usize)| {
                let share = self.case.at(&portion.share, step, member);
                (share * self.case.at(&demand.demand, step, member) * self.case.hm3_per_m3s(step)).max(0.0)
            };
            let size_hm3: Vec<f64> = self.layout.each_step().map(size).collect();
            for (at, &size) in self.layout.each_step().zip(&size_hm3) {
                let capacity = match only_feed {
                    Some(arc) if demand.portions.len() == 1 && !portion.floor && self.delivers_alone(arc) => {
                        self.flow_range(arc, at).1
                    }
                    _ => f64::INFINITY,
                };
                self.column(subject, Quantity::Supply, at, if portion.floor { size } else { 0.0 }, size.min(capacity));
            }
            let mut lack = Sparse::default();
            if portion.floor && self.open > Open::Nothing {
                let class = if portion.use_ == Use::Domestic { RuleClass::DomesticFloor } else { RuleClass::Legal };
                for (at, &size) in self.layout.each_step().zip(&size_hm3).filter(|&(_, &size)| size > 0.0) {
                    let column = self.breach(subject, Quantity::SupplyLack, at, Some(class), (0.0, size));
                    lack.set(self.layout.place(at.0, at.1), places, column);
                }
            }
            self.layout.supplies.push(SupplyColumns { node, portion: index, first, size_hm3, lack });
        }
    }
}

/// What brings water to a node.
#[derive(Clone, Copy, Debug, Default)]
struct Feeds {
    count: usize,
    only: Option<ArcId>,
}

/// For each node, its only feed if it has exactly one; return flow counts as a feed without an arc.
fn feeds(builder: &Builder) -> Vec<Feeds> {
    let network = &builder.case.network;
    let mut feeds = vec![Feeds::default(); network.nodes.len()];
    let mut feed = |node: NodeId, arc: Option<ArcId>| {
        let entry = &mut feeds[node.0];
        entry.count += 1;
        entry.only = if entry.count == 1 { arc } else { None };
    };
    for (index, arc) in network.arcs.iter().enumerate() {
        for receiver in &arc.receivers {
            feed(receiver.node, Some(ArcId(index)));
        }
    }
    for (_, demand) in network.demands() {
        for receiver in &demand.returns {
            feed(receiver.node, None);
        }
    }
    feeds
}
