//! Every rule of a case with the bounds of columns and rows that hold it, and how they stand when rules are dropped.
//!
//! A rule is an address: what an element owes, bears or has in all steps. What is 0 by nature (flows, an empty storage) is no rule,
//! nor is a bound that was derived where none is given. Of a way and the source that it alone leaves, the lesser bounds the flow.

use std::collections::{BTreeMap, BTreeSet};

use weir_model::case::Case;
use weir_model::forcing::Param;
use weir_model::goals::Goals;
use weir_model::network::{Bound, NodeKind, Of, Requirement, RuleClass, Storage, Take};
use weir_model::place::Place;
use weir_model::plan::Relaxation;
use weir_model::units::Volume;

use super::Rule;
use crate::engine::Solution;
use crate::formulation::Formulation;
use crate::layout::{FlowColumns, Key, Quantity, Subject};

/// A side of a column or row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    Lower,
    Upper,
}

/// Bounds of columns and rows and costs of columns as they stand.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    pub columns: Vec<(f64, f64)>,
    pub rows: Vec<(f64, f64)>,
    pub costs: Vec<f64>,
}

/// How much of what is physical is in force beside the rules: from none to all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Physics {
    /// None: rules against each other, and against what water there is.
    None,
    /// What ways pass, sources have and storages hold at most, not what must stay in them.
    Ways,
    /// All.
    All,
}

/// What of the rules is not in force.
#[derive(Clone, Debug, Default)]
pub(super) struct Dropped {
    /// By rule: in all steps.
    pub whole: Vec<bool>,
    /// Rules with steps in which they have been told, and need not hold any more.
    pub told: BTreeSet<(usize, usize)>,
}

impl Dropped {
    fn has(&self, rule: usize, step: u32) -> bool {
        self.whole[rule] || self.told.contains(&(rule, step as usize))
    }
}

/// A rule by what it is of and its word.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    subject: Subject,
    word: &'static str,
    pub class: Option<RuleClass>,
    /// Columns by which it gives way.
    breaches: Vec<usize>,
    /// Sides of columns and rows that hold it.
    columns: Vec<(usize, Side)>,
    rows: Vec<(usize, Side)>,
}

/// All rules, the least protected first.
pub(super) struct Catalog<'a> {
    case: &'a Case,
    formulation: &'a Formulation,
    pub rules: Vec<Facts>,
    by_column: BTreeMap<(usize, Side), usize>,
    by_row: BTreeMap<(usize, Side), usize>,
    by_breach: BTreeMap<usize, usize>,
    /// The rule of each breach column that counts as water.
    counts: BTreeMap<usize, usize>,
    /// Greatest breach of columns that belong to a state, as told.
    pub states: BTreeMap<usize, f64>,
    all_water_hm3: f64,
}

