//! The closed set of primitives that every element lowers to, on a directed petgraph graph.
//!
//! Nodes are storages, junctions, sources, demands and sinks; arcs carry water from one tail to one or more receivers.
//! Requirements, accounts and commands lie over them. Nothing here knows TOML or dates.
//!
//! Units: as named by each parameter's type; kernels and indices are on the case's horizon.

use petgraph::graph::DiGraph;

use crate::curve::Curve;
use crate::forcing::Param;
use crate::head::Head;
use crate::kernel::Kernel;
use crate::on_off::{Commitment, Group};
use crate::place::Place;
use crate::rating::Rating;
use crate::tolerance::FEASIBILITY_HM3;
use crate::units::{Depth, Flow, Level, PricePerEnergy, PricePerVolume, Ratio, Volume};

mod rules;

pub use rules::{Account, AccountWindow, Bound, Curtailment, Of, Requirement, RequirementKind, Response, RuleClass};

/// Index of a node in [`Network::nodes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub usize);

/// Index of an arc in [`Network::arcs`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ArcId(pub usize);

/// A river-reservoir network.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// Nodes, in the order of their ids (never of the file).
    pub nodes: Vec<Node>,
    /// Arcs, in the order of their ids.
    pub arcs: Vec<Arc>,
    /// Requirements on flows and storages, in the order of their ids.
    pub requirements: Vec<Requirement>,
    /// Accounts over arcs, in the order of their ids.
    pub accounts: Vec<Account>,
    /// Ways of which only some may be open at once, in the order of their ids: held where the method has integers.
    pub groups: Vec<Group>,
    /// Regions, in the order of their ids.
    pub regions: Vec<Region>,
    /// Curtailments, in force or merely allowed, in the order of their ids.
    pub curtailments: Vec<Curtailment>,
    /// One graph node a node, one edge a receiver of an arc: connectivity, order and reach are asked here.
    pub graph: DiGraph<NodeId, Link>,
}

/// An edge of the graph: a receiver of an arc.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The arc.
    pub arc: ArcId,
    /// Which of its receivers.
    pub receiver: usize,
}

/// A node.
#[derive(Clone, Debug)]
pub struct Node {
    /// Address, such as `shanxi`.
    pub id: String,
    /// Name as people read it.
    pub name: String,
    /// Where it was written.
    pub place: Place,
    /// Region it belongs to (index in [`Network::regions`]).
    pub region: Option<usize>,
    /// What it is.
    pub kind: NodeKind,
}

/// What a node is.
#[derive(Clone, Debug)]
pub enum NodeKind {
    /// Holds water from step to step.
    Storage(Box<Storage>),
    /// Passes water on within the step.
    Junction,
    /// Gives water.
    Source(Source),
    /// Takes water for use.
    Demand(Box<Demand>),
    /// Takes water out of the network.
    Sink,
}

/// A node that holds water.
#[derive(Clone, Debug)]
pub struct Storage {
    /// Level ↔ storage ↔ area, monotone.
    pub curve: Curve,
    /// Storage at the start of the first step.
    pub initial_hm3: f64,
    /// Physical lower bound at the end of each step (dead level). Never opens, except under a start below it.
    pub lower: Param<Volume>,
    /// Physical upper bound at the end of each step (top of the curve, or the level given as `top`). Never opens.
    pub upper: Param<Volume>,
    /// Storage that may not be chosen to be exceeded (flood limit; +∞ outside its season). Breach class `flood_limit`.
    pub flood_limit: Option<Param<Volume>>,
    /// Other named levels (normal, drought warning, supply lower …) for reports and warnings; keys are the file's words.
    pub levels: Vec<(String, Param<Level>)>,
    /// Open-water evaporation depth.
    pub evaporation: Option<Param<Depth>>,
    /// Seepage, as a share of the storage lost per day.
    pub seepage_per_day: Option<Param<Ratio>>,
    /// Storage wanted at the end of the horizon.
    pub end: Option<EndStorage>,
    /// Rule-curve zones, lowest first, for the method `rules` and the report.
    pub zones: Vec<Zone>,
    /// An aquifer rather than a reservoir.
    pub aquifer: bool,
    /// Greatest natural inflow before the start in the flood that it stands in then, m³/s; none where it stands in none, or that is not known.
    pub observed_peak_m3s: Option<f64>,
}

/// A zone of a rule curve 调度图分区: what the method `rules` does while the storage lies in it. Nothing of it binds a program.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone {
    /// Name as people read it.
    pub name: String,
    /// The storage that is its top; the zone below ends where it begins.
    pub top: Param<Volume>,
    /// Hedging 限供: class, use or section, and the share of its demand or target that the storage gives at most. The first that
    /// holds counts; what is not named is given in full, and floors always are.
    pub supply: Vec<(String, f64)>,
    /// Outflow of the storage while it lies in the zone, where nothing else asks for more.
    pub release: Option<Param<Flow>>,
    /// The drought response 响应等级 that the method `rules` declares while the storage lies in the zone.
    pub response: Option<Response>,
}

