//! Satisfaction rows: by region, use and period (the balance's, and ten days), the whole use and each class of it, and the whole horizon after the periods.

use super::super::{Content, LeftOut, SatisfactionRow};
use super::reasons::Reasons;
use super::{end_of, plain, start_of};
use crate::case::Case;
use crate::goals::{Goals, Period};
use crate::measures::{Selection, target_of};
use crate::network::{Bound, Use};
use crate::plan::Decisions;
use crate::satisfaction::{Entry, Satisfactions, floor_of};
use crate::tolerance::FEASIBILITY_HM3;
use crate::units::SECONDS_PER_DAY;

/// Days of the longest 旬: the 21st to the 31st.
const LONGEST_TEN_DAYS: f64 = 11.0;

/// Fills in the rows, what they leave out, and notes on periods that joined their neighbour.
pub(super) fn fill(content: &mut Content, case: &Case, goals: &Goals, decisions: &Decisions, reasons: &Reasons<'_>) {
    let balance = goals.objectives.iter().find(|objective| objective.kind == "balance");
    let period = balance.map_or(Period::Month, |objective| objective.period);
    for joined in case.horizon.periods(period).iter().filter(|period| !period.joined.is_empty()) {
        let parts = joined.joined.join(", ");
        content.case.notes.push(format!(
            "Satisfaction: less than half of {parts} lies in the horizon; it is counted with {}.",
            joined.label
        ));
    }
    for period in periods(case, period) {
        let satisfactions = satisfactions(case, period);
        for entry in &satisfactions.entries {
            for class in std::iter::once(None).chain(classes(case, entry).into_iter().map(Some)) {
                let part = class.map_or_else(|| entry.clone(), |class| entry.of_class(case, class));
                let mut row = row(case, decisions, &part, class, period);
                // Told of whole uses, and of no single step: its reason is that of its ten days.
                if class.is_none() && period != Period::Step {
                    row.reason = reasons.of(&part);
                }
                let promised = balance.filter(|_| class.is_none() && period == Period::Horizon);
                if let Some(row_of_table) =
                    promised.and_then(|balance| balance.fairness.allowance(&case.network, entry.region, &entry.use_))
                {
                    (row.assurance, row.clause) = (row_of_table.assurance, row_of_table.clause.clone());
                }
                content.satisfaction.push(row);
            }
        }
        if period == Period::Horizon {
            content.left_out = satisfactions
                .left_out
                .into_iter()
                .map(|unreached| LeftOut {
                    address: unreached.address,
                    region: region(case, unreached.region),
                    use_: unreached.use_.word().to_owned(),
                    reason: "no_source".to_owned(),
                })
                .collect();
        }
    }
}

/// Rows of whole uses over the whole horizon, without reasons.
pub(super) fn over_horizon(case: &Case, decisions: &Decisions) -> Vec<SatisfactionRow> {
    let entries = satisfactions(case, Period::Horizon).entries;
    entries.iter().map(|entry| row(case, decisions, entry, None, Period::Horizon)).collect()
}

fn satisfactions(case: &Case, period: Period) -> Satisfactions {
    let uses: Vec<&str> = Use::ALL.iter().map(|use_| use_.word()).collect();
    Satisfactions::new(case, Selection::everything(case), &uses, period)
}

fn region(case: &Case, region: Option<usize>) -> Option<String> {
    region.and_then(|region| case.network.regions.get(region)).map(|region| region.id.clone())
}

/// The balance's period, ten days where the steps tell them apart (offices read the worst 旬), and the whole horizon last.
fn periods(case: &Case, balance: Period) -> Vec<Period> {
    let mut periods = vec![balance];
    let fine = case.horizon.lengths_s.iter().all(|length| *length <= LONGEST_TEN_DAYS * SECONDS_PER_DAY);
    if fine && !periods.contains(&Period::TenDays) {
        periods.push(Period::TenDays);
    }
    periods.retain(|period| *period != Period::Horizon);
    periods.push(Period::Horizon);
    periods
}

/// Classes of an entry's portions, in the file's order.
fn classes<'a>(case: &'a Case, entry: &Entry) -> Vec<&'a str> {
    let mut classes: Vec<&str> = Vec::new();
    for row in case.network.portions().filter(|row| entry.portions.contains(&row.row)) {
        if !classes.contains(&row.portion.class.as_str()) {
            classes.push(&row.portion.class);
        }
    }
    classes
}

