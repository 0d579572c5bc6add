//! 北干渠检修10天怎么供、最多停几天: a canal or diversion closed from the first day on, for 1 to 10 days.

use std::collections::BTreeSet;

use jiff::ToSpan;
use weir_model::document::{Element, Part};
use weir_report::view::View;
use weir_report::{Phrase, both, quantity};

use super::{NOTHING, Question, by_most, names, subject};
use crate::sharing::{Sharing, within};

/// Days of closure that are asked.
const DAYS: [usize; 5] = [1, 2, 3, 5, 10];

pub const QUESTION: Question = Question {
    word: "canal-closed",
    asked: [
        "渠道检修10天怎么供、最多停几天？",
        "How are all served while a canal is closed for 10 days, and how long may it be?",
    ],
    of: "a canal or diversion; unless given, the one that carries most",
    overlays: |view, of| {
        let way = subject(of.first(), &by_most(view, &["canal", "diversion"], "flow"), "canals or diversions")?;
        let shut = view.values(&way.id, "capacity").is_some_and(|all| all.iter().all(|capacity| *capacity < NOTHING));
        if shut {
            return Err(format!("`{}` is closed all the time in the base: closing it changes nothing", way.id));
        }
        let text = |days: usize| format!("[[change]]\nclose = \"{}\"\ndays = {days}\n", way.id);
        Ok(DAYS.into_iter().map(|days| (format!("canal-closed-{days}"), text(days))).collect())
    },
    answer,
    beside: None,
};

fn answer(base: &View<'_>, plans: &[(&str, View<'_>)]) -> Phrase {
    let kept = plans.iter().zip(DAYS);
    let kept = kept.take_while(|((_, view), days)| Sharing::of(base, view, *days as f64).homes <= NOTHING);
    let longest = kept.map(|(_, days)| days).last().unwrap_or(0);
    let Some((_, ten)) = plans.last() else { return Phrase::default() };
    let sharing = Sharing::of(base, ten, 10.0);
    let closed = closed(base, ten);
    let name = closed.map(|way| base.name(&way.id)).unwrap_or_default();
    let (may, english) = match longest {
        0 => ("停1天居民公共就要缺水".to_owned(), "homes and the public go short even on one day".to_owned()),
        10 => ("停10天居民公共不缺".to_owned(), "homes and the public are served through all ten days".to_owned()),
        days => (
            format!("居民公共不缺的最长停水为{days}天（按1、2、3、5、10天试算）"),
            format!("homes and the public are served for up to {days} days (of 1, 2, 3, 5 and 10 tried)"),
        ),
    };
    let (homes, told) = (quantity::volume(sharing.homes), sharing.told(ten));
    let (homes, english_homes) = if sharing.more.is_empty() {
        Default::default()
    } else {
        (
            format!("；多缺的水中居民公共{}", homes.chinese),
            format!("; {} of what lacks more is of homes and the public", homes.english),
        )
    };
    let first = base.axis.times.first().map(|time| time.date()).unwrap_or_default();
    let [first, last] = [first, first.saturating_add(9.days())].map(quantity::date);
    let days = both(
        format!("停10天（{}至{}）", first.chinese, last.chinese),
        format!("in ten days ({} to {})", first.english, last.english),
    );
    let instead = closed.map(|way| instead(base, ten, way)).unwrap_or_default();
    let semicolon = |text: String, mark: &str| if text.is_empty() { text } else { format!("{mark}{text}") };
    let instead = both(semicolon(instead.chinese, "；"), semicolon(instead.english, "; "));
    // What lacks to floors of homes is told behind.
    let others = ten.content.relaxations.iter().filter(|row| row.class.as_deref() != Some("domestic_floor")).count();
    let (broken, broken_english) = if others > 0 {
        (format!("；另有{others}项·时段的硬性规则不能满足"), format!("; {others} other hard rules × steps cannot hold"))
    } else {
        Default::default()
    };
    both(
        format!("{}{may}；{}期间，与基准比{}{homes}{}{broken}。", name.chinese, days.chinese, told.chinese, instead.chinese),
        format!(
            "{}: {english}; {} {}{english_homes}{}{broken_english}.",
            name.english, days.english, told.english, instead.english
        ),
    )
}

