//! 工业压10%灌溉压20%多撑几天: without rain, as the basin is run today, with the two cut and without.

use weir_report::view::View;
use weir_report::{Phrase, both, quantity};

use super::days_without_rain::no_rain;
use super::{Question, first_short, stored};

pub const QUESTION: Question = Question {
    word: "curtailed-without-rain",
    asked: ["工业压10%、灌溉压20%，能多撑几天？", "How many days more if industry is cut by 10 % and irrigation by 20 %?"],
    of: "",
    overlays: |view, _| {
        let has = |class: &str| view.content.series.iter().any(|row| row.class.as_deref() == Some(class));
        let cut = |(class, by): (&str, &str)| {
            if has(class) { format!("[[change]]\ndemand = \"{class}\"\nby = {by}\n") } else { String::new() }
        };
        let cuts: String = [("industry", "0.9"), ("irrigation", "0.8")].into_iter().map(cut).collect();
        if cuts.is_empty() {
            return Err("no demand of the basin has a class `industry` or `irrigation`".to_owned());
        }
        let id = |more: &str| format!("curtailed-without-rain{more}");
        let no_rain = no_rain(view);
        Ok(vec![(id("-as-today"), no_rain.clone()), (id(""), no_rain + &cuts)])
    },
    answer,
    beside: None,
};

fn answer(_: &View<'_>, plans: &[(&str, View<'_>)]) -> Phrase {
    let [(_, without), (_, with)] = plans else { return Phrase::default() };
    let days = |view: &View<'_>| {
        let first = first_short(view).into_iter().map(|(_, step)| step).find(|step| *step > 0);
        view.axis.edges[first.unwrap_or(view.axis.steps())]
    };
    let (before, after) = (days(without), days(with));
    let more = quantity::fixed(after - before, 0);
    let saved = quantity::volume(stored(with) - stored(without));
    let end = |days: f64, chinese: bool| {
        let whole = days >= without.axis.edges[without.axis.steps()];
        let told = quantity::fixed(days, 0);
        match (whole, chinese) {
            (true, true) => format!("全期{told}天"),
            (true, false) => format!("all {told} days"),
            (false, true) => format!("{told}天"),
            (false, false) => format!("{told} days"),
        }
    };
    let in_force = without.content.case.curtailments.iter().any(|row| row.from.is_some());
    let (on_top, on_top_english) = if in_force {
        ("，在已启动的限水措施之上再压", ", on top of the curtailments in force")
    } else {
        ("", "")
    };
    let (end_said, end_said_english) = (
        format!("期末多存{}{on_top}", saved.chinese),
        format!("{} more is stored at the end{on_top_english}", saved.english),
    );
    if after <= before {
        return both(
            format!("不下雨时居民生活压减前后均可供{}，天数不变，{end_said}。", end(before, true)),
            format!(
                "Without rain homes are served for {} with the cuts as without; {end_said_english}.",
                end(before, false)
            ),
        );
    }
    both(
        format!("不下雨时居民生活由{}变为{}，多撑{more}天，{end_said}。", end(before, true), end(after, true)),
        format!(
            "Without rain homes are served for {} instead of {}: {more} days more, and {end_said_english}.",
            end(after, false),
            end(before, false),
        ),
    )
}
