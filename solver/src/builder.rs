//! What equation families and objectives build with: the case, the layout so far, and the matrix so far.

use std::collections::BTreeMap;

use weir_model::case::Case;
use weir_model::goals::Goals;
use weir_model::kernel::{Kernel, KernelTable};
use weir_model::network::{ArcId, NodeId, NodeKind, Receiver, RuleClass, Source};

use crate::layout::{FlowColumns, Key, Layout, Open, Quantity, Subject};
use crate::matrix::Matrix;
use crate::program::{Expression, Leximin};

/// A column by which a rule gives way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breach {
    /// The column, in hm³; 0 where the rule holds.
    pub column: usize,
    /// Class of the rule; none for the dead level under a start below it.
    pub class: Option<RuleClass>,
    /// A stage works on it, so it is open from the start and stage 0 leaves it alone.
    pub staged: bool,
}

/// A column by which a soft rule is missed: minimised after the goals if none of them names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Soft {
    /// The column, in hm³.
    pub column: usize,
    /// Class of the rule.
    pub class: RuleClass,
}

/// What a row is: its family, what it belongs to, its step and member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RowKey {
    /// Word of the family.
    pub family: &'static str,
    /// What it belongs to.
    pub subject: Subject,
    /// The step (the last one of what spans several).
    pub step: u32,
    /// The member.
    pub member: u32,
}

/// A formulation in the making.
#[derive(Clone, Debug)]
pub struct Builder<'a> {
    /// The facts.
    pub case: &'a Case,
    /// What is wanted.
    pub goals: &'a Goals,
    /// Which rules may give way.
    pub open: Open,
    /// Where each quantity stands.
    pub layout: Layout,
    /// Columns, rows and coefficients so far.
    pub matrix: Matrix,
    /// What each row is.
    pub row_keys: Vec<RowKey>,
    /// Columns by which rules give way.
    pub breaches: Vec<Breach>,
    /// Columns by which soft rules are missed.
    pub soft: Vec<Soft>,
    /// Rows of the balance of each node (those that have one), T a member.
    pub balance_rows: Vec<Option<usize>>,
    /// Entries of the objective built last, where it is leximin.
    pub leximin: Option<Leximin>,
    /// Bounds that cannot hold together stand in the data: only a program with its rules open can be feasible.
    pub impossible: bool,
    /// hm³ that can be in the network at all: a finite bound where none is given.
    pub all_water_hm3: f64,
    /// Number of arcs that leave each node.
    pub arcs_leaving: Vec<usize>,
    /// Columns whose sum tells whether an arc is open at a place, where any do.
    pub is_open: BTreeMap<(usize, usize), Vec<usize>>,
    /// Column of the units of an arc that run at a place, where it has several.
    pub units_on: BTreeMap<(usize, usize), usize>,
    /// Columns whose sum is the energy that an arc makes at a place, where zones of the storage tell it.
    pub made: BTreeMap<(usize, usize), Vec<usize>>,
    /// Columns of the starts of an arc in each step, by arc and member.
    pub starts: BTreeMap<(usize, usize), Vec<usize>>,
}

impl<'a> Builder<'a> {
    /// Nothing built yet.
    pub fn new(case: &'a Case, goals: &'a Goals, open: Open) -> Self {
        let mut arcs_leaving = vec![0; case.network.nodes.len()];
        for arc in &case.network.arcs {
            arcs_leaving[arc.tail.0] += 1;
        }
        let layout = Layout { steps: case.horizon.steps(), members: case.forcing.members.max(1), ..Layout::default() };
        Self {
            case,
            goals,
            open,
            layout,
            matrix: Matrix::default(),
            row_keys: Vec::new(),
            breaches: Vec::new(),
            soft: Vec::new(),
            balance_rows: vec![None; case.network.nodes.len()],
            leximin: None,
            impossible: false,
            all_water_hm3: all_water(case),
            arcs_leaving,
            is_open: BTreeMap::new(),
            units_on: BTreeMap::new(),
            made: BTreeMap::new(),
            starts: BTreeMap::new(),
        }
    }

