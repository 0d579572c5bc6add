//! Plans of one basin and time side by side, by several methods, as alternatives of a run or as what-ifs: what each does to whom, as
//! text, JSON and a page with pictures.
//!
//! Everything is read from the plans' documents; a question that has no plan is told with its cause.
//! Units: hm³ in JSON, 万m³ on the page and in the text.

mod against;
pub(crate) mod parts;

use maud::html;
use serde_json::{Value, json};
use weir_model::document::{Choice, PlanDocument};
use weir_model::tolerance::FEASIBILITY_HM3;

use crate::chart::{CYCLE, Chart, Dash, Shape, Trace};
use crate::floors;
use crate::goals;
use crate::language::{Language, Phrase, both};
use crate::page::{key, standing_alone};
use crate::quantity;
use crate::satisfaction::{Column, Table};
use crate::view::View;
use crate::words;
use parts::{Line, Part, Told};

/// A question with its plan, or why there is none.
pub struct Tried {
    /// The method's word, or the plan's id.
    pub id: String,
    /// Name as people read it.
    pub name: Phrase,
    /// Whether its id stands for its name on a terminal, where names are long and columns narrow.
    pub by_id: bool,
    /// The document of its plan, or the cause.
    pub outcome: Result<PlanDocument, String>,
}

impl Tried {
    /// A method with its plan, or why there is none.
    pub fn method(word: &str, outcome: Result<PlanDocument, String>) -> Self {
        Self { id: word.to_owned(), name: words::word(word), by_id: false, outcome }
    }

    /// A what-if with its plan, or why there is none.
    pub fn what_if(id: &str, (chinese, english): (&str, &str), outcome: Result<PlanDocument, String>) -> Self {
        Self { id: id.to_owned(), name: both(chinese, english), by_id: true, outcome }
    }

    /// A plan of a run, by its id in the office: the run's own, an alternative, or one changed by hand.
    pub fn alternative(id: &str, document: PlanDocument) -> Self {
        let case = &document.content.case;
        let name = match &case.scenario {
            None => both("基本方案", "base"),
            Some(scenario) if scenario.name.is_empty() => words::word(&scenario.id),
            Some(scenario) => Phrase::same(&scenario.name),
        };
        let by_hand = if case.amended.is_some() { ["（人工修改）", ", by hand"] } else { ["", ""] };
        let name = both(format!("{}{} {id}", name.chinese, by_hand[0]), format!("{}{} {id}", name.english, by_hand[1]));
        Self { id: id.to_owned(), name, by_id: false, outcome: Ok(document) }
    }
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

