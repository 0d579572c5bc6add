//! Cases by hand: a small builder of networks.

use jiff::civil::date;
use ndarray::Array2;
use weir_model::case::{BasinFacts, Case};
use weir_model::curve::{Curve, CurvePoint};
use weir_model::forcing::{Forcing, Param, SeriesSource};
use weir_model::goals::{Goals, HeadModel, Lexicographic, Method, Objective, Period};
use weir_model::horizon::Horizon;
use weir_model::kernel::Kernel;
use weir_model::network::{
    Arc, ArcId, Demand, EndStorage, Link, Network, Node, NodeId, NodeKind, Of, Portion, Receiver, Region, Requirement,
    RequirementKind, Role, RuleClass, Source, Storage, Take, Use,
};
use weir_model::place::Place;
use weir_model::units::Unit;

pub const FAR: f64 = 1e4;

/// A case in the making; flows in m³/s, storages in hm³.
#[derive(Clone, Debug)]
pub struct Build {
    pub case: Case,
    pub goals: Goals,
}

/// Numbers that may be one or many.
pub enum Numbers<'a> {
    One(f64),
    Many(&'a [f64]),
}

impl From<f64> for Numbers<'_> {
    fn from(number: f64) -> Self {
        Self::One(number)
    }
}

impl<'a> From<&'a [f64]> for Numbers<'a> {
    fn from(numbers: &'a [f64]) -> Self {
        Self::Many(numbers)
    }
}

impl<'a> From<&'a Vec<f64>> for Numbers<'a> {
    fn from(numbers: &'a Vec<f64>) -> Self {
        Self::Many(numbers)
    }
}

pub fn place() -> Place {
    Place::new("test", 0)
}

impl Build {
    /// Steps such as `30 x 1 d`, from 1 January 2026.
    pub fn new(steps: &str) -> Self {
        let specs = Horizon::parse(&[steps.to_owned()]).unwrap();
        Self::on(Horizon::build(date(2026, 1, 1), "Asia/Shanghai", &specs).unwrap())
    }

    pub fn on(horizon: Horizon) -> Self {
        Self {
            case: Case {
                basin: BasinFacts::default(),
                network: Network::default(),
                forcing: Forcing::new(1),
                horizon,
                in_force: None,
            },
            goals: Goals {
                objectives: Vec::new(),
                method: Method::Lexicographic(Lexicographic::Faces),
                stages: Vec::new(),
                rule_order: RuleClass::DEFAULT_ORDER.to_vec(),
                supply_order: Vec::new(),
                integers: None,
                head: HeadModel::Fixed,
                closing: false,
            },
        }
    }

