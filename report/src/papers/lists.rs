//! The lists of the day's tables: rows that a template's names `weir.LIST.COLUMN` ask for, made from the plan.
//!
//! 日调度计划表: `reservoirs`, `outlets`, `supplies`, `sections`. 旬月计划: `periods` (ten days 旬), `months`, `uses`. 计划执行对照:
//! `execution`. 用水总量进度: `accounts`. And `orders`, `warnings`, `brief`, `steps`.
//! Units are those of [`super::names`].

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use weir_model::document::{Actual, Known, seconds};

use super::names::{Names, rounded, share, told, wan_m3};
use super::sheet::Cell;
use crate::beside::Figure;
use crate::brief;
use crate::gravity::{kind, sorted};
use crate::quantity::{end_text, time, time_text};
use crate::words::{self, period_label};

/// A list.
pub struct List {
    /// Its word in names.
    pub word: &'static str,
    /// Its title, as papers have it.
    pub title: &'static str,
    /// Its columns.
    pub columns: &'static [Column],
    /// Its rows.
    pub rows: fn(&Names<'_>) -> Vec<Vec<Cell>>,
}

/// A column of a list.
pub struct Column {
    /// Its word in names.
    pub word: &'static str,
    /// Its heading with unit.
    pub heading: &'static str,
    /// How its cells are shown.
    pub kind: Kind,
}

/// How cells are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Words.
    Text,
    /// Long words, in a wide column.
    Long,
    /// Metres or m³/s.
    Hundredths,
    /// 万m³.
    Tenths,
    /// Of all.
    Share,
    /// Metres more or less.
    Change,
}

const fn column(word: &'static str, heading: &'static str, kind: Kind) -> Column {
    Column { word, heading, kind }
}

