//! Lowering: from a basin as the engineer wrote it to the primitives of a case, and what is wanted of it to goals.
//!
//! Elements are passed over three times in the order of their ids (nodes, arcs, rules), so that the order of the file does
//! not matter. All faults are collected; validation ends with the case that leaves here.
//!
//! Fails: whatever docs/basin-file.md does not allow, each fault with its place, element, field and how to mend it.

pub mod address;
pub mod curtail;
pub mod goals;
pub mod graph;
pub mod natural;
pub mod splice;
pub mod values;
pub mod windows;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::basin::Basin;
use crate::basin::entry::Field;
use crate::basin::forecast::Then;
use crate::basin::nearest::hint;
use crate::case::{BasinFacts, Case};
use crate::elements::Head;
use crate::forcing::Forcing;
use crate::goals::Goals;
use crate::horizon::{Horizon, StepSpec};
use crate::lower::values::Values;
use crate::network::{Account, Arc, Network, Node, NodeId, NodeKind, Receiver, Region, Requirement};
use crate::on_off::Group;
use crate::place::{Lacks, Place, Refusals};

/// Lowers a basin from a start (the file's own where none is given) to a case and its goals.
///
/// # Errors
/// All faults of the basin.
pub fn lower(basin: &Basin, start: Option<Date>) -> Result<(Case, Goals), Refusals> {
    let (lowered, refusals) = attempt(basin, start);
    let refusals = refusals.since_removed(&basin.removed);
    match lowered {
        Some(lowered) => refusals.or(lowered),
        // What is not lowered has been refused: the default only satisfies the type.
        None => Err(sorted(refusals)),
    }
}

impl Basin {
    /// The horizon from a start, where its steps can be laid out from it.
    pub fn horizon(&self, start: Date) -> Option<Horizon> {
        horizon(self, Some(start), &mut Refusals::default()).map(|(_, horizon)| horizon)
    }
}

fn sorted(refusals: Refusals) -> Refusals {
    refusals.or(()).err().unwrap_or_default()
}

/// Lowers as far as it goes: the result, if nothing was refused, and all refusals, unsorted.
pub(crate) fn attempt(basin: &Basin, start: Option<Date>) -> (Option<(Case, Goals)>, Refusals) {
    let mut refusals = Refusals::default();
    let horizon = horizon(basin, start, &mut refusals);
    let timed = horizon.is_some();
    let Some((start, horizon)) = horizon.or_else(|| stand_in(basin)) else { return (None, refusals) };
    let mut lowering = Lowering::new(basin, start, horizon, timed, refusals);
    lowering.refuse_periods();
    lowering.regions();
    lowering.look_beyond();
    for element in &basin.elements {
        element.nodes(&mut lowering);
    }
    lowering.number_nodes();
    for element in &basin.elements {
        element.arcs(&mut lowering);
    }
    lowering.number_arcs();
    lowering.check_graph();
    lowering.derive_capacities();
    for element in &basin.elements {
        element.rules(&mut lowering);
    }
    lowering.curtail();
    lowering.network.requirements = std::mem::take(&mut lowering.requirements).into_values().collect();
    lowering.network.groups = std::mem::take(&mut lowering.groups).into_values().collect();
    lowering.network.accounts = std::mem::take(&mut lowering.accounts).into_values().collect();
    let goals = lowering.goals();
    lowering.finish(goals)
}

