//! The brief of the day: five to eight sentences, each number against yesterday and last year, and nothing made up.

#![allow(clippy::unwrap_used, reason = "tests")]

mod made_up;

use jiff::ToSpan;
use jiff::civil::DateTime;
use made_up::{changed, document, empty};
use proptest::prelude::*;
use weir_model::document::{Audience, Content, PlanDocument};
use weir_report::Beside;
use weir_report::brief::day::{markdown, sentences};

/// The made-up plan of so many days before, with its content changed.
fn before(days: i64, change: impl FnOnce(&mut Content)) -> PlanDocument {
    let moved = |time: &str| {
        let local: DateTime = time.strip_suffix("+08:00").unwrap().parse().unwrap();
        format!("{}+08:00", local - days.days())
    };
    let mut plan = changed(|content| {
        content.horizon.starts = content.horizon.starts.iter().map(|time| moved(time)).collect();
        content.horizon.end = moved(&content.horizon.end);
        change(content);
    });
    (plan.record.product, plan.record.term) = (Some("made_up".to_owned()), Some("日".to_owned()));
    plan.record.revision = 400 - u32::try_from(days).unwrap();
    plan
}

/// Adds to a series.
fn add(content: &mut Content, address: &str, quantity: &str, more: f64) {
    let row = content.series.iter_mut().find(|row| row.address == address && row.quantity == quantity).unwrap();
    row.values.iter_mut().flatten().for_each(|value| *value += more);
}

fn beside() -> Beside {
    let yesterday = before(1, |content| {
        add(content, "upper", "level", -0.12);
        add(content, "upper", "storage", -1.0);
        add(content, "river", "flow", 2.5);
        content.warnings.truncate(1);
    });
    let last_year = before(365, |content| {
        add(content, "upper", "level", 1.03);
        add(content, "release_lower", "flow", -1.0);
    });
    Beside { yesterday: Some(yesterday), last_year: Some(last_year), ..Beside::default() }
}

fn chinese(plan: &PlanDocument, beside: &Beside) -> Vec<String> {
    sentences(plan, beside).into_iter().map(|sentence| sentence.chinese).collect()
}

#[test]
fn each_number_stands_against_yesterday_and_last_year() {
    let said = chinese(&document(), &beside());
    assert_eq!(said.len(), 8);
    assert!(said[0].contains("昨日对照made_up-日-399，去年同期对照made_up-日-35。"), "{}", said[0]);
    assert!(said[1].contains("（较昨日+0.12 m，较去年同期−1.03 m）"), "{}", said[1]);
    assert!(said[1].contains("（较昨日+100万m³，较去年同期持平）"), "{}", said[1]);
    assert!(said[2].contains("（较昨日−2.50 m³/s，较去年同期持平）"), "{}", said[2]);
    assert!(said[5].contains("（较昨日持平，较去年同期+1.00 m³/s）"), "{}", said[5]);
    assert!(said[6].contains("（昨日1条，去年同期2条）"), "{}", said[6]);
    insta::assert_snapshot!(markdown(&document(), &beside()));
}

#[test]
fn what_is_not_known_is_not_made_up() {
    let said = chinese(&document(), &Beside::default());
    assert!(said[0].ends_with("昨日无方案可比，去年同期无方案可比。"), "{}", said[0]);
    assert!(said[1..].iter().all(|sentence| !sentence.contains("较昨日") && !sentence.contains("去年")), "{said:?}");
    // A plan of another time holds nothing to be set against.
    let far = Beside { yesterday: Some(before(200, |_| {})), ..Beside::default() };
    assert!(chinese(&document(), &far)[1..6].iter().all(|sentence| !sentence.contains("较昨日")));
    // A reservoir that yesterday's plan did not have leaves the sum without comparison.
    let without = before(1, |content| content.series.retain(|row| row.address != "lower"));
    let said = chinese(&document(), &Beside { yesterday: Some(without), ..Beside::default() });
    assert!(said[1].contains("上库水位") && said[1].matches("较昨日").count() == 1, "{}", said[1]);
}

#[test]
fn of_a_plan_for_the_public_nothing_is_said_of_the_river() {
    let public = document().for_audience(Audience::Public);
    let said = chinese(&public, &beside().for_audience(Audience::Public));
    assert_eq!(said.len(), 5, "{said:?}");
    let said = said.concat();
    assert!(!said.contains("水位") && !said.contains("来水平均") && !said.contains("m³/s"), "{said}");
    assert!(said.contains("当日供水"), "{said}");
}

#[test]
fn the_page_shows_it_where_plans_stand_beside() {
    let page = weir_report::html_beside(&document(), &beside());
    assert!(page.contains("较去年同期−1.03 m") && page.contains("当日，与昨日、去年同期对照"));
    assert!(!weir_report::html(&document()).contains("较去年"));
}

proptest! {
    /// Whatever a plan lacks, and whatever stands beside it.
    #[test]
    fn five_to_eight_sentences_and_no_hm3(lacks in proptest::collection::vec(any::<bool>(), 12), earlier in 0..4_u8) {
        let plan = changed(|content| {
            let mut lacks = lacks.iter().copied();
            let mut lacking = || lacks.next().unwrap();
            if lacking() { content.series.clear(); }
            if lacking() { content.elements.retain(|e| e.kind != "reservoir"); }
            if lacking() { content.elements.retain(|e| e.kind != "inflow"); }
            if lacking() { content.elements.retain(|e| e.kind != "waterworks"); }
            if lacking() { content.elements.retain(|e| e.kind != "section" && e.kind != "works_release"); }
            if lacking() { content.warnings.clear(); }
            if lacking() { content.relaxations.clear(); }
            if lacking() { content.case.headings.clear(); }
            if lacking() { content.case.degraded.push("Input `a`: 3.5 hm³ were read. It is late.".to_owned()); }
            if lacking() { content.case.mode = "防洪".to_owned(); }
            if lacking() { content.audit.passed = false; }
            if lacking() { content.horizon.starts.clear(); content.horizon.lengths_s.clear(); }
        });
        let Beside { yesterday, last_year, .. } = beside();
        let beside = Beside {
            yesterday: yesterday.filter(|_| earlier & 1 > 0),
            last_year: last_year.filter(|_| earlier & 2 > 0),
            ..Beside::default()
        };
        let said = sentences(&plan, &beside);
        prop_assert!((5..=8).contains(&said.len()), "{said:?}");
        for sentence in &said {
            prop_assert!(sentence.chinese.ends_with('。') && sentence.chinese.matches('。').count() == 1, "{sentence:?}");
            prop_assert!(sentence.english.ends_with('.') && !sentence.chinese.contains("hm"), "{sentence:?}");
            prop_assert!(!sentence.chinese.contains("NaN"), "{sentence:?}");
        }
    }
}

#[test]
fn a_plan_of_nothing_has_a_brief() {
    assert_eq!(sentences(&empty(), &Beside::default()).len(), 5);
}
