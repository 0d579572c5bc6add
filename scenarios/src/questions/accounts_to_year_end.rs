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
    // Within a step as its mean.
    let empty = (0..base.axis.steps()).filter(within).find_map(|step| {
        let seconds = (base.axis.edges[step + 1] - base.axis.edges[step]) * 86_400.0;
        let flows = ways.iter().flatten().filter_map(|way| base.values(way, "flow")?.get(step).copied());
        let taken = flows.sum::<f64>() * seconds / 1e6;
        let before = left.max(0.0);
        left -= taken;
        let into = (seconds * before / taken) as i64;
        (left < -NOTHING).then(|| base.axis.times[step].saturating_add(jiff::Span::new().seconds(into)))
    });
    match empty {
        Some(at) if excess > NOTHING => {
            let (excess, day) = (quantity::volume(excess), quantity::date(at.date()));
            // Used up at the very start of a month, it is to be held in the one before.
            let month = at.saturating_sub(jiff::Span::new().seconds(1)).date();
            both(
                format!(
                    "{}已用{used}，照此到窗口末达{end}，超{}；{}指标用完，最迟须从{}年{}月起控。",
                    name.chinese,
                    excess.chinese,
                    day.chinese,
                    month.year(),
                    month.month()
                ),
                format!(
                    "{} has used {used}; it ends at {end}, {} beyond its limit, which is used up on {}: hold it from {} at the latest.",
                    name.english,
                    excess.english,
                    day.english,
                    month.strftime("%B %Y")
                ),
            )
        }
        _ => both(
            format!("最紧的{}已用{used}，照此到窗口末为{end}，不超。", name.chinese),
            format!("The tightest, {}, has used {used} and ends at {end}: none is exceeded.", name.english),
        ),
    }
}