    /// A new column.
    pub fn column(&mut self, subject: Subject, quantity: Quantity, at: (usize, usize), lower: f64, upper: f64) -> usize {
        self.layout.keys.push(Key { subject, quantity, step: at.0 as u32, member: at.1 as u32 });
        self.matrix.column(lower, upper.max(lower))
    }

    /// A new column of whole numbers from 0.
    pub fn integer(&mut self, subject: Subject, quantity: Quantity, at: (usize, usize), most: f64) -> usize {
        let column = self.column(subject, quantity, at, 0.0, most);
        self.matrix.whole();
        column
    }

    /// A new column by which a rule gives way, of at least `lower` (where the data alone break it).
    pub fn breach(
        &mut self,
        subject: Subject,
        quantity: Quantity,
        at: (usize, usize),
        class: Option<RuleClass>,
        (lower, upper): (f64, f64),
    ) -> usize {
        let column = self.column(subject, quantity, at, lower, upper);
        self.breaches.push(Breach { column, class, staged: false });
        column
    }

    /// A new row.
    pub fn row(&mut self, family: &'static str, subject: Subject, at: (usize, usize), lower: f64, upper: f64) -> usize {
        self.row_keys.push(RowKey { family, subject, step: at.0 as u32, member: at.1 as u32 });
        self.matrix.row(lower, upper)
    }

    /// Adds a storage at an edge of the horizon to a row.
    pub fn add_storage(&mut self, row: usize, storage: usize, edge: usize, member: usize, coefficient: f64) {
        let matrix = &mut self.matrix;
        let constant = self.layout.storage(storage, edge, member, |column, c| matrix.add(row, column, c * coefficient));
        self.matrix.add_constant(row, constant * coefficient);
    }

    /// Adds an arc's flow in a step to a row.
    pub fn add_flow(&mut self, row: usize, arc: ArcId, (step, member): (usize, usize), coefficient: f64) {
        let matrix = &mut self.matrix;
        let constant = self.layout.flow(arc, step, member, |column, c| matrix.add(row, column, c * coefficient));
        self.matrix.add_constant(row, constant * coefficient);
    }

    /// Adds a portion's supply in a step to a row.
    pub fn add_supply(&mut self, row: usize, portion: usize, (step, member): (usize, usize), coefficient: f64) {
        let matrix = &mut self.matrix;
        self.layout.supply(portion, step, member, |column, c| matrix.add(row, column, c * coefficient));
    }

    /// The index of a node's storage in the layout.
    pub fn storage_of(&self, node: NodeId) -> Option<usize> {
        self.layout.storage_of[node.0]
    }

    /// Bounds of an arc's flow in a step as its columns have them, hm³.
    pub fn flow_bounds(&self, arc: ArcId, (step, member): (usize, usize)) -> (f64, f64) {
        let (mut lower, mut upper) = (0.0, 0.0);
        let constant = self.layout.flow(arc, step, member, |column, c| {
            let (l, u) = self.matrix.bounds(column);
            lower += if c > 0.0 { c * l } else { c * u };
            upper += if c > 0.0 { c * u } else { c * l };
        });
        (lower + constant, upper + constant)
    }

    /// What an arc carries in a step in which none of its columns can move, hm³.
    pub fn held_flow(&self, arc: ArcId, at: (usize, usize)) -> Option<f64> {
        let (lower, upper) = self.flow_bounds(arc, at);
        (lower == upper).then_some(lower)
    }

    /// The same of a portion's supply.
    pub fn held_supply(&self, portion: usize, (step, member): (usize, usize)) -> Option<f64> {
        let mut held = Some(0.0);
        self.layout.supply(portion, step, member, |column, c| {
            let (lower, upper) = self.matrix.bounds(column);
            held = held.filter(|_| lower == upper).map(|volume| volume + c * lower);
        });
        held
    }

