//! Warnings: sections under their grades, levels crossed, account bands, flows above what the outlet's rating lets pass at the
//! step's mean storage (the program has the rating's concave envelope), turbines that cannot run at their mean flow, and water
//! on its way at the end. Steps that follow each other with the same grade are one row with their worst value.
//!
//! Levels under which a reservoir is warned about: [`LOW_LEVELS`]; above: [`HIGH_LEVELS`] and the flood limit. At the dead
//! level itself a row of kind `level_at` says that the reservoir is empty. Each row has its reason and, where something could be
//! done, its advice ([`Because`]).

use super::super::{NOTHING_M3S, WarningRow, running_hours};
use super::because::{Because, Said};
use super::{end_of, flood_limit, plain, start_of};
use crate::case::Case;
use crate::kernel::Kernel;
use crate::measures::target_of;
use crate::network::{Account, ArcId, NodeId, Of, Requirement, RequirementKind, Role, Storage};
use crate::plan::Decisions;
use crate::tolerance::FEASIBILITY_HM3;

/// Named levels that matter when a reservoir is under them.
pub const LOW_LEVELS: [&str; 4] = ["drought_warning", "drought_limit", "supply_lower", "emergency_supply_lower"];
/// Named levels that matter when a reservoir is above them.
pub const HIGH_LEVELS: [&str; 5] = ["normal", "float", "flood_high", "design", "check"];

/// What a step has to be warned about.
struct Alarm {
    grade: String,
    value: f64,
    target: f64,
    hours_per_day: Option<f64>,
}

/// What gives reasons and advice; none where they are not asked for.
pub(super) type Why<'a> = Option<&'a Because<'a>>;

fn told(said: Option<Said>) -> (Option<String>, Option<String>) {
    said.map_or((None, None), |said| (Some(said.reason), said.advice))
}

/// Which of two values is the worse.
#[derive(Clone, Copy)]
enum Worst {
    Least,
    Most,
}

pub(super) fn rows(case: &Case, decisions: &Decisions, because: Why<'_>) -> Vec<WarningRow> {
    let mut rows = Vec::new();
    for requirement in &case.network.requirements {
        let found = merge(case, |step| section(case, requirement, decisions, step), Worst::Least);
        rows.extend(found.map(|found| {
            let said = because.map(|because| why_section(case, requirement, decisions, because, &found));
            found.row(case, &requirement.id, ("section", "m3/s"), said)
        }));
    }
    for (row, (node, storage)) in case.network.storages().enumerate() {
        levels(&mut rows, (case, decisions, because), node, storage, row);
    }
    for account in &case.network.accounts {
        account_bands(&mut rows, case, account, decisions, because);
    }
    for (index, arc) in case.network.arcs.iter().enumerate() {
        let above = |step: usize| {
            let (flow, rated) = (decisions.flow_m3s[[index, step]], case.rated_m3s(arc, decisions, step)?);
            let beyond = (flow - rated) * case.hm3_per_m3s(step) > FEASIBILITY_HM3;
            beyond.then(|| Alarm { grade: "above_rating".to_owned(), value: flow, target: rated, hours_per_day: None })
        };
        rows.extend(merge(case, above, Worst::Most).map(|found| {
            let said = because.map(|_| Because::above_rating(found.alarm.value, found.alarm.target));
            found.row(case, &arc.id, ("above_rating", "m3/s"), said)
        }));
    }
    for (index, arc) in case.network.arcs.iter().enumerate() {
        let Some(least) = &arc.minimum_when_open else { continue };
        let beside = |step: usize| beside(case, decisions, index, step);
        let alarm = |step: usize| {
            let (flow, least) = (decisions.flow_m3s[[index, step]], case.at(least, step, 0));
            let hm3 = case.hm3_per_m3s(step);
            (flow * hm3 > FEASIBILITY_HM3 && (least - flow) * hm3 > FEASIBILITY_HM3).then(|| Alarm {
                grade: "minimum_when_open".to_owned(),
                value: flow,
                target: least,
                hours_per_day: Some(running_hours((flow, beside(step).0), least, beside(step).1.map(|(floor, _)| floor))),
            })
        };
        rows.extend(merge(case, alarm, Worst::Least).map(|found| {
            let hours = found.alarm.hours_per_day.unwrap_or_default();
            let floor = beside(found.worst).1.map(|(_, rule)| rule);
            let said = because.map(|_| Because::under_minimum((found.alarm.value, found.alarm.target), hours, floor));
            found.row(case, &arc.id, ("turbine_minimum", "m3/s"), said)
        }));
    }
    on_its_way(&mut rows, case, decisions, because);
    rows
}

