//! The members of a tree as blocks of one program: where each column and row of a member stands in the whole.

use weir_model::case::Case;
use weir_model::goals::Goals;
use weir_model::network::{ArcId, NodeKind, Role};

use super::risk::{Risk, mean, range};
use super::{Tree, TreeError, WHOLE_NUMBERS};
use crate::builder::{Breach, Builder, Soft, Sum};
use crate::closing::{self, Chained, Link};
use crate::formulation::{Formulation, formulate};
use crate::layout::{FlowColumns, Open, Quantity, Subject};
use crate::methods::Standing;
use crate::program::{Expression, Leximin, LeximinEntry, Stage};
use crate::solve::Unsolved;
use crate::stage0::stage;

/// A member's own formulation, and where it stands in the whole.
pub(super) struct Block<'a> {
    pub(super) case: &'a Case,
    pub(super) weight: f64,
    pub(super) formulation: Formulation,
    builder: Builder<'a>,
    /// The whole's column of each of its own.
    columns: Vec<usize>,
    /// The whole's row of each of its own.
    rows: Vec<usize>,
    /// Coefficients that stand in the whole.
    entries: usize,
}

/// The members' blocks and the program of all of them.
pub(super) struct Whole<'a> {
    pub(super) blocks: Vec<Block<'a>>,
    pub(super) formulation: Formulation,
    builder: Builder<'a>,
    /// The goals of each member.
    pub(super) own_goals: &'a Goals,
}

/// Whether a flow is decided: through a gate of a storage, a turbine or a pump, or into a diversion, and where spill is shared over the
/// spillway of a storage. Where a junction has no other way out, one of its flows follows from the others and none is shared.
pub fn decided(case: &Case, arc: ArcId, spill: bool) -> bool {
    let network = &case.network;
    let is_set = |arc: &weir_model::network::Arc| {
        let in_storage = matches!(network.nodes[arc.tail.0].kind, NodeKind::Storage(_));
        match arc.role {
            Role::Turbine | Role::Gate | Role::EcologicalOutlet => in_storage && !arc.free_overflow,
            Role::Diversion | Role::Pump => true,
            Role::Spillway => spill && in_storage && !arc.free_overflow,
            Role::Reach | Role::Intake | Role::Inflow => false,
        }
    };
    let this = &network.arcs[arc.0];
    let is_junction = matches!(network.nodes[this.tail.0].kind, NodeKind::Junction);
    let has_other_way = || network.arcs.iter().any(|other| other.tail == this.tail && !is_set(other));
    is_set(this) && network.given(arc).is_none() && (!is_junction || has_other_way())
}

impl<'a> Whole<'a> {
    /// The program of a tree with some rules open, by the goals of each member and as all of them are asked.
    ///
    /// # Errors
    /// What keeps it from being one linear program.
    pub(super) fn formulate(
        tree: &Tree<'a>,
        (own_goals, goals): (&'a Goals, &'a Goals),
        open: Open,
    ) -> Result<Self, TreeError> {
        let mut blocks: Vec<Block<'a>> = Vec::with_capacity(tree.members.len());
        let mut builder: Option<Builder<'a>> = None;
        for (number, member) in tree.members.iter().enumerate() {
            let (formulation, own) = formulate(member.case, own_goals, open).map_err(Unsolved::from)?;
            if !formulation.program.integers.is_empty() {
                return Err(TreeError::NotLinear(WHOLE_NUMBERS));
            }
            let whole = builder.get_or_insert_with(|| {
                let mut whole = Builder::new(member.case, goals, open);
                whole.layout = own.layout.clone();
                whole.layout.keys.clear();
                whole.layout.members = tree.members.len();
                whole
            });
            let mut block = Block {
                case: member.case,
                weight: member.weight,
                formulation,
                builder: own,
                columns: Vec::new(),
                rows: Vec::new(),
                entries: 0,
            };
            let parent = member.branch.map(|branch| (&blocks[branch.from], branch.steps, tree.spill_shared));
            whole.impossible |= block.formulation.impossible;
            block.add_columns(whole, number, parent);
            block.add_rest(whole, number);
            if let Some((parent, steps, _)) = parent {
                block.share_only_feeds(whole, number, parent, steps);
            }
            blocks.push(block);
        }
        let Some(mut builder) = builder else { return Err(TreeError::NotLinear("there are no members")) };
        let stages = goals.stages.iter().enumerate();
        let stages = stages.map(|(number, &objective)| {
            // Each of the members' goals is asked once, or twice in a row.
            let own = number * own_goals.stages.len() / goals.stages.len();
            whole_stage(&mut builder, &blocks, (tree, goals), (objective, own))
        });
        let stages = stages.collect::<Result<Vec<Stage>, TreeError>>()?;
        let breaches = blocks.iter().flat_map(|block| {
            let of = |breach: &Breach| Breach { column: block.columns[breach.column], ..*breach };
            block.formulation.breaches.iter().map(of)
        });
        let soft = blocks.iter().flat_map(|block| {
            block.formulation.soft.iter().map(|soft| Soft { column: block.columns[soft.column], ..*soft })
        });
        let formulation = Formulation {
            program: builder.matrix.program(),
            layout: builder.layout.clone(),
            stages,
            row_keys: builder.row_keys.clone(),
            breaches: breaches.collect(),
            soft: soft.collect(),
            balance_rows: vec![None; builder.balance_rows.len()],
            impossible: builder.impossible,
        };
        Ok(Self { blocks, formulation, builder, own_goals })
    }

