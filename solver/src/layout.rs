//! The only dictionary between water and columns: where each quantity stands in the program, and what each column is.
//!
//! A quantity in a step of a member is a short linear expression over columns: a storage is its base column plus what it
//! holds above the flood limit minus what it lacks to a bound; a flow is its own column, the sum of the portions it alone
//! delivers or of what a junction passes on, or a constant (given inflow); a supply is a portion's column. Names are made when asked for.
//!
//! Columns: storage T a storage; flow T an arc with a column of its own; supply T a portion; breach and excess columns only in
//! steps where their rule can give way and only where it is open (see [`Open`]).
//! Units: hm³, flows hm³ in the step.

use weir_model::case::Case;
use weir_model::network::{ArcId, Network, NodeId, NodeKind};

/// Which rules may give way in a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Open {
    /// None: breach columns are left out altogether, so that the program is as lean as if no rule had any.
    Nothing,
    /// Every rule of a class: stage 0.
    Rules,
    /// Mass balance too: only to name what is physically impossible.
    Physics,
}

/// What a column or a row belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A node of the network.
    Node(u32),
    /// A portion, counted over all demands.
    Portion(u32),
    /// An arc.
    Arc(u32),
    /// A requirement.
    Requirement(u32),
    /// An account and its window.
    Account(u32, u32),
    /// An objective.
    Objective(u32),
    /// A group of ways.
    Group(u32),
    /// A use class, by its first portion: equal sharing.
    Class(u32),
}

/// What a column says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quantity {
    /// Storage at the end of the step.
    Storage,
    /// Storage above the flood limit.
    FloodExcess,
    /// Storage above the top, under a start above it.
    TopExcess,
    /// What the storage lacks to its dead level, under a start below it.
    DeadDeficit,
    /// What the storage lacks at the end of the horizon.
    EndLack,
    /// Flow leaving on an arc.
    Flow,
    /// What a flow lacks to its arc's floor.
    FlowLack,
    /// Supply of a portion.
    Supply,
    /// What a floor portion lacks.
    SupplyLack,
    /// What a value lacks to a part of its target above the floor.
    Shortfall(u8),
    /// What a value lacks to its floor, within a part of its target.
    FloorLack(u8),
    /// What a value has beyond its ceiling.
    CeilingExcess,
    /// What a value rises beyond its limit.
    RiseExcess,
    /// What a value falls beyond its limit.
    FallExcess,
    /// What an account has beyond its limit, or lacks to it.
    AccountExcess,
    /// Water out of nothing, only with [`Open::Physics`].
    Missing,
    /// Water into nothing, only with [`Open::Physics`].
    Surplus,
    /// Least satisfaction of an objective `balance`, or largest shortage ratio of a class.
    Worst,
    /// Satisfaction of an entry of a balance, by the entry's number.
    Satisfaction(u32),
    /// What an entry of a balance lacks to the mean.
    Deviation(u32),
    /// A threshold over the least so many entries of a balance.
    Threshold(u32),
    /// What an entry lacks to a threshold: the threshold's number, the entry's.
    Under(u32, u32),
    /// Mean satisfaction of a balance.
    Mean,
    /// Largest outflow of any step.
    Peak,
    /// What a stage is worse than good enough.
    Beyond,
    /// Value of the water at the end.
    Value,
    /// Rise from the step before.
    Up,
    /// Fall from the step before.
    Down,
    /// Units that run.
    Units,
    /// Whether a way is open.
    Open,
    /// Whether a way runs in one of the ranges between its forbidden zones.
    Range(u8),
    /// Whether a way is opened.
    Start,
    /// Whether a way is shut.
    Stop,
    /// Whether a flow differs from that of the step before.
    Changed,
    /// Whether a target is met.
    Met,
    /// Energy made in a zone of the storage.
    Made(u8),
    /// Whether the mean storage lies in a zone.
    Zone(u8),
    /// Flow while it does.
    ZoneFlow(u8),
    /// Mean storage where it does.
    ZoneStorage(u8),
}

