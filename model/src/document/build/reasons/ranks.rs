//! Which goal stands for water: the first stage that more of it would better, or less of it worsen.
//!
//! A rank is 0 for a rule that is hard, a stage's place from 1 on, and one more than the stages for what no goal asks for.
//! Where the method has no order among its stages, all of them weigh alike.

use ndarray::Array2;

use crate::case::Case;
use crate::goals::{Goals, Method, Objective};
use crate::measures::{EndValue, Selection, target_of};
use crate::network::Requirement;
use crate::plan::Decisions;
use crate::satisfaction::{Entry, Satisfactions};
use crate::tolerance::FEASIBILITY_HM3;

/// By how much an entry of a `max_min` may lie above the least and still be one of the least.
const LEAST: f64 = 1e-5;

/// The ranks of a plan.
pub(super) struct Ranks {
    /// Of supplies, as they are asked for: portion × step.
    pub(super) asking: Array2<usize>,
    /// Of supplies, as they are kept from falling: portion × step.
    pub(super) keeping: Array2<usize>,
    /// Of supplies, as goals count them that are no balance: portion × step.
    pub(super) counting: Array2<usize>,
    /// Of what sections lack to their targets: requirement × step.
    pub(super) wanting: Array2<usize>,
    /// Of what sections have, where they have no more than they are owed: requirement × step.
    pub(super) holding: Array2<usize>,
    /// Of storages at the end, where they hold no more than is wanted: by storage.
    pub(super) ends: Vec<usize>,
    /// Of accounts' limits.
    pub(super) accounts: Vec<usize>,
    /// Of ceilings: by requirement.
    pub(super) ceilings: Vec<usize>,
    /// Of what storages may hold: by storage.
    pub(super) limits: Vec<usize>,
    /// What no goal asks for.
    pub(super) none: usize,
    /// Objectives of the stages, in order, with whether it is a balance.
    stages: Vec<(String, bool)>,
    ordered: bool,
}

impl Ranks {
    /// Ranks where, of the least entries of a `max_min`, these alone are held down by what no goal can lift (none known: any).
    pub(super) fn new(case: &Case, goals: &Goals, decisions: &Decisions, stuck: &[Entry]) -> Self {
        let network = &case.network;
        let none = goals.stages.len() + 1;
        let steps = case.horizon.steps();
        let of = |index: &usize| goals.objectives.get(*index).map(|o| (o.id.clone(), o.kind == "balance"));
        let mut ranks = Self {
            asking: Array2::from_elem((network.portions().count(), steps), none),
            keeping: Array2::from_elem((network.portions().count(), steps), none),
            counting: Array2::from_elem((network.portions().count(), steps), none),
            wanting: Array2::from_elem((network.requirements.len(), steps), none),
            holding: Array2::from_elem((network.requirements.len(), steps), none),
            ends: vec![none; network.storages().count()],
            accounts: network.accounts.iter().map(|account| if account.hard { 0 } else { none }).collect(),
            ceilings: vec![0; network.requirements.len()],
            limits: vec![0; network.storages().count()],
            none,
            stages: goals.stages.iter().filter_map(of).collect(),
            ordered: matches!(goals.method, Method::Lexicographic(_)),
        };
        ranks.of_rules(case, goals, decisions);
        for (place, objective) in goals.stages.iter().filter_map(|&stage| goals.objectives.get(stage)).enumerate() {
            ranks.of_stage(case, decisions, objective, (place + 1, stuck));
        }
        ranks
    }

    /// Ranks as they compare: stages without an order are alike.
    pub(super) fn key(&self, rank: usize) -> usize {
        if self.ordered || rank == self.none { rank } else { rank.min(1) }
    }

    /// Objective and place of a stage's rank, and whether it is a balance.
    pub(super) fn stage(&self, rank: usize) -> Option<(&str, usize, bool)> {
        self.stages.get(rank.checked_sub(1)?).map(|(id, balance)| (id.as_str(), rank, *balance))
    }

