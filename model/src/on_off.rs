//! Rules of what is open or shut, and of days met or failed: data that only whole numbers can hold exactly.
//!
//! They are held where the method has integers ([`Goals::integers`]); the linear program leaves them out, and
//! says so. A way is open in a step where more than [`FEASIBILITY_HM3`] passes it, so that a plan's flows alone tell it.
//!
//! Units: m³/s, hours, days.

use crate::case::Case;
use crate::goals::Goals;
use crate::network::{ArcId, Requirement};
use crate::place::Place;
use crate::plan::Decisions;
use crate::tolerance::FEASIBILITY_HM3;

/// How a way may be opened: turbines, pumps, gates.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Commitment {
    /// Equal units in the way, at least 1; its capacity and least flow when open are shared among them.
    pub units: Units,
    /// Ranges of the flow (m³/s, both ends still allowed) in which it may not run; only of a single unit.
    pub forbidden_m3s: Vec<(f64, f64)>,
    /// Least hours open once opened.
    pub min_up_h: f64,
    /// Least hours shut once shut.
    pub min_down_h: f64,
    /// Cost of opening it, yuan.
    pub start_cost: f64,
    /// Most changes of the flow within any so many days.
    pub changes: Option<Changes>,
    /// What of it lies before the first step.
    pub before: Before,
}

/// How a way was run before the first step, as far as it bears on the steps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Before {
    /// Hours that it had been open, or shut, up to the start, as its flow before tells; none where that is not known, and long enough.
    pub state_h: Option<f64>,
    /// Hours from each change of its flow to the start.
    pub changed_h: Vec<f64>,
}

/// A number of equal units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Units(pub usize);

impl Default for Units {
    fn default() -> Self {
        Self(1)
    }
}

/// Most changes within any so many days.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Changes {
    /// Changes.
    pub most: usize,
    /// Days.
    pub days: f64,
}

impl Commitment {
    /// Whether it says anything of when the way is open.
    pub fn has_times(&self) -> bool {
        self.min_up_h > 0.0 || self.min_down_h > 0.0 || self.start_cost > 0.0
    }
}

/// Ways of which only some may be open at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Address.
    pub id: String,
    /// Name as people read it.
    pub name: String,
    /// Where it was written.
    pub place: Place,
    /// The ways.
    pub arcs: Vec<ArcId>,
    /// How many may be open at once.
    pub most_open: usize,
}

/// Share of days on which a target must be met.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Assurance {
    /// Days met ÷ valid days, at least.
    pub share: f64,
    /// Days met and days failed of the window before the start.
    pub before: (f64, f64),
    /// Most days failed in a row.
    pub longest_days: Option<f64>,
    /// Days failed in a row up to the start.
    pub failing_days: f64,
}

impl Assurance {
    /// Days that must be met of a horizon with so many valid days.
    pub fn owed_days(&self, valid_days: f64) -> f64 {
        let (met, failed) = self.before;
        (self.share * (met + failed + valid_days) - met).max(0.0)
    }
}

impl Case {
    /// Sentences on the rules that the linear program leaves out.
    pub fn left_out_without_integers(&self, goals: &Goals) -> Option<String> {
        if goals.integers.is_some() {
            return None;
        }
        let network = &self.network;
        let written = |commitment: &Commitment| *commitment != Commitment::default();
        let ways = network.arcs.iter().filter(|arc| arc.commitment.as_deref().is_some_and(written)).map(|arc| &arc.id);
        let groups = network.groups.iter().map(|group| &group.id);
        let sections = network.requirements.iter().filter(|rule| rule.assurance.is_some()).map(|rule| &rule.id);
        let ids: Vec<String> = ways.chain(groups).chain(sections).map(|id| format!("`{id}`")).collect();
        let rules = "rules of what is open or shut, and of days met, are left out";
        (!ids.is_empty())
            .then(|| format!("Linear program: {rules} ({}); `integers = true` in [method] holds them.", ids.join(", ")))
    }

    /// Whether a way is open in a step.
    pub fn is_open(&self, arc: ArcId, decisions: &Decisions, step: usize) -> bool {
        decisions.flow_m3s[[arc.0, step]] * self.hm3_per_m3s(step) > FEASIBILITY_HM3
    }

    /// Whether a way is open in each step, and whether it was switched for that.
    pub fn switches(&self, arc: ArcId, decisions: &Decisions) -> Vec<(bool, bool)> {
        let mut was = self.was_open(arc);
        let mut switch = |step| {
            let open = self.is_open(arc, decisions, step);
            (open, was.replace(open).is_some_and(|was| was != open))
        };
        (0..self.horizon.steps()).map(&mut switch).collect()
    }