/// Every list.
pub const LISTS: [List; 13] = [
    List {
        word: "reservoirs",
        title: "水库",
        columns: &[
            column("name", "水库", Kind::Text),
            column("level", "期初水位 m", Kind::Hundredths),
            column("level_since_yesterday", "较昨日 m", Kind::Change),
            column("level_since_last_year", "较去年同期 m", Kind::Change),
            column("storage", "期初蓄水 万m³", Kind::Tenths),
            column("inflow", "日均入库 m³/s", Kind::Hundredths),
            column("release", "日均下泄 m³/s", Kind::Hundredths),
            column("spill", "日均弃水 m³/s", Kind::Hundredths),
            column("outflow", "日均出库 m³/s", Kind::Hundredths),
            column("withdrawal", "日均取水 m³/s", Kind::Hundredths),
            column("level_day_end", "日末水位 m", Kind::Hundredths),
            column("storage_day_end", "日末蓄水 万m³", Kind::Tenths),
            column("flood_limit", "汛限水位 m", Kind::Hundredths),
        ],
        rows: reservoirs,
    },
    List {
        word: "outlets",
        title: "泄水设施",
        columns: &[
            column("name", "泄水设施", Kind::Text),
            column("kind", "类别", Kind::Text),
            column("flow", "日均流量 m³/s", Kind::Hundredths),
            column("volume", "日水量 万m³", Kind::Tenths),
        ],
        rows: outlets,
    },
    List {
        word: "supplies",
        title: "供水",
        columns: &[
            column("name", "供水户", Kind::Text),
            column("region", "行政区", Kind::Text),
            column("demand", "日需水 万m³", Kind::Tenths),
            column("supply", "日供水 万m³", Kind::Tenths),
            column("shortage", "缺水 万m³", Kind::Tenths),
            column("satisfaction", "满足度", Kind::Share),
        ],
        rows: supplies,
    },
    List {
        word: "sections",
        title: "生态流量",
        columns: &[
            column("name", "断面（工程）", Kind::Text),
            column("flow", "日均流量 m³/s", Kind::Hundredths),
            column("target", "目标流量 m³/s", Kind::Hundredths),
            column("ratio", "流量÷目标", Kind::Share),
            column("state", "评价", Kind::Text),
        ],
        rows: sections,
    },
    List {
        word: "periods",
        title: "水库旬计划",
        columns: &PERIODS,
        rows: |names| periods(names, |date| (date.year(), date.month(), (date.day() - 1).min(20) / 10)),
    },
    List {
        word: "months",
        title: "水库月计划",
        columns: &PERIODS,
        rows: |names| periods(names, |date| (date.year(), date.month(), 3)),
    },
    List {
        word: "uses",
        title: "供水旬计划",
        columns: &[
            column("period", "时段", Kind::Text),
            column("region", "行政区", Kind::Text),
            column("use", "用途", Kind::Text),
            column("demand", "需水 万m³", Kind::Tenths),
            column("supply", "供水 万m³", Kind::Tenths),
            column("shortage", "缺水 万m³", Kind::Tenths),
            column("satisfaction", "满足度", Kind::Share),
        ],
        rows: uses,
    },
    List {
        word: "execution",
        title: "计划执行对照",
        columns: &[
            column("name", "对象", Kind::Text),
            column("item", "项目", Kind::Text),
            column("time", "时间", Kind::Text),
            column("unit", "单位", Kind::Text),
            column("planned", "计划", Kind::Hundredths),
            column("actual", "实际", Kind::Hundredths),
            column("deviation", "偏差", Kind::Hundredths),
            column("cause", "原因", Kind::Long),
        ],
        rows: execution,
    },
    List {
        word: "accounts",
        title: "用水总量进度",
        columns: &[
            column("name", "账户", Kind::Text),
            column("window", "统计时段", Kind::Text),
            column("limit", "控制量 万m³", Kind::Tenths),
            column("used_before", "期前已用 万m³", Kind::Tenths),
            column("planned", "期内计划 万m³", Kind::Tenths),
            column("left", "剩余 万m³", Kind::Tenths),
            column("progress", "期末进度", Kind::Share),
            column("forecast", "预计全时段 万m³", Kind::Tenths),
            column("band", "管控分档", Kind::Text),
        ],
        rows: accounts,
    },
    List {
        word: "orders",
        title: "调度令",
        columns: &[
            column("unit", "执行单位", Kind::Text),
            column("object", "对象", Kind::Text),
            column("execute_at", "执行时间", Kind::Text),
            column("setting", "调度要求", Kind::Long),
            column("copies", "抄送", Kind::Text),
        ],
        rows: orders,
    },
    List {
        word: "warnings",
        title: "预警",
        columns: &[
            column("name", "对象", Kind::Text),
            column("kind", "类别", Kind::Text),
            column("grade", "等级", Kind::Text),
            column("from", "起", Kind::Text),
            column("to", "止", Kind::Text),
            column("value", "最不利值", Kind::Hundredths),
            column("target", "判据", Kind::Hundredths),
            column("unit", "单位", Kind::Text),
            column("reason", "原因", Kind::Long),
            column("advice", "措施", Kind::Long),
        ],
        rows: warnings,
    },
    List {
        word: "brief",
        title: "简报",
        columns: &[column("sentence", "简报", Kind::Long)],
        rows: |names| {
            let sentences = brief::day::sentences(names.view.document, names.beside);
            sentences.into_iter().map(|sentence| vec![Cell::Text(sentence.chinese)]).collect()
        },
    },
    List {
        word: "steps",
        title: "时段",
        columns: &[column("from", "时段起", Kind::Text), column("to", "时段止", Kind::Text)],
        rows: |names| {
            let ends = |edges: &[DateTime]| vec![text(time(edges[0]).chinese), text(crate::quantity::end(edges[1]).chinese)];
            names.view.axis.times.windows(2).map(ends).collect()
        },
    },
];

const PERIODS: [Column; 8] = [
    column("period", "时段", Kind::Text),
    column("name", "水库", Kind::Text),
    column("level", "期初水位 m", Kind::Hundredths),
    column("inflow", "入库 万m³", Kind::Tenths),
    column("outflow", "出库 万m³", Kind::Tenths),
    column("spill", "弃水 万m³", Kind::Tenths),
    column("level_end", "期末水位 m", Kind::Hundredths),
    column("storage_end", "期末蓄水 万m³", Kind::Tenths),
];

fn text(text: impl Into<String>) -> Cell {
    Cell::Text(text.into())
}

/// A number of the first day, or a dash.
fn of(figure: Option<Figure>, decimals: i32) -> Cell {
    rounded(figure.map_or(f64::NAN, |figure| figure.now), decimals)
}

fn reservoirs(names: &Names<'_>) -> Vec<Vec<Cell>> {
    let Some(day) = &names.day else { return Vec::new() };
    let row = |id: &str| {
        let level = day.state(id, "level");
        let since = |then: Option<f64>| rounded(level.and_then(|level| Some(level.now - then?)).unwrap_or(f64::NAN), 2);
        let volume = |figure: Option<Figure>| wan_m3(figure.map_or(f64::NAN, |figure| figure.now));
        let flow = |quantity: &str| of(day.mean(id, quantity), 2);
        vec![
            text(names.view.name(id).chinese),
            of(level, 2),
            since(level.and_then(|level| level.yesterday)),
            since(level.and_then(|level| level.last_year)),
            volume(day.state(id, "storage")),
            flow("inflow"),
            flow("release"),
            flow("spill"),
            flow("outflow"),
            flow("withdrawal"),
            of(day.state_at_end(id, "level"), 2),
            volume(day.state_at_end(id, "storage")),
            // A named level holds from the end of the first step on.
            of(day.state_at_end(id, "level.flood_limit"), 2),
        ]
    };
    let known = |id: &str| day.state(id, "storage").is_some();
    names.view.of_kind(&["reservoir"]).iter().filter(|e| known(&e.id)).map(|e| row(&e.id)).collect()
}