    /// Why one has no plan, by the names of those that have.
    fn cause(&self, text: &str) -> Phrase {
        crate::cause(self.first().map(|view| view.document), text)
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
            (!prices.is_empty()).then(|| (one.name.clone(), prices))
        });
        told.collect()
    }

    /// Whose balance is not to be compared with the first's, and why.
    fn floors(&self) -> Vec<(Phrase, Phrase)> {
        let Some(first) = self.first() else { return Vec::new() };
        let told = self.tried.iter().zip(&self.views);
        told.filter_map(|(one, view)| Some((one.name.clone(), floors::told(first, view.as_ref()?)?))).collect()
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
            Part {
                title: both(
                    "账户（本期计划用水与余（超）量，万m³）",
                    "Accounts (planned in this horizon, and left or over, 10⁴ m³)",
                ),
                lines: self.accounts(first),
                coloured: false,
            },
            Part {
                title: both("与第一案之差（万m³）", "Against the first (10⁴ m³)"),
                lines: against::lines(first, &against::comparisons(self.tried)),
                coloured: false,
            },
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
        let mut lines = vec![
            self.line(both("缺水 ↓ 万m³", "Short ↓ 10⁴ m³"), |view| volume(shortage(view))),
            self.line(both("弃水 ↓ 万m³", "Spill ↓ 10⁴ m³"), |view| volume(spill(view))),
            self.line(both("期末蓄水 万m³", "Stored at the end 10⁴ m³"), |view| volume(stored(view))),
        ];
        let reservoirs = self.first().map(|first| first.of_kind(&["reservoir"])).unwrap_or_default();
        if let (Some(first), true) = (self.first(), reservoirs.len() > 1) {
            lines.extend(reservoirs.iter().map(|reservoir| {
                let name = first.name(&reservoir.id);
                let name = both(format!("其中 {} 万m³", name.chinese), format!("of it {} 10⁴ m³", name.english));
                self.line(name, |view| view.ends(&reservoir.id, "storage").and_then(|(_, last)| volume(last)))
            }));
        }
        let makes_energy = self.views.iter().flatten().any(|view| energy(view) > 0.0);
        let (factor, unit) = words::unit("GWh");
        if makes_energy {
            let name = both(format!("发电量 ↑ {}", unit.chinese), format!("Energy ↑ {}", unit.english));
            lines.push(self.line(name, |view| Some(quantity::general(energy(view) * factor))));
        }
        lines.extend([
            self.line(
                both("与第一案出库最大差 m³/s", "Largest difference of release from the first m³/s"),
                |view| told_difference(self.first()?, view),
            ),
            self.line(both("让步的规则（项·时段）", "Rules that gave way (rule × step)"), |view| {
                Some(view.content.relaxations.len().to_string())
            }),
            self.line(both("让步水量 万m³", "By how much 10⁴ m³"), |view| volume(relaxed(view))),
            self.line(both("预警", "Warnings"), |view| Some(view.content.warnings.len().to_string())),
        ]);
        lines
    }

    fn accounts(&self, first: &View<'a>) -> Vec<Line> {
        let line = |row: &weir_model::document::AccountRow| {
            let name = first.name(&row.account);
            let name = both(format!("{} {}", name.chinese, row.window), format!("{} {}", name.english, row.window));
            self.line(name, |view| {
                let rows = &mut view.content.accounts.iter();
                let own = rows.find(|own| own.account == row.account && own.window == row.window)?;
                let left = quantity::wan_m3(own.left_hm3.abs());
                let more = if own.left_hm3 < -FEASIBILITY_HM3 {
                    both(format!("超{left}"), format!("{left} over"))
                } else {
                    both(format!("余{left}"), format!("{left} left"))
                };
                Some(Told { number: quantity::wan_m3(own.planned_hm3), more: Some(more), class: None })
            })
        };
        first.content.accounts.iter().map(line).collect()
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
                name: tried.name.clone(),
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

/// GWh
fn energy(view: &View<'_>) -> f64 {
    let rows = view.content.series.iter().filter(|row| row.quantity == "energy");
    rows.flat_map(|row| row.values.iter().flatten()).filter(|value| value.is_finite()).sum()
}

/// By how much a reservoir's outflow differs most from that of another plan, m³/s; which, and in which step.
fn largest_difference<'a>(first: &View<'_>, view: &View<'a>) -> Option<(f64, &'a str, usize)> {
    let mut largest: Option<(f64, &str, usize)> = None;
    for reservoir in view.of_kind(&["reservoir"]) {
        let both = view.values(&reservoir.id, "outflow").zip(first.values(&reservoir.id, "outflow"));
        for (step, (here, there)) in both.into_iter().flat_map(|(here, there)| here.into_iter().zip(there)).enumerate() {
            let more = settled(here - there);
            if more.is_finite() && largest.is_none_or(|(least, _, _)| more.abs() > least.abs()) {
                largest = Some((more, &reservoir.id, step));
            }
        }
    }
    largest
}

