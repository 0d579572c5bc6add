//! Where the water of one side goes, a line an end.

use weir_model::explanation::{End, Explanation, Leg, Side};

use super::when::{span, until};
use crate::language::{Phrase, both};
use crate::quantity::fixed;
use crate::text::Summary;
use crate::view::View;

/// Ends of the water that are told one by one.
const MOST_ENDS: usize = 6;

/// Where the water of one side goes, in words.
pub(crate) struct Told<'a> {
    /// What is told of.
    pub(crate) head: Phrase,
    /// Ends, the largest first, each with its route.
    pub(crate) ends: Vec<(&'a End, Phrase)>,
    /// Ends beyond these.
    pub(crate) rest: Option<Phrase>,
    /// That more water moves than came.
    pub(crate) moves: Option<Phrase>,
}

/// Where the water of one side goes, a line an end.
pub(super) fn goes(view: &View<'_>, explanation: &Explanation, side: &Side, more: bool, out: &mut Summary) {
    let told = tells(view, explanation, side, more);
    out.line(&told.head);
    for item in told.ends.iter().map(|(_, said)| said).chain(&told.rest) {
        out.line(&both(format!("  {}", item.chinese), format!("  {}", item.english)));
    }
    if let Some(said) = &told.moves {
        out.line(said);
    }
}

/// Where the water of one side goes.
pub(crate) fn tells<'a>(view: &View<'_>, explanation: &Explanation, side: &'a Side, more: bool) -> Told<'a> {
    let node = view.name(&explanation.node);
    let when = span(&explanation.from, &explanation.to);
    if side.none.is_some() {
        let head = both(
            format!("{}{}{}1 m³：没有方案。", when.chinese, node.chinese, if more { "多来" } else { "少来" }),
            format!(
                "One m³ {} in {} on {}: there is no plan.",
                if more { "more" } else { "less" },
                node.english,
                when.english
            ),
        );
        return Told { head, ends: Vec::new(), rest: None, moves: None };
    }
    let head = if more {
        both(
            format!("{}{}多来1 m³水，去向：", when.chinese, node.chinese),
            format!("One more m³ in {} on {} would go:", node.english, when.english),
        )
    } else {
        both(
            format!("{}{}少来1 m³水，少在：", when.chinese, node.chinese),
            format!("One m³ less in {} on {} would be missed:", node.english, when.english),
        )
    };
    let ends: Vec<&End> = side.trace.ends.iter().filter(|end| end.share.abs() >= LEAST).collect();
    let (told, rest) = ends.split_at(ends.len().min(MOST_ENDS));
    let others = share(rest.iter().map(|end| end.share).sum());
    let rest = (!rest.is_empty())
        .then(|| both(format!("{others} m³ 在另外{}处", rest.len()), format!("{others} m³ at {} other places", rest.len())));
    let moves = (moved(&side.trace.ends) > MOVES_MORE).then(|| {
        both(
            "所动水量多于1 m³：约束或目标使多处水量同增同减。",
            "More water moves than 1 m³: a rule or goal that is kept holds these flows together.",
        )
    });
    Told { head, ends: told.iter().map(|&end| (end, ended(view, end, more))).collect(), rest, moves }
}

/// Water that is more somewhere, of one m³; what losses that are spared give is the same water.
fn moved(ends: &[End]) -> f64 {
    let is_loss = |end: &&End| matches!(end.kind, "air_and_ground" | "loss");
    let more: f64 = ends.iter().map(|end| (end.share - end.returned).max(0.0)).sum();
    more + ends.iter().filter(is_loss).map(|end| end.share.min(0.0)).sum::<f64>()
}

fn share(share: f64) -> String {
    fixed(share, 2)
}

/// Shares that are told at least.
const LEAST: f64 = 0.005;
/// Shares that are told to be more than the water that came.
const MOVES_MORE: f64 = 1.5;