    /// The members' goals by expectation.
    pub(super) fn by_expectation(&self) -> Vec<Stage> {
        let stage = |number: usize| {
            let value = |block: &Block<'a>| (block.weight, block.placed(&block.formulation.stages[number].expression));
            let values: Vec<(f64, Expression)> = self.blocks.iter().map(value).collect();
            Stage { expression: mean(&values), leximin: None, ..self.blocks[0].formulation.stages[number] }
        };
        (0..self.own_goals.stages.len()).map(stage).collect()
    }

    /// The point of the whole in a member's own columns.
    pub(super) fn own_point(&self, member: usize, point: &[f64]) -> Vec<f64> {
        let block = &self.blocks[member];
        block.columns.iter().take(block.formulation.program.columns()).map(|&column| point[column]).collect()
    }

    /// A point within the bounds of the program and of each member's own.
    pub(super) fn clamped(&self, point: &[f64]) -> Vec<f64> {
        let program = &self.formulation.program;
        let clamp = |(j, &x): (usize, &f64)| x.max(program.column_lower[j]).min(program.column_upper[j]) + 0.0;
        let mut whole: Vec<f64> = point.iter().take(program.columns()).enumerate().map(clamp).collect();
        for (member, block) in self.blocks.iter().enumerate() {
            let own = crate::read::clamped(&block.formulation, &self.own_point(member, &whole));
            for (&column, value) in block.columns.iter().zip(own) {
                whole[column] = value;
            }
        }
        whole
    }

    /// The program that the members' plans are proved on.
    pub(super) fn proved_on(&self, relaxations: &[Vec<weir_model::plan::Relaxation>]) -> crate::program::Program {
        let mut program = self.formulation.program.clone();
        for (block, relaxations) in self.blocks.iter().zip(relaxations) {
            let own = crate::certificate::program(&block.formulation, block.case, relaxations, &[]);
            for breach in &block.formulation.breaches {
                program.column_upper[block.columns[breach.column]] = own.column_upper[breach.column];
            }
        }
        program
    }

    /// Links of the members by word, each the mean by weight of theirs.
    fn linked(&mut self, mut own: impl FnMut(&mut Block<'a>) -> Vec<Link>) -> Vec<Link> {
        let mut all: Vec<(Link, Sum)> = Vec::new();
        for (number, block) in self.blocks.iter_mut().enumerate() {
            let links = own(block);
            block.add_columns(&mut self.builder, number, None);
            block.add_rest(&mut self.builder, number);
            for link in links {
                let place = all.iter().position(|(known, _)| known.word == link.word).unwrap_or_else(|| {
                    all.push((link.clone(), Sum::default()));
                    all.len() - 1
                });
                let sum = &mut all[place].1;
                sum.add_constant(block.weight * link.stage.expression.constant);
                for &(column, coefficient) in &link.stage.expression.terms {
                    sum.add(block.columns[column], block.weight * coefficient);
                }
            }
        }
        all.into_iter().map(|(link, sum)| Link { stage: stage(sum.expression()), ..link }).collect()
    }
}

impl<'a> Chained<'a> for Whole<'a> {
    fn whole(&mut self) -> &mut Builder<'a> {
        &mut self.builder
    }

    fn shares(&mut self, standing: &Standing) -> Vec<Link> {
        self.linked(|block| {
            let own = block.own(standing);
            closing::shares(&mut block.builder, &own)
        })
    }

    fn moves(&mut self, standing: &Standing) -> Vec<Link> {
        self.linked(|block| {
            let own = block.own(standing);
            closing::moves(&mut block.builder, &own)
        })
    }
}