impl<'a> Catalog<'a> {
    /// The rules of a formulation with everything open. States may be as great as told, of any size where none are.
    pub fn new(case: &'a Case, goals: &Goals, formulation: &'a Formulation, states: Option<&[Relaxation]>) -> Self {
        let mut catalog = Self {
            case,
            formulation,
            rules: Vec::new(),
            by_column: BTreeMap::new(),
            by_row: BTreeMap::new(),
            by_breach: BTreeMap::new(),
            counts: BTreeMap::new(),
            states: BTreeMap::new(),
            all_water_hm3: formulation.program.column_upper.iter().copied().filter(|u| u.is_finite()).fold(1.0, f64::max),
        };
        let mut numbers: BTreeMap<(String, &'static str), usize> = BTreeMap::new();
        let layout = &formulation.layout;
        let mut number = |catalog: &mut Self, (subject, word): (Subject, &'static str)| {
            *numbers.entry((layout.address(subject, &case.network), word)).or_insert_with(|| {
                let facts =
                    Facts { subject, word, class: None, breaches: Vec::new(), columns: Vec::new(), rows: Vec::new() };
                catalog.rules.push(facts);
                catalog.rules.len() - 1
            })
        };
        for column in 0..layout.keys.len() {
            for side in [Side::Lower, Side::Upper] {
                if let Some(name) = catalog.name_of_column(column, side) {
                    let rule = number(&mut catalog, name);
                    catalog.rules[rule].columns.push((column, side));
                }
            }
        }
        for row in 0..formulation.row_keys.len() {
            for side in [Side::Lower, Side::Upper] {
                if let Some(name) = catalog.name_of_row(row, side) {
                    let rule = number(&mut catalog, name);
                    catalog.rules[rule].rows.push((row, side));
                }
            }
        }
        for breach in &formulation.breaches {
            let Key { subject, quantity, step, .. } = layout.keys[breach.column];
            let address = layout.column_address(breach.column, &case.network);
            if matches!(quantity, Quantity::DeadDeficit | Quantity::FloodExcess | Quantity::TopExcess) {
                let of = |state: &&Relaxation| state.address == address && state.step == step as usize;
                let told = |states: &[Relaxation]| states.iter().find(of).map_or(0.0, |state| state.hm3);
                let most = states.filter(|_| !breach.staged).map_or(f64::INFINITY, told);
                catalog.states.insert(breach.column, most);
            }
            // What a goal works on is open anyhow.
            if quantity == Quantity::DeadDeficit || breach.staged {
                continue;
            }
            let rule = number(&mut catalog, (subject, quantity.word()));
            catalog.rules[rule].breaches.push(breach.column);
            catalog.rules[rule].class = breach.class;
            if !catalog.is_on_storage(subject, quantity) {
                catalog.counts.insert(breach.column, rule);
            }
        }
        // Water is no rule: put into and taken out of balances it always counts.
        let rank = |class: Option<RuleClass>| {
            class.map_or(0, |class| 1 + goals.rule_order.iter().position(|other| *other == class).unwrap_or(usize::MAX - 1))
        };
        let mut order: Vec<usize> = (0..catalog.rules.len()).collect();
        order.sort_by_key(|&rule| std::cmp::Reverse(rank(catalog.rules[rule].class)));
        let mut place = vec![0; order.len()];
        order.iter().enumerate().for_each(|(now, &was)| place[was] = now);
        catalog.rules = order.iter().map(|&rule| catalog.rules[rule].clone()).collect();
        catalog.counts.values_mut().for_each(|rule| *rule = place[*rule]);
        for (rule, facts) in catalog.rules.iter().enumerate() {
            catalog.by_column.extend(facts.columns.iter().map(|&at| (at, rule)));
            catalog.by_row.extend(facts.rows.iter().map(|&at| (at, rule)));
            catalog.by_breach.extend(facts.breaches.iter().map(|&column| (column, rule)));
        }
        catalog
    }

    /// The same that asks for the least states with some rules given up, and those that are less protected than the limits that
    /// states pass: no water is missing then.
    pub fn least_states(&self, given_up: &Dropped) -> Standing {
        let limits = self.rules.iter().position(|facts| facts.class == Some(RuleClass::FloodLimit)).unwrap_or_default();
        let of = |(rule, &is): (usize, &bool)| is || rule < limits && self.rules[rule].class.is_some();
        let dropped = Dropped { whole: given_up.whole.iter().enumerate().map(of).collect(), ..given_up.clone() };
        let mut now = self.standing(&dropped, &BTreeMap::new());
        for (column, cost) in now.costs.iter_mut().enumerate() {
            if *cost > 0.0 {
                now.columns[column].1 = now.columns[column].0.max(0.0);
            }
            *cost = f64::from(u8::from(self.states.get(&column).is_some_and(|most| most.is_finite())));
        }
        now
    }

    /// What is physical beyond so much of it.
    pub fn beyond(&self, physics: Physics) -> Vec<bool> {
        let is_beyond = |facts: &Facts| match physics {
            Physics::None => facts.class.is_none(),
            Physics::Ways => facts.word == "dead_level",
            Physics::All => false,
        };
        self.rules.iter().map(is_beyond).collect()
    }

    /// Bounds of columns and rows, and the cost of columns, with some rules dropped and states as great as told.
    pub fn standing(&self, dropped: &Dropped, states: &BTreeMap<usize, f64>) -> Standing {
        let program = &self.formulation.program;
        let keys = &self.formulation.layout.keys;
        let mut columns: Vec<(f64, f64)> =
            program.column_lower.iter().copied().zip(program.column_upper.iter().copied()).collect();
        let mut rows: Vec<(f64, f64)> = program.row_lower.iter().copied().zip(program.row_upper.iter().copied()).collect();
        let mut costs = vec![0.0; columns.len()];
        for (column, key) in keys.iter().enumerate() {
            if matches!(key.quantity, Quantity::Missing | Quantity::Surplus) {
                costs[column] = 1.0;
            }
        }
        for (&column, &most) in states {
            columns[column].1 = columns[column].1.min(most.max(columns[column].0));
        }
        for (rule, facts) in self.rules.iter().enumerate() {
            for &column in &facts.breaches {
                let is_dropped = dropped.has(rule, keys[column].step);
                if self.counts.contains_key(&column) {
                    costs[column] = if is_dropped { 0.0 } else { 1.0 };
                } else if is_dropped {
                    columns[column].1 = program.column_upper[column];
                } else if !self.states.contains_key(&column) {
                    columns[column].1 = columns[column].0.max(0.0);
                }
            }
        }
        for (rule, facts) in self.rules.iter().enumerate() {
            for &(column, side) in facts.columns.iter().filter(|(column, _)| dropped.has(rule, keys[*column].step)) {
                match (side, facts.word) {
                    (Side::Lower, "dead_level") => columns[column].0 = columns[column].0.min(0.0),
                    // Of a source and its only way, the wider goes with the narrower.
                    (Side::Upper, "capacity" | "available") => columns[column].1 = columns[column].1.max(self.all_water_hm3),
                    // What is closed for another rule's sake stays so.
                    (Side::Upper, "top") if columns[column].1 > 0.0 => columns[column].1 = self.all_water_hm3,
                    // All others give way by what lacks to them or lies beyond them.
                    _ => {}
                }
            }
            let row_keys = &self.formulation.row_keys;
            for &(row, side) in facts.rows.iter().filter(|(row, _)| dropped.has(rule, row_keys[*row].step)) {
                match side {
                    // A requirement's row holds its target too, which an assurance may need: the floor gives way by its lack.
                    Side::Lower if facts.word == "floor" && matches!(facts.subject, Subject::Requirement(_)) => {}
                    Side::Lower => rows[row].0 = f64::NEG_INFINITY,
                    Side::Upper => rows[row].1 = f64::INFINITY,
                }
            }
            // A floor over a capacity lacks by force; without the capacity it need not.
            if facts.word == "capacity" && dropped.whole[rule] {
                for (&column, &other) in &self.counts {
                    if self.rules[other].word == "floor" && keys[column].subject == facts.subject {
                        columns[column].0 = 0.0;
                    }
                }
            }
        }
        Standing { columns, rows, costs }
    }

    /// The rule of a side of a column.
    pub fn of_column(&self, column: usize, side: Side) -> impl Iterator<Item = usize> {
        self.by_column.get(&(column, side)).copied().into_iter()
    }

    /// The rule of a side of a row.
    pub fn of_row(&self, row: usize, side: Side) -> impl Iterator<Item = usize> {
        self.by_row.get(&(row, side)).copied().into_iter()
    }

    /// The rule that gives way by a column.
    pub fn of_breach(&self, column: usize) -> Option<usize> {
        self.by_breach.get(&column).copied()
    }

    /// The dead level to which a storage's hold at the end gives way by a column, with what it holds, hm³.
    pub fn dead_under(&self, column: usize) -> Option<(usize, f64)> {
        let Key { subject, quantity: Quantity::EndLack, step, member } = self.formulation.layout.keys[column] else {
            return None;
        };
        let dead = self.rules.iter().position(|facts| facts.subject == subject && facts.word == "dead_level")?;
        Some((dead, self.case.at(&self.storage(subject)?.lower, step as usize, member as usize)))
    }

    /// Whether two rules are of one element.
    pub fn is_of_one(&self, a: usize, b: usize) -> bool {
        self.rules[a].subject == self.rules[b].subject
    }

    /// Rules that the data alone break, with the capacities that break them.
    pub fn forced(&self) -> impl Iterator<Item = usize> {
        let keys = &self.formulation.layout.keys;
        let forced = self.counts.iter().filter(|(column, _)| self.formulation.program.column_lower[**column] > 0.0);
        forced.flat_map(move |(&column, &rule)| {
            let same = |facts: &Facts| facts.subject == keys[column].subject && facts.word == "capacity";
            std::iter::once(rule).chain(self.rules.iter().position(same))
        })
    }

    /// Address of a rule.
    pub fn address(&self, rule: usize) -> String {
        let facts = &self.rules[rule];
        format!("{}.{}", self.formulation.layout.address(facts.subject, &self.case.network), facts.word)
    }

    /// Whether a rule is the water that a source has.
    pub fn is_source(&self, rule: usize) -> bool {
        self.rules[rule].word == "available"
    }

    /// Whether a rule is of what a storage holds.
    pub fn holds_storage(&self, rule: usize) -> bool {
        let facts = &self.rules[rule];
        matches!(facts.word, "dead_level" | "end_storage" | "flood_limit" | "top")
            || self.is_on_storage(facts.subject, Quantity::Flow)
    }

    /// Whether a rule is how fast a flow may change: it bears from step to step on what must be in the last of them.
    pub fn is_ramp(&self, rule: usize) -> bool {
        matches!(self.rules[rule].word, "rise" | "fall") && !self.holds_storage(rule)
    }

    /// Whether a rule is of what a storage must hold, beyond its dead level.
    pub fn keeps(&self, rule: usize) -> bool {
        matches!(self.rules[rule].word, "end_storage" | "floor") && self.holds_storage(rule)
    }

    /// Steps in which water is put in, taken out, or a rule lacks it.
    pub fn breached(&self, solution: &Solution) -> Vec<usize> {
        let keys = &self.formulation.layout.keys;
        let counted = |column: usize| {
            self.counts.contains_key(&column) || matches!(keys[column].quantity, Quantity::Missing | Quantity::Surplus)
        };
        let breached = (0..keys.len()).filter(|&column| solution.primal[column] > 1e-6 && counted(column));
        breached.map(|column| keys[column].step as usize).collect()
    }

    fn is_on_storage(&self, subject: Subject, quantity: Quantity) -> bool {
        match (subject, quantity) {
            (_, Quantity::FloodExcess | Quantity::TopExcess | Quantity::DeadDeficit | Quantity::EndLack) => true,
            (Subject::Requirement(number), _) => {
                matches!(self.case.network.requirements[number as usize].of, Of::Storage(_))
            }
            _ => false,
        }
    }

    fn storage(&self, subject: Subject) -> Option<&'a Storage> {
        let Subject::Node(node) = subject else { return None };
        match &self.case.network.nodes[node as usize].kind {
            NodeKind::Storage(storage) => Some(storage),
            _ => None,
        }
    }