    fn of_rules(&mut self, case: &Case, goals: &Goals, decisions: &Decisions) {
        for row in case.network.portions().filter(|row| row.portion.floor) {
            self.asking.row_mut(row.row).fill(0);
            self.keeping.row_mut(row.row).fill(0);
        }
        for (index, requirement) in case.network.requirements.iter().enumerate() {
            // A target that is owed on so many days is met on those that it has, and no more.
            let assured = requirement.target.filter(|_| requirement.assurance.is_some() && goals.integers.is_some());
            for step in 0..case.horizon.steps() {
                let Some((target, bound)) = target_of(case, requirement, step, 0).zip(assured) else { continue };
                let over = case.judged(requirement, &bound, decisions, step) - target;
                if (over * case.hm3_per_unit(&requirement.of, step)).abs() <= FEASIBILITY_HM3 {
                    self.holding[[index, step]] = 0;
                }
            }
            let Some(floor) = &requirement.floor else { continue };
            for step in 0..case.horizon.steps() {
                let (least, value) = (case.bound(floor, step, 0), case.judged(requirement, floor, decisions, step));
                let over = (value - least) * case.hm3_per_unit(&requirement.of, step);
                if least.is_finite() && least > 0.0 && over <= FEASIBILITY_HM3 {
                    self.holding[[index, step]] = 0;
                }
            }
        }
        for (row, (_, storage)) in case.network.storages().enumerate() {
            if storage.end.is_some_and(|end| end.hard) && !ends_above(case, decisions, row) {
                self.ends[row] = 0;
            }
        }
    }

    fn of_stage(&mut self, case: &Case, decisions: &Decisions, objective: &Objective, (rank, stuck): (usize, &[Entry])) {
        let selection = Selection::new(case, objective);
        let steps = case.horizon.steps();
        let weighs = |step: usize| case.at(&objective.weight, step, 0) > 0.0;
        match objective.kind.as_str() {
            "shortage" | "benefit" => {
                let counts =
                    |row: &crate::portion::PortionRow<'_>| objective.kind == "shortage" || row.portion.benefit.is_some();
                for row in selection.portions().filter(counts) {
                    for step in (0..steps).filter(|&step| weighs(step)) {
                        lower(&mut self.asking[[row.row, step]], rank);
                        lower(&mut self.keeping[[row.row, step]], rank);
                        lower(&mut self.counting[[row.row, step]], rank);
                    }
                }
            }
            "ecological_shortfall" => {
                for (index, requirement) in selection.sections() {
                    for step in (0..steps).filter(|&step| weighs(step)) {
                        let Some((wanting, holding)) = parts_of(case, decisions, requirement, step) else { continue };
                        if wanting.is_some_and(|part| selection.part(part)) {
                            lower(&mut self.wanting[[index, step]], rank);
                        }
                        if holding.is_some_and(|part| selection.part(part)) {
                            lower(&mut self.holding[[index, step]], rank);
                        }
                    }
                }
            }
            "balance" => self.of_balance(case, decisions, objective, (rank, stuck)),
            "end_storage" => {
                for (row, ..) in selection.storages().filter(|(_, _, storage)| storage.end.is_some()) {
                    if !ends_above(case, decisions, row) {
                        lower(&mut self.ends[row], rank);
                    }
                }
            }
            "end_value" => {
                for (row, ..) in objective.cuts.iter().flat_map(|cut| EndValue::prices(case, cut)) {
                    lower(&mut self.ends[row], rank);
                }
            }
            "discharge_excess" => {
                for (index, _) in selection.safe_discharges() {
                    open(&mut self.ceilings[index], rank);
                }
            }
            "flood_limit_excess" => {
                for (row, ..) in selection.storages().filter(|(_, _, storage)| storage.flood_limit.is_some()) {
                    open(&mut self.limits[row], rank);
                }
            }
            "account_excess" => {
                for (index, _) in selection.soft_accounts() {
                    lower(&mut self.accounts[index], rank);
                }
            }
            _ => {}
        }
    }

