//! `open`: a standby way is opened in every mode, and what closes a way is taken away; in a period, it is closed outside.

use toml::de::DeTable;
use weir_model::basin::dates::{Day, Period};
use weir_model::basin::entry::{Entry, Value};

use crate::changes::{Change, period, ways};
use crate::tree::{Changed, push, table, table_at, text};

pub const CHANGE: Change = Change { word: "open", fields: &[], apply };

fn apply<'a>(entry: &Entry<'_, 'a>, document: &mut DeTable<'a>) {
    let (Some(at), Some(period)) = (entry.raw("open"), period(entry)) else { return };
    let outside = outside(entry, at, period);
    for path in ways::paths(entry, document, "open") {
        let Some(way) = table_at(document, &path) else { continue };
        for key in ["standby", "opens_in", "closed"] {
            way.remove(key);
        }
        for closed in &outside {
            push(way, "closed", closed.clone(), at);
        }
    }
}

/// When it is closed, so that it is open in the period only.
fn outside<'a>(entry: &Entry<'_, 'a>, at: &Value<'a>, period: Period) -> Vec<Value<'a>> {
    let between = |from: String, to: String| table([("from".into(), text(from, at)), ("to".into(), text(to, at))], at);
    match period {
        Period::Always => Vec::new(),
        Period::Dates(dates) => match (dates.from, dates.to) {
            (Day::Once(from), Day::Once(to)) => {
                let before = from.yesterday().ok().map(|eve| between("0001-01-01".to_owned(), eve.to_string()));
                let after = to.tomorrow().ok().map(|next| between(next.to_string(), "9999-12-31".to_owned()));
                before.into_iter().chain(after).collect()
            }
            (Day::Yearly(m1, d1), Day::Yearly(m2, d2)) => {
                // 2024 has every day of a year.
                let day = |month, day| jiff::civil::Date::new(2024, month, day).ok();
                let next = day(m2, d2).and_then(|date| date.tomorrow().ok());
                let eve = day(m1, d1).and_then(|date| date.yesterday().ok());
                let yearly = |date: jiff::civil::Date| format!("{:02}-{:02}", date.month(), date.day());
                let dates = next.zip(eve).filter(|(next, _)| yearly(*next) != format!("{m1:02}-{d1:02}"));
                dates.into_iter().map(|(next, eve)| between(yearly(next), yearly(eve))).collect()
            }
            _ => Vec::new(),
        },
        Period::Days(after, days) => {
            let mut closed = Vec::new();
            if let Some(first) = entry.raw("after_days").filter(|_| after > 0) {
                closed.push(table([("days".into(), first.clone())], at));
            }
            if let (Some(days), Some(_)) = (entry.raw("days"), days) {
                let end = match entry.raw("after_days") {
                    Some(after) => Changed::sum(after.clone(), days),
                    None => days.clone(),
                };
                closed.push(table([("after_days".into(), end)], at));
            }
            closed
        }
    }
}
