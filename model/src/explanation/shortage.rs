//! Why something is short in a step: what lacks, the reason that the plan gives, and the numbers of what the reason names.
//!
//! Read from the document alone. Reasons are those of the shortest period around the step that has one; who has the basin can ask for
//! the step's own ([`crate::document::reason`]).
//! Units: m³/s over the step, hm³.

use serde::Serialize;

use super::Binding;
use crate::document::{Content, Element, Part, SatisfactionRow, SeriesRow};
use crate::tolerance::FEASIBILITY_HM3;
use crate::units::HM3_PER_M3;

/// A use or section that is short in a step.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shortage {
    /// Demand, class of it, or section.
    pub address: String,
    /// Step, counted from 0.
    pub step: usize,
    /// Start of the step.
    pub from: String,
    /// Its end.
    pub to: String,
    /// What is wanted; of a section its target, m³/s.
    pub wanted_m3s: f64,
    /// What there is, m³/s.
    pub got_m3s: f64,
    /// What lacks in the step, hm³.
    pub short_hm3: f64,
    /// What lacks over the horizon, hm³.
    pub short_in_all_hm3: f64,
    /// Why, as the plan says it.
    pub reason: Option<String>,
    /// The period that the reason is told of: a label as satisfactions have it; none of the step's own.
    pub period: Option<String>,
    /// Limits that bind where the reason points.
    pub binding: Vec<Binding>,
    /// Storages that the reason names: address, level at the end of the step, m.
    pub levels: Vec<(String, f64)>,
}

impl Content {
    /// What a use or section is short of in a step, and why; none where it lacks nothing.
    pub fn shortage(&self, address: &str, step: usize) -> Option<Shortage> {
        let (wanted, lacking) = self.lack(address)?;
        let short_m3s = lacking.values.get(step).copied().flatten()?;
        let hm3 = |step: usize| self.horizon.lengths_s[step] * HM3_PER_M3;
        let short_hm3 = short_m3s * hm3(step);
        if short_hm3 <= FEASIBILITY_HM3 {
            return None;
        }
        let wanted_m3s = wanted.values.get(step).copied().flatten()?;
        let all = lacking.values.iter().enumerate().map(|(step, lack)| lack.unwrap_or(0.0) * hm3(step));
        let row = self.reasoned(lacking, step);
        let mut shortage = Shortage {
            address: address.to_owned(),
            step,
            from: self.horizon.starts[step].clone(),
            to: self.horizon.starts.get(step + 1).unwrap_or(&self.horizon.end).clone(),
            wanted_m3s,
            got_m3s: wanted_m3s - short_m3s,
            short_hm3,
            short_in_all_hm3: all.sum(),
            reason: None,
            period: row.map(|row| row.label.clone()),
            binding: Vec::new(),
            levels: Vec::new(),
        };
        if let Some(reason) = row.and_then(|row| row.reason.clone()) {
            self.because(&mut shortage, reason);
        }
        Some(shortage)
    }

    /// Gives a shortage its reason, with the numbers of what that names.
    pub fn because(&self, shortage: &mut Shortage, reason: String) {
        let ids = reason.split('`').skip(1).step_by(2);
        let named: Vec<&Element> = ids.filter_map(|id| self.element(id)).collect();
        shortage.binding = self.binding(&named, shortage.step);
        let level = |element: &&Element| {
            let level = self.at_step(&element.id, "level", shortage.step)?;
            Some((element.id.clone(), level))
        };
        shortage.levels = named.iter().filter_map(level).collect();
        shortage.reason = Some(reason);
    }

    /// The uses and sections that lack most over the horizon, each in the step in which it lacks most; at most so many.
    pub fn worst_shortages(&self, most: usize) -> Vec<Shortage> {
        let classes =
            self.series.iter().filter(|row| row.quantity == "shortage" && row.class.is_some() && row.tier.is_none());
        let sections = self.series.iter().filter(|row| row.quantity == "shortfall");
        let mut found: Vec<Shortage> = classes
            .chain(sections)
            .filter_map(|row| {
                let lengths = self.horizon.lengths_s.iter();
                let lacks = row.values.iter().zip(lengths).map(|(lack, length)| lack.unwrap_or(0.0) * length);
                let (step, _) = lacks.enumerate().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))?;
                self.shortage(&row.address, step)
            })
            .collect();
        found.sort_by(|a, b| b.short_in_all_hm3.total_cmp(&a.short_in_all_hm3));
        found.truncate(most);
        found
    }

    /// What is wanted at an address, and what lacks of it.
    fn lack(&self, address: &str) -> Option<(&SeriesRow, &SeriesRow)> {
        let pair = |wanted, lacking| self.series(address, wanted).zip(self.series(address, lacking));
        pair("demand", "shortage").or_else(|| pair("target", "shortfall"))
    }

    /// The satisfaction of the shortest period around a step that says why a series is short.
    fn reasoned(&self, series: &SeriesRow, step: usize) -> Option<&SatisfactionRow> {
        let element = self.element(&series.element)?;
        let start = self.horizon.starts.get(step)?;
        let in_stream = element.part == Part::Requirement;
        let fits = |row: &&SatisfactionRow| {
            row.reason.is_some()
                && row.class.is_none()
                && row.region == element.region
                && row.in_stream == in_stream
                && series.use_.as_ref().is_none_or(|use_| row.use_ == *use_)
                && row.from <= *start
                && *start < row.to
        };
        self.satisfaction.iter().filter(fits).min_by(|a, b| a.days.total_cmp(&b.days))
    }
}