/// An end with its route: `0.80 through A and B, kept in C until 7 August, to D on 8 to 10 August`.
fn ended(view: &View<'_>, end: &End, more: bool) -> Phrase {
    let (name, when) = (view.name(&end.address), span(&end.from, &end.to));
    let starts = &view.content.horizon.starts;
    let next = starts.iter().position(|start| *start == end.from).and_then(|step| starts.get(step + 1));
    let at_once = next.unwrap_or(&view.content.horizon.end) == &end.to;
    let mut parts = route(view, &end.route, at_once);
    parts.push(match end.kind {
        "supply" => {
            both(format!("供{}（{}）", name.chinese, when.chinese), format!("to {}, {}", name.english, when.english))
        }
        "storage" => both(format!("期末留在{}", name.chinese), format!("kept in {} at the end", name.english)),
        "sink" => {
            both(format!("流出至{}（{}）", name.chinese, when.chinese), format!("out to {}, {}", name.english, when.english))
        }
        "source" => {
            both(format!("少取{}（{}）", name.chinese, when.chinese), format!("left in {}, {}", name.english, when.english))
        }
        "air_and_ground" => both(
            format!("{}蒸发渗漏（{}）", name.chinese, when.chinese),
            format!("lost from {} to air and ground, {}", name.english, when.english),
        ),
        "loss" => both(
            format!("{}途中损失（{}）", name.chinese, when.chinese),
            format!("lost on its way in {}, {}", name.english, when.english),
        ),
        _ => both(format!("期末仍在{}途中", name.chinese), format!("still on its way in {} at the end", name.english)),
    });
    if end.returned > 0.0 {
        let back = share(end.returned);
        parts.push(both(format!("其中{back}回归"), format!("of which {back} comes back")));
    }
    if end.share < 0.0 {
        parts.push(if more {
            both("该处反减", "of which there is less")
        } else {
            both("该处反增", "of which there is more")
        });
    }
    let (amount, parts) = (share(end.share), Phrase::joined(&parts, "，", ", "));
    both(format!("{amount} m³ {}", parts.chinese), format!("{amount} m³ {}", parts.english))
}

/// The parts of a route; of an end in many steps without dates, since each has its own.
fn route(view: &View<'_>, legs: &[Leg], dated: bool) -> Vec<Phrase> {
    let mut parts: Vec<Phrase> = Vec::new();
    for same in legs.chunk_by(|a, b| a.way == b.way) {
        let (Some(leg), Some(last)) = (same.first(), same.last()) else { continue };
        let names: Vec<Phrase> = same.iter().map(|leg| view.name(&leg.address)).collect();
        let name = Phrase::joined(&names, "、", ", ");
        let (when, until) = (span(&leg.from, &leg.to), until(&last.to));
        let on = |phrase: Phrase, before: &str, after: &str| {
            if dated {
                both(format!("{before}{}", phrase.chinese), format!("{after}{}", phrase.english))
            } else {
                Phrase::default()
            }
        };
        let (when, until) = (on(when, "（", ", on "), on(until, "至", " until "));
        let close = if dated { "）" } else { "" };
        parts.push(match leg.way {
            "flow" => both(format!("经{}", name.chinese), format!("through {}", name.english)),
            "kept" => {
                both(format!("存{}{}", name.chinese, until.chinese), format!("kept in {}{}", name.english, until.english))
            }
            "spared" => both(
                format!("{}少放{}{close}", name.chinese, when.chinese),
                format!("instead of flow in {}{}", name.english, when.english),
            ),
            "drawn" => both(
                format!("{}此前先放{}{close}", name.chinese, when.chinese),
                format!("which {} gives before{}", name.english, when.english),
            ),
            _ => both(format!("自{}回归", name.chinese), format!("back from {}", name.english)),
        });
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(kind: &'static str, share: f64, returned: f64) -> End {
        let (address, from, to) = (kind.to_owned(), String::new(), String::new());
        End { address, kind, share, returned, from, to, route: Vec::new() }
    }

    #[test]
    fn what_moves_is_told_to_be_more_only_where_it_is() {
        // Kept above a canal that loses half; given to a town, half of which comes back for a plant; three uses for one, two from a lake.
        assert_eq!(moved(&[end("storage", 2.0, 0.0), end("loss", -1.0, 0.0)]), 1.0);
        assert_eq!(moved(&[end("supply", 1.0, 0.5), end("supply", 0.5, 0.0)]), 1.0);
        assert_eq!(moved(&[end("supply", 3.0, 0.0), end("storage", -2.0, 0.0)]), 3.0);
    }
}
