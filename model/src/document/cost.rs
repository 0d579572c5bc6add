//! What something costs: every goal's value without it and with it, and what each use lacks.
//!
//! Both plans are of one basin and time. Rows: the goals in their order, whether they moved or not; then the objectives outside
//! the stages, and the uses by what they are short of, that moved. Units: the objective's; hm³ of a use.

use super::{Content, CostRow};
use crate::tolerance::OBJECTIVE;

/// Kind of a row that tells what a use lacks.
pub const USE_SHORT: &str = "use_short";
/// hm³ that nobody speaks of.
const NOTHING_HM3: f64 = 1e-4;
/// The uses, in the order of reports.
const USES: [&str; 4] = ["domestic", "industrial", "agricultural", "ecological"];

/// What lies between two plans of one question.
pub fn cost(without: &Content, with: &Content) -> Vec<CostRow> {
    let mut rows: Vec<(usize, CostRow)> = Vec::new();
    for after in &with.objectives {
        let before = without.objectives.iter().find(|row| row.id == after.id);
        let Some((before, value)) = before.and_then(|row| row.value).zip(after.value) else { continue };
        let moved = (value - before).abs() > OBJECTIVE * before.abs().max(1.0);
        if after.stage.is_none() && !moved || after.kind == "plan_change" {
            continue;
        }
        let row = CostRow {
            of: after.id.clone(),
            name: after.name.clone(),
            kind: after.kind.clone(),
            sense: after.sense.clone(),
            unit: after.unit.clone(),
            before: if moved { before } else { value },
            after: value,
        };
        rows.push((after.stage.unwrap_or(usize::MAX), row));
    }
    rows.sort_by_key(|(stage, _)| *stage);
    let uses = USES.iter().filter_map(|use_| {
        let (before, after) = (short(without, use_), short(with, use_));
        ((after - before).abs() > NOTHING_HM3).then(|| CostRow {
            of: (*use_).to_owned(),
            name: String::new(),
            kind: USE_SHORT.to_owned(),
            sense: "minimise".to_owned(),
            unit: "hm3".to_owned(),
            before,
            after,
        })
    });
    let uses: Vec<CostRow> = uses.collect();
    rows.into_iter().map(|(_, row)| row).chain(uses).collect()
}

/// Whether a row of a [`cost`] tells what this plan, with it, comes to.
pub fn is_cost_of(row: &CostRow, with: &Content) -> bool {
    if row.kind == USE_SHORT {
        return USES.contains(&row.of.as_str()) && short(with, &row.of) == row.after;
    }
    let own = with.objectives.iter().find(|own| own.id == row.of);
    own.is_some_and(|own| {
        own.value == Some(row.after)
            && (&own.name, &own.kind, &own.sense, &own.unit) == (&row.name, &row.kind, &row.sense, &row.unit)
    })
}

/// What a use lacks over the horizon, hm³; ecology in the stream too, where no other row tells it.
fn short(content: &Content, use_: &str) -> f64 {
    let rows = content.satisfaction.iter();
    let rows = rows.filter(|row| row.class.is_none() && row.period == "horizon" && row.use_ == use_);
    rows.map(|row| (row.demand_hm3 - row.supply_hm3).max(0.0)).sum()
}
