//! Two plans side by side: what one has otherwise than another, where both say something of the same time.
//!
//! One piece for all who set plans against each other: the difference of two plans, the check against the plan in force, the table
//! of alternatives. A difference is this plan's value less the other's, on this plan's steps, as far as the other covers them; where steps
//! of the other are longer, over as many as make up one.
//! Units: the series' own; sums of flows in hm³, of energy in GWh.

use serde::Serialize;

use super::timeline::Timeline;
use super::{Content, PlanDocument, SeriesKind, SeriesRow, WarningRow};
use crate::forcing::DERIVED;
use crate::units::HM3_PER_M3;

/// What one plan has otherwise than another.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Comparison {
    /// Start of the time that both cover; none where they share none.
    pub from: Option<String>,
    /// Its end.
    pub to: Option<String>,
    /// Series that differ, in the order of this plan.
    pub series: Vec<SeriesDifference>,
    /// Series of this plan that the other has not, by address and quantity.
    pub new: Vec<String>,
    /// Series of the other that this one has not.
    pub gone: Vec<String>,
    /// What each use is supplied with in that time.
    pub uses: Vec<UseDifference>,
    /// Every objective that either has, each measured on its own plan's whole horizon.
    pub objectives: Vec<ValueDifference>,
    /// Warnings of this plan that the other has not.
    pub new_warnings: Vec<WarningRow>,
    /// Warnings of the other that this one has not.
    pub gone_warnings: Vec<WarningRow>,
}

/// Where a series differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SeriesDifference {
    /// Address.
    pub address: String,
    /// Quantity.
    pub quantity: String,
    /// Unit.
    pub unit: String,
    /// The element that it belongs to.
    pub element: String,
    /// User class, of a demand's series by class.
    pub class: Option<String>,
    /// Its use.
    #[serde(rename = "use")]
    pub use_: Option<String>,
    /// The largest difference, with its sign; of equal ones the first.
    pub largest: f64,
    /// Where it stands: start of the step, or the instant of a state.
    pub at: String,
    /// The other's value there.
    pub before: f64,
    /// This plan's value there.
    pub after: f64,
    /// Difference of the sums over the time that both cover, hm³ of a flow and GWh of energy; none of a state.
    pub sum: Option<f64>,
}

/// What a use is supplied with.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UseDifference {
    /// `domestic`, `industrial`, `agricultural`, `ecological`.
    #[serde(rename = "use")]
    pub use_: String,
    /// Supply by the other, hm³.
    pub before_hm3: f64,
    /// Supply by this plan, hm³.
    pub after_hm3: f64,
}

/// A value of each plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ValueDifference {
    /// Objective's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Unit.
    pub unit: String,
    /// `minimise` or `maximise`.
    pub sense: String,
    /// Place among this plan's stages, from 1.
    pub stage: Option<usize>,
    /// The other's.
    pub before: Option<f64>,
    /// This plan's.
    pub after: Option<f64>,
}

/// Differences below this are a solver's, not a plan's.
const SAME: f64 = 1e-6;

impl PlanDocument {
    /// This plan against another.
    pub fn compared_with(&self, other: &Self) -> Comparison {
        let (after, before) = (&self.content, &other.content);
        let mut comparison = Comparison {
            new: missing(after, before),
            gone: missing(before, after),
            objectives: objectives(before, after),
            new_warnings: warnings_missing(after, before),
            gone_warnings: warnings_missing(before, after),
            ..Comparison::default()
        };
        if let (Some(old), Some(new)) = (before.timeline(), after.timeline()) {
            let pair = Pair { before, after, old, new };
            let shared = pair.shared();
            if let (Some(first), Some(last)) = (shared.first(), shared.last()) {
                comparison.from = after.horizon.starts.get(*first).cloned();
                comparison.to = Some(after.edge(last + 1));
            }
            comparison.series = after.series.iter().filter_map(|row| pair.difference(row, &shared)).collect();
            comparison.uses = pair.uses(&shared);
        }
        comparison
    }
}

impl Content {
    /// Whether a way has a capacity that nobody stated: all the water upstream in one step, whose change says nothing of its own.
    fn is_derived(&self, way: &str) -> bool {
        let capacity = |address: &str| address.strip_suffix(".capacity") == Some(way);
        self.inputs.series.iter().any(|series| series.origin == DERIVED && capacity(&series.address))
    }

    /// Instant of an edge of the horizon.
    fn edge(&self, place: usize) -> String {
        self.horizon.starts.get(place).unwrap_or(&self.horizon.end).clone()
    }
}

impl Comparison {
    /// The largest difference of a quantity, among rows that fit.
    pub fn largest(&self, quantity: &str, fits: impl Fn(&SeriesDifference) -> bool) -> Option<&SeriesDifference> {
        let rows = self.series.iter().filter(|row| row.quantity == quantity && fits(row));
        rows.max_by(|a, b| a.largest.abs().total_cmp(&b.largest.abs()))
    }
}

struct Pair<'a> {
    before: &'a Content,
    after: &'a Content,
    old: Timeline,
    new: Timeline,
}

