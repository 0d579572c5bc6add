//! Which charts a plan gets: reservoirs, supply, sections, water values.
//!
//! Units: storages and volumes in 亿m³ or 万m³ by size, flows in m³/s, levels in m.

use weir_model::document::{Element, Part, WaterValueRow};

use crate::chart::{
    BLACK_LINE, BLUE, BROWN, CYCLE, Chart, Colour, Dash, GREEN, GREY, ORANGE, PALE, PURPLE, SKY, SecondAxis, Shape, Told,
    Trace, VERMILION,
};
use crate::explain::{differ, is_first};
use crate::goals;
use crate::language::{Phrase, both};
use crate::quantity::fixed;
use crate::view::{USES, View, numbers};
use crate::words;

/// A target is drawn to at most this many times its own size: above it floods would flatten what matters.
const CUT_AT_TARGETS: f64 = 4.0;
/// m³/s below which an outlet is not drawn.
const NOTHING_M3S: f64 = 1e-6;

/// Colours of standby sources.
const STANDBY_COLOURS: [Colour; 4] = [BROWN, PURPLE, GREY, VERMILION];

/// Colour of a use.
pub fn use_colour(use_: &str) -> Colour {
    match use_ {
        "domestic" => BLUE,
        "industrial" => ORANGE,
        "agricultural" => GREEN,
        _ => SKY,
    }
}

/// A chart of flows from zero up.
fn flows(title: Phrase, traces: Vec<Trace>) -> Chart {
    let unit = Phrase::same("m³/s");
    Chart { title, unit, traces, from_zero: true, cut_at: None, second_axis: None, told: None, note: None }
}

fn trace(name: Phrase, values: Vec<f64>, shape: Shape, colour: Colour) -> Trace {
    Trace { name, values, shape, colour, dash: Dash::Solid, labelled: false }
}

fn name_of(element: &Element) -> Phrase {
    Phrase::same(if element.name.is_empty() { &element.id } else { &element.name })
}

/// Factor from hm³ and unit for volumes up to this size.
fn volume_unit(largest_hm3: f64) -> (f64, Phrase) {
    if largest_hm3 >= 100.0 { (0.01, both("亿m³", "10⁸ m³")) } else { (100.0, both("万m³", "10⁴ m³")) }
}

fn largest(lists: &[&[f64]]) -> f64 {
    lists.iter().flat_map(|l| l.iter()).copied().filter(|v| v.is_finite()).fold(0.0, f64::max)
}

/// Storage of each reservoir against its named levels, and its releases by outlet with what flows in.
pub fn reservoirs(view: &View<'_>) -> Vec<Vec<Chart>> {
    view.of_kind(&["reservoir", "aquifer"])
        .into_iter()
        .map(|element| [storage(view, element), releases(view, element)].into_iter().flatten().collect())
        .filter(|charts: &Vec<Chart>| !charts.is_empty())
        .collect()
}

fn storage(view: &View<'_>, element: &Element) -> Option<Chart> {
    let held = view.values(&element.id, "storage")?;
    let mut named: Vec<(&str, Vec<f64>)> = view
        .content
        .series
        .iter()
        .filter(|s| s.address == element.id)
        .filter_map(|s| s.quantity.strip_prefix("storage.").map(|name| (name, numbers(s))))
        .collect();
    let top = largest(&[&held]);
    // A level far above what is ever held (design, check) would flatten the rest: it is not drawn.
    named.retain(|(name, values)| {
        let least = values.iter().copied().filter(|v| v.is_finite()).fold(f64::INFINITY, f64::min);
        least.is_finite()
            && (least <= top * 1.35 || matches!(*name, "normal" | "flood_limit"))
            && !(*name == "top" && least > top * 1.1)
    });
    let mean = |values: &[f64]| {
        let known: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
        known.iter().sum::<f64>() / known.len().max(1) as f64
    };
    named.sort_by(|a, b| mean(&b.1).total_cmp(&mean(&a.1)));
    let mut all: Vec<&[f64]> = named.iter().map(|n| n.1.as_slice()).collect();
    all.push(&held);
    let (factor, unit) = volume_unit(largest(&all));
    let scaled = |values: &[f64]| values.iter().map(|v| v * factor).collect::<Vec<_>>();
    let mut traces = Vec::new();
    for (name, values) in &named {
        let (colour, dash) = level_style(name);
        let said = name.strip_prefix("zone.").map_or_else(|| words::word(name), words::word);
        // Told at the end of each step, and holding over it.
        let values = scaled(values.get(1..).unwrap_or_default());
        traces.push(Trace { name: said, values, shape: Shape::Steps, colour, dash, labelled: true });
    }
    traces.push(trace(both("蓄水量", "storage"), scaled(&held), Shape::Points, BLUE));
    let second_axis = level_axis(view, &element.id, factor);
    let told = view.values(&element.id, "level").map(|values| Told { name: both("水位", "level"), unit: "m", values });
    let name = name_of(element);
    Some(Chart {
        title: both(format!("{}：蓄水量与特征水位", name.chinese), format!("{}: storage and named levels", name.english)),
        unit,
        traces,
        from_zero: false,
        cut_at: None,
        second_axis,
        told,
        note: None,
    })
}

