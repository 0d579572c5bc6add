//! 原水有藻，停取3天怎么办: every way to a works is closed for the first three days.

use weir_report::view::View;
use weir_report::{Phrase, both, quantity};

use super::{Question, SEEN, by_most, one, subject};
use crate::sharing::within;

pub const QUESTION: Question = Question {
    word: "intake-stopped",
    asked: ["原水有藻，停取3天怎么办？", "Algae: what if a works takes no raw water for three days?"],
    of: "a works; unless given, the largest",
    overlays: |view, of| {
        let works = subject(of.first(), &by_most(view, &["waterworks"], "demand"), "waterworks")?;
        let ways = view.content.elements.iter().filter(|way| way.to.contains(&works.id) && way.from.is_some());
        let close = |id: &str| format!("[[change]]\nclose = \"{id}\"\ndays = 3\n");
        let text: String = ways.map(|way| close(&way.id)).collect();
        Ok(one("intake-stopped", text))
    },
    answer,
    beside: None,
};

fn answer(base: &View<'_>, plans: &[(&str, View<'_>)]) -> Phrase {
    let Some((_, view)) = plans.first() else { return Phrase::default() };
    let more = |id: &str, homes: bool| {
        let lacks = |view: &View<'_>| -> f64 {
            let rows = view.content.series.iter().filter(|row| row.quantity == "shortage" && row.tier.is_none());
            let rows = rows.filter(|row| row.element == id);
            let rows = rows.filter(|row| if homes { row.use_.as_deref() == Some("domestic") } else { row.class.is_none() });
            rows.map(|row| within(view, &row.values, 3.0)).sum()
        };
        lacks(view) - lacks(base)
    };
    let works = view.of_kind(&["waterworks"]).into_iter().max_by(|a, b| more(&a.id, false).total_cmp(&more(&b.id, false)));
    let Some(works) = works else { return Phrase::default() };
    let (all, homes) = (more(&works.id, false), more(&works.id, true));
    let broken = view.content.relaxations.iter().filter(|row| row.address.starts_with(&format!("{}.", works.id)));
    let floor: f64 = broken.map(|row| row.hm3).sum();
    let (name, all, homes) = (view.name(&works.id), quantity::volume(all), quantity::volume(homes));
    let floor = if floor > SEEN {
        let floor = quantity::volume(floor);
        both(format!("，低于居民基本需求{}", floor.chinese), format!(" and {} below the floor of homes", floor.english))
    } else {
        Phrase::default()
    };
    both(
        format!(
            "{}停取3天比基准多缺{}，其中居民公共{}{}，须由清水池、管网互通或送水补足。",
            name.chinese, all.chinese, homes.chinese, floor.chinese
        ),
        format!(
            "{} lacks {} more, {} of it of homes and the public{}: clear-water tanks, linked mains or tankers must bring it.",
            name.english, all.english, homes.english, floor.english
        ),
    )
}
