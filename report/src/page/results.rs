//! What the plan comes to: what had to give, warnings, satisfaction, stages, sections, accounts, objectives, orders.

use maud::{Markup, html};
use weir_model::document::{AccountRow, FLOOD_MODE, SatisfactionRow};
use weir_model::tolerance::FEASIBILITY_HM3;

use crate::brief::section_results;
use crate::explain;
use crate::goals;
use crate::language::{Phrase, both};
use crate::quantity::{days, end_text, fixed, number, parts, percent, seen, seen_wan_m3, time_text, wan_m3};
use crate::satisfaction::{Cell, Table, each_period};
use crate::view::View;
use crate::words;

/// Shortages that are told one by one.
const MOST_SHORTAGES: usize = 6;

/// Rows of a long table beyond this many stand folded.
const OPEN_ROWS: usize = 12;

/// A table whose rows beyond the first few stand folded.
pub(super) fn folded_table(head: &[Phrase], rows: &[Vec<Markup>], numeric: &[usize]) -> Markup {
    folded(rows, |rows| table(head, rows, numeric))
}

fn folded(rows: &[Vec<Markup>], table: impl Fn(&[Vec<Markup>]) -> Markup) -> Markup {
    let (first, rest) = rows.split_at(rows.len().min(OPEN_ROWS));
    html! {
        (table(first))
        @if !rest.is_empty() {
            details {
                summary { (both(format!("其余{}条", rest.len()), format!("{} more", rest.len()))) }
                (table(rest))
            }
        }
    }
}

/// A table that scrolls in itself where the page is narrow.
pub(crate) fn table(head: &[Phrase], rows: &[Vec<Markup>], numeric: &[usize]) -> Markup {
    let cell = |i: usize, cell: &Markup| html! { td.number[numeric.contains(&i)] { (cell) } };
    of_cells(None, head, rows, numeric, &cell)
}

/// A table whose last column says why: where the page is narrow, each row is a block with its cause below, and numbers bear their headings.
fn table_of_causes(head: &[Phrase], rows: &[Vec<Markup>], numeric: &[usize]) -> Markup {
    let cell = |i: usize, cell: &Markup| {
        let label = head.get(i).filter(|_| numeric.contains(&i));
        html! {
            td.number[label.is_some()] data-zh=[label.map(|label| &label.chinese)] data-en=[label.map(|label| &label.english)] { (cell) }
        }
    };
    of_cells(Some("causes"), head, rows, numeric, &cell)
}

fn of_cells(
    class: Option<&str>,
    head: &[Phrase],
    rows: &[Vec<Markup>],
    numeric: &[usize],
    cell: &dyn Fn(usize, &Markup) -> Markup,
) -> Markup {
    html! {
        div.scroll {
            table class=[class] {
                thead { tr { @for (i, cell) in head.iter().enumerate() { th.number[numeric.contains(&i)] { (cell) } } } }
                tbody { @for row in rows { tr { @for (i, value) in row.iter().enumerate() { (cell(i, value)) } } } }
            }
        }
    }
}

/// From and to, each kept on one line.
fn span_of_time(from: &str, to: &str) -> Markup {
    if from == to {
        return html! { span.nowrap { (time_text(from)) } };
    }
    let (from, to) = (time_text(from), end_text(to));
    html! {
        span.nowrap { (both(format!("{} 至", from.chinese), format!("{} to", from.english))) }
        " "
        span.nowrap { (to) }
    }
}

