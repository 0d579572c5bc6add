//! A case with some of its facts taken from another of the same basin: the steps between two questions, one cause at a time.
//!
//! Facts are matched by the ids of nodes, arcs, requirements and accounts; what only one case has stays as it is until all is taken.
//! Both cases stand on the same steps.
//! Limits: what is derived from state and forecast is taken with the first of them that differs. A floor that follows natural inflow is taken with the forecast. A curtailment in force is taken with the demand that it cuts.

use crate::case::Case;
use crate::forcing::{DERIVED, Param};
use crate::kernel::Kernel;
use crate::network::{Arc, ArcId, Bound, NodeId, NodeKind};
use crate::units::Unit;

/// What lies between two questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Storage at the start, water on its way, flows of the step before, what accounts have used.
    State,
    /// Inflow and what it decides, evaporation.
    Forecast,
    /// What is wanted, by whom, with what curtailments in force took.
    Demand,
}

impl Cause {
    /// All of them, in the order in which they are taken; what is left is `rules`.
    pub const ALL: [Self; 3] = [Self::State, Self::Forecast, Self::Demand];

    /// The word in documents.
    pub const fn word(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Forecast => "forecast",
            Self::Demand => "demand",
        }
    }
}

impl Case {
    /// This case with the facts of a cause taken from another on the same steps, and whether any differed.
    #[must_use]
    pub fn taking(&self, cause: Cause, other: &Self) -> (Self, bool) {
        let mut taking = Taking { case: self.clone(), before: self, other, differed: false };
        match cause {
            Cause::State => taking.state(),
            Cause::Forecast => taking.forecast(),
            Cause::Demand => taking.demand(),
        }
        if cause != Cause::Demand && taking.differed {
            taking.derived();
        }
        (taking.case, taking.differed)
    }
}

struct Taking<'a> {
    case: Case,
    before: &'a Case,
    other: &'a Case,
    differed: bool,
}

