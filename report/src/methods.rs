//! One basin under several methods side by side: what each does to whom, as text, JSON and a page with pictures.
//!
//! Everything is read from the plans' documents; a method that has no plan is told with its cause.
//! Units: hm³ in JSON, 万m³ on the page and in the text.

use comfy_table::Table as Lines;
use comfy_table::presets::NOTHING;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::{Value, json};
use weir_model::document::PlanDocument;

use crate::chart::{CYCLE, Chart, Dash, Shape, Trace, script_safe};
use crate::goals;
use crate::language::{Language, Phrase, both};
use crate::page::{SCRIPT, STYLE, key, steps};
use crate::quantity;
use crate::satisfaction::{Column, Table};
use crate::view::View;
use crate::words;

/// A method with its plan, or why there is none.
pub struct Tried {
    /// Word of the method.
    pub method: String,
    /// The document of its plan, or the cause.
    pub outcome: Result<PlanDocument, String>,
}

/// A line of the comparison: what it tells, and a cell a method.
struct Line {
    name: Phrase,
    cells: Vec<Option<Told>>,
}

/// What a cell tells: a number, more of it where there is more, and the class that gives it its colour.
struct Told {
    number: String,
    more: Option<Phrase>,
    class: Option<&'static str>,
}

impl From<String> for Told {
    fn from(number: String) -> Self {
        Self { number, more: None, class: None }
    }
}

impl Told {
    fn say(&self, language: Language) -> String {
        match (&self.more, language) {
            (None, _) => self.number.clone(),
            (Some(more), Language::Chinese) => format!("{}（{}）", self.number, more.chinese),
            (Some(more), Language::English) => format!("{} ({})", self.number, more.english),
        }
    }
}

/// A part of the comparison.
struct Part {
    title: Phrase,
    lines: Vec<Line>,
    /// Its cells have colours.
    coloured: bool,
}

/// The comparison.
struct Comparison<'a> {
    tried: &'a [Tried],
    views: Vec<Option<View<'a>>>,
}

impl<'a> Comparison<'a> {
    fn new(tried: &'a [Tried]) -> Self {
        let views = tried.iter().map(|one| one.outcome.as_ref().ok().map(View::new)).collect();
        Self { tried, views }
    }