impl Block<'_> {
    /// How its own columns stand in the whole.
    fn own(&self, standing: &Standing) -> Standing {
        let columns = self.columns.iter().map(|&column| standing.columns[column]).collect();
        Standing { columns, ..Standing::default() }
    }

    /// Gives its columns that have none yet a place in the whole: the parent's, where the two share it.
    fn add_columns(&mut self, whole: &mut Builder, number: usize, parent: Option<(&Self, usize, bool)>) {
        let shared = parent.map(|(parent, steps, spill)| (parent, self.shared_columns(steps, spill)));
        for column in self.columns.len()..self.builder.matrix.columns() {
            let (lower, upper) = self.builder.matrix.bounds(column);
            let of_parent = shared.as_ref().filter(|(_, shared)| shared[column]);
            if let Some((parent, _)) = of_parent {
                let place = parent.columns[column];
                let (least, most) = whole.matrix.bounds(place);
                whole.impossible |= least.max(lower) > most.min(upper);
                whole.matrix.set_bounds(place, least.max(lower).min(most), most.min(upper).max(least));
                self.columns.push(place);
                continue;
            }
            let key = self.builder.layout.keys[column];
            let place = whole.column(key.subject, key.quantity, (key.step as usize, number), lower, upper);
            self.columns.push(place);
        }
    }

    /// Which of its columns are its parent's for so many steps.
    fn shared_columns(&self, steps: usize, spill: bool) -> Vec<bool> {
        let mut shared = vec![false; self.builder.matrix.columns()];
        for (arc, flow) in self.builder.layout.flows.iter().enumerate() {
            if let FlowColumns::Own { first, .. } = flow
                && decided(self.case, ArcId(arc), spill)
            {
                shared[*first..first + steps.min(self.builder.layout.steps)].fill(true);
            }
        }
        shared
    }

    /// Gives its rows and coefficients that have none yet a place in the whole.
    fn add_rest(&mut self, whole: &mut Builder, number: usize) {
        let matrix = &self.builder.matrix;
        for row in self.rows.len()..matrix.rows() {
            let (lower, upper) = matrix.row_bounds(row);
            let key = self.builder.row_keys[row];
            self.rows.push(whole.row(key.family, key.subject, (key.step as usize, number), lower, upper));
        }
        for &(row, column, value) in &matrix.entries()[self.entries..] {
            whole.matrix.add(self.rows[row as usize], self.columns[column as usize], value);
        }
        self.entries = matrix.entries().len();
    }

    /// Rows that hold what a diversion alone delivers, which has no column of its own, at the parent's.
    fn share_only_feeds(&self, whole: &mut Builder, number: usize, parent: &Self, steps: usize) {
        let layout = &self.builder.layout;
        for (arc, flow) in layout.flows.iter().enumerate() {
            if !matches!(flow, FlowColumns::Portions(_)) || !decided(self.case, ArcId(arc), false) {
                continue;
            }
            for step in 0..steps.min(layout.steps) {
                let row = whole.row("shared", Subject::Arc(arc as u32), (step, number), 0.0, 0.0);
                for (block, sign) in [(self, 1.0), (parent, -1.0)] {
                    let matrix = &mut whole.matrix;
                    block.builder.layout.flow(ArcId(arc), step, 0, |column, c| {
                        matrix.add(row, block.columns[column], sign * c);
                    });
                }
            }
        }
    }

    /// An expression over its own columns, over the whole's.
    fn placed(&self, expression: &Expression) -> Expression {
        let mut sum = Sum::default();
        sum.add_constant(expression.constant);
        for &(column, coefficient) in &expression.terms {
            sum.add(self.columns[column], coefficient);
        }
        sum.expression()
    }
}