    pub fn param<'a, U: Unit>(&mut self, numbers: impl Into<Numbers<'a>>) -> Param<U> {
        match numbers.into() {
            Numbers::One(number) => Param::constant(number),
            Numbers::Many(numbers) => {
                let values = Array2::from_shape_vec((numbers.len(), 1), numbers.to_vec()).unwrap();
                self.case.forcing.add("test", values, SeriesSource::default())
            }
        }
    }

    fn node(&mut self, id: &str, kind: NodeKind) -> NodeId {
        let node = Node { id: id.to_owned(), name: id.to_owned(), place: place(), region: None, kind };
        self.case.network.nodes.push(node);
        let number = NodeId(self.case.network.nodes.len() - 1);
        self.case.network.graph.add_node(number);
        number
    }

    /// A storage between 0 and `full`.
    pub fn storage(&mut self, id: &str, initial: f64, full: f64) -> NodeId {
        let point = |level_m, storage_hm3, area_km2| CurvePoint { level_m, storage_hm3, area_km2 };
        let storage = Storage {
            curve: Curve { points: vec![point(0.0, 0.0, 0.0), point(100.0, full.max(initial), 10.0)] },
            initial_hm3: initial,
            lower: Param::constant(0.0),
            upper: Param::constant(full),
            flood_limit: None,
            levels: Vec::new(),
            evaporation: None,
            seepage_per_day: None,
            end: None,
            zones: Vec::new(),
            aquifer: false,
            observed_peak_m3s: None,
        };
        self.node(id, NodeKind::Storage(Box::new(storage)))
    }

    pub fn storage_mut(&mut self, node: NodeId) -> &mut Storage {
        match &mut self.case.network.nodes[node.0].kind {
            NodeKind::Storage(storage) => storage,
            other => panic!("{other:?} is no storage"),
        }
    }

    pub fn end(&mut self, node: NodeId, storage_hm3: f64, hard: bool) {
        self.storage_mut(node).end = Some(EndStorage { storage_hm3, hard });
    }

    pub fn junction(&mut self, id: &str) -> NodeId {
        self.node(id, NodeKind::Junction)
    }

    pub fn sink(&mut self, id: &str) -> NodeId {
        self.node(id, NodeKind::Sink)
    }

    /// Given inflow into a node.
    pub fn inflow<'a>(&mut self, id: &str, into: NodeId, flow: impl Into<Numbers<'a>>) -> ArcId {
        let flow = self.param(flow);
        let source = self.node(id, NodeKind::Source(Source { flow, take: Take::Given }));
        let arc = self.arc(&format!("{id}.arc"), source, into, Role::Inflow, f64::INFINITY);
        self.case.network.arcs[arc.0].capacity = Param::constant(f64::INFINITY);
        arc
    }

    /// A source of at most this flow.
    pub fn available<'a>(&mut self, id: &str, flow: impl Into<Numbers<'a>>) -> NodeId {
        let flow = self.param(flow);
        self.node(id, NodeKind::Source(Source { flow, take: Take::Available }))
    }

    pub fn arc<'a>(&mut self, id: &str, tail: NodeId, to: NodeId, role: Role, capacity: impl Into<Numbers<'a>>) -> ArcId {
        let capacity = self.param(capacity);
        let number = ArcId(self.case.network.arcs.len());
        self.case.network.arcs.push(Arc {
            id: id.to_owned(),
            name: id.to_owned(),
            place: place(),
            tail,
            receivers: vec![Receiver { node: to, fraction: 1.0, kernel: Kernel::Instant }],
            role,
            floor: Param::constant(0.0),
            capacity,
            unbounded: false,
            discharge: None,
            free_overflow: false,
            price: None,
            standby: false,
            energy: None,
            minimum_when_open: None,
            head: None,
            commitment: None,
            previous_flow: None,
        });
        let index = |node: NodeId| petgraph_index(node);
        self.case.network.graph.add_edge(index(tail), index(to), Link { arc: number, receiver: 0 });
        number
    }

    /// A reach without a stated capacity.
    pub fn link(&mut self, id: &str, tail: NodeId, to: NodeId) -> ArcId {
        let arc = self.arc(id, tail, to, Role::Reach, FAR);
        self.arc_mut(arc).unbounded = true;
        arc
    }

    pub fn arc_mut(&mut self, arc: ArcId) -> &mut Arc {
        &mut self.case.network.arcs[arc.0]
    }

    /// A demand of one class, domestic use, delivered from a node by its own intake.
    pub fn demand<'a>(&mut self, id: &str, from: NodeId, flow: impl Into<Numbers<'a>>) -> NodeId {
        let node = self.demand_node(id, flow, vec![portion("residents", Use::Domestic, 1.0)]);
        self.arc(&format!("{id}.intake"), from, node, Role::Intake, FAR);
        node
    }

    pub fn demand_node<'a>(&mut self, id: &str, flow: impl Into<Numbers<'a>>, portions: Vec<Portion>) -> NodeId {
        let demand = self.param(flow);
        self.node(id, NodeKind::Demand(Box::new(Demand { demand, portions, returns: Vec::new(), element: "demand" })))
    }

    /// Puts a node into a region of its own.
    pub fn region(&mut self, node: NodeId) -> usize {
        let id = format!("region_of_{}", self.case.network.nodes[node.0].id);
        self.case.network.regions.push(Region { name: id.clone(), id, code: None, parent: None });
        let region = self.case.network.regions.len() - 1;
        self.case.network.nodes[node.0].region = Some(region);
        region
    }

    pub fn demand_mut(&mut self, node: NodeId) -> &mut Demand {
        match &mut self.case.network.nodes[node.0].kind {
            NodeKind::Demand(demand) => demand,
            other => panic!("{other:?} is no demand"),
        }
    }

    /// A rule without bounds yet.
    pub fn requirement(&mut self, id: &str, kind: RequirementKind, class: RuleClass, of: Of) -> &mut Requirement {
        self.case.network.requirements.push(Requirement {
            id: id.to_owned(),
            name: id.to_owned(),
            place: place(),
            region: None,
            kind,
            of,
            periods: Vec::new(),
            floor: None,
            floor_follows_natural: false,
            target: None,
            target_parts: vec![1.0],
            ceiling: None,
            rise_per_day: None,
            fall_per_day: None,
            class,
            assurance: None,
            grades: Vec::new(),
        });
        self.case.network.requirements.last_mut().unwrap()
    }

    /// A staged objective of this kind.
    pub fn stage(&mut self, id: &str, kind: &str) -> &mut Objective {
        self.goals.stages.push(self.goals.objectives.len());
        self.goals.objectives.push(objective(id, kind));
        self.goals.objectives.last_mut().unwrap()
    }
}

fn petgraph_index(node: NodeId) -> petgraph::graph::NodeIndex {
    petgraph::graph::NodeIndex::new(node.0)
}

pub fn objective(id: &str, kind: &str) -> Objective {
    Objective { name: id.to_owned(), period: Period::Horizon, ..Objective::plain(id, kind, place()) }
}

pub fn portion(class: &str, use_: Use, share: f64) -> Portion {
    Portion {
        class: class.to_owned(),
        use_,
        tier: 1,
        share: Param::constant(share),
        curtailed: None,
        weight: Param::constant(1.0),
        floor: false,
        target: 1.0,
        benefit: None,
    }
}
