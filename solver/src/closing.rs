//! The closing chain, which makes one plan of the many optimal ones, after the goals.
//!
//! 1. `equal_sharing`: among the demands of a class and tier, the largest share of the horizon's demand that is lacking is made
//!    as small as possible, so that no later step chooses who goes short. Each class counts by the volume it wants, so that
//!    none is served before another for being small; what the goals have fixed takes no part, so that one who must go short
//!    does not hide how the others share.
//!    Rows: one a portion. Columns: one a class and tier.
//!    Then `equal_sharing_of_classes`, the same among the classes of one demand. Rows: one a class. Columns: one a demand.
//! 2. `spill`: least water over spillways.
//! 3. `change`: least change of flows against the plan in force, where one is given. Rows and columns: 1 and 2 a flow and step.
//!    Then `room_left`: least room in storages at the end, so that water that nothing asks for is kept.
//! 4. `variation`: least total variation of outflows and of deliveries by class. Rows and columns: 1 and 2 a series and step in which it can move.
//!    What a junction only passes on is told by what comes to it, and counts neither here nor in 3: a junction more or less is no other plan.
//! 5. `generic`: one fixed linear objective with a coefficient from the hash of each flow's and supply's address and step.
//!
//! The first two steps need few columns and go on from the goals' basis by optimal faces, `spill` first by asking for none at all. The others are one program of certified
//! weights, solved from nothing: what the goals fixed is left out, and that is worth more than any basis (what was tried and
//! lost: docs/performance.md).
//!
//! Its columns and rows are added after the goals, to the program as the goals' faces left it, so that no stage before pays for
//! them.

use weir_model::case::Case;
use weir_model::goals::Goals;
use weir_model::measures::Rate;
use weir_model::network::{ArcId, NodeKind, RuleClass};

use crate::builder::{Builder, Sum};
use crate::engine::{Algorithm, Basis, Engine, Options, Outcome, Solution, Standing as At};
use crate::formulation::Formulation;
use crate::layout::{FlowColumns, Quantity, Subject};
use crate::methods::{Live, Method as _, MethodError, Order, StageAnswer, Standing, certified::Certified, faces};
use crate::objectives::{change, spill, variation};
use crate::program::{Expression, Program, Stage};
use crate::solve::Unsolved;
use crate::stage0::{stage, total};

/// The link that more often than not comes to nothing.
const SPILL: &str = "spill";

/// A stage of the chain, with its word and unit.
#[derive(Clone, Debug)]
pub struct Link {
    /// Its word.
    pub word: String,
    /// Unit of its value.
    pub unit: &'static str,
    /// What is minimised.
    pub stage: Stage,
}

/// What soft rules lack that no goal works on, one stage a class in the order of rules.
pub fn soft_rules(formulation: &Formulation, goals: &Goals) -> Vec<Link> {
    let mut worked_on = vec![false; formulation.program.columns()];
    for stage in &formulation.stages {
        for &(column, _) in &stage.expression.terms {
            worked_on[column] = true;
        }
    }
    let mut order = goals.rule_order.clone();
    order.extend(RuleClass::DEFAULT_ORDER.iter().filter(|class| !goals.rule_order.contains(class)));
    let columns = |class| formulation.soft.iter().filter(move |soft| soft.class == class).map(|soft| soft.column);
    order
        .into_iter()
        .map(|class| Link {
            word: format!("soft.{}", class.word()),
            unit: "hm3",
            stage: total(columns(class).filter(|&column| !worked_on[column])),
        })
        .filter(|link| !link.stage.expression.terms.is_empty())
        .collect()
}

/// What the chain is of: a case, or the members of a tree.
pub(crate) trait Chained<'a> {
    /// The builder of the program.
    fn whole(&mut self) -> &mut Builder<'a>;

    /// Its [`shares`].
    fn shares(&mut self, standing: &Standing) -> Vec<Link>;

    /// Its [`moves`].
    fn moves(&mut self, standing: &Standing) -> Vec<Link>;
}

