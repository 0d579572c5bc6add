//! The report page: one self-contained file that opens without a network, in Chinese and English, on paper too.
//!
//! Every text of the document passes through maud, which escapes it; styles and script are our own and stand in the page.

mod binding;
pub(crate) mod front;
pub(crate) mod futures;
mod margins;
mod path;
mod results;
mod sources;
mod water;

pub(crate) use results::table;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use weir_model::document::{AMENDED_HEADING, CurtailmentRow, FLOOD_MODE, InflowRow, PlanDocument};
use weir_model::explanation::Explanation;

use crate::beside::Beside;
use crate::brief;
use crate::calendar::Axis;
use crate::chart::{Chart, script_safe};
use crate::figures;
use crate::language::{Phrase, both, count};
use crate::quantity::{fixed, volume};
use crate::view::View;
use crate::words;

pub(crate) use results::key;

const STYLE: &str = include_str!("../assets/page.css");
const SCRIPT: &str = include_str!("../assets/page.js");
/// Reservoirs, sections … beyond this many stand folded.
const OPEN_FIGURES: usize = 6;

/// The report page of a plan.
pub fn html(document: &PlanDocument) -> String {
    html_explained(document, None, &[])
}

/// The report page of a plan that earlier ones stand beside: with the brief of the day.
pub fn html_beside(document: &PlanDocument, beside: &Beside) -> String {
    html_explained(document, Some(beside), &[])
}

/// The report page of a plan, with what explains it at some places, and what stands beside it.
pub fn html_explained(document: &PlanDocument, beside: Option<&Beside>, explanations: &[Explanation]) -> String {
    let view = View::new(document);
    let parts = parts(&view, beside, explanations);
    let title = format!("{} — {}", view.basin(), kind_of_plan(&view).chinese);
    let body = html! {
        (heading(&view))
        nav aria-label="目录 contents" {
            @for part in &parts { a href={ "#" (part.id) } { (part.title) } }
        }
        main {
            @for part in &parts {
                section id=(part.id) { h2 { (part.title) } (part.body) }
            }
        }
        (footer(&view))
    };
    skeleton(&title, &body, Some(&steps(&view.axis)))
}

/// A section of the page.
struct Section {
    id: &'static str,
    title: Phrase,
    body: Markup,
}

fn parts(view: &View<'_>, beside: Option<&Beside>, explanations: &[Explanation]) -> Vec<Section> {
    let content = view.content;
    let mut parts = Vec::new();
    let mut add = |id: &'static str, chinese: &str, english: &str, body: Option<Markup>| {
        if let Some(body) = body {
            parts.push(Section { id, title: both(chinese, english), body });
        }
    };
    add("brief", "简报", "Brief", Some(brief_body(view, beside)));
    add("relaxations", "让步的规则", "What had to give", results::relaxations(view));
    add("warnings", "预警", "Warnings", results::warnings(view));
    add("futures", "各种来水", "Many futures", futures::section(view));
    add("orders", "调度令草稿", "Draft orders", results::orders(view));
    add("satisfaction", "三生用水满足度", "Satisfaction of the three uses", results::satisfaction(view));
    add("front", "前沿", "Front", front::front(view));
    add("stages", "各级目标", "Stages", results::stages(view));
    add("reservoirs", "水库", "Reservoirs", reservoirs(view));
    add("releases", "下泄计划", "Releases", water::releases(view));
    add("supply", "供水与需水", "Supply and demand", single(view, figures::supplies(view)));
    let sections = single(view, figures::sections(view));
    let results_of_sections = results::sections(view);
    if sections.is_some() || results_of_sections.is_some() {
        let body =
            html! { @if let Some(table) = results_of_sections { (table) } @if let Some(charts) = sections { (charts) } };
        add("sections", "断面与生态流量", "Sections and ecological flow", Some(body));
    }
    add("standby", "备用水源", "Standby sources", standby(view));
    add("accounts", "水量账户", "Accounts", results::accounts(view));
    add("values", "水价值", "Water values", single(view, figures::water_values(view)));
    add("margins", "多来一点水去哪里", "Where a little more would go", margins::margins(view, explanations));
    add("binding", "起作用的限制", "What binds", binding::over_time(view));
    add("objectives", "全部目标", "All objectives", results::objectives(view));
    add("audit", "审计", "Audit", Some(sources::audit(&content.audit, view)));
    add("inputs", "输入与来源", "Inputs and sources", Some(sources::inputs(view)));
    add("assumed", "待核事实", "Assumed facts", sources::assumed(view));
    add("engine", "求解与标识", "Solve and identity", Some(sources::engine(view)));
    parts
}