/// What had to give: by rule and run of steps, with the worst of them.
pub(super) fn relaxations(view: &View<'_>) -> Option<Markup> {
    let rows = &view.content.relaxations;
    if rows.is_empty() {
        return None;
    }
    let lines: Vec<Vec<Markup>> = explain::given_runs(rows.iter().collect())
        .into_iter()
        .filter_map(|(run, worst)| {
            let class = worst
                .class
                .as_deref()
                .map_or_else(|| both("物理界限（起始状态已越界）", "physical bound (the start is beyond it)"), words::word);
            Some(vec![
                html! { (view.name(&worst.address)) },
                html! { (class) },
                html! { (span_of_time(&run.first()?.from, &run.last()?.to)) },
                html! { (run.len()) },
                html! { (wan_m3(worst.hm3)) },
                html! { (time_text(&worst.from)) },
                why(view, worst.reason.as_deref(), worst.advice.as_deref()),
            ])
        })
        .collect();
    let head = [
        both("规则", "Rule"),
        both("类别", "Class"),
        both("期间", "Period"),
        both("时段数", "Steps"),
        both("最大幅度 万m³", "Worst, 10⁴ m³"),
        both("最大时段起", "Worst step from"),
        both("原因与措施", "Why, and what could be done"),
    ];
    Some(html! {
        p.note { (both("下列硬性规则无法同时满足，按规则次序由最不受保护的先让步，幅度最小。", "These hard rules could not all hold; the least protected gave way first, by the least amount.")) }
        (table_of_causes(&head, &lines, &[3, 4]))
    })
}

/// Warnings, the gravest value first within each address.
pub(super) fn warnings(view: &View<'_>) -> Option<Markup> {
    let rows = &view.content.warnings;
    if rows.is_empty() {
        return None;
    }
    let mut lines: Vec<Vec<Markup>> = Vec::new();
    let rows = crate::gravity::sorted(rows);
    for (index, row) in rows.iter().enumerate() {
        let (factor, unit) = words::unit(&row.unit);
        let shown = |value: f64| if unit.chinese == "m" { fixed(value, 2) } else { number(value * factor) };
        // What the row above already says is not said again.
        let same = index > 0 && rows[index - 1].address == row.address && rows[index - 1].kind == row.kind;
        lines.push(vec![
            html! { @if !same { (view.name(&row.address)) } },
            html! { @if !same { (crate::gravity::kind(view, row)) } },
            html! { span.grade.(format!("grade-{}", crate::gravity::class(row))) { (words::word(&row.grade)) } },
            html! {
                (span_of_time(&row.from, &row.to))
                @if let Some(hours) = row.hours_per_day {
                    span.aside {
                        (both(format!("水量每日约够开机{}小时，见下泄计划", fixed(hours, 1)), format!("water for about {} hours a day, see releases", fixed(hours, 1))))
                    }
                }
            },
            html! { (shown(row.value)) " " (unit) },
            html! { @if !crate::gravity::is_remark(row) { (shown(row.target)) " " (unit) } },
            html! {
                @if !(same && rows[index - 1].reason == row.reason) { (why(view, row.reason.as_deref(), row.advice.as_deref())) }
            },
        ]);
    }
    let head = [
        both("对象", "Where"),
        both("种类", "Kind"),
        both("等级", "Grade"),
        both("期间", "Period"),
        both("最不利值", "Worst value"),
        both("判据", "Judged by"),
        both("原因与措施", "Why, and what could be done"),
    ];
    Some(folded(&lines, |rows| table_of_causes(&head, rows, &[4, 5])))
}

/// The reason of a row, and under it what could be done.
fn why(view: &View<'_>, reason: Option<&str>, advice: Option<&str>) -> Markup {
    html! {
        @if let Some(reason) = reason { span.why { (view.statement(reason)) } }
        @if let Some(advice) = advice { span.aside { (both("措施：", "What could be done: ")) (view.statement(advice)) } }
    }
}

/// Standby sources that are used.
pub(super) fn standby(view: &View<'_>) -> Markup {
    let lines: Vec<Vec<Markup>> = crate::notable::standby_used(view)
        .iter()
        .map(|s| {
            vec![
                html! { (view.name(&s.element.id)) },
                html! { (s.way(view)) },
                html! { (wan_m3(s.hm3)) },
                html! { (number(s.largest_m3s)) },
                html! { (days(s.days)) },
            ]
        })
        .collect();
    table(&crate::notable::standby_head(), &lines, &[2, 3, 4])
}

/// Order rows; never in flood mode.
pub(super) fn orders(view: &View<'_>) -> Option<Markup> {
    let rows = &view.content.orders;
    if rows.is_empty() || view.content.case.mode == FLOOD_MODE {
        return None;
    }
    let lines: Vec<Vec<Markup>> = rows
        .iter()
        .map(|row| {
            vec![
                html! { (row.unit) },
                html! { (row.object) },
                html! { (time_text(&row.execute_at)) },
                html! { (view.statement(&row.setting)) " " (daily(row.flow_m3s)) },
                html! { (row.copies.join("、")) },
            ]
        })
        .collect();
    let head = [
        both("执行单位", "Unit"),
        both("对象", "Object"),
        both("执行时间", "At"),
        both("要求", "Setting"),
        both("抄送", "Copies"),
    ];
    Some(table(&head, &lines, &[]))
}