impl Taking<'_> {
    /// Replaces a value, and remembers whether it was another.
    fn put<T: PartialEq>(differed: &mut bool, own: &mut T, other: T) {
        *differed |= *own != other;
        *own = other;
    }

    /// The other case's parameter, as one of this case.
    fn param<U: Unit>(&mut self, own: &Param<U>, other: &Param<U>) -> Param<U> {
        let (steps, members) = (self.case.horizon.steps(), self.case.forcing.members.max(1));
        let mut all = (0..steps).flat_map(|step| (0..members).map(move |member| (step, member)));
        let same = |&(step, member): &(usize, usize)| {
            let (a, b) = (self.case.at(own, step, member), self.other.at(other, step, member));
            // Two bounds that are both none are the same.
            a == b || a.is_nan() && b.is_nan()
        };
        if all.all(|at| same(&at)) {
            return *own;
        }
        self.differed = true;
        let Some(index) = other.as_series() else { return *other };
        let series = &self.other.forcing.series[index];
        self.case.forcing.add(series.address.clone(), series.values.clone(), series.source.clone())
    }

    fn optional<U: Unit>(&mut self, own: Option<Param<U>>, other: Option<Param<U>>) -> Option<Param<U>> {
        match (own, other) {
            (Some(own), Some(other)) => Some(self.param(&own, &other)),
            (None, None) => None,
            (None, Some(other)) => {
                self.differed = true;
                Some(self.param(&Param::constant(f64::NAN), &other))
            }
            (Some(_), None) => {
                self.differed = true;
                None
            }
        }
    }

    /// Pairs of nodes with one id.
    fn nodes(&self) -> Vec<(usize, usize)> {
        let nodes = self.case.network.nodes.iter().enumerate();
        nodes.filter_map(|(own, node)| Some((own, self.other.network.node(&node.id)?.0))).collect()
    }

    fn state(&mut self) {
        for (own, other) in self.nodes() {
            if let (NodeKind::Storage(own), NodeKind::Storage(other)) =
                (&mut self.case.network.nodes[own].kind, &self.other.network.nodes[other].kind)
            {
                Self::put(&mut self.differed, &mut own.initial_hm3, other.initial_hm3);
            }
            if let (NodeKind::Demand(own), NodeKind::Demand(other)) =
                (&mut self.case.network.nodes[own].kind, &self.other.network.nodes[other].kind)
            {
                for (own, other) in own.returns.iter_mut().zip(&other.returns) {
                    on_its_way(&mut self.differed, &mut own.kernel, &other.kernel);
                }
            }
        }
        for arc in &mut self.case.network.arcs {
            let Some(other) = self.other.network.arcs.iter().find(|other| other.id == arc.id) else { continue };
            Self::put(&mut self.differed, &mut arc.previous_flow, other.previous_flow);
            for (own, other) in arc.receivers.iter_mut().zip(&other.receivers) {
                on_its_way(&mut self.differed, &mut own.kernel, &other.kernel);
            }
        }
        for account in &mut self.case.network.accounts {
            let Some(other) = self.other.network.accounts.iter().find(|other| other.id == account.id) else { continue };
            for window in &mut account.windows {
                let same = |other: &&crate::network::AccountWindow| {
                    other.label == window.label && other.limit_hm3 == window.limit_hm3 && other.steps == window.steps
                };
                if let Some(other) = other.windows.iter().find(same) {
                    Self::put(&mut self.differed, window, other.clone());
                }
            }
        }
    }

    fn forecast(&mut self) {
        for (own, other) in self.nodes() {
            match (self.case.network.nodes[own].kind.clone(), &self.other.network.nodes[other].kind) {
                (NodeKind::Source(mut source), NodeKind::Source(from)) => {
                    source.flow = self.param(&source.flow, &from.flow);
                    self.case.network.nodes[own].kind = NodeKind::Source(source);
                }
                (NodeKind::Storage(mut storage), NodeKind::Storage(from)) => {
                    storage.evaporation = self.optional(storage.evaporation, from.evaporation);
                    self.case.network.nodes[own].kind = NodeKind::Storage(storage);
                }
                _ => {}
            }
        }
        for number in 0..self.case.network.requirements.len() {
            let id = &self.case.network.requirements[number].id;
            let other = self.other.network.requirements.iter().find(|other| other.id == *id);
            let pair = self.case.network.requirements[number].floor.zip(other.and_then(|other| other.floor));
            let Some((Bound::Flow(own), Bound::Flow(from))) = pair else { continue };
            let follows = from.as_series().and_then(|index| self.other.forcing.series.get(index));
            if follows.is_some_and(|series| series.source.origin.ends_with(" or natural inflow")) {
                let floor = self.param(&own, &from);
                self.case.network.requirements[number].floor = Some(Bound::Flow(floor));
            }
        }
    }

    /// What follows from the state and the forecast: capacities that nobody stated, which all the water upstream bounds, and energy at the
    /// head of the start.
    fn derived(&mut self) {
        let is_derived = |case: &Self, own: bool, way: &Arc| {
            let series = if own { &case.case.forcing.series } else { &case.other.forcing.series };
            let of = way.capacity.as_series().and_then(|index| series.get(index));
            way.unbounded || of.is_some_and(|series| series.source.origin == DERIVED)
        };
        for number in 0..self.case.network.arcs.len() {
            let own = self.case.network.arcs[number].clone();
            let Some(from) = self.other.network.arc(&own.id).map(|from| &self.other.network.arcs[from.0]) else { continue };
            if is_derived(self, true, &own) && is_derived(self, false, from) {
                self.case.network.arcs[number].capacity = self.param(&own.capacity, &from.capacity);
            }
            if let (Some(energy), Some(from_energy), true) =
                (&mut self.case.network.arcs[number].energy, &from.energy, own.head.is_some() && own.head == from.head)
            {
                energy.gwh_per_hm3 = from_energy.gwh_per_hm3;
            }
        }
    }

    fn demand(&mut self) {
        for (own, other) in self.nodes() {
            let NodeKind::Demand(mut demand) = self.case.network.nodes[own].kind.clone() else { continue };
            let NodeKind::Demand(from) = &self.other.network.nodes[other].kind else { continue };
            demand.demand = self.param(&demand.demand, &from.demand);
            let alike = demand.portions.len() == from.portions.len()
                && demand.portions.iter().zip(&from.portions).all(|(a, b)| (&a.class, a.tier) == (&b.class, b.tier));
            for (own, from) in demand.portions.iter_mut().zip(&from.portions).filter(|_| alike) {
                own.share = self.param(&own.share, &from.share);
                own.curtailed = self.optional(own.curtailed, from.curtailed);
            }
            self.case.network.nodes[own].kind = NodeKind::Demand(demand);
            self.intakes(NodeId(own), NodeId(other));
        }
    }

    /// Intakes that are as large as their demand in both cases grow with it.
    fn intakes(&mut self, own: NodeId, other: NodeId) {
        for number in 0..self.case.network.arcs.len() {
            let arc = &self.case.network.arcs[number];
            let Some(from) = self.other.network.arc(&arc.id).filter(|_| arc.receivers.iter().any(|to| to.node == own))
            else {
                continue;
            };
            if self.before.is_sized_by_demand(ArcId(number), own) && self.other.is_sized_by_demand(from, other) {
                let (capacity, from) = (arc.capacity, self.other.network.arcs[from.0].capacity);
                self.case.network.arcs[number].capacity = self.param(&capacity, &from);
            }
        }
    }
}

/// Takes what is on its way at the start.
fn on_its_way(differed: &mut bool, own: &mut Kernel, other: &Kernel) {
    if let (Kernel::Table(table), Kernel::Table(from)) = (&*own, other) {
        let mut table = (**table).clone();
        Taking::put(differed, &mut table.from_before_hm3, from.from_before_hm3.clone());
        Taking::put(differed, &mut table.from_before_after_end_hm3, from.from_before_after_end_hm3);
        *own = Kernel::Table(table.into());
    }
}