fn outlets(names: &Names<'_>) -> Vec<Vec<Cell>> {
    let Some(day) = &names.day else { return Vec::new() };
    let ways = names.view.of_kind(&["turbine", "gate", "ecological", "spillway"]).into_iter();
    ways.filter_map(|way| {
        let flow = day.mean(&way.id, "flow")?;
        let volume = wan_m3(flow.now * day.length_s() / 1e6);
        Some(vec![text(names.view.name(&way.id).chinese), text(words::word(&way.kind).chinese), of(Some(flow), 2), volume])
    })
    .collect()
}

fn supplies(names: &Names<'_>) -> Vec<Vec<Cell>> {
    let Some(day) = &names.day else { return Vec::new() };
    let volumes = day.length_s() / 1e6;
    let demands = names.view.of_kind(&["waterworks", "irrigation", "demand"]).into_iter();
    demands
        .filter_map(|demand| {
            let (wanted, given) = (day.mean(&demand.id, "demand")?.now, day.mean(&demand.id, "supply")?.now);
            Some(vec![
                text(names.view.name(&demand.id).chinese),
                text(names.view.region(demand.region.as_deref()).chinese),
                wan_m3(wanted * volumes),
                wan_m3(given * volumes),
                wan_m3((wanted - given).max(0.0) * volumes),
                share(if wanted > 0.0 { given / wanted } else { 1.0 }),
            ])
        })
        .collect()
}

fn sections(names: &Names<'_>) -> Vec<Vec<Cell>> {
    let Some(day) = &names.day else { return Vec::new() };
    let judged = names.view.of_kind(&["section", "works_release"]).into_iter();
    judged
        .filter_map(|place| {
            let flow = day.mean(&place.id, "flow")?;
            let target = day.mean(&place.id, "target").or_else(|| day.mean(&place.id, "floor"));
            let ratio = target.filter(|target| target.now > 0.0).map(|target| flow.now / target.now);
            let state = ratio.map_or("—", |ratio| if ratio < 1.0 - 1e-6 { "低于目标" } else { "达标" });
            Some(vec![
                text(names.view.name(&place.id).chinese),
                of(Some(flow), 2),
                of(target, 2),
                share(ratio.unwrap_or(f64::NAN)),
                text(state),
            ])
        })
        .collect()
}

/// Rows of each reservoir in each period: steps belong to the one in which they begin.
fn periods(names: &Names<'_>, of: fn(Date) -> Period) -> Vec<Vec<Cell>> {
    let view = &names.view;
    let starts = &view.axis.times;
    let mut found: Vec<(Period, usize, usize)> = Vec::new();
    for (step, start) in starts.iter().take(view.axis.steps()).enumerate() {
        let key = of(start.date());
        match found.last_mut() {
            Some((last, _, end)) if *last == key => *end = step + 1,
            _ => found.push((key, step, step + 1)),
        }
    }
    let mut rows = Vec::new();
    for (key, from, to) in found {
        for reservoir in view.of_kind(&["reservoir"]) {
            let state = |quantity: &str, edge: usize| {
                let values = view.values(&reservoir.id, quantity)?;
                values.get(edge).copied()
            };
            let volume = |quantity: &str| {
                let flow = view.values(&reservoir.id, quantity)?;
                let lengths = view.content.horizon.lengths_s.get(from..to)?;
                Some(flow.get(from..to)?.iter().zip(lengths).map(|(flow, length)| flow * length / 1e6).sum::<f64>())
            };
            let Some(storage) = state("storage", to) else { continue };
            let level = |edge: usize| rounded(state("level", edge).unwrap_or(f64::NAN), 2);
            let told = |quantity: &str| wan_m3(volume(quantity).unwrap_or(f64::NAN));
            rows.push(vec![
                text(period_label(&label(key)).chinese),
                text(view.name(&reservoir.id).chinese),
                level(from),
                told("inflow"),
                told("outflow"),
                told("spill"),
                level(to),
                wan_m3(storage),
            ]);
        }
    }
    rows
}