/// The day's volume of a mean flow 日水量.
fn daily(flow_m3s: f64) -> Phrase {
    let wan_m3 = flow_m3s * 8.64;
    both(format!("（日水量{wan_m3:.1}万m³）"), format!("({wan_m3:.1} ×10⁴ m³ a day)"))
}

/// County × use.
pub(super) fn satisfaction(view: &View<'_>) -> Option<Markup> {
    let found = Table::new(view);
    let left_out = &view.content.left_out;
    if found.rows.is_empty() && left_out.is_empty() {
        return None;
    }
    Some(html! {
        @if found.rows.is_empty() {
            p { (both("没有可由本流域水源供给的用水。", "No demand can be reached by any source here.")) }
        } @else { (satisfaction_table(&found)) }
        @if !left_out.is_empty() {
            details open[found.rows.is_empty()] {
                summary { (both(format!("未列入的{}项（无物理水源）", left_out.len()), format!("{} left out (no physical source)", left_out.len()))) }
                ul { @for row in left_out {
                    @let (region, use_) = (view.region(row.region.as_deref()), words::word(&row.use_));
                    li {
                        (view.name(&row.address))
                        (both(format!("（{} · {}）：", region.chinese, use_.chinese), format!(" ({}, {}): ", region.english, use_.english.to_lowercase())))
                        (view.statement(&row.reason))
                    }
                } }
            }
        }
        (reasons(view))
        (worst(view))
        (prices(view))
    })
}

/// The demands and sections that lack most, each where it lacks most, with the reason and the numbers of what that names.
fn worst(view: &View<'_>) -> Markup {
    let shortages = view.content.worst_shortages(None, MOST_SHORTAGES);
    html! {
        @if !shortages.is_empty() {
            h3 { (both("缺水最多之处，及其最缺时段", "Where most lacks, each when it lacks most")) }
            ul { @for shortage in &shortages { li { (explain::sentence(view, shortage)) } } }
        }
    }
}

/// What lifting the worst entry of the balance would take from other goals.
fn prices(view: &View<'_>) -> Markup {
    let said = view.prices_of_fairness();
    html! {
        @if !said.is_empty() {
            h3 { (both("均衡的代价", "The price of fairness")) }
            ul { @for sentence in said { li { (sentence) } } }
        }
    }
}

fn satisfaction_table(found: &Table<'_>) -> Markup {
    html! {
        p.note {
            (both(
                "每格：全期满足度；缺水量与缺水天数；最差时期（旬，无旬则月）及其满足度。满足度 = 供水 ÷ 需水；河道内生态为 min(流量, 目标) ÷ 目标，与河道外水量不相加。",
                "Each cell: satisfaction over the horizon; volume and days short; the worst ten days (or month). Satisfaction = supply ÷ demand; in the stream min(flow, target) ÷ target, never added to volumes taken.",
            ))
        }
        div.scroll {
            table.satisfaction {
                thead { tr { th { (both("地区", "Region")) } @for column in &found.columns { th { (column.title()) } } } }
                tbody {
                    @for row in &found.rows {
                        tr {
                            th.(format!("depth-{}", row.depth.min(3))) { (row.name) @if let Some(code) = &row.code { span.code { (code) } } }
                            @for (cell, column) in row.cells.iter().zip(&found.columns) { (satisfaction_cell(cell.as_ref(), &column.title())) }
                        }
                    }
                }
            }
        }
        (key())
    }
}

/// What the colours of satisfactions mean.
pub(crate) fn key() -> Markup {
    html! {
        p.key {
            @for (class, text) in [
                ("met", both("全部满足", "met")), ("slight", both("≥95%", "≥95%")), ("short", both("80–95%", "80–95%")),
                ("severe", both("<80%", "<80%")), ("broken", both("底线未保", "floor not kept")),
            ] { span.{ "cell-" (class) } { (text) } }
        }
    }
}

