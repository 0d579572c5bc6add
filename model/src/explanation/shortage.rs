//! Why something is short in a step: what lacks, the reason that the plan gives, and the numbers of what the reason names.
//!
//! Read from the document alone: the reason of what is asked about by itself, of the neighbouring steps of one cause that hold the step
//! ([`ShortRow`](crate::document::ShortRow)). Who has the basin can ask for the step's own, too ([`crate::document::reason`]).
//! Units: m³/s over the step, hm³.

use serde::Serialize;

use super::Binding;
use crate::document::{Content, Element, SeriesRow};
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
    /// The steps that the reason is told of, start and end with `/` between; none of the step's own.
    pub period: Option<String>,
    /// Limits that bind where the reason points.
    pub binding: Vec<Binding>,
    /// Storages that the reason names: address, level at the end of the step, m.
    pub levels: Vec<(String, f64)>,
}

/// What has most, hm³; of those that have as much the first.
pub fn most<T>(of: impl IntoIterator<Item = T>, hm3: impl Fn(&T) -> f64) -> Option<T> {
    let all: Vec<T> = of.into_iter().collect();
    let greatest = all.iter().map(&hm3).fold(f64::NEG_INFINITY, f64::max);
    all.into_iter().find(|one| hm3(one) >= greatest - FEASIBILITY_HM3)
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
        let (reason, period) = self.reasoned(address, step).unzip();
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
            period,
            binding: Vec::new(),
            levels: Vec::new(),
        };
        if let Some(reason) = reason {
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

    /// What a use or section is short of in the step in which it lacks most, of several the first.
    pub fn worst_shortage(&self, address: &str) -> Option<Shortage> {
        self.shortage(address, self.lacks_most_in(self.lack(address)?.1)?)
    }

    /// The uses and sections that lack most over the horizon, each in the step in which it lacks most; or those that lack most in a step.
    /// At most so many.
    pub fn worst_shortages(&self, step: Option<usize>, most: usize) -> Vec<Shortage> {
        let in_its_step = |row: &SeriesRow| self.shortage(&row.address, step.or_else(|| self.lacks_most_in(row))?);
        let mut found: Vec<Shortage> = self.lacking().filter_map(in_its_step).collect();
        let lack = |row: &Shortage| if step.is_some() { row.short_hm3 } else { row.short_in_all_hm3 };
        // What lacks as much stands as in the basin's file.
        let so_many = |row: &Shortage| (lack(row) / FEASIBILITY_HM3).round();
        found.sort_by(|a, b| so_many(b).total_cmp(&so_many(a)));
        found.truncate(most);
        found
    }

    /// What lacks of each class of a demand, and of each section.
    pub(crate) fn lacking(&self) -> impl Iterator<Item = &SeriesRow> {
        let is_class = |row: &&SeriesRow| row.quantity == "shortage" && row.class.is_some() && row.tier.is_none();
        self.series.iter().filter(move |row| is_class(row) || row.quantity == "shortfall")
    }

    /// The step in which a series of what lacks has most, by volume; of several the first.
    pub(crate) fn lacks_most_in(&self, lacking: &SeriesRow) -> Option<usize> {
        let lacks = lacking.values.iter().zip(&self.horizon.lengths_s);
        let lacks = lacks.map(|(lack, length)| lack.unwrap_or(0.0) * length * HM3_PER_M3);
        most(lacks.enumerate(), |(_, hm3)| *hm3).map(|(step, _)| step)
    }

    /// What is wanted at an address, and what lacks of it.
    fn lack(&self, address: &str) -> Option<(&SeriesRow, &SeriesRow)> {
        let pair = |wanted, lacking| self.series(address, wanted).zip(self.series(address, lacking));
        pair("demand", "shortage").or_else(|| pair("target", "shortfall"))
    }

    /// Why what an address is short of in a step is short, and in which steps beside it: a demand as a whole has the reason of its class
    /// which lacks most then.
    fn reasoned(&self, address: &str, step: usize) -> Option<(String, String)> {
        let start = self.horizon.starts.get(step)?;
        let holds = |from: &str, to: &str| from <= start.as_str() && start.as_str() < to;
        let own = |row: &SeriesRow| row.address == address || row.class.is_some() && row.element == address;
        let hm3 = self.horizon.lengths_s.get(step)? * HM3_PER_M3;
        let then = |row: &&SeriesRow| row.values.get(step).copied().flatten().unwrap_or(0.0) * hm3;
        let most = most(self.lacking().filter(|row| own(row)), then)?;
        let row = self.short.iter().find(|row| row.address == most.address && holds(&row.from, &row.to))?;
        Some((row.reason.clone(), format!("{}/{}", row.from, row.to)))
    }
}
