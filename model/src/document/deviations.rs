//! Plan, actual, deviation and cause 计划–实际–偏差–原因: what came of a plan until a lower one took it up.
//!
//! For each step of the plan that lies before an instant: what was planned, what was, and why they differ, where that can be told.
//! Only what is known is compared; what is not is named. A cause is said only where what is known shows it.
//!
//! Units: m³/s, hm³, m, as the plan's series. Shape: a row a series and step.
//! Limits: of a storage the cause is whichever of its known inflow and outflow accounts for at least half of the deviation.

use serde::Serialize;

use super::timeline::{Timeline, seconds};
use super::{CommandRow, Content, Part, PlanDocument, SeriesKind, SeriesRow};
use crate::units::HM3_PER_M3;

/// Departure of a flow or use from what was planned below which no cause is sought, as a share of it.
const SHARE: f64 = 0.05;
/// The same of a storage, and where little was planned: m³/s and hm³.
const LEAST: f64 = 0.01;

/// What was of a series.
#[derive(Clone, Debug, PartialEq)]
pub struct Actual {
    /// Address of the plan's series.
    pub address: String,
    /// Quantity.
    pub quantity: String,
    /// Values.
    pub values: Known,
    /// Where they come from, in words.
    pub source: String,
    /// What stands for readings that were late, missing or bad, where something does.
    pub substituted_by: Option<String>,
}

/// Values as they were read: seconds since 1970 and the series' unit.
#[derive(Clone, Debug, PartialEq)]
pub enum Known {
    /// At instants.
    States(Vec<(f64, f64)>),
    /// Means over intervals: from, to, value.
    Flows(Vec<(f64, f64, f64)>),
}

/// Longest time between two readings of a state across which it is taken to run straight, s.
const LONGEST_GAP_S: f64 = 86_400.0;

impl Known {
    /// The mean over an interval; none unless all of it is known.
    fn mean(&self, from: f64, to: f64) -> Option<f64> {
        let Self::Flows(pieces) = self else { return None };
        let (mut sum, mut covered) = (0.0, 0.0);
        for (start, end, value) in pieces {
            let shared = end.min(to) - start.max(from);
            if shared > 0.0 {
                sum += value * shared;
                covered += shared;
            }
        }
        // To the second, as times are.
        (covered > 0.0 && (covered - (to - from)).abs() < 1.0).then(|| sum / covered)
    }

    /// The state at an instant.
    fn at(&self, instant: f64) -> Option<f64> {
        let Self::States(readings) = self else { return None };
        let after = readings.partition_point(|(time, _)| *time < instant);
        let (end, last) = *readings.get(after)?;
        if end == instant {
            return Some(last);
        }
        let (start, first) = *readings.get(after.checked_sub(1)?)?;
        (end - start <= LONGEST_GAP_S).then(|| first + (last - first) * (instant - start) / (end - start))
    }
}

/// Why plan and actual differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Cause {
    /// Less inflow than planned.
    #[serde(rename = "来水偏枯")]
    Dry,
    /// More inflow than planned.
    #[serde(rename = "来水偏丰")]
    Wet,
    /// More was taken for use.
    #[serde(rename = "取用水过多")]
    OverUse,
    /// Works let go less.
    #[serde(rename = "工程下泄不足")]
    ReleasedLess,
    /// Works let go more.
    #[serde(rename = "工程下泄偏多")]
    ReleasedMore,
    /// What stands for the actual was not measured.
    #[serde(rename = "测报故障")]
    Measurement,
    /// A command that the plan did not know.
    #[serde(rename = "应急让路")]
    Command,
}

impl Cause {
    /// The word, as assessments have it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Dry => "来水偏枯",
            Self::Wet => "来水偏丰",
            Self::OverUse => "取用水过多",
            Self::ReleasedLess => "工程下泄不足",
            Self::ReleasedMore => "工程下泄偏多",
            Self::Measurement => "测报故障",
            Self::Command => "应急让路",
        }
    }
}

/// What came of a plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Deviations {
    /// Start of the time that is compared; none where nothing of the plan lies before.
    pub from: Option<String>,
    /// Its end.
    pub to: Option<String>,
    /// A row a series and step.
    pub rows: Vec<Deviation>,
    /// Series of which nothing is known in that time: address and quantity.
    pub unknown: Vec<String>,
}

