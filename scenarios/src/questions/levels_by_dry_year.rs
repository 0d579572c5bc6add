//! 按75%/95%来水到明年4月15日水位多少: the basin's own question, to the eve of the next flood season, under two dry years of the record.

use jiff::civil::{Date, date};
use weir_report::view::View;
use weir_report::{Phrase, both, quantity};

use super::{Question, Texts, next, steps};

/// Dry years that are asked, percent.
const PERCENTS: [u32; 2] = [75, 95];

pub const QUESTION: Question = Question {
    word: "levels-by-dry-year",
    asked: [
        "按75%、95%来水，到明年4月15日水位多少？",
        "To what levels do dry years of 75 % and 95 % lead by the next 15 April?",
    ],
    of: "",
    overlays,
    answer,
    beside: None,
};

/// The next 15 April behind a day.
fn until(start: Date) -> Date {
    next(start.saturating_add(jiff::ToSpan::days(1)), (4, 15))
}

fn overlays(view: &View<'_>, _: &[String]) -> Texts {
    let start = view.axis.times.first().map(|time| time.date()).ok_or("the plan has no steps")?;
    let text = |percent: u32| {
        format!(
            "[[change]]\nset = \"horizon.steps\"\nvalue = {}\n[[change]]\nset = \"forecast.then\"\nvalue = {percent}\n",
            steps(start, until(start))
        )
    };
    Ok(PERCENTS.into_iter().map(|percent| (format!("levels-by-dry-year-P{percent}"), text(percent))).collect())
}

fn answer(_: &View<'_>, plans: &[(&str, View<'_>)]) -> Phrase {
    let Some((_, first)) = plans.first() else { return Phrase::default() };
    let one = |(percent, (_, view)): (u32, &(&str, View<'_>))| {
        let stores = view.of_kind(&["reservoir"]).into_iter();
        let told = stores.filter_map(|store| {
            let (name, level) = (view.name(&store.id), quantity::level(view.ends(&store.id, "level")?.1));
            Some(both(format!("{}{level}", name.chinese), format!("{} at {level}", name.english)))
        });
        let told: Vec<Phrase> = told.collect();
        let told = Phrase::joined(&told, "、", ", ");
        // Which year of the record brings the water says why a drier one need not end lower.
        let year = view.content.case.inflow.iter().find_map(|row| row.year);
        let [year, english] =
            year.map_or_else(Default::default, |year| [format!("（取{year}年）"), format!(" (of {year})")]);
        both(format!("{percent}%来水{year}时{}", told.chinese), format!("under {percent} %{english} {}", told.english))
    };
    let all: Vec<Phrase> = PERCENTS.into_iter().zip(plans).map(one).collect();
    let date = quantity::date(until(first.axis.times.first().map_or(date(1, 1, 1), |time| time.date())));
    let all = Phrase::joined(&all, "；", "; ");
    both(
        format!("按方案调度，到{}，{}。", date.chinese, all.chinese),
        format!("Dispatched by plan, on {}: {}.", date.english, all.english),
    )
}