/// Storage wanted at the end of the horizon.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EndStorage {
    /// hm³ at the end of the last step.
    pub storage_hm3: f64,
    /// A hard floor (breach class `operational`), or a target that an `end_storage` objective works for.
    pub hard: bool,
}

impl EndStorage {
    /// Whether it gives way where so much, hm³, is left at the end.
    pub fn gave_way(&self, stored_hm3: f64) -> bool {
        self.hard && stored_hm3 < self.storage_hm3 - FEASIBILITY_HM3
    }
}

/// A node that gives water. Its arcs carry it on; a given source's only arc is no decision.
#[derive(Clone, Debug)]
pub struct Source {
    /// Flow that it gives (may be negative where back-computed).
    pub flow: Param<Flow>,
    /// Whether it must be taken.
    pub take: Take,
}

/// Whether a source's water must be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Take {
    /// All of it, always.
    Given,
    /// At most this much.
    Available,
}

/// A node that takes water for use: one delivery, shared among classes, each in tiers.
#[derive(Clone, Debug)]
pub struct Demand {
    /// Total flow wanted.
    pub demand: Param<Flow>,
    /// Portions, in the file's order: classes, each from its first tier to its last. Their shares, and what
    /// curtailments took from them, sum to 1 in every step.
    /// supply ≤ share × demand for each; supply of the node = Σ portions = Σ arriving = Σ feeding arcs' flow × their
    /// receiver's fraction, through its kernel.
    pub portions: Vec<Portion>,
    /// Return flow 回归水: what comes back of the supply, where and when. Fractions are of the supply, not of what left
    /// the tail of an arc, and sum to at most 1; the balance of a receiver's node gains fraction × supply through its
    /// kernel, summed over the demands that return to it.
    pub returns: Vec<Receiver>,
    /// Kind of element it came from: `waterworks` or `irrigation` or `demand`.
    pub element: &'static str,
}

/// A tier of a class of a demand.
#[derive(Clone, Debug)]
pub struct Portion {
    /// User class 用户类别: residents, public, industry, irrigation …
    pub class: String,
    /// The use it counts to in the three-use roll-up 三生口径.
    pub use_: Use,
    /// Tier, counted from 1.
    pub tier: usize,
    /// Share of the node's demand.
    pub share: Param<Ratio>,
    /// Share of the node's demand that curtailments in force took from it (`share` is what they left). That is no shortage.
    pub curtailed: Option<Param<Ratio>>,
    /// Weight of its shortage among the objectives' equals (1 unless given).
    pub weight: Param<Ratio>,
    /// This tier lies below the class's floor: it must be met (breach class `domestic_floor` for domestic use, `legal` for others).
    pub floor: bool,
    /// Share of this portion, before curtailments, that is owed (the class's target); shortage objectives count up to the whole demand, the
    /// report shows targets.
    pub target: f64,
    /// Benefit per m³ (yuan/m³), decreasing over a class's tiers, for the objective `benefit`.
    pub benefit: Option<Param<PricePerVolume>>,
}

/// The three uses 三生用水, with production in its two kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Use {
    /// 生活
    Domestic,
    /// 生产 · 工业
    Industrial,
    /// 生产 · 农业
    Agricultural,
    /// 生态 (out of the stream; in-stream ecology is a [`Requirement`])
    Ecological,
}

impl Use {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 4] = [Self::Domestic, Self::Industrial, Self::Agricultural, Self::Ecological];

    /// The word in files and documents.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Domestic => "domestic",
            Self::Industrial => "industrial",
            Self::Agricultural => "agricultural",
            Self::Ecological => "ecological",
        }
    }

    /// Whether an objective's word (`domestic`, `production`, `industrial`, `agricultural`, `ecological`) covers it.
    pub fn covered_by(self, word: &str) -> bool {
        word == self.word() || (word == "production" && matches!(self, Self::Industrial | Self::Agricultural))
    }
}

/// An arc: water leaves its tail and arrives at its receivers, each with its own share and routing.
#[derive(Clone, Debug)]
pub struct Arc {
    /// Address, such as `shanxi.turbines`; its flow is `shanxi.turbines.flow`.
    pub id: String,
    /// Name as people read it.
    pub name: String,
    /// Where it was written.
    pub place: Place,
    /// Where water leaves.
    pub tail: NodeId,
    /// Where it arrives; fractions sum to at most 1, what is missing is lost.
    pub receivers: Vec<Receiver>,
    /// What it is to people.
    pub role: Role,
    /// Least flow. Hard.
    pub floor: Param<Flow>,
    /// Greatest flow (0 where closed). Finite for every arc but those that carry given inflow.
    pub capacity: Param<Flow>,
    /// No capacity is stated: it is what all the water upstream would make in one step, and bounds nothing.
    pub unbounded: bool,
    /// Capacity that depends on the storage of the tail; the lesser of it and `capacity` counts.
    pub discharge: Option<Rating>,
    /// No gate shuts it 自由溢流: it passes what `discharge` gives and no less. The method `rules` holds that; a program, to which it
    /// is no line, chooses up to it.
    pub free_overflow: bool,
    /// Cost of the water, for the objective `source_cost`.
    pub price: Option<Param<PricePerVolume>>,
    /// A standby source or link: its capacity is 0 unless a mode or an overlay opens it (lowering has done so already).
    pub standby: bool,
    /// Energy made by (turbine) or needed for (pump) a volume, with what it sells for.
    pub energy: Option<Energy>,
    /// What the head of a turbine follows from, where its energy depends on the level; `energy` is then that at the start.
    pub head: Option<Box<Head>>,
    /// Least flow while a turbine or pump runs: warned about in the LP, exact in MILP.
    pub minimum_when_open: Option<Param<Flow>>,
    /// How it may be opened, beyond its least flow: held where the method has integers.
    pub commitment: Option<Box<Commitment>>,
    /// Flow in the step before the first, where known: for change limits and total variation.
    pub previous_flow: Option<f64>,
}

