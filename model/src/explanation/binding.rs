//! What binds in a step: the limits that a plan lies at, read from its document alone.
//!
//! A flow at its capacity, its floor or the least at which it runs, a storage at its dead level, top or flood limit, a requirement at its
//! floor, target or ceiling, a class at its floor of supply, a source all of whose water is taken, an account without anything left. What
//! a demand wants stands among them, with what it lacks. Rules that gave way are told as such ([`Content::gave_way`]).
//! Limits: what documents do not hold ([`NOT_HELD`]) is not seen here; who has the case asks [`held_beside`](super::held_beside).
//! Units: those of the series: m³/s of flows, hm³ of storages and accounts.

use std::ops::Range;

use serde::Serialize;

use crate::document::{Content, Element, Part, RelaxationRow, SeriesKind, SeriesRow};
use crate::tolerance::FEASIBILITY_HM3;
use crate::units::HM3_PER_M3;

/// A limit that a plan lies at.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Binding {
    /// Element whose limit it is.
    pub address: String,
    /// One of [`LOOKED_AT`], `closed` of a way without capacity; by the case one of [`NOT_HELD`].
    pub limit: String,
    /// Window of an account.
    pub window: Option<String>,
    /// Where the limit stands.
    pub at: f64,
    /// By how much the plan is short of it, of a target or demand that it misses; 0 where it lies at it.
    pub short: f64,
    /// Unit of both.
    pub unit: String,
}

/// Limits that documents hold: those that are looked at.
pub const LOOKED_AT: [&str; 11] = [
    "capacity",
    "floor",
    "minimum_when_open",
    "dead",
    "top",
    "flood_limit",
    "target",
    "ceiling",
    "limit",
    "available",
    "demand",
];
/// Limits that documents do not hold, and that the case tells; from days to be met on, of a plan with whole numbers.
pub const NOT_HELD: [&str; 11] = [
    "end_storage",
    "rise",
    "fall",
    "mean",
    "assurance",
    "longest_days",
    "min_up",
    "min_down",
    "forbidden",
    "most_open",
    "changes",
];

/// Of each part of a plan, the series that bounds may stand in beside what they bound.
const BOUNDS: [(Part, &str, &[&str]); 5] = [
    (Part::Node, "withdrawal", &["available"]),
    (Part::Arc, "flow", &["capacity", "floor", "minimum_when_open"]),
    (Part::Node, "storage", &["storage.dead", "storage.top", "storage.flood_limit"]),
    (Part::Requirement, "flow", &["floor", "target", "ceiling"]),
    (Part::Requirement, "storage", &["floor", "target", "ceiling"]),
];

impl Content {
    /// Elements that a reader who asks for an address means: it, the ways from and to it, the sources that these begin at, and the rules
    /// and accounts on any of them. A class of a demand means the demand.
    pub fn around(&self, address: &str) -> Vec<&Element> {
        let of_series = || self.series.iter().find(|row| row.address == address).map(|row| row.element.as_str());
        let address = self.element(address).map_or_else(of_series, |own| Some(&own.id)).unwrap_or(address);
        let own = |element: &&Element| {
            element.id == address
                || (element.part == Part::Arc
                    && (element.from.as_deref() == Some(address) || element.to.iter().any(|to| to == address)))
        };
        let mut found: Vec<&Element> = self.elements.iter().filter(own).collect();
        let begins = |source: &Element, way: &Element| way.part == Part::Arc && way.from.as_ref() == Some(&source.id);
        let source = |element: &Element| element.kind == "source" && found.iter().any(|known| begins(element, known));
        let on: Vec<&Element> = self
            .elements
            .iter()
            .filter(|element| source(element) || element.on.iter().any(|on| found.iter().any(|known| known.id == *on)))
            .filter(|element| !found.iter().any(|known| known.id == element.id))
            .collect();
        found.extend(on);
        found
    }

    /// Limits around an address that the plan lies at in a step; of a class of a demand what it wants comes first.
    pub fn binds(&self, address: &str, step: usize) -> Vec<Binding> {
        let is_class = self.element(address).is_none();
        let own = self.wanted(address, &(step..step + 1)).into_iter().filter(|_| is_class);
        own.map(|(_, wanted)| wanted).chain(self.binding(&self.around(address), step)).collect()
    }

    /// Rules that gave way, around an address and in a step if these are named; an end storage in every step up to
    /// the end.
    pub fn gave_way(&self, address: Option<&str>, step: Option<usize>) -> Vec<&RelaxationRow> {
        let around = address.map(|address| self.around(address));
        let is_around = |own: &Element| around.as_ref().is_none_or(|around| around.iter().any(|other| other.id == own.id));
        let of_these = |rule: &str| address.is_none() || self.whose(rule).is_some_and(is_around);
        let starts = &self.horizon.starts;
        let edge = |at: &String| starts.iter().position(|start| start == at).unwrap_or(starts.len());
        let then = |row: &RelaxationRow| {
            let over = |step: usize| (edge(&row.from)..edge(&row.to)).contains(&step);
            step.is_none_or(|step| over(step) || row.step > step && row.address.ends_with(".end_storage"))
        };
        self.relaxations.iter().filter(|row| then(row) && of_these(&row.address)).collect()
    }

    /// The element whose rule an address names: that of the longest id.
    fn whose(&self, rule: &str) -> Option<&Element> {
        let of = |element: &&Element| rule.strip_prefix(&element.id).is_some_and(|rest| rest.starts_with('.'));
        self.elements.iter().filter(of).max_by_key(|element| element.id.len())
    }

    /// Limits of these elements that the plan lies at in a step.
    pub fn binding(&self, elements: &[&Element], step: usize) -> Vec<Binding> {
        let own = elements.iter().flat_map(|element| self.of_element(element, &(step..step + 1)));
        own.map(|(_, binding)| binding).collect()
    }