impl<'a> Chained<'a> for Builder<'a> {
    fn whole(&mut self) -> &mut Builder<'a> {
        self
    }

    fn shares(&mut self, standing: &Standing) -> Vec<Link> {
        shares(self, standing)
    }

    fn moves(&mut self, standing: &Standing) -> Vec<Link> {
        moves(self, standing)
    }
}

/// The first half of the chain, its few columns and rows added to the builder: who goes short, and how much is spilt.
pub(crate) fn shares(builder: &mut Builder, standing: &Standing) -> Vec<Link> {
    let equal_sharing = equal_sharing(builder, standing);
    let between_classes = equal_sharing_of_classes(builder, standing);
    let arcs: Vec<ArcId> = (0..builder.case.network.arcs.len()).map(ArcId).collect();
    links([
        ("equal_sharing", "1", equal_sharing),
        ("equal_sharing_of_classes", "1", between_classes),
        (SPILL, "hm3", spill(builder, arcs, |_, _| 1.0)),
    ])
}

/// The second half, its many columns and rows added to the builder: when the water moves, as far as what stands leaves it to.
pub(crate) fn moves(builder: &mut Builder, standing: &Standing) -> Vec<Link> {
    for (column, &(lower, upper)) in standing.columns.iter().enumerate() {
        builder.matrix.set_bounds(column, lower, upper);
    }
    let follows = |arc: ArcId| builder.case.network.given(arc).is_some() || builder.passes_on(arc);
    let decided = (0..builder.case.network.arcs.len()).map(ArcId).filter(|&arc| !follows(arc)).collect();
    let mut rates = rates_by_class(builder.case);
    rates.retain(|rate| !matches!(rate, Rate::Outflow(_, arcs) if arcs.iter().all(|&arc| builder.passes_on(arc))));
    let change = change(builder, decided, |_, _| 1.0);
    let variation = variation(builder, &rates, |_, _| 1.0);
    let room_left = room_left(builder);
    let generic = generic(builder);
    links([
        ("change", "hm3", change),
        ("room_left", "hm3", room_left),
        ("variation", "m3/s", variation),
        ("generic", "1", generic),
    ])
}

