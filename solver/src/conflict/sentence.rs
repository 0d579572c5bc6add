//! A conflict in sentences. What they name stands in backticks, so that a reader may be given names for it.

use std::fmt::Write as _;
use std::ops::Range;

use weir_model::case::Case;
use weir_model::plan::Relaxation;
use weir_model::told::told;

use super::{By, Conflict, Entry, Rule, What, runs};
use crate::unsolved::by_address;

impl Conflict {
    /// The conflict in a sentence: when, which rules, how much.
    pub fn sentence(&self, case: &Case) -> String {
        let rules: Vec<String> = self.rules.iter().map(Rule::phrase).collect();
        let named = match rules.as_slice() {
            [] => "what water there is and where it must go cannot be balanced".to_owned(),
            [one] => format!("{one} cannot be met"),
            [first @ .., last] => format!("{} and {last} cannot all be met", first.join(", ")),
        };
        // How fast something may change lacks no water by itself: each further step would take more.
        let changes =
            matches!(self.rules.as_slice(), [one] if [".fall", ".rise"].iter().any(|end| one.address.ends_with(end)));
        let how_much = match self.missing_hm3 {
            None => ", whatever water there is".to_owned(),
            Some(hm3) if changes => format!(": it gives way by {} hm3 at least", told(hm3)),
            Some(hm3) if self.both => format!(": {} hm3 are missing or too much", told(hm3)),
            Some(hm3) if self.too_much => format!(": {} hm3 are too much", told(hm3)),
            Some(hm3) => match self.lost_on_the_way_hm3() {
                Some(lost) => format!(": {} hm3 are missing ({} hm3 are lost on the way)", told(hm3), told(lost)),
                None => format!(": {} hm3 are missing", told(hm3)),
            },
        };
        format!("{}{named}{how_much}", self.when(case).map_or_else(String::new, |when| format!("{when}: ")))
    }

    /// The budget in a sentence; none where there is none.
    pub fn budget_sentence(&self) -> Option<String> {
        let phrases = |asks: bool| {
            let of_side = self.budget.iter().filter(|entry| (entry.hm3 > 0.0) == asks);
            let closed = self.closed.iter().filter(|_| !asks).map(|rule| format!("nothing by {}", rule.phrase()));
            let all: Vec<String> = of_side.map(|entry| phrase(entry, self.too_much)).chain(closed).collect();
            if all.is_empty() { "nothing".to_owned() } else { all.join(", ") }
        };
        let (asked, there) = (phrases(true), phrases(false));
        let sentence = if self.both {
            format!("what comes and is asked for: {asked}, against what there is and may stay or leave: {there}")
        } else if self.too_much {
            format!("what comes: {asked}, against what may stay or leave: {there}")
        } else {
            format!("what is asked for: {asked}, against what there is: {there}")
        };
        (!self.budget.is_empty()).then_some(sentence)
    }

    /// What canals and reaches lose of the water that the rules ask for, where they lose any.
    fn lost_on_the_way_hm3(&self) -> Option<f64> {
        let lost = self.budget.iter().find(|entry| entry.what == What::Ways)?;
        (!self.too_much).then_some(lost.hm3)
    }

    /// Whether inflow below 0 is among what asks for water.
    pub(crate) fn has_negative_inflow(&self) -> bool {
        !self.too_much && self.budget.iter().any(|entry| entry.what == What::Inflow && entry.hm3 > 0.0)
    }

    fn when(&self, case: &Case) -> Option<String> {
        (!self.periods.is_empty()).then(|| days(case, &self.periods))
    }
}

/// Periods that are told one by one.
const MOST_PERIODS: usize = 4;

/// First and last day of each period; of many, of them all.
fn days(case: &Case, periods: &[Range<usize>]) -> String {
    if let ([first, .., last], true) = (periods, periods.len() > MOST_PERIODS) {
        return format!("{} – {} with gaps", case.horizon.name_of(first.start), case.horizon.last_of(last.end - 1));
    }
    let mut when = String::new();
    for period in periods {
        let separator = if when.is_empty() { "" } else { ", " };
        let (first, last) = (case.horizon.name_of(period.start), case.horizon.last_of(period.end - 1));
        // Writing into a String cannot fail.
        let _ =
            if first == last { write!(when, "{separator}{first}") } else { write!(when, "{separator}{first} – {last}") };
    }
    when
}

/// What gives way, a sentence a rule: when, and how much of it.
pub fn given_way(case: &Case, relaxations: &[Relaxation]) -> Vec<String> {
    let sentence = |(address, steps, hm3): (&str, Vec<usize>, f64)| {
        format!("`{address}` gives way by {} hm3: {}", told(hm3), days(case, &runs(&steps)))
    };
    by_address(case, relaxations).into_iter().map(sentence).collect()
}

impl Rule {
    /// The rule with its value, its place, and whether it is assumed.
    pub fn phrase(&self) -> String {
        let assumed = if self.assumed { "; assumed" } else { "" };
        let value = match self.value {
            None => String::new(),
            Some((least, most, unit)) if told(least) == told(most) => format!(" of {} {unit}", told(least)),
            // Each volume with its unit, which readers may be told another of.
            Some((least, most, unit)) if unit.starts_with("hm3") => {
                format!(" of {} hm3 to {} {unit}", told(least), told(most))
            }
            Some((least, most, unit)) => format!(" of {}–{} {unit}", told(least), told(most)),
        };
        let share = self.share_of.map_or_else(String::new, |(limit, used)| {
            format!(" (the horizon's share of {} hm3 less {} hm3 used before)", told(limit), told(used))
        });
        format!("`{}`{value}{share} [{}{assumed}]", self.address, self.place)
    }
}

fn phrase(entry: &Entry, too_much: bool) -> String {
    let hm3 = told(entry.hm3.abs());
    let of = entry.of.as_deref().unwrap_or_default();
    let asks = (entry.hm3 > 0.0) != too_much;
    match (entry.what, asks) {
        (What::Start, _) => format!("{hm3} hm3 in `{of}` at the start"),
        (What::AboveDead, false) => format!("{hm3} hm3 above the dead level of `{of}` at the start"),
        (What::AboveDead, true) => format!("{hm3} hm3 that `{of}` lacks to its dead level at the start"),
        (What::Use, _) => format!("{hm3} hm3 that `{of}` takes"),
        (What::Inflow, false) => format!("{hm3} hm3 of inflow"),
        (What::Inflow, true) => format!("{hm3} hm3 of negative inflow"),
        (What::OnItsWay, _) => format!("{hm3} hm3 on its way at the start"),
        (What::Returns, _) => format!("{hm3} hm3 that come back of supplies"),
        (What::Losses(By::Evaporation), _) => format!("{hm3} hm3 of evaporation"),
        (What::Losses(By::Seepage), _) => format!("{hm3} hm3 of seepage"),
        (What::Losses(By::Both), _) => format!("{hm3} hm3 of evaporation and seepage"),
        (What::Ways, _) => format!("{hm3} hm3 lost on the way"),
        (What::Late, _) => format!("{hm3} hm3 that arrive elsewhere or too late"),
        (What::Rule, true) if !too_much => format!("{hm3} hm3 for `{of}`"),
        (What::Rule | What::Source, _) => format!("{hm3} hm3 by `{of}`"),
        (What::Other, _) => format!("{hm3} hm3 otherwise"),
    }
}