    fn name_of_column(&self, column: usize, side: Side) -> Option<(Subject, &'static str)> {
        let Key { subject, quantity, step, member } = self.formulation.layout.keys[column];
        let (lower, upper) = (self.formulation.program.column_lower[column], self.formulation.program.column_upper[column]);
        let at = (step as usize, member as usize);
        match (quantity, side) {
            (Quantity::Storage, Side::Lower) => {
                let storage = self.storage(subject)?;
                let is_end = storage.end.is_some_and(|end| end.hard && at.0 + 1 == self.formulation.layout.steps);
                let word =
                    if is_end && lower > self.case.at(&storage.lower, at.0, at.1) { "end_storage" } else { "dead_level" };
                (lower > 0.0).then_some((subject, word))
            }
            (Quantity::Storage, Side::Upper) => {
                let limit = self.case.storage_limit(self.storage(subject)?, at.0, at.1);
                Some((subject, if limit.1 { "flood_limit" } else { "top" }))
            }
            (Quantity::FloodExcess | Quantity::TopExcess, Side::Upper) => Some((subject, "top")),
            (Quantity::Flow | Quantity::Supply, Side::Lower) => (lower > 0.0).then_some((subject, "floor")),
            (Quantity::Flow, Side::Upper) => self.limit(self.arc_of(subject)?, at, upper),
            (Quantity::Supply, Side::Upper) => {
                let Subject::Portion(portion) = subject else { return None };
                let layout = &self.formulation.layout;
                let size = layout.supplies[portion as usize].size_hm3[layout.place(at.0, at.1)];
                self.limit(self.arc_of(subject).filter(|_| upper < size)?, at, upper)
            }
            (Quantity::Shortfall(_), Side::Upper) => {
                let Subject::Requirement(number) = subject else { return None };
                self.case.network.requirements[number as usize].floor.map(|_| (subject, "floor"))
            }
            _ => None,
        }
    }

