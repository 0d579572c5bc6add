//! The summary of a plan that a dispatcher reads on a terminal in a minute.
//!
//! Tables are aligned by the width of characters on a terminal, where a Chinese one takes two columns.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use weir_model::document::{PlanDocument, WarningRow};

use crate::bands;
use crate::brief;
use crate::explain::span;
use crate::goals;
use crate::gravity::{gravity, is_remark};
use crate::language::{Language, Phrase, both};
use crate::notable;
use crate::page::{banners, front, futures, inflow, kind_of_plan, scenario};
use crate::quantity::{days, end_text, fixed, number, percent, seen_wan_m3, time_text, wan_m3};
use crate::satisfaction;
use crate::view::View;
use crate::words;

/// Rows that a table of events shows; the rest are counted.
const MOST_EVENTS: usize = 8;

/// The summary of a plan.
pub fn text(document: &PlanDocument, language: Language) -> String {
    let view = View::new(document);
    let mut out = Summary::new(language);
    let (from, to) = view.period();
    let mode = words::word(&view.content.case.mode);
    let kind = kind_of_plan(&view);
    out.line(&both(
        format!("{} {}　{} 至 {}　模式：{}", view.basin(), kind.chinese, from.chinese, to.chinese, mode.chinese),
        format!("{}: {}, {} to {}, mode {}", view.basin(), kind.english, from.english, to.english, mode.english),
    ));
    if let Some(said) = inflow(&view) {
        out.line(&said);
    }
    let futures = futures::said(&view);
    for banner in scenario(&view).into_iter().chain(futures).chain(banners(&view).into_iter().map(|(_, banner)| banner)) {
        out.line(&both(format!("【{}】", banner.chinese), format!("[{}]", banner.english)));
    }
    out.title(&both("简报", "Brief"));
    for (index, sentence) in brief::sentences(&view).iter().enumerate() {
        let said = sentence.say(language).to_owned();
        out.line(&Phrase::same(format!("{}. {said}", index + 1)));
    }
    relaxations(&view, &mut out);
    warnings(&view, &mut out);
    probable(&view, &mut out);
    stages(&view, &mut out);
    satisfactions(&view, &mut out);
    reservoirs(&view, &mut out);
    sections(&view, &mut out);
    standby(&view, &mut out);
    accounts(&view, &mut out);
    parted(&view, &mut out);
    out.text
}

/// Text that grows in one language.
pub(crate) struct Summary {
    language: Language,
    pub(crate) text: String,
}

impl Summary {
    pub(crate) const fn new(language: Language) -> Self {
        Self { language, text: String::new() }
    }

    pub(crate) fn line(&mut self, phrase: &Phrase) {
        self.text.push_str(&printable(phrase.say(self.language)));
        self.text.push('\n');
    }

    pub(crate) fn title(&mut self, phrase: &Phrase) {
        self.text.push('\n');
        self.line(phrase);
    }

    /// A table; columns of these numbers stand to the right.
    pub(crate) fn table(&mut self, head: &[Phrase], rows: &[Vec<Phrase>], right: &[usize]) {
        let language = self.language;
        let mut table = Table::new();
        table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        let cells = |row: &[Phrase]| row.iter().map(|p| printable(p.say(language))).collect::<Vec<_>>();
        table.add_row(cells(head));
        for row in rows {
            table.add_row(cells(row));
        }
        for (index, column) in table.column_iter_mut().enumerate() {
            column.set_padding((2, 0));
            if right.contains(&index) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        for line in table.lines() {
            self.text.push_str(line.trim_end());
            self.text.push('\n');
        }
    }

    pub(crate) fn rest(&mut self, left: usize) {
        if left > 0 {
            self.line(&both(format!("  …… 另有 {left} 条"), format!("  … and {left} more")));
        }
    }
}

/// Names come from files: what would move a terminal's cursor or change its colours is taken out.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn relaxations(view: &View<'_>, out: &mut Summary) {
    let rows = &view.content.relaxations;
    if rows.is_empty() {
        return;
    }
    out.title(&both("让步的规则", "What had to give"));
    let mut sorted: Vec<_> = rows.iter().collect();
    sorted.sort_by(|a, b| b.hm3.total_cmp(&a.hm3));
    let lines: Vec<Vec<Phrase>> = sorted
        .iter()
        .take(MOST_EVENTS)
        .map(|row| vec![view.name(&row.address), span(&row.from, &row.to), Phrase::same(wan_m3(row.hm3))])
        .collect();
    out.table(&[both("规则", "Rule"), both("时段", "When"), both("幅度 万m³", "By, 10⁴ m³")], &lines, &[2]);
    out.rest(rows.len().saturating_sub(MOST_EVENTS));
    let said = sorted.iter().take(MOST_EVENTS);
    whys(view, said.map(|row| (row.address.as_str(), row.reason.as_deref(), row.advice.as_deref())), out);
}