/// Those of the stages that have anything to minimise.
fn links<const N: usize>(stages: [(&str, &'static str, Expression); N]) -> Vec<Link> {
    let link = |(word, unit, expression): (&str, &'static str, Expression)| Link {
        word: word.to_owned(),
        unit,
        stage: stage(expression),
    };
    stages.into_iter().filter(|(_, _, expression)| !expression.terms.is_empty()).map(link).collect()
}

/// Among the demands of a class and tier: the largest share of the horizon's demand that any lacks.
fn equal_sharing(builder: &mut Builder, standing: &Standing) -> Expression {
    let mut classes: std::collections::BTreeMap<(&str, usize), Vec<Vec<usize>>> = std::collections::BTreeMap::new();
    for (node, demand) in builder.case.network.demands() {
        for (portion, facts) in builder.layout.portions_of[node.0].clone().zip(&demand.portions) {
            if !facts.floor {
                classes.entry((&facts.class, facts.tier)).or_default().push(vec![portion]);
            }
        }
    }
    let groups: Vec<_> = classes.into_values().map(|sharers| (Subject::Class(sharers[0][0] as u32), sharers)).collect();
    least_worst(builder, standing, "equal_sharing", &groups)
}

/// Among the classes of one demand that the goals treat alike: the largest share of the horizon's demand that any lacks.
fn equal_sharing_of_classes(builder: &mut Builder, standing: &Standing) -> Expression {
    let mut demands = Vec::new();
    for (node, demand) in builder.case.network.demands() {
        let mut classes: Vec<(&str, Vec<usize>)> = Vec::new();
        for (portion, facts) in builder.layout.portions_of[node.0].clone().zip(&demand.portions) {
            match classes.iter_mut().find(|(class, _)| *class == facts.class) {
                _ if facts.floor => {}
                Some((_, portions)) => portions.push(portion),
                None => classes.push((&facts.class, vec![portion])),
            }
        }
        demands.push((Subject::Node(node.0 as u32), classes.into_iter().map(|(_, portions)| portions).collect()));
    }
    least_worst(builder, standing, "equal_sharing_of_classes", &demands)
}

/// Σ over groups of the largest share of the horizon's demand that any sharer of the group lacks, each group weighed by what
/// its sharers want of all that is wanted; a sharer is some portions. Sharers that want nothing or whose supply the goals have
/// fixed take no part, nor do groups of one.
fn least_worst(
    builder: &mut Builder,
    standing: &Standing,
    word: &'static str,
    groups: &[(Subject, Vec<Vec<usize>>)],
) -> Expression {
    let steps = builder.layout.steps;
    let last = steps.saturating_sub(1);
    let mut sum = Sum::default();
    for member in 0..builder.layout.members {
        let layout = &builder.layout;
        let wanted = |portions: &[usize]| -> f64 {
            let of_portion = |&portion: &usize| {
                let size_hm3 = &layout.supplies[portion].size_hm3;
                (0..steps).map(|step| size_hm3[layout.place(step, member)]).sum::<f64>()
            };
            portions.iter().map(of_portion).sum()
        };
        let is_open = |portions: &[usize]| {
            let mut open = false;
            for (&portion, step) in portions.iter().flat_map(|portion| (0..steps).map(move |step| (portion, step))) {
                layout.supply(portion, step, member, |column, _| {
                    open |= standing.columns.get(column).is_none_or(|(lower, upper)| lower < upper);
                });
            }
            open
        };
        let mut shared = Vec::new();
        for (of, group) in groups {
            let sharers = group.iter().map(|portions| (portions.as_slice(), wanted(portions)));
            let sharers: Vec<_> = sharers.filter(|(portions, size)| *size > 0.0 && is_open(portions)).collect();
            if sharers.len() > 1 {
                shared.push((*of, sharers));
            }
        }
        let all: f64 = shared.iter().flat_map(|(_, sharers)| sharers).map(|(_, size)| size).sum();
        for (of, sharers) in shared {
            let worst = builder.column(of, Quantity::Worst, (last, member), 0.0, 1.0);
            sum.add(worst, sharers.iter().map(|(_, size)| size).sum::<f64>() / all);
            for (portions, size) in sharers {
                let subject = Subject::Portion(portions[0] as u32);
                let row = builder.row(word, subject, (last, member), size, f64::INFINITY);
                builder.matrix.add(row, worst, size);
                for &portion in portions {
                    for step in 0..steps {
                        builder.add_supply(row, portion, (step, member), 1.0);
                    }
                }
            }
        }
    }
    sum.expression()
}

/// Room that storages have left at the end, below their flood limits: water that nothing asks for is kept, not let go.
fn room_left(builder: &Builder) -> Expression {
    let layout = &builder.layout;
    let mut sum = Sum::default();
    for (node, storage) in builder.case.network.storages() {
        let Some(index) = layout.storage_of[node.0] else { continue };
        let last = layout.steps.saturating_sub(1);
        for member in 0..layout.members {
            sum.add_constant(builder.case.at(&storage.upper, last, member));
            if let Some(column) = layout.storages[index].excess.get(layout.place(last, member)) {
                sum.add(column, 1.0);
            }
            let constant = layout.storage(index, layout.steps, member, |column, share| sum.add(column, -share));
            sum.add_constant(-constant);
        }
    }
    sum.expression()
}

/// Outflows, and deliveries by class, so that none of a delivery's classes jumps while its sum stays smooth.
fn rates_by_class(case: &Case) -> Vec<Rate> {
    let split = |rate: Rate| match rate {
        Rate::Supply(node, portions) => {
            let NodeKind::Demand(demand) = &case.network.nodes[node.0].kind else { return Vec::new() };
            let mut classes: Vec<Rate> = Vec::new();
            let mut from = portions.start;
            for (place, portion) in demand.portions.iter().enumerate() {
                let next = demand.portions.get(place + 1);
                if next.is_none_or(|next| next.class != portion.class) {
                    classes.push(Rate::Supply(node, from..portions.start + place + 1));
                    from = portions.start + place + 1;
                }
            }
            classes
        }
        outflow @ Rate::Outflow(..) => vec![outflow],
    };
    Rate::every(case).into_iter().flat_map(split).collect()
}

fn generic(builder: &Builder) -> Expression {
    let layout = &builder.layout;
    let network = &builder.case.network;
    let steps: Vec<String> = (0..layout.steps).map(|step| builder.case.horizon.name_of(step)).collect();
    let mut sum = Sum::default();
    let mut add = |subject, quantity: Quantity, first: usize| {
        let address = format!("{}.{}", layout.address(subject, network), quantity.word());
        for (step, member) in layout.each_step() {
            let text = format!("{address}[{},{member}]", steps[step]);
            sum.add(first + layout.place(step, member), 0.5 + unit_hash(&text));
        }
    };
    for (arc, flow) in layout.flows.iter().enumerate() {
        if let FlowColumns::Own { first, .. } = flow {
            add(Subject::Arc(arc as u32), Quantity::Flow, *first);
        }
    }
    for (portion, supply) in layout.supplies.iter().enumerate() {
        add(Subject::Portion(portion as u32), Quantity::Supply, supply.first);
    }
    sum.expression()
}

/// A number in [0, 1) from a text, the same on every machine: FNV-1a, mixed by SplitMix64's finaliser.
fn unit_hash(text: &str) -> f64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((hash ^ (hash >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// What the chain left.
pub struct Closed {
    /// The stages with their answers.
    pub links: Vec<(Link, StageAnswer)>,
    /// The point; the formulation's columns come first.
    pub point: Vec<f64>,
    /// Fall-backs that were taken.
    pub notes: Vec<String>,
    /// The basis of the point, where the next stages may begin.
    basis: Option<Basis>,
}

/// Solves the chain on the program as the goals left it.
///
/// # Errors
/// If a stage has no optimum, or the engine cannot be asked.
pub(crate) fn close<'a>(
    chained: &mut impl Chained<'a>,
    (standing, found): (&Standing, &Solution),
    ways: (&dyn Engine, &Options),
) -> Result<Closed, Unsolved> {
    let mut closed =
        Closed { links: Vec::new(), point: found.primal.clone(), notes: Vec::new(), basis: found.basis.clone() };
    // Columns that a method added are in rows that keep what it found.
    let known = chained.whole().matrix.columns();
    for &(lower, upper) in standing.columns.iter().skip(known) {
        chained.whole().column(Subject::Objective(0), Quantity::Worst, (0, 0), lower, upper);
    }
    let first = chained.shares(standing);
    let mut shared = None;
    if !first.is_empty() {
        let builder = chained.whole();
        keep(builder, standing);
        let program = bounded(builder.matrix.program(), standing);
        // Of its live program only this is left: the engine holds one at a time.
        shared = Some(onwards(builder, program, first, standing, ways, &mut closed)?.standing()?);
    }
    let standing = shared.as_ref().unwrap_or(standing);
    let second = chained.moves(standing);
    if !second.is_empty() {
        let builder = chained.whole();
        keep(builder, standing);
        // Nothing is added to the matrix after it.
        let program = bounded(std::mem::take(&mut builder.matrix).program(), standing);
        if !anew(&program, &second, ways, &mut closed)? {
            onwards(builder, program, second, standing, ways, &mut closed)?;
        }
    }
    Ok(closed)
}

/// Adds the rows that keep earlier stages to a builder's program.
fn keep(builder: &mut Builder, standing: &Standing) {
    for (lower, upper, expression) in &standing.kept {
        let row = builder.row("kept", Subject::Objective(0), (0, 0), *lower, *upper);
        for &(column, coefficient) in &expression.terms {
            builder.matrix.add(row, column, coefficient);
        }
    }
}

/// A program with the bounds of columns and rows as earlier stages left them.
fn bounded(mut program: Program, standing: &Standing) -> Program {
    // Limits of change hold the second half more often than not: asked without them at first, it took half as long again.
    program.late.clear();
    for (j, &(lower, upper)) in standing.columns.iter().enumerate() {
        (program.column_lower[j], program.column_upper[j]) = (lower, upper);
    }
    for (i, &(lower, upper)) in standing.rows.iter().enumerate() {
        (program.row_lower[i], program.row_upper[i]) = (lower, upper);
    }
    program
}

fn stages(links: &[Link]) -> Vec<Stage> {
    links.iter().map(|link| link.stage.clone()).collect()
}

/// Solves stages from nothing, by certified weights, on what earlier stages left to move; whether that led to an end without a fall-back.
fn anew(
    program: &Program,
    links: &[Link],
    (engine, options): (&dyn Engine, &Options),
    closed: &mut Closed,
) -> Result<bool, Unsolved> {
    let (movable, columns) = program.movable();
    let mut point = program.column_lower.clone();
    let mut stages = stages(links);
    for stage in &mut stages {
        stage.expression = stage.expression.over(&columns, &point);
    }
    let mut live = Live::open(engine, movable, options)?;
    if !live.tells_faces() {
        return Ok(false);
    }
    live.next_stage(Some(closed.links.len()));
    live.look_closely()?;
    let answers = match Certified.goals(&mut live, &Order { goals: &stages, ..Order::default() }) {
        Ok(answers) if live.take_notes().is_empty() => answers,
        Err(MethodError::Unsolved { outcome: outcome @ Outcome::Stopped { .. }, stage }) => {
            return Err(MethodError::Unsolved { outcome, stage }.into());
        }
        _ => return Ok(false),
    };
    let Some(found) = live.solution() else { return Ok(false) };
    for (&column, value) in columns.iter().zip(&found.primal) {
        point[column] = *value;
    }
    closed.point = point;
    closed.links.extend(links.iter().cloned().zip(answers));
    Ok(true)
}

/// Solves stages by optimal faces from the basis found last. Its point stays feasible under new costs, so primal simplex goes on from there.
fn onwards(
    builder: &Builder,
    program: Program,
    links: Vec<Link>,
    standing: &Standing,
    (engine, options): (&dyn Engine, &Options),
    closed: &mut Closed,
) -> Result<Live, Unsolved> {
    let mut live = Live::open(engine, program, options)?;
    live.next_stage(Some(closed.links.len()));
    live.look_closely()?;
    if options.algorithm == Algorithm::Automatic {
        live.set_algorithm(Algorithm::Primal);
    }
    let fits = |basis: &&Basis| basis.columns.len() == standing.columns.len() && basis.rows.len() == standing.rows.len();
    if let Some(basis) = closed.basis.as_ref().filter(fits) {
        let basis = extended(builder, live.program(), basis, &closed.point);
        live.set_basis(&basis)?;
    }
    let mut answers = Vec::with_capacity(links.len());
    for (number, link) in links.iter().enumerate() {
        live.tell_stages(number, 1);
        let unspilt = if link.word == SPILL { faces::at_best(&mut live, &link.stage)? } else { None };
        answers.push(match unspilt {
            Some(answer) => answer,
            None => faces::solve(&mut live, &link.stage, false).map_err(|error| error.behind(number))?,
        });
    }
    if let Some(solution) = live.solution() {
        closed.point.clone_from(&solution.primal);
        closed.basis.clone_from(&solution.basis);
    }
    closed.links.extend(links.into_iter().zip(answers));
    closed.notes.extend(live.take_notes());
    Ok(live)
}

/// The goals' basis with the chain's columns and rows added such that its point is feasible: in each equation of a change, the
/// column on the side of the change is basic; all other new columns stand at their bounds, all other new rows are basic.
fn extended(builder: &Builder, program: &Program, basis: &Basis, point: &[f64]) -> Basis {
    let (old_columns, old_rows) = (basis.columns.len(), basis.rows.len());
    let mut activity = vec![0.0; program.rows()];
    for (j, &x) in point.iter().enumerate().take(old_columns) {
        for at in program.starts[j] as usize..program.starts[j + 1] as usize {
            activity[program.indices[at] as usize] += program.values[at] * x;
        }
    }
    let mut columns = basis.columns.clone();
    let mut rows = basis.rows.clone();
    rows.resize(program.rows(), At::Basic);
    for j in old_columns..program.columns() {
        let row = program.indices.get(program.starts[j] as usize).map_or(0, |&row| row as usize);
        let change = activity[row] - program.row_lower[row];
        let side = match builder.layout.keys[j].quantity {
            Quantity::Up => change > 0.0,
            Quantity::Down => change <= 0.0,
            // The worst ratio begins at its upper bound, where all its rows hold.
            _ => {
                columns.push(At::Upper);
                continue;
            }
        };
        columns.push(if side { At::Basic } else { At::Lower });
        if side && row >= old_rows {
            rows[row] = At::Lower;
        }
    }
    Basis { columns, rows }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use weir_model::basin::Basin;
    use weir_model::lower::lower;

    use super::*;
    use crate::engine::highs::Highs;
    use crate::formulation::formulate;
    use crate::layout::Open;
    use crate::methods;

    fn values(answers: &[StageAnswer]) -> Vec<f64> {
        answers.iter().map(|answer| answer.value).collect()
    }

    /// Where the goals leave nothing to move, no column and no row is made for it.
    #[test]
    fn what_cannot_move_has_neither_columns_nor_rows() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/feiyun");
        let (case, goals) = lower(&Basin::read(&folder).unwrap(), None).unwrap();
        let (formulation, builder) = formulate(&case, &goals, Open::Nothing).unwrap();
        let lower = &formulation.program.column_lower;
        let held = |upper: &[f64]| lower.iter().copied().zip(upper.iter().copied()).collect();
        let added = |columns| {
            let mut builder = builder.clone();
            let before = (builder.matrix.columns(), builder.matrix.rows());
            moves(&mut builder, &Standing { columns, ..Standing::default() });
            (builder.matrix.columns() - before.0, builder.matrix.rows() - before.1)
        };
        assert_eq!(added(held(lower)), (0, 0));
        let (columns, rows) = added(held(&formulation.program.column_upper));
        assert!(columns == 2 * rows && rows > case.horizon.steps(), "{columns} {rows}");
    }

    /// On the example basin from both of its starts, every goal and every link comes to the same in one program with the
    /// goals, each weighed against each, as behind them on their faces.
    #[test]
    fn the_chain_comes_to_the_same_within_the_goals_groups_and_behind_them() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/feiyun");
        for start in [None, Some(jiff::civil::date(2026, 6, 11))] {
            let (case, goals) = lower(&Basin::read(&folder).unwrap(), start).unwrap();
            let (formulation, mut builder) = formulate(&case, &goals, Open::Nothing).unwrap();
            let soft: Vec<Stage> = soft_rules(&formulation, &goals).into_iter().map(|link| link.stage).collect();
            let mut live = Live::open(&Highs, formulation.program.clone(), &Options::default()).unwrap();
            let order = Order { goals: &formulation.stages, closing: &soft, ..Order::default() };
            let answer = methods::solve(&mut live, &Certified, &order).unwrap();
            let standing = live.standing().unwrap();
            let closed = close(&mut builder, (&standing, &answer.solution), (&Highs, &Options::default())).unwrap();
            let links: Vec<StageAnswer> = closed.links.iter().map(|(_, answer)| answer.clone()).collect();
            let behind = [values(&answer.goals), values(&answer.closing), values(&links)].concat();

            let (_, mut builder) = formulate(&case, &goals, Open::Nothing).unwrap();
            let mut chain = shares(&mut builder, &standing);
            chain.extend(moves(&mut builder, &Standing::default()));
            let program = std::mem::take(&mut builder.matrix).program();
            let stages: Vec<Stage> =
                formulation.stages.iter().chain(&soft).cloned().chain(chain.into_iter().map(|link| link.stage)).collect();
            let mut live = Live::open(&Highs, program, &Options::default()).unwrap();
            let answer = methods::solve(&mut live, &Certified, &Order { goals: &stages, ..Order::default() }).unwrap();
            let within = values(&answer.goals);
            assert_eq!(within.len(), behind.len());
            for (within, behind) in within.iter().zip(&behind) {
                assert!((within - behind).abs() <= 1e-6 * behind.abs().max(1.0), "{within} instead of {behind}");
            }
        }
    }
}
