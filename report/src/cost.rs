//! What something costs, in words: each goal's value without it and with it.

use maud::{Markup, html};
use weir_model::document::{AMENDED_HEADING, Amendment, CostRow, USE_SHORT};
use weir_model::tolerance::OBJECTIVE;

use crate::language::{Phrase, both};
use crate::page::table;
use crate::quantity::{general, time_text};
use crate::view::View;
use crate::words;

/// What is told of a row: `基流缺水` or `工业缺水`.
fn name(view: &View<'_>, row: &CostRow) -> Phrase {
    if row.kind == USE_SHORT {
        let word = words::word(&row.of);
        return both(format!("{}缺水", word.chinese), format!("shortage, {}", word.english));
    }
    view.objective(&row.of)
}

/// Whether a value became worse; none where it stayed.
fn worse(row: &CostRow) -> Option<bool> {
    let more = row.after - row.before;
    (more != 0.0).then_some((more > 0.0) == (row.sense == "minimise"))
}

/// All that moved, in one phrase: `基流缺水 6.6 → 7.1 万m³；…`.
pub fn moved(view: &View<'_>, rows: &[CostRow]) -> Phrase {
    // A goal on one use alone tells its shortage.
    let is_told = |goal: &CostRow, row: &CostRow| {
        name(view, goal).chinese == name(view, row).chinese && goal.before == row.before && goal.after == row.after
    };
    let said: Vec<Phrase> = rows
        .iter()
        .filter(|row| worse(row).is_some())
        .filter(|row| row.kind != USE_SHORT || !rows.iter().any(|goal| goal.kind != USE_SHORT && is_told(goal, row)))
        .map(|row| {
            let (name, (factor, unit)) = (name(view, row), words::unit(&row.unit));
            // What rounding leaves of nothing is nothing.
            let told = |value: f64| general(if value.abs() <= OBJECTIVE { 0.0 } else { value * factor });
            let values = format!("{} → {}", told(row.before), told(row.after));
            both(
                format!("{} {values} {}", name.chinese, unit.chinese).trim_end().to_owned(),
                format!("{} {values} {}", name.english, unit.english).trim_end().to_owned(),
            )
        })
        .collect();
    if said.is_empty() {
        return both("各目标与各用户均无变化", "no goal and no use is touched");
    }
    Phrase::joined(&said, "；", "; ")
}

/// A change by hand in a sentence: who, when, of which plan, what, its cost and what was said.
pub fn amendment(view: &View<'_>, amendment: &Amendment) -> Phrase {
    let Amendment { by, at, plan, sets, cost, note } = amendment;
    let (at, cost, sets) = (time_text(at), moved(view, cost), sets.join(", "));
    let note = if note.is_empty() { Phrase::default() } else { both(format!("（{note}）"), format!(" ({note})")) };
    both(
        format!("{by}于{}修改方案 {plan}：{sets}；代价：{}。{}", at.chinese, cost.chinese, note.chinese),
        format!("{by} at {} changed plan {plan}: {sets}; cost: {}.{}", at.english, cost.english, note.english),
    )
}

/// What a plan that was changed by hand says at its head.
pub(crate) fn amended(view: &View<'_>) -> Option<Phrase> {
    let amended = view.content.case.amended.as_ref()?;
    let (sets, cost) = (amended.sets.join(", "), moved(view, &amended.cost));
    Some(both(
        format!("{AMENDED_HEADING}：{sets}。代价：{}", cost.chinese),
        format!("Changed by hand: {sets}. Cost: {}", cost.english),
    ))
}

/// All rows as a table, with these words over the two values.
pub(crate) fn rows(view: &View<'_>, rows: &[CostRow], [before, after]: [Phrase; 2]) -> Markup {
    let cells: Vec<Vec<Markup>> = rows
        .iter()
        .map(|row| {
            let (factor, unit) = words::unit(&row.unit);
            let verdict = match worse(row) {
                None => both("不变", "the same"),
                Some(true) => both("变差", "worse"),
                Some(false) => both("变好", "better"),
            };
            vec![
                html! { (name(view, row)) },
                html! { (general(row.before * factor)) },
                html! { (general(row.after * factor)) },
                html! { (unit) },
                html! { (verdict) },
            ]
        })
        .collect();
    table(&[both("目标", "Goal"), before, after, both("单位", "Unit"), both("变化", "Change")], &cells, &[1, 2])
}
