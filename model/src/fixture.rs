//! A small case and a plan of it, by hand, for the tests of what reads plans.
//!
//! Three days from 29 June 2026; 1 m³/s carries 0.0864 hm³ a day. A brook gives 10 to a lake; turbines (half arrives the
//! next day) and a spillway pass on to a river, which flows to the sea; a town takes from the lake and a well and gives half
//! of its supply back to the river. The plan, in m³/s:
//!
//! | | day 1 | day 2 | day 3 |
//! |---|---|---|---|
//! | turbines (5 the day before) | 6 | 6 | 6 |
//! | spillway | 0 | 0 | 0.25 |
//! | intake, well | 3, 1 | 3, 0.5 | 3, 0 |
//! | supply of residents 1 (floor), residents 2, industry; of 1.2, 0.8, 2 | 1.2, 0.8, 2 | 1.2, 0.8, 1.5 | 1.2, 0.8, 1 |
//! | river = ½ turbines + ½ turbines the day before + spill + ½ supply | 7.5 | 7.75 | 7.75 |
//!
//! The lake gains 10 − 9 = 1 on the first two days and 0.75 on the third: 5, 5.0864, 5.1728, 5.2376 hm³.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc as Shared;

use jiff::civil::date;
use ndarray::{Array2, array};

use crate::case::{BasinFacts, Case};
use crate::curve::{Curve, CurvePoint};
use crate::forcing::{Forcing, Param, SeriesSource};
use crate::goals::{Goals, Lexicographic, Method, Objective, Sense};
use crate::horizon::Horizon;
use crate::kernel::{Kernel, KernelTable};
use crate::network::{
    Account, AccountWindow, Arc, ArcId, Bound, Demand, EndStorage, Energy, Link, Network, Node, NodeId, NodeKind, Of,
    Portion, Receiver, Region, Requirement, RequirementKind, Role, RuleClass, Source, Storage, Take, Use,
};
use crate::place::Place;
use crate::plan::{Certificate, Decisions, EngineFacts, Plan, StageResult, WaterValues};

/// hm³ a day in 1 m³/s.
pub(crate) const DAY: f64 = 0.0864;

pub(crate) const BROOK: usize = 0;
pub(crate) const TURBINES: usize = 1;
pub(crate) const SPILLWAY: usize = 2;
pub(crate) const INTAKE: usize = 3;
pub(crate) const REACH: usize = 4;
pub(crate) const WELL: usize = 5;

pub(crate) const LAKE_NODE: usize = 1;
pub(crate) const TOWN_NODE: usize = 3;

fn place() -> Place {
    Place::new("basin.toml", 1)
}

fn node(id: &str, name: &str, kind: NodeKind) -> Node {
    Node { id: id.into(), name: name.into(), place: place(), region: None, kind }
}

fn arc(id: &str, tail: usize, head: usize, role: Role, capacity: f64) -> Arc {
    Arc {
        id: id.into(),
        name: id.into(),
        place: place(),
        tail: NodeId(tail),
        receivers: vec![Receiver { node: NodeId(head), fraction: 1.0, kernel: Kernel::Instant }],
        role,
        floor: Param::constant(0.0),
        capacity: Param::constant(capacity),
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
    }
}

fn portion(class: &str, use_: Use, tier: usize, share: f64) -> Portion {
    Portion {
        class: class.into(),
        use_,
        tier,
        share: Param::constant(share),
        curtailed: None,
        weight: Param::constant(1.0),
        floor: false,
        target: 1.0,
        benefit: None,
    }
}

pub(crate) fn requirement(id: &str, kind: RequirementKind, class: RuleClass, of: Of) -> Requirement {
    Requirement {
        id: id.into(),
        name: id.into(),
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
    }
}

fn flow(value: f64) -> Bound {
    Bound::Flow(Param::constant(value))
}

pub(crate) fn objective(id: &str, kind: &str) -> Objective {
    Objective { name: id.into(), ..Objective::plain(id, kind, place()) }
}

