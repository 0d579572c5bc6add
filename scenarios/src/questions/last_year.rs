//! 去年此时按它调会怎样: the same days of the year before, run again day by day with what was known then, and by the rules.
//!
//! From the storages that the base begins with, since those of a year ago stand in no file; use of accounts likewise, as it is told for the
//! start of the base. As many days of the base's horizon as the record has.

use std::path::Path;

use jiff::Span;
use weir_model::document::PlanDocument;
use weir_model::place::Refusals;
use weir_report::backtest::{Indices, UseRow};
use weir_report::view::View;
use weir_report::{Phrase, both, quantity, words};

use super::{Question, SEEN, first_cause};
use crate::backtest::record::Record;
use crate::backtest::{self, backtest};
use crate::overlay::{self, Overlay};

pub const QUESTION: Question = Question {
    word: "last-year",
    asked: ["去年此时按它调会怎样？", "How would it have gone at this time last year?"],
    of: "",
    overlays: |_, _| Ok(Vec::new()),
    answer: |_, _| Phrase::default(),
    beside: Some(answer),
};

fn answer(dir: &Path, base: &PlanDocument, _: &[String]) -> Result<Phrase, Phrase> {
    let view = View::new(base);
    let Some(start) = view.axis.times.first().map(|time| time.date()) else { return Ok(Phrase::default()) };
    let from = start.saturating_sub(Span::new().years(1));
    let accounts: Vec<&str> =
        base.content.accounts.iter().filter(|row| row.used_before_hm3 > 0.0).map(|row| row.account.as_str()).collect();
    // What is told as used before this start is taken as used before that one.
    let eve = from.saturating_sub(Span::new().days(1));
    let change = |id: &&str| format!("[[change]]\nset = \"account:{id}.used_before*.to\"\nvalue = \"{eve}\"\n");
    let text: String = accounts.iter().map(change).collect();
    let said = |refusals: Refusals| first_cause(&refusals.to_string());
    let overlay = match Overlay::of_text("last-year", "question last-year", &text) {
        Ok(overlay) => Some(overlay).filter(|overlay| !overlay.is_empty()),
        Err(refusals) => return Err(said(refusals)),
    };
    let record = match overlay::read(dir, None, &[]).and_then(|basin| Record::of(&basin)) {
        Ok(record) => record,
        Err(refusals) => return Err(said(refusals)),
    };
    let most = view.axis.length().floor() as i64;
    let has =
        |day: &i64| record.inflows.iter().all(|inflow| inflow.on(from.saturating_add(Span::new().days(*day))).is_some());
    let days = (0..most).take_while(has).count() as i64;
    if days == 0 {
        let date = quantity::date(from);
        return Err(both(
            format!("来水记录不含{}", date.chinese),
            format!("the record of inflow does not have {}", date.english),
        ));
    }
    let to = from.saturating_add(Span::new().days(days - 1));
    let stores = view.of_kind(&["reservoir", "aquifer"]).into_iter();
    let question = backtest::Question {
        dir: dir.to_owned(),
        overlay,
        from,
        to,
        start: stores.filter_map(|store| Some((store.id.clone(), view.ends(&store.id, "storage")?.0))).collect(),
        every: 1,
        forecasts: vec!["climatology".to_owned()],
        given: None,
        released: Vec::new(),
        rules: true,
        hindsight: false,
    };
    let found = match backtest(&question, &|_, _, _| {}) {
        Ok(found) => found,
        Err(refusals) => return Err(said(refusals)),
    };
    let of = |id: &str| found.policies.iter().find(|policy| policy.id == id)?.indices.as_ref();
    let (Some(rolled), Some(rules)) = (of("climatology"), of("rules")) else {
        let failures = found.policies.iter().flat_map(|policy| &policy.failures);
        return Err(failures.map(|failure| failure.said.clone()).next().unwrap_or_default());
    };
    let (from, to) = (quantity::date(from), quantity::date(to));
    let (short, short_by_rules) = (shortage(rolled), shortage(rules));
    let (met, met_by_rules) = (days_met(rolled), days_met(rules));
    let (end, end_by_rules) = (stored(rolled), stored(rules));
    let (left, left_by_rules) = (quantity::volume(end), quantity::volume(end_by_rules));
    let together = together((lacks(rolled, "all") - lacks(rules, "all"), end - end_by_rules));
    Ok(both(
        format!(
            "以本次起调蓄水，在{}至{}的来水下逐日滚动（当时只知多年平均），{}，生态流量达标{met}站·天，期末存水{}；按现行规则{}，达标{met_by_rules}站·天，期末存水{}。{}",
            from.chinese,
            to.chinese,
            short.chinese,
            left.chinese,
            short_by_rules.chinese,
            left_by_rules.chinese,
            together.chinese
        ),
        format!(
            "From the storages of this start, with the inflow of {} to {}, solved anew every day by what is usual, users lack {}, ecological flows are met on {met} section days, and {} are stored at the end; by the rules of today they lack {}, {met_by_rules} section days are met, and {} are stored. {}",
            from.english,
            to.english,
            short.english,
            left.english,
            short_by_rules.english,
            left_by_rules.english,
            together.english
        ),
    ))
}

/// What users lack in all, and of it each use that lacks something.
fn shortage(indices: &Indices) -> Phrase {
    let all = lacks(indices, "all");
    if all < SEEN {
        return both("不缺水", "nothing");
    }
    let uses = indices.uses.iter().filter(|row| row.use_ != "all" && lacks(indices, &row.use_) >= SEEN);
    let each: Vec<Phrase> = uses
        .map(|row| {
            let (name, lacks) = (words::word(&row.use_), quantity::volume(lacks(indices, &row.use_)));
            both(format!("{}{}", name.chinese, lacks.chinese), format!("{} {}", name.english.to_lowercase(), lacks.english))
        })
        .collect();
    let (all, each) = (quantity::volume(all), Phrase::joined(&each, "、", ", "));
    both(format!("缺水{}（{}）", all.chinese, each.chinese), format!("{} ({})", all.english, each.english))
}

/// What a use lacks, hm³.
fn lacks(indices: &Indices, of: &str) -> f64 {
    let row = indices.uses.iter().find(|row| row.use_ == of);
    row.map_or(0.0, |UseRow { demand_hm3, supply_hm3, .. }| (demand_hm3 - supply_hm3).max(0.0))
}

/// Days on which targets were met, of all sections together.
fn days_met(indices: &Indices) -> usize {
    indices.sections.iter().map(|section| section.days_met).sum()
}

/// What is stored at the end, hm³.
fn stored(indices: &Indices) -> f64 {
    indices.stores.iter().map(|store| store.end_hm3).sum()
}

/// What rolling lacks more than the rules and what it leaves more, hm³, in one sentence: who lacks more and leaves more has saved it, and neither number
/// judges alone.
fn together((short, left): (f64, f64)) -> Phrase {
    let way = |value: f64, [more, less]: [&str; 2]| if value < 0.0 { less.to_owned() } else { more.to_owned() };
    let (lacks, leaves) = (quantity::volume(short.abs()), quantity::volume(left.abs()));
    both(
        format!(
            "滚动比规则{}{}、期末{}{}，须合起来看。",
            way(short, ["多缺", "少缺"]),
            lacks.chinese,
            way(left, ["多存", "少存"]),
            leaves.chinese
        ),
        format!(
            "Rolling lacks {} {} than the rules and leaves {} {}: both are to be read together.",
            lacks.english,
            way(short, ["more", "less"]),
            leaves.english,
            way(left, ["more", "less"])
        ),
    )
}
