//! What came of a plan, as people read it: 计划–实际–偏差–原因.

use weir_model::document::{Deviation, Deviations, PlanDocument};

use crate::language::{Language, Phrase, both};
use crate::quantity::{end_text, general, time_text};
use crate::text::Summary;
use crate::view::View;
use crate::words;

/// Headings of the table.
pub fn head() -> [Phrase; 9] {
    [
        both("对象", "Object"),
        both("量", "Quantity"),
        both("单位", "Unit"),
        both("自", "From"),
        both("至", "To"),
        both("计划", "Planned"),
        both("实际", "Actual"),
        both("偏差", "Deviation"),
        both("原因", "Cause"),
    ]
}

/// The rows of the table, in the order of the headings.
pub fn rows(plan: &PlanDocument, deviations: &Deviations) -> Vec<[Phrase; 9]> {
    let view = View::new(plan);
    deviations.rows.iter().map(|row| line(&view, row)).collect()
}

fn line(view: &View<'_>, row: &Deviation) -> [Phrase; 9] {
    let (factor, unit) = words::unit(&row.unit);
    let told = |value: f64| Phrase::same(general((value * factor * 1e3).round() / 1e3));
    let cause = row.cause.map_or_else(Phrase::default, |cause| words::word(cause.word()));
    [
        view.name(&row.address),
        words::quantity(&row.quantity),
        unit,
        time_text(&row.from),
        end_text(&row.to),
        told(row.planned),
        told(row.actual),
        told(row.deviation),
        cause,
    ]
}

/// The table and what is not known, for a terminal.
pub fn text(plan: &PlanDocument, id: &str, deviations: &Deviations, language: Language) -> String {
    let view = View::new(plan);
    let mut out = Summary::new(language);
    let (Some(from), Some(to)) = (&deviations.from, &deviations.to) else {
        out.line(&both(format!("{id}：计划期尚未开始，无可对照"), format!("{id}: nothing of it lies in the past yet")));
        return out.text;
    };
    let (from, to) = (time_text(from), end_text(to));
    out.line(&both(
        format!("{id} 计划–实际–偏差–原因　{} 至 {}", from.chinese, to.chinese),
        format!("{id}: planned, actual, deviation and cause, {} to {}", from.english, to.english),
    ));
    let rows: Vec<Vec<Phrase>> = rows(plan, deviations).into_iter().map(Vec::from).collect();
    if !rows.is_empty() {
        out.table(&head(), &rows, &[5, 6, 7]);
    }
    if !deviations.unknown.is_empty() {
        let names = |say: fn(&Phrase) -> &String, separator: &str| {
            let named = deviations.unknown.iter().map(|address| match address.rsplit_once('.') {
                Some((of, quantity)) => {
                    let (of, quantity) = (view.name(of), words::quantity(quantity));
                    format!("{} {}", say(&of), say(&quantity))
                }
                None => address.clone(),
            });
            named.collect::<Vec<_>>().join(separator)
        };
        out.line(&both(
            format!("实际未知：{}", names(|phrase| &phrase.chinese, "、")),
            format!("Actual not known: {}", names(|phrase| &phrase.english, ", ")),
        ));
    }
    out.text
}