fn satisfaction_cell(cell: Option<&Cell<'_>>, column: &Phrase) -> Markup {
    let Some(cell) = cell else { return html! { td.none { "—" } } };
    html! {
        td.{ "cell-" (cell.class()) } {
            span.column { (column) }
            strong { (percent(cell.total.ratio)) }
            @if let Some(assurance) = cell.total.assurance {
                @let met = if cell.total.days > 0.0 { cell.total.days_met / cell.total.days } else { 1.0 };
                span title=[cell.total.clause.as_deref()] {
                    (both(format!("足额天数 {}，保证率 {}", percent(met), percent(assurance)),
                        format!("{} of days met in full, {} to be met", percent(met), percent(assurance))))
                }
            }
            @if let Some(clause) = &cell.total.clause { span { (clause) } }
            @if cell.short_hm3() > 0.0 {
                span { (both(format!("缺 {} 万m³ · {}天", wan_m3(cell.short_hm3()), days(cell.days_short())),
                    format!("{} ×10⁴ m³ · {} d short", wan_m3(cell.short_hm3()), days(cell.days_short())))) }
                @if cell.alike { span { (each_period(cell.period)) } }
                @if let Some(worst) = cell.worst {
                    @let label = words::period_label(&worst.label);
                    span { (both(format!("最差 {} {}", label.chinese, percent(worst.ratio)), format!("worst {}: {}", label.english, percent(worst.ratio)))) }
                }
                @if !cell.floor_met() { span.broken { (both("底线未保", "floor not kept")) } }
            }
        }
    }
}

/// The reasons that rows of shortage carry, worst first; what the whole horizon says is not said again of its parts.
fn reasons(view: &View<'_>) -> Markup {
    let with: Vec<&SatisfactionRow> =
        view.content.satisfaction.iter().filter(|r| r.reason.is_some() && r.class.is_none() && r.period != "step").collect();
    let same = |a: &SatisfactionRow, b: &SatisfactionRow| {
        (&a.region, &a.use_, a.in_stream, &a.reason) == (&b.region, &b.use_, b.in_stream, &b.reason)
    };
    let told = |row: &SatisfactionRow| row.period != "horizon" && with.iter().any(|r| r.period == "horizon" && same(r, row));
    let mut rows: Vec<&SatisfactionRow> = with.iter().copied().filter(|row| !told(row)).collect();
    rows.sort_by(|a, b| a.ratio.total_cmp(&b.ratio));
    rows.truncate(12);
    html! {
        @if !rows.is_empty() {
            h3 { (both("缺水原因", "Why it is short")) }
            ul {
                @for row in rows {
                    @let label = words::period_label(&row.label);
                    @let use_ = words::word(&row.use_);
                    @let lack = row.demand_hm3 - row.supply_hm3;
                    @let (lacks, lacks_english, volume) = if lack > FEASIBILITY_HM3 { ("缺", "short", lack) } else { ("压减", "cut", row.curtailed_hm3) };
                    li {
                        (view.region(row.region.as_deref()))
                        (both(
                            format!("{}{}{lacks}{}万m³（满足度{}）：", use_.chinese, label.chinese, wan_m3(volume), percent(row.ratio)),
                            format!(", {}, {}: {} ×10⁴ m³ {lacks_english} ({} met): ", use_.english.to_lowercase(), label.english, wan_m3(volume), percent(row.ratio)),
                        ))
                        @if let Some(reason) = &row.reason { (view.statement(reason)) }
                    }
                }
            }
        }
    }
}