impl Quantity {
    /// The word in addresses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Storage => "storage",
            Self::FloodExcess => "flood_limit",
            Self::TopExcess => "top",
            Self::DeadDeficit => "dead_level",
            Self::EndLack => "end_storage",
            Self::Flow => "flow",
            Self::FlowLack | Self::SupplyLack | Self::FloorLack(_) => "floor",
            Self::Supply => "supply",
            Self::Shortfall(_) => "shortfall",
            Self::CeilingExcess => "ceiling",
            Self::RiseExcess => "rise",
            Self::FallExcess => "fall",
            Self::AccountExcess => "limit",
            Self::Missing => "missing",
            Self::Surplus => "surplus",
            Self::Worst => "worst",
            Self::Satisfaction(_) => "satisfaction",
            Self::Deviation(_) => "deviation",
            Self::Threshold(_) => "threshold",
            Self::Under(..) => "under",
            Self::Mean => "mean",
            Self::Peak => "peak",
            Self::Beyond => "beyond",
            Self::Value => "value",
            Self::Up => "up",
            Self::Down => "down",
            Self::Units => "units",
            Self::Open => "open",
            Self::Range(_) => "range",
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Changed => "changed",
            Self::Met => "met",
            Self::Made(_) => "energy",
            Self::Zone(_) => "zone",
            Self::ZoneFlow(_) => "zone_flow",
            Self::ZoneStorage(_) => "zone_storage",
        }
    }

    /// Which of several it is, as names show it behind the word: `.2`.
    pub fn part(self) -> String {
        match self {
            Self::Shortfall(part) | Self::FloorLack(part) | Self::Range(part) => format!(".{}", part + 1),
            Self::Made(zone) | Self::Zone(zone) | Self::ZoneFlow(zone) | Self::ZoneStorage(zone) => format!(".{}", zone + 1),
            Self::Satisfaction(n) | Self::Deviation(n) | Self::Threshold(n) => format!(".{}", n + 1),
            Self::Under(threshold, entry) => format!(".{}.{}", threshold + 1, entry + 1),
            _ => String::new(),
        }
    }
}

/// What a column is: subject, quantity, step and member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// What it belongs to.
    pub subject: Subject,
    /// What it says.
    pub quantity: Quantity,
    /// The step (the last one of what spans several).
    pub step: u32,
    /// The member.
    pub member: u32,
}

/// Columns that stand only in some steps: one entry a step and member, empty where there are none at all.
#[derive(Clone, Debug, Default)]
pub struct Sparse(Vec<u32>);

impl Sparse {
    const NONE: u32 = u32::MAX;

    /// The column at a place, if there is one.
    pub fn get(&self, place: usize) -> Option<usize> {
        self.0.get(place).copied().filter(|&column| column != Self::NONE).map(|column| column as usize)
    }

    /// Sets the column at a place among `places`.
    pub fn set(&mut self, place: usize, places: usize, column: usize) {
        if self.0.is_empty() {
            self.0.resize(places, Self::NONE);
        }
        self.0[place] = column as u32;
    }
}

/// Columns of a storage.
#[derive(Clone, Debug)]
pub struct StorageColumns {
    /// The node.
    pub node: NodeId,
    /// hm³ at the start.
    pub initial_hm3: f64,
    /// First of the base columns, T a member.
    pub first: usize,
    /// Above the flood limit, or the top: adds to the base.
    pub excess: Sparse,
    /// Under the dead level: subtracts from the base.
    pub deficit: Sparse,
    /// Under the hard end storage where that is a bound of the base: subtracts from the base.
    pub end_lack: Sparse,
}

/// Where an arc's flow stands.
#[derive(Clone, Debug)]
pub enum FlowColumns {
    /// A constant, hm³ in each step and member: what a given source gives.
    Given(Vec<f64>),
    /// Columns of its own, T a member, less what it lacks to its floor.
    Own {
        /// First column.
        first: usize,
        /// Under the floor: subtracts.
        lack: Sparse,
    },
    /// The sum of these portions, which it alone delivers.
    Portions(std::ops::Range<usize>),
    /// The sum of these shares, which a plain junction passes on; none is of a flow that is such a sum itself.
    Passed(Vec<(Part, f64)>),
}

