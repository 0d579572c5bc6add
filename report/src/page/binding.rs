//! What binds over the horizon: a line a limit, a bar each time that the plan lies at it.
//!
//! Read from the document alone. Bars are to scale on the axis of the charts.
//! Limits: what documents do not hold is not seen ([`weir_model::explanation::NOT_HELD`]).

use maud::{Markup, html};
use weir_model::explanation::Binding;

use crate::chart::{BLUE, BROWN, Colour, PALE, PURPLE, VERMILION, hex};
use crate::explain::{limit_word, not_held};
use crate::language::both;
use crate::quantity::{days, number};
use crate::view::View;
use crate::words;

/// Lines that stand open; the rest are folded.
const OPEN_LINES: usize = 12;
/// Lines that are drawn at most: more than that nobody reads.
const MOST_LINES: usize = 48;
/// Ticks of the axis.
const TICKS: usize = 6;

/// Limits, their colour, and what they are called in Chinese and English.
type Group = (&'static [&'static str], Colour, (&'static str, &'static str));
/// What holds the plan.
const GROUPS: [Group; 5] = [
    (&["capacity", "closed", "minimum_when_open"], BLUE, ("过流能力、关闭", "capacity, closed")),
    (&["dead", "top", "flood_limit"], BROWN, ("水位", "level")),
    (&["floor", "target", "ceiling"], VERMILION, ("规则", "rule")),
    (&["limit"], PURPLE, ("账户", "account")),
    (&[SHORT], PALE, ("缺水", "short")),
];
/// The group of what lacks.
const SHORT: &str = "short";

/// A limit with the runs of steps in which the plan lies at it.
struct Line {
    binding: Binding,
    /// First and last step, and the limit's value at the first.
    runs: Vec<(usize, usize, f64)>,
}

/// What binds, when.
pub(super) fn over_time(view: &View<'_>) -> Option<Markup> {
    let mut lines = lines(view);
    let left_out = lines.len().saturating_sub(MOST_LINES);
    lines.truncate(MOST_LINES);
    let (open, folded) = lines.split_at(lines.len().min(OPEN_LINES));
    let is_drawn = |group: &Group| lines.iter().any(|line| group.0.contains(&word(&line.binding)));
    (!lines.is_empty()).then(|| {
        html! {
            p.note {
                (both(
                    "方案贴着哪些限制运行、从何时到何时；浅色为该处所缺。只查方案文件所载的限制，未查：",
                    "Which limits the plan lies at, and when; pale where something lacks. Of limits that the document holds; not looked at: ",
                ))
                (not_held()) (both("。", "."))
            }
            p.key { @for (_, colour, (chinese, english)) in GROUPS.into_iter().filter(is_drawn) { span { i style={ "background:" (hex(colour)) } {} (both(chinese, english)) } } }
            div.bars {
                (ticks(view))
                @for line in open { (drawn(view, line)) }
            }
            @if !folded.is_empty() {
                details {
                    summary { (both(format!("其余{}条", folded.len()), format!("{} more", folded.len()))) }
                    div.bars { @for line in folded { (drawn(view, line)) } }
                }
            }
            @if left_out > 0 {
                p.note { (both(format!("另有{left_out}条未列；weir explain 逐处说明。"), format!("{left_out} further ones are not drawn; `weir explain` tells of each place."))) }
            }
        }
    })
}

/// Limits that bind anywhere, those that do for longest first; what lacks after them.
fn lines(view: &View<'_>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for (step, binding) in view.content.all_that_binds(0..view.axis.steps()) {
        let same = |line: &&mut Line| {
            let own = &line.binding;
            own.address == binding.address
                && own.limit == binding.limit
                && own.window == binding.window
                && is_short(own) == is_short(&binding)
        };
        // What is of one element comes together.
        let known = lines.iter_mut().rev().take_while(|line| line.binding.address == binding.address).find(same);
        match known {
            Some(line) => match line.runs.last_mut() {
                Some((_, last, _)) if *last + 1 == step => *last = step,
                _ => line.runs.push((step, step, binding.at)),
            },
            None => lines.push(Line { runs: vec![(step, step, binding.at)], binding }),
        }
    }
    let short = |line: &Line| is_short(&line.binding);
    lines.sort_by(|a, b| short(a).cmp(&short(b)).then(length(view, b).total_cmp(&length(view, a))));
    lines
}

fn is_short(binding: &Binding) -> bool {
    binding.short > 0.0
}

/// What a group holds it by.
fn word(binding: &Binding) -> &str {
    if is_short(binding) { SHORT } else { &binding.limit }
}

/// Days in which it binds.
fn length(view: &View<'_>, line: &Line) -> f64 {
    let edges = &view.axis.edges;
    line.runs.iter().map(|(first, last, _)| edges[last + 1] - edges[*first]).sum()
}

fn drawn(view: &View<'_>, line: &Line) -> Markup {
    let (edges, all) = (&view.axis.edges, view.axis.length().max(1e-9));
    let labels = view.axis.labels();
    let binding = &line.binding;
    let colour = GROUPS.iter().find(|(limits, ..)| limits.contains(&word(binding))).map_or(VERMILION, |group| group.1);
    let (factor, unit) = words::unit(&binding.unit);
    let time = |first: usize, last: usize| {
        labels.get(first).zip(labels.get(last + 1)).map_or_else(String::new, |(from, to)| format!("{from} – {to} "))
    };
    let limit = match (binding.limit.as_str(), is_short(binding)) {
        ("demand", _) => both("缺水", "short"),
        (_, true) => both("低于目标", "under its target"),
        (limit, false) => limit_word(limit),
    };
    html! {
        div.bar-line {
            span.bar-name { (view.name(&binding.address)) " " span.bar-limit { (limit) } }
            span.bar-track {
                @for (first, last, at) in &line.runs {
                    @let (from, to) = (edges[*first], edges[last + 1]);
                    i title={ (time(*first, *last)) "(" (number(at * factor)) " " (unit.english) ")" }
                        style={ "left:" (share(from / all)) "%;width:" (share((to - from) / all)) "%;background:" (hex(colour)) } {}
                }
            }
            span.bar-days { @let told = days(length(view, line)); (both(format!("{told}天"), format!("{told} d"))) }
        }
    }
}

/// Dates above the bars.
fn ticks(view: &View<'_>) -> Markup {
    let all = view.axis.length().max(1e-9);
    html! {
        div.bar-line.bar-head {
            span.bar-name {}
            span.bar-track { @for (at, label) in view.axis.ticks(TICKS) { b style={ "left:" (share(at / all)) "%" } { (label) } } }
            span.bar-days {}
        }
    }
}

fn share(part: f64) -> String {
    format!("{:.2}", 100.0 * part)
}
