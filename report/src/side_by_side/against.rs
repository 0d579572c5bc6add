//! What each plan has otherwise than the first: supply by use, who goes short, storages, spill, sections, warnings.
//!
//! Read from the one comparison of two plans, on the time that both cover. A line in which no plan differs is left out.
//! Units: 万m³.

use std::collections::BTreeMap;

use weir_model::document::Comparison;

use super::{Line, Told, Tried};
use crate::language::{Phrase, both};
use crate::quantity::{time_text, wan_m3};
use crate::view::View;
use crate::words;

/// Deliveries, reservoirs and sections that are told of each kind.
const MOST: usize = 12;

/// Of each plan but the first, what it has otherwise; the first has nothing.
pub(super) fn comparisons(tried: &[Tried]) -> Vec<Option<Comparison>> {
    let first = tried.iter().position(|one| one.outcome.is_ok());
    let compared = |(place, one): (usize, &Tried)| {
        let (first, document) = (first.filter(|first| *first != place)?, one.outcome.as_ref().ok()?);
        Some(document.compared_with(tried[first].outcome.as_ref().ok()?))
    };
    tried.iter().enumerate().map(compared).collect()
}

/// The lines.
pub(super) fn lines(first: &View<'_>, all: &[Option<Comparison>]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut line = |name: Phrase, cell: &dyn Fn(&Comparison) -> Option<Told>| {
        let cells: Vec<Option<Told>> = all.iter().map(|one| one.as_ref().and_then(cell)).collect();
        if cells.iter().any(Option::is_some) {
            lines.push(Line { name, cells });
        }
    };
    for use_ in ["domestic", "industrial", "agricultural", "ecological"] {
        let name = words::word(use_);
        let name = both(format!("{}供水", name.chinese), format!("Supply, {}", name.english.to_lowercase()));
        line(name, &|comparison| {
            let rows = comparison.uses.iter().filter(|row| row.use_ == use_);
            changed(rows.map(|row| row.after_hm3 - row.before_hm3).sum())
        });
    }
    for (quantity, chinese, english) in [("shortage", "缺水", "short"), ("shortfall", "生态缺水", "flow lacking")] {
        for element in most(all, quantity) {
            let name = first.name(&element);
            let name = both(format!("{} {chinese}", name.chinese), format!("{} {english}", name.english));
            line(name, &|comparison| changed(sum(comparison, quantity, &element)));
        }
    }
    for element in most(all, "spill") {
        let name = first.owner(&element);
        let name = both(format!("{} 弃水", name.chinese), format!("{} spill", name.english));
        line(name, &|comparison| changed(sum(comparison, "spill", &element)));
    }
    for store in first.of_kind(&["reservoir", "aquifer"]).into_iter().take(MOST) {
        let name = first.name(&store.id);
        let name = both(format!("{} 蓄水最大差", name.chinese), format!("{} storage, largest difference", name.english));
        line(name, &|comparison| {
            let row = comparison.largest("storage", |row| row.address == store.id)?;
            let told = changed(row.largest)?;
            Some(Told { more: Some(time_text(&row.at)), ..told })
        });
    }
    line(both("新增预警", "Warnings that are new"), &|comparison| counted(comparison.new_warnings.len()));
    line(both("解除的预警", "Warnings that are gone"), &|comparison| counted(comparison.gone_warnings.len()));
    lines
}

/// Difference of the sum of an element's series, hm³.
fn sum(comparison: &Comparison, quantity: &str, element: &str) -> f64 {
    let rows = comparison.series.iter().filter(|row| row.quantity == quantity && row.address == element);
    rows.filter_map(|row| row.sum).sum()
}

/// Addresses whose series of a quantity differ most in any plan: those of whole elements.
fn most(all: &[Option<Comparison>], quantity: &str) -> Vec<String> {
    let mut largest: BTreeMap<&str, f64> = BTreeMap::new();
    let rows = all.iter().flatten().flat_map(|comparison| &comparison.series);
    for row in rows.filter(|row| row.quantity == quantity && row.class.is_none()) {
        let most = largest.entry(&row.address).or_default();
        *most = row.sum.map_or(*most, |sum| most.max(sum.abs()));
    }
    let mut largest: Vec<(&str, f64)> = largest.into_iter().collect();
    largest.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    largest.into_iter().take(MOST).map(|(address, _)| address.to_owned()).collect()
}

/// A difference in 万m³ with its sign; none of nothing that is seen.
fn changed(hm3: f64) -> Option<Told> {
    let number = wan_m3(hm3.abs());
    if wan_m3(0.0) == number {
        return None;
    }
    Some(Told::from(format!("{}{number}", if hm3 < 0.0 { "−" } else { "+" })))
}

fn counted(count: usize) -> Option<Told> {
    (count > 0).then(|| Told::from(count.to_string()))
}