    fn name_of_row(&self, row: usize, side: Side) -> Option<(Subject, &'static str)> {
        let key = self.formulation.row_keys[row];
        let program = &self.formulation.program;
        let bound = if side == Side::Lower { program.row_lower[row] } else { program.row_upper[row] };
        if !bound.is_finite() {
            return None;
        }
        let word = match (key.family, side) {
            ("requirement", Side::Lower) => {
                let Subject::Requirement(number) = key.subject else { return None };
                self.case.network.requirements[number as usize].floor?;
                "floor"
            }
            ("capacity", Side::Lower) => "floor",
            ("requirement", Side::Upper) => "ceiling",
            ("change", Side::Lower) => "fall",
            ("change", Side::Upper) => "rise",
            ("account", _) => "limit",
            ("capacity", Side::Upper) if matches!(key.subject, Subject::Node(_)) => "available",
            ("capacity", Side::Upper) => {
                return self.limit(self.arc_of(key.subject)?, (key.step as usize, key.member as usize), bound);
            }
            ("discharge", Side::Upper) => "capacity",
            ("end_storage", Side::Lower) => {
                self.storage(key.subject).and_then(|storage| storage.end).filter(|end| end.hard)?;
                "end_storage"
            }
            ("commitment", _) => "minimum",
            ("group", _) => "most_open",
            ("limited_changes", _) => "changes",
            ("assurance", _) => "assurance",
            _ => return None,
        };
        Some((key.subject, word))
    }