impl Arc {
    /// The way of a given source: all that it brings, into one node.
    pub(crate) fn of_source(id: String, name: String, place: Place, tail: NodeId, to: NodeId) -> Self {
        Self {
            id,
            name,
            place,
            tail,
            receivers: vec![Receiver { node: to, fraction: 1.0, kernel: Kernel::Instant }],
            role: Role::Inflow,
            floor: Param::constant(0.0),
            capacity: Param::constant(f64::INFINITY),
            unbounded: true,
            discharge: None,
            free_overflow: false,
            price: None,
            standby: false,
            energy: None,
            head: None,
            minimum_when_open: None,
            commitment: None,
            previous_flow: None,
        }
    }
}

/// A receiver of an arc, or of a demand's return flow.
#[derive(Clone, Debug)]
pub struct Receiver {
    /// Where it arrives.
    pub node: NodeId,
    /// Share of what left the tail; of a demand's return flow, share of the supply.
    pub fraction: f64,
    /// When it arrives.
    pub kernel: Kernel,
}

/// What an arc is to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Through turbines 发电.
    Turbine,
    /// Through a gate 闸门.
    Gate,
    /// Through an ecological outlet 生态泄放.
    EcologicalOutlet,
    /// Over the spillway 溢洪 (its water is spill).
    Spillway,
    /// Along a river reach.
    Reach,
    /// Taken from the river (diversion, canal, pipe).
    Diversion,
    /// Lifted by a pump.
    Pump,
    /// Delivered to a demand; its flow is the demand's supply where it is the only one.
    Intake,
    /// Given or available water entering the network.
    Inflow,
}

impl Role {
    /// Whether its flow counts as the tail's outflow 出库 to the river (release + spill), as against water taken for use.
    pub const fn is_outflow(self) -> bool {
        matches!(self, Self::Turbine | Self::Gate | Self::EcologicalOutlet | Self::Spillway | Self::Reach)
    }

    /// The word in files and documents.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Turbine => "turbine",
            Self::Gate => "gate",
            Self::EcologicalOutlet => "ecological",
            Self::Spillway => "spillway",
            Self::Reach => "reach",
            Self::Diversion => "diversion",
            Self::Pump => "pump",
            Self::Intake => "intake",
            Self::Inflow => "inflow",
        }
    }
}

/// Energy of an arc at fixed head.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Energy {
    /// GWh a hm³, which is kWh a m³: > 0 made by a turbine, < 0 needed by a pump.
    pub gwh_per_hm3: f64,
    /// What it sells for, or costs.
    pub price: Option<Param<PricePerEnergy>>,
}

/// A region 行政区: province ⊃ city ⊃ county.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Administrative code, such as `330381`.
    pub code: Option<String>,
    /// Index of the region that holds it.
    pub parent: Option<usize>,
}

impl Network {
    /// The node with this id.
    pub fn node(&self, id: &str) -> Option<NodeId> {
        self.nodes.iter().position(|n| n.id == id).map(NodeId)
    }

    /// The arc with this id.
    pub fn arc(&self, id: &str) -> Option<ArcId> {
        self.arcs.iter().position(|a| a.id == id).map(ArcId)
    }

    /// Storages with their nodes, in the nodes' order.
    pub fn storages(&self) -> impl Iterator<Item = (NodeId, &Storage)> {
        self.nodes.iter().enumerate().filter_map(|(i, n)| match &n.kind {
            NodeKind::Storage(storage) => Some((NodeId(i), &**storage)),
            _ => None,
        })
    }

    /// Demands with their nodes, in the nodes' order.
    pub fn demands(&self) -> impl Iterator<Item = (NodeId, &Demand)> {
        self.nodes.iter().enumerate().filter_map(|(i, n)| match &n.kind {
            NodeKind::Demand(demand) => Some((NodeId(i), &**demand)),
            _ => None,
        })
    }

    /// The source at an arc's tail, if the arc carries given inflow and is no decision.
    pub fn given(&self, arc: ArcId) -> Option<&Source> {
        match &self.nodes[self.arcs[arc.0].tail.0].kind {
            NodeKind::Source(source) if source.take == Take::Given => Some(source),
            _ => None,
        }
    }
}
