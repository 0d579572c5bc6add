//! 按75%/95%来水到明年4月15日水位多少: the basin's own question, to the eve of the next flood season, under two dry years of the record.

use jiff::civil::{Date, date};
use weir_model::horizon::after_ten_days;
use weir_report::view::View;
use weir_report::{Phrase, both, quantity};

use super::{Question, Texts};

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

/// The next 15 April.
fn until(start: Date) -> Date {
    let this = date(start.year(), 4, 15);
    if start < this { this } else { date(start.year() + 1, 4, 15) }
}

/// The first month by days, then by 旬, and the last days to 15 April.
fn steps(start: Date) -> String {
    let end = until(start);
    let count = |from: Date, to: Date| to.duration_since(from).as_hours() / 24;
    let daily = count(start, end).min(30);
    let mut at = start.saturating_add(jiff::ToSpan::days(daily));
    let mut parts = vec![format!("\"{daily} x 1 d\"")];
    let last = date(end.year(), 4, 11);
    let mut tens = 0;
    while at < last {
        let Ok(next) = after_ten_days(at) else { break };
        (at, tens) = (next, tens + 1);
    }
    if tens > 0 {
        parts.push(format!("\"{tens} x 旬\""));
    }
    if at < end {
        parts.push(format!("\"{} x 1 d\"", count(at, end)));
    }
    format!("[{}]", parts.join(", "))
}

fn overlays(view: &View<'_>, _: &[String]) -> Texts {
    let start = view.axis.times.first().map(|time| time.date()).ok_or("the plan has no steps")?;
    let text = |percent: u32| {
        format!(
            "[[change]]\nset = \"horizon.steps\"\nvalue = {}\n[[change]]\nset = \"forecast.then\"\nvalue = {percent}\n",
            steps(start)
        )
    };
    Ok(PERCENTS.into_iter().map(|percent| (format!("levels-by-dry-year-P{percent}"), text(percent))).collect())
}

fn answer(_: &View<'_>, plans: &[(&str, View<'_>)]) -> Phrase {
    let Some((_, first)) = plans.first() else { return Phrase::default() };
    let one = |store: &weir_model::document::Element| {
        let name = first.name(&store.id);
        let level = |view: &View<'_>| view.ends(&store.id, "level").map(|(_, last)| quantity::level(last));
        let levels: Vec<String> = plans.iter().filter_map(|(_, view)| level(view)).collect();
        both(format!("{}{}", name.chinese, levels.join("、")), format!("{} at {}", name.english, levels.join(" and ")))
    };
    let all: Vec<Phrase> = first.of_kind(&["reservoir"]).into_iter().map(one).collect();
    let date = quantity::date(until(first.axis.times.first().map_or(date(1, 1, 1), |time| time.date())));
    let join = |of: fn(&Phrase) -> &str, by: &str| all.iter().map(of).collect::<Vec<_>>().join(by);
    both(
        format!("按本方案调度，到{}，两种来水下依次为：{}。", date.chinese, join(|said| &said.chinese, "；")),
        format!(
            "Dispatched by plan, on {}, under the one and the other: {}.",
            date.english,
            join(|said| &said.english, "; ")
        ),
    )
}
