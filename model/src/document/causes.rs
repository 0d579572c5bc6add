//! The difference of two plans split by cause: plans of the questions between theirs, one cause taken after the other.
//!
//! Each row is a value of every plan on the way over the time that the two ends share, and what each cause moves it by: the difference of
//! two plans that follow one another. So the parts of a row sum to the whole.
//! Units: hm³ of uses, flows and storages; an objective's own, over its plan's whole horizon.

use serde::Serialize;

use super::comparison::supplied;
use super::{Content, PlanDocument, SeriesKind};
use crate::units::HM3_PER_M3;

/// A difference split by cause.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Causes {
    /// The causes, in the order in which they were taken.
    pub order: Vec<String>,
    /// Of them those in which the two questions differ.
    pub differ: Vec<String>,
    /// Start of the time that both plans cover; none where they share none.
    pub from: Option<String>,
    /// Its end.
    pub to: Option<String>,
    /// What differs, or differs on the way: uses, objectives, elements.
    pub rows: Vec<CauseRow>,
}

/// A value that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CauseRow {
    /// `use`, `objective` or `element`.
    pub of: String,
    /// The use, the objective's id, or an address.
    pub address: String,
    /// `supply` of a use; kind of an objective; quantity of a series, `storage` at the end of the shared time.
    pub quantity: String,
    /// Unit.
    pub unit: String,
    /// The earlier plan's value.
    pub before: f64,
    /// The later plan's.
    pub after: f64,
    /// By what each cause moves it, in their order.
    pub parts: Vec<f64>,
}

/// Quantities of elements that are told, in this order.
const QUANTITIES: [&str; 6] = ["outflow", "spill", "supply", "shortage", "shortfall", "storage"];
/// Differences below this are a solver's, not a plan's.
const SAME: f64 = 1e-6;

impl Causes {
    /// The split between the first of these plans and the last; each other is named by the cause that was taken to it, with whether
    /// the two questions differ in it.
    pub fn of(first: &PlanDocument, others: &[(&str, bool, &PlanDocument)]) -> Self {
        let order = others.iter().map(|(cause, ..)| (*cause).to_owned()).collect();
        let differ = others.iter().filter(|(_, differs, _)| *differs).map(|(cause, ..)| (*cause).to_owned()).collect();
        let none = Self { order, differ, from: None, to: None, rows: Vec::new() };
        let last = others.last().map_or(first, |(.., document)| document);
        let Some(shared) = Shared::of(&first.content, &last.content) else { return none };
        let contents = std::iter::once(&first.content).chain(others.iter().map(|(.., document)| &document.content));
        let tallies: Vec<Vec<Value>> = contents.map(|content| shared.tally(content)).collect();
        let (Some(before), Some(after)) = (tallies.first(), tallies.last()) else { return none };
        let mut keys: Vec<&Value> = before.iter().collect();
        keys.extend(after.iter().filter(|value| !before.iter().any(|other| other.is_of(value))));
        let rows = keys.into_iter().filter_map(|key| {
            let value = |tally: &Vec<Value>| tally.iter().find(|value| value.is_of(key)).map_or(0.0, |value| value.amount);
            let values: Vec<f64> = tallies.iter().map(value).collect();
            let parts: Vec<f64> = values.windows(2).map(|pair| pair[1] - pair[0]).collect();
            parts.iter().any(|part| part.abs() > SAME).then(|| CauseRow {
                of: key.of.to_owned(),
                address: key.address.clone(),
                quantity: key.quantity.clone(),
                unit: key.unit.clone(),
                before: values.first().copied().unwrap_or(0.0),
                after: values.last().copied().unwrap_or(0.0),
                parts,
            })
        });
        Self { from: Some(shared.from.clone()), to: Some(shared.to.clone()), rows: rows.collect(), ..none }
    }
}

/// Time that two plans cover, in whole steps of the later one.
struct Shared {
    from: String,
    to: String,
    intervals: Vec<(f64, f64)>,
}

/// A value of a plan.
struct Value {
    of: &'static str,
    address: String,
    quantity: String,
    unit: String,
    amount: f64,
}

impl Value {
    fn is_of(&self, other: &Self) -> bool {
        (self.of, &self.address, &self.quantity) == (other.of, &other.address, &other.quantity)
    }
}

impl Shared {
    fn of(before: &Content, after: &Content) -> Option<Self> {
        let (old, new) = (before.timeline()?, after.timeline()?);
        let (start, end) = (*old.edges().first()?, *old.edges().last()?);
        let steps: Vec<(usize, (f64, f64))> = new.edges().windows(2).map(|ends| (ends[0], ends[1])).enumerate().collect();
        let shared: Vec<&(usize, (f64, f64))> =
            steps.iter().filter(|(_, (from, to))| *from >= start && *to <= end).collect();
        let (first, last) = (shared.first()?, shared.last()?);
        Some(Self {
            from: after.horizon.starts.get(first.0)?.clone(),
            to: after.horizon.starts.get(last.0 + 1).unwrap_or(&after.horizon.end).clone(),
            intervals: shared.iter().map(|(_, interval)| *interval).collect(),
        })
    }

    /// Uses, then objectives by their stages, then elements.
    fn tally(&self, content: &Content) -> Vec<Value> {
        let Some(times) = content.timeline() else { return Vec::new() };
        let mut values: Vec<Value> = Vec::new();
        for (use_, hm3) in supplied(content, &times, &self.intervals) {
            match values.iter_mut().find(|value| value.address == use_) {
                Some(known) => known.amount += hm3,
                None => values.push(Value {
                    of: "use",
                    address: use_,
                    quantity: "supply".to_owned(),
                    unit: "hm3".to_owned(),
                    amount: hm3,
                }),
            }
        }
        let mut objectives: Vec<_> = content.objectives.iter().filter(|row| row.value.is_some()).collect();
        objectives.sort_by_key(|row| row.stage.unwrap_or(usize::MAX));
        values.extend(objectives.into_iter().map(|row| Value {
            of: "objective",
            address: row.id.clone(),
            quantity: row.kind.clone(),
            unit: row.unit.clone(),
            amount: row.value.unwrap_or(0.0),
        }));
        for quantity in QUANTITIES {
            let rows = content.series.iter().filter(|row| row.quantity == quantity && row.class.is_none());
            // A requirement on a storage tells what the storage tells.
            let own = rows.filter(|row| {
                quantity != "storage" || row.address == row.element && content.series(&row.address, "level").is_some()
            });
            values.extend(own.filter_map(|row| {
                let amount = if row.kind == SeriesKind::State {
                    times.at(row, self.intervals.last()?.1)?
                } else {
                    let volume =
                        |(from, to): &(f64, f64)| times.mean(row, *from, *to).unwrap_or(0.0) * (to - from) * HM3_PER_M3;
                    self.intervals.iter().map(volume).sum()
                };
                let (address, quantity) = (row.address.clone(), quantity.to_owned());
                Some(Value { of: "element", address, quantity, unit: "hm3".to_owned(), amount })
            }));
        }
        values
    }
}