/// The start and the horizon.
fn horizon(basin: &Basin, start: Option<Date>, refusals: &mut Refusals) -> Option<(Date, Horizon)> {
    let place = &basin.horizon_place;
    let hint = || Some("such as `steps = [\"30 x 1 d\", \"11 x 旬\"]`".to_owned());
    let steps = basin.steps.as_ref()?;
    let words: Vec<String> = steps.iter().map(|step| step.value.clone()).collect();
    let mut specs: Option<Vec<StepSpec>> = Some(Vec::new());
    for step in steps {
        match StepSpec::parse(&step.value) {
            Ok(spec) => {
                specs = specs.map(|mut specs| {
                    specs.push(spec);
                    specs
                });
            }
            Err(message) => {
                refusals.push(&step.place, None, format!("`steps`: {message}"), hint());
                specs = None;
            }
        }
    }
    if words.is_empty() {
        refusals.push(place, None, "`steps`: a horizon of no steps", hint());
        return None;
    }
    let Some(start) = start.or(basin.start) else {
        if !basin.faulty_head {
            refusals.push(
                place,
                None,
                "no start: the file gives none, and none was asked for",
                Some("`start = \"2026-11-01\"` in [horizon], or `--from DATE`".to_owned()),
            );
        }
        return None;
    };
    match Horizon::build(start, &basin.time_zone, &specs?) {
        Ok(horizon) => Some((start, horizon)),
        Err(message) => {
            let at = if message.contains("zone") { &basin.place } else { place };
            refusals.push(at, None, format!("the horizon: {message}"), hint());
            None
        }
    }
}

/// A day that stands in for a horizon that was refused, so that one mistake hides no other; nothing about time is judged on it.
fn stand_in(basin: &Basin) -> Option<(Date, Horizon)> {
    let start = basin.start.unwrap_or(jiff::civil::date(2001, 1, 1));
    let specs = Horizon::parse(&["1 x 1 d".to_owned()]).ok()?;
    let zone = Horizon::build(start, &basin.time_zone, &specs).or_else(|_| Horizon::build(start, "UTC", &specs));
    zone.ok().map(|horizon| (start, horizon))
}

/// A lowering under way.
pub struct Lowering<'b> {
    /// What is lowered.
    pub basin: &'b Basin,
    /// First day of the horizon.
    pub start: Date,
    /// The time grid.
    pub horizon: Horizon,
    /// Series so far.
    pub forcing: Forcing,
    /// Nodes, arcs and graph so far.
    pub network: Network,
    /// The horizon is the file's own: faults of time are judged.
    timed: bool,
    refusals: Refusals,
    /// Elements of which something was refused.
    refused: BTreeSet<String>,
    notes: Vec<String>,
    degraded: Vec<String>,
    nodes: BTreeMap<String, Node>,
    node_ids: BTreeMap<String, NodeId>,
    arcs: BTreeMap<String, Arc>,
    /// Arcs whose capacity is still to be derived, with the share of each step that they are open.
    derived: BTreeMap<String, Values>,
    greatest_demands: BTreeMap<String, f64>,
    /// Where reaches end, for local inflow into them.
    reach_ends: BTreeMap<String, Field<String>>,
    region_ids: BTreeMap<String, usize>,
    requirements: BTreeMap<String, Requirement>,
    accounts: BTreeMap<String, Account>,
    groups: BTreeMap<String, Group>,
    /// What comes beyond the forecast.
    beyond: Option<splice::Beyond>,
}

impl<'b> Lowering<'b> {
    fn new(basin: &'b Basin, start: Date, horizon: Horizon, timed: bool, refusals: Refusals) -> Self {
        Self {
            basin,
            start,
            horizon,
            forcing: Forcing::new(1),
            network: Network::default(),
            timed,
            refusals,
            refused: basin.faulty.clone(),
            notes: Vec::new(),
            degraded: Vec::new(),
            nodes: BTreeMap::new(),
            node_ids: BTreeMap::new(),
            arcs: BTreeMap::new(),
            derived: BTreeMap::new(),
            greatest_demands: BTreeMap::new(),
            reach_ends: BTreeMap::new(),
            region_ids: BTreeMap::new(),
            requirements: BTreeMap::new(),
            accounts: BTreeMap::new(),
            groups: BTreeMap::new(),
            beyond: None,
        }
    }

    /// Refuses something of an element.
    pub fn refuse(&mut self, place: &Place, head: &Head, message: impl Into<String>, hint: Option<String>) {
        self.refused.insert(head.id.clone());
        self.refusals.push(place, Some(&head.id), message, hint);
    }