/// Why things are so, under their table: what says the same of one object once.
fn whys<'a>(view: &View<'_>, rows: impl Iterator<Item = (&'a str, Option<&'a str>, Option<&'a str>)>, out: &mut Summary) {
    let mut said: Vec<Phrase> = Vec::new();
    for (address, reason, advice) in rows.filter(|(_, reason, _)| reason.is_some()) {
        let (name, because) = (view.name(address), view.because(reason, advice));
        let line =
            both(format!("  {}：{}。", name.chinese, because.chinese), format!("  {}: {}.", name.english, because.english));
        if !said.contains(&line) {
            out.line(&line);
            said.push(line);
        }
    }
}

/// Where a replay on the non-linear basin parts from the plan by what can be seen.
fn parted(view: &View<'_>, out: &mut Summary) {
    let is_seen = |row: &Vec<Phrase>| {
        [2, 4].iter().any(|&cell| !row[cell].english.starts_with(['<']) && !row[cell].english.starts_with("0 "))
    };
    let rows: Vec<Vec<Phrase>> = crate::replay::rows(view).into_iter().filter(is_seen).collect();
    if rows.is_empty() {
        return;
    }
    out.title(&both("非线性回放减方案", "Replay on the non-linear basin less plan"));
    out.table(&crate::replay::head(), &rows[..rows.len().min(MOST_EVENTS)], &[2, 4]);
    out.rest(rows.len().saturating_sub(MOST_EVENTS));
}

fn warnings(view: &View<'_>, out: &mut Summary) {
    let rows = &view.content.warnings;
    if rows.is_empty() {
        return;
    }
    out.title(&both("预警", "Warnings"));
    // One row for each object and kind, the gravest and of these the worst.
    let mut worst: Vec<&WarningRow> = Vec::new();
    for row in crate::gravity::sorted(rows) {
        match worst.iter_mut().find(|w| w.address == row.address && w.kind == row.kind) {
            Some(known) if gravity(row) < gravity(known) || (gravity(row) == gravity(known) && worse(row, known)) => {
                *known = row;
            }
            Some(_) => {}
            None => worst.push(row),
        }
    }
    let lines: Vec<Vec<Phrase>> = worst
        .iter()
        .take(MOST_EVENTS)
        .map(|row| {
            let (factor, unit) = words::unit(&row.unit);
            let shown = |value: f64| if unit.chinese == "m" { fixed(value, 2) } else { number(value * factor) };
            vec![
                view.name(&row.address),
                crate::gravity::kind(view, row),
                words::word(&row.grade),
                time_text(&row.from),
                // What is of a moment has no end.
                if row.to == row.from { Phrase::default() } else { end_text(&row.to) },
                Phrase::same(shown(row.value)),
                Phrase::same(if is_remark(row) { String::new() } else { shown(row.target) }),
                unit,
            ]
        })
        .collect();
    out.table(
        &[
            both("对象", "Where"),
            both("种类", "Kind"),
            both("等级", "Grade"),
            both("自", "From"),
            both("至", "To"),
            both("最不利值", "Worst"),
            both("判据", "Judged by"),
            both("单位", "Unit"),
        ],
        &lines,
        &[5, 6],
    );
    out.rest(worst.len().saturating_sub(MOST_EVENTS));
    let said = worst.iter().take(MOST_EVENTS);
    whys(view, said.map(|row| (row.address.as_str(), row.reason.as_deref(), row.advice.as_deref())), out);
}

/// How probable warnings are, of a plan for many futures.
fn probable(view: &View<'_>, out: &mut Summary) {
    let Some(futures) = &view.content.futures else { return };
    let (head, rows) = bands::warnings(&futures.warnings, |address| view.name(address));
    if !rows.is_empty() {
        out.title(&bands::title());
        out.table(&head, &rows[..rows.len().min(MOST_EVENTS)], &[3]);
        out.rest(rows.len().saturating_sub(MOST_EVENTS));
    }
}

/// Whether a warning is graver than another of the same kind: lower against what it is judged by; of high levels and flows
/// above a rating higher.
fn worse(row: &WarningRow, than: &WarningRow) -> bool {
    let share = |r: &WarningRow| r.value / r.target;
    if ["level_above", "above_rating"].contains(&row.kind.as_str()) {
        share(row) > share(than)
    } else {
        share(row) <= share(than)
    }
}

fn stages(view: &View<'_>, out: &mut Summary) {
    let rows = &view.content.stages;
    if rows.is_empty() {
        return;
    }
    out.title(&both("各级目标", "Stages"));
    let lines: Vec<Vec<Phrase>> = rows
        .iter()
        .enumerate()
        .map(|(index, row)| {
            let (value, unit) = goals::value(&row.kind, &row.unit, row.value);
            vec![
                Phrase::same((index + 1).to_string()),
                if row.name.is_empty() { words::word(&row.objective) } else { Phrase::same(&row.name) },
                words::word(&row.sense),
                Phrase::same(value),
                unit,
                words::word(&row.outcome),
            ]
        })
        .collect();
    out.table(
        &[
            both("次序", "Rank"),
            both("目标", "Objective"),
            both("方向", "Sense"),
            both("结果", "Value"),
            both("单位", "Unit"),
            both("状态", "Outcome"),
        ],
        &lines,
        &[0, 3],
    );
    for said in front::rates(view) {
        out.line(&said);
    }
    if let Some((said, head, rows)) = front::told(view) {
        out.title(&both("前沿", "Front"));
        out.line(&said);
        let numbers: Vec<usize> = (1..head.len()).collect();
        out.table(&head, &rows, &numbers);
    }
}