fn level_style(name: &str) -> (Colour, Dash) {
    match name {
        "dead" => (VERMILION, Dash::Solid),
        "normal" => (GREEN, Dash::Dashed),
        "flood_limit" => (PURPLE, Dash::Dashed),
        "top" => (BLACK_LINE, Dash::Dotted),
        "supply_lower" | "emergency_supply_lower" => (ORANGE, Dash::Dashed),
        "drought_limit" | "drought_warning" => (BROWN, Dash::Dashed),
        _ => (GREY, Dash::Dotted),
    }
}

/// Levels that stand at storages, from every pair of them that the document holds.
fn level_axis(view: &View<'_>, id: &str, factor: f64) -> Option<SecondAxis> {
    let mut pairs: Vec<(f64, f64)> = Vec::new();
    let mut quantities = vec!["storage".to_owned()];
    quantities.extend(
        view.content
            .series
            .iter()
            .filter(|s| s.address == id && s.quantity.starts_with("storage."))
            .map(|s| s.quantity.clone()),
    );
    for quantity in quantities {
        let (Some(storage), Some(level)) =
            (view.values(id, &quantity), view.values(id, &quantity.replacen("storage", "level", 1)))
        else {
            continue;
        };
        pairs.extend(storage.into_iter().zip(level).filter(|(s, l)| s.is_finite() && l.is_finite()));
    }
    pairs.sort_by(|a, b| a.1.total_cmp(&b.1));
    pairs.dedup_by(|a, b| (a.1 - b.1).abs() < 1e-9);
    let (first, last) = (pairs.first()?.1, pairs.last()?.1);
    if last - first < 1e-6 {
        return None;
    }
    let step = nice_step((last - first) / 13.0);
    let decimals = (-step.log10().floor()).clamp(0.0, 3.0) as usize;
    let mut ticks = Vec::new();
    let mut at = (first / step).ceil() * step;
    while at <= last + 1e-9 && ticks.len() < 40 {
        let upper = pairs.partition_point(|p| p.1 < at).clamp(1, pairs.len() - 1);
        let (below, above) = (pairs[upper - 1], pairs[upper]);
        let share = if above.1 > below.1 { (at - below.1) / (above.1 - below.1) } else { 0.0 };
        ticks.push(((below.0 + share * (above.0 - below.0)) * factor, fixed(at, decimals)));
        at += step;
    }
    Some(SecondAxis { unit: both("右轴：水位 m", "right: level, m"), ticks })
}

/// 1, 2 or 5 times a power of ten, at least this.
fn nice_step(least: f64) -> f64 {
    let power = 10f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|s| *s >= least).unwrap_or(10.0 * power)
}