    /// Refuses what names something that is not there.
    pub fn refuse_unknown(&mut self, field: &Field<String>, head: &Head, message: impl Into<String>, hint: Option<String>) {
        self.refused.insert(head.id.clone());
        let lacks = Lacks::Address(field.value.clone());
        self.refusals.push_lacking((&field.place, Some(&head.id)), message, hint, lacks);
    }

    /// Refuses something that depends on the horizon.
    pub fn refuse_in_time(&mut self, place: &Place, head: &Head, message: impl Into<String>, hint: Option<String>) {
        if self.timed {
            self.refuse(place, head, message, hint);
        }
    }

    /// Refuses periods that no day of the horizon lies in.
    fn refuse_periods(&mut self) {
        let steps = self.horizon.steps();
        for (period, place) in self.basin.periods.iter().filter(|_| self.timed) {
            let mut dates = (0..steps).flat_map(|step| self.horizon.dates_of(step));
            if !dates.any(|(date, _)| period.holds(date, self.start)) {
                let (first, last) = (self.horizon.date_of(0), self.horizon.last_date_of(steps - 1));
                let hint = format!("the horizon runs from {first} to {last}");
                self.refusals.push(place, None, format!("the period{period} touches no day of the horizon"), Some(hint));
            }
        }
    }

    /// Whether something of an element was refused.
    pub fn has_refused(&self, head: &Head) -> bool {
        self.refused.contains(&head.id)
    }

    /// Whether something of the element of this id was refused.
    pub fn is_faulty(&self, id: &str) -> bool {
        self.refused.contains(id)
    }

    /// Whether nothing at all was refused so far: what depends on the whole network can be judged.
    pub fn is_sound(&self) -> bool {
        self.refusals.0.is_empty() && self.basin.faulty.is_empty() && !self.basin.faulty_head
    }

    /// Adds a sentence for the reader.
    pub fn note(&mut self, sentence: String) {
        if self.notes.contains(&sentence) {
            return;
        }
        self.notes.push(sentence);
    }

    /// Adds a reason for which the case is degraded.
    pub fn degrade(&mut self, reason: String) {
        self.degraded.push(reason);
    }

    /// Adds the node of an element.
    pub fn add_node(&mut self, head: &Head, kind: NodeKind) {
        self.add_node_as(&head.id, head, kind);
    }

    /// Adds a node with an id of its own.
    pub fn add_node_as(&mut self, id: &str, head: &Head, kind: NodeKind) {
        let region = head.region.as_ref().and_then(|region| self.region(region, head));
        let node = Node { id: id.to_owned(), name: head.name.clone(), place: head.place.clone(), region, kind };
        self.nodes.insert(id.to_owned(), node);
    }

    /// Notes where a reach ends.
    pub fn note_reach_end(&mut self, reach: &str, to: &Field<String>) {
        self.reach_ends.insert(reach.to_owned(), to.clone());
    }

    /// Notes the greatest demand of a delivery, m³/s.
    pub fn note_greatest_demand(&mut self, id: &str, greatest: f64) {
        self.greatest_demands.insert(id.to_owned(), greatest);
    }

    /// The greatest demand of a delivery, m³/s.
    pub fn greatest_demand(&self, id: &str) -> f64 {
        self.greatest_demands.get(id).copied().unwrap_or(0.0)
    }

    /// The region of a name.
    pub fn region(&mut self, region: &Field<String>, head: &Head) -> Option<usize> {
        let found = self.region_ids.get(&region.value).copied();
        if found.is_none() {
            let known: Vec<&str> = self.basin.regions.iter().map(|region| region.id.as_str()).collect();
            let hint = hint(&region.value, &known, "regions");
            self.refuse_unknown(region, head, format!("`{}`: unknown region `{}`", region.key, region.value), hint);
        }
        found
    }

