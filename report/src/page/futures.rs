//! A plan that is one for many futures: who they are, how probable its warnings are, and bands with the plan's own course in them.

use maud::{Markup, html};

use crate::bands;
use crate::language::{Phrase, both};
use crate::quantity;
use crate::view::View;

/// That the plan is one for many futures, and whose part it is.
pub(crate) fn said(view: &View<'_>) -> Option<Phrase> {
    let futures = view.content.futures.as_ref()?;
    let all = bands::one_for_all(
        futures.members.len(),
        futures.common_until.as_deref(),
        &bands::risk(&futures.objective, futures.alpha),
    );
    let own = futures.members.iter().find(|member| member.id == futures.member)?;
    let weight = quantity::percent(own.weight);
    Some(both(
        format!("{}这里是“{}”一支（权重{weight}），预警概率与范围取自全部各支。", all.chinese, own.name[0]),
        format!(
            "{} This is the part of \"{}\" (weight {weight}); probabilities and bands are over all of them.",
            all.english, own.name[1]
        ),
    ))
}

/// The section of the page.
pub(super) fn section(view: &View<'_>) -> Option<Markup> {
    let futures = view.content.futures.as_ref()?;
    let name = |address: &str| view.name(address);
    let (head, rows) = bands::warnings(&futures.warnings, name);
    let rows: Vec<Vec<Markup>> = rows.iter().map(|row| row.iter().map(|cell| html! { (cell) }).collect()).collect();
    let own = |band: &weir_model::document::ensemble::Band| view.values(&band.address, &band.quantity);
    Some(html! {
        @if let Some(said) = said(view) { p.note { (said) } }
        @if !rows.is_empty() { h3 { (bands::title()) } (super::results::folded_table(&head, &rows, &[3])) }
        @for (title, charts) in bands::charts((&futures.levels, &futures.bands), name, own) {
            h3 { (title) }
            @for chart in charts { (chart.figure(&view.axis)) }
        }
    })
}