fn releases(view: &View<'_>, element: &Element) -> Option<Chart> {
    let mut traces = Vec::new();
    let mut spare = CYCLE.into_iter().filter(|c| ![BLUE, GREEN, VERMILION, ORANGE].contains(c)).cycle();
    for arc in view.content.elements.iter().filter(|e| e.part == Part::Arc && e.from.as_deref() == Some(element.id.as_str()))
    {
        let Some(flow) = view.values(&arc.id, "flow") else { continue };
        if largest(&[&flow]) <= NOTHING_M3S {
            continue;
        }
        let colour = match arc.kind.as_str() {
            "turbine" => BLUE,
            "ecological" => GREEN,
            "spillway" => VERMILION,
            "gate" => ORANGE,
            _ => spare.next().unwrap_or(GREY),
        };
        let name = if arc.name.is_empty() { words::word(&arc.kind) } else { Phrase::same(&arc.name) };
        traces.push(trace(name, flow, Shape::Stack, colour));
    }
    if let Some(inflow) = view.values(&element.id, "inflow") {
        let line = trace(both("来水", "inflow"), inflow, Shape::Steps, BLACK_LINE);
        traces.push(Trace { dash: Dash::Dashed, ..line });
    }
    if traces.is_empty() {
        return None;
    }
    let name = name_of(element);
    Some(flows(
        both(format!("{}：各出口流量与来水", name.chinese), format!("{}: flows by outlet, and inflow", name.english)),
        traces,
    ))
}

/// Supply against demand by use: all of it, then by region, or by demand where there is one region or none.
pub fn supplies(view: &View<'_>) -> Vec<Chart> {
    let demands: Vec<&Element> = view.of_kind(&["waterworks", "irrigation", "demand"]);
    if demands.is_empty() {
        return Vec::new();
    }
    let mut regions: Vec<Option<&str>> = Vec::new();
    for demand in &demands {
        if !regions.contains(&demand.region.as_deref()) {
            regions.push(demand.region.as_deref());
        }
    }
    let mut charts = Vec::new();
    if demands.len() > 1 {
        charts.extend(supply(view, &demands, &both("全部用户", "All demands")));
    }
    if regions.len() > 1 {
        regions.sort_by_key(|r| view.content.regions.iter().position(|row| Some(row.id.as_str()) == *r));
        for region in regions {
            let within: Vec<&Element> = demands.iter().copied().filter(|d| d.region.as_deref() == region).collect();
            charts.extend(supply(view, &within, &view.region(region)));
        }
    } else {
        for demand in &demands {
            charts.extend(supply(view, &[demand], &name_of(demand)));
        }
    }
    charts
}

fn supply(view: &View<'_>, demands: &[&Element], title: &Phrase) -> Option<Chart> {
    let steps = view.axis.steps();
    let mut wanted = vec![0.0; steps];
    let mut total = vec![0.0; steps];
    let mut by_use = vec![vec![0.0; steps]; USES.len()];
    for demand in demands {
        add(&mut wanted, &view.values(&demand.id, "demand").unwrap_or_default());
        add(&mut total, &view.values(&demand.id, "supply").unwrap_or_default());
        for row in &view.content.series {
            let of_use = row.use_.as_deref().and_then(|u| USES.iter().position(|known| *known == u));
            if let Some(index) = of_use
                && row.element == demand.id
                && row.quantity == "supply"
                && row.class.is_some()
                && row.tier.is_none()
            {
                add(&mut by_use[index], &numbers(row));
            }
        }
    }
    if largest(&[&wanted, &total]) <= 0.0 {
        return None;
    }
    let mut traces: Vec<Trace> = USES
        .iter()
        .zip(by_use)
        .filter(|(_, values)| largest(&[values]) > NOTHING_M3S)
        .map(|(use_, values)| trace(words::word(use_), values, Shape::Stack, use_colour(use_)))
        .collect();
    if traces.is_empty() {
        traces.push(trace(both("供水", "supply"), total.clone(), Shape::Stack, BLUE));
    }
    let lacking: Vec<f64> = wanted.iter().zip(&total).map(|(want, got)| (want - got).max(0.0)).collect();
    if largest(&[&lacking]) > NOTHING_M3S {
        traces.push(trace(both("缺水", "shortage"), lacking, Shape::Stack, PALE));
    }
    let line = trace(both("需水", "demand"), wanted, Shape::Steps, BLACK_LINE);
    traces.push(Trace { dash: Dash::Dashed, ..line });
    Some(flows(both(format!("{}：供水与需水", title.chinese), format!("{}: supply and demand", title.english)), traces))
}