    /// The arc of a flow, or by which alone a portion is delivered.
    fn arc_of(&self, subject: Subject) -> Option<usize> {
        match subject {
            Subject::Arc(arc) => Some(arc as usize),
            Subject::Portion(portion) => {
                let of =
                    |flow: &FlowColumns| matches!(flow, FlowColumns::Portions(range) if range.contains(&(portion as usize)));
                self.formulation.layout.flows.iter().position(of)
            }
            _ => None,
        }
    }

    /// What gives a flow its upper bound, its way or the source that it alone leaves; none where it was derived.
    fn limit(&self, number: usize, (step, member): (usize, usize), upper: f64) -> Option<(Subject, &'static str)> {
        let network = &self.case.network;
        let arc = &network.arcs[number];
        let available = match &network.nodes[arc.tail.0].kind {
            NodeKind::Source(source)
                if source.take == Take::Available && network.arcs.iter().filter(|a| a.tail == arc.tail).count() == 1 =>
            {
                (self.case.at(&source.flow, step, member) * self.case.hm3_per_m3s(step)).max(0.0)
            }
            _ => f64::INFINITY,
        };
        if available <= upper {
            return Some((Subject::Node(arc.tail.0 as u32), "available"));
        }
        let is_given = arc.discharge.is_some() || self.case.at(&arc.capacity, step, member).is_finite();
        is_given.then_some((Subject::Arc(number as u32), "capacity"))
    }

    /// A rule as it is told of these steps.
    pub fn told(&self, rule: usize, steps: &[usize]) -> Rule {
        let facts = &self.rules[rule];
        let value = self.value(facts, steps);
        Rule {
            address: self.address(rule),
            class: facts.class,
            place: self.place(facts, value),
            assumed: self.is_assumed(facts, value),
            share_of: self.share_of(facts),
            value,
        }
    }

    /// Limit and use before the horizon of an account's window, where the horizon has a part of it only.
    fn share_of(&self, facts: &Facts) -> Option<(f64, f64)> {
        let Subject::Account(account, window) = facts.subject else { return None };
        let window = self.case.network.accounts[account as usize].windows.get(window as usize)?;
        (window.available_hm3 != window.limit_hm3).then_some((window.limit_hm3, window.used_before_hm3))
    }

    fn entry(&self, subject: Subject) -> Place {
        let network = &self.case.network;
        match subject {
            Subject::Node(node) => network.nodes[node as usize].place.clone(),
            Subject::Arc(arc) => network.arcs[arc as usize].place.clone(),
            Subject::Requirement(number) => network.requirements[number as usize].place.clone(),
            Subject::Account(account, _) => network.accounts[account as usize].place.clone(),
            Subject::Portion(portion) | Subject::Class(portion) => {
                network.nodes[self.formulation.layout.supplies[portion as usize].node.0].place.clone()
            }
            Subject::Group(group) => network.groups[group as usize].place.clone(),
            Subject::Objective(_) => Place::new("", 0),
        }
    }