/// Planned and actual of a series in a step.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Deviation {
    /// Address.
    pub address: String,
    /// Quantity: `flow` of an inflow, `outflow`, `storage`, `level`, `supply`, `used`.
    pub quantity: String,
    /// Unit.
    pub unit: String,
    /// The element that it belongs to.
    pub element: String,
    /// Use, of a supply.
    #[serde(rename = "use")]
    pub use_: Option<String>,
    /// Start of the step, RFC 3339.
    pub from: String,
    /// Its end, or where the time that is compared ends: of a state, when it stands.
    pub to: String,
    /// As planned.
    pub planned: f64,
    /// As it was.
    pub actual: f64,
    /// Actual less planned.
    pub deviation: f64,
    /// Why, where that can be told.
    pub cause: Option<Cause>,
    /// Where the actual comes from.
    pub source: String,
}

/// What is compared: a series' element and what it tells.
const COMPARED: [(&str, &str); 4] =
    [("inflow", "flow"), ("reservoir", "outflow"), ("reservoir", "storage"), ("reservoir", "level")];

impl PlanDocument {
    /// What came of this plan until an instant, by what is known of it; commands that it did not know are those of the plans below.
    pub fn deviations(&self, until: jiff::Timestamp, actuals: &[Actual], below: &[&Content]) -> Deviations {
        let content = &self.content;
        let Some(times) = content.timeline() else { return Deviations::default() };
        let until = seconds(until);
        let steps: Vec<(f64, f64)> =
            times.edges().windows(2).filter(|ends| ends[0] < until).map(|ends| (ends[0], ends[1].min(until))).collect();
        let (Some(first), Some(last)) = (steps.first(), steps.last()) else { return Deviations::default() };
        let known = |address: &str| content.case.commands.iter().any(|command| command.address == address);
        let commands = below.iter().flat_map(|plan| plan.case.commands.iter().map(|command| (*plan, command)));
        let commands = commands.filter(|(_, command)| !known(&command.address));
        let commands = commands.filter_map(|(plan, command)| Some((command, plan.element(&command.address)?.on.as_slice())));
        let told = Told { content, times: &times, actuals, commands: commands.collect() };
        let mut deviations =
            Deviations { from: Some(told.shown(first.0)), to: Some(told.shown(last.1)), ..Deviations::default() };
        for row in content.series.iter().filter(|row| is_compared(content, row)) {
            let before = deviations.rows.len();
            deviations.rows.extend(steps.iter().filter_map(|step| told.row(row, *step)));
            // A reservoir's level says no more than its storage.
            if deviations.rows.len() == before && row.quantity != "level" {
                deviations.unknown.push(format!("{}.{}", row.address, row.quantity));
            }
        }
        for place in 0..deviations.rows.len() {
            let cause = told.cause(&deviations.rows, place);
            deviations.rows[place].cause = cause;
        }
        deviations
    }
}

/// Whether plans are followed by a series.
fn is_compared(content: &Content, row: &SeriesRow) -> bool {
    let kind = content.element(&row.element).map_or("", |element| element.kind.as_str());
    COMPARED.contains(&(kind, row.quantity.as_str()))
        || row.quantity == "supply" && row.class.is_some() && row.tier.is_none()
        || row.quantity == "used"
}

struct Told<'a> {
    content: &'a Content,
    times: &'a Timeline,
    actuals: &'a [Actual],
    /// Commands that the plan did not know, with what each is on.
    commands: Vec<(&'a CommandRow, &'a [String])>,
}

