//! A conflict as one water budget: what is asked for, what there is, and their difference, the water that is missing.
//!
//! At the optimum of the least missing water M, with y the duals of rows and d the reduced costs of columns,
//!
//! M = Σ y × (the side of the row that holds) + Σ d × (the bound of the column that holds),
//!
//! and each of these terms is a number of the case: water at the start, inflow, a floor, a capacity. Positive terms ask for water
//! (or, where it is too much, bring it), negative ones have it (or take it). Each is told as it stands in the basin, with what is lost on
//! the way as a term beside them ([`plain`](super::plain)); where that cannot be told, each counts as far as it reaches where water is
//! missing: what is lost on the way is taken off.
//! Units: hm³.
//! Fails: where the terms do not add up to M within tolerance, no budget is told.

use std::collections::{BTreeMap, BTreeSet};

use weir_model::case::Case;
use weir_model::kernel::Kernel;
use weir_model::network::{NodeKind, Receiver, Storage};
use weir_model::tolerance::FEASIBILITY_HM3;

use super::catalog::{Catalog, Side, Standing};
use super::plain::{self, Weights};
use super::runs;
use crate::engine::Solution;
use crate::formulation::Formulation;
use crate::layout::{Key, Quantity, Subject};

/// A term of a budget.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// What it is.
    pub what: What,
    /// The element or rule, where it is one's.
    pub of: Option<String>,
    /// hm³: positive where it asks for water (or brings too much), negative where it has it (or takes it).
    pub hm3: f64,
}

/// What a term of a budget is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// What a storage holds at the start.
    Start,
    /// The same above its dead level, where that is a rule of the conflict.
    AboveDead,
    /// Inflow.
    Inflow,
    /// What was on its way at the start.
    OnItsWay,
    /// What comes back of supplies.
    Returns,
    /// What a source has.
    Source,
    /// What evaporates or seeps away.
    Losses(By),
    /// What is lost on the way, in canals and reaches.
    Ways,
    /// What arrives elsewhere or too late.
    Late,
    /// What a use takes at most.
    Use,
    /// What a rule asks for, or leaves.
    Rule,
    /// What is wanted beyond rules, or what else bounds.
    Other,
}

impl What {
    /// The word in documents.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::AboveDead => "above_dead_level",
            Self::Inflow => "inflow",
            Self::OnItsWay => "on_its_way",
            Self::Returns => "returns",
            Self::Source => "source",
            Self::Losses(_) => "losses",
            Self::Ways => "lost_on_the_way",
            Self::Late => "late",
            Self::Use => "use",
            Self::Rule => "rule",
            Self::Other => "other",
        }
    }
}

/// How a storage loses water.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// By evaporation alone.
    Evaporation,
    /// By seepage alone.
    Seepage,
    /// By both.
    Both,
}

impl By {
    pub(super) const fn of(storage: &Storage) -> Self {
        match (storage.evaporation.is_some(), storage.seepage_per_day.is_some()) {
            (_, false) => Self::Evaporation,
            (false, true) => Self::Seepage,
            (true, true) => Self::Both,
        }
    }
}

/// Terms by what they are, and of whom.
#[derive(Default)]
struct Terms(BTreeMap<(What, Option<String>), f64>);

impl Terms {
    fn add(&mut self, what: What, of: Option<String>, hm3: f64) {
        *self.0.entry((what, of)).or_default() += hm3;
    }
}

/// A conflict as its duals have it.
#[derive(Default)]
pub(super) struct Budget {
    pub entries: Vec<Entry>,
    /// The steps in which it cannot hold.
    pub steps: Vec<usize>,
    /// Whether it has too much water rather than too little: whether what comes by nature stands among what asks. A negative inflow
    /// does where water is missing; it is no water.
    pub too_much: bool,
    /// Whether it has too much in one place and too little in another: water has a price here and costs one there.
    pub both: bool,
    /// The steps in which each of its rules bears on it.
    pub bears: BTreeMap<usize, BTreeSet<usize>>,
}