    fn first(&self) -> Option<&View<'a>> {
        self.views.iter().flatten().next()
    }

    /// What must be seen of any of the plans, once.
    fn banners(&self) -> Vec<(&'static str, Phrase)> {
        let mut banners = Vec::new();
        for banner in self.views.iter().flatten().flat_map(crate::page::banners) {
            if !banners.contains(&banner) {
                banners.push(banner);
            }
        }
        banners
    }

    fn line<T: Into<Told>>(&self, name: Phrase, cell: impl Fn(&View<'a>) -> Option<T>) -> Line {
        Line { name, cells: self.views.iter().map(|view| view.as_ref().and_then(&cell).map(Into::into)).collect() }
    }

    /// What lifting the worst entry of the balance would take from other goals, of the methods that tell it.
    fn prices(&self) -> Vec<(Phrase, Vec<Phrase>)> {
        let told = self.tried.iter().zip(&self.views).filter_map(|(one, view)| {
            let prices = view.as_ref()?.prices_of_fairness();
            (!prices.is_empty()).then(|| (words::word(&one.method), prices))
        });
        told.collect()
    }

    fn parts(&self) -> Vec<Part> {
        let Some(first) = self.first() else { return Vec::new() };
        let mut parts = vec![
            Part { title: both("目标", "Objectives"), lines: self.objectives(first), coloured: false },
            Part {
                title: both(
                    "三生用水满足度（缺水 万m³，缺水天数，最差旬）",
                    "Satisfaction of the three uses (10⁴ m³ short, days short, worst ten days)",
                ),
                lines: self.satisfaction(first),
                coloured: true,
            },
            Part { title: both("水量与规则", "Water and rules"), lines: self.water(), coloured: false },
        ];
        parts.retain(|part| !part.lines.is_empty());
        parts
    }

    fn objectives(&self, first: &View<'a>) -> Vec<Line> {
        let mut rows: Vec<_> = first.content.objectives.iter().collect();
        rows.sort_by_key(|row| (row.stage.unwrap_or(usize::MAX), row.id.clone()));
        let line = |row: &weir_model::document::ObjectiveRow| {
            let (_, unit) = goals::unit(&row.kind, &row.unit);
            let name = first.objective(&row.id);
            let better = if row.sense == "maximise" { "↑" } else { "↓" };
            let place = row.stage.map_or_else(String::new, |stage| format!("{stage}. "));
            let named = |name: &str, unit: &str| format!("{place}{name} {better} {unit}").trim_end().to_owned();
            let name = both(named(&name.chinese, &unit.chinese), named(&name.english, &unit.english));
            self.line(name, |view| {
                let found = view.content.objectives.iter().find(|other| other.id == row.id)?;
                found.value.map(|value| goals::value(&row.kind, &row.unit, value).0)
            })
        };
        rows.into_iter().map(line).collect()
    }

    fn satisfaction(&self, first: &View<'a>) -> Vec<Line> {
        let table = Table::new(first);
        let mut lines = Vec::new();
        for (at, row) in table.rows.iter().enumerate() {
            for (column, cell) in table.columns.iter().zip(&row.cells) {
                if cell.is_none() {
                    continue;
                }
                let title = column.title();
                let name = both(
                    format!("{} · {}", row.name.chinese, title.chinese),
                    format!("{} · {}", row.name.english, title.english),
                );
                lines.push(self.line(name, |view| share(view, at, *column)));
            }
        }
        lines
    }

    fn water(&self) -> Vec<Line> {
        let volume = |hm3: f64| Some(quantity::wan_m3(hm3));
        vec![
            self.line(both("缺水 ↓ 万m³", "Short ↓ 10⁴ m³"), |view| volume(shortage(view))),
            self.line(both("弃水 ↓ 万m³", "Spill ↓ 10⁴ m³"), |view| volume(spill(view))),
            self.line(both("期末蓄水 万m³", "Stored at the end 10⁴ m³"), |view| volume(stored(view))),
            self.line(both("让步的规则（项·时段）", "Rules that gave way (rule × step)"), |view| {
                Some(view.content.relaxations.len().to_string())
            }),
            self.line(both("让步水量 万m³", "By how much 10⁴ m³"), |view| volume(relaxed(view))),
            self.line(both("预警", "Warnings"), |view| Some(view.content.warnings.len().to_string())),
        ]
    }

    fn charts(&self) -> Vec<Chart> {
        let Some(first) = self.first() else { return Vec::new() };
        let stores = first.of_kind(&["reservoir", "aquifer"]);
        let chart = |title: Phrase, shape: Shape, of: &dyn Fn(&View<'a>) -> Option<Vec<f64>>| Chart {
            title,
            unit: if shape == Shape::Points { both("万m³", "10⁴ m³") } else { Phrase::same("m³/s") },
            traces: self.traces(shape, of),
            // Storages part by little of what lies in them.
            from_zero: shape != Shape::Points,
            cut_at: None,
            second_axis: None,
            told: None,
            note: None,
        };
        let mut charts: Vec<Chart> = stores
            .into_iter()
            .map(|element| {
                let name = first.name(&element.id);
                let title = both(format!("{}：蓄水量", name.chinese), format!("{}: storage", name.english));
                chart(title, Shape::Points, &|view| {
                    Some(view.values(&element.id, "storage")?.into_iter().map(|hm3| hm3 * 100.0).collect())
                })
            })
            .collect();
        charts.push(chart(both("全部用户缺水", "Shortage of all users"), Shape::Steps, &|view| {
            Some(short_by_step(view))
        }));
        charts.retain(|chart| !chart.traces.is_empty());
        charts
    }

    fn traces(&self, shape: Shape, of: &dyn Fn(&View<'a>) -> Option<Vec<f64>>) -> Vec<Trace> {
        let methods = self.tried.iter().zip(&self.views).enumerate();
        let trace = |(at, (tried, view)): (usize, (&Tried, &Option<View<'a>>))| {
            Some(Trace {
                name: words::word(&tried.method),
                values: of(view.as_ref()?)?,
                shape,
                colour: CYCLE[at % CYCLE.len()],
                dash: [Dash::Solid, Dash::Dashed, Dash::Dotted][at % 3],
                labelled: false,
            })
        };
        methods.filter_map(trace).collect()
    }
}

/// A region's satisfaction in a column of a plan of the same basin.
fn share(view: &View<'_>, row: usize, column: Column) -> Option<Told> {
    let table = Table::new(view);
    let at = table.columns.iter().position(|other| *other == column)?;
    let cell = table.rows.get(row)?.cells.get(at)?.as_ref()?;
    let lacks = || {
        let (short, days) = (quantity::wan_m3(cell.short_hm3()), quantity::days(cell.days_short()));
        let worst = quantity::percent(cell.lowest());
        both(format!("缺{short}，{days}天，最差{worst}"), format!("{short}, {days} d, worst {worst}"))
    };
    let more = (cell.short_hm3() > 0.0).then(lacks);
    Some(Told { number: quantity::percent(cell.total.ratio), more, class: Some(cell.class()) })
}

/// What users lack, hm³: in the stream apart.
fn shortage(view: &View<'_>) -> f64 {
    let rows = view.content.satisfaction.iter();
    let whole = rows.filter(|row| row.class.is_none() && row.period == "horizon" && !row.in_stream);
    whole.map(|row| (row.demand_hm3 - row.supply_hm3).max(0.0)).sum::<f64>() + 0.0
}

fn spill(view: &View<'_>) -> f64 {
    let stores = view.of_kind(&["reservoir"]).into_iter();
    stores.filter_map(|element| view.volume(&element.id, "spill")).sum()
}

fn stored(view: &View<'_>) -> f64 {
    let stores = view.of_kind(&["reservoir", "aquifer"]).into_iter();
    stores.filter_map(|element| view.ends(&element.id, "storage")).map(|(_, last)| last).sum()
}

fn relaxed(view: &View<'_>) -> f64 {
    view.content.relaxations.iter().map(|row| row.hm3).sum()
}

/// What all users lack in each step, m³/s.
fn short_by_step(view: &View<'_>) -> Vec<f64> {
    let mut sum = vec![0.0; view.axis.steps()];
    for element in view.of_kind(&["waterworks", "irrigation", "demand"]) {
        for (sum, lacks) in sum.iter_mut().zip(view.values(&element.id, "shortage").unwrap_or_default()) {
            *sum += if lacks.is_finite() { lacks } else { 0.0 };
        }
    }
    sum
}

/// The comparison for a terminal.
pub fn text(tried: &[Tried], language: Language) -> String {
    let comparison = Comparison::new(tried);
    let mut out = String::new();
    for part in comparison.parts() {
        out.push_str(part.title.say(language));
        out.push('\n');
        let mut lines = Lines::new();
        lines.load_preset(NOTHING);
        let methods = tried.iter().map(|one| words::word(&one.method).say(language).to_owned());
        lines.set_header(std::iter::once(String::new()).chain(methods));
        for line in part.lines {
            let cells =
                line.cells.iter().map(|cell| cell.as_ref().map_or_else(|| "—".to_owned(), |cell| cell.say(language)));
            lines.add_row(std::iter::once(line.name.say(language).to_owned()).chain(cells));
        }
        for line in lines.to_string().lines() {
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out.push('\n');
    }
    for (method, prices) in comparison.prices() {
        for price in prices {
            out.extend([method.say(language), ": ", price.say(language), "\n"]);
        }
    }
    for one in tried {
        if let Err(cause) = &one.outcome {
            let without = both("没有方案", "no plan");
            let (method, without) = (words::word(&one.method), without.say(language));
            out.extend([method.say(language), ": ", without, ": ", cause, "\n"]);
        }
    }
    out
}

/// The comparison for programs.
pub fn json(tried: &[Tried]) -> Value {
    let comparison = Comparison::new(tried);
    let method = |(one, view): (&Tried, &Option<View<'_>>)| match (&one.outcome, view) {
        (Ok(document), Some(view)) => json!({
            "method": one.method,
            "status": "solved",
            "objectives": document.content.objectives,
            "satisfaction": document.content.satisfaction.iter()
                .filter(|row| row.class.is_none() && row.period == "horizon").collect::<Vec<_>>(),
            "shortage_hm3": shortage(view),
            "spill_hm3": spill(view),
            "end_storage_hm3": stored(view),
            "relaxations": document.content.relaxations,
            "warnings": document.content.warnings.len(),
        }),
        (outcome, _) => json!({
            "method": one.method,
            "status": "failed",
            "cause": outcome.as_ref().err(),
        }),
    };
    let methods: Vec<Value> = tried.iter().zip(&comparison.views).map(method).collect();
    let case = comparison.first().map(|view| &view.content.case);
    json!({
        "basin": case.map(|case| &case.basin),
        "from": case.map(|case| &case.valid_from),
        "to": case.map(|case| &case.valid_to),
        "methods": methods,
    })
}

/// The comparison as one page.
pub fn page(tried: &[Tried]) -> String {
    let comparison = Comparison::new(tried);
    let first = comparison.first();
    let basin = first.map_or("weir", |view| view.basin());
    html! {
        (DOCTYPE)
        html lang="zh-CN" data-language="zh" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { (basin) " — 方法对比" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    div.top {
                        h1 { (basin) span.kind { (both("方法对比", "Methods side by side")) } }
                        button type="button" id="language" aria-label="Switch language 切换语言" { (both("English", "中文")) }
                    }
                    @if let Some(view) = first {
                        @let (from, to) = view.period();
                        p.period {
                            (both(format!("{} 至 {}", from.chinese, to.chinese), format!("{} to {}", from.english, to.english)))
                        }
                        @for banner in comparison.banners() { p.banner.(banner.0) role="note" { (banner.1) } }
                    }
                }
                main {
                    @for one in tried {
                        @if let Err(cause) = &one.outcome {
                            section { p { (words::word(&one.method)) ": " (both("没有方案：", "no plan: ")) (cause) } }
                        }
                    }
                    @for part in comparison.parts() { section { h2 { (part.title) } (rows(tried, &part)) @if part.coloured { (key()) } } }
                    @let prices = comparison.prices();
                    @if !prices.is_empty() {
                        section {
                            h2 { (both("均衡的代价", "The price of fairness")) }
                            @for (method, prices) in &prices { h3 { (method) } ul { @for price in prices { li { (price) } } } }
                        }
                    }
                    @if let Some(view) = first {
                        section {
                            h2 { (both("过程对比", "In time")) }
                            @for chart in comparison.charts() { (chart.figure(&view.axis)) }
                        }
                    }
                }
                @if let Some(view) = first {
                    script type="application/json" id="steps" { (PreEscaped(script_safe(&steps(view)))) }
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        }
    }
    .into_string()
}

fn rows(tried: &[Tried], part: &Part) -> Markup {
    html! {
        div.scroll {
            table.methods {
                thead { tr { th {} @for one in tried { th.number { (words::word(&one.method)) } } } }
                tbody {
                    @for line in &part.lines {
                        tr {
                            th scope="row" { (line.name) }
                            @for cell in &line.cells { (table_cell(cell.as_ref())) }
                        }
                    }
                }
            }
        }
    }
}

fn table_cell(cell: Option<&Told>) -> Markup {
    let Some(cell) = cell else { return html! { td.number { "—" } } };
    let class = cell.class.map_or_else(|| "number".to_owned(), |class| format!("number cell-{class}"));
    html! { td.(class) { (cell.number) @if let Some(more) = &cell.more { span.aside { (more) } } } }
}
