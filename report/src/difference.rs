//! Two plans set against each other, as people read it: uses, goals, the largest change of each series, warnings.

use weir_model::document::{Comparison, PlanDocument, SeriesDifference, WarningRow};

use crate::goals;
use crate::language::{Language, Phrase, both};
use crate::quantity::{end_text, general, time_text, wan_m3};
use crate::text::Summary;
use crate::view::View;
use crate::words;

/// Series that are what a reader asks for first, in this order; of others the largest follow.
const FIRST: [&str; 5] = ["outflow", "storage", "level", "supply", "shortage"];
/// Rows that are shown of the rest.
const MOST_OTHERS: usize = 12;

/// What a plan has otherwise than another.
pub fn difference(before: &PlanDocument, after: &PlanDocument, comparison: &Comparison, language: Language) -> String {
    let view = View::new(after);
    let mut out = Summary::new(language);
    let name = |document: &PlanDocument| {
        let record = &document.record;
        match (&record.product, &record.term) {
            (Some(product), Some(term)) => format!("{product}-{term}-{}", record.revision),
            _ => record.id.chars().take(12).collect(),
        }
    };
    let (old, new) = (name(before), name(after));
    out.line(&both(
        format!("{new} 与 {old} 之差：前为 {old}，后为 {new}，差＝后－前"),
        format!("{new} against {old}: before is {old}, after {new}, change = after − before"),
    ));
    match (&comparison.from, &comparison.to) {
        (Some(from), Some(to)) => {
            let (from, to) = (time_text(from), end_text(to));
            out.line(&both(
                format!("共同时段：{} 至 {}", from.chinese, to.chinese),
                format!("Time that both cover: {} to {}", from.english, to.english),
            ));
        }
        _ => out.line(&both("两方案没有共同时段。", "They share no time.")),
    }
    uses(&comparison.uses, &mut out);
    values(after, comparison, &view, &mut out);
    series(&comparison.series, &view, &mut out);
    warnings(&comparison.new_warnings, &both("新增预警", "New warnings"), &view, &mut out);
    warnings(&comparison.gone_warnings, &both("解除的预警", "Warnings that are gone"), &View::new(before), &mut out);
    out.text
}

fn heads(first: Phrase, rest: &[Phrase]) -> Vec<Phrase> {
    let columns = [both("前", "Before"), both("后", "After"), both("差", "Change")];
    std::iter::once(first).chain(rest.iter().cloned()).chain(columns).collect()
}

fn uses(rows: &[weir_model::document::UseDifference], out: &mut Summary) {
    if rows.is_empty() {
        return;
    }
    out.title(&both("供水（万m³）", "Supply (10⁴ m³)"));
    let lines: Vec<Vec<Phrase>> = rows
        .iter()
        .map(|row| {
            let values = [row.before_hm3, row.after_hm3, row.after_hm3 - row.before_hm3];
            std::iter::once(words::word(&row.use_)).chain(values.map(|hm3| Phrase::same(wan_m3(hm3)))).collect()
        })
        .collect();
    out.table(&heads(both("用途", "Use"), &[]), &lines, &[1, 2, 3]);
}

/// Goals by their stages, then other objectives that differ.
fn values(after: &PlanDocument, comparison: &Comparison, view: &View<'_>, out: &mut Summary) {
    let kind =
        |id: &str| after.content.objectives.iter().find(|row| row.id == id).map_or_else(String::new, |row| row.kind.clone());
    let mut rows: Vec<_> =
        comparison.objectives.iter().filter(|row| row.stage.is_some() || row.before != row.after).collect();
    rows.sort_by_key(|row| row.stage.unwrap_or(usize::MAX));
    if rows.is_empty() {
        return;
    }
    out.title(&both("目标（各按本方案全期）", "Goals, each over its plan's whole horizon"));
    let lines: Vec<Vec<Phrase>> = rows
        .iter()
        .map(|row| {
            let kind = kind(&row.id);
            let (_, unit) = goals::unit(&kind, &row.unit);
            let told = |value: Option<f64>| {
                value.map_or_else(|| Phrase::same("—"), |value| Phrase::same(goals::value(&kind, &row.unit, value).0))
            };
            let size = |a: f64, b: f64| goals::value(&kind, &row.unit, (b - a).abs()).0;
            let change = row
                .before
                .zip(row.after)
                .map_or("—".to_owned(), |(a, b)| if b < a { format!("-{}", size(a, b)) } else { size(a, b) });
            vec![view.objective(&row.id), unit, told(row.before), told(row.after), Phrase::same(change)]
        })
        .collect();
    out.table(&heads(both("目标", "Goal"), &[both("单位", "Unit")]), &lines, &[2, 3, 4]);
}

fn series(rows: &[SeriesDifference], view: &View<'_>, out: &mut Summary) {
    if rows.is_empty() {
        out.title(&both("各过程无差别。", "No series differs."));
        return;
    }
    let place = |row: &SeriesDifference| FIRST.iter().position(|quantity| *quantity == row.quantity);
    let mut first: Vec<(usize, &SeriesDifference)> = rows.iter().filter_map(|row| Some((place(row)?, row))).collect();
    first.sort_by(|a, b| a.1.element.cmp(&b.1.element).then(a.0.cmp(&b.0)));
    let mut others: Vec<&SeriesDifference> = rows.iter().filter(|row| place(row).is_none()).collect();
    others.sort_by(|a, b| b.largest.abs().total_cmp(&a.largest.abs()));
    let left = others.len().saturating_sub(MOST_OTHERS);
    others.truncate(MOST_OTHERS);
    out.title(&both("各过程最大差别", "Largest change of each series"));
    let lines: Vec<Vec<Phrase>> = first.into_iter().map(|(_, row)| row).chain(others).map(|row| line(row, view)).collect();
    let rest = [both("量", "Quantity"), both("单位", "Unit"), both("时刻", "At")];
    out.table(&heads(both("对象", "Object"), &rest), &lines, &[4, 5, 6]);
    out.rest(left);
}

fn line(row: &SeriesDifference, view: &View<'_>) -> Vec<Phrase> {
    let (factor, unit) = words::unit(&row.unit);
    let told = |value: f64| Phrase::same(general((value * factor * 1e3).round() / 1e3));
    let (name, quantity) = (view.name(&row.address), words::quantity(&row.quantity));
    vec![name, quantity, unit, time_text(&row.at), told(row.before), told(row.after), told(row.largest)]
}

fn warnings(rows: &[WarningRow], title: &Phrase, view: &View<'_>, out: &mut Summary) {
    if rows.is_empty() {
        return;
    }
    out.title(title);
    let lines: Vec<Vec<Phrase>> = rows
        .iter()
        .map(|row| {
            vec![view.name(&row.address), crate::gravity::kind(view, row), words::word(&row.grade), time_text(&row.from)]
        })
        .collect();
    out.table(&[both("对象", "Object"), both("类别", "Kind"), both("等级", "Grade"), both("起", "From")], &lines, &[]);
}