/// The same in words.
fn told_difference(first: &View<'_>, view: &View<'_>) -> Option<String> {
    let (more, reservoir, step) = largest_difference(first, view)?;
    if more == 0.0 {
        return Some("0".to_owned());
    }
    let when = view.axis.times.get(step).map_or_else(String::new, |time| time.date().to_string());
    Some(format!("{more:+.1} ({} {when})", view.name(reservoir).chinese))
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
    let heads = tried.iter().map(|one| if one.by_id { one.id.as_str() } else { one.name.say(language) });
    let heads: Vec<&str> = heads.collect();
    for one in tried.iter().filter(|one| one.by_id) {
        out.extend([&one.id, ": ", one.name.say(language), "\n"]);
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out.push_str(&parts::text(&comparison.parts(), &heads, language));
    for (name, told) in comparison.floors() {
        out.extend([name.say(language), ": ", told.say(language), "\n"]);
    }
    for (method, prices) in comparison.prices() {
        for price in prices {
            out.extend([method.say(language), ": ", price.say(language), "\n"]);
        }
    }
    for (one, head) in tried.iter().zip(heads) {
        if let Err(cause) = &one.outcome {
            let without = both("没有方案", "no plan");
            let without = without.say(language);
            out.extend([head, ": ", without, ": ", comparison.cause(cause).say(language), "\n"]);
        }
    }
    out
}

/// The comparison for programs: each under its id as `key`, all under `list`.
pub fn json(tried: &[Tried], [key, list]: [&str; 2]) -> Value {
    let comparison = Comparison::new(tried);
    let against = against::comparisons(tried);
    let method = |((one, view), against): ((&Tried, &Option<View<'_>>), _)| match (&one.outcome, view) {
        (Ok(document), Some(view)) => json!({
            key: one.id,
            "status": "solved",
            "objectives": document.content.objectives,
            "satisfaction": document.content.satisfaction.iter()
                .filter(|row| row.class.is_none() && row.period == "horizon").collect::<Vec<_>>(),
            "shortage_hm3": shortage(view),
            "spill_hm3": spill(view),
            "end_storage_hm3": stored(view),
            "energy_gwh": energy(view),
            "largest_difference": comparison.first().and_then(|first| largest_difference(first, view)).map(
                |(m3s, reservoir, step)| json!({
                    "reservoir": reservoir,
                    "outflow_m3s": m3s,
                    "from": document.content.horizon.starts.get(step),
                }),
            ),
            "relaxations": document.content.relaxations,
            "warnings": document.content.warnings.len(),
            "accounts": document.content.accounts,
            "against_first": against,
        }),
        (outcome, _) => json!({
            key: one.id,
            "status": "failed",
            "cause": outcome.as_ref().err(),
        }),
    };
    let methods: Vec<Value> = tried.iter().zip(&comparison.views).zip(&against).map(method).collect();
    let case = comparison.first().map(|view| &view.content.case);
    json!({
        "basin": case.map(|case| &case.basin),
        "from": case.map(|case| &case.valid_from),
        "to": case.map(|case| &case.valid_to),
        list: methods,
    })
}

/// The title of methods side by side.
pub fn of_methods() -> Phrase {
    both("方法对比", "Methods side by side")
}

/// The title of a run's plans side by side.
pub fn of_plans() -> Phrase {
    both("会商比选", "Alternatives side by side")
}

/// The title of what-ifs side by side.
pub fn of_what_ifs() -> Phrase {
    both("情景对比", "What-ifs side by side")
}

/// Which plan of a run was chosen, by whom, when and why.
pub fn chosen(choice: &Choice) -> Phrase {
    let Choice { plan, minutes, at, by } = choice;
    let at = quantity::time_text(at);
    both(
        format!("会商选定 {plan}（{by}，{}）：{minutes}", at.chinese),
        format!("Chosen in consultation: {plan} ({by}, {}): {minutes}", at.english),
    )
}

/// The comparison as one page, under its title; `said` stands at its head, such as which was chosen.
pub fn page(tried: &[Tried], titled: &Phrase, said: &[Phrase]) -> String {
    let comparison = Comparison::new(tried);
    let first = comparison.first();
    let basin = first.map_or("weir", |view| view.basin());
    let heads: Vec<&Phrase> = tried.iter().map(|one| &one.name).collect();
    let header = html! {
        div.top {
            h1 { (basin) span.kind { (titled) } }
            button type="button" id="language" aria-label="Switch language 切换语言" { (both("English", "中文")) }
        }
        @if let Some(view) = first {
            @let (from, to) = view.period();
            p.period {
                (both(format!("{} 至 {}", from.chinese, to.chinese), format!("{} to {}", from.english, to.english)))
            }
            @for said in said { p.banner.foresight role="note" { (said) } }
            @for banner in comparison.banners() { p.banner.(banner.0) role="note" { (banner.1) } }
        }
    };
    let main = html! {
        @for one in tried {
            @if let Err(cause) = &one.outcome {
                section { p { (one.name) ": " (both("没有方案：", "no plan: ")) (comparison.cause(cause)) } }
            }
        }
        @let floors = comparison.floors();
        @if !floors.is_empty() {
            section { ul { @for (name, told) in &floors { li { (name) ": " (told) } } } }
        }
        @for part in comparison.parts() {
            section { h2 { (part.title) } (part.rows(&heads)) @if part.coloured { (key()) } }
        }
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
    };
    standing_alone(&format!("{basin} — {}", titled.chinese), &header, &main, first.map(|view| &view.axis))
}

/// A value without what the solver's tolerance leaves of nothing.
fn settled(value: f64) -> f64 {
    if value.abs() < weir_model::tolerance::OBJECTIVE { 0.0 } else { value }
}
