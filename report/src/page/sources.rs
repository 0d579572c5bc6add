//! What the plan rests on: inputs with digests, assumed facts, audit, engine.

use maud::{Markup, html};
use weir_model::document::AuditRow;

use super::results::{folded_table, table};
use crate::language::{Phrase, both};
use crate::quantity::{WAN_M3_PER_HM3, fixed, seen, time_text, wan_m3};
use crate::view::View;
use crate::words;

/// The first digits of a digest, all of it on hovering.
fn digest(text: &str) -> Markup {
    let short: String = text.chars().take(12).collect();
    html! { code title=(text) { (short) } }
}

/// Basin file, overlays, series and starting state.
pub(super) fn inputs(view: &View<'_>) -> Markup {
    let inputs = &view.content.inputs;
    let series: Vec<Vec<Markup>> = inputs
        .series
        .iter()
        .map(|row| {
            let (_, unit) = words::unit(&row.unit);
            vec![
                html! { (view.name(&row.address)) },
                html! { (unit) },
                html! { (view.statement(&row.origin)) },
                html! { (digest(&row.digest)) },
                html! { @match &row.last { Some(time) => (time_text(time)), None => "—" } },
                html! { @match &row.substituted_by { Some(by) => (view.statement(by)), None => "—" } },
                html! { @if row.assumed { span.grade { (both("待核", "to be checked")) } } },
            ]
        })
        .collect();
    let start: Vec<Vec<Markup>> = inputs
        .start
        .iter()
        .map(|row| {
            vec![html! { (view.name(&row.address)) }, html! { (wan_m3(row.storage_hm3)) }, html! { (fixed(row.level_m, 2)) }]
        })
        .collect();
    let gathered: Vec<Vec<Markup>> = inputs
        .gathered
        .iter()
        .map(|row| {
            vec![
                html! { (row.input) },
                html! { (row.address) },
                html! { (row.source) },
                html! { (digest(&row.digest)) },
                html! { @match &row.last { Some(time) => (time_text(time)), None => "—" } },
                html! { @match &row.substituted_by { Some(by) => (words::word(by)), None => "—" } },
                html! { (Phrase::joined(&row.notes.iter().map(|note| view.statement(note)).collect::<Vec<_>>(), "；", "; ")) },
            ]
        })
        .collect();
    html! {
        p { (both("流域文件", "Basin file")) " " (digest(&inputs.basin))
            @for overlay in &inputs.overlays { " · " (both("叠加", "overlay")) " " (digest(overlay)) }
        }
        @if !start.is_empty() {
            h3 { (both("起始状态", "State at the start")) }
            (table(&[both("水库", "Reservoir"), both("蓄水量 万m³", "Storage, 10⁴ m³"), both("水位 m", "Level, m")], &start, &[1, 2]))
        }
        @if !gathered.is_empty() {
            h3 { (both("汇集数据", "Gathered")) }
            (table(&[
                both("输入", "Input"), both("用于", "For"), both("来源", "Source"), both("摘要", "Digest"),
                both("最后一值", "Last value"), both("替代", "Substituted by"), both("说明", "Notes"),
            ], &gathered, &[]))
        }
        @if !series.is_empty() {
            h3 { (both("序列", "Series")) }
            (folded_table(&[
                both("对象", "Of"), both("单位", "Unit"), both("来源", "Source"), both("摘要", "Digest"),
                both("最后一值", "Last value"), both("替代", "Substituted by"), both("状态", "State"),
            ], &series, &[]))
        }
    }
}

/// Facts that are marked assumed, in words.
pub(super) fn assumed(view: &View<'_>) -> Option<Markup> {
    let facts = crate::assumed::facts(view);
    if facts.is_empty() {
        return None;
    }
    let lines: Vec<Vec<Markup>> = facts
        .iter()
        .map(|fact| {
            vec![
                html! { (fact.of) },
                html! { (fact.field) },
                html! { (fact.value) @if !fact.note.chinese.is_empty() { span.aside { (fact.note) } } },
                html! { span.grade { (both("待核", "to be checked")) } },
            ]
        })
        .collect();
    let head = [both("对象", "Of"), both("项目", "Field"), both("取值", "Value"), both("状态", "State")];
    Some(html! {
        p.note {
            (both(
                format!("以下 {} 项未经核实，须由管理单位以正式文件替换。", facts.len()),
                format!("These {} are not verified; the operator's own papers must replace them.", facts.len()),
            ))
        }
        (folded_table(&head, &lines, &[]))
    })
}