/// Year, month, and ten days from 0, or 3 of a whole month.
type Period = (i16, i8, i8);

/// A period as documents label it.
fn label((year, month, part): Period) -> String {
    let part = ["-上旬", "-中旬", "-下旬"].get(part as usize).copied().unwrap_or_default();
    format!("{year}-{month:02}{part}")
}

fn uses(names: &Names<'_>) -> Vec<Vec<Cell>> {
    let rows =
        names.view.content.satisfaction.iter().filter(|row| row.period == "旬" && row.class.is_none() && !row.in_stream);
    rows.map(|row| {
        vec![
            text(period_label(&row.label).chinese),
            text(names.view.region(row.region.as_deref()).chinese),
            text(words::word(&row.use_).chinese),
            wan_m3(row.demand_hm3),
            wan_m3(row.supply_hm3),
            wan_m3((row.demand_hm3 - row.supply_hm3).max(0.0)),
            share(row.ratio),
        ]
    })
    .collect()
}

/// What came of yesterday's plan until this one begins: what was gathered and reported, and what this one starts from.
fn execution(names: &Names<'_>) -> Vec<Vec<Cell>> {
    let Some(plan) = &names.beside.yesterday else { return Vec::new() };
    let start = names.view.content.horizon.starts.first().and_then(|start| start.parse::<Timestamp>().ok());
    let Some(start) = start else { return Vec::new() };
    let mut actuals = names.beside.actuals.clone();
    for reservoir in names.view.of_kind(&["reservoir"]) {
        for quantity in ["level", "storage"] {
            let Some((first, _)) = names.view.ends(&reservoir.id, quantity) else { continue };
            actuals.push(Actual {
                address: reservoir.id.clone(),
                quantity: quantity.to_owned(),
                values: Known::States(vec![(seconds(start), first)]),
                source: String::new(),
                substituted_by: None,
            });
        }
    }
    let rows = plan.deviations(start, &actuals, &[names.view.content]).rows.into_iter();
    rows.map(|row| {
        vec![
            text(names.view.name(&row.address).chinese),
            text(words::quantity(&row.quantity).chinese),
            text(end_text(&row.to).chinese),
            text(words::unit(&row.unit).1.chinese),
            told(row.planned, &row.unit),
            told(row.actual, &row.unit),
            told(row.deviation, &row.unit),
            text(row.cause.map_or_else(String::new, |cause| words::word(cause.word()).chinese)),
        ]
    })
    .collect()
}

fn accounts(names: &Names<'_>) -> Vec<Vec<Cell>> {
    let rows = names.view.content.accounts.iter();
    rows.map(|row| {
        let name = if row.name.is_empty() { names.view.name(&row.account).chinese } else { row.name.clone() };
        vec![
            text(name),
            text(period_label(&row.window).chinese),
            wan_m3(row.limit_hm3),
            wan_m3(row.used_before_hm3),
            wan_m3(row.planned_hm3),
            wan_m3(row.left_hm3),
            share((row.used_before_hm3 + row.planned_hm3) / row.limit_hm3),
            wan_m3(row.forecast_to_window_end_hm3),
            text(row.band.as_deref().unwrap_or("正常")),
        ]
    })
    .collect()
}

fn orders(names: &Names<'_>) -> Vec<Vec<Cell>> {
    let rows = names.view.content.orders.iter();
    rows.map(|row| {
        let setting = if row.kept { format!("维持现状：{}", row.setting) } else { row.setting.clone() };
        vec![
            text(&row.unit),
            text(&row.object),
            text(time_text(&row.execute_at).chinese),
            text(setting),
            text(row.copies.join("、")),
        ]
    })
    .collect()
}

fn warnings(names: &Names<'_>) -> Vec<Vec<Cell>> {
    let view = &names.view;
    let said = |told: Option<&str>| text(told.map_or_else(String::new, |told| view.statement(told).chinese));
    let rows = sorted(&view.content.warnings).into_iter();
    rows.map(|row| {
        vec![
            text(view.name(&row.address).chinese),
            text(kind(view, row).chinese),
            text(words::word(&row.grade).chinese),
            text(time_text(&row.from).chinese),
            text(end_text(&row.to).chinese),
            told(row.value, &row.unit),
            told(row.target, &row.unit),
            text(words::unit(&row.unit).1.chinese),
            said(row.reason.as_deref()),
            said(row.advice.as_deref()),
        ]
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_once_and_rows_are_headed() {
        let mut words: Vec<&str> = LISTS.iter().map(|list| list.word).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), LISTS.len());
        assert!(LISTS.iter().all(|list| list.columns.iter().all(|column| !column.heading.contains("hm"))));
    }
}