/// A stage of the whole: the risk of the members' values; of a leximin stage, of each of their entries.
fn whole_stage(
    builder: &mut Builder,
    blocks: &[Block<'_>],
    (tree, goals): (&Tree<'_>, &Goals),
    (objective, number): (usize, usize),
) -> Result<Stage, TreeError> {
    let (subject, risk) = (Subject::Objective(objective as u32), tree.risk_of(&goals.objectives[objective]));
    let own = || blocks.iter().map(|block| &block.formulation.stages[number]);
    let first = &blocks[0].formulation.stages[number];
    let entries = |stage: &Stage| stage.leximin.as_ref().map(|leximin| leximin.entries.len());
    if own().any(|stage| entries(stage) != entries(first)) {
        return Err(TreeError::NotLinear("their balance has other entries in some members than in the first"));
    }
    let (expression, leximin) = match (&first.leximin, blocks) {
        (Some(leximin), [only]) => (only.placed(&first.expression), Some(only.placed_entries(leximin))),
        (Some(leximin), _) => {
            let values = (0..leximin.entries.len()).map(|entry| {
                let of = |block: &Block| {
                    let column = block.formulation.stages[number].leximin.as_ref().map(|own| own.entries[entry].column);
                    let terms = column.map(|column| (block.columns[column], -1.0)).into_iter().collect();
                    (block.weight, Expression { terms, constant: 0.0 })
                };
                blocks.iter().map(of).collect::<Vec<_>>()
            });
            let values: Vec<_> = values.collect();
            of_entries(builder, (risk, subject), &values)
        }
        (None, _) => {
            let values: Vec<(f64, Expression)> =
                blocks.iter().zip(own()).map(|(block, stage)| (block.weight, block.placed(&stage.expression))).collect();
            (risk.expression(builder, (subject, 0), &values), None)
        }
    };
    Ok(Stage { expression, leximin, ..*first })
}

impl Block<'_> {
    fn placed_entries(&self, leximin: &Leximin) -> Leximin {
        let entry = |entry: &LeximinEntry| LeximinEntry { column: self.columns[entry.column], row: self.rows[entry.row] };
        Leximin { worst: self.columns[leximin.worst], entries: leximin.entries.iter().map(entry).collect() }
    }
}

/// Entries each of which is the risk of the members' entries, which are given as they are minimised.
fn of_entries(
    builder: &mut Builder,
    (risk, subject): (Risk, Subject),
    values: &[Vec<(f64, Expression)>],
) -> (Expression, Option<Leximin>) {
    let at = (builder.layout.steps.saturating_sub(1), builder.layout.members);
    let mut entries = Vec::with_capacity(values.len());
    let mut columns = Vec::with_capacity(values.len());
    let mut all = (0.0_f64, 0.0_f64);
    for (number, values) in values.iter().enumerate() {
        let risk = risk.expression(builder, (subject, number as u32), values);
        let (lower, upper) = range(builder, &risk);
        let column = builder.column(subject, Quantity::Satisfaction(number as u32), at, -upper, -lower);
        let row = builder.row("risk", subject, at, f64::NEG_INFINITY, -risk.constant);
        builder.matrix.add(row, column, 1.0);
        for &(term, coefficient) in &risk.terms {
            builder.matrix.add(row, term, coefficient);
        }
        all = (all.0.min(-upper), all.1.max(-lower));
        columns.push(column);
    }
    // Beyond what any entry reaches, so that rows alone hold it.
    let worst = builder.column(subject, Quantity::Worst, at, all.0, 1.0 + all.1);
    for column in columns {
        let row = builder.row("risk", subject, at, 0.0, f64::INFINITY);
        builder.matrix.add(row, column, 1.0);
        builder.matrix.add(row, worst, -1.0);
        entries.push(LeximinEntry { column, row });
    }
    (Expression { terms: vec![(worst, -1.0)], constant: 0.0 }, Some(Leximin { worst, entries }))
}