    fn regions(&mut self) {
        let basin = self.basin;
        let mut regions: Vec<_> = basin.regions.iter().collect();
        regions.sort_by(|a, b| a.id.cmp(&b.id));
        self.region_ids = regions.iter().enumerate().map(|(index, region)| (region.id.clone(), index)).collect();
        let known: Vec<&str> = regions.iter().map(|region| region.id.as_str()).collect();
        let mut parents = vec![None; regions.len()];
        for (index, region) in regions.iter().enumerate() {
            let Some(parent) = &region.parent else { continue };
            parents[index] = self.region_ids.get(&parent.value).copied();
            if parents[index].is_none() {
                let message = format!("`parent`: unknown region `{}`", parent.value);
                let (at, hint) = ((&parent.place, Some(region.id.as_str())), hint(&parent.value, &known, "regions"));
                self.refusals.push_lacking(at, message, hint, Lacks::Address(parent.value.clone()));
            }
        }
        let mut named = BTreeSet::new();
        for first in 0..regions.len() {
            let mut circle = vec![first];
            let mut at = first;
            while let Some(parent) = parents[at].filter(|parent| !circle.contains(parent) || *parent == first) {
                if parent == first {
                    if named.is_disjoint(&circle.iter().copied().collect()) {
                        let words: Vec<&str> = circle.iter().map(|index| known[*index]).chain([known[first]]).collect();
                        let message = format!("regions in a circle: {}", words.join(" → "));
                        let hint = "a region lies in one that is larger: province ⊃ city ⊃ county".to_owned();
                        self.refusals.push(&regions[first].place, Some(known[first]), message, Some(hint));
                    }
                    named.extend(circle.iter().copied());
                    break;
                }
                circle.push(parent);
                at = parent;
            }
        }
        for index in named {
            parents[index] = None;
        }
        self.network.regions = regions
            .iter()
            .zip(parents)
            .map(|(region, parent)| Region {
                id: region.id.clone(),
                name: region.name.clone(),
                code: region.code.clone(),
                parent,
            })
            .collect();
    }

    fn number_nodes(&mut self) {
        for (id, node) in std::mem::take(&mut self.nodes) {
            self.node_ids.insert(id, NodeId(self.network.nodes.len()));
            self.network.nodes.push(node);
        }
    }

    /// The node of an element itself.
    pub fn own_node(&self, head: &Head) -> Option<NodeId> {
        self.node_ids.get(&head.id).copied()
    }

    /// The node of an id of the lowering's own making.
    pub fn node_of(&self, id: &str) -> Option<NodeId> {
        self.node_ids.get(id).copied()
    }

    fn node(&mut self, field: &Field<String>, head: &Head) -> Option<NodeId> {
        if let Some(node) = self.node_ids.get(&field.value) {
            return Some(*node);
        }
        let written = self.basin.elements.iter().map(|element| element.head()).find(|other| other.id == field.value);
        let is_node = |kind: &str| crate::elements::KINDS.iter().any(|known| known.word == kind && known.node);
        match written {
            // It was refused itself: no second fault.
            Some(other) if is_node(other.kind) => {}
            Some(other) => {
                let message = format!("`{}`: `{}` is a {}, expected a node", field.key, field.value, other.kind);
                self.refuse(
                    &field.place,
                    head,
                    message,
                    Some("nodes are reservoirs, aquifers, junctions, sources, demands and sinks".to_owned()),
                );
            }
            None if self.basin.faulty.contains(&field.value) => {}
            None => {
                let elements = self.basin.elements.iter().map(|element| element.head());
                let known: Vec<&str> = elements.filter(|other| is_node(other.kind)).map(|other| other.id.as_str()).collect();
                let hint = hint(&field.value, &known, "nodes");
                self.refuse_unknown(field, head, format!("`{}`: unknown element `{}`", field.key, field.value), hint);
            }
        }
        None
    }

    /// The node that water leaves.
    pub fn tail(&mut self, field: &Field<String>, head: &Head) -> Option<NodeId> {
        let node = self.node(field, head)?;
        let what = match &self.network.nodes[node.0].kind {
            NodeKind::Demand(_) => "a demand",
            NodeKind::Sink => "a sink",
            NodeKind::Source(source) if source.take == crate::network::Take::Given => "an inflow",
            _ => return Some(node),
        };
        let hint = if what == "an inflow" {
            "give the node that the inflow goes `into`"
        } else {
            "water is taken from a reservoir, aquifer, junction or source"
        };
        self.refuse(
            &field.place,
            head,
            format!("`{}`: `{}` is {what}, nothing can be drawn from it", field.key, field.value),
            Some(hint.to_owned()),
        );
        None
    }