/// What is let out beside a turbine, without spill, m³/s; and the greatest floor of its storage's own ways, where it is more and one of
/// them can let it out while the turbine stands.
fn beside<'a>(case: &'a Case, decisions: &Decisions, turbine: usize, step: usize) -> (f64, Option<(f64, &'a str)>) {
    let tail = case.network.arcs[turbine].tail;
    let ways = || case.network.arcs.iter().enumerate().filter(|(way, arc)| *way != turbine && arc.tail == tail);
    let lets_out = ways().filter(|(_, arc)| arc.role.is_outflow() && arc.role != Role::Spillway);
    let others: f64 = lets_out.map(|(way, _)| decisions.flow_m3s[[way, step]]).sum();
    let can = ways().any(|(_, arc)| matches!(arc.role, Role::EcologicalOutlet | Role::Gate));
    let of_it = |requirement: &&Requirement| {
        let kinds = [RequirementKind::ControlSection, RequirementKind::WorksRelease, RequirementKind::Command];
        let own =
            matches!(&requirement.of, Of::Flow(ways) if ways.iter().all(|(way, _)| case.network.arcs[way.0].tail == tail));
        own && kinds.contains(&requirement.kind)
    };
    let floors = case.network.requirements.iter().filter(of_it).filter_map(|requirement| {
        let floor = case.bound(requirement.floor.as_ref()?, step, 0);
        (floor.is_finite() && floor > others + NOTHING_M3S).then_some((floor, requirement.id.as_str()))
    });
    (others, floors.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|_| can))
}

/// Neighbouring steps of one grade.
struct Stretch {
    from: usize,
    to: usize,
    /// The step of the alarm, which is the worst of them.
    worst: usize,
    alarm: Alarm,
}

impl Stretch {
    fn row(self, case: &Case, address: &str, (kind, unit): (&str, &str), said: Option<Said>) -> WarningRow {
        let (reason, advice) = told(said);
        WarningRow {
            address: address.to_owned(),
            kind: kind.to_owned(),
            grade: self.alarm.grade,
            from: start_of(case, self.from),
            to: end_of(case, self.to),
            value: plain(self.alarm.value),
            target: plain(self.alarm.target),
            unit: unit.to_owned(),
            hours_per_day: self.alarm.hours_per_day.map(plain),
            probability: None,
            reason,
            advice,
        }
    }
}

fn merge(case: &Case, alarm: impl Fn(usize) -> Option<Alarm>, worst: Worst) -> std::vec::IntoIter<Stretch> {
    let mut stretches: Vec<Stretch> = Vec::new();
    for step in 0..case.horizon.steps() {
        let Some(alarm) = alarm(step) else { continue };
        match stretches.last_mut() {
            Some(last) if last.to + 1 == step && last.alarm.grade == alarm.grade => {
                last.to = step;
                let above = |alarm: &Alarm| alarm.value - alarm.target;
                let worse = match worst {
                    Worst::Least => above(&alarm) < above(&last.alarm),
                    Worst::Most => above(&alarm) > above(&last.alarm),
                };
                if worse {
                    (last.alarm, last.worst) = (alarm, step);
                }
            }
            _ => stretches.push(Stretch { from: step, to: step, worst: step, alarm }),
        }
    }
    stretches.into_iter()
}

/// The gravest grade that holds; without grades, whether an ecological target is missed.
fn section(case: &Case, requirement: &Requirement, decisions: &Decisions, step: usize) -> Option<Alarm> {
    let target = target_of(case, requirement, step, 0)?;
    let value = case.judged(requirement, requirement.target.as_ref()?, decisions, step);
    let hm3 = case.hm3_per_unit(&requirement.of, step);
    let holds = |share: f64| (share * target - value) * hm3 > FEASIBILITY_HM3;
    let grade = if requirement.grades.is_empty() {
        (requirement.kind.is_ecological() && holds(1.0)).then(|| ("below_target".to_owned(), 1.0))
    } else {
        requirement.grades.iter().rfind(|(_, share)| holds(*share)).cloned()
    };
    grade.map(|(grade, share)| Alarm { grade, value, target: share * target, hours_per_day: None })
}