/// The goals in order, then the closing chain.
pub(super) fn stages(view: &View<'_>) -> Option<Markup> {
    let content = view.content;
    if content.stages.is_empty() {
        return None;
    }
    let proved = content.stages.iter().any(|s| s.bound.is_some());
    let slack = content.stages.iter().any(|s| s.tolerance > 0.0);
    let mut lines: Vec<Vec<Markup>> = Vec::new();
    for (i, row) in content.stages.iter().enumerate() {
        let name = if row.name.is_empty() { words::word(&row.objective) } else { Phrase::same(&row.name) };
        let told = |value: f64| goals::value(&row.kind, &row.unit, value).0;
        let (value, unit) = goals::value(&row.kind, &row.unit, row.value);
        let mut cells = vec![
            html! { (i + 1) },
            html! { (name) @if let Some(meaning) = goals::meaning(&row.kind, &row.unit) { span.aside { (meaning) } } },
            html! { (words::word(&row.sense)) },
            html! { strong { (value) } },
            html! { (unit) },
            html! { (words::word(&row.outcome)) },
        ];
        if slack {
            cells.push(html! { (told(row.tolerance)) });
        }
        if proved {
            cells.push(html! { (row.bound.map_or_else(|| "—".to_owned(), told)) });
            cells.push(html! { (row.gap.map_or_else(|| "—".to_owned(), percent)) });
        }
        lines.push(cells);
    }
    let mut head = vec![
        both("次序", "Rank"),
        both("目标", "Objective"),
        both("方向", "Sense"),
        both("结果", "Value"),
        both("单位", "Unit"),
        both("状态", "Outcome"),
    ];
    if slack {
        head.push(both("容许退让", "Slack given"));
    }
    if proved {
        head.extend([both("可证的界", "Bound"), both("差距", "Gap")]);
    }
    let closing: Vec<Vec<Markup>> = content
        .closing
        .iter()
        .map(|row| {
            let (value, unit, meaning) = goals::link(&row.step, &row.unit, row.value);
            vec![
                html! { (words::word(&row.step)) @if let Some(meaning) = meaning { span.aside { (meaning) } } },
                html! { (value) },
                html! { (unit) },
                html! { (words::word(&row.outcome)) },
            ]
        })
        .collect();
    Some(html! {
        p.note {
            (both("次序在前者优先；", "An earlier rank comes first; "))
            (if slack {
                both("后一级不得使前一级变差超过容许退让。", "a later one may not worsen it by more than the slack given.")
            } else {
                both("后一级不得使前一级变差。", "a later one may not worsen it.")
            })
        }
        (table(&head, &lines, &[0, 3, 6, 7, 8]))
        @if let Some(rates) = super::front::rates_note(view) { (rates) }
        @if !closing.is_empty() {
            details {
                summary { (both("收口：在同样最优的方案中定出唯一一个", "Closing chain: one plan of the many that are equally good")) }
                (table(&[both("步骤", "Step"), both("值", "Value"), both("单位", "Unit"), both("状态", "Outcome")], &closing, &[1]))
            }
        }
    })
}

/// Sections and works releases against their targets.
pub(super) fn sections(view: &View<'_>) -> Option<Markup> {
    let results = section_results(view);
    if results.is_empty() {
        return None;
    }
    let lines: Vec<Vec<Markup>> = results
        .iter()
        .map(|row| {
            let class = if row.days_below_floor > 0.0 {
                "broken"
            } else if row.days_short > 0.0 {
                "short"
            } else {
                "met"
            };
            let at = view.content.horizon.starts.get(row.at).map_or_else(Phrase::default, |t| time_text(t));
            vec![
                html! { (view.name(&row.id)) },
                html! { span.state.{ "cell-" (class) } { (match class {
                    "met" => both("达标", "kept"),
                    "short" => both("低于目标", "below target"),
                    _ => both("跌破底线", "below floor"),
                }) } },
                html! { (days(row.days_short)) },
                html! { (days(row.days_below_floor)) },
                html! { (percent(row.worst)) },
                html! { (at) },
                html! { (seen(row.deepest_m3s)) },
                html! { (seen_wan_m3(row.shortfall_hm3)) },
            ]
        })
        .collect();
    let head = [
        both("断面 / 工程", "Section / works"),
        both("状态", "State"),
        both("低于目标天数", "Days below target"),
        both("低于底线天数", "Days below floor"),
        both("最低 ÷ 目标", "Lowest ÷ target"),
        both("出现时段起", "In the step from"),
        both("最大缺口 m³/s", "Deepest, m³/s"),
        both("生态缺水 万m³", "Shortfall, 10⁴ m³"),
    ];
    Some(table(&head, &lines, &[2, 3, 4, 6, 7]))
}