/// The case.
pub(crate) fn case() -> Case {
    let specs = Horizon::parse(&["3 x 1 d".to_owned()]).unwrap();
    let horizon = Horizon::build(date(2026, 6, 29), "Asia/Shanghai", &specs).unwrap();
    let mut forcing = Forcing::new(1);
    let region = |id: &str, parent| Region { id: id.into(), name: id.into(), code: None, parent };
    let mut network = Network {
        nodes: nodes(&mut forcing),
        arcs: arcs(),
        requirements: requirements(&mut forcing),
        accounts: vec![account("permit", INTAKE, 1.2, true), account("well_cap", WELL, 0.1, false)],
        regions: vec![region("city", None), region("county", Some(0))],
        curtailments: Vec::new(),
        groups: Vec::new(),
        graph: petgraph::graph::DiGraph::new(),
    };
    let graph_nodes: Vec<_> = (0..network.nodes.len()).map(|i| network.graph.add_node(NodeId(i))).collect();
    for (index, arc) in network.arcs.iter().enumerate() {
        for (receiver, to) in arc.receivers.iter().enumerate() {
            let link = Link { arc: ArcId(index), receiver };
            network.graph.add_edge(graph_nodes[arc.tail.0], graph_nodes[to.node.0], link);
        }
    }
    let mut basin = BasinFacts { id: "hand".into(), name: "手工流域".into(), ..BasinFacts::default() };
    (basin.mode, basin.digest) = ("常规".into(), "ab".into());
    Case { basin, network, forcing, horizon, in_force: None }
}

fn nodes(forcing: &mut Forcing) -> Vec<Node> {
    let source = SeriesSource { origin: "series/brook.csv flow".into(), digest: "00".into(), ..SeriesSource::default() };
    let brook = forcing.add("brook.flow", Array2::from_elem((3, 1), 10.0), source);
    let point = |level_m, storage_hm3, area_km2| CurvePoint { level_m, storage_hm3, area_km2 };
    let lake = Storage {
        curve: Curve { points: vec![point(100.0, 0.0, 0.0), point(110.0, 5.0, 1.0), point(120.0, 20.0, 2.0)] },
        initial_hm3: 5.0,
        lower: Param::constant(1.0),
        upper: Param::constant(10.0),
        flood_limit: Some(Param::constant(6.0)),
        levels: vec![("drought_warning".into(), Param::constant(110.1))],
        evaporation: None,
        seepage_per_day: None,
        end: Some(EndStorage { storage_hm3: 4.0, hard: true }),
        zones: Vec::new(),
        aquifer: false,
        observed_peak_m3s: None,
    };
    let mut residents = portion("residents", Use::Domestic, 1, 0.3);
    residents.floor = true;
    let mut industry = portion("industry", Use::Industrial, 1, 0.5);
    industry.target = 0.9;
    industry.benefit = Some(Param::constant(2.0));
    let town = Demand {
        demand: Param::constant(4.0),
        portions: vec![residents, portion("residents", Use::Domestic, 2, 0.2), industry],
        returns: vec![Receiver { node: NodeId(2), fraction: 0.5, kernel: Kernel::Instant }],
        element: "waterworks",
    };
    let mut nodes = vec![
        node("brook", "溪", NodeKind::Source(Source { flow: brook, take: Take::Given })),
        node("lake", "湖", NodeKind::Storage(Box::new(lake))),
        node("river", "江", NodeKind::Junction),
        node("town", "城", NodeKind::Demand(Box::new(town))),
        node("sea", "海", NodeKind::Sink),
        node("well", "井", NodeKind::Source(Source { flow: Param::constant(1.0), take: Take::Available })),
    ];
    nodes[TOWN_NODE].region = Some(1);
    nodes
}

fn arcs() -> Vec<Arc> {
    let mut arcs = vec![
        arc("brook.inflow", 0, 1, Role::Inflow, f64::INFINITY),
        arc("lake.turbines", 1, 2, Role::Turbine, 20.0),
        arc("lake.spillway", 1, 2, Role::Spillway, 100.0),
        arc("town.intake", 1, 3, Role::Intake, 5.0),
        arc("lower_river", 2, 4, Role::Reach, 200.0),
        arc("well_pump", 5, 3, Role::Pump, 1.0),
    ];
    arcs[TURBINES].receivers[0].kernel = Kernel::Table(Shared::new(KernelTable {
        arrivals: vec![vec![(0, 0.5), (1, 0.5)], vec![(1, 0.5), (2, 0.5)], vec![(2, 0.5)]],
        after_end: vec![0.0, 0.0, 0.5],
        from_before_hm3: vec![0.5 * 5.0 * DAY, 0.0, 0.0],
        from_before_after_end_hm3: 0.0,
    }));
    arcs[TURBINES].energy = Some(Energy { gwh_per_hm3: 0.1, price: Some(Param::constant(0.4)) });
    arcs[TURBINES].minimum_when_open = Some(Param::constant(8.0));
    arcs[TURBINES].previous_flow = Some(5.0);
    arcs[SPILLWAY].previous_flow = Some(0.0);
    arcs[WELL].energy = Some(Energy { gwh_per_hm3: -0.2, price: None });
    arcs[WELL].price = Some(Param::constant(0.3));
    arcs
}