    /// The node where water arrives.
    pub fn receiver(&mut self, field: &Field<String>, head: &Head) -> Option<NodeId> {
        let node = self.node(field, head)?;
        if !matches!(self.network.nodes[node.0].kind, NodeKind::Source(_)) {
            return Some(node);
        }
        let hint = "water arrives at a reservoir, aquifer, junction, demand or sink".to_owned();
        self.refuse(
            &field.place,
            head,
            format!("`{}`: `{}` gives water, it takes none", field.key, field.value),
            Some(hint),
        );
        None
    }

    /// The node where local inflow arrives: a node, or a reach's lower end.
    pub fn inflow_receiver(&mut self, field: &Field<String>, head: &Head) -> Option<NodeId> {
        match self.reach_ends.get(&field.value).cloned() {
            Some(end) => self.node_ids.get(&end.value).copied(),
            None => self.receiver(field, head),
        }
    }

    /// Gives a demand its return flows.
    pub fn set_returns(&mut self, node: NodeId, returns: Vec<Receiver>) {
        if let NodeKind::Demand(demand) = &mut self.network.nodes[node.0].kind {
            demand.returns = returns;
        }
    }

    /// Adds an arc; `derived` is the share of each step that it is open where its capacity is still to be derived.
    pub fn add_arc(&mut self, arc: Arc, derived: Option<Values>) {
        if let Some(open) = derived {
            self.derived.insert(arc.id.clone(), open);
        }
        self.arcs.insert(arc.id.clone(), arc);
    }

    /// Adds a requirement.
    pub fn add_requirement(&mut self, requirement: Requirement) {
        self.requirements.insert(requirement.id.clone(), requirement);
    }

    /// Adds an account.
    pub fn add_account(&mut self, account: Account) {
        self.accounts.insert(account.id.clone(), account);
    }

    /// Adds a group of ways.
    pub fn add_group(&mut self, group: Group) {
        self.groups.insert(group.id.clone(), group);
    }

    fn finish(mut self, goals: Option<Goals>) -> (Option<(Case, Goals)>, Refusals) {
        let basin = self.basin;
        let facts = BasinFacts {
            id: basin.id.clone(),
            name: basin.name.clone(),
            mode: basin.mode.clone(),
            publishing_authority: basin.publishing_authority.clone(),
            dry_year: basin.dry_year.or_else(|| basin.stated_year()),
            no_rain: basin.forecast.as_ref().is_some_and(|forecast| forecast.then == Some(Then::NoRain)),
            inflow: self.inflow_rows(),
            degraded: basin.gathered.degraded.iter().cloned().chain(self.degraded).collect(),
            assumed: basin.assumed.clone(),
            written_over: basin.written_over.clone(),
            digest: basin.digest.clone(),
            tables: basin.tables.clone().into_iter().collect(),
            overlays: basin.overlays.clone(),
            gathered: basin.gathered.gathered.clone(),
            in_force: None,
            basis_time: basin.gathered.basis_time.clone(),
            scenario: basin.scenario.clone(),
            notes: basin.gathered.notes.iter().cloned().chain(self.notes).collect(),
        };
        let mut case =
            Case { basin: facts, network: self.network, forcing: self.forcing, horizon: self.horizon, in_force: None };
        if let Some(goals) = goals.as_ref().filter(|_| self.refusals.0.is_empty() && basin.faulty.is_empty()) {
            case.basin.notes.extend(goals::refuse_empty(&case, goals, &mut self.refusals));
            case.basin.notes.extend(case.left_out_without_integers(goals));
        }
        let sound = self.refusals.0.is_empty() && self.timed;
        (goals.filter(|_| sound).map(|goals| (case, goals)), self.refusals)
    }
}