/// What the document is: in floods the headquarters dispatch, and a plan is for reference.
pub(crate) fn kind_of_plan(view: &View<'_>) -> Phrase {
    if view.content.case.mode == FLOOD_MODE {
        both("参考方案", "plan for reference")
    } else {
        both("调度方案", "dispatch plan")
    }
}

fn heading(view: &View<'_>) -> Markup {
    let case = &view.content.case;
    let (from, to) = view.period();
    let mode = words::word(&case.mode);
    html! {
        header {
            div.top {
                h1 { (view.basin()) span.kind { (kind_of_plan(view)) } }
                button type="button" id="language" aria-label="Switch language 切换语言" { (both("English", "中文")) }
            }
            p.period {
                (both(format!("{} 至 {}", from.chinese, to.chinese), format!("{} to {}", from.english, to.english)))
                span.mode { (both(format!("模式：{}", mode.chinese), format!("Mode: {}", mode.english))) }
                @if let Some(time) = &case.basis_time {
                    span.basis {
                        @let time = crate::quantity::time_text(time);
                        (both(format!("依据时间：{}", time.chinese), format!("Based on data until {}", time.english)))
                    }
                }
            }
            @if let Some(said) = inflow(view) { p.basis { (said) } }
            @if let Some(said) = scenario(view) { p.banner.foresight role="note" { (said) } }
            @if let Some(said) = futures::said(view) { p.banner.foresight role="note" { (said) } }
            @for banner in banners(view) { p.banner.(banner.0) role="note" { (banner.1) } }
        }
    }
}

/// What inflow is by lead time, where the basin says so.
pub(crate) fn inflow(view: &View<'_>) -> Option<Phrase> {
    let part = |row: &InflowRow| {
        let to = crate::quantity::end_text(&row.to);
        let what = match row.kind.as_str() {
            "hydrology" => both("水文预报", "a hydrological forecast"),
            "weather" => both("气象预报", "a weather forecast"),
            "extended" => both("延伸期预报", "an extended forecast"),
            "no_rain" => both("无降雨", "no rain"),
            "frequency" => {
                let (percent, year) = (row.frequency_percent.unwrap_or_default(), row.year.unwrap_or_default());
                let (factor, volume) =
                    (fixed(row.factor.unwrap_or_default(), 3), volume(row.volume_hm3.unwrap_or_default()));
                let years = row.years.unwrap_or_default();
                both(
                    format!("P={percent}%的{year}年×{factor}（{years}年资料，期内来水{}）", volume.chinese),
                    format!("the year {year} × {factor}, which {percent} % of {years} years reach with {}", volume.english),
                )
            }
            _ => both("所给过程（单一情景）", "the series as given, one scenario"),
        };
        both(format!("至{} {}", to.chinese, what.chinese), format!("to {} {}", to.english, what.english))
    };
    let parts: Vec<Phrase> = view.content.case.inflow.iter().map(part).collect();
    let all = Phrase::joined(&parts, "；", "; ");
    (!parts.is_empty()).then(|| both(format!("来水：{}", all.chinese), format!("Inflow: {}", all.english)))
}

/// That a plan is not of the basin as its file has it, and what was changed.
pub(crate) fn scenario(view: &View<'_>) -> Option<Phrase> {
    let scenario = view.content.case.scenario.as_ref()?;
    let name = if scenario.name.is_empty() { &scenario.id } else { &scenario.name };
    let changes = scenario.changes.join("; ");
    Some(both(format!("情景方案：{name}（{changes}）"), format!("A what-if: {name} ({changes})")))
}