fn satisfactions(view: &View<'_>, out: &mut Summary) {
    let table = satisfaction::Table::new(view);
    if table.rows.is_empty() {
        return;
    }
    out.title(&both("三生用水满足度（缺水 万m³，缺水天数）", "Satisfaction of the three uses (10⁴ m³ short, days short)"));
    let mut head = vec![both("地区", "Region")];
    head.extend(table.columns.iter().map(|c| c.title()));
    let lines: Vec<Vec<Phrase>> = table
        .rows
        .iter()
        .map(|row| {
            let mut cells = vec![row.name.clone()];
            cells.extend(row.cells.iter().map(|cell| {
                cell.as_ref().map_or_else(
                    || Phrase::same("—"),
                    |cell| {
                        let ratio = percent(cell.total.ratio);
                        if cell.short_hm3() == 0.0 {
                            return Phrase::same(ratio);
                        }
                        let (short, lasting) = (wan_m3(cell.short_hm3()), days(cell.days_short()));
                        let mark = if cell.floor_met() { both("", "") } else { both(" 底线未保", " floor broken") };
                        both(
                            format!("{ratio}（{short}，{lasting}天）{}", mark.chinese),
                            format!("{ratio} ({short}, {lasting} d){}", mark.english),
                        )
                    },
                )
            }));
            cells
        })
        .collect();
    let numeric: Vec<usize> = (1..=table.columns.len()).collect();
    out.table(&head, &lines, &numeric);
    for price in view.prices_of_fairness() {
        out.line(&price);
    }
}

fn reservoirs(view: &View<'_>, out: &mut Summary) {
    let balance = crate::water::balance(view);
    if balance.rows.is_empty() {
        return;
    }
    out.title(&both("水库（水量 万m³）", "Reservoirs (volumes in 10⁴ m³)"));
    let numeric: Vec<usize> = (1..balance.head.len()).collect();
    out.table(&balance.head, &balance.rows, &numeric);
}

fn sections(view: &View<'_>, out: &mut Summary) {
    let lines: Vec<Vec<Phrase>> = brief::section_results(view)
        .iter()
        .map(|row| {
            vec![
                view.name(&row.id),
                Phrase::same(percent(row.worst)),
                Phrase::same(days(row.days_short)),
                Phrase::same(days(row.days_below_floor)),
                Phrase::same(seen_wan_m3(row.shortfall_hm3)),
            ]
        })
        .collect();
    if lines.is_empty() {
        return;
    }
    out.title(&both("断面与生态流量", "Sections and ecological flow"));
    out.table(
        &[
            both("断面 / 工程", "Section / works"),
            both("最低 ÷ 目标", "Lowest ÷ target"),
            both("低于目标天数", "Days below target"),
            both("低于底线天数", "Days below floor"),
            both("生态缺水 万m³", "Shortfall, 10⁴ m³"),
        ],
        &lines,
        &[1, 2, 3, 4],
    );
}

fn standby(view: &View<'_>, out: &mut Summary) {
    let lines: Vec<Vec<Phrase>> = notable::standby_used(view)
        .iter()
        .map(|s| {
            vec![
                view.name(&s.element.id),
                s.way(view),
                Phrase::same(wan_m3(s.hm3)),
                Phrase::same(number(s.largest_m3s)),
                Phrase::same(days(s.days)),
            ]
        })
        .collect();
    if lines.is_empty() {
        return;
    }
    out.title(&both("备用水源", "Standby sources"));
    out.table(&notable::standby_head(), &lines, &[2, 3, 4]);
}

fn accounts(view: &View<'_>, out: &mut Summary) {
    let rows = &view.content.accounts;
    if rows.is_empty() {
        return;
    }
    out.title(&both("水量账户（万m³）", "Accounts (10⁴ m³)"));
    let lines: Vec<Vec<Phrase>> = rows
        .iter()
        .map(|row| {
            let used = row.used_before_hm3 + row.planned_hm3;
            vec![
                Phrase::same(&row.name),
                words::period_label(&row.window),
                Phrase::same(wan_m3(row.limit_hm3)),
                Phrase::same(wan_m3(row.used_before_hm3)),
                Phrase::same(wan_m3(row.planned_hm3)),
                Phrase::same(percent(used / row.limit_hm3)),
                row.band.as_deref().map_or_else(|| Phrase::same(""), words::word),
            ]
        })
        .collect();
    out.table(
        &[
            both("账户", "Account"),
            both("窗口", "Window"),
            both("控制量", "Limit"),
            both("期前已用", "Used before"),
            both("本方案", "This plan"),
            both("累计占比", "Share used"),
            both("等级", "Band"),
        ],
        &lines,
        &[2, 3, 4, 5],
    );
}
