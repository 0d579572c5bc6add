//! The graph of a network: circles without lag, ends that hang loose, and finite bounds for ways without a capacity.

use std::collections::BTreeSet;

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{Bfs, Reversed};

use crate::elements::Head;
use crate::forcing::{DERIVED, SeriesSource};
use crate::kernel::Kernel;
use crate::lower::Lowering;
use crate::lower::values::Values;
use crate::network::{ArcId, Link, NodeId, NodeKind, Receiver};
use crate::place::Place;
use crate::units::HM3_PER_M3;

impl Lowering<'_> {
    /// Numbers the arcs in the order of their ids and draws the graph.
    pub(super) fn number_arcs(&mut self) {
        self.network.arcs = std::mem::take(&mut self.arcs).into_values().collect();
        let mut graph = DiGraph::new();
        for node in 0..self.network.nodes.len() {
            graph.add_node(NodeId(node));
        }
        for (index, arc) in self.network.arcs.iter().enumerate() {
            for (receiver, to) in arc.receivers.iter().enumerate() {
                graph.add_edge(NodeIndex::new(arc.tail.0), NodeIndex::new(to.node.0), Link { arc: ArcId(index), receiver });
            }
        }
        self.network.graph = graph;
    }

    /// Refuses circles of ways without lag, ways from a storage to itself, and elements that water cannot reach or leave.
    pub(super) fn check_graph(&mut self) {
        self.refuse_circles();
        for arc in self.network.arcs.iter().filter(|arc| arc.receivers.iter().any(|to| to.node == arc.tail)) {
            let (element, node) = (arc.id.split('.').next(), &self.network.nodes[arc.tail.0]);
            if matches!(node.kind, NodeKind::Storage(_)) {
                let fault = format!("leads from `{}` to itself", node.id);
                self.refusals.push(&arc.place, element, fault, Some("mend its `from` or its `to`".to_owned()));
            }
        }
        if !self.is_sound() {
            return;
        }
        let nodes = self.network.nodes.len();
        let (mut enters, mut leaves) = (vec![0usize; nodes], vec![0usize; nodes]);
        for (from, to, _) in self.edges() {
            leaves[from.0] += 1;
            enters[to.0] += 1;
        }
        for (index, node) in self.network.nodes.iter().enumerate() {
            let (enters, leaves) = (enters[index], leaves[index]);
            let fault = match &node.kind {
                _ if enters + leaves == 0 => "is connected to nothing",
                NodeKind::Junction | NodeKind::Demand(_) | NodeKind::Sink if enters == 0 => "no water reaches it",
                NodeKind::Junction | NodeKind::Source(_) if leaves == 0 => "no water can leave it",
                _ => continue,
            };
            let hint = match &node.kind {
                NodeKind::Demand(_) => "give `from`, or a diversion, canal or pump with `to` this demand",
                NodeKind::Source(_) => "draw on it with a diversion, canal, pump or a works' `from`",
                NodeKind::Sink => "some way must end `to` it",
                _ if leaves == 0 => "let a reach, canal or diversion lead on from it, if only to a sink",
                _ => "let an outlet, reach or inflow lead to it",
            };
            self.refusals.push(&node.place, Some(&node.id), fault, Some(hint.to_owned()));
        }
    }

    /// Tail, receiver and whether the water arrives in the step in which it leaves, of every arc and every return flow.
    fn edges(&self) -> Vec<(NodeId, NodeId, bool)> {
        let arriving = |tail: NodeId, receivers: &[Receiver]| -> Vec<(NodeId, NodeId, bool)> {
            receivers.iter().map(|to| (tail, to.node, matches!(to.kernel, Kernel::Instant))).collect()
        };
        let arcs = self.network.arcs.iter().flat_map(|arc| arriving(arc.tail, &arc.receivers));
        let returns = self.network.demands().flat_map(|(node, demand)| arriving(node, &demand.returns));
        arcs.chain(returns).collect()
    }

    fn refuse_circles(&mut self) {
        let is_storage = |node: NodeId| matches!(self.network.nodes[node.0].kind, NodeKind::Storage(_));
        let mut instant = DiGraph::<(), ()>::new();
        for _ in 0..self.network.nodes.len() {
            instant.add_node(());
        }
        for (from, to, at_once) in self.edges() {
            if at_once && !is_storage(from) && !is_storage(to) {
                instant.add_edge(NodeIndex::new(from.0), NodeIndex::new(to.0), ());
            }
        }
        for part in tarjan_scc(&instant) {
            if part.len() < 2 && !instant.contains_edge(part[0], part[0]) {
                continue;
            }
            let mut members: Vec<usize> = part.iter().map(|node| node.index()).collect();
            members.sort_unstable();
            let inside = |node: NodeId| members.contains(&node.0);
            let ways =
                self.network.arcs.iter().filter(|arc| inside(arc.tail) && arc.receivers.iter().any(|to| inside(to.node)));
            let ways: Vec<(&Place, &str)> = ways.map(|arc| (&arc.place, arc.id.as_str())).collect();
            let names: Vec<&str> = members.iter().map(|node| self.network.nodes[*node].id.as_str()).collect();
            let first = ways.iter().min_by_key(|(place, _)| place.line);
            let place = first.map_or_else(|| self.network.nodes[members[0]].place.clone(), |(place, _)| (*place).clone());
            let element = first.map_or(names[0], |(_, id)| *id).split('.').next().unwrap_or_default().to_owned();
            let message = format!("ways without lag in a circle through {}", crate::basin::nearest::list(&names));
            let words: Vec<&str> = ways.iter().map(|(_, id)| *id).collect();
            let hint = format!("give one of {} a lag, or mend where it leads", crate::basin::nearest::list(&words));
            self.refusals.push(&place, Some(&element), message, Some(hint));
        }
    }

    /// Gives every way without a capacity a finite one: what all the water upstream would make if it passed in one step.
    pub(super) fn derive_capacities(&mut self) {
        let derived = std::mem::take(&mut self.derived);
        if derived.is_empty() || !self.is_sound() {
            return;
        }
        let mut graph = DiGraph::<(), ()>::new();
        for _ in 0..self.network.nodes.len() {
            graph.add_node(());
        }
        for (from, to, _) in self.edges() {
            graph.add_edge(NodeIndex::new(from.0), NodeIndex::new(to.0), ());
        }
        let water: Vec<f64> = (0..self.network.nodes.len()).map(|node| self.water_of(NodeId(node))).collect();
        let mut named = Vec::new();
        for index in 0..self.network.arcs.len() {
            let arc = &self.network.arcs[index];
            let Some(open) = derived.get(&arc.id) else { continue };
            let mut upstream = BTreeSet::new();
            let reversed = Reversed(&graph);
            let mut search = Bfs::new(&reversed, NodeIndex::new(arc.tail.0));
            while let Some(node) = search.next(&reversed) {
                upstream.insert(node.index());
            }
            let hm3: f64 = upstream.iter().map(|node| water[*node]).sum::<f64>() + self.on_its_way(&upstream);
            let lengths = &self.horizon.lengths_s;
            // Never under the floor: a floor that runs dry is for stage 0 to name, not for this bound.
            let floor = |step: usize| self.forcing.at(&arc.floor, step, 0);
            let most = |step: usize| (open.at(step) * hm3 / (lengths[step] * HM3_PER_M3)).max(floor(step));
            let each: Vec<f64> = (0..lengths.len()).map(most).collect();
            let same = each.iter().all(|capacity| *capacity == each[0]);
            let capacity = if same { Values::Same(each[0]) } else { Values::Each(each) };
            let id = arc.id.clone();
            self.network.arcs[index].unbounded = (0..lengths.len()).all(|step| open.at(step) == 1.0);
            let source = SeriesSource { origin: DERIVED.to_owned(), ..SeriesSource::default() };
            self.network.arcs[index].capacity = self.param_of(&format!("{id}.capacity"), capacity, source);
            named.push(id);
        }
        let words: Vec<&str> = named.iter().map(String::as_str).collect();
        self.note(format!(
            "Without a stated capacity, bounded by all the water upstream passing in one step: {}.",
            words.join(", ")
        ));
    }

    /// Water that a node starts with or is given within the horizon, hm³.
    fn water_of(&self, node: NodeId) -> f64 {
        match &self.network.nodes[node.0].kind {
            NodeKind::Storage(storage) => storage.initial_hm3,
            NodeKind::Source(source) => (0..self.horizon.steps())
                .map(|step| self.forcing.at(&source.flow, step, 0).max(0.0) * self.horizon.lengths_s[step] * HM3_PER_M3)
                .sum(),
            _ => 0.0,
        }
    }

    /// Water that left nodes before the start and arrives at some of them within the horizon, hm³.
    fn on_its_way(&self, nodes: &BTreeSet<usize>) -> f64 {
        let arcs = self.network.arcs.iter().flat_map(|arc| &arc.receivers);
        let returns = self.network.demands().flat_map(|(_, demand)| &demand.returns);
        arcs.chain(returns)
            .filter(|to| nodes.contains(&to.node.0))
            .map(|to| match &to.kernel {
                Kernel::Instant => 0.0,
                Kernel::Table(table) => to.fraction * table.from_before_hm3.iter().sum::<f64>(),
            })
            .sum()
    }

    /// Refuses a rule of an element about which nothing could be found out, unless something else was refused already.
    pub fn refuse_if_sound(&mut self, place: &Place, head: &Head, message: &str, hint: &str) {
        if self.is_sound() {
            self.refuse(place, head, message, Some(hint.to_owned()));
        }
    }
}