fn requirements(forcing: &mut Forcing) -> Vec<Requirement> {
    let outflow = || Of::Flow(vec![(ArcId(TURBINES), 1.0), (ArcId(SPILLWAY), 1.0)]);
    let river = Of::Flow(vec![(ArcId(REACH), 1.0)]);
    let mut section = requirement("gauge", RequirementKind::ControlSection, RuleClass::BaseFlow, river);
    section.floor = Some(flow(3.0));
    section.target = Some(flow(8.0));
    section.target_parts = vec![0.5, 1.0];
    section.grades = vec![("blue".into(), 1.2), ("orange".into(), 0.95), ("red".into(), 0.8)];
    let mut ramp = requirement("ramp", RequirementKind::Operation, RuleClass::Operational, outflow());
    ramp.rise_per_day = Some(flow(2.0));
    ramp.fall_per_day = Some(flow(2.0));
    let mut order = requirement("order_1", RequirementKind::Command, RuleClass::Command, outflow());
    let bounds = Array2::from_shape_vec((3, 1), vec![f64::INFINITY, 6.0, f64::INFINITY]).unwrap();
    order.ceiling = Some(Bound::Flow(forcing.add("order_1.maximum", bounds, SeriesSource::default())));
    vec![section, ramp, order]
}

fn account(id: &str, arc: usize, available_hm3: f64, hard: bool) -> Account {
    let window = AccountWindow {
        label: "2026".into(),
        steps: 0..3,
        limit_hm3: 10.0,
        used_before_hm3: 8.0,
        available_hm3,
        note: None,
    };
    Account {
        id: id.into(),
        name: id.into(),
        place: place(),
        terms: vec![(ArcId(arc), 1.0)],
        at_most: true,
        windows: vec![window],
        hard,
        bands: vec![("提示".into(), 0.8), ("预警".into(), 0.85), ("超计划".into(), 1.0)],
    }
}

/// The lake, to be changed.
pub(crate) fn lake(case: &mut Case) -> &mut Storage {
    match &mut case.network.nodes[LAKE_NODE].kind {
        NodeKind::Storage(storage) => storage,
        _ => unreachable!("node 1 is the lake"),
    }
}

/// The town, to be changed.
pub(crate) fn town(case: &mut Case) -> &mut Demand {
    match &mut case.network.nodes[TOWN_NODE].kind {
        NodeKind::Demand(demand) => demand,
        _ => unreachable!("node 3 is the town"),
    }
}

/// The goals: shortage of industry first, then energy.
pub(crate) fn goals() -> Goals {
    let mut industry = objective("industry", "shortage");
    industry.classes = vec!["industry".into()];
    Goals {
        objectives: vec![industry, objective("energy", "energy"), objective("spill", "spill")],
        method: Method::Lexicographic(Lexicographic::Faces),
        stages: vec![0, 1],
        rule_order: RuleClass::DEFAULT_ORDER.to_vec(),
        supply_order: Vec::new(),
        head: crate::goals::HeadModel::Fixed,
        integers: None,
        closing: false,
    }
}

/// The plan.
pub(crate) fn plan() -> Plan {
    let stage = |objective: &str, sense, unit: &str, value| StageResult {
        objective: objective.into(),
        sense,
        unit: unit.into(),
        value,
        solved: value,
        bound: Some(value),
        tolerance: 0.0,
        outcome: "optimal".into(),
        rate: None,
        iterations: 1,
    };
    Plan {
        decisions: Decisions {
            flow_m3s: array![
                [10.0, 10.0, 10.0],
                [6.0, 6.0, 6.0],
                [0.0, 0.0, 0.25],
                [3.0, 3.0, 3.0],
                [7.5, 7.75, 7.75],
                [1.0, 0.5, 0.0]
            ],
            storage_hm3: array![[5.0, 5.0 + DAY, 5.0 + 2.0 * DAY, 5.0 + 2.75 * DAY]],
            supply_m3s: array![[1.2, 1.2, 1.2], [0.8, 0.8, 0.8], [2.0, 1.5, 1.0]],
        },
        stages: vec![
            stage("industry", Sense::Minimise, "hm3", 1.5 * DAY),
            stage("energy", Sense::Maximise, "GWh", 1.8 * DAY),
        ],
        closing: Vec::new(),
        relaxations: Vec::new(),
        water_values: vec![WaterValues { address: "lake".into(), stage: 0, values: vec![0.25, 0.5, 0.0], sides: None }],
        certificate: Certificate::default(),
        front: None,
        engine: EngineFacts { solver: "by hand".into(), ..EngineFacts::default() },
        notes: vec!["made by hand".into()],
    }
}