    /// Least and greatest value in steps, with their unit.
    fn value(&self, facts: &Facts, steps: &[usize]) -> Option<(f64, f64, &'static str)> {
        let (case, layout) = (self.case, &self.formulation.layout);
        let steps: Vec<usize> = if steps.is_empty() { (0..layout.steps).collect() } else { steps.to_vec() };
        let over = |value: &dyn Fn(usize) -> f64, unit: &'static str| {
            let values: Vec<f64> = steps.iter().map(|&step| value(step)).filter(|value| value.is_finite()).collect();
            let (least, most) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, m), &v| (l.min(v), m.max(v)));
            (least <= most).then_some((least, most, unit))
        };
        match (facts.subject, facts.word) {
            (Subject::Node(node), "available") => {
                let NodeKind::Source(source) = &case.network.nodes[node as usize].kind else { return None };
                over(&|step| case.at(&source.flow, step, 0), "m3/s")
            }
            (Subject::Node(_), word) => {
                let storage = self.storage(facts.subject)?;
                let level = |param: &Param<Volume>, step: usize| storage.curve.level_at_clamped(case.at(param, step, 0));
                match word {
                    "dead_level" => over(&|step| level(&storage.lower, step), "m"),
                    "top" => over(&|step| level(&storage.upper, step), "m"),
                    "flood_limit" => {
                        let limit = storage.flood_limit.as_ref()?;
                        let limit = |step| Some(case.at(limit, step, 0)).filter(|limit| limit.is_finite());
                        over(&|step| limit(step).map_or(f64::NAN, |hm3| storage.curve.level_at_clamped(hm3)), "m")
                    }
                    "end_storage" => storage.end.map(|end| (end.storage_hm3, end.storage_hm3, "hm3")),
                    _ => None,
                }
            }
            (Subject::Portion(_), _) => {
                // A floor over several tiers is one rule.
                let size = |column: usize, step: usize| match layout.keys[column] {
                    Key { subject: Subject::Portion(portion), step: own, member: 0, .. } if own as usize == step => {
                        layout.supplies[portion as usize].size_hm3[layout.place(step, 0)]
                    }
                    _ => 0.0,
                };
                let whole = |step| facts.columns.iter().map(|&(column, _)| size(column, step)).sum::<f64>();
                over(&|step| whole(step) / case.hm3_per_m3s(step), "m3/s")
            }
            (Subject::Arc(arc), word) => {
                let arc = &case.network.arcs[arc as usize];
                match word {
                    "floor" => over(&|step| case.at(&arc.floor, step, 0), "m3/s"),
                    "capacity" if arc.discharge.is_none() => over(&|step| case.at(&arc.capacity, step, 0), "m3/s"),
                    "minimum" => {
                        let least = arc.minimum_when_open.as_ref()?;
                        over(&|step| case.at(least, step, 0), "m3/s")
                    }
                    _ => None,
                }
            }
            (Subject::Requirement(number), word) => {
                let requirement: &Requirement = &case.network.requirements[number as usize];
                let bound = match word {
                    "floor" => requirement.floor,
                    "ceiling" => requirement.ceiling,
                    "rise" => requirement.rise_per_day,
                    "fall" => requirement.fall_per_day,
                    _ => None,
                }?;
                if let (Of::Storage(node), Bound::Level(_)) = (&requirement.of, bound) {
                    let curve = &self.storage(Subject::Node(node.0 as u32))?.curve;
                    return match word {
                        "rise" | "fall" => {
                            over(&|step| case.bound(&bound, step, 0) / curve.least_slope_hm3_per_m(), "m a day")
                        }
                        _ => {
                            let hm3 = |step| Some(case.bound(&bound, step, 0)).filter(|hm3| hm3.is_finite());
                            over(&|step| hm3(step).map_or(f64::NAN, |hm3| curve.level_at_clamped(hm3)), "m")
                        }
                    };
                }
                let unit = match (word, &requirement.of) {
                    ("rise" | "fall", Of::Flow(_)) => "m3/s a day",
                    ("rise" | "fall", Of::Storage(_)) => "hm3 a day",
                    (_, Of::Flow(_)) => "m3/s",
                    (_, Of::Storage(_)) => "hm3",
                };
                over(&|step| case.bound(&bound, step, 0), unit)
            }
            (Subject::Account(account, window), _) => {
                let available = case.network.accounts[account as usize].windows.get(window as usize)?.available_hm3;
                Some((available, available, "hm3"))
            }
            _ => None,
        }
    }

    /// The element that a rule is of, and the keys that it is made of.
    fn made_of(&self, facts: &Facts) -> Option<(&str, &'static [&'static str])> {
        let network = &self.case.network;
        Some(match (facts.subject, facts.word) {
            (Subject::Node(node), "dead_level") => (&network.nodes[node as usize].id, &["levels_m.dead"]),
            (Subject::Node(node), "top") => (&network.nodes[node as usize].id, &["levels_m.top"]),
            (Subject::Node(node), "flood_limit") => (&network.nodes[node as usize].id, &["flood_limit"]),
            (Subject::Node(node), "available") => (&network.nodes[node as usize].id, &["available"]),
            (Subject::Node(node), _) => (&network.nodes[node as usize].id, &["end"]),
            (Subject::Portion(portion), _) => {
                let node = self.formulation.layout.supplies[portion as usize].node;
                (&network.nodes[node.0].id, &["floor", "demand", "shares"])
            }
            (Subject::Requirement(number), "floor") => {
                (&network.requirements[number as usize].id, &["floor", "minimum", "flow", "level"])
            }
            (Subject::Requirement(number), "ceiling") => {
                (&network.requirements[number as usize].id, &["ceiling", "maximum", "flow", "level"])
            }
            (Subject::Requirement(number), word) => {
                let fields: &[&str] = if word == "rise" { &["rise"] } else { &["fall"] };
                (&network.requirements[number as usize].id, fields)
            }
            (Subject::Account(account, _), _) => (&network.accounts[account as usize].id, &["limit", "used_before", "plan"]),
            (Subject::Arc(arc), word) => {
                let fields: &[&str] = match word {
                    "floor" => &["floor"],
                    "minimum" => &["minimum_when_open"],
                    _ => &["capacity", "discharge"],
                };
                (&network.arcs[arc as usize].id, fields)
            }
            _ => return None,
        })
    }

    /// Where a rule was written: what an overlay says of it there, of a closure where that lowers it.
    fn place(&self, facts: &Facts, value: Option<(f64, f64, &'static str)>) -> Place {
        let entry = self.entry(facts.subject);
        let Some((_, keys)) = self.made_of(facts) else { return entry };
        let most = |value: Option<(f64, f64, &'static str)>| value.map_or(f64::INFINITY, |(_, most, _)| most);
        let closes = most(value) <= 0.0 || most(value) < most(self.value(facts, &[]));
        let closures: &[&str] = if facts.word == "capacity" && closes { &["closed", "standby", "opens_in"] } else { &[] };
        let over = &self.case.basin.written_over;
        let of = |key: &&str| over.iter().rev().find(|over| over.entry == entry && is_of(&over.key, key));
        closures.iter().chain(keys).find_map(of).map_or(entry, |over| over.place.clone())
    }

    /// Whether the file marks assumed what a rule is made of.
    fn is_assumed(&self, facts: &Facts, value: Option<(f64, f64, &'static str)>) -> bool {
        let Some((element, fields)) = self.made_of(facts) else { return false };
        let assumed = &self.case.basin.assumed;
        let own = assumed.iter().any(|(address, _)| {
            let rest = address.strip_prefix(element).and_then(|rest| rest.strip_prefix('.'));
            rest.is_some_and(|rest| fields.iter().any(|field| is_of(rest, field)))
        });
        // The address of an outlet's fact names its reservoir, not the outlet: its value does.
        let outlet = element.rsplit_once('.').zip(value).is_some_and(|((reservoir, _), (least, most, _))| {
            assumed.iter().any(|(address, said)| {
                let rest = address.strip_prefix(reservoir).and_then(|rest| rest.strip_prefix(".outlet."));
                let number = said.split(' ').next().and_then(|word| word.parse::<f64>().ok());
                rest.is_some_and(|rest| fields.iter().any(|field| is_of(rest, field)))
                    && number.is_some_and(|number| least <= number && number <= most)
            })
        });
        own || outlet
    }
}

/// Whether a key, or what begins with it, is of a field: with its unit or a part of it.
fn is_of(key: &str, field: &str) -> bool {
    key.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with(['_', '.']))
}
