//! Pictures of a backtest: duration curves, and the series of each policy side by side in time.

use super::{Backtest, Line};
use crate::calendar::Axis;
use crate::chart::{CYCLE, Chart, Dash, Shape, Trace};
use crate::language::{Phrase, both};

/// Most points of a line: more days are drawn as means of several.
const MOST: usize = 1100;
/// Points of a duration curve.
const SHARES: usize = 200;

/// A series of all policies: what it is called, and its unit with the factor to it.
struct Shown<'a> {
    address: &'a str,
    quantity: &'a str,
    title: Phrase,
    unit: Phrase,
    factor: f64,
}

/// What is shown, in order.
fn shown(backtest: &Backtest) -> Vec<Shown<'_>> {
    let Some(policy) = backtest.policies.iter().find(|policy| !policy.series.is_empty()) else { return Vec::new() };
    let one = |line: &'_ Line| {
        let told = match line.quantity.as_str() {
            "storage" => both(format!("{}：蓄水量", line.name), format!("{}: storage", line.name)),
            "outflow" => both(format!("{}：出库流量", line.name), format!("{}: outflow", line.name)),
            "flow" => both(format!("{}：流量", line.name), format!("{}: flow", line.name)),
            _ => both("全部用户缺水", "Shortage of all users"),
        };
        let is_storage = line.quantity == "storage";
        let unit = if is_storage { both("万m³", "10⁴ m³") } else { Phrase::same("m³/s") };
        (told, unit, if is_storage { 100.0 } else { 1.0 })
    };
    let shown = policy.series.iter().map(|line| {
        let (title, unit, factor) = one(line);
        Shown { address: &line.address, quantity: &line.quantity, title, unit, factor }
    });
    shown.collect()
}

/// How many days a drawn step holds.
fn days_a_step(backtest: &Backtest) -> usize {
    backtest.starts.len().div_ceil(MOST).max(1)
}

/// The axis of the pictures in time.
pub(super) fn axis(backtest: &Backtest) -> Axis {
    let by = days_a_step(backtest);
    let starts: Vec<String> = backtest.starts.iter().step_by(by).cloned().collect();
    let days = backtest.starts.len();
    let lengths: Vec<f64> = (0..starts.len()).map(|step| ((days - step * by).min(by) * 86_400) as f64).collect();
    Axis::new(&starts, &lengths)
}

/// Pictures in time.
pub(super) fn in_time(backtest: &Backtest) -> Vec<Chart> {
    let by = days_a_step(backtest);
    let note = (by > 1).then(|| both(format!("每{by}天取平均绘制。"), format!("Drawn as means of {by} days.")));
    let chart = |shown: Shown<'_>| {
        let is_state = shown.quantity == "storage";
        let reduce = |line: &Line| -> Vec<f64> {
            if is_state {
                let last = line.values.last().copied();
                let mut values: Vec<f64> = line.values[..line.values.len() - 1].iter().step_by(by).copied().collect();
                values.extend(last);
                values
            } else {
                line.values.chunks(by).map(|days| days.iter().sum::<f64>() / days.len() as f64).collect()
            }
        };
        let shape = if is_state { Shape::Points } else { Shape::Steps };
        chart(backtest, &shown, shape, note.clone(), reduce)
    };
    shown(backtest).into_iter().map(chart).collect()
}

/// Duration curves: what is reached or exceeded in a share of the days.
pub(super) fn durations(backtest: &Backtest) -> Vec<Chart> {
    let sorted = |line: &Line| -> Vec<f64> {
        let mut values = line.values.clone();
        values.sort_by(|a, b| b.total_cmp(a));
        let last = values.len().saturating_sub(1);
        (0..=SHARES).filter_map(|at| values.get((at * last + SHARES / 2) / SHARES).copied()).collect()
    };
    let chart = |shown: Shown<'_>| chart(backtest, &shown, Shape::Points, None, sorted);
    shown(backtest).into_iter().map(chart).collect()
}

/// The axis of duration curves: shares of the days.
pub(super) fn shares() -> Axis {
    Axis::of_shares(SHARES)
}

fn chart(
    backtest: &Backtest,
    shown: &Shown<'_>,
    shape: Shape,
    note: Option<Phrase>,
    values: impl Fn(&Line) -> Vec<f64>,
) -> Chart {
    let traces = backtest.policies.iter().enumerate().filter_map(|(at, policy)| {
        let line = policy.line(shown.address, shown.quantity)?;
        Some(Trace {
            name: policy.name(),
            values: values(line).into_iter().map(|value| value * shown.factor).collect(),
            shape,
            colour: CYCLE[at % CYCLE.len()],
            dash: [Dash::Solid, Dash::Dashed, Dash::Dotted][at % 3],
            labelled: false,
        })
    });
    Chart {
        title: shown.title.clone(),
        unit: shown.unit.clone(),
        traces: traces.collect(),
        from_zero: shown.quantity != "storage",
        cut_at: None,
        second_axis: None,
        told: None,
        note,
    }
}