    /// Whether a way that was opened (or shut) less than so many hours before a step, in it or before the first, must still be so.
    pub fn is_kept(&self, arc: ArcId, switches: &[(bool, bool)], step: usize, (open, hours): (bool, f64)) -> bool {
        let before = self.first_within_h(step, hours)..step;
        self.kept_from_before(arc, step) == Some(open)
            || switches[before].iter().any(|&(is, switched)| switched && is == open)
    }

    /// Whether a way's flow changes in each step; in the first where the flow before it is known.
    pub fn changed(&self, arc: ArcId, decisions: &Decisions) -> Vec<bool> {
        let mut before = self.network.arcs[arc.0].previous_flow;
        let mut change = |step| {
            let flow = decisions.flow_m3s[[arc.0, step]];
            let is_other = |before: f64| (flow - before).abs() * self.hm3_per_m3s(step) > FEASIBILITY_HM3;
            before.replace(flow).is_some_and(is_other)
        };
        (0..self.horizon.steps()).map(&mut change).collect()
    }

    /// Whether a rule's target is met in each step; none where it has none.
    pub fn met(&self, rule: &Requirement, decisions: &Decisions) -> Vec<Option<bool>> {
        let met = |step: usize| {
            let target = self.bound(rule.target.as_ref()?, step, 0);
            target.is_finite().then(|| self.meets(&rule.of, decisions, step, target))
        };
        (0..self.horizon.steps()).map(met).collect()
    }

    /// Whether a way was open before the first step, where that is known.
    pub fn was_open(&self, arc: ArcId) -> Option<bool> {
        self.network.arcs[arc.0].previous_flow.map(|flow| flow > 0.0)
    }

    /// Whether a way must be open, or shut, in a step for what it was before the first; none where it is free, and where it is closed or
    /// owes a flow.
    pub fn kept_from_before(&self, arc: ArcId, step: usize) -> Option<bool> {
        let facts = &self.network.arcs[arc.0];
        let commitment = facts.commitment.as_deref()?;
        let (was_open, so_far) = (self.was_open(arc)?, commitment.before.state_h?);
        let hours = if was_open { commitment.min_up_h } else { commitment.min_down_h };
        let can = if was_open { self.at(&facts.capacity, step, 0) > 0.0 } else { self.at(&facts.floor, step, 0) <= 0.0 };
        (can && self.hours_until(step) + so_far < hours - 1e-9).then_some(was_open)
    }

    /// How often a way's flow may change within the days that end with a step, less what changed in those of them before the first.
    pub fn most_changes(&self, changes: Changes, before: &Before, step: usize) -> usize {
        let until = self.hours_until(step);
        let counts = |ago: &&f64| until + **ago < changes.days * 24.0 - 1e-9;
        changes.most.saturating_sub(before.changed_h.iter().filter(counts).count())
    }

    /// Hours from the start to the beginning of a step.
    fn hours_until(&self, step: usize) -> f64 {
        (0..step).map(|step| self.horizon.days(step) * 24.0).sum()
    }

    /// Greatest flow of one of a way's units: its share of the greatest capacity of the horizon, m³/s.
    pub fn unit_capacity_m3s(&self, arc: ArcId) -> f64 {
        let facts = &self.network.arcs[arc.0];
        let units = facts.commitment.as_ref().map_or(1, |commitment| commitment.units.0).max(1);
        let most = (0..self.horizon.steps()).map(|step| self.at(&facts.capacity, step, 0)).fold(0.0, f64::max);
        most / units as f64
    }

    /// The first of the steps up to this one that began less than so many hours before it does.
    pub fn first_within_h(&self, step: usize, hours: f64) -> usize {
        let mut first = step;
        let mut before = 0.0;
        while first > 0 {
            before += self.horizon.days(first - 1) * 24.0;
            if before >= hours - 1e-9 {
                break;
            }
            first -= 1;
        }
        first
    }

    /// Runs of steps that are longer than an assurance lets a target fail, each as short as it can be: one from each step that
    /// has one; the first counts what failed up to the start.
    pub fn runs_too_long(&self, assurance: &Assurance) -> Vec<std::ops::Range<usize>> {
        let Some(longest) = assurance.longest_days else { return Vec::new() };
        let steps = self.horizon.steps();
        let run = |first: usize| {
            let mut length = if first == 0 { assurance.failing_days } else { 0.0 };
            (first..steps).find_map(|step| {
                length += self.horizon.days(step);
                (length > longest + 1e-9).then_some(first..step + 1)
            })
        };
        (0..steps).filter_map(run).collect()
    }
}