/// Accounts as bars and numbers.
pub(super) fn accounts(view: &View<'_>) -> Option<Markup> {
    let rows = &view.content.accounts;
    if rows.is_empty() {
        return None;
    }
    Some(html! {
        ul.legend {
            li { span.patch style="--colour:#78808a" {} (both("期前已用", "used before")) }
            li { span.patch style="--colour:#0072b2" {} (both("本方案", "this plan")) }
            li { span.patch style="--colour:#bcd6ea" {} (both("窗口剩余预留", "set aside for the window's rest")) }
            li { span.limit-mark {} (both("控制量", "limit")) }
        }
        div.accounts { @for row in rows { (account(view, row)) } }
    })
}

fn account(view: &View<'_>, row: &AccountRow) -> Markup {
    let rest = (row.forecast_to_window_end_hm3 - row.used_before_hm3 - row.planned_hm3).max(0.0);
    let full =
        [row.limit_hm3, row.used_before_hm3 + row.planned_hm3 + rest].into_iter().fold(0.0, f64::max).max(1e-12) * 1.08;
    let width = |hm3: f64| format!("width:{:.2}%", 100.0 * (hm3 / full).clamp(0.0, 1.0));
    let over = row.excess_hm3 > 1e-6;
    let used = row.used_before_hm3 + row.planned_hm3;
    let (each, sum) = parts(&[row.used_before_hm3, row.planned_hm3]);
    html! {
        div.account.over[over] {
            div.name {
                strong { (row.name) } " " span.window { (words::period_label(&row.window)) }
                span.sense { (if row.at_most { both("上限", "cap") } else { both("下限（应达）", "duty") }) @if row.hard { (both("·刚性", ", hard")) } }
                @if let Some(band) = &row.band { span.grade { (words::word(band)) } }
            }
            div.bar {
                span.before style=(width(row.used_before_hm3)) {}
                span.planned style=(width(row.planned_hm3)) {}
                span.rest style=(width(rest)) {}
                i.limit style={ "left:" (format!("{:.2}%", 100.0 * (row.limit_hm3 / full).clamp(0.0, 1.0))) } {}
            }
            div.numbers {
                (both(
                    format!("已用 {} + 计划 {} = {}，控制量 {} 万m³（{}），本期可用 {}",
                        each[0], each[1], sum, wan_m3(row.limit_hm3),
                        percent(used / row.limit_hm3), wan_m3(row.available_hm3)),
                    format!("used {} + planned {} = {}, limit {} ×10⁴ m³ ({}), available now {}",
                        each[0], each[1], sum, wan_m3(row.limit_hm3),
                        percent(used / row.limit_hm3), wan_m3(row.available_hm3)),
                ))
                @if over {
                    strong.over {
                        (both(format!("{} {} 万m³", if row.at_most { "超出" } else { "尚欠" }, wan_m3(row.excess_hm3)),
                            format!("{} by {} ×10⁴ m³", if row.at_most { "over" } else { "short" }, wan_m3(row.excess_hm3))))
                    }
                }
                @if let Some(note) = &row.note { span.account-note { (view.statement(note)) } }
            }
        }
    }
}

/// Every objective of the basin as measured on the plan.
pub(super) fn objectives(view: &View<'_>) -> Option<Markup> {
    let rows = &view.content.objectives;
    if rows.is_empty() {
        return None;
    }
    let lines: Vec<Vec<Markup>> = rows
        .iter()
        .map(|row| {
            let (value, unit) = row.value.map_or_else(
                || ("—".to_owned(), goals::unit(&row.kind, &row.unit).1),
                |value| goals::value(&row.kind, &row.unit, value),
            );
            let name = if row.name.is_empty() { Phrase::same(&row.id) } else { Phrase::same(&row.name) };
            vec![
                html! { (name) },
                html! { (words::word(&row.kind)) },
                html! { (words::word(&row.sense)) },
                html! { (value) },
                html! { (unit) },
                html! { @match row.stage { Some(stage) => (stage), None => "—" } },
            ]
        })
        .collect();
    let head = [
        both("目标", "Objective"),
        both("种类", "Kind"),
        both("方向", "Sense"),
        both("方案上的值", "Value on the plan"),
        both("单位", "Unit"),
        both("优化次序", "Rank"),
    ];
    Some(table(&head, &lines, &[3, 5]))
}