/// What a junction passes on a share of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The flow of an arc.
    Flow(ArcId),
    /// The supply of a demand, of which some returns.
    Supply(NodeId),
}

/// Columns of a portion's supply.
#[derive(Clone, Debug)]
pub struct SupplyColumns {
    /// The demand's node.
    pub node: NodeId,
    /// Index among the demand's portions.
    pub portion: usize,
    /// First column, T a member.
    pub first: usize,
    /// What was wanted, hm³ in each step and member.
    pub size_hm3: Vec<f64>,
    /// Under a floor: subtracts.
    pub lack: Sparse,
}

/// Columns of a requirement.
#[derive(Clone, Debug, Default)]
pub struct RequirementColumns {
    /// For each part of the target: what lacks above the floor, and below it.
    pub parts: Vec<(Sparse, Sparse)>,
    /// For each step and member the place of the columns of its period, and its share of the period's target; empty where
    /// each step has columns of its own.
    pub of_period: Vec<(usize, f64)>,
    /// Beyond the ceiling, where it is open.
    pub excess: Sparse,
}

/// The dictionary.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// Number of steps T.
    pub steps: usize,
    /// Number of members.
    pub members: usize,
    /// In the order of [`Network::storages`].
    pub storages: Vec<StorageColumns>,
    /// For each node, its index in `storages`.
    pub storage_of: Vec<Option<usize>>,
    /// In the order of the arcs.
    pub flows: Vec<FlowColumns>,
    /// In the order of demands, then portions.
    pub supplies: Vec<SupplyColumns>,
    /// For each node, the range of its portions in `supplies` (empty where it is no demand).
    pub portions_of: Vec<std::ops::Range<usize>>,
    /// In the order of the requirements.
    pub requirements: Vec<RequirementColumns>,
    /// For each account and window, the column of its excess.
    pub accounts: Vec<Vec<Option<usize>>>,
    /// For each storage (as `storages`), the column of what it lacks to a soft end storage, by member.
    pub soft_ends: Vec<Sparse>,
    /// What each column is.
    pub keys: Vec<Key>,
}

impl Layout {
    /// Place of a step and member in columns that stand once a step.
    pub fn place(&self, step: usize, member: usize) -> usize {
        member * self.steps + step
    }

    /// Number of places.
    pub fn places(&self) -> usize {
        self.steps * self.members
    }

    /// Step and member in turn, member after member.
    pub fn each_step(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let steps = self.steps;
        (0..self.members).flat_map(move |member| (0..steps).map(move |step| (step, member)))
    }

    /// Shows the columns and coefficients of a storage at an edge of the horizon (0: the start) and returns its constant.
    pub fn storage(&self, storage: usize, edge: usize, member: usize, mut show: impl FnMut(usize, f64)) -> f64 {
        let columns = &self.storages[storage];
        let Some(step) = edge.checked_sub(1) else { return columns.initial_hm3 };
        let place = self.place(step, member);
        show(columns.first + place, 1.0);
        if let Some(column) = columns.excess.get(place) {
            show(column, 1.0);
        }
        if let Some(column) = columns.deficit.get(place) {
            show(column, -1.0);
        }
        if let Some(column) = columns.end_lack.get(place) {
            show(column, -1.0);
        }
        0.0
    }

    /// Shows the columns and coefficients of an arc's flow in a step and returns its constant, hm³.
    pub fn flow(&self, arc: ArcId, step: usize, member: usize, mut show: impl FnMut(usize, f64)) -> f64 {
        let FlowColumns::Passed(parts) = &self.flows[arc.0] else { return self.part(arc, step, member, show) };
        let mut constant = 0.0;
        for &(part, share) in parts {
            let mut show = |column, c: f64| show(column, share * c);
            match part {
                Part::Flow(arc) => constant += share * self.part(arc, step, member, show),
                Part::Supply(node) => {
                    for portion in self.portions_of[node.0].clone() {
                        self.supply(portion, step, member, &mut show);
                    }
                }
            }
        }
        constant
    }