/// Why a section is under its grade in a stretch.
fn why_section(
    case: &Case,
    requirement: &Requirement,
    decisions: &Decisions,
    because: &Because<'_>,
    found: &Stretch,
) -> Said {
    let target = target_of(case, requirement, found.worst, 0).unwrap_or_default();
    let value = requirement.target.as_ref().map_or(0.0, |target| case.judged(requirement, target, decisions, found.worst));
    let slack = FEASIBILITY_HM3 / case.hm3_per_unit(&requirement.of, found.worst);
    // What counts as met has nothing to spare.
    let over = if (value - target).abs() <= slack { 0.0 } else { value - target };
    // The mildest grade is the last to go; what a storage lacks is no flow.
    let share = requirement.grades.first().map_or(1.0, |(_, share)| *share);
    let lack = |step: usize| {
        matches!(requirement.of, Of::Flow(_)).then_some(())?;
        let (target, bound) = target_of(case, requirement, step, 0).zip(requirement.target.as_ref())?;
        Some(share * target - case.judged(requirement, bound, decisions, step))
    };
    let lacks: Vec<f64> = (found.from..=found.to).map(|step| lack(step).unwrap_or_default()).collect();
    because.section(requirement, &(found.from..found.to + 1), (over, &lacks))
}

fn levels(
    rows: &mut Vec<WarningRow>,
    (case, decisions, because): (&Case, &Decisions, Why<'_>),
    node: NodeId,
    storage: &Storage,
    row: usize,
) {
    let id = &case.network.nodes[node.0].id;
    let stored = |step: usize| decisions.storage_hm3[[row, step + 1]];
    let curve = &storage.curve;
    let alarm = |name: &str, step: usize, level: f64| {
        Some(Alarm {
            grade: name.to_owned(),
            value: curve.level_at_clamped(stored(step)),
            target: level,
            hours_per_day: None,
        })
    };
    let low = |found: Stretch, kind: &str| {
        let under = curve.storage_at_clamped(found.alarm.target) - storage.initial_hm3;
        let said = because.map(|because| because.low(node, (&(found.from..found.to + 1), found.worst), under));
        found.row(case, id, (kind, "m"), said)
    };
    let high = |found: Stretch| {
        let over = stored(found.worst) - curve.storage_at_clamped(found.alarm.target);
        let said = because.map(|because| because.high(node, found.from, found.worst, over));
        found.row(case, id, ("level_above", "m"), said)
    };
    for (name, level) in &storage.levels {
        let at = |step: usize| {
            let level = case.at(level, step, 0);
            (level, curve.storage_at_clamped(level))
        };
        if LOW_LEVELS.contains(&name.as_str()) {
            let below = |step| {
                let (level, hm3) = at(step);
                if hm3 - stored(step) > FEASIBILITY_HM3 { alarm(name, step, level) } else { None }
            };
            rows.extend(merge(case, below, Worst::Least).map(|found| low(found, "level_below")));
        }
        if HIGH_LEVELS.contains(&name.as_str()) {
            let above = |step| {
                let (level, hm3) = at(step);
                if stored(step) - hm3 > FEASIBILITY_HM3 { alarm(name, step, level) } else { None }
            };
            rows.extend(merge(case, above, Worst::Most).map(high));
        }
    }
    let dead = |step: usize| case.at(&storage.lower, step, 0);
    let below = |step: usize| {
        if dead(step) - stored(step) > FEASIBILITY_HM3 {
            alarm("dead", step, curve.level_at_clamped(dead(step)))
        } else {
            None
        }
    };
    rows.extend(merge(case, below, Worst::Least).map(|found| low(found, "level_below")));
    let empty = |step: usize| {
        let at = (dead(step) - stored(step)).abs() <= FEASIBILITY_HM3;
        if at { alarm("dead", step, curve.level_at_clamped(dead(step))) } else { None }
    };
    rows.extend(merge(case, empty, Worst::Least).map(|found| low(found, "level_at")));
    if storage.flood_limit.is_some() {
        let above = |step: usize| {
            let limit = flood_limit(case, storage, step)?;
            if stored(step) - limit > FEASIBILITY_HM3 {
                alarm("flood_limit", step, curve.level_at_clamped(limit))
            } else {
                None
            }
        };
        rows.extend(merge(case, above, Worst::Most).map(high));
    }
    at_start(rows, case, node, storage, because);
}

/// A start above the flood limit or under the dead level, which no plan can help: judged by the bounds of the first step.
fn at_start(rows: &mut Vec<WarningRow>, case: &Case, node: NodeId, storage: &Storage, because: Why<'_>) {
    let start = storage.initial_hm3;
    let level = |hm3: f64| plain(storage.curve.level_at_clamped(hm3));
    let mut row = |kind: &str, grade: &str, bound: f64, said: Option<Said>| {
        let (reason, advice) = told(said);
        rows.push(WarningRow {
            address: case.network.nodes[node.0].id.clone(),
            kind: kind.to_owned(),
            grade: grade.to_owned(),
            from: start_of(case, 0),
            to: start_of(case, 0),
            value: level(start),
            target: level(bound),
            unit: "m".to_owned(),
            hours_per_day: None,
            probability: None,
            reason,
            advice,
        });
    };
    let lower = |step: usize| case.at(&storage.lower, step, 0);
    let dead = lower(0);
    if dead - start > FEASIBILITY_HM3 {
        row("start_below", "dead", dead, because.map(|because| because.start(node, storage, lower, false)));
    }
    let Some(limits) = storage.flood_limit else { return };
    let limit = |step: usize| case.at(&limits, step, 0);
    if start - limit(0) > FEASIBILITY_HM3 {
        let grade = if flood_limit(case, storage, 0).is_some() { "flood_limit" } else { "normal" };
        row("start_above", grade, limit(0), because.map(|because| because.start(node, storage, limit, true)));
    }
}

/// From the step in which a band is reached to the next band or the window's end; and what is beyond the available volume.
fn account_bands(rows: &mut Vec<WarningRow>, case: &Case, account: &Account, decisions: &Decisions, because: Why<'_>) {
    for window in account.windows.iter().filter(|window| !window.steps.is_empty()) {
        let used = |to: usize| window.used_before_hm3 + account.used_hm3(case, decisions, window.steps.start..to);
        let mut row = |grade: &str, from: usize, value: f64, target: f64| {
            let beyond = ["beyond_available", "lacking"].contains(&grade);
            let (reason, advice) = told(because.map(|because| because.account(account, window, beyond)));
            rows.push(WarningRow {
                address: account.id.clone(),
                kind: "account".to_owned(),
                grade: grade.to_owned(),
                from: start_of(case, from),
                to: end_of(case, window.steps.end - 1),
                value: plain(value),
                target: plain(target),
                unit: "hm3".to_owned(),
                hours_per_day: None,
                probability: None,
                reason,
                advice,
            });
        };
        if account.at_most {
            for (word, share) in &account.bands {
                let threshold = share * window.limit_hm3;
                if let Some(step) = window.steps.clone().find(|&step| used(step + 1) - threshold > FEASIBILITY_HM3) {
                    row(word, step, used(window.steps.end), threshold);
                }
            }
        }
        let planned = used(window.steps.end) - window.used_before_hm3;
        if account.excess_hm3(window, planned) > FEASIBILITY_HM3 {
            let grade = if account.at_most { "beyond_available" } else { "lacking" };
            row(grade, window.steps.start, planned, window.available_hm3);
        }
    }
}

/// Ways whose water arrives after the end: from the first step whose water does, with the volume still on its way.
fn on_its_way(rows: &mut Vec<WarningRow>, case: &Case, decisions: &Decisions, because: Why<'_>) {
    for (index, arc) in case.network.arcs.iter().enumerate() {
        let mut volume = 0.0;
        let mut first = None;
        for receiver in &arc.receivers {
            let Kernel::Table(table) = &receiver.kernel else { continue };
            for (step, share) in table.after_end.iter().enumerate() {
                let late = receiver.fraction * share * decisions.flow_m3s[[index, step]] * case.hm3_per_m3s(step);
                if late > FEASIBILITY_HM3 {
                    first = Some(first.map_or(step, |first: usize| first.min(step)));
                }
                volume += late;
            }
        }
        let Some(first) = first else { continue };
        let (reason, advice) = told(because.map(|because| because.on_its_way(ArcId(index), first, volume)));
        rows.push(WarningRow {
            address: arc.id.clone(),
            kind: "way_after_end".to_owned(),
            grade: "on_its_way".to_owned(),
            from: start_of(case, first),
            to: end_of(case, case.horizon.steps() - 1),
            value: plain(volume),
            target: 0.0,
            unit: "hm3".to_owned(),
            hours_per_day: None,
            probability: None,
            reason,
            advice,
        });
    }
}