impl Told<'_> {
    /// An instant as the plan writes its times.
    fn shown(&self, instant: f64) -> String {
        let horizon = &self.content.horizon;
        let zone = jiff::tz::TimeZone::get(&horizon.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
        let time = jiff::Timestamp::from_second(instant as i64).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        crate::horizon::rfc3339(&time.to_zoned(zone))
    }

    fn row(&self, series: &SeriesRow, (from, to): (f64, f64)) -> Option<Deviation> {
        let of = |actual: &&Actual| actual.address == series.address && actual.quantity == series.quantity;
        let mut actuals = self.actuals.iter().filter(of);
        let (planned, (actual, source)) = match series.kind {
            SeriesKind::State => {
                (self.times.at(series, to)?, actuals.find_map(|actual| Some((actual.values.at(to)?, actual)))?)
            }
            SeriesKind::Flow => (
                self.times.mean(series, from, to)?,
                actuals.find_map(|actual| Some((actual.values.mean(from, to)?, actual)))?,
            ),
        };
        Some(Deviation {
            address: series.address.clone(),
            quantity: series.quantity.clone(),
            unit: series.unit.clone(),
            element: series.element.clone(),
            use_: series.use_.clone(),
            from: self.shown(from),
            to: self.shown(to),
            planned,
            actual,
            deviation: actual - planned,
            cause: source.substituted_by.as_ref().map(|_| Cause::Measurement),
            source: source.source.clone(),
        })
    }

    fn cause(&self, rows: &[Deviation], place: usize) -> Option<Cause> {
        let row = &rows[place];
        let share = if row.quantity == "storage" { 0.0 } else { SHARE };
        let nothing = (share * row.planned.abs()).max(LEAST);
        if row.deviation.abs() <= nothing || row.cause.is_some() {
            return row.cause;
        }
        let more = row.deviation > 0.0;
        match row.quantity.as_str() {
            "flow" => Some(if more { Cause::Wet } else { Cause::Dry }),
            "outflow" if self.commanded(row) => Some(Cause::Command),
            "outflow" => Some(if more { Cause::ReleasedMore } else { Cause::ReleasedLess }),
            "supply" | "used" => more.then_some(Cause::OverUse),
            "storage" => self.cause_of_storage(rows, row),
            _ => None,
        }
    }

    /// Whether a command that the plan did not know bears on the ways out of a row's element in its time.
    fn commanded(&self, row: &Deviation) -> bool {
        let within = |id: &String| id == &row.element || id.starts_with(&format!("{}.", row.element));
        let meets = |command: &CommandRow| {
            Some(instant(&command.from)? < instant(&row.to)? && instant(&row.from)? < instant(&command.to)?)
        };
        self.commands.iter().any(|(command, on)| on.iter().any(within) && meets(command) == Some(true))
    }

    /// Whichever of the known inflow and outflow until then accounts for at least half of what a storage deviates by.
    fn cause_of_storage(&self, rows: &[Deviation], storage: &Deviation) -> Option<Cause> {
        let volume = |row: &Deviation| {
            let length = instant(&row.to).zip(instant(&row.from)).map_or(0.0, |(to, from)| to - from);
            row.deviation * length * HM3_PER_M3
        };
        let until = instant(&storage.to)?;
        let before = |row: &&Deviation| instant(&row.to).is_some_and(|to| to <= until);
        let into = |row: &&Deviation| row.quantity == "flow" && self.flows_into(&row.element, &storage.element);
        let out = |row: &&Deviation| row.quantity == "outflow" && row.element == storage.element;
        let inflow: f64 = rows.iter().filter(before).filter(into).map(volume).sum();
        let outflow: f64 = -rows.iter().filter(before).filter(out).map(volume).sum::<f64>();
        let half = storage.deviation / 2.0;
        let accounts = |share: f64| share / half >= 1.0;
        let commanded = || rows.iter().filter(before).filter(out).any(|row| self.commanded(row));
        match (accounts(inflow) && inflow.abs() >= outflow.abs(), accounts(outflow)) {
            (true, _) => Some(if inflow < 0.0 { Cause::Dry } else { Cause::Wet }),
            (_, true) if commanded() => Some(Cause::Command),
            (_, true) => Some(if outflow < 0.0 { Cause::ReleasedMore } else { Cause::ReleasedLess }),
            _ => None,
        }
    }

    /// Whether an inflow's water enters an element at once.
    fn flows_into(&self, inflow: &str, element: &str) -> bool {
        self.content.element(inflow).is_some_and(|arc| arc.part == Part::Arc && arc.to.iter().any(|to| to == element))
    }
}

fn instant(time: &str) -> Option<f64> {
    time.parse().ok().map(seconds)
}