fn add(sum: &mut [f64], values: &[f64]) {
    for (total, value) in sum.iter_mut().zip(values) {
        if value.is_finite() {
            *total += value;
        }
    }
}

/// Flow of the standby sources that are used, the longest used at the bottom, under all that they can give; nothing where
/// none is used. Their colours are not those of uses.
pub fn standby(view: &View<'_>) -> Option<Chart> {
    let mut used = crate::notable::standby_used(view);
    used.sort_by(|a, b| b.days.total_cmp(&a.days));
    let mut traces: Vec<Trace> = used
        .iter()
        .zip(STANDBY_COLOURS.into_iter().cycle())
        .filter_map(|(s, colour)| {
            Some(trace(view.name(&s.element.id), view.values(&s.element.id, "flow")?, Shape::Stack, colour))
        })
        .collect();
    if traces.is_empty() {
        return None;
    }
    let capacities: Option<Vec<Vec<f64>>> = used.iter().map(|s| view.values(&s.element.id, "capacity")).collect();
    if let Some(capacities) = capacities {
        let steps = view.axis.steps();
        let all: Vec<f64> = (0..steps).map(|step| capacities.iter().filter_map(|c| c.get(step)).sum()).collect();
        let line = trace(both("可供能力", "capacity"), all, Shape::Steps, BLACK_LINE);
        traces.push(Trace { dash: Dash::Dashed, ..line });
    }
    Some(flows(both("备用水源供水", "Water from standby sources"), traces))
}

/// Flow of each section against its target, floor and ceiling.
pub fn sections(view: &View<'_>) -> Vec<Chart> {
    view.of_kind(&["section", "works_release", "safe_discharge"]).into_iter().filter_map(|e| section(view, e)).collect()
}

fn section(view: &View<'_>, element: &Element) -> Option<Chart> {
    let flow = view.values(&element.id, "flow")?;
    let mut traces = Vec::new();
    let mut wanted: f64 = 0.0;
    for (quantity, name, colour, dash) in [
        ("target", both("目标", "target"), GREEN, Dash::Dashed),
        ("floor", both("底线", "floor"), VERMILION, Dash::Solid),
        ("ceiling", both("上限", "ceiling"), PURPLE, Dash::Dotted),
    ] {
        let Some(values) = view.values(&element.id, quantity) else { continue };
        if !values.iter().any(|v| v.is_finite()) {
            continue;
        }
        wanted = wanted.max(largest(&[&values]));
        if quantity == "target" && flow.iter().zip(&values).any(|(f, t)| t - f > NOTHING_M3S) {
            traces.push(trace(both("缺口", "shortfall"), flow.clone(), Shape::Gap, PALE));
        }
        traces.push(Trace { dash, ..trace(name, values, Shape::Steps, colour) });
    }
    let highest = largest(&[&flow]);
    // A quarter of the steps may be cut; where more of them lie high, that is the flow and no flood.
    let usual = upper_quartile(&flow);
    traces.push(trace(both("流量", "flow"), flow, Shape::Steps, BLUE));
    let cut = (CUT_AT_TARGETS * wanted).max(1.2 * usual);
    let cut_at = (wanted > 0.0 && highest > 1.5 * cut).then_some(cut);
    let name = name_of(element);
    let kind = words::word(&element.kind);
    Some(Chart {
        title: both(format!("{}（{}）", name.chinese, kind.chinese), format!("{} ({})", name.english, kind.english)),
        unit: Phrase::same("m³/s"),
        traces,
        from_zero: true,
        cut_at,
        second_axis: None,
        told: None,
        note: cut_at.map(|at| {
            both(
                format!("纵轴截至 {} m³/s，以看清目标与底线；期内最大流量 {} m³/s。", fixed(at, 1), fixed(highest, 1)),
                format!(
                    "The axis ends at {} m³/s, to show target and floor; the largest flow is {} m³/s.",
                    fixed(at, 1),
                    fixed(highest, 1)
                ),
            )
        }),
    })
}