/// The budget of a conflict.
pub(super) fn budget(
    case: &Case,
    formulation: &Formulation,
    of: (&Catalog<'_>, &[usize]),
    solution: &Solution,
    stands: &Standing,
    missing: f64,
) -> Budget {
    let weighed = |weights: &Weights| weighed(case, formulation, of, (solution, weights), stands);
    let adds_up = |terms: &Terms| {
        let sum: f64 = terms.0.values().sum();
        (sum - missing).abs() <= 10.0 * FEASIBILITY_HM3 * missing.abs().max(1.0)
    };
    let (by_duals, budget) = weighed(&Weights::of(solution));
    let plain = plain::weights(case, formulation, solution, &stands.costs).map(|(weights, losses)| {
        let (mut terms, _) = weighed(&weights);
        for (what, hm3) in losses {
            terms.add(what, None, hm3);
        }
        terms
    });
    let terms = plain.filter(adds_up).or_else(|| Some(by_duals).filter(adds_up)).unwrap_or_default();
    let entries = terms.0.into_iter().filter(|(_, hm3)| hm3.abs() > FEASIBILITY_HM3);
    Budget { entries: entries.map(|((what, of), hm3)| Entry { what, of, hm3 }).collect(), ..budget }
}

/// The terms of a conflict by such weights, and the steps in which it cannot hold.
fn weighed(
    case: &Case,
    formulation: &Formulation,
    (catalog, named): (&Catalog<'_>, &[usize]),
    (solution, weights): (&Solution, &Weights),
    stands: &Standing,
) -> (Terms, Budget) {
    let (layout, program) = (&formulation.layout, &formulation.program);
    let address = |subject: Subject| layout.address(subject, &case.network);
    let mut terms = Terms::default();
    let mut comes = 0.0;
    let mut bears: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    let (mut wet, mut any) = (BTreeSet::new(), BTreeSet::new());
    // By rule and step: what it asks for, and without regard to sign. A target's row may bear with all of it left open.
    let mut asked: BTreeMap<(usize, usize), (f64, f64)> = BTreeMap::new();
    let mut ask = |rule: usize, step: usize, hm3: f64| {
        let asked = asked.entry((rule, step)).or_default();
        *asked = (asked.0 + hm3, asked.1 + hm3.abs());
    };
    let mut balanced: BTreeMap<usize, f64> = BTreeMap::new();
    for (row, &dual) in weights.rows.iter().enumerate().filter(|(_, dual)| **dual != 0.0) {
        let key = formulation.row_keys[row];
        let (side, bound) = if solution.row_duals[row] > 0.0 {
            (Side::Lower, stands.rows[row].0)
        } else {
            (Side::Upper, stands.rows[row].1)
        };
        let value = dual * bound;
        if key.family == "balance" {
            balanced.insert(row, dual);
            wet.insert(key.step as usize);
            let Subject::Node(node) = key.subject else { continue };
            let at = (node as usize, key.step as usize, key.member as usize);
            for (what, of, constant) in constants(case, at, bound) {
                terms.add(what, of, dual * constant);
                if matches!(what, What::Start | What::Inflow | What::OnItsWay) {
                    comes += dual * constant.abs();
                }
            }
            continue;
        }
        match catalog.of_row(row, side).next() {
            Some(rule) => {
                let what = if catalog.is_source(rule) { What::Source } else { What::Rule };
                terms.add(what, Some(catalog.address(rule)), value);
                let steps = case.lacks_over(&catalog.address(rule), key.step as usize);
                bears.entry(rule).or_default().extend(steps.clone());
                any.extend(steps.clone());
                steps.for_each(|step| ask(rule, step, value));
            }
            None => terms.add(What::Other, None, value),
        }
    }
    for (column, &reduced) in weights.columns.iter().enumerate().filter(|(_, reduced)| **reduced != 0.0) {
        let Key { subject, quantity, step, .. } = layout.keys[column];
        let (side, bound) = if solution.reduced_costs[column] > 0.0 {
            (Side::Lower, stands.columns[column].0)
        } else {
            (Side::Upper, stands.columns[column].1)
        };
        let mut value = reduced * bound;
        let rule = catalog.of_column(column, side).next().or_else(|| catalog.of_breach(column).filter(|_| bound > 0.0));
        let Some(rule) = rule else {
            let what = match quantity {
                Quantity::Supply => What::Use,
                _ => What::Other,
            };
            terms.add(what, (value != 0.0).then(|| address(subject)), value);
            continue;
        };
        any.insert(step as usize);
        // What must be there at the end gives way to the dead level: what stays then is that level's.
        if let Some((dead, hm3)) = catalog.dead_under(column).filter(|_| side == Side::Upper) {
            let stays = -reduced * hm3;
            terms.add(What::Rule, Some(catalog.address(dead)), stays);
            bears.entry(dead).or_default().insert(step as usize);
            ask(dead, step as usize, stays);
            value -= stays;
        }
        bears.entry(rule).or_default().insert(step as usize);
        // What comes back of a supply stands in other balances than what it takes.
        let mut returned = 0.0;
        if quantity == Quantity::Supply && named.contains(&rule) {
            let entries = program.starts[column] as usize..program.starts[column + 1] as usize;
            for at in entries.filter(|&at| program.values[at] < 0.0) {
                if let Some(dual) = balanced.get(&(program.indices[at] as usize)) {
                    returned -= program.values[at] * dual * bound;
                }
            }
            terms.add(What::Returns, None, returned);
        }
        let what = if catalog.is_source(rule) { What::Source } else { What::Rule };
        terms.add(what, Some(catalog.address(rule)), value - returned);
        ask(rule, step as usize, value - returned);
    }
    let has = |sign: f64| balanced.values().any(|dual| dual * sign > 0.0);
    let both = has(1.0) && has(-1.0);
    let asking = asking(catalog, asked, &mut bears);
    let steps = [asking, wet, any].into_iter().find(|steps| !steps.is_empty()).unwrap_or_default();
    (terms, Budget { entries: Vec::new(), steps: steps.into_iter().collect(), too_much: comes > 0.0, both, bears })
}

/// The steps in which rules ask for water, by what each asks for in a step, and that without regard to sign; in steps in which a rule asks for
/// nothing it does not bear.
fn asking(
    catalog: &Catalog<'_>,
    asked: BTreeMap<(usize, usize), (f64, f64)>,
    bears: &mut BTreeMap<usize, BTreeSet<usize>>,
) -> BTreeSet<usize> {
    let mut asking = BTreeSet::new();
    // The last step in which a storage must hold something: until then what lacks is carried in it.
    let mut stored: Option<usize> = None;
    for ((rule, step), (asks, gross)) in asked {
        if gross > FEASIBILITY_HM3 && asks.abs() <= FEASIBILITY_HM3 {
            bears.entry(rule).or_default().remove(&step);
        } else if catalog.is_ramp(rule) {
            // What it asks for is told of the last step that it leads to.
        } else if asks > 0.0 && !catalog.holds_storage(rule) {
            asking.insert(step);
        } else if asks > 0.0 && catalog.keeps(rule) {
            stored = stored.max(Some(step));
        }
    }
    if let (Some(&last), Some(stored)) = (asking.last(), stored) {
        asking.extend(last..=stored);
    }
    for (_, steps) in bears.iter().filter(|(rule, _)| catalog.is_ramp(**rule)) {
        let steps: Vec<usize> = steps.iter().copied().collect();
        asking.extend(runs(&steps).into_iter().map(|run| run.end - 1));
    }
    asking
}

/// What makes up the constant side of a balance.
fn constants(case: &Case, (node, step, member): (usize, usize, usize), side: f64) -> Vec<(What, Option<String>, f64)> {
    let mut found = Vec::new();
    let mut rest = side;
    if let NodeKind::Storage(storage) = &case.network.nodes[node].kind {
        let loss = case.loss(storage, step, member);
        if step == 0 {
            let (start, lost) = (storage.initial_hm3, loss.share * storage.initial_hm3);
            found.push((What::Start, Some(case.network.nodes[node].id.clone()), start));
            found.push((What::Losses(By::of(storage)), None, -lost));
            rest -= start - lost;
        }
        found.push((What::Losses(By::of(storage)), None, -loss.constant_hm3));
        rest += loss.constant_hm3;
    }
    let arcs = case.network.arcs.iter().flat_map(|arc| &arc.receivers);
    let returns = case.network.demands().flat_map(|(_, demand)| &demand.returns);
    let before = |receiver: &Receiver| match &receiver.kernel {
        Kernel::Table(table) => receiver.fraction * table.from_before_hm3.get(step).copied().unwrap_or(0.0),
        Kernel::Instant => 0.0,
    };
    let on_its_way: f64 = arcs.chain(returns).filter(|receiver| receiver.node.0 == node).map(before).sum();
    found.push((What::OnItsWay, None, on_its_way));
    found.push((What::Inflow, None, rest - on_its_way));
    found
}

/// The budget as it is told: what a storage holds at the start is counted above its dead level where that must stay.
pub(super) fn merged(mut entries: Vec<Entry>) -> Vec<Entry> {
    let starts: Vec<String> =
        entries.iter().filter(|entry| entry.what == What::Start).filter_map(|entry| entry.of.clone()).collect();
    for storage in starts {
        let dead = Some(format!("{storage}.dead_level"));
        let Some(at) = entries.iter().position(|entry| entry.what == What::Rule && entry.of == dead) else { continue };
        let hm3 = entries.remove(at).hm3;
        for entry in entries.iter_mut().filter(|entry| entry.what == What::Start && entry.of.as_ref() == Some(&storage)) {
            entry.hm3 += hm3;
            entry.what = What::AboveDead;
        }
    }
    entries.retain(|entry| entry.hm3.abs() > FEASIBILITY_HM3);
    entries
}