    /// Least and greatest capacity of an arc in a step: floor and capacity as data, the latter within the rating, hm³.
    pub fn flow_limits(&self, arc: ArcId, (step, member): (usize, usize)) -> (f64, f64) {
        let facts = &self.case.network.arcs[arc.0];
        let volume = self.case.hm3_per_m3s(step);
        let floor = (self.case.at(&facts.floor, step, member) * volume).max(0.0);
        let rated = self.case.rating_envelope(facts, step, member).map_or(f64::INFINITY, |envelope| envelope.greatest_m3s);
        let capacity = self.case.at(&facts.capacity, step, member).min(rated) * volume;
        (floor, if capacity.is_finite() { capacity.max(0.0) } else { self.all_water_hm3 })
    }

    /// Whether an arc's flow is what a plain junction passes on.
    pub fn passes_on(&self, arc: ArcId) -> bool {
        matches!(self.layout.flows[arc.0], FlowColumns::Passed(_))
    }

    /// Whether an arc's flow is the sum of what it alone delivers.
    pub fn delivers_alone(&self, arc: ArcId) -> bool {
        matches!(self.layout.flows[arc.0], FlowColumns::Portions(_))
    }
}

/// Terms of an expression as they are collected; columns may come in any order and twice.
#[derive(Clone, Debug, Default)]
pub struct Sum {
    terms: Vec<(usize, f64)>,
    constant: f64,
}

impl Sum {
    /// Adds a column.
    pub fn add(&mut self, column: usize, coefficient: f64) {
        self.terms.push((column, coefficient));
    }

    /// Adds a constant.
    pub fn add_constant(&mut self, constant: f64) {
        self.constant += constant;
    }

    /// The expression: columns rise, none twice.
    pub fn expression(mut self) -> Expression {
        self.terms.sort_by_key(|&(column, _)| column);
        let mut terms: Vec<(usize, f64)> = Vec::with_capacity(self.terms.len());
        for (column, coefficient) in self.terms {
            match terms.last_mut() {
                Some(last) if last.0 == column => last.1 += coefficient,
                _ => terms.push((column, coefficient)),
            }
        }
        terms.retain(|&(_, coefficient)| coefficient != 0.0);
        Expression { terms, constant: self.constant }
    }
}

/// hm³ that a source gives over the horizon, in the member in which it gives most; with a sign of −1 what it takes, by inflow below 0.
fn sourced(case: &Case, source: &Source, sign: f64) -> f64 {
    let of = |member| {
        (0..case.horizon.steps())
            .map(|step| (sign * case.at(&source.flow, step, member) * case.hm3_per_m3s(step)).max(0.0))
            .filter(|volume| volume.is_finite())
            .sum::<f64>()
    };
    (0..case.forcing.members.max(1)).map(of).fold(0.0, f64::max)
}

/// hm³ that inflows below 0 take over the horizon.
pub fn taken(case: &Case) -> f64 {
    let sources = case.network.nodes.iter().filter_map(|node| match &node.kind {
        NodeKind::Source(source) => Some(source),
        _ => None,
    });
    sources.map(|source| sourced(case, source, -1.0)).sum()
}

/// hm³ that can be in the network at all over the horizon: starts, inflow, and water on its way that arrives in it.
fn all_water(case: &Case) -> f64 {
    let mut total = 1.0;
    for node in &case.network.nodes {
        match &node.kind {
            NodeKind::Storage(storage) => total += storage.initial_hm3.max(0.0),
            NodeKind::Source(source) => total += sourced(case, source, 1.0),
            _ => {}
        }
    }
    total + from_before_hm3(case, |table| table.from_before_hm3.iter().sum::<f64>())
}

/// hm³ that left before the start and arrive after the end.
pub(crate) fn late_hm3(case: &Case) -> f64 {
    from_before_hm3(case, |table| table.from_before_after_end_hm3)
}

/// Of all that left before the start, so much as is counted of each way's.
fn from_before_hm3(case: &Case, counted: impl Fn(&KernelTable) -> f64) -> f64 {
    let receivers = case.network.arcs.iter().flat_map(|arc| &arc.receivers);
    let returns = case.network.demands().flat_map(|(_, demand)| &demand.returns);
    let of = |receiver: &Receiver| match &receiver.kernel {
        Kernel::Table(table) => counted(table).max(0.0) * receiver.fraction,
        Kernel::Instant => 0.0,
    };
    receivers.chain(returns).map(of).sum()
}
