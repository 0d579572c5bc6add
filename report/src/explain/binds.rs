//! What binds, in words: limits with what moving them would change, and which were looked at.

use weir_model::explanation::{NOT_HELD, Priced, Side};

use super::{signed, stage_name, unit_of, untold};
use crate::language::{Phrase, both};
use crate::quantity::{number, wan_m3};
use crate::text::Summary;
use crate::view::View;
use crate::words;

/// None of the limits that were looked at binds.
pub(crate) fn nothing_of(looked_at: &[&str]) -> Phrase {
    let all = listed(looked_at);
    both(
        format!("所查限制均未起作用：{}", all.chinese),
        format!("None of the limits that were looked at binds here: {}", all.english),
    )
}

/// Limits that documents do not hold.
pub(crate) fn not_held() -> Phrase {
    listed(&NOT_HELD)
}

/// What the document does not hold is not looked at.
pub(super) fn not_looked_at(out: &mut Summary) {
    let all = not_held();
    out.line(&both(
        format!("方案文件未载、未查：{}；加 --basin 与 --on 可查。", all.chinese),
        format!("Not looked at, since the plan does not hold them: {}; --basin with --on looks at them.", all.english),
    ));
}

fn listed(limits: &[&str]) -> Phrase {
    let words: Vec<Phrase> = limits.iter().map(|limit| limit_word(limit)).collect();
    Phrase::joined(&words, "、", ", ")
}

/// Limits that bind, with what moving them by 100万m³ would change in the first stage that it changes.
pub(super) fn bindings(view: &View<'_>, rows: &[Priced], out: &mut Summary) {
    let (head, lines) = binding_table(view, rows);
    out.title(&binding_title());
    out.table(&head, &lines, &[2]);
}

pub(crate) fn binding_title() -> Phrase {
    both("起作用的限制与需水", "What binds, and what is wanted")
}

/// The same as a table: its head and its lines.
pub(crate) fn binding_table(view: &View<'_>, rows: &[Priced]) -> (Vec<Phrase>, Vec<Vec<Phrase>>) {
    let priced = rows.iter().any(|row| row.raised.is_some() || row.lowered.is_some());
    let lines: Vec<Vec<Phrase>> = rows
        .iter()
        .map(|row| {
            let binding = &row.binding;
            let (factor, unit) = words::unit(&binding.unit);
            let mut line = vec![
                view.name(&binding.address),
                limit_word(&binding.limit),
                Phrase::same(number(binding.at * factor)),
                unit,
            ];
            if priced {
                line.extend([row.raised.as_ref(), row.lowered.as_ref()].map(|side| first_change(view, side)));
            }
            line
        })
        .collect();
    let mut head = vec![both("何处", "Of"), both("限制", "Limit"), both("值", "At"), both("单位", "Unit")];
    if priced {
        head.extend([both("每增100万m³", "Raised by 100 ×10⁴ m³"), both("每减100万m³", "Lowered by as much")]);
    }
    (head, lines)
}

/// The first stage that a side changes, with the change; lowering is told as what it changes, not as a derivative.
fn first_change(view: &View<'_>, side: Option<&Side>) -> Phrase {
    let Some(side) = side else { return Phrase::same("—") };
    if side.none.is_some() {
        return untold(side);
    }
    let far = wan_m3(side.range_hm3);
    let far = if side.ends_there {
        both(format!("（至{far}万m³为止）"), format!(" (up to {far} ×10⁴ m³)"))
    } else {
        both(format!("（至少{far}万m³）"), format!(" (for {far} ×10⁴ m³ at least)"))
    };
    let Some(change) = side.first() else {
        return both(format!("无影响{}", far.chinese), format!("nothing{}", far.english));
    };
    let (factor, unit) = unit_of(view, &change.stage, &change.unit);
    let (stage, value) = (stage_name(view, &change.stage), signed(change.per_hm3 * factor * side.by_hm3.signum()));
    both(
        format!("“{}”{value}{}{}", stage.chinese, unit.chinese, far.chinese),
        format!("“{}” {value} {}{}", stage.english, unit.english, far.english),
    )
}

/// A limit's word.
pub(crate) fn limit_word(limit: &str) -> Phrase {
    match limit {
        "capacity" => both("过流能力", "capacity"),
        "closed" => both("关闭", "closed"),
        "limit" => both("控制量", "limit"),
        "available" => both("可供水量", "water of the source"),
        "mean" => both("期平均要求", "mean over its period"),
        "longest_days" => both("连续破坏天数", "days failed in a row"),
        "min_up" => both("最短开机时间", "least time open"),
        "min_down" => both("最短停机时间", "least time shut"),
        "forbidden" => both("禁止运行区", "edge of what it may not pass"),
        other => words::field(other),
    }
}
