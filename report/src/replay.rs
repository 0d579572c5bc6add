//! Where a forward replay on the non-linear basin parts from the plan, as rows for page and summary.

use crate::language::{Phrase, both};
use crate::quantity::{seen, time_text};
use crate::view::View;
use crate::words;

/// Headings of [`rows`].
pub(crate) fn head() -> [Phrase; 5] {
    [
        both("对象", "Of"),
        both("量", "Quantity"),
        both("最大差", "Largest"),
        both("出现于", "At"),
        both("期末差、平均或合计", "At the end, mean or sum"),
    ]
}

/// Replay less plan, each with its unit: storages, then what follows of them for levels, flows and energy.
pub(crate) fn rows(view: &View<'_>) -> Vec<Vec<Phrase>> {
    let audit = &view.content.audit;
    let with_unit = |value: f64, unit: &str| {
        let (factor, unit) = words::unit(unit);
        let said = seen(value * factor);
        both(format!("{said} {}", unit.chinese), format!("{said} {}", unit.english))
    };
    let row = |address: &str, quantity: &str, unit: &str, largest: f64, at: &str, in_all: f64| {
        vec![view.name(address), words::word(quantity), with_unit(largest, unit), time_text(at), with_unit(in_all, unit)]
    };
    let storages = audit.replay.iter();
    let storages = storages.map(|r| row(&r.address, "storage", "hm3", r.largest_hm3, &r.at, r.at_end_hm3));
    let others = audit.replay_consequences.iter();
    let others = others.map(|r| row(&r.address, &r.quantity, &r.unit, r.largest, &r.at, r.in_all));
    storages.chain(others).collect()
}