    /// Limits of all elements that the plan lies at, with the steps of these in which it does; of demands those that lack.
    pub fn all_that_binds(&self, steps: Range<usize>) -> Vec<(usize, Binding)> {
        let all = self.elements.iter().flat_map(|element| self.of_element(element, &steps));
        let lacks = |binding: &Binding, step: usize| binding.short * self.hm3_per(&binding.unit, step) > FEASIBILITY_HM3;
        all.filter(|(step, binding)| binding.limit != "demand" || lacks(binding, *step)).collect()
    }

    fn of_element(&self, element: &Element, steps: &Range<usize>) -> Vec<(usize, Binding)> {
        let mut found = Vec::new();
        for (_, quantity, bounds) in BOUNDS.iter().filter(|(part, ..)| *part == element.part) {
            let Some(values) = self.series(&element.id, quantity) else { continue };
            for bound in *bounds {
                let Some(limits) = self.series(&element.id, bound) else { continue };
                let word = bound.rsplit('.').next().unwrap_or(bound);
                // Held on means, a target is missed by what the mean lacks.
                let lacking = self.series(&element.id, "shortfall").filter(|_| word == "target");
                let lying = steps.clone().filter_map(|step| {
                    let (value, at) = (in_step(values, step)?, in_step(limits, step)?);
                    let hm3 = self.hm3_per(&values.unit, step);
                    let missed = lacking.and_then(|row| in_step(row, step)).unwrap_or(at - value);
                    let short = if word == "target" && missed * hm3 > FEASIBILITY_HM3 { missed } else { 0.0 };
                    let lies = (value - at).abs() * hm3 <= FEASIBILITY_HM3;
                    let word = if word == "capacity" && at <= 0.0 { "closed" } else { word };
                    let nothing = ["floor", "minimum_when_open"].contains(&word) && at <= 0.0;
                    let binds = (lies && !nothing) || short > 0.0;
                    let (address, limit, unit) = (element.id.clone(), word.to_owned(), values.unit.clone());
                    binds.then_some((step, Binding { address, limit, window: None, at, short, unit }))
                });
                found.extend(lying);
            }
        }
        found.extend(self.wanted(&element.id, steps));
        found.extend(self.least_supplies(&element.id, steps));
        if element.part == Part::Account {
            let used_up = |step: usize| self.accounts_used_up(&element.id, step).into_iter().map(move |own| (step, own));
            found.extend(steps.clone().flat_map(used_up));
        }
        found
    }

    /// What is wanted at a demand or a class of it, with what it lacks.
    fn wanted(&self, address: &str, steps: &Range<usize>) -> Vec<(usize, Binding)> {
        let Some(wanted) = self.series(address, "demand") else { return Vec::new() };
        let lacking = self.series(address, "shortage");
        let found = steps.clone().filter_map(|step| {
            let at = in_step(wanted, step).filter(|wanted| *wanted > 0.0)?;
            let short = lacking.and_then(|row| in_step(row, step)).unwrap_or(0.0);
            let (address, limit, unit) = (address.to_owned(), "demand".to_owned(), wanted.unit.clone());
            Some((step, Binding { address, limit, window: None, at, short, unit }))
        });
        found.collect()
    }

    /// Floors of a demand's classes at which they are supplied.
    fn least_supplies(&self, id: &str, steps: &Range<usize>) -> Vec<(usize, Binding)> {
        let is_class = |row: &&SeriesRow| row.element == id && row.quantity == "floor" && row.class.is_some();
        let floors = self.series.iter().filter(|row| is_class(row) && row.tier.is_none());
        let found = floors.flat_map(|floor| {
            let supply = self.series(&floor.address, "supply");
            steps.clone().filter_map(move |step| {
                let at = in_step(floor, step).filter(|floor| *floor > 0.0)?;
                let over = in_step(supply?, step)? - at;
                let (address, limit, unit) = (floor.address.clone(), "floor".to_owned(), floor.unit.clone());
                let lies = over * self.hm3_per(&unit, step) <= FEASIBILITY_HM3;
                lies.then_some((step, Binding { address, limit, window: None, at, short: 0.0, unit }))
            })
        });
        found.collect()
    }

    fn accounts_used_up(&self, id: &str, step: usize) -> Vec<Binding> {
        let start = self.horizon.starts.get(step);
        let holds = |from: &str, to: &str| start.is_some_and(|start| from <= start.as_str() && start.as_str() < to);
        let rows = self.accounts.iter().filter(|row| row.account == id && holds(&row.from, &row.to));
        rows.filter(|row| {
            let left = row.available_hm3 - row.planned_hm3;
            if row.at_most { left <= FEASIBILITY_HM3 } else { left >= -FEASIBILITY_HM3 }
        })
        .map(|row| Binding {
            address: id.to_owned(),
            limit: "limit".to_owned(),
            window: Some(row.window.clone()),
            at: row.available_hm3,
            short: 0.0,
            unit: "hm3".to_owned(),
        })
        .collect()
    }

    /// A series' value over a step, or at its end.
    pub fn at_step(&self, address: &str, quantity: &str, step: usize) -> Option<f64> {
        in_step(self.series(address, quantity)?, step)
    }

    /// The hm³ that one of a unit stands for in a step.
    fn hm3_per(&self, unit: &str, step: usize) -> f64 {
        if unit == "m3/s" { self.horizon.lengths_s[step] * HM3_PER_M3 } else { 1.0 }
    }
}

/// A series' value over a step, or at its end.
fn in_step(series: &SeriesRow, step: usize) -> Option<f64> {
    let place = if series.kind == SeriesKind::State { step + 1 } else { step };
    series.values.get(place).copied().flatten()
}