/// The way that the overlay closes: of those that carry nothing on the first day and did, that whose capacity is gone.
fn closed<'a>(base: &View<'a>, ten: &View<'_>) -> Option<&'a Element> {
    let first = |view: &View<'_>, id: &str, of: &str| view.values(id, of).and_then(|values| values.first().copied());
    let nothing = |view: &View<'_>, id: &str, of: &str| first(view, id, of).is_some_and(|value| value < NOTHING);
    let ways = by_most(base, &["canal", "diversion"], "flow").into_iter();
    let stopped = |way: &&Element| nothing(ten, &way.id, "flow") && !nothing(base, &way.id, "capacity");
    let found: Vec<&Element> = ways.filter(stopped).collect();
    found.iter().find(|way| nothing(ten, &way.id, "capacity")).or(found.first()).copied()
}

/// Who serves those behind a closed way: ways into their part of the net that carry more, stores in it that give more, and standby ways that stand
/// closed.
fn instead(base: &View<'_>, ten: &View<'_>, closed: &Element) -> Phrase {
    let arcs = || ten.content.elements.iter().filter(|element| element.part == Part::Arc && element.from.is_some());
    let mut behind: BTreeSet<&str> = closed.to.iter().map(String::as_str).collect();
    loop {
        let reached = arcs().filter(|way| way.from.as_deref().is_some_and(|from| behind.contains(from)));
        let further: BTreeSet<&str> = reached.flat_map(|way| way.to.iter().map(String::as_str)).collect();
        let before = behind.len();
        behind.extend(further);
        if behind.len() == before {
            break;
        }
    }
    let into = |way: &&Element| {
        way.id != closed.id
            && way.to.iter().any(|to| behind.contains(to.as_str()))
            && way.from.as_deref().is_some_and(|from| !behind.contains(from))
    };
    let carried = |view: &View<'_>, id: &str| {
        let row = view.content.series.iter().find(|row| row.address == id && row.quantity == "flow");
        row.map_or(0.0, |row| within(view, &row.values, 10.0))
    };
    let drawn = |view: &View<'_>, id: &str| {
        let storage = view.values(id, "storage").unwrap_or_default();
        let at = view.axis.edges.iter().position(|edge| *edge >= 10.0).unwrap_or(usize::MAX);
        let last = storage.get(at).or(storage.last()).copied().unwrap_or(0.0);
        storage.first().copied().unwrap_or(0.0) - last
    };
    let ways = arcs().filter(into).map(|way| (way, carried(ten, &way.id) - carried(base, &way.id)));
    let stores = ten.of_kind(&["reservoir", "aquifer"]).into_iter().filter(|store| behind.contains(store.id.as_str()));
    let stores = stores.map(|store| (store, drawn(ten, &store.id) - drawn(base, &store.id)));
    let mut more: Vec<(&Element, f64)> = ways.chain(stores).filter(|(_, hm3)| *hm3 > NOTHING).collect();
    more.sort_by(|a, b| b.1.total_cmp(&a.1));
    let one = |(element, hm3): &(&Element, f64)| {
        let (name, hm3) = (ten.name(&element.id), quantity::volume(*hm3));
        both(format!("{}多供{}", name.chinese, hm3.chinese), format!("{} brings {} more", name.english, hm3.english))
    };
    let told: Vec<Phrase> = more.iter().map(one).collect();
    let (serves, english) = if told.is_empty() {
        ("其后用户没有别的来水多供".to_owned(), "no other way brings more to those behind it".to_owned())
    } else {
        let all = Phrase::joined(&told, "、", ", ");
        (format!("改由{}", all.chinese), all.english)
    };
    let shut = |way: &&Element| {
        let capacity = ten.values(&way.id, "capacity").unwrap_or_default();
        way.standby && !capacity.is_empty() && capacity.iter().all(|capacity| *capacity < NOTHING)
    };
    let standby: Vec<&Element> = arcs().filter(into).filter(shut).collect();
    if standby.is_empty() {
        return both(serves, english);
    }
    let standby = names(ten, &standby);
    both(
        format!("{serves}；备用的{}按现行模式关闭，未启用", standby.chinese),
        format!("{english}; on standby and closed in this mode: {}", standby.english),
    )
}
