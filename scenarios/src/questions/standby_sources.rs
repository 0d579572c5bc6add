//! 瓯江引水、泽雅顶上去珊溪省多少: all standby ways are opened, or those named.

use weir_report::view::View;
use weir_report::{Phrase, both, quantity};

use super::{NOTHING, Question, by_most, names, short, subject};

pub const QUESTION: Question = Question {
    word: "standby-sources",
    asked: ["备用水源顶上去，主库省多少？", "What do the standby sources save the main reservoir?"],
    of: "standby ways; unless given, all of them",
    overlays: |view, of| {
        let all: Vec<_> = view.content.elements.iter().filter(|element| element.standby).collect();
        let ids: Result<Vec<&str>, String> = match of {
            [] => Ok(all.iter().map(|element| element.id.as_str()).collect()),
            of => of.iter().map(|id| Ok(subject(Some(id), &all, "standby ways")?.id.as_str())).collect(),
        };
        let ids = ids?;
        if ids.is_empty() {
            return Err("the basin has no standby ways".to_owned());
        }
        let open = |id: &&str| format!("[[change]]\nopen = \"{id}\"\n");
        let text = ids.iter().map(open).collect::<Vec<_>>().concat();
        Ok(super::one("standby-sources", text))
    },
    answer,
    beside: None,
};

fn answer(base: &View<'_>, plans: &[(&str, View<'_>)]) -> Phrase {
    let Some((_, view)) = plans.first() else { return Phrase::default() };
    let standby: Vec<_> = base.content.elements.iter().filter(|element| element.standby).collect();
    let flow = |view: &View<'_>, id: &str| view.volume(id, "flow").unwrap_or(0.0);
    let used: Vec<_> = standby.iter().copied().filter(|way| flow(view, &way.id) > NOTHING).collect();
    let drawn: f64 = used.iter().map(|way| flow(view, &way.id) - flow(base, &way.id)).sum();
    let Some(main) = by_most(base, &["reservoir"], "outflow").first().copied() else { return Phrase::default() };
    let out = |view: &View<'_>| view.volume(&main.id, "outflow").unwrap_or(0.0);
    let (saved, less) = (out(base) - out(view), short(base, &[]) - short(view, &[]));
    let (drawn, less, name, used) =
        (quantity::volume(drawn), quantity::volume(less), view.name(&main.id), names(view, &used));
    let told = quantity::volume(saved.abs());
    let (verb, english) = if saved < 0.0 { ("多放", "releases more by") } else { ("省下", "releases less by") };
    both(
        format!(
            "{}共引{}，{}{verb}{}，全流域少缺{}。",
            used.chinese, drawn.chinese, name.chinese, told.chinese, less.chinese
        ),
        format!(
            "{} bring {}; {} {english} {}, and all users lack {} less.",
            used.english, drawn.english, name.english, told.english, less.english
        ),
    )
}
