//! 指标用了83%到年底超多少、从哪月起控: the account that ends its window worst, on the plan as it is, of the windows that have begun as it
//! begins; of those to come only where none has.

use jiff::civil::{Date, DateTime};
use weir_model::document::AccountRow;
use weir_report::view::View;
use weir_report::{Phrase, both, quantity, words};

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
    let caps: Vec<&AccountRow> = base.content.accounts.iter().filter(|row| row.at_most && row.limit_hm3 > 0.0).collect();
    let share = |row: &AccountRow| row.forecast_to_window_end_hm3 / row.limit_hm3;
    let has_begun = |row: &AccountRow| quantity::local(&row.from) <= base.axis.times.first().copied();
    let any_has = caps.iter().any(|row| has_begun(row));
    let asked = caps.into_iter().filter(|row| !any_has || has_begun(row));
    let Some(row) = asked.max_by(|a, b| share(a).total_cmp(&share(b))) else {
        return both("流域没有总量控制账户。", "The basin has no account with a cap.");
    };
    let (name, window) = (base.name(&row.account), words::period_label(&row.window));
    let name = both(format!("{}（{}）", name.chinese, window.chinese), format!("{} ({})", name.english, window.english));
    // What the horizon does not reach is no plan but reckoned.
    let behind = row.forecast_to_window_end_hm3 - row.used_before_hm3 - row.planned_hm3;
    let behind = if behind > NOTHING {
        let behind = quantity::volume(behind);
        both(
            format!("（其中{}在计划期外，系推算）", behind.chinese),
            format!(" ({} of it reckoned, beyond the horizon)", behind.english),
        )
    } else {
        Phrase::default()
    };
    let (days, basis) = (of_days(row), basis(base, row));
    let used = quantity::percent(row.used_before_hm3 / row.limit_hm3);
    let end = quantity::percent(share(row));
    let excess = row.forecast_to_window_end_hm3 - row.limit_hm3;
    if excess <= NOTHING {
        return both(
            format!(
                "最紧的{}已用{used}，{}到窗口末为{end}{}，不超。{}",
                name.chinese, days.chinese, behind.chinese, basis.chinese
            ),
            format!(
                "The tightest, {}, has used {used} and, {}, ends at {end}{}: none is exceeded.{}",
                name.english, days.english, behind.english, basis.english
            ),
        );
    }
    let ways = base.content.elements.iter().find(|element| element.id == row.account).map(|element| element.on.clone());
    // What the plan takes, step after step within the window, until nothing is left.
    let (first, last) = (quantity::local(&row.from), quantity::local(&row.to));
    let within = |step: &usize| {
        let at = base.axis.times.get(*step).copied();
        at.zip(first).is_some_and(|(at, first)| at >= first) && at.zip(last).is_some_and(|(at, last)| at < last)
    };
    let taken = |step: usize| {
        let seconds = (base.axis.edges[step + 1] - base.axis.edges[step]) * 86_400.0;
        let flows = ways.iter().flatten().filter_map(|way| base.values(way, "flow")?.get(step).copied());
        flows.sum::<f64>() * seconds / 1e6
    };
    let mut left = row.limit_hm3 - row.used_before_hm3;
    // Within a step as its mean.
    let empty = (0..base.axis.steps()).filter(within).find_map(|step| {
        let seconds = (base.axis.edges[step + 1] - base.axis.edges[step]) * 86_400.0;
        let (taken, before) = (taken(step), left.max(0.0));
        left -= taken;
        let into = (seconds * before / taken) as i64;
        (left < -NOTHING).then(|| base.axis.times[step].saturating_add(jiff::Span::new().seconds(into)))
    });
    // What is drawn from a day on, to the window's end, of which the excess is to be saved.
    let drawn_from = |from: f64| {
        let before = |step: usize| {
            let (begin, end) = (base.axis.edges[step], base.axis.edges[step + 1]);
            ((from - begin) / (end - begin)).clamp(0.0, 1.0)
        };
        let taken: f64 = (0..base.axis.steps()).filter(within).map(|step| before(step) * taken(step)).sum();
        row.forecast_to_window_end_hm3 - row.used_before_hm3 - taken
    };
    let until = empty.or_else(|| base.axis.times.last().copied());
    let cuts = starts(base, (first, until)).into_iter().filter_map(|(day, date)| {
        let share = excess / drawn_from(day);
        (share > 0.0 && share <= 1.0).then(|| (quantity::date(date), quantity::percent(share)))
    });
    let cuts: Vec<Phrase> = cuts
        .map(|(date, share)| {
            both(format!("自{}起须压减取水{share}", date.chinese), format!("{share} of the intake from {} on", date.english))
        })
        .collect();
    let cuts = Phrase::joined(&cuts, "，", ", ");
    let excess = quantity::volume(excess);
    let used_up = empty.map_or_else(
        || both("计划期内尚未用完", "is not used up within the horizon"),
        |at| {
            let day = quantity::date(at.date());
            both(format!("{}指标用完", day.chinese), format!("is used up on {}", day.english))
        },
    );
    both(
        format!(
            "{}已用{used}，{}到窗口末达{end}{}，超{}；{}。要不超，{}。{}",
            name.chinese, days.chinese, behind.chinese, excess.chinese, used_up.chinese, cuts.chinese, basis.chinese
        ),
        format!(
            "{} has used {used}; {}, it ends at {end}{}, {} beyond its limit, which {}. To keep it, cut {}.{}",
            name.english, days.english, behind.english, excess.english, used_up.english, cuts.english, basis.english
        ),
    )
}

/// Of which days the plan tells.
fn of_days(row: &AccountRow) -> Phrase {
    let (from, to) = (quantity::time_text(&row.from), quantity::end_text(&row.to));
    both(
        format!("按方案{}至{}的取水", from.chinese, to.chinese),
        format!("by what the plan takes from {} to {}", from.english, to.english),
    )
}

/// On what the rest rests: use that was not known before the start, days beyond the horizon.
fn basis(base: &View<'_>, row: &AccountRow) -> Phrase {
    row.note.as_ref().map_or_else(Phrase::default, |note| {
        let note = base.statement(note);
        both(format!("（口径：{}）", note.chinese), format!(" (Reckoned so: {}.)", note.english))
    })
}

/// A window's first day within the plan and the first of each month after it until a time, three in all: by the axis's days, with their dates.
fn starts(base: &View<'_>, (first, until): (Option<DateTime>, Option<DateTime>)) -> Vec<(f64, Date)> {
    let (Some(axis), Some(first)) = (base.axis.times.first().copied(), first) else { return Vec::new() };
    let months = (0..).map_while(|month| {
        let date = first.date().first_of_month().checked_add(jiff::Span::new().months(month)).ok()?;
        Some(date.max(first.date()))
    });
    let days = |date: Date| {
        let passed = DateTime::from(date).duration_since(axis).as_secs_f64() / 86_400.0;
        base.axis.edges[0] + passed.max(0.0)
    };
    let within = months.take_while(|date| until.is_none_or(|until| DateTime::from(*date) < until));
    within.take(3).map(|date| (days(date), date)).collect()
}
