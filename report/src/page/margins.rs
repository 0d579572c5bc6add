//! Where a little more water goes at places of a plan, drawn: what it is worth, its way, how far that holds, what binds.
//!
//! Of explanations that were found by solving again; the document alone holds none of it.

use maud::{Markup, html};
use weir_model::explanation::{Explanation, Side};

use super::path;
use super::results::table;
use crate::explain::{
    Told, alike, all_looked_at, binding_table, binding_title, goes_title, nothing_of, range_title, ranged, same_places,
    span, tells, worth_head, worth_nothing, worth_rows,
};
use crate::language::{Phrase, both};
use crate::quantity::wan_m3;
use crate::view::View;

/// The section; none without explanations.
pub(super) fn margins(view: &View<'_>, explanations: &[Explanation]) -> Option<Markup> {
    (!explanations.is_empty()).then(|| {
        html! {
            p.note {
                (both(
                    "在该处该时段多来（少来）一点水，重新求解所得：所值、去向、到何处为止。图中横向为时间，每行一处，线宽为水量；每个去向画其水量最多时段的一条路，点选下列去向可单看。",
                    "Found by solving again with a little more (and less) water there and then: what it is worth, where it goes, how far that holds. Time runs to the right, a line is a place, and widths are shares; each end has the way to where it has most of the water. Point at an end to see its own.",
                ))
            }
            @for (number, explanation) in explanations.iter().enumerate() {
                details.margin open[number == 0] {
                    summary { (title(view, explanation)) }
                    (explained(view, explanation))
                }
            }
        }
    })
}

/// The place and time, and what its water is worth first.
fn title(view: &View<'_>, explanation: &Explanation) -> Markup {
    let (name, when) = (view.name(&explanation.address), span(&explanation.from, &explanation.to));
    let first = worth_rows(view, explanation).into_iter().next();
    html! {
        b { (both(format!("{}，{}", name.chinese, when.chinese), format!("{}, {}", name.english, when.english))) }
        @if let Some([stage, more, _, unit, _]) = first.as_deref() {
            span.aside { (both(
                format!("价由“{}”定：多来100万m³，{}{}", stage.chinese, more.chinese, unit.chinese),
                format!("its price is set by “{}”: {} {} for 100 ×10⁴ m³ more", stage.english, more.english, unit.english),
            )) }
        } @else {
            span.aside { (worth_nothing()) }
        }
    }
}

fn explained(view: &View<'_>, explanation: &Explanation) -> Markup {
    let (more, less) = (&explanation.more, &explanation.less);
    let worth = cells(worth_rows(view, explanation));
    let (head, binding) = binding_table(view, &explanation.binding);
    html! {
        @if !worth.is_empty() { (table(&worth_head(), &worth, &[1, 2])) }
        h3 { (goes_title()) }
        (goes(view, explanation, more, true))
        @if alike(more, less) { p.note { (same_places()) } } @else { (goes(view, explanation, less, false)) }
        h3 { (range_title()) }
        (range(more, less))
        ul { @for (side, zh, en) in [(more, "增加", "rise"), (less, "减少", "fall")] { li { (ranged(view, explanation, side, zh, en)) } } }
        @if binding.is_empty() {
            p.note { (nothing_of(&all_looked_at())) }
        } @else {
            h3 { (binding_title()) }
            (table(&head, &cells(binding), &[2]))
        }
    }
}

fn cells(lines: Vec<Vec<Phrase>>) -> Vec<Vec<Markup>> {
    lines.into_iter().map(|line| line.into_iter().map(|cell| html! { (cell) }).collect()).collect()
}

/// The way of one side: its picture, and its ends in words, by the numbers that they have in the picture.
fn goes(view: &View<'_>, explanation: &Explanation, side: &Side, more: bool) -> Markup {
    let Told { head, ends, rest, moves } = tells(view, explanation, side, more);
    let only: Vec<_> = ends.iter().map(|(end, _)| *end).collect();
    html! {
        figure.way {
            figcaption { (head) }
            (path::drawn(view, explanation, &only))
            @if !ends.is_empty() {
                ol.ends {
                    @for (number, (end, said)) in ends.iter().enumerate() {
                        li data-end=(number) tabindex="0" {
                            i style={ "width:" (format!("{:.1}", 100.0 * end.share.abs().min(1.0))) "%" } {}
                            (said)
                        }
                    }
                }
            }
            @if let Some(rest) = rest { p.note { (rest) } }
            @if let Some(moves) = moves { p.note { (moves) } }
        }
    }
}

/// How far the inflow may fall and rise, to one scale.
fn range(more: &Side, less: &Side) -> Markup {
    let most = more.range_hm3.max(less.range_hm3).max(1e-12);
    let part = |side: &Side| format!("{:.2}", (50.0 * side.range_hm3 / most).max(0.4));
    let told = |side: &Side, sign: &str| {
        if side.none.is_some() {
            return Phrase::same("—");
        }
        let far = format!("{sign}{}", wan_m3(side.range_hm3));
        let (at_least, least) = if side.ends_there { ("", "") } else { ("至少", "at least ") };
        both(format!("{at_least}{far}万m³"), format!("{least}{far} ×10⁴ m³"))
    };
    html! {
        div.range {
            span.range-less.open[!less.ends_there] style={ "width:" (part(less)) "%" } {}
            span.range-more.open[!more.ends_there] style={ "width:" (part(more)) "%" } {}
            b {}
        }
        div.range-ends { span { (told(less, "−")) } span { (both("如方案", "as planned")) } span { (told(more, "+")) } }
    }
}