    /// A `max_min` keeps all its least entries from falling, but asks only for those that hold it down.
    fn of_balance(&mut self, case: &Case, decisions: &Decisions, objective: &Objective, (rank, stuck): (usize, &[Entry])) {
        let entries = served(case, decisions, objective);
        let held = is_max_min(objective) && entries.iter().any(|entry| stuck.contains(entry));
        for entry in &entries {
            let asks = !held || stuck.contains(entry);
            for step in entry.period.steps.clone() {
                for &row in &entry.portions {
                    lower(&mut self.keeping[[row, step]], rank);
                    if asks {
                        lower(&mut self.asking[[row, step]], rank);
                    }
                }
                for &section in &entry.sections {
                    let parts = parts_of(case, decisions, &case.network.requirements[section], step);
                    let Some((wanting, holding)) = parts else { continue };
                    if wanting.is_some() && asks {
                        lower(&mut self.wanting[[section, step]], rank);
                    }
                    if holding.is_some() {
                        lower(&mut self.holding[[section, step]], rank);
                    }
                }
            }
        }
    }
}

/// Whether a balance looks at its least entries alone.
pub(super) fn is_max_min(objective: &Objective) -> bool {
    objective.kind == "balance" && objective.form.as_deref().is_none_or(|form| form == "max_min")
}

/// The entries that a balance works for: all, or of a `max_min` the least.
pub(super) fn served(case: &Case, decisions: &Decisions, objective: &Objective) -> Vec<Entry> {
    let entries = Satisfactions::of(case, objective).entries.into_iter();
    let valued = entries.filter_map(|entry| entry.of_entitlement(case, decisions).map(|value| (entry, value)));
    let valued: Vec<(Entry, f64)> = valued.collect();
    let least = valued.iter().map(|(_, value)| *value).fold(f64::INFINITY, f64::min);
    let works_for = |value: f64| !is_max_min(objective) || value <= least + LEAST;
    valued.into_iter().filter(|(_, value)| works_for(*value)).map(|(entry, _)| entry).collect()
}

fn lower(of: &mut usize, rank: usize) {
    *of = (*of).min(rank);
}

/// A rule that is hard unless a goal keeps it: the first that does.
fn open(of: &mut usize, rank: usize) {
    if *of == 0 {
        *of = rank;
    }
}

/// Whether a storage holds at the end more than is wanted.
fn ends_above(case: &Case, decisions: &Decisions, row: usize) -> bool {
    let wanted = case.network.storages().nth(row).and_then(|(_, storage)| storage.end);
    wanted.is_none_or(|end| decisions.storage_hm3[[row, case.horizon.steps()]] > end.storage_hm3 + FEASIBILITY_HM3)
}

/// The part of a target that lacks next, and the one that would lack first if there were less; none of a part where the
/// value is above the target, and nothing in a step without a target.
fn parts_of(
    case: &Case,
    decisions: &Decisions,
    requirement: &Requirement,
    step: usize,
) -> Option<(Option<usize>, Option<usize>)> {
    let target = target_of(case, requirement, step, 0)?;
    let value = case.judged(requirement, requirement.target.as_ref()?, decisions, step);
    let hm3 = case.hm3_per_unit(&requirement.of, step);
    let count = requirement.target_parts.len().max(1);
    let top = |part: usize| requirement.target_parts.get(part).copied().unwrap_or(1.0) * target;
    let bottom = |part: usize| part.checked_sub(1).map_or(0.0, top);
    let wanting = (0..count).find(|&part| (top(part) - value) * hm3 > FEASIBILITY_HM3);
    let within = (value - target) * hm3 <= FEASIBILITY_HM3;
    let holding = (0..count).rev().find(|&part| (value - bottom(part)) * hm3 > FEASIBILITY_HM3).filter(|_| within);
    Some((wanting, holding))
}