/// What must be seen before anything else, with the class that gives it its colour.
pub(crate) fn banners(view: &View<'_>) -> Vec<(&'static str, Phrase)> {
    let case = &view.content.case;
    let mut found: Vec<(&'static str, Phrase)> = Vec::new();
    if !view.content.audit.passed {
        found.push(("grave", both("审计未通过：本方案不得使用", "The audit failed: this plan must not be used")));
    }
    if case.mode == FLOOD_MODE {
        found.push(("grave", words::word(weir_model::document::FLOOD_HEADING)));
        found.push(("grave", words::word(weir_model::document::FLOOD_STATEMENT)));
    }
    found.extend(crate::cost::amended(view).map(|said| ("degraded", said)));
    for heading in case.headings.iter().filter(|heading| *heading != AMENDED_HEADING) {
        let said = words::word(heading);
        if !found.iter().any(|(_, f)| *f == said) {
            let grave = [weir_model::document::FLOOD_HEADING, weir_model::document::FALL_BACK_HEADING];
            found.push((if grave.contains(&heading.as_str()) { "grave" } else { "foresight" }, said));
        }
    }
    let deterministic = words::word(weir_model::document::DETERMINISTIC_HEADING);
    if case.foresight == "deterministic" && !found.iter().any(|(_, f)| *f == deterministic) {
        found.push(("foresight", deterministic));
    }
    let facts = crate::assumed::facts(view).len();
    if facts > 0 {
        found.push((
            "assumed",
            both(
                format!("含虚构或假设参数：{facts}项待核，不得用于实际调度"),
                format!(
                    "Holds assumed or made-up parameters: {} to be checked; not for real dispatch",
                    count(facts, "fact", "facts")
                ),
            ),
        ));
    }
    let unproved = view.unproved();
    if !unproved.is_empty() {
        let names = |of: fn(&Phrase) -> &str, (open, close, comma): (&str, &str, &str)| {
            let quoted = unproved.iter().map(|stage| format!("{open}{}{close}", of(&view.objective(&stage.objective))));
            quoted.collect::<Vec<_>>().join(comma)
        };
        found.push((
            "degraded",
            both(
                format!("未证最优：{}为所得的最好值，差距见“各级目标”", names(|name| &name.chinese, ("“", "”", "、"))),
                format!(
                    "Not proved the best: {} as good as was found, see the gap under Stages",
                    names(|name| &name.english, ("“", "”", ", "))
                ),
            ),
        ));
    }
    if !case.degraded.is_empty() {
        let reasons: Vec<Phrase> = case.degraded.iter().map(|reason| view.statement(reason)).collect();
        let joined = |of: fn(&Phrase) -> &str, stop: char, comma: &str| {
            reasons.iter().map(|reason| of(reason).trim_end_matches(stop)).collect::<Vec<_>>().join(comma)
        };
        found.push((
            "degraded",
            both(
                format!("降级：{}", joined(|reason| &reason.chinese, '。', "；")),
                format!("Degraded: {}", joined(|reason| &reason.english, '.', "; ")),
            ),
        ));
    }
    found
}

fn brief_body(view: &View<'_>, beside: Option<&Beside>) -> Markup {
    let commands = &view.content.case.commands;
    html! {
        @if let Some(beside) = beside {
            h3 { (both("当日，与昨日、去年同期对照", "The day, against yesterday and last year")) }
            ol.brief { @for sentence in brief::day::sentences(view.document, beside) { li { (sentence) } } }
            h3 { (both("全期", "The whole horizon")) }
        }
        ol.brief { @for sentence in brief::sentences(view) { li { (sentence) } } }
        @if !commands.is_empty() {
            h3 { (both("执行中的命令", "Orders in force")) }
            ul {
                @for command in commands {
                    @let (from, to) = (crate::quantity::time_text(&command.from), crate::quantity::end_text(&command.to));
                    li {
                        (view.statement(&command.name)) " — "
                        (both(format!("{} 至 {}", from.chinese, to.chinese), format!("{} to {}", from.english, to.english)))
                    }
                }
            }
            @if !view.content.case.command_cost.is_empty() {
                h3 { (both("执行命令的代价", "What the orders cost")) }
                (crate::cost::rows(view, &view.content.case.command_cost, [both("不执行命令", "Without"), both("执行命令", "With")]))
            }
        }
        @if let Some(amended) = &view.content.case.amended {
            h3 { (both("人工修改的代价", "What the change by hand costs")) }
            (crate::cost::rows(view, &amended.cost, [both("原方案", "As planned"), both("修改后", "Changed")]))
        }
        @if !view.content.case.curtailments.is_empty() {
            details {
                summary { (both("限水措施（在执行的与可启用的）", "Curtailments, in force and allowed")) }
                ul { @for curtailment in &view.content.case.curtailments { li { (curtailed(view, curtailment)) } } }
            }
        }
        @let notes = view.notes();
        @if !notes.is_empty() {
            details {
                summary { (both(format!("建模说明 {} 条", notes.len()), count(notes.len(), "note on the model", "notes on the model"))) }
                ul { @for note in &notes { li { (note) } } }
            }
        }
    }
}

/// A curtailment in a sentence: whom it cuts, by how much, from which response on, and whether it is in force.
fn curtailed(view: &View<'_>, curtailment: &CurtailmentRow) -> Phrase {
    let cuts: Vec<Phrase> = curtailment.cuts.iter().map(|address| view.name(address)).collect();
    let names = Phrase::joined(&cuts, "、", ", ");
    let name = view.statement(&curtailment.name);
    let depth = crate::quantity::percent(curtailment.depth);
    let response = curtailment.response.as_ref().map_or_else(Phrase::default, |level| {
        both(format!("，{level}级响应起可启用"), format!(", allowed from response {level} on"))
    });
    let lead = if curtailment.lead_h > 0.0 {
        let hours = crate::quantity::general(curtailment.lead_h);
        both(format!("，提前{hours}小时通知"), format!(", {hours} h after its order"))
    } else {
        Phrase::default()
    };
    let state = match (&curtailment.from, &curtailment.to) {
        (Some(from), Some(to)) => {
            let (from, to) = (crate::quantity::time_text(from), crate::quantity::end_text(to));
            both(format!("{}至{}执行", from.chinese, to.chinese), format!("in force {} to {}", from.english, to.english))
        }
        _ => both("未启用", "not in force"),
    };
    both(
        format!(
            "{}：{}压减{depth}{}{}（{}）——{}",
            name.chinese, names.chinese, response.chinese, lead.chinese, curtailment.clause, state.chinese
        ),
        format!(
            "{}: {} cut by {depth}{}{} ({}) — {}",
            name.english, names.english, response.english, lead.english, curtailment.clause, state.english
        ),
    )
}

/// Charts in groups, those beyond the first few folded.
fn grouped(view: &View<'_>, groups: &[Vec<Chart>]) -> Option<Markup> {
    if groups.is_empty() {
        return None;
    }
    let (open, folded) = groups.split_at(groups.len().min(OPEN_FIGURES));
    Some(html! {
        @for chart in open.iter().flatten() { (chart.figure(&view.axis)) }
        @if !folded.is_empty() {
            details {
                summary { (both(format!("其余{}项", folded.len()), format!("{} more", folded.len()))) }
                @for chart in folded.iter().flatten() { (chart.figure(&view.axis)) }
            }
        }
    })
}

/// Water of the reservoirs in numbers, then their charts.
fn reservoirs(view: &View<'_>) -> Option<Markup> {
    let charts = grouped(view, &figures::reservoirs(view));
    let table = water::balance(view);
    (charts.is_some() || table.is_some()).then(|| html! { (html_of(table)) (html_of(charts)) })
}

fn html_of(markup: Option<Markup>) -> Markup {
    markup.unwrap_or_default()
}

/// Use of standby sources: a table and a chart; nothing where none is used.
fn standby(view: &View<'_>) -> Option<Markup> {
    let charts = single(view, figures::standby(view).into_iter().collect())?;
    Some(html! { (results::standby(view)) (charts) })
}

fn single(view: &View<'_>, charts: Vec<Chart>) -> Option<Markup> {
    grouped(view, &charts.into_iter().map(|c| vec![c]).collect::<Vec<_>>())
}

/// A page that is no plan's: its head, what stands below, and the steps of its charts.
pub(crate) fn standing_alone(title: &str, header: &Markup, main: &Markup, axis: Option<&Axis>) -> String {
    skeleton(title, &html! { header { (header) } main { (main) } }, axis.map(steps).as_ref())
}

/// A page that needs nothing beside it: its title, its body, and what its script is told of the steps of its charts; no script without.
pub(crate) fn skeleton(title: &str, body: &Markup, steps: Option<&serde_json::Value>) -> String {
    html! {
        (DOCTYPE)
        html lang="zh-CN" data-language="zh" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (body)
                @if let Some(steps) = steps {
                    script type="application/json" id="steps" { (PreEscaped(script_safe(steps))) }
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        }
    }
    .into_string()
}

/// Edges of the steps for the script: days from the start and what to call them.
pub(crate) fn steps(axis: &Axis) -> serde_json::Value {
    let edges: Vec<f64> = axis.edges.iter().map(|e| (e * 1e6).round() / 1e6).collect();
    serde_json::json!({ "edges": edges, "labels": axis.labels() })
}

fn footer(view: &View<'_>) -> Markup {
    let record = &view.document.record;
    html! {
        footer {
            p {
                (both("方案标识", "Plan id")) " " code { (record.id) }
                " · " (both(format!("第{}版", record.revision), format!("revision {}", record.revision)))
            }
            p {
                (both(
                    format!("由 weir {} 生成；本页自成一体，可离线打开。", view.content.engine.weir),
                    format!("Made by weir {}; this page is self-contained and opens offline.", view.content.engine.weir),
                ))
            }
        }
    }
}