/// A water value is told for 100万m³, a hm³; what has no unit, such as a worst satisfaction, in points of a per cent.
pub(crate) fn water_value_unit(kind: &str, unit: &str) -> (f64, Phrase) {
    let of = unit.trim_end_matches("/hm3").trim_end_matches("/hm³");
    if of == "1" || of.is_empty() {
        return (100.0, both("百分点", "percentage points"));
    }
    goals::unit(kind, of)
}

/// The value that three quarters of the values do not exceed.
fn upper_quartile(values: &[f64]) -> f64 {
    let mut known: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    known.sort_by(f64::total_cmp);
    known.get(known.len() * 3 / 4).or(known.last()).copied().unwrap_or(0.0)
}

/// What 100万m³ more at each place would change, one chart a stage that comes first anywhere; where both sides were solved for and
/// differ, both.
pub fn water_values(view: &View<'_>) -> Vec<Chart> {
    let rows = &view.content.water_values;
    let first = |row: &&WaterValueRow| (0..row.values.len()).any(|step| is_first(view.content, row, step));
    let mut stages: Vec<(&str, &str)> = Vec::new();
    for row in rows.iter().filter(first) {
        if !stages.contains(&(row.stage.as_str(), row.unit.as_str())) {
            stages.push((&row.stage, &row.unit));
        }
    }
    stages
        .into_iter()
        .filter_map(|(stage, unit)| {
            let kind = view.content.objectives.iter().find(|o| o.id == stage).map_or("", |o| o.kind.as_str());
            let (factor, unit_said) = water_value_unit(kind, unit);
            let told = |values: &[Option<f64>]| values.iter().map(|v| v.unwrap_or(f64::NAN) * factor).collect::<Vec<f64>>();
            let mut traces: Vec<Trace> = Vec::new();
            let mut kinks = false;
            for (i, row) in rows.iter().filter(|r| r.stage == stage && r.unit == unit).enumerate() {
                let (colour, name) = (CYCLE[i % CYCLE.len()], view.name(&row.address));
                let (next, last) = if row.more.is_empty() { (&row.values, &row.more) } else { (&row.more, &row.less) };
                traces.push(trace(name.clone(), told(next), Shape::Steps, colour));
                if next.iter().zip(last).any(|(next, last)| differ(*next, *last)) {
                    kinks = true;
                    let name = both(format!("{}（少来）", name.chinese), format!("{} (last)", name.english));
                    traces.push(Trace { dash: Dash::Dotted, ..trace(name, told(last), Shape::Steps, colour) });
                }
            }
            traces.retain(|t| t.values.iter().any(|v| v.is_finite()));
            let sides = rows.iter().any(|row| row.stage == stage && !row.more.is_empty());
            let name = view.objective(stage);
            (!traces.is_empty()).then(|| Chart {
                title: both(
                    format!("水价值：各处每多100万m³对“{}”的影响", name.chinese),
                    format!("Water values: what 100 ×10⁴ m³ more changes in “{}”", name.english),
                ),
                unit: unit_said,
                traces,
                from_zero: true,
                cut_at: None,
                second_axis: None,
                told: None,
                note: Some(match (sides, kinks) {
                    (true, true) => both(
                        "实线为多来的水所值，点线为少来的水所值；两者不等处没有唯一的值。",
                        "Solid: what the next m³ is worth; dotted: what the last one is worth. Where they differ, no single value is true.",
                    ),
                    (true, false) => both(
                        "两侧都已求解，凡已得出处两侧相等，值是唯一的。",
                        "Both sides were solved for and are the same wherever both were found: there the values are unique.",
                    ),
                    (false, _) => both(
                        "目标在该处往往有拐点，此为单侧值，仅供比较时段与水库之间的相对紧张程度。",
                        "Objectives often have a kink there: these are one-sided values, for comparing steps and reservoirs.",
                    ),
                }),
            })
        })
        .collect()
}