impl Pair<'_> {
    /// Steps of this plan that the other covers.
    fn shared(&self) -> Vec<usize> {
        let ends = (self.old.edges().first(), self.old.edges().last());
        let (Some(first), Some(last)) = ends else { return Vec::new() };
        let steps = self.new.edges().windows(2).enumerate();
        steps.filter(|(_, ends)| ends[0] >= *first && ends[1] <= *last).map(|(step, _)| step).collect()
    }

    /// Stretches of shared steps between instants at which steps of both plans end, as first and end: where steps of one are longer, the
    /// mean over a long one stands against the mean over as many short ones. The last ends with the time that is shared.
    fn stretches(&self, shared: &[usize]) -> Vec<(usize, usize)> {
        let mut stretches = Vec::new();
        let Some((&first, &last)) = shared.first().zip(shared.last()) else { return stretches };
        let mut from = first;
        for end in shared.iter().map(|step| step + 1) {
            if end == last + 1 || self.old.edges().contains(&self.new.edges()[end]) {
                stretches.push((from, end));
                from = end;
            }
        }
        stretches
    }

    fn difference(&self, row: &SeriesRow, shared: &[usize]) -> Option<SeriesDifference> {
        let other = self.before.series(&row.address, &row.quantity).filter(|other| other.kind == row.kind)?;
        if row.quantity == "capacity" && [self.before, self.after].iter().any(|plan| plan.is_derived(&row.address)) {
            return None;
        }
        let is_state = row.kind == SeriesKind::State;
        let edges = self.new.edges();
        let stretches = self.stretches(shared);
        // A state is compared where they meet; over them flows are.
        let places: Vec<(usize, usize)> = match (is_state, shared.first()) {
            (true, Some(&first)) => {
                std::iter::once(first).chain(stretches.iter().map(|stretch| stretch.1)).map(|at| (at, at)).collect()
            }
            _ => stretches,
        };
        let per_step = row.unit == "GWh";
        let value = |times: &Timeline, row: &SeriesRow, from: f64, to: f64| match (is_state, per_step) {
            (true, _) => times.at(row, from),
            (_, true) => times.sum(row, from, to),
            _ => times.mean(row, from, to),
        };
        let (mut largest, mut sum) = (None::<(f64, usize, f64, f64)>, 0.0);
        for (place, end) in places {
            let (from, to) = (edges[place], edges[end]);
            let Some((after, before)) = value(&self.new, row, from, to).zip(value(&self.old, other, from, to)) else {
                continue;
            };
            let difference = after - before;
            sum += match (is_state, per_step) {
                (true, _) => 0.0,
                (_, true) => difference,
                _ => difference * (to - from) * HM3_PER_M3,
            };
            if largest.is_none_or(|(most, ..)| difference.abs() > most.abs() + SAME) {
                largest = Some((difference, place, before, after));
            }
        }
        let (largest, place, before, after) = largest.filter(|(most, ..)| most.abs() > SAME)?;
        Some(SeriesDifference {
            address: row.address.clone(),
            quantity: row.quantity.clone(),
            unit: row.unit.clone(),
            element: row.element.clone(),
            class: row.class.clone(),
            use_: row.use_.clone(),
            largest,
            at: self.after.edge(place),
            before,
            after,
            sum: (!is_state).then_some(sum),
        })
    }

    fn uses(&self, shared: &[usize]) -> Vec<UseDifference> {
        let edges = self.new.edges();
        let intervals: Vec<(f64, f64)> = shared.iter().map(|&step| (edges[step], edges[step + 1])).collect();
        let (before, after) = (supplied(self.before, &self.old, &intervals), supplied(self.after, &self.new, &intervals));
        let mut uses: Vec<String> = before.iter().chain(&after).map(|(use_, _)| use_.clone()).collect();
        uses.sort();
        uses.dedup();
        let of = |all: &[(String, f64)], use_: &str| all.iter().filter(|(word, _)| word == use_).map(|(_, v)| v).sum();
        uses.into_iter()
            .map(|use_| UseDifference { before_hm3: of(&before, &use_), after_hm3: of(&after, &use_), use_ })
            .collect()
    }
}

/// Supply of each class over intervals with its use, hm³.
pub(super) fn supplied(content: &Content, times: &Timeline, intervals: &[(f64, f64)]) -> Vec<(String, f64)> {
    let rows = content.series.iter().filter(|row| row.quantity == "supply" && row.class.is_some() && row.tier.is_none());
    rows.filter_map(|row| {
        let volume = |(from, to): &(f64, f64)| times.mean(row, *from, *to).unwrap_or(0.0) * (to - from) * HM3_PER_M3;
        Some((row.use_.clone()?, intervals.iter().map(volume).sum()))
    })
    .collect()
}

/// Series of one plan that another has not.
fn missing(of: &Content, from: &Content) -> Vec<String> {
    let rows = of.series.iter().filter(|row| from.series(&row.address, &row.quantity).is_none());
    rows.map(|row| format!("{}.{}", row.address, row.quantity)).collect()
}

/// Warnings of one plan that another has not: of the same address, kind and grade.
fn warnings_missing(of: &Content, from: &Content) -> Vec<WarningRow> {
    let same = |a: &WarningRow, b: &WarningRow| a.address == b.address && a.kind == b.kind && a.grade == b.grade;
    of.warnings.iter().filter(|row| !from.warnings.iter().any(|other| same(row, other))).cloned().collect()
}

fn objectives(before: &Content, after: &Content) -> Vec<ValueDifference> {
    let value = |content: &Content, id: &str| content.objectives.iter().find(|row| row.id == id).and_then(|row| row.value);
    let gone = before.objectives.iter().filter(|row| after.objectives.iter().all(|other| other.id != row.id));
    let own = after.objectives.iter().map(|row| (row, row.stage));
    own.chain(gone.map(|row| (row, None)))
        .map(|(row, stage)| ValueDifference {
            id: row.id.clone(),
            name: row.name.clone(),
            unit: row.unit.clone(),
            sense: row.sense.clone(),
            stage,
            before: value(before, &row.id),
            after: value(after, &row.id),
        })
        .collect()
}