/// Whether the plan is true to its case.
pub(super) fn audit(audit: &AuditRow, view: &View<'_>) -> Markup {
    let residuals: Vec<Vec<Markup>> = audit
        .residuals
        .iter()
        .map(|row| {
            // Those of objectives are relative to the value.
            let largest = if row.family == "objective" {
                format!("{}%", seen(row.largest * 100.0))
            } else {
                seen(row.largest * WAN_M3_PER_HM3)
            };
            vec![
                html! { (words::family(&row.family)) },
                html! { (row.checked) },
                html! { (largest) },
                html! { @match &row.address { Some(address) => (view.name(address)), None => "—" } },
            ]
        })
        .collect();
    let replay: Vec<Vec<Markup>> =
        crate::replay::rows(view).into_iter().map(|row| row.into_iter().map(|cell| html! { (cell) }).collect()).collect();
    let left = audit.replay.iter().filter_map(|row| Some((&row.address, row.note.as_ref()?)));
    html! {
        p.verdict.(if audit.passed { "passed" } else { "failed" }) {
            (if audit.passed {
                both("审计通过：由方案序列独立复核水量平衡、界限、曲线、滞时、下限、账户与各目标值，均在容差以内（不代表来水预报准确，不代替调度决策）。",
                    "Audit passed: balances, bounds, curves, lags, floors, accounts and every objective, recomputed from the plan's series, are within tolerance (this says nothing of the inflow forecast and takes no decision).")
            } else {
                both("审计未通过。", "The audit failed.")
            })
        }
        @if !audit.findings.is_empty() { ul { @for finding in &audit.findings { li { (view.statement(finding)) } } } }
        @if !residuals.is_empty() {
            details open[!audit.passed] {
                summary { (both("各类规则的最大残差", "Largest residual by family of rules")) }
                (table(&[both("规则族", "Family"), both("核查数", "Checked"), both("最大残差 万m³（目标值为相对差）", "Largest, 10⁴ m³ (of objectives relative)"), both("位置", "Where")], &residuals, &[1, 2]))
            }
        }
        @if !replay.is_empty() {
            h3 { (both("非线性回放与方案的差别", "Where a replay on the non-linear basin parts from the plan")) }
            (table(&crate::replay::head(), &replay, &[2, 4]))
            @for (address, note) in left { p.note { (view.name(address)) " " (view.statement(note)) } }
        }
    }
}

/// How it was solved, and the plan's record.
pub(super) fn engine(view: &View<'_>) -> Markup {
    let engine = &view.content.engine;
    let record = &view.document.record;
    let mut lines = vec![
        vec![html! { (both("方案标识", "Plan id")) }, html! { code.long { (record.id) } }],
        vec![
            html! { (both("状态", "Status")) },
            html! { (record.status) " · " (both(format!("第{}版", record.revision), format!("revision {}", record.revision))) },
        ],
    ];
    let optional = [
        (both("编制时间", "Computed"), &record.created),
        (both("发布时间", "Issued"), &record.issue_time),
        (both("拟稿", "Drafted by"), &record.drafted_by),
        (both("审核", "Reviewed by"), &record.reviewed_by),
        (both("签发", "Signed by"), &record.signed_by),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            lines.push(vec![html! { (name) }, html! { (time_text(value)) }]);
        }
    }
    lines.push(vec![html! { "weir" }, html! { (engine.weir) }]);
    lines.push(vec![html! { (both("求解器", "Solver")) }, html! { (engine.solver) }]);
    lines.push(vec![
        html! { (both("规模", "Size")) },
        html! { (both(
            format!("{} 行 × {} 列，{} 个非零元", engine.rows, engine.columns, engine.non_zeros),
            format!("{} rows × {} columns, {} non-zeros", engine.rows, engine.columns, engine.non_zeros),
        )) },
    ]);
    let options = engine.options.iter().map(|(key, value)| format!("{key} = {value}")).collect::<Vec<_>>().join("; ");
    if !options.is_empty() {
        lines.push(vec![html! { (both("选项", "Options")) }, html! { (options) }]);
    }
    lines.push(vec![html! { (both("程序摘要", "Digest of the program")) }, html! { (digest(&engine.program)) }]);
    for (what, basis) in [
        (both("初始基摘要", "Digest of the starting basis"), &engine.starting_basis),
        (both("最终基摘要", "Digest of the final basis"), &engine.final_basis),
    ] {
        if let Some(basis) = basis {
            lines.push(vec![html! { (what) }, html! { (digest(basis)) }]);
        }
    }
    html! {
        (table(&[both("项", "Item"), both("值", "Value")], &lines, &[]))
        @if let Some(choice) = &record.choice { p { (crate::side_by_side::chosen(choice)) } }
        @if !record.amendments.is_empty() {
            h3 { (both("人工修改", "Amended by hand")) }
            ul { @for amendment in &record.amendments { li { (crate::cost::amendment(view, amendment)) } } }
        }
    }
}
