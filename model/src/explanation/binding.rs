//! What binds in a step: the limits that a plan lies at, read from its document alone.
//!
//! A flow at its capacity or floor, a storage at its dead level, top or flood limit, a requirement at its floor, target or ceiling, an
//! account without anything left. What a demand wants stands among them, with what it lacks.
//! Units: those of the series: m³/s of flows, hm³ of storages and accounts.

use serde::Serialize;

use crate::document::{Content, Element, Part};
use crate::tolerance::FEASIBILITY_HM3;
use crate::units::HM3_PER_M3;

/// A limit that a plan lies at.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Binding {
    /// Element whose limit it is.
    pub address: String,
    /// `capacity`, `closed`, `floor`, `dead`, `top`, `flood_limit`, `target`, `ceiling`; `demand`; `limit` of an account's window.
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

/// Of each part of a plan, the series that bounds may stand in beside what they bound.
const BOUNDS: [(Part, &str, &[&str]); 4] = [
    (Part::Arc, "flow", &["capacity", "floor"]),
    (Part::Node, "storage", &["storage.dead", "storage.top", "storage.flood_limit"]),
    (Part::Requirement, "flow", &["floor", "target", "ceiling"]),
    (Part::Requirement, "storage", &["floor", "target", "ceiling"]),
];

impl Content {
    /// Elements that a reader who asks for an address means: it, the ways from and to it, and the rules and accounts on any of them.
    pub fn around(&self, address: &str) -> Vec<&Element> {
        let own = |element: &&Element| {
            element.id == address
                || (element.part == Part::Arc
                    && (element.from.as_deref() == Some(address) || element.to.iter().any(|to| to == address)))
        };
        let mut found: Vec<&Element> = self.elements.iter().filter(own).collect();
        let on: Vec<&Element> = self
            .elements
            .iter()
            .filter(|element| element.on.iter().any(|on| found.iter().any(|known| known.id == *on)))
            .filter(|element| !found.iter().any(|known| known.id == element.id))
            .collect();
        found.extend(on);
        found
    }

    /// Limits of these elements that the plan lies at in a step.
    pub fn binding(&self, elements: &[&Element], step: usize) -> Vec<Binding> {
        elements.iter().flat_map(|element| self.of_element(element, step)).collect()
    }

    fn of_element(&self, element: &Element, step: usize) -> Vec<Binding> {
        let mut found = Vec::new();
        for (_, quantity, bounds) in BOUNDS.iter().filter(|(part, ..)| *part == element.part) {
            let Some(value) = self.at_step(&element.id, quantity, step) else { continue };
            for bound in *bounds {
                let Some(at) = self.at_step(&element.id, bound, step) else { continue };
                let word = bound.rsplit('.').next().unwrap_or(bound);
                let (unit, hm3) = self.unit(&element.id, quantity, step);
                let short = (at - value).max(0.0);
                let lies = (value - at).abs() * hm3 <= FEASIBILITY_HM3;
                let word = if word == "capacity" && at <= 0.0 { "closed" } else { word };
                let nothing = word == "floor" && at <= 0.0;
                if (lies && !nothing) || (word == "target" && short * hm3 > FEASIBILITY_HM3) {
                    let short = if lies { 0.0 } else { short };
                    let (address, limit) = (element.id.clone(), word.to_owned());
                    found.push(Binding { address, limit, window: None, at, short, unit });
                }
            }
        }
        if let Some(wanted) = self.at_step(&element.id, "demand", step).filter(|wanted| *wanted > 0.0) {
            let (unit, _) = self.unit(&element.id, "demand", step);
            let short = self.at_step(&element.id, "shortage", step).unwrap_or(0.0);
            let (address, limit) = (element.id.clone(), "demand".to_owned());
            found.push(Binding { address, limit, window: None, at: wanted, short, unit });
        }
        if element.part == Part::Account {
            found.extend(self.accounts_used_up(&element.id, step));
        }
        found
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
        let series = self.series(address, quantity)?;
        let place = if series.kind == crate::document::SeriesKind::State { step + 1 } else { step };
        series.values.get(place).copied().flatten()
    }

    /// Unit of a series, and the hm³ that one of it stands for in a step.
    fn unit(&self, address: &str, quantity: &str, step: usize) -> (String, f64) {
        let unit = self.series(address, quantity).map_or_else(String::new, |series| series.unit.clone());
        let hm3 = if unit == "m3/s" { self.horizon.lengths_s[step] * HM3_PER_M3 } else { 1.0 };
        (unit, hm3)
    }
}
