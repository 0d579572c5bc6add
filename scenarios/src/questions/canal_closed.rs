//! 北干渠检修10天怎么供、最多停几天: a canal or diversion closed from the first day on, for 1 to 10 days.

use weir_report::view::View;
use weir_report::{Phrase, both, quantity};

use super::{NOTHING, Question, by_most, short_within, subject};

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
        let way = subject(of.first(), &by_most(view, &["canal", "diversion"], "flow"), "canal or diversion")?;
        let text = |days: usize| format!("[[change]]\nclose = \"{}\"\ndays = {days}\n", way.id);
        Ok(DAYS.into_iter().map(|days| (format!("canal-closed-{days}"), text(days))).collect())
    },
    answer,
    beside: None,
};

fn answer(base: &View<'_>, plans: &[(&str, View<'_>)]) -> Phrase {
    let more = |view: &View<'_>, days: usize, homes: bool| {
        let lacks = |view| short_within(view, days as f64, homes, |_| true);
        (lacks(view) - lacks(base)).max(0.0)
    };
    let kept = plans.iter().zip(DAYS).take_while(|((_, view), days)| more(view, *days, true) <= NOTHING);
    let longest = kept.map(|(_, days)| days).last().unwrap_or(0);
    let Some((_, ten)) = plans.last() else { return Phrase::default() };
    let (homes, all) = (quantity::volume(more(ten, 10, true)), quantity::volume(more(ten, 10, false)));
    let carries = |view: &View<'_>, id: &str| view.values(id, "flow").and_then(|flow| flow.first().copied()).unwrap_or(0.0);
    let closed = by_most(base, &["canal", "diversion"], "flow").into_iter();
    let closed = closed.filter(|way| carries(ten, &way.id) < NOTHING && carries(base, &way.id) > NOTHING);
    let name = closed.map(|way| base.name(&way.id)).next().unwrap_or_default();
    let (may, english) = match longest {
        0 => ("停1天居民生活就要缺水".to_owned(), "homes go short even on one day".to_owned()),
        10 => ("停10天居民生活不缺".to_owned(), "homes are served through all ten days".to_owned()),
        days => (
            format!("居民生活不缺的最长停水为{days}天（按1、2、3、5、10天试算）"),
            format!("homes are served for up to {days} days (of 1, 2, 3, 5 and 10 tried)"),
        ),
    };
    // What lacks to floors of homes is told behind.
    let others = ten.content.relaxations.iter().filter(|row| row.class.as_deref() != Some("domestic_floor")).count();
    let (broken, broken_english) = if others > 0 {
        (format!("，另有{others}项·时段的硬性规则不能满足"), format!(", and {others} other hard rules × steps cannot hold"))
    } else {
        (String::new(), String::new())
    };
    both(
        format!("{}{may}；停10天期间比基准多缺{}，其中居民生活{}{broken}。", name.chinese, all.chinese, homes.chinese),
        format!(
            "{}: {english}; in ten days {} lack more, {} of it of homes{broken_english}.",
            name.english, all.english, homes.english
        ),
    )
}