    /// The same of an arc whose flow is not passed on.
    fn part(&self, arc: ArcId, step: usize, member: usize, mut show: impl FnMut(usize, f64)) -> f64 {
        let place = self.place(step, member);
        match &self.flows[arc.0] {
            FlowColumns::Given(volumes) => return volumes[place],
            FlowColumns::Own { first, lack } => {
                show(first + place, 1.0);
                if let Some(column) = lack.get(place) {
                    show(column, -1.0);
                }
            }
            FlowColumns::Portions(portions) => {
                for portion in portions.clone() {
                    self.supply(portion, step, member, &mut show);
                }
            }
            FlowColumns::Passed(_) => {}
        }
        0.0
    }

    /// Shows the columns and coefficients of a portion's supply in a step.
    pub fn supply(&self, portion: usize, step: usize, member: usize, mut show: impl FnMut(usize, f64)) {
        let place = self.place(step, member);
        let columns = &self.supplies[portion];
        show(columns.first + place, 1.0);
        if let Some(column) = columns.lack.get(place) {
            show(column, -1.0);
        }
    }

    /// Shows the columns that make up what a requirement's value lacks in a part of its target; of what the mean over a
    /// period lacks, the step's share by its target.
    pub fn shortfall(&self, requirement: usize, part: usize, step: usize, member: usize, mut show: impl FnMut(usize, f64)) {
        let place = self.place(step, member);
        let columns = &self.requirements[requirement];
        let (place, share) = columns.of_period.get(place).copied().unwrap_or((place, 1.0));
        if let Some((above, below)) = columns.parts.get(part) {
            for column in [above.get(place), below.get(place)].into_iter().flatten() {
                show(column, share);
            }
        }
    }

    /// Address of what a subject is, such as `shanxi` or `ruian_works.residents`.
    pub fn address(&self, subject: Subject, network: &Network) -> String {
        match subject {
            Subject::Node(node) => network.nodes[node as usize].id.clone(),
            Subject::Arc(arc) => network.arcs[arc as usize].id.clone(),
            Subject::Requirement(requirement) => network.requirements[requirement as usize].id.clone(),
            Subject::Account(account, window) => {
                let account = &network.accounts[account as usize];
                match account.windows.get(window as usize) {
                    Some(window) if account.windows.len() > 1 => format!("{}.{}", account.id, window.label),
                    _ => account.id.clone(),
                }
            }
            Subject::Portion(portion) => {
                let columns = &self.supplies[portion as usize];
                let node = &network.nodes[columns.node.0];
                let NodeKind::Demand(demand) = &node.kind else { return node.id.clone() };
                let this = &demand.portions[columns.portion];
                let tiers = demand.portions.iter().filter(|p| p.class == this.class).count();
                if tiers > 1 && !this.floor {
                    format!("{}.{}.tier{}", node.id, this.class, this.tier)
                } else {
                    format!("{}.{}", node.id, this.class)
                }
            }
            Subject::Group(group) => network.groups[group as usize].id.clone(),
            Subject::Objective(objective) => format!("objective{objective}"),
            Subject::Class(portion) => format!("class_of.{}", self.address(Subject::Portion(portion), network)),
        }
    }

    /// Address of a column with its quantity, such as `shanxi.storage` or `shanxi.flood_limit`.
    pub fn column_address(&self, column: usize, network: &Network) -> String {
        let key = self.keys[column];
        format!("{}.{}", self.address(key.subject, network), key.quantity.word())
    }

    /// Names of all columns, such as `shanxi.storage[2026-06-03]`.
    pub fn names(&self, case: &Case) -> Vec<String> {
        let steps: Vec<String> = (0..self.steps).map(|step| case.horizon.name_of(step)).collect();
        (0..self.keys.len())
            .map(|column| {
                let key = self.keys[column];
                let part = key.quantity.part();
                let member = if self.members > 1 { format!(",{}", key.member) } else { String::new() };
                format!("{}{part}[{}{member}]", self.column_address(column, &case.network), steps[key.step as usize])
            })
            .collect()
    }
}
