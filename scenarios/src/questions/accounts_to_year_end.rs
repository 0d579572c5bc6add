//! 指标用了83%到年底超多少、从哪月起控: the account that ends its window worst, on the plan as it is.

use weir_report::view::View;
use weir_report::{Phrase, both, quantity};

use super::{NOTHING, Question};

pub const QUESTION: Question = Question {
    word: "accounts-to-year-end",
    asked: [
        "指标到年底超多少、从哪月起控？",
        "By how much is an account exceeded at the year's end, and from when is it to be held?",
    ],
    of: "",
    overlays: |_, _| Ok(Vec::new()),
    answer: |base, _| answer(base),
    beside: None,
};

fn answer(base: &View<'_>) -> Phrase {
    let caps = base.content.accounts.iter().filter(|row| row.at_most && row.limit_hm3 > 0.0);
    let share = |row: &weir_model::document::AccountRow| row.forecast_to_window_end_hm3 / row.limit_hm3;
    let Some(row) = caps.max_by(|a, b| share(a).total_cmp(&share(b))) else {
        return both("流域没有总量控制账户。", "The basin has no account with a cap.");
    };
    let name = base.name(&row.account);
    let used = quantity::percent(row.used_before_hm3 / row.limit_hm3);
    let end = quantity::percent(share(row));
    let excess = row.forecast_to_window_end_hm3 - row.limit_hm3;
    let ways = base.content.elements.iter().find(|element| element.id == row.account).map(|element| element.on.clone());
    // What the plan takes, step after step within the window, until nothing is left.
    let (first, last) = (quantity::local(&row.from), quantity::local(&row.to));
    let within = |step: &usize| {
        let at = base.axis.times.get(*step).copied();
        at.zip(first).is_some_and(|(at, first)| at >= first) && at.zip(last).is_some_and(|(at, last)| at < last)
    };
    let mut left = row.limit_hm3 - row.used_before_hm3;
    let empty = (0..base.axis.steps()).filter(within).find(|step| {
        let seconds = (base.axis.edges[step + 1] - base.axis.edges[*step]) * 86_400.0;
        let taken = ways.iter().flatten().filter_map(|way| base.values(way, "flow")?.get(*step).copied());
        left -= taken.sum::<f64>() * seconds / 1e6;
        left < -NOTHING
    });
    match empty.and_then(|step| base.axis.times.get(step)) {
        Some(at) if excess > NOTHING => {
            let (excess, month) = (quantity::volume(excess), quantity::date(at.date()));
            both(
                format!(
                    "{}已用{used}，照此到窗口末达{end}，超{}；{}指标用完，须从此前起控。",
                    name.chinese, excess.chinese, month.chinese
                ),
                format!(
                    "{} has used {used}; it ends at {end}, {} beyond its limit, which is used up on {}: hold it before.",
                    name.english, excess.english, month.english
                ),
            )
        }
        _ => both(
            format!("最紧的{}已用{used}，照此到窗口末为{end}，不超。", name.chinese),
            format!("The tightest, {}, has used {used} and ends at {end}: none is exceeded.", name.english),
        ),
    }
}