fn row(case: &Case, decisions: &Decisions, entry: &Entry, class: Option<&str>, period: Period) -> SatisfactionRow {
    let supply_hm3 = entry.supply_hm3(case, decisions);
    let judged = judge(case, decisions, entry);
    SatisfactionRow {
        region: region(case, entry.region),
        use_: entry.use_.clone(),
        class: class.map(str::to_owned),
        in_stream: entry.in_stream,
        period: period.word().to_owned(),
        label: entry.period.label.clone(),
        from: start_of(case, entry.period.steps.start),
        to: end_of(case, entry.period.steps.end.saturating_sub(1)),
        demand_hm3: plain(entry.demand_hm3),
        curtailed_hm3: plain(entry.curtailed_hm3(case)),
        supply_hm3: plain(supply_hm3),
        floor_hm3: plain(entry.floor_hm3),
        ratio: if entry.demand_hm3 > 0.0 { plain(supply_hm3 / entry.demand_hm3) } else { 1.0 },
        above_floor: entry.above_floor(case, decisions).and_then(super::number),
        entitled: if entry.demand_hm3 > 0.0 { plain(judged.owed_hm3 / entry.demand_hm3) } else { 1.0 },
        floor_met: judged.floor_met,
        days_met: judged.days_met,
        days: judged.days,
        assurance: None,
        clause: None,
        reason: None,
    }
}

/// What the steps of an entry show one by one.
struct Judged {
    owed_hm3: f64,
    floor_met: bool,
    days_met: f64,
    days: f64,
}

/// Volumes of one demand's class, or of one section, in a step.
#[derive(Clone, Copy, Default)]
struct Volumes {
    demand: f64,
    owed: f64,
    floor: f64,
    supply: f64,
    /// What is judged by the floor.
    kept: f64,
}

/// A step is met where each class of each demand, or each section, has what it is owed; each floor is held by itself.
fn judge(case: &Case, decisions: &Decisions, entry: &Entry) -> Judged {
    let mut judged = Judged { owed_hm3: 0.0, floor_met: true, days_met: 0.0, days: 0.0 };
    let portions: Vec<_> = case.network.portions().filter(|row| entry.portions.contains(&row.row)).collect();
    for step in entry.period.steps.clone() {
        let mut parts: Vec<Volumes> = Vec::new();
        let mut last = None;
        for row in &portions {
            let key = (row.node, &row.portion.class);
            if last != Some(key) {
                parts.push(Volumes::default());
                last = Some(key);
            }
            let size = case.size_m3s(row.demand, row.portion, step, 0) * case.hm3_per_m3s(step);
            if let Some(part) = parts.last_mut() {
                part.demand += size;
                part.owed += case.owed_m3s(row.demand, row.portion, step, 0) * case.hm3_per_m3s(step);
                part.floor += if row.portion.floor { size } else { 0.0 };
                let supply = decisions.supply_m3s[[row.row, step]] * case.hm3_per_m3s(step);
                part.supply += supply;
                part.kept += supply;
            }
        }
        for &section in &entry.sections {
            let requirement = &case.network.requirements[section];
            let Some(target) = target_of(case, requirement, step, 0) else { continue };
            let hm3 = case.hm3_per_unit(&requirement.of, step);
            let judged_by = |bound: &Bound| case.judged(requirement, bound, decisions, step) * hm3;
            parts.push(Volumes {
                demand: target * hm3,
                owed: target * hm3,
                floor: floor_of(case, requirement, step, target) * hm3,
                supply: requirement.target.as_ref().map_or(0.0, judged_by),
                kept: requirement.floor.as_ref().map_or(0.0, judged_by),
            });
        }
        judged.owed_hm3 += parts.iter().map(|part| part.owed).sum::<f64>();
        judged.floor_met &= parts.iter().all(|part| part.kept >= part.floor - FEASIBILITY_HM3);
        if parts.iter().any(|part| part.demand > 0.0) {
            judged.days += case.horizon.days(step);
            if parts.iter().all(|part| part.supply >= part.owed - FEASIBILITY_HM3) {
                judged.days_met += case.horizon.days(step);
            }
        }
    }
    judged
}
